#include <criterion/criterion.h>
#include <math.h>

#include "norm/attain.h"
#include "shifts.h"

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-9;
}

static void add(struct attain_table *t, const struct made *m, const struct attain_norm *norm) {
    const struct attain_shift s = {&m->shift, m->shift.node, 24312, norm};
    cr_assert_eq(attain_table_add(t, &s), ERR_OK);
}

/* 240 pieces of 2.5 min and 300 of 2 min in 480 min each: (600 + 600) / 960 = 125 %. The norm of
 * each shift is the one in force then: 2.5 would have given (600 + 750) / 960. */
Test(attain, time_is_earned_over_worked_by_the_norm_of_each_shift) {
    static const struct attain_norm old = {.value = 2.5}, revised = {.value = 2};
    struct attain_table t = {.indicator = IND_LABOUR_PER_UNIT, .coverage_min = 0.95};
    struct made m[2];
    made_init(&m[0], 0, "blue", 400, 240);
    made_init(&m[1], 1, "blue", 400, 300);
    add(&t, &m[0], &old);
    add(&t, &m[1], &revised);
    attain_sort(&t);
    cr_assert_eq(t.n, 1u);
    cr_expect(near(attain_value(&t.row[0].all, ATTAIN_TIME), 1.25));
    cr_expect(near(attain_ratio(&t.row[0].all, IND_LABOUR_PER_UNIT, false), 1.25));
    cr_expect(near(t.row[0].ratio[0], 1.25) && near(t.row[0].ratio[1], 1.25));
    attain_table_fini(&t);
}

/* 240 + 300 pieces in 8 h each under a norm of 40 an hour: 540 / 640. */
Test(attain, output_is_made_over_normed) {
    static const struct attain_norm norm = {.value = 40};
    struct attain_table t = {.indicator = IND_OUTPUT_PER_LABOUR_HOUR, .coverage_min = 0.95};
    struct made m[2];
    made_init(&m[0], 0, "blue", 400, 240);
    made_init(&m[1], 1, "red", 400, 300);
    add(&t, &m[0], &norm);
    add(&t, &m[1], &norm);
    cr_expect(near(attain_value(&t.row[0].all, ATTAIN_OUTPUT), 540.0 / 640));
    attain_table_fini(&t);
}

/* 90 kWh for 100 pieces at 0.8 and 30 for 50 at 0.7: 120 / 115; below 100 % is better, so the
 * ratio of reviews is the other way. */
Test(attain, consumption_is_used_over_allowed) {
    static const struct attain_norm norm = {.value = 0.8}, other = {.value = 0.7};
    struct attain_sums a = {0};
    attain_add(&a, IND_ENERGY_PER_GOOD, &norm, 90, 100);
    attain_add(&a, IND_ENERGY_PER_GOOD, &other, 30, 50);
    cr_expect(near(attain_value(&a, ATTAIN_CONSUMPTION), 120.0 / 115));
    cr_expect(near(attain_ratio(&a, IND_ENERGY_PER_GOOD, false), 115.0 / 120));
}

/* 3 of 100 and 1 of 100 scrap under 2.5 %: 2 % is 0.5 points under it. */
Test(attain, quality_is_told_in_points) {
    static const struct attain_norm norm = {.value = 0.025};
    struct attain_sums a = {0};
    attain_add(&a, IND_SCRAP_RATIO, &norm, 3, 100);
    attain_add(&a, IND_SCRAP_RATIO, &norm, 1, 100);
    cr_expect_eq(attain_form_of(IND_SCRAP_RATIO), ATTAIN_POINTS);
    cr_expect(near(attain_value(&a, ATTAIN_POINTS), -0.5));
    cr_expect(near(attain_ratio(&a, IND_SCRAP_RATIO, false), 1.25));
    a = (struct attain_sums){0};
    attain_add(&a, IND_SCRAP_RATIO, &norm, 0, 100);
    cr_expect(isinf(attain_ratio(&a, IND_SCRAP_RATIO, false)), "no scrap at all");
}

/* 100 of 2 min within 1.5 to 2.5, 300 of 3 min without: a quarter of the pieces. */
Test(attain, of_a_band_the_share_within_it) {
    static const struct attain_norm band = {.band = true, .low = 1.5, .high = 2.5};
    struct attain_sums a = {0};
    attain_add(&a, IND_LABOUR_PER_UNIT, &band, 200, 100);
    attain_add(&a, IND_LABOUR_PER_UNIT, &band, 900, 300);
    cr_expect(near(attain_value(&a, ATTAIN_BAND), 0.25));
    cr_expect(near(attain_ratio(&a, IND_LABOUR_PER_UNIT, true), 0.25));
}

/* 480 min for 200 pieces; 120 of them out of conditions with 20: 480 / 200 and 360 / 180, normed
 * at 2.2: 440 / 480 and 396 / 360; 25 % are taken out. Of 24 min, 5 %, nobody knows. */
Test(attain, is_shown_twice) {
    static const struct attain_norm norm = {.value = 2.2};
    struct attain_table t = {.indicator = IND_LABOUR_PER_UNIT, .coverage_min = 0.95};
    struct sums held;
    struct made m;
    made_init(&m, 0, "blue", 400, 200);
    held = m.sums;
    m.sums.q[QTY_UNPROVEN] = 24 * UTC_MINUTE_MS;
    held.q[QTY_TIME + CAT_PRODUCTION] -= 120 * UTC_MINUTE_MS;
    held.q[QTY_LABOUR] -= 120 * UTC_MINUTE_MS;
    held.q[QTY_GQ] -= 20000000;
    m.shift.held = &held;
    add(&t, &m, &norm);
    cr_expect(near(attain_value(&t.row[0].all, ATTAIN_TIME), 440.0 / 480));
    cr_expect(near(attain_value(&t.row[0].held, ATTAIN_TIME), 396.0 / 360));
    cr_expect(near(attain_taken(&t.row[0]), 0.25) && attain_taken(&t.row[0]) > ATTAIN_TAKEN_FLAG);
    cr_expect(near(attain_unproven(&t.row[0]), 0.05));
    attain_table_fini(&t);
}

Test(attain, what_cannot_be_held_against_a_norm_is_counted) {
    static const struct attain_norm norm = {.value = 2};
    struct attain_table t = {
        .by = ATTAIN_BY_TEAM, .indicator = IND_LABOUR_PER_UNIT, .coverage_min = 0.95};
    struct made m[4];
    for (unsigned i = 0; i < 4; i++)
        made_init(&m[i], i, "blue", 400, 240);
    m[1].sums.q[QTY_GQ] = 0;
    m[2].sums.q[QTY_TIME + CAT_UNKNOWN] = 30 * UTC_MINUTE_MS; /* 480 of 510: 94.1 % */
    add(&t, &m[0], NULL);
    for (unsigned i = 1; i < 4; i++)
        add(&t, &m[i], &norm);
    cr_assert_eq(t.n, 1u);
    cr_expect_eq(t.row[0].shifts, 4u);
    cr_expect_eq(t.row[0].no_norm, 1u);
    cr_expect_eq(t.row[0].no_data, 1u);
    cr_expect_eq(t.row[0].low_coverage, 1u);
    cr_expect_eq(t.row[0].all.n, 1u);
    attain_table_fini(&t);
}

/* Rows add up to what one row of all would have. */
Test(attain, rows_by_team_add_up_to_the_whole) {
    static const struct attain_norm norm = {.value = 2};
    static const char *const team[] = {"blue", "red", "blue", "green", "red"};
    struct attain_table one = {.indicator = IND_LABOUR_PER_UNIT, .coverage_min = 0.95}, many = one;
    struct attain_sums sum = {0};
    struct made m[5];
    many.by = ATTAIN_BY_TEAM | ATTAIN_BY_NODE | ATTAIN_BY_PERIOD | ATTAIN_BY_PRODUCT;
    for (unsigned i = 0; i < 5; i++) {
        made_init(&m[i], i, team[i], 400, 200 + 16 * (int64_t)i);
        add(&one, &m[i], &norm);
        add(&many, &m[i], &norm);
    }
    cr_assert_eq(many.n, 3u);
    for (size_t i = 0; i < many.n; i++) {
        sum.n += many.row[i].all.n;
        sum.numerator += many.row[i].all.numerator;
        sum.normed += many.row[i].all.normed;
    }
    cr_expect_eq(sum.n, one.row[0].all.n);
    cr_expect(near(sum.numerator, one.row[0].all.numerator));
    cr_expect(near(sum.normed, one.row[0].all.normed));
    attain_table_fini(&one);
    attain_table_fini(&many);
}

/* Of 1, 2, 4: median 2, lower quartile 1.5, upper 3. */
Test(attain, quantiles_lie_between_neighbours) {
    static const double sorted[] = {1, 2, 4};
    cr_expect(near(attain_quantile(sorted, 3, 0.5), 2));
    cr_expect(near(attain_quantile(sorted, 3, 0.25), 1.5));
    cr_expect(near(attain_quantile(sorted, 3, 0.75), 3));
    cr_expect(near(attain_quantile(sorted, 3, 1), 4));
    cr_expect(isnan(attain_quantile(sorted, 0, 0.5)));
}
