/* An amount's span cut into parts by minute, context and kind of time, and the amount split over
 * them. The parts depend on the span and the timeline only, never on the range that is being
 * computed. */
#ifndef PB_CELL_PARTS_H
#define PB_CELL_PARTS_H

#include "cell/work.h"

struct part {
    int64_t minute;
    uint32_t piece;   /* index in the timeline of a piece that has this part's context */
    uint8_t group;    /* see parts_cut */
    int64_t ms;       /* its time */
    int64_t run_ms;   /* of it: PRODUCTION or UNKNOWN */
    i128 power;       /* integral of power over it, as in SIGLOG_SLOT */
    int64_t power_ms; /* time of it that power covers, signals of power added up */
};

struct parts {
    struct part
        *at; /* in the order of time; parts of a minute with equal context and group are one */
    size_t n, cap;
    int64_t *weight, *share; /* n each; weights are the caller's to fill */
    size_t weight_cap;
};

enum parts_group {
    PARTS_BY_KNOWN,    /* group 1: known time, 0: UNKNOWN */
    PARTS_BY_CATEGORY, /* group: enum category; power is integrated, too */
    PARTS_BY_TIME      /* the same without power */
};

void parts_fini(struct parts *p);
/* Cuts [t0, t1), which must lie inside the timeline. ERR_NOMEM. */
enum err parts_cut(struct parts *p, const struct work *w, int64_t t0, int64_t t1,
                   enum parts_group group);
/* One more part at the end, of that `ms`; for splits that have no timeline. ERR_NOMEM. */
enum err parts_add(struct parts *p, int64_t minute, uint32_t piece, uint8_t group, int64_t ms);
/* Fills weight[] by time. */
void parts_weigh_by_time(struct parts *p);
/* Fills share[] by weight[]: whole quanta by largest remainder as decimal_split() does, but in
 * O(n log n); what is less than a quantum goes to the last part that has a weight. ERR_NOMEM. */
enum err parts_split(struct parts *p, int64_t total, int64_t quantum);

#endif
