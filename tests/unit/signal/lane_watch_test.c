/* What tells a meter that stood still from one that nobody read. */
#include <criterion/criterion.h>

#include "rig.h"

#define S(n) (INT64_C(1000) * (n))
#define M(n) (INT64_C(60000) * (n))
#define H(n) (INT64_C(3600000) * (n))

static struct rig rig;

static void start(void) {
    struct point counter = rig_point(POINT_COUNTER), event = rig_point(POINT_EVENT);

    rig_init(&rig);
    rig_add(&rig, &counter, NULL); /* 0 */
    rig_add(&rig, &event, NULL);   /* 1 */
}

static void stop(void) {
    rig_fini(&rig);
}

TestSuite(lane_watch, .init = start, .fini = stop);

static void send(void) {
    cr_assert_eq(rig_send(&rig), ERR_OK);
}

static void finish(void) {
    struct lane_out out = rig_out(&rig);

    cr_assert_eq(lane_finish(&rig.lane, &out), ERR_OK);
    siglog_canonical(&rig.watch);
}

static void expect(size_t i, uint32_t signal, int64_t t0, int64_t t1) {
    const struct siglog_entry want = {signal, SIGLOG_WATCH, 0, t0, t1, 0, 0};

    cr_assert_lt(i, rig.watch.n);
    cr_expect_eq(siglog_order(&rig.watch.at[i], &want), 0, "entry %zu: %u [%lld, %lld)", i,
                 rig.watch.at[i].signal, (long long)rig.watch.at[i].t0_ms,
                 (long long)rig.watch.at[i].t1_ms);
}

Test(lane_watch, begins_with_the_first_good_value) {
    rig_asof(&rig, 0, 0, M(10));
    send();
    rig_asof(&rig, 0, 0, M(20));
    rig_int(&rig, 0, M(15), 7); /* it never moves again */
    send();
    rig_asof(&rig, 0, 0, M(30));
    send();
    finish();
    cr_assert_eq(rig.watch.n, 2);
    expect(0, 100, M(15), M(30));
    expect(1, 101, 0, M(30)); /* events need no first one */
    cr_expect_eq(rig.log.n, 0, "it did not count");
}

Test(lane_watch, a_counter_that_never_spoke_was_never_watched) {
    rig_asof(&rig, 0, 0, M(30));
    rig_bad(&rig, 0, M(1));
    send();
    finish();
    cr_assert_eq(rig.watch.n, 1);
    expect(0, 101, 0, M(30));
}

Test(lane_watch, a_bad_value_ends_it_until_the_next_good_one) {
    rig_asof(&rig, 0, 0, M(30));
    rig_int(&rig, 0, M(1), 7);
    rig_bad(&rig, 0, M(10));
    rig_int(&rig, 0, M(20), 7);
    send();
    finish();
    cr_assert_eq(rig.watch.n, 3);
    expect(0, 100, M(1), M(10));
    expect(1, 100, M(20), M(30));
}

/* The key frame says: 7 at 5 min, and bad since. The 9 at 20 min is a step of 2 from there; before
 * it nobody watched, as the lane of the older epoch knows that heard the bad reading. */
Test(lane_watch, a_key_value_marked_bad_is_stepped_from_and_was_not_watched) {
    const struct reading broken = {
        .quality = QUALITY_BAD, .t_ms = M(5), .v = {.kind = VALUE_INT, .as.i = 7}};

    cr_assert_eq(batch_writer_add(&rig.writer, &broken), ERR_OK);
    rig_asof(&rig, 0, 0, M(10));
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    rig_asof(&rig, 0, M(10), M(30));
    rig_int(&rig, 0, M(20), 9);
    send();
    finish();
    cr_assert_eq(rig.log.n, 1);
    cr_expect_eq(rig.log.at[0].value, 2);
    cr_expect_eq(rig.log.at[0].t1_ms, M(20));
    cr_assert_eq(rig.watch.n, 2);
    expect(0, 100, M(20), M(30));
    expect(1, 101, M(10), M(30)); /* events, too: from the key frame on */
}

/* The key frame says: 7 at 5 min, and the run from 0 to 10. */
Test(lane_watch, a_key_value_was_watched_from_its_own_time) {
    rig_int(&rig, 0, M(5), 7);
    rig_asof(&rig, 0, 0, M(10));
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    rig_asof(&rig, 0, 0, M(30));
    send();
    finish();
    cr_assert_eq(rig.watch.n, 2);
    expect(0, 100, M(5), M(30));
}

/* A clock that jumped while nobody looked left the key frame's value ahead: 7 at 50 min. It is
 * known all the same, so what follows is watched: from 10 min on, where the agent began to read
 * again. */
Test(lane_watch, a_key_value_ahead_of_its_clock_is_watched_at_once) {
    rig_int(&rig, 0, M(50), 7);
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    rig_asof(&rig, 0, M(10), M(30));
    rig_int(&rig, 0, M(20), 9);
    send();
    finish();
    cr_assert_eq(rig.watch.n, 2);
    expect(0, 100, M(10), M(30));
}

/* The same, of a source whose run goes on: up to 10 min the older epoch tells of it. */
Test(lane_watch, a_key_value_ahead_of_its_run_is_watched_behind_what_the_key_covers) {
    rig_int(&rig, 0, M(50), 7);
    rig_asof(&rig, 0, 0, M(10));
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    rig_asof(&rig, 0, 0, M(30));
    send();
    finish();
    cr_assert_eq(rig.watch.n, 2);
    expect(0, 100, M(10), M(30));
}

/* And in the lane that the older epoch left: a first value at 50 min, stamped ahead. */
Test(lane_watch, a_value_ahead_is_watched_from_the_next_epoch_on) {
    rig_asof(&rig, 0, 0, M(10));
    rig_int(&rig, 0, M(50), 7);
    send();
    rig_next_epoch(&rig);
    rig_int(&rig, 0, M(50), 7);
    rig_asof(&rig, 0, 0, M(10));
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    rig_asof(&rig, 0, 0, M(30));
    send();
    finish();
    cr_assert_eq(rig.watch.n, 2);
    expect(0, 100, M(10), M(30));
}

/* The first value comes with 20 min, and its record covers 0 to 20; then one of 15 min comes late:
 * from there on it was watched, and the minutes from 15 on are computed again. */
Test(lane_watch, a_value_from_before_the_first_one_moves_what_was_watched) {
    rig_asof(&rig, 0, 0, M(20));
    rig_int(&rig, 0, M(20), 7);
    send();
    rig_untouched(&rig);
    rig_asof(&rig, 0, M(20), M(30));
    rig_int(&rig, 0, M(15), 7);
    send();
    cr_expect_eq(rig.touched_from, M(15));
    finish();
    cr_assert_eq(rig.watch.n, 2);
    expect(0, 100, M(15), M(30));
}

Test(lane_watch, is_cut_at_hours_and_where_the_source_was_silent) {
    rig_asof(&rig, 0, 0, M(50));
    rig_int(&rig, 0, M(40), 7);
    send();
    rig_asof(&rig, 0, M(50), M(70));
    send();
    cr_expect_eq(rig.watch.n, 2, "the full hour of both is logged");
    rig_asof(&rig, 0, M(100), M(110));
    send();
    finish();
    cr_assert_eq(rig.watch.n, 6);
    expect(0, 100, M(40), H(1));
    expect(1, 100, H(1), M(70));
    expect(2, 100, M(100), M(110));
    expect(5, 101, M(100), M(110));
}

Test(lane_watch, what_a_record_covers_is_told_once) {
    rig_asof(&rig, 0, S(10), S(20));
    send();
    rig_asof(&rig, 0, S(10), S(50));
    rig_int(&rig, 0, S(45), 7);
    rig_untouched(&rig);
    send();
    cr_expect_eq(rig.touched, 0, "no signal is touched for it");
    cr_expect_eq(rig.covered_from, S(10));
    cr_expect_eq(rig.covered_to, S(50));
}

Test(lane_watch, survives_a_checkpoint) {
    struct buf b;

    rig_asof(&rig, 0, 0, M(10));
    rig_int(&rig, 0, M(5), 7);
    send();
    buf_init(&b);
    cr_assert_eq(lane_pack(&rig.lane, &b), ERR_OK);
    lane_fini(&rig.lane);
    lane_init(&rig.lane, 10000);
    cr_assert_eq(lane_unpack(&rig.lane, buf_span(&b)), ERR_OK);
    buf_fini(&b);
    rig_asof(&rig, 0, M(10), M(20));
    send();
    finish();
    cr_assert_eq(rig.watch.n, 2);
    expect(0, 100, M(5), M(20));
    expect(1, 101, 0, M(20));
}

Test(lane_watch, moves_with_the_clock) {
    rig_asof(&rig, 0, 0, M(10));
    rig_int(&rig, 0, M(5), 7);
    send();
    cr_assert_eq(rig_clock(&rig, M(10), M(40)), ERR_OK);
    rig_asof(&rig, 0, M(40), M(50));
    send();
    finish();
    cr_assert_eq(rig.watch.n, 4);
    expect(0, 100, M(5), M(10));
    expect(1, 100, M(40), M(50));
}

/* It came to light before the record: whoever looked meanwhile saw the counter unwatched. */
Test(lane_watch, a_time_told_of_by_an_earlier_record_is_looked_at_anew) {
    rig_asof(&rig, 0, 0, M(20));
    rig_int(&rig, 0, M(15), 7);
    rig_bad(&rig, 0, M(19));
    send();
    rig_asof(&rig, 0, 0, M(30));
    send();
    rig_untouched(&rig);
    rig_int(&rig, 0, M(25), 7);
    cr_assert_eq(rig_key(&rig, true), ERR_OK);
    cr_assert_gt(rig.touched, 0);
    cr_expect_eq(rig.touched_from, M(25));
    cr_expect_eq(rig.touched_to, M(30));
}
