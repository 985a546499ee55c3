/* A suggestion: what it rests on, what it says, what it would have meant. */
#include <math.h>
#include <stdio.h>

#include "norm/field.h"
#include "views/norms_impl.h"

/* The newest ones, oldest first, in the indicator's unit: what a reader draws the proposal over. */
static void each(const struct norms_telling *t, const struct observations *o) {
    enum { EACH_MAX = 1000 };
    field_array(t->w, "each");
    for (size_t i = o->n > EACH_MAX ? o->n - EACH_MAX : 0; i < o->n; i++) {
        const struct observation *x = &o->at[i];
        json_writer_begin_object(t->w);
        norms_key(t, x->node, x->product, x->team);
        field_time(t->w, "start", x->start_ms);
        field_measured(t->w, "value", domain_publish(t->q.indicator, x->value));
        json_writer_end_object(t->w);
    }
    json_writer_end_array(t->w);
}

static void observations(const struct norms_telling *t, const char *key,
                         const struct observations *o, bool whole) {
    struct json_writer *w = t->w;
    field_object(w, key);
    field_count(w, "used", o->n);
    field_object(w, "dropped");
    for (unsigned v = OBSERVE_USED + 1; v < OBSERVE_VERDICT_COUNT; v++)
        field_count(w, observe_verdict_name((enum observe_verdict)v), o->seen[v]);
    json_writer_end_object(w);
    if (whole)
        each(t, o);
    json_writer_end_object(w);
}

static void proposal(struct json_writer *w, const struct proposal *x) {
    field_text(w, "verdict", propose_verdict_name(x->verdict));
    field_object(w, "proposal");
    field_measured(w, "value", x->value);
    field_measured(w, "mean", x->mean);
    field_measured(w, "better_mean", x->better);
    field_count(w, "better", x->better_n);
    field_measured(w, "best", x->best);
    field_measured(w, "best_sustained", x->sustained);
    field_measured(w, "growth", x->growth);
    field_measured(w, "reach", x->reach);
    field_measured(w, "reach_now", x->reach_now);
    field_count(w, "teams", x->team_n);
    field_count(w, "periods", x->period_n);
    field_count(w, "products", x->product_n);
    field_bool(w, "tightens", x->tightens);
    json_writer_end_object(w);
}

static void references(const struct norms_telling *t, const struct normed_suggestion *s) {
    field_array(t->w, "references");
    for (size_t i = 0; i < s->reference_n; i++) {
        json_writer_begin_object(t->w);
        norms_norm(t, s->reference[i].norm, s->reference[i].value);
        json_writer_end_object(t->w);
    }
    json_writer_end_array(t->w);
}

static void pay(struct json_writer *w, const struct proposal_effect *e) {
    if (!e->paid) {
        field_text(w, "pay", NULL);
        return;
    }
    field_object(w, "pay");
    field_measured(w, "incentive", e->pay.incentive);
    field_measured(w, "incentive_if_supplement_stays", e->pay.incentive_cut);
    field_measured(w, "supplement_if_incentive_stays", e->pay.supplement);
    json_writer_end_object(w);
}

static void effects(struct json_writer *w, const struct normed_suggestion *s) {
    field_array(w, "teams");
    for (size_t i = 0; i < s->effect_n; i++) {
        const struct proposal_effect *e = &s->effect[i];
        json_writer_begin_object(w);
        field_span(w, "team", e->team);
        field_count(w, "shifts", e->n);
        field_measured(w, "mean", e->mean);
        field_measured(w, "reach", e->reach);
        field_measured(w, "reach_now", e->reach_now);
        field_measured(w, "attainment", e->attain);
        field_measured(w, "attainment_now", e->attain_now);
        pay(w, e);
        json_writer_end_object(w);
    }
    json_writer_end_array(w);
}

static enum err put_field(void *user, const char *path, struct span text) {
    struct json_writer *w = user;
    json_writer_key(w, path);
    json_writer_string(w, text);
    return ERR_OK;
}

/* Id of a suggestion: what it is of, and the month from which it would hold. */
static void put_id(const struct norms_telling *t, const struct norm *n) {
    const struct utc_parts from = utc_to_parts(n->from_ms + UTC_DAY_MS / 2);
    char id[IDENT_MAX + 1];
    (void)snprintf(id, sizeof id, "%.*s-%.*s%s%.*s-%04d-%02d", 12, n->scope.node.s, 12,
                   indicator_row((enum indicator)n->indicator)->id,
                   n->scope.product.s[0] ? "-" : "", 8, n->scope.product.s, from.year, from.month);
    field_text(t->w, "id", id);
}

/* The command that proposes it, as norm_form_read() takes it; null: history proposes nothing. */
static enum err command(const struct norms_telling *t, const struct normed_suggestion *s) {
    struct norm n;
    if (s->proposal.verdict != PROPOSE_OK) {
        field_text(t->w, "command", NULL);
        return ERR_OK;
    }
    normed_suggestion_norm(&t->q, s, &n);
    field_object(t->w, "command");
    field_text(t->w, "action", ledger_action_name(LEDGER_PROPOSE));
    put_id(t, &n);
    field_object(t->w, "set");
    const enum err err = norm_each(&n, PART_CONTENT, put_field, t->w);
    json_writer_end_object(t->w);
    json_writer_end_object(t->w);
    return err;
}

enum err norms_suggest(struct norms_telling *t) {
    struct json_writer *w = t->w;
    struct normed_suggestion s;
    enum err err = normed_suggest(&t->q, t->reader, &s);
    if (!err) {
        field_text(w, "indicator", indicator_row(t->q.indicator)->id);
        field_text(w, "unit", indicator_unit(t->p, t->q.indicator));
        field_text(w, "method", norm_method_name((enum norm_method)t->q.method));
        field_text(w, "product", t->q.product);
        field_text(w, "team", t->q.team);
        observations(t, "observations", &s.seen, true);
        proposal(w, &s.proposal);
        norms_norm(t, s.in_force, s.in_force_value);
        references(t, &s);
        field_object(w, "trial");
        field_time(w, "from", t->q.to_ms - NORMED_QUARTER_MS);
        observations(t, "observations", &s.quarter, false);
        effects(w, &s);
        json_writer_end_object(w);
        err = command(t, &s);
    }
    normed_suggestion_fini(&s);
    return err;
}
