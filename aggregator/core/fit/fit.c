/* The refined system is (I A; A' 0) (r; x) = (f; g): with f = y, g = 0 it is least squares, with f
 * = 0, g = -e_j its x is column j of (A'A)^-1. Both come from one factorization Q R = A P. */
#include "fit/fit.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fit/twofold.h"

/* Columns are called dependent when what is new in one is less than this part of it. */
#define DEPENDENT_BELOW 1e-12

enum { ROUNDS_LEAST = 3, ROUNDS_MAX = 20, EXPONENT_LEAST = -1000 };

struct work {
    size_t m, n;
    double *a;       /* m x n, column by column, scaled by powers of two: exactly */
    double *qr;      /* Q and R as LAPACK keeps them */
    double *f, *r;   /* m: right-hand side and residual of the system */
    double *df;      /* m: what is left of the first block */
    double *scratch; /* LAPACK's */
    lapack_int scratch_n;
    double scale[FIT_COLUMNS_MAX], tau[FIT_COLUMNS_MAX];
    double g[FIT_COLUMNS_MAX], x[FIT_COLUMNS_MAX], dg[FIT_COLUMNS_MAX];
    lapack_int pivot[FIT_COLUMNS_MAX]; /* from 1 */
};

static bool all_finite(const double *v, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(v[i]))
            return false;
    return true;
}

static enum err work_open(struct work *w, const struct fit_problem *p) {
    size_t m = p->rows, n = p->columns;
    *w = (struct work){.m = m, .n = n, .scratch_n = (lapack_int)(3 * n + 1)};
    w->a = calloc(m * n + 1, sizeof(double));
    w->qr = calloc(m * n + 1, sizeof(double));
    w->f = calloc(3 * m + 1, sizeof(double));
    w->scratch = calloc((size_t)w->scratch_n, sizeof(double));
    if (!w->a || !w->qr || !w->f || !w->scratch)
        return ERR_NOMEM;
    w->r = w->f + m;
    w->df = w->r + m;
    return ERR_OK;
}

static void work_close(struct work *w) {
    free(w->a);
    free(w->qr);
    free(w->f);
    free(w->scratch);
}

/* Brings the largest value of each column into [0.5, 1). */
static void load(struct work *w, const struct fit_problem *p) {
    for (size_t j = 0; j < w->n; j++) {
        double largest = 0;
        int exponent = 0;
        for (size_t i = 0; i < w->m; i++)
            largest = fmax(largest, fabs(p->a[i * w->n + j]));
        (void)frexp(largest, &exponent);
        w->scale[j] = exponent < EXPONENT_LEAST ? 1 : ldexp(1, -exponent);
        for (size_t i = 0; i < w->m; i++)
            w->a[j * w->m + i] = p->a[i * w->n + j] * w->scale[j];
    }
    memcpy(w->qr, w->a, w->m * w->n * sizeof(double));
}

static enum err factorize(struct work *w, size_t *dependent) {
    lapack_int m = (lapack_int)w->m, n = (lapack_int)w->n, pivot[FIT_COLUMNS_MAX] = {0};
    double tau[FIT_COLUMNS_MAX] = {0};
    if (LAPACKE_dgeqp3_work(LAPACK_COL_MAJOR, m, n, w->qr, m, pivot, tau, w->scratch, w->scratch_n))
        return ERR_RANGE;
    memcpy(w->pivot, pivot, sizeof pivot);
    memcpy(w->tau, tau, sizeof tau);
    double first = fabs(w->qr[0]);
    for (size_t k = 0; k < w->n; k++) {
        if (fabs(w->qr[k * w->m + k]) > first * DEPENDENT_BELOW)
            continue;
        *dependent = (size_t)w->pivot[k] - 1;
        return ERR_RANGE;
    }
    return ERR_OK;
}

static void apply_q(struct work *w, char transposed, double *v) {
    lapack_int m = (lapack_int)w->m, n = (lapack_int)w->n;
    (void)LAPACKE_dormqr_work(LAPACK_COL_MAJOR, 'L', transposed, m, 1, n, w->qr, m, w->tau, v, m,
                              w->scratch, w->scratch_n);
}

static void solve_r(const struct work *w, char transposed, double *v) {
    lapack_int m = (lapack_int)w->m, n = (lapack_int)w->n;
    (void)LAPACKE_dtrtrs_work(LAPACK_COL_MAJOR, 'U', transposed, 'N', n, 1, w->qr, m, v, n);
}

/* One solution of the system for (df, dg), in place: df becomes dr, dg becomes dx. */
static void solve_once(struct work *w) {
    double h[FIT_COLUMNS_MAX], x[FIT_COLUMNS_MAX];
    for (size_t k = 0; k < w->n; k++)
        h[k] = w->dg[w->pivot[k] - 1];
    solve_r(w, 'T', h); /* R'h = P'g */
    apply_q(w, 'T', w->df);
    for (size_t k = 0; k < w->n; k++) {
        x[k] = w->df[k] - h[k];
        w->df[k] = h[k];
    }
    solve_r(w, 'N', x);
    apply_q(w, 'N', w->df);
    for (size_t k = 0; k < w->n; k++)
        w->dg[w->pivot[k] - 1] = x[k];
}

/* What the present solution leaves of f and g. */
static void leave(struct work *w) {
    for (size_t i = 0; i < w->m; i++) {
        struct twofold t = {w->f[i], 0};
        twofold_add(&t, -w->r[i]);
        for (size_t j = 0; j < w->n; j++)
            twofold_add_product(&t, -w->a[j * w->m + i], w->x[j]);
        w->df[i] = twofold_get(&t);
    }
    for (size_t j = 0; j < w->n; j++) {
        struct twofold t = {w->g[j], 0};
        for (size_t i = 0; i < w->m; i++)
            twofold_add_product(&t, -w->a[j * w->m + i], w->r[i]);
        w->dg[j] = twofold_get(&t);
    }
}

/* The largest correction in proportion to its value. */
static double change_of(const struct work *w) {
    double change = 0;
    for (size_t j = 0; j < w->n; j++)
        if (w->dg[j] != 0)
            change = fmax(change, fabs(w->dg[j]) / fmax(fabs(w->x[j]), DBL_MIN));
    return change;
}

/* Solves for (f, g) and corrects until corrections no longer shrink. */
static void solve(struct work *w) {
    double before = INFINITY;
    memset(w->r, 0, w->m * sizeof(double));
    memset(w->x, 0, sizeof w->x);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        leave(w);
        solve_once(w);
        double change = change_of(w);
        if (round > ROUNDS_LEAST && change > before / 2)
            return;
        before = change;
        for (size_t i = 0; i < w->m; i++)
            w->r[i] += w->df[i];
        for (size_t j = 0; j < w->n; j++)
            w->x[j] += w->dg[j];
        if (change == 0)
            return;
    }
}

static void invert(struct work *w, struct fit *out) {
    memset(w->f, 0, w->m * sizeof(double));
    for (size_t j = 0; j < w->n; j++) {
        memset(w->g, 0, sizeof w->g);
        w->g[j] = -1;
        solve(w);
        for (size_t i = 0; i < w->n; i++)
            out->inverse[i][j] = w->x[i] * w->scale[i] * w->scale[j];
    }
}

static enum err solve_all(struct work *w, const struct fit_problem *p, struct fit *out,
                          double *residual, size_t *dependent) {
    struct fit fit = {.rows = w->m, .columns = w->n};
    load(w, p);
    enum err err = factorize(w, dependent);
    if (err)
        return err;
    memcpy(w->f, p->y, w->m * sizeof(double));
    solve(w);
    for (size_t j = 0; j < w->n; j++)
        fit.coefficient[j] = w->x[j] * w->scale[j];
    if (!all_finite(fit.coefficient, w->n))
        return ERR_RANGE;
    if (residual)
        memcpy(residual, w->r, w->m * sizeof(double));
    invert(w, &fit);
    *out = fit;
    return ERR_OK;
}

enum err fit_solve(const struct fit_problem *p, struct fit *out, double *residual,
                   size_t *dependent) {
    struct work w;
    *dependent = p->columns;
    if (p->columns == 0 || p->columns > FIT_COLUMNS_MAX || p->rows < p->columns ||
        p->rows > FIT_ROWS_MAX || !all_finite(p->a, p->rows * p->columns) ||
        !all_finite(p->y, p->rows))
        return ERR_RANGE;
    enum err err = work_open(&w, p);
    if (!err)
        err = solve_all(&w, p, out, residual, dependent);
    work_close(&w);
    return err;
}
