/* Any bytes as a TZif file: opened or refused, and if opened, days and offsets keep their laws. The
 * first eight bytes choose the instant. */
#include <stdlib.h>

#include "base/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void expect(bool holds) {
    if (!holds)
        abort();
}

static void check(const struct zone *z, int64_t t_ms) {
    const int64_t start = zone_day_start(z, t_ms), next = zone_next_day(z, t_ms);
    const struct utc_parts local = zone_local(z, t_ms);

    expect(local.month >= 1 && local.month <= 12 && local.hour >= 0 && local.hour < 24);
    /* The ends of the scale are held inside of +-8e18 ms. */
    if (t_ms > INT64_C(-7000000000000000000) && t_ms < INT64_C(7000000000000000000)) {
        expect(start <= t_ms && t_ms < next);
        expect(zone_day_start(z, start) == start && zone_next_day(z, start) == next);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct zone *z = NULL;
    int64_t t_ms;

    if (n < sizeof t_ms)
        return 0;
    memcpy(&t_ms, data, sizeof t_ms);
    if (zone_open(span_of(data + sizeof t_ms, n - sizeof t_ms), &z) != ERR_OK)
        return 0;
    check(z, t_ms);
    check(z, t_ms >> 22); /* times within a few decades of 1970 */
    check(z, INT64_MIN);
    check(z, INT64_MAX);
    zone_close(z);
    return 0;
}
