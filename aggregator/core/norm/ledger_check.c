/* Whether a norm says what a norm has to say. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "norm/ledger_impl.h"

bool decide_refuse(struct decision *d, const char *field, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    d->out->refusal.field = field;
    (void)vsnprintf(d->out->refusal.why, sizeof d->out->refusal.why, fmt, ap);
    va_end(ap);
    return false;
}

void decide_warn(struct decision *d, const char *sentence) {
    if (d->out->warning_n < LEDGER_WARNINGS_MAX)
        d->out->warning[d->out->warning_n++] = sentence;
}

/* A quantity is what others in force say it is: a class or a direction of its own would be another
 * right, and another floor. */
static bool check_quantity(struct decision *d) {
    const struct entries *of = &d->l->of[INDICATOR_COUNT];
    const struct norm *n = &d->next;
    char plain[64];
    for (size_t i = 0; i < of->n; i++) {
        const struct norm *w = &of->at[i]->norm;
        if (w->state != NORM_APPROVED || w == d->was || !norm_same_subject(w, n))
            continue;
        d->out->refusal.collides = w->id;
        if (w->norm_class != n->norm_class)
            return decide_refuse(d, "class", "%s has %s in class %s.", w->id.s, w->quantity,
                                 norm_class_name((enum norm_class)w->norm_class));
        if (w->direction != DIRECTION_COUNT && n->direction != DIRECTION_COUNT &&
            w->direction != n->direction)
            return decide_refuse(d, "direction", "by %s, of %s %s is better.", w->id.s, w->quantity,
                                 direction_name((enum direction)w->direction));
    }
    d->out->refusal.collides = (struct ident){""};
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        (void)snprintf(plain, sizeof plain, "%s", indicator_row((enum indicator)i)->id);
        for (char *c = plain; *c; c++)
            *c = *c == '_' ? ' ' : *c;
        if (name_same(n->quantity, plain) ||
            name_same(n->quantity, indicator_row((enum indicator)i)->id))
            return decide_refuse(d, "quantity", "that is the indicator %s.",
                                 indicator_row((enum indicator)i)->id);
    }
    return true;
}

static bool check_names(struct decision *d) {
    const struct norm *n = &d->next;
    const struct {
        const char *field, *text;
    } row[] = {{"quantity", n->quantity},
               {"boundary", n->boundary},
               {"capacity_class", n->capacity_class},
               {"unit", n->unit},
               {"proposed_by", n->proposed_by},
               {"answered_by", n->answered_by},
               {"approved_by", n->approved_by}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (!name_plain(row[i].text))
            return decide_refuse(d, row[i].field,
                                 "it has letters that nobody sees, or that are put together of "
                                 "several.");
    return true;
}

static bool check_subject(struct decision *d) {
    struct norm *n = &d->next;
    if ((n->indicator == INDICATOR_COUNT) == (n->quantity[0] == 0))
        return decide_refuse(d, "indicator", "name an indicator, or a quantity that is none.");
    if (n->indicator == IND_MANNING)
        return decide_refuse(d, "indicator",
                             "manning norms are dated facts of the plant file: `manning:`.");
    if (n->indicator == INDICATOR_COUNT) {
        if (n->norm_class == CLASS_COUNT)
            return decide_refuse(d, "class", "a quantity needs its class.");
        if (n->direction == DIRECTION_COUNT && n->kind == NORM_VALUE)
            return decide_refuse(d, "direction", "a quantity needs what is better: high or low.");
        if (!n->unit[0])
            return decide_refuse(d, "unit", "a quantity needs its unit.");
        return check_quantity(d);
    }
    const struct indicator_row *row = indicator_row((enum indicator)n->indicator);
    if (n->norm_class != CLASS_COUNT && n->norm_class != row->norm_class)
        return decide_refuse(d, "class", "%s is of class %s.", row->id,
                             norm_class_name((enum norm_class)row->norm_class));
    if (n->direction != DIRECTION_COUNT && n->direction != row->direction)
        return decide_refuse(d, "direction", "of %s, %s is better.", row->id,
                             direction_name((enum direction)row->direction));
    n->norm_class = row->norm_class;
    n->direction = row->direction;
    if (!n->unit[0])
        n->unit = indicator_unit(d->l->plant, (enum indicator)n->indicator);
    return true;
}

static bool check_values(struct decision *d) {
    const struct norm *n = &d->next;
    struct norm_values v;
    if (n->kind == NORM_VALUE && isnan(n->value))
        return decide_refuse(d, "value", "a norm needs its value.");
    if (n->kind == NORM_VALUE && !(isnan(n->low) && isnan(n->target) && isnan(n->high)))
        return decide_refuse(d, "kind", "low, target and high are of a standard.");
    if (n->kind == NORM_STANDARD && !(n->low < n->high))
        return decide_refuse(d, "low", "a standard needs a band: low below high.");
    if (n->kind == NORM_STANDARD && (n->target < n->low || n->target > n->high))
        return decide_refuse(d, "target", "the target lies outside of the band.");
    if (n->kind == NORM_STANDARD && !isnan(n->value))
        return decide_refuse(d, "value", "a standard has a band, no value.");
    if (n->indicator == INDICATOR_COUNT)
        return true;
    if (!ledger_values(d->l, n, &v))
        return decide_refuse(d, "unit",
                             "there is no conversion from %s to %s; settings may name it.", n->unit,
                             indicator_unit(d->l->plant, (enum indicator)n->indicator));
    if (v.value < 0 || v.low < 0)
        return decide_refuse(d, "value", "%s is never below 0.",
                             indicator_row((enum indicator)n->indicator)->id);
    return true;
}

static bool check_scope(struct decision *d) {
    const struct norm_scope *s = &d->next.scope;
    const struct plant *p = d->l->plant;
    if (s->node.s[0] && plant_find_node(p, s->node.s) == UINT32_MAX) {
        const char *ids[256];
        size_t n = p->node_n < 256 ? p->node_n : 256;
        for (size_t i = 0; i < n; i++)
            ids[i] = p->node[i].id.s;
        const char *near = ident_nearest(s->node.s, ids, n);
        return decide_refuse(d, "scope.node", "no node %s%s%s%s", s->node.s,
                             near ? "; did you mean " : ".", near ? near : "", near ? "?" : "");
    }
    if (s->operation.s[0] && plant_find_operation(p, span_str(s->operation.s)) == UINT32_MAX)
        return decide_refuse(d, "scope.operation", "no operation %s in the plant file.",
                             s->operation.s);
    if (s->product.s[0] && plant_find_product(p, span_str(s->product.s)) == UINT32_MAX)
        return decide_refuse(d, "scope.product", "no product %s.", s->product.s);
    return true;
}

static bool check_origin(struct decision *d) {
    struct norm *n = &d->next;
    if (n->origin == ORIGIN_OWN)
        return !n->binding || decide_refuse(d, "binding", "our own norms bind nobody above us.");
    if (d->c->action != LEDGER_IMPORT)
        return decide_refuse(d, "origin", "norms of others are imported, with their document.");
    if (!n->source[0] || n->source_ms == NORM_NO_TIME || !n->document[0])
        return decide_refuse(d, "source",
                             "a norm of others needs source, source_date and document.");
    n->binding = n->binding || n->origin == ORIGIN_STATE || n->origin == ORIGIN_MINISTRY;
    return true;
}

static bool check_basis(struct decision *d) {
    const struct norm_basis *b = &d->next.basis;
    const int64_t least = d->l->conf->basis_min;
    if (b->kind == BASIS_STATISTICAL && d->c->action == LEDGER_PROPOSE && b->n < least)
        return decide_refuse(d, "basis.n",
                             "not enough basis: %lld observations, at least %lld are needed.",
                             (long long)(b->n < 0 ? 0 : b->n), (long long)least);
    if (b->kind == BASIS_STATISTICAL && d->c->action == LEDGER_PROPOSE &&
        (isnan(b->mean) || isnan(b->best)))
        return decide_refuse(d, isnan(b->mean) ? "basis.mean" : "basis.best",
                             "observations have a mean and a best that lasted: tell them.");
    if (b->reach < 0 || b->reach > 1)
        return decide_refuse(d, "basis.reach", "a reach is a share, from 0 to 1.");
    if (b->kind == BASIS_NONE && norm_is_own(&d->next))
        decide_warn(d, "it rests on no basis");
    return true;
}

bool check_content(struct decision *d) {
    const struct norm *n = &d->next;
    if (!check_names(d) || !check_subject(d) || !check_values(d) || !check_scope(d) ||
        !check_origin(d) || !check_basis(d))
        return false;
    for (size_t i = 0; i < n->condition_n; i++)
        if (n->condition[i].kind == NORM_CONDITION_COUNT || !n->condition[i].owner[0] ||
            !n->condition[i].evidence[0])
            return decide_refuse(d, "conditions", "a condition needs kind, evidence and owner.");
    if (n->from_ms == NORM_NO_TIME && d->c->action != LEDGER_DRAFT && n->state != NORM_DRAFT)
        return decide_refuse(d, "from", "a norm needs the date from which it is valid.");
    return true;
}
