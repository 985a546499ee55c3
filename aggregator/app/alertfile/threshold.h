/* A threshold as people write it, "85 %" or "12 kW", in the unit of what is watched. It knows
 * units, no rules. */
#ifndef PB_ALERTFILE_THRESHOLD_H
#define PB_ALERTFILE_THRESHOLD_H

#include <stdbool.h>

#include "base/err.h"

enum { THRESHOLD_WHY = 200 };

/* Parses text into units of `unit` ("1": a ratio; "": a number of things), an hour if per_hour is
 * set ("5 kW/h"). ERR_FORMAT: *why says what is expected. */
enum err threshold_parse(const char *text, const char *unit, bool per_hour, double *out,
                         char why[THRESHOLD_WHY]);
/* Writes it as it would be written: 0.85 of "1" as "85 %". */
void threshold_format(double value, const char *unit, bool per_hour, char out[64]);

#endif
