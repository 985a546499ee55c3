/* Stops: what units did instead of running, by category, cause and stated reason, with the longest
 * first, and what their failures took (INDICATORS sections 1 and 4). Pure arithmetic over
 * timelines; it finds no causes. */
#ifndef PB_STOPS_STOPS_H
#define PB_STOPS_STOPS_H

#include "cell/cell.h"

struct stop { /* an unbroken stretch of one category, cause and reason */
    uint32_t unit;
    uint8_t category, cause; /* enum category, cause; cause of DELAY only */
    uint32_t reason;         /* word of what was stated, 0: nothing */
    int64_t from_ms, to_ms;
    struct context ctx; /* at its begin */
};

struct stops_row {
    uint8_t category, cause;
    uint32_t reason;
    uint64_t count;
    int64_t total_ms, longest_ms;
    int64_t median_ms; /* of an even number the mean of the middle two, floored */
};

/* Means are over what was seen whole: an interval that unknown time interrupts counts nowhere. */
struct stops_failures {
    uint64_t begun;
    uint64_t between_n; /* from the end of one failure to the begin of the next of that unit */
    int64_t between_ms; /* of them: production and setup */
    uint64_t repair_n;  /* from the begin of a failure to its end */
    int64_t repair_ms;
};

struct stops {
    struct stop *at; /* owned; by stops_sort: the longest first */
    size_t n, cap;
    struct stops_row *row; /* owned; by stops_sort: the largest total first */
    size_t row_n;
    int64_t run_ms, unknown_ms, stop_ms; /* production; unknown; all stops */
    struct stops_failures failures;
};

void stops_init(struct stops *s);
void stops_fini(struct stops *s);
/* Adds a unit's timeline, whole and in order; once a unit. Everything that is neither production
 * nor unknown is a stop. ERR_NOMEM. */
enum err stops_add(struct stops *s, uint32_t unit, const struct cell_piece *piece, size_t n);
/* After the last unit. O(n log n). ERR_NOMEM. */
enum err stops_sort(struct stops *s);

#endif
