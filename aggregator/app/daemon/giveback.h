/* Memory that much computing at once took and freed goes back to the system. The allocator itself
 * gives back only what lies above all that is in use: a first day computed for a whole plant would
 * stay as twice what it needs. */
#ifndef PB_DAEMON_GIVEBACK_H
#define PB_DAEMON_GIVEBACK_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { GIVEBACK_EVERY_MS = 60000, GIVEBACK_GROWN_BYTES = 64 << 20 };

struct giveback { /* zeroed; stays where it is until the loop has ended */
    uv_work_t work;
    bool busy;
    int64_t looked_mono_ms;
    size_t least_bytes; /* resident, the least since it was given back last; 0: never looked */
    uint64_t times;     /* it was */
};

/* Looks once a minute. Where the process has grown by GIVEBACK_GROWN_BYTES, all free pages go back,
 * on a thread of the pool; allocations wait meanwhile (84 ms where 570 of 766 MiB were free). */
void giveback_turn(struct giveback *g, uv_loop_t *loop, int64_t mono_ms);

#endif
