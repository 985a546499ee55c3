/* What an own norm may not be: weaker than what binds; and what it should lie between. */
#include <math.h>
#include <stdio.h>

#include "norm/ledger_impl.h"

static void relate(struct decision *d, const struct norm *n) {
    if (d->out->related_n < LEDGER_RELATED_MAX)
        d->out->related[d->out->related_n++] = n->id;
}

/* A superior norm of all products, boundaries or capacity classes is of ours, too. */
static bool binds(const struct decision *d, const struct entry *e, int64_t t_ms) {
    const struct norm *n = &d->next, *s = &e->norm;
    return s->binding && norm_holds(s, t_ms) && is_comparable(n, s) &&
           node_covers(d->l, e->node, ledger_node(d->l, n)) &&
           (!s->scope.product.s[0] || ident_equal(&s->scope.product, &n->scope.product)) &&
           (!s->scope.operation.s[0] || ident_equal(&s->scope.operation, &n->scope.operation));
}

static bool refuse_floor(struct decision *d, const struct norm *s) {
    struct norm_values v;
    char value[80], from[16];
    if (!convert_norm(d->l, s, NULL, &v))
        v = (struct norm_values){s->value, s->low, s->target, s->high};
    const char *unit = s->indicator == INDICATOR_COUNT
                           ? s->unit
                           : indicator_unit(d->l->plant, (enum indicator)s->indicator);
    if (s->kind == NORM_STANDARD)
        (void)snprintf(value, sizeof value, "the band %.6g to %.6g %.20s", v.low, v.high, unit);
    else
        (void)snprintf(value, sizeof value, "%.6g %.20s", v.value, unit);
    date_text(d->l, s->from_ms, from);
    d->out->refusal.collides = s->id;
    return decide_refuse(
        d, "value", "it is weaker than %s, %s norm of %.40s in force since %s: %s.%s", s->id.s,
        norm_origin_name((enum norm_origin)s->origin), s->source, from, value,
        beyond_best(d->l, s) ? " That lies beyond our best: the superior norm itself is in "
                               "force, not met, and a plan is required."
                             : "");
}

bool check_floor(struct decision *d) {
    const struct entries *of = &d->l->of[d->next.indicator];
    const struct norm *strictest = NULL;
    const int64_t t_ms =
        d->next.from_ms > d->now_ms || d->c->action == LEDGER_IMPORT ? d->next.from_ms : d->now_ms;
    if (!norm_is_own(&d->next))
        return true;
    for (size_t i = 0; i < of->n; i++) {
        const struct norm *s = &of->at[i]->norm;
        if (norm_is_own(s) || !norm_same_subject(&d->next, s))
            continue;
        if (!binds(d, of->at[i], t_ms)) {
            relate(d, s);
            continue;
        }
        const int weaker = is_weaker(d->l, &d->next, s);
        if (weaker < 0) {
            d->out->refusal.collides = s->id;
            return decide_refuse(d, "unit",
                                 "it can't be held against %s: there is no conversion "
                                 "from %s to %s.",
                                 s->id.s, d->next.unit, s->unit);
        }
        if (weaker && (!strictest || is_weaker(d->l, strictest, s) == 1))
            strictest = s;
    }
    return !strictest || refuse_floor(d, strictest);
}

/* Of what is compared: a standard's target. */
static bool below_ceiling(const struct norm *n, double *x) {
    *x = n->kind == NORM_STANDARD ? n->target : n->value;
    if (isnan(*x) || isnan(n->basis.mean) || isnan(n->basis.best))
        return true;
    return *x > fmin(n->basis.mean, n->basis.best) && *x < fmax(n->basis.mean, n->basis.best);
}

void warn_ceiling(struct decision *d) {
    double x;
    if (!below_ceiling(&d->next, &x))
        decide_warn(d, "it does not lie strictly between the mean and the best sustained "
                       "observation; approval needs a written reason");
}

bool check_ceiling(struct decision *d) {
    const struct norm *n = &d->next;
    double x;
    if (below_ceiling(n, &x) || n->ceiling_reason[0])
        return true;
    return decide_refuse(d, "ceiling_reason",
                         "%.6g does not lie strictly between mean %.6g and best %.6g: write down "
                         "why.",
                         x, n->basis.mean, n->basis.best);
}

/* A band that is moved is both. */
static void compare(const struct decision *d, const struct norm *was, bool *tighter, bool *looser) {
    const int weaker = is_weaker(d->l, &d->next, was), stronger = is_weaker(d->l, was, &d->next);
    *looser = weaker != 0; /* what can't be converted needs both rights */
    *tighter = stronger != 0;
}

static bool check_right(struct decision *d, enum norm_right right) {
    const enum norm_class of = (enum norm_class)d->next.norm_class;
    const enum plant_level level = ledger_level(d->l, &d->next);
    return ledger_command_may(d->l->conf, d->c, right, of, level) ||
           decide_refuse(d, "who", "%.64s has no right to %s norms of class %s there.", d->c->who,
                         norm_right_name(right), norm_class_name(of));
}

/* What a basis does not say is asked of observations only. */
static bool of_one(const struct norm_basis *b, int64_t n) {
    return n < 2 && (n >= 0 || b->kind == BASIS_STATISTICAL);
}

bool check_change(struct decision *d) {
    const struct norm *was = revised_by(d);
    const struct norm_basis *b = &d->next.basis;
    bool tighter = false, looser = false;
    if (!was)
        return true;
    compare(d, was, &tighter, &looser);
    if (tighter && (of_one(b, b->team_n) || of_one(b, b->period_n)))
        return decide_refuse(d, "basis",
                             "one team's or one period's result never tightens a norm: %s.",
                             of_one(b, b->team_n) ? "basis.teams is not two or more"
                                                  : "basis.periods is not two or more");
    return (!tighter || check_right(d, RIGHT_TIGHTEN)) && (!looser || check_right(d, RIGHT_LOOSEN));
}
