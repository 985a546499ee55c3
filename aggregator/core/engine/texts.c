#include "engine/texts.h"

#include <assert.h>
#include <stdlib.h>

enum { BLOCK = 16384 };

struct texts_block {
    struct texts_block *older;
    char text[BLOCK];
};

void texts_fini(struct texts *t) {
    for (struct texts_block *b = t->newest, *older; b; b = older) {
        older = b->older;
        free(b);
    }
    *t = (struct texts){0};
}

char *texts_add(struct texts *t, size_t n) {
    assert(n <= TEXTS_MAX); /* texts of points are bounded where they are read */
    if (!t->newest || BLOCK - t->used < n) {
        struct texts_block *b = malloc(sizeof *b);
        if (!b)
            return NULL;
        b->older = t->newest;
        t->newest = b;
        t->used = 0;
        t->bytes += sizeof *b;
    }
    char *at = t->newest->text + t->used;
    t->used += n;
    return at;
}
