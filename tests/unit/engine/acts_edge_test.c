/* What people enter, where it is awkward: tried again, thousands of it, and beside a plant file
 * that says otherwise by now. */
#include "core_rig.h"

#include <criterion/criterion.h>
#include <stdio.h>

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

/* What else people may enter of the press. */
static void people_enter(struct bench *b, unsigned roles) {
    ((struct plant_unit *)(uintptr_t)b->plant->unit)[0].entered = roles;
}

static struct window hour(struct bench *b) {
    return bench_window(b, PRESS, WINDOW_HOUR, T0);
}

/* The answer got lost; "now" is later when it is tried again. */
Test(acts_edge, an_entry_without_a_time_is_tried_again_under_its_key) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    struct act a = entry("k1", ACT_MATERIAL, T(30), T(30), 5 * PIECE, "");
    a.undated = true;
    uint64_t n = enter(&b, &a, ERR_OK).n;
    bench_at(&b, T(31));
    a.t0_ms = a.t1_ms = T(31);
    struct core_act_answer again = enter(&b, &a, ERR_OK);
    cr_expect(again.repeated);
    cr_expect_eq(again.n, n);
    a.undated = false; /* somebody says when: that is another entry */
    (void)enter(&b, &a, ERR_EXISTS);
    a.undated = true;
    a.value++;
    (void)enter(&b, &a, ERR_EXISTS);
    cr_expect_eq(hour(&b).sums.q[QTY_MATERIAL], 5 * PIECE);
    bench_close(&b);
}

/* An order and an entry of a cause every few minutes of a month, a reading of a register every
 * twenty: a computation looks at those around its minutes. It lasted four minutes when it looked at
 * all of them. */
Test(acts_edge, thousands_of_entries_are_looked_at_where_they_are, .timeout = 60) {
    enum { N = 5000, READINGS = 2000 };
    const int64_t begin = T0 - 30 * UTC_DAY_MS;
    struct bench b;
    char key[32];
    bench_open(&b);
    people_enter(&b, 1U << ROLE_ORDER | 1U << ROLE_ENERGY | 1U << ROLE_SCRAP);
    bench_half_hour(&b);
    for (unsigned i = 0; i < N; i++) {
        int64_t t = begin + (int64_t)i * 8 * MIN;
        snprintf(key, sizeof key, "o%u", i);
        struct act a = entry(key, ACT_ORDER, t, ACT_FOR_GOOD, 0, i % 2 ? "o-1" : "");
        (void)enter(&b, &a, ERR_OK);
        snprintf(key, sizeof key, "s%u", i);
        a = entry(key, ACT_SCRAP, t, t + MIN, PIECE, "");
        (void)enter(&b, &a, ERR_OK);
        t = begin + (int64_t)i * 20 * MIN;
        snprintf(key, sizeof key, "e%u", i);
        a = entry(key, ACT_ENERGY, t, t, i * WH, "");
        if (i < READINGS)
            (void)enter(&b, &a, ERR_OK);
    }
    bench_at(&b, T(31));
    /* The last but two of the days: 180 spells of 8 minutes, 72 of 20. */
    struct window day = bench_window(&b, PRESS, WINDOW_DAY, SIM_DAY0 - 5 * UTC_DAY_MS);
    cr_expect_eq(day.sums.q[QTY_SQ] + day.sums.q[QTY_SQ_UNKNOWN], 180 * PIECE);
    cr_expect_eq(sums_energy(&day.sums), 72 * WH, "%lld", (long long)sums_energy(&day.sums));
    bench_close(&b);
}

/* By the clock of who read it; the 33 minutes of the hour count at once, beside
 * the 3 kWh of the meter. */
Test(acts_edge, a_reading_of_a_register_ahead_of_our_clock_moves_what_is_behind) {
    struct bench b;
    bench_open(&b);
    people_enter(&b, 1U << ROLE_ENERGY);
    bench_half_hour(&b);
    const struct act first = entry("k1", ACT_ENERGY, T(-2), T(-2), 0, "");
    const struct act second = entry("k2", ACT_ENERGY, T(33), T(33), 3500 * WH, "");
    (void)enter(&b, &first, ERR_OK);
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    (void)enter(&b, &second, ERR_OK);
    cr_assert_eq(station_settle(&b.station), ERR_OK);
    const struct window w = hour(&b);
    cr_expect_eq(sums_energy(&w.sums), (3000 + 3300) * WH, "%lld", (long long)sums_energy(&w.sums));
    bench_close(&b);
}

/* Whoever reads a signal from now on takes the role out of `entered`: what was entered for good
 * must not outrank the signal for ever. The half hour is told anew, so it is computed anew. */
Test(acts_edge, what_is_not_entered_any_more_does_not_hold_for_good) {
    struct bench b;
    bench_open(&b);
    people_enter(&b, 1U << ROLE_TEAM | 1U << ROLE_MATERIAL);
    bench_half_hour(&b);
    struct act a = entry("k1", ACT_TEAM, T(0), ACT_FOR_GOOD, 0, "green");
    (void)enter(&b, &a, ERR_OK);
    a = entry("k2", ACT_TEAM, T(20), T(30), 0, "gold"); /* a correction is one whatever is read */
    (void)enter(&b, &a, ERR_OK);
    bench_at(&b, T(31));
    people_enter(&b, 1U << ROLE_MATERIAL);
    bench_restart(&b, T(31));
    a = entry("k3", ACT_CAUSE, T(0), T(30), 0, "material");
    (void)enter(&b, &a, ERR_OK);
    bench_at(&b, T(32));
    struct window_key key = {.node = PRESS, .kind = WINDOW_SHIFT, .start_ms = T0};
    struct window w = {0};
    key.product = core_find_word(b.station.core, span_str("bolt"));
    key.team = core_find_word(b.station.core, span_str("red")); /* the rota's */
    cr_assert(station_window(&b.station, &key, &w));
    cr_expect_eq(w.sums.q[QTY_TIME + CAT_PRODUCTION], 10 * MIN);
    key.team = core_find_word(b.station.core, span_str("gold"));
    cr_assert(station_window(&b.station, &key, &w));
    cr_expect_eq(w.sums.q[QTY_TIME + CAT_PRODUCTION], 10 * MIN);
    bench_close(&b);
}

Test(acts_edge, a_factor_beyond_reason_is_refused) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    struct act a = entry("k1", ACT_FACTOR, T(0), T(30), 1000000, "");
    a.unit = span_str("");
    a.agent = span_str("gw1");
    a.point = span_str("energy");
    a.value2 = 1;
    cr_expect_eq(enter(&b, &a, ERR_OK).n, 1);
    a.key = span_str("k2");
    a.value = 1000001;
    cr_expect_str_eq(enter(&b, &a, ERR_RANGE).refusal.field, "value");
    a.value = 1;
    a.value2 = 1000001;
    cr_expect_str_eq(enter(&b, &a, ERR_RANGE).refusal.field, "value");
    bench_close(&b);
}

/* It would be taken and do nothing: a word or a code can't be multiplied, and there is nothing that
 * a new meter would step from. */
Test(acts_edge, a_factor_or_a_new_meter_of_what_measures_no_amount_is_refused) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    struct act a = entry("k1", ACT_FACTOR, T(0), T(30), 2, "");
    a.unit = span_str("");
    a.agent = span_str("gw1");
    a.value2 = 1;
    static const char *const point[] = {"state", "order", "product", "team"};
    for (size_t i = 0; i < sizeof point / sizeof *point; i++) {
        a.point = span_str(point[i]);
        cr_expect_str_eq(enter(&b, &a, ERR_RANGE).refusal.field, "signal");
    }
    a.agent = span_str("gw2");
    a.point = span_str("power");
    cr_expect_eq(enter(&b, &a, ERR_OK).n, 1);
    a.kind = ACT_REPLACE; /* of power there is no end and no beginning */
    a.key = span_str("k2");
    a.t1_ms = a.t0_ms;
    cr_expect_str_eq(enter(&b, &a, ERR_RANGE).refusal.field, "signal");
    bench_close(&b);
}

/* Nothing would compute it anew: it would be void, and still counted when the unit comes back. */
Test(acts_edge, an_entry_of_a_unit_that_left_the_plant_file_is_not_voided) {
    struct bench b;
    bench_open(&b);
    bench_half_hour(&b);
    struct act a = entry("k1", ACT_PRODUCT, T(0), T(30), 0, "nut");
    a.unit = span_str("pack");
    uint64_t n = enter(&b, &a, ERR_OK).n;
    bench_at(&b, T(31));
    struct ident *pack = (struct ident *)(uintptr_t)&b.plant->unit[1].id;
    memcpy(pack->s, "peck", 4);
    bench_restart(&b, T(32));
    struct act v = entry("k2", ACT_VOID, 0, 0, (int64_t)n, "");
    v.unit = span_str("");
    struct core_act_answer out = enter(&b, &v, ERR_RANGE);
    cr_expect(strstr(out.refusal.why, "not in the plant file"), "%s", out.refusal.why);
    memcpy(pack->s, "pack", 4);
    bench_restart(&b, T(33));
    (void)enter(&b, &v, ERR_OK);
    bench_close(&b);
}

static int64_t energy_of_hour(struct bench *b) {
    const struct window w = hour(b);
    return sums_energy(&w.sums);
}

/* A register read at 06:33 by a clock that is ahead of ours, and wrong: nothing of it stays,
 * neither in the minutes behind us nor in those ahead that it had energy for. */
Test(acts_edge, a_void_reading_that_was_ahead_leaves_nothing_ahead) {
    struct bench b;
    bench_open(&b);
    people_enter(&b, 1U << ROLE_ENERGY);
    bench_half_hour(&b);
    const int64_t before = energy_of_hour(&b);
    struct act a = entry("k1", ACT_ENERGY, T(-2), T(-2), 0, "");
    (void)enter(&b, &a, ERR_OK);
    a = entry("k2", ACT_ENERGY, T(33), T(33), 3500 * WH, "");
    const uint64_t n = enter(&b, &a, ERR_OK).n;
    bench_at(&b, T(30));
    cr_expect_gt(energy_of_hour(&b), before);
    a = entry("v", ACT_VOID, T(30), T(30), (int64_t)n, "");
    a.unit = span_str("");
    (void)enter(&b, &a, ERR_OK);
    for (unsigned i = 30; i <= 35; i++) {
        bench_at(&b, T(i));
        const struct window w = hour(&b);
        cr_expect_leq(sums_time(&w.sums), i * MIN, "06:%u: %lld", i, (long long)sums_time(&w.sums));
        cr_expect_eq(energy_of_hour(&b), before, "06:%u: %lld instead of %lld", i,
                     (long long)energy_of_hour(&b), (long long)before);
    }
    bench_close(&b);
}
