/* What the aggregator tells the world while a run goes on: acks, gaps, revisions of windows. None
 * of it may be ahead of what is committed, nor be taken back unless a store is put back. */
#ifndef PB_SIMWORLD_CLAIMS_H
#define PB_SIMWORLD_CLAIMS_H

#include "simworld/faults.h"

/* Call-backs of the station, whose user is the run. */
void claims_on_ack(void *user, const char *topic, struct span bytes);
void claims_on_note(void *user, const char *event, const char *detail);
/* The core has died: what it told of and had not committed is not so. */
void claims_forget_gaps(struct run *r);
/* Takes accounted gaps off the tapes; each must have been given up by its agent. */
void claims_drop_gaps(struct run *r);
/* Nothing may be under way in the store. */
void claims_watch_revisions(struct run *r);

#endif
