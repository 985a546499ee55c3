/* The aggregator's end of the stream protocol (DESIGN section 2), one session an agent: which record
 * is new, a duplicate or beyond a gap, what an ack may say. It never looks inside a record beyond its
 * head, and it never reads a wall clock. */
#ifndef PB_SESSION_SESSION_H
#define PB_SESSION_SESSION_H

#include "wire/batch.h"
#include "wire/session_msg.h"

enum session_verdict {
    SESSION_APPLY,     /* seq == last + 1, or a dropped record that fits, or the first key frame */
    SESSION_DUPLICATE, /* seq <= last: already counted; an ack is due */
    SESSION_GAP,       /* beyond last + 1: not usable now; ack with `want` is due */
    SESSION_CLONE,     /* another process with this agent's id is alive: refused */
    SESSION_NO_HELLO,  /* epoch not announced yet: not usable until a hello names it */
    SESSION_STALE,     /* epoch given up or ended: refused, counted */
    SESSION_VERDICT_COUNT
};
const char *session_verdict_name(enum session_verdict v);

enum { SESSION_LANES = 4, SESSION_NO_LANE = 255 };

/* Position of one epoch. Kept for ever once committed. */
struct session_epoch {
    uint64_t epoch, prev_epoch, prev_last;
    uint64_t last;    /* applied, in memory */
    uint64_t durable; /* committed */
    uint64_t final_last; /* last seq that will ever exist, from a successor's prev; 0: open */
    uint64_t gap_records; /* accounted as given up */
    uint8_t lane;     /* which lane holds its state, SESSION_NO_LANE when ended or not begun */
    bool need_key;    /* the next record applied must be the first part of a key frame */
    bool changed;     /* since the last checkpoint was taken */
};

/* What applying a record (or a hello) asks of the owner of the lanes. Executed in this order. */
struct session_plan {
    uint64_t epoch;      /* the one this is about */
    uint8_t lane;        /* lane to apply to */
    bool lane_new;       /* begin it empty (first key frame fills it) */
    uint8_t lane_from;   /* begin it from this lane's slab, which is then free; SESSION_NO_LANE: none */
    bool lane_end;       /* after applying: this epoch is complete and its successor runs elsewhere */
    bool after_gap;      /* key values explain steps over records that will never come */
    uint64_t gap_from, gap_to; /* accounted gap to book, 0,0: none */
};

struct session {
    struct ident agent;
    uint64_t nonce;          /* process we listen to, 0: none yet */
    uint64_t clone_nonce;    /* second process seen alive, 0: none */
    int64_t heard_mono_ms;   /* last sign of life of nonce */
    uint64_t hello_n;
    uint64_t ack_n;          /* rises within the store's generation */
    struct session_epoch *epoch; /* oldest first; owned */
    size_t epoch_n, epoch_cap;
    uint64_t credit_bytes;
    uint64_t duplicates, gaps, applied, clones, stale, no_hello; /* counters */
    uint64_t backlog_bytes;  /* as told by the last hello */
    bool ack_due;
    int64_t ack_sent_mono_ms;
};

struct session_store { /* identity of the store, shared by all sessions */
    uint64_t id, generation;
};

void session_init(struct session *s, const struct ident *agent, uint64_t credit_bytes);
void session_fini(struct session *s);
/* Takes a hello. *bump is set to the generation our store must commit before any ack (0: none): the
 * hello has seen ours or a later one with the same store id before we gave it (we were restored). Plans
 * for epochs whose base lies beyond last + 1, and for epochs the agent no longer holds, come out
 * through session_next_plan until it returns false. */
enum err session_on_hello(struct session *s, const struct hello *h, const struct session_store *store,
                          int64_t now_mono_ms, uint64_t *bump);
bool session_next_plan(struct session *s, struct session_plan *plan);
/* Judges a record by its head (dropped: range for BATCH_DROPPED, key for BATCH_KEY, else NULL). On
 * SESSION_APPLY *plan is filled and the position has moved: the caller applies the record or, if that
 * fails, must restart from the last checkpoint. */
enum session_verdict session_on_record(struct session *s, const struct batch *b, int64_t now_mono_ms,
                                       struct session_plan *plan);
/* The ack to send now. durable comes from committed positions only. */
void session_make_ack(struct session *s, const struct session_store *store, int64_t now_mono_ms,
                      struct ack *out);
/* True once after a clone spoke: *out tells it (by its nonce) credit 0 and no epochs. */
bool session_make_clone_ack(struct session *s, const struct session_store *store, struct ack *out);
/* True when an ack should be sent: duplicates, gaps, commits, or every 5 s while something is not
 * acknowledged. */
bool session_ack_due(const struct session *s, int64_t now_mono_ms);
/* Checkpoint: positions as bytes; after the commit of these bytes call session_on_committed with the
 * same. Positions moved since then stay undurable. */
enum err session_pack(const struct session *s, struct buf *out);
enum err session_unpack(struct session *s, struct span bytes);
void session_on_committed(struct session *s, struct span packed);
bool session_check(const struct session *s);

#endif
