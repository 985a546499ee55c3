/* Requests to InfluxDB, while memory runs out: ours of the sink and of the HTTP client, and in a
 * scenario of its own those of libcurl, whose memory is taken from here. One request at most fails
 * of it, says so, and is answered when it is made again; an answer is never half of one. The server
 * has memory always, and so have zlib and libuv, which are other libraries. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "influx/influx.h"
#include "nomem.h"
#include "support/server_http.h"

#define SECOND_NS UINT64_C(1000000000)

enum { PATIENCE_S = 30, TIMEOUT_MS = 2000 * PATIENCE_S, CUT_AT = 30 };

static const struct ask {
    const char *lines; /* NULL: a point is taken back */
    struct server_answer answer;
    int status;        /* as the sink gives it back */
    const char *words; /* the same */
    int64_t retry_after_ms;
} asks[] = {
    {"good f=1i 1\n", {.status = 204}, 204, "", -1},
    {"bad f=1i 1\n",
     {.status = 400, .body = "{\"error\":\"partial\"}"},
     400,
     "{\"error\":\"partial\"}",
     -1},
    {"cut f=1i 1\n", {.status = 400, .body = "half of it", .cut = CUT_AT}, 0, "", -1},
    {"busy f=1i 1\n",
     {.status = 503, .headers = "Retry-After: 7\r\n", .body = "later"},
     503,
     "later",
     7000},
    {NULL, {.status = 200, .body = "{\"error\":\"no\"}"}, 422, "{\"error\":\"no\"}", -1},
    {"more f=1i 1\n", {.status = 204}, 204, "", -1},
};

/* The last one is not answered. */
static const char held[] = "held f=1i 1\n";

enum { ASKS = sizeof asks / sizeof *asks };

struct rig {
    uv_loop_t loop, server_loop;
    struct server_http *server;
    struct sink *sink;
    unsigned answers, failures;
    bool closed;
    int status;
    int64_t retry_after_ms;
    char body[64], error[128];
};

/* --- the server ---------------------------------------------------------------------------------
 */

/* A request cut short could do something else: it arrives whole, its head too. Of "bob:secret" in
 * base64 the unit tests tell. */
static void on_request(void *user, const struct server_request *r, struct server_answer *a) {
    static const char query[] =
        "/query?db=a%20db&q=DELETE%20FROM%20%22m%22%20WHERE%20%22u%22%3D%27p"
        "%27%20AND%20time%20%3D%205000000";
    static const char v1[] = "/write?precision=ms&db=a%20db",
                      v2[] = "/api/v2/write?precision=ms&org=o&bucket=b";
    const char *body = (const char *)r->body.p;
    const bool queries = strcmp(r->path, query) == 0;
    char who[64] = "";
    (void)user;
    (void)server_http_header(r, "Authorization", who, sizeof who);
    nomem_need(strcmp(who, strcmp(r->path, v2) == 0 ? "Token t0k" : "Basic Ym9iOnNlY3JldA==") == 0,
               "who we are arrives");
    nomem_need(queries || strcmp(r->path, v1) == 0 || strcmp(r->path, v2) == 0,
               "a target arrives whole");
    for (size_t i = 0; i < ASKS; i++)
        if (asks[i].lines ? strcmp(body, asks[i].lines) == 0 : queries) {
            *a = asks[i].answer;
            return;
        }
    nomem_need(strcmp(body, held) == 0, "lines arrive whole");
    a->hold = true;
}

/* Both loops have their turn; only the client's runs out of memory. */
static void turn(struct rig *r) {
    nomem_arm();
    uv_run(&r->loop, UV_RUN_NOWAIT);
    nomem_disarm();
    uv_run(&r->server_loop, UV_RUN_NOWAIT);
}

static void turn_until(struct rig *r, bool (*holds)(const struct rig *r), const char *what) {
    const uint64_t end = uv_hrtime() + PATIENCE_S * SECOND_NS;
    while (!holds(r)) {
        nomem_need(uv_hrtime() < end, what);
        turn(r);
    }
}

/* --- the client ---------------------------------------------------------------------------------
 */

static void on_answer(void *user, const struct sink_answer *a) {
    struct rig *r = user;
    r->answers++;
    r->status = a->status;
    r->retry_after_ms = a->retry_after_ms;
    snprintf(r->body, sizeof r->body, "%.*s", (int)a->body.n, (const char *)a->body.p);
    snprintf(r->error, sizeof r->error, "%s", a->error);
}

static bool answered(const struct rig *r) {
    return r->answers > 0;
}

static void failed(struct rig *r, const char *what) {
    nomem_need(nomem_struck() && r->failures++ == 0, what);
}

static enum err begin(struct rig *r, const char *lines) {
    const struct sink_ops *ops = r->sink->ops;
    nomem_arm();
    enum err err = lines ? ops->write(r->sink, span_str(lines), on_answer, r)
                         : ops->retract(r->sink, "m", span_str("\"u\"='p'"), 5, on_answer, r);
    nomem_disarm();
    nomem_need(!err || err == ERR_NOMEM, "a request fails to begin for want of memory only");
    nomem_need(r->answers == 0, "no answer comes from inside");
    return err;
}

static bool is_right(const struct rig *r, const struct ask *a) {
    return r->status == a->status &&
           (a->status == 0 || (strcmp(r->body, a->words) == 0 && r->error[0] == 0 &&
                               r->retry_after_ms == a->retry_after_ms));
}

static void ask(struct rig *r, const struct ask *a) {
    for (;;) {
        r->answers = 0;
        if (begin(r, a->lines)) {
            failed(r, "one request at most does not begin");
            continue;
        }
        turn_until(r, answered, "a request is answered");
        nomem_need(r->answers == 1, "it is answered once");
        nomem_need(r->status != 0 || r->error[0], "what failed has its words");
        if (is_right(r, a))
            return;
        nomem_need(r->status == 0, "an answer is whole or none");
        failed(r, "one request at most fails");
    }
}

static void on_closed(void *user) {
    ((struct rig *)user)->closed = true;
}

static bool is_closed(const struct rig *r) {
    return r->closed;
}

static bool no_handles(const struct rig *r) {
    return !uv_loop_alive(&r->loop);
}

static bool no_server(const struct rig *r) {
    return !uv_loop_alive(&r->server_loop);
}

static void open_sink(struct rig *r, struct influx_conf conf) {
    conf.url = server_http_url(r->server);
    conf.timeout_ms = TIMEOUT_MS;
    for (;;) {
        nomem_arm();
        enum err err = influx_open(&conf, &r->loop, &r->sink);
        nomem_disarm();
        if (!err)
            return;
        nomem_need(err == ERR_NOMEM, "it fails to open for want of memory only");
        failed(r, "it opens the second time");
    }
}

/* Closed with a request under way. */
static void close_sink(struct rig *r) {
    r->answers = 0;
    if (begin(r, held)) {
        failed(r, "one request at most does not begin");
        nomem_need(!begin(r, held), "it begins the second time");
    }
    turn(r);
    nomem_need(r->answers == 0 || (r->status == 0 && nomem_struck()), "nothing is answered");
    r->answers = 0;
    r->closed = false;
    nomem_arm();
    r->sink->ops->close(r->sink, on_closed, r);
    nomem_disarm();
    turn_until(r, is_closed, "it is closed");
    turn_until(r, no_handles, "no handle is left");
    nomem_need(r->answers == 0, "who closes hears no answer");
}

static void play(void) {
    static const struct influx_conf v1 = {
        .name = "a db", .user = "bob", .password = "secret", .gzip = true, .create = true};
    static const struct influx_conf v2 = {.v2 = true, .name = "b", .org = "o", .token = "t0k"};
    struct rig r = {0};
    nomem_need(!uv_loop_init(&r.loop) && !uv_loop_init(&r.server_loop) &&
                   !server_http_open(&r.server_loop, NULL, &r.server),
               "setup");
    server_http_handler(r.server, on_request, NULL);
    open_sink(&r, v1);
    for (size_t i = 0; i < ASKS; i++)
        ask(&r, &asks[i]);
    close_sink(&r);
    open_sink(&r, v2);
    ask(&r, &asks[0]);
    close_sink(&r);
    server_http_close(r.server);
    turn_until(&r, no_server, "the server ends");
    nomem_need(!uv_loop_close(&r.loop) && !uv_loop_close(&r.server_loop), "loops are closed");
}

void nomem_influx(void) {
    play();
}

void nomem_curl(void) {
    nomem_need(!curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, free, realloc, strdup, calloc),
               "setup");
    play();
    curl_global_cleanup();
}
