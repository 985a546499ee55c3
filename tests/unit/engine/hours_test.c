/* How many hours of units are in memory: few, however much is to be computed and whatever comes. */
#include <criterion/criterion.h>

#include "core_rig.h"

#define HOUR UTC_HOUR_MS

/* Rounds of a tick and of one answer of the store, the clock standing still but for the ticks,
 * until nothing is left to do; the most hours there were. */
static size_t most_hours(struct bench *b, struct core_now now) {
    size_t most = 0;
    unsigned i = 0;
    for (; i < 2000 && !core_idle(b->station.core); i++) {
        now.mono_ms += b->station.conf.tick_ms;
        cr_assert_eq(station_tick_whole(&b->station, now), ERR_OK);
        do {
            const size_t hours = core_stats(b->station.core)->hours;
            most = hours > most ? hours : most;
        } while (station_store_step(&b->station));
    }
    cr_assert(core_idle(b->station.core), "after %u ticks", i);
    return most;
}

static void restart_at(struct bench *b, int64_t wall_ms, size_t hours_max) {
    b->station.conf.hours_max = hours_max;
    bench_restart(b, wall_ms);
    b->station.by_hand = true;
}

/* The day so far of both machines is computed, the newest hours first. */
Test(hours, a_first_start_late_in_the_day_holds_few) {
    struct bench b;
    bench_open(&b);
    const struct core_now now = {T0 + 17 * HOUR, 1000};
    restart_at(&b, now.wall_ms, 4096);
    const size_t all = most_hours(&b, now), jobs = core_stats(b.station.core)->jobs;
    bench_close(&b);
    bench_open(&b);
    restart_at(&b, now.wall_ms, 1);
    const size_t few = most_hours(&b, now);
    cr_expect_eq(core_stats(b.station.core)->jobs, jobs);
    cr_expect_gt(all, 44, "%zu", all);
    cr_expect_leq(few, 28, "%zu", few);
    bench_close(&b);
}

/* Some record has always come since the last commit. */
Test(hours, old_ones_leave_while_records_keep_coming) {
    enum { HOURS = 12, TICKS = 60 };
    struct bench b;
    bench_open(&b);
    restart_at(&b, T0, 4);
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    cr_assert_eq(script_key(&b.gw1, T0), ERR_OK);
    script_int(&b.gw1, b.state, T0, MACHINE_RUN);
    struct core_now now = {T0, 1000};
    for (int i = 1; i <= HOURS * TICKS; i++) {
        now = (struct core_now){T0 + i * MIN, now.mono_ms + b.station.conf.tick_ms};
        script_asof(&b.gw1, T0, now.wall_ms);
        script_int(&b.gw1, b.total, now.wall_ms, 100 + 3 * i);
        cr_assert_eq(script_send(&b.gw1), ERR_OK);
        cr_assert_eq(station_tick_whole(&b.station, now), ERR_OK);
        script_int(&b.gw1, b.energy, now.wall_ms, 5000 + i);
        cr_assert_eq(script_send(&b.gw1), ERR_OK);
        while (station_store_step(&b.station))
            ;
    }
    cr_expect_leq(core_stats(b.station.core)->hours, 12, "%zu", core_stats(b.station.core)->hours);
    b.station.by_hand = false;
    bench_at(&b, now.wall_ms);
    struct window shift = bench_window(&b, 2, WINDOW_SHIFT, T0);
    cr_expect_eq(shift.sums.q[QTY_PQ], 3 * (8 * TICKS - 1) * PIECE);
    bench_close(&b);
}

/* The oldest first, five minutes a tick: the hour that comes next is in memory still. */
Test(hours, a_backlog_that_comes_forward_is_not_loaded_again_and_again) {
    enum { TICKS = 400, STEP = 5, HOURS = TICKS * STEP / 60 };
    struct bench b;
    bench_open(&b);
    struct core_now now = {T0 + (HOURS + 30) * HOUR, 1000};
    restart_at(&b, T0, 4);
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    cr_assert_eq(script_key(&b.gw1, T0), ERR_OK);
    script_int(&b.gw1, b.state, T0, MACHINE_RUN);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    (void)most_hours(&b, now);
    now.mono_ms = b.station.now.mono_ms;
    const uint64_t loads = core_stats(b.station.core)->loads;
    for (int i = 1; i <= TICKS; i++) {
        now.mono_ms += b.station.conf.tick_ms;
        script_asof(&b.gw1, T0, T0 + i * STEP * MIN);
        script_int(&b.gw1, b.total, T0 + i * STEP * MIN, 100 + 15 * i);
        cr_assert_eq(script_send(&b.gw1), ERR_OK);
        cr_assert_eq(station_tick_whole(&b.station, now), ERR_OK);
        while (station_store_step(&b.station))
            ;
    }
    const uint64_t more = core_stats(b.station.core)->loads - loads;
    cr_expect_leq(more, 2 * HOURS, "%llu loads for %d hours", (unsigned long long)more, HOURS);
    cr_expect_leq(core_stats(b.station.core)->hours, 20, "%zu", core_stats(b.station.core)->hours);
    bench_close(&b);
}

/* While a process stops every turn is a tick, and the store answers once in many: what a job has
 * already stays until the rest has come. */
Test(hours, a_stop_comes_to_its_end_whatever_the_store_takes) {
    enum { TURNS = 60, ANSWERS = 1000 };
    struct bench b;
    bench_open(&b);
    restart_at(&b, T0 + 10 * HOUR, 1);
    struct core_now now = {T0 + 10 * HOUR, 1000 + b.station.conf.tick_ms};
    cr_assert_eq(station_tick(&b.station, now), ERR_OK);
    core_begin_stop(b.station.core, now);
    unsigned answers = 0;
    for (; answers < ANSWERS && !core_idle(b.station.core); answers++) {
        for (unsigned i = 0; i < TURNS; i++, now.mono_ms++)
            cr_assert_eq(station_tick(&b.station, now), ERR_OK);
        (void)station_store_step(&b.station);
    }
    cr_expect_lt(answers, ANSWERS, "%llu jobs",
                 (unsigned long long)core_stats(b.station.core)->jobs);
    bench_close(&b);
}
