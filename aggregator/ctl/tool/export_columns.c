/* What the columns of an export are. The names come from where the daemon takes them, so that one
 * that is added there stands here, too. */
#include <string.h>

#include "cell/sums.h"
#include "ctl/export.h"
#include "views/window_text.h"
#include "window/ingredient.h"

static const struct {
    const char *name, *unit, *meaning;
} fixed[] = {
    {"node", "", "id of the unit, line, area or site"},
    {"window", "", "minute, 15min, hour, shift or day"},
    {"start", "UTC", "begin"},
    {"end", "UTC", "end, not part of it"},
    {"product", "", "of one product; empty: of all"},
    {"team", "", "of one team; empty: of all"},
    {"life", "", "provisional, settled, restated"},
    {"revision", "1", "0 when it was settled, one more each time late data moved it"},
    {"cause", "", "why it was told again"},
    {"changed", "1", "1: it moved since it was told, the next revision is to come"},
    {"coverage", "1", "least share of the time that was known or measured"},
};

static bool is_cost(enum qty q) {
    return q >= QTY_BAND_COST && q < QTY_BAND_CO2;
}

static bool is_carrier(enum qty q) {
    return q >= QTY_CARRIER && q < QTY_CARRIER_DUE;
}

static const char *meaning_of(enum qty q) {
    if (q == QTY_LABOUR)
        return "persons times time, exact";
    if (q == QTY_ENERGY_GAP)
        return "electricity of unknown distribution, contained in the others";
    if (q == QTY_UNKNOWN_OFF)
        return "of time_unknown: outside planned busy time";
    if (q == QTY_UNPLANNED_RUN)
        return "of time_production: outside the calendar";
    if (q == QTY_MATERIAL)
        return "millionths of the material's unit";
    if (is_cost(q))
        return "cost of electricity by tariff band, millionths of the currency";
    if (is_carrier(q))
        return "millionths of the carrier's unit";
    if (q == QTY_TOTAL_ENERGY)
        return "energy of all carriers by their factors";
    if (q == QTY_TOTAL_UNRATED || q == QTY_CO2_UNRATED)
        return "amounts that no factor in force converts";
    if (q >= QTY_BAND_CO2 && q < QTY_UNPRICED_ENERGY)
        return "CO2 of electricity by tariff band";
    if (q == QTY_CO2)
        return "CO2 of all carriers by their factors";
    if (q == QTY_REACTIVE)
        return "reactive energy, exact";
    if (q == QTY_REPAIRS)
        return "how many ended";
    const char *unit = ingredient_unit(q);
    if (strcmp(unit, "1e-6") == 0)
        return "millionths of a piece, exact";
    if (strcmp(unit, "uWh") == 0)
        return "electricity, exact";
    return strcmp(unit, "1") == 0 ? "how many began" : "time, exact";
}

enum err export_columns(struct buf *out) {
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        (void)buf_addf(out, "%s\t%s\t%s\n", fixed[i].name, fixed[i].unit, fixed[i].meaning);
    for (unsigned q = 0; q < QTY_COUNT; q++) {
        const char *name = qty_name((enum qty)q);
        (void)buf_addf(out, "%s\t%s\t%s\n", name, ingredient_unit(q), meaning_of((enum qty)q));
    }
    (void)buf_add_str(out, "earned_pq_ms\tms\tideal time of the pieces made\n"
                           "earned_gq_ms\tms\tideal time of the good pieces\n");
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        const struct indicator_row *r = indicator_row((enum indicator)i);
        (void)buf_addf(out,
                       "%s\t%s\t%s; empty: undefined\n%s_numerator\t\t%s\n"
                       "%s_denominator\t\t%s\n",
                       r->id, r->unit, r->formula, r->id, r->numerator_name, r->id,
                       r->denominator_name);
    }
    return out->failed ? ERR_NOMEM : ERR_OK;
}
