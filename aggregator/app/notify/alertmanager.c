/* Never two requests at a time: one that was overtaken would make an alert active again. */
#include "notify/alertmanager.h"

#include <stdio.h>
#include <stdlib.h>

#include "notify/post.h"

enum { PAGE = 200 /* alerts of one request */, ENDS_AFTER = 4 /* resends */ };

struct alertmanager {
    struct messenger base;
    const struct notify_channel_conf *conf;
    const struct notice_world *world;
    struct alertmanager_source source;
    struct http_client *http;
    struct http_call *call; /* under way: a letter if done is set, else a resend */
    char *url;
    int64_t now_wall_ms, resend_at_ms; /* the latter by the monotonic clock */
    size_t at;                         /* of the source; 0: begin anew */
    bool passes; /* the letter at hand is told by the next tick, without a request */
    void (*done)(void *user, const struct messenger_answer *answer);
    void *done_user;
};

/* --- bodies -------------------------------------------------------------------------------------
 */

static void member(struct json_writer *w, const char *key, const char *text) {
    if (!text || !*text)
        return; /* an empty label is none */
    json_writer_key(w, key);
    json_writer_text(w, text);
}

static void add_labels(const struct notify_channel_conf *conf, const struct notice_world *world,
                       const struct notice *n, enum alert_severity severity,
                       struct json_writer *w) {
    const char *own[] = {"alertname", "site", "node", "severity", "test"};
    json_writer_key(w, "labels");
    json_writer_begin_object(w);
    member(w, "alertname", n->event->rule.s);
    member(w, "site", world->plant->site.s);
    member(w, "node", n->event->node.s);
    member(w, "severity", alert_severity_name(severity));
    member(w, "test", n->test ? "true" : NULL);
    for (size_t i = 0; i < conf->label_n; i++) {
        bool taken = false;
        for (size_t o = 0; o < sizeof own / sizeof *own; o++)
            taken = taken || strcmp(conf->labels[i].key, own[o]) == 0;
        if (!taken)
            member(w, conf->labels[i].key, conf->labels[i].value);
    }
    json_writer_end_object(w);
}

static void add_annotations(const struct notify_channel_conf *conf,
                            const struct notice_world *world, const struct notice *n,
                            struct json_writer *w, struct buf *text) {
    char id[NOTICE_ID];
    json_writer_key(w, "annotations");
    json_writer_begin_object(w);
    json_writer_key(w, "summary");
    (void)notice_subject(world, n, conf->subject, text);
    json_writer_string(w, buf_span(text));
    buf_reset(text);
    json_writer_key(w, "description");
    (void)notice_body(world, n, conf->body, text);
    json_writer_string(w, buf_span(text));
    buf_reset(text);
    notice_id(world, n, id);
    member(w, "message", id);
    json_writer_end_object(w);
}

static void add_time(struct json_writer *w, const char *key, int64_t t_ms) {
    char text[UTC_TEXT];
    utc_format(t_ms, text);
    member(w, key, text);
}

static void add_alert(const struct notify_channel_conf *conf, const struct notice_world *world,
                      const struct notice *n, int64_t now_ms, struct json_writer *w,
                      struct buf *text) {
    bool active = n->test || notice_is_active(n->event);
    json_writer_begin_object(w);
    add_labels(conf, world, n, (enum alert_severity)n->event->severity, w);
    add_annotations(conf, world, n, w, text);
    if (active)
        add_time(w, "startsAt", n->active_ms > 0 ? n->active_ms : n->event->at_ms);
    add_time(w, "endsAt", active ? now_ms + ENDS_AFTER * conf->resend_ms : n->event->at_ms);
    buf_reset(text);
    notice_field(world, n, TEMPLATE_URL, text);
    if (text->n) {
        json_writer_key(w, "generatorURL");
        json_writer_string(w, buf_span(text));
    }
    buf_reset(text);
    json_writer_end_object(w);
}

static void add_ends(const struct notify_channel_conf *conf, const struct notice_world *world,
                     const struct notice *n, struct json_writer *w) {
    for (unsigned s = 0; s < ALERT_SEVERITY_COUNT && !n->test; s++) {
        if (s == n->event->severity)
            continue;
        json_writer_begin_object(w);
        add_labels(conf, world, n, (enum alert_severity)s, w);
        add_time(w, "endsAt", n->event->at_ms);
        json_writer_end_object(w);
    }
}

enum err alertmanager_body(const struct notify_channel_conf *conf, const struct notice_world *world,
                           const struct notice *n, int64_t now_ms, struct buf *out) {
    struct json_writer w;
    struct buf text;
    buf_init(&text);
    json_writer_init(&w, out);
    json_writer_begin_array(&w);
    add_ends(conf, world, n, &w);
    add_alert(conf, world, n, now_ms, &w, &text);
    json_writer_end_array(&w);
    enum err err = text.failed ? ERR_NOMEM : json_writer_finish(&w);
    buf_fini(&text);
    return err;
}

/* --- letters ------------------------------------------------------------------------------------
 */

static void on_told(void *user, const struct http_answer *a) {
    struct alertmanager *m = user;
    char words[MESSENGER_WORDS];
    int status = a->err ? 0 : a->status;
    void (*done)(void *, const struct messenger_answer *) = m->done;
    m->call = NULL;
    m->done = NULL;
    messenger_words(words, status, a->body, a->error);
    struct messenger_answer answer = {.verdict = (uint8_t)messenger_of_http(status),
                                      .status = status,
                                      .retry_after_ms = a->retry_after_ms,
                                      .words = words};
    done(m->done_user, &answer);
}

/* It keeps what is active: of an alert that has moved on since there is nothing to be told. */
static void pass_over(struct alertmanager *m) {
    const struct messenger_answer answer = {
        .verdict = MESSENGER_TOLD, .retry_after_ms = -1, .words = "the alert has moved on"};
    void (*done)(void *, const struct messenger_answer *) = m->done;
    m->passes = false;
    m->done = NULL;
    done(m->done_user, &answer);
}

static enum err alertmanager_send(struct messenger *base, const struct letter *letter,
                                  void (*done)(void *user, const struct messenger_answer *answer),
                                  void *user) {
    struct alertmanager *m = (struct alertmanager *)base;
    struct buf body;
    if (m->call)
        return ERR_BUSY;
    if (letter->notice[0].stale) {
        m->passes = true;
        m->done = done;
        m->done_user = user;
        return ERR_OK;
    }
    buf_init(&body);
    enum err err = alertmanager_body(m->conf, m->world, &letter->notice[0], m->now_wall_ms, &body);
    if (!err)
        err = post_send(m->http, m->conf, m->url, buf_span(&body), NULL, on_told, m, &m->call);
    buf_fini(&body);
    if (!err) {
        m->done = done;
        m->done_user = user;
    }
    return err;
}

/* --- what is active, again ----------------------------------------------------------------------
 */

static void on_resent(void *user, const struct http_answer *a) {
    struct alertmanager *m = user;
    int status = a->err ? 0 : a->status;
    m->call = NULL;
    if (messenger_of_http(status) == MESSENGER_TOLD) {
        m->base.trouble[0] = 0;
        return;
    }
    messenger_words(m->base.trouble, status, a->body, a->error);
    m->at = 0; /* all of them again, at the next time */
}

static enum err format_active(struct alertmanager *m, size_t *at, struct buf *out, unsigned *n) {
    struct json_writer w;
    struct alert_event event;
    struct notice notice;
    struct buf text;
    buf_init(&text);
    json_writer_init(&w, out);
    json_writer_begin_array(&w);
    for (*n = 0; *n < PAGE && m->source.next(m->source.user, at, &event, &notice); (*n)++)
        add_alert(m->conf, m->world, &notice, m->now_wall_ms, &w, &text);
    json_writer_end_array(&w);
    enum err err = text.failed ? ERR_NOMEM : json_writer_finish(&w);
    buf_fini(&text);
    return err;
}

static void resend(struct alertmanager *m, int64_t now_mono_ms) {
    struct buf body;
    size_t at = m->at;
    unsigned n = 0;
    buf_init(&body);
    enum err err = format_active(m, &at, &body, &n);
    if (!err && n > 0)
        err = post_send(m->http, m->conf, m->url, buf_span(&body), NULL, on_resent, m, &m->call);
    buf_fini(&body);
    m->at = !err && n == PAGE ? at : 0;
    if (m->at == 0)
        m->resend_at_ms = now_mono_ms + m->conf->resend_ms;
}

static void alertmanager_tick(struct messenger *base, int64_t now_mono_ms, int64_t now_wall_ms) {
    struct alertmanager *m = (struct alertmanager *)base;
    m->now_wall_ms = now_wall_ms;
    if (m->passes)
        pass_over(m);
    if (!m->call && (m->at > 0 || now_mono_ms >= m->resend_at_ms))
        resend(m, now_mono_ms);
}

/* --- doors --------------------------------------------------------------------------------------
 */

static void alertmanager_free(struct alertmanager *m) {
    free(m->url);
    free(m);
}

static void alertmanager_close(struct messenger *base, void (*closed)(void *user), void *user) {
    struct alertmanager *m = (struct alertmanager *)base;
    if (m->call)
        http_client_cancel(m->http, m->call);
    alertmanager_free(m);
    closed(user);
}

enum err alertmanager_open(const struct notify_channel_conf *conf, const struct notice_world *world,
                           const struct alertmanager_source *source, struct http_client *http,
                           struct messenger **out) {
    static const struct messenger_ops ops = {
        .send = alertmanager_send, .on_tick = alertmanager_tick, .close = alertmanager_close};
    static const char path[] = "/api/v2/alerts";
    struct alertmanager *m = calloc(1, sizeof *m);
    size_t n = strlen(conf->url);
    while (n > 0 && conf->url[n - 1] == '/')
        n--;
    if (m)
        m->url = malloc(n + sizeof path);
    if (!m || !m->url) {
        free(m);
        return ERR_NOMEM;
    }
    memcpy(m->url, conf->url, n);
    memcpy(m->url + n, path, sizeof path);
    m->base.ops = &ops;
    m->conf = conf;
    m->world = world;
    m->source = *source;
    m->http = http;
    *out = &m->base;
    return ERR_OK;
}
