/* The verdict of a periodic review of a norm: a total table from what a period's team-shifts show
 * to one verdict with its reasons (INDICATORS section 6). It counts nothing and changes nothing:
 * who reviews brings the figures, a person decides. */
#ifndef PB_NORM_REVIEW_H
#define PB_NORM_REVIEW_H

#include <stdbool.h>
#include <stdint.h>

enum review_verdict {
    REVIEW_KEEP,
    REVIEW_TIGHTEN,
    REVIEW_LOOSEN,
    REVIEW_REVISE,
    REVIEW_CREATE,
    REVIEW_NOT_ENOUGH_BASIS,
    REVIEW_VERDICT_COUNT
};

enum review_reason {                        /* bits of a set */
                     REASON_MEDIAN = 1,     /* median attainment better than the limit, twice */
                     REASON_REACH_HIGH = 2, /* nearly everyone meets it */
                     REASON_REACH_LOW = 4,  /* hardly anyone does, twice */
                     REASON_PRODUCT = 8,    /* changed, as the next three */
                     REASON_MACHINE = 16,
                     REASON_PROCESS = 32,
                     REASON_SUPERIOR = 64,
                     REASON_EFFECTIVENESS = 128, /* above 100 % */
                     REASON_AGE = 256,
                     REASON_FEW = 512, /* team-shifts */
                     REASON_NO_NORM = 1024,
                     REASON_FRESH =
                         2048, /* too young to be loosened, or to be tightened by chance */
                     REASON_CONTRADICTION = 4096, /* median and reach say opposite things */
                     REVIEW_REASONS = 13
};

/* Of one norm and period. Shares are of 1; NAN: not known. */
struct review_in {
    bool has_norm;
    int64_t n; /* team-shifts with coverage and conditions held */
    double median,
        median_before;          /* attainment as a factor, above 1 is better; before: last period */
    double reach, reach_before; /* share of team-shifts that met it */
    double r0;                  /* reach that its proposal expected */
    double age_months;
    double effectiveness;
    unsigned changed; /* set of REASON_PRODUCT, MACHINE, PROCESS, SUPERIOR */
};

struct review_limits {
    int64_t n_min;       /* 20 */
    double median_above; /* 1.10 */
    double reach_above;  /* 0.90 */
    double reach_below;  /* 0.15 */
    double grace_months; /* 3 */
    double age_months;   /* 12 */
};

struct review_out {
    uint8_t verdict;  /* enum review_verdict */
    unsigned reasons; /* set of enum review_reason */
};

extern const struct review_limits review_defaults;
struct review_out review(const struct review_in *in, const struct review_limits *limits);
const char *review_verdict_name(enum review_verdict v); /* "REVISE-tighten" ...; never NULL */
/* A sentence for reason bit i < REVIEW_REASONS. */
const char *review_reason_text(unsigned i);

#endif
