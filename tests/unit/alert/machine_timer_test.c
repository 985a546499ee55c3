/* Holds, guards and what happens when nobody cares, all in event time. */
#include <criterion/criterion.h>
#include <string.h>

#include "machine_rig.h"

static struct machine_rig rig;

static void setup(void) {
    machine_rig_init(&rig);
}

TestSuite(machine_timer, .init = setup);

/* Beyond at the ends of minutes 1, 2, 3: at 3 it has been so for two minutes. */
Test(machine_timer, a_hold_counts_from_the_first_observation_beyond) {
    rig.rule.hold_ms = 2 * MINUTE;
    cr_expect_eq(machine_rig_feed(&rig, "bb"), 0);
    cr_expect_eq(machine_state(&rig.m), ALERT_PENDING);
    cr_expect(!machine_is_idle(&rig.m));
    cr_expect_eq(machine_rig_feed(&rig, "b"), 1);
    cr_expect_eq(rig.m.active_ms, 3 * MINUTE);
    cr_expect_eq(machine_state(&rig.m), ALERT_ACTIVE);
}

Test(machine_timer, what_is_beyond_for_less_than_the_hold_was_nothing) {
    rig.rule.hold_ms = 2 * MINUTE;
    cr_expect_eq(machine_rig_feed(&rig, "bbmbbcbbm"), 0);
    cr_expect_eq(machine_state(&rig.m), ALERT_NORMAL);
}

Test(machine_timer, each_level_has_a_hold_of_its_own) {
    rig.rule.hold_ms = 2 * MINUTE;
    cr_expect_eq(machine_rig_feed(&rig, "bbB"), 1);
    cr_expect_eq(rig.last.level, 1);
    cr_expect_eq(machine_rig_feed(&rig, "B"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "B"), 1);
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_ACTIVE, ALERT_WHY_RAISED);
    cr_expect_eq(rig.last.level, 2);
}

Test(machine_timer, it_ends_when_it_was_clear_for_the_clear_hold) {
    rig.rule.clear_hold_ms = 2 * MINUTE;
    machine_rig_feed(&rig, "b");
    cr_expect_eq(machine_rig_feed(&rig, "ccmcc"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "c"), 1);
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_RETURNED, ALERT_WHY_CLEARED);
}

/* Beyond at 1 and 2, nothing is known of 3 and 4, beyond at 5 and 6: minutes 2, 5 and 6 are the
 * three of the hold. */
Test(machine_timer, what_nothing_is_known_of_does_not_count_in_a_hold) {
    rig.rule.hold_ms = 3 * MINUTE;
    cr_expect_eq(machine_rig_feed(&rig, "bbuub"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "b"), 1);
    cr_expect_eq(rig.m.active_ms, 6 * MINUTE);
}

Test(machine_timer, longer_than_the_hold_without_data_begins_it_anew) {
    rig.rule.hold_ms = 3 * MINUTE;
    cr_expect_eq(machine_rig_feed(&rig, "bbbuuuubbb"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "b"), 1);
}

Test(machine_timer, without_data_a_clear_hold_waits_too) {
    rig.rule.clear_hold_ms = 2 * MINUTE;
    machine_rig_feed(&rig, "b");
    cr_expect_eq(machine_rig_feed(&rig, "ccuc"), 1); /* clear at 2, 3 and 5: two minutes known */
    machine_rig_feed(&rig, "b");
    cr_expect_eq(machine_rig_feed(&rig, "cuuucc"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "c"), 1);
}

Test(machine_timer, minutes_that_were_left_out_begin_a_hold_anew) {
    rig.rule.hold_ms = 2 * MINUTE;
    machine_rig_feed(&rig, "bb");
    machine_skip(&rig.m);
    cr_expect_eq(machine_rig_feed(&rig, "bb"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "b"), 1);
}

/* --- nobody cares ------------------------------------------------------------------------------
 */

Test(machine_timer, unacknowledged_it_escalates_once) {
    rig.rule.escalate_ms = 3 * MINUTE;
    rig.rule.escalate_severity = ALERT_CRITICAL;
    machine_rig_feed(&rig, "b"); /* since 1 */
    cr_expect_eq(machine_rig_feed(&rig, "bb"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "b"), 1); /* 4 */
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_ACTIVE, ALERT_WHY_ESCALATED);
    cr_expect_eq(rig.last.severity, ALERT_CRITICAL);
    cr_expect_eq(machine_rig_feed(&rig, "bbbbbb"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "B"), 1); /* a higher level does not bring it down */
    cr_expect_eq(rig.last.severity, ALERT_CRITICAL);
}

Test(machine_timer, acknowledged_it_does_not_escalate_and_later_levels_count_anew) {
    rig.rule.escalate_ms = 3 * MINUTE;
    rig.rule.escalate_severity = ALERT_CRITICAL;
    machine_rig_feed(&rig, "bbbb");
    machine_rig_do(&rig, ALERT_ACK);
    cr_expect_eq(machine_rig_feed(&rig, "bbbbbb"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "B"), 1);
    cr_expect_eq(rig.last.severity, ALERT_HIGH);
    cr_expect_eq(machine_rig_feed(&rig, "BBB"), 1);
    cr_expect_eq(rig.last.severity, ALERT_CRITICAL);
}

Test(machine_timer, unacknowledged_it_is_told_again_and_again) {
    rig.rule.repeat_ms = 2 * MINUTE;
    machine_rig_feed(&rig, "b");
    cr_expect_eq(machine_rig_feed(&rig, "bubbb"), 2); /* at 3 and 5, data or not */
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_ACTIVE, ALERT_WHY_REPEATED);
    machine_rig_do(&rig, ALERT_ACK);
    cr_expect_eq(machine_rig_feed(&rig, "bbbbbb"), 0);
}

/* Active at 1, told anew at 3, returned at 4, which is told: reminded of at 6 and 8, data or not.
 */
Test(machine_timer, returned_and_unacknowledged_it_is_told_again_and_again) {
    rig.rule.repeat_ms = 2 * MINUTE;
    cr_expect_eq(machine_rig_feed(&rig, "bbbc"), 3);
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_RETURNED, ALERT_WHY_CLEARED);
    cr_expect_eq(machine_rig_feed(&rig, "c"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "c"), 1);
    machine_rig_expect(&rig, ALERT_RETURNED, ALERT_RETURNED, ALERT_WHY_REPEATED);
    cr_expect_eq(rig.last.level, 0);
    cr_expect_eq(rig.last.severity, ALERT_MEDIUM);
    cr_expect_eq(machine_rig_feed(&rig, "uc"), 1);
    machine_rig_do(&rig, ALERT_ACK);
    machine_rig_expect(&rig, ALERT_RETURNED, ALERT_NORMAL, ALERT_WHY_ACKED);
    cr_expect_eq(machine_rig_feed(&rig, "cccccc"), 0);
}

/* Returned at 2, it is reminded of at 5: what evaluates only minutes that matter needs that one. */
Test(machine_timer, returned_it_rests_until_it_is_told_again) {
    rig.rule.repeat_ms = 3 * MINUTE;
    machine_rig_feed(&rig, "bc");
    cr_expect(machine_is_resting(&rig.m, &rig.rule, 4 * MINUTE));
    cr_expect(!machine_is_resting(&rig.m, &rig.rule, 5 * MINUTE));
    rig.rule.repeat_ms = 0;
    cr_expect(machine_is_resting(&rig.m, &rig.rule, 5 * MINUTE));
}

/* Out of its schedule (its end is what it returns by) and under an alert above it is silent; what
 * was due meanwhile is told once, in the next minute that may. */
Test(machine_timer, nobody_is_reminded_out_of_schedule_or_under_an_alert_above) {
    rig.rule.repeat_ms = 2 * MINUTE;
    cr_expect_eq(machine_rig_feed(&rig, "bo"), 2);
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_RETURNED, ALERT_WHY_SCHEDULE);
    cr_expect_eq(machine_rig_feed(&rig, "oooookk"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "c"), 1);
    machine_rig_expect(&rig, ALERT_RETURNED, ALERT_RETURNED, ALERT_WHY_REPEATED);
    cr_expect_eq(machine_rig_feed(&rig, "c"), 0);
}

/* What has returned needs nobody at the machine: it does not escalate. Raised anew it does. */
Test(machine_timer, what_has_returned_is_repeated_and_does_not_escalate) {
    rig.rule.repeat_ms = 2 * MINUTE;
    rig.rule.escalate_ms = 3 * MINUTE;
    rig.rule.escalate_severity = ALERT_CRITICAL;
    machine_rig_feed(&rig, "bc");
    cr_expect_eq(machine_rig_feed(&rig, "cccccc"), 3);
    machine_rig_expect(&rig, ALERT_RETURNED, ALERT_RETURNED, ALERT_WHY_REPEATED);
    cr_expect_eq(machine_rig_feed(&rig, "b"), 1);
    machine_rig_expect(&rig, ALERT_RETURNED, ALERT_ACTIVE, ALERT_WHY_REACHED);
    cr_expect_eq(machine_rig_feed(&rig, "bbb"), 2);
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_ACTIVE, ALERT_WHY_ESCALATED);
}

Test(machine_timer, an_escalation_is_told_instead_of_a_repetition) {
    rig.rule.repeat_ms = 2 * MINUTE;
    rig.rule.escalate_ms = 2 * MINUTE;
    rig.rule.escalate_severity = ALERT_CRITICAL;
    machine_rig_feed(&rig, "b");
    cr_expect_eq(machine_rig_feed(&rig, "bb"), 1);
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_ACTIVE, ALERT_WHY_ESCALATED);
    cr_expect_eq(machine_rig_feed(&rig, "bb"), 1);
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_ACTIVE, ALERT_WHY_REPEATED);
}

/* --- the flap guard ----------------------------------------------------------------------------
 */

/* Three activations (1, 3, 5) within ten minutes: the third stays until three minutes were clear.
 */
Test(machine_timer, what_flaps_stays_until_it_was_quiet) {
    rig.rule.flaps = 3;
    rig.rule.flap_ms = 10 * MINUTE;
    rig.rule.flap_quiet_ms = 3 * MINUTE;
    cr_expect_eq(machine_rig_feed(&rig, "bcbcb"), 5);
    cr_expect(rig.m.flapping);
    cr_expect_eq(machine_rig_feed(&rig, "cbcbcbccc"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "c"), 1);
    machine_rig_expect(&rig, ALERT_ACTIVE, ALERT_RETURNED, ALERT_WHY_CLEARED);
    cr_expect(!rig.m.flapping);
}

/* On the shelf it still follows the process by the guard's quiet time. */
Test(machine_timer, what_flaps_is_shelved_and_comes_back_flapping) {
    rig.rule.flaps = 2;
    rig.rule.flap_ms = 10 * MINUTE;
    rig.rule.flap_quiet_ms = 30 * MINUTE;
    machine_rig_feed(&rig, "bcb");
    machine_rig_do(&rig, ALERT_SHELVE);
    cr_expect(rig.m.flapping);
    cr_expect_eq(machine_rig_feed(&rig, "ccccc"), 1);
    machine_rig_expect(&rig, ALERT_SHELVED, ALERT_ACTIVE, ALERT_WHY_EXPIRED);
    cr_expect(rig.m.flapping);
    cr_expect_eq(machine_rig_feed(&rig, "B"), 1); /* still one that flaps, a level higher */
    cr_expect(rig.m.flapping);
}

Test(machine_timer, activations_that_are_apart_are_no_flapping) {
    rig.rule.flaps = 3;
    rig.rule.flap_ms = 4 * MINUTE;
    rig.rule.flap_quiet_ms = 60 * MINUTE;
    cr_expect_eq(machine_rig_feed(&rig, "bcbcccbcbc"), 8); /* at 1, 3, 7, 9 */
    cr_expect(!rig.m.flapping);
}

Test(machine_timer, a_guard_as_long_as_its_memory_forgets_the_oldest) {
    rig.rule.flaps = ALERT_FLAPS_MAX;
    rig.rule.flap_ms = 600 * MINUTE;
    for (unsigned i = 0; i < ALERT_FLAPS_MAX - 1; i++)
        machine_rig_feed(&rig, "bc");
    cr_expect(!rig.m.flapping);
    machine_rig_feed(&rig, "b");
    cr_expect(rig.m.flapping);
    machine_rig_feed(&rig, "cb"); /* the quiet time is 0, so it ends and comes again */
    cr_expect_eq(rig.m.flap_n, ALERT_FLAPS_MAX);
    cr_expect_eq(rig.m.flap_ms[ALERT_FLAPS_MAX - 1], 25 * MINUTE);
    cr_expect_eq(rig.m.flap_ms[0], 3 * MINUTE);
}

Test(machine_timer, a_longer_clear_hold_outlasts_the_guard) {
    rig.rule.flaps = 2;
    rig.rule.flap_ms = 100 * MINUTE;
    rig.rule.flap_quiet_ms = MINUTE;
    rig.rule.clear_hold_ms = 3 * MINUTE;
    cr_expect_eq(machine_rig_feed(&rig, "bccccb"), 3);
    cr_expect(rig.m.flapping);
    cr_expect_eq(machine_rig_feed(&rig, "ccc"), 0);
    cr_expect_eq(machine_rig_feed(&rig, "c"), 1);
}

/* --- bytes -------------------------------------------------------------------------------------
 */

static void expect_same(const struct machine *a, const struct machine *b) {
    struct buf x, y;
    buf_init(&x);
    buf_init(&y);
    cr_assert_eq(machine_pack(a, &x), ERR_OK);
    cr_assert_eq(machine_pack(b, &y), ERR_OK);
    cr_expect(span_equal(buf_span(&x), buf_span(&y)));
    buf_fini(&x);
    buf_fini(&y);
}

Test(machine_timer, packed_and_unpacked_it_is_the_same) {
    struct machine got;
    struct buf v;
    buf_init(&v);
    rig.rule.hold_ms = 2 * MINUTE;
    rig.rule.flaps = 2;
    rig.rule.flap_ms = 100 * MINUTE;
    machine_rig_feed(&rig, "bbbcbbbB");
    cr_assert_eq(machine_pack(&rig.m, &v), ERR_OK);
    struct cursor c = cursor_of(buf_span(&v));
    cr_assert_eq(machine_unpack(&c, &got), ERR_OK);
    cr_expect_eq(cursor_left(&c), 0);
    expect_same(&got, &rig.m);
    for (size_t n = 0; n < v.n; n++) {
        c = cursor_of(span_of(v.p, n));
        cr_expect_eq(machine_unpack(&c, &got), ERR_TRUNCATED, "at %zu", n);
    }
    expect_same(&got, &rig.m);
    buf_fini(&v);
}

Test(machine_timer, states_that_there_are_not_are_refused) {
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {{0, ALERT_PENDING},
                 {0, ALERT_STATE_COUNT},
                 {1, 16},
                 {2, ALERT_LEVELS_MAX + 1},
                 {3, ALERT_SEVERITY_COUNT},
                 {4, 4},
                 {5, ALERT_FLAPS_MAX + 1},
                 {6, 2}};
    struct machine got;
    struct buf v;
    buf_init(&v);
    cr_assert_eq(machine_pack(&rig.m, &v), ERR_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const uint8_t before = v.p[wrong[i].at];
        v.p[wrong[i].at] = wrong[i].value;
        struct cursor c = cursor_of(buf_span(&v));
        cr_expect_eq(machine_unpack(&c, &got), ERR_FORMAT, "case %zu", i);
        v.p[wrong[i].at] = before;
    }
    buf_fini(&v);
}
