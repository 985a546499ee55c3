/* Value of a row: u8 0, svarint UTC ms when it was put aside, varint n, n bytes of words, then the
 * window as the outbox had it. Rows of older versions begin with their words, which are never
 * empty; of these the time is not known. */
#include "outbox/letters.h"

#include <stdlib.h>

enum { PAGE_ROWS = 1000 };

enum err letters_format(int64_t at_ms, const char *words, struct span window, struct buf *out) {
    (void)buf_add_byte(out, 0);
    (void)buf_add_svarint(out, at_ms);
    (void)buf_add_varint(out, strlen(words));
    (void)buf_add_str(out, words);
    (void)buf_add(out, window.p, window.n);
    return out->failed ? ERR_NOMEM : ERR_OK;
}

int64_t letters_time(struct span value) {
    struct cursor c = cursor_of(value);
    uint8_t mark;
    int64_t at_ms;
    if (cursor_take_byte(&c, &mark) || mark != 0 || cursor_take_svarint(&c, &at_ms))
        return INT64_MIN;
    return at_ms;
}

void letters_merge(struct letters *l, const struct letters *more) {
    l->n += more->n;
    if (l->oldest_ms == INT64_MIN ||
        (more->oldest_ms != INT64_MIN && more->oldest_ms < l->oldest_ms))
        l->oldest_ms = more->oldest_ms;
}

void letters_add(struct letters *l, int64_t at_ms) {
    letters_merge(l, &(struct letters){1, at_ms});
}

enum err letters_load(struct store *s, const struct span *key, size_t n,
                      void (*done)(void *user, enum err err, const struct store_rows *rows),
                      void *user) {
    struct store_range *range = calloc(n, sizeof *range);
    struct buf ends;
    size_t at = 0;
    buf_init(&ends);
    for (size_t i = 0; i < n; i++) {
        (void)buf_add(&ends, key[i].p, key[i].n);
        (void)buf_add_byte(&ends, 0); /* the least key after it */
    }
    enum err err = range && !ends.failed ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; i < n && !err; i++) {
        range[i] = (struct store_range){
            .table = STORE_DEAD, .from = key[i], .to = span_of(ends.p + at, key[i].n + 1)};
        at += key[i].n + 1;
    }
    if (!err)
        err = s->ops->load(s, range, n, done, user);
    buf_fini(&ends);
    free(range);
    return err;
}

struct count {
    struct letters letters;
    struct buf from; /* the least key behind those counted */
    bool more;
    enum err err;
};

static void on_page(void *user, enum err err, const struct store_rows *rows) {
    struct count *c = user;
    c->err = err;
    c->more = !err && rows->n > 0 && (rows->truncated || rows->n == PAGE_ROWS);
    for (size_t i = 0; !err && i < rows->n; i++)
        letters_add(&c->letters, letters_time(rows->at[i].value));
    if (!c->more)
        return;
    const struct span *last = &rows->at[rows->n - 1].key;
    buf_reset(&c->from);
    (void)buf_add(&c->from, last->p, last->n);
    (void)buf_add_byte(&c->from, 0);
    c->err = c->from.failed ? ERR_NOMEM : ERR_OK;
}

enum err letters_count(struct store *s, struct letters *out) {
    struct count c = {.letters = {.oldest_ms = INT64_MIN}};
    buf_init(&c.from);
    do {
        const struct store_range page = {
            .table = STORE_DEAD, .limit = PAGE_ROWS, .from = buf_span(&c.from)};
        enum err rc = s->ops->load_now(s, &page, 1, on_page, &c);
        c.err = rc ? rc : c.err;
    } while (!c.err && c.more);
    buf_fini(&c.from);
    if (!c.err)
        *out = c.letters;
    return c.err;
}
