/* A step of a run: time passes for the gateways, the network, the aggregator, its people and its
 * database. It does not draw what goes wrong. */
#ifndef PB_SIMWORLD_STEP_H
#define PB_SIMWORLD_STEP_H

#include "simworld/faults.h"

/* reading: machines are read and people enter; else what is there goes on its way. */
void step_run(struct run *r, int64_t dt_ms, bool reading);

#endif
