/* The fixed story in which crash points are counted: two gateways, one of them cut off for a while,
 * hours that settle, a database that has to be made and refuses some rows, a network that loses at
 * fixed times what is under way. No other fault happens but the deaths that run_conf.trip asks for.
 */
#ifndef PB_SIMWORLD_POINTS_H
#define PB_SIMWORLD_POINTS_H

#include "simworld/faults.h"

enum { POINTS_STEPS = 52 };

void points_draw(struct run *r);
/* Once everything is set up, before anything has started. */
void points_begin(struct run *r);
void points_gateway(struct gateway_conf *c);
/* Before the i-th step: what happens now, and how long the step is. */
int64_t points_step(struct run *r, unsigned i);
/* Buries whoever died at a point. */
void points_bury(struct run *r);
/* Starts again whoever has been dead for long enough. */
void points_revive(struct run *r);
/* Answers the oldest commit or load of the store, if the process survives it. */
bool points_store_step(struct run *r);

#endif
