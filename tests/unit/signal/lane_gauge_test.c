/* Gauges: twice millionths x ms per slot of 10 s. */
#include <criterion/criterion.h>

#include "base/hash.h"
#include "rig.h"
#include "signal/gauge.h"

#define S(n) (INT64_C(1000) * (n))
#define UNIT INT64_C(1000000)

static struct rig rig;

static void start(void) {
    rig_init(&rig);
}

static void stop(void) {
    rig_fini(&rig);
}

TestSuite(lane_gauge, .init = start, .fini = stop);

static void gauge(enum point_sampling sampling, const struct signal_limits *limits) {
    struct point p = rig_point(POINT_GAUGE);

    p.sampling = (uint8_t)sampling;
    p.poll_ms = 1000;
    rig_add(&rig, &p, limits);
}

static void finish(void) {
    struct lane_out out = rig_out(&rig);

    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_assert_eq(lane_finish(&rig.lane, &out), ERR_OK);
    siglog_canonical(&rig.log);
}

static void expect(size_t i, int64_t slot, int64_t covered, int64_t value) {
    const struct siglog_entry want = {100, SIGLOG_SLOT, 0, slot, slot + covered, value, 0};

    cr_assert_lt(i, rig.log.n);
    cr_expect_eq(siglog_order(&rig.log.at[i], &want), 0, "entry %zu: %lld + %lld: %lld", i,
                 (long long)rig.log.at[i].t0_ms,
                 (long long)(rig.log.at[i].t1_ms - rig.log.at[i].t0_ms),
                 (long long)rig.log.at[i].value);
}

/* 20 to -10 over 3 s: (20 - 10) x 3000 millionths doubled; -10.5 over 1 s follows. */
Test(lane_gauge, samples_are_joined_below_zero_too) {
    gauge(POINT_SAMPLED, NULL);
    rig_asof(&rig, 0, 0, S(10));
    rig_int(&rig, 0, S(1), 20);
    rig_int(&rig, 0, S(4), -10);
    rig_real(&rig, 0, S(5), -11);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 4000, 10 * UNIT * 3000 - 21 * UNIT * 1000);
}

/* 21.3 has no exact binary form; its millionths have. */
Test(lane_gauge, a_held_value_holds_while_its_source_is_heard) {
    gauge(POINT_HELD, NULL);
    rig_asof(&rig, 0, 0, S(15));
    rig_real(&rig, 0, S(2), 21.3);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_asof(&rig, 0, S(30), S(31)); /* nothing is known from 15 to 30 s */
    finish();
    cr_assert_eq(rig.log.n, 3);
    expect(0, 0, 8000, 2 * 21300000 * INT64_C(8000));
    expect(1, S(10), 5000, 2 * 21300000 * INT64_C(5000));
    expect(2, S(30), 1000, 2 * 21300000 * INT64_C(1000));
}

/* 7 x 1/3 floored to millionths is 2.333333, -7 x 1/3 is -2.333334. */
Test(lane_gauge, the_point_tables_scale_is_exact) {
    const struct signal_limits third = {.num = 1, .den = 3};
    gauge(POINT_HELD, &third);
    rig_asof(&rig, 0, 0, S(2));
    rig_int(&rig, 0, 0, 7);
    rig_int(&rig, 0, S(1), -7);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 2000, 2 * 2333333 * INT64_C(1000) - 2 * 2333334 * INT64_C(1000));
}

/* A broken wire shows 850. Nothing is joined with it, and it holds for no time. */
Test(lane_gauge, what_is_not_plausible_is_bad) {
    const struct signal_limits oven = {.num = 1, .den = 1, .low = -20 * UNIT, .high = 400 * UNIT};
    gauge(POINT_SAMPLED, &oven);
    rig_asof(&rig, 0, 0, S(10));
    rig_int(&rig, 0, S(1), 400);
    rig_int(&rig, 0, S(2), 400); /* 2 x 400 x 1000 */
    rig_int(&rig, 0, S(3), 850);
    rig_int(&rig, 0, S(4), -21);
    rig_int(&rig, 0, S(5), -20);
    rig_int(&rig, 0, S(6), -20); /* 2 x -20 x 1000 */
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 2000, 2 * (400 - 20) * UNIT * 1000);
    cr_expect_eq(rig.verdicts[STEP_BAD], 2);
}

/* 400,000,000 is the last value that is taken; the next one, and what no int64 holds, is bad. */
Test(lane_gauge, absurd_values_are_bad) {
    gauge(POINT_HELD, NULL);
    rig_asof(&rig, 0, 0, S(3));
    rig_int(&rig, 0, 0, 400000000);
    rig_int(&rig, 0, S(1), 400000001);
    rig_int(&rig, 0, S(2), INT64_MIN);
    rig_real(&rig, 0, 2500, 1e300);
    rig_text(&rig, 0, 2600, "hot");
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 1000, 800000000 * UNIT * 1000);
    cr_expect_eq(rig.verdicts[STEP_BAD], 4);
}

/* Format 3 had no millionths of gauges: joined with the next sample, its zero would be a lie. */
Test(lane_gauge, a_checkpoint_from_before_begins_anew) {
    struct buf b;
    buf_init(&b);
    gauge(POINT_SAMPLED, NULL);
    rig_asof(&rig, 0, 0, S(10));
    rig_int(&rig, 0, S(1), 20);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_assert_eq(lane_pack(&rig.lane, &b), ERR_OK);
    b.n -= 4;
    b.p[0] = 3;
    cr_assert_eq(buf_add_le32(&b, crc32c(buf_span(&b))), ERR_OK);
    lane_fini(&rig.lane);
    lane_init(&rig.lane, 10000);
    cr_assert_eq(lane_unpack(&rig.lane, buf_span(&b)), ERR_OK);
    rig_int(&rig, 0, S(2), 20);
    rig_int(&rig, 0, S(3), 20);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 1000, 40 * UNIT * 1000);
    buf_fini(&b);
}

/* --- minutes ------------------------------------------------------------------------------------
 */

static void slot(struct siglog *l, uint8_t flags, int64_t t_ms, int64_t ms, int64_t value) {
    const struct siglog_entry e = {100, SIGLOG_SLOT, flags, t_ms, t_ms + ms, 2 * value * ms, 0};
    cr_assert_eq(siglog_add(l, &e), ERR_OK);
}

/* Minute 0: 10 over 10 s, 20 over 5 s, -5 over 5 s of one slot: slot means 10 and 7.5 (in
 * millionths of anything), mean (100 + 100 - 25) / 20 = 8.75. Minute 1: nothing. Minute 2: 3. */
Test(gauge, a_minute_has_the_mean_of_its_known_time_and_the_extremes_of_its_slots) {
    struct siglog l;
    struct gauge_span m[3] = {0};
    int64_t mean = 0;
    siglog_init(&l);
    slot(&l, 0, S(150), 10000, 3 * UNIT);
    slot(&l, SIGLOG_UNCERTAIN, S(10), 5000, -5 * UNIT);
    slot(&l, 0, S(10), 5000, 20 * UNIT);
    slot(&l, 0, 0, 10000, 10 * UNIT);
    slot(&l, 0, S(180), 10000, 99 * UNIT); /* behind */
    gauge_minutes(&l, 0, 3, m);
    cr_expect_eq(m[0].known_ms, 20000);
    cr_expect(gauge_mean(&m[0], &mean));
    cr_expect_eq(mean, 8750000);
    cr_expect_eq(m[0].least, 7500000);
    cr_expect_eq(m[0].greatest, 10 * UNIT);
    cr_expect_eq(m[1].known_ms, 0);
    cr_expect_not(gauge_mean(&m[1], &mean));
    struct gauge_span all = {0};
    for (unsigned i = 0; i < 3; i++)
        gauge_span_add(&all, &m[i]);
    cr_expect(gauge_mean(&all, &mean)); /* (175 + 30) / 30 = 6.8333 */
    cr_expect_eq(mean, 6833333);
    cr_expect_eq(all.least, 3 * UNIT);
    cr_expect_eq(all.greatest, 10 * UNIT);
    siglog_fini(&l);
}

/* Halves go up: -0.5 millionths over 1 ms is 0, 0.5 is 1. */
Test(gauge, means_are_rounded_to_the_nearest) {
    int64_t mean = 7;
    struct gauge_span s = {.twice = -1, .known_ms = 1};
    cr_expect(gauge_mean(&s, &mean));
    cr_expect_eq(mean, 0);
    s.twice = 1;
    cr_expect(gauge_mean(&s, &mean));
    cr_expect_eq(mean, 1);
    s.twice = -3;
    cr_expect(gauge_mean(&s, &mean));
    cr_expect_eq(mean, -1);
}

/* An hour of a value that stands still, as a segment: at most 8 bytes a minute. */
Test(gauge, a_quiet_hour_takes_few_bytes) {
    struct siglog l;
    struct buf b;
    buf_init(&b);
    siglog_init(&l);
    for (int64_t i = 0; i < 360; i++)
        slot(&l, 0, S(10) * i, 10000, 182400000);
    cr_assert_eq(siglog_pack(l.at, l.n, &b), ERR_OK);
    cr_expect_leq(b.n, 60u * 8u, "%zu bytes", b.n);
    siglog_fini(&l);
    buf_fini(&b);
}

/* At 5 s it read what is not plausible; the key frame behind a gap, of a gateway's image, has the
 * value of 2 s still. That one is over: nothing is known from 5 s on. */
Test(lane_gauge, a_key_frame_does_not_revive_what_was_before_a_bad_reading) {
    const struct signal_limits oven = {.num = 1, .den = 1, .low = -20 * UNIT, .high = 400 * UNIT};
    gauge(POINT_HELD, &oven);
    rig_asof(&rig, 0, 0, S(8));
    rig_int(&rig, 0, S(2), 118);
    rig_int(&rig, 0, S(5), 850);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_asof(&rig, 0, S(8), S(9));
    rig_int(&rig, 0, S(2), 118);
    cr_assert_eq(rig_key(&rig, true), ERR_OK);
    rig_asof(&rig, 0, S(8), S(30));
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 3000, 2 * 118 * UNIT * 3000);
}

/* A held value read just where the coverage ended, then records that are gone: it is the stream's,
 * not the key frame's, and holds while the run goes on, however the gap was told. */
Test(lane_gauge, a_value_at_the_end_of_the_coverage_holds_over_a_gap) {
    for (unsigned told = 0; told < 2; told++) {
        struct rig r;
        struct point p = rig_point(POINT_GAUGE);
        int64_t covered = 0;
        rig_init(&r);
        rig_add(&r, &p, NULL);
        rig_asof(&r, 0, 0, 20000);
        rig_int(&r, 0, 20000, 7);
        cr_assert_eq(rig_send(&r), ERR_OK);
        if (told) { /* a dropped record: values it has none */
            const struct lane_out out = rig_out(&r);
            struct batch none = {.head = {.kind = BATCH_DROPPED}};
            cr_assert_eq(lane_on_key_values(&r.lane, &none, 1, true, &out), ERR_OK);
        }
        rig_asof(&r, 0, 0, 25000);
        rig_int(&r, 0, 20000, 7);
        cr_assert_eq(rig_key(&r, true), ERR_OK);
        const struct lane_out out = rig_out(&r);
        cr_assert_eq(lane_finish(&r.lane, &out), ERR_OK);
        for (size_t i = 0; i < r.log.n; i++)
            covered += r.log.at[i].t1_ms - r.log.at[i].t0_ms;
        cr_expect_eq(covered, 5000, "%u: %lld", told, (long long)covered);
        rig_fini(&r);
    }
}

/* Of a gauge that the first key frame told nothing of, a key frame after a gap tells a value and
 * how long it holds: from its own time on, as where older epochs in the same lane had values. */
Test(lane_gauge, a_value_told_first_after_a_gap_holds_from_its_own_time) {
    struct rig r;
    struct point p = rig_point(POINT_GAUGE);
    const struct lane_out out = rig_out(&r);
    int64_t covered = 0;
    rig_init(&r);
    rig_add(&r, &p, NULL);
    rig_asof(&r, 0, 0, 10000);
    cr_assert_eq(rig_key(&r, false), ERR_OK);
    rig_asof(&r, 0, 0, 40000);
    rig_int(&r, 0, 15000, 7);
    cr_assert_eq(rig_key(&r, true), ERR_OK);
    cr_assert_eq(lane_finish(&r.lane, &out), ERR_OK);
    for (size_t i = 0; i < r.log.n; i++)
        covered += r.log.at[i].t1_ms - r.log.at[i].t0_ms;
    cr_expect_eq(covered, 25000, "%lld", (long long)covered);
    rig_fini(&r);
}

/* A key frame that covers nothing tells a value of a time ahead, as one does behind a clock step
 * that was told twice. The readings that follow hold from their own times. */
Test(lane_gauge, a_time_ahead_in_a_key_frame_holds_nothing_up) {
    struct rig r;
    struct point p = rig_point(POINT_GAUGE);
    const struct lane_out out = rig_out(&r);
    int64_t covered = 0;
    rig_init(&r);
    rig_add(&r, &p, NULL);
    rig_int(&r, 0, 90000, 7);
    cr_assert_eq(rig_key(&r, false), ERR_OK);
    rig_asof(&r, 0, 10000, 30000);
    rig_int(&r, 0, 15000, 8);
    cr_assert_eq(rig_send(&r), ERR_OK);
    cr_assert_eq(lane_finish(&r.lane, &out), ERR_OK);
    for (size_t i = 0; i < r.log.n; i++)
        covered += r.log.at[i].t1_ms - r.log.at[i].t0_ms;
    cr_expect_eq(covered, 15000, "%lld", (long long)covered);
    rig_fini(&r);
}

/* An epoch ends with a sample at 1 s and 5 s of coverage. */
static void an_epoch_with_one_sample(void) {
    gauge(POINT_SAMPLED, NULL);
    rig_asof(&rig, 0, 0, S(5));
    rig_int(&rig, 0, S(1), 20);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_next_epoch(&rig);
}

static void checkpoint(void) {
    struct buf b;
    buf_init(&b);
    cr_assert_eq(lane_pack(&rig.lane, &b), ERR_OK);
    lane_fini(&rig.lane);
    lane_init(&rig.lane, 10000);
    cr_assert_eq(lane_unpack(&rig.lane, buf_span(&b)), ERR_OK);
    buf_fini(&b);
}

/* The next process begins in the millisecond in which the one before ended. A lane that begins with
 * its key frame knows of no run before, and joins nothing: nor does this one. Only its own samples
 * are joined: 15 over 2 s. */
Test(lane_gauge, samples_of_two_processes_are_not_joined) {
    an_epoch_with_one_sample();
    rig_int(&rig, 0, S(1), 20);
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    checkpoint();
    rig_asof(&rig, 0, S(5), S(9));
    rig_int(&rig, 0, S(6), 20);
    rig_int(&rig, 0, S(8), 10);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 2000, 30 * UNIT * 2000);
}

/* The same process has opened another lane: its key frame tells the run. 20 over 5 s. */
Test(lane_gauge, samples_of_one_process_are_joined_over_its_epochs) {
    an_epoch_with_one_sample();
    rig_asof(&rig, 0, 0, S(5));
    rig_int(&rig, 0, S(1), 20);
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    rig_asof(&rig, 0, S(5), S(9));
    rig_int(&rig, 0, S(6), 20);
    finish();
    cr_assert_eq(rig.log.n, 1);
    expect(0, 0, 5000, 40 * UNIT * 5000);
}

/* A restarted gateway tells a clock step of 200 s for the second time, behind a bad reading: that
 * was not read later than the clock says. Records are gone; the key frame's value is newer, as a
 * lane that begins with it has it: 30 from 210 to 215 s. */
Test(lane_gauge, a_clock_step_told_twice_moves_no_bad_reading_ahead) {
    gauge(POINT_HELD, NULL);
    rig_asof(&rig, 0, 0, S(2));
    rig_int(&rig, 0, S(1), 20);
    rig_bad(&rig, 0, S(2));
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_assert_eq(rig_clock(&rig, S(3), S(203)), ERR_OK);
    cr_assert_eq(rig_clock(&rig, S(4), S(204)), ERR_OK);
    rig_asof(&rig, 0, S(204), S(210));
    rig_int(&rig, 0, S(210), 30);
    cr_assert_eq(rig_key(&rig, true), ERR_OK);
    rig_asof(&rig, 0, S(204), S(215));
    finish();
    cr_assert_eq(rig.log.n, 2);
    expect(0, 0, 1000, 2 * 20 * UNIT * 1000);
    expect(1, S(210), 5000, 2 * 30 * UNIT * 5000);
}

/* Nor is a sample from before it joined with one from behind it. */
Test(lane_gauge, samples_are_not_joined_over_a_clock_step_told_twice) {
    gauge(POINT_SAMPLED, NULL);
    rig_asof(&rig, 0, 0, S(3));
    rig_int(&rig, 0, S(2), 20);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_assert_eq(rig_clock(&rig, S(3), S(203)), ERR_OK);
    cr_assert_eq(rig_clock(&rig, S(4), S(204)), ERR_OK);
    rig_asof(&rig, 0, S(204), S(206));
    rig_int(&rig, 0, S(206), 30);
    finish();
    cr_expect_eq(rig.log.n, 0);
}
