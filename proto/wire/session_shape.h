/* The messages hello, ack and command as tables, so that one reader and one writer serve all three.
 * It knows their fields and limits, not their bytes. */
#ifndef PB_WIRE_SESSION_SHAPE_H
#define PB_WIRE_SESSION_SHAPE_H

#include "wire/session_msg.h"

enum field_type { FIELD_U64, FIELD_U32, FIELD_TIME, FIELD_BOOL, FIELD_IDENT, FIELD_COMMAND };

struct field {
    const char *key;
    enum field_type type;
    size_t at;         /* offset in its struct */
    uint64_t min, max; /* FIELD_U64 only */
    bool optional;     /* not there: 0; it came later than the format */
};

/* A message: its fields and, if epoch_field_n > 0, the list of epochs at the offsets given. */
struct shape {
    const struct field *field, *epoch_field;
    size_t field_n, epoch_field_n;
    size_t epochs_at, epoch_n_at, epoch_size;
    bool (*check)(const void *message); /* what must hold between fields */
};

extern const struct shape session_hello_shape, session_ack_shape, session_command_shape;
extern const char *const session_command_word[COMMAND_KIND_COUNT];

#endif
