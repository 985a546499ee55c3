#include "study/idle.h"

#include <criterion/criterion.h>
#include <math.h>

#include "energy/window_in.h"

/* A day of a unit: 40 kWh in production, 6 in 3 h of delay, 2 in 1 h without order, 1 unknown. */
static const char day[] =
    "{\"node\":\"press\",\"window\":\"day\",\"start\":\"2026-01-05T00:00:00Z\",\"end\":"
    "\"2026-01-06T00:00:00Z\",\"sums\":{\"energy_production\":40000000000,\"energy_delay\":"
    "6000000000,\"time_delay\":10800000,\"energy_down_no_order\":2000000000,"
    "\"time_down_no_order\":3600000,\"energy_unknown\":1000000000,\"time_unknown\":600000}}\n";

Test(idle, energy_outside_production_and_setup_is_idle) {
    struct idle_unit u = {0};
    char why[ENERGY_WHY] = "";
    cr_assert(window_in_text("w", span_str(day), idle_take, &u, why), "%s", why);
    cr_expect_eq(u.energy_uwh, INT64_C(49000000000));
    cr_expect_eq(u.idle_uwh, INT64_C(8000000000));
    cr_expect_eq(u.idle_ms, 14400000);
    cr_expect_eq(u.unknown_uwh, INT64_C(1000000000), "what is not known is not idle");
    cr_expect(fabs(idle_kw(&u) - 2) < 1e-12);
}

Test(idle, the_most_idle_energy_stands_first) {
    struct idle_unit at[] = {
        {.id = {"b"}, .idle_uwh = 5}, {.id = {"c"}, .idle_uwh = 9}, {.id = {"a"}, .idle_uwh = 5}};
    idle_rank(at, 3);
    cr_expect_str_eq(at[0].id.s, "c");
    cr_expect_str_eq(at[1].id.s, "a");
    cr_expect_str_eq(at[2].id.s, "b");
    cr_expect_eq(idle_total_uwh(at, 3), 19);
    cr_expect(isnan(idle_kw(&at[0])), "no idle time");
}
