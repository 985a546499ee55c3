#include "memory/table.h"

#include <stdlib.h>

#include "base/hash.h"

int table_order(struct span a, struct span b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n > 0 ? memcmp(a.p, b.p, n) : 0;
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

/* One row in four is on the next level. */
static unsigned level_of(struct span key) {
    uint64_t h = fnv1a64(key);
    unsigned level = 1;
    h ^= h >> 29; /* FNV's low bits of short keys differ little */
    h *= UINT64_C(0xbf58476d1ce4e5b9);
    h ^= h >> 32;
    for (; level < TABLE_LEVELS && (h & 3) == 0; h >>= 2)
        level++;
    return level;
}

/* Per level the link that leads to the first row with a key >= key. */
static struct table_row *seek(struct table *t, struct span key,
                              struct table_row **link[TABLE_LEVELS]) {
    struct table_row **at = t->first;
    for (unsigned level = TABLE_LEVELS; level-- > 0;) {
        while (at[level] && table_order(at[level]->key, key) < 0)
            at = at[level]->next;
        link[level] = &at[level];
    }
    return *link[0];
}

static uint8_t *copy(struct span s) {
    uint8_t *p = malloc(s.n ? s.n : 1);
    if (p && s.n)
        memcpy(p, s.p, s.n);
    return p;
}

/* The key stands behind the links. */
static void row_free(struct table_row *row) {
    free((void *)(uintptr_t)row->value.p);
    free(row);
}

enum err table_put(struct table *t, struct span key, struct span value) {
    struct table_row **link[TABLE_LEVELS];
    struct table_row *row = seek(t, key, link);
    uint8_t *v = copy(value);
    if (!v)
        return ERR_NOMEM;
    if (row && span_equal(row->key, key)) {
        free((void *)(uintptr_t)row->value.p);
        row->value = span_of(v, value.n);
        return ERR_OK;
    }
    unsigned level = level_of(key);
    row = malloc(sizeof *row + level * sizeof row->next[0] + key.n);
    if (!row) {
        free(v);
        return ERR_NOMEM;
    }
    uint8_t *k = (uint8_t *)&row->next[level];
    if (key.n)
        memcpy(k, key.p, key.n);
    row->key = span_of(k, key.n);
    row->value = span_of(v, value.n);
    for (unsigned i = 0; i < level; i++) {
        row->next[i] = *link[i];
        *link[i] = row;
    }
    t->n++; // NOLINT(clang-analyzer-unix.Malloc): a level is at least 1, so link[0] holds the row
    return ERR_OK;
}

bool table_drop(struct table *t, struct span key) {
    struct table_row **link[TABLE_LEVELS];
    struct table_row *row = seek(t, key, link);
    if (!row || !span_equal(row->key, key))
        return false;
    for (unsigned i = 0; i < TABLE_LEVELS && *link[i] == row; i++)
        *link[i] = row->next[i];
    row_free(row);
    t->n--;
    return true;
}

const struct table_row *table_from(const struct table *t, struct span key) {
    struct table_row *const *at = t->first;
    for (unsigned level = TABLE_LEVELS; level-- > 0;)
        while (at[level] && table_order(at[level]->key, key) < 0)
            at = at[level]->next;
    return at[0];
}

void table_fini(struct table *t) {
    struct table_row *next = NULL;
    for (struct table_row *row = t->first[0]; row; row = next) {
        next = row->next[0];
        row_free(row);
    }
    *t = (struct table){0};
}
