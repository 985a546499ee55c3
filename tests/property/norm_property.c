/* Laws of norms on random histories: [worlds [first seed]].
 *
 *  - parts: attainment by team, product and month adds up to that of all, and what is dropped and
 *    used to all that there was;
 *  - order: what history proposes does not depend on the order in which shifts come, to the bit;
 *  - bounds: an advanced average lies between the best and the mean, and reach is a share;
 *  - peace: a norm that was just proposed from stationary data is never told to be revised, however
 *    the data are distributed. Chance is given three standard errors (review.c): of data in two
 *    heaps one world in some ten thousand lies beyond them, none of the first thousands does. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"
#include "norm/attain.h"
#include "norm/propose.h"
#include "norm/review.h"
#include "plant/plant.h"

enum { SHIFTS = 300, TEAMS = 3, PRODUCTS = 2, BASIS_MONTHS = 3, MONTHS = 5 };
#define BEGIN_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

static const char *const team[TEAMS] = {"red", "green", "blue"}, *const product[PRODUCTS] = {"bolt",
                                                                                             "nut"};

static uint64_t state;

static uint64_t draw(void) { /* splitmix64 */
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static double uniform(void) {
    return (double)(draw() >> 11) / 9007199254740992.0;
}

static double normal(void) {
    return sqrt(-2 * log(1 - uniform())) * cos(6.283185307179586 * uniform());
}

struct world {
    struct plant *plant;
    unsigned family;
    double spread, offset[TEAMS];
    struct sums sums[SHIFTS], held[SHIFTS];
    struct team_shift shift[SHIFTS];
};

static void fail(const struct world *w, uint64_t seed, const char *what) {
    fprintf(stderr, "seed %llu, family %u: %s\n", (unsigned long long)seed, w->family, what);
    exit(1);
}

/* Minutes of a piece: mirrored about a mean, skew to either side, two heaps, few outliers. */
static double minutes(const struct world *w, unsigned of_team) {
    const double n = normal();
    double x = 0;
    switch (w->family) {
    case 0:
        x = 10 + w->spread * fmax(-2.5, fmin(2.5, n));
        break;
    case 1:
        x = 10 * exp(w->spread / 5 * n);
        break;
    case 2:
        x = 20 - 10 * exp(fmin(0.5, w->spread / 10 * n));
        break;
    case 3:
        x = uniform() < 0.5 ? 8 : 12;
        break;
    case 4:
        x = uniform() < 0.05 ? 30 : 10;
        break;
    default:
        x = 5 + 10 * uniform();
        break;
    }
    return fmax(0.5, x + w->offset[of_team]);
}

static void make_shift(struct world *w, size_t i, int64_t start_ms) {
    const unsigned t = (unsigned)(draw() % TEAMS), p = (unsigned)(draw() % PRODUCTS);
    const int64_t pieces = 20 + (int64_t)(draw() % 200);
    const double each = minutes(w, t);
    struct sums *s = &w->sums[i];
    memset(s, 0, sizeof *s);
    s->q[QTY_TIME + CAT_PRODUCTION] = 480 * UTC_MINUTE_MS;
    s->q[QTY_GQ] = s->q[QTY_PQ] = pieces * 1000000;
    s->q[QTY_LABOUR] = (int64_t)llround(each * (double)pieces * UTC_MINUTE_MS);
    s->q[QTY_LABOUR_TIME] = s->q[QTY_COUNT_DUE] = s->q[QTY_COUNT_SEEN] = 480 * UTC_MINUTE_MS;
    w->held[i] = *s;
    w->shift[i] = (struct team_shift){.node = 1,
                                      .product = span_str(product[p]),
                                      .team = span_str(team[t]),
                                      .start_ms = start_ms,
                                      .end_ms = start_ms + 8 * UTC_HOUR_MS,
                                      .coverage = draw() % 12 == 0 ? 0.9 : 1,
                                      .all = s,
                                      .held = draw() % 20 == 0 ? NULL : &w->held[i]};
    if (draw() % 25 == 0)
        w->shift[i].team = span_of(NULL, 0);
}

/* Sixty shifts a month. */
static void make(struct world *w) {
    w->family = (unsigned)(draw() % 6);
    w->spread = 0.2 + 2 * uniform();
    for (unsigned t = 0; t < TEAMS; t++)
        w->offset[t] = (uniform() - 0.5) * (draw() % 2 ? 2 : 0);
    for (size_t i = 0; i < SHIFTS; i++)
        make_shift(w, i,
                   BEGIN_MS + (int64_t)(i / 60) * 31 * UTC_DAY_MS +
                       (int64_t)(i % 60) * 8 * UTC_HOUR_MS + UTC_DAY_MS);
}

static bool observe(struct observations *o, const struct world *w, const size_t *order, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (observations_add(o, &observe_usual, IND_LABOUR_PER_UNIT, &w->shift[order[i]]))
            return false;
    observations_sort(o);
    return true;
}

static void shuffle(size_t *order, size_t n) {
    for (size_t i = n; i > 1; i--) {
        const size_t k = draw() % i, t = order[i - 1];
        order[i - 1] = order[k];
        order[k] = t;
    }
}

static struct proposal proposed(const struct world *w, const struct observations *o,
                                uint64_t seed) {
    struct proposal p;
    if (propose(w->plant, o, IND_LABOUR_PER_UNIT, METHOD_ADVANCED, NAN, &p))
        fail(w, seed, "nothing can be proposed");
    return p;
}

static void check_order(const struct world *w, uint64_t seed) {
    size_t order[SHIFTS];
    struct observations a = {0}, b = {0};
    for (size_t i = 0; i < SHIFTS; i++)
        order[i] = i;
    if (!observe(&a, w, order, SHIFTS))
        fail(w, seed, "no memory");
    shuffle(order, SHIFTS);
    if (!observe(&b, w, order, SHIFTS))
        fail(w, seed, "no memory");
    const struct proposal p = proposed(w, &a, seed), q = proposed(w, &b, seed);
    if (p.value != q.value || p.mean != q.mean || p.reach != q.reach || p.sustained != q.sustained)
        fail(w, seed, "the order of shifts matters");
    if (!(p.best <= p.value && p.value <= p.mean && p.better <= p.value))
        fail(w, seed, "g does not lie between best and mean");
    if (!(p.best <= p.sustained && p.reach >= 0 && p.reach <= 1))
        fail(w, seed, "the best sustained is better than the best");
    if (a.n + observations_dropped(&a) != SHIFTS)
        fail(w, seed, "used and dropped are not all");
    observations_fini(&a);
    observations_fini(&b);
}

static bool same(double a, double b) {
    return fabs(a - b) <= 1e-9 * fmax(1, fabs(b));
}

static void attain(const struct world *w, unsigned by, double norm, struct attain_table *t) {
    const struct attain_norm n = {.value = norm};
    *t = (struct attain_table){.by = by, .indicator = IND_LABOUR_PER_UNIT, .coverage_min = 0.95};
    for (size_t i = 0; i < SHIFTS; i++) {
        const struct attain_shift s = {&w->shift[i], 1, norm_period(w->plant, w->shift[i].start_ms),
                                       i % 7 == 0 ? NULL : &n};
        if (attain_table_add(t, &s))
            exit(1);
    }
    attain_sort(t);
}

static void check_parts(const struct world *w, uint64_t seed) {
    struct attain_table whole, parts;
    const unsigned by = (unsigned)(draw() % 16);
    struct attain_row sum = {0};
    attain(w, 0, 10, &whole);
    attain(w, by, 10, &parts);
    for (size_t k = 0; k < parts.n; k++) {
        const struct attain_row *r = &parts.row[k];
        sum.shifts += r->shifts;
        sum.no_norm += r->no_norm;
        sum.low_coverage += r->low_coverage;
        sum.taken_ms += r->taken_ms;
        sum.all.n += r->all.n;
        sum.all.numerator += r->all.numerator;
        sum.all.normed += r->all.normed;
        sum.held.normed += r->held.normed;
        sum.ratio_n += r->ratio_n;
    }
    const struct attain_row *all = &whole.row[0];
    if (whole.n != 1 || sum.shifts != all->shifts || sum.no_norm != all->no_norm ||
        sum.low_coverage != all->low_coverage || sum.all.n != all->all.n ||
        sum.ratio_n != all->ratio_n || sum.taken_ms != all->taken_ms)
        fail(w, seed, "shifts of rows are not those of all");
    if (!same(sum.all.numerator, all->all.numerator) || !same(sum.all.normed, all->all.normed) ||
        !same(sum.held.normed, all->held.normed))
        fail(w, seed, "sums of rows are not those of all");
    attain_table_fini(&whole);
    attain_table_fini(&parts);
}

static int ascending(const void *x, const void *y) {
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* Median attainment and reach of the observations of a month. */
static size_t month(const struct observations *o, double norm, double *median, double *reach) {
    double ratio[SHIFTS];
    size_t meet = 0;
    for (size_t i = 0; i < o->n; i++) {
        ratio[i] = norm / o->at[i].value;
        meet += observation_meets(&o->at[i], norm);
    }
    qsort(ratio, o->n, sizeof *ratio, ascending);
    *median = attain_quantile(ratio, o->n, 0.5);
    *reach = o->n ? (double)meet / (double)o->n : NAN;
    return o->n;
}

/* Proposed from the first three months, it is looked at after the fourth and after the fifth. */
static void check_peace(const struct world *w, uint64_t seed) {
    struct observations of[MONTHS] = {0}, basis = {0};
    struct review_in in = {.has_norm = true, .effectiveness = NAN};
    for (size_t i = 0; i < SHIFTS; i++) {
        const size_t m = i / 60;
        if (observations_add(&of[m], &observe_usual, IND_LABOUR_PER_UNIT, &w->shift[i]) ||
            (m < BASIS_MONTHS &&
             observations_add(&basis, &observe_usual, IND_LABOUR_PER_UNIT, &w->shift[i])))
            fail(w, seed, "no memory");
    }
    observations_sort(&basis);
    const struct proposal p = proposed(w, &basis, seed);
    in.r0 = p.reach;
    in.median_before = in.reach_before = NAN;
    for (size_t m = BASIS_MONTHS; m < MONTHS; m++) {
        in.n = (int64_t)month(&of[m], p.value, &in.median, &in.reach);
        in.age_months = (double)(m - BASIS_MONTHS + 1);
        const struct review_out out = review(&in, &review_defaults);
        if (out.verdict != REVIEW_KEEP) {
            fprintf(stderr, "median %g %g, reach %g %g of %g\n", in.median, in.median_before,
                    in.reach, in.reach_before, in.r0);
            fail(w, seed, review_verdict_name((enum review_verdict)out.verdict));
        }
        in.median_before = in.median;
        in.reach_before = in.reach;
    }
    for (size_t m = 0; m < MONTHS; m++)
        observations_fini(&of[m]);
    observations_fini(&basis);
}

int main(int argc, char **argv) {
    const uint64_t worlds = argc > 1 ? strtoull(argv[1], NULL, 10) : 300;
    const uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    static struct world w;
    if (plant_open(&w.plant) || zone_open_utc(&w.plant->zone))
        return 1;
    for (uint64_t seed = first; seed < first + worlds; seed++) {
        state = seed * UINT64_C(0x2545f4914f6cdd1d);
        make(&w);
        check_order(&w, seed);
        check_parts(&w, seed);
        check_peace(&w, seed);
    }
    plant_close(w.plant);
    printf("%llu worlds\n", (unsigned long long)worlds);
    return 0;
}
