#include "influx/influx.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "http/http_client.h"

struct influx {
    struct sink sink;
    struct http_client *http;
    char *url, *name, *org, *user, *password, *token;
    bool v2, gzip, querying;
    uint32_t timeout_ms;
    struct buf target;
    void (*done)(void *user, const struct sink_answer *a);
    void *user_data;
    void (*closed)(void *user);
    void *closed_user;
};

static void percent(struct buf *out, struct span s) {
    for (size_t i = 0; i < s.n; i++) {
        if (isalnum(s.p[i]) || strchr("-_.~", s.p[i]))
            buf_add_byte(out, s.p[i]);
        else
            buf_addf(out, "%%%02X", s.p[i]);
    }
}

static void on_done(void *user, const struct http_answer *a) {
    struct influx *s = user;
    struct sink_answer answer = {.status = a->err ? 0 : a->status,
                                 .retry_after_ms = a->retry_after_ms,
                                 .body = a->body,
                                 .error = a->error};
    /* A query that fails in the database is answered 200 with the error in its body. */
    if (s->querying && answer.status == 200 && memmem(a->body.p, a->body.n, "\"error\"", 7))
        answer.status = 422;
    s->done(s->user_data, &answer);
}

static enum err send(struct influx *s, struct span body, bool gzip,
                     void (*done)(void *user, const struct sink_answer *a), void *user) {
    struct http_request r = {.method = "POST",
                             .body = body,
                             .gzip = gzip && body.n > 0,
                             .timeout_ms = s->timeout_ms,
                             .user = s->user,
                             .password = s->password,
                             .token = s->token,
                             .answer_max = 16384,
                             .on_done = on_done,
                             .done_user = s};
    if (buf_add_byte(&s->target, 0))
        return ERR_NOMEM;
    r.url = (const char *)s->target.p;
    s->done = done;
    s->user_data = user;
    return http_client_send(s->http, &r, NULL);
}

static enum err influx_write(struct sink *base, struct span lines,
                             void (*done)(void *user, const struct sink_answer *a), void *user) {
    struct influx *s = (struct influx *)base;
    buf_reset(&s->target);
    buf_add_str(&s->target, s->url);
    buf_add_str(&s->target, s->v2 ? "/api/v2/write?precision=ms&org=" : "/write?precision=ms&db=");
    if (s->v2) {
        percent(&s->target, span_str(s->org));
        buf_add_str(&s->target, "&bucket=");
    }
    percent(&s->target, span_str(s->name));
    s->querying = false;
    return send(s, lines, s->gzip, done, user);
}

static enum err query(struct influx *s, const struct buf *q, bool with_db,
                      void (*done)(void *user, const struct sink_answer *a), void *user) {
    buf_reset(&s->target);
    buf_add_str(&s->target, s->url);
    buf_add_str(&s->target, "/query?");
    if (with_db) {
        buf_add_str(&s->target, "db=");
        percent(&s->target, span_str(s->name));
        buf_add_byte(&s->target, '&');
    }
    buf_add_str(&s->target, "q=");
    percent(&s->target, buf_span(q));
    s->querying = true;
    return send(s, span_of(NULL, 0), false, done, user);
}

/* A double quote or backslash in a name is escaped by a backslash. */
static void quoted(struct buf *out, const char *name) {
    buf_add_byte(out, '"');
    for (; *name; name++) {
        if (*name == '"' || *name == '\\')
            buf_add_byte(out, '\\');
        buf_add_byte(out, (uint8_t)*name);
    }
    buf_add_byte(out, '"');
}

static enum err influx_retract(struct sink *base, const char *measurement, struct span where,
                               int64_t t_ms, void (*done)(void *user, const struct sink_answer *a),
                               void *user) {
    struct influx *s = (struct influx *)base;
    struct buf q;
    buf_init(&q);
    buf_add_str(&q, "DELETE FROM ");
    quoted(&q, measurement);
    buf_add_str(&q, " WHERE ");
    buf_add(&q, where.p, where.n);
    buf_addf(&q, " AND time = %lld000000", (long long)t_ms); /* in InfluxQL a bare time is ns */
    enum err err = q.failed ? ERR_NOMEM : query(s, &q, true, done, user);
    buf_fini(&q);
    return err;
}

static enum err influx_create(struct sink *base,
                              void (*done)(void *user, const struct sink_answer *a), void *user) {
    struct influx *s = (struct influx *)base;
    struct buf q;
    buf_init(&q);
    buf_add_str(&q, "CREATE DATABASE ");
    quoted(&q, s->name);
    enum err err = q.failed ? ERR_NOMEM : query(s, &q, false, done, user);
    buf_fini(&q);
    return err;
}

static void free_all(void *user) {
    struct influx *s = user;
    void (*closed)(void *) = s->closed;
    void *closed_user = s->closed_user;
    buf_fini(&s->target);
    free(s->url);
    free(s->name);
    free(s->org);
    free(s->user);
    free(s->password);
    free(s->token);
    free(s);
    if (closed)
        closed(closed_user);
}

static void influx_close(struct sink *base, void (*closed)(void *user), void *user) {
    struct influx *s = (struct influx *)base;
    s->closed = closed;
    s->closed_user = user;
    http_client_close(s->http, free_all, s);
}

static const struct sink_ops v1_create = {.write = influx_write,
                                          .retract = influx_retract,
                                          .create = influx_create,
                                          .close = influx_close};
static const struct sink_ops v1_plain = {
    .write = influx_write, .retract = influx_retract, .close = influx_close};
static const struct sink_ops v2 = {.write = influx_write, .close = influx_close};

static bool copy(char **to, const char *from) {
    *to = from && *from ? strdup(from) : NULL;
    return *to || !from || !*from;
}

enum err influx_open(const struct influx_conf *conf, struct uv_loop_s *loop, struct sink **out) {
    struct influx *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->sink.ops = conf->v2 ? &v2 : conf->create ? &v1_create : &v1_plain;
    s->v2 = conf->v2;
    s->gzip = conf->gzip;
    s->timeout_ms = conf->timeout_ms;
    bool ok = copy(&s->url, conf->url) && copy(&s->name, conf->name) && copy(&s->org, conf->org) &&
              copy(&s->user, conf->user) && copy(&s->password, conf->password) &&
              copy(&s->token, conf->token) && s->url && s->name && (!s->v2 || s->org);
    enum err err = ok ? http_client_open(loop, &s->http) : ERR_NOMEM;
    if (err) {
        free_all(s);
        return err;
    }
    for (size_t n = strlen(s->url); n > 0 && s->url[n - 1] == '/'; n--)
        s->url[n - 1] = 0;
    *out = &s->sink;
    return ERR_OK;
}
