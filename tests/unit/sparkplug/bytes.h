/* Payloads written field by field as the encoding of protocol buffers has them, without the
 * library under test: key = number << 3 | wire type, then a varint, eight bytes or a length. */
#ifndef PB_TEST_SPARKPLUG_BYTES_H
#define PB_TEST_SPARKPLUG_BYTES_H

#include "base/buf.h"

struct bytes_metric {
    const char *name; /* NULL: none */
    int alias;        /* 0: none */
    int64_t t_ms;     /* 0: none */
    int type;         /* 0: none */
    bool historical, null, has_word, has_quality;
    uint64_t word; /* as int_value, or long_value of types 4, 7, 8 and 13, or boolean_value of 11 */
    const char *text;
    int quality;
    const char *unit;
};

/* seq -1: none; t_ms 0: none. */
void bytes_payload(struct buf *out, int64_t t_ms, int seq, const struct bytes_metric *m, size_t n);

#endif
