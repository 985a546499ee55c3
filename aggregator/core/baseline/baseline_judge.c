/* What a baseline is worth, and what it expects. */
#include <math.h>

#include "baseline/baseline.h"
#include "baseline/student.h"

/* SEP: Superior Energy Performance, measurement and verification protocol, validity of models. */
static const struct baseline_profile_row profiles[BASELINE_PROFILE_COUNT] = {
    [BASELINE_STRICT] = {.name = "strict",
                         .about = "R2 at least 0.75, at least 10 rows",
                         .r2_least = 0.75,
                         .rows_least = 10},
    [BASELINE_SEP] = {.name = "sep",
                      .about = "R2 at least 0.5, model p < 0.1, drivers p < 0.2, one < 0.1",
                      .r2_least = 0.5,
                      .model_p_below = 0.1,
                      .drivers_p_below = 0.2,
                      .best_p_below = 0.1},
    [BASELINE_UNCERTAINTY] = {.name = "uncertainty",
                              .about = "a difference counts beyond its uncertainty at 90 %",
                              .beyond_uncertainty = true},
};

const struct baseline_profile_row *baseline_profile(enum baseline_profile p) {
    return &profiles[p];
}

/* NAN is never good enough. */
static bool below(double p, double limit) {
    return limit <= 0 || p < limit;
}

unsigned baseline_judge(const struct baseline *b, enum baseline_profile p, size_t *driver) {
    const struct baseline_profile_row *row = &profiles[p];
    unsigned reasons = 0;
    double worst = -1, best = 2;
    *driver = 0;
    for (size_t i = 0; i < b->driver_n; i++) {
        double at = isnan(b->term[i + 1].p) ? 1 : b->term[i + 1].p;
        if (at > worst) {
            worst = at;
            *driver = i;
        }
        best = fmin(best, at);
    }
    if (row->r2_least > 0 && !(b->r2 >= row->r2_least))
        reasons |= BASELINE_LOW_R2;
    if (b->n < row->rows_least)
        reasons |= BASELINE_FEW_POINTS;
    if (!below(b->f_p, row->model_p_below))
        reasons |= BASELINE_WEAK_MODEL;
    if (!below(worst, row->drivers_p_below))
        reasons |= BASELINE_WEAK_DRIVER;
    if (!below(best, row->best_p_below))
        reasons |= BASELINE_NO_STRONG_DRIVER;
    return reasons;
}

#define LEAST_SCATTER 1e-9

double baseline_scatter(const struct baseline *b) {
    return fmax(b->s_kwh, LEAST_SCATTER * fabs(b->mean_kwh));
}

double baseline_expect(const struct baseline *b, double time_h, const double *driver) {
    double kwh = b->term[0].value * time_h;
    for (size_t i = 0; i < b->driver_n; i++)
        kwh += b->term[i + 1].value * driver[i];
    return kwh;
}

bool baseline_outside(const struct baseline *b, size_t i, double value) {
    double room = (b->high[i] - b->low[i]) / 10;
    return !(value >= b->low[i] - room && value <= b->high[i] + room);
}

/* x' (A'A)^-1 x */
static double spread(const struct baseline *b, const double *x) {
    double sum = 0;
    for (size_t j = 0; j <= b->driver_n; j++)
        for (size_t k = 0; k <= b->driver_n; k++)
            sum += x[j] * b->inverse[j][k] * x[k];
    return sum;
}

static double uncertainty(const struct baseline *b, const double *x, size_t n) {
    double r = b->autocorrelation > 0 ? fmin(b->autocorrelation, 0.99) : 0;
    double t = student_quantile(0.1, (double)(b->n - b->driver_n - 1));
    return t * b->s_kwh * sqrt((double)n * (1 + r) / (1 - r) + spread(b, x));
}

struct baseline_total baseline_total(const struct baseline *b, const struct baseline_rows *rows,
                                     size_t from, size_t to) {
    struct baseline_total t = {.uncertainty_kwh = NAN};
    double x[FIT_COLUMNS_MAX] = {0};
    for (size_t i = from; i < to; i++) {
        const double *driver = rows->driver + i * rows->driver_n;
        bool outside = false;
        x[0] += rows->time_h[i];
        for (size_t j = 0; j < rows->driver_n; j++) {
            x[j + 1] += driver[j];
            outside = outside || baseline_outside(b, j, driver[j]);
        }
        t.n++;
        t.outside += outside;
        t.actual_kwh += rows->energy_kwh[i];
        t.expected_kwh += baseline_expect(b, rows->time_h[i], driver);
    }
    t.difference_kwh = t.actual_kwh - t.expected_kwh;
    if (t.n > 0)
        t.uncertainty_kwh = uncertainty(b, x, t.n);
    return t;
}
