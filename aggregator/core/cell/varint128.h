/* 128-bit numbers as bytes: zigzag, then LEB128, at most 19 bytes. A value that fits in 64 bits has
 * the bytes of buf_add_svarint(). */
#ifndef PB_CELL_VARINT128_H
#define PB_CELL_VARINT128_H

#include "base/buf.h"
#include "base/decimal.h"

enum { VARINT128_MAX = 19 };

/* ERR_NOMEM. */
enum err varint128_add(struct buf *out, i128 v);
/* The same where there is room for VARINT128_MAX bytes; gives the end. */
uint8_t *varint128_put(uint8_t *at, i128 v);
/* ERR_TRUNCATED; ERR_FORMAT beyond 128 bits or with a superfluous last byte. */
enum err varint128_take(struct cursor *c, i128 *v);

#endif
