#include "simworld/alarm_sums.h"

#include "cell/cell.h"

struct reader {
    struct alarm_sums *out;
    const struct plant *plant;
    struct cells cells;
    enum err err;
};

void alarm_sums_see(struct alarm_sums *x, uint32_t node, int64_t minute) {
    if (node < ALARM_SUMS_NODES && x->seen[node] < minute - x->first)
        x->seen[node] = minute - x->first;
}

/* Live minutes come before they are looked at. */
void alarm_sums_move(struct alarm_sums *x, uint32_t node, int64_t minute) {
    const int64_t at = minute - x->first;
    if (node < ALARM_SUMS_NODES && at >= 0 && at < ALARM_SUMS_MINUTES)
        x->moved_at[node][at] = x->seen[node];
}

/* At the unit and every node above it. */
static void add(struct reader *r, uint32_t node, const struct cell *c) {
    const int64_t at = c->minute - r->out->first;
    for (; node < ALARM_SUMS_NODES && at >= 0 && at < ALARM_SUMS_MINUTES;
         node = r->plant->node[node].parent) {
        struct alarm_sum *sum = &r->out->before[node][at + 1];
        sum->delay_ms += c->sums.q[QTY_TIME + CAT_DELAY];
        sum->stops += c->sums.q[QTY_STOPS];
        for (unsigned k = 0; k < CATEGORY_COUNT; k++)
            sum->energy_uwh += c->sums.q[QTY_ENERGY + k];
    }
}

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct reader *r = user;
    r->err = err;
    for (size_t i = 0; i < rows->n && !r->err; i++) {
        const char *unit = (const char *)rows->at[i].key.p;
        uint32_t node = UINT32_MAX;
        for (size_t u = 0; u < r->plant->unit_n; u++)
            if (strcmp(r->plant->unit[u].id.s, unit) == 0)
                node = r->plant->unit[u].node;
        r->cells.n = 0;
        r->err = cells_unpack(rows->at[i].value, &r->cells);
        for (size_t k = 0; k < r->cells.n && !r->err; k++)
            add(r, node, &r->cells.at[k]);
    }
}

enum err alarm_sums_collect(struct alarm_sums *x, struct station *s) {
    const struct store_range all = {.table = STORE_CELL};
    struct reader r = {.out = x, .plant = s->plant};
    cells_init(&r.cells);
    memset(x->before, 0, sizeof x->before);
    enum err err = s->store->ops->load_now(s->store, &all, 1, on_rows, &r);
    cells_fini(&r.cells);
    for (unsigned node = 0; node < ALARM_SUMS_NODES; node++)
        for (unsigned m = 0; m < ALARM_SUMS_MINUTES; m++) {
            const struct alarm_sum *was = &x->before[node][m];
            struct alarm_sum *now = &x->before[node][m + 1];
            now->delay_ms += was->delay_ms;
            now->energy_uwh += was->energy_uwh;
            now->stops += was->stops;
        }
    return err ? err : r.err;
}

bool alarm_sums_of(const struct alarm_sums *x, uint32_t node, int64_t from, int64_t last,
                   struct alarm_sum *out) {
    from = from > 0 ? from : 0;
    const struct alarm_sum *a = &x->before[node][from], *b = &x->before[node][last + 1];
    for (int64_t m = from; m <= last; m++)
        if (x->moved_at[node][m] >= last)
            return false;
    *out = (struct alarm_sum){b->delay_ms - a->delay_ms, b->energy_uwh - a->energy_uwh,
                              b->stops - a->stops};
    return true;
}
