/* Alerts on a raw signal: the gauge "temperature" of the press of the wide plant. */
#include <criterion/criterion.h>

#include "core_rig.h"

enum { PRESS = SIM_FIRST_UNIT };

static const uint32_t press_node[] = {PRESS};
static struct bench b;
static struct alert_rule rule;
static struct alert_rules rules;

/* Mean of three minutes above 80. */
static void open_with(uint8_t condition, const char *gauge) {
    rule = (struct alert_rule){.id = {"hot"},
                               .subject = ALERT_GAUGE,
                               .node = press_node,
                               .node_n = 1,
                               .window = ALERT_ROLLING,
                               .minutes = 3,
                               .condition = condition,
                               .level = {{80, 70, ALERT_HIGH}},
                               .level_n = 1,
                               .least_coverage = 0.5};
    cr_assert(ident_set(&rule.gauge, span_str(gauge)));
    rule.span_min = condition == ALERT_RATE ? 5 : 0;
    rule.said = alert_rule_said(&rule);
    rules = (struct alert_rules){&rule, 1};
    cr_assert_eq(line_plant_open_wide(&b.plant), ERR_OK);
    cr_assert_eq(station_init(&b.station, b.plant), ERR_OK);
    cr_assert_eq(station_start(&b.station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(&b.gw1, &b.station, "gw1", 101);
    b.state = script_point(&b.gw1, "state", POINT_STATE, 1);
    b.extra = script_point(&b.gw1, "extra", POINT_GAUGE, 1);
    cr_assert_eq(core_set_alerts(b.station.core, &rules, b.station.now), ERR_OK);
    b.station.alerts = &rules;
    bench_at(&b, T0);
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    cr_assert_eq(script_key(&b.gw1, T0), ERR_OK);
    script_int(&b.gw1, b.state, T0, MACHINE_RUN);
}

static void teardown(void) {
    bench_close(&b);
}

TestSuite(alarms_gauge, .fini = teardown);

/* The value holds from minute `from` on; all is known up to minute `to`. */
static void say(int64_t from, int64_t to, int64_t value) {
    script_asof(&b.gw1, T0, T0 + to * MIN);
    script_int(&b.gw1, b.extra, T0 + from * MIN, value);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    for (int64_t m = from + 1; m <= to; m++)
        bench_at(&b, T0 + m * MIN);
}

static struct alert_view seen(void) {
    struct alert_view v;
    cr_assert_eq(alerts_count(core_alerts(b.station.core)), 1u);
    alerts_view(core_alerts(b.station.core), 0, &v);
    return v;
}

struct rows {
    size_t n;
    struct alert_event e[16];
};

static void take_events(void *user, enum err err, const struct store_rows *found) {
    struct rows *r = user;
    cr_assert_eq(err, ERR_OK);
    cr_assert(found->n <= 16);
    for (r->n = 0; r->n < found->n; r->n++)
        cr_assert_eq(alert_event_unpack(found->at[r->n].value, &r->e[r->n]), ERR_OK);
}

static struct rows events(void) {
    const struct store_range range = {.table = STORE_EVENT};
    struct rows r = {0};
    b.station.store->ops->load_now(b.station.store, &range, 1, take_events, &r);
    return r;
}

/* 60 up to 06:05, 100 up to 06:12, then 50. Means of three minutes at the end of 06:05: (60 + 60 +
 * 100) / 3 = 73.3; of 06:06: 86.7, above 80; of 06:12: (100 + 100 + 50) / 3 = 83.3; of 06:13: 66.7,
 * not above 70. */
static void expect_hot(void) {
    const struct rows r = events();
    cr_assert_eq(r.n, 2u, "%zu events", r.n);
    cr_expect_eq(r.e[0].at_ms, T0 + 7 * MIN);
    cr_expect_eq(r.e[0].to, ALERT_ACTIVE);
    cr_expect_float_eq(r.e[0].value, 260.0 / 3, 1e-6);
    cr_expect_eq(r.e[1].at_ms, T0 + 14 * MIN);
    cr_expect_eq(r.e[1].to, ALERT_RETURNED);
    cr_expect_float_eq(r.e[1].value, 200.0 / 3, 1e-6);
}

Test(alarms_gauge, the_mean_over_the_window_is_held_against_the_level) {
    open_with(ALERT_VALUE, "temperature");
    say(0, 5, 60);
    say(5, 12, 100);
    say(12, 20, 50);
    expect_hot();
    cr_expect_eq(seen().observed_ms, T0 + 20 * MIN);
    cr_expect_float_eq(seen().value, 50, 1e-9);
}

Test(alarms_gauge, a_restart_in_the_midst_gives_the_same) {
    open_with(ALERT_VALUE, "temperature");
    say(0, 5, 60);
    say(5, 8, 100);
    bench_restart(&b, T0 + 8 * MIN);
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    bench_at(&b, T0 + 9 * MIN);
    say(8, 12, 100);
    say(12, 20, 50);
    expect_hot();
}

/* Broken (850) from 06:05 on: nothing is known, so nothing rises and nothing ends. */
Test(alarms_gauge, what_is_not_known_neither_raises_nor_ends) {
    open_with(ALERT_VALUE, "temperature");
    say(0, 5, 100);
    cr_expect_eq(seen().state, ALERT_ACTIVE);
    say(5, 15, 850);
    cr_expect_eq(seen().state, ALERT_ACTIVE);
    cr_expect(seen().no_data);
    cr_expect_eq(events().n, 1u);
}

/* From 06:05 on nothing is known; three minutes of that are gone at 06:08. */
Test(alarms_gauge, a_rule_of_no_data_hears_silence) {
    open_with(ALERT_NO_DATA, "temperature");
    say(0, 5, 20);
    cr_expect_eq(seen().state, ALERT_NORMAL);
    say(5, 12, 850);
    const struct rows r = events();
    cr_assert_eq(r.n, 1u);
    cr_expect_eq(r.e[0].at_ms, T0 + 8 * MIN);
}

/* 20 up to 06:06, then 32: at 06:07 one of three minutes is 12 above those five minutes before, 48
 * an hour; at 06:08 two are, 96, above 80. */
Test(alarms_gauge, a_rate_is_the_change_an_hour) {
    open_with(ALERT_RATE, "temperature");
    say(0, 6, 20);
    say(6, 10, 32);
    const struct rows r = events();
    cr_assert_eq(r.n, 1u);
    cr_expect_eq(r.e[0].at_ms, T0 + 8 * MIN);
    cr_expect_float_eq(r.e[0].value, 96, 1e-6);
}

Test(alarms_gauge, a_gauge_that_is_not_there_says_nothing) {
    open_with(ALERT_VALUE, "pressure");
    say(0, 10, 100);
    cr_expect_eq(events().n, 0u);
    cr_expect(seen().no_data);
}
