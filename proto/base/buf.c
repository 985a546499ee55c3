#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

enum { BUF_FIRST = 64, VARINT_MAX = 10 };

void buf_init(struct buf *b) {
    *b = (struct buf){0};
}

void buf_fini(struct buf *b) {
    free(b->p);
    *b = (struct buf){0};
}

void buf_reset(struct buf *b) {
    b->n = 0;
    b->failed = false;
}

static enum err buf_fail(struct buf *b) {
    b->failed = true;
    return ERR_NOMEM;
}

enum err buf_reserve(struct buf *b, size_t more) {
    if (b->failed)
        return ERR_NOMEM;
    if (more <= b->cap - b->n)
        return ERR_OK;
    if (more > SIZE_MAX / 2 - b->n)
        return buf_fail(b);
    size_t cap = b->cap > 0 ? b->cap : BUF_FIRST;
    while (cap < b->n + more)
        cap *= 2;
    uint8_t *p = realloc(b->p, cap);
    if (p == NULL)
        return buf_fail(b);
    b->p = p;
    b->cap = cap;
    return ERR_OK;
}

enum err buf_add(struct buf *b, const void *p, size_t n) {
    const enum err e = buf_reserve(b, n);

    if (e != ERR_OK)
        return e;
    if (n > 0)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    return ERR_OK;
}

enum err buf_add_byte(struct buf *b, uint8_t v) {
    const enum err e = buf_reserve(b, 1);

    if (e == ERR_OK)
        b->p[b->n++] = v;
    return e;
}

enum err buf_add_str(struct buf *b, const char *s) {
    return buf_add(b, s, strlen(s));
}

enum err buf_addf(struct buf *b, const char *fmt, ...) {
    va_list ap;

    va_start(ap, fmt);
    const int need = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (need < 0)
        return buf_fail(b);
    /* One byte more: vsnprintf ends the text with a NUL that does not count. */
    const enum err e = buf_reserve(b, (size_t)need + 1);
    if (e != ERR_OK)
        return e;
    va_start(ap, fmt);
    (void)vsnprintf((char *)b->p + b->n, (size_t)need + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)need;
    return ERR_OK;
}

enum err buf_add_varint(struct buf *b, uint64_t v) {
    const enum err e = buf_reserve(b, VARINT_MAX);

    if (e != ERR_OK)
        return e;
    for (; v >= 0x80; v >>= 7)
        b->p[b->n++] = (uint8_t)(v | 0x80);
    b->p[b->n++] = (uint8_t)v;
    return ERR_OK;
}

enum err buf_add_svarint(struct buf *b, int64_t v) {
    const uint64_t twice = (uint64_t)v << 1;

    return buf_add_varint(b, v < 0 ? ~twice : twice);
}

static enum err buf_add_le(struct buf *b, uint64_t v, size_t n) {
    uint8_t text[8];

    for (size_t i = 0; i < n; i++)
        text[i] = (uint8_t)(v >> (8 * i));
    return buf_add(b, text, n);
}

enum err buf_add_le32(struct buf *b, uint32_t v) {
    return buf_add_le(b, v, 4);
}

enum err buf_add_le64(struct buf *b, uint64_t v) {
    return buf_add_le(b, v, 8);
}

struct cursor cursor_of(struct span s) {
    /* An empty span may have no address; arithmetic on NULL is not defined. */
    return (struct cursor){s.p, s.n > 0 ? s.p + s.n : s.p};
}

size_t cursor_left(const struct cursor *c) {
    return c->p == c->end ? 0 : (size_t)(c->end - c->p);
}

enum err cursor_take_byte(struct cursor *c, uint8_t *v) {
    if (c->p == c->end)
        return ERR_TRUNCATED;
    *v = *c->p++;
    return ERR_OK;
}

enum err cursor_take_varint(struct cursor *c, uint64_t *v) {
    const size_t left = cursor_left(c);
    uint64_t sum = 0;

    for (size_t i = 0; i < VARINT_MAX; i++) {
        if (i >= left)
            return ERR_TRUNCATED;
        const uint8_t byte = c->p[i];
        /* Nine bytes carry 63 bits: the tenth has room for one. */
        if (i == VARINT_MAX - 1 && byte > 1)
            return ERR_FORMAT;
        sum |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            c->p += i + 1;
            *v = sum;
            return ERR_OK;
        }
    }
    return ERR_FORMAT;
}

enum err cursor_take_svarint(struct cursor *c, int64_t *v) {
    uint64_t raw;
    const enum err e = cursor_take_varint(c, &raw);

    if (e != ERR_OK)
        return e;
    const int64_t half = (int64_t)(raw >> 1);
    *v = (raw & 1) != 0 ? -half - 1 : half;
    return ERR_OK;
}

static enum err cursor_take_le(struct cursor *c, size_t n, uint64_t *v) {
    if (cursor_left(c) < n)
        return ERR_TRUNCATED;
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum |= (uint64_t)c->p[i] << (8 * i);
    c->p += n;
    *v = sum;
    return ERR_OK;
}

enum err cursor_take_le32(struct cursor *c, uint32_t *v) {
    uint64_t wide;
    const enum err e = cursor_take_le(c, 4, &wide);

    if (e == ERR_OK)
        *v = (uint32_t)wide;
    return e;
}

enum err cursor_take_le64(struct cursor *c, uint64_t *v) {
    return cursor_take_le(c, 8, v);
}

enum err cursor_take_span(struct cursor *c, size_t n, struct span *out) {
    if (cursor_left(c) < n)
        return ERR_TRUNCATED;
    *out = span_of(c->p, n);
    if (n > 0)
        c->p += n;
    return ERR_OK;
}
