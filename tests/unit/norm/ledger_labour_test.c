/* Labour norms: what has to be there before anybody's pay moves. */
#include "norm_rig.h"

static struct norm_rig r;

static void begin(struct norm *n) {
    rig_open(&r);
    *n = rig_norm_of(IND_LABOUR_PER_UNIT, 0.45);
    n->from_ms = RIG_NOW + 10 * DAY;
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "x", "shop", n), "%s", r.a.refusal.why);
    cr_assert(rig_give(&r, LEDGER_ANSWER, "x", "office", NULL));
}

static void give(enum ledger_action a, const struct norm *n) {
    cr_assert(rig_give(&r, a, "x", a == LEDGER_CHOOSE ? "office" : "shop", n), "%s: %s",
              ledger_action_name(a), r.a.refusal.why);
}

static bool approves(const char *field) {
    const bool taken = rig_give(&r, LEDGER_APPROVE, "x", "office", NULL);
    if (!taken)
        cr_expect_str_eq(r.a.refusal.field, field, "%s", r.a.refusal.why);
    return taken;
}

static struct norm whole(void) {
    struct norm n;
    norm_init(&n);
    n.trial.from_ms = RIG_NOW - 30 * DAY;
    n.trial.to_ms = RIG_NOW - DAY;
    n.trial.n = 24;
    n.trial.reach = 0.5;
    n.trial.normal_hours = true;
    n.consultation.t_ms = RIG_NOW - DAY;
    n.consultation.with = "works council";
    n.publication.t_ms = RIG_NOW + 10 * DAY;
    return n;
}

/* One record is left out in turn, or does not do. */
static void without(unsigned what, const char *field) {
    struct norm n, w = whole();
    begin(&n);
    if (what == 1)
        w.trial.normal_hours = false;
    if (what == 2)
        w.trial.reach = 0.499;
    if (what == 3)
        w.publication.t_ms = n.from_ms + 1;
    if (what != 4)
        give(LEDGER_TRIAL, &w);
    if (what != 4 && what != 5)
        give(LEDGER_RESULT, &w);
    if (what != 6)
        give(LEDGER_CONSULT, &w);
    if (what != 7)
        give(LEDGER_PUBLISH, &w);
    give(LEDGER_SUBMIT, NULL);
    cr_expect_eq(approves(field), what == 0, "case %u", what);
    rig_close(&r);
}

Test(labour, is_approved_with_trial_consultation_and_publication_only) {
    without(0, "");
    without(1, "trial.normal_hours");
    without(2, "trial.reach");
    without(3, "publication.date");
    without(4, "trial");
    without(5, "trial");
    without(6, "consultation");
    without(7, "publication");
}

Test(labour, reach_of_the_trial_is_a_setting) {
    struct norm n, w = whole();
    begin(&n);
    r.conf.trial_reach_min = 0.6;
    give(LEDGER_TRIAL, &w);
    give(LEDGER_RESULT, &w);
    give(LEDGER_CONSULT, &w);
    give(LEDGER_PUBLISH, &w);
    give(LEDGER_SUBMIT, NULL);
    cr_expect_not(approves("trial.reach"));
    r.conf.trial_reach_min = 0.5;
    cr_expect(approves(""));
    rig_close(&r);
}

Test(labour, a_trial_norm_is_not_in_force_for_anybody) {
    struct norm n, w = whole();
    begin(&n);
    w.trial.to_ms = RIG_NOW + 5 * DAY;
    give(LEDGER_TRIAL, &w);
    cr_expect_null(rig_find(&r, IND_LABOUR_PER_UNIT, "press", NULL, RIG_NOW + DAY, NULL));
    cr_expect_null(rig_find(&r, IND_LABOUR_PER_UNIT, "press", NULL, n.from_ms, NULL));
    rig_close(&r);
}

/* --- piece rates -------------------------------------------------------------------------------
 */

/* Worked example 7: T0 0.50, T1 0.45, t 0.40, k0 0: keep k: rho1 12.5 %; keep rho: k1 11.11 %. */
static struct norm choice(enum norm_choice_kind kind) {
    struct norm n;
    norm_init(&n);
    n.choice.kind = (uint8_t)kind;
    n.choice.supplement = 0;
    n.choice.team_n = 2;
    n.choice.team[0] = (struct norm_pay_team){{"red"}, 0.40};
    n.choice.team[1] = (struct norm_pay_team){{"blue"}, 0.40};
    return n;
}

static void begin_revision(bool new_is_marked) {
    struct norm old = rig_norm_of(IND_LABOUR_PER_UNIT, 0.50), n = old;
    rig_open(&r);
    old.piece_paid = true;
    rig_in_force(&r, "old", &old);
    r.now_ms += 2 * DAY;
    n.value = 0.45;
    n.piece_paid = new_is_marked;
    n.from_ms = r.now_ms + 9 * DAY;
    rig_submitted(&r, "x", &n);
}

Test(pay, approval_waits_until_a_reading_is_chosen) {
    for (unsigned marked = 0; marked < 2; marked++) {
        begin_revision(marked);
        cr_expect_not(approves("pay"), "also if only the norm in force says so");
        const struct norm keep = choice(CHOICE_INCENTIVE);
        give(LEDGER_CHOOSE, &keep);
        const struct norm_choice *c = &ledger_find(r.ledger, "x")->choice;
        cr_expect_float_eq(c->supplement_after, 1.0 / 9, 1e-12, "k1 = 0.50 / 0.45 - 1");
        cr_expect_float_eq(c->incentive_least, 0.25, 1e-12, "rho0 stays");
        cr_expect_eq(c->revised_from, 0.50);
        cr_expect(approves(""));
        rig_close(&r);
    }
}

Test(pay, an_incentive_under_the_minimum_is_refused) {
    begin_revision(true);
    struct norm keep = choice(CHOICE_SUPPLEMENT);
    r.conf.incentive_min = 0.13;
    cr_expect_not(rig_give(&r, LEDGER_CHOOSE, "x", "office", &keep), "12.5 %%");
    cr_expect_not_null(strstr(r.a.refusal.why, "12.50 %"));
    r.conf.incentive_min = 0.125 - 1e-9;
    give(LEDGER_CHOOSE, &keep);
    const struct norm_choice *c = &ledger_find(r.ledger, "x")->choice;
    cr_expect_float_eq(c->incentive_least, 0.125, 1e-12);
    cr_expect_eq(c->supplement_after, 0);
    keep.choice.team[1].taken = 0.44;
    cr_expect_not(rig_give(&r, LEDGER_CHOOSE, "x", "office", &keep), "blue would have 2.3 %%");
    cr_expect_not_null(strstr(r.a.refusal.why, "blue"));
    rig_close(&r);
}

static void refused_choice(const struct norm *c, const char *said) {
    cr_expect_not(rig_give(&r, LEDGER_CHOOSE, "x", "office", c), "%s", said);
    cr_expect_str_eq(r.a.refusal.field, "pay.teams");
    cr_expect_not_null(strstr(r.a.refusal.why, said), "%s", r.a.refusal.why);
}

/* Red and blue are in the rota of the press; green worked there in the last quarter. */
static void also_green(void *user, uint32_t unit, void (*take)(void *of, const char *team),
                       void *of) {
    (void)user;
    if (unit == 0)
        take(of, "green");
}

Test(pay, every_team_whose_pay_moves_has_to_be_told) {
    begin_revision(true);
    struct norm keep = choice(CHOICE_INCENTIVE);
    keep.choice.team_n = 1;
    refused_choice(&keep, "blue");
    keep.choice.team[0].team = (struct ident){"blue"};
    refused_choice(&keep, "red");
    keep.choice.team_n = 2;
    refused_choice(&keep, "twice");
    keep.choice.team[0].team = (struct ident){"red"};
    ledger_set_teams(r.ledger, (struct ledger_teams){also_green, NULL});
    refused_choice(&keep, "green");
    keep.choice.team[2] = (struct norm_pay_team){{"green"}, 0.42};
    keep.choice.team_n = 3;
    give(LEDGER_CHOOSE, &keep);
    cr_expect(approves(""));
    rig_close(&r);
}

/* Blue has a norm of its own at the press: the press's moves the pay of red alone. */
Test(pay, a_team_with_a_norm_of_its_own_is_not_concerned) {
    struct norm old = rig_norm_of(IND_LABOUR_PER_UNIT, 0.50), blue = old, n = old;
    struct norm keep = choice(CHOICE_INCENTIVE);
    rig_open(&r);
    old.piece_paid = true;
    rig_in_force(&r, "old", &old);
    blue.scope.team = (struct ident){"blue"};
    rig_submitted(&r, "blue", &blue);
    keep.choice.team[0].team = (struct ident){"blue"};
    keep.choice.team_n = 1;
    cr_assert(rig_give(&r, LEDGER_CHOOSE, "blue", "office", &keep), "%s", r.a.refusal.why);
    cr_assert(rig_give(&r, LEDGER_APPROVE, "blue", "office", NULL), "%s", r.a.refusal.why);
    r.now_ms += 2 * DAY;
    n.value = 0.45;
    n.from_ms = r.now_ms + 9 * DAY;
    rig_submitted(&r, "x", &n);
    keep.choice.team[0].team = (struct ident){"red"};
    give(LEDGER_CHOOSE, &keep);
    cr_expect(approves(""));
    rig_close(&r);
}

/* When a team comes to the rota, what was chosen without it holds no more. */
Test(pay, a_choice_is_of_the_teams_of_the_day_of_approval) {
    begin_revision(true);
    struct norm keep = choice(CHOICE_INCENTIVE);
    give(LEDGER_CHOOSE, &keep);
    ledger_set_teams(r.ledger, (struct ledger_teams){also_green, NULL});
    cr_expect_not(approves("pay.teams"));
    rig_close(&r);
}

/* A norm of a product goes before one of a unit, wherever it is of: it moves the pay at the press.
 */
Test(pay, a_norm_of_a_product_that_takes_the_units_place_is_a_revision) {
    struct norm old = rig_norm_of(IND_LABOUR_PER_UNIT, 0.50), n = old;
    struct norm keep = choice(CHOICE_INCENTIVE);
    rig_open(&r);
    old.piece_paid = true;
    rig_in_force(&r, "old", &old);
    r.now_ms += 2 * DAY;
    n.scope.node = (struct ident){""};
    n.scope.product = (struct ident){"nut"};
    n.value = 0.45;
    n.from_ms = r.now_ms + 9 * DAY;
    rig_submitted(&r, "x", &n);
    cr_expect_not(approves("pay"));
    give(LEDGER_CHOOSE, &keep);
    cr_expect(approves(""), "%s", r.a.refusal.why);
    rig_close(&r);
}

/* k1 keeps the incentive of one T0 only: two norms that pay differently are revised one by one. */
Test(pay, norms_that_pay_differently_are_revised_each_for_itself) {
    struct norm press = rig_norm_of(IND_LABOUR_PER_UNIT, 0.50), pack = press, n = press;
    struct norm keep = choice(CHOICE_INCENTIVE);
    rig_open(&r);
    press.piece_paid = true;
    rig_in_force(&r, "press", &press);
    pack.scope.node = (struct ident){"pack"};
    pack.value = 0.48;
    rig_in_force(&r, "pack", &pack);
    r.now_ms += 2 * DAY;
    n.scope.node = (struct ident){"line"};
    n.scope.product = (struct ident){"nut"};
    n.value = 0.45;
    n.from_ms = r.now_ms + 9 * DAY;
    rig_submitted(&r, "x", &n);
    cr_expect_not(rig_give(&r, LEDGER_CHOOSE, "x", "office", &keep));
    cr_expect_str_eq(r.a.refusal.collides.s, "pack");
    cr_expect_not(approves("pay"));
    rig_close(&r);
}

/* Where a stricter norm of the line would come up, pay would move without trial and choice. */
Test(pay, a_norm_that_pays_is_revised_and_not_withdrawn_in_favour_of_another) {
    struct norm line = rig_norm_of(IND_LABOUR_PER_UNIT, 0.45), press = line;
    struct norm keep = choice(CHOICE_INCENTIVE);
    rig_open(&r);
    line.scope.node = (struct ident){"line"};
    rig_in_force(&r, "line", &line);
    press.value = 0.50;
    press.piece_paid = true;
    rig_submitted(&r, "press", &press);
    cr_assert(rig_give(&r, LEDGER_CHOOSE, "press", "office", &keep), "%s", r.a.refusal.why);
    cr_assert(rig_give(&r, LEDGER_APPROVE, "press", "office", NULL), "%s", r.a.refusal.why);
    r.now_ms += 5 * DAY;
    cr_expect_not(rig_give(&r, LEDGER_WITHDRAW, "press", "office", NULL));
    cr_expect_str_eq(r.a.refusal.collides.s, "line");
    cr_expect(rig_give(&r, LEDGER_WITHDRAW, "line", "office", NULL), "%s", r.a.refusal.why);
    cr_expect(rig_give(&r, LEDGER_WITHDRAW, "press", "office", NULL), "none comes up now: %s",
              r.a.refusal.why);
    rig_close(&r);
}

/* Where only the line's pays, pay would begin by it; where none pays, nobody's moves. */
Test(pay, a_withdrawal_moves_pay_where_one_of_both_pays) {
    for (unsigned paid = 0; paid < 2; paid++) {
        struct norm line = rig_norm_of(IND_LABOUR_PER_UNIT, 0.45), press = line;
        rig_open(&r);
        press.value = 0.50;
        rig_in_force(&r, "press", &press);
        line.scope.node = (struct ident){"line"};
        line.piece_paid = paid;
        rig_in_force(&r, "line", &line);
        r.now_ms += 5 * DAY;
        cr_expect_eq(rig_give(&r, LEDGER_WITHDRAW, "press", "office", NULL), !paid, "%s",
                     r.a.refusal.why);
        rig_close(&r);
    }
}

/* k1 and rho are of the norm that stood there: with another one they say nothing. */
Test(pay, a_choice_is_of_the_norm_that_it_was_made_against) {
    begin_revision(true);
    struct norm keep = choice(CHOICE_INCENTIVE), between = rig_norm_of(IND_LABOUR_PER_UNIT, 0.48);
    give(LEDGER_CHOOSE, &keep);
    between.from_ms = r.now_ms + 2 * DAY;
    between.piece_paid = true;
    rig_submitted(&r, "between", &between);
    cr_assert(rig_give(&r, LEDGER_CHOOSE, "between", "office", &keep));
    cr_assert(rig_give(&r, LEDGER_APPROVE, "between", "office", NULL), "%s", r.a.refusal.why);
    cr_expect_not(approves("pay"), "it would revise 0.48 now, not 0.50");
    give(LEDGER_CHOOSE, &keep);
    cr_expect_eq(ledger_find(r.ledger, "x")->choice.revised_from, 0.48);
    r.conf.incentive_min = 0.30;
    cr_expect_not(approves("pay"), "the least allowed was raised: 20 %% are under it");
    r.conf.incentive_min = 0.15;
    cr_expect(approves(""));
    rig_close(&r);
}

/* A gap of a day between the two would else cut the pay without a word. */
Test(pay, withdrawing_first_does_not_free_of_the_choice) {
    begin_revision(true);
    cr_assert(rig_give(&r, LEDGER_WITHDRAW, "old", "office", NULL));
    cr_expect_not(approves("pay"));
    const struct norm keep = choice(CHOICE_INCENTIVE);
    give(LEDGER_CHOOSE, &keep);
    cr_expect_eq(ledger_find(r.ledger, "x")->choice.revised_from, 0.50);
    cr_expect(approves(""));
    rig_close(&r);
}

/* Output of an hour is the reciprocal: 2 and 2.2222 pieces, the team makes 2.5. */
Test(pay, a_norm_of_output_is_read_by_its_reciprocal) {
    struct norm old = rig_norm_of(IND_OUTPUT_PER_LABOUR_HOUR, 2), n = old;
    struct norm keep = choice(CHOICE_SUPPLEMENT);
    rig_open(&r);
    old.piece_paid = true;
    rig_in_force(&r, "old", &old);
    r.now_ms += 2 * DAY;
    n.value = 1 / 0.45;
    n.from_ms = r.now_ms + 9 * DAY;
    rig_submitted(&r, "x", &n);
    keep.choice.team[0].taken = keep.choice.team[1].taken = 2.5;
    give(LEDGER_CHOOSE, &keep);
    cr_expect_float_eq(ledger_find(r.ledger, "x")->choice.incentive_least, 0.125, 1e-12);
    rig_close(&r);
}

Test(pay, a_choice_has_all_that_it_needs) {
    begin_revision(true);
    struct norm c = choice(CHOICE_NONE);
    cr_expect_not(rig_give(&r, LEDGER_CHOOSE, "x", "office", &c));
    c = choice(CHOICE_INCENTIVE);
    c.choice.supplement = NAN;
    cr_expect_not(rig_give(&r, LEDGER_CHOOSE, "x", "office", &c));
    c.choice.supplement = 0;
    c.choice.team_n = 0;
    cr_expect_not(rig_give(&r, LEDGER_CHOOSE, "x", "office", &c));
    c.choice.team_n = 2;
    c.choice.team[0].taken = 0;
    cr_expect_not(rig_give(&r, LEDGER_CHOOSE, "x", "office", &c));
    c.choice.team[0].taken = 0.4;
    cr_expect_not(rig_give(&r, LEDGER_CHOOSE, "x", "shop", &c), "who may approve chooses");
    rig_close(&r);
    struct norm n;
    begin(&n);
    cr_expect_not(rig_give(&r, LEDGER_CHOOSE, "x", "office", &c), "it is not paid by the piece");
    cr_expect_str_eq(r.a.refusal.field, "pay");
    rig_close(&r);
}

Test(pay, a_first_norm_has_nothing_to_keep) {
    struct norm n = rig_norm_of(IND_LABOUR_PER_UNIT, 0.45), c = choice(CHOICE_INCENTIVE);
    rig_open(&r);
    n.piece_paid = true;
    rig_submitted(&r, "x", &n);
    cr_expect_not(rig_give(&r, LEDGER_CHOOSE, "x", "office", &c));
    cr_expect(approves(""), "and needs no choice");
    rig_close(&r);
}
