#include <criterion/criterion.h>

#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)
#define M3 INT64_C(1000000) /* millionths */

/* Gas: 10 kWh and 2 kg of CO2 a m3, from half past eight on 10.5 and 1.9. Electricity: 0.5 kg a
 * kWh. */
static const struct plant_factor gas_factor[] = {{INT64_MIN, 10000000, 2000000},
                                                 {T0 + 30 * MIN, 10500000, 1900000}};
static const struct plant_factor power_factor[] = {{INT64_MIN, 1000000, 500000}};
static const struct plant_factor water_factor[] = {{INT64_MIN, 10500, 1900000}};
static const struct plant_factor steam_factor[] = {{T0 + HOUR, 700000, -1}};

static void init(struct unit_log *u) {
    unit_log_init(u, STATE_MAP);
    u->plant.carrier[CARRIER_GAS] = (struct plant_carrier){
        "Gas", "m3", "um3", 1, 1, gas_factor, sizeof gas_factor / sizeof *gas_factor};
    u->plant.carrier[CARRIER_STEAM] =
        (struct plant_carrier){"Steam", "kg", "ukg", 1, 1, steam_factor, 1};
    u->plant.carrier[CARRIER_WATER] =
        (struct plant_carrier){"Water", "m3", "um3", 1, 1, water_factor, 1};
    u->plant.carrier[CARRIER_ELECTRICITY] =
        (struct plant_carrier){"Electricity", "kWh", "", 1, 1, power_factor, 1};
}

/* 9 m3 over 15 minutes: 10 of production, 3 of an idle stop, 2 that nobody tells of. */
Test(carriers, an_amount_is_spread_over_its_time_and_told_by_category) {
    struct unit_log u;
    init(&u);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE), gas = unit_log_signal(&u, ROLE_GAS);
    log_state(&u, state, T0, T0 + 10 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 10 * MIN, T0 + 13 * MIN, MACHINE_HELD);
    log_span(&u, gas, T0, T0 + 15 * MIN, 9 * M3);
    struct sums s = unit_log_compute(&u, T0, T0 + 15 * MIN);
    cr_expect_eq(s.q[QTY_CARRIER + CARRIER_GAS], 9 * M3);
    cr_expect_eq(s.q[QTY_CARRIER_RUN + CARRIER_GAS], 6 * M3);
    cr_expect_eq(s.q[QTY_CARRIER_IDLE + CARRIER_GAS], 9 * M3 / 5);
    cr_expect_eq(s.q[QTY_CARRIER + CARRIER_STEAM], 0);
    cr_expect_eq(sums_energy(&s), 0, "gas is no electricity");
    s = unit_log_compute(&u, T0 + 12 * MIN, T0 + 13 * MIN);
    cr_expect_eq(s.q[QTY_CARRIER_IDLE + CARRIER_GAS], 3 * M3 / 5, "a minute alone says the same");
    unit_log_fini(&u);
}

/* 1 m3 a minute: 30 m3 at 10 kWh and 30 at 10.5 are 615 kWh, 60 and 57 kg of CO2. 3 kWh of
 * electricity beside it are 3 kWh and 1.5 kg. */
Test(carriers, amounts_are_converted_by_the_factor_in_force_at_the_minute) {
    struct unit_log u;
    init(&u);
    const uint32_t gas = unit_log_signal(&u, ROLE_GAS), meter = unit_log_signal(&u, ROLE_ENERGY);
    log_span(&u, gas, T0, T0 + HOUR, 60 * M3);
    log_span(&u, meter, T0, T0 + HOUR, 3 * KWH);
    struct sums s = unit_log_compute(&u, T0, T0 + HOUR);
    cr_expect_eq(s.q[QTY_TOTAL_ENERGY], 618 * KWH);
    cr_expect_eq(s.q[QTY_CO2], INT64_C(118500000));
    cr_expect_eq(s.q[QTY_TOTAL_UNRATED] + s.q[QTY_CO2_UNRATED], 0);
    s = unit_log_compute(&u, T0 + 29 * MIN, T0 + 31 * MIN);
    cr_expect_eq(s.q[QTY_TOTAL_ENERGY], KWH * 206 / 10, "20.5 kWh of gas, 0.1 of electricity");
    unit_log_fini(&u);
}

/* A millionth of a m3 of water, at 0.0105 kWh and 1.9 kg, is 10.5 uWh and 1.9 mg: seven of them are
 * 73.5 and 13.3, and halves go up. */
Test(carriers, a_cell_is_rounded_once_for_each_carrier) {
    struct unit_log u;
    init(&u);
    const uint32_t water = unit_log_signal(&u, ROLE_WATER);
    for (int i = 0; i < 7; i++)
        log_event(&u, water, T0 + i * SEC + 1, 1);
    struct sums s = unit_log_compute(&u, T0, T0 + MIN);
    cr_expect_eq(s.q[QTY_TOTAL_ENERGY], 74, "not 7 x 11");
    cr_expect_eq(s.q[QTY_CO2], 13, "not 7 x 2");
    unit_log_fini(&u);
}

/* Steam has a factor from nine o'clock on, and none of CO2. */
Test(carriers, what_no_factor_converts_is_said_to_be_unrated) {
    struct unit_log u;
    init(&u);
    const uint32_t steam = unit_log_signal(&u, ROLE_STEAM);
    log_span(&u, steam, T0 + 58 * MIN, T0 + 62 * MIN, 4 * M3);
    struct sums s = unit_log_compute(&u, T0 + 58 * MIN, T0 + 62 * MIN);
    cr_expect_eq(s.q[QTY_CARRIER + CARRIER_STEAM], 4 * M3);
    cr_expect_eq(s.q[QTY_TOTAL_ENERGY], 14 * KWH / 10, "two of the four minutes");
    cr_expect_eq(s.q[QTY_TOTAL_UNRATED], 2);
    cr_expect_eq(s.q[QTY_CO2_UNRATED], 4);
    cr_expect_eq(s.q[QTY_CO2], 0);
    unit_log_fini(&u);
}

/* 2 x 10^12 m3 in a minute are 2 x 10^22 uWh: more than any number of 64 bits. 4 x 10^12 kg of CO2
 * are 4 x 10^18 mg, beyond 2^60 = 1.15 x 10^18. The amount itself is told. A minute later 10^8 m3
 * are 10^18 uWh and 2 x 10^14 mg. */
Test(carriers, what_is_beyond_all_energy_is_said_to_be_unrated) {
    struct unit_log u;
    init(&u);
    const uint32_t gas = unit_log_signal(&u, ROLE_GAS);
    log_event(&u, gas, T0 + 1, INT64_C(2000000000000) * M3);
    log_event(&u, gas, T0 + MIN + 1, INT64_C(100000000) * M3);
    struct sums s = unit_log_compute(&u, T0, T0 + MIN);
    cr_expect_eq(s.q[QTY_CARRIER + CARRIER_GAS], INT64_C(2000000000000) * M3);
    cr_expect_eq(s.q[QTY_TOTAL_ENERGY], 0);
    cr_expect_eq(s.q[QTY_TOTAL_UNRATED], 1);
    cr_expect_eq(s.q[QTY_CO2], 0);
    cr_expect_eq(s.q[QTY_CO2_UNRATED], 1);
    s = unit_log_compute(&u, T0 + MIN, T0 + 2 * MIN);
    cr_expect_eq(s.q[QTY_TOTAL_ENERGY], INT64_C(1000000000000000000));
    cr_expect_eq(s.q[QTY_CO2], INT64_C(200000000000000));
    cr_expect_eq(s.q[QTY_TOTAL_UNRATED] + s.q[QTY_CO2_UNRATED], 0);
    unit_log_fini(&u);
}

static void log_watch(struct unit_log *u, uint32_t signal, int64_t t0, int64_t t1) {
    const struct siglog_entry e = {
        .signal = signal, .kind = SIGLOG_WATCH, .t0_ms = t0, .t1_ms = t1};
    cr_assert_eq(siglog_add(&u->log, &e), ERR_OK);
}

/* Electricity is watched for eight of ten minutes, gas for five: all carriers for five. */
Test(carriers, the_whole_is_seen_while_every_meter_is) {
    struct unit_log u;
    init(&u);
    const uint32_t gas = unit_log_signal(&u, ROLE_GAS), meter = unit_log_signal(&u, ROLE_ENERGY);
    log_watch(&u, meter, T0, T0 + 8 * MIN);
    log_watch(&u, gas, T0, T0 + 5 * MIN);
    struct sums s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(s.q[QTY_CARRIER_DUE + 2 * CARRIER_GAS], 10 * MIN);
    cr_expect_eq(s.q[QTY_CARRIER_DUE + 2 * CARRIER_GAS + 1], 5 * MIN);
    cr_expect_eq(s.q[QTY_CARRIER_DUE + 2 * CARRIER_STEAM], 0, "no signal tells it");
    cr_expect_eq(s.q[QTY_TOTAL_DUE], 10 * MIN);
    cr_expect_eq(s.q[QTY_TOTAL_SEEN], 5 * MIN);
    unit_log_fini(&u);
}

Test(carriers, a_unit_with_electricity_alone_has_it_for_the_whole) {
    struct unit_log u;
    init(&u);
    const uint32_t meter = unit_log_signal(&u, ROLE_ENERGY);
    log_watch(&u, meter, T0, T0 + 3 * MIN);
    log_span(&u, meter, T0 + 3 * MIN, T0 + 4 * MIN, KWH);
    struct sums s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(s.q[QTY_TOTAL_ENERGY], KWH);
    cr_expect_eq(s.q[QTY_TOTAL_DUE], 10 * MIN);
    cr_expect_eq(s.q[QTY_TOTAL_SEEN], 4 * MIN);
    unit_log_fini(&u);
}

/* 3 kWh and 4 kvarh over ten minutes, watched together for six of them. */
Test(carriers, reactive_energy_stands_beside_the_energy_it_goes_with) {
    struct unit_log u;
    init(&u);
    const uint32_t meter = unit_log_signal(&u, ROLE_ENERGY),
                   reactive = unit_log_signal(&u, ROLE_REACTIVE);
    log_span(&u, meter, T0, T0 + 10 * MIN, 3 * KWH);
    log_span(&u, reactive, T0 + 4 * MIN, T0 + 10 * MIN, 4 * KWH);
    struct sums s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(s.q[QTY_REACTIVE], 4 * KWH);
    cr_expect_eq(s.q[QTY_REACTIVE_ENERGY], 3 * KWH);
    cr_expect_eq(s.q[QTY_REACTIVE_DUE], 10 * MIN);
    cr_expect_eq(s.q[QTY_REACTIVE_SEEN], 6 * MIN);
    cr_expect_eq(s.q[QTY_TOTAL_ENERGY], 3 * KWH, "it is no energy that anybody used");
    cr_expect_eq(s.q[QTY_TOTAL_SEEN], 10 * MIN);
    s = unit_log_compute(&u, T0, T0 + 4 * MIN);
    cr_expect_eq(s.q[QTY_REACTIVE], 0);
    unit_log_fini(&u);
}

/* 6 kWh from 08:00 to 08:30, peak from 08:10 on: 2 kWh at 2, 4 at 5 = 4 + 20; 0.5 kg a kWh. The
 * meter is read at both ends only. Before 08:00 no tariff was in force. */
Test(carriers, energy_that_crosses_a_band_is_split_like_any_other) {
    static const struct plant_band_time peak = {BAND_PEAK, 0x7f, 490, 600};
    static const struct plant_tariff tariff = {T0, {5000000, 2000000, 0, 0}, &peak, 1, BAND_NORMAL};
    struct unit_log u;
    init(&u);
    u.plant.tariff = &tariff;
    u.plant.tariff_n = 1;
    const uint32_t meter = unit_log_signal(&u, ROLE_ENERGY);
    log_span(&u, meter, T0 - 10 * MIN, T0, KWH);
    log_span(&u, meter, T0, T0 + 30 * MIN, 6 * KWH);
    struct sums s = unit_log_compute(&u, T0 - 10 * MIN, T0 + 30 * MIN);
    cr_expect_eq(s.q[QTY_BAND_ENERGY + BAND_NORMAL], 2 * KWH);
    cr_expect_eq(s.q[QTY_BAND_ENERGY + BAND_PEAK], 4 * KWH);
    cr_expect_eq(s.q[QTY_BAND_COST + BAND_NORMAL], 4000000);
    cr_expect_eq(s.q[QTY_BAND_COST + BAND_PEAK], 20000000);
    cr_expect_eq(sums_cost(&s), 24000000);
    cr_expect_eq(s.q[QTY_BAND_CO2 + BAND_PEAK], 2000000);
    cr_expect_eq(s.q[QTY_UNPRICED_ENERGY], KWH);
    unit_log_fini(&u);
}

/* 10^6 kWh at 4 x 10^9 a kWh are 4 x 10^21 millionths. */
Test(carriers, what_costs_more_than_a_number_holds_is_unpriced) {
    static const struct plant_tariff tariff = {
        INT64_MIN, {0, INT64_C(4000000000000000), 0, 0}, NULL, 0, BAND_NORMAL};
    struct unit_log u;
    init(&u);
    u.plant.tariff = &tariff;
    u.plant.tariff_n = 1;
    log_span(&u, unit_log_signal(&u, ROLE_ENERGY), T0, T0 + MIN, 1000000 * KWH);
    struct sums s = unit_log_compute(&u, T0, T0 + MIN);
    cr_expect_eq(s.q[QTY_UNPRICED_ENERGY], 1000000 * KWH);
    cr_expect_eq(s.q[QTY_BAND_ENERGY + BAND_NORMAL], 0);
    cr_expect_eq(sums_cost(&s), 0);
    unit_log_fini(&u);
}

/* In ten minutes 5 kWh came from the grid and 1 went back, a roof made 4, a battery took 2 and gave
 * 0.5: 6.5 were used. Import and export of one minute both stand; cost and CO2 are of the 5. */
Test(carriers, directions_are_never_netted_and_cost_follows_import) {
    static const struct plant_tariff tariff = {INT64_MIN, {0, 2000000, 0, 0}, NULL, 0, BAND_NORMAL};
    struct unit_log u;
    init(&u);
    u.plant.tariff = &tariff;
    u.plant.tariff_n = 1;
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_state(&u, state, T0, T0 + 10 * MIN, MACHINE_RUN);
    log_span(&u, unit_log_signal(&u, ROLE_ENERGY), T0, T0 + 10 * MIN, 5 * KWH);
    log_span(&u, unit_log_signal(&u, ROLE_EXPORT), T0, T0 + 10 * MIN, KWH);
    log_span(&u, unit_log_signal(&u, ROLE_GENERATION), T0, T0 + 10 * MIN, 4 * KWH);
    log_span(&u, unit_log_signal(&u, ROLE_STORAGE_IN), T0, T0 + 10 * MIN, 2 * KWH);
    log_span(&u, unit_log_signal(&u, ROLE_STORAGE_OUT), T0, T0 + 10 * MIN, KWH / 2);
    struct sums s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(s.q[QTY_ENERGY + CAT_PRODUCTION], 65 * KWH / 10);
    cr_expect_eq(sums_energy(&s), 65 * KWH / 10);
    cr_expect_eq(s.q[QTY_IMPORT], 5 * KWH);
    cr_expect_eq(s.q[QTY_EXPORT], KWH);
    cr_expect_eq(s.q[QTY_GENERATION], 4 * KWH);
    cr_expect_eq(s.q[QTY_STORAGE_IN], 2 * KWH);
    cr_expect_eq(s.q[QTY_STORAGE_OUT], KWH / 2);
    cr_expect_eq(sums_cost(&s), 10000000);
    cr_expect_eq(s.q[QTY_CO2], 2500000);
    cr_expect_eq(s.q[QTY_ENERGY_DUE], 10 * MIN);
    cr_expect_eq(s.q[QTY_ENERGY_SEEN], 10 * MIN, "all five registers told");
    unit_log_fini(&u);
}
