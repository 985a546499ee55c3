/* Signals: (agent, point name) -> dense id, and what the plant file says of it. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/state.h"

static enum err ids_add(struct ids *list, uint32_t id) {
    if (list->n == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 16;
        uint32_t *at = realloc(list->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        list->at = at;
        list->cap = cap;
    }
    list->at[list->n++] = id;
    return ERR_OK;
}

static int64_t gcd(int64_t a, int64_t b) {
    while (b) {
        int64_t r = a % b;
        a = b;
        b = r;
    }
    return a < 0 ? -a : a;
}

/* Product of two exact factors, reduced; falls back to the first if it leaves 64 bit. */
static void factor(int64_t num, int64_t den, int64_t num2, int64_t den2,
                   struct signal_limits *out) {
    int64_t g = gcd(num, den2), h = gcd(num2, den);
    out->num = num;
    out->den = den;
    if (g == 0 || h == 0)
        return;
    int64_t n, d;
    if (__builtin_mul_overflow(num / g, num2 / h, &n) ||
        __builtin_mul_overflow(den / h, den2 / g, &d))
        return;
    out->num = n;
    out->den = d;
}

void signals_limits(const struct core *c, uint32_t id, struct signal_limits *out) {
    const struct csignal *s = &c->signal[id];
    *out = (struct signal_limits){.num = s->point.num, .den = s->point.den};
    if (s->bound == UINT32_MAX)
        return;
    const struct plant_signal *p = &c->plant->signal[s->bound];
    factor(s->point.num, s->point.den, p->num, p->den, out);
    out->max_rate_per_h = p->max_rate_per_h;
    out->preset = p->preset;
    out->gap_limit_ms = p->gap_limit_ms;
}

bool signals_of_unit(const struct core *c, uint32_t id, uint32_t unit) {
    const struct csignal *s = &c->signal[id];
    for (size_t i = 0; i < s->unit_n; i++)
        if (s->unit[i] == unit)
            return true;
    return false;
}

static enum err bind_unit(struct core *c, uint32_t id, const struct plant_signal *p) {
    struct csignal *s = &c->signal[id];
    struct cunit *u = &c->unit[p->unit];
    uint32_t *units = realloc(s->unit, (s->unit_n + 1) * sizeof *units);
    if (!units)
        return ERR_NOMEM;
    s->unit = units;
    if (u->signal_n == u->signal_cap) {
        size_t cap = u->signal_cap ? u->signal_cap * 2 : 8;
        struct cell_signal *at = realloc(u->signal, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        u->signal = at;
        u->signal_cap = cap;
    }
    struct signal_limits limits;
    s->unit[s->unit_n++] = p->unit;
    signals_limits(c, id, &limits);
    u->signal[u->signal_n++] = (struct cell_signal){.signal = id,
                                                    .role = p->role,
                                                    .type = s->point.type,
                                                    .num = limits.num,
                                                    .den = limits.den,
                                                    .quantum = p->quantum};
    return ERR_OK;
}

static int compare_name(const struct plant_signal *p, const struct ident *agent,
                        const char *point) {
    int order = strcmp(p->agent.s, agent->s);
    return order ? order : strcmp(p->point, point);
}

/* Every meaning the plant file gives to (agent, point): neighbours in the finder's order. */
static enum err bind(struct core *c, uint32_t id, struct cagent *a) {
    const struct plant *p = c->plant;
    struct csignal *s = &c->signal[id];
    enum err err = ERR_OK;
    s->bound = plant_find_signal(p, &a->id, s->point.name);
    if (s->bound == UINT32_MAX) {
        c->stats.unassigned++;
        a->unassigned_n++;
        return ids_add(&c->unassigned, id);
    }
    size_t lo = 0, hi = p->signal_n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (compare_name(&p->signal[p->signal_by_name[mid]], &a->id, s->point.name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < p->signal_n && !err; lo++) {
        const struct plant_signal *found = &p->signal[p->signal_by_name[lo]];
        if (compare_name(found, &a->id, s->point.name) != 0)
            break;
        err = bind_unit(c, id, found);
    }
    return err;
}

static enum err add(struct core *c, struct cagent *a, const struct point *p, const char *key,
                    uint32_t *id) {
    if (c->signal_n == c->signal_cap) {
        size_t cap = c->signal_cap ? c->signal_cap * 2 : 64;
        struct csignal *at = realloc(c->signal, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        c->signal = at;
        c->signal_cap = cap;
    }
    struct signal_name *name = calloc(1, sizeof *name);
    if (!name)
        return ERR_NOMEM;
    snprintf(name->key, sizeof name->key, "%s", key);
    name->id = (uint32_t)c->signal_n;
    struct csignal *s = &c->signal[c->signal_n];
    *s = (struct csignal){.agent = a->no, .point = *p};
    for (unsigned i = 0; i < LANE_SLOTS; i++)
        s->at[i] = UINT32_MAX;
    HASH_ADD_STR(c->signal_by_name, key, name);
    if (!name->hh.tbl) {
        free(name);
        return ERR_NOMEM;
    }
    *id = name->id;
    c->signal_n++;
    c->unstored_n++;
    enum err err = ids_add(&a->signals, *id);
    return err ? err : bind(c, *id, a);
}

enum err signals_get(struct core *c, struct cagent *a, const struct point *p, uint32_t *id) {
    char key[IDENT_MAX + POINT_NAME_MAX + 2];
    struct signal_name *found = NULL;
    snprintf(key, sizeof key, "%s/%s", a->id.s, p->name);
    HASH_FIND_STR(c->signal_by_name, key, found);
    if (!found)
        return add(c, a, p, key, id);
    *id = found->id;
    struct csignal *s = &c->signal[found->id];
    if (!point_equal(&s->point, p)) {
        s->point = *p; /* the newest description holds from here on */
        c->unstored_n += s->stored;
        s->stored = false;
    }
    return ERR_OK;
}
