/* A rule of alerts as plain data, resolved against the plant: what is watched, where, when it is
 * too much, how loud it is, whom it concerns. Who reads rules from files is another room's; nothing
 * here parses, allocates or looks at a clock. Arrays and texts are borrowed from whoever made them.
 */
#ifndef PB_ALERT_RULE_H
#define PB_ALERT_RULE_H

#include "base/err.h"
#include "base/ident.h"
#include "window/indicator.h"

enum {
    ALERT_RULES_MAX = 2000,
    ALERT_INSTANCES_MAX = 200000, /* rules x the nodes they stand for */
    ALERT_LEVELS_MAX = 4,
    ALERT_ROLLING_MAX = 60, /* minutes */
    ALERT_SPAN_MAX = 60,    /* minutes */
    ALERT_DRIVERS_MAX = 8,
    ALERT_BASELINES_MAX = 10000, /* of a rule: nodes x times they were frozen */
    ALERT_SHIFTS_MAX = 8,
    ALERT_RECIPIENTS_MAX = 8,
    ALERT_FLAPS_MAX = 12,
    ALERT_TEXT_MAX = 400 /* bytes of each text */
};
#define ALERT_TIME_MAX (INT64_C(30) * 24 * 3600 * 1000) /* of every time in a rule, ms */

/* --- what is watched ---------------------------------------------------------------------------
 */

enum alert_subject {
    ALERT_INDICATOR, /* of window/indicator.h, from the sums of the window */
    ALERT_QUANTITY,  /* a sum of the window: what raw signals of known roles come to */
    ALERT_GAUGE,     /* a raw signal of a unit: its mean over the known time of a rolling window */
    ALERT_SUBJECT_COUNT
};

/* What a rule may call a quantity. A rate is the sum over the window's known time. */
enum alert_quantity {
    ALERT_Q_ENERGY,      /* kWh used */
    ALERT_Q_POWER,       /* kW: energy over the time in which it was measured */
    ALERT_Q_IDLE_ENERGY, /* kWh used while nothing was produced or set up */
    ALERT_Q_PIECES,      /* made */
    ALERT_Q_GOOD,
    ALERT_Q_SCRAP,
    ALERT_Q_REWORK,
    ALERT_Q_MATERIAL,
    ALERT_Q_PRODUCTION, /* minutes of each state */
    ALERT_Q_SETUP,
    ALERT_Q_DELAY,
    ALERT_Q_FAILURE,  /* minutes of delay by failure */
    ALERT_Q_NO_ORDER, /* minutes down without an order */
    ALERT_Q_PLANNED_DOWN,
    ALERT_Q_NOT_SCHEDULED,
    ALERT_Q_UNPLANNED_RUN,
    ALERT_Q_LABOUR,    /* hours of people */
    ALERT_Q_FAILURES,  /* begun */
    ALERT_Q_STOPS,     /* begun */
    ALERT_Q_HEADCOUNT, /* persons, mean */
    ALERT_Q_GAS,       /* carriers in the plant's units, in the order of enum carrier */
    ALERT_Q_STEAM,
    ALERT_Q_WATER,
    ALERT_Q_AIR,
    ALERT_Q_HEAT,
    ALERT_Q_FUEL,
    ALERT_QUANTITY_COUNT
};

struct alert_quantity_row {
    const char *id;   /* as rules name it: "power" */
    const char *unit; /* "kW"; "": the plant's, of carriers and material */
    const char *name; /* for people */
    uint16_t qty[8];  /* the sums of cell/sums.h that it adds up */
    uint8_t qty_n;
    uint16_t due; /* time in which it should have been measured; the sum behind it: in which it was.
                   * QTY_COUNT: it is known while the unit's time is */
    double per;   /* base units in one of ours */
    bool rate;    /* over the hours in which it was measured */
};
const struct alert_quantity_row *alert_quantity_row(enum alert_quantity q);
/* ALERT_QUANTITY_COUNT if there is none of that id. */
enum alert_quantity alert_quantity_find(const char *id);

/* Observed at the end of every minute m, over the time up to it. */
enum alert_window {
    ALERT_ROLLING, /* the last alert_rule.minutes whole minutes */
    ALERT_HOUR,    /* the local hour, shift, day of the node in which m lies, from its begin on */
    ALERT_SHIFT,
    ALERT_DAY,
    ALERT_WINDOW_COUNT
};

/* --- when it is too much -----------------------------------------------------------------------
 */

enum alert_condition {
    ALERT_VALUE, /* the observation itself */
    /* The observation over the norm in force: that of each minute's product and team, weighted by
     * what the indicator divides by, as attainment is. Time without a norm is left out. */
    ALERT_NORM,
    ALERT_BASELINE, /* (energy - expected) / expected, by alert_rule.baseline */
    ALERT_RATE,     /* change an hour: (now - span_min ago) / span; rolling windows only */
    ALERT_NO_DATA,  /* nothing was measured in the whole window; has one level, no threshold */
    /* Tabular CUSUM of energy less what a frozen baseline expects, over its days or weeks, in
     * standard errors of a row: S+ of a rule that looks above, -S- of one that looks below. */
    ALERT_DRIFT,
    ALERT_CONDITION_COUNT
};

struct alert_driver {
    struct ident node; /* whose quantity it is; "": that of the baseline's node */
    uint8_t quantity;  /* enum alert_quantity; no rate */
    double kwh_each;   /* a unit of alert_quantity_row */
};

/* Energy to be expected: base x hours of the window + sum of quantities x kWh each. */
struct alert_baseline {
    struct ident node; /* that it was fitted to: it holds of no other */
    int64_t from_ms;   /* until the next one of the node; INT64_MIN: it was written in the rule */
    bool weeks;        /* ALERT_DRIFT: rows are weeks from Monday on, else days */
    double base_kwh_per_h;
    double s_kwh; /* ALERT_DRIFT: standard error of a row */
    size_t driver_n;
    struct alert_driver driver[ALERT_DRIVERS_MAX];
};

enum alert_severity {
    ALERT_INFO,
    ALERT_LOW,
    ALERT_MEDIUM,
    ALERT_HIGH,
    ALERT_CRITICAL,
    ALERT_SEVERITY_COUNT
};

/* Reached: above (or below) the threshold for alert_rule.hold_ms. Left: not above (not below)
 * `clear` any more for clear_hold_ms; between the two nothing changes. Of NORM both are factors, of
 * BASELINE ratios (0.1 = 10 % more than expected), of RATE units an hour, of DRIFT standard errors.
 */
struct alert_level {
    double threshold, clear;
    uint8_t severity; /* enum alert_severity; rises from level to level */
};

struct alert_rule {
    struct ident id;
    const char *name;

    uint8_t subject;      /* enum alert_subject */
    uint8_t indicator;    /* ALERT_INDICATOR: enum indicator */
    uint8_t quantity;     /* ALERT_QUANTITY: enum alert_quantity */
    struct ident gauge;   /* ALERT_GAUGE: which of the unit's, the same of each node; else "" */
    const uint32_t *node; /* indexes in plant.node, each its own alert; sorted, none twice */
    size_t node_n;
    uint8_t window;  /* enum alert_window */
    uint8_t minutes; /* ALERT_ROLLING: 1 .. ALERT_ROLLING_MAX; else 0 */

    uint8_t condition;                     /* enum alert_condition */
    bool below;                            /* low is bad */
    uint8_t span_min;                      /* ALERT_RATE: 1 .. ALERT_SPAN_MAX */
    const struct alert_baseline *baseline; /* by node, then from_ms; none twice */
    size_t baseline_n;
    struct alert_level level[ALERT_LEVELS_MAX]; /* from the mildest on */
    uint8_t level_n;                            /* at least 1 */
    /* Event time between the first observation beyond a level and the alert: 0 = at once. */
    int64_t hold_ms, clear_hold_ms;
    /* With less the observation says nothing: it neither raises nor ends. 0 .. 1 */
    double least_coverage;

    /* `flaps` alerts of one instance within flap_ms: the last one stays until it was clear for
     * flap_quiet_ms. 0: no guard. */
    uint8_t flaps; /* 2 .. ALERT_FLAPS_MAX */
    int64_t flap_ms, flap_quiet_ms;

    /* Only what was made of the product, by the team; "": of all. Of values and norms alone. */
    struct ident product, team;

    /* Only in the working time of shifts; out of it whatever was active has ended. */
    bool in_shift;
    const struct ident *shift; /* of these names; none: of all */
    size_t shift_n;

    bool quiets; /* while it is active, alerts of nodes below its node are suppressed */

    int64_t escalate_ms;       /* unacknowledged for so long: escalate_severity; 0: never */
    uint8_t escalate_severity; /* above that of every level */
    /* Told again so often while unacknowledged, active or returned; 0: never. */
    int64_t repeat_ms;

    const char *cause, *consequence,
        *action; /* likely cause, consequence, what to do; "" or NULL */
    const char *owner;
    int64_t respond_ms;            /* time to respond; 0: not said */
    const struct ident *recipient; /* positions, such as "shift-lead": a notice for each */
    size_t recipient_n;

    /* alert_rule_said(): equal hashes keep states and timers over a reload. */
    uint64_t said;
};

/* All rules in force. Borrowed by whoever evaluates them, until they are replaced. */
struct alert_rules {
    const struct alert_rule *rule; /* sorted by id, none twice */
    size_t rule_n;
};

/* Hash over everything that changes what the rule means at a node: not its nodes, texts, owner and
 * recipients. The same in every build. */
uint64_t alert_rule_said(const struct alert_rule *r);
/* Everything is within its bounds; else *why is a sentence. Nodes are below node_n. */
bool alert_rule_check(const struct alert_rule *r, size_t node_n, const char **why);
/* It tells apart what was made when: by products, teams, and the norms of these. */
bool alert_rule_by_context(const struct alert_rule *r);
/* The node's baselines: *n of them, by from_ms. O(baselines). */
const struct alert_baseline *alert_rule_baselines(const struct alert_rule *r,
                                                  const struct ident *node, size_t *n);
/* The one in force at a time; NULL: none. */
const struct alert_baseline *alert_baseline_at(const struct alert_baseline *of, size_t n,
                                               int64_t t_ms);
/* How many minutes before the end of a minute it looks at, in rolling windows; 0 in others. */
unsigned alert_rule_reach(const struct alert_rule *r);

const char *alert_severity_name(enum alert_severity s);    /* "info" ... never NULL */
enum alert_severity alert_severity_find(const char *name); /* ALERT_SEVERITY_COUNT: none */
const char *alert_window_name(enum alert_window w);        /* "rolling", "hour", "shift", "day" */
const char *alert_condition_name(enum alert_condition c);  /* "value", "norm", "baseline" ... */

#endif
