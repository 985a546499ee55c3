/* Two epochs of one agent read beside each other: what was shown of the older one while it was open
 * is computed again when it ends otherwise. */
#include <criterion/criterion.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define PIECE INT64_C(1000000)

enum { OLDER = 101, YOUNGER = 102, FORK = 103 };

struct bench {
    struct plant *plant;
    struct station station;
    struct script older, younger;
    uint16_t state, product, total, energy, extra;
};

static void add_points(struct bench *b, struct script *s) {
    b->state = script_point(s, "state", POINT_STATE, 1);
    b->product = script_point(s, "product", POINT_STATE, 1);
    s->point[b->product].sticky = true;
    b->total = script_point(s, "total", POINT_COUNTER, PIECE);
    b->energy = script_point(s, "energy", POINT_REGISTER, PIECE);
    b->extra = script_point(s, "extra", POINT_GAUGE, 1);
}

static void bench_open(struct bench *b) {
    cr_assert_eq(line_plant_open(&b->plant), ERR_OK);
    cr_assert_eq(station_init(&b->station, b->plant), ERR_OK);
    cr_assert_eq(station_start(&b->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(&b->older, &b->station, "gw1", OLDER);
    script_init(&b->younger, &b->station, "gw1", YOUNGER);
    b->younger.nonce = b->older.nonce;
    add_points(b, &b->older);
    add_points(b, &b->younger);
    cr_assert_eq(station_tick(&b->station, (struct core_now){T0, 1000}), ERR_OK);
}

static void bench_close(struct bench *b) {
    script_fini(&b->older);
    script_fini(&b->younger);
    station_fini(&b->station);
    plant_close(b->plant);
}

static void at(struct bench *b, int64_t wall_ms) {
    cr_assert_eq(station_tick(&b->station, (struct core_now){wall_ms, 1000 + wall_ms - T0}),
                 ERR_OK);
    cr_assert_eq(station_settle(&b->station), ERR_OK);
}

/* Both epochs; the older one has `records` in all. */
static void hello(struct bench *b, uint64_t records) {
    struct script *g = &b->younger;
    char topic[TOPIC_MAX];
    struct buf bytes;
    struct hello h = {.agent = g->agent, .nonce = g->nonce, .n = ++g->hello_n, .epoch_n = 2};
    h.epoch[0] = (struct hello_epoch){.epoch = OLDER, .base = 1, .next = records + 1};
    h.epoch[1] = (struct hello_epoch){.epoch = YOUNGER,
                                      .prev_epoch = OLDER,
                                      .prev_last = records,
                                      .base = 1,
                                      .next = g->next > 1 ? g->next : 2,
                                      .open = true};
    g->prev_epoch = OLDER;
    g->prev_last = records;
    buf_init(&bytes);
    topic_format(TOPIC_HELLO, &g->agent, topic);
    cr_assert_eq(hello_format(&h, &bytes), ERR_OK);
    cr_assert_eq(station_message(&b->station, topic, buf_span(&bytes)), ERR_OK);
    buf_fini(&bytes);
}

static uint32_t word_of(struct bench *b, const char *text) {
    uint32_t word = 0;

    while (++word < 64 && !span_equal(core_word(b->station.core, word), span_str(text)))
        ;
    cr_assert_lt(word, 64, "nobody said %s", text);
    return word;
}

/* Of a product the team of the shift made, or of all; what the press did on that day. */
static const struct sums *day(struct bench *b, const char *product, struct window *w) {
    struct window_key key = {.node = 2, .kind = WINDOW_DAY, .start_ms = SIM_DAY0};

    key.product = product ? word_of(b, product) : 0;
    key.team = product ? word_of(b, "red") : 0;
    *w = (struct window){0};
    cr_assert(station_window(&b->station, &key, w));
    return &w->sums;
}

/* Bolts from 06:00, heard of until 06:10; the younger epoch begins at 06:30, runs since 06:00 and
 * makes nuts since 06:05. Until the older one ends its bolts are shown up to 06:30 (of two texts
 * the smaller one counts); it ends without a word, and its bolts with its source. */
Test(lanes, a_sticky_value_that_ended_earlier_is_taken_back) {
    struct bench b;
    struct window w;
    bench_open(&b);
    hello(&b, 3);
    cr_assert_eq(script_key(&b.older, T0), ERR_OK);
    script_asof(&b.older, T0, T0 + 10 * MIN);
    script_text(&b.older, b.product, T0, "bolt");
    cr_assert_eq(script_send(&b.older), ERR_OK);
    cr_assert_eq(script_key(&b.younger, T0 + 30 * MIN), ERR_OK);
    script_asof(&b.younger, T0, T0 + 40 * MIN);
    script_int(&b.younger, b.state, T0, MACHINE_RUN);
    script_text(&b.younger, b.product, T0 + 5 * MIN, "nut");
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    at(&b, T0 + 40 * MIN);
    cr_expect_eq(day(&b, "bolt", &w)->q[QTY_TIME + CAT_PRODUCTION], 30 * MIN);
    script_int(&b.older, b.extra, T0 + 10 * MIN, 17);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    at(&b, T0 + 41 * MIN);
    cr_expect_eq(day(&b, "bolt", &w)->q[QTY_TIME + CAT_PRODUCTION], 10 * MIN);
    cr_expect_eq(day(&b, "nut", &w)->q[QTY_TIME + CAT_PRODUCTION], 30 * MIN);
    bench_close(&b);
}

/* 100 pieces at 06:00, 103 at 06:05 and a single 0 before the gateway starts anew; it reads 104 at
 * 06:31 and 105 at 06:32. Its key frame says 0, so that 105 are shown while the older epoch is
 * open; 3 + 1 + 1 were made. */
Test(lanes, a_zero_before_the_younger_lane_is_taken_back_when_the_older_one_ends) {
    struct bench b;
    struct window w;
    bench_open(&b);
    hello(&b, 3);
    cr_assert_eq(script_key(&b.older, T0), ERR_OK);
    script_asof(&b.older, T0, T0 + 10 * MIN);
    script_int(&b.older, b.total, T0, 100);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    const struct reading zero = {
        .point = b.total, .t_ms = T0 + 10 * MIN, .v = {.kind = VALUE_INT, .as.i = 0}};
    cr_assert_eq(script_key_value(&b.younger, T0 + 30 * MIN, &zero), ERR_OK);
    script_asof(&b.younger, T0 + 30 * MIN, T0 + 40 * MIN);
    script_int(&b.younger, b.total, T0 + 31 * MIN, 104);
    script_int(&b.younger, b.total, T0 + 32 * MIN, 105);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    at(&b, T0 + 40 * MIN);
    cr_expect_eq(day(&b, NULL, &w)->q[QTY_PQ_UNKNOWN], 105 * PIECE);
    script_asof(&b.older, T0, T0 + 10 * MIN);
    script_int(&b.older, b.total, T0 + 5 * MIN, 103);
    script_int(&b.older, b.total, T0 + 10 * MIN, 0);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    at(&b, T0 + 41 * MIN);
    cr_expect_eq(day(&b, NULL, &w)->q[QTY_PQ_UNKNOWN], 5 * PIECE);
    bench_close(&b);
}

/* 100 pieces from 06:00 to 07:40, 3 kWh from 07:10 to 09:20; the press runs to 07:35, and after
 * that nothing is heard of it: 95 pieces in known time and 5 in unknown. Late it is told that it
 * was held from 07:35 on, so that all 100 were made before. The job of the last hour looks back to
 * 07:10, for the energy; it must not take the minutes before 07:40 for done, whose pieces reach to
 * 06:00. */
Test(lanes, a_job_leaves_to_others_what_reaches_beyond_it) {
    struct bench b;
    struct window w;
    struct script *g = &b.older;
    bench_open(&b);
    cr_assert_eq(script_hello(g), ERR_OK);
    cr_assert_eq(script_key(g, T0), ERR_OK);
    script_asof(g, T0, T0 + 95 * MIN);
    script_int(g, b.state, T0, MACHINE_RUN);
    script_int(g, b.total, T0, 100);
    script_int(g, b.total, T0 + 100 * MIN, 200);
    script_int(g, b.energy, T0 + 70 * MIN, 5000);
    script_int(g, b.energy, T0 + 200 * MIN, 8000);
    cr_assert_eq(script_send(g), ERR_OK);
    at(&b, T0 + 215 * MIN);
    cr_expect_eq(day(&b, NULL, &w)->q[QTY_PQ], 95 * PIECE);
    cr_expect_eq(w.sums.q[QTY_PQ_UNKNOWN], 5 * PIECE);
    script_asof(g, T0 + 95 * MIN, T0 + 215 * MIN);
    script_int(g, b.state, T0 + 95 * MIN, MACHINE_HELD);
    cr_assert_eq(script_send(g), ERR_OK);
    at(&b, T0 + 216 * MIN);
    cr_expect_eq(day(&b, NULL, &w)->q[QTY_PQ], 100 * PIECE);
    cr_expect_eq(w.sums.q[QTY_PQ_UNKNOWN], 0);
    cr_expect_eq(sums_energy(&w.sums), 3000 * PIECE, "uWh");
    bench_close(&b);
}

/* What the agent holds, of one process. */
static void tell(struct bench *b, uint32_t n, const struct hello_epoch *row) {
    struct script *g = &b->younger;
    struct hello h = {.agent = g->agent, .nonce = g->nonce, .n = ++g->hello_n, .epoch_n = n};
    char topic[TOPIC_MAX];
    struct buf bytes;
    memcpy(h.epoch, row, n * sizeof *row);
    buf_init(&bytes);
    topic_format(TOPIC_HELLO, &g->agent, topic);
    cr_assert_eq(hello_format(&h, &bytes), ERR_OK);
    cr_assert_eq(station_message(&b->station, topic, buf_span(&bytes)), ERR_OK);
    buf_fini(&bytes);
}

/* 100 pieces at 06:00, 110 at 06:10. Then an image of the gateway from before its first reading is
 * put back: two processes, of which the first reads nothing, name their points without values. The
 * second one's records come before the first one's last; it reads 115 at 06:31: 10 + 5 were made.
 */
Test(lanes, an_image_from_before_the_first_reading_loses_no_step) {
    struct bench b;
    struct window w;
    struct script fork;
    bench_open(&b);
    script_init(&fork, &b.station, "gw1", FORK);
    add_points(&b, &fork);
    tell(&b, 1, &(struct hello_epoch){OLDER, 0, 0, 1, 4, true});
    cr_assert_eq(script_key(&b.older, T0), ERR_OK);
    script_int(&b.older, b.total, T0, 100);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    script_int(&b.older, b.total, T0 + 10 * MIN, 110);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    tell(&b, 3,
         (struct hello_epoch[]){{OLDER, 0, 0, 1, 2, false},
                                {FORK, OLDER, 1, 1, 3, false},
                                {YOUNGER, FORK, 2, 1, 3, true}});
    fork.prev_epoch = OLDER;
    fork.prev_last = 1;
    b.younger.prev_epoch = FORK;
    b.younger.prev_last = 2;
    cr_assert_eq(script_key(&fork, T0 + 20 * MIN), ERR_OK);
    cr_assert_eq(script_key(&b.younger, T0 + 30 * MIN), ERR_OK); /* too early: comes again */
    cr_assert_eq(script_key(&fork, T0 + 20 * MIN), ERR_OK);
    b.younger.next = 1;
    cr_assert_eq(script_key(&b.younger, T0 + 30 * MIN), ERR_OK);
    script_int(&b.younger, b.total, T0 + 31 * MIN, 115);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    at(&b, T0 + 40 * MIN);
    cr_expect_eq(day(&b, NULL, &w)->q[QTY_PQ_UNKNOWN], 15 * PIECE);
    script_fini(&fork);
    bench_close(&b);
}

/* Of the same process and source as the older epoch; its key frame, at 06:30, covers from 06:20 on.
 */
static void younger_names(struct bench *b, const char *name, enum point_type type) {
    struct script *g = &b->younger;
    g->point_n = 0;
    const struct reading r = {.point = script_point(g, name, type, PIECE),
                              .t_ms = T0 + 20 * MIN,
                              .v = {.kind = VALUE_INT, .as.i = MACHINE_RUN}};
    const struct asof run = {0, T0 + 20 * MIN, T0 + 30 * MIN};
    cr_assert_eq(script_key_asof(g, T0 + 30 * MIN, &r, run), ERR_OK);
    script_asof(g, T0 + 20 * MIN, T0 + 40 * MIN);
    cr_assert_eq(script_send(g), ERR_OK);
}

static void older_begins(struct bench *b) {
    cr_assert_eq(script_key(&b->older, T0), ERR_OK);
    script_asof(&b->older, T0, T0 + 10 * MIN);
    script_text(&b->older, b->product, T0, "nut");
    script_int(&b->older, b->state, T0, MACHINE_RUN);
    cr_assert_eq(script_send(&b->older), ERR_OK);
}

static void older_ends(struct bench *b) {
    script_int(&b->older, b->extra, T0 + 10 * MIN, 17);
    cr_assert_eq(script_send(&b->older), ERR_OK);
}

/* Nuts were heard of until 06:10. The younger epoch covers from 06:20 on and does not name the
 * product, so it says nothing of it: what it made from then on is the press's own product. */
static void expect_nuts_end_with_what_named_them(struct bench *b) {
    struct window w;
    at(b, T0 + 121 * MIN);
    cr_expect_eq(day(b, "nut", &w)->q[QTY_TIME + CAT_PRODUCTION], 10 * MIN);
    cr_expect_eq(w.sums.q[QTY_TIME + CAT_UNKNOWN], 0);
    cr_expect_eq(day(b, NULL, &w)->q[QTY_TIME + CAT_PRODUCTION], 30 * MIN);
}

Test(lanes, a_run_of_the_younger_lane_says_nothing_of_a_product_it_does_not_name) {
    struct bench b;
    bench_open(&b);
    hello(&b, 3);
    older_begins(&b);
    younger_names(&b, "state", POINT_STATE);
    older_ends(&b);
    expect_nuts_end_with_what_named_them(&b);
    bench_close(&b);
}

/* The same in one lane, and the younger epoch comes late: until then two hours are of nuts. */
Test(lanes, an_epoch_that_does_not_name_the_product_ends_it_with_its_run) {
    struct bench b;
    struct window w;
    bench_open(&b);
    hello(&b, 3);
    older_begins(&b);
    older_ends(&b);
    at(&b, T0 + 120 * MIN);
    cr_expect_eq(day(&b, "nut", &w)->q[QTY_TIME + CAT_UNKNOWN], 110 * MIN);
    younger_names(&b, "state", POINT_STATE);
    expect_nuts_end_with_what_named_them(&b);
    bench_close(&b);
}

/* And of the machine's state, in a younger epoch that names its counter only: it ran until 06:10,
 * what it did then nobody knows. */
Test(lanes, a_run_of_the_younger_lane_says_nothing_of_a_state_it_does_not_name) {
    struct bench b;
    struct window w;
    bench_open(&b);
    hello(&b, 3);
    older_begins(&b);
    younger_names(&b, "total", POINT_COUNTER);
    older_ends(&b);
    at(&b, T0 + 41 * MIN);
    cr_expect_eq(day(&b, NULL, &w)->q[QTY_TIME + CAT_PRODUCTION], 10 * MIN);
    bench_close(&b);
}

static void drop_all(struct bench *b, uint64_t epoch, uint64_t records) {
    struct script *g = &b->younger;
    const struct batch_head head = {
        .kind = BATCH_DROPPED, .epoch = epoch, .seq = records, .t_ms = T0 + 40 * MIN};
    const struct batch_dropped all = {.from = 1, .to = records, .reason = DROP_QUOTA};
    struct batch_writer w;
    char topic[TOPIC_MAX];
    struct buf bytes;
    batch_writer_init(&w);
    batch_writer_reset(&w, head.t_ms);
    buf_init(&bytes);
    topic_format(TOPIC_DATA, &g->agent, topic);
    cr_assert_eq(batch_writer_encode(&w, &head, NULL, &all, NULL, &bytes), ERR_OK);
    cr_assert_eq(station_message(&b->station, topic, buf_span(&bytes)), ERR_OK);
    buf_fini(&bytes);
    batch_writer_fini(&w);
}

/* State (read until 06:05) and product (until 06:10) have a source each; an epoch between was given
 * up whole, and the younger one, read first, has the state's source in the product's place. What is
 * handed on through nothing keeps its run: nuts were made for five minutes and for five more nobody
 * knows. */
Test(lanes, an_epoch_given_up_whole_hands_runs_on) {
    struct bench b;
    struct window w;
    bench_open(&b);
    b.older.point[b.product].source = 1;
    tell(&b, 3,
         (struct hello_epoch[]){{OLDER, 0, 0, 1, 4, false},
                                {FORK, OLDER, 3, 1, 3, false},
                                {YOUNGER, FORK, 2, 1, 3, true}});
    cr_assert_eq(script_key(&b.older, T0), ERR_OK);
    script_asof(&b.older, T0, T0 + 5 * MIN);
    batch_writer_add_asof(&b.older.writer, (struct asof){1, T0, T0 + 10 * MIN});
    script_int(&b.older, b.state, T0, MACHINE_RUN);
    script_text(&b.older, b.product, T0, "nut");
    cr_assert_eq(script_send(&b.older), ERR_OK);
    b.younger.prev_epoch = FORK;
    b.younger.prev_last = 2;
    b.younger.point_n = 0;
    b.younger.point[script_point(&b.younger, "state", POINT_STATE, 1)].source = 1;
    cr_assert_eq(script_key(&b.younger, T0 + 30 * MIN), ERR_OK);
    older_ends(&b);
    drop_all(&b, FORK, 2);
    at(&b, T0 + 60 * MIN);
    cr_expect_eq(day(&b, "nut", &w)->q[QTY_TIME + CAT_PRODUCTION], 5 * MIN);
    cr_expect_eq(w.sums.q[QTY_TIME + CAT_UNKNOWN], 5 * MIN);
    bench_close(&b);
}

static const struct sums *hour(struct bench *b, int h, struct window *w) {
    const struct window_key key = {
        .node = 2, .kind = WINDOW_HOUR, .start_ms = SIM_DAY0 + h * UTC_HOUR_MS};

    *w = (struct window){0};
    cr_assert(station_window(&b->station, &key, w));
    return &w->sums;
}

/* What becomes of the older epoch, and when, as the younger processes go on. */
enum moment { FIRST, BEFORE_THE_KEY, BEHIND_THE_KEY, LAST };

struct end_of_older {
    void (*how)(struct bench *b); /* NULL: the next hello does not list it */
    enum moment when;
    bool begun; /* its key frame is there from the first */
};

static void comes_to(struct bench *b, const struct end_of_older *end, enum moment now) {
    if (end->how && end->when == now)
        end->how(b);
}

static void all_is_dropped(struct bench *b) {
    drop_all(b, OLDER, 3);
}

static void ends_without_a_total(struct bench *b) {
    script_int(&b->older, b->extra, T0, 16);
    cr_assert_eq(script_send(&b->older), ERR_OK);
    script_int(&b->older, b->extra, T0 + MIN, 17);
    cr_assert_eq(script_send(&b->older), ERR_OK);
}

/* A process that begins beside an older epoch reads 1,034 at 06:10 and a single 0 at 06:59:30; the
 * one after it tells that 0 in its key frame and reads 51 at 07:01. Of the older epoch no value
 * ever comes. The counter began again in these 51 minutes: 50 pieces lie before 07:00. */
static void expect_reset_over_an_hour(struct end_of_older end) {
    const struct hello_epoch row[] = {{OLDER, 0, 0, 1, 4, false},
                                      {YOUNGER, OLDER, 3, 1, 3, false},
                                      {FORK, YOUNGER, 2, 1, 3, true}};
    struct bench b;
    struct window w;
    bench_open(&b);
    hello(&b, 3);
    if (end.begun)
        cr_assert_eq(script_key(&b.older, T0), ERR_OK);
    comes_to(&b, &end, FIRST);
    const struct reading first = {
        .point = b.total, .t_ms = T0 + 10 * MIN, .v = {.kind = VALUE_INT, .as.i = 1034}};
    const struct reading zero = {
        .point = b.total, .t_ms = T0 + 60 * MIN - 30000, .v = {.kind = VALUE_INT, .as.i = 0}};
    cr_assert_eq(script_key_value(&b.younger, T0 + 10 * MIN, &first), ERR_OK);
    script_asof(&b.younger, T0 + 10 * MIN, T0 + 60 * MIN);
    script_int(&b.younger, b.total, zero.t_ms, 0);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    comes_to(&b, &end, BEFORE_THE_KEY);
    tell(&b, end.how ? 3 : 2, end.how ? row : row + 1);
    b.younger.epoch = FORK;
    b.younger.prev_epoch = YOUNGER;
    b.younger.prev_last = 2;
    b.younger.next = 1;
    cr_assert_eq(script_key_value(&b.younger, T0 + 60 * MIN, &zero), ERR_OK);
    comes_to(&b, &end, BEHIND_THE_KEY);
    script_asof(&b.younger, T0 + 10 * MIN, T0 + 62 * MIN);
    script_int(&b.younger, b.total, T0 + 61 * MIN, 51);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    comes_to(&b, &end, LAST);
    at(&b, T0 + 62 * MIN);
    cr_expect_eq(hour(&b, 6, &w)->q[QTY_PQ_UNKNOWN], 50 * PIECE);
    cr_expect_eq(hour(&b, 7, &w)->q[QTY_PQ_UNKNOWN], PIECE);
    bench_close(&b);
}

Test(lanes, a_counter_of_one_lane_goes_on_from_what_its_epoch_began_with) {
    expect_reset_over_an_hour((struct end_of_older){all_is_dropped, FIRST, false});
}

Test(lanes, a_counter_does_not_wait_for_an_epoch_that_was_dropped_whole) {
    expect_reset_over_an_hour((struct end_of_older){all_is_dropped, BEFORE_THE_KEY, false});
}

Test(lanes, a_counter_does_not_wait_for_an_epoch_that_is_gone) {
    expect_reset_over_an_hour((struct end_of_older){NULL, BEFORE_THE_KEY, false});
}

Test(lanes, so_it_does_when_the_older_epoch_is_dropped_behind_a_second_key_frame) {
    expect_reset_over_an_hour((struct end_of_older){all_is_dropped, BEHIND_THE_KEY, false});
}

Test(lanes, so_it_does_when_the_older_epoch_is_dropped_behind_its_next_reading) {
    expect_reset_over_an_hour((struct end_of_older){all_is_dropped, LAST, false});
}

Test(lanes, a_counter_of_one_lane_goes_on_from_it_behind_an_epoch_that_read_nothing_of_it) {
    expect_reset_over_an_hour((struct end_of_older){ends_without_a_total, FIRST, true});
}

Test(lanes, so_it_does_when_that_epoch_ends_behind_its_next_reading) {
    expect_reset_over_an_hour((struct end_of_older){ends_without_a_total, LAST, true});
}

/* One of two parts of a key frame: some points of the table, and a value. */
static void part(struct script *g, int64_t t_ms, uint32_t no, size_t from, size_t to,
                 const struct reading *r) {
    const struct batch_key key = {.prev_epoch = g->prev_epoch,
                                  .prev_last = g->prev_last,
                                  .part = no,
                                  .parts = 2,
                                  .points_total = (uint32_t)g->point_n};
    const struct batch_head head = {
        .kind = BATCH_KEY, .epoch = g->epoch, .seq = g->next, .t_ms = t_ms};
    batch_writer_reset(&g->writer, t_ms);
    for (size_t i = from; i < to; i++)
        cr_assert_eq(batch_writer_add_point(&g->writer, &g->point[i]), ERR_OK);
    if (r)
        cr_assert_eq(batch_writer_add(&g->writer, r), ERR_OK);
    buf_reset(&g->bytes);
    cr_assert_eq(batch_writer_encode(&g->writer, &head, &key, NULL, NULL, &g->bytes), ERR_OK);
    g->next++;
    batch_writer_reset(&g->writer, t_ms);
    cr_assert_eq(script_send_again(g), ERR_OK);
}

static int64_t pieces(struct bench *b) {
    struct window w;
    const struct sums *s = day(b, NULL, &w);
    return (s->q[QTY_PQ_UNKNOWN] + s->q[QTY_PQ]) / PIECE;
}

/* Three pieces whose minute is open go on in the next epoch; we are killed between the parts of its
 * first key frame. */
Test(lanes, what_a_part_of_a_key_frame_took_is_taken_once_over_a_restart) {
    for (int killed = 0; killed < 2; killed++) {
        struct bench b;
        bench_open(&b);
        hello(&b, 3);
        cr_assert_eq(script_key(&b.older, T0), ERR_OK);
        script_asof(&b.older, T0, T0 + 10 * MIN);
        script_int(&b.older, b.total, T0, 100);
        cr_assert_eq(script_send(&b.older), ERR_OK);
        script_int(&b.older, b.total, T0 + 5 * MIN, 103);
        cr_assert_eq(script_send(&b.older), ERR_OK);
        const struct reading last = {
            .point = b.total, .t_ms = T0 + 5 * MIN, .v = {.kind = VALUE_INT, .as.i = 103}};
        part(&b.younger, T0 + 12 * MIN, 0, 0, 3, &last);
        at(&b, T0 + 20 * MIN);
        if (killed) {
            station_kill(&b.station, 0);
            cr_assert_eq(station_start(&b.station, (struct core_now){T0 + 21 * MIN, 1000}, 9),
                         ERR_OK);
            hello(&b, 3);
        }
        part(&b.younger, T0 + 12 * MIN, 1, 3, b.younger.point_n, NULL);
        script_int(&b.younger, b.total, T0 + 30 * MIN, 104);
        cr_assert_eq(script_send(&b.younger), ERR_OK);
        at(&b, T0 + 121 * MIN);
        cr_expect_eq(pieces(&b), 4, "killed %d: %lld", killed, (long long)pieces(&b));
        bench_close(&b);
    }
}

/* Beside an older epoch that ends at 149 the first part of a key frame tells 149; the other part is
 * dropped, and the next key frame tells 156. */
Test(lanes, a_part_of_a_key_frame_that_never_was_whole_begins_nothing) {
    struct bench b;
    bench_open(&b);
    hello(&b, 3);
    cr_assert_eq(script_key(&b.older, T0), ERR_OK);
    script_int(&b.older, b.total, T0, 100);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    struct reading told = {
        .point = b.total, .t_ms = T0 + 5 * MIN, .v = {.kind = VALUE_INT, .as.i = 149}};
    part(&b.younger, T0 + 12 * MIN, 0, 0, 3, &told);
    b.younger.next = 1;
    drop_all(&b, YOUNGER, 3);
    script_int(&b.older, b.total, T0 + 5 * MIN, 149);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    told.t_ms = T0 + 20 * MIN;
    told.v.as.i = 156;
    b.younger.next = 4;
    cr_assert_eq(script_key_value(&b.younger, T0 + 21 * MIN, &told), ERR_OK);
    at(&b, T0 + 121 * MIN);
    cr_expect_eq(pieces(&b), 156 - 100, "%lld", (long long)pieces(&b));
    bench_close(&b);
}

static void begin_epoch(struct bench *b, uint64_t epoch, uint64_t prev, uint64_t next) {
    b->younger.epoch = epoch;
    b->younger.prev_epoch = prev;
    b->younger.prev_last = prev == YOUNGER ? 2 : 3;
    b->younger.next = next;
}

/* The second process reads 1,034 and a second later 1,134, which is held; the third goes on from
 * there, the fourth runs beside it, up to 1,142. That the oldest is gone is heard before the third
 * one's end, or in the same message: 108 pieces. */
static void expect_what_was_kept(bool late, bool accepts) {
    enum { FOURTH = 104 };
    const struct hello_epoch row[] = {{OLDER, 0, 0, 1, 4, false},
                                      {YOUNGER, OLDER, 3, 1, 3, false},
                                      {FORK, YOUNGER, 2, 1, 4, false},
                                      {FOURTH, FORK, 3, 1, 3, true}};
    struct bench b;
    bench_open(&b);
    hello(&b, 3);
    const struct reading first = {
        .point = b.total, .t_ms = T0 + 10 * MIN, .v = {.kind = VALUE_INT, .as.i = 1034}};
    const struct reading jump = {
        .point = b.total, .t_ms = T0 + 10 * MIN + 1000, .v = {.kind = VALUE_INT, .as.i = 1134}};
    struct reading last = jump;
    if (accepts) {
        last.t_ms = T0 + 61 * MIN;
        last.v.as.i = 1140;
    }
    cr_assert_eq(script_key_value(&b.younger, T0 + 10 * MIN, &first), ERR_OK);
    script_asof(&b.younger, T0 + 10 * MIN, T0 + 11 * MIN);
    script_int(&b.younger, b.total, jump.t_ms, 1134);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    tell(&b, 4, row);
    begin_epoch(&b, FORK, YOUNGER, 1);
    cr_assert_eq(script_key_value(&b.younger, T0 + 20 * MIN, &jump), ERR_OK);
    script_asof(&b.younger, T0 + 10 * MIN, T0 + 62 * MIN);
    script_int(&b.younger, accepts ? b.total : b.extra, T0 + 61 * MIN, accepts ? 1140 : 1);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    begin_epoch(&b, FOURTH, FORK, 1);
    cr_assert_eq(script_key_value(&b.younger, T0 + 63 * MIN, &last), ERR_OK);
    if (!late)
        tell(&b, 3, row + 1);
    begin_epoch(&b, FORK, YOUNGER, 3);
    script_int(&b.younger, b.extra, T0 + 62 * MIN, 1);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    if (late)
        tell(&b, 3, row + 1);
    begin_epoch(&b, FOURTH, FORK, 2);
    script_asof(&b.younger, T0 + 63 * MIN, T0 + 65 * MIN);
    script_int(&b.younger, b.total, T0 + 64 * MIN, 1142);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    at(&b, T0 + 66 * MIN);
    cr_expect_eq(pieces(&b), 108, "late %d, accepts %d: %lld", late, accepts,
                 (long long)pieces(&b));
    bench_close(&b);
}

Test(lanes, what_was_kept_for_an_epoch_that_is_gone_is_not_forgotten_at_its_lanes_end) {
    for (int i = 0; i < 4; i++)
        expect_what_was_kept(i & 1, i & 2);
}
