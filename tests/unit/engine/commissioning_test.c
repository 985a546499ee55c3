/* A unit in commissioning: its own windows are kept, nobody above counts it; what is accepted later
 * is counted back to its first day. */
#include <criterion/criterion.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define PIECE INT64_C(1000000)
#define WH INT64_C(1000000)
enum { LINE = 1, PRESS = 2 };

struct bench {
    struct plant *plant;
    struct station station;
    struct script gw1;
    uint16_t state, energy;
};

static void term(struct bench *b, struct plant_term t) {
    ((struct plant_unit *)b->plant->unit)[0].commissioning = t; /* in the plant's own arena */
}

static void commission(struct bench *b, bool flag) {
    const struct plant_term always = {INT64_MIN, INT64_MAX}, never = {0, 0};
    term(b, flag ? always : never);
}

static void bench_open(struct bench *b, bool commissioning) {
    cr_assert_eq(line_plant_open(&b->plant), ERR_OK);
    commission(b, commissioning);
    cr_assert_eq(station_init(&b->station, b->plant), ERR_OK);
    cr_assert_eq(station_start(&b->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(&b->gw1, &b->station, "gw1", 101);
    b->state = script_point(&b->gw1, "state", POINT_STATE, 1);
    b->energy = script_point(&b->gw1, "energy", POINT_REGISTER, WH);
    cr_assert_eq(station_tick(&b->station, (struct core_now){T0, 1000}), ERR_OK);
    cr_assert_eq(script_hello(&b->gw1), ERR_OK);
}

static void bench_close(struct bench *b) {
    script_fini(&b->gw1);
    station_fini(&b->station);
    plant_close(b->plant);
}

static void at(struct bench *b, int64_t wall_ms) {
    struct core_now now = {wall_ms, 1000 + wall_ms - T0};
    cr_assert_eq(station_tick(&b->station, now), ERR_OK);
    cr_assert_eq(station_settle(&b->station), ERR_OK);
}

static void restart(struct bench *b, int64_t wall_ms) {
    station_kill(&b->station, 0);
    cr_assert_eq(station_start(&b->station, (struct core_now){wall_ms, 1000}, 9), ERR_OK);
    for (int64_t t = wall_ms; t <= wall_ms + 3 * MIN; t += MIN)
        at(b, t);
}

static bool find(struct bench *b, uint32_t node, struct window *w) {
    struct window_key key = {.node = node, .kind = WINDOW_HOUR, .start_ms = T0};
    return station_window(&b->station, &key, w);
}

/* The press runs for an hour and takes 3 kWh. */
static void an_hour(struct bench *b) {
    struct script *g = &b->gw1;
    cr_assert_eq(script_key(g, T0), ERR_OK);
    script_asof(g, T0, T0 + 30 * MIN);
    script_int(g, b->state, T0, MACHINE_RUN);
    script_int(g, b->energy, T0, 5000);
    cr_assert_eq(script_send(g), ERR_OK);
    at(b, T0 + 30 * MIN);
    script_asof(g, T0, T0 + 60 * MIN);
    script_int(g, b->energy, T0 + 60 * MIN, 8000);
    cr_assert_eq(script_send(g), ERR_OK);
    for (int64_t t = T0 + 60 * MIN; t <= T0 + 80 * MIN; t += MIN)
        at(b, t);
}

Test(commissioning, its_own_windows_are_kept_and_no_one_above_counts_it) {
    struct bench b;
    struct window own = {0}, line = {0};
    bench_open(&b, true);
    an_hour(&b);
    cr_assert(find(&b, PRESS, &own));
    cr_expect_eq(own.sums.q[QTY_TIME + CAT_PRODUCTION], 60 * MIN);
    cr_expect_eq(sums_energy(&own.sums), 3000 * WH);
    if (find(&b, LINE, &line)) { /* of its other units */
        cr_expect_eq(line.sums.q[QTY_TIME + CAT_PRODUCTION], 0);
        cr_expect_eq(sums_energy(&line.sums), 0);
    }
    bench_close(&b);
}

Test(commissioning, what_is_accepted_counts_back_to_its_first_day) {
    struct bench b;
    struct window own = {0}, line = {0};
    bench_open(&b, true);
    an_hour(&b);
    cr_assert(find(&b, PRESS, &own));
    const uint32_t told = own.revision;
    commission(&b, false);
    restart(&b, T0 + 90 * MIN);
    cr_assert(find(&b, LINE, &line));
    cr_expect_eq(line.sums.q[QTY_TIME + CAT_PRODUCTION], 60 * MIN);
    cr_expect_eq(sums_energy(&line.sums), 3000 * WH);
    cr_expect(line.life != WINDOW_RESTATED || line.cause == RESTATE_CORRECTION);
    cr_assert(find(&b, PRESS, &own));
    cr_expect_eq(sums_energy(&own.sums), 3000 * WH, "once, not twice");
    cr_expect_eq(own.revision, told, "nothing of its own moved");
    bench_close(&b);
}

Test(commissioning, a_line_that_told_an_hour_without_it_restates_it_as_a_correction) {
    struct bench b;
    struct window line = {0};
    bench_open(&b, false);
    an_hour(&b);
    cr_assert(find(&b, LINE, &line));
    cr_expect_eq(line.life, WINDOW_SETTLED);
    commission(&b, true); /* and the other way round: it leaves */
    restart(&b, T0 + 90 * MIN);
    cr_assert(find(&b, LINE, &line));
    cr_expect_eq(line.sums.q[QTY_TIME + CAT_PRODUCTION], 0);
    cr_expect_eq(sums_energy(&line.sums), 0);
    cr_expect_eq(line.life, WINDOW_RESTATED);
    cr_expect_eq(line.revision, 1);
    cr_expect_eq(line.cause, RESTATE_CORRECTION);
    commission(&b, false);
    restart(&b, T0 + 100 * MIN);
    cr_assert(find(&b, LINE, &line));
    cr_expect_eq(sums_energy(&line.sums), 3000 * WH, "back as it was");
    cr_expect_eq(line.revision, 2);
    bench_close(&b);
}

/* The meter rises evenly by 3 kWh from six to seven o'clock; the press is accepted at 6:20. */
Test(commissioning, it_counts_from_the_minute_of_its_acceptance) {
    struct bench b;
    struct window own = {0}, line = {0};
    bench_open(&b, false);
    term(&b, (struct plant_term){INT64_MIN, T0 + 20 * MIN});
    an_hour(&b);
    cr_assert(find(&b, PRESS, &own));
    cr_assert(find(&b, LINE, &line));
    cr_expect_eq(own.sums.q[QTY_TIME + CAT_PRODUCTION], 60 * MIN);
    cr_expect_eq(line.sums.q[QTY_TIME + CAT_PRODUCTION], 40 * MIN);
    cr_expect_eq(sums_energy(&own.sums), 3000 * WH);
    cr_expect_eq(sums_energy(&line.sums), 2000 * WH);
    bench_close(&b);
}

Test(commissioning, another_date_moves_what_lies_between_and_nothing_else) {
    struct bench b;
    struct window own = {0}, line = {0};
    bench_open(&b, false);
    term(&b, (struct plant_term){T0 + 10 * MIN, T0 + 20 * MIN});
    an_hour(&b);
    cr_assert(find(&b, LINE, &line));
    cr_expect_eq(line.sums.q[QTY_TIME + CAT_PRODUCTION], 50 * MIN);
    cr_assert(find(&b, PRESS, &own));
    const uint32_t told = own.revision;
    static const struct {
        int64_t from_min, to_min, counts_min;
    } edits[] = {{5, 25, 40}, {30, 40, 50}, {0, 60, 0}, {30, 90, 30}, {10, 20, 50}, {0, 0, 60}};
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        term(&b, (struct plant_term){T0 + edits[i].from_min * MIN, T0 + edits[i].to_min * MIN});
        restart(&b, T0 + (100 + 10 * (int64_t)i) * MIN);
        cr_assert(find(&b, LINE, &line));
        cr_expect_eq(line.sums.q[QTY_TIME + CAT_PRODUCTION], edits[i].counts_min * MIN, "edit %zu",
                     i);
        cr_expect_eq(sums_energy(&line.sums), edits[i].counts_min * 50 * WH, "edit %zu", i);
        cr_expect_eq(line.cause, RESTATE_CORRECTION);
    }
    cr_assert(find(&b, PRESS, &own));
    cr_expect_eq(own.revision, told, "nothing of its own moved");
    bench_close(&b);
}

/* --- a point ------------------------------------------------------------------------------------
 */

/* In the plant's own arena, which line_plant_open() makes of constants. */
static void point_term(struct bench *b, size_t at, struct plant_term t) {
    struct plant_signal *all = plant_alloc(b->plant, b->plant->signal_n * sizeof *all);
    cr_assert_not_null(all);
    memcpy(all, b->plant->signal, b->plant->signal_n * sizeof *all);
    all[at].commissioning = t;
    b->plant->signal = all;
}

enum { PRESS_STATE = 0, PRESS_ENERGY = 2 };

/* Of 3 kWh in an hour two fall behind 6:20. The state counts on. */
Test(commissioning, a_point_counts_from_its_acceptance_and_its_unit_all_along) {
    struct bench b;
    struct window own = {0}, line = {0};
    bench_open(&b, false);
    point_term(&b, PRESS_ENERGY, (struct plant_term){INT64_MIN, T0 + 20 * MIN});
    an_hour(&b);
    cr_assert(find(&b, PRESS, &own));
    cr_expect_eq(own.sums.q[QTY_TIME + CAT_PRODUCTION], 60 * MIN);
    cr_expect_eq(sums_energy(&own.sums), 2000 * WH);
    cr_expect_eq(own.sums.q[QTY_ENERGY_SEEN], 40 * MIN, "it is not zero before: it is not seen");
    cr_assert(find(&b, LINE, &line));
    cr_expect_eq(sums_energy(&line.sums), 2000 * WH);
    bench_close(&b);
}

/* Unknown is not idle. */
Test(commissioning, a_state_in_commissioning_leaves_the_time_unknown) {
    struct bench b;
    struct window own = {0};
    bench_open(&b, false);
    point_term(&b, PRESS_STATE, (struct plant_term){T0 + 15 * MIN, T0 + 45 * MIN});
    an_hour(&b);
    cr_assert(find(&b, PRESS, &own));
    cr_expect_eq(own.sums.q[QTY_TIME + CAT_PRODUCTION], 30 * MIN);
    cr_expect_eq(own.sums.q[QTY_TIME + CAT_UNKNOWN], 30 * MIN);
    bench_close(&b);
}

Test(commissioning, another_date_of_a_point_restates_its_time_as_a_correction) {
    struct bench b;
    struct window own = {0};
    bench_open(&b, false);
    an_hour(&b);
    cr_assert(find(&b, PRESS, &own));
    cr_expect_eq(own.life, WINDOW_SETTLED);
    point_term(&b, PRESS_ENERGY, (struct plant_term){T0, T0 + 20 * MIN});
    restart(&b, T0 + 90 * MIN);
    cr_assert(find(&b, PRESS, &own));
    cr_expect_eq(sums_energy(&own.sums), 2000 * WH);
    cr_expect_eq(own.cause, RESTATE_CORRECTION);
    cr_expect_eq(own.revision, 1);
    point_term(&b, PRESS_ENERGY, (struct plant_term){0, 0});
    restart(&b, T0 + 100 * MIN);
    cr_assert(find(&b, PRESS, &own));
    cr_expect_eq(sums_energy(&own.sums), 3000 * WH, "as if it had always counted");
    cr_expect_eq(own.revision, 2);
    bench_close(&b);
}
