/* A rule of a file becomes one of the plant: names resolved, thresholds in units, cross-checks
 * made. */
#include <stdlib.h>
#include <string.h>

#include "alertfile/making.h"

#define MINUTE INT64_C(60000)
#define DAY (1440 * MINUTE)

void making_missing(struct making *m, struct conf_pos pos, const char *what, const char *word,
                    const char *const *legal, size_t n) {
    const char *near = legal ? ident_nearest(word, legal, n) : NULL;
    conf_report_at(m->report, pos, "%s %s does not exist%s%s%s", what, word,
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* --- window -------------------------------------------------------------------------------------
 */

/* Whole minutes, 0: it is none. */
static long minutes_of(const char *text) {
    char *end = NULL;
    const long n = strtol(text, &end, 10);
    while (end != text && *end == ' ')
        end++;
    if (strcmp(end, "min") == 0)
        return n;
    return strcmp(end, "h") == 0 && n == 1 ? 60 : 0;
}

static void take_window(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    const char *legal[ALERT_WINDOW_COUNT];
    size_t n = 0;
    out->window = ALERT_ROLLING;
    out->minutes = 15;
    if (!row->window.given)
        return;
    for (unsigned w = ALERT_HOUR; w < ALERT_WINDOW_COUNT; w++) {
        legal[n++] = alert_window_name((enum alert_window)w);
        if (strcmp(row->window.text, legal[n - 1]) == 0) {
            out->window = (uint8_t)w;
            out->minutes = 0;
            return;
        }
    }
    const long minutes = minutes_of(row->window.text);
    if (minutes >= 1 && minutes <= ALERT_ROLLING_MAX) {
        out->minutes = (uint8_t)minutes;
        return;
    }
    const char *near = ident_nearest(row->window.text, legal, n);
    conf_report_at(m->report, row->window.pos,
                   "\"%s\" is no window: expected 1 min to 60 min, hour, shift or day%s%s%s",
                   row->window.text, near ? "; did you mean " : "", near ? near : "",
                   near ? "?" : "");
}

static bool has_calendar(const struct plant *p, uint32_t node) {
    return plant_node_calendar(p, node) != UINT32_MAX;
}

static void check_window(struct making *m, const struct rule_row *row, const struct alert_rule *r) {
    for (size_t i = 0; i < r->node_n && r->window == ALERT_SHIFT; i++)
        if (!has_calendar(m->plant, r->node[i]))
            conf_report_at(m->report, row->window.pos, "%s has no calendar, so no shifts",
                           m->plant->node[r->node[i]].id.s);
    if (r->subject == ALERT_GAUGE && r->window != ALERT_ROLLING)
        conf_report_at(m->report, row->window.pos,
                       "a gauge is watched over a rolling window, such as 10 min");
}

/* --- times --------------------------------------------------------------------------------------
 */

static void check_minutes(struct making *m, const char *key, int64_t ms, struct conf_pos pos) {
    if (ms % MINUTE)
        conf_report_at(m->report, pos,
                       "%s is told in whole minutes: rules are looked at once a "
                       "minute",
                       key);
}

/* A window that begins anew begins the hold anew, too, more often than not. */
static void check_hold(struct making *m, const struct rule_row *row, const struct alert_rule *r) {
    const int64_t most_ms = r->window == ALERT_HOUR ? 60 * MINUTE : DAY;
    check_minutes(m, "for", row->for_ms, row->for_pos);
    check_minutes(m, "clear_for", row->clear_for_ms, row->clear_for_pos);
    if (r->window != ALERT_ROLLING && row->for_ms >= most_ms)
        conf_report_at(m->report, row->for_pos,
                       "no %s lasts longer than that: it begins anew before the hold is over",
                       alert_window_name((enum alert_window)r->window));
    else if (row->for_ms > DAY)
        conf_note_at(m->report, row->for_pos, "nothing is said before it lasted longer than a day");
    if (r->condition == ALERT_NO_DATA && row->for_ms > 0)
        conf_note_at(m->report, row->for_pos,
                     "without data for the window, and for that time more: a longer window says it "
                     "plainer");
}

/* So many alerts take some time, each with its hold and its end. */
static void check_flap(struct making *m, const struct rule_row *row) {
    const int64_t each =
        row->for_ms + row->clear_for_ms > MINUTE ? row->for_ms + row->clear_for_ms : MINUTE;
    if (row->flap_given && (row->flap.count - 1) * each > row->flap.within_ms)
        conf_report_at(m->report, row->flap_pos,
                       "so many alerts cannot come in that time: each takes %lld min with its "
                       "holds",
                       (long long)(each / MINUTE));
}

static void take_times(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    out->hold_ms = row->for_ms;
    out->clear_hold_ms = row->clear_for_ms;
    out->least_coverage = (double)row->coverage_ppm / 1e6;
    out->repeat_ms = row->repeat_ms;
    out->respond_ms = row->respond_ms;
    check_hold(m, row, out);
    check_flap(m, row);
    if (row->flap_given) {
        out->flaps = (uint8_t)row->flap.count;
        out->flap_ms = row->flap.within_ms;
        out->flap_quiet_ms = row->flap.quiet_ms;
    }
    if (!row->escalate_given)
        return;
    out->escalate_ms = row->escalate.after_ms;
    out->escalate_severity = (uint8_t)row->escalate.severity;
    for (size_t i = 0; i < out->level_n; i++)
        if (out->level[i].severity >= out->escalate_severity) {
            conf_report_at(m->report, row->escalate_pos,
                           "escalation makes it louder: %s is not above %s",
                           alert_severity_name((enum alert_severity)out->escalate_severity),
                           alert_severity_name((enum alert_severity)out->level[i].severity));
            return;
        }
}

/* --- schedule -----------------------------------------------------------------------------------
 */

static bool has_shift(const struct plant *p, uint32_t node, const struct ident *shift) {
    const uint32_t at = plant_node_calendar(p, node);
    for (size_t i = 0; at != UINT32_MAX && i < p->calendar_n; i++)
        for (size_t k = 0;
             ident_equal(&p->calendar[i].id, &p->calendar[at].id) && k < p->calendar[i].shift_n;
             k++)
            if (ident_equal(&p->calendar[i].shift[k].id, shift))
                return true;
    return false;
}

static void report_shift(struct making *m, const struct conf_name *name) {
    enum { SHIFTS = 64 };
    const char *legal[SHIFTS];
    size_t n = 0;
    for (size_t i = 0; i < m->plant->calendar_n; i++)
        for (size_t k = 0; k < m->plant->calendar[i].shift_n && n < SHIFTS; k++)
            legal[n++] = m->plant->calendar[i].shift[k].id.s;
    making_missing(m, name->pos, "shift", name->id.s, legal, n);
}

static void check_shift(struct making *m, const struct conf_name *name,
                        const struct alert_rule *r) {
    size_t without = 0;
    uint32_t first = UINT32_MAX;
    for (size_t i = 0; i < r->node_n; i++)
        if (!has_shift(m->plant, r->node[i], &name->id)) {
            first = without++ ? first : r->node[i];
        }
    if (without && without == r->node_n)
        report_shift(m, name);
    else if (without)
        conf_report_at(m->report, name->pos, "%s has no shift %s", m->plant->node[first].id.s,
                       name->id.s);
}

static const struct ident *take_ids(struct making *m, const struct names_at *names) {
    struct ident *at = pool_take(m->pool, names->n * sizeof *at);
    m->nomem = m->nomem || !at;
    for (size_t i = 0; at && i < names->n; i++)
        at[i] = names->at[i].id;
    return at;
}

static void take_schedule(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    out->in_shift = row->schedule == SCHEDULE_IN_SHIFT || row->shifts.n > 0;
    if (row->shifts.n > 0 && row->schedule_given && row->schedule == SCHEDULE_ALWAYS)
        conf_report_at(m->report, row->schedule_pos, "schedule: always contradicts shifts");
    for (size_t i = 0; i < row->shifts.n; i++)
        check_shift(m, &row->shifts.at[i], out);
    for (size_t i = 0; i < out->node_n && row->schedule == SCHEDULE_IN_SHIFT; i++)
        if (!has_calendar(m->plant, out->node[i]))
            conf_report_at(m->report, row->schedule_pos, "%s has no calendar, so no shifts",
                           m->plant->node[out->node[i]].id.s);
    out->shift = take_ids(m, &row->shifts);
    out->shift_n = row->shifts.n;
}

/* --- the rule -----------------------------------------------------------------------------------
 */

static const char *take_text(struct making *m, const char *text) {
    const char *copy = pool_text(m->pool, text ? text : "");
    m->nomem = m->nomem || !copy;
    return copy;
}

static void take_people(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    out->name = take_text(m, row->name && row->name[0] ? row->name : row->id.s);
    out->cause = take_text(m, row->cause);
    out->consequence = take_text(m, row->consequence);
    out->action = take_text(m, row->action);
    out->owner = take_text(m, row->owner);
    out->recipient = take_ids(m, &row->notify);
    out->recipient_n = row->notify.n;
    for (size_t i = 0; i < row->notify.n; i++)
        for (size_t k = 0; k < i; k++)
            if (ident_equal(&row->notify.at[i].id, &row->notify.at[k].id))
                conf_report_at(m->report, row->notify.at[i].pos, "%s is told already",
                               row->notify.at[i].id.s);
    if (row->repeat_ms > 0 && row->notify.n == 0)
        conf_note_at(m->report, row->pos, "it is repeated, but nobody is told: notify names none");
}

static void check_below(struct making *m, const struct rule_row *row, const struct alert_rule *r) {
    bool above_units = false;
    for (size_t i = 0; i < r->node_n; i++)
        above_units = above_units || m->plant->node[r->node[i]].level != LEVEL_UNIT;
    if (r->quiets && r->node_n && !above_units)
        conf_note_at(m->report, row->pos, "quiets: nothing lies below units");
}

void making_rule(struct making *m, const struct rule_row *row, struct alert_rule *out) {
    const size_t before = conf_report_count(m->report);
    const char *why = NULL;
    *out = (struct alert_rule){.id = row->id, .quiets = row->quiets};
    const bool watched = making_subject(m, row, out);
    making_scope(m, row, out);
    take_window(m, row, out);
    check_window(m, row, out);
    if (watched) {
        making_levels(m, row, out);
        making_context(m, row, out);
        making_data(m, row, out);
    }
    take_times(m, row, out);
    take_schedule(m, row, out);
    take_people(m, row, out);
    check_below(m, row, out);
    if (m->nomem || conf_report_count(m->report) != before)
        return;
    out->said = alert_rule_said(out);
    if (!alert_rule_check(out, m->plant->node_n, &why))
        conf_report_at(m->report, row->pos, "%s", why);
}
