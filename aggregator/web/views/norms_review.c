/* A review: of each norm its verdict with reasons, products without norms, norms without a basis,
 * steps that are overdue. */
#include <math.h>
#include <stdio.h>

#include "views/norms_impl.h"

static void reasons(struct json_writer *w, unsigned set) {
    field_array(w, "reasons");
    for (unsigned i = 0; i < REVIEW_REASONS; i++)
        if (set >> i & 1)
            json_writer_text(w, review_reason_text(i));
    json_writer_end_array(w);
}

static void figures(struct json_writer *w, const struct review_in *in) {
    field_int(w, "n", in->n);
    field_measured(w, "median", in->median);
    field_measured(w, "median_before", in->median_before);
    field_measured(w, "reach", in->reach);
    field_measured(w, "reach_before", in->reach_before);
    field_measured(w, "expected_reach", in->r0);
    field_measured(w, "age_months", in->age_months);
    field_measured(w, "effectiveness", in->effectiveness);
}

static void row(const struct norms_telling *t, const struct normed_review_row *r) {
    struct json_writer *w = t->w;
    const struct norm *n = r->norm;
    double value = NAN;
    if (n && n->kind == NORM_VALUE)
        (void)ledger_value(t->q.ledger, n, &value);
    json_writer_begin_object(w);
    field_text(w, "verdict", review_verdict_name((enum review_verdict)r->out.verdict));
    field_text(w, "class", norm_class_name((enum norm_class)r->norm_class));
    field_text(w, "indicator",
               n && n->indicator < INDICATOR_COUNT ? indicator_row((enum indicator)n->indicator)->id
                                                   : NULL);
    field_text(w, "node",
               n ? n->scope.node.s[0] ? n->scope.node.s : t->p->site.s : t->p->node[r->node].id.s);
    field_span(w, "product", n ? span_str(n->scope.product.s) : r->product);
    norms_norm(t, n, value);
    figures(w, &r->in);
    field_bool(w, "without_basis", r->without_basis);
    reasons(w, r->out.reasons);
    json_writer_end_object(w);
}

static void overdue(const struct norms_telling *t) {
    struct json_writer *w = t->w;
    char day[16];
    field_array(w, "overdue");
    for (size_t i = 0; i < ledger_count(t->q.ledger); i++) {
        const struct norm *n = ledger_at(t->q.ledger, i);
        if (!ledger_overdue(n, t->q.to_ms))
            continue;
        json_writer_begin_object(w);
        field_text(w, "id", n->id.s);
        field_text(w, "state", norm_state_name((enum norm_state)n->state));
        field_text(w, "owner", n->owner);
        field_time(w, "due", n->due_ms);
        ledger_day(t->q.ledger, n->due_ms, day);
        field_text(w, "due_day", day);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

enum err norms_review(struct norms_telling *t) {
    struct normed_review x;
    const enum err err = normed_review(&t->q, t->reader, &x);
    if (!err) {
        field_time(t->w, "period_begin", x.from_ms[0]);
        field_time(t->w, "period_before", x.from_ms[1]);
        field_time(t->w, "period_end", x.to_ms);
        field_array(t->w, "rows");
        for (size_t i = 0; i < x.n; i++)
            row(t, &x.row[i]);
        json_writer_end_array(t->w);
        overdue(t);
    }
    normed_review_fini(&x);
    return err;
}
