/* The straight run: the same accepted records given to a fresh core once, in order, without any
 * fault. What a run under faults must come out as. */
#ifndef PB_SIMWORLD_STRAIGHT_H
#define PB_SIMWORLD_STRAIGHT_H

#include "simkit/station.h"
#include "simworld/tape.h"

/* The station is started and has ticked once. */
enum err straight_play(struct station *s, const struct ident *agent, const struct tape *t,
                       bool rolled_back);

#endif
