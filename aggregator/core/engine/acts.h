/* What people entered, as the core holds it; for acts.c and acts_log.c only. */
#ifndef PB_ENGINE_ACTS_H
#define PB_ENGINE_ACTS_H

#include "engine/parts.h"

struct cact { /* the texts of `a` are in the bytes behind it */
    struct act a;
    uint64_t n;
    uint64_t voided_by;             /* number, 0: it holds */
    uint32_t unit;                  /* UINT32_MAX: none, or not in the plant file now */
    uint32_t signal;                /* ACT_FACTOR: index in plant.signal, UINT32_MAX otherwise */
    uint32_t text, product, reason; /* words */
    struct range concerns;
    UT_hash_handle hh;
};

/* Room for one more, so that the next acts_put_last() cannot fail. */
enum err acts_room(struct acts *l);
void acts_put_last(struct acts *l, struct cact *x);
/* acts_units.c: x->unit's lists, of what holds. */
enum err acts_unit_room(struct core *c, const struct cact *x);
void acts_unit_put(struct core *c, struct cact *x);
void acts_unit_drop(struct core *c, const struct cact *x); /* it is void; a plan stays listed */
/* Whether a plan is there and not void, both as of the last commit. */
static inline bool acts_plan_holds(const struct core *c, const struct cact *x) {
    return core_act_durable(c, x->n) && !(x->voided_by && core_act_durable(c, x->voided_by));
}
/* Index of the first that begins at t_ms or later. */
size_t acts_first(const struct acts *l, int64_t t_ms);
/* What an entry concerns: its time, and of an amount the shifts that its author looked after. */
struct range acts_concerns(const struct core *c, const struct cact *x);
/* kept.c: x is a factor that holds, of a meter of the unit. */
bool kept_concerns(const struct core *c, const struct cact *x, uint32_t unit);
/* The readings of the register around t_ms, by the time they were read; NULL: none. */
const struct cact *acts_reading_before(const struct acts *l, int64_t t_ms);
const struct cact *acts_reading_after(const struct acts *l, int64_t t_ms);

#endif
