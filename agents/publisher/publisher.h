/* The publisher decides what of the journal is sent when: hello, first ack, credit, rewinding, the
 * live lane and the drain. It is a pure state machine over the journal: no socket, clock or random
 * numbers; the shell tells it what happened and when. */
#ifndef PB_PUBLISHER_PUBLISHER_H
#define PB_PUBLISHER_PUBLISHER_H

#include "journal/journal.h"
#include "metric/metric.h"
#include "wire/session_msg.h"

struct publisher_conf {
    struct ident agent;
    uint64_t nonce;           /* 64 random bits, drawn at process start */
    int64_t hello_ms;         /* 30 s */
    int64_t hello_backlog_ms; /* with more than 32 KiB of backlog, 2 s */
    int64_t hello_soon_ms;    /* first repetition before the first ack of a connection, 0.5 s */
    int64_t hello_wait_ms;    /* ... doubled with each, up to 5 s */
    int64_t ask_ms;           /* least time without progress before a hello asks why, 1.5 s */
    int64_t go_back_ms;       /* least time without progress before records are sent again, 5 s */
    int64_t rewind_ms;        /* least age of a record before a `want` asks for it again, 1 s */
    int64_t live_first_ms; /* an open epoch with more than this not durable is left behind, 10 s */
};

/* Fills in the figures above; agent and nonce are the caller's. */
void publisher_conf_init(struct publisher_conf *c);

enum publisher_note {
    PUBLISHER_NOTE_ACKED,     /* first ack of a connection: sending begins */
    PUBLISHER_NOTE_CREDIT_0,  /* the aggregator gives no credit: another agent may have our id */
    PUBLISHER_NOTE_CREDIT,    /* it gives credit again */
    PUBLISHER_NOTE_STORE,     /* another store or generation: we go back to what it wants */
    PUBLISHER_NOTE_AHEAD,     /* the aggregator has an epoch up to seq, our journal has less */
    PUBLISHER_NOTE_GO_BACK,   /* no progress: sent again from durable + 1 */
    PUBLISHER_NOTE_REWIND,    /* a gap: sent again from `want` */
    PUBLISHER_NOTE_NEW_EPOCH, /* backlog: live data goes to a new epoch */
    PUBLISHER_NOTE_COUNT
};
const char *publisher_note_name(enum publisher_note note);

/* What the publisher asks of its shell, from inside its own functions. None may call back. */
struct publisher_ops {
    /* ERR_FULL: nothing was sent, on_writable follows; anything else: wait for on_down. */
    enum err (*send_data)(void *user, struct span frame);
    enum err (*send_hello)(void *user, struct span bytes);
    uint64_t (*draw)(void *user); /* 64 random bits for a new epoch */
    void (*on_note)(void *user, enum publisher_note note, uint64_t epoch, uint64_t seq);
    void *user;
};

struct publisher_stats {
    uint64_t sent, sent_bytes, resent, hellos;
    uint64_t acks, acks_stale, acks_foreign;
    uint64_t go_backs, rewinds, new_epochs;
    uint64_t lost_here; /* records the aggregator has and our journal has no more */
    uint64_t in_flight_bytes, credit_bytes;
    int64_t rtt_ms;                    /* smoothed time from send to durable, 0 if unknown */
    struct metric_histogram ack_waits; /* the same of each record that was sent once */
};

struct publisher;

/* journal must outlive the publisher. ERR_NOMEM. */
enum err publisher_open(const struct publisher_conf *conf, struct journal *journal,
                        const struct publisher_ops *ops, struct publisher **out);
void publisher_close(struct publisher *p);

/* Inputs; mono_ms is now, monotonic. */
void publisher_on_up(struct publisher *p, int64_t mono_ms);
void publisher_on_down(struct publisher *p, int64_t mono_ms);
void publisher_on_ack(struct publisher *p, const struct ack *a, int64_t mono_ms);
void publisher_on_writable(struct publisher *p, int64_t mono_ms);
void publisher_on_accepted(struct publisher *p, int64_t mono_ms); /* after journal's on_accepted */
void publisher_on_tick(struct publisher *p, int64_t mono_ms);     /* at least every second */

/* Counts of the sources that the next hello tells: refused input, readings stamped ahead. */
void publisher_put_input(struct publisher *p, uint64_t refused, uint64_t ahead);

/* Everything accepted is durable at the aggregator. */
bool publisher_drained(const struct publisher *p);
const struct publisher_stats *publisher_stats(const struct publisher *p);
void publisher_check(const struct publisher *p);

#endif
