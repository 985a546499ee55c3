/* Norms over a span, as a ledger has them. */
#include <criterion/criterion.h>

#include "backtest/backtest.h"
#include "simkit/line_plant.h"

#define DAY INT64_C(86400000)

static const struct norm_grant grant = {"office", 0xff, 0xff, 0xff};

/* A norm of the press that the office has from elsewhere. */
static void import(struct ledger *l, const char *id, double value, int64_t from_ms) {
    struct ledger_answer answer;
    struct norm n;
    norm_init(&n);
    n.scope.node = (struct ident){"press"};
    n.indicator = IND_TIME_UTILIZATION;
    n.value = value;
    n.from_ms = from_ms;
    n.basis.kind = BASIS_CALCULATED;
    n.state = NORM_APPROVED;
    n.approved_by = "board";
    n.ceiling_reason = "as it stood";
    n.proposed_by = "shop";
    n.document = "Order 12";
    struct ledger_command c = {.action = LEDGER_IMPORT,
                               .who = "office",
                               .why = "it stood so",
                               .norm = &n,
                               .at_ms = NORM_NO_TIME,
                               .due_ms = NORM_NO_TIME};
    cr_assert(ident_set(&c.id, span_str(id)));
    cr_assert_eq(ledger_apply(l, &c, SIM_DAY0, &answer), ERR_OK, "%s: %s", answer.refusal.field,
                 answer.refusal.why);
}

Test(backtest_norms, are_in_force_from_their_begin_to_the_next_ones) {
    static const uint32_t node[] = {1, SIM_FIRST_UNIT};
    static const struct alert_rule rule = {.id = {"r"},
                                           .subject = ALERT_INDICATOR,
                                           .indicator = IND_TIME_UTILIZATION,
                                           .condition = ALERT_NORM,
                                           .node = node,
                                           .node_n = 2};
    const struct alert_rules rules = {&rule, 1};
    struct ledger_conf conf;
    struct ledger *l = NULL;
    struct plant *p = NULL;
    struct backtest_norms *x = NULL;
    int64_t until_ms = 0;
    double value = 0;
    ledger_conf_init(&conf);
    conf.grant = &grant;
    conf.grant_n = 1;
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    cr_assert_eq(ledger_open(&conf, &l), ERR_OK);
    ledger_bind(l, p);
    import(l, "one", 0.7, SIM_DAY0 + DAY);
    import(l, "two", 0.8, SIM_DAY0 + 3 * DAY);
    cr_assert_eq(backtest_norms_open(l, &rules, SIM_DAY0, SIM_DAY0 + 5 * DAY, &x), ERR_OK);
    cr_expect_not(
        backtest_norm(x, SIM_FIRST_UNIT, IND_TIME_UTILIZATION, SIM_DAY0, &value, &until_ms));
    cr_expect_eq(until_ms, SIM_DAY0 + DAY);
    cr_expect(
        backtest_norm(x, SIM_FIRST_UNIT, IND_TIME_UTILIZATION, SIM_DAY0 + DAY, &value, &until_ms));
    cr_expect_eq(value, 0.7);
    cr_expect_eq(until_ms, SIM_DAY0 + 3 * DAY);
    cr_expect(backtest_norm(x, SIM_FIRST_UNIT, IND_TIME_UTILIZATION, SIM_DAY0 + 4 * DAY, &value,
                            &until_ms));
    cr_expect_eq(value, 0.8);
    cr_expect_eq(until_ms, INT64_MAX);
    cr_expect_not(backtest_norm(x, 1, IND_TIME_UTILIZATION, SIM_DAY0 + 4 * DAY, &value, &until_ms),
                  "the line has none");
    cr_expect_not(backtest_norm(x, SIM_FIRST_UNIT, IND_OEE, SIM_DAY0 + 4 * DAY, &value, &until_ms));
    backtest_norms_close(x);
    ledger_close(l);
    plant_close(p);
}
