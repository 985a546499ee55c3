/* Two epochs of one agent read beside each other: what was shown of the older one while it was open
 * is computed again when it ends otherwise. */
#include "lanes_rig.h"

/* The older epoch makes a product from 06:00; its record is not sent yet. */
static void older_makes(struct lanes_bench *b, const char *product, int64_t until_ms) {
    lanes_open(b);
    lanes_hello(b, 3);
    cr_assert_eq(script_key(&b->older, T0), ERR_OK);
    script_asof(&b->older, T0, until_ms);
    script_text(&b->older, b->product, T0, product);
}

/* Bolts from 06:00, heard of until 06:10; the younger epoch begins at 06:30, runs since 06:00 and
 * makes nuts since 06:05. Until the older one ends its bolts are shown up to 06:30 (of two texts
 * the smaller one counts); it ends without a word, and its bolts with its source. */
Test(lanes, a_sticky_value_that_ended_earlier_is_taken_back) {
    struct lanes_bench b;
    struct window w;
    older_makes(&b, "bolt", T0 + 10 * MIN);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    cr_assert_eq(script_key(&b.younger, T0 + 30 * MIN), ERR_OK);
    script_asof(&b.younger, T0, T0 + 40 * MIN);
    script_int(&b.younger, b.state, T0, MACHINE_RUN);
    script_text(&b.younger, b.product, T0 + 5 * MIN, "nut");
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    lanes_at(&b, T0 + 40 * MIN);
    cr_expect_eq(lanes_day(&b, "bolt", &w)->q[QTY_TIME + CAT_PRODUCTION], 30 * MIN);
    script_int(&b.older, b.extra, T0 + 10 * MIN, 17);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    lanes_at(&b, T0 + 41 * MIN);
    cr_expect_eq(lanes_day(&b, "bolt", &w)->q[QTY_TIME + CAT_PRODUCTION], 10 * MIN);
    cr_expect_eq(lanes_day(&b, "nut", &w)->q[QTY_TIME + CAT_PRODUCTION], 30 * MIN);
    lanes_close(&b);
}

/* Bolts from 06:00, and all is computed until 06:40 before the younger epoch is heard of, which
 * began at 06:30: from there on the older one's product says nothing. */
Test(lanes, a_sticky_value_ends_where_a_younger_lane_begins_though_it_was_shown_beyond) {
    struct lanes_bench b;
    struct window w;
    older_makes(&b, "nut", T0 + 40 * MIN);
    script_int(&b.older, b.state, T0, MACHINE_RUN);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    lanes_at(&b, T0 + 40 * MIN);
    cr_expect_eq(lanes_day(&b, "nut", &w)->q[QTY_TIME + CAT_PRODUCTION], 40 * MIN);
    cr_assert_eq(script_key(&b.younger, T0 + 30 * MIN), ERR_OK);
    lanes_at(&b, T0 + 41 * MIN);
    cr_expect_eq(lanes_day(&b, "nut", &w)->q[QTY_TIME + CAT_PRODUCTION], 30 * MIN);
    lanes_close(&b);
}

/* 100 pieces at 06:00, 103 at 06:05 and a single 0 before the gateway starts anew; it reads 104 at
 * 06:31 and 105 at 06:32. Its key frame says 0, so that 105 are shown while the older epoch is
 * open; 3 + 1 + 1 were made. */
Test(lanes, a_zero_before_the_younger_lane_is_taken_back_when_the_older_one_ends) {
    struct lanes_bench b;
    struct window w;
    lanes_open(&b);
    lanes_hello(&b, 3);
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
    lanes_at(&b, T0 + 40 * MIN);
    cr_expect_eq(lanes_day(&b, NULL, &w)->q[QTY_PQ_UNKNOWN], 105 * PIECE);
    script_asof(&b.older, T0, T0 + 10 * MIN);
    script_int(&b.older, b.total, T0 + 5 * MIN, 103);
    script_int(&b.older, b.total, T0 + 10 * MIN, 0);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    lanes_at(&b, T0 + 41 * MIN);
    cr_expect_eq(lanes_day(&b, NULL, &w)->q[QTY_PQ_UNKNOWN], 5 * PIECE);
    lanes_close(&b);
}

/* 100 pieces from 06:00 to 07:40, 3 kWh from 07:10 to 09:20; the press runs to 07:35, and after
 * that nothing is heard of it: 95 pieces in known time and 5 in unknown. Late it is told that it
 * was held from 07:35 on, so that all 100 were made before. The job of the last hour looks back to
 * 07:10, for the energy; it must not take the minutes before 07:40 for done, whose pieces reach to
 * 06:00. */
Test(lanes, a_job_leaves_to_others_what_reaches_beyond_it) {
    struct lanes_bench b;
    struct window w;
    struct script *g = &b.older;
    lanes_open(&b);
    cr_assert_eq(script_hello(g), ERR_OK);
    cr_assert_eq(script_key(g, T0), ERR_OK);
    script_asof(g, T0, T0 + 95 * MIN);
    script_int(g, b.state, T0, MACHINE_RUN);
    script_int(g, b.total, T0, 100);
    script_int(g, b.total, T0 + 100 * MIN, 200);
    script_int(g, b.energy, T0 + 70 * MIN, 5000);
    script_int(g, b.energy, T0 + 200 * MIN, 8000);
    cr_assert_eq(script_send(g), ERR_OK);
    lanes_at(&b, T0 + 215 * MIN);
    cr_expect_eq(lanes_day(&b, NULL, &w)->q[QTY_PQ], 95 * PIECE);
    cr_expect_eq(w.sums.q[QTY_PQ_UNKNOWN], 5 * PIECE);
    script_asof(g, T0 + 95 * MIN, T0 + 215 * MIN);
    script_int(g, b.state, T0 + 95 * MIN, MACHINE_HELD);
    cr_assert_eq(script_send(g), ERR_OK);
    lanes_at(&b, T0 + 216 * MIN);
    cr_expect_eq(lanes_day(&b, NULL, &w)->q[QTY_PQ], 100 * PIECE);
    cr_expect_eq(w.sums.q[QTY_PQ_UNKNOWN], 0);
    cr_expect_eq(sums_energy(&w.sums), 3000 * PIECE, "uWh");
    lanes_close(&b);
}

/* 100 pieces at 06:00, 110 at 06:10. Then an image of the gateway from before its first reading is
 * put back: two processes, of which the first reads nothing, name their points without values. The
 * second one's records come before the first one's last; it reads 115 at 06:31: 10 + 5 were made.
 */
Test(lanes, an_image_from_before_the_first_reading_loses_no_step) {
    struct lanes_bench b;
    struct window w;
    struct script fork;
    lanes_open(&b);
    script_init(&fork, &b.station, "gw1", FORK);
    lanes_points(&b, &fork);
    lanes_tell(&b, 1, &(struct hello_epoch){OLDER, 0, 0, 1, 4, true});
    cr_assert_eq(script_key(&b.older, T0), ERR_OK);
    script_int(&b.older, b.total, T0, 100);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    script_int(&b.older, b.total, T0 + 10 * MIN, 110);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    lanes_tell(&b, 3,
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
    lanes_at(&b, T0 + 40 * MIN);
    cr_expect_eq(lanes_day(&b, NULL, &w)->q[QTY_PQ_UNKNOWN], 15 * PIECE);
    script_fini(&fork);
    lanes_close(&b);
}

/* Of the same process and source as the older epoch; its key frame, at 06:30, covers from 06:20 on.
 */
static void younger_names(struct lanes_bench *b, const char *name, enum point_type type) {
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

static void older_begins(struct lanes_bench *b) {
    cr_assert_eq(script_key(&b->older, T0), ERR_OK);
    script_asof(&b->older, T0, T0 + 10 * MIN);
    script_text(&b->older, b->product, T0, "nut");
    script_int(&b->older, b->state, T0, MACHINE_RUN);
    cr_assert_eq(script_send(&b->older), ERR_OK);
}

static void older_ends(struct lanes_bench *b) {
    script_int(&b->older, b->extra, T0 + 10 * MIN, 17);
    cr_assert_eq(script_send(&b->older), ERR_OK);
}

/* Nuts were heard of until 06:10. The younger epoch covers from 06:20 on and does not name the
 * product, so it says nothing of it: what it made from then on is the press's own product. */
static void expect_nuts_end_with_what_named_them(struct lanes_bench *b) {
    struct window w;
    lanes_at(b, T0 + 121 * MIN);
    cr_expect_eq(lanes_day(b, "nut", &w)->q[QTY_TIME + CAT_PRODUCTION], 10 * MIN);
    cr_expect_eq(w.sums.q[QTY_TIME + CAT_UNKNOWN], 0);
    cr_expect_eq(lanes_day(b, NULL, &w)->q[QTY_TIME + CAT_PRODUCTION], 30 * MIN);
}

Test(lanes, a_run_of_the_younger_lane_says_nothing_of_a_product_it_does_not_name) {
    struct lanes_bench b;
    lanes_open(&b);
    lanes_hello(&b, 3);
    older_begins(&b);
    younger_names(&b, "state", POINT_STATE);
    older_ends(&b);
    expect_nuts_end_with_what_named_them(&b);
    lanes_close(&b);
}

/* The same in one lane, and the younger epoch comes late: until then two hours are of nuts. */
Test(lanes, an_epoch_that_does_not_name_the_product_ends_it_with_its_run) {
    struct lanes_bench b;
    struct window w;
    lanes_open(&b);
    lanes_hello(&b, 3);
    older_begins(&b);
    older_ends(&b);
    lanes_at(&b, T0 + 120 * MIN);
    cr_expect_eq(lanes_day(&b, "nut", &w)->q[QTY_TIME + CAT_UNKNOWN], 110 * MIN);
    younger_names(&b, "state", POINT_STATE);
    expect_nuts_end_with_what_named_them(&b);
    lanes_close(&b);
}

/* And of the machine's state, in a younger epoch that names its counter only: it ran until 06:10,
 * what it did then nobody knows. */
Test(lanes, a_run_of_the_younger_lane_says_nothing_of_a_state_it_does_not_name) {
    struct lanes_bench b;
    struct window w;
    lanes_open(&b);
    lanes_hello(&b, 3);
    older_begins(&b);
    younger_names(&b, "total", POINT_COUNTER);
    older_ends(&b);
    lanes_at(&b, T0 + 41 * MIN);
    cr_expect_eq(lanes_day(&b, NULL, &w)->q[QTY_TIME + CAT_PRODUCTION], 10 * MIN);
    lanes_close(&b);
}

/* State (read until 06:05) and product (until 06:10) have a source each; an epoch between was given
 * up whole, and the younger one, read first, has the state's source in the product's place. What is
 * handed on through nothing keeps its run: nuts were made for five minutes and for five more nobody
 * knows. */
Test(lanes, an_epoch_given_up_whole_hands_runs_on) {
    struct lanes_bench b;
    struct window w;
    lanes_open(&b);
    b.older.point[b.product].source = 1;
    lanes_tell(&b, 3,
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
    lanes_drop_all(&b, FORK, 2);
    lanes_at(&b, T0 + 60 * MIN);
    cr_expect_eq(lanes_day(&b, "nut", &w)->q[QTY_TIME + CAT_PRODUCTION], 5 * MIN);
    cr_expect_eq(w.sums.q[QTY_TIME + CAT_UNKNOWN], 5 * MIN);
    lanes_close(&b);
}

/* A gateway dies before its first value of a counter, read at 06:08, is in a record; it starts anew
 * and tells it in its key frame. The older run covers that time until 06:10, the younger one runs
 * from 06:20 to 06:40: the counter was watched for 22 minutes, whichever was read first. */
static void expect_watched_since_its_first_value(bool late) {
    const struct reading first = {
        .point = 2, .t_ms = T0 + 8 * MIN, .v = {.kind = VALUE_INT, .as.i = 100}};
    struct lanes_bench b;
    struct window w;
    lanes_open(&b);
    cr_assert_eq(first.point, b.total);
    lanes_hello(&b, 2);
    cr_assert_eq(script_key(&b.older, T0), ERR_OK);
    script_asof(&b.older, T0, T0 + 10 * MIN);
    script_int(&b.older, b.extra, T0 + 10 * MIN, 17);
    if (!late)
        cr_assert_eq(script_send(&b.older), ERR_OK);
    cr_assert_eq(script_key_value(&b.younger, T0 + 20 * MIN, &first), ERR_OK);
    script_asof(&b.younger, T0 + 20 * MIN, T0 + 40 * MIN);
    script_int(&b.younger, b.total, T0 + 40 * MIN, 101);
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    if (late)
        cr_assert_eq(script_send(&b.older), ERR_OK);
    lanes_at(&b, T0 + 121 * MIN);
    cr_expect_eq(lanes_day(&b, NULL, &w)->q[QTY_COUNT_SEEN], 22 * MIN, "late %d: %lld min", late,
                 (long long)(w.sums.q[QTY_COUNT_SEEN] / MIN));
    lanes_close(&b);
}

Test(lanes, a_counter_is_watched_since_the_value_that_the_younger_one_was_told_first) {
    expect_watched_since_its_first_value(false);
    expect_watched_since_its_first_value(true);
}

/* A gateway's younger key frame is of 07:30, then its clock is set back to 06:30, where it makes
 * nuts. While the older epoch is not through, its bolts of 06:00 are not shown beside them. */
Test(lanes, a_step_back_of_the_younger_clock_is_where_it_begins) {
    struct lanes_bench b;
    struct window w;
    lanes_open(&b);
    lanes_hello(&b, 3);
    cr_assert_eq(script_key(&b.older, T0), ERR_OK);
    script_asof(&b.older, T0, T0 + 10 * MIN);
    script_text(&b.older, b.product, T0, "bolt");
    script_int(&b.older, b.state, T0, MACHINE_RUN);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    cr_assert_eq(script_key(&b.younger, T0 + 90 * MIN), ERR_OK);
    lanes_at(&b, T0 + 31 * MIN);
    cr_assert_eq(script_clock(&b.younger, T0 + 90 * MIN, T0 + 30 * MIN), ERR_OK);
    script_asof(&b.younger, T0 + 30 * MIN, T0 + 60 * MIN);
    script_int(&b.younger, b.state, T0 + 30 * MIN, MACHINE_RUN);
    script_text(&b.younger, b.product, T0 + 30 * MIN, "nut");
    cr_assert_eq(script_send(&b.younger), ERR_OK);
    lanes_at(&b, T0 + 60 * MIN);
    cr_expect_eq(lanes_day(&b, "nut", &w)->q[QTY_TIME + CAT_PRODUCTION], 30 * MIN);
    cr_expect_eq(lanes_day(&b, "bolt", &w)->q[QTY_TIME + CAT_PRODUCTION], 10 * MIN);
    script_int(&b.older, b.extra, T0 + 10 * MIN, 17);
    cr_assert_eq(script_send(&b.older), ERR_OK);
    lanes_at(&b, T0 + 61 * MIN);
    cr_expect_eq(lanes_day(&b, "nut", &w)->q[QTY_TIME + CAT_PRODUCTION], 30 * MIN);
    cr_expect_eq(lanes_day(&b, "bolt", &w)->q[QTY_TIME + CAT_PRODUCTION], 10 * MIN);
    lanes_close(&b);
}
