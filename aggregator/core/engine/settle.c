/* When a window is told to the world: settled once its data have passed or time is up, restated
 * when its sums moved afterwards. The clock decides only when, never what: data from beyond it do
 * not settle a window that still runs. */
#include <stdlib.h>

#include "engine/parts.h"

enum { RESTATE_WAIT_MS = 60000, RESTATED_APART_MS = 600000 };

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

static struct node_progress *progress(const struct core *c) {
    const struct plant *p = c->plant;
    struct node_progress *at = calloc(p->node_n ? p->node_n : 1, sizeof *at);
    if (!at)
        return NULL;
    for (size_t i = 0; i < p->node_n; i++)
        at[i] = (struct node_progress){INT64_MAX, INT64_MAX, false};
    for (uint32_t u = 0; u < p->unit_n; u++) {
        int64_t asof = unit_judged_ms(c, u);
        /* A gateway whose clock runs ahead vouches for what has not happened yet. */
        if (!c->conf.offline && asof > c->now.wall_ms && asof != INT64_MAX)
            asof = c->now.wall_ms;
        int64_t dirty = c->unit[u].dirty.n ? c->unit[u].dirty.at[0].from_ms : INT64_MAX;
        bool draining = settle_draining(c, u);
        for (uint32_t n = p->unit[u].node; n != UINT32_MAX; n = p->node[n].parent) {
            if (!window_counts(p, n, u))
                break; /* nobody above waits for it */
            at[n].asof_ms = asof < at[n].asof_ms ? asof : at[n].asof_ms;
            at[n].dirty_from_ms = dirty < at[n].dirty_from_ms ? dirty : at[n].dirty_from_ms;
            at[n].draining = at[n].draining || draining;
        }
    }
    return at;
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

enum err settle_run(struct core *c) {
    struct node_progress *at = progress(c);
    size_t pos = 0;
    enum err err = ERR_OK;
    if (!at)
        return ERR_NOMEM;
    bool restate_all = c->now.mono_ms - c->last_restate_mono_ms >= RESTATE_WAIT_MS;
    if (restate_all)
        c->last_restate_mono_ms = c->now.mono_ms;
    for (struct window *w; !err && (w = windows_next_awake(c->windows, &pos)) != NULL;) {
        const struct node_progress *p = &at[w->key.node];
        if (w->life == WINDOW_PROVISIONAL) {
            if (due(c, w, p))
                err = publish(c, w);
        } else if (w->changed && (restate_all || !p->draining) && !computing(c, w, p)) {
            err = publish(c, w);
        }
    }
    if (!err)
        err = minutes_settle(c, at, restate_all);
    free(at);
    return err;
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
