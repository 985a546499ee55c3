/* A product that an agent names late, from an image of its gateway that was put back: what was read
 * since the image holds until something else is read, unless the image knows of no product. */
#include <criterion/criterion.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS

enum { OLDER = 101, IMAGE = 102, NEWEST = 103, LATE_SOURCE = 1 };

struct bench {
    struct plant *plant;
    struct station station;
    struct script older, image, newest;
    uint32_t hello_n;
};

static struct bench b;

static void begin(struct script *s, uint64_t epoch, uint64_t prev, uint64_t prev_last) {
    script_init(s, &b.station, "gw1", epoch);
    s->prev_epoch = prev;
    s->prev_last = prev_last;
    (void)script_point(s, "total", POINT_COUNTER, 1000000);
}

static void open_bench(void) {
    b = (struct bench){0};
    cr_assert_eq(line_plant_open(&b.plant), ERR_OK);
    cr_assert_eq(station_init(&b.station, b.plant), ERR_OK);
    cr_assert_eq(station_start(&b.station, (struct core_now){T0, 1000}, 5), ERR_OK);
    cr_assert_eq(station_tick(&b.station, (struct core_now){T0, 1000}), ERR_OK);
    begin(&b.older, OLDER, 0, 0);
    begin(&b.image, IMAGE, OLDER, 1);
    begin(&b.newest, NEWEST, IMAGE, 1);
}

static void close_bench(void) {
    script_fini(&b.older);
    script_fini(&b.image);
    script_fini(&b.newest);
    station_fini(&b.station);
    plant_close(b.plant);
}

TestSuite(rests_state, .init = open_bench, .fini = close_bench);

static void at(int64_t wall_ms) {
    const struct core_now now = {wall_ms, 1000 + wall_ms - T0};
    cr_assert_eq(station_tick(&b.station, now), ERR_OK);
    cr_assert_eq(station_settle(&b.station), ERR_OK);
}

/* What the agent holds, the last one open. */
static void hello(const struct hello_epoch *row, uint32_t n) {
    char topic[TOPIC_MAX];
    struct buf bytes;
    struct hello h = {.agent = b.older.agent, .nonce = 4711, .n = ++b.hello_n, .epoch_n = n};
    memcpy(h.epoch, row, n * sizeof *row);
    buf_init(&bytes);
    topic_format(TOPIC_HELLO, &h.agent, topic);
    cr_assert_eq(hello_format(&h, &bytes), ERR_OK);
    cr_assert_eq(station_message(&b.station, topic, buf_span(&bytes)), ERR_OK);
    buf_fini(&bytes);
}

/* Names the product, with its last value; NULL: none is known. */
static uint16_t name_product(struct script *s, int64_t t_ms, const char *text, int64_t value_ms) {
    const uint16_t point = script_point(s, "product", POINT_STATE, 1);
    struct reading r = {.point = point, .t_ms = value_ms};
    s->point[point].sticky = true;
    s->point[point].source = LATE_SOURCE;
    if (text)
        r.v = (struct value){.kind = VALUE_TEXT, .as.text = {text, (uint32_t)strlen(text)}};
    cr_assert_eq(script_key_value(s, t_ms, text ? &r : NULL), ERR_OK);
    return point;
}

static void read_product(struct script *s, uint16_t point, int64_t t_ms, const char *text) {
    batch_writer_add_asof(&s->writer, (struct asof){LATE_SOURCE, t_ms - MIN, t_ms});
    script_text(s, point, t_ms, text);
    cr_assert_eq(script_send(s), ERR_OK);
}

/* Nuts from 06:00, gears from 06:10. */
static void older_tells(void) {
    hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 2, .open = true}}, 1);
    const uint16_t product = name_product(&b.older, T0, "nut", T0);
    read_product(&b.older, product, T0 + 10 * MIN, "gear");
}

/* The image knows of nuts only; its first key frame names no product. */
static void image_begins(void) {
    hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 2},
                                 {.epoch = IMAGE,
                                  .prev_epoch = OLDER,
                                  .prev_last = 1,
                                  .base = 1,
                                  .next = 2,
                                  .open = true}},
          2);
    cr_assert_eq(script_key(&b.image, T0 + 20 * MIN), ERR_OK);
}

static int64_t time_of(const char *product) {
    struct window_key of = {.node = 2, .kind = WINDOW_DAY, .start_ms = SIM_DAY0};
    struct window w = {0};
    while (++of.product < 64 &&
           !span_equal(core_word(b.station.core, of.product), span_str(product)))
        ;
    while (++of.team < 64 && !span_equal(core_word(b.station.core, of.team), span_str("red")))
        ;
    cr_assert(of.product < 64 && of.team < 64);
    cr_assert(station_window(&b.station, &of, &w), "nothing of %s", product);
    return sums_time(&w.sums) / MIN;
}

static void expect_gears_until(int64_t wall_ms) {
    at(wall_ms + 60 * MIN);
    cr_expect_eq(time_of("nut"), 10);
    cr_expect_eq(time_of("gear"), (wall_ms - T0) / MIN - 10);
}

/* Bolts are read at 06:50. */
Test(rests_state, what_an_image_names_late_is_older_than_what_was_read) {
    older_tells();
    image_begins();
    const uint16_t product = name_product(&b.image, T0 + 22 * MIN, "nut", T0);
    read_product(&b.image, product, T0 + 50 * MIN, "bolt");
    expect_gears_until(T0 + 50 * MIN);
}

/* The image is from before the product was read at all, as a new gateway is: gears end with their
 * run, at 06:10, and the press makes what it makes when nobody says what. late: the older epoch's
 * last record comes when all that has been told. */
static void expect_not_known(bool late) {
    b.image.prev_last = 2;
    hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 3, .open = true}}, 1);
    const uint16_t gear = name_product(&b.older, T0, "nut", T0);
    hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 3},
                                 {.epoch = IMAGE,
                                  .prev_epoch = OLDER,
                                  .prev_last = 2,
                                  .base = 1,
                                  .next = 4,
                                  .open = true}},
          2);
    if (!late)
        read_product(&b.older, gear, T0 + 10 * MIN, "gear");
    cr_assert_eq(script_key(&b.image, T0 + 20 * MIN), ERR_OK);
    const uint16_t product = name_product(&b.image, T0 + 22 * MIN, NULL, 0);
    read_product(&b.image, product, T0 + 50 * MIN, "screw");
    if (late)
        read_product(&b.older, gear, T0 + 10 * MIN, "gear");
    at(T0 + 110 * MIN);
    cr_expect_eq(time_of("nut"), 10);
    cr_expect_eq(time_of("bolt"), 40, "bolts: %lld min", (long long)time_of("bolt"));
    cr_expect_eq(time_of("screw"), 60);
}

Test(rests_state, what_an_image_knows_no_value_of_is_not_known) {
    expect_not_known(false);
}

Test(rests_state, what_an_older_epoch_reads_later_is_not_known_either) {
    expect_not_known(true);
}

/* A whole epoch never names it, and the aggregator starts anew. */
Test(rests_state, what_was_read_outlives_an_epoch_and_a_restart) {
    older_tells();
    image_begins();
    hello(
        (struct hello_epoch[]){
            {.epoch = IMAGE, .prev_epoch = OLDER, .prev_last = 1, .base = 1, .next = 2},
            {.epoch = NEWEST,
             .prev_epoch = IMAGE,
             .prev_last = 1,
             .base = 1,
             .next = 2,
             .open = true}},
        2);
    cr_assert_eq(script_key(&b.newest, T0 + 21 * MIN), ERR_OK);
    at(T0 + 21 * MIN);
    station_kill(&b.station, 0);
    cr_assert_eq(station_start(&b.station, (struct core_now){T0 + 22 * MIN, 1000}, 6), ERR_OK);
    hello((struct hello_epoch[]){{.epoch = NEWEST,
                                  .prev_epoch = IMAGE,
                                  .prev_last = 1,
                                  .base = 1,
                                  .next = 2,
                                  .open = true}},
          1);
    const uint16_t product = name_product(&b.newest, T0 + 23 * MIN, "nut", T0);
    read_product(&b.newest, product, T0 + 50 * MIN, "bolt");
    expect_gears_until(T0 + 50 * MIN);
}

/* A key frame that tells something newer is believed: gears end with their run, at 06:10, and bolts
 * begin when they were read. */
Test(rests_state, what_was_read_since_is_told_by_the_key_frame) {
    older_tells();
    image_begins();
    (void)name_product(&b.image, T0 + 22 * MIN, "bolt", T0 + 15 * MIN);
    at(T0 + 60 * MIN);
    cr_expect_eq(time_of("nut"), 10);
    cr_expect_eq(time_of("bolt"), 50);
}

/* Gears are left at 06:10, and looked at until 06:15. */
static void older_ends(void) {
    batch_writer_add_asof(&b.older.writer,
                          (struct asof){LATE_SOURCE, T0 + 10 * MIN, T0 + 15 * MIN});
    cr_assert_eq(script_send(&b.older), ERR_OK);
}

/* Bolts are read at 06:20, nothing that can be told at 06:40: they are what is known. The epoch
 * behind it names the product late, without a value, and reads nuts at 06:55. */
static void younger_tell(void) {
    const uint16_t product = name_product(&b.image, T0 + 16 * MIN, "gear", T0 + 10 * MIN);
    read_product(&b.image, product, T0 + 20 * MIN, "bolt");
    batch_writer_add_asof(&b.image.writer,
                          (struct asof){LATE_SOURCE, T0 + 20 * MIN, T0 + 40 * MIN});
    script_bad(&b.image, product, T0 + 40 * MIN, BATCH_WHY_UNAVAILABLE);
    cr_assert_eq(script_send(&b.image), ERR_OK);
    cr_assert_eq(script_key(&b.newest, T0 + 50 * MIN), ERR_OK);
}

static void newest_names(void) {
    const uint16_t product = name_product(&b.newest, T0 + 51 * MIN, NULL, 0);
    read_product(&b.newest, product, T0 + 55 * MIN, "nut");
}

/* The last record of the older epoch comes in order, or behind those of the younger ones, which
 * begin beside it then: what it knows is not what is left. */
static void expect_left_by_younger(bool late) {
    hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 4, .open = true}}, 1);
    const uint16_t gear = name_product(&b.older, T0, "nut", T0);
    read_product(&b.older, gear, T0 + 10 * MIN, "gear");
    b.image.prev_last = b.newest.prev_last = 3;
    hello(
        (struct hello_epoch[]){
            {.epoch = OLDER, .base = 1, .next = 4},
            {.epoch = IMAGE, .prev_epoch = OLDER, .prev_last = 3, .base = 1, .next = 4},
            {.epoch = NEWEST, .prev_epoch = IMAGE, .prev_last = 3, .base = 1, .next = 4}},
        3);
    if (!late)
        older_ends();
    younger_tell();
    if (late)
        older_ends();
    newest_names();
    at(T0 + 60 * MIN);
    cr_expect_eq(time_of("nut"), 15, "nuts: %lld min", (long long)time_of("nut"));
    cr_expect_eq(time_of("gear"), 10, "gears: %lld min", (long long)time_of("gear"));
    cr_expect_eq(time_of("bolt"), 35, "bolts: %lld min", (long long)time_of("bolt"));
}

Test(rests_state, what_a_younger_epoch_was_told_it_leaves) {
    expect_left_by_younger(false);
}

Test(rests_state, what_a_younger_epoch_was_told_is_not_left_by_an_older_one) {
    expect_left_by_younger(true);
}
