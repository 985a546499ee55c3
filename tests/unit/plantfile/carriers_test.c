#include "plantfile/plantfile.h"

#include <criterion/criterion.h>

#include "load_text.h"

#define PLANT(carriers, signals)                                                                   \
    "site: {id: s, time_zone: Etc/UTC}\n"                                                          \
    "carriers: {" carriers "}\n"                                                                   \
    "areas: {a: {lines: {l: {agent: gw, units: {u1: {signals: {" signals "}}}}}}}\n"

Test(plantfile_carriers, factors_are_sorted_and_units_resolved) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text(PLANT("gas: {name: Natural gas, unit: MJ, factors: [{from: "
                                 "\"2026-07-01T00:00:00Z\", kwh: 0.29}, {kwh: 0.277778, co2: "
                                 "0.056}]}, electricity: {factors: [{co2: 0.68}]}",
                                 "gas: {point: g, max_rate: 9 1/h, quantum: 5}"),
                           &p, &said),
                 0, "%s", said.p);
    const struct plant_carrier *gas = &p->carrier[CARRIER_GAS];
    cr_expect_str_eq(gas->name, "Natural gas");
    cr_expect_str_eq(gas->unit, "MJ");
    cr_expect_str_eq(gas->base, "uWh");
    /* 1 kWh = 10^9 uWh are 3.6 MJ = 3,600,000 millionths */
    cr_expect_eq(INT64_C(1000000000) * gas->num / gas->den, 3600000);
    cr_assert_eq(gas->factor_n, 2);
    cr_expect_eq(gas->factor[0].kwh_millionths, 277778);
    cr_expect_eq(gas->factor[0].co2_mg, 56000);
    cr_expect_eq(gas->factor[1].co2_mg, -1);
    const int64_t july = INT64_C(1782864000000); /* date -ud 2026-07-01 +%s */
    cr_expect_eq(plant_factor_at(gas, july - 1), &gas->factor[0]);
    cr_expect_eq(plant_factor_at(gas, july), &gas->factor[1]);
    cr_expect_eq(p->carrier[CARRIER_ELECTRICITY].factor[0].co2_mg, 680000);
    cr_expect_null(p->carrier[CARRIER_STEAM].unit);
    cr_expect_eq(p->signal[0].role, ROLE_GAS);
    cr_expect_eq(p->signal[0].max_rate_per_h, 9000000);
    cr_expect_eq(p->signal[0].quantum, 1, "gas comes in no pieces");
    cr_expect(!p->unit[0].missing_class[2], "a gas meter tells of consumption");
    plant_close(p);
    buf_fini(&said);
}

Test(plantfile_carriers, mistakes_are_named) {
    static const struct {
        const char *text, *words;
    } wrong[] = {
        {PLANT("gaz: {unit: m3, factors: [{kwh: 1}]}", "energy: {point: e}"), "did you mean gas?"},
        {PLANT("gas: {factors: [{kwh: 1}]}", "gas: {point: g}"), "unit is missing"},
        {PLANT("gas: {unit: m3, factors: [{co2: 1}]}", "gas: {point: g}"), "kwh is missing"},
        {PLANT("electricity: {factors: [{kwh: 2}]}", "energy: {point: e}"), "is 1 kWh"},
        {PLANT("electricity: {unit: kWh, factors: [{co2: 2}]}", "energy: {point: e}"),
         "names no unit"},
        {PLANT("gas: {unit: m3, factors: [{kwh: 1}, {kwh: 2}]}", "gas: {point: g}"),
         "two factors from one time on"},
        {PLANT("gas: {unit: m3, factors: [{kwh: 1}]}", "steam: {point: g}"),
         "steam is not among the plant's carriers"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct plant *p = NULL;
        struct buf said;
        cr_expect_eq(load_text(wrong[i].text, &p, &said), 1, "case %zu: %s", i, said.p);
        cr_expect(strstr((char *)said.p, wrong[i].words) != NULL, "%s", said.p);
        cr_expect_null(p);
        buf_fini(&said);
    }
}

#define TARIFFS(rest)                                                                              \
    "site: {id: s, time_zone: Etc/UTC}\n" rest                                                     \
    "\nareas: {a: {lines: {l: {agent: gw, units: {u1: {signals: {energy: {point: e}}}}}}}}\n"

Test(plantfile_tariffs, bands_and_prices_are_taken) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text(TARIFFS("currency: VND\ntariffs: [{from: \"2026-07-01T00:00:00Z\", "
                                   "normal: 2}, {normal: 1833, peak: 3266.5, times: [{band: peak, "
                                   "days: [mon, sat], start: \"09:30\", end: \"11:30\"}]}]"),
                           &p, &said),
                 0, "%s", said.p);
    cr_assert_eq(p->tariff_n, 2);
    cr_expect_str_eq(p->currency, "VND");
    cr_expect_eq(p->tariff[0].from_ms, INT64_MIN);
    cr_expect_eq(p->tariff[0].price[BAND_PEAK], INT64_C(3266500000));
    cr_expect_eq(p->tariff[0].otherwise, BAND_NORMAL);
    cr_assert_eq(p->tariff[0].time_n, 1);
    cr_expect_eq(p->tariff[0].time[0].days, 0x21);
    cr_expect_eq(p->tariff[0].time[0].start_min, 570);
    cr_expect_eq(p->tariff[1].price[BAND_NORMAL], 2000000);
    plant_close(p);
    buf_fini(&said);
}

Test(plantfile_tariffs, mistakes_are_named) {
    static const struct {
        const char *text, *words;
    } wrong[] = {
        {TARIFFS("tariffs: [{normal: 1}]"), "currency"},
        {TARIFFS("currency: VND\ntariffs: [{peak: 1}]"), "no price of the band normal"},
        {TARIFFS("currency: VND\ntariffs: [{normal: 1, times: [{band: low, start: \"01:00\", end: "
                 "\"02:00\"}]}]"),
         "no price of the band low"},
        {TARIFFS("currency: VND\ntariffs: [{normal: 1}, {normal: 2}]"),
         "two tariffs from one time on"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct plant *p = NULL;
        struct buf said;
        cr_expect_eq(load_text(wrong[i].text, &p, &said), 1, "case %zu: %s", i, said.p);
        cr_expect(strstr((char *)said.p, wrong[i].words) != NULL, "%s", said.p);
        cr_expect_null(p);
        buf_fini(&said);
    }
}
