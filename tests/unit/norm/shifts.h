/* Team-shifts for tests of norms: sums as cells would have them, in whole minutes and pieces. */
#ifndef PB_TEST_NORM_SHIFTS_H
#define PB_TEST_NORM_SHIFTS_H

#include <string.h>

#include "base/utc.h"
#include "norm/observe.h"

enum { SHIFT_HOURS = 8 };
#define SHIFTS_BEGIN_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

struct made {
    struct sums sums;
    struct team_shift shift;
};

/* A shift of 480 min: run, stopped, pieces; labour of one person; energy. */
static inline void made_init(struct made *m, unsigned n, const char *team, int64_t run_min,
                             int64_t good) {
    memset(m, 0, sizeof *m);
    m->sums.q[QTY_TIME + CAT_PRODUCTION] = run_min * UTC_MINUTE_MS;
    m->sums.q[QTY_TIME + CAT_DELAY] = (480 - run_min) * UTC_MINUTE_MS;
    m->sums.q[QTY_GQ] = m->sums.q[QTY_PQ] = good * 1000000;
    m->sums.q[QTY_LABOUR] = m->sums.q[QTY_LABOUR_TIME] = 480 * UTC_MINUTE_MS;
    m->sums.q[QTY_COUNT_DUE] = m->sums.q[QTY_COUNT_SEEN] = 480 * UTC_MINUTE_MS;
    m->sums.q[QTY_SCRAP_DUE] = m->sums.q[QTY_SCRAP_SEEN] = 480 * UTC_MINUTE_MS;
    m->shift = (struct team_shift){.node = 3,
                                   .product = span_str("bolt"),
                                   .team = span_str(team),
                                   .start_ms = SHIFTS_BEGIN_MS + (int64_t)n * 8 * UTC_HOUR_MS,
                                   .coverage = 1,
                                   .all = &m->sums,
                                   .held = &m->sums};
    m->shift.end_ms = m->shift.start_ms + SHIFT_HOURS * UTC_HOUR_MS;
}

#endif
