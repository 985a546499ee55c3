#include "study/days.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { GROUPS = ENERGY_GROUP_COUNT, DAYS_A_WEEK = 7, COVERED_PERCENT = 95 };

struct day {
    int64_t start_ms, end_ms;
    bool seen, settled, energy_covered; /* of the node itself */
    bool driver_seen[BASELINE_DRIVERS_MAX], driver_covered[BASELINE_DRIVERS_MAX];
    double driver[BASELINE_DRIVERS_MAX];
    bool part_seen[ENERGY_PARTS_MAX + 1];
    int64_t energy_uwh[ENERGY_PARTS_MAX + 1][GROUPS]; /* [0]: the node itself */
};

struct days {
    const struct energy_spec *spec;
    const struct zone *zone;
    struct day *at; /* sorted by start */
    size_t n, room;
};

enum err days_open(const struct energy_spec *spec, const struct zone *zone, struct days **out) {
    struct days *d = calloc(1, sizeof *d);
    if (!d)
        return ERR_NOMEM;
    d->spec = spec;
    d->zone = zone;
    *out = d;
    return ERR_OK;
}

void days_close(struct days *d) {
    if (d)
        free(d->at);
    free(d);
}

/* --- taking -------------------------------------------------------------------------------------
 */

/* The day that begins then, made if it is new. NULL: out of memory. Windows mostly come in order.
 */
static struct day *day_at(struct days *d, int64_t start_ms, int64_t end_ms) {
    size_t at = d->n;
    while (at > 0 && d->at[at - 1].start_ms > start_ms)
        at--;
    if (at > 0 && d->at[at - 1].start_ms == start_ms)
        return &d->at[at - 1];
    if (d->n == d->room) {
        size_t room = d->room ? 2 * d->room : 64;
        struct day *grown = realloc(d->at, room * sizeof *grown);
        if (!grown)
            return NULL;
        d->at = grown;
        d->room = room;
    }
    memmove(d->at + at + 1, d->at + at, (d->n - at) * sizeof *d->at);
    d->n++;
    d->at[at] = (struct day){.start_ms = start_ms, .end_ms = end_ms};
    return &d->at[at];
}

/* A file may say anything; sums of a few of these stay in range. */
#define SUM_MAX (INT64_MAX / 64)

static int64_t sum_of(const struct energy_window *w, const char *name) {
    int64_t v = w->sum(w->user, name);
    return v > SUM_MAX ? SUM_MAX : v < -SUM_MAX ? -SUM_MAX : v;
}

static bool covered(int64_t seen, int64_t due) {
    return due > 0 && (double)seen * 100 >= (double)due * COVERED_PERCENT;
}

static void take_energy(const struct energy_window *w, int64_t group[GROUPS]) {
    static const struct {
        const char *name;
        enum energy_group group;
    } sum[] = {{"energy_production", ENERGY_PRODUCTION},   {"energy_setup", ENERGY_SETUP},
               {"energy_delay", ENERGY_STANDBY},           {"energy_down_no_order", ENERGY_STANDBY},
               {"energy_planned_down", ENERGY_STANDBY},    {"energy_not_scheduled", ENERGY_STANDBY},
               {"energy_engineering", ENERGY_ENGINEERING}, {"energy_unknown", ENERGY_UNKNOWN}};
    for (size_t i = 0; i < sizeof sum / sizeof *sum; i++)
        group[sum[i].group] += sum_of(w, sum[i].name);
}

static double amount_of(const struct energy_quantity *q, const struct energy_window *w) {
    int64_t v = sum_of(w, q->sum[0]) + (q->sum[1] ? sum_of(w, q->sum[1]) : 0);
    return (double)v / q->per;
}

static bool driver_covered(const struct energy_quantity *q, const struct energy_window *w) {
    if (q->due)
        return covered(sum_of(w, q->seen), sum_of(w, q->due));
    int64_t length = w->end_ms - w->start_ms;
    return !q->known_time || covered(length - sum_of(w, "time_unknown"), length);
}

static void take_own(const struct energy_spec *spec, const struct energy_window *w,
                     struct day *day) {
    if (span_equal(w->node, span_str(spec->node.s))) {
        day->seen = true;
        day->settled = !span_equal(w->life, span_str("provisional"));
        day->energy_covered = covered(sum_of(w, "energy_seen"), sum_of(w, "energy_due"));
        day->part_seen[0] = true;
        take_energy(w, day->energy_uwh[0]);
    }
    for (size_t i = 0; i < spec->part_n; i++) {
        if (!span_equal(w->node, span_str(spec->part[i].s)))
            continue;
        day->part_seen[i + 1] = true;
        take_energy(w, day->energy_uwh[i + 1]);
    }
    for (size_t i = 0; i < spec->driver_n; i++) {
        const struct energy_driver *r = &spec->driver[i];
        if (r->kind != ENERGY_QUANTITY || !span_equal(w->node, span_str(r->node.s)))
            continue;
        day->driver_seen[i] = true;
        day->driver_covered[i] = driver_covered(r->quantity, w);
        if (!r->product[0])
            day->driver[i] += amount_of(r->quantity, w);
    }
}

static void take_product(const struct energy_spec *spec, const struct energy_window *w,
                         struct day *day) {
    for (size_t i = 0; i < spec->driver_n; i++) {
        const struct energy_driver *r = &spec->driver[i];
        if (r->kind == ENERGY_QUANTITY && r->product[0] &&
            span_equal(w->node, span_str(r->node.s)) &&
            span_equal(w->product, span_str(r->product)))
            day->driver[i] += amount_of(r->quantity, w);
    }
}

/* What it is asked about: 0 for nothing, else bits that must not come twice. */
static bool taken_already(const struct energy_spec *spec, const struct energy_window *w,
                          const struct day *day) {
    bool again = day->seen && span_equal(w->node, span_str(spec->node.s));
    for (size_t i = 0; i < spec->part_n; i++)
        again = again || (day->part_seen[i + 1] && span_equal(w->node, span_str(spec->part[i].s)));
    for (size_t i = 0; i < spec->driver_n; i++)
        again =
            again || (day->driver_seen[i] && span_equal(w->node, span_str(spec->driver[i].node.s)));
    return again;
}

static bool asked_for(const struct energy_spec *spec, struct span node) {
    bool asked = span_equal(node, span_str(spec->node.s));
    for (size_t i = 0; i < spec->part_n; i++)
        asked = asked || span_equal(node, span_str(spec->part[i].s));
    for (size_t i = 0; i < spec->driver_n; i++)
        asked = asked || (spec->driver[i].kind == ENERGY_QUANTITY &&
                          span_equal(node, span_str(spec->driver[i].node.s)));
    return asked;
}

enum err days_take(void *days, const struct energy_window *w) {
    struct days *d = days;
    if (!span_equal(w->kind, span_str("day")) || !asked_for(d->spec, w->node))
        return ERR_OK;
    if (w->team.n > 0 && w->product.n == 0)
        return ERR_OK; /* a team's own window */
    struct day *day = day_at(d, w->start_ms, w->end_ms);
    if (!day)
        return ERR_NOMEM;
    if (w->product.n > 0) {
        take_product(d->spec, w, day);
        return ERR_OK;
    }
    if (taken_already(d->spec, w, day))
        return ERR_EXISTS;
    take_own(d->spec, w, day);
    return ERR_OK;
}

/* --- rows ---------------------------------------------------------------------------------------
 */

static int32_t date_of(const struct days *d, const struct day *day) {
    if (!d->zone)
        return (int32_t)(utc_floor(day->start_ms + UTC_DAY_MS / 2, UTC_DAY_MS) / UTC_DAY_MS);
    struct utc_parts p = zone_local(d->zone, day->start_ms);
    p.hour = p.minute = p.second = p.ms = 0;
    return (int32_t)(utc_from_parts(&p) / UTC_DAY_MS);
}

/* Days since a Monday: 1970-01-01 was a Thursday. */
static int32_t weekday(int32_t date) {
    return (int32_t)(((int64_t)date + 3) % DAYS_A_WEEK + DAYS_A_WEEK) % DAYS_A_WEEK;
}

/* Drivers of the day, columns too. ENERGY_DROP_COUNT: all is there. */
static enum energy_drop drivers_of(const struct days *d, const struct day *day,
                                   const struct days_columns *columns, double *out) {
    for (size_t i = 0; i < d->spec->driver_n; i++) {
        bool quantity = d->spec->driver[i].kind == ENERGY_QUANTITY;
        if (quantity && (!day->driver_seen[i] || !day->driver_covered[i]))
            return ENERGY_DROP_DRIVER;
        out[i] = quantity  ? day->driver[i]
                 : columns ? columns->get(columns->user, date_of(d, day), i)
                           : NAN;
        if (isnan(out[i]))
            return ENERGY_DROP_COLUMN;
    }
    return ENERGY_DROP_COUNT;
}

static enum energy_drop judge(const struct days *d, const struct day *day,
                              const struct days_columns *columns, double *driver) {
    if (!day->settled)
        return ENERGY_DROP_UNSETTLED;
    if (!day->energy_covered)
        return ENERGY_DROP_ENERGY;
    return drivers_of(d, day, columns, driver);
}

static void add_day(const struct day *day, const double *driver, struct energy_rows *r,
                    size_t row) {
    int64_t uwh = 0;
    for (size_t g = 0; g < GROUPS; g++)
        uwh += day->energy_uwh[0][g];
    r->time_h[row] += (double)(day->end_ms - day->start_ms) / (double)UTC_HOUR_MS;
    r->energy_kwh[row] += (double)uwh / 1e9;
    for (size_t i = 0; i < r->driver_n; i++)
        r->driver[row * r->driver_n + i] += driver[i];
    for (size_t p = 0; p < r->part_n; p++)
        for (size_t g = 0; g < GROUPS; g++)
            energy_rows_part(r, row, p)[g] += (double)day->energy_uwh[p][g] / 1e9;
    r->end_ms[row] = day->end_ms;
}

static void label_day(struct energy_rows *r, size_t row) {
    struct utc_parts p = utc_to_parts((int64_t)r->day[row] * UTC_DAY_MS);
    (void)snprintf(r->label[row], ENERGY_LABEL, "%04d-%02d-%02d", p.year, p.month, p.day);
}

static void begin_row(const struct days *d, const struct day *day, struct energy_rows *r) {
    r->start_ms[r->n] = day->start_ms;
    r->day[r->n] = date_of(d, day);
    label_day(r, r->n);
}

static void days_to_days(const struct days *d, const struct days_columns *columns,
                         struct energy_rows *r) {
    double driver[BASELINE_DRIVERS_MAX];
    for (size_t i = 0; i < d->n; i++) {
        if (!d->at[i].seen)
            continue;
        enum energy_drop drop = judge(d, &d->at[i], columns, driver);
        if (drop != ENERGY_DROP_COUNT) {
            r->dropped[drop]++;
            continue;
        }
        begin_row(d, &d->at[i], r);
        add_day(&d->at[i], driver, r, r->n);
        r->n++;
    }
}

/* Forgets what was added to the row that is not whole. */
static void drop_week(struct energy_rows *r) {
    r->dropped[ENERGY_DROP_WEEK]++;
    r->time_h[r->n] = r->energy_kwh[r->n] = 0;
    for (size_t i = 0; i < r->driver_n; i++)
        r->driver[r->n * r->driver_n + i] = 0;
    for (size_t p = 0; p < r->part_n; p++)
        memset(energy_rows_part(r, r->n, p), 0, GROUPS * sizeof(double));
}

static void days_to_weeks(const struct days *d, const struct days_columns *columns,
                          struct energy_rows *r) {
    double driver[BASELINE_DRIVERS_MAX];
    for (size_t i = 0; i < d->n;) {
        int32_t monday = date_of(d, &d->at[i]) - weekday(date_of(d, &d->at[i]));
        size_t whole = 0, first = i;
        for (; i < d->n && date_of(d, &d->at[i]) < monday + DAYS_A_WEEK; i++) {
            if (!d->at[i].seen || judge(d, &d->at[i], columns, driver) != ENERGY_DROP_COUNT)
                continue;
            add_day(&d->at[i], driver, r, r->n);
            whole++;
        }
        if (whole == DAYS_A_WEEK) {
            begin_row(d, &d->at[first], r);
            r->n++;
        } else {
            drop_week(r);
        }
    }
}

static bool was_seen(const struct days *d, bool (*of)(const struct day *day, size_t i), size_t i) {
    for (size_t k = 0; k < d->n; k++)
        if (of(&d->at[k], i))
            return true;
    return false;
}

static bool part_of(const struct day *day, size_t i) {
    return day->part_seen[i];
}

static bool driver_of(const struct day *day, size_t i) {
    return day->driver_seen[i];
}

static bool never(char why[ENERGY_WHY], const char *what, const char *id) {
    (void)snprintf(why, ENERGY_WHY, "there is no window of a day of %s%s in this time", what, id);
    return false;
}

static bool all_seen(const struct days *d, char why[ENERGY_WHY]) {
    const struct energy_spec *s = d->spec;
    if (!was_seen(d, part_of, 0))
        return never(why, "", s->node.s);
    for (size_t i = 0; i < s->driver_n; i++)
        if (s->driver[i].kind == ENERGY_QUANTITY && !was_seen(d, driver_of, i))
            return never(why, "the driver's node ", s->driver[i].node.s);
    return true;
}

bool days_part_seen(const struct days *d, size_t part) {
    return was_seen(d, part_of, part + 1);
}

static void cut(struct days *d, int64_t from_ms, int64_t to_ms) {
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++)
        if (d->at[i].start_ms >= from_ms && d->at[i].start_ms < to_ms)
            d->at[n++] = d->at[i];
    d->n = n;
}

bool days_finish(struct days *d, const struct days_columns *columns, int64_t from_ms, int64_t to_ms,
                 struct energy_rows *out, char why[ENERGY_WHY]) {
    cut(d, from_ms, to_ms);
    if (!all_seen(d, why))
        return false;
    if (energy_rows_init(out, d->n + 1, d->spec->driver_n, d->spec->part_n + 1)) {
        energy_rows_fini(out);
        (void)snprintf(why, ENERGY_WHY, "out of memory");
        return false;
    }
    if (d->spec->grain == ENERGY_WEEK)
        days_to_weeks(d, columns, out);
    else
        days_to_days(d, columns, out);
    return true;
}
