/* Days of energy held against a frozen baseline: the tabular CUSUM of one node, as `plantbus energy
 * cusum` works it out. It is a function of the days it was given, so a day that comes out otherwise
 * later moves what is seen from then on. Whoever gives them reads the store; nothing is kept here
 * over a restart. */
#ifndef PB_ALERT_DRIFT_H
#define PB_ALERT_DRIFT_H

#include "alert/rule.h"
#include "cell/sums.h"
#include "plant/plant.h"

struct drift_day;

struct drift_seen {
    bool known;         /* the last row that is due counts */
    double over, under; /* S+, S- in standard errors of a row */
    size_t rows;        /* taken since the baseline began */
};

struct drift {
    const struct alert_baseline *line; /* of the node, by from_ms; borrowed */
    size_t line_n;
    struct drift_day *day; /* by start; owned */
    size_t n, cap;
    bool moved;                /* since it was last looked at */
    int64_t from_ms, until_ms; /* of minutes that end in [from, until) `seen` holds */
    struct drift_seen seen;
};

void drift_init(struct drift *d, const struct alert_baseline *line, size_t n);
void drift_fini(struct drift *d);
/* The sums of a node's day, in the place of those given before. Of a node whose sums no baseline
 * asks for nothing happens. ERR_NOMEM. */
enum err drift_put(struct drift *d, const struct ident *node, int64_t start_ms, int64_t end_ms,
                   const struct sums *s);
/* Whether the node's day was given. */
bool drift_has(const struct drift *d, const struct ident *node, int64_t start_ms);
/* At the end of a minute. A day is due when its time to settle is over, plant.settle_late_ms behind
 * its end, whoever is late: so it is by event time alone. O(days) once a day, or after one moved.
 */
const struct drift_seen *drift_see(struct drift *d, const struct plant *p, uint32_t calendar,
                                   int64_t at_ms);
size_t drift_memory(const struct drift *d);

#endif
