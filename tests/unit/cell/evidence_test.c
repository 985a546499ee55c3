/* What should have been measured, and what was. */
#include <criterion/criterion.h>

#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)

static void log_watch(struct unit_log *u, uint32_t signal, int64_t t0, int64_t t1) {
    const struct siglog_entry e = {
        .signal = signal, .kind = SIGLOG_WATCH, .t0_ms = t0, .t1_ms = t1};
    cr_assert_eq(siglog_add(&u->log, &e), ERR_OK);
}

Test(evidence, a_counter_that_stands_still_was_seen_and_one_that_is_silent_was_not) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    const uint32_t scrap = unit_log_signal(&u, ROLE_SCRAP);
    (void)unit_log_signal(&u, ROLE_ENERGY);
    log_state(&u, state, T0, T0 + 10 * MIN, MACHINE_RUN);
    log_watch(&u, total, T0, T0 + 10 * MIN);
    log_span(&u, total, T0, T0 + MIN, 5 * PIECES);
    log_watch(&u, scrap, T0 + 4 * MIN, T0 + 10 * MIN);
    const struct sums s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(s.q[QTY_COUNT_DUE], 10 * MIN);
    cr_expect_eq(s.q[QTY_COUNT_SEEN], 10 * MIN, "watched and counting at once is seen once");
    cr_expect_eq(s.q[QTY_SCRAP_DUE], 10 * MIN);
    cr_expect_eq(s.q[QTY_SCRAP_SEEN], 6 * MIN);
    cr_expect_eq(s.q[QTY_QUALITY_SEEN], 6 * MIN);
    cr_expect_eq(s.q[QTY_ENERGY_DUE], 10 * MIN);
    cr_expect_eq(s.q[QTY_ENERGY_SEEN], 0);
    cr_expect_eq(s.q[QTY_REWORK_DUE], 0, "no signal tells it");
    unit_log_fini(&u);
}

Test(evidence, scrap_that_follows_from_total_and_good_is_seen_while_both_are) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    u.unit.total_has_scrap = true;
    log_state(&u, unit_log_signal(&u, ROLE_STATE), T0, T0 + 10 * MIN, MACHINE_RUN);
    log_watch(&u, unit_log_signal(&u, ROLE_TOTAL), T0, T0 + 7 * MIN);
    log_watch(&u, unit_log_signal(&u, ROLE_GOOD), T0 + 2 * MIN, T0 + 10 * MIN);
    struct sums s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(s.q[QTY_SCRAP_DUE], 10 * MIN);
    cr_expect_eq(s.q[QTY_SCRAP_SEEN], 5 * MIN);
    cr_expect_eq(s.q[QTY_REWORK_DUE], 0);
    u.unit.total_has_scrap = false; /* then the total is good pieces again and tells no scrap */
    s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(s.q[QTY_SCRAP_DUE], 0);
    unit_log_fini(&u);
}

/* What is neither good nor rework is scrap: with the rework unseen it is not known how much. */
Test(evidence, scrap_that_follows_from_rework_too_is_seen_while_that_is) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    u.unit.total_has_scrap = true;
    log_state(&u, unit_log_signal(&u, ROLE_STATE), T0, T0 + 10 * MIN, MACHINE_RUN);
    log_watch(&u, unit_log_signal(&u, ROLE_TOTAL), T0, T0 + 10 * MIN);
    log_watch(&u, unit_log_signal(&u, ROLE_GOOD), T0, T0 + 10 * MIN);
    log_watch(&u, unit_log_signal(&u, ROLE_REWORK), T0, T0 + 3 * MIN);
    const struct sums s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(s.q[QTY_SCRAP_SEEN], 3 * MIN);
    cr_expect_eq(s.q[QTY_REWORK_SEEN], 3 * MIN);
    cr_expect_eq(s.q[QTY_COUNT_SEEN], 10 * MIN);
    unit_log_fini(&u);
}

Test(evidence, a_signal_that_no_agent_has_is_due_and_never_seen) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    log_state(&u, unit_log_signal(&u, ROLE_STATE), T0, T0 + MIN, MACHINE_RUN);
    const uint32_t scrap = unit_log_signal(&u, ROLE_SCRAP);
    (void)unit_log_signal(&u, ROLE_SCRAP); /* at another station */
    u.signal_n--;                          /* in the plant file, in no point table */
    log_watch(&u, scrap, T0, T0 + MIN);
    const struct sums s = unit_log_compute(&u, T0, T0 + MIN);
    cr_expect_eq(s.q[QTY_SCRAP_DUE], MIN);
    cr_expect_eq(s.q[QTY_SCRAP_SEEN], 0);
    unit_log_fini(&u);
}

Test(evidence, energy_is_seen_by_the_register_or_else_by_power) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    log_state(&u, unit_log_signal(&u, ROLE_STATE), T0, T0 + 10 * MIN, MACHINE_RUN);
    log_power(&u, unit_log_signal(&u, ROLE_POWER), T0, T0 + 4 * MIN, 0);
    struct sums s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(s.q[QTY_ENERGY_SEEN], 4 * MIN, "zero kilowatts are measured ones");
    log_span(&u, unit_log_signal(&u, ROLE_ENERGY), T0, T0 + 9 * MIN, KWH); /* over a dead link */
    s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(s.q[QTY_ENERGY_SEEN], 9 * MIN);
    cr_expect_eq(s.q[QTY_ENERGY_DUE], 10 * MIN);
    unit_log_fini(&u);
}

/* Six seconds of good samples and four of uncertain ones fill a slot of ten. */
Test(evidence, parts_of_a_slot_that_differ_in_quality_are_seen_one_after_the_other) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    log_state(&u, unit_log_signal(&u, ROLE_STATE), T0, T0 + MIN, MACHINE_RUN);
    struct siglog_entry e = {.signal = unit_log_signal(&u, ROLE_POWER),
                             .kind = SIGLOG_SLOT,
                             .t0_ms = T0,
                             .t1_ms = T0 + 6000};
    cr_assert_eq(siglog_add(&u.log, &e), ERR_OK);
    e.flags = SIGLOG_UNCERTAIN;
    e.t1_ms = T0 + 4000;
    cr_assert_eq(siglog_add(&u.log, &e), ERR_OK);
    const struct sums s = unit_log_compute(&u, T0, T0 + MIN);
    cr_expect_eq(s.q[QTY_ENERGY_SEEN], 10000);
    unit_log_fini(&u);
}

Test(evidence, counts_are_due_while_people_or_the_machine_work_and_energy_always) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    unit_log_shift(&u, 9 * 60, 10 * 60, NULL);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    (void)unit_log_signal(&u, ROLE_SCRAP);
    (void)unit_log_signal(&u, ROLE_POWER);
    /* 8:00 to 9:00 is off, of which the machine runs for five minutes. */
    log_state(&u, state, T0, T0 + 5 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 5 * MIN, T0 + 2 * HOUR, MACHINE_STOPPED);
    const struct sums s = unit_log_compute(&u, T0, T0 + 2 * HOUR);
    cr_expect_eq(s.q[QTY_SCRAP_DUE], 65 * MIN);
    cr_expect_eq(s.q[QTY_ENERGY_DUE], 120 * MIN);
    unit_log_fini(&u);
}

Test(evidence, a_unit_that_tells_no_state_is_no_planned_busy_time) {
    struct unit_log u;
    unit_log_init(&u, STATE_NONE);
    const uint32_t meter = unit_log_signal(&u, ROLE_ENERGY);
    log_span(&u, meter, T0, T0 + 10 * MIN, 2 * KWH);
    const struct sums s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(s.q[QTY_TIME + CAT_UNKNOWN], 10 * MIN, "its time is told (law L1)");
    cr_expect_eq(s.q[QTY_UNKNOWN_OFF], 10 * MIN, "and lowers no coverage");
    cr_expect_eq(sums_energy(&s), 2 * KWH);
    unit_log_fini(&u);
}

/* 10 min of a nut (PRI 2 s) of which 2 are held, 10 min of a product without PRI, 5 of no product
 * and no order. */
Test(evidence, time_is_priced_where_an_ideal_cycle_can_be_held_against_it) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    u.unit.default_product = UINT32_MAX;
    u.unit.assume_order = false;
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    const uint32_t product = unit_log_signal(&u, ROLE_PRODUCT);
    const uint32_t order = unit_log_signal(&u, ROLE_ORDER);
    log_word(&u, order, T0, T0 + 20 * MIN, "17");
    log_word(&u, product, T0, T0 + 10 * MIN, "nut");
    log_word(&u, product, T0 + 10 * MIN, T0 + 20 * MIN, "bracket");
    log_state(&u, state, T0, T0 + 8 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 8 * MIN, T0 + 10 * MIN, MACHINE_HELD);
    log_state(&u, state, T0 + 10 * MIN, T0 + 20 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 20 * MIN, T0 + 25 * MIN, MACHINE_STOPPED);
    log_span(&u, total, T0, T0 + MIN, 30 * PIECES);
    log_span(&u, total, T0 + 10 * MIN, T0 + 11 * MIN, 7 * PIECES);
    const struct sums s = unit_log_compute(&u, T0, T0 + 25 * MIN);
    cr_expect_eq(s.q[QTY_PRICED_RUN], 8 * MIN);
    cr_expect_eq(s.q[QTY_PRICED_TIME], 15 * MIN, "the nut's ten and five of none");
    cr_expect_eq(s.q[QTY_PQ_UNPRICED], 7 * PIECES);
    cr_expect_eq(s.priced_pq, 30 * PIECES);
    cr_expect_eq(s.q[QTY_ORDER_TIME], 20 * MIN);
    unit_log_fini(&u);
}
