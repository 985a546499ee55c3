/* The verdict on a run that has drained: a day passes, then all that the store, the database and
 * the alerts hold is held against the tapes, the laws and a straight run. It complains by
 * run_complain(). */
#ifndef PB_SIMWORLD_VERDICT_H
#define PB_SIMWORLD_VERDICT_H

#include "simworld/faults.h"

/* plant: for the straight run, as the plant file says in the end. */
void verdict_make(struct run *r, const struct plant *plant);

#endif
