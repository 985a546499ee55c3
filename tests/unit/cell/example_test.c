/* Worked examples of INDICATORS section 8, as far as sums: their ratios are those of another room.
 */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)

static int64_t min_of(const struct sums *s, enum category c) {
    return s->q[QTY_TIME + (unsigned)c] / MIN;
}

/* 1: shift 480 min, breaks 60, stops 47, ideal cycle 1.0 s, total 19,271, rejects 423. */
static struct sums first_example(int64_t setup_min) {
    static const int32_t pause[] = {12 * 60, 13 * 60};
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    unit_log_shift(&u, 8 * 60, 16 * 60, pause);
    u.unit.total_has_scrap = true;
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    const uint32_t scrap = unit_log_signal(&u, ROLE_SCRAP);
    log_state(&u, state, T0, T0 + setup_min * MIN, MACHINE_SETUP);
    log_state(&u, state, T0 + setup_min * MIN, T0 + 47 * MIN, MACHINE_HELD);
    log_state(&u, state, T0 + 47 * MIN, T0 + 240 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 240 * MIN, T0 + 300 * MIN, MACHINE_STOPPED);
    log_state(&u, state, T0 + 300 * MIN, T0 + 480 * MIN, MACHINE_RUN);
    log_span(&u, total, T0, T0 + 8 * HOUR, 19271 * PIECES);
    log_event(&u, scrap, T0 + 8 * HOUR, 423 * PIECES);
    const struct sums s = unit_log_compute(&u, T0, T0 + 8 * HOUR);
    unit_log_fini(&u);
    return s;
}

Test(example, one_a_shift_with_breaks_stops_and_rejects) {
    const struct sums s = first_example(0);
    cr_expect_eq(min_of(&s, CAT_PRODUCTION), 373, "APT");
    cr_expect_eq(min_of(&s, CAT_DELAY), 47);
    cr_expect_eq(min_of(&s, CAT_PLANNED_DOWN), 60);
    cr_expect_eq(sums_time(&s), 8 * HOUR);
    cr_expect_eq(s.q[QTY_PQ], 19271 * PIECES);
    cr_expect_eq(s.q[QTY_GQ], 18848 * PIECES);
    cr_expect_eq(s.q[QTY_SQ], 423 * PIECES);
    /* E = PRI x PQ / APT = 19,271 s / 22,380 s = 0.8611. */
    cr_expect(s.pri_pq == (i128)19271 * PIECES * 1000000000);
    cr_expect_eq((int64_t)(s.pri_pq / PIECES * 10000 / 1000000 / s.q[QTY_TIME + CAT_PRODUCTION]),
                 8610, "0.86108, floored");
}

Test(example, one_with_the_stop_split_into_setup_and_delay) {
    const struct sums s = first_example(30);
    cr_expect_eq(min_of(&s, CAT_PRODUCTION) + min_of(&s, CAT_SETUP), 403, "AUPT");
    cr_expect_eq(min_of(&s, CAT_SETUP), 30);
    cr_expect_eq(min_of(&s, CAT_DELAY), 17);
}

/* 2: planned 910 min, unplanned stops 115, changeover 12, 203 cycles of 3 min standard. */
Test(example, two_stops_changeover_and_cycles) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    u.ideal[0].pri_ns = INT64_C(180000000000);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    log_state(&u, state, T0, T0 + 12 * MIN, MACHINE_SETUP);
    log_state(&u, state, T0 + 12 * MIN, T0 + 127 * MIN, MACHINE_HELD);
    log_state(&u, state, T0 + 127 * MIN, T0 + 910 * MIN, MACHINE_RUN);
    log_span(&u, total, T0, T0 + 910 * MIN, 203 * PIECES);
    /* The default product is bolt. */
    const struct sums s = unit_log_compute(&u, T0, T0 + 910 * MIN);
    /* A = 783 / 910 = 0.8604; performance 609 / 783 = 0.7778. */
    cr_expect_eq(min_of(&s, CAT_PRODUCTION), 783);
    cr_expect_eq(sums_time(&s), 910 * MIN);
    cr_expect(s.pri_pq == (i128)609 * MIN * PIECES * 1000000);
    unit_log_fini(&u);
}

/* 3: run 420 of 480 min, ideal 1 min, 400 made, 380 good. */
Test(example, three_good_and_total) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    u.unit.total_has_scrap = true;
    u.ideal[0].pri_ns = INT64_C(60000000000);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    const uint32_t good = unit_log_signal(&u, ROLE_GOOD);
    log_state(&u, state, T0, T0 + HOUR, MACHINE_FAILED);
    log_state(&u, state, T0 + HOUR, T0 + 8 * HOUR, MACHINE_RUN);
    log_span(&u, total, T0, T0 + 8 * HOUR, 400 * PIECES);
    log_span(&u, good, T0, T0 + 8 * HOUR, 380 * PIECES);
    const struct sums s = unit_log_compute(&u, T0, T0 + 8 * HOUR);
    cr_expect_eq(min_of(&s, CAT_PRODUCTION), 420);
    cr_expect_eq(s.q[QTY_PQ], 400 * PIECES);
    cr_expect_eq(s.q[QTY_GQ], 380 * PIECES);
    cr_expect_eq(s.q[QTY_SQ], 20 * PIECES);
    cr_expect(s.pri_pq == (i128)400 * MIN * PIECES * 1000000);
    /* OEE = 380 / 480. */
    cr_expect(s.pri_gq == (i128)380 * MIN * PIECES * 1000000);
    unit_log_fini(&u);
}

/* 4: 24 h, idle 8, scheduled stops 1.66 h, unscheduled 2.08 h. */
Test(example, four_idle_scheduled_and_unscheduled_stops) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    unit_log_shift(&u, 0, 0, NULL);
    u.unit.assume_order = false;
    const struct plant_stop stop = {DAY0 + 8 * HOUR, DAY0 + 8 * HOUR + 5976000, "service"};
    u.calendar.stop = &stop;
    u.calendar.stop_n = 1;
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_state(&u, state, DAY0, DAY0 + 8 * HOUR, MACHINE_IDLE);
    log_state(&u, state, stop.from_ms, stop.to_ms, MACHINE_STOPPED);
    log_state(&u, state, stop.to_ms, stop.to_ms + 7488000, MACHINE_FAILED);
    log_state(&u, state, stop.to_ms + 7488000, DAY0 + 24 * HOUR, MACHINE_RUN);
    const struct sums s = unit_log_compute(&u, DAY0, DAY0 + 24 * HOUR);
    cr_expect_eq(s.q[QTY_TIME + CAT_DOWN_NO_ORDER], 8 * HOUR);
    cr_expect_eq(s.q[QTY_TIME + CAT_PLANNED_DOWN], 5976000, "1.66 h");
    cr_expect_eq(s.q[QTY_TIME + CAT_DELAY], 7488000, "2.08 h");
    /* Up 24 - 8 - 1.66 - 2.08 = 12.26 h; 12.26 / 16 = 0.7663 and 12.26 / 14.34 = 0.8550. */
    cr_expect_eq(s.q[QTY_TIME + CAT_PRODUCTION], 44136000);
    cr_expect_eq(sums_time(&s), 24 * HOUR);
    unit_log_fini(&u);
}

/* 9: imported intervals overlap: unit time is their union, their own minutes are work. */
Test(example, nine_overlapping_imports) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t rows = unit_log_signal(&u, ROLE_STATE);
    log_row(&u, rows, T0, T0 + 90 * MIN, 0, MACHINE_RUN);
    log_row(&u, rows, T0 + HOUR, T0 + 2 * HOUR, 0, MACHINE_RUN);
    log_row(&u, rows, T0 + HOUR, T0 + 2 * HOUR, 0, MACHINE_RUN); /* two workers, one row each */
    const struct sums s = unit_log_compute(&u, T0, T0 + 2 * HOUR);
    cr_expect_eq(min_of(&s, CAT_PRODUCTION), 120);
    cr_expect_eq(s.q[QTY_WORK], 210 * MIN);
    unit_log_fini(&u);
}

/* The day of 23 hours and that of 25, three shifts in Berlin: the night has 7 or 9 hours, and the
 * day's cells hold all of it. */
Test(example, days_of_23_and_25_hours_tile) {
    static const int64_t start[] = {INT64_C(1774731600000), INT64_C(1792872000000)};
    static const int64_t night[] = {7, 9}; /* of 2026-03-28 22:00 CET and 2026-10-24 22:00 CEST */
    static const struct plant_shift shift[] = {
        {.id = {"early"}, .start_min = 360, .end_min = 840, .days = 0x7f},
        {.id = {"late"}, .start_min = 840, .end_min = 1320, .days = 0x7f},
        {.id = {"night"}, .start_min = 1320, .end_min = 360, .days = 0x7f},
    };
    for (int i = 0; i < 2; i++) {
        struct unit_log u;
        struct buf b;
        int64_t of_shift[3] = {0};
        unit_log_init(&u, STATE_MAP);
        buf_init(&b);
        cr_assert_eq(clock_zone_bytes("Europe/Berlin", &b), ERR_OK);
        cr_assert_eq(zone_open(buf_span(&b), &u.plant.zone), ERR_OK);
        buf_fini(&b);
        unit_log_shift(&u, 0, 0, NULL);
        u.calendar.shift = shift;
        u.calendar.shift_n = 3;
        (void)unit_log_signal(&u, ROLE_STATE);
        const int64_t end = start[i] + (16 + night[i]) * HOUR;
        const struct sums s = unit_log_compute(&u, start[i], end);
        for (size_t k = 0; k < u.cells.n; k++)
            of_shift[u.cells.at[k].ctx.shift] += sums_time(&u.cells.at[k].sums);
        cr_expect_eq(of_shift[2], night[i] * HOUR);
        cr_expect_eq(of_shift[0], 8 * HOUR);
        cr_expect_eq(of_shift[1], 8 * HOUR);
        cr_expect_eq(sums_time(&s), (16 + night[i]) * HOUR);
        unit_log_fini(&u);
    }
}
