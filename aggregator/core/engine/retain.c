/* What is older than the plant file keeps leaves the store: logs, cells with the lives of their
 * minutes, windows, each by its own time. In small steps, each part of a commit, so that a crash
 * finds a row there or not.
 *
 * By a clock of its own, for ours may be wrong: it never goes back, never beyond ours, and at most
 * a day in an hour of running. Who sets the year 2100 for an hour loses a day of what lies at the
 * end of its time, not everything. It is kept in META under "retain". */
#include "engine/state.h"

enum {
    EACH_MS = 3600000,    /* a sweep */
    STEPS_A_COMMIT = 4,   /* a few milliseconds of the store's thread; an ack waits for them */
    SPARE_MS = 172800000, /* logs stay for what reaches beyond its minute: open spans, a day's sum */
};

static void be32(uint8_t *p, uint32_t v) {
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t hour_before(int64_t now_ms, int64_t days) {
    int64_t hour = utc_floor(now_ms - days * UTC_DAY_MS, UTC_HOUR_MS) / UTC_HOUR_MS;
    return hour > 0 ? (uint32_t)hour : 0;
}

enum err retain_take(struct core *c, struct span value) {
    struct cursor v = cursor_of(value);
    enum err err = cursor_take_svarint(&v, &c->retain.now_ms);
    c->retain.known = !err;
    return err;
}

static void advance(struct core *c) {
    struct retain *r = &c->retain;
    int64_t most = r->now_ms + UTC_DAY_MS;
    if (!r->known || c->now.wall_ms < most)
        most = c->now.wall_ms;
    r->now_ms = r->known && most < r->now_ms ? r->now_ms : most;
    r->known = true;
}

static enum err put_clock(const struct core *c, struct store_tx *tx) {
    struct buf v;
    buf_init(&v);
    enum err err = buf_add_svarint(&v, c->retain.now_ms);
    if (!err)
        err = store_tx_add(tx, STORE_PUT, STORE_META, span_str("retain"), buf_span(&v));
    buf_fini(&v);
    return err;
}

static enum err drop_log(const struct core *c, size_t agent, struct store_tx *tx) {
    uint8_t from[12] = {0}, to[12] = {0};
    int64_t now_ms = c->retain.now_ms - SPARE_MS;
    be32(from, c->agent[agent]->no);
    be32(to, c->agent[agent]->no);
    be32(to + 4, hour_before(now_ms, c->plant->log_days));
    return store_tx_add(tx, STORE_DELETE_RANGE, STORE_LOG, span_of(from, 12), span_of(to, 12));
}

static enum err drop_cells(const struct core *c, size_t unit, struct store_tx *tx) {
    uint8_t from[IDENT_MAX + 5] = {0}, to[IDENT_MAX + 5];
    const char *id = c->plant->unit[unit].id.s;
    size_t n = strlen(id) + 1;
    memcpy(from, id, n);
    memcpy(to, from, sizeof to);
    be32(to + n, hour_before(c->retain.now_ms, c->plant->cell_days));
    return store_tx_add(tx, STORE_DELETE_RANGE, STORE_CELL, span_of(from, n + 4),
                        span_of(to, n + 4));
}

/* Rows of a table that begin with `head` and whose windows begin before start_ms. */
static enum err drop_windows(enum store_table table, struct span head, int64_t start_ms,
                             struct store_tx *tx) {
    const struct window_key least = {.start_ms = start_ms};
    uint8_t to[WINDOW_KEY_BYTES + 8], key[WINDOW_KEY_BYTES];
    window_key_pack(&least, key);
    memcpy(to, head.p, head.n);
    for (size_t i = head.n; i-- > 0 && ++to[i] == 0;) /* the first one behind them all */
        ;
    memcpy(to + head.n, key + WINDOW_KEY_BYTES - 8, 8);
    return store_tx_add(tx, STORE_DELETE_BEFORE, table, head, span_of(to, head.n + 8));
}

static enum err drop_node(const struct core *c, uint32_t number, struct store_tx *tx) {
    uint8_t closed[LIVES_KEY_BYTES];
    lives_key_pack(true, number, 0, closed);
    int64_t cells_ms = c->retain.now_ms - c->plant->cell_days * UTC_DAY_MS;
    int64_t windows_ms = c->retain.now_ms - c->plant->window_days * UTC_DAY_MS;
    enum err err = drop_windows(STORE_MINUTE, span_of(closed, 5), cells_ms, tx);
    return err ? err : drop_windows(STORE_WINDOW, span_of(closed + 1, 4), windows_ms, tx);
}

/* Whether there was one. */
static bool step(const struct core *c, size_t i, struct store_tx *tx, enum err *err) {
    if (i < c->agent_n) {
        *err = drop_log(c, i, tx);
        return true;
    }
    i -= c->agent_n;
    if (i < c->plant->unit_n) {
        *err = drop_cells(c, i, tx);
        return true;
    }
    i -= c->plant->unit_n;
    if (i >= c->node_no_n)
        return false;
    *err = drop_node(c, (uint32_t)i, tx);
    return true;
}

enum err retain_put(struct core *c, struct store_tx *tx) {
    struct retain *r = &c->retain;
    enum err err = ERR_OK;
    if (c->conf.offline)
        return ERR_OK;
    if (!r->sweeping) {
        if (r->begun && c->now.mono_ms - r->begun_mono_ms < EACH_MS)
            return ERR_OK;
        advance(c);
        r->begun = r->sweeping = true;
        r->begun_mono_ms = c->now.mono_ms;
        r->next = 0;
        err = put_clock(c, tx);
    }
    for (unsigned n = 0; n < STEPS_A_COMMIT && r->sweeping && !err; n++)
        r->sweeping = step(c, r->next++, tx, &err);
    return err;
}
