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

enum { VARINT_NEAR_MAX = 8 };

/* The usual case of it, at the least cost: at most VARINT_NEAR_MAX bytes, and as many there are.
 * False: it is another case, such as 0, or an error; nothing is taken. */
static inline bool varint128_take_near(struct cursor *c, int64_t *v) {
    uint64_t u = 0;
    if (c->end - c->p < VARINT_NEAR_MAX)
        return false;
    for (unsigned i = 0; i < VARINT_NEAR_MAX; i++)
        u |= (uint64_t)c->p[i] << (8 * i);
    /* The lowest top bit that is clear ends the number: all above it belongs to others. */
    const uint64_t ends = ~u & UINT64_C(0x8080808080808080), upto = ends ^ (ends - 1);
    const uint64_t bits = u & upto & UINT64_C(0x7f7f7f7f7f7f7f7f);
    if (ends == 0 || (u & upto & ~(upto >> 8)) == 0)
        return false;
    /* Groups of seven bits move together, by twos, fours and eights. */
    uint64_t x = (bits & UINT64_C(0x007f007f007f007f)) | (bits & UINT64_C(0x7f007f007f007f00)) >> 1;
    x = (x & UINT64_C(0x00003fff00003fff)) | (x & UINT64_C(0x3fff00003fff0000)) >> 2;
    x = (x & UINT64_C(0x000000000fffffff)) | (x & UINT64_C(0x0fffffff00000000)) >> 4;
    c->p += (__builtin_ctzll(ends) >> 3) + 1;
    *v = (int64_t)(x >> 1) ^ -(int64_t)(x & 1);
    return true;
}

#endif
