/* Lanes: begun, handed from one epoch to the next, ended. Which lane an epoch has, the session says
 * (session_plan); what a lane does with records, the signal room. */
#include <stdlib.h>

#include "engine/parts.h"

bool lanes_hold(void *agent, uint8_t lane, uint32_t point, const struct reading *r) {
    const struct cagent *a = agent;
    return a->lane_used[lane] && lane_holds(&a->lane[lane], point, r);
}

static void forget_places(struct core *c, const struct cagent *a, unsigned slot) {
    for (size_t i = 0; i < a->signals.n; i++)
        c->signal[a->signals.at[i]].at[slot] = UINT32_MAX;
}

static void lane_free(struct core *c, struct cagent *a, unsigned slot) {
    if (!a->lane_used[slot])
        return;
    forget_places(c, a, slot);
    lane_fini(&a->lane[slot]);
    a->lane_used[slot] = false;
    if (slot >= SESSION_LANES)
        return;
    buf_reset(&a->start[slot]);
    lane_fini(&a->rest[slot]);
}

void lanes_begin(struct core *c, struct cagent *a, unsigned slot, uint64_t epoch) {
    lane_free(c, a, slot);
    lane_init(&a->lane[slot], c->plant->power_slot_ms);
    a->lane_used[slot] = true;
    a->lane_epoch[slot] = epoch;
    a->begun_ms[slot] = STATE_NEVER;
}

/* The slab of the finished predecessor steps aside, so that the slot can be filled anew. */
enum err lanes_inherit(struct core *c, struct cagent *a, const struct session_plan *plan) {
    struct lane_out out = agents_lane_out(c, a);
    enum err err = lane_end_epoch(&a->lane[plan->lane_from], true, &out);
    if (err)
        return err;
    lane_free(c, a, LANE_INHERIT);
    a->lane[LANE_INHERIT] = a->lane[plan->lane_from];
    a->lane_used[LANE_INHERIT] = true;
    a->lane_epoch[LANE_INHERIT] = a->lane_epoch[plan->lane_from];
    a->lane_used[plan->lane_from] = false;
    for (size_t i = 0; i < a->signals.n; i++) {
        struct csignal *s = &c->signal[a->signals.at[i]];
        s->at[LANE_INHERIT] = s->at[plan->lane_from];
        s->at[plan->lane_from] = UINT32_MAX;
    }
    int64_t begun_ms = a->begun_ms[plan->lane_from]; /* what older lanes must not reach beyond */
    struct buf start = a->start[plan->lane];         /* and what these lead up to */
    buf_init(&a->start[plan->lane]);
    lanes_begin(c, a, plan->lane, plan->epoch);
    a->start[plan->lane] = start;
    a->begun_ms[plan->lane] = begun_ms;
    return ERR_OK;
}

/* A finished epoch and the lane that ran beside it: what its key frame told leads the older one up
 * to it. Nothing moves when nothing was lost, else what nobody saw happen is booked over the time
 * between. What was left beside either is led, too, and what is named late led up to, always over a
 * gap: so it is where one lane reads both (lane_left.c). */
struct lead {
    unsigned slot, next;
    bool gap;
    size_t named; /* points of the older lane's table; behind them stands what was left */
};

static enum err lead_signal(struct core *c, struct cagent *a, const struct lane *start, size_t i,
                            const struct lead *lead) {
    const struct signal_state *s = &start->slab[i];
    struct lane_out out = agents_lane_out(c, a);
    struct lane *old = &a->lane[lead->slot], *rest = &a->rest[lead->next];
    const uint32_t at = c->signal[s->id].at[lead->slot], to = c->signal[s->id].at[lead->next];
    const uint32_t left = to == UINT32_MAX ? lane_find_left(rest, s->id) : UINT32_MAX;
    const bool late = at >= lead->named || s->flags & SIGNAL_HANDED;
    enum err err =
        late ? lane_lead_left(old, at, s, &out) : lane_lead_signal(old, at, s, lead->gap, &out);
    if (!err && to != UINT32_MAX)
        err = lane_link_older(&a->lane[lead->next], to, old, at, &out);
    if (!err && left != UINT32_MAX)
        err = lane_left_older(rest, left, old, at, &out);
    return err;
}

static enum err lead_source(struct core *c, struct cagent *a, const struct lane *start, size_t i,
                            const struct lead *lead) {
    const struct signal_state *s = &start->slab[i];
    struct lane_out out = agents_lane_out(c, a);
    struct lane *old = &a->lane[lead->slot];
    const uint32_t at = c->signal[s->id].at[lead->slot];
    if (at >= lead->named)
        return ERR_OK;
    return lane_lead_source(old, old->slab[at].source, &start->source[s->source], &out);
}

static enum err yield_state(struct core *c, struct cagent *a, const struct lane *start, size_t i,
                            const struct lead *lead) {
    const struct signal_state *s = &start->slab[i];
    struct lane_out out = agents_lane_out(c, a);
    const uint32_t at = c->signal[s->id].at[lead->slot];
    if (at >= lead->named || s->flags & SIGNAL_HANDED)
        return ERR_OK; /* nobody held it in between */
    const struct lane *rest = &a->rest[lead->next];
    const uint32_t to = c->signal[s->id].at[lead->next];
    const uint32_t left = to == UINT32_MAX ? lane_find_left(rest, s->id) : UINT32_MAX;
    const struct lane_meeting m = {.old = &a->lane[lead->slot],
                                   .at = at,
                                   .start = start,
                                   .first = (uint32_t)i,
                                   .young = &a->lane[lead->next],
                                   .to = to,
                                   .left = left == UINT32_MAX ? NULL : &rest->slab[left]};
    return lane_yield_state(&m, &out);
}

/* What the younger lane's key frames named and told no value of is not in its start. */
static enum err lead_untold(struct core *c, struct cagent *a, const struct lead *lead,
                            uint32_t id) {
    struct lane_out out = agents_lane_out(c, a);
    struct lane *old = &a->lane[lead->slot], *rest = &a->rest[lead->next];
    const uint32_t at = c->signal[id].at[lead->slot], to = c->signal[id].at[lead->next];
    const bool named = to != UINT32_MAX;
    const uint32_t point = named ? to : lane_find_left(rest, id);
    if (point == UINT32_MAX || at == UINT32_MAX)
        return ERR_OK;
    enum err err =
        lane_link_untold_older(named ? &a->lane[lead->next] : rest, point, old, at, &out);
    if (err || named)
        return err;
    return lane_left_older(rest, point, old, at, &out); /* what it booked is closed */
}

/* A sticky value of this lane was shown up to where the younger one begins; from now on it ends
 * with its source, and the younger lane's own says what follows. */
void lanes_sticky_ends(struct core *c, const struct cagent *a, unsigned slot, uint32_t point) {
    const struct lane *l = &a->lane[slot];
    const int64_t from_ms = lane_sticky_end_ms(l, point);
    if (from_ms != INT64_MIN)
        touches_on(c, l->slab[point].id, from_ms, from_ms);
}

/* Of what the younger lane's first key frame does not name the older one's time is over. */
static enum err lead_unnamed(struct core *c, struct cagent *a, const struct lane *start,
                             const struct lead *lead) {
    struct lane_out out = agents_lane_out(c, a);
    struct lane *old = &a->lane[lead->slot];
    bool *named = calloc(old->n + 1, sizeof *named);
    enum err err = named ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; i < start->n && !err; i++) {
        const struct signal_state *s = &start->slab[i];
        const uint32_t at = s->id < c->signal_n ? c->signal[s->id].at[lead->slot] : UINT32_MAX;
        if (at != UINT32_MAX && (s->flags & SIGNAL_HANDED) == 0)
            named[at] = true;
    }
    for (uint32_t i = 0; i < lead->named && !err; i++) {
        if (named[i])
            continue;
        lanes_sticky_ends(c, a, lead->slot, i);
        err = lane_drop_signal(old, i, &out);
    }
    free(named);
    return err;
}

/* All of the start that the older lane has. */
static enum err
lead_start(struct core *c, struct cagent *a, const struct lane *start, const struct lead *lead,
           enum err (*one)(struct core *c, struct cagent *a, const struct lane *start, size_t i,
                           const struct lead *lead)) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < start->n && !err; i++) {
        const uint32_t id = start->slab[i].id;
        if (id < c->signal_n && c->signal[id].at[lead->slot] != UINT32_MAX)
            err = one(c, a, start, i, lead);
    }
    return err;
}

static enum err lead_into(struct core *c, struct cagent *a, const struct lead *lead) {
    const unsigned next = lead->next;
    struct lane_out out = agents_lane_out(c, a);
    struct lane start;
    lane_init(&start, c->plant->power_slot_ms);
    enum err err = lane_unpack(&start, buf_span(&a->start[next]));
    if (!err)
        err = rests_leave(c, a, lead->slot, next, &start);
    c->touch_cause = RESTATE_GAP; /* if it moves anything */
    if (!err)
        err = lead_start(c, a, &start, lead, lead_signal);
    for (size_t i = 0; i < a->signals.n && !err; i++)
        err = lead_untold(c, a, lead, a->signals.at[i]);
    if (!err)
        err = lead_unnamed(c, a, &start, lead);
    if (!err)
        err = lead_start(c, a, &start, lead, lead_source);
    if (!err)
        err = lead_start(c, a, &start, lead, yield_state);
    c->touch_cause = RESTATE_NONE;
    if (!err)
        err = lane_end_epoch(&a->rest[next], false, &out); /* nothing more comes of what is there */
    lane_fini(&start);
    buf_reset(&a->start[next]);
    return err;
}

/* No older lane leads up to it any more. */
static enum err alone(struct core *c, struct cagent *a, unsigned slot) {
    struct lane *l = &a->lane[slot], *rest = &a->rest[slot];
    struct lane_out out = agents_lane_out(c, a);
    enum err err = ERR_OK;
    c->touch_cause = RESTATE_GAP; /* if it moves anything */
    for (uint32_t at = 0; at < l->n && !err; at++)
        err = lane_link_alone(l, at, &out);
    for (uint32_t at = 0; at < rest->n && !err; at++)
        err = lane_left_alone(rest, at, &out);
    c->touch_cause = RESTATE_NONE;
    return err ? err : lane_end_epoch(rest, false, &out); /* nothing more comes of what is there */
}

enum err lanes_end(struct core *c, struct cagent *a, const struct session_plan *plan) {
    const struct lead lead = {plan->lane, plan->lane_into, plan->into_gap, a->lane[plan->lane].n};
    struct lane_out out = agents_lane_out(c, a);
    enum err err = ERR_OK;
    if (!a->lane_used[lead.slot])
        return ERR_OK;
    const bool followed = lead.next < SESSION_LANES && a->start[lead.next].n;
    err = alone(c, a, lead.slot); /* older ones have ended, perhaps a moment ago */
    if (!err)
        err = lane_end_epoch(&a->lane[lead.slot], followed, &out);
    if (!err)
        err = rests_join(c, a, lead.slot);
    if (!err && followed)
        err = lead_into(c, a, &lead);
    if (!err)
        err = lane_finish(&a->lane[lead.slot], &out);
    for (uint32_t at = 0; at < a->lane[lead.slot].n; at++)
        lanes_sticky_ends(c, a, lead.slot, at);
    lane_free(c, a, lead.slot);
    return err;
}

/* Of the lanes that an agent has the oldest, if no older one can begin any more; else
 * SESSION_NO_LANE. */
static uint8_t oldest_lane(const struct session *s) {
    size_t i = 0;
    while (i < s->epoch_n && s->epoch[i].lane == SESSION_NO_LANE && s->epoch[i].closed)
        i++;
    return i < s->epoch_n && (s->epoch[i].joined || s->epoch[i].closed) ? s->epoch[i].lane
                                                                        : SESSION_NO_LANE;
}

enum err lanes_alone(struct core *c, struct cagent *a) {
    const uint8_t slot = oldest_lane(&a->session);
    if (slot == SESSION_NO_LANE || !a->lane_used[slot])
        return ERR_OK;
    struct lane *l = &a->lane[slot], *rest = &a->rest[slot];
    if (a->start[slot].n == 0 && !lane_waits(l) && !lane_waits(rest))
        return ERR_OK;
    a->changed = c->fresh = true;
    c->batch_slot = slot;
    buf_reset(&a->start[slot]);
    return alone(c, a, slot);
}

/* --- point tables -------------------------------------------------------------------------------
 */

/* A signal that the predecessor's slab knows goes on from its values there. */
static enum err add_signal(struct core *c, struct cagent *a, unsigned slot, const struct point *p,
                           uint32_t id) {
    struct csignal *s = &c->signal[id];
    struct lane *l = &a->lane[slot];
    struct signal_limits limits;
    signals_limits(c, id, &limits);
    const unsigned from = LANE_INHERIT;
    enum err err = ERR_STATE;
    if (a->lane_used[from] && s->at[from] != UINT32_MAX) {
        const struct signal_state *old = &a->lane[from].slab[s->at[from]];
        err = lane_add_signal(l, p, id, &limits, old, &a->lane[from].source[old->source]);
        if (!err)
            err = lane_link_inherit(l, p->id, &a->lane[from], s->at[from]);
        if (!err)
            s->at[from] = UINT32_MAX;
    }
    if (err ==
        ERR_STATE) { /* nothing there, or the point changed its type: finished with its lane */
        err = lane_add_signal(l, p, id, &limits, NULL, NULL);
        if (!err)
            err = rests_take(a, slot, p->id);
    }
    if (!err)
        s->at[slot] = p->id;
    return err;
}

enum err lanes_add_points(struct core *c, struct cagent *a, unsigned slot, struct batch *b) {
    struct lane *l = &a->lane[slot];
    struct point p;
    enum err err = ERR_OK;
    while (!err && batch_next_point(b, &p)) {
        uint32_t id = 0;
        err = signals_get(c, a, &p, &id);
        if (err || p.id < l->n)
            continue; /* a later key frame repeats the table */
        struct csignal *s = &c->signal[id];
        if (p.id > l->n || s->at[slot] != UINT32_MAX) {
            note(c, true, "point_table_refused", "agent=%s point=%s id=%u expected=%zu", a->id.s,
                 p.name, p.id, l->n);
            continue;
        }
        err = add_signal(c, a, slot, &p, id);
    }
    return err;
}

/* Signals that the new table does not have, or not yet, end with what they had open. */
static enum err inherit_complete(struct core *c, struct cagent *a, unsigned slot) {
    struct lane_out out = agents_lane_out(c, a);
    const struct lane none = {0};
    enum err err = rests_leave(c, a, LANE_INHERIT, slot, &none);
    for (size_t i = 0; i < a->signals.n && !err; i++) {
        uint32_t at = c->signal[a->signals.at[i]].at[LANE_INHERIT];
        if (at == UINT32_MAX)
            continue;
        lanes_sticky_ends(c, a, LANE_INHERIT, at);
        err = lane_finish_signal(&a->lane[LANE_INHERIT], at, &out);
    }
    lane_free(c, a, LANE_INHERIT);
    return err;
}

/* The lane's first key frame is whole. A lane that runs beside older epochs keeps its start. */
enum err lanes_key_complete(struct core *c, struct cagent *a, unsigned slot) {
    const struct session *s = &a->session;
    if (a->lane_used[LANE_INHERIT])
        return inherit_complete(c, a, slot);
    bool beside = s->front < s->epoch_n && s->epoch[s->front].epoch != a->lane_epoch[slot];
    for (unsigned i = 0; i < SESSION_LANES; i++)
        beside = beside || (i != slot && a->lane_used[i]);
    if (!beside || a->start[slot].n > 0)
        return ERR_OK;
    enum err err = lane_pack(&a->lane[slot], &a->start[slot]);
    return err ? err : lane_link_await(&a->lane[slot]);
}
