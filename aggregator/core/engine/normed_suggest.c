/* What history proposes: of the node's own team-shifts, tried on the last quarter. */
#include <math.h>

#include "engine/normed.h"

struct suggesting {
    const struct normed_query *q; /* as it was asked */
    struct normed_suggestion *out;
};

static enum err take(void *user, const struct team_shift *s) {
    struct suggesting *x = user;
    const struct normed_query *q = x->q;
    enum err err = ERR_OK;
    if (s->start_ms >= q->from_ms)
        err = observations_add(&x->out->seen, &observe_usual, q->indicator, s);
    if (!err && s->start_ms >= q->to_ms - NORMED_QUARTER_MS)
        err = observations_add(&x->out->quarter, &observe_usual, q->indicator, s);
    return err;
}

static bool is_around(const struct plant *p, const char *id, uint32_t node) {
    const uint32_t above = *id ? plant_find_node(p, id) : 0;
    while (node != UINT32_MAX && node != above)
        node = p->node[node].parent;
    return node != UINT32_MAX;
}

/* Whether a superior norm is of the scope that is asked for, or of one around it. */
static bool is_beside(const struct normed_query *q, const struct norm *n, int64_t t_ms) {
    return n->indicator == q->indicator && n->kind == NORM_VALUE && !norm_is_own(n) &&
           norm_holds(n, t_ms) && is_around(q->plant, n->scope.node.s, q->node) &&
           (!n->scope.product.s[0] || (q->product && strcmp(n->scope.product.s, q->product) == 0));
}

static void find_norms(const struct normed_query *q, struct normed_suggestion *out) {
    const struct team_shift last = {.node = q->node,
                                    .product = span_str(q->product ? q->product : ""),
                                    .team = span_str(q->team ? q->team : ""),
                                    .start_ms = q->to_ms - 1};
    struct attain_norm norm;
    const bool there = normed_at(q, &last, q->indicator, &norm, &out->in_force);
    out->in_force_value = there && !norm.band ? norm.value : NAN;
    for (size_t i = 0; i < ledger_count(q->ledger); i++) {
        const struct norm *n = ledger_at(q->ledger, i);
        double value = NAN;
        if (!is_beside(q, n, last.start_ms) || out->reference_n == NORMED_REFERENCES_MAX ||
            !ledger_value(q->ledger, n, &value))
            continue;
        out->reference[out->reference_n++] = (struct normed_reference){n, value};
    }
}

enum err normed_suggest(const struct normed_query *q, const struct history_reader *r,
                        struct normed_suggestion *out) {
    struct normed_query wide = *q;
    struct suggesting x = {q, out};
    *out = (struct normed_suggestion){0};
    if (wide.from_ms > q->to_ms - NORMED_QUARTER_MS)
        wide.from_ms = q->to_ms - NORMED_QUARTER_MS;
    enum err err = normed_each(&wide, r, true, &out->words, take, &x);
    if (err)
        return err;
    observations_sort(&out->seen);
    observations_sort(&out->quarter);
    find_norms(q, out);
    err = propose(q->plant, &out->seen, q->indicator, (enum norm_method)q->method,
                  out->in_force_value, &out->proposal);
    if (!err && isfinite(out->proposal.value) && out->proposal.verdict != PROPOSE_NOT_ENOUGH)
        err = propose_try(&out->quarter, q->indicator, out->proposal.value, out->in_force_value,
                          q->supplement, out->effect, &out->effect_n);
    return err;
}

void normed_suggestion_fini(struct normed_suggestion *s) {
    observations_fini(&s->seen);
    observations_fini(&s->quarter);
    normed_words_fini(&s->words);
}

static void fill_basis(const struct normed_query *q, const struct normed_suggestion *s,
                       struct norm_basis *b) {
    const struct proposal *x = &s->proposal;
    b->kind = BASIS_STATISTICAL;
    b->method = q->method;
    b->from_ms = q->from_ms;
    b->to_ms = q->to_ms;
    b->n = (int64_t)x->n;
    b->team_n = (int64_t)x->team_n;
    b->period_n = (int64_t)x->period_n;
    b->mean = x->mean;
    b->best = x->sustained;
    b->reach = x->reach;
    for (unsigned v = OBSERVE_USED + 1; v < OBSERVE_VERDICT_COUNT; v++)
        if (s->seen.seen[v] > 0 && b->exclusion_n < NORM_LIST_MAX)
            b->exclusion[b->exclusion_n++] = (struct norm_exclusion){
                observe_verdict_name((enum observe_verdict)v), (int64_t)s->seen.seen[v]};
}

void normed_suggestion_norm(const struct normed_query *q, const struct normed_suggestion *s,
                            struct norm *out) {
    norm_init(out);
    out->indicator = (uint8_t)q->indicator;
    out->norm_class = indicator_row(q->indicator)->norm_class;
    out->direction = indicator_row(q->indicator)->direction;
    out->scope.node = q->plant->node[q->node].id;
    (void)ident_set(&out->scope.product, span_str(q->product ? q->product : ""));
    (void)ident_set(&out->scope.team, span_str(q->team ? q->team : ""));
    out->value = s->proposal.value;
    out->unit = indicator_unit(q->plant, q->indicator);
    out->from_ms = norm_period_begin(q->plant, norm_period(q->plant, q->to_ms) + 1);
    fill_basis(q, s, &out->basis);
    for (size_t i = 0; i < s->reference_n && i < NORM_LIST_MAX; i++)
        out->reference[out->reference_n++] = (struct norm_reference){
            s->reference[i].norm->source, s->reference[i].value, s->reference[i].norm->source_ms};
}
