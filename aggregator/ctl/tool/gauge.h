/* plantbus history UNIT gauge:ID: what a gauge showed, by minute or hour. */
#ifndef PB_CTL_GAUGE_H
#define PB_CTL_GAUGE_H

#include "base/buf.h"
#include "json/json.h"

struct gauge_ask {
    const char *socket, *url, *unit, *gauge;
    int64_t from_ms, to_ms; /* INT64_MIN, INT64_MAX: the daemon's own */
    bool by_hour, csv, jsonl;
};

/* Asks the running aggregator and prints what it says: an exit code. */
int gauge_history(const struct gauge_ask *ask);
/* Appends the answer of /api/v1/gauges as text. ERR_NOMEM. */
enum err gauge_print(const struct json_value *answer, struct buf *out);

#endif
