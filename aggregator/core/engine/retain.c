/* What is older than the plant file keeps leaves the store: logs, cells with the lives of their
 * minutes, windows, each by its own time. In small steps, each part of a commit, so that a crash
 * finds a row there or not.
 *
 * By a clock of its own, for ours may be wrong: it never goes back, never beyond ours, and at most
 * a day in an hour of running. Who sets the year 2100 for an hour loses a day of what lies at the
 * end of its time, not everything.
 *
 * The horizon is that clock less keep_logs, a full hour, and it never goes back either. It waits
 * for minutes before it that are still to be computed. What happened before it is not taken any
 * more (unplaced.c) and no minute before it is ever computed: neither by a reading, nor because a
 * span reaches over it, nor by a start with another plant file (jobs.c). So logs may leave, but for
 * what minutes behind it look at: SPARE_MS, and as far as a span reaches that ends behind it.
 *
 * Both are kept in META under "retain". */
#include <stdlib.h>

#include "engine/state.h"

enum {
    EACH_MS = 3600000,    /* a sweep */
    STEPS_A_COMMIT = 4,   /* a few milliseconds of the store's thread; an ack waits for them */
    SPARE_MS = 172800000, /* what reaches beyond its minute or its day; less where logs are */
    OLD_STORE_DAYS = 400  /* as far back as a store may hold that was never swept */
};
/* An earlier clock is certainly wrong: a machine without a battery that nobody has told the time
 * yet. 2026-01-01. */
#define SANE_MS INT64_C(1767225600000)

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int64_t spare_ms(const struct core *c) {
    return earlier(SPARE_MS, c->plant->keep_logs_ms);
}

static int64_t horizon_of(const struct core *c, int64_t now_ms) {
    return utc_floor(now_ms - c->plant->keep_logs_ms, UTC_HOUR_MS);
}

int64_t retain_least_ms(const struct core *c) {
    if (c->conf.offline)
        return INT64_MIN;
    return c->retain.known ? c->retain.least_ms : horizon_of(c, c->now.wall_ms);
}

/* --- the clock ----------------------------------------------------------------------------------
 */

enum err retain_take(struct core *c, struct span value) {
    struct cursor v = cursor_of(value);
    enum err err = cursor_take_svarint(&v, &c->retain.now_ms);
    if (!err)
        err = cursor_take_svarint(&v, &c->retain.least_ms);
    c->retain.known = !err;
    return err;
}

static enum err put_clock(const struct core *c, struct store_tx *tx) {
    struct buf v;
    buf_init(&v);
    buf_add_svarint(&v, c->retain.now_ms);
    enum err err = buf_add_svarint(&v, c->retain.least_ms);
    if (!err)
        err = store_tx_add(tx, STORE_PUT, STORE_META, span_str("retain"), buf_span(&v));
    buf_fini(&v);
    return err;
}

/* Of the minutes that are still to be computed and may be. */
static int64_t oldest_dirty_ms(const struct core *c) {
    int64_t oldest = INT64_MAX;
    for (size_t u = 0; u < c->plant->unit_n; u++) {
        const struct ranges *r = &c->unit[u].dirty;
        size_t i = 0;
        while (i < r->n && r->at[i].to_ms <= c->retain.least_ms)
            i++;
        if (i < r->n)
            oldest = earlier(oldest, later(r->at[i].from_ms, c->retain.least_ms));
    }
    return oldest;
}

static int64_t oldest_filled_ms(const struct core *c) {
    int64_t oldest = INT64_MAX;
    for (size_t u = 0; u < c->plant->unit_n; u++)
        if (c->unit[u].filled.n)
            oldest = earlier(oldest, c->unit[u].filled.at[0].from_ms);
    return oldest;
}

/* A store that was never swept gives its years back day by day, too. */
void retain_start(struct core *c) {
    struct retain *r = &c->retain;
    if (r->known || c->now.wall_ms < SANE_MS)
        return;
    int64_t least = c->now.wall_ms - OLD_STORE_DAYS * UTC_DAY_MS;
    int64_t first = later(oldest_filled_ms(c), least) + c->plant->keep_logs_ms;
    r->now_ms = oldest_filled_ms(c) == INT64_MAX ? c->now.wall_ms : earlier(first, c->now.wall_ms);
    r->least_ms = horizon_of(c, r->now_ms);
    r->known = true;
}

static void advance(struct core *c) {
    struct retain *r = &c->retain;
    r->now_ms = later(r->now_ms, earlier(r->now_ms + UTC_DAY_MS, c->now.wall_ms));
    int64_t least = earlier(horizon_of(c, r->now_ms), oldest_dirty_ms(c));
    r->least_ms = later(r->least_ms, utc_floor(least, UTC_HOUR_MS));
}

/* --- spans over an hour -------------------------------------------------------------------------
 */

/* Nothing behind the horizon looks at what ended before this. */
static int64_t ended_ms(const struct core *c) {
    return c->retain.least_ms - spare_ms(c);
}

static void forget_longs(struct core *c) {
    int64_t ended = ended_ms(c);
    for (size_t u = 0; u < c->plant->unit_n; u++) {
        struct siglog *l = &c->unit[u].longs;
        size_t n = 0;
        for (size_t i = 0; i < l->n; i++)
            if (l->at[i].t1_ms > ended)
                l->at[n++] = l->at[i];
        l->n = n;
    }
}

/* As far back as spans of the unit reach that minutes behind the horizon share. */
static int64_t reach_ms(const struct core *c, uint32_t unit, int64_t least) {
    const struct siglog *l = &c->unit[unit].longs;
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].t1_ms > ended_ms(c))
            least = earlier(least, l->at[i].t0_ms - UTC_DAY_MS);
    return least;
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
    const struct cagent *a = c->agent[agent];
    int64_t least = ended_ms(c);
    for (size_t i = 0; i < a->signals.n; i++) {
        const struct csignal *s = &c->signal[a->signals.at[i]];
        for (size_t k = 0; k < s->unit_n; k++)
            least = reach_ms(c, s->unit[k], least);
    }
    enum err err = drop_hours(a->no, 0, hour_of(least), tx);
    return err ? err
               : drop_hours(a->no | UINT32_C(1) << LONG_SPAN_BIT, 1, hour_of(ended_ms(c)), tx);
}

/* A cell never leaves before its log. */
int64_t retain_cells_ms(const struct core *c) {
    return earlier(c->retain.now_ms - c->plant->keep_cells_ms, ended_ms(c));
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
    be32(to + n, hour_of(retain_cells_ms(c)));
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

/* A day stays as long as any of its minutes, which begin later than it. */
static enum err drop_node(const struct core *c, uint32_t number, struct store_tx *tx) {
    uint8_t closed[LIVES_KEY_BYTES];
    lives_key_pack(true, number, 0, closed);
    int64_t windows =
        earlier(c->retain.now_ms - c->plant->keep_windows_ms, retain_cells_ms(c)) - spare_ms(c);
    enum err err = drop_cells(c, number, tx);
    if (!err)
        err = drop_windows(STORE_MINUTE, span_of(closed, 5), retain_cells_ms(c), tx);
    return err ? err : drop_windows(STORE_WINDOW, span_of(closed + 1, 4), windows, tx);
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

static enum err begin(struct core *c, struct store_tx *tx) {
    struct retain *r = &c->retain;
    advance(c);
    forget_longs(c);
    r->begun = r->sweeping = true;
    r->begun_mono_ms = c->now.mono_ms;
    r->next = 0;
    enum err err = unplaced_drop(c, r->now_ms - c->plant->keep_windows_ms, tx);
    return err ? err : put_clock(c, tx);
}

enum err retain_put(struct core *c, struct store_tx *tx) {
    struct retain *r = &c->retain;
    enum err err = ERR_OK;
    retain_start(c); /* once the clock may be believed */
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
