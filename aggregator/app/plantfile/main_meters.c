/* Main meters of a site, an area or a line: units whose meters all of its electricity comes
 * through, to be held against the meters behind them. */
#include "plantfile/build.h"

struct main_meters { /* of a node; the row's texts are borrowed */
    const struct ident *id;
    size_t n;
    struct conf_pos pos;
};

static bool lies_below(const struct build *b, uint32_t node, uint32_t above) {
    const struct plant_node *all = b->node.at;
    while (node != UINT32_MAX && node != above)
        node = all[node].parent;
    return node != UINT32_MAX;
}

static bool has_electricity(const struct build *b, uint32_t unit) {
    const struct plant_signal *s = b->signal.at;
    bool has = ((struct plant_unit *)b->unit.at)[unit].entered & ROLE_BIT(ROLE_ENERGY);
    for (size_t i = 0; i < b->signal.n; i++)
        has = has || (s[i].unit == unit && (s[i].role == ROLE_ENERGY || s[i].role == ROLE_POWER));
    return has;
}

static void check_main_meter(struct build *b, uint32_t node, const struct ident *id, uint32_t unit,
                             struct conf_pos pos) {
    const struct plant_unit *u = (struct plant_unit *)b->unit.at + unit;
    const char *of = ((struct plant_node *)b->node.at)[node].id.s;
    if (unit == UINT32_MAX)
        conf_report_at(b->report, pos, "main meter %s of %s is no unit", id->s, of);
    else if (!has_electricity(b, unit))
        conf_report_at(b->report, pos, "main meter %s of %s measures no electricity", id->s, of);
    else if (!plant_term_covers(&u->commissioning, INT64_MIN, INT64_MAX) &&
             lies_below(b, u->node, node))
        conf_report_at(
            b->report, pos,
            "main meter %s of %s counts in it beside the meters behind it: it must be in "
            "commissioning, without dates (commissioning: true)",
            id->s, of);
}

/* Once the tree and the shared meters stand: a main meter may be a unit of any line. */
static void fill_main_meters(struct build *b, uint32_t node, const struct main_meters *m) {
    if (node == UINT32_MAX || m->n == 0)
        return;
    uint32_t *at = build_alloc(b, m->n * sizeof *at);
    if (!at)
        return;
    for (size_t i = 0; i < m->n; i++) {
        at[i] = build_find_unit(b, &m->id[i]);
        for (size_t k = 0; k < i; k++)
            if (ident_equal(&m->id[i], &m->id[k]))
                conf_report_at(b->report, m->pos, "main meter %s is named twice", m->id[i].s);
        check_main_meter(b, node, &m->id[i], at[i], m->pos);
    }
    struct plant_node *n = (struct plant_node *)b->node.at + node;
    n->main_meter = at;
    n->main_meter_n = m->n;
}

static uint32_t find_node(const struct build *b, const struct ident *id) {
    const struct plant_node *all = b->node.at;
    for (size_t i = 0; i < b->node.n; i++)
        if (ident_equal(&all[i].id, id))
            return (uint32_t)i;
    return UINT32_MAX;
}

void build_main_meters(struct build *b) {
    const struct site_row *s = &b->rows->site;
    fill_main_meters(b, find_node(b, &s->id),
                     &(struct main_meters){s->main_meters, s->main_meter_n, s->pos});
    for (size_t i = 0; i < b->rows->area_n; i++) {
        const struct area_row *a = &b->rows->areas[i];
        fill_main_meters(b, find_node(b, &a->id),
                         &(struct main_meters){a->main_meters, a->main_meter_n, a->pos});
        for (size_t k = 0; k < a->line_n; k++) {
            const struct line_row *l = &a->lines[k];
            fill_main_meters(b, find_node(b, &l->id),
                             &(struct main_meters){l->main_meters, l->main_meter_n, l->pos});
        }
    }
}
