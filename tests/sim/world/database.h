/* The way to the time-series database: the real outbox beside the core, and a database in memory
 * that is down, refuses, loses answers or finds rows it will never take. */
#ifndef PB_SIMWORLD_DATABASE_H
#define PB_SIMWORLD_DATABASE_H

#include "outbox/outbox.h"
#include "simkit/station.h"
#include "simworld/rng.h"
#include "simworld/trip.h"
#include "support/sink_memory.h"

struct database {
    struct station *station; /* borrowed; its core is alive while the outbox is */
    struct rng *rng;         /* borrowed */
    struct trip *trip;       /* borrowed; NULL: none */
    struct sink *sink;
    struct outbox *outbox;         /* NULL: the process is dead */
    struct store *restored;        /* the store as it was put back last; NULL: never */
    uint32_t busy, lost;           /* parts per million of requests: 429 or 5xx; answer lost */
    uint64_t poison;               /* one point in so many is never taken; 0: none */
    int64_t down_until_ms, now_ms; /* monotonic */
    bool missing;                  /* must be made first */
};

/* Draws how bad it is. ERR_NOMEM. */
enum err database_init(struct database *d, struct station *s, struct rng *rng);
void database_fini(struct database *d);
enum err database_start(struct database *d);
/* With the aggregator: what was asked is still carried out, or not. */
void database_kill(struct database *d, bool asked);
bool database_asked(const struct database *d); /* the outbox is open */
void database_step(struct database *d, int64_t mono_ms);
void database_heal(struct database *d);
/* A backup was put back into the store: what it holds now is where its memory begins. */
enum err database_restored(struct database *d);
/* Nothing waits and nothing is under way. */
bool database_drained(const struct database *d);
/* Every window that was told to the world last stands in the database as it is in the store, or in
 * the dead letters if it was refused, but for what a restored store has forgotten. exact: no field
 * more; alone: and nothing else does. Gives the number of complaints. Nothing may be under way. */
unsigned database_audit(struct database *d, bool exact, bool alone, bool print);

#endif
