/* Plan: the quantity of an order or a shift, spread over scheduled time by the ideal cycle, less
 * breaks and planned stops; what should be there by now, what is missing, when it will be done.
 * Pure; it keeps no plans and counts no pieces. */
#ifndef PB_PLAN_PLAN_H
#define PB_PLAN_PLAN_H

#include "calendar/calendar.h"

/* Work that no calendar holds within this is never done. */
#define PLAN_HORIZON_MS (400 * INT64_C(86400000))
#define PLAN_NEVER INT64_MAX

struct plan_order {
    const struct plant *plant;
    uint32_t calendar; /* of the unit; UINT32_MAX: always scheduled */
    int64_t from_ms;
    int64_t to_ms;    /* end of the shift; PLAN_NEVER: an order, it goes on until it is done */
    int64_t quantity; /* millionths of a piece, > 0 */
    int64_t pri_ns;   /* ideal cycle of a piece, > 0 */
};

struct plan_now {
    int64_t expected;       /* millionths: at the ideal cycle since from_ms, at most the quantity */
    int64_t gap;            /* made less expected: below 0 it is behind */
    int64_t planned_end_ms; /* at the ideal cycle from its begin on, or PLAN_NEVER */
    int64_t forecast_end_ms; /* from now on at the pace so far, at the ideal cycle while nothing was
                              * made; the instant itself once it is done; or PLAN_NEVER, also
                              * when to_ms has passed */
    int64_t forecast; /* of a shift: pieces by its end at the same pace; while nothing was made at
                       * most the quantity */
};

/* Scheduled time (working time of shifts) in [from, to), ms. O(calendar pieces in it). */
int64_t plan_scheduled_ms(const struct plant *p, uint32_t calendar, int64_t from_ms, int64_t to_ms);
/* The instant at which so much scheduled time has passed since `from`; PLAN_NEVER: not within
 * PLAN_HORIZON_MS. work_ms >= 0. */
int64_t plan_after_ms(const struct plant *p, uint32_t calendar, int64_t from_ms, int64_t work_ms);
/* Cycle of a quantity of whatever is made: evenly over the scheduled time of [from, to). 0: there
 * is none. */
int64_t plan_even_ns(const struct plant *p, uint32_t calendar, int64_t from_ms, int64_t to_ms,
                     int64_t quantity);
/* Ideal cycle of the product (index) that is in force then at the unit; 0: none. */
int64_t plan_cycle_ns(const struct plant_unit *u, uint32_t product, int64_t t_ms);
/* made: millionths, by now_ms. What lies behind to_ms is not looked at. */
struct plan_now plan_at(const struct plan_order *o, int64_t made, int64_t now_ms);

#endif
