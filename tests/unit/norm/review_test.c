/* The verdict of a review: INDICATORS section 6, row by row, and over the whole domain. */
#include "norm/review.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "norm/average.h"

/* A norm a year young, met by two of five, as its proposal expected. */
static struct review_in usual(void) {
    return (struct review_in){.has_norm = true,
                              .n = 60,
                              .median = 1.0,
                              .median_before = 1.0,
                              .reach = 0.4,
                              .reach_before = 0.4,
                              .r0 = 0.4,
                              .age_months = 6,
                              .effectiveness = 0.9};
}

#define VERDICT(EXPECTED, ...)                                                                     \
    do {                                                                                           \
        struct review_in in = usual();                                                             \
        __VA_ARGS__;                                                                               \
        const struct review_out o = review(&in, &review_defaults);                                 \
        cr_expect_eq(o.verdict, EXPECTED, "%s: %s", #__VA_ARGS__,                                  \
                     review_verdict_name((enum review_verdict)o.verdict));                         \
        cr_expect(o.verdict == REVIEW_KEEP || o.reasons, "a verdict has its reasons");             \
    } while (0)

Test(review, each_rule_has_its_verdict) {
    VERDICT(REVIEW_KEEP, (void)in);
    VERDICT(REVIEW_CREATE, in.has_norm = false);
    VERDICT(REVIEW_CREATE, in.has_norm = false, in.n = 0);
    VERDICT(REVIEW_NOT_ENOUGH_BASIS, in.n = 19);
    VERDICT(REVIEW_NOT_ENOUGH_BASIS, in.n = 19, in.age_months = 13, in.reach = 0.95);
    VERDICT(REVIEW_KEEP, in.n = 20);
    VERDICT(REVIEW_TIGHTEN, in.median = 1.101, in.median_before = 1.101);
    VERDICT(REVIEW_KEEP, in.median = 1.101);
    VERDICT(REVIEW_KEEP, in.median = 1.10, in.median_before = 1.2);
    VERDICT(REVIEW_TIGHTEN, in.reach = 0.901);
    VERDICT(REVIEW_KEEP, in.reach = 0.90);
    VERDICT(REVIEW_LOOSEN, in.reach = 0.199, in.reach_before = 0.199);
    VERDICT(REVIEW_KEEP, in.reach = 0.199);
    VERDICT(REVIEW_KEEP, in.reach = 0.2, in.reach_before = 0.1);
    VERDICT(REVIEW_LOOSEN, in.r0 = 0.2, in.reach = 0.149, in.reach_before = 0.149);
    VERDICT(REVIEW_LOOSEN, in.r0 = NAN, in.reach = 0.149, in.reach_before = 0.149);
    VERDICT(REVIEW_KEEP, in.age_months = 2.9, in.reach = 0.1, in.reach_before = 0.1);
    VERDICT(REVIEW_LOOSEN, in.age_months = 3, in.reach = 0.1, in.reach_before = 0.1);
    VERDICT(REVIEW_TIGHTEN, in.age_months = 1, in.reach = 0.95);
    VERDICT(REVIEW_REVISE, in.changed = REASON_PRODUCT);
    VERDICT(REVIEW_REVISE, in.changed = REASON_MACHINE);
    VERDICT(REVIEW_REVISE, in.changed = REASON_PROCESS);
    VERDICT(REVIEW_REVISE, in.changed = REASON_SUPERIOR, in.reach = 0.95);
    VERDICT(REVIEW_REVISE, in.effectiveness = 1.001);
    VERDICT(REVIEW_REVISE, in.age_months = 12.1);
    VERDICT(REVIEW_KEEP, in.age_months = 12);
    VERDICT(REVIEW_TIGHTEN, in.age_months = 13, in.reach = 0.95);
    VERDICT(REVIEW_REVISE, in.median = 1.2, in.median_before = 1.2, in.reach = 0.1,
            in.reach_before = 0.1);
}

static const double shares[] = {NAN, -1,  0,   0.1,   0.149, 0.15, 0.199,
                                0.2, 0.4, 0.9, 0.901, 1,     2,    INFINITY};
static const double medians[] = {NAN, -1, 0, 1, 1.10, 1.101, 9, INFINITY};
static const double ages[] = {NAN, -1, 0, 2.99, 3, 12, 12.01, 1e9};
static const int64_t counts[] = {-1, 0, 19, 20, 1000000};
#define OF(table, i) table[(i) % (sizeof table / sizeof *table)]

/* Exactly one verdict for whatever is told, the same each time, with reasons that belong to it. */
Test(review, the_table_is_total) {
    unsigned seen = 0;
    srand(1);
    for (unsigned k = 0; k < 400000; k++) {
        const unsigned a = (unsigned)rand(), b = (unsigned)rand();
        const struct review_in in = {.has_norm = b % 16 != 0,
                                     .n = OF(counts, a),
                                     .median = OF(medians, a >> 3),
                                     .median_before = OF(medians, a >> 7),
                                     .reach = OF(shares, a >> 11),
                                     .reach_before = OF(shares, a >> 15),
                                     .r0 = OF(shares, a >> 19),
                                     .age_months = OF(ages, b >> 4),
                                     .effectiveness = OF(medians, b >> 8),
                                     .changed = b % 3 == 0 ? b >> 12 : 0};
        const struct review_out o = review(&in, &review_defaults),
                                again = review(&in, &review_defaults);
        cr_assert_lt(o.verdict, REVIEW_VERDICT_COUNT);
        cr_assert(o.verdict == again.verdict && o.reasons == again.reasons);
        cr_assert_eq(o.verdict == REVIEW_CREATE, !in.has_norm);
        cr_assert(o.verdict != REVIEW_NOT_ENOUGH_BASIS || in.n < 20);
        cr_assert(!(in.has_norm && in.n < 20) || o.verdict == REVIEW_NOT_ENOUGH_BASIS);
        cr_assert(o.verdict != REVIEW_LOOSEN || !(in.age_months < 3), "grace");
        cr_assert(o.verdict != REVIEW_TIGHTEN || in.reach > 0.9 ||
                  (in.median > 1.1 && in.median_before > 1.1));
        cr_assert(o.verdict == REVIEW_KEEP || o.reasons != 0);
        seen |= 1u << o.verdict;
    }
    cr_expect_eq(seen, (1u << REVIEW_VERDICT_COUNT) - 1, "every verdict occurs");
}

/* --- a norm just proposed -----------------------------------------------------------------------
 */

/* Minutes of a piece of one stationary process: even, skewed, or of two kinds of days. */
static double draw(unsigned shape) {
    const double u = (rand() + 1.0) / (RAND_MAX + 2.0);
    switch (shape) {
    case 0:
        return 9 + 6 * u;
    case 1:
        return 10 - 2 * log(u);
    default:
        return u < 0.7 ? 10 + u : 14 + u;
    }
}

static double reach_of(const double *t, size_t n, double norm) {
    size_t met = 0;
    for (size_t i = 0; i < n; i++)
        met += t[i] <= norm;
    return (double)met / (double)n;
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(double *t, size_t n) {
    qsort(t, n, sizeof *t, by_size);
    return t[n / 2];
}

/* The advanced average of n team-shifts, reviewed over as many new ones of the same process within
 * its first months: nobody is told to revise it. */
Test(review, a_norm_just_proposed_from_stationary_data_is_kept) {
    enum { N = 60 };
    srand(7);
    for (unsigned k = 0; k < 3000; k++) {
        struct norm_observation o[N];
        struct norm_average a;
        double first[N], next[N];
        for (size_t i = 0; i < N; i++) {
            first[i] = draw(k % 3);
            next[i] = draw(k % 3);
            o[i] = (struct norm_observation){first[i], 1};
        }
        cr_assert_eq(norm_average(o, N, &a), ERR_OK);
        const double r0 = reach_of(first, N, a.advanced);
        const struct review_in in = {.has_norm = true,
                                     .n = N,
                                     .median = a.advanced / median_of(next, N),
                                     .median_before = a.advanced / median_of(first, N),
                                     .reach = reach_of(next, N, a.advanced),
                                     .reach_before = r0,
                                     .r0 = r0,
                                     .age_months = 1,
                                     .effectiveness = 0.9};
        const struct review_out out = review(&in, &review_defaults);
        cr_assert_eq(out.verdict, REVIEW_KEEP, "world %u: %s, reach %g of %g", k,
                     review_verdict_name((enum review_verdict)out.verdict), in.reach, r0);
    }
}

Test(review, words_are_there_for_all) {
    for (unsigned v = 0; v < REVIEW_VERDICT_COUNT; v++)
        cr_expect(strlen(review_verdict_name((enum review_verdict)v)) > 3);
    for (unsigned i = 0; i < REVIEW_REASONS; i++)
        cr_expect(strlen(review_reason_text(i)) > 3);
    cr_expect_str_eq(review_verdict_name(REVIEW_VERDICT_COUNT), "unknown");
    cr_expect_str_eq(review_reason_text(REVIEW_REASONS), "");
}
