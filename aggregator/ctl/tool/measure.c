#include "ctl/measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EARNED "earned_"

struct measure measure_for(const char *id, struct span unit) {
    static const struct {
        const char *unit;
        struct measure measure;
    } row[] = {{"ms", {.clock = true, .places = 3, .unit = ""}},
               {"uWh", {.places = 9, .unit = "kWh"}},
               {"uvarh", {.places = 9, .unit = "kvarh"}},
               {"mg", {.places = 6, .unit = "kg"}},
               {"1e-6", {.places = 6, .unit = ""}}};
    if (strncmp(id, EARNED, sizeof EARNED - 1) == 0)
        return (struct measure){.clock = true, .earned = true, .places = 9, .unit = ""};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (span_equal(unit, span_str(row[i].unit)))
            return row[i].measure;
    return (struct measure){.unit = ""};
}

bool measure_amount(const struct measure *m, const struct json_value *v, const char *key,
                    int64_t *out) {
    return json_decimal_of(json_find(v, key), m->earned ? 6 : 0, out) == ERR_OK;
}

void measure_add(struct measure *m, int64_t v) {
    int places = m->places;
    while (places > 0 && v % 10 == 0) {
        v /= 10;
        places--;
    }
    m->shown = places > m->shown ? places : m->shown;
}

void measure_text(const struct measure *m, int64_t v, char text[MEASURE_TEXT]) {
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    const char *sign = v < 0 ? "-" : "";
    char digit[MEASURE_PLACES_MAX + 1] = {0};
    for (int i = m->places; i-- > 0; u /= 10)
        digit[i] = (char)('0' + u % 10);
    digit[m->shown] = 0;
    const char *point = m->shown > 0 ? "." : "";
    if (m->clock)
        (void)snprintf(text, MEASURE_TEXT, "%s%" PRIu64 ":%02u:%02u%s%s", sign, u / 3600,
                       (unsigned)(u / 60 % 60), (unsigned)(u % 60), point, digit);
    else
        (void)snprintf(text, MEASURE_TEXT, "%s%" PRIu64 "%s%s", sign, u, point, digit);
}
