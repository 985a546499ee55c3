/* The one place that reads clocks, randomness and zone files of the machine. For shells only: pure
 * rooms take `now` as an argument (a test checks that they never include this header). */
#ifndef PB_BASE_CLOCK_H
#define PB_BASE_CLOCK_H

#include "base/buf.h"
#include "base/err.h"

int64_t clock_wall_ms(void); /* UTC, may step */
int64_t clock_mono_ms(void); /* since some start, never steps back */
int64_t clock_mono_ns(void);
int64_t clock_thread_ns(void);            /* CPU time the calling thread has had */
enum err clock_random(void *p, size_t n); /* from the kernel */
/* Reads the TZif bytes of an IANA name ("Asia/Ho_Chi_Minh") below /usr/share/zoneinfo (or $TZDIR).
 * ERR_NOT_FOUND if there is none; ERR_FORMAT for a name with ".." or a leading slash. */
enum err clock_zone_bytes(const char *name, struct buf *out);

#endif
