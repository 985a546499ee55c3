/* Reviews: of each norm, what the team-shifts of the last two whole months say of it, and what runs
 * without a norm. A shift counts for the norm that was in force at its begin. */
#include <math.h>
#include <stdlib.h>

#include "engine/normed.h"
#include "norm/review.h"

#define MONTH_MS ((double)UTC_DAY_MS * 365.2425 / 12)

struct reviewing {
    const struct normed_query *q;
    struct normed_review *out;
    size_t norm_n; /* rows of norms stand first */
};

/* --- periods ------------------------------------------------------------------------------------
 */

static void set_periods(const struct normed_query *q, struct normed_review *out) {
    const int32_t month = norm_period(q->plant, q->to_ms);
    out->to_ms = norm_period_begin(q->plant, month);
    out->from_ms[0] = norm_period_begin(q->plant, month - 1);
    out->from_ms[1] = norm_period_begin(q->plant, month - 2);
}

/* --- rows ---------------------------------------------------------------------------------------
 */

static struct normed_review_row *add_row(struct normed_review *x) {
    if (x->n == x->cap) {
        const size_t cap = x->cap ? x->cap * 2 : 32;
        struct normed_review_row *row = realloc(x->row, cap * sizeof *row);
        if (!row)
            return NULL;
        x->row = row;
        x->cap = cap;
    }
    x->row[x->n] = (struct normed_review_row){.node = UINT32_MAX};
    return &x->row[x->n++];
}

static bool is_below(const struct plant *p, uint32_t node, uint32_t above) {
    for (; node != UINT32_MAX; node = p->node[node].parent)
        if (node == above)
            return true;
    return false;
}

/* Of a norm without a node the site: it is meant for each unit. */
static uint32_t node_of(const struct plant *p, const struct norm *n) {
    return n->scope.node.s[0] ? plant_find_node(p, n->scope.node.s) : 0;
}

/* Norms of others bind or are looked at; they are reviewed where they were made. */
static bool is_reviewed(const struct normed_query *q, const struct norm *n, int64_t at_ms) {
    const uint32_t node = node_of(q->plant, n);
    return norm_is_own(n) && norm_holds(n, at_ms) && node != UINT32_MAX &&
           is_below(q->plant, node, q->node);
}

static enum err add_norms(struct reviewing *x) {
    const struct ledger *l = x->q->ledger;
    for (size_t i = 0; i < ledger_count(l); i++) {
        const struct norm *n = ledger_at(l, i);
        if (!is_reviewed(x->q, n, x->q->to_ms - 1))
            continue;
        struct normed_review_row *row = add_row(x->out);
        if (!row)
            return ERR_NOMEM;
        row->norm = n;
        row->norm_class = n->norm_class;
        row->without_basis = n->basis.kind == BASIS_NONE;
    }
    x->norm_n = x->out->n;
    return ERR_OK;
}

static enum err add_ratio(struct normed_review_row *row, unsigned period, double ratio) {
    if (row->ratio_n[period] == row->ratio_cap[period]) {
        const size_t cap = row->ratio_cap[period] ? row->ratio_cap[period] * 2 : 32;
        double *at = realloc(row->ratio[period], cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        row->ratio[period] = at;
        row->ratio_cap[period] = cap;
    }
    row->ratio[period][row->ratio_n[period]++] = ratio;
    row->meet[period] += ratio >= 1 - 1e-12;
    return ERR_OK;
}

/* --- shifts -------------------------------------------------------------------------------------
 */

/* Attainment of one shift with conditions held; of a band 1 within it and 0 outside. */
static enum err add_shift(struct normed_review_row *row, unsigned period, enum indicator i,
                          const struct team_shift *s, const struct attain_norm *norm) {
    const struct indicator_value v = indicator_of(i, s->held);
    struct attain_sums one = {0};
    attain_add(&one, i, norm, v.numerator, v.denominator);
    if (period == 0)
        sums_add(&row->sums, s->held);
    return add_ratio(row, period, attain_ratio(&one, i, norm->band));
}

static bool observed(enum indicator i, const struct team_shift *s) {
    struct observation o;
    const enum observe_verdict v = observe_judge(&observe_usual, i, s, &o);
    return v == OBSERVE_USED || (v == OBSERVE_ZERO && s->held && indicator_of(i, s->held).defined);
}

static struct normed_review_row *without(struct reviewing *x, const struct team_shift *s,
                                         enum norm_class c) {
    for (size_t k = x->norm_n; k < x->out->n; k++) {
        struct normed_review_row *row = &x->out->row[k];
        if (row->node == s->node && row->norm_class == c && span_equal(row->product, s->product))
            return row;
    }
    struct normed_review_row *row = add_row(x->out);
    if (row) {
        row->node = s->node;
        row->product = s->product;
        row->norm_class = (uint8_t)c;
    }
    return row;
}

/* The product is made, and nothing of the class has a norm though its lead indicator is measured.
 */
static enum err note_missing(struct reviewing *x, const struct team_shift *s, unsigned period,
                             const bool normed[CLASS_COUNT]) {
    for (unsigned c = 0; c < CLASS_COUNT; c++) {
        const enum indicator lead = indicator_lead((enum norm_class)c);
        if (normed[c] || !observed(lead, s))
            continue;
        struct normed_review_row *row = without(x, s, (enum norm_class)c);
        const enum err err = row ? add_ratio(row, period, NAN) : ERR_NOMEM;
        if (err)
            return err;
    }
    return ERR_OK;
}

/* A norm of a line is of the line's own figures, whoever inherits it. */
static struct normed_review_row *row_of(struct reviewing *x, const struct norm *n, uint32_t node) {
    if (n->scope.node.s[0] && node_of(x->q->plant, n) != node)
        return NULL;
    for (size_t k = 0; k < x->norm_n; k++)
        if (x->out->row[k].norm == n)
            return &x->out->row[k];
    return NULL;
}

static enum err take(void *user, const struct team_shift *s) {
    struct reviewing *x = user;
    const unsigned period = s->start_ms >= x->out->from_ms[0] ? 0 : 1;
    bool normed[CLASS_COUNT] = {false};
    enum err err = ERR_OK;
    if (s->product.n == 0 || s->team.n == 0)
        return ERR_OK;
    for (unsigned k = 0; k < INDICATOR_COUNT && !err; k++) {
        const enum indicator i = (enum indicator)k;
        struct attain_norm norm;
        const struct norm *n = NULL;
        if (!indicator_applies(x->q->plant, i) || !normed_at(x->q, s, i, &norm, &n))
            continue;
        normed[indicator_row(i)->norm_class] = true;
        struct normed_review_row *row = n ? row_of(x, n, s->node) : NULL;
        if (row && observed(i, s))
            err = add_shift(row, period, i, s, &norm);
    }
    const bool is_unit = x->q->plant->node[s->node].level == LEVEL_UNIT;
    return err || !is_unit ? err : note_missing(x, s, period, normed);
}

/* --- verdicts -----------------------------------------------------------------------------------
 */

static int ascending(const void *x, const void *y) {
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static double median(double *at, size_t n) {
    if (n > 1)
        qsort(at, n, sizeof *at, ascending);
    return attain_quantile(at, n, 0.5);
}

static double share(size_t part, size_t n) {
    return n ? (double)part / (double)n : NAN;
}

/* Binding norms of the subject that came after ours; a cycle that was set anew at our node or below
 * it. What else changed, people say. */
static unsigned changes(const struct reviewing *x, const struct norm *n) {
    const struct plant *p = x->q->plant;
    const uint32_t node = node_of(p, n);
    unsigned found = 0;
    for (size_t i = 0; i < ledger_count(x->q->ledger); i++) {
        const struct norm *other = ledger_at(x->q->ledger, i);
        if (other->binding && norm_same_subject(other, n) && other->from_ms > n->from_ms &&
            norm_holds(other, x->out->to_ms))
            found |= REASON_SUPERIOR;
    }
    for (uint32_t u = 0; u < p->unit_n; u++) {
        const struct plant_unit *unit = &p->unit[u];
        for (size_t k = 0; k < unit->ideal_n && is_below(p, unit->node, node); k++) {
            const struct plant_ideal *c = &unit->ideal[k];
            const bool its = !n->scope.product.s[0] ||
                             ident_equal(&p->product[c->product].id, &n->scope.product);
            if (its && c->from_ms > n->from_ms && c->from_ms < x->out->to_ms)
                found |= REASON_PROCESS;
        }
    }
    return found;
}

static double effectiveness(const struct normed_review_row *row) {
    const struct indicator_value v = indicator_of(IND_EFFECTIVENESS, &row->sums);
    return v.defined && v.coverage >= STATUS_COVERAGE_MIN ? v.value : NAN;
}

static void judge(const struct reviewing *x, struct normed_review_row *row) {
    struct review_in *in = &row->in;
    const struct norm *n = row->norm;
    in->has_norm = n != NULL;
    in->n = (int64_t)row->ratio_n[0];
    in->median = in->median_before = in->reach = in->reach_before = NAN;
    in->r0 = in->age_months = in->effectiveness = NAN;
    if (n) {
        in->median = median(row->ratio[0], row->ratio_n[0]);
        in->median_before = median(row->ratio[1], row->ratio_n[1]);
        in->reach = share(row->meet[0], row->ratio_n[0]);
        in->reach_before = share(row->meet[1], row->ratio_n[1]);
        in->r0 = n->basis.reach;
        in->age_months = (double)(x->out->to_ms - n->from_ms) / MONTH_MS;
        in->effectiveness = n->norm_class == CLASS_EQUIPMENT ? effectiveness(row) : NAN;
        in->changed = changes(x, n);
    }
    row->out = review(in, &review_defaults);
}

/* Units one by one, then lines and areas that have norms of their own. */
static enum err read_shifts(struct reviewing *x, struct normed_query *span,
                            const struct history_reader *r) {
    const struct plant *p = span->plant;
    const uint32_t asked = span->node;
    enum err err = normed_each(span, r, false, &x->out->words, take, x);
    for (uint32_t node = 0; node < p->node_n && !err; node++) {
        bool has = false;
        for (size_t k = 0; k < x->norm_n && p->node[node].level != LEVEL_UNIT; k++)
            has = has ||
                  (x->out->row[k].norm->scope.node.s[0] && node_of(p, x->out->row[k].norm) == node);
        if (!has)
            continue;
        span->node = node;
        err = normed_each(span, r, true, &x->out->words, take, x);
    }
    span->node = asked;
    return err;
}

enum err normed_review(const struct normed_query *q, const struct history_reader *r,
                       struct normed_review *out) {
    struct normed_query span = *q;
    struct reviewing x = {.q = &span, .out = out};
    *out = (struct normed_review){0};
    set_periods(q, out);
    enum err err = add_norms(&x);
    span.from_ms = out->from_ms[1];
    span.to_ms = out->to_ms;
    if (!err)
        err = read_shifts(&x, &span, r);
    for (size_t k = 0; k < out->n && !err; k++)
        judge(&x, &out->row[k]);
    return err;
}

void normed_review_fini(struct normed_review *x) {
    for (size_t k = 0; k < x->n; k++) {
        free(x->row[k].ratio[0]);
        free(x->row[k].ratio[1]);
    }
    free(x->row);
    normed_words_fini(&x->words);
}
