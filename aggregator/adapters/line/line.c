/* measurement,tag=value,... field=value,... stamp\n. Escaped by a backslash: blank and comma in a
 * measurement; blank, comma and equals sign in keys and tag values; quote and backslash in a text.
 * A backslash at the end of a tag value would escape what follows (InfluxDB 1.6 refuses the line),
 * so it becomes a slash. */
#include "line/line.h"

#include <math.h>

#include "line/number.h"

/* memcpy of a few bytes without the call: two that may overlap. */
static inline void copy(uint8_t *to, const uint8_t *from, size_t n) {
    if (n > 16) {
        memcpy(to, from, n);
    } else if (n >= 8) {
        memcpy(to, from, 8);
        memcpy(to + n - 8, from + n - 8, 8);
    } else if (n >= 4) {
        memcpy(to, from, 4);
        memcpy(to + n - 4, from + n - 4, 4);
    } else {
        for (size_t i = 0; i < n; i++)
            to[i] = from[i];
    }
}

/* buf_add without the call, as long as there is room. */
static inline void put(struct buf *out, const void *p, size_t n) {
    if (n <= out->cap - out->n && !out->failed) {
        copy(out->p + out->n, p, n);
        out->n += n;
    } else {
        buf_add(out, p, n);
    }
}

static inline void put_byte(struct buf *out, uint8_t c) {
    put(out, &c, 1);
}

/* What may have to be escaped or replaced somewhere: up to the comma, '=', '\\' and DEL. */
static bool is_plain(uint8_t c) {
    return c > ',' && c != '=' && c != '\\' && c != 0x7f;
}

/* Eight bytes at once: a high bit where a byte is below `limit`, and perhaps behind the first such.
 */
static inline uint64_t below(uint64_t v, uint64_t limit) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    return (v - ones * limit) & ~v & ones << 7;
}

static inline bool all_plain(const uint8_t *p) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return !(below(v, ',' + 1) | below(v ^ ones * '=', 1) | below(v ^ ones * '\\', 1) |
             below(v ^ ones * 0x7f, 1));
}

static size_t plain_part(struct span s) {
    size_t n = 0;
    while (s.n - n >= 8 && all_plain(s.p + n))
        n += 8;
    while (n < s.n && is_plain(s.p[n]))
        n++;
    return n;
}

/* Most texts hold nothing to escape: those go in one piece. */
static void escaped(struct buf *out, struct span s, const char *special) {
    size_t plain = plain_part(s);
    if (plain)
        put(out, s.p, plain);
    for (size_t i = plain; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (c < 0x20 || c == 0x7f)
            c = ' ';
        if (c == '\\' && i + 1 == s.n)
            c = '/';
        if (strchr(special, c))
            buf_add_byte(out, '\\');
        buf_add_byte(out, c);
    }
}

void line_begin(struct line *l, struct buf *out, const char *measurement) {
    *l = (struct line){.out = out, .begun = out->n};
    escaped(out, span_str(measurement), ", ");
}

void line_tag(struct line *l, const char *key, struct span value) {
    if (value.n == 0)
        return;
    put_byte(l->out, ',');
    escaped(l->out, span_str(key), ",= ");
    put_byte(l->out, '=');
    escaped(l->out, value, ",= ");
}

static void field(struct line *l, const char *key) {
    put_byte(l->out, l->fields ? ',' : ' ');
    l->fields = true;
    escaped(l->out, span_str(key), ",= ");
    put_byte(l->out, '=');
}

void line_int(struct line *l, const char *key, int64_t v) {
    char text[NUMBER_TEXT + 1];
    size_t n = number_int(v, text);
    text[n++] = 'i';
    field(l, key);
    put(l->out, text, n);
}

void line_real(struct line *l, const char *key, double v) {
    char text[NUMBER_TEXT];
    if (!isfinite(v))
        return;
    field(l, key);
    put(l->out, text, number_real(v, text));
}

void line_text(struct line *l, const char *key, struct span v) {
    field(l, key);
    put_byte(l->out, '"');
    for (size_t i = 0; i < v.n; i++) {
        uint8_t c = v.p[i] < 0x20 || v.p[i] == 0x7f ? ' ' : v.p[i];
        if (c == '"' || c == '\\')
            put_byte(l->out, '\\');
        put_byte(l->out, c);
    }
    put_byte(l->out, '"');
}

enum err line_end(struct line *l, int64_t t_ms) {
    char text[NUMBER_TEXT + 2] = " ";
    if (!l->fields) {
        l->out->n = l->begun;
        return ERR_OK;
    }
    size_t n = 1 + number_int(t_ms, text + 1);
    text[n++] = '\n';
    return buf_add(l->out, text, n);
}
