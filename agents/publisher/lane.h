/* A lane sends the records of one epoch after another and remembers what is under way: sent, not
 * durable. It decides nothing about credit or time. */
#ifndef PB_PUBLISHER_LANE_H
#define PB_PUBLISHER_LANE_H

#include "journal/journal.h"

enum { LANE_FLIGHTS_MAX = 4096 };

struct flight {
    uint64_t epoch, from, to; /* a dropped record stands for a range */
    int64_t sent_ms;          /* monotonic */
    uint32_t bytes;
    bool again; /* was sent before: says nothing about the round trip */
};

struct lane {
    struct journal_cursor *cursor;
    uint64_t epoch;        /* 0: none */
    uint64_t next;         /* seq to send next; 0: not known before an ack lists the epoch */
    struct flight *flight; /* a ring, oldest first */
    size_t head, n;
    uint64_t bytes;            /* in flight */
    int64_t progress_ms;       /* monotonic: newest progress, or when the ring was last empty */
    uint64_t high_epoch, high; /* highest seq ever sent, of the newest epoch */
    bool ready;                /* record holds what stands for next */
    struct journal_record record;
};

enum err lane_init(struct lane *l);
void lane_fini(struct lane *l);
/* Forgets what is under way and aims at an epoch; next 0: wait for an ack. */
void lane_aim(struct lane *l, uint64_t epoch, uint64_t next);
/* Reads the record that is due into l->record; false if there is none now. */
bool lane_look(struct lane *l, struct journal *j);
/* The record was sent; it is under way now. The ring must have room. */
bool lane_sent(struct lane *l, int64_t mono_ms);
bool lane_full(const struct lane *l);
/* Drops from the front what is durable; gives the newest clean round trip in *rtt_ms (else -1).
 * Returns whether anything went. */
bool lane_settle(struct lane *l, const struct journal *j, int64_t mono_ms, int64_t *rtt_ms);
const struct flight *lane_front(const struct lane *l);                              /* or NULL */
const struct flight *lane_find(const struct lane *l, uint64_t epoch, uint64_t seq); /* or NULL */
/* Takes everything from (epoch, seq) on out of flight and goes on there. */
void lane_rewind(struct lane *l, uint64_t epoch, uint64_t seq);
void lane_check(const struct lane *l);

#endif
