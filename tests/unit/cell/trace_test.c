/* Whose bookings cells are made of: told part by part, the parts are the cells. */
#include <criterion/criterion.h>

#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)

struct told {
    struct sums whole, of[CELL_FROM_RATES + 1];
    size_t n;
    int64_t step_pq[4]; /* by amount entry, in the order of the log */
    const struct siglog_entry *first;
};

static void booked(void *user, const struct cell_source *from, int64_t minute,
                   const struct context *ctx, const struct sums *part) {
    struct told *t = user;
    (void)minute, (void)ctx;
    sums_add(&t->whole, part);
    sums_add(&t->of[from->kind], part);
    t->n++;
    if (from->kind == CELL_FROM_AMOUNT && from->entry - t->first < 4)
        t->step_pq[from->entry - t->first] += part->q[QTY_PQ];
}

/* Two hours: running for one, held for half an hour, running again; a step of the total of 60
 * pieces over the first hour, one of 5 in the last minute; 3.6 kW
 * throughout, 10 Wh a slot. */
Test(trace, the_parts_told_are_the_cells) {
    struct unit_log u;
    struct told told = {0};
    unit_log_init(&u, STATE_MAP);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t power = unit_log_signal(&u, ROLE_POWER);
    log_state(&u, state, T0, T0 + HOUR, MACHINE_RUN);
    log_state(&u, state, T0 + HOUR, T0 + 90 * MIN, MACHINE_HELD);
    log_state(&u, state, T0 + 90 * MIN, T0 + 2 * HOUR, MACHINE_RUN);
    log_span(&u, total, T0, T0 + HOUR, 60 * PIECES);
    log_span(&u, total, T0 + 119 * MIN, T0 + 119 * MIN + 30 * SEC, 5 * PIECES);
    log_power(&u, power, T0, T0 + 2 * HOUR, 36 * INT64_C(100000000));
    struct cell_input in = unit_log_input(&u, T0, T0 + 2 * HOUR);
    const struct cell_trace trace = {booked, &told};
    const struct sums plain = unit_log_compute(&u, T0, T0 + 2 * HOUR);
    told.first = in.entry;
    in.trace = &trace;
    cr_assert_eq(cell_compute(&in, &u.cells), ERR_OK);
    struct sums traced = {0};
    for (size_t i = 0; i < u.cells.n; i++)
        sums_add(&traced, &u.cells.at[i].sums);
    cr_expect(sums_equal(&traced, &plain), "to be told changes nothing");
    cr_expect(sums_equal(&told.whole, &plain), "nothing is told twice or left out");
    cr_expect_eq(told.of[CELL_FROM_PIECE].q[QTY_TIME + CAT_PRODUCTION], 90 * MIN);
    cr_expect_eq(told.of[CELL_FROM_PIECE].q[QTY_TIME + CAT_DELAY], 30 * MIN);
    cr_expect_eq(told.step_pq[0], 60 * PIECES, "an hour before the stop");
    cr_expect_eq(told.step_pq[1], 5 * PIECES);
    cr_expect_eq(sums_energy(&told.of[CELL_FROM_SLOT]), 72 * KWH / 10, "3.6 kW for two hours");
    cr_expect_eq(told.of[CELL_FROM_RATES].q[QTY_TOTAL_ENERGY], 72 * KWH / 10);
    cr_expect_eq(told.of[CELL_FROM_PIECE].q[QTY_PQ], 0);
    unit_log_fini(&u);
}

/* 60 pieces from 08:30 to 09:30 while it runs: half of them are of the hour asked for. */
Test(trace, of_a_step_that_reaches_out_its_share_is_told) {
    struct unit_log u;
    struct told told = {0};
    unit_log_init(&u, STATE_MAP);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_state(&u, state, T0, T0 + 2 * HOUR, MACHINE_RUN);
    log_span(&u, total, T0 + 30 * MIN, T0 + 90 * MIN, 60 * PIECES);
    struct cell_input in = unit_log_input(&u, T0, T0 + HOUR);
    const struct cell_trace trace = {booked, &told};
    told.first = in.entry;
    in.trace = &trace;
    cr_assert_eq(cell_compute(&in, &u.cells), ERR_OK);
    cr_expect_eq(told.step_pq[0], 30 * PIECES);
    cr_expect_eq(told.whole.q[QTY_PQ], 30 * PIECES);
    cr_expect_eq(told.whole.q[QTY_TIME + CAT_PRODUCTION], HOUR);
    unit_log_fini(&u);
}
