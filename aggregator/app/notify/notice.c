#include "notify/notice.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "notify/notice_norm.h"
#include "plant/plant.h"

enum { LINES_MAX = 200 /* of a digest */ };

void notice_id(const struct notice_world *w, const struct notice *n, char text[NOTICE_ID]) {
    if (n->test)
        snprintf(text, NOTICE_ID, "%016" PRIx64 "-test", w->store_id);
    else
        snprintf(text, NOTICE_ID, "%016" PRIx64 "-%" PRIu64, w->store_id, n->event->n);
}

void notice_time(const struct plant *p, int64_t t_ms, char text[NOTICE_TIME]) {
    int32_t off_min = zone_offset_s(p->zone, t_ms) / 60, by = off_min < 0 ? -off_min : off_min;
    struct utc_parts at = zone_local(p->zone, t_ms);
    snprintf(text, NOTICE_TIME, "%04d-%02d-%02d %02d:%02d:%02d %c%02d:%02d", at.year, at.month,
             at.day, at.hour, at.minute, at.second, off_min < 0 ? '-' : '+', by / 60, by % 60);
}

uint32_t notice_node(const struct plant *p, const struct alert_event *e) {
    return plant_find_node(p, e->node.s);
}

bool notice_is_active(const struct alert_event *e) {
    return e->to == ALERT_ACTIVE || e->to == ALERT_ACKED;
}

static const char *quantity_unit(const struct plant *p, enum alert_quantity q) {
    if (q >= ALERT_Q_GAS && q <= ALERT_Q_FUEL)
        return p->carrier[q - ALERT_Q_GAS].unit;
    return alert_quantity_row(q)->unit;
}

/* The value of a baseline is a ratio, what is over it to what is expected; that of a norm is told
 * as it was observed, beside so much of the norm. */
const char *notice_unit(const struct plant *p, const struct alert_rule *r) {
    const char *unit = "";
    if (!r || r->condition == ALERT_NO_DATA)
        return "";
    if (r->condition == ALERT_BASELINE)
        return "beyond expected";
    if (r->condition == ALERT_DRIFT)
        return "standard errors";
    if (r->subject == ALERT_INDICATOR)
        unit = indicator_unit(p, (enum indicator)r->indicator);
    else if (r->subject == ALERT_QUANTITY)
        unit = quantity_unit(p, (enum alert_quantity)r->quantity);
    else if (r->subject == ALERT_GAUGE)
        unit = plant_gauge_unit(p, &r->gauge);
    return unit && strcmp(unit, "1") != 0 ? unit : "";
}

/* --- fields -------------------------------------------------------------------------------------
 */

static void add_time(const struct notice_world *w, int64_t t_ms, struct buf *out) {
    char text[NOTICE_TIME];
    if (t_ms <= 0)
        return;
    notice_time(w->plant, t_ms, text);
    (void)buf_add_str(out, text);
}

/* The two largest parts that are not 0: "1 h 30 min". */
static void add_duration(const struct words *words, int64_t ms, struct buf *out) {
    const struct {
        int64_t ms;
        const char *unit;
    } part[] = {{UTC_DAY_MS, words->day},
                {UTC_HOUR_MS, words->h},
                {UTC_MINUTE_MS, words->min},
                {UTC_SECOND_MS, words->s}};
    unsigned told = 0;
    for (size_t i = 0; i < sizeof part / sizeof *part && told < 2; i++) {
        int64_t n = ms / part[i].ms;
        ms %= part[i].ms;
        if (n == 0 && told == 0)
            continue;
        if (n > 0)
            (void)buf_addf(out, "%s%" PRId64 " %s", told ? " " : "", n, part[i].unit);
        told++;
    }
}

/* A rate is so much an hour. */
static void add_unit(const struct notice_world *w, const struct notice *n, struct buf *out) {
    const char *unit = notice_unit(w->plant, n->rule);
    bool rate = n->rule && n->rule->condition == ALERT_RATE;
    (void)buf_addf(out, "%s%s", unit, !rate ? "" : *unit ? "/h" : "1/h");
}

static void add_number(double v, struct buf *out) {
    if (isfinite(v))
        (void)buf_addf(out, "%.6g", v);
}

static void add_value(const struct notice_world *w, const struct notice *n, struct buf *out) {
    if (isfinite(n->event->value))
        add_number(n->event->value, out);
    else if (n->rule && n->rule->condition == ALERT_NO_DATA && notice_is_active(n->event))
        (void)buf_add_str(out, w->words->no_data);
}

static void add_marks(const struct words *words, unsigned marks, struct buf *out) {
    const struct {
        unsigned bit;
        const char *word;
    } mark[] = {{ALERT_FIRST_OUT, words->first_out},
                {ALERT_FLAPPING, words->flapping},
                {ALERT_FLOOD, words->flood}};
    size_t begun = out->n;
    for (size_t i = 0; i < sizeof mark / sizeof *mark; i++)
        if (marks & mark[i].bit)
            (void)buf_addf(out, "%s%s", out->n > begun ? ", " : "", mark[i].word);
}

static void add_name(const char *name, const char *id, struct buf *out) {
    (void)buf_add_str(out, name && *name ? name : id);
}

static void add_text(const char *text, struct buf *out) {
    (void)buf_add_str(out, text ? text : "");
}

static const char *node_name(const struct notice_world *w, const struct alert_event *e) {
    uint32_t node = notice_node(w->plant, e);
    return node == UINT32_MAX ? NULL : w->plant->node[node].name;
}

/* Where a person goes to see it. */
static void add_url(const struct notice_world *w, const struct notice *n, struct buf *out) {
    if (w->url && *w->url)
        (void)buf_addf(out, "%s%s#%s", w->url, w->url[strlen(w->url) - 1] == '/' ? "" : "/",
                       n->event->node.s);
}

static void add_id(const struct notice_world *w, const struct notice *n, struct buf *out) {
    char id[NOTICE_ID];
    notice_id(w, n, id);
    (void)buf_add_str(out, id);
}

#define VALUE(name, ...)                                                                           \
    static void name(const struct notice_world *w, const struct notice *n, struct buf *out) {      \
        (void)w, (void)n;                                                                          \
        __VA_ARGS__;                                                                               \
    }
VALUE(put_rule, add_text(n->event->rule.s, out))
VALUE(put_node, add_text(n->event->node.s, out))
VALUE(put_site, add_text(w->plant->site.s, out))
VALUE(put_name, add_name(n->rule ? n->rule->name : NULL, n->event->rule.s, out))
VALUE(put_node_name, add_name(node_name(w, n->event), n->event->node.s, out))
VALUE(put_event, add_text(n->test ? w->words->test : w->words->why[n->event->why], out))
VALUE(put_state, add_text(w->words->state[n->event->to], out))
VALUE(put_severity, add_text(w->words->severity[n->event->severity], out))
VALUE(put_level, if (n->event->level)(void) buf_addf(out, "%u", n->event->level))
VALUE(put_threshold, add_number(n->event->threshold, out))
VALUE(put_at, add_time(w, n->event->at_ms, out))
VALUE(put_since, add_time(w, n->active_ms, out))
VALUE(put_until, add_time(w, n->event->until_ms, out))
VALUE(put_cause, add_text(n->rule ? n->rule->cause : NULL, out))
VALUE(put_consequence, add_text(n->rule ? n->rule->consequence : NULL, out))
VALUE(put_action, add_text(n->rule ? n->rule->action : NULL, out))
VALUE(put_owner, add_text(n->rule ? n->rule->owner : NULL, out))
VALUE(put_respond_within, if (n->rule) add_duration(w->words, n->rule->respond_ms, out))
VALUE(put_who, add_text(n->event->who, out))
VALUE(put_note, add_text(n->event->note, out))
VALUE(put_marks, add_marks(w->words, n->event->mark, out))

void notice_field(const struct notice_world *w, const struct notice *n, enum template_field f,
                  struct buf *out) {
    static void (*const put[TEMPLATE_COUNT])(const struct notice_world *w, const struct notice *n,
                                             struct buf *out) = {
        [TEMPLATE_RULE] = put_rule,
        [TEMPLATE_NODE] = put_node,
        [TEMPLATE_SITE] = put_site,
        [TEMPLATE_ID] = add_id,
        [TEMPLATE_NAME] = put_name,
        [TEMPLATE_NODE_NAME] = put_node_name,
        [TEMPLATE_EVENT] = put_event,
        [TEMPLATE_STATE] = put_state,
        [TEMPLATE_SEVERITY] = put_severity,
        [TEMPLATE_LEVEL] = put_level,
        [TEMPLATE_VALUE] = add_value,
        [TEMPLATE_THRESHOLD] = put_threshold,
        [TEMPLATE_UNIT] = add_unit,
        [TEMPLATE_AT] = put_at,
        [TEMPLATE_SINCE] = put_since,
        [TEMPLATE_UNTIL] = put_until,
        [TEMPLATE_CAUSE] = put_cause,
        [TEMPLATE_CONSEQUENCE] = put_consequence,
        [TEMPLATE_ACTION] = put_action,
        [TEMPLATE_OWNER] = put_owner,
        [TEMPLATE_RESPOND_WITHIN] = put_respond_within,
        [TEMPLATE_WHO] = put_who,
        [TEMPLATE_NOTE] = put_note,
        [TEMPLATE_MARKS] = put_marks,
        [TEMPLATE_URL] = add_url};
    if (alert_event_is_norm(n->event) && notice_norm_field(w, n, f, out))
        return;
    if (f < TEMPLATE_COUNT && put[f])
        put[f](w, n, out);
}

/* --- texts --------------------------------------------------------------------------------------
 */

struct both {
    const struct notice_world *world;
    const struct notice *notice;
};

static void value_of(void *user, enum template_field f, struct buf *out) {
    const struct both *b = user;
    notice_field(b->world, b->notice, f, out);
}

enum err notice_subject(const struct notice_world *w, const struct notice *n, const char *subject,
                        struct buf *out) {
    struct both b = {w, n};
    if (n->test)
        (void)buf_addf(out, "%s ", w->words->test);
    const char *usual = alert_event_is_norm(n->event) ? w->words->norm->subject : w->words->subject;
    return template_fill(subject && *subject ? subject : usual, value_of, &b, template_one_line,
                         out);
}

enum err notice_body(const struct notice_world *w, const struct notice *n, const char *body,
                     struct buf *out) {
    struct both b = {w, n};
    const char *usual = alert_event_is_norm(n->event) ? w->words->norm->body : w->words->body;
    return template_fill_lines(body && *body ? body : usual, value_of, &b, template_plain, out);
}

/* With the gravest of them in front. */
enum err notice_many_subject(const struct notice_world *w, const struct notice *n, size_t count,
                             struct buf *out) {
    char text[64];
    uint8_t severity = ALERT_INFO;
    for (size_t i = 0; i < count; i++)
        severity = n[i].event->severity > severity ? n[i].event->severity : severity;
    (void)buf_addf(out, "[%s] %s: ", w->words->severity[severity], w->plant->site.s);
    snprintf(text, sizeof text, w->words->many_subject, count);
    return buf_add_str(out, text);
}

enum err notice_many_body(const struct notice_world *w, const struct notice *n, size_t count,
                          bool flood, struct buf *out) {
    char more[128];
    (void)buf_add_str(out, flood ? w->words->many_flood : w->words->many_late);
    for (size_t i = 0; i < count && i < LINES_MAX; i++) {
        struct both b = {w, &n[i]};
        (void)template_fill(w->words->many_line, value_of, &b, template_one_line, out);
    }
    if (count <= LINES_MAX)
        return out->failed ? ERR_NOMEM : ERR_OK;
    snprintf(more, sizeof more, w->words->many_more, count - LINES_MAX);
    return buf_add_str(out, more);
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static void json_text(struct json_writer *w, const char *key, const char *text) {
    json_writer_key(w, key);
    if (text && *text)
        json_writer_text(w, text);
    else
        json_writer_null(w);
}

static void json_time(struct json_writer *w, const char *key, int64_t t_ms) {
    char text[UTC_TEXT];
    if (t_ms > 0)
        utc_format(t_ms, text);
    json_text(w, key, t_ms > 0 ? text : NULL);
}

static void json_number(struct json_writer *w, const char *key, double v) {
    json_writer_key(w, key);
    json_writer_real(w, v);
}

static void json_mark(struct json_writer *w, const char *key, bool set) {
    json_writer_key(w, key);
    json_writer_bool(w, set);
}

static void json_rule(const struct notice *n, struct json_writer *out) {
    const struct alert_rule *r = n->rule;
    json_text(out, "cause", r ? r->cause : NULL);
    json_text(out, "consequence", r ? r->consequence : NULL);
    json_text(out, "action", r ? r->action : NULL);
    json_text(out, "owner", r ? r->owner : NULL);
    json_writer_key(out, "respond_within_s");
    if (r && r->respond_ms)
        json_writer_int64(out, r->respond_ms / 1000);
    else
        json_writer_null(out);
}

static void json_place(const struct notice_world *w, const struct notice *n,
                       struct json_writer *out) {
    const struct alert_event *e = n->event;
    json_text(out, "site", w->plant->site.s);
    json_text(out, "node", e->node.s);
    json_text(out, "node_name", node_name(w, e));
    if (alert_event_is_norm(e))
        return;
    json_text(out, "rule", e->rule.s);
    json_text(out, "name", n->rule ? n->rule->name : NULL);
}

static void json_measured(const struct notice_world *w, const struct notice *n,
                          struct json_writer *out) {
    struct buf unit;
    buf_init(&unit);
    add_unit(w, n, &unit);
    json_number(out, "value", n->event->value);
    json_number(out, "threshold", n->event->threshold);
    json_writer_key(out, "unit");
    json_writer_string(out, buf_span(&unit));
    buf_fini(&unit);
}

void notice_json(const struct notice_world *w, const struct notice *n, struct json_writer *out) {
    const struct alert_event *e = n->event;
    char id[NOTICE_ID];
    notice_id(w, n, id);
    json_text(out, "id", id);
    json_writer_key(out, "n");
    json_writer_int64(out, (int64_t)e->n);
    json_mark(out, "test", n->test);
    json_place(w, n, out);
    if (alert_event_is_norm(e)) {
        json_text(out, "event", alert_why_name((enum alert_why)e->why));
        json_text(out, "severity", alert_severity_name((enum alert_severity)e->severity));
        json_time(out, "at", e->at_ms);
        json_time(out, "told", e->told_ms);
        json_mark(out, "flood", (e->mark & ALERT_FLOOD) != 0);
        json_mark(out, "again", (e->mark & ALERT_AGAIN) != 0);
        notice_norm_json(n, out);
        return;
    }
    json_text(out, "from", alert_state_name((enum alert_state)e->from));
    json_text(out, "state", alert_state_name((enum alert_state)e->to));
    json_text(out, "event", n->test ? "test" : alert_why_name((enum alert_why)e->why));
    json_text(out, "severity", alert_severity_name((enum alert_severity)e->severity));
    json_writer_key(out, "level");
    json_writer_int64(out, e->level);
    json_measured(w, n, out);
    json_time(out, "at", e->at_ms);
    json_time(out, "told", e->told_ms);
    json_time(out, "active_since", n->active_ms);
    json_time(out, "until", e->until_ms);
    json_mark(out, "first_out", (e->mark & ALERT_FIRST_OUT) != 0);
    json_mark(out, "flapping", (e->mark & ALERT_FLAPPING) != 0);
    json_mark(out, "flood", (e->mark & ALERT_FLOOD) != 0);
    json_mark(out, "again", (e->mark & ALERT_AGAIN) != 0);
    json_text(out, "who", e->who);
    json_text(out, "note", e->note);
    json_rule(n, out);
}
