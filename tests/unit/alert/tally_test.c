#include <criterion/criterion.h>
#include <stdio.h>

#include "alert/tally.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static struct tally t;

static void setup(void) {
    cr_assert_eq(tally_init(&t, 0, 4 * HOUR), ERR_OK);
}

static void teardown(void) {
    tally_fini(&t);
}

TestSuite(tally, .init = setup, .fini = teardown);

static void add(const char *rule, int64_t at_ms, enum alert_state from, enum alert_state to,
                enum alert_why why) {
    struct alert_event e = {.at_ms = at_ms,
                            .node = {"press"},
                            .from = (uint8_t)from,
                            .to = (uint8_t)to,
                            .why = (uint8_t)why,
                            .severity = ALERT_HIGH};
    (void)snprintf(e.rule.s, sizeof e.rule.s, "%s", rule);
    cr_assert_eq(tally_add(&t, &e), ERR_OK);
}

static void activation(const char *rule, int64_t at_ms) {
    add(rule, at_ms, ALERT_NORMAL, ALERT_ACTIVE, ALERT_WHY_REACHED);
}

/* Three of a and one of b in four hours: one an hour; two in the second hour. */
Test(tally, activations_are_counted_by_alert_and_hour) {
    activation("b", 10 * MINUTE);
    activation("a", 70 * MINUTE);
    activation("a", 100 * MINUTE);
    activation("a", 3 * HOUR);
    add("a", 3 * HOUR, ALERT_ACTIVE, ALERT_ACTIVE, ALERT_WHY_REPEATED);
    add("a", 3 * HOUR, ALERT_ACTIVE, ALERT_ACKED, ALERT_WHY_ACKED);
    add("a", 3 * HOUR, ALERT_ACKED, ALERT_ACTIVE, ALERT_WHY_RAISED);
    activation("c", 4 * HOUR); /* behind the span */
    activation("c", -1);
    tally_finish(&t);
    cr_expect_eq(t.activations, 4);
    cr_expect_eq(t.by_severity[ALERT_HIGH], 4);
    cr_expect_eq(t.busiest, 2);
    cr_expect_eq(t.acked, 1);
    cr_expect_float_eq(tally_rate_per_h(&t), 1, 1e-12);
    cr_assert_eq(t.alert_n, 2);
    cr_expect_str_eq(t.alert[0].rule.s, "a");
    cr_expect_eq(t.alert[0].activations, 3);
    cr_expect_eq(t.alert[0].told, 4);
    cr_expect(!t.alert[0].chatters);
}

Test(tally, three_within_a_quarter_of_an_hour_chatter) {
    activation("a", 0);
    activation("a", 7 * MINUTE);
    activation("b", 0);
    activation("b", 7 * MINUTE);
    activation("a", 14 * MINUTE);
    activation("b", 15 * MINUTE);
    cr_expect(t.alert[0].chatters);
    cr_expect(!t.alert[1].chatters);
}

Test(tally, a_span_lasts_and_is_not_too_long) {
    struct tally none;
    cr_expect_eq(tally_init(&none, 5, 5), ERR_RANGE);
    cr_expect_eq(tally_init(&none, 0, 401 * 24 * HOUR), ERR_RANGE);
}

/* 10,000 alerts, each twice, in two turns: all are told apart. */
Test(tally, many_alerts_are_told_apart) {
    char rule[16];
    for (unsigned i = 0; i < 20000; i++) {
        (void)snprintf(rule, sizeof rule, "r%u", i % 10000);
        activation(rule, (int64_t)i * 500);
    }
    tally_finish(&t);
    cr_assert_eq(t.alert_n, 10000);
    cr_expect_eq(t.overflow, 0);
    for (size_t i = 0; i < t.alert_n; i++)
        cr_assert_eq(t.alert[i].activations, 2);
}
