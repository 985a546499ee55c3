/* Days that rules of drift look at: they are given as the store has them, and again when they
 * move. */
#include <stdlib.h>

#include "alert/impl.h"

static enum err add_source(struct alerts *a, const struct ident *node, int64_t from_ms) {
    const uint32_t at = plant_find_node(a->plant, node->s);
    size_t i = 0;
    while (i < a->source_n && a->source[i].node != at)
        i++;
    if (at == UINT32_MAX)
        return ERR_OK; /* nothing will be known of it */
    if (i == a->source_n) {
        struct day_source *grown = realloc(a->source, (i + 1) * sizeof *grown);
        if (!grown)
            return ERR_NOMEM;
        a->source = grown;
        a->source[a->source_n++] = (struct day_source){at, from_ms};
    }
    if (from_ms < a->source[i].from_ms)
        a->source[i].from_ms = from_ms;
    return ERR_OK;
}

static enum err add_sources(struct alerts *a, const struct alert_baseline *b) {
    enum err err = add_source(a, &b->node, b->from_ms);
    for (size_t i = 0; i < b->driver_n && !err; i++)
        if (b->driver[i].node.s[0])
            err = add_source(a, &b->driver[i].node, b->from_ms);
    return err;
}

enum err instance_want_days(struct alerts *a, struct instance *x) {
    const struct ident *node = &a->plant->node[a->node[x->node].node].id;
    enum err err = ERR_OK;
    x->baseline = alert_rule_baselines(x->rule, node, &x->baseline_n);
    if (x->rule->condition != ALERT_DRIFT)
        return ERR_OK;
    struct instance **at = realloc(a->drifting, (a->drifting_n + 1) * sizeof(struct instance *));
    if (!at)
        return ERR_NOMEM;
    a->drifting = at;
    x->drift = calloc(1, sizeof *x->drift);
    if (!x->drift)
        return ERR_NOMEM;
    a->drifting[a->drifting_n++] = x;
    drift_init(x->drift, x->baseline, x->baseline_n);
    a->node[x->node].drifts = true;
    for (size_t i = 0; i < x->baseline_n && !err; i++)
        err = add_sources(a, &x->baseline[i]);
    return err;
}

void instance_close_days(struct instance *x) {
    if (x->drift)
        drift_fini(x->drift);
    free(x->drift);
    x->drift = NULL;
}

/* --- doors -------------------------------------------------------------------------------------
 */

bool alerts_day_source(const struct alerts *a, size_t i, uint32_t *node, int64_t *from_ms) {
    if (i >= a->source_n)
        return false;
    *node = a->source[i].node;
    *from_ms = a->source[i].from_ms;
    return true;
}

static bool is_source(const struct alerts *a, uint32_t node) {
    for (size_t i = 0; i < a->source_n; i++)
        if (a->source[i].node == node)
            return true;
    return false;
}

enum err alerts_put_day(struct alerts *a, uint32_t node, int64_t start_ms, int64_t end_ms,
                        const struct sums *s) {
    const bool wanted = is_source(a, node);
    enum err err = ERR_OK;
    for (size_t i = 0; wanted && i < a->drifting_n && !err; i++)
        err = drift_put(a->drifting[i]->drift, &a->plant->node[node].id, start_ms, end_ms, s);
    return err;
}

bool alerts_has_day(const struct alerts *a, uint32_t node, int64_t start_ms) {
    for (size_t i = 0; i < a->drifting_n; i++)
        if (drift_has(a->drifting[i]->drift, &a->plant->node[node].id, start_ms))
            return true;
    return false;
}

void alerts_days_given(struct alerts *a) {
    a->days_given = true;
}
