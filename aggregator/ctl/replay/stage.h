/* The stage: the aggregator's real core over a store in memory, with a clock that the caller moves.
 * What the core asks for is carried out at once, so a run is the same every time. */
#ifndef PB_REPLAY_STAGE_H
#define PB_REPLAY_STAGE_H

#include "engine/core.h"

struct stage;

struct stage_events {
    /* A window was settled or restated; borrowed for the call. */
    enum err (*on_window)(void *user, const struct window *w);
    void (*on_note)(void *user, const char *event, const char *detail, bool warn); /* or NULL */
    void *user;
};

/* The plant is borrowed. minutes: on_window is told of them too. ERR_NOMEM. */
enum err stage_open(const struct plant *plant, bool minutes, const struct stage_events *events,
                    struct stage **out);
void stage_close(struct stage *s);
/* What a person entered: taken when the run begins, in the order of the calls. ERR_STATE: it has
 * begun. ERR_NOMEM, ERR_RANGE. */
enum err stage_enter(struct stage *s, const struct act *a);
enum err stage_message(struct stage *s, const char *topic, struct span bytes, int64_t wall_ms);
/* Computes, settles and commits what is due. wall_ms: the time of the data, never falling. */
enum err stage_tick(struct stage *s, int64_t wall_ms);
/* Settles everything. ERR_STATE: the core came to no end. */
enum err stage_finish(struct stage *s, int64_t wall_ms);
struct core *stage_core(struct stage *s);

#endif
