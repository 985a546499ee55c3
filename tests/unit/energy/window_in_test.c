#include <criterion/criterion.h>

#include "energy/window_in.h"
#include "made.h"

#define HEAD "node,window,start,end,product,team,life,energy_production,energy_due,energy_seen,gq\n"
#define JAN_5 "2026-01-05T00:00:00.000Z,2026-01-06T00:00:00.000Z"

static bool read_text(const char *text, struct energy_rows *rows, char why[ENERGY_WHY]) {
    struct energy_spec s = made_spec("line-1", "day", NULL);
    struct days *d = NULL;
    cr_assert_eq(days_open(&s, NULL, &d), ERR_OK);
    bool ok = window_in_text("w", span_str(text), days_take, d, why) &&
              days_finish(d, NULL, INT64_MIN, INT64_MAX, rows, why);
    days_close(d);
    return ok;
}

static void gives_a_day_of_12_kwh(const char *text) {
    struct energy_rows r = {0};
    char why[ENERGY_WHY] = "";
    cr_assert(read_text(text, &r, why), "%s", why);
    cr_assert_eq(r.n, 1);
    cr_expect_eq(r.energy_kwh[0], 12);
    cr_expect_eq(r.start_ms[0], MONDAY);
    energy_rows_fini(&r);
}

Test(window_in, csv_of_replay_is_read) {
    gives_a_day_of_12_kwh(HEAD "line-1,hour," JAN_5 ",,,settled,5,5,5,0\n"
                               "line-1,day," JAN_5 ",,,restated,12000000000,100,100,0\n"
                               "line-1,day," JAN_5 ",\"bolt, \"\"M8\"\"\",,settled,1,1,1,0\n");
}

Test(window_in, json_lines_are_read) {
    gives_a_day_of_12_kwh(
        "{\"node\":\"line-1\",\"window\":\"day\",\"start\":\"2026-01-05T00:00:00Z\","
        "\"end\":\"2026-01-06T00:00:00Z\",\"life\":\"settled\",\"sums\":{\"energy_delay\":"
        "12000000000,\"energy_due\":100,\"energy_seen\":100}}\n");
}

static void refused(const char *text, const char *word) {
    struct energy_rows r = {0};
    char why[ENERGY_WHY] = "";
    cr_expect_not(read_text(text, &r, why), "%s", text);
    cr_expect(strstr(why, word), "%s", why);
}

Test(window_in, mistakes_are_told_with_their_line) {
    refused("", "w:1: no header");
    refused("node,window,start\n", "no column end");
    refused(HEAD "line-1,day,yesterday,2026-01-06T00:00:00Z,,,settled,1,1,1,0\n",
            "w:2: column start: yesterday is no time");
    refused(HEAD "line-1,day,2026-01-06T00:00:00Z,2026-01-06T00:00:00Z,,,settled,1,1,1,0\n",
            "w:2: the window ends before it begins");
    refused(HEAD "line-1,day," JAN_5 ",,,settled,1,1,1,0\nline-1,day," JAN_5 ",,,settled,1,1,1,0\n",
            "w:3: a window that was there already");
    refused(HEAD "line-1,day," JAN_5 ",\"bolt,,settled,1,1,1,0\n", "quote");
    refused("{\"node\":\"line-1\"}\n", "w:1: no window with");
    refused("{\"node\":\n", "w:1: ");
}
