#include "study/blocks.h"

#include <stdlib.h>

/* The running quarter is due no more than what has passed of it; a unit is due all the time. What a
 * meter shows after a long silence was used, but nobody knows in which quarter. */
static bool is_whole(const struct energy_window *w, int64_t due, int64_t seen) {
    return seen >= due && due > 0 && due % DEMAND_BLOCK_MS == 0 &&
           w->sum(w->user, "energy_gap") == 0 && !span_equal(w->life, span_str("provisional"));
}

enum err blocks_take(void *blocks, const struct energy_window *w) {
    struct blocks *b = blocks;
    const int64_t due = w->sum(w->user, "energy_due"), seen = w->sum(w->user, "energy_seen");
    const int64_t energy_uwh = w->sum(w->user, "import");
    if (w->end_ms - w->start_ms != DEMAND_BLOCK_MS || w->start_ms % DEMAND_BLOCK_MS != 0 ||
        (seen == 0 && energy_uwh == 0))
        return ERR_OK;
    if (b->n == b->cap) {
        const size_t cap = b->cap ? b->cap * 2 : 96;
        struct demand_block *at = realloc(b->at, cap * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        b->at = at;
        b->cap = cap;
    }
    b->at[b->n++] = (struct demand_block){w->start_ms, energy_uwh, is_whole(w, due, seen)};
    return ERR_OK;
}

void blocks_fini(struct blocks *b) {
    free(b->at);
    *b = (struct blocks){0};
}
