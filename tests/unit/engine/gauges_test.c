/* Gauges of the running core and out of the store. The press of the wide plant has one,
 * "temperature", plausible from -40 to 150; its point is held. */
#include "engine/gauges.h"

#include <criterion/criterion.h>

#include "core_rig.h"

#define UNIT INT64_C(1000000)
#define MINUTE0 (T0 / MIN)
enum { TEMPERATURE = 0, N = 30 };

static struct bench bench;
static struct gauge_span live[N], stored[N];

static void start(void) {
    cr_assert_eq(line_plant_open_wide(&bench.plant), ERR_OK);
    bench.plant->condition_n = 0; /* of gauges that judge conditions, proofs_test.c */
    cr_assert_neq(plant_index(bench.plant), ERR_NOMEM);
    cr_assert_eq(station_init(&bench.station, bench.plant), ERR_OK);
    cr_assert_eq(station_start(&bench.station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(&bench.gw1, &bench.station, "gw1", 101);
    bench.state = script_point(&bench.gw1, "state", POINT_STATE, 1);
    bench.extra = script_point(&bench.gw1, "extra", POINT_GAUGE, 1);
    cr_assert_eq(station_tick(&bench.station, (struct core_now){T0, 1000}), ERR_OK);
    cr_assert_eq(script_hello(&bench.gw1), ERR_OK);
    cr_assert_eq(script_key(&bench.gw1, T0), ERR_OK);
    memset(live, 0, sizeof live);
    memset(stored, 0, sizeof stored);
}

static void stop(void) {
    bench_close(&bench);
}

TestSuite(gauges, .init = start, .fini = stop);

/* 20 from 06:00, -10 from 06:01:30, a broken wire (850) from 06:03 to 06:04, 30 up to 06:05. */
static void five_minutes(void) {
    struct script *g = &bench.gw1;
    script_asof(g, T0, T0 + 2 * MIN);
    script_int(g, bench.extra, T0, 20);
    script_int(g, bench.extra, T0 + MIN + MIN / 2, -10);
    cr_assert_eq(script_send(g), ERR_OK);
    bench_at(&bench, T0 + 2 * MIN);
    script_asof(g, T0, T0 + 5 * MIN);
    script_int(g, bench.extra, T0 + 3 * MIN, 850);
    script_int(g, bench.extra, T0 + 4 * MIN, 30);
    cr_assert_eq(script_send(g), ERR_OK);
    bench_at(&bench, T0 + 5 * MIN);
}

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

static void read_stored(void) {
    const struct history_reader reader = {.load = load, .user = bench.station.store};
    static const uint32_t temperature[] = {TEMPERATURE};
    struct gauges_query q = {.plant = bench.plant,
                             .gauge = temperature,
                             .gauge_n = 1,
                             .from_ms = T0,
                             .to_ms = T0 + N * MIN};
    core_gauge_agents(bench.station.core, q.agents);
    memset(stored, 0, sizeof stored);
    cr_assert_eq(gauges_read(&q, &reader, stored), ERR_OK);
}

static void read_live(void) {
    bool ready = false;
    memset(live, 0, sizeof live);
    for (unsigned turns = 0; turns < 3 && !ready; turns++) {
        cr_assert_eq(core_gauge_minutes(bench.station.core, TEMPERATURE, MINUTE0, N, live, &ready),
                     ERR_OK);
        if (!ready)
            cr_assert_eq(station_settle(&bench.station), ERR_OK);
    }
    cr_assert(ready);
}

static void expect(const struct gauge_span *m, int64_t known_ms, int64_t mean, int64_t least,
                   int64_t greatest) {
    int64_t is = 0;
    cr_expect_eq(m->known_ms, known_ms, "known %lld", (long long)m->known_ms);
    cr_expect_eq(gauge_mean(m, &is), known_ms > 0);
    cr_expect_eq(is, mean, "mean %lld", (long long)is);
    cr_expect_eq(m->least, least, "least %lld", (long long)m->least);
    cr_expect_eq(m->greatest, greatest, "greatest %lld", (long long)m->greatest);
}

static void expect_five_minutes(const struct gauge_span *m) {
    expect(&m[0], MIN, 20 * UNIT, 20 * UNIT, 20 * UNIT);
    expect(&m[1], MIN, 5 * UNIT, -10 * UNIT, 20 * UNIT);
    expect(&m[2], MIN, -10 * UNIT, -10 * UNIT, -10 * UNIT);
    expect(&m[3], 0, 0, 0, 0);
    expect(&m[4], MIN, 30 * UNIT, 30 * UNIT, 30 * UNIT);
    expect(&m[5], 0, 0, 0, 0);
}

Test(gauges, minutes_are_what_was_held_in_them) {
    five_minutes();
    read_live();
    expect_five_minutes(live);
    cr_expect_eq(core_gauge_final_ms(bench.station.core, TEMPERATURE), T0 + 5 * MIN);
}

Test(gauges, the_store_gives_the_same) {
    five_minutes();
    read_stored();
    expect_five_minutes(stored);
}

Test(gauges, a_restart_changes_nothing) {
    five_minutes();
    bench_restart(&bench, T0 + 6 * MIN);
    bench_at(&bench, T0 + 6 * MIN);
    read_live();
    expect_five_minutes(live);
    read_stored();
    expect_five_minutes(stored);
}

/* What comes a second time, or late in a lane of its own, is in it once. */
Test(gauges, repeated_records_add_nothing) {
    five_minutes();
    cr_assert_eq(script_send_again(&bench.gw1), ERR_OK);
    bench_at(&bench, T0 + 6 * MIN);
    read_live();
    expect_five_minutes(live);
}

/* A gauge moves no figure: the press is as it is without one. */
Test(gauges, no_cell_has_anything_of_it) {
    five_minutes();
    const uint64_t cells = core_stats(bench.station.core)->cells;
    script_asof(&bench.gw1, T0 + 5 * MIN, T0 + 5 * MIN);
    script_int(&bench.gw1, bench.extra, T0 + 5 * MIN, 60);
    cr_assert_eq(script_send(&bench.gw1), ERR_OK);
    bench_at(&bench, T0 + 5 * MIN);
    cr_expect_eq(core_stats(bench.station.core)->cells, cells, "nothing was computed for it");
}

Test(gauges, the_view_has_the_newest_reading) {
    struct core_gauge_view v;
    core_gauge_view(bench.station.core, TEMPERATURE, &v);
    cr_expect_not(v.heard);
    cr_expect_str_eq(v.unit_text, "degC");
    five_minutes();
    core_gauge_view(bench.station.core, TEMPERATURE, &v);
    cr_expect(v.heard && v.known);
    cr_expect_eq(v.value, 30 * UNIT);
    cr_expect_eq(v.t_ms, T0 + 4 * MIN);
    script_asof(&bench.gw1, T0, T0 + 6 * MIN);
    script_int(&bench.gw1, bench.extra, T0 + 5 * MIN, 151);
    cr_assert_eq(script_send(&bench.gw1), ERR_OK);
    core_gauge_view(bench.station.core, TEMPERATURE, &v);
    cr_expect(v.heard && !v.known, "not plausible");
    cr_expect_eq(v.t_ms, T0 + 5 * MIN);
}
