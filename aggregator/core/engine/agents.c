/* Agents: what arrives from the bus, judged by the session, executed on the lanes. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/parts.h"
#include "wire/seal.h"

struct cagent *agents_find(const struct core *c, const struct ident *id) {
    struct cagent *a = NULL;
    HASH_FIND_STR(c->agent_by_id, id->s, a);
    return a;
}

enum err agents_get(struct core *c, const struct ident *id, struct cagent **out) {
    struct cagent *a = agents_find(c, id);
    if (a) {
        *out = a;
        return ERR_OK;
    }
    if (c->agent_n == c->agent_cap) {
        size_t cap = c->agent_cap ? c->agent_cap * 2 : 16;
        struct cagent **at = realloc(c->agent, cap * sizeof(struct cagent *));
        if (!at)
            return ERR_NOMEM;
        c->agent = at;
        c->agent_cap = cap;
    }
    a = calloc(1, sizeof *a);
    if (!a)
        return ERR_NOMEM;
    a->id = *id;
    a->no = (uint32_t)c->agent_n;
    a->touched_ms = INT64_MAX;
    a->changed = true; /* stored with the next commit: numbers in the store have no holes */
    session_init(&a->session, id, c->conf.credit_bytes);
    siglog_init(&a->pending);
    buf_init(&a->committing);
    for (unsigned i = 0; i < LANE_SLOTS; i++)
        a->key_from[i] = SESSION_NO_LANE;
    HASH_ADD_STR(c->agent_by_id, id.s, a);
    if (!a->hh.tbl) {
        agents_close(a);
        return ERR_NOMEM;
    }
    c->agent[c->agent_n++] = a;
    *out = a;
    return ERR_OK;
}

void agents_close(struct cagent *a) {
    for (unsigned i = 0; i < LANE_SLOTS; i++)
        if (a->lane_used[i])
            lane_fini(&a->lane[i]);
    for (unsigned i = 0; i < SESSION_LANES; i++)
        buf_fini(&a->start[i]);
    session_fini(&a->session);
    free(a->covered.at);
    siglog_fini(&a->pending);
    buf_fini(&a->committing);
    free(a->signals.at);
    free(a);
}

/* --- what a lane tells -------------------------------------------------------------------------
 */

static enum err on_entry(void *user, const struct siglog_entry *e) {
    struct core *c = user;
    if (e->kind == SIGLOG_ROW && c->signal[e->signal].state)
        unmapped_look(c, e->signal, false, e->tag);
    return entries_take(c, c->batch_agent, e);
}

static void on_covered(void *user, int64_t from_ms, int64_t to_ms) {
    struct core *c = user;
    if (ranges_add(&c->batch_agent->covered, from_ms, to_ms))
        c->batch_err = ERR_NOMEM;
}

/* Booked where it is told apart: no minute takes it. */
static void on_unplaced(void *user, uint32_t signal, int64_t t0_ms, int64_t t1_ms, int64_t amount) {
    struct core *c = user;
    const struct csignal *s = &c->signal[signal];
    c->stats.unplaced++;
    if (s->unit_n == 0 || s->bound >= c->plant->signal_n)
        return;
    const struct unplaced_amount what = {c->plant->signal[s->bound].role, amount};
    unplaced_add(c, s->unit[0], t1_ms > t0_ms ? t1_ms - 1 : t1_ms, &what);
}

static enum err on_word(void *user, struct span text, uint32_t *id) {
    struct core *c = user;
    return words_get(&c->words, text, id);
}

static void on_verdict(void *user, uint32_t signal, enum step_verdict v, int64_t raw,
                       int64_t t_ms) {
    struct core *c = user;
    c->stats.verdict[v]++;
    if (v != STEP_UNEXPLAINED && v != STEP_TIME_BACK && v != STEP_RESET)
        return;
    if (v != STEP_RESET)
        c->batch_agent->unexplained++;
    char when[UTC_TEXT];
    utc_format(t_ms, when);
    if (signal < c->signal_n)
        note(c, true, v == STEP_RESET ? "counter_reset" : "counter_unexplained",
             "agent=%s point=%s raw=%lld time=%s", c->batch_agent->id.s, c->signal[signal].name,
             (long long)raw, when);
}

struct lane_out agents_lane_out(struct core *c, struct cagent *a) {
    c->batch_agent = a;
    return (struct lane_out){.entry = on_entry,
                             .touched = touches_on,
                             .covered = on_covered,
                             .word = on_word,
                             .verdict = on_verdict,
                             .least_ms = horizon_ms(c),
                             .unplaced = on_unplaced,
                             .user = c};
}

/* --- lanes --------------------------------------------------------------------------------------
 */

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
    if (slot < SESSION_LANES)
        buf_reset(&a->start[slot]);
}

static void lane_begin(struct core *c, struct cagent *a, unsigned slot, uint64_t epoch) {
    lane_free(c, a, slot);
    lane_init(&a->lane[slot], c->plant->power_slot_ms);
    a->lane_used[slot] = true;
    a->lane_epoch[slot] = epoch;
    a->begun_ms[slot] = STATE_NEVER;
    a->key_from[slot] = SESSION_NO_LANE;
}

/* The slab of the finished predecessor steps aside, so that the slot can be filled anew. */
static enum err lane_inherit(struct core *c, struct cagent *a, const struct session_plan *plan) {
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
    lane_begin(c, a, plan->lane, plan->epoch);
    a->start[plan->lane] = start;
    a->begun_ms[plan->lane] = begun_ms;
    a->key_from[plan->lane] = LANE_INHERIT;
    return ERR_OK;
}

/* A finished epoch and the lane that ran beside it: what its key frame told leads the older one up
 * to it. Nothing moves when nothing was lost, else what nobody saw happen is booked over the time
 * between. */
static enum err lead_signal(struct core *c, struct cagent *a, const struct signal_state *s,
                            const struct session_plan *plan) {
    const unsigned slot = plan->lane, next = plan->lane_into;
    struct lane_out out = agents_lane_out(c, a);
    const uint32_t at = c->signal[s->id].at[slot], to = c->signal[s->id].at[next];
    enum err err = lane_lead_signal(&a->lane[slot], at, s, plan->into_gap, &out);
    return err || to == UINT32_MAX ? err
                                   : lane_link_older(&a->lane[next], to, &a->lane[slot], at, &out);
}

static enum err lead_into(struct core *c, struct cagent *a, const struct session_plan *plan) {
    const unsigned slot = plan->lane, next = plan->lane_into;
    struct lane_out out = agents_lane_out(c, a);
    struct lane start, *old = &a->lane[slot];
    lane_init(&start, c->plant->power_slot_ms);
    enum err err = lane_unpack(&start, buf_span(&a->start[next]));
    c->touch_cause = RESTATE_GAP; /* if it moves anything */
    for (unsigned sources = 0; sources < 2; sources++)
        for (size_t i = 0; i < start.n && !err; i++) {
            const struct signal_state *s = &start.slab[i];
            uint32_t at = s->id < c->signal_n ? c->signal[s->id].at[slot] : UINT32_MAX;
            if (at == UINT32_MAX)
                continue;
            err = sources
                      ? lane_lead_source(old, old->slab[at].source, &start.source[s->source], &out)
                      : lead_signal(c, a, s, plan);
        }
    c->touch_cause = RESTATE_NONE;
    lane_fini(&start);
    buf_reset(&a->start[next]);
    return err;
}

/* A sticky value of this lane was shown up to where the younger one begins; from now on it ends
 * with its source, and the younger lane's own says what follows. */
static void sticky_ends(struct core *c, const struct cagent *a, unsigned slot) {
    const struct lane *l = &a->lane[slot];
    for (size_t i = 0; i < l->n; i++) {
        const struct signal_state *s = &l->slab[i];
        int64_t until_ms = l->source[s->source].until_ms;
        if ((s->flags & SIGNAL_STICKY) == 0 || (s->flags & SIGNAL_SEEN) == 0)
            continue;
        int64_t from_ms = until_ms > s->open_t0_ms ? until_ms : s->open_t0_ms;
        touches_on(c, s->id, from_ms, from_ms);
    }
}

static enum err lane_end(struct core *c, struct cagent *a, const struct session_plan *plan) {
    const unsigned slot = plan->lane, next = plan->lane_into;
    struct lane_out out = agents_lane_out(c, a);
    enum err err = ERR_OK;
    if (!a->lane_used[slot])
        return ERR_OK;
    const bool followed = next < SESSION_LANES && a->start[next].n;
    err = lane_end_epoch(&a->lane[slot], followed, &out);
    if (!err && followed)
        err = lead_into(c, a, plan);
    if (!err)
        err = lane_finish(&a->lane[slot], &out);
    sticky_ends(c, a, slot);
    lane_free(c, a, slot);
    return err;
}

/* --- records ------------------------------------------------------------------------------------
 */

/* A signal that the predecessor's slab knows goes on from its values there. */
static enum err add_signal(struct core *c, struct cagent *a, unsigned slot, const struct point *p,
                           uint32_t id) {
    struct csignal *s = &c->signal[id];
    struct lane *l = &a->lane[slot];
    struct signal_limits limits;
    signals_limits(c, id, &limits);
    unsigned from = a->key_from[slot];
    enum err err = ERR_STATE;
    if (from < LANE_SLOTS && a->lane_used[from] && s->at[from] != UINT32_MAX) {
        const struct signal_state *old = &a->lane[from].slab[s->at[from]];
        err = lane_add_signal(l, p, id, &limits, old, &a->lane[from].source[old->source]);
        if (!err)
            err = lane_link_inherit(l, p->id, &a->lane[from], s->at[from]);
        if (!err)
            s->at[from] = UINT32_MAX;
    }
    if (err == ERR_STATE) /* nothing there, or the point changed its type: finished with its lane */
        err = lane_add_signal(l, p, id, &limits, NULL, NULL);
    if (!err)
        s->at[slot] = p->id;
    return err;
}

static enum err add_points(struct core *c, struct cagent *a, unsigned slot, struct batch *b) {
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

/* Signals that the new table no longer has end with what they had open. */
static enum err inherit_complete(struct core *c, struct cagent *a, unsigned slot) {
    struct lane_out out = agents_lane_out(c, a);
    enum err err = ERR_OK;
    for (size_t i = 0; i < a->signals.n && !err; i++) {
        uint32_t at = c->signal[a->signals.at[i]].at[LANE_INHERIT];
        if (at != UINT32_MAX)
            err = lane_finish_signal(&a->lane[LANE_INHERIT], at, &out);
    }
    lane_free(c, a, LANE_INHERIT);
    a->key_from[slot] = SESSION_NO_LANE;
    return err;
}

/* The epoch ended within its first key frame: what is left in the inherited slab joins the lane,
 * from which the successor inherits. */
static enum err inherit_cut(struct core *c, struct cagent *a, unsigned slot) {
    enum err err = ERR_OK;
    struct lane *l = &a->lane[slot];
    for (size_t i = 0; i < a->signals.n && !err; i++) {
        uint32_t id = a->signals.at[i];
        if (c->signal[id].at[LANE_INHERIT] == UINT32_MAX)
            continue;
        struct point p;
        signals_point(&c->signal[id], &p);
        p.id = (uint16_t)l->n;
        err = add_signal(c, a, slot, &p, id);
    }
    lane_free(c, a, LANE_INHERIT);
    a->key_from[slot] = SESSION_NO_LANE;
    return err;
}

/* The lane's first key frame is whole. A lane that runs beside older epochs keeps its start. */
static enum err key_complete(struct core *c, struct cagent *a, unsigned slot) {
    const struct session *s = &a->session;
    if (a->key_from[slot] != SESSION_NO_LANE)
        return inherit_complete(c, a, slot);
    bool beside = s->front < s->epoch_n && s->epoch[s->front].epoch != a->lane_epoch[slot];
    for (unsigned i = 0; i < SESSION_LANES; i++)
        beside = beside || (i != slot && a->lane_used[i]);
    if (!beside || a->start[slot].n > 0)
        return ERR_OK;
    enum err err = lane_pack(&a->lane[slot], &a->start[slot]);
    return err ? err : lane_link_await(&a->lane[slot]);
}

static enum err apply_key(struct core *c, struct cagent *a, struct batch *b,
                          const struct session_plan *plan) {
    struct lane_out out = agents_lane_out(c, a);
    enum err err = add_points(c, a, plan->lane, b);
    c->touch_cause = plan->after_gap ? RESTATE_GAP : RESTATE_NONE;
    if (!err)
        err = lane_on_key_values(&a->lane[plan->lane], b, plan->after_gap, &out);
    c->touch_cause = RESTATE_NONE;
    if (plan->lane_whole && a->begun_ms[plan->lane] == STATE_NEVER)
        a->begun_ms[plan->lane] = b->head.t_ms;
    if (!err && plan->lane_whole)
        err = key_complete(c, a, plan->lane);
    return err;
}

static enum err apply_record(struct core *c, struct cagent *a, struct batch *b,
                             const struct session_plan *plan) {
    struct lane_out out = agents_lane_out(c, a);
    struct lane *l = &a->lane[plan->lane];
    enum err err = ERR_OK;
    switch ((enum batch_kind)b->head.kind) {
    case BATCH_DATA:
        c->stats.readings += b->reading_n;
        a->readings += b->reading_n;
        return lane_on_batch(l, b, &out);
    case BATCH_KEY:
        return apply_key(c, a, b, plan);
    case BATCH_DROPPED:
        c->touch_cause = RESTATE_GAP;
        err = lane_on_key_values(l, b, true, &out);
        c->touch_cause = RESTATE_NONE;
        return err;
    case BATCH_CLOCK:
        note(c, true, "gateway_clock_stepped", "agent=%s from_ms=%lld to_ms=%lld", a->id.s,
             (long long)b->clock.from_ms, (long long)b->clock.to_ms);
        return lane_on_clock(l, &b->clock, &out);
    case BATCH_KIND_COUNT:
        break;
    }
    return ERR_FORMAT;
}

static enum err execute(struct core *c, struct cagent *a, const struct session_plan *plan,
                        struct batch *b) {
    enum err err = ERR_OK;
    a->changed = true;
    c->fresh = true;
    c->batch_slot = plan->lane;
    if (plan->gap_from) {
        a->given_up += plan->gap_to - plan->gap_from + 1;
        note(c, true, "accounted_gap", "agent=%s epoch=%016llx from=%llu to=%llu", a->id.s,
             (unsigned long long)plan->epoch, (unsigned long long)plan->gap_from,
             (unsigned long long)plan->gap_to);
    }
    if (plan->lane_from != SESSION_NO_LANE && a->lane_used[plan->lane_from])
        err = lane_inherit(c, a, plan);
    else if (plan->lane_new)
        lane_begin(c, a, plan->lane, plan->epoch);
    if (!err && b && plan->lane < SESSION_LANES && !a->lane_used[plan->lane])
        lane_begin(c, a, plan->lane, plan->epoch);
    if (!err && b)
        err = apply_record(c, a, b, plan);
    if (!err && plan->lane_cut)
        err = inherit_cut(c, a, plan->lane);
    if (!err && plan->lane_end)
        err = lane_end(c, a, plan);
    return err;
}

/* Gaps, and lanes that have come to their end. */
static enum err execute_rest(struct core *c, struct cagent *a) {
    struct session_plan plan;
    enum err err = ERR_OK;
    while (!err && session_next_plan(&a->session, &plan))
        err = execute(c, a, &plan, NULL);
    return err;
}

static enum err on_data(struct core *c, struct cagent *a, struct span payload) {
    struct batch b;
    enum batch_fault fault = BATCH_FAULT_NONE;
    if (batch_parse_into(payload, c->readings, CORE_READINGS_KEPT, &b, &fault)) {
        c->stats.refused++;
        a->refused_by[fault]++;
        if (a->refused_by[fault] == 1)
            note(c, true, "batch_refused", "agent=%s reason=%s bytes=%zu", a->id.s,
                 batch_fault_name(fault), payload.n);
        return ERR_OK;
    }
    c->stats.batches++;
    struct session_plan plan;
    if (session_on_record(&a->session, &b, c->now.mono_ms, &plan) != SESSION_APPLY)
        return ERR_OK;
    enum err err = execute(c, a, &plan, &b);
    return err ? err : execute_rest(c, a);
}

static enum err on_hello(struct core *c, struct cagent *a, struct span payload) {
    struct hello h;
    uint64_t bump = 0;
    c->stats.hellos++;
    if (hello_parse(payload, &h) || !ident_equal(&h.agent, &a->id)) {
        c->stats.hello_refused++;
        note(c, true, "hello_refused", "agent=%s bytes=%zu", a->id.s, payload.n);
        return ERR_OK;
    }
    uint64_t clones = a->session.clones;
    enum err err = session_on_hello(&a->session, &h, &c->store, c->now.mono_ms, &bump);
    if (clones == 0 && a->session.clones)
        note(c, true, "agent_id_twice", "agent=%s nonce=%016llx", a->id.s,
             (unsigned long long)h.nonce);
    if (err) {
        c->stats.hello_refused++;
        return err == ERR_NOMEM ? err : ERR_OK;
    }
    if (bump > c->store.generation) {
        note(c, true, "store_was_restored", "agent=%s generation=%llu", a->id.s,
             (unsigned long long)bump);
        c->store.generation = bump;
        c->generation_committed = false;
    }
    a->changed = a->changed || a->session.changed;
    return execute_rest(c, a);
}

static void on_status(struct core *c, struct cagent *a, struct span payload) {
    bool online = span_equal(payload, span_str("online"));
    if (online != a->online)
        note(c, !online, online ? "agent_online" : "agent_offline", "agent=%s", a->id.s);
    a->online = online;
    c->version++;
}

enum err core_on_message(struct core *c, struct span topic, struct span payload,
                         struct core_now now) {
    enum topic_kind kind;
    struct ident id;
    struct cagent *a = NULL;
    c->now = now;
    c->batch_err = ERR_OK;
    c->stats.messages++;
    if (topic_parse(topic, &kind, &id) || kind == TOPIC_ACK || kind == TOPIC_COMMAND) {
        c->stats.refused_topics++;
        return ERR_OK;
    }
    /* Before the agent is looked up: a damaged topic may name one that does not exist. */
    if (kind != TOPIC_STATUS && !seal_open(topic, &payload)) {
        c->stats.damaged++;
        return ERR_OK;
    }
    if (c->agent_n >= CORE_AGENTS_MAX && !agents_find(c, &id)) {
        if (c->stats.refused_agents++ == 0)
            note(c, true, "agent_refused", "agent=%s most=%d", id.s, CORE_AGENTS_MAX);
        return ERR_OK;
    }
    enum err err = agents_get(c, &id, &a);
    if (err)
        return err;
    if (kind == TOPIC_DATA)
        err = on_data(c, a, payload);
    else if (kind == TOPIC_HELLO)
        err = on_hello(c, a, payload);
    else
        on_status(c, a, payload);
    return err ? err : c->batch_err;
}
