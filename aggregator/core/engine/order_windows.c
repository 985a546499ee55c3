/* Windows of orders: since when a store has them, and which are told anew when a plan of their
 * order changes, which they carry beside what was made.
 *
 * Cells that a store held before it had such windows count in none. So an older store has them from
 * the first midnight on behind what is computed already; META keeps that time under "orders", with
 * a seal. What is told anew stands in the unit's row, in the commit that the entry goes in. */
#include "base/hash.h"
#include "engine/acts.h"
#include "engine/plans.h"

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

enum err order_windows_take(struct core *c, struct span value) {
    struct cursor v = cursor_of(value);
    int64_t from_ms = 0;
    uint32_t seal = 0;
    enum err err = cursor_take_svarint(&v, &from_ms);
    const size_t sealed_n = value.n - cursor_left(&v);
    if (!err)
        err = cursor_take_le32(&v, &seal);
    if (!err && seal != crc32c(span_of(value.p, sealed_n)))
        err = ERR_CHECKSUM;
    if (err)
        return err;
    c->orders_ms = from_ms;
    c->orders_known = true;
    return ERR_OK;
}

enum err order_windows_put(const struct core *c, struct store_tx *tx) {
    struct buf v;
    buf_init(&v);
    buf_add_svarint(&v, c->orders_ms);
    enum err err = buf_add_le32(&v, crc32c(buf_span(&v)));
    if (!err)
        err = store_tx_add(tx, STORE_PUT, STORE_META, span_str("orders"), buf_span(&v));
    buf_fini(&v);
    return err;
}

void order_windows_start(struct core *c, bool fresh) {
    int64_t newest = c->now.wall_ms, begin = 0;
    if (c->orders_known)
        return;
    c->orders_known = true;
    c->orders_ms = INT64_MIN;
    if (fresh)
        return;
    for (size_t i = 0; i < c->plant->unit_n; i++)
        newest = later(newest, c->unit[i].known_ms);
    zone_day(c->plant->zone, newest, &begin, &c->orders_ms);
}

static void retell(struct core *c, struct cunit *u, int64_t from_ms) {
    for (size_t i = 0; i < u->filled.n; i++) {
        const struct range r = {later(u->filled.at[i].from_ms, from_ms), u->filled.at[i].to_ms};
        if (r.from_ms >= r.to_ms)
            continue;
        u->cause = RESTATE_CORRECTION;
        u->unstored = true;
        if (ranges_add(&u->retell, r.from_ms, r.to_ms) || ranges_add(&u->dirty, r.from_ms, r.to_ms))
            c->batch_err = ERR_NOMEM;
    }
}

/* Their windows carry no plan before the hour of its begin. */
void order_windows_touch(struct core *c, const struct cact *x) {
    if (x->unit == UINT32_MAX || !x->a.text.n || !c->conf.database)
        return;
    const int64_t begin_ms =
        earlier(x->a.t0_ms, plans_begin_ms(c, x->unit, x->a.text, x->a.product));
    int64_t from = begin_ms, end_ms = 0;
    (void)window_bounds(c->plant, UINT32_MAX, WINDOW_ORDER, begin_ms, &from, &end_ms);
    retell(c, &c->unit[x->unit], from);
}

static bool has_plans(const struct core *c, uint32_t unit) {
    const struct acts *l = &c->unit[unit].acts.of[ACT_PLAN];
    for (size_t i = 0; i < c->plant->order_n; i++)
        if (c->plant->order[i].unit == unit)
            return true;
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i]->a.text.n)
            return true;
    return false;
}

/* What is expected of an order by an hour follows from cycles and scheduled time since its begin,
 * and its end from what lies ahead. */
void order_windows_anew(struct core *c, uint32_t unit) {
    if (c->conf.database && has_plans(c, unit))
        retell(c, &c->unit[unit], horizon_ms(c));
}
