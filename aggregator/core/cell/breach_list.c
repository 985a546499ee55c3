/* Breaches as stretches, with what proves each: what a timeline shows beside its pieces. */
#include <stdlib.h>

#include "cell/breach.h"
#include "cell/proof.h"

struct found {
    struct cell_breach *at;
    size_t n, cap;
};

static enum err found_add(struct found *f, const struct cell_breach *b) {
    if (f->n == f->cap) {
        const size_t cap = f->cap ? f->cap * 2 : 16;
        struct cell_breach *at = realloc(f->at, cap * sizeof *at);
        if (at == NULL)
            return ERR_NOMEM;
        f->at = at;
        f->cap = cap;
    }
    f->at[f->n++] = *b;
    return ERR_OK;
}

static int64_t known_to(const struct work *w) {
    return w->in->to_ms < w->in->now_known_ms ? w->in->to_ms : w->in->now_known_ms;
}

/* Flattens the layer and gives what of it lies in the range, as `like` says of it; frees it. */
static enum err take_layer(const struct work *w, struct layer *l, const struct cell_breach *like,
                           const struct plant_proof *x, struct found *out) {
    const int64_t from = w->in->from_ms, to = known_to(w);
    enum err e = layer_flatten(l, NULL, NULL);

    for (size_t i = 0; i < l->n && e == ERR_OK; i++) {
        struct cell_breach b = *like;
        b.t0_ms = l->at[i].t0 > from ? l->at[i].t0 : from;
        b.t1_ms = l->at[i].t1 < to ? l->at[i].t1 : to;
        if (b.t0_ms >= b.t1_ms || l->at[i].value != 0)
            continue;
        if (b.by == CELL_BREACH_GAUGE)
            b.worst = proof_worst(w, x, b.above ? PROOF_HIGH : PROOF_LOW, b.t0_ms, b.t1_ms);
        e = found_add(out, &b);
    }
    layer_fini(l);
    return e;
}

/* Adds the parts of [t0, t1) in which the machine is known and busy. */
static enum err add_at_work(const struct work *w, int64_t t0, int64_t t1, struct layer *out) {
    enum err e = ERR_OK;

    for (size_t i = timeline_seek(w, t0); i < w->piece_n && w->piece[i].p.t0_ms < t1 && e == ERR_OK;
         i++) {
        const struct cell_piece *p = &w->piece[i].p;
        const struct stretch s = {
            .t0 = p->t0_ms > t0 ? p->t0_ms : t0, .t1 = p->t1_ms < t1 ? p->t1_ms : t1, .rank = 1};
        if (breach_is_busy(&w->piece[i]) && p->category != CAT_UNKNOWN)
            e = layer_add(out, &s);
    }
    return e;
}

/* The gauge tells nothing, and nothing else breaches the condition. */
static enum err add_unknown(const struct work *w, const struct plant_proof *x, struct found *out) {
    const struct cell_breach like = {
        .condition = x->condition, .by = CELL_BREACH_UNKNOWN, .gauge = x->gauge};
    struct layer silent = {0}, l = {0};
    enum err e = proof_silence(w, x, w->in->from_ms, known_to(w), &silent);

    if (e == ERR_OK)
        e = breach_add(w, x->condition, &l);
    for (size_t i = 0; i < l.n; i++)
        l.at[i].value = 1; /* it counts, and is not told here */
    for (size_t i = 0; i < silent.n && e == ERR_OK; i++)
        e = add_at_work(w, silent.at[i].t0, silent.at[i].t1, &l);
    layer_fini(&silent);
    if (e == ERR_OK)
        return take_layer(w, &l, &like, x, out);
    layer_fini(&l);
    return e;
}

static enum err add_by_gauge(const struct work *w, const struct plant_proof *x, struct found *out) {
    enum err e = ERR_OK;

    for (unsigned side = 0; side < PROOF_SIDES && e == ERR_OK; side++) {
        const struct cell_breach like = {.condition = x->condition,
                                         .by = CELL_BREACH_GAUGE,
                                         .above = side == PROOF_HIGH,
                                         .gauge = x->gauge};
        struct layer l = {0};
        e = proof_breaches(w, x, (enum proof_side)side, &l);
        if (e == ERR_OK)
            e = take_layer(w, &l, &like, x, out);
        else
            layer_fini(&l);
    }
    return e == ERR_OK ? add_unknown(w, x, out) : e;
}

static enum err add_condition(const struct work *w, uint32_t condition, struct found *out) {
    static enum err (*const add[])(const struct work *, uint32_t, struct layer *) = {
        [CELL_BREACH_ENTERED] = breach_add_entered, [CELL_BREACH_STOP] = breach_add_told};
    const struct plant_proof *x = breach_proof(w, condition);
    enum err e = ERR_OK;

    if (!plant_condition_fits(w->in->plant, condition, w->in->unit))
        return ERR_OK;
    for (unsigned by = 0; by < sizeof add / sizeof *add && e == ERR_OK; by++) {
        const struct cell_breach like = {.condition = condition, .by = (uint8_t)by};
        struct layer l = {0};
        e = add[by](w, condition, &l);
        if (e == ERR_OK)
            e = take_layer(w, &l, &like, NULL, out);
        else
            layer_fini(&l);
    }
    return e == ERR_OK && x != NULL ? add_by_gauge(w, x, out) : e;
}

enum err cell_breaches(const struct cell_input *in, struct cell_breach **out, size_t *n) {
    struct found f = {0};
    struct work w;

    enum err e = work_init(&w, in);
    if (e == ERR_OK)
        e = timeline_make(&w);
    for (uint32_t c = 0; c < in->plant->condition_n && e == ERR_OK; c++)
        e = add_condition(&w, c, &f);
    work_fini(&w);
    if (e != ERR_OK) {
        free(f.at);
        return e;
    }
    *out = f.at;
    *n = f.n;
    return ERR_OK;
}
