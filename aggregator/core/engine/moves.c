/* Cells replaced, windows moved: whatever differs between the cells that an hour had and those just
 * computed is taken from and added to the windows they count in. A unit in commissioning counts in
 * its own windows alone; time of which that is so in the store is kept apart, so that another term
 * moves exactly what is missing above (or too much). */
#include "engine/parts.h"

enum which { OWN = 1, ABOVE = 2, ORDERS = 4 };

static bool is_apart(const struct cunit *u, int64_t minute) {
    return u->apart.n &&
           ranges_cover(&u->apart, minute * UTC_MINUTE_MS, (minute + 1) * UTC_MINUTE_MS);
}

/* The plant file's term, which may be another one than the store's. */
static bool counts_above(const struct core *c, uint32_t unit, int64_t minute) {
    return !plant_term_covers(&c->plant->unit[unit].commissioning, minute * UTC_MINUTE_MS,
                              (minute + 1) * UTC_MINUTE_MS);
}

static bool stays_as_cut(const struct cunit *u, int64_t minute, const struct window_target *t) {
    return t->key.kind == WINDOW_SHIFT && u->uncut.n &&
           ranges_cover(&u->uncut, minute * UTC_MINUTE_MS, (minute + 1) * UTC_MINUTE_MS);
}

static bool is_own(const struct core *c, uint32_t unit, const struct window_target *t) {
    return t->key.node == c->plant->unit[unit].node;
}

/* What a cell moves there is asked for by any of these. */
static unsigned which_for(const struct core *c, uint32_t unit, const struct window_target *t) {
    if (t->key.kind == WINDOW_ORDER)
        return OWN | ORDERS;
    return is_own(c, unit, t) ? OWN : ABOVE;
}

/* Without windows of orders that are older than the store's first one (orders_ms): cells that were
 * stored before count in none. */
static unsigned targets(const struct core *c, uint32_t unit, const struct cell *cell,
                        struct window_target t[WINDOW_TARGETS_MAX]) {
    const unsigned all = window_targets(c->plant, unit, cell->minute, &cell->ctx, t);
    unsigned n = 0;
    for (unsigned i = 0; i < all; i++)
        if (t[i].key.kind != WINDOW_ORDER || t[i].key.start_ms >= c->orders_ms)
            t[n++] = t[i];
    return n;
}

static enum err need_of(struct core *c, struct load_job *j, uint32_t unit, const struct cell *cell,
                        bool above) {
    struct window_target t[WINDOW_TARGETS_MAX];
    unsigned n = targets(c, unit, cell, t);
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
    const struct plant_term *term = &c->plant->unit[unit].commissioning;
    const bool cut = u->apart.n != 0 || term->from_ms < term->to_ms;
    int64_t grain = window_one_calendar(c->plant, unit) && !cut ? 15 : 1;
    enum err err = ERR_OK;
    for (size_t i = 0; i < cells->n && !err; i++) {
        const struct cell *cell = &cells->at[i];
        bool above = stored ? !is_apart(u, cell->minute) : counts_above(c, unit, cell->minute);
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

/* A run of cells that count in the same windows: minutes follow each other mostly in the same ones.
 * Their sums move the windows together. */
struct aims {
    struct context ctx;
    int64_t from_ms, to_ms; /* where these targets hold; nowhere: only for the cell they were for */
    struct window_target t[WINDOW_TARGETS_MAX];
    unsigned n;
    struct window *window[WINDOW_TARGETS_MAX]; /* NULL: the run does not count there */
    bool counts[WINDOW_TARGETS_MAX];           /* of any of its cells there is something there */
    unsigned which;
    int sign; /* 0: no run */
    struct sums sums;
};

/* Where the nodes above have calendars of their own, shifts without a target may begin anywhere. */
static void aim(const struct core *c, uint32_t unit, const struct cell *cell, struct aims *a) {
    bool shift = cell->ctx.shift == UINT32_MAX;
    a->ctx = cell->ctx;
    a->from_ms = INT64_MIN;
    a->to_ms = INT64_MAX;
    a->n = targets(c, unit, cell, a->t);
    for (unsigned i = 0; i < a->n; i++) {
        const struct window_target *t = &a->t[i];
        a->from_ms = t->key.start_ms > a->from_ms ? t->key.start_ms : a->from_ms;
        a->to_ms = t->end_ms < a->to_ms ? t->end_ms : a->to_ms;
        shift = shift || t->key.kind == WINDOW_SHIFT;
    }
    if (!shift || !window_one_calendar(c->plant, unit) || c->unit[unit].uncut.n)
        a->to_ms = a->from_ms;
}

static bool aims_hold(const struct aims *a, const struct cell *cell) {
    int64_t t_ms = cell->minute * UTC_MINUTE_MS;
    return a->n && t_ms >= a->from_ms && t_ms < a->to_ms && context_equal(&a->ctx, &cell->ctx);
}

static enum err run_end(struct core *c, uint32_t unit, struct aims *a) {
    enum err err = ERR_OK;
    for (unsigned i = 0; i < a->n && a->sign; i++) {
        if (!a->window[i] || !a->counts[i])
            continue;
        window_move(a->window[i], &a->t[i], &a->sums, a->sign);
        tell_cause(a->window[i], c->unit[unit].cause);
        const enum err day = alarms_day_moved(c, a->window[i]);
        err = err ? err : day;
    }
    a->sign = 0;
    return err;
}

static enum err run_begin(struct core *c, uint32_t unit, const struct cell *cell, int sign,
                          unsigned which, struct aims *a) {
    const enum err err = run_end(c, unit, a);
    if (err)
        return err;
    if (!aims_hold(a, cell))
        aim(c, unit, cell, a);
    for (unsigned i = 0; i < a->n; i++) {
        bool counts = which & which_for(c, unit, &a->t[i]);
        counts = counts && !stays_as_cut(&c->unit[unit], cell->minute, &a->t[i]);
        a->counts[i] = false;
        a->window[i] = counts ? windows_wake(c->windows, &a->t[i].key) : NULL;
        if (counts && !a->window[i])
            return ERR_STATE; /* moves_need made sure of it */
    }
    a->which = which;
    a->sign = sign;
    a->sums = (struct sums){0};
    return ERR_OK;
}

static enum err apply(struct core *c, uint32_t unit, const struct cell *cell, int sign,
                      unsigned which, struct aims *a) {
    enum err err = ERR_OK;
    if (!which)
        return ERR_OK;
    if (a->sign != sign || a->which != which || !aims_hold(a, cell))
        err = run_begin(c, unit, cell, sign, which, a);
    bool all = window_counts_sums(&(struct window_target){.pieces = true}, &cell->sums);
    bool rest = window_counts_sums(&(struct window_target){.pieces = false}, &cell->sums);
    for (unsigned i = 0; i < a->n && !err; i++) {
        const struct window_target *t = &a->t[i];
        if (!a->window[i] || !(t->pieces ? all : rest))
            continue;
        a->counts[i] = true;
        /* Each node has one quarter around the minute. */
        if (t->key.kind == WINDOW_QUARTER)
            alarms_moved(c, unit, t, cell, sign);
        if (t->key.kind == WINDOW_QUARTER)
            err = minutes_touch(c, t->key.node, cell->minute, c->unit[unit].cause);
    }
    if (!err)
        sums_add(&a->sums, &cell->sums);
    return err;
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
 * did not count there before (or does not now); and where it is told anew, taken away and added. */
static unsigned which_of(bool same, bool above, bool other_above, bool retell) {
    if (!same)
        return above ? OWN | ABOVE : OWN;
    return (above && !other_above ? ABOVE : 0U) | (retell ? ORDERS : 0U);
}

static bool is_retold(const struct cunit *u, int64_t minute) {
    return u->retell.n &&
           ranges_cover(&u->retell, minute * UTC_MINUTE_MS, (minute + 1) * UTC_MINUTE_MS);
}

struct replacing {
    struct unit_hour *h;
    const struct cells *all;
    struct aims aims;
    int64_t from_min, to_min;
    bool moved;
};

static enum err take_away(struct core *c, struct replacing *r) {
    const struct cunit *u = &c->unit[r->h->unit];
    enum err err = ERR_OK;
    for (size_t i = 0; i < r->h->cells.n && !err; i++) {
        const struct cell *cell = &r->h->cells.at[i];
        if (cell->minute < r->from_min || cell->minute >= r->to_min)
            continue;
        const bool same = has_cell(r->all, cell), was = !is_apart(u, cell->minute),
                   is = counts_above(c, r->h->unit, cell->minute);
        err = apply(c, r->h->unit, cell, -1, which_of(same, was, is, is_retold(u, cell->minute)),
                    &r->aims);
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
        const bool same = has_cell(&r->h->cells, cell), was = !is_apart(u, cell->minute),
                   is = counts_above(c, r->h->unit, cell->minute);
        err = apply(c, r->h->unit, cell, 1, which_of(same, is, was, is_retold(u, cell->minute)),
                    &r->aims);
        r->moved = r->moved || !same;
    }
    return err;
}

struct slice {
    size_t from, to;
};

/* Cells stand in the order of their minutes. */
static struct slice slice_of(const struct cells *set, int64_t from_min, int64_t to_min) {
    struct slice s = {0, set->n};
    while (s.from < set->n && set->at[s.from].minute < from_min)
        s.from++;
    while (s.to > s.from && set->at[s.to - 1].minute >= to_min)
        s.to--;
    return s;
}

static enum err make_room(struct cells *set, size_t n) {
    size_t cap = set->cap ? set->cap : 16;
    while (cap < n)
        cap *= 2;
    return cells_reserve(set, cap);
}

/* There is room. */
static void splice(struct cells *set, struct slice old, const struct cells *by,
                   struct slice fresh) {
    size_t n = fresh.to - fresh.from;
    if (old.to - old.from != n)
        memmove(set->at + old.from + n, set->at + old.to, (set->n - old.to) * sizeof *set->at);
    if (n)
        memcpy(set->at + old.from, by->at + fresh.from, n * sizeof *set->at);
    set->n += n - (old.to - old.from);
}

static enum err replace_hour(struct core *c, struct unit_hour *h, int64_t from_min,
                             int64_t to_min) {
    int64_t first = (int64_t)h->hour * 60, end = first + 60;
    struct replacing r = {.h = h,
                          .all = &c->cells,
                          .from_min = from_min > first ? from_min : first,
                          .to_min = to_min < end ? to_min : end};
    struct slice old = slice_of(&h->cells, r.from_min, r.to_min);
    struct slice fresh = slice_of(r.all, r.from_min, r.to_min);
    enum err err = make_room(&h->cells, h->cells.n + fresh.to - fresh.from);
    if (!err)
        err = take_away(c, &r);
    if (!err)
        err = add(c, &r);
    const enum err last = run_end(c, h->unit, &r.aims);
    err = err ? err : last;
    if (err)
        return err;
    splice(&h->cells, old, r.all, fresh);
    if (r.moved)
        hours_changed(c, h);
    c->stats.cells += r.moved ? r.all->n : 0;
    return ERR_OK;
}

/* The part of [from, to) in the term; empty: none. */
static struct range meeting(const struct plant_term *t, int64_t from_ms, int64_t to_ms) {
    if (!plant_term_meets(t, from_ms, to_ms))
        return (struct range){from_ms, from_ms};
    return (struct range){t->from_ms > from_ms ? t->from_ms : from_ms,
                          t->to_ms < to_ms ? t->to_ms : to_ms};
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
    ranges_cut(&u->retell, from_ms, to_ms);
    const struct range r = meeting(&c->plant->unit[unit].commissioning, from_ms, to_ms);
    ranges_cut(&u->apart, from_ms, to_ms);
    return r.from_ms < r.to_ms ? ranges_add(&u->apart, r.from_ms, r.to_ms) : ERR_OK;
}

/* Of [from, to) what counts above now and not in the store, or the other way round, is computed
 * anew. */
static enum err move_range(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                           bool apart) {
    struct cunit *u = &c->unit[unit];
    /* What has no cells any more stays where it counts. */
    const int64_t least = utc_floor(retain_cells_ms(c), UTC_DAY_MS) + UTC_DAY_MS;
    from_ms = from_ms > least ? from_ms : least;
    if (from_ms >= to_ms || (apart && ranges_cover(&u->apart, from_ms, to_ms)))
        return ERR_OK;
    u->cause = RESTATE_CORRECTION;
    return ranges_add(&u->dirty, from_ms, to_ms);
}

enum err moves_start(struct core *c) {
    enum err err = ERR_OK;
    for (uint32_t i = 0; i < c->plant->unit_n && !err; i++) {
        const struct cunit *u = &c->unit[i];
        const struct plant_term *term = &c->plant->unit[i].commissioning;
        for (size_t k = 0; k < u->filled.n && !err; k++) {
            const struct range r = meeting(term, u->filled.at[k].from_ms, u->filled.at[k].to_ms);
            err = move_range(c, i, r.from_ms, r.to_ms, true);
        }
        for (size_t k = 0; k < u->apart.n && !err; k++) {
            const struct range all = u->apart.at[k], r = meeting(term, all.from_ms, all.to_ms);
            const bool none = r.from_ms >= r.to_ms;
            err = move_range(c, i, all.from_ms, none ? all.to_ms : r.from_ms, false);
            if (!err && !none)
                err = move_range(c, i, r.to_ms, all.to_ms, false);
        }
    }
    return err;
}
