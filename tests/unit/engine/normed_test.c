/* Shifts of the past held against the norms of their time, with conditions held and without. */
#include "normed_rig.h"

/* --- attainment ---------------------------------------------------------------------------------
 */

/* 384 pieces under 2.5 min and 480 under 2 min: (960 + 960) / 1920. By the later norm alone it
 * would be 1728 / 1920: a revision does not rewrite the past. */
Test(normed, each_shift_is_held_against_the_norm_of_its_time) {
    struct past p;
    struct normed_attain a;
    past_begin(&p);
    past_import(&p, "old", past_norm(IND_LABOUR_PER_UNIT, 2.5, EARLY(-90)));
    past_import(&p, "new", past_norm(IND_LABOUR_PER_UNIT, 2.0, EARLY(-20)));
    past_shift(&p, BOLT, RED, EARLY(-35), 384);
    past_shift(&p, BOLT, BLUE, EARLY(-10), 480);
    past_written(&p);
    cr_assert_eq(normed_attain(&p.q, &p.reader, &a), ERR_OK);
    cr_assert_eq(a.table.n, 1u);
    cr_expect_eq(a.table.row[0].all.n, 2u);
    cr_expect(past_near(attain_value(&a.table.row[0].all, ATTAIN_TIME), 1));
    normed_attain_fini(&a);
    p.q.by = ATTAIN_BY_NODE | ATTAIN_BY_TEAM | ATTAIN_BY_PERIOD;
    cr_assert_eq(normed_attain(&p.q, &p.reader, &a), ERR_OK);
    cr_assert_eq(a.table.n, 2u);
    cr_expect(span_equal(a.table.row[0].team, span_str("red")));
    cr_expect_eq(a.table.row[0].period, 2026 * 12 + 3, "the 27th of April");
    normed_attain_fini(&a);
    past_end(&p);
}

/* The most specific one in force: of the product before all, of the team before all teams. */
Test(normed, a_norm_of_the_product_or_team_comes_first) {
    struct past p;
    struct normed_attain a;
    past_begin(&p);
    past_import(&p, "all", past_norm(IND_LABOUR_PER_UNIT, 2, EARLY(-90)));
    struct norm *n = past_norm(IND_LABOUR_PER_UNIT, 4, EARLY(-90));
    n->scope.product = (struct ident){"nut"};
    past_import(&p, "nuts", n);
    past_shift(&p, BOLT, RED, EARLY(-30), 480);
    past_shift(&p, NUT, RED, EARLY(-29), 240);
    past_written(&p);
    p.q.by = ATTAIN_BY_PRODUCT;
    cr_assert_eq(normed_attain(&p.q, &p.reader, &a), ERR_OK);
    cr_assert_eq(a.table.n, 2u);
    cr_expect(past_near(attain_value(&a.table.row[0].all, ATTAIN_TIME), 1));
    cr_expect(past_near(attain_value(&a.table.row[1].all, ATTAIN_TIME), 1));
    normed_attain_fini(&a);
    past_end(&p);
}

Test(normed, what_is_not_settled_is_no_shift_yet) {
    struct past p;
    struct normed_attain a;
    const struct sums s = past_made(480, 100);
    past_begin(&p);
    past_import(&p, "all", past_norm(IND_LABOUR_PER_UNIT, 2, EARLY(-90)));
    past_put_window(&p, PRESS, BOLT, RED, EARLY(-1), WINDOW_PROVISIONAL, &s);
    past_written(&p);
    cr_assert_eq(normed_attain(&p.q, &p.reader, &a), ERR_OK);
    cr_expect_eq(a.table.n, 0u);
    normed_attain_fini(&a);
    past_end(&p);
}

/* A line has the pieces of its output and the energy of all its units: 100 + 50 kWh for 300. */
Test(normed, a_line_is_the_sum_of_its_units_by_the_output_rule) {
    struct past p;
    struct normed_suggestion s;
    past_begin(&p);
    for (int day = -9; day < 0; day++) {
        const struct sums press = past_made(480, 100), pack = past_made(300, 50);
        past_put_shift(&p, PRESS, BOLT, day % 2 ? RED : BLUE, EARLY(day), &press);
        past_put_shift(&p, PACK, BOLT, day % 2 ? RED : BLUE, EARLY(day), &pack);
    }
    past_written(&p);
    p.q.node = LINE;
    p.q.indicator = IND_ENERGY_PER_GOOD;
    cr_assert_eq(normed_suggest(&p.q, &p.reader, &s), ERR_OK);
    cr_expect_eq(s.proposal.n, 9u);
    cr_expect_eq(s.proposal.verdict, PROPOSE_OK);
    cr_expect(past_near(s.proposal.mean, 0.5));
    normed_suggestion_fini(&s);
    past_end(&p);
}

/* What another machine has to reach says nothing of this one. */
Test(normed, norms_beside_it_are_of_the_place_or_around_it) {
    static const char *const nodes[] = {"press", "line", "", "pack"};
    struct past p;
    struct normed_suggestion s;
    past_begin(&p);
    for (unsigned i = 0; i < 4; i++) {
        struct norm *n = past_norm(IND_ENERGY_PER_GOOD, 0.5, SIM_DAY0 - 90 * UTC_DAY_MS);
        char id[16];
        n->scope.node = (struct ident){""};
        cr_assert(!*nodes[i] || ident_set(&n->scope.node, span_str(nodes[i])));
        n->origin = ORIGIN_STATE;
        n->source = "State Office";
        n->source_ms = n->from_ms;
        (void)snprintf(id, sizeof id, "state-%u", i);
        past_import(&p, id, n);
    }
    past_written(&p);
    p.q.indicator = IND_ENERGY_PER_GOOD;
    cr_assert_eq(normed_suggest(&p.q, &p.reader, &s), ERR_OK);
    cr_assert_eq(s.reference_n, 3u);
    for (unsigned i = 0; i < 3; i++)
        cr_expect_str_eq(s.reference[i].norm->scope.node.s, nodes[i]);
    normed_suggestion_fini(&s);
    past_end(&p);
}

/* --- breaches -----------------------------------------------------------------------------------
 */

/* Of 480 pieces 30 were made in an hour of the wrong lot, or of which nobody knows: the rest is 450
 * in 420 min of two. */
static void take_out_an_hour(enum qty of) {
    struct past p;
    struct normed_suggestion x;
    struct cells cells;
    struct buf bytes;
    struct sums s = past_made(480, 100);
    past_begin(&p);
    s.q[of] = 60 * MIN;
    past_put_shift(&p, PRESS, BOLT, RED, EARLY(-1), &s);
    cells_init(&cells);
    buf_init(&bytes);
    for (int64_t hour = 0; hour < 8; hour++) {
        const int64_t at = EARLY(-1) / UTC_HOUR_MS + hour;
        uint8_t key[16] = "press";
        for (unsigned b = 0; b < 4; b++)
            key[6 + b] = (uint8_t)((uint64_t)at >> (24 - 8 * b));
        cells.n = 0;
        buf_reset(&bytes);
        for (int64_t m = 0; m < 60; m++) {
            struct cell c = {.minute = at * 60 + m,
                             .ctx = {.product = BOLT, .team = RED, .shift = 0, .shift_day = 1}};
            c.sums.q[QTY_TIME + CAT_PRODUCTION] = MIN;
            c.sums.q[QTY_LABOUR] = 2 * MIN;
            c.sums.q[QTY_LABOUR_TIME] = c.sums.q[QTY_COUNT_DUE] = c.sums.q[QTY_COUNT_SEEN] = MIN;
            c.sums.q[QTY_GQ] = (hour == 3 ? m % 2 : 1) * PIECE; /* 30 in the fourth hour */
            c.sums.q[of] = hour == 3 ? MIN : 0;
            cr_assert_eq(cells_add(&cells, &c), ERR_OK);
        }
        cr_assert_eq(cells_pack(cells.at, cells.n, &bytes), ERR_OK);
        past_put(&p, STORE_CELL, span_of(key, 10), buf_span(&bytes));
    }
    past_written(&p);
    cr_assert_eq(normed_suggest(&p.q, &p.reader, &x), ERR_OK);
    cr_assert_eq(x.seen.n, 1u);
    cr_expect(past_near(x.seen.at[0].weight, 420), "7 h of 60 pieces");
    cr_expect(past_near(x.seen.at[0].value, 840.0 / 420));
    normed_suggestion_fini(&x);
    cells_fini(&cells);
    buf_fini(&bytes);
    past_end(&p);
}

Test(normed, time_out_of_conditions_is_taken_out_minute_by_minute) {
    take_out_an_hour(QTY_BREACH);
}

Test(normed, time_of_which_nobody_knows_is_not_held) {
    take_out_an_hour(QTY_UNPROVEN);
}

/* Without its minutes nobody knows what was made with conditions held. */
static void lose_minutes(enum qty of) {
    struct past p;
    struct normed_suggestion x;
    struct sums s = past_made(480, 100);
    past_begin(&p);
    s.q[of] = MIN;
    past_put_shift(&p, PRESS, BOLT, RED, EARLY(-1), &s);
    past_written(&p);
    cr_assert_eq(normed_suggest(&p.q, &p.reader, &x), ERR_OK);
    cr_expect_eq(x.seen.seen[OBSERVE_CONDITION], 1u);
    normed_suggestion_fini(&x);
    past_end(&p);
}

Test(normed, where_minutes_are_gone_a_breached_shift_is_no_observation) {
    lose_minutes(QTY_BREACH);
    lose_minutes(QTY_UNPROVEN);
}
