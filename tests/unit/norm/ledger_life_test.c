/* The life of a norm: every command in every state, who may, what each asks for. */
#include "norm_rig.h"

/* --- the matrix ------------------------------------------------------------------------------- */

/* Stored states, in the order of enum norm_state; the last: there is no such norm. */
enum { STATES = 8 };
static const enum norm_state stored[STATES] = {NORM_DRAFT,     NORM_PROPOSED,   NORM_TRIAL,
                                               NORM_SUBMITTED, NORM_RETURNED,   NORM_APPROVED,
                                               NORM_WITHDRAWN, NORM_STATE_COUNT};

/* Read from INDICATORS section 6, not from the code: rows are commands, columns the states above.
 * '-': refused; else the first letter of the state afterwards. */
static const char *const matrix[LEDGER_ACTION_COUNT] = {
    [LEDGER_DRAFT] = "d---r--d",   [LEDGER_PROPOSE] = "p---p--p", [LEDGER_ANSWER] = "-p------",
    [LEDGER_TRIAL] = "-tt-----",   [LEDGER_RESULT] = "--t-----",  [LEDGER_CONSULT] = "-pts----",
    [LEDGER_PUBLISH] = "-pts----", [LEDGER_CHOOSE] = "-pts----",  [LEDGER_SUBMIT] = "-ss-----",
    [LEDGER_RETURN] = "-rrr----",  [LEDGER_APPROVE] = "---a----", [LEDGER_WITHDRAW] = "wwwwwa--",
    [LEDGER_IMPORT] = "-------a",
};

static void must(struct norm_rig *r, enum ledger_action a, const char *who, const struct norm *n) {
    cr_assert(rig_give(r, a, "x", who, n), "%s: %s", ledger_action_name(a), r->a.refusal.why);
}

/* A piece-paid labour norm that revises one in force, so that every command has its use. */
static struct norm revision(void) {
    struct norm n = rig_norm_of(IND_LABOUR_PER_UNIT, 0.45);
    n.piece_paid = true;
    n.from_ms = RIG_NOW + 10 * DAY;
    return n;
}

static struct norm records(const struct norm_rig *r) {
    struct norm n = revision();
    n.trial.from_ms = r->now_ms - 9 * DAY;
    n.trial.to_ms = r->now_ms;
    n.trial.n = 30;
    n.trial.reach = 0.7;
    n.trial.normal_hours = true;
    n.consultation.t_ms = r->now_ms;
    n.consultation.with = "works council";
    n.publication.t_ms = r->now_ms;
    n.choice.kind = CHOICE_INCENTIVE;
    n.choice.supplement = 0;
    n.choice.team_n = 2;
    n.choice.team[0] = (struct norm_pay_team){{"red"}, 0.40};
    n.choice.team[1] = (struct norm_pay_team){{"blue"}, 0.40};
    return n;
}

static void bring(struct norm_rig *r, enum norm_state to) {
    const struct norm n = revision(), all = records(r);
    struct norm old = rig_norm_of(IND_LABOUR_PER_UNIT, 0.50);
    old.piece_paid = true;
    rig_in_force(r, "old", &old);
    r->now_ms += 2 * DAY;
    if (to == NORM_STATE_COUNT)
        return;
    must(r, to == NORM_DRAFT || to == NORM_WITHDRAWN ? LEDGER_DRAFT : LEDGER_PROPOSE, "shop", &n);
    if (to == NORM_WITHDRAWN)
        must(r, LEDGER_WITHDRAW, "shop", NULL);
    if (to == NORM_DRAFT || to == NORM_PROPOSED || to == NORM_WITHDRAWN)
        return;
    if (to == NORM_RETURNED) {
        must(r, LEDGER_RETURN, "office", NULL);
        return;
    }
    must(r, LEDGER_ANSWER, "office", NULL);
    must(r, LEDGER_TRIAL, "shop", &all);
    if (to == NORM_TRIAL)
        return;
    must(r, LEDGER_RESULT, "shop", &all);
    must(r, LEDGER_CONSULT, "shop", &all);
    must(r, LEDGER_PUBLISH, "shop", &all);
    must(r, LEDGER_CHOOSE, "office", &all);
    must(r, LEDGER_SUBMIT, "shop", NULL);
    if (to == NORM_APPROVED)
        must(r, LEDGER_APPROVE, "office", NULL);
}

/* Who gives it so that only the state can stand in the way. */
static const char *giver(enum ledger_action a) {
    switch (a) {
    case LEDGER_ANSWER:
    case LEDGER_CHOOSE:
    case LEDGER_RETURN:
    case LEDGER_APPROVE:
    case LEDGER_WITHDRAW:
    case LEDGER_IMPORT:
        return "office";
    case LEDGER_DRAFT:
    case LEDGER_PROPOSE:
    case LEDGER_TRIAL:
    case LEDGER_RESULT:
    case LEDGER_CONSULT:
    case LEDGER_PUBLISH:
    case LEDGER_SUBMIT:
    case LEDGER_ACTION_COUNT:
        break;
    }
    return "shop";
}

static void try_one(enum ledger_action a, unsigned column) {
    struct norm_rig r;
    rig_open(&r);
    bring(&r, stored[column]);
    struct norm n = records(&r);
    const char *expected = matrix[a];
    if (a == LEDGER_IMPORT) {
        n.approved_by = "board";
        n.proposed_by = "shop";
        n.document = "Order 12";
        n.approved_ms = r.now_ms;
        n.choice.revised_from = 0.50;
        n.choice.supplement_after = 1.0 / 9; /* worked example 7 */
        n.choice.incentive_least = 0.25;
        n.state = NORM_APPROVED;
    }
    if (stored[column] == NORM_PROPOSED && (a == LEDGER_TRIAL || a == LEDGER_SUBMIT))
        must(&r, LEDGER_ANSWER, "office", NULL);
    bool taken = rig_give(&r, a, "x", giver(a), &n);
    cr_expect_eq(taken, expected[column] != '-', "%s in column %u: %s", ledger_action_name(a),
                 column, r.a.refusal.why);
    if (taken)
        cr_expect_eq(norm_state_name((enum norm_state)r.a.state)[0], expected[column],
                     "%s in column %u", ledger_action_name(a), column);
    if (!taken && stored[column] != NORM_STATE_COUNT)
        cr_expect_eq(ledger_find(r.ledger, "x")->state, stored[column]);
    rig_close(&r);
}

Test(life, every_command_in_every_state_is_as_the_matrix_says) {
    for (unsigned a = 0; a < LEDGER_ACTION_COUNT; a++)
        for (unsigned s = 0; s < STATES; s++)
            try_one((enum ledger_action)a, s);
}

/* --- the whole way ---------------------------------------------------------------------------- */

Test(life, a_norm_goes_from_draft_to_force_to_superseded) {
    struct norm_rig r;
    struct norm n = rig_norm(), tighter = rig_norm();
    rig_open(&r);
    cr_assert(rig_give(&r, LEDGER_DRAFT, "", "shop", &n));
    cr_expect_str_eq(r.a.id.s, "norm-1", "a name is made");
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "norm-1", "shop", NULL));
    const struct norm *x = ledger_find(r.ledger, "norm-1");
    cr_expect_str_eq(x->owner, "office", "who may approve has to answer");
    cr_expect_eq(x->due_ms, RIG_NOW + 14 * DAY);
    cr_expect_not(ledger_overdue(x, RIG_NOW + 14 * DAY));
    cr_expect(ledger_overdue(x, RIG_NOW + 14 * DAY + 1));
    cr_assert(rig_give(&r, LEDGER_ANSWER, "norm-1", "office", NULL));
    cr_expect_str_eq(x->owner, "shop");
    cr_assert(rig_give(&r, LEDGER_SUBMIT, "norm-1", "shop", NULL));
    cr_assert(rig_give(&r, LEDGER_APPROVE, "norm-1", "office", NULL));
    cr_expect_eq(rig_state_of(&r, "norm-1"), NORM_APPROVED, "its day has not come");
    r.now_ms += 2 * DAY;
    cr_expect_eq(rig_state_of(&r, "norm-1"), NORM_IN_FORCE);
    tighter.value = 0.85;
    tighter.from_ms = r.now_ms + DAY;
    rig_in_force(&r, "second", &tighter);
    r.now_ms += 2 * DAY;
    cr_expect_eq(rig_state_of(&r, "norm-1"), NORM_SUPERSEDED);
    cr_expect_eq(rig_state_of(&r, "second"), NORM_IN_FORCE);
    cr_expect_str_eq(x->superseded_by.s, "second");
    cr_expect_eq(x->to_ms, tighter.from_ms);
    rig_close(&r);
}

Test(life, who_proposed_can_not_decide) {
    struct norm_rig r;
    struct norm n = rig_norm();
    rig_open(&r);
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "x", "office", &n));
    cr_expect_not(rig_give(&r, LEDGER_ANSWER, "x", "office", NULL));
    cr_expect_not(rig_give(&r, LEDGER_ANSWER, "x", "OFFICE", NULL), "nor in capitals");
    cr_expect_str_eq(r.a.refusal.field, "who");
    cr_assert(rig_give(&r, LEDGER_ANSWER, "x", "foreman", NULL));
    cr_assert(rig_give(&r, LEDGER_SUBMIT, "x", "office", NULL));
    cr_expect_not(rig_give(&r, LEDGER_APPROVE, "x", "office", NULL));
    cr_expect_not(rig_give(&r, LEDGER_RETURN, "x", "office", NULL));
    cr_assert(rig_give(&r, LEDGER_APPROVE, "x", "foreman", NULL), "it changes nothing in force");
    rig_close(&r);
}

/* Blanks and capitals make no other person, not of Vietnamese letters either. */
Test(life, another_spelling_is_not_another_person) {
    static const struct {
        const char *proposer, *approver;
        bool same;
    } row[] = {{"A. Engineer", "A.  Engineer", true},
               {"A. Engineer", "A.\tEngineer", true},
               {"A. Engineer",
                "A.\xC2\xA0"
                "Engineer",
                true},
               {"\xC4\x90\xE1\xBA\xB7ng V\xC5\xA9", "\xC4\x91\xE1\xBA\xB6NG v\xC5\xA8", true},
               {"L\xC3\xAA Th\xE1\xBB\x8B", "l\xC3\x8A TH\xE1\xBB\x8A", true},
               {"\xC6\xA0n", "\xC6\xA1N", true},
               {"\xC6\xAFng", "\xC6\xB0ng", true},
               {"L\xC3\xAA", "Le", false},
               {"A. Engineer", "B. Engineer", false},
               {"A", "A B", false},
               {"An Na", "Anna", false}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct norm_rig r;
        struct norm n = rig_norm();
        struct norm_grant all = {row[i].approver, 0xff, 0xff, 0xff};
        rig_open(&r);
        r.conf.grant = &all;
        r.conf.grant_n = 1;
        cr_assert(rig_give(&r, LEDGER_PROPOSE, "x", row[i].proposer, &n), "%s", r.a.refusal.why);
        cr_expect_eq(rig_give(&r, LEDGER_ANSWER, "x", row[i].approver, NULL), !row[i].same,
                     "row %zu", i);
        rig_close(&r);
    }
}

Test(life, rights_are_by_class_and_level) {
    struct norm_rig r;
    struct norm n = rig_norm();
    struct norm_grant of_lines = {"chief", RIGHT_BIT(RIGHT_APPROVE), 1u << CLASS_EQUIPMENT,
                                  1u << LEVEL_LINE};
    rig_open(&r);
    r.conf.grant = &of_lines;
    r.conf.grant_n = 1;
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "unit", "anyone", &n));
    cr_expect_str_eq(ledger_find(r.ledger, "unit")->owner, "", "nobody may");
    cr_expect_not(rig_give(&r, LEDGER_ANSWER, "unit", "chief", NULL));
    n.scope.node = (struct ident){"line"};
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "line", "anyone", &n));
    cr_expect(rig_give(&r, LEDGER_ANSWER, "line", "chief", NULL));
    n.indicator = IND_SCRAP_RATIO;
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "scrap", "anyone", &n));
    cr_expect_not(rig_give(&r, LEDGER_ANSWER, "scrap", "chief", NULL));
    r.conf.anyone_proposes = false;
    cr_expect_not(rig_give(&r, LEDGER_PROPOSE, "more", "anyone", &n));
    cr_expect_not(rig_give(&r, LEDGER_DRAFT, "more", "anyone", &n));
    of_lines.rights |= RIGHT_BIT(RIGHT_PROPOSE);
    of_lines.classes |= 1u << CLASS_QUALITY;
    cr_expect(rig_give(&r, LEDGER_PROPOSE, "more", "chief", &n), "whom it is granted");
    rig_close(&r);
}

Test(life, a_proposal_is_carried_on_by_its_proposer_or_who_has_a_right) {
    struct norm_rig r;
    struct norm n = rig_norm(), t = rig_norm();
    rig_open(&r);
    t.trial.from_ms = r.now_ms;
    t.trial.to_ms = r.now_ms + DAY;
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "x", "someone", &n));
    cr_expect_not(rig_give(&r, LEDGER_TRIAL, "x", "someone", &t), "not answered yet");
    cr_expect_not(rig_give(&r, LEDGER_SUBMIT, "x", "someone", NULL));
    cr_assert(rig_give(&r, LEDGER_ANSWER, "x", "office", NULL));
    cr_expect_not(rig_give(&r, LEDGER_ANSWER, "x", "office", NULL), "once");
    cr_expect_not(rig_give(&r, LEDGER_TRIAL, "x", "another", &t));
    cr_expect_not(rig_give(&r, LEDGER_CONSULT, "x", "another", &t));
    cr_expect_not(rig_give(&r, LEDGER_PUBLISH, "x", "another", &t));
    cr_expect_not(rig_give(&r, LEDGER_SUBMIT, "x", "another", NULL));
    cr_expect(rig_give(&r, LEDGER_TRIAL, "x", "foreman", &t));
    cr_expect_not(rig_give(&r, LEDGER_RESULT, "x", "another", &t));
    cr_expect(rig_give(&r, LEDGER_SUBMIT, "x", "shop", NULL));
    rig_close(&r);
}

Test(life, drafts_and_returned_ones_are_their_authors) {
    struct norm_rig r;
    struct norm n = rig_norm();
    rig_open(&r);
    cr_assert(rig_give(&r, LEDGER_DRAFT, "x", "shop", &n));
    cr_expect_not(rig_give(&r, LEDGER_DRAFT, "x", "office", &n));
    cr_expect_not(rig_give(&r, LEDGER_PROPOSE, "x", "office", &n));
    n.value = 0.82;
    cr_assert(rig_give(&r, LEDGER_DRAFT, "x", "shop", &n));
    cr_expect_eq(ledger_find(r.ledger, "x")->value, 0.82);
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "x", "shop", NULL));
    cr_expect_not(rig_give(&r, LEDGER_WITHDRAW, "x", "another", NULL));
    cr_expect(rig_give(&r, LEDGER_WITHDRAW, "x", "foreman", NULL), "who may approve may");
    rig_close(&r);
}

Test(life, a_declined_proposal_is_withdrawn_with_the_reason) {
    struct norm_rig r;
    struct norm n = rig_norm();
    rig_open(&r);
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "x", "shop", &n));
    struct ledger_command c = rig_of(LEDGER_ANSWER, "x", "office", NULL);
    c.why = "";
    cr_expect_not(rig_command(&r, c), "an answer has a reason");
    c.why = NULL;
    cr_expect_not(rig_command(&r, c));
    c.why = "the machine is sold";
    c.accept = false;
    cr_assert(rig_command(&r, c));
    const struct norm *x = ledger_find(r.ledger, "x");
    cr_expect_eq(x->state, NORM_WITHDRAWN);
    cr_expect_str_eq(x->answer, "the machine is sold");
    cr_expect_eq(x->due_ms, NORM_NO_TIME, "nothing is due");
    rig_close(&r);
}

Test(life, a_returned_norm_comes_back_with_its_correction) {
    struct norm_rig r;
    struct norm n = rig_norm_of(IND_LABOUR_PER_UNIT, 0.45);
    rig_open(&r);
    rig_submitted(&r, "x", &n);
    struct ledger_command c = rig_of(LEDGER_RETURN, "x", "office", NULL);
    c.why = "the sample is too small";
    c.owner = "planning";
    c.due_ms = RIG_NOW + 3 * DAY;
    cr_assert(rig_command(&r, c));
    const struct norm *x = ledger_find(r.ledger, "x");
    cr_expect_eq(x->state, NORM_RETURNED);
    cr_expect_str_eq(x->correction, "the sample is too small");
    cr_expect_str_eq(x->owner, "planning");
    cr_expect_eq(x->due_ms, RIG_NOW + 3 * DAY);
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "x", "shop", &n));
    cr_expect_eq(x->trial.n, 40, "the trial was of the same value");
    cr_expect_eq(x->answered_ms, NORM_NO_TIME, "and it is to be answered again");
    cr_assert(rig_give(&r, LEDGER_RETURN, "x", "office", NULL));
    cr_expect_str_eq(x->answered_by, "office", "to return it is an answer");
    n.value = 0.40;
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "x", "shop", &n));
    cr_expect_eq(x->trial.n, -1, "the trial was of another value");
    cr_expect_eq(x->consultation.t_ms, NORM_NO_TIME);
    rig_close(&r);
}

/* Each alone makes it another norm, of which the trial said nothing. */
Test(life, records_are_of_the_value_unit_and_scope_they_were_made_for) {
    for (unsigned k = 0; k < 3; k++) {
        struct norm_rig r;
        struct norm n = rig_norm_of(IND_LABOUR_PER_UNIT, 0.45);
        rig_open(&r);
        rig_submitted(&r, "x", &n);
        cr_assert(rig_give(&r, LEDGER_RETURN, "x", "office", NULL));
        if (k == 0)
            n.unit = "s";
        if (k == 1)
            n.scope.node = (struct ident){"line"};
        if (k == 2)
            n.indicator = IND_OUTPUT_PER_LABOUR_HOUR;
        cr_assert(rig_give(&r, LEDGER_PROPOSE, "x", "shop", &n), "%s", r.a.refusal.why);
        cr_expect_eq(ledger_find(r.ledger, "x")->trial.n, -1, "case %u", k);
        rig_close(&r);
    }
}

Test(life, dates_and_results_of_trials_make_sense) {
    struct norm_rig r;
    struct norm n = rig_norm(), t;
    rig_open(&r);
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "x", "shop", &n));
    cr_assert(rig_give(&r, LEDGER_ANSWER, "x", "office", NULL));
    norm_init(&t);
    cr_expect_not(rig_give(&r, LEDGER_TRIAL, "x", "shop", &t));
    t.trial.from_ms = RIG_NOW;
    cr_expect_not(rig_give(&r, LEDGER_TRIAL, "x", "shop", &t));
    t.trial.to_ms = RIG_NOW;
    cr_expect_not(rig_give(&r, LEDGER_TRIAL, "x", "shop", &t));
    t.trial.to_ms = RIG_NOW + 7 * DAY;
    cr_assert(rig_give(&r, LEDGER_TRIAL, "x", "shop", &t));
    cr_expect_eq(ledger_find(r.ledger, "x")->due_ms, RIG_NOW + 21 * DAY, "its end and 14 days");
    t.trial.n = 20;
    t.trial.reach = 0.5;
    cr_expect_not(rig_give(&r, LEDGER_RESULT, "x", "shop", &t), "it is not over");
    r.now_ms += 7 * DAY;
    t.trial.reach = 1.2;
    cr_expect_not(rig_give(&r, LEDGER_RESULT, "x", "shop", &t));
    t.trial.reach = -0.1;
    cr_expect_not(rig_give(&r, LEDGER_RESULT, "x", "shop", &t));
    t.trial.reach = NAN;
    cr_expect_not(rig_give(&r, LEDGER_RESULT, "x", "shop", &t));
    t.trial.reach = 0.5;
    t.trial.n = 0;
    cr_expect_not(rig_give(&r, LEDGER_RESULT, "x", "shop", &t));
    t.trial.n = 20;
    cr_assert(rig_give(&r, LEDGER_RESULT, "x", "shop", &t));
    cr_assert(rig_give(&r, LEDGER_TRIAL, "x", "shop", &t), "once more");
    cr_expect_eq(ledger_find(r.ledger, "x")->trial.n, -1, "the result was of other dates");
    rig_close(&r);
}

Test(life, consultation_and_publication_are_records_with_dates) {
    struct norm_rig r;
    struct norm n = rig_norm(), c;
    rig_open(&r);
    norm_init(&c);
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "x", "shop", &n));
    cr_expect_not(rig_give(&r, LEDGER_CONSULT, "x", "shop", &c));
    c.consultation.t_ms = RIG_NOW;
    cr_expect_not(rig_give(&r, LEDGER_CONSULT, "x", "shop", &c), "with whom");
    c.consultation.with = "works council";
    c.consultation.t_ms = RIG_NOW + 1;
    cr_expect_not(rig_give(&r, LEDGER_CONSULT, "x", "shop", &c), "it has not been");
    c.consultation.t_ms = RIG_NOW;
    cr_expect(rig_give(&r, LEDGER_CONSULT, "x", "shop", &c));
    cr_expect_not(rig_give(&r, LEDGER_PUBLISH, "x", "shop", &c));
    rig_close(&r);
}

Test(life, a_norm_never_comes_into_force_backwards) {
    struct norm_rig r;
    struct norm n = rig_norm(), later = rig_norm();
    rig_open(&r);
    n.from_ms = RIG_NOW + DAY;
    rig_submitted(&r, "x", &n);
    r.now_ms = RIG_NOW + DAY + 1;
    cr_expect_not(rig_give(&r, LEDGER_APPROVE, "x", "office", NULL));
    cr_expect_str_eq(r.a.refusal.field, "from");
    later.from_ms = r.now_ms + DAY;
    cr_assert(rig_give(&r, LEDGER_APPROVE, "x", "office", &later));
    cr_expect_eq(ledger_find(r.ledger, "x")->from_ms, later.from_ms);
    rig_close(&r);
}

Test(life, what_was_in_force_is_withdrawn_from_now_on_only) {
    struct norm_rig r;
    struct norm n = rig_norm();
    rig_open(&r);
    rig_in_force(&r, "x", &n);
    r.now_ms += 5 * DAY;
    struct ledger_command c = rig_of(LEDGER_WITHDRAW, "x", "foreman", NULL);
    cr_expect_not(rig_command(&r, c), "it loosens");
    c.who = "office";
    c.at_ms = r.now_ms - 1;
    cr_expect_not(rig_command(&r, c));
    c.at_ms = r.now_ms + DAY;
    cr_assert(rig_command(&r, c));
    cr_expect_eq(rig_state_of(&r, "x"), NORM_IN_FORCE);
    cr_expect_not_null(rig_find(&r, IND_TIME_UTILIZATION, "press", NULL, c.at_ms - 1, NULL));
    cr_expect_null(rig_find(&r, IND_TIME_UTILIZATION, "press", NULL, c.at_ms, NULL));
    r.now_ms = c.at_ms;
    cr_expect_eq(rig_state_of(&r, "x"), NORM_WITHDRAWN);
    c.at_ms = NORM_NO_TIME;
    cr_expect_not(rig_command(&r, c), "it is withdrawn already");
    rig_close(&r);
}

/* Approved, withdrawn before its day: what was in force stays so. */
Test(life, a_revision_withdrawn_before_its_day_never_held) {
    struct norm_rig r;
    struct norm n = rig_norm(), next = rig_norm();
    rig_open(&r);
    rig_in_force(&r, "x", &n);
    next.from_ms = RIG_NOW + 9 * DAY;
    next.value = 0.9;
    rig_in_force(&r, "next", &next);
    cr_assert(rig_give(&r, LEDGER_WITHDRAW, "next", "office", NULL));
    cr_expect_eq(ledger_find(r.ledger, "x")->to_ms, NORM_FOR_GOOD);
    cr_expect_str_eq(
        rig_find(&r, IND_TIME_UTILIZATION, "press", NULL, RIG_NOW + 20 * DAY, NULL)->id.s, "x");
    rig_close(&r);
}

Test(life, names_keys_and_texts_have_a_form) {
    struct norm_rig r;
    struct norm n = rig_norm();
    char text[NORM_TEXT_MAX + 2], who[LEDGER_WHO_MAX + 2];
    rig_open(&r);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    memset(who, 'x', sizeof who - 1);
    who[sizeof who - 1] = 0;
    struct ledger_command c = rig_of(LEDGER_PROPOSE, "x", NULL, &n);
    cr_expect_not(rig_command(&r, c));
    c.who = "";
    cr_expect_not(rig_command(&r, c));
    c.who = who;
    cr_expect_not(rig_command(&r, c));
    c.who = " shop";
    cr_expect_not(rig_command(&r, c));
    c.who = "shop ";
    cr_expect_not(rig_command(&r, c));
    c.who = "shop";
    c.why = text;
    cr_expect_not(rig_command(&r, c));
    c.why = "because";
    c.evidence = text;
    cr_expect_not(rig_command(&r, c));
    c.evidence = NULL;
    c.owner = text;
    cr_expect_not(rig_command(&r, c));
    c.owner = NULL;
    c.key = span_str(text);
    cr_expect_not(rig_command(&r, c));
    c.key = span_of("a\0b", 3);
    cr_expect_not(rig_command(&r, c));
    c.key = span_str("k");
    c.action = LEDGER_ACTION_COUNT;
    cr_expect_not(rig_command(&r, c));
    c.action = LEDGER_APPROVE;
    c.id = (struct ident){""};
    cr_expect_not(rig_command(&r, c));
    rig_close(&r);
}

Test(life, a_command_under_its_key_counts_once) {
    struct norm_rig r;
    struct norm n = rig_norm();
    rig_open(&r);
    struct ledger_command c = rig_of(LEDGER_PROPOSE, "x", "shop", &n);
    c.key = span_str("k1");
    cr_assert(rig_command(&r, c));
    cr_expect_not(r.a.repeated);
    r.now_ms += 1000;
    cr_assert(rig_command(&r, c));
    cr_expect(r.a.repeated);
    cr_expect_eq(r.a.n, 1u);
    cr_expect_eq(ledger_last(r.ledger), 1u);
    n.value = 0.81;
    cr_expect_not(rig_command(&r, c));
    cr_expect_eq(r.err, ERR_EXISTS);
    rig_close(&r);
}

/* Same value, unit and place: another indicator is another norm. */
Test(life, records_are_of_the_indicator_they_were_made_for) {
    struct norm_rig r;
    struct norm n = rig_norm(), c = rig_norm();
    rig_open(&r);
    c.consultation.t_ms = RIG_NOW;
    c.consultation.with = "works council";
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "x", "shop", &n));
    cr_assert(rig_give(&r, LEDGER_CONSULT, "x", "shop", &c));
    cr_assert(rig_give(&r, LEDGER_RETURN, "x", "office", NULL));
    n.indicator = IND_OEE;
    cr_assert(rig_give(&r, LEDGER_PROPOSE, "x", "shop", &n));
    cr_expect_eq(ledger_find(r.ledger, "x")->consultation.t_ms, NORM_NO_TIME);
    rig_close(&r);
}

Test(life, drafts_make_sense_and_approvals_are_a_right) {
    struct norm_rig r;
    struct norm n = rig_norm();
    rig_open(&r);
    n.value = NAN;
    cr_expect_not(rig_give(&r, LEDGER_DRAFT, "x", "shop", &n));
    n.value = 0.8;
    rig_submitted(&r, "x", &n);
    cr_expect_not(rig_give(&r, LEDGER_APPROVE, "x", "anyone", NULL));
    cr_expect_str_eq(r.a.refusal.field, "who");
    cr_expect_str_eq(ledger_action_name(LEDGER_ACTION_COUNT), "unknown");
    rig_close(&r);
}

Test(life, norms_of_others_are_withdrawn_by_who_imports_them) {
    struct norm_rig r;
    struct norm s = rig_state(IND_SCRAP_RATIO, 0.02);
    rig_open(&r);
    cr_assert(rig_give(&r, LEDGER_IMPORT, "state", "office", &s));
    cr_expect_not(rig_give(&r, LEDGER_WITHDRAW, "state", "foreman", NULL));
    cr_expect(rig_give(&r, LEDGER_WITHDRAW, "state", "office", NULL));
    cr_expect_null(rig_find(&r, IND_SCRAP_RATIO, "press", NULL, RIG_NOW, NULL));
    rig_close(&r);
}
