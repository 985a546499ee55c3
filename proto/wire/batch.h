/* The batch: one numbered record of an agent's stream, the unit of journalling, sending, duplicate
 * detection and acknowledgement. The bytes are a msgpack array; batch_write.c gives the layout. */
#ifndef PB_WIRE_BATCH_H
#define PB_WIRE_BATCH_H

#include "base/buf.h"
#include "wire/point.h"

enum batch_kind {
    BATCH_DATA,    /* readings */
    BATCH_KEY,     /* key frame: point table, predecessor, last values; in parts when over 64 KiB */
    BATCH_DROPPED, /* a range given up, with its reason and the newest values */
    BATCH_CLOCK,   /* the gateway's wall clock stepped: every run of this agent breaks here */
    BATCH_KIND_COUNT
};

enum batch_quality { QUALITY_GOOD, QUALITY_UNCERTAIN, QUALITY_BAD, QUALITY_COUNT };

enum {
    BATCH_VERSION = 1,
    BATCH_BYTES_MAX = 65536 + 4096, /* of one encoded record */
    BATCH_READINGS_MAX = 8192,
    BATCH_TEXT_MAX = 256
};
/* Every time t_ms of a record and every duration: |t| <= 2^43 ms (years 1691 .. 2248). Sums of a
 * few never overflow, and in nanoseconds a time still fits into an int64. Whether a time is
 * plausible is for the reader of the stream to judge: key frames carry values that may be years
 * old. */
#define BATCH_TIME_LIMIT_MS (INT64_C(1) << 43)
#define BATCH_SEQ_MAX ((uint64_t)INT64_MAX) /* so that last + 1 never overflows */

enum value_kind { VALUE_NONE, VALUE_INT, VALUE_REAL, VALUE_TEXT, VALUE_AMOUNT };

/* A value as it was read. TEXT borrows from the frame. AMOUNT is a finished span: POINT_INTERVAL
 * readings (t_ms is the span's end, dur_ms its length) and POINT_EVENT readings (dur_ms 0); its tag
 * is a code such as an activity or a reason. NONE goes with QUALITY_BAD. A REAL is finite. */
struct value {
    uint8_t kind; /* enum value_kind */
    union {
        int64_t i;
        double r;
        struct {
            const char *p;
            uint32_t n;
        } text;
        struct {
            int64_t amount; /* raw */
            int64_t dur_ms; /* >= 0 */
            int64_t tag;
        } span;
    } as;
};

struct reading {
    uint16_t point;  /* id in the point table in force */
    uint8_t quality; /* enum batch_quality */
    bool by_device;  /* t_ms is the device's own time, else the gateway's; not on the wire */
    int64_t t_ms;    /* source time, UTC */
    struct value v;
};

/* A source of the agent vouches for the time [since_ms, until_ms]: every change of its points in
 * that time is in the stream. since_ms <= the until_ms before it means no break; a larger one is a
 * gap in which nothing is known. At most one per source in a batch; it is applied before the
 * batch's readings, so an agent closes the batch when a source breaks. On the wire: [source, since,
 * until], times relative to head.t_ms, since_ms <= until_ms. */
struct asof {
    uint16_t source;
    int64_t since_ms, until_ms;
};

struct batch_head {
    uint8_t kind;   /* enum batch_kind */
    uint64_t epoch; /* 64 random bits, never 0 */
    uint64_t seq;   /* 1, 2, 3 ... within the epoch */
    int64_t t_ms; /* base of the readings' times: the agent's wall clock when the batch was begun */
};

struct batch_key {
    uint64_t prev_epoch;   /* 0: none */
    uint64_t prev_last;    /* last seq of prev_epoch that this agent ever journalled */
    uint32_t part, parts;  /* part 0 .. parts-1: consecutive records */
    uint32_t points_total; /* of the whole table, all parts */
};

struct batch_dropped {
    uint64_t from,
        to; /* seq of the same epoch, from <= to == head.seq; applies iff from <= last+1 <= to */
    uint8_t reason;         /* enum drop_reason */
    uint64_t readings;      /* how many readings were given up, as counted by the agent */
    int64_t from_ms, to_ms; /* source times they covered; 0,0 if unknown */
};

enum drop_reason { DROP_QUOTA, DROP_CORRUPT, DROP_IO, DROP_OPERATOR, DROP_REASON_COUNT };

struct batch_clock {
    int64_t from_ms, to_ms; /* wall time before and after the step */
};

/* --- writing --- */

/* Collects one record. Reuse with batch_writer_reset; memory is kept. */
struct batch_writer {
    struct buf readings, asofs, points;
    uint32_t reading_n, asof_n, point_n;
    uint64_t asof_seen[POINT_SOURCE_MAX / 64]; /* one bit a source */
    uint16_t point_next;                       /* id the next point must have, if any were added */
    int64_t t_ms;
};

void batch_writer_init(struct batch_writer *w);
void batch_writer_fini(struct batch_writer *w);
void batch_writer_reset(struct batch_writer *w, int64_t t_ms);
/* Each add leaves the record as it was on failure: ERR_RANGE for what the format does not allow
 * (NaN, text over BATCH_TEXT_MAX or not showable, a VALUE_NONE that is not QUALITY_BAD, times
 * beyond the limit, points whose ids do not rise by one), ERR_FULL at the limits (encode, reset,
 * add again), ERR_EXISTS for a second asof of one source, ERR_NOMEM. */
enum err batch_writer_add(struct batch_writer *w, const struct reading *r);
enum err batch_writer_add_asof(struct batch_writer *w, struct asof a);
enum err batch_writer_add_point(struct batch_writer *w, const struct point *p);
/* Upper bound of the record's size if it were encoded now, bytes. */
size_t batch_writer_size(const struct batch_writer *w);
/* Appends the record. head->kind says which of key, dropped, clock must be given (others NULL).
 * BATCH_KEY carries points and last values as readings, BATCH_DROPPED the newest values and, if
 * they fit, points; BATCH_CLOCK carries neither. head->t_ms is the t_ms of the last reset.
 * ERR_RANGE if any of this does not hold; ERR_NOMEM; out is as it was on failure. */
enum err batch_writer_encode(const struct batch_writer *w, const struct batch_head *head,
                             const struct batch_key *key, const struct batch_dropped *dropped,
                             const struct batch_clock *clock, struct buf *out);

/* --- reading --- */

/* A decoded record: head and body known to be well-formed as a whole (every reading, point and asof
 * was checked once), iterated without allocation. Borrows from the frame. */
struct batch {
    struct batch_head head;
    struct batch_key key;
    struct batch_dropped dropped;
    struct batch_clock clock;
    uint32_t asof_n, reading_n, point_n;
    struct cursor asofs, readings, points;
    const struct reading *decoded; /* all of them, as batch_parse_into() kept them; or NULL */
    uint32_t chunk_n;              /* of these told by batch_next_chunk() */
};

/* Why a frame was refused; each has a counter. */
enum batch_fault {
    BATCH_FAULT_NONE,
    BATCH_FAULT_SIZE,
    BATCH_FAULT_TRUNCATED,
    BATCH_FAULT_SHAPE, /* not the msgpack types this format has at this place */
    BATCH_FAULT_VERSION,
    BATCH_FAULT_KIND,
    BATCH_FAULT_RANGE, /* a number outside its limits */
    BATCH_FAULT_TRAILING,
    BATCH_FAULT_COUNT
};
const char *batch_fault_name(enum batch_fault fault);

/* Checks the whole frame. ERR_FORMAT with *fault set; never reads outside the frame. */
enum err batch_parse(struct span frame, struct batch *out, enum batch_fault *fault);
/* The same; its readings are kept in `room` as they are checked, if it holds all of them, so that
 * batch_next_chunk() need not decode again. The room is borrowed as the frame is. */
enum err batch_parse_into(struct span frame, struct reading *room, size_t cap, struct batch *out,
                          enum batch_fault *fault);
/* Only the head: for journal readers and routers. */
enum err batch_parse_head(struct span frame, struct batch_head *out);
/* Iterators over a parsed batch: true and fills *out, or false at the end. Cannot fail. */
bool batch_next_reading(struct batch *b, struct reading *out);
/* The same for up to cap readings at once, returning how many; 0 at the end. Costs half as much
 * each. */
size_t batch_next_readings(struct batch *b, struct reading *out, size_t cap);
/* The next readings, at most cap: where they were kept, else decoded into `out`. Not to be mixed
 * with the two before. */
size_t batch_next_chunk(struct batch *b, struct reading *out, size_t cap,
                        const struct reading **at);
bool batch_next_asof(struct batch *b, struct asof *out);
bool batch_next_point(struct batch *b, struct point *out);

#endif
