#include "backtest/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"

/* Which instance of alerts_view() each of ours is. */
static enum err find_theirs(struct run *r) {
    const size_t n = alerts_count(r->alerts);
    if (n != r->instance_n)
        return ERR_STATE;
    for (size_t i = 0; i < n; i++) {
        struct alert_view v;
        alerts_view(r->alerts, i, &v);
        const struct run_rule *rule = &r->rule[v.rule - r->rule[0].rule]; /* as they were given */
        const size_t at = run_find_node(rule->rule, v.node);
        if (at != SIZE_MAX)
            r->theirs[rule->first + at] = i;
    }
    return ERR_OK;
}

/* Instances by node. */
static void sort_instances(struct run *r) {
    for (size_t k = 0; k < r->rule_n; k++)
        for (size_t i = 0; i < r->rule[k].rule->node_n; i++)
            r->first[r->rule[k].rule->node[i] + 1]++;
    for (size_t n = 0; n < r->plant->node_n; n++)
        r->first[n + 1] += r->first[n];
    for (size_t k = r->rule_n; k-- > 0;) /* each takes its node's last free place */
        for (size_t i = 0; i < r->rule[k].rule->node_n; i++) {
            const uint32_t node = r->rule[k].rule->node[i];
            r->by_node[r->first[node + 1] - ++r->pausing[node]] = r->rule[k].first + i;
        }
    memset(r->pausing, 0, r->plant->node_n * sizeof *r->pausing);
}

enum err run_open(struct run *r, const struct backtest_conf *conf,
                  const struct alert_rules *rules) {
    *r = (struct run){.plant = conf->plant,
                      .from_ms = conf->from_ms,
                      .to_ms = conf->to_ms,
                      .rule_n = rules->rule_n};
    for (size_t i = 0; i < rules->rule_n; i++)
        r->instance_n += rules->rule[i].node_n;
    r->rule = calloc(r->rule_n + 1, sizeof *r->rule);
    r->instance = calloc(r->instance_n + 1, sizeof *r->instance);
    r->theirs = calloc(r->instance_n + 1, sizeof *r->theirs);
    r->first = calloc(conf->plant->node_n + 2, sizeof *r->first);
    r->by_node = calloc(r->instance_n + 1, sizeof *r->by_node);
    r->pausing = calloc(conf->plant->node_n + 1, sizeof *r->pausing);
    if (!r->rule || !r->instance || !r->theirs || !r->first || !r->by_node || !r->pausing)
        return ERR_NOMEM;
    size_t first = 0;
    for (size_t i = 0; i < r->rule_n; i++) {
        r->rule[i].rule = &rules->rule[i];
        r->rule[i].first = first;
        r->rule[i].figures.longest_node = UINT32_MAX;
        for (size_t n = 0; n < rules->rule[i].node_n; n++)
            r->instance[first++] = (struct run_instance){(uint32_t)i, .since_ms = INT64_MIN};
    }
    sort_instances(r);
    enum err err = alerts_open(rules, conf->plant, &conf->norms, &r->alerts);
    if (!err)
        err = alerts_look_ahead(r->alerts, RUN_AHEAD);
    return err ? err : find_theirs(r);
}

void run_fini(struct run *r) {
    alerts_close(r->alerts);
    for (size_t i = 0; r->rule && i < r->rule_n; i++) {
        free(r->rule[i].firing);
        free(r->rule[i].excursion);
    }
    for (size_t i = 0; r->instance && i < r->instance_n; i++)
        free(r->instance[i].told);
    free(r->rule);
    free(r->instance);
    free(r->theirs);
    free(r->first);
    free(r->by_node);
    free(r->pausing);
    *r = (struct run){0};
}

/* Each minute first brings its events, then what is seen in pauses. */
static enum err take_down(struct run *r, uint32_t node, int64_t first_ms, unsigned n) {
    unsigned t = 0;
    enum err err = ERR_OK;
    const struct alert_event *e = alerts_event(r->alerts, 0);
    for (size_t i = 0; e && !err; e = alerts_event(r->alerts, ++i)) {
        const unsigned at = (unsigned)((e->at_ms - first_ms) / UTC_MINUTE_MS);
        if (r->pausing[node])
            run_watch_pauses(r, node, first_ms, t, at);
        t = at;
        err = run_take_event(r, e);
    }
    if (r->pausing[node] && !err)
        run_watch_pauses(r, node, first_ms, t, n);
    return err;
}

enum err run_minutes(struct run *r, uint32_t node, unsigned n, unsigned *done) {
    const int64_t first_ms = (alerts_next(r->alerts, node) + 1) * UTC_MINUTE_MS;
    enum err err = alerts_evaluate_run(r->alerts, node, n, 0, done);
    if (!err)
        err = take_down(r, node, first_ms, *done);
    if (!err && r->curve)
        run_curve_add(r, node, first_ms, *done);
    alerts_drop_events(r->alerts);
    return err;
}
