/* Quarters of an hour as demand takes them, from windows. It knows which were measured all the
 * time; what they say is core/demand's business. */
#ifndef PB_STUDY_BLOCKS_H
#define PB_STUDY_BLOCKS_H

#include "demand/demand.h"
#include "study/days.h"

struct blocks {
    struct demand_block *at; /* owned */
    size_t n, cap;
};

/* Takes a clock-aligned window of 15 minutes in which energy was measured; others say nothing of
 * the load. A block is whole if energy was measured all of its time, none of it in a span over the
 * meter's gap limit, and that is over. ERR_NOMEM; blocks_fini() in any case. */
enum err blocks_take(void *blocks, const struct energy_window *w);
void blocks_fini(struct blocks *b);

#endif
