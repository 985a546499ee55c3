/* How much happens in a run and how fast. The light world is the same code under the same faults,
 * each as often in a run, in a quarter of the steps and early on a day of short shifts:
 * there are fewer minutes to compute. It has no day that ends and nobody edits its plant file. */
#ifndef PB_SIMWORLD_PACE_H
#define PB_SIMWORLD_PACE_H

#include "plant/plant.h"

struct pace {
    unsigned steps_least, steps_more;
    uint32_t often;  /* what goes wrong is so many times as likely in a step */
    int64_t shorter; /* ... and lasts so many times less long */
    int64_t tick_ms;
    int64_t start_least_min, start_most_min; /* of the first day */
    int64_t segment_least, segment_most;     /* bytes of a journal's */
    unsigned explained;                      /* windows of which the origins are looked at */
    bool day_ends; /* the day of the end is whole and settled when all is audited */
    bool edits;
};

extern const struct pace pace_full, pace_light;

/* Shifts of half an hour each, where a light run is. */
void pace_shorten_shifts(struct plant *plant);

#endif
