/* Drift against a frozen baseline through the whole core: days as the store has them, over
 * restarts, restated, and in a back-test. */
#include <criterion/criterion.h>

#include "backtest/backtest.h"
#include "core_rig.h"

#define PRESS SIM_FIRST_UNIT
#define DAY UTC_DAY_MS
#define HOUR UTC_HOUR_MS
#define DUE(day) (SIM_DAY0 + ((day) + 1) * DAY + 15 * MIN)

/* 2 kWh an hour and 0.05 kWh a minute of production: of a day that runs through 48 + 72 = 120 kWh.
 * s = 10 kWh: the slack is 5 kWh, 4.5 s are 45 kWh. */
static const struct alert_baseline baseline = {
    .node = {"press"},
    .from_ms = SIM_DAY0,
    .base_kwh_per_h = 2,
    .s_kwh = 10,
    .driver_n = 1,
    .driver = {{.quantity = ALERT_Q_PRODUCTION, .kwh_each = 0.05}}};
static const uint32_t press[] = {PRESS};
static struct alert_rule rule = {.id = {"drift"},
                                 .subject = ALERT_QUANTITY,
                                 .quantity = ALERT_Q_ENERGY,
                                 .window = ALERT_DAY,
                                 .condition = ALERT_DRIFT,
                                 .baseline = &baseline,
                                 .baseline_n = 1,
                                 .node = press,
                                 .node_n = 1,
                                 .level = {{4.5, 4.5, ALERT_LOW}},
                                 .level_n = 1};
static const struct alert_rules rules = {&rule, 1};

struct events {
    struct alert_event at[8];
    size_t n;
};

static void take(void *user, enum err err, const struct store_rows *rows) {
    struct events *e = user;
    cr_assert_eq(err, ERR_OK);
    cr_assert_leq(rows->n, 8);
    for (e->n = 0; e->n < rows->n; e->n++)
        cr_assert_eq(alert_event_unpack(rows->at[e->n].value, &e->at[e->n]), ERR_OK);
}

static struct events told(struct bench *b) {
    const struct store_range range = {.table = STORE_EVENT};
    struct events e = {.n = 0};
    cr_assert_eq(station_settle(&b->station), ERR_OK);
    cr_assert_eq(b->station.store->ops->load_now(b->station.store, &range, 1, take, &e), ERR_OK);
    return e;
}

static void begin(struct bench *b) {
    bench_open(b);
    rule.said = alert_rule_said(&rule);
    b->station.alerts = &rules;
    cr_assert_eq(core_set_alerts(b->station.core, &rules, b->station.now), ERR_OK);
    cr_assert_eq(script_key(&b->gw1, T0), ERR_OK);
    script_text(&b->gw1, b->order, T0, "o-1");
    script_int(&b->gw1, b->state, T0, MACHINE_RUN);
    script_int(&b->gw1, b->energy, T0, 0);
    bench_at(b, T0);
}

/* Up to a time, at so many Wh an hour; each hour is told at its end. */
static void run(struct bench *b, int64_t *at_ms, int64_t to_ms, int64_t *wh, int64_t each) {
    while (*at_ms < to_ms) {
        const int64_t since_ms = *at_ms;
        *at_ms += HOUR;
        *wh += each;
        script_asof(&b->gw1, since_ms, *at_ms);
        script_int(&b->gw1, b->energy, *at_ms, *wh);
        cr_assert_eq(script_send(&b->gw1), ERR_OK);
        bench_at(b, *at_ms);
    }
}

static void restart(struct bench *b, int64_t at_ms) {
    cr_assert_eq(station_settle(&b->station), ERR_OK);
    bench_restart(b, at_ms);
    cr_assert_eq(script_hello(&b->gw1), ERR_OK);
    bench_at(b, at_ms);
}

/* Of day 0 the first six hours are not known: it does not count. Days 1 and 2 are as expected, from
 * day 3 on there are 141 kWh: S+ is 16, 32, 48, 64, 80 kWh. */
static void eight_days(struct bench *b) {
    int64_t at_ms = T0, wh = 0;
    begin(b);
    run(b, &at_ms, SIM_DAY0 + 3 * DAY, &wh, 5000);
    run(b, &at_ms, SIM_DAY0 + 4 * DAY + 6 * HOUR, &wh, 5875);
    restart(b, at_ms);
    run(b, &at_ms, SIM_DAY0 + 6 * DAY, &wh, 5875);
    restart(b, at_ms);
    run(b, &at_ms, SIM_DAY0 + 8 * DAY + HOUR, &wh, 5875);
}

static struct alert_view view(const struct bench *b) {
    struct alert_view v;
    cr_assert_eq(alerts_count(core_alerts(b->station.core)), 1);
    alerts_view(core_alerts(b->station.core), 0, &v);
    return v;
}

Test(drift, is_told_when_the_day_that_went_too_far_is_due) {
    static struct bench b;
    eight_days(&b);
    const struct events e = told(&b);
    cr_assert_eq(e.n, 1);
    cr_expect_eq(e.at[0].why, ALERT_WHY_REACHED);
    cr_expect_eq(e.at[0].at_ms, DUE(5), "%lld min off", (long long)(e.at[0].at_ms - DUE(5)) / MIN);
    cr_expect_float_eq(e.at[0].value, 4.8, 1e-9);
    cr_expect_eq(e.at[0].threshold, 4.5);
    cr_expect_eq(view(&b).state, ALERT_ACTIVE);
    cr_expect_float_eq(view(&b).value, 8, 1e-9);
    bench_close(&b);
}

/* Half of day 5 was never used: 70.5 kWh, S+ is 16, 32, 0, 16, 32. What was told stays told. */
Test(drift, a_day_that_is_restated_moves_what_is_seen_and_no_alert_of_the_past) {
    static struct bench b;
    struct core_act_answer out;
    eight_days(&b);
    const struct act a = {.kind = ACT_FACTOR,
                          .key = span_str("k1"),
                          .agent = span_str("gw1"),
                          .point = span_str("energy"),
                          .t0_ms = SIM_DAY0 + 5 * DAY,
                          .t1_ms = SIM_DAY0 + 6 * DAY,
                          .value = 1,
                          .value2 = 2,
                          .who = span_str("office")};
    cr_assert_eq(core_on_act(b.station.core, &a, b.station.now, &out), ERR_OK, "%s: %s",
                 out.refusal.field, out.refusal.why);
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    const int64_t at_ms = SIM_DAY0 + 8 * DAY + HOUR;
    for (int64_t m = 1; m <= 20; m++)
        bench_at(&b, at_ms + m * MIN);
    const struct events e = told(&b);
    cr_assert_eq(e.n, 2);
    cr_expect_eq(e.at[0].at_ms, DUE(5));
    cr_expect_eq(e.at[1].why, ALERT_WHY_CLEARED);
    cr_expect_gt(e.at[1].at_ms, at_ms);
    cr_expect_float_eq(view(&b).value, 3.2, 1e-9);
    restart(&b, at_ms + 21 * MIN);
    for (int64_t m = 22; m <= 40; m++)
        bench_at(&b, at_ms + m * MIN);
    cr_expect_float_eq(view(&b).value, 3.2, 1e-9, "it is the same again from what is stored");
    bench_close(&b);
}

/* The rule is new after a week of days that nobody looked at. */
Test(drift, a_new_rule_sees_the_days_before_it) {
    static struct bench b;
    int64_t at_ms = T0, wh = 0;
    begin(&b);
    cr_assert_eq(core_set_alerts(b.station.core, NULL, b.station.now), ERR_OK);
    b.station.alerts = NULL;
    run(&b, &at_ms, SIM_DAY0 + 3 * DAY, &wh, 5000);
    run(&b, &at_ms, SIM_DAY0 + 7 * DAY, &wh, 5875);
    b.station.alerts = &rules;
    restart(&b, at_ms);
    run(&b, &at_ms, SIM_DAY0 + 7 * DAY + HOUR, &wh, 5875);
    cr_expect_float_eq(view(&b).value, 6.4, 1e-9);
    cr_expect_eq(view(&b).state, ALERT_ACTIVE);
    bench_close(&b);
}

/* --- back-test ----------------------------------------------------------------------------------
 */

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

Test(drift, a_back_test_says_what_was_told_live) {
    static struct bench b;
    uint32_t node_no[8];
    size_t n = 0;
    bool more = true;
    eight_days(&b);
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    for (uint32_t i = 0; i < b.plant->node_n; i++)
        node_no[i] = core_node_number(b.station.core, i);
    const struct history_reader reader = {.load = load, .user = b.station.store};
    const struct backtest_conf conf = {.plant = b.plant,
                                       .rules = &rules,
                                       .node_no = node_no,
                                       .from_ms = SIM_DAY0 + 5 * DAY,
                                       .to_ms = SIM_DAY0 + 8 * DAY,
                                       .tries = true};
    struct backtest *t = NULL;
    cr_assert_eq(backtest_open(&conf, &t), ERR_OK);
    while (more)
        cr_assert_eq(backtest_step(t, &reader, &more), ERR_OK);
    const struct backtest_rule *r = backtest_rules(t, &n);
    cr_assert_eq(r[0].firing_n, 1);
    cr_expect_eq(r[0].firing[0].from_ms, DUE(5));
    cr_expect_eq(r[0].firing[0].to_ms, INT64_MAX, "it stands at the end");
    cr_expect_float_eq(r[0].firing[0].value, 4.8, 1e-9);
    backtest_close(t);
    bench_close(&b);
}
