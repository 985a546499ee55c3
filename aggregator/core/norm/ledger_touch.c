/* What a norm would take the place of: of each of ours that it touches, where and from when on. */
#include <stdlib.h>

#include "norm/ledger_impl.h"

/* --- which of ours holds ------------------------------------------------------------------------
 */

const struct entry *own_at(const struct ledger *l, const struct entries *of, const char *quantity,
                           const struct ledger_scope *scope, int64_t t_ms) {
    const struct entry *best = NULL;
    enum ledger_loss loss;
    for (size_t i = 0; i < of->n && scope->node < l->plant->node_n; i++)
        if (norm_is_own(&of->at[i]->norm) && entry_fits(l, of->at[i], quantity, scope, t_ms) &&
            (!best || entry_before(l, of->at[i], best, &loss)))
            best = of->at[i];
    return best;
}

static bool has_held(const struct norm *n) {
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): each of a list's n places has an entry
    return n->state == NORM_APPROVED && n->from_ms < n->to_ms;
}

/* The one that held there last, where none does at t; NULL: none ever did. */
static const struct entry *last_before(const struct ledger *l, const struct entries *of,
                                       const char *quantity, const struct ledger_scope *scope,
                                       int64_t t_ms) {
    int64_t last = NORM_NO_TIME;
    for (size_t i = 0; i < of->n && scope->node < l->plant->node_n; i++) {
        const struct norm *w = &of->at[i]->norm;
        if (norm_is_own(w) && has_held(w) && w->to_ms <= t_ms && w->to_ms > last &&
            entry_fits(l, of->at[i], quantity, scope, w->to_ms - 1))
            last = w->to_ms;
    }
    return last == NORM_NO_TIME ? NULL : own_at(l, of, quantity, scope, last - 1);
}

const struct entry *stood_at(const struct ledger *l, const struct entries *of, const char *quantity,
                             const struct ledger_scope *scope, int64_t t_ms) {
    const struct entry *e = own_at(l, of, quantity, scope, t_ms);
    return e ? e : last_before(l, of, quantity, scope, t_ms);
}

/* --- what two have in common --------------------------------------------------------------------
 */

static bool meet(const struct ident *a, const struct ident *b) {
    return !a->s[0] || !b->s[0] || ident_equal(a, b);
}

/* Whether the operation that only one of them names is ever done where both are. */
static bool operations_meet(const struct ledger *l, const struct entry *a, const struct entry *b) {
    const struct norm_scope *x = &a->norm.scope, *y = &b->norm.scope;
    const struct ident *named = x->operation.s[0] ? &x->operation : &y->operation;
    if (!meet(&x->operation, &y->operation))
        return false;
    if (x->operation.s[0] == y->operation.s[0]) /* both name it, or none does */
        return true;
    const uint32_t node = node_covers(l, a->node, b->node) ? b->node : a->node;
    const struct ident *product = x->product.s[0] ? &x->product : &y->product;
    for (size_t i = 0; i < l->plant->work_n; i++) {
        const struct plant_work *w = &l->plant->work[i];
        if (ident_equal(&l->plant->operation[w->operation].id, named) &&
            node_covers(l, node, l->plant->unit[w->unit].node) &&
            (!product->s[0] || w->product == UINT32_MAX ||
             ident_equal(&l->plant->product[w->product].id, product)))
            return true;
    }
    return false;
}

bool scopes_meet(const struct ledger *l, const struct entry *a, const struct entry *b) {
    const struct norm_scope *x = &a->norm.scope, *y = &b->norm.scope;
    return a->node < l->plant->node_n && b->node < l->plant->node_n &&
           meet(&x->product, &y->product) && meet(&x->team, &y->team) &&
           (node_covers(l, a->node, b->node) || node_covers(l, b->node, a->node)) &&
           operations_meet(l, a, b);
}

static const char *narrower(const struct ident *a, const struct ident *b) {
    return a->s[0] ? a->s : b->s;
}

struct ledger_scope common_scope(const struct ledger *l, const struct entry *a,
                                 const struct entry *b) {
    const struct norm_scope *x = &a->norm.scope, *y = &b->norm.scope;
    return (struct ledger_scope){
        node_covers(l, a->node, b->node) ? b->node : a->node, narrower(&x->product, &y->product),
        narrower(&x->operation, &y->operation), narrower(&x->team, &y->team)};
}

/* --- what is touched ----------------------------------------------------------------------------
 */

/* Until when d->next would hold: until the next of its chain that is approved. */
static int64_t end_of(const struct decision *d) {
    const struct entries *of = &d->l->of[d->next.indicator];
    int64_t to_ms = d->next.withdrawn_ms == NORM_NO_TIME ? NORM_FOR_GOOD : d->next.withdrawn_ms;
    for (size_t i = 0; i < of->n; i++) {
        const struct norm *w = &of->at[i]->norm;
        if (has_held(w) && norm_same_chain(w, &d->next) && w->from_ms > d->next.from_ms &&
            w->from_ms < to_ms)
            to_ms = w->from_ms;
    }
    return to_ms;
}

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* The first moment of [from, to) at which it is e that holds in the scope: what hid it may end in
 * between. NORM_NO_TIME: there is none. */
static int64_t held_from(const struct decision *d, const struct entry *e,
                         const struct ledger_scope *scope, int64_t from_ms, int64_t to_ms) {
    const struct ledger *l = d->l;
    const struct entries *of = &l->of[d->next.indicator];
    int64_t first = NORM_NO_TIME;
    if (from_ms < to_ms && own_at(l, of, e->norm.quantity, scope, from_ms) == e)
        return from_ms;
    for (size_t i = 0; i < of->n; i++) {
        const int64_t t = of->at[i]->norm.to_ms;
        if (t > from_ms && t < to_ms && (first == NORM_NO_TIME || t < first) &&
            entry_fits(l, of->at[i], e->norm.quantity, scope, t - 1) &&
            own_at(l, of, e->norm.quantity, scope, t) == e)
            first = t;
    }
    return first;
}

static bool find_touch(const struct decision *d, const struct entry *next, const struct entry *e,
                       int64_t to_ms, struct touch *out) {
    const struct ledger *l = d->l;
    const struct norm *w = &e->norm;
    const int64_t from_ms = d->next.from_ms == NORM_NO_TIME ? d->now_ms : d->next.from_ms;
    enum ledger_loss loss;
    if (&e->norm == d->was || !norm_is_own(w) || !has_held(w) || !norm_same_subject(w, &d->next) ||
        !scopes_meet(l, next, e) ||
        !(norm_same_chain(w, &d->next) || entry_before(l, next, e, &loss)))
        return false;
    *out = (struct touch){e, common_scope(l, next, e), from_ms, to_ms};
    if (w->to_ms > from_ms) {
        out->to_ms = w->to_ms < to_ms ? w->to_ms : to_ms;
        out->t_ms = held_from(d, e, &out->of, later(from_ms, w->from_ms), out->to_ms);
        return out->t_ms != NORM_NO_TIME;
    }
    return stood_at(l, &l->of[d->next.indicator], w->quantity, &out->of, from_ms) == e;
}

void each_touched(struct decision *d, touch_take take, void *user) {
    const struct entries *of = &d->l->of[d->next.indicator];
    const struct entry next = {.norm = d->next, .node = ledger_node(d->l, &d->next)};
    const int64_t to_ms = end_of(d);
    struct touch t;
    for (size_t i = 0; i < of->n; i++)
        if (find_touch(d, &next, of->at[i], to_ms, &t))
            take(d, &t, user);
}

/* --- the past ----------------------------------------------------------------------------------
 */

/* A ledger is filled in any order; what came within the same day is no past of it. */
static bool just_learnt(const struct decision *d, const struct entry *e) {
    return d->now_ms - e->held_ms < UTC_DAY_MS;
}

const struct norm *rewritten_by(const struct decision *d) {
    const struct ledger *l = d->l;
    const struct entries *of = &l->of[d->next.indicator];
    const struct entry next = {.norm = d->next, .node = ledger_node(l, &d->next)};
    const int64_t end_ms = end_of(d), to_ms = end_ms < d->now_ms ? end_ms : d->now_ms;
    enum ledger_loss loss;
    for (size_t i = 0; i < of->n; i++) {
        const struct entry *e = of->at[i];
        const struct norm *w = &e->norm;
        const int64_t from = later(later(w->from_ms, e->held_ms), d->next.from_ms);
        if (w->state == NORM_APPROVED && norm_is_own(w) && !just_learnt(d, e) && from < w->to_ms &&
            from < to_ms && norm_same_subject(w, &d->next) && !norm_same_chain(w, &d->next) &&
            scopes_meet(l, &next, e) && entry_before(l, &next, e, &loss))
            return w;
    }
    return NULL;
}

/* --- withdrawing --------------------------------------------------------------------------------
 */

/* The subject as it were without e from t on: those of its chain are other ones then. */
static enum err without(const struct ledger *l, const struct entry *e, int64_t t_ms,
                        struct entries *out) {
    const struct entries *of = &l->of[e->norm.indicator];
    size_t n = 0;
    for (size_t i = 0; i < of->n; i++)
        n += norm_same_chain(&of->at[i]->norm, &e->norm);
    struct entry *copy = malloc((n + 1) * sizeof *copy);
    *out = (struct entries){.at = malloc((of->n + 1) * sizeof(struct entry *)), .n = of->n};
    if (!copy || !out->at) {
        free(copy);
        free(out->at);
        return ERR_NOMEM;
    }
    out->at[of->n] = copy; /* to be freed, and no entry */
    for (size_t i = 0; i < of->n; i++) {
        out->at[i] = of->at[i];
        if (!norm_same_chain(&of->at[i]->norm, &e->norm))
            continue;
        *copy = *of->at[i];
        if (of->at[i] == e)
            copy->norm.withdrawn_ms = t_ms;
        out->at[i] = copy++;
    }
    link_chain(out, &e->norm);
    return ERR_OK;
}

static void free_without(struct entries *x) {
    free(x->at[x->n]);
    free(x->at);
}

struct comparing {
    const struct ledger *l;
    const struct entry *e;
    const struct entries *before, *after;
    struct withdrawal *out;
};

static void hold_against(struct comparing *x, const struct ledger_scope *scope, int64_t t_ms) {
    const char *quantity = x->e->norm.quantity;
    const struct norm *was = choose(x->l, x->before, quantity, scope, t_ms, NULL),
                      *then = choose(x->l, x->after, quantity, scope, t_ms, NULL);
    if (!was || was == then)
        return;
    if (!then) {
        x->out->looser = true;
        return;
    }
    const int weaker = is_weaker(x->l, then, was), stronger = is_weaker(x->l, was, then);
    x->out->looser = x->out->looser || weaker != 0; /* what can't be compared is both */
    x->out->tighter = x->out->tighter || stronger != 0;
    if ((weaker || stronger) && norm_is_own(then) && !x->out->instead)
        x->out->instead = ledger_find(x->l, then->id.s);
}

/* A scope that both are of shows whether the other one comes up where e held (ledger_touch.c: what
 * is chosen anywhere of both is chosen where they meet). */
static void each_moment(struct comparing *x, const struct ledger_scope *scope, int64_t from_ms) {
    hold_against(x, scope, from_ms);
    for (size_t i = 0; i < x->before->n; i++) {
        const struct entry *one = x->before->at[i];
        const struct norm *n = &one->norm;
        if (!entry_fits(x->l, one, x->e->norm.quantity, scope, later(from_ms, n->from_ms)))
            continue;
        if (n->from_ms > from_ms && n->from_ms < x->e->norm.to_ms)
            hold_against(x, scope, n->from_ms);
        if (n->to_ms < x->e->norm.to_ms)
            hold_against(x, scope, n->to_ms);
    }
}

struct withdrawal withdrawal_of(const struct ledger *l, const struct norm *n, int64_t t_ms) {
    const struct entries *of = &l->of[n->indicator];
    const struct entry *e = ledger_index_find(&l->by_id, n->id.s);
    struct withdrawal out = {false, false, NULL};
    struct entries after;
    const int64_t from_ms = later(t_ms, n->from_ms);
    if (e->node >= l->plant->node_n)
        return out; /* of no node of this plant: it holds nowhere */
    if (without(l, e, t_ms, &after))
        return (struct withdrawal){true, true, NULL};
    struct comparing x = {l, e, of, &after, &out};
    for (size_t i = 0; i < of->n && from_ms < n->to_ms; i++)
        if (norm_same_subject(&of->at[i]->norm, n) && scopes_meet(l, e, of->at[i])) {
            const struct ledger_scope s = common_scope(l, e, of->at[i]);
            each_moment(&x, &s, from_ms);
        }
    free_without(&after);
    return out;
}
