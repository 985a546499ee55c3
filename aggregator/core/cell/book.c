#include "cell/book.h"

#include <stdlib.h>

enum err book_init(struct book *b, struct work *w, struct cells *out) {
    const int64_t first = w->in->from_ms / UTC_MINUTE_MS, end = w->in->to_ms / UTC_MINUTE_MS;

    *b = (struct book){.w = w, .out = out, .first = first, .end = end};
    b->priced_product = UINT32_MAX;
    b->pass_by_counts = evidence_pass_by_counts(w);
    b->head = calloc((size_t)(end - first) + 1, sizeof *b->head);
    if (w->in->trace != NULL) {
        b->trace = calloc(1, sizeof *b->trace);
        if (b->trace == NULL)
            return ERR_NOMEM;
        b->trace->to = w->in->trace;
    }
    return b->head == NULL ? ERR_NOMEM : ERR_OK;
}

void book_fini(struct book *b) {
    free(b->head);
    free(b->next);
    free(b->trace);
    parts_fini(&b->parts);
}

static enum err cell_make(struct book *b, int64_t minute, const struct context *ctx) {
    const enum err e = cells_add_empty(b->out, minute, ctx);

    if (e != ERR_OK || b->next_cap >= b->out->cap)
        return e;
    uint32_t *next = realloc(b->next, b->out->cap * sizeof *next);
    if (next == NULL)
        return ERR_NOMEM;
    b->next = next;
    b->next_cap = b->out->cap;
    return ERR_OK;
}

static struct sums *cell_sums(struct book *b, int64_t minute, const struct context *ctx) {
    uint32_t *head = &b->head[minute - b->first];
    for (uint32_t i = *head; i != 0; i = b->next[i - 1])
        if (context_equal(&b->out->at[i - 1].ctx, ctx))
            return &b->out->at[i - 1].sums;
    b->err = cell_make(b, minute, ctx);
    if (b->err != ERR_OK)
        return &b->sink;
    b->next[b->out->n - 1] = *head;
    *head = (uint32_t)b->out->n;
    return &b->out->at[b->out->n - 1].sums;
}

static struct sums *traced_sums(struct book *b, int64_t minute, const struct context *ctx) {
    const struct context its = *ctx;
    struct book_trace *t = b->trace;

    book_tell(b);
    t->minute = minute;
    t->ctx = its;
    t->open = true;
    sums_clear(&t->part, 1);
    return &t->part;
}

struct sums *book_sums(struct book *b, int64_t minute, const struct context *ctx) {
    if (minute < b->first || minute >= b->end || b->err != ERR_OK)
        return &b->sink;
    return b->trace != NULL ? traced_sums(b, minute, ctx) : cell_sums(b, minute, ctx);
}

/* --- where it comes from ------------------------------------------------------------------------
 */

void book_tell(struct book *b) {
    struct book_trace *t = b->trace;

    if (t == NULL || !t->open)
        return;
    t->open = false;
    struct sums *s = cell_sums(b, t->minute, &t->ctx);
    if (b->err != ERR_OK)
        return;
    sums_add(s, &t->part);
    t->to->booked(t->to->user, &t->source, t->minute, &t->ctx, &t->part);
}

static void come_from(struct book *b, const struct cell_source *source) {
    book_tell(b);
    b->trace->source = *source;
}

void book_from_piece(struct book *b, const struct piece *p) {
    if (b->trace != NULL)
        come_from(b, &(struct cell_source){.kind = CELL_FROM_PIECE,
                                           .t0_ms = p->p.t0_ms,
                                           .t1_ms = p->p.t1_ms,
                                           .piece = &p->p});
}

void book_from_amount(struct book *b, const struct amount *a) {
    if (b->trace != NULL)
        come_from(b, &(struct cell_source){.kind = CELL_FROM_AMOUNT,
                                           .t0_ms = a->entry->t0_ms,
                                           .t1_ms = a->entry->t1_ms,
                                           .entry = a->entry,
                                           .signal = a->entry->signal});
}

void book_from_slot(struct book *b, const struct slot *s, int64_t uwh) {
    if (b->trace != NULL)
        come_from(b, &(struct cell_source){.kind = CELL_FROM_SLOT,
                                           .t0_ms = s->t0,
                                           .t1_ms = s->t1,
                                           .signal = s->signal,
                                           .amount_uwh = uwh});
}

void book_from_share(struct book *b, uint32_t signal, int64_t minute) {
    if (b->trace != NULL)
        come_from(b, &(struct cell_source){.kind = CELL_FROM_SHARE,
                                           .t0_ms = minute * UTC_MINUTE_MS,
                                           .t1_ms = (minute + 1) * UTC_MINUTE_MS,
                                           .signal = signal});
}

void book_from(struct book *b, enum cell_source_kind kind, int64_t t0_ms, int64_t t1_ms) {
    if (b->trace != NULL)
        come_from(b, &(struct cell_source){.kind = (uint8_t)kind, .t0_ms = t0_ms, .t1_ms = t1_ms});
}

/* --- amounts ------------------------------------------------------------------------------------
 */

/* Index of the product or UINT32_MAX; the last one is remembered. */
static uint32_t product_of(struct book *b, uint32_t word) {
    if (word != b->priced_word) {
        b->priced_word = word;
        b->priced_product = ideal_product(b->w->in, word);
    }
    return b->priced_product;
}

int64_t book_pri_ns(struct book *b, int64_t minute, uint32_t product_word) {
    const uint32_t product = product_of(b, product_word);

    if (product == UINT32_MAX)
        return 0;
    return ideal_pri_ns(b->w->unit, product, minute * UTC_MINUTE_MS);
}

int64_t book_planned_scrap_ppm(struct book *b, uint32_t product_word) {
    const uint32_t product = product_of(b, product_word);

    return product == UINT32_MAX ? 0 : b->w->in->plant->product[product].planned_scrap_ppm;
}

void book_add(struct sums *s, unsigned qty, int64_t v) {
    s->q[qty] = sums_plus(s->q[qty], v);
}
