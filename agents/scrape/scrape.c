/* A connection: READING until the head is judged, ANSWERING until the last byte and the end of our
 * side are out, then it waits for the peer's end, so that an answer is not torn away by a reset.
 * What comes while it is not READING is thrown away.
 *
 * Bounds: SCRAPE_CLIENTS_MAX connections with REQUEST_HEAD_MAX bytes and one text each; patience_ms
 * for each from accept to close, whatever it does; READS_MAX turns of the loop a connection, so
 * that a byte at a time costs little; one new connection in admission_ms, the others wait in the
 * kernel's short queue or are turned away there. */
#include "scrape/scrape.h"

#include <stdlib.h>
#include <uv.h>

enum { PATIENCE_MS = 5000, ADMISSION_MS = 20, BACKLOG = 8, READS_MAX = 64 };

struct client {
    uv_tcp_t tcp;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct scrape *scrape;
    bool open;     /* in use, until its handle is closed */
    bool answered; /* an answer was handed to libuv */
    bool sent;     /* ... and is out, with the end of our side */
    bool peer_end; /* the peer sends no more */
    unsigned reads;
    uint64_t order, until_ms;
    size_t n;
    struct buf answer;
    char bytes[REQUEST_HEAD_MAX];
};

struct scrape {
    uv_tcp_t tcp;
    uv_timer_t timer;
    uv_loop_t *loop;
    struct scrape_conf conf;
    struct scrape_stats stats;
    uint64_t accepted_ms;
    unsigned handles; /* not closed yet */
    bool waiting;     /* a connection is to be accepted when its time has come */
    bool closing;
    struct client client[SCRAPE_CLIENTS_MAX];
};

static void arm(struct scrape *s);

/* --- ending -------------------------------------------------------------------------------------
 */

static void handle_gone(struct scrape *s) {
    if (--s->handles == 0 && s->closing)
        free(s);
}

static void on_own_closed(uv_handle_t *h) {
    handle_gone(h->data);
}

static void on_client_closed(uv_handle_t *h) {
    struct client *c = h->data;
    buf_fini(&c->answer);
    c->open = false;
    if (!c->scrape->closing)
        arm(c->scrape);
    handle_gone(c->scrape);
}

static bool ends(const struct client *c) {
    return uv_is_closing((const uv_handle_t *)&c->tcp);
}

static void end(struct client *c) {
    if (!ends(c))
        uv_close((uv_handle_t *)&c->tcp, on_client_closed);
}

/* --- answering ----------------------------------------------------------------------------------
 */

static const char *const status_line[REQUEST_VERDICT_COUNT] = {
    [REQUEST_MORE] = "500 Internal Server Error", /* no text could be made */
    [REQUEST_OK] = "200 OK",
    [REQUEST_MALFORMED] = "400 Bad Request",
    [REQUEST_NOT_FOUND] = "404 Not Found",
    [REQUEST_METHOD] = "405 Method Not Allowed",
    [REQUEST_LARGE] = "431 Request Header Fields Too Large",
    [REQUEST_VERSION] = "505 HTTP Version Not Supported",
};

static enum err answer_format(const struct scrape *s, enum request_verdict v, struct buf *out) {
    struct buf text;
    buf_init(&text);
    enum err rc = v == REQUEST_OK ? s->conf.text(s->conf.user, &text)
                                  : buf_addf(&text, "%s\n", status_line[v]);
    if (!rc)
        rc = buf_addf(out,
                      "HTTP/1.0 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                      "Content-Length: %zu\r\n%sConnection: close\r\n\r\n",
                      status_line[v], text.n, v == REQUEST_METHOD ? "Allow: GET\r\n" : "");
    if (!rc)
        rc = buf_add(out, text.p, text.n);
    buf_fini(&text);
    return rc;
}

static void on_shut(uv_shutdown_t *q, int status) {
    struct client *c = q->data;
    c->sent = true;
    if (status || c->peer_end)
        end(c);
}

static void on_written(uv_write_t *w, int status) {
    if (status)
        end(w->data);
}

static void answer(struct client *c, enum request_verdict v) {
    struct scrape *s = c->scrape;
    enum err rc = answer_format(s, v, &c->answer);
    if (rc && v == REQUEST_OK) {
        s->stats.failed++;
        v = REQUEST_MORE;
        buf_reset(&c->answer);
        rc = answer_format(s, v, &c->answer);
    }
    uv_buf_t b = uv_buf_init((char *)c->answer.p, (unsigned)c->answer.n);
    c->answered = true;
    c->write.data = c->shutdown.data = c;
    if (rc || uv_write(&c->write, (uv_stream_t *)&c->tcp, &b, 1, on_written) ||
        uv_shutdown(&c->shutdown, (uv_stream_t *)&c->tcp, on_shut)) {
        end(c);
        return;
    }
    s->stats.answered[v] += v != REQUEST_MORE;
}

/* --- reading ------------------------------------------------------------------------------------
 */

/* Also where what is thrown away goes: there is always room, since a full head is judged. */
static void on_room(uv_handle_t *h, size_t suggested, uv_buf_t *b) {
    struct client *c = h->data;
    (void)suggested;
    size_t at = c->answered ? 0 : c->n;
    *b = uv_buf_init(c->bytes + at, (unsigned)(sizeof c->bytes - at));
}

static void on_peer_end(struct client *c) {
    c->peer_end = true;
    (void)uv_read_stop((uv_stream_t *)&c->tcp);
    c->scrape->stats.left += !c->answered;
    if (!c->answered || c->sent)
        end(c);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *b) {
    struct client *c = stream->data;
    (void)b;
    if (ends(c))
        return;
    if (n == UV_EOF) {
        on_peer_end(c);
        return;
    }
    if (n < 0 || ++c->reads > READS_MAX) {
        c->scrape->stats.left += !c->answered;
        end(c);
        return;
    }
    if (c->answered || n == 0)
        return;
    c->n += (size_t)n;
    enum request_verdict v = request_parse(span_of(c->bytes, c->n));
    if (v != REQUEST_MORE)
        answer(c, v);
}

/* --- accepting ----------------------------------------------------------------------------------
 */

/* NULL: none yet. If all are taken the oldest connection ends, and its place is free a turn later.
 */
static struct client *free_place(struct scrape *s) {
    struct client *oldest = &s->client[0];
    bool closing = false;
    for (size_t i = 0; i < SCRAPE_CLIENTS_MAX; i++) {
        struct client *c = &s->client[i];
        if (!c->open)
            return c;
        closing |= ends(c);
        if (c->order < oldest->order)
            oldest = c;
    }
    if (!closing) {
        s->stats.crowded_out++;
        end(oldest);
    }
    return NULL;
}

/* libuv asks for no second connection before the first is taken: it is left there until its time
 * has come. */
static void accept_one(struct scrape *s) {
    struct client *c = free_place(s);
    if (!c)
        return;
    s->waiting = false;
    s->accepted_ms = uv_now(s->loop);
    *c = (struct client){.scrape = s,
                         .open = true,
                         .order = ++s->stats.accepted,
                         .until_ms = s->accepted_ms + s->conf.patience_ms};
    buf_init(&c->answer);
    if (uv_tcp_init(s->loop, &c->tcp)) {
        c->open = false;
        return;
    }
    s->handles++;
    c->tcp.data = c;
    uv_stream_t *stream = (uv_stream_t *)&c->tcp;
    if (uv_accept((uv_stream_t *)&s->tcp, stream) || uv_read_start(stream, on_room, on_read))
        end(c);
}

static void on_knock(uv_stream_t *stream, int status) {
    struct scrape *s = stream->data;
    if (status)
        return; /* such as too many files: libuv has turned it away */
    s->waiting = true;
    arm(s);
}

static void on_timer(uv_timer_t *t) {
    struct scrape *s = t->data;
    uint64_t now_ms = uv_now(s->loop);
    for (size_t i = 0; i < SCRAPE_CLIENTS_MAX; i++) {
        struct client *c = &s->client[i];
        if (!c->open || ends(c) || now_ms < c->until_ms)
            continue;
        s->stats.late++;
        end(c);
    }
    if (s->waiting && now_ms >= s->accepted_ms + s->conf.admission_ms)
        accept_one(s);
    arm(s);
}

/* The timer goes off when the next connection may come in or the next one's time is over. */
static void arm(struct scrape *s) {
    uint64_t now_ms = uv_now(s->loop), due_ms = UINT64_MAX;
    bool closing = false;
    for (size_t i = 0; i < SCRAPE_CLIENTS_MAX; i++) {
        const struct client *c = &s->client[i];
        closing |= c->open && ends(c);
        if (c->open && !ends(c) && c->until_ms < due_ms)
            due_ms = c->until_ms;
    }
    if (s->waiting && !closing && s->accepted_ms + s->conf.admission_ms < due_ms)
        due_ms = s->accepted_ms + s->conf.admission_ms;
    if (due_ms == UINT64_MAX)
        (void)uv_timer_stop(&s->timer);
    else
        (void)uv_timer_start(&s->timer, on_timer, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

/* --- life ---------------------------------------------------------------------------------------
 */

static bool address_parse(const char *listen, uint16_t port, struct sockaddr_storage *out) {
    return uv_ip4_addr(listen, port, (struct sockaddr_in *)out) == 0 ||
           uv_ip6_addr(listen, port, (struct sockaddr_in6 *)out) == 0;
}

bool scrape_address_check(const char *listen) {
    struct sockaddr_storage a = {0};
    return address_parse(listen, 0, &a);
}

static enum err of_uv(int status) {
    return status == 0               ? ERR_OK
           : status == UV_EADDRINUSE ? ERR_BUSY
           : status == UV_ENOMEM     ? ERR_NOMEM
                                     : ERR_IO;
}

enum err scrape_open(const struct scrape_conf *conf, uv_loop_t *loop, struct scrape **out) {
    struct sockaddr_storage a = {0};
    if (!address_parse(conf->listen, conf->port, &a))
        return ERR_CONFIG;
    struct scrape *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->loop = loop;
    s->conf = *conf;
    s->conf.listen = NULL; /* borrowed */
    s->conf.patience_ms = conf->patience_ms ? conf->patience_ms : PATIENCE_MS;
    s->conf.admission_ms = conf->admission_ms ? conf->admission_ms : ADMISSION_MS;
    s->tcp.data = s->timer.data = s;
    int status = uv_tcp_init(loop, &s->tcp);
    if (status) {
        free(s);
        return of_uv(status);
    }
    (void)uv_timer_init(loop, &s->timer);
    s->handles = 2;
    status = uv_tcp_bind(&s->tcp, (const struct sockaddr *)&a, 0);
    if (!status)
        status = uv_listen((uv_stream_t *)&s->tcp, BACKLOG, on_knock);
    if (status) {
        scrape_close(s);
        return of_uv(status);
    }
    *out = s;
    return ERR_OK;
}

uint16_t scrape_port(const struct scrape *s) {
    struct sockaddr_storage a = {0};
    int n = sizeof a;
    if (uv_tcp_getsockname(&s->tcp, (struct sockaddr *)&a, &n))
        return 0;
    return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a)->sin6_port
                                         : ((struct sockaddr_in *)&a)->sin_port);
}

const struct scrape_stats *scrape_stats(const struct scrape *s) {
    return &s->stats;
}

void scrape_close(struct scrape *s) {
    if (!s)
        return;
    s->closing = true;
    for (size_t i = 0; i < SCRAPE_CLIENTS_MAX; i++)
        if (s->client[i].open)
            end(&s->client[i]);
    uv_close((uv_handle_t *)&s->timer, on_own_closed);
    uv_close((uv_handle_t *)&s->tcp, on_own_closed);
}
