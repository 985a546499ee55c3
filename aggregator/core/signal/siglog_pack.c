/* Segment bytes, format 1. Varints are unsigned LEB128; z(x) is zigzag; sums wrap at 64 bit.
 *
 *     byte    1                       format
 *     varint  n                       entries
 *     svarint base                    ms; t0 of the first entry, 0 if none
 *     groups, until n entries are given; a group is a run of equal (signal, kind, flags):
 *         varint  signal - signal of the group before (mod 2^32; first: 0)
 *         byte    kind | flags << 3
 *         varint  count               1 ..
 *         varint  unit                greatest common divisor of the values, 1 if all are 0
 *         times   tokens, until count entries are given
 *         values  count x svarint     (value - guess) / unit
 *         tags    count x svarint     EVENT, ROW and BREAK only
 *     le32    crc32c of all bytes before
 *
 * A token is a varint. Bit 0 set: the next token>>1 entries follow the pattern: t0 is the t1 of the
 * entry before, the length is that of the entry two before. Bit 0 clear, one entry: token>>2 =
 * z(length - length two before); bit 1 set: t0 is the t1 before; bit 1 clear: svarint t0 - t1
 * before comes next. "Two before", because a polled counter gives two spans a minute: one inside,
 * one over the edge. Before the first entries of a group: t1 = base, lengths 0. The guess is 0 for
 * STATE, EVENT, ROW, WATCH and BREAK, the value one before for SLOT, two before for SPAN.
 *
 * Limits: every entry takes a byte or more of values, so a reader needs no more memory than the
 * bytes allow. Bytes are valid if the checksum holds, every entry passes siglog_entry_check() and
 * nothing is left over. A segment is written whole in one transaction; half a segment fails the
 * checksum. */
#include <assert.h>

#include "base/hash.h"
#include "signal/siglog.h"

enum { PACK_FORMAT = 1, PACK_CRC = 4, KIND_BITS = 3, TOKEN_RUN = 1, TOKEN_TOUCH = 2 };

/* What was before, as the patterns need it. */
struct past {
    int64_t t1;
    int64_t len[2]; /* [0] one before, [1] two before */
    uint64_t value[2];
};

static uint64_t zigzag(uint64_t v) {
    return v << 1 ^ (0 - (v >> 63));
}

static uint64_t unzigzag(uint64_t v) {
    return v >> 1 ^ (0 - (v & 1));
}

static void past_add_time(struct past *p, const struct siglog_entry *e) {
    p->t1 = e->t1_ms;
    p->len[1] = p->len[0];
    p->len[0] = e->t1_ms - e->t0_ms;
}

static uint64_t guess(const struct past *p, uint8_t kind) {
    return kind == SIGLOG_SLOT ? p->value[0] : kind == SIGLOG_SPAN ? p->value[1] : 0;
}

static void past_add_value(struct past *p, uint64_t v) {
    p->value[1] = p->value[0];
    p->value[0] = v;
}

static bool has_tag(uint8_t kind) {
    return kind == SIGLOG_EVENT || kind == SIGLOG_ROW || kind == SIGLOG_BREAK;
}

/* --- writing ------------------------------------------------------------------------------------
 */

static uint64_t magnitude(int64_t v) {
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

static uint64_t unit_of(const struct siglog_entry *e, size_t n) {
    uint64_t unit = 0;

    for (size_t i = 0; i < n && unit != 1; i++) {
        for (uint64_t v = magnitude(e[i].value); v != 0;) {
            uint64_t rest = unit % v;
            unit = v;
            v = rest;
        }
    }
    return unit == 0 ? 1 : unit;
}

/* v in units; unit divides it. The magnitude is below 2^63 or the unit is 1 or 2^63 / k. */
static uint64_t in_units(int64_t v, uint64_t unit) {
    uint64_t q = magnitude(v) / unit;

    return v < 0 ? 0 - q : q;
}

static enum err pack_times(const struct siglog_entry *e, size_t n, int64_t base, struct buf *out) {
    struct past past = {.t1 = base};
    uint64_t run = 0;
    enum err err = ERR_OK;

    for (size_t i = 0; i < n && err == ERR_OK; i++) {
        int64_t len = e[i].t1_ms - e[i].t0_ms, off = e[i].t0_ms - past.t1;
        int64_t len_off = len - past.len[1];
        past_add_time(&past, &e[i]);
        if (off == 0 && len_off == 0) {
            run++;
            continue;
        }
        if (run > 0)
            err = buf_add_varint(out, run << 1 | TOKEN_RUN);
        run = 0;
        uint64_t token = zigzag((uint64_t)len_off) << 2 | (off == 0 ? TOKEN_TOUCH : 0);
        err = err != ERR_OK ? err : buf_add_varint(out, token);
        if (err == ERR_OK && off != 0)
            err = buf_add_svarint(out, off);
    }
    if (err == ERR_OK && run > 0)
        err = buf_add_varint(out, run << 1 | TOKEN_RUN);
    return err;
}

static enum err pack_values(const struct siglog_entry *e, size_t n, uint64_t unit,
                            struct buf *out) {
    struct past past = {0};
    enum err err = ERR_OK;

    for (size_t i = 0; i < n && err == ERR_OK; i++) {
        uint64_t v = in_units(e[i].value, unit);
        err = buf_add_svarint(out, (int64_t)(v - guess(&past, e->kind)));
        past_add_value(&past, v);
    }
    for (size_t i = 0; i < n && err == ERR_OK && has_tag(e->kind); i++)
        err = buf_add_svarint(out, e[i].tag);
    return err;
}

static enum err pack_group(const struct siglog_entry *e, size_t n, uint32_t before, int64_t base,
                           struct buf *out) {
    uint64_t unit = unit_of(e, n);
    enum err err = buf_add_varint(out, (uint32_t)(e->signal - before));

    err = err != ERR_OK ? err : buf_add_byte(out, (uint8_t)(e->kind | e->flags << KIND_BITS));
    err = err != ERR_OK ? err : buf_add_varint(out, n);
    err = err != ERR_OK ? err : buf_add_varint(out, unit);
    err = err != ERR_OK ? err : pack_times(e, n, base, out);
    return err != ERR_OK ? err : pack_values(e, n, unit, out);
}

static bool same_group(const struct siglog_entry *a, const struct siglog_entry *b) {
    return a->signal == b->signal && a->kind == b->kind && a->flags == b->flags;
}

static enum err pack_all(const struct siglog_entry *e, size_t n, struct buf *out) {
    int64_t base = n > 0 ? e[0].t0_ms : 0;
    uint32_t before = 0;
    size_t end;
    enum err err = buf_add_byte(out, PACK_FORMAT);

    err = err != ERR_OK ? err : buf_add_varint(out, n);
    err = err != ERR_OK ? err : buf_add_svarint(out, base);
    for (size_t i = 0; i < n && err == ERR_OK; i = end) {
        for (end = i + 1; end < n && same_group(&e[i], &e[end]);)
            end++;
        err = pack_group(&e[i], end - i, before, base, out);
        before = e[i].signal;
    }
    return err;
}

enum err siglog_pack(const struct siglog_entry *e, size_t n, struct buf *out) {
    size_t start = out->n;

    for (size_t i = 0; i < n; i++) {
        if (!siglog_entry_check(&e[i]))
            return ERR_RANGE;
    }
    enum err err = pack_all(e, n, out);
    if (err == ERR_OK)
        err = buf_add_le32(out, crc32c(span_of(out->p + start, out->n - start)));
    if (err != ERR_OK)
        out->n = start;
    return err;
}

/* --- reading ------------------------------------------------------------------------------------
 */

struct group {
    uint32_t signal;
    uint8_t kind, flags;
    uint64_t count, unit;
};

static enum err unpack_group_head(struct cursor *c, uint64_t left, struct group *g) {
    uint64_t step;
    uint8_t what;
    enum err err = cursor_take_varint(c, &step);

    err = err != ERR_OK ? err : cursor_take_byte(c, &what);
    err = err != ERR_OK ? err : cursor_take_varint(c, &g->count);
    err = err != ERR_OK ? err : cursor_take_varint(c, &g->unit);
    if (err != ERR_OK)
        return err;
    g->signal += (uint32_t)step;
    g->kind = what & ((1 << KIND_BITS) - 1);
    g->flags = what >> KIND_BITS;
    bool fits = g->count >= 1 && g->count <= left && g->count <= cursor_left(c);
    return step <= UINT32_MAX && fits && g->unit >= 1 ? ERR_OK : ERR_FORMAT;
}

/* Adds one entry whose length and distance from the one before are given; its value comes later. */
static enum err unpack_time(struct siglog *l, const struct group *g, struct past *past,
                            uint64_t off, uint64_t len_off) {
    struct siglog_entry e = {.signal = g->signal, .kind = g->kind, .flags = g->flags};

    e.t0_ms = (int64_t)((uint64_t)past->t1 + off);
    e.t1_ms = (int64_t)((uint64_t)e.t0_ms + (uint64_t)past->len[1] + len_off);
    if (!siglog_entry_check(&e))
        return ERR_FORMAT;
    past_add_time(past, &e);
    return siglog_add(l, &e);
}

static enum err unpack_token(struct cursor *c, struct siglog *l, const struct group *g,
                             struct past *past, uint64_t *left) {
    uint64_t token;
    int64_t off = 0;
    enum err err = cursor_take_varint(c, &token);

    if (err != ERR_OK)
        return err;
    if (token & TOKEN_RUN) {
        uint64_t run = token >> 1;
        if (run < 1 || run > *left)
            return ERR_FORMAT;
        *left -= run;
        for (; run > 0 && err == ERR_OK; run--)
            err = unpack_time(l, g, past, 0, 0);
        return err;
    }
    if (!(token & TOKEN_TOUCH))
        err = cursor_take_svarint(c, &off);
    --*left;
    return err != ERR_OK ? err : unpack_time(l, g, past, (uint64_t)off, unzigzag(token >> 2));
}

static enum err unpack_values(struct cursor *c, const struct group *g, struct siglog_entry *e) {
    struct past past = {0};
    enum err err = ERR_OK;

    for (size_t i = 0; i < g->count && err == ERR_OK; i++) {
        int64_t off = 0;
        err = cursor_take_svarint(c, &off);
        uint64_t v = (uint64_t)off + guess(&past, g->kind);
        past_add_value(&past, v);
        e[i].value = (int64_t)(v * g->unit);
    }
    for (size_t i = 0; i < g->count && err == ERR_OK && has_tag(g->kind); i++)
        err = cursor_take_svarint(c, &e[i].tag);
    return err;
}

static enum err unpack_group(struct cursor *c, struct siglog *l, struct group *g, uint64_t *left,
                             int64_t base) {
    struct past past = {.t1 = base};
    size_t first = l->n;
    enum err err = unpack_group_head(c, *left, g);

    if (err != ERR_OK)
        return err;
    *left -= g->count;
    for (uint64_t times = g->count; times > 0 && err == ERR_OK;)
        err = unpack_token(c, l, g, &past, &times);
    if (err != ERR_OK)
        return err;
    assert(l->n - first == g->count); /* tokens never give more than was left */
    return unpack_values(c, g, l->at + first);
}

static enum err unpack_all(struct cursor *c, struct siglog *l) {
    struct group g = {0};
    uint64_t left;
    int64_t base;
    uint8_t format;
    enum err err = cursor_take_byte(c, &format);

    err = err != ERR_OK ? err : cursor_take_varint(c, &left);
    err = err != ERR_OK ? err : cursor_take_svarint(c, &base);
    if (err != ERR_OK)
        return err;
    if (format != PACK_FORMAT)
        return ERR_FORMAT;
    while (left > 0 && err == ERR_OK)
        err = unpack_group(c, l, &g, &left, base);
    return err == ERR_OK && cursor_left(c) > 0 ? ERR_FORMAT : err;
}

enum err siglog_unpack(struct span bytes, struct siglog *l) {
    size_t before = l->n;
    uint32_t crc;

    if (bytes.n < PACK_CRC)
        return ERR_TRUNCATED;
    struct cursor tail = cursor_of(span_of(bytes.p + bytes.n - PACK_CRC, PACK_CRC));
    enum err err = cursor_take_le32(&tail, &crc);
    struct span body = span_of(bytes.p, bytes.n - PACK_CRC);
    if (err == ERR_OK && crc != crc32c(body))
        return ERR_CHECKSUM;
    struct cursor c = cursor_of(body);
    err = err != ERR_OK ? err : unpack_all(&c, l);
    if (err != ERR_OK)
        l->n = before;
    return err;
}

enum err siglog_fold(const struct span *segment, size_t n, struct buf *out) {
    struct siglog all;
    enum err err = ERR_OK;

    siglog_init(&all);
    for (size_t i = 0; i < n && err == ERR_OK; i++)
        err = siglog_unpack(segment[i], &all);
    if (err == ERR_OK) {
        siglog_canonical(&all);
        err = siglog_pack(all.at, all.n, out);
    }
    siglog_fini(&all);
    return err;
}
