/* Reference data of the NIST Statistical Reference Datasets (linear regression), and how many
 * digits of a certified value a figure has. */
#ifndef PB_TESTS_NIST_H
#define PB_TESTS_NIST_H

#include <stdbool.h>
#include <stdint.h>

#include "fit/fit.h"

enum { NIST_ROWS_MAX = 32 };

struct nist_data {
    double a[NIST_ROWS_MAX * FIT_COLUMNS_MAX], y[NIST_ROWS_MAX];
    size_t rows, columns;
};

/* With a leading column of ones. False with one line on standard error when there is no file. */
bool nist_longley(struct nist_data *out);
/* Polynomials of degree 5 over x = 0 .. 20: y = 1 + qx + q^2 x^2 + ..., q = 1 / one_over_q; the
 * data sets Wampler1 (1) and Wampler2 (10), as NIST prints them: exactly rounded decimals. */
void nist_wampler(int one_over_q, struct nist_data *out);
struct fit_problem nist_problem(const struct nist_data *d);
/* Log relative error: digits that agree with the certified value, at most 15, of 0 the absolute
 * one. NIST certifies 15 digits. */
double nist_lre(double got, double certified);

#endif
