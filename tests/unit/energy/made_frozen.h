/* A frozen baseline to hold days against, worked by hand. */
#ifndef PB_TESTS_MADE_FROZEN_H
#define PB_TESTS_MADE_FROZEN_H

#include "frozen/frozen.h"
#include "made.h"

/* A day of line-1: `pieces` pieces at 2 kWh each and `more` kWh beside in production, and `standby`
 * kWh of the cutter, its part, in standby. */
struct made_line_day {
    int pieces, more, standby;
};

/* Rows of such days from `day` on, with the driver gq and the part cutter. */
struct energy_rows made_line_rows(const struct energy_spec *s, int day,
                                  const struct made_line_day *at, size_t n);
struct energy_spec made_line_spec(void);
/* Twelve days of 1, 1, 2, 2, ... 6, 6 pieces with 1 kWh more and less in turn, 100 kWh of standby:
 * E = 100 a day + 2 a piece, RSS = 12, s = sqrt(12 / 10). The caller ends it with
 * frozen_fini(). */
struct frozen made_frozen(void);

#endif
