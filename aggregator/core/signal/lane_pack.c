/* Checkpoint bytes of a lane, format 4. Numbers are little-endian, two's complement.
 *
 *     0   byte    4                      format
 *     1   le32    n                      signals
 *     5   le32    m                      sources
 *     9   le64    slot_ms
 *     17  le32    k                      links
 *     21  m x 16  since_ms (2^50 more: handed), until_ms
 *     ..  n x 96  raw, t_ms, scaled, held_raw, held_t_ms, open_t0_ms, open_t1_ms, open_value,
 *                 watched_ms or open_covered_ms (8 bytes each); id, poll_ms (4 each); source (2);
 *                 type, sampling (16 more: unheard), flags, open_flags, quality, width_bits,
 * width_digits, most_amount, most_rate, steps (1 each); 4 zero
 *     ..  k x 168 old as a signal; key_raw, key_t_ms, moved_ms, raw, t_ms, step_t0_ms, step_t1_ms,
 *                 step (8 bytes each); point (4); flags, first_flags, step_flags, 0 (1 each)
 *     ..  le32    crc32c of all bytes before
 *
 * Format 3 is the same from before gauges were integrated: it has no millionths of them, so their
 * next value begins anew.
 * Not in it: limits (they come from the plant file and the point table), lists of a source (they
 * follow from the signals), was_ms (between batches it is until_ms), hour_ms (the hour of until_ms:
 * between batches states are always logged up to it). Valid: the checksum holds, the length fits,
 * times lie within 2^45 ms or are INT64_MIN, and lane_check() passes. The store writes the bytes in
 * the transaction that moves the ack, so there is no half-written checkpoint to recover from. */
#include <endian.h>

#include "base/hash.h"
#include "signal/lane_part.h"

enum {
    LANE_FORMAT = 4,
    FORMAT_BARE_GAUGES = 3,
    UNHEARD = 16, /* beside the sampling */
    HEAD = 21,
    SOURCE = 16,
    SIGNAL = 96,
    LINK = 168,
    CRC = 4
};
#define TIME_MAX_MS (INT64_C(1) << 45)
#define HANDED_MS (INT64_C(1) << 50)

static uint8_t *put64(uint8_t *p, int64_t v) {
    uint64_t le = htole64((uint64_t)v);

    memcpy(p, &le, sizeof le);
    return p + sizeof le;
}

static uint8_t *put32(uint8_t *p, uint32_t v) {
    uint32_t le = htole32(v);

    memcpy(p, &le, sizeof le);
    return p + sizeof le;
}

static const uint8_t *get64(const uint8_t *p, int64_t *v) {
    uint64_t le;

    memcpy(&le, p, sizeof le);
    *v = (int64_t)le64toh(le);
    return p + sizeof le;
}

static const uint8_t *get32(const uint8_t *p, uint32_t *v) {
    uint32_t le;

    memcpy(&le, p, sizeof le);
    *v = le32toh(le);
    return p + sizeof le;
}

static uint8_t *put_source(uint8_t *p, const struct lane_source *src) {
    const bool handed = src->handed && src->until_ms != LANE_NEVER;

    return put64(put64(p, src->since_ms + (handed ? HANDED_MS : 0)), src->until_ms);
}

static const uint8_t *get_source(const uint8_t *p, struct lane_source *src) {
    p = get64(get64(p, &src->since_ms), &src->until_ms);
    src->handed = src->until_ms != LANE_NEVER && src->since_ms >= HANDED_MS - TIME_MAX_MS;
    src->since_ms -= src->handed ? HANDED_MS : 0;
    return p;
}

static uint8_t *put_signal(uint8_t *p, const struct signal_state *s) {
    const int64_t wide[] = {s->raw,        s->t_ms,       s->scaled,     s->held_raw,  s->held_t_ms,
                            s->open_t0_ms, s->open_t1_ms, s->open_value, s->watched_ms};
    const uint8_t narrow[] = {(uint8_t)s->source,
                              (uint8_t)(s->source >> 8),
                              s->type,
                              (uint8_t)(s->sampling | (s->unheard ? UNHEARD : 0)),
                              s->flags,
                              s->open_flags,
                              s->quality,
                              s->width_bits,
                              s->width_digits,
                              s->most_amount,
                              s->most_rate,
                              s->steps};

    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        p = put64(p, wide[i]);
    p = put32(put32(p, s->id), s->poll_ms);
    memcpy(p, narrow, sizeof narrow);
    memset(p + sizeof narrow, 0, 16 - sizeof narrow);
    return p + 16;
}

static const uint8_t *get_signal(const uint8_t *p, struct signal_state *s) {
    int64_t *wide[] = {&s->raw,        &s->t_ms,       &s->scaled,     &s->held_raw,  &s->held_t_ms,
                       &s->open_t0_ms, &s->open_t1_ms, &s->open_value, &s->watched_ms};

    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        p = get64(p, wide[i]);
    p = get32(get32(p, &s->id), &s->poll_ms);
    s->source = (uint16_t)(p[0] | p[1] << 8);
    s->type = p[2];
    s->sampling = p[3] & POINT_HELD ? POINT_HELD : POINT_SAMPLED;
    s->unheard = (p[3] & UNHEARD) != 0;
    if (p[3] & ~(UNHEARD | POINT_HELD))
        s->type = POINT_TYPE_COUNT; /* refused */
    s->flags = p[4];
    s->open_flags = p[5];
    s->quality = p[6];
    s->width_bits = p[7];
    s->width_digits = p[8];
    s->most_amount = p[9];
    s->most_rate = p[10];
    s->steps = p[11];
    return p + 16;
}

static uint8_t *put_link(uint8_t *p, const struct lane_link *k) {
    const int64_t wide[] = {k->key_raw, k->key_t_ms,   k->moved_ms,   k->raw,
                            k->t_ms,    k->step_t0_ms, k->step_t1_ms, k->step};
    const uint8_t narrow[] = {k->flags, k->first_flags, k->step_flags, k->break_flags};

    p = put_signal(p, &k->old);
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        p = put64(p, wide[i]);
    p = put32(p, k->point);
    memcpy(p, narrow, sizeof narrow);
    return p + sizeof narrow;
}

static const uint8_t *get_link(const uint8_t *p, struct lane_link *k) {
    int64_t *wide[] = {&k->key_raw, &k->key_t_ms,   &k->moved_ms,   &k->raw,
                       &k->t_ms,    &k->step_t0_ms, &k->step_t1_ms, &k->step};

    p = get_signal(p, &k->old);
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        p = get64(p, wide[i]);
    p = get32(p, &k->point);
    k->flags = p[0];
    k->first_flags = p[1];
    k->step_flags = p[2];
    k->break_flags = p[3];
    return p + 4;
}

enum err lane_pack(const struct lane *l, struct buf *out) {
    size_t start = out->n;
    size_t size = HEAD + l->source_n * SOURCE + l->n * SIGNAL + l->link_n * LINK;
    enum err err = buf_reserve(out, size + CRC);

    if (err != ERR_OK)
        return err;
    uint8_t *p = out->p + start;
    *p++ = LANE_FORMAT;
    p = put32(p, (uint32_t)l->n);
    p = put32(p, (uint32_t)l->source_n);
    p = put64(p, l->slot_ms);
    p = put32(p, (uint32_t)l->link_n);
    for (size_t i = 0; i < l->source_n; i++)
        p = put_source(p, &l->source[i]);
    for (size_t i = 0; i < l->n; i++)
        p = put_signal(p, &l->slab[i]);
    for (size_t i = 0; i < l->link_n; i++)
        p = put_link(p, &l->link[i]);
    out->n += size;
    return buf_add_le32(out, crc32c(span_of(out->p + start, size)));
}

static bool time_legal(int64_t t_ms) {
    return t_ms == LANE_NEVER || (t_ms >= -TIME_MAX_MS && t_ms <= TIME_MAX_MS);
}

static bool scaled_legal(const struct signal_state *s) {
    int64_t limit = lane_slots(s->type) ? LANE_POWER_LIMIT_UW : LANE_SCALED_LIMIT;

    return s->scaled >= -limit && s->scaled <= limit;
}

static bool signal_legal(const struct signal_state *s) {
    bool seen = s->flags & SIGNAL_SEEN;

    return time_legal(s->t_ms) && time_legal(s->held_t_ms) && time_legal(s->open_t0_ms) &&
           time_legal(s->open_t1_ms) && time_legal(s->watched_ms) && scaled_legal(s) &&
           s->width_bits <= 64 && s->width_digits <= 18 &&
           (!seen || (s->t_ms != LANE_NEVER && s->held_t_ms != LANE_NEVER)) &&
           (!seen || s->type != POINT_STATE || s->open_t0_ms != LANE_NEVER) &&
           (!lane_slots(s->type) || s->open_covered_ms == 0 || s->open_t0_ms != LANE_NEVER);
}

static bool link_legal(const struct lane *l, const struct lane_link *k) {
    const size_t at = (size_t)(k - l->link);

    return k->point < l->n && lane_steps(l->slab[k->point].type) && signal_legal(&k->old) &&
           (at == 0 || l->link[at - 1].point <= k->point) &&
           ((k->first_flags | k->step_flags | k->break_flags) & ~SIGLOG_FLAGS) == 0 &&
           time_legal(k->key_t_ms) && time_legal(k->moved_ms) && k->moved_ms != LANE_NEVER &&
           time_legal(k->t_ms) && time_legal(k->step_t0_ms) && time_legal(k->step_t1_ms) &&
           k->step_t0_ms <= k->step_t1_ms && k->step >= 0;
}

static enum err get_links(struct lane *l, const uint8_t *p, size_t links) {
    enum err err = lane_part_links(l, links);

    for (; err == ERR_OK && l->link_n < links; l->link_n++) {
        struct lane_link *k = &l->link[l->link_n];
        *k = (struct lane_link){0};
        p = get_link(p, k);
        if (!link_legal(l, k))
            err = ERR_FORMAT;
    }
    return err;
}

static enum err get_lane(struct lane *l, const uint8_t *p, size_t n, size_t m, size_t links) {
    static const struct signal_limits plain = {.num = 1, .den = 1};
    enum err err = lane_part_grow(l, n, m);

    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < m; i++) {
        struct lane_source *src = &l->source[i];
        p = get_source(p, src);
        src->was_ms = src->until_ms;
        bool none = src->until_ms == LANE_NEVER;
        if (!time_legal(src->until_ms) || (!none && !time_legal(src->since_ms)))
            return ERR_FORMAT;
        src->hour_ms = none ? LANE_NEVER : utc_floor(src->until_ms, UTC_HOUR_MS);
    }
    for (; l->n < n; l->n++) {
        struct signal_state *s = &l->slab[l->n];
        *s = (struct signal_state){0};
        p = get_signal(p, s);
        if (s->source >= m || s->type >= POINT_TYPE_COUNT || !signal_legal(s))
            return ERR_FORMAT;
        err = lane_limits_put(l, l->n, &plain);
        if (err != ERR_OK)
            return err;
        lane_part_link(l, l->n);
    }
    err = get_links(l, p, links);
    if (err != ERR_OK)
        return err;
    return lane_check(l) ? ERR_OK : ERR_FORMAT;
}

enum err lane_unpack(struct lane *l, struct span bytes) {
    uint32_t n, m, links, crc;
    int64_t slot_ms;

    if (l->n > 0 || l->source_n > 0)
        return ERR_STATE;
    if (bytes.n < HEAD + CRC)
        return ERR_TRUNCATED;
    struct span body = span_of(bytes.p, bytes.n - CRC);
    (void)get32(bytes.p + body.n, &crc);
    if (crc != crc32c(body))
        return ERR_CHECKSUM;
    const uint8_t *p = get64(get32(get32(body.p + 1, &n), &m), &slot_ms);
    p = get32(p, &links);
    uint64_t size = HEAD + (uint64_t)m * SOURCE + (uint64_t)n * SIGNAL + (uint64_t)links * LINK;
    const bool bare = body.p[0] == FORMAT_BARE_GAUGES;
    if ((body.p[0] != LANE_FORMAT && !bare) || size != body.n || n > POINT_TABLE_MAX ||
        links > 2 * n || m > POINT_SOURCE_MAX || slot_ms < 1 || slot_ms > LANE_SLOT_MAX_MS)
        return ERR_FORMAT;
    l->slot_ms = slot_ms;
    enum err err = get_lane(l, p, n, m, links);
    for (size_t i = 0; bare && i < l->n; i++)
        if (l->slab[i].type == POINT_GAUGE)
            l->slab[i].flags &= (uint8_t)~SIGNAL_SEEN;
    if (err != ERR_OK)
        lane_fini(l);
    return err;
}
