#include "backtest/backtest.h"

#include <string.h>

bool backtest_plant_norm(void *user, uint32_t node, enum indicator i, int64_t t_ms, double *value,
                         int64_t *until_ms) {
    const struct plant *p = user;
    const struct plant_norm *found = NULL;
    *until_ms = INT64_MAX;
    for (size_t k = 0; k < p->norm_n; k++) {
        const struct plant_norm *n = &p->norm[k];
        if (n->node != node || strcmp(n->indicator, indicator_row(i)->id) != 0)
            continue;
        if (n->from_ms > t_ms)
            *until_ms = n->from_ms < *until_ms ? n->from_ms : *until_ms;
        else if (!found || n->from_ms >= found->from_ms)
            found = n;
    }
    if (found)
        *value = found->value;
    return found != NULL;
}
