/* Minutes as windows: cells hold their sums already, so only what was told of them is kept, an hour
 * of a node in one row (lives.h). A minute's sums are added up when somebody wants them: a
 * database, a replay's output, a reader of history. */
#include <stdlib.h>

#include "engine/parts.h"

enum { KEEP_MS = 3600000, KEEP_TICKS = 50 };

static uint64_t key_of(uint32_t node, int64_t hour) {
    return (uint64_t)node << 32 | (uint32_t)hour;
}

struct node_hour *minutes_find(const struct core *c, uint32_t node, int64_t hour) {
    struct node_hour *h = NULL;
    uint64_t key = key_of(node, hour);
    HASH_FIND(hh, c->minutes, &key, sizeof key, h);
    return h;
}

enum err minutes_get(struct core *c, uint32_t node, int64_t hour, struct node_hour **out) {
    struct node_hour *h = minutes_find(c, node, hour);
    if (!h) {
        h = calloc(1, sizeof *h);
        if (!h)
            return ERR_NOMEM;
        *h = (struct node_hour){
            .key = key_of(node, hour), .node = node, .hour = (uint32_t)hour, .stored = true};
        HASH_ADD(hh, c->minutes, key, sizeof h->key, h);
        if (!h->hh.tbl) {
            free(h);
            return ERR_NOMEM;
        }
    }
    h->used = c->ticks;
    if (out)
        *out = h;
    return ERR_OK;
}

enum err minutes_touch(struct core *c, uint32_t node, int64_t minute, uint8_t cause) {
    int64_t hour = utc_floor(minute, 60) / 60;
    struct node_hour *h = minutes_find(c, node, hour);
    uint64_t bit = UINT64_C(1) << (minute - hour * 60);
    if (!h)
        return ERR_STATE;
    uint64_t changed = h->lives.changed | (h->lives.settled & bit);
    if (!(h->lives.exists & bit) || changed != h->lives.changed || cause > h->lives.next_cause)
        h->stored = false;
    h->lives.next_cause = cause > h->lives.next_cause ? cause : h->lives.next_cause;
    h->lives.exists |= bit;
    h->lives.changed = changed;
    return ERR_OK;
}

void minutes_window(const struct core *c, const struct node_hour *h, unsigned minute,
                    struct window *out) {
    const struct plant *p = c->plant;
    *out = (struct window){.key = {.node = h->node, .kind = WINDOW_MINUTE}};
    for (uint32_t u = 0; u < p->unit_n; u++) {
        const int64_t at = (int64_t)h->hour * 60 + minute;
        const struct unit_hour *part =
            window_counts_at(p, h->node, u, at) ? hours_find(c, u, h->hour) : NULL;
        struct window_target t = {.pieces = part && window_output(p, h->node, u)};
        for (size_t i = 0; part && i < part->cells.n; i++)
            if (part->cells.at[i].minute == at)
                window_apply(out, &t, &part->cells.at[i].sums, 1);
    }
    lives_get(&h->lives, h->hour, minute, out);
    out->published_ms = c->now.wall_ms;
    out->told = h->lives.fields;
}

/* --- telling ------------------------------------------------------------------------------------
 */

/* Bits of the minutes of the hour that begin in [from, to). */
static uint64_t bits_of(int64_t hour, int64_t from_ms, int64_t to_ms) {
    int64_t first = utc_floor(from_ms, UTC_MINUTE_MS) / UTC_MINUTE_MS - hour * 60;
    int64_t end = utc_floor(to_ms + UTC_MINUTE_MS - 1, UTC_MINUTE_MS) / UTC_MINUTE_MS - hour * 60;
    first = first > 0 ? first : 0;
    end = end < LIVES_MINUTES ? end : LIVES_MINUTES;
    if (first >= end)
        return 0;
    return ((UINT64_C(1) << end) - 1) & ~((UINT64_C(1) << first) - 1);
}

static void mark_range(struct core *c, uint32_t unit, const struct range *r) {
    int64_t first = utc_floor(r->from_ms, UTC_HOUR_MS) / UTC_HOUR_MS;
    int64_t last = utc_floor(r->to_ms - 1, UTC_HOUR_MS) / UTC_HOUR_MS;
    for (int64_t hour = first; hour <= last; hour++)
        for (uint32_t n = c->plant->unit[unit].node; n != UINT32_MAX;
             n = c->plant->node[n].parent) {
            struct node_hour *h = minutes_find(c, n, hour);
            if (h)
                h->computing |= bits_of(hour, r->from_ms, r->to_ms);
        }
}

/* One pass over what is dirty, instead of one over all units for every minute. */
static void mark_computing(struct core *c) {
    for (struct node_hour *h = c->minutes; h; h = h->hh.next)
        h->computing = 0;
    for (uint32_t u = 0; u < c->plant->unit_n; u++)
        for (size_t i = 0; i < c->unit[u].dirty.n; i++)
            mark_range(c, u, &c->unit[u].dirty.at[i]);
}

/* Minutes that may be told: as for windows, when their data have passed or time is up. */
static uint64_t due(const struct core *c, const struct node_hour *h,
                    const struct node_progress *p) {
    int64_t until = INT64_MIN, start = (int64_t)h->hour * UTC_HOUR_MS;
    if (c->stopping && c->conf.offline)
        return h->lives.exists & ~h->lives.settled & ~h->computing;
    if (p->asof_ms != INT64_MAX && p->asof_ms != INT64_MIN)
        until = p->asof_ms - c->plant->settle_ms;
    if (!c->conf.offline && c->now.wall_ms - c->plant->settle_late_ms > until)
        until = c->now.wall_ms - c->plant->settle_late_ms;
    if (until < start + UTC_MINUTE_MS)
        return 0;
    uint64_t passed = bits_of(h->hour, start, utc_floor(until, UTC_MINUTE_MS));
    return h->lives.exists & ~h->lives.settled & ~h->computing & passed;
}

static bool wants_sums(const struct core *c) {
    return c->conf.minutes || (c->conf.database && c->conf.database_kinds >> WINDOW_MINUTE & 1);
}

/* All cells of the hour below the node in memory; else they are asked for and it is false. */
static enum err cells_ready(struct core *c, const struct node_hour *h, bool *ready) {
    enum err err = ERR_OK;
    *ready = true;
    for (uint32_t u = 0; u < c->plant->unit_n && !err; u++) {
        bool there = true;
        if (window_counts(c->plant, h->node, u))
            err = jobs_want_hour(c, u, h->hour, &there);
        *ready = *ready && there;
    }
    return err;
}

static enum err add_row(struct core *c, const struct window *w) {
    uint8_t key[WINDOW_KEY_BYTES];
    struct buf v;
    if (!c->conf.database || !(c->conf.database_kinds >> WINDOW_MINUTE & 1))
        return ERR_OK;
    buf_init(&v);
    nodes_pack_key(c, &w->key, key);
    enum err err = window_pack(w, &v);
    buf_add(&c->minute_rows, key, sizeof key);
    buf_add_varint(&c->minute_rows, v.n);
    buf_add(&c->minute_rows, v.p, v.n);
    buf_fini(&v);
    return err ? err : c->minute_rows.failed ? ERR_NOMEM : ERR_OK;
}

static enum err tell(struct core *c, struct node_hour *h, unsigned minute) {
    bool again = h->lives.settled >> minute & 1;
    struct window w;
    enum restate_cause cause =
        h->lives.next_cause ? (enum restate_cause)h->lives.next_cause : RESTATE_LATE_DATA;
    enum err err = lives_tell(&h->lives, minute, cause);
    h->stored = false;
    c->stats.minutes_settled += !again;
    c->stats.minutes_restated += again;
    if (err || !wants_sums(c))
        return err;
    minutes_window(c, h, minute, &w);
    indicator_tell(&h->lives.fields, &w.sums);
    w.told = h->lives.fields;
    err = add_row(c, &w);
    return err || !c->conf.minutes ? err : settle_remember(c, &w.key);
}

static enum err settle_hour(struct core *c, struct node_hour *h, const struct node_progress *p,
                            bool restate) {
    uint64_t bits = due(c, h, p);
    bool ready = true;
    enum err err = ERR_OK;
    if (restate)
        bits |= h->lives.changed & ~h->computing;
    if (bits && wants_sums(c))
        err = cells_ready(c, h, &ready);
    if (!ready) {
        c->minutes_wait = true;
        return err;
    }
    for (unsigned m = 0; m < LIVES_MINUTES && !err; m++)
        if (bits >> m & 1)
            err = tell(c, h, m);
    if (lives_closed(&h->lives))
        h->lives.next_cause = RESTATE_NONE;
    return err;
}

enum err minutes_settle(struct core *c, const struct node_progress *at, bool restate_all) {
    enum err err = ERR_OK;
    mark_computing(c);
    c->minutes_wait = false;
    for (struct node_hour *h = c->minutes; h && !err; h = h->hh.next)
        if (!lives_closed(&h->lives))
            err = settle_hour(c, h, &at[h->node], restate_all || !at[h->node].draining);
    return err;
}

/* --- the store ----------------------------------------------------------------------------------
 */

enum err minutes_take(struct core *c, struct span key, struct span value) {
    uint32_t number = 0;
    int64_t hour = 0;
    struct node_hour *h = NULL;
    enum err err = lives_key_unpack(key, &number, &hour);
    uint32_t node = err ? UINT32_MAX : core_node_of(c, number);
    if (err || node == UINT32_MAX)
        return err; /* not in the plant file now: what was told of it stays as it is */
    if (minutes_find(c, node, hour))
        return ERR_OK; /* what is in memory is newer */
    err = minutes_get(c, node, hour, &h);
    return err ? err : lives_unpack(value, &h->lives);
}

static enum err put_hour(struct core *c, struct node_hour *h, struct store_tx *tx) {
    uint8_t open[LIVES_KEY_BYTES], closed[LIVES_KEY_BYTES];
    bool done = lives_closed(&h->lives);
    struct buf v;
    lives_key_pack(false, core_node_number(c, h->node), h->hour, open);
    lives_key_pack(true, core_node_number(c, h->node), h->hour, closed);
    buf_init(&v);
    enum err err = lives_pack(&h->lives, &v);
    if (!err)
        err = store_tx_add(tx, STORE_PUT, STORE_MINUTE, span_of(done ? closed : open, sizeof open),
                           buf_span(&v));
    if (!err && done)
        err = store_tx_add(tx, STORE_DELETE, STORE_MINUTE, span_of(open, sizeof open),
                           span_of(NULL, 0));
    buf_fini(&v);
    h->stored = !err;
    return err;
}

enum err minutes_put_rows(struct core *c, struct store_tx *tx) {
    struct cursor at = cursor_of(buf_span(&c->minute_rows));
    enum err err = ERR_OK;
    while (cursor_left(&at) && !err) {
        struct span key, value = {0};
        uint64_t n = 0;
        err = cursor_take_span(&at, WINDOW_KEY_BYTES, &key);
        if (!err)
            err = cursor_take_varint(&at, &n);
        if (!err)
            err = cursor_take_span(&at, (size_t)n, &value);
        if (!err)
            err = store_tx_add(tx, STORE_PUT, STORE_OUTBOX, key, value);
        c->stats.outbox_rows += !err;
    }
    buf_reset(&c->minute_rows);
    return err;
}

/* Hours that are loaded between two slices come last in the list, and none leaves it. */
enum err minutes_put_hours(struct core *c, struct store_tx *tx) {
    struct build *b = &c->build;
    enum err err = ERR_OK;
    if (b->at++ == 0)
        b->hour = c->minutes;
    for (; b->hour && !err; b->hour = b->hour->hh.next) {
        if ((b->again = checkpoint_full(c)))
            break;
        if (!b->hour->stored)
            err = put_hour(c, b->hour, tx);
    }
    return err;
}

bool minutes_idle(const struct core *c) {
    if (c->minute_rows.n || (c->minutes_wait && c->conf.offline))
        return false;
    for (const struct node_hour *h = c->minutes; h; h = h->hh.next)
        if (!h->stored)
            return false;
    return true;
}

static void drop(struct core *c, struct node_hour *h) {
    /* The iteration took the next one before. */
    // NOLINTNEXTLINE(clang-analyzer-unix.Malloc)
    HASH_DEL(c->minutes, h);
    lives_fini(&h->lives);
    free(h);
}

/* What is closed and old comes back from the store when late data ask for it. */
void minutes_drop_old(struct core *c) {
    struct node_hour *h = NULL, *next = NULL;
    int64_t keep = c->now.wall_ms - UTC_HOUR_MS - KEEP_MS;
    if (c->published.n != c->published.next)
        return;
    HASH_ITER(hh, c->minutes, h, next) {
        if (h->stored && lives_closed(&h->lives) && (int64_t)h->hour * UTC_HOUR_MS < keep &&
            h->used + KEEP_TICKS < c->ticks)
            drop(c, h);
    }
}

void minutes_close(struct core *c) {
    struct node_hour *h = NULL, *next = NULL;
    HASH_ITER(hh, c->minutes, h, next) {
        drop(c, h);
    }
    buf_fini(&c->minute_rows);
}
