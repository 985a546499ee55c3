/* Gauges as evidence of conditions: beyond its limits a condition is breached, silent it is not
 * kept. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)
#define DEGREE INT64_C(1000000)

enum { HEAT, LOT, CONDITIONS };

struct scene {
    struct unit_log u;
    struct plant_condition condition[CONDITIONS];
    struct plant_gauge gauge;
    struct plant_proof proof;
    uint32_t order, state, temp;
};

/* Heat is kept from 10 to 30 degrees; the lot by entry alone. A shift from 8 to 9, all of which the
 * machine runs. */
static void begin(struct scene *s) {
    *s = (struct scene){0};
    unit_log_init(&s->u, STATE_MAP);
    unit_log_shift(&s->u, 8 * 60, 9 * 60, NULL);
    s->condition[HEAT] = (struct plant_condition){.id = {"heat"},
                                                  .kind = BREACH_SUPPLY,
                                                  .gauge = {"temp"},
                                                  .at = UINT32_MAX,
                                                  .low = 10 * DEGREE,
                                                  .high = 30 * DEGREE};
    s->condition[LOT] = (struct plant_condition){.id = {"lot"}, .kind = BREACH_MATERIAL};
    s->gauge = (struct plant_gauge){.id = {"temp"}, .unit_text = "degC"};
    s->proof = (struct plant_proof){.condition = HEAT};
    s->u.plant.condition = s->condition;
    s->u.plant.condition_n = CONDITIONS;
    s->u.plant.gauge = &s->gauge;
    s->u.plant.gauge_n = 1;
    s->u.plant.proof = &s->proof;
    s->u.plant.proof_by_gauge = &s->order;
    s->u.plant.proof_n = 1;
    s->state = unit_log_signal(&s->u, ROLE_STATE);
    s->temp = unit_log_signal(&s->u, ROLE_GAUGE);
    s->u.signal[s->u.signal_n - 1].gauge = 1;
    log_state(&s->u, s->state, T0, T0 + HOUR, MACHINE_RUN);
}

static void shows(struct scene *s, int64_t t0, int64_t t1, int64_t degrees) {
    log_power(&s->u, s->temp, t0, t1, degrees * DEGREE);
}

/* One slot of 10 s, whole, of twice the integral. */
static void slot(struct scene *s, int64_t t0, int64_t ms, int64_t twice, uint8_t flags) {
    cr_assert_eq(siglog_add(&s->u.log, &(struct siglog_entry){.signal = s->temp,
                                                              .kind = SIGLOG_SLOT,
                                                              .flags = flags,
                                                              .t0_ms = t0,
                                                              .t1_ms = t0 + ms,
                                                              .value = twice}),
                 ERR_OK);
}

static void enter_lot(struct scene *s, int64_t t0, int64_t t1) {
    cr_assert_eq(
        siglog_add(&s->u.log, &(struct siglog_entry){.signal = CELL_BREACH,
                                                     .kind = SIGLOG_ROW,
                                                     .t0_ms = t0,
                                                     .t1_ms = t1,
                                                     .value = unit_log_word(&s->u, "lot")}),
        ERR_OK);
}

static struct sums hour(struct scene *s) {
    return unit_log_compute(&s->u, T0, T0 + HOUR);
}

/* 31 degrees from 8:20 to 8:25, 9 from 8:30 to 8:32, silence from 8:40 to 8:50, the lot wrong from
 * 8:45 to 8:55: 7 min of supply, 10 of material, 17 of any; of the silence the first 5 are left. */
Test(proof, beyond_its_limits_it_breaches_and_silent_it_is_not_kept) {
    struct scene s;
    begin(&s);
    shows(&s, T0, T0 + 20 * MIN, 25);
    shows(&s, T0 + 20 * MIN, T0 + 25 * MIN, 31);
    shows(&s, T0 + 25 * MIN, T0 + 30 * MIN, 20);
    shows(&s, T0 + 30 * MIN, T0 + 32 * MIN, 9);
    shows(&s, T0 + 32 * MIN, T0 + 40 * MIN, 20);
    shows(&s, T0 + 50 * MIN, T0 + HOUR, 20);
    enter_lot(&s, T0 + 45 * MIN, T0 + 55 * MIN);
    const struct sums sum = hour(&s);
    cr_expect_eq(sum.q[QTY_BREACH_OF + BREACH_SUPPLY], 7 * MIN);
    cr_expect_eq(sum.q[QTY_BREACH_OF + BREACH_MATERIAL], 10 * MIN);
    cr_expect_eq(sum.q[QTY_BREACH], 17 * MIN);
    cr_expect_eq(sum.q[QTY_UNPROVEN], 5 * MIN);
    unit_log_fini(&s.u);
}

/* Of a signal that no agent ever told of, and of one of a machine that is itself unknown. */
Test(proof, of_a_machine_that_is_known_silence_counts) {
    struct scene s;
    begin(&s);
    s.u.log.n = 0;
    log_state(&s.u, s.state, T0, T0 + 20 * MIN, MACHINE_RUN);
    log_state(&s.u, s.state, T0 + 20 * MIN, T0 + 30 * MIN, MACHINE_FAILED);
    cr_expect_eq(hour(&s).q[QTY_UNPROVEN], 30 * MIN, "of the half hour behind it coverage tells");
    cr_expect_eq(hour(&s).q[QTY_BREACH], 0);
    s.u.signal_n--;
    cr_expect_eq(hour(&s).q[QTY_UNPROVEN], 30 * MIN, "nobody told of it yet");
    s.u.known_ms = T0 + 10 * MIN;
    cr_expect_eq(hour(&s).q[QTY_UNPROVEN], 10 * MIN, "what has not happened is not unknown");
    unit_log_fini(&s.u);
}

/* 30 degrees for 10 s are 2 x 30,000,000 x 10,000: one more is beyond, as one less than those of 10
 * is. */
Test(proof, no_rounding_decides) {
    const int64_t high = 2 * 30 * DEGREE * 10 * SEC, low = 2 * 10 * DEGREE * 10 * SEC;
    struct scene s;
    begin(&s);
    slot(&s, T0, 10 * SEC, high, 0);
    slot(&s, T0 + 10 * SEC, 10 * SEC, low, 0);
    cr_expect_eq(hour(&s).q[QTY_BREACH], 0);
    slot(&s, T0 + 20 * SEC, 10 * SEC, high + 1, 0);
    cr_expect_eq(hour(&s).q[QTY_BREACH], 10 * SEC);
    slot(&s, T0 + 30 * SEC, 10 * SEC, low - 1, 0);
    cr_expect_eq(hour(&s).q[QTY_BREACH], 20 * SEC);
    cr_expect_eq(hour(&s).q[QTY_UNPROVEN], HOUR - 40 * SEC);
    unit_log_fini(&s.u);
}

/* 4 s of 40 degrees and 6 of 20 have a mean of 28, whatever their quality; 3 s alone are 3 s. */
Test(proof, a_slot_has_one_mean_and_covers_what_it_covers) {
    struct scene s;
    begin(&s);
    slot(&s, T0, 4 * SEC, 2 * 40 * DEGREE * 4 * SEC, SIGLOG_UNCERTAIN);
    slot(&s, T0, 6 * SEC, 2 * 20 * DEGREE * 6 * SEC, 0);
    slot(&s, T0 + 10 * SEC, 3 * SEC, 2 * 40 * DEGREE * 3 * SEC, 0);
    cr_expect_eq(hour(&s).q[QTY_BREACH], 3 * SEC);
    cr_expect_eq(hour(&s).q[QTY_UNPROVEN], HOUR - 13 * SEC);
    unit_log_fini(&s.u);
}

/* Two minutes are asked for. 1:50 are none; 2:00 are, whole; a low one that goes on as a high one
 * is one; 30 s of silence within are unknown and end nothing; a minute of silence ends it. */
Test(proof, what_must_hold_counts_from_its_begin) {
    struct scene s;
    begin(&s);
    s.condition[HEAT].hold_ms = 2 * MIN;
    shows(&s, T0, T0 + 5 * MIN, 20);
    shows(&s, T0 + 5 * MIN, T0 + 6 * MIN + 50 * SEC, 31);
    shows(&s, T0 + 6 * MIN + 50 * SEC, T0 + 10 * MIN, 20);
    cr_expect_eq(hour(&s).q[QTY_BREACH], 0);
    shows(&s, T0 + 10 * MIN, T0 + 11 * MIN, 31);
    shows(&s, T0 + 11 * MIN, T0 + 12 * MIN, 9);
    shows(&s, T0 + 12 * MIN, T0 + 15 * MIN, 20);
    cr_expect_eq(hour(&s).q[QTY_BREACH], 2 * MIN);
    shows(&s, T0 + 15 * MIN, T0 + 16 * MIN, 31);
    shows(&s, T0 + 16 * MIN + 30 * SEC, T0 + 17 * MIN, 31);
    shows(&s, T0 + 17 * MIN, T0 + 20 * MIN, 20);
    cr_expect_eq(hour(&s).q[QTY_BREACH], 2 * MIN + 90 * SEC);
    shows(&s, T0 + 20 * MIN, T0 + 21 * MIN, 31);
    shows(&s, T0 + 22 * MIN, T0 + 23 * MIN, 31);
    shows(&s, T0 + 23 * MIN, T0 + HOUR, 20);
    cr_expect_eq(hour(&s).q[QTY_BREACH], 2 * MIN + 90 * SEC);
    cr_expect_eq(hour(&s).q[QTY_UNPROVEN], 90 * SEC);
    unit_log_fini(&s.u);
}

/* Each minute alone, with the log as far around it as is asked for, comes to what all at once do.
 */
Test(proof, a_minute_needs_no_more_of_the_log_than_it_says) {
    struct scene s;
    begin(&s);
    s.condition[HEAT].hold_ms = 3 * MIN;
    for (int64_t t = T0, k = 0; t < T0 + HOUR; t += 10 * SEC, k++)
        if (k % 23 != 5 && k % 61 > 3) /* silence, short and long */
            shows(&s, t, t + 10 * SEC, k / 7 % 3 == 0 || k / 40 % 2 == 0 ? 35 : 20);
    const struct cell_input all = unit_log_input(&s.u, T0, T0 + HOUR);
    const int64_t look = cell_look_proof_ms(&s.u.plant, 0);
    struct cells alone;
    cells_init(&alone);
    cr_assert_eq(cell_compute(&all, &s.u.cells), ERR_OK);
    for (int64_t t = T0, k = 0; t < T0 + HOUR; t += MIN, k++) {
        struct siglog near;
        struct cell_input in = unit_log_input(&s.u, t, t + MIN);
        siglog_init(&near);
        for (size_t i = 0; i < in.entry_n; i++)
            if (in.entry[i].signal == s.state ||
                (in.entry[i].t1_ms >= t - look && in.entry[i].t0_ms <= t + MIN + look))
                cr_assert_eq(siglog_add(&near, &in.entry[i]), ERR_OK);
        in.entry = near.at;
        in.entry_n = near.n;
        cr_assert_eq(cell_compute(&in, &alone), ERR_OK);
        cr_assert_eq(alone.n, 1u);
        cr_expect(sums_equal(&alone.at[0].sums, &s.u.cells.at[k].sums), "minute %lld",
                  (long long)k);
        siglog_fini(&near);
    }
    const struct sums sum = hour(&s);
    cr_expect(sum.q[QTY_BREACH] > 0 && sum.q[QTY_UNPROVEN] > 0 && sum.q[QTY_BREACH] < 55 * MIN);
    cells_fini(&alone);
    unit_log_fini(&s.u);
}

/* By evidence, with the worst of each stretch; silence within what people say is theirs. */
Test(proof, a_timeline_tells_what_proves_a_breach) {
    struct cell_breach *at = NULL;
    struct scene s;
    size_t n = 0;
    begin(&s);
    shows(&s, T0 - 10 * MIN, T0 + 20 * MIN, 25);
    shows(&s, T0 + 20 * MIN, T0 + 21 * MIN, 31);
    shows(&s, T0 + 21 * MIN, T0 + 22 * MIN, 34);
    shows(&s, T0 + 22 * MIN, T0 + 23 * MIN, 5);
    shows(&s, T0 + 23 * MIN, T0 + 40 * MIN, 20);
    shows(&s, T0 + 50 * MIN, T0 + HOUR, 20);
    enter_lot(&s, T0 + 45 * MIN, T0 + 48 * MIN);
    const struct cell_input in = unit_log_input(&s.u, T0 - 10 * MIN, T0 + 2 * HOUR);
    cr_assert_eq(cell_breaches(&in, &at, &n), ERR_OK);
    cr_assert_eq(n, 4u);
    cr_expect(at[0].by == CELL_BREACH_GAUGE && !at[0].above && at[0].worst == 5 * DEGREE &&
              at[0].t0_ms == T0 + 22 * MIN && at[0].t1_ms == T0 + 23 * MIN);
    cr_expect(at[1].by == CELL_BREACH_GAUGE && at[1].above && at[1].worst == 34 * DEGREE &&
              at[1].t0_ms == T0 + 20 * MIN && at[1].t1_ms == T0 + 22 * MIN);
    cr_expect(at[2].by == CELL_BREACH_UNKNOWN && at[2].condition == HEAT &&
                  at[2].t0_ms == T0 + 40 * MIN && at[2].t1_ms == T0 + 50 * MIN,
              "behind the shift nobody asks");
    cr_expect(at[3].by == CELL_BREACH_ENTERED && at[3].condition == LOT);
    free(at);
    unit_log_fini(&s.u);
}

Test(proof, a_plant_says_how_far_to_look) {
    struct scene s;
    begin(&s);
    cr_expect_eq(cell_look_proof_ms(&s.u.plant, 0), 2 * MIN);
    s.condition[HEAT].hold_ms = 30 * MIN;
    cr_expect_eq(cell_look_proof_ms(&s.u.plant, 0), 32 * MIN);
    cr_expect_eq(cell_margin_ms(&s.u.plant, 0), 32 * MIN);
    cr_expect_eq(cell_look_back_ms(&s.u.plant, 0), 6 * MIN, "of other signals it is as it was");
    s.u.plant.proof_n = 0;
    cr_expect_eq(cell_look_proof_ms(&s.u.plant, 0), 0);
    unit_log_fini(&s.u);
}
