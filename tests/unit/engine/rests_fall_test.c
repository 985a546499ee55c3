/* Points that are named late and have fallen meanwhile: what is held, and how it is judged, is the
 * same in whichever lane it is read. */
#include "rests_rig.h"

#include <criterion/criterion.h>

TestSuite(rests_fall, .init = rests_open, .fini = rests_close);

/* 100, 103, and a fall to 0 that is held when the epoch ends. The next one does not name the
 * register at first, so it is judged there, as one that nothing follows: it began anew, and 120 is
 * 120 more than 0. Had it waited for that, it would be a slip, and 120 were 17 more than 103. */
static void younger_goes_on_from_zero(void) {
    rests_key(&rests.younger, T0 + 20 * MIN);
    const uint16_t energy = rests_name_energy(&rests.younger, T0 + 22 * MIN, 0, T0 + 6 * MIN);
    rests_read_energy(&rests.younger, energy, T0 + 23 * MIN, 120);
}

Test(rests_fall, what_is_held_is_judged_where_it_is_left) {
    uint16_t energy;
    rests_hello_younger(3, 3);
    rests.younger.prev_last = 3;
    rests_older_begins(&energy);
    rests_read_energy(&rests.older, energy, T0 + 6 * MIN, 0);
    younger_goes_on_from_zero();
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(rests_energy_of_day(), 3 + 120);
}

Test(rests_fall, what_is_held_is_judged_the_same_in_a_lane_of_its_own) {
    uint16_t energy;
    rests_hello_younger(3, 3);
    rests.younger.prev_last = 3;
    rests_older_begins(&energy);
    younger_goes_on_from_zero();
    rests_read_energy(&rests.older, energy, T0 + 6 * MIN, 0);
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(rests_energy_of_day(), 3 + 120);
}

/* The same, and an epoch between named the register, with the value that the older one holds back,
 * and read nothing of it. The older one's reading comes in its turn, before the youngest names the
 * register, or last. */
enum turn { IN_TURN, BEFORE_IT_IS_NAMED, LAST };

static void fall_is_told(enum turn when) {
    uint16_t energy, late;
    rests_hello_youngest();
    rests.younger.prev_last = 3;
    rests_older_begins(&energy);
    if (when == IN_TURN)
        rests_read_energy(&rests.older, energy, T0 + 6 * MIN, 0);
    (void)rests_name_energy(&rests.younger, T0 + 20 * MIN, 0, T0 + 6 * MIN);
    script_int(&rests.younger, 0, T0 + 21 * MIN, 7);
    cr_assert_eq(script_send(&rests.younger), ERR_OK);
    rests_key(&rests.youngest, T0 + 22 * MIN);
    if (when == BEFORE_IT_IS_NAMED)
        rests_read_energy(&rests.older, energy, T0 + 6 * MIN, 0);
    late = rests_name_energy(&rests.youngest, T0 + 24 * MIN, 0, T0 + 6 * MIN);
    rests_read_energy(&rests.youngest, late, T0 + 25 * MIN, 120);
    if (when == LAST)
        rests_read_energy(&rests.older, energy, T0 + 6 * MIN, 0);
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(rests_energy_of_day(), 3 + 120);
}

Test(rests_fall, what_is_held_is_judged_where_a_younger_epoch_left_it) {
    fall_is_told(IN_TURN);
}

Test(rests_fall, what_is_held_is_judged_as_a_younger_epoch_left_it_before) {
    fall_is_told(BEFORE_IT_IS_NAMED);
}

Test(rests_fall, what_is_held_is_judged_as_a_younger_epoch_left_it_in_a_lane_of_its_own) {
    fall_is_told(LAST);
}

/* The epoch between reads a fall to 0 as its first value, which is held; the youngest names the
 * register late, with 0, and reads 50: all of that since the fall, however late the oldest ends. */
static void fall_is_named_late(enum turn when) {
    uint16_t energy, younger, late;
    rests_hello_youngest();
    rests.younger.prev_last = 3;
    rests_older_begins(&energy);
    if (when == IN_TURN)
        rests_older_says_more();
    younger = rests_name_energy(&rests.younger, T0 + 20 * MIN, 103, T0 + 5 * MIN);
    rests_read_energy(&rests.younger, younger, T0 + 21 * MIN, 0);
    rests_key(&rests.youngest, T0 + 22 * MIN);
    late = rests_name_energy(&rests.youngest, T0 + 24 * MIN, 0, T0 + 21 * MIN);
    rests_read_energy(&rests.youngest, late, T0 + 25 * MIN, 50);
    if (when == LAST)
        rests_older_says_more();
    rests_at(T0 + 30 * MIN);
    cr_expect_eq(rests_energy_of_day(), 3 + 50);
    cr_expect_eq(rests_energy_of_quarter(T0 + 15 * MIN), 50);
}

Test(rests_fall, what_is_named_late_may_have_fallen) {
    fall_is_named_late(IN_TURN);
}

Test(rests_fall, what_is_named_late_may_have_fallen_beside_an_older_lane) {
    fall_is_named_late(LAST);
}

/* The younger epoch names the register and is left. The third one names it late and reads a fall,
 * which is held; the fourth tells 0 in its turn, reads nothing and is left; the last one names it
 * late and reads 50. */
enum { THIRD = YOUNGEST, FOURTH, LAST_ONE };

static void hello_five(void) {
    rests_hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 4},
                                       {YOUNGER, OLDER, 3, .base = 1, .next = 3},
                                       {THIRD, YOUNGER, 2, .base = 1, .next = 4},
                                       {FOURTH, THIRD, 3, .base = 1, .next = 3},
                                       {LAST_ONE, FOURTH, 2, .base = 1, .next = 2, .open = true}},
                5);
}

static void read_another(struct script *s, int64_t t_ms) {
    script_int(s, 0, t_ms, 7);
    cr_assert_eq(script_send(s), ERR_OK);
}

static void fall_is_told_between(enum turn when) {
    struct script fourth, last;
    uint16_t energy;
    rests_begin(&fourth, FOURTH, THIRD, 3);
    rests_begin(&last, LAST_ONE, FOURTH, 2);
    hello_five();
    rests.younger.prev_last = 3;
    rests_older_begins(&energy);
    if (when == IN_TURN)
        rests_older_says_more();
    (void)rests_name_energy(&rests.younger, T0 + 18 * MIN, 103, T0 + 5 * MIN);
    read_another(&rests.younger, T0 + 18 * MIN);
    rests_key(&rests.youngest, T0 + 19 * MIN);
    energy = rests_name_energy(&rests.youngest, T0 + 20 * MIN, 103, T0 + 5 * MIN);
    rests_read_energy(&rests.youngest, energy, T0 + 21 * MIN, 0);
    (void)rests_name_energy(&fourth, T0 + 22 * MIN, 0, T0 + 21 * MIN);
    read_another(&fourth, T0 + 22 * MIN);
    rests_key(&last, T0 + 23 * MIN);
    energy = rests_name_energy(&last, T0 + 24 * MIN, 0, T0 + 21 * MIN);
    rests_read_energy(&last, energy, T0 + 32 * MIN, 50);
    if (when == LAST)
        rests_older_says_more();
    rests_at(T0 + 40 * MIN);
    cr_expect_eq(rests_energy_of_day(), 3 + 50);
    /* From 06:21 to 06:32. */
    cr_expect_eq(rests_energy_of_quarter(T0 + 15 * MIN), 50 * 9 / 11);
    script_fini(&fourth);
    script_fini(&last);
}

Test(rests_fall, what_is_told_between_is_no_beginning_where_it_is_left) {
    fall_is_told_between(IN_TURN);
}

Test(rests_fall, what_is_told_between_is_none_beside_an_older_lane_either) {
    fall_is_told_between(LAST);
}

/* The one between ends with what is given up; the youngest one's key frame, over that gap, tells of
 * a value of 06:21. */
static uint16_t tell_over_a_gap(enum turn when, int64_t value) {
    uint16_t energy;
    rests_hello_youngest();
    rests.younger.prev_last = 3;
    rests_older_begins(&energy);
    if (when == IN_TURN)
        rests_older_says_more();
    (void)rests_name_energy(&rests.younger, T0 + 20 * MIN, 103, T0 + 5 * MIN);
    rests_drop_last_of(&rests.younger, YOUNGER, 2);
    return rests_name_energy(&rests.youngest, T0 + 22 * MIN, value, T0 + 21 * MIN);
}

static void fall_is_told_over_a_gap(enum turn when) {
    const uint16_t younger = tell_over_a_gap(when, 0);
    rests_read_energy(&rests.youngest, younger, T0 + 32 * MIN, 50);
    if (when == LAST)
        rests_older_says_more();
    rests_at(T0 + 40 * MIN);
    cr_expect_eq(rests_energy_of_day(), 3 + 50);
    cr_expect_eq(rests_energy_of_quarter(T0 + 15 * MIN), 50 * 9 / 11);
}

Test(rests_fall, what_is_told_over_a_gap_may_have_fallen) {
    fall_is_told_over_a_gap(IN_TURN);
}

Test(rests_fall, what_is_told_over_a_gap_may_have_fallen_beside_an_older_lane) {
    fall_is_told_over_a_gap(LAST);
}

/* Two epochs in a row name the register late and read what the next one tells: a rise that nobody
 * believes at once, and a fall. Each is judged where it is left. */
static void rise_and_fall_are_left(enum turn when) {
    struct script fourth;
    uint16_t energy;
    rests_begin(&fourth, THIRD + 1, THIRD, 3);
    rests_hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 4},
                                       {YOUNGER, OLDER, 3, .base = 1, .next = 4},
                                       {THIRD, YOUNGER, 3, .base = 1, .next = 4},
                                       {THIRD + 1, THIRD, 3, .base = 1, .next = 2, .open = true}},
                4);
    rests.younger.prev_last = rests.youngest.prev_last = 3;
    rests_older_begins(&energy);
    if (when == IN_TURN)
        rests_older_says_more();
    rests_key(&rests.younger, T0 + 18 * MIN);
    energy = rests_name_energy(&rests.younger, T0 + 20 * MIN, 103, T0 + 5 * MIN);
    rests_read_energy(&rests.younger, energy, T0 + 21 * MIN, MILLION);
    rests_key(&rests.youngest, T0 + 22 * MIN);
    energy = rests_name_energy(&rests.youngest, T0 + 23 * MIN, MILLION, T0 + 21 * MIN);
    rests_read_energy(&rests.youngest, energy, T0 + 24 * MIN, 0);
    rests_key(&fourth, T0 + 25 * MIN);
    energy = rests_name_energy(&fourth, T0 + 26 * MIN, 0, T0 + 24 * MIN);
    rests_read_energy(&fourth, energy, T0 + 32 * MIN, 50);
    if (when == LAST)
        rests_older_says_more();
    rests_at(T0 + 40 * MIN);
    cr_expect_eq(rests_energy_of_day(), MILLION - 100 + 50);
    script_fini(&fourth);
}

Test(rests_fall, what_is_told_late_is_judged_where_it_is_left) {
    rise_and_fall_are_left(IN_TURN);
}

Test(rests_fall, what_is_told_late_is_judged_where_it_is_left_beside_an_older_lane) {
    rise_and_fall_are_left(LAST);
}

/* The older epoch ends with a value that it holds; the one between tells it and reads nothing, and
 * the youngest does not name the register. */
static void held_is_left(enum turn when, int64_t steps, int64_t held, int64_t clock_ms) {
    const uint64_t records = (uint64_t)steps + 2;
    const int64_t last_ms = T0 + (steps + 1) * MIN;
    uint16_t energy;
    rests_hello(
        (struct hello_epoch[]){
            {.epoch = OLDER, .base = 1, .next = records + 1},
            {YOUNGER, OLDER, records, .base = 1, .next = clock_ms ? 3 : 2},
            {THIRD, YOUNGER, clock_ms ? 2 : 1, .base = 1, .next = 2, .open = true}},
        3);
    rests.younger.prev_last = records;
    rests.youngest.prev_last = clock_ms ? 2 : 1;
    energy = rests_name_energy(&rests.older, T0, 100, T0);
    for (int64_t i = 1; i <= steps; i++)
        rests_read_energy(&rests.older, energy, T0 + i * MIN, 100 + i);
    if (when == IN_TURN)
        rests_read_energy(&rests.older, energy, last_ms, held);
    (void)rests_name_energy(&rests.younger, T0 + 12 * MIN, held, last_ms);
    if (clock_ms)
        cr_assert_eq(script_clock(&rests.younger, T0 + 13 * MIN, T0 + 13 * MIN + clock_ms), ERR_OK);
    rests_key(&rests.youngest, T0 + 13 * MIN + clock_ms);
    if (when == LAST)
        rests_read_energy(&rests.older, energy, last_ms, held);
    rests_at(T0 + 50 * MIN);
}

/* The epoch between has no measure: the rise may have been true. */
static void rise_is_left(enum turn when) {
    held_is_left(when, 9, MILLION, 0);
    cr_expect_eq(rests_energy_of_day(), MILLION - 100);
}

Test(rests_fall, what_is_held_has_no_measure_where_another_epoch_leaves_it) {
    rise_is_left(IN_TURN);
}

Test(rests_fall, what_is_held_has_no_measure_in_a_lane_of_its_own_either) {
    rise_is_left(LAST);
}

/* It lies where the clock of that epoch says. */
static void clock_steps_before_it_is_left(enum turn when) {
    held_is_left(when, 3, 2, 20 * MIN);
    cr_expect_eq(rests_energy_of_day(), 3 + 2);
    cr_expect_eq(rests_energy_of_quarter(T0 + 15 * MIN), 2);
}

Test(rests_fall, what_is_held_goes_with_the_clock_until_it_is_left) {
    clock_steps_before_it_is_left(IN_TURN);
}

Test(rests_fall, what_is_held_goes_with_the_clock_in_a_lane_of_its_own) {
    clock_steps_before_it_is_left(LAST);
}

/* The older epoch ends with a fall that it holds; the one between tells it, reads nothing and ends
 * with what is given up. Over that gap the youngest one tells a value that goes on from before the
 * fall: it was a slip, for the epoch between has no measure that says else. */
static void slip_is_told_over_a_gap(enum turn when) {
    uint16_t energy, late;
    rests_hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 5},
                                       {YOUNGER, OLDER, 4, .base = 1, .next = 3},
                                       {THIRD, YOUNGER, 2, .base = 1, .next = 2, .open = true}},
                3);
    rests.younger.prev_last = 4;
    rests_older_begins(&energy);
    rests_read_energy(&rests.older, energy, T0 + 6 * MIN, 106);
    if (when == IN_TURN)
        rests_read_energy(&rests.older, energy, T0 + 7 * MIN, 2);
    (void)rests_name_energy(&rests.younger, T0 + 20 * MIN, 2, T0 + 7 * MIN);
    rests_drop_last_of(&rests.younger, YOUNGER, 2);
    late = rests_name_energy(&rests.youngest, T0 + 22 * MIN, 107, T0 + 21 * MIN);
    rests_read_energy(&rests.youngest, late, T0 + 32 * MIN, 108);
    if (when == LAST)
        rests_read_energy(&rests.older, energy, T0 + 7 * MIN, 2);
    rests_at(T0 + 40 * MIN);
    cr_expect_eq(rests_energy_of_day(), 108 - 100);
}

Test(rests_fall, what_is_told_over_a_gap_may_end_a_slip) {
    slip_is_told_over_a_gap(IN_TURN);
}

Test(rests_fall, what_is_told_over_a_gap_may_end_a_slip_beside_an_older_lane) {
    slip_is_told_over_a_gap(LAST);
}

/* What a key frame told over a gap was told before the gateway's clock was stepped: the rise from
 * 06:05 to 06:21 stays there, however late the oldest epoch ends. */
static void rise_is_told_before_a_step(enum turn when) {
    const uint16_t younger = tell_over_a_gap(when, 135);
    cr_assert_eq(script_clock(&rests.youngest, T0 + 23 * MIN, T0 + 28 * MIN), ERR_OK);
    rests_read_energy(&rests.youngest, younger, T0 + 29 * MIN, 135);
    if (when == LAST)
        rests_older_says_more();
    rests_at(T0 + 40 * MIN);
    cr_expect_eq(rests_energy_of_day(), 3 + 32);
    cr_expect_eq(rests_energy_of_quarter(T0 + 15 * MIN), 12); /* six of sixteen minutes */
}

Test(rests_fall, what_is_told_over_a_gap_stays_where_it_was_told) {
    rise_is_told_before_a_step(IN_TURN);
}

Test(rests_fall, what_is_told_over_a_gap_stays_there_beside_an_older_lane) {
    rise_is_told_before_a_step(LAST);
}

/* A rise that the oldest epoch holds is true when a key frame over a gap tells of a larger one, and
 * is the measure for that: the epoch between, which read nothing, takes no part. */
static void rise_is_measured(enum turn when) {
    rests_hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 4},
                                       {YOUNGER, OLDER, 3, .base = 1, .next = 3},
                                       {YOUNGEST, YOUNGER, 2, .base = 1, .next = 2, .open = true}},
                3);
    rests.younger.prev_last = 3;
    const uint16_t energy = rests_name_energy(&rests.older, T0, 0, 0);
    rests_read_energy(&rests.older, energy, T0, 2);
    if (when == IN_TURN)
        rests_read_energy(&rests.older, energy, T0 + 3000, 144);
    (void)rests_name_energy(&rests.younger, T0 + MIN, 144, T0 + 3000);
    rests_drop_last_of(&rests.younger, YOUNGER, 2);
    (void)rests_name_energy(&rests.youngest, T0 + 6 * MIN, 425072, T0 + 5 * MIN);
    if (when == LAST)
        rests_read_energy(&rests.older, energy, T0 + 3000, 144);
    rests_at(T0 + 40 * MIN);
    cr_expect_eq(rests_energy_of_day(), 425072 - 2);
}

Test(rests_fall, what_is_told_over_a_gap_is_measured_by_what_was_held) {
    rise_is_measured(IN_TURN);
}

Test(rests_fall, what_is_told_over_a_gap_is_measured_by_what_was_held_beside_an_older_lane) {
    rise_is_measured(LAST);
}

/* A register of 16 bits. */
static uint16_t name_narrow(struct script *s, int64_t t_ms, int64_t value, int64_t value_ms) {
    const uint16_t point = script_point(s, "energy", POINT_REGISTER, UWH);
    const struct reading r = {
        .point = point, .t_ms = value_ms, .v = {.kind = VALUE_INT, .as.i = value}};
    s->point[point].source = LATE_SOURCE;
    s->point[point].width_bits = 16;
    cr_assert_eq(script_key_value(s, t_ms, value_ms ? &r : NULL), ERR_OK);
    return point;
}

/* The step that a key frame over a gap makes is no measure for an epoch behind its own: a fall that
 * may be a wrap is a reset there, for nothing follows it. */
static void wrap_has_no_measure(enum turn when) {
    struct script fourth;
    uint16_t energy;
    rests_begin(&fourth, THIRD + 1, THIRD, 2);
    rests_hello((struct hello_epoch[]){{.epoch = OLDER, .base = 1, .next = 3},
                                       {YOUNGER, OLDER, 2, .base = 1, .next = 3},
                                       {THIRD, YOUNGER, 2, .base = 1, .next = 3},
                                       {THIRD + 1, THIRD, 2, .base = 1, .next = 2, .open = true}},
                4);
    energy = name_narrow(&rests.older, T0, 0, 0);
    if (when == IN_TURN)
        rests_read_energy(&rests.older, energy, T0 + 2 * MIN, 65522);
    (void)name_narrow(&rests.younger, T0 + 3 * MIN, 65522, T0 + 2 * MIN);
    rests_drop_last_of(&rests.younger, YOUNGER, 2);
    energy = name_narrow(&rests.youngest, T0 + 5 * MIN, 65527, T0 + 4 * MIN);
    rests_read_energy(&rests.youngest, energy, T0 + 6 * MIN, 44);
    energy = name_narrow(&fourth, T0 + 7 * MIN, 44, T0 + 6 * MIN);
    rests_read_energy(&fourth, energy, T0 + 8 * MIN, 45);
    if (when == LAST)
        rests_read_energy(&rests.older, energy, T0 + 2 * MIN, 65522);
    rests_at(T0 + 40 * MIN);
    cr_expect_eq(rests_energy_of_day(), 5 + 45);
    script_fini(&fourth);
}

Test(rests_fall, what_is_told_over_a_gap_is_no_measure_for_the_next_epoch) {
    wrap_has_no_measure(IN_TURN);
}

Test(rests_fall, what_is_told_over_a_gap_is_no_measure_for_the_next_epoch_beside_an_older_lane) {
    wrap_has_no_measure(LAST);
}
