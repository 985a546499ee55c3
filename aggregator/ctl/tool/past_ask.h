/* What `stops` and `timeline` share: a question about a span of time to the running aggregator. */
#ifndef PB_CTL_PAST_ASK_H
#define PB_CTL_PAST_ASK_H

#include "base/buf.h"
#include "json/json.h"

struct past_ask {
    const char *socket, *url;
    int64_t from_ms, to_ms; /* INT64_MIN, INT64_MAX: the daemon's own */
    bool csv, jsonl;
};

/* GETs the path, which ends with a parameter or with '?', with span and format. False: said on
 * standard error. */
bool past_ask(const struct past_ask *o, const char *path, struct buf *body);
/* Prints what came as it is (CSV, JSONL), or as text by `print`; an exit code. */
int past_print(const struct past_ask *o, struct span body,
               enum err (*print)(const struct json_value *answer, struct buf *out));

#endif
