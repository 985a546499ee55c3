#include "ctl/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"
#include "json/json.h"

enum { TIMEOUT_MS = 5000, ANSWER_MAX = 16 << 20 };

static const char usual_url[] = "http://127.0.0.1:8080";

/* Not as an option: other users of the machine see those. */
static void take_token(struct client *c) {
    const char *token = getenv("PLANTBUS_TOKEN"), *path = getenv("PLANTBUS_TOKEN_FILE");
    char line[128] = "";
    FILE *f = !token && path && *path ? fopen(path, "re") : NULL;
    if (f) {
        if (fgets(line, sizeof line, f))
            line[strcspn(line, "\r\n")] = '\0';
        (void)fclose(f);
        token = line;
    }
    if (token && *token)
        (void)snprintf(c->bearer, sizeof c->bearer, "Authorization: Bearer %.120s", token);
    explicit_bzero(line, sizeof line);
}

enum err client_open(struct client *c, const char *socket, const char *url) {
    const char *env = getenv("PLANTBUS_SOCKET");
    *c = (struct client){.socket = socket, .timeout_ms = TIMEOUT_MS};
    if (!socket && !url && env && *env)
        c->socket = env;
    (void)snprintf(c->url, sizeof c->url, "%s",
                   c->socket ? "http://localhost"
                   : url     ? url
                             : usual_url);
    const char *ca = getenv("PLANTBUS_CA");
    c->ca_file = ca && *ca ? ca : NULL;
    if (!c->socket)
        take_token(c);
    size_t n = strlen(c->url);
    if (n > 0 && c->url[n - 1] == '/')
        c->url[n - 1] = '\0';
    if (uv_loop_init(&c->loop))
        return ERR_NOMEM;
    return http_client_open(&c->loop, &c->http);
}

struct client_call { /* one request under way */
    struct client *c;
    struct client_call *next;
    void (*done)(void *user, const struct client_answer *answer);
    void *user;
};

static void forget(struct client_call *call) {
    struct client_call **at = &call->c->calls;
    while (*at && *at != call)
        at = &(*at)->next;
    if (*at)
        *at = call->next;
    free(call);
}

/* A problem (RFC 9457) in its own words, any other answer by its beginning. */
static void explain(const struct http_answer *a, const char *where, char why[CLIENT_WHY]) {
    struct json_value *problem = NULL;
    struct span title = {0}, detail = {0};
    if (json_parse(a->body, NULL, &problem, NULL) == ERR_OK &&
        json_string_of(json_find(problem, "title"), &title) == ERR_OK &&
        json_string_of(json_find(problem, "detail"), &detail) == ERR_OK)
        (void)snprintf(why, CLIENT_WHY, "%.*s: %.*s", (int)title.n, (const char *)title.p,
                       (int)detail.n, (const char *)detail.p);
    else
        (void)snprintf(why, CLIENT_WHY, "%.200s answered %d: %.*s", where, a->status,
                       (int)(a->body.n < 120 ? a->body.n : 120), (const char *)a->body.p);
    json_close(problem);
}

static void on_done(void *user, const struct http_answer *a) {
    struct client_call *call = user;
    const struct client *c = call->c;
    const char *where = c->socket ? c->socket : c->url;
    struct client_answer out = {.ok = a->err == ERR_OK && a->status == 200 && !a->body_cut,
                                .unanswered = a->err != ERR_OK || a->status == 503,
                                .body = a->body};
    if (a->err)
        (void)snprintf(out.why, sizeof out.why, "no answer from %.200s: %s", where, a->error);
    else if (!out.ok)
        explain(a, where, out.why);
    call->done(call->user, &out);
    forget(call);
}

static enum err send_json(struct client *c, const char *path, struct span json,
                          void (*done)(void *user, const struct client_answer *answer),
                          void *user) {
    const char *header[3];
    unsigned header_n = 0;
    char url[1024];
    struct client_call *call = malloc(sizeof *call);
    if (!call)
        return ERR_NOMEM;
    *call = (struct client_call){.c = c, .next = c->calls, .done = done, .user = user};
    c->calls = call;
    (void)snprintf(url, sizeof url, "%s%s", c->url, path);
    if (json.n) { /* whoever types a command means what stands, whatever it is by now */
        header[header_n++] = "Content-Type: application/json";
        header[header_n++] = "If-Match: *";
    }
    if (c->bearer[0])
        header[header_n++] = c->bearer;
    const struct http_request r = {.method = json.n ? "POST" : NULL,
                                   .header = header,
                                   .header_n = header_n,
                                   .ca_file = c->ca_file,
                                   .body = json,
                                   .url = url,
                                   .unix_path = c->socket,
                                   .timeout_ms = c->timeout_ms,
                                   .answer_max = ANSWER_MAX,
                                   .on_done = on_done,
                                   .done_user = call};
    enum err err = http_client_send(c->http, &r, NULL);
    if (err)
        forget(call);
    return err;
}

enum err client_send(struct client *c, const char *path,
                     void (*done)(void *user, const struct client_answer *answer), void *user) {
    return send_json(c, path, span_of(NULL, 0), done, user);
}

struct wait {
    struct buf *body;
    char *why;
    bool ok, unanswered;
};

static void on_waited(void *user, const struct client_answer *a) {
    struct wait *w = user;
    w->ok = a->ok && buf_add(w->body, a->body.p, a->body.n) == ERR_OK;
    w->unanswered = a->unanswered;
    (void)snprintf(w->why, CLIENT_WHY, "%s", a->ok ? "out of memory" : a->why);
}

static bool wait_for(struct client *c, const char *path, struct span json, struct wait *w) {
    enum err err = send_json(c, path, json, on_waited, w);
    if (err) {
        (void)snprintf(w->why, CLIENT_WHY, "%.200s: %s", c->url, err_name(err));
        return false;
    }
    while (http_client_active(c->http) > 0)
        uv_run(&c->loop, UV_RUN_ONCE);
    return w->ok;
}

bool client_get(struct client *c, const char *path, struct buf *body, char why[CLIENT_WHY]) {
    struct wait w = {.body = body, .why = why};
    return wait_for(c, path, span_of(NULL, 0), &w);
}

bool client_post(struct client *c, const char *path, struct span json, struct buf *body,
                 char why[CLIENT_WHY], bool *unanswered) {
    struct wait w = {.body = body, .why = why};
    bool ok = wait_for(c, path, json, &w);
    *unanswered = w.unanswered;
    return ok;
}

void client_add_argument(struct buf *path, const char *name, const char *value) {
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    (void)buf_addf(path, "&%s=", name);
    for (; *value; value++) {
        if (strchr(plain, *value))
            (void)buf_add_byte(path, (uint8_t)*value);
        else
            (void)buf_addf(path, "%%%02X", (unsigned)(uint8_t)*value);
    }
}

static void add_time(struct buf *path, const char *name, int64_t t_ms) {
    char text[UTC_TEXT];
    utc_format(t_ms, text);
    client_add_argument(path, name, text);
}

void client_add_span(struct buf *path, int64_t from_ms, int64_t to_ms) {
    if (from_ms != INT64_MIN)
        add_time(path, "from", from_ms);
    if (to_ms != INT64_MAX)
        add_time(path, "to", to_ms);
}

void client_close(struct client *c) {
    if (c->http)
        http_client_close(c->http, NULL, NULL);
    for (struct client_call *call = c->calls, *next = NULL; call; call = next) {
        next = call->next;
        free(call);
    }
    c->calls = NULL;
    explicit_bzero(c->bearer, sizeof c->bearer);
    uv_run(&c->loop, UV_RUN_DEFAULT);
    uv_loop_close(&c->loop);
}
