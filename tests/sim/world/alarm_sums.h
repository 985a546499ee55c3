/* What the rules of alarm_watch.h look at, minute by minute, added up from the stored cells and by
 * nothing that alerts use. A minute that was moved behind a look at it is known as such: what was
 * seen before is then not what is stored. */
#ifndef PB_SIMWORLD_ALARM_SUMS_H
#define PB_SIMWORLD_ALARM_SUMS_H

#include "simkit/station.h"

enum { ALARM_SUMS_NODES = 4, ALARM_SUMS_MINUTES = 12000 };

struct alarm_sum {
    int64_t delay_ms, energy_uwh, stops;
};

struct alarm_sums {
    int64_t first;                  /* minute; all others count from it */
    int64_t seen[ALARM_SUMS_NODES]; /* the last minute that was looked at */
    /* What had been looked at when the minute was moved last. */
    int64_t moved_at[ALARM_SUMS_NODES][ALARM_SUMS_MINUTES];
    struct alarm_sum before[ALARM_SUMS_NODES][ALARM_SUMS_MINUTES + 1];
};

/* A minute of the node is looked at. */
void alarm_sums_see(struct alarm_sums *x, uint32_t node, int64_t minute);
/* A cell of a minute came or went. */
void alarm_sums_move(struct alarm_sums *x, uint32_t node, int64_t minute);
/* Everything is committed. */
enum err alarm_sums_collect(struct alarm_sums *x, struct station *s);
/* Of the minutes from .. last; false: one of them was moved since `last` was looked at. */
bool alarm_sums_of(const struct alarm_sums *x, uint32_t node, int64_t from, int64_t last,
                   struct alarm_sum *out);

#endif
