/* The messages hello, ack, command and report as tables, so that one reader and one writer serve
 * all. It knows their fields and limits, not their bytes. */
#ifndef PB_WIRE_SESSION_SHAPE_H
#define PB_WIRE_SESSION_SHAPE_H

#include "wire/session_msg.h"

enum field_type {
    FIELD_U64,
    FIELD_U32,
    FIELD_TIME,
    FIELD_BOOL,
    FIELD_IDENT,
    FIELD_WORD,   /* one of `words` as a uint8_t */
    FIELD_TEXT,   /* char[max + 1] */
    FIELD_REASONS /* struct report_reasons */
};

struct field {
    const char *key;
    enum field_type type;
    size_t at;         /* offset in its struct */
    uint64_t min, max; /* FIELD_U64; FIELD_TEXT: its longest, bytes; FIELD_WORD: how many */
    bool optional;     /* not there: 0; it came later than the format */
    const char *const *words;
};

/* A message: its fields and, if item_field_n > 0, a list of maps at the offsets given. */
struct shape {
    const struct field *field, *item_field;
    size_t field_n, item_field_n;
    const char *item_key; /* of the list */
    uint32_t item_max;
    size_t items_at, item_n_at, item_size;
    bool (*check)(const void *message); /* what must hold between fields */
};

extern const struct shape session_hello_shape, session_ack_shape, session_command_shape;
extern const struct shape session_report_shape;

#endif
