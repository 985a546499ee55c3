/* What is known of a unit at this moment and why: its signals with value, quality and age, and the
 * newest piece of its timeline. For views; it is no value, and it judges nothing anew. */
#ifndef PB_ENGINE_PRESENT_H
#define PB_ENGINE_PRESENT_H

#include "cell/cell.h"
#include "engine/core.h"

/* One meaning of a point at a unit. All texts are borrowed until the next input. */
struct core_signal {
    const struct plant_signal *of; /* what the plant file says of it */
    const char *base;              /* what its amounts are in; "": its point does not say */
    uint8_t type;                  /* enum point_type */
    bool heard;                    /* its agent has such a point, and a reading of it came */
    bool known;                    /* its newest value holds; a bad one does not */
    bool misfit;                   /* the point is there and can't play its role */
    bool sticky, online;           /* it holds until it changes; its agent's link */
    uint8_t quality;               /* enum batch_quality of the newest reading */
    uint8_t why;                   /* enum batch_why, of a bad one */
    struct span text;              /* of a state told in words; n = 0: raw is its code */
    int64_t raw;
    int64_t value; /* power: microwatts; gauge: millionths of its unit; counter, register: base
                    * units; else raw */
    int64_t t_ms, asof_ms; /* its time; up to when its source vouches, INT64_MIN: never heard */
};
/* Signal i of plant_unit.signal. O(points of its agent). */
void core_signal(const struct core *c, uint32_t unit, size_t i, struct core_signal *out);

/* The newest piece: what state, calendar and order came to. */
struct core_present {
    bool known; /* something was computed */
    struct cell_piece piece;
    struct span order, product, reason; /* texts, n = 0: none */
    bool
        order_told; /* a signal or people tell whether an order is open; else the plant file does */
    bool order_open;
};
void core_present(const struct core *c, uint32_t unit, struct core_present *out);

#endif
