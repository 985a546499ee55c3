/* One run of the session's property test: an agent of tests/model in small, the network, and what
 * the owner of the lanes holds. It asserts nothing about the session itself. */
#ifndef PB_TEST_SESSION_WORLD_H
#define PB_TEST_SESSION_WORLD_H

#include "session/session.h"

enum {
    SEGMENT = 6, /* records a segment holds at most before the next key frame */
    SYNC = 3,    /* all times are steps of STEP_MS */
    HELLO = 6,
    GUARD = 20,
    GO_BACK = 30,
    RETENTION = 220, /* a backup is at most 72 old, an absence 90, a refusal 48 */
    FRESH = 20,
    BACKLOG = 8,
    CREDIT = 12, /* records */
    FAULTY = 420,
    STEPS = 1800,
    STEP_MS = 2000,
    EPOCHS = 160, /* in a whole run */
    HELD = 64,    /* by the agent */
    SEQS = 640,
    QUEUE = 8192,
    NEVER = -1000
};

struct rec {
    int64_t raw;
    int sent, durable_at; /* durable_at: -1 not durable */
    uint8_t kind, part, parts;
};

struct aepoch { /* one epoch in the agent's journal: records base .. next-1 */
    uint64_t id, prev, prev_last;
    unsigned no; /* in the run */
    uint64_t base, next, synced, acked, cursor;
    uint64_t drop_to; /* base .. drop_to are one dropped record; 0: none */
    bool open, listed, stopped;
    struct rec rec[SEQS];
};

struct agent {
    struct aepoch *e;
    size_t n;
    uint64_t nonce, store, generation, n_seen;
    uint32_t hello_n;
    int64_t raw;
    bool credit, ready, linked;
    int last_hello, progress, link_up;
};

struct slot {
    bool used, has, start_has, inherits;
    uint64_t epoch;
    int64_t raw, start;
};

struct owner { /* what the engine would hold; part of every commit */
    struct slot lane[SESSION_LANES];
    bool aside_has, aside_used;
    int64_t aside_raw, booked;
    uint8_t applied[EPOCHS][SEQS], gap[EPOCHS][SEQS];
};

struct disk {
    struct buf packed;
    struct session_store store;
    struct owner owner;
};

struct message {
    int at;
    unsigned order;
    bool up;
    struct hello *hello; /* hello, ack or, if neither, a record */
    struct ack *ack;
    struct batch batch;
    int64_t raw;
};

struct world {
    uint64_t seed, random;
    int now, link_quota;
    unsigned sent;
    struct agent agent;
    struct aepoch *snapshot;
    size_t snapshot_n;
    uint64_t epoch_id[EPOCHS];
    unsigned epoch_n;
    uint8_t accepted[EPOCHS][SEQS], given_up[EPOCHS][SEQS], excused[EPOCHS][SEQS];
    struct message queue[QUEUE];
    size_t queue_n;
    int arrived[2]; /* the last one in order, down and up */
    struct session s;
    struct session_store store;
    struct owner owner;
    struct disk disk, backup, writing;
    int written_at; /* 0: no commit under way */
    int restored_at;
    bool rolled, store_lost, quiet;
    uint64_t applied, duplicates, gap_records;
};

struct ident agent_id(void);
/* Ends the program with the seed and the law's name if it does not hold. */
void check(const struct world *w, bool holds, const char *law);
uint64_t draw(struct world *w);
unsigned below(struct world *w, unsigned n);
/* Copies the message into the network, which may lose, double, delay and reorder it. */
void post(struct world *w, struct message m);
/* The next message whose time has come; the caller frees it. */
bool take_due(struct world *w, struct message *out);
void message_free(struct message *m);
void wipe(struct world *w);
struct aepoch *live(struct agent *a);
void sync_journal(struct world *w, struct aepoch *e);
/* A process start: what is not synced is gone, a new epoch is opened. */
void boot(struct world *w);
void connect_agent(struct world *w, bool again);
void reading(struct world *w, int64_t raw);
void agent_step(struct world *w);
void take_ack(struct world *w, const struct ack *k);

#endif
