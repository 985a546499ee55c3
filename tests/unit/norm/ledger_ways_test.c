/* Ways round floor, rights and pay that somebody may think of. None is one. */
#include "norm_rig.h"

static struct norm_rig r;

static const struct norm_grant people[] = {
    {"office",
     RIGHT_BIT(RIGHT_PROPOSE) | RIGHT_BIT(RIGHT_APPROVE) | RIGHT_BIT(RIGHT_TIGHTEN) |
         RIGHT_BIT(RIGHT_LOOSEN) | RIGHT_BIT(RIGHT_IMPORT),
     0xff, 0xff},
    {"tight", RIGHT_BIT(RIGHT_APPROVE) | RIGHT_BIT(RIGHT_TIGHTEN) | RIGHT_BIT(RIGHT_IMPORT), 0xff,
     0xff},
    {"shop", RIGHT_BIT(RIGHT_PROPOSE), 0xff, 0xff}};

static void begin(void) {
    rig_open(&r);
    r.conf.grant = people;
    r.conf.grant_n = 3;
}

static struct norm ordered(enum indicator i, double value) {
    struct norm n = rig_norm_of(i, value);
    n.approved_by = "board";
    n.document = "Order 3";
    return n;
}

static void refused(enum ledger_action a, const char *id, const char *who, const struct norm *n,
                    const char *field) {
    cr_expect_not(rig_give(&r, a, id, who, n), "%s of %s by %s", ledger_action_name(a), id, who);
    cr_expect_str_eq(r.a.refusal.field, field, "%s", r.a.refusal.why);
}

/* As strict as the one it follows, but only for a day: from then on there would be none. */
Test(ways, a_norm_of_one_day_does_not_end_the_one_before) {
    begin();
    struct norm n = rig_norm_of(IND_SCRAP_RATIO, 0.02);
    rig_in_force(&r, "old", &n);
    r.now_ms += 5 * DAY;
    n = ordered(IND_SCRAP_RATIO, 0.02);
    n.from_ms = r.now_ms + DAY;
    n.withdrawn_ms = r.now_ms + 2 * DAY;
    refused(LEDGER_IMPORT, "day", "tight", &n, "who");
    cr_expect(rig_give(&r, LEDGER_IMPORT, "day", "office", &n), "%s", r.a.refusal.why);
    rig_close(&r);
}

Test(ways, a_decree_of_one_day_does_not_end_the_floor) {
    begin();
    struct norm s = rig_state(IND_SCRAP_RATIO, 0.02);
    cr_assert(rig_give(&r, LEDGER_IMPORT, "state", "tight", &s), "%s", r.a.refusal.why);
    s.from_ms = r.now_ms + DAY;
    s.withdrawn_ms = r.now_ms + 2 * DAY;
    refused(LEDGER_IMPORT, "day", "tight", &s, "who");
    rig_close(&r);
}

/* 1 kWh is 1000 Wh whatever the settings say; the plant's own units are its own. */
Test(ways, settings_do_not_make_a_kilowatt_hour_smaller) {
    static const struct norm_conversion odd[] = {
        {"kWh", "Wh", 1}, {"MWh", "Wh", 1}, {"kWh/t", "MJ/kg", 1}, {"kgoe", "kWh", 11.63}};
    double f = 0;
    begin();
    r.conf.conversion = odd;
    r.conf.conversion_n = 4;
    struct norm s = rig_state(IND_ENERGY_PER_GOOD, 0.5), n = rig_norm_of(IND_ENERGY_PER_GOOD, 0.9);
    cr_assert(rig_give(&r, LEDGER_IMPORT, "state", "office", &s), "%s", r.a.refusal.why);
    n.unit = "Wh";
    n.value = 501;
    refused(LEDGER_PROPOSE, "a", "shop", &n, "value");
    cr_expect(ledger_convert(r.ledger, "MWh", "Wh", &f) && f == 1e6, "%g", f);
    cr_expect(ledger_convert(r.ledger, "kWh/t", "MJ/kg", &f) && fabs(f - 0.0036) < 1e-15, "%g", f);
    cr_expect(ledger_convert(r.ledger, "kgoe", "Wh", &f) && fabs(f - 11630) < 1e-9, "%g", f);
    rig_close(&r);
}

/* "office" with a blank of no width behind it would be another person, and look the same. */
Test(ways, a_letter_that_nobody_sees_makes_no_other_person) {
    begin();
    struct norm n = rig_norm();
    refused(LEDGER_PROPOSE, "a", "office\xE2\x80\x8B", &n, "who");
    refused(LEDGER_PROPOSE, "a",
            "of\xC2\xAD"
            "fice",
            &n, "who");
    refused(LEDGER_PROPOSE, "a", "oe\xCC\x82", &n, "who");
    n = ordered(IND_OEE, 0.5);
    n.proposed_by = "board\xE2\x80\x8B";
    refused(LEDGER_IMPORT, "a", "office", &n, "proposed_by");
    rig_close(&r);
}

static struct norm pressure(double value) {
    struct norm n;
    norm_init(&n);
    n.quantity = "steam pressure";
    n.norm_class = CLASS_CONSUMPTION;
    n.direction = HIGH_IS_BETTER;
    n.value = value;
    n.unit = "bar";
    n.from_ms = RIG_NOW + DAY;
    return n;
}

/* That less is better of it, only ours would say; nor is it another thing in capitals. */
Test(ways, a_quantity_is_not_turned_round) {
    begin();
    struct norm s = pressure(6), n = pressure(4);
    s.origin = ORIGIN_STATE;
    s.source = "State Office";
    s.source_ms = SIM_DAY0;
    s.document = "Decree 7";
    s.from_ms = SIM_DAY0;
    cr_assert(rig_give(&r, LEDGER_IMPORT, "state", "office", &s), "%s", r.a.refusal.why);
    n.direction = LOW_IS_BETTER;
    refused(LEDGER_PROPOSE, "a", "shop", &n, "direction");
    n.direction = HIGH_IS_BETTER;
    n.quantity = " STEAM  Pressure";
    refused(LEDGER_PROPOSE, "a", "shop", &n, "value");
    rig_close(&r);
}

/* Of a band there is no T1: nothing could be kept, so nothing is revised. */
Test(ways, a_piece_rate_is_not_revised_by_a_band) {
    begin();
    struct norm old = rig_norm_of(IND_LABOUR_PER_UNIT, 0.50), n = old;
    old.piece_paid = true;
    rig_in_force(&r, "old", &old);
    r.now_ms += 2 * DAY;
    n.kind = NORM_STANDARD;
    n.value = NAN;
    n.low = 0.3;
    n.high = 0.4;
    n.from_ms = r.now_ms + 9 * DAY;
    rig_submitted(&r, "band", &n);
    refused(LEDGER_APPROVE, "band", "office", NULL, "pay");
    n.choice.kind = CHOICE_INCENTIVE;
    n.choice.supplement = 0;
    n.choice.team_n = 2;
    n.choice.team[0] = (struct norm_pay_team){{"red"}, 0.40};
    n.choice.team[1] = (struct norm_pay_team){{"blue"}, 0.40};
    refused(LEDGER_CHOOSE, "band", "office", &n, "pay.teams");
    rig_close(&r);
}

/* A document of today that moves pay from next week on says what becomes of it, for every team. */
Test(ways, a_document_does_not_move_pay_without_a_choice) {
    begin();
    struct norm old = rig_norm_of(IND_LABOUR_PER_UNIT, 0.50),
                n = ordered(IND_LABOUR_PER_UNIT, 0.45);
    old.piece_paid = true;
    rig_in_force(&r, "old", &old);
    r.now_ms += 30 * DAY;
    n.from_ms = r.now_ms + 9 * DAY;
    n.trial = (struct norm_trial){r.now_ms - 20 * DAY, r.now_ms - 10 * DAY, 40, 0.6, true, ""};
    n.consultation = (struct norm_consultation){r.now_ms - 5 * DAY, "works council", ""};
    n.publication.t_ms = r.now_ms;
    n.approved_ms = r.now_ms - DAY;
    refused(LEDGER_IMPORT, "new", "office", &n, "pay");
    n.choice.kind = CHOICE_INCENTIVE;
    n.choice.supplement = 0;
    n.choice.revised_from = 0.50;
    n.choice.supplement_after = 1.0 / 9; /* worked example 7 */
    n.choice.incentive_least = 0.25;
    n.choice.team_n = 1;
    n.choice.team[0] = (struct norm_pay_team){{"red"}, 0.40};
    refused(LEDGER_IMPORT, "new", "office", &n, "pay.teams");
    n.choice.team_n = 2;
    n.choice.team[1] = (struct norm_pay_team){{"blue"}, 0.40};
    cr_expect(rig_give(&r, LEDGER_IMPORT, "new", "office", &n), "%s", r.a.refusal.why);
    rig_close(&r);
}

/* The second one of the same day would hold in the place of the stricter first. */
Test(ways, a_second_revision_of_the_same_day_is_one_of_the_first) {
    begin();
    struct norm n = rig_norm_of(IND_SCRAP_RATIO, 0.03);
    rig_in_force(&r, "old", &n);
    r.now_ms += 5 * DAY;
    n.from_ms = r.now_ms + 5 * DAY;
    n.value = 0.01;
    rig_in_force(&r, "strict", &n);
    n.value = 0.02;
    rig_submitted(&r, "second", &n);
    refused(LEDGER_APPROVE, "second", "tight", NULL, "who");
    rig_close(&r);
}

/* Who says "withdrawn from next month on" needs what it takes today. */
Test(ways, a_withdrawal_that_is_ahead_is_one) {
    begin();
    struct norm n = rig_norm_of(IND_SCRAP_RATIO, 0.02);
    rig_in_force(&r, "old", &n);
    r.now_ms += 5 * DAY;
    struct ledger_command c = rig_of(LEDGER_WITHDRAW, "old", "tight", NULL);
    c.at_ms = r.now_ms + 300 * DAY;
    cr_expect_not(rig_command(&r, c));
    cr_expect_str_eq(r.a.refusal.field, "who");
    rig_close(&r);
}
