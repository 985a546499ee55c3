/* A buf is a growable run of bytes that its holder owns. Growth doubles; after a failed growth the
 * buf keeps what it held, is marked failed, and takes nothing more until buf_reset(). */
#ifndef PB_BASE_BUF_H
#define PB_BASE_BUF_H

#include <stdarg.h>

#include "base/err.h"
#include "base/span.h"

struct buf {
    uint8_t *p;
    size_t n;    /* bytes in use */
    size_t cap;  /* bytes allocated */
    bool failed; /* an add found no memory */
};

void buf_init(struct buf *b);
void buf_fini(struct buf *b);
void buf_reset(struct buf *b); /* n = 0, failed = false; keeps the memory */
enum err buf_reserve(struct buf *b, size_t more);
enum err buf_add(struct buf *b, const void *p, size_t n);
enum err buf_add_byte(struct buf *b, uint8_t v);
enum err buf_add_str(struct buf *b, const char *s);
__attribute__((format(printf, 2, 3))) enum err buf_addf(struct buf *b, const char *fmt, ...);
/* Unsigned LEB128; signed values by zigzag. At most 10 bytes each. */
enum err buf_add_varint(struct buf *b, uint64_t v);
enum err buf_add_svarint(struct buf *b, int64_t v);
enum err buf_add_le32(struct buf *b, uint32_t v);
enum err buf_add_le64(struct buf *b, uint64_t v);

static inline struct span buf_span(const struct buf *b) {
    return span_of(b->p, b->n);
}

/* A cursor takes values from a span; every take leaves the cursor untouched on failure. */
struct cursor {
    const uint8_t *p;
    const uint8_t *end;
};

struct cursor cursor_of(struct span s);
size_t cursor_left(const struct cursor *c);
enum err cursor_take_byte(struct cursor *c, uint8_t *v);
enum err cursor_take_varint(struct cursor *c, uint64_t *v);
enum err cursor_take_svarint(struct cursor *c, int64_t *v);
enum err cursor_take_le32(struct cursor *c, uint32_t *v);
enum err cursor_take_le64(struct cursor *c, uint64_t *v);
enum err cursor_take_span(struct cursor *c, size_t n, struct span *out);

#endif
