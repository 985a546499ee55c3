#include "scrap/scrap.h"

#include <stdlib.h>

void scrap_init(struct scrap *s) {
    *s = (struct scrap){0};
}

void scrap_fini(struct scrap *s) {
    free(s->row);
    *s = (struct scrap){0};
}

/* Modulo 2^64, as cells add: absurd readings break nothing. */
static int64_t plus(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static enum err push(struct scrap *s, const struct scrap_row *x) {
    if (s->n == s->cap) {
        const size_t cap = s->cap ? s->cap * 2 : 64;
        struct scrap_row *row = realloc(s->row, cap * sizeof *row);
        if (!row)
            return ERR_NOMEM;
        s->row = row;
        s->cap = cap;
    }
    s->row[s->n++] = *x;
    return ERR_OK;
}

enum err scrap_add(struct scrap *s, uint32_t unit, const struct cell_rejects *r) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < r->n && !err; i++) {
        const struct cell_reject *x = &r->at[i];
        const struct scrap_row row = {
            .unit = unit, .of = *x, .pieces = plus(x->amount, x->amount_unknown)};
        s->total[x->kind] = plus(s->total[x->kind], row.pieces);
        s->unknown[x->kind] = plus(s->unknown[x->kind], x->amount_unknown);
        if (x->amount != 0 || x->amount_unknown != 0)
            err = push(s, &row);
    }
    return err;
}

static int order_u32(uint32_t a, uint32_t b) {
    return (a > b) - (a < b);
}

static int dearest_first(const void *a, const void *b) {
    const struct scrap_row *x = a, *y = b;
    if (x->of.kind != y->of.kind)
        return x->of.kind < y->of.kind ? -1 : 1;
    if (x->pieces != y->pieces)
        return x->pieces > y->pieces ? -1 : 1;
    int o = order_u32(x->of.reason, y->of.reason); /* what has none of the plant's comes last */
    o = o ? o : order_u32(x->of.stated, y->of.stated);
    o = o ? o : order_u32(x->unit, y->unit);
    return o ? o : order_u32(x->of.product, y->of.product);
}

void scrap_sort(struct scrap *s) {
    if (s->n > 1)
        qsort(s->row, s->n, sizeof *s->row, dearest_first);
    for (size_t i = 0; i < s->n; i++) {
        const bool goes_on = i > 0 && s->row[i - 1].of.kind == s->row[i].of.kind;
        s->row[i].pieces_sum = plus(goes_on ? s->row[i - 1].pieces_sum : 0, s->row[i].pieces);
    }
}
