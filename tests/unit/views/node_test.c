/* Views of a living core: one press whose stream is written by hand. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "reader.h"
#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define NEAR(a, b) cr_expect(fabs((a) - (b)) < 1e-9, "%.12g, not %.12g", (double)(a), (double)(b))

struct rig {
    struct plant *plant;
    struct station station;
    struct script gw1;
    uint16_t state, total, energy, order, extra;
};

static void at(struct rig *r, int64_t wall_ms) {
    cr_assert_eq(station_tick(&r->station, (struct core_now){wall_ms, 1000 + wall_ms - T0}),
                 ERR_OK);
    cr_assert_eq(station_settle(&r->station), ERR_OK);
}

/* The press runs from 06:00 to 06:20 and is then held; 100 pieces, 3 kWh; one signal nobody
 * named. */
static void rig_open(struct rig *r) {
    struct script *g = &r->gw1;
    cr_assert_eq(line_plant_open(&r->plant), ERR_OK);
    cr_assert_eq(station_init(&r->station, r->plant), ERR_OK);
    cr_assert_eq(station_start(&r->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(g, &r->station, "gw1", 101);
    r->state = script_point(g, "state", POINT_STATE, 1);
    r->total = script_point(g, "total", POINT_COUNTER, 1000000);
    r->energy = script_point(g, "energy", POINT_REGISTER, 1000000);
    r->order = script_point(g, "order", POINT_STATE, 1);
    g->point[r->order].sticky = true;
    r->extra = script_point(g, "extra", POINT_GAUGE, 1);
    at(r, T0);
    cr_assert_eq(script_hello(g), ERR_OK);
    cr_assert_eq(script_key(g, T0), ERR_OK);
    script_asof(g, T0, T0 + 30 * MIN);
    script_int(g, r->state, T0, MACHINE_RUN);
    script_int(g, r->total, T0, 100);
    script_int(g, r->energy, T0, 5000);
    script_text(g, r->order, T0, "o-1");
    script_int(g, r->extra, T0, 17);
    script_int(g, r->total, T0 + 20 * MIN, 200);
    script_int(g, r->state, T0 + 20 * MIN, MACHINE_HELD);
    script_int(g, r->energy, T0 + 20 * MIN, 8000);
    cr_assert_eq(script_send(g), ERR_OK);
    at(r, T0 + 30 * MIN);
}

static void rig_close(struct rig *r) {
    script_fini(&r->gw1);
    station_fini(&r->station);
    plant_close(r->plant);
}

static struct view_in view_of(const struct rig *r, int64_t wall_ms) {
    return (struct view_in){.core = r->station.core, .now = {wall_ms, 1000 + wall_ms - T0}};
}

static void show_node(struct shown *v, const struct view_in *in, uint32_t node) {
    struct json_writer w = shown_begin(v);
    view_node(&w, in, node, VIEW_ALL_WINDOWS);
    shown_end(v, &w);
}

Test(node, tile_of_a_unit_tells_state_since_when_and_context) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    struct view_in in = view_of(&r, T0 + 30 * MIN);
    show_node(&v, &in, 2);
    cr_expect_eq(json_count(shown_at(&v, "tiles")), 1);
    cr_expect_str_eq(shown_text(&v, "tiles.0.id"), "press");
    cr_expect_str_eq(shown_text(&v, "tiles.0.parent"), "line");
    cr_expect_str_eq(shown_text(&v, "tiles.0.state"), "delay");
    cr_expect_eq(shown_int(&v, "tiles.0.since_ms"), T0 + 20 * MIN);
    cr_expect_str_eq(shown_text(&v, "tiles.0.since"), "2026-06-01T06:20:00.000Z");
    cr_expect_eq(shown_int(&v, "tiles.0.asof_ms"), T0 + 30 * MIN);
    cr_expect_eq(shown_int(&v, "tiles.0.age_ms"), 0);
    cr_expect_str_eq(shown_text(&v, "tiles.0.order"), "o-1");
    cr_expect_eq(json_kind(shown_at(&v, "tiles.0.power_kw")), JSON_KIND_NULL);
    NEAR(shown_real(&v, "tiles.0.time_utilization"), 20.0 / 30.0);
    NEAR(shown_real(&v, "tiles.0.energy_kwh"), 3.0);
    shown_fini(&v);
    rig_close(&r);
}

Test(node, silence_makes_a_tile_stale_and_not_stopped) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    struct view_in in = view_of(&r, T0 + 30 * MIN + VIEW_STALE_MS);
    show_node(&v, &in, 2);
    cr_expect_not(shown_bool(&v, "tiles.0.stale"));
    shown_fini(&v);
    in = view_of(&r, T0 + 30 * MIN + VIEW_STALE_MS + 1);
    show_node(&v, &in, 2);
    cr_expect(shown_bool(&v, "tiles.0.stale"));
    cr_expect_eq(shown_int(&v, "tiles.0.age_ms"), VIEW_STALE_MS + 1);
    cr_expect_eq(shown_int(&v, "head.summary.stale"), 1);
    cr_expect_eq(shown_int(&v, "head.summary.delay"), 0, "a stale unit is in no category");
    shown_fini(&v);
    rig_close(&r);
}

Test(node, windows_hold_the_same_half_hour) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    struct view_in in = view_of(&r, T0 + 30 * MIN);
    show_node(&v, &in, 2);
    static const char *const name[] = {"hour", "shift"};
    for (size_t i = 0; i < 2; i++) {
        char path[96];
        snprintf(path, sizeof path, "head.windows.%s.time_ms.production", name[i]);
        cr_expect_eq(shown_int(&v, path), 20 * MIN);
        snprintf(path, sizeof path, "head.windows.%s.time_ms.delay", name[i]);
        cr_expect_eq(shown_int(&v, path), 10 * MIN);
        snprintf(path, sizeof path, "head.windows.%s.start_ms", name[i]);
        cr_expect_eq(shown_int(&v, path), T0);
        snprintf(path, sizeof path, "head.windows.%s.produced", name[i]);
        NEAR(shown_real(&v, path), 100.0);
        snprintf(path, sizeof path, "head.windows.%s.classes", name[i]);
        cr_expect_eq(json_count(shown_at(&v, path)), 4);
    }
    cr_expect_eq(shown_int(&v, "head.windows.rolling.time_ms.production"), 20 * MIN);
    cr_expect_eq(shown_int(&v, "head.windows.shift.end_ms"), T0 + 8 * 60 * MIN);
    cr_expect_str_eq(shown_text(&v, "head.windows.shift.life"), "provisional");
    shown_fini(&v);
    rig_close(&r);
}

Test(node, shift_outside_the_calendar_is_not_available) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    struct view_in in = view_of(&r, SIM_DAY0 + 23 * UTC_HOUR_MS);
    show_node(&v, &in, 0);
    cr_expect_not(shown_bool(&v, "head.windows.shift.available"));
    cr_expect_str_eq(shown_text(&v, "head.windows.shift.reason"), "no_shift_now");
    cr_expect_null(shown_text(&v, "head.windows.shift.start"));
    cr_expect_eq(json_count(shown_at(&v, "head.windows.shift.classes")), 4, "always four");
    shown_fini(&v);
    rig_close(&r);
}

Test(node, unit_that_never_spoke_is_counted_as_never_heard) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    struct view_in in = view_of(&r, T0 + 30 * MIN);
    show_node(&v, &in, 0);
    cr_expect_eq(shown_int(&v, "head.summary.units"), 2);
    cr_expect_eq(shown_int(&v, "head.summary.never_heard"), 1);
    cr_expect_eq(shown_int(&v, "head.summary.delay"), 1);
    /* Line, press, pack: all that lies below the site. */
    cr_expect_eq(json_count(shown_at(&v, "tiles")), 3);
    cr_expect_str_eq(shown_text(&v, "tiles.2.id"), "pack");
    cr_expect_str_eq(shown_text(&v, "tiles.2.state"), "unknown");
    cr_expect_eq(json_kind(shown_at(&v, "tiles.2.age_ms")), JSON_KIND_NULL);
    cr_expect(shown_bool(&v, "tiles.2.stale"));
    shown_fini(&v);
    rig_close(&r);
}

/* A meter says nothing of what a machine does; a machine that lost its word is another thing. */
Test(node, unit_without_a_signal_of_its_state_says_so) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    ((struct plant_unit *)&r.plant->unit[1])->state_source = STATE_NONE;
    struct view_in in = view_of(&r, T0 + 30 * MIN);
    show_node(&v, &in, 0);
    cr_expect(shown_bool(&v, "tiles.2.stateless"));
    cr_expect_not(shown_bool(&v, "tiles.1.stateless"));
    shown_fini(&v);
    rig_close(&r);
}

Test(node, unit_that_people_enter_is_never_stale) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    struct plant_unit *pack = (struct plant_unit *)&r.plant->unit[1];
    pack->signal_n = 0;
    pack->entered = ROLE_BIT(ROLE_ENERGY);
    struct view_in in = view_of(&r, T0 + 30 * MIN);
    show_node(&v, &in, 0);
    cr_expect_eq(shown_int(&v, "head.summary.units"), 2);
    cr_expect_eq(shown_int(&v, "head.summary.never_heard"), 0);
    cr_expect_eq(shown_int(&v, "head.summary.stale"), 0);
    cr_expect_not(shown_bool(&v, "tiles.2.stale"));
    cr_expect(shown_bool(&v, "tiles.2.by_hand"));
    cr_expect_not(shown_bool(&v, "tiles.1.by_hand"));
    shown_fini(&v);
    rig_close(&r);
}

Test(node, plant_tree_names_levels_parents_and_outputs) {
    struct plant *p;
    struct shown v;
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    struct json_writer w = shown_begin(&v);
    view_plant(&w, p, 0);
    shown_end(&v, &w);
    cr_expect_str_eq(shown_text(&v, "site"), "site");
    cr_expect_str_eq(shown_text(&v, "zone"), "UTC");
    cr_expect_eq(json_count(shown_at(&v, "nodes")), 4);
    cr_expect_null(shown_text(&v, "nodes.0.parent"));
    cr_expect_str_eq(shown_text(&v, "nodes.1.level"), "line");
    cr_expect_str_eq(shown_text(&v, "nodes.1.output.0"), "pack");
    cr_expect_str_eq(shown_text(&v, "nodes.3.parent"), "line");
    cr_expect_null(json_find(shown_at(&v, "nodes.1"), "contract_kw"), "none");
    shown_fini(&v);
    struct plant_node node[4];
    memcpy(node, p->node, sizeof node);
    node[1].contract_uw = INT64_C(8500000000);
    p->node = node;
    w = shown_begin(&v);
    view_plant(&w, p, 0);
    shown_end(&v, &w);
    NEAR(shown_real(&v, "nodes.1.contract_kw"), 8.5);
    shown_fini(&v);
    plant_close(p);
}

Test(node, unnamed_signal_stands_under_unassigned) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    struct view_in in = view_of(&r, T0 + 30 * MIN);
    struct json_writer w = shown_begin(&v);
    view_unassigned(&w, &in);
    shown_end(&v, &w);
    cr_expect_eq(json_count(shown_at(&v, "unassigned")), 1);
    cr_expect_str_eq(shown_text(&v, "unassigned.0.agent"), "gw1");
    cr_expect_str_eq(shown_text(&v, "unassigned.0.point"), "extra");
    cr_expect_eq(shown_int(&v, "unassigned.0.raw"), 17);
    shown_fini(&v);
    rig_close(&r);
}

Test(node, the_site_tells_of_units_that_nobody_named) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    /* Another gateway with a machine that is in no plant file, and one more without a hint. */
    struct script gw9;
    script_init(&gw9, &r.station, "gw9", 909);
    uint16_t a = script_point(&gw9, "p9/state", POINT_STATE, 1);
    uint16_t b = script_point(&gw9, "p9/total", POINT_COUNTER, 1000000);
    strcpy(gw9.point[a].hint, "press-9");
    strcpy(gw9.point[b].hint, "press-9");
    cr_assert_eq(script_hello(&gw9), ERR_OK);
    cr_assert_eq(script_key(&gw9, T0), ERR_OK);
    script_int(&gw9, a, T0 + MIN, MACHINE_RUN);
    script_int(&gw9, b, T0 + 2 * MIN, 7);
    cr_assert_eq(script_send(&gw9), ERR_OK);
    struct view_in in = view_of(&r, T0 + 30 * MIN);
    struct json_writer w = shown_begin(&v);
    view_node(&w, &in, 0, 0);
    shown_end(&v, &w);
    cr_expect_eq(shown_int(&v, "head.unassigned.signals"), 3);
    cr_expect_eq(json_count(shown_at(&v, "head.unassigned.units")), 2);
    cr_expect_str_eq(shown_text(&v, "head.unassigned.units.0.agent"), "gw1");
    cr_expect_null(shown_text(&v, "head.unassigned.units.0.unit"));
    cr_expect_str_eq(shown_text(&v, "head.unassigned.units.1.unit"), "press-9");
    cr_expect_eq(shown_int(&v, "head.unassigned.units.1.signals"), 2);
    cr_expect_eq(shown_int(&v, "head.unassigned.units.1.t_ms"), T0 + 2 * MIN);
    shown_fini(&v);
    w = shown_begin(&v);
    view_unassigned(&w, &in);
    shown_end(&v, &w);
    cr_expect_eq(json_count(shown_at(&v, "unassigned")), 3);
    cr_expect_str_eq(shown_text(&v, "unassigned.1.unit"), "press-9");
    shown_fini(&v);
    script_fini(&gw9);
    rig_close(&r);
}

Test(node, status_tells_agents_store_and_sinks) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    struct store_stats store = {.commits = 3, .max_commit_us = 1500};
    struct view_sink sink = {.name = "influxdb",
                             .state = "retrying",
                             .backlog_rows = 9,
                             .dead = 2,
                             .dead_oldest_ms = 1780272000000};
    struct metric_histogram turns = {.count = {7, [METRIC_BUCKETS - 1] = 2}};
    struct metric_histogram cpu = {.count = {8, [3] = 1}};
    struct view_extra extra = {.version = "1.2",
                               .uptime_ms = 60000,
                               .store = &store,
                               .sink = &sink,
                               .sink_n = 1,
                               .loop_turns = &turns,
                               .loop_cpu = &cpu};
    struct view_in in = view_of(&r, T0 + 31 * MIN);
    in.extra = &extra;
    struct json_writer w = shown_begin(&v);
    view_health(&w, &in);
    shown_end(&v, &w);
    cr_expect_str_eq(shown_text(&v, "version"), "1.2");
    cr_expect_eq(json_count(shown_at(&v, "agents")), 1);
    cr_expect_eq(shown_int(&v, "agents.0.lag_ms"), 1 * MIN);
    cr_expect_eq(shown_int(&v, "agents.0.gaps"), 0);
    cr_expect_eq(shown_int(&v, "agents.0.points"), 5);
    cr_expect_eq(shown_int(&v, "agents.0.unassigned"), 1);
    cr_expect_eq(shown_int(&v, "store.max_commit_us"), 1500);
    cr_expect_eq(json_count(shown_at(&v, "loop_turns")), METRIC_BUCKETS);
    cr_expect_eq(shown_int(&v, "loop_turns.0.to_us"), 500);
    cr_expect_eq(shown_int(&v, "loop_turns.0.turns"), 7);
    cr_expect_eq(shown_int(&v, "loop_turns.9.turns"), 2);
    cr_expect_eq(shown_int(&v, "loop_turns.0.cpu_turns"), 8);
    cr_expect_eq(shown_int(&v, "loop_turns.3.cpu_turns"), 1);
    cr_expect_str_eq(shown_text(&v, "sinks.0.state"), "retrying");
    cr_expect_eq(shown_int(&v, "sinks.0.backlog_rows"), 9);
    cr_expect_null(shown_text(&v, "sinks.0.last_ok"));
    cr_expect_eq(shown_int(&v, "sinks.0.dead"), 2);
    cr_expect_str_eq(shown_text(&v, "sinks.0.dead_oldest"), "2026-06-01T00:00:00.000Z");
    cr_expect_geq(shown_int(&v, "counters.batches"), 1);
    shown_fini(&v);
    rig_close(&r);
}

Test(node, a_name_with_quotes_stays_legal_json) {
    struct plant *p;
    struct shown v;
    cr_assert_eq(line_plant_open(&p), ERR_OK);
    struct plant_node node[4];
    memcpy(node, p->node, sizeof node);
    node[0].name = "\"X\" </script>\\\n\x01 H\xc3\xa0";
    p->node = node;
    struct json_writer w = shown_begin(&v);
    view_plant(&w, p, 0);
    shown_end(&v, &w);
    cr_expect_str_eq(shown_text(&v, "name"), node[0].name);
    shown_fini(&v);
    plant_close(p);
}

Test(node, indicator_table_has_every_row_with_formula) {
    struct shown v;
    struct json_writer w = shown_begin(&v);
    view_indicators(&w);
    shown_end(&v, &w);
    cr_expect_eq(json_count(shown_at(&v, "indicators")), INDICATOR_COUNT);
    cr_expect_str_eq(shown_text(&v, "indicators.0.formula"), "APT / (PBT - UNKNOWN)");
    cr_expect_str_eq(shown_text(&v, "indicators.0.better"), "high");
    shown_fini(&v);
}

/* At 06:30 of the 1st of June logs of 35 days begin on the 27th of April at 06:00. A step of 40
 * pieces that ended on the 20th is told apart, by its day. */
Test(node, what_is_late_beyond_the_logs_is_a_line) {
    struct rig r;
    struct shown s;
    const int64_t t = T0 - 42 * UTC_DAY_MS;
    rig_open(&r);
    struct script gw2;
    script_init(&gw2, &r.station, "gw2", 301);
    const uint16_t good = script_point(&gw2, "good", POINT_COUNTER, 1000000);
    cr_assert_eq(script_hello(&gw2), ERR_OK);
    cr_assert_eq(script_key(&gw2, t), ERR_OK);
    script_int(&gw2, good, t, 200);
    script_int(&gw2, good, t + MIN, 240);
    cr_assert_eq(script_send(&gw2), ERR_OK);
    at(&r, T0 + 31 * MIN);
    const struct view_in in = {.core = r.station.core, .now = {T0 + 31 * MIN, 0}};
    struct json_writer w = shown_begin(&s);
    view_health(&w, &in);
    shown_end(&s, &w);
    cr_expect_str_eq(shown_text(&s, "taken_from"), "2026-04-27T06:00:00.000Z");
    cr_expect_eq(shown_int(&s, "unplaced.lines"), 1);
    cr_expect_str_eq(shown_text(&s, "unplaced.newest.0.unit"), "pack");
    cr_expect_str_eq(shown_text(&s, "unplaced.newest.0.day"), "2026-04-20");
    cr_expect_eq(shown_int(&s, "unplaced.newest.0.amounts.good"), 40000000);
    shown_fini(&s);
    script_fini(&gw2);
    rig_close(&r);
}

/* 06:25: the block began at 06:15, its register was read at 06:20: 5 of 20 min of 3 kWh are 0.75
 * kWh, 9 kW. Nothing else tells its power, so 10 min more of it: 2.25 kWh, 9 kW. */
Test(node, demand_is_the_running_quarter_against_the_contract) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    struct view_in in = view_of(&r, T0 + 25 * MIN);
    show_node(&v, &in, 2);
    cr_expect_eq(shown_int(&v, "head.demand.block_ms"), T0 + 15 * MIN);
    NEAR(shown_real(&v, "head.demand.so_far_kwh"), 0.75);
    NEAR(shown_real(&v, "head.demand.power_kw"), 9);
    NEAR(shown_real(&v, "head.demand.forecast_kw"), 9);
    cr_expect_eq(json_kind(shown_at(&v, "head.demand.contract_kw")), JSON_KIND_NULL);
    cr_expect_eq(json_kind(shown_at(&v, "head.demand.over")), JSON_KIND_NULL);
    cr_expect_null(json_find(shown_at(&v, "tiles.0"), "demand"), "no contract");
    shown_fini(&v);
    struct plant_node node[8];
    cr_assert_leq(r.plant->node_n, 8);
    memcpy(node, r.plant->node, r.plant->node_n * sizeof *node);
    node[2].contract_uw = INT64_C(8500000000);
    r.plant->node = node;
    show_node(&v, &in, 2);
    NEAR(shown_real(&v, "tiles.0.demand.contract_kw"), 8.5);
    cr_expect(shown_bool(&v, "tiles.0.demand.over"));
    shown_fini(&v);
    rig_close(&r);
}

static void commission(struct rig *r, struct plant_term t) {
    ((struct plant_unit *)r->plant->unit)[0].commissioning = t; /* in the plant's own arena */
}

Test(node, a_unit_in_commissioning_is_shown_and_in_no_count_above) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    commission(&r, (struct plant_term){INT64_MIN, T0 + 60 * MIN});
    struct view_in in = view_of(&r, T0 + 30 * MIN);
    show_node(&v, &in, 1);
    cr_expect_eq(shown_int(&v, "head.summary.units"), 2);
    cr_expect_eq(shown_int(&v, "head.summary.commissioning"), 1);
    cr_expect_eq(shown_int(&v, "head.summary.delay"), 0);
    cr_expect(shown_bool(&v, "tiles.0.commissioning"));
    cr_expect_str_eq(shown_text(&v, "tiles.0.state"), "delay", "what it does is shown");
    cr_expect_eq(shown_int(&v, "tiles.0.accepted_ms"), T0 + 60 * MIN);
    shown_fini(&v);
    show_node(&v, &in, 2);
    cr_expect_eq(shown_int(&v, "head.summary.delay"), 1, "looked at alone it is itself");
    shown_fini(&v);
    in = view_of(&r, T0 + 60 * MIN);
    show_node(&v, &in, 1);
    cr_expect_eq(shown_int(&v, "head.summary.commissioning"), 0);
    cr_expect_not(shown_bool(&v, "tiles.0.commissioning"));
    shown_fini(&v);
    rig_close(&r);
}

Test(node, the_status_lists_what_is_in_commissioning) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    commission(&r, (struct plant_term){T0, INT64_MAX});
    struct plant_signal *all = plant_alloc(r.plant, r.plant->signal_n * sizeof *all);
    cr_assert_not_null(all);
    memcpy(all, r.plant->signal, r.plant->signal_n * sizeof *all);
    all[2].commissioning = (struct plant_term){INT64_MIN, T0 + 60 * MIN};
    r.plant->signal = all;
    struct view_in in = view_of(&r, T0 + 30 * MIN);
    struct json_writer w = shown_begin(&v);
    view_health(&w, &in);
    shown_end(&v, &w);
    cr_expect_eq(shown_int(&v, "commissioning_n"), 2);
    cr_expect_str_eq(shown_text(&v, "commissioning.0.unit"), "press");
    cr_expect_eq(json_kind(shown_at(&v, "commissioning.0.role")), JSON_KIND_NULL);
    cr_expect_eq(shown_int(&v, "commissioning.0.since_ms"), T0);
    cr_expect_eq(json_kind(shown_at(&v, "commissioning.0.accepted")), JSON_KIND_NULL);
    cr_expect_str_eq(shown_text(&v, "commissioning.1.role"), "energy");
    cr_expect_str_eq(shown_text(&v, "commissioning.1.point"), "energy");
    cr_expect_eq(shown_int(&v, "commissioning.1.accepted_ms"), T0 + 60 * MIN);
    shown_fini(&v);
    rig_close(&r);
}
