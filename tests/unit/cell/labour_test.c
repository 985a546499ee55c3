/* Labour of crews, and what of it is work. */
#include <criterion/criterion.h>

#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)

enum { UNITS = 3 };

/* Units of one crew: 1, 2 and 4 sevenths of five people; what each machine does has nothing to do
 * with the others. */
static struct sums part_of_crew(int i, struct unit_log *u) {
    static const int64_t before[UNITS] = {0, 1, 3}, weight[UNITS] = {1, 2, 4};
    unit_log_init(u, STATE_MAP);
    unit_log_shift(u, 8 * 60, 9 * 60, NULL);
    u->unit.crew_before = before[i];
    u->unit.crew_weight = weight[i];
    u->unit.crew_sum = 7;
    u->unit.default_headcount = 5;
    const uint32_t state = unit_log_signal(u, ROLE_STATE);
    for (int64_t t = T0, k = 0; t < T0 + HOUR; k++) { /* cut at odd instants of their own */
        const int64_t end = t + 7919 + 1301 * i + 577 * k;
        log_state(u, state, t, end < T0 + HOUR ? end : T0 + HOUR,
                  k % 3 == 0 ? MACHINE_RUN : MACHINE_HELD);
        t = end;
    }
    return unit_log_compute(u, T0, T0 + HOUR);
}

Test(labour, parts_of_a_crew_sum_to_its_time_in_every_minute) {
    struct unit_log u[UNITS];
    int64_t of_minute[60] = {0}, whole = 0, work = 0;
    for (int i = 0; i < UNITS; i++) {
        const struct sums s = part_of_crew(i, &u[i]);
        whole += s.q[QTY_LABOUR];
        work += s.q[QTY_LABOUR_WORK];
        for (size_t k = 0; k < u[i].cells.n; k++)
            of_minute[u[i].cells.at[k].minute - T0 / MIN] += u[i].cells.at[k].sums.q[QTY_LABOUR];
        cr_expect_eq(s.q[QTY_LABOUR_TIME], 60 * MIN);
        cr_expect(s.q[QTY_LABOUR_WORK] < s.q[QTY_LABOUR]);
        unit_log_fini(&u[i]);
    }
    for (int k = 0; k < 60; k++)
        cr_expect_eq(of_minute[k], 5 * MIN, "minute %d", k);
    cr_expect_eq(whole, 300 * MIN, "five people for an hour, no minute of theirs twice");
    cr_expect(work > 0 && work < whole);
}

/* One person at two machines: half of her hour is this one's. It runs for 40 of 60 minutes, so of
 * her 30 minutes 20 are work; its last 10 are unknown, 5 of hers with them. */
Test(labour, work_is_what_people_do_at_machines_that_run) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    unit_log_shift(&u, 8 * 60, 9 * 60, NULL);
    u.unit.crew_weight = 1;
    u.unit.crew_sum = 2;
    u.unit.default_headcount = 1;
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_state(&u, state, T0, T0 + 30 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 30 * MIN, T0 + 40 * MIN, MACHINE_SETUP);
    log_state(&u, state, T0 + 40 * MIN, T0 + 50 * MIN, MACHINE_HELD);
    const struct sums s = unit_log_compute(&u, T0, T0 + HOUR);
    cr_expect_eq(s.q[QTY_LABOUR], 30 * MIN);
    cr_expect_eq(s.q[QTY_LABOUR_WORK], 20 * MIN);
    cr_expect_eq(s.q[QTY_LABOUR_UNKNOWN], 5 * MIN);
    cr_expect_eq(s.q[QTY_LABOUR_TIME], 60 * MIN, "of the machine");
    unit_log_fini(&u);
}

/* A shift from 8 to 9 by the calendar. Two people are normed, three from 08:30 on, nobody from
 * 08:50 on. The machine fails at 08:20, which sends no one home; one person leaves at 08:40, and
 * from 08:45 on nobody tells. Norm: 30 x 2 + 15 x 3 = 105 min; there: 40 x 3 + 5 x 2 = 130 min. */
Test(labour, manning_is_held_against_the_norm_in_force) {
    static const struct plant_manning norm[] = {{2, DAY0}, {3, T0 + 30 * MIN}, {0, T0 + 50 * MIN}};
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    unit_log_shift(&u, 8 * 60, 9 * 60, NULL);
    u.unit.manning = norm;
    u.unit.manning_n = 3;
    u.unit.default_headcount = 3;
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t people = unit_log_signal(&u, ROLE_HEADCOUNT);
    log_state(&u, state, T0 - HOUR, T0 + 20 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 20 * MIN, T0 + HOUR, MACHINE_FAILED);
    log_state(&u, people, T0 + 40 * MIN, T0 + 45 * MIN, 2);
    log_state(&u, people, T0 + 45 * MIN, T0 + 2 * HOUR, -1);
    const struct sums s = unit_log_compute(&u, T0 - HOUR, T0 + HOUR);
    cr_expect_eq(s.q[QTY_MANNING_DUE], 50 * MIN);
    cr_expect_eq(s.q[QTY_MANNING_SEEN], 45 * MIN);
    cr_expect_eq(s.q[QTY_MANNING_NORM], 105 * MIN);
    cr_expect_eq(s.q[QTY_MANNED], 130 * MIN);
    cr_expect_eq(s.q[QTY_LABOUR], (60 + 40) * 3 * MIN + 5 * 2 * MIN, "an hour of it before");
    unit_log_fini(&u);
}

/* Two units of a crew, 3 and 4 of 7; the norm of the crew is 5 people, 4 are there. Cut at odd
 * instants, the parts of each minute sum to 300 and 240 s. */
Test(labour, parts_of_a_crews_norm_sum_to_it) {
    static const struct plant_manning norm[] = {{5, DAY0}};
    int64_t normed = 0, manned = 0;
    for (int i = 0; i < 2; i++) {
        struct unit_log u;
        unit_log_init(&u, STATE_MAP);
        unit_log_shift(&u, 8 * 60, 9 * 60, NULL);
        u.unit.crew_before = i ? 3 : 0;
        u.unit.crew_weight = i ? 4 : 3;
        u.unit.crew_sum = 7;
        u.unit.default_headcount = 4;
        u.unit.manning = norm;
        u.unit.manning_n = 1;
        const uint32_t state = unit_log_signal(&u, ROLE_STATE);
        log_state(&u, state, T0, T0 + 13331 + i, i ? MACHINE_RUN : MACHINE_HELD);
        const struct sums s = unit_log_compute(&u, T0, T0 + MIN);
        normed += s.q[QTY_MANNING_NORM];
        manned += s.q[QTY_MANNED];
        unit_log_fini(&u);
    }
    cr_expect_eq(normed, 300 * SEC);
    cr_expect_eq(manned, 240 * SEC);
}

/* Three people for the first 20 s of a minute, five after: parts of 3/7 and 4/7 sum to 60 + 200 s.
 */
Test(labour, a_crew_that_changes_in_a_minute_is_split_all_the_same) {
    int64_t sum = 0;
    for (int i = 0; i < 2; i++) {
        struct unit_log u;
        unit_log_init(&u, STATE_MAP);
        unit_log_shift(&u, 8 * 60, 9 * 60, NULL);
        u.unit.crew_before = i ? 3 : 0;
        u.unit.crew_weight = i ? 4 : 3;
        u.unit.crew_sum = 7;
        const uint32_t state = unit_log_signal(&u, ROLE_STATE);
        const uint32_t people = unit_log_signal(&u, ROLE_HEADCOUNT);
        log_state(&u, state, T0, T0 + 13331, i ? MACHINE_RUN : MACHINE_HELD);
        log_state(&u, people, T0, T0 + 20 * SEC, 3);
        log_state(&u, people, T0 + 20 * SEC, T0 + MIN, 5);
        sum += unit_log_compute(&u, T0, T0 + MIN).q[QTY_LABOUR];
        unit_log_fini(&u);
    }
    cr_expect_eq(sum, 260 * SEC);
}
