/* Drivers that no meter of the plant gives: a table by local date. It knows no windows. */
#ifndef PB_ENERGY_COLUMNS_H
#define PB_ENERGY_COLUMNS_H

#include "frozen/spec.h"
#include "study/days.h"

struct columns {
    int32_t *day;  /* sorted; local dates as days since 1970-01-01 */
    double *value; /* n x driver_n; NAN: nothing was written; of quantities always */
    size_t n, room;
    size_t driver_n;
};

/* Takes the columns that the spec's drivers name, degree days worked out, from a CSV whose first
 * column is `date` (YYYY-MM-DD). False with a complaint; columns_close() in any case. */
bool columns_open(struct columns *c, const struct energy_spec *spec, const char *file,
                  struct span text, char why[ENERGY_WHY]);
void columns_close(struct columns *c);
/* NAN: no value of that date. */
double columns_get(const struct columns *c, int32_t day, size_t driver);
/* The same for days_finish(); it borrows c. */
struct days_columns columns_view(const struct columns *c);

#endif
