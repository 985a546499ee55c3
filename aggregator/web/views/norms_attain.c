/* Attainment and its distribution by team. */
#include <math.h>
#include <stdio.h>

#include "views/norms_impl.h"

static void period(struct json_writer *w, int32_t months) {
    char text[16];
    if (months == INT32_MIN) {
        field_text(w, "period", NULL);
        return;
    }
    (void)snprintf(text, sizeof text, "%04d-%02d", months / 12, months % 12 + 1);
    field_text(w, "period", text);
}

static void sums(struct json_writer *w, const char *key, const struct attain_sums *a,
                 enum indicator i, bool band) {
    const enum attain_form form = band ? ATTAIN_BAND : attain_form_of(i);
    field_object(w, key);
    field_count(w, "shifts", a->n);
    field_measured(w, "attainment", attain_value(a, form));
    field_measured(w, "ratio", attain_ratio(a, i, band));
    field_measured(w, "numerator", a->n ? a->numerator : NAN);
    field_measured(w, "denominator", a->n ? a->denominator : NAN);
    field_measured(w, "by_norm", a->n && !band ? a->normed : NAN);
    json_writer_end_object(w);
}

static void spread(struct json_writer *w, const struct attain_row *r) {
    static const struct {
        const char *key;
        double q;
    } part[] = {{"least", 0}, {"lower", 0.25}, {"median", 0.5}, {"upper", 0.75}, {"most", 1}};
    size_t meet = 0;
    for (size_t k = 0; k < r->ratio_n; k++)
        meet += r->ratio[k] >= 1 - 1e-12;
    field_object(w, "distribution");
    for (size_t k = 0; k < sizeof part / sizeof *part; k++)
        field_measured(w, part[k].key, attain_quantile(r->ratio, r->ratio_n, part[k].q));
    field_measured(w, "reach", r->ratio_n ? (double)meet / (double)r->ratio_n : NAN);
    json_writer_end_object(w);
}

static void row(const struct norms_telling *t, const struct attain_row *r, enum indicator i) {
    struct json_writer *w = t->w;
    const double taken = attain_taken(r);
    json_writer_begin_object(w);
    norms_key(t, r->node, r->product, r->team);
    period(w, r->period);
    field_text(w, "indicator", indicator_row(i)->id);
    field_text(w, "form", attain_form_name(r->band ? ATTAIN_BAND : attain_form_of(i)));
    field_count(w, "shifts", r->shifts);
    field_count(w, "no_norm", r->no_norm);
    field_count(w, "no_data", r->no_data);
    field_count(w, "low_coverage", r->low_coverage);
    sums(w, "all", &r->all, i, r->band);
    sums(w, "held", &r->held, i, r->band);
    field_measured(w, "taken_out", taken);
    field_bool(w, "taken_out_flag", taken > ATTAIN_TAKEN_FLAG);
    field_measured(w, "conditions_unknown", attain_unproven(r));
    spread(w, r);
    json_writer_end_object(w);
}

static enum err rows(struct norms_telling *t, enum indicator i) {
    struct normed_attain a;
    t->q.indicator = i;
    const enum err err = normed_attain(&t->q, t->reader, &a);
    for (size_t k = 0; k < a.table.n && !err; k++)
        row(t, &a.table.row[k], i);
    normed_attain_fini(&a);
    return err;
}

/* Some norm of the ledger is of it. */
static bool has_norms(const struct ledger *l, enum indicator i) {
    for (size_t k = 0; k < ledger_count(l); k++)
        if (ledger_at(l, k)->indicator == i)
            return true;
    return false;
}

enum err norms_attainment(struct norms_telling *t) {
    const enum indicator asked = t->ask->indicator;
    enum err err = ERR_OK;
    if (t->ask->norms.what == VIEW_NORMS_TEAMS)
        t->q.by = ATTAIN_BY_NODE | ATTAIN_BY_TEAM;
    field_array(t->w, "rows");
    for (unsigned i = 0; i < INDICATOR_COUNT && !err; i++)
        if (asked == i || (asked == INDICATOR_COUNT && has_norms(t->q.ledger, (enum indicator)i)))
            err = rows(t, (enum indicator)i);
    json_writer_end_array(t->w);
    return err;
}
