/* A second agent with an id that is already taken, and readings of its own: while the first one is
 * alive nothing of it may count. It speaks straight to the aggregator. */
#ifndef PB_SIMWORLD_STRANGER_H
#define PB_SIMWORLD_STRANGER_H

#include "simkit/station.h"
#include "simworld/gateway.h"

struct stranger {
    uint64_t nonce, epoch, next;
    uint32_t hello_n;
    uint64_t spoke; /* hellos that the aggregator got */
};

/* A hello and a record of a stream in which ten thousand pieces were made. Says nothing while it
 * would rightly be believed: the first one's process must be the one that the store has accepted,
 * and it must have been heard lately (heard_mono_ms: when its last hello arrived). */
enum err stranger_speak(struct stranger *x, struct station *s, const struct gateway *first,
                        int64_t heard_mono_ms, struct rng *rng);

#endif
