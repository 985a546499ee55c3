/* What an indicator is made of, found by trying: its value is looked at while each sum is moved, in
 * worlds in which different things are known. Whatever the table of indicators comes to say,
 * nothing has to be said here. In the same way it is found which sums stand for each other, as the
 * energy of all categories does where only all energy matters. */
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

static void note_qty(bool matters[QTY_COUNT], enum indicator i, const struct sums *base) {
    for (unsigned q = 0; q < QTY_COUNT; q++) {
        struct sums more = *base, without = *base;
        more.q[q] = base->q[q] ? 2 * base->q[q] : 1000003;
        without.q[q] = 0;
        matters[q] = matters[q] || moves(i, base, &more, &without);
    }
}

/* Whether it is the same with so much taken from one and given to the other. */
static bool is_blind_to(enum indicator i, const struct sums *base, unsigned from, unsigned to,
                        int64_t v) {
    struct sums s = *base;
    s.q[from] -= v;
    s.q[to] += v;
    return same(i, base, &s);
}

/* Whether two sums matter by what they come to together: however it is shared between them, also
 * where one takes back all that the other has. */
static bool stand_for_each_other(enum indicator i, unsigned a, unsigned b) {
    for (unsigned world = 0; world < WORLDS; world++) {
        struct sums base = world_of(world);
        if (!is_blind_to(i, &base, a, b, base.q[a]) || !is_blind_to(i, &base, b, a, base.q[b]) ||
            !is_blind_to(i, &base, a, b, 1000003) || !is_blind_to(i, &base, b, a, 777777777))
            return false;
        base.q[a] = base.q[b] = 0;
        if (!is_blind_to(i, &base, a, b, 20000000089))
            return false;
    }
    return true;
}

static void lump_up(struct watch_need *n, enum indicator i, const bool matters[QTY_COUNT]) {
    unsigned first[WATCH_LUMPS_MAX + 1], lumps = 0;
    for (unsigned q = 0; q < QTY_COUNT; q++) {
        unsigned lump = 1;
        if (!matters[q])
            continue;
        while (lump <= lumps && !stand_for_each_other(i, first[lump], q))
            lump++;
        if (lump > lumps)
            first[lumps = lump] = q;
        n->lump[q] = (uint8_t)lump;
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

/* --- joining -----------------------------------------------------------------------------------
 */

static unsigned most_of(const struct watch_need *n) {
    unsigned most = 0;
    for (unsigned q = 0; q < QTY_COUNT; q++)
        most = n->lump[q] > most ? n->lump[q] : most;
    return most;
}

/* What matters only together in both stays together; so no lump falls apart more than it must. */
void watch_need_join(struct watch_need *n, const struct watch_need *more) {
    uint8_t joint[WATCH_LUMPS_MAX + 1][WATCH_LUMPS_MAX + 1], lumps = 0;
    memset(joint, 0, (most_of(n) + 1) * sizeof *joint);
    for (unsigned q = 0; q < QTY_COUNT; q++) {
        uint8_t *at = &joint[n->lump[q]][more->lump[q]];
        if (!n->lump[q] && !more->lump[q])
            continue;
        if (!*at)
            *at = ++lumps;
        n->lump[q] = *at;
    }
    n->pri_pq = n->pri_pq || more->pri_pq;
    n->pri_gq = n->pri_gq || more->pri_gq;
    n->priced_pq = n->priced_pq || more->priced_pq;
}

/* All of its sums as one, and what was due and seen each. */
static void join_quantity(struct watch_need *n, enum alert_quantity q) {
    const struct alert_quantity_row *row = alert_quantity_row(q);
    struct watch_need own = {0};
    for (unsigned i = 0; i < row->qty_n; i++)
        own.lump[row->qty[i]] = 1;
    watch_need_join(n, &own);
    if (row->due + 1 >= QTY_COUNT)
        return;
    struct watch_need due = {0};
    due.lump[row->due] = 1;
    due.lump[row->due + 1] = 2; /* what was seen stands behind what was due */
    watch_need_join(n, &due);
}

static void join_indicator(struct watch_need *n, enum indicator i) {
    struct watch_need own = {0};
    bool matters[QTY_COUNT] = {false};
    for (unsigned world = 0; world < WORLDS; world++) {
        const struct sums base = world_of(world);
        note_qty(matters, i, &base);
        need_earned(&own, i, &base);
    }
    lump_up(&own, i, matters);
    watch_need_join(n, &own);
}

void watch_need_rule(struct watch_need *n, const struct alert_rule *r) {
    *n = (struct watch_need){0};
    for (unsigned c = 0; c < CATEGORY_COUNT; c++) /* how much of all time is known */
        n->lump[QTY_TIME + c] = c == CAT_UNKNOWN ? 1 : 2;
    if (r->subject == ALERT_QUANTITY)
        join_quantity(n, (enum alert_quantity)r->quantity);
    for (size_t b = 0; b < r->baseline_n && r->condition == ALERT_BASELINE; b++)
        for (size_t i = 0; i < r->baseline[b].driver_n; i++)
            join_quantity(n, (enum alert_quantity)r->baseline[b].driver[i].quantity);
    if (r->subject == ALERT_INDICATOR)
        join_indicator(n, (enum indicator)r->indicator);
}
