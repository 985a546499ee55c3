/* Which norm is in force: of what, where and when; and history that is added to it. */
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
