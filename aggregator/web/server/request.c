/* A request finds its route: host, method, path and parameters are looked at here, before anything
 * is asked of the plant. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "web/web_impl.h"

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

/* What a path takes, for Allow; NULL: there is no such path. */
static const char *methods_of(struct client *c, const char *path) {
    struct ident id;
    struct page p;
    bool gets = c->web->conf.pages && page_find(path, &p), posts = false;
    for (unsigned i = 0; i < web_route_n; i++)
        if (match(&web_routes[i], path, &id)) {
            gets = gets || web_routes[i].get;
            posts = posts || (web_routes[i].post && c->web->source.command);
        }
    return gets && posts ? "GET, HEAD, POST, OPTIONS"
           : gets        ? "GET, HEAD, OPTIONS"
           : posts       ? "POST, OPTIONS"
                         : NULL;
}

static int not_so(struct client *c, const char *path) {
    const char *methods = methods_of(c, path);
    if (methods)
        return reply_allow(c, 405, methods);
    return reply_problem(c, 404, "not found",
                         "nothing is served under this path; /api/v1/routes tells what there is");
}

/* Which edition whoever posts has before him; false: the head is too long to be one. */
static bool take_condition(struct client *c) {
    char text[8];
    c->etag[0] = c->if_match[0] = 0;
    c->new_only =
        reply_header(c, WSI_TOKEN_HTTP_IF_NONE_MATCH, text, sizeof text) && strcmp(text, "*") == 0;
    return lws_hdr_total_length(c->wsi, WSI_TOKEN_HTTP_IF_MATCH) <= 0 ||
           reply_header(c, WSI_TOKEN_HTTP_IF_MATCH, c->if_match, sizeof c->if_match);
}

static int post(struct client *c, const char *path) {
    const struct route *r = post_route(path);
    int64_t n = body_length(c);
    int answered = REPLY_GOES_ON;
    c->close = true;
    if (n < 0 || n > WEB_BODY_MAX)
        return reply_problem(c, 413, "body too large", "a body may have 65536 bytes");
    if (!r || !c->web->source.command)
        return not_so(c, path);
    if (!admit_post(c, r, &answered))
        return answered;
    if (!is_json(c))
        return reply_problem(c, 415, "unsupported media type",
                             "a command is sent as application/json");
    snprintf(c->noun, sizeof c->noun, "%s", r->post);
    if (!take_condition(c))
        return reply_wrong(c, 400, "if-match: that is too long");
    buf_reset(&c->posted);
    if (n == 0)
        return command_posted(c);
    c->posting = true;
    c->posted_mono_ms = clock_mono_ms();
    return REPLY_GOES_ON;
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
        const char *wrong = r->takes ? args_check(c, r->takes) : NULL;
        if (wrong)
            return reply_wrong(c, 400, wrong);
        struct core *core = c->web->source.core(c->web->source.user);
        if (!core)
            return reply_problem(c, 503, "starting", "the plant is not loaded yet");
        return r->get(c, core, id.s);
    }
    struct page p;
    return c->web->conf.pages && page_find(path, &p) ? reply_page(c, &p) : not_so(c, path);
}

/* Of all methods the library knows those; what it does not know it hangs up on. */
static int other_method(struct client *c, const char *path) {
    const bool asks = lws_hdr_total_length(c->wsi, WSI_TOKEN_OPTIONS_URI) > 0;
    const char *methods = methods_of(c, path);
    c->close = true; /* there may be a body */
    return asks && methods ? reply_allow(c, 204, methods) : not_so(c, path);
}

int request_begin(struct client *c, const char *path) {
    c->web->stats.requests++;
    if (!host_allowed(c))
        return reply_problem(c, 421, "misdirected request", "this host name is not served here");
    admit_identify(c);
    c->head_only = lws_hdr_total_length(c->wsi, WSI_TOKEN_HEAD_URI) > 0;
    if (lws_hdr_total_length(c->wsi, WSI_TOKEN_POST_URI) > 0)
        return post(c, path);
    bool is_get = lws_hdr_total_length(c->wsi, WSI_TOKEN_GET_URI) > 0 || c->head_only;
    if (!is_get)
        return other_method(c, path);
    if (body_length(c) != 0)
        c->close = true;
    return get(c, path);
}
