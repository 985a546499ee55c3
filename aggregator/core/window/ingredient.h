/* Ingredients: which sums an indicator is made of. They are found out by asking its formula, so
 * that no second table can contradict it; what measures coverage is none of them. */
#ifndef PB_WINDOW_INGREDIENT_H
#define PB_WINDOW_INGREDIENT_H

#include "window/indicator.h"

/* An ingredient is an enum qty, or one of these. */
enum { INGREDIENT_PRI_PQ = QTY_COUNT, INGREDIENT_PRI_GQ, INGREDIENT_COUNT };

/* By ingredient: 1 if more of it makes the part more, -1 if less, 0 if it plays no part. */
struct ingredients {
    int8_t numerator[INGREDIENT_COUNT], denominator[INGREDIENT_COUNT];
};

/* O(ingredients). */
void ingredients_of(enum indicator i, struct ingredients *out);
/* Durations and what else a timeline tells without any amount: stops, failures, labour. */
bool ingredient_is_time(unsigned ingredient);
/* "ms", "uWh", "uvarh", "mg", "1e-6" (millionths of a piece, a material's unit, the currency) or
 * "1": that of sums where people read them. Of the two last ms of ideal time. */
const char *ingredient_unit(unsigned ingredient);
/* As in enum qty; of the two last nanoseconds times millionths of a piece. */
i128 ingredient_value(const struct sums *s, unsigned ingredient);
const char *ingredient_name(unsigned ingredient); /* as the API calls sums; never NULL */

#endif
