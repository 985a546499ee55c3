/* One number that stands for everything a run left behind: the store to the byte, the tapes, the
 * database, the counters and the draws. Two builds that give the same number for a seed did the
 * same. */
#ifndef PB_SIMWORLD_FINGERPRINT_H
#define PB_SIMWORLD_FINGERPRINT_H

#include "simworld/audit.h"
#include "simworld/database.h"
#include "simworld/tape.h"

void fingerprint_add(uint64_t *h, const void *p, size_t n);
void fingerprint_number(uint64_t *h, uint64_t v);
void fingerprint_tape(uint64_t *h, const struct tape *t);
/* Every row of every table; a store with something under way counts as one number. */
void fingerprint_store(uint64_t *h, struct store *s);
/* Points in no order, each by what it says. */
void fingerprint_database(uint64_t *h, const struct database *d);
void fingerprint_windows(uint64_t *h, const struct audit_windows *w);

#endif
