/* A plant file from a text, in UTC; for tests of this room. */
#ifndef PB_TEST_LOAD_TEXT_H
#define PB_TEST_LOAD_TEXT_H

#include "base/buf.h"
#include "plant/plant.h"

/* The number of problems; *said is what they say, NUL-terminated, the caller's. *p is NULL if there
 * are any. */
size_t load_text(const char *text, struct plant **p, struct buf *said);

#endif
