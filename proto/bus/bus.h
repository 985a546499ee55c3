/* The message bus as the rest of the house sees it: a port of five functions, with Paho behind
 * bus_paho.h and a memory double behind bus_memory.h. It promises delivery of nothing: truth comes
 * from the acknowledgements of our own protocol. */
#ifndef PB_BUS_BUS_H
#define PB_BUS_BUS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/span.h"

/* Callbacks run on the loop's thread, inside the loop's turn, never from inside a call to the bus.
 */
struct bus_events {
    /* Connected and subscribed; after every reconnect again. */
    void (*on_up)(void *user);
    /* Connection lost or refused; reason is a short text for the log. The bus retries by itself. */
    void (*on_down)(void *user, const char *reason);
    /* Topic and payload are borrowed for the call. */
    void (*on_message)(void *user, struct span topic, struct span payload, bool retained);
    /* The window of messages in flight has room again after publish answered ERR_FULL. */
    void (*on_writable)(void *user);
    void *user;
};

struct bus;

struct bus_ops {
    /* Begins to connect; retries with back-off until stop. Call once. */
    enum err (*start)(struct bus *b);
    /* Queues one message. QoS 0 or 1. ERR_FULL when max_inflight are unconfirmed, ERR_STATE when
     * down. */
    enum err (*publish)(struct bus *b, const char *topic, struct span payload, int qos,
                        bool retain);
    /* The same at QoS 1, and confirmed(user) is called once the broker has taken this very message.
     * Never if the connection is lost before, or its answer: on_down or the caller's own patience
     * decides to publish again, and late confirmations of a lost connection are not told. NULL in
     * ops: no such bus. */
    enum err (*publish_sure)(struct bus *b, const char *topic, struct span payload, bool retain,
                             void (*confirmed)(void *user), void *user);
    /* While held no message is handed over: they wait within the bounds of the bus, with what else
     * there is to tell behind them, and come in order once it is let go. */
    void (*hold)(struct bus *b, bool held);
    /* Disconnects (QoS 1 in flight may be lost); `done` is called on the loop when nothing more
     * will happen. Call once, before close. */
    void (*stop)(struct bus *b, void (*done)(void *user), void *user);
    /* Frees it; only after done. */
    void (*close)(struct bus *b);
};

struct bus_stats {
    uint64_t received, received_bytes, published, published_bytes, refused_full, connects,
        disconnects;
    uint64_t
        inbox_dropped; /* inbox at its byte bound: message dropped before the protocol saw it */
    uint64_t inbox_bytes, inbox_bytes_max; /* left by the last turn of the loop; the most ever */
};

struct bus {
    const struct bus_ops *ops;
    struct bus_events events;
    struct bus_stats stats;
};

#endif
