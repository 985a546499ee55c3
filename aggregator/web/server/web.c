/* Opening, the library's call-back and the two-step farewell. libwebsockets on a foreign loop is
 * destroyed in two calls: the first begins to close its handles, the loop then turns, and the
 * second frees what is left; the library sets our pointer to NULL when it is gone. */
#include "web/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "web/web_impl.h"

enum { FAREWELL_PATIENCE = 1000 }; /* turns of at least 1 ms */

static void client_fini(struct client *c) {
    stream_end(c);
    past_forget(c);
    command_forget(c);
    buf_fini(&c->body);
    if (c->posted.p) /* a password may be in it */
        explicit_bzero(c->posted.p, c->posted.n);
    buf_fini(&c->posted);
}

static int on_body(struct client *c, const void *bytes, size_t n) {
    if (!c->posting)
        return REPLY_GOES_ON; /* of a request that is answered already */
    if (clock_mono_ms() - c->posted_mono_ms >
        WEB_BODY_S * 1000) /* the library begins anew each time */
        return REPLY_END;
    if (c->posted.n + n > WEB_BODY_MAX) {
        c->posting = false;
        c->close = true;
        return reply_problem(c, 413, "body too large", "a body may have 65536 bytes");
    }
    return buf_add(&c->posted, bytes, n) ? REPLY_END : REPLY_GOES_ON;
}

static int on_request(struct web *w, struct lws *wsi, struct client *c, const char *path) {
    if (c->web)
        client_fini(c); /* the next request of a kept connection */
    *c = (struct client){.web = w, .wsi = wsi};
    /* The library ends a path at %00 and then finds no version: it would name something else. */
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP) <= 0) {
        w->stats.requests++;
        c->close = true;
        return reply_problem(c, 400, "bad request", "the request line has no version");
    }
    return request_begin(c, path);
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t len) {
    struct lws_vhost *vhost = lws_get_vhost(wsi);
    struct web *w = vhost ? lws_get_vhost_user(vhost) : NULL;
    struct client *c = user;
    if (!w)
        return 0;
    switch ((int)reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        return connection_refused(w, wsi);
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        return connection_add(w, wsi);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: /* no websockets, no cleartext HTTP/2 */
        connection_closing(w, wsi);
        return -1;
    case LWS_CALLBACK_HTTP:
        connection_asks(w, wsi);
        return on_request(w, wsi, c, in);
    case LWS_CALLBACK_HTTP_BODY:
        return on_body(c, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return c->posting ? command_posted(c) : 0;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        if (!c->web)
            return 0;
        if (c->later)
            return command_posted(c);
        if (c->wait_for)
            return 0; /* not yet */
        if (c->ready)
            return past_reply(c);
        return c->stream ? stream_writable(c) : reply_continue(c);
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        if (reason == LWS_CALLBACK_CLOSED_HTTP)
            connection_closing(w, wsi);
        if (c && c->web)
            client_fini(c);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        connection_drop(w, wsi);
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = on_http, .per_session_data_size = sizeof(struct client)}, {0}};

static struct lws_vhost *vhost_open(struct web *w, const char *name, const char *address,
                                    uint16_t port, uint64_t options, bool tls) {
    struct lws_context_creation_info info = {
        .vhost_name = name,
        .port = port,
        .iface = address,
        .protocols = protocols,
        .options = options,
        .user = w,
        .timeout_secs = 10,
        .keepalive_timeout = 30,
    };
    if (tls)
        tls_vhost(w, &info);
    return lws_create_vhost(w->context, &info);
}

/* A socket file that nobody listens on is the remains of a killed process. */
static void remove_socket(const char *path) {
    struct stat st;
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
        (void)unlink(path);
}

static enum err listen_all(struct web *w) {
    if (strcmp(w->host, "none") != 0) {
        /* With IPv6 on, the library takes an IPv4 address for "any". */
        uint64_t family = strchr(w->host, ':') ? 0 : LWS_SERVER_OPTION_DISABLE_IPV6;
        w->tcp = vhost_open(w, "tcp", w->host, w->conf.port, family, w->certificate[0] != 0);
        if (!w->tcp)
            return ERR_IO;
        w->port = (uint16_t)lws_get_vhost_listen_port(w->tcp);
        if (w->port == 0)
            return ERR_IO;
        /* Browsers send cookies to all ports of a host; with TLS the name itself demands that. */
        snprintf(w->cookie, sizeof w->cookie, "%splantbus-%u", w->certificate[0] ? "__Host-" : "",
                 w->port);
    }
    if (w->unix_path[0]) {
        struct stat st;
        remove_socket(w->unix_path);
        mode_t before = umask(0177); /* only the owner may speak to it */
        w->local = vhost_open(w, "unix", w->unix_path, 0, LWS_SERVER_OPTION_UNIX_SOCK, false);
        umask(before);
        if (!w->local || lstat(w->unix_path, &st) || !S_ISSOCK(st.st_mode))
            return ERR_IO;
        if (chmod(w->unix_path, 0600))
            return ERR_IO;
    }
    return ERR_OK;
}

static void on_timer_closed(uv_handle_t *handle) {
    free(handle);
}

static void count_closing(uv_handle_t *handle, void *arg) {
    *(unsigned *)arg += uv_is_closing(handle) ? 1 : 0;
}

/* The library closes some handles from inside the call-backs of others, and unloads the code of
 * those call-backs with the context: the next step waits until none is outstanding. */
static bool handles_are_closing(struct web *w) {
    unsigned n = 0;
    uv_walk(w->loop, count_closing, &n);
    return n > 0;
}

/* For failures of web_open only: nothing is connected yet, so the turns are short. */
static void destroy_now(struct web *w) {
    lws_context_destroy(w->context);
    while (w->context) {
        uv_run(w->loop, UV_RUN_NOWAIT);
        if (!handles_are_closing(w))
            lws_context_destroy(w->context);
    }
}

static enum err context_open(struct web *w) {
    void *loops[1] = {w->loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME |
                   (w->certificate[0] ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
        .foreign_loops = loops,
        .pcontext = &w->context,
        .max_http_header_data = WEB_HEADER_MAX,
        .max_http_header_pool = (unsigned short)(w->connections_max + 8),
        .timeout_secs = 10,
        .server_string = "plantbus",
    };
    lws_set_log_level(0, NULL);
    struct lws_context *made = lws_create_context(&info);
    if (!made)
        return ERR_NOMEM;
    w->context = made;
    return ERR_OK;
}

static enum err conf_take(struct web *w, const struct web_conf *conf) {
    w->conf = *conf;
    if (!w->conf.clients_max)
        w->conf.clients_max = 64;
    if (!w->conf.push_ms)
        w->conf.push_ms = 200;
    if (!w->conf.slice_parts)
        w->conf.slice_parts = 24;
    int n = snprintf(w->host, sizeof w->host, "%s",
                     conf->listen_host ? conf->listen_host : "127.0.0.1");
    int m =
        snprintf(w->unix_path, sizeof w->unix_path, "%s", conf->unix_path ? conf->unix_path : "");
    int k = snprintf(w->certificate, sizeof w->certificate, "%s",
                     conf->certificate ? conf->certificate : "");
    int l = snprintf(w->tls_key, sizeof w->tls_key, "%s", conf->key ? conf->key : "");
    w->connections_max = 4 * w->conf.clients_max + WEB_LOCAL_KEPT;
    bool fits = n < (int)sizeof w->host && m < (int)sizeof w->unix_path &&
                w->conf.clients_max <= 1024 && k < (int)sizeof w->certificate &&
                l < (int)sizeof w->tls_key;
    if (!fits)
        return ERR_RANGE;
    w->connection = calloc(w->connections_max, sizeof *w->connection);
    return w->connection ? ERR_OK : ERR_NOMEM;
}

static enum err web_start(struct web *w) {
    enum err err = clock_random(&w->epoch, sizeof w->epoch);
    if (!err)
        err = context_open(w);
    if (!err && (err = listen_all(w)))
        destroy_now(w);
    if (err)
        return err;
    w->timer = malloc(sizeof *w->timer);
    if (!w->timer) {
        destroy_now(w);
        return ERR_NOMEM;
    }
    uv_timer_init(w->loop, w->timer);
    w->timer->data = w;
    return ERR_OK;
}

enum err web_open(const struct web_conf *conf, struct uv_loop_s *loop,
                  const struct web_source *source, struct web **out) {
    struct web *w = calloc(1, sizeof *w);
    if (!w)
        return ERR_NOMEM;
    w->loop = loop;
    w->source = *source;
    enum err err = conf_take(w, conf);
    if (!err)
        err = web_start(w);
    if (err) {
        web_close(w);
        return err;
    }
    *out = w;
    return ERR_OK;
}

uint16_t web_port(const struct web *w) {
    return w->port;
}

const struct web_stats *web_stats(const struct web *w) {
    return &w->stats;
}

bool web_wake(struct web *w) {
    if (w->waiting)
        command_committed(w);
    if (w->stopping || !w->streams)
        return false;
    stream_push(w);
    return stream_half(w);
}

void web_renew(struct web *w) {
    struct core *core = w->source.core(w->source.user);
    w->epoch++; /* pages ask for the plant again */
    if (core)
        stream_renew(w, core);
}

static void farewell_end(struct web *w, uv_timer_t *t) {
    if (w->unix_path[0])
        remove_socket(w->unix_path);
    uv_close((uv_handle_t *)t, on_timer_closed);
    w->timer = NULL;
    if (w->done)
        w->done(w->done_user);
}

/* One step a turn: the connections end, the context gives up its handles, the rest is freed. */
static void on_farewell(uv_timer_t *t) {
    struct web *w = t->data;
    if (w->stats.connections && w->farewell < FAREWELL_PATIENCE) {
        for (unsigned i = 0; w->farewell == 0 && i < w->stats.connections; i++)
            lws_set_timeout(w->connection[i].wsi, PENDING_TIMEOUT_KILLED_BY_PARENT,
                            LWS_TO_KILL_ASYNC);
        w->farewell++;
    } else if (!handles_are_closing(w)) {
        lws_context_destroy(w->context);
    }
    if (w->context)
        uv_timer_start(t, on_farewell, 1, 0);
    else
        farewell_end(w, t);
}

void web_stop(struct web *w, void (*done)(void *user), void *user) {
    if (w->stopping)
        return;
    w->stopping = true;
    w->done = done;
    w->done_user = user;
    /* On a turn of its own: the caller may stand inside one of our call-backs. */
    uv_timer_start(w->timer, on_farewell, 0, 0);
}

void web_close(struct web *w) {
    if (w)
        free(w->connection);
    free(w);
}
