#include "norm/observe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"

const struct observe_rules observe_usual = {
    .coverage_min = 0.95, .taken_max = 0.20, .least_ms = 30 * UTC_MINUTE_MS};

const char *observe_verdict_name(enum observe_verdict v) {
    static const char *const name[OBSERVE_VERDICT_COUNT] = {[OBSERVE_USED] = "used",
                                                            [OBSERVE_NO_TEAM] = "no_team",
                                                            [OBSERVE_NO_PRODUCT] = "no_product",
                                                            [OBSERVE_NO_DATA] = "no_data",
                                                            [OBSERVE_CONDITION] = "condition",
                                                            [OBSERVE_COVERAGE] = "coverage",
                                                            [OBSERVE_ZERO] = "zero",
                                                            [OBSERVE_TINY] = "tiny"};
    return (unsigned)v < OBSERVE_VERDICT_COUNT ? name[v] : "unknown";
}

int64_t observe_busy_ms(const struct sums *s) {
    return s->q[QTY_TIME + CAT_PRODUCTION] + s->q[QTY_TIME + CAT_SETUP] +
           s->q[QTY_TIME + CAT_DELAY] + s->q[QTY_TIME + CAT_DOWN_NO_ORDER] +
           s->q[QTY_TIME + CAT_UNKNOWN] - s->q[QTY_UNKNOWN_OFF];
}

/* fmin() takes the number where the other is none. */
double observe_coverage(const struct team_shift *s, const struct indicator_value *v) {
    return fmin(s->coverage, v->coverage);
}

double observe_taken(const struct team_shift *s) {
    const int64_t all = observe_busy_ms(s->all), held = s->held ? observe_busy_ms(s->held) : 0;

    return all > 0 ? (double)(all - held) / (double)all : 0;
}

enum observe_verdict observe_judge(const struct observe_rules *r, enum indicator i,
                                   const struct team_shift *s, struct observation *out) {
    struct observation o = {.node = s->node,
                            .product = s->product,
                            .team = s->team,
                            .start_ms = s->start_ms,
                            .end_ms = s->end_ms};

    if (s->team.n == 0)
        return OBSERVE_NO_TEAM;
    if (s->product.n == 0)
        return OBSERVE_NO_PRODUCT;
    if (observe_busy_ms(s->all) <= 0)
        return OBSERVE_ZERO;
    if (!s->held || observe_taken(s) > r->taken_max)
        return OBSERVE_CONDITION;
    const struct indicator_value v = indicator_of(i, s->held);
    if (!isfinite(v.numerator))
        return OBSERVE_NO_DATA;
    if (!(observe_coverage(s, &v) >= r->coverage_min)) /* nor NAN */
        return OBSERVE_COVERAGE;
    if (!v.defined || !domain_observe(i, v.numerator, v.denominator, &o.value, &o.weight))
        return OBSERVE_ZERO;
    if (observe_busy_ms(s->held) < r->least_ms)
        return OBSERVE_TINY;
    o.numerator = v.numerator;
    o.denominator = v.denominator;
    *out = o;
    return OBSERVE_USED;
}

static enum err keep(struct observations *o, const struct observation *one) {
    if (o->n == o->cap) {
        const size_t cap = o->cap ? o->cap * 2 : 64;
        struct observation *at = realloc(o->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        o->at = at;
        o->cap = cap;
    }
    o->at[o->n++] = *one;
    return ERR_OK;
}

enum err observations_add(struct observations *o, const struct observe_rules *r, enum indicator i,
                          const struct team_shift *s) {
    struct observation one;
    const enum observe_verdict v = observe_judge(r, i, s, &one);
    const enum err err = v == OBSERVE_USED ? keep(o, &one) : ERR_OK;

    if (!err)
        o->seen[v]++;
    return err;
}

static int by_text(struct span a, struct span b) {
    const size_t n = a.n < b.n ? a.n : b.n;
    const int order = n ? memcmp(a.p, b.p, n) : 0;

    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int by_time(const void *x, const void *y) {
    const struct observation *a = x, *b = y;

    if (a->start_ms != b->start_ms)
        return a->start_ms < b->start_ms ? -1 : 1;
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    const int product = by_text(a->product, b->product);
    return product ? product : by_text(a->team, b->team);
}

void observations_sort(struct observations *o) {
    if (o->n > 1)
        qsort(o->at, o->n, sizeof *o->at, by_time);
}

void observations_fini(struct observations *o) {
    free(o->at);
    *o = (struct observations){0};
}

size_t observations_dropped(const struct observations *o) {
    size_t n = 0;

    for (unsigned v = OBSERVE_USED + 1; v < OBSERVE_VERDICT_COUNT; v++)
        n += o->seen[v];
    return n;
}

bool observation_meets(const struct observation *o, double norm) {
    return o->value <= norm * (1 + 1e-12);
}

double observations_reach(const struct observations *o, enum indicator i, double norm) {
    const double least = domain_take(i, norm);
    size_t meet = 0;

    if (o->n == 0 || !isfinite(least))
        return NAN;
    for (size_t k = 0; k < o->n; k++)
        meet += observation_meets(&o->at[k], least);
    return (double)meet / (double)o->n;
}
