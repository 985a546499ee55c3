/* Many minutes at once say what each says by itself. */
#include <criterion/criterion.h>
#include <math.h>

#include "window/indicator.h"

enum { MINUTES = 50 };

static uint64_t state = 11;

static int64_t draw(int64_t n) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)(state >> 33) % n;
}

struct world {
    int64_t q[QTY_COUNT][MINUTES];
    struct indicator_columns columns;
    struct sums sums[MINUTES];
};

/* Of some quantities there is no column, others are often 0, or are taken back. */
static void draw_world(struct world *w) {
    *w = (struct world){0};
    const int64_t often = 1 + draw(4), least = draw(3) ? 0 : -3;
    for (unsigned q = 0; q < QTY_COUNT; q++) {
        if (draw(3) == 0)
            continue;
        w->columns.q[q] = w->q[q];
        for (unsigned t = 0; t < MINUTES; t++)
            w->sums[t].q[q] = w->q[q][t] =
                draw(often) ? 0 : (least + draw(7)) * 100000000 + draw(1000);
    }
}

static bool same(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

static unsigned differences(enum indicator i, const struct world *w) {
    double value[MINUTES], coverage[MINUTES];
    unsigned n = 0;
    indicator_sweep(i, &w->columns, MINUTES, value, coverage);
    for (unsigned t = 0; t < MINUTES; t++) {
        const struct indicator_value v = indicator_of(i, &w->sums[t]);
        n += !same(value[t], v.defined ? v.value : NAN) || !same(coverage[t], v.coverage);
    }
    return n;
}

Test(sweep, minutes_in_a_row_have_the_values_of_each) {
    static struct world w;
    unsigned swept = 0;
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        unsigned wrong = 0;
        if (!indicator_sweeps((enum indicator)i))
            continue;
        swept++;
        for (unsigned k = 0; k < 200; k++) {
            draw_world(&w);
            wrong += differences((enum indicator)i, &w);
        }
        cr_expect_eq(wrong, 0, "%s: %u", indicator_row((enum indicator)i)->id, wrong);
    }
    cr_expect(swept > INDICATOR_COUNT / 2);
    cr_expect(!indicator_sweeps(IND_OEE), "earned time is no quantity");
}

/* 45 of 60 s known, 30 of them production; then nothing; then no time of measuring is told of
 * energy, but some was used. */
Test(sweep, what_was_not_measured_has_no_value) {
    const int64_t run[] = {30000, 0, 0}, stop[] = {15000, 0, 0}, unknown[] = {15000, 60000, 0};
    const int64_t used[] = {0, 0, 5000000000}, good[] = {0, 0, 2000000};
    struct indicator_columns c = {{0}};
    double value[3], coverage[3];
    c.q[QTY_TIME + CAT_PRODUCTION] = run;
    c.q[QTY_TIME + CAT_DELAY] = stop;
    c.q[QTY_TIME + CAT_UNKNOWN] = unknown;
    c.q[QTY_ENERGY + CAT_SETUP] = used;
    c.q[QTY_GQ] = good;
    indicator_sweep(IND_TIME_UTILIZATION, &c, 3, value, coverage);
    cr_expect_float_eq(value[0], 2.0 / 3, 1e-12);
    cr_expect_float_eq(coverage[0], 0.75, 1e-12);
    cr_expect(isnan(value[1]) && coverage[1] == 0);
    cr_expect(isnan(value[2]) && isnan(coverage[2]));
    indicator_sweep(IND_ENERGY_PER_GOOD, &c, 3, value, coverage);
    cr_expect(isnan(value[0]) && isnan(value[1]));
    cr_expect_float_eq(value[2], 2.5, 1e-12);
}
