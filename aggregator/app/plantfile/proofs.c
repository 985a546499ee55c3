/* Gauges that judge conditions: whose they are, and what can be wrong with their limits. A limit
 * that can never be passed, or a unit without the gauge, would be a condition that is kept for ever
 * and nobody looks at. */
#include <stdlib.h>
#include <string.h>

#include "plantfile/build.h"

/* --- whose --------------------------------------------------------------------------------------
 */

/* Reports it with the nearest id of those gauges that are at the unit, or anywhere. */
static void missing_gauge(struct build *b, const struct conf_name *id, uint32_t unit) {
    const struct plant_gauge *g = b->gauge.at;
    const struct plant_unit *u = b->unit.at;
    const char **name = calloc(b->gauge.n + 1, sizeof *name), *near = NULL;
    size_t n = 0;
    for (size_t i = 0; name && i < b->gauge.n; i++)
        if (unit == UINT32_MAX || g[i].unit == unit)
            name[n++] = g[i].id.s;
    if (name)
        near = ident_nearest(id->id.s, name, n);
    conf_report_at(b->report, id->pos, "gauge %s%s%s does not exist%s%s%s", id->id.s,
                   unit == UINT32_MAX ? "" : " of ", unit == UINT32_MAX ? "" : u[unit].id.s,
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    free(name);
}

static bool is_below(const struct build *b, uint32_t unit, uint32_t above) {
    const struct plant_node *node = b->node.at;
    const struct plant_unit *u = b->unit.at;
    for (uint32_t at = u[unit].node; at != UINT32_MAX; at = node[at].parent)
        if (at == above)
            return true;
    return false;
}

/* The one unit below a node that has the gauge. */
static uint32_t only_one(struct build *b, const struct proof_row *row, uint32_t node) {
    const struct plant_gauge *g = b->gauge.at;
    const struct plant_unit *u = b->unit.at;
    uint32_t found = UINT32_MAX;
    for (size_t i = 0; i < b->gauge.n; i++) {
        if (!ident_equal(&g[i].id, &row->gauge.id) || !is_below(b, g[i].unit, node))
            continue;
        if (found != UINT32_MAX) {
            conf_report_at(b->report, row->at.pos,
                           "%s and %s below %s both have a gauge %s: name one of them",
                           u[found].id.s, u[g[i].unit].id.s, row->at.id.s, row->gauge.id.s);
            return UINT32_MAX;
        }
        found = g[i].unit;
    }
    if (found == UINT32_MAX)
        missing_gauge(b, &row->gauge, UINT32_MAX);
    return found;
}

static uint32_t find_at(struct build *b, const struct proof_row *row) {
    const struct plant_gauge *g = b->gauge.at;
    const uint32_t unit = build_find_unit(b, &row->at.id);
    const struct plant_node *node = b->node.at;
    for (size_t i = 0; unit != UINT32_MAX && i < b->gauge.n; i++)
        if (g[i].unit == unit && ident_equal(&g[i].id, &row->gauge.id))
            return unit;
    if (unit != UINT32_MAX) {
        missing_gauge(b, &row->gauge, unit);
        return UINT32_MAX;
    }
    for (uint32_t i = 0; i < b->node.n; i++)
        if (ident_equal(&node[i].id, &row->at.id))
            return only_one(b, row, i);
    build_missing(b, row->at.pos, "unit or node", row->at.id.s, b->node.at,
                  sizeof(struct plant_node), b->node.n);
    return UINT32_MAX;
}

void build_proof(struct build *b, const struct condition_row *row, struct plant_condition *out) {
    const struct proof_row *r = &row->proof;
    out->at = UINT32_MAX;
    if (!row->proof_given)
        return;
    out->gauge = r->gauge.id;
    out->low = r->low_given ? r->low : INT64_MIN;
    out->high = r->high_given ? r->high : INT64_MAX;
    out->hold_ms = r->hold_ms;
    if (!r->low_given && !r->high_given)
        conf_report_at(b->report, r->pos,
                       "condition %s: gauge %s has no limit, neither low nor high", row->id.s,
                       r->gauge.id.s);
    else if (out->low >= out->high)
        conf_report_at(b->report, r->high_pos, "condition %s: low must be less than high",
                       row->id.s);
    if (!r->at.id.s[0])
        return;
    out->at = find_at(b, r);
    if (out->at == UINT32_MAX) /* it is reported */
        out->gauge = (struct ident){""};
}

/* --- once the plant stands ----------------------------------------------------------------------
 */

/* Values beyond what is plausible are unknown: they breach nothing. */
static bool check_limits(struct build *b, const struct condition_row *row,
                         const struct plant_gauge *g) {
    const struct proof_row *r = &row->proof;
    if (g->low >= g->high)
        return true;
    const bool high = r->high_given && r->high >= g->high, low = r->low_given && r->low <= g->low;
    if (high)
        conf_report_at(b->report, r->high_pos,
                       "condition %s: no higher value of gauge %s of %s is plausible (its high): "
                       "nothing would breach it",
                       row->id.s, g->id.s, b->plant->unit[g->unit].id.s);
    if (low)
        conf_report_at(b->report, r->low_pos,
                       "condition %s: no lower value of gauge %s of %s is plausible (its low): "
                       "nothing would breach it",
                       row->id.s, g->id.s, b->plant->unit[g->unit].id.s);
    return !high && !low;
}

static bool check_unit(struct build *b, const struct condition_row *row,
                       const struct plant_gauge *g) {
    const char *said = row->proof.unit ? row->proof.unit : "";
    if (strcmp(said, g->unit_text) == 0)
        return true;
    const char *unit = b->plant->unit[g->unit].id.s;
    if (!*g->unit_text)
        conf_report_at(b->report, row->proof.unit_pos,
                       "condition %s: in which unit gauge %s of %s is shown, its own rows do not "
                       "say; say it there, too",
                       row->id.s, g->id.s, unit);
    else if (!*said)
        conf_report_at(b->report, row->proof.pos,
                       "condition %s: gauge %s of %s is shown in %s; say so: unit: %s", row->id.s,
                       g->id.s, unit, g->unit_text, g->unit_text);
    else
        conf_report_at(b->report, row->proof.unit_pos,
                       "condition %s: its limits are in %s, gauge %s of %s is shown in %s",
                       row->id.s, said, g->id.s, unit, g->unit_text);
    return false;
}

static bool has_proof(const struct plant *p, uint32_t unit, uint32_t condition) {
    size_t n = 0;
    const struct plant_proof *x = plant_proofs(p, unit, &n);
    for (size_t i = 0; i < n; i++)
        if (x[i].condition == condition)
            return true;
    return false;
}

static bool is_anywhere(const struct plant *p, const struct ident *gauge) {
    for (size_t i = 0; i < p->gauge_n; i++)
        if (ident_equal(&p->gauge[i].id, gauge))
            return true;
    return false;
}

/* Each unit that it is for has the gauge; the first that has not is named. */
static bool check_units(struct build *b, const struct condition_row *row, uint32_t condition) {
    const struct plant *p = b->plant;
    for (uint32_t u = 0; u < p->unit_n; u++) {
        if (!plant_condition_fits(p, condition, u) || has_proof(p, u, condition))
            continue;
        if (!is_anywhere(p, &row->proof.gauge.id))
            missing_gauge(b, &row->proof.gauge, UINT32_MAX);
        else
            conf_report_at(b->report, row->proof.gauge.pos,
                           "condition %s: %s has no gauge %s; name in `for` the units that have "
                           "it, or in `at` whose it is",
                           row->id.s, p->unit[u].id.s, row->proof.gauge.id.s);
        return false;
    }
    return true;
}

void build_check_proofs(struct build *b) {
    const struct plant *p = b->plant;
    for (uint32_t c = 0; c < p->condition_n; c++) {
        const struct condition_row *row = &b->rows->conditions[c];
        uint32_t last = UINT32_MAX;
        if (!p->condition[c].gauge.s[0] || !check_units(b, row, c))
            continue;
        for (size_t i = 0; i < p->proof_n; i++) {
            const struct plant_proof *x = &p->proof[i];
            if (x->condition != c || x->gauge == last)
                continue;
            last = x->gauge;
            if (!check_unit(b, row, &p->gauge[x->gauge]) ||
                !check_limits(b, row, &p->gauge[x->gauge]))
                break; /* the next unit's would be the same again */
        }
    }
}
