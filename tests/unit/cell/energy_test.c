#include <criterion/criterion.h>

#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)
#define KW INT64_C(1000000000) /* microwatts */

static int64_t energy_of(const struct sums *s, enum category c) {
    return s->q[QTY_ENERGY + (unsigned)c];
}

Test(energy, power_alone_is_booked_slot_by_slot) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t power = unit_log_signal(&u, ROLE_POWER);
    log_state(&u, state, T0, T0 + 5 * SEC, MACHINE_RUN);
    log_state(&u, state, T0 + 5 * SEC, T0 + 10 * SEC, MACHINE_HELD);
    log_state(&u, state, T0 + 10 * SEC, T0 + 20 * SEC, MACHINE_RUN);
    log_power(&u, power, T0, T0 + 30 * SEC, 36 * KW); /* 0.1 kWh a slot */
    const struct sums s = unit_log_compute(&u, T0, T0 + MIN);
    cr_expect_eq(energy_of(&s, CAT_PRODUCTION), KWH * 15 / 100);
    cr_expect_eq(energy_of(&s, CAT_DELAY), KWH * 5 / 100);
    cr_expect_eq(energy_of(&s, CAT_UNKNOWN), KWH * 10 / 100);
    unit_log_fini(&u);
}

/* 5 s of 3 kW and 5 s of 5 kW are a slot of 4 kW, whatever the quality of the readings: were the
 * two added like two phases, it would be 8 kW, and running. */
Test(energy, parts_of_a_slot_that_differ_in_quality_are_one_slot) {
    struct unit_log u;
    unit_log_init(&u, STATE_POWER);
    u.unit.idle_above_uw = KW;
    u.unit.run_above_uw = 6 * KW;
    const uint32_t power = unit_log_signal(&u, ROLE_POWER);
    struct siglog_entry part = {.signal = power,
                                .kind = SIGLOG_SLOT,
                                .t0_ms = T0,
                                .t1_ms = T0 + 5 * SEC,
                                .value = 2 * 3 * KW * 5000};
    cr_assert_eq(siglog_add(&u.log, &part), ERR_OK);
    part.flags = SIGLOG_UNCERTAIN;
    part.value = 2 * 5 * KW * 5000;
    cr_assert_eq(siglog_add(&u.log, &part), ERR_OK);
    const struct sums s = unit_log_compute(&u, T0, T0 + MIN);
    cr_expect_eq(s.q[QTY_TIME + CAT_DELAY], 10 * SEC, "idle with an order, the whole slot");
    cr_expect_eq(s.q[QTY_TIME + CAT_PRODUCTION], 0);
    cr_expect_eq(energy_of(&s, CAT_DELAY), 11111111, "40 kWs = 11,111,111.1 uWh, rounded once");
    cr_expect_eq(sums_energy(&s), 11111111);
    unit_log_fini(&u);
}

Test(energy, the_register_outranks_power_and_is_split_by_it) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t power = unit_log_signal(&u, ROLE_POWER);
    const uint32_t meter = unit_log_signal(&u, ROLE_ENERGY);
    log_state(&u, state, T0, T0 + 10 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 10 * MIN, T0 + 15 * MIN, MACHINE_HELD);
    log_power(&u, power, T0, T0 + 10 * MIN, 30 * KW);           /* 5 kWh */
    log_power(&u, power, T0 + 10 * MIN, T0 + 15 * MIN, 6 * KW); /* 0.5 kWh */
    log_span(&u, meter, T0, T0 + 15 * MIN, 11 * KWH);           /* twice that */
    struct sums s = unit_log_compute(&u, T0, T0 + 15 * MIN);
    cr_expect_eq(sums_energy(&s), 11 * KWH, "to the microwatt-hour");
    cr_expect_eq(energy_of(&s, CAT_PRODUCTION), 10 * KWH);
    cr_expect_eq(energy_of(&s, CAT_DELAY), KWH);
    cr_expect_eq(s.q[QTY_ENERGY_GAP], 0);
    s = unit_log_compute(&u, T0 + 12 * MIN, T0 + 13 * MIN);
    cr_expect_eq(energy_of(&s, CAT_DELAY), KWH / 5, "a minute alone says the same");
    unit_log_fini(&u);
}

Test(energy, a_register_that_power_contradicts_is_even_and_flagged) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t power = unit_log_signal(&u, ROLE_POWER);
    const uint32_t meter = unit_log_signal(&u, ROLE_ENERGY);
    log_state(&u, state, T0, T0 + 10 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 10 * MIN, T0 + 15 * MIN, MACHINE_HELD);
    log_power(&u, power, T0, T0 + 15 * MIN, 12 * KW);    /* 3 kWh */
    log_span(&u, meter, T0, T0 + 15 * MIN, 6 * KWH + 3); /* just over twice that */
    const struct sums s = unit_log_compute(&u, T0, T0 + 15 * MIN);
    cr_expect_eq(sums_energy(&s), 6 * KWH + 3);
    cr_expect_eq(energy_of(&s, CAT_PRODUCTION), 4 * KWH + 3, "ties go to the first minutes");
    cr_expect_eq(energy_of(&s, CAT_DELAY), 2 * KWH);
    cr_expect_eq(s.q[QTY_ENERGY_GAP], 6 * KWH + 3);
    unit_log_fini(&u);
}

Test(energy, a_register_without_power_is_even_over_time) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t meter = unit_log_signal(&u, ROLE_ENERGY);
    log_state(&u, state, T0, T0 + 20 * SEC, MACHINE_RUN);
    log_state(&u, state, T0 + 20 * SEC, T0 + MIN, MACHINE_HELD);
    log_span(&u, meter, T0, T0 + MIN, 100);
    const struct sums s = unit_log_compute(&u, T0, T0 + MIN);
    /* 33.3 and 66.7: the larger remainder gets the one left over. */
    cr_expect_eq(energy_of(&s, CAT_PRODUCTION), 33);
    cr_expect_eq(energy_of(&s, CAT_DELAY), 67);
    cr_expect_eq(s.q[QTY_ENERGY_GAP], 0);
    unit_log_fini(&u);
}

Test(energy, what_power_does_not_cover_takes_its_mean) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t power = unit_log_signal(&u, ROLE_POWER);
    const uint32_t meter = unit_log_signal(&u, ROLE_ENERGY);
    log_state(&u, state, T0, T0 + 6 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 6 * MIN, T0 + 10 * MIN, MACHINE_HELD);
    log_power(&u, power, T0, T0 + 6 * MIN, 60 * KW);
    log_span(&u, meter, T0, T0 + 10 * MIN, 10 * KWH);
    const struct sums s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(energy_of(&s, CAT_PRODUCTION), 6 * KWH);
    cr_expect_eq(energy_of(&s, CAT_DELAY), 4 * KWH);
    cr_expect_eq(s.q[QTY_ENERGY_GAP], 0);
    unit_log_fini(&u);
}

Test(energy, a_span_over_the_gap_limit_is_marked) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    (void)unit_log_signal(&u, ROLE_STATE);
    const uint32_t meter = unit_log_signal(&u, ROLE_ENERGY);
    log_span(&u, meter, T0, T0 + 3 * HOUR, 9 * KWH + 1);
    u.log.at[0].flags = SIGLOG_UNDISTRIBUTED;
    const struct sums s = unit_log_compute(&u, T0, T0 + 3 * HOUR);
    cr_expect_eq(energy_of(&s, CAT_UNKNOWN), 9 * KWH + 1);
    cr_expect_eq(s.q[QTY_ENERGY_GAP], 9 * KWH + 1);
    unit_log_fini(&u);
}

Test(energy, a_row_is_even_over_its_interval) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t power = unit_log_signal(&u, ROLE_POWER);
    const uint32_t rows = unit_log_signal(&u, ROLE_ENERGY);
    log_state(&u, state, T0, T0 + 5 * MIN, MACHINE_RUN);
    log_power(&u, power, T0, T0 + 5 * MIN, 60 * KW);
    log_row(&u, rows, T0, T0 + 15 * MIN, 15 * KWH, 0);
    const struct sums s = unit_log_compute(&u, T0, T0 + 15 * MIN);
    cr_expect_eq(energy_of(&s, CAT_PRODUCTION), 5 * KWH);
    cr_expect_eq(energy_of(&s, CAT_UNKNOWN), 10 * KWH);
    unit_log_fini(&u);
}

Test(energy, a_month_of_silence_is_split_exactly) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    (void)unit_log_signal(&u, ROLE_STATE);
    const uint32_t meter = unit_log_signal(&u, ROLE_ENERGY);
    const int64_t t1 = T0 + 30 * UTC_DAY_MS, amount = 7777 * KWH + 777;
    log_span(&u, meter, T0 + 1, t1 - 1, amount);
    const struct sums s = unit_log_compute(&u, T0, t1);
    cr_expect_eq(sums_energy(&s), amount);
    cr_expect_eq(u.cells.n, 30u * 1440);
    unit_log_fini(&u);
}

Test(energy, a_span_of_more_than_forty_days_goes_to_its_last_forty) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    (void)unit_log_signal(&u, ROLE_STATE);
    const uint32_t meter = unit_log_signal(&u, ROLE_ENERGY);
    log_span(&u, meter, T0, T0 + 80 * UTC_DAY_MS, 40 * 24 * 60 * KWH);
    const int64_t last = T0 + 40 * UTC_DAY_MS;
    struct sums s = unit_log_compute(&u, last - HOUR, last + HOUR);
    cr_expect_eq(sums_energy(&s), 60 * KWH, "a kWh a minute from there on");
    unit_log_fini(&u);
}
