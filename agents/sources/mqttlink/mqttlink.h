/* A client of an MQTT broker inside a source: it connects again by itself, subscribes, and hands
 * over what comes in order, from inside a turn that the source gives it. It has a loop of its own
 * behind one descriptor, so it lives wherever a source is polled; of topics and payloads it knows
 * nothing. */
#ifndef PB_MQTTLINK_MQTTLINK_H
#define PB_MQTTLINK_MQTTLINK_H

#include "base/err.h"
#include "base/span.h"
#include "conf/conf.h"

enum { MQTTLINK_FILTER_MAX = 64, MQTTLINK_INFLIGHT = 10 };

struct mqttlink_conf {
    char *url, *user, *password, *ca, *cert, *key, *client_id;
    struct conf_pos pos, url_pos;
    int64_t keepalive_ms, retry_min_ms, retry_max_ms;
    int64_t queue_bytes;
};

/* The rows of a `broker:` in a source's settings. */
extern const struct conf_schema mqttlink_schema;
/* What is wrong across its keys; key is what the source calls it ("broker"). */
void mqttlink_conf_finish(const struct mqttlink_conf *c, const char *key,
                          struct conf_report *report);

struct mqttlink_ask {
    const char *folder;         /* of relative paths; NULL: the working directory */
    const char *const *filters; /* QoS 1, subscribed again after every reconnect */
    unsigned filter_n;          /* <= MQTTLINK_FILTER_MAX */
    const char *will_topic;     /* NULL: none; retained, QoS 1 */
    /* Its payload, asked before each attempt to connect; borrowed for that attempt. */
    struct span (*will)(void *user);
    /* All of them are called from inside mqttlink_turn only. */
    void (*on_up)(void *user); /* connected and subscribed */
    void (*on_down)(void *user, const char *reason);
    /* Borrowed for the call. */
    void (*on_message)(void *user, struct span topic, struct span payload, bool retained);
    void *user;
};

struct mqttlink_stats {
    uint64_t received, connects, disconnects;
    uint64_t dropped; /* messages for which the queue had no room: something was missed */
};

struct mqttlink;

/* Begins to connect; conf and ask are copied, what their pointers point to as well, but for
 * ask.user. ERR_RANGE, ERR_NOMEM, ERR_IO (no descriptor left). */
enum err mqttlink_open(const struct mqttlink_conf *conf, const struct mqttlink_ask *ask,
                       struct mqttlink **out);
/* Readable when a turn has something to do. */
int mqttlink_fd(const struct mqttlink *l);
/* Does what there is to do, bounded, and returns in *next_ms (by the clock of now_ms) when it has
 * to be called again even if the descriptor is not readable; INT64_MAX: not by itself. */
void mqttlink_turn(struct mqttlink *l, int64_t now_ms, int64_t *next_ms);
/* While held no message is handed over; they wait in the queue, and their order stays. Callable
 * from inside on_message: it is the last one then. */
void mqttlink_hold(struct mqttlink *l, bool held);
/* QoS 0 or 1. ERR_FULL: too many are not confirmed yet; ERR_STATE: not connected. */
enum err mqttlink_publish(struct mqttlink *l, const char *topic, struct span payload, int qos,
                          bool retain);
void mqttlink_stats(const struct mqttlink *l, struct mqttlink_stats *out);
/* Says goodbye, so the will is not published, and waits for the threads behind it: up to two
 * seconds when the broker does not answer. */
void mqttlink_close(struct mqttlink *l);

#endif
