/* Members of an answer of the aggregator, for printing: what is not there is empty, or 0. */
#ifndef PB_CTL_ANSWER_H
#define PB_CTL_ANSWER_H

#include "json/json.h"

static inline struct span answer_text(const struct json_value *v, const char *key) {
    struct span s = {0};
    (void)json_string_of(json_find(v, key), &s);
    return s;
}

static inline int64_t answer_number(const struct json_value *v, const char *key) {
    int64_t n = 0;
    (void)json_int64_of(json_find(v, key), &n);
    return n;
}

#endif
