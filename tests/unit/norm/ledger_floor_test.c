/* What binds ours: the floor, the ceiling, rights to tighten and to loosen. */
#include "norm_rig.h"

static void import(struct norm_rig *r, const char *id, struct norm n) {
    cr_assert(rig_give(r, LEDGER_IMPORT, id, "office", &n), "%s: %s", id, r->a.refusal.why);
}

static bool proposes(struct norm_rig *r, const char *id, struct norm n) {
    return rig_give(r, LEDGER_PROPOSE, id, "shop", &n);
}

/* --- floor ------------------------------------------------------------------------------------ */

Test(floor, is_direction_aware_and_names_what_it_collides_with) {
    struct norm_rig r;
    rig_open(&r);
    import(&r, "state-use", rig_state(IND_TIME_UTILIZATION, 0.75));
    import(&r, "state-kwh", rig_state(IND_ENERGY_PER_GOOD, 0.50));
    cr_expect_not(proposes(&r, "a", rig_norm_of(IND_TIME_UTILIZATION, 0.7499)));
    cr_expect_str_eq(r.a.refusal.collides.s, "state-use");
    cr_expect_not_null(strstr(r.a.refusal.why, "State Office"));
    cr_expect_not_null(strstr(r.a.refusal.why, "2026-06-01"));
    cr_expect(proposes(&r, "a", rig_norm_of(IND_TIME_UTILIZATION, 0.75)), "as strict is no weaker");
    cr_expect_not(proposes(&r, "b", rig_norm_of(IND_ENERGY_PER_GOOD, 0.5001)));
    cr_expect_str_eq(r.a.refusal.collides.s, "state-kwh");
    cr_expect(proposes(&r, "b", rig_norm_of(IND_ENERGY_PER_GOOD, 0.5)));
    rig_close(&r);
}

Test(floor, the_strictest_of_several_is_named) {
    struct norm_rig r;
    struct norm ministry = rig_state(IND_SCRAP_RATIO, 0.02);
    ministry.origin = ORIGIN_MINISTRY;
    rig_open(&r);
    import(&r, "state", rig_state(IND_SCRAP_RATIO, 0.03));
    import(&r, "ministry", ministry);
    cr_expect_not(proposes(&r, "a", rig_norm_of(IND_SCRAP_RATIO, 0.05)));
    cr_expect_str_eq(r.a.refusal.collides.s, "ministry");
    cr_expect(proposes(&r, "a", rig_norm_of(IND_SCRAP_RATIO, 0.02)));
    rig_close(&r);
}

/* 1.8 MJ are 0.5 kWh; what has no conversion can't be compared, and that blocks. */
Test(floor, is_held_after_conversion_and_a_missing_one_blocks) {
    struct norm_rig r;
    struct norm state = rig_state(IND_ENERGY_PER_GOOD, 1.8), own, odd;
    static const struct norm_conversion oil[] = {{"kgoe", "kWh", 11.63}};
    rig_open(&r);
    state.unit = "MJ";
    import(&r, "state", state);
    cr_expect_not(proposes(&r, "a", rig_norm_of(IND_ENERGY_PER_GOOD, 0.51)));
    own = rig_norm_of(IND_ENERGY_PER_GOOD, 499);
    own.unit = "Wh";
    cr_expect(proposes(&r, "a", own));
    own.unit = "kgoe";
    own.value = 0.05;
    cr_expect_not(proposes(&r, "b", own));
    cr_expect_str_eq(r.a.refusal.field, "unit");
    r.conf.conversion = oil;
    r.conf.conversion_n = 1;
    cr_expect_not(proposes(&r, "b", own), "0.58 kWh");
    own.value = 0.04;
    cr_expect(proposes(&r, "b", own), "0.47 kWh");
    norm_init(&odd);
    odd.quantity = "steam pressure";
    odd.norm_class = CLASS_CONSUMPTION;
    odd.direction = HIGH_IS_BETTER;
    odd.value = 6;
    odd.unit = "bar";
    odd.from_ms = RIG_NOW + DAY;
    struct norm of_state = rig_state(IND_OEE, 500000);
    of_state.indicator = INDICATOR_COUNT;
    of_state.quantity = "steam pressure";
    of_state.norm_class = CLASS_CONSUMPTION;
    of_state.direction = HIGH_IS_BETTER;
    of_state.unit = "Pa";
    import(&r, "pressure", of_state);
    cr_expect_not(proposes(&r, "c", odd));
    cr_expect_str_eq(r.a.refusal.collides.s, "pressure");
    cr_expect_not_null(strstr(r.a.refusal.why, "no conversion"));
    rig_close(&r);
}

/* What is for something that ours is for, too. In each row the state's norm names something and
 * ours nothing, the same, another one. */
static void try_floor(const char *what, struct norm superior, struct norm own, bool binds) {
    struct norm_rig r;
    rig_open(&r);
    import(&r, "state", superior);
    cr_expect_eq(proposes(&r, "a", own), !binds, "%s: %s", what, r.a.refusal.why);
    if (binds)
        cr_expect_str_eq(r.a.refusal.collides.s, "state", "%s", what);
    else
        cr_expect_eq(r.a.related_n, 1u, "%s: what is of others is listed", what);
    rig_close(&r);
}

#define FLOOR(BINDS, STATE, OWN)                                                                   \
    do {                                                                                           \
        struct norm s = rig_state(IND_ENERGY_PER_GOOD, 0.5);                                       \
        struct norm own = rig_norm_of(IND_ENERGY_PER_GOOD, 0.9);                                   \
        s.STATE;                                                                                   \
        own.OWN;                                                                                   \
        try_floor(#STATE " " #OWN, s, own, BINDS);                                                 \
    } while (0)

Test(floor, who_names_nothing_claims_all) {
    FLOOR(true, boundary = "press alone", boundary = "");
    FLOOR(true, boundary = "press alone", boundary = "Press  alone ");
    FLOOR(false, boundary = "press alone", boundary = "whole hall");
    FLOOR(true, boundary = "", boundary = "whole hall");
    FLOOR(true, capacity_class = "over 100 t", capacity_class = "");
    FLOOR(true, capacity_class = "over 100 t", capacity_class = "OVER 100 T");
    FLOOR(false, capacity_class = "over 100 t", capacity_class = "under 100 t");
    FLOOR(true, scope.product = (struct ident){"nut"}, scope.product = (struct ident){""});
    FLOOR(true, scope.product = (struct ident){"nut"}, scope.product = (struct ident){"nut"});
    FLOOR(false, scope.product = (struct ident){"nut"}, scope.product = (struct ident){"bolt"});
    FLOOR(true, scope.operation = (struct ident){"deburr"}, scope.operation = (struct ident){""});
    FLOOR(true, scope.operation = (struct ident){"deburr"},
          scope.operation = (struct ident){"deburr"});
    FLOOR(false, scope.operation = (struct ident){"deburr"},
          scope.operation = (struct ident){"weigh"});
    FLOOR(true, scope.node = (struct ident){"press"}, scope.node = (struct ident){"line"});
    FLOOR(true, scope.node = (struct ident){"line"}, scope.node = (struct ident){"press"});
    FLOOR(false, scope.node = (struct ident){"pack"}, scope.node = (struct ident){"press"});
    FLOOR(true, scope.team = (struct ident){"red"}, scope.team = (struct ident){""});
    FLOOR(true, scope.team = (struct ident){""}, scope.team = (struct ident){"red"});
    FLOOR(false, scope.team = (struct ident){"red"}, scope.team = (struct ident){"blue"});
    FLOOR(false, origin = ORIGIN_INDUSTRY, boundary = "");
}

/* The press deburrs nuts and nothing else; the packer never deburrs. */
Test(floor, an_operation_that_is_not_done_there_is_no_matter_of_ours) {
    FLOOR(false, scope.operation = (struct ident){"deburr"},
          scope.product = (struct ident){"bolt"});
    FLOOR(true, scope.operation = (struct ident){"deburr"}, scope.product = (struct ident){"nut"});
    FLOOR(false, scope.operation = (struct ident){"deburr"}, scope.node = (struct ident){"pack"});
    FLOOR(true, scope.operation = (struct ident){"weigh"}, scope.node = (struct ident){"pack"});
    FLOOR(true, scope.operation = (struct ident){"deburr"}, scope.node = (struct ident){"line"});
}

/* Known today, in force next month: ours may hold until then, and it is told. */
Test(floor, a_superior_norm_that_begins_later_is_told) {
    struct norm_rig r;
    struct norm s = rig_state(IND_SCRAP_RATIO, 0.02), own = rig_norm_of(IND_SCRAP_RATIO, 0.03);
    struct ledger_why why;
    rig_open(&r);
    s.from_ms = RIG_NOW + 30 * DAY;
    import(&r, "state", s);
    cr_assert(proposes(&r, "a", own), "%s", r.a.refusal.why);
    cr_assert_eq(r.a.warning_n, 1u);
    cr_expect_not_null(strstr(r.a.warning[0], "begins later"));
    cr_expect_str_eq(r.a.related[0].s, "state");
    cr_assert(rig_give(&r, LEDGER_ANSWER, "a", "office", NULL));
    cr_assert(rig_give(&r, LEDGER_SUBMIT, "a", "shop", NULL));
    cr_assert(rig_give(&r, LEDGER_APPROVE, "a", "office", NULL), "%s", r.a.refusal.why);
    cr_expect_str_eq(rig_find(&r, IND_SCRAP_RATIO, "press", NULL, s.from_ms - 1, &why)->id.s, "a");
    cr_expect_not(why.bound);
    cr_expect_str_eq(rig_find(&r, IND_SCRAP_RATIO, "press", NULL, s.from_ms, &why)->id.s, "state");
    cr_expect(why.bound);
    rig_close(&r);
}

/* A conversion that is taken out of the settings frees nobody: what can't be compared yields. */
Test(floor, what_can_not_be_held_against_a_binding_norm_any_more_yields_to_it) {
    static const struct norm_conversion oil[] = {{"kgoe", "kWh", 11.63}};
    struct norm_rig r;
    struct norm own = rig_norm_of(IND_ENERGY_PER_GOOD, 0.04);
    struct ledger_why why;
    rig_open(&r);
    r.conf.conversion = oil;
    r.conf.conversion_n = 1;
    import(&r, "state", rig_state(IND_ENERGY_PER_GOOD, 0.5));
    own.unit = "kgoe"; /* 0.465 kWh */
    rig_in_force(&r, "own", &own);
    cr_expect_str_eq(rig_find(&r, IND_ENERGY_PER_GOOD, "press", NULL, own.from_ms, NULL)->id.s,
                     "own");
    r.conf.conversion_n = 0;
    cr_expect_str_eq(rig_find(&r, IND_ENERGY_PER_GOOD, "press", NULL, own.from_ms, &why)->id.s,
                     "state");
    cr_expect(why.bound);
    rig_close(&r);
}

/* Else a word in a field would free of every norm that leaves it out. */
Test(floor, a_superior_norm_that_names_no_boundary_is_of_all) {
    struct norm_rig r;
    struct norm own = rig_norm_of(IND_SCRAP_RATIO, 0.03);
    rig_open(&r);
    import(&r, "state", rig_state(IND_SCRAP_RATIO, 0.02));
    own.boundary = "first hall";
    cr_expect_not(proposes(&r, "a", own));
    cr_expect_str_eq(r.a.refusal.collides.s, "state");
    rig_close(&r);
}

/* 35 * 0.01 is 0.35000000000000003 in binary: 35 % is 0.35 all the same. */
Test(floor, what_is_as_strict_in_another_unit_is_not_weaker) {
    struct norm_rig r;
    struct norm own = rig_norm_of(IND_SCRAP_RATIO, 35);
    rig_open(&r);
    import(&r, "state", rig_state(IND_SCRAP_RATIO, 0.35));
    own.unit = "%";
    cr_expect(proposes(&r, "a", own), "%s", r.a.refusal.why);
    own.value = 35.000001;
    cr_expect_not(proposes(&r, "b", own));
    rig_close(&r);
}

Test(floor, a_reference_that_is_marked_binding_binds) {
    struct norm_rig r;
    struct norm s = rig_state(IND_SCRAP_RATIO, 0.02);
    rig_open(&r);
    s.origin = ORIGIN_SISTER;
    s.binding = true;
    import(&r, "sister", s);
    cr_expect_not(proposes(&r, "a", rig_norm_of(IND_SCRAP_RATIO, 0.03)));
    rig_close(&r);
}

static struct norm band(double low, double high) {
    struct norm n = rig_norm_of(IND_STANDBY_RATIO, NAN);
    n.kind = NORM_STANDARD;
    n.low = low;
    n.high = high;
    return n;
}

Test(floor, a_binding_band_contains_ours) {
    struct norm_rig r;
    struct norm s = rig_state(IND_STANDBY_RATIO, NAN);
    rig_open(&r);
    s.kind = NORM_STANDARD;
    s.low = 0.1;
    s.high = 0.2;
    import(&r, "state", s);
    cr_expect(proposes(&r, "a", band(0.1, 0.2)));
    cr_expect_not(proposes(&r, "b", band(0.09, 0.2)));
    cr_expect_not(proposes(&r, "b", band(0.1, 0.21)));
    cr_expect_not_null(strstr(r.a.refusal.why, "the band 0.1 to 0.2"));
    cr_expect_not(proposes(&r, "b", rig_norm_of(IND_STANDBY_RATIO, 0.25)), "a value outside of it");
    cr_expect(proposes(&r, "b", rig_norm_of(IND_STANDBY_RATIO, 0.15)));
    rig_close(&r);
}

/* Less is better: the band's upper end must not pass the value; more is better: its lower end. */
Test(floor, a_band_is_held_against_a_value_by_its_worse_end) {
    struct norm_rig r;
    struct norm high = band(0.7, 0.9);
    rig_open(&r);
    import(&r, "low", rig_state(IND_STANDBY_RATIO, 0.2));
    import(&r, "use", rig_state(IND_TIME_UTILIZATION, 0.75));
    cr_expect_not(proposes(&r, "a", band(0.1, 0.21)));
    cr_expect(proposes(&r, "a", band(0.1, 0.2)));
    high.indicator = IND_TIME_UTILIZATION;
    cr_expect_not(proposes(&r, "b", high));
    high.low = 0.75;
    cr_expect(proposes(&r, "b", high));
    rig_close(&r);
}

Test(floor, beyond_our_best_the_superior_norm_itself_holds_and_a_plan_is_required) {
    struct norm_rig r;
    struct norm own = rig_norm_of(IND_ENERGY_PER_GOOD, 0.62);
    struct ledger_why why;
    rig_open(&r);
    own.basis.kind = BASIS_STATISTICAL;
    own.basis.n = 40;
    own.basis.mean = 0.7;
    own.basis.best = 0.6;
    cr_assert(rig_give(&r, LEDGER_DRAFT, "study", "shop", &own));
    import(&r, "state", rig_state(IND_ENERGY_PER_GOOD, 0.5));
    cr_expect_not(proposes(&r, "a", own));
    cr_expect_not_null(strstr(r.a.refusal.why, "a plan is required"));
    const struct norm *n = rig_find(&r, IND_ENERGY_PER_GOOD, "press", NULL, RIG_NOW, &why);
    cr_assert_not_null(n);
    cr_expect_str_eq(n->id.s, "state");
    cr_expect(why.plan_required);
    own.basis.best = 0.45;
    cr_assert(rig_give(&r, LEDGER_DRAFT, "study", "shop", &own));
    (void)rig_find(&r, IND_ENERGY_PER_GOOD, "press", NULL, RIG_NOW, &why);
    cr_expect_not(why.plan_required, "it was reached");
    rig_close(&r);
}

Test(floor, is_asked_again_when_it_is_approved) {
    struct norm_rig r;
    struct norm n = rig_norm_of(IND_SCRAP_RATIO, 0.03);
    rig_open(&r);
    rig_submitted(&r, "a", &n);
    import(&r, "state", rig_state(IND_SCRAP_RATIO, 0.02));
    cr_expect_not(rig_give(&r, LEDGER_APPROVE, "a", "office", NULL));
    cr_expect_str_eq(r.a.refusal.collides.s, "state");
    cr_expect_not(rig_give(&r, LEDGER_RETURN, "a", "shop", NULL));
    cr_expect(rig_give(&r, LEDGER_RETURN, "a", "office", NULL));
    cr_expect_not(proposes(&r, "a", n));
    n.value = 0.02;
    cr_assert(proposes(&r, "a", n));
    cr_assert(rig_give(&r, LEDGER_ANSWER, "a", "office", NULL));
    import(&r, "ministry", (n = rig_state(IND_SCRAP_RATIO, 0.01), n.origin = ORIGIN_MINISTRY, n));
    cr_expect_not(rig_give(&r, LEDGER_SUBMIT, "a", "shop", NULL));
    rig_close(&r);
}

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
        cr_assert(proposes(&r, "a", n));
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
        struct norm n = k < 3 ? rig_norm_of(IND_MATERIAL_PER_UNIT, 11) : band(0.1, 0.2), reason;
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
        struct norm n = band(row[i].low, row[i].high);
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
    import(&r, "state", rig_state(IND_SCRAP_RATIO, 0.01));
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
    import(&r, "state", s);
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
    import(&r, "line", n);
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
    cr_expect_not(proposes(&r, "a", n), "none told");
    n.basis.n = 4;
    cr_expect_not(proposes(&r, "a", n));
    cr_expect_not_null(strstr(r.a.refusal.why, "not enough basis"));
    n.basis.n = 5;
    cr_expect(proposes(&r, "a", n));
    rig_close(&r);
}
