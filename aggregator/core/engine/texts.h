/* Short texts that stay as long as the core does, one behind the other: a block of its own would
 * take twice the bytes of most. It frees none of them before texts_fini. */
#ifndef PB_ENGINE_TEXTS_H
#define PB_ENGINE_TEXTS_H

#include <stddef.h>

struct texts_block;
struct texts {
    struct texts_block *newest;
    size_t used;  /* of its bytes */
    size_t bytes; /* of all blocks */
};

enum { TEXTS_MAX = 1024 };

void texts_fini(struct texts *t);
/* Room for n bytes, n <= TEXTS_MAX; NULL: no memory. */
char *texts_add(struct texts *t, size_t n);

#endif
