/* Ports of 127.0.0.1 for servers that tests start: finding a free one, waiting until it is open. */
#ifndef PB_SUPPORT_KNOCK_H
#define PB_SUPPORT_KNOCK_H

#include <stdbool.h>
#include <stdint.h>

/* A port nobody listens on now; -1: none. */
int knock_free_port(void);
/* Connects again and again on a loop of its own; false if nobody opens within timeout_ms. */
bool knock_until_open(int port, uint64_t timeout_ms);

#endif
