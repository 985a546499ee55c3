/* What an indicator is made of, found by trying: its value is looked at while each sum is moved, in
 * worlds in which different things are known. Whatever the table of indicators comes to say,
 * nothing has to be said here. */
#include <math.h>
#include <string.h>

#include "alert/watch.h"

enum { WORLDS = 64 };

/* Sums of which none balances another, many of them 0, for what is measured decides, too: one world
 * has everything, one nothing, in the others each is there or not by chance. */
static struct sums world_of(unsigned world) {
    struct sums s = {0};
    uint64_t chance = world * UINT64_C(0x9e3779b97f4a7c15);
    const unsigned often = world % 4; /* so many of four are 0 */
    if (world == WORLDS - 1)
        return s;
    for (unsigned q = 0; q < QTY_COUNT; q++) {
        chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        s.q[q] = (chance >> 33) % 4 < often ? 0 : INT64_C(1000003) * (1009 + 37 * (int64_t)q);
    }
    s.pri_pq = world & 4 ? 0 : (i128)1000000007 * 1000000 * 20011;
    s.pri_gq = world & 8 ? 0 : (i128)1000000007 * 1000000 * 19001;
    s.priced_pq = world & 16 ? 0 : INT64_C(20011000000);
    return s;
}

static bool same_real(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

static bool same(enum indicator i, const struct sums *x, const struct sums *y) {
    const struct indicator_value a = indicator_of(i, x), b = indicator_of(i, y);
    return a.defined == b.defined && same_real(a.numerator, b.numerator) &&
           same_real(a.denominator, b.denominator) && same_real(a.coverage, b.coverage) &&
           a.due_ms == b.due_ms && a.seen_ms == b.seen_ms &&
           (!a.defined || same_real(a.value, b.value));
}

static bool moves(enum indicator i, const struct sums *base, const struct sums *more,
                  const struct sums *without) {
    return !same(i, base, more) || !same(i, base, without);
}

static void need_qty(struct watch_need *n, enum indicator i, const struct sums *base) {
    for (unsigned q = 0; q < QTY_COUNT; q++) {
        struct sums more = *base, without = *base;
        more.q[q] = base->q[q] ? 2 * base->q[q] : 1000003;
        without.q[q] = 0;
        n->qty[q] = n->qty[q] || moves(i, base, &more, &without);
    }
}

static void need_earned(struct watch_need *n, enum indicator i, const struct sums *base) {
    struct sums more = *base, without = *base;
    more.pri_pq = base->pri_pq * 2 + 1000003;
    without.pri_pq = 0;
    n->pri_pq = n->pri_pq || moves(i, base, &more, &without);
    more = without = *base;
    more.pri_gq = base->pri_gq * 2 + 1000003;
    without.pri_gq = 0;
    n->pri_gq = n->pri_gq || moves(i, base, &more, &without);
    more = without = *base;
    more.priced_pq = base->priced_pq * 2 + 1000003;
    without.priced_pq = 0;
    n->priced_pq = n->priced_pq || moves(i, base, &more, &without);
}

static void need_quantity(struct watch_need *n, enum alert_quantity q) {
    const struct alert_quantity_row *row = alert_quantity_row(q);
    for (unsigned i = 0; i < row->qty_n; i++)
        n->qty[row->qty[i]] = true;
    if (row->due + 1 < QTY_COUNT) /* what was seen stands behind what was due */
        n->qty[row->due] = n->qty[row->due + 1] = true;
}

void watch_need_rule(struct watch_need *n, const struct alert_rule *r) {
    for (unsigned c = 0; c < CATEGORY_COUNT; c++) /* whether anything is known at all */
        n->qty[QTY_TIME + c] = true;
    if (r->subject == ALERT_QUANTITY)
        need_quantity(n, (enum alert_quantity)r->quantity);
    for (size_t b = 0; b < r->baseline_n && r->condition == ALERT_BASELINE; b++)
        for (size_t i = 0; i < r->baseline[b].driver_n; i++)
            need_quantity(n, (enum alert_quantity)r->baseline[b].driver[i].quantity);
    for (unsigned world = 0; r->subject == ALERT_INDICATOR && world < WORLDS; world++) {
        const struct sums base = world_of(world);
        need_qty(n, (enum indicator)r->indicator, &base);
        need_earned(n, (enum indicator)r->indicator, &base);
    }
}
