#include "simworld/mutant.h"

/* The linker sends the core's calls of session_on_record here (--wrap). The variant is the one
 * piece of file-scope state: a wrapped call has no place to carry it. */
enum session_verdict __real_session_on_record(struct session *s, const struct batch *b,
                                              int64_t now_mono_ms, struct session_plan *plan);
enum session_verdict __wrap_session_on_record(struct session *s, const struct batch *b,
                                              int64_t now_mono_ms, struct session_plan *plan);

static enum mutant present;

void mutant_set(enum mutant m) {
    present = m;
}

enum mutant mutant_now(void) {
    return present;
}

const char *mutant_name(enum mutant m) {
    static const char *const names[MUTANT_COUNT] = {
        [MUTANT_NONE] = "correct",
        [MUTANT_TRUST_PUBACK] = "trust_puback",
        [MUTANT_ACK_BEFORE_COMMIT] = "ack_before_commit",
        [MUTANT_GREATEST_SEQ] = "greatest_seq",
        [MUTANT_NO_DEDUPE] = "no_dedupe",
        [MUTANT_FIXED_EPOCH] = "fixed_epoch",
        [MUTANT_NO_SYNC] = "no_sync",
        [MUTANT_STATELESS_ALERTS] = "stateless_alerts",
        [MUTANT_DEAF_ALERTS] = "deaf_alerts",
    };
    return m < MUTANT_COUNT ? names[m] : NULL;
}

static struct session_epoch *epoch_of(struct session *s, uint64_t epoch) {
    for (size_t i = 0; i < s->epoch_n; i++)
        if (s->epoch[i].epoch == epoch)
            return &s->epoch[i];
    return NULL;
}

static bool lies(enum session_verdict v) {
    return (present == MUTANT_NO_DEDUPE && v == SESSION_DUPLICATE) ||
           (present == MUTANT_GREATEST_SEQ && v == SESSION_GAP);
}

enum session_verdict __wrap_session_on_record(struct session *s, const struct batch *b,
                                              int64_t now_mono_ms, struct session_plan *plan) {
    enum session_verdict v = __real_session_on_record(s, b, now_mono_ms, plan);
    struct session_epoch *e = epoch_of(s, b->head.epoch);
    if (!lies(v) || !e || e->lane >= SESSION_LANES || b->head.kind != BATCH_DATA)
        return v;
    *plan = (struct session_plan){.epoch = e->epoch,
                                  .lane = e->lane,
                                  .lane_from = SESSION_NO_LANE,
                                  .lane_into = SESSION_NO_LANE};
    if (v == SESSION_GAP)
        e->last = b->head.seq;
    e->changed = true;
    s->undurable = true;
    return SESSION_APPLY;
}
