/* What all alerts hold, for the files of this room only. */
#ifndef PB_ALERT_IMPL_H
#define PB_ALERT_IMPL_H

#include "alert/alerts.h"
#include "alert/drift.h"
#include "alert/machine.h"
#include "alert/observe.h"
#include "alert/share.h"
#include "calendar/calendar.h"

enum { QUIET_SPANS = 4 };

/* Minutes in which an alert of the node quieted those below, [from, to). */
struct quiet_span {
    int64_t from, to; /* to INT64_MAX: still */
};

/* Minutes of a gauge, up to the one that is evaluated. */
struct gauge_watch {
    uint32_t gauge; /* index in plant.gauge */
    unsigned minutes;
    struct gauge_span *minute; /* owned, `minutes` of them */
    bool given;                /* for this evaluation */
};

struct instance {
    const struct alert_rule *rule;
    uint32_t node; /* index in alerts.node */
    uint16_t window, before;
    uint16_t gauge; /* index in watched.gauge + 1; 0: none */
    /* Of the node, by from_ms; those of the rule. */
    const struct alert_baseline *baseline;
    size_t baseline_n;
    struct drift *drift;   /* owned; NULL: its rule looks at none */
    struct shares *shares; /* owned; NULL: its rule tells no products and teams apart */
    bool changed;          /* its row has to be put */
    bool stored;           /* there is one */
    bool no_data;          /* the last observation said nothing */
    bool other;            /* its state is of a rule that said something else */
    struct machine machine;
    uint8_t mark, flood_of; /* of its last activation, as an event has them */
    uint64_t event;
    double value, scale;
    char *who, *note; /* one allocation; NULL: nobody said anything */
};

struct watched {
    uint32_t node;   /* index in plant.node */
    uint32_t group;  /* index in plant.node: of its line */
    uint32_t above;  /* index in alerts.node of the next node above that may quiet it */
    size_t first, n; /* its instances */
    struct watch watch;
    struct gauge_watch *gauge; /* owned */
    size_t gauge_n;
    bool hollow;
    bool changed;                         /* its row */
    bool quiets;                          /* some rule of it does */
    bool drifts;                          /* the same of days */
    bool by_context;                      /* the same of products, teams and their norms */
    struct calendar_piece piece;          /* around the last minute */
    struct quiet_span quiet[QUIET_SPANS]; /* newest first */
    unsigned quiet_n;
};

struct position {
    struct ident id;
    int64_t at_ms[ALERT_FLOOD_COUNT + 1]; /* latest activations, oldest first */
    unsigned n;
};

struct day_source { /* a node whose days are looked at */
    uint32_t node;  /* index in plant.node */
    int64_t from_ms;
};

struct orphan { /* a row whose rule or node is gone; of a node's own the rule is empty */
    struct ident rule, node;
    struct machine machine;
    struct ident recipient[ALERT_RECIPIENTS_MAX]; /* as far as they are known still */
    size_t recipient_n;
    struct orphan *next;
};

struct alerts {
    const struct alert_rules *rules;
    const struct plant *plant;
    struct alert_norms norms;
    struct instance *instance; /* by node, then by rule */
    size_t instance_n;
    struct watched *node; /* in the order of the plant: above before below */
    size_t node_n;
    uint32_t *at;     /* by plant node: index in `node`, UINT32_MAX: not watched */
    uint32_t *active; /* by plant node: alerts that are active in this group */
    struct position *position;
    size_t position_n;
    struct day_source *source;
    size_t source_n;
    struct instance **drifting; /* those that look at days */
    size_t drifting_n;
    bool days_given;
    bool changed;  /* the row of all */
    bool unstored; /* some row is to be put */
    struct alert_event *event;
    size_t event_n, event_cap;
    struct watch_run run;     /* the last one; of no minutes where one was evaluated by itself */
    struct observation *seen; /* in it: by instance of its node, run.most each */
    bool *moves;              /* by instance of its node: something may happen to it */
    uint64_t last;
    struct orphan *orphan;
    uint64_t evaluations, commands, events;
};

/* alerts.c */
struct watched *alerts_node(const struct alerts *a, uint32_t node); /* or NULL */
struct instance *alerts_find(const struct alerts *a, const struct ident *rule,
                             const struct ident *node);
/* Room for n more. */
enum err alerts_reserve(struct alerts *a, size_t n);
/* There is room. The change becomes an event. */
struct alert_event *alerts_tell(struct alerts *a, struct instance *x,
                                const struct machine_change *c, int64_t at_ms, int64_t now_ms);
/* ERR_NOMEM: it is as it was. */
enum err instance_say(struct instance *x, struct span who, struct span note);
/* Another rule's state, or none's, and whom that named: at most ALERT_RECIPIENTS_MAX. ERR_NOMEM. */
enum err alerts_keep_orphan(struct alerts *a, const struct ident *rule, const struct ident *node,
                            const struct machine *m, const struct ident *recipient, size_t n);
/* Nothing of it need be told again after a start. */
bool instance_is_blank(const struct instance *x);
struct moment {
    int64_t at_ms, now_ms;
    bool quiet;
};
/* What it sees at the end of the last minute, and what that does to it. */
struct observation instance_look(const struct alerts *a, struct instance *x, int64_t at_ms);
void instance_take(struct alerts *a, struct instance *x, const struct observation *seen,
                   const struct moment *t);
/* gauges.c */
/* The instance looks at its rule's gauge at the node. ERR_NOMEM. */
enum err gauges_want(struct watched *w, const struct plant *p, struct instance *x);
/* All of the node's are known how far they reach. ERR_NOMEM. */
enum err gauges_open(struct watched *w);
void gauges_close(struct watched *w);
size_t gauges_memory(const struct watched *w);
/* days.c */
/* The instance looks at its rule's baselines. ERR_NOMEM. */
enum err instance_want_days(struct alerts *a, struct instance *x);
void instance_close_days(struct instance *x);
/* open.c */
void alerts_count_active(struct alerts *a);

#endif
