#include "ctl/energy_blocks.h"

#include <stdio.h>
#include <stdlib.h>

#include "energy/chart.h"

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

bool blocks_print_curve(const struct blocks *b) {
    double *kw = calloc(b->n + 1, sizeof *kw);
    struct buf text;
    buf_init(&text);
    for (size_t i = 0; kw && i < b->n; i++)
        kw[i] = demand_kw(b->at[i].energy_uwh);
    const struct chart chart = {.title = "load duration: kW that a share of the time is not "
                                         "under, from the highest block down",
                                .first = "0 %",
                                .last = "100 %",
                                .value = kw,
                                .n = b->n};
    const bool ok = kw && !chart_draw(&chart, &text);
    if (ok)
        printf("\n%.*s", (int)text.n, (const char *)text.p);
    buf_fini(&text);
    free(kw);
    return ok;
}
