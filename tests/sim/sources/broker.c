/* A broker with publishers behind it: messages with their own time, which come late, come again,
 * and are kept for whoever subscribes next. The connection breaks; what was published meanwhile is
 * lost but for what the broker sends again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "mqtt/mqhost.h"
#include "simsources/device.h"

enum { TOPICS_MAX = 8, QUEUE_MAX = 256, AGAIN_MAX = 40, DELIVERIES_MAX = 1 << 16 };

struct delivery { /* of a message that was none of the kept ones */
    uint32_t number;
    device_life life;
    bool late; /* behind a newer one of its topic: taken for one that comes again */
};

struct broker {
    struct device device; /* first */
    struct mqtt_conf conf;
    unsigned topics;
    bool twice;                 /* publishers say a thing again */
    size_t newest[TOPICS_MAX];  /* number of the message that is kept */
    size_t handed[TOPICS_MAX];  /* the newest that anybody was handed */
    struct delivery *delivered; /* owned */
    size_t delivered_n;
    int64_t t_ms;
    uint32_t queue[QUEUE_MAX]; /* for the session that stands */
    size_t queue_n;
    bool up, dropped; /* dropped: what found no room there */
};

struct client {
    struct source source; /* first */
    struct broker *broker;
    struct mqhost host;
    int64_t due_ms; /* when it connects again */
};

static struct broker *self_of(struct device *d) {
    return (struct broker *)d;
}

/* --- the broker ---------------------------------------------------------------------------------
 */

static unsigned topic_of(const struct broker *b, size_t number) {
    return (unsigned)b->device.at[number - 1].place;
}

static void enqueue(struct broker *b, size_t number) {
    if (b->up && b->queue_n < QUEUE_MAX)
        b->queue[b->queue_n++] = (uint32_t)number;
    else if (b->up)
        b->dropped = true;
}

static void broker_live(struct device *d, int64_t now_ms) {
    struct broker *b = self_of(d);
    for (uint64_t n = d->calm ? 0 : rng_below(d->rng, 4); n > 0; n--) {
        if (b->t_ms >= now_ms)
            return;
        /* Each moment is of one message, and none is ahead of the agent's clock. */
        b->t_ms += 1 + (int64_t)rng_below(d->rng, (uint64_t)(now_ms - b->t_ms));
        const unsigned topic = (unsigned)rng_below(d->rng, b->topics);
        const struct offer o = {.t_ms = b->t_ms, .place = topic};
        const size_t number = device_offer(d, &o);
        b->newest[topic] = number;
        enqueue(b, number);
        if (b->twice && rng_ppm(d->rng, 100000))
            enqueue(b, number);
    }
}

/* --- the connection -----------------------------------------------------------------------------
 */

static enum err deliver(struct client *c, size_t number, bool kept, int64_t now_ms,
                        const struct source_out *out) {
    struct broker *b = c->broker;
    char topic[32], payload[80];
    (void)snprintf(topic, sizeof topic, "m/%u", topic_of(b, number));
    (void)snprintf(payload, sizeof payload, "{\"ts\":%" PRId64 ",\"n\":%zu}",
                   b->device.at[number - 1].t_ms, number);
    size_t *handed = &b->handed[topic_of(b, number)];
    struct offer *o = &b->device.at[number - 1];
    if (!kept && o->run != b->device.lives && b->delivered_n < DELIVERIES_MAX) {
        o->run = b->device.lives; /* what comes again in one process is none of its news */
        b->delivered[b->delivered_n++] =
            (struct delivery){(uint32_t)number, b->device.lives, number < *handed};
    }
    *handed = !kept && number > *handed ? number : *handed;
    const enum err e =
        mqhost_on_message(&c->host, span_str(topic), span_str(payload), kept, now_ms, out);
    return e ? e : tells_tell(&c->host.tells, now_ms, out);
}

/* What the broker sends to a new session: what it keeps, and what was not acknowledged. */
static enum err connect_now(struct client *c, int64_t now_ms, const struct source_out *out) {
    struct broker *b = c->broker;
    const size_t n = b->device.n, again = rng_below(b->device.rng, AGAIN_MAX);
    b->up = true;
    b->queue_n = 0;
    for (size_t i = n > again ? n - again : 0; i < n; i++)
        enqueue(b, i + 1);
    enum err e = mqhost_on_up(&c->host, now_ms);
    for (unsigned i = 0; i < b->topics && !e; i++)
        if (b->newest[i])
            e = deliver(c, b->newest[i], true, now_ms, out);
    return e == ERR_FULL ? ERR_OK : e;
}

static void disconnect(struct client *c, int64_t now_ms) {
    c->broker->up = false;
    c->broker->queue_n = 0;
    mqhost_on_down(&c->host);
    c->due_ms = now_ms + rng_between(c->broker->device.rng, 100, 8000);
}

static enum err turn(struct client *c, int64_t now_ms, const struct source_out *out) {
    struct broker *b = c->broker;
    struct rng *rng = b->device.rng;
    enum err e = tells_tell(&c->host.tells, now_ms, out);
    if (!e && !b->up && now_ms >= c->due_ms)
        e = connect_now(c, now_ms, out);
    if (!e && b->dropped)
        e = mqhost_on_up(&c->host, now_ms);
    b->dropped = false;
    size_t n = b->device.calm ? b->queue_n : rng_below(rng, b->queue_n + 1), at = 0;
    while (!e && at < n && !tells_waiting(&c->host.tells))
        e = deliver(c, b->queue[at++], false, now_ms, out);
    memmove(b->queue, b->queue + at, (b->queue_n - at) * sizeof *b->queue);
    b->queue_n -= at;
    if (b->up && !b->device.calm && rng_ppm(rng, 40000))
        disconnect(c, now_ms);
    if (!e)
        e = mqhost_on_time(&c->host, now_ms);
    return e;
}

static enum err client_poll(struct source *source, int64_t now_ms, const struct source_out *out,
                            int64_t *next_ms) {
    const enum err e = turn((struct client *)source, now_ms, out);
    *next_ms = now_ms;
    return e == ERR_FULL ? ERR_OK : e;
}

static int client_fd(const struct source *source) {
    (void)source;
    return -1;
}

static void client_position(const struct source *source, struct buf *out) {
    mqhost_position(&((const struct client *)source)->host, out);
}

static void client_close(struct source *source) {
    mqhost_fini(&((struct client *)source)->host);
    free(source);
}

static const struct source_ops client_ops = {.kind = "mqtt",
                                             .poll = client_poll,
                                             .fd = client_fd,
                                             .position = client_position,
                                             .close = client_close};

static enum err broker_open(struct device *d, int64_t now_ms, struct span position,
                            struct source **out) {
    struct client *c = calloc(1, sizeof *c);
    if (!c)
        return ERR_NOMEM;
    *c = (struct client){.source = {&client_ops}, .broker = self_of(d), .due_ms = now_ms};
    const enum err e = mqhost_init(&c->host, &c->broker->conf, position);
    if (e)
        free(c);
    else
        *out = &c->source;
    return e;
}

static void broker_left(struct device *d) {
    self_of(d)->up = false;
    self_of(d)->queue_n = 0;
}

/* --- what may be missing ------------------------------------------------------------------------
 */

/* A broker forgets: that its times are vouched for is what must not be, and what broker_judge says.
 */
static bool broker_excused(const struct device *d, size_t number) {
    (void)d;
    (void)number;
    return true;
}

/* Of what a process was handed, all that came before something that it has written is written. */
static const char *broker_judge(const struct device *d, const device_life *found) {
    const struct broker *b = (const struct broker *)d;
    device_life written = 0; /* by a process, behind what is looked at */
    for (size_t i = b->delivered_n; i-- > 0;) {
        const struct delivery *x = &b->delivered[i];
        if (found[x->number] == x->life)
            written = x->life;
        else if (!x->late && found[x->number] == 0 && written == x->life)
            return "a message was handed over and is missing before one that is written";
    }
    return NULL;
}

static void broker_close(struct device *d) {
    struct broker *b = self_of(d);
    conf_free(&mqtt_schema, &b->conf);
    free(b->delivered);
    free(d->at);
    free(b);
}

static const struct device_ops broker_device = {.kind = "mqtt",
                                                .lanes = true,
                                                .live = broker_live,
                                                .open = broker_open,
                                                .left = broker_left,
                                                .excused = broker_excused,
                                                .judge = broker_judge,
                                                .close = broker_close};

enum err broker_make(const struct device_ask *ask, struct device **out) {
    char text[500];
    struct broker *b = calloc(1, sizeof *b);
    if (!b)
        return ERR_NOMEM;
    device_init(&b->device, &broker_device, "mqtt", ask->no);
    b->device.rng = ask->rng;
    b->device.variant = ask->variant;
    b->topics = (unsigned)rng_between(ask->rng, 1, TOPICS_MAX);
    b->twice = rng_ppm(ask->rng, 500000);
    b->t_ms = ask->now_ms;
    b->delivered = calloc(DELIVERIES_MAX, sizeof *b->delivered);
    (void)snprintf(text, sizeof text,
                   "broker: {url: \"tcp://127.0.0.1:1\"}\nrules:\n"
                   "  - topic: m/{k}\n    time: /ts\n    time_form: ms\n    points:\n"
                   "      - {name: '%s/{k}', value: /n, type: event, unit: piece, decimals: 0}\n",
                   b->device.id.s);
    const enum err e = b->delivered ? device_conf(text, &mqtt_schema, &b->conf) : ERR_NOMEM;
    if (e) {
        free(b->delivered);
        free(b);
        return e;
    }
    *out = &b->device;
    return ERR_OK;
}
