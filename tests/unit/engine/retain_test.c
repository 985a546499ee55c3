/* What leaves the store, and when: an hour of pieces each day for a fortnight; logs are kept two
 * days, cells four, windows six. */
#include <criterion/criterion.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"
#include "window/lives.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define PIECE INT64_C(1000000)

enum { LOG_DAYS = 2, CELL_DAYS = 4, WINDOW_DAYS = 6, SPARE_DAYS = 2, PRESS = 2 };

struct bench {
    struct plant *plant;
    struct station station;
    struct script gw1;
    uint16_t state, total;
    int64_t wall_ms, mono_ms;
};

static struct bench bench;

static void pass(int64_t ms) {
    bench.wall_ms += ms;
    bench.mono_ms += ms;
    cr_assert_eq(
        station_tick(&bench.station, (struct core_now){bench.wall_ms, bench.mono_ms}), ERR_OK);
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
    cr_assert_eq(script_hello(&bench.gw1), ERR_OK);
    cr_assert_eq(script_key(&bench.gw1, bench.wall_ms), ERR_OK);
}

static void bench_open(void) {
    bench = (struct bench){.wall_ms = T0, .mono_ms = 1000};
    cr_assert_eq(line_plant_open(&bench.plant), ERR_OK);
    bench.plant->log_days = LOG_DAYS;
    bench.plant->cell_days = CELL_DAYS;
    bench.plant->window_days = WINDOW_DAYS;
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
    cr_assert_eq(
        bench.station.store->ops->load_now(bench.station.store, &all, 1, on_rows, &f), ERR_OK);
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
    expect_kept(STORE_WINDOW, WINDOW_DAYS);
}

/* Days 8 to 12 have passed and are kept whole, six pieces each; the thirteenth is not over. */
Test(retain, what_is_kept_is_whole) {
    for (int d = 0; d < 14; d++)
        day(d);
    cr_expect_eq(in(STORE_WINDOW).pieces, 5 * 6, "%u", in(STORE_WINDOW).pieces);
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
