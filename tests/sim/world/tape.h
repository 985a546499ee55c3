/* The tape: every record that an agent's journal ever showed as synced, in the order of the stream.
 * It is what the indicators must be made of, once each. */
#ifndef PB_SIMWORLD_TAPE_H
#define PB_SIMWORLD_TAPE_H

#include "base/buf.h"
#include "journal/journal.h"

struct tape_epoch {
    uint64_t epoch, prev_epoch, prev_last, last;
    uint64_t kept;     /* what is behind it was forgotten when an image was put back */
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

/* Takes from .. to out of an epoch: given up. */
void tape_drop(struct tape *t, uint64_t epoch, uint64_t from, uint64_t to);
/* A disk image was taken when the tape was as `then` says, and is put back now. */
struct tape_mark {
    uint64_t epoch, last;
};
enum { TAPE_MARKS_MAX = 128 };
size_t tape_marks(const struct tape *t, struct tape_mark out[TAPE_MARKS_MAX]);
void tape_forget(struct tape *t, const struct tape_mark *then, size_t n);
/* Cuts the i-th epoch behind a seq; one that is cut to 0 is removed. */
void tape_cut(struct tape *t, size_t i, uint64_t last);

#endif
