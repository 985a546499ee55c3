#include "engine/history.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/history_impl.h"

/* --- the page -----------------------------------------------------------------------------------
 */

enum err history_add(struct history_page *page, const struct window *w) {
    if (page->n % 64 == 0) {
        struct window *at = realloc(page->at, (page->n + 64) * sizeof *at);
        if (!at)
            return ERR_NOMEM;
        page->at = at;
    }
    page->at[page->n++] = *w;
    return ERR_OK;
}

void history_fini(struct history_page *page) {
    free(page->at);
    free(page->word);
    *page = (struct history_page){0};
}

struct span history_word(const struct history_page *page, uint32_t id) {
    for (size_t i = 0; i < page->word_n; i++)
        if (page->word[i].id == id)
            return span_str(page->word[i].text);
    return span_of(NULL, 0);
}

/* --- kept windows -------------------------------------------------------------------------------
 */

struct keys { /* of one context, from and to */
    uint8_t from[WINDOW_KEY_BYTES], to[WINDOW_KEY_BYTES];
};

struct kept {
    const struct history_query *q;
    struct history_page *page;
    enum err err;
};

static enum err take_window(struct kept *k, const struct store_item *row) {
    struct window w = {0};
    enum err err = window_key_unpack(row->key, &w.key);
    if (!err)
        err = window_unpack(row->value, &w);
    if (err)
        return err;
    w.key.node = k->q->node;
    if (row->table == STORE_WINDOW) {
        w.changed = false;
        return history_add(k->page, &w);
    }
    /* What was told stays until the next revision is; it is known to be moving. */
    for (size_t i = 0; i < k->page->n; i++)
        if (window_key_equal(&k->page->at[i].key, &w.key)) {
            k->page->at[i].changed = true;
            return ERR_OK;
        }
    w.changed = w.life != WINDOW_PROVISIONAL;
    return history_add(k->page, &w);
}

static void on_kept(void *user, enum err err, const struct store_rows *rows) {
    struct kept *k = user;
    k->err = err;
    for (size_t i = 0; i < rows->n && !k->err; i++)
        k->err = take_window(k, &rows->at[i]);
    if (!k->err && rows->truncated)
        k->err = ERR_FULL;
}

static int by_start(const void *x, const void *y) {
    const struct window_key *a = &((const struct window *)x)->key;
    const struct window_key *b = &((const struct window *)y)->key;
    if (a->start_ms != b->start_ms)
        return a->start_ms < b->start_ms ? -1 : 1;
    if (a->product != b->product)
        return a->product < b->product ? -1 : 1;
    return (a->team > b->team) - (a->team < b->team);
}

/* Windows that begin together stay on one page, or the next one could not go on by time. */
static void cut_page(struct history_page *page, size_t limit) {
    if (page->n)
        qsort(page->at, page->n, sizeof *page->at, by_start);
    if (page->n <= limit)
        return;
    size_t n = limit;
    while (n > 0 && page->at[n - 1].key.start_ms == page->at[limit].key.start_ms)
        n--;
    if (n == 0)
        for (n = limit; n < page->n && page->at[n].key.start_ms == page->at[0].key.start_ms;)
            n++;
    if (n < page->n)
        page->next_ms = page->at[n].key.start_ms;
    page->n = n;
}

static struct window_key key_of(const struct history_query *q, uint32_t product, uint32_t team,
                                int64_t start_ms) {
    return (struct window_key){.node = q->node_no,
                               .kind = (uint8_t)q->kind,
                               .product = product,
                               .team = team,
                               .start_ms = start_ms};
}

static enum err read_contexts(const struct history_query *q, const struct history_reader *r,
                              const struct window_key *context, size_t n,
                              struct history_page *out) {
    struct kept k = {.q = q, .page = out};
    struct keys *keys = calloc(n + 1, sizeof *keys);
    struct store_range *range = calloc(2 * n + 1, sizeof *range);
    enum err err = keys && range ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; i < n && !err; i++) {
        struct window_key from = context[i], to = context[i];
        from.start_ms = q->from_ms;
        to.start_ms = q->to_ms;
        window_key_pack(&from, keys[i].from);
        window_key_pack(&to, keys[i].to);
        struct store_range one = {.table = STORE_WINDOW,
                                  .from = span_of(keys[i].from, WINDOW_KEY_BYTES),
                                  .to = span_of(keys[i].to, WINDOW_KEY_BYTES),
                                  .limit = (uint32_t)q->limit + 1};
        range[i] = range[n + i] = one;
        range[n + i].table = STORE_OPEN; /* behind all that was told: see take_window */
    }
    if (!err && n)
        err = r->load(r->user, range, 2 * n, on_kept, &k);
    free(keys);
    free(range);
    err = err ? err : k.err;
    if (!err)
        cut_page(out, q->limit);
    return err;
}

/* --- contexts -----------------------------------------------------------------------------------
 */

struct first { /* the least key of two ranges */
    struct window_key key;
    bool found;
    enum err err;
};

static void on_first(void *user, enum err err, const struct store_rows *rows) {
    struct first *f = user;
    f->err = err;
    for (size_t i = 0; i < rows->n && !f->err; i++) {
        struct window_key key;
        f->err = window_key_unpack(rows->at[i].key, &key);
        bool less = !f->found || key.product < f->key.product ||
                    (key.product == f->key.product && key.team < f->key.team);
        if (!f->err && less) {
            f->key = key;
            f->found = true;
        }
    }
}

static enum err find_first(const struct history_query *q, const struct history_reader *r,
                           const struct window_key *from_key, struct first *out) {
    uint8_t from[WINDOW_KEY_BYTES], to[WINDOW_KEY_BYTES];
    struct window_key end = {
        .node = q->node_no, .kind = (uint8_t)(q->kind + 1), .start_ms = INT64_MIN};
    window_key_pack(from_key, from);
    window_key_pack(&end, to);
    struct store_range range[2] = {{.table = STORE_WINDOW,
                                    .from = span_of(from, sizeof from),
                                    .to = span_of(to, sizeof to),
                                    .limit = 1}};
    range[1] = range[0];
    range[1].table = STORE_OPEN;
    *out = (struct first){0};
    enum err err = r->load(r->user, range, 2, on_first, out);
    return err ? err : out->err;
}

/* Products and teams the node has windows of: from one to the next by seeking, however long their
 * history is. */
static enum err find_contexts(const struct history_query *q, const struct history_reader *r,
                              struct window_key *out, size_t *n) {
    struct window_key at = key_of(q, 0, 1, INT64_MIN);
    struct first f;
    *n = 0;
    enum err err = find_first(q, r, &at, &f);
    while (!err && f.found) {
        if ((!q->product || f.key.product == q->product) && (!q->team || f.key.team == q->team)) {
            if (*n == HISTORY_CONTEXTS_MAX)
                return ERR_FULL;
            out[(*n)++] = f.key;
        }
        at = key_of(q, f.key.product, f.key.team + 1, INT64_MIN);
        err = find_first(q, r, &at, &f);
    }
    return err;
}

struct words {
    struct history_page *page;
    enum err err;
};

static void on_words(void *user, enum err err, const struct store_rows *rows) {
    struct words *k = user;
    k->err = err;
    if (err || rows->n == 0)
        return;
    k->page->word = calloc(rows->n, sizeof *k->page->word);
    if (!k->page->word)
        k->err = ERR_NOMEM;
    for (size_t i = 0; i < rows->n && !k->err; i++) {
        const uint8_t *p = rows->at[i].key.p;
        struct history_word *w = &k->page->word[k->page->word_n++];
        w->id = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        snprintf(w->text, sizeof w->text, "%.*s", (int)rows->at[i].value.n,
                 (const char *)rows->at[i].value.p);
    }
}

enum err history_read_words(const struct history_reader *r, const uint32_t *id, size_t n,
                            struct history_page *out) {
    struct words k = {.page = out};
    uint8_t(*key)[4] = calloc(n + 1, sizeof *key);
    uint8_t(*end)[5] = calloc(n + 1, sizeof *end);
    struct store_range *range = calloc(n + 1, sizeof *range);
    enum err err = key && end && range ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; i < n && !err; i++) {
        for (unsigned b = 0; b < 4; b++)
            key[i][b] = end[i][b] = (uint8_t)(id[i] >> (24 - 8 * b));
        range[i] = (struct store_range){
            .table = STORE_WORD, .from = span_of(key[i], 4), .to = span_of(end[i], 5)};
    }
    if (!err)
        err = r->load(r->user, range, n, on_words, &k);
    free(key);
    free(end);
    free(range);
    return err ? err : k.err;
}

/* Texts of the words that the contexts name. */
static enum err read_words(const struct history_reader *r, const struct window_key *context,
                           size_t n, struct history_page *out) {
    uint32_t *id = calloc(2 * n + 1, sizeof *id);
    if (!id)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        id[2 * i] = context[i].product;
        id[2 * i + 1] = context[i].team;
    }
    enum err err = history_read_words(r, id, 2 * n, out);
    free(id);
    return err;
}

static enum err read_kept(const struct history_query *q, const struct history_reader *r,
                          struct history_page *out) {
    struct window_key own = key_of(q, 0, 0, 0);
    if (!q->product && !q->team && !q->contexts)
        return read_contexts(q, r, &own, 1, out);
    struct window_key *context = calloc(HISTORY_CONTEXTS_MAX, sizeof *context);
    size_t n = 0;
    if (!context)
        return ERR_NOMEM;
    enum err err = find_contexts(q, r, context, &n);
    if (!err && n)
        err = read_words(r, context, n, out);
    if (!err)
        err = read_contexts(q, r, context, n, out);
    free(context);
    return err;
}

enum err history_read(const struct history_query *q, const struct history_reader *r,
                      struct history_page *out) {
    *out = (struct history_page){.next_ms = INT64_MAX};
    if (q->from_ms >= q->to_ms)
        return ERR_OK;
    return q->kind == WINDOW_MINUTE ? history_read_minutes(q, r, out) : read_kept(q, r, out);
}
