/* What a broker's messages go through, while memory runs out: the bus from open to close, and the
 * inbox that Paho's threads fill. A message that found no memory is counted, all others come whole
 * and in order; that the connection is up or lost is always told. Paho itself only opens its client
 * and frees it: the linker puts what is below in the place of connecting, which would start its
 * threads, whose allocations come in no order. So its packets, its sending and its callbacks are
 * not played here, the records that the callbacks write are. */
#include <MQTTAsync.h>
#include <stdio.h>
#include <uv.h>

#include "bus/bus_link.h"
#include "nomem.h"

#define SECOND_NS UINT64_C(1000000000)

enum {
    PATIENCE_S = 30,
    BOUND = 1 << 20,
    BIG = 130 << 10, /* more than a chunk of the inbox, so it has one of its own */
    BIG_FIT = 7,     /* of them, beside a small one */
    VARIED = 30,
    VARIED_STEP = 1777,
    RETRY_MS = 20
};

struct rig {
    uv_loop_t loop;
    struct bus *bus;
    uint8_t bytes[BIG]; /* what messages hold */
    unsigned added, refused, came, ups, downs, lives;
    size_t length[VARIED + 2 * BIG_FIT + 2]; /* of what was taken in */
    char reason[160];
    bool stopped;
};

/* What the bus gave its link. */
static struct {
    struct bus_inbox *inbox;
    struct bus_wake *wake;
    unsigned connects;
} link_seen;

enum err __real_bus_link_open(const struct bus_paho_conf *conf, struct bus_inbox *inbox,
                              struct bus_wake *wake, struct bus_link **out);

enum err __wrap_bus_link_open(const struct bus_paho_conf *conf, struct bus_inbox *inbox,
                              struct bus_wake *wake, struct bus_link **out) {
    link_seen.inbox = inbox;
    link_seen.wake = wake;
    link_seen.connects = 0;
    return __real_bus_link_open(conf, inbox, wake, out);
}

enum err __wrap_bus_link_connect(struct bus_link *l) {
    (void)l;
    link_seen.connects++;
    return ERR_OK;
}

int __real_MQTTAsync_createWithOptions(MQTTAsync *client, const char *url, const char *id,
                                       int persistence, void *context,
                                       MQTTAsync_createOptions *options);

int __wrap_MQTTAsync_createWithOptions(MQTTAsync *client, const char *url, const char *id,
                                       int persistence, void *context,
                                       MQTTAsync_createOptions *options) {
    nomem_disarm();
    const int rc =
        __real_MQTTAsync_createWithOptions(client, url, id, persistence, context, options);
    nomem_arm();
    return rc;
}

/* --- what the bus tells -------------------------------------------------------------------------
 */

static void on_up(void *user) {
    ((struct rig *)user)->ups++;
}

static void on_down(void *user, const char *reason) {
    struct rig *r = user;
    r->downs++;
    snprintf(r->reason, sizeof r->reason, "%s", reason);
    nomem_need(r->came == r->added, "what came before the loss is told before it");
}

/* Each has the topic of its number and as many bytes as were sent. */
static void on_message(void *user, struct span topic, struct span payload, bool retained) {
    struct rig *r = user;
    char expected[16];
    (void)retained;
    nomem_need(r->came < r->added, "nothing comes twice");
    snprintf(expected, sizeof expected, "t/%u", r->came);
    nomem_need(span_equal(topic, span_str(expected)), "they come in order");
    nomem_need(span_equal(payload, span_of(r->bytes, r->length[r->came])), "they come whole");
    r->came++;
}

static void on_stopped(void *user) {
    ((struct rig *)user)->stopped = true;
}

/* --- what Paho's threads do ---------------------------------------------------------------------
 */

static bool add(const struct inbox_record *record) {
    nomem_arm();
    const bool added = bus_inbox_add(link_seen.inbox, record);
    bus_wake_ring(link_seen.wake);
    nomem_disarm();
    return added;
}

static bool arrives(struct rig *r, size_t length) {
    char topic[16];
    snprintf(topic, sizeof topic, "t/%u", r->added);
    const struct inbox_record message = {
        .kind = INBOX_MESSAGE, .topic = span_str(topic), .payload = span_of(r->bytes, length)};
    if (!add(&message)) {
        r->refused++;
        return false;
    }
    r->length[r->added++] = length;
    return true;
}

static void connection(enum inbox_kind kind, const char *reason) {
    const struct inbox_record record = {.kind = kind, .payload = span_str(reason)};
    nomem_need(add(&record), "what is told of the connection has memory of its own");
}

/* --- the run ------------------------------------------------------------------------------------
 */

static void turn(struct rig *r) {
    nomem_arm();
    uv_run(&r->loop, UV_RUN_NOWAIT);
    nomem_disarm();
}

static void turn_until(struct rig *r, const unsigned *count, unsigned n, const char *what) {
    const uint64_t end = uv_hrtime() + PATIENCE_S * SECOND_NS;
    while (*count < n) {
        nomem_need(uv_hrtime() < end, what);
        turn(r);
    }
}

static void open_bus(struct rig *r) {
    static const char *const filters[] = {"a/#", "b/+"};
    const struct bus_events events = {
        .on_up = on_up, .on_down = on_down, .on_message = on_message, .user = r};
    const struct bus_paho_conf conf = {.url = "tcp://127.0.0.1:1",
                                       .client_id = "nomem",
                                       .user = "u",
                                       .password = "p",
                                       .subscribe = filters,
                                       .subscribe_n = 2,
                                       .will_topic = "w",
                                       .will_payload = span_str("gone"),
                                       .keepalive_s = 5,
                                       .max_inflight = 10,
                                       .retry_min_ms = RETRY_MS,
                                       .retry_max_ms = RETRY_MS,
                                       .inbox_bytes_max = BOUND};
    for (unsigned tries = 0;; tries++) {
        nomem_arm();
        enum err err = bus_paho_open(&conf, &events, &r->loop, &r->bus);
        nomem_disarm();
        if (!err)
            return;
        nomem_need(err == ERR_NOMEM && nomem_struck() && tries == 0,
                   "it opens but once for want of memory");
    }
}

/* The inbox at its bound, and the connection lost then: there is no room in what it has. */
static void play_full(struct rig *r) {
    unsigned big = 0;
    r->bus->ops->hold(r->bus, true);
    (void)arrives(r, 1);
    for (unsigned i = 0; i < BIG_FIT + 2; i++)
        big += arrives(r, BIG);
    nomem_need(big == BIG_FIT, "as many as there is room for");
    connection(INBOX_NOTE, "certificate expired");
    connection(INBOX_DOWN, "lost");
    turn(r);
    nomem_need(r->came == 0 && r->downs == 0, "what is held waits");
    r->bus->ops->hold(r->bus, false);
    turn_until(r, &r->downs, 1, "a lost connection is told");
    nomem_need(strcmp(r->reason, "certificate expired") == 0, "and why");
}

static void play_varied(struct rig *r) {
    for (unsigned i = 0; i < VARIED; i++) {
        (void)arrives(r, (size_t)i * VARIED_STEP % BIG);
        if (i % 4 == 3)
            turn(r);
    }
    turn_until(r, &r->came, r->added, "all that was taken in comes");
}

static void on_confirmed(void *user) {
    (void)user;
    nomem_need(false, "nothing was sent");
}

static void play_sure(struct rig *r) {
    nomem_arm();
    enum err err = r->bus->ops->publish_sure(r->bus, "t", span_str("x"), false, on_confirmed, NULL);
    nomem_disarm();
    nomem_need(err == ERR_STATE || (err == ERR_NOMEM && nomem_struck()), "it is not sent");
}

static void stop(struct rig *r) {
    r->bus->ops->stop(r->bus, on_stopped, r);
    while (!r->stopped)
        uv_run(&r->loop, UV_RUN_ONCE);
    const struct bus_stats stats = r->bus->stats;
    nomem_need(link_seen.inbox->reserve != NULL, "what was kept for the connection is kept again");
    r->bus->ops->close(r->bus);
    nomem_need(stats.received == r->added && stats.inbox_dropped == r->refused,
               "what came and what was lost is counted");
    nomem_need(r->refused == 2 || (r->refused == 3 && nomem_struck()),
               "one message is lost at most");
    nomem_need(stats.connects == 2 && stats.disconnects == 1, "connections are counted");
    nomem_need(!uv_loop_close(&r->loop), "no handle is left");
}

void nomem_bus(void) {
    struct rig r = {0};
    nomem_need(!uv_loop_init(&r.loop), "setup");
    for (size_t i = 0; i < BIG; i++)
        r.bytes[i] = (uint8_t)(i * 31);
    open_bus(&r);
    nomem_need(!r.bus->ops->start(r.bus), "it starts");
    turn_until(&r, &link_seen.connects, 1, "it connects");
    connection(INBOX_UP, "");
    turn_until(&r, &r.ups, 1, "a connection is told");
    play_full(&r);
    turn_until(&r, &link_seen.connects, 2, "it connects again");
    connection(INBOX_UP, "");
    turn_until(&r, &r.ups, 2, "the new connection is told");
    play_varied(&r);
    play_sure(&r);
    stop(&r);
}
