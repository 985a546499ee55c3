/* A meter of the hall's air, less that of the press, that press (30 W) and packer (20 W, and the
 * rest) share by running time: what a mate tells late restates the other. */
#include <criterion/criterion.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define T(minutes) (T0 + (minutes)*UTC_MINUTE_MS)
#define M3 INT64_C(1000000)

enum { LINE = 1, PRESS, PACK };

struct hall {
    struct plant *plant;
    struct station station;
    struct script gw1, gw2;
    uint16_t press, total, air, pack, hall;
};

static void at(struct hall *h, int64_t wall_ms) {
    cr_assert_eq(station_tick(&h->station, (struct core_now){wall_ms, 1000 + wall_ms - T0}),
                 ERR_OK);
    cr_assert_eq(station_settle(&h->station), ERR_OK);
}

static struct plant_unit *press_of(struct hall *h) {
    return &((struct plant_unit *)h->plant->unit)[0]; /* in the plant's own arena */
}

/* The packer runs for ten minutes, in each of which the hall uses 30 m3; then it is silent. */
static void hall_open_by(struct hall *h, enum plant_state_source press) {
    *h = (struct hall){0};
    cr_assert_eq(line_plant_open_wide(&h->plant), ERR_OK);
    press_of(h)->state_source = (uint8_t)press;
    cr_assert_eq(station_init(&h->station, h->plant), ERR_OK);
    cr_assert_eq(station_start(&h->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(&h->gw1, &h->station, "gw1", 101);
    h->press = script_point(&h->gw1, "state", POINT_STATE, 1);
    h->total = script_point(&h->gw1, "total", POINT_COUNTER, 1000000);
    h->air = script_point(&h->gw1, "air", POINT_REGISTER, M3);
    script_init(&h->gw2, &h->station, "gw2", 202);
    h->pack = script_point(&h->gw2, "state", POINT_STATE, 1);
    h->hall = script_point(&h->gw2, "hall", POINT_REGISTER, M3);
    at(h, T0);
    cr_assert_eq(script_hello(&h->gw2), ERR_OK);
    cr_assert_eq(script_key(&h->gw2, T0), ERR_OK);
    script_asof(&h->gw2, T0, T(10));
    script_int(&h->gw2, h->pack, T0, MACHINE_RUN);
    script_int(&h->gw2, h->hall, T0, 1000);
    script_int(&h->gw2, h->hall, T(10), 1300);
    cr_assert_eq(script_send(&h->gw2), ERR_OK);
    at(h, T(10));
}

static void hall_open(struct hall *h) {
    hall_open_by(h, STATE_MAP);
}

static void hall_close(struct hall *h) {
    script_fini(&h->gw1);
    script_fini(&h->gw2);
    station_fini(&h->station);
    plant_close(h->plant);
}

static void wait(struct hall *h, int from, int to) {
    for (int i = from; i <= to; i++)
        at(h, T(i));
}

/* The press ran as well, and used 10 m3 a minute itself. */
static void press_comes(struct hall *h) {
    cr_assert_eq(script_hello(&h->gw1), ERR_OK);
    cr_assert_eq(script_key(&h->gw1, T0), ERR_OK);
    script_asof(&h->gw1, T0, T(10));
    script_int(&h->gw1, h->press, T0, MACHINE_RUN);
    script_int(&h->gw1, h->total, T0, 0);
    for (int i = 1; i <= 10; i++)
        script_int(&h->gw1, h->total, T(i), i);
    script_int(&h->gw1, h->air, T0, 500);
    script_int(&h->gw1, h->air, T(10), 600);
    cr_assert_eq(script_send(&h->gw1), ERR_OK);
}

static struct window hour_of(struct hall *h, uint32_t node) {
    const struct window_key key = {.node = node, .kind = WINDOW_HOUR, .start_ms = T0};
    struct window w = {0};
    cr_assert(station_window(&h->station, &key, &w));
    return w;
}

static void expect_um3(struct hall *h, int64_t press, int64_t pack) {
    const int64_t want[] = {[LINE] = press + pack, [PRESS] = press, [PACK] = pack};
    for (uint32_t node = LINE; node <= PACK; node++) {
        const struct window w = hour_of(h, node);
        cr_expect_eq(w.sums.q[QTY_CARRIER + CARRIER_AIR], want[node], "node %u: %lld", node,
                     (long long)w.sums.q[QTY_CARRIER + CARRIER_AIR]);
    }
}

static void expect_air(struct hall *h, int64_t press, int64_t pack) {
    expect_um3(h, press * M3, pack * M3);
}

static int64_t seen(struct hall *h, uint32_t node) {
    return hour_of(h, node).sums.q[QTY_CARRIER_DUE + 2 * CARRIER_AIR + 1];
}

/* Of the press nothing is known at first: the packer has its own part and the rest, all 300, and
 * nobody's air is seen. Then 300 - 100 are left, by 30 to 20: 120 and 80. */
Test(shared, a_late_mate_restates_the_other) {
    struct hall h;
    hall_open(&h);
    wait(&h, 11, 77);
    cr_assert_eq(hour_of(&h, PACK).life, WINDOW_SETTLED);
    expect_air(&h, 0, 300);
    cr_expect_eq(seen(&h, PACK), 0);
    press_comes(&h);
    wait(&h, 78, 81);
    expect_air(&h, 100 + 120, 80);
    const struct window w = hour_of(&h, PACK);
    cr_expect_eq(w.life, WINDOW_RESTATED);
    cr_expect_eq(w.revision, 1);
    cr_expect_eq(w.cause, RESTATE_LATE_DATA);
    cr_expect_eq(w.sums.q[QTY_CARRIER_RUN + CARRIER_AIR], 80 * M3);
    cr_expect_eq(seen(&h, PACK), 10 * UTC_MINUTE_MS);
    hall_close(&h);
}

/* What was told before the aggregator died is in the packer's log after its start, too. */
Test(shared, a_restart_knows_the_logs_of_mates) {
    struct hall h;
    hall_open(&h);
    press_comes(&h);
    at(&h, T(10));
    station_kill(&h.station, 0);
    cr_assert_eq(station_start(&h.station, (struct core_now){T(11), 1000 + T(11) - T0}, 9), ERR_OK);
    cr_assert_eq(script_hello(&h.gw2), ERR_OK);
    script_asof(&h.gw2, T0, T(20));
    script_int(&h.gw2, h.hall, T(10), 1300);
    script_int(&h.gw2, h.hall, T(20), 1400);
    cr_assert_eq(script_send(&h.gw2), ERR_OK);
    wait(&h, 20, 81);
    /* Of ten minutes more nothing is known of the press's state and air: 100 are the packer's 40
     * and the 60 that are not allocated. */
    expect_air(&h, 100 + 120, 80 + 100);
    hall_close(&h);
}

/* A wrong ratio of the press's meter, entered later: 200 of its own leave 100, by 30 to 20. */
Test(shared, a_factor_of_a_sub_meter_moves_the_parts_of_the_others) {
    struct hall h;
    struct core_act_answer out;
    hall_open(&h);
    press_comes(&h);
    wait(&h, 11, 77);
    expect_air(&h, 100 + 120, 80);
    const struct act a = {.kind = ACT_FACTOR,
                          .key = span_str("k1"),
                          .agent = span_str("gw1"),
                          .point = span_str("air"),
                          .t0_ms = T0,
                          .t1_ms = T(60),
                          .value = 2,
                          .value2 = 1,
                          .who = span_str("energy office")};
    cr_assert_eq(core_on_act(h.station.core, &a, h.station.now, &out), ERR_OK, "%s",
                 out.refusal.why);
    cr_assert_eq(station_settle(&h.station), ERR_OK);
    wait(&h, 78, 80);
    expect_air(&h, 200 + 60, 40);
    const struct window w = hour_of(&h, PACK);
    cr_expect_eq(w.revision, 1);
    cr_expect_eq(w.cause, RESTATE_CORRECTION);
    hall_close(&h);
}

/* Of the packer's own views nothing changes: a mate that is offline does not make it so. */
Test(shared, the_signals_of_a_mate_are_not_the_units) {
    struct hall h;
    struct core_unit_view v;
    hall_open(&h);
    press_comes(&h);
    at(&h, T(10) + 1000);
    core_unit_view(h.station.core, 1, &v);
    cr_expect_eq(v.asof_ms, T(10));
    cr_expect_eq(v.category, CAT_PRODUCTION);
    hall_close(&h);
}

/* The press tells by its pieces when it runs, here the last millisecond of each minute: one a
 * minute is too few for a cycle of 10 s, so between them it stood, and of the first minute the rest
 * is unknown. Of 20 m3 a minute that is 30 : 1,200,000 for nine minutes, 500 millionths, and 30 :
 * 1,200,000 : 1,799,970 for the first one, 200. That the cycle is 60 s is put right while the
 * aggregator is down: it ran for nine minutes, 12 m3 each. */
Test(shared, an_ideal_cycle_of_a_mate_put_right_moves_the_parts_of_the_others) {
    static const struct plant_ideal right[] = {{0, INT64_C(60000000000), INT64_MIN}};
    struct hall h;
    hall_open_by(&h, STATE_COUNTS);
    press_comes(&h);
    wait(&h, 10, 12);
    expect_um3(&h, 100004700, 199995300);
    press_of(&h)->ideal = right;
    press_of(&h)->ideal_n = 1;
    station_kill(&h.station, 0);
    cr_assert_eq(station_start(&h.station, (struct core_now){T(12), 1000 + T(12) - T0}, 9), ERR_OK);
    wait(&h, 12, 15);
    expect_um3(&h, 208000200, 91999800);
    hall_close(&h);
}
