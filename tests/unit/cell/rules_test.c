#include <criterion/criterion.h>

#include "cell/rules.h"

/* Written out by hand from INDICATORS section 1: with an open order, without, in a planned stop and
 * without a shift; idle in a changeover has a test of its own. */
struct expected {
    uint8_t machine, order, cause, no_order, no_order_cause, planned, off;
};

static const struct expected expected[] = {
    /* Undefined or none: UNKNOWN; also outside the calendar. */
    {MACHINE_UNKNOWN, CAT_UNKNOWN, 0, CAT_UNKNOWN, 0, CAT_UNKNOWN, CAT_UNKNOWN},
    /* Execute, ACTIVE: PRODUCTION; running outside the calendar is never dropped. */
    {MACHINE_RUN, CAT_PRODUCTION, 0, CAT_PRODUCTION, 0, CAT_PRODUCTION, CAT_PRODUCTION},
    /* Starting, Completing, Unholding, Unsuspending: DELAY/SPEED. */
    {MACHINE_SPEED, CAT_DELAY, CAUSE_SPEED, CAT_DELAY, CAUSE_SPEED, CAT_PLANNED_DOWN,
     CAT_NOT_SCHEDULED},
    /* Holding, Held; FEED_HOLD, INTERRUPTED: DELAY. */
    {MACHINE_HELD, CAT_DELAY, CAUSE_UNSTATED, CAT_DELAY, CAUSE_UNSTATED, CAT_PLANNED_DOWN,
     CAT_NOT_SCHEDULED},
    {MACHINE_BLOCKED, CAT_DELAY, CAUSE_BLOCKED, CAT_DELAY, CAUSE_BLOCKED, CAT_PLANNED_DOWN,
     CAT_NOT_SCHEDULED},
    {MACHINE_STARVED, CAT_DELAY, CAUSE_STARVED, CAT_DELAY, CAUSE_STARVED, CAT_PLANNED_DOWN,
     CAT_NOT_SCHEDULED},
    /* Aborting, Aborted, Clearing, E-stop, FAULT: DELAY/FAILURE. */
    {MACHINE_FAILED, CAT_DELAY, CAUSE_FAILURE, CAT_DELAY, CAUSE_FAILURE, CAT_PLANNED_DOWN,
     CAT_NOT_SCHEDULED},
    /* Stopping, Stopped: DOWN_NO_ORDER, PLANNED_DOWN in a planned stop, DELAY with an open order.
     */
    {MACHINE_STOPPED, CAT_DELAY, CAUSE_UNSTATED, CAT_DOWN_NO_ORDER, 0, CAT_PLANNED_DOWN,
     CAT_NOT_SCHEDULED},
    {MACHINE_IDLE, CAT_DELAY, CAUSE_UNSTATED, CAT_DOWN_NO_ORDER, 0, CAT_PLANNED_DOWN,
     CAT_NOT_SCHEDULED},
    {MACHINE_COMPLETE, CAT_DELAY, CAUSE_UNSTATED, CAT_DOWN_NO_ORDER, 0, CAT_PLANNED_DOWN,
     CAT_NOT_SCHEDULED},
    /* SETUP, TEARDOWN or manual modes with an order: SETUP. */
    {MACHINE_SETUP, CAT_SETUP, 0, CAT_DOWN_NO_ORDER, 0, CAT_PLANNED_DOWN, CAT_NOT_SCHEDULED},
    /* MAINTENANCE: PLANNED_DOWN if planned, else DELAY/FAILURE. */
    {MACHINE_MAINTAINED, CAT_DELAY, CAUSE_FAILURE, CAT_DELAY, CAUSE_FAILURE, CAT_PLANNED_DOWN,
     CAT_NOT_SCHEDULED},
    {MACHINE_OFF, CAT_DELAY, CAUSE_UNSTATED, CAT_DOWN_NO_ORDER, 0, CAT_PLANNED_DOWN,
     CAT_NOT_SCHEDULED},
    {MACHINE_ENGINEERING, CAT_ENGINEERING, 0, CAT_ENGINEERING, 0, CAT_PLANNED_DOWN,
     CAT_NOT_SCHEDULED},
};

static void expect(const struct expected *e, enum calendar_kind k, bool order, uint8_t category,
                   uint8_t cause) {
    const struct rule_result r = rules_category((enum machine_state)e->machine, k, order, false);
    cr_expect_eq(r.category, category, "%s in calendar kind %d",
                 machine_state_name((enum machine_state)e->machine), (int)k);
    cr_expect_eq(r.cause, cause);
    cr_expect_eq(r.unplanned, category == CAT_PRODUCTION && k != CALENDAR_WORK);
    cr_expect_eq(r.off, category == CAT_UNKNOWN && k != CALENDAR_WORK);
}

Test(rules, every_state_has_the_category_of_the_rule_book) {
    cr_assert_eq(sizeof expected / sizeof expected[0], (size_t)MACHINE_STATE_COUNT);
    for (size_t i = 0; i < MACHINE_STATE_COUNT; i++) {
        const struct expected *e = &expected[i];
        expect(e, CALENDAR_WORK, true, e->order, e->cause);
        expect(e, CALENDAR_WORK, false, e->no_order, e->no_order_cause);
        for (int order = 0; order < 2; order++) {
            expect(e, CALENDAR_PLANNED, order, e->planned, 0);
            expect(e, CALENDAR_BREAK, order, e->planned, 0);
            expect(e, CALENDAR_OFF, order, e->off, 0);
        }
    }
}

Test(rules, only_idle_with_an_order_sees_a_changeover) {
    for (int m = 0; m < MACHINE_STATE_COUNT; m++)
        for (int order = 0; order < 2; order++) {
            const enum machine_state s = (enum machine_state)m;
            const struct rule_result a = rules_category(s, CALENDAR_WORK, order, false);
            const struct rule_result b = rules_category(s, CALENDAR_WORK, order, true);
            if (s == MACHINE_IDLE && order)
                cr_expect_eq(b.category, CAT_SETUP);
            else
                cr_expect(a.category == b.category && a.cause == b.cause);
        }
}

Test(rules, only_delay_has_a_cause) {
    for (int m = 0; m < MACHINE_STATE_COUNT; m++)
        for (int k = CALENDAR_OFF; k <= CALENDAR_PLANNED; k++)
            for (int bits = 0; bits < 4; bits++) {
                const struct rule_result r = rules_category(
                    (enum machine_state)m, (enum calendar_kind)k, bits & 1, bits & 2);
                cr_expect(r.category < CATEGORY_COUNT && r.cause < CAUSE_COUNT);
                cr_expect(r.category == CAT_DELAY || r.cause == CAUSE_UNSTATED);
            }
    cr_expect_eq(rules_category((enum machine_state)200, CALENDAR_WORK, true, true).category,
                 CAT_UNKNOWN);
}
