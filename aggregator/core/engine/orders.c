#include "engine/orders.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/history_impl.h"

struct gathering {
    const struct orders_query *q;
    struct orders *out;
    size_t last; /* index found last: cells of an order follow each other */
    enum err err;
};

void orders_fini(struct orders *o) {
    free(o->at);
    free(o->word);
    *o = (struct orders){0};
}

struct span orders_word(const struct orders *o, uint32_t id) {
    for (size_t i = 0; i < o->word_n; i++)
        if (o->word[i].id == id)
            return span_str(o->word[i].text);
    return span_of(NULL, 0);
}

static bool is_of(const struct order *o, const struct context *ctx) {
    return o->order == ctx->order && o->product == ctx->product;
}

static struct order *get(struct gathering *g, const struct context *ctx, int64_t first_ms) {
    struct orders *o = g->out;
    if (g->last < o->n && is_of(&o->at[g->last], ctx))
        return &o->at[g->last];
    for (g->last = o->n; g->last > 0; g->last--)
        if (is_of(&o->at[g->last - 1], ctx))
            return &o->at[--g->last];
    if (o->n == ORDERS_MAX) {
        g->err = ERR_FULL;
        return NULL;
    }
    if (o->n == o->cap) {
        size_t cap = o->cap ? o->cap * 2 : 32;
        struct order *at = realloc(o->at, cap * sizeof *at);
        if (!at) {
            g->err = ERR_NOMEM;
            return NULL;
        }
        o->at = at;
        o->cap = cap;
    }
    g->last = o->n;
    o->at[o->n] = (struct order){
        .order = ctx->order, .product = ctx->product, .first_ms = first_ms, .last_ms = first_ms};
    return &o->at[o->n++];
}

static enum err take_cell(void *user, const struct cell *c) {
    struct gathering *g = user;
    const int64_t from = c->minute * UTC_MINUTE_MS, to = from + UTC_MINUTE_MS;
    if (from < g->q->from_ms || from >= g->q->to_ms)
        return ERR_OK;
    if (g->q->plans)
        plans_take(g->q->plans, &c->ctx, from, c->sums.q[QTY_GQ] + c->sums.q[QTY_GQ_UNKNOWN]);
    if (c->ctx.order == 0)
        return ERR_OK;
    struct order *o = get(g, &c->ctx, from);
    if (!o)
        return g->err;
    o->first_ms = from < o->first_ms ? from : o->first_ms;
    o->last_ms = to > o->last_ms ? to : o->last_ms;
    sums_add(&o->sums, &c->sums);
    return ERR_OK;
}

static int by_first(const void *x, const void *y) {
    const struct order *a = x, *b = y;
    if (a->first_ms != b->first_ms)
        return a->first_ms < b->first_ms ? -1 : 1;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return (a->product > b->product) - (a->product < b->product);
}

static enum err read_words(const struct history_reader *r, struct orders *o) {
    uint32_t *id = calloc(2 * o->n + 1, sizeof *id);
    size_t n = 0;
    if (!id)
        return ERR_NOMEM;
    for (size_t i = 0; i < o->n; i++) {
        const uint32_t both[] = {o->at[i].order, o->at[i].product};
        for (size_t k = 0; k < 2; k++) {
            bool there = both[k] == 0;
            for (size_t j = 0; j < n && !there; j++)
                there = id[j] == both[k];
            if (!there)
                id[n++] = both[k];
        }
    }
    struct history_page page = {0};
    enum err err = n ? history_read_words(r, id, n, &page) : ERR_OK;
    o->word = page.word;
    o->word_n = page.word_n;
    free(id);
    return err;
}

enum err orders_read(const struct orders_query *q, const struct history_reader *r,
                     struct orders *out) {
    struct gathering g = {.q = q, .out = out};
    *out = (struct orders){0};
    if (q->from_ms >= q->to_ms)
        return ERR_OK;
    enum err err = history_read_cells(q->plant, q->unit, q->from_ms, q->to_ms, r, take_cell, &g);
    if (!err && out->n)
        qsort(out->at, out->n, sizeof *out->at, by_first);
    return err ? err : read_words(r, out);
}
