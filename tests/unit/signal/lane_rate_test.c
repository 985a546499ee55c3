/* Counters of which no rate is stated, by the rules P, W, wrap and restart in the head of lane.c.
 * L(x) is the length of x in bits; amounts are worked by hand beside the readings. */
#include <criterion/criterion.h>

#include "rig.h"

#define S(n) (INT64_C(1000) * (n))
#define M(n) (INT64_C(60000) * (n))

static struct rig rig;

static void start(void) {
    rig_init(&rig);
}

static void stop(void) {
    rig_fini(&rig);
}

TestSuite(lane_rate, .init = start, .fini = stop);

static void counter(uint8_t bits, int64_t preset) {
    struct point p = rig_point(POINT_COUNTER);
    const struct signal_limits lim = {.num = 1, .den = 1, .preset = preset};

    p.width_bits = bits;
    rig_add(&rig, &p, &lim);
}

static int64_t total_of(const int64_t (*tv)[2], size_t n) {
    struct lane_out out = rig_out(&rig);
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        rig_int(&rig, 0, tv[i][0], tv[i][1]);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_assert_eq(lane_finish(&rig.lane, &out), ERR_OK);
    for (size_t i = 0; i < rig.log.n; i++)
        sum += rig.log.at[i].value;
    return sum;
}

#define TOTAL(...)                                                                                 \
    total_of((const int64_t[][2]){__VA_ARGS__},                                                    \
             sizeof((const int64_t[][2]){__VA_ARGS__}) / sizeof(int64_t[2]))

static void expect(enum step_verdict v, unsigned n) {
    cr_expect_eq(rig.verdicts[v], n, "verdict %d: %u", (int)v, (unsigned)rig.verdicts[v]);
}

/* 280, 290, a spike of five million, 310: 10 + 20. */
Test(lane_rate, a_spike_that_returns_is_dropped) {
    counter(0, 0);
    cr_expect_eq(TOTAL({M(1), 280}, {M(2), 290}, {M(3), 5000000}, {M(4), 310}), 30);
    expect(STEP_GLITCH_HELD, 1);
    expect(STEP_GLITCH_BACK, 1);
}

/* 114,500 Wh + 500, a spike of 50 GWh, + 500 more. */
Test(lane_rate, a_spike_of_a_register_is_dropped) {
    struct point p = rig_point(POINT_REGISTER);
    rig_add(&rig, &p, NULL);
    cr_expect_eq(TOTAL({M(1), 114500}, {M(2), 115000}, {M(3), 50000000000}, {M(4), 115500}), 1000);
    expect(STEP_GLITCH_BACK, 1);
}

/* Before any step the total judges: L(290) = 9, L(4,999,710) = 23. */
Test(lane_rate, a_spike_as_the_first_step_is_dropped) {
    counter(0, 0);
    cr_expect_eq(TOTAL({M(1), 290}, {M(2), 5000000}, {M(3), 310}, {M(4), 320}), 30);
    expect(STEP_GLITCH_BACK, 1);
}

/* It stays and counts on by 10: L(4,999,710) = 23, L(10) = 4. Not counted, and said. */
Test(lane_rate, a_spike_that_stays_is_unexplained) {
    counter(0, 0);
    cr_expect_eq(TOTAL({M(1), 280}, {M(2), 290}, {M(3), 5000000}, {M(4), 5000010}), 20);
    expect(STEP_UNEXPLAINED, 1);
}

/* Standby at 1 Wh a minute, then 10 kW: L(166) = 8 against L(1) = 1, and seven bits faster. The
 * next step is as large: it was true. 2 + 166 + 167 + 166. */
Test(lane_rate, a_machine_that_starts_loses_nothing) {
    counter(0, 0);
    cr_expect_eq(
        TOTAL({M(1), 5000}, {M(2), 5001}, {M(3), 5002}, {M(4), 5168}, {M(5), 5335}, {M(6), 5501}),
        501);
    expect(STEP_GLITCH_HELD, 1);
    expect(STEP_UNEXPLAINED, 0);
    expect(STEP_FORWARD, 5);
}

/* 3 Wh in standby, a start that took 600 (L = 10 against 2), standby again: one step is a poor
 * measure, and it did not go back. After eight of them it is unexplained. */
Test(lane_rate, a_large_step_between_small_ones_is_counted_while_few_are_known) {
    counter(0, 0);
    cr_expect_eq(TOTAL({M(1), 5000}, {M(2), 5003}, {M(3), 5603}, {M(3) + S(30), 5604}), 604);
    expect(STEP_GLITCH_HELD, 1);
    expect(STEP_UNEXPLAINED, 0);
}

Test(lane_rate, a_large_step_between_small_ones_is_unexplained_once_they_are_known) {
    counter(0, 0);
    cr_expect_eq(TOTAL({M(1), 5000}, {M(2), 5003}, {M(3), 5006}, {M(4), 5009}, {M(5), 5012},
                       {M(6), 5015}, {M(7), 5018}, {M(8), 5021}, {M(9), 5024}, {M(10), 5624},
                       {M(10) + S(30), 5625}),
                 25);
    expect(STEP_UNEXPLAINED, 1);
}

/* 600 pieces after ten hours of silence, at one a minute: the amount is unusual, its rate is not.
 */
Test(lane_rate, what_came_during_a_long_silence_is_ordinary) {
    counter(0, 0);
    cr_expect_eq(TOTAL({M(1), 100}, {M(2), 101}, {M(602), 701}), 601);
    expect(STEP_GLITCH_HELD, 0);
}

/* One piece at a time, a minute apart, then two within ten milliseconds: fast, but not much. */
Test(lane_rate, a_quick_second_piece_is_ordinary) {
    counter(0, 0);
    cr_expect_eq(TOTAL({M(1), 100}, {M(2), 101}, {M(2) + 10, 102}), 2);
    expect(STEP_GLITCH_HELD, 0);
}

/* From its preset a counter may begin with any step. */
Test(lane_rate, a_counter_at_its_preset_may_begin_with_any_step) {
    counter(0, 1000);
    cr_expect_eq(TOTAL({M(1), 1000}, {M(2), 9000}), 8000);
    expect(STEP_GLITCH_HELD, 0);
}

/* A first step of 8,000 on a total of 10 is held; it stands, and nothing speaks against it. */
Test(lane_rate, a_first_step_that_stands_is_counted) {
    counter(0, 0);
    cr_expect_eq(TOTAL({M(1), 10}, {M(2), 8010}, {M(3), 8010}), 8000);
    expect(STEP_GLITCH_HELD, 1);
    expect(STEP_UNEXPLAINED, 0);
}

/* 65,300, + 100, + 100, then 64: 65,600 - 65,500 = 100, below 6,553 and as large as the steps
 * before. */
Test(lane_rate, wraps_like_its_steps_before) {
    counter(16, 0);
    cr_expect_eq(TOTAL({M(1), 65300}, {M(2), 65400}, {M(3), 65500}, {M(4), 64}, {M(5), 164}), 400);
    expect(STEP_WRAP, 1);
    expect(STEP_RESET, 0);
}

/* 30,000 -> 64 would wrap by 35,600 of 65,536: a reset, 64. */
Test(lane_rate, a_wrap_by_more_than_a_tenth_of_the_width_is_a_reset) {
    counter(16, 0);
    cr_expect_eq(TOTAL({M(1), 29900}, {M(2), 30000}, {M(3), 64}, {M(4), 164}), 264);
    expect(STEP_WRAP, 0);
    expect(STEP_RESET, 1);
}

/* A meter of six digits at 920,000 that steps by 10 and begins anew at 5: a wrap would be 80,005.
 */
Test(lane_rate, a_wrap_unlike_its_steps_before_is_a_reset) {
    struct point p = rig_point(POINT_REGISTER);
    p.width_digits = 6;
    rig_add(&rig, &p, NULL);
    cr_expect_eq(TOTAL({M(1), 919990}, {M(2), 920000}, {M(3), 5}, {M(4), 15}), 25);
    expect(STEP_WRAP, 0);
    expect(STEP_RESET, 1);
}

/* A zero near the end of the width that returns is no wrap. */
Test(lane_rate, a_zero_near_the_end_that_returns_is_dropped) {
    counter(16, 0);
    cr_expect_eq(TOTAL({M(1), 65300}, {M(2), 65400}, {M(3), 0}, {M(4), 65500}), 200);
    expect(STEP_GLITCH_BACK, 1);
    expect(STEP_WRAP, 0);
}

/* 50,000, + 10, garbage of 120, + 10: what fell and returned counts nothing. */
Test(lane_rate, garbage_below_that_returns_is_dropped) {
    counter(0, 0);
    cr_expect_eq(TOTAL({M(1), 49990}, {M(2), 50000}, {M(3), 120}, {M(4), 50010}), 20);
    expect(STEP_GLITCH_BACK, 1);
    expect(STEP_RESET, 0);
}

/* A counter of batches of five, seen at 3, 5, 2 and 5 again: 2 + 2 + 3, the fall was a new batch.
 */
Test(lane_rate, a_counter_of_small_batches_begins_anew) {
    counter(0, 0);
    cr_expect_eq(TOTAL({M(1), 3}, {M(2), 5}, {M(3), 2}, {M(4), 5}), 7);
    expect(STEP_RESET, 1);
    expect(STEP_GLITCH_BACK, 0);
}

/* What an epoch has seen is not known to the next one, which may be read in a lane of its own. */
Test(lane_rate, an_epoch_begins_without_a_step_to_measure_by) {
    counter(16, 0);
    rig_int(&rig, 0, M(1), 65400);
    rig_int(&rig, 0, M(2), 65500);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_next_epoch(&rig);
    rig_int(&rig, 0, M(2), 65500);
    cr_assert_eq(rig_key(&rig, false), ERR_OK);
    cr_expect_eq(TOTAL({M(3), 64}), 164); /* 100, and 64 from zero: no step yet to know a wrap by */
    expect(STEP_WRAP, 0);
}

/* 65,535 is where the epoch begins, then 0, 1, 2: one count to 0, as large as those behind it. */
Test(lane_rate, a_wrap_at_the_start_of_an_epoch_is_known_by_the_step_behind_it) {
    counter(16, 0);
    cr_expect_eq(TOTAL({M(1), 65535}, {M(2), 0}, {M(3), 1}, {M(4), 2}), 3);
    expect(STEP_WRAP, 1);
    expect(STEP_RESET, 0);
}

/* The same behind the first step, which is none to measure by. */
Test(lane_rate, a_wrap_behind_the_first_step_is_known_by_the_step_behind_it) {
    counter(16, 0);
    cr_expect_eq(TOTAL({M(1), 65534}, {M(2), 65535}, {M(3), 0}, {M(4), 1}), 3);
    expect(STEP_WRAP, 1);
}

/* 60,000 -> 0 would wrap by 5,536, and 1 comes behind it: switched off with the agent. */
Test(lane_rate, a_wrap_unlike_the_step_behind_it_is_a_reset) {
    counter(16, 0);
    cr_expect_eq(TOTAL({M(1), 60000}, {M(200), 0}, {M(201), 1}), 1);
    expect(STEP_WRAP, 0);
    expect(STEP_RESET, 1);
}

/* 2 Wh in two minutes, then 10 kW for ten seconds and the agent is killed: two steps are no
 * measure. */
Test(lane_rate, a_large_step_at_the_end_of_a_short_epoch_is_counted) {
    struct lane_out out = rig_out(&rig);

    counter(0, 0);
    (void)TOTAL({M(1), 5000}, {M(2), 5001}, {M(3), 5002}, {M(3) + S(10), 6738});
    expect(STEP_GLITCH_HELD, 1);
    cr_assert_eq(lane_end_epoch(&rig.lane, true, &out), ERR_OK);
    expect(STEP_FORWARD, 3);
    expect(STEP_UNEXPLAINED, 0);
}

/* The same after eight steps of 1 Wh: nobody will ever say that it was true. */
Test(lane_rate, a_large_step_at_the_end_of_a_long_epoch_is_unexplained) {
    struct lane_out out = rig_out(&rig);

    counter(0, 0);
    (void)TOTAL({M(1), 5000}, {M(2), 5001}, {M(3), 5002}, {M(4), 5003}, {M(5), 5004}, {M(6), 5005},
                {M(7), 5006}, {M(8), 5007}, {M(9), 5008}, {M(9) + S(10), 6738});
    cr_assert_eq(lane_end_epoch(&rig.lane, true, &out), ERR_OK);
    expect(STEP_FORWARD, 8);
    expect(STEP_UNEXPLAINED, 1);
}

/* The measure is in the checkpoint: the spike after it is dropped as without one. */
Test(lane_rate, a_checkpoint_keeps_the_measure) {
    const struct signal_limits lim = {.num = 1, .den = 1};
    struct buf bytes;

    counter(0, 0);
    rig_int(&rig, 0, M(1), 1000000);
    rig_int(&rig, 0, M(2), 1000010);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    buf_init(&bytes);
    cr_assert_eq(lane_pack(&rig.lane, &bytes), ERR_OK);
    lane_fini(&rig.lane);
    cr_assert_eq(lane_unpack(&rig.lane, buf_span(&bytes)), ERR_OK);
    cr_assert_eq(lane_put_limits(&rig.lane, 0, &lim), ERR_OK);
    buf_fini(&bytes);
    /* 5,000,000 is less than 128 times the total, but far more than steps of 10. */
    cr_expect_eq(TOTAL({M(3), 5000000}, {M(4), 1000020}), 20);
    expect(STEP_GLITCH_BACK, 1);
}

/* A value on hold that was uncertain stays so when it is booked. */
Test(lane_rate, a_held_value_keeps_its_quality) {
    struct reading r = {.quality = QUALITY_UNCERTAIN, .t_ms = M(2), .v = {VALUE_INT, {.i = 8010}}};

    counter(0, 0);
    rig_int(&rig, 0, M(1), 10);
    rig_reading(&rig, &r);
    cr_expect_eq(TOTAL({M(3), 8010}), 8000);
    cr_assert_eq(rig.log.n, 1);
    cr_expect_eq(rig.log.at[0].flags, SIGLOG_UNCERTAIN);
}
