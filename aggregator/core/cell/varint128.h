/* 128-bit numbers as bytes: zigzag, then LEB128, at most 19 bytes. A value that fits in 64 bits has
 * the bytes of buf_add_svarint(). */
#ifndef PB_CELL_VARINT128_H
#define PB_CELL_VARINT128_H

#include "base/buf.h"
#include "base/decimal.h"

/* ERR_NOMEM. */
enum err varint128_add(struct buf *out, i128 v);
/* ERR_TRUNCATED; ERR_FORMAT beyond 128 bits or with a superfluous last byte. */
enum err varint128_take(struct cursor *c, i128 *v);

#endif
