/* Whether a node has signals for what a rule watches: a rule that could never say anything is a
 * mistake. What an indicator is made of is asked of its formula. */
#include <string.h>

#include "alertfile/making.h"
#include "window/ingredient.h"
#include "window/window.h"

static bool has_role(const struct plant *p, uint32_t unit, uint64_t roles) {
    const struct plant_unit *u = &p->unit[unit];
    if (u->entered & roles)
        return true;
    for (size_t i = 0; i < u->signal_n; i++)
        if (ROLE_BIT(p->signal[u->signal[i]].role) & roles)
            return true;
    return false;
}

#define ELECTRICITY                                                                                \
    (ROLE_BIT(ROLE_ENERGY) | ROLE_BIT(ROLE_POWER) | ROLE_BIT(ROLE_EXPORT) |                        \
     ROLE_BIT(ROLE_GENERATION) | ROLE_BIT(ROLE_STORAGE_IN) | ROLE_BIT(ROLE_STORAGE_OUT))
#define CARRIERS                                                                                   \
    (ROLE_BIT(ROLE_GAS) | ROLE_BIT(ROLE_STEAM) | ROLE_BIT(ROLE_WATER) | ROLE_BIT(ROLE_AIR) |       \
     ROLE_BIT(ROLE_HEAT) | ROLE_BIT(ROLE_FUEL))
#define PIECES (ROLE_BIT(ROLE_TOTAL) | ROLE_BIT(ROLE_GOOD))

static bool has_people(const struct plant *p, uint32_t unit) {
    const struct plant_unit *u = &p->unit[unit];
    return has_role(p, unit, ROLE_BIT(ROLE_HEADCOUNT)) || u->default_headcount >= 0 || u->crew_sum;
}

static bool has_pieces(const struct plant *p, uint32_t node, uint32_t unit) {
    return window_output(p, node, unit) && has_role(p, unit, PIECES);
}

/* Scrap may be found at another station, or be what a total leaves over. */
static bool has_scrap(const struct plant *p, uint32_t unit) {
    return !p->unit[unit].missing_class[CLASS_QUALITY] ||
           has_role(p, unit, ROLE_BIT(ROLE_SCRAP) | ROLE_BIT(ROLE_REWORK));
}

static bool in(unsigned i, unsigned from, unsigned n) {
    return i >= from && i < from + n;
}

/* Of quantities that follow from others: whatever tells those. */
static bool unit_tells(const struct plant *p, uint32_t node, uint32_t unit, unsigned i) {
    if (in(i, QTY_ENERGY, CATEGORY_COUNT + 1) ||
        in(i, QTY_BAND_ENERGY, QTY_INSPECTED - QTY_BAND_ENERGY))
        return has_role(p, unit, ELECTRICITY);
    if (i == QTY_PQ || i == QTY_GQ || i == QTY_PQ_UNKNOWN || i == QTY_GQ_UNKNOWN ||
        i == INGREDIENT_PRI_PQ || i == INGREDIENT_PRI_GQ || i == QTY_PLANNED_SCRAP)
        return has_pieces(p, node, unit);
    if (i == QTY_SQ || i == QTY_SQ_UNKNOWN || i == QTY_PLANNED_SQ || i == QTY_RQ ||
        i == QTY_RQ_UNKNOWN)
        return has_scrap(p, unit);
    if (in(i, QTY_LABOUR, 2) || in(i, QTY_LABOUR_WORK, 2) || in(i, QTY_MANNING_DUE, 4))
        return has_people(p, unit);
    if (i == QTY_MATERIAL)
        return has_role(p, unit, ROLE_BIT(ROLE_MATERIAL));
    if (in(i, QTY_CARRIER, 3 * CARRIER_OTHERS))
        return has_role(p, unit, ROLE_BIT(ROLE_GAS + (i - QTY_CARRIER) % CARRIER_OTHERS));
    if (in(i, QTY_TOTAL_ENERGY, 6))
        return has_role(p, unit, ELECTRICITY | CARRIERS);
    if (in(i, QTY_REACTIVE, 4))
        return has_role(p, unit, ROLE_BIT(ROLE_REACTIVE));
    if (in(i, QTY_INSPECTED, 2))
        return has_role(p, unit, ROLE_BIT(ROLE_INSPECTED));
    return p->unit[unit].state_source != STATE_NONE;
}

static bool node_tells(const struct plant *p, uint32_t node, unsigned i) {
    for (uint32_t u = 0; u < p->unit_n; u++)
        if (window_counts(p, node, u) && unit_tells(p, node, u, i))
            return true;
    return false;
}

/* Some ingredient of the part is told. */
static bool part_told(const struct plant *p, uint32_t node, const int8_t part[INGREDIENT_COUNT]) {
    bool any = false;
    for (unsigned i = 0; i < INGREDIENT_COUNT; i++) {
        any = any || part[i] != 0;
        if (part[i] != 0 && node_tells(p, node, i))
            return true;
    }
    return !any;
}

/* The unit's gauge of the rule's id; NULL: it has none. */
static const struct plant_gauge *gauge_of(const struct plant *p, uint32_t node,
                                          const struct alert_rule *r) {
    const uint32_t unit = p->node[node].unit;
    const uint32_t gauge =
        unit == UINT32_MAX ? unit : plant_find_gauge(p, unit, span_str(r->gauge.s));
    return gauge == UINT32_MAX ? NULL : &p->gauge[gauge];
}

/* A threshold is a number in one unit. */
static void check_units(struct making *m, struct conf_pos pos, const struct alert_rule *r) {
    const struct plant_gauge *first = NULL;
    for (size_t i = 0; i < r->node_n; i++) {
        const struct plant_gauge *g = gauge_of(m->plant, r->node[i], r);
        first = first ? first : g;
        if (g && strcmp(g->unit_text, first->unit_text) != 0)
            conf_report_at(m->report, pos, "%s is in \"%s\" at %s and in \"%s\" at %s", g->id.s,
                           first->unit_text, m->plant->unit[first->unit].id.s, g->unit_text,
                           m->plant->unit[g->unit].id.s);
    }
}

static bool is_told(const struct plant *p, uint32_t node, const struct alert_rule *r) {
    if (r->subject == ALERT_GAUGE)
        return gauge_of(p, node, r) != NULL;
    if (r->subject == ALERT_INDICATOR) {
        struct ingredients of;
        ingredients_of((enum indicator)r->indicator, &of);
        return part_told(p, node, of.numerator) && part_told(p, node, of.denominator);
    }
    const struct alert_quantity_row *q = alert_quantity_row((enum alert_quantity)r->quantity);
    for (unsigned i = 0; i < q->qty_n; i++)
        if (node_tells(p, node, q->qty[i]))
            return true;
    return false;
}

void making_data(struct making *m, const struct rule_row *row, const struct alert_rule *r) {
    const struct conf_name *watched = row->indicator_given ? &row->indicator : &row->signal;
    const struct conf_pos pos = row->indicator_given || row->signal_given ? watched->pos : row->pos;
    for (size_t i = 0; i < r->node_n; i++) {
        const struct plant_node *n = &m->plant->node[r->node[i]];
        if (is_told(m->plant, r->node[i], r))
            continue;
        if (r->subject == ALERT_GAUGE)
            conf_report_at(m->report, pos, "%s has no gauge %s", n->id.s, alertfile_watched(r));
        else if (n->unit != UINT32_MAX)
            conf_report_at(m->report, pos, "%s has no signals for %s", n->id.s,
                           alertfile_watched(r));
        else
            conf_report_at(m->report, pos, "%s has no signals for %s%s", n->id.s,
                           alertfile_watched(r),
                           n->output_n ? "" : ": it declares no outputs, so it has no pieces");
    }
    if (r->subject == ALERT_GAUGE)
        check_units(m, pos, r);
}
