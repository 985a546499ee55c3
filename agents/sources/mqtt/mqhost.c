#include "mqtt/mqhost.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

enum {
    TEXT = 300,
    TOPICS_TOLD = 64,
    MOST_AHEAD_MS = 86400000 /* a time further ahead is none of today's */
};

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* --- what is not read ---------------------------------------------------------------------------
 */

/* Each topic is named once. */
static enum err unmatched(struct mqhost *h, struct span topic, const struct source_out *out) {
    h->stats.unmatched++;
    const enum err e = names_add(&h->topics, topic, 0);
    if (e == ERR_OK)
        mqpoints_refuse(out, "unmatched", topic, "no rule is for it; it is passed over");
    return e == ERR_NOMEM ? e : ERR_OK;
}

static void refuse(struct mqhost *h, const struct mqhost_message *m, const struct source_out *out,
                   const char *reason, const char *pointer, const char *expected) {
    char what[TEXT];
    h->stats.refused++;
    (void)snprintf(what, sizeof what, "%.120s%sexpected %.160s", pointer,
                   *pointer != '\0' ? ": " : "", expected);
    mqpoints_refuse(out, reason, m->topic, what);
}

/* Names what a record has instead. */
static void refuse_fields(struct mqhost *h, const struct mqhost_message *m,
                          const struct mqtt_rule *rule, const struct mqhost_record *record,
                          const struct source_out *out) {
    char text[TEXT / 2];
    struct json_walk w = {0};
    int n = snprintf(text, sizeof text, "one of its points, such as %.60s; it has",
                     rule->points[0].value);
    bool any = false;
    while (n < (int)sizeof text - 40 && json_next(record->at, &w)) {
        n += snprintf(text + n, sizeof text - (size_t)n, " /%.*s",
                      (int)(w.key.n < 30 ? w.key.n : 30), (const char *)w.key.p);
        any = true;
    }
    if (!any)
        (void)snprintf(text + n, sizeof text - (size_t)n, " no members");
    refuse(h, m, out, "fields", "", text);
}

/* --- records ------------------------------------------------------------------------------------
 */

static bool is_wanted(const struct mqtt_rule *rule, const struct mqname_from *from) {
    for (size_t i = 0; i < rule->where_n; i++) {
        char room[JSON_REAL_TEXT];
        struct span text;
        if (!mqname_text(mqname_find(from, rule->where[i].key), room, &text) ||
            !span_equal(text, span_str(rule->where[i].value)))
            return false;
    }
    return true;
}

/* False: it has none, or a wrong one, which was refused. */
static bool time_of(struct mqhost *h, const struct mqtt_rule *rule, const struct mqhost_message *m,
                    const struct mqname_from *from, const struct source_out *out, int64_t *t_ms) {
    char room[JSON_REAL_TEXT];
    struct span text = {0};
    *t_ms = m->now_ms;
    if (!mqhost_is_timed(rule))
        return true;
    const struct json_value *v = mqname_find(from, rule->time);
    if (v != NULL && mqname_text(v, room, &text) &&
        mqtime_parse((enum mqtime_form)rule->time_form, &h->stamp, text, t_ms) == ERR_OK) {
        if (*t_ms <= m->now_ms + MOST_AHEAD_MS)
            return true;
        refuse(h, m, out, "time", rule->time, "a time that is not a day ahead of ours");
        return false;
    }
    char what[TEXT];
    (void)snprintf(what, sizeof what, "%.100s, not \"%.*s\"",
                   mqtime_expects((enum mqtime_form)rule->time_form, text),
                   (int)(text.n < 40 ? text.n : 40), text.n > 0 ? (const char *)text.p : "");
    refuse(h, m, out, "time", rule->time, what);
    return false;
}

static int by_time(const void *a, const void *b) {
    const struct mqhost_record *x = a, *y = b;
    if (x->t_ms != y->t_ms)
        return x->t_ms < y->t_ms ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Those of a message that are the rule's, by their times. */
static size_t collect(struct mqhost *h, const struct mqtt_rule *rule,
                      const struct mqhost_message *m, const struct source_out *out, bool *wanted) {
    const struct json_value *all = mqpointer_find(m->whole, span_str(rule->records));
    const bool array = json_kind(all) == JSON_KIND_ARRAY;
    const size_t count = array ? json_count(all) : 1;
    size_t n = 0;
    if (rule->has_records && !array && json_kind(all) != JSON_KIND_OBJECT)
        refuse(h, m, out, "records", rule->records, "an array of records");
    else if (count > MQHOST_RECORDS_MAX)
        refuse(h, m, out, "records", rule->records, "at most 4096 records");
    else
        for (size_t i = 0; i < count; i++) {
            const struct json_value *at = array ? json_at(all, i) : all;
            const struct mqname_from from = {&m->captures, at, m->whole};
            if (!is_wanted(rule, &from))
                continue;
            *wanted = true;
            if (time_of(h, rule, m, &from, out, &h->records[n].t_ms)) {
                h->records[n].at = at;
                h->records[n].number = i;
                n++;
            }
        }
    qsort(h->records, n, sizeof *h->records, by_time);
    return n;
}

/* A message that the broker kept vouches for nothing, and neither does a time ahead of ours. */
static bool is_news(const struct mqhost *h, const struct mqhost_message *m, int64_t t_ms) {
    return !m->retained && t_ms <= m->now_ms + MQSEEN_AHEAD_MS &&
           (h->known_ms == COVERAGE_NONE || t_ms > h->known_ms);
}

/* Before the readings of t_ms: whether they come after a gap. */
static enum err enter(struct mqhost *h, const struct mqhost_message *m, int64_t t_ms) {
    if (!is_news(h, m, t_ms) || h->known_ms == COVERAGE_NONE ||
        t_ms - h->known_ms <= h->conf->heartbeat_ms)
        return ERR_OK;
    return tells_begin(&h->tells, t_ms);
}

/* After them: all up to there has come. */
static enum err leave(struct mqhost *h, const struct mqhost_message *m, int64_t t_ms) {
    if (!is_news(h, m, t_ms))
        return ERR_OK;
    h->known_ms = t_ms;
    return tells_heard(&h->tells, t_ms);
}

/* *wanted stays as it is unless a record is the rule's. */
static enum err take_records(struct mqhost *h, const struct mqtt_rule *rule,
                             const struct mqhost_message *m, const struct source_out *out,
                             bool *wanted) {
    size_t n = 1;
    h->records[0] = (struct mqhost_record){.t_ms = m->now_ms};
    if (m->whole != NULL)
        n = collect(h, rule, m, out, wanted);
    for (size_t i = 0; i < n; i++) {
        const struct mqhost_record *record = &h->records[i];
        enum err e = enter(h, m, record->t_ms);
        if (e == ERR_OK)
            e = mqhost_take(h, rule, m, record, out);
        if (e == ERR_NOT_FOUND)
            refuse_fields(h, m, rule, record, out);
        if (e == ERR_OK || e == ERR_NOT_FOUND)
            e = leave(h, m, record->t_ms);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

/* --- messages -----------------------------------------------------------------------------------
 */

/* Reads the payload once for all rules. ERR_FORMAT: it was refused. */
static enum err parse(struct mqhost *h, struct mqhost_message *m, struct json_value **root,
                      const struct source_out *out) {
    const struct json_limits limits = {MQHOST_PAYLOAD_MAX, MQHOST_DEPTH_MAX};
    struct json_error error;
    if (*root != NULL)
        return ERR_OK;
    const enum err e = json_parse(m->payload, &limits, root, &error);
    if (e == ERR_OK || e == ERR_NOMEM)
        return e;
    char what[TEXT];
    (void)snprintf(what, sizeof what, "JSON (line %u, column %u: %.120s)", error.line, error.column,
                   error.text);
    refuse(h, m, out, "payload", "", what);
    return ERR_FORMAT;
}

/* A plain payload without the blanks and the end of line around it. */
static struct span trimmed(struct span text) {
    while (text.n > 0 && (text.p[text.n - 1] == '\0' || strchr(" \t\r\n", text.p[text.n - 1])))
        text.n--;
    while (text.n > 0 && strchr(" \t\r\n", text.p[0]) != NULL && text.p[0] != '\0')
        text = span_of(text.p + 1, text.n - 1);
    return text;
}

/* *wanted: it was for the rule; *stop: no other rule is asked. */
static enum err ask_rule(struct mqhost *h, const struct mqtt_rule *rule, struct mqhost_message *m,
                         struct json_value **root, const struct source_out *out, bool *wanted,
                         bool *stop) {
    *stop = *wanted = true;
    if (rule->alive) {
        const enum err e = enter(h, m, m->now_ms);
        return e == ERR_OK ? leave(h, m, m->now_ms) : e;
    }
    struct mqhost_message mine = *m;
    mine.payload = rule->payload == MQTT_PLAIN ? trimmed(m->payload) : m->payload;
    if (rule->payload == MQTT_JSON) {
        const enum err e = parse(h, m, root, out);
        if (e != ERR_OK)
            return e == ERR_FORMAT ? ERR_OK : e;
        mine.whole = *root;
    }
    *wanted = *stop = rule->where_n == 0;
    return take_records(h, rule, &mine, out, wanted);
}

enum err mqhost_on_message(struct mqhost *h, struct span topic, struct span payload, bool retained,
                           int64_t now_ms, const struct source_out *out) {
    struct mqhost_message m = {
        .topic = topic, .payload = payload, .retained = retained, .now_ms = now_ms};
    struct json_value *root = NULL;
    bool stop = false, matched = false;
    enum err e = ERR_OK;
    h->stats.messages++;
    if (payload.n == 0) /* so a kept message is deleted */
        return ERR_OK;
    if (out->raw != NULL)
        e = tells_raw(&h->tells, payload);
    for (size_t i = 0; i < h->conf->rule_n && e == ERR_OK && !stop; i++) {
        if (!mqtopic_match(h->conf->rules[i].topic, topic, &m.captures))
            continue;
        bool wanted = false;
        e = ask_rule(h, &h->conf->rules[i], &m, &root, out, &wanted, &stop);
        matched |= wanted;
    }
    json_close(root);
    return e == ERR_OK && !matched ? unmatched(h, topic, out) : e;
}

/* --- the connection and time --------------------------------------------------------------------
 */

/* Its value holds no longer; what counts steps over it, and a sticky one holds all the same. */
static enum err let_go(struct mqhost *h, struct mqpoint *p, int64_t t_ms) {
    const bool was = p->live;
    if (mqpoint_happens(p) || p->quantity->shape.sticky)
        return ERR_OK;
    p->live = false;
    if (!was)
        return ERR_OK;
    p->t_ms = later(t_ms, p->t_ms + 1);
    h->tells.mark = MQPOINTS_NONE;
    return tells_add(&h->tells,
                     &(struct reading){.point = p->point, .quality = QUALITY_BAD, .t_ms = p->t_ms});
}

enum err mqhost_on_up(struct mqhost *h, int64_t now_ms) {
    h->up = true;
    const bool moved = h->known_ms == COVERAGE_NONE || now_ms > h->known_ms;
    h->known_ms = moved ? now_ms : h->known_ms + 1;
    enum err e = tells_begin(&h->tells, h->known_ms);
    for (size_t i = 0; i < h->points.n && e == ERR_OK; i++)
        e = let_go(h, &h->points.at[i], h->known_ms);
    return e;
}

void mqhost_on_down(struct mqhost *h) {
    h->up = false;
}

enum err mqhost_on_time(struct mqhost *h, int64_t now_ms) {
    if (!h->up || now_ms < h->silent_due_ms)
        return ERR_OK;
    h->silent_due_ms = INT64_MAX;
    for (size_t i = 0; i < h->points.n; i++) {
        struct mqpoint *p = &h->points.at[i];
        if (!p->live || p->rule->silent_ms == 0)
            continue;
        const int64_t due_ms = p->heard_ms + p->rule->silent_ms;
        if (now_ms < due_ms) {
            h->silent_due_ms = due_ms < h->silent_due_ms ? due_ms : h->silent_due_ms;
            continue;
        }
        const enum err e = let_go(h, p, h->known_ms);
        if (e != ERR_OK)
            return e;
        h->stats.silent += !p->live;
    }
    return ERR_OK;
}

int64_t mqhost_due_ms(const struct mqhost *h) {
    return h->up ? h->silent_due_ms : INT64_MAX;
}

void mqhost_on_clock(struct mqhost *h) {
    coverage_init(&h->tells.coverage, COVERAGE_NONE);
    h->known_ms = COVERAGE_NONE;
    for (size_t i = 0; i < h->points.n; i++)
        h->points.at[i].heard_ms = INT64_MIN / 2; /* until it is heard in the new time */
}

/* --- from the first to the last -----------------------------------------------------------------
 */

static void on_told(void *user, uint32_t mark, const struct reading *r) {
    struct mqhost *h = user;
    if (mark == MQPOINTS_NONE)
        return;
    const struct mqpoint *p = &h->points.at[mark];
    if (mqhost_is_timed(p->rule) && mqpoint_counts(p))
        mqlast_add(&h->last, p->name, r->t_ms);
}

static enum err open_zone(struct mqhost *h) {
    struct buf bytes;
    if (h->conf->zone == NULL || *h->conf->zone == '\0')
        return ERR_OK;
    buf_init(&bytes);
    enum err e = clock_zone_bytes(h->conf->zone, &bytes);
    if (e == ERR_OK)
        e = zone_open(buf_span(&bytes), &h->zone);
    buf_fini(&bytes);
    return e;
}

enum err mqhost_init(struct mqhost *h, const struct mqtt_conf *c, struct span position) {
    int64_t until_ms = COVERAGE_NONE;
    *h = (struct mqhost){.conf = c, .silent_due_ms = INT64_MAX};
    mqlast_init(&h->last);
    enum err e = position.n > 0 ? mqlast_parse(&h->last, position, &until_ms) : ERR_OK;
    if (e != ERR_OK)
        return e;
    h->known_ms = until_ms;
    tells_init(&h->tells, until_ms);
    h->tells.on_told = on_told;
    h->tells.user = h;
    names_init(&h->topics, TOPICS_TOLD);
    h->records = calloc(MQHOST_RECORDS_MAX, sizeof *h->records);
    e = h->records != NULL ? open_zone(h) : ERR_NOMEM;
    if (e == ERR_OK)
        e = mqpoints_init(&h->points, c);
    h->stamp = (struct stamp_rule){.zone = h->zone, .offset_min = c->offset_min};
    if (e != ERR_OK)
        mqhost_fini(h);
    return e;
}

void mqhost_fini(struct mqhost *h) {
    mqpoints_fini(&h->points);
    tells_fini(&h->tells);
    names_fini(&h->topics);
    zone_close(h->zone);
    free(h->records);
    *h = (struct mqhost){0};
}

void mqhost_position(const struct mqhost *h, struct buf *out) {
    mqlast_format(&h->last, h->tells.coverage.until_ms, out);
}
