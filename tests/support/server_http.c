#include "support/server_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <uv.h>
#include <zlib.h>

enum { SCRIPT_MAX = 256, REQUEST_MAX = 4096, READ_BYTES = 65536 };

union stream {
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
};

struct connection {
    union stream io;
    uv_timer_t delay;
    struct server_http *server;
    struct connection *next, **at;
    struct buf in;
    struct server_answer answer; /* to the request being answered */
    bool busy;                   /* answering; what comes meanwhile waits in in */
    bool closing;
    unsigned id, open_handles;
    char chunk[READ_BYTES];
};

struct server_http {
    union stream listener;
    uv_loop_t *loop;
    bool unix_socket;
    char url[64];
    struct connection *connections;
    unsigned connection_n;
    struct server_answer script[SCRIPT_MAX];
    size_t script_n, script_at;
    struct server_request *request;
    size_t request_n;
    void (*handle)(void *user, const struct server_request *r, struct server_answer *a);
    void *handle_user;
    size_t open_handles;
    bool closing;
};

struct reply {
    uv_write_t write;
    struct connection *c;
    struct buf bytes;
    bool then_reset;
};

static void serve(struct connection *c);

static void server_free(struct server_http *s) {
    for (size_t i = 0; i < s->request_n; i++) {
        buf_fini(&s->request[i].headers);
        buf_fini(&s->request[i].body);
    }
    free(s->request);
    free(s);
}

static void server_drop(struct server_http *s) {
    if (--s->open_handles == 0 && s->closing) {
        server_free(s);
    }
}

static void on_listener_closed(uv_handle_t *h) {
    server_drop(h->data);
}

static void on_connection_closed(uv_handle_t *h) {
    struct connection *c = h->data;
    struct server_http *s = c->server;
    if (--c->open_handles == 0) {
        buf_fini(&c->in);
        free(c);
        server_drop(s);
    }
}

static void connection_close(struct connection *c, bool reset) {
    if (c->closing) {
        return;
    }
    c->closing = true;
    *c->at = c->next;
    if (c->next != NULL) {
        c->next->at = c->at;
    }
    if (!reset || c->server->unix_socket ||
        uv_tcp_close_reset(&c->io.tcp, on_connection_closed) != 0) {
        uv_close((uv_handle_t *)&c->io, on_connection_closed);
    }
    uv_close((uv_handle_t *)&c->delay, on_connection_closed);
}

static void on_written(uv_write_t *w, int status) {
    struct reply *r = w->data;
    struct connection *c = r->c;
    bool reset = r->then_reset;
    buf_fini(&r->bytes);
    free(r);
    if (c->closing) {
        return;
    }
    if (status != 0 || reset) {
        connection_close(c, reset);
        return;
    }
    c->busy = false;
    serve(c);
}

static void reply_format(struct buf *out, const struct server_answer *a, bool head) {
    int status = a->status != 0 ? a->status : 204;
    bool bodiless = status == 204 || status == 304;
    size_t n = a->body != NULL && !bodiless ? strlen(a->body) : 0;
    (void)buf_addf(out, "HTTP/1.1 %d Scripted\r\n%s", status, a->headers != NULL ? a->headers : "");
    if (!bodiless) {
        (void)buf_addf(out, "Content-Length: %zu\r\n", n);
    }
    (void)buf_add_str(out, "\r\n");
    if (n > 0 && !head) {
        (void)buf_add(out, a->body, n);
    }
}

static void answer_now(struct connection *c) {
    const struct server_answer *a = &c->answer;
    const struct server_request *last = &c->server->request[c->server->request_n - 1];
    if (a->reset) {
        connection_close(c, true);
        return;
    }
    struct reply *r = calloc(1, sizeof *r);
    if (r == NULL) {
        connection_close(c, true);
        return;
    }
    reply_format(&r->bytes, a, strcmp(last->method, "HEAD") == 0);
    if (a->cut > 0 && a->cut < r->bytes.n) {
        r->bytes.n = a->cut;
        r->then_reset = true;
    }
    r->c = c;
    r->write.data = r;
    uv_buf_t b = uv_buf_init((char *)r->bytes.p, (unsigned)r->bytes.n);
    if (uv_write(&r->write, &c->io.stream, &b, 1, on_written) != 0) {
        buf_fini(&r->bytes);
        free(r);
        connection_close(c, true);
    }
}

static void on_delay(uv_timer_t *t) {
    answer_now(t->data);
}

static void answer(struct connection *c, const struct server_request *r) {
    struct server_http *s = c->server;
    c->answer = (struct server_answer){0};
    c->busy = true;
    if (s->handle != NULL) {
        s->handle(s->handle_user, r, &c->answer);
    } else if (s->script_at < s->script_n) {
        c->answer = s->script[s->script_at++];
    }
    if (c->answer.hold) {
        return;
    }
    if (c->answer.delay_ms > 0) {
        uv_timer_start(&c->delay, on_delay, c->answer.delay_ms, 0);
        return;
    }
    answer_now(c);
}

static void gunzip(struct span in, struct buf *out) {
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.n};
    int rc = inflateInit2(&z, 15 + 16);
    while (rc == Z_OK && buf_reserve(out, READ_BYTES) == ERR_OK) {
        z.next_out = out->p + out->n;
        z.avail_out = READ_BYTES;
        rc = inflate(&z, Z_NO_FLUSH);
        out->n += READ_BYTES - z.avail_out;
    }
    inflateEnd(&z);
}

static void end_text(struct buf *b) {
    if (buf_add_byte(b, 0) == ERR_OK) {
        b->n--;
    }
}

bool server_http_header(const struct server_request *r, const char *name, char *value, size_t n) {
    size_t name_n = strlen(name);
    const char *line = (const char *)r->headers.p;
    while (line != NULL && *line != '\0') {
        const char *end = strstr(line, "\r\n");
        size_t line_n = end != NULL ? (size_t)(end - line) : strlen(line);
        if (line_n > name_n && strncasecmp(line, name, name_n) == 0 && line[name_n] == ':') {
            const char *v = line + name_n + 1;
            v += *v == ' ';
            snprintf(value, n, "%.*s", (int)(line + line_n - v), v);
            return true;
        }
        line = end != NULL ? end + 2 : NULL;
    }
    return false;
}

/* Takes one whole request from the front of c->in; false when more bytes are needed. */
static bool take(struct connection *c, struct server_request *r) {
    static const char blank[] = "\r\n\r\n";
    char value[64];
    const uint8_t *end = c->in.n > 0 ? memmem(c->in.p, c->in.n, blank, 4) : NULL;
    if (end == NULL) {
        return false;
    }
    size_t head_n = (size_t)(end - c->in.p);
    *r = (struct server_request){.connection = c->id};
    (void)buf_add(&r->headers, c->in.p, head_n);
    end_text(&r->headers);
    sscanf((const char *)r->headers.p, "%15s %511s", r->method, r->path);
    if (server_http_header(r, "Content-Length", value, sizeof value)) {
        r->wire_bytes = strtoul(value, NULL, 10);
    }
    size_t total = head_n + 4 + r->wire_bytes;
    if (c->in.n < total) {
        buf_fini(&r->headers);
        return false;
    }
    struct span body = span_of(c->in.p + head_n + 4, r->wire_bytes);
    r->gzip = server_http_header(r, "Content-Encoding", value, sizeof value) &&
              strcmp(value, "gzip") == 0;
    if (r->gzip) {
        gunzip(body, &r->body);
    } else {
        (void)buf_add(&r->body, body.p, body.n);
    }
    end_text(&r->body);
    memmove(c->in.p, c->in.p + total, c->in.n - total);
    c->in.n -= total;
    return true;
}

static void serve(struct connection *c) {
    struct server_http *s = c->server;
    if (c->busy || c->closing || s->request_n == REQUEST_MAX ||
        !take(c, &s->request[s->request_n])) {
        return;
    }
    s->request_n++;
    answer(c, &s->request[s->request_n - 1]);
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *b) {
    struct connection *c = h->data;
    (void)hint;
    *b = uv_buf_init(c->chunk, sizeof c->chunk);
}

static void on_read(uv_stream_t *io, ssize_t n, const uv_buf_t *b) {
    struct connection *c = io->data;
    if (n < 0) {
        connection_close(c, false);
        return;
    }
    if (buf_add(&c->in, b->base, (size_t)n) == ERR_OK) {
        serve(c);
    }
}

static void stream_init(struct server_http *s, union stream *io) {
    if (s->unix_socket) {
        uv_pipe_init(s->loop, &io->pipe, 0);
    } else {
        uv_tcp_init(s->loop, &io->tcp);
    }
}

static void on_connection(uv_stream_t *listener, int status) {
    struct server_http *s = listener->data;
    struct connection *c = status == 0 ? calloc(1, sizeof *c) : NULL;
    if (c == NULL) {
        return;
    }
    stream_init(s, &c->io);
    uv_timer_init(s->loop, &c->delay);
    c->io.stream.data = c;
    c->delay.data = c;
    c->server = s;
    c->id = ++s->connection_n;
    c->open_handles = 2;
    s->open_handles++;
    c->next = s->connections;
    c->at = &s->connections;
    if (c->next != NULL) {
        c->next->at = &c->next;
    }
    s->connections = c;
    if (uv_accept(listener, &c->io.stream) != 0 ||
        uv_read_start(&c->io.stream, on_alloc, on_read) != 0) {
        connection_close(c, false);
    }
}

static int bind_to(struct server_http *s, const char *unix_path) {
    if (unix_path != NULL) {
        snprintf(s->url, sizeof s->url, "http://localhost");
        return uv_pipe_bind(&s->listener.pipe, unix_path);
    }
    struct sockaddr_in a;
    int n = sizeof a;
    uv_ip4_addr("127.0.0.1", 0, &a);
    int rc = uv_tcp_bind(&s->listener.tcp, (struct sockaddr *)&a, 0);
    if (rc == 0) {
        rc = uv_tcp_getsockname(&s->listener.tcp, (struct sockaddr *)&a, &n);
    }
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d", ntohs(a.sin_port));
    return rc;
}

enum err server_http_open(struct uv_loop_s *loop, const char *unix_path, struct server_http **out) {
    struct server_http *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return ERR_NOMEM;
    }
    s->request = calloc(REQUEST_MAX, sizeof *s->request);
    if (s->request == NULL) {
        free(s);
        return ERR_NOMEM;
    }
    s->loop = loop;
    s->unix_socket = unix_path != NULL;
    stream_init(s, &s->listener);
    s->listener.stream.data = s;
    s->open_handles = 1;
    if (bind_to(s, unix_path) != 0 || uv_listen(&s->listener.stream, 16, on_connection) != 0) {
        server_http_close(s);
        return ERR_IO;
    }
    *out = s;
    return ERR_OK;
}

void server_http_close(struct server_http *s) {
    s->closing = true;
    while (s->connections != NULL) {
        connection_close(s->connections, false);
    }
    uv_close((uv_handle_t *)&s->listener, on_listener_closed);
}

const char *server_http_url(const struct server_http *s) {
    return s->url;
}

enum err server_http_script(struct server_http *s, const struct server_answer *a) {
    if (s->script_n == SCRIPT_MAX) {
        return ERR_FULL;
    }
    s->script[s->script_n++] = *a;
    return ERR_OK;
}

void server_http_handler(struct server_http *s,
                         void (*handle)(void *user, const struct server_request *r,
                                        struct server_answer *a),
                         void *user) {
    s->handle = handle;
    s->handle_user = user;
}

void server_http_release(struct server_http *s) {
    struct connection *next = NULL;
    for (struct connection *c = s->connections; c != NULL; c = next) {
        next = c->next; /* a reset takes c out of the list */
        if (c->busy && c->answer.hold) {
            c->answer.hold = false;
            answer_now(c);
        }
    }
}

size_t server_http_count(const struct server_http *s) {
    return s->request_n;
}

const struct server_request *server_http_request(const struct server_http *s, size_t i) {
    return i < s->request_n ? &s->request[i] : NULL;
}
