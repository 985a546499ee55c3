/* What is planned of a unit: the plant file's orders and shifts, what people entered instead, what
 * is left of both when something is void; and that none of it moves a minute. */
#include "engine/plans.h"

#include <criterion/criterion.h>

#include "core_rig.h"

#define PRESS_UNIT 0
#define LATE (T0 + 8 * UTC_HOUR_MS) /* the late shift of Monday */
#define TUESDAY (SIM_DAY0 + UTC_DAY_MS)
enum { BOLT, NUT };

/* 300 bolts in each early shift, from Tuesday on 320; 100 of whatever in each late one. */
static const struct plant_shift_plan shift_plan[] = {
    {PRESS_UNIT, BOLT, {"early"}, 300 * PIECE, INT64_MIN},
    {PRESS_UNIT, UINT32_MAX, {"late"}, 100 * PIECE, INT64_MIN},
    {PRESS_UNIT + 1, BOLT, {"early"}, 7 * PIECE, INT64_MIN},
    {PRESS_UNIT, BOLT, {"early"}, 320 * PIECE, TUESDAY}};
static const struct plant_order order[] = {
    {.order = "o-1", .unit = PRESS_UNIT, .product = BOLT, .quantity = 400 * PIECE, .from_ms = T0},
    {.order = "o-1", .unit = PRESS_UNIT + 1, .quantity = PIECE, .from_ms = T0}};

static void open_planned(struct bench *b) {
    bench_open(b);
    b->plant->shift_plan = shift_plan;
    b->plant->shift_plan_n = sizeof shift_plan / sizeof *shift_plan;
    b->plant->order = order;
    b->plant->order_n = sizeof order / sizeof *order;
    bench_half_hour(b);
}

static struct act plan(const char *key, int64_t t0, int64_t t1, int64_t pieces, const char *product,
                       const char *of_order) {
    return (struct act){.kind = ACT_PLAN,
                        .key = span_str(key),
                        .unit = span_str("press"),
                        .t0_ms = t0,
                        .t1_ms = t1,
                        .value = pieces * PIECE,
                        .text = span_str(of_order),
                        .product = span_str(product),
                        .who = span_str("planner")};
}

static uint64_t enter(struct bench *b, const struct act *a) {
    struct core_act_answer out;
    enum err err = core_on_act(b->station.core, a, b->station.now, &out);
    cr_assert_eq(err, ERR_OK, "%s: %s %s", err_name(err), out.refusal.field, out.refusal.why);
    cr_assert_eq(station_settle(&b->station), ERR_OK);
    return out.n;
}

static void enter_void(struct bench *b, const char *key, uint64_t n) {
    const struct act a = {
        .kind = ACT_VOID, .key = span_str(key), .value = (int64_t)n, .who = span_str("planner")};
    (void)enter(b, &a);
}

static void unfold(struct bench *b, int64_t from_ms, int64_t to_ms, struct plans *out) {
    struct plans known;
    cr_assert_eq(plans_known(b->station.core, PRESS_UNIT, &known), ERR_OK);
    cr_assert_eq(plans_unfold(&known, b->plant, PRESS_UNIT, from_ms, to_ms, out), ERR_OK);
    plans_fini(&known);
}

/* Pieces planned of the product (UINT32_MAX: whatever) in the shift that begins then; -1: none. */
static int64_t planned(struct bench *b, int64_t begin_ms, uint32_t product) {
    struct plans l;
    int64_t found = -1;
    unfold(b, begin_ms, begin_ms + 1, &l);
    for (size_t i = 0; i < l.n; i++)
        if (!l.at[i].order[0] && l.at[i].product == product)
            found = l.at[i].quantity / PIECE;
    plans_fini(&l);
    return found;
}

static int64_t ordered(struct bench *b, int64_t begin_ms) {
    struct plans l;
    int64_t found = -1;
    unfold(b, begin_ms, begin_ms + 1, &l);
    for (size_t i = 0; i < l.n; i++)
        if (l.at[i].order[0])
            found = l.at[i].quantity / PIECE;
    plans_fini(&l);
    return found;
}

Test(plans, the_plant_file_plans_each_shift_from_a_date_on) {
    struct bench b;
    struct plans l;
    open_planned(&b);
    unfold(&b, SIM_DAY0, TUESDAY + UTC_DAY_MS, &l);
    cr_assert_eq(l.n, 5u); /* two early, two late, the order */
    cr_expect_eq(l.at[0].from_ms, T0);
    cr_expect_eq(l.at[0].to_ms, T0 + 8 * UTC_HOUR_MS);
    cr_expect_eq(l.at[0].quantity, 300 * PIECE);
    cr_expect_str_eq(l.at[1].order, "o-1"); /* said after it */
    cr_expect_eq(l.at[2].from_ms, LATE);
    cr_expect_eq(l.at[2].quantity, 100 * PIECE);
    cr_expect_eq(l.at[3].from_ms, T0 + UTC_DAY_MS);
    cr_expect_eq(l.at[3].quantity, 320 * PIECE);
    cr_expect_eq(l.at[4].from_ms, LATE + UTC_DAY_MS);
    plans_fini(&l);
    cr_expect_eq(planned(&b, SIM_DAY0 + 6 * UTC_DAY_MS + 6 * UTC_HOUR_MS, BOLT), -1); /* Sunday */
    bench_close(&b);
}

/* 300 of the file, 250 said instead, 0 said then: nothing. Each void brings back what was before.
 */
Test(plans, the_last_entry_holds_until_it_is_void) {
    struct bench b;
    open_planned(&b);
    const struct act less = plan("p1", T0, LATE, 250, "bolt", ""),
                     none = plan("p2", T0, LATE, 0, "bolt", "");
    const uint64_t first = enter(&b, &less);
    cr_expect_eq(planned(&b, T0, BOLT), 250);
    cr_expect_eq(planned(&b, T0 + UTC_DAY_MS, BOLT), 320, "other shifts stay");
    const uint64_t second = enter(&b, &none);
    cr_expect_eq(planned(&b, T0, BOLT), -1);
    enter_void(&b, "v2", second);
    cr_expect_eq(planned(&b, T0, BOLT), 250);
    enter_void(&b, "v1", first);
    cr_expect_eq(planned(&b, T0, BOLT), 300);
    bench_close(&b);
}

Test(plans, another_product_and_another_span_stand_beside_it) {
    struct bench b;
    open_planned(&b);
    const struct act nuts = plan("p1", T0, LATE, 40, "nut", ""),
                     all = plan("p2", T0, LATE, 500, "", ""),
                     morning = plan("p3", T0, T0 + UTC_HOUR_MS, 60, "bolt", "");
    (void)enter(&b, &nuts);
    (void)enter(&b, &all);
    (void)enter(&b, &morning);
    struct plans l;
    unfold(&b, T0, T0 + 1, &l);
    cr_assert_eq(l.n, 5u); /* the file's bolts, its order, and these */
    plans_fini(&l);
    cr_expect_eq(planned(&b, T0, NUT), 40);
    cr_expect_eq(planned(&b, T0, UINT32_MAX), 500);
    bench_close(&b);
}

/* An order is planned anew wherever it is to begin. */
Test(plans, an_order_is_moved_by_an_entry) {
    struct bench b;
    open_planned(&b);
    cr_expect_eq(ordered(&b, T0), 400);
    const struct act later = plan("p1", TUESDAY, ACT_FOR_GOOD, 450, "bolt", "o-1");
    const uint64_t n = enter(&b, &later);
    cr_expect_eq(ordered(&b, T0), -1);
    cr_expect_eq(ordered(&b, TUESDAY), 450);
    enter_void(&b, "v1", n);
    cr_expect_eq(ordered(&b, T0), 400);
    cr_expect_eq(ordered(&b, TUESDAY), -1);
    bench_close(&b);
}

Test(plans, an_entry_counts_once_and_when_it_is_durable) {
    struct bench b;
    struct core_act_answer out;
    open_planned(&b);
    const struct act a = plan("p1", T0, LATE, 250, "bolt", "");
    b.station.by_hand = true;
    cr_assert_eq(core_on_act(b.station.core, &a, b.station.now, &out), ERR_OK);
    cr_expect_eq(planned(&b, T0, BOLT), 300, "not committed yet");
    b.station.by_hand = false;
    bench_restart(&b, T0 + 31 * MIN); /* killed: it was never taken */
    cr_expect_eq(planned(&b, T0, BOLT), 300);
    cr_expect_eq(enter(&b, &a), 1);
    bench_restart(&b, T0 + 32 * MIN);
    cr_expect_eq(planned(&b, T0, BOLT), 250);
    cr_assert_eq(core_on_act(b.station.core, &a, b.station.now, &out), ERR_OK);
    cr_expect(out.repeated);
    struct plans l;
    unfold(&b, T0, T0 + 1, &l);
    cr_expect_eq(l.n, 2u);
    plans_fini(&l);
    bench_close(&b);
}

/* The void is taken by the core and not committed: it may be forgotten yet. */
Test(plans, a_void_holds_when_it_is_durable) {
    struct bench b;
    struct core_act_answer out;
    open_planned(&b);
    const struct act a = plan("p1", T0, LATE, 250, "bolt", "");
    const uint64_t n = enter(&b, &a);
    const struct act v = {
        .kind = ACT_VOID, .key = span_str("v1"), .value = (int64_t)n, .who = span_str("planner")};
    b.station.by_hand = true;
    cr_assert_eq(core_on_act(b.station.core, &v, b.station.now, &out), ERR_OK);
    cr_expect_eq(planned(&b, T0, BOLT), 250);
    b.station.by_hand = false;
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    cr_expect_eq(planned(&b, T0, BOLT), 300);
    bench_close(&b);
}

/* A plan is what minutes are held against: no window is told anew. */
Test(plans, no_minute_moves) {
    struct bench b;
    open_planned(&b);
    for (unsigned i = 31; i <= 77; i++)
        bench_at(&b, T0 + i * MIN);
    const uint64_t cells = core_stats(b.station.core)->cells;
    const struct act a = plan("p1", T0, LATE, 250, "bolt", "");
    const uint64_t n = enter(&b, &a);
    cr_expect_eq(core_stats(b.station.core)->dirty_units, 0u);
    enter_void(&b, "v1", n);
    cr_expect_eq(core_stats(b.station.core)->dirty_units, 0u);
    cr_expect_eq(core_stats(b.station.core)->cells, cells);
    cr_expect_eq(bench_window(&b, SIM_FIRST_UNIT, WINDOW_HOUR, T0).life, WINDOW_SETTLED);
    bench_close(&b);
}

Test(plans, a_short_span_finds_its_own_entries) {
    struct bench b;
    struct plans l;
    open_planned(&b);
    const struct act now = plan("p1", T0, LATE, 250, "bolt", ""),
                     later = plan("p2", LATE, LATE + 8 * UTC_HOUR_MS, 90, "", "");
    (void)enter(&b, &now);
    (void)enter(&b, &later);
    cr_assert_eq(plans_begun(b.station.core, PRESS_UNIT, LATE, LATE + 8 * UTC_HOUR_MS, &l), ERR_OK);
    cr_assert_eq(l.n, 1u);
    cr_expect_eq(l.at[0].quantity, 90 * PIECE);
    plans_fini(&l);
    bench_close(&b);
}

/* Minutes of words 3 (the order) and 5 (the product): a plan takes what is its own. */
Test(plans, pieces_belong_to_the_plans_they_fit) {
    struct plan_item at[] = {
        {.order = "o-1", .order_word = 3, .product_word = 5, .from_ms = T0, .to_ms = INT64_MAX},
        {.order = "o-2", .order_word = PLANS_UNTOLD, .product_word = 5, .to_ms = INT64_MAX},
        {.product_word = 5, .from_ms = T0, .to_ms = LATE},
        {.product_word = 6, .from_ms = T0, .to_ms = LATE},
        {.product_word = 0, .from_ms = T0, .to_ms = LATE}};
    struct plans l = {.at = at, .n = sizeof at / sizeof *at};
    const struct context both = {.order = 3, .product = 5}, other = {.order = 4, .product = 6};
    plans_take(&l, &both, T0 - MIN, 1); /* of the order, not of the shift */
    plans_take(&l, &both, T0, 10);
    plans_take(&l, &other, LATE - MIN, 100);
    plans_take(&l, &other, LATE, 1000);
    cr_expect_eq(at[0].made, 11);
    cr_expect_eq(at[1].made, 0);
    cr_expect_eq(at[2].made, 10);
    cr_expect_eq(at[3].made, 100);
    cr_expect_eq(at[4].made, 110);
}
