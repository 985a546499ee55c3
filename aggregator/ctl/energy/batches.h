/* Batches from a table a person has: begin, end, kWh and drivers of each. It knows no windows. */
#ifndef PB_ENERGY_BATCHES_H
#define PB_ENERGY_BATCHES_H

#include "frozen/rows.h"

/* CSV with the columns start, end (RFC 3339), energy_kwh, one for each driver, and perhaps batch,
 * its name; in the order of time. *out is the caller's. False with a complaint. */
bool batches_take(const struct energy_spec *spec, const char *file, struct span text,
                  struct energy_rows *out, char why[ENERGY_WHY]);

#endif
