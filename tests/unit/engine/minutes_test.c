/* Minutes as windows, and history read page by page: what is stored of a press and a packer that
 * ran for an hour and a half. */
#include <criterion/criterion.h>

#include "engine/history.h"
#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS
#define PIECE INT64_C(1000000)

enum { SITE, LINE, PRESS, PACK };

struct bench {
    struct plant *plant;
    struct station station;
    struct script gw1, gw2;
    uint16_t state, total, product, pack_state, good;
    int64_t wall_ms;
    struct history_page page;
};

static void bench_begin(struct bench *b, uint8_t database_kinds) {
    *b = (struct bench){.wall_ms = T0};
    cr_assert_eq(line_plant_open(&b->plant), ERR_OK);
    cr_assert_eq(station_init(&b->station, b->plant), ERR_OK);
    b->station.conf.database_kinds = database_kinds;
    cr_assert_eq(station_start(&b->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(&b->gw1, &b->station, "gw1", 101);
    b->state = script_point(&b->gw1, "state", POINT_STATE, 1);
    b->total = script_point(&b->gw1, "total", POINT_COUNTER, PIECE);
    b->product = script_point(&b->gw1, "product", POINT_STATE, 1);
    b->gw1.point[b->product].sticky = true;
    script_init(&b->gw2, &b->station, "gw2", 202);
    b->pack_state = script_point(&b->gw2, "state", POINT_STATE, 1);
    b->good = script_point(&b->gw2, "good", POINT_COUNTER, PIECE);
}

static void bench_end(struct bench *b) {
    history_fini(&b->page);
    script_fini(&b->gw1);
    script_fini(&b->gw2);
    station_fini(&b->station);
    plant_close(b->plant);
}

static void at(struct bench *b, int64_t wall_ms) {
    b->wall_ms = wall_ms;
    cr_assert_eq(station_tick(&b->station, (struct core_now){wall_ms, 1000 + wall_ms - T0}),
                 ERR_OK);
    cr_assert_eq(station_settle(&b->station), ERR_OK);
}

static void pass(struct bench *b, int64_t to_ms) {
    for (int64_t t = b->wall_ms + MIN; t <= to_ms; t += MIN)
        at(b, t);
}

/* Press and packer run from 06:00 on; each makes a piece every 30 s, which its counter shows at
 * once.
 */
static void first_words(struct bench *b) {
    at(b, T0);
    cr_assert_eq(script_hello(&b->gw1), ERR_OK);
    cr_assert_eq(script_hello(&b->gw2), ERR_OK);
    cr_assert_eq(script_key(&b->gw1, T0), ERR_OK);
    cr_assert_eq(script_key(&b->gw2, T0), ERR_OK);
    script_int(&b->gw1, b->state, T0, MACHINE_RUN);
    script_int(&b->gw1, b->total, T0, 1000);
    script_text(&b->gw1, b->product, T0, "bolt");
    script_int(&b->gw2, b->pack_state, T0, MACHINE_RUN);
    script_int(&b->gw2, b->good, T0, 1000);
}

static void press_until(struct bench *b, int64_t from_min, int64_t until_min) {
    for (int64_t half = from_min * 2 + 1; half <= until_min * 2; half++)
        script_int(&b->gw1, b->total, T0 + half * MIN / 2, 1000 + half);
    script_asof(&b->gw1, T0 + from_min * MIN, T0 + until_min * MIN);
    cr_assert_eq(script_send(&b->gw1), ERR_OK);
}

static void pack_until(struct bench *b, int64_t from_min, int64_t until_min) {
    for (int64_t half = from_min * 2 + 1; half <= until_min * 2; half++)
        script_int(&b->gw2, b->good, T0 + half * MIN / 2, 1000 + half);
    script_asof(&b->gw2, T0 + from_min * MIN, T0 + until_min * MIN);
    cr_assert_eq(script_send(&b->gw2), ERR_OK);
}

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

static enum err ask(struct bench *b, struct history_query q) {
    const struct history_reader reader = {.load = load, .user = b->station.store};
    q.plant = b->plant;
    q.node_no = q.node; /* numbers are given in the order of the plant */
    q.limit = q.limit ? q.limit : HISTORY_LIMIT_MAX;
    history_fini(&b->page);
    return history_read(&q, &reader, &b->page);
}

static const struct window *minute_of(struct bench *b, uint32_t node, int64_t start_ms) {
    cr_assert_eq(ask(b, (struct history_query){.node = node,
                                               .kind = WINDOW_MINUTE,
                                               .from_ms = start_ms,
                                               .to_ms = start_ms + MIN}),
                 ERR_OK);
    cr_assert_eq(b->page.n, 1, "%zu minutes", b->page.n);
    return &b->page.at[0];
}

Test(minutes, a_minute_holds_its_part_of_every_quantity) {
    struct bench b;
    bench_begin(&b, 0);
    first_words(&b);
    press_until(&b, 0, 20);
    at(&b, T0 + 20 * MIN);
    const struct window *w = minute_of(&b, PRESS, T0 + 3 * MIN);
    cr_expect_eq(w->key.start_ms, T0 + 3 * MIN);
    cr_expect_eq(w->end_ms, T0 + 4 * MIN);
    cr_expect_eq(w->life, WINDOW_PROVISIONAL);
    cr_expect_eq(w->sums.q[QTY_TIME + CAT_PRODUCTION] + w->sums.q[QTY_TIME + CAT_DELAY] +
                     w->sums.q[QTY_TIME + CAT_DOWN_NO_ORDER],
                 MIN);
    /* One at 06:03:30, one at 06:04:00: booked at the end of what passed since the last reading. */
    cr_expect_eq(w->sums.q[QTY_PQ], 2 * PIECE);
    /* The line has two machines' time, and the pieces of its output alone. */
    w = minute_of(&b, LINE, T0 + 3 * MIN);
    cr_expect_eq(sums_time(&w->sums), 2 * MIN);
    cr_expect_eq(w->sums.q[QTY_PQ], 0);
    bench_end(&b);
}

/* L2: what a quarter has is what its fifteen minutes have, at every node. */
Test(minutes, minutes_add_up_to_their_quarter) {
    struct bench b;
    bench_begin(&b, 0);
    first_words(&b);
    press_until(&b, 0, 90);
    pack_until(&b, 0, 90);
    at(&b, T0 + 90 * MIN);
    for (uint32_t node = SITE; node <= PACK; node++) {
        for (int64_t t = SIM_DAY0; t < T0 + 90 * MIN; t += 15 * MIN) {
            struct window_key key = {.node = node, .kind = WINDOW_QUARTER, .start_ms = t};
            struct window quarter = {0};
            struct sums sum = {0};
            cr_assert(station_window(&b.station, &key, &quarter));
            cr_assert_eq(ask(&b, (struct history_query){.node = node,
                                                        .kind = WINDOW_MINUTE,
                                                        .from_ms = t,
                                                        .to_ms = t + 15 * MIN}),
                         ERR_OK);
            cr_expect_eq(b.page.n, 15);
            for (size_t i = 0; i < b.page.n; i++)
                sums_add(&sum, &b.page.at[i].sums);
            cr_expect(sums_equal(&sum, &quarter.sums), "node %u at %lld", node, (long long)t);
        }
    }
    bench_end(&b);
}

Test(minutes, a_minute_settles_as_its_data_have_passed) {
    struct bench b;
    bench_begin(&b, 0);
    first_words(&b);
    press_until(&b, 0, 20);
    at(&b, T0 + 20 * MIN);
    at(&b, T0 + 20 * MIN + 2000);
    /* Known up to 06:20, five minutes to settle: 06:14 is told, 06:15 is not. */
    cr_expect_eq(minute_of(&b, PRESS, T0 + 14 * MIN)->life, WINDOW_SETTLED);
    cr_expect_eq(minute_of(&b, PRESS, T0 + 14 * MIN)->revision, 0);
    cr_expect_eq(minute_of(&b, PRESS, T0 + 15 * MIN)->life, WINDOW_PROVISIONAL);
    /* The line waits for the packer, at most fifteen minutes: 06:04 has waited so long. */
    cr_expect_eq(minute_of(&b, LINE, T0 + 4 * MIN)->life, WINDOW_SETTLED);
    cr_expect_eq(minute_of(&b, LINE, T0 + 5 * MIN)->life, WINDOW_PROVISIONAL);
    bench_end(&b);
}

Test(minutes, late_data_restate_the_minutes_they_touch_and_no_other) {
    struct bench b;
    bench_begin(&b, 0);
    first_words(&b);
    press_until(&b, 0, 20);
    pass(&b, T0 + 60 * MIN); /* nothing more is heard */
    const struct window *w = minute_of(&b, PRESS, T0 + 30 * MIN);
    cr_expect_eq(w->life, WINDOW_SETTLED);
    cr_expect_eq(w->sums.q[QTY_TIME + CAT_UNKNOWN], MIN);
    /* A day later, when that hour is no longer in memory. */
    pass(&b, T0 + 180 * MIN);
    at(&b, T0 + UTC_DAY_MS);
    press_until(&b, 20, 40);
    pass(&b, T0 + UTC_DAY_MS + 3 * MIN);
    w = minute_of(&b, PRESS, T0 + 30 * MIN);
    cr_expect_eq(w->life, WINDOW_RESTATED);
    cr_expect_eq(w->revision, 1);
    cr_expect_eq(w->cause, RESTATE_LATE_DATA);
    cr_expect_eq(w->sums.q[QTY_TIME + CAT_UNKNOWN], 0);
    cr_expect_eq(w->sums.q[QTY_PQ], 2 * PIECE);
    cr_expect_not(w->changed);
    w = minute_of(&b, PRESS, T0 + 50 * MIN);
    cr_expect_eq(w->life, WINDOW_SETTLED, "nothing was said of it");
    cr_expect_eq(w->revision, 0);
    w = minute_of(&b, SITE, T0 + 30 * MIN);
    cr_expect_eq(w->revision, 1, "the site is told anew as well");
    w = minute_of(&b, PACK, T0 + 30 * MIN);
    cr_expect_eq(w->revision, 0, "the packer is not");
    /* And again, from what the store said of the first time. */
    pass(&b, T0 + UTC_DAY_MS + 180 * MIN);
    at(&b, T0 + 2 * UTC_DAY_MS);
    press_until(&b, 40, 60);
    pass(&b, T0 + 2 * UTC_DAY_MS + 3 * MIN);
    cr_expect_eq(minute_of(&b, PRESS, T0 + 50 * MIN)->revision, 1);
    cr_expect_eq(minute_of(&b, PRESS, T0 + 30 * MIN)->revision, 1);
    bench_end(&b);
}

Test(minutes, what_was_told_survives_a_kill) {
    struct bench b;
    bench_begin(&b, 0);
    first_words(&b);
    press_until(&b, 0, 20);
    at(&b, T0 + 20 * MIN);
    at(&b, T0 + 20 * MIN + 2000);
    station_kill(&b.station, 0);
    cr_assert_eq(station_start(&b.station, (struct core_now){T0 + 21 * MIN, 1000}, 9), ERR_OK);
    uint64_t before = core_stats(b.station.core)->minutes_settled;
    cr_expect_eq(before, 0);
    cr_expect_eq(minute_of(&b, PRESS, T0 + 14 * MIN)->life, WINDOW_SETTLED);
    /* It goes on with the minutes that were open, and tells none twice. */
    for (int64_t m = 21; m <= 40; m++) {
        struct core_now now = {T0 + m * MIN, 1000 + (m - 20) * MIN};
        cr_assert_eq(station_tick(&b.station, now), ERR_OK);
        cr_assert_eq(station_settle(&b.station), ERR_OK);
    }
    cr_expect_eq(minute_of(&b, PRESS, T0 + 20 * MIN)->life, WINDOW_SETTLED);
    cr_expect_eq(minute_of(&b, PRESS, T0 + 14 * MIN)->revision, 0);
    cr_expect_eq(core_stats(b.station.core)->minutes_restated, 0);
    bench_end(&b);
}

/* Rows of the outbox, and how many are minutes. */
struct rows {
    size_t minutes, all;
    struct window minute; /* of the press at 06:03 */
    struct window late;   /* of the line at 06:15 */
};

static void on_rows(void *user, enum err err, const struct store_rows *rows) {
    struct rows *r = user;
    cr_assert_eq(err, ERR_OK);
    r->all = rows->n;
    for (size_t i = 0; i < rows->n; i++) {
        struct window w = {0};
        cr_assert_eq(window_key_unpack(rows->at[i].key, &w.key), ERR_OK);
        cr_assert_eq(window_unpack(rows->at[i].value, &w), ERR_OK);
        r->minutes += w.key.kind == WINDOW_MINUTE;
        if (w.key.kind == WINDOW_MINUTE && w.key.node == PRESS && w.key.start_ms == T0 + 3 * MIN)
            r->minute = w;
        if (w.key.kind == WINDOW_MINUTE && w.key.node == LINE && w.key.start_ms == T0 + 15 * MIN)
            r->late = w;
    }
}

static struct rows outbox(struct bench *b) {
    const struct store_range all = {.table = STORE_OUTBOX};
    struct rows r = {0};
    struct store *s = b->station.store;
    cr_assert_eq(s->ops->load_now(s, &all, 1, on_rows, &r), ERR_OK);
    return r;
}

Test(minutes, a_database_gets_them_only_if_it_wants_them) {
    struct bench b;
    bench_begin(&b, 0);
    first_words(&b);
    press_until(&b, 0, 40);
    at(&b, T0 + 40 * MIN);
    at(&b, T0 + 41 * MIN);
    struct rows r = outbox(&b);
    cr_expect_eq(r.minutes, 0);
    cr_expect_gt(r.all, 0);
    bench_end(&b);
    bench_begin(&b, 1 << WINDOW_MINUTE);
    first_words(&b);
    press_until(&b, 0, 40);
    at(&b, T0 + 40 * MIN);
    at(&b, T0 + 41 * MIN);
    r = outbox(&b);
    cr_expect_eq(r.minutes, r.all, "and nothing that was not asked for");
    cr_expect_eq(r.minute.life, WINDOW_SETTLED);
    cr_expect_eq(r.minute.end_ms, T0 + 4 * MIN);
    cr_expect_eq(r.minute.sums.q[QTY_PQ], 2 * PIECE);
    cr_expect(r.minute.told.value >> IND_TIME_UTILIZATION & 1);
    bench_end(&b);
}

Test(minutes, a_restated_minute_goes_out_with_cells_that_must_be_loaded) {
    struct bench b;
    bench_begin(&b, 1 << WINDOW_MINUTE);
    b.station.conf.hours_max = 0; /* nothing stays in memory for long */
    station_kill(&b.station, 0);
    cr_assert_eq(station_start(&b.station, (struct core_now){T0, 1000}, 6), ERR_OK);
    first_words(&b);
    press_until(&b, 0, 20);
    pack_until(&b, 0, 10);
    pass(&b, T0 + 180 * MIN);
    at(&b, T0 + UTC_DAY_MS);
    pack_until(&b, 10, 20);
    pass(&b, T0 + UTC_DAY_MS + 3 * MIN);
    /* The line's minute has both machines, though only the packer's came late. */
    const struct window *w = minute_of(&b, LINE, T0 + 15 * MIN);
    cr_expect_eq(w->revision, 1);
    cr_expect_eq(sums_time(&w->sums), 2 * MIN);
    struct rows r = outbox(&b);
    cr_expect_eq(r.late.revision, 1);
    cr_expect(sums_equal(&r.late.sums, &w->sums));
    bench_end(&b);
}

/* --- pages --------------------------------------------------------------------------------------
 */

Test(history, pages_follow_each_other_without_gap_or_double) {
    struct bench b;
    bench_begin(&b, 0);
    first_words(&b);
    press_until(&b, 0, 90);
    pack_until(&b, 0, 90);
    at(&b, T0 + 90 * MIN);
    /* From midnight on: 7 h 30 min. */
    for (size_t limit = 1; limit < 500; limit = limit * 3 + 1) {
        struct history_query q = {.node = LINE,
                                  .kind = WINDOW_MINUTE,
                                  .limit = limit,
                                  .from_ms = SIM_DAY0 + 30000,
                                  .to_ms = T0 + UTC_DAY_MS};
        int64_t expected = SIM_DAY0 + MIN; /* the first that begins at or after from */
        size_t n = 0;
        do {
            cr_assert_eq(ask(&b, q), ERR_OK);
            cr_assert(b.page.n > 0 && b.page.n <= limit);
            for (size_t i = 0; i < b.page.n; i++, expected += MIN)
                cr_assert_eq(b.page.at[i].key.start_ms, expected);
            n += b.page.n;
            q.from_ms = b.page.next_ms;
        } while (b.page.next_ms != INT64_MAX);
        cr_expect_eq(n, 449);
    }
    struct history_query q = {.node = LINE,
                              .kind = WINDOW_QUARTER,
                              .limit = 7,
                              .from_ms = SIM_DAY0,
                              .to_ms = T0 + UTC_DAY_MS};
    size_t n = 0;
    for (; q.from_ms != INT64_MAX; q.from_ms = b.page.next_ms) {
        cr_assert_eq(ask(&b, q), ERR_OK);
        for (size_t i = 0; i < b.page.n; i++, n++)
            cr_assert_eq(b.page.at[i].key.start_ms, SIM_DAY0 + (int64_t)n * 15 * MIN);
    }
    cr_expect_eq(n, 30);
    bench_end(&b);
}

Test(history, a_window_that_moves_shows_what_was_told) {
    struct bench b;
    bench_begin(&b, 0);
    first_words(&b);
    press_until(&b, 0, 20);
    pass(&b, T0 + 80 * MIN);
    press_until(&b, 20, 40);
    /* The change is stored, the next revision is not told yet: restating waits up to a minute. */
    b.station.conf.checkpoint_ms = 1;
    cr_assert_eq(station_tick(&b.station, (struct core_now){b.wall_ms, 1300 + b.wall_ms - T0}),
                 ERR_OK);
    struct history_query q = {
        .node = PRESS, .kind = WINDOW_HOUR, .from_ms = T0, .to_ms = T0 + UTC_HOUR_MS};
    cr_assert_eq(ask(&b, q), ERR_OK);
    cr_assert_eq(b.page.n, 1);
    cr_expect_eq(b.page.at[0].revision, 0);
    cr_expect_eq(b.page.at[0].sums.q[QTY_TIME + CAT_UNKNOWN], 40 * MIN);
    pass(&b, b.wall_ms + 3 * MIN);
    cr_assert_eq(ask(&b, q), ERR_OK);
    cr_expect_eq(b.page.at[0].revision, 1);
    cr_expect_eq(b.page.at[0].life, WINDOW_RESTATED);
    cr_expect_eq(b.page.at[0].sums.q[QTY_TIME + CAT_UNKNOWN], 20 * MIN);
    bench_end(&b);
}

Test(history, products_and_teams_are_found_by_either) {
    struct bench b;
    bench_begin(&b, 0);
    first_words(&b);
    script_text(&b.gw1, b.product, T0 + 60 * MIN, "nut");
    press_until(&b, 0, 90);
    at(&b, T0 + 90 * MIN);
    const struct core *core = b.station.core;
    uint32_t nut = core_find_word(core, span_str("nut"));
    uint32_t red = core_find_word(core, span_str("red"));
    cr_assert(nut && red);
    struct history_query q = {.node = PRESS,
                              .kind = WINDOW_SHIFT,
                              .from_ms = SIM_DAY0,
                              .to_ms = SIM_DAY0 + UTC_DAY_MS,
                              .product = nut};
    cr_assert_eq(ask(&b, q), ERR_OK);
    cr_assert_eq(b.page.n, 1);
    /* Nuts were made from 07:00 to 07:30. */
    cr_expect_eq(sums_time(&b.page.at[0].sums), 30 * MIN);
    cr_expect(span_equal(history_word(&b.page, b.page.at[0].key.product), span_str("nut")));
    cr_expect(span_equal(history_word(&b.page, b.page.at[0].key.team), span_str("red")));
    q.product = 0;
    q.team = red;
    cr_assert_eq(ask(&b, q), ERR_OK);
    cr_expect_eq(b.page.n, 2, "one of each product: %zu", b.page.n);
    q.node = SITE;
    cr_assert_eq(ask(&b, q), ERR_OK);
    cr_expect_eq(b.page.n, 1, "the team over all units");
    q.limit = 1;
    q.node = PRESS;
    cr_assert_eq(ask(&b, q), ERR_OK);
    cr_expect_eq(b.page.n, 2, "what begins together stays together");
    cr_expect_eq(b.page.next_ms, INT64_MAX);
    bench_end(&b);
}

Test(history, an_empty_span_is_an_empty_page) {
    struct bench b;
    bench_begin(&b, 0);
    for (unsigned kind = WINDOW_MINUTE; kind < WINDOW_KIND_COUNT; kind++) {
        struct history_query q = {.node = PRESS,
                                  .kind = (enum window_kind)kind,
                                  .from_ms = INT64_MIN,
                                  .to_ms = INT64_MAX};
        cr_assert_eq(ask(&b, q), ERR_OK);
        cr_expect_eq(b.page.n, 0);
        cr_expect_eq(b.page.next_ms, INT64_MAX);
        q.from_ms = q.to_ms = T0;
        cr_expect_eq(ask(&b, q), ERR_OK);
    }
    bench_end(&b);
}
