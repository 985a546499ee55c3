/* Sheets for people, held against lines that were written by hand. */
#include <criterion/criterion.h>

#include "simkit/line_plant.h"
#include "views/sheet.h"

#define MARK "\xef\xbb\xbf"

static void expect(const struct sheet *s, const char *csv, const char *want) {
    struct buf b;
    buf_init(&b);
    cr_assert_eq(buf_add_str(&b, csv), ERR_OK);
    cr_assert_eq(sheet_of(s, &b), ERR_OK);
    cr_assert_eq(buf_add_byte(&b, 0), ERR_OK);
    cr_expect_str_eq((const char *)b.p, want);
    buf_fini(&b);
}

static struct sheet sheet_in(struct plant **p, enum sheet_locale locale) {
    cr_assert_eq(line_plant_open(p), ERR_OK);
    return (struct sheet){.locale = locale, .plant = *p};
}

/* 90,250 ms are 90.25 s; 1,234,567,890 uWh are 1.23456789 kWh; 3,500,000 millionths are 3.5 pieces.
 */
Test(sheet, amounts_have_the_units_and_marks_of_the_reader) {
    static const char csv[] = "unit,duration_ms,energy_production,pq,share\n"
                              "press,90250,1234567890,3500000,0.25\n"
                              "press,-1,0,,1e-06\n";
    struct plant *p = NULL;
    struct sheet s = sheet_in(&p, SHEET_VI);
    expect(&s, csv,
           MARK "unit;duration [s];energy_production [kWh];pq [pieces];share\r\n"
                "press;90,25;1,23456789;3,5;0,25\r\n"
                "press;-0,001;0;;1e-06\r\n");
    s.locale = SHEET_EN;
    expect(&s, csv,
           MARK "unit,duration [s],energy_production [kWh],pq [pieces],share\r\n"
                "press,90.25,1.23456789,3.5,0.25\r\n"
                "press,-0.001,0,,1e-06\r\n");
    s.locale = SHEET_NONE;
    expect(&s, csv, csv);
    plant_close(p);
}

/* A driver is called gq and is 3,500 pieces, not millionths; since is the label of a row, no time.
 */
Test(sheet, columns_of_a_room_are_its_own) {
    struct plant *p = NULL;
    struct sheet s = sheet_in(&p, SHEET_VI);
    s.rooms = true;
    expect(&s,
           "label,start,time_h,gq,share,since,alarm\n"
           "2026-11-23,2026-11-23T00:00:00.000Z,24,3500,0.5,2026-11-21,overuse\n",
           MARK "label;start;start offset;time_h;gq;share;since;alarm\r\n"
                "2026-11-23;2026-11-23 00:00:00;UTC+00:00;24;3500;0,5;2026-11-21;overuse\r\n");
    plant_close(p);
}

/* What people wrote stays text: no formula, no number, no line of its own. */
Test(sheet, nothing_that_people_wrote_is_worked_out) {
    struct plant *p = NULL;
    const struct sheet s = sheet_in(&p, SHEET_VI);
    expect(&s,
           "order,note,who,value\n"
           "=1+1,\"@SUM(A1;A2)\",-2,-2\n"
           "+84,\"a \"\"b\"\"; c\nd\",\"\tx\",1.5\n"
           "1.5,\"a, b\",ng\xc6\xb0\xe1\xbb\x9di,\n",
           MARK "order;note;who;value\r\n"
                "'=1+1;\"'@SUM(A1;A2)\";'-2;-2\r\n"
                "'+84;\"a \"\"b\"\"; c\nd\";'\tx;1,5\r\n"
                "1.5;a, b;ng\xc6\xb0\xe1\xbb\x9di;\r\n");
    plant_close(p);
}

/* The plant of the simulation is at UTC: its clock is the world's. */
Test(sheet, times_are_the_site_s_with_their_offset) {
    struct plant *p = NULL;
    struct sheet s = sheet_in(&p, SHEET_EN);
    expect(&s, "start,from\n2026-11-23T06:00:00.000Z,normal\n,\n",
           MARK "start,start offset,from\r\n2026-11-23 06:00:00,UTC+00:00,normal\r\n,,\r\n");
    s.times = "from";
    expect(&s, "from\n2026-11-23T06:00:00.250Z\n",
           MARK "from,from offset\r\n2026-11-23 06:00:00.250,UTC+00:00\r\n");
    plant_close(p);
}

Test(sheet, rows_of_an_answer_are_lines) {
    static const struct sheet_rows rows = {"norms", "id fields.value fields.scope.node roles on"};
    struct buf b;
    char next[64];
    buf_init(&b);
    cr_assert_eq(buf_add_str(&b, "{\"norms\":[{\"id\":\"a,b\",\"fields\":{\"value\":0.5,\"scope\":"
                                 "{\"node\":\"press\"}},\"roles\":[\"x\",\"y\"],\"on\":true},"
                                 "{\"id\":null,\"fields\":{\"value\":12}}],\"next\":7}"),
                 ERR_OK);
    cr_assert_eq(sheet_rows(&rows, &b, next), ERR_OK);
    cr_assert_eq(buf_add_byte(&b, 0), ERR_OK);
    cr_expect_str_eq((const char *)b.p,
                     "id,value,scope.node,roles,on\n\"a,b\",0.5,press,x y,true\n,12,,,\n");
    cr_expect_str_eq(next, "7");
    buf_fini(&b);
}
