/* STORE_ACCESS, value of each row: byte version (1), the fields in the order below, at the end the
 * CRC-32C of all before as 4 bytes, little end first. Numbers are varints, times svarints, texts a
 * varint of their length and their bytes, hashes 32 bytes, areas a varint of how many and so many
 * texts.
 *   'p' id        name, roles, disabled, areas, password, pin, link, link_until, edition
 *   't' id        kind, hash, rights, areas, made, until, used, made_by
 *   's' hash      of_token, who, edition, begun, seen, until
 *   'e' n (be64)  at, who, roles, address, station, what, detail
 * Whom a PIN named is not written down: it holds for minutes. Rows are put and deleted one by one,
 * each change together with its event in one transaction. */
#include "access/record.h"

#include "base/hash.h"

enum { VERSION = 1, SEAL = 4 };

/* --- keys ---------------------------------------------------------------------------------------
 */

static size_t key_of(enum record_kind kind, const void *p, size_t n, uint8_t out[RECORD_KEY_MAX]) {
    out[0] = (uint8_t)kind;
    memcpy(out + 1, p, n);
    return n + 1;
}

size_t record_key_person(const struct ident *id, uint8_t out[RECORD_KEY_MAX]) {
    return key_of(RECORD_PERSON, id->s, strlen(id->s), out);
}

size_t record_key_token(const struct ident *id, uint8_t out[RECORD_KEY_MAX]) {
    return key_of(RECORD_TOKEN, id->s, strlen(id->s), out);
}

size_t record_key_session(const uint8_t hash[SECRET_BYTES], uint8_t out[RECORD_KEY_MAX]) {
    return key_of(RECORD_SESSION, hash, SECRET_BYTES, out);
}

size_t record_key_event(uint64_t n, uint8_t out[RECORD_KEY_MAX]) {
    uint8_t number[8];
    for (unsigned i = 0; i < 8; i++)
        number[i] = (uint8_t)(n >> (56 - 8 * i));
    return key_of(RECORD_EVENT, number, sizeof number, out);
}

/* --- out ----------------------------------------------------------------------------------------
 */

static void put_text(struct buf *b, const char *text) {
    (void)buf_add_varint(b, strlen(text));
    (void)buf_add_str(b, text);
}

static void put_areas(struct buf *b, const struct ident *area, size_t n) {
    (void)buf_add_varint(b, n);
    for (size_t i = 0; i < n; i++)
        put_text(b, area[i].s);
}

static size_t begin(struct buf *b) {
    const size_t at = b->n;
    (void)buf_add_byte(b, VERSION);
    return at;
}

static enum err seal(struct buf *b, size_t at) {
    if (b->failed)
        return ERR_NOMEM;
    return buf_add_le32(b, crc32c(span_of(b->p + at, b->n - at)));
}

enum err record_person(const struct person *x, struct buf *out) {
    const size_t at = begin(out);
    put_text(out, x->name);
    (void)buf_add_varint(out, x->roles);
    (void)buf_add_byte(out, x->disabled);
    put_areas(out, x->area, x->area_n);
    put_text(out, x->password);
    put_text(out, x->pin);
    (void)buf_add(out, x->link, sizeof x->link);
    (void)buf_add_svarint(out, x->link_until_ms);
    (void)buf_add_varint(out, x->edition);
    return seal(out, at);
}

enum err record_token(const struct token *x, struct buf *out) {
    const size_t at = begin(out);
    (void)buf_add_byte(out, x->kind);
    (void)buf_add(out, x->hash, sizeof x->hash);
    (void)buf_add_varint(out, x->rights);
    put_areas(out, x->area, x->area_n);
    (void)buf_add_svarint(out, x->made_ms);
    (void)buf_add_svarint(out, x->until_ms);
    (void)buf_add_svarint(out, x->used_ms);
    put_text(out, x->made_by);
    return seal(out, at);
}

enum err record_session(const struct login *x, struct buf *out) {
    const size_t at = begin(out);
    (void)buf_add_byte(out, x->of_token);
    put_text(out, x->who.s);
    (void)buf_add_varint(out, x->edition);
    (void)buf_add_svarint(out, x->begun_ms);
    (void)buf_add_svarint(out, x->seen_ms);
    (void)buf_add_svarint(out, x->until_ms);
    return seal(out, at);
}

enum err record_event(const struct access_event *x, struct buf *out) {
    const size_t at = begin(out);
    (void)buf_add_svarint(out, x->at_ms);
    put_text(out, x->who);
    (void)buf_add_varint(out, x->roles);
    put_text(out, x->address);
    put_text(out, x->station.s);
    put_text(out, x->what);
    put_text(out, x->detail);
    return seal(out, at);
}

/* --- in -----------------------------------------------------------------------------------------
 */

/* The first failure is kept; what is taken behind it is empty. */
struct taking {
    struct cursor c;
    enum err err;
};

static struct taking open_row(struct span bytes) {
    struct taking t = {.err = ERR_TRUNCATED};
    uint8_t version = 0;
    uint32_t sum = 0;
    if (bytes.n < 1 + SEAL)
        return t;
    struct cursor tail = cursor_of(span_of(bytes.p + bytes.n - SEAL, SEAL));
    (void)cursor_take_le32(&tail, &sum);
    t.c = cursor_of(span_of(bytes.p, bytes.n - SEAL));
    t.err = crc32c(span_of(bytes.p, bytes.n - SEAL)) == sum ? ERR_OK : ERR_CHECKSUM;
    if (!t.err)
        t.err = cursor_take_byte(&t.c, &version);
    if (!t.err && version != VERSION)
        t.err = ERR_UNSUPPORTED;
    return t;
}

static enum err close_row(const struct taking *t) {
    return t->err ? t->err : cursor_left(&t->c) ? ERR_FORMAT : ERR_OK;
}

static uint64_t take_number(struct taking *t, uint64_t most) {
    uint64_t v = 0;
    if (!t->err)
        t->err = cursor_take_varint(&t->c, &v);
    if (!t->err && v > most)
        t->err = ERR_FORMAT;
    return t->err ? 0 : v;
}

static int64_t take_time(struct taking *t) {
    int64_t v = 0;
    if (!t->err)
        t->err = cursor_take_svarint(&t->c, &v);
    return t->err ? 0 : v;
}

static uint8_t take_byte(struct taking *t, uint8_t most) {
    uint8_t v = 0;
    if (!t->err)
        t->err = cursor_take_byte(&t->c, &v);
    if (!t->err && v > most)
        t->err = ERR_FORMAT;
    return t->err ? 0 : v;
}

static void take_text(struct taking *t, char *out, size_t room) {
    struct span s = {0};
    const uint64_t n = take_number(t, room - 1);
    if (!t->err)
        t->err = cursor_take_span(&t->c, (size_t)n, &s);
    if (!t->err && s.n && memchr(s.p, 0, s.n))
        t->err = ERR_FORMAT;
    if (!t->err && s.n)
        memcpy(out, s.p, s.n);
    out[t->err ? 0 : s.n] = 0;
}

/* May be empty where `needed` is false. */
static void take_id(struct taking *t, struct ident *out, bool needed) {
    char text[IDENT_MAX + 1];
    take_text(t, text, sizeof text);
    *out = (struct ident){""};
    if (!t->err && (text[0] || needed) && !ident_set(out, span_str(text)))
        t->err = ERR_FORMAT;
}

static void take_hash(struct taking *t, uint8_t out[SECRET_BYTES]) {
    struct span s = {0};
    if (!t->err)
        t->err = cursor_take_span(&t->c, SECRET_BYTES, &s);
    if (!t->err)
        memcpy(out, s.p, SECRET_BYTES);
}

static size_t take_areas(struct taking *t, struct ident area[PEOPLE_AREAS_MAX]) {
    const size_t n = (size_t)take_number(t, PEOPLE_AREAS_MAX);
    for (size_t i = 0; i < n && !t->err; i++)
        take_id(t, &area[i], true);
    return t->err ? 0 : n;
}

enum err record_take_person(struct span bytes, struct person *out) {
    struct taking t = open_row(bytes);
    struct person x = {.id = out->id};
    take_text(&t, x.name, sizeof x.name);
    x.roles = (unsigned)take_number(&t, ACCESS_BIT(ACCESS_ROLE_COUNT) - 1);
    x.disabled = take_byte(&t, 1);
    x.area_n = take_areas(&t, x.area);
    take_text(&t, x.password, sizeof x.password);
    take_text(&t, x.pin, sizeof x.pin);
    take_hash(&t, x.link);
    x.link_until_ms = take_time(&t);
    x.edition = take_number(&t, UINT64_MAX);
    const enum err err = close_row(&t);
    if (!err)
        *out = x;
    return err;
}

enum err record_take_token(struct span bytes, struct token *out) {
    struct taking t = open_row(bytes);
    struct token x = {.id = out->id};
    x.kind = take_byte(&t, TOKEN_KIND_COUNT - 1);
    take_hash(&t, x.hash);
    x.rights = (unsigned)take_number(&t, ACCESS_ALL);
    x.area_n = take_areas(&t, x.area);
    x.made_ms = take_time(&t);
    x.until_ms = take_time(&t);
    x.used_ms = take_time(&t);
    take_text(&t, x.made_by, sizeof x.made_by);
    const enum err err = close_row(&t);
    if (!err)
        *out = x;
    return err;
}

enum err record_take_session(struct span bytes, struct login *out) {
    struct taking t = open_row(bytes);
    struct login x = {0};
    memcpy(x.hash, out->hash, sizeof x.hash);
    x.of_token = take_byte(&t, 1);
    take_id(&t, &x.who, true);
    x.edition = take_number(&t, UINT64_MAX);
    x.begun_ms = take_time(&t);
    x.seen_ms = take_time(&t);
    x.until_ms = take_time(&t);
    const enum err err = close_row(&t);
    if (!err)
        *out = x;
    return err;
}

enum err record_take_event(uint64_t n, struct span bytes, struct access_event *out) {
    struct taking t = open_row(bytes);
    struct access_event x = {.n = n};
    x.at_ms = take_time(&t);
    take_text(&t, x.who, sizeof x.who);
    x.roles = (unsigned)take_number(&t, ACCESS_BIT(ACCESS_ROLE_COUNT) - 1);
    take_text(&t, x.address, sizeof x.address);
    take_id(&t, &x.station, false);
    take_text(&t, x.what, sizeof x.what);
    take_text(&t, x.detail, sizeof x.detail);
    const enum err err = close_row(&t);
    if (!err)
        *out = x;
    return err;
}
