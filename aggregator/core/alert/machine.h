/* One alert of one node: the states of ISA-18.2 and the timers that move them, all in event time.
 * It is told what a minute was like and what people want; what is observed, and who is told of it,
 * is not its concern. */
#ifndef PB_ALERT_MACHINE_H
#define PB_ALERT_MACHINE_H

#include "alert/event.h"

#define MACHINE_NEVER INT64_MIN

struct machine {
    uint8_t state;    /* enum alert_state; never ALERT_PENDING */
    uint8_t on;       /* bit i: level i + 1 was reached and is not left; also while it is hidden */
    uint8_t level;    /* as last told; 0: not active */
    uint8_t severity; /* as last told */
    bool escalated;
    bool flapping;
    uint8_t flap_n;
    int64_t since_ms;  /* in this state */
    int64_t active_ms; /* when it became active; MACHINE_NEVER: it is not */
    int64_t told_ms;   /* when it was last told that nobody has acknowledged it */
    int64_t until_ms;  /* of a shelf */
    int64_t blind_ms;  /* of observations that say nothing, up to now */
    /* The first observation beyond a level that is not on; within one that is. */
    int64_t up_ms[ALERT_LEVELS_MAX], down_ms[ALERT_LEVELS_MAX];
    int64_t flap_ms[ALERT_FLAPS_MAX]; /* latest activations, oldest first */
};

/* A minute as it was observed. */
struct machine_minute {
    int64_t at_ms; /* its end */
    bool scheduled;
    bool known;      /* the observation says something */
    bool quiet;      /* an alert above is active */
    uint8_t beyond;  /* bit i: beyond the threshold of level i + 1 */
    uint8_t cleared; /* bit i: on the good side of its clear level */
};

struct machine_change {
    uint8_t from, to, why, severity, level;
    bool activated; /* it became active */
};

void machine_init(struct machine *m);
/* True with *out if the minute changed something that is to be told: at most one thing a minute. */
bool machine_minute(struct machine *m, const struct alert_rule *r, const struct machine_minute *in,
                    struct machine_change *out);
/* Minutes were left out: whatever was about to happen begins anew. */
void machine_skip(struct machine *m);
/* What a person wants, enum alert_act of alerts.h. ERR_STATE, ERR_RANGE with a sentence. */
enum err machine_command(struct machine *m, const struct alert_rule *r, unsigned act, int64_t at_ms,
                         int64_t until_ms, bool quiet, struct machine_change *out,
                         const char **why);
/* The rule is another one or gone: what stood is over. False: there is nothing to tell. keep: a
 * shelf, and being out of service, stay. */
bool machine_end(struct machine *m, int64_t at_ms, enum alert_why why, bool keep,
                 struct machine_change *out);
/* As it is shown: PENDING, too. */
enum alert_state machine_state(const struct machine *m);
bool machine_is_active(const struct machine *m);
static inline bool machine_is_pending(const struct machine *m) {
    for (unsigned i = 0; i < ALERT_LEVELS_MAX; i++)
        if (m->up_ms[i] != MACHINE_NEVER)
            return true;
    return false;
}
/* Nothing stands and nothing is about to happen. */
static inline bool machine_is_idle(const struct machine *m) {
    return m->state == ALERT_NORMAL && !machine_is_pending(m); /* no level is on then */
}
/* The same, but what returned may wait for a person: until its next reminder, if it is after at_ms,
 * a minute that is not beyond a level changes nothing. */
static inline bool machine_is_resting(const struct machine *m, const struct alert_rule *r,
                                      int64_t at_ms) {
    const bool waits =
        m->state == ALERT_RETURNED && (!r->repeat_ms || at_ms - m->told_ms < r->repeat_ms);
    return (m->state == ALERT_NORMAL || waits) && !machine_is_pending(m);
}
enum err machine_pack(const struct machine *m, struct buf *out);
/* ERR_TRUNCATED, ERR_FORMAT: *m is untouched. */
enum err machine_unpack(struct cursor *c, struct machine *m);

#endif
