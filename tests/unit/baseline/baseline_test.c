#include <criterion/criterion.h>
#include <math.h>

#include "baseline/baseline.h"

static const double ones[32] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

static struct baseline_rows one_driver(const double *energy, const double *driver, size_t n) {
    return (struct baseline_rows){ones, energy, driver, n, 1};
}

static struct baseline fitted(const struct baseline_rows *rows) {
    struct baseline b = {0};
    struct baseline_wrong wrong;
    cr_assert_eq(baseline_fit(rows, &b, &wrong), ERR_OK);
    return b;
}

static struct baseline_wrong refused(const struct baseline_rows *rows) {
    struct baseline b;
    struct baseline_wrong wrong = {BASELINE_NO_FAULT, 0, 0};
    cr_expect_eq(baseline_fit(rows, &b, &wrong), ERR_RANGE);
    return wrong;
}

/* E = 1, 2, 2, 4 kWh in hours that made 0, 1, 2, 3 pieces: b0 = b1 = 0.9, residuals 0.1, 0.2, -0.7,
 * 0.4, RSS 0.7, sum of squares about 2.25: 4.75, s^2 = 0.7 / 2. */
static const double small_n[] = {0, 1, 2, 3}, small_e[] = {1, 2, 2, 4};

Test(baseline, figures_of_a_small_one_are_those_of_pencil) {
    const struct baseline_rows rows = one_driver(small_e, small_n, 4);
    struct baseline b = fitted(&rows);
    double s = sqrt(0.35), t0 = 0.9 / (s * sqrt(0.7)), t1 = 0.9 / (s * sqrt(0.2));
    cr_expect_float_eq(b.term[0].value, 0.9, 1e-14);
    cr_expect_float_eq(b.term[1].value, 0.9, 1e-14);
    cr_expect_float_eq(b.s_kwh, s, 1e-14);
    cr_expect_float_eq(b.term[0].error, s * sqrt(0.7), 1e-14);
    cr_expect_float_eq(b.term[1].error, s * sqrt(0.2), 1e-14);
    cr_expect_float_eq(b.term[0].t, t0, 1e-13);
    /* Two degrees of freedom: p = 1 - t / sqrt(2 + t^2). */
    cr_expect_float_eq(b.term[0].p, 1 - t0 / sqrt(2 + t0 * t0), 1e-14);
    cr_expect_float_eq(b.term[1].p, 1 - t1 / sqrt(2 + t1 * t1), 1e-14);
    cr_expect_float_eq(b.r2, 1 - 0.7 / 4.75, 1e-14);
    cr_expect_float_eq(b.adjusted, 1 - 0.7 / 4.75 * 3 / 2, 1e-14);
    cr_expect_float_eq(b.cv_rmse, s / 2.25, 1e-14);
    cr_expect_float_eq(b.f, t1 * t1, 1e-12); /* one driver: F = t^2 */
    cr_expect_float_eq(b.f_p, b.term[1].p, 1e-14);
    /* (0.1 * 0.2 - 0.2 * 0.7 - 0.7 * 0.4) / 0.7 */
    cr_expect_float_eq(b.autocorrelation, -0.4 / 0.7, 1e-13);
}

Test(baseline, ten_percent_beyond_the_fitted_range_is_the_limit) {
    const struct baseline_rows rows = one_driver(small_e, small_n, 4); /* 0 .. 3 */
    struct baseline b = fitted(&rows);
    cr_expect_not(baseline_outside(&b, 0, 3.29));
    cr_expect_not(baseline_outside(&b, 0, -0.29));
    cr_expect(baseline_outside(&b, 0, 3.31));
    cr_expect(baseline_outside(&b, 0, -0.31));
    cr_expect(baseline_outside(&b, 0, NAN));
}

/* An hour with 4 pieces: expected 4.5. x' (A'A)^-1 x of (1, 4) = 0.7 - 2.4 + 3.2 = 1.5; t at 90 %
 * with two degrees is 2.919986. */
Test(baseline, total_has_its_uncertainty) {
    const struct baseline_rows rows = one_driver(small_e, small_n, 4);
    static const double n[] = {4}, e[] = {6};
    const struct baseline_rows later = one_driver(e, n, 1);
    struct baseline b = fitted(&rows);
    struct baseline_total t = baseline_total(&b, &later, 0, 1);
    cr_expect_float_eq(t.actual_kwh, 6, 0);
    cr_expect_float_eq(t.expected_kwh, 4.5, 1e-14);
    cr_expect_float_eq(t.difference_kwh, 1.5, 1e-14);
    cr_expect_float_eq(t.uncertainty_kwh, 2.919986 * sqrt(0.35 * 2.5), 1e-5);
    cr_expect_eq(t.n, 1);
    cr_expect_eq(t.outside, 1);
    cr_expect(isnan(baseline_total(&b, &later, 0, 0).uncertainty_kwh));
}

/* 1, 1, 3, 3 kWh an hour: 2 +- residuals -1, -1, 1, 1, of which neighbours agree: r = (1 - 1 + 1) /
 * 4, k = 1.25 / 0.75. s^2 = 4 / 3, one more hour: 2.353363 * sqrt(4 / 3 * (5 / 3 + 1 / 4)). */
Test(baseline, rows_that_follow_each_other_count_for_less) {
    static const double e[] = {1, 1, 3, 3};
    const struct baseline_rows rows = {ones, e, NULL, 4, 0};
    struct baseline b = fitted(&rows);
    cr_expect_float_eq(b.term[0].value, 2, 1e-14);
    cr_expect_float_eq(b.autocorrelation, 0.25, 1e-14);
    cr_expect_float_eq(b.r2, 0, 1e-14);
    cr_expect_float_eq(baseline_total(&b, &rows, 0, 1).uncertainty_kwh,
                       2.353363 * sqrt(4.0 / 3 * (5.0 / 3 + 0.25)), 1e-5);
}

Test(baseline, negative_coefficients_are_refused_by_name) {
    static const double falling[] = {4, 2, 2, 1}, steep[] = {1, 3, 5, 7}, n[] = {1, 2, 3, 4};
    const struct baseline_rows less = one_driver(falling, small_n, 4);
    struct baseline_wrong w = refused(&less);
    cr_expect_eq(w.fault, BASELINE_NEGATIVE);
    cr_expect_eq(w.term, 1);
    cr_expect_float_eq(w.value, -0.9, 1e-14);
    const struct baseline_rows below = one_driver(steep, n, 4); /* 2 N - 1 */
    w = refused(&below);
    cr_expect_eq(w.fault, BASELINE_NEGATIVE);
    cr_expect_eq(w.term, 0);
    cr_expect_float_eq(w.value, -1, 1e-14);
}

Test(baseline, rounding_is_no_negative_coefficient) {
    static const double n[] = {1, 2, 3, 4, 5}, e[] = {0.1, 0.2, 0.3, 0.4, 0.5};
    const struct baseline_rows rows = one_driver(e, n, 5);
    struct baseline b = fitted(&rows);
    cr_expect_float_eq(b.term[0].value, 0, 1e-14);
    cr_expect_geq(b.term[0].value, 0);
    cr_expect_float_eq(b.term[1].value, 0.1, 1e-14);
}

Test(baseline, too_few_rows_dependent_drivers_and_no_numbers_are_refused) {
    static const double two[] = {1, 2, 2, 4, 3, 6, 4, 8}, e[] = {1, 2, 3, NAN};
    const struct baseline_rows few = one_driver(small_e, small_n, 2);
    struct baseline_wrong w = refused(&few);
    cr_expect_eq(w.fault, BASELINE_FEW_ROWS);
    cr_expect_eq(w.value, 3);
    const struct baseline_rows twice = {ones, small_e, two, 4, 2};
    cr_expect_eq(refused(&twice).fault, BASELINE_DEPENDENT);
    const struct baseline_rows hole = one_driver(e, small_n, 4);
    w = refused(&hole);
    cr_expect_eq(w.fault, BASELINE_NO_NUMBER);
    cr_expect_eq(w.term, 3);
    const struct baseline_rows still = {(const double[]){1, 1, 0, 1}, small_e, small_n, 4, 1};
    w = refused(&still);
    cr_expect_eq(w.fault, BASELINE_NO_NUMBER);
    cr_expect_eq(w.term, 2);
}

/* 10 or 14, 14 or 18, 18 or 22 kWh for 1, 2, 3 pieces: 8 + 4 N. The better half is 10, 14, 18: 6 +
 * 4 N. */
Test(baseline, target_goes_through_the_better_half) {
    static const double n[] = {1, 1, 2, 2, 3, 3}, e[] = {10, 14, 14, 18, 18, 22};
    const struct baseline_rows rows = one_driver(e, n, 6);
    struct baseline b = fitted(&rows), target;
    struct baseline_wrong w;
    cr_expect_float_eq(b.term[0].value, 8, 1e-13);
    cr_expect_float_eq(b.term[1].value, 4, 1e-13);
    cr_assert_eq(baseline_target(&rows, &b, &target, &w), ERR_OK);
    cr_expect_eq(target.n, 3);
    cr_expect_float_eq(target.term[0].value, 6, 1e-13);
    cr_expect_float_eq(target.term[1].value, 4, 1e-13);
}

Test(baseline, target_without_enough_rows_says_so) {
    const struct baseline_rows rows = one_driver(small_e, small_n, 4);
    struct baseline b = fitted(&rows), target;
    struct baseline_wrong w;
    cr_expect_eq(baseline_target(&rows, &b, &target, &w), ERR_RANGE); /* a half of 4, 2 terms */
    cr_expect_eq(w.fault, BASELINE_FEW_ROWS);
}

Test(baseline, parts_of_an_energy_sum_to_its_coefficients) {
    static const double part[] = {0.75, 1.5, -0.5, 1}, rest[] = {0.25, 0.5, 2.5, 3};
    const struct baseline_rows whole = one_driver(small_e, small_n, 4);
    struct baseline_rows a = whole, c = whole;
    double va[FIT_COLUMNS_MAX], vc[FIT_COLUMNS_MAX];
    a.energy_kwh = part;
    c.energy_kwh = rest;
    cr_assert_eq(baseline_part(&a, va), ERR_OK);
    cr_assert_eq(baseline_part(&c, vc), ERR_OK);
    for (int j = 0; j < 2; j++)
        cr_expect_float_eq(va[j] + vc[j], 0.9, 1e-14);
}

/* --- verdicts ---------------------------------------------------------------------------------
 */

static struct baseline judged(size_t n, double r2, double f_p, double p1, double p2) {
    struct baseline b = {.n = n, .driver_n = 2, .r2 = r2, .f_p = f_p};
    b.term[1].p = p1;
    b.term[2].p = p2;
    return b;
}

Test(baseline, strict_asks_for_r2_and_points) {
    size_t driver;
    struct baseline b = judged(10, 0.75, 1, 1, 1);
    cr_expect_eq(baseline_judge(&b, BASELINE_STRICT, &driver), 0);
    b.n = 9;
    cr_expect_eq(baseline_judge(&b, BASELINE_STRICT, &driver), BASELINE_FEW_POINTS);
    b.r2 = 0.7499;
    cr_expect_eq(baseline_judge(&b, BASELINE_STRICT, &driver),
                 BASELINE_FEW_POINTS | BASELINE_LOW_R2);
    b.r2 = NAN;
    cr_expect(baseline_judge(&b, BASELINE_STRICT, &driver) & BASELINE_LOW_R2);
}

Test(baseline, sep_asks_for_significance) {
    size_t driver;
    struct baseline b = judged(8, 0.5, 0.09, 0.09, 0.19);
    cr_expect_eq(baseline_judge(&b, BASELINE_SEP, &driver), 0);
    b = judged(8, 0.5, 0.1, 0.09, 0.2);
    cr_expect_eq(baseline_judge(&b, BASELINE_SEP, &driver),
                 BASELINE_WEAK_MODEL | BASELINE_WEAK_DRIVER);
    cr_expect_eq(driver, 1);
    b = judged(8, 0.49, 0.09, 0.11, 0.12);
    cr_expect_eq(baseline_judge(&b, BASELINE_SEP, &driver),
                 BASELINE_LOW_R2 | BASELINE_NO_STRONG_DRIVER);
    b.driver_n = 0;
    b.f_p = NAN;
    cr_expect(baseline_judge(&b, BASELINE_SEP, &driver) & BASELINE_WEAK_MODEL);
}

Test(baseline, profiles_have_names) {
    cr_expect_str_eq(baseline_profile(BASELINE_STRICT)->name, "strict");
    cr_expect_str_eq(baseline_profile(BASELINE_SEP)->name, "sep");
    cr_expect_str_eq(baseline_profile(BASELINE_UNCERTAINTY)->name, "uncertainty");
    cr_expect(baseline_profile(BASELINE_UNCERTAINTY)->beyond_uncertainty);
}

/* --- NIST (../fit has the digits) ---------------------------------------------------------------
 */

/* Wampler1 is 1 + x + ... + x^5 without scatter: an hour and five drivers. */
Test(baseline, exact_data_fit_exactly) {
    double e[21], x[21 * 5];
    for (int i = 0; i <= 20; i++) {
        double power = 1;
        e[i] = 1;
        for (int j = 0; j < 5; j++) {
            power *= i;
            x[i * 5 + j] = power;
            e[i] += power;
        }
    }
    const struct baseline_rows rows = {ones, e, x, 21, 5};
    struct baseline b = fitted(&rows);
    size_t driver;
    for (int j = 0; j < 6; j++)
        cr_expect_eq(b.term[j].value, 1);
    cr_expect_eq(b.r2, 1);
    cr_expect_lt(b.s_kwh, 1e-100);
    cr_expect_eq(baseline_judge(&b, BASELINE_STRICT, &driver), 0);
    cr_expect_eq(baseline_judge(&b, BASELINE_SEP, &driver), 0);
}
