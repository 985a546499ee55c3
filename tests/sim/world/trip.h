/* Points at which a process changes what outlives it or what others see, counted through a run, and
 * a death at one of them: before it is carried out, after it, or in the middle. Whoever carries out
 * such an effect asks here first. */
#ifndef PB_SIMWORLD_TRIP_H
#define PB_SIMWORLD_TRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum trip_kind {
    TRIP_WRITE,   /* gateway: bytes to a file of the journal, or a new file */
    TRIP_SYNC,    /* a sync is begun */
    TRIP_SYNCED,  /* ... and done */
    TRIP_REMOVE,  /* a segment is deleted */
    TRIP_DATA,    /* a record leaves for the broker */
    TRIP_HELLO,   /* a hello does */
    TRIP_COMMIT,  /* aggregator: a transaction, of the core or of the outbox */
    TRIP_ACK,     /* an ack leaves */
    TRIP_REQUEST, /* the database carries out a request */
    TRIP_KIND_COUNT
};

enum trip_say {
    TRIP_GOES_ON,
    TRIP_DIES_AFTER, /* it is carried out and is the last thing the process does */
    TRIP_DIES_TORN,  /* half of it is */
    TRIP_NOTHING     /* it is not carried out: the process dies before, or is dead */
};

enum { TRIP_STATION = 2, /* behind the gateways */ TRIP_SIDES, TRIP_POINTS_MAX = 16384 };

struct trip {
    /* Where: from 1; 0: nowhere. Then once more, at the next one of its kind of the process that is
     * started after it. */
    uint64_t at;
    bool after, torn; /* torn: of a write */
    /* Of a gateway: power fails, what was not synced is torn. Of the aggregator: what it has handed
     * over reaches disk and database. */
    bool more;

    uint64_t n, of[TRIP_KIND_COUNT]; /* met */
    uint8_t kind[TRIP_POINTS_MAX];   /* of each point met before the first death */
    unsigned deaths;
    bool over; /* nothing is counted any more */
    bool dead[TRIP_SIDES];
    uint8_t killer, side; /* of the first death */
};

/* t NULL: it goes on. */
enum trip_say trip_at(struct trip *t, unsigned side, enum trip_kind kind);
bool trip_dead(const struct trip *t, unsigned side);
/* A process is started in its place. */
void trip_revive(struct trip *t, unsigned side);
const char *trip_name(enum trip_kind kind);

#endif
