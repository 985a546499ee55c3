/* Breaches of the conditions that norms assume: entered by people, or told by what a machine stands
 * for. They change no time and no amount; what they cover is told beside them, so that attainment
 * can be shown without it. A minute's breach is that of its planned busy time. */
#include "cell/book.h"

#include <stdlib.h>

/* The piece is a stop of one of the condition's causes or reasons. */
static bool told_by(const struct work *w, uint32_t condition, const struct cell_piece *p) {
    const struct plant *plant = w->in->plant;
    const struct cell_words *words = w->in->words;

    if (p->category != CAT_DELAY)
        return false;
    if (plant->condition[condition].causes >> p->cause & 1)
        return true;
    if (p->reason == 0 || plant->condition[condition].reason_n == 0)
        return false;
    const uint32_t reason =
        plant_stop_reason(plant, words->text(words->user, p->reason), w->in->unit);
    return reason != UINT32_MAX && plant_condition_meant(plant, condition, reason);
}

static enum err add_told(const struct work *w, uint32_t condition, struct layer *out) {
    const struct plant_condition *c = &w->in->plant->condition[condition];
    enum err e = ERR_OK;

    for (size_t i = 0; i < w->piece_n && (c->causes || c->reason_n) && e == ERR_OK; i++) {
        const struct cell_piece *p = &w->piece[i].p;
        if (told_by(w, condition, p))
            e = layer_add(out, &(struct stretch){.t0 = p->t0_ms, .t1 = p->t1_ms});
    }
    return e;
}

static enum err add_entered(const struct work *w, uint32_t condition, struct layer *out) {
    const struct cell_words *words = w->in->words;
    const struct span id = span_str(w->in->plant->condition[condition].id.s);
    enum err e = ERR_OK;

    for (size_t i = 0; i < w->breach.n && e == ERR_OK; i++) {
        const struct stretch *s = &w->breach.at[i];
        if (span_equal(words->text(words->user, (uint32_t)s->value), id))
            e = layer_add(out, &(struct stretch){.t0 = s->t0, .t1 = s->t1});
    }
    return e;
}

/* Adds the stretches in which the condition is breached. */
static enum err add_condition(const struct work *w, uint32_t condition, struct layer *out) {
    if (!plant_condition_fits(w->in->plant, condition, w->in->unit))
        return ERR_OK;
    const enum err e = add_told(w, condition, out);
    return e == ERR_OK ? add_entered(w, condition, out) : e;
}

/* Of one kind, or with BREACH_KIND_COUNT of any; flat. */
static enum err make(const struct work *w, unsigned kind, struct layer *out) {
    const struct plant *p = w->in->plant;
    enum err e = ERR_OK;

    for (uint32_t c = 0; c < p->condition_n && e == ERR_OK; c++)
        if (kind == BREACH_KIND_COUNT || p->condition[c].kind == kind)
            e = add_condition(w, c, out);
    return e == ERR_OK ? layer_flatten(out, NULL, NULL) : e;
}

static bool is_busy(const struct piece *p) {
    const uint8_t c = p->p.category;

    return c == CAT_PRODUCTION || c == CAT_SETUP || c == CAT_DELAY || c == CAT_DOWN_NO_ORDER ||
           (c == CAT_UNKNOWN && !p->off);
}

static void book_stretch(struct book *b, const struct stretch *s, unsigned qty) {
    const struct cell_input *in = b->w->in;
    const int64_t known = in->to_ms < in->now_known_ms ? in->to_ms : in->now_known_ms;
    const int64_t from = s->t0 > in->from_ms ? s->t0 : in->from_ms;
    const int64_t to = s->t1 < known ? s->t1 : known;

    for (size_t i = timeline_seek(b->w, from); i < b->w->piece_n && b->w->piece[i].p.t0_ms < to;
         i++) {
        const struct piece *p = &b->w->piece[i];
        const int64_t end = p->p.t1_ms < to ? p->p.t1_ms : to;
        if (!is_busy(p))
            continue;
        book_from_piece(b, p);
        for (int64_t a = p->p.t0_ms > from ? p->p.t0_ms : from, next; a < end; a = next) {
            next = utc_floor(a, UTC_MINUTE_MS) + UTC_MINUTE_MS;
            next = next < end ? next : end;
            book_sums(b, utc_floor(a, UTC_MINUTE_MS) / UTC_MINUTE_MS, &p->p.ctx)->q[qty] +=
                next - a;
        }
    }
}

void book_breaches(struct book *b) {
    for (unsigned k = 0; k <= BREACH_KIND_COUNT && b->w->in->plant->condition_n > 0; k++) {
        struct layer l = {0};
        const enum err e = make(b->w, k, &l);
        for (size_t i = 0; i < l.n && e == ERR_OK; i++)
            book_stretch(b, &l.at[i], k == BREACH_KIND_COUNT ? QTY_BREACH : QTY_BREACH_OF + k);
        layer_fini(&l);
        b->err = b->err == ERR_OK ? e : b->err;
    }
}

/* --- as stretches -------------------------------------------------------------------------------
 */

struct found {
    struct cell_breach *at;
    size_t n, cap;
};

static enum err found_add(struct found *f, const struct stretch *s, uint32_t condition) {
    if (f->n == f->cap) {
        const size_t cap = f->cap ? f->cap * 2 : 16;
        struct cell_breach *at = realloc(f->at, cap * sizeof *at);
        if (at == NULL)
            return ERR_NOMEM;
        f->at = at;
        f->cap = cap;
    }
    f->at[f->n++] = (struct cell_breach){s->t0, s->t1, condition};
    return ERR_OK;
}

static enum err find(const struct work *w, struct found *out) {
    const struct cell_input *in = w->in;
    const int64_t to = in->to_ms < in->now_known_ms ? in->to_ms : in->now_known_ms;
    enum err e = ERR_OK;

    for (uint32_t c = 0; c < in->plant->condition_n && e == ERR_OK; c++) {
        struct layer l = {0};
        e = add_condition(w, c, &l);
        if (e == ERR_OK)
            e = layer_flatten(&l, NULL, NULL);
        for (size_t i = 0; i < l.n && e == ERR_OK; i++) {
            struct stretch s = l.at[i];
            s.t0 = s.t0 > in->from_ms ? s.t0 : in->from_ms;
            s.t1 = s.t1 < to ? s.t1 : to;
            if (s.t0 < s.t1)
                e = found_add(out, &s, c);
        }
        layer_fini(&l);
    }
    return e;
}

enum err cell_breaches(const struct cell_input *in, struct cell_breach **out, size_t *n) {
    struct found f = {0};
    struct work w;

    enum err e = work_init(&w, in);
    if (e == ERR_OK)
        e = timeline_make(&w);
    if (e == ERR_OK)
        e = find(&w, &f);
    work_fini(&w);
    if (e != ERR_OK) {
        free(f.at);
        return e;
    }
    *out = f.at;
    *n = f.n;
    return ERR_OK;
}
