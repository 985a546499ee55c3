/* The stream of one agent, built before the clock runs: a table of machines with four signals each
 * (state, pieces, energy, power) and data records whose changing bytes are patched in place when
 * they are sent. It speaks the protocol's happy path only; what goes wrong is told, never mended.
 */
#ifndef PB_BENCHKIT_STREAM_H
#define PB_BENCHKIT_STREAM_H

#include "wire/batch.h"
#include "wire/session_msg.h"
#include "wire/topic.h"

struct stream_shape {
    unsigned points; /* signals of an agent, a multiple of four and of batch */
    unsigned batch;  /* readings a record; each record is one source of the agent */
    bool stamp; /* each record ends with a reading of its own: when it was sent, monotonic ns */
    int64_t begun_ms; /* event time at which the meters begin */
};

struct stream_record {
    struct buf bytes;
    unsigned first; /* point of its first reading */
    size_t values;  /* offset of that reading's value; others follow at STREAM_READING_BYTES */
};

struct stream {
    struct ident agent;
    char data[TOPIC_MAX], raw[TOPIC_MAX],
        hello[TOPIC_MAX]; /* raw: nobody but a benchmark hears it */
    struct stream_shape shape;
    struct buf key[2]; /* key frame in parts, records 1 and 2 */
    struct stream_record *record;
    unsigned record_n, next;
    uint64_t epoch, seq, durable, credit_bytes, want;
    bool listed; /* an ack has named the epoch */
    uint32_t hello_n;
};

enum { STREAM_READING_BYTES = 9, STREAM_KEY_PARTS = 2 };

/* ERR_RANGE if the shape's records would not be taken by a reader. */
enum err stream_init(struct stream *s, unsigned no, const struct stream_shape *shape);
void stream_fini(struct stream *s);
enum err stream_hello(struct stream *s, uint64_t nonce, struct buf *out);
void stream_on_ack(struct stream *s, const struct ack *ack);
/* Bytes sent and not durable. */
uint64_t stream_in_flight(const struct stream *s);
/* The next data record at event time t_ms; seq is moved only if it is for the aggregator. Borrowed
 * until the next call. */
struct span stream_next(struct stream *s, int64_t t_ms, bool for_aggregator);

#endif
