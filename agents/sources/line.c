#include "sources/line.h"

#include <strings.h>

enum err line_init(struct line *l) {
    buf_init(&l->texts);
    line_reset(l);
    /* Reserved once, so that kept texts never move. */
    return buf_reserve(&l->texts, LINE_BYTES_MAX);
}

void line_fini(struct line *l) {
    buf_fini(&l->texts);
}

void line_reset(struct line *l) {
    l->has_time = l->alive = l->has_position = false;
    l->t_ms = 0;
    l->n = l->member_n = 0;
    buf_reset(&l->texts);
}

struct line_item *line_add(struct line *l) {
    if (l->n == LINE_ITEMS_MAX)
        return NULL;
    l->items[l->n] = (struct line_item){.quality = QUALITY_GOOD};
    return &l->items[l->n++];
}

enum err line_keep(struct line *l, struct span text, struct span *kept) {
    if (text.n > LINE_BYTES_MAX - l->texts.n)
        return ERR_RANGE;
    const size_t at = l->texts.n;
    const enum err e = buf_add(&l->texts, text.p, text.n);
    if (e == ERR_OK)
        *kept = span_of(l->texts.p + at, text.n);
    return e;
}

enum { SECONDS_DIGITS = 10 }; /* of today's seconds since 1970; ms have 13 */

/* Digits before a point, 0 if the text is no number. */
static size_t digits_of(struct span text) {
    size_t n = 0, points = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '.')
            points++;
        else if (text.p[i] < '0' || text.p[i] > '9')
            return 0;
        else
            n += points == 0;
    }
    return points <= 1 ? n : 0;
}

enum err line_time(const struct line_rule *r, struct span text, int64_t *t_ms) {
    struct stamp_rule rule = r->stamp;

    const size_t digits = digits_of(text);

    if (digits == 0)
        rule.form = STAMP_ISO;
    else
        rule.form = r->seconds ? STAMP_EPOCH_S : STAMP_EPOCH_MS;
    if (digits == SECONDS_DIGITS && !r->seconds)
        return ERR_RANGE;
    return stamp_parse(&rule, text, INT64_MIN, t_ms);
}

const char *line_time_expects(const struct line_rule *r, struct span text) {
    const size_t digits = digits_of(text);

    if (digits == 0)
        return r->seconds ? "a time (RFC 3339, or s since 1970)"
                          : "a time (RFC 3339, or ms since 1970)";
    if (r->seconds)
        return "s since 1970, of ten digits; for ms leave time_unit out";
    return digits == SECONDS_DIGITS ? "ms since 1970, of 13 digits; for seconds say time_unit: s"
                                    : "ms since 1970";
}

bool line_means_time(struct span key) {
    static const char *const words[] = {"time",      "ts",   "timestamp", "time_stamp",
                                        "date_time", "date", "datetime",  "t_ms"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (key.n == strlen(words[i]) && strncasecmp((const char *)key.p, words[i], key.n) == 0)
            return true;
    return key.n == 1 && key.p[0] == 'T';
}

bool line_position(struct line *l, struct span text) {
    if (text.n > LINE_POSITION_MAX)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < 0x20 || text.p[i] > 0x7e)
            return false;
    l->has_position = true;
    l->position = text;
    return true;
}
