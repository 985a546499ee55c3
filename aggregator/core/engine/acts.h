/* What people entered, as the core holds it; for acts.c and acts_log.c only. */
#ifndef PB_ENGINE_ACTS_H
#define PB_ENGINE_ACTS_H

#include "engine/state.h"

struct cact { /* the texts of `a` are in the bytes behind it */
    struct act a;
    uint64_t n;
    uint64_t voided_by;     /* number, 0: it holds */
    uint32_t unit;          /* UINT32_MAX: none, or not in the plant file now */
    uint32_t signal;        /* ACT_FACTOR: index in plant.signal, UINT32_MAX otherwise */
    uint32_t text, product; /* words */
    UT_hash_handle hh;
};

/* What an entry of an amount vouches for: who enters it has looked after it for the shift. */
struct range acts_watched_by(const struct core *c, const struct cact *x);
/* The readings of the register around that of x, by the time they were read; NULL: none. */
const struct cact *acts_reading_before(const struct acts *l, const struct cact *x);
const struct cact *acts_reading_after(const struct acts *l, const struct cact *x);

#endif
