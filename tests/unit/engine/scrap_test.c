/* Scrap by reason out of the store: what its rows sum to is what the windows have. */
#include "core_rig.h"

#include <criterion/criterion.h>

#include "engine/timelines.h"

#define T(minutes) (T0 + (minutes)*MIN)
#define PRESS SIM_FIRST_UNIT
#define LINE (SIM_FIRST_UNIT - 1)

enum { BURR, JAM };
static const struct ident pack = {"pack"};
static const struct plant_reason reason[] = {
    [BURR] = {.id = {"burr"}, .kind = REASON_SCRAP, .parent = UINT32_MAX, .code = 7},
    [JAM] = {.id = {"jam"}, .kind = REASON_STOP, .parent = UINT32_MAX, .code = 7},
    {.id = {"film"},
     .kind = REASON_SCRAP,
     .parent = UINT32_MAX,
     .code = PLANT_NO_CODE,
     .of = &pack,
     .of_n = 1}};

static void open_with_reasons(struct bench *b) {
    bench_open(b);
    b->plant->reason = reason;
    b->plant->reason_n = sizeof reason / sizeof *reason;
    bench_half_hour(b);
}

static struct act scrap(const char *key, int64_t t0, int64_t t1, int64_t pieces, const char *why) {
    return (struct act){.kind = ACT_SCRAP,
                        .key = span_str(key),
                        .unit = span_str("press"),
                        .t0_ms = t0,
                        .t1_ms = t1,
                        .value = pieces * PIECE,
                        .reason = span_str(why),
                        .who = span_str("quality")};
}

static void enter(struct bench *b, struct act a) {
    struct core_act_answer out;
    cr_assert_eq(core_on_act(b->station.core, &a, b->station.now, &out), ERR_OK, "%s: %s",
                 out.refusal.field, out.refusal.why);
    cr_assert_eq(station_settle(&b->station), ERR_OK);
}

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct store *s = user;
    return s->ops->load_now(s, range, n, done, done_user);
}

static struct timelines read(struct bench *b, uint32_t node, int64_t from_ms, int64_t to_ms) {
    const struct history_reader reader = {.load = load, .user = b->station.store};
    struct timelines_query q = {
        .plant = b->plant, .node = node, .from_ms = from_ms, .to_ms = to_ms, .rejects = true};
    struct timelines found;
    core_agents_of(b->station.core, q.node, false, q.agents);
    cr_assert_eq(timelines_read(&q, &reader, &found), ERR_OK);
    return found;
}

/* Scrap in known and in unknown time, all units. */
static void sum(const struct timelines *t, int64_t out[2]) {
    out[0] = out[1] = 0;
    for (size_t u = 0; u < t->unit_n; u++)
        for (size_t i = 0; i < t->unit[u].rejects.n; i++) {
            out[0] += t->unit[u].rejects.at[i].amount;
            out[1] += t->unit[u].rejects.at[i].amount_unknown;
        }
}

static void expect_window(struct bench *b, uint32_t node, enum window_kind kind, int64_t from_ms,
                          int64_t to_ms) {
    const struct window w = bench_window(b, node, kind, from_ms);
    struct timelines t = read(b, node, from_ms, to_ms);
    int64_t has[2];
    sum(&t, has);
    cr_expect_eq(has[0], w.sums.q[QTY_SQ], "%s: %lld, not %lld", window_kind_name(kind),
                 (long long)has[0], (long long)w.sums.q[QTY_SQ]);
    cr_expect_eq(has[1], w.sums.q[QTY_SQ_UNKNOWN], "%s: %lld, not %lld", window_kind_name(kind),
                 (long long)has[1], (long long)w.sums.q[QTY_SQ_UNKNOWN]);
    timelines_fini(&t);
}

Test(scrap, entries_come_by_their_reason_and_sum_to_the_windows) {
    struct bench b;
    open_with_reasons(&b);
    enter(&b, scrap("k1", T(0), T(30), 7, "burr"));
    enter(&b, scrap("k2", T(5), T(5), 3, "7"));
    enter(&b, scrap("k3", T(12), T(12), 2, ""));
    struct timelines t = read(&b, PRESS, T(0), T(60));
    cr_assert_eq(t.unit_n, 1u);
    const struct cell_rejects *r = &t.unit[0].rejects;
    cr_assert_eq(r->n, 2u);
    cr_expect_eq(r->at[0].reason, BURR);
    cr_expect_eq(r->at[0].amount, 10 * PIECE, "by its name and by its number");
    cr_expect(span_equal(core_word(t.core, r->at[0].product), span_str("bolt")));
    cr_expect_eq(r->at[1].reason, UINT32_MAX);
    cr_expect_eq(r->at[1].stated, 0u);
    cr_expect_eq(r->at[1].amount, 2 * PIECE);
    timelines_fini(&t);
    expect_window(&b, PRESS, WINDOW_HOUR, T(0), T(60));
    expect_window(&b, PRESS, WINDOW_QUARTER, T(0), T(15));
    expect_window(&b, PRESS, WINDOW_QUARTER, T(15), T(30));
    expect_window(&b, LINE, WINDOW_HOUR, T(0), T(60));
    /* Minutes that begin in the span: the one at 06:05 and no other. */
    t = read(&b, PRESS, T(4), T(4) + 1);
    const int64_t fifth = t.unit[0].rejects.n ? t.unit[0].rejects.at[0].amount : 0;
    cr_expect_geq(fifth, 3 * PIECE, "what happened at 06:05 is of the minute before it");
    timelines_fini(&t);
    t = read(&b, PRESS, T(4) + 1, T(5));
    cr_expect_eq(t.unit[0].rejects.n, 0u);
    timelines_fini(&t);
    bench_close(&b);
}

/* 60,000 pieces from Saturday midnight to Monday 06:30, read in three parts: most of it is time of
 * which nothing is known. */
Test(scrap, an_entry_of_days_is_spread_as_in_the_windows) {
    struct bench b;
    open_with_reasons(&b);
    enter(&b, scrap("k1", SIM_DAY0 - 2 * UTC_DAY_MS, T(30), 60000, "burr"));
    for (int day = -2; day <= 0; day++)
        expect_window(&b, PRESS, WINDOW_DAY, SIM_DAY0 + day * UTC_DAY_MS,
                      SIM_DAY0 + (day + 1) * UTC_DAY_MS);
    expect_window(&b, PRESS, WINDOW_HOUR, T(0), T(60));
    struct timelines t = read(&b, PRESS, SIM_DAY0 - 3 * UTC_DAY_MS, T(60));
    int64_t has[2];
    sum(&t, has);
    cr_expect_eq(has[0] + has[1], 60000 * PIECE);
    cr_expect_eq(t.unit[0].rejects.n, 1u);
    timelines_fini(&t);
    bench_close(&b);
}

Test(scrap, a_void_entry_has_no_row) {
    struct bench b;
    open_with_reasons(&b);
    enter(&b, scrap("k1", T(5), T(5), 3, "burr"));
    enter(&b, (struct act){
                  .kind = ACT_VOID, .key = span_str("k2"), .value = 1, .who = span_str("quality")});
    struct timelines t = read(&b, PRESS, T(0), T(60));
    cr_expect_eq(t.unit[0].rejects.n, 0u);
    timelines_fini(&t);
    bench_close(&b);
}

Test(scrap, a_reason_is_held_against_the_tree) {
    static const char *const refused[][2] = {{"jam", "a reason of stops, not of scrap"},
                                             {"film", "no reason of press"},
                                             {"bur", "did you mean burr?"},
                                             {"8", "no reason of scrap at press"}};
    struct core_act_answer out;
    struct bench b;
    open_with_reasons(&b);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const struct act a = scrap("k", T(5), T(5), 3, refused[i][0]);
        cr_expect_eq(core_on_act(b.station.core, &a, b.station.now, &out), ERR_RANGE);
        cr_expect_str_eq(out.refusal.field, "reason");
        cr_expect(strstr(out.refusal.why, refused[i][1]), "%s: %s", refused[i][0], out.refusal.why);
    }
    struct act material = scrap("k", T(5), T(5), 3, "burr");
    material.kind = ACT_MATERIAL;
    cr_expect_eq(core_on_act(b.station.core, &material, b.station.now, &out), ERR_RANGE);
    cr_expect_str_eq(out.refusal.field, "reason");
    b.plant->reason_n = 0; /* no tree: any words */
    enter(&b, scrap("k", T(5), T(5), 3, "porosity"));
    struct timelines t = read(&b, PRESS, T(0), T(60));
    cr_assert_eq(t.unit[0].rejects.n, 1u);
    cr_expect(span_equal(core_word(t.core, t.unit[0].rejects.at[0].stated), span_str("porosity")));
    timelines_fini(&t);
    bench_close(&b);
}
