/* A rule of a gauge, live and on what was stored of the same readings. */
#include <criterion/criterion.h>

#include "backtest/backtest.h"
#include "engine/gauges.h"
#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS

static const uint32_t press_node[] = {SIM_FIRST_UNIT};

/* Mean of three minutes above 80. */
static const struct alert_rule hot = {.id = {"hot"},
                                      .subject = ALERT_GAUGE,
                                      .gauge = {"temperature"},
                                      .node = press_node,
                                      .node_n = 1,
                                      .window = ALERT_ROLLING,
                                      .minutes = 3,
                                      .level = {{80, 70, ALERT_HIGH}},
                                      .level_n = 1,
                                      .least_coverage = 0.5,
                                      .said = 7};
static const struct alert_rules rules = {&hot, 1};

struct rig {
    struct plant *plant;
    struct station station;
    struct script gw1;
    uint16_t extra;
};

static void at(struct rig *r, int64_t wall_ms) {
    cr_assert_eq(station_tick(&r->station, (struct core_now){wall_ms, 1000 + wall_ms - T0}),
                 ERR_OK);
    cr_assert_eq(station_settle(&r->station), ERR_OK);
}

static void say(struct rig *r, int64_t from, int64_t to, int64_t value) {
    script_asof(&r->gw1, T0, T0 + to * MIN);
    script_int(&r->gw1, r->extra, T0 + from * MIN, value);
    cr_assert_eq(script_send(&r->gw1), ERR_OK);
    for (int64_t m = from + 1; m <= to; m++)
        at(r, T0 + m * MIN);
}

/* 60 up to 06:05, 100 up to 06:12, then 50. The mean is above 80 at the end of 06:06 for the first
 * time, and not above 70 at the end of 06:13. */
static void open_and_say(struct rig *r) {
    *r = (struct rig){0};
    cr_assert_eq(line_plant_open_wide(&r->plant), ERR_OK);
    cr_assert_eq(station_init(&r->station, r->plant), ERR_OK);
    cr_assert_eq(station_start(&r->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(&r->gw1, &r->station, "gw1", 101);
    r->extra = script_point(&r->gw1, "extra", POINT_GAUGE, 1);
    cr_assert_eq(core_set_alerts(r->station.core, &rules, r->station.now), ERR_OK);
    r->station.alerts = &rules;
    at(r, T0);
    cr_assert_eq(script_hello(&r->gw1), ERR_OK);
    cr_assert_eq(script_key(&r->gw1, T0), ERR_OK);
    say(r, 0, 5, 60);
    say(r, 5, 12, 100);
    say(r, 12, 20, 50);
}

static void rig_close(struct rig *r) {
    script_fini(&r->gw1);
    station_fini(&r->station);
    plant_close(r->plant);
}

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

static struct backtest *run(const struct rig *r, const uint64_t *agents) {
    const struct history_reader reader = {.load = load, .user = r->station.store};
    const struct backtest_conf conf = {.plant = r->plant,
                                       .rules = &rules,
                                       .gauge_agents = agents,
                                       .from_ms = T0,
                                       .to_ms = T0 + 20 * MIN};
    struct backtest *b = NULL;
    bool more = true;
    cr_assert_eq(backtest_open(&conf, &b), ERR_OK);
    while (more)
        cr_assert_eq(backtest_step(b, &reader, &more), ERR_OK);
    return b;
}

struct events {
    size_t n;
    struct alert_event e[16];
};

static void take_events(void *user, enum err err, const struct store_rows *found) {
    struct events *r = user;
    cr_assert_eq(err, ERR_OK);
    cr_assert(found->n <= 16);
    for (r->n = 0; r->n < found->n; r->n++)
        cr_assert_eq(alert_event_unpack(found->at[r->n].value, &r->e[r->n]), ERR_OK);
}

Test(gauges, a_back_test_fires_when_the_live_engine_did) {
    struct rig r;
    uint64_t agents[TIMELINES_AGENT_WORDS];
    size_t n = 0;
    open_and_say(&r);
    core_gauge_agents(r.station.core, agents);
    struct backtest *b = run(&r, agents);
    const struct backtest_rule *found = backtest_rules(b, &n);
    cr_assert_eq(n, 1u);
    cr_assert_eq(found->firing_n, 1u);
    cr_expect_eq(found->firing[0].from_ms, T0 + 7 * MIN);
    cr_expect_eq(found->firing[0].to_ms, T0 + 14 * MIN);
    cr_expect_float_eq(found->firing[0].value, 260.0 / 3, 1e-6);
    const struct store_range range = {.table = STORE_EVENT};
    struct events live = {0};
    r.station.store->ops->load_now(r.station.store, &range, 1, take_events, &live);
    cr_assert_eq(live.n, 2u);
    cr_expect_eq(live.e[0].at_ms, found->firing[0].from_ms);
    cr_expect_eq(live.e[1].at_ms, found->firing[0].to_ms);
    backtest_close(b);
    rig_close(&r);
}

Test(gauges, of_nobody_nothing_is_known) {
    struct rig r;
    size_t n = 0;
    open_and_say(&r);
    struct backtest *b = run(&r, NULL);
    cr_expect_eq(backtest_rules(b, &n)->firing_n, 0u);
    backtest_close(b);
    rig_close(&r);
}
