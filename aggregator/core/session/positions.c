/* Positions as bytes, a part of the agent's checkpoint:
 *
 *   0  u8      version, 3
 *   1  varint  nonce, open epoch, number of epochs
 *   .. svarint first time after the image put back last, 0: none
 *   .. epochs, oldest first, each
 *      le64    epoch
 *      varint  prev_epoch, prev_last, last, final_last, gap_records, key_next, key_parts
 *      u8      lane, 255: none
 *      u8      bits: 1 need_key, 2 ended, 4 closed, 8 after_gap, 16 begun, 64 renewed,
 *              128 head_gone
 *   .. le32    CRC-32C of all before
 *
 * In version 2 bit 16 told that a first key frame was not whole: its parts were applied as they
 * came.
 *
 * Whole or refused: a checkpoint commits as one, so damage means a damaged store. The oldest
 * unfinished epoch and who is joined to whom are worked out again. */
#include <stdlib.h>

#include "base/hash.h"
#include "session/chain.h"

enum { VERSION = 3, EPOCH_BYTES_MIN = 17, CRC_BYTES = 4 };
enum {
    NEED_KEY = 1,
    ENDED = 2,
    CLOSED = 4,
    AFTER_GAP = 8,
    BEGUN = 16,
    FILLING_2 = 16,
    INHERITING_2 = 32,
    RENEWED = 64,
    HEAD_GONE = 128
};

static uint8_t bits_of(const struct session_epoch *e) {
    unsigned bits = (e->need_key ? NEED_KEY : 0) | (e->ended ? ENDED : 0) |
                    (e->closed ? CLOSED : 0) | (e->after_gap ? AFTER_GAP : 0) |
                    (e->begun ? BEGUN : 0) | (e->renewed ? RENEWED : 0) |
                    (e->head_gone ? HEAD_GONE : 0);
    return (uint8_t)bits;
}

static void put_epoch(const struct session_epoch *e, struct buf *out) {
    buf_add_le64(out, e->epoch);
    buf_add_varint(out, e->prev_epoch);
    buf_add_varint(out, e->prev_last);
    buf_add_varint(out, e->last);
    buf_add_varint(out, e->final_last);
    buf_add_varint(out, e->gap_records);
    buf_add_varint(out, e->key_next);
    buf_add_varint(out, e->key_parts);
    buf_add_byte(out, e->lane);
    buf_add_byte(out, bits_of(e));
}

enum err session_pack(const struct session *s, struct buf *out) {
    size_t from = out->n;
    buf_add_byte(out, VERSION);
    buf_add_varint(out, s->nonce);
    buf_add_varint(out, s->open_epoch);
    buf_add_varint(out, s->epoch_n);
    buf_add_svarint(out, s->renewed_from_ms);
    for (size_t i = 0; i < s->epoch_n; i++)
        put_epoch(&s->epoch[i], out);
    if (!out->failed)
        buf_add_le32(out, crc32c(span_of(out->p + from, out->n - from)));
    return out->failed ? ERR_NOMEM : ERR_OK;
}

/* --- reading -----------------------------------------------------------------------------------
 */

static enum err take_part(struct cursor *c, uint32_t *out) {
    uint64_t v = 0;
    enum err err = cursor_take_varint(c, &v);
    if (!err && v > UINT32_MAX)
        err = ERR_FORMAT;
    if (!err)
        *out = (uint32_t)v;
    return err;
}

static enum err take_numbers(struct cursor *c, struct session_epoch *e) {
    uint64_t *const field[] = {&e->prev_epoch, &e->prev_last, &e->last, &e->final_last,
                               &e->gap_records};
    enum err err = cursor_take_le64(c, &e->epoch);
    for (size_t i = 0; i < sizeof field / sizeof field[0] && !err; i++)
        err = cursor_take_varint(c, field[i]);
    if (!err)
        err = take_part(c, &e->key_next);
    return err ? err : take_part(c, &e->key_parts);
}

static enum err take_epoch(struct cursor *c, uint8_t version, struct session_epoch *e) {
    uint8_t bits = 0;
    *e = (struct session_epoch){0};
    enum err err = take_numbers(c, e);
    if (!err)
        err = cursor_take_byte(c, &e->lane);
    if (!err)
        err = cursor_take_byte(c, &bits);
    if (err)
        return err;
    e->durable = e->last;
    e->need_key = bits & NEED_KEY;
    e->ended = bits & ENDED;
    e->closed = e->closed_durable = bits & CLOSED;
    e->after_gap = bits & AFTER_GAP;
    e->begun = bits & BEGUN;
    if (version == 2) {
        if (bits & (FILLING_2 | INHERITING_2))
            return ERR_FORMAT; /* whole or not, it began lanes: that version has to end it */
        e->begun = e->lane != SESSION_NO_LANE || (e->closed && e->last > 0 && !e->head_gone);
    }
    e->renewed = bits & RENEWED;
    e->head_gone = bits & HEAD_GONE;
    return e->last > BATCH_SEQ_MAX || e->prev_last > BATCH_SEQ_MAX ? ERR_FORMAT : ERR_OK;
}

struct head {
    uint8_t version;
    uint64_t nonce, open_epoch, epoch_n;
    int64_t renewed_from_ms;
};

/* Opens packed bytes whose checksum holds; the cursor stands at the first epoch. */
static enum err take_head(struct span bytes, struct cursor *c, struct head *h) {
    uint32_t crc = 0;
    if (bytes.n < CRC_BYTES + 1)
        return ERR_TRUNCATED;
    struct span body = span_of(bytes.p, bytes.n - CRC_BYTES);
    struct cursor tail = cursor_of(span_of(bytes.p + body.n, CRC_BYTES));
    enum err err = cursor_take_le32(&tail, &crc);
    if (!err && crc != crc32c(body))
        err = ERR_CHECKSUM;
    *c = cursor_of(body);
    if (!err)
        err = cursor_take_byte(c, &h->version);
    if (!err && h->version != VERSION && h->version != 2)
        err = ERR_FORMAT;
    uint64_t *const field[] = {&h->nonce, &h->open_epoch, &h->epoch_n};
    for (size_t i = 0; i < 3 && !err; i++)
        err = cursor_take_varint(c, field[i]);
    if (!err)
        err = cursor_take_svarint(c, &h->renewed_from_ms);
    if (!err && (h->epoch_n > SESSION_CHAIN_MAX || h->epoch_n > cursor_left(c) / EPOCH_BYTES_MIN))
        err = ERR_FORMAT;
    return err;
}

static int by_id(const void *x, const void *y) {
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

/* Who has its predecessor in the chain; no epoch may stand there twice. */
static enum err join(struct session *s) {
    enum err err = ERR_OK;
    uint64_t *id = malloc((s->epoch_n + 1) * sizeof *id);
    if (!id)
        return ERR_NOMEM;
    for (size_t i = 0; i < s->epoch_n; i++)
        id[i] = s->epoch[i].epoch;
    qsort(id, s->epoch_n, sizeof *id, by_id);
    for (size_t i = 1; i < s->epoch_n; i++)
        err = id[i] == id[i - 1] ? ERR_FORMAT : err;
    for (size_t i = 0; i < s->epoch_n; i++) {
        struct session_epoch *e = &s->epoch[i];
        e->joined =
            !e->prev_epoch || bsearch(&e->prev_epoch, id, s->epoch_n, sizeof *id, by_id) != NULL;
    }
    free(id);
    return err;
}

enum err session_unpack(struct session *s, struct span bytes) {
    struct cursor c;
    struct head h = {0};
    struct session t = {.agent = s->agent,
                        .credit_bytes = s->credit_bytes,
                        .holds = s->holds,
                        .leaves = s->leaves,
                        .owner = s->owner};
    enum err err = take_head(bytes, &c, &h);
    if (!err)
        err = chain_reserve(&t, (size_t)h.epoch_n);
    for (; t.epoch_n < h.epoch_n && !err; t.epoch_n += !err)
        err = take_epoch(&c, h.version, &t.epoch[t.epoch_n]);
    if (!err && cursor_left(&c))
        err = ERR_FORMAT;
    if (!err)
        err = join(&t);
    t.nonce = h.nonce;
    t.open_epoch = h.open_epoch;
    t.renewed_from_ms = h.renewed_from_ms;
    chain_mark_aged(&t);
    while (t.front < t.epoch_n && t.epoch[t.front].closed)
        t.front++;
    if (!err && !session_check(&t))
        err = ERR_FORMAT;
    if (err) {
        session_fini(&t);
        return err;
    }
    t.plans_due = true; /* an end that was not executed before the checkpoint */
    session_fini(s);
    *s = t;
    return ERR_OK;
}

/* --- after the commit --------------------------------------------------------------------------
 */

static bool put_durable(struct session_epoch *e, const struct session_epoch *was) {
    bool moved = was->last > e->durable || (was->closed && !e->closed_durable);
    if (was->last > e->durable)
        e->durable = was->last;
    e->closed_durable = e->closed_durable || was->closed;
    e->changed = e->last != e->durable || e->closed != e->closed_durable ||
                 e->ended != was->ended || e->final_last != was->final_last;
    return moved;
}

/* Epochs are only ever put in between, so the packed ones stand in the chain in the same order. */
void session_on_committed(struct session *s, struct span packed) {
    struct cursor c;
    struct head h = {0};
    struct session_epoch was;
    size_t at = 0;
    if (take_head(packed, &c, &h))
        return;
    for (uint64_t i = 0; i < h.epoch_n && !take_epoch(&c, h.version, &was); i++) {
        while (at < s->epoch_n && s->epoch[at].epoch != was.epoch)
            at++;
        if (at < s->epoch_n && put_durable(&s->epoch[at], &was))
            s->ack_due = true;
    }
    s->changed = h.nonce != s->nonce || h.open_epoch != s->open_epoch || h.epoch_n != s->epoch_n;
    chain_note(s);
}
