/* Units of norms: an explicit table, each row both ways, at most three steps. Factors are exact by
 * definition; the carriers' heating values are the plant's own and stand in its settings. */
#include <math.h>
#include <string.h>

#include "norm/ledger_impl.h"

enum { STEPS_MAX = 3 };

static const struct norm_conversion built_in[] = {
    {"%", "1", 0.01},     {"ppm", "1", 1e-6},   {"", "1", 1},         {"kWh", "Wh", 1000},
    {"MWh", "kWh", 1000}, {"kWh", "MJ", 3.6},   {"MJ", "kJ", 1000},   {"GJ", "MJ", 1000},
    {"min", "s", 60},     {"h", "min", 60},     {"1/min", "1/h", 60}, {"1/s", "1/min", 60},
    {"kg", "g", 1000},    {"t", "kg", 1000},    {"m3", "l", 1000},    {"kW", "W", 1000},
    {"MW", "kW", 1000},   {"kWh/pc", "kWh", 1}, {"min/pc", "min", 1}, {"kg/pc", "kg", 1},
    {"pc/h", "1/h", 1},
};

static bool step(const struct ledger *l, const char *from, const char *to, unsigned left,
                 double *factor);

static bool by_row(const struct ledger *l, const struct norm_conversion *r, const char *from,
                   const char *to, unsigned left, double *factor) {
    double rest = 1;
    const bool on = strcmp(r->from, from) == 0, back = strcmp(r->to, from) == 0;
    if (!(on || back) || !step(l, on ? r->to : r->from, to, left, &rest))
        return false;
    *factor = on ? r->factor * rest : rest / r->factor;
    return true;
}

static bool step(const struct ledger *l, const char *from, const char *to, unsigned left,
                 double *factor) {
    *factor = 1;
    if (strcmp(from, to) == 0)
        return true;
    if (left == 0)
        return false;
    for (size_t i = 0; i < l->conf->conversion_n; i++)
        if (by_row(l, &l->conf->conversion[i], from, to, left - 1, factor))
            return true;
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        if (by_row(l, &built_in[i], from, to, left - 1, factor))
            return true;
    return false;
}

/* The shortest way: fewer steps, fewer roundings, and the same result for ever. */
bool ledger_convert(const struct ledger *l, const char *from, const char *to, double *factor) {
    for (unsigned steps = 0; steps <= STEPS_MAX; steps++)
        if (step(l, from, to, steps, factor))
            return true;
    return false;
}

bool convert_norm(const struct ledger *l, const struct norm *n, const char *unit,
                  struct norm_values *out) {
    double factor = 1;
    const char *from = n->unit;
    if (!*from && n->indicator != INDICATOR_COUNT)
        from = indicator_unit(l->plant, (enum indicator)n->indicator);
    if (!unit)
        unit = n->indicator != INDICATOR_COUNT
                   ? indicator_unit(l->plant, (enum indicator)n->indicator)
                   : from;
    if (!ledger_convert(l, from, unit, &factor))
        return false;
    *out = (struct norm_values){n->value * factor, n->low * factor, n->target * factor,
                                n->high * factor};
    return true;
}

bool ledger_values(const struct ledger *l, const struct norm *n, struct norm_values *out) {
    return convert_norm(l, n, NULL, out);
}

bool ledger_value(const struct ledger *l, const struct norm *n, double *value) {
    struct norm_values v;
    if (!ledger_values(l, n, &v))
        return false;
    *value = n->kind == NORM_STANDARD ? v.target : v.value;
    return true;
}
