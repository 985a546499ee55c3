/* One core after another over one store: what is flushed, what is handed over, what is refused. */
#include <criterion/criterion.h>

#include "core_rig.h"

enum { TURNS = 1000 };

static void flush(struct bench *b) {
    core_begin_flush(b->station.core, b->station.now);
    for (unsigned i = 0; i < TURNS && !core_flushed(b->station.core); i++)
        cr_assert_eq(station_tick(&b->station, b->station.now), ERR_OK);
    cr_assert(core_flushed(b->station.core));
}

static void rest(struct bench *b) {
    bench_rest_of_half_hour(b);
    bench_at(b, T0 + 30 * MIN);
}

static struct core_agent_view agent(struct bench *b) {
    struct core_agent_view v;
    core_agent_view(b->station.core, 0, &v);
    return v;
}

/* The last twenty minutes of the half hour come after it. */
Test(succession, agents_and_counters_notice_nothing) {
    struct bench b;
    bench_open(&b);
    bench_twelve_minutes(&b);
    flush(&b);
    const struct core_agent_view before = agent(&b);
    const uint64_t readings = core_readings(b.station.core), version = core_version(b.station.core);
    cr_assert_eq(station_reload(&b.station, b.plant, b.station.now, 99), ERR_OK);
    const struct core_agent_view after = agent(&b);
    cr_expect_eq(after.readings, before.readings);
    cr_expect_eq(after.applied, before.applied);
    cr_expect_eq(after.heard_mono_ms, before.heard_mono_ms);
    cr_expect_eq(core_readings(b.station.core), readings);
    cr_expect_gt(core_version(b.station.core), version);
    rest(&b);
    const struct window hour = bench_window(&b, 2, WINDOW_HOUR, T0);
    expect_first_half_hour(&hour.sums);
    cr_expect_eq(agent(&b).duplicates, 0);
    cr_expect_eq(agent(&b).gaps, 0);
    bench_close(&b);
}

/* Nothing is computed while it is flushed, all of it when that is given up. */
Test(succession, a_flush_that_is_given_up_leaves_no_trace) {
    struct bench b;
    bench_open(&b);
    bench_twelve_minutes(&b);
    flush(&b);
    const uint64_t jobs = core_stats(b.station.core)->jobs;
    const struct core_now later = {T0 + 11 * MIN, b.station.now.mono_ms + MIN};
    cr_assert_eq(station_tick_whole(&b.station, later), ERR_OK);
    cr_expect_eq(core_stats(b.station.core)->jobs, jobs);
    core_end_flush(b.station.core);
    rest(&b);
    const struct window hour = bench_window(&b, 2, WINDOW_HOUR, T0);
    expect_first_half_hour(&hour.sums);
    bench_close(&b);
}

Test(succession, of_a_core_that_is_not_flushed_nothing_is_taken) {
    struct bench b;
    bench_open(&b);
    bench_twelve_minutes(&b);
    cr_expect_eq(station_reload(&b.station, b.plant, b.station.now, 99), ERR_STATE);
    rest(&b);
    const struct window hour = bench_window(&b, 2, WINDOW_HOUR, T0);
    expect_first_half_hour(&hour.sums);
    bench_close(&b);
}

/* A core of another store has other sessions: it is refused, and the old one goes on. */
Test(succession, of_a_core_of_another_store_nothing_is_taken) {
    struct bench a, b;
    bench_open(&a);
    bench_open(&b);
    bench_twelve_minutes(&b);
    flush(&b);
    cr_expect_eq(core_succeed(a.station.core, b.station.core), ERR_STATE);
    core_end_flush(b.station.core);
    rest(&b);
    const struct window hour = bench_window(&b, 2, WINDOW_HOUR, T0);
    expect_first_half_hour(&hour.sums);
    bench_close(&a);
    bench_close(&b);
}

static void on_ack(void *user, const char *topic, struct span bytes) {
    struct ack ack;
    (void)topic;
    cr_assert_eq(ack_parse(bytes, &ack), ERR_OK);
    *(uint64_t *)user = ack.credit_bytes;
}

Test(succession, other_settings_hold_at_once_and_in_the_core_that_follows) {
    struct bench b;
    uint64_t credit = 0;
    bench_open(&b);
    b.station.on_ack = on_ack;
    b.station.user = &credit;
    bench_twelve_minutes(&b);
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    cr_expect_eq(credit, b.station.conf.credit_bytes);
    b.station.conf.credit_bytes = 777216;
    core_set_conf(b.station.core, &b.station.conf);
    rest(&b);
    cr_expect_eq(credit, 777216);
    b.station.conf.credit_bytes = 888832;
    flush(&b);
    cr_assert_eq(station_reload(&b.station, b.plant, b.station.now, 99), ERR_OK);
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    bench_at(&b, T0 + 31 * MIN);
    cr_expect_eq(credit, 888832);
    bench_close(&b);
}
