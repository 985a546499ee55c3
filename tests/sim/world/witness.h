/* The witness looks at the committed store and at the gateway's disk themselves, not at what either
 * side says of them: no ack ahead of the store, no segment deleted that the store does not have or
 * that no ack named. */
#ifndef PB_SIMWORLD_WITNESS_H
#define PB_SIMWORLD_WITNESS_H

#include "ports/store.h"
#include "simworld/tape.h"
#include "support/disk_memory.h"
#include "wire/session_msg.h"

/* A word for what is wrong with an ack that leaves the aggregator; NULL: it tells the truth. */
const char *witness_ack(const struct store *s, const struct ident *agent, const struct ack *ack);

/* The last seq of an epoch that the committed store has applied; 0: none. */
uint64_t witness_last(const struct store *s, const struct ident *agent, uint64_t epoch);

/* The process whose hellos are accepted, as committed; 0: none. */
uint64_t witness_nonce(const struct store *s, const struct ident *agent);

struct witness_given_up { /* told by the journal; ranges of one run are few */
    struct {
        uint64_t epoch, from, to;
    } at[256];
    size_t n;
};

bool witness_given(const struct witness_given_up *g, uint64_t epoch, uint64_t seq);

struct witness_acked { /* what acks that came to a gateway called durable, at most */
    struct {
        uint64_t epoch, durable;
    } at[256];
    size_t n;
};

void witness_take_ack(struct witness_acked *a, const struct ack *ack);
/* The same for a file that the journal is about to delete: each record of it that was ever accepted
 * must be in the committed store and have been acknowledged, or have been given up in so many
 * words. */
const char *witness_remove(const struct store *s, const struct ident *agent, struct disk_memory *d,
                           uint32_t file, const struct tape *tape,
                           const struct witness_given_up *given_up,
                           const struct witness_acked *acked);

#endif
