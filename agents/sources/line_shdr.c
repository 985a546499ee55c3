/* A line of SHDR, as MTConnect adapters write it: a time, then fields parted by '|'.
 *
 *   time|key|value|key|value...            samples and events
 *   time|key|level|code|severity|qualifier|text   a condition; its level is the value
 *   time|key|code|text                     a message; its text is the value
 *   time|@ASSET@|...--multiline--X         an asset; it and the lines up to "--multiline--X" are
 *                                          passed over, as all commands in @...@ are
 *   * ...                                  adapter's talk (PONG, device): alive, no values
 *
 * A time may carry a duration behind '@'; a key may carry a device before ':', which stays. */
#include <stdio.h>
#include <strings.h>

#include "sources/line.h"

enum { SHDR_FIELDS_MAX = 2 * LINE_ITEMS_MAX + 8 };

static const char multiline[] = "--multiline--";

static bool is_one_of(struct span text, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (text.n == strlen(words[i]) && strncasecmp((const char *)text.p, words[i], text.n) == 0)
            return true;
    return false;
}

static bool is_level(struct span text) {
    static const char *const levels[] = {"NORMAL", "WARNING", "FAULT", "UNAVAILABLE"};

    return is_one_of(text, levels, 4);
}

static bool is_condition(const struct line_rule *r, const struct span *field, size_t n) {
    if (n < 3) /* a name and nothing that it says */
        return false;
    for (size_t i = 0; i < r->condition_n; i++)
        if (span_equal(span_str(r->conditions[i]), field[1]))
            return true;
    return r->condition_n == 0 && n == 7 && is_level(field[2]) && field[3].n == 0;
}

/* Keeps the end mark of a text that goes on in the next lines. */
static void note_multiline(struct line_shdr *state, struct span text) {
    const size_t n = sizeof multiline - 1;

    if (text.n < n)
        return;
    for (size_t i = text.n - n + 1; i-- > 0;)
        if (memcmp(text.p + i, multiline, n) == 0 && text.n - i <= LINE_MARK_MAX) {
            memcpy(state->mark, text.p + i, text.n - i);
            state->mark[text.n - i] = '\0';
            return;
        }
}

static bool inside_multiline(struct line_shdr *state, struct span text) {
    if (state->mark[0] == '\0')
        return false;
    if (span_equal(text, span_str(state->mark)))
        state->mark[0] = '\0';
    return true;
}

static size_t split(struct span text, struct span *fields) {
    const uint8_t *at = text.p, *end = text.p + text.n;
    size_t n = 0;

    while (n < SHDR_FIELDS_MAX) {
        const uint8_t *bar = at < end ? memchr(at, '|', (size_t)(end - at)) : NULL;
        const uint8_t *to = bar != NULL ? bar : end;
        fields[n++] = span_of(at, (size_t)(to - at));
        if (bar == NULL)
            break;
        at = bar + 1;
    }
    return n;
}

static enum err add(struct line *out, struct span line, struct span key, struct span value,
                    char *why) {
    if (key.n == 0)
        return ERR_OK;
    struct line_item *item = line_add(out);
    if (item == NULL) {
        snprintf(why, LINE_WHY, "column %zu: expected at most 1024 values",
                 (size_t)(key.p - line.p) + 1);
        return ERR_RANGE;
    }
    item->key = key;
    item->text = value;
    item->column = (uint32_t)(value.p - line.p) + 1;
    return ERR_OK;
}

static enum err take_fields(const struct line_rule *r, struct span line, const struct span *field,
                            size_t n, struct line *out, char *why) {
    if (is_condition(r, field, n))
        return add(out, line, field[1], field[2], why);
    if (n == 4)
        return add(out, line, field[1], field[3], why);
    for (size_t i = 1; i + 1 < n; i += 2) {
        const enum err e = add(out, line, field[i], field[i + 1], why);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

enum err line_parse_shdr(const struct line_rule *r, struct line_shdr *state, struct span text,
                         struct line *out, char why[LINE_WHY]) {
    struct span field[SHDR_FIELDS_MAX];

    line_reset(out);
    if (inside_multiline(state, text))
        return ERR_OK;
    if (text.n > 0 && text.p[0] == '*') {
        out->alive = true;
        return ERR_OK;
    }
    const size_t n = split(text, field);
    const uint8_t *at = field[0].n > 0 ? memchr(field[0].p, '@', field[0].n) : NULL;
    const struct span time = at != NULL ? span_of(field[0].p, (size_t)(at - field[0].p)) : field[0];
    if (n < 2) {
        snprintf(why, LINE_WHY, "column 1: expected a time, and fields parted by |");
        return ERR_FORMAT;
    }
    if (time.n > 0 && line_time(r, time, &out->t_ms) != ERR_OK) {
        snprintf(why, LINE_WHY, "column 1: expected %s, then fields parted by |",
                 line_time_expects(r, time));
        return ERR_FORMAT;
    }
    out->has_time = time.n > 0;
    if (field[1].n > 0 && field[1].p[0] == '@') {
        note_multiline(state, text);
        return ERR_OK;
    }
    return take_fields(r, text, field, n, out, why);
}
