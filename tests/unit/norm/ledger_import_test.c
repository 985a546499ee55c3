/* What a document may claim: of ours with its evidence, by whose right; norms of others. */
#include "norm_rig.h"

static void import_refused(struct norm n, const char *field) {
    struct norm_rig r;
    rig_open(&r);
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "a", "office", &n));
    cr_expect_str_eq(r.a.refusal.field, field, "%s", r.a.refusal.why);
    rig_close(&r);
}

Test(document, an_own_norm_is_imported_with_who_approved_it_and_its_document) {
    struct norm n = rig_norm(), lived = n, labour = rig_norm_of(IND_LABOUR_PER_UNIT, 0.4);
    struct norm_rig r;
    import_refused(n, "approved_by");
    n.approved_by = "board";
    import_refused(n, "document");
    n.document = "Order 2";
    n.proposed_by = "Board";
    import_refused(n, "approved_by");
    lived.approved_by = "board";
    lived.approved_ms = SIM_DAY0 + DAY;
    lived.proposed_by = "shop";
    import_refused(lived, "document");
    lived.answered_ms = SIM_DAY0;
    import_refused(lived, "answered_by");
    lived.answered_by = "shop";
    lived.answer = "tried";
    import_refused(lived, "answered_by");
    lived.answered_by = "board";
    rig_open(&r);
    cr_expect(rig_give(&r, LEDGER_IMPORT, "a", "office", &lived), "%s", r.a.refusal.why);
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "b", "shop", &lived), "it is a right");
    rig_close(&r);
    labour.approved_by = "board";
    labour.document = "Order 2";
    import_refused(labour, "approved");
    labour.from_ms = RIG_NOW - DAY;
    labour.approved_ms = labour.from_ms + 1;
    import_refused(labour, "approved");
    labour.approved_ms = labour.from_ms;
    import_refused(labour, "trial");
    n.proposed_by = "";
    n.basis.mean = 0.7;
    n.basis.best = 0.75;
    import_refused(n, "ceiling_reason");
    struct norm s = rig_state(IND_TIME_UTILIZATION, 0.81);
    n.ceiling_reason = "as before";
    rig_open(&r);
    cr_assert(rig_give(&r, LEDGER_IMPORT, "state", "office", &s));
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "a", "office", &n));
    cr_expect_str_eq(r.a.refusal.collides.s, "state");
    rig_close(&r);
}

/* Whatever state a document gives: it has what that state needs. */
static struct norm documented(enum norm_state state) {
    struct norm n = rig_norm();
    n.state = (uint8_t)state;
    n.proposed_by = "shop";
    if (state == NORM_TRIAL || state == NORM_SUBMITTED) {
        n.answered_ms = RIG_NOW - DAY;
        n.answered_by = "board";
        n.answer = "the study is sound";
    }
    if (state == NORM_TRIAL) {
        n.trial.from_ms = RIG_NOW;
        n.trial.to_ms = RIG_NOW + DAY;
    }
    if (state == NORM_RETURNED)
        n.correction = "the sample is too small";
    return n;
}

Test(document, norms_are_imported_in_any_state_of_their_life) {
    static const enum norm_state states[] = {NORM_DRAFT,     NORM_PROPOSED, NORM_TRIAL,
                                             NORM_SUBMITTED, NORM_RETURNED, NORM_WITHDRAWN};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        struct norm_rig r;
        const struct norm n = documented(states[i]);
        rig_open(&r);
        cr_assert(rig_give(&r, LEDGER_IMPORT, "a", "office", &n), "%s", r.a.refusal.why);
        cr_expect_eq(r.a.state, states[i]);
        const struct norm *x = ledger_find(r.ledger, "a");
        cr_expect_eq(x->due_ms != NORM_NO_TIME, states[i] != NORM_WITHDRAWN);
        cr_expect_str_eq(ledger_imported_by(r.ledger, x), "office");
        cr_expect_eq(ledger_event(r.ledger, 1)->action, LEDGER_IMPORT, "the audit says so");
        rig_close(&r);
    }
}

#define LACKS(FIELD, STATE, ...)                                                                   \
    do {                                                                                           \
        struct norm n = documented(STATE);                                                         \
        __VA_ARGS__;                                                                               \
        import_refused(n, FIELD);                                                                  \
    } while (0)

Test(document, a_state_without_its_evidence_is_refused) {
    LACKS("proposed_by", NORM_PROPOSED, n.proposed_by = "");
    LACKS("proposed_by", NORM_RETURNED, n.proposed_by = "");
    LACKS("proposed", NORM_PROPOSED, n.proposed_ms = RIG_NOW + 1);
    LACKS("answered", NORM_TRIAL, n.answered_ms = NORM_NO_TIME);
    LACKS("answered", NORM_SUBMITTED, n.answered_ms = NORM_NO_TIME);
    LACKS("answered", NORM_SUBMITTED, n.answered_ms = RIG_NOW + 1);
    LACKS("answered", NORM_SUBMITTED, n.proposed_ms = RIG_NOW);
    LACKS("answered_by", NORM_SUBMITTED, n.answered_by = "");
    LACKS("answered_by", NORM_SUBMITTED, n.answer = "");
    LACKS("answered_by", NORM_SUBMITTED, n.answered_by = "Shop");
    LACKS("trial", NORM_TRIAL, n.trial.from_ms = NORM_NO_TIME);
    LACKS("trial", NORM_TRIAL, n.trial.to_ms = n.trial.from_ms);
    LACKS("trial.n", NORM_TRIAL, n.trial.n = 40);
    LACKS("correction", NORM_RETURNED, n.correction = "");
    LACKS("answered_by", NORM_PROPOSED, n.answered_ms = RIG_NOW);
    LACKS("trial", NORM_TRIAL, n.trial.to_ms = NORM_NO_TIME);
    LACKS("trial.n", NORM_SUBMITTED, n.trial.n = 40);
    LACKS("consultation.date", NORM_PROPOSED, n.consultation.t_ms = RIG_NOW + 1);
}

static const struct norm_grant clerk[] = {
    {"clerk", RIGHT_BIT(RIGHT_IMPORT), 0xff, 0xff},
    {"head", RIGHT_BIT(RIGHT_IMPORT) | RIGHT_BIT(RIGHT_APPROVE), 0xff, 0xff}};

/* What a clerk brings was proposed. That more was done, who may approve has to say. */
static void as_clerk(struct norm n, bool taken) {
    struct norm_rig r;
    rig_open(&r);
    r.conf.grant = clerk;
    r.conf.grant_n = 2;
    cr_expect_eq(rig_give(&r, LEDGER_IMPORT, "a", "clerk", &n), taken, "%s", r.a.refusal.why);
    if (!taken)
        cr_expect_str_eq(r.a.refusal.field, "who");
    cr_expect(rig_give(&r, LEDGER_IMPORT, "a", "head", &n), "%s", r.a.refusal.why);
    rig_close(&r);
}

Test(document, who_may_import_brings_proposals_who_may_approve_what_was_approved) {
    struct norm n = documented(NORM_PROPOSED);
    as_clerk(n, true);
    as_clerk(documented(NORM_DRAFT), true);
    as_clerk(documented(NORM_RETURNED), true);
    as_clerk(documented(NORM_WITHDRAWN), true);
    as_clerk(documented(NORM_TRIAL), false);
    as_clerk(documented(NORM_SUBMITTED), false);
    as_clerk((n.ceiling_reason = "a new tool", n), false);
    n = documented(NORM_PROPOSED);
    as_clerk((n.consultation.t_ms = RIG_NOW, n), false);
    n = documented(NORM_PROPOSED);
    n.answered_by = "board";
    n.answer = "well";
    n.proposed_ms = RIG_NOW - 2 * DAY;
    as_clerk((n.answered_ms = RIG_NOW, n), false);
    n = documented(NORM_PROPOSED);
    n.trial.to_ms = RIG_NOW;
    as_clerk((n.trial.n = 20, n), false);
    n = documented(NORM_PROPOSED); /* a trial that has begun was allowed by somebody */
    as_clerk((n.trial.from_ms = RIG_NOW, n), false);
    n = documented(NORM_DRAFT);
    as_clerk((n.choice.kind = CHOICE_INCENTIVE, n), false);
    n = documented(NORM_PROPOSED);
    as_clerk((n.proposed_ms = RIG_NOW - DAY, n), true);
    n = documented(NORM_DRAFT);
    as_clerk((n.publication.t_ms = RIG_NOW, n), false);
    n = documented(NORM_APPROVED);
    n.approved_by = "board";
    n.document = "Order 3";
    as_clerk(n, false);
    as_clerk(rig_state(IND_OEE, 0.5), true);
    n = rig_state(IND_OEE, 0.5);
    as_clerk((n.state = NORM_DRAFT, n), true);
    n = rig_state(IND_OEE, 0.5);
    n.origin = ORIGIN_INDUSTRY; /* a reference may end */
    as_clerk((n.withdrawn_ms = RIG_NOW + DAY, n), true);
}

/* Else one person would make a norm of their own with two names in a file. */
Test(document, who_brings_an_approved_norm_is_neither_its_proposer_nor_its_approver) {
    struct norm_rig r;
    struct norm n = rig_norm();
    rig_open(&r);
    n.document = "Order 3";
    n.approved_by = "Office ";
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "a", "office", &n));
    cr_expect_str_eq(r.a.refusal.field, "approved_by");
    n.approved_by = "board";
    n.proposed_by = "OFFICE";
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "a", "office", &n));
    cr_expect_str_eq(r.a.refusal.field, "proposed_by");
    rig_close(&r);
}

/* "proposed_by: shop" in a file does not make another person of who brought it. */
Test(document, who_imported_a_proposal_does_not_decide_on_it) {
    struct norm_rig r;
    struct norm n = documented(NORM_SUBMITTED);
    rig_open(&r);
    cr_assert(rig_give(&r, LEDGER_IMPORT, "a", "office", &n), "%s", r.a.refusal.why);
    cr_expect_not(rig_give(&r, LEDGER_APPROVE, "a", "office", NULL));
    cr_expect_not_null(strstr(r.a.refusal.why, "imported it"));
    cr_expect(rig_give(&r, LEDGER_APPROVE, "a", "foreman", NULL), "%s", r.a.refusal.why);
    rig_close(&r);
}

Test(document, an_approval_has_its_order) {
    struct norm n = documented(NORM_SUBMITTED), labour = rig_norm_of(IND_LABOUR_PER_UNIT, 0.4);
    n.state = NORM_APPROVED;
    n.approved_by = "board";
    n.document = "Order 3";
    n.approved_ms = RIG_NOW - 2 * DAY;
    import_refused(n, "approved");
    n.answered_ms = NORM_NO_TIME;
    n.proposed_ms = RIG_NOW - DAY;
    import_refused(n, "approved");
    n.approved_ms = RIG_NOW + 1;
    import_refused(n, "approved");
    labour.approved_by = "board";
    labour.document = "Order 4";
    labour.approved_ms = RIG_NOW - 5 * DAY;
    labour.trial = (struct norm_trial){RIG_NOW - 20 * DAY, RIG_NOW - 10 * DAY, 40, 0.6, true, ""};
    labour.consultation = (struct norm_consultation){RIG_NOW - 4 * DAY, "works council", ""};
    labour.publication.t_ms = RIG_NOW;
    import_refused(labour, "approved"); /* before the consultation */
    labour.approved_ms = RIG_NOW - 12 * DAY;
    import_refused(labour, "approved"); /* before the trial was over */
    struct norm_rig r;
    rig_open(&r);
    labour.approved_ms = RIG_NOW - 4 * DAY;
    cr_expect(rig_give(&r, LEDGER_IMPORT, "a", "office", &labour), "%s", r.a.refusal.why);
    rig_close(&r);
}

/* Worked example 7 once more: 0.50 to 0.45 h, taken 0.40 h: k1 1/9, rho 25 %. */
Test(document, what_a_document_says_of_pay_is_reckoned_again) {
    for (unsigned k = 0; k < 5; k++) {
        struct norm_rig r;
        struct norm n = rig_norm_of(IND_LABOUR_PER_UNIT, 0.45);
        rig_open(&r);
        r.conf.incentive_min = k == 4 ? 0.3 : NAN;
        n.approved_by = "board";
        n.document = "Order 4";
        n.approved_ms = RIG_NOW - 4 * DAY;
        n.trial = (struct norm_trial){RIG_NOW - 20 * DAY, RIG_NOW - 10 * DAY, 40, 0.6, true, ""};
        n.consultation = (struct norm_consultation){RIG_NOW - 4 * DAY, "works council", ""};
        n.publication.t_ms = RIG_NOW;
        n.piece_paid = true;
        n.choice.kind = CHOICE_INCENTIVE;
        n.choice.supplement = 0;
        n.choice.team_n = 1;
        n.choice.team[0] = (struct norm_pay_team){{"red"}, 0.40};
        n.choice.revised_from = k == 3 ? NAN : 0.50;
        n.choice.supplement_after = k == 1 ? 0.2 : 1.0 / 9;
        n.choice.incentive_least = k == 2 ? 0.5 : 0.25;
        cr_expect_eq(rig_give(&r, LEDGER_IMPORT, "a", "office", &n), k == 0, "case %u: %s", k,
                     r.a.refusal.why);
        if (k)
            cr_expect_str_eq(r.a.refusal.field, "pay");
        rig_close(&r);
    }
}

/* Of a time that is over a document may say little: no mean, no best, that it ended. */
Test(document, what_is_history_is_taken_as_the_document_has_it) {
    for (unsigned k = 0; k < 3; k++) {
        struct norm_rig r;
        struct norm n = rig_norm();
        rig_open(&r);
        n.approved_by = "board";
        n.document = "Order 3";
        n.from_ms = SIM_DAY0;
        n.withdrawn_ms = k == 2 ? SIM_DAY0 + 10 * DAY : NORM_NO_TIME;
        if (k == 0)
            n.basis.mean = NAN;
        if (k == 1)
            n.basis.best = NAN;
        cr_expect(rig_give(&r, LEDGER_IMPORT, "a", "office", &n), "%s", r.a.refusal.why);
        rig_close(&r);
    }
}

/* --- norms of others ----------------------------------------------------------------------------
 */

Test(others, a_floor_is_lowered_by_who_may_loosen_only) {
    struct norm_rig r;
    struct norm s = rig_state(IND_SCRAP_RATIO, 0.02);
    rig_open(&r);
    cr_assert(rig_give(&r, LEDGER_IMPORT, "state", "office", &s));
    r.conf.grant = clerk;
    r.conf.grant_n = 2;
    s.value = 0.05;
    s.from_ms = RIG_NOW + DAY;
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "weak", "clerk", &s), "a made-up decree");
    cr_expect_not_null(strstr(r.a.refusal.why, "loosen"));
    cr_expect_not(rig_give(&r, LEDGER_WITHDRAW, "state", "clerk", NULL));
    s.value = 0.01;
    cr_expect(rig_give(&r, LEDGER_IMPORT, "strict", "clerk", &s), "%s", r.a.refusal.why);
    rig_close(&r);
}

/* What others issued is not rewritten either; a copy of the same strictness lowers nothing. */
Test(others, a_decree_follows_another_one_from_now_on) {
    struct norm_rig r;
    struct norm s = rig_state(IND_SCRAP_RATIO, 0.02);
    rig_open(&r);
    cr_assert(rig_give(&r, LEDGER_IMPORT, "state", "office", &s));
    s.from_ms = RIG_NOW - DAY;
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "late", "office", &s));
    cr_expect_str_eq(r.a.refusal.field, "from");
    r.conf.grant = clerk;
    r.conf.grant_n = 2;
    s.from_ms = RIG_NOW + DAY;
    cr_expect(rig_give(&r, LEDGER_IMPORT, "copy", "clerk", &s), "%s", r.a.refusal.why);
    s.from_ms = SIM_DAY0 - 9 * DAY; /* older: it ends where the first one begins */
    s.value = 0.05;
    cr_expect(rig_give(&r, LEDGER_IMPORT, "older", "clerk", &s), "%s", r.a.refusal.why);
    r.now_ms += 5 * DAY; /* "state" is superseded: what follows takes the place of the copy */
    s.value = 0.01;
    s.from_ms = r.now_ms + DAY;
    cr_expect(rig_give(&r, LEDGER_IMPORT, "third", "clerk", &s), "%s", r.a.refusal.why);
    rig_close(&r);
}

Test(others, what_bound_does_not_become_a_reference_by_a_new_sheet) {
    struct norm_rig r;
    struct norm s = rig_state(IND_SCRAP_RATIO, 0.02);
    rig_open(&r);
    s.origin = ORIGIN_INDUSTRY;
    s.binding = true;
    cr_assert(rig_give(&r, LEDGER_IMPORT, "sheet", "office", &s));
    s.binding = false;
    s.from_ms = RIG_NOW + DAY;
    r.conf.grant = clerk;
    r.conf.grant_n = 2;
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "new", "clerk", &s));
    cr_expect_not_null(strstr(r.a.refusal.why, "loosen"));
    rig_close(&r);
}

Test(others, who_marks_a_reference_as_binding_tightens) {
    struct norm_rig r;
    struct norm s = rig_state(IND_SCRAP_RATIO, 0.02);
    rig_open(&r);
    r.conf.grant = clerk;
    r.conf.grant_n = 2;
    s.origin = ORIGIN_INDUSTRY;
    cr_expect(rig_give(&r, LEDGER_IMPORT, "reference", "clerk", &s), "%s", r.a.refusal.why);
    cr_expect(rig_give(&r, LEDGER_WITHDRAW, "reference", "clerk", NULL), "it binds nobody: %s",
              r.a.refusal.why);
    s.binding = true;
    s.from_ms += DAY;
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "binding", "clerk", &s));
    cr_expect_not_null(strstr(r.a.refusal.why, "tighten"));
    rig_close(&r);
}

Test(others, a_superior_norm_says_who_issued_it_when_and_where) {
    struct norm n = rig_state(IND_OEE, 0.5);
    n.source = "";
    import_refused(n, "source");
    n = rig_state(IND_OEE, 0.5);
    n.source_ms = NORM_NO_TIME;
    import_refused(n, "source");
    n = rig_state(IND_OEE, 0.5);
    n.document = "";
    import_refused(n, "source");
}
