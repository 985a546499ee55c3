#include <criterion/criterion.h>

#include "plant/plant.h"

/* Monday to Saturday 09:30 to 11:30 and 17:00 to 20:00 peak, every night from 22:00 to 04:00 low,
 * from Monday night on; 2026-06-01 is a Monday. */
static const struct plant_band_time times[] = {
    {BAND_PEAK, 0x3f, 570, 690}, {BAND_PEAK, 0x3f, 1020, 1200}, {BAND_LOW, 0x7f, 1320, 240}};
static const struct plant_tariff tariffs[] = {
    {INT64_C(1780272000000), {3, 2, 1, 9}, times, 3, BAND_NORMAL},
    {INT64_C(1782864000000), {4, 4, 4, 4}, NULL, 0, BAND_SPECIAL}};
static const struct plant plant = {.tariff = tariffs, .tariff_n = 2};

#define MONDAY INT64_C(1780272000000)

static enum tariff_band at(int64_t minute) {
    enum tariff_band band = BAND_COUNT;
    cr_assert_eq(plant_tariff_at(&plant, MONDAY + minute * UTC_MINUTE_MS, &band), &tariffs[0]);
    return band;
}

Test(tariff, bands_go_by_weekday_and_time) {
    cr_expect_eq(at(569), BAND_NORMAL);
    cr_expect_eq(at(570), BAND_PEAK);
    cr_expect_eq(at(689), BAND_PEAK);
    cr_expect_eq(at(690), BAND_NORMAL);
    cr_expect_eq(at(1019), BAND_NORMAL);
    cr_expect_eq(at(1020), BAND_PEAK);
    cr_expect_eq(at(6 * 1440 + 570), BAND_NORMAL, "on Sunday nothing is peak");
}

Test(tariff, a_band_goes_on_over_midnight) {
    cr_expect_eq(at(1319), BAND_NORMAL);
    cr_expect_eq(at(1320), BAND_LOW);
    cr_expect_eq(at(1440 + 239), BAND_LOW);
    cr_expect_eq(at(1440 + 240), BAND_NORMAL);
    cr_expect_eq(at(0), BAND_LOW, "of Sunday night");
}

Test(tariff, the_newest_that_has_begun_is_in_force) {
    enum tariff_band band = BAND_COUNT;
    cr_expect_null(plant_tariff_at(&plant, MONDAY - 1, &band));
    cr_expect_eq(plant_tariff_at(&plant, INT64_C(1782864000000), &band), &tariffs[1]);
    cr_expect_eq(band, BAND_SPECIAL);
    cr_expect_str_eq(band_name(BAND_LOW), "low");
    cr_expect_str_eq(band_name(BAND_COUNT), "none");
}
