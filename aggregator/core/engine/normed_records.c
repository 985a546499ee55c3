/* Records of units by product, and the key links of a line. */
#include <math.h>
#include <stdlib.h>

#include "engine/normed.h"

/* --- records ------------------------------------------------------------------------------------
 */

struct best { /* so far, of a unit and product */
    uint32_t node;
    struct span product;
    double value; /* of the consumption domain */
};
enum { BESTS_MAX = 4096 };

struct recording {
    const struct normed_query *q;
    struct normed_records *out;
    struct best *best;
    size_t n;
};

struct lookup {
    const struct normed_query *q;
    const struct team_shift *s;
};

static bool look(void *user, enum indicator i, struct attain_norm *out) {
    const struct lookup *l = user;
    return normed_at(l->q, l->s, i, out, NULL);
}

static struct best *best_of(struct recording *x, const struct team_shift *s) {
    for (size_t i = x->n; i > 0; i--)
        if (x->best[i - 1].node == s->node && span_equal(x->best[i - 1].product, s->product))
            return &x->best[i - 1];
    if (x->n == BESTS_MAX)
        return NULL;
    x->best[x->n] = (struct best){s->node, s->product, INFINITY};
    return &x->best[x->n++];
}

static enum err put(struct normed_records *out, const struct normed_record *one) {
    if (out->n == out->cap) {
        const size_t cap = out->cap ? out->cap * 2 : 32;
        struct normed_record *at = realloc(out->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        out->at = at;
        out->cap = cap;
    }
    out->at[out->n++] = *one;
    return ERR_OK;
}

/* Shifts of a unit come in order of time. */
static enum err take(void *user, const struct team_shift *s) {
    struct recording *x = user;
    struct lookup l = {x->q, s};
    struct status_whole whole;
    double value = NAN;
    if (s->team.n == 0 || s->product.n == 0)
        return ERR_OK;
    struct best *b = best_of(x, s);
    if (!b)
        return ERR_FULL;
    norm_status_whole(x->q->plant, s->all, look, &l, &whole);
    const enum indicator i = x->q->indicator;
    const enum record_verdict v = record_of(s, i, &whole, b->value, &value);
    x->out->seen[v]++;
    if (v != RECORD_COUNTS && v != RECORD_PROVISIONAL)
        return ERR_OK;
    const struct normed_record one = {.node = s->node,
                                      .product = s->product,
                                      .team = s->team,
                                      .start_ms = s->start_ms,
                                      .end_ms = s->end_ms,
                                      .value = domain_publish(i, value),
                                      .before = domain_publish(i, b->value),
                                      .verdict = (uint8_t)v};
    b->value = value;
    return put(x->out, &one);
}

static int newest_first(const void *x, const void *y) {
    const struct normed_record *a = x, *b = y;
    if (a->start_ms != b->start_ms)
        return a->start_ms > b->start_ms ? -1 : 1;
    return (a->node > b->node) - (a->node < b->node);
}

enum err normed_records(const struct normed_query *q, const struct history_reader *r,
                        struct normed_records *out) {
    struct recording x = {.q = q, .out = out, .best = calloc(BESTS_MAX, sizeof *x.best)};
    *out = (struct normed_records){0};
    const enum err err = x.best ? normed_each(q, r, false, &out->words, take, &x) : ERR_NOMEM;
    if (out->n > 1)
        qsort(out->at, out->n, sizeof *out->at, newest_first);
    free(x.best);
    return err;
}

void normed_records_fini(struct normed_records *x) {
    free(x->at);
    normed_words_fini(&x->words);
}

/* --- key links ----------------------------------------------------------------------------------
 */

static enum err add_window(void *user, const struct window *w) {
    sums_add(user, &w->sums);
    return ERR_OK;
}

enum err normed_links(const struct normed_query *q, const struct history_reader *r,
                      struct normed_links *out) {
    const struct plant *p = q->plant;
    enum err err = ERR_OK;
    *out = (struct normed_links){.at = calloc(p->unit_n + 1, sizeof *out->at),
                                 .sums = calloc(p->unit_n + 1, sizeof *out->sums)};
    if (!out->at || !out->sums)
        return ERR_NOMEM;
    for (uint32_t u = 0; u < p->unit_n && !err; u++) {
        const struct shifts_query ask = {p, p->unit[u].node, q->from_ms, q->to_ms};
        if (!window_counts(p, q->node, u))
            continue;
        out->at[out->n] = (struct keylink){.unit = u, .sums = &out->sums[out->n]};
        err = shifts_read_whole(&ask, r, add_window, &out->sums[out->n]);
        out->n++;
    }
    keylinks_rank(out->at, out->n);
    return err;
}

void normed_links_fini(struct normed_links *l) {
    free(l->at);
    free(l->sums);
}
