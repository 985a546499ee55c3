/* The clock of a recording: its own times, or the same course from another moment on, faster if
 * wanted. */
#ifndef PB_SOURCES_REPLAY_H
#define PB_SOURCES_REPLAY_H

#include "base/decimal.h"

#define REPLAY_NONE INT64_MIN

struct replay {
    bool shifted;
    int64_t speed;    /* times as fast, >= 1 */
    int64_t first_ms; /* recorded time of the first row; REPLAY_NONE: not seen yet */
    int64_t start_ms; /* moment it stands for when shifted */
};

/* Notes the first recorded time. */
static inline void replay_begin(struct replay *r, int64_t t_ms) {
    if (r->first_ms == REPLAY_NONE)
        r->first_ms = t_ms;
}

/* Recorded time to the time of the readings. */
static inline int64_t replay_time(const struct replay *r, int64_t t_ms) {
    int64_t away;

    if (!r->shifted || decimal_scale(t_ms - r->first_ms, 1, r->speed, &away) != ERR_OK)
        return t_ms;
    return r->start_ms + away;
}

#endif
