/* Gauges that rules of a node look at. Nothing is gathered: before each evaluation their minutes
 * are given as they are then. */
#include <stdlib.h>
#include <string.h>

#include "alert/impl.h"

enum err gauges_want(struct watched *w, const struct plant *p, struct instance *x) {
    const struct alert_rule *r = x->rule;
    const uint32_t unit = p->node[w->node].unit;
    if (r->subject != ALERT_GAUGE || unit == UINT32_MAX)
        return ERR_OK;
    const uint32_t gauge = plant_find_gauge(p, unit, span_str(r->gauge.s));
    size_t i = 0;
    while (i < w->gauge_n && w->gauge[i].gauge != gauge)
        i++;
    if (gauge == UINT32_MAX || i == UINT16_MAX)
        return ERR_OK; /* nothing will be known of it */
    if (i == w->gauge_n) {
        struct gauge_watch *at = realloc(w->gauge, (i + 1) * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        w->gauge = at;
        w->gauge[w->gauge_n++] = (struct gauge_watch){.gauge = gauge};
    }
    if (alert_rule_reach(r) > w->gauge[i].minutes)
        w->gauge[i].minutes = alert_rule_reach(r);
    x->gauge = (uint16_t)(i + 1);
    return ERR_OK;
}

enum err gauges_open(struct watched *w) {
    for (size_t i = 0; i < w->gauge_n; i++) {
        w->gauge[i].minute = calloc(w->gauge[i].minutes + 1U, sizeof *w->gauge[i].minute);
        if (!w->gauge[i].minute)
            return ERR_NOMEM;
    }
    return ERR_OK;
}

void gauges_close(struct watched *w) {
    for (size_t i = 0; i < w->gauge_n; i++)
        free(w->gauge[i].minute);
    free(w->gauge);
    w->gauge = NULL;
    w->gauge_n = 0;
}

size_t gauges_memory(const struct watched *w) {
    size_t bytes = w->gauge_n * sizeof *w->gauge;
    for (size_t i = 0; i < w->gauge_n; i++)
        bytes += w->gauge[i].minutes * sizeof *w->gauge[i].minute;
    return bytes;
}

bool alerts_gauge_at(const struct alerts *a, uint32_t node, size_t i, uint32_t *gauge,
                     unsigned *minutes) {
    const struct watched *w = alerts_node(a, node);
    if (!w || i >= w->gauge_n)
        return false;
    *gauge = w->gauge[i].gauge;
    *minutes = w->gauge[i].minutes;
    return true;
}

void alerts_put_gauge(struct alerts *a, uint32_t node, size_t i, const struct gauge_span *minute) {
    const struct watched *w = alerts_node(a, node);
    if (!w || i >= w->gauge_n)
        return;
    memcpy(w->gauge[i].minute, minute, w->gauge[i].minutes * sizeof *minute);
    w->gauge[i].given = true;
}
