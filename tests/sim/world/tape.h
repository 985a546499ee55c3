/* The tape: every record that an agent's journal ever showed as synced, in the order of the stream.
 * It is what the indicators must be made of, once each. */
#ifndef PB_SIMWORLD_TAPE_H
#define PB_SIMWORLD_TAPE_H

#include "base/buf.h"
#include "journal/journal.h"

struct tape_epoch {
    uint64_t epoch, prev_epoch, prev_last, last;
    struct buf frames; /* le32 length, bytes, one after the other */
};

struct tape {
    struct tape_epoch *at; /* in prev order */
    size_t n, cap;
    uint64_t readings, given_up; /* given_up: dropped records seen */
};

void tape_init(struct tape *t);
void tape_fini(struct tape *t);
/* Takes over what the journal has synced since the last call. ERR_RANGE: a record is gone from the
 * journal that the tape never saw. */
enum err tape_follow(struct tape *t, struct journal *j, struct journal_cursor *c);

#endif
