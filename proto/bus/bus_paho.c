/* The loop's side: when to connect, what to tell the owner, how much to do in one turn.
 *
 * NEW -start-> CONNECTING -UP-> UP -DOWN-> WAITING -timer-> CONNECTING; CONNECTING -DOWN-> WAITING
 * any -stop-> GOODBYE (if connected) -> ENDING (Paho destroyed on a worker) -> ENDED -> done
 *
 * Every state but UP and ENDED is left by a timer or a worker, whatever Paho forgets to tell. */
#include "bus/bus_paho.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "bus/bus_link.h"

enum {
    TURN_BYTES = 1 << 20,
    TURN_NS = 1000000,
    TURN_LOOK = 16, /* records between two looks at the clock */
    CONNECT_GUARD_MS = (BUS_LINK_CONNECT_S + 5) * 1000,
    GOODBYE_GUARD_MS = 1500,
    RETRY_LEAST_MS = 20, /* Paho still writes to its connect block when it tells of a failure */
    REPORT_MS = 60000,   /* the same reason is told once in this time */
    REASON_MAX = 160,
};

enum state {
    STATE_NEW,
    STATE_CONNECTING,
    STATE_UP,
    STATE_WAITING,
    STATE_GOODBYE,
    STATE_ENDING,
    STATE_ENDED
};

struct bus_paho {
    struct bus bus; /* first: a struct bus is a bus_paho */
    enum state state;
    struct bus_link *link;
    struct bus_inbox inbox;
    uv_loop_t *loop;
    struct bus_wake wake;
    uv_timer_t timer; /* CONNECTING: guard; WAITING: retry; UP: stall; GOODBYE: guard */
    uv_work_t work;
    unsigned open_handles;
    unsigned attempts; /* failures since the last UP */
    uint32_t retry_min_ms, retry_max_ms, random;
    uint64_t stall_ms;
    bool want_writable, held;
    unsigned stall_inflight;
    char note[REASON_MAX], reported[REASON_MAX];
    uint64_t reported_at;
    void (*on_done)(void *user);
    void *done_user;
};

static void connect_now(struct bus_paho *b);

static struct bus_paho *paho_of(struct bus *b) {
    return (struct bus_paho *)b;
}

static void timer_set(struct bus_paho *b, uv_timer_cb cb, uint64_t ms) {
    uv_update_time(b->loop);
    uv_timer_start(&b->timer, cb, ms, 0); /* fails only on a closing handle */
}

static void report(struct bus_paho *b, const char *reason, bool always) {
    uint64_t now = uv_now(b->loop);
    bool same = strcmp(b->reported, reason) == 0 && now - b->reported_at < REPORT_MS;
    if (same && !always) {
        return;
    }
    b->reported_at = now;
    snprintf(b->reported, sizeof b->reported, "%s", reason);
    if (b->bus.events.on_down != NULL) {
        b->bus.events.on_down(b->bus.events.user, b->reported);
    }
}

/* Doubles from min to max, less up to a quarter, so that a fleet does not come back in step. The
 * spread only needs to differ between clients: xorshift from the client's id. */
static uint64_t retry_ms(struct bus_paho *b) {
    uint64_t ms = b->retry_min_ms;
    for (unsigned i = 1; i < b->attempts && ms < b->retry_max_ms; i++) {
        ms *= 2;
    }
    ms = ms < b->retry_max_ms ? ms : b->retry_max_ms;
    b->random ^= b->random << 13;
    b->random ^= b->random >> 17;
    b->random ^= b->random << 5;
    ms -= b->random % (ms / 4 + 1);
    return ms > RETRY_LEAST_MS ? ms : RETRY_LEAST_MS;
}

static void on_retry(uv_timer_t *t) {
    struct bus_paho *b = t->data;
    if (bus_link_connected(b->link)) { /* an attempt we gave up, or one whose subscription failed */
        (void)bus_link_disconnect(b->link);
        timer_set(b, on_retry, retry_ms(b));
        return;
    }
    connect_now(b);
}

static void on_link_down(struct bus_paho *b, const char *reason) {
    bool was_up = b->state == STATE_UP;
    b->state = STATE_WAITING;
    b->bus.stats.disconnects += was_up;
    b->attempts = was_up ? 1 : b->attempts + (b->attempts < 32);
    timer_set(b, on_retry, retry_ms(b));
    report(b, reason, was_up);
}

static void on_connect_guard(uv_timer_t *t) {
    struct bus_paho *b = t->data;
    on_link_down(b, "no answer from the broker");
}

static void connect_now(struct bus_paho *b) {
    char lacks[REASON_MAX];
    if (bus_link_lacks(b->link, lacks, sizeof lacks)) {
        on_link_down(b, lacks);
        return;
    }
    b->state = STATE_CONNECTING;
    b->note[0] = '\0';
    timer_set(b, on_connect_guard, CONNECT_GUARD_MS);
    if (bus_link_connect(b->link) != ERR_OK) {
        on_link_down(b, "connect refused by the client library");
    }
}

static void tell_writable(struct bus_paho *b) {
    if (!b->want_writable || b->state != STATE_UP) {
        return;
    }
    if (bus_link_inflight(b->link) < b->stall_inflight) {
        b->want_writable = false;
        uv_timer_stop(&b->timer);
        if (b->bus.events.on_writable != NULL) {
            b->bus.events.on_writable(b->bus.events.user);
        }
    }
}

/* Nothing confirmed for two keepalives on a link that Paho still believes in: answers got lost. */
static void on_stall(uv_timer_t *t) {
    struct bus_paho *b = t->data;
    bus_link_forgive(b->link);
    tell_writable(b);
}

static void on_link_up(struct bus_paho *b) {
    b->state = STATE_UP;
    b->attempts = 0;
    b->reported[0] = '\0';
    b->bus.stats.connects++;
    uv_timer_stop(&b->timer);
    if (b->bus.events.on_up != NULL) {
        b->bus.events.on_up(b->bus.events.user);
    }
    tell_writable(b); /* a window that was full died with its connection */
}

static void end_begin(struct bus_paho *b);

static void note_text(char *to, struct span text) {
    while (text.n > 0 && text.p[text.n - 1] <= ' ') {
        text.n--;
    }
    snprintf(to, REASON_MAX, "%.*s", (int)(text.n < REASON_MAX ? text.n : REASON_MAX - 1),
             (const char *)text.p);
}

static void on_down_record(struct bus_paho *b, const struct inbox_record *r) {
    char reason[REASON_MAX];
    note_text(reason, r->payload);
    on_link_down(b, b->note[0] != '\0' ? b->note : reason);
}

static void handle(struct bus_paho *b, const struct inbox_record *r) {
    bool current = r->life == bus_link_life(b->link);
    bool alive = b->state == STATE_CONNECTING || b->state == STATE_UP;
    switch (r->kind) {
    case INBOX_MESSAGE:
        b->bus.stats.received++;
        b->bus.stats.received_bytes += r->payload.n;
        if (b->bus.events.on_message != NULL) {
            b->bus.events.on_message(b->bus.events.user, r->topic, r->payload, r->retained);
        }
        break;
    case INBOX_UP:
        if (current && b->state == STATE_CONNECTING) {
            on_link_up(b);
        }
        break;
    case INBOX_NOTE:
        if (current && b->note[0] == '\0') {
            note_text(b->note, r->payload);
        }
        break;
    case INBOX_DOWN:
        if (current && alive) {
            on_down_record(b, r);
        }
        break;
    case INBOX_DISCONNECTED: /* a half-open attempt was closed: the retry timer goes on */
        break;
    }
}

static bool stopping(const struct bus_paho *b) {
    return b->state >= STATE_GOODBYE;
}

/* After stop nothing reaches the owner; only the end of the goodbye is looked for. */
static void drain_stopping(struct bus_paho *b) {
    struct inbox_record r;
    while (b->state == STATE_GOODBYE && bus_inbox_next(&b->inbox, &r)) {
        if (r.kind == INBOX_DISCONNECTED || r.kind == INBOX_DOWN) {
            end_begin(b);
        }
    }
}

/* all: nothing waits that came before what was dropped. */
static void stats_take(struct bus_paho *b, bool all) {
    struct bus_inbox_counts counts = bus_inbox_counts(&b->inbox);
    if (all) {
        b->bus.stats.inbox_dropped = counts.dropped;
    }
    b->bus.stats.inbox_bytes = counts.bytes;
    b->bus.stats.inbox_bytes_max = counts.bytes_peak;
}

static void tell_confirmed(struct bus_paho *b) {
    void (*confirmed)(void *user) = NULL;
    void *user = NULL;
    while (b->state == STATE_UP && bus_link_next_sure(b->link, &confirmed, &user)) {
        confirmed(user);
    }
}

static void on_wake(void *user) {
    struct bus_paho *b = user;
    uint64_t end_ns = uv_hrtime() + TURN_NS;
    size_t bytes = 0;
    struct inbox_record r;
    bool all = false;
    for (unsigned n = 1; !stopping(b) && !b->held; n++) {
        all = !bus_inbox_next(&b->inbox, &r);
        if (all) {
            break;
        }
        b->bus.stats.inbox_dropped = r.dropped; /* what is lost before it is known before it */
        bytes += r.topic.n + r.payload.n;
        handle(b, &r);
        if (bytes >= TURN_BYTES || (n % TURN_LOOK == 0 && uv_hrtime() >= end_ns)) {
            bus_wake_ring(&b->wake); /* the rest behind timers and other handles */
            break;
        }
    }
    stats_take(b, all);
    if (!stopping(b)) {
        tell_confirmed(b);
        tell_writable(b);
    }
    drain_stopping(b);
}

static enum err paho_start(struct bus *bus) {
    struct bus_paho *b = paho_of(bus);
    if (b->state != STATE_NEW) {
        return ERR_STATE;
    }
    b->state = STATE_WAITING;
    timer_set(b, on_retry, 0); /* callbacks never run from inside a call */
    return ERR_OK;
}

static enum err count_sent(struct bus_paho *b, enum err e, size_t bytes) {
    if (e == ERR_OK) {
        b->bus.stats.published++;
        b->bus.stats.published_bytes += bytes;
    } else if (e == ERR_FULL) {
        b->bus.stats.refused_full++;
        if (!b->want_writable) {
            timer_set(b, on_stall, b->stall_ms);
        }
        b->want_writable = true;
        b->stall_inflight = bus_link_inflight(b->link);
        if (b->stall_inflight == 0) { /* confirmed meanwhile: its wake may have been seen already */
            b->stall_inflight = 1;
        }
        bus_wake_ring(&b->wake);
    }
    return e;
}

static enum err paho_publish(struct bus *bus, const char *topic, struct span payload, int qos,
                             bool retain) {
    struct bus_paho *b = paho_of(bus);
    if (b->state != STATE_UP) {
        return ERR_STATE;
    }
    if (qos < 0 || qos > 1 || payload.n > INT32_MAX) {
        return ERR_RANGE;
    }
    return count_sent(b, bus_link_send(b->link, topic, payload, qos, retain), payload.n);
}

static enum err paho_publish_sure(struct bus *bus, const char *topic, struct span payload,
                                  bool retain, void (*confirmed)(void *user), void *user) {
    struct bus_paho *b = paho_of(bus);
    if (b->state != STATE_UP) {
        return ERR_STATE;
    }
    if (payload.n > INT32_MAX) {
        return ERR_RANGE;
    }
    enum err e = bus_link_send_sure(b->link, topic, payload, retain, confirmed, user);
    return count_sent(b, e, payload.n);
}

static void paho_hold(struct bus *bus, bool held) {
    struct bus_paho *b = paho_of(bus);
    b->held = held;
    if (!held && !stopping(b)) {
        bus_wake_ring(&b->wake);
    }
}

static void on_closed(void *user) {
    struct bus_paho *b = user;
    if (--b->open_handles > 0) {
        return;
    }
    b->state = STATE_ENDED;
    if (b->on_done != NULL) {
        b->on_done(b->done_user);
    }
}

static void on_timer_closed(uv_handle_t *timer) {
    on_closed(timer->data);
}

static void close_handles(struct bus_paho *b) {
    bus_wake_close(&b->wake, on_closed);
    uv_close((uv_handle_t *)&b->timer, on_timer_closed);
}

static void end_work(uv_work_t *w) {
    struct bus_paho *b = w->data;
    bus_link_close(b->link); /* sleeps in steps of 100 ms until Paho's threads are gone */
}

static void on_end_worked(uv_work_t *w, int status) {
    struct bus_paho *b = w->data;
    (void)status; /* nobody cancels it */
    b->link = NULL;
    close_handles(b);
}

static void end_begin(struct bus_paho *b) {
    b->state = STATE_ENDING;
    uv_timer_stop(&b->timer);
    b->work.data = b;
    uv_queue_work(b->loop, &b->work, end_work, on_end_worked); /* fails only without a work_cb */
}

static void on_goodbye_guard(uv_timer_t *t) {
    end_begin(t->data);
}

static void paho_stop(struct bus *bus, void (*done)(void *user), void *user) {
    struct bus_paho *b = paho_of(bus);
    assert(!stopping(b)); /* stop is called once */
    b->on_done = done;
    b->done_user = user;
    b->state = STATE_GOODBYE;
    if (bus_link_disconnect(b->link) == ERR_OK) {
        timer_set(b, on_goodbye_guard, GOODBYE_GUARD_MS);
    } else {
        end_begin(b); /* not connected, or in the midst of it */
    }
}

static void paho_close(struct bus *bus) {
    struct bus_paho *b = paho_of(bus);
    assert(b->state == STATE_ENDED); /* close only after done */
    bus_inbox_fini(&b->inbox);
    free(b);
}

static const struct bus_ops paho_ops = {
    .start = paho_start,
    .publish = paho_publish,
    .publish_sure = paho_publish_sure,
    .hold = paho_hold,
    .stop = paho_stop,
    .close = paho_close,
};

enum err bus_paho_open(const struct bus_paho_conf *conf, const struct bus_events *events,
                       struct uv_loop_s *loop, struct bus **out) {
    struct bus_paho *b = calloc(1, sizeof *b);
    if (b == NULL) {
        return ERR_NOMEM;
    }
    b->bus.ops = &paho_ops;
    b->bus.events = *events;
    b->loop = loop;
    b->retry_min_ms = conf->retry_min_ms;
    b->retry_max_ms = conf->retry_max_ms;
    b->stall_ms = (uint64_t)conf->keepalive_s * 2000;
    enum err e = bus_inbox_init(&b->inbox, conf->inbox_bytes_max);
    if (e != ERR_OK) {
        free(b);
        return e;
    }
    e = bus_link_open(conf, &b->inbox, &b->wake, &b->link);
    if (e != ERR_OK) {
        bus_inbox_fini(&b->inbox);
        free(b);
        return e;
    }
    b->random = fnv1a32(span_str(conf->client_id)) | 1;
    if (bus_wake_open(&b->wake, loop, on_wake, b) != ERR_OK) {
        bus_link_close(b->link);
        bus_inbox_fini(&b->inbox);
        free(b);
        return ERR_IO;
    }
    uv_timer_init(loop, &b->timer); /* cannot fail */
    b->timer.data = b;
    b->open_handles = 2;
    *out = &b->bus;
    return ERR_OK;
}
