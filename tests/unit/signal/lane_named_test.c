/* Points that a table names after others: what runs from before say of them, and what is left of
 * those that it does not name. */
#include <criterion/criterion.h>

#include "rig.h"

#define S(n) (INT64_C(1000) * (n))

static struct rig rig;

static void start(void) {
    rig_init(&rig);
}

static void stop(void) {
    rig_fini(&rig);
}

TestSuite(lane_named, .init = start, .fini = stop);

static void add(enum point_type type) {
    struct point p = rig_point(type);

    rig_add(&rig, &p, NULL);
}

static void finish(void) {
    struct lane_out out = rig_out(&rig);

    cr_assert_eq(lane_finish(&rig.lane, &out), ERR_OK);
    siglog_canonical(&rig.log);
    siglog_canonical(&rig.watch);
}

static void expect(const struct siglog *log, size_t i, struct siglog_entry want) {
    cr_assert_lt(i, log->n);
    cr_expect_eq(siglog_order(&log->at[i], &want), 0, "entry %zu: %u (%lld, %lld) %lld", i,
                 log->at[i].signal, (long long)log->at[i].t0_ms, (long long)log->at[i].t1_ms,
                 (long long)log->at[i].value);
}

/* A source is heard up to 20 s. The next epoch names a state, a counter and events of it that the
 * one before did not have; of the first two it tells values of 5 s. */
static void named_by_the_next_epoch(void) {
    add(POINT_STATE);
    rig_asof(&rig, 0, 0, S(20));
    rig_int(&rig, 0, S(1), 1);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_next_epoch(&rig);
    add(POINT_STATE);
    add(POINT_COUNTER);
    add(POINT_EVENT);
    rig_int(&rig, 0, S(1), 1);
    rig_int(&rig, 1, S(5), 7);
    rig_int(&rig, 2, S(5), 100);
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
}

/* That was another process's run: it says nothing of them, not even while nobody else speaks. */
Test(lane_named, a_run_of_before_says_nothing_of_what_is_newly_named) {
    struct siglog open;

    named_by_the_next_epoch();
    siglog_init(&open);
    cr_assert_eq(lane_open_entries(&rig.lane, 1, 0, S(20), INT64_MIN, &open), ERR_OK);
    cr_expect_eq(open.n, 0);
    siglog_fini(&open);
    rig_asof(&rig, 0, S(60), S(80));
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 3);
    expect(&rig.log, 0, (struct siglog_entry){100, SIGLOG_STATE, 0, S(1), S(20), 1, 0});
    expect(&rig.log, 1, (struct siglog_entry){100, SIGLOG_STATE, 0, S(60), S(80), 1, 0});
    expect(&rig.log, 2, (struct siglog_entry){101, SIGLOG_STATE, 0, S(60), S(80), 7, 0});
    cr_assert_eq(rig.watch.n, 2);
    expect(&rig.watch, 0, (struct siglog_entry){102, SIGLOG_WATCH, 0, S(60), S(80), 0, 0});
    expect(&rig.watch, 1, (struct siglog_entry){103, SIGLOG_WATCH, 0, S(60), S(80), 0, 0});
}

/* The run goes on: the same process names them in its next epoch. Their values hold since their
 * times, which a lane beside would take from the key frame as well; events are watched from the
 * naming on. */
Test(lane_named, a_run_that_goes_on_holds_for_what_is_newly_named) {
    named_by_the_next_epoch();
    rig_asof(&rig, 0, 0, S(80));
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(&rig.log, 0, (struct siglog_entry){100, SIGLOG_STATE, 0, S(1), S(80), 1, 0});
    expect(&rig.log, 1, (struct siglog_entry){101, SIGLOG_STATE, 0, S(5), S(80), 7, 0});
    cr_assert_eq(rig.watch.n, 2);
    expect(&rig.watch, 0, (struct siglog_entry){102, SIGLOG_WATCH, 0, S(5), S(80), 0, 0});
    expect(&rig.watch, 1, (struct siglog_entry){103, SIGLOG_WATCH, 0, S(20), S(80), 0, 0});
}

/* What was computed before does not know of it, so it is told from where the two begin. */
Test(lane_named, a_run_that_goes_on_is_looked_at_anew_for_what_is_newly_named) {
    named_by_the_next_epoch();
    rig_untouched(&rig);
    rig_asof(&rig, 0, 0, S(20));
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_assert_gt(rig.touched, 0);
    cr_expect_eq(rig.touched_from, S(5));
    cr_expect_eq(rig.touched_to, S(20));
}

/* Events that a process names in the midst of its run are watched from there on. So they are in a
 * lane that begins with a later key frame: from what that one covers. */
Test(lane_named, events_are_watched_from_the_key_frame_that_names_them) {
    add(POINT_EVENT);
    rig_asof(&rig, 0, 0, S(20));
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    rig_asof(&rig, 0, 0, S(30));
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_asof(&rig, 0, 0, S(30));
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    finish();
    cr_assert_eq(rig.watch.n, 1);
    expect(&rig.watch, 0, (struct siglog_entry){100, SIGLOG_WATCH, 0, S(20), S(30), 0, 0});
}

/* A counter that held back 9000 when its epoch ended, a state, a counter without a value, and a
 * held power. What is left is the held value, which stays as nothing follows, and those of state
 * and power, also after a restart; all else is in the log. */
Test(lane_named, of_what_has_a_value_it_is_left) {
    struct lane rest, again;
    struct buf bytes;
    const struct signal_limits plain = {.num = 1, .den = 1};
    struct lane_out out = rig_out(&rig);

    add(POINT_COUNTER);
    add(POINT_STATE);
    add(POINT_COUNTER);
    add(POINT_POWER);
    rig_asof(&rig, 0, 0, S(20));
    rig_int(&rig, 0, S(1), 10);
    rig_int(&rig, 0, S(2), 11);
    rig_int(&rig, 0, S(3), 9000);
    rig_int(&rig, 1, S(1), 1);
    rig_int(&rig, 3, S(1), 5);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    lane_init(&rest, 10000);
    for (uint32_t i = 0; i < 4; i++)
        cr_assert_eq(lane_leave(&rig.lane, i, &rest, &plain, &out), ERR_OK);
    cr_assert_eq(rest.n, 3);
    cr_expect_eq(lane_find_left(&rest, 100), 0);
    cr_expect_eq(lane_find_left(&rest, 101), 1);
    cr_expect_eq(lane_find_left(&rest, 102), UINT32_MAX);
    cr_expect_eq(lane_find_left(&rest, 103), 2);
    cr_expect_eq(rest.slab[0].raw, 9000);
    cr_expect_eq(rest.slab[0].t_ms, S(3));
    cr_expect(lane_check(&rest));
    buf_init(&bytes);
    lane_init(&again, 10000);
    cr_assert_eq(lane_pack(&rest, &bytes), ERR_OK);
    cr_expect_eq(lane_unpack(&again, buf_span(&bytes)), ERR_OK);
    cr_expect_eq(lane_find_left(&again, 103), 2);
    cr_expect_eq(lane_finish(&again, &out), ERR_OK); /* nothing of it is open */
    siglog_canonical(&rig.log);
    cr_expect_eq(rig.log.n, 4); /* the span of all steps, the state, and two slots */
    cr_expect_eq(rig.watch.n, 1);
    lane_fini(&rest);
    lane_fini(&again);
    buf_fini(&bytes);
}

/* What a lane holds of a point is what a key frame may tell of it: the same value of the same time;
 * of a state the same reading is enough. */
Test(lane_named, a_lane_holds_what_it_was_told_last) {
    const struct reading told = {.t_ms = S(2), .v = {.kind = VALUE_INT, .as.i = 11}},
                         other = {.t_ms = S(2), .v = {.kind = VALUE_INT, .as.i = 10}},
                         old = {.t_ms = S(1), .v = {.kind = VALUE_INT, .as.i = 11}};

    add(POINT_COUNTER);
    add(POINT_STATE);
    add(POINT_GAUGE);
    rig_int(&rig, 0, S(2), 11);
    rig_int(&rig, 1, S(2), 11);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_expect(lane_holds(&rig.lane, 0, &told));
    cr_expect(!lane_holds(&rig.lane, 0, &other));
    cr_expect(!lane_holds(&rig.lane, 0, &old));
    cr_expect(!lane_holds(&rig.lane, 0, NULL));
    cr_expect(lane_holds(&rig.lane, 1, &told));
    cr_expect(!lane_holds(&rig.lane, 1, &old));
    cr_expect(lane_holds(&rig.lane, 2, NULL), "nothing is known of it, and nothing was told");
    cr_expect(!lane_holds(&rig.lane, 3, &told), "there is no such point");
}

/* The epoch ends, and the next one's first key frame does not name the counter; the one behind it
 * does, with a value or without. */
static void named_late(struct lane *rest, bool told, int64_t t_ms, int64_t v) {
    const struct signal_limits plain = {.num = 1, .den = 1};
    struct lane_out out = rig_out(&rig);

    cr_assert_eq(lane_end_epoch(&rig.lane, true, &out), ERR_OK);
    cr_assert_eq(lane_leave(&rig.lane, 0, rest, &plain, &out), ERR_OK);
    lane_fini(&rig.lane);
    lane_init(&rig.lane, 10000);
    add(POINT_COUNTER);
    const uint32_t left = lane_find_left(rest, 100);
    cr_assert_neq(left, UINT32_MAX);
    cr_assert_eq(lane_take_left(&rig.lane, 0, rest, left), ERR_OK);
    lane_fini(rest);
    lane_init(rest, 10000);
    if (told)
        rig_int(&rig, 0, t_ms, v);
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
}

/* A lane beside an older epoch begins with 1 and accepts nothing. The next epoch, of an image from
 * before the counter was known, names it late and without a value: its first step waits for the
 * older epoch, whatever the key frames of later ones tell. */
Test(lane_named, a_first_step_that_waits_outlives_a_key_frame_without_a_value) {
    struct lane rest;
    int64_t sum = 0;

    lane_init(&rest, 10000);
    add(POINT_COUNTER);
    rig_int(&rig, 0, S(1), 1);
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    cr_assert_eq(lane_link_await(&rig.lane), ERR_OK);
    named_late(&rest, false, 0, 0);
    rig_int(&rig, 0, S(10), 38);
    rig_int(&rig, 0, S(20), 48);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    named_late(&rest, true, S(20), 48);
    rig_int(&rig, 0, S(30), 50);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    for (size_t i = 0; i < rig.log.n; i++)
        sum += rig.log.at[i].value;
    cr_expect_eq(sum, 50 - 1, "%lld", (long long)sum);
    lane_fini(&rest);
}

/* The same, and the key frame that names it late tells more: it is a step from the value left, as
 * where one lane reads all epochs. What is told of the time before that value is no step. */
Test(lane_named, a_value_told_late_is_a_step_from_what_an_epoch_left_untouched) {
    struct lane rest;
    int64_t sum = 0;

    lane_init(&rest, 10000);
    add(POINT_COUNTER);
    rig_int(&rig, 0, S(5), 10);
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    cr_assert_eq(lane_link_await(&rig.lane), ERR_OK);
    named_late(&rest, true, S(10), 11);
    named_late(&rest, true, S(2), 7);
    named_late(&rest, true, S(10), 11);
    rig_int(&rig, 0, S(20), 19);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    for (size_t i = 0; i < rig.log.n; i++)
        sum += rig.log.at[i].value;
    cr_expect_eq(sum, 19 - 10, "%lld", (long long)sum);
    lane_fini(&rest);
}
