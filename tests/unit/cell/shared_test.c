#include <criterion/criterion.h>

#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)

/* Three units share a meter; the log of each is the meter's, and what it says of itself. */
struct hall {
    struct unit_log u;
    struct plant_unit unit[3];
    struct plant_meter meter;
    uint32_t id[3];
    int64_t weight[3];
    uint32_t state, main;
};

static void hall_init(struct hall *h, enum plant_role role, const int64_t weight[3]) {
    unit_log_init(&h->u, STATE_MAP);
    h->state = unit_log_signal(&h->u, ROLE_STATE);
    h->main = unit_log_signal(&h->u, role);
    h->u.signal[1].meter = h->u.plant_signal[1].meter = 1;
    for (uint32_t i = 0; i < 3; i++) {
        h->unit[i] = h->u.unit;
        h->id[i] = i;
        h->weight[i] = weight[i];
    }
    h->meter =
        (struct plant_meter){.id = {"hall"}, .unit = h->id, .weight = h->weight, .unit_n = 3};
    h->u.plant.unit = h->unit;
    h->u.plant.unit_n = 3;
    h->u.plant.meter = &h->meter;
    h->u.plant.meter_n = 1;
}

static struct sums of_unit(struct hall *h, uint32_t unit, int64_t from, int64_t to) {
    struct cell_input in = unit_log_input(&h->u, from, to);
    struct sums s = {0};
    in.unit = unit;
    cr_assert_eq(cell_compute(&in, &h->u.cells), ERR_OK);
    for (size_t i = 0; i < h->u.cells.n; i++)
        sums_add(&s, &h->u.cells.at[i].sums);
    return s;
}

static const int64_t two_one_four[] = {2, 1, 4};

/* 10 uWh by 2 : 1 : 4 are 2.857, 1.429 and 5.714: floors 2, 1, 5, and the two that are left go to
 * the largest remainders, the first (.857) and the third (.714). */
Test(shared, a_minute_is_split_by_weight_to_the_last_microwatt_hour) {
    struct hall h;
    hall_init(&h, ROLE_ENERGY, two_one_four);
    log_span(&h.u, h.main, T0, T0 + 30 * SEC, 10);
    const int64_t want[] = {3, 1, 6};
    for (uint32_t i = 0; i < 3; i++) {
        const struct sums s = of_unit(&h, i, T0, T0 + MIN);
        cr_expect_eq(sums_energy(&s), want[i], "unit %u", i);
        cr_expect_eq(s.q[QTY_IMPORT], want[i], "what is used is bought");
    }
    unit_log_fini(&h.u);
}

/* 1 uWh between three equal shares goes to the first by id. */
Test(shared, a_tie_goes_by_unit) {
    static const int64_t equal[] = {1, 1, 1};
    struct hall h;
    hall_init(&h, ROLE_ENERGY, equal);
    log_span(&h.u, h.main, T0, T0 + 30 * SEC, 1);
    for (uint32_t i = 0; i < 3; i++) {
        const struct sums s = of_unit(&h, i, T0, T0 + MIN);
        cr_expect_eq(sums_energy(&s), i == 0);
    }
    unit_log_fini(&h.u);
}

/* 7 uWh over 2 min 30 s from half past: by the ends of the minutes 30/150, 90/150 and 150/150 of it
 * have come, floors 1, 4 and 7, so 1, 3 and 3. By 2 : 1 : 4: 1 -> 0, 0, 1; 3 -> .857, .429, 1.714:
 * 1, 0, 2. A minute alone says the same. */
Test(shared, a_long_span_goes_to_minutes_first) {
    struct hall h;
    hall_init(&h, ROLE_ENERGY, two_one_four);
    log_span(&h.u, h.main, T0 + 30 * SEC, T0 + 3 * MIN, 7);
    const int64_t want[3][3] = {{0, 1, 1}, {0, 0, 0}, {1, 2, 2}};
    for (uint32_t i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            const struct sums s = of_unit(&h, i, T0 + k * MIN, T0 + (k + 1) * MIN);
            cr_expect_eq(sums_energy(&s), want[i][k], "unit %u minute %d", i, k);
        }
    unit_log_fini(&h.u);
}

/* 6 kW are 16,666,666.67 uWh a slot, rounded to ..667: 100,000,002 a minute. By 2 : 1 : 4 the
 * floors 28,571,429, 14,285,714 and 57,142,858 leave one, which is the second's (.57). The third
 * ran 45 of the 60 s: 42,857,143.5 and 14,285,714.5, a tie that goes to the earlier. */
Test(shared, power_is_shared_and_goes_to_what_the_unit_did) {
    struct hall h;
    hall_init(&h, ROLE_POWER, two_one_four);
    log_power(&h.u, h.main, T0, T0 + MIN, INT64_C(6000000000));
    log_state(&h.u, h.state, T0, T0 + 45 * SEC, MACHINE_RUN);
    log_state(&h.u, h.state, T0 + 45 * SEC, T0 + MIN, MACHINE_HELD);
    const struct sums s = of_unit(&h, 2, T0, T0 + MIN);
    cr_expect_eq(s.q[QTY_ENERGY + CAT_PRODUCTION], 42857144);
    cr_expect_eq(s.q[QTY_ENERGY + CAT_DELAY], 14285714);
    cr_expect_eq(s.q[QTY_ENERGY_SEEN], MIN);
    cr_expect_eq(s.q[QTY_ENERGY_DUE], MIN);
    unit_log_fini(&h.u);
}

/* 7 m3 of water in a minute in which the unit ran: 2, 1 and 4. */
Test(shared, carriers_are_shared_too) {
    struct hall h;
    hall_init(&h, ROLE_WATER, two_one_four);
    log_span(&h.u, h.main, T0, T0 + MIN, 7 * PIECES);
    log_state(&h.u, h.state, T0, T0 + MIN, MACHINE_RUN);
    for (uint32_t i = 0; i < 3; i++) {
        const struct sums s = of_unit(&h, i, T0, T0 + MIN);
        cr_expect_eq(s.q[QTY_CARRIER + CARRIER_WATER], two_one_four[i] * PIECES);
        cr_expect_eq(s.q[QTY_CARRIER_RUN + CARRIER_WATER], two_one_four[i] * PIECES);
        cr_expect_eq(sums_energy(&s), 0);
        cr_expect_eq(s.q[QTY_CARRIER_DUE + 2 * CARRIER_WATER + 1], MIN, "seen");
    }
    unit_log_fini(&h.u);
}

/* 14 uWh of the unit's own power (0.84 mW for a minute) and 2/7 of 70 from the meter; the power
 * that is its own is not what the meter tells. */
Test(shared, a_share_adds_to_what_the_unit_measures_itself) {
    struct hall h;
    hall_init(&h, ROLE_ENERGY, two_one_four);
    const uint32_t own = unit_log_signal(&h.u, ROLE_POWER);
    for (uint32_t i = 0; i < 3; i++) {
        h.unit[i].signal_n = h.u.unit.signal_n;
    }
    log_span(&h.u, h.main, T0, T0 + MIN, 70);
    log_power(&h.u, own, T0, T0 + MIN, 840);
    struct sums s = of_unit(&h, 0, T0, T0 + MIN);
    /* Six slots of 2.33 uWh, each rounded: 12; 20 of the meter. */
    cr_expect_eq(sums_energy(&s), 12 + 20);
    cr_expect_eq(s.q[QTY_ENERGY_SEEN], MIN);
    unit_log_fini(&h.u);
}

/* Seen while both the unit's own register and the shared meter are. */
Test(shared, energy_is_seen_while_all_of_its_meters_are) {
    struct hall h;
    hall_init(&h, ROLE_ENERGY, two_one_four);
    const uint32_t own = unit_log_signal(&h.u, ROLE_ENERGY);
    for (uint32_t i = 0; i < 3; i++)
        h.unit[i].signal_n = h.u.unit.signal_n;
    log_span(&h.u, h.main, T0, T0 + MIN, 70);
    log_span(&h.u, own, T0, T0 + 20 * SEC, 5);
    const struct sums s = of_unit(&h, 0, T0, T0 + MIN);
    cr_expect_eq(sums_energy(&s), 25);
    cr_expect_eq(s.q[QTY_ENERGY_DUE], MIN);
    cr_expect_eq(s.q[QTY_ENERGY_SEEN], 20 * SEC);
    unit_log_fini(&h.u);
}

/* 70 uWh over ten minutes behind a gap: each minute 7, of unknown distribution. */
Test(shared, what_is_of_unknown_distribution_stays_so_for_each) {
    struct hall h;
    hall_init(&h, ROLE_ENERGY, two_one_four);
    cr_assert_eq(siglog_add(&h.u.log, &(struct siglog_entry){.signal = h.main,
                                                             .kind = SIGLOG_SPAN,
                                                             .flags = SIGLOG_UNDISTRIBUTED,
                                                             .t0_ms = T0,
                                                             .t1_ms = T0 + 10 * MIN,
                                                             .value = 70}),
                 ERR_OK);
    for (uint32_t i = 0; i < 3; i++) {
        const struct sums s = of_unit(&h, i, T0, T0 + 10 * MIN);
        cr_expect_eq(sums_energy(&s), 10 * two_one_four[i]);
        cr_expect_eq(s.q[QTY_ENERGY_GAP], 10 * two_one_four[i]);
    }
    unit_log_fini(&h.u);
}
