#include "backtest/gauges.h"

#include <stdlib.h>
#include <string.h>

enum { REACH = ALERT_ROLLING_MAX + ALERT_SPAN_MAX, AHEAD = 7 * 24 * 60 };

static size_t find(const struct back_gauges *g, uint32_t gauge) {
    size_t i = 0;
    while (i < g->n && g->gauge[i] != gauge)
        i++;
    return i;
}

enum err back_gauges_add(struct back_gauges *g, const struct alerts *a) {
    uint32_t gauge = 0;
    unsigned minutes = 0;
    for (uint32_t node = 0; node < g->plant->node_n; node++)
        for (size_t i = 0; alerts_gauge_at(a, node, i, &gauge, &minutes); i++) {
            if (find(g, gauge) < g->n)
                continue;
            uint32_t *at = realloc(g->gauge, (g->n + 1) * sizeof *at);
            if (!at)
                return ERR_NOMEM;
            g->gauge = at;
            g->gauge[g->n++] = gauge;
        }
    return ERR_OK;
}

void back_gauges_fini(struct back_gauges *g) {
    free(g->gauge);
    free(g->minute);
    *g = (struct back_gauges){0};
}

enum err back_gauges_read(struct back_gauges *g, int64_t from, int64_t to, int64_t end,
                          const struct history_reader *r) {
    struct gauges_query q = {.plant = g->plant, .gauge = g->gauge, .gauge_n = g->n};
    if (g->n == 0 || (g->minute && from - REACH >= g->first && to <= g->end))
        return ERR_OK;
    free(g->minute);
    g->first = from - REACH;
    g->end = to + AHEAD < end ? to + AHEAD : end > to ? end : to;
    g->minute = calloc(g->n * (size_t)(g->end - g->first), sizeof *g->minute);
    if (!g->minute)
        return ERR_NOMEM;
    if (!g->agents)
        return ERR_OK;
    q.from_ms = g->first * UTC_MINUTE_MS;
    q.to_ms = g->end * UTC_MINUTE_MS;
    memcpy(q.agents, g->agents, sizeof q.agents);
    return gauges_read(&q, r, g->minute);
}

void back_gauges_give(const struct back_gauges *g, struct alerts *a, uint32_t node,
                      int64_t minute) {
    uint32_t gauge = 0;
    unsigned n = 0;
    for (size_t i = 0; alerts_gauge_at(a, node, i, &gauge, &n); i++) {
        const size_t at = find(g, gauge) * (size_t)(g->end - g->first);
        alerts_put_gauge(a, node, i, g->minute + at + (size_t)(minute - (int64_t)n + 1 - g->first));
    }
}
