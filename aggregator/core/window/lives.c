/* Value: format byte; varints: minutes without cells, minutes with cells that were not told,
 * minutes changed since, told values, numerators and denominators; in format 3 a byte, the cause of
 * what is to be told, in format 2 there is none; then of each restated minute its number, revision
 * and cause (byte, varint, byte), up to the crc32c over all before it. */
#include "window/lives.h"

#include <stdlib.h>

#include "base/hash.h"

enum { LIVES_CALM = 2, LIVES_WITH_CAUSE = 3 };
#define WHOLE ((UINT64_C(1) << LIVES_MINUTES) - 1)

void lives_fini(struct lives *l) {
    free(l->told);
    *l = (struct lives){0};
}

static struct lives_told *get_told(struct lives *l) {
    if (!l->told)
        l->told = calloc(1, sizeof *l->told);
    return l->told;
}

enum err lives_tell(struct lives *l, unsigned minute, enum restate_cause cause) {
    uint64_t bit = UINT64_C(1) << minute;
    if (l->settled & bit) {
        struct lives_told *told = get_told(l);
        if (!told)
            return ERR_NOMEM;
        told->revision[minute]++;
        told->cause[minute] = (uint8_t)cause;
    }
    l->settled |= bit;
    l->changed &= ~bit;
    return ERR_OK;
}

void lives_get(const struct lives *l, int64_t hour, unsigned minute, struct window *w) {
    uint64_t bit = UINT64_C(1) << minute;
    w->key.start_ms = hour * UTC_HOUR_MS + (int64_t)minute * UTC_MINUTE_MS;
    w->end_ms = w->key.start_ms + UTC_MINUTE_MS;
    w->revision = l->told ? l->told->revision[minute] : 0;
    w->cause = l->told ? l->told->cause[minute] : RESTATE_NONE;
    w->life = !(l->settled & bit) ? WINDOW_PROVISIONAL
              : w->revision       ? WINDOW_RESTATED
                                  : WINDOW_SETTLED;
    w->changed = l->changed & bit;
}

void lives_key_pack(bool closed, uint32_t node_no, int64_t hour, uint8_t out[LIVES_KEY_BYTES]) {
    const struct window_key key = {
        .node = node_no, .kind = WINDOW_MINUTE, .start_ms = hour * UTC_HOUR_MS};
    out[0] = closed;
    window_key_pack(&key, out + 1);
}

enum err lives_key_unpack(struct span bytes, uint32_t *node_no, int64_t *hour) {
    struct window_key key;
    if (bytes.n != LIVES_KEY_BYTES || bytes.p[0] > 1)
        return ERR_FORMAT;
    enum err err = window_key_unpack(span_of(bytes.p + 1, WINDOW_KEY_BYTES), &key);
    if (err || key.kind != WINDOW_MINUTE || utc_floor(key.start_ms, UTC_HOUR_MS) != key.start_ms)
        return ERR_FORMAT;
    *node_no = key.node;
    *hour = key.start_ms / UTC_HOUR_MS;
    return ERR_OK;
}

enum err lives_pack(const struct lives *l, struct buf *out) {
    size_t from = out->n;
    buf_add_byte(out, l->next_cause ? LIVES_WITH_CAUSE : LIVES_CALM);
    buf_add_varint(out, WHOLE & ~l->exists);
    buf_add_varint(out, l->exists & ~l->settled);
    buf_add_varint(out, l->changed);
    buf_add_varint(out, l->fields.value);
    buf_add_varint(out, l->fields.numerator);
    buf_add_varint(out, l->fields.denominator);
    if (l->next_cause)
        buf_add_byte(out, l->next_cause);
    for (unsigned m = 0; l->told && m < LIVES_MINUTES; m++) {
        if (!l->told->revision[m])
            continue;
        buf_add_byte(out, (uint8_t)m);
        buf_add_varint(out, l->told->revision[m]);
        buf_add_byte(out, l->told->cause[m]);
    }
    return buf_add_le32(out, crc32c(span_of(out->p + from, out->n - from)));
}

static enum err unpack_told(struct cursor *c, struct lives *l) {
    while (cursor_left(c)) {
        uint8_t minute = 0, cause = 0;
        uint64_t revision = 0;
        enum err err = cursor_take_byte(c, &minute);
        if (!err)
            err = cursor_take_varint(c, &revision);
        if (!err)
            err = cursor_take_byte(c, &cause);
        if (err)
            return err;
        bool told = minute < LIVES_MINUTES && l->settled >> minute & 1;
        if (!told || revision == 0 || revision > UINT32_MAX || cause >= RESTATE_CAUSE_COUNT)
            return ERR_FORMAT;
        struct lives_told *to = get_told(l);
        if (!to)
            return ERR_NOMEM;
        to->revision[minute] = (uint32_t)revision;
        to->cause[minute] = cause;
    }
    return ERR_OK;
}

static enum err unpack_body(struct cursor *c, struct lives *l) {
    uint8_t format = 0;
    uint64_t none = 0, untold = 0;
    enum err err = cursor_take_byte(c, &format);
    if (!err && format != LIVES_CALM && format != LIVES_WITH_CAUSE)
        err = ERR_FORMAT;
    if (!err)
        err = cursor_take_varint(c, &none);
    if (!err)
        err = cursor_take_varint(c, &untold);
    if (!err)
        err = cursor_take_varint(c, &l->changed);
    if (!err)
        err = cursor_take_varint(c, &l->fields.value);
    if (!err)
        err = cursor_take_varint(c, &l->fields.numerator);
    if (!err)
        err = cursor_take_varint(c, &l->fields.denominator);
    if (!err && format == LIVES_WITH_CAUSE)
        err = cursor_take_byte(c, &l->next_cause);
    if (err)
        return err;
    l->exists = WHOLE & ~none;
    l->settled = l->exists & ~untold;
    if (none > WHOLE || untold & ~l->exists || l->changed & ~l->settled ||
        l->next_cause >= RESTATE_CAUSE_COUNT || (format == LIVES_WITH_CAUSE && !l->next_cause))
        return ERR_FORMAT;
    return unpack_told(c, l);
}

enum err lives_unpack(struct span bytes, struct lives *out) {
    struct lives l = {0};
    if (bytes.n < 9)
        return ERR_TRUNCATED;
    struct cursor tail = cursor_of(span_of(bytes.p + bytes.n - 4, 4));
    struct cursor body = cursor_of(span_of(bytes.p, bytes.n - 4));
    uint32_t crc = 0;
    cursor_take_le32(&tail, &crc);
    if (crc != crc32c(span_of(bytes.p, bytes.n - 4)))
        return ERR_CHECKSUM;
    enum err err = unpack_body(&body, &l);
    if (err) {
        lives_fini(&l);
        return err;
    }
    lives_fini(out);
    *out = l;
    return ERR_OK;
}
