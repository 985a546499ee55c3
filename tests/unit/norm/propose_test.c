/* The worked examples 5 and 6 of INDICATORS section 8 come out of team-shifts, too. */
#include <criterion/criterion.h>
#include <math.h>

#include "norm/propose.h"
#include "plant/plant.h"
#include "shifts.h"

enum { MOST = 64 };

static struct plant *plant;
static struct observations seen;
static struct made made[MOST];

static void setup(void) {
    cr_assert_eq(plant_open(&plant), ERR_OK);
    cr_assert_eq(zone_open_utc(&plant->zone), ERR_OK);
    seen = (struct observations){0};
}

static void teardown(void) {
    observations_fini(&seen);
    plant_close(plant);
}

static bool near(double a, double b, double digit) {
    return fabs(a - b) <= digit / 2;
}

/* Labour time of a piece in minutes: 480 min of labour over so many pieces. */
static void add(unsigned n, const char *team, double minutes) {
    cr_assert(n < MOST);
    made_init(&made[n], n, team, 400, 0);
    made[n].sums.q[QTY_GQ] = 100000000;
    made[n].sums.q[QTY_LABOUR] = (int64_t)llround(minutes * 100 * UTC_MINUTE_MS);
    cr_assert_eq(observations_add(&seen, &observe_usual, IND_LABOUR_PER_UNIT, &made[n].shift),
                 ERR_OK);
}

static struct proposal proposed(enum norm_method method, double in_force) {
    struct proposal x;
    observations_sort(&seen);
    cr_assert_eq(propose(plant, &seen, IND_LABOUR_PER_UNIT, method, in_force, &x), ERR_OK);
    return x;
}

/* 14, 13, 15, 12, 10, 9 under an old norm of 15: m 12.1667, a 10.3333, g 11.25. Two of six are at
 * 11.25 or better; all of them met the old norm. */
Test(propose, fifth_worked_example, .init = setup, .fini = teardown) {
    static const double minutes[] = {14, 13, 15, 12, 10, 9};
    for (unsigned i = 0; i < 6; i++)
        add(i, i % 2 ? "red" : "blue", minutes[i]);
    const struct proposal x = proposed(METHOD_ADVANCED, 15);
    cr_expect_eq(x.verdict, PROPOSE_ONE_PERIOD, "all of it lies in January");
    cr_expect(near(x.mean, 12.1667, 1e-4) && near(x.better, 10.3333, 1e-4));
    cr_expect(near(x.value, 11.25, 1e-6));
    cr_expect(near(x.reach, 2.0 / 6, 1e-9) && near(x.reach_now, 1, 1e-9));
    cr_expect(near(proposed(METHOD_MIDDLE, 15).value, 10.5833, 1e-4));
    cr_expect(x.tightens);
    cr_expect_eq(proposed(METHOD_ADVANCED, NAN).verdict, PROPOSE_OK, "there was no norm");
    cr_expect_eq(proposed(METHOD_ADVANCED, 11).verdict, PROPOSE_OK, "it loosens");
}

/* Seven periods, the means of which are the sixth example's: growth 0.985124, next 4.502. */
Test(propose, sixth_worked_example_by_months, .init = setup, .fini = teardown) {
    static const double kg[] = {5, 4.8, 4.75, 4.68, 4.65, 4.62, 4.57};
    for (unsigned i = 0; i < 7; i++) {
        add(i, i % 2 ? "red" : "blue", kg[i]);
        seen.at[i].start_ms = SHIFTS_BEGIN_MS + (int64_t)i * 31 * UTC_DAY_MS; /* a month each */
    }
    const struct proposal x = proposed(METHOD_GROWTH, 5);
    cr_expect_eq(x.period_n, 7u);
    cr_expect(near(x.growth, 0.985124, 1e-6));
    cr_expect(near(x.value, 4.502, 1e-3));
    cr_expect_eq(x.verdict, PROPOSE_OK);
    cr_expect(near(proposed(METHOD_ADVANCED, 5).value, 4.677143, 1e-6));
}

Test(propose, under_five_observations_is_not_enough, .init = setup, .fini = teardown) {
    for (unsigned i = 0; i < 4; i++)
        add(i, "blue", 10 + i);
    cr_expect_eq(proposed(METHOD_ADVANCED, NAN).verdict, PROPOSE_NOT_ENOUGH);
    cr_expect_eq(proposed(METHOD_ADVANCED, NAN).product_n, 1u);
    seen.at[2].product = span_str("nut");
    cr_expect_eq(proposed(METHOD_ADVANCED, NAN).product_n, 2u);
    add(4, "blue", 12);
    cr_expect_eq(proposed(METHOD_ADVANCED, NAN).verdict, PROPOSE_OK);
}

Test(propose, one_team_never_tightens, .init = setup, .fini = teardown) {
    for (unsigned i = 0; i < 6; i++) {
        add(i, "blue", 10 + i);
        seen.at[i].start_ms += (int64_t)i * 31 * UTC_DAY_MS;
    }
    cr_expect_eq(proposed(METHOD_ADVANCED, 15).verdict, PROPOSE_ONE_TEAM);
    add(6, "red", 12);
    cr_expect_eq(proposed(METHOD_ADVANCED, 15).verdict, PROPOSE_OK);
}

/* Blue 10, 12, 11, 14; red 8, 20, 20: the best three in a row are blue's first, mean 11. */
Test(propose, the_best_sustained_lasts_three_shifts, .init = setup, .fini = teardown) {
    static const double blue[] = {10, 12, 11, 14}, red[] = {8, 20, 20};
    for (unsigned i = 0; i < 4; i++)
        add(i, "blue", blue[i]);
    for (unsigned i = 0; i < 3; i++)
        add(4 + i, "red", red[i]);
    const struct proposal x = proposed(METHOD_ADVANCED, NAN);
    cr_expect(near(x.best, 8, 1e-9));
    cr_expect(near(x.sustained, 11, 1e-9));
}

/* Example 7 with a team that takes 0.40 h: 24 min of a piece, norm 30, revised 27 min. */
Test(propose, a_trial_shows_each_teams_pay, .init = setup, .fini = teardown) {
    struct proposal_effect e[PROPOSE_TEAMS_MAX + 1];
    size_t n = 0;
    add(0, "blue", 24);
    add(1, "blue", 24);
    add(2, "red", 28);
    observations_sort(&seen);
    cr_assert_eq(propose_try(&seen, IND_LABOUR_PER_UNIT, 27, 30, 0, e, &n), ERR_OK);
    cr_assert_eq(n, 3u);
    cr_expect(span_equal(e[0].team, span_str("blue")) && e[0].n == 2 && e[0].paid);
    cr_expect(near(e[0].pay.incentive, 0.25, 1e-9) && near(e[0].pay.incentive_cut, 0.125, 1e-9));
    cr_expect(near(e[0].pay.supplement, 0.1111, 1e-4));
    cr_expect(near(e[0].attain, 27.0 / 24, 1e-9) && near(e[0].attain_now, 30.0 / 24, 1e-9));
    cr_expect(near(e[0].reach, 1, 1e-9) && near(e[1].reach, 0, 1e-9));
    cr_expect(near(e[1].reach_now, 1, 1e-9));
    cr_expect(e[2].team.n == 0 && e[2].n == 3, "all together");
    cr_expect(near(e[2].mean, 76.0 / 3, 1e-9) && near(e[2].reach, 2.0 / 3, 1e-9));
}

/* In whichever order shifts come, to the last bit. */
Test(propose, the_order_of_adding_does_not_matter, .init = setup, .fini = teardown) {
    static const double minutes[] = {14.1, 13.7, 15.3, 12.9, 10.1, 9.7, 11.3};
    for (unsigned i = 0; i < 7; i++)
        add(i, i % 2 ? "red" : "blue", minutes[i]);
    const struct proposal x = proposed(METHOD_ADVANCED, 12);
    observations_fini(&seen);
    for (unsigned i = 7; i > 0; i--)
        add(i - 1, (i - 1) % 2 ? "red" : "blue", minutes[i - 1]);
    const struct proposal y = proposed(METHOD_ADVANCED, 12);
    cr_expect_eq(x.value, y.value);
    cr_expect_eq(x.mean, y.mean);
    cr_expect_eq(x.sustained, y.sustained);
    cr_expect_eq(x.reach, y.reach);
}
