/* Quarters of an hour of a node, and the curve of their load: what `energy demand` and `energy
 * load` share. */
#ifndef PB_CTL_ENERGY_BLOCKS_H
#define PB_CTL_ENERGY_BLOCKS_H

#include "demand/demand.h"
#include "energy/days.h"

struct blocks {
    struct demand_block *at; /* owned */
    size_t n, cap;
};

/* Takes a clock-aligned window of 15 minutes in which energy was measured; others say nothing of
 * the load. A block is whole if energy was measured all of its time, none of it in a span over the
 * meter's gap limit, and that is over. ERR_NOMEM. */
enum err blocks_take(void *blocks, const struct energy_window *w);
void blocks_fini(struct blocks *b);
/* The chart of sorted blocks on standard output. False: out of memory. */
bool blocks_print_curve(const struct blocks *b);

#endif
