/* Norms over a span, as a ledger has them. */
#include <criterion/criterion.h>
#include <math.h>

#include "backtest/backtest.h"
#include "simkit/line_plant.h"

#define DAY INT64_C(86400000)

static const struct norm_grant grant = {"office", 0xff, 0xff, 0xff};

/* A norm of the press that the office has from elsewhere. */
static void import(struct ledger *l, const char *id, const char *product, const char *team,
                   double value, int64_t from_ms) {
    struct ledger_answer answer;
    struct norm n;
    norm_init(&n);
    n.scope.node = (struct ident){"press"};
    cr_assert(!product || ident_set(&n.scope.product, span_str(product)));
    cr_assert(!team || ident_set(&n.scope.team, span_str(team)));
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

enum { BOLT = 7, NUT, RED, BLUE }; /* words */

static uint32_t number_of(const void *user, const char *text) {
    const char *const word[] = {"bolt", "nut", "red", "blue"};
    (void)user;
    for (uint32_t i = 0; i < 4; i++)
        if (strcmp(word[i], text) == 0)
            return BOLT + i;
    return 0;
}

struct office {
    struct ledger_conf conf;
    struct ledger *ledger;
    struct plant *plant;
    struct backtest_norms *norms;
};

static void open_office(struct office *o) {
    *o = (struct office){.ledger = NULL};
    ledger_conf_init(&o->conf);
    o->conf.grant = &grant;
    o->conf.grant_n = 1;
    cr_assert_eq(line_plant_open(&o->plant), ERR_OK);
    cr_assert_eq(ledger_open(&o->conf, &o->ledger), ERR_OK);
    ledger_bind(o->ledger, o->plant);
}

static void open_norms(struct office *o) {
    static const uint32_t node[] = {1, SIM_FIRST_UNIT};
    static const struct alert_rule rule = {.id = {"r"},
                                           .subject = ALERT_INDICATOR,
                                           .indicator = IND_TIME_UTILIZATION,
                                           .condition = ALERT_NORM,
                                           .node = node,
                                           .node_n = 2};
    const struct alert_rules rules = {&rule, 1};
    const struct backtest_words words = {number_of, NULL};
    cr_assert_eq(
        backtest_norms_open(o->ledger, &words, &rules, SIM_DAY0, SIM_DAY0 + 5 * DAY, &o->norms),
        ERR_OK);
}

static void close_office(struct office *o) {
    backtest_norms_close(o->norms);
    ledger_close(o->ledger);
    plant_close(o->plant);
}

/* NAN: none is in force. */
static double norm_at(const struct office *o, struct alert_scope of, int64_t t_ms) {
    double value = 0;
    return backtest_norm(o->norms, &of, t_ms, &value) ? value : NAN;
}

static const struct alert_scope press = {.node = SIM_FIRST_UNIT, .indicator = IND_TIME_UTILIZATION};

Test(backtest_norms, are_in_force_from_their_begin_to_the_next_ones) {
    struct office o;
    open_office(&o);
    import(o.ledger, "one", NULL, NULL, 0.7, SIM_DAY0 + DAY);
    import(o.ledger, "two", NULL, NULL, 0.8, SIM_DAY0 + 3 * DAY);
    open_norms(&o);
    cr_expect(isnan(norm_at(&o, press, SIM_DAY0)));
    cr_expect(isnan(norm_at(&o, press, SIM_DAY0 + DAY - 1)));
    cr_expect_eq(norm_at(&o, press, SIM_DAY0 + DAY), 0.7);
    cr_expect_eq(norm_at(&o, press, SIM_DAY0 + 3 * DAY - 1), 0.7);
    cr_expect_eq(norm_at(&o, press, SIM_DAY0 + 4 * DAY), 0.8);
    cr_expect(
        isnan(norm_at(&o, (struct alert_scope){1, IND_TIME_UTILIZATION, 0, 0}, SIM_DAY0 + 4 * DAY)),
        "the line has none");
    cr_expect(isnan(
        norm_at(&o, (struct alert_scope){SIM_FIRST_UNIT, IND_OEE, 0, 0}, SIM_DAY0 + 4 * DAY)));
    close_office(&o);
}

Test(backtest_norms, of_a_product_and_of_a_team_come_before_those_of_all) {
    struct office o;
    open_office(&o);
    import(o.ledger, "all", NULL, NULL, 0.6, SIM_DAY0);
    import(o.ledger, "bolts", "bolt", NULL, 0.7, SIM_DAY0);
    import(o.ledger, "reds", NULL, "red", 0.8, SIM_DAY0);
    import(o.ledger, "bolts-of-reds", "bolt", "red", 0.9, SIM_DAY0 + 2 * DAY);
    open_norms(&o);
    struct alert_scope of = press;
    const int64_t t_ms = SIM_DAY0 + DAY;
    cr_expect_eq(norm_at(&o, of, t_ms), 0.6, "of nothing");
    of.product = BOLT;
    cr_expect_eq(norm_at(&o, of, t_ms), 0.7);
    of.team = BLUE;
    cr_expect_eq(norm_at(&o, of, t_ms), 0.7, "blue has no norm of its own");
    of.team = RED;
    cr_expect_eq(norm_at(&o, of, t_ms), 0.7, "a product comes before a team");
    cr_expect_eq(norm_at(&o, of, t_ms + DAY), 0.9);
    of.product = NUT;
    cr_expect_eq(norm_at(&o, of, t_ms), 0.8);
    of.team = 0;
    cr_expect_eq(norm_at(&o, of, t_ms), 0.6);
    close_office(&o);
}

Test(backtest_norms, words_are_those_that_norms_and_rules_name) {
    struct office o;
    open_office(&o);
    import(o.ledger, "bolts", "bolt", NULL, 0.7, SIM_DAY0);
    open_norms(&o);
    cr_expect(backtest_word_is(o.norms, BOLT, &(struct ident){"bolt"}));
    cr_expect_not(backtest_word_is(o.norms, BOLT, &(struct ident){"nut"}));
    cr_expect_not(backtest_word_is(o.norms, NUT, &(struct ident){"nut"}), "nobody named it");
    cr_expect_not(backtest_word_is(o.norms, 0, &(struct ident){"bolt"}));
    close_office(&o);
}
