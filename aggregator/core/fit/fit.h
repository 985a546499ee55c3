/* Linear least squares: coefficients, residuals and the inverse of the normal matrix of A b = y. It
 * knows nothing of energy and judges nothing; it is the one place that knows LAPACK. */
#ifndef PB_FIT_FIT_H
#define PB_FIT_FIT_H

#include <stddef.h>

#include "base/err.h"

enum { FIT_COLUMNS_MAX = 16, FIT_ROWS_MAX = 1 << 24 };

struct fit_problem {
    const double *a; /* rows x columns, row by row, in the caller's units */
    const double *y; /* rows */
    size_t rows, columns;
};

struct fit {
    size_t rows, columns;
    double coefficient[FIT_COLUMNS_MAX];
    double inverse[FIT_COLUMNS_MAX][FIT_COLUMNS_MAX]; /* (A'A)^-1 */
};

/* Solves by QR with scaled and pivoted columns and refines the solution with residuals in twice the
 * precision, so that it is right to the last digits of a double while the scaled condition stays
 * far from 1e12. residual: rows values y - A b, or NULL. ERR_RANGE: fewer rows than columns, none
 * or too many of them, or a value that is not finite (*dependent = columns), or a column that is a
 * combination of others (*dependent = its index). ERR_NOMEM. O(rows x columns^2). Source of the
 * refinement: A. Bjoerck, Iterative refinement of linear least squares solutions I, BIT 7 (1967).
 */
enum err fit_solve(const struct fit_problem *p, struct fit *out, double *residual,
                   size_t *dependent);

#endif
