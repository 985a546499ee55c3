/* Hello, ack, command and report on the wire: msgpack maps with text keys, in any order. Unknown
 * keys are skipped; a known key twice, a missing key (but those that may be), a wrong type or a
 * number outside its limits refuses the whole message. A message is at most 16 KiB and nested at
 * most FORM_DEPTH_MAX deep.
 *
 *   hello    agent     id                    nonce     uint64
 *            gen       uint64                store     uint64 (0: none seen, then gen is 0)
 *            n         uint32                readings  uint64
 *            backlog   uint64, bytes
 *            refused, ahead   uint64, may be missing: 0
 *            epochs    array of at most 64 maps, no epoch twice:
 *                      epoch  uint64, not 0     prev   uint64, 0: none; not epoch itself
 *                      plast  0 .. 2^63-1, 0 if there is no prev
 *                      base, next  1 .. 2^63-1, base <= next (equal: nothing is held)
 *                      open   bool
 *   ack      nonce, store, gen, n, credit      uint64, credit in bytes
 *            epochs    array of at most 64 maps, no epoch twice:
 *                      epoch  uint64, not 0     durable  0 .. 2^63-1
 *                      want   0, or > durable and below 2^63
 *   command  kind      "probe" | "reload"      id        uint64
 *            t         int64, |t| <= 2^43 ms
 *   report   nonce     uint64                n         uint32
 *            from, total   uint32, from + sources <= total <= 1,024
 *            since     int64, |t| <= 2^43 ms
 *            reloads, refused   uint64         wrong     text of at most 199 bytes
 *            sources   array of at most 16 maps, no id twice:
 *                      id     id                kind, state   texts of at most 15 bytes
 *                      phase  "waiting" | "open" | "over"     well   bool
 *                      detail text of at most 199 bytes
 *                      points, readings, stamped, polls, fails, asked, errors, again, devs,
 *                      silent, refused   uint64
 *                      why    map of at most 6: text of at most 31 bytes, once; uint64
 *
 * A text is showable UTF-8 (utf8.h).
 * These messages are rare and small, so msgpack-c's tree serves; form_check() goes before it. */
#include "wire/session_msg.h"

#include <msgpack/pack.h>
#include <msgpack/unpack.h>

#include "wire/batch_check.h"
#include "wire/form.h"
#include "wire/session_shape.h"
#include "wire/utf8.h"

enum { MSG_BYTES_MAX = 16384 };

/* --- reading --- */

static bool str_is(const msgpack_object *o, const char *text) {
    return o->type == MSGPACK_OBJECT_STR &&
           span_equal(span_of(o->via.str.ptr, o->via.str.size), span_str(text));
}

/* How often a key stands in the map, and its value; NULL: it does not. */
static unsigned count(const msgpack_object *map, const char *key, const msgpack_object **value) {
    unsigned n = 0;
    *value = NULL;
    for (uint32_t i = 0; i < map->via.map.size; i++) {
        const msgpack_object_kv *kv = &map->via.map.ptr[i];
        if (str_is(&kv->key, key)) {
            *value = &kv->val;
            n++;
        }
    }
    return n;
}

/* The value of a key that stands in the map exactly once, or NULL. */
static const msgpack_object *find(const msgpack_object *map, const char *key) {
    const msgpack_object *value;
    return count(map, key, &value) == 1 ? value : NULL;
}

static bool take_uint(const msgpack_object *o, uint64_t min, uint64_t max, uint64_t *out) {
    if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER || o->via.u64 < min || o->via.u64 > max) {
        return false;
    }
    *out = o->via.u64;
    return true;
}

static bool take_time(const msgpack_object *o, int64_t *out) {
    bool negative = o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER;
    uint64_t u = 0;
    if (!negative && !take_uint(o, 0, INT64_MAX, &u)) {
        return false;
    }
    int64_t t_ms = negative ? o->via.i64 : (int64_t)u;
    if (!batch_time_check(t_ms)) {
        return false;
    }
    *out = t_ms;
    return true;
}

static bool take_word(const struct field *f, const msgpack_object *o, uint8_t *out) {
    for (unsigned i = 0; i < f->max; i++) {
        if (str_is(o, f->words[i])) {
            *out = (uint8_t)i;
            return true;
        }
    }
    return false;
}

static bool take_text(const msgpack_object *o, size_t max, char *out) {
    if (o->type != MSGPACK_OBJECT_STR || o->via.str.size > max ||
        !utf8_check(span_of(o->via.str.ptr, o->via.str.size))) {
        return false;
    }
    memcpy(out, o->via.str.ptr, o->via.str.size);
    out[o->via.str.size] = '\0';
    return true;
}

static bool take_reasons(const msgpack_object *o, struct report_reasons *out) {
    if (o->type != MSGPACK_OBJECT_MAP || o->via.map.size > REPORT_REASONS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < o->via.map.size; i++) {
        const msgpack_object_kv *kv = &o->via.map.ptr[i];
        const msgpack_object *value;
        struct report_reason *r = &out->at[i];
        if (!take_text(&kv->key, REPORT_REASON_MAX, r->text) || count(o, r->text, &value) != 1 ||
            !take_uint(&kv->val, 0, UINT64_MAX, &r->n)) {
            return false;
        }
    }
    out->n = o->via.map.size;
    return true;
}

static bool take_field(const struct field *f, const msgpack_object *o, char *to) {
    void *at = to + f->at;
    uint64_t u = 0;
    switch (f->type) {
    case FIELD_U64:
        return take_uint(o, f->min, f->max, at);
    case FIELD_U32:
        if (!take_uint(o, 0, UINT32_MAX, &u)) {
            return false;
        }
        *(uint32_t *)at = (uint32_t)u;
        return true;
    case FIELD_TIME:
        return take_time(o, at);
    case FIELD_BOOL:
        if (o->type != MSGPACK_OBJECT_BOOLEAN) {
            return false;
        }
        *(bool *)at = o->via.boolean;
        return true;
    case FIELD_IDENT:
        return o->type == MSGPACK_OBJECT_STR &&
               ident_set(at, span_of(o->via.str.ptr, o->via.str.size));
    case FIELD_WORD:
        return take_word(f, o, at);
    case FIELD_TEXT:
        return take_text(o, f->max, at);
    case FIELD_REASONS:
        return take_reasons(o, at);
    }
    return false;
}

static bool take_fields(const struct field *f, size_t n, const msgpack_object *map, char *to) {
    if (map->type != MSGPACK_OBJECT_MAP) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const msgpack_object *o;
        unsigned times = count(map, f[i].key, &o);
        if (times == 0 && f[i].optional) {
            continue;
        }
        if (times != 1 || !take_field(&f[i], o, to)) {
            return false;
        }
    }
    return true;
}

static bool take_items(const struct shape *s, const msgpack_object *map, char *to) {
    const msgpack_object *list = find(map, s->item_key);
    if (!list || list->type != MSGPACK_OBJECT_ARRAY || list->via.array.size > s->item_max) {
        return false;
    }
    for (uint32_t i = 0; i < list->via.array.size; i++) {
        char *at = to + s->items_at + i * s->item_size;
        if (!take_fields(s->item_field, s->item_field_n, &list->via.array.ptr[i], at)) {
            return false;
        }
    }
    *(uint32_t *)(void *)(to + s->item_n_at) = list->via.array.size;
    return true;
}

/* Fills `to`, which starts as zeros; half filled on failure. */
static enum err parse(const struct shape *s, struct span bytes, void *to) {
    if (bytes.n > MSG_BYTES_MAX || !form_check(bytes)) {
        return ERR_FORMAT;
    }
    msgpack_unpacked tree;
    msgpack_unpacked_init(&tree);
    size_t end = 0;
    enum err e = ERR_FORMAT;
    switch (msgpack_unpack_next(&tree, (const char *)bytes.p, bytes.n, &end)) {
    case MSGPACK_UNPACK_SUCCESS:
        if (take_fields(s->field, s->field_n, &tree.data, to) &&
            (s->item_field_n == 0 || take_items(s, &tree.data, to)) && s->check(to)) {
            e = ERR_OK;
        }
        break;
    case MSGPACK_UNPACK_NOMEM_ERROR:
        e = ERR_NOMEM;
        break;
    case MSGPACK_UNPACK_EXTRA_BYTES:
    case MSGPACK_UNPACK_CONTINUE:
    case MSGPACK_UNPACK_PARSE_ERROR:
        break;
    }
    msgpack_unpacked_destroy(&tree);
    return e;
}

enum err hello_parse(struct span bytes, struct hello *out) {
    struct hello h = {0};
    enum err e = parse(&session_hello_shape, bytes, &h);
    if (!e) {
        *out = h;
    }
    return e;
}

enum err ack_parse(struct span bytes, struct ack *out) {
    struct ack a = {0};
    enum err e = parse(&session_ack_shape, bytes, &a);
    if (!e) {
        *out = a;
    }
    return e;
}

enum err command_parse(struct span bytes, struct command *out) {
    struct command c = {0};
    enum err e = parse(&session_command_shape, bytes, &c);
    if (!e) {
        *out = c;
    }
    return e;
}

enum err report_parse(struct span bytes, struct report *out) {
    struct report r = {0};
    enum err e = parse(&session_report_shape, bytes, &r);
    if (!e) {
        *out = r;
    }
    return e;
}

/* --- writing --- */

static int packed(void *out, const char *p, size_t n) {
    return buf_add(out, p, n) == ERR_OK ? 0 : -1;
}

static void pack_str(msgpack_packer *k, const char *s) {
    size_t n = strlen(s);
    msgpack_pack_str(k, n);
    msgpack_pack_str_body(k, s, n);
}

static bool pack_text(msgpack_packer *k, const char *s, size_t max) {
    const size_t n = strnlen(s, max + 1);
    msgpack_pack_str(k, n);
    msgpack_pack_str_body(k, s, n);
    return n <= max && utf8_check(span_of(s, n));
}

static bool pack_reasons(msgpack_packer *k, const struct report_reasons *r) {
    const uint32_t n = r->n <= REPORT_REASONS_MAX ? r->n : 0;
    bool legal = r->n == n;
    msgpack_pack_map(k, n);
    for (uint32_t i = 0; i < n; i++) {
        legal = pack_text(k, r->at[i].text, REPORT_REASON_MAX) && legal;
        msgpack_pack_uint64(k, r->at[i].n);
        for (uint32_t j = 0; j < i; j++) {
            legal = legal && strcmp(r->at[i].text, r->at[j].text) != 0;
        }
    }
    return legal;
}

/* False if the value lies outside the limits of its row. */
static bool pack_field(msgpack_packer *k, const struct field *f, const char *from) {
    const void *at = from + f->at;
    pack_str(k, f->key);
    switch (f->type) {
    case FIELD_U64:
        msgpack_pack_uint64(k, *(const uint64_t *)at);
        return *(const uint64_t *)at >= f->min && *(const uint64_t *)at <= f->max;
    case FIELD_U32:
        msgpack_pack_uint32(k, *(const uint32_t *)at);
        return true;
    case FIELD_TIME:
        msgpack_pack_int64(k, *(const int64_t *)at);
        return batch_time_check(*(const int64_t *)at);
    case FIELD_BOOL:
        (void)(*(const bool *)at ? msgpack_pack_true(k) : msgpack_pack_false(k));
        return true;
    case FIELD_IDENT:
        pack_str(k, ((const struct ident *)at)->s);
        return ident_check(span_str(((const struct ident *)at)->s));
    case FIELD_WORD:
        if (*(const uint8_t *)at >= f->max) {
            return false;
        }
        pack_str(k, f->words[*(const uint8_t *)at]);
        return true;
    case FIELD_TEXT:
        return pack_text(k, at, f->max);
    case FIELD_REASONS:
        return pack_reasons(k, at);
    }
    return false;
}

static bool pack_fields(msgpack_packer *k, const struct field *f, size_t n, const char *from) {
    bool legal = true;
    for (size_t i = 0; i < n; i++) {
        legal = pack_field(k, &f[i], from) && legal;
    }
    return legal;
}

static bool pack_items(msgpack_packer *k, const struct shape *s, const char *from) {
    uint32_t n = *(const uint32_t *)(const void *)(from + s->item_n_at);
    bool legal = true;
    pack_str(k, s->item_key);
    msgpack_pack_array(k, n);
    for (uint32_t i = 0; i < n; i++) {
        const char *at = from + s->items_at + i * s->item_size;
        msgpack_pack_map(k, s->item_field_n);
        legal = pack_fields(k, s->item_field, s->item_field_n, at) && legal;
    }
    return legal;
}

/* Appends; out is cut back to what it was on failure. */
static enum err format(const struct shape *s, const void *from, struct buf *out) {
    size_t start = out->n;
    bool listed = s->item_field_n > 0;
    if (listed &&
        *(const uint32_t *)(const void *)((const char *)from + s->item_n_at) > s->item_max) {
        return ERR_FORMAT;
    }
    msgpack_packer k;
    msgpack_packer_init(&k, out, packed);
    msgpack_pack_map(&k, s->field_n + (listed ? 1 : 0));
    bool legal = pack_fields(&k, s->field, s->field_n, from);
    if (listed) {
        legal = pack_items(&k, s, from) && legal;
    }
    if (out->failed || !legal || !s->check(from)) {
        out->n = start;
        return out->failed ? ERR_NOMEM : ERR_FORMAT;
    }
    return ERR_OK;
}

enum err hello_format(const struct hello *h, struct buf *out) {
    return format(&session_hello_shape, h, out);
}

enum err ack_format(const struct ack *a, struct buf *out) {
    return format(&session_ack_shape, a, out);
}

enum err command_format(const struct command *c, struct buf *out) {
    return format(&session_command_shape, c, out);
}

enum err report_format(const struct report *r, struct buf *out) {
    return format(&session_report_shape, r, out);
}
