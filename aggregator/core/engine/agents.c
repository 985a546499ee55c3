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
    a->session.holds = lanes_hold;
    a->session.leaves = rests_any;
    a->session.owner = a;
    siglog_init(&a->pending);
    buf_init(&a->committing);
    for (unsigned i = 0; i < SESSION_LANES; i++)
        lane_init(&a->rest[i], c->plant->power_slot_ms);
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
    for (unsigned i = 0; i < SESSION_LANES; i++) {
        buf_fini(&a->start[i]);
        lane_fini(&a->rest[i]);
    }
    buf_fini(&a->heads);
    session_fini(&a->session);
    free(a->covered.at);
    siglog_fini(&a->pending);
    buf_fini(&a->committing);
    free(a->signals.at);
    free(a->report.at);
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

/* --- records ------------------------------------------------------------------------------------
 */

/* All parts of a key frame, in their order. */
static enum err apply_key(struct core *c, struct cagent *a, struct batch *part, size_t n,
                          const struct session_plan *plan) {
    struct lane_out out = agents_lane_out(c, a);
    const size_t named = a->lane[plan->lane].n;
    enum err err = ERR_OK;
    for (size_t i = 0; i < n && !err; i++)
        err = lanes_add_points(c, a, plan->lane, &part[i]);
    c->touch_cause = plan->after_gap ? RESTATE_GAP : RESTATE_NONE;
    if (!err)
        err = lane_on_key_values(&a->lane[plan->lane], part, n, plan->after_gap, &out);
    c->touch_cause = RESTATE_NONE;
    if (!err)
        err = rests_told(a, plan->lane, named);
    if (plan->lane_whole && a->begun_ms[plan->lane] == STATE_NEVER)
        touches_begun(c, a, plan->lane, part[n - 1].head.t_ms);
    if (!err && plan->lane_whole)
        err = lanes_key_complete(c, a, plan->lane);
    return err;
}

/* A key frame is whole: with the last part those that were kept. */
static enum err apply_parts(struct core *c, struct cagent *a, const struct batch *last,
                            const struct session_plan *plan) {
    struct batch *part = calloc(last->key.part + 1, sizeof *part);
    enum err err = part ? ERR_OK : ERR_NOMEM;
    uint64_t epoch = 0;
    struct span bytes;
    size_t n = 0;
    for (size_t at = 0; !err && n < last->key.part && heads_next(a, &at, &epoch, &bytes);) {
        enum batch_fault fault;
        if (epoch == plan->epoch)
            err = batch_parse(bytes, &part[n++], &fault);
    }
    if (!err) {
        part[n++] = *last;
        err = apply_key(c, a, part, n, plan);
    }
    free(part);
    return err;
}

/* Behind a step back a lane begins where its clock was set to, whatever its key frame said. */
static enum err apply_clock(struct core *c, struct cagent *a, const struct batch_clock *step,
                            unsigned slot) {
    struct lane_out out = agents_lane_out(c, a);
    note(c, true, "gateway_clock_stepped", "agent=%s from_ms=%lld to_ms=%lld", a->id.s,
         (long long)step->from_ms, (long long)step->to_ms);
    const enum err err = lane_on_clock(&a->lane[slot], step, &out);
    if (!err && a->begun_ms[slot] != STATE_NEVER && step->to_ms < a->begun_ms[slot])
        touches_begun(c, a, slot, step->to_ms);
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
        return b->key.part ? apply_parts(c, a, b, plan) : apply_key(c, a, b, 1, plan);
    case BATCH_DROPPED:
        c->touch_cause = RESTATE_GAP;
        err = lane_on_key_values(l, b, 1, true, &out);
        c->touch_cause = RESTATE_NONE;
        return err;
    case BATCH_CLOCK:
        return apply_clock(c, a, &b->clock, plan->lane);
    case BATCH_KIND_COUNT:
        break;
    }
    return ERR_FORMAT;
}

static enum err execute(struct core *c, struct cagent *a, const struct session_plan *plan,
                        struct batch *b, struct span payload) {
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
        err = lanes_inherit(c, a, plan);
    else if (plan->lane_new)
        lanes_begin(c, a, plan->lane, plan->epoch);
    if (!err && plan->keep)
        err = heads_keep(c, a, b, payload);
    else if (!err && b && plan->lane != SESSION_NO_LANE)
        err = apply_record(c, a, b, plan);
    if (!err && plan->lane_end)
        err = lanes_end(c, a, plan);
    return err;
}

/* Gaps, and lanes that have come to their end. */
static enum err execute_rest(struct core *c, struct cagent *a) {
    struct session_plan plan;
    enum err err = ERR_OK;
    if (!a->session.plans_due)
        return ERR_OK;
    while (!err && session_next_plan(&a->session, &plan))
        err = execute(c, a, &plan, NULL, span_of(NULL, 0));
    return err ? err : lanes_alone(c, a);
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
    enum err err = execute(c, a, &plan, &b, payload);
    if (!err)
        err = execute_rest(c, a);
    heads_sweep(a);
    return err;
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
    err = execute_rest(c, a);
    heads_sweep(a);
    return err;
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
    if (kind == TOPIC_REPORT) { /* makes no agent known: that is for ever */
        a = agents_find(c, &id);
        c->stats.report_refused += !a;
        return a ? reports_on_message(c, a, payload) : ERR_OK;
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
