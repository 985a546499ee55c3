/* The plant file is edited while the daemon is down: what it says of a time that has passed is
 * computed anew; what it says of the future, or as before, moves nothing. */
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
    struct plant_calendar calendar; /* the plant's, to be edited */
    struct plant_shift shift[2];
    struct station station;
    struct script gw1;
    uint16_t state, total, energy, order;
    unsigned kept_cuts;
};

static void on_note(void *user, const char *event, const char *detail) {
    struct bench *b = user;
    (void)detail;
    b->kept_cuts += strcmp(event, "shifts_stay_as_cut") == 0;
}

static struct plant_unit *press(struct bench *b) {
    return &((struct plant_unit *)b->plant->unit)[0]; /* in the plant's own arena */
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

/* An hour of the press: it runs, stands from 06:20 to 06:30 with an order, makes 360 bolts and
 * takes 3 kWh; then all is told. */
static void bench_open(struct bench *b) {
    *b = (struct bench){0};
    cr_assert_eq(line_plant_open_wide(&b->plant), ERR_OK);
    b->calendar = *b->plant->calendar;
    memcpy(b->shift, b->calendar.shift, sizeof b->shift);
    b->calendar.shift = b->shift;
    b->plant->calendar = &b->calendar;
    cr_assert_eq(station_init(&b->station, b->plant), ERR_OK);
    b->station.on_note = on_note;
    b->station.user = b;
    cr_assert_eq(station_start(&b->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    struct script *g = &b->gw1;
    script_init(g, &b->station, "gw1", 101);
    b->state = script_point(g, "state", POINT_STATE, 1);
    b->total = script_point(g, "total", POINT_COUNTER, PIECE);
    b->energy = script_point(g, "energy", POINT_REGISTER, WH);
    b->order = script_point(g, "order", POINT_STATE, 1);
    at(b, T0);
    cr_assert_eq(script_hello(g), ERR_OK);
    cr_assert_eq(script_key(g, T0), ERR_OK);
    script_asof(g, T0, T0 + 60 * MIN);
    script_int(g, b->state, T0, MACHINE_RUN);
    script_text(g, b->order, T0, "O-1");
    script_int(g, b->total, T0, 0);
    script_int(g, b->energy, T0, 5000);
    script_int(g, b->state, T0 + 20 * MIN, MACHINE_STOPPED);
    script_int(g, b->state, T0 + 30 * MIN, MACHINE_RUN);
    script_int(g, b->total, T0 + 30 * MIN, 144);
    script_int(g, b->total, T0 + 60 * MIN, 360);
    script_int(g, b->energy, T0 + 60 * MIN, 8000);
    cr_assert_eq(script_send(g), ERR_OK);
    for (int64_t t = T0 + 60 * MIN; t <= T0 + 80 * MIN; t += MIN)
        at(b, t);
}

static void bench_close(struct bench *b) {
    script_fini(&b->gw1);
    station_fini(&b->station);
    plant_close(b->plant);
}

static struct window hour(struct bench *b, uint32_t node) {
    struct window_key key = {.node = node, .kind = WINDOW_HOUR, .start_ms = T0};
    struct window w = {0};
    cr_assert(station_window(&b->station, &key, &w));
    return w;
}

static void expect_restated(const struct window *w) {
    cr_expect_eq(w->life, WINDOW_RESTATED);
    cr_expect_eq(w->revision, 1);
    cr_expect_eq(w->cause, RESTATE_CORRECTION);
}

Test(facts, the_same_plant_file_moves_nothing) {
    struct bench b;
    bench_open(&b);
    restart(&b, T0 + 90 * MIN);
    const struct window w = hour(&b, PRESS);
    cr_expect_eq(w.life, WINDOW_SETTLED);
    cr_expect_eq(w.revision, 0);
    cr_expect_eq(b.kept_cuts, 0);
    bench_close(&b);
}

Test(facts, a_planned_stop_put_in_afterwards_is_no_delay_any_more) {
    static const struct plant_stop stop[] = {{T0 + 20 * MIN, T0 + 30 * MIN, "maintenance"}};
    struct bench b;
    bench_open(&b);
    cr_expect_eq(hour(&b, PRESS).sums.q[QTY_TIME + CAT_DELAY], 10 * MIN);
    b.calendar.stop = stop;
    b.calendar.stop_n = 1;
    restart(&b, T0 + 90 * MIN);
    const struct window own = hour(&b, PRESS), line = hour(&b, LINE);
    cr_expect_eq(own.sums.q[QTY_TIME + CAT_DELAY], 0);
    cr_expect_eq(own.sums.q[QTY_TIME + CAT_PLANNED_DOWN], 10 * MIN);
    cr_expect_eq(line.sums.q[QTY_TIME + CAT_PLANNED_DOWN], 10 * MIN);
    expect_restated(&own);
    expect_restated(&line);
    restart(&b, T0 + 100 * MIN); /* it is known now */
    cr_expect_eq(hour(&b, PRESS).revision, 1);
    b.calendar.stop_n = 0;
    restart(&b, T0 + 110 * MIN);
    cr_expect_eq(hour(&b, PRESS).sums.q[QTY_TIME + CAT_DELAY], 10 * MIN, "back as it was");
    cr_expect_eq(hour(&b, PRESS).revision, 2);
    bench_close(&b);
}

/* 360 bolts at 10 s each; from 06:30 on at 8 s. 144 were made before. */
Test(facts, an_ideal_cycle_is_corrected_from_its_date_on) {
    static const struct plant_ideal ideal[] = {{0, INT64_C(10000000000), INT64_MIN},
                                               {0, INT64_C(8000000000), T0 + 30 * MIN},
                                               {1, INT64_C(20000000000), INT64_MIN}};
    struct bench b;
    bench_open(&b);
    const struct sums before = hour(&b, PRESS).sums;
    cr_expect_eq(before.q[QTY_PQ], 360 * PIECE);
    cr_expect(before.pri_pq == (__int128)360 * PIECE * 10000000000);
    press(&b)->ideal = ideal;
    press(&b)->ideal_n = 3;
    restart(&b, T0 + 90 * MIN);
    const struct window w = hour(&b, PRESS);
    expect_restated(&w);
    cr_expect_eq(w.sums.q[QTY_PQ], 360 * PIECE);
    cr_expect(w.sums.pri_pq ==
              (__int128)144 * PIECE * 10000000000 + (__int128)216 * PIECE * 8000000000);
    bench_close(&b);
}

/* The press has 2 of 3 parts of its crew. Normed 2 people: 80 of an hour's 120 min; from 06:30 on
 * 3: 40 + 60 min. That of a day to come moves nothing. */
Test(facts, a_manning_norm_is_corrected_from_its_date_on) {
    static const struct plant_manning norm[] = {
        {2, INT64_MIN}, {3, T0 + 30 * MIN}, {9, T0 + UTC_DAY_MS}};
    struct bench b;
    bench_open(&b);
    cr_expect_eq(hour(&b, PRESS).sums.q[QTY_MANNING_NORM], 80 * MIN);
    press(&b)->manning = norm;
    press(&b)->manning_n = 2;
    restart(&b, T0 + 90 * MIN);
    const struct window w = hour(&b, PRESS);
    expect_restated(&w);
    cr_expect_eq(w.sums.q[QTY_MANNING_NORM], 100 * MIN);
    press(&b)->manning_n = 3;
    restart(&b, T0 + 100 * MIN);
    cr_expect_eq(hour(&b, PRESS).revision, 1);
    bench_close(&b);
}

/* 3 kWh evenly over the hour: 1.5 kWh at 400 g and at 500 g of CO2. */
Test(facts, a_factor_of_co2_is_corrected_from_its_date_on) {
    static const struct plant_factor factor[] = {{INT64_MIN, 1000000, 400000},
                                                 {T0 + 30 * MIN, 1000000, 500000}};
    struct bench b;
    bench_open(&b);
    cr_expect_eq(hour(&b, PRESS).sums.q[QTY_CO2], 1200000);
    b.plant->carrier[CARRIER_ELECTRICITY].factor = factor;
    b.plant->carrier[CARRIER_ELECTRICITY].factor_n = 2;
    restart(&b, T0 + 90 * MIN);
    const struct window w = hour(&b, PRESS);
    expect_restated(&w);
    cr_expect_eq(w.sums.q[QTY_CO2], 600000 + 750000);
    bench_close(&b);
}

/* 0.2 a kWh; from 06:30 on 0.3. */
Test(facts, a_tariff_is_corrected_from_its_date_on) {
    static struct plant_tariff tariff[2];
    struct bench b;
    bench_open(&b);
    const struct plant_tariff *was = b.plant->tariff;
    cr_assert_eq(hour(&b, PRESS).sums.q[QTY_BAND_COST + BAND_NORMAL], 600000);
    tariff[0] = tariff[1] = *was;
    tariff[1].from_ms = T0 + 30 * MIN;
    tariff[1].price[BAND_NORMAL] = 300000;
    b.plant->tariff = tariff;
    b.plant->tariff_n = 2;
    restart(&b, T0 + 90 * MIN);
    const struct window w = hour(&b, PRESS);
    expect_restated(&w);
    cr_expect_eq(w.sums.q[QTY_BAND_COST + BAND_NORMAL], 300000 + 450000);
    bench_close(&b);
}

Test(facts, what_it_says_of_the_future_moves_nothing) {
    static const struct plant_stop stop[] = {{T0 + 300 * MIN, T0 + 310 * MIN, "maintenance"}};
    static const int32_t holiday[] = {20612};
    struct bench b;
    bench_open(&b);
    b.calendar.stop = stop;
    b.calendar.stop_n = 1;
    b.calendar.holiday = holiday;
    b.calendar.holiday_n = 1;
    restart(&b, T0 + 90 * MIN);
    cr_expect_eq(hour(&b, PRESS).revision, 0);
    cr_expect_eq(b.kept_cuts, 0);
    bench_close(&b);
}

/* The commit that holds what is dirty holds the new facts: dying before it, they are compared
 * again; dying behind it, the dirty minutes are worked off. */
Test(facts, a_death_before_or_behind_the_first_commit_loses_nothing) {
    static const struct plant_stop stop[] = {{T0 + 20 * MIN, T0 + 30 * MIN, "maintenance"}};
    struct bench b;
    bench_open(&b);
    b.calendar.stop = stop;
    b.calendar.stop_n = 1;
    b.station.by_hand = true;
    for (size_t written = 0; written < 2; written++) {
        station_kill(&b.station, 0);
        struct core_now now = {T0 + (90 + (int64_t)written) * MIN, 1000};
        cr_assert_eq(station_start(&b.station, now, 9), ERR_OK);
        for (unsigned i = 0; i < 4 && !b.station.calls; i++) {
            now.mono_ms += 1000;
            cr_assert_eq(station_tick(&b.station, now), ERR_OK);
        }
        cr_expect(b.station.calls, "a commit is under way");
        station_kill(&b.station, written);
        cr_assert_eq(station_start(&b.station, now, 9), ERR_OK);
    }
    b.station.by_hand = false;
    restart(&b, T0 + 95 * MIN);
    const struct window w = hour(&b, PRESS);
    cr_expect_eq(w.sums.q[QTY_TIME + CAT_PLANNED_DOWN], 10 * MIN);
    cr_expect_eq(w.revision, 1);
    bench_close(&b);
}

/* The early shift is said to have begun at 05:00: its window stays, and late pieces, which move the
 * hour, find no window of a shift that never was. */
/* Neither the first date in a file nor the last one that goes says anything of when shifts begin.
 */
Test(facts, a_date_that_comes_or_goes_cuts_no_shift_otherwise) {
    static const struct plant_stop stop = {T0 + 20 * MIN, T0 + 30 * MIN, "cleaning"};
    struct bench b;
    bench_open(&b);
    b.calendar.rota_n = b.calendar.holiday_n = 0;
    press(&b)->manning_n = 0;
    b.plant->tariff_n = 0;
    restart(&b, T0 + 90 * MIN);
    cr_expect_eq(b.kept_cuts, 0, "dates went");
    b.calendar.stop = &stop;
    b.calendar.stop_n = 1;
    restart(&b, T0 + 100 * MIN);
    cr_expect_eq(b.kept_cuts, 0, "a date came");
    struct window_key key = {.node = PRESS, .kind = WINDOW_SHIFT, .start_ms = T0};
    struct window shift = {0};
    cr_assert(station_window(&b.station, &key, &shift));
    cr_expect_eq(shift.sums.q[QTY_TIME + CAT_PLANNED_DOWN], 10 * MIN);
    bench_close(&b);
}

Test(facts, shifts_stay_as_they_were_cut_and_it_is_told) {
    struct bench b;
    struct window w = {0};
    bench_open(&b);
    struct window_key early = {.node = PRESS, .kind = WINDOW_SHIFT, .start_ms = T0};
    cr_assert(station_window(&b.station, &early, &w));
    cr_expect_eq(w.sums.q[QTY_PQ], 360 * PIECE);
    b.shift[0].start_min = 300;
    restart(&b, T0 + 90 * MIN);
    cr_expect_eq(b.kept_cuts, 2, "once a unit");
    script_restart(&b.gw1, 102);
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    cr_assert_eq(script_key(&b.gw1, T0 + 60 * MIN), ERR_OK);
    script_asof(&b.gw1, T0 + 60 * MIN, T0 + 91 * MIN);
    script_int(&b.gw1, b.state, T0 + 60 * MIN, MACHINE_RUN);
    script_text(&b.gw1, b.order, T0 + 60 * MIN, "O-1");
    script_int(&b.gw1, b.total, T0 + 62 * MIN, 400);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    for (int64_t t = T0 + 93 * MIN; t <= T0 + 96 * MIN; t += MIN)
        at(&b, t);
    struct window_key key = {.node = PRESS, .kind = WINDOW_HOUR, .start_ms = T0 + 60 * MIN};
    cr_assert(station_window(&b.station, &key, &w));
    cr_expect_eq(w.sums.q[QTY_PQ], 40 * PIECE);
    cr_assert(station_window(&b.station, &early, &w));
    cr_expect_eq(w.sums.q[QTY_PQ], 360 * PIECE, "as it was cut");
    early.start_ms = T0 - 60 * MIN;
    if (station_window(&b.station, &early, &w)) { /* from the restart on */
        cr_expect_geq(w.sums.q[QTY_TIME + CAT_UNKNOWN], 0);
        cr_expect_eq(w.sums.q[QTY_PQ], 0);
    }
    bench_close(&b);
}
