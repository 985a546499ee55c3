#include "views/history.h"

#include "views/field.h"
#include "views/window_text.h"

static struct window_words words_of(const struct history_page *page, const struct window *w) {
    return (struct window_words){history_word(page, w->key.product),
                                 history_word(page, w->key.team)};
}

static enum err json_line(const struct plant *p, const struct window *w,
                          const struct window_words *words, struct buf *out) {
    struct json_writer j;
    json_writer_init(&j, out);
    window_text_json(&j, p, w, words);
    return buf_add_byte(out, '\n');
}

static enum err as_lines(const struct view_history *ask, const struct history_page *page,
                         struct buf *out) {
    const struct plant *p = ask->query.plant;
    bool csv = ask->format == VIEW_CSV;
    enum err err = csv ? window_text_csv_head(out) : ERR_OK;
    for (size_t i = 0; i < page->n && !err; i++) {
        struct window_words words = words_of(page, &page->at[i]);
        err = csv ? window_text_csv(p, &page->at[i], &words, out)
                  : json_line(p, &page->at[i], &words, out);
    }
    return err;
}

enum err view_history(const struct view_history *ask, const struct history_page *page,
                      struct buf *out) {
    const struct history_query *q = &ask->query;
    struct json_writer w;
    char next[UTC_TEXT];
    if (ask->format != VIEW_JSON)
        return as_lines(ask, page, out);
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    field_text(&w, "node", q->plant->node[q->node].id.s);
    field_text(&w, "kind", window_kind_name(q->kind));
    if (page->next_ms != INT64_MAX)
        utc_format(page->next_ms, next);
    field_text(&w, "next", page->next_ms == INT64_MAX ? NULL : next);
    field_array(&w, "windows");
    for (size_t i = 0; i < page->n; i++) {
        struct window_words words = words_of(page, &page->at[i]);
        window_text_json(&w, q->plant, &page->at[i], &words);
    }
    json_writer_end_array(&w);
    json_writer_end_object(&w);
    return json_writer_finish(&w);
}
