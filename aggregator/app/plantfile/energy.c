/* Carriers: dated factors sorted, units resolved, contradictions named. */
#include <string.h>

#include "plantfile/build.h"

static unsigned carrier_of(struct build *b, const struct carrier_row *row) {
    const char *names[CARRIER_COUNT];
    for (unsigned i = 0; i < CARRIER_COUNT; i++) {
        names[i] = carrier_name((enum carrier)i);
        if (strcmp(names[i], row->id.s) == 0)
            return i;
    }
    const char *near = ident_nearest(row->id.s, names, CARRIER_COUNT);
    conf_report_at(b->report, row->pos, "%s is no carrier%s%s%s", row->id.s,
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return CARRIER_COUNT;
}

static void check_factor(struct build *b, const struct factor_row *row, bool electric) {
    if (electric && row->kwh_given && row->kwh != 1000000)
        conf_report_at(b->report, row->pos, "a kWh of electricity is 1 kWh");
    if (!electric && !row->kwh_given)
        conf_report_at(b->report, row->pos, "kwh is missing: what one unit stands for");
}

/* Few: insertion keeps it plain. */
static void sort_factors(struct build *b, const struct carrier_row *row, struct plant_factor *at) {
    for (size_t i = 1; i < row->factor_n; i++)
        for (size_t k = i; k > 0 && at[k].from_ms <= at[k - 1].from_ms; k--) {
            if (at[k].from_ms == at[k - 1].from_ms) {
                conf_report_at(b->report, row->factors[i].pos, "two factors from one time on");
                return;
            }
            const struct plant_factor swap = at[k];
            at[k] = at[k - 1];
            at[k - 1] = swap;
        }
}

static void fill_factors(struct build *b, const struct carrier_row *row, bool electric,
                         struct plant_carrier *c) {
    struct plant_factor *at = build_alloc(b, row->factor_n * sizeof *at);
    if (!at)
        return;
    for (size_t i = 0; i < row->factor_n; i++) {
        const struct factor_row *f = &row->factors[i];
        check_factor(b, f, electric);
        at[i] = (struct plant_factor){.from_ms = f->from_given ? f->from_ms : INT64_MIN,
                                      .kwh_millionths = electric ? 1000000 : f->kwh,
                                      .co2_mg = f->co2_given ? f->co2 : -1};
    }
    sort_factors(b, row, at);
    c->factor = at;
    c->factor_n = row->factor_n;
}

void build_carriers(struct build *b) {
    for (size_t i = 0; i < b->rows->carrier_n; i++) {
        const struct carrier_row *row = &b->rows->carriers[i];
        const unsigned carrier = carrier_of(b, row);
        const bool electric = carrier == CARRIER_ELECTRICITY;
        if (carrier == CARRIER_COUNT)
            continue;
        if (electric != (row->unit == CARRIER_UNIT_NONE))
            conf_report_at(b->report, row->pos,
                           electric ? "electricity is in kWh and names no unit"
                                    : "unit is missing: what the carrier is counted in");
        const struct carrier_unit *unit = &rows_carrier_unit[row->unit];
        struct plant_carrier *c = &b->plant->carrier[carrier];
        *c = (struct plant_carrier){
            .name = build_text(b, row->name && *row->name ? row->name : row->id.s),
            .unit = electric ? "kWh" : unit->word,
            .base = unit->base,
            .num = unit->num,
            .den = unit->den};
        fill_factors(b, row, electric, c);
    }
}
