/* Which norm is in force: most specific first, never weaker than a binding one. */
#include <math.h>

#include "norm/ledger_impl.h"

void date_text(const struct ledger *l, int64_t t_ms, char text[16]) {
    struct utc_parts p =
        l->plant && l->plant->zone ? zone_local(l->plant->zone, t_ms) : utc_to_parts(t_ms);
    char full[UTC_TEXT];
    p.hour = p.minute = p.second = p.ms = 0;
    utc_format(utc_from_parts(&p), full);
    memcpy(text, full, 10);
    text[10] = 0;
}

/* --- the tree --------------------------------------------------------------------------------- */

static uint32_t parent_of(const struct ledger *l, uint32_t node) {
    const uint32_t up = l->plant->node[node].parent;
    return up < node ? up : UINT32_MAX;
}

static unsigned depth_of(const struct ledger *l, uint32_t node) {
    unsigned d = 0;
    for (uint32_t n = node; n < l->plant->node_n; n = parent_of(l, n))
        d++;
    return d;
}

bool node_covers(const struct ledger *l, uint32_t above, uint32_t below) {
    for (uint32_t n = below; n < l->plant->node_n; n = parent_of(l, n))
        if (n == above)
            return true;
    return false;
}

bool ledger_concerns(const struct ledger *l, const struct norm *n, uint32_t node) {
    const uint32_t of = ledger_node(l, n);
    return of < l->plant->node_n && (node_covers(l, of, node) || node_covers(l, node, of));
}

uint32_t ledger_node(const struct ledger *l, const struct norm *n) {
    if (!n->scope.node.s[0])
        return l->plant->node_n ? 0 : UINT32_MAX;
    return plant_find_node(l->plant, n->scope.node.s);
}

enum plant_level ledger_level(const struct ledger *l, const struct norm *n) {
    const uint32_t node = ledger_node(l, n);
    return node < l->plant->node_n ? (enum plant_level)l->plant->node[node].level : LEVEL_SITE;
}

/* --- strength --------------------------------------------------------------------------------- */

static bool weaker_value(double a, double b, uint8_t direction) {
    return direction == LOW_IS_BETTER ? a > b : a < b;
}

static bool outside(double x, const struct norm_values *band) {
    return x < band->low || x > band->high;
}

int is_weaker(const struct ledger *l, const struct norm *a, const struct norm *b) {
    struct norm_values x, y;
    const char *unit = b->indicator == INDICATOR_COUNT ? b->unit : NULL;
    if (!convert_norm(l, a, unit, &x) || !convert_norm(l, b, unit, &y))
        return -1;
    const bool band = a->kind == NORM_STANDARD;
    if (b->kind == NORM_STANDARD)
        return band ? outside(x.low, &y) || outside(x.high, &y) : outside(x.value, &y);
    const double worst = !band ? x.value : b->direction == LOW_IS_BETTER ? x.high : x.low;
    return weaker_value(worst, y.value, b->direction);
}

bool is_comparable(const struct norm *own, const struct norm *superior) {
    return strcmp(own->boundary, superior->boundary) == 0 &&
           (!superior->capacity_class[0] ||
            strcmp(own->capacity_class, superior->capacity_class) == 0);
}

/* --- the choice ------------------------------------------------------------------------------- */

static bool takes(const struct ident *id, const char *asked) {
    return !id->s[0] || (asked && strcmp(id->s, asked) == 0);
}

static bool fits(const struct ledger *l, const struct entry *e, const char *quantity,
                 const struct ledger_scope *of, int64_t t_ms) {
    const struct norm *n = &e->norm;
    return norm_holds(n, t_ms) && (norm_is_own(n) || n->binding) &&
           strcmp(n->quantity, quantity) == 0 && takes(&n->scope.product, of->product) &&
           takes(&n->scope.operation, of->operation) && takes(&n->scope.team, of->team) &&
           node_covers(l, e->node, of->node);
}

static bool decide_by(bool a, bool b, enum ledger_loss why, enum ledger_loss *out) {
    *out = why;
    return a != b;
}

/* Whether a comes before b; *why: what the other one lacks. */
static bool before(const struct ledger *l, const struct entry *a, const struct entry *b,
                   enum ledger_loss *why) {
    const struct norm *x = &a->norm, *y = &b->norm;
    if (decide_by(x->scope.product.s[0], y->scope.product.s[0], LOSS_OTHER_PRODUCT, why))
        return x->scope.product.s[0];
    if (decide_by(x->scope.operation.s[0], y->scope.operation.s[0], LOSS_OTHER_OPERATION, why))
        return x->scope.operation.s[0];
    const unsigned dx = depth_of(l, a->node), dy = depth_of(l, b->node);
    *why = LOSS_HIGHER_NODE;
    if (dx != dy)
        return dx > dy;
    if (decide_by(x->scope.team.s[0], y->scope.team.s[0], LOSS_ALL_TEAMS, why))
        return x->scope.team.s[0];
    if (decide_by(norm_is_own(x), norm_is_own(y), LOSS_SUPERIOR, why))
        return norm_is_own(x);
    *why = LOSS_WEAKER;
    if (is_weaker(l, x, y) == 1)
        return false;
    if (is_weaker(l, y, x) == 1)
        return true;
    *why = LOSS_OLDER;
    return x->from_ms != y->from_ms ? x->from_ms > y->from_ms : a->told > b->told;
}

static void note_loser(struct ledger_why *why, const struct entry *e, enum ledger_loss loss) {
    if (why->loser_n < LEDGER_LOSERS_MAX)
        why->loser[why->loser_n] = (struct ledger_loser){&e->norm, (uint8_t)loss};
    why->loser_n++;
}

static void note_losers(const struct ledger *l, const struct entries *of, const char *quantity,
                        const struct ledger_scope *scope, int64_t t_ms, const struct entry *best,
                        const struct entry *own, struct ledger_why *why) {
    for (size_t i = 0; i < of->n; i++) {
        const struct entry *e = of->at[i];
        enum ledger_loss loss = LOSS_WEAKER;
        if (e == best || !fits(l, e, quantity, scope, t_ms))
            continue;
        if (e != own)
            (void)before(l, own, e, &loss);
        note_loser(why, e, loss);
    }
}

bool beyond_best(const struct ledger *l, const struct norm *superior) {
    const uint32_t node = ledger_node(l, superior);
    const struct entries *of = &l->of[superior->indicator];
    for (size_t i = of->n; i-- > 0;) { /* the newest that tells a best */
        struct norm best = of->at[i]->norm;
        const bool same = &of->at[i]->norm == superior ||
                          (norm_is_own(&best) && norm_same_subject(&best, superior) &&
                           node_covers(l, node, of->at[i]->node) && is_comparable(&best, superior));
        if (!same || isnan(best.basis.best))
            continue;
        best.kind = NORM_VALUE;
        best.value = best.basis.best;
        return is_weaker(l, &best, superior) == 1;
    }
    return false;
}

static const struct norm *choose(const struct ledger *l, const struct entries *of,
                                 const char *quantity, const struct ledger_scope *scope,
                                 int64_t t_ms, struct ledger_why *why) {
    const struct entry *best = NULL, *own;
    enum ledger_loss loss;
    if (!l->plant || scope->node >= l->plant->node_n)
        return NULL;
    for (size_t i = 0; i < of->n; i++)
        if (fits(l, of->at[i], quantity, scope, t_ms) &&
            (!best || before(l, of->at[i], best, &loss)))
            best = of->at[i];
    if (!best)
        return NULL;
    own = best;
    for (size_t i = 0; i < of->n && norm_is_own(&own->norm); i++) {
        const struct entry *e = of->at[i];
        if (e->norm.binding && fits(l, e, quantity, scope, t_ms) &&
            is_comparable(&own->norm, &e->norm) && is_weaker(l, &best->norm, &e->norm) == 1)
            best = e;
    }
    if (!why)
        return &best->norm;
    why->bound = best != own;
    why->plan_required = !norm_is_own(&best->norm) && beyond_best(l, &best->norm);
    note_losers(l, of, quantity, scope, t_ms, best, own, why);
    return &best->norm;
}

static const struct norm *in_force(const struct ledger *l, enum indicator i, const char *quantity,
                                   const struct ledger_scope *scope, int64_t t_ms,
                                   struct ledger_why *why) {
    if (why)
        *why = (struct ledger_why){0};
    const struct norm *n = choose(l, &l->of[i], quantity, scope, t_ms, why);
    if (why)
        why->chosen = n;
    return n;
}

const struct norm *ledger_in_force(const struct ledger *l, enum indicator i,
                                   const struct ledger_scope *of, int64_t t_ms,
                                   struct ledger_why *why) {
    return in_force(l, i, "", of, t_ms, why);
}

const struct norm *ledger_in_force_of(const struct ledger *l, const char *quantity,
                                      const struct ledger_scope *of, int64_t t_ms,
                                      struct ledger_why *why) {
    return in_force(l, INDICATOR_COUNT, quantity, of, t_ms, why);
}

const char *ledger_loss_text(enum ledger_loss w) {
    static const char *const text[LEDGER_LOSS_COUNT] = {
        [LOSS_OTHER_PRODUCT] = "is of all products, the chosen one of this one",
        [LOSS_OTHER_OPERATION] = "is of all operations, the chosen one of this one",
        [LOSS_HIGHER_NODE] = "is of a node farther up",
        [LOSS_ALL_TEAMS] = "is of all teams, the chosen one of this one",
        [LOSS_SUPERIOR] = "is superior, and our own is not weaker",
        [LOSS_WEAKER] = "is weaker",
        [LOSS_OLDER] = "is older",
    };
    return w < LEDGER_LOSS_COUNT ? text[w] : "";
}

const struct norm *revised_by(const struct decision *d) {
    const struct norm *n = &d->next;
    const struct ledger *l = d->l;
    const struct entries *of = &l->of[n->indicator];
    const struct ledger_scope scope = {ledger_node(l, n), n->scope.product.s, n->scope.operation.s,
                                       n->scope.team.s};
    const int64_t t_ms = n->from_ms == NORM_NO_TIME ? d->now_ms : n->from_ms;
    const struct entry *best = NULL;
    enum ledger_loss loss;
    for (size_t i = 0; i < of->n && scope.node < l->plant->node_n; i++)
        if (norm_is_own(&of->at[i]->norm) && fits(l, of->at[i], n->quantity, &scope, t_ms) &&
            (!best || before(l, of->at[i], best, &loss)))
            best = of->at[i];
    return best ? &best->norm : NULL;
}
