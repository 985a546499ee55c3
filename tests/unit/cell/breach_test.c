/* Breaches of conditions: time that is told beside all else and changes none of it. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)

enum { AIR, LOT, CONDITIONS };

static struct plant_condition condition[CONDITIONS];

/* Air is breached by stops for want of energy, the lot by entry alone. A shift from 8 to 9. */
static void begin(struct unit_log *u) {
    unit_log_init(u, STATE_MAP);
    unit_log_shift(u, 8 * 60, 9 * 60, NULL);
    condition[AIR] = (struct plant_condition){.kind = BREACH_SUPPLY, .causes = 1U << CAUSE_ENERGY};
    condition[LOT] = (struct plant_condition){.kind = BREACH_MATERIAL};
    cr_assert(ident_set(&condition[AIR].id, span_str("air")));
    cr_assert(ident_set(&condition[LOT].id, span_str("lot")));
    u->plant.condition = condition;
    u->plant.condition_n = CONDITIONS;
}

static void enter(struct unit_log *u, const char *what, int64_t t0, int64_t t1) {
    cr_assert_eq(siglog_add(&u->log, &(struct siglog_entry){.signal = CELL_BREACH,
                                                            .kind = SIGLOG_ROW,
                                                            .t0_ms = t0,
                                                            .t1_ms = t1,
                                                            .value = unit_log_word(u, what)}),
                 ERR_OK);
}

/* Runs but from 8:20 to 8:30, when it stands for want of energy; the lot was wrong from 8:25 to
 * 8:40, and again from 8:35 on until after the shift: 10 min of supply, 35 of material (8:25 to
 * 9:00), 40 of any. */
Test(breach, entered_and_told_ones_are_told_by_kind_and_together) {
    struct unit_log u;
    begin(&u);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t reason = unit_log_signal(&u, ROLE_REASON);
    log_state(&u, state, T0, T0 + 20 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 20 * MIN, T0 + 30 * MIN, MACHINE_HELD);
    log_state(&u, state, T0 + 30 * MIN, T0 + 70 * MIN, MACHINE_STOPPED);
    log_word(&u, reason, T0 + 15 * MIN, T0 + 30 * MIN, "energy");
    const struct sums before = unit_log_compute(&u, T0, T0 + 70 * MIN);
    cr_expect_eq(before.q[QTY_BREACH], 10 * MIN);
    enter(&u, "lot", T0 + 25 * MIN, T0 + 40 * MIN);
    enter(&u, "lot", T0 + 35 * MIN, T0 + 70 * MIN);
    enter(&u, "nobody-knows-it", T0, T0 + 70 * MIN);
    struct sums s = unit_log_compute(&u, T0, T0 + 70 * MIN);
    cr_expect_eq(s.q[QTY_BREACH_OF + BREACH_SUPPLY], 10 * MIN);
    cr_expect_eq(s.q[QTY_BREACH_OF + BREACH_MATERIAL], 35 * MIN, "what is not scheduled is not");
    cr_expect_eq(s.q[QTY_BREACH], 40 * MIN);
    for (unsigned q = QTY_BREACH; q < QTY_UNPROVEN; q++)
        s.q[q] = before.q[q];
    cr_expect(sums_equal(&s, &before), "nothing else moves");
    unit_log_fini(&u);
}

/* Computed in parts it comes to the same. */
Test(breach, cells_do_not_depend_on_the_range) {
    struct unit_log u;
    int64_t parts = 0;
    begin(&u);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_state(&u, state, T0, T0 + HOUR, MACHINE_RUN);
    enter(&u, "air", T0 + 10 * MIN + 17, T0 + 41 * MIN + 401);
    enter(&u, "lot", T0 + 30 * MIN, T0 + 50 * MIN + 3);
    for (int64_t t = T0; t < T0 + HOUR; t += 5 * MIN)
        parts += unit_log_compute(&u, t, t + 5 * MIN).q[QTY_BREACH];
    cr_expect_eq(parts, 40 * MIN - 17 + 3);
    cr_expect_eq(unit_log_compute(&u, T0, T0 + HOUR).q[QTY_BREACH], parts);
    unit_log_fini(&u);
}

Test(breach, a_condition_of_another_class_is_not_the_units) {
    static struct ident others[1];
    struct unit_log u;
    begin(&u);
    cr_assert(ident_set(&others[0], span_str("weld")));
    condition[LOT].of = others;
    condition[LOT].of_n = 1;
    u.unit.node = UINT32_MAX; /* it stands alone */
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_state(&u, state, T0, T0 + HOUR, MACHINE_RUN);
    enter(&u, "lot", T0, T0 + HOUR);
    cr_expect_eq(unit_log_compute(&u, T0, T0 + HOUR).q[QTY_BREACH], 0);
    unit_log_fini(&u);
}

/* A timeline shows all of it, by condition; of what is not known yet, nothing. */
Test(breach, stretches_are_joined_and_cut) {
    struct unit_log u;
    struct cell_breach *at = NULL;
    size_t n = 0;
    begin(&u);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_state(&u, state, T0, T0 + HOUR, MACHINE_RUN);
    u.known_ms = T0 + 50 * MIN;
    enter(&u, "lot", T0 - 5 * MIN, T0 + 10 * MIN);
    enter(&u, "lot", T0 + 10 * MIN, T0 + 20 * MIN);
    enter(&u, "air", T0 + 40 * MIN, T0 + HOUR);
    const struct cell_input in = unit_log_input(&u, T0, T0 + HOUR);
    cr_assert_eq(cell_breaches(&in, &at, &n), ERR_OK);
    cr_assert_eq(n, 2u);
    cr_expect(at[0].condition == AIR && at[0].t0_ms == T0 + 40 * MIN &&
              at[0].t1_ms == T0 + 50 * MIN);
    cr_expect(at[1].condition == LOT && at[1].t0_ms == T0 && at[1].t1_ms == T0 + 20 * MIN);
    free(at);
    unit_log_fini(&u);
}
