/* Pieces and material.
 *
 * When. Inside a minute at the end of the step; a longer span over the PRODUCTION and the UNKNOWN
 * time in it (pieces of a dead link were made while nobody listened, not in the seconds around it),
 * evenly if there is neither; in whole quanta. What falls into UNKNOWN is counted apart.
 *
 * What. PQ = GQ + SQ + RQ. Where all parts are read, PQ is their sum; where a total is read that
 * includes scrap and rework, it stands for the part that is not read: good, else scrap, else
 * rework. A total without scrap counts good pieces. A piece counts once, at its first pass, so
 * where good, scrap and rework are known its first pass is, too; else a station that inspects tells
 * it. That is plain algebra on each booking, so any sum of cells is right; a single cell may show a
 * negative part when scrap is booked after its total. */
#include "cell/book.h"

enum source { TOTAL, GOOD, SCRAP, REWORK, SOURCE_COUNT };
enum part_of { PQ, GQ, SQ, RQ, PART_COUNT };

struct algebra { /* one unit of a source adds this to each part */
    int8_t by[SOURCE_COUNT][PART_COUNT];
};

static enum source source_of(uint8_t role) {
    return (enum source)(role - ROLE_TOTAL);
}

static struct algebra algebra_of(const struct work *w) {
    struct algebra a = {.by = {
                            [GOOD] = {[PQ] = 1, [GQ] = 1},
                            [SCRAP] = {[PQ] = 1, [SQ] = 1},
                            [REWORK] = {[PQ] = 1, [RQ] = 1},
                        }};
    const bool read[SOURCE_COUNT] = {w->has[ROLE_TOTAL], w->has[ROLE_GOOD], w->has[ROLE_SCRAP],
                                     w->has[ROLE_REWORK]};

    if (!read[TOTAL])
        return a;
    if (!w->unit->total_has_scrap) {
        a.by[TOTAL][PQ] = a.by[TOTAL][GQ] = !read[GOOD];
        return a;
    }
    for (int missing = GOOD; missing < SOURCE_COUNT; missing++) {
        if (read[missing])
            continue;
        /* Sources and their parts have the same order: GOOD and GQ, SCRAP and SQ ... */
        for (int s = GOOD; s < SOURCE_COUNT; s++) {
            a.by[s][PQ] = 0;
            a.by[s][missing] = (int8_t)(a.by[s][missing] - 1);
        }
        a.by[TOTAL][PQ] = a.by[TOTAL][missing] = 1;
        return a;
    }
    return a; /* good, scrap and rework are all read: the total adds nothing */
}

/* What is planned to be scrap of v pieces made, and the scrap that this is held against. */
static void book_plan(struct book *b, struct sums *s, uint32_t product_word, int64_t made,
                      int64_t scrap) {
    const int64_t ppm = book_planned_scrap_ppm(b, product_word);

    if (ppm <= 0)
        return;
    book_add(s, QTY_PLANNED_SCRAP, (int64_t)((i128)made * ppm / 1000000));
    book_add(s, QTY_PLANNED_SQ, scrap);
}

static int64_t times(int64_t v, int8_t by) {
    return (int64_t)((uint64_t)v * (uint64_t)by);
}

static void book_pieces(struct book *b, const struct algebra *a, const struct amount *m,
                        const struct part *part, int64_t v) {
    const struct context *ctx = &b->w->piece[part->piece].p.ctx;
    const bool known = part->group != 0;
    struct sums *s = book_sums(b, part->minute, ctx);
    const int8_t *by = a->by[source_of(m->role)];

    for (unsigned i = 0; i < PART_COUNT; i++)
        book_add(s, (known ? QTY_PQ : QTY_PQ_UNKNOWN) + i, times(v, by[i]));
    if (b->rejects != NULL)
        book_reject(b, m, part, times(v, by[SQ]), times(v, by[RQ]));
    book_plan(b, s, ctx->product, times(v, by[PQ]), times(v, by[SQ]));
    if (b->pass_by_counts) {
        book_add(s, QTY_INSPECTED, times(v, by[PQ]));
        book_add(s, QTY_FIRST_GOOD, times(v, by[GQ]));
    }
    const int64_t pri_ns = known ? book_pri_ns(b, part->minute, ctx->product) : 0;
    if (known && pri_ns <= 0)
        book_add(s, QTY_PQ_UNPRICED, times(v, by[PQ]));
    if (pri_ns <= 0)
        return;
    s->pri_pq += (i128)pri_ns * v * by[PQ];
    s->pri_gq += (i128)pri_ns * v * by[GQ];
    s->priced_pq = (int64_t)((uint64_t)s->priced_pq + (uint64_t)times(v, by[PQ]));
}

static void book_part(struct book *b, const struct algebra *a, const struct amount *m,
                      const struct part *part, int64_t v) {
    if (m->role >= ROLE_TOTAL && m->role <= ROLE_REWORK) {
        book_pieces(b, a, m, part, v);
        return;
    }
    const unsigned qty = m->role == ROLE_MATERIAL    ? QTY_MATERIAL
                         : m->role == ROLE_INSPECTED ? QTY_INSPECTED
                                                     : QTY_FIRST_GOOD;
    /* One of the two without the other tells no first pass; check() says so. */
    if (m->role == ROLE_MATERIAL || (b->w->has[ROLE_INSPECTED] && b->w->has[ROLE_PASSED]))
        book_add(book_sums(b, part->minute, &b->w->piece[part->piece].p.ctx), qty, v);
}

static void book_at_end(struct book *b, const struct algebra *a, const struct amount *m) {
    const size_t i = timeline_seek(b->w, m->t1 - 1);
    const struct part part = {.minute = utc_floor(m->t1 - 1, UTC_MINUTE_MS) / UTC_MINUTE_MS,
                              .piece = (uint32_t)i,
                              .group = b->w->piece[i].p.category != CAT_UNKNOWN};

    book_part(b, a, m, &part, m->value);
}

/* Running time of the product that the amount names; else all running time; else all time. */
static void weigh(struct book *b, const struct amount *m) {
    struct parts *p = &b->parts;
    int64_t run_ms = 0, made_ms = 0;

    for (size_t i = 0; i < p->n; i++) {
        const bool made = b->w->piece[p->at[i].piece].p.ctx.product == m->product;
        run_ms += p->at[i].run_ms;
        made_ms += m->product && made ? p->at[i].run_ms : 0;
    }
    for (size_t i = 0; i < p->n; i++) {
        const bool made = b->w->piece[p->at[i].piece].p.ctx.product == m->product;
        p->weight[i] = run_ms > 0 ? p->at[i].run_ms : p->at[i].ms;
        if (made_ms > 0 && !made)
            p->weight[i] = 0;
    }
}

static void book_spread(struct book *b, const struct algebra *a, const struct amount *m) {
    struct parts *p = &b->parts;
    enum err e = parts_cut(p, b->w, m->t0, m->t1, PARTS_BY_KNOWN);

    if (e == ERR_OK)
        weigh(b, m);
    if (e == ERR_OK)
        e = parts_split(p, m->value, m->quantum);
    if (e != ERR_OK) {
        b->err = e;
        return;
    }
    for (size_t i = 0; i < p->n; i++)
        if (p->share[i] != 0)
            book_part(b, a, m, &p->at[i], p->share[i]);
}

static bool is_counted(uint8_t role) {
    return (role >= ROLE_TOTAL && role <= ROLE_MATERIAL) || role == ROLE_INSPECTED ||
           role == ROLE_PASSED;
}

void book_counts(struct book *b) {
    const struct work *w = b->w;
    const struct algebra a = algebra_of(w);

    for (size_t i = 0; i < w->amount_n && b->err == ERR_OK; i++) {
        const struct amount *m = &w->amount[i];
        if (!is_counted(m->role) || m->value == 0)
            continue;
        book_from_amount(b, m);
        if (utc_floor(m->t0, UTC_MINUTE_MS) == utc_floor(m->t1 - 1, UTC_MINUTE_MS))
            book_at_end(b, &a, m);
        else
            book_spread(b, &a, m);
    }
}
