/* People who take norms through their life while everything dies around them: each command is sent
 * under its key until it is durable, the next of its norm only then. In the end each counts once,
 * and the events, taken anew, make the same norms. */
#ifndef PB_SIMWORLD_NORMS_H
#define PB_SIMWORLD_NORMS_H

#include "simkit/station.h"
#include "simworld/rng.h"

enum { NORMS_MAX = 6, NORMS_STEPS = 6 };

struct norms_story {             /* of one norm */
    uint8_t action[NORMS_STEPS]; /* enum ledger_action */
    size_t n, at;                /* steps; the next one */
    uint64_t event[NORMS_STEPS]; /* numbers as they were answered; 0: not yet */
};

struct norms {
    struct rng rng;
    bool at_work;
    struct ledger_conf conf;
    struct norms_story story[NORMS_MAX];
};

/* A third of all seeds have them, others than those of people_init(). */
void norms_init(struct norms *x, uint64_t seed, struct station *s);
/* Sends what is due; `more`: now and then, else at once. What the core says against the rules;
 * NULL: nothing. */
const char *norms_step(struct norms *x, struct station *s, bool more);
/* The store is older than what they know: nothing counts as answered. */
void norms_forget(struct norms *x);
bool norms_answered(const struct norms *x);
/* At the end; NULL: all holds. */
const char *norms_audit(const struct norms *x, const struct station *s);

#endif
