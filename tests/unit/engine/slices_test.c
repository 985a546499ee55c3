/* The tick in slices: whatever comes between two of them, and wherever the process dies then. */
#include <criterion/criterion.h>

#include "core_rig.h"

enum { SLICES_MOST = 500 };

/* One row a slice, one job a slice. At 07:00 all that was told up to 06:12 is computed and stored;
 * then one more reading, which nothing is computed of, makes the next checkpoint due. What follows
 * in the test lies in a past that no passing of time makes dirty. From here on loads and commits
 * are answered when the test says so. */
static void open_sliced(struct bench *b) {
    bench_open(b);
    b->station.conf.slice_bytes = 1;
    b->station.conf.slice_jobs = 1;
    bench_restart(b, T0);
    cr_assert_eq(script_hello(&b->gw1), ERR_OK);
    bench_twelve_minutes(b);
    bench_at(b, T0 + 60 * MIN);
    script_int(&b->gw1, b->extra, T0 + 12 * MIN, 18);
    cr_assert_eq(script_send(&b->gw1), ERR_OK);
    b->station.by_hand = true;
}

/* Slices of one tick and its checkpoint, and answers of the store; how many there were. */
static unsigned run_slices(struct bench *b, unsigned most) {
    struct core_now now = {T0 + 60 * MIN, 1000 + 61 * MIN};
    bool more = true, answered = true;
    unsigned n = 0;
    for (; n < most && (more || answered); n++) {
        cr_assert_eq(station_tick(&b->station, now), ERR_OK);
        answered = station_store_step(&b->station);
        more = core_tick_more(b->station.core);
    }
    return n;
}

static void expect_whole(struct bench *b, unsigned slices) {
    struct window hour = bench_window(b, 2, WINDOW_HOUR, T0);
    cr_expect_eq(hour.sums.q[QTY_PQ], 60 * PIECE, "%u slices", slices);
    cr_expect_eq(sums_energy(&hour.sums), 3000 * WH, "%u slices", slices);
    expect_first_half_hour(&hour.sums);
}

Test(slices, a_tick_comes_to_its_end) {
    struct bench b;
    open_sliced(&b);
    uint64_t commits = core_stats(b.station.core)->commits;
    unsigned n = run_slices(&b, SLICES_MOST);
    cr_expect_gt(n, 10, "%u: it is no test of slices", n);
    cr_expect_lt(n, SLICES_MOST);
    cr_expect_eq(core_stats(b.station.core)->commits, commits + 1);
    bench_close(&b);
}

/* The record is in the commit with what it makes dirty, or in neither: the agent, which was told
 * what is durable, sends it again. It is sent again in any case here and counts once. */
Test(slices, a_record_between_two_slices_is_neither_lost_nor_doubled) {
    unsigned n = SLICES_MOST;
    for (unsigned before = 0; before <= n; before++) {
        struct bench b;
        open_sliced(&b);
        if (run_slices(&b, before) < before)
            n = before; /* the tick was over: this is the last round */
        bench_rest_of_half_hour(&b);
        run_slices(&b, SLICES_MOST);
        b.station.by_hand = false;
        bench_restart(&b, T0 + 61 * MIN);
        cr_assert_eq(script_hello(&b.gw1), ERR_OK);
        cr_assert_eq(script_send_again(&b.gw1), ERR_OK);
        bench_at(&b, T0 + 61 * MIN);
        expect_whole(&b, before);
        bench_close(&b);
    }
    cr_expect_lt(n, SLICES_MOST);
}

/* A meter alone, read to 06:12 and computed; what else is told makes a checkpoint due at 07:00. */
static void open_with_a_meter(struct bench *b) {
    struct script *g = &b->gw1;
    bench_open(b);
    b->station.conf.slice_bytes = 1;
    b->station.conf.slice_jobs = 1;
    bench_restart(b, T0);
    cr_assert_eq(script_hello(g), ERR_OK);
    cr_assert_eq(script_key(g, T0), ERR_OK);
    script_asof(g, T0, T0 + 12 * MIN);
    script_int(g, b->energy, T0, 5000);
    script_int(g, b->energy, T0 + 12 * MIN, 6000);
    cr_assert_eq(script_send(g), ERR_OK);
    bench_at(b, T0 + 60 * MIN);
    script_int(g, b->extra, T0 + 12 * MIN, 18);
    cr_assert_eq(script_send(g), ERR_OK);
    b->station.by_hand = true;
}

/* A record that only vouches for time that has passed: the meter stood still to 06:30. Nothing else
 * makes these minutes dirty, and behind a crash nobody says so again. */
Test(slices, what_a_record_vouches_for_between_two_slices_is_not_lost) {
    unsigned n = SLICES_MOST;
    for (unsigned before = 0; before <= n; before++) {
        struct bench b;
        open_with_a_meter(&b);
        if (run_slices(&b, before) < before)
            n = before;
        script_asof(&b.gw1, T0, T0 + 30 * MIN);
        cr_assert_eq(script_send(&b.gw1), ERR_OK);
        run_slices(&b, SLICES_MOST);
        b.station.by_hand = false;
        bench_restart(&b, T0 + 61 * MIN);
        cr_assert_eq(script_hello(&b.gw1), ERR_OK);
        cr_assert_eq(script_send_again(&b.gw1), ERR_OK);
        bench_at(&b, T0 + 61 * MIN);
        struct window hour = bench_window(&b, 2, WINDOW_HOUR, T0);
        cr_expect_eq(hour.sums.q[QTY_ENERGY_SEEN], 30 * MIN, "%u slices", before);
        bench_close(&b);
    }
    cr_expect_lt(n, SLICES_MOST);
}

/* A stop between two slices ends as any other. */
Test(slices, a_stop_in_the_midst_of_a_checkpoint_commits_all) {
    for (unsigned before = 0; before < 30; before += 3) {
        struct bench b;
        open_sliced(&b);
        run_slices(&b, before);
        bench_rest_of_half_hour(&b);
        b.station.by_hand = false;
        b.station.now = (struct core_now){T0 + 60 * MIN, 1000 + 62 * MIN};
        core_begin_stop(b.station.core, b.station.now);
        cr_assert_eq(station_settle(&b.station), ERR_OK);
        bench_restart(&b, T0 + 61 * MIN);
        struct window hour = bench_window(&b, 2, WINDOW_HOUR, T0);
        expect_first_half_hour(&hour.sums);
        bench_close(&b);
    }
}
