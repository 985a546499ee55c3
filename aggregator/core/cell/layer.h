/* A layer: what one thing was over time (machine state, order, team ...), as stretches that do not
 * overlap. It settles what counts where sources disagree; it knows no meaning. */
#ifndef PB_CELL_LAYER_H
#define PB_CELL_LAYER_H

#include "base/err.h"
#include "base/span.h"

struct stretch { /* [t0, t1) */
    int64_t t0, t1;
    int64_t value;
    uint32_t rank; /* where stretches overlap, the lowest counts */
};

struct layer {
    struct stretch *at; /* owned */
    size_t n, cap;
};

/* Decides between stretches of one rank that overlap: <0 if a counts before b. */
typedef int (*layer_tie)(const struct stretch *a, const struct stretch *b, void *user);

void layer_fini(struct layer *l);
/* Empty stretches (t1 <= t0) are left out. ERR_NOMEM. */
enum err layer_add(struct layer *l, const struct stretch *s);
/* Sorts, resolves overlaps and joins touching stretches of one value; the outcome depends on what
 * is true at each instant, not on how stretches were cut or ordered. tie may be NULL: the lower
 * value. O(n log n); O(n) if sorted and apart already. ERR_NOMEM. */
enum err layer_flatten(struct layer *l, layer_tie tie, void *user);

/* Walks a flat layer forward: the stretch that holds t, or NULL. *at starts at 0 and t never falls.
 * *next is lowered to the instant after t at which the answer changes, if that comes before it. */
const struct stretch *layer_look(const struct layer *l, size_t *at, int64_t t, int64_t *next);
/* Index of the first stretch that ends after t. O(log n). */
size_t layer_seek(const struct layer *l, int64_t t);

#endif
