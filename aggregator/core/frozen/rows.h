/* Periods with their energy and drivers, ready for a fit: parallel arrays. It knows not where they
 * came from. */
#ifndef PB_FROZEN_ROWS_H
#define PB_FROZEN_ROWS_H

#include "base/utc.h"
#include "frozen/spec.h"

/* Why periods were left out. */
enum energy_drop {
    ENERGY_DROP_UNSETTLED, /* still running */
    ENERGY_DROP_ENERGY,    /* under 95 % of its time measured */
    ENERGY_DROP_DRIVER,    /* the same of a driver */
    ENERGY_DROP_COLUMN,    /* the file of columns has no value of that date */
    ENERGY_DROP_WEEK,      /* a week of which a day is missing */
    ENERGY_DROP_COUNT
};

enum { ENERGY_LABEL = 48 };

struct energy_rows {
    size_t n, driver_n, part_n; /* parts with the node itself: part 0 */
    int64_t *start_ms, *end_ms;
    int32_t *day;                /* local date it begins on, days since 1970-01-01 */
    char (*label)[ENERGY_LABEL]; /* "2026-11-23", "2026-W48", a batch's name */
    double *time_h, *energy_kwh;
    double *driver; /* n x driver_n */
    double *part;   /* n x part_n x ENERGY_GROUP_COUNT, kWh */
    size_t dropped[ENERGY_DROP_COUNT];
};

/* Room for n rows, all zero; n is set to 0. ERR_NOMEM. energy_rows_fini() in any case. */
enum err energy_rows_init(struct energy_rows *r, size_t n, size_t driver_n, size_t part_n);
void energy_rows_fini(struct energy_rows *r);
/* Keeps the rows that begin in [from_ms, to_ms). */
void energy_rows_cut(struct energy_rows *r, int64_t from_ms, int64_t to_ms);
/* The rows as the baseline takes them; borrowed. */
struct baseline_rows energy_rows_view(const struct energy_rows *r);
double *energy_rows_part(const struct energy_rows *r, size_t row, size_t part);
/* "not settled" ... */
const char *energy_drop_name(enum energy_drop d);

#endif
