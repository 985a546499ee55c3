/* Answers become readings: it takes the messages of the thread that asks, keeps what it last told,
 * and vouches for the time in which somebody answered. Pure: bytes and times in, calls of a
 * source_out out.
 *
 * A message: kind (1 byte), exception (1), two bytes of zeros, request (4, LE), wall time of the
 * answer in ms (8, LE), then the bytes of the answer, or a text that says what happened. */
#ifndef PB_MODBUS_MODBUS_READER_H
#define PB_MODBUS_MODBUS_READER_H

#include "modbus/modbus_plan.h"

enum modbus_news {
    MODBUS_NEWS_VALUES,
    MODBUS_NEWS_REFUSAL, /* an exception */
    MODBUS_NEWS_SILENCE, /* its device answers no more; `alone` stands in the exception's place */
    MODBUS_NEWS_LINK_UP,
    MODBUS_NEWS_LINK_DOWN,
    MODBUS_NEWS_COUNT
};

enum { MODBUS_HEAD_BYTES = 16 };

struct modbus_head {
    uint8_t kind, exception;
    uint32_t request;
    int64_t t_ms;
};

struct modbus_reader {
    struct modbus_plan *plan;
    bool declared;
    size_t declared_n;
    bool *silent; /* of each device */
    bool up;
    uint64_t reconnects, exceptions;
    char detail[200];
    /* The message at hand. */
    struct modbus_head head;
    struct span bytes;                  /* borrowed until modbus_reader_step has given ERR_OK */
    bool have, begun, some;             /* some of its readings were taken */
    bool owed;                          /* what is silent must be told */
    uint32_t at;                        /* parts that are through */
    int64_t known_ms, since_ms, due_ms; /* INT64_MIN: nothing */
    bool broken;                        /* what comes next comes after a gap */
};

/* Writes a message. ERR_NOMEM. */
enum err modbus_message_format(const struct modbus_head *head, struct span rest, struct buf *out);
/* ERR_FORMAT: it is none. *rest borrows. */
enum err modbus_message_parse(struct span message, struct modbus_head *head, struct span *rest);

/* The plan is borrowed. ERR_NOMEM. */
enum err modbus_reader_init(struct modbus_reader *r, struct modbus_plan *plan);
void modbus_reader_fini(struct modbus_reader *r);
/* Declares the points. Errors of the owner; may be called again. */
enum err modbus_reader_declare(struct modbus_reader *r, const struct source_out *out);
/* Takes a message, whose bytes must stay until it is done; only while none is at hand.
 * ERR_FORMAT: it is none, or fits no request. */
enum err modbus_reader_take(struct modbus_reader *r, struct span message);
/* Tells the message at hand. ERR_FULL: call again later; other errors of the owner. */
enum err modbus_reader_step(struct modbus_reader *r, const struct source_out *out);
/* Vouches for what was told. Errors of the owner; call it again then. */
enum err modbus_reader_vouch(struct modbus_reader *r, const struct source_out *out);
size_t modbus_reader_silent(const struct modbus_reader *r);

#endif
