#include <stdlib.h>

#include "cell/cell.h"

void cells_init(struct cells *c) {
    *c = (struct cells){0};
}

void cells_fini(struct cells *c) {
    free(c->at);
    *c = (struct cells){0};
}

/* The next place, made if need be; NULL: out of memory. */
static struct cell *place(struct cells *c) {
    if (c->n < c->cap)
        return &c->at[c->n];
    const size_t cap = c->cap == 0 ? 16 : c->cap * 2;
    if (cap > SIZE_MAX / sizeof *c->at)
        return NULL;
    struct cell *at = realloc(c->at, cap * sizeof *at);
    if (at == NULL)
        return NULL;
    c->at = at;
    c->cap = cap;
    return &c->at[c->n];
}

enum err cells_add(struct cells *c, const struct cell *cell) {
    struct cell *at = place(c);

    if (at == NULL)
        return ERR_NOMEM;
    *at = *cell;
    c->n++;
    return ERR_OK;
}

enum err cells_add_empty(struct cells *c, int64_t minute, const struct context *ctx) {
    struct cell *at = place(c);

    if (at == NULL)
        return ERR_NOMEM;
    at->minute = minute;
    at->ctx = *ctx;
    sums_clear(&at->sums, 1);
    c->n++;
    return ERR_OK;
}

bool context_equal(const struct context *a, const struct context *b) {
    return a->product == b->product && a->order == b->order && a->team == b->team &&
           a->shift == b->shift && a->shift_day == b->shift_day;
}
