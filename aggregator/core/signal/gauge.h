/* What a gauge showed over some time: mean, least and greatest, and of how much time that is known.
 * Spans add, so minutes make hours; nothing is known of time that no slot covers. It does not say
 * whether a value is good or bad. */
#ifndef PB_SIGNAL_GAUGE_H
#define PB_SIGNAL_GAUGE_H

#include "base/decimal.h"
#include "signal/siglog.h"

struct gauge_span {
    i128 twice;              /* twice the integral: millionths of the gauge's unit x ms */
    int64_t known_ms;        /* covered by slots */
    int64_t least, greatest; /* of the means of slots, millionths; 0 while nothing is known */
};

void gauge_span_add(struct gauge_span *a, const struct gauge_span *b);
/* Mean over the known time, millionths, rounded to the nearest (halves up). False: nothing is
 * known. */
bool gauge_mean(const struct gauge_span *s, int64_t *out);
/* Adds the slots of one gauge to the n minutes from first_minute (since 1970) on; others are left
 * out. The log may come in any order and any parts of slots; it is brought into its canonical order
 * and loses what its entries say of quality. */
void gauge_minutes(struct siglog *log, int64_t first_minute, size_t n, struct gauge_span *out);

#endif
