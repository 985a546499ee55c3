/* The way between gateways and the aggregator: a broker that may lose, repeat, delay and reorder.
 * It keeps bytes and due times; who reads them is the caller's affair. */
#ifndef PB_SIMWORLD_NET_H
#define PB_SIMWORLD_NET_H

#include "base/err.h"
#include "base/span.h"
#include "simworld/rng.h"
#include "wire/topic.h"

struct net_faults {             /* parts per million of messages */
    uint32_t drop, twice, late; /* late: delivered after what was sent behind it */
    int64_t delay_ms, late_ms;  /* at most */
};

struct net_message {
    char topic[TOPIC_MAX];
    uint8_t *p;
    size_t n;
    int64_t due_ms;
    uint64_t order;
};

struct net {
    struct rng *rng; /* borrowed */
    struct net_faults faults;
    struct net_message *at;
    size_t n, cap;
    uint64_t order;
    int64_t last_due_ms; /* what is not late keeps its order */
    uint64_t sent, dropped, repeated, delayed;
};

void net_init(struct net *n, struct rng *rng);
void net_fini(struct net *n);
enum err net_send(struct net *n, const char *topic, struct span bytes, int64_t now_ms);
/* Takes the next message due at now_ms; the bytes are the caller's to free. */
bool net_take(struct net *n, int64_t now_ms, struct net_message *out);
/* The broker forgets everything. */
void net_wipe(struct net *n);

#endif
