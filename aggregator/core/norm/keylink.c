#include "norm/keylink.h"

#include <math.h>
#include <stdlib.h>

static double hours(int64_t ms) {
    return (double)ms / 3.6e6;
}

static int64_t run_ms(const struct sums *s) {
    return s->q[QTY_TIME + CAT_PRODUCTION];
}

static int64_t known_ms(const struct sums *s) {
    return run_ms(s) + s->q[QTY_TIME + CAT_SETUP] + s->q[QTY_TIME + CAT_DELAY] +
           s->q[QTY_TIME + CAT_DOWN_NO_ORDER];
}

static int64_t waiting_ms(const struct sums *s) {
    return s->q[QTY_DELAY + CAUSE_STARVED] + s->q[QTY_DELAY + CAUSE_BLOCKED];
}

/* Share of its delay in which a unit waited for others, or stood for itself. */
static double share(int64_t part, const struct sums *s) {
    const int64_t delay = s->q[QTY_TIME + CAT_DELAY];

    return delay > 0 ? (double)part / (double)delay : 0;
}

static double delay_kwh(const struct sums *s) {
    return (double)s->q[QTY_ENERGY + CAT_DELAY] / 1e9;
}

static void measure(struct keylink *k) {
    const struct sums *s = k->sums;
    const double known = (double)known_ms(s);

    k->busy = known > 0 ? (double)(run_ms(s) + s->q[QTY_TIME + CAT_SETUP]) / known : NAN;
    k->waiting = known > 0 ? (double)waiting_ms(s) / known : NAN;
    k->score = k->busy - k->waiting;
}

/* Energy is known by category and not by cause: of a unit's delay it is split by time. */
static void lose(const struct keylink *at, size_t n, struct keylink *k) {
    const struct sums *s = k->sums;
    const int64_t own = s->q[QTY_TIME + CAT_DELAY] - waiting_ms(s);
    const double pace = run_ms(s) > 0 ? (double)s->q[QTY_PQ] / 1e6 / hours(run_ms(s)) : NAN;

    k->lost_h = hours(own);
    k->lost_pieces = s->q[QTY_COUNT_SEEN] > 0 || s->q[QTY_PQ] > 0 ? k->lost_h * pace : NAN;
    k->lost_kwh = delay_kwh(s) * share(own, s);
    for (size_t i = 0; i < n; i++)
        if (&at[i] != k)
            k->lost_kwh += delay_kwh(at[i].sums) * share(waiting_ms(at[i].sums), at[i].sums);
}

static int by_score(const void *x, const void *y) {
    const struct keylink *a = x, *b = y;

    if (isnan(a->score) != isnan(b->score))
        return isnan(a->score) ? 1 : -1;
    if (!isnan(a->score) && a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return (a->unit > b->unit) - (a->unit < b->unit);
}

void keylinks_rank(struct keylink *at, size_t n) {
    for (size_t i = 0; i < n; i++) {
        measure(&at[i]);
        lose(at, n, &at[i]);
    }
    if (n > 1)
        qsort(at, n, sizeof *at, by_score);
}
