/* A run in which logs are kept for an hour or a few, so that they leave while gateways still come
 * back with what is older: what is audited then, and how. */
#ifndef PB_SIMWORLD_KEEP_H
#define PB_SIMWORLD_KEEP_H

#include "simworld/audit.h"
#include "simworld/faults.h"

/* Draws how long each grain is kept, by numbers of its own. */
void keep_draw(struct run *r, struct plant *plant);
/* An event of the core: false if it gave up what is younger than logs are kept. */
bool keep_note(const struct run *r, const char *event, const char *detail);
/* Windows and cells from these times on are there now; INT64_MIN: all of them. */
int64_t keep_windows_from_ms(const struct run *r);
int64_t keep_cells_from_ms(const struct run *r);
/* Whether anything came too late: then figures are not those of the straight run, but amounts are
 * whole with what is told apart, which is taken off the tape's totals of a gateway. */
bool keep_unplaced(const struct run *r);
void keep_take_off(const struct run *r, unsigned gateway, struct audit_totals *t);
/* After a day and more of silence: what is still there that should have left, or NULL. */
const char *keep_left(struct run *r);

#endif
