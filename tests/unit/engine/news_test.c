/* What has just come is shown soon: ticks on the leading edge, jobs that go on with their load. */
#include <criterion/criterion.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define TICK_MS 200

struct bench {
    struct plant *plant;
    struct station station;
    struct script gw1;
    uint16_t state;
};

static struct core_now now_of(int64_t wall_ms) {
    return (struct core_now){wall_ms, 1000 + wall_ms - T0};
}

static void bench_open(struct bench *b) {
    *b = (struct bench){0};
    cr_assert_eq(line_plant_open(&b->plant), ERR_OK);
    cr_assert_eq(station_init(&b->station, b->plant), ERR_OK);
    b->station.conf.tick_ms = TICK_MS;
    cr_assert_eq(station_start(&b->station, now_of(T0), 5), ERR_OK);
    script_init(&b->gw1, &b->station, "gw1", 101);
    b->state = script_point(&b->gw1, "state", POINT_STATE, 1);
    cr_assert_eq(station_tick(&b->station, now_of(T0)), ERR_OK);
    cr_assert_eq(script_hello(&b->gw1), ERR_OK);
    cr_assert_eq(script_key(&b->gw1, T0), ERR_OK);
}

static void bench_close(struct bench *b) {
    script_fini(&b->gw1);
    station_fini(&b->station);
    plant_close(b->plant);
}

static void say(struct bench *b, int64_t t_ms, int64_t machine) {
    script_asof(&b->gw1, T0, t_ms);
    script_int(&b->gw1, b->state, t_ms, machine);
    cr_assert_eq(script_send(&b->gw1), ERR_OK);
}

static void settle(struct bench *b, int64_t wall_ms) {
    cr_assert_eq(station_tick(&b->station, now_of(wall_ms)), ERR_OK);
    cr_assert_eq(station_settle(&b->station), ERR_OK);
}

static uint64_t jobs(const struct bench *b) {
    return core_stats(b->station.core)->jobs;
}

Test(news, the_first_record_after_silence_is_computed_by_the_next_tick) {
    struct bench b;
    bench_open(&b);
    say(&b, T0 + MIN, MACHINE_RUN);
    settle(&b, T0 + MIN); /* settling moves the monotonic clock on */
    int64_t t = T0 + 10 * MIN;
    cr_assert_eq(station_tick(&b.station, now_of(t)), ERR_OK); /* only time has passed */
    say(&b, t + 1, MACHINE_HELD);
    cr_assert(core_tick_due(b.station.core, now_of(t + 1).mono_ms));
    uint64_t before = jobs(&b), news = core_news(b.station.core);
    cr_assert_eq(station_tick(&b.station, now_of(t + 1)), ERR_OK);
    cr_expect_gt(jobs(&b), before);
    cr_expect_eq(core_news(b.station.core), news + 1);
    bench_close(&b);
}

/* A record each 10 ms for a second after a first one: computed at 200, 400 .. 1000 ms. */
Test(news, under_load_the_period_bounds_the_ticks) {
    struct bench b;
    bench_open(&b);
    say(&b, T0 + MIN, MACHINE_RUN);
    settle(&b, T0 + MIN);
    int64_t t = T0 + 10 * MIN;
    say(&b, t, MACHINE_RUN);
    cr_assert_eq(station_tick(&b.station, now_of(t)), ERR_OK);
    uint64_t before = core_news(b.station.core);
    for (int64_t ms = 10; ms <= 1000; ms += 10) {
        say(&b, t + ms, MACHINE_RUN);
        cr_assert_eq(core_tick_due(b.station.core, now_of(t + ms).mono_ms), ms % TICK_MS == 0);
        cr_assert_eq(station_tick(&b.station, now_of(t + ms)), ERR_OK);
    }
    cr_expect_eq(core_news(b.station.core) - before, 5);
    bench_close(&b);
}

/* Hours and windows are asked for one after the other: no tick is needed in between. */
Test(news, a_job_goes_on_as_soon_as_its_load_has_come) {
    struct bench b;
    bench_open(&b);
    b.station.by_hand = true;
    say(&b, T0 + MIN, MACHINE_RUN);
    cr_assert_eq(station_tick(&b.station, now_of(T0 + MIN)), ERR_OK);
    uint64_t before = jobs(&b);
    for (int i = 0; i < 10 && station_store_step(&b.station); i++)
        ;
    cr_expect_gt(jobs(&b), before);
    bench_close(&b);
}

static struct core_unit_view press(const struct bench *b) {
    struct core_unit_view v;
    core_unit_view(b->station.core, 0, &v);
    return v;
}

static int64_t hour_of_press(struct bench *b, enum category category) {
    const struct window_key key = {.node = 2, .kind = WINDOW_HOUR, .start_ms = T0};
    struct window w;
    cr_assert(station_window(&b->station, &key, &w));
    return w.sums.q[QTY_TIME + category];
}

static void say_until(struct bench *b, int64_t since_ms, int64_t t_ms, int64_t machine) {
    script_asof(&b->gw1, since_ms, t_ms);
    script_int(&b->gw1, b->state, t_ms, machine);
    cr_assert_eq(script_send(&b->gw1), ERR_OK);
    settle(b, t_ms + 5);
}

/* A source of lines vouches up to its newest line. The view shows that line; the time behind it is
 * not known, so cells do not have it. */
Test(news, a_state_told_at_the_end_of_what_is_vouched_for_is_seen_and_not_counted) {
    struct bench b;
    bench_open(&b);
    int64_t t = T0 + 90000;
    say_until(&b, t, t, MACHINE_RUN);
    cr_expect_eq(press(&b).category, CAT_PRODUCTION);
    cr_expect_eq(press(&b).machine, MACHINE_RUN);
    cr_expect_eq(press(&b).since_ms, t);
    cr_expect_eq(press(&b).asof_ms, t);
    cr_expect_eq(hour_of_press(&b, CAT_PRODUCTION), 0);
    cr_expect_eq(hour_of_press(&b, CAT_UNKNOWN), 90000);
    say_until(&b, t, t + 10000, MACHINE_FAILED);
    cr_expect_eq(press(&b).category, CAT_DELAY);
    cr_expect_eq(press(&b).cause, CAUSE_FAILURE);
    cr_expect_eq(press(&b).since_ms, t + 10000);
    cr_expect_eq(hour_of_press(&b, CAT_PRODUCTION), 10000);
    cr_expect_eq(hour_of_press(&b, CAT_DELAY), 0);
    settle(&b, t + 10000 + MIN + 1); /* not heard for a minute: nobody knows */
    cr_expect_eq(press(&b).category, CAT_UNKNOWN);
    bench_close(&b);
}

/* The wall clock had carried the present past the line before it came. */
Test(news, a_line_that_comes_later_than_the_present_is_seen) {
    struct bench b;
    bench_open(&b);
    say_until(&b, T0 + 1000, T0 + 1000, MACHINE_FAILED);
    int64_t t = T0 + 10 * MIN + 30000;
    settle(&b, t + 3);
    say_until(&b, t, t, MACHINE_RUN);
    cr_expect_eq(press(&b).category, CAT_PRODUCTION);
    cr_expect_eq(press(&b).since_ms, t);
    bench_close(&b);
}

Test(news, the_first_millisecond_of_a_minute_is_seen) {
    struct bench b;
    bench_open(&b);
    say_until(&b, T0 + MIN, T0 + MIN, MACHINE_RUN);
    cr_expect_eq(press(&b).category, CAT_PRODUCTION);
    say_until(&b, T0 + MIN, T0 + 2 * MIN, MACHINE_FAILED);
    cr_expect_eq(press(&b).category, CAT_DELAY);
    cr_expect_eq(press(&b).since_ms, T0 + 2 * MIN);
    bench_close(&b);
}

/* No load has been answered, no tick was made. */
Test(news, a_start_shows_what_the_units_did) {
    struct bench b;
    bench_open(&b);
    say_until(&b, T0, T0 + MIN, MACHINE_RUN);
    say_until(&b, T0, T0 + 3 * MIN, MACHINE_FAILED);
    say_until(&b, T0, T0 + 5 * MIN, MACHINE_FAILED);
    station_kill(&b.station, 0);
    cr_assert_eq(station_start(&b.station, now_of(T0 + 5 * MIN + 500), 9), ERR_OK);
    cr_expect_eq(press(&b).category, CAT_DELAY);
    cr_expect_eq(press(&b).since_ms, T0 + 3 * MIN);
    station_kill(&b.station, 0);
    cr_assert_eq(station_start(&b.station, now_of(T0 + 7 * MIN), 9), ERR_OK);
    cr_expect_eq(press(&b).category, CAT_UNKNOWN, "two minutes later nobody knows");
    bench_close(&b);
}
