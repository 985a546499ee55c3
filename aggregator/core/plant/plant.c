#include "plant/plant.h"

#include <stdlib.h>

/* Blocks are chained and only freed together. An alignment of 16 suits every type we keep. */
enum { ARENA_ALIGN = 16, ARENA_BLOCK = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t used, cap; /* bytes of data */
    _Alignas(ARENA_ALIGN) uint8_t data[];
};

struct plant_arena {
    struct arena_block *first;
};

enum err plant_open(struct plant **out) {
    struct plant *p = calloc(1, sizeof *p);
    struct plant_arena *arena = calloc(1, sizeof *arena);

    if (p == NULL || arena == NULL) {
        free(p);
        free(arena);
        return ERR_NOMEM;
    }
    p->arena = arena;
    *out = p;
    return ERR_OK;
}

static struct arena_block *block_add(struct plant_arena *arena, size_t bytes) {
    const size_t cap = bytes > ARENA_BLOCK ? bytes : (size_t)ARENA_BLOCK;
    struct arena_block *b = calloc(1, sizeof *b + cap);

    if (b == NULL)
        return NULL;
    b->cap = cap;
    b->next = arena->first;
    arena->first = b;
    return b;
}

void *plant_alloc(struct plant *p, size_t bytes) {
    if (bytes > SIZE_MAX / 2)
        return NULL;
    const size_t need = (bytes + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    struct arena_block *b = p->arena->first;

    if (b == NULL || b->cap - b->used < need)
        b = block_add(p->arena, need);
    if (b == NULL)
        return NULL;
    void *at = b->data + b->used;
    b->used += need;
    return at;
}

const char *plant_text(struct plant *p, const char *s) {
    const size_t n = strlen(s) + 1;
    char *copy = plant_alloc(p, n);

    return copy == NULL ? NULL : memcpy(copy, s, n);
}

void plant_close(struct plant *p) {
    if (p == NULL)
        return;
    if (p->zone != NULL)
        zone_close(p->zone);
    for (struct arena_block *b = p->arena->first, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    free(p->arena);
    free(p);
}
