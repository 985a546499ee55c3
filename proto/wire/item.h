/* Takes single msgpack items from a cursor, for this room's readers of hot bytes. It allocates
 * nothing, builds no tree, and never looks past the cursor's end; any integer width is accepted.
 * Every take leaves the cursor untouched unless it returns BATCH_FAULT_NONE. */
#ifndef PB_WIRE_ITEM_H
#define PB_WIRE_ITEM_H

#include <endian.h>

#include "wire/batch.h"

/* A big-endian number of 1, 2, 4 or 8 bytes. */
__attribute__((always_inline)) static inline uint64_t item_be(const uint8_t *p, size_t bytes) {
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

/* 0xcc..0xcf: uint 8..64; 0xd0..0xd3: int 8..64. Two's complement in *bits; 0 if the item ends
 * behind `left`, else its bytes. A case per width lets the processor guess where the next item
 * starts: computing the width with shifts was measured a third slower. */
__attribute__((always_inline)) static inline size_t item_wide(const uint8_t *p, size_t left,
                                                              uint64_t *bits) {
    switch (*p) {
    case 0xcc:
        if (left <= 1) {
            break;
        }
        *bits = p[1];
        return 2;
    case 0xcd:
        if (left <= 2) {
            break;
        }
        *bits = item_be(p + 1, 2);
        return 3;
    case 0xce:
        if (left <= 4) {
            break;
        }
        *bits = item_be(p + 1, 4);
        return 5;
    case 0xd0:
        if (left <= 1) {
            break;
        }
        *bits = (uint64_t)(int8_t)p[1];
        return 2;
    case 0xd1:
        if (left <= 2) {
            break;
        }
        *bits = (uint64_t)(int16_t)item_be(p + 1, 2);
        return 3;
    case 0xd2:
        if (left <= 4) {
            break;
        }
        *bits = (uint64_t)(int32_t)item_be(p + 1, 4);
        return 5;
    default: /* 0xcf, 0xd3 */
        if (left <= 8) {
            break;
        }
        *bits = item_be(p + 1, 8);
        return 9;
    }
    return 0;
}

static inline bool item_is_wide(uint8_t lead) {
    return lead >= 0xcc && lead <= 0xd3;
}

static inline bool item_is_fix(uint8_t lead) {
    return lead < 0x80 || lead >= 0xe0;
}

__attribute__((always_inline)) static inline enum batch_fault item_take_int(struct cursor *c,
                                                                            int64_t *out) {
    if (item_at_end(c)) {
        return BATCH_FAULT_TRUNCATED;
    }
    uint8_t lead = *c->p;
    if (item_is_fix(lead)) { /* the byte is the number */
        *out = (int8_t)lead;
        c->p++;
        return BATCH_FAULT_NONE;
    }
    if (!item_is_wide(lead)) {
        return BATCH_FAULT_SHAPE;
    }
    uint64_t bits = 0;
    size_t bytes = item_wide(c->p, (size_t)(c->end - c->p), &bits);
    if (bytes == 0) {
        return BATCH_FAULT_TRUNCATED;
    }
    if (lead == 0xcf && bits > (uint64_t)INT64_MAX) {
        return BATCH_FAULT_RANGE;
    }
    *out = (int64_t)bits;
    c->p += bytes;
    return BATCH_FAULT_NONE;
}

/* A signed width is accepted as long as the number is not negative. */
__attribute__((always_inline)) static inline enum batch_fault
item_take_uint(struct cursor *c, uint64_t max, uint64_t *out) {
    if (item_at_end(c)) {
        return BATCH_FAULT_TRUNCATED;
    }
    uint8_t lead = *c->p;
    uint64_t bits = (uint64_t)(int8_t)lead;
    size_t bytes = 1;
    if (!item_is_fix(lead)) {
        if (!item_is_wide(lead)) {
            return BATCH_FAULT_SHAPE;
        }
        bytes = item_wide(c->p, (size_t)(c->end - c->p), &bits);
        if (bytes == 0) {
            return BATCH_FAULT_TRUNCATED;
        }
    }
    bool negative = lead >= 0xd0 && bits >> 63;
    if (negative || bits > max) {
        return BATCH_FAULT_RANGE;
    }
    *out = bits;
    c->p += bytes;
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
