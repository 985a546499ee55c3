/* Which norm is in force: of what, where and when; what import may say of the past. */
#include "norm_rig.h"

static const char *found(struct norm_rig *r, const char *node, const char *product,
                         const char *operation, const char *team, int64_t t_ms,
                         struct ledger_why *why) {
    const struct ledger_scope of = {plant_find_node(r->plant, node), product, operation, team};
    const struct norm *n = ledger_in_force(r->ledger, IND_TIME_UTILIZATION, &of, t_ms, why);
    return n ? n->id.s : "none";
}

static void import(struct norm_rig *r, const char *id, const char *node, const char *product,
                   const char *operation, const char *team, int64_t from_ms) {
    struct norm n = rig_norm();
    n.scope.node = (struct ident){""};
    cr_assert(!*node || ident_set(&n.scope.node, span_str(node)));
    cr_assert(!*product || ident_set(&n.scope.product, span_str(product)));
    cr_assert(!*operation || ident_set(&n.scope.operation, span_str(operation)));
    cr_assert(!*team || ident_set(&n.scope.team, span_str(team)));
    n.from_ms = from_ms;
    n.approved_by = "board";
    n.document = "Order 1";
    cr_assert(rig_give(r, LEDGER_IMPORT, id, "office", &n), "%s: %s", id, r->a.refusal.why);
}

/* Product before operation before node before team, as section 6 names them. */
Test(find, the_most_specific_wins_and_the_losers_know_why) {
    struct norm_rig r;
    struct ledger_why why;
    const int64_t t = RIG_NOW;
    rig_open(&r);
    import(&r, "site", "", "", "", "", SIM_DAY0);
    import(&r, "line", "line", "", "", "", SIM_DAY0);
    import(&r, "press", "press", "", "", "", SIM_DAY0);
    import(&r, "press-red", "press", "", "", "red", SIM_DAY0);
    import(&r, "line-deburr", "line", "", "deburr", "", SIM_DAY0);
    import(&r, "site-nut", "", "nut", "", "", SIM_DAY0);
    cr_expect_str_eq(found(&r, "site", NULL, NULL, NULL, t, NULL), "site");
    cr_expect_str_eq(found(&r, "line", NULL, NULL, NULL, t, NULL), "line");
    cr_expect_str_eq(found(&r, "pack", NULL, NULL, NULL, t, NULL), "line", "up the tree");
    cr_expect_str_eq(found(&r, "press", NULL, NULL, NULL, t, NULL), "press");
    cr_expect_str_eq(found(&r, "press", "bolt", NULL, "blue", t, NULL), "press");
    cr_expect_str_eq(found(&r, "press", NULL, NULL, "red", t, NULL), "press-red");
    cr_expect_str_eq(found(&r, "press", NULL, "deburr", "red", t, NULL), "line-deburr");
    cr_expect_str_eq(found(&r, "press", "nut", "deburr", "red", t, &why), "site-nut");
    cr_expect_eq(why.loser_n, 5u);
    for (size_t i = 0; i < why.loser_n; i++)
        cr_expect_eq(why.loser[i].why, LOSS_OTHER_PRODUCT);
    (void)found(&r, "press", NULL, "deburr", "red", t, &why);
    for (size_t i = 0; i < why.loser_n; i++)
        cr_expect_eq(why.loser[i].why, LOSS_OTHER_OPERATION);
    (void)found(&r, "press", NULL, NULL, "red", t, &why);
    cr_assert_eq(why.loser_n, 3u);
    cr_expect_str_eq(why.loser[0].norm->id.s, "site");
    cr_expect_eq(why.loser[0].why, LOSS_HIGHER_NODE);
    cr_expect_str_eq(why.loser[2].norm->id.s, "press");
    cr_expect_eq(why.loser[2].why, LOSS_ALL_TEAMS);
    cr_expect_str_eq(found(&r, "press", NULL, NULL, NULL, SIM_DAY0 - 1, &why), "none");
    cr_expect_null(why.chosen);
    rig_close(&r);
}

Test(find, ours_come_before_superior_ones_but_never_weaker) {
    struct norm_rig r;
    struct ledger_why why;
    struct norm s = rig_state(IND_TIME_UTILIZATION, 0.7);
    rig_open(&r);
    cr_assert(rig_give(&r, LEDGER_IMPORT, "state", "office", &s));
    import(&r, "own", "", "", "", "", SIM_DAY0);
    cr_expect_str_eq(found(&r, "press", NULL, NULL, NULL, RIG_NOW, &why), "own");
    cr_expect_eq(why.loser[0].why, LOSS_SUPERIOR);
    cr_expect_not(why.bound);
    /* The state tightens later: from then on its own one holds. */
    s.value = 0.9;
    s.from_ms = RIG_NOW + DAY;
    cr_assert(rig_give(&r, LEDGER_IMPORT, "state-2", "office", &s), "%s", r.a.refusal.why);
    cr_expect_str_eq(found(&r, "press", NULL, NULL, NULL, RIG_NOW, NULL), "own");
    cr_expect_str_eq(found(&r, "press", NULL, NULL, NULL, RIG_NOW + DAY, &why), "state-2");
    cr_expect(why.bound);
    cr_assert_eq(why.loser_n, 1u, "the state's first one is superseded");
    cr_expect_str_eq(why.loser[0].norm->id.s, "own");
    cr_expect_eq(why.loser[0].why, LOSS_WEAKER);
    rig_close(&r);
}

/* Two binding norms of one scope, of different masters: the stricter one. */
Test(find, of_two_superior_ones_the_stricter_holds) {
    struct norm_rig r;
    struct ledger_why why;
    struct norm a = rig_state(IND_TIME_UTILIZATION, 0.7), b = rig_state(IND_TIME_UTILIZATION, 0.8),
                c = rig_state(IND_TIME_UTILIZATION, 0.95);
    rig_open(&r);
    b.origin = ORIGIN_MINISTRY;
    c.origin = ORIGIN_INDUSTRY;
    cr_assert(rig_give(&r, LEDGER_IMPORT, "ministry", "office", &b));
    cr_assert(rig_give(&r, LEDGER_IMPORT, "state", "office", &a));
    cr_assert(rig_give(&r, LEDGER_IMPORT, "industry", "office", &c));
    cr_expect_str_eq(found(&r, "press", NULL, NULL, NULL, RIG_NOW, &why), "ministry");
    cr_assert_eq(why.loser_n, 1u, "a reference is held against nobody");
    cr_expect_eq(why.loser[0].why, LOSS_WEAKER);
    rig_close(&r);
}

Test(find, a_quantity_is_found_by_its_name) {
    struct norm_rig r;
    struct norm n;
    double value = 0;
    rig_open(&r);
    norm_init(&n);
    n.quantity = "oven temperature";
    n.norm_class = CLASS_QUALITY;
    n.kind = NORM_STANDARD;
    n.low = 195;
    n.high = 205;
    n.target = 200;
    n.unit = "C";
    n.from_ms = SIM_DAY0;
    n.approved_by = "board";
    n.document = "Sheet 4";
    cr_assert(rig_give(&r, LEDGER_IMPORT, "oven", "office", &n), "%s", r.a.refusal.why);
    const struct ledger_scope of = {.node = plant_find_node(r.plant, "pack")};
    const struct norm *x = ledger_in_force_of(r.ledger, "oven temperature", &of, RIG_NOW, NULL);
    cr_assert_not_null(x);
    cr_expect(ledger_value(r.ledger, x, &value));
    cr_expect_eq(value, 200);
    cr_expect_eq(ledger_in_force_of(r.ledger, " Oven  Temperature", &of, RIG_NOW, NULL), x);
    cr_expect_null(ledger_in_force_of(r.ledger, "oven", &of, RIG_NOW, NULL));
    n.id = (struct ident){""};
    n.quantity = "OVEN temperature";
    n.norm_class = CLASS_EQUIPMENT;
    n.from_ms = RIG_NOW + DAY;
    cr_expect_not(rig_give(&r, LEDGER_PROPOSE, "other", "shop", &n), "of another class");
    cr_expect_str_eq(r.a.refusal.field, "class");
    cr_expect_str_eq(r.a.refusal.collides.s, "oven");
    cr_expect_null(ledger_in_force_of(r.ledger, "oven temperature",
                                      &(struct ledger_scope){.node = UINT32_MAX}, RIG_NOW, NULL));
    rig_close(&r);
}

/* The press deburrs nuts. Nobody has to name the operation: the plant file knows it. */
Test(find, the_operation_is_that_of_unit_and_product_at_the_time) {
    struct norm_rig r;
    struct ledger_why why;
    rig_open(&r);
    import(&r, "press", "press", "", "", "", SIM_DAY0);
    import(&r, "deburr", "", "", "deburr", "", SIM_DAY0);
    import(&r, "count", "line", "", "count", "", SIM_DAY0);
    import(&r, "weigh", "pack", "", "weigh", "", SIM_DAY0);
    cr_expect_str_eq(found(&r, "press", "nut", NULL, NULL, RIG_NOW, &why), "deburr");
    cr_expect_str_eq(why.operation, "deburr");
    cr_assert_eq(why.loser_n, 1u);
    cr_expect_eq(why.loser[0].why, LOSS_OTHER_OPERATION);
    cr_expect_str_eq(found(&r, "press", "bolt", NULL, NULL, RIG_NOW, &why), "press");
    cr_expect_null(why.operation);
    cr_expect_str_eq(found(&r, "press", NULL, NULL, NULL, RIG_NOW, NULL), "press");
    cr_expect_str_eq(found(&r, "press", "screw", NULL, NULL, RIG_NOW, NULL), "press");
    cr_expect_str_eq(found(&r, "pack", "nut", NULL, NULL, SIM_DAY0 + 20 * DAY - 1, NULL), "count");
    cr_expect_str_eq(found(&r, "pack", "nut", NULL, NULL, SIM_DAY0 + 20 * DAY, NULL), "weigh");
    cr_expect_str_eq(found(&r, "press", "nut", "count", NULL, RIG_NOW, &why), "count",
                     "who asks may name another one");
    cr_expect_str_eq(found(&r, "line", "nut", NULL, NULL, RIG_NOW, NULL), "none");
    rig_close(&r);
}

/* A narrower norm of one master does not free of what another one asks of all. */
Test(find, a_narrower_superior_norm_does_not_hide_a_stricter_wide_one) {
    struct norm_rig r;
    struct ledger_why why;
    struct norm wide = rig_state(IND_TIME_UTILIZATION, 0.8), narrow = wide;
    rig_open(&r);
    narrow.origin = ORIGIN_MINISTRY;
    narrow.scope.product = (struct ident){"nut"};
    narrow.value = 0.6;
    cr_assert(rig_give(&r, LEDGER_IMPORT, "wide", "office", &wide));
    cr_assert(rig_give(&r, LEDGER_IMPORT, "narrow", "office", &narrow));
    cr_expect_str_eq(found(&r, "press", "nut", NULL, NULL, RIG_NOW, &why), "wide");
    cr_expect(why.bound);
    rig_close(&r);
}

/* A superior norm is a floor: that one is of a product does not loosen ours, which is of all. */
Test(find, a_weaker_superior_norm_never_takes_the_place_of_ours) {
    struct norm_rig r;
    struct ledger_why why;
    struct norm s = rig_state(IND_TIME_UTILIZATION, 0.6);
    rig_open(&r);
    import(&r, "own", "press", "", "", "", SIM_DAY0); /* 0.80 */
    s.scope.product = (struct ident){"nut"};
    cr_assert(rig_give(&r, LEDGER_IMPORT, "nut", "office", &s), "%s", r.a.refusal.why);
    cr_expect_str_eq(found(&r, "press", "nut", NULL, NULL, RIG_NOW, &why), "own");
    cr_expect_eq(why.loser[0].why, LOSS_SUPERIOR);
    rig_close(&r);
}

/* Two superiors that contradict each other: the one whose worse end is the better one, whatever
 * came first. Ours inside of the band is held to both. */
Test(find, superior_norms_that_contradict_each_other_give_one_norm) {
    for (unsigned turn = 0; turn < 2; turn++) {
        struct norm_rig r;
        struct norm value = rig_state(IND_TIME_UTILIZATION, 0.9),
                    frame = rig_state(IND_TIME_UTILIZATION, NAN);
        rig_open(&r);
        frame.kind = NORM_STANDARD;
        frame.low = 0.5;
        frame.high = 0.8;
        frame.origin = ORIGIN_MINISTRY;
        cr_assert(rig_give(&r, LEDGER_IMPORT, turn ? "a" : "b", "office", turn ? &value : &frame));
        cr_assert(rig_give(&r, LEDGER_IMPORT, turn ? "b" : "a", "office", turn ? &frame : &value));
        cr_expect_str_eq(found(&r, "press", NULL, NULL, NULL, RIG_NOW, NULL), "a");
        rig_close(&r);
    }
}

/* --- the past ----------------------------------------------------------------------------------
 */

Test(past, an_import_adds_history_and_never_changes_it) {
    struct norm_rig r;
    struct norm n = rig_norm();
    rig_open(&r);
    import(&r, "b", "press", "", "", "", SIM_DAY0 + 10 * DAY);
    import(&r, "a", "press", "", "", "", SIM_DAY0);
    cr_expect_str_eq(found(&r, "press", NULL, NULL, NULL, SIM_DAY0 + 9 * DAY, NULL), "a");
    cr_expect_str_eq(found(&r, "press", NULL, NULL, NULL, SIM_DAY0 + 10 * DAY, NULL), "b");
    cr_expect_eq(rig_state_of(&r, "a"), NORM_SUPERSEDED);
    n.from_ms = SIM_DAY0 + 12 * DAY; /* would cut b short in the past */
    n.approved_by = "board";
    n.document = "Order 2";
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "c", "office", &n));
    cr_expect_str_eq(r.a.refusal.collides.s, "b");
    n.from_ms = SIM_DAY0 + 5 * DAY; /* would cut a short */
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "c", "office", &n));
    cr_assert(rig_give(&r, LEDGER_DRAFT, "d", "shop", &n),
              "a draft holds nothing and is no hurdle");
    n.from_ms = RIG_NOW;
    cr_expect(rig_give(&r, LEDGER_IMPORT, "c", "office", &n), "%s", r.a.refusal.why);
    rig_close(&r);
}

Test(past, the_same_document_once_more_changes_nothing) {
    struct norm_rig r;
    struct norm n = rig_norm();
    rig_open(&r);
    n.approved_by = "board";
    n.document = "Order 2";
    cr_assert(rig_give(&r, LEDGER_IMPORT, "a", "office", &n));
    r.now_ms += 40 * DAY;
    cr_assert(rig_give(&r, LEDGER_IMPORT, "a", "office", &n));
    cr_expect(r.a.repeated);
    cr_expect_eq(ledger_last(r.ledger), 1u);
    n.value = 0.81;
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "a", "office", &n));
    rig_close(&r);
}

/* A norm of the press alone would hold there instead of the line's, months after the fact. */
Test(past, a_narrower_import_does_not_rewrite_it_either) {
    struct norm_rig r;
    struct norm n = rig_norm();
    rig_open(&r);
    import(&r, "line", "line", "", "", "", SIM_DAY0);
    import(&r, "press", "press", "", "", "", SIM_DAY0 + DAY); /* of the same documents */
    cr_expect_str_eq(found(&r, "press", NULL, NULL, NULL, SIM_DAY0 + 2 * DAY, NULL), "press");
    r.now_ms += 20 * DAY;
    n.approved_by = "board";
    n.document = "Order 2";
    n.value = 0.5;
    n.from_ms = RIG_NOW + DAY;
    n.scope.team = (struct ident){"red"};
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "red", "office", &n));
    cr_expect_str_eq(r.a.refusal.collides.s, "line");
    n.scope.team = (struct ident){""};
    n.scope.node = (struct ident){"pack"};
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "pack", "office", &n));
    cr_expect_str_eq(r.a.refusal.collides.s, "line");
    n.scope.node = (struct ident){"press"};
    n.from_ms = SIM_DAY0;
    n.value = 0.9; /* stricter than what followed it, and over before anybody knew of the line's */
    cr_expect(rig_give(&r, LEDGER_IMPORT, "before", "office", &n), "%s", r.a.refusal.why);
    n.from_ms = RIG_NOW + DAY;
    n.value = 0.5;
    n.scope.node = (struct ident){""};
    cr_expect(rig_give(&r, LEDGER_IMPORT, "site", "office", &n), "%s", r.a.refusal.why);
    cr_expect_str_eq(found(&r, "pack", NULL, NULL, NULL, RIG_NOW + 2 * DAY, NULL), "line");
    rig_close(&r);
}

/* What ended before does not stand in the way of what begins behind it, also in the past. */
Test(past, a_gap_may_be_filled) {
    struct norm_rig r;
    struct norm n = rig_norm();
    rig_open(&r);
    import(&r, "a", "press", "", "", "", SIM_DAY0);
    cr_assert(rig_give(&r, LEDGER_WITHDRAW, "a", "office", NULL));
    r.now_ms += 10 * DAY;
    n.from_ms = RIG_NOW + 2 * DAY;
    n.approved_by = "board";
    n.document = "Order 2";
    cr_expect(rig_give(&r, LEDGER_IMPORT, "b", "office", &n), "%s", r.a.refusal.why);
    cr_expect_str_eq(found(&r, "press", NULL, NULL, NULL, RIG_NOW - 1, NULL), "a");
    cr_expect_str_eq(found(&r, "press", NULL, NULL, NULL, RIG_NOW + DAY, NULL), "none");
    cr_expect_str_eq(found(&r, "press", NULL, NULL, NULL, RIG_NOW + 2 * DAY, NULL), "b");
    rig_close(&r);
}

Test(past, a_document_may_say_what_is_due_next) {
    struct norm_rig r;
    struct norm n = rig_norm();
    rig_open(&r);
    n.approved_by = "board";
    n.document = "Order 2";
    n.due_ms = RIG_NOW + 3 * DAY;
    n.owner = "board";
    cr_assert(rig_give(&r, LEDGER_IMPORT, "a", "office", &n));
    cr_expect_eq(ledger_find(r.ledger, "a")->due_ms, RIG_NOW + 3 * DAY);
    cr_assert(rig_give(&r, LEDGER_IMPORT, "a", "office", &n));
    cr_expect(r.a.repeated);
    rig_close(&r);
}

static void import_refused(struct norm n, const char *field) {
    struct norm_rig r;
    rig_open(&r);
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "a", "office", &n));
    cr_expect_str_eq(r.a.refusal.field, field, "%s", r.a.refusal.why);
    rig_close(&r);
}

Test(past, an_own_norm_is_imported_with_who_approved_it_and_its_document) {
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

Test(past, norms_are_imported_in_any_state_of_their_life) {
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

Test(past, a_state_without_its_evidence_is_refused) {
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

Test(past, who_may_import_brings_proposals_who_may_approve_what_was_approved) {
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
Test(past, who_brings_an_approved_norm_is_neither_its_proposer_nor_its_approver) {
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
Test(past, who_imported_a_proposal_does_not_decide_on_it) {
    struct norm_rig r;
    struct norm n = documented(NORM_SUBMITTED);
    rig_open(&r);
    cr_assert(rig_give(&r, LEDGER_IMPORT, "a", "office", &n), "%s", r.a.refusal.why);
    cr_expect_not(rig_give(&r, LEDGER_APPROVE, "a", "office", NULL));
    cr_expect_not_null(strstr(r.a.refusal.why, "imported it"));
    cr_expect(rig_give(&r, LEDGER_APPROVE, "a", "foreman", NULL), "%s", r.a.refusal.why);
    rig_close(&r);
}

Test(past, an_approval_has_its_order) {
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
Test(past, what_a_document_says_of_pay_is_reckoned_again) {
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
Test(past, what_is_history_is_taken_as_the_document_has_it) {
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

/* --- what makes sense ---------------------------------------------------------------------------
 */

static void refused(struct norm n, const char *field) {
    struct norm_rig r;
    rig_open(&r);
    cr_expect_not(rig_give(&r, LEDGER_PROPOSE, "a", "shop", &n), "%s", field);
    cr_expect_str_eq(r.a.refusal.field, field, "%s", r.a.refusal.why);
    rig_close(&r);
}

#define REFUSED(FIELD, ...)                                                                        \
    do {                                                                                           \
        struct norm n = rig_norm();                                                                \
        __VA_ARGS__;                                                                               \
        refused(n, FIELD);                                                                         \
    } while (0)

Test(sense, what_a_norm_must_say) {
    REFUSED("indicator", n.indicator = INDICATOR_COUNT);
    REFUSED("indicator", n.quantity = "both");
    REFUSED("indicator", n.indicator = IND_MANNING);
    REFUSED("class", n.norm_class = CLASS_QUALITY);
    REFUSED("direction", n.direction = LOW_IS_BETTER);
    REFUSED("value", n.value = NAN);
    REFUSED("value", n.value = -0.1);
    REFUSED("kind", n.low = 0.5);
    REFUSED("low", n.kind = NORM_STANDARD, n.value = NAN, n.low = 0.5);
    REFUSED("low", n.kind = NORM_STANDARD, n.value = NAN, n.low = 0.5, n.high = 0.5);
    REFUSED("target", n.kind = NORM_STANDARD, n.value = NAN, n.low = 0.5, n.high = 0.6,
            n.target = 0.7);
    REFUSED("value", n.kind = NORM_STANDARD, n.low = 0.5, n.high = 0.6);
    REFUSED("value", n.kind = NORM_STANDARD, n.value = NAN, n.low = -0.5, n.high = 0.6);
    REFUSED("unit", n.unit = "kWh");
    REFUSED("scope.node", n.scope.node = (struct ident){"pres"});
    REFUSED("scope.product", n.scope.product = (struct ident){"screw"});
    REFUSED("scope.operation", n.scope.operation = (struct ident){"polish"});
    REFUSED("boundary", n.boundary = "ha\xCC\x81ll");                /* an accent of its own */
    REFUSED("capacity_class", n.capacity_class = "big\xE2\x80\x8B"); /* a blank without width */
    REFUSED("basis.mean", n.basis.kind = BASIS_STATISTICAL, n.basis.n = 9, n.basis.mean = NAN);
    REFUSED("basis.best", n.basis.kind = BASIS_STATISTICAL, n.basis.n = 9, n.basis.best = NAN);
    REFUSED("quantity", n.indicator = INDICATOR_COUNT, n.quantity = "Scrap ratio", n.unit = "1",
            n.norm_class = CLASS_QUALITY, n.direction = LOW_IS_BETTER);
    REFUSED("binding", n.binding = true);
    REFUSED("origin", n.origin = ORIGIN_STATE);
    REFUSED("from", n.from_ms = NORM_NO_TIME);
    REFUSED("conditions", n.condition_n = 1,
            n.condition[0] = (struct norm_condition){NORM_CONDITION_COUNT, "", "", ""});
    REFUSED("conditions", n.condition_n = 1,
            n.condition[0] = (struct norm_condition){CONDITION_TOOL, "", "tool book", ""});
    REFUSED("conditions", n.condition_n = 1,
            n.condition[0] = (struct norm_condition){CONDITION_TOOL, "", "", "toolroom"});
    REFUSED("class", n.indicator = INDICATOR_COUNT, n.quantity = "q", n.unit = "C");
    REFUSED("direction", n.indicator = INDICATOR_COUNT, n.quantity = "q", n.unit = "C",
            n.norm_class = CLASS_QUALITY);
    REFUSED("unit", n.indicator = INDICATOR_COUNT, n.quantity = "q", n.norm_class = CLASS_QUALITY,
            n.direction = LOW_IS_BETTER);
}

/* A promise of 190 % would have every later review say that the norm is to be loosened. */
Test(sense, an_expected_reach_is_a_share) {
    REFUSED("basis.reach", n.basis.reach = 1.9);
    REFUSED("basis.reach", n.basis.reach = -0.1);
}

Test(sense, a_superior_norm_says_who_issued_it_when_and_where) {
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

/* Factors are exact by definition: 1 kWh = 3.6 MJ, 1 h = 60 min; both ways, at most three steps. */
Test(sense, units_are_converted_by_the_table_alone) {
    static const struct {
        const char *from, *to;
        double factor; /* 0: there is none */
    } row[] = {{"%", "1", 0.01},
               {"1", "%", 100},
               {"MWh", "kWh", 1000},
               {"kWh", "MJ", 3.6},
               {"MJ", "kWh", 1 / 3.6},
               {"GJ", "kWh", 1000 / 3.6},
               {"h", "s", 3600},
               {"s", "min", 1.0 / 60},
               {"kg", "kg", 1},
               {"kg", "min", 0},
               {"1/min", "1/h", 60},
               {"kWh", "currency", 0},
               {"t", "g", 1000000},
               {"", "%", 100},
               {"x", "x", 1},
               {"MW", "mW", 0},
               {"", "1", 1}};
    struct norm_rig r;
    rig_open(&r);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        double f = 0;
        cr_expect_eq(ledger_convert(r.ledger, row[i].from, row[i].to, &f), row[i].factor != 0);
        if (row[i].factor != 0)
            cr_expect_float_eq(f, row[i].factor, 1e-12 * row[i].factor, "%s to %s: %.17g",
                               row[i].from, row[i].to, f);
    }
    rig_close(&r);
}

/* Above and below the stroke, and however it is written: 1 kWh/t = 3.6 MJ/t; 1 kWh/kg = 3600 MJ/t;
 * 1 MJ/t = 1/3.6 kWh in 1000 kg; an hour has 60 minutes. */
Test(sense, a_unit_is_what_it_says_not_how_it_is_written) {
    static const struct {
        const char *from, *to;
        double factor; /* 0: there is none */
    } row[] = {{"kWh/t", "kWh/tonne", 1},
               {"KWH per tonne", "kWh / t", 1},
               {"kWh/t", "MJ/t", 3.6},
               {"kWh/kg", "GJ/t", 3.6},
               {"MJ/t", "kWh/kg", 1 / 3600.0},
               {"l/h", "m\xC2\xB3/h", 0.001},
               {"pc/h", "1/min", 1 / 60.0},
               {"pieces/hour", "1/h", 1},
               {"min/pc", "s", 60},
               {"kWh/piece", "Wh", 1000},
               {"degC", "C", 1},
               {"kWh/t", "kWh", 0},
               {"kWh/t", "kWh/m3", 0},
               {"kWh", "kWh/t", 0},
               {"pc", "1", 0}};
    struct norm_rig r;
    char a[NORM_TEXT_MAX], b[NORM_TEXT_MAX];
    double f = 0;
    rig_open(&r);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        cr_expect_eq(ledger_convert(r.ledger, row[i].from, row[i].to, &f), row[i].factor != 0,
                     "%s to %s", row[i].from, row[i].to);
        if (row[i].factor != 0)
            cr_expect_float_eq(f, row[i].factor, 1e-12 * row[i].factor, "%s to %s: %.17g",
                               row[i].from, row[i].to, f);
    }
    memset(a, 'x', sizeof a - 1); /* what is longer than any unit is none, not its first letters */
    a[sizeof a - 1] = 0;
    memcpy(b, a, sizeof b);
    b[sizeof b - 2] = 'y';
    cr_expect_not(ledger_convert(r.ledger, a, b, &f));
    cr_expect(ledger_convert(r.ledger, a, a, &f));
    rig_close(&r);
}

/* --- states by dates -----------------------------------------------------------------------------
 */

Test(dates, make_a_norm_approved_in_force_superseded_or_withdrawn) {
    struct norm n;
    norm_init(&n);
    n.state = NORM_APPROVED;
    n.from_ms = 100;
    n.to_ms = 200;
    cr_expect_eq(norm_state_at(&n, 99), NORM_APPROVED);
    cr_expect_eq(norm_state_at(&n, 100), NORM_IN_FORCE);
    cr_expect_eq(norm_state_at(&n, 199), NORM_IN_FORCE);
    cr_expect_eq(norm_state_at(&n, 200), NORM_SUPERSEDED);
    n.withdrawn_ms = 250; /* when another one held already */
    cr_expect_eq(norm_state_at(&n, 300), NORM_SUPERSEDED);
    n.withdrawn_ms = n.to_ms = 150;
    cr_expect_eq(norm_state_at(&n, 149), NORM_IN_FORCE);
    cr_expect_eq(norm_state_at(&n, 150), NORM_WITHDRAWN);
    cr_expect_not(norm_holds(&n, 150));
    cr_expect(norm_holds(&n, 149));
    n.state = NORM_TRIAL;
    cr_expect_eq(norm_state_at(&n, 149), NORM_TRIAL);
    cr_expect_not(norm_holds(&n, 149));
    cr_expect_str_eq(norm_state_name(NORM_STATE_COUNT), "unknown");
    cr_expect_str_eq(norm_method_name(METHOD_GROWTH), "growth");
    cr_expect_str_eq(norm_choice_name(CHOICE_INCENTIVE), "keep_incentive");
}

/* A boundary or a class of its own makes another norm of it, where others issue them. */
Test(dates, what_takes_whose_place) {
    struct norm a = rig_state(IND_OEE, 0.5), b = a;
    cr_expect(norm_same_chain(&a, &b));
    b.boundary = "whole hall";
    cr_expect_not(norm_same_chain(&a, &b));
    b = a;
    b.capacity_class = "large";
    cr_expect_not(norm_same_chain(&a, &b));
    b = a;
    b.scope.team = (struct ident){"red"};
    cr_expect_not(norm_same_chain(&a, &b));
    b = a;
    b.origin = ORIGIN_MINISTRY;
    cr_expect_not(norm_same_chain(&a, &b));
    b = a;
    b.quantity = "heat";
    cr_expect_not(norm_same_chain(&a, &b));
    a.origin = b.origin = ORIGIN_OWN;
    b.quantity = "";
    b.boundary = "whole hall";
    cr_expect(norm_same_chain(&a, &b), "ours have one place");
}
