#include "json/json_writer.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

#include "base/decimal.h"
#include "json/json_real.h"

enum { DEPTH_MAX = 64 };

void json_writer_init(struct json_writer *w, struct buf *out) {
    *w = (struct json_writer){.out = out};
}

enum err json_writer_finish(const struct json_writer *w) {
    assert(w->depth == 0 && !w->keyed && w->comma); /* the text is one whole value */
    return w->out->failed ? ERR_NOMEM : ERR_OK;
}

static bool in_object(const struct json_writer *w) {
    return w->depth > 0 && (w->objects >> (w->depth - 1) & 1) != 0;
}

/* What comes before every value: nothing behind a key, a comma behind a sibling. */
static void before_value(struct json_writer *w) {
    assert(in_object(w) == w->keyed);  /* in an object, and only there, a key comes first */
    assert(w->depth > 0 || !w->comma); /* one value at the root */
    if (w->comma && !w->keyed) {
        (void)buf_add_byte(w->out, ',');
    }
    w->comma = true;
    w->keyed = false;
}

static void begin(struct json_writer *w, char c, bool object) {
    before_value(w);
    assert(w->depth < DEPTH_MAX); /* our own views are shallow */
    uint64_t bit = UINT64_C(1) << w->depth;
    w->objects = object ? w->objects | bit : w->objects & ~bit;
    w->depth++;
    w->comma = false;
    (void)buf_add_byte(w->out, (uint8_t)c);
}

static void end(struct json_writer *w, char c, bool object) {
    assert(w->depth > 0 && in_object(w) == object && !w->keyed); /* ends what was begun */
    (void)object;
    w->depth--;
    w->comma = true;
    (void)buf_add_byte(w->out, (uint8_t)c);
}

void json_writer_begin_object(struct json_writer *w) {
    begin(w, '{', true);
}

void json_writer_end_object(struct json_writer *w) {
    end(w, '}', true);
}

void json_writer_begin_array(struct json_writer *w) {
    begin(w, '[', false);
}

void json_writer_end_array(struct json_writer *w) {
    end(w, ']', false);
}

/* Length of the UTF-8 sequence that begins at p, 0 if it is not one (RFC 3629: no overlong forms,
 * no surrogates, nothing above U+10FFFF). */
static size_t utf8_length(const uint8_t *p, size_t n) {
    uint8_t c = p[0];
    size_t length = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : (c & 0xf0) == 0xe0 ? 3 : 4;
    if ((c >= 0x80 && c < 0xc2) || c > 0xf4 || length > n) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (c == 0xe0 && p[1] < 0xa0) || (c == 0xf0 && p[1] < 0x90);
    bool beyond = (c == 0xed && p[1] >= 0xa0) || (c == 0xf4 && p[1] >= 0x90);
    return overlong || beyond ? 0 : length;
}

static void add_escaped(struct buf *out, uint8_t c) {
    static const char letter[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n',  ['\f'] = 'f',
        ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\',
    };
    if (c < sizeof letter && letter[c] != 0) {
        (void)buf_add_byte(out, '\\');
        (void)buf_add_byte(out, (uint8_t)letter[c]);
    } else {
        (void)buf_addf(out, "\\u%04x", c);
    }
}

static void add_quoted(struct buf *out, struct span s) {
    (void)buf_add_byte(out, '"');
    size_t plain = 0; /* s.p[plain .. i) goes out as it is */
    size_t i = 0;
    while (i < s.n) {
        uint8_t c = s.p[i];
        size_t length = utf8_length(s.p + i, s.n - i);
        if (length > 0 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
            i += length;
            continue;
        }
        if (i > plain) {
            (void)buf_add(out, s.p + plain, i - plain);
        }
        if (length == 0) {
            (void)buf_add_str(out, "\xef\xbf\xbd");
        } else {
            add_escaped(out, c);
        }
        plain = ++i;
    }
    if (s.n > plain) {
        (void)buf_add(out, s.p + plain, s.n - plain);
    }
    (void)buf_add_byte(out, '"');
}

void json_writer_key(struct json_writer *w, const char *key) {
    assert(in_object(w) && !w->keyed); /* keys live in objects, one for each value */
    if (w->comma) {
        (void)buf_add_byte(w->out, ',');
    }
    add_quoted(w->out, span_str(key));
    (void)buf_add_byte(w->out, ':');
    w->keyed = true;
}

void json_writer_string(struct json_writer *w, struct span s) {
    before_value(w);
    add_quoted(w->out, s);
}

void json_writer_text(struct json_writer *w, const char *s) {
    if (s == NULL) {
        json_writer_null(w);
        return;
    }
    json_writer_string(w, span_str(s));
}

void json_writer_raw(struct json_writer *w, struct span json) {
    before_value(w);
    (void)buf_add(w->out, json.p, json.n);
}

void json_writer_int64(struct json_writer *w, int64_t v) {
    before_value(w);
    (void)buf_addf(w->out, "%" PRId64, v);
}

void json_writer_decimal(struct json_writer *w, int64_t v, int places) {
    char text[24];
    decimal_format(v, places, text);
    json_writer_raw(w, span_str(text));
}

void json_writer_real(struct json_writer *w, double v) {
    if (!isfinite(v)) {
        json_writer_null(w);
        return;
    }
    char text[JSON_REAL_TEXT];
    json_real_format(v, text);
    json_writer_raw(w, span_str(text));
}

void json_writer_bool(struct json_writer *w, bool v) {
    json_writer_raw(w, v ? span_str("true") : span_str("false"));
}

void json_writer_null(struct json_writer *w) {
    json_writer_raw(w, span_str("null"));
}
