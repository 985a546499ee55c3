/* Plans worked by hand. The shift is 06:00 to 14:00 with a break from 10:00 to 10:30 and a planned
 * stop from 12:00 to 13:00 on the first day: 6.5 h of work then, 7.5 h on others. */
#include "plan/plan.h"

#include <criterion/criterion.h>

#define DAY0 INT64_C(1780272000000) /* 2026-06-01T00:00:00Z, a Monday */
#define MIN UTC_MINUTE_MS
#define HOUR UTC_HOUR_MS
#define PIECES INT64_C(1000000)

static const int32_t pause[] = {600, 630};
static const struct plant_shift shift = {.id = {"early"},
                                         .start_min = 360,
                                         .end_min = 840,
                                         .days = 0x1f, /* Monday to Friday */
                                         .break_min = pause,
                                         .break_n = 1};
static const struct plant_stop stop = {DAY0 + 12 * HOUR, DAY0 + 13 * HOUR, "service"};
static const struct plant_calendar calendar = {.id = {"main"},
                                               .from_ms = INT64_MIN,
                                               .shift = &shift,
                                               .shift_n = 1,
                                               .stop = &stop,
                                               .stop_n = 1};
static struct plant plant;

static void set_up(void) {
    plant = (struct plant){.calendar = &calendar, .calendar_n = 1};
    cr_assert_eq(zone_open_utc(&plant.zone), ERR_OK);
}

static void tear_down(void) {
    zone_close(plant.zone);
}

TestSuite(plan, .init = set_up, .fini = tear_down);

/* 60 pieces an hour from the begin of the shift on. */
static struct plan_order order_of(int64_t pieces) {
    return (struct plan_order){.plant = &plant,
                               .calendar = 0,
                               .from_ms = DAY0 + 6 * HOUR,
                               .to_ms = PLAN_NEVER,
                               .quantity = pieces * PIECES,
                               .pri_ns = INT64_C(60000000000)};
}

Test(plan, breaks_and_planned_stops_are_no_scheduled_time) {
    cr_expect_eq(plan_scheduled_ms(&plant, 0, DAY0, DAY0 + 24 * HOUR), 6 * HOUR + 30 * MIN);
    cr_expect_eq(plan_scheduled_ms(&plant, 0, DAY0 + 24 * HOUR, DAY0 + 48 * HOUR),
                 7 * HOUR + 30 * MIN);
    cr_expect_eq(plan_scheduled_ms(&plant, 0, DAY0 + 9 * HOUR, DAY0 + 11 * HOUR), 90 * MIN);
    cr_expect_eq(plan_scheduled_ms(&plant, UINT32_MAX, 5, 12), 7);
    cr_expect_eq(plan_scheduled_ms(&plant, 0, 12, 5), 0);
}

/* 400 pieces are 6 h 40 min: 6 h 30 on Monday, 10 min on Tuesday. */
Test(plan, an_order_that_no_shift_holds_goes_on_in_the_next) {
    const struct plan_order o = order_of(400);
    cr_expect_eq(plan_at(&o, 0, DAY0).planned_end_ms, DAY0 + 24 * HOUR + 6 * HOUR + 10 * MIN);
    const struct plan_order whole = order_of(390);
    cr_expect_eq(plan_at(&whole, 0, DAY0).planned_end_ms, DAY0 + 14 * HOUR, "to the last minute");
}

/* At 11:00, of 5 h 4.5 are scheduled: 270 should be there. 180 are: 90 behind, and at 1.5 min a
 * piece the 220 left take 330 min: 60 to 12:00, 60 to 14:00, 210 of Tuesday from 06:00. */
Test(plan, behind_the_plan_the_end_follows_from_the_pace_so_far) {
    const struct plan_order o = order_of(400);
    const struct plan_now n = plan_at(&o, 180 * PIECES, DAY0 + 11 * HOUR);
    cr_expect_eq(n.expected, 270 * PIECES);
    cr_expect_eq(n.gap, -90 * PIECES);
    cr_expect_eq(n.forecast_end_ms, DAY0 + 24 * HOUR + 6 * HOUR + 210 * MIN);
}

Test(plan, ahead_of_the_plan_the_gap_is_positive) {
    const struct plan_order o = order_of(400);
    const struct plan_now n = plan_at(&o, 300 * PIECES, DAY0 + 11 * HOUR);
    cr_expect_eq(n.gap, 30 * PIECES);
    cr_expect(n.forecast_end_ms < n.planned_end_ms);
}

Test(plan, nothing_made_is_forecast_by_the_ideal_cycle) {
    const struct plan_order o = order_of(60);
    struct plan_now n = plan_at(&o, 0, DAY0 + 7 * HOUR);
    cr_expect_eq(n.expected, 60 * PIECES);
    cr_expect_eq(n.forecast_end_ms, DAY0 + 8 * HOUR);
    n = plan_at(&o, 0, DAY0 + 3 * HOUR);
    cr_expect_eq(n.expected, 0, "it has not begun");
    cr_expect_eq(n.forecast_end_ms, DAY0 + 7 * HOUR);
}

Test(plan, what_is_done_is_done_and_more_is_not_expected) {
    const struct plan_order o = order_of(60);
    const struct plan_now n = plan_at(&o, 61 * PIECES, DAY0 + 9 * HOUR);
    cr_expect_eq(n.expected, 60 * PIECES);
    cr_expect_eq(n.gap, PIECES);
    cr_expect_eq(n.forecast_end_ms, DAY0 + 9 * HOUR);
}

/* A pace of a piece in three hours: 1,000,000 of them end beyond any calendar. */
Test(plan, what_never_ends_is_said_to) {
    struct plan_order o = order_of(1000000);
    cr_expect_eq(plan_at(&o, PIECES, DAY0 + 9 * HOUR).forecast_end_ms, PLAN_NEVER);
    cr_expect_eq(plan_after_ms(&plant, 0, DAY0, 0), DAY0);
    o.quantity = INT64_MAX / 2;
    cr_expect_eq(plan_at(&o, 0, DAY0).planned_end_ms, PLAN_NEVER, "no overflow");
}

/* Every minute of two days: expected never falls, and grows by a piece in each minute of work. */
Test(plan, expected_grows_in_scheduled_time_only) {
    const struct plan_order o = order_of(100000);
    for (int64_t m = 0, last = 0; m < 2880; m++) {
        const int64_t now = DAY0 + m * MIN, is = plan_at(&o, 0, now).expected;
        const bool works =
            m > 0 && now > o.from_ms && calendar_at(&plant, 0, now - MIN).kind == CALENDAR_WORK;
        cr_assert_eq(is - last, works ? PIECES : 0, "minute %d", (int)m);
        last = is;
    }
}

/* --- shifts -------------------------------------------------------------------------------------
 */

static struct plan_order shift_of(int64_t pieces) {
    struct plan_order o = order_of(pieces);
    o.to_ms = DAY0 + 14 * HOUR;
    return o;
}

/* At 11:00, 4.5 of 6.5 h of work are over: 270 of 360 should be there. 180 are, 40 an hour: the two
 * hours left make 80 more, 260 at 14:00; the 180 left take 4.5 h: 2 of Monday and 2.5 of Tuesday.
 */
Test(plan, a_shift_tells_how_many_there_will_be) {
    const struct plan_order o = shift_of(360);
    const struct plan_now n = plan_at(&o, 180 * PIECES, DAY0 + 11 * HOUR);
    cr_expect_eq(n.expected, 270 * PIECES);
    cr_expect_eq(n.gap, -90 * PIECES);
    cr_expect_eq(n.forecast, 260 * PIECES);
    cr_expect_eq(n.forecast_end_ms, DAY0 + 24 * HOUR + 6 * HOUR + 150 * MIN);
}

/* 360 of 60 an hour are six of 6.5 hours: planned to end at 13:30, less a piece of a minute each.
 */
Test(plan, a_shift_that_is_over_is_judged_by_its_end) {
    const struct plan_order o = shift_of(360);
    struct plan_now n = plan_at(&o, 300 * PIECES, DAY0 + 30 * HOUR);
    cr_expect_eq(n.planned_end_ms, DAY0 + 13 * HOUR + 30 * MIN);
    cr_expect_eq(n.expected, 360 * PIECES);
    cr_expect_eq(n.gap, -60 * PIECES);
    cr_expect_eq(n.forecast, 300 * PIECES, "nothing is added");
    cr_expect_eq(n.forecast_end_ms, PLAN_NEVER);
    n = plan_at(&o, 365 * PIECES, DAY0 + 30 * HOUR);
    cr_expect_eq(n.forecast, 365 * PIECES);
    cr_expect_eq(n.forecast_end_ms, DAY0 + 14 * HOUR);
}

Test(plan, before_anything_is_made_the_plan_is_the_forecast) {
    const struct plan_order o = shift_of(360), more = shift_of(400);
    cr_expect_eq(plan_at(&o, 0, DAY0 + 5 * HOUR).forecast, 360 * PIECES);
    cr_expect_eq(plan_at(&more, 0, DAY0 + 5 * HOUR).forecast, 390 * PIECES, "more does not go in");
    cr_expect_eq(plan_at(&o, 0, DAY0 + 11 * HOUR).forecast, 120 * PIECES, "two hours are left");
}

/* 260 of whatever is made in 6.5 h: one each 90 s. */
Test(plan, without_a_product_the_quantity_is_spread_evenly) {
    struct plan_order o = shift_of(260);
    o.pri_ns = plan_even_ns(&plant, 0, o.from_ms, o.to_ms, o.quantity);
    cr_expect_eq(o.pri_ns, INT64_C(90000000000));
    cr_expect_eq(plan_at(&o, 0, DAY0 + 8 * HOUR).expected, 80 * PIECES);
    cr_expect_eq(plan_at(&o, 0, DAY0 + 14 * HOUR).expected, 260 * PIECES);
    cr_expect_eq(plan_even_ns(&plant, 0, DAY0, DAY0 + HOUR, PIECES), 0, "no work in it");
}
