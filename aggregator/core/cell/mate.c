#include "cell/mate.h"

void running_fini(struct running *r) {
    layer_fini(&r->run);
    layer_fini(&r->known);
}

/* Of a mate that was not given there is no log: all of its time is unknown. */
static struct cell_input input_of(const struct cell_input *in, uint32_t unit, int64_t from,
                                  int64_t to) {
    struct cell_input out = {.plant = in->plant, .unit = unit, .words = in->words};

    for (size_t i = 0; i < in->mate_n; i++)
        if (in->mate[i].unit == unit)
            out = in->mate[i];
    if (unit == in->unit)
        out = *in;
    out.from_ms = from;
    out.to_ms = to;
    out.now_known_ms = in->now_known_ms;
    out.mate = NULL;
    out.mate_n = 0;
    out.alone = true;
    out.trace = NULL;
    return out;
}

static enum err running_add(struct running *r, const struct cell_piece *p, int64_t from,
                            int64_t to) {
    const struct stretch s = {.t0 = p->t0_ms > from ? p->t0_ms : from,
                              .t1 = p->t1_ms < to ? p->t1_ms : to};
    enum err e = ERR_OK;

    if (p->category != CAT_UNKNOWN)
        e = layer_add(&r->known, &s);
    if (p->category == CAT_PRODUCTION && e == ERR_OK)
        e = layer_add(&r->run, &s);
    return e;
}

enum err mate_running(const struct cell_input *in, uint32_t unit, int64_t from, int64_t to,
                      struct running *out) {
    const struct cell_input mate = input_of(in, unit, from, to);
    struct work w;
    enum err e = work_init(&w, &mate);

    if (e == ERR_OK)
        e = timeline_make(&w);
    for (size_t i = 0; i < w.piece_n && e == ERR_OK; i++)
        e = running_add(out, &w.piece[i].p, from, to);
    work_fini(&w);
    if (e == ERR_OK)
        e = layer_flatten(&out->known, NULL, NULL);
    return e == ERR_OK ? layer_flatten(&out->run, NULL, NULL) : e;
}

static enum err seen_copy(const struct layer *from, struct layer *to) {
    enum err e = ERR_OK;

    for (size_t i = 0; i < from->n && e == ERR_OK; i++)
        e = layer_add(to, &from->at[i]);
    return e;
}

static enum err metered_take(const struct book *b, uint8_t role, struct metered *out) {
    const bool carrier = plant_role_is_carrier((enum plant_role)role);
    const unsigned other = carrier ? (unsigned)(role - ROLE_GAS) : 0;

    for (size_t i = 0; i < b->out->n; i++) {
        const struct cell *c = &b->out->at[i];
        const int64_t v = carrier ? c->sums.q[QTY_CARRIER + other] : sums_energy(&c->sums);
        const size_t at = (size_t)(c->minute - b->first);
        out->sum[at] = (int64_t)((uint64_t)out->sum[at] + (uint64_t)v);
        out->gap[at] = out->gap[at] || (!carrier && c->sums.q[QTY_ENERGY_GAP] != 0);
    }
    return seen_copy(&b->w->seen[carrier ? EVIDENCE_CARRIER + other : EVIDENCE_ENERGY], &out->seen);
}

enum err mate_metered(const struct cell_input *in, uint32_t unit, uint8_t role,
                      struct metered *out) {
    const struct cell_input mate = input_of(in, unit, in->from_ms, in->to_ms);
    struct cells cells;
    struct work w;
    struct book b = {0};

    cells_init(&cells);
    enum err e = work_init(&w, &mate);
    if (e == ERR_OK)
        e = timeline_make(&w);
    if (e == ERR_OK)
        e = book_init(&b, &w, &cells);
    if (e == ERR_OK) {
        if (plant_role_is_carrier((enum plant_role)role))
            book_carriers(&b);
        else
            book_energy(&b);
        e = b.err;
    }
    if (e == ERR_OK)
        e = metered_take(&b, role, out);
    book_fini(&b);
    work_fini(&w);
    cells_fini(&cells);
    return e;
}
