/* An act: what a person enters or corrects (orders, counts, scrap, causes of stops, meter readings,
 * notes). Acts are a set, in one form for the command line, the API and the page: none is ever
 * changed, a wrong one is voided by another act, and what follows from them does not depend on the
 * order in which they were entered, but for two that claim one moment: there the later one holds.
 */
#ifndef PB_ACT_ACT_H
#define PB_ACT_ACT_H

#include "base/buf.h"
#include "base/err.h"
#include "plant/plant.h"

enum act_kind {
    ACT_ORDER, /* text, may be empty: no order; holds from t0 on, or until t1 */
    ACT_PRODUCT,
    ACT_TEAM,
    ACT_HEADCOUNT, /* value: persons at the unit */
    ACT_CAUSE,     /* text: cause or reason code of the stops within [t0, t1) */
    ACT_GOOD,      /* value: amount, at t0 or spread over [t0, t1) */
    ACT_SCRAP,
    ACT_REWORK,
    ACT_MATERIAL,
    ACT_ENERGY,  /* value: reading of a register at t0, uWh; energy is what lies between two */
    ACT_FACTOR,  /* signal's amounts within [t0, t1) times value / value2 */
    ACT_REPLACE, /* signal's meter was replaced at t0: the old one ended at value, the new one began
                  * at value2, as they show it: before the plant file's factor, base units */
    ACT_NOTE,    /* text */
    ACT_VOID,    /* value: number of the act that does not hold */
    ACT_PLAN,    /* value: good pieces planned of [t0, t1), or from t0 on of the order `text` */
    ACT_BREACH,  /* text: condition that was breached within [t0, t1); reason: why */
    ACT_HANDOVER, /* text: "given" by the team that leaves, who says that the entries of the shift
                   * [t0, t1) are complete, or "taken" by the one that comes; note: what is open */
    ACT_KIND_COUNT
};

#define ACT_FOR_GOOD INT64_MAX /* t1: until the next act of its kind */

enum { ACT_KEY_MAX = 64, ACT_TEXT_MAX = 96, ACT_NOTE_MAX = 400, ACT_WHO_MAX = 64 };

struct act {
    uint8_t kind;      /* enum act_kind */
    struct span key;   /* drawn by who enters it; the same act under the same key counts once */
    struct span unit;  /* id; empty for ACT_VOID and acts of a signal */
    struct span agent; /* ACT_FACTOR, ACT_REPLACE: the signal's agent and point */
    struct span point;
    int64_t t0_ms, t1_ms; /* UTC; equal: a moment */
    int64_t value, value2;
    struct span text;    /* by kind */
    struct span product; /* amounts: of [t0, t1) only the time in which this product was made; a
                          * plan: what is to be made, empty: whatever is */
    struct span reason;  /* scrap, rework: by id or code of the plant's tree, if it has one; of a
                          * breach: any words */
    struct span who;     /* a team or office, never a person's figure */
    struct span note;
    int64_t entered_ms; /* set by the core */
    bool undated;       /* its time is the clock's, which another try of it shows otherwise */
};

/* Appends the bytes of one act, sealed by a checksum. ERR_NOMEM, ERR_RANGE: a text is too long. */
enum err act_pack(const struct act *a, struct buf *out);
/* The texts borrow from the bytes. ERR_CHECKSUM, ERR_TRUNCATED, ERR_FORMAT, ERR_UNSUPPORTED. */
enum err act_unpack(struct span bytes, struct act *out);
/* Whether `again` says the same as `a`; who entered it when is not looked at. */
bool act_equal(const struct act *a, const struct act *again);

const char *act_kind_name(enum act_kind kind); /* "order", "scrap" ...; never NULL */
/* ERR_NOT_FOUND. */
enum err act_kind_of(struct span name, enum act_kind *out);
/* The role that acts of this kind fill, ROLE_NONE: none. */
enum plant_role act_role(enum act_kind kind);
bool act_is_context(enum act_kind kind); /* order, product, team, headcount */
bool act_is_amount(enum act_kind kind);  /* good, scrap, rework, material */
bool act_is_signal(enum act_kind kind);  /* of a signal: factor, replaced */

/* Why an act cannot be taken. */
struct act_refusal {
    const char *field; /* name in the command form, static */
    char why[200];     /* a sentence: what was expected, the nearest legal word, what to do */
};
/* Whether the act makes sense in this plant. True, or *why says what is wrong. */
bool act_check(const struct act *a, const struct plant *plant, int64_t now_ms,
               struct act_refusal *why);

#endif
