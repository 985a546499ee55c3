/* Minutes of the gauges that rules look at, out of the logs, some days at a time. For this room
 * only. */
#ifndef PB_BACKTEST_GAUGES_H
#define PB_BACKTEST_GAUGES_H

#include "alert/alerts.h"
#include "engine/gauges.h"

struct back_gauges {
    const struct plant *plant;
    const uint64_t *agents; /* that tell of them; NULL: nothing is known of any */
    uint32_t *gauge;        /* owned */
    size_t n;
    struct gauge_span *minute; /* owned; gauge by gauge, minutes [first, end) */
    int64_t first, end;
};

/* What rules of the nodes look at is added. ERR_NOMEM. */
enum err back_gauges_add(struct back_gauges *g, const struct alerts *a);
void back_gauges_fini(struct back_gauges *g);
/* Minutes of [from, to) and those that rules reach back to, and some days more up to `end`, are
 * there afterwards. Errors of gauges_read(). */
enum err back_gauges_read(struct back_gauges *g, int64_t from, int64_t to, int64_t end,
                          const struct history_reader *r);
/* Gives the rules of the node what they look at, before the evaluation of a minute that was read.
 */
void back_gauges_give(const struct back_gauges *g, struct alerts *a, uint32_t node, int64_t minute);

#endif
