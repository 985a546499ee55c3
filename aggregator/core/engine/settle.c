/* When a window is told to the world: settled once its data have passed or time is up, restated
 * when its sums moved afterwards. The clock decides only when, never what: data from beyond it do
 * not settle a window that still runs. A pass over all that may be told goes in slices, one a call:
 * first how far the units are, then the windows, then the minutes. */
#include <stdlib.h>

#include "engine/parts.h"

enum { RESTATE_WAIT_MS = 60000, RESTATED_APART_MS = 600000 };
enum { SIGNALS_A_JOB = 256, WINDOWS_A_JOB = 32 }; /* about as long as a job takes */

bool settle_draining(const struct core *c, uint32_t unit) {
    for (size_t i = 0; i < c->unit[unit].signal_n; i++) {
        const struct csignal *s = &c->signal[c->unit[unit].signal[i].signal];
        unsigned lanes = 0;
        for (unsigned slot = 0; slot < SESSION_LANES; slot++)
            lanes += s->at[slot] != UINT32_MAX;
        if (lanes > 1)
            return true;
    }
    return false;
}

static enum err begin_pass(struct core *c) {
    struct settling *s = &c->settling;
    size_t n = c->plant->node_n;
    if (!s->at)
        s->at = malloc((n ? n : 1) * sizeof *s->at);
    if (!s->at)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        s->at[i] = (struct node_progress){INT64_MAX, INT64_MAX, false};
    s->unit = 0;
    s->window = 0;
    s->restate_all = c->now.mono_ms - c->last_restate_mono_ms >= RESTATE_WAIT_MS;
    s->step = SETTLE_UNITS;
    return ERR_OK;
}

/* Nobody above a node that does not count waits for its units. */
static uint32_t next_above(const struct plant *p, uint32_t unit, uint32_t n) {
    return n != UINT32_MAX && window_counts(p, n, unit) ? n : UINT32_MAX;
}

/* Of the windows that may settle it counts in its own alone. */
static bool is_apart(const struct core *c, uint32_t unit) {
    const int64_t wall_ms = c->now.wall_ms;
    return plant_term_covers(&c->plant->unit[unit].commissioning,
                             wall_ms - c->plant->settle_late_ms - UTC_DAY_MS, wall_ms);
}

static void add_progress(struct core *c, uint32_t u) {
    const struct plant *p = c->plant;
    int64_t asof = unit_judged_ms(c, u);
    /* A gateway whose clock runs ahead vouches for what has not happened yet. */
    if (!c->conf.offline && asof > c->now.wall_ms && asof != INT64_MAX)
        asof = c->now.wall_ms;
    bool draining = settle_draining(c, u);
    const bool apart = is_apart(c, u);
    for (uint32_t n = next_above(p, u, p->unit[u].node); n != UINT32_MAX;
         n = apart ? UINT32_MAX : next_above(p, u, p->node[n].parent)) {
        struct node_progress *at = &c->settling.at[n];
        at->asof_ms = asof < at->asof_ms ? asof : at->asof_ms;
        at->draining = at->draining || draining;
    }
}

/* Looks at every signal of every unit. */
static void run_units(struct core *c, size_t signals) {
    struct settling *s = &c->settling;
    for (size_t seen = 0; s->unit < c->plant->unit_n && seen < signals; s->unit++) {
        add_progress(c, s->unit);
        seen += 1 + c->unit[s->unit].signal_n;
    }
    if (s->unit == c->plant->unit_n)
        s->step = SETTLE_WINDOWS;
}

/* As it is now: records come between two slices. */
static void look_for_dirt(struct core *c) {
    const struct plant *p = c->plant;
    for (size_t i = 0; i < p->node_n; i++)
        c->settling.at[i].dirty_from_ms = INT64_MAX;
    for (uint32_t u = 0; u < p->unit_n; u++) {
        if (!c->unit[u].dirty.n)
            continue;
        int64_t dirty = c->unit[u].dirty.at[0].from_ms;
        for (uint32_t n = next_above(p, u, p->unit[u].node); n != UINT32_MAX;
             n = next_above(p, u, p->node[n].parent)) {
            struct node_progress *at = &c->settling.at[n];
            at->dirty_from_ms = dirty < at->dirty_from_ms ? dirty : at->dirty_from_ms;
        }
    }
}

/* Whether cells of the window are still being computed, by any unit below its node. */
static bool computing(const struct core *c, const struct window *w, const struct node_progress *p) {
    if (p->dirty_from_ms >= w->end_ms)
        return false;
    for (uint32_t u = 0; u < c->plant->unit_n; u++) {
        const struct ranges *r = &c->unit[u].dirty;
        bool dirty = false;
        for (size_t i = 0; i < r->n && !dirty; i++)
            dirty = r->at[i].from_ms < w->end_ms && r->at[i].to_ms > w->key.start_ms;
        for (uint32_t n = c->plant->unit[u].node; dirty && n != UINT32_MAX;
             n = c->plant->node[n].parent)
            if (n == w->key.node)
                return true;
    }
    return false;
}

/* A replay ends before the window does: it is told as far as it goes, and not as a whole. */
static bool is_cut(const struct core *c, const struct window *w) {
    return c->stopping && c->conf.offline && w->end_ms > c->now.wall_ms;
}

static bool due(const struct core *c, const struct window *w, const struct node_progress *p) {
    bool passed = p->asof_ms != INT64_MAX && p->asof_ms >= w->end_ms + c->plant->settle_ms;
    if (c->stopping && c->conf.offline)
        passed = !is_cut(c, w) || w->published_ms == 0 || w->changed;
    else if (!c->conf.offline)
        passed = passed || c->now.wall_ms >= w->end_ms + c->plant->settle_late_ms;
    return passed && !computing(c, w, p); /* looks at all units, so last */
}

enum err settle_remember(struct core *c, const struct window_key *key) {
    struct published *p = &c->published;
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 64;
        struct window_key *at = realloc(p->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        p->at = at;
        p->cap = cap;
    }
    p->at[p->n++] = *key;
    return ERR_OK;
}

static void remember_restated(struct core *c, const struct window *w) {
    if (w->key.kind == WINDOW_ORDER)
        return;
    struct core_restated *r = &c->restated[w->key.node];
    if (!r->windows || c->now.wall_ms - r->at_ms > RESTATED_APART_MS)
        *r = (struct core_restated){.from_ms = INT64_MAX, .to_ms = INT64_MIN};
    r->from_ms = w->key.start_ms < r->from_ms ? w->key.start_ms : r->from_ms;
    r->to_ms = w->end_ms > r->to_ms ? w->end_ms : r->to_ms;
    r->at_ms = c->now.wall_ms;
    r->windows++;
    r->cause = w->cause > r->cause ? w->cause : r->cause;
}

const struct core_restated *core_restated(const struct core *c, uint32_t node) {
    return &c->restated[node];
}

static enum err publish(struct core *c, struct window *w) {
    enum err err = w->key.kind == WINDOW_ORDER ? ERR_OK : settle_remember(c, &w->key);
    if (err)
        return err;
    if (w->life == WINDOW_PROVISIONAL && !is_cut(c, w)) {
        w->life = WINDOW_SETTLED;
        c->stats.settled++;
    } else if (w->life != WINDOW_PROVISIONAL) {
        window_push_past(w);
        w->life = WINDOW_RESTATED;
        w->revision++;
        w->cause = w->next_cause ? w->next_cause : RESTATE_LATE_DATA;
        c->stats.restated++;
        if (w->key.kind != WINDOW_ORDER)
            remember_restated(c, w);
    }
    indicator_tell(&w->told, &w->sums); /* what a database may still show */
    w->published_ms = c->now.wall_ms;
    w->changed = false;
    w->next_cause = RESTATE_NONE;
    w->stored = false;
    c->version++;
    return ERR_OK;
}

static enum err look_at(struct core *c, struct window *w) {
    const struct settling *s = &c->settling;
    const struct node_progress *p = &s->at[w->key.node];
    bool tell = w->life == WINDOW_PROVISIONAL
                    ? due(c, w, p)
                    : w->changed && (s->restate_all || !p->draining) && !computing(c, w, p);
    return tell ? publish(c, w) : ERR_OK;
}

/* One that comes meanwhile and stands before those that were looked at waits for the next pass. */
static enum err run_windows(struct core *c, size_t most) {
    struct settling *s = &c->settling;
    struct window *w = NULL;
    enum err err = ERR_OK;
    look_for_dirt(c);
    for (size_t n = 0; n < most && !err; n++) {
        if (!(w = windows_next_awake(c->windows, &s->window)))
            break;
        err = look_at(c, w);
    }
    if (!err && !w)
        s->step = SETTLE_MINUTES;
    return err;
}

static enum err run_minutes(struct core *c) {
    struct settling *s = &c->settling;
    s->step = SETTLE_NONE;
    if (s->restate_all)
        c->last_restate_mono_ms = c->now.mono_ms;
    look_for_dirt(c);
    return minutes_settle(c, s->at, s->restate_all);
}

enum err settle_run(struct core *c, bool *more) {
    struct settling *s = &c->settling;
    const unsigned slice = c->stopping ? 0 : c->conf.slice_jobs;
    enum err err = s->step == SETTLE_NONE || !slice ? begin_pass(c) : ERR_OK;
    do {
        if (!err && s->step == SETTLE_UNITS)
            run_units(c, slice ? (size_t)slice * SIGNALS_A_JOB : SIZE_MAX);
        else if (!err && s->step == SETTLE_WINDOWS)
            err = run_windows(c, slice ? (size_t)slice * WINDOWS_A_JOB : SIZE_MAX);
        else if (!err)
            err = run_minutes(c);
    } while (!err && !slice && s->step != SETTLE_NONE);
    *more = !err && s->step != SETTLE_NONE;
    return err;
}

void settle_close(struct core *c) {
    free(c->settling.at);
}

static const struct window *published_minute(struct core *c, const struct window_key *key) {
    int64_t minute = key->start_ms / UTC_MINUTE_MS, hour = utc_floor(minute, 60) / 60;
    const struct node_hour *h = minutes_find(c, key->node, hour);
    if (!h)
        return NULL;
    minutes_window(c, h, (unsigned)(minute - hour * 60), &c->minute);
    return &c->minute;
}

const struct window *core_next_published(struct core *c) {
    struct published *p = &c->published;
    while (p->next < p->n) {
        const struct window_key *key = &p->at[p->next++];
        const struct window *w =
            key->kind == WINDOW_MINUTE ? published_minute(c, key) : windows_find(c->windows, key);
        if (w)
            return w;
    }
    p->n = p->next = 0;
    return NULL;
}
