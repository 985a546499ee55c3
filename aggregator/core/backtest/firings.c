/* From transitions to firings: a firing begins when an alert becomes active and ends when it no
 * longer is, whatever ended it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backtest/run.h"
#include "base/utc.h"

enum { EXCURSIONS_MAX = 1000 };
/* A firing that comes back within this time is the same trouble, or a level in the noise. */
#define BACK_MS (30 * UTC_MINUTE_MS)

static bool is_active(uint8_t state) {
    return state == ALERT_ACTIVE || state == ALERT_ACKED;
}

static struct run_rule *find_rule(struct run *r, const struct ident *id) {
    size_t low = 0, high = r->rule_n;
    while (low < high) {
        const size_t mid = (low + high) / 2;
        const int order = strcmp(r->rule[mid].rule->id.s, id->s);
        if (order == 0)
            return &r->rule[mid];
        low = order < 0 ? mid + 1 : low;
        high = order < 0 ? high : mid;
    }
    return NULL;
}

size_t run_find_node(const struct alert_rule *rule, uint32_t node) {
    size_t low = 0, high = rule->node_n;
    while (low < high) {
        const size_t mid = (low + high) / 2;
        if (rule->node[mid] < node)
            low = mid + 1;
        else
            high = mid;
    }
    return low < rule->node_n && rule->node[low] == node ? low : SIZE_MAX;
}

/* --- figures ------------------------------------------------------------------------------------
 */

static void count(struct backtest_figures *f, uint32_t node, int64_t ms, bool at_end) {
    f->firings++;
    f->brief += ms < BACKTEST_BRIEF_MS && !at_end;
    f->active_ms += ms;
    f->active_at_end += at_end;
    if (ms > f->longest_ms || f->longest_node == UINT32_MAX) {
        f->longest_ms = ms;
        f->longest_node = node;
    }
}

/* Begin of a column; columns tile the span. */
static int64_t column_ms(const struct run *r, unsigned column) {
    return r->from_ms + (r->to_ms - r->from_ms) * column / BACKTEST_COLUMNS;
}

static void draw(const struct run *r, struct backtest_node *n, int64_t from_ms, int64_t to_ms) {
    for (unsigned c = 0; c < BACKTEST_COLUMNS; c++) {
        const int64_t a = column_ms(r, c), b = column_ms(r, c + 1);
        const int64_t from = from_ms > a ? from_ms : a, to = to_ms < b ? to_ms : b;
        n->active_ms[c] += to > from ? to - from : 0;
    }
}

static enum err put_firing(struct run_rule *rule, const struct backtest_firing *f) {
    if (rule->firing_n == BACKTEST_FIRINGS_MAX)
        return ERR_OK;
    if (rule->firing_n == rule->firing_cap) {
        const size_t cap = rule->firing_cap ? 2 * rule->firing_cap : 16;
        struct backtest_firing *at = realloc(rule->firing, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        rule->firing = at;
        rule->firing_cap = cap;
    }
    rule->firing[rule->firing_n++] = *f;
    return ERR_OK;
}

/* How long it was beyond the threshold, in minutes: the hold is in front of the firing, the hold of
 * its end in it. */
static size_t lasted(const struct alert_rule *rule, int64_t ms) {
    const int64_t minutes = (ms + rule->hold_ms - rule->clear_hold_ms) / UTC_MINUTE_MS;
    return minutes < 0                      ? 0
           : minutes > BACKTEST_LASTING_MAX ? BACKTEST_LASTING_MAX
                                            : (size_t)minutes;
}

static enum err end_firing(struct run *r, struct run_rule *rule, struct run_instance *x,
                           uint32_t node, int64_t to_ms, bool at_end) {
    const int64_t ms = to_ms - x->since_ms;
    if (!x->told) {
        x->told = calloc(1, sizeof *x->told);
        if (!x->told)
            return ERR_NOMEM;
        x->told->node = node;
        x->told->figures.longest_node = UINT32_MAX;
    }
    count(&rule->figures, node, ms, at_end);
    count(&x->told->figures, node, ms, at_end);
    rule->lasting[lasted(rule->rule, ms)] += !at_end;
    draw(r, x->told, x->since_ms, to_ms);
    const struct backtest_firing f = {.node = node,
                                      .severity = x->severity,
                                      .from_ms = x->since_ms,
                                      .to_ms = at_end ? INT64_MAX : to_ms,
                                      .value = x->value,
                                      .threshold = x->threshold};
    x->since_ms = INT64_MIN;
    return put_firing(rule, &f);
}

/* --- pauses -------------------------------------------------------------------------------------
 */

/* How far beyond the clear level the value went in the pause; NAN: nothing was seen. */
static double distance(const struct alert_rule *rule, const struct run_instance *x) {
    const double clear = rule->level[0].clear;
    return rule->below ? x->extreme - clear : clear - x->extreme;
}

static void end_pause(struct run *r, struct run_instance *x, uint32_t node) {
    if (!x->pausing)
        return;
    struct run_rule *rule = &r->rule[x->rule];
    rule->reach = fmax(rule->reach, distance(rule->rule, x));
    r->pausing[node]--;
    x->pausing = false;
}

static enum err put_excursion(struct run_rule *rule, const struct run_instance *x) {
    const double far = distance(rule->rule, x);
    if (!isfinite(far) || rule->excursion_n == EXCURSIONS_MAX)
        return ERR_OK;
    if (rule->excursion_n == rule->excursion_cap) {
        const size_t cap = rule->excursion_cap ? 2 * rule->excursion_cap : 16;
        double *at = realloc(rule->excursion, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        rule->excursion = at;
        rule->excursion_cap = cap;
    }
    rule->excursion[rule->excursion_n++] = far;
    return ERR_OK;
}

/* Of a norm the value is told as it was observed; levels are factors of the norm. */
double run_in_levels(const struct alert_rule *rule, double value, double scale) {
    const double level = rule->level[0].threshold; /* nothing stands in a pause */
    return rule->condition == ALERT_NORM && level * scale != 0 ? value * level / (level * scale)
                                                               : value;
}

static void watch_pause(struct run *r, size_t i, uint32_t node, int64_t first_ms, unsigned from,
                        unsigned to) {
    struct run_instance *x = &r->instance[i];
    const struct alert_rule *rule = r->rule[x->rule].rule;
    for (unsigned t = from; t < to && x->pausing; t++) {
        double value = NAN, scale = 1;
        if (first_ms + t * UTC_MINUTE_MS - x->paused_ms > BACK_MS) {
            end_pause(r, x, node);
        } else if (alerts_seen(r->alerts, r->theirs[i], t, &value, &scale)) {
            value = run_in_levels(rule, value, scale);
            if (isfinite(value))
                x->extreme = rule->below ? fmax(x->extreme, value) : fmin(x->extreme, value);
        }
    }
}

void run_watch_pauses(struct run *r, uint32_t node, int64_t first_ms, unsigned from, unsigned to) {
    for (size_t i = r->first[node]; i < r->first[node + 1] && r->pausing[node] && from < to; i++)
        watch_pause(r, r->by_node[i], node, first_ms, from, to);
}

/* --- events -------------------------------------------------------------------------------------
 */

enum err run_take_event(struct run *r, const struct alert_event *e) {
    struct run_rule *rule = find_rule(r, &e->rule);
    const uint32_t node = plant_find_node(r->plant, e->node.s);
    const size_t at = rule && node != UINT32_MAX ? run_find_node(rule->rule, node) : SIZE_MAX;
    if (at == SIZE_MAX || is_active(e->from) == is_active(e->to))
        return ERR_OK;
    struct run_instance *x = &r->instance[rule->first + at];
    enum err err = ERR_OK;
    if (is_active(e->to)) {
        if (x->pausing && r->watch_pauses)
            err = put_excursion(rule, x);
        end_pause(r, x, node);
        x->since_ms = e->at_ms;
        x->value = e->value;
        x->threshold = e->threshold;
        x->severity = e->severity;
        return err;
    }
    err = end_firing(r, rule, x, node, e->at_ms, false);
    if (e->why == ALERT_WHY_CLEARED && r->watch_pauses) {
        x->pausing = true;
        x->paused_ms = e->at_ms;
        x->extreme = NAN;
        r->pausing[node]++;
    }
    return err;
}

enum err run_end(struct run *r) {
    enum err err = ERR_OK;
    for (size_t k = 0; k < r->rule_n; k++)
        for (size_t i = 0; i < r->rule[k].rule->node_n && !err; i++) {
            struct run_instance *x = &r->instance[r->rule[k].first + i];
            if (x->since_ms != INT64_MIN)
                err = end_firing(r, &r->rule[k], x, r->rule[k].rule->node[i], r->to_ms, true);
        }
    return err;
}
