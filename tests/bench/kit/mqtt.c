#include "benchkit/mqtt.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    IN_BYTES = 512 << 10,
    ANSWER_MS = 5000,
    CONNECT = 0x10,
    CONNACK = 0x20,
    PUBLISH_QOS1 = 0x32,
    PUBACK = 0x40,
    SUBSCRIBE = 0x82,
    SUBACK = 0x90
};

static void put_head(struct buf *out, uint8_t type, size_t n) {
    buf_add_byte(out, type);
    buf_add_varint(out, n); /* MQTT's remaining length is LEB128 too */
}

static void put_u16(struct buf *out, size_t v) {
    buf_add_byte(out, (uint8_t)(v >> 8));
    buf_add_byte(out, (uint8_t)v);
}

static void put_text(struct buf *out, struct span text) {
    put_u16(out, text.n);
    buf_add(out, text.p, text.n);
}

static uint16_t next_id(struct mqtt *m) {
    if (++m->id == 0)
        m->id = 1;
    return m->id;
}

size_t mqtt_unsent(const struct mqtt *m) {
    return m->out.n - m->out_at;
}

void mqtt_flush(struct mqtt *m) {
    while (mqtt_unsent(m) > 0) {
        ssize_t n = send(m->fd, m->out.p + m->out_at, mqtt_unsent(m), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0) {
            m->dead = m->dead || (errno != EAGAIN && errno != EINTR);
            return;
        }
        m->out_at += (size_t)n;
    }
    buf_reset(&m->out);
    m->out_at = 0;
}

bool mqtt_fill(struct mqtt *m, int wait_ms) {
    struct pollfd p = {.fd = m->fd, .events = POLLIN};
    memmove(m->in, m->in + m->in_at, m->in_n - m->in_at);
    m->in_n -= m->in_at;
    m->in_at = 0;
    if (wait_ms >= 0 && poll(&p, 1, wait_ms) <= 0)
        return false;
    ssize_t n = recv(m->fd, m->in + m->in_n, IN_BYTES - m->in_n, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        m->dead = true;
    if (n <= 0)
        return false;
    m->in_n += (size_t)n;
    return true;
}

/* The next whole packet: its type and body. */
static bool take_packet(struct mqtt *m, uint8_t *type, struct span *body) {
    size_t at = m->in_at + 1, n = 0;
    for (unsigned shift = 0;; shift += 7, at++) {
        if (at >= m->in_n)
            return false;
        n |= (size_t)(m->in[at] & 0x7f) << shift;
        if (!(m->in[at] & 0x80))
            break;
    }
    if (m->in_n - (at + 1) < n)
        return false;
    *type = m->in[m->in_at];
    *body = span_of(m->in + at + 1, n);
    m->in_at = at + 1 + n;
    return true;
}

bool mqtt_take(struct mqtt *m, struct mqtt_message *out) {
    uint8_t type;
    struct span b;
    while (take_packet(m, &type, &b)) {
        if ((type & 0xf0) != 0x30 || b.n < 4)
            continue;
        size_t topic_n = (size_t)b.p[0] << 8 | b.p[1], at = 2 + topic_n;
        *out = (struct mqtt_message){.topic = span_of(b.p + 2, topic_n)};
        if (type & 0x06) {
            out->id = (uint16_t)(b.p[at] << 8 | b.p[at + 1]);
            at += 2;
        }
        out->payload = span_of(b.p + at, b.n - at);
        return true;
    }
    return false;
}

static enum err wait_for(struct mqtt *m, uint8_t want) {
    uint8_t type;
    struct span body;
    mqtt_flush(m);
    for (;;) {
        while (take_packet(m, &type, &body))
            if (type == want)
                return body.n && body.p[body.n - 1] >= 0x80 ? ERR_IO : ERR_OK;
        if (!mqtt_fill(m, ANSWER_MS) && (m->dead || m->in_n == m->in_at))
            return ERR_IO;
    }
}

enum err mqtt_open(struct mqtt *m, int port, const char *client) {
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    *m = (struct mqtt){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    buf_init(&m->out);
    m->in = malloc(IN_BYTES);
    if (!m->in)
        return ERR_NOMEM;
    if (m->fd < 0 || connect(m->fd, (struct sockaddr *)&to, sizeof to))
        return ERR_IO;
    setsockopt(m->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    put_head(&m->out, CONNECT, 10 + 2 + strlen(client));
    put_text(&m->out, span_str("MQTT"));
    buf_add_byte(&m->out, 4); /* 3.1.1 */
    buf_add_byte(&m->out, 2); /* clean session */
    put_u16(&m->out, 0);      /* no keepalive: a run is short, and it may be quiet for a minute */
    put_text(&m->out, span_str(client));
    return wait_for(m, CONNACK);
}

void mqtt_close(struct mqtt *m) {
    if (m->fd >= 0)
        close(m->fd);
    free(m->in);
    buf_fini(&m->out);
}

enum err mqtt_subscribe(struct mqtt *m, const char *topic) {
    put_head(&m->out, SUBSCRIBE, 2 + 2 + strlen(topic) + 1);
    put_u16(&m->out, next_id(m));
    put_text(&m->out, span_str(topic));
    buf_add_byte(&m->out, 1);
    return wait_for(m, SUBACK);
}

void mqtt_put_publish(struct mqtt *m, struct span topic, struct span payload) {
    put_head(&m->out, PUBLISH_QOS1, 2 + topic.n + 2 + payload.n);
    put_text(&m->out, topic);
    put_u16(&m->out, next_id(m));
    buf_add(&m->out, payload.p, payload.n);
}

void mqtt_put_puback(struct mqtt *m, uint16_t id) {
    put_head(&m->out, PUBACK, 2);
    put_u16(&m->out, id);
}
