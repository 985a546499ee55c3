/* Sums of products in twice the precision of a double: an unevaluated sum of two doubles. Of use to
 * this room only. Source: T. Ogita, S. Rump, S. Oishi, Accurate sum and dot product, SIAM J. Sci.
 * Comput. 26 (2005). */
#ifndef PB_FIT_TWOFOLD_H
#define PB_FIT_TWOFOLD_H

#include <math.h>

struct twofold {
    double high, low;
};

static inline void twofold_add(struct twofold *t, double v) {
    double sum = t->high + v, part = sum - t->high;
    t->low += (t->high - (sum - part)) + (v - part);
    t->high = sum;
}

/* Adds a * b; fma() gives what the rounded product leaves. */
static inline void twofold_add_product(struct twofold *t, double a, double b) {
    double product = a * b;
    twofold_add(t, product);
    t->low += fma(a, b, -product);
}

static inline double twofold_get(const struct twofold *t) {
    return t->high + t->low;
}

#endif
