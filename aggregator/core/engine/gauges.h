/* What gauges showed, minute by minute: of the running core, for rules of alerts; and of the past,
 * out of the logs and slabs that the store holds as of its last commit, for back-tests and readers.
 * Both give the same for the same readings. Behind the logs nothing is known any more. */
#ifndef PB_ENGINE_GAUGES_H
#define PB_ENGINE_GAUGES_H

#include "engine/timelines.h"
#include "signal/gauge.h"

/* --- the running core --------------------------------------------------------------------------
 */

/* Adds what is known of the n minutes from first_minute (since 1970) on to out. *ready is false
 * while an hour of them is loaded: out is as it was, ask again at a later turn; not while a
 * checkpoint is built. ERR_NOMEM. */
enum err core_gauge_minutes(struct core *c, uint32_t gauge, int64_t first_minute, size_t n,
                            struct gauge_span *out, bool *ready);
/* Up to when minutes stay what they are, unless something comes late (lane_slots_final_ms), in the
 * newest lane. INT64_MIN: nothing was heard of it. A sampled gauge may need its gap limit, so
 * whoever waits for it has patience for that. */
int64_t core_gauge_final_ms(const struct core *c, uint32_t gauge);
/* That limit. */
int64_t core_gauge_patience_ms(const struct core *c, uint32_t gauge);

struct core_gauge_view {
    bool heard, known; /* a reading came; its value was good and plausible */
    int64_t value;     /* millionths */
    int64_t t_ms;
    int64_t asof_ms;       /* how far its source vouches for it; INT64_MIN: not at all */
    const char *unit_text; /* as the plant file or the point says; "" */
};
/* The newest reading. */
void core_gauge_view(const struct core *c, uint32_t gauge, struct core_gauge_view *out);

/* --- the past ----------------------------------------------------------------------------------
 */

struct gauges_query {
    const struct plant *plant;
    const uint32_t *gauge; /* indexes in plant.gauge */
    size_t gauge_n;
    int64_t from_ms, to_ms;                 /* whole minutes */
    uint64_t agents[TIMELINES_AGENT_WORDS]; /* bit n: agent number n tells of some of them */
};

/* Which agents tell of gauges. */
void core_gauge_agents(const struct core *c, uint64_t agents[TIMELINES_AGENT_WORDS]);
/* (to - from) / 60,000 minutes of each gauge, one behind the other, to out, which the caller
 * zeroed. ERR_FORMAT: damaged rows; ERR_NOMEM; errors of the reader. */
enum err gauges_read(const struct gauges_query *q, const struct history_reader *r,
                     struct gauge_span *out);

#endif
