/* Windows and rows for the tests of the room, made by hand. */
#ifndef PB_TESTS_MADE_H
#define PB_TESTS_MADE_H

#include "study/days.h"

#define KWH INT64_C(1000000000)
#define PIECE INT64_C(1000000)
#define MONDAY INT64_C(1767571200000) /* 2026-01-05T00:00:00Z */

/* Sums of a made window by name; what is not there is 0. A name of NULL ends them. */
struct made_sum {
    const char *name;
    int64_t value;
};

/* A whole settled day of the node that begins `day` days after MONDAY, energy measured all the
 * time, and pieces too. */
struct energy_window made_day(const char *node, int day, const struct made_sum *sums);
/* The spec of a node with drivers, ended by NULL; it must be right. */
struct energy_spec made_spec(const char *node, const char *grain, const char *const *driver);

#endif
