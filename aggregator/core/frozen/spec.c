#include "frozen/spec.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS_PER_HOUR 3600000.0
#define MILLIONTHS 1000000.0

static const struct energy_quantity quantities[] = {
    {"gq", "piece", {"gq", "gq_unknown"}, MILLIONTHS, "count_due", "count_seen", false},
    {"pq", "piece", {"pq", "pq_unknown"}, MILLIONTHS, "count_due", "count_seen", false},
    {"sq", "piece", {"sq", "sq_unknown"}, MILLIONTHS, "scrap_due", "scrap_seen", false},
    {"rq", "piece", {"rq", "rq_unknown"}, MILLIONTHS, "rework_due", "rework_seen", false},
    {"material", "unit", {"material", NULL}, MILLIONTHS, NULL, NULL, false},
    {"labour", "h", {"labour", NULL}, MS_PER_HOUR, NULL, NULL, false},
    {"time_production", "h", {"time_production", NULL}, MS_PER_HOUR, NULL, NULL, true},
    {"time_setup", "h", {"time_setup", NULL}, MS_PER_HOUR, NULL, NULL, true},
    {"time_delay", "h", {"time_delay", NULL}, MS_PER_HOUR, NULL, NULL, true},
    {"time_down_no_order", "h", {"time_down_no_order", NULL}, MS_PER_HOUR, NULL, NULL, true},
    {"time_planned_down", "h", {"time_planned_down", NULL}, MS_PER_HOUR, NULL, NULL, true},
    {"time_not_scheduled", "h", {"time_not_scheduled", NULL}, MS_PER_HOUR, NULL, NULL, true},
};
enum { QUANTITIES = sizeof quantities / sizeof *quantities };

static const char *const grain_name[ENERGY_GRAIN_COUNT] = {"day", "week", "batch"};
static const char *const group_name[ENERGY_GROUP_COUNT] = {
    [ENERGY_PRODUCTION] = "production", [ENERGY_SETUP] = "setup",
    [ENERGY_STANDBY] = "standby",       [ENERGY_ENGINEERING] = "engineering",
    [ENERGY_UNKNOWN] = "unknown state",
};

void energy_tame(char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

const char *energy_grain_name(enum energy_grain g) {
    return grain_name[g];
}

const char *energy_group_name(enum energy_group g) {
    return group_name[g];
}

__attribute__((format(printf, 2, 3))) static bool wrong(char why[ENERGY_WHY], const char *fmt,
                                                        ...) {
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(why, ENERGY_WHY, fmt, args);
    va_end(args);
    energy_tame(why);
    return false;
}

bool energy_spec_set_node(struct energy_spec *s, const char *id, char why[ENERGY_WHY]) {
    return ident_set(&s->node, span_str(id)) || wrong(why, "%.60s is no id of a node", id);
}

bool energy_spec_set_grain(struct energy_spec *s, const char *name, char why[ENERGY_WHY]) {
    for (unsigned g = 0; g < ENERGY_GRAIN_COUNT; g++) {
        if (strcmp(name, grain_name[g]) != 0)
            continue;
        s->grain = (enum energy_grain)g;
        return true;
    }
    return wrong(why, "no grain %.60s; day, week or batch", name);
}

bool energy_spec_add_part(struct energy_spec *s, const char *id, char why[ENERGY_WHY]) {
    if (s->part_n == ENERGY_PARTS_MAX)
        return wrong(why, "more than %d parts", ENERGY_PARTS_MAX);
    if (!ident_set(&s->part[s->part_n], span_str(id)))
        return wrong(why, "%.60s is no id of a node", id);
    s->part_n++;
    return true;
}

/* --- drivers ------------------------------------------------------------------------------------
 */

static bool set_column(struct energy_driver *d, const char *name, char why[ENERGY_WHY]) {
    if (!*name || strlen(name) >= sizeof d->column)
        return wrong(why, "driver %.60s: a column of the drivers' file is missing", d->text);
    (void)snprintf(d->column, sizeof d->column, "%s", name);
    return true;
}

/* "18:temperature" */
static bool set_degrees(struct energy_driver *d, const char *rest, char why[ENERGY_WHY]) {
    char *end = NULL;
    d->base = strtod(rest, &end);
    if (end == rest || *end != ':' || !isfinite(d->base))
        return wrong(why, "driver %.60s: expected a base temperature and a column, as in %s",
                     d->text, "hdd:15:temperature");
    return set_column(d, end + 1, why);
}

static bool set_quantity(struct energy_driver *d, const struct ident *node, char why[ENERGY_WHY]) {
    const char *names[QUANTITIES], *slash = strchr(d->text, '/');
    const char *name = slash ? slash + 1 : d->text, *colon = strchr(name, ':');
    size_t n = colon ? (size_t)(colon - name) : strlen(name);
    char word[ENERGY_TEXT];
    d->node = *node;
    if (slash && !ident_set(&d->node, span_of(d->text, (size_t)(slash - d->text))))
        return wrong(why, "driver %.60s: what stands before the / is no id of a node", d->text);
    if (colon)
        (void)snprintf(d->product, sizeof d->product, "%s", colon + 1);
    (void)snprintf(word, sizeof word, "%.*s", (int)n, name);
    for (size_t i = 0; i < QUANTITIES; i++) {
        names[i] = quantities[i].name;
        if (strcmp(word, names[i]) == 0)
            d->quantity = &quantities[i];
    }
    if (d->quantity)
        return !colon || d->product[0] || wrong(why, "driver %.60s: no product", d->text);
    const char *near = ident_nearest(word, names, QUANTITIES);
    return wrong(why,
                 "driver %.60s: no quantity %.60s%s%s%s; gq, pq, sq, rq, material, labour, "
                 "time_production ..., or file:COLUMN",
                 d->text, word, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

bool energy_spec_add_driver(struct energy_spec *s, const char *text, char why[ENERGY_WHY]) {
    static const struct {
        const char *prefix;
        enum energy_driver_kind kind;
        bool (*set)(struct energy_driver *d, const char *rest, char why[ENERGY_WHY]);
    } kind[] = {{"file:", ENERGY_COLUMN, set_column},
                {"hdd:", ENERGY_HEATING, set_degrees},
                {"cdd:", ENERGY_COOLING, set_degrees}};
    struct energy_driver d = {.kind = ENERGY_QUANTITY};
    if (s->driver_n == BASELINE_DRIVERS_MAX)
        return wrong(why, "more than %d drivers", BASELINE_DRIVERS_MAX);
    if (strlen(text) >= sizeof d.text)
        return wrong(why, "driver %.60s: too long", text);
    (void)snprintf(d.text, sizeof d.text, "%s", text);
    energy_tame(d.text);
    if (strcmp(d.text, text) != 0)
        return wrong(why, "driver %.60s: control characters", d.text);
    bool ok = false, found = false;
    for (size_t i = 0; i < sizeof kind / sizeof *kind && !found; i++) {
        size_t n = strlen(kind[i].prefix);
        if (strncmp(text, kind[i].prefix, n) != 0)
            continue;
        found = true;
        d.kind = kind[i].kind;
        ok = kind[i].set(&d, text + n, why);
    }
    if (!found)
        ok = set_quantity(&d, &s->node, why);
    if (ok)
        s->driver[s->driver_n++] = d;
    return ok;
}

bool energy_spec_finish(const struct energy_spec *s, char why[ENERGY_WHY]) {
    for (size_t i = 0; i < s->driver_n; i++) {
        const struct energy_driver *d = &s->driver[i];
        if (s->grain == ENERGY_BATCH && d->kind != ENERGY_COLUMN)
            return wrong(why,
                         "driver %.60s: of batches drivers are columns of their table, file:NAME",
                         d->text);
        for (size_t k = 0; k < i; k++)
            if (strcmp(d->text, s->driver[k].text) == 0)
                return wrong(why, "driver %.60s: named twice", d->text);
    }
    if (s->grain == ENERGY_BATCH && s->part_n > 0)
        return wrong(why, "part %s: a table of batches has no parts", s->part[0].s);
    for (size_t i = 0; i < s->part_n; i++)
        for (size_t k = 0; k <= i; k++)
            if (ident_equal(&s->part[i], k < i ? &s->part[k] : &s->node))
                return wrong(why, "part %s: %s", s->part[i].s,
                             k < i ? "named twice" : "is the node itself");
    return true;
}

bool energy_spec_has_columns(const struct energy_spec *s) {
    bool has = false;
    for (size_t i = 0; i < s->driver_n; i++)
        has = has || s->driver[i].kind != ENERGY_QUANTITY;
    return has && s->grain != ENERGY_BATCH;
}

const char *energy_driver_unit(const struct energy_driver *d) {
    if (d->kind == ENERGY_QUANTITY)
        return d->quantity->unit;
    return d->kind == ENERGY_COLUMN ? "unit" : "K d";
}
