/* Alerts the slow way: every window is summed anew from all minutes, every hold is looked up in the
 * past, states follow from a list of cases. It shares with the engine what an indicator and a
 * quantity are, and nothing else. */
#ifndef PB_PROPERTY_ALERT_REFERENCE_H
#define PB_PROPERTY_ALERT_REFERENCE_H

#include "alert/alerts.h"

enum {
    REF_MINUTES = 360,
    REF_NODES = 4,
    REF_RULES = 8,
    REF_PARTS = 2,
    REF_NORMS = 6,
    REF_DAYS = 24
};
/* Words of cells. */
enum { REF_NOBODY, REF_BOLT, REF_NUT, REF_RED, REF_BLUE, REF_WORDS };
extern const struct ident ref_word[REF_WORDS];

struct ref_part { /* of a unit's minute */
    uint32_t product, team;
    struct sums sums;
};

struct ref_norm {           /* of all nodes and indicators */
    uint32_t product, team; /* 0: of all */
    int from, to;           /* minutes */
    double value;
};

struct ref_day {
    bool there;
    struct sums sums;
};

struct ref_world {
    const struct plant *plant;
    int64_t first;                                           /* minute */
    struct sums sums[REF_NODES][REF_MINUTES];                /* as they are known now */
    struct ref_part part[REF_NODES][REF_MINUTES][REF_PARTS]; /* of units: they add up to those */
    struct ref_norm norm[REF_NORMS];
    int norm_n;
    int64_t day0_ms; /* a Monday */
    struct ref_day day[REF_NODES][REF_DAYS];
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

/* False: there is none. */
bool ref_norm(const struct ref_world *w, uint32_t product, uint32_t team, int64_t minute,
              double *value);
/* What of the minutes [from, m] the rule's product and team did, under norms if it asks for them;
 * *scale: the norm of all of it. False: nothing. */
bool ref_share(const struct ref_world *w, const struct ref_alert *a, int64_t from, int64_t m,
               struct sums *out, double *scale);
/* False: nothing can be said. */
bool ref_drift(const struct ref_world *w, const struct ref_alert *a, int64_t m, double *value);
/* The next minute. quiet: an alert above was active then. */
struct ref_event ref_minute(const struct ref_world *w, struct ref_alert *a, bool quiet);
struct ref_event ref_command(struct ref_alert *a, enum alert_act act, int64_t at_ms,
                             int64_t until_ms, bool quiet, bool *refused);

#endif
