#include <criterion/criterion.h>
#include <stdlib.h>

#include "unit_log.h"

#define T0 (DAY0 + 8 * HOUR)

static int64_t time_of(const struct sums *s, enum category c) {
    return s->q[QTY_TIME + (unsigned)c];
}

static int64_t delay_of(const struct sums *s, enum cause c) {
    return s->q[QTY_DELAY + (unsigned)c];
}

Test(timeline, time_without_data_is_unknown) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_state(&u, state, T0 + 10 * SEC, T0 + 40 * SEC, MACHINE_RUN);
    const struct sums s = unit_log_compute(&u, T0, T0 + MIN);
    cr_expect_eq(time_of(&s, CAT_PRODUCTION), 30 * SEC);
    cr_expect_eq(time_of(&s, CAT_UNKNOWN), 30 * SEC);
    cr_expect_eq(sums_time(&s), MIN);
    unit_log_fini(&u);
}

Test(timeline, nothing_is_booked_beyond_the_present) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_state(&u, state, T0, T0 + 10 * MIN, MACHINE_RUN);
    u.known_ms = T0 + 150 * SEC;
    const struct sums s = unit_log_compute(&u, T0, T0 + 5 * MIN);
    cr_expect_eq(sums_time(&s), 150 * SEC);
    cr_expect_eq(u.cells.n, 3u);
    unit_log_fini(&u);
}

Test(timeline, a_stop_under_the_limit_is_a_micro_stop_over_minute_borders) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_state(&u, state, T0 - HOUR, T0 + 30 * SEC, MACHINE_RUN);
    log_state(&u, state, T0 + 30 * SEC, T0 + 329999, MACHINE_HELD); /* 299.999 s */
    log_state(&u, state, T0 + 329999, T0 + HOUR, MACHINE_RUN);
    struct sums s = unit_log_compute(&u, T0 + 2 * MIN, T0 + 3 * MIN);
    cr_expect_eq(delay_of(&s, CAUSE_MICRO_STOP), MIN, "also in a minute from its midst");
    cr_expect_eq(s.q[QTY_STOPS], 0, "it did not begin in this minute");
    s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(delay_of(&s, CAUSE_MICRO_STOP), 299999);
    cr_expect_eq(s.q[QTY_STOPS], 1);
    unit_log_fini(&u);
}

Test(timeline, a_stop_of_the_limit_is_unstated) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_state(&u, state, T0 - HOUR, T0, MACHINE_RUN);
    log_state(&u, state, T0, T0 + 5 * MIN, MACHINE_HELD);
    log_state(&u, state, T0 + 5 * MIN, T0 + HOUR, MACHINE_RUN);
    const struct sums s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(delay_of(&s, CAUSE_UNSTATED), 5 * MIN);
    cr_expect_eq(delay_of(&s, CAUSE_MICRO_STOP), 0);
    unit_log_fini(&u);
}

Test(timeline, a_stop_whose_end_nobody_saw_stays_unstated) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_state(&u, state, T0, T0 + MIN, MACHINE_RUN);
    log_state(&u, state, T0 + MIN, T0 + 2 * MIN, MACHINE_HELD);
    const struct sums s = unit_log_compute(&u, T0, T0 + 10 * MIN);
    cr_expect_eq(delay_of(&s, CAUSE_UNSTATED), MIN);
    cr_expect_eq(s.q[QTY_STOPS], 1);
    cr_expect_eq(time_of(&s, CAT_UNKNOWN), 8 * MIN);
    unit_log_fini(&u);
}

Test(timeline, a_stated_cause_stays_and_the_stop_is_measured_whole) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    /* One stop: failed 1 min, held 1 min, blocked 4 min = 6 min, over the limit. */
    log_state(&u, state, T0, T0 + MIN, MACHINE_RUN);
    log_state(&u, state, T0 + MIN, T0 + 2 * MIN, MACHINE_FAILED);
    log_state(&u, state, T0 + 2 * MIN, T0 + 3 * MIN, MACHINE_HELD);
    log_state(&u, state, T0 + 3 * MIN, T0 + 7 * MIN, MACHINE_BLOCKED);
    log_state(&u, state, T0 + 7 * MIN, T0 + 20 * MIN, MACHINE_RUN);
    /* A short failure keeps its cause; the part nobody explained is a micro-stop. */
    log_state(&u, state, T0 + 20 * MIN, T0 + 21 * MIN, MACHINE_FAILED);
    log_state(&u, state, T0 + 21 * MIN, T0 + 22 * MIN, MACHINE_HELD);
    log_state(&u, state, T0 + 22 * MIN, T0 + 30 * MIN, MACHINE_RUN);
    const struct sums s = unit_log_compute(&u, T0, T0 + 30 * MIN);
    cr_expect_eq(delay_of(&s, CAUSE_FAILURE), 2 * MIN);
    cr_expect_eq(delay_of(&s, CAUSE_UNSTATED), MIN);
    cr_expect_eq(delay_of(&s, CAUSE_MICRO_STOP), MIN);
    cr_expect_eq(delay_of(&s, CAUSE_BLOCKED), 4 * MIN);
    cr_expect_eq(s.q[QTY_STOPS], 2);
    cr_expect_eq(s.q[QTY_FAILURES], 2);
    cr_expect_eq(s.q[QTY_REPAIRS], 2);
    cr_expect_eq(s.q[QTY_REPAIR_TIME], 2 * MIN, "so a minute each");
    cr_expect_eq(s.q[QTY_PRICED_MICRO], MIN);
    unit_log_fini(&u);
}

Test(timeline, a_failure_over_a_break_is_one_failure_and_a_gap_begins_none) {
    static const int32_t pause[] = {9 * 60, 9 * 60 + 30};
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    unit_log_shift(&u, 8 * 60, 16 * 60, pause);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_state(&u, state, T0, T0 + 50 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 50 * MIN, T0 + 100 * MIN, MACHINE_FAILED);
    log_state(&u, state, T0 + 110 * MIN, T0 + 120 * MIN, MACHINE_FAILED);
    const struct sums s = unit_log_compute(&u, T0, T0 + 2 * HOUR);
    cr_expect_eq(delay_of(&s, CAUSE_FAILURE), 30 * MIN);
    cr_expect_eq(time_of(&s, CAT_PLANNED_DOWN), 30 * MIN);
    cr_expect_eq(s.q[QTY_FAILURES], 1);
    cr_expect_eq(s.q[QTY_STOPS], 2, "before and after the break");
    cr_expect_eq(s.q[QTY_REPAIRS], 0, "nobody saw an end");
    cr_expect_eq(s.q[QTY_REPAIR_TIME], 30 * MIN, "the break is none of it");
    unit_log_fini(&u);
}

Test(timeline, running_outside_the_calendar_is_shown) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    unit_log_shift(&u, 9 * 60, 10 * 60, NULL);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_state(&u, state, T0 + 30 * MIN, T0 + 90 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 90 * MIN, T0 + 150 * MIN, MACHINE_STOPPED);
    const struct sums s = unit_log_compute(&u, T0, T0 + 3 * HOUR);
    cr_expect_eq(time_of(&s, CAT_PRODUCTION), HOUR);
    cr_expect_eq(s.q[QTY_UNPLANNED_RUN], 30 * MIN);
    cr_expect_eq(time_of(&s, CAT_DELAY), 30 * MIN);
    cr_expect_eq(time_of(&s, CAT_NOT_SCHEDULED), 30 * MIN);
    cr_expect_eq(time_of(&s, CAT_UNKNOWN), HOUR);
    cr_expect_eq(s.q[QTY_UNKNOWN_OFF], HOUR, "8:00 to 8:30 and 10:30 to 11:00");
    cr_expect_eq(u.cells.at[0].ctx.shift, UINT32_MAX);
    cr_expect_eq(u.cells.at[60].ctx.shift, 0u);
    cr_expect_eq(u.cells.at[60].ctx.shift_day, (int32_t)(DAY0 / UTC_DAY_MS));
    unit_log_fini(&u);
}

Test(timeline, the_order_decides_between_delay_and_no_order) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t order = unit_log_signal(&u, ROLE_ORDER);
    log_state(&u, state, T0, T0 + 30 * MIN, MACHINE_STOPPED);
    log_word(&u, order, T0 + 10 * MIN, T0 + 20 * MIN, "a-17");
    log_word(&u, order, T0 + 20 * MIN, T0 + 30 * MIN, "");
    const struct sums s = unit_log_compute(&u, T0, T0 + 30 * MIN);
    cr_expect_eq(time_of(&s, CAT_DELAY), 10 * MIN);
    cr_expect_eq(time_of(&s, CAT_DOWN_NO_ORDER), 20 * MIN);
    cr_expect_eq(u.cells.at[10].ctx.order, unit_log_word(&u, "a-17"));
    cr_expect_eq(u.cells.at[20].ctx.order, 0u);
    unit_log_fini(&u);
}

Test(timeline, idle_after_a_change_of_product_is_setup_until_it_runs) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t product = unit_log_signal(&u, ROLE_PRODUCT);
    log_word(&u, product, T0 - 10 * MIN, T0 + 10 * MIN, "bolt");
    log_word(&u, product, T0 + 10 * MIN, T0 + 60 * MIN, "nut");
    log_state(&u, state, T0 - 10 * MIN, T0 + 5 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 5 * MIN, T0 + 25 * MIN, MACHINE_IDLE);
    log_state(&u, state, T0 + 25 * MIN, T0 + 30 * MIN, MACHINE_RUN);
    log_state(&u, state, T0 + 30 * MIN, T0 + 40 * MIN, MACHINE_IDLE);
    struct sums s = unit_log_compute(&u, T0, T0 + 40 * MIN);
    cr_expect_eq(time_of(&s, CAT_SETUP), 15 * MIN, "from 10 to 25");
    cr_expect_eq(time_of(&s, CAT_DELAY), 15 * MIN, "5 to 10 and 30 to 40");
    s = unit_log_compute(&u, T0 + 20 * MIN, T0 + 21 * MIN);
    cr_expect_eq(time_of(&s, CAT_SETUP), MIN, "a minute alone says the same");
    unit_log_fini(&u);
}

Test(timeline, a_changeover_lasts_an_hour_at_most) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t product = unit_log_signal(&u, ROLE_PRODUCT);
    log_word(&u, product, T0 - HOUR, T0, "bolt");
    log_word(&u, product, T0, T0 + HOUR, "nut");
    log_word(&u, product, T0 + HOUR, T0 + 2 * HOUR, "nut");
    log_state(&u, state, T0 - HOUR, T0 + 2 * HOUR, MACHINE_IDLE);
    const struct sums s = unit_log_compute(&u, T0 - HOUR, T0 + 2 * HOUR);
    cr_expect_eq(time_of(&s, CAT_SETUP), HOUR);
    cr_expect_eq(time_of(&s, CAT_DELAY), 2 * HOUR);
    unit_log_fini(&u);
}

/* off < 1 kW <= idle < 5 kW <= running, hysteresis 0.5 kW. */
static void power_unit(struct unit_log *u) {
    unit_log_init(u, STATE_POWER);
    u->unit.idle_above_uw = INT64_C(1000) * 1000000;
    u->unit.run_above_uw = INT64_C(5000) * 1000000;
    u->unit.power_hysteresis_uw = INT64_C(500) * 1000000;
}

Test(timeline, power_tells_the_state_with_hysteresis) {
    struct unit_log u;
    power_unit(&u);
    const uint32_t power = unit_log_signal(&u, ROLE_POWER);
    static const int64_t watt[] = {0, 900, 1000, 900, 400, 900, 4700, 5000, 4700, 4499, 4700, 0};
    for (int i = 0; i < 12; i++)
        log_power(&u, power, T0 + i * MIN, T0 + (i + 1) * MIN, watt[i] * 1000000);
    static const uint8_t expected[] = {MACHINE_OFF, MACHINE_OFF,  MACHINE_IDLE, MACHINE_IDLE,
                                       MACHINE_OFF, MACHINE_OFF,  MACHINE_IDLE, MACHINE_RUN,
                                       MACHINE_RUN, MACHINE_IDLE, MACHINE_IDLE, MACHINE_OFF};
    for (int i = 0; i < 12; i++) {
        const struct cell_input in = unit_log_input(&u, T0 + i * MIN, T0 + (i + 1) * MIN);
        struct cell_piece *piece = NULL;
        size_t n = 0;
        cr_assert_eq(cell_timeline(&in, &piece, &n), ERR_OK);
        cr_expect_eq(n, 1u);
        cr_expect_eq(piece[0].machine, expected[i], "minute %d", i);
        free(piece);
    }
    unit_log_fini(&u);
}

Test(timeline, three_phases_are_one_machine) {
    struct unit_log u;
    power_unit(&u);
    for (int i = 0; i < 3; i++)
        log_power(&u, unit_log_signal(&u, ROLE_POWER), T0, T0 + MIN, INT64_C(2000) * 1000000);
    const struct sums s = unit_log_compute(&u, T0, T0 + MIN);
    cr_expect_eq(time_of(&s, CAT_PRODUCTION), MIN, "6 kW in all");
    /* 2 kW for 10 s are 5,555,555.6 uWh, rounded once per slot; 18 slots. */
    cr_expect_eq(sums_energy(&s), 18 * INT64_C(5555556));
    unit_log_fini(&u);
}

Test(timeline, hysteresis_forgets_after_an_hour) {
    struct unit_log u;
    power_unit(&u);
    const uint32_t power = unit_log_signal(&u, ROLE_POWER);
    log_power(&u, power, T0, T0 + 10 * SEC, INT64_C(6000) * 1000000);
    log_power(&u, power, T0 + 10 * SEC, T0 + 90 * MIN, INT64_C(4700) * 1000000);
    const struct sums s = unit_log_compute(&u, T0, T0 + 90 * MIN);
    /* Slots that begin up to an hour after T0 run: the last one ends ten seconds later. */
    cr_expect_eq(time_of(&s, CAT_PRODUCTION), HOUR + 10 * SEC);
    cr_expect_eq(time_of(&s, CAT_DELAY), 30 * MIN - 10 * SEC);
    unit_log_fini(&u);
}

Test(timeline, pieces_tell_running_and_pauses) {
    struct unit_log u;
    unit_log_init(&u, STATE_COUNTS); /* 3 x 1 s */
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    log_span(&u, total, T0, T0 + 30 * SEC, 30 * PIECES);
    log_span(&u, total, T0 + 33 * SEC, T0 + 60 * SEC, 27 * PIECES);   /* a pause of 3 s: running */
    log_span(&u, total, T0 + 15 * MIN, T0 + 16 * MIN, 60 * PIECES);   /* 14 min: a stop */
    log_span(&u, total, T0 + 100 * MIN, T0 + 101 * MIN, 60 * PIECES); /* 84 min: nobody knows */
    const struct sums s = unit_log_compute(&u, T0, T0 + 102 * MIN);
    cr_expect_eq(time_of(&s, CAT_PRODUCTION), 3 * MIN);
    cr_expect_eq(time_of(&s, CAT_DELAY), 14 * MIN);
    cr_expect_eq(time_of(&s, CAT_UNKNOWN), 85 * MIN);
    cr_expect_eq(s.q[QTY_PQ], 177 * PIECES);
    unit_log_fini(&u);
}

Test(timeline, a_watched_counter_that_stands_still_is_a_stop) {
    struct unit_log u;
    unit_log_init(&u, STATE_COUNTS);
    const uint32_t total = unit_log_signal(&u, ROLE_TOTAL);
    log_span(&u, total, T0, T0 + MIN, 60 * PIECES);
    log_span(&u, total, T0 + MIN, T0 + 3 * MIN, 0);
    log_span(&u, total, T0 + 3 * MIN, T0 + 5 * MIN, 2 * PIECES); /* one a minute: unknown */
    const struct sums s = unit_log_compute(&u, T0, T0 + 5 * MIN);
    cr_expect_eq(time_of(&s, CAT_PRODUCTION), MIN);
    cr_expect_eq(time_of(&s, CAT_DELAY), 2 * MIN);
    cr_expect_eq(time_of(&s, CAT_UNKNOWN), 2 * MIN);
    cr_expect_eq(s.q[QTY_PQ_UNKNOWN], 2 * PIECES);
    unit_log_fini(&u);
}

Test(timeline, overlapping_rows_are_their_union) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    /* 8:00-9:00 setup, 8:30-10:00 production, 9:30-11:00 failed: setup 30, production 90, delay 60.
     */
    log_row(&u, state, T0, T0 + HOUR, 0, MACHINE_SETUP);
    log_row(&u, state, T0 + 30 * MIN, T0 + 2 * HOUR, 0, MACHINE_RUN);
    log_row(&u, state, T0 + 90 * MIN, T0 + 3 * HOUR, 0, MACHINE_FAILED);
    const struct sums s = unit_log_compute(&u, T0, T0 + 4 * HOUR);
    cr_expect_eq(time_of(&s, CAT_SETUP), 30 * MIN);
    cr_expect_eq(time_of(&s, CAT_PRODUCTION), 90 * MIN);
    cr_expect_eq(time_of(&s, CAT_DELAY), HOUR);
    cr_expect_eq(time_of(&s, CAT_UNKNOWN), HOUR);
    cr_expect_eq(s.q[QTY_WORK], 240 * MIN, "60 + 90 + 90 minutes of their own");
    unit_log_fini(&u);
}

Test(timeline, contexts_come_from_readings_rota_and_default) {
    static const struct ident team[] = {{"red"}};
    const struct plant_rota rota = {.first_day = 0, .days_each = 1, .team = team, .team_n = 1};
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    unit_log_shift(&u, 0, 0, NULL); /* all the day */
    u.calendar.rota = &rota;
    u.calendar.rota_n = 1;
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t product = unit_log_signal(&u, ROLE_PRODUCT);
    const uint32_t guest = unit_log_signal(&u, ROLE_TEAM);
    log_state(&u, state, T0, T0 + 3 * MIN, MACHINE_RUN);
    log_word(&u, product, T0 + MIN, T0 + 3 * MIN, "nut");
    log_word(&u, guest, T0 + 2 * MIN, T0 + 3 * MIN, "blue");
    (void)unit_log_compute(&u, T0, T0 + 3 * MIN);
    cr_assert_eq(u.cells.n, 3u);
    cr_expect_eq(u.cells.at[0].ctx.product, unit_log_word(&u, "bolt"));
    cr_expect_eq(u.cells.at[0].ctx.team, unit_log_word(&u, "red"));
    cr_expect_eq(u.cells.at[1].ctx.product, unit_log_word(&u, "nut"));
    cr_expect_eq(u.cells.at[1].ctx.team, unit_log_word(&u, "red"));
    cr_expect_eq(u.cells.at[2].ctx.team, unit_log_word(&u, "blue"));
    unit_log_fini(&u);
}

Test(timeline, words_and_codes_share_a_state_map) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    log_word(&u, state, T0, T0 + 30 * SEC, "Running");
    log_state(&u, state, T0 + 30 * SEC, T0 + 60 * SEC, 99);
    const struct sums s = unit_log_compute(&u, T0, T0 + MIN);
    cr_expect_eq(time_of(&s, CAT_PRODUCTION), 30 * SEC);
    cr_expect_eq(time_of(&s, CAT_UNKNOWN), 30 * SEC, "a code that no row names");
    unit_log_fini(&u);
}

Test(timeline, the_margin_is_small_where_no_history_counts) {
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    (void)unit_log_signal(&u, ROLE_STATE);
    cr_expect_eq(cell_margin_ms(&u.plant, 0), 6 * MIN);
    (void)unit_log_signal(&u, ROLE_PRODUCT);
    cr_expect_eq(cell_look_back_ms(&u.plant, 0), HOUR + 6 * MIN);
    cr_expect_eq(cell_look_ahead_ms(&u.plant, 0), 6 * MIN);
    u.unit.state_source = STATE_COUNTS;
    cr_expect_eq(cell_look_ahead_ms(&u.plant, 0), HOUR + 6 * MIN);
    unit_log_fini(&u);
}

/* A panel states the plant's own reasons, by id or by number: jam is a failure, "12" its code.
 * Nobody knows "jma"; a reason for another machine is none here; the name of a cause is that cause.
 */
Test(timeline, a_stated_reason_counts_under_its_cause) {
    static const struct ident other = {"press"};
    const struct plant_reason reason[] = {
        {.id = {"jam"},
         .kind = REASON_STOP,
         .cause = CAUSE_FAILURE,
         .parent = UINT32_MAX,
         .code = 12},
        {.id = {"belt"},
         .kind = REASON_STOP,
         .cause = CAUSE_QUALITY,
         .parent = UINT32_MAX,
         .code = PLANT_NO_CODE,
         .of = &other,
         .of_n = 1},
        {.id = {"burr"}, .kind = REASON_SCRAP, .parent = UINT32_MAX, .code = PLANT_NO_CODE}};
    const struct plant_node node = {.id = {"mill"}, .parent = UINT32_MAX};
    struct unit_log u;
    unit_log_init(&u, STATE_MAP);
    u.plant.reason = reason;
    u.plant.reason_n = 3;
    u.plant.node = &node;
    u.plant.node_n = 1;
    const uint32_t state = unit_log_signal(&u, ROLE_STATE);
    const uint32_t panel = unit_log_signal(&u, ROLE_REASON);
    log_state(&u, state, T0, T0 + 30 * MIN, MACHINE_HELD);
    log_word(&u, panel, T0, T0 + 2 * MIN, "jam");
    log_state(&u, panel, T0 + 2 * MIN, T0 + 5 * MIN, 12);
    log_word(&u, panel, T0 + 5 * MIN, T0 + 9 * MIN, "jma");
    log_word(&u, panel, T0 + 9 * MIN, T0 + 14 * MIN, "belt");
    log_word(&u, panel, T0 + 14 * MIN, T0 + 20 * MIN, "burr");
    log_word(&u, panel, T0 + 20 * MIN, T0 + 27 * MIN, "material");
    const struct sums s = unit_log_compute(&u, T0, T0 + 30 * MIN);
    cr_expect_eq(delay_of(&s, CAUSE_FAILURE), 5 * MIN);
    cr_expect_eq(delay_of(&s, CAUSE_OTHER), 15 * MIN);
    cr_expect_eq(delay_of(&s, CAUSE_MATERIAL), 7 * MIN);
    cr_expect_eq(delay_of(&s, CAUSE_UNSTATED), 3 * MIN);
    cr_expect_eq(delay_of(&s, CAUSE_QUALITY), 0);
    cr_expect_eq(s.q[QTY_STOPS], 0, "nobody saw its begin");
    unit_log_fini(&u);
}
