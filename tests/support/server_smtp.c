#include "support/server_smtp.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <uv.h>

enum { REFUSALS = 4, LINE_MAX_BYTES = 2000 };

struct peer {
    uv_tcp_t tcp;
    struct server_smtp *server;
    struct peer *next;
    struct buf line;
    bool in_mail;
};

struct server_smtp {
    uv_tcp_t listener;
    uv_loop_t *loop;
    struct peer *peers;
    struct buf heard;
    char url[64];
    unsigned taken, refusal_n;
    struct {
        const char *begin, *answer;
    } refusal[REFUSALS];
    char in[4096];
    bool closing;
};

static void on_peer_closed(uv_handle_t *h) {
    struct peer *p = h->data;
    struct peer **at = &p->server->peers;
    while (*at != p) {
        at = &(*at)->next;
    }
    *at = p->next;
    buf_fini(&p->line);
    struct server_smtp *s = p->server;
    free(p);
    if (s->closing && s->peers == NULL && uv_is_closing((uv_handle_t *)&s->listener)) {
        buf_fini(&s->heard);
        free(s);
    }
}

static void on_listener_closed(uv_handle_t *h) {
    struct server_smtp *s = h->data;
    if (s->peers == NULL) {
        buf_fini(&s->heard);
        free(s);
    }
}

static void drop(struct peer *p) {
    if (!uv_is_closing((uv_handle_t *)&p->tcp)) {
        uv_close((uv_handle_t *)&p->tcp, on_peer_closed);
    }
}

static void say(struct peer *p, const char *text) {
    char line[256];
    int n = snprintf(line, sizeof line, "%s\r\n", text);
    uv_buf_t b = uv_buf_init(line, (unsigned)n);
    (void)uv_try_write((uv_stream_t *)&p->tcp, &b, 1);
}

static bool refused(struct peer *p, const char *line) {
    const struct server_smtp *s = p->server;
    for (unsigned i = 0; i < s->refusal_n; i++) {
        const char *begin = s->refusal[i].begin, *answer = s->refusal[i].answer;
        if (strncasecmp(line, begin, strlen(begin)) != 0) {
            continue;
        }
        if (answer != NULL && *answer != '\0') {
            say(p, answer);
        } else if (answer != NULL) {
            drop(p);
        }
        return true;
    }
    return false;
}

static void on_command(struct peer *p, const char *line) {
    if (refused(p, line)) {
        return;
    }
    if (strncasecmp(line, "QUIT", 4) == 0) {
        say(p, "221 bye");
        drop(p);
    } else if (strncasecmp(line, "DATA", 4) == 0) {
        p->in_mail = true;
        say(p, "354 go on");
    } else if (strncasecmp(line, "EHLO", 4) == 0) {
        say(p, "250-test\r\n250 8BITMIME");
    } else {
        say(p, "250 ok");
    }
}

static void on_line(struct peer *p) {
    struct server_smtp *s = p->server;
    const char *line = (const char *)p->line.p;
    buf_addf(&s->heard, "%s\n", line);
    if (!p->in_mail) {
        on_command(p, line);
        return;
    }
    if (strcmp(line, ".") != 0) {
        return;
    }
    p->in_mail = false;
    if (!refused(p, ".")) {
        s->taken++;
        say(p, "250 queued");
    }
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *b) {
    struct peer *p = stream->data;
    if (n < 0) {
        drop(p);
        return;
    }
    for (ssize_t i = 0; i < n && !uv_is_closing((uv_handle_t *)&p->tcp); i++) {
        if (b->base[i] == '\n') {
            buf_add_byte(&p->line, 0);
            on_line(p);
            buf_reset(&p->line);
        } else if (b->base[i] != '\r' && p->line.n < LINE_MAX_BYTES) {
            buf_add_byte(&p->line, (uint8_t)b->base[i]);
        }
    }
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *out) {
    struct peer *p = h->data;
    (void)hint;
    *out = uv_buf_init(p->server->in, sizeof p->server->in);
}

static void on_connection(uv_stream_t *listener, int status) {
    struct server_smtp *s = listener->data;
    struct peer *p = calloc(1, sizeof *p);
    (void)status;
    p->server = s;
    p->next = s->peers;
    s->peers = p;
    buf_init(&p->line);
    uv_tcp_init(s->loop, &p->tcp);
    p->tcp.data = p;
    uv_accept(listener, (uv_stream_t *)&p->tcp);
    uv_read_start((uv_stream_t *)&p->tcp, on_alloc, on_read);
    if (!refused(p, "connect")) {
        say(p, "220 test");
    }
}

enum err server_smtp_open(struct uv_loop_s *loop, struct server_smtp **out) {
    struct server_smtp *s = calloc(1, sizeof *s);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int n = sizeof at;
    if (s == NULL) {
        return ERR_NOMEM;
    }
    buf_init(&s->heard);
    s->loop = loop;
    uv_tcp_init(loop, &s->listener);
    s->listener.data = s;
    if (uv_tcp_bind(&s->listener, (struct sockaddr *)&at, 0) != 0 ||
        uv_listen((uv_stream_t *)&s->listener, 8, on_connection) != 0 ||
        uv_tcp_getsockname(&s->listener, (struct sockaddr *)&at, &n) != 0) {
        server_smtp_close(s);
        return ERR_IO;
    }
    snprintf(s->url, sizeof s->url, "smtp://127.0.0.1:%u", ntohs(at.sin_port));
    *out = s;
    return ERR_OK;
}

void server_smtp_close(struct server_smtp *s) {
    s->closing = true;
    for (struct peer *p = s->peers; p != NULL; p = p->next) {
        drop(p);
    }
    uv_close((uv_handle_t *)&s->listener, on_listener_closed);
}

const char *server_smtp_url(const struct server_smtp *s) {
    return s->url;
}

void server_smtp_refuse(struct server_smtp *s, const char *begin, const char *answer) {
    if (s->refusal_n < REFUSALS) {
        s->refusal[s->refusal_n].begin = begin;
        s->refusal[s->refusal_n++].answer = answer;
    }
}

struct span server_smtp_heard(const struct server_smtp *s) {
    return buf_span(&s->heard);
}

unsigned server_smtp_taken(const struct server_smtp *s) {
    return s->taken;
}
