#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "alert/rule.h"

static const uint32_t nodes[] = {1, 2}, wrong_nodes[] = {2, 1};

static struct alert_rule good(void) {
    return (struct alert_rule){.id = {"hot"},
                               .subject = ALERT_INDICATOR,
                               .indicator = IND_ENERGY_PER_GOOD,
                               .node = nodes,
                               .node_n = 2,
                               .minutes = 10,
                               .level = {{0.3, 0.25, ALERT_LOW}, {0.5, 0.4, ALERT_HIGH}},
                               .level_n = 2,
                               .least_coverage = 0.95};
}

static bool is_good(const struct alert_rule *r) {
    const char *why = NULL;
    bool ok = alert_rule_check(r, 3, &why);
    cr_expect_eq(ok, why == NULL);
    return ok;
}

#define WRONG(change)                                                                              \
    do {                                                                                           \
        struct alert_rule r = good();                                                              \
        change;                                                                                    \
        cr_expect(!is_good(&r), #change);                                                          \
    } while (0)

Test(rule, what_is_out_of_its_bounds_is_refused) {
    const struct alert_rule fine = good();
    char text[ALERT_TEXT_MAX + 2];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    cr_assert(is_good(&fine));
    WRONG(r.id.s[0] = 0);
    WRONG(r.subject = ALERT_SUBJECT_COUNT);
    WRONG(r.indicator = INDICATOR_COUNT);
    WRONG(r.subject = ALERT_QUANTITY; r.quantity = ALERT_QUANTITY_COUNT);
    WRONG(r.node = wrong_nodes);
    WRONG(r.window = ALERT_WINDOW_COUNT);
    WRONG(r.minutes = 0);
    WRONG(r.minutes = 61);
    WRONG(r.window = ALERT_DAY);
    WRONG(r.condition = ALERT_CONDITION_COUNT);
    WRONG(r.condition = ALERT_RATE);
    WRONG(r.condition = ALERT_RATE; r.span_min = 61);
    WRONG(r.condition = ALERT_BASELINE);
    WRONG(r.condition = ALERT_NO_DATA);
    WRONG(r.subject = ALERT_QUANTITY; r.condition = ALERT_NORM);
    WRONG(r.level_n = 0);
    WRONG(r.level_n = 5);
    WRONG(r.level[0].threshold = NAN);
    WRONG(r.level[0].clear = 0.31);
    WRONG(r.level[1].threshold = 0.3; r.level[1].clear = 0.3);
    WRONG(r.level[1].severity = ALERT_LOW);
    WRONG(r.below = true);
    WRONG(r.hold_ms = -1);
    WRONG(r.clear_hold_ms = ALERT_TIME_MAX + 1);
    WRONG(r.least_coverage = 1.01);
    WRONG(r.least_coverage = NAN);
    WRONG(r.flaps = 1);
    WRONG(r.flaps = 3);
    WRONG(r.escalate_ms = 60000; r.escalate_severity = ALERT_HIGH);
    WRONG(r.shift_n = 1);
    WRONG(r.recipient_n = ALERT_RECIPIENTS_MAX + 1);
    WRONG(r.action = text);
}

#define SAYS_ELSE(change)                                                                          \
    do {                                                                                           \
        struct alert_rule r = good();                                                              \
        change;                                                                                    \
        cr_expect_neq(alert_rule_said(&r), before, #change);                                       \
    } while (0)
#define SAYS_SAME(change)                                                                          \
    do {                                                                                           \
        struct alert_rule r = good();                                                              \
        change;                                                                                    \
        cr_expect_eq(alert_rule_said(&r), before, #change);                                        \
    } while (0)

Test(rule, its_hash_moves_with_its_meaning_alone) {
    static const struct ident early = {"early"};
    const struct alert_rule fine = good();
    const uint64_t before = alert_rule_said(&fine);
    SAYS_ELSE(r.indicator = IND_OEE);
    SAYS_ELSE(r.subject = ALERT_QUANTITY);
    SAYS_ELSE(r.minutes = 11);
    SAYS_ELSE(r.window = ALERT_DAY; r.minutes = 0);
    SAYS_ELSE(r.condition = ALERT_NORM);
    SAYS_ELSE(r.below = true);
    SAYS_ELSE(r.level[0].threshold = 0.31);
    SAYS_ELSE(r.level[1].clear = 0.41);
    SAYS_ELSE(r.level[1].severity = ALERT_CRITICAL);
    SAYS_ELSE(r.level_n = 1);
    SAYS_ELSE(r.hold_ms = 1);
    SAYS_ELSE(r.clear_hold_ms = 1);
    SAYS_ELSE(r.least_coverage = 0.9);
    SAYS_ELSE(r.flaps = 3; r.flap_ms = 1);
    SAYS_ELSE(r.in_shift = true);
    SAYS_ELSE(r.in_shift = true; r.shift = &early; r.shift_n = 1);
    SAYS_ELSE(r.quiets = true);
    SAYS_ELSE(r.escalate_ms = 1);
    SAYS_ELSE(r.repeat_ms = 1);
    SAYS_SAME(r.node_n = 1);
    SAYS_SAME(r.name = "Hot");
    SAYS_SAME(r.owner = "somebody");
    SAYS_SAME(r.action = "look");
    SAYS_SAME(r.recipient = &early; r.recipient_n = 1);
}

Test(rule, quantities_are_found_by_their_names) {
    for (unsigned q = 0; q < ALERT_QUANTITY_COUNT; q++) {
        const struct alert_quantity_row *row = alert_quantity_row((enum alert_quantity)q);
        cr_assert(row->id && row->unit && row->name && row->qty_n > 0 && row->per > 0);
        cr_expect_eq(alert_quantity_find(row->id), q);
    }
    cr_expect_eq(alert_quantity_find("powr"), ALERT_QUANTITY_COUNT);
    cr_expect_eq(alert_severity_find("high"), ALERT_HIGH);
    cr_expect_eq(alert_severity_find("loud"), ALERT_SEVERITY_COUNT);
}
