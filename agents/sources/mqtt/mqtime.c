#include "mqtt/mqtime.h"

#include "base/decimal.h"
#include "wire/batch.h"

/* Digits before the point of today's numbers: seconds have ten from 2001 to 2286. */
static const struct {
    size_t digits;
    int places; /* of ms */
    int64_t per_ms;
    const char *expects;
} forms[] = {
    [MQTIME_S] = {10, 3, 1, "a time in s since 1970, of ten digits"},
    [MQTIME_MS] = {13, 0, 1, "a time in ms since 1970, of 13 digits"},
    [MQTIME_US] = {16, 0, 1000, "a time in us since 1970, of 16 digits"},
    [MQTIME_NS] = {19, 0, 1000000, "a time in ns since 1970, of 19 digits"},
};

/* Digits before a point; 0: it is no plain number. */
static size_t digits_of(struct span text) {
    size_t n = 0;
    bool behind = false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '.' && !behind && i > 0)
            behind = true;
        else if (text.p[i] < '0' || text.p[i] > '9')
            return 0;
        else
            n += !behind;
    }
    return n;
}

static enum err number(enum mqtime_form form, struct span text, int64_t *t_ms) {
    int64_t count;
    if (digits_of(text) != forms[form].digits)
        return ERR_FORMAT;
    const enum err e = decimal_parse(text, forms[form].places, &count);
    if (e == ERR_OK)
        *t_ms = count / forms[form].per_ms;
    return e;
}

enum err mqtime_parse(enum mqtime_form form, const struct stamp_rule *rule, struct span text,
                      int64_t *t_ms) {
    struct stamp_rule iso = *rule;
    int64_t t = 0;
    iso.form = STAMP_ISO;
    if (form == MQTIME_ISO && digits_of(text) > 0)
        return ERR_FORMAT;
    const enum err e =
        form == MQTIME_ISO ? stamp_parse(&iso, text, INT64_MIN, &t) : number(form, text, &t);
    if (e != ERR_OK)
        return e;
    if (t < 0 || t > BATCH_TIME_LIMIT_MS)
        return ERR_RANGE;
    *t_ms = t;
    return ERR_OK;
}

const char *mqtime_expects(enum mqtime_form form, struct span text) {
    const size_t digits = digits_of(text);
    if (form != MQTIME_S && digits == forms[MQTIME_S].digits)
        return "another time; this one is in s: time_form: s";
    if (form != MQTIME_MS && digits == forms[MQTIME_MS].digits)
        return "another time; this one is in ms: time_form: ms";
    if (form != MQTIME_US && digits == forms[MQTIME_US].digits)
        return "another time; this one is in us: time_form: us";
    if (form != MQTIME_NS && digits == forms[MQTIME_NS].digits)
        return "another time; this one is in ns: time_form: ns";
    if (form == MQTIME_ISO)
        return "a time such as 2026-11-23T06:00:00Z";
    return digits == 0 && text.n > 1 && memchr(text.p + 1, '-', text.n - 1) != NULL
               ? "a number; this one is written as ISO 8601: time_form: iso"
               : forms[form].expects;
}
