#include "norm/attain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *attain_form_name(enum attain_form f) {
    static const char *const name[ATTAIN_FORM_COUNT] = {[ATTAIN_OUTPUT] = "output",
                                                        [ATTAIN_TIME] = "time",
                                                        [ATTAIN_CONSUMPTION] = "consumption",
                                                        [ATTAIN_POINTS] = "points",
                                                        [ATTAIN_BAND] = "band"};
    return (unsigned)f < ATTAIN_FORM_COUNT ? name[f] : "unknown";
}

enum attain_form attain_form_of(enum indicator i) {
    const struct indicator_row *row = indicator_row(i);

    if (row->norm_class == CLASS_QUALITY)
        return ATTAIN_POINTS;
    if (row->direction != LOW_IS_BETTER)
        return ATTAIN_OUTPUT;
    return row->norm_class == CLASS_LABOUR ? ATTAIN_TIME : ATTAIN_CONSUMPTION;
}

void attain_add(struct attain_sums *a, enum indicator i, const struct attain_norm *norm,
                double numerator, double denominator) {
    const double value = numerator / denominator;

    (void)i;
    a->n++;
    a->numerator += numerator;
    a->denominator += denominator;
    if (norm->band) {
        a->weight += denominator;
        a->within += value >= norm->low && value <= norm->high ? denominator : 0;
        return;
    }
    a->normed += norm->value * denominator;
}

double attain_value(const struct attain_sums *a, enum attain_form f) {
    if (a->n == 0)
        return NAN;
    switch (f) {
    case ATTAIN_OUTPUT:
    case ATTAIN_CONSUMPTION:
        return a->normed > 0 ? a->numerator / a->normed : NAN;
    case ATTAIN_TIME:
        return a->numerator > 0 ? a->normed / a->numerator : NAN;
    case ATTAIN_POINTS:
        return a->denominator > 0 ? (a->numerator - a->normed) / a->denominator * 100 : NAN;
    case ATTAIN_BAND:
        return a->weight > 0 ? a->within / a->weight : NAN;
    case ATTAIN_FORM_COUNT:
        break;
    }
    return NAN;
}

double attain_ratio(const struct attain_sums *a, enum indicator i, bool band) {
    if (a->n == 0)
        return NAN;
    if (band)
        return attain_value(a, ATTAIN_BAND);
    if (indicator_row(i)->direction != LOW_IS_BETTER)
        return a->normed > 0 ? a->numerator / a->normed : NAN;
    if (a->numerator > 0)
        return a->normed / a->numerator;
    return a->normed > 0 ? INFINITY : 1; /* nothing used where nothing may be */
}

/* --- rows ---------------------------------------------------------------------------------------
 */

static bool is_of(const struct attain_row *r, const struct attain_row *key) {
    return r->node == key->node && r->period == key->period && span_equal(r->team, key->team) &&
           span_equal(r->product, key->product);
}

static enum err row_of(struct attain_table *t, const struct attain_shift *s,
                       struct attain_row **out) {
    const struct span none = span_of(NULL, 0);
    const struct attain_row key = {.node = t->by & ATTAIN_BY_NODE ? s->node : UINT32_MAX,
                                   .team = t->by & ATTAIN_BY_TEAM ? s->shift->team : none,
                                   .product = t->by & ATTAIN_BY_PRODUCT ? s->shift->product : none,
                                   .period = t->by & ATTAIN_BY_PERIOD ? s->period : INT32_MIN};

    for (size_t i = t->n; i > 0; i--) /* the last ones are the likeliest */
        if (is_of(&t->row[i - 1], &key)) {
            *out = &t->row[i - 1];
            return ERR_OK;
        }
    if (t->n == ATTAIN_ROWS_MAX)
        return ERR_FULL;
    if (t->n == t->cap) {
        const size_t cap = t->cap ? t->cap * 2 : 32;
        struct attain_row *row = realloc(t->row, cap * sizeof *row);
        if (!row)
            return ERR_NOMEM;
        t->row = row;
        t->cap = cap;
    }
    t->row[t->n] = key;
    *out = &t->row[t->n++];
    return ERR_OK;
}

static enum err add_ratio(struct attain_row *r, double ratio) {
    if (r->ratio_n == r->ratio_cap) {
        const size_t cap = r->ratio_cap ? r->ratio_cap * 2 : 16;
        double *at = realloc(r->ratio, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        r->ratio = at;
        r->ratio_cap = cap;
    }
    r->ratio[r->ratio_n++] = ratio;
    return ERR_OK;
}

/* What can be held against a norm; else the reason is counted. */
static bool usable(const struct attain_table *t, struct attain_row *r, const struct team_shift *s,
                   const struct indicator_value *v) {
    if (!v->defined) {
        r->no_data++;
        return false;
    }
    if (observe_coverage(s, v) >= t->coverage_min) /* nor NAN */
        return true;
    r->low_coverage++;
    return false;
}

/* Of a shift too little of which had its conditions held to say anything, nothing is held. */
static void add_held(const struct attain_table *t, struct attain_row *r,
                     const struct attain_shift *s) {
    if (!s->shift->held)
        return;
    const struct indicator_value v = indicator_of(t->indicator, s->shift->held);
    if (v.defined && v.coverage >= t->coverage_min)
        attain_add(&r->held, t->indicator, s->norm, v.numerator, v.denominator);
}

enum err attain_table_add(struct attain_table *t, const struct attain_shift *s) {
    struct attain_row *r = NULL;
    struct attain_sums one = {0};
    const struct indicator_value v = indicator_of(t->indicator, s->shift->all);
    enum err err = row_of(t, s, &r);

    if (err)
        return err;
    r->shifts++;
    if (!s->norm) {
        r->no_norm++;
        return ERR_OK;
    }
    if (!usable(t, r, s->shift, &v))
        return ERR_OK;
    attain_add(&one, t->indicator, s->norm, v.numerator, v.denominator);
    err = add_ratio(r, attain_ratio(&one, t->indicator, s->norm->band));
    if (err)
        return err;
    r->band = r->band || s->norm->band;
    attain_add(&r->all, t->indicator, s->norm, v.numerator, v.denominator);
    add_held(t, r, s);
    const int64_t busy = observe_busy_ms(s->shift->all);
    r->busy_ms += busy;
    r->taken_ms += (int64_t)llround(observe_taken(s->shift) * (double)busy);
    r->unproven_ms += s->shift->all->q[QTY_UNPROVEN];
    return ERR_OK;
}

static int by_text(struct span a, struct span b) {
    const size_t n = a.n < b.n ? a.n : b.n;
    const int order = n ? memcmp(a.p, b.p, n) : 0;

    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int by_key(const void *x, const void *y) {
    const struct attain_row *a = x, *b = y;

    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    if (a->period != b->period)
        return a->period < b->period ? -1 : 1;
    const int product = by_text(a->product, b->product);
    return product ? product : by_text(a->team, b->team);
}

static int ascending(const void *x, const void *y) {
    const double a = *(const double *)x, b = *(const double *)y;

    return (a > b) - (a < b);
}

void attain_sort(struct attain_table *t) {
    if (t->n > 1)
        qsort(t->row, t->n, sizeof *t->row, by_key);
    for (size_t i = 0; i < t->n; i++)
        if (t->row[i].ratio_n > 1)
            qsort(t->row[i].ratio, t->row[i].ratio_n, sizeof *t->row[i].ratio, ascending);
}

void attain_table_fini(struct attain_table *t) {
    for (size_t i = 0; i < t->n; i++)
        free(t->row[i].ratio);
    free(t->row);
    t->row = NULL;
    t->n = t->cap = 0;
}

double attain_taken(const struct attain_row *r) {
    return r->busy_ms > 0 ? (double)r->taken_ms / (double)r->busy_ms : 0;
}

double attain_unproven(const struct attain_row *r) {
    return r->busy_ms > 0 ? (double)r->unproven_ms / (double)r->busy_ms : 0;
}

double attain_quantile(const double *sorted, size_t n, double q) {
    if (n == 0)
        return NAN;
    const double at = q * (double)(n - 1);
    const size_t low = (size_t)at;
    const double share = at - (double)low;

    if (share <= 0 || low + 1 >= n)
        return sorted[low];
    if (isinf(sorted[low + 1])) /* no number lies between */
        return sorted[low + 1];
    return sorted[low] + share * (sorted[low + 1] - sorted[low]);
}
