/* An act as bytes:
 *
 *   0  u8      version, 1
 *   1  u8      kind
 *   .. svarint t0, t1, value, value2, time of entry
 *   .. texts   key, unit, agent, point, text, product, reason, who, note, each behind its length
 *              (varint)
 *   .. le32    CRC-32C of all before */
#include "act/act.h"

#include "base/hash.h"

enum { VERSION = 1, CRC_BYTES = 4, TEXTS = 9, NUMBERS = 5 };

static const char *const names[ACT_KIND_COUNT] = {
    [ACT_ORDER] = "order",   [ACT_PRODUCT] = "product",     [ACT_TEAM] = "team",
    [ACT_CAUSE] = "cause",   [ACT_HEADCOUNT] = "headcount", [ACT_GOOD] = "good",
    [ACT_SCRAP] = "scrap",   [ACT_REWORK] = "rework",       [ACT_MATERIAL] = "material",
    [ACT_ENERGY] = "energy", [ACT_FACTOR] = "factor",       [ACT_NOTE] = "note",
    [ACT_VOID] = "void",     [ACT_REPLACE] = "replaced",    [ACT_PLAN] = "plan",
    [ACT_BREACH] = "breach", [ACT_HANDOVER] = "handover",
};

const char *act_kind_name(enum act_kind kind) {
    return (unsigned)kind < ACT_KIND_COUNT ? names[kind] : "unknown";
}

enum err act_kind_of(struct span name, enum act_kind *out) {
    for (unsigned k = 0; k < ACT_KIND_COUNT; k++) {
        if (span_equal(name, span_str(names[k]))) {
            *out = (enum act_kind)k;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

enum plant_role act_role(enum act_kind kind) {
    static const uint8_t role[ACT_KIND_COUNT] = {
        [ACT_ORDER] = ROLE_ORDER,       [ACT_PRODUCT] = ROLE_PRODUCT,
        [ACT_TEAM] = ROLE_TEAM,         [ACT_HEADCOUNT] = ROLE_HEADCOUNT,
        [ACT_CAUSE] = ROLE_REASON,      [ACT_GOOD] = ROLE_GOOD,
        [ACT_SCRAP] = ROLE_SCRAP,       [ACT_REWORK] = ROLE_REWORK,
        [ACT_MATERIAL] = ROLE_MATERIAL, [ACT_ENERGY] = ROLE_ENERGY,
    };
    return (unsigned)kind < ACT_KIND_COUNT ? (enum plant_role)role[kind] : ROLE_NONE;
}

bool act_is_context(enum act_kind kind) {
    return kind <= ACT_HEADCOUNT;
}

bool act_is_amount(enum act_kind kind) {
    return kind >= ACT_GOOD && kind <= ACT_MATERIAL;
}

bool act_is_signal(enum act_kind kind) {
    return kind == ACT_FACTOR || kind == ACT_REPLACE;
}

/* --- bytes ------------------------------------------------------------------------------------ */

static void texts_of(const struct act *a, struct span out[TEXTS]) {
    const struct span all[TEXTS] = {a->key,     a->unit,   a->agent, a->point, a->text,
                                    a->product, a->reason, a->who,   a->note};
    memcpy(out, all, sizeof all);
}

static const size_t text_max[TEXTS] = {ACT_KEY_MAX,  IDENT_MAX,    IDENT_MAX,
                                       ACT_TEXT_MAX, ACT_TEXT_MAX, IDENT_MAX,
                                       ACT_TEXT_MAX, ACT_WHO_MAX,  ACT_NOTE_MAX};

enum err act_pack(const struct act *a, struct buf *out) {
    const int64_t number[NUMBERS] = {a->t0_ms, a->t1_ms, a->value, a->value2, a->entered_ms};
    struct span text[TEXTS];
    size_t from = out->n;
    texts_of(a, text);
    for (unsigned i = 0; i < TEXTS; i++)
        if (text[i].n > text_max[i])
            return ERR_RANGE;
    buf_add_byte(out, VERSION);
    buf_add_byte(out, a->kind);
    for (unsigned i = 0; i < NUMBERS; i++)
        buf_add_svarint(out, number[i]);
    for (unsigned i = 0; i < TEXTS; i++) {
        buf_add_varint(out, text[i].n);
        buf_add(out, text[i].p, text[i].n);
    }
    if (!out->failed)
        buf_add_le32(out, crc32c(span_of(out->p + from, out->n - from)));
    return out->failed ? ERR_NOMEM : ERR_OK;
}

static enum err take_numbers(struct cursor *c, struct act *a) {
    int64_t *const number[NUMBERS] = {&a->t0_ms, &a->t1_ms, &a->value, &a->value2, &a->entered_ms};
    enum err err = ERR_OK;
    for (unsigned i = 0; i < NUMBERS && !err; i++)
        err = cursor_take_svarint(c, number[i]);
    return err;
}

static enum err take_texts(struct cursor *c, struct act *a) {
    struct span *const text[TEXTS] = {&a->key,     &a->unit,   &a->agent, &a->point, &a->text,
                                      &a->product, &a->reason, &a->who,   &a->note};
    enum err err = ERR_OK;
    for (unsigned i = 0; i < TEXTS && !err; i++) {
        uint64_t n = 0;
        err = cursor_take_varint(c, &n);
        if (!err && n > text_max[i])
            err = ERR_FORMAT;
        if (!err)
            err = cursor_take_span(c, (size_t)n, text[i]);
    }
    return err;
}

enum err act_unpack(struct span bytes, struct act *out) {
    struct act a = {0};
    uint8_t version = 0;
    uint32_t crc = 0;
    if (bytes.n < CRC_BYTES)
        return ERR_TRUNCATED;
    struct span body = span_of(bytes.p, bytes.n - CRC_BYTES);
    struct cursor tail = cursor_of(span_of(bytes.p + body.n, CRC_BYTES));
    struct cursor c = cursor_of(body);
    enum err err = cursor_take_le32(&tail, &crc);
    if (!err && crc != crc32c(body))
        err = ERR_CHECKSUM;
    if (!err)
        err = cursor_take_byte(&c, &version);
    if (!err && version != VERSION)
        err = ERR_UNSUPPORTED;
    if (!err)
        err = cursor_take_byte(&c, &a.kind);
    if (!err && a.kind >= ACT_KIND_COUNT)
        err = ERR_FORMAT;
    if (!err)
        err = take_numbers(&c, &a);
    if (!err)
        err = take_texts(&c, &a);
    if (!err && cursor_left(&c))
        err = ERR_FORMAT;
    if (!err)
        *out = a;
    return err;
}

static bool times_equal(const struct act *a, const struct act *again) {
    bool moment = again->t0_ms == again->t1_ms;
    if (again->undated && moment)
        return a->t0_ms == a->t1_ms;
    return a->t1_ms == again->t1_ms && (again->undated || a->t0_ms == again->t0_ms);
}

bool act_equal(const struct act *a, const struct act *again) {
    struct span x[TEXTS], y[TEXTS];
    texts_of(a, x);
    texts_of(again, y);
    bool same = a->kind == again->kind && times_equal(a, again) && a->value == again->value &&
                a->value2 == again->value2;
    for (unsigned i = 0; i < TEXTS && same; i++)
        same = i == 7 || span_equal(x[i], y[i]); /* 7: who */
    return same;
}
