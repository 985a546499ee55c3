/* The aggregator's end of the stream protocol (DESIGN section 2), one session an agent: which
 * record is new, a duplicate or beyond a gap, what an ack may say. It never looks inside a record
 * beyond its head, and it never reads a wall clock. */
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

/* Epochs kept for an agent. One hello adds at most 2 x SESSION_EPOCHS_MAX; beyond the limit hellos
 * that name new ones are refused with ERR_FULL, and a person must look why it restarts so often. */
enum { SESSION_CHAIN_MAX = 65536 };

/* A hello may show a generation at most this far beyond ours: no frame can use the numbers up. */
#define SESSION_GENERATION_LEAP (UINT64_C(1) << 48)

/* Position of one epoch. Kept for ever once committed. */
struct session_epoch {
    uint64_t epoch, prev_epoch, prev_last;
    uint64_t last;    /* applied, in memory */
    uint64_t durable; /* committed */
    uint64_t
        final_last; /* the last one that a hello told of; if `ended`, no later one will exist */
    uint64_t gap_records; /* accounted as given up */
    uint64_t gap_from;    /* gap still to be told by session_next_plan, 0: none */
    uint64_t gap_to;      /* its end */
    uint32_t key_next;    /* part that must come next, 0: no key frame is under way */
    uint32_t key_parts;   /* of the key frame under way */
    uint8_t lane;         /* which lane holds its state, SESSION_NO_LANE when ended or not begun */
    bool begun;           /* a first key frame of it was whole, and gave it a lane */
    bool need_key;        /* the next record applied must be the first part of a key frame */
    bool ended;           /* final_last is final */
    bool closed;          /* done or given up: nothing of it will be applied any more */
    bool closed_durable;  /* that is committed */
    bool joined;          /* its predecessor is in the chain, or it has none */
    bool after_gap;       /* the next key frame explains steps over records that never come */
    bool head_gone;       /* records before its first whole key frame will never come */
    bool renewed;         /* behind an image put back a key frame of it told what was read since, or
                           * what we have */
    bool aged;            /* follows an image put back: its values may be older than what we have */
    bool changed;         /* differs from what is committed */
};

/* What applying a record (or a hello) asks of the owner of the lanes. Executed in this order. */
struct session_plan {
    uint64_t epoch; /* the one this is about */
    uint8_t lane;   /* lane to apply to; SESSION_NO_LANE: nothing is applied */
    bool keep; /* this is a part of a key frame and not the last one: its bytes are kept, nothing
                * of them counts before all are there */
    bool lane_new; /* begin it empty */
    uint8_t
        lane_from;   /* begin it from this lane's slab, which is then free; SESSION_NO_LANE: none */
    bool lane_whole; /* this record completes the epoch's first key frame: what the inherited slab
                      * still holds is gone from the table then; a lane beside others keeps its
                      * start */
    bool lane_end;   /* after applying: this epoch is complete and its successor runs elsewhere */
    uint8_t lane_into; /* with lane_end: lane whose start it leads up to; SESSION_NO_LANE: none */
    bool into_gap;     /* with lane_into: records before its start will never come */
    bool after_gap;    /* key values explain steps over records that will never come */
    uint64_t gap_from, gap_to; /* accounted gap to book, 0,0: none */
};

struct session_listed { /* an epoch of the newest accepted hello */
    uint64_t epoch, next;
};

struct session {
    struct ident agent;
    uint64_t nonce;        /* process we listen to, 0: none yet */
    uint64_t open_epoch;   /* newest epoch of its newest hello */
    uint64_t clone_nonce;  /* second process seen alive, 0: none */
    int64_t clone_mono_ms; /* when it spoke last */
    int64_t heard_mono_ms; /* last hello of nonce; after a start: the first call of ours */
    uint64_t hello_n;
    uint64_t ack_n;              /* rises within the store's generation */
    struct session_epoch *epoch; /* oldest first; owned */
    size_t epoch_n, epoch_cap;
    size_t front;            /* index of the oldest epoch that is not closed; epoch_n: none */
    size_t found;            /* where the last search ended: records come in runs */
    size_t plan_at;          /* gaps before this index are told */
    int64_t renewed_from_ms; /* first record after the image put back last; 0: none came */
    struct session_listed listed[SESSION_EPOCHS_MAX];
    size_t listed_n;
    uint64_t credit_bytes;
    uint64_t duplicates, gaps, applied, clones, stale, no_hello; /* counters */
    /* Given by the owner of the lanes, NULL: unknown. Whether what a key frame tells of a point is
     * just what the lane holds; r NULL: it tells nothing. */
    bool (*holds)(void *owner, uint8_t lane, uint32_t point, const struct reading *r);
    /* Whether epochs before left a value of a point that the lane's table does not name (yet). */
    bool (*leaves)(void *owner, uint8_t lane);
    void *owner;
    /* As told by the last hello. */
    uint64_t backlog_bytes, input_refused, input_ahead;
    bool key_renews; /* the key frame under way tells nothing older than what we have */
    bool heard;      /* heard_mono_ms is set */
    bool greeted;    /* this process has accepted a hello: acks have something to answer */
    bool acked;      /* this process has made an ack */
    bool clone_due;  /* a refused hello is to be answered */
    bool plans_due;  /* session_next_plan has something to look at */
    bool changed;    /* a checkpoint has something to take, were it only the nonce */
    bool undurable;  /* something applied is not committed */
    bool repeat_due; /* a duplicate or a gap came: ack, but not for each of a burst */
    bool ack_due;    /* at once */
    int64_t ack_sent_mono_ms;
};

struct session_store { /* identity of the store, shared by all sessions */
    uint64_t id, generation;
};

/* Monotonic times. A burst of duplicates is answered at most every REPEAT; something not
 * acknowledged every RESEND; another process is believed after SILENCE of the one we know. */
enum { SESSION_REPEAT_MS = 200, SESSION_RESEND_MS = 5000, SESSION_SILENCE_MS = 95000 };

void session_init(struct session *s, const struct ident *agent, uint64_t credit_bytes);
void session_fini(struct session *s);
/* Takes a hello. *bump is set to the generation our store must commit before any ack (0: none): the
 * hello has seen ours or a later one with the same store id before we gave it (we were restored).
 * Plans for epochs whose base lies beyond last + 1, and for epochs the agent no longer holds, come
 * out through session_next_plan until it returns false. A clone's hello and one that is not newer
 * are ERR_OK and change nothing but counters. ERR_RANGE for what no agent says (nonce 0, a
 * generation beyond the leap), ERR_FULL at SESSION_CHAIN_MAX, ERR_NOMEM: nothing has changed. */
enum err session_on_hello(struct session *s, const struct hello *h,
                          const struct session_store *store, int64_t now_mono_ms, uint64_t *bump);
/* The next plan without a record: gaps, cuts, ends of lanes. To be called until false after every
 * hello; also after a record that was applied, since its end may end another lane too (else these
 * wait for the next hello). Gaps are told once, in memory: call before the next session_pack. */
bool session_next_plan(struct session *s, struct session_plan *plan);
/* Judges a record by its head (dropped: range for BATCH_DROPPED, key for BATCH_KEY, else NULL). On
 * SESSION_APPLY *plan is filled and the position has moved: the caller applies the record or, if
 * that fails, must restart from the last checkpoint. */
enum session_verdict session_on_record(struct session *s, const struct batch *b,
                                       int64_t now_mono_ms, struct session_plan *plan);
/* The ack to send now. durable comes from committed positions only. */
void session_make_ack(struct session *s, const struct session_store *store, int64_t now_mono_ms,
                      struct ack *out);
/* True once after a clone spoke: *out tells it (by its nonce) credit 0 and no epochs. */
bool session_make_clone_ack(struct session *s, const struct session_store *store, struct ack *out);
/* True when an ack should be sent: duplicates, gaps, commits, or every 5 s while something is not
 * acknowledged. */
bool session_ack_due(const struct session *s, int64_t now_mono_ms);
/* Checkpoint: positions as bytes; after the commit of these bytes call session_on_committed with
 * the same. Positions moved since then stay undurable. */
enum err session_pack(const struct session *s, struct buf *out);
/* Fills a session just after session_init; everything in it counts as committed. ERR_FORMAT,
 * ERR_TRUNCATED, ERR_CHECKSUM, ERR_NOMEM: it stays as it was. */
enum err session_unpack(struct session *s, struct span bytes);
void session_on_committed(struct session *s, struct span packed);
bool session_check(const struct session *s);

#endif
