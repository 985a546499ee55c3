#include "signal/gauge.h"

#include "base/utc.h"

static int64_t nearest(i128 a, i128 d) {
    const i128 x = 2 * a + d, q = x / (2 * d);

    return (int64_t)(q - (x % (2 * d) < 0));
}

void gauge_span_add(struct gauge_span *a, const struct gauge_span *b) {
    if (b->known_ms == 0)
        return;
    if (a->known_ms == 0 || b->least < a->least)
        a->least = b->least;
    if (a->known_ms == 0 || b->greatest > a->greatest)
        a->greatest = b->greatest;
    a->twice += b->twice;
    a->known_ms += b->known_ms;
}

bool gauge_mean(const struct gauge_span *s, int64_t *out) {
    if (s->known_ms == 0)
        return false;
    *out = nearest(s->twice, 2 * (i128)s->known_ms);
    return true;
}

/* Parts of a slot that differ in quality are one: a slot has one mean, whatever it is made of. */
static void forget_quality(struct siglog *log) {
    size_t n = 0;

    for (size_t i = 0; i < log->n; i++) {
        if (log->at[i].kind != SIGLOG_SLOT || log->at[i].t1_ms <= log->at[i].t0_ms)
            continue;
        log->at[n] = log->at[i];
        log->at[n++].flags = 0;
    }
    log->n = n;
    siglog_canonical(log);
}

void gauge_minutes(struct siglog *log, int64_t first_minute, size_t n, struct gauge_span *out) {
    forget_quality(log);
    for (size_t i = 0; i < log->n; i++) {
        const struct siglog_entry *e = &log->at[i];
        const int64_t at = utc_floor(e->t0_ms, UTC_MINUTE_MS) / UTC_MINUTE_MS - first_minute;
        if (at < 0 || at >= (int64_t)n)
            continue;
        struct gauge_span slot = {.twice = e->value, .known_ms = e->t1_ms - e->t0_ms};
        (void)gauge_mean(&slot, &slot.least);
        slot.greatest = slot.least;
        gauge_span_add(&out[at], &slot);
    }
}
