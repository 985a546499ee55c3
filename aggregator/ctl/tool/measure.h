/* Amounts of a sum as people read them, to the last digit: durations as h:mm:ss, energy in kWh. All
 * amounts that stand below each other have as many places as any of them needs. */
#ifndef PB_CTL_MEASURE_H
#define PB_CTL_MEASURE_H

#include "json/json.h"

enum { MEASURE_TEXT = 64, MEASURE_PLACES_MAX = 9 };

struct measure {
    bool clock, earned; /* h:mm:ss; told in ms with six places */
    int places, shown;  /* of the smallest unit; those that some amount needs */
    const char *unit;   /* printed behind it; may be "" */
};

/* Of a sum by its id and the unit it is told in: "ms", "uWh", "uvarh", "mg", "1e-6", "1". */
struct measure measure_for(const char *id, struct span unit);
/* A member as a whole number of the smallest unit; false: it is not there. */
bool measure_amount(const struct measure *m, const struct json_value *v, const char *key,
                    int64_t *out);
/* Sees to it that this amount can be told, too. */
void measure_add(struct measure *m, int64_t v);
void measure_text(const struct measure *m, int64_t v, char text[MEASURE_TEXT]);

#endif
