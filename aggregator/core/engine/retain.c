/* What is older than the plant file keeps leaves the store: logs, cells with the lives of their
 * minutes, windows, each by its own time behind the horizon (horizon.c). In small steps, each part
 * of a commit, so that a crash finds a row there or not.
 *
 * A log stays as long as a minute that may still be computed looks at it: the margins of that
 * minute, and as far as a span reaches that it shares. A minute stays until it is frozen, a window
 * as long as any of its minutes. */
#include "engine/parts.h"

enum {
    EACH_MS = 3600000,   /* a sweep */
    STEPS_A_COMMIT = 4,  /* a few milliseconds of the store's thread; an ack waits for them */
    SPARE_MS = 172800000 /* logs stay longer; less where they are kept for less */
};

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* Spans of the unit that ended before this are of no use any more. */
static int64_t ended_ms(const struct core *c, uint32_t unit) {
    int64_t spare = earlier(SPARE_MS, c->plant->keep_logs_ms);
    int64_t frozen = horizon_frozen_ms(c, unit) - cell_margin_ms(c->plant, unit);
    return earlier(c->retain.least_ms - spare, utc_floor(frozen, UTC_HOUR_MS));
}

/* As far back as the unit's log is looked at. */
static int64_t log_from_ms(const struct core *c, uint32_t unit) {
    int64_t ended = ended_ms(c, unit), margin = cell_margin_ms(c->plant, unit) + UTC_HOUR_MS;
    return horizon_reach_ms(&c->unit[unit].longs, ended, ended) - margin;
}

static void forget_longs(struct core *c) {
    for (uint32_t u = 0; u < c->plant->unit_n; u++) {
        struct siglog *l = &c->unit[u].longs;
        int64_t ended = ended_ms(c, u);
        size_t n = 0;
        for (size_t i = 0; i < l->n; i++)
            if (l->at[i].t1_ms > ended)
                l->at[n++] = l->at[i];
        l->n = n;
    }
}

/* Of all units, since a node has minutes and windows of several. */
static int64_t frozen_ms(const struct core *c) {
    int64_t least = c->retain.least_ms;
    for (uint32_t u = 0; u < c->plant->unit_n; u++)
        least = earlier(least, horizon_frozen_ms(c, u));
    return least;
}

int64_t retain_cells_ms(const struct core *c) {
    int64_t keep = c->retain.least_ms - (c->plant->keep_cells_ms - c->plant->keep_logs_ms);
    return earlier(keep, frozen_ms(c) - UTC_HOUR_MS);
}

/* --- what goes ----------------------------------------------------------------------------------
 */

static void be32(uint8_t *p, uint32_t v) {
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t hour_of(int64_t t_ms) {
    int64_t hour = utc_floor(t_ms, UTC_HOUR_MS) / UTC_HOUR_MS;
    return hour > 0 ? (uint32_t)hour : 0;
}

static enum err drop_hours(uint32_t agent, uint32_t from, uint32_t to, struct store_tx *tx) {
    uint8_t a[12] = {0}, b[12] = {0};
    be32(a, agent);
    be32(a + 4, from);
    be32(b, agent);
    be32(b + 4, to);
    return from < to
               ? store_tx_add(tx, STORE_DELETE_RANGE, STORE_LOG, span_of(a, 12), span_of(b, 12))
               : ERR_OK;
}

/* Hour 0 holds long spans of stores that did not tell their ends in the key. */
static enum err drop_log(const struct core *c, size_t agent, struct store_tx *tx) {
    const uint32_t no = c->agent[agent]->no;
    enum err err = drop_hours(no, 0, hour_of(c->retain.log_ms), tx);
    return err ? err
               : drop_hours(no | UINT32_C(1) << LONG_SPAN_BIT, 1, hour_of(c->retain.ended_ms), tx);
}

/* Of units that have left the plant file, too: their nodes keep their numbers. */
static enum err drop_cells(const struct core *c, uint32_t number, struct store_tx *tx) {
    uint8_t from[IDENT_MAX + 5] = {0}, to[IDENT_MAX + 5];
    const char *id = nodes_id(c, number);
    if (!id)
        return ERR_OK;
    size_t n = strlen(id) + 1;
    memcpy(from, id, n);
    memcpy(to, from, sizeof to);
    be32(to + n, hour_of(c->retain.cells_ms));
    enum err err =
        store_tx_add(tx, STORE_DELETE_RANGE, STORE_CELL, span_of(from, n + 4), span_of(to, n + 4));
    return err ? err
               : store_tx_add(tx, STORE_DELETE_RANGE, STORE_KEPT, span_of(from, n + 4),
                              span_of(to, n + 4));
}

/* Rows of a node (with a byte before it in a table that has one) and kind, of windows that begin
 * before start_ms. */
static enum err drop_kind(enum store_table table, uint32_t number, enum window_kind kind,
                          int64_t start_ms, struct store_tx *tx) {
    const struct window_key from = {.node = number, .kind = (uint8_t)kind, .start_ms = start_ms};
    const struct window_key end = {.node = number, .kind = (uint8_t)(kind + 1)};
    uint8_t a[1 + WINDOW_KEY_BYTES] = {1}, b[1 + 8 + 8] = {1}, key[WINDOW_KEY_BYTES];
    const size_t skip = table == STORE_MINUTE ? 0 : 1; /* closed ones begin with 1 (lives.h) */
    window_key_pack(&from, a + 1);
    window_key_pack(&end, key);
    memcpy(b + 1, key, 8);
    memcpy(b + 9, a + 1 + WINDOW_KEY_BYTES - 8, 8);
    return store_tx_add(tx, STORE_DELETE_BEFORE, table, span_of(a + skip, 9 - skip),
                        span_of(b + skip, sizeof b - skip));
}

/* Of orders, old ones lie together. */
static enum err drop_orders(uint32_t number, int64_t start_ms, struct store_tx *tx) {
    const struct window_key from = {.node = number, .kind = WINDOW_ORDER, .start_ms = INT64_MIN};
    const struct window_key end = {.node = number, .kind = WINDOW_ORDER, .start_ms = start_ms};
    uint8_t a[WINDOW_KEY_BYTES], b[WINDOW_KEY_BYTES];
    window_key_pack(&from, a);
    window_key_pack(&end, b);
    return store_tx_add(tx, STORE_DELETE_RANGE, STORE_WINDOW, span_of(a, sizeof a),
                        span_of(b, sizeof b));
}

/* A window stays as long as any of its minutes, which begin later than it. */
static enum err drop_node(const struct core *c, uint32_t number, struct store_tx *tx) {
    static const int64_t longest_ms[WINDOW_SHOWN_COUNT] = {[WINDOW_QUARTER] = UTC_HOUR_MS,
                                                           [WINDOW_HOUR] = UTC_HOUR_MS,
                                                           [WINDOW_SHIFT] = 2 * UTC_DAY_MS,
                                                           [WINDOW_DAY] = 2 * UTC_DAY_MS};
    int64_t cells = c->retain.cells_ms;
    int64_t keep = c->retain.least_ms - (c->plant->keep_windows_ms - c->plant->keep_logs_ms);
    enum err err = drop_cells(c, number, tx);
    if (!err)
        err = drop_kind(STORE_MINUTE, number, WINDOW_MINUTE, cells, tx);
    if (!err)
        err = drop_orders(number, earlier(keep, cells) - UTC_HOUR_MS, tx);
    for (unsigned k = WINDOW_QUARTER; k < WINDOW_SHOWN_COUNT && !err; k++)
        err = drop_kind(STORE_WINDOW, number, (enum window_kind)k,
                        earlier(keep, cells) - longest_ms[k], tx);
    return err;
}

/* --- sweeps -------------------------------------------------------------------------------------
 */

/* Whether there was one. */
static bool step(const struct core *c, size_t i, struct store_tx *tx, enum err *err) {
    if (i < c->agent_n) {
        *err = drop_log(c, i, tx);
        return true;
    }
    i -= c->agent_n;
    if (i >= c->node_no_n)
        return false;
    *err = drop_node(c, (uint32_t)i, tx);
    return true;
}

/* What is to be computed from cells needs them. */
static int64_t oldest_dirty_ms(const struct core *c) {
    int64_t oldest = INT64_MAX;
    for (uint32_t u = 0; u < c->plant->unit_n; u++)
        if (c->unit[u].dirty.n)
            oldest = earlier(oldest, c->unit[u].dirty.at[0].from_ms);
    return oldest;
}

static enum err begin(struct core *c, struct store_tx *tx) {
    struct retain *r = &c->retain;
    horizon_advance(c);
    forget_longs(c);
    r->cells_ms = earlier(retain_cells_ms(c), oldest_dirty_ms(c));
    r->log_ms = r->ended_ms = r->least_ms;
    for (uint32_t u = 0; u < c->plant->unit_n; u++) {
        r->log_ms = earlier(r->log_ms, log_from_ms(c, u));
        r->ended_ms = earlier(r->ended_ms, ended_ms(c, u));
    }
    r->begun = r->sweeping = true;
    r->begun_mono_ms = c->now.mono_ms;
    r->next = 0;
    enum err err = unplaced_drop(c, r->now_ms - c->plant->keep_windows_ms, tx);
    return err ? err : horizon_put(c, tx);
}

enum err retain_put(struct core *c, struct store_tx *tx) {
    struct retain *r = &c->retain;
    enum err err = ERR_OK;
    horizon_start(c); /* once the clock may be believed */
    if (c->conf.offline || !r->known)
        return ERR_OK;
    if (!r->sweeping) {
        if (r->begun && c->now.mono_ms - r->begun_mono_ms < EACH_MS)
            return ERR_OK;
        err = begin(c, tx);
    }
    for (unsigned n = 0; n < STEPS_A_COMMIT && r->sweeping && !err; n++)
        r->sweeping = step(c, r->next++, tx, &err);
    return err;
}
