/* An energy baseline (ISO 50006): E = b0 * T + sum b_i * N_i fitted to a reference period, what it
 * is worth, and what it expects of other periods. It reads and keeps nothing; where rows come from
 * and where a frozen baseline lies is the caller's business. */
#ifndef PB_BASELINE_BASELINE_H
#define PB_BASELINE_BASELINE_H

#include <stdbool.h>

#include "fit/fit.h"

enum { BASELINE_DRIVERS_MAX = FIT_COLUMNS_MAX - 1 };

/* Periods (days, weeks, batches) in the order of time. */
struct baseline_rows {
    const double *time_h;     /* length of each */
    const double *energy_kwh; /* what was used */
    const double *driver;     /* n x driver_n, row by row, each in its own unit */
    size_t n, driver_n;
};

struct baseline_term {
    double value; /* term 0: base load, kWh per hour; others: kWh per unit of the driver */
    double error; /* standard deviation of the value */
    double t, p;  /* NAN: undefined, as of 0 / 0 in an exact fit */
};

struct baseline {
    size_t n, driver_n;
    struct baseline_term term[FIT_COLUMNS_MAX];         /* 1 + driver_n */
    double low[FIT_COLUMNS_MAX], high[FIT_COLUMNS_MAX]; /* driver i was fitted in this range */
    double inverse[FIT_COLUMNS_MAX][FIT_COLUMNS_MAX];   /* (A'A)^-1 */
    double mean_kwh;
    double s_kwh;           /* standard error of a row: sqrt(RSS / (n - terms)) */
    double r2;              /* 1 - RSS / sum (E - mean)^2; NAN if all energies are equal */
    double adjusted;        /* R2 adjusted for the number of terms */
    double cv_rmse;         /* s / mean */
    double f, f_p;          /* all drivers together against none; NAN without drivers */
    double autocorrelation; /* of neighbouring residuals; NAN in an exact fit */
};

/* Why there is no baseline. */
enum baseline_fault {
    BASELINE_NO_FAULT,
    BASELINE_FEW_ROWS,  /* value: how many are needed */
    BASELINE_NO_NUMBER, /* a value is not finite, or a time not above 0; term: the row */
    BASELINE_DEPENDENT, /* the term follows from the others, or never varies from 0 */
    BASELINE_NEGATIVE,  /* the term's value is below 0: value */
};
struct baseline_wrong {
    enum baseline_fault fault;
    size_t term;
    double value;
};

/* ERR_RANGE with *wrong; ERR_NOMEM. A coefficient that is 0 but for rounding is 0. */
enum err baseline_fit(const struct baseline_rows *rows, struct baseline *out,
                      struct baseline_wrong *wrong);
/* The coefficients of another energy (of a part of the node, of a state) over the same drivers,
 * which may be negative: those of parts that sum to a whole sum to the whole's. ERR_RANGE,
 * ERR_NOMEM. */
enum err baseline_part(const struct baseline_rows *rows, double value[FIT_COLUMNS_MAX]);
/* The best-practice line: the fit through the half of the rows (rounded up) that used least in
 * proportion to what b expects of them. ERR_RANGE with *wrong; ERR_NOMEM. */
enum err baseline_target(const struct baseline_rows *rows, const struct baseline *b,
                         struct baseline *out, struct baseline_wrong *wrong);

/* --- what it is worth --- */

enum baseline_profile {
    BASELINE_STRICT,      /* R2 >= 0.75 and at least 10 rows */
    BASELINE_SEP,         /* R2 >= 0.5, F test p < 0.1, drivers p < 0.2, one of them < 0.1 */
    BASELINE_UNCERTAINTY, /* a total counts if it exceeds its own uncertainty at 90 % */
    BASELINE_PROFILE_COUNT
};
/* Limits of a profile; 0: none. */
struct baseline_profile_row {
    const char *name, *about;
    double r2_least;
    size_t rows_least;
    double model_p_below, drivers_p_below, best_p_below;
    bool beyond_uncertainty;
};
const struct baseline_profile_row *baseline_profile(enum baseline_profile p);

enum baseline_reason { /* bits */
                       BASELINE_LOW_R2 = 1,
                       BASELINE_FEW_POINTS = 2,
                       BASELINE_WEAK_MODEL = 4,
                       BASELINE_WEAK_DRIVER = 8,
                       BASELINE_NO_STRONG_DRIVER = 16,
};
/* Reasons against using it, 0: usable. *driver: the weakest, of BASELINE_WEAK_DRIVER. */
unsigned baseline_judge(const struct baseline *b, enum baseline_profile p, size_t *driver);

/* --- what it expects --- */

/* Standard error of a row as deviations are held against it, kWh: an exact fit has no scatter, and
 * what its arithmetic leaves must raise no alarm. */
double baseline_scatter(const struct baseline *b);
double baseline_expect(const struct baseline *b, double time_h, const double *driver);
/* Driver i lies beyond the fitted range by more than 10 % of its width. */
bool baseline_outside(const struct baseline *b, size_t i, double value);

/* difference = actual - expected: positive is overuse. */
struct baseline_total {
    size_t n, outside; /* rows, and those of them with a driver outside */
    double actual_kwh, expected_kwh, difference_kwh;
    double uncertainty_kwh; /* +- at 90 %; NAN without rows */
};
/* Of the rows [from, to). Uncertainty: t(90 %) * s * sqrt(k * n + x' (A'A)^-1 x), x the summed
 * row; k = (1 + r) / (1 - r) for the autocorrelation r > 0 (ASHRAE Guideline 14, n' of n). */
struct baseline_total baseline_total(const struct baseline *b, const struct baseline_rows *rows,
                                     size_t from, size_t to);

#endif
