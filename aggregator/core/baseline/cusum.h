/* Cumulative sums of d = actual - expected (positive: overuse): the plain one to draw, and the
 * tabular one that raises an alarm. It knows no energy and no time: rows are counted. */
#ifndef PB_BASELINE_CUSUM_H
#define PB_BASELINE_CUSUM_H

#include <stdbool.h>
#include <stddef.h>

/* Tabular CUSUM in standard errors of a row: what each row may be off, and what is too much. */
#define CUSUM_SLACK 0.5
#define CUSUM_LIMIT 4.5

struct cusum_side {
    double sum;
    size_t begin; /* the first row since the sum was 0 */
};

struct cusum {
    double slack, limit;
    size_t rows; /* taken */
    double total;
    struct cusum_side over, under;
};

enum cusum_alarm { CUSUM_QUIET, CUSUM_OVERUSE, CUSUM_SAVING };

struct cusum_point {
    double d, total;        /* total: C = sum of d */
    double over, under;     /* S+ = max(0, S+ + d - K), S- = max(0, S- - d - K) */
    enum cusum_alarm alarm; /* a sum is above the limit; of both the larger one */
    size_t begin; /* the row from which the alarm's drift goes on; of CUSUM_QUIET: unused */
};

/* s > 0: standard error of a row, in the unit of d. */
void cusum_init(struct cusum *c, double s);
struct cusum_point cusum_add(struct cusum *c, double d);

#endif
