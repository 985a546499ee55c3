/* Why a unit is in its state, and its signals: one press whose stream is written by hand. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "reader.h"
#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins; its break is at ten */
#define MIN UTC_MINUTE_MS

struct rig {
    struct plant *plant;
    struct station station;
    struct script gw1;
    uint16_t state, total, energy, order;
};

static void at(struct rig *r, int64_t wall_ms) {
    cr_assert_eq(station_tick(&r->station, (struct core_now){wall_ms, 1000 + wall_ms - T0}),
                 ERR_OK);
    cr_assert_eq(station_settle(&r->station), ERR_OK);
}

static void rig_open(struct rig *r, struct plant_term of_state) {
    struct script *g = &r->gw1;
    cr_assert_eq(line_plant_open(&r->plant), ERR_OK);
    struct plant_signal *all = plant_alloc(r->plant, r->plant->signal_n * sizeof *all);
    cr_assert_not_null(all);
    memcpy(all, r->plant->signal, r->plant->signal_n * sizeof *all);
    all[0].commissioning = of_state;
    r->plant->signal = all;
    cr_assert_eq(station_init(&r->station, r->plant), ERR_OK);
    cr_assert_eq(station_start(&r->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(g, &r->station, "gw1", 101);
    r->state = script_point(g, "state", POINT_STATE, 1);
    r->total = script_point(g, "total", POINT_COUNTER, 1000000);
    r->energy = script_point(g, "energy", POINT_REGISTER, 1000000);
    r->order = script_point(g, "order", POINT_STATE, 1);
    g->point[r->order].sticky = true;
    (void)snprintf(g->point[r->energy].unit, sizeof g->point[r->energy].unit, "uWh");
    at(r, T0);
    cr_assert_eq(script_hello(g), ERR_OK);
    cr_assert_eq(script_key(g, T0), ERR_OK);
}

static void rig_close(struct rig *r) {
    script_fini(&r->gw1);
    station_fini(&r->station);
    plant_close(r->plant);
}

/* At t the press says so, and the source vouches up to then. */
static void say(struct rig *r, int64_t t_ms, int64_t code, const char *order) {
    struct script *g = &r->gw1;
    script_asof(g, T0, t_ms);
    script_int(g, r->state, t_ms, code);
    script_int(g, r->total, t_ms, 100);
    script_int(g, r->energy, t_ms, 8000);
    if (order)
        script_text(g, r->order, t_ms, order);
    cr_assert_eq(script_send(g), ERR_OK);
    at(r, t_ms);
}

static void show(struct shown *v, const struct rig *r, int64_t wall_ms) {
    const struct view_in in = {.core = r->station.core, .now = {wall_ms, 1000 + wall_ms - T0}};
    struct json_writer w = shown_begin(v);
    view_present(&w, &in, 0);
    shown_end(v, &w);
}

static void expect_text(const struct rig *r, int64_t wall_ms, const char *text, const char *blind) {
    struct shown v;
    show(&v, r, wall_ms);
    cr_expect_str_eq(shown_text(&v, "why.text"), text);
    if (blind)
        cr_expect_str_eq(shown_text(&v, "why.blind"), blind);
    else
        cr_expect_eq(json_kind(shown_at(&v, "why.blind")), JSON_KIND_NULL);
    shown_fini(&v);
}

static const struct plant_term never = {0, 0};

Test(present, map_calendar_and_order_make_the_state) {
    struct rig r;
    rig_open(&r, never);
    say(&r, T0 + MIN, MACHINE_RUN, "o-1");
    expect_text(&r, T0 + MIN, "codes 1: run: production", NULL);
    say(&r, T0 + 2 * MIN, MACHINE_IDLE, NULL);
    expect_text(&r, T0 + 2 * MIN, "codes 8: idle + working time + order o-1 waits: delay", NULL);
    say(&r, T0 + 3 * MIN, MACHINE_STARVED, NULL);
    expect_text(&r, T0 + 3 * MIN, "codes 5: starved + working time: delay, starved", NULL);
    say(&r, T0 + 4 * MIN, MACHINE_IDLE, "");
    expect_text(&r, T0 + 4 * MIN, "codes 8: idle + working time + no order is open: down_no_order",
                NULL);
    say(&r, T0 + 245 * MIN, MACHINE_IDLE, "o-2");
    expect_text(&r, T0 + 245 * MIN, "codes 8: idle + a break: planned_down", NULL);
    rig_close(&r);
}

Test(present, nobody_knows_is_told_with_its_reason) {
    struct rig r;
    rig_open(&r, never);
    expect_text(&r, T0, "nothing was heard of it yet", "never_heard");
    say(&r, T0 + MIN, 99, "o-1");
    expect_text(&r, T0 + MIN, "codes 99: unknown; its map does not name that", "not_in_map");
    say(&r, T0 + 2 * MIN, MACHINE_RUN, NULL);
    expect_text(&r, T0 + 2 * MIN + VIEW_STALE_MS + 1,
                "codes 1: run; its source is silent, it was last production", "silent");
    rig_close(&r);
}

Test(present, a_state_in_commissioning_is_shown_and_says_nothing) {
    struct rig r;
    struct shown v;
    rig_open(&r, (struct plant_term){INT64_MIN, INT64_MAX});
    say(&r, T0 + MIN, MACHINE_RUN, "o-1");
    expect_text(&r, T0 + MIN, "codes 1: run; its state signal is in commissioning",
                "commissioning");
    show(&v, &r, T0 + MIN);
    cr_expect_str_eq(shown_text(&v, "state"), "unknown");
    cr_expect_str_eq(shown_text(&v, "signals.0.value"), "1");
    cr_expect(shown_bool(&v, "signals.0.commissioning"));
    cr_expect_not(shown_bool(&v, "signals.1.commissioning"));
    shown_fini(&v);
    rig_close(&r);
}

Test(present, each_signal_has_value_quality_and_age) {
    struct rig r;
    struct shown v;
    rig_open(&r, never);
    say(&r, T0 + MIN, MACHINE_RUN, "o-1");
    show(&v, &r, T0 + MIN + 5000);
    cr_expect_eq(json_count(shown_at(&v, "signals")), 6);
    cr_expect_str_eq(shown_text(&v, "signals.1.role"), "total");
    cr_expect_str_eq(shown_text(&v, "signals.1.value"), "100");
    cr_expect_str_eq(shown_text(&v, "signals.1.quality"), "good");
    cr_expect_eq(shown_int(&v, "signals.1.age_ms"), 5000);
    cr_expect_str_eq(shown_text(&v, "signals.2.value"), "8");
    cr_expect_str_eq(shown_text(&v, "signals.2.unit"), "kWh");
    cr_expect_str_eq(shown_text(&v, "signals.3.value"), "o-1");
    cr_expect_eq(json_kind(shown_at(&v, "signals.4.quality")), JSON_KIND_NULL, "never heard");
    cr_expect_eq(json_kind(shown_at(&v, "signals.4.age_ms")), JSON_KIND_NULL);
    cr_expect_not(shown_bool(&v, "signals.1.stale"));
    shown_fini(&v);
    rig_close(&r);
}

/* A state, a counter and a power that read bad, each for another reason; then they are good again.
 */
Test(present, a_bad_signal_says_why_and_its_last_total_stays) {
    struct rig r;
    struct shown v;
    rig_open(&r, never);
    say(&r, T0 + MIN, MACHINE_RUN, "o-1");
    struct script *g = &r.gw1;
    script_asof(g, T0, T0 + 2 * MIN);
    script_bad(g, r.state, T0 + 2 * MIN, BATCH_WHY_NO_ANSWER);
    script_bad(g, r.energy, T0 + 2 * MIN, BATCH_WHY_REFUSED);
    script_bad(g, r.total, T0 + 2 * MIN, BATCH_WHY_NONE);
    cr_assert_eq(script_send(g), ERR_OK);
    at(&r, T0 + 2 * MIN);
    show(&v, &r, T0 + 2 * MIN);
    cr_expect_str_eq(shown_text(&v, "why.blind"), "bad");
    cr_expect_str_eq(shown_text(&v, "signals.0.quality"), "bad");
    cr_expect_str_eq(shown_text(&v, "signals.0.reason"), "no_answer");
    cr_expect_eq(json_kind(shown_at(&v, "signals.0.value")), JSON_KIND_NULL);
    cr_expect_eq(shown_int(&v, "signals.0.at_ms"), T0 + 2 * MIN);
    cr_expect_str_eq(shown_text(&v, "signals.2.quality"), "bad");
    cr_expect_str_eq(shown_text(&v, "signals.2.reason"), "refused");
    cr_expect_str_eq(shown_text(&v, "signals.1.quality"), "bad");
    cr_expect_eq(json_kind(shown_at(&v, "signals.1.reason")), JSON_KIND_NULL, "it said none");
    shown_fini(&v);
    say(&r, T0 + 3 * MIN, MACHINE_RUN, NULL);
    show(&v, &r, T0 + 3 * MIN);
    cr_expect_str_eq(shown_text(&v, "signals.0.quality"), "good");
    cr_expect_eq(json_kind(shown_at(&v, "signals.0.reason")), JSON_KIND_NULL);
    cr_expect_str_eq(shown_text(&v, "signals.2.value"), "8");
    shown_fini(&v);
    rig_close(&r);
}
