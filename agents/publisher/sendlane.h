/* A lane sends the records of one epoch after another and remembers what is under way: sent, not
 * durable. It decides nothing about credit or time. */
#ifndef PB_PUBLISHER_SENDLANE_H
#define PB_PUBLISHER_SENDLANE_H

#include "journal/journal.h"
#include "metric/metric.h"

enum { SENDLANE_FLIGHTS_MAX = 4096 };

struct flight {
    uint64_t epoch, from, to; /* a dropped record stands for a range */
    int64_t sent_ms;          /* monotonic */
    uint32_t bytes;
    bool again; /* was sent before: says nothing about the round trip */
};

struct sendlane {
    struct journal_cursor *cursor;
    uint64_t epoch;        /* 0: none */
    uint64_t next;         /* seq to send next; 0: not known before an ack lists the epoch */
    struct flight *flight; /* a ring, oldest first */
    size_t head, n;
    uint64_t bytes;            /* in flight */
    int64_t progress_ms;       /* monotonic: newest progress, or when the ring was last empty */
    int64_t asked_ms;          /* the progress_ms behind which a hello has asked already */
    uint64_t high_epoch, high; /* highest seq ever sent, of the newest epoch */
    bool ready;                /* record holds what stands for next */
    struct journal_record record;
};

enum err sendlane_init(struct sendlane *l);
void sendlane_fini(struct sendlane *l);
/* Forgets what is under way and aims at an epoch; next 0: wait for an ack. */
void sendlane_aim(struct sendlane *l, uint64_t epoch, uint64_t next);
/* Reads the record that is due into l->record; false if there is none now. */
bool sendlane_look(struct sendlane *l, struct journal *j);
/* The record was sent; it is under way now. The ring must have room. */
bool sendlane_sent(struct sendlane *l, int64_t mono_ms);
bool sendlane_full(const struct sendlane *l);
/* Drops from the front what is durable; gives the newest clean round trip in *rtt_ms (else -1) and
 * all of them to *waits. Returns whether anything went. */
bool sendlane_settle(struct sendlane *l, const struct journal *j, int64_t mono_ms, int64_t *rtt_ms,
                     struct metric_histogram *waits);
const struct flight *sendlane_front(const struct sendlane *l); /* or NULL */
const struct flight *sendlane_find(const struct sendlane *l, uint64_t epoch,
                                   uint64_t seq); /* or NULL */
/* Takes everything from (epoch, seq) on out of flight and goes on there. */
void sendlane_rewind(struct sendlane *l, uint64_t epoch, uint64_t seq);
void sendlane_check(const struct sendlane *l);

#endif
