/* Meters that several units share: each of them gets the meter's signal, and a part of what it
 * tells. */
#include <stdlib.h>
#include <string.h>

#include "conf/number.h"
#include "plantfile/build.h"
#include "window/indicator.h"

struct sharer {
    uint32_t unit;
    int64_t weight;
};

/* 0: no weight. */
static int64_t weight_of(struct build *b, const struct conf_pair *p) {
    char *end = NULL;
    const long long w = strtoll(p->value, &end, 10);
    if (end != p->value && *end == 0 && w > 0 && w <= PLANT_METER_SUM_MAX)
        return w;
    conf_report_at(b->report, p->pos, "a share is a whole number from 1 to %lld, not \"%s\"",
                   (long long)PLANT_METER_SUM_MAX, p->value);
    return 0;
}

/* Watts; 0: none. */
static int64_t rated_of(struct build *b, const struct conf_pair *p) {
    static const struct conf_row row = {.type = CONF_POWER};
    struct conf_why why = {0};
    int64_t uw = 0;
    const enum err err = conf_number_parse(&row, CONF_POWER, span_str(p->value), &uw, &why);
    const int64_t w = uw / 1000000;
    if (!err && w > 0 && w <= PLANT_RATED_SUM_MAX && uw % 1000000 == 0)
        return w;
    conf_report_at(b->report, p->pos,
                   "a rated power is a whole number of watts from 1 W to 1 GW (\"22 kW\"), not "
                   "\"%s\"",
                   p->value);
    return 0;
}

static uint32_t unit_of(struct build *b, const char *word, struct conf_pos pos) {
    struct ident id;
    const uint32_t unit = ident_set(&id, span_str(word)) ? build_find_unit(b, &id) : UINT32_MAX;
    if (unit == UINT32_MAX)
        build_missing(b, pos, "unit", word, b->unit.at, sizeof(struct plant_unit), b->unit.n);
    return unit;
}

/* The ones that a meter may have; the nearest of them is named. */
static enum plant_role role_of(struct build *b, const struct signal_row *row) {
    const char *legal[ROLE_COUNT];
    size_t n = 0;
    for (unsigned r = 1; r < ROLE_COUNT; r++)
        if (plant_role_is_shared((enum plant_role)r))
            legal[n++] = plant_role_name((enum plant_role)r);
    for (unsigned r = 1; r < ROLE_COUNT; r++)
        if (plant_role_is_shared((enum plant_role)r) &&
            strcmp(plant_role_name((enum plant_role)r), row->id.s) == 0)
            return (enum plant_role)r;
    const char *near = ident_nearest(row->id.s, legal, n);
    conf_report_at(b->report, row->pos,
                   "units share no meter of %s: energy, power or a carrier is expected%s%s%s",
                   row->id.s, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return ROLE_NONE;
}

static bool reads(const struct build *b, uint32_t unit, enum plant_role role) {
    const struct plant_signal *s = b->signal.at;
    for (size_t i = 0; i < b->signal.n; i++)
        if (s[i].unit == unit && s[i].role == role && s[i].meter == 0)
            return true;
    return false;
}

static bool is_electric(enum plant_role role) {
    return role == ROLE_ENERGY || role == ROLE_POWER;
}

/* Adds the meter's signal to a unit that shares it. */
static void join(struct build *b, const struct meter_row *row, enum plant_role role, uint32_t unit,
                 struct conf_pos pos) {
    static const struct ident nobody = {""};
    struct plant_unit *u = &((struct plant_unit *)b->unit.at)[unit];
    if (is_electric(role) && reads(b, unit, ROLE_REACTIVE))
        conf_report_at(b->report, pos,
                       "%s has a meter of reactive energy: beside a share its power factor would "
                       "be wrong",
                       u->id.s);
    const size_t before = b->signal.n;
    build_add_signal(b, &row->signals[0], role, unit, &nobody);
    if (b->signal.n > before)
        ((struct plant_signal *)b->signal.at)[before].meter = (uint16_t)(b->plant->meter_n + 1);
    u->missing_class[CLASS_CONSUMPTION] = false;
}

static int by_id(const void *x, const void *y, void *user) {
    const struct plant_unit *unit = user;
    return strcmp(unit[((const struct sharer *)x)->unit].id.s,
                  unit[((const struct sharer *)y)->unit].id.s);
}

/* Ties of a split go by unit id, however the file orders its units. */
static void keep_sharers(struct build *b, struct sharer *s, size_t n, struct plant_meter *out) {
    uint32_t *unit = build_alloc(b, n * sizeof *unit);
    int64_t *weight = build_alloc(b, n * sizeof *weight);
    if (!unit || !weight)
        return;
    qsort_r(s, n, sizeof *s, by_id, b->unit.at);
    for (size_t i = 0; i < n; i++) {
        unit[i] = s[i].unit;
        weight[i] = s[i].weight;
    }
    out->unit = unit;
    out->weight = weight;
    out->unit_n = n;
}

/* Time of production is weighed only where something tells it. */
static void check_runs(struct build *b, uint32_t unit, struct conf_pos pos) {
    const struct plant_unit *u = &((const struct plant_unit *)b->unit.at)[unit];
    if (u->state_source == STATE_NONE)
        conf_report_at(b->report, pos, "nothing tells when %s runs: it has no state", u->id.s);
}

static void share(struct build *b, const struct meter_row *row, enum plant_role role,
                  struct plant_meter *out) {
    const struct conf_pair *pair = out->by_run ? row->rated : row->shares;
    const size_t all = out->by_run ? row->rated_n : row->share_n;
    struct sharer *s = calloc(all + 1, sizeof *s);
    int64_t sum = 0, most = out->by_run ? PLANT_RATED_SUM_MAX : PLANT_METER_SUM_MAX;
    size_t n = 0;
    if (!s) {
        b->nomem = true;
        return;
    }
    for (size_t i = 0; i < all && !b->nomem; i++) {
        const struct conf_pair *p = &pair[i];
        const struct sharer one = {unit_of(b, p->key, p->pos),
                                   out->by_run ? rated_of(b, p) : weight_of(b, p)};
        if (one.unit == UINT32_MAX || one.weight == 0)
            continue;
        if (out->by_run)
            check_runs(b, one.unit, p->pos);
        if (role != ROLE_NONE)
            join(b, row, role, one.unit, p->pos);
        sum += one.weight;
        s[n++] = one;
    }
    if (sum > most)
        conf_report_at(b->report, row->pos, "the shares of meter %s sum to more than %lld%s",
                       row->id.s, (long long)most, out->by_run ? " W" : "");
    keep_sharers(b, s, n, out);
    free(s);
}

static bool shares_it(const struct plant_meter *m, uint32_t unit) {
    for (size_t i = 0; i < m->unit_n; i++)
        if (m->unit[i] == unit)
            return true;
    return false;
}

static void add_rest(struct build *b, const struct meter_row *row, enum plant_role role,
                     struct plant_meter *out) {
    out->rest = UINT32_MAX;
    if (out->by_run && !row->rest_given)
        conf_report_at(b->report, row->pos,
                       "meter %s has no rest: what comes while none of its units runs must go to "
                       "one",
                       row->id.s);
    if (!row->rest_given)
        return;
    if (!out->by_run) {
        conf_report_at(b->report, row->rest_pos,
                       "a rest stands with rated powers: fixed shares leave none");
        return;
    }
    out->rest = unit_of(b, row->rest.s, row->rest_pos);
    if (out->rest != UINT32_MAX && role != ROLE_NONE && !shares_it(out, out->rest))
        join(b, row, role, out->rest, row->rest_pos);
}

/* The unit's own meters of what the main meter tells must say all that it uses of it. */
static void check_own(struct build *b, const struct meter_row *row, enum plant_role role,
                      uint32_t unit) {
    const char *id = ((const struct plant_unit *)b->unit.at)[unit].id.s;
    bool own = is_electric(role) ? reads(b, unit, ROLE_ENERGY) || reads(b, unit, ROLE_POWER)
                                 : reads(b, unit, role);
    if (role != ROLE_NONE && !own)
        conf_report_at(b->report, row->less_pos,
                       "%s has no meter of its own of %s that could be taken off", id,
                       is_electric(role) ? "electricity" : plant_role_name(role));
    for (unsigned r = ROLE_NONE + 1; r < ROLE_COUNT && is_electric(role); r++)
        if (plant_role_is_flow((enum plant_role)r) && reads(b, unit, (enum plant_role)r))
            conf_report_at(b->report, row->less_pos,
                           "%s has a register of %s: what of it passes the main meter, nobody says",
                           id, plant_role_name((enum plant_role)r));
}

static void take_off(struct build *b, const struct meter_row *row, enum plant_role role,
                     struct plant_meter *out) {
    uint32_t *less = build_alloc(b, row->less_n * sizeof *less);
    size_t n = 0;
    for (size_t i = 0; less && i < row->less_n; i++) {
        const uint32_t unit = unit_of(b, row->less[i].s, row->less_pos);
        bool again = false;
        for (size_t k = 0; k < n; k++)
            again = again || less[k] == unit;
        if (again)
            conf_report_at(b->report, row->less_pos, "%s is taken off twice", row->less[i].s);
        if (unit == UINT32_MAX || again)
            continue;
        check_own(b, row, role, unit);
        less[n++] = unit;
    }
    out->less = less;
    out->less_n = less ? n : 0;
}

static void fill_meter(struct build *b, const struct meter_row *row, struct plant_meter *out) {
    out->id = row->id;
    if (row->signal_n != 1) {
        conf_report_at(b->report, row->pos, "meter %s has one signal, not %zu", row->id.s,
                       row->signal_n);
        return;
    }
    if ((row->share_n > 0) == (row->rated_n > 0)) {
        conf_report_at(b->report, row->pos, "meter %s is split by shares or by rated powers%s",
                       row->id.s, row->share_n ? ", not by both" : ": it has neither");
        return;
    }
    if (row->rated_n > PLANT_METER_MATES) {
        conf_report_at(b->report, row->pos,
                       "meter %s is split by the running time of more than %d units", row->id.s,
                       PLANT_METER_MATES);
        return;
    }
    out->by_run = row->rated_n > 0;
    const enum plant_role role = role_of(b, &row->signals[0]);
    take_off(b, row, role, out);
    share(b, row, role, out);
    add_rest(b, row, role, out);
}

/* --- mates --------------------------------------------------------------------------------------
 */

static bool has_mates(const struct plant_meter *m) {
    return m->by_run || m->less_n > 0;
}

/* It has a part of the meter. */
static bool takes(const struct plant_meter *m, uint32_t unit) {
    return shares_it(m, unit) || (m->by_run && m->rest == unit);
}

/* What it does, or its own meter, decides who has how much. */
static bool tells(const struct plant_meter *m, uint32_t unit) {
    bool less = false;
    for (size_t i = 0; i < m->less_n; i++)
        less = less || m->less[i] == unit;
    return less || (m->by_run && shares_it(m, unit));
}

static void mark(bool *marks, const struct plant_meter *m, bool tellers) {
    for (size_t i = 0; i < m->unit_n && (!tellers || m->by_run); i++)
        marks[m->unit[i]] = true;
    for (size_t i = 0; i < m->less_n && tellers; i++)
        marks[m->less[i]] = true;
    if (!tellers && m->by_run && m->rest != UINT32_MAX)
        marks[m->rest] = true;
}

/* The units marked but for `unit` itself, and no mark any more. */
static const uint32_t *list_marked(struct build *b, bool *marks, uint32_t unit, size_t *n) {
    uint32_t *at = NULL;
    size_t all = 0;
    marks[unit] = false;
    for (size_t i = 0; i < b->unit.n; i++)
        all += marks[i];
    if (all > 0)
        at = build_alloc(b, all * sizeof *at);
    *n = at ? all : 0;
    for (size_t i = 0, k = 0; i < b->unit.n; i++) {
        if (marks[i] && at)
            at[k++] = (uint32_t)i;
        marks[i] = false;
    }
    return at;
}

static void find_mates(struct build *b) {
    struct plant_unit *u = b->unit.at;
    const struct plant_meter *m = b->plant->meter;
    bool *mates = calloc(b->unit.n + 1, sizeof *mates);
    bool *watchers = calloc(b->unit.n + 1, sizeof *watchers);
    b->nomem = b->nomem || !mates || !watchers;
    for (uint32_t i = 0; u && m && i < b->unit.n && !b->nomem; i++) {
        bool any = false;
        for (size_t k = 0; k < b->plant->meter_n; k++) {
            if (!has_mates(&m[k]))
                continue;
            if (takes(&m[k], i))
                mark(mates, &m[k], true);
            if (tells(&m[k], i))
                mark(watchers, &m[k], false);
            any = true;
        }
        if (!any)
            break;
        u[i].mate = list_marked(b, mates, i, &u[i].mate_n);
        u[i].watcher = list_marked(b, watchers, i, &u[i].watcher_n);
    }
    free(mates);
    free(watchers);
}

void build_meters(struct build *b) {
    const size_t n = b->rows->meter_n;
    struct plant_meter *at = build_alloc(b, n * sizeof *at);
    b->plant->meter = at;
    for (size_t i = 0; at && i < n && !b->nomem; i++) {
        fill_meter(b, &b->rows->meters[i], &at[i]);
        b->plant->meter_n = i + 1;
    }
    find_mates(b);
}
