/* What is derived, as rows of a checkpoint: units with what is to be computed, their cells, the
 * windows these count in. Each part goes on where the slice before it ended. */
#include <stdlib.h>

#include "base/hash.h"
#include "engine/parts.h"

static enum err put(struct store_tx *tx, enum store_table table, struct span key,
                    struct span value) {
    return store_tx_add(tx, STORE_PUT, table, key, value);
}

static bool has_left_agent(const struct core *c, const struct cunit *u) {
    for (size_t i = 0; i < u->signal_n; i++)
        if (c->agent[c->signal[u->signal[i].signal].agent]->left)
            return true;
    return false;
}

/* What is to be computed after a crash: what is dirty, and what came too early of an agent left. */
static enum err dirty_pack(const struct core *c, struct cunit *u, struct buf *out) {
    struct ranges all = {0};
    enum err err = ERR_OK;
    if (!has_left_agent(c, u)) {
        u->early.n = 0;
        return ranges_pack(&u->dirty, out);
    }
    for (size_t i = 0; i < u->dirty.n && !err; i++)
        err = ranges_add(&all, u->dirty.at[i].from_ms, u->dirty.at[i].to_ms);
    for (size_t i = 0; i < u->early.n && !err; i++)
        err = ranges_add(&all, u->early.at[i].from_ms, u->early.at[i].to_ms);
    if (!err)
        err = ranges_pack(&all, out);
    free(all.at);
    return err;
}

/* Value: how far it is computed, the three sets of ranges, facts of the plant file, what of orders
 * is told anew, a seal over them. Older rows end sooner. */
static enum err put_unit(struct core *c, uint32_t unit, struct store_tx *tx) {
    struct cunit *u = &c->unit[unit];
    struct buf v;
    buf_init(&v);
    buf_add_svarint(&v, u->known_ms);
    if (dirty_pack(c, u, &v))
        v.failed = true;
    ranges_pack(&u->filled, &v);
    ranges_pack(&u->apart, &v);
    facts_pack(u, &v);
    ranges_pack(&u->retell, &v);
    buf_add_le32(&v, crc32c(buf_span(&v)));
    enum err err = v.failed
                       ? ERR_NOMEM
                       : put(tx, STORE_UNIT, span_str(c->plant->unit[unit].id.s), buf_span(&v));
    buf_fini(&v);
    u->unstored = false;
    return err;
}

static enum err put_cells(struct core *c, struct unit_hour *h, struct store_tx *tx) {
    struct buf v;
    const struct ident *unit = &c->plant->unit[h->unit].id;
    uint8_t key[IDENT_MAX + 5];
    size_t n = strlen(unit->s) + 1;
    memcpy(key, unit->s, n);
    for (unsigned i = 0; i < 4; i++)
        key[n + i] = (uint8_t)(h->hour >> (24 - 8 * i));
    buf_init(&v);
    enum err err = cells_pack(h->cells.at, h->cells.n, &v);
    if (!err)
        err = put(tx, STORE_CELL, span_of(key, n + 4), buf_span(&v));
    if (!err)
        err = kept_put(h, span_of(key, n + 4), tx);
    buf_fini(&v);
    return err;
}

static bool database_wants(const struct core *c, enum window_kind kind) {
    unsigned kinds = c->conf.database_kinds;
    if (!kinds)
        kinds = ~(1U << WINDOW_MINUTE);
    return c->conf.database && kinds >> kind & 1;
}

/* An open window lives in OPEN, a settled one in WINDOW; both never hold the same key for long: a
 * settled one that moved is in both until it is restated, and OPEN is the newer. */
static enum err put_window(struct core *c, struct window *w, struct buf *v, struct store_tx *tx) {
    uint8_t key[WINDOW_KEY_BYTES];
    bool open = w->life == WINDOW_PROVISIONAL || w->changed;
    nodes_pack_key(c, &w->key, key);
    struct span k = span_of(key, sizeof key);
    buf_reset(v);
    enum err err = window_pack(w, v);
    if (!err)
        err = put(tx, open ? STORE_OPEN : STORE_WINDOW, k, buf_span(v));
    if (!err && !open) {
        err = store_tx_add(tx, STORE_DELETE, STORE_OPEN, k, span_of(NULL, 0));
        if (!err && database_wants(c, (enum window_kind)w->key.kind)) {
            err = put(tx, STORE_OUTBOX, k, buf_span(v));
            c->stats.outbox_rows++;
        }
    }
    w->stored = !err;
    return err;
}

enum err derived_put_units(struct core *c, struct store_tx *tx) {
    struct build *b = &c->build;
    if (b->at == 0) /* agents' rows are in: nothing they vouch for may wait for the next tick */
        dirty_covered(c);
    enum err err = c->batch_err;
    for (; b->at < c->plant->unit_n && !err; b->at++) {
        if ((b->again = checkpoint_full(c)))
            break;
        if (c->unit[b->at].unstored || c->unit[b->at].early.n)
            err = put_unit(c, (uint32_t)b->at, tx);
    }
    return err;
}

enum err derived_put_cells(struct core *c, struct store_tx *tx) {
    enum err err = ERR_OK;
    for (struct unit_hour *h; !err && (h = c->hours_unstored) != NULL;) {
        if ((c->build.again = checkpoint_full(c)))
            break;
        c->hours_unstored = h->next_unstored;
        h->unstored = false;
        err = put_cells(c, h, tx);
    }
    c->frozen_n = 0;
    return err;
}

/* A window that was loaded between two slices wakes and moves the others on by one: one is looked
 * at twice, and the new one, in which nothing counts yet, waits for the next checkpoint. */
enum err derived_put_windows(struct core *c, struct store_tx *tx) {
    struct build *b = &c->build;
    enum err err = ERR_OK;
    struct buf v;
    buf_init(&v);
    while (!err && !(b->again = checkpoint_full(c))) {
        struct window *w = windows_next_awake(c->windows, &b->at);
        if (!w)
            break;
        if (!w->stored)
            err = put_window(c, w, &v, tx);
        if (w->stored && !w->changed && w->life != WINDOW_PROVISIONAL) {
            windows_sleep(c->windows, &w->key);
            b->at--;
        }
    }
    buf_fini(&v);
    return err;
}
