/* A line of values drawn with characters, oldest at the left. It knows no energy. */
#ifndef PB_ENERGY_CHART_H
#define PB_ENERGY_CHART_H

#include <stdbool.h>

#include "base/buf.h"

enum { CHART_COLUMNS = 72, CHART_LINES = 15 };

struct chart {
    const char *title, *first, *last; /* above; below the left and the right end */
    const double *value;
    const bool *marked; /* drawn as '#' in place of '*'; NULL: none */
    size_t n;
};

/* Draws values over a zero line; of more values than columns each column shows its last one, marked
 * if one of them is. ERR_NOMEM. */
enum err chart_draw(const struct chart *c, struct buf *out);

#endif
