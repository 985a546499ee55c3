/* Alerts on norms and products through the whole core, when what was made, or what was the norm, is
 * told afterwards. */
#include <criterion/criterion.h>
#include <math.h>

#include "core_rig.h"

static const uint32_t press[] = {SIM_FIRST_UNIT};
static struct alert_rule rule[] = {{.id = {"norm"},
                                    .subject = ALERT_INDICATOR,
                                    .indicator = IND_TIME_UTILIZATION,
                                    .condition = ALERT_NORM,
                                    .node = press,
                                    .node_n = 1,
                                    .minutes = 30,
                                    .below = true,
                                    .level = {{1, 1, ALERT_LOW}},
                                    .level_n = 1},
                                   {.id = {"nuts"},
                                    .subject = ALERT_QUANTITY,
                                    .quantity = ALERT_Q_DELAY,
                                    .product = {"nut"},
                                    .node = press,
                                    .node_n = 1,
                                    .minutes = 30,
                                    .level = {{5, 5, ALERT_LOW}},
                                    .level_n = 1}};
static const struct alert_rules rules = {rule, 2};
static const struct norm_grant grant = {"office", 0xff, 0xff, 0xff};

static void import(struct bench *b, const char *id, const char *product, double value) {
    struct ledger_answer answer;
    struct norm n;
    norm_init(&n);
    cr_assert(!product || ident_set(&n.scope.product, span_str(product)));
    n.indicator = IND_TIME_UTILIZATION;
    n.value = value;
    n.from_ms = T0 - UTC_DAY_MS;
    n.basis.kind = BASIS_CALCULATED;
    n.state = NORM_APPROVED;
    n.approved_by = "board";
    n.ceiling_reason = "as it stood";
    n.proposed_by = "shop";
    n.document = "Order 12";
    struct ledger_command c = {.action = LEDGER_IMPORT,
                               .key = span_str(id),
                               .who = "office",
                               .why = "it stood so",
                               .norm = &n,
                               .at_ms = NORM_NO_TIME,
                               .due_ms = NORM_NO_TIME};
    cr_assert(ident_set(&c.id, span_str(id)));
    cr_assert_eq(core_on_norm(b->station.core, &c, b->station.now, &answer), ERR_OK, "%s: %s",
                 answer.refusal.field, answer.refusal.why);
}

static void until(struct bench *b, int64_t minute) {
    script_asof(&b->gw1, T0 + (minute - 1) * MIN, T0 + minute * MIN);
    cr_assert_eq(script_send(&b->gw1), ERR_OK);
    bench_at(b, T0 + minute * MIN);
    bench_at(b, T0 + minute * MIN + 1000);
}

static struct alert_view view(const struct bench *b, size_t i) {
    struct alert_view v;
    cr_assert_eq(alerts_count(core_alerts(b->station.core)), 2);
    alerts_view(core_alerts(b->station.core), i, &v);
    return v;
}

/* 20 of 30 minutes ran: bolts, as nobody says anything else. */
static void half_hour(struct bench *b, struct ledger_conf *conf) {
    ledger_conf_init(conf);
    conf->grant = &grant;
    conf->grant_n = 1;
    bench_open(b);
    b->station.conf.norms = conf;
    for (size_t i = 0; i < 2; i++)
        rule[i].said = alert_rule_said(&rule[i]);
    b->station.alerts = &rules;
    bench_restart(b, T0);
    bench_at(b, T0);
    cr_assert_eq(script_hello(&b->gw1), ERR_OK);
    import(b, "all", NULL, 0.6);
    bench_half_hour(b);
    until(b, 31);
}

Test(norm_alert, a_norm_that_is_entered_late_holds_from_when_it_is_dated) {
    static struct bench b;
    struct ledger_conf conf;
    half_hour(&b, &conf);
    cr_expect_eq(view(&b, 0).state, ALERT_RETURNED, "it stood, and runs again");
    cr_expect_eq(view(&b, 0).threshold, 0.6);
    import(&b, "bolts", "bolt", 0.8);
    until(&b, 32);
    until(&b, 33);
    cr_expect_eq(view(&b, 0).state, ALERT_ACTIVE);
    cr_expect_eq(view(&b, 0).threshold, 0.8, "all minutes of the window are held against it");
    /* 06:03 to 06:33: seven minutes, ten held, thirteen. */
    cr_expect_float_eq(view(&b, 0).value, 20.0 / 30, 1e-9);
    bench_close(&b);
}

/* The ten minutes that it stood were nuts: (20 x 0.8 + 10 x 0.6) / 30 is its norm. */
Test(norm_alert, a_product_that_is_entered_late_moves_its_minutes) {
    static struct bench b;
    struct ledger_conf conf;
    struct core_act_answer out;
    half_hour(&b, &conf);
    import(&b, "bolts", "bolt", 0.8);
    until(&b, 32);
    cr_expect_eq(view(&b, 0).state, ALERT_ACTIVE);
    cr_expect(isnan(view(&b, 1).value), "nothing is known of nuts");
    const struct act a = {.kind = ACT_PRODUCT,
                          .key = span_str("k1"),
                          .unit = span_str("press"),
                          .t0_ms = T0 + 10 * MIN,
                          .t1_ms = T0 + 20 * MIN,
                          .text = span_str("nut"),
                          .who = span_str("early shift")};
    cr_assert_eq(core_on_act(b.station.core, &a, b.station.now, &out), ERR_OK, "%s: %s",
                 out.refusal.field, out.refusal.why);
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    until(&b, 33);
    cr_expect_float_eq(view(&b, 0).threshold, 22.0 / 30, 1e-9, "%.9g", view(&b, 0).threshold);
    cr_expect_eq(view(&b, 1).state, ALERT_ACTIVE);
    cr_expect_float_eq(view(&b, 1).value, 10, 1e-9);
    /* Another process adds it up anew. */
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    bench_restart(&b, T0 + 33 * MIN + 2000);
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    until(&b, 34);
    cr_expect_float_eq(view(&b, 0).threshold, 22.0 / 30, 1e-9, "%.9g", view(&b, 0).threshold);
    cr_expect_float_eq(view(&b, 1).value, 10, 1e-9);
    bench_close(&b);
}
