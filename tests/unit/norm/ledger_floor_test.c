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

/* The same indicator, boundary, product and capacity class; what is of others is listed. */
Test(floor, is_of_the_same_boundary_product_class_and_place) {
    struct norm_rig r;
    struct norm s = rig_state(IND_ENERGY_PER_GOOD, 0.5),
                own = rig_norm_of(IND_ENERGY_PER_GOOD, 0.9);
    rig_open(&r);
    s.boundary = "press alone";
    import(&r, "boundary", s);
    s.boundary = "";
    s.capacity_class = "over 100 t";
    import(&r, "class", s);
    s.capacity_class = "";
    s.scope.product = (struct ident){"nut"};
    import(&r, "product", s);
    s.scope.product = (struct ident){""};
    s.scope.operation = (struct ident){"deburr"};
    import(&r, "operation", s);
    s.scope.operation = (struct ident){""};
    s.scope.node = (struct ident){"pack"};
    import(&r, "place", s);
    s.scope.node = (struct ident){""};
    s.origin = ORIGIN_INDUSTRY;
    import(&r, "reference", s);
    cr_assert(proposes(&r, "a", own), "%s", r.a.refusal.why);
    cr_expect_eq(r.a.related_n, 6u);
    own.boundary = "press alone";
    cr_expect_not(proposes(&r, "b", own));
    cr_expect_str_eq(r.a.refusal.collides.s, "boundary");
    own.boundary = "";
    own.capacity_class = "over 100 t";
    cr_expect_not(proposes(&r, "b", own));
    cr_expect_str_eq(r.a.refusal.collides.s, "class");
    own.capacity_class = "";
    own.scope.product = (struct ident){"nut"};
    cr_expect_not(proposes(&r, "b", own));
    cr_expect_str_eq(r.a.refusal.collides.s, "product");
    own.scope.product = (struct ident){""};
    own.scope.operation = (struct ident){"deburr"};
    cr_expect_not(proposes(&r, "b", own));
    cr_expect_str_eq(r.a.refusal.collides.s, "operation");
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
