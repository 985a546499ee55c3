/* What a rule watches: an indicator, or what signals come to. */
#include <stdlib.h>
#include <string.h>

#include "alertfile/making.h"

static void report_indicator(struct making *m, const struct conf_name *name) {
    const char *legal[INDICATOR_COUNT];
    size_t n = 0;
    for (unsigned i = 0; i < INDICATOR_COUNT; i++)
        if (indicator_applies(m->plant, (enum indicator)i))
            legal[n++] = indicator_row((enum indicator)i)->id;
    making_missing(m, name->pos, "indicator", name->id.s, legal, n);
}

static bool take_indicator(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    const enum indicator i = indicator_find(row->indicator.id.s);
    out->subject = ALERT_INDICATOR;
    out->indicator = (uint8_t)i;
    if (i != INDICATOR_COUNT && indicator_applies(m->plant, i))
        return true;
    if (i == INDICATOR_COUNT)
        report_indicator(m, &row->indicator);
    else
        conf_report_at(m->report, row->indicator.pos,
                       "%s needs what the plant file does not have (carriers, tariffs, manning)",
                       row->indicator.id.s);
    return false;
}

static bool is_carrier(enum alert_quantity q) {
    return q >= ALERT_Q_GAS && q <= ALERT_Q_FUEL;
}

static void report_signal(struct making *m, const struct conf_name *name) {
    const char **legal = calloc(ALERT_QUANTITY_COUNT + m->plant->gauge_n, sizeof *legal);
    size_t n = 0;
    m->nomem = m->nomem || !legal;
    for (unsigned q = 0; legal && q < ALERT_QUANTITY_COUNT; q++)
        legal[n++] = alert_quantity_row((enum alert_quantity)q)->id;
    for (size_t i = 0; legal && i < m->plant->gauge_n; i++)
        legal[n++] = m->plant->gauge[i].id.s;
    making_missing(m, name->pos, "signal", name->id.s, legal, n);
    free(legal);
}

/* The first of that id; NULL: no unit has one. */
static const struct plant_gauge *find_gauge(const struct plant *p, const struct ident *id) {
    for (size_t i = 0; i < p->gauge_n; i++)
        if (ident_equal(&p->gauge[i].id, id))
            return &p->gauge[i];
    return NULL;
}

static bool take_signal(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    const enum alert_quantity q = alert_quantity_find(row->signal.id.s);
    out->subject = ALERT_QUANTITY;
    out->quantity = (uint8_t)q;
    if (q == ALERT_QUANTITY_COUNT && find_gauge(m->plant, &row->signal.id)) {
        out->subject = ALERT_GAUGE;
        out->gauge = row->signal.id;
        out->quantity = 0;
        return true;
    }
    if (q == ALERT_QUANTITY_COUNT) {
        report_signal(m, &row->signal);
        return false;
    }
    if (is_carrier(q) && !m->plant->carrier[q - ALERT_Q_GAS].unit) {
        conf_report_at(m->report, row->signal.pos, "%s is not among the plant's carriers",
                       row->signal.id.s);
        return false;
    }
    return true;
}

bool making_subject(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    if (row->indicator_given && row->signal_given) {
        conf_report_at(m->report, row->signal.pos,
                       "a rule watches an indicator or a signal, not "
                       "both");
        return false;
    }
    if (row->indicator_given)
        return take_indicator(m, row, out);
    if (row->signal_given)
        return take_signal(m, row, out);
    if (row->baseline_given || row->drift_given) { /* of what else */
        out->subject = ALERT_QUANTITY;
        out->quantity = ALERT_Q_ENERGY;
        return true;
    }
    conf_report_at(m->report, row->pos,
                   "it watches nothing: the key indicator or signal is "
                   "missing");
    return false;
}

const char *alertfile_unit(const struct plant *plant, const struct alert_rule *r) {
    if (r->subject == ALERT_INDICATOR)
        return indicator_unit(plant, (enum indicator)r->indicator);
    if (r->subject == ALERT_GAUGE)
        return plant_gauge_unit(plant, &r->gauge);
    if (is_carrier((enum alert_quantity)r->quantity))
        return plant->carrier[r->quantity - ALERT_Q_GAS].unit;
    const char *unit = alert_quantity_row((enum alert_quantity)r->quantity)->unit;
    return strcmp(unit, "1") == 0 ? "" : unit; /* so many, no ratio */
}

const char *alertfile_watched(const struct alert_rule *r) {
    if (r->subject == ALERT_GAUGE)
        return r->gauge.s;
    return r->subject == ALERT_INDICATOR ? indicator_row((enum indicator)r->indicator)->id
                                         : alert_quantity_row((enum alert_quantity)r->quantity)->id;
}
