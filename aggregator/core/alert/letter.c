/* Value of a row: u8 0, varint tries, svarint UTC ms when it was put aside, then two texts, each a
 * varint length and its bytes: the receiver's words, the positions; the event as packed. Rows of
 * earlier programs begin with the length of the words, which are never empty, and have the event
 * behind them. Texts that are longer than ours are cut. */
#include "alert/letter.h"

#include <string.h>

static size_t begin_key(const struct ident *channel, uint8_t *out) {
    const size_t n = strlen(channel->s) + 1;
    out[0] = ALERT_LETTER_MARK;
    memcpy(out + 1, channel->s, n);
    return n + 1;
}

size_t alert_letter_key(const struct ident *channel, uint64_t n,
                        uint8_t out[ALERT_LETTER_KEY_MAX]) {
    const size_t at = begin_key(channel, out);
    alert_event_key(n, out + at);
    return at + ALERT_EVENT_KEY;
}

size_t alert_letter_key_end(const struct ident *channel, uint8_t out[ALERT_LETTER_KEY_MAX]) {
    const size_t at = begin_key(channel, out);
    out[at - 1] = 1; /* behind the NUL that ends the id */
    return at;
}

enum err alert_letter_key_parse(struct span key, struct ident *channel, uint64_t *n) {
    if (key.n == 0 || key.p[0] != ALERT_LETTER_MARK)
        return ERR_FORMAT;
    return alert_notice_key_parse(span_of(key.p + 1, key.n - 1), channel, n);
}

static void add_text(struct buf *out, const char *text) {
    (void)buf_add_varint(out, strlen(text));
    (void)buf_add_str(out, text);
}

enum err alert_letter_pack(const struct alert_letter *l, struct buf *out) {
    (void)buf_add_byte(out, 0);
    (void)buf_add_varint(out, l->tries);
    (void)buf_add_svarint(out, l->at_ms);
    add_text(out, l->words);
    add_text(out, l->to);
    return alert_event_pack(&l->event, out);
}

static enum err take_text(struct cursor *c, char *out, size_t most) {
    uint64_t n = 0;
    struct span s;
    enum err err = cursor_take_varint(c, &n);
    if (!err)
        err = n > cursor_left(c) ? ERR_TRUNCATED : cursor_take_span(c, (size_t)n, &s);
    if (err)
        return err;
    const size_t kept = s.n < most ? s.n : most;
    if (kept)
        memcpy(out, s.p, kept);
    out[kept] = 0;
    return ERR_OK;
}

static enum err take_event(struct cursor *c, struct alert_event *e) {
    struct span rest;
    enum err err = cursor_take_span(c, cursor_left(c), &rest);
    return err ? err : alert_event_unpack(rest, e);
}

static enum err take(struct cursor c, struct alert_letter *l) {
    uint8_t form = 0;
    enum err err = cursor_take_byte(&c, &form);
    if (!err && form != 0)
        err = ERR_FORMAT;
    if (!err)
        err = cursor_take_varint(&c, &l->tries);
    if (!err)
        err = cursor_take_svarint(&c, &l->at_ms);
    if (!err)
        err = take_text(&c, l->words, ALERT_LETTER_WORDS);
    if (!err)
        err = take_text(&c, l->to, ALERT_LETTER_TO);
    return err ? err : take_event(&c, &l->event);
}

static enum err take_old(struct cursor c, struct alert_letter *l) {
    enum err err = take_text(&c, l->words, ALERT_LETTER_WORDS);
    return err ? err : take_event(&c, &l->event);
}

/* What is read of a damaged one is kept: its words say why it is. */
enum err alert_letter_unpack(struct span key, struct span value, struct alert_letter *out) {
    struct alert_letter l = {.at_ms = INT64_MIN};
    uint64_t n = 0;
    enum err err = alert_letter_key_parse(key, &l.channel, &n);
    if (err)
        return err;
    const bool old = value.n > 0 && value.p[0] != 0;
    l.damaged = (old ? take_old : take)(cursor_of(value), &l) != ERR_OK || l.event.n != n;
    if (l.damaged)
        l.event = (struct alert_event){.n = n};
    *out = l;
    return ERR_OK;
}
