/* The newest piece of a unit's timeline, for the views: what the unit does now and since when. It
 * is no value: cells know nothing of it, and a start computes it anew. */
#include <stdlib.h>

#include "engine/state.h"

/* Where the run of one category and cause that ends with piece i begins. */
static int64_t run_begin(const struct cell_piece *piece, size_t i) {
    int64_t t0_ms = piece[i].t0_ms;
    while (i-- > 0 && piece[i].category == piece[i + 1].category &&
           piece[i].cause == piece[i + 1].cause)
        t0_ms = piece[i].t0_ms;
    return t0_ms;
}

static bool same_state(const struct cell_piece *a, const struct cell_piece *b) {
    return a->category == b->category && a->cause == b->cause;
}

/* The newest piece of the timeline, for the views. Jobs run newest first, so an older one may show
 * that the present state began earlier. */
static void take_last(struct cunit *u, const struct cell_input *in, const struct cell_piece *piece,
                      size_t n) {
    bool present = in->now_known_ms >= in->from_ms && in->now_known_ms <= in->to_ms;
    if (present) {
        struct cell_piece newest = piece[n - 1];
        newest.t0_ms = run_begin(piece, n - 1);
        if (u->last_valid && same_state(&u->last, &newest) && newest.t0_ms <= in->from_ms &&
            u->last.t0_ms < newest.t0_ms)
            newest.t0_ms = u->last.t0_ms;
        u->last = newest;
        u->last_valid = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (piece[i].t1_ms >= u->last.t0_ms && piece[i].t0_ms < u->last.t0_ms &&
            same_state(&piece[i], &u->last))
            u->last.t0_ms = run_begin(piece, i);
}

enum err newest_take(struct core *c, const struct cell_input *in) {
    struct cell_piece *piece = NULL;
    size_t n = 0;
    struct cunit *u = &c->unit[in->unit];
    bool present = in->now_known_ms >= in->from_ms && in->now_known_ms <= in->to_ms;
    bool before = u->last_valid && in->from_ms < u->last.t0_ms && in->to_ms >= u->last.t0_ms;
    if (!present && !before)
        return ERR_OK;
    enum err err = cell_timeline(in, &piece, &n);
    if (!err && n)
        take_last(u, in, piece, n);
    free(piece);
    return err;
}
