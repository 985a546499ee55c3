/* A time series of MTConnect: values parted by blanks, taken at a rate, the last of them at the
 * observation's time (model.mtconnect.org, TimeSeries). */
#ifndef PB_SOURCES_SERIES_H
#define PB_SOURCES_SERIES_H

#include "base/err.h"
#include "base/span.h"

enum { SERIES_MAX = 4096, SERIES_WHY = 120 };

struct series {
    size_t n;
    int64_t period_ns;
};

/* count: how many it says there are, or empty; rate: values a second, such as 100 or 12.5. Fails
 * with ERR_FORMAT and "expected ..." in why. */
enum err series_parse(struct span values, struct span count, struct span rate, struct series *out,
                      char why[SERIES_WHY]);
/* The next value; begin with *at 0. False: there is none. */
bool series_next(struct span values, size_t *at, struct span *value);
/* When value i of it was taken. */
int64_t series_time(const struct series *s, size_t i, int64_t t_ms);

#endif
