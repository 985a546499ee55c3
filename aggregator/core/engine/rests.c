/* Rests: what epochs left of signals that the next one's first key frame does not name, one beside
 * each lane. What is left of a signal is older than the lane, and younger than what any older lane
 * has of it. The rules stand in lane_left.c of the signal room. */
#include <stdlib.h>

#include "engine/parts.h"

static enum err leave_one(struct core *c, struct cagent *a, unsigned from, uint32_t id,
                          struct lane *rest) {
    struct lane_out out = agents_lane_out(c, a);
    struct signal_limits limits;
    uint32_t *at = &c->signal[id].at[from];
    signals_limits(c, id, &limits);
    lanes_sticky_ends(c, a, from, *at);
    enum err err = lane_leave(&a->lane[from], *at, rest, &limits, &out);
    *at = UINT32_MAX;
    return err;
}

static enum err keep_one(struct core *c, struct cagent *a, unsigned slot, uint32_t at,
                         struct lane *rest) {
    struct signal_limits limits;
    signals_limits(c, a->rest[slot].slab[at].id, &limits);
    return lane_keep_left(rest, &a->rest[slot], at, &limits);
}

/* The point of its name is of another type now: nothing goes on from it any more. */
static enum err drop_one(struct core *c, struct cagent *a, unsigned slot, uint32_t at) {
    struct lane_out out = agents_lane_out(c, a);
    return lane_finish_signal(&a->rest[slot], at, &out);
}

static bool leaves(const struct core *c, const struct cagent *a, unsigned from, uint32_t id) {
    const uint32_t at = c->signal[id].at[from];
    return at != UINT32_MAX && lane_is_left(&a->lane[from].slab[at]);
}

/* What the ending lane did not name either. */
static uint32_t left_before(const struct core *c, const struct cagent *a, unsigned from,
                            unsigned slot, uint32_t id) {
    if (from >= SESSION_LANES || c->signal[id].at[slot] != UINT32_MAX)
        return UINT32_MAX;
    return lane_find_left(&a->rest[from], id);
}

static int compare_ids(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static bool steps(const struct signal_state *s) {
    return s->type == POINT_COUNTER || s->type == POINT_REGISTER;
}

/* What the lane's key frames told when it began, in the order of ids; owned by the caller. A
 * counter that was named without a value goes on from what is older. */
static enum err told_ids(const struct lane *start, uint32_t **out, size_t *n) {
    uint32_t *id = malloc((start->n + 1) * sizeof *id);
    if (!id)
        return ERR_NOMEM;
    *n = 0;
    for (size_t i = 0; i < start->n; i++)
        if (start->slab[i].flags & SIGNAL_SEEN || !steps(&start->slab[i]))
            id[(*n)++] = start->slab[i].id;
    qsort(id, *n, sizeof *id, compare_ids);
    *out = id;
    return ERR_OK;
}

/* Made anew, in the order of ids: an agent's signals are in it. No more than a checkpoint takes
 * back. What the younger lane was told once, its own epochs left, or lost: an older one does not.
 */
enum err rests_leave(struct core *c, struct cagent *a, unsigned from, unsigned slot,
                     const struct lane *start) {
    struct lane rest;
    uint32_t *told = NULL;
    size_t told_n = 0;
    enum err err = told_ids(start, &told, &told_n);
    lane_init(&rest, c->plant->power_slot_ms);
    for (size_t i = 0; i < a->signals.n && !err && rest.n < POINT_TABLE_MAX; i++) {
        const uint32_t id = a->signals.at[i];
        uint32_t left = lane_find_left(&a->rest[slot], id);
        const bool older = bsearch(&id, told, told_n, sizeof id, compare_ids) == NULL;
        const bool leaving =
            older && c->signal[id].at[slot] == UINT32_MAX && leaves(c, a, from, id);
        if (left != UINT32_MAX && leaving && from == LANE_INHERIT) {
            err = drop_one(c, a, slot, left);
            left = UINT32_MAX;
        }
        if (!err && left != UINT32_MAX)
            err = keep_one(c, a, slot, left, &rest);
        else if (!err && leaving)
            err = leave_one(c, a, from, id, &rest);
        else if (!err && older && (left = left_before(c, a, from, slot, id)) != UINT32_MAX)
            err = keep_one(c, a, from, left, &rest);
    }
    free(told);
    lane_fini(&a->rest[slot]);
    a->rest[slot] = rest;
    return err;
}

enum err rests_take(struct cagent *a, unsigned slot, uint32_t point) {
    struct lane *l = &a->lane[slot];
    const uint32_t left = lane_find_left(&a->rest[slot], l->slab[point].id);
    if (left != UINT32_MAX)
        return lane_take_left(l, point, &a->rest[slot], left);
    return a->start[slot].n > 0 ? lane_link_await_late(l, point) : ERR_OK;
}

static bool is_any_left(const struct lane *rest) {
    for (size_t i = 0; i < rest->n; i++)
        if (rest->slab[i].flags & SIGNAL_SEEN)
            return true;
    return false;
}

bool rests_any(void *agent, uint8_t lane) {
    const struct cagent *a = agent;
    return is_any_left(&a->rest[lane]);
}

/* All was named: its room is given back, and checkpoints have it no more. */
static void close_used_up(struct lane *rest) {
    if (is_any_left(rest))
        return;
    for (size_t i = 0; i < rest->link_n; i++)
        if (rest->link[i].flags)
            return;
    lane_fini(rest);
}

enum err rests_told(struct cagent *a, unsigned slot, size_t first) {
    struct lane start, *l = &a->lane[slot];
    enum err err = ERR_OK;
    bool any = false;
    if (first < l->n)
        close_used_up(&a->rest[slot]);
    lane_init(&start, l->slot_ms);
    for (size_t i = first; i < l->n && !err && a->start[slot].n > 0; i++) {
        if (!lane_link_told_late(l, (uint32_t)i))
            continue;
        if (!any)
            err = lane_unpack(&start, buf_span(&a->start[slot]));
        any = true;
        if (!err)
            err = lane_start_add(&start, l, (uint32_t)i);
    }
    if (any && !err) {
        buf_reset(&a->start[slot]);
        err = lane_pack(&start, &a->start[slot]);
    }
    lane_fini(&start);
    return err;
}

/* source: one of which the lane was told nothing. */
static enum err join_one(struct core *c, struct cagent *a, unsigned slot, uint32_t left,
                         size_t source) {
    struct lane *l = &a->lane[slot], *rest = &a->rest[slot];
    const struct signal_state *s = &rest->slab[left];
    const uint32_t at = (uint32_t)l->n;
    struct signal_limits limits;
    struct point p;
    signals_point(&c->signal[s->id], &p);
    if (p.type != s->type || c->signal[s->id].at[slot] != UINT32_MAX)
        return drop_one(c, a, slot, left);
    signals_limits(c, s->id, &limits);
    if (source < POINT_SOURCE_MAX) /* the lane's runs are of what it names */
        p.source = (uint16_t)source;
    enum err err = lane_add_signal(l, &p, s->id, &limits, s, NULL);
    if (!err)
        err = lane_link_inherit(l, at, rest, left);
    if (!err)
        c->signal[s->id].at[slot] = at;
    return err;
}

enum err rests_join(struct core *c, struct cagent *a, unsigned slot) {
    struct lane *rest = &a->rest[slot];
    const size_t source = a->lane[slot].source_n;
    enum err err = ERR_OK;
    for (uint32_t i = 0; i < rest->n && !err; i++) {
        struct signal_state *s = &rest->slab[i];
        if (!steps(s) || !(s->flags & SIGNAL_SEEN))
            continue; /* other values hold, and lead up to nothing */
        err = join_one(c, a, slot, i, source);
        s->flags &= (uint8_t)~SIGNAL_SEEN;
    }
    return err;
}
