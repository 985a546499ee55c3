#include <criterion/criterion.h>
#include <math.h>

#include "shifts.h"

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-9;
}

static enum observe_verdict judged(const struct made *m, enum indicator i,
                                   struct observation *out) {
    return observe_judge(&observe_usual, i, &m->shift, out);
}

/* 240 pieces in 8 h of one person: 2 min a piece; the reciprocal of 30 an hour is 1/30 h. */
Test(observe, labour_is_time_of_a_piece_however_it_is_told) {
    struct observation o;
    struct made m;
    made_init(&m, 0, "blue", 400, 240);
    cr_assert_eq(judged(&m, IND_LABOUR_PER_UNIT, &o), OBSERVE_USED);
    cr_expect(near(o.value, 2) && near(o.weight, 240));
    cr_assert_eq(judged(&m, IND_OUTPUT_PER_LABOUR_HOUR, &o), OBSERVE_USED);
    cr_expect(near(o.value, 1.0 / 30) && near(o.weight, 240));
    cr_expect(near(domain_publish(IND_OUTPUT_PER_LABOUR_HOUR, o.value), 30));
}

/* 5 of 100 are scrap: 100/95 pieces for a good one; back again 5 %. */
Test(observe, scrap_is_what_it_takes_for_a_good_piece) {
    struct observation o;
    struct made m;
    made_init(&m, 0, "blue", 400, 95);
    m.sums.q[QTY_PQ] = 100000000;
    m.sums.q[QTY_SQ] = 5000000;
    cr_assert_eq(judged(&m, IND_SCRAP_RATIO, &o), OBSERVE_USED);
    cr_expect(near(o.value, 100.0 / 95) && near(o.weight, 95));
    cr_expect(near(domain_publish(IND_SCRAP_RATIO, o.value), 0.05));
    cr_expect(near(domain_take(IND_SCRAP_RATIO, 0.05), 100.0 / 95));
}

/* A shift without any scrap is the best there is, not a fault. */
Test(observe, no_scrap_is_an_observation) {
    struct observation o;
    struct made m;
    made_init(&m, 0, "blue", 400, 95);
    cr_assert_eq(judged(&m, IND_SCRAP_RATIO, &o), OBSERVE_USED);
    cr_expect(near(o.value, 1));
}

Test(observe, what_is_dropped_is_counted_with_its_reason) {
    struct observations o = {0};
    struct made m[8];
    struct sums little;
    for (unsigned i = 0; i < 8; i++)
        made_init(&m[i], i, "blue", 400, 240);
    m[0].shift.team = span_of(NULL, 0);
    m[1].shift.product = span_of(NULL, 0);
    m[2].sums.q[QTY_LABOUR_TIME] = 0; /* nobody said how many people there were */
    m[3].sums.q[QTY_TIME + CAT_DELAY] -= 30 * UTC_MINUTE_MS;
    m[3].sums.q[QTY_TIME + CAT_UNKNOWN] = 30 * UTC_MINUTE_MS; /* 450 of 480: 93.75 % */
    m[4].sums.q[QTY_GQ] = 0;
    m[5].sums.q[QTY_TIME + CAT_PRODUCTION] = 20 * UTC_MINUTE_MS;
    m[5].sums.q[QTY_TIME + CAT_DELAY] = 9 * UTC_MINUTE_MS;
    little = m[6].sums;
    little.q[QTY_TIME + CAT_PRODUCTION] -= 97 * UTC_MINUTE_MS; /* 97 of 480: 20.2 % taken out */
    m[6].shift.held = &little;
    for (unsigned i = 0; i < 8; i++)
        cr_assert_eq(observations_add(&o, &observe_usual, IND_LABOUR_PER_UNIT, &m[i].shift),
                     ERR_OK);
    for (unsigned v = 0; v < OBSERVE_VERDICT_COUNT; v++)
        cr_expect_eq(o.seen[v], 1u, "%s", observe_verdict_name((enum observe_verdict)v));
    cr_expect_eq(observations_dropped(&o), 7u);
    cr_expect_eq(o.n, 1u);
    observations_fini(&o);
}

/* 96 of 480 min are a fifth, which may be missing; what remains is what counts. */
Test(observe, a_fifth_out_of_conditions_leaves_the_rest) {
    struct observation o;
    struct made m;
    struct sums held;
    made_init(&m, 0, "blue", 400, 240);
    held = m.sums;
    held.q[QTY_TIME + CAT_PRODUCTION] -= 96 * UTC_MINUTE_MS;
    held.q[QTY_LABOUR] -= 96 * UTC_MINUTE_MS;
    held.q[QTY_GQ] = 192000000;
    m.shift.held = &held;
    cr_assert_eq(judged(&m, IND_LABOUR_PER_UNIT, &o), OBSERVE_USED);
    cr_expect(near(o.value, 384.0 / 192) && near(o.weight, 192));
    m.shift.held = NULL; /* its minutes are not kept any more */
    cr_expect_eq(judged(&m, IND_LABOUR_PER_UNIT, &o), OBSERVE_CONDITION);
}

/* 1.5, 2 and 2.4 min: a norm of 2 min is met by two of them. */
Test(observe, reach_is_the_share_that_meets_a_norm) {
    static const int64_t good[] = {320, 240, 200};
    struct observations o = {0};
    struct made m[3];
    for (unsigned i = 0; i < 3; i++) {
        made_init(&m[i], i, "blue", 400, good[i]);
        cr_assert_eq(observations_add(&o, &observe_usual, IND_LABOUR_PER_UNIT, &m[i].shift),
                     ERR_OK);
    }
    cr_expect(near(observations_reach(&o, IND_LABOUR_PER_UNIT, 2), 2.0 / 3));
    cr_expect(near(observations_reach(&o, IND_LABOUR_PER_UNIT, 1.4), 0));
    cr_expect(isnan(observations_reach(&o, IND_LABOUR_PER_UNIT, NAN)));
    observations_fini(&o);
}

Test(observe, what_has_no_better_side_has_no_domain) {
    cr_expect_eq(domain_of(IND_MANNING), DOMAIN_NONE);
    cr_expect_eq(domain_of(IND_MACHINES_PER_WORKER), DOMAIN_NONE);
    cr_expect(isnan(domain_take(IND_MANNING, 1)));
    cr_expect(isnan(domain_take(IND_SCRAP_RATIO, 1)), "all of it is scrap");
}
