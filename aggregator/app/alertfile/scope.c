/* Where a rule stands: names of the file become nodes of the plant. */
#include <stdlib.h>
#include <string.h>

#include "alertfile/making.h"

static const char *const level_word[] = {
    [LEVEL_SITE] = "site", [LEVEL_AREA] = "area", [LEVEL_LINE] = "line", [LEVEL_UNIT] = "unit"};
static const char *const level_key[] = {[LEVEL_SITE] = "site: true",
                                        [LEVEL_AREA] = "areas",
                                        [LEVEL_LINE] = "lines",
                                        [LEVEL_UNIT] = "units"};
enum { ANY_LEVEL = -1 };

static void report_node(struct making *m, const struct conf_name *name, int level) {
    const struct plant *p = m->plant;
    const char **legal = calloc(p->node_n + 1, sizeof *legal);
    size_t n = 0;
    for (size_t i = 0; legal && i < p->node_n; i++)
        if (level == ANY_LEVEL || p->node[i].level == level)
            legal[n++] = p->node[i].id.s;
    making_missing(m, name->pos, level == ANY_LEVEL ? "node" : level_word[level], name->id.s, legal,
                   n);
    free(legal);
}

/* UINT32_MAX: reported. */
static uint32_t find_node(struct making *m, const struct conf_name *name, int level) {
    const struct plant *p = m->plant;
    const uint32_t node = plant_find_node(p, name->id.s);
    if (node == UINT32_MAX) {
        report_node(m, name, level);
        return UINT32_MAX;
    }
    if (level == ANY_LEVEL || p->node[node].level == level)
        return node;
    conf_report_at(m->report, name->pos, "%s is no %s but a%s %s; it goes with %s", name->id.s,
                   level_word[level], p->node[node].level == LEVEL_AREA ? "n" : "",
                   level_word[p->node[node].level], level_key[p->node[node].level]);
    return UINT32_MAX;
}

static bool below(const struct plant *p, uint32_t above, uint32_t node) {
    while (node != UINT32_MAX && node != above)
        node = p->node[node].parent;
    return node == above;
}

static void add(struct making *m, bool *in, const struct conf_name *name, uint32_t node) {
    if (in[node])
        conf_report_at(m->report, name->pos, "%s is in the rule's scope already", name->id.s);
    in[node] = true;
}

static void add_names(struct making *m, const struct names_at *names, int level, bool *in) {
    for (size_t i = 0; i < names->n; i++) {
        const uint32_t node = find_node(m, &names->at[i], level);
        if (node != UINT32_MAX)
            add(m, in, &names->at[i], node);
    }
}

static void add_units_of(struct making *m, const struct names_at *names, bool *in) {
    for (size_t i = 0; i < names->n; i++) {
        const uint32_t above = find_node(m, &names->at[i], ANY_LEVEL);
        for (uint32_t node = 0; above != UINT32_MAX && node < m->plant->node_n; node++)
            in[node] = in[node] ||
                       (m->plant->node[node].level == LEVEL_UNIT && below(m->plant, above, node));
    }
}

static void report_class(struct making *m, const struct conf_name *name) {
    const struct plant *p = m->plant;
    const char **legal = calloc(p->unit_n + 1, sizeof *legal);
    size_t n = 0;
    for (size_t u = 0; legal && u < p->unit_n; u++)
        if (p->unit[u].kind.s[0])
            legal[n++] = p->unit[u].kind.s;
    making_missing(m, name->pos, "class of units", name->id.s, legal, n);
    free(legal);
}

static void add_classes(struct making *m, const struct names_at *names, bool *in) {
    for (size_t i = 0; i < names->n; i++) {
        bool found = false;
        for (size_t u = 0; u < m->plant->unit_n; u++)
            if (ident_equal(&m->plant->unit[u].kind, &names->at[i].id))
                found = in[m->plant->unit[u].node] = true;
        if (!found)
            report_class(m, &names->at[i]);
    }
}

static void take_out(struct making *m, const struct names_at *names, bool *in) {
    for (size_t i = 0; i < names->n; i++) {
        const uint32_t above = find_node(m, &names->at[i], ANY_LEVEL);
        bool found = above == UINT32_MAX;
        for (uint32_t node = 0; above != UINT32_MAX && node < m->plant->node_n; node++) {
            found = found || (in[node] && below(m->plant, above, node));
            in[node] = in[node] && !below(m->plant, above, node);
        }
        if (!found)
            conf_report_at(m->report, names->at[i].pos,
                           "%s is not in the rule's scope: nothing "
                           "to except",
                           names->at[i].id.s);
    }
}

static void put_nodes(struct making *m, const bool *in, struct alert_rule *out) {
    uint32_t *at = pool_take(m->pool, m->plant->node_n * sizeof *at);
    m->nomem = m->nomem || !at;
    out->node = at;
    out->node_n = 0;
    for (uint32_t node = 0; at && node < m->plant->node_n; node++)
        if (in[node])
            at[out->node_n++] = node;
}

void making_scope(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    bool *in = calloc(m->plant->node_n + 1, sizeof *in);
    if (!in) {
        m->nomem = true;
        return;
    }
    const size_t before = conf_report_count(m->report);
    in[0] = row->site;
    add_names(m, &row->areas, LEVEL_AREA, in);
    add_names(m, &row->lines, LEVEL_LINE, in);
    add_names(m, &row->units, LEVEL_UNIT, in);
    add_units_of(m, &row->units_of, in);
    add_classes(m, &row->classes, in);
    take_out(m, &row->except, in);
    put_nodes(m, in, out);
    if (out->node_n == 0 && conf_report_count(m->report) == before)
        conf_report_at(m->report, row->pos,
                       "it stands nowhere: name units, units_of, classes, "
                       "lines, areas or site: true");
    free(in);
}
