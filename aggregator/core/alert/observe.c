#include "alert/observe.h"

#include <math.h>

#include "alert/drift.h"
#include "alert/share.h"
#include "signal/gauge.h"

/* What the sums of one window say. */
struct sight {
    bool known;    /* enough of it was measured, and the value is defined */
    bool measured; /* something was */
    double value;
};

/* Of coverage that there may be none of. */
static double least(double coverage, double have) {
    return coverage < have ? coverage : have;
}

/* These are due all the time; where none is, there is no meter. Of others nothing is due while
 * nobody works: then nothing is what there was. */
static bool is_always_due(const struct alert_quantity_row *row) {
    return row->due == QTY_ENERGY_DUE || row->due >= QTY_CARRIER_DUE;
}

static double share(int64_t part, int64_t whole) {
    return whole > 0 ? (double)part / (double)whole : 0;
}

/* Of a quantity; known as far as *coverage goes. */
static inline double amount_of(const struct alert_quantity_row *row, const struct watch_window *x,
                               double *coverage) {
    const struct sums *s = &x->sums;
    int64_t sum = 0;
    for (unsigned i = 0; i < row->qty_n; i++)
        sum = sums_plus(sum, s->q[row->qty[i]]);
    if (row->due < QTY_COUNT && (s->q[row->due] > 0 || is_always_due(row)))
        *coverage = share(s->q[row->due + 1], s->q[row->due]);
    else
        *coverage = share(x->known_ms, x->time_ms);
    const double value = (double)sum * row->per;
    return row->rate ? value / (x->hours * *coverage) : value;
}

static inline struct sight see_quantity(const struct alert_rule *r, const struct watch_window *x) {
    double coverage = 0;
    const double value =
        amount_of(alert_quantity_row((enum alert_quantity)r->quantity), x, &coverage);
    return (struct sight){.known = isfinite(value) && least(coverage, x->have) >= r->least_coverage,
                          .measured = coverage > 0,
                          .value = value};
}

static inline struct sight see_indicator(const struct alert_rule *r, const struct watch_window *x) {
    struct indicator_sight v;
    indicator_see((enum indicator)r->indicator, &x->sums, &v);
    return (struct sight){.known = v.defined && least(v.coverage, x->have) >= r->least_coverage,
                          .measured = v.due_ms > 0 ? v.seen_ms > 0 : x->known_ms > 0,
                          .value = v.value};
}

static struct sight see_sums(const struct alert_rule *r, const struct watch_window *x) {
    return r->subject == ALERT_QUANTITY ? see_quantity(r, x) : see_indicator(r, x);
}

/* Whether enough of the window is known. */
static bool covers(const struct alert_rule *r, const struct watch_window *x) {
    double coverage = 0;
    if (r->subject == ALERT_QUANTITY)
        (void)amount_of(alert_quantity_row((enum alert_quantity)r->quantity), x, &coverage);
    else
        coverage = indicator_of((enum indicator)r->indicator, &x->sums).coverage;
    return least(coverage, x->have) >= r->least_coverage;
}

/* (E - expected) / expected */
static struct sight see_excess(const struct alert_rule *r, const struct alert_baseline *b,
                               const struct watch_window *x) {
    struct sight energy = see_quantity(r, x);
    if (!b)
        return (struct sight){.measured = energy.measured};
    double expected = b->base_kwh_per_h * x->hours;
    for (size_t i = 0; i < b->driver_n; i++) {
        double coverage = 0;
        expected +=
            b->driver[i].kwh_each *
            amount_of(alert_quantity_row((enum alert_quantity)b->driver[i].quantity), x, &coverage);
        energy.known = energy.known && coverage >= r->least_coverage;
    }
    energy.known = energy.known && expected > 0;
    energy.value = (energy.value - expected) / expected;
    return energy;
}

/* Of its window that ended lag minutes ago. */
static struct sight see_gauge(const struct observing *o, unsigned lag) {
    const struct alert_rule *r = o->rule;
    struct gauge_span sum = {0};
    for (unsigned i = 0; o->gauge && i < r->minutes && i + lag < o->gauge_n; i++)
        gauge_span_add(&sum, &o->gauge[o->gauge_n - 1 - lag - i]);
    const bool measured = sum.known_ms > 0;
    const double coverage = (double)sum.known_ms / ((double)r->minutes * 60000);
    return (struct sight){.known = measured && fmin(coverage, 1) >= r->least_coverage,
                          .measured = measured,
                          .value = (double)sum.twice / (2e6 * (double)sum.known_ms)};
}

/* Below it is what was saved, as a number below nothing. */
static struct sight see_drift(const struct alert_rule *r, const struct drift_seen *d) {
    return (struct sight){
        .known = d->known, .measured = d->rows > 0, .value = r->below ? -d->under : d->over};
}

static inline struct sight see(const struct observing *o, uint16_t window) {
    const struct alert_rule *r = o->rule;
    if (o->drift)
        return see_drift(r, o->drift);
    if (r->subject == ALERT_GAUGE)
        return see_gauge(o, window == o->window ? 0 : r->span_min);
    const struct watch_window *x = &o->watch->window[window];
    if (x->none)
        return (struct sight){0};
    if (r->condition == ALERT_BASELINE)
        return see_excess(r, o->baseline, x);
    return see_sums(r, x);
}

/* What was made of a product, or held against norms. Of time of which nothing is known nobody knows
 * whose it was: the whole window has to be known well enough, too. */
static struct sight see_share(const struct observing *o, double *scale) {
    const struct watch_window *whole = &o->watch->window[o->window];
    struct watch_window x;
    if (whole->none || !shares_add_up(o->shares, o->rule, whole, &x, scale))
        return (struct sight){0};
    struct sight part = see_sums(o->rule, &x);
    part.known = part.known && covers(o->rule, whole);
    return part;
}

static inline struct observation compare(const struct alert_rule *r, double value, double scale) {
    struct observation out = {.known = true, .value = value, .scale = scale};
    for (unsigned i = 0; i < r->level_n; i++) {
        const double threshold = r->level[i].threshold * scale, clear = r->level[i].clear * scale;
        const bool beyond = r->below ? value < threshold : value > threshold;
        const bool cleared = r->below ? value >= clear : value <= clear;
        out.beyond |= (uint8_t)(beyond << i);
        out.cleared |= (uint8_t)(cleared << i);
    }
    return out;
}

static const struct observation nothing = {.value = NAN, .scale = 1};

static struct observation no_data(bool measured) {
    return (struct observation){
        .known = true, .beyond = !measured, .cleared = measured, .value = NAN, .scale = NAN};
}

/* An hour of the change since then; false: nothing is known of then. */
static bool rate_of(const struct observing *o, double *value) {
    const struct sight before = see(o, o->before);
    *value = (*value - before.value) * 60 / o->rule->span_min;
    return before.known;
}

struct observation observe(const struct observing *o) {
    const struct alert_rule *r = o->rule;
    double scale = 1;
    const struct sight now = o->shares ? see_share(o, &scale) : see(o, o->window);
    if (r->condition == ALERT_NO_DATA)
        return no_data(now.measured);
    if (!now.known)
        return nothing;
    double value = now.value;
    if (r->condition == ALERT_RATE && !rate_of(o, &value))
        return nothing;
    return scale > 0 ? compare(r, value, scale) : nothing;
}

/* --- many minutes at once ----------------------------------------------------------------------
 */

bool observe_runs(const struct alert_rule *r) {
    const bool sums = r->subject == ALERT_QUANTITY,
               sweeps =
                   r->subject == ALERT_INDICATOR && indicator_sweeps((enum indicator)r->indicator);
    return r->condition == ALERT_NO_DATA
               ? sums
               : (sums || sweeps) && (r->condition == ALERT_VALUE || r->condition == ALERT_RATE);
}

/* struct sight of each minute. */
struct sights {
    double value[INDICATOR_SWEEP_MAX];  /* NAN: not known */
    bool measured[INDICATOR_SWEEP_MAX]; /* of quantities only */
};

static const int64_t *row_of(const struct watch_window *x, const struct watch_run *run,
                             size_t row) {
    return run->row + (x->row + row) * run->most;
}

static double hours_of(const struct watch_window *x, int64_t minute) {
    const int64_t minutes = x->kind == ALERT_ROLLING ? x->minutes : minute - x->from + 1;
    return (double)minutes / 60;
}

/* amount_of() of each minute. */
static void run_quantity(const struct alert_quantity_row *row, const struct watch_window *x,
                         const struct watch_run *run, const struct indicator_columns *c,
                         double *value, double *coverage) {
    int64_t sum[INDICATOR_SWEEP_MAX] = {0};
    const int64_t *due = row->due < QTY_COUNT ? c->q[row->due] : NULL,
                  *seen = due ? c->q[row->due + 1] : NULL,
                  *time = row_of(x, run, x->place_n + WATCH_ROW_TIME),
                  *known = row_of(x, run, x->place_n + WATCH_ROW_KNOWN);
    const bool always = is_always_due(row);
    for (unsigned i = 0; i < row->qty_n; i++)
        for (unsigned t = 0; c->q[row->qty[i]] && t < run->n; t++)
            sum[t] = sums_plus(sum[t], c->q[row->qty[i]][t]);
    for (unsigned t = 0; t < run->n; t++) {
        coverage[t] =
            due && (due[t] > 0 || always) ? share(seen[t], due[t]) : share(known[t], time[t]);
        value[t] = (double)sum[t] * row->per;
        if (row->rate)
            value[t] /= hours_of(x, run->first + t) * coverage[t];
    }
}

static void run_sights(const struct observing *o, uint16_t window, const struct watch_run *run,
                       struct sights *out) {
    const struct alert_rule *r = o->rule;
    const struct watch_window *x = &o->watch->window[window];
    const double *have = run->have + window * run->most;
    struct indicator_columns c = {{0}};
    double coverage[INDICATOR_SWEEP_MAX];
    for (size_t i = 0; i < x->place_n; i++)
        c.q[x->place[i].qty] = row_of(x, run, i);
    if (r->subject == ALERT_INDICATOR)
        indicator_sweep((enum indicator)r->indicator, &c, run->n, out->value, coverage);
    else
        run_quantity(alert_quantity_row((enum alert_quantity)r->quantity), x, run, &c, out->value,
                     coverage);
    for (unsigned t = 0; t < run->n; t++) {
        const bool known =
            !x->none && isfinite(out->value[t]) && least(coverage[t], have[t]) >= r->least_coverage;
        out->measured[t] = !x->none && coverage[t] > 0;
        out->value[t] = known ? out->value[t] : NAN;
    }
}

/* compare() of each minute; what is not known is neither beyond nor clear. True: some is beyond. */
static bool run_levels(const struct alert_rule *r, const double *value, unsigned n,
                       struct observation *out) {
    unsigned any = 0;
    for (unsigned t = 0; t < n; t++)
        out[t] = (struct observation){.known = !isnan(value[t]), .value = value[t], .scale = 1};
    for (unsigned i = 0; i < r->level_n; i++) {
        const double sign = r->below ? -1 : 1, threshold = sign * r->level[i].threshold,
                     clear = sign * r->level[i].clear;
        for (unsigned t = 0; t < n; t++) {
            const unsigned beyond = sign * value[t] > threshold;
            out[t].beyond |= (uint8_t)(beyond << i);
            out[t].cleared |= (uint8_t)((sign * value[t] <= clear) << i);
            any |= beyond;
        }
    }
    return any;
}

static bool run_no_data(const struct sights *now, unsigned n, struct observation *out) {
    bool any = false;
    for (unsigned t = 0; t < n; t++) {
        out[t] = no_data(now->measured[t]);
        any = any || !now->measured[t];
    }
    return any;
}

bool observe_run(const struct observing *o, const struct watch_run *run, struct observation *out) {
    const struct alert_rule *r = o->rule;
    struct sights now, before;
    run_sights(o, o->window, run, &now);
    if (r->condition == ALERT_NO_DATA)
        return run_no_data(&now, run->n, out);
    if (r->condition == ALERT_RATE) {
        run_sights(o, o->before, run, &before);
        for (unsigned t = 0; t < run->n; t++)
            now.value[t] = (now.value[t] - before.value[t]) * 60 / r->span_min;
    }
    return run_levels(r, now.value, run->n, out);
}
