/* Wakes the loop from any thread: an eventfd that the loop polls. A uv_async_t does the same, but
 * its loop spins while the thread that rang is still in its system call; with fewer cores than
 * threads that thread may just have been taken off its core, which cost 8 % of a busy aggregator's
 * time. */
#ifndef PB_BUS_BUS_WAKE_H
#define PB_BUS_BUS_WAKE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <uv.h>

#include "base/err.h"

struct bus_wake {
    uv_poll_t poll;
    int fd;
    atomic_bool rung; /* and not seen yet */
    void (*on_wake)(void *user);
    void (*on_closed)(void *user);
    void *user;
};

/* In the caller's memory, until on_closed. ERR_IO: no descriptor is left; nothing is to be closed.
 */
enum err bus_wake_open(struct bus_wake *w, uv_loop_t *loop, void (*on_wake)(void *user),
                       void *user);
/* on_wake is called on the loop once after this, however often it is rung before. Any thread, the
 * loop's too, between open and close. */
void bus_wake_ring(struct bus_wake *w);
/* No thread may ring any more. on_closed comes on a later turn. */
void bus_wake_close(struct bus_wake *w, void (*on_closed)(void *user));

#endif
