#include "demand/demand.h"

#include <criterion/criterion.h>
#include <math.h>

#define KWH INT64_C(1000000000)

/* 30, 25, 10, 10 and 5 kWh: 120, 100, 40, 40 and 20 kW. */
static const struct demand_block block[] = {{0, 30 * KWH, true},
                                            {1, 25 * KWH, true},
                                            {2, 10 * KWH, true},
                                            {3, 10 * KWH, true},
                                            {4, 5 * KWH, true}};

static bool near(double a, double b) {
    return fabs(a - b) < 1e-9;
}

/* Above 90 kW two blocks, by 30 and 10 kW: 10 kWh in half an hour. At 100 kW the second is not
 * above. */
Test(load, a_limit_is_passed_by_what_lies_above_it) {
    struct demand_over over;
    demand_above(block, 5, 90 * KWH, &over);
    cr_expect_eq(over.blocks, 2u);
    cr_expect(near(over.hours, 0.5));
    cr_expect(near(over.kwh, 10));
    demand_above(block, 5, 100 * KWH, &over);
    cr_expect_eq(over.blocks, 1u);
    demand_above(block, 5, 100 * KWH - 4, &over);
    cr_expect_eq(over.blocks, 2u, "to the last uWh");
    demand_above(block, 5, 120 * KWH, &over);
    cr_expect_eq(over.blocks, 0u);
    cr_expect(near(over.kwh, 0));
}

/* Of five blocks each stands for a fifth of the time. */
Test(load, a_share_of_the_time_reaches_a_load) {
    static const double share[] = {0, 0.01, 0.2, 0.21, 0.4, 0.6, 0.8, 0.81, 1};
    static const double kw[] = {120, 120, 120, 100, 100, 40, 40, 20, 20};
    for (size_t i = 0; i < sizeof share / sizeof *share; i++)
        cr_expect(near(demand_reached(block, 5, share[i]), kw[i]), "%g: %g", share[i],
                  demand_reached(block, 5, share[i]));
}
