#include "sources/line.h"

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
    l->has_time = l->alive = false;
    l->t_ms = 0;
    l->n = 0;
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

static bool is_number(struct span text) {
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    return text.n > 0;
}

enum err line_time(const struct line_rule *r, struct span text, int64_t *t_ms) {
    struct stamp_rule rule = r->stamp;

    rule.form = is_number(text) ? STAMP_EPOCH_MS : STAMP_ISO;
    return stamp_parse(&rule, text, INT64_MIN, t_ms);
}
