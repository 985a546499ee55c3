/* How good the alarm system itself is, from its events: how many, which of them most, which
 * chatter. ISA-18.2 and EEMUA 191 count annunciations: alerts that become active. */
#ifndef PB_ALERT_TALLY_H
#define PB_ALERT_TALLY_H

#include "alert/event.h"

/* As many as can be in force at a time; of a span in which rules came and went there may be more.
 */
enum { TALLY_ALERTS_MAX = ALERT_INSTANCES_MAX, TALLY_RECENT = 3 };
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
    uint32_t *place; /* by hash of rule and node: index in `alert` + 1, 0: none; a power of two */
    size_t place_n;
    uint64_t activations, by_severity[ALERT_SEVERITY_COUNT], acked, first_out, flooded, suppressed;
    uint64_t *hour; /* activations of each hour from from_ms on, hour_n */
    size_t hour_n;
    uint64_t busiest;  /* most activations of an hour */
    uint64_t overflow; /* activations of alerts beyond TALLY_ALERTS_MAX, in no row */
};

/* At most 400 days. ERR_RANGE, ERR_NOMEM. */
enum err tally_init(struct tally *t, int64_t from_ms, int64_t to_ms);
void tally_fini(struct tally *t);
/* Events in the order of their numbers. ERR_NOMEM. O(1). Bytes held: 160 an alert at most,
 * however many events. */
enum err tally_add(struct tally *t, const struct alert_event *e);
/* Most activations first; nothing is added any more. */
void tally_finish(struct tally *t);
/* Activations an hour over the whole span. */
double tally_rate_per_h(const struct tally *t);

#endif
