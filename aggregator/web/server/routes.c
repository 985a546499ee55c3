/* What is served where: a table of paths, one small function each. */
#include <stdio.h>
#include <stdlib.h>

#include "views/entry.h"
#include "web/web_impl.h"

void route_view(const struct web *w, struct core *core, struct view_extra *extra,
                struct view_in *in) {
    *extra = (struct view_extra){0};
    if (w->source.extra)
        w->source.extra(w->source.user, extra);
    *in = (struct view_in){.core = core,
                           .now = w->source.now(w->source.user),
                           .stale_ms = w->conf.stale_ms,
                           .extra = extra};
}

static int finish(struct client *c, const struct json_writer *w) {
    if (json_writer_finish(w))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_json(c, 200);
}

static int get_status(struct client *c, struct core *core, const char *id) {
    (void)id;
    struct view_extra extra;
    struct view_in in;
    struct json_writer w;
    route_view(c->web, core, &extra, &in);
    json_writer_init(&w, &c->body);
    view_health(&w, &in);
    return finish(c, &w);
}

static int get_plant(struct client *c, struct core *core, const char *id) {
    (void)id;
    struct json_writer w;
    json_writer_init(&w, &c->body);
    view_plant(&w, core_plant(core));
    return finish(c, &w);
}

/* The file in force, for `plantbus check --against`. It holds no secret. */
static int get_plant_file(struct client *c, struct core *core, const char *id) {
    (void)id;
    struct span text = core_plant(core)->text;
    if (text.n == 0)
        return reply_problem(c, 404, "not found", "this plant was not read from a file");
    if (buf_add(&c->body, text.p, text.n))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_bytes(c, 200, "application/yaml", NULL);
}

/* For `plantbus check --against`: where things are is for whoever runs the machine. */
static int get_settings(struct client *c, struct core *core, const char *id) {
    struct web *w = c->web;
    (void)core, (void)id;
    if (!w->source.settings)
        return reply_problem(c, 404, "not found", "these settings are not those of a file");
    if (lws_get_vhost(c->wsi) != w->local)
        return reply_problem(c, 403, "forbidden", "settings are told over the UNIX socket only");
    if (w->source.settings(w->source.user, &c->body))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_bytes(c, 200, "application/yaml", NULL);
}

static int get_indicators(struct client *c, struct core *core, const char *id) {
    (void)core, (void)id;
    struct json_writer w;
    json_writer_init(&w, &c->body);
    view_indicators(&w);
    return finish(c, &w);
}

static int get_unassigned(struct client *c, struct core *core, const char *id) {
    (void)id;
    struct view_extra extra;
    struct view_in in;
    struct json_writer w;
    route_view(c->web, core, &extra, &in);
    json_writer_init(&w, &c->body);
    view_unassigned(&w, &in);
    return finish(c, &w);
}

static int get_unplaced(struct client *c, struct core *core, const char *id) {
    (void)id;
    struct view_extra extra;
    struct view_in in;
    struct json_writer w;
    route_view(c->web, core, &extra, &in);
    json_writer_init(&w, &c->body);
    view_unplaced(&w, &in);
    return finish(c, &w);
}

static int get_metrics(struct client *c, struct core *core, const char *id) {
    (void)id;
    struct view_extra extra;
    struct view_in in;
    route_view(c->web, core, &extra, &in);
    if (view_metrics(&c->body, &in))
        return reply_problem(c, 503, "out of memory", "the answer did not fit");
    return reply_bytes(c, 200, "text/plain; version=0.0.4; charset=utf-8", NULL);
}

bool route_argument(struct client *c, const char *name, char *text, size_t n) {
    char fragment[128];
    size_t len = strlen(name);
    for (int i = 0;; i++) { /* one may be empty: "?&name=" */
        int got =
            lws_hdr_copy_fragment(c->wsi, fragment, sizeof fragment, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (got < 0 && lws_hdr_fragment_length(c->wsi, WSI_TOKEN_HTTP_URI_ARGS, i) <= 0)
            return false;
        if (got < 0 || strncmp(fragment, name, len) != 0 || fragment[len] != '=')
            continue;
        snprintf(text, n, "%s", fragment + len + 1);
        return true;
    }
}

static int unknown_node(struct client *c) {
    return reply_problem(c, 404, "not found", "no node of the plant has this id");
}

static int unknown_window(struct client *c) {
    return reply_problem(c, 400, "bad request", "window: one of rolling, hour, shift, day");
}

static int get_node(struct client *c, struct core *core, const char *id) {
    char text[64];
    unsigned windows = VIEW_ALL_WINDOWS;
    uint32_t node = plant_find_node(core_plant(core), id);
    if (node == UINT32_MAX)
        return unknown_node(c);
    if (route_argument(c, "window", text, sizeof text)) {
        enum view_window v = view_window_find(span_str(text));
        if (v == VIEW_WINDOW_COUNT)
            return unknown_window(c);
        windows = 1U << v;
    }
    struct view_extra extra;
    struct view_in in;
    struct json_writer w;
    route_view(c->web, core, &extra, &in);
    json_writer_init(&w, &c->body);
    view_node(&w, &in, node, windows);
    return finish(c, &w);
}

static int get_unit(struct client *c, struct core *core, const char *id) {
    const struct plant *p = core_plant(core);
    uint32_t unit = plant_find_unit(p, id);
    if (unit == UINT32_MAX)
        return reply_problem(c, 404, "not found", "no unit of the plant has this id");
    return get_node(c, core, p->node[p->unit[unit].node].id.s);
}

static int get_stream(struct client *c, struct core *core, const char *id) {
    (void)id;
    char text[64];
    const struct plant *p = core_plant(core);
    uint32_t node = p->node_n ? 0 : UINT32_MAX;
    enum view_window window = VIEW_SHIFT;
    if (c->close) /* the library would look for its end as long as the stream lasts */
        return reply_problem(c, 400, "bad request", "a stream takes no body");
    if (route_argument(c, "node", text, sizeof text))
        node = plant_find_node(p, text);
    if (node == UINT32_MAX)
        return unknown_node(c);
    if (route_argument(c, "window", text, sizeof text))
        window = view_window_find(span_str(text));
    if (window == VIEW_WINDOW_COUNT)
        return unknown_window(c);
    if (c->web->stats.streams_open >= c->web->conf.clients_max)
        return reply_problem(c, 503, "too many viewers", "the number of live streams is limited");
    return stream_begin(c, core, node, window);
}

/* The number of an argument; false: it is none of [1, most]. */
static bool number(const char *text, int64_t most, int64_t *out) {
    char *end = NULL;
    long long n = strtoll(text, &end, 10);
    *out = n;
    return *text && !*end && n >= 1 && n <= most;
}

/* unit, from, to, limit: as history has them; before: number of an entry. More of them at once
 * would hold the loop. */
static int get_entries(struct client *c, struct core *core, const char *id) {
    (void)id;
    enum { LIMIT_MAX = 1000 };
    char text[64];
    int64_t n = 0;
    struct view_entries asked = {
        .unit = UINT32_MAX, .from_ms = INT64_MIN, .to_ms = INT64_MAX, .limit = 200};
    struct json_writer w;
    if (route_argument(c, "unit", text, sizeof text) &&
        (asked.unit = plant_find_unit(core_plant(core), text)) == UINT32_MAX)
        return reply_problem(c, 404, "not found", "unit: no unit of the plant has this id");
    if (route_argument(c, "from", text, sizeof text) && !past_time(text, &asked.from_ms))
        return reply_problem(c, 400, "bad request", "from: expected a time");
    if (route_argument(c, "to", text, sizeof text) && !past_time(text, &asked.to_ms))
        return reply_problem(c, 400, "bad request", "to: expected a time");
    if (route_argument(c, "before", text, sizeof text)) {
        if (!number(text, INT64_MAX, &n))
            return reply_problem(c, 400, "bad request", "before: expected the number of an entry");
        asked.before = (uint64_t)n;
    }
    if (route_argument(c, "limit", text, sizeof text)) {
        if (!number(text, LIMIT_MAX, &n))
            return reply_problem(c, 400, "bad request", "limit: a number from 1 to 1000");
        asked.limit = (size_t)n;
    }
    json_writer_init(&w, &c->body);
    view_entries(&w, core, &asked);
    return finish(c, &w);
}

#define GET(where, how)                                                                            \
    { .path = "/api/v1/" where, .get = (how) }
#define POST(where, whom)                                                                          \
    { .path = "/api/v1/" where, .post = (where), .post_for = (whom) }

const struct route web_routes[] = {
    GET("status", get_status),
    GET("plant", get_plant),
    GET("indicators", get_indicators),
    GET("nodes/", get_node),
    GET("units/", get_unit),
    {.path = "/api/v1/units/", .get = past_get_timeline, .tail = "/timeline"},
    GET("unassigned", get_unassigned),
    GET("unplaced", get_unplaced),
    GET("stream", get_stream),
    GET("windows", past_get),
    GET("stops", past_get_stops),
    GET("scrap", past_get_scrap),
    GET("orders", past_get_orders),
    GET("gauges", past_get_gauge),
    GET("explain", past_get_explain),
    GET("norms/suggest", past_get_norms_suggest),
    GET("norms/attainment", past_get_norms_attainment),
    GET("norms/teams", past_get_norms_teams),
    GET("norms/status", past_get_norms_status),
    GET("norms/review", past_get_norms_review),
    GET("norms/records", past_get_norms_records),
    GET("norms/links", past_get_norms_links),
    GET("plant/file", get_plant_file),
    GET("settings", get_settings),
    {.path = "/api/v1/alerts", .get = alerts_get, .post = "alerts"},
    GET("alerts/history", alerts_get_history),
    GET("alerts/figures", alerts_get_figures),
    {.path = "/api/v1/alerts/letters", .get = alerts_get_letters, .post = "alerts/letters"},
    POST("alerts/backtest", POST_BY_RIGHT),
    POST("alerts/test", POST_BY_RIGHT),
    {.path = "/metrics", .get = get_metrics, .right = MAY_METRICS},
    {.path = "/api/v1/entries", .get = get_entries, .post = "entries"},
    {.path = "/api/v1/norms", .get = norms_get, .post = "norms"},
    GET("norms/why", norms_get_why),
    GET("norms/audit", norms_get_audit),
    GET("norms/", norms_get_one),
    POST("reload", POST_BY_RIGHT),
    {.path = "/api/v1/session", .get = admit_get_session, .open = true},
    POST("login", POST_OPEN),
    POST("logout", POST_OPEN),
    POST("welcome", POST_OPEN),
    POST("password", POST_KNOWN),
    POST("pin", POST_KNOWN),
    POST("station", POST_KNOWN),
    {.path = "/api/v1/users", .get = admit_get_users, .right = MAY_ADMINISTER, .post = "users"},
    {.path = "/api/v1/tokens", .get = admit_get_tokens, .right = MAY_ADMINISTER, .post = "tokens"},
    {.path = "/api/v1/audit", .get = admit_get_audit, .right = MAY_AUDIT},
    GET("routes", admit_get_routes),
};
const unsigned web_route_n = sizeof web_routes / sizeof *web_routes;

/* Fills the id that the path names, if the route takes one. */
static bool match(const struct route *r, const char *path, struct ident *id) {
    const size_t n = strlen(r->path), tail = r->tail ? strlen(r->tail) : 0, all = strlen(path);
    *id = (struct ident){""};
    if (r->path[n - 1] != '/')
        return strcmp(path, r->path) == 0;
    if (strncmp(path, r->path, n) != 0 || all < n + tail ||
        strcmp(path + all - tail, r->tail ? r->tail : "") != 0)
        return false;
    return ident_set(id, span_of(path + n, all - n - tail));
}

static int get_page(struct client *c, const char *path) {
    struct page p;
    char etag[24], text[512];
    if (!c->web->conf.pages || !page_find(path, &p))
        return reply_problem(c, 404, "not found", "nothing is served under this path");
    page_etag(&p, etag);
    if (reply_header(c, WSI_TOKEN_HTTP_IF_NONE_MATCH, text, sizeof text) && strstr(text, etag))
        return reply_not_modified(c, etag);
    bool gzip =
        reply_header(c, WSI_TOKEN_HTTP_ACCEPT_ENCODING, text, sizeof text) && strstr(text, "gzip");
    c->fixed = gzip ? p.gzip : p.plain;
    return reply_bytes(c, 200, p.type, etag);
}

static int get(struct client *c, const char *path) {
    for (unsigned i = 0; i < web_route_n; i++) {
        const struct route *r = &web_routes[i];
        struct ident id;
        int answered = REPLY_GOES_ON;
        if (!r->get || !match(r, path, &id))
            continue;
        if (!admit_get(c, r, &answered))
            return answered;
        struct core *core = c->web->source.core(c->web->source.user);
        if (!core)
            return reply_problem(c, 503, "starting", "the plant is not loaded yet");
        return r->get(c, core, id.s);
    }
    return get_page(c, path);
}

/* Host is `name`, with or without a port. */
static bool is_host(const char *host, const char *name) {
    size_t n = strlen(name);
    return strncmp(host, name, n) == 0 && (host[n] == 0 || host[n] == ':');
}

/* A page of another site must not reach us by a name of its own that resolves to this machine. */
static bool host_allowed(struct client *c) {
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    char host[128];
    struct web *w = c->web;
    bool loopback = strncmp(w->host, "127.", 4) == 0 || strcmp(w->host, "::1") == 0;
    if (lws_get_vhost(c->wsi) != w->tcp || !loopback)
        return true;
    int n = lws_hdr_total_length(c->wsi, WSI_TOKEN_HOST);
    if (n == 0)
        return true; /* HTTP/1.0: no browser */
    if (!reply_header(c, WSI_TOKEN_HOST, host, sizeof host))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (is_host(host, names[i]))
            return true;
    return is_host(host, w->host);
}

static int64_t body_length(struct client *c) {
    char text[32];
    if (!reply_header(c, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof text))
        return 0;
    char *end;
    long long n = strtoll(text, &end, 10);
    return *end || n < 0 ? -1 : n;
}

/* A page of another site cannot send this type without asking first, and nobody answers that. */
static bool is_json(struct client *c) {
    static const char json[] = "application/json";
    char type[64];
    return reply_header(c, WSI_TOKEN_HTTP_CONTENT_TYPE, type, sizeof type) &&
           strncmp(type, json, sizeof json - 1) == 0;
}

static const struct route *post_route(const char *path) {
    struct ident id;
    for (unsigned i = 0; i < web_route_n; i++)
        if (web_routes[i].post && match(&web_routes[i], path, &id))
            return &web_routes[i];
    return NULL;
}

/* A resource that takes no commands says what it takes instead. */
static int no_command(struct client *c, const char *path) {
    static const char prefix[] = "/api/v1/";
    struct ident id;
    bool there = strncmp(path, prefix, sizeof prefix - 1) != 0;
    for (unsigned i = 0; i < web_route_n && !there; i++)
        there = match(&web_routes[i], path, &id);
    if (there)
        return reply_allow(c, "GET, HEAD");
    return reply_problem(
        c, 404, "not found",
        "no command is taken under this path; /api/v1/routes tells those there are");
}

static int post(struct client *c, const char *path) {
    const struct route *r = post_route(path);
    int64_t n = body_length(c);
    int answered = REPLY_GOES_ON;
    c->close = true;
    if (!c->web->source.command)
        return reply_allow(c, "GET, HEAD");
    if (n < 0 || n > WEB_BODY_MAX)
        return reply_problem(c, 413, "body too large", "a body may have 65536 bytes");
    if (!r)
        return no_command(c, path);
    if (!admit_post(c, r, &answered))
        return answered;
    if (!is_json(c))
        return reply_problem(c, 415, "unsupported media type",
                             "a command is sent as application/json");
    snprintf(c->noun, sizeof c->noun, "%s", r->post);
    buf_reset(&c->posted);
    if (n == 0)
        return route_posted(c);
    c->posting = true;
    return REPLY_GOES_ON;
}

static int status_of(enum err err) {
    static const int status[ERR_COUNT] = {
        [ERR_NOMEM] = 503,      [ERR_IO] = 503,    [ERR_FORMAT] = 400, [ERR_TRUNCATED] = 400,
        [ERR_CHECKSUM] = 400,   [ERR_RANGE] = 422, [ERR_EXISTS] = 409, [ERR_NOT_FOUND] = 404,
        [ERR_STATE] = 409,      [ERR_FULL] = 503,  [ERR_BUSY] = 503,   [ERR_CONFIG] = 422,
        [ERR_UNSUPPORTED] = 404};
    return err < ERR_COUNT && status[err] ? status[err] : 500;
}

static const char *status_title(int status) {
    return status == 401   ? "not logged in"
           : status == 403 ? "forbidden"
           : status == 429 ? "too many tries"
                           : "refused";
}

/* Whether what the command took is in the store. */
static bool is_durable(const struct client *c) {
    struct core *core = c->web->source.core(c->web->source.user);
    return core && (c->durable ? c->durable : core_act_durable)(core, c->wait_for);
}

static int wait_in_line(struct client *c) {
    c->waiting = c->web->waiting;
    c->web->waiting = c;
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, WEB_STUCK_S);
    return REPLY_GOES_ON;
}

/* What was taken is answered when nothing can undo it any more. */
static int answer_when_durable(struct client *c, const struct web_command *command) {
    c->wait_for = command->wait_for;
    c->durable = command->durable;
    if (c->wait_for == 0 || is_durable(c)) {
        c->wait_for = 0;
        return reply_json(c, 200);
    }
    return wait_in_line(c);
}

/* The source decides how long that goes on. */
static int ask_again(struct client *c, uint64_t ticket) {
    const bool waits = c->later;
    c->ticket = ticket;
    c->later = true;
    if (!waits)
        return wait_in_line(c);
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, WEB_STUCK_S);
    return REPLY_GOES_ON;
}

void route_forget(struct client *c) {
    struct client **at = &c->web->waiting;
    while (*at && *at != c)
        at = &(*at)->waiting;
    if (*at)
        *at = c->waiting;
    c->wait_for = 0;
    c->later = false;
}

/* Bytes behind a command that waits would keep the loop turning, and hide that its peer is gone. */
static void mind(struct client *c) {
    const enum peer_word said = peer_says(c);
    if (said == PEER_QUIET)
        return;
    c->close = true;
    lws_rx_flow_control(c->wsi, 0); /* first: what is read would put the end off again */
    if (said == PEER_GONE)
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
}

void route_committed(struct web *w) {
    for (struct client *c = w->waiting, *next; c; c = next) {
        next = c->waiting;
        if (c->later)
            lws_callback_on_writable(c->wsi); /* it is put again from there */
        mind(c);
        if (c->later || !is_durable(c))
            continue;
        route_forget(c);
        c->ready = true;
        c->type = "application/json";
        lws_callback_on_writable(c->wsi);
    }
}

int route_posted(struct client *c) {
    struct web *w = c->web;
    struct web_command command = {.noun = span_str(c->noun),
                                  .json = buf_span(&c->posted),
                                  .by = &c->actor,
                                  .answer = &c->body,
                                  .ticket = c->ticket};
    c->posting = false;
    enum err err = w->source.command(w->source.user, &command);
    if (!err && command.later)
        return ask_again(c, command.ticket);
    if (c->later)
        route_forget(c);
    if (c->posted.p) /* a password may be in it */
        explicit_bzero(c->posted.p, c->posted.n);
    buf_fini(&c->posted);
    admit_cookie(c, &command);
    explicit_bzero(command.cookie, sizeof command.cookie);
    if (err == ERR_OK)
        return answer_when_durable(c, &command);
    c->field = command.field[0] ? command.field : NULL;
    c->challenge = command.status == 401;
    c->retry_ms = command.retry_ms;
    const int done = reply_problem(c, command.status ? command.status : status_of(err),
                                   command.status ? status_title(command.status) : err_name(err),
                                   command.detail[0] ? command.detail : "the command was refused");
    c->field = NULL; /* it is the command's */
    return done;
}

int route_request(struct client *c, const char *path) {
    c->web->stats.requests++;
    if (!host_allowed(c))
        return reply_problem(c, 421, "misdirected request", "this host name is not served here");
    admit_identify(c);
    c->head_only = lws_hdr_total_length(c->wsi, WSI_TOKEN_HEAD_URI) > 0;
    if (lws_hdr_total_length(c->wsi, WSI_TOKEN_POST_URI) > 0)
        return post(c, path);
    bool is_get = lws_hdr_total_length(c->wsi, WSI_TOKEN_GET_URI) > 0 || c->head_only;
    if (!is_get)
        return reply_allow(c, c->web->source.command ? "GET, HEAD, POST" : "GET, HEAD");
    if (body_length(c) != 0)
        c->close = true;
    return get(c, path);
}
