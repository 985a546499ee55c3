/* What an own norm may not be: weaker than what binds; and what it should lie between. */
#include <math.h>
#include <stdio.h>

#include "norm/ledger_impl.h"

static void relate(struct decision *d, const struct norm *n) {
    if (d->out->related_n < LEDGER_RELATED_MAX)
        d->out->related[d->out->related_n++] = n->id;
}

/* Whether it is for something that ours is for, too: who names no product, boundary or class names
 * all of them, and a node all that is below it. */
static bool concerns(const struct decision *d, const struct entry *next, const struct entry *e) {
    return e->norm.binding && is_comparable(&d->next, &e->norm) && scopes_meet(d->l, next, e);
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
    ledger_day(d->l, s->from_ms, from);
    d->out->refusal.collides = s->id;
    return decide_refuse(
        d, "value", "it is weaker than %s, %s norm of %.40s in force since %s: %s.%s", s->id.s,
        norm_origin_name((enum norm_origin)s->origin), s->source, from, value,
        beyond_best(d->l, s) ? " That lies beyond our best: the superior norm itself is in "
                               "force, not met, and a plan is required."
                             : "");
}

static bool refuse_unit(struct decision *d, const struct norm *s) {
    d->out->refusal.collides = s->id;
    return decide_refuse(d, "unit",
                         "it can't be held against %s: there is no conversion from %s to %s.",
                         s->id.s, d->next.unit, s->unit);
}

/* A stricter one that is known already and begins later holds in its place from then on. */
static void warn_later(struct decision *d, const struct norm *s, int64_t t_ms) {
    if (s->state == NORM_APPROVED && s->from_ms > t_ms && s->from_ms < s->to_ms &&
        is_weaker(d->l, &d->next, s) != 0)
        decide_warn(d, "a stricter norm that binds begins later: from then on it holds instead");
}

bool check_floor(struct decision *d) {
    const struct entries *of = &d->l->of[d->next.indicator];
    const struct entry next = {.norm = d->next, .node = ledger_node(d->l, &d->next)};
    const struct norm *strictest = NULL;
    const int64_t t_ms =
        d->next.from_ms > d->now_ms || d->c->action == LEDGER_IMPORT ? d->next.from_ms : d->now_ms;
    if (!norm_is_own(&d->next))
        return true;
    for (size_t i = 0; i < of->n; i++) {
        const struct norm *s = &of->at[i]->norm;
        if (norm_is_own(s) || !norm_same_subject(&d->next, s))
            continue;
        const bool meets = concerns(d, &next, of->at[i]);
        if (!meets || !norm_holds(s, t_ms)) {
            relate(d, s);
            if (meets)
                warn_later(d, s, t_ms);
            continue;
        }
        const int weaker = is_weaker(d->l, &d->next, s);
        if (weaker < 0)
            return refuse_unit(d, s);
        if (weaker && (!strictest || is_weaker(d->l, strictest, s) == 1))
            strictest = s;
    }
    return !strictest || refuse_floor(d, strictest);
}

/* What is compared with mean and best: a value; of a band its target, else the end that is worse.
 * NAN: a band of which neither side is the better one. */
static double judged(const struct norm *n) {
    if (n->kind == NORM_VALUE)
        return n->value;
    if (!isnan(n->target))
        return n->target;
    return n->direction == LOW_IS_BETTER ? n->high : n->direction == HIGH_IS_BETTER ? n->low : NAN;
}

static bool is_unfounded(const struct norm *n) {
    return isnan(n->basis.mean) || isnan(n->basis.best);
}

static bool below_ceiling(const struct norm *n) {
    const double x = judged(n);
    return isnan(x) || (!is_unfounded(n) && x > fmin(n->basis.mean, n->basis.best) &&
                        x < fmax(n->basis.mean, n->basis.best));
}

void warn_ceiling(struct decision *d) {
    if (below_ceiling(&d->next))
        return;
    decide_warn(d, is_unfounded(&d->next)
                       ? "nothing shows that it lies between mean and best: basis.mean and "
                         "basis.best are not told; approval needs a written reason"
                       : "it does not lie strictly between the mean and the best sustained "
                         "observation; approval needs a written reason");
}

bool check_ceiling(struct decision *d) {
    const struct norm *n = &d->next;
    if (below_ceiling(n) || n->ceiling_reason[0])
        return true;
    if (is_unfounded(n))
        return decide_refuse(d, "ceiling_reason",
                             "nothing shows that it lies between mean and best: basis.mean and "
                             "basis.best are not told. Write down why it is right all the same.");
    return decide_refuse(d, "ceiling_reason",
                         "%.6g does not lie strictly between mean %.6g and best %.6g: write down "
                         "why.",
                         judged(n), n->basis.mean, n->basis.best);
}

/* --- rights to change ---------------------------------------------------------------------------
 */

struct change {
    bool tighter, looser;
};

/* A band that is moved is both; what can't be converted needs both rights. What a document says of
 * a time that is over changes nothing any more. */
static void compare(struct decision *d, const struct touch *t, void *user) {
    struct change *c = user;
    const struct norm *was = &t->was->norm;
    if (d->c->action == LEDGER_IMPORT && t->to_ms <= d->now_ms)
        return;
    c->looser = c->looser || is_weaker(d->l, &d->next, was) != 0;
    c->tighter = c->tighter || is_weaker(d->l, was, &d->next) != 0;
}

bool check_right(struct decision *d, enum norm_right right) {
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

/* A boundary or a class of its own is no way round a superior norm that holds there now: where a
 * weaker one of ours would hold instead, it loosens. */
static bool hides_binding(const struct decision *d) {
    const struct entries *of = &d->l->of[d->next.indicator];
    const struct entry next = {.norm = d->next, .node = ledger_node(d->l, &d->next)};
    const int64_t from_ms = d->next.from_ms > d->now_ms ? d->next.from_ms : d->now_ms;
    for (size_t i = 0; i < of->n; i++) {
        const struct norm *s = &of->at[i]->norm;
        const int64_t t_ms = s->from_ms > from_ms ? s->from_ms : from_ms;
        if (!s->binding || !norm_holds(s, t_ms) || !norm_same_subject(s, &d->next) ||
            is_comparable(&d->next, s) || !scopes_meet(d->l, &next, of->at[i]) ||
            is_weaker(d->l, &d->next, s) == 0)
            continue;
        const struct ledger_scope scope = common_scope(d->l, &next, of->at[i]);
        if (choose(d->l, of, s->quantity, &scope, t_ms, NULL) == s)
            return true;
    }
    return false;
}

bool check_change(struct decision *d) {
    const struct norm_basis *b = &d->next.basis;
    struct change c = {false, false};
    each_touched(d, compare, &c);
    c.looser = c.looser || hides_binding(d);
    if (c.tighter && (of_one(b, b->team_n) || of_one(b, b->period_n)))
        return decide_refuse(d, "basis",
                             "one team's or one period's result never tightens a norm: %s.",
                             of_one(b, b->team_n) ? "basis.teams is not two or more"
                                                  : "basis.periods is not two or more");
    return (!c.tighter || check_right(d, RIGHT_TIGHTEN)) &&
           (!c.looser || check_right(d, RIGHT_LOOSEN));
}
