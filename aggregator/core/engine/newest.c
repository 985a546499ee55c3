/* The newest piece of a unit's timeline, for the views: what the unit does now and since when. It
 * is no value: cells know nothing of it, and a start computes it anew. */
#include <stdlib.h>

#include "engine/parts.h"

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

/* Ends the view where the unit's sources stand, and with the state that was told at that very
 * moment: cells know it only when the source has vouched for what follows. */
static enum err look_at_present(struct core *c, struct cell_input *in) {
    int64_t present_ms = unit_present_ms(c, in->unit);
    in->now_known_ms = present_ms;
    if (present_ms < in->from_ms || present_ms > in->to_ms ||
        present_ms != unit_asof_ms(c, in->unit, true))
        return ERR_OK;
    enum err err = entries_add_newest(c, in->unit, present_ms, &c->scratch);
    in->entry = c->scratch.at;
    in->entry_n = c->scratch.n;
    in->now_known_ms = present_ms + 1;
    if (in->to_ms <= present_ms)
        in->to_ms += UTC_MINUTE_MS;
    return err;
}

enum err newest_take(struct core *c, const struct cell_input *in) {
    struct cell_piece *piece = NULL;
    size_t n = 0;
    struct cunit *u = &c->unit[in->unit];
    struct cell_input view = *in;
    enum err err = look_at_present(c, &view);
    bool present = view.now_known_ms >= view.from_ms && view.now_known_ms <= view.to_ms;
    bool before = u->last_valid && in->from_ms < u->last.t0_ms && in->to_ms >= u->last.t0_ms;
    if (err || (!present && !before))
        return err;
    err = cell_timeline(&view, &piece, &n);
    /* A moment at which nothing was told is not the newest known one. */
    if (!err && n && piece[n - 1].category == CAT_UNKNOWN &&
        piece[n - 1].t0_ms == view.now_known_ms - 1)
        n--;
    if (!err && n)
        take_last(u, &view, piece, n);
    free(piece);
    return err;
}

enum err newest_start(struct core *c, uint32_t unit) {
    struct cunit *u = &c->unit[unit];
    struct cell_words words = words_of_cells(&c->words);
    int64_t asof_ms = unit_asof_ms(c, unit, true);
    if (asof_ms == INT64_MIN || asof_ms != unit_present_ms(c, unit))
        return ERR_OK; /* not heard: what it does is not known */
    int64_t minute = utc_floor(asof_ms, UTC_MINUTE_MS);
    struct cell_input in = {.plant = c->plant,
                            .unit = unit,
                            .words = &words,
                            .from_ms = minute - UTC_HOUR_MS,
                            .to_ms = minute + UTC_MINUTE_MS};
    enum err err = acts_signals(c, unit, &c->act_signal, &in);
    if (!err)
        err = entries_gather(c, unit, in.from_ms, in.to_ms, &c->scratch);
    if (!err)
        err = newest_take(c, &in);
    if (u->last_valid && u->last.category == CAT_UNKNOWN)
        u->last_valid = false; /* the log may know more than the lanes */
    return err;
}
