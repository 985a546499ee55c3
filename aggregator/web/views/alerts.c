#include "views/alerts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- those that stand --------------------------------------------------------------------------
 */

struct shown {
    struct alert_view v;
    uint8_t rank; /* active before hidden before normal, the loudest first */
};

static uint8_t rank_of(const struct alert_view *v) {
    static const uint8_t by_state[ALERT_STATE_COUNT] = {
        [ALERT_ACTIVE] = 7,     [ALERT_ACKED] = 6,   [ALERT_RETURNED] = 5,
        [ALERT_SUPPRESSED] = 4, [ALERT_SHELVED] = 3, [ALERT_OUT_OF_SERVICE] = 2,
        [ALERT_PENDING] = 1,    [ALERT_NORMAL] = 0};
    return (uint8_t)(by_state[v->state] * ALERT_SEVERITY_COUNT + v->severity);
}

static int by_rank(const void *x, const void *y) {
    const struct shown *a = x, *b = y;
    if (a->rank != b->rank)
        return a->rank < b->rank ? 1 : -1;
    if (a->v.since_ms != b->v.since_ms)
        return a->v.since_ms < b->v.since_ms ? -1 : 1;
    const int rule = strcmp(a->v.rule->id.s, b->v.rule->id.s);
    return rule ? rule : (a->v.node > b->v.node) - (a->v.node < b->v.node);
}

static bool is_below(const struct plant *p, uint32_t node, uint32_t above) {
    while (node != above && node != UINT32_MAX)
        node = p->node[node].parent;
    return node == above;
}

static void put_text(struct json_writer *w, const char *key, const char *text) {
    json_writer_key(w, key);
    json_writer_text(w, text && *text ? text : NULL);
}

static void put_int(struct json_writer *w, const char *key, int64_t v) {
    json_writer_key(w, key);
    json_writer_int64(w, v);
}

static void put_real(struct json_writer *w, const char *key, double v) {
    json_writer_key(w, key);
    json_writer_real(w, v);
}

static void put_bool(struct json_writer *w, const char *key, bool v) {
    json_writer_key(w, key);
    json_writer_bool(w, v);
}

/* 0: none. */
static void put_time(struct json_writer *w, const char *key, int64_t t_ms) {
    char text[UTC_TEXT];
    json_writer_key(w, key);
    if (t_ms == 0) {
        json_writer_null(w);
        return;
    }
    utc_format(t_ms, text);
    json_writer_text(w, text);
}

static const char *unit_of(const struct plant *p, const struct alert_rule *r) {
    if (r->condition == ALERT_BASELINE)
        return "1";
    if (r->condition == ALERT_DRIFT)
        return "SE"; /* standard errors of a row */
    if (r->condition == ALERT_NO_DATA)
        return "";
    if (r->subject == ALERT_GAUGE)
        return plant_gauge_unit(p, &r->gauge);
    if (r->subject == ALERT_QUANTITY && r->quantity >= ALERT_Q_GAS && r->quantity <= ALERT_Q_FUEL)
        return p->carrier[r->quantity - ALERT_Q_GAS].unit;
    return r->subject == ALERT_INDICATOR
               ? indicator_unit(p, (enum indicator)r->indicator)
               : alert_quantity_row((enum alert_quantity)r->quantity)->unit;
}

/* Of values and thresholds; a rate is so much an hour. */
static void put_unit(struct json_writer *w, const struct plant *p, const struct alert_rule *r) {
    char text[64];
    const char *unit = unit_of(p, r);
    unit = unit ? unit : "";
    (void)snprintf(text, sizeof text, "%s/h", *unit ? unit : "1");
    put_text(w, "unit", r->condition == ALERT_RATE ? text : unit);
}

static const char *subject_of(const struct alert_rule *r) {
    if (r->subject == ALERT_INDICATOR)
        return indicator_row((enum indicator)r->indicator)->id;
    return r->subject == ALERT_QUANTITY ? alert_quantity_row((enum alert_quantity)r->quantity)->id
                                        : r->gauge.s;
}

static void put_rule(struct json_writer *w, const struct plant *p, const struct alert_rule *r) {
    put_text(w, "name", r->name);
    put_text(w, "subject", subject_of(r));
    put_text(w, "condition", alert_condition_name((enum alert_condition)r->condition));
    put_text(w, "direction", r->below ? "below" : "above");
    put_text(w, "product", r->product.s);
    put_text(w, "team", r->team.s);
    put_unit(w, p, r);
    put_text(w, "cause", r->cause);
    put_text(w, "consequence", r->consequence);
    put_text(w, "action", r->action);
    put_text(w, "owner", r->owner);
    put_int(w, "respond_ms", r->respond_ms);
    json_writer_key(w, "recipients");
    json_writer_begin_array(w);
    for (size_t i = 0; i < r->recipient_n; i++)
        json_writer_text(w, r->recipient[i].s);
    json_writer_end_array(w);
}

static void put_alert(struct json_writer *w, const struct plant *p, const struct alert_view *v,
                      int64_t now_ms) {
    json_writer_begin_object(w);
    put_text(w, "rule", v->rule->id.s);
    put_text(w, "node", p->node[v->node].id.s);
    put_text(w, "node_name", p->node[v->node].name);
    put_text(w, "state", alert_state_name((enum alert_state)v->state));
    put_text(w, "severity", v->level ? alert_severity_name((enum alert_severity)v->severity) : "");
    put_int(w, "level", v->level);
    put_time(w, "since", v->since_ms);
    put_int(w, "age_ms", v->since_ms ? now_ms - v->since_ms : 0);
    put_time(w, "active_since", v->active_ms);
    put_time(w, "until", v->until_ms);
    put_time(w, "observed", v->observed_ms);
    put_bool(w, "no_data", v->no_data);
    put_real(w, "value", v->value);
    put_real(w, "threshold", v->threshold);
    put_bool(w, "first_out", v->mark & ALERT_FIRST_OUT);
    put_bool(w, "flood", v->mark & ALERT_FLOOD);
    put_bool(w, "flapping", v->mark & ALERT_FLAPPING);
    put_int(w, "event", (int64_t)v->event);
    put_text(w, "who", v->who);
    put_text(w, "note", v->note);
    put_rule(w, p, v->rule);
    json_writer_end_object(w);
}

static void put_counts(struct json_writer *w, const struct alerts *a, int64_t now_ms) {
    struct alert_figures f;
    alerts_figures(a, now_ms, &f);
    json_writer_key(w, "states");
    json_writer_begin_object(w);
    for (unsigned s = 0; s < ALERT_STATE_COUNT; s++)
        put_int(w, alert_state_name((enum alert_state)s), (int64_t)f.by_state[s]);
    json_writer_end_object(w);
    json_writer_key(w, "active");
    json_writer_begin_object(w);
    for (unsigned s = 0; s < ALERT_SEVERITY_COUNT; s++)
        put_int(w, alert_severity_name((enum alert_severity)s), (int64_t)f.active_by_severity[s]);
    json_writer_end_object(w);
    put_int(w, "positions_flooded", (int64_t)f.positions_flooded);
}

enum err view_alerts(struct json_writer *w, const struct core *core, const struct view_alerts *ask,
                     int64_t now_ms) {
    const struct alerts *a = core_alerts(core);
    const struct plant *p = core_plant(core);
    const size_t all = alerts_count(a);
    struct shown *shown = calloc(all ? all : 1, sizeof *shown);
    size_t n = 0;
    if (!shown)
        return ERR_NOMEM;
    for (size_t i = 0; i < all; i++) {
        struct shown *x = &shown[n];
        alerts_view(a, i, &x->v);
        x->rank = rank_of(&x->v);
        const bool stands = x->v.state != ALERT_NORMAL && x->v.state != ALERT_PENDING;
        n += (ask->all || stands) && (ask->node == UINT32_MAX || is_below(p, x->v.node, ask->node));
    }
    qsort(shown, n, sizeof *shown, by_rank);
    json_writer_begin_object(w);
    put_time(w, "now", now_ms);
    put_int(w, "found", (int64_t)n);
    put_int(w, "event", (int64_t)core_alerts_durable(core));
    put_counts(w, a, now_ms);
    json_writer_key(w, "alerts");
    json_writer_begin_array(w);
    for (size_t i = 0; i < n && i < ask->limit; i++)
        put_alert(w, p, &shown[i].v, now_ms);
    json_writer_end_array(w);
    json_writer_end_object(w);
    free(shown);
    return json_writer_finish(w);
}

/* --- what happened -----------------------------------------------------------------------------
 */

void view_alert_event(struct json_writer *w, const struct alert_event *e) {
    json_writer_begin_object(w);
    put_int(w, "n", (int64_t)e->n);
    put_time(w, "at", e->at_ms);
    put_time(w, "told", e->told_ms);
    put_text(w, "rule", e->rule.s);
    put_text(w, "node", e->node.s);
    put_text(w, "from", alert_state_name((enum alert_state)e->from));
    put_text(w, "to", alert_state_name((enum alert_state)e->to));
    put_text(w, "why", alert_why_name((enum alert_why)e->why));
    put_text(w, "severity", alert_severity_name((enum alert_severity)e->severity));
    put_int(w, "level", e->level);
    put_real(w, "value", e->value);
    put_real(w, "threshold", e->threshold);
    put_bool(w, "first_out", e->mark & ALERT_FIRST_OUT);
    put_bool(w, "flood", e->mark & ALERT_FLOOD);
    put_bool(w, "flapping", e->mark & ALERT_FLAPPING);
    put_time(w, "until", e->until_ms);
    put_text(w, "who", e->who);
    put_text(w, "note", e->note);
    json_writer_end_object(w);
}

/* --- the present, for figures ------------------------------------------------------------------
 */

static void keep_longest(struct view_alarms_now *out, const struct plant *p,
                         const struct alert_view *v) {
    size_t at = out->standing < VIEW_STANDING_MAX ? out->standing : VIEW_STANDING_MAX;
    out->standing++;
    while (at > 0 && out->longest[at - 1].since_ms > v->active_ms) {
        if (at < VIEW_STANDING_MAX)
            out->longest[at] = out->longest[at - 1];
        at--;
    }
    if (at == VIEW_STANDING_MAX)
        return;
    out->longest[at].rule = v->rule->id;
    out->longest[at].node = p->node[v->node].id;
    out->longest[at].since_ms = v->active_ms;
}

void view_alarms_now(const struct core *core, int64_t now_ms, struct view_alarms_now *out) {
    const struct alerts *a = core_alerts(core);
    struct alert_figures f;
    alerts_figures(a, now_ms, &f);
    *out = (struct view_alarms_now){.active = f.by_state[ALERT_ACTIVE] + f.by_state[ALERT_ACKED],
                                    .unacknowledged =
                                        f.by_state[ALERT_ACTIVE] + f.by_state[ALERT_RETURNED],
                                    .shelved = f.by_state[ALERT_SHELVED],
                                    .out_of_service = f.by_state[ALERT_OUT_OF_SERVICE],
                                    .suppressed = f.by_state[ALERT_SUPPRESSED],
                                    .flapping = f.flapping,
                                    .no_data = f.no_data,
                                    .positions_flooded = f.positions_flooded};
    for (size_t i = 0; i < alerts_count(a); i++) {
        struct alert_view v;
        alerts_view(a, i, &v);
        if (v.active_ms && now_ms - v.active_ms >= UTC_DAY_MS)
            keep_longest(out, core_plant(core), &v);
    }
}

/* --- commands ----------------------------------------------------------------------------------
 */

static enum err wrong(char why[160], const char *text) {
    (void)snprintf(why, 160, "%s", text);
    return ERR_FORMAT;
}

static bool take_text(const struct json_value *root, const char *key, struct span *out) {
    const struct json_value *v = json_find(root, key);
    return json_kind(v) == JSON_KIND_NULL || json_string_of(v, out) == ERR_OK;
}

static enum err take_act(const struct json_value *root, struct alert_command *out, char why[160]) {
    struct span act = {0};
    if (!take_text(root, "act", &act))
        return wrong(why, "act: a text is expected.");
    for (unsigned k = 0; k < ALERT_ACTS; k++) {
        out->act = (uint8_t)k;
        if (span_equal(act, span_str(alert_act_name((enum alert_act)k))))
            return ERR_OK;
    }
    return wrong(why, "act: one of ack, shelve, unshelve, disable, enable.");
}

/* Of a shelf: until a time, or for some minutes. */
static enum err take_until(const struct json_value *root, int64_t now_ms, struct alert_command *out,
                           char why[160]) {
    const struct json_value *minutes = json_find(root, "minutes");
    struct span until = {0};
    int64_t n = 0;
    if (!take_text(root, "until", &until))
        return wrong(why, "until: a time is expected, such as 2026-11-26T14:00:00Z.");
    if (until.n && json_kind(minutes) != JSON_KIND_NULL)
        return wrong(why, "until, minutes: one of them.");
    if (until.n && utc_parse(until, &out->until_ms))
        return wrong(why, "until: a time is expected, such as 2026-11-26T14:00:00Z.");
    if (json_kind(minutes) == JSON_KIND_NULL)
        return until.n || out->act != ALERT_SHELVE
                   ? ERR_OK
                   : wrong(why, "until: a shelf needs an end; or minutes.");
    if (json_int64_of(minutes, &n) || n < 1 || n > ALERT_SHELF_MAX / UTC_MINUTE_MS)
        return wrong(why, "minutes: 1 to 10080.");
    out->until_ms = now_ms + n * UTC_MINUTE_MS;
    return ERR_OK;
}

static enum err take_all(const struct json_value *root, int64_t now_ms, struct alert_command *out,
                         char why[160]) {
    struct span rule = {0}, node = {0};
    struct json_walk walk = {0};
    while (json_next(root, &walk)) {
        static const char *const known[] = {"act",  "rule",  "node",   "who",
                                            "note", "until", "minutes"};
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            is_known = is_known || span_equal(walk.key, span_str(known[i]));
        if (!is_known) {
            (void)snprintf(why, 160,
                           "%.*s: known are act, rule, node, who, note, until and minutes.",
                           (int)(walk.key.n < 31 ? walk.key.n : 31), (const char *)walk.key.p);
            return ERR_FORMAT;
        }
    }
    enum err err = take_act(root, out, why);
    if (err)
        return err;
    if (!take_text(root, "rule", &rule) || !ident_set(&out->rule, rule))
        return wrong(why, "rule: the id of a rule is expected.");
    if (!take_text(root, "node", &node) || !ident_set(&out->node, node))
        return wrong(why, "node: the id of a node is expected.");
    if (!take_text(root, "who", &out->who))
        return wrong(why, "who: a text is expected.");
    if (!take_text(root, "note", &out->note))
        return wrong(why, "note: a text is expected.");
    return take_until(root, now_ms, out, why);
}

enum err view_alert_read(struct span json, int64_t now_ms, struct json_value **root,
                         struct alert_command *out, char why[160]) {
    struct json_error where;
    *out = (struct alert_command){0};
    *root = NULL;
    enum err err = json_parse(json, NULL, root, &where);
    if (err == ERR_NOMEM)
        return err;
    if (err) {
        (void)snprintf(why, 160, "line %u, column %u: %.120s", where.line, where.column,
                       where.text);
        return ERR_FORMAT;
    }
    if (json_kind(*root) != JSON_KIND_OBJECT)
        return wrong(why, "an object is expected.");
    return take_all(*root, now_ms, out, why);
}
