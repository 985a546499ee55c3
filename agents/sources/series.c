#include "sources/series.h"

#include <stdio.h>

#include "base/decimal.h"

#define NS_A_SECOND INT64_C(1000000000)
#define NS_A_MS 1000000

bool series_next(struct span values, size_t *at, struct span *value) {
    size_t from = *at;

    while (from < values.n &&
           (values.p[from] == ' ' || (values.p[from] >= '\t' && values.p[from] <= '\r')))
        from++;
    size_t to = from;
    while (to < values.n && values.p[to] != ' ' && !(values.p[to] >= '\t' && values.p[to] <= '\r'))
        to++;
    *at = to;
    if (to == from)
        return false;
    *value = span_of(values.p + from, to - from);
    return true;
}

enum err series_parse(struct span values, struct span count, struct span rate, struct series *out,
                      char why[SERIES_WHY]) {
    int64_t told = -1, milli = 0;
    size_t at = 0, n = 0;
    struct span value;

    while (n <= SERIES_MAX && series_next(values, &at, &value))
        n++;
    if (n > SERIES_MAX) {
        snprintf(why, SERIES_WHY, "expected a series of at most %d values", SERIES_MAX);
        return ERR_FORMAT;
    }
    if (count.n > 0 && (decimal_parse(count, 0, &told) != ERR_OK || told != (int64_t)n)) {
        snprintf(why, SERIES_WHY, "expected %.*s values, not %zu",
                 (int)(count.n < 20 ? count.n : 20), (const char *)count.p, n);
        return ERR_FORMAT;
    }
    if (n > 1 && (decimal_parse(rate, 3, &milli) != ERR_OK || milli <= 0)) {
        snprintf(why, SERIES_WHY, "expected the rate of a series, in values a second");
        return ERR_FORMAT;
    }
    *out = (struct series){.n = n, .period_ns = n > 1 ? 1000 * NS_A_SECOND / milli : 0};
    return ERR_OK;
}

int64_t series_time(const struct series *s, size_t i, int64_t t_ms) {
    return t_ms - (int64_t)(s->n - 1 - i) * s->period_ns / NS_A_MS;
}
