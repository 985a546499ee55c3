/* Segments of the log that become one row: when, and that nothing is lost or doubled by it. */
#include <criterion/criterion.h>

#include <stdio.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define PIECE INT64_C(1000000)
#define WH INT64_C(1000000)

struct bench {
    struct plant *plant;
    struct station station;
    struct script gw1, meter;
    uint16_t state, total, energy;
};

/* The press, whose energy is read by an agent of its own, which comes late. */
static void open_plant(struct plant **out) {
    cr_assert_eq(line_plant_open(out), ERR_OK);
    struct plant *p = *out;
    struct plant_signal *s = plant_alloc(p, p->signal_n * sizeof *s);
    cr_assert_not_null(s);
    memcpy(s, p->signal, p->signal_n * sizeof *s);
    snprintf(s[2].agent.s, sizeof s[2].agent.s, "meter");
    p->signal = s;
    cr_assert_eq(plant_index(p), ERR_OK);
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

/* Three pieces a minute, a commit each. */
static void say_minutes(struct bench *b, int from, int to) {
    for (int i = from; i <= to; i++) {
        say(b, T0 + i * MIN, 100 + 3 * i);
        at(b, T0 + i * MIN);
    }
}

static void bench_open(struct bench *b, size_t load_bytes_max) {
    const struct store_memory_conf conf = {.load_bytes_max = load_bytes_max};
    *b = (struct bench){0};
    open_plant(&b->plant);
    cr_assert_eq(station_init(&b->station, b->plant), ERR_OK);
    b->station.store->ops->close(b->station.store);
    b->station.conf.hours_max = 1; /* what is late has to be read from the store */
    cr_assert_eq(store_memory_open(&conf, &b->station.store), ERR_OK);
    cr_assert_eq(station_start(&b->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    at(b, T0);
    script_init(&b->gw1, &b->station, "gw1", 101);
    b->state = script_point(&b->gw1, "state", POINT_STATE, 1);
    b->total = script_point(&b->gw1, "total", POINT_COUNTER, PIECE);
    cr_assert_eq(script_hello(&b->gw1), ERR_OK);
    cr_assert_eq(script_key(&b->gw1, T0), ERR_OK);
    script_int(&b->gw1, b->state, T0, MACHINE_RUN);
    script_init(&b->meter, &b->station, "meter", 202);
    b->energy = script_point(&b->meter, "energy", POINT_REGISTER, WH);
}

static void bench_close(struct bench *b) {
    script_fini(&b->gw1);
    script_fini(&b->meter);
    station_fini(&b->station);
    plant_close(b->plant);
}

/* Ten watt-hours in the first hour, told now: all of that hour is computed anew. */
static void meter_comes(struct bench *b) {
    cr_assert_eq(script_hello(&b->meter), ERR_OK);
    cr_assert_eq(script_key(&b->meter, T0), ERR_OK);
    script_asof(&b->meter, T0, T0 + 20 * MIN);
    script_int(&b->meter, b->energy, T0, 1000);
    script_int(&b->meter, b->energy, T0 + 20 * MIN, 1010);
    cr_assert_eq(script_send(&b->meter), ERR_OK);
}

struct hour_rows {
    uint32_t hour;
    unsigned n;
};

static void count_rows(void *user, enum err err, const struct store_rows *rows) {
    struct hour_rows *h = user;
    cr_assert_eq(err, ERR_OK);
    for (size_t i = 0; i < rows->n; i++) {
        const uint8_t *k = rows->at[i].key.p + 4;
        h->n +=
            ((uint32_t)k[0] << 24 | (uint32_t)k[1] << 16 | (uint32_t)k[2] << 8 | k[3]) == h->hour;
    }
}

static unsigned rows_of_first_hour(struct bench *b) {
    const struct store_range all = {.table = STORE_LOG};
    struct hour_rows h = {.hour = (uint32_t)(T0 / UTC_HOUR_MS)};
    cr_assert_eq(b->station.store->ops->load_now(b->station.store, &all, 1, count_rows, &h),
                 ERR_OK);
    return h.n;
}

static void expect_shift(struct bench *b, int64_t pieces, int64_t wh) {
    const struct window_key key = {.node = 2, .kind = WINDOW_SHIFT, .start_ms = T0};
    struct window w = {0};
    cr_assert(station_window(&b->station, &key, &w));
    cr_expect_eq(w.sums.q[QTY_PQ], pieces * PIECE);
    cr_expect_eq(sums_energy(&w.sums), wh * WH, "%lld", (long long)sums_energy(&w.sums));
}

Test(folds, an_hour_that_is_over_becomes_one_row) {
    struct bench b;
    bench_open(&b, 0);
    say_minutes(&b, 0, 60);
    cr_expect_geq(rows_of_first_hour(&b), 50);
    say_minutes(&b, 61, 62);
    cr_expect_eq(rows_of_first_hour(&b), 1);
    station_kill(&b.station, 0);
    cr_assert_eq(station_start(&b.station, (struct core_now){T0 + 63 * MIN, 1000 + 63 * MIN}, 9),
                 ERR_OK);
    at(&b, T0 + 63 * MIN);
    meter_comes(&b);
    at(&b, T0 + 64 * MIN);
    expect_shift(&b, 62 * 3, 10);
    bench_close(&b);
}

/* Ten minutes into the next hour, by eighteen seconds of our clock: the first one leaves memory
 * before it is due to be folded. */
static struct core_now forget_first_hour(struct bench *b) {
    struct core_now now = {T0 + 70 * MIN, 1000 + 60 * MIN};
    for (int i = 1; i <= 3; i++)
        say(b, T0 + (67 + i) * MIN, 280 + i);
    for (int i = 0; i < 60; i++) {
        now.mono_ms += 300;
        cr_assert_eq(station_tick(&b->station, now), ERR_OK);
        cr_assert_eq(station_settle(&b->station), ERR_OK);
    }
    cr_assert_geq(rows_of_first_hour(b), 50);
    return now;
}

/* One row a load: it goes on behind the row it gave, while the hour's turn to be folded comes. */
Test(folds, a_load_under_way_finds_the_rows_it_began_with) {
    struct bench b;
    bench_open(&b, 1);
    say_minutes(&b, 0, 60);
    struct core_now now = forget_first_hour(&b);
    uint64_t loads = core_stats(b.station.core)->loads;
    b.station.by_hand = true;
    meter_comes(&b);
    for (int i = 1; i <= 40; i++) {
        now.mono_ms += 10000;
        now.wall_ms += 1000;
        say(&b, now.wall_ms, 283 + i);
        cr_assert_eq(station_tick(&b.station, now), ERR_OK);
        cr_assert(station_store_step(&b.station));
    }
    cr_expect_gt(core_stats(b.station.core)->loads, loads);
    cr_expect_geq(store_memory_rows(b.station.store, STORE_LOG), 50);
    b.station.by_hand = false;
    station_effects(&b.station);
    for (int i = 0; i < 3; i++) {
        now.mono_ms += MIN;
        cr_assert_eq(station_tick(&b.station, now), ERR_OK);
        cr_assert_eq(station_settle(&b.station), ERR_OK);
    }
    cr_expect_leq(rows_of_first_hour(&b), 2, "when it has come to its end");
    expect_shift(&b, 183 + 40, 10);
    bench_close(&b);
}
