/* A byte-bounded queue from the threads of a library to the loop. Any thread adds, never waiting
 * for the loop; the loop takes whole batches under the lock and reads them outside it. */
#ifndef PB_BUS_BUS_INBOX_H
#define PB_BUS_BUS_INBOX_H

#include <uv.h>

#include "base/err.h"
#include "base/span.h"

enum inbox_kind {
    INBOX_MESSAGE,
    INBOX_UP,           /* connected and subscribed */
    INBOX_DOWN,         /* refused or lost; payload: reason */
    INBOX_NOTE,         /* payload: a hint why the next DOWN comes */
    INBOX_DISCONNECTED, /* our own goodbye has ended */
};

struct inbox_record {
    enum inbox_kind kind;
    bool retained;
    unsigned life;    /* of the connection it belongs to */
    uint64_t dropped; /* given by the inbox: messages dropped so far, all before this record */
    struct span topic, payload;
};

struct inbox_chunk;

struct bus_inbox {
    uv_mutex_t lock;
    struct inbox_chunk *fill, *fill_last, *spare; /* under the lock */
    size_t bytes, bytes_max;                      /* of records not yet taken; under the lock */
    size_t bytes_peak;                            /* under the lock */
    unsigned spare_n;                             /* under the lock */
    struct inbox_chunk *reserve; /* for what is no message, if there is no memory; under the lock */
    uint64_t dropped;            /* under the lock */
    struct inbox_chunk *drain;   /* the loop's */
    size_t drain_at;             /* the loop's */
};

struct bus_inbox_counts {
    uint64_t dropped;
    size_t bytes, bytes_peak; /* of what waits; the most of it since the start */
};

/* ERR_NOMEM, ERR_IO. */
enum err bus_inbox_init(struct bus_inbox *in, size_t bytes_max);
void bus_inbox_fini(struct bus_inbox *in);
/* Copies the record. Messages beyond the bound, or for which there is no memory, are dropped and
 * counted (false); all other kinds are few, pass the bound and have memory kept for them: a lost
 * connection of which nobody hears would never be made again. Any thread. */
bool bus_inbox_add(struct bus_inbox *in, const struct inbox_record *r);
/* The oldest record, borrowed until the next call; false when there is none. Loop only. */
bool bus_inbox_next(struct bus_inbox *in, struct inbox_record *out);
struct bus_inbox_counts bus_inbox_counts(struct bus_inbox *in);

#endif
