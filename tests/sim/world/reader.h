/* The machine that a gateway reads, and how it reads it: points, readings, batches. For gateway.c
 * only; it knows no process's life, no network and no faults. */
#ifndef PB_SIMWORLD_READER_H
#define PB_SIMWORLD_READER_H

#include "simworld/gateway.h"

/* The machine as it stands at the beginning. */
void reader_init(struct gateway *g);
void reader_machine_step(struct gateway *g, int64_t mono_ms);
/* Of a process that starts. */
enum err reader_add_points(struct gateway *g);
/* A batch, if it is time; what the journal turned away first. */
enum err reader_feed(struct gateway *g, bool reading);

#endif
