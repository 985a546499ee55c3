/* A Sparkplug node with events behind a broker that keeps nothing for anybody: its births repeat
 * the last event of each metric, and it is born again when it is asked to, when it was away, or
 * when it dies and a broker says so. Messages carry numbers, and some are lost. */
#include <stdio.h>
#include <stdlib.h>

#include "simsources/device.h"
#include "sparkplug/sphost.h"

enum { METRICS = 3, QUEUE_MAX = 64, EVENTS_MAX = 4, TYPE_INT32 = 3, TYPE_INT64 = 4 };

struct message {
    enum { BIRTH, DATA, DEATH } kind;
    int64_t t_ms;
    unsigned seq, bdseq;
    size_t n;
    uint32_t number[EVENTS_MAX]; /* of readings; of a birth: the last of each metric, 0: none */
};

struct node {
    struct device device; /* first */
    struct sparkplug_conf conf;
    unsigned seq, bdseq;
    size_t last[METRICS]; /* number of the last event */
    int64_t t_ms;
    struct message queue[QUEUE_MAX]; /* for the session that stands */
    size_t queue_n;
    bool up, dropped, asked; /* asked: to be born again */
};

struct host {
    struct source source; /* first */
    struct node *node;
    struct sphost host;
    int64_t due_ms; /* when it connects again */
};

static struct node *self_of(struct device *d) {
    return (struct node *)d;
}

/* --- bytes, as the encoding of protocol buffers has them -----------------------------------------
 */

static void add_number(struct buf *out, unsigned field, uint64_t v) {
    (void)buf_add_varint(out, field << 3);
    (void)buf_add_varint(out, v);
}

static void add_bytes(struct buf *out, unsigned field, const void *p, size_t n) {
    (void)buf_add_varint(out, field << 3 | 2);
    (void)buf_add_varint(out, n);
    (void)buf_add(out, p, n);
}

/* number 0: it has none yet. */
static void add_metric(struct buf *out, const char *name, uint64_t type, int64_t t_ms,
                       uint64_t number) {
    struct buf m;
    buf_init(&m);
    add_bytes(&m, 1, name, strlen(name));
    add_number(&m, 3, (uint64_t)t_ms);
    add_number(&m, 4, type);
    if (number == 0 && type == TYPE_INT32)
        add_number(&m, 7, 1); /* null */
    else
        add_number(&m, type == TYPE_INT64 ? 11 : 10, number);
    add_bytes(out, 2, m.p, m.n);
    buf_fini(&m);
}

static void write_message(const struct node *x, const struct message *m, struct buf *out) {
    char name[8];
    add_number(out, 1, (uint64_t)m->t_ms);
    if (m->kind != DATA)
        add_metric(out, "bdSeq", TYPE_INT64, m->t_ms, m->bdseq);
    for (size_t i = 0; i < m->n; i++) {
        const struct offer *o = device_find(&x->device, m->number[i]);
        const unsigned metric = o ? (unsigned)o->place : (unsigned)i;
        (void)snprintf(name, sizeof name, "m%u", metric);
        add_metric(out, name, TYPE_INT32, o ? o->t_ms : m->t_ms, m->number[i]);
    }
    if (m->kind != DEATH)
        add_number(out, 3, m->seq);
}

/* --- the node -----------------------------------------------------------------------------------
 */

static void say(struct node *x, struct message m) {
    if (m.kind != DEATH) {
        m.seq = m.kind == BIRTH ? 0 : (x->seq + 1) % 256;
        x->seq = m.seq;
    }
    m.bdseq = x->bdseq;
    if (!x->up || (m.kind == DATA && !x->device.calm && rng_ppm(x->device.rng, 10000)))
        return; /* nobody hears it, or it is lost */
    if (x->queue_n < QUEUE_MAX)
        x->queue[x->queue_n++] = m;
    else
        x->dropped = true;
}

static void bear(struct node *x, int64_t now_ms) {
    struct message m = {.kind = BIRTH, .t_ms = now_ms, .n = METRICS};
    for (unsigned i = 0; i < METRICS; i++)
        m.number[i] = (uint32_t)x->last[i];
    x->asked = false;
    say(x, m);
}

static void node_live(struct device *d, int64_t now_ms) {
    struct node *x = self_of(d);
    if (x->asked)
        bear(x, now_ms);
    if (!d->calm && rng_ppm(d->rng, 10000)) {
        say(x, (struct message){.kind = DEATH, .t_ms = now_ms});
        x->bdseq = (x->bdseq + 1) % 256;
        bear(x, now_ms);
    }
    for (uint64_t n = d->calm ? 0 : rng_below(d->rng, 3); n > 0 && x->t_ms < now_ms; n--) {
        struct message m = {.kind = DATA, .n = 1 + rng_below(d->rng, EVENTS_MAX)};
        for (size_t i = 0; i < m.n; i++) {
            /* Each moment is of one event, and none is ahead of the host's clock. */
            if (x->t_ms == now_ms) {
                m.n = i;
                break;
            }
            x->t_ms += 1 + (int64_t)rng_below(d->rng, (uint64_t)(now_ms - x->t_ms));
            const struct offer o = {.t_ms = x->t_ms, .place = (int64_t)rng_below(d->rng, METRICS)};
            m.number[i] = (uint32_t)device_offer(d, &o);
            x->last[o.place] = m.number[i];
        }
        m.t_ms = x->t_ms;
        say(x, m);
    }
}

/* --- the connection -----------------------------------------------------------------------------
 */

static void on_publish(void *user, const char *topic, struct span payload, int qos, bool retain) {
    struct host *h = user;
    (void)payload;
    (void)qos;
    (void)retain;
    h->node->asked |= strstr(topic, "/NCMD/") != NULL;
}

static enum err connect_now(struct host *h, int64_t now_ms) {
    h->node->up = true;
    h->node->queue_n = 0;
    (void)sphost_will(&h->host, now_ms);
    return sphost_on_up(&h->host, now_ms);
}

static void disconnect(struct host *h, int64_t now_ms) {
    h->node->up = false;
    h->node->queue_n = 0;
    sphost_on_down(&h->host, now_ms);
    h->due_ms = now_ms + rng_between(h->node->device.rng, 100, 8000);
}

static enum err deliver(struct host *h, const struct message *m, int64_t now_ms,
                        const struct source_out *out) {
    static const char *const topics[] = {"spBv1.0/g/NBIRTH/n", "spBv1.0/g/NDATA/n",
                                         "spBv1.0/g/NDEATH/n"};
    struct buf bytes;
    buf_init(&bytes);
    write_message(h->node, m, &bytes);
    enum err e = sphost_on_message(&h->host, span_str(topics[m->kind]), buf_span(&bytes), false,
                                   now_ms, out);
    buf_fini(&bytes);
    return e ? e : tells_tell(&h->host.tells, now_ms, out);
}

static enum err turn(struct host *h, int64_t now_ms, const struct source_out *out) {
    struct node *x = h->node;
    struct rng *rng = x->device.rng;
    enum err e = tells_tell(&h->host.tells, now_ms, out);
    if (!e && !x->up && now_ms >= h->due_ms)
        e = connect_now(h, now_ms);
    if (!e && x->dropped && x->up) {
        sphost_on_down(&h->host, now_ms);
        e = sphost_on_up(&h->host, now_ms);
    }
    x->dropped = false;
    size_t n = x->device.calm ? x->queue_n : rng_below(rng, x->queue_n + 1), at = 0;
    while (!e && at < n && !tells_waiting(&h->host.tells))
        e = deliver(h, &x->queue[at++], now_ms, out);
    memmove(x->queue, x->queue + at, (x->queue_n - at) * sizeof *x->queue);
    x->queue_n -= at;
    if (x->up && !x->device.calm && rng_ppm(rng, 30000))
        disconnect(h, now_ms);
    if (!e)
        e = sphost_on_time(&h->host, now_ms);
    return e ? e : tells_tell(&h->host.tells, now_ms, out);
}

static enum err host_poll(struct source *source, int64_t now_ms, const struct source_out *out,
                          int64_t *next_ms) {
    const enum err e = turn((struct host *)source, now_ms, out);
    *next_ms = now_ms;
    return e == ERR_FULL ? ERR_OK : e;
}

static int host_fd(const struct source *source) {
    (void)source;
    return -1;
}

static void host_position(const struct source *source, struct buf *out) {
    sphost_position(&((const struct host *)source)->host, out);
}

static void host_close(struct source *source) {
    sphost_fini(&((struct host *)source)->host);
    free(source);
}

static const struct source_ops host_ops = {.kind = "sparkplug",
                                           .poll = host_poll,
                                           .fd = host_fd,
                                           .position = host_position,
                                           .close = host_close};

static enum err node_open(struct device *d, int64_t now_ms, struct span position,
                          struct source **out) {
    struct host *h = calloc(1, sizeof *h);
    if (!h)
        return ERR_NOMEM;
    *h = (struct host){.source = {&host_ops}, .node = self_of(d), .due_ms = now_ms};
    const struct sphost_env env = {.conf = &h->node->conf, .publish = on_publish, .user = h};
    const enum err e = sphost_init(&h->host, &env, position);
    if (e)
        free(h);
    else
        *out = &h->source;
    return e;
}

static void node_left(struct device *d) {
    struct node *x = self_of(d);
    x->up = x->asked = x->dropped = false;
    x->queue_n = 0;
}

/* What is not heard, or not in a session that was born, is lost: its points are bad meanwhile. */
static bool node_excused(const struct device *d, size_t number) {
    (void)d;
    (void)number;
    return true;
}

static void node_close(struct device *d) {
    conf_free(&sparkplug_schema, &self_of(d)->conf);
    free(d->at);
    free(d);
}

static const struct device_ops node_device = {.kind = "sparkplug",
                                              .lanes = true,
                                              .vouches_points = true,
                                              .live = node_live,
                                              .open = node_open,
                                              .left = node_left,
                                              .excused = node_excused,
                                              .close = node_close};

enum err node_make(const struct device_ask *ask, struct device **out) {
    char text[700];
    struct node *x = calloc(1, sizeof *x);
    if (!x)
        return ERR_NOMEM;
    device_init(&x->device, &node_device, "sparkplug", ask->no);
    x->device.rng = ask->rng;
    x->device.variant = ask->variant;
    x->t_ms = ask->now_ms;
    size_t n =
        (size_t)snprintf(text, sizeof text, "broker: {url: \"tcp://127.0.0.1:1\"}\nrules:\n");
    for (unsigned i = 0; i < METRICS; i++)
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "  - {metric: m%u, name: '%s/%u', type: event, unit: piece, "
                              "decimals: 0}\n",
                              i, x->device.id.s, i);
    const enum err e = device_conf(text, &sparkplug_schema, &x->conf);
    if (e) {
        free(x);
        return e;
    }
    *out = &x->device;
    return ERR_OK;
}
