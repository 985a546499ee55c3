/* What people enter, through the whole core: it counts once, whenever it is entered and whatever is
 * killed, and it moves what it concerns and nothing else. */
#include "core_rig.h"

#include <criterion/criterion.h>

#define T(minutes) (T0 + (minutes)*MIN)
#define PRESS SIM_FIRST_UNIT

static struct act entry(const char *key, enum act_kind kind, int64_t t0, int64_t t1, int64_t value,
                        const char *text) {
    return (struct act){.kind = (uint8_t)kind,
                        .key = span_str(key),
                        .unit = span_str("press"),
                        .t0_ms = t0,
                        .t1_ms = t1,
                        .value = value,
                        .text = span_str(text),
                        .who = span_str("early shift")};
}

static struct core_act_answer enter(struct bench *b, const struct act *a, enum err expected) {
    struct core_act_answer out;
    enum err err = core_on_act(b->station.core, a, b->station.now, &out);
    cr_assert_eq(err, expected, "%s: %s %s", err_name(err), out.refusal.field, out.refusal.why);
    return out;
}

static uint64_t entered(struct bench *b, const struct act *a) {
    uint64_t n = enter(b, a, ERR_OK).n;
    cr_assert_eq(station_settle(&b->station), ERR_OK);
    cr_assert(core_act_durable(b->station.core, n));
    return n;
}

static struct window hour(struct bench *b) {
    return bench_window(b, PRESS, WINDOW_HOUR, T0);
}

Test(acts, scrap_of_last_hour_restates_it_with_its_cause) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    for (unsigned i = 31; i <= 77; i++)
        bench_at(&b, T(i));
    cr_assert_eq(hour(&b).life, WINDOW_SETTLED);
    cr_expect_eq(hour(&b).sums.q[QTY_SCRAP_SEEN], 0); /* nobody said anything yet */
    const struct act a = entry("k1", ACT_SCRAP, T(0), T(30), 7 * PIECE, "");
    cr_expect_eq(entered(&b, &a), 1);
    struct window w = hour(&b);
    cr_expect_eq(w.sums.q[QTY_SQ] + w.sums.q[QTY_SQ_UNKNOWN], 7 * PIECE);
    cr_expect_eq(w.sums.q[QTY_PQ], 60 * PIECE); /* the total includes it */
    cr_expect_eq(w.sums.q[QTY_GQ], 60 * PIECE - w.sums.q[QTY_SQ]);
    /* Its shift was looked after; due and seen while people or the machine work. */
    cr_expect_eq(w.sums.q[QTY_SCRAP_SEEN], w.sums.q[QTY_SCRAP_DUE]);
    for (unsigned i = 78; i <= 80; i++)
        bench_at(&b, T(i));
    cr_expect_eq(hour(&b).life, WINDOW_RESTATED);
    cr_expect_eq(hour(&b).revision, 1);
    cr_expect_eq(hour(&b).cause, RESTATE_CORRECTION);
    bench_close(&b);
}

/* The clock of the aggregator is set back: what is computed already lies ahead of it
 * then, and an entry moves that, too. */
Test(acts, an_entry_moves_what_a_clock_set_back_left_ahead) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    for (unsigned i = 31; i <= 130; i++)
        bench_at(&b, T(i));
    const struct core_now back = {T(2), b.station.now.mono_ms + 1000};
    cr_assert_eq(station_tick(&b.station, back), ERR_OK);
    const struct act a = entry("k1", ACT_SCRAP, T(0), T(1), 7 * PIECE, "");
    (void)entered(&b, &a);
    const struct window w = bench_window(&b, PRESS, WINDOW_HOUR, T(60));
    cr_expect_eq(w.sums.q[QTY_SCRAP_DUE], 60 * MIN);
    cr_expect_eq(w.sums.q[QTY_SCRAP_SEEN], 60 * MIN); /* its shift was looked after */
    bench_close(&b);
}

/* A person's clock is four minutes ahead of ours: minutes of the shift that are computed already
 * are looked after, too, at once. */
Test(acts, an_entry_ahead_of_our_clock_moves_its_shift_so_far) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    const struct act a = entry("k1", ACT_SCRAP, T(33), T(34), 7 * PIECE, "");
    (void)entered(&b, &a);
    struct window w = hour(&b);
    cr_expect_gt(w.sums.q[QTY_SCRAP_DUE], 0);
    cr_expect_eq(w.sums.q[QTY_SCRAP_SEEN], w.sums.q[QTY_SCRAP_DUE]);
    for (unsigned i = 31; i <= 40; i++)
        bench_at(&b, T(i));
    w = hour(&b);
    cr_expect_eq(w.sums.q[QTY_SQ] + w.sums.q[QTY_SQ_UNKNOWN], 7 * PIECE);
    bench_close(&b);
}

Test(acts, a_key_counts_once) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    struct act a = entry("k1", ACT_MATERIAL, T(0), T(30), 5 * PIECE, "");
    cr_expect_eq(entered(&b, &a), 1);
    a.who = span_str("late shift"); /* who sends it again does not matter */
    struct core_act_answer again = enter(&b, &a, ERR_OK);
    cr_expect_eq(again.n, 1);
    cr_expect(again.repeated);
    a.value = 6 * PIECE;
    cr_expect_str_eq(enter(&b, &a, ERR_EXISTS).refusal.field, "key");
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    cr_expect_eq(hour(&b).sums.q[QTY_MATERIAL], 5 * PIECE);
    cr_expect_eq(core_acts(b.station.core), 1);
    bench_close(&b);
}

/* It says that the entries are complete, before the shift is over, too; figures are as they were.
 */
Test(acts, a_shift_is_handed_over_and_moves_nothing) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    const struct window before = hour(&b);
    struct act a = entry("k1", ACT_HANDOVER, T(0), T(120), 0, "given");
    a.note = span_str("order 7 is short");
    const uint64_t n = entered(&b, &a);
    const struct act taken = entry("k2", ACT_HANDOVER, T(0), T(120), 0, "taken");
    (void)entered(&b, &taken);
    cr_expect_eq(core_acts(b.station.core), 2);
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    struct window after = hour(&b);
    cr_expect(sums_equal(&before.sums, &after.sums));
    struct act v = entry("k3", ACT_VOID, 0, 0, (int64_t)n, "");
    v.unit = span_str("");
    (void)entered(&b, &v);
    bench_restart(&b, T(31));
    cr_expect_eq(core_acts(b.station.core), 3);
    bench_close(&b);
}

/* Killed before the commit it was never taken, and is entered again; killed after it, it is there.
 */
Test(acts, an_entry_survives_when_it_was_answered) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    const struct act a = entry("k1", ACT_MATERIAL, T(0), T(30), 5 * PIECE, "");
    b.station.by_hand = true;
    uint64_t n = enter(&b, &a, ERR_OK).n;
    cr_expect_not(core_act_durable(b.station.core, n));
    b.station.by_hand = false;
    bench_restart(&b, T(31));
    cr_expect_eq(core_acts(b.station.core), 0);
    cr_expect_eq(entered(&b, &a), 1);
    bench_restart(&b, T(32));
    bench_at(&b, T(33));
    cr_expect(enter(&b, &a, ERR_OK).repeated);
    cr_expect_eq(hour(&b).sums.q[QTY_MATERIAL], 5 * PIECE);
    bench_close(&b);
}

Test(acts, a_void_entry_leaves_nothing_behind) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    struct window before = hour(&b);
    const struct act a = entry("k1", ACT_SCRAP, T(5), T(5), 3 * PIECE, "");
    uint64_t n = entered(&b, &a);
    cr_expect_eq(hour(&b).sums.q[QTY_SQ], 3 * PIECE);
    struct act v = entry("k2", ACT_VOID, 0, 0, (int64_t)n, "");
    v.unit = span_str("");
    (void)entered(&b, &v);
    struct window after = hour(&b);
    cr_expect(sums_equal(&before.sums, &after.sums));
    v.key = span_str("k3");
    cr_expect_str_eq(enter(&b, &v, ERR_RANGE).refusal.field, "value"); /* void already */
    bench_restart(&b, T(31));
    bench_at(&b, T(32));
    cr_expect_eq(hour(&b).sums.q[QTY_SQ], 0);
    bench_close(&b);
}

/* The press is held from 06:10 to 06:20. */
Test(acts, a_stop_is_given_a_cause_split_and_merged) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    const struct act whole = entry("k1", ACT_CAUSE, T(5), T(25), 0, "material");
    (void)entered(&b, &whole);
    cr_expect_eq(hour(&b).sums.q[QTY_DELAY + CAUSE_MATERIAL], 10 * MIN);
    cr_expect_eq(hour(&b).sums.q[QTY_TIME + CAT_DELAY], 10 * MIN);
    cr_expect_eq(hour(&b).sums.q[QTY_TIME + CAT_PRODUCTION], 20 * MIN);
    const struct act part = entry("k2", ACT_CAUSE, T(14), T(20), 0, "operator");
    uint64_t n = entered(&b, &part);
    cr_expect_eq(hour(&b).sums.q[QTY_DELAY + CAUSE_MATERIAL], 4 * MIN);
    cr_expect_eq(hour(&b).sums.q[QTY_DELAY + CAUSE_OPERATOR], 6 * MIN);
    cr_expect_eq(hour(&b).sums.q[QTY_STOPS], 1);
    struct act v = entry("k3", ACT_VOID, 0, 0, (int64_t)n, "");
    (void)entered(&b, &v);
    cr_expect_eq(hour(&b).sums.q[QTY_DELAY + CAUSE_MATERIAL], 10 * MIN);
    bench_close(&b);
}

/* A correction of what a signal told has an end; a later one covers an earlier one. */
Test(acts, a_team_for_a_while_outranks_the_rota) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    const struct act open_ended = entry("k0", ACT_TEAM, T(0), ACT_FOR_GOOD, 0, "green");
    cr_expect_str_eq(enter(&b, &open_ended, ERR_RANGE).refusal.field, "to");
    const struct act a = entry("k1", ACT_TEAM, T(0), T(20), 0, "green");
    const struct act c = entry("k2", ACT_TEAM, T(10), T(30), 0, "gold");
    (void)entered(&b, &a);
    (void)entered(&b, &c);
    uint32_t green = core_find_word(b.station.core, span_str("green"));
    uint32_t gold = core_find_word(b.station.core, span_str("gold"));
    struct window_key key = {.node = PRESS, .kind = WINDOW_SHIFT, .start_ms = T0, .team = green};
    struct window w = {0};
    key.product = core_find_word(b.station.core, span_str("bolt"));
    cr_assert(station_window(&b.station, &key, &w));
    cr_expect_eq(w.sums.q[QTY_TIME + CAT_PRODUCTION], 10 * MIN);
    cr_expect_eq(w.sums.q[QTY_PQ], 30 * PIECE);
    key.team = gold;
    cr_assert(station_window(&b.station, &key, &w));
    cr_expect_eq(w.sums.q[QTY_TIME + CAT_DELAY], 10 * MIN);
    cr_expect_eq(w.sums.q[QTY_TIME + CAT_PRODUCTION], 10 * MIN);
    bench_close(&b);
}

/* A transformer ratio of 2 that nobody had entered, from 06:10 on: 1 kWh before it, 2 kWh after. */
Test(acts, a_dated_factor_corrects_what_a_meter_told) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    struct window before = hour(&b);
    cr_expect_eq(sums_energy(&before.sums), 3000 * WH);
    struct act a = entry("k1", ACT_FACTOR, T(10), T(30), 2, "");
    a.unit = span_str("");
    a.agent = span_str("gw1");
    a.point = span_str("energy");
    a.value2 = 1;
    (void)entered(&b, &a);
    struct window w = hour(&b);
    cr_expect_eq(sums_energy(&w.sums), 5000 * WH, "%lld", (long long)sums_energy(&w.sums));
    bench_close(&b);
}

/* At 06:40 the meter is another one: it showed 8,000 Wh last at 06:30 and shows 40 now. That it
 * ended at 8,500 and the new one began at 10 is said afterwards: 500 + 30. */
Test(acts, a_replaced_meter_is_declared_afterwards) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    script_asof(&b.gw1, T(30), T(50));
    script_int(&b.gw1, b.energy, T(40), 40);
    script_int(&b.gw1, b.energy, T(45), 50);
    script_int(&b.gw1, b.energy, T(50), 60);
    cr_assert_eq(script_send(&b.gw1), ERR_OK);
    bench_at(&b, T(50));
    struct window before = hour(&b);
    struct act a = entry("k1", ACT_REPLACE, T(35), T(35), 8500 * WH, "");
    a.unit = span_str("");
    a.agent = span_str("gw1");
    a.point = span_str("energy");
    a.value2 = 10 * WH;
    uint64_t n = entered(&b, &a);
    struct window after = hour(&b);
    /* 3 kWh before, 530 Wh at the break, 20 Wh after it; without a word the new meter began at 0.
     */
    cr_expect_eq(sums_energy(&after.sums), 3550 * WH, "%lld", (long long)sums_energy(&after.sums));
    cr_expect_eq(sums_energy(&before.sums), 3060 * WH, "%lld",
                 (long long)sums_energy(&before.sums));
    struct act v = entry("k2", ACT_VOID, 0, 0, (int64_t)n, "");
    (void)entered(&b, &v);
    after = hour(&b);
    cr_expect(sums_equal(&after.sums, &before.sums));
    a.key = span_str("k3");
    a.t0_ms = a.t1_ms = T(20); /* no meter broke off then */
    (void)entered(&b, &a);
    after = hour(&b);
    cr_expect(sums_equal(&after.sums, &before.sums));
    bench_close(&b);
}

/* The same half hour, all of it in one record and after it was over. */
static void half_hour_late(struct bench *b) {
    struct script *g = &b->gw1;
    cr_assert_eq(script_key(g, T0), ERR_OK);
    script_asof(g, T0, T(30));
    script_int(g, b->state, T0, MACHINE_RUN);
    script_int(g, b->total, T0, 100);
    script_int(g, b->energy, T0, 5000);
    script_text(g, b->order, T0, "o-1");
    script_int(g, b->extra, T0, 17);
    script_int(g, b->total, T(10), 130);
    script_int(g, b->state, T(10), MACHINE_HELD);
    script_int(g, b->energy, T(10), 6000);
    script_int(g, b->state, T(20), MACHINE_RUN);
    script_int(g, b->total, T(30), 160);
    script_int(g, b->energy, T(30), 8000);
    cr_assert_eq(script_send(g), ERR_OK);
}

/* Law L3 with people: in whichever order they enter it. */
Test(acts, the_order_of_entry_does_not_matter) {
    const struct act all[] = {entry("a", ACT_SCRAP, T(0), T(30), 7 * PIECE, ""),
                              entry("b", ACT_CAUSE, T(12), T(16), 0, "material"),
                              entry("c", ACT_MATERIAL, T(3), T(3), 11 * PIECE, ""),
                              entry("d", ACT_CAUSE, T(16), T(20), 0, "operator"),
                              entry("e", ACT_PRODUCT, T(10), T(30), 0, "nut")};
    enum { N = sizeof all / sizeof *all };
    struct sums first = {0};
    for (unsigned turn = 0; turn < N; turn++) {
        struct bench b;
        bench_open(&b);
        if (turn % 2)
            bench_half_hour(&b);
        else
            bench_at(&b, T(30));
        for (unsigned i = 0; i < N; i++)
            (void)entered(&b, &all[(i * 2 + turn) % N]);
        if (turn % 2 == 0)
            half_hour_late(&b);
        bench_at(&b, T(40));
        struct window w = hour(&b);
        if (turn == 0)
            first = w.sums;
        cr_expect(sums_equal(&w.sums, &first), "turn %u", turn);
        bench_close(&b);
    }
    cr_expect_eq(first.q[QTY_SQ], 7 * PIECE);
    cr_expect_eq(first.q[QTY_DELAY + CAUSE_MATERIAL], 4 * MIN);
    cr_expect_eq(first.q[QTY_DELAY + CAUSE_OPERATOR], 4 * MIN);
}

Test(acts, what_makes_no_sense_is_refused_by_name) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    struct {
        struct act a;
        const char *unit, *field, *part;
    } row[] = {
        {entry("k", ACT_SCRAP, T(0), T(9), PIECE, ""), "pres", "unit", "did you mean press?"},
        {entry("k", ACT_SCRAP, T(0), T(9), PIECE, ""), "pack", "kind", "told by a signal"},
        {entry("k", ACT_GOOD, T(0), T(9), PIECE, ""), "press", "kind", "`entered: [good]`"},
        {entry("k", ACT_SCRAP, T(0), T(9), 0, ""), "press", "value", "more than 0"},
        {entry("k", ACT_SCRAP, T(9), T(0), PIECE, ""), "press", "to", "before it begins"},
        {entry("k", ACT_SCRAP, T(0), T(99), PIECE, ""), "press", "to", "not happened yet"},
        {entry("k", ACT_SCRAP, T(-60 * 24 * 36), T(0), PIECE, ""), "press", "from", "keep_logs"},
        {entry("k", ACT_CAUSE, T(0), T(9), 0, "materiel"), "press", "text", "material?"},
        {entry("k", ACT_CAUSE, T(0), T(0), 0, "material"), "press", "to", "same moment"},
        {entry("k", ACT_PRODUCT, T(0), T(9), 0, "bolts"), "press", "text", "did you mean bolt?"},
        {entry("k", ACT_HEADCOUNT, T(0), T(9), -1, ""), "press", "value", "whole number"},
        {entry("", ACT_SCRAP, T(0), T(9), PIECE, ""), "press", "key", "counts once"},
        {entry("k", ACT_NOTE, T(0), T(0), 0, ""), "press", "note", "empty"},
        {entry("k", ACT_HANDOVER, T(0), T(60), 0, "gave"), "press", "text", "given (by the team"},
        {entry("k", ACT_HANDOVER, T(60), T(120), 0, "given"), "press", "from", "not begun"},
        {entry("k", ACT_HANDOVER, T(0), T(0), 0, "taken"), "press", "to", "same moment"},
        {entry("k", ACT_VOID, 0, 0, 9, ""), "", "value", "no entry of that number"},
        {entry("k", ACT_PLAN, T(0), T(9), -PIECE, ""), "press", "value", "0 to "},
        {entry("k", ACT_PLAN, T(0), T(0), PIECE, ""), "press", "to", "same moment"},
        {entry("k", ACT_PLAN, T(0), T(9), PIECE, "o-1"), "press", "product", "of which product"},
        {entry("k", ACT_PLAN, T(0), T(60 * 24 * 101), PIECE, ""), "press", "from", "100 days"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        row[i].a.unit = span_str(row[i].unit);
        struct core_act_answer out = enter(&b, &row[i].a, ERR_RANGE);
        cr_expect_str_eq(out.refusal.field, row[i].field, "%zu: %s", i, out.refusal.field);
        cr_expect(strstr(out.refusal.why, row[i].part), "%zu: %s", i, out.refusal.why);
    }
    cr_expect_eq(core_acts(b.station.core), 0);
    bench_close(&b);
}

/* The press stood from 06:10 to 06:20. The plant has jam as a failure of it and belt of the packer
 * only; burr is of scrap. */
Test(acts, a_reason_of_the_plant_is_a_cause) {
    static const struct ident pack = {"pack"};
    static const struct plant_reason reason[] = {
        {.id = {"jam"},
         .kind = REASON_STOP,
         .cause = CAUSE_FAILURE,
         .parent = UINT32_MAX,
         .code = 12},
        {.id = {"belt"},
         .kind = REASON_STOP,
         .cause = CAUSE_FAILURE,
         .parent = UINT32_MAX,
         .code = PLANT_NO_CODE,
         .of = &pack,
         .of_n = 1},
        {.id = {"burr"}, .kind = REASON_SCRAP, .parent = UINT32_MAX, .code = PLANT_NO_CODE}};
    static const char *const refused[][2] = {{"belt", "no reason of press"},
                                             {"burr", "a reason of scrap"},
                                             {"jan", "did you mean jam?"},
                                             {"belts", "no reason of press;"},
                                             {"13", "no cause"},
                                             {"12.5", "no cause"},
                                             {"micro_stop", "follows from its length"}};
    struct bench b;
    bench_open(&b);
    b.plant->reason = reason;
    b.plant->reason_n = sizeof reason / sizeof *reason;
    bench_half_hour(&b);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const struct act a = entry("k", ACT_CAUSE, T(10), T(16), 0, refused[i][0]);
        struct core_act_answer out = enter(&b, &a, ERR_RANGE);
        cr_expect_str_eq(out.refusal.field, "text");
        cr_expect(strstr(out.refusal.why, refused[i][1]), "%s: %s", refused[i][0], out.refusal.why);
    }
    const struct act jam = entry("k1", ACT_CAUSE, T(10), T(14), 0, "jam");
    const struct act code = entry("k2", ACT_CAUSE, T(14), T(17), 0, "12");
    (void)entered(&b, &jam);
    (void)entered(&b, &code);
    const struct window w = hour(&b);
    cr_expect_eq(w.sums.q[QTY_DELAY + CAUSE_FAILURE], 7 * MIN);
    cr_expect_eq(w.sums.q[QTY_DELAY + CAUSE_UNSTATED], 3 * MIN);
    cr_expect_eq(w.sums.q[QTY_FAILURES], 1);
    bench_close(&b);
}

/* The press runs but from 06:10 to 06:20. Of the half hour a lot was wrong for 12 minutes. */
Test(acts, a_breach_is_told_beside_what_was_done) {
    struct plant_condition lot = {.kind = BREACH_MATERIAL, .owner = "quality", .name = "lot"};
    struct bench b;
    bench_open(&b);
    cr_assert(ident_set(&lot.id, span_str("lot")));
    struct act a = entry("k1", ACT_BREACH, T(5), T(17), 0, "lot");
    a.reason = span_str("wrong alloy");
    bench_half_hour(&b);
    cr_expect_str_eq(enter(&b, &a, ERR_RANGE).refusal.field, "text"); /* the plant has none */
    b.plant->condition = &lot;
    b.plant->condition_n = 1;
    const struct window before = hour(&b);
    a.reason = span_str("");
    cr_expect_str_eq(enter(&b, &a, ERR_RANGE).refusal.field, "reason");
    a.reason = span_str("wrong alloy");
    const uint64_t n = entered(&b, &a);
    struct window after = hour(&b);
    cr_expect_eq(after.sums.q[QTY_BREACH], 12 * MIN);
    cr_expect_eq(after.sums.q[QTY_BREACH_OF + BREACH_MATERIAL], 12 * MIN);
    after.sums.q[QTY_BREACH] = after.sums.q[QTY_BREACH_OF + BREACH_MATERIAL] = 0;
    cr_expect(sums_equal(&before.sums, &after.sums));
    bench_restart(&b, T(31));
    bench_at(&b, T(32));
    cr_expect_eq(hour(&b).sums.q[QTY_BREACH], 12 * MIN, "it is stored");
    struct act v = entry("k2", ACT_VOID, 0, 0, (int64_t)n, "");
    v.unit = span_str("");
    (void)entered(&b, &v);
    cr_expect_eq(hour(&b).sums.q[QTY_BREACH], 0);
    b.plant->condition = NULL;
    b.plant->condition_n = 0;
    bench_close(&b);
}
