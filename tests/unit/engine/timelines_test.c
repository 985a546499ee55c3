/* Timelines out of the store: as the cells have them, up to what the slabs hold open. */
#include "engine/timelines.h"

#include <criterion/criterion.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS) /* Monday, the early shift begins */
#define MIN UTC_MINUTE_MS

enum { SITE, LINE, PRESS, PACK };

struct bench {
    struct plant *plant;
    struct station station;
    struct script gw1;
    uint16_t state, order;
    struct timelines found;
};

static void at(struct bench *b, int64_t wall_ms) {
    cr_assert_eq(station_tick(&b->station, (struct core_now){wall_ms, 1000 + wall_ms - T0}),
                 ERR_OK);
    cr_assert_eq(station_settle(&b->station), ERR_OK);
}

static void say(struct bench *b, int64_t from_min, int64_t to_min, int64_t machine) {
    script_int(&b->gw1, b->state, T0 + from_min * MIN, machine);
    script_asof(&b->gw1, T0, T0 + to_min * MIN);
    cr_assert_eq(script_send(&b->gw1), ERR_OK);
    at(b, T0 + to_min * MIN);
}

/* The press runs from 06:00, stands from 06:20 to 06:32, fails from 07:40 to 07:50 and runs since;
 * it is known up to 08:05. Nothing is heard of the packer. */
static void bench_begin(struct bench *b) {
    *b = (struct bench){0};
    cr_assert_eq(line_plant_open(&b->plant), ERR_OK);
    cr_assert_eq(station_init(&b->station, b->plant), ERR_OK);
    cr_assert_eq(station_start(&b->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(&b->gw1, &b->station, "gw1", 101);
    b->state = script_point(&b->gw1, "state", POINT_STATE, 1);
    b->order = script_point(&b->gw1, "order", POINT_STATE, 1);
    b->gw1.point[b->order].sticky = true;
    at(b, T0);
    cr_assert_eq(script_hello(&b->gw1), ERR_OK);
    cr_assert_eq(script_key(&b->gw1, T0), ERR_OK);
    script_text(&b->gw1, b->order, T0, "o-1");
    say(b, 0, 20, MACHINE_RUN);
    say(b, 20, 32, MACHINE_HELD);
    say(b, 32, 100, MACHINE_RUN);
    say(b, 100, 110, MACHINE_FAILED);
    say(b, 110, 125, MACHINE_RUN);
}

static void bench_end(struct bench *b) {
    timelines_fini(&b->found);
    script_fini(&b->gw1);
    station_fini(&b->station);
    plant_close(b->plant);
}

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

static const struct timeline *read_press(struct bench *b, int64_t from_ms, int64_t to_ms) {
    const struct history_reader reader = {.load = load, .user = b->station.store};
    struct timelines_query q = {
        .plant = b->plant, .node = PRESS, .from_ms = from_ms, .to_ms = to_ms};
    core_agents_of(b->station.core, q.node, false, q.agents);
    timelines_fini(&b->found);
    cr_assert_eq(timelines_read(&q, &reader, &b->found), ERR_OK);
    cr_assert_eq(b->found.unit_n, 1u);
    return &b->found.unit[0];
}

static int64_t time_of(const struct timeline *t, enum category c) {
    int64_t ms = 0;
    for (size_t i = 0; i < t->n; i++)
        ms += t->at[i].category == c ? t->at[i].t1_ms - t->at[i].t0_ms : 0;
    return ms;
}

Test(timelines, the_press_is_told_up_to_what_is_known) {
    struct bench b;
    bench_begin(&b);
    const struct timeline *t = read_press(&b, T0, T0 + 8 * UTC_HOUR_MS);
    cr_assert_eq(t->n, 5u);
    cr_expect_eq(t->at[0].category, CAT_PRODUCTION);
    cr_expect_eq(t->at[1].t0_ms, T0 + 20 * MIN);
    cr_expect_eq(t->at[1].t1_ms, T0 + 32 * MIN);
    cr_expect_eq(t->at[1].category, CAT_DELAY);
    cr_expect_eq(t->at[3].cause, CAUSE_FAILURE);
    cr_expect_eq(t->at[4].t1_ms, T0 + 125 * MIN, "what the slab holds open is in it");
    cr_expect(span_equal(core_word(b.found.core, t->at[4].ctx.order), span_str("o-1")));
    for (size_t i = 1; i < t->n; i++)
        cr_expect_eq(t->at[i].t0_ms, t->at[i - 1].t1_ms, "no gaps");
    bench_end(&b);
}

/* Read day by day: the same, behind two days of which nothing is known. */
Test(timelines, a_range_of_days_is_read_in_parts) {
    struct bench b;
    bench_begin(&b);
    const struct timeline *t = read_press(&b, T0 - 50 * UTC_HOUR_MS, T0 + 8 * UTC_HOUR_MS);
    cr_expect_eq(time_of(t, CAT_PRODUCTION), (20 + 68 + 15) * MIN);
    cr_expect_eq(time_of(t, CAT_DELAY), (12 + 10) * MIN);
    int64_t whole = 0;
    for (unsigned c = 0; c < CATEGORY_COUNT; c++)
        whole += time_of(t, (enum category)c);
    cr_expect_eq(whole, 50 * UTC_HOUR_MS + 125 * MIN, "L1");
    bench_end(&b);
}

Test(timelines, edges_cut_pieces) {
    struct bench b;
    bench_begin(&b);
    const struct timeline *t = read_press(&b, T0 + 25 * MIN + 1, T0 + 26 * MIN + 7);
    cr_assert_eq(t->n, 1u);
    cr_expect_eq(t->at[0].t0_ms, T0 + 25 * MIN + 1);
    cr_expect_eq(t->at[0].t1_ms, T0 + 26 * MIN + 7);
    cr_expect_eq(t->at[0].cause, CAUSE_UNSTATED, "of twelve minutes, though only one is asked for");
    t = read_press(&b, T0 + MIN, T0 + MIN);
    cr_expect_eq(t->n, 0u);
    bench_end(&b);
}

/* The same hours as the core's cells have them, category by category. */
Test(timelines, categories_are_those_of_the_cells) {
    struct bench b;
    struct window_key key;
    int64_t end_ms;
    bench_begin(&b);
    cr_assert(core_current(b.station.core, PRESS, WINDOW_SHIFT, T0 + 125 * MIN, &key, &end_ms));
    const struct window *w = core_window(b.station.core, &key);
    cr_assert_not_null(w);
    const struct timeline *t = read_press(&b, key.start_ms, T0 + 125 * MIN);
    for (unsigned c = 0; c < CATEGORY_COUNT; c++)
        cr_expect_eq(time_of(t, (enum category)c), w->sums.q[QTY_TIME + c], "%s",
                     category_name((enum category)c));
    bench_end(&b);
}

/* From 06:25 to 07:45: what the press did then is its own, and nothing of its line. */
Test(timelines, a_line_is_told_nothing_of_commissioning) {
    struct bench b;
    bench_begin(&b);
    ((struct plant_unit *)b.plant->unit)[0].commissioning =
        (struct plant_term){T0 + 25 * MIN, T0 + 105 * MIN};
    const struct timeline *t = read_press(&b, T0, T0 + 8 * UTC_HOUR_MS);
    cr_expect_eq(time_of(t, CAT_DELAY), (12 + 10) * MIN, "its own are all there");
    const struct history_reader reader = {.load = load, .user = b.station.store};
    struct timelines_query q = {
        .plant = b.plant, .node = LINE, .from_ms = T0, .to_ms = T0 + 8 * UTC_HOUR_MS};
    core_agents_of(b.station.core, q.node, false, q.agents);
    timelines_fini(&b.found);
    cr_assert_eq(timelines_read(&q, &reader, &b.found), ERR_OK);
    t = &b.found.unit[0];
    cr_expect_eq(t->unit, 0u);
    cr_expect_eq(time_of(t, CAT_PRODUCTION), (20 + 15) * MIN);
    cr_expect_eq(time_of(t, CAT_DELAY), (5 + 5) * MIN);
    bench_end(&b);
}
