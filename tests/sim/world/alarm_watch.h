/* Alerts in a run: rules over the line, people who acknowledge and shelve, and what must hold in
 * the end. Events have no hole in their numbers and each of an alert begins where the one before it
 * ended; they and their notices are exactly what a machine of its own makes of the observations,
 * minute by minute, that the surviving aggregators made; the state that is stored is theirs; what
 * people were told is done is there once. What was seen of a closed minute is what the stored cells
 * add up to, unless they were moved since. */
#ifndef PB_SIMWORLD_ALARM_WATCH_H
#define PB_SIMWORLD_ALARM_WATCH_H

#include "simkit/station.h"
#include "simworld/rng.h"

struct alarm_watch;

/* Gives the station its rules, before it starts. ERR_NOMEM. */
enum err alarm_watch_open(struct station *s, int64_t wall_ms, uint64_t seed,
                          struct alarm_watch **out);
void alarm_watch_close(struct alarm_watch *w); /* NULL is allowed */
/* Once a step: people may want something. */
void alarm_watch_step(struct alarm_watch *w, struct station *s);
/* Everything is committed. exact: no store was put back; kept: no cell has left. */
const char *alarm_watch_audit(struct alarm_watch *w, struct station *s, bool exact, bool kept,
                              bool print);

#endif
