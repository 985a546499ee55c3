#include "baseline/baseline.h"

#include <math.h>
#include <stdlib.h>

#include "baseline/student.h"

/* What a coefficient may lie below 0 by rounding, as a part of the mean energy. */
#define ROUNDING 1e-9

static bool usable_row(const struct baseline_rows *r, size_t i) {
    bool ok = isfinite(r->time_h[i]) && r->time_h[i] > 0 && isfinite(r->energy_kwh[i]);
    for (size_t j = 0; j < r->driver_n; j++)
        ok = ok && isfinite(r->driver[i * r->driver_n + j]);
    return ok;
}

static enum err check(const struct baseline_rows *rows, struct baseline_wrong *wrong) {
    size_t terms = rows->driver_n + 1;
    *wrong = (struct baseline_wrong){.fault = BASELINE_FEW_ROWS, .value = (double)terms + 1};
    if (rows->driver_n > BASELINE_DRIVERS_MAX || rows->n <= terms)
        return ERR_RANGE;
    for (size_t i = 0; i < rows->n; i++) {
        if (usable_row(rows, i))
            continue;
        *wrong = (struct baseline_wrong){.fault = BASELINE_NO_NUMBER, .term = i};
        return ERR_RANGE;
    }
    *wrong = (struct baseline_wrong){.fault = BASELINE_NO_FAULT};
    return ERR_OK;
}

/* Times and drivers side by side. NULL: out of memory. */
static double *design_open(const struct baseline_rows *rows) {
    size_t terms = rows->driver_n + 1;
    double *a = calloc(rows->n * terms + 1, sizeof *a);
    for (size_t i = 0; a && i < rows->n; i++) {
        a[i * terms] = rows->time_h[i];
        for (size_t j = 1; j < terms; j++)
            a[i * terms + j] = rows->driver[i * rows->driver_n + j - 1];
    }
    return a;
}

static enum err solve(const struct baseline_rows *rows, struct fit *fit, double *residual,
                      struct baseline_wrong *wrong) {
    double *a = design_open(rows);
    struct fit_problem p = {a, rows->energy_kwh, rows->n, rows->driver_n + 1};
    size_t dependent = 0;
    enum err err = a ? fit_solve(&p, fit, residual, &dependent) : ERR_NOMEM;
    if (err == ERR_RANGE)
        *wrong = (struct baseline_wrong){.fault = BASELINE_DEPENDENT, .term = dependent};
    free(a);
    return err;
}

/* The first negative coefficient; those that rounding left are 0. */
static enum err refuse_negative(const struct baseline_rows *rows, double mean_kwh, struct fit *fit,
                                struct baseline_wrong *wrong) {
    for (size_t j = 0; j < fit->columns; j++) {
        double largest = 0, b = fit->coefficient[j];
        for (size_t i = 0; i < rows->n; i++)
            largest =
                fmax(largest, fabs(j ? rows->driver[i * rows->driver_n + j - 1] : rows->time_h[i]));
        if (b < 0 && -b * largest <= ROUNDING * fabs(mean_kwh))
            fit->coefficient[j] = 0;
        else if (b < 0) {
            *wrong = (struct baseline_wrong){BASELINE_NEGATIVE, j, b};
            return ERR_RANGE;
        }
    }
    return ERR_OK;
}

static double mean(const double *v, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return sum / (double)n;
}

static double squares(const double *v, size_t n, double about) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (v[i] - about) * (v[i] - about);
    return sum;
}

static void take_ranges(const struct baseline_rows *rows, struct baseline *b) {
    for (size_t j = 0; j < rows->driver_n; j++) {
        b->low[j] = b->high[j] = rows->driver[j];
        for (size_t i = 1; i < rows->n; i++) {
            b->low[j] = fmin(b->low[j], rows->driver[i * rows->driver_n + j]);
            b->high[j] = fmax(b->high[j], rows->driver[i * rows->driver_n + j]);
        }
    }
}

static void take_terms(const struct fit *fit, double freedom, struct baseline *b) {
    for (size_t j = 0; j < fit->columns; j++) {
        struct baseline_term *t = &b->term[j];
        t->value = fit->coefficient[j];
        t->error = b->s_kwh * sqrt(fit->inverse[j][j]);
        t->t = t->value / t->error; /* 0 / 0: NAN; x / 0: infinite */
        t->p = isnan(t->t) ? NAN : student_two_sided(t->t, freedom);
        for (size_t k = 0; k < fit->columns; k++)
            b->inverse[j][k] = fit->inverse[j][k];
    }
}

static void take_figures(const struct baseline_rows *rows, const double *residual, double rss,
                         struct baseline *b) {
    double n = (double)rows->n, drivers = (double)rows->driver_n, freedom = n - drivers - 1;
    double all = squares(rows->energy_kwh, rows->n, b->mean_kwh), product = 0;
    b->r2 = all > 0 ? 1 - rss / all : NAN;
    b->adjusted = 1 - (1 - b->r2) * (n - 1) / freedom;
    b->cv_rmse = b->s_kwh / b->mean_kwh;
    b->f = drivers > 0 && all > 0 ? fmax(0, all - rss) / drivers / (rss / freedom) : NAN;
    b->f_p = isnan(b->f) ? NAN : student_f_above(b->f, drivers, freedom);
    for (size_t i = 1; i < rows->n; i++)
        product += residual[i] * residual[i - 1];
    b->autocorrelation = rss > 0 ? product / rss : NAN;
}

static enum err fit_rows(const struct baseline_rows *rows, double *residual, struct baseline *out,
                         struct baseline_wrong *wrong) {
    struct baseline b = {.n = rows->n, .driver_n = rows->driver_n};
    struct fit fit;
    double freedom = (double)rows->n - (double)rows->driver_n - 1;
    b.mean_kwh = mean(rows->energy_kwh, rows->n);
    enum err err = solve(rows, &fit, residual, wrong);
    if (!err)
        err = refuse_negative(rows, b.mean_kwh, &fit, wrong);
    if (err)
        return err;
    double rss = squares(residual, rows->n, 0);
    b.s_kwh = sqrt(rss / freedom);
    take_terms(&fit, freedom, &b);
    take_ranges(rows, &b);
    take_figures(rows, residual, rss, &b);
    *out = b;
    return ERR_OK;
}

enum err baseline_fit(const struct baseline_rows *rows, struct baseline *out,
                      struct baseline_wrong *wrong) {
    enum err err = check(rows, wrong);
    if (err)
        return err;
    double *residual = calloc(rows->n, sizeof *residual);
    err = residual ? fit_rows(rows, residual, out, wrong) : ERR_NOMEM;
    free(residual);
    return err;
}

enum err baseline_part(const struct baseline_rows *rows, double value[FIT_COLUMNS_MAX]) {
    struct baseline_wrong wrong;
    struct fit fit;
    enum err err = check(rows, &wrong);
    if (!err)
        err = solve(rows, &fit, NULL, &wrong);
    for (size_t j = 0; !err && j < fit.columns; j++)
        value[j] = fit.coefficient[j];
    return err;
}

/* --- the best-practice line ---------------------------------------------------------------------
 */

struct ranked {
    double ratio; /* actual to expected */
    size_t row;
};

static int by_ratio(const void *left, const void *right) {
    const struct ranked *a = left, *b = right;
    if (a->ratio != b->ratio)
        return a->ratio < b->ratio ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static int by_row(const void *left, const void *right) {
    const struct ranked *a = left, *b = right;
    return (a->row > b->row) - (a->row < b->row);
}

static size_t rank(const struct baseline_rows *rows, const struct baseline *b, struct ranked *out) {
    size_t half = (rows->n + 1) / 2;
    for (size_t i = 0; i < rows->n; i++) {
        double expected = baseline_expect(b, rows->time_h[i], rows->driver + i * rows->driver_n);
        out[i].row = i;
        out[i].ratio = expected > 0 ? rows->energy_kwh[i] / expected : INFINITY;
    }
    qsort(out, rows->n, sizeof *out, by_ratio);
    qsort(out, half, sizeof *out, by_row);
    return half;
}

enum err baseline_target(const struct baseline_rows *rows, const struct baseline *b,
                         struct baseline *out, struct baseline_wrong *wrong) {
    size_t width = rows->driver_n + 2;
    struct ranked *order = calloc(rows->n, sizeof *order);
    double *values = calloc(rows->n * width, sizeof *values);
    enum err err = ERR_NOMEM;
    if (order && values) {
        size_t n = rank(rows, b, order);
        double *time = values, *energy = values + n, *driver = values + 2 * n;
        for (size_t i = 0; i < n; i++) {
            time[i] = rows->time_h[order[i].row];
            energy[i] = rows->energy_kwh[order[i].row];
            for (size_t j = 0; j < rows->driver_n; j++)
                driver[i * rows->driver_n + j] = rows->driver[order[i].row * rows->driver_n + j];
        }
        err = baseline_fit(&(struct baseline_rows){time, energy, driver, n, rows->driver_n}, out,
                           wrong);
    }
    free(order);
    free(values);
    return err;
}
