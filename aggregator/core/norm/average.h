/* What observations propose as a norm: the advanced average and the growth of best years
 * (INDICATORS section 6). It neither keeps nor approves norms, and chooses no observations. */
#ifndef PB_NORM_AVERAGE_H
#define PB_NORM_AVERAGE_H

#include <stddef.h>

#include "base/err.h"

/* An observation in the consumption domain: time, energy or material of one piece, less is better.
 */
struct norm_observation {
    double value;  /* > 0 */
    double weight; /* > 0: pieces it is of */
};

struct norm_average {
    double mean;     /* m, weighted */
    double better;   /* a: weighted mean of those better than m; m itself if there are none */
    double advanced; /* g = (m + a) / 2 */
    double best;
    double middle; /* (m + best) / 2 */
    size_t better_n;
};

/* ERR_RANGE: no observations, or one is not positive and finite. O(n). */
enum err norm_average(const struct norm_observation *o, size_t n, struct norm_average *out);

/* Of a series over time: the mean factor from one to the next, (last / first)^(1 / (n - 1)), and
 * what it comes to once more. ERR_RANGE as above, and with fewer than two. */
struct norm_growth {
    double factor, next;
};
enum err norm_growth(const double *value, size_t n, struct norm_growth *out);

#endif
