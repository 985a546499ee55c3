#include "alert/drift.h"

#include <stdlib.h>
#include <string.h>

#include "base/utc.h"
#include "baseline/cusum.h"
#include "window/window.h"

/* As `plantbus energy` judges the rows of a study. */
enum { COVERED_PERCENT = 95, DAYS_A_WEEK = 7 };

enum { OWN = 1 }; /* a bit for the node's energy, above it one for each driver */
_Static_assert(ALERT_DRIVERS_MAX < 16, "a bit for each");

struct drift_day {
    int64_t start_ms, end_ms;
    uint16_t seen, covered; /* whose sums were given; which of them were measured */
    double energy_kwh;
    double driver[ALERT_DRIVERS_MAX];
};

void drift_init(struct drift *d, const struct alert_baseline *line, size_t n) {
    *d = (struct drift){.line = line, .line_n = n, .moved = true};
}

void drift_fini(struct drift *d) {
    free(d->day);
    *d = (struct drift){0};
}

size_t drift_memory(const struct drift *d) {
    return d->cap * sizeof *d->day;
}

/* --- days --------------------------------------------------------------------------------------
 */

static bool covered(int64_t seen, int64_t due) {
    return due > 0 && (double)seen * 100 >= (double)due * COVERED_PERCENT;
}

static double amount_of(const struct alert_quantity_row *row, const struct sums *s) {
    int64_t sum = 0;
    for (unsigned i = 0; i < row->qty_n; i++)
        sum = sums_plus(sum, s->q[row->qty[i]]);
    return (double)sum * row->per;
}

static bool is_time(const struct alert_quantity_row *row) {
    return row->qty[0] < QTY_ENERGY;
}

/* Of times: the unit's own is known; material and labour are what was told. */
static bool is_covered(const struct alert_quantity_row *row, const struct sums *s,
                       int64_t length_ms) {
    if (row->due < QTY_COUNT)
        return covered(s->q[row->due + 1], s->q[row->due]);
    return !is_time(row) || covered(length_ms - s->q[QTY_TIME + CAT_UNKNOWN], length_ms);
}

static const struct ident *node_of(const struct alert_baseline *b, const struct alert_driver *d) {
    return d->node.s[0] ? &d->node : &b->node;
}

static bool asks_for(const struct alert_baseline *b, const struct ident *node) {
    bool asks = ident_equal(&b->node, node);
    for (size_t i = 0; i < b->driver_n; i++)
        asks = asks || ident_equal(node_of(b, &b->driver[i]), node);
    return asks;
}

/* Days mostly come in order. NULL: no memory. */
static struct drift_day *day_at(struct drift *d, int64_t start_ms, int64_t end_ms) {
    size_t at = d->n;
    while (at > 0 && d->day[at - 1].start_ms > start_ms)
        at--;
    if (at > 0 && d->day[at - 1].start_ms == start_ms)
        return &d->day[at - 1];
    if (d->n == d->cap) {
        const size_t cap = d->cap ? 2 * d->cap : 32;
        struct drift_day *grown = realloc(d->day, cap * sizeof *grown);
        if (!grown)
            return NULL;
        d->day = grown;
        d->cap = cap;
    }
    memmove(d->day + at + 1, d->day + at, (d->n - at) * sizeof *d->day);
    d->n++;
    d->day[at] = (struct drift_day){.start_ms = start_ms, .end_ms = end_ms};
    return &d->day[at];
}

static void set(struct drift_day *day, uint16_t bit, bool is_measured) {
    day->seen |= bit;
    day->covered = (uint16_t)(is_measured ? day->covered | bit : day->covered & ~bit);
}

enum err drift_put(struct drift *d, const struct ident *node, int64_t start_ms, int64_t end_ms,
                   const struct sums *s) {
    const struct alert_baseline *b = alert_baseline_at(d->line, d->line_n, start_ms);
    if (!b || !asks_for(b, node))
        return ERR_OK;
    struct drift_day *day = day_at(d, start_ms, end_ms);
    if (!day)
        return ERR_NOMEM;
    d->moved = true;
    if (ident_equal(&b->node, node)) {
        day->energy_kwh = amount_of(alert_quantity_row(ALERT_Q_ENERGY), s);
        set(day, OWN, covered(s->q[QTY_ENERGY_SEEN], s->q[QTY_ENERGY_DUE]));
    }
    for (size_t i = 0; i < b->driver_n; i++) {
        const struct alert_quantity_row *row =
            alert_quantity_row((enum alert_quantity)b->driver[i].quantity);
        if (!ident_equal(node_of(b, &b->driver[i]), node))
            continue;
        day->driver[i] = amount_of(row, s);
        set(day, (uint16_t)(2U << i), is_covered(row, s, end_ms - start_ms));
    }
    return ERR_OK;
}

bool drift_has(const struct drift *d, const struct ident *node, int64_t start_ms) {
    const struct alert_baseline *b = alert_baseline_at(d->line, d->line_n, start_ms);
    const struct drift_day *day = NULL;
    for (size_t i = d->n; i > 0 && !day; i--)
        day = d->day[i - 1].start_ms == start_ms ? &d->day[i - 1] : NULL;
    if (!b || !day)
        return false;
    if (ident_equal(&b->node, node))
        return day->seen & OWN;
    for (size_t i = 0; i < b->driver_n; i++)
        if (ident_equal(node_of(b, &b->driver[i]), node))
            return day->seen >> (i + 1) & 1;
    return false;
}

/* --- rows --------------------------------------------------------------------------------------
 */

static int64_t date_of(const struct plant *p, int64_t start_ms) {
    if (!p->zone) /* of its noon */
        return utc_floor(start_ms + UTC_DAY_MS / 2, UTC_DAY_MS) / UTC_DAY_MS;
    struct utc_parts t = zone_local(p->zone, start_ms);
    t.hour = t.minute = t.second = t.ms = 0;
    return utc_from_parts(&t) / UTC_DAY_MS;
}

/* The Monday on or before; 1970-01-01 was a Thursday. */
static int64_t monday_of(int64_t date) {
    return utc_floor(date + 3, DAYS_A_WEEK) - 3;
}

struct row {
    double hours, energy_kwh, expected_kwh;
};

static bool counts(const struct drift_day *day, const struct alert_baseline *b) {
    const uint16_t all = (uint16_t)((2U << b->driver_n) - 1);
    return (day->seen & all) == all && (day->covered & all) == all;
}

static void add_day(const struct drift_day *day, const struct alert_baseline *b, struct row *r) {
    const double hours = (double)(day->end_ms - day->start_ms) / (double)UTC_HOUR_MS;
    r->hours += hours;
    r->energy_kwh += day->energy_kwh;
    r->expected_kwh += b->base_kwh_per_h * hours;
    for (size_t i = 0; i < b->driver_n; i++)
        r->expected_kwh += b->driver[i].kwh_each * day->driver[i];
}

struct sum { /* up to the row that was taken last */
    struct cusum cusum;
    struct cusum_point at;
    int64_t last; /* date of its begin; INT64_MIN: no row was taken */
};

static void take(struct sum *s, const struct row *r, int64_t date) {
    s->at = cusum_add(&s->cusum, r->energy_kwh - r->expected_kwh);
    s->last = date;
}

static void take_days(const struct drift *d, const struct plant *p, const struct alert_baseline *b,
                      int64_t to_ms, struct sum *s) {
    for (size_t i = 0; i < d->n; i++) {
        const struct drift_day *day = &d->day[i];
        struct row row = {0};
        if (day->start_ms < b->from_ms || day->start_ms >= to_ms || !counts(day, b))
            continue;
        add_day(day, b, &row);
        take(s, &row, date_of(p, day->start_ms));
    }
}

/* A week of which a day is missing is none. */
static void take_weeks(const struct drift *d, const struct plant *p, const struct alert_baseline *b,
                       int64_t to_ms, struct sum *s) {
    for (size_t i = 0; i < d->n;) {
        const int64_t monday = monday_of(date_of(p, d->day[i].start_ms));
        struct row row = {0};
        unsigned whole = 0;
        for (; i < d->n && date_of(p, d->day[i].start_ms) < monday + DAYS_A_WEEK; i++) {
            const struct drift_day *day = &d->day[i];
            if (day->start_ms < b->from_ms || day->start_ms >= to_ms || !counts(day, b))
                continue;
            add_day(day, b, &row);
            whole++;
        }
        if (whole == DAYS_A_WEEK)
            take(s, &row, monday);
    }
}

/* to_ms: the end of the last day that is due. */
static struct drift_seen work_out(const struct drift *d, const struct plant *p, int64_t last_ms,
                                  int64_t to_ms) {
    const struct alert_baseline *b = alert_baseline_at(d->line, d->line_n, last_ms);
    struct sum s = {.last = INT64_MIN};
    if (!b)
        return (struct drift_seen){0};
    cusum_init(&s.cusum, b->s_kwh);
    if (b->weeks)
        take_weeks(d, p, b, to_ms, &s);
    else
        take_days(d, p, b, to_ms, &s);
    const int64_t due = b->weeks ? monday_of(date_of(p, to_ms)) - DAYS_A_WEEK : date_of(p, last_ms);
    return (struct drift_seen){.known = s.last == due,
                               .over = s.at.over / b->s_kwh,
                               .under = s.at.under / b->s_kwh,
                               .rows = s.cusum.rows};
}

const struct drift_seen *drift_see(struct drift *d, const struct plant *p, uint32_t calendar,
                                   int64_t at_ms) {
    int64_t to_ms = 0, next_ms = 0, last_ms = 0, end_ms = 0;
    const int64_t past_ms = at_ms - p->settle_late_ms;
    if (!d->moved && at_ms >= d->from_ms && at_ms < d->until_ms)
        return &d->seen;
    (void)window_bounds(p, calendar, WINDOW_DAY, past_ms, &to_ms, &next_ms);
    (void)window_bounds(p, calendar, WINDOW_DAY, to_ms - 1, &last_ms, &end_ms);
    d->seen = work_out(d, p, last_ms, to_ms);
    d->from_ms = to_ms + p->settle_late_ms;
    d->until_ms = next_ms + p->settle_late_ms;
    d->moved = false;
    return &d->seen;
}
