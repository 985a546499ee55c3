/* Many minutes of a node at once. Rules are looked at one after the other, each over all minutes,
 * which costs much less than minute by minute; what then happens to alerts goes by minutes, as
 * their events have an order. Where minutes hang together otherwise - alerts that quiet others,
 * gauges, earned time, days, products and their norms - they are evaluated by themselves. */
#include <stdlib.h>

#include "alert/impl.h"
#include "base/utc.h"

_Static_assert((int)ALERT_AHEAD_MAX <= (int)INDICATOR_SWEEP_MAX, "a run is one sweep");

enum err alerts_look_ahead(struct alerts *a, unsigned minutes) {
    size_t rows = 1, windows = 1, instances = 1;
    enum err err = minutes >= 1 && minutes <= ALERT_AHEAD_MAX ? ERR_OK : ERR_RANGE;
    for (size_t i = 0; i < a->node_n && !err; i++) {
        const struct watched *w = &a->node[i];
        err = watch_look_ahead(&a->node[i].watch, minutes);
        rows = w->watch.row_n > rows ? w->watch.row_n : rows;
        windows = w->watch.window_n > windows ? w->watch.window_n : windows;
        instances = w->n > instances ? w->n : instances;
    }
    if (err)
        return err;
    a->run = (struct watch_run){.most = minutes,
                                .row = calloc(rows * minutes, sizeof *a->run.row),
                                .have = calloc(windows * minutes, sizeof *a->run.have)};
    a->seen = calloc(instances * minutes, sizeof *a->seen);
    a->moves = calloc(instances, sizeof *a->moves);
    return a->run.row && a->run.have && a->seen && a->moves ? ERR_OK : ERR_NOMEM;
}

static bool runs(const struct alerts *a, const struct watched *w) {
    return a->run.most > 1 && w->above == UINT32_MAX && !w->quiets && w->gauge_n == 0 &&
           !w->drifts && !w->by_context;
}

/* Those of the next n minutes in which the calendar says the same. */
static unsigned settle(struct alerts *a, struct watched *w, unsigned n) {
    const int64_t begin_ms = w->watch.next * UTC_MINUTE_MS;
    n = n < a->run.most ? n : a->run.most;
    if (begin_ms < w->piece.from_ms || begin_ms >= w->piece.to_ms)
        w->piece = calendar_at(a->plant, w->watch.calendar, begin_ms);
    const int64_t minutes = (w->piece.to_ms - begin_ms + UTC_MINUTE_MS - 1) / UTC_MINUTE_MS;
    return watch_settle(&w->watch, a->plant, minutes < n ? (unsigned)minutes : n);
}

/* Minute by minute with the windows as they were. */
static bool look_each(struct alerts *a, struct watched *w, struct instance *x,
                      struct observation *seen) {
    bool any = false;
    for (unsigned t = 0; t < a->run.n; t++) {
        watch_show(&w->watch, x->window, &a->run, t);
        if (x->rule->condition == ALERT_RATE)
            watch_show(&w->watch, x->before, &a->run, t);
        seen[t] = instance_look(a, x, (a->run.first + t + 1) * UTC_MINUTE_MS);
        any = any || seen[t].beyond;
    }
    return any;
}

/* Whether any minute may change what stands. */
static bool look(struct alerts *a, struct watched *w, struct instance *x,
                 struct observation *seen) {
    const struct observing o = {
        .rule = x->rule, .watch = &w->watch, .window = x->window, .before = x->before};
    const bool any =
        observe_runs(x->rule) ? observe_run(&o, &a->run, seen) : look_each(a, w, x, seen);
    const int64_t end_ms = (a->run.first + a->run.n) * UTC_MINUTE_MS;
    return any || !machine_is_resting(&x->machine, x->rule, end_ms);
}

/* Those that may change go minute by minute, all others are at the last one. */
static enum err take(struct alerts *a, const struct watched *w, bool any, int64_t now_ms) {
    const unsigned last = a->run.n - 1;
    for (unsigned t = any ? 0 : last; t <= last; t++) {
        const struct moment m = {(a->run.first + t + 1) * UTC_MINUTE_MS, now_ms, false};
        if (alerts_reserve(a, w->n))
            return ERR_NOMEM;
        for (size_t i = 0; i < w->n; i++)
            if (a->moves[i] || t == last)
                instance_take(a, &a->instance[w->first + i], &a->seen[i * a->run.most + t], &m);
    }
    return ERR_OK;
}

enum err alerts_evaluate_run(struct alerts *a, uint32_t node, unsigned n, int64_t now_ms,
                             unsigned *done) {
    struct watched *w = alerts_node(a, node);
    if (!w || w->hollow)
        return ERR_STATE;
    *done = runs(a, w) ? settle(a, w, n) : 1;
    if (*done == 1)
        return alerts_evaluate(a, node, now_ms);
    watch_advance_run(&w->watch, *done, &a->run);
    bool any = false;
    for (size_t i = 0; i < w->n; i++) {
        a->moves[i] = look(a, w, &a->instance[w->first + i], &a->seen[i * a->run.most]);
        any = any || a->moves[i];
    }
    a->evaluations += (uint64_t)w->n * *done;
    w->changed = a->unstored = true;
    return take(a, w, any, now_ms);
}

bool alerts_seen(const struct alerts *a, size_t i, unsigned t, double *value, double *scale) {
    const struct instance *x = &a->instance[i];
    const struct observation single = {.known = !x->no_data, .value = x->value, .scale = x->scale};
    const struct observation *seen =
        t < a->run.n ? &a->seen[(i - a->node[x->node].first) * a->run.most + t] : &single;
    *value = seen->value;
    *scale = seen->scale;
    return seen->known;
}
