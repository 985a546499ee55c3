/* Limits of points: thousands of points share a few, so each is kept once and points hold its
 * index. Only the newest ones are compared with: a table's points come in the order of their kinds.
 * What is entered twice for that, or used no more, is bounded by a sweep. */
#include <stdlib.h>

#include "signal/lane_part.h"

enum { LOOK_BACK = 16, SWEEP_FROM = 64 };
#define NOT_USED UINT32_MAX

static bool equal(const struct signal_limits *a, const struct signal_limits *b) {
    return a->num == b->num && a->den == b->den && a->max_rate_per_h == b->max_rate_per_h &&
           a->preset == b->preset && a->gap_limit_ms == b->gap_limit_ms && a->low == b->low &&
           a->high == b->high;
}

static bool find(const struct lane *l, const struct signal_limits *limits, uint32_t *at) {
    for (size_t i = l->limits_n; i > 0 && l->limits_n - i < LOOK_BACK; i--) {
        if (equal(&l->limits[i - 1], limits)) {
            *at = (uint32_t)i - 1;
            return true;
        }
    }
    return false;
}

/* Drops what no point uses. Without memory for it nothing is dropped. */
static void sweep(struct lane *l) {
    uint32_t *to = malloc(l->limits_n * sizeof *to), n = 0;

    if (to == NULL)
        return;
    for (size_t i = 0; i < l->limits_n; i++)
        to[i] = NOT_USED;
    for (size_t i = 0; i < l->n; i++)
        to[l->limits_at[i]] = 0;
    for (size_t i = 0; i < l->limits_n; i++) {
        if (to[i] == NOT_USED)
            continue;
        l->limits[n] = l->limits[i];
        to[i] = n++;
    }
    for (size_t i = 0; i < l->n; i++)
        l->limits_at[i] = to[l->limits_at[i]];
    l->limits_n = n;
    free(to);
}

static enum err append(struct lane *l, const struct signal_limits *limits, uint32_t *at) {
    if (l->limits_n >= 2 * l->n + SWEEP_FROM)
        sweep(l);
    if (l->limits_n == l->limits_cap) {
        size_t cap = l->limits_cap > 0 ? l->limits_cap * 2 : 4;
        struct signal_limits *grown = realloc(l->limits, cap * sizeof *grown);
        if (grown == NULL)
            return ERR_NOMEM;
        l->limits = grown;
        l->limits_cap = cap;
    }
    *at = (uint32_t)l->limits_n;
    l->limits[l->limits_n++] = *limits;
    return ERR_OK;
}

enum err lane_limits_put(struct lane *l, size_t point, const struct signal_limits *limits) {
    uint32_t at = 0;
    enum err err = find(l, limits, &at) ? ERR_OK : append(l, limits, &at);

    if (err == ERR_OK)
        l->limits_at[point] = at;
    return err;
}
