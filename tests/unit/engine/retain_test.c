/* What leaves the store, and when: an hour of pieces each day for a fortnight; logs are kept two
 * days, cells four, windows six; what reaches beyond its minute or day, two days longer. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"
#include "window/lives.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define PIECE INT64_C(1000000)
#define WH INT64_C(1000000)

enum { LOG_DAYS = 2, CELL_DAYS = 4, WINDOW_DAYS = 6, SPARE_DAYS = 2, PRESS = 2 };

struct bench {
    struct plant *plant;
    struct station station;
    struct script gw1;
    uint16_t state, total, energy, order;
    int64_t wall_ms, mono_ms;
};

static struct bench bench;

static void pass(int64_t ms) {
    bench.wall_ms += ms;
    bench.mono_ms += ms;
    cr_assert_eq(station_tick(&bench.station, (struct core_now){bench.wall_ms, bench.mono_ms}),
                 ERR_OK);
    cr_assert_eq(station_settle(&bench.station), ERR_OK);
}

static void until(int64_t wall_ms) {
    while (bench.wall_ms < wall_ms)
        pass(10 * MIN);
}

static void start(void) {
    cr_assert_eq(station_start(&bench.station, (struct core_now){bench.wall_ms, bench.mono_ms}, 5),
                 ERR_OK);
    script_init(&bench.gw1, &bench.station, "gw1", (uint64_t)bench.mono_ms + 100);
    bench.state = script_point(&bench.gw1, "state", POINT_STATE, 1);
    bench.total = script_point(&bench.gw1, "total", POINT_COUNTER, PIECE);
    bench.energy = script_point(&bench.gw1, "energy", POINT_REGISTER, WH);
    bench.order = script_point(&bench.gw1, "order", POINT_STATE, 1);
    cr_assert_eq(script_hello(&bench.gw1), ERR_OK);
    cr_assert_eq(script_key(&bench.gw1, bench.wall_ms), ERR_OK);
}

static void bench_open(void) {
    bench = (struct bench){.wall_ms = T0, .mono_ms = 1000};
    cr_assert_eq(line_plant_open(&bench.plant), ERR_OK);
    bench.plant->keep_logs_ms = LOG_DAYS * UTC_DAY_MS;
    bench.plant->keep_cells_ms = CELL_DAYS * UTC_DAY_MS;
    bench.plant->keep_windows_ms = WINDOW_DAYS * UTC_DAY_MS;
    cr_assert_eq(station_init(&bench.station, bench.plant), ERR_OK);
    bench.station.conf.hours_max = 1;
    start();
}

static void bench_close(void) {
    script_fini(&bench.gw1);
    station_fini(&bench.station);
    plant_close(bench.plant);
}

TestSuite(retain, .init = bench_open, .fini = bench_close);

/* Six pieces in the first hour of the day. */
static void day(int d) {
    int64_t begin = T0 + d * UTC_DAY_MS;
    until(begin);
    for (int i = 0; i <= 6; i++) {
        script_asof(&bench.gw1, begin, begin + i * 10 * MIN);
        script_int(&bench.gw1, bench.state, begin + i * 10 * MIN, MACHINE_RUN);
        script_int(&bench.gw1, bench.total, begin + i * 10 * MIN, 1000 + 6 * d + i);
        cr_assert_eq(script_send(&bench.gw1), ERR_OK);
        until(begin + (i + 1) * 10 * MIN);
    }
}

/* --- what is in the store ------------------------------------------------------------------- */

struct found {
    unsigned n, pieces; /* rows; of plain days of the press: whole pieces */
    int64_t least_ms;
};

static int64_t hour_at(const uint8_t *k) {
    return (int64_t)((uint32_t)k[0] << 24 | (uint32_t)k[1] << 16 | (uint32_t)k[2] << 8 | k[3]) *
           UTC_HOUR_MS;
}

static void see(struct found *f, int64_t t_ms) {
    f->least_ms = f->n++ && f->least_ms < t_ms ? f->least_ms : t_ms;
}

static void see_window(struct found *f, const struct store_item *row) {
    struct window w = {0};
    cr_assert_eq(window_key_unpack(row->key, &w.key), ERR_OK);
    cr_assert_eq(window_unpack(row->value, &w), ERR_OK);
    see(f, w.key.start_ms);
    if (w.key.node == PRESS && w.key.kind == WINDOW_DAY && !w.key.product && !w.key.team)
        f->pieces += (unsigned)((w.sums.q[QTY_PQ] + w.sums.q[QTY_PQ_UNKNOWN]) / PIECE);
}

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct found *f = user;
    cr_assert_eq(err, ERR_OK);
    for (size_t i = 0; i < rows->n; i++) {
        const struct store_item *row = &rows->at[i];
        uint32_t node = 0;
        int64_t hour = 0;
        if (row->table == STORE_LOG)
            see(f, hour_at(row->key.p + 4));
        else if (row->table == STORE_CELL)
            see(f, hour_at(row->key.p + row->key.n - 4));
        else if (row->table == STORE_WINDOW)
            see_window(f, row);
        else if (row->key.p[0] == 1 && !lives_key_unpack(row->key, &node, &hour))
            see(f, hour * UTC_HOUR_MS);
    }
}

static struct found in(enum store_table table) {
    const struct store_range all = {.table = (uint8_t)table};
    struct found f = {0};
    cr_assert_eq(bench.station.store->ops->load_now(bench.station.store, &all, 1, on_rows, &f),
                 ERR_OK);
    return f;
}

/* The oldest row of a table is kept for so many days, and gone within an hour after. */
static void expect_kept(enum store_table table, int64_t days) {
    const struct found f = in(table);
    const int64_t age_ms = bench.wall_ms - f.least_ms;
    cr_expect(f.n > 0 && age_ms <= days * UTC_DAY_MS + 2 * UTC_HOUR_MS, "table %d: %u, %lld h",
              (int)table, f.n, (long long)(age_ms / UTC_HOUR_MS));
    cr_expect(age_ms >= (days - 1) * UTC_DAY_MS, "table %d: %lld h", (int)table,
              (long long)(age_ms / UTC_HOUR_MS));
}

Test(retain, each_kind_leaves_at_its_own_time) {
    for (int d = 0; d < 14; d++)
        day(d);
    expect_kept(STORE_LOG, LOG_DAYS + SPARE_DAYS);
    expect_kept(STORE_CELL, CELL_DAYS);
    expect_kept(STORE_MINUTE, CELL_DAYS);
    expect_kept(STORE_WINDOW, WINDOW_DAYS + SPARE_DAYS);
}

/* At 07:10 of day 13 windows are kept from day 5, 07:10: days 6 to 12 are there, six pieces each,
 * and the thirteenth is not over. */
Test(retain, what_is_kept_is_whole) {
    for (int d = 0; d < 14; d++)
        day(d);
    cr_expect_eq(in(STORE_WINDOW).pieces, 7 * 6, "%u", in(STORE_WINDOW).pieces);
}

/* A week is in the store when our clock is set a century ahead for three hours and back. */
Test(retain, a_wrong_clock_loses_a_day_an_hour) {
    for (int d = 0; d < 5; d++)
        day(d);
    const struct found before = in(STORE_LOG);
    const int64_t century = 36525 * UTC_DAY_MS;
    bench.wall_ms += century;
    for (int i = 0; i < 18; i++)
        pass(10 * MIN);
    bench.wall_ms -= century;
    pass(10 * MIN);
    const struct found after = in(STORE_LOG);
    cr_expect_gt(after.n, 0);
    cr_expect_leq(after.least_ms - before.least_ms, 4 * UTC_DAY_MS);
    const struct found windows = in(STORE_WINDOW);
    cr_expect_leq(windows.least_ms, T0 + 2 * UTC_DAY_MS);
    cr_expect_geq(windows.pieces, 2 * 6);
}

/* The clock of what leaves goes on where it was, whatever ours says at the start. */
Test(retain, a_restart_in_another_year_loses_a_day) {
    for (int d = 0; d < 5; d++)
        day(d);
    script_fini(&bench.gw1);
    station_kill(&bench.station, 9);
    bench.wall_ms += 3652 * UTC_DAY_MS;
    start();
    pass(10 * MIN);
    pass(10 * MIN);
    pass(10 * MIN);
    const struct found f = in(STORE_WINDOW);
    cr_expect_leq(f.least_ms, T0 - 6 * UTC_HOUR_MS + 2 * UTC_DAY_MS);
    cr_expect_gt(in(STORE_LOG).n, 0);
}

/* --- what comes too late ---------------------------------------------------------------------- */

static void restart(int64_t away_ms) {
    script_fini(&bench.gw1);
    station_kill(&bench.station, 9);
    bench.wall_ms += away_ms;
    bench.mono_ms += away_ms;
    start();
}

static struct sums sums_of(enum window_kind kind, uint32_t node, int64_t start_ms) {
    const struct window_key key = {.node = node, .kind = (uint8_t)kind, .start_ms = start_ms};
    struct window w = {0};
    cr_expect(station_window(&bench.station, &key, &w), "no window at %lld", (long long)start_ms);
    return w.sums;
}

static struct core_unplaced line(size_t i) {
    struct core_unplaced l = {0};
    cr_assert(core_unplaced_at(bench.station.core, i, &l), "no line %zu", i);
    return l;
}

/* Day 0 tells 6 pieces. On day 5 the horizon is day 3, and seven pieces of day 1 are told: the step
 * from day 0's last reading to it ends before the horizon. */
static void tell_late(void) {
    day(0);
    until(T0 + 5 * UTC_DAY_MS);
    script_asof(&bench.gw1, T0 + UTC_DAY_MS, T0 + UTC_DAY_MS + MIN);
    script_int(&bench.gw1, bench.total, T0 + UTC_DAY_MS, 1013);
    cr_assert_eq(script_send(&bench.gw1), ERR_OK);
    pass(10 * MIN);
}

static void expect_late_line(void) {
    const struct core_unplaced l = line(0);
    cr_expect_str_eq(l.unit->s, "press");
    cr_expect_str_eq(l.agent->s, "gw1");
    cr_expect_eq(l.day_ms, utc_floor(T0 + UTC_DAY_MS, UTC_DAY_MS));
    cr_expect_eq(l.amount[ROLE_TOTAL - ROLE_POWER], 7 * PIECE);
    cr_expect_geq(l.stretches, 1);
}

Test(retain, what_comes_behind_the_horizon_is_a_line_of_its_day) {
    struct core_unplaced none;
    tell_late();
    expect_late_line();
    cr_expect(!core_unplaced_at(bench.station.core, 1, &none));
    const struct sums s = sums_of(WINDOW_DAY, PRESS, T0 + UTC_DAY_MS - 6 * UTC_HOUR_MS);
    cr_expect_eq(s.q[QTY_PQ] + s.q[QTY_PQ_UNKNOWN], 0);
    cr_expect_eq(s.q[QTY_TIME + CAT_UNKNOWN] + s.q[QTY_TIME + CAT_NOT_SCHEDULED], UTC_DAY_MS);
}

Test(retain, its_line_is_there_after_a_restart_and_leaves_with_the_windows) {
    struct core_unplaced none;
    tell_late();
    restart(0);
    expect_late_line();
    for (int d = 6; d < 14; d++)
        until(T0 + d * UTC_DAY_MS);
    cr_expect(!core_unplaced_at(bench.station.core, 0, &none));
    restart(0);
    cr_expect(!core_unplaced_at(bench.station.core, 0, &none));
}

static void read_meter(int64_t since_ms, int64_t value) {
    script_asof(&bench.gw1, since_ms, bench.wall_ms);
    script_int(&bench.gw1, bench.energy, bench.wall_ms, value);
    cr_assert_eq(script_send(&bench.gw1), ERR_OK);
    pass(10 * MIN);
}

/* A meter is read on day 0 and 4,900 Wh later on day 5, at 06:00. The last sweep was in the hour
 * before, so the horizon is day 3, 05:00: they are spread over the 49 hours behind it, 100 Wh each,
 * and none goes to a day that is not computed any more. */
Test(retain, a_span_over_the_horizon_is_booked_behind_it_whole) {
    static const int64_t wh[] = {0, 0, 0, 1900, 2400, 600};
    int64_t sum = 0;
    day(0);
    read_meter(bench.wall_ms - MIN, 100);
    until(T0 + 5 * UTC_DAY_MS);
    read_meter(bench.wall_ms - MIN, 5000);
    for (int d = 0; d <= 5; d++) {
        const struct sums s = sums_of(WINDOW_DAY, PRESS, T0 + d * UTC_DAY_MS - 6 * UTC_HOUR_MS);
        /* Of 5/3 Wh a minute each gets whole microwatt-hours: less than one more or less. */
        cr_expect_leq(llabs(sums_energy(&s) - wh[d] * WH), 1440, "day %d: %lld", d,
                      (long long)sums_energy(&s));
        sum += sums_energy(&s);
    }
    cr_expect_eq(sum, 4900 * WH);
}

/* A span of four days ends on day 4; on day 5, 18:00, its first half lies before the horizon. A
 * late word of the machine on day 4 makes that day anew, and the days before it stay as they were:
 * nothing of the meter is lost or there twice. */
Test(retain, minutes_behind_the_horizon_keep_their_share_of_a_span) {
    int64_t before[5], sum = 0;
    day(0);
    read_meter(bench.wall_ms - MIN, 100);
    until(T0 + 4 * UTC_DAY_MS);
    read_meter(bench.wall_ms - MIN, 4900);
    for (int d = 0; d <= 4; d++) {
        const struct sums s = sums_of(WINDOW_DAY, PRESS, T0 + d * UTC_DAY_MS - 6 * UTC_HOUR_MS);
        before[d] = sums_energy(&s);
    }
    until(T0 + 5 * UTC_DAY_MS + 12 * UTC_HOUR_MS);
    script_text(&bench.gw1, bench.order, T0 + 4 * UTC_DAY_MS - 2 * UTC_HOUR_MS, "o-1");
    cr_assert_eq(script_send(&bench.gw1), ERR_OK);
    pass(10 * MIN);
    for (int d = 0; d <= 4; d++) {
        const struct sums s = sums_of(WINDOW_DAY, PRESS, T0 + d * UTC_DAY_MS - 6 * UTC_HOUR_MS);
        cr_expect_eq(sums_energy(&s), before[d]);
        sum += sums_energy(&s);
    }
    cr_expect_eq(sum, 4800 * WH);
}

/* Logs of day 0 are gone when commissioning begins, its cells are not: what counted above leaves
 * the line as it was counted, and nothing of the unit itself is computed anew. */
Test(retain, commissioning_moves_old_minutes_as_they_are) {
    const int64_t day0 = T0 - 6 * UTC_HOUR_MS;
    enum { LINE = 1 };
    day(0);
    until(T0 + 3 * UTC_DAY_MS + 18 * UTC_HOUR_MS);
    const struct sums own = sums_of(WINDOW_DAY, PRESS, day0);
    const struct sums whole = sums_of(WINDOW_DAY, LINE, day0);
    cr_assert_eq(own.q[QTY_PQ], 6 * PIECE);
    ((struct plant_unit *)bench.plant->unit)[0].commissioning =
        (struct plant_term){INT64_MIN, INT64_MAX};
    restart(10 * MIN);
    until(bench.wall_ms + UTC_HOUR_MS);
    const struct sums own_now = sums_of(WINDOW_DAY, PRESS, day0);
    const struct sums without = sums_of(WINDOW_DAY, LINE, day0);
    cr_expect(sums_equal(&own, &own_now));
    cr_expect_eq(sums_time(&whole) - sums_time(&without), UTC_DAY_MS);
    cr_expect_eq(whole.q[QTY_TIME + CAT_PRODUCTION] - without.q[QTY_TIME + CAT_PRODUCTION],
                 own.q[QTY_TIME + CAT_PRODUCTION]);
}

/* Six days of silence of the aggregator, three times as long as logs are kept: no day of them is
 * without its 24 hours. */
Test(retain, a_stop_longer_than_logs_leaves_no_day_out) {
    day(0);
    restart(6 * UTC_DAY_MS);
    pass(10 * MIN);
    for (int d = 0; d <= 5; d++) {
        const struct sums s = sums_of(WINDOW_DAY, PRESS, T0 + d * UTC_DAY_MS - 6 * UTC_HOUR_MS);
        cr_expect_eq(sums_time(&s), UTC_DAY_MS, "day %d: %lld", d, (long long)sums_time(&s));
    }
}

/* A machine that runs for six days without another word of its state: each of its days is there,
 * and its log is told hour by hour, so nothing of it is late. */
Test(retain, a_state_longer_than_logs_leaves_no_day_out) {
    struct core_unplaced none;
    day(0);
    for (int64_t t = bench.wall_ms; t < T0 + 6 * UTC_DAY_MS; t += UTC_HOUR_MS) {
        until(t);
        script_asof(&bench.gw1, T0, bench.wall_ms);
        cr_assert_eq(script_send(&bench.gw1), ERR_OK);
    }
    pass(10 * MIN);
    for (int d = 1; d <= 5; d++) {
        const struct sums s = sums_of(WINDOW_DAY, PRESS, T0 + d * UTC_DAY_MS - 6 * UTC_HOUR_MS);
        cr_expect_eq(sums_time(&s), UTC_DAY_MS);
        cr_expect_eq(s.q[QTY_TIME + CAT_UNKNOWN], 0);
    }
    cr_expect(!core_unplaced_at(bench.station.core, 0, &none));
}

/* The machine runs in an hour of which the aggregator believes that it is a year later: it is
 * computed all the same, for the horizon did not move. */
Test(retain, a_wrong_clock_for_an_hour_unplaces_nothing) {
    struct core_unplaced none;
    day(0);
    const int64_t begin = bench.wall_ms, year = 365 * UTC_DAY_MS;
    bench.wall_ms += year;
    for (int i = 1; i <= 3; i++) {
        script_asof(&bench.gw1, begin, begin + i * 10 * MIN);
        script_int(&bench.gw1, bench.total, begin + i * 10 * MIN, 1006 + i);
        cr_assert_eq(script_send(&bench.gw1), ERR_OK);
        pass(10 * MIN);
    }
    bench.wall_ms -= year;
    pass(10 * MIN);
    const struct sums s = sums_of(WINDOW_HOUR, PRESS, utc_floor(begin, UTC_HOUR_MS));
    cr_expect_eq(s.q[QTY_PQ] + s.q[QTY_PQ_UNKNOWN], 3 * PIECE);
    cr_expect(!core_unplaced_at(bench.station.core, 0, &none));
}

static unsigned longs(void) {
    static const uint8_t from[] = {0x80, 0, 0, 0};
    const struct store_range range = {.table = STORE_LOG, .from = {from, 4}};
    struct found f = {0};
    bench.station.store->ops->load_now(bench.station.store, &range, 1, on_rows, &f);
    return f.n;
}

/* Spans over an hour lie apart from the hours of the log, and leave with them: the one of day 0 is
 * two hours long, and on day 6 nothing asks for it any more. */
Test(retain, long_spans_leave_with_their_hours) {
    day(0);
    read_meter(bench.wall_ms - MIN, 100);
    until(bench.wall_ms + 2 * UTC_HOUR_MS);
    read_meter(bench.wall_ms - MIN, 105);
    cr_expect_eq(longs(), 1);
    until(T0 + 6 * UTC_DAY_MS);
    cr_expect_eq(longs(), 0);
}
