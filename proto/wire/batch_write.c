/* One record on the wire and in the journal: a msgpack array of 9 elements. Integers may have any
 * msgpack width and need not be the shortest; ours are.
 *
 *   0 version   1
 *   1 kind      0 data, 1 key, 2 dropped, 3 clock
 *   2 epoch     1 .. 2^64-1
 *   3 seq       1 .. 2^63-1
 *   4 t_ms      base of all times below, |t_ms| <= 2^43
 *   5 body      data:    nil
 *               key:     [prev_epoch, prev_last, part, parts, points_total]
 *                        prev_epoch 0 with prev_last 0: none; else not our own epoch;
 *                        part < parts <= 65535, points_total <= 65535
 *               dropped: [from, to, reason, readings, from_ms, to_ms]
 *                        1 <= from <= to == seq, reason 0 .. 3, readings < 2^63, absolute times
 *               clock:   [from_ms, to_ms], absolute
 *   6 points    array of n points, n <= 65535; each
 *               [id, source, type, sampling, sticky, width_bits, width_digits, num, den, poll_ms,
 *                name, unit, hint]: ids rise by one within a record and stay below points_total;
 *               sticky is a bool, the last three are texts; other limits: point_check().
 *               Empty in data and clock records.
 *   7 asofs     array of n spans, n <= 1024, each [source, since, until] relative to t_ms;
 *               since <= until, no source twice
 *   8 readings  flat array of 3 n elements, n <= 8192; for each reading
 *               key    point | quality << 16, point 0 .. 65535, quality 0 .. 2
 *               delta  t_ms of the reading - t_ms of the record; the sum stays within 2^43
 *               value  integer within int64 | float (finite) | str (showable UTF-8, <= 256 bytes) |
 *                      (a text of quality 2 says why) | nil (quality 2 only) | [amount, dur_ms,
 * tag] with 0 <= dur_ms <= 2^43 Empty in clock records.
 *
 * Nothing may follow. The record is at most BATCH_BYTES_MAX long. Bytes carry no checksum of their
 * own: the journal's frame and, on the network, the seal do. A record is refused whole or taken
 * whole. */
#include <msgpack/pack.h>

#include "wire/batch_check.h"

/* Upper bounds of the parts, in bytes: 9 for a full integer, 5 for 32 bit, 3 for 16 bit and for the
 * header of an array that may be long. */
enum {
    BODY_BYTES = 1 + 6 * 9,
    HEAD_BYTES = 1 + 1 + 1 + 9 + 9 + 9 + BODY_BYTES + 3 * 3,
    POINT_BYTES = 1 + 3 + 3 + 5 * 1 + 2 * 9 + 5 + (2 + POINT_NAME_MAX) + (2 + POINT_UNIT_MAX) +
                  (2 + IDENT_MAX),
    ASOF_BYTES = 1 + 3 + 2 * 9,
    READING_BYTES = 5 + 9 + 1 + 3 * 9, /* a text adds its length */
};

/* The packer's way out. Room was reserved before, so that half an item is never left behind. */
static int packed(void *out, const char *p, size_t n) {
    return buf_add(out, p, n) == ERR_OK ? 0 : -1;
}

static void pack_text(msgpack_packer *k, const char *p, size_t n) {
    msgpack_pack_str(k, n);
    msgpack_pack_str_body(k, p, n);
}

void batch_writer_init(struct batch_writer *w) {
    *w = (struct batch_writer){0};
    buf_init(&w->readings);
    buf_init(&w->asofs);
    buf_init(&w->points);
}

void batch_writer_fini(struct batch_writer *w) {
    buf_fini(&w->readings);
    buf_fini(&w->asofs);
    buf_fini(&w->points);
}

void batch_writer_reset(struct batch_writer *w, int64_t t_ms) {
    buf_reset(&w->readings);
    buf_reset(&w->asofs);
    buf_reset(&w->points);
    w->reading_n = w->asof_n = w->point_n = 0;
    memset(w->asof_seen, 0, sizeof w->asof_seen);
    w->t_ms = t_ms;
}

size_t batch_writer_size(const struct batch_writer *w) {
    return HEAD_BYTES + w->readings.n + w->asofs.n + w->points.n;
}

/* Room for one more item of at most `bytes`. */
static enum err more(const struct batch_writer *w, struct buf *b, size_t bytes) {
    if (batch_writer_size(w) + bytes > BATCH_BYTES_MAX) {
        return ERR_FULL;
    }
    return buf_reserve(b, bytes);
}

static void pack_value(msgpack_packer *k, const struct value *v) {
    switch ((enum value_kind)v->kind) {
    case VALUE_NONE:
        msgpack_pack_nil(k);
        return;
    case VALUE_INT:
        msgpack_pack_int64(k, v->as.i);
        return;
    case VALUE_REAL:
        msgpack_pack_double(k, v->as.r);
        return;
    case VALUE_TEXT:
        pack_text(k, v->as.text.p, v->as.text.n);
        return;
    case VALUE_AMOUNT:
        msgpack_pack_array(k, AMOUNT_FIELDS);
        msgpack_pack_int64(k, v->as.span.amount);
        msgpack_pack_int64(k, v->as.span.dur_ms);
        msgpack_pack_int64(k, v->as.span.tag);
        return;
    }
}

enum err batch_writer_add(struct batch_writer *w, const struct reading *r) {
    if (!batch_reading_check(r)) {
        return ERR_RANGE;
    }
    if (w->reading_n >= BATCH_READINGS_MAX) {
        return ERR_FULL;
    }
    size_t text = r->v.kind == VALUE_TEXT ? r->v.as.text.n : 0;
    enum err e = more(w, &w->readings, READING_BYTES + text);
    if (e) {
        return e;
    }
    msgpack_packer k;
    msgpack_packer_init(&k, &w->readings, packed);
    msgpack_pack_uint32(&k, r->point | (uint32_t)r->quality << 16);
    msgpack_pack_int64(&k, r->t_ms - w->t_ms);
    pack_value(&k, &r->v);
    w->reading_n++;
    return ERR_OK;
}

enum err batch_writer_add_asof(struct batch_writer *w, struct asof a) {
    if (!batch_asof_check(&a)) {
        return ERR_RANGE;
    }
    uint64_t bit = UINT64_C(1) << (a.source % 64);
    if (w->asof_seen[a.source / 64] & bit) {
        return ERR_EXISTS;
    }
    enum err e = more(w, &w->asofs, ASOF_BYTES);
    if (e) {
        return e;
    }
    msgpack_packer k;
    msgpack_packer_init(&k, &w->asofs, packed);
    msgpack_pack_array(&k, ASOF_FIELDS);
    msgpack_pack_uint16(&k, a.source);
    msgpack_pack_int64(&k, a.since_ms - w->t_ms);
    msgpack_pack_int64(&k, a.until_ms - w->t_ms);
    w->asof_seen[a.source / 64] |= bit;
    w->asof_n++;
    return ERR_OK;
}

static void pack_point(msgpack_packer *k, const struct point *p) {
    msgpack_pack_array(k, POINT_FIELDS);
    msgpack_pack_uint16(k, p->id);
    msgpack_pack_uint16(k, p->source);
    msgpack_pack_uint8(k, p->type);
    msgpack_pack_uint8(k, p->sampling);
    if (p->sticky) {
        msgpack_pack_true(k);
    } else {
        msgpack_pack_false(k);
    }
    msgpack_pack_uint8(k, p->width_bits);
    msgpack_pack_uint8(k, p->width_digits);
    msgpack_pack_int64(k, p->num);
    msgpack_pack_int64(k, p->den);
    msgpack_pack_uint32(k, p->poll_ms);
    pack_text(k, p->name, strlen(p->name));
    pack_text(k, p->unit, strlen(p->unit));
    pack_text(k, p->hint, strlen(p->hint));
}

enum err batch_writer_add_point(struct batch_writer *w, const struct point *p) {
    bool follows = w->point_n == 0 || p->id == w->point_next;
    if (!point_check(p) || p->id >= POINT_TABLE_MAX || !follows) {
        return ERR_RANGE;
    }
    enum err e = more(w, &w->points, POINT_BYTES);
    if (e) {
        return e;
    }
    msgpack_packer k;
    msgpack_packer_init(&k, &w->points, packed);
    pack_point(&k, p);
    w->point_next = (uint16_t)(p->id + 1);
    w->point_n++;
    return ERR_OK;
}

/* Everything that batch_parse() would refuse is refused here too. */
static bool encodable(const struct batch_writer *w, const struct batch_head *h,
                      const struct batch_key *key, const struct batch_dropped *dropped,
                      const struct batch_clock *clock) {
    bool bodies = (key != NULL) == (h->kind == BATCH_KEY) &&
                  (dropped != NULL) == (h->kind == BATCH_DROPPED) &&
                  (clock != NULL) == (h->kind == BATCH_CLOCK);
    if (!bodies || !batch_head_check(h) || h->t_ms != w->t_ms ||
        (key && !batch_key_check(h, key)) || (dropped && !batch_dropped_check(h, dropped)) ||
        (clock && !batch_clock_check(clock))) {
        return false;
    }
    /* point_next is one past the highest id of this record, so it bounds n as well */
    bool table = !key || w->point_n == 0 || w->point_next <= key->points_total;
    return table && batch_load_check((enum batch_kind)h->kind, w->point_n,
                                     key ? key->points_total : POINT_TABLE_MAX, w->reading_n);
}

static void pack_key(msgpack_packer *k, const struct batch_key *key) {
    msgpack_pack_array(k, 5);
    msgpack_pack_uint64(k, key->prev_epoch);
    msgpack_pack_uint64(k, key->prev_last);
    msgpack_pack_uint32(k, key->part);
    msgpack_pack_uint32(k, key->parts);
    msgpack_pack_uint32(k, key->points_total);
}

static void pack_dropped(msgpack_packer *k, const struct batch_dropped *d) {
    msgpack_pack_array(k, 6);
    msgpack_pack_uint64(k, d->from);
    msgpack_pack_uint64(k, d->to);
    msgpack_pack_uint8(k, d->reason);
    msgpack_pack_uint64(k, d->readings);
    msgpack_pack_int64(k, d->from_ms);
    msgpack_pack_int64(k, d->to_ms);
}

static void pack_head(msgpack_packer *k, const struct batch_head *h) {
    msgpack_pack_array(k, BATCH_FIELDS);
    msgpack_pack_uint8(k, BATCH_VERSION);
    msgpack_pack_uint8(k, h->kind);
    msgpack_pack_uint64(k, h->epoch);
    msgpack_pack_uint64(k, h->seq);
    msgpack_pack_int64(k, h->t_ms);
}

static void pack_list(msgpack_packer *k, size_t elements, const struct buf *body, struct buf *out) {
    msgpack_pack_array(k, elements);
    if (body->n > 0) {
        (void)buf_add(out, body->p, body->n);
    }
}

enum err batch_writer_encode(const struct batch_writer *w, const struct batch_head *head,
                             const struct batch_key *key, const struct batch_dropped *dropped,
                             const struct batch_clock *clock, struct buf *out) {
    if (!encodable(w, head, key, dropped, clock)) {
        return ERR_RANGE;
    }
    enum err e = buf_reserve(out, batch_writer_size(w));
    if (e) {
        return e;
    }
    msgpack_packer k;
    msgpack_packer_init(&k, out, packed);
    pack_head(&k, head);
    if (key) {
        pack_key(&k, key);
    } else if (dropped) {
        pack_dropped(&k, dropped);
    } else if (clock) {
        msgpack_pack_array(&k, 2);
        msgpack_pack_int64(&k, clock->from_ms);
        msgpack_pack_int64(&k, clock->to_ms);
    } else {
        msgpack_pack_nil(&k);
    }
    pack_list(&k, w->point_n, &w->points, out);
    pack_list(&k, w->asof_n, &w->asofs, out);
    pack_list(&k, (size_t)w->reading_n * READING_FIELDS, &w->readings, out);
    return ERR_OK;
}
