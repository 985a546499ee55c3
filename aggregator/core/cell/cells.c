#include <stdlib.h>

#include "cell/cell.h"

void cells_init(struct cells *c) {
    *c = (struct cells){0};
}

void cells_fini(struct cells *c) {
    free(c->at);
    *c = (struct cells){0};
}

enum err cells_add(struct cells *c, const struct cell *cell) {
    if (c->n == c->cap) {
        const size_t cap = c->cap == 0 ? 16 : c->cap * 2;
        if (cap > SIZE_MAX / sizeof *c->at)
            return ERR_NOMEM;
        struct cell *at = realloc(c->at, cap * sizeof *at);
        if (at == NULL)
            return ERR_NOMEM;
        c->at = at;
        c->cap = cap;
    }
    c->at[c->n++] = *cell;
    return ERR_OK;
}

bool context_equal(const struct context *a, const struct context *b) {
    return a->product == b->product && a->order == b->order && a->team == b->team &&
           a->shift == b->shift && a->shift_day == b->shift_day;
}
