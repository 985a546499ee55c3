/* A line of SHDR, as MTConnect adapters write it: a time, then fields parted by '|'. With forms
 * known by their keys, groups of all forms may follow each other in one line.
 *
 *   time|key|value|key|value...            samples and events
 *   time|key|level|code|severity|qualifier|text   a condition; its level is the value
 *   time|key|code|text                     a message; its text is the value
 *   time|key|count|rate|values      a time series; only where the form of its key is known
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

/* A key and what stands behind it, by its form; *i goes on behind it. */
static enum err take_group(struct span line, const struct span *field, size_t n, size_t *i,
                           enum line_form form, struct line *out, char *why) {
    static const struct {
        uint8_t fields, value, code, count, rate; /* behind the key; 0: none */
    } group[] = {[LINE_VALUE] = {1, 1, 0, 0, 0},
                 [LINE_CONDITION] = {5, 1, 2, 0, 0},
                 [LINE_MESSAGE] = {2, 2, 1, 0, 0},
                 [LINE_SERIES] = {3, 3, 0, 1, 2}};
    const size_t key = *i, had = out->n;

    *i += 1u + group[form].fields;
    if (key + group[form].value >= n) {
        if (field[key].n == 0)
            return ERR_OK; /* a bar at the end */
        snprintf(why, LINE_WHY, "column %zu: expected %u fields behind %.*s",
                 (size_t)(field[key].p - line.p) + 1, group[form].fields,
                 (int)(field[key].n < 60 ? field[key].n : 60), (const char *)field[key].p);
        return ERR_FORMAT;
    }
    const enum err e = add(out, line, field[key], field[key + group[form].value], why);
    if (e != ERR_OK || out->n == had)
        return e;
    struct line_item *item = &out->items[out->n - 1];
    item->form = (uint8_t)form;
    if (group[form].code > 0 && key + group[form].code < n)
        item->code = field[key + group[form].code];
    if (form == LINE_SERIES) {
        item->count = field[key + 1];
        item->rate = field[key + 2];
    }
    return ERR_OK;
}

/* The form of a key that nobody declared, by the shape of a line that it begins. */
static enum line_form form_by_shape(const struct line_rule *r, const struct span *field, size_t n,
                                    size_t i) {
    if (i == 1 && is_condition(r, field, n))
        return LINE_CONDITION;
    return i == 1 && n == 4 ? LINE_MESSAGE : LINE_VALUE;
}

static enum err take_groups(const struct line_rule *r, struct span line, const struct span *field,
                            size_t n, struct line *out, char *why) {
    for (size_t i = 1; i < n;) {
        enum line_form form = r->form_of(r->forms, field[i]);
        if (form == LINE_FORM_UNKNOWN)
            form = form_by_shape(r, field, n, i);
        const enum err e = take_group(line, field, n, &i, form, out, why);
        if (e != ERR_OK)
            return e;
    }
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
    return r->form_of != NULL ? take_groups(r, text, field, n, out, why)
                              : take_fields(r, text, field, n, out, why);
}
