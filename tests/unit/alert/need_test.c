/* What of sums is kept for an indicator is all that it is made of, and what is kept as one sum
 * matters as one. */
#include <criterion/criterion.h>
#include <math.h>

#include "alert/watch.h"

static uint64_t state = 7;

static int64_t draw(int64_t n) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)(state >> 33) % n;
}

/* Many are 0, so that what is measured and what is due come and go; some take back what others
 * gave. */
static struct sums random_sums(void) {
    struct sums s = {0};
    const int64_t often = 1 + draw(4), least = draw(3) ? 0 : -3;
    const int64_t unit = draw(2) ? 1 : 100000000;
    for (unsigned q = 0; q < QTY_COUNT; q++)
        s.q[q] = draw(often) ? 0 : (least + draw(7)) * unit + (unit > 1 ? draw(unit) : 0);
    s.pri_pq = draw(2) ? 0 : (i128)draw(1000000000) * 1000000000;
    s.pri_gq = draw(2) ? 0 : (i128)draw(1000000000) * 1000000000;
    s.priced_pq = draw(2) ? 0 : draw(1000000000);
    return s;
}

/* Of each lump the sum, as the first of its quantities. */
static struct sums kept(const struct watch_need *n, const struct sums *all) {
    struct sums s = {0};
    for (unsigned q = 0; q < QTY_COUNT; q++) {
        unsigned first = 0;
        while (n->lump[first] != n->lump[q])
            first++;
        s.q[first] += n->lump[q] ? all->q[q] : 0;
    }
    s.pri_pq = n->pri_pq ? all->pri_pq : 0;
    s.pri_gq = n->pri_gq ? all->pri_gq : 0;
    s.priced_pq = n->priced_pq ? all->priced_pq : 0;
    return s;
}

static bool same(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

Test(need, every_indicator_is_the_same_of_what_is_kept) {
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        const struct alert_rule r = {.subject = ALERT_INDICATOR, .indicator = (uint8_t)i};
        struct watch_need need;
        unsigned wrong = 0;
        watch_need_rule(&need, &r);
        for (unsigned k = 0; k < 2000; k++) {
            const struct sums all = random_sums(), some = kept(&need, &all);
            const struct indicator_value a = indicator_of((enum indicator)i, &all),
                                         b = indicator_of((enum indicator)i, &some);
            wrong += a.defined != b.defined || (a.defined && !same(a.value, b.value)) ||
                     !same(a.coverage, b.coverage) || a.due_ms != b.due_ms ||
                     a.seen_ms != b.seen_ms;
        }
        cr_expect_eq(wrong, 0, "%s: %u of 2000", indicator_row((enum indicator)i)->id, wrong);
    }
}

static unsigned lumps(const struct watch_need *n) {
    unsigned most = 0;
    for (unsigned q = 0; q < QTY_COUNT; q++)
        most = n->lump[q] > most ? n->lump[q] : most;
    return most;
}

/* Known busy time, UNKNOWN, the part of it outside planned busy time, all other time; energy; good
 * pieces; energy's time due and seen. */
Test(need, energy_of_all_categories_is_kept_as_one_sum) {
    const struct alert_rule r = {.subject = ALERT_INDICATOR, .indicator = IND_ENERGY_PER_GOOD};
    struct watch_need need;
    watch_need_rule(&need, &r);
    for (unsigned c = 1; c < CATEGORY_COUNT; c++)
        cr_expect_eq(need.lump[QTY_ENERGY + c], need.lump[QTY_ENERGY]);
    cr_expect_eq(need.lump[QTY_GQ], need.lump[QTY_GQ_UNKNOWN]);
    cr_expect_eq(lumps(&need), 8);
}

/* Idle energy is a part of all energy: two sums serve both rules, and three states of time. */
Test(need, what_two_rules_look_at_falls_into_the_parts_that_serve_either) {
    const struct alert_rule all = {.subject = ALERT_QUANTITY, .quantity = ALERT_Q_ENERGY},
                            idle = {.subject = ALERT_QUANTITY, .quantity = ALERT_Q_IDLE_ENERGY},
                            delay = {.subject = ALERT_QUANTITY, .quantity = ALERT_Q_DELAY};
    struct watch_need need, more;
    watch_need_rule(&need, &all);
    cr_expect_eq(lumps(&need), 5); /* UNKNOWN, other time, energy, due, seen */
    watch_need_rule(&more, &idle);
    watch_need_join(&need, &more);
    cr_expect_eq(lumps(&need), 6);
    cr_expect_neq(need.lump[QTY_ENERGY + CAT_DELAY], need.lump[QTY_ENERGY + CAT_PRODUCTION]);
    cr_expect_eq(need.lump[QTY_ENERGY + CAT_SETUP], need.lump[QTY_ENERGY + CAT_PRODUCTION]);
    watch_need_rule(&more, &delay);
    watch_need_join(&need, &more);
    cr_expect_eq(lumps(&need), 7);
    cr_expect_neq(need.lump[QTY_TIME + CAT_DELAY], need.lump[QTY_TIME + CAT_SETUP]);
}
