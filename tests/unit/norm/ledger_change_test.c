/* What ours should lie between, and who may tighten, loosen and withdraw it. */
#include "norm_rig.h"

/* --- ceiling ---------------------------------------------------------------------------------- */

/* Worked example 5: mean 12.1667, best 9; 11.25 lies between, 9 and 12.1667 do not. */
Test(ceiling, outside_of_mean_and_best_approval_needs_a_written_reason) {
    static const struct {
        double value;
        bool fine;
    } row[] = {{11.25, true}, {9, false}, {12.1667, false}, {8, false}, {13, false}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct norm_rig r;
        struct norm n = rig_norm_of(IND_MATERIAL_PER_UNIT, row[i].value), reason;
        rig_open(&r);
        n.basis.mean = 12.1667;
        n.basis.best = 9;
        cr_assert(rig_proposes(&r, "a", n));
        cr_expect_eq(r.a.warning_n, row[i].fine ? 0u : 1u, "%g", row[i].value);
        cr_assert(rig_give(&r, LEDGER_ANSWER, "a", "office", NULL));
        cr_assert(rig_give(&r, LEDGER_SUBMIT, "a", "shop", NULL));
        cr_expect_eq(rig_give(&r, LEDGER_APPROVE, "a", "office", NULL), row[i].fine);
        norm_init(&reason);
        reason.ceiling_reason = "a new tool is bought";
        if (!row[i].fine)
            cr_expect(rig_give(&r, LEDGER_APPROVE, "a", "office", &reason), "%s", r.a.refusal.why);
        rig_close(&r);
    }
}

/* To leave mean and best out is no way round; also not by a band, or another word for the basis. */
Test(ceiling, where_mean_and_best_are_not_told_it_needs_the_reason_too) {
    for (unsigned k = 0; k < 6; k++) {
        struct norm_rig r;
        struct norm n = k < 3 ? rig_norm_of(IND_MATERIAL_PER_UNIT, 11) : rig_band(0.1, 0.2), reason;
        rig_open(&r);
        if (k == 0 || k == 3)
            n.basis.mean = NAN;
        if (k == 1 || k == 4)
            n.basis.best = NAN;
        if (k == 2)
            n.basis.kind = BASIS_NONE;
        if (k == 2 || k == 5)
            n.basis.mean = n.basis.best = NAN;
        rig_submitted(&r, "a", &n);
        cr_expect(r.a.warning_n >= 1, "%u", k);
        cr_expect_not(rig_give(&r, LEDGER_APPROVE, "a", "office", NULL), "%u", k);
        cr_expect_str_eq(r.a.refusal.field, "ceiling_reason");
        norm_init(&reason);
        reason.ceiling_reason = "the maker's sheet";
        cr_expect(rig_give(&r, LEDGER_APPROVE, "a", "office", &reason), "%s", r.a.refusal.why);
        rig_close(&r);
    }
}

/* Of a band without a target the end that is worse is held against mean and best. */
Test(ceiling, a_band_is_held_by_its_target_or_its_worse_end) {
    static const struct {
        double low, target, high;
        bool fine;
    } row[] = {{0.1, NAN, 0.2, true}, {0.1, NAN, 0.3, false}, {0.1, NAN, 0.31, false},
               {0.1, 0.2, 0.4, true}, {0.1, 0.1, 0.2, false}, {0.01, NAN, 0.05, false}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct norm_rig r;
        struct norm n = rig_band(row[i].low, row[i].high);
        rig_open(&r);
        n.target = row[i].target;
        n.basis.mean = 0.3;
        n.basis.best = 0.1;
        rig_submitted(&r, "a", &n);
        cr_expect_eq(rig_give(&r, LEDGER_APPROVE, "a", "office", NULL), row[i].fine, "row %zu", i);
        rig_close(&r);
    }
}

/* Of an oven's temperature neither side is better: there is no mean to be better than. */
Test(ceiling, a_band_without_a_better_side_has_none) {
    struct norm_rig r;
    struct norm n;
    rig_open(&r);
    norm_init(&n);
    n.quantity = "oven temperature";
    n.norm_class = CLASS_QUALITY;
    n.kind = NORM_STANDARD;
    n.low = 195;
    n.high = 205;
    n.unit = "C";
    n.from_ms = RIG_NOW + DAY;
    rig_in_force(&r, "oven", &n);
    rig_close(&r);
}

/* --- rights to change ------------------------------------------------------------------------- */

static void approve_as(enum indicator i, double was, double now, const char *who, bool expected) {
    struct norm_rig r;
    struct norm n = rig_norm_of(i, was);
    rig_open(&r);
    rig_in_force(&r, "old", &n);
    r.now_ms += 2 * DAY;
    n.value = now;
    n.from_ms = r.now_ms + DAY;
    rig_submitted(&r, "new", &n);
    cr_expect_eq(rig_give(&r, LEDGER_APPROVE, "new", who, NULL), expected, "%g to %g by %s: %s",
                 was, now, who, r.a.refusal.why);
    rig_close(&r);
}

Test(change, tighten_and_loosen_are_rights_apart) {
    approve_as(IND_TIME_UTILIZATION, 0.8, 0.85, "foreman", false);
    approve_as(IND_TIME_UTILIZATION, 0.8, 0.75, "foreman", false);
    approve_as(IND_TIME_UTILIZATION, 0.8, 0.8, "foreman", true);
    approve_as(IND_SCRAP_RATIO, 0.02, 0.03, "foreman", false);
    approve_as(IND_SCRAP_RATIO, 0.02, 0.01, "foreman", false);
    approve_as(IND_SCRAP_RATIO, 0.02, 0.03, "office", true);
    approve_as(IND_SCRAP_RATIO, 0.02, 0.01, "office", true);
}

Test(change, each_right_alone_serves_one_way) {
    static const struct norm_grant only[] = {
        {"tight", RIGHT_BIT(RIGHT_APPROVE) | RIGHT_BIT(RIGHT_TIGHTEN), 0xff, 0xff},
        {"loose", RIGHT_BIT(RIGHT_APPROVE) | RIGHT_BIT(RIGHT_LOOSEN), 0xff, 0xff}};
    for (unsigned k = 0; k < 2; k++) {
        struct norm_rig r;
        struct norm n = rig_norm_of(IND_SCRAP_RATIO, 0.02);
        rig_open(&r);
        rig_in_force(&r, "old", &n);
        r.now_ms += 2 * DAY;
        n.value = k ? 0.03 : 0.01; /* of scrap, more is weaker */
        n.from_ms = r.now_ms + DAY;
        rig_submitted(&r, "new", &n);
        r.conf.grant = only;
        r.conf.grant_n = 2;
        cr_expect_not(rig_give(&r, LEDGER_APPROVE, "new", k ? "tight" : "loose", NULL));
        cr_expect(rig_give(&r, LEDGER_APPROVE, "new", k ? "loose" : "tight", NULL));
        rig_close(&r);
    }
}

/* What one team or one period reached never tightens a norm; what several did may. */
Test(change, one_team_or_one_period_never_tightens) {
    static const struct {
        int64_t teams, periods;
        bool fine;
    } row[] = {{1, 3, false}, {3, 1, false}, {-1, 3, false}, {3, -1, false}, {2, 2, true}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct norm_rig r;
        struct norm n = rig_norm_of(IND_TIME_UTILIZATION, 0.8);
        rig_open(&r);
        rig_in_force(&r, "old", &n);
        r.now_ms += 2 * DAY;
        n.value = 0.85;
        n.from_ms = r.now_ms + DAY;
        n.basis.kind = BASIS_STATISTICAL;
        n.basis.n = 60;
        n.basis.team_n = row[i].teams;
        n.basis.period_n = row[i].periods;
        rig_submitted(&r, "new", &n);
        cr_expect_eq(rig_give(&r, LEDGER_APPROVE, "new", "office", NULL), row[i].fine,
                     "row %zu: %s", i, r.a.refusal.why);
        rig_close(&r);
    }
}

/* Also not when it calls itself a study of the time of one team. */
Test(change, one_team_does_not_tighten_by_another_word) {
    static const enum norm_basis_kind kinds[] = {BASIS_NONE, BASIS_CALCULATED, BASIS_TIME_STUDY,
                                                 BASIS_ADOPTED, BASIS_IMPORTED};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct norm_rig r;
        struct norm n = rig_norm_of(IND_TIME_UTILIZATION, 0.8);
        rig_open(&r);
        rig_in_force(&r, "old", &n);
        r.now_ms += 2 * DAY;
        n.value = 0.85;
        n.from_ms = r.now_ms + DAY;
        n.basis.kind = (uint8_t)kinds[i];
        n.basis.team_n = 1;
        n.basis.period_n = 3;
        rig_submitted(&r, "new", &n);
        cr_expect_not(rig_give(&r, LEDGER_APPROVE, "new", "office", NULL), "kind %zu", i);
        cr_expect_str_eq(r.a.refusal.field, "basis");
        rig_close(&r);
    }
}

/* What took the place of nothing would need no right: the norm before is looked at. */
Test(change, withdrawing_first_does_not_free_of_the_rights) {
    for (unsigned k = 0; k < 2; k++) {
        struct norm_rig r;
        struct norm n = rig_norm_of(IND_TIME_UTILIZATION, 0.8);
        rig_open(&r);
        rig_in_force(&r, "old", &n);
        r.now_ms += 2 * DAY;
        cr_assert(rig_give(&r, LEDGER_WITHDRAW, "old", "office", NULL));
        n.value = k ? 0.85 : 0.75;
        n.from_ms = r.now_ms + (k ? DAY : 0);
        rig_submitted(&r, "new", &n);
        cr_expect_not(rig_give(&r, LEDGER_APPROVE, "new", "foreman", NULL), "%g", n.value);
        cr_expect(rig_give(&r, LEDGER_APPROVE, "new", "office", NULL), "%s", r.a.refusal.why);
        rig_close(&r);
    }
}

/* --- withdrawing: by what comes up ---------------------------------------------------------------
 */

static const struct norm_grant by_way[] = {
    {"tight", RIGHT_BIT(RIGHT_APPROVE) | RIGHT_BIT(RIGHT_TIGHTEN), 0xff, 0xff},
    {"loose", RIGHT_BIT(RIGHT_APPROVE) | RIGHT_BIT(RIGHT_LOOSEN), 0xff, 0xff},
    {"plain", RIGHT_BIT(RIGHT_APPROVE), 0xff, 0xff}};

/* A norm of the line, then one of the press, which is withdrawn: which right alone is enough. */
static void withdraw_press(double line, double press, const char *fit, const char *not_fit) {
    struct norm_rig r;
    struct norm n = rig_norm_of(IND_SCRAP_RATIO, press);
    rig_open(&r);
    rig_in_force(&r, "press", &n);
    n.scope.node = (struct ident){"line"};
    n.value = line;
    if (!isnan(line))
        rig_in_force(&r, "line", &n);
    r.now_ms += 5 * DAY;
    r.conf.grant = by_way;
    r.conf.grant_n = 3;
    cr_expect_not(rig_give(&r, LEDGER_WITHDRAW, "press", not_fit, NULL), "%g %g", line, press);
    cr_expect_str_eq(r.a.refusal.field, "who");
    cr_expect(rig_give(&r, LEDGER_WITHDRAW, "press", fit, NULL), "%g %g: %s", line, press,
              r.a.refusal.why);
    rig_close(&r);
}

Test(withdraw, the_right_is_that_of_what_comes_up) {
    withdraw_press(0.02, 0.03, "tight", "loose"); /* the weaker one goes: the line's is stricter */
    withdraw_press(0.02, 0.03, "tight", "plain");
    withdraw_press(0.03, 0.02, "loose", "tight");
    withdraw_press(0.03, 0.02, "loose", "plain");
    withdraw_press(NAN, 0.02, "loose", "tight"); /* nothing comes up */
    withdraw_press(0.02, 0.02, "plain", "nobody");
}

/* The line's is stricter for the press and weaker for nuts: somewhere each. */
Test(withdraw, what_is_both_needs_both_rights) {
    struct norm_rig r;
    struct norm n = rig_norm_of(IND_SCRAP_RATIO, 0.03);
    rig_open(&r);
    n.scope.node = (struct ident){"line"};
    rig_in_force(&r, "line", &n);
    n.scope.node = (struct ident){""};
    n.value = 0.05;
    rig_in_force(&r, "site", &n);
    n.scope.team = (struct ident){"red"};
    n.value = 0.02;
    rig_in_force(&r, "red", &n);
    r.now_ms += 5 * DAY;
    r.conf.grant = by_way;
    r.conf.grant_n = 3;
    cr_expect_not(rig_give(&r, LEDGER_WITHDRAW, "line", "tight", NULL), "the site's is weaker");
    cr_expect_not(rig_give(&r, LEDGER_WITHDRAW, "line", "loose", NULL), "red's is stricter");
    r.conf.grant_n = 3;
    rig_close(&r);
}

/* A state norm holds before and after: nothing moves, and who may approve may tidy up. */
Test(withdraw, under_a_stricter_superior_norm_nothing_moves) {
    struct norm_rig r;
    struct norm n = rig_norm_of(IND_SCRAP_RATIO, 0.03);
    struct ledger_why why;
    rig_open(&r);
    rig_in_force(&r, "press", &n);
    rig_import(&r, "state", rig_state(IND_SCRAP_RATIO, 0.01));
    r.now_ms += 5 * DAY;
    r.conf.grant = by_way;
    r.conf.grant_n = 3;
    cr_expect(rig_give(&r, LEDGER_WITHDRAW, "press", "plain", NULL), "%s", r.a.refusal.why);
    cr_expect_str_eq(rig_find(&r, IND_SCRAP_RATIO, "press", NULL, r.now_ms, &why)->id.s, "state");
    rig_close(&r);
}

/* The one before would hold on: the right is that of going back to it. */
Test(withdraw, a_revision_before_its_day_gives_way_to_what_it_would_have_revised) {
    for (unsigned k = 0; k < 2; k++) {
        struct norm_rig r;
        struct norm n = rig_norm_of(IND_SCRAP_RATIO, 0.02);
        rig_open(&r);
        rig_in_force(&r, "old", &n);
        n.value = k ? 0.03 : 0.01;
        n.from_ms = RIG_NOW + 9 * DAY;
        rig_in_force(&r, "new", &n);
        r.now_ms += 3 * DAY;
        r.conf.grant = by_way;
        r.conf.grant_n = 3;
        cr_expect_not(rig_give(&r, LEDGER_WITHDRAW, "new", k ? "loose" : "tight", NULL));
        cr_expect(rig_give(&r, LEDGER_WITHDRAW, "new", k ? "tight" : "loose", NULL), "%s",
                  r.a.refusal.why);
        rig_close(&r);
    }
}

/* None comes up now, and a stricter one next month: it does both. */
Test(withdraw, what_begins_later_counts_too) {
    struct norm_rig r;
    struct norm n = rig_norm_of(IND_SCRAP_RATIO, 0.03);
    rig_open(&r);
    rig_in_force(&r, "press", &n);
    n.scope.node = (struct ident){"line"};
    n.value = 0.02;
    n.from_ms = RIG_NOW + 40 * DAY;
    rig_in_force(&r, "line", &n);
    r.now_ms += 5 * DAY;
    r.conf.grant = by_way;
    r.conf.grant_n = 3;
    cr_expect_not(rig_give(&r, LEDGER_WITHDRAW, "press", "loose", NULL));
    cr_expect_not_null(strstr(r.a.refusal.why, "tighten"));
    cr_expect_not(rig_give(&r, LEDGER_WITHDRAW, "press", "tight", NULL));
    cr_expect_not_null(strstr(r.a.refusal.why, "loosen"));
    rig_close(&r);
}

/* A later day would let it hold where the line's comes up: nobody was asked for that. */
Test(withdraw, it_is_brought_forward_and_not_put_off) {
    struct norm_rig r;
    struct norm n = rig_norm_of(IND_SCRAP_RATIO, 0.02);
    rig_open(&r);
    rig_in_force(&r, "press", &n);
    n.scope.node = (struct ident){"line"};
    n.value = 0.03;
    rig_in_force(&r, "line", &n);
    r.now_ms += 5 * DAY;
    r.conf.grant = by_way;
    r.conf.grant_n = 3;
    struct ledger_command c = rig_of(LEDGER_WITHDRAW, "press", "loose", NULL);
    const int64_t day[] = {9, 20, 9, 3}, now_ms = r.now_ms;
    for (unsigned i = 0; i < 4; i++) {
        const bool later = day[i] == 20;
        c.at_ms = now_ms + day[i] * DAY;
        cr_expect_neq(rig_command(&r, c), later, "%lld: %s", (long long)day[i], r.a.refusal.why);
        if (later)
            cr_expect_str_eq(r.a.refusal.field, "at");
    }
    cr_expect_str_eq(rig_find(&r, IND_SCRAP_RATIO, "press", NULL, now_ms + 4 * DAY, NULL)->id.s,
                     "line");
    rig_close(&r);
}

/* The line's of nuts hides the line's of all until it ends; from then on the new one of deburring
 * takes the place of that. */
Test(change, what_comes_up_in_between_counts_too) {
    struct norm_rig r;
    struct norm n = rig_norm_of(IND_SCRAP_RATIO, 0.05);
    rig_open(&r);
    n.scope.node = (struct ident){"line"};
    rig_in_force(&r, "all", &n);
    n.scope.product = (struct ident){"nut"};
    n.value = 0.02;
    rig_in_force(&r, "nut", &n);
    r.now_ms += 5 * DAY;
    struct ledger_command c = rig_of(LEDGER_WITHDRAW, "nut", "office", NULL);
    c.at_ms = r.now_ms + 30 * DAY;
    cr_assert(rig_command(&r, c), "%s", r.a.refusal.why);
    n.scope.operation = (struct ident){"deburr"};
    n.value = 0.03;
    n.from_ms = r.now_ms + 10 * DAY;
    rig_submitted(&r, "deburr", &n);
    r.conf.grant = by_way;
    r.conf.grant_n = 3;
    cr_expect_not(rig_give(&r, LEDGER_APPROVE, "deburr", "tight", NULL), "weaker than the nuts'");
    cr_expect_not(rig_give(&r, LEDGER_APPROVE, "deburr", "loose", NULL),
                  "stricter than that of all");
    rig_close(&r);
}

/* One of a product goes before one of the press, wherever it is of: it loosens what holds there. */
Test(change, a_norm_of_a_product_that_takes_the_units_place_needs_the_right) {
    for (unsigned k = 0; k < 2; k++) {
        struct norm_rig r;
        struct norm n = rig_norm_of(IND_SCRAP_RATIO, 0.02);
        rig_open(&r);
        rig_in_force(&r, "press", &n);
        n.scope.node = (struct ident){""};
        n.scope.product = (struct ident){"nut"};
        n.value = k ? 0.01 : 0.03;
        n.from_ms = RIG_NOW + 9 * DAY;
        rig_submitted(&r, "nut", &n);
        r.conf.grant = by_way;
        r.conf.grant_n = 3;
        cr_expect_not(rig_give(&r, LEDGER_APPROVE, "nut", "plain", NULL));
        cr_expect_not(rig_give(&r, LEDGER_APPROVE, "nut", k ? "loose" : "tight", NULL));
        cr_expect(rig_give(&r, LEDGER_APPROVE, "nut", k ? "tight" : "loose", NULL), "%s",
                  r.a.refusal.why);
        rig_close(&r);
    }
}

/* A boundary of its own is no way round the one that holds there now. */
Test(change, a_weaker_norm_of_another_boundary_needs_the_right_to_loosen) {
    struct norm_rig r;
    struct norm s = rig_state(IND_SCRAP_RATIO, 0.02), own = rig_norm_of(IND_SCRAP_RATIO, 0.03);
    rig_open(&r);
    s.boundary = "press alone";
    rig_import(&r, "state", s);
    own.boundary = "whatever";
    rig_submitted(&r, "a", &own);
    cr_expect_eq(r.a.related_n, 1u);
    r.conf.grant = by_way;
    r.conf.grant_n = 3;
    cr_expect_not(rig_give(&r, LEDGER_APPROVE, "a", "tight", NULL));
    cr_expect(rig_give(&r, LEDGER_APPROVE, "a", "loose", NULL), "%s", r.a.refusal.why);
    rig_close(&r);
}

static const struct norm_grant importer = {
    "clerk", RIGHT_BIT(RIGHT_IMPORT) | RIGHT_BIT(RIGHT_APPROVE), 0xff, 0xff};

/* Who may only import adds documents; what is in force he neither tightens nor loosens with one. */
Test(change, an_import_that_revises_needs_what_a_revision_needs) {
    for (unsigned k = 0; k < 3; k++) {
        struct norm_rig r;
        struct norm n = rig_norm_of(IND_TIME_UTILIZATION, 0.8);
        rig_open(&r);
        rig_in_force(&r, "old", &n);
        r.now_ms += 2 * DAY;
        n.approved_by = "board";
        n.document = "Order 3";
        n.from_ms = r.now_ms + DAY;
        n.value = k == 0 ? 0.85 : 0.75;
        if (k == 2) {
            n.value = 0.85;
            n.basis.team_n = 1;
        } else {
            r.conf.grant = &importer;
            r.conf.grant_n = 1;
        }
        cr_expect_not(rig_give(&r, LEDGER_IMPORT, "new", k == 2 ? "office" : "clerk", &n));
        cr_expect_str_eq(r.a.refusal.field, k == 2 ? "basis" : "who");
        rig_close(&r);
    }
}

/* What was learnt today may be given a date of yesterday; what it loosens from now on needs the
 * right all the same. */
Test(change, a_date_of_yesterday_frees_of_no_right) {
    struct norm_rig r;
    struct norm n = rig_norm_of(IND_TIME_UTILIZATION, 0.8);
    rig_open(&r);
    n.approved_by = "board";
    n.document = "Order 3";
    n.scope.node = (struct ident){"line"};
    n.from_ms = SIM_DAY0;
    rig_import(&r, "line", n);
    n.scope.node = (struct ident){"press"};
    n.value = 0.5;
    n.from_ms = RIG_NOW - DAY;
    r.conf.grant = &importer;
    r.conf.grant_n = 1;
    cr_expect_not(rig_give(&r, LEDGER_IMPORT, "press", "clerk", &n));
    cr_expect_not_null(strstr(r.a.refusal.why, "loosen"), "%s", r.a.refusal.why);
    rig_close(&r);
}

Test(change, fewer_than_five_observations_are_no_basis) {
    struct norm_rig r;
    struct norm n = rig_norm();
    rig_open(&r);
    n.basis.kind = BASIS_STATISTICAL;
    cr_expect_not(rig_proposes(&r, "a", n), "none told");
    n.basis.n = 4;
    cr_expect_not(rig_proposes(&r, "a", n));
    cr_expect_not_null(strstr(r.a.refusal.why, "not enough basis"));
    n.basis.n = 5;
    cr_expect(rig_proposes(&r, "a", n));
    rig_close(&r);
}
