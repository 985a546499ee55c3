/* Listens for some seconds and writes what came: each topic with the fields of its newest payload,
 * and a rule that reads them, to begin with. What a field means is for a person to say. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "mqtt/mqname.h"
#include "mqtt/mqtime.h"
#include "mqtt/mqtt.h"
#include "sources/names.h"

enum {
    LISTEN_MS = 6000,
    TOPICS_MAX = 200,
    FIELDS_MAX = 60,       /* of one topic */
    KEPT_MAX = 65536,      /* bytes of a payload that are looked at */
    NEAR_MS = 2 * 86400000 /* a time may be local, its clock a little wrong */
};

struct heard {
    struct buf payload; /* the newest */
    uint64_t n, kept;   /* messages, and how many of them the broker had kept */
};

struct look {
    struct names topics;
    struct heard *heard;
    uint64_t beyond; /* messages of topics beyond so many */
    char reason[120];
    bool failed;
};

static void on_message(void *user, struct span topic, struct span payload, bool retained) {
    struct look *l = user;
    const struct name_row *row = names_find(&l->topics, topic);
    if (row == NULL) {
        const enum err e = names_add(&l->topics, topic, (uint32_t)l->topics.n);
        l->beyond += e == ERR_FULL;
        l->failed |= e == ERR_NOMEM;
        if (e != ERR_OK)
            return;
        row = names_find(&l->topics, topic);
    }
    struct heard *h = &l->heard[row->number];
    h->n++;
    h->kept += retained;
    buf_reset(&h->payload);
    (void)buf_add(&h->payload, payload.p, payload.n < KEPT_MAX ? payload.n : KEPT_MAX);
}

static void on_down(void *user, const char *reason) {
    struct look *l = user;
    (void)snprintf(l->reason, sizeof l->reason, "%s", reason);
}

/* --- what is written ----------------------------------------------------------------------------
 */

/* Texts of others are shown in one line and in a few characters. */
static void write_text(struct buf *out, struct span text) {
    const size_t n = text.n < 40 ? text.n : 40;
    for (size_t i = 0; i < n; i++)
        (void)buf_add_byte(out, text.p[i] < 0x20 || text.p[i] == 0x7f ? '.' : text.p[i]);
    if (n < text.n)
        (void)buf_add_str(out, "...");
}

/* Between single quotes of YAML. */
static void write_quoted(struct buf *out, struct span text) {
    (void)buf_add_byte(out, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'')
            (void)buf_add_byte(out, '\'');
        (void)buf_add_byte(out, text.p[i] < 0x20 ? '.' : text.p[i]);
    }
    (void)buf_add_byte(out, '\'');
}

static void write_point(struct buf *out, const char *topic, const char *pointer, bool state,
                        struct span value) {
    char name[POINT_NAME_MAX + 1], whole[512];
    struct span missing;
    const struct mqname_from none = {0};
    (void)snprintf(whole, sizeof whole, "%.250s%.200s", topic, pointer);
    for (char *c = whole; *c != '\0'; c++)
        *c = (char)(*c == '{' || *c == '}' ? '-' : *c);
    if (mqname_format(whole, &none, name, sizeof name, &missing) != ERR_OK)
        return;
    (void)buf_addf(out, "        - {name: '%s', ", name);
    if (*pointer != '\0') {
        (void)buf_add_str(out, "value: ");
        write_quoted(out, span_str(pointer));
        (void)buf_add_str(out, ", ");
    }
    (void)buf_addf(out, "type: %s}   # ", state ? "state" : "gauge");
    write_text(out, value);
    (void)buf_add_byte(out, '\n');
}

/* A topic as a template: a level with braces of its own can only be any level. */
static void write_topic_name(struct buf *out, const char *topic) {
    struct buf level;
    buf_init(&level);
    for (const char *p = topic;; p++) {
        if (*p != '/' && *p != '\0') {
            (void)buf_add_byte(&level, (uint8_t)*p);
            continue;
        }
        const bool odd = level.n > 0 && (memchr(level.p, '{', level.n) != NULL ||
                                         memchr(level.p, '}', level.n) != NULL);
        (void)buf_add(out, odd ? "+" : (const char *)level.p, odd ? 1 : level.n);
        if (*p == '\0')
            break;
        (void)buf_add_byte(out, '/');
        buf_reset(&level);
    }
    buf_fini(&level);
}

/* A walk over the single values of a payload. */
struct fields {
    struct buf *out;
    const char *topic;
    int64_t now_ms;
    char pointer[MQPOINTER_MAX + 1]; /* of the value at hand */
    char time[MQPOINTER_MAX + 1];    /* of the first that is a moment near ours, or "" */
    enum mqtime_form form;
    unsigned n;
};

static void look_for_time(struct fields *f, struct span text) {
    static const enum mqtime_form forms[] = {MQTIME_ISO, MQTIME_S, MQTIME_MS, MQTIME_US, MQTIME_NS};
    const struct stamp_rule utc = {0};
    int64_t t_ms;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0] && f->time[0] == '\0'; i++)
        if (mqtime_parse(forms[i], &utc, text, &t_ms) == ERR_OK && t_ms > f->now_ms - NEAR_MS &&
            t_ms < f->now_ms + NEAR_MS) {
            f->form = forms[i];
            memcpy(f->time, f->pointer, sizeof f->time);
        }
}

static void field(struct fields *f, const struct json_value *v, struct span text) {
    const enum json_kind kind = json_kind(v);
    if (f->out == NULL)
        look_for_time(f, text);
    else if (strcmp(f->pointer, f->time) != 0)
        write_point(f->out, f->topic, f->pointer,
                    kind == JSON_KIND_STRING || kind == JSON_KIND_BOOL, text);
    f->n++;
}

/* Every single value below v; of an array the first element stands for all. */
static void walk_fields(struct fields *f, const struct json_value *v) {
    char room[JSON_REAL_TEXT];
    struct json_walk w = {0};
    struct span text;
    const size_t length = strlen(f->pointer);
    if (f->n >= FIELDS_MAX)
        return;
    if (mqname_text(v, room, &text)) {
        field(f, v, text);
        return;
    }
    while (json_next(v, &w)) {
        if (mqpointer_add(f->pointer, w.key) == ERR_OK)
            walk_fields(f, w.value);
        f->pointer[length] = '\0';
    }
    if (json_count(v) > 0 && json_kind(v) == JSON_KIND_ARRAY &&
        mqpointer_add(f->pointer, span_str("0")) == ERR_OK)
        walk_fields(f, json_at(v, 0));
    f->pointer[length] = '\0';
}

static void write_json(const char *topic, const struct json_value *root, struct buf *out) {
    static const char *const words[] = {"iso", "s", "ms", "us", "ns"};
    struct fields f = {.topic = topic, .now_ms = clock_wall_ms()};
    walk_fields(&f, root);
    if (f.time[0] != '\0') {
        (void)buf_add_str(out, "      time: ");
        write_quoted(out, span_str(f.time));
        (void)buf_addf(out, "\n      time_form: %s\n", words[f.form]);
    }
    (void)buf_add_str(out, "      points:\n");
    f.out = out;
    f.n = 0;
    walk_fields(&f, root);
}

static void write_topic(const char *topic, const struct heard *h, struct buf *out) {
    const struct json_limits limits = {KEPT_MAX, 16};
    struct json_value *root = NULL;
    struct buf name;
    int64_t number;
    buf_init(&name);
    write_topic_name(&name, topic);
    (void)buf_add_str(out, "    - topic: ");
    write_quoted(out, buf_span(&name));
    buf_fini(&name);
    (void)buf_addf(out, "   # %llu messages", (unsigned long long)h->n);
    if (h->kept > 0)
        (void)buf_addf(out, ", %llu of them kept by the broker", (unsigned long long)h->kept);
    (void)buf_add_byte(out, '\n');
    if (json_parse(buf_span(&h->payload), &limits, &root, NULL) == ERR_OK &&
        (json_kind(root) == JSON_KIND_OBJECT || json_kind(root) == JSON_KIND_ARRAY)) {
        write_json(topic, root, out);
    } else {
        (void)buf_add_str(out, "      payload: plain\n      points:\n");
        write_point(out, topic, "", decimal_parse(buf_span(&h->payload), 3, &number) != ERR_OK,
                    buf_span(&h->payload));
    }
    json_close(root);
}

static void write_all(const struct look *l, bool connected, struct buf *out) {
    if (!connected)
        (void)buf_addf(out, "  no connection: %s\n", l->reason);
    else if (l->topics.n == 0)
        (void)buf_addf(out,
                       "  connected, but nothing was published on the filters in %d s; list others "
                       "in `filters`, such as '#'\n",
                       LISTEN_MS / 1000);
    else
        (void)buf_addf(out, "  heard in %d s; say what the values are, then paste:\n    rules:\n",
                       LISTEN_MS / 1000);
    for (size_t i = 0; i < l->topics.n; i++)
        write_topic(l->topics.rows[i].text, &l->heard[l->topics.rows[i].number], out);
    if (l->beyond > 0)
        (void)buf_addf(out, "  and %llu messages of topics beyond %d: narrow `filters`\n",
                       (unsigned long long)l->beyond, TOPICS_MAX);
}

/* --- listening ----------------------------------------------------------------------------------
 */

static enum err listen(struct look *l, const struct mqtt_conf *c, bool *connected) {
    struct mqttlink_conf broker = c->broker;
    struct mqttlink *link = NULL;
    struct mqttlink_stats stats;
    char *filters[MQTTLINK_FILTER_MAX];
    unsigned n = 0;
    broker.client_id = NULL; /* the agent may have it */
    enum err e = mqtt_filters(c, filters, &n);
    if (e != ERR_OK)
        return e;
    const struct mqttlink_ask ask = {.folder = c->folder,
                                     .filters = (const char *const *)filters,
                                     .filter_n = n,
                                     .on_down = on_down,
                                     .on_message = on_message,
                                     .user = l};
    e = mqttlink_open(&broker, &ask, &link);
    for (unsigned i = 0; i < n; i++)
        free(filters[i]);
    if (e != ERR_OK)
        return e;
    const int64_t end_ms = clock_mono_ms() + LISTEN_MS;
    for (int64_t left_ms; (left_ms = end_ms - clock_mono_ms()) > 0;) {
        int64_t next_ms = INT64_MAX;
        mqttlink_turn(link, clock_mono_ms(), &next_ms);
        struct pollfd fd = {.fd = mqttlink_fd(link), .events = POLLIN};
        const int64_t wait_ms = next_ms == INT64_MAX ? left_ms : next_ms - clock_mono_ms();
        if (wait_ms > 0)
            (void)poll(&fd, 1, (int)(wait_ms < left_ms ? wait_ms : left_ms));
    }
    mqttlink_stats(link, &stats);
    mqttlink_close(link);
    *connected = stats.connects > 0;
    return l->failed ? ERR_NOMEM : ERR_OK;
}

enum err mqtt_probe(const struct mqtt_conf *c, struct buf *out) {
    struct look l = {.heard = calloc(TOPICS_MAX, sizeof *l.heard)};
    bool connected = false;
    if (l.heard == NULL)
        return ERR_NOMEM;
    names_init(&l.topics, TOPICS_MAX);
    const enum err e = listen(&l, c, &connected);
    if (e == ERR_OK)
        write_all(&l, connected, out);
    for (size_t i = 0; i < TOPICS_MAX; i++)
        buf_fini(&l.heard[i].payload);
    free(l.heard);
    names_fini(&l.topics);
    return e == ERR_OK && !connected ? ERR_IO : e;
}
