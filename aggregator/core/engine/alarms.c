/* Alerts: each minute of a node is evaluated once, when every source below it has passed its end,
 * or when that was waited for long enough. What the cells say later moves the sums that the next
 * minutes are held against, and no alert that was given. */
#include <math.h>
#include <stdlib.h>

#include "engine/gauges.h"
#include "engine/parts.h"

enum {
    EVALUATIONS_A_TURN = 5000, /* about half a millisecond */
};

/* --- rules -------------------------------------------------------------------------------------
 */

static bool is_below(const struct plant *p, uint32_t node, uint32_t unit) {
    uint32_t n = p->unit[unit].node;
    while (n != node && n != UINT32_MAX)
        n = p->node[n].parent;
    return n == node;
}

bool alarms_counts(const struct core *c, uint32_t node, uint32_t unit, int64_t minute) {
    const struct ranges *apart = &c->unit[unit].apart;
    if (c->plant->unit[unit].node == node || apart->n == 0)
        return true;
    return !ranges_cover(apart, minute * UTC_MINUTE_MS, (minute + 1) * UTC_MINUTE_MS);
}

static size_t count_units(const struct core *c, const struct alerts *all) {
    size_t n = 0;
    for (uint32_t node = 0; node < c->plant->node_n; node++)
        for (uint32_t u = 0; alerts_watches(all, node) && u < c->plant->unit_n; u++)
            n += is_below(c->plant, node, u);
    return n;
}

static void list_units(const struct core *c, const struct alerts *all, size_t *first,
                       uint32_t *unit) {
    size_t n = 0;
    for (uint32_t node = 0; node < c->plant->node_n; node++) {
        first[node] = n;
        for (uint32_t u = 0; alerts_watches(all, node) && u < c->plant->unit_n; u++)
            if (is_below(c->plant, node, u))
                unit[n++] = u;
    }
    first[c->plant->node_n] = n;
}

/* NULL: none. Words end with a NUL behind them. */
static const char *text_of(const struct core *c, uint32_t word) {
    const struct span s = words_text(&c->words, word);
    return s.n ? (const char *)s.p : NULL;
}

static bool norm_in_force(void *user, const struct alert_scope *s, int64_t t_ms, double *value) {
    const struct core *c = user;
    const struct ledger_scope of = {
        .node = s->node, .product = text_of(c, s->product), .team = text_of(c, s->team)};
    const struct norm *n = ledger_in_force(c->norms, s->indicator, &of, t_ms, NULL);
    return n && ledger_value(c->norms, n, value) && !isnan(*value);
}

static bool word_is(void *user, uint32_t word, const struct ident *id) {
    const struct core *c = user;
    return span_equal(words_text(&c->words, word), span_str(id->s));
}

/* It may be valid from a time in the past on, or no more. */
void alarms_norms_changed(struct core *c) {
    alerts_norms_changed(c->alarms.all);
    c->alarms.due = true;
}

static const struct alert_rules no_rules = {NULL, 0};

enum err alarms_open(struct core *c) {
    const struct alert_norms norms = {norm_in_force, word_is, c};
    const size_t nodes = c->plant->node_n ? c->plant->node_n : 1;
    const size_t units = c->plant->unit_n ? c->plant->unit_n : 1;
    struct alarms *a = &c->alarms;
    a->started_ms = STATE_NEVER;
    a->first = calloc(nodes + 1, sizeof *a->first);
    a->filling = calloc(nodes, sizeof *a->filling);
    a->fill = calloc(units, sizeof *a->fill);
    if (!a->first || !a->filling || !a->fill)
        return ERR_NOMEM;
    return alerts_open(&no_rules, c->plant, &norms, &a->all);
}

void alarms_close(struct core *c) {
    alerts_close(c->alarms.all);
    free(c->alarms.first);
    free(c->alarms.unit);
    free(c->alarms.filling);
    free(c->alarms.fill);
}

enum err core_set_alerts(struct core *c, const struct alert_rules *rules, struct core_now now) {
    struct alarms *a = &c->alarms;
    const struct alert_norms norms = {norm_in_force, word_is, c};
    struct alerts *with = NULL;
    if (c->conf.offline)
        return ERR_OK;
    enum err err = alerts_open(rules ? rules : &no_rules, c->plant, &norms, &with);
    if (err)
        return err;
    size_t *first = calloc(c->plant->node_n + 1, sizeof *first);
    uint32_t *unit = calloc(count_units(c, with) + 1, sizeof *unit);
    if (first && unit) {
        list_units(c, with, first, unit);
        alarms_fill_forget(c);
        alarms_days_forget(c);
        err = alerts_replace(a->all, rules ? rules : &no_rules, c->plant, now.wall_ms);
    }
    alerts_close(with);
    if (!first || !unit || err) {
        free(first);
        free(unit);
        return err ? err : ERR_NOMEM;
    }
    free(a->first);
    free(a->unit);
    a->first = first;
    a->unit = unit;
    a->due = true;
    c->version++;
    return ERR_OK;
}

/* --- people ------------------------------------------------------------------------------------
 */

enum err core_on_alert(struct core *c, const struct alert_command *cmd, struct core_now now,
                       struct core_alert_answer *out) {
    c->now = now;
    *out = (struct core_alert_answer){0};
    enum err err = alerts_command(c->alarms.all, cmd, now.wall_ms, &out->why);
    if (err)
        return err;
    out->n = alerts_last(c->alarms.all);
    c->version++;
    return ERR_OK;
}

bool core_alert_durable(const struct core *c, uint64_t n) {
    return n <= c->alarms.durable;
}

uint64_t core_alerts_durable(const struct core *c) {
    return c->alarms.durable;
}

const struct alerts *core_alerts(const struct core *c) {
    return c->alarms.all;
}

uint64_t core_alert_notices(const struct core *c) {
    return c->alarms.notices;
}

/* --- what is due -------------------------------------------------------------------------------
 */

void alarms_look(struct core *c) {
    if (c->conf.offline || alerts_count(c->alarms.all) == 0)
        return;
    if (c->alarms.started_ms == STATE_NEVER)
        c->alarms.started_ms = c->now.wall_ms;
    c->alarms.due = true;
}

static bool is_computed(const struct cunit *u, int64_t from_ms, int64_t to_ms) {
    if (u->known_ms == STATE_NEVER || u->known_ms < to_ms)
        return false;
    for (size_t i = 0; i < u->dirty.n; i++)
        if (u->dirty.at[i].from_ms < to_ms && u->dirty.at[i].to_ms > from_ms)
            return false;
    return true;
}

/* What is entered by hand is not waited for. */
static bool has_passed(const struct core *c, uint32_t unit, int64_t to_ms) {
    return c->unit[unit].signal_n == 0 || unit_asof_ms(c, unit, false) >= to_ms;
}

/* What a sampled gauge shows up to the minute's end is known with its next sample. */
static bool gauges_passed(const struct core *c, uint32_t node, int64_t to_ms,
                          int64_t *patience_ms) {
    uint32_t gauge = 0;
    unsigned minutes = 0;
    bool passed = true;
    for (size_t i = 0; alerts_gauge_at(c->alarms.all, node, i, &gauge, &minutes); i++) {
        const int64_t its = core_gauge_patience_ms(c, gauge);
        if (core_gauge_final_ms(c, gauge) >= to_ms)
            continue;
        passed = false;
        *patience_ms = its > *patience_ms ? its : *patience_ms;
    }
    return passed;
}

/* The clock decides when, not what: after it, what did not come is unknown. */
static bool is_due(struct core *c, uint32_t node, int64_t minute) {
    struct alarms *a = &c->alarms;
    const int64_t from_ms = minute * UTC_MINUTE_MS, to_ms = from_ms + UTC_MINUTE_MS;
    const int64_t waited_ms = c->now.wall_ms - (to_ms > a->started_ms ? to_ms : a->started_ms);
    bool passed = true, draining = false;
    if (to_ms > c->now.wall_ms)
        return false;
    for (size_t i = a->first[node]; i < a->first[node + 1]; i++) {
        if (!window_counts_at(c->plant, node, a->unit[i], minute))
            continue;
        if (!is_computed(&c->unit[a->unit[i]], from_ms, to_ms)) {
            a->again = true;
            return false;
        }
        if (has_passed(c, a->unit[i], to_ms))
            continue;
        passed = false;
        draining = draining || settle_draining(c, a->unit[i]);
    }
    int64_t patience_ms = 0;
    passed = gauges_passed(c, node, to_ms, &patience_ms) && passed;
    return passed || (!draining && waited_ms >= c->conf.alert_grace_ms + patience_ms) ||
           waited_ms >= c->plant->settle_late_ms + patience_ms;
}

/* --- feeding -----------------------------------------------------------------------------------
 */

static size_t first_of(const struct cells *set, int64_t minute) {
    size_t lo = 0, hi = set->n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (set->at[mid].minute < minute)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Adds a unit's cells of the minute, its hour being in memory. */
static enum err gather_unit(struct core *c, uint32_t node, uint32_t unit, int64_t minute,
                            struct window *all) {
    const struct cells *cells = &hours_find(c, unit, utc_floor(minute, 60) / 60)->cells;
    const struct window_target t = {.pieces = window_output(c->plant, node, unit)};
    const bool by_context = alerts_by_context(c->alarms.all, node);
    enum err err = ERR_OK;
    if (!alarms_counts(c, node, unit, minute))
        return ERR_OK;
    for (size_t k = first_of(cells, minute); k < cells->n && cells->at[k].minute == minute && !err;
         k++) {
        struct window part = {0};
        window_move(all, &t, &cells->at[k].sums, 1);
        if (!by_context)
            continue;
        window_move(&part, &t, &cells->at[k].sums, 1);
        err = alerts_add_context(c->alarms.all, node, minute, &cells->at[k].ctx, &part.sums, 1);
    }
    return err;
}

/* The minute's cells of all units below; *ready is false while some are loaded. */
static enum err gather(struct core *c, uint32_t node, int64_t minute, bool *ready) {
    const struct alarms *a = &c->alarms;
    const int64_t hour = utc_floor(minute, 60) / 60;
    struct window all = {0};
    *ready = true;
    for (size_t i = a->first[node]; i < a->first[node + 1]; i++) {
        bool there = false;
        enum err err = jobs_want_hour(c, a->unit[i], hour, &there);
        if (err)
            return err;
        *ready = *ready && there;
    }
    enum err err = ERR_OK;
    for (size_t i = a->first[node]; *ready && !err && i < a->first[node + 1]; i++)
        err = gather_unit(c, node, a->unit[i], minute, &all);
    if (*ready && !err)
        alerts_add(c->alarms.all, node, minute, &all.sums, 1);
    return err;
}

/* The minutes of gauges that rules of the node look at, up to this one. */
static enum err give_gauges(struct core *c, uint32_t node, int64_t minute, bool *ready) {
    struct gauge_span span[ALERT_ROLLING_MAX + ALERT_SPAN_MAX];
    uint32_t gauge = 0;
    unsigned n = 0;
    enum err err = ERR_OK;
    *ready = true;
    for (size_t i = 0; alerts_gauge_at(c->alarms.all, node, i, &gauge, &n) && !err; i++) {
        bool there = false;
        memset(span, 0, sizeof span);
        err = core_gauge_minutes(c, gauge, minute - n + 1, n, span, &there);
        *ready = *ready && there;
        if (!err && there)
            alerts_put_gauge(c->alarms.all, node, i, span);
    }
    return err;
}

void alarms_moved(struct core *c, uint32_t unit, const struct window_target *t,
                  const struct cell *cell, int sign) {
    struct alerts *all = c->alarms.all;
    if (!alerts_watches(all, t->key.node) || cell->minute >= alerts_next(all, t->key.node) ||
        !alarms_filled(c, t->key.node, unit, utc_floor(cell->minute, 60) / 60))
        return;
    struct window part = {0};
    window_move(&part, t, &cell->sums, 1);
    alerts_add(all, t->key.node, cell->minute, &part.sums, sign);
    if (alerts_by_context(all, t->key.node)) /* without memory it is gathered anew */
        (void)alerts_add_context(all, t->key.node, cell->minute, &cell->ctx, &part.sums, sign);
}

static bool is_gathered(const struct core *c, uint32_t node) {
    const struct alarms *a = &c->alarms;
    return alerts_watches(a->all, node) && !alerts_hollow(a->all, node) && !a->filling[node];
}

/* Up to the minute that the sweep is at. */
static enum err run_node(struct core *c, uint32_t node, unsigned *budget) {
    struct alerts *all = c->alarms.all;
    enum err err = ERR_OK;
    while (!err && *budget && alerts_next(all, node) <= c->alarms.minute &&
           alerts_ready(all, node) && is_due(c, node, alerts_next(all, node))) {
        bool ready = false;
        err = give_gauges(c, node, alerts_next(all, node), &ready);
        if (!err && ready)
            err = gather(c, node, alerts_next(all, node), &ready);
        c->alarms.again = c->alarms.again || !ready;
        c->alarms.loading_hours = c->alarms.loading_hours || !ready;
        if (err || !ready)
            return err;
        err = alerts_evaluate(all, node, c->now.wall_ms);
        c->version++;
        const unsigned cost = 1 + (unsigned)alerts_rules_at(all, node);
        *budget = *budget > cost ? *budget - cost : 0;
    }
    return err;
}

/* A clock that was ahead when minutes were evaluated would keep alerts silent until it is reached
 * again. */
static void follow_clock(struct core *c) {
    struct alarms *a = &c->alarms;
    const int64_t now = utc_floor(c->now.wall_ms, UTC_MINUTE_MS) / UTC_MINUTE_MS;
    a->started_ms = a->started_ms < c->now.wall_ms ? a->started_ms : c->now.wall_ms;
    for (uint32_t node = 0; node < c->plant->node_n; node++) {
        const int64_t next = alerts_next(a->all, node);
        if (next > now + ALARM_AHEAD_MINUTES ||
            (next != INT64_MIN && next < now - ALARM_CATCH_UP_MINUTES))
            alerts_forget(a->all, node);
    }
}

/* The oldest minute behind this one that some node has to be looked at for; INT64_MAX: none. */
static int64_t minute_behind(const struct core *c, int64_t minute) {
    int64_t next = INT64_MAX;
    for (uint32_t node = 0; node < c->plant->node_n; node++)
        if (is_gathered(c, node) && alerts_next(c->alarms.all, node) > minute &&
            alerts_next(c->alarms.all, node) < next)
            next = alerts_next(c->alarms.all, node);
    return next;
}

static enum err begin_sweep(struct core *c) {
    struct alarms *a = &c->alarms;
    follow_clock(c);
    enum err err = alarms_fill(c);
    if (!err)
        err = alarms_days(c);
    a->minute = minute_behind(c, INT64_MIN);
    a->again = a->loading_hours = false;
    a->sweeping = !err;
    a->node = 0;
    return err;
}

/* All nodes go minute by minute, so that what comes first, and how much comes at a time, is by
 * event time also where hours are made up for; a node that waits for its data holds up no other.
 * From above to below: an alert above may quiet those below. */
enum err alarms_run(struct core *c) {
    struct alarms *a = &c->alarms;
    const int64_t now = utc_floor(c->now.wall_ms, UTC_MINUTE_MS) / UTC_MINUTE_MS;
    unsigned budget = c->conf.slice_jobs && !c->stopping ? EVALUATIONS_A_TURN : UINT32_MAX;
    enum err err = a->sweeping ? ERR_OK : begin_sweep(c);
    while (!err && a->minute < now && !a->loading_hours) {
        for (; a->node < c->plant->node_n && budget && !err; a->node++)
            if (is_gathered(c, (uint32_t)a->node)) {
                err = run_node(c, (uint32_t)a->node, &budget);
                if (!budget)
                    break;
            }
        if (err || a->node < c->plant->node_n)
            return err;
        a->node = 0;
        a->minute = minute_behind(c, a->minute);
    }
    a->sweeping = false;
    a->due = false;
    return err;
}
