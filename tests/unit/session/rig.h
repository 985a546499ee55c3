/* One session with a store beside it: hellos and records in few words. */
#ifndef PB_TEST_SESSION_RIG_H
#define PB_TEST_SESSION_RIG_H

#include "session/session.h"

enum { RIG_CREDIT = 1 << 20, RIG_STORE = 77, RIG_GENERATION = 100, RIG_NONCE = 5 };

struct rig {
    struct session s;
    struct session_store store;
    struct hello h; /* the next hello: n rises by itself */
    struct session_plan plan;
    struct ack ack;
    struct buf packed;
    uint64_t bump;
    int64_t now_mono_ms;
};

void rig_init(struct rig *r);
void rig_fini(struct rig *r);
/* Begins the list of the next hello anew. */
void rig_list(struct rig *r);
void rig_epoch(struct rig *r, uint64_t epoch, uint64_t prev, uint64_t prev_last, uint64_t base,
               uint64_t next, bool open);
enum err rig_hello(struct rig *r);
/* A hello with one open epoch without predecessor. */
void rig_hello_one(struct rig *r, uint64_t epoch, uint64_t base, uint64_t next);
enum session_verdict rig_key(struct rig *r, uint64_t epoch, uint64_t seq);
/* A key frame written at t_ms that tells one value read at value_ms. */
enum session_verdict rig_key_value(struct rig *r, uint64_t epoch, uint64_t seq, int64_t t_ms,
                                   int64_t value_ms);
/* A key frame written at t_ms with a table of so many counters and one event (0: of none at all);
 * the first `told` have a value of then. */
enum session_verdict rig_key_told(struct rig *r, uint64_t epoch, uint64_t seq, int64_t t_ms,
                                  uint16_t points, uint16_t told);
enum session_verdict rig_part(struct rig *r, uint64_t epoch, uint64_t seq, uint32_t part,
                              uint32_t parts);
enum session_verdict rig_data(struct rig *r, uint64_t epoch, uint64_t seq);
enum session_verdict rig_dropped(struct rig *r, uint64_t epoch, uint64_t from, uint64_t to);
/* Key frame at from, data up to to; all must be applied. */
void rig_run(struct rig *r, uint64_t epoch, uint64_t from, uint64_t to);
bool rig_plan(struct rig *r); /* next plan into r->plan */
void rig_drain(struct rig *r);
void rig_pack(struct rig *r);
void rig_committed(struct rig *r);
void rig_commit(struct rig *r);
/* The process starts again from the last packed bytes. */
void rig_restart(struct rig *r);
const struct ack_epoch *rig_ack(struct rig *r, uint64_t epoch); /* NULL: not listed */
const struct session_epoch *rig_at(const struct rig *r, uint64_t epoch);

#endif
