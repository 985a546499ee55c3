#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "nist.h"

static size_t solved_dependent;

static struct fit solve(const double *a, const double *y, size_t rows, size_t columns,
                        double *residual) {
    const struct fit_problem p = {a, y, rows, columns};
    struct fit f = {0};
    cr_assert_eq(fit_solve(&p, &f, residual, &solved_dependent), ERR_OK);
    return f;
}

/* y = 1, 2, 2, 4 over x = 0, 1, 2, 3. n = 4, sum x = 6, sum x^2 = 14, sum y = 9, sum xy = 18; D = 4
 * * 14 - 36 = 20. b1 = (4 * 18 - 6 * 9) / 20 = 0.9, b0 = (9 - 0.9 * 6) / 4 = 0.9. Residuals 0.1,
 * 0.2, -0.7, 0.4. Inverse (14 -6; -6 4) / 20. */
Test(fit, line_through_four_points_is_what_pencil_gives) {
    const double a[] = {1, 0, 1, 1, 1, 2, 1, 3}, y[] = {1, 2, 2, 4};
    const double expected[] = {0.1, 0.2, -0.7, 0.4};
    double residual[4];
    struct fit f = solve(a, y, 4, 2, residual);
    cr_expect_float_eq(f.coefficient[0], 0.9, 1e-15);
    cr_expect_float_eq(f.coefficient[1], 0.9, 1e-15);
    for (int i = 0; i < 4; i++)
        cr_expect_float_eq(residual[i], expected[i], 1e-15);
    cr_expect_float_eq(f.inverse[0][0], 0.7, 1e-15);
    cr_expect_float_eq(f.inverse[0][1], -0.3, 1e-15);
    cr_expect_float_eq(f.inverse[1][0], -0.3, 1e-15);
    cr_expect_float_eq(f.inverse[1][1], 0.2, 1e-15);
}

Test(fit, as_many_rows_as_columns_are_met_exactly) {
    const double a[] = {1, 1, 1, 3}, y[] = {5, 11};
    double residual[2];
    struct fit f = solve(a, y, 2, 2, residual);
    cr_expect_float_eq(f.coefficient[0], 2, 1e-15);
    cr_expect_float_eq(f.coefficient[1], 3, 1e-15);
    cr_expect_float_eq(residual[0], 0, 1e-15);
}

Test(fit, column_that_follows_from_others_is_named) {
    /* The third is twice the second less the first. */
    const double a[] = {1, 2, 3, 1, 5, 9, 1, 7, 13, 1, 4, 7}, y[] = {1, 2, 3, 4};
    const struct fit_problem p = {a, y, 4, 3};
    struct fit f;
    size_t dependent = 99;
    cr_expect_eq(fit_solve(&p, &f, NULL, &dependent), ERR_RANGE);
    cr_expect_lt(dependent, 3);
}

Test(fit, column_of_zeros_is_named) {
    const double a[] = {1, 0, 2, 0, 3, 0}, y[] = {1, 2, 3};
    const struct fit_problem p = {a, y, 3, 2};
    struct fit f;
    size_t dependent = 99;
    cr_expect_eq(fit_solve(&p, &f, NULL, &dependent), ERR_RANGE);
    cr_expect_eq(dependent, 1);
}

Test(fit, refuses_too_few_rows_and_what_is_no_number) {
    double a[] = {1, 1, 1, 3, 1, 4}, y[] = {5, 11, 12};
    struct fit_problem p = {a, y, 1, 2};
    struct fit f;
    size_t dependent = 0;
    cr_expect_eq(fit_solve(&p, &f, NULL, &dependent), ERR_RANGE);
    cr_expect_eq(dependent, 2);
    p.rows = 3;
    a[3] = NAN;
    cr_expect_eq(fit_solve(&p, &f, NULL, &dependent), ERR_RANGE);
    a[3] = 3;
    y[2] = INFINITY;
    cr_expect_eq(fit_solve(&p, &f, NULL, &dependent), ERR_RANGE);
    p.columns = 0;
    cr_expect_eq(fit_solve(&p, &f, NULL, &dependent), ERR_RANGE);
}

/* Prints each figure with its digits and gives the least. */
static double digits(const char *what, const double *got, const double *certified, size_t n) {
    double least = 15;
    for (size_t i = 0; i < n; i++) {
        double lre = nist_lre(got[i], certified[i]);
        fprintf(stderr, "%s %zu: %.14e, certified %.14e: %.1f digits\n", what, i, got[i],
                certified[i], lre);
        least = fmin(least, lre);
    }
    return least;
}

/* https://www.itl.nist.gov/div898/strd/lls/data/LINKS/DATA/Longley.dat; a value of 15 digits may
 * be 5 units of the 16th off, so 14.3 is all that some of them can show. */
Test(fit, longley_has_the_certified_digits) {
    static const double b[] = {-3482258.63459582, 15.0618722713733,  -0.358191792925910E-01,
                               -2.02022980381683, -1.03322686717359, -0.511041056535807E-01,
                               1829.15146461355};
    static const double sd[] = {890420.383607373,  84.9149257747669,  0.334910077722432E-01,
                                0.488399681651699, 0.214274163161675, 0.226073200069370,
                                455.478499142212};
    struct nist_data d;
    double residual[NIST_ROWS_MAX], error[7], sum = 0, s = 0, s_certified = 304.854073561965;
    if (!nist_longley(&d))
        return;
    struct fit f = solve(d.a, d.y, d.rows, d.columns, residual);
    for (size_t i = 0; i < d.rows; i++)
        sum += residual[i] * residual[i];
    s = sqrt(sum / 9);
    for (int j = 0; j < 7; j++)
        error[j] = s * sqrt(f.inverse[j][j]);
    cr_expect_geq(digits("longley b", f.coefficient, b, 7), 14);
    cr_expect_geq(digits("longley sd of b", error, sd, 7), 14);
    cr_expect_geq(digits("longley s", &s, &s_certified, 1), 14);
}

Test(fit, wampler_1_has_the_certified_digits) {
    static const double b[] = {1, 1, 1, 1, 1, 1}, none[21];
    struct nist_data d;
    double residual[NIST_ROWS_MAX];
    nist_wampler(1, &d);
    struct fit f = solve(d.a, d.y, d.rows, d.columns, residual);
    cr_expect_eq(digits("wampler1 b", f.coefficient, b, 6), 15);
    cr_expect_eq(digits("wampler1 residual", residual, none, 21), 15);
}

/* Its y are decimals that no double holds. What that costs is seen against the same data in units
 * of 1e-5, which doubles hold: those give every digit. */
Test(fit, wampler_2_has_the_digits_that_its_decimals_leave) {
    static const double b[] = {1, 0.1, 0.01, 0.001, 0.0001, 0.00001};
    static const double b_whole[] = {100000, 10000, 1000, 100, 10, 1};
    struct nist_data d;
    nist_wampler(10, &d);
    cr_assert_eq(d.y[3], 1.42753);
    struct fit f = solve(d.a, d.y, d.rows, d.columns, NULL);
    cr_expect_geq(digits("wampler2 b", f.coefficient, b, 6), 13);
    for (size_t i = 0; i < d.rows; i++)
        d.y[i] = round(d.y[i] * 1e5);
    f = solve(d.a, d.y, d.rows, d.columns, NULL);
    cr_expect_eq(digits("wampler2 x 1e5 b", f.coefficient, b_whole, 6), 15);
}

/* The same data in other units gives the same figures in those units: columns are scaled. */
Test(fit, units_of_columns_do_not_cost_digits) {
    struct nist_data d;
    nist_wampler(1, &d);
    for (size_t i = 0; i < d.rows; i++)
        for (size_t j = 0; j < d.columns; j++)
            d.a[i * d.columns + j] *= j % 2 ? 0x1p40 : 0x1p-40;
    struct fit f = solve(d.a, d.y, d.rows, d.columns, NULL);
    for (int j = 0; j < 6; j++)
        cr_expect_eq(f.coefficient[j] * (j % 2 ? 0x1p40 : 0x1p-40), 1);
}
