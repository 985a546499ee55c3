/* What a rule sees at the end of a minute: a value, or that nothing can be said. */
#ifndef PB_ALERT_OBSERVE_H
#define PB_ALERT_OBSERVE_H

#include "alert/watch.h"

struct gauge_span;
struct drift_seen;
struct shares;

struct observing {
    const struct alert_rule *rule;
    const struct watch *watch;
    uint16_t window, before;        /* indexes of its windows; before: of ALERT_RATE */
    const struct gauge_span *gauge; /* ALERT_GAUGE: its minutes, the last one is this; NULL: none */
    unsigned gauge_n;
    const struct alert_baseline *baseline; /* in force; NULL: none */
    const struct drift_seen *drift;        /* ALERT_DRIFT; else NULL */
    const struct shares *shares;           /* of products and teams; else NULL */
};

struct observation {
    bool known;              /* it says something */
    uint8_t beyond, cleared; /* as machine_minute has them */
    double value;            /* NAN: none */
    double scale;            /* of thresholds: the norm of ALERT_NORM, else 1 */
};

struct observation observe(const struct observing *o);

/* Whether observe_run() knows the rule: it holds a value, or its change, against fixed levels. */
bool observe_runs(const struct alert_rule *r);
/* What the rule sees at the end of each minute of the run: as observe() after each. out: run->n.
 * True: some minute is beyond a level. */
bool observe_run(const struct observing *o, const struct watch_run *run, struct observation *out);

#endif
