/* The states of ISA-18.2 and what leads from one to another. */
#include <criterion/criterion.h>

#include "machine_rig.h"

static struct machine_rig rig;

static void setup(void) {
    machine_rig_init(&rig);
}

TestSuite(machine, .init = setup);

Test(machine, what_is_beyond_at_once_becomes_active) {
    cr_expect_eq(machine_rig_feed(&rig, "ccb"), 1);
    machine_rig_expect(&rig, ALERT_NORMAL, ALERT_ACTIVE, ALERT_WHY_REACHED);
    cr_expect_eq(rig.last.severity, ALERT_MEDIUM);
    cr_expect_eq(rig.last.level, 1);
    cr_expect(rig.last.activated);
    cr_expect_eq(rig.m.active_ms, 3 * MINUTE);
    cr_expect(machine_is_active(&rig.m));
}

Test(machine, unacknowledged_it_returns_and_acknowledging_that_ends_it) {
    cr_expect_eq(machine_rig_feed(&rig, "bc"), 2);
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_RETURNED, ALERT_WHY_CLEARED);
    cr_expect_eq(rig.last.severity, ALERT_MEDIUM);
    cr_expect_eq(machine_rig_feed(&rig, "c"), 0);
    cr_expect_eq(machine_rig_do(&rig, ALERT_ACK), ERR_OK);
    machine_rig_expect(&rig, ALERT_RETURNED, ALERT_NORMAL, ALERT_WHY_ACKED);
    cr_expect(machine_is_idle(&rig.m));
}

Test(machine, acknowledged_it_returns_to_normal) {
    machine_rig_feed(&rig, "b");
    cr_expect_eq(machine_rig_do(&rig, ALERT_ACK), ERR_OK);
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_ACKED, ALERT_WHY_ACKED);
    cr_expect(machine_is_active(&rig.m));
    cr_expect_eq(machine_rig_feed(&rig, "bbc"), 1);
    machine_rig_expect(&rig, ALERT_ACKED, ALERT_NORMAL, ALERT_WHY_CLEARED);
}

Test(machine, what_returned_becomes_active_again) {
    machine_rig_feed(&rig, "bc");
    cr_expect(!machine_is_active(&rig.m));
    cr_expect(!machine_is_idle(&rig.m));
    /* Minutes within the level pass it by. */
    cr_expect(machine_is_resting(&rig.m, &rig.rule, 10 * MINUTE));
    machine_rig_feed(&rig, "b");
    cr_expect(!machine_is_resting(&rig.m, &rig.rule, 10 * MINUTE));
    machine_rig_expect(&rig, ALERT_RETURNED, ALERT_ACTIVE, ALERT_WHY_REACHED);
    cr_expect(rig.last.activated);
}

Test(machine, nothing_is_acknowledged_where_there_is_nothing) {
    cr_expect_eq(machine_rig_do(&rig, ALERT_ACK), ERR_STATE);
    machine_rig_feed(&rig, "b");
    machine_rig_do(&rig, ALERT_ACK);
    cr_expect_eq(machine_rig_do(&rig, ALERT_ACK), ERR_STATE);
    cr_expect_eq(rig.m.state, ALERT_ACKED);
}

Test(machine, a_higher_level_is_to_be_acknowledged_anew) {
    machine_rig_feed(&rig, "b");
    machine_rig_do(&rig, ALERT_ACK);
    cr_expect_eq(machine_rig_feed(&rig, "B"), 1);
    machine_rig_expect(&rig, ALERT_ACKED, ALERT_ACTIVE, ALERT_WHY_RAISED);
    cr_expect_eq(rig.last.severity, ALERT_HIGH);
    cr_expect_eq(rig.last.level, 2);
    cr_expect(!rig.last.activated); /* it was active before */
    cr_expect_eq(rig.m.since_ms, 2 * MINUTE);
}

Test(machine, a_level_that_is_left_lowers_the_severity_and_stays_acknowledged) {
    machine_rig_feed(&rig, "B");
    machine_rig_do(&rig, ALERT_ACK);
    cr_expect_eq(machine_rig_feed(&rig, "l"), 1);
    machine_rig_expect(&rig, ALERT_ACKED, ALERT_ACKED, ALERT_WHY_LOWERED);
    cr_expect_eq(rig.last.severity, ALERT_MEDIUM);
    cr_expect_eq(rig.last.level, 1);
}

Test(machine, out_of_its_schedule_what_stood_has_ended) {
    machine_rig_feed(&rig, "bo");
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_RETURNED, ALERT_WHY_SCHEDULE);
    cr_expect_eq(machine_rig_feed(&rig, "ooo"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "b"), 1);
}

Test(machine, no_data_neither_raises_nor_ends) {
    cr_expect_eq(machine_rig_feed(&rig, "uuub"), 1);
    cr_expect_eq(machine_rig_feed(&rig, "uuuuuuuuuu"), 0);
    cr_expect_eq(rig.m.state, ALERT_ACTIVE);
}

Test(machine, between_threshold_and_clear_level_nothing_changes) {
    cr_expect_eq(machine_rig_feed(&rig, "mmm"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "b"), 1);
    cr_expect_eq(machine_rig_feed(&rig, "mmm"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "c"), 1);
}

/* --- hidden ------------------------------------------------------------------------------------
 */

Test(machine, a_shelf_hides_until_it_expires) {
    machine_rig_feed(&rig, "b");
    cr_expect_eq(machine_rig_do(&rig, ALERT_SHELVE), ERR_OK); /* for five minutes */
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_SHELVED, ALERT_WHY_SHELVED);
    cr_expect_eq(machine_rig_feed(&rig, "bcbc"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "b"), 1); /* the fifth */
    machine_rig_expect(&rig, ALERT_SHELVED, ALERT_ACTIVE, ALERT_WHY_EXPIRED);
    cr_expect(rig.last.activated);
}

/* It was never active: its events say how grave it would be, not "info". */
Test(machine, what_is_quiet_from_the_first_has_the_severity_of_its_level) {
    machine_rig_feed(&rig, "q");
    machine_rig_expect(&rig, ALERT_NORMAL, ALERT_SUPPRESSED, ALERT_WHY_SUPPRESSED);
    cr_expect_eq(rig.last.severity, ALERT_MEDIUM);
}

Test(machine, a_shelf_that_expires_over_what_is_clear_leaves_nothing) {
    machine_rig_feed(&rig, "b");
    machine_rig_do(&rig, ALERT_SHELVE);
    cr_expect_eq(machine_rig_feed(&rig, "ccccc"), 1);
    machine_rig_expect(&rig, ALERT_SHELVED, ALERT_NORMAL, ALERT_WHY_EXPIRED);
}

Test(machine, a_shelf_is_prolonged_or_taken_away) {
    machine_rig_do(&rig, ALERT_SHELVE);
    machine_rig_feed(&rig, "bbb");
    cr_expect_eq(machine_rig_do(&rig, ALERT_SHELVE), ERR_OK);
    machine_rig_expect(&rig, ALERT_SHELVED, ALERT_SHELVED, ALERT_WHY_SHELVED);
    cr_expect_eq(rig.m.until_ms, 8 * MINUTE);
    cr_expect_eq(rig.m.since_ms, 0);
    cr_expect_eq(machine_rig_do(&rig, ALERT_UNSHELVE), ERR_OK);
    machine_rig_expect(&rig, ALERT_SHELVED, ALERT_ACTIVE, ALERT_WHY_UNSHELVED);
    cr_expect_eq(machine_rig_do(&rig, ALERT_UNSHELVE), ERR_STATE);
}

Test(machine, a_shelf_ends_later_than_now_and_within_a_week) {
    struct machine_change c;
    const char *why = NULL;
    machine_rig_feed(&rig, "c");
    const struct machine before = rig.m;
    cr_expect_eq(machine_command(&rig.m, &rig.rule, ALERT_SHELVE, MINUTE, MINUTE, false, &c, &why),
                 ERR_RANGE);
    cr_expect_eq(machine_command(&rig.m, &rig.rule, ALERT_SHELVE, MINUTE,
                                 MINUTE + ALERT_SHELF_MAX + 1, false, &c, &why),
                 ERR_RANGE);
    cr_expect_eq(rig.m.state, before.state);
    cr_expect_eq(machine_command(&rig.m, &rig.rule, ALERT_SHELVE, MINUTE, MINUTE + ALERT_SHELF_MAX,
                                 false, &c, &why),
                 ERR_OK);
}

Test(machine, out_of_service_it_says_nothing_until_it_is_back) {
    machine_rig_feed(&rig, "b");
    cr_expect_eq(machine_rig_do(&rig, ALERT_DISABLE), ERR_OK);
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_OUT_OF_SERVICE, ALERT_WHY_DISABLED);
    cr_expect_eq(machine_rig_do(&rig, ALERT_DISABLE), ERR_STATE);
    cr_expect_eq(machine_rig_do(&rig, ALERT_SHELVE), ERR_STATE);
    cr_expect_eq(machine_rig_do(&rig, ALERT_UNSHELVE), ERR_STATE);
    cr_expect_eq(machine_rig_do(&rig, ALERT_ACK), ERR_STATE);
    cr_expect_eq(machine_rig_feed(&rig, "bcBcccccB"), 0);
    cr_expect_eq(machine_rig_do(&rig, ALERT_ENABLE), ERR_OK);
    machine_rig_expect(&rig, ALERT_OUT_OF_SERVICE, ALERT_ACTIVE, ALERT_WHY_ENABLED);
    cr_expect_eq(rig.last.level, 2);
    cr_expect_eq(machine_rig_do(&rig, ALERT_ENABLE), ERR_STATE);
}

Test(machine, back_in_service_over_what_is_clear_is_normal) {
    machine_rig_do(&rig, ALERT_DISABLE);
    machine_rig_do(&rig, ALERT_ENABLE);
    machine_rig_expect(&rig, ALERT_OUT_OF_SERVICE, ALERT_NORMAL, ALERT_WHY_ENABLED);
}

Test(machine, an_unknown_command_is_refused) {
    cr_expect_eq(machine_rig_do(&rig, ALERT_ACTS), ERR_STATE);
}

Test(machine, an_alert_above_suppresses_what_is_or_becomes_active) {
    cr_expect_eq(machine_rig_feed(&rig, "q"), 1);
    machine_rig_expect(&rig, ALERT_NORMAL, ALERT_SUPPRESSED, ALERT_WHY_SUPPRESSED);
    cr_expect(!rig.last.activated);
    cr_expect_eq(machine_rig_feed(&rig, "qq"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "b"), 1);
    machine_rig_expect(&rig, ALERT_SUPPRESSED, ALERT_ACTIVE, ALERT_WHY_RELEASED);
    cr_expect_eq(machine_rig_feed(&rig, "q"), 1);
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_SUPPRESSED, ALERT_WHY_SUPPRESSED);
    cr_expect_eq(machine_rig_feed(&rig, "k"), 1);
    machine_rig_expect(&rig, ALERT_SUPPRESSED, ALERT_NORMAL, ALERT_WHY_CLEARED);
    cr_expect_eq(machine_rig_feed(&rig, "k"), 0);
}

Test(machine, what_is_suppressed_ends_with_its_schedule) {
    machine_rig_feed(&rig, "qo");
    machine_rig_expect(&rig, ALERT_SUPPRESSED, ALERT_NORMAL, ALERT_WHY_SCHEDULE);
}

Test(machine, what_comes_from_a_shelf_under_a_quieting_alert_is_suppressed) {
    struct machine_change c;
    const char *why = NULL;
    machine_rig_feed(&rig, "b");
    machine_rig_do(&rig, ALERT_SHELVE);
    cr_expect_eq(machine_command(&rig.m, &rig.rule, ALERT_UNSHELVE, 2 * MINUTE, 0, true, &c, &why),
                 ERR_OK);
    cr_expect_eq(c.to, ALERT_SUPPRESSED);
}

/* --- the rule is another one -------------------------------------------------------------------
 */

Test(machine, the_end_of_a_rule_ends_what_stood) {
    struct machine_change c;
    cr_expect(!machine_end(&rig.m, 0, ALERT_WHY_GONE, false, &c));
    machine_rig_feed(&rig, "b");
    cr_expect(machine_end(&rig.m, 5 * MINUTE, ALERT_WHY_GONE, false, &c));
    cr_expect_eq(c.from, ALERT_ACTIVE);
    cr_expect_eq(c.to, ALERT_NORMAL);
    cr_expect_eq(c.why, ALERT_WHY_GONE);
    cr_expect(machine_is_idle(&rig.m));
}

Test(machine, a_changed_rule_stays_shelved_or_out_of_service_but_not_suppressed) {
    struct machine_change c;
    machine_rig_do(&rig, ALERT_SHELVE);
    cr_expect(!machine_end(&rig.m, 0, ALERT_WHY_CHANGED, true, &c));
    cr_expect_eq(rig.m.state, ALERT_SHELVED);
    machine_rig_do(&rig, ALERT_DISABLE);
    cr_expect(!machine_end(&rig.m, 0, ALERT_WHY_CHANGED, true, &c));
    cr_expect_eq(rig.m.state, ALERT_OUT_OF_SERVICE);
    cr_expect(machine_end(&rig.m, 0, ALERT_WHY_GONE, false, &c));
    machine_rig_feed(&rig, "q");
    cr_expect(machine_end(&rig.m, 0, ALERT_WHY_CHANGED, true, &c));
}
