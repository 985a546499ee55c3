/* Attainment: what was done against the norm in force at the time of each shift, twice: all time,
 * and time with conditions held (INDICATORS section 6). It adds up; which norm was in force is told
 * by the caller. */
#ifndef PB_NORM_ATTAIN_H
#define PB_NORM_ATTAIN_H

#include "norm/observe.h"

/* How attainment is told of an indicator. */
enum attain_form {
    ATTAIN_OUTPUT,      /* Q / Q_norm: above 1 is better */
    ATTAIN_TIME,        /* sum(q T) / t_worked: above 1 is better */
    ATTAIN_CONSUMPTION, /* E / sum(q c): below 1 is better */
    ATTAIN_POINTS,      /* actual less norm, in percentage points */
    ATTAIN_BAND,        /* of a standard: share of time or pieces within the band */
    ATTAIN_FORM_COUNT
};
const char *attain_form_name(enum attain_form f); /* "output" ...; never NULL */
/* Of a norm; a band's is ATTAIN_BAND whatever the indicator. */
enum attain_form attain_form_of(enum indicator i);

/* A norm as it was in force at a shift. */
struct attain_norm {
    bool band;
    double value;     /* in the indicator's unit */
    double low, high; /* of a band */
};

struct attain_sums { /* of shifts with a norm */
    size_t n;
    double numerator, denominator; /* as the indicator has them */
    double normed;                 /* sum(norm x denominator): what the numerator is by the norm */
    double weight, within;         /* of a band: time or pieces judged; of them in the band */
};

void attain_add(struct attain_sums *a, enum indicator i, const struct attain_norm *norm,
                double numerator, double denominator);
/* In the form's unit; NAN: undefined. */
double attain_value(const struct attain_sums *a, enum attain_form f);
/* The same as a ratio in which above 1 is better, whatever the direction: what medians and reviews
 * look at. INFINITY: nothing was used. Of bands the share within. */
double attain_ratio(const struct attain_sums *a, enum indicator i, bool band);

/* --- rows ---------------------------------------------------------------------------------------
 */

/* What rows tell apart: bits of a set. */
enum attain_by {
    ATTAIN_BY_NODE = 1,
    ATTAIN_BY_TEAM = 2,
    ATTAIN_BY_PRODUCT = 4,
    ATTAIN_BY_PERIOD = 8
};

#define ATTAIN_TAKEN_FLAG 0.20 /* more than this taken out is flagged */

struct attain_row {
    uint32_t node;             /* UINT32_MAX: of several */
    struct span product, team; /* borrowed as the shifts'; n = 0: none, or of several */
    int32_t period;            /* norm_period(); INT32_MIN: of several */
    struct attain_sums all, held;
    size_t shifts;       /* that were looked at */
    size_t no_norm;      /* of them: without a norm in force */
    size_t no_data;      /* not measured, or nothing to divide by */
    size_t low_coverage; /* too little known: held against nothing */
    int64_t busy_ms;     /* planned busy time of shifts with a norm */
    int64_t taken_ms;    /* of it: a condition was breached, or nobody knows */
    int64_t unproven_ms; /* of it: nobody knows, to the millisecond (QTY_UNPROVEN) */
    double *ratio;       /* owned: of each shift with a norm, all time, sorted by attain_sort */
    size_t ratio_n, ratio_cap;
    bool band; /* some norm was a band: `all` and `held` have within */
};

struct attain_table {
    unsigned by; /* set of enum attain_by */
    enum indicator indicator;
    double coverage_min;
    struct attain_row *row; /* owned */
    size_t n, cap;
};

struct attain_shift {
    const struct team_shift *shift;
    uint32_t node; /* under which its row stands */
    int32_t period;
    const struct attain_norm *norm; /* NULL: none is in force */
};

enum { ATTAIN_ROWS_MAX = 10000 };
/* ERR_FULL: more rows than ATTAIN_ROWS_MAX; ERR_NOMEM. */
enum err attain_table_add(struct attain_table *t, const struct attain_shift *s);
/* Rows by node, period, product and team; ratios ascending. */
void attain_sort(struct attain_table *t);
void attain_table_fini(struct attain_table *t);
/* Share of the busy time that was taken out; 0: nothing was. */
double attain_taken(const struct attain_row *r);
/* Share of it in which nobody knows whether conditions were kept. */
double attain_unproven(const struct attain_row *r);
/* Quantile q (0 to 1) of a sorted row's ratios, linear between neighbours; NAN: there are none. */
double attain_quantile(const double *sorted, size_t n, double q);

#endif
