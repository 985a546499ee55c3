/* The reference: a subscriber straight on a socket that decodes every record with its bounds
 * checked and adds the values up, in a thread of its own. What the aggregator does beyond it is the
 * price of being right. */
#ifndef PB_BENCHKIT_READER_H
#define PB_BENCHKIT_READER_H

#include <pthread.h>
#include <stdatomic.h>

#include "benchkit/latency.h"
#include "benchkit/mqtt.h"

enum { READER_AGENT_POINTS = 8192 };

struct reader {
    struct mqtt mqtt;
    pthread_t thread;
    atomic_bool stop, decode, stamped;
    atomic_ullong bytes, messages, readings; /* payloads taken */
    atomic_llong cpu_ns;                     /* of the thread, as of its last message */
    int64_t *sum;                            /* one a signal */
    unsigned agents;
    struct latency latency; /* from a record's stamp to its accumulation */
};

/* Subscribes to topic and begins. ERR_IO, ERR_NOMEM. */
enum err reader_start(struct reader *r, int port, const char *topic, unsigned agents);
void reader_stop(struct reader *r);

#endif
