/* A dated factor that reaches behind the logs, through the whole core: three days of a meter and a
 * fortnight of keeping; logs are kept two days, cells ten. The press reads its register every ten
 * minutes of an hour a day, some Wh each, so that no share is a whole number of them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define WH INT64_C(1000000)
#define DAYS(n) ((n)*UTC_DAY_MS)

enum { LOG_DAYS = 2, CELL_DAYS = 10, SITE = 0, PRESS = 2, MINUTES = 60 * 24, WH_A_DAY = 60 };

struct bench {
    struct plant *plant;
    struct station station;
    struct script gw1;
    uint16_t state, energy;
    int64_t wall_ms, mono_ms, shown;
    unsigned entries;
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
    bench.energy = script_point(&bench.gw1, "energy", POINT_REGISTER, WH);
    (void)script_point(&bench.gw1, "total", POINT_COUNTER, 1000000);
    cr_assert_eq(script_hello(&bench.gw1), ERR_OK);
    cr_assert_eq(script_key(&bench.gw1, bench.wall_ms), ERR_OK);
}

static void bench_open(void) {
    bench = (struct bench){.wall_ms = T0, .mono_ms = 1000, .shown = 5000};
    cr_assert_eq(line_plant_open(&bench.plant), ERR_OK);
    bench.plant->keep_logs_ms = DAYS(LOG_DAYS);
    bench.plant->keep_cells_ms = DAYS(CELL_DAYS);
    bench.plant->keep_windows_ms = DAYS(3650);
    cr_assert_eq(station_init(&bench.station, bench.plant), ERR_OK);
    bench.station.conf.hours_max = 1;
    start();
}

static void bench_close(void) {
    script_fini(&bench.gw1);
    station_fini(&bench.station);
    plant_close(bench.plant);
}

TestSuite(kept, .init = bench_open, .fini = bench_close);

/* 60 Wh in the first hour of the day: 10 in each ten minutes, of which four are a stop. */
static void day(int d) {
    const int64_t begin = T0 + DAYS(d);
    until(begin);
    for (int i = 0; i <= 6; i++) {
        const int64_t t = begin + i * 10 * MIN;
        script_asof(&bench.gw1, begin, t);
        script_int(&bench.gw1, bench.state, t, MACHINE_RUN);
        if (i > 0)
            script_int(&bench.gw1, bench.state, t - 4 * MIN - 777, MACHINE_HELD);
        script_int(&bench.gw1, bench.energy, t, bench.shown + 10 * i);
        cr_assert_eq(script_send(&bench.gw1), ERR_OK);
        until(t + 10 * MIN);
    }
    bench.shown += WH_A_DAY;
}

/* --- what is there ------------------------------------------------------------------------------
 */

struct image { /* all windows and cells, values alone */
    struct buf bytes;
};

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct image *image = user;
    cr_assert_eq(err, ERR_OK);
    for (size_t i = 0; i < rows->n; i++) {
        const struct store_item *row = &rows->at[i];
        struct window w = {0};
        buf_add(&image->bytes, row->key.p, row->key.n);
        if (row->table == STORE_CELL) {
            buf_add(&image->bytes, row->value.p, row->value.n);
            continue;
        }
        cr_assert_eq(window_unpack(row->value, &w), ERR_OK);
        cr_assert_eq(sums_pack(&w.sums, &image->bytes), ERR_OK);
    }
}

static struct image take(void) {
    const struct store_range all[] = {{.table = STORE_CELL}, {.table = STORE_WINDOW}};
    struct image image;
    buf_init(&image.bytes);
    cr_assert_eq(bench.station.store->ops->load_now(bench.station.store, all, 2, on_rows, &image),
                 ERR_OK);
    cr_assert_gt(image.bytes.n, 0);
    return image;
}

static void expect_same(struct image *a, struct image *b) {
    cr_expect(a->bytes.n == b->bytes.n && memcmp(a->bytes.p, b->bytes.p, a->bytes.n) == 0,
              "%zu and %zu bytes", a->bytes.n, b->bytes.n);
    buf_fini(&a->bytes);
    buf_fini(&b->bytes);
}

static struct window window(uint32_t node, enum window_kind kind, int64_t start_ms) {
    const struct window_key key = {.node = node, .kind = (uint8_t)kind, .start_ms = start_ms};
    struct window w = {0};
    cr_assert(station_window(&bench.station, &key, &w), "no window at %lld", (long long)start_ms);
    return w;
}

static int64_t energy_of_day(int d) {
    const struct window w = window(PRESS, WINDOW_DAY, T0 - 6 * UTC_HOUR_MS + DAYS(d));
    return sums_energy(&w.sums);
}

/* --- entering ------------------------------------------------------------------------------------
 */

static struct act factor_of(const char *key, int64_t t0, int64_t t1, int64_t num, int64_t den) {
    return (struct act){.kind = ACT_FACTOR,
                        .key = span_str(key),
                        .agent = span_str("gw1"),
                        .point = span_str("energy"),
                        .t0_ms = t0,
                        .t1_ms = t1,
                        .value = num,
                        .value2 = den,
                        .who = span_str("energy office")};
}

static struct core_act_answer enter(const struct act *a, enum err expected) {
    struct core_act_answer out;
    enum err err = core_on_act(bench.station.core, a, bench.station.now, &out);
    cr_assert_eq(err, expected, "%s: %s %s", err_name(err), out.refusal.field, out.refusal.why);
    return out;
}

static uint64_t entered(const char *key, int64_t t0, int64_t t1, int64_t num, int64_t den) {
    const struct act a = factor_of(key, t0, t1, num, den);
    uint64_t n = enter(&a, ERR_OK).n;
    pass(MIN);
    return n;
}

static void voided(const char *key, uint64_t n) {
    const struct act a = {.kind = ACT_VOID,
                          .key = span_str(key),
                          .value = (int64_t)n,
                          .who = span_str("energy office")};
    (void)enter(&a, ERR_OK);
    pass(MIN);
}

static void three_days(void) {
    for (int d = 0; d < 3; d++)
        day(d);
    until(T0 + DAYS(4) + 2 * UTC_HOUR_MS); /* logs are kept from day 2, about 08:00 */
}

/* --- the law -------------------------------------------------------------------------------------
 */

/* By 3/2 from day 0 on: days 0 and 1 from their cells, day 2 from its log, 90 Wh each. */
Test(kept, a_factor_corrects_what_has_no_log_and_what_has) {
    three_days();
    day(4);
    const struct window before = window(SITE, WINDOW_DAY, T0 - 6 * UTC_HOUR_MS);
    (void)entered("k1", T0 - UTC_HOUR_MS, ACT_FOR_GOOD, 3, 2);
    for (int d = 0; d < 5; d++)
        cr_expect_eq(energy_of_day(d), d == 3 ? 0 : 90 * WH, "day %d: %lld", d,
                     (long long)energy_of_day(d));
    pass(2 * MIN);
    const struct window w = window(PRESS, WINDOW_HOUR, T0);
    cr_expect_eq(w.revision, 1);
    cr_expect_eq(w.cause, RESTATE_CORRECTION);
    cr_expect_eq(w.life, WINDOW_RESTATED);
    const struct window site = window(SITE, WINDOW_DAY, T0 - 6 * UTC_HOUR_MS);
    cr_expect_eq(sums_energy(&site.sums) - sums_energy(&before.sums), 30 * WH);
    cr_expect_eq(sums_time(&site.sums), sums_time(&before.sums));
}

/* Parts of the day: 06:00 to 07:00 by 7 minutes of energy, that is 7/60 of 60 Wh, doubled. */
Test(kept, of_what_has_no_log_only_its_time_is_corrected) {
    three_days();
    (void)entered("k1", T0 + 10 * MIN, T0 + 17 * MIN, 2, 1);
    cr_expect_eq(energy_of_day(0), 67 * WH, "%lld", (long long)energy_of_day(0));
    cr_expect_eq(energy_of_day(1), 60 * WH);
}

/* Day 2 is corrected from its log. When that is gone, another factor makes its minutes be looked at
 * again: it is not corrected twice. 60 Wh by 3/2, and 1/4 more: 105. Void, each takes its own. */
Test(kept, what_a_log_corrected_is_not_corrected_again_without_it) {
    three_days();
    const uint64_t n = entered("k1", T0 - UTC_HOUR_MS, T0 + DAYS(3), 3, 2);
    for (int d = 0; d < 3; d++)
        cr_assert_eq(energy_of_day(d), 90 * WH);
    until(T0 + DAYS(6));
    const uint64_t m = entered("k2", T0 - UTC_HOUR_MS, T0 + DAYS(4), 5, 4);
    for (int d = 0; d < 3; d++)
        cr_expect_eq(energy_of_day(d), 105 * WH, "day %d: %lld", d, (long long)energy_of_day(d));
    voided("v1", n);
    for (int d = 0; d < 3; d++)
        cr_expect_eq(energy_of_day(d), 75 * WH, "day %d: %lld", d, (long long)energy_of_day(d));
    voided("v2", m);
    for (int d = 0; d < 3; d++)
        cr_expect_eq(energy_of_day(d), 60 * WH, "day %d: %lld", d, (long long)energy_of_day(d));
}

static void on_put(void *user, enum err err) {
    (void)user;
    cr_assert_eq(err, ERR_OK);
}

static void forget(enum store_table table, const char *key) {
    struct store_tx *tx = calloc(1, sizeof *tx);
    cr_assert_not_null(tx);
    store_tx_init(tx);
    const struct span from = key ? span_str(key) : span_of("", 1);
    cr_assert_eq(key ? store_tx_add(tx, STORE_DELETE, table, from, span_of(NULL, 0))
                     : store_tx_add(tx, STORE_DELETE_RANGE, table, from, span_of("\xff", 1)),
                 ERR_OK);
    cr_assert_eq(bench.station.store->ops->commit(bench.station.store, tx, on_put, NULL), ERR_OK);
    cr_assert(store_memory_step(bench.station.store));
}

/* A store from before there was this: the factor is in the cells of day 2, whose log goes, and
 * nothing says so. Another one does not put it there again, and it stays when it is void: 60 Wh by
 * 3/2 and 1/4 of the 90 that are there more. */
Test(kept, an_entry_of_an_older_version_is_not_put_to_cells) {
    three_days();
    const uint64_t n = entered("k1", T0 + DAYS(2) - UTC_HOUR_MS, T0 + DAYS(3), 3, 2);
    cr_assert_eq(energy_of_day(2), 90 * WH);
    script_fini(&bench.gw1);
    station_kill(&bench.station, 9);
    forget(STORE_META, "scales");
    forget(STORE_KEPT, NULL);
    start();
    until(T0 + DAYS(6));
    const uint64_t m = entered("k2", T0 - UTC_HOUR_MS, T0 + DAYS(4), 5, 4);
    cr_expect_eq(energy_of_day(2), 225 * WH / 2, "%lld", (long long)energy_of_day(2));
    cr_expect_eq(energy_of_day(1), 75 * WH);
    voided("v2", m);
    cr_expect_eq(energy_of_day(2), 90 * WH);
    voided("v1", n);
    cr_expect_eq(energy_of_day(2), 90 * WH, "nothing is left to take it back from");
}

/* --- refusals ------------------------------------------------------------------------------------
 */

static void expect_refused(const struct act *a, const char *field, const char *part) {
    const struct core_act_answer out = enter(a, ERR_RANGE);
    cr_expect_str_eq(out.refusal.field, field);
    cr_expect(strstr(out.refusal.why, part), "%s", out.refusal.why);
}

/* The time that a refusal tells, at which the same is taken. */
static void enter_from_there(struct act *a) {
    const struct core_act_answer out = enter(a, ERR_RANGE);
    const char *from = strstr(out.refusal.why, "from 20");
    cr_assert_not_null(from, "%s", out.refusal.why);
    cr_assert_eq(utc_parse(span_of(from + 5, strcspn(from + 5, " ")), &a->t0_ms), ERR_OK);
    (void)enter(a, ERR_OK);
}

/* Pieces are refused behind the logs, which at T0 + 4 days and 2 hours are kept from day 2 on, the
 * hour of the last sweep. */
Test(kept, what_cells_do_not_tell_is_refused_with_the_time_from_which_it_can) {
    three_days();
    struct act a = factor_of("k1", T0, T0 + DAYS(3), 2, 1);
    a.point = span_str("total");
    expect_refused(&a, "from", "pieces of press are whole");
    enter_from_there(&a);
    cr_expect_geq(a.t0_ms, T0 + DAYS(2) + UTC_HOUR_MS);
    cr_expect_leq(a.t0_ms, T0 + DAYS(2) + 2 * UTC_HOUR_MS);
}

/* Cells are kept ten days: on day 12 those of day 0 are gone, and of day 2 there. */
Test(kept, what_has_no_cells_is_refused_with_the_time_from_which_it_can) {
    three_days();
    until(T0 + DAYS(12));
    struct act a = factor_of("k1", T0, T0 + DAYS(3), 2, 1);
    expect_refused(&a, "from", "keep_cells");
    enter_from_there(&a);
    cr_expect_geq(a.t0_ms, T0 + DAYS(2) - UTC_HOUR_MS);
    cr_expect_leq(a.t0_ms, T0 + DAYS(2) + UTC_HOUR_MS);
    pass(10 * MIN);
    cr_expect_eq(energy_of_day(0), 60 * WH, "its windows stay");
}

/* Two counters of pieces are corrected from the log of day 2, and the meter. When it is gone, the
 * meter's factor can be taken back, to the microunit, and of the others none alone. */
Test(kept, what_cells_do_not_tell_apart_is_not_taken_apart) {
    for (int d = 0; d < 3; d++)
        day(d);
    until(T0 + DAYS(3));
    struct act a = factor_of("k1", T0 + DAYS(2) - UTC_HOUR_MS, T0 + DAYS(3), 2, 1);
    const uint64_t meter = entered("k3", a.t0_ms, a.t1_ms, 3, 2);
    a.point = span_str("total");
    const uint64_t one = enter(&a, ERR_OK).n;
    a.key = span_str("k2");
    (void)enter(&a, ERR_OK);
    pass(MIN);
    until(T0 + DAYS(6));
    const struct act v = {.kind = ACT_VOID,
                          .key = span_str("v1"),
                          .value = (int64_t)one,
                          .who = span_str("energy office")};
    expect_refused(&v, "value", "hold entry 3");
    voided("v2", meter);
    cr_expect_leq(llabs(energy_of_day(2) - 60 * WH), 10, "%lld", (long long)energy_of_day(2));
}

/* --- entered and void is never entered -----------------------------------------------------------
 */

enum { ENTRIES = 6, WORLD_DAYS = 8 };

/* Steps of a linear congruence, as the simulation's. */
static unsigned draw(uint64_t *state, unsigned below) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*state >> 33) % below;
}

static bool try_enter(const struct act *a, uint64_t *n) {
    struct core_act_answer out;
    enum err err = core_on_act(bench.station.core, a, bench.station.now, &out);
    cr_assert(err == ERR_OK || strcmp(out.refusal.field, "from") == 0, "%s %s", out.refusal.field,
              out.refusal.why);
    *n = out.n;
    return err == ERR_OK;
}

/* A process that dies some ticks after the entry, while it is at work on it. */
static void die(uint64_t *state, bool with) {
    unsigned ticks = draw(state, 4), written = draw(state, 3);
    bench.wall_ms += MIN;
    bench.mono_ms += MIN;
    for (unsigned i = 0; i < ticks && with; i++)
        cr_assert_eq(
            station_tick(&bench.station, (struct core_now){bench.wall_ms, bench.mono_ms + i}),
            ERR_OK);
    script_fini(&bench.gw1);
    station_kill(&bench.station, written);
    start();
}

struct drawn {
    char key[16], void_key[16];
    struct act act;
    uint64_t n;
    bool is_in;
};

/* Its first try may die with the process, then it is sent again. */
static void enter_drawn(struct drawn *d, uint64_t *state, unsigned i, bool with) {
    static const int64_t num[] = {2, 1, 1000, 3, 1, 7}, den[] = {1, 3, 1237, 2, 1000000, 1};
    int64_t t0 = bench.wall_ms - (int64_t)draw(state, 6 * 24 * 60) * MIN + draw(state, 60000);
    int64_t t1 = draw(state, 4) ? t0 + (int64_t)draw(state, 48 * 60) * MIN + 1 : ACT_FOR_GOOD;
    unsigned k = draw(state, 6);
    t1 = t1 > bench.wall_ms && t1 != ACT_FOR_GOOD ? bench.wall_ms : t1;
    t0 = t0 > bench.wall_ms ? bench.wall_ms : t0;
    snprintf(d->key, sizeof d->key, "k%u", i);
    d->act = factor_of(d->key, t0, t1, num[k], den[k]);
    if (t0 < t1 && with)
        d->is_in = try_enter(&d->act, &d->n);
    die(state, with);
    if (d->is_in)
        d->is_in = try_enter(&d->act, &d->n);
}

static void void_drawn(struct drawn *d, uint64_t *state, unsigned i, bool with) {
    snprintf(d->void_key, sizeof d->void_key, "v%u", i);
    struct act a = {.kind = ACT_VOID, .key = span_str(d->void_key), .who = span_str("office")};
    for (int again = 0; again < 2; again++) {
        a.value = (int64_t)d->n;
        if (d->is_in)
            (void)enter(&a, ERR_OK);
        if (!again)
            die(state, with);
    }
}

/* A register that nobody read for hours: a factor that begins meanwhile changes all of them. */
static void long_span(unsigned hours) {
    until(bench.wall_ms + hours * UTC_HOUR_MS);
    bench.shown += 47;
    script_asof(&bench.gw1, bench.wall_ms - hours * UTC_HOUR_MS, bench.wall_ms);
    script_int(&bench.gw1, bench.energy, bench.wall_ms, bench.shown);
    cr_assert_eq(script_send(&bench.gw1), ERR_OK);
    pass(10 * MIN);
}

static struct image world(uint64_t seed, bool with) {
    struct drawn d[ENTRIES] = {0};
    uint64_t state = seed;
    unsigned n = 0, v = 0;
    for (int i = 0; i < WORLD_DAYS; i++) {
        day(i);
        if (draw(&state, 2))
            long_span(2 + draw(&state, 9));
        until(T0 + DAYS(i) + (int64_t)(2 + draw(&state, 20)) * UTC_HOUR_MS);
        if (i >= 1 && n < ENTRIES) {
            enter_drawn(&d[n], &state, n, with);
            n++;
        }
        pass(10 * MIN);
        if (i >= 3 && v < n && draw(&state, 2)) {
            void_drawn(&d[v], &state, v, with);
            v++;
        }
    }
    until(T0 + DAYS(WORLD_DAYS));
    for (; v < n; v++) {
        pass(10 * MIN);
        void_drawn(&d[v], &state, v, with);
    }
    pass(10 * MIN);
    for (int i = 0; i < 30; i++)
        pass(MIN);
    bench.entries = 0;
    for (unsigned i = 0; i < n; i++)
        bench.entries += d[i].is_in;
    return take();
}

Test(kept, entered_and_void_is_never_entered) {
    unsigned entries = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct image with = world(seed, true);
        entries += bench.entries;
        bench_close();
        bench_open();
        struct image without = world(seed, false);
        expect_same(&with, &without);
        bench_close();
        bench_open();
    }
    cr_expect_gt(entries, 40, "%u", entries);
}
