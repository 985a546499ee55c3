/* Firings are made up, and what is suggested of them was worked out by hand. */
#include <criterion/criterion.h>

#include "backtest/run.h"

static struct alert_rule rule;
static struct run_rule r;
static double excursion[16];

static void setup(void) {
    rule = (struct alert_rule){.level = {{10, 9, ALERT_LOW}}, .level_n = 1};
    r = (struct run_rule){.rule = &rule, .excursion = excursion};
}

TestSuite(suggest, .init = setup);

static struct backtest_suggestion suggested(void) {
    struct backtest_suggestion s;
    run_suggest(&r, &s);
    return s;
}

Test(suggest, the_widest_gap_parts_flickers_from_trouble) {
    /* 1 1 1 2 3 | 12 15 minutes: 12 is four times 3, the next widest gap is 2 to 1. */
    r.lasting[1] = 3;
    r.lasting[2] = r.lasting[3] = r.lasting[12] = r.lasting[15] = 1;
    const struct backtest_suggestion s = suggested();
    cr_expect(s.hold);
    cr_expect_eq(s.hold_ms, 3 * 60000);
    cr_expect_eq(s.removed, 5);
    cr_expect_not(s.clear);
}

Test(suggest, nothing_where_there_is_no_border) {
    /* 5 6 8 9 11 15: no neighbour is twice as long. */
    r.lasting[5] = r.lasting[6] = r.lasting[8] = r.lasting[9] = r.lasting[11] = r.lasting[15] = 4;
    cr_expect_not(suggested().hold);
    /* Two flickers are too few to say so. */
    setup();
    r.lasting[1] = 2;
    r.lasting[20] = 1;
    cr_expect_not(suggested().hold);
    /* Trouble that lasts over half an hour is no flicker. */
    setup();
    r.lasting[40] = 5;
    r.lasting[200] = 1;
    cr_expect_not(suggested().hold);
}

Test(suggest, short_firings_alone_suggest_their_length) {
    r.lasting[1] = 7;
    r.figures.brief = 7;
    cr_expect_eq(suggested().hold_ms, 60000);
    /* With a hold of five minutes those that lasted six are short. */
    rule.hold_ms = 5 * 60000;
    r.lasting[6] = 7;
    r.lasting[1] = 0;
    cr_expect_eq(suggested().hold_ms, 6 * 60000);
}

Test(suggest, a_hold_that_is_there_already_is_not_suggested) {
    rule.hold_ms = 3 * 60000;
    r.lasting[1] = 3;
    r.lasting[3] = 1;
    r.lasting[12] = 2;
    cr_expect_not(suggested().hold);
}

Test(suggest, the_clear_level_moves_by_what_four_of_five_pauses_reached) {
    static const double far[] = {0.1, 0.5, 0.2, 0.317, 2.5};
    for (size_t i = 0; i < 5; i++)
        excursion[i] = far[i];
    r.excursion_n = 5;
    r.reach = 2.5;
    /* Sorted: 0.1 0.2 0.317 0.5 2.5; the fourth of five is 0.5, a little more is 0.51. */
    const struct backtest_suggestion s = suggested();
    cr_expect(s.clear);
    cr_expect_float_eq(s.clear_level, 8.49, 1e-12);
    cr_expect_eq(s.came_back, 5);
    cr_expect_eq(s.joined, 4);
    rule.below = true;
    rule.level[0] = (struct alert_level){10, 11, ALERT_LOW};
    cr_expect_float_eq(suggested().clear_level, 11.51, 1e-12);
}

Test(suggest, distances_are_rounded_up_to_two_digits) {
    excursion[0] = excursion[1] = excursion[2] = 0.1234;
    r.excursion_n = 3;
    r.reach = 1;
    const struct backtest_suggestion s = suggested();
    cr_expect_float_eq(s.clear_level, 9 - 0.13, 1e-12);
    cr_expect_eq(s.joined, 3);
}

/* In each pause it went to its floor: a level behind that would never be reached. */
Test(suggest, a_level_that_nothing_reaches_is_not_suggested) {
    excursion[0] = excursion[1] = excursion[2] = r.reach = 0.5;
    r.excursion_n = 3;
    cr_expect_not(suggested().clear);
}

Test(suggest, a_rise_is_not_held_until_it_falls_as_fast) {
    excursion[0] = excursion[1] = excursion[2] = 9.5; /* beyond a clear level of 9: -0.6 */
    r.excursion_n = 3;
    r.reach = 20;
    cr_expect(suggested().clear);
    rule.condition = ALERT_RATE;
    cr_expect_not(suggested().clear);
    excursion[0] = excursion[1] = excursion[2] = 8; /* 9 - 8.1 is a rise still */
    cr_expect_float_eq(suggested().clear_level, 0.9, 1e-9);
}

Test(suggest, two_pauses_or_none_to_the_good_side_say_nothing) {
    excursion[0] = excursion[1] = 1;
    r.reach = 5;
    r.excursion_n = 2;
    cr_expect_not(suggested().clear);
    excursion[0] = excursion[1] = excursion[2] = 0;
    r.excursion_n = 3;
    cr_expect_not(suggested().clear);
}
