#include "mqtt/mqpoints.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"

enum { STRANGE_MAX = 64, PLACE = 400, NAME_ROOM = 400 };

void mqpoints_refuse(const struct source_out *out, const char *reason, struct span topic,
                     const char *what) {
    char place[PLACE];
    (void)snprintf(place, sizeof place, "%.*s: %s", (int)(topic.n < 120 ? topic.n : 120),
                   topic.n > 0 ? (const char *)topic.p : "", what);
    out->refused(out->user, reason, place);
}

static enum err init_quantities(struct mqpoints *p) {
    char why[160];
    for (size_t i = 0; i < p->conf->rule_n; i++)
        for (size_t k = 0; k < p->conf->rules[i].point_n; k++) {
            const enum err e = quantity_init(&p->quantities[p->quantity_n],
                                             &p->conf->rules[i].points[k].quantity, false, why);
            if (e != ERR_OK)
                return e;
            p->quantity_n++;
        }
    return ERR_OK;
}

enum err mqpoints_init(struct mqpoints *p, const struct mqtt_conf *c) {
    size_t n = 0;
    *p = (struct mqpoints){.conf = c};
    names_init(&p->names, (size_t)c->points_max * 2);
    names_init(&p->strange, STRANGE_MAX);
    for (size_t i = 0; i < c->rule_n; i++)
        n += c->rules[i].point_n;
    p->quantities = calloc(n + 1, sizeof *p->quantities);
    p->at = calloc((size_t)c->points_max, sizeof *p->at);
    const enum err e = p->quantities == NULL || p->at == NULL ? ERR_NOMEM : init_quantities(p);
    if (e != ERR_OK)
        mqpoints_fini(p);
    return e;
}

void mqpoints_fini(struct mqpoints *p) {
    for (size_t i = 0; i < p->quantity_n; i++)
        quantity_fini(&p->quantities[i]);
    free(p->quantities);
    free(p->at);
    names_fini(&p->names);
    names_fini(&p->strange);
    *p = (struct mqpoints){0};
}

static const struct quantity *quantity_of(const struct mqpoints *p, const struct mqtt_rule *rule,
                                          const struct mqtt_point_conf *conf) {
    size_t n = (size_t)(conf - rule->points);
    for (const struct mqtt_rule *r = p->conf->rules; r != rule; r++)
        n += r->point_n;
    return &p->quantities[n];
}

/* A hint is an id; what is none gives no hint. */
static void hint_of(const struct mqtt_point_conf *conf, const struct mqname_from *from,
                    struct point *p) {
    char hint[sizeof p->hint];
    struct span missing;
    if (*conf->hint == '\0' ||
        mqname_format(conf->hint, from, hint, sizeof hint, &missing) != ERR_OK)
        return;
    for (char *c = hint; *c != '\0'; c++)
        *c = (char)(isupper((unsigned char)*c) ? tolower((unsigned char)*c) : *c);
    if (ident_check(span_str(hint)))
        (void)snprintf(p->hint, sizeof p->hint, "%s", hint);
}

/* ERR_RANGE: it cannot be a point, why says so. */
static enum err make(struct mqpoints *p, const struct mqname_from *from, const char *name,
                     struct mqpoint *m, const struct source_out *out, char why[160]) {
    if (p->n == (size_t)p->conf->points_max) {
        (void)snprintf(why, 160, "points_max is reached, there is no point %.90s", name);
        return ERR_RANGE;
    }
    struct point point = m->quantity->shape;
    (void)snprintf(why, 160, "no point has such a name or unit: %.90s", name);
    if (strlen(name) > POINT_NAME_MAX)
        return ERR_RANGE;
    memcpy(point.name, name, strlen(name) + 1);
    hint_of(m->conf, from, &point);
    return point_check(&point) ? out->add_point(out->user, &point, &m->point) : ERR_RANGE;
}

static enum err add(struct mqpoints *p, const struct mqname_from *from, const char *name,
                    struct mqpoint *m, struct span topic, const struct source_out *out,
                    uint32_t *at) {
    char why[160];
    const enum err made = make(p, from, name, m, out, why);
    if (made != ERR_OK && made != ERR_RANGE)
        return made;
    if (made == ERR_RANGE && p->names.n - p->n >= (size_t)p->conf->points_max)
        return ERR_OK; /* so that there is room for the names of points */
    const uint32_t number = made == ERR_OK ? (uint32_t)p->n : MQPOINTS_NONE;
    const enum err e = names_add(&p->names, span_str(name), number);
    if (made == ERR_RANGE) {
        if (e == ERR_OK)
            mqpoints_refuse(out, "point", topic, why);
        return e == ERR_NOMEM ? e : ERR_OK;
    }
    if (e != ERR_OK)
        return e;
    mqseen_init(&m->seen, MQSEEN_NONE);
    m->t_ms = MQSEEN_NONE;
    p->at[p->n] = *m;
    *at = (uint32_t)p->n++;
    return ERR_OK;
}

/* Once for each template of a rule. */
static enum err strange(struct mqpoints *p, const struct mqtt_point_conf *conf, struct span topic,
                        const struct source_out *out, const char *what) {
    const enum err e = names_add(&p->strange, span_str(conf->name), 0);
    if (e == ERR_OK)
        mqpoints_refuse(out, "point", topic, what);
    return e == ERR_NOMEM ? e : ERR_OK;
}

static enum err no_name(struct mqpoints *p, const struct mqtt_point_conf *conf, struct span topic,
                        const struct source_out *out, enum err e, struct span missing) {
    char why[200] = "its name as a point is empty or has over 96 characters";
    if (e == ERR_NOT_FOUND)
        (void)snprintf(why, sizeof why, "%.*s: expected a text or a number for the name of a point",
                       (int)(missing.n < 100 ? missing.n : 100), (const char *)missing.p);
    return strange(p, conf, topic, out, why);
}

enum err mqpoints_get(struct mqpoints *p, const struct mqtt_rule *rule,
                      const struct mqtt_point_conf *conf, const struct mqname_from *from,
                      struct span topic, const struct source_out *out, uint32_t *at) {
    char name[NAME_ROOM], why[200];
    struct span missing = {0};
    *at = MQPOINTS_NONE;
    const enum err e = mqname_format(conf->name, from, name, POINT_NAME_MAX + 1, &missing);
    if (e != ERR_OK)
        return no_name(p, conf, topic, out, e, missing);
    const struct name_row *row = names_find(&p->names, span_str(name));
    const uint32_t topic_hash = fnv1a32(topic);
    if (row == NULL) {
        struct mqpoint m = {.rule = rule,
                            .conf = conf,
                            .quantity = quantity_of(p, rule, conf),
                            .name = fnv1a32(span_str(name)),
                            .topic = topic_hash};
        return add(p, from, name, &m, topic, out, at);
    }
    if (row->number == MQPOINTS_NONE)
        return ERR_OK;
    const struct mqpoint *known = &p->at[row->number];
    if (known->conf == conf && known->topic == topic_hash) {
        *at = row->number;
        return ERR_OK;
    }
    (void)snprintf(why, sizeof why, "point %.96s is of another %s already", name,
                   known->conf == conf ? "topic" : "rule");
    return strange(p, conf, topic, out, why);
}
