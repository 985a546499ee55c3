/* Readings of a clock that is years off: what they ask for is bounded, counted and told, and what
 * lies inside of the bounds is not touched by them. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define PIECE INT64_C(1000000)
#define YEAR (INT64_C(365) * UTC_DAY_MS)

struct bench {
    struct plant *plant;
    struct station station;
    struct script gw1, gw2;
    uint16_t state, total, held, energy;
};

static void at(struct bench *b, int64_t wall_ms) {
    cr_assert_eq(station_tick(&b->station, (struct core_now){wall_ms, 1000 + wall_ms - T0}),
                 ERR_OK);
    cr_assert_eq(station_settle(&b->station), ERR_OK);
}

/* Ten minutes of running with six pieces, behind a first tick at from_ms. */
static void bench_open_at(struct bench *b, int64_t from_ms, int64_t log_days) {
    cr_assert_eq(line_plant_open(&b->plant), ERR_OK);
    b->plant->keep_logs_ms = log_days * UTC_DAY_MS;
    cr_assert_eq(station_init(&b->station, b->plant), ERR_OK);
    cr_assert_eq(station_start(&b->station, (struct core_now){from_ms, 0}, 5), ERR_OK);
    cr_assert_eq(station_tick(&b->station, (struct core_now){from_ms, 500}), ERR_OK);
    script_init(&b->gw1, &b->station, "gw1", 101);
    script_init(&b->gw2, &b->station, "gw2", 301);
    b->state = script_point(&b->gw1, "state", POINT_STATE, 1);
    b->total = script_point(&b->gw1, "total", POINT_COUNTER, PIECE);
    cr_assert_eq(station_tick(&b->station, (struct core_now){T0, 1000}), ERR_OK);
    cr_assert_eq(script_hello(&b->gw1), ERR_OK);
    cr_assert_eq(script_key(&b->gw1, T0), ERR_OK);
    script_asof(&b->gw1, T0, T0 + 10 * MIN);
    script_int(&b->gw1, b->state, T0, MACHINE_RUN);
    script_int(&b->gw1, b->total, T0, 100);
    script_int(&b->gw1, b->total, T0 + 10 * MIN, 106);
    cr_assert_eq(script_send(&b->gw1), ERR_OK);
    at(b, T0 + 10 * MIN);
}

static void bench_open(struct bench *b) {
    bench_open_at(b, T0, 35);
}

static void bench_close(struct bench *b) {
    script_fini(&b->gw1);
    script_fini(&b->gw2);
    station_fini(&b->station);
    plant_close(b->plant);
}

static struct sums shift(struct bench *b) {
    const struct window_key key = {.node = 2, .kind = WINDOW_SHIFT, .start_ms = T0};
    struct window w = {0};
    cr_assert(station_window(&b->station, &key, &w));
    return w.sums;
}

/* The packer's gateway, heard for the first time: half an hour of states at t by its clock. */
static void say_at(struct bench *b, int64_t t_ms) {
    b->held = script_point(&b->gw2, "state", POINT_STATE, 1);
    b->energy = script_point(&b->gw2, "energy", POINT_REGISTER, 1000000);
    cr_assert_eq(script_hello(&b->gw2), ERR_OK);
    cr_assert_eq(script_key(&b->gw2, t_ms), ERR_OK);
    script_asof(&b->gw2, t_ms, t_ms + 30 * MIN);
    script_int(&b->gw2, b->held, t_ms, MACHINE_RUN);
    script_int(&b->gw2, b->energy, t_ms, 100);
    script_int(&b->gw2, b->held, t_ms + 20 * MIN, MACHINE_HELD);
    cr_assert_eq(script_send(&b->gw2), ERR_OK);
}

static void expect_few_jobs(struct bench *b, uint64_t before) {
    at(b, T0 + 11 * MIN);
    /* A day back, a day ahead and the present are a few days of hours; a year is 8,760. */
    cr_expect_lt(core_stats(b->station.core)->jobs - before, 400u);
    cr_expect_eq(core_stats(b->station.core)->dirty_units, 0u);
    struct sums s = shift(b);
    cr_expect_eq(s.q[QTY_PQ], 6 * PIECE);
    cr_expect_eq(s.q[QTY_TIME + CAT_PRODUCTION], 10 * MIN, "%lld",
                 (long long)s.q[QTY_TIME + CAT_PRODUCTION]);
}

Test(bound, a_first_reading_of_1970_begins_no_history) {
    struct bench b;
    bench_open(&b);
    uint64_t before = core_stats(b.station.core)->jobs;
    say_at(&b, 5 * MIN);
    cr_expect_gt(core_stats(b.station.core)->unplaced, 0u);
    cr_expect_str_eq(b.station.last_event, "reading_unplaced");
    expect_few_jobs(&b, before);
    bench_close(&b);
}

/* Its clock is set right and the agent does not notice: it vouches for all the years between. */
Test(bound, a_jump_from_1970_that_nobody_noticed_queues_no_years) {
    struct bench b;
    bench_open(&b);
    uint64_t before = core_stats(b.station.core)->jobs;
    say_at(&b, 5 * MIN);
    script_asof(&b.gw2, 5 * MIN, T0 + 11 * MIN);
    script_int(&b.gw2, b.held, T0 + 10 * MIN, MACHINE_RUN);
    script_int(&b.gw2, b.energy, T0 + 10 * MIN, 103);
    script_int(&b.gw2, b.energy, T0 + 11 * MIN, 104);
    cr_assert_eq(script_send(&b.gw2), ERR_OK);
    at(&b, T0 + 11 * MIN);
    /* 35 days are 840 hours; the years are 490,000. */
    cr_expect_lt(core_stats(b.station.core)->jobs - before, 2000u);
    expect_few_jobs(&b, core_stats(b.station.core)->jobs);
    bench_close(&b);
}

/* A machine without a battery: the service starts in 1970, and the clock is set a moment later. */
Test(bound, our_own_clock_that_comes_from_1970_queues_no_years) {
    struct bench b;
    bench_open_at(&b, 5 * MIN, 3);
    /* 3 days are 72 hours of two units; the years are 494,000 each. */
    cr_expect_lt(core_stats(b.station.core)->jobs, 200u);
    expect_few_jobs(&b, core_stats(b.station.core)->jobs);
    bench_close(&b);
}

Test(bound, a_stop_of_years_queues_what_a_log_explains) {
    struct bench b;
    bench_open_at(&b, T0, 3);
    station_kill(&b.station, 0);
    int64_t back_ms = T0 + 3 * YEAR;
    cr_assert_eq(station_start(&b.station, (struct core_now){back_ms, 1000}, 6), ERR_OK);
    cr_assert_eq(station_tick(&b.station, (struct core_now){back_ms, 2000}), ERR_OK);
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    cr_expect_lt(core_stats(b.station.core)->jobs, 200u);
    cr_expect_eq(core_stats(b.station.core)->dirty_units, 0u);
    /* The first day that is told of is told of whole. */
    const struct window_key key = {
        .node = 2, .kind = WINDOW_DAY, .start_ms = utc_floor(back_ms - 3 * UTC_DAY_MS, UTC_DAY_MS)};
    struct window w = {0};
    int64_t told_ms = 0;
    cr_assert(station_window(&b.station, &key, &w));
    for (unsigned i = 0; i < CATEGORY_COUNT; i++)
        told_ms += w.sums.q[QTY_TIME + i];
    cr_expect_eq(told_ms, UTC_DAY_MS);
    cr_expect_eq(shift(&b).q[QTY_PQ], 6 * PIECE);
    bench_close(&b);
}

Test(bound, a_reading_ten_years_ahead_queues_no_years) {
    struct bench b;
    bench_open(&b);
    uint64_t before = core_stats(b.station.core)->jobs;
    say_at(&b, T0 + 10 * YEAR);
    cr_expect_gt(core_stats(b.station.core)->ahead, 0u);
    cr_expect_str_eq(b.station.last_event, "reading_ahead");
    expect_few_jobs(&b, before);
    bench_close(&b);
}

Test(bound, what_is_late_within_the_logs_is_computed) {
    struct bench b;
    bench_open(&b);
    int64_t t = T0 - 34 * UTC_DAY_MS; /* a Tuesday: the early shift begins */
    say_at(&b, t);
    at(&b, T0 + 11 * MIN);
    cr_expect_eq(core_stats(b.station.core)->unplaced, 0u);
    const struct window_key key = {.node = 3, .kind = WINDOW_HOUR, .start_ms = t};
    struct window w = {0};
    cr_assert(station_window(&b.station, &key, &w));
    cr_expect_eq(w.sums.q[QTY_TIME + CAT_PRODUCTION], 20 * MIN);
    bench_close(&b);
}

/* Who may publish could invent any number of agents: each would be kept for ever. */
Test(bound, agents_are_bounded_and_known_ones_go_on) {
    struct bench b;
    char topic[TOPIC_MAX], name[16];
    bench_open(&b);
    for (unsigned i = 0; i < CORE_AGENTS_MAX + 6; i++) {
        struct ident id;
        snprintf(name, sizeof name, "x%u", i);
        cr_assert(ident_set(&id, span_str(name)));
        topic_format(TOPIC_STATUS, &id, topic);
        cr_assert_eq(station_message(&b.station, topic, span_str("online")), ERR_OK);
    }
    cr_expect_eq(core_agents(b.station.core), CORE_AGENTS_MAX);
    cr_expect_eq(core_stats(b.station.core)->refused_agents, 7, "gw1 was there before");
    script_asof(&b.gw1, T0, T0 + 11 * MIN);
    script_int(&b.gw1, b.total, T0 + 11 * MIN, 107);
    uint64_t before = core_readings(b.station.core);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    cr_expect_eq(core_readings(b.station.core), before + 1);
    bench_close(&b);
}
