/* All rules at all nodes: what one alert has to do with others, rows, reloads. The line of the
 * simulation: node 1 the line, 2 press and 3 pack below it. */
#include <criterion/criterion.h>
#include <string.h>

#include "alert/alerts.h"
#include "base/hash.h"
#include "simkit/line_plant.h"

#define MINUTE INT64_C(60000)
enum { LINE = 1, PRESS, PACK };

static const uint32_t line[] = {LINE}, press[] = {PRESS}, units[] = {PRESS, PACK};
static const struct ident lead[] = {{"lead"}};
static struct plant *plant;
static struct alerts *a;
static struct alert_rule rule[2];
static struct alert_rules rules;
static const int64_t first = SIM_DAY0 / MINUTE;

/* More than half a minute of delay in the last minute. */
static struct alert_rule delay(const char *id, const uint32_t *node, size_t n) {
    struct alert_rule r = {.subject = ALERT_QUANTITY,
                           .quantity = ALERT_Q_DELAY,
                           .node = node,
                           .node_n = n,
                           .minutes = 1,
                           .level = {{0.5, 0.5, ALERT_HIGH}},
                           .level_n = 1,
                           .recipient = lead,
                           .recipient_n = 1};
    ident_set(&r.id, span_str(id));
    r.said = alert_rule_said(&r);
    return r;
}

static void open_rules(size_t n) {
    rules = (struct alert_rules){rule, n};
    cr_assert_eq(alerts_open(&rules, plant, NULL, &a), ERR_OK);
    for (uint32_t node = LINE; node <= PACK; node++)
        alerts_begin(a, node, first);
}

static void setup(void) {
    cr_assert_eq(line_plant_open(&plant), ERR_OK);
    rule[0] = delay("a-line", line, 1);
    rule[1] = delay("b-unit", units, 2);
    rule[0].quiets = true;
    rule[0].said = alert_rule_said(&rule[0]);
    open_rules(2);
}

static void teardown(void) {
    alerts_close(a);
    plant_close(plant);
}

TestSuite(alerts, .init = setup, .fini = teardown);

/* A minute of a node: so much of it is delay. */
static void minute(uint32_t node, int64_t delay_ms) {
    struct sums s = {0};
    s.q[QTY_TIME + CAT_DELAY] = delay_ms;
    s.q[QTY_TIME + CAT_PRODUCTION] = 60000 - delay_ms;
    alerts_add(a, node, alerts_next(a, node), &s, 1);
    cr_assert_eq(alerts_evaluate(a, node, 5), ERR_OK);
}

static const struct alert_event *event(size_t i) {
    const struct alert_event *e = alerts_event(a, i);
    cr_assert(e != NULL, "event %zu", i);
    return e;
}

/* Beyond in the first minute, active at 1, returned at 2, reminded of at 5 and 8; minute by minute
 * as in one run. */
Test(alerts, what_returned_is_told_again_however_minutes_are_evaluated) {
    for (unsigned most = 1; most <= 9; most++) {
        const struct sums good = {.q[QTY_TIME + CAT_PRODUCTION] = 60000},
                          bad = {.q[QTY_TIME + CAT_DELAY] = 60000};
        alerts_close(a);
        rule[0] = delay("unit", press, 1);
        rule[0].repeat_ms = 3 * MINUTE;
        rules.rule_n = 1;
        cr_assert_eq(alerts_open(&rules, plant, NULL, &a), ERR_OK);
        cr_assert_eq(alerts_look_ahead(a, 9), ERR_OK);
        alerts_begin(a, PRESS, first);
        for (int64_t m = 0; m < 9; m++)
            alerts_add(a, PRESS, first + m, m ? &good : &bad, 1);
        for (unsigned left = 9, done = 0; left > 0; left -= done)
            cr_assert_eq(alerts_evaluate_run(a, PRESS, left < most ? left : most, 0, &done),
                         ERR_OK);
        cr_expect_eq(event(0)->why, ALERT_WHY_REACHED);
        cr_expect_eq(event(1)->to, ALERT_RETURNED);
        cr_expect_eq(event(2)->why, ALERT_WHY_REPEATED);
        cr_expect_eq(event(2)->at_ms, (first + 5) * MINUTE);
        cr_expect_eq(event(3)->at_ms, (first + 8) * MINUTE);
        cr_expect_null(alerts_event(a, 4));
    }
}

Test(alerts, nodes_below_wait_for_what_may_quiet_them_and_keep_quiet) {
    cr_expect(alerts_ready(a, LINE));
    cr_expect(!alerts_ready(a, PRESS));
    minute(LINE, 60000);
    cr_expect(alerts_ready(a, PRESS));
    minute(PRESS, 60000);
    cr_expect_str_eq(event(0)->rule.s, "a-line");
    cr_expect_eq(event(0)->to, ALERT_ACTIVE);
    cr_expect_eq(event(1)->to, ALERT_SUPPRESSED);
    minute(LINE, 0);
    minute(PRESS, 60000);
    cr_expect_eq(event(2)->to, ALERT_RETURNED);
    cr_expect_eq(event(3)->why, ALERT_WHY_RELEASED);
    cr_expect(!alerts_event(a, 4));
}

/* The line goes ahead by three minutes, in the second of which it was active. */
Test(alerts, a_node_that_lags_is_quiet_when_the_one_above_was) {
    minute(LINE, 0);
    minute(LINE, 60000);
    minute(LINE, 0);
    alerts_drop_events(a);
    minute(PACK, 60000);
    cr_expect_eq(event(0)->to, ALERT_ACTIVE);
    minute(PACK, 60000);
    cr_expect_eq(event(1)->to, ALERT_SUPPRESSED);
    minute(PACK, 60000);
    cr_expect_eq(event(2)->to, ALERT_ACTIVE);
}

/* A clock was ahead and is set back: the line's alert is of minutes that come once more. */
Test(alerts, what_quiets_goes_on_in_minutes_that_come_again) {
    for (uint32_t node = LINE; node <= PACK; node++)
        alerts_begin(a, node, first + 100);
    minute(LINE, 60000);
    for (uint32_t node = LINE; node <= PACK; node++)
        alerts_begin(a, node, first + 50);
    minute(LINE, 60000);
    minute(PRESS, 60000);
    cr_expect_eq(alerts_last(a), 2);
    cr_expect_eq(event(1)->to, ALERT_SUPPRESSED);
    minute(LINE, 0);
    minute(PRESS, 60000);
    cr_expect_eq(event(3)->why, ALERT_WHY_RELEASED);
}

Test(alerts, the_first_of_a_line_is_marked) {
    alerts_close(a);
    rule[0] = delay("a-unit", units, 2);
    open_rules(2);
    minute(PRESS, 60000);
    minute(PACK, 60000);
    cr_expect_eq(event(0)->mark, ALERT_FIRST_OUT);
    cr_expect_eq(event(1)->mark, 0);
    cr_expect_eq(event(2)->mark, 0);
    minute(PRESS, 0);
    minute(PACK, 0);
    minute(PACK, 60000);
    cr_expect_eq(event(alerts_last(a) - 2)->mark, ALERT_FIRST_OUT);
}

/* Eleven within ten minutes: the last one is a flood. Every minute two come and go. */
Test(alerts, more_than_ten_in_ten_minutes_are_a_flood) {
    alerts_close(a);
    rule[0] = delay("a-unit", units, 2);
    open_rules(2);
    size_t came = 0, flooded = 0;
    for (unsigned m = 0; m < 6; m++)
        minute(PRESS, m % 2 ? 0 : 60000); /* 6: two rules, three times */
    for (unsigned m = 0; m < 5; m++)
        minute(PACK, m % 2 ? 0 : 60000); /* 6 more: the eleventh and twelfth are too many */
    for (size_t i = 0; alerts_event(a, i); i++) {
        came += alerts_event(a, i)->to == ALERT_ACTIVE;
        flooded += alerts_event(a, i)->to == ALERT_ACTIVE && event(i)->mark & ALERT_FLOOD;
    }
    cr_expect_eq(came, 12);
    cr_expect_eq(flooded, 2);
}

/* EEMUA 191's flood, by position: more than ten activations in ten minutes. Rule a is told to the
 * lead, rule b to the lead and the fitter, both stand at press and pack: each time one of these is
 * up the lead has two activations and the fitter one. Both are up in minutes that end at 1, 3 and
 * 5: twelve of the lead, a flood, six of the fitter, none. At 11 those of 1 are ten minutes old and
 * out, which leaves eight. */
Test(alerts, a_flood_is_counted_for_each_position_and_ends_with_its_ten_minutes) {
    static const struct ident both[] = {{"fitter"}, {"lead"}};
    struct alert_figures f;
    alerts_close(a);
    rule[0] = delay("a-unit", units, 2);
    rule[1].recipient = both;
    rule[1].recipient_n = 2;
    open_rules(2);
    for (uint32_t node = PRESS; node <= PACK; node++)
        for (unsigned m = 0; m < 5; m++)
            minute(node, m % 2 ? 0 : 60000);
    const int64_t begin = first * MINUTE;
    alerts_figures(a, begin + 5 * MINUTE, &f);
    cr_expect_eq(f.positions_flooded, 1);
    alerts_figures(a, begin + 11 * MINUTE - 1, &f); /* those of minute 1 are in still */
    cr_expect_eq(f.positions_flooded, 1);
    alerts_figures(a, begin + 11 * MINUTE, &f);
    cr_expect_eq(f.positions_flooded, 0);
    minute(PACK, 0);
    minute(PRESS, 0);
    for (unsigned m = 6; m < 9; m++)
        minute(PRESS, m % 2 ? 0 : 60000);
    for (unsigned m = 6; m < 11; m++)
        minute(PACK, m % 2 ? 0 : 60000); /* the fitter: at 3, 5, 7, 9 of both, 11 of pack */
    alerts_figures(a, begin + 11 * MINUTE, &f);
    cr_expect_eq(f.positions_flooded, 1, "the fitter has 9 in ten minutes, the lead more");
}

Test(alerts, an_act_needs_a_name_and_something_to_act_on) {
    const char *why = NULL;
    struct alert_command c = {.act = ALERT_ACK, .rule = {"b-unit"}, .node = {"press"}};
    cr_expect_eq(alerts_command(a, &c, 0, &why), ERR_RANGE);
    c.who = span_str("me\x07");
    cr_expect_eq(alerts_command(a, &c, 0, &why), ERR_RANGE);
    c.who = span_str("me");
    cr_expect_eq(alerts_command(a, &c, 0, &why), ERR_STATE);
    c.node = (struct ident){"line"};
    cr_expect_eq(alerts_command(a, &c, 0, &why), ERR_NOT_FOUND);
    c.rule = (struct ident){"c"};
    cr_expect_eq(alerts_command(a, &c, 0, &why), ERR_NOT_FOUND);
    cr_expect(why != NULL);
    cr_expect_eq(alerts_last(a), 0);
}

/* --- reloads -----------------------------------------------------------------------------------
 */

Test(alerts, an_act_may_come_before_the_first_minute) {
    const char *why = NULL;
    struct alert_command c = {.act = ALERT_DISABLE,
                              .rule = rule[1].id,
                              .node = plant->node[PRESS].id,
                              .who = span_str("engineer")};
    alerts_close(a);
    cr_assert_eq(alerts_open(&rules, plant, NULL, &a), ERR_OK);
    cr_expect_eq(alerts_command(a, &c, 77, &why), ERR_OK);
    c.act = ALERT_ENABLE;
    cr_expect_eq(alerts_command(a, &c, 78, &why), ERR_OK);
}

Test(alerts, rules_that_say_the_same_go_on_with_sums_and_states) {
    struct alert_rule now[2] = {rule[0], rule[1]};
    const struct alert_rules other = {now, 2};
    const struct ident *to = NULL;
    minute(LINE, 0);
    minute(PRESS, 60000);
    now[1].name = "Another name";
    now[1].node = press;
    now[1].node_n = 1;
    cr_assert_eq(alerts_replace(a, &other, plant, 9), ERR_OK);
    cr_expect(!alerts_hollow(a, PRESS));
    cr_expect(!alerts_watches(a, PACK));
    cr_expect_eq(alerts_next(a, PRESS), first + 1);
    cr_expect_eq(alerts_last(a), 1); /* that of the press stands, nothing ended */
    cr_expect_eq(alerts_recipients(a, event(0), &to), 1);
    minute(LINE, 0);
    minute(PRESS, 0);
    cr_expect_eq(event(1)->to, ALERT_RETURNED);
}

Test(alerts, what_looks_at_something_else_asks_for_its_sums_anew) {
    struct alert_rule now[2] = {rule[0], rule[1]};
    const struct alert_rules other = {now, 2};
    minute(LINE, 0);
    minute(PRESS, 60000);
    now[1].minutes = 5;
    now[1].said = alert_rule_said(&now[1]);
    cr_assert_eq(alerts_replace(a, &other, plant, 9), ERR_OK);
    cr_expect(alerts_hollow(a, PRESS));
    cr_expect(!alerts_hollow(a, LINE));
    cr_expect_eq(event(1)->why, ALERT_WHY_CHANGED);
    cr_expect_eq(event(1)->to, ALERT_NORMAL);
    cr_expect_eq(alerts_reach(a, PRESS, first + 1), first - 3);
}

Test(alerts, a_rule_that_is_gone_tells_those_it_had_told) {
    const struct alert_rules one = {rule, 1}, none = {NULL, 0};
    const struct ident *to = NULL;
    minute(LINE, 0);
    minute(PRESS, 60000);
    cr_assert_eq(alerts_replace(a, &one, plant, 9), ERR_OK);
    cr_expect_eq(event(1)->why, ALERT_WHY_GONE);
    cr_assert_eq(alerts_recipients(a, event(1), &to), 1);
    cr_expect_str_eq(to[0].s, "lead");
    cr_assert_eq(alerts_replace(a, &none, plant, 9), ERR_OK);
    cr_expect_eq(alerts_count(a), 0);
    cr_expect_eq(alerts_last(a), 2); /* the line was normal */
}

Test(alerts, rules_out_of_bounds_or_order_change_nothing) {
    struct alert_rule now[2] = {rule[1], rule[0]};
    const struct alert_rules other = {now, 2};
    minute(LINE, 60000);
    cr_expect_eq(alerts_replace(a, &other, plant, 9), ERR_RANGE);
    now[0] = rule[0];
    now[1] = rule[1];
    now[1].minutes = 0;
    cr_expect_eq(alerts_replace(a, &other, plant, 9), ERR_RANGE);
    cr_expect_eq(alerts_last(a), 1);
    minute(LINE, 0);
    cr_expect_eq(event(1)->to, ALERT_RETURNED);
}

/* --- rows --------------------------------------------------------------------------------------
 */

struct row {
    uint8_t key[100], value[400];
    size_t key_n, value_n;
};
struct kept {
    struct row at[16];
    size_t n;
};

static enum err keep(void *user, struct span key, struct span value) {
    struct kept *k = user;
    struct row *r = &k->at[k->n++];
    cr_assert(k->n <= 16 && key.n <= sizeof r->key && value.n <= sizeof r->value);
    memcpy(r->key, key.p, key.n);
    if (value.n)
        memcpy(r->value, value.p, value.n);
    r->key_n = key.n;
    r->value_n = value.n;
    return ERR_OK;
}

static struct kept put(void) {
    struct kept k = {0};
    cr_assert_eq(alerts_rows(a, keep, &k), ERR_OK);
    return k;
}

static enum err take(const struct row *r, size_t value_n) {
    return alerts_take_row(a, span_of(r->key, r->key_n), span_of(r->value, value_n));
}

Test(alerts, only_what_changed_is_put) {
    minute(LINE, 0);
    struct kept k = put();
    cr_expect_eq(k.n, 3); /* all nodes began: of no alert is there anything to keep */
    cr_expect(!alerts_unstored(a));
    minute(LINE, 0);
    cr_expect_eq(put().n, 1);
    minute(PRESS, 60000);
    cr_expect_eq(put().n, 3); /* the node, its alert, the number of the event */
}

Test(alerts, damaged_rows_are_refused_and_never_taken_in_part) {
    minute(LINE, 60000);
    minute(PRESS, 60000);
    const struct kept k = put();
    alerts_close(a);
    cr_assert_eq(alerts_open(&rules, plant, NULL, &a), ERR_OK);
    for (size_t i = 0; i < k.n; i++) {
        for (size_t n = 0; n < k.at[i].value_n; n++) {
            struct row bad = k.at[i];
            cr_expect_neq(take(&bad, n), ERR_OK, "row %zu cut at %zu", i, n);
            bad.value[n] ^= 4;
            cr_expect_eq(take(&bad, bad.value_n), ERR_CHECKSUM, "row %zu byte %zu", i, n);
        }
    }
    cr_expect_eq(alerts_take_row(a, span_str("press"), span_of(k.at[0].value, k.at[0].value_n)),
                 ERR_FORMAT);
    cr_expect_eq(alerts_last(a), 0);
    cr_expect_eq(alerts_next(a, PRESS), INT64_MIN);
}

Test(alerts, a_start_without_the_rule_ends_what_stood_and_drops_its_row) {
    static const struct alert_rules none = {NULL, 0};
    minute(LINE, 60000);
    minute(PRESS, 0);
    const struct kept k = put();
    alerts_close(a);
    cr_assert_eq(alerts_open(&none, plant, NULL, &a), ERR_OK);
    for (size_t i = 0; i < k.n; i++)
        cr_assert_eq(take(&k.at[i], k.at[i].value_n), ERR_OK);
    cr_assert_eq(alerts_started(a, 77), ERR_OK);
    cr_expect_eq(event(0)->n, 2);
    cr_expect_eq(event(0)->why, ALERT_WHY_GONE);
    cr_expect_eq(event(0)->at_ms, 77);
    const struct ident *to = NULL;
    cr_assert_eq(alerts_recipients(a, event(0), &to), 1, "whom it was told hears its end");
    cr_expect_str_eq(to[0].s, "lead");
    const struct kept gone = put();
    size_t dropped = 0;
    for (size_t i = 0; i < gone.n; i++)
        dropped += gone.at[i].value_n == 0;
    cr_expect_eq(dropped, 4); /* the alert, three nodes */
}

/* It stands still from its first minute on, and is accepted at the fourth. */
Test(alerts, a_unit_in_commissioning_raises_none_until_it_is_accepted) {
    struct plant_unit *units_of = plant_alloc(plant, plant->unit_n * sizeof *units_of);
    cr_assert_not_null(units_of);
    memcpy(units_of, plant->unit, plant->unit_n * sizeof *units_of);
    units_of[0].commissioning = (struct plant_term){INT64_MIN, (first + 3) * MINUTE};
    plant->unit = units_of;
    for (int i = 0; i < 3; i++)
        minute(PRESS, 60000);
    cr_expect_null(alerts_event(a, 0));
    minute(PACK, 60000);
    cr_expect(ident_equal(&event(0)->node, &plant->node[PACK].id), "others do");
    minute(PRESS, 60000);
    cr_expect(ident_equal(&event(1)->node, &plant->node[PRESS].id));
    cr_expect_eq(event(1)->at_ms, (first + 4) * MINUTE);
}
