/* What of sums is kept for an indicator is all that it is made of. */
#include <criterion/criterion.h>
#include <math.h>

#include "alert/watch.h"

static uint64_t state = 7;

static int64_t draw(int64_t n) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)(state >> 33) % n;
}

/* Many are 0, so that what is measured and what is due come and go. */
static struct sums random_sums(void) {
    struct sums s = {0};
    const int64_t often = 1 + draw(4);
    for (unsigned q = 0; q < QTY_COUNT; q++)
        s.q[q] = draw(often) ? 0 : draw(1000000000);
    s.pri_pq = draw(2) ? 0 : (i128)draw(1000000000) * 1000000000;
    s.pri_gq = draw(2) ? 0 : (i128)draw(1000000000) * 1000000000;
    s.priced_pq = draw(2) ? 0 : draw(1000000000);
    return s;
}

static struct sums kept(const struct watch_need *n, const struct sums *all) {
    struct sums s = {0};
    for (unsigned q = 0; q < QTY_COUNT; q++)
        s.q[q] = n->qty[q] ? all->q[q] : 0;
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
        struct watch_need need = {0};
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
