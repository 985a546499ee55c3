/* The small messages beside the batch: hello and report (agent -> aggregator), ack and command
 * (aggregator -> agent). Settled rules of the stream stand in PROTOCOL.md. */
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

/* --- report: how an agent's sources do. Nothing of the stream rests on it. */

enum {
    REPORT_SOURCES_MAX = 16, /* of one message; an agent with more tells of them in parts */
    REPORT_REASONS_MAX = 6,
    REPORT_WORD_MAX = 15, /* bytes of texts, without the NUL */
    REPORT_REASON_MAX = 31,
    REPORT_DETAIL_MAX = 199
};

enum report_phase {
    REPORT_WAITING, /* could not be opened yet, tried again */
    REPORT_OPEN,
    REPORT_OVER, /* read to its end */
    REPORT_PHASE_COUNT
};

struct report_reason {
    char text[REPORT_REASON_MAX + 1];
    uint64_t n;
};

struct report_reasons { /* no text twice */
    uint32_t n;
    struct report_reason at[REPORT_REASONS_MAX];
};

struct report_source {
    struct ident id;
    char kind[REPORT_WORD_MAX + 1];
    uint8_t phase; /* enum report_phase */
    bool well;     /* open, in a good state, no device silent: the agent's judgement */
    char state[REPORT_WORD_MAX + 1]; /* its own word, "": it has none */
    char detail[REPORT_DETAIL_MAX + 1];
    uint64_t points;
    uint64_t readings, stamped; /* stamped: of them with the device's own time */
    uint64_t polls, failures, requests, errors, reconnects;
    uint64_t devices, devices_silent;
    uint64_t refused;
    struct report_reasons why; /* of refused; the rest has other reasons */
};

struct report {
    uint64_t nonce;                    /* of the process, as in its hello */
    uint32_t n;                        /* rises with every report of it; parts of one have one n */
    uint32_t from;                     /* of the first source here */
    uint32_t total;                    /* sources it has */
    int64_t since_ms;                  /* UTC, when its configuration came into force */
    uint64_t reloads, refused;         /* of its configuration, since its start */
    char wrong[REPORT_DETAIL_MAX + 1]; /* what was wrong with the last one; "": nothing */
    uint32_t source_n;
    struct report_source source[REPORT_SOURCES_MAX];
};

/* All appends are msgpack maps with short text keys; unknown keys are skipped by the parsers, so
 * the format can grow. ERR_FORMAT for wrong types, missing keys or numbers outside their limits. */
enum err hello_format(const struct hello *h, struct buf *out);
enum err hello_parse(struct span bytes, struct hello *out);
enum err ack_format(const struct ack *a, struct buf *out);
enum err ack_parse(struct span bytes, struct ack *out);
enum err command_format(const struct command *c, struct buf *out);
enum err command_parse(struct span bytes, struct command *out);
enum err report_format(const struct report *r, struct buf *out);
enum err report_parse(struct span bytes, struct report *out);

#endif
