/* The table of windows: a dense list of pointers, found by linear probing over 32-bit slots that
 * hold index + 1. Removal moves the last window into the hole and repairs the probe run behind the
 * slot. */
#include "base/hash.h"
#include "window/window.h"

#include <stdlib.h>

struct windows {
    struct window **list;
    size_t n, cap;
    uint32_t *slot; /* power of two; 0 = free */
    size_t slot_n;
};

static uint64_t hash_key(const struct window_key *k) {
    uint64_t h = (uint64_t)k->start_ms * UINT64_C(0x9E3779B97F4A7C15);
    h ^= ((uint64_t)k->node << 32 | k->product) * UINT64_C(0xC2B2AE3D27D4EB4F);
    h ^= ((uint64_t)k->team << 8 | k->kind) * UINT64_C(0x165667B19E3779F9);
    return h ^ (h >> 29);
}

bool window_key_equal(const struct window_key *a, const struct window_key *b) {
    return a->node == b->node && a->kind == b->kind && a->product == b->product &&
           a->team == b->team && a->start_ms == b->start_ms;
}

enum err windows_open(size_t expected, struct windows **out) {
    struct windows *w = calloc(1, sizeof *w);
    if (!w)
        return ERR_NOMEM;
    w->slot_n = 64;
    while (w->slot_n < expected * 2)
        w->slot_n *= 2;
    w->slot = calloc(w->slot_n, sizeof *w->slot);
    if (!w->slot) {
        free(w);
        return ERR_NOMEM;
    }
    *out = w;
    return ERR_OK;
}

void windows_close(struct windows *w) {
    if (!w)
        return;
    for (size_t i = 0; i < w->n; i++)
        free(w->list[i]);
    free(w->list);
    free(w->slot);
    free(w);
}

/* The slot that holds the key, or the free one where it would go. */
static size_t find_slot(const struct windows *w, const struct window_key *key) {
    size_t mask = w->slot_n - 1, i = (size_t)hash_key(key) & mask;
    while (w->slot[i] && !window_key_equal(&w->list[w->slot[i] - 1]->key, key))
        i = (i + 1) & mask;
    return i;
}

struct window *windows_find(struct windows *w, const struct window_key *key) {
    uint32_t at = w->slot[find_slot(w, key)];
    return at ? w->list[at - 1] : NULL;
}

static enum err grow(struct windows *w) {
    if (w->n == w->cap) {
        size_t cap = w->cap ? w->cap * 2 : 64;
        struct window **list = realloc(w->list, cap * sizeof(struct window *));
        if (!list)
            return ERR_NOMEM;
        w->list = list;
        w->cap = cap;
    }
    if ((w->n + 1) * 2 <= w->slot_n)
        return ERR_OK;
    uint32_t *slot = calloc(w->slot_n * 2, sizeof *slot);
    if (!slot)
        return ERR_NOMEM;
    free(w->slot);
    w->slot = slot;
    w->slot_n *= 2;
    for (size_t i = 0; i < w->n; i++)
        w->slot[find_slot(w, &w->list[i]->key)] = (uint32_t)i + 1;
    return ERR_OK;
}

enum err windows_get(struct windows *w, const struct window_key *key, int64_t end_ms,
                     struct window **out) {
    struct window *found = windows_find(w, key);
    if (found) {
        *out = found;
        return ERR_OK;
    }
    enum err err = grow(w);
    if (err)
        return err;
    found = calloc(1, sizeof *found);
    if (!found)
        return ERR_NOMEM;
    found->key = *key;
    found->end_ms = end_ms;
    w->list[w->n++] = found;
    w->slot[find_slot(w, key)] = (uint32_t)w->n;
    *out = found;
    return ERR_OK;
}

static void free_slot(struct windows *w, size_t hole) {
    size_t mask = w->slot_n - 1, i = hole;
    w->slot[hole] = 0;
    for (;;) {
        i = (i + 1) & mask;
        if (!w->slot[i])
            return;
        size_t home = (size_t)hash_key(&w->list[w->slot[i] - 1]->key) & mask;
        if (((i - home) & mask) < ((i - hole) & mask))
            continue; /* it sits between its home and the hole: reachable still */
        w->slot[hole] = w->slot[i];
        w->slot[i] = 0;
        hole = i;
    }
}

void windows_drop(struct windows *w, const struct window_key *key) {
    size_t slot = find_slot(w, key);
    if (!w->slot[slot])
        return;
    size_t at = w->slot[slot] - 1;
    struct window *gone = w->list[at];
    struct window *moved = w->list[w->n - 1];
    free_slot(w, slot);
    w->list[at] = moved;
    w->n--;
    if (moved != gone) {
        /* The moved window's slot still names its old index; both list places hold it, so it is
         * found. */
        w->slot[find_slot(w, &moved->key)] = (uint32_t)at + 1;
    }
    free(gone);
}

size_t windows_count(const struct windows *w) {
    return w->n;
}

struct window *windows_next(struct windows *w, size_t *pos) {
    /* *pos windows were seen, from the end on: dropping the one just returned moves a seen one. */
    enum {
        AHEAD = 8
    }; /* each is an allocation of its own, and whoever walks looks at little of it */
    if (*pos >= w->n)
        return NULL;
    if (w->n - *pos > AHEAD)
        __builtin_prefetch(&w->list[w->n - *pos - 1 - AHEAD]->stored);
    return w->list[w->n - ++*pos];
}
