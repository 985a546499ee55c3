/* The audit: what is on the tape against what the devices offered. Each reading that was to be had
 * is there exactly once and in order, nothing else is, and none is missing of a time that its
 * source vouches for. */
#ifndef PB_SIMSOURCES_LEDGER_H
#define PB_SIMSOURCES_LEDGER_H

#include "simsources/box.h"

struct ledger {
    uint64_t readings, excused;
    const char *why; /* the first complaint; NULL: none */
    char what[160];  /* of which device and reading */
};

/* ERR_NOMEM. */
enum err ledger_audit(const struct box *b, struct ledger *out);

#endif
