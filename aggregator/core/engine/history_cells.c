/* Cells of a unit as the store holds them, some hours at a time. */
#include "engine/history_impl.h"

enum { HOURS_A_READ = 240 };

struct reading {
    int64_t from_ms, to_ms;
    enum err (*cell)(void *user, const struct cell *c);
    void *user;
    enum err err;
};

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct reading *g = user;
    g->err = err ? err : rows->truncated ? ERR_FULL : ERR_OK;
    for (size_t i = 0; i < rows->n && !g->err; i++) {
        struct cells cells;
        cells_init(&cells);
        g->err = cells_unpack(rows->at[i].value, &cells);
        for (size_t k = 0; k < cells.n && !g->err; k++) {
            const int64_t t_ms = cells.at[k].minute * UTC_MINUTE_MS;
            if (t_ms >= g->from_ms && t_ms < g->to_ms)
                g->err = g->cell(g->user, &cells.at[k]);
        }
        cells_fini(&cells);
    }
}

enum err history_read_cells(const struct plant *p, uint32_t unit, int64_t from_ms, int64_t to_ms,
                            const struct history_reader *r,
                            enum err (*cell)(void *user, const struct cell *c), void *user) {
    struct reading g = {from_ms, to_ms, cell, user, ERR_OK};
    const int64_t last = utc_floor(to_ms - 1, UTC_HOUR_MS) / UTC_HOUR_MS + 1;
    int64_t hour = utc_floor(from_ms, UTC_HOUR_MS) / UTC_HOUR_MS;
    enum err err = ERR_OK;
    for (hour = hour > 0 ? hour : 0; hour < last && !err; hour += HOURS_A_READ) {
        uint8_t from[HISTORY_CELL_KEY_MAX], to[HISTORY_CELL_KEY_MAX];
        const int64_t end = hour + HOURS_A_READ < last ? hour + HOURS_A_READ : last;
        const size_t n = history_cell_key(p, unit, hour, from);
        history_cell_key(p, unit, end, to);
        const struct store_range range = {
            .table = STORE_CELL, .from = span_of(from, n), .to = span_of(to, n)};
        err = r->load(r->user, &range, 1, on_rows, &g);
        err = err ? err : g.err;
    }
    return err;
}
