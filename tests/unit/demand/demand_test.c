#include "demand/demand.h"

#include <criterion/criterion.h>
#include <math.h>

#define KWH INT64_C(1000000000)
#define MIN 60000

static bool near(double a, double b) {
    return fabs(a - b) < 1e-9;
}

Test(demand, a_block_is_four_times_its_energy) {
    cr_expect(near(demand_kw(25 * KWH), 100));
    cr_expect(near(demand_kw(0), 0));
}

/* After 5 of 15 minutes: 10 kWh so far and 150 kW now, 10 min left: 10 + 25 = 35 kWh, 140 kW. */
Test(demand, the_running_block_goes_on_at_the_power_of_now) {
    const struct demand_part part = {10 * KWH, 5 * MIN, 150 * KWH};
    struct demand_running r;
    demand_forecast(&part, 1, &r);
    cr_expect(r.known);
    cr_expect(near(r.so_far_kwh, 10));
    cr_expect(near(r.power_kw, 150));
    cr_expect(near(r.forecast_kw, 140));
}

/* The register was read at 4 min, though it is 5: 8 kWh and 11 min of 150 kW are 35.5 kWh. */
Test(demand, energy_that_no_reading_covers_yet_is_still_to_come) {
    const struct demand_part part = {8 * KWH, 4 * MIN, 150 * KWH};
    struct demand_running r;
    demand_forecast(&part, 1, &r);
    cr_expect(near(r.forecast_kw, 142));
}

/* One without a signal of power used 3 kWh in 6 min: 30 kW, 4.5 kWh to come. The other stands at 20
 * kW from the begin on: 5 kWh. 12.5 kWh: 50 kW. */
Test(demand, parts_add_up_and_a_mean_stands_for_power) {
    const struct demand_part part[] = {{3 * KWH, 6 * MIN, -1}, {0, 0, 20 * KWH}};
    struct demand_running r;
    demand_forecast(part, 2, &r);
    cr_expect(r.known);
    cr_expect(near(r.power_kw, 50));
    cr_expect(near(r.forecast_kw, 50));
}

Test(demand, what_nobody_measures_is_not_known) {
    const struct demand_part part[] = {{0, 0, -1}, {3 * KWH, 6 * MIN, 0}};
    struct demand_running r;
    demand_forecast(part, 2, &r);
    cr_expect(!r.known);
    cr_expect(near(r.forecast_kw, 12), "at least what is there");
    demand_forecast(NULL, 0, &r);
    cr_expect(!r.known);
}

/* A block that is over has nothing left, whatever runs now. */
Test(demand, a_full_block_is_what_it_is) {
    const struct demand_part part = {25 * KWH, 16 * MIN, 900 * KWH};
    struct demand_running r;
    demand_forecast(&part, 1, &r);
    cr_expect(near(r.forecast_kw, 100));
}

/* 10, 30, 20, 30 kWh in an hour: peak 120 kW at the second block, mean 90, load factor 0.75. */
Test(demand, a_row_of_blocks_has_a_peak_and_a_load_factor) {
    struct demand_block b[] = {{0, 10 * KWH, true},
                               {15 * MIN, 30 * KWH, true},
                               {30 * MIN, 20 * KWH, false},
                               {45 * MIN, 30 * KWH, true}};
    struct demand_summary s;
    demand_summarise(b, 4, &s);
    cr_expect_eq(s.blocks, 4);
    cr_expect_eq(s.partial, 1);
    cr_expect(near(s.hours, 1));
    cr_expect(near(s.energy_kwh, 90));
    cr_expect(near(s.peak_kw, 120));
    cr_expect_eq(s.peak_ms, 15 * MIN);
    cr_expect(near(s.load_factor, 0.75));
    demand_sort(b, 4);
    demand_sort(NULL, 0); /* of a day in which nothing was measured */
    cr_expect_eq(b[0].start_ms, 15 * MIN);
    cr_expect_eq(b[1].start_ms, 45 * MIN);
    cr_expect_eq(b[3].start_ms, 0);
}

Test(demand, without_blocks_or_energy_there_is_no_load_factor) {
    const struct demand_block idle = {0, 0, true};
    struct demand_summary s;
    demand_summarise(NULL, 0, &s);
    cr_expect(isnan(s.load_factor));
    demand_summarise(&idle, 1, &s);
    cr_expect(isnan(s.load_factor));
    cr_expect(near(s.peak_kw, 0));
}
