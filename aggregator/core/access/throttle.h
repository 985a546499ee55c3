/* Failed proofs, counted by whom they are said to be of and by where they come from: after a few,
 * each further one has to wait, longer each time. Bounded; what is oldest is forgotten first. */
#ifndef PB_ACCESS_THROTTLE_H
#define PB_ACCESS_THROTTLE_H

#include "base/span.h"

enum {
    THROTTLE_SLOTS = 1024,
    THROTTLE_FREE = 5,       /* failures of a name that cost no wait */
    THROTTLE_FREE_HOST = 20, /* of an address, behind which a whole hall may sit */
};
#define THROTTLE_WAIT_MIN_MS INT64_C(2000)
#define THROTTLE_WAIT_MAX_MS INT64_C(300000) /* a name must not be shut out for good by others */
/* One failure is forgotten for so much quiet. */
#define THROTTLE_FORGET_MS INT64_C(300000)
#define THROTTLE_FORGET_HOST_MS INT64_C(30000)

struct throttle_slot {
    uint64_t key; /* 0: free */
    unsigned failures;
    int64_t last_ms, until_ms; /* monotonic */
};
struct throttle {
    uint64_t seed; /* secret, so that nobody finds names that share a slot */
    struct throttle_slot slot[THROTTLE_SLOTS];
};

enum throttle_kind { THROTTLE_NAME, THROTTLE_ADDRESS };

/* Of an IPv6 address the first half counts: the other is its owner's to choose. */
struct span throttle_network(const char *address, char text[64]);
void throttle_init(struct throttle *t, uint64_t seed);
/* How long this one has to wait yet, 0: not at all. O(1). */
int64_t throttle_wait_ms(struct throttle *t, enum throttle_kind kind, struct span who,
                         int64_t mono_ms);
void throttle_failed(struct throttle *t, enum throttle_kind kind, struct span who, int64_t mono_ms);
/* One that was counted as failed was right after all. */
void throttle_undo(struct throttle *t, enum throttle_kind kind, struct span who);
void throttle_passed(struct throttle *t, enum throttle_kind kind, struct span who);

#endif
