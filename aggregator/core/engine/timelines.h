/* Timelines: what each unit below a node did from one time to another, computed anew from the logs
 * and slabs that the store holds as of its last commit. Like history.h it reads through a
 * call-back, so that it can run on a thread of its own; what lies behind the logs is unknown time.
 */
#ifndef PB_ENGINE_TIMELINES_H
#define PB_ENGINE_TIMELINES_H

#include "engine/core.h"
#include "engine/history.h"
#include "signal/gauge.h"

enum {
    TIMELINES_AGENT_WORDS = CORE_AGENTS_MAX / 64,
    TIMELINES_PIECES_MAX = 1 << 20,  /* of one answer: some 100 MB */
    TIMELINES_BREACHES_MAX = 1 << 14 /* of a unit */
};

struct timelines_query {
    const struct plant *plant;
    uint32_t node;
    int64_t from_ms, to_ms;
    bool rejects; /* scrap and rework of the minutes that begin in the span, instead of pieces */
    /* Not NULL: the minutes of the span of each of gauge_n gauges (indexes in plant.gauge), one
     * gauge's behind the other's, instead of pieces; the node is not looked at. */
    struct gauge_span *minutes;
    const uint32_t *gauge;
    size_t gauge_n;
    uint64_t agents[TIMELINES_AGENT_WORDS]; /* bit n: agent number n tells of a unit below */
    bool whole; /* read at once, as of one commit, and left in the core with what lies around */
};

struct timeline { /* of one unit, in order, without gaps up to what is known */
    uint32_t unit;
    struct cell_piece *at; /* owned */
    size_t n, cap;
    struct cell_rejects rejects; /* owned */
    struct cell_breach *breach;  /* owned; of conditions, in order of time, then condition */
    size_t breach_n, breach_cap;
};

struct timelines {
    struct timeline *unit; /* owned */
    size_t unit_n;
    struct core *core; /* owned; the words of contexts: core_word() */
};

/* How much further than from and to the logs of a whole reading reach, beside what computing cells
 * of them looks at. */
#define TIMELINES_AROUND_MS UTC_HOUR_MS

/* Which agents tell of the units that count at a node; mates: and of what decides, too, what these
 * have of shared meters. */
void core_agents_of(const struct core *c, uint32_t node, bool mates,
                    uint64_t agents[TIMELINES_AGENT_WORDS]);
/* Fills *out, to be given to timelines_fini, also after a failure. ERR_FULL: the answer would be
 * too large; ERR_FORMAT: damaged rows; ERR_NOMEM; errors of the reader. */
enum err timelines_read(const struct timelines_query *q, const struct history_reader *r,
                        struct timelines *out);
void timelines_fini(struct timelines *t);

#endif
