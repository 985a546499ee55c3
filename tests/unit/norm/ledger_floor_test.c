/* What binds ours: no norm of our own is weaker than one that binds. */
#include "norm_rig.h"

Test(floor, is_direction_aware_and_names_what_it_collides_with) {
    struct norm_rig r;
    rig_open(&r);
    rig_import(&r, "state-use", rig_state(IND_TIME_UTILIZATION, 0.75));
    rig_import(&r, "state-kwh", rig_state(IND_ENERGY_PER_GOOD, 0.50));
    cr_expect_not(rig_proposes(&r, "a", rig_norm_of(IND_TIME_UTILIZATION, 0.7499)));
    cr_expect_str_eq(r.a.refusal.collides.s, "state-use");
    cr_expect_not_null(strstr(r.a.refusal.why, "State Office"));
    cr_expect_not_null(strstr(r.a.refusal.why, "2026-06-01"));
    cr_expect(rig_proposes(&r, "a", rig_norm_of(IND_TIME_UTILIZATION, 0.75)),
              "as strict is no weaker");
    cr_expect_not(rig_proposes(&r, "b", rig_norm_of(IND_ENERGY_PER_GOOD, 0.5001)));
    cr_expect_str_eq(r.a.refusal.collides.s, "state-kwh");
    cr_expect(rig_proposes(&r, "b", rig_norm_of(IND_ENERGY_PER_GOOD, 0.5)));
    rig_close(&r);
}

Test(floor, the_strictest_of_several_is_named) {
    struct norm_rig r;
    struct norm ministry = rig_state(IND_SCRAP_RATIO, 0.02);
    ministry.origin = ORIGIN_MINISTRY;
    rig_open(&r);
    rig_import(&r, "state", rig_state(IND_SCRAP_RATIO, 0.03));
    rig_import(&r, "ministry", ministry);
    cr_expect_not(rig_proposes(&r, "a", rig_norm_of(IND_SCRAP_RATIO, 0.05)));
    cr_expect_str_eq(r.a.refusal.collides.s, "ministry");
    cr_expect(rig_proposes(&r, "a", rig_norm_of(IND_SCRAP_RATIO, 0.02)));
    rig_close(&r);
}

/* 1.8 MJ are 0.5 kWh; what has no conversion can't be compared, and that blocks. */
Test(floor, is_held_after_conversion_and_a_missing_one_blocks) {
    struct norm_rig r;
    struct norm state = rig_state(IND_ENERGY_PER_GOOD, 1.8), own, odd;
    static const struct norm_conversion oil[] = {{"kgoe", "kWh", 11.63}};
    rig_open(&r);
    state.unit = "MJ";
    rig_import(&r, "state", state);
    cr_expect_not(rig_proposes(&r, "a", rig_norm_of(IND_ENERGY_PER_GOOD, 0.51)));
    own = rig_norm_of(IND_ENERGY_PER_GOOD, 499);
    own.unit = "Wh";
    cr_expect(rig_proposes(&r, "a", own));
    own.unit = "kgoe";
    own.value = 0.05;
    cr_expect_not(rig_proposes(&r, "b", own));
    cr_expect_str_eq(r.a.refusal.field, "unit");
    r.conf.conversion = oil;
    r.conf.conversion_n = 1;
    cr_expect_not(rig_proposes(&r, "b", own), "0.58 kWh");
    own.value = 0.04;
    cr_expect(rig_proposes(&r, "b", own), "0.47 kWh");
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
    rig_import(&r, "pressure", of_state);
    cr_expect_not(rig_proposes(&r, "c", odd));
    cr_expect_str_eq(r.a.refusal.collides.s, "pressure");
    cr_expect_not_null(strstr(r.a.refusal.why, "no conversion"));
    rig_close(&r);
}

/* What is for something that ours is for, too. In each row the state's norm names something and
 * ours nothing, the same, another one. */
static void try_floor(const char *what, struct norm superior, struct norm own, bool binds) {
    struct norm_rig r;
    rig_open(&r);
    rig_import(&r, "state", superior);
    cr_expect_eq(rig_proposes(&r, "a", own), !binds, "%s: %s", what, r.a.refusal.why);
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
    rig_import(&r, "state", s);
    cr_assert(rig_proposes(&r, "a", own), "%s", r.a.refusal.why);
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
    rig_import(&r, "state", rig_state(IND_ENERGY_PER_GOOD, 0.5));
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
    rig_import(&r, "state", rig_state(IND_SCRAP_RATIO, 0.02));
    own.boundary = "first hall";
    cr_expect_not(rig_proposes(&r, "a", own));
    cr_expect_str_eq(r.a.refusal.collides.s, "state");
    rig_close(&r);
}

/* 35 * 0.01 is 0.35000000000000003 in binary: 35 % is 0.35 all the same. */
Test(floor, what_is_as_strict_in_another_unit_is_not_weaker) {
    struct norm_rig r;
    struct norm own = rig_norm_of(IND_SCRAP_RATIO, 35);
    rig_open(&r);
    rig_import(&r, "state", rig_state(IND_SCRAP_RATIO, 0.35));
    own.unit = "%";
    cr_expect(rig_proposes(&r, "a", own), "%s", r.a.refusal.why);
    own.value = 35.000001;
    cr_expect_not(rig_proposes(&r, "b", own));
    rig_close(&r);
}

Test(floor, a_reference_that_is_marked_binding_binds) {
    struct norm_rig r;
    struct norm s = rig_state(IND_SCRAP_RATIO, 0.02);
    rig_open(&r);
    s.origin = ORIGIN_SISTER;
    s.binding = true;
    rig_import(&r, "sister", s);
    cr_expect_not(rig_proposes(&r, "a", rig_norm_of(IND_SCRAP_RATIO, 0.03)));
    rig_close(&r);
}

Test(floor, a_binding_band_contains_ours) {
    struct norm_rig r;
    struct norm s = rig_state(IND_STANDBY_RATIO, NAN);
    rig_open(&r);
    s.kind = NORM_STANDARD;
    s.low = 0.1;
    s.high = 0.2;
    rig_import(&r, "state", s);
    cr_expect(rig_proposes(&r, "a", rig_band(0.1, 0.2)));
    cr_expect_not(rig_proposes(&r, "b", rig_band(0.09, 0.2)));
    cr_expect_not(rig_proposes(&r, "b", rig_band(0.1, 0.21)));
    cr_expect_not_null(strstr(r.a.refusal.why, "the band 0.1 to 0.2"));
    cr_expect_not(rig_proposes(&r, "b", rig_norm_of(IND_STANDBY_RATIO, 0.25)),
                  "a value outside of it");
    cr_expect(rig_proposes(&r, "b", rig_norm_of(IND_STANDBY_RATIO, 0.15)));
    rig_close(&r);
}

/* Less is better: the band's upper end must not pass the value; more is better: its lower end. */
Test(floor, a_band_is_held_against_a_value_by_its_worse_end) {
    struct norm_rig r;
    struct norm high = rig_band(0.7, 0.9);
    rig_open(&r);
    rig_import(&r, "low", rig_state(IND_STANDBY_RATIO, 0.2));
    rig_import(&r, "use", rig_state(IND_TIME_UTILIZATION, 0.75));
    cr_expect_not(rig_proposes(&r, "a", rig_band(0.1, 0.21)));
    cr_expect(rig_proposes(&r, "a", rig_band(0.1, 0.2)));
    high.indicator = IND_TIME_UTILIZATION;
    cr_expect_not(rig_proposes(&r, "b", high));
    high.low = 0.75;
    cr_expect(rig_proposes(&r, "b", high));
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
    rig_import(&r, "state", rig_state(IND_ENERGY_PER_GOOD, 0.5));
    cr_expect_not(rig_proposes(&r, "a", own));
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
    rig_import(&r, "state", rig_state(IND_SCRAP_RATIO, 0.02));
    cr_expect_not(rig_give(&r, LEDGER_APPROVE, "a", "office", NULL));
    cr_expect_str_eq(r.a.refusal.collides.s, "state");
    cr_expect_not(rig_give(&r, LEDGER_RETURN, "a", "shop", NULL));
    cr_expect(rig_give(&r, LEDGER_RETURN, "a", "office", NULL));
    cr_expect_not(rig_proposes(&r, "a", n));
    n.value = 0.02;
    cr_assert(rig_proposes(&r, "a", n));
    cr_assert(rig_give(&r, LEDGER_ANSWER, "a", "office", NULL));
    rig_import(&r, "ministry",
               (n = rig_state(IND_SCRAP_RATIO, 0.01), n.origin = ORIGIN_MINISTRY, n));
    cr_expect_not(rig_give(&r, LEDGER_SUBMIT, "a", "shop", NULL));
    rig_close(&r);
}
