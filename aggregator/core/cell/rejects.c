/* Why pieces were scrap or reworked. It looks at the same bookings as the cells do (counts.c), so
 * that its rows sum to their SQ and RQ. A reason is of the source that counts the part itself:
 * scrap that is what a total leaves over has none. */
#include <stdlib.h>

#include "cell/book.h"

void cell_rejects_fini(struct cell_rejects *r) {
    free(r->at);
    *r = (struct cell_rejects){0};
}

/* Index in plant.reason or UINT32_MAX; *stated: what a person said instead. */
static uint32_t reason_of(const struct work *w, const struct siglog_entry *e, uint32_t *stated) {
    const struct plant *p = w->in->plant;
    const struct cell_signal *s = NULL;

    *stated = 0;
    if (e->kind == SIGLOG_SPAN)
        return UINT32_MAX; /* a counter has no tag */
    if (e->signal < CELL_ENTERED) {
        s = signal_of(w->in, e->signal);
        return s->tagged > 0 ? plant_signal_reason(p, &p->signal[p->tagged[s->tagged - 1]], e->tag)
                             : plant_find_reason_code(p, REASON_SCRAP, e->tag);
    }
    const uint32_t word = cell_tag_reason(e->tag);
    if (word == 0)
        return UINT32_MAX;
    const struct span text = w->in->words->text(w->in->words->user, word);
    const uint32_t reason = plant_scrap_reason(p, text, w->in->unit);
    *stated = reason == UINT32_MAX ? word : 0;
    return reason;
}

static void push(struct book *b, const struct cell_reject *x) {
    struct cell_rejects *r = b->rejects;

    if (r->n == r->cap) {
        const size_t cap = r->cap == 0 ? 64 : r->cap * 2;
        struct cell_reject *at = realloc(r->at, cap * sizeof *at);
        if (at == NULL) {
            b->err = ERR_NOMEM;
            return;
        }
        r->at = at;
        r->cap = cap;
    }
    r->at[r->n++] = *x;
}

static void add(struct book *b, const struct amount *m, const struct part *part,
                enum cell_reject_kind kind, int64_t v) {
    const uint8_t own = kind == CELL_SCRAP ? ROLE_SCRAP : ROLE_REWORK;
    struct cell_reject x = {.kind = (uint8_t)kind,
                            .reason = UINT32_MAX,
                            .product = b->w->piece[part->piece].p.ctx.product};

    if (m->role == own)
        x.reason = reason_of(b->w, m->entry, &x.stated);
    *(part->group != 0 ? &x.amount : &x.amount_unknown) = v;
    push(b, &x);
}

void book_reject(struct book *b, const struct amount *m, const struct part *part, int64_t scrap,
                 int64_t rework) {
    if (part->minute < b->first || part->minute >= b->end)
        return;
    if (scrap != 0)
        add(b, m, part, CELL_SCRAP, scrap);
    if (rework != 0 && b->err == ERR_OK)
        add(b, m, part, CELL_REWORK, rework);
}

static int by_row(const void *a, const void *b) {
    const struct cell_reject *x = a, *y = b;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->reason != y->reason)
        return x->reason < y->reason ? -1 : 1;
    if (x->stated != y->stated)
        return x->stated < y->stated ? -1 : 1;
    return (x->product > y->product) - (x->product < y->product);
}

static void merge(struct cell_rejects *r) {
    size_t n = 0;

    if (r->n > 1)
        qsort(r->at, r->n, sizeof *r->at, by_row);
    for (size_t i = 0; i < r->n; i++) {
        struct cell_reject *last = n > 0 ? &r->at[n - 1] : NULL;
        if (last != NULL && by_row(last, &r->at[i]) == 0) {
            last->amount = sums_plus(last->amount, r->at[i].amount);
            last->amount_unknown = sums_plus(last->amount_unknown, r->at[i].amount_unknown);
        } else {
            r->at[n++] = r->at[i];
        }
    }
    r->n = n;
}

enum err cell_rejects_add(const struct cell_input *in, struct cell_rejects *out) {
    struct cells cells;
    struct work w;
    struct book b = {0};

    cells_init(&cells);
    enum err e = work_init(&w, in);
    if (e == ERR_OK)
        e = timeline_make(&w);
    if (e == ERR_OK)
        e = book_init(&b, &w, &cells);
    if (e == ERR_OK) {
        b.rejects = out;
        book_counts(&b);
        e = b.err;
    }
    merge(out);
    book_fini(&b);
    work_fini(&w);
    cells_fini(&cells);
    return e;
}
