/* Names of what norms are made of, and what follows from their dates. */
#include "norm/norm.h"

#include <string.h>

#include "norm/name.h"

static const char *const kinds[NORM_KIND_COUNT] = {"norm", "standard"};
static const char *const origins[NORM_ORIGIN_COUNT] = {"own",      "state",      "ministry",
                                                       "industry", "enterprise", "sister_site"};
static const char *const bases[NORM_BASIS_COUNT] = {"none",       "statistical", "calculated",
                                                    "time_study", "adopted",     "imported"};
static const char *const methods[NORM_METHOD_COUNT] = {"none", "advanced", "middle", "growth",
                                                       "other"};
static const char *const states[NORM_STATE_COUNT] = {"draft",     "proposed",   "trial",
                                                     "submitted", "returned",   "approved",
                                                     "in_force",  "superseded", "withdrawn"};
static const char *const conditions[NORM_CONDITION_COUNT] = {
    "maintenance", "material", "procedure", "tool", "supply", "staffing", "safety", "other"};
static const char *const choices[NORM_CHOICE_COUNT] = {"none", "keep_supplement", "keep_incentive"};

static const char *word(const char *const *of, unsigned n, unsigned v) {
    return v < n ? of[v] : "unknown";
}

const char *norm_kind_name(enum norm_kind k) {
    return word(kinds, NORM_KIND_COUNT, k);
}

const char *norm_origin_name(enum norm_origin o) {
    return word(origins, NORM_ORIGIN_COUNT, o);
}

const char *norm_basis_name(enum norm_basis_kind b) {
    return word(bases, NORM_BASIS_COUNT, b);
}

const char *norm_method_name(enum norm_method m) {
    return word(methods, NORM_METHOD_COUNT, m);
}

const char *norm_state_name(enum norm_state s) {
    return word(states, NORM_STATE_COUNT, s);
}

const char *norm_condition_name(enum norm_condition_kind c) {
    return word(conditions, NORM_CONDITION_COUNT, c);
}

const char *norm_choice_name(enum norm_choice_kind c) {
    return word(choices, NORM_CHOICE_COUNT, c);
}

bool norm_holds(const struct norm *n, int64_t t_ms) {
    return n->state == NORM_APPROVED && n->from_ms <= t_ms && t_ms < n->to_ms;
}

enum norm_state norm_state_at(const struct norm *n, int64_t t_ms) {
    if (n->state != NORM_APPROVED)
        return (enum norm_state)n->state;
    if (n->withdrawn_ms != NORM_NO_TIME && n->withdrawn_ms <= n->to_ms && t_ms >= n->withdrawn_ms)
        return NORM_WITHDRAWN;
    if (t_ms >= n->to_ms)
        return NORM_SUPERSEDED;
    return t_ms >= n->from_ms ? NORM_IN_FORCE : NORM_APPROVED;
}

bool norm_is_own(const struct norm *n) {
    return n->origin == ORIGIN_OWN;
}

bool norm_same_subject(const struct norm *a, const struct norm *b) {
    return a->indicator == b->indicator && name_same(a->quantity, b->quantity);
}

bool norm_same_scope(const struct norm *a, const struct norm *b) {
    const struct norm_scope *x = &a->scope, *y = &b->scope;
    return ident_equal(&x->node, &y->node) && ident_equal(&x->product, &y->product) &&
           ident_equal(&x->operation, &y->operation) && ident_equal(&x->team, &y->team);
}

bool norm_same_chain(const struct norm *a, const struct norm *b) {
    return norm_same_subject(a, b) && norm_same_scope(a, b) && a->origin == b->origin &&
           (norm_is_own(a) || (name_same(a->boundary, b->boundary) &&
                               name_same(a->capacity_class, b->capacity_class)));
}
