#include "backtest_brute.h"

#include <math.h>
#include <string.h>

const struct ident word[WORDS] = {{""}, {"bolt"}, {"nut"}, {"red"}, {"blue"}};

static const double norms[] = {0.5, 0.55, 0.6, 0.65, 0.75};
enum { NORMS = sizeof norms / sizeof *norms };

struct total {
    struct minute sum, part; /* part: of the rule's product, team, norms */
    int64_t busy[NORMS];
    int64_t minutes, units;
};

static bool unit_in(uint32_t node, unsigned unit) {
    return node < 2 || node == 2 + unit;
}

static void move(struct minute *sum, const struct minute *x, int64_t sign, bool output) {
    sum->production += sign * x->production;
    sum->setup += sign * x->setup;
    sum->delay += sign * x->delay;
    sum->no_order += sign * x->no_order;
    sum->planned += sign * x->planned;
    sum->unknown += sign * x->unknown;
    sum->unknown_off += sign * x->unknown_off;
    sum->energy += sign * x->energy;
    sum->energy_due += sign * x->energy_due;
    sum->energy_seen += sign * x->energy_seen;
    sum->stops += sign * x->stops;
    sum->pieces += output ? sign * x->pieces : 0;
    sum->count_due += output ? sign * x->count_due : 0;
    sum->count_seen += output ? sign * x->count_seen : 0;
}

static bool is_of(uint32_t w, const struct ident *id) {
    return !id->s[0] || (w && strcmp(word[w].s, id->s) == 0);
}

double norm_of(uint32_t product, uint32_t team, int64_t m) {
    if (product == BOLT)
        return team == BLUE ? 0.75 : m < 900 ? 0.55 : 0.65;
    if (team == RED)
        return 0.6;
    return product == NUT && m < 1500 ? 0.5 : NAN;
}

/* What of the minute a rule of products, teams or norms looks at. */
static void add_part(struct total *t, const struct alert_rule *r, const struct minute *x,
                     uint32_t product, uint32_t team, int64_t m, int64_t sign, bool output) {
    const double norm = norm_of(product, team, m);
    if (!is_of(product, &r->product) || !is_of(team, &r->team) ||
        (r->condition == ALERT_NORM && isnan(norm)))
        return;
    move(&t->part, x, sign, output);
    const int64_t busy = x->production + x->setup + x->delay + x->no_order;
    for (unsigned i = 0; i < NORMS && r->condition == ALERT_NORM; i++)
        if (norms[i] == norm)
            t->busy[i] += sign * busy;
}

/* Pieces of line and site are those of the packer, the second machine. */
static void add_minute(struct total *t, uint32_t node, int64_t m, const struct world *w) {
    for (unsigned u = 0; u < UNITS; u++) {
        if (!unit_in(node, u) || m < 0 || m >= MINUTES || !w->minute[u][m].all.there)
            continue;
        const struct told *x = &w->minute[u][m];
        const bool output = node >= 2 || u == 1;
        move(&t->sum, &x->all, 1, output);
        add_part(t, &w->rule, &x->all, x->product, x->team, m, 1, output);
        if (!x->half.there)
            continue;
        add_part(t, &w->rule, &x->half, x->product, x->team, m, -1, output);
        add_part(t, &w->rule, &x->half, x->other, x->team, m, 1, output);
    }
}

/* Shifts of the plant: 06 to 14 and 14 to 22 on Monday and Tuesday, the days looked at. */
static int64_t shift_begin(int64_t m) {
    const int64_t day = m / 1440 * 1440, of_day = m % 1440;
    if (of_day < 360 || of_day >= 1320)
        return -1;
    return day + (of_day < 840 ? 360 : 840);
}

static bool is_work(int64_t m) {
    const int64_t of_day = m % 1440;
    return shift_begin(m) >= 0 && !(of_day >= 600 && of_day < 615); /* the break */
}

/* False: there is no such window. */
static bool add_up(const struct world *w, uint32_t node, int64_t last, struct total *t) {
    const struct alert_rule *r = &w->rule;
    int64_t from = last - r->minutes + 1;
    if (r->window == ALERT_HOUR)
        from = last / 60 * 60;
    if (r->window == ALERT_DAY)
        from = last / 1440 * 1440;
    if (r->window == ALERT_SHIFT)
        from = shift_begin(last);
    *t = (struct total){.minutes = last - from + 1, .units = node < 2 ? UNITS : 1};
    if (r->window == ALERT_SHIFT && from < 0)
        return false;
    for (int64_t m = from; m <= last; m++)
        add_minute(t, node, m, w);
    return true;
}

static int64_t busy_of(const struct minute *s) {
    return s->production + s->setup + s->delay + s->no_order;
}

static int64_t time_of(const struct minute *s) {
    return busy_of(s) + s->unknown + s->planned;
}

/* Over so many hours; *share: what of it is known. */
static double value_of(const struct alert_rule *r, const struct minute *s, double hours,
                       double *share) {
    const double busy = (double)busy_of(s), all = (double)time_of(s);
    *share = all > 0 ? (all - (double)s->unknown) / all : 0;
    if (r->subject == ALERT_INDICATOR) {
        const double dark = (double)(s->unknown - s->unknown_off);
        *share = busy + dark > 0 ? busy / (busy + dark) : 1;
        return busy > 0 ? (double)s->production / busy : NAN;
    }
    if (r->quantity == ALERT_Q_DELAY)
        return (double)s->delay / 60000;
    if (r->quantity == ALERT_Q_STOPS)
        return (double)s->stops;
    if (r->quantity == ALERT_Q_PIECES) {
        *share = s->count_due > 0 ? (double)s->count_seen / (double)s->count_due : *share;
        return (double)s->pieces * 1e-6;
    }
    *share = s->energy_due > 0 ? (double)s->energy_seen / (double)s->energy_due : 0;
    return (double)s->energy * 1e-9 / (hours * *share);
}

/* Of a window's parts: their norms weighted by the time that they divide by. */
static double scale_of(const struct total *t) {
    double normed = 0, busy = 0, alone = 0;
    unsigned n = 0;
    for (unsigned i = 0; i < NORMS; i++) {
        normed += (double)t->busy[i] * norms[i];
        busy += (double)t->busy[i];
        n += t->busy[i] != 0;
        alone = t->busy[i] ? norms[i] : alone;
    }
    return n == 1 ? alone : normed / busy;
}

/* S+ or -S- of the days that are due a quarter of an hour after their end; NAN: nothing. */
static double drift_at(const struct world *w, uint32_t node, int64_t last) {
    const int64_t due = ((FIRST + last + 1 - 15) * UTC_MINUTE_MS - DAY0_MS) / UTC_DAY_MS - 1;
    const struct alert_baseline *b = NULL;
    double sum = 0;
    bool counts = false;
    for (unsigned i = 0; i < BASELINES; i++)
        if ((node == 1 ? i == 0 : node == 2 && i > 0) &&
            w->baseline[i].from_ms <= DAY0_MS + due * UTC_DAY_MS)
            b = &w->baseline[i];
    const int64_t days = b && b->weeks ? 7 : 1;
    for (int64_t i = 0, row = 0, whole = 0; b && i <= due; i++) { /* day 0 is a Monday */
        const struct day *d = &w->day[node][i], *by = &w->day[node == 1 ? 3 : node][i];
        row = i % days ? row : 0;
        whole = i % days ? whole : 0;
        if (d->there && by->there && d->covered && DAY0_MS + i * UTC_DAY_MS >= b->from_ms) {
            row += 1000 * d->energy_wh - (int64_t)(24000000 * b->base_kwh_per_h) - 20000 * by->good;
            whole++;
        }
        if (i % days != days - 1)
            continue;
        counts = whole == days;
        const double by_kwh = (w->rule.below ? -1 : 1) * (double)row / 1e6 - b->s_kwh / 2;
        sum = counts ? fmax(0, sum + by_kwh) : sum;
    }
    return counts ? (w->rule.below ? -sum : sum) / b->s_kwh : NAN;
}

static double part_of(int64_t part, int64_t whole) {
    return whole > 0 ? (double)part / (double)whole : 0;
}

/* (E - expected) / expected by the baseline of the node that is in force in the last minute; NAN:
 * it has none, or too little is known of energy, pieces or time. */
static double excess_at(const struct world *w, uint32_t node, int64_t last, const struct total *t) {
    const struct minute *s = &t->sum;
    const struct alert_baseline *b = NULL;
    for (unsigned i = 0; i < BASELINES; i++)
        if ((node == 1 ? i == 0 : node == 2 && i > 0) &&
            w->baseline[i].from_ms <= (FIRST + last) * UTC_MINUTE_MS)
            b = &w->baseline[i];
    const int64_t all = time_of(s);
    const double told = (double)all / (double)(t->minutes * 60000 * t->units),
                 time = part_of(all - s->unknown, all),
                 pieces = s->count_due > 0 ? part_of(s->count_seen, s->count_due) : time,
                 energy = part_of(s->energy_seen, s->energy_due),
                 known = fmin(fmin(told, time), fmin(pieces, energy));
    if (!b || known < w->rule.least_coverage)
        return NAN;
    const double expected = b->base_kwh_per_h * ((double)t->minutes / 60) +
                            b->driver[0].kwh_each * ((double)s->production / 60000) +
                            b->driver[1].kwh_each * ((double)s->pieces * 1e-6);
    return expected > 0 ? ((double)s->energy * 1e-9 - expected) / expected : NAN;
}

/* NAN: nothing can be said. */
static double value_at(const struct world *w, uint32_t node, int64_t last, bool *measured,
                       double *scale) {
    const struct alert_rule *r = &w->rule;
    struct total t;
    double share = 0, whole = 0;
    *measured = false;
    *scale = 1;
    if (r->condition == ALERT_DRIFT)
        return drift_at(w, node, last);
    if (!add_up(w, node, last, &t))
        return NAN;
    if (r->condition == ALERT_BASELINE)
        return excess_at(w, node, last, &t);
    const double hours = (double)t.minutes / 60;
    const double told = (double)time_of(&t.sum) / (double)(t.minutes * 60000 * t.units);
    const bool parts = r->condition == ALERT_NORM || r->product.s[0] || r->team.s[0];
    double value = value_of(r, &t.sum, hours, &whole);
    *measured = r->quantity == ALERT_Q_POWER || r->quantity == ALERT_Q_ENERGY ? whole > 0 : false;
    share = whole;
    if (parts) {
        const double part = (double)time_of(&t.part) / (double)time_of(&t.sum);
        value = value_of(r, &t.part, hours * part, &share);
        value = time_of(&t.part) > 0 ? value : NAN;
    }
    if (r->condition == ALERT_NORM)
        *scale = scale_of(&t);
    const double known = fmin(fmin(share, whole), told);
    return isfinite(value) && *scale > 0 && known >= r->least_coverage ? value : NAN;
}

struct level { /* of the brute force: minutes that were beyond it, or on its good side */
    bool on;
    int64_t seen, blind;
};

/* One level's own life: known minutes in a row count, unknown ones wait, too many begin anew. */
static void follow(struct level *l, bool known, bool beyond, bool good,
                   const struct alert_rule *r) {
    const int64_t need = (l->on ? r->clear_hold_ms : r->hold_ms) / UTC_MINUTE_MS;
    if (!known) {
        l->blind += l->seen > 0;
        l->seen = l->blind > need ? 0 : l->seen;
        return;
    }
    l->blind = 0;
    if (l->on ? !good : !beyond) {
        l->seen = 0;
        return;
    }
    if (l->seen++ < need)
        return;
    l->on = !l->on;
    l->seen = 0;
}

static void observe(const struct world *w, uint32_t node, int64_t m, bool *known, double *value,
                    bool *measured, double *scale) {
    const struct alert_rule *r = &w->rule;
    *value = value_at(w, node, m, measured, scale);
    *known = r->condition == ALERT_NO_DATA || isfinite(*value);
    if (r->condition != ALERT_RATE || !*known)
        return;
    bool ignored = false;
    double one = 1;
    *value = (*value - value_at(w, node, m - r->span_min, &ignored, &one)) * 60 / r->span_min;
    *known = isfinite(*value);
}

void run_node(const struct world *w, uint32_t node, int64_t from, int64_t to, struct firings *out) {
    const struct alert_rule *r = &w->rule;
    struct level level[2] = {{0}};
    int64_t since = -1;
    for (int64_t m = from; m < to; m++) {
        bool known = false, measured = false, any = false;
        double v = 0, scale = 1;
        observe(w, node, m, &known, &v, &measured, &scale);
        for (unsigned i = 0; i < r->level_n; i++) {
            const struct alert_level *l = &r->level[i];
            const bool beyond = r->condition == ALERT_NO_DATA ? !measured
                                : r->below                    ? v < l->threshold * scale
                                                              : v > l->threshold * scale;
            const bool good = r->condition == ALERT_NO_DATA ? measured
                              : r->below                    ? v >= l->clear * scale
                                                            : v <= l->clear * scale;
            if (r->in_shift && !is_work(m))
                level[i] = (struct level){0};
            else
                follow(&level[i], known, beyond, good, r);
            any = any || level[i].on;
        }
        if (any && since < 0)
            since = m + 1;
        if (!any && since >= 0) {
            out->at[out->n++] = (struct firing){node, since, m + 1};
            since = -1;
        }
    }
    if (since >= 0)
        out->at[out->n++] = (struct firing){node, since, -1};
}
