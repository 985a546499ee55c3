/* Signals: (agent, point name) -> dense id, and what the plant file says of it. */
#include <stdlib.h>

#include "base/hash.h"
#include "engine/parts.h"

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
    *out = (struct signal_limits){.num = s->num, .den = s->den};
    if (s->bound == UINT32_MAX)
        return;
    const struct plant_signal *p = &c->plant->signal[s->bound];
    factor(s->num, s->den, p->num, p->den, out);
    if (plant_role_is_carrier((enum plant_role)p->role)) {
        const struct plant_carrier *carrier = &c->plant->carrier[p->role - ROLE_GAS];
        factor(out->num, out->den, carrier->num, carrier->den, out);
    }
    out->max_rate_per_h = p->max_rate_per_h;
    out->preset = p->preset;
    out->gap_limit_ms = p->gap_limit_ms;
    if (p->role == ROLE_GAUGE && p->gauge > 0) {
        out->low = c->plant->gauge[p->gauge - 1].low;
        out->high = c->plant->gauge[p->gauge - 1].high;
    }
}

bool signals_of_unit(const struct core *c, uint32_t id, uint32_t unit) {
    const struct csignal *s = &c->signal[id];
    for (size_t i = 0; i < s->unit_n; i++)
        if (s->unit[i] == unit)
            return true;
    return false;
}

bool signals_own(const struct core *c, uint32_t id, uint32_t unit) {
    const struct csignal *s = &c->signal[id];
    for (size_t i = 0; i < s->own_n; i++)
        if (s->unit[i] == unit)
            return true;
    return false;
}

bool signals_prove(const struct core *c, uint32_t unit, const struct cell_signal *s) {
    return s->gauge != 0 && plant_proves(c->plant, s->gauge - 1, unit);
}

/* Amounts of the same kind: of energy, of pieces, of anything else that is consumed. */
static bool amount_fits(const struct plant *p, uint8_t role, const char *base) {
    if (plant_role_is_carrier((enum plant_role)role)) {
        const char *of = p->carrier[role - ROLE_GAS].base;
        return base[0] == 0 || (of && strcmp(base, of) == 0);
    }
    if (role == ROLE_REACTIVE)
        return base[0] == 0 || strcmp(base, "uvarh") == 0;
    if (role == ROLE_ENERGY || plant_role_is_flow((enum plant_role)role))
        return base[0] == 0 || strcmp(base, "uWh") == 0;
    if (strcmp(base, "uWh") == 0 || strcmp(base, "uW") == 0 || strcmp(base, "ms") == 0)
        return false;
    return role == ROLE_MATERIAL || !(strcmp(base, "ukg") == 0 || strcmp(base, "um3") == 0);
}

bool core_role_fits(const struct plant *p, uint8_t role, uint8_t type, const char *base) {
    switch ((enum plant_role)role) {
    case ROLE_STATE:
        return type == POINT_STATE || type == POINT_INTERVAL;
    case ROLE_POWER:
        return type == POINT_POWER;
    case ROLE_GAUGE:
        return type == POINT_GAUGE;
    case ROLE_ENERGY:
    case ROLE_TOTAL:
    case ROLE_GOOD:
    case ROLE_SCRAP:
    case ROLE_REWORK:
    case ROLE_MATERIAL:
    case ROLE_INSPECTED:
    case ROLE_PASSED:
    case ROLE_GAS:
    case ROLE_STEAM:
    case ROLE_WATER:
    case ROLE_AIR:
    case ROLE_HEAT:
    case ROLE_FUEL:
    case ROLE_REACTIVE:
    case ROLE_EXPORT:
    case ROLE_GENERATION:
    case ROLE_STORAGE_IN:
    case ROLE_STORAGE_OUT:
        return type != POINT_STATE && type != POINT_POWER && type != POINT_GAUGE &&
               amount_fits(p, role, base);
    case ROLE_ORDER:
    case ROLE_PRODUCT:
    case ROLE_TEAM:
    case ROLE_HEADCOUNT:
    case ROLE_AVAILABILITY:
    case ROLE_FUNCTIONAL_MODE:
    case ROLE_CONTROLLER_MODE:
    case ROLE_WAIT_STATE:
    case ROLE_EMERGENCY_STOP:
    case ROLE_CONDITION:
    case ROLE_REASON:
        return type == POINT_STATE;
    case ROLE_NONE:
    case ROLE_COUNT:
        break;
    }
    return true;
}

static void tell_misfit(struct core *c, struct cagent *a, const struct plant_signal *p,
                        const struct csignal *s) {
    a->misfit_n++;
    c->stats.misfits++;
    note(c, true, "signal_misfit", "agent=%s point=%s role=%s unit=%s type=%s point_unit=%s",
         a->id.s, s->name, plant_role_name((enum plant_role)p->role), c->plant->unit[p->unit].id.s,
         point_type_name((enum point_type)s->type),
         csignal_unit_text(s)[0] ? csignal_unit_text(s) : "none");
}

/* Room for one more of the signal at the unit. */
static enum err bind_room(struct csignal *s, struct cunit *u) {
    if (s->unit_n == UINT16_MAX)
        return ERR_FULL;
    uint32_t *units = realloc(s->unit, (s->unit_n + 1U) * sizeof *units);
    if (!units)
        return ERR_NOMEM;
    s->unit = units;
    if (u->signal_n < u->signal_cap)
        return ERR_OK;
    size_t cap = u->signal_cap ? u->signal_cap * 2 : 8;
    struct cell_signal *at = realloc(u->signal, cap * sizeof *at);
    if (!at)
        return ERR_NOMEM;
    u->signal = at;
    u->signal_cap = cap;
    return ERR_OK;
}

/* Its own stand first, then gauges of others, then those of mates: what is in the way goes to the
 * end of its kind. Room is there. */
static void make_place(struct cunit *u, size_t at) {
    if (u->seen_n < u->signal_n)
        u->signal[u->signal_n] = u->signal[u->seen_n];
    if (at < u->seen_n)
        u->signal[u->seen_n] = u->signal[at];
    u->signal_n++;
}

static enum err bind_unit(struct core *c, uint32_t id, const struct plant_signal *p) {
    struct csignal *s = &c->signal[id];
    struct cunit *u = &c->unit[p->unit];
    enum err err = bind_room(s, u);
    if (err)
        return err;
    struct signal_limits limits;
    const struct plant_unit *unit = &c->plant->unit[p->unit];
    if (p->role == ROLE_STATE && unit->state_source == STATE_MAP &&
        unit->state_map < c->plant->state_map_n) {
        if (!s->state)
            s->state = calloc(1, sizeof *s->state);
        if (!s->state)
            return ERR_NOMEM;
        s->state->map = unit->state_map;
    }
    s->gauge = p->role == ROLE_GAUGE;
    s->unit[s->unit_n++] = p->unit;
    s->own_n = s->unit_n;
    signals_limits(c, id, &limits);
    make_place(u, u->own_n);
    u->seen_n++;
    u->signal[u->own_n++] = (struct cell_signal){.signal = id,
                                                 .role = p->role,
                                                 .type = s->type,
                                                 .tagged = p->tagged,
                                                 .meter = p->meter,
                                                 .gauge = p->gauge,
                                                 .num = limits.num,
                                                 .den = limits.den,
                                                 .quantum = p->quantum,
                                                 .commissioning = p->commissioning};
    return ERR_OK;
}

/* Conditions of other units are judged by it. */
static enum err bind_proven(struct core *c, uint32_t id, const struct plant_signal *p) {
    struct csignal *s = &c->signal[id];
    size_t at = 0;
    for (uint32_t unit; s->gauge && p->gauge != 0 &&
                        (unit = plant_next_proven(c->plant, p->gauge - 1, &at)) != UINT32_MAX;) {
        struct cunit *u = &c->unit[unit];
        if (signals_of_unit(c, id, unit))
            continue;
        enum err err = bind_room(s, u);
        if (err)
            return err;
        s->unit[s->unit_n++] = unit;
        make_place(u, u->seen_n);
        u->signal[u->seen_n++] = (struct cell_signal){
            .signal = id, .role = ROLE_GAUGE, .type = s->type, .gauge = p->gauge};
    }
    return ERR_OK;
}

/* The log of a unit holds what its mates' signals tell, but for the meters that they share. */
static enum err bind_watchers(struct core *c, uint32_t id, const struct plant_signal *p) {
    const struct plant_unit *mate = &c->plant->unit[p->unit];
    struct csignal *s = &c->signal[id];
    for (size_t i = 0; p->meter == 0 && !s->gauge && i < mate->watcher_n; i++) {
        struct cunit *u = &c->unit[mate->watcher[i]];
        if (signals_of_unit(c, id, mate->watcher[i]))
            continue;
        enum err err = bind_room(s, u);
        if (err)
            return err;
        s->unit[s->unit_n++] = mate->watcher[i];
        u->signal[u->signal_n++] = (struct cell_signal){.signal = id,
                                                        .role = p->role,
                                                        .type = s->type,
                                                        .quantum = p->quantum,
                                                        .commissioning = p->commissioning};
    }
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
    s->gauge = false;
    s->bound = plant_find_signal(p, &a->id, s->name);
    if (s->bound == UINT32_MAX) {
        c->stats.unassigned++;
        a->unassigned_n++;
        return ids_add(&c->unassigned, id);
    }
    size_t lo = 0, hi = p->signal_n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (compare_name(&p->signal[p->signal_by_name[mid]], &a->id, s->name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (size_t i = lo; i < p->signal_n && !err; i++) {
        const struct plant_signal *found = &p->signal[p->signal_by_name[i]];
        if (compare_name(found, &a->id, s->name) != 0)
            break;
        if (core_role_fits(p, found->role, s->type, csignal_unit_text(s)))
            err = bind_unit(c, id, found);
        else
            tell_misfit(c, a, found, s);
    }
    for (size_t i = lo; s->own_n && i < p->signal_n && !err; i++) {
        const struct plant_signal *found = &p->signal[p->signal_by_name[i]];
        if (compare_name(found, &a->id, s->name) != 0)
            break;
        if (core_role_fits(p, found->role, s->type, csignal_unit_text(s)))
            err = bind_watchers(c, id, found);
        if (!err && core_role_fits(p, found->role, s->type, csignal_unit_text(s)))
            err = bind_proven(c, id, found);
    }
    return err;
}

/* Where the signal is, or where it would go; the table has free places. */
static uint32_t *place(const struct core *c, const struct signal_table *t, uint32_t agent,
                       const char *name) {
    uint64_t hash = (fnv1a64(span_str(name)) ^ agent) * UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = hash >> 32;; i++) {
        uint32_t *at = &t->at[i & (t->cap - 1)];
        const struct csignal *s = *at ? &c->signal[*at - 1] : NULL;
        if (!s || (s->agent == agent && strcmp(s->name, name) == 0))
            return at;
    }
}

static enum err make_room(struct core *c) {
    struct signal_table *t = &c->signal_by_name;
    if (c->signal_n * 2 < t->cap)
        return ERR_OK;
    struct signal_table wider = {.cap = t->cap ? t->cap * 2 : 128};
    wider.at = calloc(wider.cap, sizeof *wider.at);
    if (!wider.at)
        return ERR_NOMEM;
    for (size_t i = 0; i < c->signal_n; i++)
        *place(c, &wider, c->signal[i].agent, c->signal[i].name) = (uint32_t)i + 1;
    free(t->at);
    *t = wider;
    return ERR_OK;
}

/* Takes over what the point table says; the texts as short as they are. ERR_NOMEM: as it was. */
static enum err describe(struct core *c, struct csignal *s, const struct point *p) {
    size_t name_n = strlen(p->name) + 1, unit_n = strlen(p->unit) + 1, hint_n = strlen(p->hint) + 1;
    bool again = s->name != NULL;
    char *text =
        again ? malloc(name_n + unit_n + hint_n) : texts_add(&c->texts, name_n + unit_n + hint_n);
    if (!text)
        return ERR_NOMEM;
    if (s->own_text)
        free(s->name);
    s->own_text = again;
    memcpy(text, p->name, name_n);
    memcpy(text + name_n, p->unit, unit_n);
    memcpy(text + name_n + unit_n, p->hint, hint_n);
    s->name = text;
    s->unit_at = (uint8_t)name_n;
    s->hint_at = (uint8_t)(name_n + unit_n);
    s->num = p->num;
    s->den = p->den;
    s->poll_ms = p->poll_ms;
    s->source = p->source;
    s->type = p->type;
    s->sampling = p->sampling;
    s->width_bits = p->width_bits;
    s->width_digits = p->width_digits;
    s->sticky = p->sticky;
    return ERR_OK;
}

void signals_point(const struct csignal *s, struct point *out) {
    *out = (struct point){.source = s->source,
                          .type = s->type,
                          .sampling = s->sampling,
                          .sticky = s->sticky,
                          .width_bits = s->width_bits,
                          .width_digits = s->width_digits,
                          .num = s->num,
                          .den = s->den,
                          .poll_ms = s->poll_ms};
    memcpy(out->name, s->name, strlen(s->name) + 1);
    memcpy(out->unit, csignal_unit_text(s), strlen(csignal_unit_text(s)) + 1);
    memcpy(out->hint, csignal_hint(s), strlen(csignal_hint(s)) + 1);
}

static enum err add(struct core *c, struct cagent *a, const struct point *p, uint32_t *id) {
    if (c->signal_n == c->signal_cap) {
        size_t cap = c->signal_cap ? c->signal_cap * 2 : 64;
        struct csignal *at = realloc(c->signal, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        c->signal = at;
        enum err err = touches_grow(c, cap);
        if (err)
            return err;
        c->signal_cap = cap;
    }
    struct csignal *s = &c->signal[c->signal_n];
    *s = (struct csignal){.agent = a->no};
    enum err err = describe(c, s, p);
    if (err)
        return err;
    for (unsigned i = 0; i < LANE_SLOTS; i++)
        s->at[i] = UINT32_MAX;
    *id = (uint32_t)c->signal_n++;
    *place(c, &c->signal_by_name, a->no, p->name) = *id + 1;
    c->unstored_n++;
    a->unstored_n++;
    err = ids_add(&a->signals, *id);
    err = err ? err : bind(c, *id, a);
    touches_put(c, *id);
    return err;
}

enum err signals_get(struct core *c, struct cagent *a, const struct point *p, uint32_t *id) {
    enum err err = make_room(c);
    if (err)
        return err;
    uint32_t found = *place(c, &c->signal_by_name, a->no, p->name);
    if (!found)
        return add(c, a, p, id);
    *id = found - 1;
    struct csignal *s = &c->signal[*id];
    struct point known;
    signals_point(s, &known);
    if (point_equal(&known, p))
        return ERR_OK;
    if (s->stored) {
        s->stored = false;
        c->unstored_n++;
        a->unstored_n++;
        c->unstored_from = *id < c->unstored_from ? *id : c->unstored_from;
    }
    err = describe(c, s, p); /* the newest description holds from here on */
    touches_put(c, *id);
    return err;
}
