/* Self-metrics as data: a name, a help, a type and where the value lies, one row each, and the text
 * Prometheus reads. It measures nothing: its values are of the core and of whoever fills
 * view_extra.
 */
#ifndef PB_VIEWS_METRICS_H
#define PB_VIEWS_METRICS_H

#include "engine/core.h"

enum metric_scale { METRIC_ONE, METRIC_MILLI, METRIC_MICRO }; /* of the stored integer */

struct metric_row {
    const char *id;   /* key in JSON; NULL: not there */
    const char *name; /* "plantbus_..."; counters end with _total, units are base units */
    const char *help; /* one line */
    bool gauge;       /* else a counter */
    uint8_t scale;    /* enum metric_scale */
    size_t offset;    /* of an int64_t or uint64_t (at most INT64_MAX) in the group's struct */
};

/* Counters of core_stats, for the JSON of the status too. */
extern const struct metric_row metric_core[];
extern const size_t metric_core_n;
int64_t metric_value(const struct metric_row *row, const void *of);

#endif
