/* Alerts the slow way: every window is summed anew from all minutes, every hold is looked up in the
 * past, states follow from a list of cases. It shares with the engine what an indicator and a
 * quantity are, and nothing else. */
#ifndef PB_PROPERTY_ALERT_REFERENCE_H
#define PB_PROPERTY_ALERT_REFERENCE_H

#include "alert/alerts.h"

enum { REF_MINUTES = 360, REF_NODES = 4, REF_RULES = 8 };

struct ref_world {
    const struct plant *plant;
    int64_t first;                            /* minute */
    struct sums sums[REF_NODES][REF_MINUTES]; /* as they are known now */
    double norm;                              /* in force all the time; NAN: none */
};

struct ref_seen {
    bool known, off;
    uint8_t beyond, cleared;
    int blind;        /* minutes up to this one that say nothing */
    int64_t clear_ms; /* the clear hold as it was then: the flap guard makes it longer */
};

struct ref_alert {
    const struct alert_rule *rule;
    uint32_t node;
    struct ref_seen seen[REF_MINUTES];
    int n; /* minutes evaluated */
    bool on[ALERT_LEVELS_MAX];
    int flipped[ALERT_LEVELS_MAX]; /* minute after which its past counts */
    uint8_t state, level, severity;
    bool escalated, flapping;
    int64_t since_ms, told_ms, until_ms;
    int64_t active_ms[REF_MINUTES * 2];
    int active_n;
    bool quiets[REF_MINUTES]; /* it was active at the end of the minute */
};

struct ref_event {
    bool any;
    uint8_t from, to, why, severity, level;
};

/* The next minute. quiet: an alert above was active then. */
struct ref_event ref_minute(const struct ref_world *w, struct ref_alert *a, bool quiet);
struct ref_event ref_command(struct ref_alert *a, enum alert_act act, int64_t at_ms,
                             int64_t until_ms, bool quiet, bool *refused);

#endif
