/* Cells replaced, windows moved: whatever differs between the cells that an hour had and those just
 * computed is taken from and added to the windows they count in. A unit in commissioning counts in
 * its own windows alone; time of which that is so in the store is kept apart, so that taking the
 * flag away (or setting it) moves exactly what is missing above (or too much). */
#include "engine/state.h"

enum which { OWN = 1, ABOVE = 2 };

static bool is_apart(const struct cunit *u, int64_t minute) {
    return u->apart.n &&
           ranges_cover(&u->apart, minute * UTC_MINUTE_MS, (minute + 1) * UTC_MINUTE_MS);
}

static bool is_own(const struct core *c, uint32_t unit, const struct window_target *t) {
    return t->key.node == c->plant->unit[unit].node;
}

static enum err need_of(struct core *c, struct load_job *j, uint32_t unit, const struct cell *cell,
                        bool above) {
    struct window_target t[WINDOW_TARGETS_MAX];
    unsigned n = window_targets(c->plant, unit, cell->minute, &cell->ctx, t);
    enum err err = ERR_OK;
    for (unsigned i = 0; i < n && !err; i++)
        if ((above || is_own(c, unit, &t[i])) && !windows_find(c->windows, &t[i].key))
            err = jobs_want_window(j, &t[i].key, t[i].end_ms);
    return err;
}

/* Where nodes above have shifts of their own, these may begin anywhere. */
static bool same_targets(const struct cell *a, const struct cell *b, int64_t grain) {
    return context_equal(&a->ctx, &b->ctx) && a->minute / grain == b->minute / grain;
}

static enum err need(struct core *c, uint32_t unit, const struct cells *cells, bool stored,
                     struct load_job *j) {
    const struct cunit *u = &c->unit[unit];
    bool commissioning = c->plant->unit[unit].commissioning;
    int64_t grain = window_one_calendar(c->plant, unit) && u->apart.n == 0 ? 15 : 1;
    enum err err = ERR_OK;
    for (size_t i = 0; i < cells->n && !err; i++) {
        const struct cell *cell = &cells->at[i];
        bool above = !(stored ? is_apart(u, cell->minute) : commissioning);
        if (i == 0 || !same_targets(cell, &cells->at[i - 1], grain))
            err = need_of(c, j, unit, cell, above);
    }
    return err;
}

enum err moves_need(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                    struct load_job *j) {
    enum err err = need(c, unit, &c->cells, false, j);
    int64_t last = utc_floor(to_ms - 1, UTC_HOUR_MS) / UTC_HOUR_MS;
    for (int64_t h = utc_floor(from_ms, UTC_HOUR_MS) / UTC_HOUR_MS; h <= last && !err; h++)
        err = need(c, unit, &hours_find(c, unit, h)->cells, true, j);
    return err;
}

static void tell_cause(struct window *w, uint8_t cause) {
    cause = cause ? cause : RESTATE_LATE_DATA;
    w->next_cause = cause > w->next_cause ? cause : w->next_cause;
}

static enum err apply(struct core *c, uint32_t unit, const struct cell *cell, int sign,
                      unsigned which) {
    struct window_target t[WINDOW_TARGETS_MAX];
    unsigned n = which ? window_targets(c->plant, unit, cell->minute, &cell->ctx, t) : 0;
    uint8_t cause = c->unit[unit].cause;
    for (unsigned i = 0; i < n; i++) {
        if (!(which & (is_own(c, unit, &t[i]) ? OWN : ABOVE)))
            continue;
        struct window *w = windows_wake(c->windows, &t[i].key);
        if (!w)
            return ERR_STATE; /* moves_need made sure of it */
        if (!window_apply(w, &t[i], &cell->sums, sign))
            continue;
        tell_cause(w, cause);
        /* Each node has one quarter around the minute. */
        enum err err = t[i].key.kind == WINDOW_QUARTER
                           ? minutes_touch(c, t[i].key.node, cell->minute, cause)
                           : ERR_OK;
        if (err)
            return err;
    }
    return ERR_OK;
}

static bool cell_same(const struct cell *a, const struct cell *b) {
    return a->minute == b->minute && context_equal(&a->ctx, &b->ctx) &&
           sums_equal(&a->sums, &b->sums);
}

static bool has_cell(const struct cells *set, const struct cell *cell) {
    size_t lo = 0, hi = set->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (set->at[mid].minute < cell->minute)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < set->n && set->at[lo].minute == cell->minute; lo++)
        if (cell_same(&set->at[lo], cell))
            return true;
    return false;
}

/* Where a cell moves windows: everywhere it counts if it is new (or gone), else only above, if it
 * did not count there before (or does not now). */
static unsigned which_of(bool same, bool counts_above, bool other_counts_above) {
    if (!same)
        return counts_above ? OWN | ABOVE : OWN;
    return counts_above && !other_counts_above ? ABOVE : 0;
}

struct replacing {
    struct unit_hour *h;
    const struct cells *all;
    struct cells next;
    int64_t from_min, to_min;
    bool above; /* the unit counts above now */
    bool moved;
};

static enum err take_away(struct core *c, struct replacing *r) {
    const struct cunit *u = &c->unit[r->h->unit];
    enum err err = ERR_OK;
    for (size_t i = 0; i < r->h->cells.n && !err; i++) {
        const struct cell *cell = &r->h->cells.at[i];
        if (cell->minute < r->from_min)
            err = cells_add(&r->next, cell);
        if (cell->minute < r->from_min || cell->minute >= r->to_min)
            continue;
        bool same = has_cell(r->all, cell);
        err = apply(c, r->h->unit, cell, -1, which_of(same, !is_apart(u, cell->minute), r->above));
        r->moved = r->moved || !same;
    }
    return err;
}

static enum err add(struct core *c, struct replacing *r) {
    const struct cunit *u = &c->unit[r->h->unit];
    enum err err = ERR_OK;
    for (size_t i = 0; i < r->all->n && !err; i++) {
        const struct cell *cell = &r->all->at[i];
        if (cell->minute < r->from_min || cell->minute >= r->to_min)
            continue;
        err = cells_add(&r->next, cell);
        bool same = has_cell(&r->h->cells, cell);
        if (!err)
            err =
                apply(c, r->h->unit, cell, 1, which_of(same, r->above, !is_apart(u, cell->minute)));
        r->moved = r->moved || !same;
    }
    for (size_t i = 0; i < r->h->cells.n && !err; i++)
        if (r->h->cells.at[i].minute >= r->to_min)
            err = cells_add(&r->next, &r->h->cells.at[i]);
    return err;
}

static enum err replace_hour(struct core *c, struct unit_hour *h, int64_t from_min,
                             int64_t to_min) {
    int64_t first = (int64_t)h->hour * 60, end = first + 60;
    struct replacing r = {.h = h,
                          .all = &c->cells,
                          .from_min = from_min > first ? from_min : first,
                          .to_min = to_min < end ? to_min : end,
                          .above = !c->plant->unit[h->unit].commissioning};
    cells_init(&r.next);
    enum err err = take_away(c, &r);
    if (!err)
        err = add(c, &r);
    if (err) {
        cells_fini(&r.next);
        return err;
    }
    cells_fini(&h->cells);
    h->cells = r.next;
    if (r.moved && !h->unstored) {
        h->unstored = true;
        h->next_unstored = c->hours_unstored;
        c->hours_unstored = h;
    }
    c->stats.cells += r.moved ? r.all->n : 0;
    return ERR_OK;
}

enum err moves_make(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms) {
    struct cunit *u = &c->unit[unit];
    int64_t last = utc_floor(to_ms - 1, UTC_HOUR_MS) / UTC_HOUR_MS;
    enum err err = ERR_OK;
    for (int64_t h = utc_floor(from_ms, UTC_HOUR_MS) / UTC_HOUR_MS; h <= last && !err; h++)
        err =
            replace_hour(c, hours_find(c, unit, h), from_ms / UTC_MINUTE_MS, to_ms / UTC_MINUTE_MS);
    if (err)
        return err;
    if (c->plant->unit[unit].commissioning)
        return ranges_add(&u->apart, from_ms, to_ms);
    ranges_cut(&u->apart, from_ms, to_ms);
    return ERR_OK;
}

enum err moves_start(struct core *c) {
    enum err err = ERR_OK;
    for (uint32_t i = 0; i < c->plant->unit_n && !err; i++) {
        struct cunit *u = &c->unit[i];
        const bool commissioning = c->plant->unit[i].commissioning;
        const struct ranges *move = commissioning ? &u->filled : &u->apart;
        for (size_t k = 0; k < move->n && !err; k++) {
            /* What has no cells any more stays where it counts. */
            const int64_t least = utc_floor(retain_cells_ms(c), UTC_DAY_MS) + UTC_DAY_MS;
            struct range r = move->at[k];
            r.from_ms = r.from_ms > least ? r.from_ms : least;
            if (r.from_ms >= r.to_ms ||
                (commissioning && ranges_cover(&u->apart, r.from_ms, r.to_ms)))
                continue;
            u->cause = RESTATE_CORRECTION;
            err = ranges_add(&u->dirty, r.from_ms, r.to_ms);
        }
    }
    return err;
}
