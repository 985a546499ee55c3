/* How far alerts were looked at, as the store has it: what a start goes on from. Without it one
 * would begin with the present, and where nothing had happened yet no transition would tell. */
#ifndef PB_SIMWORLD_ALARM_ROWS_H
#define PB_SIMWORLD_ALARM_ROWS_H

#include "simkit/station.h"

/* The minute that is evaluated next at a node; INT64_MIN: the store has none. */
int64_t alarm_rows_next(const struct station *s, uint32_t node);
/* Whether the store has what the core says of all nodes, once everything is committed. */
bool alarm_rows_hold(const struct station *s);

#endif
