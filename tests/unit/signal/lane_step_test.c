/* Counter and register steps, by the table in the head of lane.c. Amounts are worked by hand beside
 * the readings. */
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

TestSuite(lane_step, .init = start, .fini = stop);

static void counter(int64_t num, int64_t den, int64_t rate_per_h, int64_t preset) {
    struct point p = rig_point(POINT_COUNTER);
    struct signal_limits lim = {.num = num,
                                .den = den,
                                .max_rate_per_h = rate_per_h,
                                .preset = preset,
                                .gap_limit_ms = M(5)};

    p.num = num;
    p.den = den;
    rig_add(&rig, &p, &lim);
}

/* Sends the readings in one record without asof, ends the lane, gives the sum of what was logged.
 */
static int64_t total_of(const int64_t (*tv)[2], size_t n) {
    struct lane_out out = rig_out(&rig);
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        rig_int(&rig, 0, tv[i][0], tv[i][1]);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_assert_eq(lane_finish(&rig.lane, &out), ERR_OK);
    siglog_canonical(&rig.log);
    for (size_t i = 0; i < rig.log.n; i++) {
        cr_expect_gt(rig.log.at[i].value, 0);
        sum += rig.log.at[i].value;
    }
    return sum;
}

#define TOTAL(...)                                                                                 \
    total_of((const int64_t[][2]){__VA_ARGS__},                                                    \
             sizeof((const int64_t[][2]){__VA_ARGS__}) / sizeof(int64_t[2]))

static void expect_span(size_t i, int64_t t0, int64_t t1, int64_t value, uint8_t flags) {
    cr_assert_lt(i, rig.log.n);
    const struct siglog_entry want = {100, SIGLOG_SPAN, flags, t0, t1, value, 0};
    const struct siglog_entry *e = &rig.log.at[i];
    cr_expect_eq(siglog_order(e, &want), 0, "entry %zu: (%lld, %lld] %lld flags %u", i,
                 (long long)e->t0_ms, (long long)e->t1_ms, (long long)e->value, e->flags);
}

static void expect_break(size_t i, int64_t t0, int64_t t1, int64_t before, int64_t after,
                         uint8_t flags) {
    cr_assert_lt(i, rig.breaks.n);
    const struct siglog_entry want = {100, SIGLOG_BREAK, flags, t0, t1, before, after};
    const struct siglog_entry *e = &rig.breaks.at[i];
    cr_expect_eq(siglog_order(e, &want), 0, "break %zu: %lld %lld flags %u", i, (long long)e->value,
                 (long long)e->tag, e->flags);
}

/* 100 pieces an hour at most. 500 falls to 4: counted from 0. 10 rises to 9,000 and stays: not
 * explained. Neither may be lost to who says later what it was. */
Test(lane_step, where_a_counter_does_not_go_on_is_told) {
    counter(1, 1, 100, 0);
    cr_expect_eq(TOTAL({0, 500}, {M(60), 4}, {M(120), 10}, {M(180), 9000}, {M(240), 9010}), 20);
    cr_expect_eq(rig.verdicts[STEP_UNEXPLAINED], 1);
    cr_expect_eq(rig.breaks.n, 2);
    expect_break(0, 0, M(60), 500, 4, SIGLOG_RESET);
    expect_break(1, M(120), M(180), 10, 9000, 0);
}

Test(lane_step, first_value_counts_nothing) {
    counter(1, 1, 0, 0);
    cr_expect_eq(TOTAL({S(1), 5000}), 0);
    cr_expect_eq(rig.verdicts[STEP_NONE], 1);
    cr_expect_eq(rig.log.n, 0);
}

Test(lane_step, amounts_are_floored_totals_so_that_they_telescope) {
    /* 10/3: R(1) = 3, R(2) = 6, R(3) = 10, R(4) = 13: steps 3, 4, 3 = R(4) - R(1) = 10. */
    counter(10, 3, 0, 0);
    cr_expect_eq(TOTAL({S(1), 1}, {S(61), 2}, {S(121), 3}, {S(181), 4}), 10);
    cr_assert_eq(rig.log.n, 3);
    expect_span(0, S(1), S(61), 3, 0);
    expect_span(1, S(61), S(121), 4, 0);
    expect_span(2, S(121), S(181), 3, 0);
    cr_expect_eq(rig.verdicts[STEP_FORWARD], 3);
}

Test(lane_step, wide_products_go_through_128_bit) {
    /* 5e12 x 3,600,000 = 1.8e19 does not fit; / 1000 = 1.8e16, one count = 3,600. */
    counter(3600000, 1000, 0, 0);
    cr_expect_eq(TOTAL({S(1), 5000000000000}, {S(2), 5000000000002}), 7200);
}

Test(lane_step, spans_inside_a_minute_are_one_entry_and_its_end_belongs_to_it) {
    counter(1, 1, 0, 0);
    cr_expect_eq(TOTAL({0, 10}, {S(30), 11}, {S(60), 13}, {S(90), 14}), 4);
    cr_assert_eq(rig.log.n, 2);
    expect_span(0, 0, S(60), 3, 0);
    expect_span(1, S(60), S(90), 1, 0);
}

Test(lane_step, a_span_over_a_minute_is_logged_whole_and_marked_beyond_the_gap_limit) {
    counter(1, 1, 0, 0); /* gap limit 5 min */
    cr_expect_eq(TOTAL({S(50), 10}, {S(70), 12}, {M(9), 20}), 10);
    cr_assert_eq(rig.log.n, 2);
    expect_span(0, S(50), S(70), 2, 0);
    expect_span(1, S(70), M(9), 8, SIGLOG_UNDISTRIBUTED);
}

Test(lane_step, wraps_when_the_rate_makes_it_plausible) {
    /* 65,530 -> 4: 65,540 - 65,530 = 10 in 10 s; 3,600/h allows 12. */
    struct point p = rig_point(POINT_COUNTER);
    struct signal_limits lim = {.num = 1, .den = 1, .max_rate_per_h = 3600};
    p.width_bits = 16;
    rig_add(&rig, &p, &lim);
    cr_expect_eq(TOTAL({0, 65530}, {S(10), 4}, {S(20), 9}), 15);
    cr_expect_eq(rig.verdicts[STEP_WRAP], 1);
}

Test(lane_step, wraps_by_digits) {
    /* 9,998 -> 3: 10,003 - 9,998 = 5. */
    struct point p = rig_point(POINT_REGISTER);
    struct signal_limits lim = {.num = 1, .den = 1, .max_rate_per_h = 3600};
    p.width_digits = 4;
    rig_add(&rig, &p, &lim);
    cr_expect_eq(TOTAL({0, 9998}, {S(10), 3}), 5);
    cr_expect_eq(rig.verdicts[STEP_WRAP], 1);
}

Test(lane_step, an_implausible_wrap_is_a_reset) {
    /* 30,000 -> 4 would wrap by 35,540 in 10 s. From zero: 4. */
    struct point p = rig_point(POINT_COUNTER);
    struct signal_limits lim = {.num = 1, .den = 1, .max_rate_per_h = 3600};
    p.width_bits = 16;
    rig_add(&rig, &p, &lim);
    cr_expect_eq(TOTAL({0, 30000}, {S(10), 4}), 4);
    cr_expect_eq(rig.verdicts[STEP_RESET], 1);
    cr_assert_eq(rig.log.n, 1);
    expect_span(0, 0, S(10), 4, SIGLOG_RESET);
}

Test(lane_step, a_width_without_a_rate_and_without_a_step_before_does_not_wrap) {
    /* Nothing says how fast it counts: 4 from zero. */
    struct point p = rig_point(POINT_COUNTER);
    p.width_bits = 16;
    rig_add(&rig, &p, NULL);
    cr_expect_eq(TOTAL({0, 65530}, {S(10), 4}), 4);
    cr_expect_eq(rig.verdicts[STEP_WRAP], 0);
    cr_expect_eq(rig.verdicts[STEP_RESET], 1);
}

Test(lane_step, reset_counts_from_the_preset) {
    /* Preset 100: 500 -> 130 is 30 new ones. */
    counter(1, 1, 0, 100);
    cr_expect_eq(TOTAL({0, 500}, {S(10), 130}, {S(20), 131}), 31);
    cr_expect_eq(rig.verdicts[STEP_RESET], 1);
}

Test(lane_step, a_single_zero_that_returns_is_dropped) {
    /* 1000, 0, 1002: two new ones, over (0, 20 s]. */
    counter(1, 1, 0, 0);
    cr_expect_eq(TOTAL({0, 1000}, {S(10), 0}, {S(20), 1002}), 2);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_HELD], 1);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_BACK], 1);
    cr_expect_eq(rig.verdicts[STEP_FORWARD], 1);
    expect_span(0, 0, S(20), 2, 0);
}

Test(lane_step, a_zero_that_stays_is_a_reset) {
    /* 1000, 0, 3: three. */
    counter(1, 1, 0, 0);
    cr_expect_eq(TOTAL({0, 1000}, {S(10), 0}, {S(20), 3}), 3);
    cr_expect_eq(rig.verdicts[STEP_RESET], 1);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_BACK], 0);
    expect_span(0, S(10), S(20), 3, 0);
}

Test(lane_step, a_zero_that_repeats_is_a_reset) {
    counter(1, 1, 0, 0);
    cr_expect_eq(TOTAL({0, 1000}, {S(10), 0}, {S(20), 0}, {S(30), 2}), 2);
    cr_expect_eq(rig.verdicts[STEP_RESET], 1);
}

Test(lane_step, a_spike_that_returns_is_dropped) {
    /* 3,600/h: 1 a second. 9,000,000 is held; 1,020 after 20 s: 20 <= 24. */
    counter(1, 1, 3600, 0);
    cr_expect_eq(TOTAL({0, 1000}, {S(10), 9000000}, {S(20), 1020}), 20);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_HELD], 1);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_BACK], 1);
    cr_expect_eq(rig.verdicts[STEP_UNEXPLAINED], 0);
}

Test(lane_step, a_spike_that_stays_is_unexplained_and_counting_goes_on_from_it) {
    counter(1, 1, 3600, 0);
    cr_expect_eq(TOTAL({0, 1000}, {S(10), 9000000}, {S(20), 9000005}), 5);
    cr_expect_eq(rig.verdicts[STEP_UNEXPLAINED], 1);
    expect_span(0, S(10), S(20), 5, 0);
}

Test(lane_step, a_burst_that_time_catches_up_with_is_counted_whole) {
    /* 5 in 1 s is more than 1.2 + 1; 5 in 4 s is 4.8, and one was on its way. */
    counter(1, 1, 3600, 0);
    cr_expect_eq(TOTAL({0, 100}, {S(1), 105}, {S(4), 105}), 5);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_HELD], 1);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_BACK], 0);
    cr_expect_eq(rig.verdicts[STEP_UNEXPLAINED], 0);
}

Test(lane_step, one_count_is_plausible_however_short_the_time) {
    /* 60/h, polled each second: the piece that was under way. */
    counter(1, 1, 60, 0);
    cr_expect_eq(TOTAL({0, 7}, {S(1), 8}, {S(1), 9}), 2);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_HELD], 0);
}

Test(lane_step, a_spike_followed_by_a_lower_value_is_judged_against_the_old_one) {
    /* 1000, spike, 990: neither a spike that stays nor a count from zero of 990. 990 is held, then
     * 1,005 continues from 1,000: 5. */
    counter(1, 1, 3600, 0);
    cr_expect_eq(TOTAL({0, 1000}, {S(10), 9000000}, {S(20), 990}, {S(30), 1005}), 5);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_BACK], 2);
}

Test(lane_step, a_meter_that_slips_back_counts_nothing) {
    /* 50,000 -> 49,990 is nearer to the old value than to zero: unexplained once it stays, then 4.
     */
    counter(1, 1, 0, 0);
    cr_expect_eq(TOTAL({0, 50000}, {S(10), 49990}, {S(20), 49994}), 4);
    cr_expect_eq(rig.verdicts[STEP_UNEXPLAINED], 1);
    cr_expect_eq(rig.verdicts[STEP_RESET], 0);
}

Test(lane_step, a_reset_that_counts_more_than_the_rate_allows_is_unexplained) {
    /* A used meter: 50,000 -> 20,000 in 10 s at 1 a second. */
    counter(1, 1, 3600, 0);
    cr_expect_eq(TOTAL({0, 50000}, {S(10), 20000}, {S(20), 20003}), 3);
    cr_expect_eq(rig.verdicts[STEP_UNEXPLAINED], 1);
}

Test(lane_step, a_fall_below_the_preset_that_stays_is_unexplained) {
    counter(1, 1, 0, 100);
    cr_expect_eq(TOTAL({0, 500}, {S(10), 40}, {S(20), 42}), 2);
    cr_expect_eq(rig.verdicts[STEP_UNEXPLAINED], 1);
}

Test(lane_step, a_fall_while_time_stands_or_falls_is_a_late_reading) {
    /* 1000 at 10 s, 998 at 10 s and at 9 s: ignored; 1,003 at 20 s: 3 more than 1,000. */
    counter(1, 1, 0, 0);
    cr_expect_eq(TOTAL({S(10), 1000}, {S(10), 998}, {S(9), 998}, {S(20), 1003}), 3);
    cr_expect_eq(rig.verdicts[STEP_TIME_BACK], 2);
    expect_span(0, S(10), S(20), 3, 0);
}

Test(lane_step, a_late_reading_ends_a_held_zero) {
    counter(1, 1, 0, 0);
    cr_expect_eq(TOTAL({S(10), 1000}, {S(20), 0}, {S(15), 1000}, {S(30), 1001}), 1);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_BACK], 1);
}

/* 4 kWh/h in Wh. The clock falls back by 45 min and every step is 1,000 Wh: 100,000 to 105,000 is
 * 5,000. The step of the fall lies at 75 min, the latest time known; the next ones where they are
 * stamped. */
Test(lane_step, a_register_whose_stamps_fall_back_loses_nothing) {
    struct point p = rig_point(POINT_REGISTER);
    struct signal_limits lim = {.num = 1, .den = 1, .max_rate_per_h = 4000};
    rig_add(&rig, &p, &lim);
    cr_expect_eq(TOTAL({M(60), 100000}, {M(75), 101000}, {M(30), 102000}, {M(45), 103000},
                       {M(60), 104000}, {M(90), 105000}),
                 5000);
    cr_expect_eq(rig.verdicts[STEP_UNEXPLAINED], 0);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_HELD], 0);
    cr_assert_eq(rig.log.n, 5);
    expect_span(0, M(30), M(45), 1000, 0);
    expect_span(1, M(45), M(60), 1000, 0);
    expect_span(2, M(60), M(75), 1000, 0);
    expect_span(3, M(60), M(90), 1000, 0);
    expect_span(4, M(75), M(75), 1000, 0);
}

/* 4 kWh/h; two readings of one stamp, 50 Wh apart: more than the rate allows in no time at all. */
Test(lane_step, a_rise_with_no_time_passed_is_booked) {
    counter(1, 1, 4000, 0);
    cr_expect_eq(TOTAL({S(60), 1000}, {S(120), 1050}, {S(120), 1100}, {S(180), 1150}), 150);
    cr_expect_eq(rig.verdicts[STEP_UNEXPLAINED], 0);
}

/* Steps of 10, then one of 5,000 with the stamp of an hour ago: 13 bits against 4, held. It stays,
 * so it was true. The same as a spike returns and is gone: 10 + 10. */
Test(lane_step, a_large_rise_while_time_fell_waits_for_the_next_report) {
    counter(1, 1, 3600, 0);
    cr_expect_eq(TOTAL({M(60), 100}, {M(61), 110}, {M(1), 5110}, {M(2), 5120}), 5020);
    cr_expect_eq(rig.verdicts[STEP_UNEXPLAINED], 0);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_HELD], 1);
}

Test(lane_step, a_spike_while_time_fell_is_dropped) {
    counter(1, 1, 3600, 0);
    cr_expect_eq(TOTAL({M(60), 100}, {M(61), 110}, {M(1), 5000000}, {M(62), 120}), 20);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_BACK], 1);
}

Test(lane_step, a_rise_while_time_falls_is_an_instant_at_the_later_time) {
    /* +2 at 70 s (stamped 50 s); then (50 s, 80 s] +1. */
    counter(1, 1, 0, 0);
    cr_expect_eq(TOTAL({S(70), 10}, {S(50), 12}, {S(80), 13}), 3);
    cr_assert_eq(rig.log.n, 2);
    expect_span(0, S(50), S(80), 1, 0);
    expect_span(1, S(70), S(70), 2, 0);
}

Test(lane_step, bad_readings_change_nothing) {
    counter(1, 1, 0, 0);
    rig_int(&rig, 0, 0, 10);
    rig_bad(&rig, 0, S(1));
    rig_text(&rig, 0, S(2), "11");
    rig_real(&rig, 0, S(3), 11.5);
    rig_real(&rig, 0, S(3), 1e16);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_expect_eq(rig.verdicts[STEP_BAD], 4);
    cr_expect_eq(TOTAL({S(5), 12}), 2);
    expect_span(0, 0, S(5), 2, 0);
}

Test(lane_step, a_real_that_is_whole_counts) {
    counter(1, 1, 0, 0);
    rig_real(&rig, 0, 0, 10);
    rig_real(&rig, 0, S(1), 13);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    cr_expect_eq(rig.verdicts[STEP_FORWARD], 1);
    cr_expect_eq(TOTAL({S(2), 14}), 4);
}

/* 12.345678 m3 a count, in millionths of a litre: 10^9 counts are 1.2 x 10^19, beyond 2^63. 1 + 3
 * counts. */
Test(lane_step, a_total_beyond_64_bits_counts_like_any_other) {
    counter(INT64_C(12345678000), 1, 0, 0);
    cr_expect_eq(TOTAL({0, 999999917}, {M(1), 999999918}, {M(2), 999999918}, {M(3), 999999921}),
                 INT64_C(4) * 12345678000);
    cr_expect_eq(rig.verdicts[STEP_BAD], 0);
    cr_expect_eq(rig.verdicts[STEP_FORWARD], 2);
}

/* 4294967156 = 7 n + 4: floor(5 x 12345678000 / 7) - floor(4 x 12345678000 / 7)
 * = 8818341428 - 7054673142. */
Test(lane_step, a_wide_total_is_floored_like_any_other) {
    counter(INT64_C(12345678000), 7, 0, 0);
    cr_expect_eq(TOTAL({0, 4294967156}, {M(1), 4294967157}), 1763668286);
}

/* 10^10 a count, 2 + 2 counts to the last but one of 32 bits, 3 over it, 2. */
Test(lane_step, a_total_beyond_64_bits_wraps) {
    struct point p = rig_point(POINT_COUNTER);
    const struct signal_limits lim = {.num = INT64_C(10000000000), .den = 1};

    p.width_bits = 32;
    rig_add(&rig, &p, &lim);
    cr_expect_eq(
        TOTAL({0, 4294967290}, {M(1), 4294967292}, {M(2), 4294967294}, {M(3), 1}, {M(4), 3}),
        INT64_C(90000000000));
    cr_expect_eq(rig.verdicts[STEP_WRAP], 1);
}

Test(lane_step, a_spike_beyond_64_bits_is_dropped) {
    counter(1000, 1, 0, 0);
    cr_expect_eq(TOTAL({0, 1}, {S(1), INT64_MAX}, {S(2), 2}), 1000);
    cr_expect_eq(rig.verdicts[STEP_BAD], 0);
    cr_expect_eq(rig.verdicts[STEP_GLITCH_BACK], 1);
}

/* 2^50 a minute begun: 2^51 in one minute, then 2^53 more in the next. */
Test(lane_step, what_no_unit_moves_in_that_time_is_unexplained) {
    const int64_t most = INT64_C(1) << 51, beyond = most + (INT64_C(1) << 53);

    counter(1, 1, 0, 0);
    cr_expect_eq(TOTAL({0, 0}, {M(1), most}, {M(2), beyond}, {M(3), beyond + 1}), most + 1);
    cr_expect_eq(rig.verdicts[STEP_UNEXPLAINED], 1);
    cr_assert_eq(rig.breaks.n, 1);
    expect_break(0, M(1), M(2), most, beyond, 0);
}

/* A fall on which nothing is to be believed, 2^53 from a preset of 0; 4 counts go on from it. */
Test(lane_step, a_reset_by_what_no_unit_moves_is_unexplained) {
    const int64_t low = INT64_C(1) << 53, high = INT64_C(1) << 56;

    counter(1, 1, 0, 0);
    cr_expect_eq(TOTAL({0, high}, {M(1), low}, {M(2), low + 4}), 4);
    cr_expect_eq(rig.verdicts[STEP_RESET], 0);
    cr_expect_eq(rig.verdicts[STEP_UNEXPLAINED], 1);
}

/* Nothing that the wire can say leaves 128 bits. What cannot be written down is no break either. */
Test(lane_step, the_widest_of_all_steps_is_unexplained) {
    counter(INT64_MAX, 1, 0, 0);
    cr_expect_eq(TOTAL({0, INT64_MIN}, {M(1), INT64_MAX}, {M(2), INT64_MAX}), 0);
    cr_expect_eq(rig.verdicts[STEP_UNEXPLAINED], 1);
    cr_expect_eq(rig.breaks.n, 0);
}

Test(lane_step, an_uncertain_reading_marks_its_span) {
    struct reading r = {.quality = QUALITY_UNCERTAIN, .t_ms = S(10), .v = {VALUE_INT, {.i = 12}}};
    counter(1, 1, 0, 0);
    rig_int(&rig, 0, 0, 10);
    rig_reading(&rig, &r);
    cr_expect_eq(TOTAL({S(20), 15}), 5);
    cr_assert_eq(rig.log.n, 2);
    expect_span(0, S(10), S(20), 3, 0);
    expect_span(1, 0, S(10), 2, SIGLOG_UNCERTAIN);
}

Test(lane_step, a_watched_counter_rose_within_its_last_poll) {
    /* Poll 1 s, watched since 0: the change seen at 100 s came in (99 s, 100 s], not since 5 s. */
    struct point p = rig_point(POINT_COUNTER);
    p.poll_ms = 1000;
    rig_add(&rig, &p, NULL);
    rig_asof(&rig, 0, 0, S(100));
    rig_int(&rig, 0, S(5), 10);
    cr_expect_eq(TOTAL({S(100), 11}), 1);
    expect_span(0, S(99), S(100), 1, 0);
}

Test(lane_step, a_counter_is_not_watched_where_the_run_began_within_the_poll) {
    /* Run [0, 10 s], gap, run [99.5 s, 100 s]: a poll of 1 s is not covered. */
    struct point p = rig_point(POINT_COUNTER);
    p.poll_ms = 1000;
    rig_add(&rig, &p, NULL);
    rig_asof(&rig, 0, 0, S(10));
    rig_int(&rig, 0, S(5), 10);
    cr_assert_eq(rig_send(&rig), ERR_OK);
    rig_asof(&rig, 0, 99500, S(100));
    cr_expect_eq(TOTAL({S(100), 11}), 1);
    expect_span(0, S(5), S(100), 1, 0);
}

Test(lane_step, a_watched_counter_without_poll_counts_at_the_instant) {
    counter(1, 1, 0, 0);
    rig_asof(&rig, 0, 0, S(200));
    cr_expect_eq(TOTAL({S(5), 10}, {S(100), 11}), 1);
    expect_span(0, S(100), S(100), 1, 0);
}

Test(lane_step, a_register_grew_since_its_last_reading) {
    struct point p = rig_point(POINT_REGISTER);
    p.poll_ms = 1000;
    rig_add(&rig, &p, NULL);
    rig_asof(&rig, 0, 0, S(200));
    cr_expect_eq(TOTAL({S(65), 10}, {S(100), 11}), 1);
    expect_span(0, S(65), S(100), 1, 0);
}

Test(lane_step, an_end_of_the_lane_with_a_held_zero_is_a_reset_and_invents_nothing) {
    counter(1, 1, 0, 0);
    cr_expect_eq(TOTAL({0, 1000}, {S(10), 0}), 0);
    cr_expect_eq(rig.verdicts[STEP_RESET], 1);
}

Test(lane_step, a_span_that_ends_a_millisecond_past_the_minute_crosses_it) {
    counter(1, 1, 0, 0);
    cr_expect_eq(TOTAL({0, 10}, {S(30), 11}, {60001, 12}), 2);
    cr_assert_eq(rig.log.n, 2);
    expect_span(0, 0, S(30), 1, 0);
    expect_span(1, S(30), 60001, 1, 0);
}
