/* Stored windows as rooms of energy take them. */
#include <stdlib.h>

#include "views/energy_impl.h"

/* Names of sums in order, so that each is found in eight steps. */
struct names {
    uint16_t by_name[QTY_COUNT];
};
struct told {
    const struct names *names;
    const struct sums *sums;
};

static int by_name(const void *x, const void *y) {
    return strcmp(qty_name((enum qty) * (const uint16_t *)x),
                  qty_name((enum qty) * (const uint16_t *)y));
}

static int64_t sum_of(const void *user, const char *name) {
    const struct told *t = user;
    size_t low = 0, high = QTY_COUNT;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int c = strcmp(qty_name((enum qty)t->names->by_name[middle]), name);
        if (c == 0)
            return t->sums->q[t->names->by_name[middle]];
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

static enum err hand_on(const struct plant *p, const struct history_page *page,
                        const struct names *names, energy_window_take take, void *user) {
    static const char *const life[] = {"provisional", "settled", "restated"};
    enum err err = ERR_OK;
    for (size_t i = 0; i < page->n && !err; i++) {
        const struct window *w = &page->at[i];
        const struct told told = {names, &w->sums};
        const struct energy_window out = {
            .node = span_str(p->node[w->key.node].id.s),
            .kind = span_str(window_kind_name((enum window_kind)w->key.kind)),
            .product = history_word(page, w->key.product),
            .team = history_word(page, w->key.team),
            .life = span_str(life[w->life]),
            .start_ms = w->key.start_ms,
            .end_ms = w->end_ms,
            .sum = sum_of,
            .user = &told};
        err = take(user, &out);
    }
    return err;
}

enum err energy_windows(const struct view_history *ask, const struct history_reader *r,
                        uint32_t node, enum window_kind kind, bool products,
                        energy_window_take take, void *user) {
    struct history_query q = ask->query;
    struct names names;
    enum err err = ERR_OK;
    for (unsigned i = 0; i < QTY_COUNT; i++)
        names.by_name[i] = (uint16_t)i;
    qsort(names.by_name, QTY_COUNT, sizeof *names.by_name, by_name);
    q.node = node;
    q.node_no = ask->energy->node_no[node];
    q.kind = kind;
    q.product = q.team = 0;
    q.contexts = products;
    q.limit = HISTORY_LIMIT_MAX;
    while (!err && q.from_ms < q.to_ms) {
        struct history_page page = {0};
        err = history_read(&q, r, &page);
        if (!err)
            err = hand_on(q.plant, &page, &names, take, user);
        q.from_ms = page.next_ms;
        history_fini(&page);
    }
    return err;
}
