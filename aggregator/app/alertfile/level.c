/* When it is too much: the condition a rule's keys stand for, and its levels. */
#include <stdlib.h>
#include <string.h>

#include "alertfile/making.h"
#include "alertfile/threshold.h"
#include "baseline/cusum.h"
#include "window/window.h"

/* How thresholds of a rule are written. */
struct measure {
    const char *unit, *word; /* of what */
    bool per_hour;
};

static struct measure measure_of(const struct making *m, const struct alert_rule *r) {
    switch ((enum alert_condition)r->condition) {
    case ALERT_NORM:
        return (struct measure){"1", "norm", false};
    case ALERT_BASELINE:
        return (struct measure){"1", "baseline", false};
    case ALERT_RATE:
        return (struct measure){alertfile_unit(m->plant, r), alertfile_watched(r), true};
    case ALERT_DRIFT:
        return (struct measure){"", "drift", false};
    case ALERT_VALUE:
    case ALERT_NO_DATA:
    case ALERT_CONDITION_COUNT:
        break;
    }
    return (struct measure){alertfile_unit(m->plant, r), alertfile_watched(r), false};
}

static void take_threshold(struct making *m, const struct measure *how, const struct text_at *t,
                           double *out) {
    char why[THRESHOLD_WHY];
    if (threshold_parse(t->text, how->unit, how->per_hour, out, why))
        conf_report_at(m->report, t->pos, "\"%s\" of %s %s", t->text, how->word, why);
}

/* The one threshold of a level; NULL: reported. */
static const struct text_at *threshold_of(struct making *m, const struct level_row *l,
                                          struct conf_pos pos) {
    const struct text_at *all[] = {&l->above, &l->below, &l->norm};
    const struct text_at *found = NULL;
    for (size_t i = 0; i < 3; i++) {
        if (found && all[i]->given) {
            conf_report_at(m->report, all[i]->pos, "above, below and norm exclude each other");
            return NULL;
        }
        found = all[i]->given ? all[i] : found;
    }
    if (!found)
        conf_report_at(m->report, pos,
                       "it says not when: above, below, norm or no_data is missing");
    return found;
}

static void check_clear(struct making *m, const struct text_at *clear, const struct alert_rule *r,
                        const struct alert_level *l) {
    if (r->below ? l->clear < l->threshold : l->clear > l->threshold)
        conf_report_at(m->report, clear->pos,
                       "the clear level lies on the wrong side: what is too much %s the threshold "
                       "is over at or %s it",
                       r->below ? "below" : "above", r->below ? "above" : "below");
}

static void check_order(struct making *m, struct conf_pos pos, const struct alert_rule *r,
                        size_t i) {
    const struct alert_level *low = &r->level[i - 1], *high = &r->level[i];
    if (r->below ? high->threshold >= low->threshold : high->threshold <= low->threshold)
        conf_report_at(m->report, pos,
                       "levels go from the mildest on: this one is reached before "
                       "the one in front of it");
    if (high->severity <= low->severity)
        conf_report_at(m->report, pos, "levels become louder: %s is not above %s",
                       alert_severity_name((enum alert_severity)high->severity),
                       alert_severity_name((enum alert_severity)low->severity));
}

/* Minutes of a rolling window, over all units of the node that has most of them. */
static size_t most_minutes(const struct making *m, const struct alert_rule *r) {
    size_t most = 0;
    for (size_t i = 0; i < r->node_n; i++) {
        size_t units = 0;
        for (uint32_t u = 0; u < m->plant->unit_n; u++)
            units += window_counts(m->plant, r->node[i], u);
        most = units > most ? units : most;
    }
    return most * r->minutes;
}

/* "above: 15 min" of ten minutes would never be so. */
static void check_reach(struct making *m, struct conf_pos pos, const struct alert_rule *r,
                        double threshold) {
    if (r->condition != ALERT_VALUE || r->subject != ALERT_QUANTITY || r->window != ALERT_ROLLING ||
        r->node_n == 0 || strcmp(alertfile_unit(m->plant, r), "min") != 0)
        return;
    const size_t most = most_minutes(m, r);
    if (r->below ? threshold <= 0 : threshold >= (double)most)
        conf_report_at(m->report, pos, "this is never so: of %s the window has 0 to %zu min",
                       alertfile_watched(r), most);
}

static bool is_norm(const struct level_row *l) {
    return l->norm.given;
}

/* The first level decides which way is bad. */
static bool take_sense(struct making *m, const struct level_row *l, const struct text_at *first,
                       struct alert_rule *out) {
    if (!is_norm(l)) {
        out->below = first == &l->below;
        return true;
    }
    if (out->condition != ALERT_VALUE) {
        conf_report_at(m->report, l->norm.pos, "norm excludes baseline, drift and rate");
        return false;
    }
    out->condition = ALERT_NORM;
    if (out->subject != ALERT_INDICATOR) {
        conf_report_at(m->report, l->norm.pos, "only indicators have norms, %s is a signal",
                       alertfile_watched(out));
        return false;
    }
    const uint8_t direction = indicator_row((enum indicator)out->indicator)->direction;
    if (direction == AS_NORMED)
        conf_report_at(m->report, l->norm.pos,
                       "%s has no better direction: nothing is worse than its norm",
                       alertfile_watched(out));
    out->below = direction == HIGH_IS_BETTER;
    return direction != AS_NORMED;
}

static void note_sense(struct making *m, const struct level_row *l, const struct alert_rule *r,
                       const struct alert_level *level) {
    if (is_norm(l) && (r->below ? level->threshold > 1 : level->threshold < 1))
        conf_note_at(m->report, l->norm.pos,
                     "of %s %s is better: this is reached while the norm is met",
                     alertfile_watched(r), r->below ? "more" : "less");
}

static void take_level(struct making *m, const struct rule_row *row, const struct level_row *l,
                       size_t i, struct alert_rule *out) {
    const struct conf_pos pos = row->levels_given ? l->pos : row->pos;
    const struct text_at *t = threshold_of(m, l, pos);
    struct alert_level *level = &out->level[i];
    if (!t || (i == 0 && !take_sense(m, l, t, out)))
        return;
    if (i > 0 && (is_norm(l) != (out->condition == ALERT_NORM) ||
                  (!is_norm(l) && (t == &l->below) != out->below))) {
        conf_report_at(m->report, t->pos,
                       "all levels of a rule are of one kind: above, below or "
                       "norm");
        return;
    }
    const struct measure how = measure_of(m, out);
    const size_t before = conf_report_count(m->report);
    level->severity = (uint8_t)l->severity;
    take_threshold(m, &how, t, &level->threshold);
    level->clear = level->threshold;
    if (l->clear.given)
        take_threshold(m, &how, &l->clear, &level->clear);
    out->level_n = (uint8_t)(i + 1);
    if (conf_report_count(m->report) != before)
        return;
    if (l->clear.given)
        check_clear(m, &l->clear, out, level);
    if (i > 0)
        check_order(m, t->pos, out, i);
    check_reach(m, t->pos, out, level->threshold);
    note_sense(m, l, out, level);
}

/* --- conditions ---------------------------------------------------------------------------------
 */

static void take_rate(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    out->condition = ALERT_RATE;
    out->span_min = (uint8_t)(row->rate_ms / 60000);
    if (row->rate_ms % 60000)
        conf_report_at(m->report, row->rate_pos, "rate is told in whole minutes");
    if (out->window != ALERT_ROLLING)
        conf_report_at(m->report, row->rate_pos,
                       "a change is one of the last minutes: window: %s begins anew",
                       alert_window_name((enum alert_window)out->window));
}

static void take_no_data(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    const struct text_at *all[] = {&row->level.above, &row->level.below, &row->level.norm,
                                   &row->level.clear};
    out->condition = ALERT_NO_DATA;
    out->level_n = 1;
    out->level[0].severity = (uint8_t)row->level.severity;
    for (size_t i = 0; i < 4; i++)
        if (all[i]->given)
            conf_report_at(m->report, all[i]->pos,
                           "with no_data there is no value to hold this "
                           "against");
    if (row->levels_given)
        conf_report_at(m->report, row->levels_pos, "no_data has one level: its severity");
    if (out->window != ALERT_ROLLING)
        conf_report_at(m->report, row->no_data_pos,
                       "no_data looks at the last minutes: window: %s "
                       "begins anew",
                       alert_window_name((enum alert_window)out->window));
}

/* False: more than one. */
static bool one_condition(struct making *m, const struct rule_row *row) {
    if (row->baseline_given + row->rate_given + row->no_data + row->drift_given < 2)
        return true;
    conf_report_at(m->report,
                   row->no_data       ? row->no_data_pos
                   : row->drift_given ? row->drift_pos
                                      : row->rate_pos,
                   "baseline, drift, rate and no_data exclude each other");
    return false;
}

static bool has_level(const struct rule_row *row) {
    const struct level_row *l = &row->level;
    return l->above.given || l->below.given || l->norm.given || l->clear.given ||
           row->severity_given;
}

/* Of drift there is a usual one. */
static bool has_threshold(const struct rule_row *row) {
    const struct level_row *l = &row->level;
    return l->above.given || l->below.given || l->norm.given || l->clear.given || row->levels_given;
}

void making_levels(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    out->condition = ALERT_VALUE;
    if (!one_condition(m, row))
        return;
    if (row->no_data) {
        take_no_data(m, row, out);
        return;
    }
    if (row->baseline_given)
        making_baseline(m, row, out);
    if (row->drift_given)
        making_drift(m, row, out);
    if (row->rate_given)
        take_rate(m, row, out);
    if (row->drift_given && !has_threshold(row)) {
        out->level_n = 1;
        out->level[0] =
            (struct alert_level){CUSUM_LIMIT, CUSUM_LIMIT, (uint8_t)row->level.severity};
        return;
    }
    if (!row->levels_given) {
        take_level(m, row, &row->level, 0, out);
        return;
    }
    if (has_level(row))
        conf_report_at(m->report, row->levels_pos,
                       "with levels, above, below, norm, clear and severity stand in each of them");
    if (row->level_n == 0)
        conf_report_at(m->report, row->levels_pos, "a rule has a level at least");
    for (size_t i = 0; i < row->level_n && i < ALERT_LEVELS_MAX; i++)
        take_level(m, row, &row->levels[i], i, out);
}
