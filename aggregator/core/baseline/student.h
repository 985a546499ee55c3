/* Probabilities of Student's t and of Fisher's F, and t's quantiles. It knows no regression. */
#ifndef PB_BASELINE_STUDENT_H
#define PB_BASELINE_STUDENT_H

/* Probability that |t| with `freedom` degrees is larger. freedom > 0; t may be infinite. */
double student_two_sided(double t, double freedom);
/* The t that |t| exceeds with probability p, 0 < p < 1. */
double student_quantile(double p, double freedom);
/* Probability that F with (upper, lower) degrees of freedom is larger. */
double student_f_above(double f, double upper, double lower);

#endif
