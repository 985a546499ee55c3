/* The store as core and shell see it: ordered tables of bytes, written in transactions. The adapter
 * is SQLite; tests use one in memory. Both honour exactly this contract. */
#ifndef PB_PORTS_STORE_H
#define PB_PORTS_STORE_H

#include "base/buf.h"
#include "base/err.h"

enum store_table {
    STORE_META,   /* name -> value: format, store id, generation, counters */
    STORE_WORD,   /* word id (be32) -> text */
    STORE_SIGNAL, /* signal id (be32) -> agent, point table row */
    STORE_AGENT,  /* agent id -> session positions */
    STORE_LANE,   /* agent id, lane -> slab */
    STORE_LOG,  /* agent no, hour, n (be32 each; bit 31 of the agent: spans over 1 h) -> log segment
                 */
    STORE_CELL, /* unit id, hour -> cells */
    STORE_WINDOW, /* window key -> settled window */
    STORE_OPEN,   /* window key -> window not settled, or restated and not published */
    STORE_UNIT,   /* unit id -> how far it is computed, ranges still to be computed */
    STORE_GAP,    /* agent, epoch, from -> accounted gap */
    STORE_OUTBOX, /* window key -> window to be written to the time-series database */
    STORE_DEAD,   /* n -> line, the database's words */
    STORE_LEDGER, /* n -> what people entered or changed */
    STORE_MINUTE, /* closed?, window key of an hour -> what was told of its minutes (lives.h) */
    STORE_KEPT,   /* unit id, hour -> its cells without dated factors (core's kept.c) */
    STORE_NORM,   /* n (be64) -> what was done to a norm: the ledger, append only */
    STORE_ALERT,  /* rule, node -> state of an alert (alert/alerts.h) */
    STORE_EVENT,  /* n (be64) -> transition of an alert (alert/event.h), append only */
    STORE_NOTICE, /* channel, n (be64) -> an event to be told there still */
    STORE_ACCESS, /* kind, id -> person, token, session; event of who did what (access/record.h) */
    STORE_TABLE_COUNT
};

enum store_op {
    STORE_PUT,
    STORE_DELETE,
    STORE_DELETE_IF,    /* only if the value equals */
    STORE_DELETE_RANGE, /* key <= k < value */
    /* key <= k < value less its last eight bytes, and the last eight of k are less than those: what
     * is old among rows that sort by time last, whose keys have one length. Costs a look-up for
     * each run of keys that differ in those eight only. */
    STORE_DELETE_BEFORE,
    /* key <= k < value: become one row under the first of their keys, with what the transaction's
     * fold makes of their values; where it fails, or they are not two at least, all stay. */
    STORE_FOLD
};

/* A transaction under construction: one buffer of operations. Owned by whoever builds it; commit
 * takes it over. */
struct store_tx {
    struct buf ops;
    uint32_t n;
    /* Of STORE_FOLD, NULL without one: values in key order, appended to out as one. Pure, for it is
     * called on the store's thread. */
    enum err (*fold)(const struct span *value, size_t n, struct buf *out);
};
void store_tx_init(struct store_tx *tx);
void store_tx_fini(struct store_tx *tx);
enum err store_tx_add(struct store_tx *tx, enum store_op op, enum store_table table,
                      struct span key, struct span value);
struct store_item {
    uint8_t op, table;
    struct span key, value;
};
/* Iterates; false at the end. */
bool store_tx_next(const struct store_tx *tx, struct cursor *c, struct store_item *out);

/* For adapters: the runs that a STORE_DELETE_BEFORE looks at, one after the other. */
struct store_run {
    struct span to, bound; /* the two parts of the operation's value */
    struct buf first, drop_to,
        next; /* of the run at hand: old are first <= k < drop_to; behind it */
};
/* ERR_FORMAT: not such an operation. */
enum err store_run_init(struct store_run *r, const struct store_item *item);
/* The run that begins with the row of this key. ERR_NOMEM. */
enum err store_run_at(struct store_run *r, struct span key);
void store_run_fini(struct store_run *r);

struct store_range {
    uint8_t table;
    struct span from, to; /* from <= key < to; to.n == 0: to the end of the table */
    uint32_t limit;       /* 0: no limit */
};

/* Result of a load: items in key order, range after range. Owned by the receiver of the call-back
 * only during the call. */
struct store_rows {
    const struct store_item *at;
    const uint32_t *range_end; /* index after the last item of each range */
    size_t n;
    bool truncated; /* the byte bound of one load was reached */
};

struct store;

struct store_ops {
    /* Writes the whole transaction or nothing, durably, off the loop; tx is taken (also on failure
     * of the commit) and done is called on the loop, in order of submission. ERR_FULL when too much
     * is queued (nothing taken). */
    enum err (*commit)(struct store *s, struct store_tx *tx, void (*done)(void *user, enum err err),
                       void *user);
    /* Reads ranges off the loop, as they are between the commits submitted before and those
     * submitted after; done on the loop. */
    enum err (*load)(struct store *s, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *user);
    /* The same at once, on the caller's thread: for the start and for offline tools only. */
    enum err (*load_now)(struct store *s, const struct store_range *range, size_t n,
                         void (*done)(void *user, enum err err, const struct store_rows *rows),
                         void *user);
    /* Finishes what is queued, then calls done on the loop; after it close. */
    void (*stop)(struct store *s, void (*done)(void *user), void *user);
    void (*close)(struct store *s);
};

struct store_stats {
    uint64_t commits, rows, bytes, failures;
    int64_t last_commit_us, max_commit_us;
    uint64_t queued_bytes;
    int64_t outbox_rows; /* in STORE_OUTBOX as of the last commit; -1: not counted yet */
};

struct store {
    const struct store_ops *ops;
    struct store_stats stats;
};

#endif
