/* What the kernel knows of a connection. */
#ifndef PB_WEB_HEARD_H
#define PB_WEB_HEARD_H

#include <stdint.h>

/* Bytes that came over TCP since it was made; the other side's end counts as one of them. 0: it is
 * no TCP. Linux 4.1 and later. */
uint64_t heard_bytes(int fd);

#endif
