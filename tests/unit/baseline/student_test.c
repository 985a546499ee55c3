#include <criterion/criterion.h>
#include <math.h>

#include "baseline/student.h"

#define PI 3.14159265358979323846

/* Percentage points of t as every table prints them (Pearson and Hartley, Biometrika Tables I,
 * table 12). */
Test(student, t_is_that_of_the_tables) {
    static const struct {
        double freedom, p, t;
    } row[] = {{1, 0.05, 12.706}, {2, 0.05, 4.303},   {5, 0.01, 4.032},   {9, 0.05, 2.262},
               {10, 0.05, 2.228}, {10, 0.001, 4.587}, {20, 0.10, 1.725},  {30, 0.05, 2.042},
               {30, 0.02, 2.457}, {120, 0.05, 1.980}, {120, 0.001, 3.373}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        cr_expect_float_eq(student_quantile(row[i].p, row[i].freedom), row[i].t, 0.0005001,
                           "%g degrees, %g", row[i].freedom, row[i].p);
}

/* One degree: p = 1 - 2 atan(t) / pi = 2 atan(1 / t) / pi. Two: p = 1 - t / sqrt(2 + t^2) = 2 / (s
 * (s + t)), s = sqrt(2 + t^2), which loses no digit in the tail. */
Test(student, one_and_two_degrees_are_their_closed_forms) {
    for (double t = 1e-6; t < 1e9; t *= 7) {
        double s = sqrt(2 + t * t), one = 2 * atan(1 / t) / PI, two = 2 / (s * (s + t));
        cr_expect_float_eq(student_two_sided(t, 1) / one, 1, 1e-13, "%g", t);
        cr_expect_float_eq(student_two_sided(-t, 2) / two, 1, 1e-13, "%g", t);
    }
    cr_expect_eq(student_two_sided(0, 3), 1);
    cr_expect_eq(student_two_sided(INFINITY, 3), 0);
}

/* The normal distribution is what t tends to: 1.959964 leaves 5 % outside. Of n degrees what is
 * left is of the order of z^3 / 4n. */
Test(student, many_degrees_come_to_the_normal_distribution) {
    cr_expect_float_eq(student_two_sided(1.959963984540054, 1e7), 0.05, 5e-8);
    cr_expect_float_eq(student_quantile(0.1, 1e7), 1.644853626951, 1e-6);
}

/* t values of NIST's certified Longley regression, and the p that R prints for them (help page of
 * the data set longley). */
Test(student, p_values_of_longley_are_those_that_r_prints) {
    static const double t[] = {
        -3482258.63459582 / 890420.383607373,     15.0618722713733 / 84.9149257747669,
        -0.0358191792925910 / 0.0334910077722432, -2.02022980381683 / 0.488399681651699,
        -1.03322686717359 / 0.214274163161675,    -0.0511041056535807 / 0.226073200069370,
        1829.15146461355 / 455.478499142212};
    static const double p[] = {0.003560, 0.863141, 0.312681, 0.002535,
                               0.000944, 0.826212, 0.003037};
    for (int i = 0; i < 7; i++)
        cr_expect_float_eq(student_two_sided(t[i], 9), p[i], 5.01e-7, "%d", i);
    cr_expect_float_eq(student_f_above(330.285339234588, 6, 9) / 4.984e-10, 1, 1.1e-4);
}

/* Upper points of F (the same Tables, table 18). */
Test(student, f_is_that_of_the_tables) {
    cr_expect_float_eq(student_f_above(3.33, 5, 10), 0.05, 2e-4);
    cr_expect_float_eq(student_f_above(5.85, 2, 20), 0.01, 2e-5);
    cr_expect_float_eq(student_f_above(4.26, 1, 24), 0.05, 2e-4);
    /* One degree above: the square of t. */
    cr_expect_float_eq(student_f_above(2.5 * 2.5, 1, 7), student_two_sided(2.5, 7), 1e-15);
    cr_expect_eq(student_f_above(INFINITY, 2, 5), 0);
}
