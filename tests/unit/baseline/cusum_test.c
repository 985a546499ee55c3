#include <criterion/criterion.h>

#include "baseline/cusum.h"

/* s = 2: K = 1, H = 9. S+ of 1, 3, 4, 5, 2: 0, 2, 5, 9, 10: above 9 in the fifth row, drifting
 * since the second. Then -10 and -2: S+ 0; S- 9, 10: a saving since the sixth row. */
Test(cusum, alarm_and_its_begin_are_those_of_pencil) {
    static const double d[] = {1, 3, 4, 5, 2, -10, -2};
    static const double total[] = {1, 4, 8, 13, 15, 5, 3};
    static const double over[] = {0, 2, 5, 9, 10, 0, 0}, under[] = {0, 0, 0, 0, 0, 9, 10};
    static const enum cusum_alarm alarm[] = {CUSUM_QUIET,   CUSUM_QUIET, CUSUM_QUIET, CUSUM_QUIET,
                                             CUSUM_OVERUSE, CUSUM_QUIET, CUSUM_SAVING};
    struct cusum c;
    cusum_init(&c, 2);
    for (size_t i = 0; i < 7; i++) {
        struct cusum_point p = cusum_add(&c, d[i]);
        cr_expect_eq(p.total, total[i], "%zu", i);
        cr_expect_eq(p.over, over[i], "%zu", i);
        cr_expect_eq(p.under, under[i], "%zu", i);
        cr_expect_eq(p.alarm, alarm[i], "%zu", i);
        if (p.alarm)
            cr_expect_eq(p.begin, p.alarm == CUSUM_OVERUSE ? 1 : 5);
    }
}

Test(cusum, scatter_of_one_standard_error_raises_nothing) {
    struct cusum c;
    cusum_init(&c, 2);
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(cusum_add(&c, i % 2 ? 2 : -2).alarm, CUSUM_QUIET);
}

/* A drift of one s a row adds 0.5 s each: 4.5 s are exceeded by the tenth. */
Test(cusum, drift_of_one_standard_error_is_seen_in_the_tenth_row) {
    struct cusum c;
    cusum_init(&c, 1);
    for (int i = 1; i <= 10; i++)
        cr_expect_eq(cusum_add(&c, 1).alarm, i < 10 ? CUSUM_QUIET : CUSUM_OVERUSE, "%d", i);
}
