/* Whose part of a window a rule looks at: a product's, a team's. */
#include <stdlib.h>

#include "alertfile/making.h"

static void take_product(struct making *m, const struct conf_name *name, struct alert_rule *out) {
    const struct plant *p = m->plant;
    out->product = name->id;
    if (plant_find_product(p, span_str(name->id.s)) != UINT32_MAX)
        return;
    const char **legal = calloc(p->product_n + 1, sizeof *legal);
    for (size_t i = 0; legal && i < p->product_n; i++)
        legal[i] = p->product[i].id.s;
    making_missing(m, name->pos, "product", name->id.s, legal, legal ? p->product_n : 0);
    free(legal);
}

/* Those of all rotas, as often as they stand there; *n: how many. NULL: no memory. */
static const char **teams_of(const struct plant *p, size_t *n) {
    size_t all = 0;
    for (size_t c = 0; c < p->calendar_n; c++)
        for (size_t r = 0; r < p->calendar[c].rota_n; r++)
            all += p->calendar[c].rota[r].team_n;
    const char **team = calloc(all + 1, sizeof *team);
    *n = 0;
    for (size_t c = 0; team && c < p->calendar_n; c++)
        for (size_t r = 0; r < p->calendar[c].rota_n; r++)
            for (size_t i = 0; i < p->calendar[c].rota[r].team_n; i++)
                team[(*n)++] = p->calendar[c].rota[r].team[i].s;
    return team;
}

/* Teams may come from signals, too, whatever they are called. */
static bool tells_teams(const struct plant *p) {
    for (size_t i = 0; i < p->signal_n; i++)
        if (p->signal[i].role == ROLE_TEAM)
            return true;
    for (size_t u = 0; u < p->unit_n; u++)
        if (p->unit[u].entered & ROLE_BIT(ROLE_TEAM))
            return true;
    return false;
}

static void take_team(struct making *m, const struct conf_name *name, struct alert_rule *out) {
    size_t n = 0;
    const char **legal = teams_of(m->plant, &n);
    bool found = false;
    m->nomem = m->nomem || !legal;
    out->team = name->id;
    for (size_t i = 0; legal && i < n; i++)
        found = found || strcmp(legal[i], name->id.s) == 0;
    if (legal && !found && tells_teams(m->plant))
        conf_note_at(m->report, name->pos, "no rota has a team %s; signals may tell of it",
                     name->id.s);
    else if (legal && !found)
        making_missing(m, name->pos, "team", name->id.s, legal, n);
    free(legal);
}

void making_context(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    const struct conf_name *first = row->product_given ? &row->product : &row->team;
    if (row->product_given)
        take_product(m, &row->product, out);
    if (row->team_given)
        take_team(m, &row->team, out);
    if (!row->product_given && !row->team_given)
        return;
    if (out->subject == ALERT_GAUGE)
        conf_report_at(m->report, first->pos, "a gauge is of no product and no team");
    else if (out->condition != ALERT_VALUE && out->condition != ALERT_NORM)
        conf_report_at(m->report, first->pos,
                       "product and team go with above, below and norm, not with %s",
                       alert_condition_name((enum alert_condition)out->condition));
}
