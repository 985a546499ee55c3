#include "sparkplug/sprules.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { PLACE = 200 };

/* Tries the last star again with one character more whenever what follows it does not fit; linear
 * in practice, at worst the product of both lengths, which are bounded. */
bool sprules_match(const char *pattern, struct span text) {
    const char *star = NULL;
    size_t at = 0, star_at = 0;
    while (at < text.n) {
        if (*pattern == '*') {
            star = pattern++;
            star_at = at;
        } else if (*pattern != '\0' && (uint8_t)*pattern == text.p[at]) {
            pattern++;
            at++;
        } else if (star != NULL) {
            pattern = star + 1;
            at = ++star_at;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static bool field_of(struct span word, const struct sprules_metric *m, struct span *out) {
    const struct {
        const char *word;
        struct span text;
    } fields[] = {
        {"group", m->group}, {"node", m->node}, {"device", m->device}, {"metric", m->metric}};
    for (size_t i = 0; i < 4; i++)
        if (span_equal(word, span_str(fields[i].word))) {
            *out = fields[i].text;
            return true;
        }
    return false;
}

enum err sprules_name(const char *pattern, const struct sprules_metric *m, char *out, size_t room) {
    size_t n = 0;
    for (const char *p = pattern; *p != '\0'; p++) {
        struct span part = span_of(p, 1);
        if (*p == '{') {
            const char *end = strchr(p, '}');
            if (end == NULL || !field_of(span_of(p + 1, (size_t)(end - p) - 1), m, &part))
                return ERR_CONFIG;
            p = end;
        }
        if (*p == '/' && (n == 0 || out[n - 1] == '/'))
            continue; /* behind a name that is empty, the device of a node's own metric */
        if (n + part.n >= room)
            return ERR_RANGE;
        for (size_t i = 0; i < part.n; i++) {
            const uint8_t c = part.p[i];
            const bool legal = c < 0x80 && (isalnum(c) || (c != '\0' && strchr("_./:-", c)));
            out[n++] = legal ? (char)c : '-';
        }
    }
    out[n] = '\0';
    return n > 0 ? ERR_OK : ERR_RANGE;
}

static int cut(size_t n) {
    return (int)(n < 60 ? n : 60);
}

static void refuse(const struct sprules_metric *m, const struct source_out *out, const char *reason,
                   const char *why) {
    char place[PLACE * 2];
    (void)snprintf(place, sizeof place, "%.*s/%.*s/%.*s/%.*s: %s", cut(m->group.n),
                   (const char *)m->group.p, cut(m->node.n), (const char *)m->node.p,
                   cut(m->device.n), (const char *)m->device.p, cut(m->metric.n),
                   (const char *)m->metric.p, why);
    out->refused(out->user, reason, place);
}

static const struct sparkplug_rule *rule_of(const struct sprules *r,
                                            const struct sprules_metric *m) {
    for (size_t i = 0; i < r->conf->rule_n; i++) {
        const struct sparkplug_rule *k = &r->conf->rules[i];
        if (sprules_match(k->group, m->group) && sprules_match(k->node, m->node) &&
            sprules_match(k->device, m->device) && sprules_match(k->metric, m->metric))
            return k->ignore ? NULL : k;
    }
    return NULL;
}

/* A hint is an id; a metric's name that is none gives no hint. */
static void hint_of(const struct sparkplug_rule *k, const struct sprules_metric *m,
                    struct point *p) {
    char hint[sizeof p->hint];
    if (*k->hint == '\0' || sprules_name(k->hint, m, hint, sizeof hint) != ERR_OK)
        return;
    for (char *c = hint; *c != '\0'; c++)
        *c = (char)(isupper((unsigned char)*c) ? tolower((unsigned char)*c) : *c);
    if (ident_check(span_str(hint)))
        (void)snprintf(p->hint, sizeof p->hint, "%s", hint);
}

/* The unit that the rule states, else that of the metric's engUnit. */
static enum err meaning_of(const struct sparkplug_rule *k, const struct sprules_metric *m,
                           struct sprules_point *p, char why[160]) {
    struct quantity_conf c = k->quantity;
    if ((c.unit == NULL || *c.unit == '\0') && m->unit.n > 0 && m->unit.n <= POINT_UNIT_MAX) {
        (void)snprintf(p->unit, sizeof p->unit, "%.*s", (int)m->unit.n, (const char *)m->unit.p);
        c.unit = p->unit;
    }
    p->clock = k->clock;
    return quantity_init(&p->quantity, &c, false, why);
}

static enum err make(struct sprules *r, const struct sparkplug_rule *k,
                     const struct sprules_metric *m, const struct source_out *out,
                     struct sprules_point *p) {
    char why[160] = "out of memory", name[POINT_NAME_MAX + 1];
    if (sprules_name(k->name, m, name, sizeof name) != ERR_OK) {
        refuse(m, out, "name", "its name as a point has over 96 characters");
        return ERR_RANGE;
    }
    if (names_find(&r->names, span_str(name)) != NULL) {
        (void)snprintf(why, sizeof why, "another metric is point %s already", name);
        refuse(m, out, "doubled", why);
        return ERR_RANGE;
    }
    enum err e = meaning_of(k, m, p, why);
    if (e == ERR_CONFIG) {
        refuse(m, out, "unit", why);
        return ERR_RANGE;
    }
    if (e != ERR_OK)
        return e;
    struct point point = p->quantity.shape;
    memcpy(point.name, name, sizeof name);
    hint_of(k, m, &point);
    if (!point_check(&point)) {
        refuse(m, out, "unit", "no point has such a name or unit");
        return ERR_RANGE;
    }
    e = out->add_point(out->user, &point, &p->point);
    return e == ERR_OK ? names_add(&r->names, span_str(name), (uint32_t)r->n) : e;
}

enum err sprules_init(struct sprules *r, const struct sparkplug_conf *c) {
    *r = (struct sprules){.conf = c};
    names_init(&r->names, (size_t)c->points_max);
    r->points = calloc((size_t)c->points_max, sizeof(struct sprules_point *));
    return r->points != NULL ? ERR_OK : ERR_NOMEM;
}

void sprules_fini(struct sprules *r) {
    for (size_t i = 0; i < r->n; i++) {
        quantity_fini(&r->points[i]->quantity);
        free(r->points[i]);
    }
    free(r->points);
    names_fini(&r->names);
    *r = (struct sprules){0};
}

enum err sprules_bind(struct sprules *r, const struct sprules_metric *m,
                      const struct source_out *out, uint32_t *at) {
    const struct sparkplug_rule *k = rule_of(r, m);
    *at = SPRULES_NONE;
    if (k == NULL)
        return ERR_OK;
    if (r->n == (size_t)r->conf->points_max) {
        refuse(m, out, "full", "points_max is reached");
        return ERR_OK;
    }
    struct sprules_point *p = calloc(1, sizeof *p);
    if (p == NULL)
        return ERR_NOMEM;
    const enum err e = make(r, k, m, out, p);
    if (e != ERR_OK) {
        quantity_fini(&p->quantity);
        free(p);
        return e == ERR_RANGE ? ERR_OK : e;
    }
    r->points[r->n] = p;
    *at = (uint32_t)r->n++;
    return ERR_OK;
}
