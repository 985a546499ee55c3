/* Windows of days become rows of days or weeks: energy by state, drivers, parts, and what is left
 * out because it was not measured. It reads no file and asks nobody. */
#ifndef PB_STUDY_DAYS_H
#define PB_STUDY_DAYS_H

#include "base/zone.h"
#include "frozen/rows.h"

/* A window as somebody tells of it. */
struct energy_window {
    struct span node, kind, product, team, life;
    int64_t start_ms, end_ms;
    int64_t (*sum)(const void *user, const char *name); /* 0: not there */
    const void *user;
};

/* Takes one; what it fails with is told with the place. */
typedef enum err (*energy_window_take)(void *user, const struct energy_window *w);

/* Drivers that no meter gives: the value of a local date (days since 1970-01-01), NAN: none. */
struct days_columns {
    double (*get)(const void *user, int32_t day, size_t driver);
    const void *user;
};

struct days; /* opaque */

/* The zone tells which date a day is; NULL: the date of its noon in UTC, which is right where local
 * time is less than 12 h off. Both are borrowed. ERR_NOMEM. */
enum err days_open(const struct energy_spec *spec, const struct zone *zone, struct days **out);
void days_close(struct days *d);
/* Takes any window; what the spec does not ask for is passed over. ERR_EXISTS: this window of the
 * node was there already; ERR_NOMEM. */
enum err days_take(void *days, const struct energy_window *w);
/* Makes the rows of the days that begin in [from_ms, to_ms), *out owned by the caller; columns may
 * be NULL. False with a sentence in why: the node, a part or a driver's node was never seen, out of
 * memory. Without a row that could be used it is true. */
bool days_finish(struct days *d, const struct days_columns *columns, int64_t from_ms, int64_t to_ms,
                 struct energy_rows *out, char why[ENERGY_WHY]);
/* False if a part (an index of the spec) had no window: it counts as having used nothing. */
bool days_part_seen(const struct days *d, size_t part);

#endif
