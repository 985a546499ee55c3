/* What happened to an alert: one record for each transition, as it is stored, listed and told. It
 * says everything by itself, for its rule and node may be gone when it is read. */
#ifndef PB_ALERT_EVENT_H
#define PB_ALERT_EVENT_H

#include "alert/rule.h"
#include "base/buf.h"

enum { ALERT_WHO_MAX = 64, ALERT_NOTE_MAX = 240 }; /* bytes */

/* States of ISA-18.2. The last three hide what the process says until they end. */
enum alert_state {
    ALERT_NORMAL,
    ALERT_PENDING,  /* normal, and too much for less than the rule's hold; never in an event */
    ALERT_ACTIVE,   /* active, unacknowledged */
    ALERT_ACKED,    /* active, acknowledged */
    ALERT_RETURNED, /* to normal, unacknowledged */
    ALERT_SHELVED,
    ALERT_SUPPRESSED, /* by an alert of a node above */
    ALERT_OUT_OF_SERVICE,
    ALERT_STATE_COUNT
};

enum alert_why {
    ALERT_WHY_REACHED, /* a level was reached */
    ALERT_WHY_RAISED,  /* a higher one was, while active */
    ALERT_WHY_LOWERED, /* a level was left, a milder one holds on */
    ALERT_WHY_CLEARED,
    ALERT_WHY_SCHEDULE, /* its schedule ended */
    ALERT_WHY_ACKED,
    ALERT_WHY_ESCALATED, /* nobody acknowledged it in time */
    ALERT_WHY_REPEATED,  /* it is told again, nothing changed */
    ALERT_WHY_SHELVED,
    ALERT_WHY_UNSHELVED,
    ALERT_WHY_EXPIRED,    /* the shelf's time is over */
    ALERT_WHY_SUPPRESSED, /* an alert above became active */
    ALERT_WHY_RELEASED,   /* it is over */
    ALERT_WHY_DISABLED,   /* out of service */
    ALERT_WHY_ENABLED,
    ALERT_WHY_CHANGED, /* the rule says something else now: it begins anew */
    ALERT_WHY_GONE,    /* the rule, or its node, is no more */
    /* No transition of an alert, but what people are told of norms in the same order, by the same
     * ways: a step is due soon, a proposal waits for its answer, a step is overdue, what a review
     * says, a class that nobody looks after. */
    ALERT_WHY_NORM_DUE,
    ALERT_WHY_NORM_ANSWER,
    ALERT_WHY_NORM_OVERDUE,
    ALERT_WHY_NORM_REVIEW,
    ALERT_WHY_NORM_NEGLECTED,
    ALERT_WHY_COUNT
};

enum {                      /* alert_event.mark */
       ALERT_FIRST_OUT = 1, /* none else of its line was active when it became so */
       ALERT_FLOOD =
           2, /* one of its recipients has more than ALERT_FLOOD_COUNT in ALERT_FLOOD_MS */
       ALERT_FLAPPING = 4, /* the flap guard holds it */
       ALERT_AGAIN = 8 /* a notice that was put aside, and told anew because somebody wanted so */
};
/* INDICATORS.md section 7: more than so many activations in so long, for a position. */
enum { ALERT_FLOOD_COUNT = 10 };
#define ALERT_FLOOD_MS (INT64_C(10) * 60 * 1000)

/* Of events of norms. The event's rule is the norm's id, or the class where there is none, its node
 * the norm's scope; who: owner of the step; note: the product; until: when it is or was due, or the
 * reviewed period's end; value, threshold: median attainment and reach, NAN: not known. */
struct alert_norm {
    uint8_t verdict;    /* enum review_verdict, of a review */
    uint8_t state;      /* enum norm_state, of a step; enum norm_status, of what is neglected */
    uint8_t norm_class; /* enum norm_class */
    uint32_t reasons;   /* set of enum review_reason */
};

struct alert_event {
    uint64_t n;      /* 1, 2, 3 ... without holes; the order in which things happened to us */
    int64_t at_ms;   /* event time: the end of the minute, or when the person said so */
    int64_t told_ms; /* our clock */
    struct ident rule, node;
    uint8_t from, to; /* enum alert_state; equal: raised, lowered, escalated, repeated */
    uint8_t why;      /* enum alert_why */
    uint8_t severity; /* enum alert_severity that holds from now on, or held last */
    uint8_t level;    /* 1 .. ALERT_LEVELS_MAX; 0: none */
    uint8_t mark;
    uint8_t
        flood_of; /* bit i: of the rule's i-th recipient ALERT_FLOOD is true; not in its bytes */
    double value, threshold; /* as observed, and of its level; NAN: none */
    int64_t until_ms;        /* ALERT_WHY_SHELVED: its end; else 0 */
    char who[ALERT_WHO_MAX + 1], note[ALERT_NOTE_MAX + 1]; /* "": nobody, none */
    struct alert_norm norm; /* of ALERT_WHY_NORM_DUE and those behind it; else zero */
};

static inline bool alert_event_is_norm(const struct alert_event *e) {
    return e->why >= ALERT_WHY_NORM_DUE;
}

/* STORE_EVENT: n as be64 -> these bytes. STORE_NOTICE: the recipient's id, a NUL and n as be64 ->
 * the same bytes; who has told it deletes the row. Layout in event.c. ERR_NOMEM. */
enum err alert_event_pack(const struct alert_event *e, struct buf *out);
/* ERR_CHECKSUM, ERR_TRUNCATED, ERR_FORMAT: *out is untouched. */
enum err alert_event_unpack(struct span bytes, struct alert_event *out);

enum { ALERT_EVENT_KEY = 8, ALERT_NOTICE_KEY_MAX = IDENT_MAX + 1 + 8 };
void alert_event_key(uint64_t n, uint8_t out[ALERT_EVENT_KEY]);
/* Its length. */
size_t alert_notice_key(const struct ident *recipient, uint64_t n,
                        uint8_t out[ALERT_NOTICE_KEY_MAX]);
/* ERR_FORMAT. */
enum err alert_notice_key_parse(struct span key, struct ident *recipient, uint64_t *n);
/* Whether recipients are to be told: it concerns an alert that they heard of, or hear of now, or a
 * norm. */
bool alert_event_is_told(const struct alert_event *e);

const char *alert_state_name(enum alert_state s); /* "normal", "active_unacknowledged" ... */
const char *alert_why_name(enum alert_why w);     /* "reached" ... */

#endif
