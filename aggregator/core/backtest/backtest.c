/* Hours are read in turn; each node's minutes go to the rules tried and to those in force. Where an
 * alert quiets those below, all nodes go minute by minute, those above first; else each node has
 * its hours at a time, which costs less. */
#include "backtest/backtest.h"

#include <stdlib.h>
#include <string.h>

#include "backtest/days.h"
#include "backtest/feed.h"
#include "backtest/gauges.h"
#include "backtest/run.h"

enum { TRIED, FORCE, RUNS };
enum { MINUTES = 60 };

struct backtest {
    struct backtest_conf conf;
    struct feed feed;
    struct back_gauges gauges;
    struct run run[RUNS];
    struct alert_rule *force, *quieter; /* rules of FORCE; of the second pass */
    struct alert_rules force_rules, quieter_rules;
    int64_t first, end; /* minutes to be evaluated: [first, end) */
    int64_t hour, to;   /* next hour to be read */
    bool quiets, second, over;
    bool days;       /* those that rules look at were given */
    uint64_t *known; /* by feed node: a bit for each column */
    struct backtest_point *curve;
    size_t curve_n;
    uint64_t evaluations;
    struct backtest_rule *result;
};
_Static_assert(BACKTEST_COLUMNS <= 64, "a bit for each column");

/* --- opening ------------------------------------------------------------------------------------
 */

static const struct alert_rule *same_id(const struct alert_rules *rules, const struct ident *id) {
    for (size_t i = 0; rules && i < rules->rule_n; i++)
        if (ident_equal(&rules->rule[i].id, id))
            return &rules->rule[i];
    return NULL;
}

static enum err open_runs(struct backtest *b) {
    b->force = calloc(b->conf.rules->rule_n + 1, sizeof *b->force);
    if (!b->force)
        return ERR_NOMEM;
    for (size_t i = 0; i < b->conf.rules->rule_n; i++) {
        const struct alert_rule *r = same_id(b->conf.beside, &b->conf.rules->rule[i].id);
        if (r)
            b->force[b->force_rules.rule_n++] = *r;
    }
    b->force_rules.rule = b->force;
    enum err err = run_open(&b->run[TRIED], &b->conf, b->conf.rules);
    b->run[TRIED].watch_pauses = true;
    return err ? err : run_open(&b->run[FORCE], &b->conf, &b->force_rules);
}

static enum err open_curve(struct backtest *b) {
    const int64_t minutes = b->end - b->first;
    if (!b->conf.curved || minutes <= 0 || b->conf.rules->rule_n == 0)
        return ERR_OK;
    b->curve_n = minutes < BACKTEST_POINTS ? (size_t)minutes : BACKTEST_POINTS;
    b->curve = calloc(b->curve_n, sizeof *b->curve);
    if (!b->curve)
        return ERR_NOMEM;
    run_curve_begin(b->curve, b->curve_n);
    b->run[TRIED].curve = b->curve;
    b->run[TRIED].curve_n = b->curve_n;
    b->run[TRIED].curve_node = b->conf.curve_node;
    return ERR_OK;
}

static bool any_quiets(const struct alert_rules *rules) {
    bool any = false;
    for (size_t i = 0; i < rules->rule_n; i++)
        any = any || rules->rule[i].quiets;
    return any;
}

static enum err open_feed(struct backtest *b) {
    const size_t node_n = b->conf.plant->node_n;
    bool *wanted = calloc(2 * node_n + 1, sizeof *wanted);
    if (!wanted)
        return ERR_NOMEM;
    bool *by_context = wanted + node_n;
    b->quiets = any_quiets(b->conf.rules) || any_quiets(&b->force_rules);
    struct feed_want want = {.node = wanted, .by_context = by_context, .keep = b->quiets};
    for (unsigned k = 0; k < RUNS; k++) {
        const struct alerts *a = b->run[k].alerts;
        for (uint32_t n = 0; n < node_n; n++) {
            wanted[n] = wanted[n] || alerts_watches(a, n);
            by_context[n] = by_context[n] || alerts_by_context(a, n);
        }
        alerts_need(a, want.qty);
    }
    const enum err err = feed_open(&b->feed, b->conf.plant, &want);
    free(wanted);
    if (err)
        return err;
    b->known = calloc(b->feed.node_n + 1, sizeof *b->known);
    b->gauges = (struct back_gauges){.plant = b->conf.plant, .agents = b->conf.gauge_agents};
    enum err gauges = b->known ? ERR_OK : ERR_NOMEM;
    for (unsigned k = 0; k < RUNS && !gauges; k++)
        gauges = back_gauges_add(&b->gauges, b->run[k].alerts);
    return gauges;
}

/* From the first minute that some window reaches back to. */
static void begin(struct backtest *b) {
    int64_t from = b->first;
    for (unsigned k = 0; k < RUNS; k++)
        for (size_t i = 0; i < b->feed.node_n; i++) {
            const uint32_t node = b->feed.node[i].node;
            if (!alerts_watches(b->run[k].alerts, node))
                continue;
            const int64_t reach = alerts_reach(b->run[k].alerts, node, b->first);
            alerts_begin(b->run[k].alerts, node, b->first);
            from = reach < from ? reach : from;
        }
    b->hour = utc_floor(from, MINUTES) / MINUTES;
    b->hour = b->hour < 0 ? 0 : b->hour; /* hours in keys have no sign */
    b->to = utc_floor(b->end + MINUTES - 1, MINUTES) / MINUTES;
    b->over = b->first >= b->end || b->hour >= b->to || b->feed.unit_n == 0;
}

static enum err read_unit(void *user, struct feed_node *n);

enum err backtest_open(const struct backtest_conf *conf, struct backtest **out) {
    struct backtest *b = calloc(1, sizeof *b);
    if (!b)
        return ERR_NOMEM;
    b->conf = *conf;
    b->first = utc_floor(conf->from_ms, UTC_MINUTE_MS) / UTC_MINUTE_MS;
    b->end = utc_floor(conf->to_ms + UTC_MINUTE_MS - 1, UTC_MINUTE_MS) / UTC_MINUTE_MS;
    b->conf.from_ms = b->first * UTC_MINUTE_MS;
    b->conf.to_ms = b->end * UTC_MINUTE_MS;
    b->result = calloc(conf->rules->rule_n + 1, sizeof *b->result);
    enum err err = b->result ? open_runs(b) : ERR_NOMEM;
    if (!err)
        err = open_curve(b);
    if (!err)
        err = open_feed(b);
    if (err) {
        backtest_close(b);
        return err;
    }
    b->feed.user = b;
    b->feed.unit_read = b->quiets ? NULL : read_unit;
    begin(b);
    *out = b;
    return ERR_OK;
}

void backtest_close(struct backtest *b) {
    if (!b)
        return;
    for (size_t i = 0; b->result && i < b->conf.rules->rule_n; i++) {
        free(b->result[i].node);
        free(b->result[i].firing);
    }
    for (unsigned k = 0; k < RUNS; k++)
        run_fini(&b->run[k]);
    feed_fini(&b->feed);
    back_gauges_fini(&b->gauges);
    free(b->result);
    free(b->known);
    free(b->curve);
    free(b->force);
    free(b->quieter);
    free(b);
}

/* --- minutes ------------------------------------------------------------------------------------
 */

struct giving {
    struct backtest *b;
    uint32_t node;
    int64_t minute;
    bool known;
    enum err err;
};

static void give(void *user, const struct sums *s) {
    struct giving *g = user;
    for (unsigned c = CAT_UNKNOWN + 1; c < CATEGORY_COUNT; c++)
        g->known = g->known || s->q[QTY_TIME + c] != 0;
    for (unsigned k = 0; k < RUNS; k++)
        alerts_add(g->b->run[k].alerts, g->node, g->minute, s, 1);
}

static void give_part(void *user, const struct cell *c) {
    struct giving *g = user;
    for (unsigned k = 0; k < RUNS && !g->err; k++)
        g->err = alerts_add_context(g->b->run[k].alerts, g->node, g->minute, &c->ctx, &c->sums, 1);
}

static void note_known(struct backtest *b, const struct feed_node *n, int64_t minute) {
    const int64_t at = (minute - b->first) * BACKTEST_COLUMNS, span = b->end - b->first;
    for (int64_t c = at / span; c <= (at + BACKTEST_COLUMNS - 1) / span; c++) /* all it lies in */
        b->known[n - b->feed.node] |= UINT64_C(1) << c;
}

static bool is_tried(const struct backtest *b, int64_t minute) {
    return minute >= b->first && minute < b->end;
}

static enum err give_minute(struct backtest *b, struct feed_node *n, int64_t minute) {
    struct giving g = {.b = b, .node = n->node, .minute = minute};
    feed_minute(n, &b->feed, minute, give, &g);
    if (n->by_context)
        feed_parts(n, &b->feed, minute, give_part, &g);
    if (g.known && is_tried(b, minute))
        note_known(b, n, minute);
    return g.err;
}

/* Minutes that were given. */
static enum err evaluate(struct backtest *b, const struct feed_node *n, int64_t from, int64_t to) {
    enum err err = ERR_OK;
    for (unsigned k = 0; k < RUNS; k++) {
        unsigned done = 0;
        if (!alerts_watches(b->run[k].alerts, n->node))
            continue;
        for (int64_t m = from; m < to && !err; m += done) {
            back_gauges_give(&b->gauges, b->run[k].alerts, n->node, m);
            err = run_minutes(&b->run[k], n->node, (unsigned)(to - m), &done);
        }
    }
    return err;
}

/* At most RUN_AHEAD minutes; of nodes that are told apart by products and teams one. */
static enum err take_minutes(struct backtest *b, struct feed_node *n, int64_t from, int64_t to) {
    enum err err = ERR_OK;
    for (int64_t m = from; m < to && !err; m++)
        err = give_minute(b, n, m);
    from = from > b->first ? from : b->first;
    to = to < b->end ? to : b->end;
    return err ? err : evaluate(b, n, from, to);
}

static enum err take_hours(struct backtest *b, struct feed_node *n) {
    const int64_t from = b->feed.hour * MINUTES, to = from + b->feed.hours * MINUTES;
    const int64_t ahead = n->by_context ? 1 : RUN_AHEAD;
    enum err err = ERR_OK;
    for (int64_t m = from; m < to && !err; m += ahead)
        err = take_minutes(b, n, m, m + ahead < to ? m + ahead : to);
    return err;
}

static enum err read_unit(void *user, struct feed_node *n) {
    return take_hours(user, n);
}

static enum err take_slice(struct backtest *b) {
    const int64_t from = b->feed.hour * MINUTES, to = from + b->feed.hours * MINUTES;
    enum err err = ERR_OK;
    for (size_t i = 0; i < b->feed.node_n && !b->quiets && !err; i++)
        if (b->feed.node[i].minute)
            err = take_hours(b, &b->feed.node[i]);
    for (int64_t m = from; m < to && b->quiets && !err; m++)
        for (size_t i = 0; i < b->feed.node_n && !err; i++)
            err = take_minutes(b, &b->feed.node[i], m, m + 1);
    return err;
}

/* --- what came out ------------------------------------------------------------------------------
 */

static int by_time(const void *x, const void *y) {
    const struct backtest_firing *a = x, *b = y;
    if (a->from_ms != b->from_ms)
        return a->from_ms < b->from_ms ? -1 : 1;
    return (a->node > b->node) - (a->node < b->node);
}

static bool overlap(const struct backtest_firing *a, const struct backtest_firing *b) {
    return a->node == b->node && a->from_ms < b->to_ms && b->from_ms < a->to_ms;
}

/* Of a, those that overlap one of b. Few thousand each at most. */
static uint64_t overlaps(const struct run_rule *a, const struct backtest_firing *b, size_t bn) {
    uint64_t n = 0;
    for (size_t i = 0; i < a->firing_n; i++)
        for (size_t k = 0; k < bn; k++)
            if (overlap(&a->firing[i], &b[k])) {
                n++;
                break;
            }
    return n;
}

static void compare(struct backtest_rule *out, const struct run_rule *tried, struct run *force) {
    for (size_t k = 0; k < force->rule_n; k++) {
        struct run_rule *f = &force->rule[k];
        if (!ident_equal(&f->rule->id, &tried->rule->id))
            continue;
        out->in_force = f->rule;
        out->force = f->figures;
        out->both = overlaps(tried, f->firing, f->firing_n);
        out->only_new = tried->firing_n - out->both;
        out->only_force = f->firing_n - overlaps(f, tried->firing, tried->firing_n);
    }
}

static enum err put_nodes(struct backtest_rule *out, const struct run *r,
                          const struct run_rule *rule) {
    out->node = calloc(rule->rule->node_n + 1, sizeof *out->node);
    if (!out->node)
        return ERR_NOMEM;
    for (size_t i = 0; i < rule->rule->node_n; i++)
        if (r->instance[rule->first + i].told)
            out->node[out->node_n++] = *r->instance[rule->first + i].told;
    return ERR_OK;
}

static enum err put_rule(struct backtest *b, size_t i) {
    struct run_rule *rule = &b->run[TRIED].rule[i];
    struct backtest_rule *out = &b->result[i];
    out->rule = rule->rule;
    out->figures = rule->figures;
    enum err err = put_nodes(out, &b->run[TRIED], rule);
    if (rule->firing_n)
        qsort(rule->firing, rule->firing_n, sizeof *rule->firing, by_time);
    compare(out, rule, &b->run[FORCE]);
    run_suggest(rule, &out->suggestion);
    out->firing = rule->firing;
    out->firing_n = rule->firing_n;
    rule->firing = NULL;
    rule->firing_n = 0;
    return err;
}

/* --- the second pass ----------------------------------------------------------------------------
 * Suggestions are tried by the engine before they are told. */

static struct alert_rule quieter(const struct backtest_rule *r) {
    struct alert_rule rule = *r->rule;
    const struct backtest_suggestion *s = &r->suggestion;
    rule.hold_ms = s->hold ? s->hold_ms : rule.hold_ms;
    const double by = s->clear_level - rule.level[0].clear;
    for (size_t i = 0; i < rule.level_n && s->clear; i++)
        rule.level[i].clear += by;
    return rule;
}

static enum err begin_second(struct backtest *b) {
    static const struct alert_rules none;
    size_t n = 0;
    b->quieter = calloc(b->conf.rules->rule_n + 1, sizeof *b->quieter);
    if (!b->quieter)
        return ERR_NOMEM;
    for (size_t i = 0; i < b->conf.rules->rule_n; i++)
        if (b->result[i].suggestion.hold || b->result[i].suggestion.clear)
            b->quieter[n++] = quieter(&b->result[i]);
    b->quieter_rules = (struct alert_rules){b->quieter, n};
    b->second = true;
    b->days = false;
    if (n == 0)
        return ERR_OK;
    for (unsigned k = 0; k < RUNS; k++)
        run_fini(&b->run[k]);
    enum err err = run_open(&b->run[TRIED], &b->conf, &b->quieter_rules);
    err = err ? err : run_open(&b->run[FORCE], &b->conf, &none);
    if (!err)
        begin(b);
    return err;
}

static void take_tried(struct backtest *b) {
    for (size_t k = 0; k < b->run[TRIED].rule_n; k++)
        for (size_t i = 0; i < b->conf.rules->rule_n; i++)
            if (ident_equal(&b->result[i].rule->id, &b->run[TRIED].rule[k].rule->id)) {
                b->result[i].suggestion.tried = true;
                b->result[i].suggestion.then = b->run[TRIED].rule[k].figures;
            }
}

static enum err end_pass(struct backtest *b) {
    enum err err = ERR_OK;
    for (unsigned k = 0; k < RUNS && !err; k++) {
        struct alert_figures f;
        alerts_figures(b->run[k].alerts, b->conf.to_ms, &f);
        b->evaluations += f.evaluations;
        err = run_end(&b->run[k]);
    }
    for (size_t i = 0; i < b->conf.rules->rule_n && !err && !b->second; i++)
        err = put_rule(b, i);
    if (err)
        return err;
    if (b->second) {
        take_tried(b);
        return ERR_OK;
    }
    return b->conf.tries ? begin_second(b) : ERR_OK;
}

/* --- doors --------------------------------------------------------------------------------------
 */

static enum err read_days(struct backtest *b, const struct history_reader *r) {
    enum err err = ERR_OK;
    for (unsigned k = 0; k < RUNS && !b->days && !err; k++)
        err = back_days_read(b->run[k].alerts, &b->conf, r);
    b->days = !err;
    return err;
}

enum err backtest_step(struct backtest *b, const struct history_reader *r, bool *more) {
    enum err err = read_days(b, r);
    if (!err && !b->over) {
        const int64_t most = b->hour + b->feed.most < b->to ? b->hour + b->feed.most : b->to;
        err = back_gauges_read(&b->gauges, b->hour * MINUTES, most * MINUTES, b->to * MINUTES, r);
        if (!err)
            err = feed_read(&b->feed, b->hour, b->to, r);
        b->hour += b->feed.hours;
        b->over = b->hour >= b->to;
        if (!err)
            err = take_slice(b);
    }
    if (!err && b->over)
        err = end_pass(b);
    *more = !err && !b->over;
    return err;
}

const struct backtest_rule *backtest_rules(const struct backtest *b, size_t *n) {
    *n = b->conf.rules->rule_n;
    return b->result;
}

bool backtest_known(const struct backtest *b, uint32_t node, unsigned column) {
    const uint32_t at = b->feed.of[node];
    return at != UINT32_MAX && (b->known[at] >> column & 1);
}

const struct backtest_point *backtest_curve(const struct backtest *b, size_t *n) {
    *n = b->curve_n;
    return b->curve;
}

uint64_t backtest_evaluations(const struct backtest *b) {
    return b->evaluations;
}
