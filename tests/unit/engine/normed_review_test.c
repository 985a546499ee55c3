/* What months of shifts say of norms: reviews, status, records, key links, suggestions. */
#include "normed_rig.h"

/* --- reviews ------------------------------------------------------------------------------------
 */

/* So many shifts of a month; every fifth is at `few` pieces, the others at `many`. */
static void month(struct past *p, int first_day, int n, int64_t many, int64_t few) {
    for (int i = 0; i < n; i++)
        past_shift(p, BOLT, i % 2 ? RED : BLUE, EARLY(first_day + i), i % 5 == 0 ? few : many);
}

static const struct normed_review_row *row_of(const struct normed_review *x, const char *id) {
    for (size_t i = 0; i < x->n; i++)
        if (x->row[i].norm && strcmp(x->row[i].norm->id.s, id) == 0)
            return &x->row[i];
    return NULL;
}

static const struct normed_review_row *missing(const struct normed_review *x, enum norm_class c) {
    for (size_t i = 0; i < x->n; i++)
        if (!x->row[i].norm && x->row[i].norm_class == c)
            return &x->row[i];
    return NULL;
}

/* Blue and red by turns, each told once; a shift of nobody is of no team. */
Test(normed, teams_are_those_that_worked_at_a_unit) {
    struct past p;
    struct normed_teams t;
    past_begin(&p);
    month(&p, MAY, 6, 600, 400);
    past_shift(&p, NUT, 0, EARLY(MAY + 9), 500);
    past_shift(&p, NUT, RED, EARLY(-200), 500); /* before the time that is asked for */
    past_written(&p);
    p.q.node = LINE;
    cr_assert_eq(normed_teams(&p.q, &p.reader, &t), ERR_OK);
    cr_assert_eq(t.n, 2u);
    cr_expect_str_eq(t.at[0].team.s, "blue");
    cr_expect_str_eq(t.at[1].team.s, "red");
    cr_expect_eq(t.at[0].unit, 0u);
    normed_teams_fini(&t);
    p.q.node = PACK;
    cr_assert_eq(normed_teams(&p.q, &p.reader, &t), ERR_OK);
    cr_expect_eq(t.n, 0u);
    normed_teams_fini(&t);
    past_end(&p);
}

/* April and May with 25 shifts each: 20 at 1.6 min and 5 at 2.4 under a norm of 2 since January:
 * median 125 %, reach 80 %, twice. Energy is measured and has no norm. */
Test(normed, a_review_counts_the_last_two_whole_months) {
    struct past p;
    struct normed_review x;
    past_begin(&p);
    past_import(&p, "labour", past_norm(IND_LABOUR_PER_UNIT, 2, EARLY(-150)));
    past_import(&p, "use", past_norm(IND_TIME_UTILIZATION, 0.875, EARLY(-150)));
    month(&p, APRIL, 25, 600, 400);
    month(&p, MAY, 25, 600, 400);
    past_shift(&p, BOLT, RED, EARLY(0) - 8 * UTC_HOUR_MS, 960); /* the last one of May */
    past_written(&p);
    p.q.node = 0;
    p.q.to_ms = EARLY(10); /* in June, which is not over */
    cr_assert_eq(normed_review(&p.q, &p.reader, &x), ERR_OK);
    cr_expect_eq(x.from_ms[0], SIM_DAY0 + MAY * UTC_DAY_MS);
    cr_expect_eq(x.from_ms[1], SIM_DAY0 + APRIL * UTC_DAY_MS);
    cr_expect_eq(x.to_ms, SIM_DAY0);
    const struct normed_review_row *r = row_of(&x, "labour");
    cr_assert_not_null(r);
    cr_expect_eq(r->in.n, 26);
    cr_expect(past_near(r->in.median, 1.25) && past_near(r->in.median_before, 1.25));
    cr_expect(past_near(r->in.reach, 21.0 / 26) && past_near(r->in.reach_before, 0.8));
    cr_expect_eq(r->out.verdict, REVIEW_TIGHTEN);
    r = row_of(&x, "use"); /* 420 of 480 min, all of them */
    cr_assert_not_null(r);
    cr_expect(past_near(r->in.median, 1) && past_near(r->in.reach, 1));
    cr_expect_eq(r->out.verdict, REVIEW_TIGHTEN, "everyone meets it");
    r = missing(&x, CLASS_CONSUMPTION);
    cr_assert_not_null(r);
    cr_expect_eq(r->out.verdict, REVIEW_CREATE);
    cr_expect(r->node == PRESS && span_equal(r->product, span_str("bolt")));
    cr_expect_not_null(missing(&x, CLASS_QUALITY), "no scrap at all is a figure, too");
    cr_expect_null(missing(&x, CLASS_LABOUR));
    normed_review_fini(&x);
    past_end(&p);
}

/* A norm of three weeks has not been there in April: nothing is said of it by what others did. */
Test(normed, shifts_of_another_norm_do_not_count) {
    struct past p;
    struct normed_review x;
    past_begin(&p);
    past_import(&p, "old", past_norm(IND_LABOUR_PER_UNIT, 2.2, EARLY(-150)));
    past_import(&p, "new", past_norm(IND_LABOUR_PER_UNIT, 2, EARLY(MAY + 20)));
    month(&p, APRIL, 25, 600, 400);
    month(&p, MAY, 25, 600, 400);
    past_written(&p);
    p.q.to_ms = EARLY(10);
    cr_assert_eq(normed_review(&p.q, &p.reader, &x), ERR_OK);
    cr_expect_null(row_of(&x, "old"), "it is superseded");
    const struct normed_review_row *r = row_of(&x, "new");
    cr_assert_not_null(r);
    cr_expect_eq(r->in.n, 5);
    cr_expect(isnan(r->in.median_before));
    cr_expect_eq(r->out.verdict, REVIEW_NOT_ENOUGH_BASIS);
    normed_review_fini(&x);
    past_end(&p);
}

/* The ideal cycle was set anew after the norm; a ministry's norm came after the other. */
Test(normed, what_a_norm_rests_on_may_have_changed) {
    static const struct plant_ideal ideal[] = {{0, INT64_C(10000000000), INT64_MIN},
                                               {0, INT64_C(9000000000), EARLY(MAY)}};
    struct past p;
    struct normed_review x;
    past_begin(&p);
    struct plant_unit *press = (struct plant_unit *)&p.plant->unit[0];
    press->ideal = ideal;
    press->ideal_n = 2;
    past_import(&p, "labour", past_norm(IND_LABOUR_PER_UNIT, 2, EARLY(-150)));
    struct norm *n = past_norm(IND_ENERGY_PER_GOOD, 0.3, EARLY(MAY));
    n->scope.node = (struct ident){""};
    n->origin = ORIGIN_MINISTRY;
    n->source = "Ministry";
    n->source_ms = EARLY(MAY);
    n->document = "Decree 7";
    past_import(&p, "superior", n);
    past_import(&p, "energy", past_norm(IND_ENERGY_PER_GOOD, 0.25, EARLY(-150)));
    month(&p, APRIL, 25, 480, 480);
    month(&p, MAY, 25, 480, 480);
    past_written(&p);
    p.q.to_ms = EARLY(10);
    cr_assert_eq(normed_review(&p.q, &p.reader, &x), ERR_OK);
    cr_expect_eq(row_of(&x, "labour")->in.changed, (unsigned)REASON_PROCESS);
    cr_expect_eq(row_of(&x, "labour")->out.verdict, REVIEW_REVISE);
    cr_expect(row_of(&x, "energy")->in.changed & REASON_SUPERIOR);
    cr_expect_null(row_of(&x, "superior"), "it is reviewed where it was made");
    normed_review_fini(&x);
    past_end(&p);
}

/* --- status, records, links ---------------------------------------------------------------------
 */

/* Red 400 and blue 600 pieces under 2 min: 2.4 is not met, 1.6 is better, together 1920 / 1000 =
 * 1.92 is met. */
Test(normed, status_is_told_of_the_unit_and_of_each_team) {
    struct past p;
    struct normed_status s;
    past_begin(&p);
    past_import(&p, "labour", past_norm(IND_LABOUR_PER_UNIT, 2, EARLY(-90)));
    past_shift(&p, BOLT, RED, EARLY(-30), 400);
    past_shift(&p, BOLT, BLUE, EARLY(-29), 600);
    past_written(&p);
    cr_assert_eq(normed_status(&p.q, &p.reader, &s), ERR_OK);
    cr_assert_eq(s.n, 3u);
    cr_expect_eq(s.row[0].whole.of[CLASS_LABOUR].status, STATUS_MET);
    cr_expect(past_near(s.row[0].whole.of[CLASS_LABOUR].value.value, 1.92));
    cr_expect(span_equal(s.row[1].team, span_str("red")));
    cr_expect_eq(s.row[1].whole.of[CLASS_LABOUR].status, STATUS_NOT_MET);
    cr_expect_eq(s.row[2].whole.of[CLASS_LABOUR].status, STATUS_BETTER);
    cr_expect_eq(s.row[0].whole.of[CLASS_CONSUMPTION].status, STATUS_NO_NORM);
    cr_expect(s.row[0].whole.of[CLASS_CONSUMPTION].neglected);
    normed_status_fini(&s);
    past_end(&p);
}

Test(normed, a_record_stands_until_a_better_one) {
    static const int64_t good[] = {480, 470, 500, 500, 510};
    struct past p;
    struct normed_records x;
    past_begin(&p);
    for (int i = 0; i < 5; i++)
        past_shift(&p, BOLT, i % 2 ? RED : BLUE, EARLY(-20 + i), good[i]);
    past_shift(&p, NUT, RED, EARLY(-10), 200);
    past_written(&p);
    cr_assert_eq(normed_records(&p.q, &p.reader, &x), ERR_OK);
    cr_assert_eq(x.n, 4u);
    cr_expect(span_equal(x.at[0].product, span_str("nut")) && isnan(x.at[0].before));
    cr_expect(past_near(x.at[1].value, 960.0 / 510) && past_near(x.at[1].before, 960.0 / 500));
    cr_expect_eq(x.at[1].verdict, RECORD_PROVISIONAL, "other classes have no norms");
    cr_expect_eq(x.seen[RECORD_NOT_BEST], 2u);
    normed_records_fini(&x);
    past_end(&p);
}

Test(normed, links_are_ranked_over_whole_shifts) {
    struct past p;
    struct normed_links l;
    past_begin(&p);
    const struct sums press = past_made(480, 100);
    struct sums pack = past_made(480, 50);
    pack.q[QTY_TIME + CAT_PRODUCTION] -= 60 * MIN;
    pack.q[QTY_TIME + CAT_DELAY] += 60 * MIN;
    pack.q[QTY_DELAY + CAUSE_STARVED] = 100 * MIN;
    past_put_shift(&p, PRESS, BOLT, RED, EARLY(-3), &press);
    past_put_shift(&p, PACK, BOLT, RED, EARLY(-3), &pack);
    past_written(&p);
    p.q.node = LINE;
    cr_assert_eq(normed_links(&p.q, &p.reader, &l), ERR_OK);
    cr_assert_eq(l.n, 2u);
    cr_expect_eq(l.at[0].unit, 0u);
    cr_expect(past_near(l.at[0].busy, 420.0 / 480) && past_near(l.at[0].lost_h, 1));
    cr_expect(past_near(l.at[1].waiting, 100.0 / 480));
    normed_links_fini(&l);
    past_end(&p);
}

/* A suggestion can be proposed as it is: a command of the ledger takes it. */
Test(normed, a_suggestion_is_a_norm_to_be_proposed) {
    struct past p;
    struct normed_suggestion s;
    struct ledger_answer a;
    struct norm n;
    past_begin(&p);
    month(&p, APRIL, 25, 600, 400);
    month(&p, MAY, 25, 600, 400);
    past_written(&p);
    p.q.product = "bolt";
    cr_assert_eq(normed_suggest(&p.q, &p.reader, &s), ERR_OK);
    normed_suggestion_norm(&p.q, &s, &n);
    cr_expect_eq(n.basis.n, 50);
    cr_expect(past_near(n.value, (48000.0 / 28000 + 1.6) / 2), "m = 50 x 960 / 28000, a = 1.6");
    const struct ledger_command c = {.action = LEDGER_PROPOSE,
                                     .id = {"press-2026-07"},
                                     .who = "shop",
                                     .why = "history",
                                     .key = span_str("k"),
                                     .norm = &n,
                                     .at_ms = NORM_NO_TIME,
                                     .due_ms = NORM_NO_TIME};
    cr_expect_eq(ledger_apply(p.ledger, &c, EARLY(0), &a), ERR_OK, "%s %s", a.refusal.field,
                 a.refusal.why);
    normed_suggestion_fini(&s);
    past_end(&p);
}
