/* Rules become instances: one for each node that a rule stands for, beside each other by node. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alert/impl.h"

static bool is_above(const struct plant *p, uint32_t above, uint32_t node) {
    for (uint32_t n = p->node[node].parent; n != UINT32_MAX; n = p->node[n].parent)
        if (n == above)
            return true;
    return false;
}

static uint32_t group_of(const struct plant *p, uint32_t node) {
    uint32_t n = node;
    while (p->node[n].level > LEVEL_LINE && p->node[n].parent != UINT32_MAX)
        n = p->node[n].parent;
    return n;
}

static double units_of(const struct plant *p, uint32_t node) {
    unsigned n = 0;
    for (uint32_t u = 0; u < p->unit_n; u++)
        n += window_counts(p, node, u);
    return n;
}

static enum err check(const struct alert_rules *rules, const struct plant *p) {
    const char *why = NULL;
    size_t n = 0;
    if (rules->rule_n > ALERT_RULES_MAX)
        return ERR_RANGE;
    for (size_t i = 0; i < rules->rule_n; i++) {
        const struct alert_rule *r = &rules->rule[i];
        n += r->node_n;
        if (!alert_rule_check(r, p->node_n, &why) ||
            (i > 0 && strcmp(rules->rule[i - 1].id.s, r->id.s) >= 0))
            return ERR_RANGE;
    }
    return n <= ALERT_INSTANCES_MAX ? ERR_OK : ERR_RANGE;
}

/* --- instances ---------------------------------------------------------------------------------
 */

/* How many instances each node of the plant has, in a->active for the time being. */
static void count(struct alerts *a) {
    for (size_t i = 0; i < a->rules->rule_n; i++)
        for (size_t k = 0; k < a->rules->rule[i].node_n; k++)
            a->active[a->rules->rule[i].node[k]]++;
    for (size_t n = 0; n < a->plant->node_n; n++) {
        a->instance_n += a->active[n];
        a->node_n += a->active[n] > 0;
    }
}

static void place_nodes(struct alerts *a) {
    size_t first = 0, i = 0;
    for (uint32_t n = 0; n < a->plant->node_n; n++) {
        a->at[n] = UINT32_MAX;
        if (!a->active[n])
            continue;
        a->at[n] = (uint32_t)i;
        a->node[i++] = (struct watched){.node = n,
                                        .group = group_of(a->plant, n),
                                        .above = UINT32_MAX,
                                        .first = first,
                                        .hollow = true};
        first += a->active[n];
    }
}

static enum err place_instance(struct alerts *a, const struct alert_rule *r, uint32_t node) {
    struct watched *w = &a->node[a->at[node]];
    struct instance *x = &a->instance[w->first + w->n++];
    *x = (struct instance){.rule = r, .node = a->at[node], .value = NAN, .scale = 1};
    machine_init(&x->machine);
    w->quiets = w->quiets || r->quiets;
    enum err err = gauges_want(w, a->plant, x);
    if (!err)
        err = instance_want_days(a, x);
    if (err)
        return err;
    err = watch_want(&w->watch, (enum alert_window)r->window, r->minutes, 0, &x->window);
    return err || r->condition != ALERT_RATE ? err
                                             : watch_want(&w->watch, (enum alert_window)r->window,
                                                          r->minutes, r->span_min, &x->before);
}

/* Looking is dear, and many rules look at the same. */
static void need_of(const struct alert_rules *rules, size_t i, struct watch_need *need) {
    const struct alert_rule *r = &rules->rule[i];
    for (size_t k = 0; k < i && r->subject == ALERT_INDICATOR; k++) {
        const struct alert_rule *x = &rules->rule[k];
        if (x->subject == ALERT_INDICATOR && x->indicator == r->indicator) {
            need[i] = need[k];
            return;
        }
    }
    watch_need_rule(&need[i], r);
}

static enum err use_windows(struct watched *w, struct instance *x, const struct watch_need *need) {
    watch_use(&w->watch, x->window, need);
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): those of no rule are not opened
    if (x->rule->condition == ALERT_RATE)
        watch_use(&w->watch, x->before, need);
    if (!alert_rule_by_context(x->rule))
        return ERR_OK;
    w->by_context = true;
    return shares_open(x->rule, need, &x->shares);
}

static enum err open_watches(struct alerts *a) {
    struct watch_need *need = calloc(a->rules->rule_n + 1, sizeof *need);
    enum err err = need ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; i < a->rules->rule_n && !err; i++)
        need_of(a->rules, i, need);
    for (size_t i = 0; i < a->node_n && !err; i++) {
        struct watched *w = &a->node[i];
        for (size_t k = w->first; k < w->first + w->n && !err; k++)
            err = use_windows(w, &a->instance[k], &need[a->instance[k].rule - a->rules->rule]);
        if (!err)
            err = watch_init(&w->watch, plant_node_calendar(a->plant, w->node),
                             units_of(a->plant, w->node));
        if (!err)
            err = gauges_open(w);
    }
    free(need);
    return err;
}

static void link_above(struct alerts *a) {
    for (size_t i = 0; i < a->node_n; i++)
        for (size_t k = 0; k < i; k++)
            if (a->node[k].quiets && is_above(a->plant, a->node[k].node, a->node[i].node))
                a->node[i].above = (uint32_t)k;
}

/* --- positions ---------------------------------------------------------------------------------
 */

static int by_id(const void *x, const void *y) {
    const struct position *a = x, *b = y;
    return strcmp(a->id.s, b->id.s);
}

static enum err open_positions(struct alerts *a) {
    size_t n = 0;
    for (size_t i = 0; i < a->rules->rule_n; i++)
        n += a->rules->rule[i].recipient_n;
    a->position = calloc(n ? n : 1, sizeof *a->position);
    if (!a->position)
        return ERR_NOMEM;
    for (size_t i = 0; i < a->rules->rule_n; i++)
        for (size_t k = 0; k < a->rules->rule[i].recipient_n; k++)
            a->position[a->position_n++].id = a->rules->rule[i].recipient[k];
    qsort(a->position, a->position_n, sizeof *a->position, by_id);
    n = 0;
    for (size_t i = 0; i < a->position_n; i++)
        if (i == 0 || by_id(&a->position[i], &a->position[n - 1]) != 0)
            a->position[n++] = a->position[i];
    a->position_n = n;
    return ERR_OK;
}

/* --- all of it ---------------------------------------------------------------------------------
 */

static enum err open_all(struct alerts *a) {
    const size_t nodes = a->plant->node_n ? a->plant->node_n : 1;
    a->at = calloc(nodes, sizeof *a->at);
    a->active = calloc(nodes, sizeof *a->active);
    if (!a->at || !a->active)
        return ERR_NOMEM;
    count(a);
    a->node = calloc(a->node_n ? a->node_n : 1, sizeof *a->node);
    a->instance = calloc(a->instance_n ? a->instance_n : 1, sizeof *a->instance);
    if (!a->node || !a->instance)
        return ERR_NOMEM;
    place_nodes(a);
    memset(a->active, 0, nodes * sizeof *a->active);
    for (size_t i = 0; i < a->rules->rule_n; i++) {
        for (size_t k = 0; k < a->rules->rule[i].node_n; k++) {
            enum err err = place_instance(a, &a->rules->rule[i], a->rules->rule[i].node[k]);
            if (err)
                return err;
        }
    }
    link_above(a);
    enum err err = open_watches(a);
    return err ? err : open_positions(a);
}

enum err alerts_open(const struct alert_rules *rules, const struct plant *plant,
                     const struct alert_norms *norms, struct alerts **out) {
    enum err err = check(rules, plant);
    if (err)
        return err;
    struct alerts *a = calloc(1, sizeof *a);
    if (!a)
        return ERR_NOMEM;
    a->rules = rules;
    a->plant = plant;
    a->norms = norms ? *norms : (struct alert_norms){0};
    err = open_all(a);
    if (err) {
        alerts_close(a);
        return err;
    }
    *out = a;
    return ERR_OK;
}

void alerts_close(struct alerts *a) {
    if (!a)
        return;
    for (size_t i = 0; a->node && i < a->node_n; i++) {
        watch_fini(&a->node[i].watch);
        gauges_close(&a->node[i]);
    }
    for (size_t i = 0; a->instance && i < a->instance_n; i++) {
        instance_close_days(&a->instance[i]);
        shares_close(a->instance[i].shares);
        free(a->instance[i].who);
    }
    for (struct orphan *o = a->orphan, *next; o; o = next) {
        next = o->next;
        free(o);
    }
    free(a->node);
    free(a->instance);
    free(a->at);
    free(a->active);
    free(a->position);
    free(a->source);
    free(a->drifting);
    free(a->run.row);
    free(a->run.have);
    free(a->seen);
    free(a->moves);
    free(a->event);
    free(a);
}

void alerts_count_active(struct alerts *a) {
    memset(a->active, 0, a->plant->node_n * sizeof *a->active);
    for (size_t i = 0; i < a->instance_n; i++)
        if (machine_is_active(&a->instance[i].machine))
            a->active[a->node[a->instance[i].node].group]++;
}
