/* Evidence: what a unit should measure and when it was measured. A part of the pieces that is not
 * read itself follows from others (counts.c): scrap from total, good and a rework that is read,
 * rework from total, good and scrap. It is seen while all that it follows from is. */
#include <stdlib.h>

#include "cell/book.h"

#define FLOW_ROLES                                                                                 \
    (ROLE_BIT(ROLE_EXPORT) | ROLE_BIT(ROLE_GENERATION) | ROLE_BIT(ROLE_STORAGE_IN) |               \
     ROLE_BIT(ROLE_STORAGE_OUT))
#define CARRIER_ROLES ((ROLE_BIT(CARRIER_OTHERS) - 1) << ROLE_GAS)

static uint64_t roles_read(const struct work *w) {
    uint64_t roles = 0;

    for (unsigned r = 0; r < ROLE_COUNT; r++)
        roles |= w->has[r] ? ROLE_BIT(r) : 0;
    return roles;
}

/* Roles of the signals that tell a quantity; 0: the unit does not measure it. */
static uint64_t roles_of(const struct work *w, enum evidence what) {
    const uint64_t read = roles_read(w), made = read & (ROLE_BIT(ROLE_TOTAL) | ROLE_BIT(ROLE_GOOD));
    const bool derives =
        w->unit->total_has_scrap && made == (ROLE_BIT(ROLE_TOTAL) | ROLE_BIT(ROLE_GOOD));
    /* As energy.c books. */
    const uint64_t registers = read & (ROLE_BIT(ROLE_ENERGY) | FLOW_ROLES),
                   electric = registers ? registers : read & ROLE_BIT(ROLE_POWER);

    if (what >= EVIDENCE_CARRIER)
        return read & ROLE_BIT(ROLE_GAS + (what - EVIDENCE_CARRIER));
    switch (what) {
    case EVIDENCE_ENERGY:
        return electric;
    case EVIDENCE_REACTIVE:
        return read & ROLE_BIT(ROLE_REACTIVE) ? electric | ROLE_BIT(ROLE_REACTIVE) : 0;
    case EVIDENCE_TOTAL:
        return (read | w->shared) & CARRIER_ROLES ? electric | (read & CARRIER_ROLES) : 0;
    case EVIDENCE_COUNT:
        return made;
    case EVIDENCE_SCRAP:
        if (read & ROLE_BIT(ROLE_SCRAP))
            return ROLE_BIT(ROLE_SCRAP);
        return derives ? made | (read & ROLE_BIT(ROLE_REWORK)) : 0;
    case EVIDENCE_REWORK:
        if (read & ROLE_BIT(ROLE_REWORK))
            return ROLE_BIT(ROLE_REWORK);
        return derives && read & ROLE_BIT(ROLE_SCRAP) ? made | ROLE_BIT(ROLE_SCRAP) : 0;
    case EVIDENCE_PASS: {
        const uint64_t both = ROLE_BIT(ROLE_INSPECTED) | ROLE_BIT(ROLE_PASSED);
        if ((read & both) == both)
            return both;
        const uint64_t scrap = roles_of(w, EVIDENCE_SCRAP), rework = roles_of(w, EVIDENCE_REWORK);
        return scrap && rework && made ? made | scrap | rework : 0;
    }
    case EVIDENCE_CARRIER:
    case EVIDENCE_N:
        break;
    }
    return 0;
}

/* Roles of the shared meters that tell of it too. */
static uint64_t shared_of(const struct work *w, enum evidence what) {
    const uint64_t electric = w->shared & (ROLE_BIT(ROLE_ENERGY) | ROLE_BIT(ROLE_POWER));
    const bool carriers = w->shared & CARRIER_ROLES || roles_of(w, EVIDENCE_TOTAL);

    if (what >= EVIDENCE_CARRIER)
        return w->shared & ROLE_BIT(ROLE_GAS + (what - EVIDENCE_CARRIER));
    if (what == EVIDENCE_TOTAL)
        return carriers ? w->shared : 0;
    return what == EVIDENCE_ENERGY ? electric : 0;
}

/* What tells a quantity: of the unit's own signals and of the meters that it shares. */
struct tellers {
    uint64_t own, shared;
};

static bool tells(const struct tellers *t, uint8_t role, uint16_t meter) {
    return role < ROLE_COUNT && (meter != 0 ? t->shared : t->own) & ROLE_BIT(role);
}

bool evidence_pass_by_counts(const struct work *w) {
    return w->due[EVIDENCE_PASS] && !(w->has[ROLE_INSPECTED] && w->has[ROLE_PASSED]);
}

/* Leaves in *l what is in both. */
static enum err layer_meet(struct layer *l, const struct layer *other) {
    struct layer both = {0};
    enum err e = ERR_OK;

    for (size_t i = 0, k = 0; i < l->n && k < other->n && e == ERR_OK;) {
        const struct stretch *a = &l->at[i], *b = &other->at[k];
        const struct stretch s = {.t0 = a->t0 > b->t0 ? a->t0 : b->t0,
                                  .t1 = a->t1 < b->t1 ? a->t1 : b->t1};
        e = layer_add(&both, &s);
        if (a->t1 <= b->t1)
            i++;
        else
            k++;
    }
    layer_fini(l);
    *l = both;
    return e;
}

enum err evidence_narrow(struct work *w, uint8_t role, const struct layer *where) {
    const bool carrier = plant_role_is_carrier((enum plant_role)role);
    const unsigned what =
        carrier ? EVIDENCE_CARRIER + (unsigned)(role - ROLE_GAS) : EVIDENCE_ENERGY;
    enum err e = layer_meet(&w->seen[what], where);

    if (e == ERR_OK && w->due[EVIDENCE_TOTAL])
        e = layer_meet(&w->seen[EVIDENCE_TOTAL], where);
    return e;
}

static enum err layer_copy(struct layer *to, const struct layer *from) {
    enum err e = ERR_OK;

    for (size_t i = 0; i < from->n && e == ERR_OK; i++)
        e = layer_add(to, &from->at[i]);
    return e;
}

/* A signal that the plant names and no agent has is never watched. */
static bool all_there(const struct work *w, const struct tellers *t) {
    const struct plant *p = w->in->plant;
    size_t named = 0, there = 0;

    for (size_t i = 0; i < w->unit->signal_n; i++)
        named += w->unit->signal[i] < p->signal_n &&
                 tells(t, p->signal[w->unit->signal[i]].role, p->signal[w->unit->signal[i]].meter);
    for (size_t i = 0; i < w->in->signal_n; i++)
        there += tells(t, w->in->signal[i].role, w->in->signal[i].meter);
    return there > 0 && there >= named;
}

static enum err see(struct work *w, struct layer *seen, const struct tellers *t) {
    bool first = true;
    enum err e = ERR_OK;

    for (size_t i = 0; i < w->in->signal_n && e == ERR_OK; i++) {
        if (!tells(t, w->in->signal[i].role, w->in->signal[i].meter))
            continue;
        e = first ? layer_copy(seen, &w->watched[i]) : layer_meet(seen, &w->watched[i]);
        first = false;
    }
    return e;
}

enum err evidence_make(struct work *w) {
    enum err e = ERR_OK;

    for (size_t i = 0; i < w->in->signal_n && e == ERR_OK; i++)
        e = layer_flatten(&w->watched[i], NULL, NULL);
    for (unsigned k = 0; k < EVIDENCE_N && e == ERR_OK; k++) {
        const struct tellers t = {roles_of(w, (enum evidence)k), shared_of(w, (enum evidence)k)};
        w->due[k] = t.own != 0 || t.shared != 0;
        if (all_there(w, &t))
            e = see(w, &w->seen[k], &t);
    }
    return e;
}

static unsigned due_of(enum evidence what) {
    switch (what) {
    case EVIDENCE_COUNT:
        return QTY_COUNT_DUE;
    case EVIDENCE_SCRAP:
        return QTY_SCRAP_DUE;
    case EVIDENCE_REWORK:
        return QTY_REWORK_DUE;
    case EVIDENCE_PASS:
        return QTY_PASS_DUE;
    case EVIDENCE_ENERGY:
        return QTY_ENERGY_DUE;
    case EVIDENCE_REACTIVE:
        return QTY_REACTIVE_DUE;
    case EVIDENCE_TOTAL:
        return QTY_TOTAL_DUE;
    case EVIDENCE_CARRIER:
    case EVIDENCE_N:
        break;
    }
    return QTY_CARRIER_DUE + 2 * (unsigned)(what - EVIDENCE_CARRIER);
}

static void add(struct sums *s, enum evidence what, bool seen, int64_t ms) {
    s->q[due_of(what) + seen] += ms; /* seen stands behind due */
    if (what == EVIDENCE_SCRAP)
        s->q[QTY_QUALITY_DUE + seen] += ms;
}

static bool is_due(enum evidence what, const struct piece *p) {
    return what >= EVIDENCE_ENERGY || piece_attended(p);
}

void book_due(const struct work *w, struct sums *s, const struct piece *p, int64_t ms) {
    for (unsigned k = 0; k < EVIDENCE_N; k++)
        if (w->due[k] && is_due((enum evidence)k, p))
            add(s, (enum evidence)k, false, ms);
}

static void book_stretch(struct book *b, enum evidence what, int64_t from, int64_t to) {
    const struct work *w = b->w;

    book_from(b, CELL_FROM_WATCH, from, to);
    for (size_t i = timeline_seek(w, from); i < w->piece_n && w->piece[i].p.t0_ms < to; i++) {
        const struct piece *p = &w->piece[i];
        const int64_t end = p->p.t1_ms < to ? p->p.t1_ms : to;
        if (!is_due(what, p))
            continue;
        for (int64_t a = p->p.t0_ms > from ? p->p.t0_ms : from, next; a < end; a = next) {
            next = utc_floor(a, UTC_MINUTE_MS) + UTC_MINUTE_MS;
            next = next < end ? next : end;
            add(book_sums(b, utc_floor(a, UTC_MINUTE_MS) / UTC_MINUTE_MS, &p->p.ctx), what, true,
                next - a);
        }
    }
}

void book_evidence(struct book *b) {
    const struct cell_input *in = b->w->in;
    const int64_t to = in->to_ms < in->now_known_ms ? in->to_ms : in->now_known_ms;

    for (unsigned k = 0; k < EVIDENCE_N; k++) {
        const struct layer *l = &b->w->seen[k];
        for (size_t i = layer_seek(l, in->from_ms); i < l->n && l->at[i].t0 < to; i++)
            book_stretch(b, (enum evidence)k, l->at[i].t0 > in->from_ms ? l->at[i].t0 : in->from_ms,
                         l->at[i].t1 < to ? l->at[i].t1 : to);
    }
}
