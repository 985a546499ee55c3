/* Power: twice uW x ms per slot of 10 s; points are scaled 1/1, so raw values are microwatts. */
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

TestSuite(lane_power, .init = start, .fini = stop);

static void power(enum point_sampling sampling) {
    struct point p = rig_point(POINT_POWER);

    p.sampling = (uint8_t)sampling;
    p.poll_ms = 1000;
    rig_add(&rig, &p, NULL);
}

static void finish(void) {
    struct lane_out out = rig_out(&rig);

    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_assert_eq(lane_finish(&rig.lane, &out), ERR_OK);
    siglog_canonical(&rig.log);
}

static void expect(size_t i, int64_t slot, int64_t covered, int64_t value) {
    const struct siglog_entry want = {100, SIGLOG_SLOT, 0, slot, slot + covered, value, 0};

    cr_assert_lt(i, rig.log.n);
    cr_expect_eq(siglog_order(&rig.log.at[i], &want), 0, "entry %zu: %lld + %lld: %lld", i,
                 (long long)rig.log.at[i].t0_ms,
                 (long long)(rig.log.at[i].t1_ms - rig.log.at[i].t0_ms),
                 (long long)rig.log.at[i].value);
}

Test(lane_power, samples_are_joined_by_trapezoids) {
    /* 1 s: (100 + 200) x 1000 = 300,000; 2 s: (200 + 50) x 2000 = 500,000. */
    power(POINT_SAMPLED);
    rig_asof(&rig, 0, 0, S(10));
    rig_int(&rig, 0, S(1), 100);
    rig_int(&rig, 0, S(2), 200);
    rig_int(&rig, 0, S(4), 50);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 3000, 800000);
}

Test(lane_power, a_trapezoid_over_slots_is_cut_without_losing_anything) {
    /* 0 at 8 s to 3 at 11 s: p = d / 1000, twice the integral to d is d^2 / 1000. At 10 s: d =
     * 2000: 4,000; at 11 s: 9,000. Whole: (0 + 3) x 3000 = 9,000. */
    power(POINT_SAMPLED);
    rig_asof(&rig, 0, 0, S(20));
    rig_int(&rig, 0, S(8), 0);
    rig_int(&rig, 0, S(11), 3);
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, 0, 2000, 4000);
    expect(1, S(10), 1000, 5000);
}

Test(lane_power, what_does_not_divide_at_a_slot_is_carried_over) {
    /* 1 at 9,999 ms to 0 at 10,002 ms: twice the integral: 2 d - d^2 / 3; at d = 1: 2 - 1/3,
     * floored 1 (2 + floor(-1/3)); whole: (1 + 0) x 3 = 3; rest 2. */
    power(POINT_SAMPLED);
    rig_asof(&rig, 0, 0, S(20));
    rig_int(&rig, 0, 9999, 1);
    rig_int(&rig, 0, 10002, 0);
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, 0, 1, 1);
    expect(1, S(10), 2, 2);
}

Test(lane_power, samples_too_far_apart_are_not_joined) {
    /* Three polls are 3 s, at least 60 s: 60 s is joined (6 slots of 2 x 5 x 10,000), 61 s is not.
     */
    power(POINT_SAMPLED);
    rig_asof(&rig, 0, 0, S(200));
    rig_int(&rig, 0, 0, 5);
    rig_int(&rig, 0, S(60), 5);
    rig_int(&rig, 0, S(121), 5);
    finish();
    cr_assert_eq(rig.log.n, 6);
    expect(0, 0, 10000, 100000);
    expect(5, S(50), 10000, 100000);
}

Test(lane_power, a_stated_gap_limit_rules) {
    struct point p = rig_point(POINT_POWER);
    struct signal_limits lim = {.num = 1, .den = 1, .gap_limit_ms = 2000};
    p.sampling = POINT_SAMPLED;
    rig_add(&rig, &p, &lim);
    rig_asof(&rig, 0, 0, S(10));
    rig_int(&rig, 0, 0, 5);
    rig_int(&rig, 0, S(2), 5);
    rig_int(&rig, 0, S(5), 5);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 2000, 20000);
}

Test(lane_power, samples_are_not_joined_over_a_bad_one_or_a_gap) {
    power(POINT_SAMPLED);
    rig_asof(&rig, 0, 0, S(4));
    rig_int(&rig, 0, S(1), 5);
    rig_bad(&rig, 0, S(2));
    rig_int(&rig, 0, S(3), 5);
    rig_int(&rig, 0, S(4), 5); /* 2 x 5 x 1000 */
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_asof(&rig, 0, S(5), S(9));
    rig_int(&rig, 0, S(6), 5);
    rig_int(&rig, 0, S(7), 5); /* 2 x 5 x 1000 */
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 2000, 20000);
    cr_expect_eq(rig.verdicts[STEP_BAD], 1);
}

Test(lane_power, a_late_sample_is_not_integrated_twice) {
    /* 1 s to 4 s: 2 x 5 x 3000. Then 2 s (late) to 6 s: only beyond 4 s: 2 x 5 x 2000. */
    power(POINT_SAMPLED);
    rig_asof(&rig, 0, 0, S(9));
    rig_int(&rig, 0, S(1), 5);
    rig_int(&rig, 0, S(4), 5);
    rig_int(&rig, 0, S(2), 5);
    rig_int(&rig, 0, S(6), 5);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 5000, 50000);
}

Test(lane_power, a_held_value_holds_over_the_coverage) {
    /* 5 over 2..12 s, 7 over 12..15 s; gap; 7 over 20..21 s. Slots: 8 s x 5 x 2 = 80,000;
     * 2 s x 5 x 2 + 3 s x 7 x 2 = 62,000; 1 s x 7 x 2 = 14,000. */
    power(POINT_HELD);
    rig_asof(&rig, 0, 0, S(15));
    rig_int(&rig, 0, S(2), 5);
    rig_int(&rig, 0, S(12), 7);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_asof(&rig, 0, S(20), S(21));
    finish();
    cr_assert_eq(rig.log.n, 3);
    expect(0, 0, 8000, 80000);
    expect(1, S(10), 5000, 62000);
    expect(2, S(20), 1000, 14000);
}

/* The key frame that begins the lane vouches for no time. The one behind a gap tells a value that
 * holds from its own time on, as for a lane that knows an epoch before: 7 over 20 .. 30 s. */
Test(lane_power, a_held_value_behind_a_gap_holds_from_its_time_whatever_began_the_lane) {
    power(POINT_HELD);
    rig_int(&rig, 0, S(1), 5);
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    rig_asof(&rig, 0, S(2), S(30));
    rig_int(&rig, 0, S(20), 7);
    cr_assert_eq(rig_key(&rig, true), ERR_OK);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, S(20), 10000, 140000);
}

/* The slab goes on, and with it the source's run over 0 .. 20 s, in whose log the power of an epoch
 * before is. The key frame that makes it known in this one tells of that time only what was logged:
 * 5 over 50 .. 60 s is all that it has to add. */
Test(lane_power, a_key_frame_adds_nothing_to_a_run_of_before) {
    const struct point state = rig_point(POINT_STATE);

    rig_add(&rig, &state, NULL);
    rig_asof(&rig, 0, 0, S(20));
    rig_int(&rig, 0, S(1), 1);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_next_epoch(&rig);
    power(POINT_HELD);
    rig_int(&rig, 0, S(1), 1);
    rig_int(&rig, 1, S(2), 5);
    rig_asof(&rig, 0, S(40), S(50));
    cr_assert_eq(rig_key(&rig, true), ERR_OK);
    cr_expect_eq(rig.lane.slab[1].open_t1_ms, S(50));
    rig_asof(&rig, 0, S(40), S(60));
    finish();
    const struct siglog_entry want = {101, SIGLOG_SLOT, 0, S(50), S(60), 100000, 0};
    cr_assert_eq(rig.log.n, 3); /* and the state's two */
    cr_expect_eq(siglog_order(&rig.log.at[2], &want), 0);
}

Test(lane_power, a_held_value_ends_at_a_bad_one) {
    power(POINT_HELD);
    rig_asof(&rig, 0, 0, S(9));
    rig_int(&rig, 0, S(2), 5);
    rig_bad(&rig, 0, S(4));
    rig_int(&rig, 0, S(8), 5);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 3000, 30000);
}

Test(lane_power, power_is_scaled_and_floored_to_microwatts) {
    /* 7 x 1,000,000 / 3 = 2,333,333; held 1 s: 4,666,666,000. */
    struct point p = rig_point(POINT_POWER);
    p.num = 1000000;
    p.den = 3;
    rig_add(&rig, &p, NULL);
    rig_asof(&rig, 0, 0, S(1));
    rig_int(&rig, 0, 0, 7);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 1000, 4666666000);
}

Test(lane_power, real_values_are_power_too_and_absurd_ones_are_bad) {
    struct point p = rig_point(POINT_POWER);
    p.num = 1000000;
    rig_add(&rig, &p, NULL);
    rig_asof(&rig, 0, 0, S(1));
    rig_real(&rig, 0, 0, 1.5);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_real(&rig, 0, S(1), 4e8 + 1);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 1000, 3000000000);
    cr_expect_eq(rig.verdicts[STEP_BAD], 1);
}

Test(lane_power, negative_power_is_integrated) {
    power(POINT_HELD);
    rig_asof(&rig, 0, 0, S(1));
    rig_int(&rig, 0, 0, -5);
    finish();
    expect(0, 0, 1000, -10000);
}

Test(lane_power, an_uncertain_sample_marks_only_its_part_of_the_slot) {
    struct reading r = {.quality = QUALITY_UNCERTAIN, .t_ms = S(2), .v = {VALUE_INT, {.i = 5}}};

    power(POINT_SAMPLED);
    rig_asof(&rig, 0, 0, S(9));
    rig_int(&rig, 0, 0, 5);
    rig_int(&rig, 0, S(1), 5);
    rig_reading(&rig, &r);
    rig_int(&rig, 0, S(3), 5);
    rig_int(&rig, 0, S(4), 5);
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, 0, 2000, 20000);
    cr_expect_eq(rig.log.at[1].flags, SIGLOG_UNCERTAIN);
    cr_expect_eq(rig.log.at[1].value, 20000);
}

Test(lane_power, a_clock_step_back_gives_the_hour_twice_its_energy) {
    /* 1 s to 3 s, step 3 s -> 1 s, 1 s to 3 s again: 2 x (2 x 5 x 2000). */
    power(POINT_HELD);
    rig_asof(&rig, 0, 0, S(3));
    rig_int(&rig, 0, S(1), 5);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_assert_eq(rig_clock(&rig, S(3), S(1)), ERR_OK);
    rig_asof(&rig, 0, S(1), S(3));
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 4000, 40000);
}

Test(lane_power, the_open_slot_is_seen) {
    struct siglog open;

    siglog_init(&open);
    power(POINT_HELD);
    rig_asof(&rig, 0, 0, S(13));
    rig_int(&rig, 0, S(2), 5);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_expect_eq(rig.log.n, 1);
    cr_assert_eq(lane_open_entries(&rig.lane, 0, 0, 0, INT64_MIN, &open), ERR_OK);
    cr_assert_eq(open.n, 1);
    cr_expect_eq(open.at[0].t0_ms, S(10));
    cr_expect_eq(open.at[0].t1_ms, S(13));
    cr_expect_eq(open.at[0].value, 30000);
    siglog_fini(&open);
}
