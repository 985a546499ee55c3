/* Meters that several units share: each of them gets the meter's signal, and a part of what it
 * tells. */
#include <stdlib.h>
#include <string.h>

#include "plantfile/build.h"
#include "window/indicator.h"

enum { METERS_MAX = UINT16_MAX - 1 };

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

/* Adds the meter's signal to a unit that shares it. */
static void join(struct build *b, const struct meter_row *row, enum plant_role role, uint32_t unit,
                 struct conf_pos pos) {
    static const struct ident nobody = {""};
    struct plant_unit *u = &((struct plant_unit *)b->unit.at)[unit];
    const bool electric = role == ROLE_ENERGY || role == ROLE_POWER;
    if (electric && reads(b, unit, ROLE_REACTIVE))
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

static void share(struct build *b, const struct meter_row *row, enum plant_role role,
                  struct plant_meter *out) {
    struct sharer *s = calloc(row->share_n + 1, sizeof *s);
    int64_t sum = 0;
    size_t n = 0;
    if (!s) {
        b->nomem = true;
        return;
    }
    for (size_t i = 0; i < row->share_n && !b->nomem; i++) {
        const struct conf_pair *p = &row->shares[i];
        const struct sharer one = {unit_of(b, p->key, p->pos), weight_of(b, p)};
        if (one.unit == UINT32_MAX || one.weight == 0)
            continue;
        if (role != ROLE_NONE)
            join(b, row, role, one.unit, p->pos);
        sum += one.weight;
        s[n++] = one;
    }
    if (sum > PLANT_METER_SUM_MAX)
        conf_report_at(b->report, row->pos, "the shares of meter %s sum to more than %lld",
                       row->id.s, (long long)PLANT_METER_SUM_MAX);
    keep_sharers(b, s, n, out);
    free(s);
}

void build_meters(struct build *b) {
    const size_t n = b->rows->meter_n;
    struct plant_meter *at = build_alloc(b, n * sizeof *at);
    b->plant->meter = at;
    for (size_t i = 0; at && i < n && !b->nomem; i++) {
        const struct meter_row *row = &b->rows->meters[i];
        at[i].id = row->id;
        if (row->signal_n != 1) {
            conf_report_at(b->report, row->pos, "meter %s has one signal, not %zu", row->id.s,
                           row->signal_n);
            continue;
        }
        share(b, row, role_of(b, &row->signals[0]), &at[i]);
        b->plant->meter_n = i + 1;
    }
}
