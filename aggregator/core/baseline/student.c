#include "baseline/student.h"

#include <float.h>
#include <math.h>

enum { STEPS_MAX = 20000 };

/* The continued fraction of the incomplete beta function, by Lentz's method: DLMF 8.17.22. Good for
 * x < (a + 1) / (a + b + 2). */
static double fraction(double a, double b, double x) {
    const double tiny = DBL_MIN / DBL_EPSILON;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double h = d;
    for (int m = 1; m < STEPS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        const double term[] = {even, odd};
        double change = 1;
        for (int k = 0; k < 2; k++) {
            d = 1 + term[k] * d;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = 1 + term[k] / c;
            c = fabs(c) < tiny ? tiny : c;
            change = c * d;
            h *= change;
        }
        if (fabs(change - 1) < DBL_EPSILON)
            break;
    }
    return h;
}

static double log_gamma(double v) {
    int sign; /* lgamma() would write a global one */
    return lgamma_r(v, &sign);
}

/* The regularized incomplete beta function I_x(a, b); y = 1 - x as exactly as the caller has it. */
static double beta_part(double a, double b, double x, double y) {
    if (x <= 0)
        return 0;
    if (y <= 0)
        return 1;
    double front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log(y));
    if (x < (a + 1) / (a + b + 2))
        return front * fraction(a, b, x) / a;
    return 1 - front * fraction(b, a, y) / b;
}

double student_two_sided(double t, double freedom) {
    double square = t * t;
    if (isinf(square))
        return 0;
    return beta_part(freedom / 2, 0.5, freedom / (freedom + square), square / (freedom + square));
}

double student_quantile(double p, double freedom) {
    double low = 0, high = 1;
    while (student_two_sided(high, freedom) > p && high < DBL_MAX / 2)
        high *= 2;
    for (int i = 0; i < 200 && low < high; i++) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            break;
        if (student_two_sided(middle, freedom) > p)
            low = middle;
        else
            high = middle;
    }
    return high;
}

double student_f_above(double f, double upper, double lower) {
    double ratio = upper * f;
    if (isinf(ratio))
        return 0;
    return beta_part(lower / 2, upper / 2, lower / (lower + ratio), ratio / (lower + ratio));
}
