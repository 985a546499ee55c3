/* A line of key=value words, parted by blanks; a value in quotes may hold blanks, and quotes and
 * backslashes after a backslash. The key t is the time, alive=1 only vouches. */
#include <stdio.h>

#include "sources/line.h"

static bool is_blank(uint8_t c) {
    return c == ' ' || c == '\t';
}

static enum err wrong(char *why, const uint8_t *from, const uint8_t *at, const char *expected) {
    snprintf(why, LINE_WHY, "column %zu: expected %s", (size_t)(at - from) + 1, expected);
    return ERR_FORMAT;
}

/* Takes a value in quotes, *at behind the first one. */
static bool take_quoted(const uint8_t **at, const uint8_t *end, struct line *out,
                        struct span *text) {
    const size_t start = out->texts.n;

    for (; *at < end && **at != '"'; (*at)++) {
        if (**at == '\\' && *at + 1 < end)
            (*at)++;
        if (out->texts.n == LINE_BYTES_MAX || buf_add_byte(&out->texts, **at) != ERR_OK)
            return false;
    }
    if (*at == end)
        return false;
    (*at)++;
    *text = span_of(out->texts.p + start, out->texts.n - start);
    return *at == end || is_blank(**at);
}

static struct span take_word(const uint8_t **at, const uint8_t *end, bool key) {
    const uint8_t *from = *at;

    while (*at < end && !is_blank(**at) && !(key && **at == '='))
        (*at)++;
    return span_of(from, (size_t)(*at - from));
}

static enum err take_pair(const struct line_rule *r, struct span line, const uint8_t **at,
                          struct line *out, char *why) {
    const uint8_t *end = line.p + line.n, *from = *at;
    const struct span key = take_word(at, end, true);
    struct span text;

    if (key.n == 0 || *at == end || **at != '=')
        return wrong(why, line.p, *at, "key=value");
    const uint8_t *value = ++*at;
    if (value < end && *value == '"') {
        (*at)++;
        if (!take_quoted(at, end, out, &text))
            return wrong(why, line.p, value, "a text with closing quotes");
    } else {
        text = take_word(at, end, false);
    }
    if (span_equal(key, span_str("t"))) {
        if (line_time(r, text, &out->t_ms) != ERR_OK)
            return wrong(why, line.p, value, line_time_expects(r, text));
        out->has_time = true;
        return ERR_OK;
    }
    if (span_equal(key, span_str("alive"))) {
        out->alive = true;
        return ERR_OK;
    }
    if (r->positions && span_equal(key, span_str("position")))
        return line_position(out, text)
                   ? ERR_OK
                   : wrong(why, line.p, value, "a position of at most 160 printable characters");
    struct line_item *item = line_add(out);
    if (item == NULL)
        return wrong(why, line.p, from, "at most 1024 values");
    item->key = key;
    item->text = text;
    item->column = (uint32_t)(value - line.p) + 1;
    return ERR_OK;
}

enum err line_parse_pairs(const struct line_rule *r, struct span text, struct line *out,
                          char why[LINE_WHY]) {
    const uint8_t *at = text.p, *end = text.p + text.n;

    line_reset(out);
    for (;;) {
        while (at < end && is_blank(*at))
            at++;
        if (at == end)
            break;
        const enum err e = take_pair(r, text, &at, out, why);
        if (e != ERR_OK)
            return e;
    }
    if (out->n > 0 || out->alive || out->has_position)
        return ERR_OK;
    snprintf(why, LINE_WHY, "column 1: expected key=value");
    return ERR_FORMAT;
}
