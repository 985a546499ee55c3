/* Variants with one rule of the stream taken away, to show that the audit can fail. They lie from
 * the outside: the code that is tested is the same, its verdicts are replaced at the link. */
#ifndef PB_SIMWORLD_MUTANT_H
#define PB_SIMWORLD_MUTANT_H

#include "session/session.h"

enum mutant {
    MUTANT_NONE,
    MUTANT_TRUST_PUBACK,      /* what was sent counts as durable */
    MUTANT_ACK_BEFORE_COMMIT, /* what was applied counts as durable */
    MUTANT_GREATEST_SEQ,      /* a record is new if its number is the greatest so far */
    MUTANT_NO_DEDUPE,         /* every record is new */
    MUTANT_FIXED_EPOCH,       /* a process goes on under the number of the one before */
    MUTANT_NO_SYNC,           /* what the disk has not yet is told as synced */
    MUTANT_STATELESS_ALERTS,  /* states of alerts are not in the transaction of their events */
    MUTANT_DEAF_ALERTS,       /* what comes late to a minute moves no sums of alerts */
    MUTANT_COUNT
};

/* NULL past the end. */
const char *mutant_name(enum mutant m);
/* The variant whose verdicts the core gets from now on; one for the program. */
void mutant_set(enum mutant m);
enum mutant mutant_now(void);

#endif
