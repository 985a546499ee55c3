/*  0 u8   0xC1, the one byte that msgpack leaves unused
 *  1 le32 CRC-32C of the topic, continued over the payload
 *  5      the payload */
#include "wire/seal.h"

#include "base/hash.h"

enum { MARK = 0xC1 };

static uint32_t sum(struct span topic, struct span payload) {
    return crc32c_more(crc32c(topic), payload);
}

enum err seal_format(struct span topic, struct span payload, struct buf *out) {
    enum err e = buf_reserve(out, SEAL_BYTES + payload.n);
    if (!e)
        e = buf_add_byte(out, MARK);
    if (!e)
        e = buf_add_le32(out, sum(topic, payload));
    return e ? e : buf_add(out, payload.p, payload.n);
}

bool seal_open(struct span topic, struct span *payload) {
    struct cursor c = cursor_of(*payload);
    uint8_t mark = 0;
    uint32_t crc = 0;
    if (cursor_take_byte(&c, &mark) || mark != MARK)
        return true;
    if (cursor_take_le32(&c, &crc))
        return false;
    struct span inner = span_of(c.p, cursor_left(&c));
    if (crc != sum(topic, inner))
        return false;
    *payload = inner;
    return true;
}
