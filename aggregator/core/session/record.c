#include "session/chain.h"

/* --- judging -----------------------------------------------------------------------------------
 */

/* A stream is decodable from a key frame on; its parts are consecutive records. */
static bool fits_key(const struct session_epoch *e, const struct batch *b) {
    switch ((enum batch_kind)b->head.kind) {
    case BATCH_KEY:
        return b->key.part == 0 || (b->key.part == e->key_next && b->key.parts == e->key_parts);
    case BATCH_DROPPED:
        return true;
    case BATCH_DATA:
    case BATCH_CLOCK:
        return !e->need_key && e->key_next == 0;
    case BATCH_KIND_COUNT:
        break;
    }
    return false;
}

static enum session_verdict judge(const struct session_epoch *e, const struct batch *b) {
    uint64_t from = b->head.kind == BATCH_DROPPED ? b->dropped.from : b->head.seq;
    if (b->head.seq <= e->last)
        return SESSION_DUPLICATE;
    if (e->closed)
        return SESSION_STALE;
    return from > e->last + 1 || !fits_key(e, b) ? SESSION_GAP : SESSION_APPLY;
}

static enum session_verdict unknown(struct session *s, int64_t now_mono_ms) {
    if (s->clone_nonce && now_mono_ms - s->clone_mono_ms <= SESSION_SILENCE_MS) {
        s->clones++;
        return SESSION_CLONE;
    }
    s->no_hello++;
    return SESSION_NO_HELLO;
}

static enum session_verdict refuse(struct session *s, enum session_verdict v) {
    s->duplicates += v == SESSION_DUPLICATE;
    s->gaps += v == SESSION_GAP;
    s->stale += v == SESSION_STALE;
    s->repeat_due = true;
    return v;
}

/* --- applying ----------------------------------------------------------------------------------
 */

static void give_lane(struct session *s, struct session_epoch *e, struct session_plan *plan) {
    for (size_t i = 0; i < s->epoch_n && plan->lane_from != SESSION_NO_LANE; i++) {
        if (s->epoch[i].lane == plan->lane_from) {
            s->epoch[i].lane = SESSION_NO_LANE;
            s->epoch[i].changed = true;
        }
    }
    e->lane = plan->lane;
    e->begun = plan->lane_whole = true;
}

/* The last part of an epoch's first key frame. */
static bool ends_head(const struct session_epoch *e, const struct batch *b) {
    return !e->begun && b->head.kind == BATCH_KEY && b->key.part + 1 == b->key.parts;
}

static void on_key(struct session_epoch *e, const struct batch_key *k, struct session_plan *plan) {
    bool last = k->part + 1 == k->parts;
    e->need_key = false;
    e->key_next = last ? 0 : k->part + 1;
    e->key_parts = last ? 0 : k->parts;
    plan->keep = !last;
    if (last)
        e->after_gap = false;
}

static void on_dropped(struct session_epoch *e, const struct batch_dropped *d,
                       struct session_plan *plan) {
    chain_lose_head(e);
    plan->gap_from = e->last + 1;
    plan->gap_to = d->to;
    plan->after_gap = true;
    e->gap_records += d->to - e->last;
    e->need_key = e->need_key || e->key_next != 0;
    e->key_next = e->key_parts = 0;
    e->after_gap = true;
}

static void move(struct session *s, struct session_epoch *e, const struct batch *b,
                 struct session_plan *plan) {
    plan->after_gap = plan->after_gap || e->after_gap; /* its own first records may be gone, too */
    if (e->aged)
        chain_read_anew(s, e, b);
    if (ends_head(e, b))
        give_lane(s, e, plan);
    if (b->head.kind == BATCH_KEY)
        on_key(e, &b->key, plan);
    else if (b->head.kind == BATCH_DROPPED)
        on_dropped(e, &b->dropped, plan);
    else
        e->after_gap =
            false; /* the stream went on without a key frame: nothing is left to explain */
    e->last = b->head.seq;
    e->changed = true;
    s->applied++;
    s->changed = s->undurable = true;
}

static void end_lane(struct session *s, struct session_epoch *e, uint8_t into,
                     struct session_plan *plan) {
    plan->lane_end = true;
    plan->lane_into = into;
    plan->into_gap = into != SESSION_NO_LANE && chain_gap_behind(s, e);
    e->lane = SESSION_NO_LANE;
    e->changed = true;
    s->ack_due = true; /* an epoch that was told to wait may find room */
}

/* The record was the last one of its epoch, perhaps. */
static void finish(struct session *s, size_t i, struct session_plan *plan) {
    struct session_epoch *e = &s->epoch[i];
    uint8_t into;
    if (!chain_close_done(s, i))
        return;
    chain_settle(s);
    if (chain_lane_ends(s, i, &into))
        end_lane(s, e, into, plan);
    s->plans_due = true;
    s->ack_due = true;
}

static const struct session_plan no_plan = {
    .lane = SESSION_NO_LANE, .lane_from = SESSION_NO_LANE, .lane_into = SESSION_NO_LANE};

enum session_verdict session_on_record(struct session *s, const struct batch *b,
                                       int64_t now_mono_ms, struct session_plan *plan) {
    size_t i = chain_find(s, b->head.epoch);
    struct session_plan p = no_plan;
    if (i == CHAIN_NONE)
        return unknown(s, now_mono_ms);
    struct session_epoch *e = &s->epoch[i];
    enum session_verdict v = judge(e, b);
    if (v == SESSION_APPLY && b->head.kind == BATCH_KEY && !e->begun && !chain_lane_for(s, i, &p))
        v = SESSION_GAP;
    if (v != SESSION_APPLY)
        return refuse(s, v);
    if (!ends_head(e, b))
        p = no_plan;
    move(s, e, b, &p);
    p.epoch = e->epoch;
    p.lane = e->lane;
    finish(s, i, &p);
    s->plans_due = s->plans_due || p.lane_whole;
    *plan = p;
    return SESSION_APPLY;
}

/* --- plans without a record --------------------------------------------------------------------
 */

static bool next_gap(struct session *s, struct session_plan *plan) {
    for (; s->plan_at < s->epoch_n; s->plan_at++) {
        struct session_epoch *e = &s->epoch[s->plan_at];
        if (e->gap_from == 0)
            continue;
        plan->epoch = e->epoch;
        plan->lane = e->lane;
        plan->gap_from = e->gap_from;
        plan->gap_to = e->gap_to;
        e->gap_from = e->gap_to = 0;
        return true;
    }
    return false;
}

bool session_next_plan(struct session *s, struct session_plan *plan) {
    struct session_plan p = no_plan;
    uint8_t into;
    if (!s->plans_due)
        return false;
    if (next_gap(s, &p)) {
        *plan = p;
        return true;
    }
    for (size_t i = 0; i < s->epoch_n; i++) {
        struct session_epoch *e = &s->epoch[i];
        if (!chain_lane_ends(s, i, &into))
            continue;
        p.epoch = e->epoch;
        p.lane = e->lane;
        end_lane(s, e, into, &p);
        *plan = p;
        return true;
    }
    s->plans_due = false;
    return false;
}
