#include "cell/parts.h"

#include <stdlib.h>

enum { SMALL_SPLIT = 32 };

void parts_fini(struct parts *p) {
    free(p->at);
    free(p->weight);
    *p = (struct parts){0};
}

static uint8_t group_of(const struct piece *piece, enum parts_group by) {
    if (by == PARTS_BY_KNOWN)
        return piece->p.category != CAT_UNKNOWN;
    return piece->p.category;
}

/* NULL: out of memory. */
static struct part *part_new(struct parts *p, int64_t minute, uint32_t piece, uint8_t group) {
    if (p->n == p->cap) {
        const size_t cap = p->cap == 0 ? 16 : p->cap * 2;
        struct part *at = realloc(p->at, cap * sizeof *at);
        if (at == NULL)
            return NULL;
        p->at = at;
        p->cap = cap;
    }
    p->at[p->n] = (struct part){.minute = minute, .piece = piece, .group = group};
    return &p->at[p->n++];
}

/* The part of this minute that the piece belongs to, made if there is none. NULL: out of memory. */
static struct part *part_get(struct parts *p, const struct work *w, int64_t minute, size_t piece,
                             uint8_t group) {
    for (size_t i = p->n; i > 0 && p->at[i - 1].minute == minute; i--) {
        struct part *x = &p->at[i - 1];
        if (x->group == group && context_equal(&w->piece[x->piece].p.ctx, &w->piece[piece].p.ctx))
            return x;
    }
    return part_new(p, minute, (uint32_t)piece, group);
}

/* First slot that may reach beyond t. */
static size_t slot_seek(const struct work *w, int64_t t) {
    size_t low = 0, high = w->slot_n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (w->slot[middle].t0 + w->slot_max_ms <= t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Adds the power of [t0, t1). Power below 0 (feeding back) has no weight. */
static void part_power(struct part *p, const struct work *w, size_t *at, int64_t t0, int64_t t1) {
    while (*at < w->slot_n && w->slot[*at].t0 + w->slot_max_ms <= t0)
        ++*at;
    for (size_t i = *at; i < w->slot_n && w->slot[i].t0 < t1; i++) {
        const struct slot *s = &w->slot[i];
        const int64_t a = s->t0 > t0 ? s->t0 : t0, b = s->t1 < t1 ? s->t1 : t1;
        if (b <= a)
            continue;
        p->power_ms += b - a;
        if (s->value > 0)
            p->power += (i128)s->value * (b - a) / (s->t1 - s->t0);
    }
}

static enum err weights_reserve(struct parts *p) {
    if (p->n <= p->weight_cap)
        return ERR_OK;
    int64_t *both = realloc(p->weight, 2 * p->cap * sizeof *both);
    if (both == NULL)
        return ERR_NOMEM;
    p->weight = both;
    p->share = both + p->cap;
    p->weight_cap = p->cap;
    return ERR_OK;
}

enum err parts_cut(struct parts *p, const struct work *w, int64_t t0, int64_t t1,
                   enum parts_group group) {
    size_t slot_at = group == PARTS_BY_CATEGORY ? slot_seek(w, t0) : 0;

    p->n = 0;
    for (size_t i = timeline_seek(w, t0); i < w->piece_n && w->piece[i].p.t0_ms < t1; i++) {
        const struct piece *piece = &w->piece[i];
        const int64_t end = piece->p.t1_ms < t1 ? piece->p.t1_ms : t1;
        int64_t a = piece->p.t0_ms > t0 ? piece->p.t0_ms : t0;
        for (int64_t b; a < end; a = b) {
            const int64_t minute_ms = utc_floor(a, UTC_MINUTE_MS);
            b = minute_ms + UTC_MINUTE_MS < end ? minute_ms + UTC_MINUTE_MS : end;
            struct part *x = part_get(p, w, minute_ms / UTC_MINUTE_MS, i, group_of(piece, group));
            if (x == NULL)
                return ERR_NOMEM;
            const uint8_t c = piece->p.category;
            x->ms += b - a;
            x->run_ms += c == CAT_PRODUCTION || c == CAT_UNKNOWN ? b - a : 0;
            if (group == PARTS_BY_CATEGORY)
                part_power(x, w, &slot_at, a, b);
        }
    }
    return weights_reserve(p);
}

enum err parts_add(struct parts *p, int64_t minute, uint32_t piece, uint8_t group, int64_t ms) {
    struct part *x = part_new(p, minute, piece, group);

    if (x == NULL)
        return ERR_NOMEM;
    x->ms = ms;
    return weights_reserve(p);
}

void parts_weigh_by_time(struct parts *p) {
    for (size_t i = 0; i < p->n; i++)
        p->weight[i] = p->at[i].ms;
}

struct remainder {
    i128 rest;
    size_t index;
};

static int by_rest(const void *a, const void *b) {
    const struct remainder *x = a, *y = b;

    if (x->rest != y->rest)
        return x->rest > y->rest ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* The same split as decimal_split(), which takes O(n) for every unit that is left over. */
static enum err split_many(const struct parts *p, int64_t total) {
    struct remainder *rest = malloc(p->n * sizeof *rest);
    i128 sum = 0;
    int64_t left = total;

    if (rest == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < p->n; i++)
        sum += p->weight[i];
    for (size_t i = 0; i < p->n; i++) {
        const i128 product = (i128)total * p->weight[i];
        i128 share = sum > 0 ? product / sum : 0;
        if (sum > 0 && product % sum < 0)
            share--;
        p->share[i] = (int64_t)share;
        rest[i] = (struct remainder){product - share * sum, i};
        left -= p->share[i];
    }
    if (sum == 0)
        p->share[0] += left;
    else
        qsort(rest, p->n, sizeof *rest, by_rest);
    for (size_t i = 0; sum > 0 && left > 0; i++, left--)
        p->share[rest[i].index]++;
    free(rest);
    return ERR_OK;
}

enum err parts_split(struct parts *p, int64_t total, int64_t quantum) {
    const int64_t unit = quantum > 0 ? quantum : 1;
    enum err e = ERR_OK;
    size_t last = 0;

    if (p->n <= SMALL_SPLIT)
        decimal_split(total / unit, p->weight, p->n, p->share);
    else
        e = split_many(p, total / unit);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < p->n; i++) {
        p->share[i] *= unit;
        last = p->weight[i] > 0 ? i : last;
    }
    p->share[last] += total % unit;
    return ERR_OK;
}
