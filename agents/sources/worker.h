/* A thread for a library that blocks (a bus with time-outs, a download): it asks, waits and decodes
 * nothing that counts; what it got goes through a bounded queue to the source, which the loop
 * polls. A message is bytes, handed over whole and in order. */
#ifndef PB_SOURCES_WORKER_H
#define PB_SOURCES_WORKER_H

#include <stdbool.h>

#include "base/buf.h"

struct worker;

/* run is the thread; it returns when worker_wait says so, or earlier if it has nothing to do. user
 * is borrowed until worker_close. queue_bytes: what may wait, at least one message of any size.
 * ERR_NOMEM, ERR_IO (no thread, no descriptor). */
enum err worker_open(void (*run)(struct worker *w, void *user), void *user, size_t queue_bytes,
                     struct worker **out);
/* Asks the thread to end and joins it: what blocks in it must have a time-out. */
void worker_close(struct worker *w);

/* --- from the thread ----------------------------------------------------------------------------
 */

/* Waits for room if need be. ERR_STATE: it shall end; nothing was taken. ERR_NOMEM. */
enum err worker_put(struct worker *w, struct span message);
/* Sleeps that long, or until it is asked for something (worker_nudge) or shall end. False: end. */
bool worker_wait(struct worker *w, int64_t ms);

/* --- from the source ----------------------------------------------------------------------------
 */

/* The oldest message, into out (which is reset). False: there is none. */
bool worker_take(struct worker *w, struct buf *out);
/* Readable while messages wait or the thread has come to its end. */
int worker_fd(const struct worker *w);
/* It came to its end by itself, and all it said was taken. */
bool worker_over(struct worker *w);
/* Ends a sleep of the thread. */
void worker_nudge(struct worker *w);

#endif
