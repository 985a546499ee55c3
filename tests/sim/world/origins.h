/* Explanations of a run: of windows drawn at random, what they are made of must add up to what was
 * told of them. */
#ifndef PB_SIMWORLD_ORIGINS_H
#define PB_SIMWORLD_ORIGINS_H

#include "simworld/audit.h"
#include "simworld/rng.h"

/* Of `most` windows; gives the number of complaints. Everything must be told and committed, nothing
 * under way; minutes are kept from cells_from_ms on, windows from windows_from_ms on. */
unsigned origins_audit(struct station *s, const struct audit_windows *w, int64_t cells_from_ms,
                       int64_t windows_from_ms, struct rng rng, unsigned most, bool print);

#endif
