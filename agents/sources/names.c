#include "sources/names.h"

#include <stdlib.h>

#include "base/hash.h"

void names_init(struct names *t, size_t most) {
    *t = (struct names){.most = most};
}

void names_fini(struct names *t) {
    for (size_t i = 0; i < t->n; i++)
        free(t->rows[i].text);
    free(t->rows);
    free(t->slots);
    *t = (struct names){0};
}

/* The slot of the text, or the free one where it belongs. */
static size_t slot_of(const struct names *t, struct span text, uint32_t hash) {
    size_t i = hash & (t->slot_n - 1);

    for (;; i = (i + 1) & (t->slot_n - 1)) {
        if (t->slots[i] == 0)
            return i;
        const struct name_row *row = &t->rows[t->slots[i] - 1];
        if (row->hash == hash && span_equal(span_of(row->text, row->n), text))
            return i;
    }
}

const struct name_row *names_find(const struct names *t, struct span text) {
    if (t->slot_n == 0)
        return NULL;
    const size_t i = slot_of(t, text, fnv1a32(text));
    return t->slots[i] > 0 ? &t->rows[t->slots[i] - 1] : NULL;
}

static enum err grow(struct names *t) {
    const size_t cap = t->cap > 0 ? t->cap * 2 : 32;
    struct name_row *rows = realloc(t->rows, cap * sizeof *rows);

    if (rows == NULL)
        return ERR_NOMEM;
    t->rows = rows;
    uint32_t *slots = calloc(cap * 2, sizeof *slots);
    if (slots == NULL)
        return ERR_NOMEM;
    free(t->slots);
    t->slots = slots;
    t->slot_n = cap * 2;
    t->cap = cap;
    for (size_t i = 0; i < t->n; i++)
        t->slots[slot_of(t, span_of(t->rows[i].text, t->rows[i].n), t->rows[i].hash)] =
            (uint32_t)i + 1;
    return ERR_OK;
}

enum err names_add(struct names *t, struct span text, uint32_t number) {
    if (names_find(t, text) != NULL)
        return ERR_EXISTS;
    if (t->n >= t->most)
        return ERR_FULL;
    if (t->n == t->cap) {
        const enum err e = grow(t);
        if (e != ERR_OK)
            return e;
    }
    char *copy = malloc(text.n + 1);
    if (copy == NULL)
        return ERR_NOMEM;
    if (text.n > 0)
        memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    const uint32_t hash = fnv1a32(text);
    t->slots[slot_of(t, text, hash)] = (uint32_t)t->n + 1;
    t->rows[t->n++] = (struct name_row){copy, (uint32_t)text.n, hash, number};
    return ERR_OK;
}
