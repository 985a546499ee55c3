/* A transition as it is stored, all numbers little endian:
 *
 *    0  form           4  severity      7  n                    39  told, ms
 *    1  from           5  level        15  value, a double      47  until, ms
 *    2  to             6  mark         23  threshold, a double
 *    3  why                            31  event time, ms
 *   55  rule, node, who, note: each a length (1 byte) and its bytes, without a NUL
 *   ..  of form 2: verdict, state, class, reasons (4 bytes)
 *   ..  CRC-32C of all before it (4 bytes)
 *
 * Form 1 is of alerts, form 2 of norms. At most 55 + 49 + 49 + 65 + 241 + 7 + 4 bytes. Whatever is
 * not of this form, and a state, why, severity or level that there is not, is refused. Rows are
 * written in the transaction that holds the state they lead to: a crash leaves both or none. */
#include "alert/event.h"

#include <string.h>

#include "base/hash.h"

enum { FORM_ALERT = 1, FORM_NORM = 2, HEAD = 55 };

/* --- names -------------------------------------------------------------------------------------
 */

const char *alert_state_name(enum alert_state s) {
    static const char *const name[ALERT_STATE_COUNT] = {[ALERT_NORMAL] = "normal",
                                                        [ALERT_PENDING] = "pending",
                                                        [ALERT_ACTIVE] = "active_unacknowledged",
                                                        [ALERT_ACKED] = "active_acknowledged",
                                                        [ALERT_RETURNED] =
                                                            "returned_unacknowledged",
                                                        [ALERT_SHELVED] = "shelved",
                                                        [ALERT_SUPPRESSED] = "suppressed",
                                                        [ALERT_OUT_OF_SERVICE] = "out_of_service"};
    return s < ALERT_STATE_COUNT ? name[s] : "unknown";
}

const char *alert_why_name(enum alert_why w) {
    static const char *const name[ALERT_WHY_COUNT] = {[ALERT_WHY_REACHED] = "reached",
                                                      [ALERT_WHY_RAISED] = "raised",
                                                      [ALERT_WHY_LOWERED] = "lowered",
                                                      [ALERT_WHY_CLEARED] = "cleared",
                                                      [ALERT_WHY_SCHEDULE] = "schedule",
                                                      [ALERT_WHY_ACKED] = "acknowledged",
                                                      [ALERT_WHY_ESCALATED] = "escalated",
                                                      [ALERT_WHY_REPEATED] = "repeated",
                                                      [ALERT_WHY_SHELVED] = "shelved",
                                                      [ALERT_WHY_UNSHELVED] = "unshelved",
                                                      [ALERT_WHY_EXPIRED] = "expired",
                                                      [ALERT_WHY_SUPPRESSED] = "suppressed",
                                                      [ALERT_WHY_RELEASED] = "released",
                                                      [ALERT_WHY_DISABLED] = "disabled",
                                                      [ALERT_WHY_ENABLED] = "enabled",
                                                      [ALERT_WHY_CHANGED] = "rule_changed",
                                                      [ALERT_WHY_GONE] = "rule_gone",
                                                      [ALERT_WHY_NORM_DUE] = "norm_due",
                                                      [ALERT_WHY_NORM_ANSWER] = "norm_answer_due",
                                                      [ALERT_WHY_NORM_OVERDUE] = "norm_overdue",
                                                      [ALERT_WHY_NORM_REVIEW] = "norm_review",
                                                      [ALERT_WHY_NORM_NEGLECTED] =
                                                          "norm_neglected"};
    return w < ALERT_WHY_COUNT ? name[w] : "unknown";
}

/* --- keys --------------------------------------------------------------------------------------
 */

void alert_event_key(uint64_t n, uint8_t out[ALERT_EVENT_KEY]) {
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(n >> (56 - 8 * i));
}

size_t alert_notice_key(const struct ident *recipient, uint64_t n,
                        uint8_t out[ALERT_NOTICE_KEY_MAX]) {
    size_t id = strlen(recipient->s) + 1;
    memcpy(out, recipient->s, id);
    alert_event_key(n, out + id);
    return id + ALERT_EVENT_KEY;
}

enum err alert_notice_key_parse(struct span key, struct ident *recipient, uint64_t *n) {
    struct ident id;
    if (key.n < ALERT_EVENT_KEY + 2 || key.p[key.n - ALERT_EVENT_KEY - 1] != 0 ||
        !ident_set(&id, span_of(key.p, key.n - ALERT_EVENT_KEY - 1)))
        return ERR_FORMAT;
    *recipient = id;
    *n = 0;
    for (size_t i = key.n - ALERT_EVENT_KEY; i < key.n; i++)
        *n = *n << 8 | key.p[i];
    return ERR_OK;
}

static bool is_known_state(uint8_t s) {
    return s == ALERT_ACTIVE || s == ALERT_ACKED || s == ALERT_RETURNED;
}

bool alert_event_is_told(const struct alert_event *e) {
    return alert_event_is_norm(e) || is_known_state(e->from) || is_known_state(e->to);
}

/* --- bytes -------------------------------------------------------------------------------------
 */

static void add_real(struct buf *b, double v) {
    uint64_t bits = 0;
    memcpy(&bits, &v, sizeof bits);
    buf_add_le64(b, bits);
}

static void add_text(struct buf *b, const char *s) {
    size_t n = strlen(s);
    buf_add_byte(b, (uint8_t)n);
    buf_add(b, s, n);
}

enum err alert_event_pack(const struct alert_event *e, struct buf *out) {
    const size_t from = out->n;
    const uint8_t form = alert_event_is_norm(e) ? FORM_NORM : FORM_ALERT;
    const uint8_t head[] = {form, e->from, e->to, e->why, e->severity, e->level, e->mark};
    buf_add(out, head, sizeof head);
    buf_add_le64(out, e->n);
    add_real(out, e->value);
    add_real(out, e->threshold);
    buf_add_le64(out, (uint64_t)e->at_ms);
    buf_add_le64(out, (uint64_t)e->told_ms);
    buf_add_le64(out, (uint64_t)e->until_ms);
    add_text(out, e->rule.s);
    add_text(out, e->node.s);
    add_text(out, e->who);
    add_text(out, e->note);
    if (form == FORM_NORM) {
        const uint8_t norm[] = {e->norm.verdict, e->norm.state, e->norm.norm_class};
        buf_add(out, norm, sizeof norm);
        buf_add_le32(out, e->norm.reasons);
    }
    if (!out->failed)
        buf_add_le32(out, crc32c(span_of(out->p + from, out->n - from)));
    return out->failed ? ERR_NOMEM : ERR_OK;
}

static enum err take_real(struct cursor *c, double *v) {
    uint64_t bits = 0;
    enum err err = cursor_take_le64(c, &bits);
    memcpy(v, &bits, sizeof bits);
    return err;
}

static enum err take_int(struct cursor *c, int64_t *v) {
    uint64_t bits = 0;
    enum err err = cursor_take_le64(c, &bits);
    *v = (int64_t)bits;
    return err;
}

static enum err take_text(struct cursor *c, size_t max, char *out) {
    uint8_t n = 0;
    struct span s;
    enum err err = cursor_take_byte(c, &n);
    if (!err)
        err = n > max ? ERR_FORMAT : cursor_take_span(c, n, &s);
    if (err)
        return err;
    if (n > 0)
        memcpy(out, s.p, n);
    out[n] = 0;
    return strlen(out) == n ? ERR_OK : ERR_FORMAT;
}

static enum err take_ident(struct cursor *c, struct ident *out) {
    enum err err = take_text(c, IDENT_MAX, out->s);
    return err || ident_check(span_str(out->s)) ? err : ERR_FORMAT;
}

static enum err take_head(struct cursor *c, struct alert_event *e) {
    uint8_t form = 0, *const field[] = {&form,        &e->from,  &e->to,  &e->why,
                                        &e->severity, &e->level, &e->mark};
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof field / sizeof *field && !err; i++)
        err = cursor_take_byte(c, field[i]);
    if (err)
        return err;
    return form == (alert_event_is_norm(e) ? FORM_NORM : FORM_ALERT) &&
                   e->from < ALERT_STATE_COUNT && e->to < ALERT_STATE_COUNT &&
                   e->why < ALERT_WHY_COUNT && e->severity < ALERT_SEVERITY_COUNT &&
                   e->level <= ALERT_LEVELS_MAX
               ? ERR_OK
               : ERR_FORMAT;
}

static enum err take_numbers(struct cursor *c, struct alert_event *e) {
    enum err err = cursor_take_le64(c, &e->n);
    if (!err)
        err = take_real(c, &e->value);
    if (!err)
        err = take_real(c, &e->threshold);
    if (!err)
        err = take_int(c, &e->at_ms);
    if (!err)
        err = take_int(c, &e->told_ms);
    return err ? err : take_int(c, &e->until_ms);
}

static enum err take_texts(struct cursor *c, struct alert_event *e) {
    enum err err = take_ident(c, &e->rule);
    if (!err)
        err = take_ident(c, &e->node);
    if (!err)
        err = take_text(c, ALERT_WHO_MAX, e->who);
    return err ? err : take_text(c, ALERT_NOTE_MAX, e->note);
}

static enum err take_norm(struct cursor *c, struct alert_norm *n) {
    enum err err = cursor_take_byte(c, &n->verdict);
    if (!err)
        err = cursor_take_byte(c, &n->state);
    if (!err)
        err = cursor_take_byte(c, &n->norm_class);
    return err ? err : cursor_take_le32(c, &n->reasons);
}

enum err alert_event_unpack(struct span bytes, struct alert_event *out) {
    struct alert_event e = {0};
    uint32_t seal = 0;
    if (bytes.n < HEAD + 4 + 4)
        return ERR_TRUNCATED;
    struct cursor c = cursor_of(span_of(bytes.p + bytes.n - 4, 4));
    (void)cursor_take_le32(&c, &seal);
    if (seal != crc32c(span_of(bytes.p, bytes.n - 4)))
        return ERR_CHECKSUM;
    c = cursor_of(span_of(bytes.p, bytes.n - 4));
    enum err err = take_head(&c, &e);
    if (!err)
        err = take_numbers(&c, &e);
    if (!err)
        err = take_texts(&c, &e);
    if (!err && alert_event_is_norm(&e))
        err = take_norm(&c, &e.norm);
    if (!err && cursor_left(&c))
        err = ERR_FORMAT;
    if (!err)
        *out = e;
    return err;
}
