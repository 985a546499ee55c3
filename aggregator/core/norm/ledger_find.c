/* Which norm is in force: most specific first, never weaker than a binding one. */
#include <math.h>

#include "norm/ledger_impl.h"

void ledger_day(const struct ledger *l, int64_t t_ms, char text[16]) {
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

/* By more than a conversion loses. */
static bool exceeds(double a, double b) {
    return a - b > 1e-12 * fmax(fabs(a), fabs(b));
}

static bool weaker_value(double a, double b, uint8_t direction) {
    return direction == LOW_IS_BETTER ? exceeds(a, b) : exceeds(b, a);
}

static bool outside(double x, const struct norm_values *band) {
    return exceeds(band->low, x) || exceeds(x, band->high);
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

/* What names none is of all of them. */
static bool overlap(const char *a, const char *b) {
    return !*a || !*b || name_same(a, b);
}

bool is_comparable(const struct norm *a, const struct norm *b) {
    return overlap(a->boundary, b->boundary) && overlap(a->capacity_class, b->capacity_class);
}

/* --- the choice ------------------------------------------------------------------------------- */

static bool takes(const struct ident *id, const char *asked) {
    return !id->s[0] || (asked && strcmp(id->s, asked) == 0);
}

bool entry_fits(const struct ledger *l, const struct entry *e, const char *quantity,
                const struct ledger_scope *of, int64_t t_ms) {
    const struct norm *n = &e->norm;
    return norm_holds(n, t_ms) && (norm_is_own(n) || n->binding) &&
           name_same(n->quantity, quantity) && takes(&n->scope.product, of->product) &&
           takes(&n->scope.operation, of->operation) && takes(&n->scope.team, of->team) &&
           node_covers(l, e->node, of->node);
}

static bool decide_by(bool a, bool b, enum ledger_loss why, enum ledger_loss *out) {
    *out = why;
    return a != b;
}

/* Whether a comes before b; *why: what the other one lacks. */
bool entry_before(const struct ledger *l, const struct entry *a, const struct entry *b,
                  enum ledger_loss *why) {
    const struct norm *x = &a->norm, *y = &b->norm;
    if (decide_by(norm_is_own(x), norm_is_own(y), LOSS_SUPERIOR, why))
        return norm_is_own(x);
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
        if (e == best || !entry_fits(l, e, quantity, scope, t_ms))
            continue;
        if (e != own)
            (void)entry_before(l, own, e, &loss);
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

/* The end that is worse, in the unit of `of` and by its direction. False: no conversion. */
static bool worse_end(const struct ledger *l, const struct norm *n, const struct norm *of,
                      double *x) {
    struct norm_values v;
    if (!convert_norm(l, n, of->indicator == INDICATOR_COUNT ? of->unit : NULL, &v))
        return false;
    *x = n->kind == NORM_VALUE ? v.value : of->direction == LOW_IS_BETTER ? v.high : v.low;
    return true;
}

/* Ours yields to what binds unless it is known to be no weaker. Also of superior norms one that is
 * more specific does not free of a stricter one for the same; where two contradict each other, such
 * as a value outside of a band, it is the one whose worse end is the better one. */
static bool yields(const struct ledger *l, const struct norm *chosen, const struct norm *binding) {
    const int weaker = is_weaker(l, chosen, binding);
    double a, b;
    if (norm_is_own(chosen) || weaker != 1)
        return weaker != 0 && norm_is_own(chosen);
    if (is_weaker(l, binding, chosen) != 1)
        return true;
    return worse_end(l, chosen, binding, &a) && worse_end(l, binding, binding, &b) &&
           weaker_value(a, b, binding->direction);
}

/* What holds in the place of the chosen one. Of what boundary a figure is only ours would say:
 * where there is none of ours, all of them bind. It ends, for each step is to a better worse end or
 * into a band within. */
static const struct entry *strictest(const struct ledger *l, const struct entries *of,
                                     const char *quantity, const struct ledger_scope *scope,
                                     int64_t t_ms, const struct entry *chosen) {
    const struct entry *best = chosen;
    bool again = true;
    for (size_t pass = 0; again && pass <= of->n; pass++) {
        again = false;
        for (size_t i = 0; i < of->n; i++) {
            const struct entry *e = of->at[i];
            if (e == best || !e->norm.binding || !entry_fits(l, e, quantity, scope, t_ms) ||
                (norm_is_own(&chosen->norm) && !is_comparable(&chosen->norm, &e->norm)) ||
                !yields(l, &best->norm, &e->norm))
                continue;
            best = e;
            again = true;
        }
    }
    return best;
}

const struct norm *choose(const struct ledger *l, const struct entries *of, const char *quantity,
                          const struct ledger_scope *scope, int64_t t_ms, struct ledger_why *why) {
    const struct entry *best = NULL, *own;
    enum ledger_loss loss;
    if (!l->plant || scope->node >= l->plant->node_n)
        return NULL;
    for (size_t i = 0; i < of->n; i++)
        if (entry_fits(l, of->at[i], quantity, scope, t_ms) &&
            (!best || entry_before(l, of->at[i], best, &loss)))
            best = of->at[i];
    if (!best)
        return NULL;
    own = best;
    best = strictest(l, of, quantity, scope, t_ms, own);
    if (!why)
        return &best->norm;
    why->bound = best != own;
    why->plan_required = !norm_is_own(&best->norm) && beyond_best(l, &best->norm);
    note_losers(l, of, quantity, scope, t_ms, best, own, why);
    return &best->norm;
}

static struct ledger_scope with_operation(const struct ledger *l, const struct ledger_scope *of,
                                          int64_t t_ms) {
    const struct plant *p = l->plant;
    struct ledger_scope out = *of;
    if (!p || of->node >= p->node_n || (of->operation && *of->operation))
        return out;
    const uint32_t unit = p->node[of->node].unit;
    const struct plant_operation *o =
        unit < p->unit_n
            ? plant_operation_at(p, unit, span_str(of->product ? of->product : ""), t_ms)
            : NULL;
    out.operation = o ? o->id.s : NULL;
    return out;
}

static const struct norm *in_force(const struct ledger *l, enum indicator i, const char *quantity,
                                   const struct ledger_scope *scope, int64_t t_ms,
                                   struct ledger_why *why) {
    if (why)
        *why = (struct ledger_why){0};
    const struct ledger_scope of = with_operation(l, scope, t_ms);
    const struct norm *n = choose(l, &l->of[i], quantity, &of, t_ms, why);
    if (why) {
        why->chosen = n;
        why->operation = of.operation;
    }
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
