#include "session/session.h"

#include <stdlib.h>

#include "session/chain.h"

const char *session_verdict_name(enum session_verdict v) {
    static const char *const name[SESSION_VERDICT_COUNT] = {
        [SESSION_APPLY] = "apply", [SESSION_DUPLICATE] = "duplicate", [SESSION_GAP] = "gap",
        [SESSION_CLONE] = "clone", [SESSION_NO_HELLO] = "no_hello",   [SESSION_STALE] = "stale",
    };
    return (unsigned)v < SESSION_VERDICT_COUNT ? name[v] : "unknown";
}

void session_init(struct session *s, const struct ident *agent, uint64_t credit_bytes) {
    *s = (struct session){.agent = *agent, .credit_bytes = credit_bytes};
}

void session_fini(struct session *s) {
    free(s->epoch);
    s->epoch = NULL;
    s->epoch_n = s->epoch_cap = 0;
}

/* --- acks --------------------------------------------------------------------------------------
 */

/* A closed epoch has nothing left to wait for: all the agent has of it may be deleted. */
static struct ack_epoch row(struct session *s, const struct session_listed *l) {
    struct session_plan plan = {.lane = SESSION_NO_LANE};
    size_t i = chain_find(s, l->epoch);
    const struct session_epoch *e = &s->epoch[i];
    struct ack_epoch out = {.epoch = l->epoch, .durable = e->durable};
    if (e->closed_durable && l->next - 1 > e->durable)
        out.durable = l->next - 1;
    if (!e->closed && e->last < BATCH_SEQ_MAX &&
        (e->lane != SESSION_NO_LANE || chain_lane_for(s, i, &plan)))
        out.want = e->last + 1;
    return out;
}

void session_make_ack(struct session *s, const struct session_store *store, int64_t now_mono_ms,
                      struct ack *out) {
    *out = (struct ack){.nonce = s->nonce,
                        .store = store->id,
                        .generation = store->generation,
                        .n = ++s->ack_n,
                        .credit_bytes = s->credit_bytes};
    for (size_t i = 0; i < s->listed_n; i++)
        out->epoch[out->epoch_n++] = row(s, &s->listed[i]);
    s->acked = true;
    s->ack_due = s->repeat_due = false;
    s->ack_sent_mono_ms = now_mono_ms;
}

bool session_make_clone_ack(struct session *s, const struct session_store *store, struct ack *out) {
    if (!s->clone_due)
        return false;
    s->clone_due = false;
    *out = (struct ack){.nonce = s->clone_nonce,
                        .store = store->id,
                        .generation = store->generation,
                        .n = ++s->ack_n};
    return true;
}

bool session_ack_due(const struct session *s, int64_t now_mono_ms) {
    if (!s->greeted)
        return false;
    int64_t since_ms = now_mono_ms - s->ack_sent_mono_ms;
    return s->ack_due || (s->repeat_due && (!s->acked || since_ms >= SESSION_REPEAT_MS)) ||
           ((s->undurable || s->backlog_bytes) && since_ms >= SESSION_RESEND_MS);
}

/* --- invariants --------------------------------------------------------------------------------
 */

static bool epoch_check(const struct session *s, size_t i) {
    const struct session_epoch *e = &s->epoch[i];
    bool lane = e->lane == SESSION_NO_LANE || e->lane < SESSION_LANES;
    for (size_t k = 0; k < i && e->lane != SESSION_NO_LANE; k++)
        lane = lane && s->epoch[k].lane != e->lane;
    return lane && e->epoch && e->durable <= e->last && e->gap_records <= e->last &&
           (e->begun || e->lane == SESSION_NO_LANE) &&
           (e->begun || e->closed || e->need_key || e->key_next) &&
           (!e->begun || e->closed || e->lane != SESSION_NO_LANE) &&
           (e->key_next == 0 || e->key_next < e->key_parts) && (e->closed || i >= s->front) &&
           (i != s->front || !e->closed) && (e->closed || !e->closed_durable);
}

bool session_check(const struct session *s) {
    if (s->epoch_n > s->epoch_cap || s->front > s->epoch_n || s->listed_n > SESSION_EPOCHS_MAX)
        return false;
    for (size_t i = 0; i < s->epoch_n; i++)
        if (!epoch_check(s, i))
            return false;
    return true;
}
