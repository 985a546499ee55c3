#include "wire/batch_check.h"

#include <math.h>
#include <string.h>

#include "wire/utf8.h"

static bool seq_check(uint64_t seq) {
    return seq >= 1 && seq <= BATCH_SEQ_MAX;
}

bool batch_head_check(const struct batch_head *h) {
    return h->kind < BATCH_KIND_COUNT && h->epoch != 0 && seq_check(h->seq) &&
           batch_time_check(h->t_ms);
}

bool batch_key_check(const struct batch_head *h, const struct batch_key *k) {
    bool prev = k->prev_epoch != 0 ? k->prev_epoch != h->epoch : k->prev_last == 0;
    return prev && k->prev_last <= BATCH_SEQ_MAX && k->part < k->parts &&
           k->parts <= POINT_TABLE_MAX && k->points_total <= POINT_TABLE_MAX;
}

/* The record stands in the place of the last one it gives up, and has its number. */
bool batch_dropped_check(const struct batch_head *h, const struct batch_dropped *d) {
    return seq_check(d->from) && d->from <= d->to && d->to == h->seq &&
           d->reason < DROP_REASON_COUNT && d->readings <= BATCH_SEQ_MAX &&
           batch_time_check(d->from_ms) && batch_time_check(d->to_ms) && d->from_ms <= d->to_ms;
}

bool batch_clock_check(const struct batch_clock *c) {
    return batch_time_check(c->from_ms) && batch_time_check(c->to_ms);
}

bool batch_asof_check(const struct asof *a) {
    return a->source < POINT_SOURCE_MAX && batch_time_check(a->since_ms) &&
           batch_time_check(a->until_ms) && a->since_ms <= a->until_ms;
}

static bool value_check(const struct value *v, uint8_t quality) {
    switch ((enum value_kind)v->kind) {
    case VALUE_NONE:
        return quality == QUALITY_BAD;
    case VALUE_INT:
        return true;
    case VALUE_REAL:
        return isfinite(v->as.r);
    case VALUE_TEXT:
        return v->as.text.n <= BATCH_TEXT_MAX && utf8_check(span_of(v->as.text.p, v->as.text.n));
    case VALUE_AMOUNT:
        return v->as.span.dur_ms >= 0 && batch_time_check(v->as.span.dur_ms);
    }
    return false;
}

bool batch_reading_check(const struct reading *r) {
    return r->quality < QUALITY_COUNT && batch_time_check(r->t_ms) &&
           value_check(&r->v, r->quality);
}

bool batch_load_check(enum batch_kind kind, uint32_t points, uint32_t points_total,
                      uint32_t readings) {
    switch (kind) {
    case BATCH_DATA:
        return points == 0;
    case BATCH_KEY:
        return points <= points_total;
    case BATCH_DROPPED:
        return true;
    case BATCH_CLOCK:
        return points == 0 && readings == 0;
    case BATCH_KIND_COUNT:
        break;
    }
    return false;
}

/* --- why it is bad ------------------------------------------------------------------------------
 */

static const char *const why_name[BATCH_WHY_COUNT] = {[BATCH_WHY_NONE] = "",
                                                      [BATCH_WHY_UNAVAILABLE] = "unavailable",
                                                      [BATCH_WHY_NO_ANSWER] = "no_answer",
                                                      [BATCH_WHY_REFUSED] = "refused",
                                                      [BATCH_WHY_UNREADABLE] = "unreadable",
                                                      [BATCH_WHY_OUT_OF_RANGE] = "out_of_range",
                                                      [BATCH_WHY_NOT_LIVE] = "not_live",
                                                      [BATCH_WHY_MARKED] = "marked"};

const char *batch_why_name(enum batch_why why) {
    return why < BATCH_WHY_COUNT ? why_name[why] : "";
}

void batch_bad(struct reading *r, enum batch_why why) {
    const char *name = batch_why_name(why);
    r->quality = QUALITY_BAD;
    r->v = (struct value){.kind = *name ? VALUE_TEXT : VALUE_NONE};
    if (!*name)
        return;
    r->v.as.text.p = name;
    r->v.as.text.n = (uint32_t)strlen(name);
}

enum batch_why batch_why_of(const struct reading *r) {
    if (r->quality != QUALITY_BAD || r->v.kind != VALUE_TEXT)
        return BATCH_WHY_NONE;
    for (unsigned i = 1; i < BATCH_WHY_COUNT; i++)
        if (span_equal(span_of(r->v.as.text.p, r->v.as.text.n), span_str(why_name[i])))
            return (enum batch_why)i;
    return BATCH_WHY_NONE;
}
