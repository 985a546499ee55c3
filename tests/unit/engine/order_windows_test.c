/* Hours of orders, for a database: what counts in them, what has them told anew, and since when a
 * store has them. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/hash.h"
#include "core_rig.h"
#include "engine/parts.h"

#define T(minutes) (T0 + (minutes)*MIN)
#define PRESS SIM_FIRST_UNIT

static struct window_key key_of(struct bench *b, const char *order, int64_t start_ms) {
    const struct core *c = b->station.core;
    return (struct window_key){.node = PRESS,
                               .kind = WINDOW_ORDER,
                               .product = core_find_word(c, span_str("bolt")),
                               .order = core_find_word(c, span_str(order)),
                               .start_ms = start_ms};
}

static struct window hour_of(struct bench *b, const char *order) {
    const struct window_key key = key_of(b, order, T0);
    struct window w = {0};
    cr_assert(station_window(&b->station, &key, &w), "%s", order);
    return w;
}

static void pass(struct bench *b, unsigned from, unsigned to) {
    for (unsigned i = from; i <= to; i++)
        bench_at(b, T(i));
}

static uint64_t enter(struct bench *b, const struct act *a) {
    struct core_act_answer out;
    enum err err = core_on_act(b->station.core, a, b->station.now, &out);
    cr_assert_eq(err, ERR_OK, "%s: %s %s", err_name(err), out.refusal.field, out.refusal.why);
    return out.n;
}

static struct act plan(const char *key, int64_t begin_ms, int64_t pieces) {
    return (struct act){.kind = ACT_PLAN,
                        .key = span_str(key),
                        .unit = span_str("press"),
                        .t0_ms = begin_ms,
                        .t1_ms = ACT_FOR_GOOD,
                        .value = pieces * PIECE,
                        .text = span_str("o-1"),
                        .product = span_str("bolt"),
                        .who = span_str("planner")};
}

static struct act voided(const char *key, uint64_t n) {
    return (struct act){
        .kind = ACT_VOID, .key = span_str(key), .value = (int64_t)n, .who = span_str("planner")};
}

/* The press worked on o-1 for half an hour: what its hour has, the order's has. */
Test(order_windows, an_order_has_hours) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    const struct window w = hour_of(&b, "o-1"), all = bench_window(&b, PRESS, WINDOW_HOUR, T0);
    expect_first_half_hour(&w.sums);
    cr_expect(sums_equal(&w.sums, &all.sums));
    cr_expect_eq(w.end_ms, T0 + UTC_HOUR_MS);
    pass(&b, 31, 77);
    cr_expect_eq(hour_of(&b, "o-1").life, WINDOW_SETTLED);
    cr_expect_eq(hour_of(&b, "o-1").revision, 0);
    bench_close(&b);
}

/* The stop from 06:10 to 06:20 was another order's; then it was not. */
Test(order_windows, a_correction_moves_them_and_leaves_zeros) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    pass(&b, 31, 77);
    const struct act other = {.kind = ACT_ORDER,
                              .key = span_str("k1"),
                              .unit = span_str("press"),
                              .t0_ms = T(10),
                              .t1_ms = T(20),
                              .text = span_str("o-2"),
                              .who = span_str("foreman")};
    const uint64_t n = enter(&b, &other);
    pass(&b, 78, 95);
    cr_expect_eq(hour_of(&b, "o-1").sums.q[QTY_TIME + CAT_DELAY], 0);
    cr_expect_eq(hour_of(&b, "o-1").sums.q[QTY_TIME + CAT_PRODUCTION], 20 * MIN);
    cr_expect_eq(hour_of(&b, "o-1").revision, 1);
    cr_expect_eq(hour_of(&b, "o-1").cause, RESTATE_CORRECTION);
    cr_expect_eq(hour_of(&b, "o-2").sums.q[QTY_TIME + CAT_DELAY], 10 * MIN);
    cr_expect_eq(hour_of(&b, "o-2").life, WINDOW_SETTLED);
    const struct act v = voided("k2", n);
    (void)enter(&b, &v);
    pass(&b, 96, 98);
    const struct window emptied = hour_of(&b, "o-2"), first = hour_of(&b, "o-1");
    cr_expect(sums_zero(&emptied.sums));
    cr_expect_eq(emptied.life, WINDOW_RESTATED);
    expect_first_half_hour(&first.sums);
    cr_expect_eq(hour_of(&b, "o-1").revision, 2);
    bench_close(&b);
}

Test(order_windows, a_plan_has_them_told_anew_and_nothing_else) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    pass(&b, 31, 77);
    const struct act later = plan("p1", T(60), 400), now = plan("p2", T(5), 450);
    (void)enter(&b, &later);
    pass(&b, 78, 80);
    cr_expect_eq(hour_of(&b, "o-1").revision, 0, "it ended before that plan begins");
    const uint64_t n = enter(&b, &now);
    pass(&b, 81, 83);
    cr_expect_eq(hour_of(&b, "o-1").revision, 1);
    cr_expect_eq(hour_of(&b, "o-1").cause, RESTATE_CORRECTION);
    const struct window again = hour_of(&b, "o-1");
    expect_first_half_hour(&again.sums);
    cr_expect_eq(bench_window(&b, PRESS, WINDOW_HOUR, T0).revision, 0);
    const struct act v = voided("v2", n);
    (void)enter(&b, &v);
    pass(&b, 84, 86);
    cr_expect_eq(hour_of(&b, "o-1").revision, 2);
    bench_close(&b);
}

/* Killed when the entry is committed and the hour is not read yet: it stands in the unit's row. */
Test(order_windows, a_death_does_not_forget_what_is_to_be_told_anew) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    pass(&b, 31, 77);
    bench_restart(&b, T(78)); /* nothing but what is open is in memory */
    const struct act a = plan("p1", T(5), 450);
    b.station.by_hand = true;
    const uint64_t n = enter(&b, &a);
    cr_assert_eq(station_tick(&b.station, (struct core_now){T(79), 70000}), ERR_OK);
    station_kill(&b.station, 1);
    b.station.by_hand = false;
    cr_assert_eq(station_start(&b.station, (struct core_now){T(80), 1000}, 11), ERR_OK);
    cr_assert(core_act_durable(b.station.core, n));
    cr_assert_eq(core_acts(b.station.core), 1u);
    pass(&b, 81, 83);
    cr_expect_eq(hour_of(&b, "o-1").revision, 1);
    bench_close(&b);
}

/* A planned stop that lies ahead moves the end of the plan, and no minute. */
Test(order_windows, another_calendar_has_planned_ones_told_anew) {
    static const struct plant_stop stop[] = {
        {T0 + 4 * UTC_HOUR_MS, T0 + 5 * UTC_HOUR_MS, "cleaning"}};
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    pass(&b, 31, 77);
    struct plant_calendar with_stop = b.plant->calendar[0];
    with_stop.stop = stop;
    with_stop.stop_n = 1;
    const struct plant_calendar *before = b.plant->calendar;
    b.plant->calendar = &with_stop;
    bench_restart(&b, T(78));
    pass(&b, 79, 81);
    cr_expect_eq(hour_of(&b, "o-1").revision, 0, "nothing is planned");
    const struct act a = plan("p1", T(5), 450);
    (void)enter(&b, &a);
    pass(&b, 82, 84);
    cr_expect_eq(hour_of(&b, "o-1").revision, 1);
    b.plant->calendar = before;
    bench_restart(&b, T(85));
    pass(&b, 86, 88);
    cr_expect_eq(hour_of(&b, "o-1").revision, 2);
    cr_expect_eq(bench_window(&b, PRESS, WINDOW_HOUR, T0).revision, 0);
    bench_restart(&b, T(89));
    pass(&b, 90, 92);
    cr_expect_eq(hour_of(&b, "o-1").revision, 2, "the same file");
    bench_close(&b);
}

static void on_committed(void *user, enum err err) {
    *(enum err *)user = err;
}

/* A unit's row before it had a fourth set of ranges and facts of the plant file. */
static void on_unit(void *user, enum err err, const struct store_rows *rows) {
    struct store_tx *tx = user;
    cr_assert_eq(err, ERR_OK);
    for (size_t i = 0; i < rows->n; i++) {
        const struct store_item *row = &rows->at[i];
        struct cursor v = cursor_of(row->value);
        struct ranges set = {0};
        struct buf old;
        int64_t known_ms = 0;
        buf_init(&old);
        cr_assert_eq(cursor_take_svarint(&v, &known_ms), ERR_OK);
        for (unsigned k = 0; k < 3; k++)
            cr_assert_eq(ranges_unpack(&v, &set), ERR_OK);
        free(set.at);
        cr_assert_eq(buf_add(&old, row->value.p, row->value.n - cursor_left(&v)), ERR_OK);
        cr_assert_eq(buf_add_le32(&old, crc32c(buf_span(&old))), ERR_OK);
        cr_assert_eq(store_tx_add(tx, STORE_PUT, STORE_UNIT, row->key, buf_span(&old)), ERR_OK);
        buf_fini(&old);
    }
    cr_assert_gt(rows->n, 0u);
}

/* The store as a version wrote it that knew no windows of orders. */
static void make_older(struct bench *b) {
    const struct store_range units = {.table = STORE_UNIT};
    struct store *s = b->station.store;
    struct store_tx *tx = malloc(sizeof *tx);
    enum err err = ERR_STATE;
    cr_assert_not_null(tx);
    store_tx_init(tx);
    cr_assert_eq(s->ops->load_now(s, &units, 1, on_unit, tx), ERR_OK);
    cr_assert_eq(store_tx_add(tx, STORE_DELETE, STORE_META, span_str("orders"), span_of(NULL, 0)),
                 ERR_OK);
    cr_assert_eq(s->ops->commit(s, tx, on_committed, &err), ERR_OK);
    while (store_memory_step(s)) {
    }
    cr_assert_eq(err, ERR_OK);
}

/* Cells that it holds already count in none, so a later one must not either, nor be taken away. */
Test(order_windows, an_older_store_has_them_from_its_next_midnight_on) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    station_kill(&b.station, 0);
    make_older(&b);
    cr_assert_eq(station_start(&b.station, (struct core_now){T(31), 1000}, 9), ERR_OK);
    script_asof(&b.gw1, T(30), T(40));
    script_int(&b.gw1, b.total, T(40), 170);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    bench_at(&b, T(40));
    cr_expect_eq(bench_window(&b, PRESS, WINDOW_HOUR, T0).sums.q[QTY_PQ], 70 * PIECE);
    cr_expect_eq(hour_of(&b, "o-1").sums.q[QTY_PQ], 60 * PIECE, "as it stood");
    bench_restart(&b, T(41)); /* and that is kept */
    const int64_t day = UTC_DAY_MS / MIN;
    script_asof(&b.gw1, T(40), T(day + 10));
    script_int(&b.gw1, b.total, T(day), 180);
    script_int(&b.gw1, b.total, T(day + 10), 200);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    bench_at(&b, T(day + 10));
    const struct window_key before = key_of(&b, "o-1", SIM_DAY0 + 23 * UTC_HOUR_MS),
                            first = key_of(&b, "o-1", SIM_DAY0 + UTC_DAY_MS),
                            next = key_of(&b, "o-1", T(day));
    struct window w = {0};
    cr_expect_not(station_window(&b.station, &before, &w));
    cr_assert(station_window(&b.station, &first, &w));
    cr_assert(station_window(&b.station, &next, &w));
    cr_expect_eq(w.sums.q[QTY_PQ], 20 * PIECE);
    bench_close(&b);
}
