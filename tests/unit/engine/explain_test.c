/* Explanations out of the store: every sum of a window traced back, and told where it is not what
 * was told. Figures are those of bench_half_hour(), worked there. */
#include "engine/explain.h"

#include <criterion/criterion.h>

#include "core_rig.h"

#define T(minutes) (T0 + (minutes)*MIN)
#define PRESS SIM_FIRST_UNIT
#define LINE 1

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

static struct explain_query query(struct bench *b, uint32_t node, enum window_kind kind,
                                  int64_t t_ms, enum indicator i) {
    struct explain_query q = {.plant = b->plant,
                              .node = node,
                              .node_no = core_node_number(b->station.core, node),
                              .kind = kind,
                              .indicator = i,
                              .logs_from_ms = INT64_MIN};
    cr_assert(window_bounds(b->plant, 0, kind, t_ms, &q.from_ms, &q.to_ms));
    core_agents_of(b->station.core, node, true, q.agents);
    return q;
}

static struct explain read(struct bench *b, const struct explain_query *q) {
    const struct history_reader reader = {.load = load, .user = b->station.store};
    struct explain e;
    cr_assert_eq(explain_read(q, &reader, &e), ERR_OK);
    cr_assert(e.found);
    return e;
}

static struct explain read_hour(struct bench *b, uint32_t node, int64_t t_ms, enum indicator i) {
    const struct explain_query q = query(b, node, WINDOW_HOUR, t_ms, i);
    return read(b, &q);
}

static size_t place(const struct explain *e, unsigned ingredient) {
    size_t k = 0;
    while (k < e->sum_n && e->sum[k].ingredient != ingredient)
        k++;
    cr_assert_lt(k, e->sum_n, "%s", ingredient_name(ingredient));
    return k;
}

static int64_t part(const struct explain *e, size_t item, unsigned ingredient) {
    return (int64_t)e->items.part[item * e->sum_n + place(e, ingredient)];
}

static int64_t told(const struct explain *e, unsigned ingredient) {
    return (int64_t)e->sum[place(e, ingredient)].told;
}

static int64_t parts(const struct explain *e, unsigned ingredient) {
    return (int64_t)e->sum[place(e, ingredient)].parts;
}

static void bench_settled(struct bench *b) {
    bench_open(b);
    bench_half_hour(b);
    for (unsigned i = 31; i <= 77; i++)
        bench_at(b, T(i));
}

static void enter_scrap(struct bench *b) {
    struct core_act_answer answer;
    const struct act a = {.kind = ACT_SCRAP,
                          .key = span_str("k1"),
                          .unit = span_str("press"),
                          .t0_ms = T(0),
                          .t1_ms = T(30),
                          .value = 7 * PIECE,
                          .who = span_str("quality")};
    cr_assert_eq(core_on_act(b->station.core, &a, b->station.now, &answer), ERR_OK);
    cr_assert_eq(station_settle(&b->station), ERR_OK);
    for (unsigned i = 78; i <= 80; i++)
        bench_at(b, T(i));
}

Test(explain, time_is_traced_to_intervals) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    struct explain e = read_hour(&b, PRESS, T(7), IND_TIME_UTILIZATION);
    cr_assert_eq(e.items.n, 3u);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(e.items.at[i].kind, EXPLAIN_INTERVAL);
        cr_expect_eq(e.items.at[i].from_ms, T(10 * (int64_t)i));
        cr_expect_eq(e.items.at[i].to_ms, T(10 * (int64_t)i + 10));
    }
    cr_expect_eq(part(&e, 0, QTY_TIME + CAT_PRODUCTION), 10 * MIN);
    cr_expect_eq(part(&e, 1, QTY_TIME + CAT_DELAY), 10 * MIN);
    cr_expect_eq(told(&e, QTY_TIME + CAT_PRODUCTION), 20 * MIN);
    cr_expect_eq(parts(&e, QTY_TIME + CAT_PRODUCTION), 20 * MIN);
    cr_expect(explain_adds_up(&e));
    cr_expect(e.from_logs);
    cr_expect_eq(e.known_ms, T(30));
    cr_expect_eq(e.contexts.n, 1u);
    cr_expect(
        span_equal(core_word(e.lines.core, e.contexts.at[0].piece.ctx.order), span_str("o-1")));
    explain_fini(&e);
    bench_close(&b);
}

/* 30 pieces and 1 kWh in the first ten minutes, 30 and 2 kWh in the next twenty, of which half are
 * held: that energy is half production's, half delay's. */
Test(explain, pieces_and_energy_are_traced_to_steps_and_spans) {
    struct bench b;
    const struct ident *agent = NULL;
    const char *point = NULL;
    int64_t pieces = 0, energy = 0;
    size_t steps = 0, spans = 0;
    bench_open(&b);
    bench_half_hour(&b);
    struct explain e = read_hour(&b, PRESS, T0, IND_ENERGY_PER_GOOD);
    for (size_t i = 0; i < e.items.n; i++) {
        const struct explain_item *x = &e.items.at[i];
        cr_assert_eq(x->kind, EXPLAIN_STEP, "no interval: it is not made of time");
        cr_assert(explain_signal(&e, x->signal, &agent, &point));
        cr_expect_str_eq(agent->s, "gw1");
        cr_expect_str_eq(point, x->role == ROLE_TOTAL ? "total" : "energy");
        steps += x->role == ROLE_TOTAL;
        spans += x->role == ROLE_ENERGY;
        pieces += part(&e, i, QTY_GQ);
        energy += part(&e, i, QTY_ENERGY + CAT_DELAY);
        if (x->role == ROLE_ENERGY && x->to_ms == T(30)) {
            cr_expect_eq(x->amount, 2000 * WH);
            cr_expect_eq(part(&e, i, QTY_ENERGY + CAT_PRODUCTION), 1000 * WH);
            cr_expect_eq(part(&e, i, QTY_ENERGY + CAT_DELAY), 1000 * WH);
        }
    }
    cr_expect_eq(steps, 2u);
    cr_expect_eq(spans, 2u);
    cr_expect_eq(pieces, 60 * PIECE);
    cr_expect_eq(energy, 1000 * WH);
    cr_expect(explain_adds_up(&e));
    explain_fini(&e);
    bench_close(&b);
}

/* All energy is electricity, 3 kWh: put together by factors, from what two spans of the meter gave.
 */
Test(explain, what_is_converted_is_told_with_what_it_is_converted_from) {
    struct bench b;
    int64_t converted = 0, metered = 0;
    bench_open(&b);
    bench_half_hour(&b);
    struct explain e = read_hour(&b, PRESS, T0, IND_COMPREHENSIVE_ENERGY);
    const size_t base = place(&e, QTY_ENERGY + CAT_PRODUCTION);
    cr_expect_eq(e.sum[base].numerator, 0);
    cr_expect_eq(e.sum[base].denominator, 0);
    for (size_t i = 0; i < e.items.n; i++) {
        const int64_t used =
            part(&e, i, QTY_ENERGY + CAT_PRODUCTION) + part(&e, i, QTY_ENERGY + CAT_DELAY);
        converted += part(&e, i, QTY_TOTAL_ENERGY);
        metered += used;
        cr_expect_eq(e.items.at[i].kind == EXPLAIN_RATES, part(&e, i, QTY_TOTAL_ENERGY) != 0);
        cr_expect(used == 0 || e.items.at[i].kind == EXPLAIN_STEP);
    }
    cr_expect_eq(converted, 3000 * WH);
    cr_expect_eq(metered, 3000 * WH);
    cr_expect(explain_adds_up(&e));
    explain_fini(&e);
    bench_close(&b);
}

/* Seven pieces of scrap are entered after the hour was told: it is told anew. */
Test(explain, an_entry_is_among_the_parts) {
    struct bench b;
    bench_settled(&b);
    enter_scrap(&b);
    struct explain e = read_hour(&b, PRESS, T0, IND_QUALITY_RATIO);
    cr_expect(explain_adds_up(&e));
    cr_expect_eq(e.window.revision, 1u);
    cr_expect_eq(e.window.cause, RESTATE_CORRECTION);
    cr_assert_eq(e.window.past.n, 1u);
    cr_expect_eq(e.window.past.cause[0], RESTATE_NONE, "it was settled first");
    cr_expect_lt(e.window.past.told_ms[0], e.window.published_ms);
    cr_expect_eq(told(&e, QTY_GQ), 53 * PIECE);
    size_t entered = 0;
    for (size_t i = 0; i < e.items.n; i++)
        if (e.items.at[i].entered) {
            entered++;
            cr_expect_eq(e.items.at[i].kind, EXPLAIN_ROW);
            cr_expect_eq(e.items.at[i].role, ROLE_SCRAP);
            cr_expect_eq(part(&e, i, QTY_GQ), -7 * PIECE, "the total includes it");
        }
    cr_expect_eq(entered, 1u);
    explain_fini(&e);
    bench_close(&b);
}

/* Scrap is taken out of `entered`, which moves no minute that is stored: what was told had it. */
Test(explain, what_differs_from_what_was_told_is_seen) {
    struct bench b;
    bench_settled(&b);
    enter_scrap(&b);
    struct explain_query q = query(&b, PRESS, WINDOW_HOUR, T0, IND_QUALITY_RATIO);
    struct plant other = *b.plant;
    struct plant_unit unit[SIM_UNITS];
    memcpy(unit, b.plant->unit, sizeof unit);
    unit[0].entered = ROLE_BIT(ROLE_MATERIAL);
    other.unit = unit;
    q.plant = &other;
    struct explain e = read(&b, &q);
    cr_expect_not(explain_adds_up(&e));
    cr_expect_eq(told(&e, QTY_GQ), 53 * PIECE);
    cr_expect_eq(parts(&e, QTY_GQ), 60 * PIECE);
    cr_expect_eq(parts(&e, QTY_PQ), told(&e, QTY_PQ));
    explain_fini(&e);
    bench_close(&b);
}

/* Nothing is heard from 06:30 to 09:30; then the counter shows 180 pieces more. One a minute,
 * 60 of them in the hour from eight, of which nothing is known. */
Test(explain, a_step_over_hours_gives_each_its_share) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    script_asof(&b.gw1, T(211), T(212));
    script_int(&b.gw1, b.total, T(210), 340);
    script_int(&b.gw1, b.energy, T(210), 8000);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    bench_at(&b, T(212));
    struct explain e = read_hour(&b, PRESS, T(120), IND_SCRAP_RATIO);
    size_t i = 0;
    while (i < e.items.n && e.items.at[i].kind != EXPLAIN_STEP)
        i++;
    cr_assert_lt(i, e.items.n);
    cr_expect_eq(e.items.at[i].from_ms, T(30));
    cr_expect_eq(e.items.at[i].to_ms, T(210));
    cr_expect_eq(e.items.at[i].amount, 180 * PIECE);
    cr_expect(e.items.at[i].flags & SIGLOG_UNDISTRIBUTED, "longer than the gap limit of 30 min");
    cr_expect_eq(part(&e, i, QTY_PQ_UNKNOWN), 60 * PIECE);
    cr_expect_eq(told(&e, QTY_PQ_UNKNOWN), 60 * PIECE);
    cr_expect(explain_adds_up(&e));
    explain_fini(&e);
    bench_close(&b);
}

Test(explain, a_node_is_explained_by_the_units_below) {
    struct bench b;
    bench_settled(&b);
    struct explain e = read_hour(&b, LINE, T0, IND_ENERGY_PER_GOOD);
    cr_expect_not(e.from_logs);
    cr_assert_eq(e.items.n, 2u);
    cr_expect_eq(e.items.at[0].kind, EXPLAIN_UNIT);
    cr_expect_eq(e.items.at[0].unit, 0u);
    cr_expect_eq(part(&e, 0, QTY_ENERGY + CAT_PRODUCTION), 2000 * WH);
    cr_expect_eq(part(&e, 0, QTY_GQ), 0, "the line's pieces are those of the packer");
    cr_expect(explain_adds_up(&e));
    explain_fini(&e);
    bench_close(&b);
}

Test(explain, behind_the_logs_hours_are_told) {
    struct bench b;
    bench_settled(&b);
    struct explain_query q = query(&b, PRESS, WINDOW_SHIFT, T0, IND_TIME_UTILIZATION);
    q.logs_from_ms = T(600);
    struct plant plant = *b.plant;
    plant.keep_logs_ms = UTC_DAY_MS;
    plant.keep_cells_ms = 2 * UTC_DAY_MS; /* a day behind the logs */
    q.plant = &plant;
    struct explain e = read(&b, &q);
    cr_expect_not(e.from_logs);
    cr_expect_not(e.from_kept);
    cr_expect_eq(e.contexts.n, 1u);
    cr_assert_geq(e.items.n, 1u);
    cr_expect_eq(e.items.at[0].kind, EXPLAIN_HOUR);
    cr_expect_eq(e.items.at[0].from_ms, T0);
    cr_expect_eq(part(&e, 0, QTY_TIME + CAT_PRODUCTION), 20 * MIN);
    cr_expect(explain_adds_up(&e));
    explain_fini(&e);
    bench_close(&b);
}

/* Minutes are kept for nine hours behind the logs; those of the shift begin an hour too soon. */
Test(explain, where_minutes_are_gone_quarters_are_told_by_the_hour) {
    struct bench b;
    bench_settled(&b);
    struct explain_query q = query(&b, LINE, WINDOW_SHIFT, T0, IND_ENERGY_PER_GOOD);
    struct plant plant = *b.plant;
    plant.keep_logs_ms = UTC_HOUR_MS;
    plant.keep_cells_ms = 10 * UTC_HOUR_MS;
    q.plant = &plant;
    q.logs_from_ms = T(600);
    struct explain e = read(&b, &q);
    cr_expect(e.from_kept);
    cr_assert_geq(e.items.n, 1u);
    cr_expect_eq(e.items.at[0].kind, EXPLAIN_HOUR);
    cr_expect_eq(e.items.at[0].from_ms, T0);
    cr_expect_eq(part(&e, 0, QTY_ENERGY + CAT_PRODUCTION), 2000 * WH);
    cr_expect(explain_adds_up(&e));
    explain_fini(&e);
    q.kind = WINDOW_QUARTER;
    q.to_ms = q.from_ms + 15 * MIN;
    e = read(&b, &q);
    cr_expect(e.from_kept);
    cr_expect_eq(e.items.n, 0u);
    cr_expect_not(explain_adds_up(&e), "nothing is left of what it was made of");
    explain_fini(&e);
    bench_close(&b);
}

/* Every indicator of every kind of window adds up, of a unit and of what lies above it. */
Test(explain, everything_adds_up) {
    struct bench b;
    bench_settled(&b);
    for (uint32_t node = 0; node <= PRESS; node++)
        for (unsigned kind = WINDOW_MINUTE; kind < WINDOW_SHOWN_COUNT; kind++)
            for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
                const struct explain_query q =
                    query(&b, node, (enum window_kind)kind, T(12), (enum indicator)i);
                struct explain e = read(&b, &q);
                cr_expect(explain_adds_up(&e), "node %u %s %s", node,
                          window_kind_name((enum window_kind)kind),
                          indicator_row((enum indicator)i)->id);
                explain_fini(&e);
            }
    bench_close(&b);
}

Test(explain, a_window_that_is_not_stored_is_not_found) {
    struct bench b;
    bench_settled(&b);
    const struct explain_query q = query(&b, PRESS, WINDOW_DAY, T0 - 9 * UTC_DAY_MS, IND_OEE);
    const struct history_reader reader = {.load = load, .user = b.station.store};
    struct explain e;
    cr_assert_eq(explain_read(&q, &reader, &e), ERR_OK);
    cr_expect_not(e.found);
    cr_expect_not(explain_adds_up(&e));
    explain_fini(&e);
    bench_close(&b);
}
