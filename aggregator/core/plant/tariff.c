/* Which band of which tariff holds at a moment: by the wall clock of the site, so that the hour
 * which a night in autumn has twice is in one band both times. */
#include "plant/plant.h"

enum { DAY_MIN = 1440 };

const char *band_name(enum tariff_band b) {
    static const char *const name[BAND_COUNT] = {"peak", "normal", "low", "special"};

    return (unsigned)b < BAND_COUNT ? name[b] : "none";
}

static bool starts_on(const struct plant_band_time *x, int64_t day) {
    const int64_t weekday = ((day + 3) % 7 + 7) % 7; /* day 0 was a Thursday; 0 = Monday */

    return x->days >> weekday & 1;
}

static bool holds(const struct plant_band_time *x, int64_t day, int32_t minute) {
    const bool over_midnight = x->end_min <= x->start_min;

    if (starts_on(x, day) && minute >= x->start_min && (over_midnight || minute < x->end_min))
        return true;
    return over_midnight && starts_on(x, day - 1) && minute < x->end_min;
}

const struct plant_tariff *plant_tariff_at(const struct plant *p, int64_t t_ms,
                                           enum tariff_band *band) {
    size_t n = p->tariff_n;

    while (n > 0 && p->tariff[n - 1].from_ms > t_ms)
        n--;
    if (n == 0)
        return NULL;
    const struct plant_tariff *t = &p->tariff[n - 1];
    const int64_t offset_ms = p->zone == NULL ? 0 : zone_offset_s(p->zone, t_ms) * INT64_C(1000);
    const int64_t local_min = utc_floor(t_ms + offset_ms, UTC_MINUTE_MS) / UTC_MINUTE_MS;
    const int64_t day = utc_floor(local_min, DAY_MIN) / DAY_MIN;
    *band = (enum tariff_band)t->otherwise;
    for (size_t i = 0; i < t->time_n; i++)
        if (holds(&t->time[i], day, (int32_t)(local_min - day * DAY_MIN))) {
            *band = (enum tariff_band)t->time[i].band;
            break;
        }
    return t;
}
