/* Hours of orders as points: their plan beside what was made, and what keeps them apart. */
#include <criterion/criterion.h>

#include "outbox_rig.h"
#include "support/line_read.h"

#define PIECES INT64_C(1000000)

enum { BOLT = 1, A_17, A_18, A_LONG };

static struct plant *plant;
static struct outbox_plan plan;
static bool planned;

static struct span word(void *user, uint32_t id) {
    static const char *const text[] = {"", "bolt", "A-17", "A-18", "A-1800017"};
    (void)user;
    return span_str(text[id]);
}

static bool plan_of(void *user, const struct window_key *k, struct outbox_plan *out) {
    (void)user;
    cr_assert_eq(k->product, BOLT);
    *out = plan;
    return planned;
}

static const struct outbox_source *source(void) {
    static struct outbox_source s;
    s = (struct outbox_source){plant, word, plan_of, NULL};
    return &s;
}

/* The press between ten and eleven: 250 pieces. */
static struct window an_hour(uint32_t order) {
    struct window w = {.key = {.node = PRESS,
                               .kind = WINDOW_ORDER,
                               .product = BOLT,
                               .order = order,
                               .start_ms = SIM_DAY0 + 10 * UTC_HOUR_MS},
                       .end_ms = SIM_DAY0 + 11 * UTC_HOUR_MS,
                       .revision = 3};
    w.sums.q[QTY_GQ] = 249 * PIECES;
    w.sums.q[QTY_GQ_UNKNOWN] = PIECES;
    return w;
}

static void begin(void) {
    cr_assert_eq(line_plant_open(&plant), ERR_OK);
    plan = (struct outbox_plan){.quantity = 1800 * PIECES, .from_ms = SIM_DAY0 + 6 * UTC_HOUR_MS};
    planned = true;
}

static void end(void) {
    plant_close(plant);
}

TestSuite(order_rows, .init = begin, .fini = end);

static const char *line_of(const struct window *w, struct buf *text) {
    buf_init(text);
    cr_assert_eq(outbox_line(source(), w, true, text), ERR_OK);
    cr_assert_eq(buf_add_byte(text, 0), ERR_OK);
    return (const char *)text->p;
}

static void expect_fields(const struct window *w, const char *fields) {
    struct buf text;
    const char *line = line_of(w, &text);
    cr_expect_not_null(strstr(line, fields), "%s not in %s", fields, line);
    buf_fini(&text);
}

/* 1,800 bolts of 10 s from six on are five hours of work, and a break from 10:00 to 10:15: until
 * 11:15. By 11:00 4 h 45 of it have passed, 1,710 bolts; by 10:00 four hours, 1,440. 250 were made.
 */
Test(order_rows, an_hour_stands_beside_its_plan) {
    const struct window w = an_hour(A_17);
    struct buf text;
    const char *line = line_of(&w, &text);
    static const char head[] =
        "pb_order,level=unit,line=line,product=bolt,site=site,unit=press,window=hour ";
    cr_expect_eq(strncmp(line, head, sizeof head - 1), 0, "%s", line);
    buf_fini(&text);
    expect_fields(&w,
                  ",revision=3i,order=\"A-17\",planned=1800000000i,plan_start_ms=1780293600000i,"
                  "plan_end_ms=1780312500000i,expected=1710000000i,due=270000000i,"
                  "gap=-20000000i,");
    expect_fields(&w, ",gq=249000000i,");
}

/* Zeros, or those of an earlier plan would stay in the database. */
Test(order_rows, without_a_plan_before_it_and_without_the_order_there_are_zeros) {
    static const char none[] = ",planned=0i,plan_start_ms=0i,plan_end_ms=0i,expected=0i,due=0i,"
                               "gap=0i,";
    const struct window w = an_hour(A_17);
    planned = false;
    expect_fields(&w, none);
    planned = true;
    plan.from_ms = w.end_ms;
    expect_fields(&w, none);
    plan.from_ms = w.end_ms - UTC_MINUTE_MS; /* six bolts */
    expect_fields(&w, ",expected=6000000i,due=6000000i,gap=244000000i,");
    struct window emptied = w;
    emptied.sums = (struct sums){0};
    expect_fields(&emptied, none);
}

/* FNV-1a of "A-" is 2144707635, less whole half hours 907635 ms; 17 more. */
Test(order_rows, orders_of_an_hour_are_points_of_their_own) {
    const struct window a = an_hour(A_17), b = an_hour(A_18), far = an_hour(A_LONG);
    const int64_t at = outbox_stamp(source(), &a.key);
    cr_expect_eq(at, a.key.start_ms + 907652);
    cr_expect_eq(outbox_stamp(source(), &b.key), at + 1);
    cr_expect_eq(outbox_stamp(source(), &far.key), at, "1,800,000 numbers later");
    struct window hour = a;
    hour.key = (struct window_key){.node = PRESS, .kind = WINDOW_HOUR, .start_ms = SIM_DAY0};
    cr_expect_eq(outbox_stamp(source(), &hour.key), SIM_DAY0);
}

Test(order_rows, a_point_is_found_by_its_tags) {
    const struct window w = an_hour(A_17);
    struct buf text;
    buf_init(&text);
    cr_assert_eq(outbox_where(source(), &w.key, &text), ERR_OK);
    cr_assert_eq(buf_add_byte(&text, 0), ERR_OK);
    cr_expect_str_eq(
        (const char *)text.p,
        "\"area\"='' AND \"level\"='unit' AND \"line\"='line' AND \"product\"='bolt' "
        "AND \"shift\"='' AND \"site\"='site' AND \"team\"='' AND \"unit\"='press' AND "
        "\"window\"='hour'");
    buf_fini(&text);
}
