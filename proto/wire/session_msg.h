/* The small messages beside the batch: hello (agent -> aggregator), ack and command (aggregator ->
 * agent). Settled rules of the stream stand in PROTOCOL.md. */
#ifndef PB_WIRE_SESSION_MSG_H
#define PB_WIRE_SESSION_MSG_H

#include "base/buf.h"
#include "base/ident.h"

enum { SESSION_EPOCHS_MAX = 256 };

struct hello_epoch {
    uint64_t epoch;
    uint64_t prev_epoch; /* 0: none */
    uint64_t prev_last;
    uint64_t base; /* first seq still held: a key frame's first part or a dropped record's `from` */
    uint64_t next; /* seq the next record will have; base == next: nothing is held */
    bool open;     /* still written to */
};

struct hello {
    struct ident agent;
    uint64_t nonce;          /* drawn at process start */
    uint64_t generation;     /* highest seen in an ack of `store`, 0 if none */
    uint64_t store;          /* store id that `generation` belongs to, 0 if none */
    uint32_t n;              /* rises with every hello of this nonce */
    uint64_t readings_total; /* accepted by this process since its start */
    uint64_t backlog_bytes;  /* journalled, not durable */
    uint64_t input_refused;  /* lines, rows and values that sources refused since its start */
    uint64_t input_ahead;    /* readings stamped ahead of the gateway's clock */
    uint32_t epoch_n;        /* oldest first, in prev order; open ones last */
    struct hello_epoch epoch[SESSION_EPOCHS_MAX];
};

struct ack_epoch {
    uint64_t epoch;
    uint64_t durable; /* every seq <= durable is committed: may be deleted */
    uint64_t want; /* the next seq the aggregator can use, > durable; 0: send nothing of it now */
};

struct ack {
    uint64_t nonce; /* of the hello it answers; another boot ignores it */
    uint64_t store;
    uint64_t generation;
    uint64_t n;            /* rises within a generation; an ack with n not greater is ignored */
    uint64_t credit_bytes; /* sent and not durable, over all lanes */
    uint32_t epoch_n;
    struct ack_epoch epoch[SESSION_EPOCHS_MAX];
};

enum command_kind { COMMAND_PROBE, COMMAND_RELOAD, COMMAND_KIND_COUNT };

struct command {
    uint8_t kind; /* enum command_kind */
    uint64_t id;
    int64_t t_ms; /* PROBE: the aggregator's wall clock */
};

/* All appends are msgpack maps with short text keys; unknown keys are skipped by the parsers, so
 * the format can grow. ERR_FORMAT for wrong types, missing keys or numbers outside their limits. */
enum err hello_format(const struct hello *h, struct buf *out);
enum err hello_parse(struct span bytes, struct hello *out);
enum err ack_format(const struct ack *a, struct buf *out);
enum err ack_parse(struct span bytes, struct ack *out);
enum err command_format(const struct command *c, struct buf *out);
enum err command_parse(struct span bytes, struct command *out);

#endif
