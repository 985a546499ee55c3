/* The aggregator's real core over the real store in a folder, in one process, with agents whose
 * clock the caller moves. No broker and no page: what is measured is the core and its store. */
#ifndef PB_BENCHHALL_HALL_H
#define PB_BENCHHALL_HALL_H

#include <uv.h>

#include "benchkit/stream.h"
#include "engine/core.h"

struct hall_conf {
    const char *folder; /* exists; the file in it is "store.db", as the daemon's */
    const char *plant;  /* a plant file; NULL: a plant without units */
    unsigned agents;
    struct stream_shape shape; /* of each */
    int64_t checkpoint_ms;     /* of event time */
    size_t hours_max;
};

/* What the loop and the store took since the last call of hall_take_cost(). */
struct hall_cost {
    uint64_t readings, commits, bytes;
    double loop_ms, store_ms;             /* CPU */
    double longest_ms, longest_commit_ms; /* one turn of the loop, CPU; one commit, by the clock */
};

struct hall {
    struct hall_conf conf;
    uv_loop_t loop;
    struct plant *plant;
    struct store *store;
    struct core *core;
    struct core_now now; /* wall is event time */
    struct stream *stream;
    struct hall_cost cost;
    uint64_t id;  /* of the commit or load under way */
    bool waiting; /* for the store */
    double process_ms;
    struct store_stats stats; /* when the cost was taken last */
};

/* These end the program where something goes wrong. */
struct plant *hall_plant(const char *path); /* plant_close() it */
void hall_open(struct hall *h, const struct hall_conf *conf);
/* Everything computed and committed, then all freed. */
void hall_close(struct hall *h);
/* Agents say hello and send their key frames. */
void hall_introduce(struct hall *h);
/* Each agent sends all of its records at event time now + step_ms. */
void hall_send(struct hall *h, int64_t step_ms);
/* One tick, with what follows from it in the store. True if something was committed. */
bool hall_tick(struct hall *h);
/* Ticks until nothing is left to be computed and committed at this time. */
void hall_settle(struct hall *h);
void hall_take_cost(struct hall *h, struct hall_cost *out);

#endif
