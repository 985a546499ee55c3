#include "ctl/energy_blocks.h"

#include <stdio.h>
#include <stdlib.h>

#include "energy/chart.h"

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
