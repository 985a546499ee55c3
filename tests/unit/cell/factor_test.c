/* Cells corrected by the factor of a meter without their log. */
#include "cell/factor.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)
#define UWH INT64_C(1)

static const struct plant_factor grid[] = {{INT64_MIN, 1000000, 400000}}; /* 0.4 kg a kWh */
static const struct plant_tariff tariff[] = {
    {.from_ms = INT64_MIN, .price = {300000, 200000, 100000, 0}, .otherwise = BAND_NORMAL}};

struct bench {
    struct unit_log u;
    struct cells told;
};

static struct bench bench;

static void bench_open(void) {
    unit_log_init(&bench.u, STATE_MAP);
    bench.u.plant.carrier[CARRIER_ELECTRICITY] =
        (struct plant_carrier){"Electricity", "kWh", "uWh", 1, 1000, grid, 1};
    bench.u.plant.tariff = tariff;
    bench.u.plant.tariff_n = 1;
    cells_init(&bench.told);
}

static void bench_close(void) {
    cells_fini(&bench.told);
    unit_log_fini(&bench.u);
}

TestSuite(factor, .init = bench_open, .fini = bench_close);

/* The hour from T0 on, computed; what is told stays in bench.told. */
static void compute(void) {
    (void)unit_log_compute(&bench.u, T0, T0 + HOUR);
    for (size_t i = 0; i < bench.u.cells.n; i++)
        cr_assert_eq(cells_add(&bench.told, &bench.u.cells.at[i]), ERR_OK);
}

static struct sums put(const struct cell_factor *x, size_t n) {
    struct sums all = {0};
    cells_put_factors(&bench.u.plant, 0, &bench.told, x, n, &bench.u.cells);
    for (size_t i = 0; i < bench.u.cells.n; i++)
        sums_add(&all, &bench.u.cells.at[i].sums);
    return all;
}

static struct cell_factor factor(enum plant_role role, int64_t num, int64_t den) {
    return (struct cell_factor){T0, T0 + HOUR, num, den, (uint8_t)role};
}

/* 60 kWh, half in production and half in a stop. By 5/2: 150 kWh, 75 of them in production; 0.4 kg
 * and 0.2 a kWh: 60 kg of CO2 and 30. */
Test(factor, energy_and_what_follows_from_it_is_more_by_the_factor) {
    const uint32_t state = unit_log_signal(&bench.u, ROLE_STATE);
    const uint32_t meter = unit_log_signal(&bench.u, ROLE_ENERGY);
    log_state(&bench.u, state, T0, T0 + 30 * MIN, MACHINE_RUN);
    log_state(&bench.u, state, T0 + 30 * MIN, T0 + HOUR, MACHINE_HELD);
    log_span(&bench.u, meter, T0, T0 + HOUR, 60 * KWH);
    compute();
    const struct cell_factor x = factor(ROLE_ENERGY, 5, 2);
    const struct sums s = put(&x, 1);
    cr_expect_eq(s.q[QTY_ENERGY + CAT_PRODUCTION], 75 * KWH);
    cr_expect_eq(s.q[QTY_ENERGY + CAT_DELAY], 75 * KWH);
    cr_expect_eq(s.q[QTY_IMPORT], 150 * KWH);
    cr_expect_eq(s.q[QTY_TOTAL_ENERGY], 150 * KWH);
    cr_expect_eq(s.q[QTY_CO2], INT64_C(60000000));
    cr_expect_eq(s.q[QTY_BAND_ENERGY + BAND_NORMAL], 150 * KWH);
    cr_expect_eq(s.q[QTY_BAND_COST + BAND_NORMAL], INT64_C(30000000));
    cr_expect_eq(s.q[QTY_BAND_CO2 + BAND_NORMAL], INT64_C(60000000));
    cr_expect_eq(s.q[QTY_TIME + CAT_PRODUCTION], 30 * MIN, "no time moves");
}

/* 3 uWh in three minutes by 4/3 are 4 uWh: floor(1 * 4/3) = 1, floor(2 * 4/3) = 2, floor(3 * 4/3) =
 * 4, so the third minute has two. By 1/3 it is one, in the third. */
Test(factor, minutes_telescope_to_the_hour) {
    static const int64_t more[] = {1, 1, 2}, less[] = {0, 0, 1};
    const uint32_t meter = unit_log_signal(&bench.u, ROLE_ENERGY);
    for (int i = 0; i < 3; i++)
        log_span(&bench.u, meter, T0 + i * MIN, T0 + (i + 1) * MIN, UWH);
    compute();
    cr_assert_eq(bench.told.n, 60);
    struct cell_factor x = factor(ROLE_ENERGY, 4, 3);
    (void)put(&x, 1);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(sums_energy(&bench.u.cells.at[i].sums), more[i]);
    bench.u.cells.n = 0;
    for (size_t i = 0; i < bench.told.n; i++)
        cr_assert_eq(cells_add(&bench.u.cells, &bench.told.at[i]), ERR_OK);
    x = factor(ROLE_ENERGY, 1, 3);
    (void)put(&x, 1);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(sums_energy(&bench.u.cells.at[i].sums), less[i]);
}

/* 1 kWh a minute; a factor of 3 from the middle of the third minute to the end of the fifth: 2.5
 * minutes have two kWh more each. With another one of 1/2 over all 60: 30 less, for both are of
 * what the meter told. */
Test(factor, of_a_minute_only_its_time_takes_part_and_changes_add) {
    const uint32_t meter = unit_log_signal(&bench.u, ROLE_ENERGY);
    log_span(&bench.u, meter, T0, T0 + HOUR, 60 * KWH);
    compute();
    const struct cell_factor x[] = {
        {T0 + 2 * MIN + 30 * SEC, T0 + 5 * MIN, 3, 1, ROLE_ENERGY},
        {T0 - HOUR, INT64_MAX, 1, 2, ROLE_ENERGY},
    };
    const struct sums s = put(x, 2);
    cr_expect_eq(sums_energy(&s), 35 * KWH);
    cr_expect_eq(sums_energy(&bench.u.cells.at[2].sums), 3 * KWH / 2, "1 + 1 - 0.5");
    cr_expect_eq(sums_energy(&bench.u.cells.at[3].sums), 5 * KWH / 2, "1 + 2 - 0.5");
    cr_expect_eq(sums_energy(&bench.u.cells.at[5].sums), KWH / 2);
}

/* 6 m3 of gas, 10 minutes of production, 20 of a stop, 30 of which nothing is known. */
Test(factor, parts_of_a_carrier_stay_parts_of_it) {
    const uint32_t state = unit_log_signal(&bench.u, ROLE_STATE);
    const uint32_t gas = unit_log_signal(&bench.u, ROLE_GAS);
    log_state(&bench.u, state, T0, T0 + 10 * MIN, MACHINE_RUN);
    log_state(&bench.u, state, T0 + 10 * MIN, T0 + 30 * MIN, MACHINE_HELD);
    log_span(&bench.u, gas, T0, T0 + HOUR, 6000000);
    compute();
    const struct cell_factor x = factor(ROLE_GAS, 11, 10);
    const struct sums s = put(&x, 1);
    cr_expect_eq(s.q[QTY_CARRIER + CARRIER_GAS], 6600000);
    cr_expect_eq(s.q[QTY_CARRIER_RUN + CARRIER_GAS], 1100000);
    cr_expect_eq(s.q[QTY_CARRIER_IDLE + CARRIER_GAS], 2200000);
    cr_expect_eq(s.q[QTY_TOTAL_UNRATED], 60, "gas has no factor in this plant");
}

/* Only a meter of what the unit feeds in: its use is negative, and so is what is added. */
Test(factor, what_is_fed_in_is_more_too) {
    const uint32_t meter = unit_log_signal(&bench.u, ROLE_EXPORT);
    log_span(&bench.u, meter, T0, T0 + HOUR, 60 * KWH);
    compute();
    const struct cell_factor x = factor(ROLE_EXPORT, 2, 1);
    const struct sums s = put(&x, 1);
    cr_expect_eq(s.q[QTY_EXPORT], 120 * KWH);
    cr_expect_eq(sums_energy(&s), -120 * KWH);
    cr_expect_eq(s.q[QTY_IMPORT], 0);
}

/* --- what cells do not tell --------------------------------------------------------------------
 */

static void expect_fits(uint32_t signal, bool fits, const char *part) {
    char why[CELL_FACTOR_WHY] = "";
    cr_expect_eq(cell_factor_fits(&bench.u.plant, signal, why), fits, "%s", why);
    cr_expect(fits || strstr(why, part), "%s", why);
}

static void signals(const enum plant_role *role, size_t n) {
    for (size_t i = 0; i < n; i++)
        (void)unit_log_signal(&bench.u, role[i]);
    for (uint32_t i = 0; i < n; i++) /* points of their own */
        bench.u.plant_signal[i].point = (const char *[]){"a", "b", "c", "d", "e", "f"}[i];
}

Test(factor, two_registers_are_not_told_apart) {
    signals((const enum plant_role[]){ROLE_ENERGY, ROLE_ENERGY, ROLE_GAS, ROLE_GAS, ROLE_WATER}, 5);
    expect_fits(0, false, "registers of electricity");
    expect_fits(2, false, "sources of gas");
    expect_fits(4, true, "");
}

Test(factor, power_beside_a_register_is_no_amount) {
    signals((const enum plant_role[]){ROLE_ENERGY, ROLE_POWER, ROLE_TOTAL, ROLE_STATE}, 4);
    expect_fits(0, true, "");
    expect_fits(1, false, "where the energy of its register went");
    expect_fits(2, false, "pieces");
    expect_fits(3, false, "amount");
}

Test(factor, power_alone_is_energy_unless_states_follow_from_it) {
    signals((const enum plant_role[]){ROLE_POWER}, 1);
    expect_fits(0, true, "");
    bench.u.unit.state_source = STATE_POWER;
    expect_fits(0, false, "states");
}

Test(factor, what_people_enter_beside_it_is_not_told_apart) {
    signals((const enum plant_role[]){ROLE_MATERIAL}, 1);
    expect_fits(0, true, "");
    bench.u.unit.entered = ROLE_BIT(ROLE_MATERIAL);
    expect_fits(0, false, "material");
}

Test(factor, a_point_of_two_units_is_not_told_apart) {
    signals((const enum plant_role[]){ROLE_ENERGY, ROLE_GAS}, 2);
    bench.u.plant_signal[1].point = "a";
    expect_fits(0, false, "more units");
}

/* A meter behind a shared one: what is left of that would have to move against it. */
Test(factor, a_meter_that_is_taken_off_a_shared_one_is_not_corrected_alone) {
    static const uint32_t less[] = {0};
    static const struct plant_meter meter = {.less = less, .less_n = 1};
    signals((const enum plant_role[]){ROLE_ENERGY}, 1);
    expect_fits(0, true, "");
    bench.u.plant.meter = &meter;
    bench.u.plant.meter_n = 1;
    expect_fits(0, false, "taken off");
}
