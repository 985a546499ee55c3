/* What indicators are made of, against their formulas in INDICATORS section 4. */
#include "window/ingredient.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* PBT - UNKNOWN = PRODUCTION + SETUP + DELAY + DOWN_NO_ORDER */
static const unsigned known_busy[] = {QTY_TIME + CAT_PRODUCTION, QTY_TIME + CAT_SETUP,
                                      QTY_TIME + CAT_DELAY, QTY_TIME + CAT_DOWN_NO_ORDER};

static void expect(const char *what, const int8_t *part, const unsigned *raises, size_t n) {
    for (unsigned k = 0; k < INGREDIENT_COUNT; k++) {
        int8_t wanted = 0;
        for (size_t i = 0; i < n; i++)
            wanted = raises[i] == k ? 1 : wanted;
        cr_expect_eq(part[k], wanted, "%s: %s is %d", what, ingredient_name(k), part[k]);
    }
}

Test(ingredient, time_utilization_is_production_over_known_busy_time) {
    struct ingredients in;
    ingredients_of(IND_TIME_UTILIZATION, &in);
    expect("numerator", in.numerator, (unsigned[]){QTY_TIME + CAT_PRODUCTION}, 1);
    expect("denominator", in.denominator, known_busy, 4);
}

Test(ingredient, oee_is_earned_time_of_good_pieces_over_priced_time) {
    struct ingredients in;
    ingredients_of(IND_OEE, &in);
    expect("numerator", in.numerator, (unsigned[]){INGREDIENT_PRI_GQ}, 1);
    expect("denominator", in.denominator, (unsigned[]){QTY_PRICED_TIME}, 1);
}

Test(ingredient, energy_per_good_is_all_energy_over_all_good_pieces) {
    struct ingredients in;
    unsigned energy[CATEGORY_COUNT];
    for (unsigned c = 0; c < CATEGORY_COUNT; c++)
        energy[c] = QTY_ENERGY + c;
    ingredients_of(IND_ENERGY_PER_GOOD, &in);
    expect("numerator", in.numerator, energy, CATEGORY_COUNT);
    expect("denominator", in.denominator, (unsigned[]){QTY_GQ, QTY_GQ_UNKNOWN}, 2);
}

/* AUPT x E x Q of priced time: (run + setup) x earned / run x good / made. More running time
 * spreads what was earned over more, so it lowers it. */
Test(ingredient, what_divides_within_a_part_lowers_it) {
    struct ingredients in;
    ingredients_of(IND_NEE, &in);
    cr_expect_eq(in.numerator[QTY_PRICED_SETUP], 1);
    cr_expect_eq(in.numerator[QTY_PRICED_RUN], -1);
    cr_expect_eq(in.numerator[INGREDIENT_PRI_PQ], 1);
    cr_expect_eq(in.numerator[QTY_GQ], 1);
    cr_expect_eq(in.numerator[QTY_PQ], -1);
    ingredients_of(IND_WORKER_EFFICIENCY, &in);
    expect("numerator", in.numerator, (unsigned[]){QTY_LABOUR_WORK}, 1);
    cr_expect_eq(in.denominator[QTY_LABOUR], 1);
    cr_expect_eq(in.denominator[QTY_LABOUR_UNKNOWN], -1);
}

Test(ingredient, every_indicator_has_some_of_both_parts) {
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        struct ingredients in;
        int n = 0, d = 0;
        ingredients_of((enum indicator)i, &in);
        for (unsigned k = 0; k < INGREDIENT_COUNT; k++) {
            n += in.numerator[k] != 0;
            d += in.denominator[k] != 0;
        }
        cr_expect(n > 0 && d > 0, "%s", indicator_row((enum indicator)i)->id);
    }
}

/* DESIGN section 3: ms, microwatt-hours, millionths. */
Test(ingredient, units_are_those_of_the_design) {
    static const struct {
        unsigned ingredient;
        const char *unit;
    } row[] = {{QTY_TIME + CAT_PRODUCTION, "ms"},
               {QTY_LABOUR, "ms"},
               {QTY_ENERGY + CAT_DELAY, "uWh"},
               {QTY_TOTAL_ENERGY, "uWh"},
               {QTY_GQ, "1e-6"},
               {QTY_MATERIAL, "1e-6"},
               {QTY_CARRIER, "1e-6"},
               {QTY_BAND_COST, "1e-6"},
               {QTY_REACTIVE, "uvarh"},
               {QTY_CO2, "mg"},
               {QTY_FAILURES, "1"},
               {QTY_ENERGY_DUE, "ms"},
               {INGREDIENT_PRI_PQ, "ms"},
               {INGREDIENT_PRI_GQ, "ms"}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        cr_expect_str_eq(ingredient_unit(row[i].ingredient), row[i].unit, "%s",
                         ingredient_name(row[i].ingredient));
}
