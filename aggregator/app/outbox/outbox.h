/* The outbox: rows that wait in the store for the time-series database, delivered at least once,
 * each overwriting itself. One request is under way at a time; a dead database stops nothing else.
 */
#ifndef PB_OUTBOX_OUTBOX_H
#define PB_OUTBOX_OUTBOX_H

#include "outbox/letters.h"
#include "outbox/outbox_rows.h"
#include "ports/sink.h"
#include "ports/store.h"

struct outbox_conf {
    int64_t retry_min_ms, retry_max_ms;
    int64_t retry_after_max_ms; /* most of what the database asks us to wait */
    uint32_t rows_max;          /* read at a time, at most 5,000 */
    uint32_t request_rows;      /* sent at a time, at least a thirtieth of them; 0: all */
    /* Index of the node with this number in stored keys; UINT32_MAX: not in the plant file, its
     * rows wait. NULL: numbers are indexes. */
    uint32_t (*node)(void *user, uint32_t number);
    outbox_word word;
    bool (*plan)(void *user, const struct window_key *k, struct outbox_plan *out); /* or NULL */
    void *word_user;
    /* A note for the log; event is static text. */
    void (*on_note)(void *user, bool warn, const char *event, const char *detail);
    void *note_user;
};

enum outbox_state { OUTBOX_OK, OUTBOX_RETRYING, OUTBOX_HELD };

struct outbox_stats {
    uint8_t state; /* enum outbox_state */
    uint64_t requests, delivered, retries, retracted;
    struct letters dead;     /* in the store, also of processes before */
    int64_t last_ok_mono_ms; /* -1: never */
    char last_error[160];
};

struct outbox;

/* Counts the dead letters in the store, which must be idle. Store, sink and plant are borrowed and
 * must outlive it. ERR_NOMEM, or the store's. */
enum err outbox_open(const struct outbox_conf *conf, const struct plant *plant, struct store *store,
                     struct sink *sink, struct outbox **out);
/* Rows may have come (after a commit). */
void outbox_wake(struct outbox *o);
/* Another database, or the same spoken to otherwise; NULL: none for now, rows wait. What was under
 * way with the old sink, which may be closed then, is sent anew. Of conf the waits are taken. */
void outbox_set_sink(struct outbox *o, struct sink *sink, const struct outbox_conf *conf);
/* Another plant holds from now on, and what conf's call-backs answer is of it; node[i] is the index
 * there of node i, UINT32_MAX: it is gone, and its rows wait until it is back. */
void outbox_set_plant(struct outbox *o, const struct plant *plant, const uint32_t *node);
/* Drives it; call every second or faster. jitter: any number, spreads the waits. */
void outbox_on_tick(struct outbox *o, int64_t now_mono_ms, int64_t now_wall_ms, uint32_t jitter);
const struct outbox_stats *outbox_stats(const struct outbox *o);
/* No new request or commit begins; true once nothing of it is under way at the store. */
bool outbox_stop(struct outbox *o);
/* After outbox_stop was true and the sink is closed. NULL is nothing. */
void outbox_close(struct outbox *o);

#endif
