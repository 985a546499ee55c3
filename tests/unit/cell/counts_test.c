#include <criterion/criterion.h>

#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)

static int64_t pq_of(const struct unit_log *u, int64_t minute_from_t0) {
    int64_t pq = 0;
    for (size_t i = 0; i < u->cells.n; i++)
        if (u->cells.at[i].minute == T0 / MIN + minute_from_t0)
            pq += u->cells.at[i].sums.q[QTY_PQ];
    return pq;
}

Test(counts, a_step_inside_a_minute_is_booked_at_its_end) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    const uint32_t product = unit_log_signal(&u, ROLE_PRODUCT);
    log_state(&u, state, T0, T0 + 2 * MIN, MACHINE_RUN);
    log_word(&u, product, T0, T0 + 30 * SEC, "bolt");
    log_word(&u, product, T0 + 30 * SEC, T0 + 2 * MIN, "nut");
    log_span(&u, total, T0 + 20 * SEC, T0 + 40 * SEC, 10 * PIECES);
    log_span(&u, total, T0 + 40 * SEC, T0 + 60 * SEC, 7 * PIECES); /* ends with the minute */
    const struct sums s = unit_log_compute(&u, T0, T0 + MIN);
    cr_expect_eq(s.q[QTY_PQ], 17 * PIECES);
    cr_expect_eq(s.q[QTY_GQ], 17 * PIECES, "a total alone: nothing is known to be bad");
    const uint32_t nut = unit_log_word(&u, "nut");
    for (size_t i = 0; i < u.cells.n; i++)
        cr_expect_eq(u.cells.at[i].sums.q[QTY_PQ],
                     u.cells.at[i].ctx.product == nut ? 17 * PIECES : 0);
    /* PRI of a nut 2 s = 2e9 ns; 17 pieces are 17e6 millionths. */
    cr_expect_eq(s.priced_pq, 17 * PIECES);
    cr_expect(s.pri_pq == (i128)2000000000 * 17000000);
    cr_expect(s.pri_gq == s.pri_pq);
    unit_log_fini(&u);
}

/* The plant file gives the unit a total and a good counter: what is not good is scrap, also while
 * the good counter's agent was never heard of. The order of first contacts is no reading. */
Test(counts, a_declared_signal_counts_before_it_is_heard_of) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    u.unit.total_has_scrap = true;
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    unit_log_signal(&u, ROLE_GOOD);
    log_span(&u, total, T0, T0 + 30 * SEC, 10 * PIECES);
    const struct sums both = unit_log_compute(&u, T0, T0 + MIN);
    u.signal_n = 1; /* the good counter has not announced itself */
    const struct sums one = unit_log_compute(&u, T0, T0 + MIN);
    cr_expect(sums_equal(&one, &both));
    cr_expect_eq(one.q[QTY_SQ_UNKNOWN], 10 * PIECES);
    cr_expect_eq(one.q[QTY_PQ_UNKNOWN], 10 * PIECES);
    unit_log_fini(&u);
}

Test(counts, a_long_step_goes_to_production_time_in_whole_pieces) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    log_state(&u, state, T0, T0 + MIN, MACHINE_RUN);
    log_state(&u, state, T0 + MIN, T0 + 3 * MIN, MACHINE_HELD);
    log_state(&u, state, T0 + 3 * MIN, T0 + 5 * MIN, MACHINE_RUN);
    log_span(&u, total, T0, T0 + 5 * MIN, 10 * PIECES);
    /* 10 over 1 + 1 + 1 minutes: 3.33 each, the piece left over goes to the first. */
    struct sums s = unit_log_compute(&u, T0, T0 + 5 * MIN);
    cr_expect_eq(s.q[QTY_PQ], 10 * PIECES);
    cr_expect_eq(pq_of(&u, 0), 4 * PIECES);
    cr_expect_eq(pq_of(&u, 1), 0);
    cr_expect_eq(pq_of(&u, 3), 3 * PIECES);
    cr_expect_eq(pq_of(&u, 4), 3 * PIECES);
    s = unit_log_compute(&u, T0 + 4 * MIN, T0 + 5 * MIN);
    cr_expect_eq(s.q[QTY_PQ], 3 * PIECES, "a minute alone says the same");
    unit_log_fini(&u);
}

Test(counts, a_long_step_over_a_dead_link_is_counted_apart) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    log_state(&u, state, T0, T0 + MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 9 * MIN, T0 + 10 * MIN, MACHINE_STOPPED);
    log_span(&u, total, T0, T0 + 10 * MIN, 90 * PIECES);
    const struct sums s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(s.q[QTY_PQ], 10 * PIECES, "one of nine minutes that may have made them");
    cr_expect_eq(s.q[QTY_PQ_UNKNOWN], 80 * PIECES);
    cr_expect_eq(s.q[QTY_GQ_UNKNOWN], 80 * PIECES);
    cr_expect(s.pri_pq == (i128)1000000000 * 10000000, "only pieces of known time are priced");
    unit_log_fini(&u);
}

Test(counts, a_long_step_over_standing_time_is_even_and_keeps_fractions) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    log_state(&u, state, T0, T0 + 4 * MIN, MACHINE_HELD);
    log_span(&u, total, T0, T0 + 4 * MIN, 6 * PIECES + 250000);
    const struct sums s = unit_log_compute(&u, T0, T0 + 4 * MIN);
    cr_expect_eq(s.q[QTY_PQ], 6 * PIECES + 250000);
    /* 6 over 4: 2, 2, 1, 1; the quarter of a piece goes to the last. */
    cr_expect_eq(pq_of(&u, 0), 2 * PIECES);
    cr_expect_eq(pq_of(&u, 3), PIECES + 250000);
    unit_log_fini(&u);
}

/* Of 100 pieces 90 are good, 4 scrap, 3 rework; 3 are nowhere. Which of the four are read, and
 * what follows; `pass` and `good_pass` where good, scrap and rework are all known, else 0. */
enum { T = 1, G = 2, S = 4, R = 8 };

struct source_case {
    bool total_has_scrap;
    uint8_t read;
    int64_t pq, gq, sq, rq, pass, good_pass;
};

static const struct source_case source_case[] = {
    {true, T, 100, 100, 0, 0, 0, 0},
    {true, T | G, 100, 90, 10, 0, 0, 0},
    {true, T | S, 100, 96, 4, 0, 0, 0},
    {true, T | R, 100, 97, 0, 3, 0, 0},
    {true, T | G | S, 100, 90, 4, 6, 100, 90},
    {true, T | G | R, 100, 90, 7, 3, 100, 90},
    {true, T | S | R, 100, 93, 4, 3, 100, 93},
    {true, T | G | S | R, 97, 90, 4, 3, 97, 90},
    {false, T, 100, 100, 0, 0, 0, 0},
    {false, T | G, 90, 90, 0, 0, 0, 0},
    {false, T | S, 104, 100, 4, 0, 0, 0},
    {false, T | R, 103, 100, 0, 3, 0, 0},
    {false, T | G | S, 94, 90, 4, 0, 0, 0},
    {false, T | G | R, 93, 90, 0, 3, 0, 0},
    {false, T | S | R, 107, 100, 4, 3, 107, 100},
    {false, T | G | S | R, 97, 90, 4, 3, 97, 90},
    {true, G, 90, 90, 0, 0, 0, 0},
    {true, S, 4, 0, 4, 0, 0, 0},
    {true, R, 3, 0, 0, 3, 0, 0},
    {true, G | S, 94, 90, 4, 0, 0, 0},
    {true, G | R, 93, 90, 0, 3, 0, 0},
    {true, S | R, 7, 0, 4, 3, 0, 0},
    {true, G | S | R, 97, 90, 4, 3, 97, 90},
};

Test(counts, every_combination_of_sources_gives_all_parts) {
    static const int64_t made[] = {100, 90, 4, 3};
    for (size_t i = 0; i < sizeof source_case / sizeof source_case[0]; i++) {
        const struct source_case *c = &source_case[i];
        struct unit_log u;
        unit_log_init(&u, STATE_MAP);
        u.unit.total_has_scrap = c->total_has_scrap;
        log_state(&u, unit_log_signal(&u, ROLE_STATE), T0, T0 + 5 * MIN, MACHINE_RUN);
        for (int k = 0; k < 4; k++)
            if (c->read & 1 << k)
                log_span(&u, unit_log_signal(&u, (enum plant_role)(ROLE_TOTAL + k)), T0 + k * SEC,
                         T0 + (k + 1) * MIN, made[k] * PIECES);
        const struct sums s = unit_log_compute(&u, T0, T0 + 5 * MIN);
        cr_expect_eq(s.q[QTY_PQ], c->pq * PIECES, "PQ of case %zu", i);
        cr_expect_eq(s.q[QTY_GQ], c->gq * PIECES, "GQ of case %zu", i);
        cr_expect_eq(s.q[QTY_SQ], c->sq * PIECES, "SQ of case %zu", i);
        cr_expect_eq(s.q[QTY_RQ], c->rq * PIECES, "RQ of case %zu", i);
        cr_expect_eq(s.q[QTY_PQ], s.q[QTY_GQ] + s.q[QTY_SQ] + s.q[QTY_RQ]);
        cr_expect_eq(s.q[QTY_INSPECTED], c->pass * PIECES, "inspected of case %zu", i);
        cr_expect_eq(s.q[QTY_FIRST_GOOD], c->good_pass * PIECES, "first good of case %zu", i);
        cr_expect_eq(s.q[QTY_PASS_DUE] != 0, c->pass != 0, "due of case %zu", i);
        unit_log_fini(&u);
    }
}

/* A station that inspects 50 of what the machine made and passes 47; its counts outrank those. */
Test(counts, a_station_that_inspects_tells_the_first_pass) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    log_state(&u, unit_log_signal(&u, ROLE_STATE), T0, T0 + 5 * MIN, MACHINE_RUN);
    log_span(&u, unit_log_signal(&u, ROLE_GOOD), T0, T0 + MIN, 90 * PIECES);
    log_span(&u, unit_log_signal(&u, ROLE_SCRAP), T0, T0 + MIN, 4 * PIECES);
    log_span(&u, unit_log_signal(&u, ROLE_REWORK), T0, T0 + MIN, 3 * PIECES);
    log_span(&u, unit_log_signal(&u, ROLE_INSPECTED), T0 + MIN, T0 + 3 * MIN, 50 * PIECES);
    const uint32_t passed = unit_log_signal(&u, ROLE_PASSED);
    log_span(&u, passed, T0 + MIN, T0 + 2 * MIN, 47 * PIECES);
    struct sums s = unit_log_compute(&u, T0, T0 + 5 * MIN);
    cr_expect_eq(s.q[QTY_INSPECTED], 50 * PIECES);
    cr_expect_eq(s.q[QTY_FIRST_GOOD], 47 * PIECES);
    cr_expect_eq(s.q[QTY_PQ], 97 * PIECES, "inspection makes no pieces");
    cr_expect_eq(s.q[QTY_PASS_DUE], 5 * MIN);
    unit_log_fini(&u);
}

/* Bolts: 2.5 % planned. 80 + 40 made, of which 4 + 1 scrap; nuts have no plan: 30 made, 9 scrap. */
Test(counts, planned_scrap_is_a_share_of_pieces_made_of_products_with_a_plan) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    u.unit.total_has_scrap = true;
    u.product[0].planned_scrap_ppm = 25000;
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    const uint32_t scrap = unit_log_signal(&u, ROLE_SCRAP);
    const uint32_t product = unit_log_signal(&u, ROLE_PRODUCT);
    log_state(&u, state, T0, T0 + 3 * MIN, MACHINE_RUN);
    log_word(&u, product, T0, T0 + 2 * MIN, "bolt");
    log_word(&u, product, T0 + 2 * MIN, T0 + 3 * MIN, "nut");
    log_span(&u, total, T0, T0 + MIN, 80 * PIECES);
    log_span(&u, total, T0 + MIN, T0 + 2 * MIN, 40 * PIECES);
    log_span(&u, total, T0 + 2 * MIN, T0 + 3 * MIN, 30 * PIECES);
    log_event(&u, scrap, T0 + MIN, 4 * PIECES);
    log_event(&u, scrap, T0 + 2 * MIN, PIECES);
    log_event(&u, scrap, T0 + 3 * MIN, 9 * PIECES);
    const struct sums s = unit_log_compute(&u, T0, T0 + 3 * MIN);
    cr_expect_eq(s.q[QTY_PLANNED_SCRAP], 3 * PIECES, "a fortieth of 120");
    cr_expect_eq(s.q[QTY_PLANNED_SQ], 5 * PIECES);
    cr_expect_eq(s.q[QTY_SQ], 14 * PIECES);
    unit_log_fini(&u);
}

/* Scrap found at another station: tag 7 says that this unit made it, tag 8 another one, 9 nobody
 * in particular, so the station. */
Test(counts, scrap_counts_at_the_unit_that_its_tag_names) {
    static const struct plant_tag tag[] = {{7, 0, UINT32_MAX}, {8, 1, UINT32_MAX}};
    static const uint32_t tagged[] = {2};
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    u.unit.total_has_scrap = true;
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    const uint32_t scrap = unit_log_signal(&u, ROLE_SCRAP);
    u.plant_signal[2].unit = 0;
    u.plant_signal[2].station = 5;
    u.plant_signal[2].tag = tag;
    u.plant_signal[2].tag_n = 2;
    u.plant.tagged = tagged;
    u.plant.tagged_n = 1;
    u.signal[2].tagged = 1;
    log_state(&u, state, T0, T0 + 3 * MIN, MACHINE_RUN);
    log_span(&u, total, T0, T0 + MIN, 50 * PIECES);
    for (int64_t k = 7; k <= 9; k++)
        cr_assert_eq(siglog_add(&u.log, &(struct siglog_entry){.signal = scrap,
                                                               .kind = SIGLOG_EVENT,
                                                               .t0_ms = T0 + MIN,
                                                               .t1_ms = T0 + MIN,
                                                               .value = (k - 6) * PIECES,
                                                               .tag = k}),
                     ERR_OK);
    struct sums s = unit_log_compute(&u, T0, T0 + 3 * MIN);
    cr_expect_eq(s.q[QTY_SQ], PIECES, "tag 7");
    cr_expect_eq(s.q[QTY_GQ], 49 * PIECES);
    u.plant_signal[2].station = 0;
    s = unit_log_compute(&u, T0, T0 + 3 * MIN);
    cr_expect_eq(s.q[QTY_SQ], 4 * PIECES, "tags 7 and 9");
    unit_log_fini(&u);
}

Test(counts, scrap_booked_at_its_time_may_make_a_cell_negative_and_the_sum_right) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    u.unit.total_has_scrap = true;
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    const uint32_t scrap = unit_log_signal(&u, ROLE_SCRAP);
    log_state(&u, state, T0, T0 + 10 * MIN, MACHINE_RUN);
    log_span(&u, total, T0, T0 + MIN, 50 * PIECES);
    log_event(&u, scrap, T0 + 5 * MIN, 3 * PIECES);
    struct sums s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(s.q[QTY_GQ], 47 * PIECES);
    cr_expect_eq(s.q[QTY_SQ], 3 * PIECES);
    s = unit_log_compute(&u, T0 + 4 * MIN, T0 + 5 * MIN);
    cr_expect_eq(s.q[QTY_GQ], -3 * PIECES, "an event counts in the minute that ends with it");
    cr_expect_eq(s.q[QTY_PQ], 0);
    unit_log_fini(&u);
}

Test(counts, the_pri_in_force_at_the_minute_counts) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    u.ideal[0] = (struct plant_ideal){0, 1000000000, INT64_MIN};
    u.ideal[1] = (struct plant_ideal){0, 900000000, T0 + MIN};
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    const uint32_t product = unit_log_signal(&u, ROLE_PRODUCT);
    log_state(&u, state, T0, T0 + 3 * MIN, MACHINE_RUN);
    log_word(&u, product, T0, T0 + 2 * MIN, "bolt");
    log_word(&u, product, T0 + 2 * MIN, T0 + 3 * MIN, "nobody-knows");
    log_span(&u, total, T0, T0 + MIN, 10 * PIECES);
    log_span(&u, total, T0 + MIN, T0 + 2 * MIN, 10 * PIECES);
    log_span(&u, total, T0 + 2 * MIN, T0 + 3 * MIN, 10 * PIECES);
    const struct sums s = unit_log_compute(&u, T0, T0 + 3 * MIN);
    cr_expect_eq(s.q[QTY_PQ], 30 * PIECES);
    cr_expect_eq(s.priced_pq, 20 * PIECES);
    cr_expect(s.pri_pq == (i128)1000000000 * 10000000 + (i128)900000000 * 10000000);
    unit_log_fini(&u);
}

Test(counts, material_follows_the_machine_too) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t material = unit_log_signal(&u, ROLE_MATERIAL);
    u.signal[1].quantum = 1;
    log_state(&u, state, T0, T0 + 2 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 2 * MIN, T0 + 4 * MIN, MACHINE_HELD);
    log_span(&u, material, T0, T0 + 4 * MIN, 3000001);
    const struct sums s = unit_log_compute(&u, T0, T0 + 4 * MIN);
    cr_expect_eq(s.q[QTY_MATERIAL], 3000001);
    cr_expect_eq(u.cells.at[0].sums.q[QTY_MATERIAL], 1500001);
    cr_expect_eq(u.cells.at[1].sums.q[QTY_MATERIAL], 1500000);
    cr_expect_eq(s.q[QTY_PQ], 0);
    unit_log_fini(&u);
}

Test(counts, labour_is_people_times_attendance) {
    static const int32_t pause[] = {8 * 60 + 10, 8 * 60 + 20};
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    unit_log_shift(&u, 8 * 60, 9 * 60, pause);
    u.unit.default_headcount = 2;
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t people = unit_log_signal(&u, ROLE_HEADCOUNT);
    /* 8:00-8:10 work, 8:10-8:20 break of which 8:10-8:15 runs, 8:20-9:00 work, then off, of which
     * 9:00-9:05 runs. Three people from 8:30 to 9:10, else two. */
    log_state(&u, state, T0, T0 + 15 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 55 * MIN, T0 + 65 * MIN, MACHINE_RUN);
    log_state(&u, people, T0 + 30 * MIN, T0 + 70 * MIN, 3);
    const struct sums s = unit_log_compute(&u, T0, T0 + 2 * HOUR);
    /* 10 x 2 + 5 x 2 + 10 x 2 + 30 x 3 + 5 x 3 = 155 minutes, in 60 minutes of time. */
    cr_expect_eq(s.q[QTY_LABOUR], 155 * MIN);
    cr_expect_eq(s.q[QTY_LABOUR_TIME], 60 * MIN);
    unit_log_fini(&u);
}
