#include "core_rig.h"

#include <criterion/criterion.h>

void bench_open(struct bench *b) {
    cr_assert_eq(line_plant_open(&b->plant), ERR_OK);
    cr_assert_eq(station_init(&b->station, b->plant), ERR_OK);
    cr_assert_eq(station_start(&b->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(&b->gw1, &b->station, "gw1", 101);
    b->state = script_point(&b->gw1, "state", POINT_STATE, 1);
    b->total = script_point(&b->gw1, "total", POINT_COUNTER, PIECE);
    b->energy = script_point(&b->gw1, "energy", POINT_REGISTER, WH);
    b->order = script_point(&b->gw1, "order", POINT_STATE, 1);
    b->gw1.point[b->order].sticky = true;
    b->extra = script_point(&b->gw1, "extra", POINT_GAUGE, 1);
    cr_assert_eq(station_tick(&b->station, (struct core_now){T0, 1000}), ERR_OK);
    cr_assert_eq(script_hello(&b->gw1), ERR_OK);
}

void bench_close(struct bench *b) {
    script_fini(&b->gw1);
    station_fini(&b->station);
    plant_close(b->plant);
}

void bench_at(struct bench *b, int64_t wall_ms) {
    struct core_now now = {wall_ms, 1000 + wall_ms - T0};
    cr_assert_eq(station_tick(&b->station, now), ERR_OK);
    cr_assert_eq(station_settle(&b->station), ERR_OK);
}

void bench_restart(struct bench *b, int64_t wall_ms) {
    station_kill(&b->station, 0);
    cr_assert_eq(station_start(&b->station, (struct core_now){wall_ms, 1000}, 9), ERR_OK);
}

void bench_twelve_minutes(struct bench *b) {
    struct script *g = &b->gw1;
    cr_assert_eq(script_key(g, T0), ERR_OK);
    script_asof(g, T0, T0 + 5 * MIN);
    script_int(g, b->state, T0, MACHINE_RUN);
    script_int(g, b->total, T0, 100);
    script_int(g, b->energy, T0, 5000);
    script_text(g, b->order, T0, "o-1");
    script_int(g, b->extra, T0, 17);
    cr_assert_eq(script_send(g), ERR_OK);
    bench_at(b, T0 + 5 * MIN);
    script_asof(g, T0, T0 + 12 * MIN);
    script_int(g, b->total, T0 + 10 * MIN, 130);
    script_int(g, b->state, T0 + 10 * MIN, MACHINE_HELD);
    script_int(g, b->energy, T0 + 10 * MIN, 6000);
    cr_assert_eq(script_send(g), ERR_OK);
}

void bench_rest_of_half_hour(struct bench *b) {
    struct script *g = &b->gw1;
    script_asof(g, T0, T0 + 30 * MIN);
    script_int(g, b->state, T0 + 20 * MIN, MACHINE_RUN);
    script_int(g, b->total, T0 + 30 * MIN, 160);
    script_int(g, b->energy, T0 + 30 * MIN, 8000);
    cr_assert_eq(script_send(g), ERR_OK);
}

void bench_half_hour(struct bench *b) {
    bench_twelve_minutes(b);
    bench_at(b, T0 + 12 * MIN);
    bench_rest_of_half_hour(b);
    bench_at(b, T0 + 30 * MIN);
}

struct window bench_window(struct bench *b, uint32_t node, enum window_kind kind,
                           int64_t start_ms) {
    struct window_key key = {.node = node, .kind = (uint8_t)kind, .start_ms = start_ms};
    struct window w = {0};
    cr_assert(station_window(&b->station, &key, &w), "node %u kind %s start %lld", node,
              window_kind_name(kind), (long long)start_ms);
    return w;
}

void expect_first_half_hour(const struct sums *s) {
    cr_expect_eq(s->q[QTY_TIME + CAT_PRODUCTION], 20 * MIN);
    cr_expect_eq(s->q[QTY_TIME + CAT_DELAY], 10 * MIN);
    /* Held for ten minutes is longer than a micro-stop. */
    cr_expect_eq(s->q[QTY_DELAY + CAUSE_UNSTATED], 10 * MIN);
    cr_expect_eq(s->q[QTY_STOPS], 1);
    cr_expect_eq(s->q[QTY_PQ], 60 * PIECE);
    /* 2 kWh over 20 min of which half are held, no power known: evenly over time. */
    cr_expect_eq(s->q[QTY_ENERGY + CAT_PRODUCTION], 2000 * WH);
    cr_expect_eq(s->q[QTY_ENERGY + CAT_DELAY], 1000 * WH);
    cr_expect_eq(sums_energy(s), 3000 * WH);
    /* PRI 10 s = 10^10 ns, times 60 million millionths. */
    cr_expect(s->pri_pq == (i128)60 * PIECE * 10000000000);
}
