/* What a plant has at all, by its file: the rest is neither shown nor written to a database. */
#include "window/indicator.h"

static bool has_carrier(const struct plant *p, unsigned c) {
    return c >= CARRIER_OTHERS || p->carrier[c].unit != NULL;
}

bool indicator_applies(const struct plant *p, enum indicator i) {
    if (i == IND_COST_PER_GOOD)
        return p->tariff_n > 0;
    if (i == IND_MANNING)
        return p->has_manning;
    return !indicator_is_carrier(i) || has_carrier(p, (unsigned)(i - IND_CARRIER_PER_GOOD));
}

bool indicator_qty_applies(const struct plant *p, enum qty q) {
    if (q >= QTY_EXPORT && q <= QTY_STORAGE_OUT)
        return p->has_flows;
    if (q >= QTY_BAND_ENERGY && q <= QTY_UNPRICED_ENERGY)
        return p->tariff_n > 0;
    if (q >= QTY_MANNING_DUE && q <= QTY_MANNING_NORM)
        return p->has_manning;
    if (q == QTY_UNPROVEN)
        return p->proof_n > 0;
    if (q >= QTY_BREACH)
        return p->condition_n > 0;
    if (q < QTY_CARRIER || q >= QTY_TOTAL_ENERGY)
        return true;
    if (q >= QTY_CARRIER_DUE)
        return has_carrier(p, (unsigned)(q - QTY_CARRIER_DUE) / 2);
    return has_carrier(p, (unsigned)(q - QTY_CARRIER) % CARRIER_OTHERS);
}

const char *indicator_unit(const struct plant *p, enum indicator i) {
    if (indicator_is_carrier(i) && p->carrier[i - IND_CARRIER_PER_GOOD].unit != NULL)
        return p->carrier[i - IND_CARRIER_PER_GOOD].unit;
    if (i == IND_COST_PER_GOOD && p->currency != NULL)
        return p->currency;
    return indicator_row(i)->unit;
}
