/* Worked examples 5, 6 and 7 of INDICATORS section 8: printed figures, to their last digit. */
#include <criterion/criterion.h>
#include <math.h>

#include "norm/average.h"
#include "norm/piecework.h"

static bool near(double a, double b, double digit) {
    return fabs(a - b) <= digit / 2;
}

static struct norm_average average_of(const double *value, size_t n) {
    struct norm_observation o[8];
    struct norm_average a;
    cr_assert(n <= 8);
    for (size_t i = 0; i < n; i++)
        o[i] = (struct norm_observation){value[i], 1};
    cr_assert_eq(norm_average(o, n, &a), ERR_OK);
    return a;
}

Test(norm, fifth_worked_example_gives_the_advanced_average) {
    static const double minutes[] = {14, 13, 15, 12, 10, 9};
    const struct norm_average a = average_of(minutes, 6);
    cr_expect(near(a.mean, 12.1667, 1e-4));
    cr_expect(near(a.better, 10.3333, 1e-4));
    cr_expect(near(a.advanced, 11.25, 1e-4));
    cr_expect(near(a.middle, 10.5833, 1e-4));
    cr_expect_eq(a.better_n, 3u, "12, 10 and 9");
}

Test(norm, sixth_worked_example_gives_growth_and_two_stages) {
    static const double kg[] = {5, 4.8, 4.75, 4.68, 4.65, 4.62, 4.57};
    const struct norm_average a = average_of(kg, 7);
    struct norm_growth g;
    cr_assert_eq(norm_growth(kg, 7, &g), ERR_OK);
    cr_expect(near(g.factor, 0.985124, 1e-6));
    cr_expect(near(g.next, 4.502, 1e-3));
    cr_expect(near(a.mean, 4.724286, 1e-6));
    cr_expect(near(a.better, 4.63, 1e-6));
    cr_expect(near(a.advanced, 4.677143, 1e-6));
}

Test(norm, seventh_worked_example_gives_both_readings_of_a_piece_rate) {
    const struct piecework p = {.norm_h = 0.50, .revised_h = 0.45, .taken_h = 0.40};
    struct piecework_reading r;
    cr_assert_eq(piecework_read(&p, &r), ERR_OK);
    cr_expect(near(r.attainment, 1.25, 1e-9));
    cr_expect(near(r.incentive, 0.25, 1e-9));
    cr_expect(near(r.incentive_cut, 0.125, 1e-9));
    cr_expect(near(r.supplement, 0.1111, 1e-4));
    /* 40,000 an hour: 16,000 for the 0.4 h of a piece at the old rate of 20,000; 18,000 at the new
     * one, and 20,000 again with the supplement. */
    cr_expect(near(40000 * p.revised_h * (1 + r.supplement), 20000, 1e-6));
    cr_expect(near(40000 * p.taken_h * (1 + r.incentive_cut), 18000, 1e-6));
}

/* Weights are pieces: 10 min of 30 pieces and 20 min of 10: m = 500 / 40 = 12.5, a = 10. */
Test(norm, observations_weigh_by_their_pieces) {
    static const struct norm_observation o[] = {{10, 30}, {20, 10}};
    struct norm_average a;
    cr_assert_eq(norm_average(o, 2, &a), ERR_OK);
    cr_expect(near(a.mean, 12.5, 1e-9));
    cr_expect(near(a.advanced, 11.25, 1e-9));
}

/* Equal ones have no better half: the proposal is what they are. */
Test(norm, without_better_ones_the_mean_stays) {
    static const double same[] = {4, 4, 4};
    const struct norm_average a = average_of(same, 3);
    cr_expect_eq(a.better_n, 0u);
    cr_expect(near(a.advanced, 4, 1e-12));
}

Test(norm, what_is_no_time_is_refused) {
    static const struct norm_observation bad[] = {{0, 1}, {-1, 1}, {NAN, 1}, {1, 0}, {INFINITY, 1}};
    struct norm_average a = {.mean = -7};
    struct norm_growth g;
    struct piecework_reading r;
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(norm_average(&bad[i], 1, &a), ERR_RANGE);
    cr_expect_eq(norm_average(bad, 0, &a), ERR_RANGE);
    cr_expect_eq(a.mean, -7, "untouched");
    cr_expect_eq(norm_growth((const double[]){1}, 1, &g), ERR_RANGE);
    cr_expect_eq(piecework_read(&(struct piecework){1, 1, 0, 0}, &r), ERR_RANGE);
    cr_expect_eq(piecework_read(&(struct piecework){1, 1, 1, -1}, &r), ERR_RANGE);
}
