/* Other rules come into force. All that can fail is done beside the old ones; then they change
 * places. */
#include <stdlib.h>
#include <string.h>

#include "alert/impl.h"

static const struct ident *node_id(const struct alerts *a, const struct watched *w) {
    return &a->plant->node[w->node].id;
}

static enum err carry_instance(const struct alerts *from, const struct instance *x,
                               struct alerts *to) {
    const struct ident *node = node_id(from, &from->node[x->node]);
    struct instance *y = alerts_find(to, &x->rule->id, node);
    if (!y)
        return x->stored || !instance_is_blank(x)
                   ? alerts_keep_orphan(to, &x->rule->id, node, &x->machine, x->rule->recipient,
                                        x->rule->recipient_n)
                   : ERR_OK;
    if (x->who && instance_say(y, span_str(x->who), span_str(x->note)))
        return ERR_NOMEM;
    y->machine = x->machine;
    y->mark = x->mark;
    y->flood_of = x->flood_of;
    y->event = x->event;
    y->stored = x->stored;
    y->changed = x->changed;
    y->no_data = x->no_data;
    y->value = x->value;
    y->scale = x->scale;
    y->other = x->rule->said != y->rule->said;
    return ERR_OK;
}

static enum err carry_node(const struct alerts *from, const struct watched *w, struct alerts *to) {
    const struct ident *id = node_id(from, w);
    struct watched *y = alerts_node(to, plant_find_node(to->plant, id->s));
    if (!y) {
        struct machine none;
        machine_init(&none);
        return alerts_keep_orphan(to, &(struct ident){0}, id, &none, NULL, 0);
    }
    y->watch.next = w->watch.next;
    y->quiet_n = w->quiet_n;
    memcpy(y->quiet, w->quiet, sizeof y->quiet);
    y->changed = true;
    return ERR_OK;
}

static void carry_positions(const struct alerts *from, struct alerts *to) {
    for (size_t i = 0; i < from->position_n; i++)
        for (size_t k = 0; k < to->position_n; k++)
            if (ident_equal(&from->position[i].id, &to->position[k].id))
                to->position[k] = from->position[i];
}

/* What was gathered serves on where the same is looked at, unless products are told apart: whose
 * norms were looked for may be another rule's. */
static void carry_sums(struct alerts *from, struct alerts *to) {
    for (size_t i = 0; i < to->node_n && from->plant == to->plant; i++) {
        struct watched *y = &to->node[i], *w = alerts_node(from, y->node);
        if (!w || w->hollow || y->by_context || !watch_same(&w->watch, &y->watch))
            continue;
        const struct watch mine = y->watch;
        y->watch = w->watch;
        w->watch = mine;
        y->hollow = false;
    }
}

static enum err carry(struct alerts *from, struct alerts *to, int64_t now_ms) {
    enum err err = alerts_reserve(to, from->event_n);
    for (size_t i = 0; i < from->instance_n && !err; i++)
        err = carry_instance(from, &from->instance[i], to);
    for (size_t i = 0; i < from->node_n && !err; i++)
        err = carry_node(from, &from->node[i], to);
    if (err)
        return err;
    carry_positions(from, to);
    if (from->event_n)
        memcpy(to->event, from->event, from->event_n * sizeof *to->event);
    to->event_n = from->event_n;
    to->last = from->last;
    to->events = from->events;
    to->evaluations = from->evaluations;
    to->commands = from->commands;
    to->changed = to->unstored = true;
    return alerts_started(to, now_ms);
}

enum err alerts_replace(struct alerts *a, const struct alert_rules *rules,
                        const struct plant *plant, int64_t now_ms) {
    struct alerts *b = NULL;
    enum err err = alerts_open(rules, plant, &a->norms, &b);
    if (err)
        return err;
    err = carry(a, b, now_ms);
    if (!err) {
        carry_sums(a, b);
        for (struct orphan **end = &b->orphan; a->orphan;) { /* not put yet */
            while (*end)
                end = &(*end)->next;
            *end = a->orphan;
            a->orphan = NULL;
        }
        const struct alerts old = *a;
        *a = *b;
        *b = old;
    }
    alerts_close(b);
    return err;
}
