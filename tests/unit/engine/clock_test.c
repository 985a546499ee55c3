/* Clocks that are wrong: a gateway at 1970, and one that runs ahead. */
#include <criterion/criterion.h>

#include "core_rig.h"

/* A gateway works for a minute with its clock at 1970 and is set right. What it says of 1970 has no
 * place; that is no reason to compute the weeks before the present, of which it said nothing. */
Test(clock, a_clock_at_1970_makes_no_weeks_without_data) {
    struct bench b;
    const int64_t wrong = UTC_DAY_MS;
    bench_open(&b);
    bench_half_hour(&b);
    uint64_t cells = core_stats(b.station.core)->cells;
    cr_assert_eq(script_clock(&b.gw1, T0 + 30 * MIN, wrong), ERR_OK);
    script_asof(&b.gw1, wrong, wrong + MIN);
    script_int(&b.gw1, b.total, wrong + MIN, 163);
    script_text(&b.gw1, b.order, wrong + MIN, "o-2");
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    cr_assert_eq(script_clock(&b.gw1, wrong + MIN, T0 + 31 * MIN), ERR_OK);
    script_asof(&b.gw1, T0 + 31 * MIN, T0 + 33 * MIN);
    script_int(&b.gw1, b.total, T0 + 33 * MIN, 169);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    bench_at(&b, T0 + 33 * MIN);
    /* A day of two units has 2,880 minutes and is computed a few times. */
    cr_expect_lt(core_stats(b.station.core)->cells - cells, 10000);
    cr_expect_gt(core_stats(b.station.core)->unplaced, 0);
    /* 60 pieces until 06:30 and 6 since; the 3 between are those of 1970. */
    struct window hour = bench_window(&b, 2, WINDOW_HOUR, T0);
    cr_expect_eq(hour.sums.q[QTY_PQ] + hour.sums.q[QTY_PQ_UNKNOWN], 66 * PIECE);
    bench_close(&b);
}

/* At 06:31 the gateway vouches for 09:00. The hour that runs stays provisional although its data
 * have passed, and is settled at 07:05, when our clock says so too; the alarm comes once. */
Test(clock, a_clock_ahead_settles_nothing_early_and_is_told) {
    struct bench b;
    struct core_agent_view agent;
    bench_open(&b);
    bench_half_hour(&b);
    script_asof(&b.gw1, T0 + 30 * MIN, T0 + 180 * MIN);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    for (int64_t t = T0 + 31 * MIN; t <= T0 + 64 * MIN; t += MIN)
        bench_at(&b, t);
    cr_expect_eq(bench_window(&b, 2, WINDOW_HOUR, T0).life, WINDOW_PROVISIONAL);
    core_agent_view(b.station.core, 0, &agent);
    cr_expect_eq(agent.ahead_ms, 116 * MIN); /* 09:00 at 07:04 */
    cr_expect_eq(b.station.warnings, 1);
    cr_expect_str_eq(b.station.last_event, "agent_clock_ahead");
    for (int64_t t = T0 + 65 * MIN; t <= T0 + 67 * MIN; t += MIN)
        bench_at(&b, t);
    struct window hour = bench_window(&b, 2, WINDOW_HOUR, T0);
    cr_expect_eq(hour.life, WINDOW_SETTLED);
    cr_expect_eq(hour.revision, 0);
    for (int64_t t = T0 + 68 * MIN; t <= T0 + 180 * MIN; t += MIN)
        bench_at(&b, t);
    core_agent_view(b.station.core, 0, &agent);
    cr_expect_eq(agent.ahead_ms, 0);
    bench_close(&b);
}
