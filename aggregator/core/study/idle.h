/* Which units use energy while they make nothing: kWh in delay, without order, in planned stops and
 * outside the calendar, from windows. Time of unknown state is not idle. */
#ifndef PB_STUDY_IDLE_H
#define PB_STUDY_IDLE_H

#include "study/days.h"

struct idle_unit {
    struct ident id;
    int64_t energy_uwh; /* all of it */
    int64_t idle_uwh, idle_ms;
    int64_t unknown_uwh; /* while no state was known; in energy_uwh alone */
    size_t windows;
};

/* Adds a window of the unit; user is its struct idle_unit. */
enum err idle_take(void *unit, const struct energy_window *w);
/* Most idle energy first, then by name. */
void idle_rank(struct idle_unit *at, size_t n);
/* kW while idle; NAN without idle time. */
double idle_kw(const struct idle_unit *u);
/* idle_uwh of all n. */
int64_t idle_total_uwh(const struct idle_unit *at, size_t n);

#endif
