#include "alertfile/pool.h"

#include <stdlib.h>
#include <string.h>

struct piece {
    struct piece *next;
    _Alignas(16) unsigned char bytes[];
};

struct pool {
    struct piece *first;
};

struct pool *pool_open(void) {
    return calloc(1, sizeof(struct pool));
}

void pool_close(struct pool *p) {
    while (p && p->first) {
        struct piece *next = p->first->next;
        free(p->first);
        p->first = next;
    }
    free(p);
}

void *pool_take(struct pool *p, size_t bytes) {
    struct piece *piece = calloc(1, sizeof *piece + (bytes ? bytes : 1));
    if (!piece)
        return NULL;
    piece->next = p->first;
    p->first = piece;
    return piece->bytes;
}

const char *pool_text(struct pool *p, const char *text) {
    const size_t n = strlen(text) + 1;
    char *copy = pool_take(p, n);
    return copy ? memcpy(copy, text, n) : NULL;
}
