/* Time-lines are texts of BACKTEST_COLUMNS characters: '#' active for at least half of the column,
 * '+' for a part of it, '.' not, '?' nothing was known. Thresholds are in the unit of the rule. */
#include "views/trial.h"

#include <math.h>

#include "views/field.h"

/* Of its thresholds: of norms and baselines they are shares. */
static const char *unit_of(const struct plant *p, const struct alert_rule *r) {
    if (r->condition == ALERT_NORM || r->condition == ALERT_BASELINE)
        return "1";
    if (r->condition == ALERT_DRIFT)
        return "SE"; /* standard errors of a row */
    if (r->subject == ALERT_INDICATOR)
        return indicator_unit(p, (enum indicator)r->indicator);
    if (r->subject == ALERT_GAUGE)
        return plant_gauge_unit(p, &r->gauge);
    if (r->quantity >= ALERT_Q_GAS && r->quantity <= ALERT_Q_FUEL)
        return p->carrier[r->quantity - ALERT_Q_GAS].unit;
    const char *unit = alert_quantity_row((enum alert_quantity)r->quantity)->unit;
    return unit[0] == '1' && !unit[1] ? "" : unit;
}

static const char *node_id(const struct plant *p, uint32_t node) {
    return node == UINT32_MAX ? NULL : p->node[node].id.s;
}

static void put_figures(struct json_writer *w, const struct plant *p,
                        const struct backtest_figures *f) {
    field_count(w, "firings", f->firings);
    field_count(w, "short", f->brief);
    field_int(w, "active_ms", f->active_ms);
    field_int(w, "longest_ms", f->longest_ms);
    field_text(w, "longest_at", node_id(p, f->longest_node));
    field_count(w, "active_at_end", f->active_at_end);
}

static void put_figures_of(struct json_writer *w, const char *key, const struct plant *p,
                           const struct backtest_figures *f) {
    field_object(w, key);
    put_figures(w, p, f);
    json_writer_end_object(w);
}

static char column_mark(const struct backtest *b, const struct backtest_conf *conf,
                        const struct backtest_node *n, unsigned column) {
    const int64_t each_ms = (conf->to_ms - conf->from_ms) / BACKTEST_COLUMNS;
    if (n->active_ms[column] > 0)
        return 2 * n->active_ms[column] >= each_ms ? '#' : '+';
    return backtest_known(b, n->node, column) ? '.' : '?';
}

static void put_node(struct json_writer *w, const struct backtest *b,
                     const struct backtest_conf *conf, const struct backtest_node *n) {
    char line[BACKTEST_COLUMNS + 1] = "";
    for (unsigned c = 0; c < BACKTEST_COLUMNS; c++)
        line[c] = column_mark(b, conf, n, c);
    json_writer_begin_object(w);
    field_text(w, "node", node_id(conf->plant, n->node));
    put_figures(w, conf->plant, &n->figures);
    field_text(w, "timeline", line);
    json_writer_end_object(w);
}

static void put_firing(struct json_writer *w, const struct plant *p,
                       const struct backtest_firing *f) {
    json_writer_begin_object(w);
    field_text(w, "node", node_id(p, f->node));
    field_text(w, "severity", alert_severity_name((enum alert_severity)f->severity));
    field_time(w, "from", f->from_ms);
    field_time(w, "to", f->to_ms == INT64_MAX ? INT64_MIN : f->to_ms);
    field_measured(w, "value", f->value);
    field_measured(w, "threshold", f->threshold);
    json_writer_end_object(w);
}

static void put_suggestion(struct json_writer *w, const struct plant *p,
                           const struct backtest_suggestion *s) {
    if (!s->hold && !s->clear)
        return;
    field_object(w, "suggestion");
    if (s->hold) {
        field_int(w, "for_ms", s->hold_ms);
        field_count(w, "removed", s->removed);
    }
    if (s->clear) {
        field_measured(w, "clear", s->clear_level);
        field_count(w, "joined", s->joined);
        field_count(w, "came_back", s->came_back);
    }
    if (s->tried)
        put_figures_of(w, "then", p, &s->then);
    json_writer_end_object(w);
}

static void put_force(struct json_writer *w, const struct plant *p, const struct backtest_rule *r) {
    if (!r->in_force)
        return;
    field_object(w, "in_force");
    put_figures(w, p, &r->force);
    field_bool(w, "same_rule", r->in_force->said == r->rule->said);
    field_count(w, "both", r->both);
    field_count(w, "only_new", r->only_new);
    field_count(w, "only_in_force", r->only_force);
    json_writer_end_object(w);
}

static void put_rule(struct json_writer *w, const struct backtest *b,
                     const struct backtest_conf *conf, const struct backtest_rule *r) {
    json_writer_begin_object(w);
    field_text(w, "rule", r->rule->id.s);
    field_text(w, "name", r->rule->name);
    field_text(w, "condition", alert_condition_name((enum alert_condition)r->rule->condition));
    field_text(w, "product", r->rule->product.s[0] ? r->rule->product.s : NULL);
    field_text(w, "team", r->rule->team.s[0] ? r->rule->team.s : NULL);
    field_text(w, "unit", unit_of(conf->plant, r->rule));
    field_bool(w, "below", r->rule->below);
    if (r->rule->condition != ALERT_NO_DATA) {
        field_measured(w, "threshold", r->rule->level[0].threshold);
        field_measured(w, "clear", r->rule->level[0].clear);
    }
    field_int(w, "for_ms", r->rule->hold_ms);
    field_count(w, "nodes", r->rule->node_n);
    put_figures(w, conf->plant, &r->figures);
    put_suggestion(w, conf->plant, &r->suggestion);
    put_force(w, conf->plant, r);
    field_array(w, "at");
    for (size_t i = 0; i < r->node_n; i++)
        put_node(w, b, conf, &r->node[i]);
    json_writer_end_array(w);
    field_array(w, "list");
    for (size_t i = 0; i < r->firing_n; i++)
        put_firing(w, conf->plant, &r->firing[i]);
    json_writer_end_array(w);
    json_writer_end_object(w);
}

static void put_point(struct json_writer *w, double v) {
    if (isfinite(v))
        json_writer_real(w, v);
    else
        json_writer_null(w);
}

/* Points of equal length from "from" on; null: nothing was known. */
static void put_curve(struct json_writer *w, const struct backtest *b,
                      const struct backtest_conf *conf) {
    size_t n = 0;
    const struct backtest_point *p = backtest_curve(b, &n);
    if (!p)
        return;
    field_object(w, "curve");
    field_text(w, "node", node_id(conf->plant, conf->curve_node));
    field_int(w, "step_ms", (conf->to_ms - conf->from_ms) / (int64_t)n);
    field_array(w, "least");
    for (size_t i = 0; i < n; i++)
        put_point(w, p[i].least);
    json_writer_end_array(w);
    field_array(w, "most");
    for (size_t i = 0; i < n; i++)
        put_point(w, p[i].most);
    json_writer_end_array(w);
    json_writer_end_object(w);
}

enum err view_trial(const struct backtest *b, const struct backtest_conf *conf, struct buf *out) {
    struct json_writer w;
    size_t n = 0;
    const struct backtest_rule *r = backtest_rules(b, &n);
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    field_time(&w, "from", conf->from_ms);
    field_time(&w, "to", conf->to_ms);
    field_count(&w, "evaluations", backtest_evaluations(b));
    field_array(&w, "rules");
    for (size_t i = 0; i < n; i++)
        put_rule(&w, b, conf, &r[i]);
    json_writer_end_array(&w);
    put_curve(&w, b, conf);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}
