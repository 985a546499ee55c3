#include "window/ingredient.h"

#include <string.h>

/* Sums of which none is 0 and none balances another, in the size of a day's. */
static struct sums generic(void) {
    struct sums s = {.pri_pq = (i128)1000000007 * 1000000 * 20011,
                     .pri_gq = (i128)1000000007 * 1000000 * 19001,
                     .priced_pq = 20011000000};
    for (unsigned i = 0; i < QTY_COUNT; i++)
        s.q[i] = INT64_C(1000003) * (1009 + 37 * (int64_t)i);
    return s;
}

static void raise(struct sums *s, unsigned ingredient) {
    if (ingredient == INGREDIENT_PRI_PQ)
        s->pri_pq *= 2;
    else if (ingredient == INGREDIENT_PRI_GQ)
        s->pri_gq *= 2;
    else
        s->q[ingredient] *= 2;
}

static int8_t effect(double before, double after) {
    return (int8_t)((after > before) - (after < before));
}

void ingredients_of(enum indicator i, struct ingredients *out) {
    const struct sums base = generic();
    double numerator, denominator;

    *out = (struct ingredients){0};
    indicator_quotient(i, &base, &numerator, &denominator);
    for (unsigned k = 0; k < INGREDIENT_COUNT; k++) {
        struct sums more = base;
        double n, d;
        raise(&more, k);
        indicator_quotient(i, &more, &n, &d);
        out->numerator[k] = effect(numerator, n);
        out->denominator[k] = effect(denominator, d);
    }
}

bool ingredient_is_time(unsigned k) {
    return k < QTY_ENERGY || k == QTY_LABOUR || k == QTY_LABOUR_TIME || k == QTY_WORK ||
           k == QTY_FAILURES || k == QTY_STOPS || k == QTY_ORDER_TIME || k == QTY_PRICED_RUN ||
           k == QTY_PRICED_SETUP || k == QTY_PRICED_TIME || k == QTY_LABOUR_WORK ||
           k == QTY_LABOUR_UNKNOWN || k == QTY_PRICED_MICRO || k == QTY_REPAIR_TIME ||
           k == QTY_REPAIRS;
}

i128 ingredient_value(const struct sums *s, unsigned ingredient) {
    if (ingredient == INGREDIENT_PRI_PQ)
        return s->pri_pq;
    return ingredient == INGREDIENT_PRI_GQ ? s->pri_gq : s->q[ingredient];
}

const char *ingredient_name(unsigned ingredient) {
    if (ingredient == INGREDIENT_PRI_PQ)
        return "earned_pq_ms";
    return ingredient == INGREDIENT_PRI_GQ ? "earned_gq_ms" : qty_name((enum qty)ingredient);
}

static bool begins(const char *name, const char *with) {
    return strncmp(name, with, strlen(with)) == 0;
}

static bool ends(const char *name, const char *with) {
    size_t n = strlen(name), m = strlen(with);
    return n >= m && strcmp(name + n - m, with) == 0;
}

static bool is_pieces(enum qty q) {
    return (q >= QTY_PQ && q <= QTY_RQ_UNKNOWN) || q == QTY_PQ_UNPRICED || q == QTY_INSPECTED ||
           q == QTY_FIRST_GOOD || q == QTY_PLANNED_SCRAP || q == QTY_PLANNED_SQ;
}

static bool is_cost(enum qty q) {
    return q >= QTY_BAND_COST && q < QTY_BAND_CO2;
}

static bool is_carrier(enum qty q) {
    return q >= QTY_CARRIER && q < QTY_CARRIER_DUE;
}

const char *ingredient_unit(unsigned ingredient) {
    const enum qty q = (enum qty)ingredient;
    if (ingredient >= QTY_COUNT)
        return "ms";
    const char *name = qty_name(q);

    if (ends(name, "_due") || ends(name, "_seen"))
        return "ms";
    if (begins(name, "energy_") || q == QTY_TOTAL_ENERGY || q == QTY_REACTIVE_ENERGY ||
        (q >= QTY_BAND_ENERGY && q < QTY_BAND_COST) ||
        (q >= QTY_UNPRICED_ENERGY && q <= QTY_STORAGE_OUT))
        return "uWh";
    if (q == QTY_FAILURES || q == QTY_STOPS || q == QTY_REPAIRS || q == QTY_TOTAL_UNRATED ||
        q == QTY_CO2_UNRATED)
        return "1";
    if (q == QTY_REACTIVE)
        return "uvarh";
    if (q == QTY_CO2 || (q >= QTY_BAND_CO2 && q < QTY_UNPRICED_ENERGY))
        return "mg";
    return is_pieces(q) || is_cost(q) || is_carrier(q) || q == QTY_MATERIAL ? "1e-6" : "ms";
}
