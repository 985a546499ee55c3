#include "backtest/days.h"

/* What was told of a day: a later change of it is told soon, as `plantbus energy` sees it then. */
static enum err give(struct alerts *a, const struct history_query *q,
                     const struct history_page *page) {
    enum err err = ERR_OK;
    for (size_t i = 0; i < page->n && !err; i++) {
        const struct window *w = &page->at[i];
        err = alerts_put_day(a, q->node, w->key.start_ms, w->end_ms, &w->sums);
    }
    return err;
}

static enum err read_node(struct alerts *a, struct history_query *q,
                          const struct history_reader *r) {
    enum err err = ERR_OK;
    while (q->from_ms < q->to_ms && !err) {
        struct history_page page = {0};
        err = history_read(q, r, &page);
        if (!err)
            err = give(a, q, &page);
        q->from_ms = page.next_ms;
        history_fini(&page);
    }
    return err;
}

enum err back_days_read(struct alerts *a, const struct backtest_conf *conf,
                        const struct history_reader *r) {
    uint32_t node = 0;
    int64_t from_ms = 0;
    enum err err = ERR_OK;
    for (size_t i = 0; conf->node_no && !err && alerts_day_source(a, i, &node, &from_ms); i++) {
        struct history_query q = {.plant = conf->plant,
                                  .node = node,
                                  .node_no = conf->node_no[node],
                                  .kind = WINDOW_DAY,
                                  .from_ms = from_ms,
                                  .to_ms = conf->to_ms,
                                  .limit = HISTORY_LIMIT_MAX};
        err = read_node(a, &q, r);
    }
    if (!err)
        alerts_days_given(a);
    return err;
}
