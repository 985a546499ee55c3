/* RFC 2046, as agents of MTConnect use it:
 *
 *   --BOUNDARY CRLF  Content-type: text/xml CRLF  Content-length: N CRLF  CRLF  N bytes  CRLF ...
 *   --BOUNDARY--
 *
 * What stands before the first boundary is passed over. A part without a length ends at the next
 * boundary. Lines may end with LF alone. */
#include "mtconnect/multipart.h"

#include <strings.h>

#include "base/decimal.h"

enum { HEADERS_MAX = 8192 };

void multipart_init(struct multipart *p) {
    *p = (struct multipart){.length = -1};
    buf_init(&p->bytes);
}

void multipart_fini(struct multipart *p) {
    buf_fini(&p->bytes);
}

static bool begins_with(struct span text, const char *word) {
    const size_t n = strlen(word);

    return text.n >= n && strncasecmp((const char *)text.p, word, n) == 0;
}

static struct span find_boundary(struct span type) {
    static const char key[] = "boundary=";

    for (size_t i = 0; i + sizeof key - 1 <= type.n; i++) {
        if (!begins_with(span_of(type.p + i, type.n - i), key))
            continue;
        struct span b = span_of(type.p + i + sizeof key - 1, type.n - i - (sizeof key - 1));
        const bool quoted = b.n > 0 && b.p[0] == '"';
        if (quoted)
            b = span_of(b.p + 1, b.n - 1);
        size_t n = 0;
        while (n < b.n && b.p[n] != (quoted ? '"' : ';') && (quoted || b.p[n] != ' '))
            n++;
        return span_of(b.p, n);
    }
    return span_of(NULL, 0);
}

enum err multipart_begin(struct multipart *p, struct span content_type) {
    buf_reset(&p->bytes);
    p->at = 0;
    p->inside = p->over = false;
    p->length = -1;
    p->mark[0] = '\0';
    if (!begins_with(content_type, "multipart/"))
        return ERR_OK;
    const struct span boundary = find_boundary(content_type);
    if (boundary.n == 0 || boundary.n > MULTIPART_BOUNDARY_MAX ||
        memchr(boundary.p, '\0', boundary.n) != NULL)
        return ERR_FORMAT;
    memcpy(p->mark, "--", 2);
    memcpy(p->mark + 2, boundary.p, boundary.n);
    p->mark[2 + boundary.n] = '\0';
    return ERR_OK;
}

enum err multipart_add(struct multipart *p, struct span bytes) {
    if (p->at > 0) {
        memmove(p->bytes.p, p->bytes.p + p->at, p->bytes.n - p->at);
        p->bytes.n -= p->at;
        p->at = 0;
    }
    if (bytes.n > MULTIPART_BYTES_MAX - p->bytes.n)
        return ERR_RANGE;
    return bytes.n > 0 ? buf_add(&p->bytes, bytes.p, bytes.n) : ERR_OK;
}

static struct span rest(const struct multipart *p) {
    return p->at < p->bytes.n ? span_of(p->bytes.p + p->at, p->bytes.n - p->at) : span_of("", 0);
}

/* Where the boundary begins a line in the rest, or SIZE_MAX. */
static size_t find_mark(const struct multipart *p, struct span text) {
    const size_t n = strlen(p->mark);
    size_t from = 0;

    while (from + n <= text.n) {
        const uint8_t *at = memmem(text.p + from, text.n - from, p->mark, n);
        if (at == NULL)
            return SIZE_MAX;
        if (at == text.p || at[-1] == '\n')
            return (size_t)(at - text.p);
        from = (size_t)(at - text.p) + 1;
    }
    return SIZE_MAX;
}

/* The headers behind a boundary, up to the empty line. */
static enum err read_headers(struct multipart *p) {
    const struct span text = rest(p);
    const size_t mark = find_mark(p, text);
    int64_t length = -1;

    if (mark == SIZE_MAX)
        return text.n > HEADERS_MAX ? ERR_FORMAT : ERR_NOT_FOUND;
    size_t at = mark + strlen(p->mark);
    if (at + 2 > text.n)
        return ERR_NOT_FOUND;
    if (memcmp(text.p + at, "--", 2) == 0) {
        p->over = true;
        return ERR_NOT_FOUND;
    }
    for (;;) {
        const uint8_t *end = at < text.n ? memchr(text.p + at, '\n', text.n - at) : NULL;
        if (end == NULL)
            return text.n - mark > HEADERS_MAX ? ERR_FORMAT : ERR_NOT_FOUND;
        struct span line = span_of(text.p + at, (size_t)(end - (text.p + at)));
        const bool first = at == mark + strlen(p->mark);
        at += line.n + 1;
        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        if (line.n == 0 && !first)
            break;
        if (!begins_with(line, "content-length:"))
            continue;
        size_t skip = strlen("content-length:");
        while (skip < line.n && line.p[skip] == ' ')
            skip++;
        if (decimal_parse(span_of(line.p + skip, line.n - skip), 0, &length) != ERR_OK ||
            length < 0 || length > MULTIPART_BYTES_MAX)
            return ERR_FORMAT;
    }
    p->at += at;
    p->length = length;
    p->inside = true;
    return ERR_OK;
}

static enum err read_body(struct multipart *p, bool ended, struct span *body) {
    const struct span text = rest(p);
    size_t n;

    if (p->length >= 0) {
        n = (size_t)p->length;
        if (n > text.n)
            return ERR_NOT_FOUND;
    } else {
        n = find_mark(p, text);
        if (n == SIZE_MAX && !ended)
            return ERR_NOT_FOUND;
        n = n == SIZE_MAX ? text.n : n;
    }
    *body = span_of(text.p, n);
    p->at += n;
    p->inside = false;
    return ERR_OK;
}

enum err multipart_next(struct multipart *p, bool ended, struct span *body) {
    if (p->mark[0] == '\0') {
        if (!ended || p->over)
            return ERR_NOT_FOUND;
        p->over = true;
        *body = rest(p);
        return ERR_OK;
    }
    if (p->over)
        return ERR_NOT_FOUND;
    const enum err e = p->inside ? ERR_OK : read_headers(p);
    return e == ERR_OK ? read_body(p, ended, body) : e;
}
