/* Plans of a unit: how many good pieces were to be made of an order or in a shift, by the plant
 * file and by what people entered, which outranks it. The core hands out what it knows; the rest
 * needs no core and may run on a reader's thread. What follows from a plan is plan/plan.h's. */
#ifndef PB_ENGINE_PLANS_H
#define PB_ENGINE_PLANS_H

#include "act/act.h"
#include "engine/history.h"

struct plan_item {
    char order[ACT_TEXT_MAX + 1];      /* "": of a shift or a span */
    struct ident shift;                /* plans_known(): of each shift of this name; "": of one */
    uint32_t product;                  /* index in the plant, UINT32_MAX: whatever is made */
    uint32_t order_word, product_word; /* 0: any; PLANS_UNTOLD: no reading ever named it */
    int64_t from_ms, to_ms;            /* to_ms of an order: INT64_MAX */
    int64_t quantity;                  /* millionths */
    uint64_t entry;                    /* number, 0: the plant file's */
    size_t rank;                       /* of plans that begin together: which was said first */
    int64_t made;                      /* millionths */
};
#define PLANS_UNTOLD UINT32_MAX

struct plans {
    struct plan_item *at; /* owned */
    size_t n, cap;
};

struct core;
/* Everything planned of a unit as it was said: orders, rules of shifts, entries that are durable,
 * younger than the logs and not void. Fills *out, to be given to plans_fini, also after a failure.
 * ERR_NOMEM. O(plans of the plant file). */
enum err plans_known(const struct core *c, uint32_t unit, struct plans *out);
/* What of it begins in [from, to), by begin: rules become their shifts, of two that plan the same
 * the later entry holds, and none of quantity 0 is left. *out likewise. ERR_NOMEM. */
enum err plans_unfold(const struct plans *known, const struct plant *p, uint32_t unit,
                      int64_t from_ms, int64_t to_ms, struct plans *out);
/* Both for a short span of which orders are not asked: entries that begin elsewhere are not looked
 * at. O(plans of the plant file + entries in the span). */
enum err plans_begun(const struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                     struct plans *out);
/* What holds of an order at a unit now; false: nothing is planned. O(plans of orders). */
bool plans_of_order(const struct core *c, uint32_t unit, uint32_t order_word, uint32_t product_word,
                    struct plan_item *out);
/* Of what was entered and not void yet, durable or not: the plan that `a` would take the place of,
 * for it is of the same order, or of the same span, and of the same product. False: there is none.
 * O(plans of the unit). */
struct core_act;
bool plans_standing(const struct core *c, uint32_t unit, const struct act *a, struct core_act *out);
/* The earliest begin that anything said plans the order for; INT64_MAX: none does. */
int64_t plans_begin_ms(const struct core *c, uint32_t unit, struct span order, struct span product);
/* Good pieces of a minute, for all plans that they belong to. */
void plans_take(struct plans *plans, const struct context *ctx, int64_t minute_ms, int64_t good);
void plans_fini(struct plans *plans);

#endif
