#include "cell/varint128.h"

__extension__ typedef unsigned __int128 u128;

enum { SHORT_MAX = 9 };

/* Most values fit in 64 bits. */
uint8_t *varint128_put(uint8_t *at, i128 v) {
    u128 u = ((u128)v << 1) ^ (v < 0 ? ~(u128)0 : 0);

    for (; u > UINT64_MAX; u >>= 7)
        *at++ = (uint8_t)((uint8_t)(u & 0x7f) | 0x80);
    uint64_t low = (uint64_t)u;
    for (; low >= 0x80; low >>= 7)
        *at++ = (uint8_t)(low | 0x80);
    *at++ = (uint8_t)low;
    return at;
}

enum err varint128_add(struct buf *out, i128 v) {
    const enum err e = buf_reserve(out, VARINT128_MAX);

    if (e == ERR_OK)
        out->n = (size_t)(varint128_put(out->p + out->n, v) - out->p);
    return e;
}

/* Up to nine bytes, 63 bits, which is nearly all there is. ERR_UNSUPPORTED: it is longer. */
static enum err take_short(struct cursor *c, i128 *v) {
    const size_t left = cursor_left(c), most = left < SHORT_MAX ? left : SHORT_MAX;
    uint64_t u = 0;

    for (size_t i = 0; i < most; i++) {
        const uint8_t byte = c->p[i];
        u |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte >= 0x80)
            continue;
        if (i > 0 && byte == 0)
            return ERR_FORMAT;
        c->p += i + 1;
        *v = (int64_t)(u >> 1) ^ -(int64_t)(u & 1);
        return ERR_OK;
    }
    return left < SHORT_MAX ? ERR_TRUNCATED : ERR_UNSUPPORTED;
}

enum err varint128_take(struct cursor *c, i128 *v) {
    const enum err quick = take_short(c, v);
    if (quick != ERR_UNSUPPORTED)
        return quick;
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
