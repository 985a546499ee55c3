/* An event as bytes, and as the ledger holds it:
 *
 *   0  u8      version, 1
 *   1  u8      action
 *   .. svarint time
 *   .. le64    print of the command
 *   .. texts   id, key, who, why, evidence, each behind its length (varint)
 *   .. varint  number of changes; of each the texts path, from, to
 *   .. le32    CRC-32C of all before
 *
 * It says what became of the norm, not how that was decided: what settings, rights or the plant say
 * later changes nothing of it. */
#include <stdlib.h>

#include "base/hash.h"
#include "norm/ledger_impl.h"

enum { VERSION = 1, CRC_BYTES = 4, CHANGES_MAX = 4096, TEXTS = 5 };

static void add_text(struct buf *out, struct span text) {
    (void)buf_add_varint(out, text.n);
    (void)buf_add(out, text.p, text.n);
}

enum err record_pack(const struct record *r, struct buf *out) {
    const struct ledger_event *e = &r->e;
    const size_t from = out->n;
    (void)buf_add_byte(out, VERSION);
    (void)buf_add_byte(out, e->action);
    (void)buf_add_svarint(out, e->at_ms);
    (void)buf_add_le64(out, r->print);
    add_text(out, span_str(e->id.s));
    add_text(out, e->key);
    add_text(out, span_str(e->who));
    add_text(out, span_str(e->why));
    add_text(out, span_str(e->evidence));
    (void)buf_add_varint(out, e->change_n);
    for (size_t i = 0; i < e->change_n; i++) {
        add_text(out, span_str(e->change[i].path));
        add_text(out, span_str(e->change[i].from));
        add_text(out, span_str(e->change[i].to));
    }
    if (!out->failed)
        (void)buf_add_le32(out, crc32c(span_of(out->p + from, out->n - from)));
    return out->failed ? ERR_NOMEM : ERR_OK;
}

void record_close(struct record *r) {
    if (!r)
        return;
    norm_texts_fini(&r->texts);
    free(r->change);
    free(r);
}

static enum err take_span(struct cursor *c, struct span *out) {
    uint64_t n = 0;
    enum err err = cursor_take_varint(c, &n);
    if (!err && n > cursor_left(c))
        return ERR_TRUNCATED;
    return err ? err : cursor_take_span(c, (size_t)n, out);
}

static enum err take_text(struct cursor *c, struct record *r, const char **out) {
    struct span s = {0};
    enum err err = take_span(c, &s);
    if (!err && s.n && memchr(s.p, 0, s.n))
        return ERR_FORMAT;
    if (!err)
        *out = norm_texts_keep(&r->texts, s);
    return err ? err : *out ? ERR_OK : ERR_NOMEM;
}

static enum err take_changes(struct cursor *c, struct record *r) {
    uint64_t n = 0;
    enum err err = cursor_take_varint(c, &n);
    if (!err && n > CHANGES_MAX)
        return ERR_FORMAT;
    if (!err && n) {
        r->change = calloc((size_t)n, sizeof *r->change);
        err = r->change ? ERR_OK : ERR_NOMEM;
    }
    for (size_t i = 0; i < n && !err; i++) {
        err = take_text(c, r, &r->change[i].path);
        if (!err)
            err = take_text(c, r, &r->change[i].from);
        if (!err)
            err = take_text(c, r, &r->change[i].to);
    }
    r->e.change = r->change;
    r->e.change_n = (size_t)n;
    return err;
}

static enum err take_head(struct cursor *c, struct record *r) {
    struct ledger_event *e = &r->e;
    const char *text[TEXTS] = {0};
    uint8_t version = 0;
    enum err err = cursor_take_byte(c, &version);
    if (!err && version != VERSION)
        err = ERR_UNSUPPORTED;
    if (!err)
        err = cursor_take_byte(c, &e->action);
    if (!err && e->action >= LEDGER_ACTION_COUNT)
        err = ERR_FORMAT;
    if (!err)
        err = cursor_take_svarint(c, &e->at_ms);
    if (!err)
        err = cursor_take_le64(c, &r->print);
    for (unsigned i = 0; i < TEXTS && !err; i++)
        err = take_text(c, r, &text[i]);
    if (err)
        return err;
    e->key = span_str(text[1]);
    e->who = text[2];
    e->why = text[3];
    e->evidence = text[4];
    return ident_set(&e->id, span_str(text[0])) ? ERR_OK : ERR_FORMAT;
}

enum err record_unpack(struct span bytes, uint64_t n, struct record **out) {
    uint32_t crc = 0;
    if (bytes.n < CRC_BYTES)
        return ERR_TRUNCATED;
    struct span body = span_of(bytes.p, bytes.n - CRC_BYTES);
    struct cursor tail = cursor_of(span_of(bytes.p + body.n, CRC_BYTES));
    struct cursor c = cursor_of(body);
    enum err err = cursor_take_le32(&tail, &crc);
    if (err || crc != crc32c(body))
        return err ? err : ERR_CHECKSUM;
    struct record *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NOMEM;
    r->e.n = n;
    err = take_head(&c, r);
    if (!err)
        err = take_changes(&c, r);
    if (!err && cursor_left(&c))
        err = ERR_FORMAT;
    if (err)
        record_close(r);
    else
        *out = r;
    return err;
}
