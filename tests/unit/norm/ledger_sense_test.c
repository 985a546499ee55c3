/* What a norm has to say, in what unit, and what its dates make of it. */
#include "norm_rig.h"

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
