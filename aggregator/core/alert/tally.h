/* How good the alarm system itself is, from its events: how many, which of them most, which
 * chatter. ISA-18.2 and EEMUA 191 count annunciations: alerts that become active. */
#ifndef PB_ALERT_TALLY_H
#define PB_ALERT_TALLY_H

#include "alert/event.h"

enum { TALLY_ALERTS_MAX = 4096, TALLY_RECENT = 3 };
/* So many activations in so long are chattering. */
enum { TALLY_CHATTER = TALLY_RECENT };
#define TALLY_CHATTER_MS (INT64_C(15) * 60 * 1000)

struct tally_alert {
    struct ident rule, node;
    uint64_t activations, told;      /* told: repetitions and escalations too */
    int64_t recent_ms[TALLY_RECENT]; /* latest activations, oldest first; by at_ms */
    uint8_t recent_n;
    bool chatters;
};

struct tally {
    int64_t from_ms, to_ms;    /* by event time, [from, to) */
    struct tally_alert *alert; /* in the order of first activation until tally_finish() */
    size_t alert_n, alert_cap;
    uint64_t activations, by_severity[ALERT_SEVERITY_COUNT], acked, first_out, flooded, suppressed;
    uint64_t *hour; /* activations of each hour from from_ms on, hour_n */
    size_t hour_n;
    uint64_t busiest;  /* most activations of an hour */
    uint64_t overflow; /* activations of alerts beyond TALLY_ALERTS_MAX, in no row */
};

/* At most 400 days. ERR_RANGE, ERR_NOMEM. */
enum err tally_init(struct tally *t, int64_t from_ms, int64_t to_ms);
void tally_fini(struct tally *t);
/* Events in the order of their numbers. ERR_NOMEM. O(log alerts) in the usual case. */
enum err tally_add(struct tally *t, const struct alert_event *e);
/* Most activations first. */
void tally_finish(struct tally *t);
/* Activations an hour over the whole span. */
double tally_rate_per_h(const struct tally *t);

#endif
