/* Conditions judged by gauges in the running core. Of the wide plant "temperature" of the press
 * beyond 80 for 90 s breaches "cool" of press and packer, "level" beyond 5 "full" of the packer. */
#include <criterion/criterion.h>

#include "core_rig.h"

enum { PRESS = 2, PACK = 3 };

static struct bench bench;
static struct script gw2;
static uint16_t pack_state, level;

static void begin_at(struct script *g, int64_t t_ms) {
    cr_assert_eq(script_hello(g), ERR_OK);
    cr_assert_eq(script_key(g, t_ms), ERR_OK);
}

static void start(void) {
    cr_assert_eq(line_plant_open_wide(&bench.plant), ERR_OK);
    cr_assert_eq(station_init(&bench.station, bench.plant), ERR_OK);
    cr_assert_eq(station_start(&bench.station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(&bench.gw1, &bench.station, "gw1", 101);
    bench.state = script_point(&bench.gw1, "state", POINT_STATE, 1);
    bench.extra = script_point(&bench.gw1, "extra", POINT_GAUGE, 1);
    script_init(&gw2, &bench.station, "gw2", 202);
    pack_state = script_point(&gw2, "state", POINT_STATE, 1);
    level = script_point(&gw2, "level", POINT_GAUGE, 1);
    cr_assert_eq(station_tick(&bench.station, (struct core_now){T0, 1000}), ERR_OK);
}

static void stop(void) {
    script_fini(&gw2);
    bench_close(&bench);
}

TestSuite(proofs, .init = start, .fini = stop);

static struct sums hour(uint32_t node) {
    return bench_window(&bench, node, WINDOW_HOUR, T0).sums;
}

static void expect(uint32_t node, int64_t breached_ms, int64_t unknown_ms) {
    const struct sums s = hour(node);
    cr_expect_eq(s.q[QTY_BREACH], breached_ms, "%lld", (long long)s.q[QTY_BREACH]);
    cr_expect_eq(s.q[QTY_BREACH_OF + BREACH_SUPPLY], breached_ms);
    cr_expect_eq(s.q[QTY_UNPROVEN], unknown_ms, "%lld", (long long)s.q[QTY_UNPROVEN]);
}

/* The press runs from 6:00 to 6:30. It is 20 degrees, 90 from 6:10 to 6:15 and for a minute from
 * 6:25 on, and not plausible from 6:20 to 6:21. */
static void press(void) {
    struct script *g = &bench.gw1;
    begin_at(g, T0);
    script_asof(g, T0, T0 + 12 * MIN);
    script_int(g, bench.state, T0, MACHINE_RUN);
    script_int(g, bench.extra, T0, 20);
    script_int(g, bench.extra, T0 + 10 * MIN, 90);
    cr_assert_eq(script_send(g), ERR_OK);
    bench_at(&bench, T0 + 12 * MIN);
    script_asof(g, T0, T0 + 30 * MIN);
    script_int(g, bench.extra, T0 + 15 * MIN, 20);
    script_int(g, bench.extra, T0 + 20 * MIN, 850);
    script_int(g, bench.extra, T0 + 21 * MIN, 20);
    script_int(g, bench.extra, T0 + 25 * MIN, 90);
    script_int(g, bench.extra, T0 + 26 * MIN, 20);
    cr_assert_eq(script_send(g), ERR_OK);
    bench_at(&bench, T0 + 30 * MIN);
}

/* The packer runs in that time, its level is 0. */
static void pack(void) {
    begin_at(&gw2, T0);
    script_asof(&gw2, T0, T0 + 30 * MIN);
    script_int(&gw2, pack_state, T0, MACHINE_RUN);
    script_int(&gw2, level, T0, 0);
    cr_assert_eq(script_send(&gw2), ERR_OK);
    bench_at(&bench, T0 + 30 * MIN);
}

Test(proofs, minutes_carry_what_a_gauge_says) {
    press();
    expect(PRESS, 5 * MIN, MIN);
    bench_restart(&bench, T0 + 31 * MIN);
    bench_at(&bench, T0 + 31 * MIN);
    expect(PRESS, 5 * MIN, MIN);
}

/* A minute is not long enough, half a minute later it is, from its begin: minutes that were told
 * are told anew. */
Test(proofs, what_holds_on_is_a_breach_from_its_begin) {
    struct script *g = &bench.gw1;
    begin_at(g, T0);
    script_asof(g, T0, T0 + 11 * MIN);
    script_int(g, bench.state, T0, MACHINE_RUN);
    script_int(g, bench.extra, T0, 20);
    script_int(g, bench.extra, T0 + 10 * MIN, 90);
    cr_assert_eq(script_send(g), ERR_OK);
    bench_at(&bench, T0 + 11 * MIN);
    expect(PRESS, 0, 0);
    script_asof(g, T0, T0 + 11 * MIN + 30000);
    cr_assert_eq(script_send(g), ERR_OK);
    bench_at(&bench, T0 + 11 * MIN + 30000);
    expect(PRESS, 90000, 0);
}

/* Whether the packer is cool only the gateway of the press knows; it comes late. */
Test(proofs, a_gauge_of_another_unit_that_comes_late_restates) {
    bench.plant->meter_n = 0; /* else the two look at each other anyway */
    pack();
    expect(PACK, 0, 30 * MIN);
    for (int64_t t = T0 + 31 * MIN; t <= T0 + 77 * MIN; t += MIN)
        bench_at(&bench, t);
    cr_expect_eq(bench_window(&bench, PACK, WINDOW_HOUR, T0).life, WINDOW_SETTLED);
    struct script *g = &bench.gw1;
    begin_at(g, T0);
    script_asof(g, T0, T0 + 30 * MIN);
    script_int(g, bench.extra, T0, 20);
    script_int(g, bench.extra, T0 + 10 * MIN, 90);
    cr_assert_eq(script_send(g), ERR_OK);
    for (int64_t t = T0 + 78 * MIN; t <= T0 + 81 * MIN; t += MIN)
        bench_at(&bench, t);
    expect(PACK, 20 * MIN, 0);
    cr_expect_eq(bench_window(&bench, PACK, WINDOW_HOUR, T0).revision, 1u);
}

/* In whatever order the two are heard, and read again after a kill. */
Test(proofs, what_comes_first_does_not_matter) {
    press();
    pack();
    expect(PACK, 5 * MIN, MIN);
    expect(PRESS, 5 * MIN, MIN);
    cr_assert_eq(script_send_again(&bench.gw1), ERR_OK);
    bench_restart(&bench, T0 + 31 * MIN);
    bench_at(&bench, T0 + 31 * MIN);
    expect(PACK, 5 * MIN, MIN);
    expect(PRESS, 5 * MIN, MIN);
}

/* Conditions have no date: minutes that are there stay, those to come are judged by the new limit.
 */
Test(proofs, other_limits_hold_from_then_on) {
    static struct plant_condition warmer[2];
    press();
    memcpy(warmer, bench.plant->condition, sizeof warmer);
    warmer[0].high = 95 * PIECE;
    bench.plant->condition = warmer;
    cr_assert_neq(plant_index(bench.plant), ERR_NOMEM);
    bench_restart(&bench, T0 + 65 * MIN);
    bench_at(&bench, T0 + 65 * MIN); /* the hour is filled: it is not begun anew */
    cr_assert_eq(script_hello(&bench.gw1), ERR_OK);
    script_asof(&bench.gw1, T0, T0 + 80 * MIN);
    script_int(&bench.gw1, bench.extra, T0 + 62 * MIN, 92);
    script_int(&bench.gw1, bench.extra, T0 + 66 * MIN, 99);
    cr_assert_eq(script_send(&bench.gw1), ERR_OK);
    bench_at(&bench, T0 + 80 * MIN);
    expect(PRESS, 5 * MIN, MIN);
    const struct sums next = bench_window(&bench, PRESS, WINDOW_HOUR, T0 + UTC_HOUR_MS).sums;
    cr_expect_eq(next.q[QTY_BREACH], 14 * MIN);
}

/* The packer has vouched for its hour, the press not: it may be settled when that has, too. */
Test(proofs, a_window_waits_for_what_judges_it) {
    bench.plant->meter_n = 0;
    pack();
    begin_at(&bench.gw1, T0);
    script_asof(&bench.gw1, T0, T0 + 30 * MIN);
    script_int(&bench.gw1, bench.extra, T0, 20);
    cr_assert_eq(script_send(&bench.gw1), ERR_OK);
    script_asof(&gw2, T0, T0 + 66 * MIN);
    cr_assert_eq(script_send(&gw2), ERR_OK);
    bench_at(&bench, T0 + 66 * MIN);
    bench_at(&bench, T0 + 67 * MIN);
    cr_expect_eq(bench_window(&bench, PACK, WINDOW_HOUR, T0).life, WINDOW_PROVISIONAL);
    script_asof(&bench.gw1, T0, T0 + 66 * MIN);
    cr_assert_eq(script_send(&bench.gw1), ERR_OK);
    bench_at(&bench, T0 + 68 * MIN);
    bench_at(&bench, T0 + 69 * MIN);
    cr_expect_eq(bench_window(&bench, PACK, WINDOW_HOUR, T0).life, WINDOW_SETTLED);
    expect(PACK, 0, 0);
}

/* A gauge judges by what it is shown with: a factor would be taken, and move nothing. */
Test(proofs, a_dated_factor_of_a_gauge_is_refused_by_its_name) {
    struct core_act_answer out;
    const struct act a = {.kind = ACT_FACTOR,
                          .key = span_str("k1"),
                          .agent = span_str("gw1"),
                          .point = span_str("extra"),
                          .t0_ms = T0,
                          .t1_ms = T0 + 10 * MIN,
                          .value = 2,
                          .value2 = 1,
                          .who = span_str("energy office")};
    press();
    cr_assert_eq(core_on_act(bench.station.core, &a, bench.station.now, &out), ERR_RANGE);
    cr_expect_str_eq(out.refusal.field, "signal");
    cr_expect(strstr(out.refusal.why, "gauge"), "%s", out.refusal.why);
    expect(PRESS, 5 * MIN, MIN);
}
