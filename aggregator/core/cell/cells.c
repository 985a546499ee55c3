#include <stdlib.h>

#include "cell/cell.h"

void cells_init(struct cells *c) {
    *c = (struct cells){0};
}

void cells_fini(struct cells *c) {
    free(c->at);
    *c = (struct cells){0};
}

enum err cells_reserve(struct cells *c, size_t n) {
    if (n <= c->cap)
        return ERR_OK;
    if (n > SIZE_MAX / sizeof *c->at)
        return ERR_NOMEM;
    struct cell *at = realloc(c->at, n * sizeof *at);
    if (at == NULL)
        return ERR_NOMEM;
    c->at = at;
    c->cap = n;
    return ERR_OK;
}

struct cell *cells_place(struct cells *c) {
    if (c->n < c->cap)
        return &c->at[c->n];
    return cells_reserve(c, c->cap == 0 ? 16 : c->cap * 2) == ERR_OK ? &c->at[c->n] : NULL;
}

enum err cells_add(struct cells *c, const struct cell *cell) {
    struct cell *at = cells_place(c);

    if (at == NULL)
        return ERR_NOMEM;
    *at = *cell;
    c->n++;
    return ERR_OK;
}

enum err cells_add_empty(struct cells *c, int64_t minute, const struct context *ctx) {
    struct cell *at = cells_place(c);

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
