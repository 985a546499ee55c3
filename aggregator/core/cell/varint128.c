#include "cell/varint128.h"

__extension__ typedef unsigned __int128 u128;

enum { VARINT128_MAX = 19 };

/* Most values fit in 64 bits, where the form is that of buf_add_svarint(). */
enum err varint128_add(struct buf *out, i128 v) {
    if (v >= INT64_MIN && v <= INT64_MAX)
        return buf_add_svarint(out, (int64_t)v);
    const u128 sign = v < 0 ? ~(u128)0 : 0;
    uint8_t byte[VARINT128_MAX];
    size_t n = 0;

    for (u128 u = ((u128)v << 1) ^ sign; n == 0 || u > 0; u >>= 7)
        byte[n++] = (uint8_t)((uint8_t)(u & 0x7f) | (u > 0x7f ? 0x80 : 0));
    return buf_add(out, byte, n);
}

enum err varint128_take(struct cursor *c, i128 *v) {
    struct cursor at = *c;
    u128 u = 0;
    uint8_t byte = 0x80;

    for (unsigned i = 0; byte & 0x80; i++) {
        const enum err e = cursor_take_byte(&at, &byte);
        if (e != ERR_OK)
            return e;
        /* The 19th byte holds bits 126 and 127; a last byte of 0 would be a second form. */
        if (i == VARINT128_MAX - 1 && byte > 3)
            return ERR_FORMAT;
        if (i > 0 && byte == 0)
            return ERR_FORMAT;
        u |= (u128)(byte & 0x7f) << (7 * i);
    }
    *v = (i128)((u >> 1) ^ (u & 1 ? ~(u128)0 : 0));
    *c = at;
    return ERR_OK;
}
