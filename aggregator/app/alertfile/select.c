/* Some of the rules, at some of the nodes: for a look at one of them alone. */
#include "alertfile/alertfile.h"
#include "alertfile/pool.h"

static bool is_below(const struct plant *p, uint32_t above, uint32_t node) {
    while (node != UINT32_MAX && node != above)
        node = p->node[node].parent;
    return node == above;
}

/* False: no memory. */
static bool select_nodes(struct pool *pool, const struct plant *p, const struct alert_rule *r,
                         uint32_t node, struct alert_rule *out) {
    uint32_t *at = pool_take(pool, r->node_n * sizeof *at);
    *out = *r;
    out->node = at;
    out->node_n = 0;
    for (size_t i = 0; at && i < r->node_n; i++)
        if (is_below(p, node, r->node[i]))
            at[out->node_n++] = r->node[i];
    return at != NULL;
}

enum err alertfile_select(const struct alertfile *f, const struct plant *plant,
                          const struct ident *rule, uint32_t node, struct alertfile *out) {
    struct alert_rule *at = pool_take(out->pool, f->rules.rule_n * sizeof *at);
    struct alertfile_place *place = pool_take(out->pool, f->rules.rule_n * sizeof *place);
    size_t n = 0;
    if (!at || !place)
        return ERR_NOMEM;
    for (size_t i = 0; i < f->rules.rule_n; i++) {
        if (rule && !ident_equal(&f->rules.rule[i].id, rule))
            continue;
        if (!select_nodes(out->pool, plant, &f->rules.rule[i], node, &at[n]))
            return ERR_NOMEM;
        place[n] = f->place[i];
        n += at[n].node_n > 0;
    }
    out->rules = (struct alert_rules){at, n};
    out->place = place;
    return ERR_OK;
}
