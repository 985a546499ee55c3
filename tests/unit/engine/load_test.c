/* What is asked of the store: logs of hours that are no longer in memory, in pieces when the bound
 * of a load cuts them, from every agent that has a signal of the unit. */
#include <criterion/criterion.h>

#include <stdio.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define PIECE INT64_C(1000000)
#define WH INT64_C(1000000)

enum { CROWD = 70 };

struct bench {
    struct plant *plant;
    struct station station;
    struct script gw1;
    uint16_t state, total;
};

static void open_station(struct bench *b, size_t load_bytes_max) {
    const struct store_memory_conf conf = {.load_bytes_max = load_bytes_max};
    cr_assert_eq(station_init(&b->station, b->plant), ERR_OK);
    b->station.store->ops->close(b->station.store);
    cr_assert_eq(store_memory_open(&conf, &b->station.store), ERR_OK);
    cr_assert_eq(station_start(&b->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    cr_assert_eq(station_tick(&b->station, (struct core_now){T0, 1000}), ERR_OK);
}

static void at(struct bench *b, int64_t wall_ms) {
    cr_assert_eq(station_tick(&b->station, (struct core_now){wall_ms, 1000 + wall_ms - T0}),
                 ERR_OK);
    cr_assert_eq(station_settle(&b->station), ERR_OK);
}

static void say(struct bench *b, int64_t t_ms, int64_t total) {
    script_asof(&b->gw1, T0, t_ms);
    script_int(&b->gw1, b->total, t_ms, total);
    cr_assert_eq(script_send(&b->gw1), ERR_OK);
}

/* Every five minutes three pieces in a commit of its own, until half past; then a new process,
 * which has no hour in memory. */
static void half_an_hour_and_a_restart(struct bench *b) {
    cr_assert_eq(line_plant_open(&b->plant), ERR_OK);
    open_station(b, 1); /* one row a load */
    script_init(&b->gw1, &b->station, "gw1", 101);
    b->state = script_point(&b->gw1, "state", POINT_STATE, 1);
    b->total = script_point(&b->gw1, "total", POINT_COUNTER, PIECE);
    cr_assert_eq(script_hello(&b->gw1), ERR_OK);
    cr_assert_eq(script_key(&b->gw1, T0), ERR_OK);
    script_int(&b->gw1, b->state, T0, MACHINE_RUN);
    for (int i = 0; i <= 6; i++) {
        say(b, T0 + i * 5 * MIN, 100 + 3 * i);
        at(b, T0 + i * 5 * MIN);
    }
    station_kill(&b->station, 0);
    cr_assert_eq(station_start(&b->station, (struct core_now){T0 + 31 * MIN, 1000}, 9), ERR_OK);
    cr_assert_eq(station_tick(&b->station, (struct core_now){T0 + 31 * MIN, 1000}), ERR_OK);
    cr_assert_eq(script_hello(&b->gw1), ERR_OK);
}

static int64_t made_in_shift(struct bench *b) {
    const struct window_key key = {.node = 2, .kind = WINDOW_SHIFT, .start_ms = T0};
    struct window w = {0};
    cr_assert(station_window(&b->station, &key, &w));
    return w.sums.q[QTY_PQ];
}

static void bench_close(struct bench *b) {
    script_fini(&b->gw1);
    station_fini(&b->station);
    plant_close(b->plant);
}

Test(load, goes_on_where_the_bound_cut_it) {
    struct bench b;
    half_an_hour_and_a_restart(&b);
    say(&b, T0 + 40 * MIN, 130);
    at(&b, T0 + 40 * MIN);
    cr_expect_eq(made_in_shift(&b), 30 * PIECE); /* 100 to 130 */
    cr_expect_gt(core_stats(b.station.core)->loads, 6);
    bench_close(&b);
}

/* A commit between two pieces of a load brings a segment that memory holds already. */
Test(load, counts_nothing_twice_that_is_committed_meanwhile) {
    struct bench b;
    half_an_hour_and_a_restart(&b);
    b.station.by_hand = true;
    struct core_now now = {T0 + 40 * MIN, 1000 + 10 * MIN};
    say(&b, T0 + 40 * MIN, 130);
    cr_assert_eq(station_tick(&b.station, now), ERR_OK);
    for (int i = 0; i < 12; i++) {
        say(&b, T0 + 40 * MIN + (i + 1) * 1000, 130 + i + 1);
        now.mono_ms += 600; /* over the checkpoint's and the tick's time */
        cr_assert_eq(station_tick(&b.station, now), ERR_OK);
        cr_assert(station_store_step(&b.station));
    }
    b.station.by_hand = false;
    at(&b, T0 + 41 * MIN);
    cr_expect_eq(made_in_shift(&b), 42 * PIECE); /* 100 to 142 */
    bench_close(&b);
}

/* One record tells of three hours; the job of the newest goes on to the others as soon as its load
 * has come, when the commit that holds their entries is built and not handed out. */
Test(load, sees_the_commit_that_was_built_before_it) {
    struct bench b;
    half_an_hour_and_a_restart(&b);
    b.station.eager = true;
    script_asof(&b.gw1, T0, T0 + 160 * MIN);
    script_int(&b.gw1, b.total, T0 + 40 * MIN, 130);
    script_int(&b.gw1, b.total, T0 + 100 * MIN, 140);
    script_int(&b.gw1, b.total, T0 + 160 * MIN, 150);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    at(&b, T0 + 160 * MIN);
    cr_expect_eq(made_in_shift(&b), 50 * PIECE); /* 100 to 150 */
    bench_close(&b);
}

/* The press is read by seventy meters, each on an agent of its own. */
static void crowd_plant(struct plant **out) {
    cr_assert_eq(line_plant_open(out), ERR_OK);
    struct plant *p = *out;
    struct plant_signal *s = plant_alloc(p, CROWD * sizeof *s);
    struct plant_unit *u = plant_alloc(p, SIM_UNITS * sizeof *u);
    uint32_t *of = plant_alloc(p, CROWD * sizeof *of);
    cr_assert(s && u && of);
    for (uint32_t i = 0; i < CROWD; i++) {
        s[i] = p->signal[2]; /* the press's energy */
        snprintf(s[i].agent.s, sizeof s[i].agent.s, "meter-%u", i);
        of[i] = i;
    }
    memcpy(u, p->unit, SIM_UNITS * sizeof *u);
    u[0].signal = of;
    u[0].signal_n = CROWD;
    u[1].signal_n = 0;
    p->unit = u;
    p->signal = s;
    p->signal_n = CROWD;
    cr_assert_eq(plant_index(p), ERR_OK);
}

Test(load, brings_the_logs_of_all_agents_of_a_unit) {
    struct bench b;
    static struct script meter[CROWD];
    uint16_t energy = 0;
    crowd_plant(&b.plant);
    open_station(&b, 0);
    for (uint32_t i = 0; i < CROWD; i++) {
        char name[16];
        snprintf(name, sizeof name, "meter-%u", i);
        script_init(&meter[i], &b.station, name, 500 + i);
        energy = script_point(&meter[i], "energy", POINT_REGISTER, WH);
        cr_assert_eq(script_hello(&meter[i]), ERR_OK);
        cr_assert_eq(script_key(&meter[i], T0), ERR_OK);
        script_asof(&meter[i], T0, T0 + 10 * MIN);
        script_int(&meter[i], energy, T0, 1000);
        script_int(&meter[i], energy, T0 + 10 * MIN, 1007);
        cr_assert_eq(script_send(&meter[i]), ERR_OK);
    }
    at(&b, T0 + 10 * MIN);
    station_kill(&b.station, 0);
    cr_assert_eq(station_start(&b.station, (struct core_now){T0 + 11 * MIN, 1000}, 9), ERR_OK);
    cr_assert_eq(station_tick(&b.station, (struct core_now){T0 + 11 * MIN, 1000}), ERR_OK);
    cr_assert_eq(script_hello(&meter[0]), ERR_OK);
    /* Five minutes late: the hour's first minutes are computed anew, from all logs. */
    script_asof(&meter[0], T0, T0 + 15 * MIN);
    script_int(&meter[0], energy, T0 + 5 * MIN, 1010);
    cr_assert_eq(script_send(&meter[0]), ERR_OK);
    at(&b, T0 + 15 * MIN);
    const struct window_key key = {.node = 2, .kind = WINDOW_SHIFT, .start_ms = T0};
    struct window w = {0};
    cr_assert(station_window(&b.station, &key, &w));
    cr_expect_eq(sums_energy(&w.sums), (CROWD * 7 + 3) * WH, "%lld",
                 (long long)sums_energy(&w.sums));
    for (uint32_t i = 0; i < CROWD; i++)
        script_fini(&meter[i]);
    station_fini(&b.station);
    plant_close(b.plant);
}
