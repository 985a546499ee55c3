/* The hub is one queue of events. A message is routed when its turn comes, not when it is
 * published, so a client that comes up behind it in the queue does not see it, as with a broker. */
#include "bus/bus_memory.h"

#include <assert.h>
#include <stdlib.h>

#include "bus/bus_topic.h"

enum event_kind {
    EVENT_UP,
    EVENT_DOWN,
    EVENT_MESSAGE,
    EVENT_RETAINED,
    EVENT_HELD, /* a message that waited for its reader */
    EVENT_WRITABLE,
    EVENT_CONFIRMED,
    EVENT_DONE
};

struct client;

struct event {
    struct event *next;
    enum event_kind kind;
    bool retain;
    struct client *client; /* whom it concerns; of a message: its publisher, NULL when gone */
    unsigned life;         /* of the client's connection; an event of an older one is void */
    void (*confirmed)(void *user); /* of a message that is published for sure, or NULL */
    void *confirmed_user;
    size_t topic_n, payload_n;
    uint8_t bytes[]; /* topic, payload */
};

struct retained {
    struct retained *next;
    struct event *message;
};

struct client {
    struct bus bus; /* first: a struct bus is a client */
    struct bus_hub *hub;
    struct client *next;
    bool started, up, stopping, done, closed, want_writable, held;
    struct event *aside, **aside_last; /* messages that wait while it is held, oldest first */
    unsigned life, inflight, max_inflight;
    void (*on_done)(void *user);
    void *done_user;
    struct span will_payload;
    char *will_topic;
    unsigned subscribe_n;
    char *subscribe[];
};

struct bus_hub {
    struct client *clients;
    struct event *first, **last;
    struct retained *retained;
    size_t queued;
    bool refuse, stepping;
};

static struct client *client_of(struct bus *b) {
    return (struct client *)b;
}

static struct span event_topic(const struct event *e) {
    return span_of(e->bytes, e->topic_n);
}

static struct span event_payload(const struct event *e) {
    return span_of(e->bytes + e->topic_n, e->payload_n);
}

static struct event *event_new(enum event_kind kind, struct client *c, struct span topic,
                               struct span payload) {
    struct event *e = calloc(1, sizeof *e + topic.n + payload.n);
    if (e == NULL) {
        return NULL;
    }
    e->kind = kind;
    e->client = c;
    e->life = c != NULL ? c->life : 0;
    e->topic_n = topic.n;
    e->payload_n = payload.n;
    if (topic.n > 0) {
        memcpy(e->bytes, topic.p, topic.n);
    }
    if (payload.n > 0) {
        memcpy(e->bytes + topic.n, payload.p, payload.n);
    }
    return e;
}

static void queue_add(struct bus_hub *h, struct event *e) {
    *h->last = e;
    h->last = &e->next;
    h->queued++;
}

static enum err queue(struct bus_hub *h, enum event_kind kind, struct client *c) {
    struct event *e = event_new(kind, c, span_of(NULL, 0), span_of(NULL, 0));
    if (e == NULL) {
        return ERR_NOMEM;
    }
    queue_add(h, e);
    return ERR_OK;
}

enum err bus_hub_open(struct bus_hub **out) {
    struct bus_hub *h = calloc(1, sizeof *h);
    if (h == NULL) {
        return ERR_NOMEM;
    }
    h->last = &h->first;
    *out = h;
    return ERR_OK;
}

static void retained_wipe(struct bus_hub *h) {
    while (h->retained != NULL) {
        struct retained *r = h->retained;
        h->retained = r->next;
        free(r->message);
        free(r);
    }
}

void bus_hub_close(struct bus_hub *h) {
    assert(h->clients == NULL); /* clients are closed before their hub */
    while (h->first != NULL) {
        struct event *e = h->first;
        h->first = e->next;
        free(e);
    }
    retained_wipe(h);
    free(h);
}

size_t bus_hub_queued(const struct bus_hub *h) {
    return h->queued;
}

/* An empty retained payload deletes what was retained. */
static void retain(struct bus_hub *h, const struct event *message) {
    struct retained **at = &h->retained;
    while (*at != NULL && !span_equal(event_topic((*at)->message), event_topic(message))) {
        at = &(*at)->next;
    }
    struct event *copy = NULL;
    if (message->payload_n > 0) {
        copy = event_new(EVENT_RETAINED, NULL, event_topic(message), event_payload(message));
    }
    if (*at == NULL && copy != NULL) {
        *at = calloc(1, sizeof **at);
        if (*at == NULL) {
            free(copy);
            return;
        }
    }
    if (*at == NULL) {
        return;
    }
    free((*at)->message);
    (*at)->message = copy;
    if (copy == NULL) {
        struct retained *gone = *at;
        *at = gone->next;
        free(gone);
    }
}

static bool subscribed(const struct client *c, struct span topic) {
    for (unsigned i = 0; i < c->subscribe_n; i++) {
        if (bus_topic_match(span_str(c->subscribe[i]), topic)) {
            return true;
        }
    }
    return false;
}

static void put_aside(struct client *c, const struct event *e, bool retained) {
    struct event *copy = event_new(EVENT_HELD, c, event_topic(e), event_payload(e));
    if (copy == NULL) {
        return; /* lost, as any message may be */
    }
    copy->retain = retained;
    *c->aside_last = copy;
    c->aside_last = &copy->next;
}

static void hand_over(struct client *c, const struct event *e, bool retained) {
    if (c->held) {
        put_aside(c, e, retained);
        return;
    }
    c->bus.stats.received++;
    c->bus.stats.received_bytes += e->payload_n;
    if (c->bus.events.on_message != NULL) {
        c->bus.events.on_message(c->bus.events.user, event_topic(e), event_payload(e), retained);
    }
}

/* Tells a client that was refused for a full window that there is room. */
static void offer(struct bus_hub *h, struct client *c) {
    if (c->want_writable && queue(h, EVENT_WRITABLE, c) == ERR_OK) {
        c->want_writable = false;
    }
}

static void confirm(struct bus_hub *h, const struct event *e) {
    struct client *c = e->client;
    if (c == NULL || c->life != e->life || c->inflight == 0) {
        return;
    }
    c->inflight--;
    if (e->confirmed != NULL) {
        struct event *told = event_new(EVENT_CONFIRMED, c, span_of(NULL, 0), span_of(NULL, 0));
        if (told != NULL) {
            told->confirmed = e->confirmed;
            told->confirmed_user = e->confirmed_user;
            queue_add(h, told);
        }
    }
    offer(h, c);
}

static void on_message(struct bus_hub *h, const struct event *e) {
    if (e->retain) {
        retain(h, e);
    }
    confirm(h, e);
    for (struct client *c = h->clients; c != NULL; c = c->next) {
        if (c->up && subscribed(c, event_topic(e))) {
            hand_over(c, e, false);
        }
    }
}

static void on_up(struct bus_hub *h, struct client *c) {
    if (c->stopping || c->up || h->refuse) {
        return;
    }
    c->up = true;
    c->inflight = 0;
    c->bus.stats.connects++;
    for (const struct retained *r = h->retained; r != NULL; r = r->next) {
        if (!subscribed(c, event_topic(r->message))) {
            continue;
        }
        struct event *e =
            event_new(EVENT_RETAINED, c, event_topic(r->message), event_payload(r->message));
        if (e != NULL) {
            queue_add(h, e);
        }
    }
    offer(h, c);
    if (c->bus.events.on_up != NULL) {
        c->bus.events.on_up(c->bus.events.user);
    }
}

static void on_done(struct client *c) {
    c->done = true;
    if (c->on_done != NULL) {
        c->on_done(c->done_user);
    }
}

static void client_event(struct bus_hub *h, const struct event *e) {
    struct client *c = e->client;
    const struct bus_events *to = &c->bus.events;
    if (e->kind == EVENT_DONE) {
        on_done(c);
    } else if (c->stopping) {
        return; /* nothing after stop but its done */
    } else if (e->kind == EVENT_UP) {
        on_up(h, c);
    } else if (e->kind == EVENT_DOWN && to->on_down != NULL) {
        to->on_down(to->user, "connection lost");
    } else if (e->kind == EVENT_CONFIRMED && c->up && e->life == c->life) {
        e->confirmed(e->confirmed_user);
    } else if (e->kind == EVENT_RETAINED && c->up && e->life == c->life) {
        hand_over(c, e, true);
    } else if (e->kind == EVENT_HELD) {
        hand_over(c, e, e->retain);
    } else if (e->kind == EVENT_WRITABLE && c->up && to->on_writable != NULL) {
        to->on_writable(to->user);
    }
}

static void client_free(struct client *c) {
    while (c->aside != NULL) {
        struct event *e = c->aside;
        c->aside = e->next;
        free(e);
    }
    for (unsigned i = 0; i < c->subscribe_n; i++) {
        free(c->subscribe[i]);
    }
    free(c->will_topic);
    free((void *)(uintptr_t)c->will_payload.p);
    free(c);
}

/* Clients closed inside a step are freed behind it, when no walk stands on them any more. */
static void sweep(struct bus_hub *h) {
    for (struct client **at = &h->clients; *at != NULL;) {
        struct client *c = *at;
        if (!c->closed) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        for (struct event *e = h->first; e != NULL; e = e->next) {
            if (e->client == c) {
                assert(e->kind == EVENT_MESSAGE || e->kind == EVENT_WRITABLE ||
                       e->kind == EVENT_RETAINED || e->kind == EVENT_HELD || e->kind == EVENT_UP ||
                       e->kind == EVENT_DOWN || e->kind == EVENT_CONFIRMED);
                e->client = NULL;
            }
        }
        client_free(c);
    }
}

bool bus_hub_step(struct bus_hub *h) {
    assert(!h->stepping); /* a callback must not step the hub it runs in */
    struct event *e = h->first;
    if (e == NULL) {
        return false;
    }
    h->first = e->next;
    if (h->first == NULL) {
        h->last = &h->first;
    }
    h->queued--;
    h->stepping = true;
    if (e->kind == EVENT_MESSAGE) {
        on_message(h, e);
    } else if (e->client != NULL) {
        client_event(h, e);
    }
    h->stepping = false;
    free(e);
    sweep(h);
    return true;
}

static struct event *message(struct bus_hub *h, struct client *from, struct span topic,
                             struct span payload, bool retained) {
    struct event *e = event_new(EVENT_MESSAGE, from, topic, payload);
    if (e != NULL) {
        e->retain = retained;
        queue_add(h, e);
    }
    return e;
}

void bus_hub_wipe(struct bus_hub *h) {
    struct event *e = h->first;
    h->first = NULL;
    h->last = &h->first;
    h->queued = 0;
    retained_wipe(h);
    while (e != NULL) {
        struct event *next = e->next;
        e->next = NULL;
        if (e->kind == EVENT_MESSAGE) {
            confirm(h, e); /* as a broker that acknowledges and then forgets */
        }
        if (e->kind == EVENT_MESSAGE || e->kind == EVENT_RETAINED) {
            free(e);
        } else {
            queue_add(h, e);
        }
        e = next;
    }
}

void bus_hub_cut(struct bus_hub *h, struct bus *b) {
    struct client *c = client_of(b);
    if (!c->up) {
        return;
    }
    c->up = false;
    c->life++;
    c->inflight = 0;
    c->bus.stats.disconnects++;
    (void)queue(h, EVENT_DOWN, c);
    if (c->will_topic != NULL) {
        (void)message(h, NULL, span_str(c->will_topic), c->will_payload, true);
    }
    (void)queue(h, EVENT_UP, c);
}

void bus_hub_refuse(struct bus_hub *h, bool refuse) {
    h->refuse = refuse;
    for (struct client *c = h->clients; c != NULL && !refuse; c = c->next) {
        if (c->started && !c->up && !c->stopping) {
            (void)queue(h, EVENT_UP, c);
        }
    }
}

static enum err memory_start(struct bus *b) {
    struct client *c = client_of(b);
    if (c->started) {
        return ERR_STATE;
    }
    enum err e = queue(c->hub, EVENT_UP, c);
    c->started = e == ERR_OK;
    return e;
}

static enum err publish(struct client *c, const char *topic, struct span payload, bool retained,
                        struct event **out) {
    if (!c->up || c->stopping) {
        return ERR_STATE;
    }
    if (c->max_inflight > 0 && c->inflight >= c->max_inflight) {
        c->bus.stats.refused_full++;
        c->want_writable = true;
        return ERR_FULL;
    }
    *out = message(c->hub, c, span_str(topic), payload, retained);
    if (*out == NULL) {
        return ERR_NOMEM;
    }
    c->inflight++;
    c->bus.stats.published++;
    c->bus.stats.published_bytes += payload.n;
    return ERR_OK;
}

static enum err memory_publish(struct bus *b, const char *topic, struct span payload, int qos,
                               bool retained) {
    struct event *e = NULL;
    bool legal = qos == 0 || qos == 1;
    return legal ? publish(client_of(b), topic, payload, retained, &e) : ERR_RANGE;
}

static enum err memory_publish_sure(struct bus *b, const char *topic, struct span payload,
                                    bool retained, void (*confirmed)(void *user), void *user) {
    struct event *e = NULL;
    enum err err = publish(client_of(b), topic, payload, retained, &e);
    if (err == ERR_OK) {
        e->confirmed = confirmed;
        e->confirmed_user = user;
    }
    return err;
}

/* What waited comes before all else that is queued. */
static void memory_hold(struct bus *b, bool held) {
    struct client *c = client_of(b);
    struct bus_hub *h = c->hub;
    c->held = held;
    if (held || c->aside == NULL) {
        return;
    }
    for (const struct event *e = c->aside; e != NULL; e = e->next) {
        h->queued++;
    }
    *c->aside_last = h->first;
    h->last = h->first != NULL ? h->last : c->aside_last;
    h->first = c->aside;
    c->aside = NULL;
    c->aside_last = &c->aside;
}

static void memory_stop(struct bus *b, void (*done)(void *user), void *user) {
    struct client *c = client_of(b);
    assert(!c->stopping); /* stop is called once */
    c->stopping = true;
    c->up = false;
    c->on_done = done;
    c->done_user = user;
    (void)queue(c->hub, EVENT_DONE, c);
}

static void memory_close(struct bus *b) {
    struct client *c = client_of(b);
    assert(c->done || !c->started); /* close only after done */
    c->closed = true;
    if (!c->hub->stepping) {
        sweep(c->hub);
    }
}

static const struct bus_ops memory_ops = {
    .start = memory_start,
    .publish = memory_publish,
    .publish_sure = memory_publish_sure,
    .hold = memory_hold,
    .stop = memory_stop,
    .close = memory_close,
};

void bus_memory_limit(struct bus *b, unsigned max_inflight) {
    client_of(b)->max_inflight = max_inflight;
}

static enum err client_fill(struct client *c, const char *const *subscribe, unsigned n,
                            const char *will_topic, struct span will_payload) {
    for (; c->subscribe_n < n; c->subscribe_n++) {
        c->subscribe[c->subscribe_n] = strdup(subscribe[c->subscribe_n]);
        if (c->subscribe[c->subscribe_n] == NULL) {
            return ERR_NOMEM;
        }
    }
    if (will_topic == NULL) {
        return ERR_OK;
    }
    uint8_t *copy = malloc(will_payload.n + 1);
    c->will_topic = strdup(will_topic);
    c->will_payload = span_of(copy, will_payload.n);
    if (copy == NULL || c->will_topic == NULL) {
        return ERR_NOMEM;
    }
    if (will_payload.n > 0) {
        memcpy(copy, will_payload.p, will_payload.n);
    }
    return ERR_OK;
}

enum err bus_memory_open(struct bus_hub *h, const struct bus_events *events,
                         const char *const *subscribe, unsigned subscribe_n, const char *will_topic,
                         struct span will_payload, struct bus **out) {
    struct client *c = calloc(1, sizeof *c + subscribe_n * sizeof c->subscribe[0]);
    if (c == NULL) {
        return ERR_NOMEM;
    }
    c->bus.ops = &memory_ops;
    c->bus.events = *events;
    c->hub = h;
    c->aside_last = &c->aside;
    enum err e = client_fill(c, subscribe, subscribe_n, will_topic, will_payload);
    if (e != ERR_OK) {
        client_free(c);
        return e;
    }
    struct client **at =
        &h->clients; /* at the end: clients are served in the order they were opened */
    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = c;
    *out = &c->bus;
    return ERR_OK;
}
