#include <criterion/criterion.h>

#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)
#define RUN MACHINE_RUN
#define HELD MACHINE_HELD

enum { UNITS = 3, SIGNALS = 4 };

/* Three units share a meter; each has a state and, where a test wants it, meters of its own. */
struct shop {
    struct unit_log u;
    struct plant_unit unit[UNITS];
    struct plant_meter meter;
    uint32_t id[UNITS], less[UNITS];
    int64_t weight[UNITS];
    uint32_t index[UNITS][SIGNALS]; /* of signals, in the plant */
    struct cell_signal signal[UNITS][SIGNALS];
    size_t signal_n[UNITS];
    struct cell_input mate[UNITS];
    uint32_t state[UNITS], main;
};

/* One more signal of the unit, its id in the log. */
static uint32_t shop_signal(struct shop *s, uint32_t unit, enum plant_role role) {
    const uint32_t id = unit_log_signal(&s->u, role);
    const size_t at = s->u.signal_n - 1, n = s->signal_n[unit]++;
    s->index[unit][n] = (uint32_t)at;
    s->signal[unit][n] = s->u.signal[at];
    return id;
}

static void shop_init(struct shop *s, enum plant_role role) {
    *s = (struct shop){.id = {0, 1, 2}};
    unit_log_init(&s->u, STATE_MAP);
    s->main = unit_log_signal(&s->u, role);
    s->u.signal[0].meter = s->u.plant_signal[0].meter = 1;
    for (uint32_t i = 0; i < UNITS; i++) {
        s->signal[i][0] = s->u.signal[0];
        s->signal_n[i] = 1;
        s->state[i] = shop_signal(s, i, ROLE_STATE);
    }
    s->meter = (struct plant_meter){
        .id = {"hall"}, .unit = s->id, .weight = s->weight, .unit_n = UNITS, .less = s->less};
    s->u.plant.meter = &s->meter;
    s->u.plant.meter_n = 1;
}

static void shop_weights(struct shop *s, int64_t a, int64_t b, int64_t c) {
    s->weight[0] = a;
    s->weight[1] = b;
    s->weight[2] = c;
}

/* By running time; the third unit takes the rest. */
static void shop_by_run(struct shop *s, int64_t a, int64_t b, int64_t c) {
    shop_weights(s, a, b, c);
    s->meter.by_run = true;
    s->meter.rest = 2;
}

static struct cell_input shop_input(struct shop *s, uint32_t unit, int64_t from, int64_t to) {
    struct cell_input in = unit_log_input(&s->u, from, to);
    for (uint32_t i = 0; i < UNITS; i++) {
        s->unit[i] = s->u.unit;
        s->unit[i].signal = s->index[i];
        s->unit[i].signal_n = s->signal_n[i];
    }
    s->u.plant.unit = s->unit;
    s->u.plant.unit_n = UNITS;
    for (uint32_t i = 0; i < UNITS; i++) {
        s->mate[i] = in;
        s->mate[i].unit = i;
        s->mate[i].signal = s->signal[i];
        s->mate[i].signal_n = s->signal_n[i];
    }
    in = s->mate[unit];
    in.mate = s->mate;
    in.mate_n = UNITS;
    return in;
}

static struct sums shop_sums(struct shop *s, uint32_t unit, int64_t from, int64_t to) {
    const struct cell_input in = shop_input(s, unit, from, to);
    struct sums sum = {0};
    cr_assert_eq(cell_compute(&in, &s->u.cells), ERR_OK);
    for (size_t i = 0; i < s->u.cells.n; i++)
        sums_add(&sum, &s->u.cells.at[i].sums);
    return sum;
}

static int64_t shop_energy(struct shop *s, uint32_t unit, int64_t from, int64_t to) {
    const struct sums sum = shop_sums(s, unit, from, to);
    return sums_energy(&sum);
}

static void shop_states(struct shop *s, int64_t t0, int64_t t1, int a, int b, int c) {
    log_state(&s->u, s->state[0], t0, t1, a);
    log_state(&s->u, s->state[1], t0, t1, b);
    log_state(&s->u, s->state[2], t0, t1, c);
}

/* --- by rated power and running time ------------------------------------------------------------
 */

/* 3 W ran 60 s, 1 W 30 s, 2 W not at all: 180 to 30. Of 100 uWh that is 85.71 and 14.29: floors 85
 * and 14, and what is left goes to the larger remainder. */
Test(mates, rated_power_times_running_time_splits_a_minute) {
    struct shop s;
    shop_init(&s, ROLE_ENERGY);
    shop_by_run(&s, 3, 1, 2);
    shop_states(&s, T0, T0 + 30 * SEC, RUN, RUN, HELD);
    shop_states(&s, T0 + 30 * SEC, T0 + MIN, RUN, HELD, HELD);
    log_span(&s.u, s.main, T0, T0 + MIN, 100);
    const int64_t want[] = {86, 14, 0};
    for (uint32_t i = 0; i < UNITS; i++) {
        const struct sums sum = shop_sums(&s, i, T0, T0 + MIN);
        cr_expect_eq(sum.q[QTY_ENERGY + CAT_PRODUCTION], want[i], "unit %u", i);
        cr_expect_eq(sums_energy(&sum), want[i], "all of it while it ran");
        cr_expect_eq(sum.q[QTY_ENERGY_SEEN], MIN);
    }
    unit_log_fini(&s.u);
}

/* Of 1 W nothing is known: 60 of 240 parts would be its own if it ran, and are not allocated. The
 * first keeps its 180: neither is the second idle, nor did it run. Coverage says so to all. */
Test(mates, what_a_unit_of_unknown_state_might_have_used_goes_to_the_rest) {
    struct shop s;
    shop_init(&s, ROLE_ENERGY);
    shop_by_run(&s, 3, 1, 2);
    log_state(&s.u, s.state[0], T0, T0 + MIN, RUN);
    log_state(&s.u, s.state[2], T0, T0 + MIN, HELD);
    log_span(&s.u, s.main, T0, T0 + MIN, 100);
    const int64_t want[] = {75, 0, 25};
    for (uint32_t i = 0; i < UNITS; i++) {
        const struct sums sum = shop_sums(&s, i, T0, T0 + MIN);
        cr_expect_eq(sums_energy(&sum), want[i], "unit %u", i);
        cr_expect_eq(sum.q[QTY_ENERGY_DUE], MIN);
        cr_expect_eq(sum.q[QTY_ENERGY_SEEN], 0);
    }
    unit_log_fini(&s.u);
}

/* The same once it is known: it stood still, or it ran. */
Test(mates, a_state_that_comes_late_changes_the_parts_of_the_others) {
    const int state[] = {HELD, RUN};
    const int64_t want[2][UNITS] = {{100, 0, 0}, {75, 25, 0}};
    for (unsigned k = 0; k < 2; k++) {
        struct shop s;
        shop_init(&s, ROLE_ENERGY);
        shop_by_run(&s, 3, 1, 2);
        shop_states(&s, T0, T0 + MIN, RUN, state[k], HELD);
        log_span(&s.u, s.main, T0, T0 + MIN, 100);
        for (uint32_t i = 0; i < UNITS; i++)
            cr_expect_eq(shop_energy(&s, i, T0, T0 + MIN), want[k][i]);
        unit_log_fini(&s.u);
    }
}

/* 7 uWh over three minutes in which nobody ran: by the ends of the minutes 2, 4 and 7 have come. */
Test(mates, what_comes_while_nobody_runs_goes_to_the_rest_by_time) {
    struct shop s;
    shop_init(&s, ROLE_ENERGY);
    shop_by_run(&s, 3, 1, 2);
    shop_states(&s, T0, T0 + 3 * MIN, HELD, HELD, HELD);
    log_span(&s.u, s.main, T0, T0 + 3 * MIN, 7);
    const int64_t want[] = {2, 2, 3};
    for (int k = 0; k < 3; k++) {
        cr_expect_eq(shop_energy(&s, 0, T0 + k * MIN, T0 + (k + 1) * MIN), 0);
        cr_expect_eq(shop_energy(&s, 1, T0 + k * MIN, T0 + (k + 1) * MIN), 0);
        const struct sums sum = shop_sums(&s, 2, T0 + k * MIN, T0 + (k + 1) * MIN);
        cr_expect_eq(sum.q[QTY_ENERGY + CAT_DELAY], want[k]);
    }
    unit_log_fini(&s.u);
}

/* A meter that is read every ten minutes: 3 W ran in the second one, 1 W in the second and third:
 * 180, 60 and 60 of 300 parts of 95 uWh: 57, 19, 19. The other seven minutes have nothing. */
Test(mates, a_long_span_goes_to_the_minutes_in_which_something_ran) {
    struct shop s;
    shop_init(&s, ROLE_ENERGY);
    shop_by_run(&s, 3, 1, 2);
    shop_states(&s, T0, T0 + MIN, HELD, HELD, HELD);
    shop_states(&s, T0 + MIN, T0 + 2 * MIN, RUN, RUN, HELD);
    shop_states(&s, T0 + 2 * MIN, T0 + 3 * MIN, HELD, RUN, HELD);
    shop_states(&s, T0 + 3 * MIN, T0 + 10 * MIN, HELD, HELD, HELD);
    log_span(&s.u, s.main, T0, T0 + 10 * MIN, 95);
    const int64_t want[UNITS][4] = {{0, 57, 0, 0}, {0, 19, 19, 0}, {0, 0, 0, 0}};
    for (uint32_t i = 0; i < UNITS; i++) {
        for (int k = 0; k < 4; k++)
            cr_expect_eq(shop_energy(&s, i, T0 + k * MIN, T0 + (k + 1) * MIN), want[i][k]);
        cr_expect_eq(shop_energy(&s, i, T0, T0 + 10 * MIN), want[i][1] + want[i][2]);
    }
    unit_log_fini(&s.u);
}

/* 6 kW are 16,666,667 uWh a slot. Of the first one the first unit has all, of the second both have
 * half and the first the odd one, of the other four the second has all. */
Test(mates, power_is_split_slot_by_slot) {
    struct shop s;
    shop_init(&s, ROLE_POWER);
    shop_by_run(&s, 5, 5, 5);
    shop_states(&s, T0, T0 + 10 * SEC, RUN, HELD, HELD);
    shop_states(&s, T0 + 10 * SEC, T0 + 20 * SEC, RUN, RUN, HELD);
    shop_states(&s, T0 + 20 * SEC, T0 + MIN, HELD, RUN, HELD);
    log_power(&s.u, s.main, T0, T0 + MIN, INT64_C(6000000000));
    cr_expect_eq(shop_energy(&s, 0, T0, T0 + MIN), 16666667 + 8333334);
    cr_expect_eq(shop_energy(&s, 1, T0, T0 + MIN), 8333333 + 4 * 16666667);
    cr_expect_eq(shop_energy(&s, 2, T0, T0 + MIN), 0);
    unit_log_fini(&s.u);
}

/* 7 m3 of compressed air in a minute in which 5 kW ran 30 s and 2 kW 60 s: 150 to 120, so 3.888889
 * and 3.111111. */
Test(mates, carriers_go_by_running_time_too) {
    struct shop s;
    shop_init(&s, ROLE_AIR);
    shop_by_run(&s, 5000, 2000, 1000);
    shop_states(&s, T0, T0 + 30 * SEC, RUN, RUN, HELD);
    shop_states(&s, T0 + 30 * SEC, T0 + MIN, HELD, RUN, HELD);
    log_span(&s.u, s.main, T0, T0 + MIN, 7 * PIECES);
    const int64_t want[] = {3888889, 3111111, 0};
    for (uint32_t i = 0; i < UNITS; i++) {
        const struct sums sum = shop_sums(&s, i, T0, T0 + MIN);
        cr_expect_eq(sum.q[QTY_CARRIER + CARRIER_AIR], want[i]);
        cr_expect_eq(sum.q[QTY_CARRIER_RUN + CARRIER_AIR], want[i], "none of it while it stood");
        cr_expect_eq(sum.q[QTY_CARRIER_IDLE + CARRIER_AIR], 0);
    }
    unit_log_fini(&s.u);
}

/* 70 uWh behind a gap of ten minutes: 7 a minute. The first ran for five of them; who ran does not
 * say when that flowed, so the other five minutes are the rest's. */
Test(mates, what_is_of_unknown_distribution_is_split_minute_by_minute) {
    struct shop s;
    shop_init(&s, ROLE_ENERGY);
    shop_by_run(&s, 3, 1, 2);
    shop_states(&s, T0, T0 + 5 * MIN, RUN, HELD, HELD);
    shop_states(&s, T0 + 5 * MIN, T0 + 10 * MIN, HELD, HELD, HELD);
    cr_assert_eq(siglog_add(&s.u.log, &(struct siglog_entry){.signal = s.main,
                                                             .kind = SIGLOG_SPAN,
                                                             .flags = SIGLOG_UNDISTRIBUTED,
                                                             .t0_ms = T0,
                                                             .t1_ms = T0 + 10 * MIN,
                                                             .value = 70}),
                 ERR_OK);
    const int64_t want[] = {35, 0, 35};
    for (uint32_t i = 0; i < UNITS; i++) {
        const struct sums sum = shop_sums(&s, i, T0, T0 + 10 * MIN);
        cr_expect_eq(sums_energy(&sum), want[i]);
        cr_expect_eq(sum.q[QTY_ENERGY_GAP], want[i]);
    }
    unit_log_fini(&s.u);
}

/* --- less sub-meters ----------------------------------------------------------------------------
 */

/* The main meter told 100, the first unit's own register 30: the two others have 70 by 2 : 1, 46.67
 * and 23.33. */
Test(mates, the_residual_is_what_sub_meters_leave) {
    struct shop s;
    shop_init(&s, ROLE_ENERGY);
    const uint32_t own = shop_signal(&s, 0, ROLE_ENERGY);
    shop_weights(&s, 0, 2, 1);
    s.meter.less_n = 1;
    log_span(&s.u, s.main, T0, T0 + MIN, 100);
    log_span(&s.u, own, T0, T0 + MIN, 30);
    const int64_t want[] = {30, 47, 23};
    for (uint32_t i = 0; i < UNITS; i++) {
        const struct sums sum = shop_sums(&s, i, T0, T0 + MIN);
        cr_expect_eq(sums_energy(&sum), want[i], "unit %u", i);
        cr_expect_eq(sum.q[QTY_ENERGY_SEEN], MIN);
    }
    unit_log_fini(&s.u);
}

/* The sub-meter of 60 was read each minute, the main one of 100 every two: 50 - 60 and 50 - 0. What
 * both minutes have is right. */
Test(mates, a_minute_of_the_residual_may_lie_below_zero) {
    struct shop s;
    shop_init(&s, ROLE_ENERGY);
    const uint32_t own = shop_signal(&s, 0, ROLE_ENERGY);
    shop_weights(&s, 0, 0, 1);
    s.meter.less_n = 1;
    log_span(&s.u, s.main, T0, T0 + 2 * MIN, 100);
    log_span(&s.u, own, T0, T0 + MIN, 60);
    cr_expect_eq(shop_energy(&s, 2, T0, T0 + MIN), -10);
    cr_expect_eq(shop_energy(&s, 2, T0 + MIN, T0 + 2 * MIN), 50);
    cr_expect_eq(shop_energy(&s, 2, T0, T0 + 2 * MIN), 40);
    unit_log_fini(&s.u);
}

/* The main meter was not heard in the second minute: nobody knows what is behind it, and the 20 of
 * the sub-meter stay what the hall used. Heard and standing still, it says 0. */
Test(mates, nothing_is_taken_off_what_the_main_meter_has_not_told) {
    struct shop s;
    shop_init(&s, ROLE_ENERGY);
    const uint32_t own = shop_signal(&s, 0, ROLE_ENERGY);
    shop_weights(&s, 0, 0, 1);
    s.meter.less_n = 1;
    log_span(&s.u, s.main, T0, T0 + MIN, 100);
    log_span(&s.u, own, T0, T0 + 2 * MIN, 40);
    cr_expect_eq(shop_energy(&s, 2, T0, T0 + MIN), 80);
    cr_expect_eq(shop_energy(&s, 2, T0 + MIN, T0 + 2 * MIN), 0);
    cr_assert_eq(siglog_add(&s.u.log, &(struct siglog_entry){.signal = s.main,
                                                             .kind = SIGLOG_WATCH,
                                                             .t0_ms = T0 + MIN,
                                                             .t1_ms = T0 + 2 * MIN}),
                 ERR_OK);
    cr_expect_eq(shop_energy(&s, 2, T0 + MIN, T0 + 2 * MIN), -20);
    unit_log_fini(&s.u);
}

/* A register of 100 over two minutes, whose power was 0 in the first and 6 mW (100 uWh a minute) in
 * the second: it all went there, so 150 and 50 are left of 300. */
Test(mates, a_sub_meter_is_taken_off_where_its_unit_has_it) {
    struct shop s;
    shop_init(&s, ROLE_ENERGY);
    const uint32_t own = shop_signal(&s, 0, ROLE_ENERGY), power = shop_signal(&s, 0, ROLE_POWER);
    shop_weights(&s, 0, 0, 1);
    s.meter.less_n = 1;
    log_span(&s.u, s.main, T0, T0 + 2 * MIN, 300);
    log_span(&s.u, own, T0, T0 + 2 * MIN, 100);
    log_power(&s.u, power, T0, T0 + MIN, 0);
    log_power(&s.u, power, T0 + MIN, T0 + 2 * MIN, 6000);
    cr_expect_eq(shop_energy(&s, 0, T0, T0 + MIN), 0);
    cr_expect_eq(shop_energy(&s, 2, T0, T0 + MIN), 150);
    cr_expect_eq(shop_energy(&s, 2, T0 + MIN, T0 + 2 * MIN), 50);
    unit_log_fini(&s.u);
}

/* As long as the sub-meter has told nothing, its energy is in the residual, which is not seen. */
Test(mates, a_residual_is_not_seen_while_a_sub_meter_is_silent) {
    struct shop s;
    shop_init(&s, ROLE_ENERGY);
    const uint32_t own = shop_signal(&s, 0, ROLE_ENERGY);
    shop_weights(&s, 0, 0, 1);
    s.meter.less_n = 1;
    log_span(&s.u, s.main, T0, T0 + MIN, 100);
    log_span(&s.u, own, T0, T0 + 15 * SEC, 20);
    const struct sums sum = shop_sums(&s, 2, T0, T0 + MIN);
    cr_expect_eq(sums_energy(&sum), 80);
    cr_expect_eq(sum.q[QTY_ENERGY_DUE], MIN);
    cr_expect_eq(sum.q[QTY_ENERGY_SEEN], 15 * SEC);
    unit_log_fini(&s.u);
}

/* What is left of a minute in which the sub-meter's gap ends is of unknown distribution, too. */
Test(mates, a_gap_of_a_sub_meter_is_one_of_the_residual) {
    struct shop s;
    shop_init(&s, ROLE_ENERGY);
    const uint32_t own = shop_signal(&s, 0, ROLE_ENERGY);
    shop_weights(&s, 0, 0, 1);
    s.meter.less_n = 1;
    log_span(&s.u, s.main, T0, T0 + MIN, 100);
    cr_assert_eq(siglog_add(&s.u.log, &(struct siglog_entry){.signal = own,
                                                             .kind = SIGLOG_SPAN,
                                                             .flags = SIGLOG_UNDISTRIBUTED,
                                                             .t0_ms = T0 - MIN,
                                                             .t1_ms = T0 + MIN,
                                                             .value = 60}),
                 ERR_OK);
    const struct sums sum = shop_sums(&s, 2, T0, T0 + MIN);
    cr_expect_eq(sums_energy(&sum), 70);
    cr_expect_eq(sum.q[QTY_ENERGY_GAP], 70);
    unit_log_fini(&s.u);
}

/* 100 less 30 are 70; of the others 1 W ran 60 s and 2 W 15 s, 60 to 30: 46.67 and 23.33. The first
 * unit is weighed, too, and stood still. */
Test(mates, a_residual_may_go_by_running_time) {
    struct shop s;
    shop_init(&s, ROLE_ENERGY);
    const uint32_t own = shop_signal(&s, 0, ROLE_ENERGY);
    shop_by_run(&s, 9, 1, 2);
    s.meter.less_n = 1;
    shop_states(&s, T0, T0 + 15 * SEC, HELD, RUN, RUN);
    shop_states(&s, T0 + 15 * SEC, T0 + MIN, HELD, RUN, HELD);
    log_span(&s.u, s.main, T0, T0 + MIN, 100);
    log_span(&s.u, own, T0, T0 + MIN, 30);
    const int64_t want[] = {30, 47, 23};
    for (uint32_t i = 0; i < UNITS; i++)
        cr_expect_eq(shop_energy(&s, i, T0, T0 + MIN), want[i], "unit %u", i);
    unit_log_fini(&s.u);
}

/* Sub-meters of a carrier: 7 m3 less 2.5. */
Test(mates, carriers_have_residuals_too) {
    struct shop s;
    shop_init(&s, ROLE_WATER);
    const uint32_t own = shop_signal(&s, 0, ROLE_WATER);
    shop_weights(&s, 0, 0, 1);
    s.meter.less_n = 1;
    log_span(&s.u, s.main, T0, T0 + MIN, 7 * PIECES);
    log_span(&s.u, own, T0, T0 + MIN, 2500000);
    const struct sums sum = shop_sums(&s, 2, T0, T0 + MIN);
    cr_expect_eq(sum.q[QTY_CARRIER + CARRIER_WATER], 4500000);
    cr_expect_eq(sum.q[QTY_CARRIER_DUE + 2 * CARRIER_WATER + 1], MIN, "seen");
    unit_log_fini(&s.u);
}

/* --- what a change moves ------------------------------------------------------------------------
 */

/* A second of a mate's register moves all minutes of the register's span. */
Test(mates, a_change_reaches_as_far_as_the_spans_of_mates) {
    struct shop s;
    shop_init(&s, ROLE_ENERGY);
    const uint32_t own = shop_signal(&s, 0, ROLE_ENERGY);
    shop_weights(&s, 0, 0, 1);
    s.meter.less_n = 1;
    log_span(&s.u, own, T0, T0 + 5 * MIN, 30);
    const struct cell_input in = shop_input(&s, 2, T0, T0 + MIN);
    int64_t from = T0 + 3 * MIN, to = from + SEC;
    cell_widen(&in, &from, &to);
    cr_expect_eq(from, T0);
    cr_expect_eq(to, T0 + 5 * MIN);
    unit_log_fini(&s.u);
}

/* The look around a unit is the farthest of those of its mates. */
Test(mates, a_unit_looks_as_far_as_its_mates) {
    static const uint32_t other[] = {1};
    struct shop s;
    shop_init(&s, ROLE_ENERGY);
    shop_input(&s, 0, T0, T0 + MIN);
    const int64_t alone = cell_look_ahead_ms(&s.u.plant, 0);
    s.unit[1].state_source = STATE_COUNTS;
    cr_expect_eq(cell_look_ahead_ms(&s.u.plant, 0), alone);
    s.unit[0].mate = other;
    s.unit[0].mate_n = 1;
    cr_expect_eq(cell_look_ahead_ms(&s.u.plant, 0), alone + HOUR);
    cr_expect_eq(cell_look_back_ms(&s.u.plant, 0), cell_look_back_ms(&s.u.plant, 1));
    unit_log_fini(&s.u);
}
