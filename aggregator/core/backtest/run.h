/* One run: rules, fed with the cells of a span, and what they did. For this room only. */
#ifndef PB_BACKTEST_RUN_H
#define PB_BACKTEST_RUN_H

#include "backtest/backtest.h"

/* A firing of one alert, and the pause behind it. */
struct run_instance {
    uint32_t rule;    /* index in run.rule */
    int64_t since_ms; /* active since; INT64_MIN: it is not */
    double value, threshold;
    uint8_t severity;
    bool pausing;               /* it was cleared a short while ago */
    int64_t paused_ms;          /* when */
    double extreme;             /* the farthest it went to the good side; NAN: nothing was seen */
    struct backtest_node *told; /* NULL: it never fired; owned */
};

/* What a rule did, over all its nodes. */
struct run_rule {
    const struct alert_rule *rule;
    size_t first; /* of its instances, one for each of rule->node */
    struct backtest_figures figures;
    struct backtest_firing *firing; /* owned */
    size_t firing_n, firing_cap;
    uint64_t lasting[BACKTEST_LASTING_MAX + 1]; /* by minutes beyond the threshold */
    double reach;      /* the farthest that the value went beyond the clear level in any pause */
    double *excursion; /* of pauses that ended in a firing; owned */
    size_t excursion_n, excursion_cap;
};

/* Minutes of a node that are gathered before they are evaluated. */
enum { RUN_AHEAD = 30 };

struct run {
    const struct plant *plant;
    int64_t from_ms, to_ms;
    struct alerts *alerts;
    struct run_rule *rule;
    size_t rule_n;
    struct run_instance *instance;
    size_t instance_n;
    size_t *theirs; /* index of the instance in alerts_view() */
    size_t *first;  /* by plant node: of its instances in by_node, up to the next one's */
    size_t *by_node;
    uint32_t *pausing;            /* by plant node: instances that pause */
    bool watch_pauses;            /* how far the value goes in them is wanted */
    struct backtest_point *curve; /* of the first rule at one node; borrowed, NULL: not wanted */
    size_t curve_n;
    uint32_t curve_node;
};

/* Rules are borrowed. ERR_RANGE, ERR_NOMEM. run_fini in any case. */
enum err run_open(struct run *r, const struct backtest_conf *conf, const struct alert_rules *rules);
void run_fini(struct run *r);
/* At least one and at most n of the node's next minutes, whose sums were added, *done of them:
 * evaluates them and takes down what happened. */
enum err run_minutes(struct run *r, uint32_t node, unsigned n, unsigned *done);
/* What is active at the end. */
enum err run_end(struct run *r);

/* Its place in rule->node, SIZE_MAX: none. */
size_t run_find_node(const struct alert_rule *rule, uint32_t node);
/* firings.c: what an event does to the figures. */
enum err run_take_event(struct run *r, const struct alert_event *e);
/* In minutes [from, to) of those evaluated last, whose end is first_ms and a minute more each. */
void run_watch_pauses(struct run *r, uint32_t node, int64_t first_ms, unsigned from, unsigned to);
/* The value as it is held against levels. */
double run_in_levels(const struct alert_rule *rule, double value, double scale);
/* curve.c: n empty points; what was seen in `to` minutes, as above. */
void run_curve_begin(struct backtest_point *curve, size_t n);
void run_curve_add(struct run *r, uint32_t node, int64_t first_ms, unsigned to);
/* suggest.c */
void run_suggest(const struct run_rule *rule, struct backtest_suggestion *out);

#endif
