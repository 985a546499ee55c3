/* Takes single msgpack items from a cursor, for this room's readers of hot bytes. It allocates
 * nothing, builds no tree, and never looks past the cursor's end; any integer width is accepted.
 * Every take leaves the cursor untouched unless it returns BATCH_FAULT_NONE. */
#ifndef PB_WIRE_ITEM_H
#define PB_WIRE_ITEM_H

#include <endian.h>

#include "wire/batch.h"

/* A big-endian number of 1, 2, 4 or 8 bytes. */
static inline uint64_t item_be(const uint8_t *p, size_t bytes) {
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;
    switch (bytes) {
    case 1:
        return *p;
    case 2:
        memcpy(&v16, p, sizeof v16);
        return be16toh(v16);
    case 4:
        memcpy(&v32, p, sizeof v32);
        return be32toh(v32);
    default:
        memcpy(&v64, p, sizeof v64);
        return be64toh(v64);
    }
}

static inline bool item_at_end(const struct cursor *c) {
    return c->p == c->end;
}

/* 0xcc..0xcf: uint 8..64; 0xd0..0xd3: int 8..64. Two's complement in *bits. */
static inline enum batch_fault item_take_wide(struct cursor *c, uint64_t *bits, bool *negative) {
    uint8_t lead = *c->p;
    if (lead < 0xcc || lead > 0xd3) {
        return BATCH_FAULT_SHAPE;
    }
    size_t bytes = (size_t)1 << ((lead - 0xcc) & 3);
    if ((size_t)(c->end - c->p) <= bytes) {
        return BATCH_FAULT_TRUNCATED;
    }
    uint64_t v = item_be(c->p + 1, bytes);
    if (lead >= 0xd0) {
        uint64_t sign = UINT64_C(1) << (bytes * 8 - 1);
        v = (v ^ sign) - sign;
    }
    *negative = lead >= 0xd0 && v >> 63;
    *bits = v;
    c->p += 1 + bytes;
    return BATCH_FAULT_NONE;
}

static inline enum batch_fault item_take_int(struct cursor *c, int64_t *out) {
    if (item_at_end(c)) {
        return BATCH_FAULT_TRUNCATED;
    }
    uint8_t lead = *c->p;
    if (lead < 0x80 || lead >= 0xe0) { /* fixint: the byte is the number */
        *out = (int8_t)lead;
        c->p++;
        return BATCH_FAULT_NONE;
    }
    struct cursor at = *c;
    uint64_t bits = 0;
    bool negative = false;
    enum batch_fault fault = item_take_wide(&at, &bits, &negative);
    if (fault) {
        return fault;
    }
    if (!negative && bits > (uint64_t)INT64_MAX) {
        return BATCH_FAULT_RANGE;
    }
    *out = (int64_t)bits;
    *c = at;
    return BATCH_FAULT_NONE;
}

/* A signed width is accepted as long as the number is not negative. */
static inline enum batch_fault item_take_uint(struct cursor *c, uint64_t max, uint64_t *out) {
    if (item_at_end(c)) {
        return BATCH_FAULT_TRUNCATED;
    }
    struct cursor at = *c;
    uint64_t bits = *at.p;
    bool negative = bits >= 0xe0;
    if (bits < 0x80 || negative) {
        at.p++;
    } else {
        enum batch_fault fault = item_take_wide(&at, &bits, &negative);
        if (fault) {
            return fault;
        }
    }
    if (negative || bits > max) {
        return BATCH_FAULT_RANGE;
    }
    *out = bits;
    *c = at;
    return BATCH_FAULT_NONE;
}

/* A length: a lead `fix` .. fix + count - 1 holds it, or a wide lead: `first` with first_bytes
 * bytes of length, the next one with twice as many, up to 4. */
static inline enum batch_fault item_take_length(struct cursor *c, uint8_t fix, uint8_t count,
                                                uint8_t first, size_t first_bytes, uint32_t *out) {
    if (item_at_end(c)) {
        return BATCH_FAULT_TRUNCATED;
    }
    uint8_t lead = *c->p;
    if (lead >= fix && lead < fix + count) {
        *out = (uint32_t)(lead - fix);
        c->p++;
        return BATCH_FAULT_NONE;
    }
    size_t bytes = first_bytes;
    while (lead != first && bytes < 4) {
        bytes *= 2;
        first++;
    }
    if (lead != first) {
        return BATCH_FAULT_SHAPE;
    }
    if ((size_t)(c->end - c->p) <= bytes) {
        return BATCH_FAULT_TRUNCATED;
    }
    *out = (uint32_t)item_be(c->p + 1, bytes);
    c->p += 1 + bytes;
    return BATCH_FAULT_NONE;
}

static inline enum batch_fault item_take_array(struct cursor *c, uint32_t *n) {
    return item_take_length(c, 0x90, 16, 0xdc, 2, n);
}

static inline enum batch_fault item_take_map(struct cursor *c, uint32_t *n) {
    return item_take_length(c, 0x80, 16, 0xde, 2, n);
}

/* The bytes of a str; borrowed, not checked to be UTF-8. */
static inline enum batch_fault item_take_str(struct cursor *c, uint32_t max, struct span *out) {
    struct cursor at = *c;
    uint32_t n = 0;
    enum batch_fault fault = item_take_length(&at, 0xa0, 32, 0xd9, 1, &n);
    if (fault) {
        return fault;
    }
    if (n > max) {
        return BATCH_FAULT_RANGE;
    }
    if ((size_t)(at.end - at.p) < n) {
        return BATCH_FAULT_TRUNCATED;
    }
    *out = span_of(at.p, n);
    c->p = at.p + n;
    return BATCH_FAULT_NONE;
}

static inline enum batch_fault item_take_bool(struct cursor *c, bool *out) {
    if (item_at_end(c)) {
        return BATCH_FAULT_TRUNCATED;
    }
    if (*c->p != 0xc2 && *c->p != 0xc3) {
        return BATCH_FAULT_SHAPE;
    }
    *out = *c->p++ == 0xc3;
    return BATCH_FAULT_NONE;
}

static inline enum batch_fault item_take_nil(struct cursor *c) {
    if (item_at_end(c)) {
        return BATCH_FAULT_TRUNCATED;
    }
    if (*c->p != 0xc0) {
        return BATCH_FAULT_SHAPE;
    }
    c->p++;
    return BATCH_FAULT_NONE;
}

/* float 32 or 64; finite. */
static inline enum batch_fault item_take_real(struct cursor *c, double *out) {
    if (item_at_end(c)) {
        return BATCH_FAULT_TRUNCATED;
    }
    uint8_t lead = *c->p;
    if (lead != 0xca && lead != 0xcb) {
        return BATCH_FAULT_SHAPE;
    }
    size_t bytes = lead == 0xca ? 4 : 8;
    if ((size_t)(c->end - c->p) <= bytes) {
        return BATCH_FAULT_TRUNCATED;
    }
    uint64_t bits = item_be(c->p + 1, bytes);
    double v;
    if (bytes == 4) {
        uint32_t narrow = (uint32_t)bits;
        float f;
        memcpy(&f, &narrow, sizeof f);
        v = (double)f;
    } else {
        memcpy(&v, &bits, sizeof v);
    }
    if (!__builtin_isfinite(v)) {
        return BATCH_FAULT_RANGE;
    }
    *out = v;
    c->p += 1 + bytes;
    return BATCH_FAULT_NONE;
}

#endif
