/* Breaches of the conditions that norms assume: entered by people, told by what a machine stands
 * for, or by a gauge beyond its limits. They change no time and no amount; what they cover is told
 * beside them, so that attainment can be shown without it. A minute's breach is that of its planned
 * busy time. Where a gauge tells nothing the condition is not kept, but unknown: known busy time in
 * which none is breached is told apart then. */
#include "cell/breach.h"

#include "cell/book.h"
#include "cell/proof.h"

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

enum err breach_add_told(const struct work *w, uint32_t condition, struct layer *out) {
    const struct plant_condition *c = &w->in->plant->condition[condition];
    enum err e = ERR_OK;

    for (size_t i = 0; i < w->piece_n && (c->causes || c->reason_n) && e == ERR_OK; i++) {
        const struct cell_piece *p = &w->piece[i].p;
        if (told_by(w, condition, p))
            e = layer_add(out, &(struct stretch){.t0 = p->t0_ms, .t1 = p->t1_ms});
    }
    return e;
}

enum err breach_add_entered(const struct work *w, uint32_t condition, struct layer *out) {
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

const struct plant_proof *breach_proof(const struct work *w, uint32_t condition) {
    size_t n = 0;
    const struct plant_proof *x = plant_proofs(w->in->plant, w->in->unit, &n);

    for (size_t i = 0; i < n; i++)
        if (x[i].condition == condition)
            return &x[i];
    return NULL;
}

enum err breach_add(const struct work *w, uint32_t condition, struct layer *out) {
    if (!plant_condition_fits(w->in->plant, condition, w->in->unit))
        return ERR_OK;
    const struct plant_proof *x = breach_proof(w, condition);
    enum err e = breach_add_told(w, condition, out);
    if (e == ERR_OK)
        e = breach_add_entered(w, condition, out);
    for (unsigned side = 0; x != NULL && side < PROOF_SIDES && e == ERR_OK; side++)
        e = proof_breaches(w, x, (enum proof_side)side, out);
    return e;
}

/* Of one kind, or with BREACH_KIND_COUNT of any; flat. */
static enum err make(const struct work *w, unsigned kind, struct layer *out) {
    const struct plant *p = w->in->plant;
    enum err e = ERR_OK;

    for (uint32_t c = 0; c < p->condition_n && e == ERR_OK; c++)
        if (kind == BREACH_KIND_COUNT || p->condition[c].kind == kind)
            e = breach_add(w, c, out);
    return e == ERR_OK ? layer_flatten(out, NULL, NULL) : e;
}

bool breach_is_busy(const struct piece *p) {
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
        if (!breach_is_busy(p) || (qty == QTY_UNPROVEN && p->p.category == CAT_UNKNOWN))
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

/* Adds to the breaches of all conditions, of lower rank, what gauges do not tell; flat. */
static enum err add_silence(const struct work *w, struct layer *l) {
    const struct cell_input *in = w->in;
    size_t n = 0;
    const struct plant_proof *x = plant_proofs(in->plant, in->unit, &n);
    const int64_t to = in->to_ms < in->now_known_ms ? in->to_ms : in->now_known_ms;
    const size_t before = l->n;
    enum err e = ERR_OK;

    if (n == 0)
        return ERR_OK;
    for (size_t i = 0; i < n && e == ERR_OK; i++)
        e = proof_silence(w, &x[i], in->from_ms, to, l);
    for (size_t i = before; i < l->n; i++)
        l->at[i].value = l->at[i].rank = 1;
    return e == ERR_OK ? layer_flatten(l, NULL, NULL) : e;
}

static void book_silence(struct book *b, struct layer *breaches) {
    const enum err e = add_silence(b->w, breaches);

    for (size_t i = 0; i < breaches->n && e == ERR_OK; i++)
        if (breaches->at[i].value != 0)
            book_stretch(b, &breaches->at[i], QTY_UNPROVEN);
    b->err = b->err == ERR_OK ? e : b->err;
}

void book_breaches(struct book *b) {
    for (unsigned k = 0; k <= BREACH_KIND_COUNT && b->w->in->plant->condition_n > 0; k++) {
        struct layer l = {0};
        const enum err e = make(b->w, k, &l);
        for (size_t i = 0; i < l.n && e == ERR_OK; i++)
            book_stretch(b, &l.at[i], k == BREACH_KIND_COUNT ? QTY_BREACH : QTY_BREACH_OF + k);
        if (k == BREACH_KIND_COUNT && b->w->in->plant->proof_n > 0 && e == ERR_OK)
            book_silence(b, &l);
        layer_fini(&l);
        b->err = b->err == ERR_OK ? e : b->err;
    }
}
