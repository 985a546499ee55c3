/* The baselines of a rule: written in it, or named. */
#include <stdlib.h>
#include <string.h>

#include "alertfile/making.h"
#include "alertfile/threshold.h"

/* --- written ------------------------------------------------------------------------------------
 */

static void take_driver(struct making *m, const struct conf_pair *p, struct alert_baseline *b) {
    const enum alert_quantity q = alert_quantity_find(p->key);
    char why[THRESHOLD_WHY];
    double each = 0;
    if (q == ALERT_QUANTITY_COUNT || alert_quantity_row(q)->rate) {
        const char *legal[ALERT_QUANTITY_COUNT];
        size_t n = 0;
        for (unsigned k = 0; k < ALERT_QUANTITY_COUNT; k++)
            if (!alert_quantity_row((enum alert_quantity)k)->rate)
                legal[n++] = alert_quantity_row((enum alert_quantity)k)->id;
        making_missing(m, p->pos, "driver", p->key, legal, n);
    } else if (threshold_parse(p->value, "kWh", false, &each, why)) {
        conf_report_at(m->report, p->pos, "\"%s\" of %s %s", p->value, p->key, why);
    } else {
        b->driver[b->driver_n].quantity = (uint8_t)q;
        b->driver[b->driver_n++].kwh_each = each;
    }
}

static void take_written(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    struct alert_baseline *b = pool_take(m->pool, sizeof *b);
    if (!b) {
        m->nomem = true;
        return;
    }
    out->baseline = b;
    out->baseline_n = 1;
    if (out->node_n > 1)
        conf_report_at(m->report, row->baseline_pos,
                       "a baseline was fitted to one node, the rule stands for %zu", out->node_n);
    if (row->baseline.base == 0 && row->baseline.driver.n == 0)
        conf_report_at(m->report, row->baseline_pos, "a baseline of nothing expects nothing");
    if (out->node_n)
        b->node = m->plant->node[out->node[0]].id;
    b->from_ms = INT64_MIN;
    b->base_kwh_per_h = (double)row->baseline.base / 1e6;
    for (size_t i = 0; i < row->baseline.driver.n; i++)
        take_driver(m, &row->baseline.driver.at[i], b);
}

/* --- named --------------------------------------------------------------------------------------
 */

static void report_name(struct making *m, const struct conf_name *name) {
    if (!m->baselines) {
        conf_report_at(m->report, name->pos,
                       "baseline %s is not looked for: no folder of frozen baselines is named (the "
                       "key baselines of the aggregator's file, --baselines of the tool)",
                       name->id.s);
        return;
    }
    const char **legal = calloc(m->baselines->n + 1, sizeof *legal);
    for (size_t i = 0; legal && i < m->baselines->n; i++)
        legal[i] = m->baselines->file[i].name.s;
    making_missing(m, name->pos, "frozen baseline", name->id.s, legal, legal ? m->baselines->n : 0);
    free(legal);
}

static bool stands_for(const struct making *m, const struct alert_rule *r,
                       const struct ident *node) {
    for (size_t i = 0; i < r->node_n; i++)
        if (ident_equal(&m->plant->node[r->node[i]].id, node))
            return true;
    return false;
}

/* Of an excess the window's own sums are looked at, and those are its node's. */
static const struct alert_driver *
foreign_driver(const struct making *m, const struct baseline_file *f, const struct alert_rule *r) {
    for (size_t i = 0; i < f->n; i++)
        for (size_t k = 0; k < f->line[i].driver_n; k++) {
            const struct alert_driver *d = &f->line[i].driver[k];
            const bool there =
                r->condition == ALERT_DRIFT && plant_find_node(m->plant, d->node.s) != UINT32_MAX;
            if (d->node.s[0] && !there)
                return d;
        }
    return NULL;
}

/* NULL: reported. */
static const struct baseline_file *find_named(struct making *m, const struct conf_name *name,
                                              const struct alert_rule *r) {
    const struct baseline_file *f = baselines_find(m->baselines, name->id.s);
    if (!f) {
        report_name(m, name);
        return NULL;
    }
    const struct alert_driver *d = foreign_driver(m, f, r);
    if (f->why[0])
        conf_report_at(m->report, name->pos, "no rule can be held against %s (%s): %s", name->id.s,
                       f->path, f->why);
    else if (!stands_for(m, r, &f->line[0].node))
        conf_report_at(m->report, name->pos,
                       "%s is a baseline of %s, for which the rule does not stand", name->id.s,
                       f->line[0].node.s);
    else if (d && r->condition == ALERT_DRIFT)
        conf_report_at(m->report, name->pos, "%s looks at %s, which is no node of the plant",
                       name->id.s, d->node.s);
    else if (d)
        conf_report_at(m->report, name->pos,
                       "%s looks at another node, %s: the key drift goes with it", name->id.s,
                       d->node.s);
    else
        return f;
    return NULL;
}

static int by_node(const void *x, const void *y) {
    const struct alert_baseline *a = x, *b = y;
    const int order = strcmp(a->node.s, b->node.s);
    return order ? order : (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

static void check_each(struct making *m, const struct alert_rule *r, struct conf_pos pos) {
    for (size_t i = 0; i < r->node_n; i++) {
        size_t n = 0;
        if (!alert_rule_baselines(r, &m->plant->node[r->node[i]].id, &n))
            conf_report_at(m->report, pos, "of %s no frozen baseline is named",
                           m->plant->node[r->node[i]].id.s);
    }
}

/* Each node has one; their lines stand together. */
static void take_named(struct making *m, const struct names_at *names, struct conf_pos pos,
                       struct alert_rule *out) {
    const size_t before = conf_report_count(m->report);
    size_t n = 0;
    for (size_t i = 0; i < names->n; i++) {
        const struct baseline_file *f = find_named(m, &names->at[i], out);
        for (size_t k = 0; f && k < i; k++) {
            const struct baseline_file *other = baselines_find(m->baselines, names->at[k].id.s);
            if (other && ident_equal(&other->line[0].node, &f->line[0].node))
                conf_report_at(m->report, names->at[i].pos, "%s has a baseline already: %s",
                               f->line[0].node.s, names->at[k].id.s);
        }
        n += f ? f->n : 0;
    }
    struct alert_baseline *line = pool_take(m->pool, n * sizeof *line);
    m->nomem = m->nomem || !line;
    if (!line || conf_report_count(m->report) != before)
        return;
    out->baseline = line;
    for (size_t i = 0; i < names->n; i++) {
        const struct baseline_file *f = baselines_find(m->baselines, names->at[i].id.s);
        memcpy(line + out->baseline_n, f->line, f->n * sizeof *line);
        out->baseline_n += f->n;
    }
    qsort(line, out->baseline_n, sizeof *line, by_node);
    check_each(m, out, pos);
}

/* --- doors --------------------------------------------------------------------------------------
 */

static void check_energy(struct making *m, struct conf_pos pos, const struct alert_rule *r) {
    if (r->subject != ALERT_QUANTITY || r->quantity != ALERT_Q_ENERGY)
        conf_report_at(m->report, pos, "a baseline is of the signal energy");
}

void making_baseline(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    const struct baseline_row *b = &row->baseline;
    out->condition = ALERT_BASELINE;
    check_energy(m, row->baseline_pos, out);
    if (b->frozen.n == 0)
        take_written(m, row, out);
    else if (b->base_given || b->driver.n > 0)
        conf_report_at(m->report, row->baseline_pos,
                       "frozen excludes base and drivers: they stand in its file");
    else
        take_named(m, &b->frozen, row->baseline_pos, out);
}

void making_drift(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    out->condition = ALERT_DRIFT;
    check_energy(m, row->drift_pos, out);
    if (row->window.given)
        conf_report_at(m->report, row->window.pos,
                       "drift looks at the days or weeks of its baseline: it has no window");
    out->window = ALERT_DAY;
    out->minutes = 0;
    take_named(m, &row->drift, row->drift_pos, out);
}
