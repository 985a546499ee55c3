#include <criterion/criterion.h>
#include <math.h>

#include "made_frozen.h"
#include "study/study.h"

/* Three pieces a day are expected to take 106 kWh. K = 0.5 s = 0.548, H = 4.5 s = 4.930. From the
 * second day on the cutter takes 3 kWh more in standby: S+ = 0, 2.452, 4.904, 7.357. */
static const struct made_line_day drift[] = {{3, 0, 100}, {3, 0, 103}, {3, 0, 103}, {3, 0, 103}};

Test(study, a_drift_is_seen_since_its_begin) {
    struct frozen f = made_frozen();
    struct energy_rows rows = made_line_rows(&f.spec, 14, drift, 4);
    struct study s;
    cr_assert_eq(study_open(&f, &rows, &s), ERR_OK);
    cr_expect_eq(s.reasons, 0);
    cr_expect_float_eq(study_expected(&s, 0), 106, 1e-10);
    cr_expect_float_eq(s.point[3].total, 9, 1e-10);
    cr_expect_float_eq(s.point[3].over, 9 - 1.5 * sqrt(1.2), 1e-10);
    cr_assert_eq(s.alarm_n, 1);
    cr_expect_eq(s.alarm[0].kind, CUSUM_OVERUSE);
    cr_expect_eq(s.alarm[0].begin, 1);
    cr_expect_eq(s.alarm[0].raised, 3);
    cr_expect(s.alarm[0].standing);
    study_close(&s);
    energy_rows_fini(&rows);
    frozen_fini(&f);
}

Test(study, a_deviation_is_found_in_its_part_and_state) {
    struct frozen f = made_frozen();
    struct energy_rows rows = made_line_rows(&f.spec, 14, drift, 4);
    struct study s;
    struct study_finding found;
    cr_assert_eq(study_open(&f, &rows, &s), ERR_OK);
    study_find(&s, 2, 4, &found);
    cr_expect(found.counts);
    cr_expect_float_eq(found.total.difference_kwh, 6, 1e-10);
    cr_assert_eq(found.share_n, 3); /* line-1, cutter, the rest */
    cr_expect_eq(found.part, 1);
    cr_expect_eq(found.group, ENERGY_STANDBY);
    cr_expect_float_eq(found.share[0].difference_kwh, 6, 1e-10);
    cr_expect_float_eq(found.share[1].difference_kwh, 6, 1e-10);
    cr_expect_float_eq(found.share[2].difference_kwh, 0, 1e-10);
    cr_expect_float_eq(found.share[2].actual_kwh, 12, 1e-10);
    cr_expect_float_eq(found.state[1][ENERGY_STANDBY].expected_kwh, 200, 1e-10);
    cr_expect_eq(found.alarm, &s.alarm[0]);
    study_find(&s, 0, 2, &found);
    cr_expect_null(found.alarm); /* not raised yet */
    study_close(&s);
    energy_rows_fini(&rows);
    frozen_fini(&f);
}

/* 30 kWh less in production of no part, and 5 more of the cutter. */
Test(study, a_saving_is_looked_for_in_the_other_direction) {
    static const struct made_line_day less[] = {{6, -30, 105}, {6, -30, 105}};
    struct frozen f = made_frozen();
    struct energy_rows rows = made_line_rows(&f.spec, 14, less, 2);
    struct study s;
    struct study_finding found;
    cr_assert_eq(study_open(&f, &rows, &s), ERR_OK);
    study_find(&s, 0, 2, &found);
    cr_expect_float_eq(found.total.difference_kwh, -50, 1e-10);
    cr_expect_eq(found.part, 2);
    cr_expect_eq(found.group, ENERGY_PRODUCTION);
    cr_expect_eq(s.alarm[0].kind, CUSUM_SAVING);
    study_close(&s);
    energy_rows_fini(&rows);
    frozen_fini(&f);
}

/* Ten degrees: t = 1.8125 at 90 %. Neighbours differ: r < 0, k = 1. A day of 3 pieces: x' (A'A)^-1
 * x = 1 / 12 + 0.5^2 / 35, 35 being the squares of 1 .. 6 about 3.5: +-1.8125 sqrt(1.2 * 1.0905).
 */
Test(study, by_uncertainty_a_difference_counts_beyond_it) {
    static const struct made_line_day some[] = {{3, 0, 102}, {3, 0, 103}};
    struct frozen f = made_frozen();
    struct energy_rows rows = made_line_rows(&f.spec, 14, some, 2);
    struct study s;
    struct study_finding found;
    f.profile = BASELINE_UNCERTAINTY;
    cr_assert_eq(study_open(&f, &rows, &s), ERR_OK);
    study_find(&s, 0, 1, &found);
    cr_expect_float_eq(found.total.uncertainty_kwh, 2.073, 0.001);
    cr_expect_float_eq(found.total.difference_kwh, 2, 1e-10);
    cr_expect_not(found.counts);
    study_find(&s, 1, 2, &found);
    cr_expect_float_eq(found.total.difference_kwh, 3, 1e-10);
    cr_expect(found.counts);
    study_close(&s);
    energy_rows_fini(&rows);
    frozen_fini(&f);
}

Test(study, drivers_outside_the_fitted_range_are_flagged) {
    static const struct made_line_day far[] = {{6, 0, 100}, {7, 0, 100}};
    struct frozen f = made_frozen();
    struct energy_rows rows = made_line_rows(&f.spec, 14, far, 2);
    struct study s;
    cr_assert_eq(study_open(&f, &rows, &s), ERR_OK);
    cr_expect_not(study_outside(&s, 0));
    cr_expect(study_outside(&s, 1)); /* fitted from 1 to 6: up to 6.5 */
    study_close(&s);
    energy_rows_fini(&rows);
    frozen_fini(&f);
}

Test(study, an_unusable_baseline_says_why) {
    struct frozen f = made_frozen();
    struct energy_rows rows = made_line_rows(&f.spec, 14, drift, 4);
    struct study s;
    struct study_finding found;
    f.model.r2 = 0.5;
    cr_assert_eq(study_open(&f, &rows, &s), ERR_OK);
    cr_expect_eq(s.reasons, BASELINE_LOW_R2);
    study_find(&s, 0, 4, &found);
    cr_expect_not(found.counts);
    study_close(&s);
    energy_rows_fini(&rows);
    frozen_fini(&f);
}

/* Without scatter there is no s; the arithmetic's last digits are no drift. */
Test(study, an_exact_baseline_raises_no_alarm_by_rounding) {
    struct frozen f = made_frozen();
    static const struct made_line_day same[] = {{3, 0, 100}, {4, 0, 100}, {5, 0, 100}, {3, 1, 100}};
    struct energy_rows rows = made_line_rows(&f.spec, 14, same, 4);
    struct study s;
    f.model.s_kwh = 1e-300;
    cr_assert_eq(study_open(&f, &rows, &s), ERR_OK);
    cr_expect_eq(s.point[2].alarm, CUSUM_QUIET);
    cr_expect_eq(s.point[3].alarm, CUSUM_OVERUSE);
    study_close(&s);
    energy_rows_fini(&rows);
    frozen_fini(&f);
}
