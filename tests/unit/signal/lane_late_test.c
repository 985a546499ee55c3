/* Amounts of a time that the owner keeps no minutes of any more: at minute 10 and before. */
#include <criterion/criterion.h>

#include "rig.h"

#define M(n) (INT64_C(60000) * (n))

static struct rig rig;

static void start(void) {
    rig_init(&rig);
    rig.bounded = true;
    rig.least_ms = M(10);
}

static void stop(void) {
    rig_fini(&rig);
}

TestSuite(lane_late, .init = start, .fini = stop);

static void point(enum point_type type) {
    struct point p = rig_point(type);
    rig_add(&rig, &p, NULL);
}

static void finish(void) {
    struct lane_out out = rig_out(&rig);
    cr_assert_eq(lane_finish(&rig.lane, &out), ERR_OK);
    siglog_canonical(&rig.log);
}

/* Read at 5, 10 and 15 min: 7 until minute 10 are told apart, 20 behind it are logged. */
Test(lane_late, a_step_that_ended_is_told_apart) {
    point(POINT_REGISTER);
    rig_int(&rig, 0, M(5), 100);
    rig_int(&rig, 0, M(10), 107);
    rig_int(&rig, 0, M(15), 127);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    cr_expect_eq(rig.late, 7);
    cr_expect_eq(rig.late_from, M(5));
    cr_expect_eq(rig.late_to, M(10));
    cr_assert_eq(rig.log.n, 1);
    cr_expect_eq(rig.log.at[0].value, 20);
    cr_expect_eq(rig.log.at[0].t0_ms, M(10));
    cr_expect_eq(rig.log.at[0].flags, 0);
}

/* From 5 to 15 min: all 27 are booked behind minute 10, of unknown distribution. */
Test(lane_late, a_step_over_the_bound_is_booked_behind_it) {
    point(POINT_REGISTER);
    rig_int(&rig, 0, M(5), 100);
    rig_int(&rig, 0, M(15), 127);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    cr_expect_eq(rig.late, 0);
    cr_expect_eq(rig.lates, 1, "the time it lost is told");
    cr_assert_eq(rig.log.n, 1);
    cr_expect_eq(rig.log.at[0].value, 27);
    cr_expect_eq(rig.log.at[0].t0_ms, M(10));
    cr_expect_eq(rig.log.at[0].flags, SIGLOG_UNDISTRIBUTED);
}

/* An open minute was booked while it was kept; that it is logged later changes nothing. */
Test(lane_late, what_was_booked_in_time_is_logged) {
    point(POINT_REGISTER);
    rig_int(&rig, 0, M(15), 100);
    rig_int(&rig, 0, M(15) + 1000, 103);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig.least_ms = M(60);
    finish();
    cr_expect_eq(rig.lates, 0);
    cr_assert_eq(rig.log.n, 1);
    cr_expect_eq(rig.log.at[0].value, 3);
}

Test(lane_late, events_and_rows_too) {
    point(POINT_EVENT);
    point(POINT_INTERVAL);
    rig_amount(&rig, 0, M(9), 0, 5, 0);
    rig_amount(&rig, 0, M(11), 0, 6, 0);
    rig_amount(&rig, 1, M(8), M(2), 70, 0);
    rig_amount(&rig, 1, M(12), M(4), 80, 0);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    cr_expect_eq(rig.late, 75);
    cr_expect_eq(rig.lates, 3);
    cr_assert_eq(rig.log.n, 2);
    cr_expect_eq(rig.log.at[0].value, 6);
    cr_expect_eq(rig.log.at[1].value, 80);
    cr_expect_eq(rig.log.at[1].t0_ms, M(10));
}

/* 60 kW held from 8 to 12 min: 2 kWh until minute 10 are told apart, 2 kWh are logged. */
Test(lane_late, power_is_cut_there) {
    const int64_t uw = INT64_C(60000000000);
    int64_t logged = 0;
    struct point p = rig_point(POINT_POWER);
    p.num = 1;
    rig_add(&rig, &p, NULL);
    rig_asof(&rig, 0, M(8), M(12));
    rig_int(&rig, 0, M(8), uw);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    finish();
    for (size_t i = 0; i < rig.log.n; i++)
        logged += rig.log.at[i].value;
    cr_expect_eq(rig.late, INT64_C(2000000000));
    cr_expect_eq(logged, 2 * uw * M(2));
    cr_expect_eq(rig.log.at[0].t0_ms, M(10));
}
