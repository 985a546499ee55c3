/* The alert engine in the core: minutes by data and clock, states and events with the cells, what
 * comes late, what people want. Half an hour of the press as core_rig.h has it: it is held from
 * 06:10 to 06:20. */
#include <criterion/criterion.h>

#include "core_rig.h"

enum { PRESS = SIM_FIRST_UNIT, LINE = 1 };

static const uint32_t press_node[] = {PRESS}, line_node[] = {LINE};
static const struct ident lead[] = {{"shift-lead"}, {"energy-officer"}};

/* More than three of the last five minutes held: from the observation at 06:14 to that at 06:22. */
static struct alert_rule held_rule(void) {
    struct alert_rule r = {.id = {"held"},
                           .subject = ALERT_QUANTITY,
                           .quantity = ALERT_Q_DELAY,
                           .node = press_node,
                           .node_n = 1,
                           .window = ALERT_ROLLING,
                           .minutes = 5,
                           .level = {{3, 3, ALERT_HIGH}},
                           .level_n = 1,
                           .recipient = lead,
                           .recipient_n = 2};
    r.said = alert_rule_said(&r);
    return r;
}

static struct bench b;
static struct alert_rule rule;
static struct alert_rules rules;

static void open_with(const struct alert_rule *r) {
    rule = *r;
    rule.said = alert_rule_said(&rule);
    rules = (struct alert_rules){&rule, 1};
    bench_open(&b);
    cr_assert_eq(core_set_alerts(b.station.core, &rules, b.station.now), ERR_OK);
    b.station.alerts = &rules;
    bench_at(&b, T0);
}

static void setup(void) {
    const struct alert_rule r = held_rule();
    open_with(&r);
}

static void teardown(void) {
    bench_close(&b);
}

TestSuite(alarms, .init = setup, .fini = teardown);

/* --- rows --------------------------------------------------------------------------------------
 */

struct rows {
    size_t n;
    struct alert_event e[64];
};

static void take_events(void *user, enum err err, const struct store_rows *rows) {
    struct rows *r = user;
    cr_assert_eq(err, ERR_OK);
    cr_assert(rows->n <= 64);
    for (r->n = 0; r->n < rows->n; r->n++)
        cr_assert_eq(alert_event_unpack(rows->at[r->n].value, &r->e[r->n]), ERR_OK);
}

static struct rows stored(enum store_table table) {
    const struct store_range range = {.table = (uint8_t)table};
    struct rows r = {0};
    b.station.store->ops->load_now(b.station.store, &range, 1, take_events, &r);
    return r;
}

static void expect_event(const struct alert_event *e, uint64_t n, int64_t at_ms,
                         enum alert_state from, enum alert_state to, enum alert_why why) {
    cr_expect_eq(e->n, n);
    cr_expect_eq(e->at_ms, at_ms, "event %llu at 06:%02lld", (unsigned long long)n,
                 (long long)((e->at_ms - T0) / MIN));
    cr_expect_eq(e->from, from);
    cr_expect_eq(e->to, to);
    cr_expect_eq(e->why, why);
}

static void expect_held_events(void) {
    const struct rows r = stored(STORE_EVENT);
    cr_assert_eq(r.n, 2, "%zu events", r.n);
    expect_event(&r.e[0], 1, T0 + 14 * MIN, ALERT_NORMAL, ALERT_ACTIVE, ALERT_WHY_REACHED);
    expect_event(&r.e[1], 2, T0 + 22 * MIN, ALERT_ACTIVE, ALERT_RETURNED, ALERT_WHY_CLEARED);
    cr_expect_float_eq(r.e[0].value, 4, 1e-9);
    cr_expect_float_eq(r.e[0].threshold, 3, 1e-9);
    cr_expect_str_eq(r.e[0].node.s, "press");
    cr_expect_eq(r.e[0].mark, ALERT_FIRST_OUT);
}

static struct alert_view view_of(size_t i) {
    struct alert_view v;
    cr_assert(i < alerts_count(core_alerts(b.station.core)));
    alerts_view(core_alerts(b.station.core), i, &v);
    return v;
}

/* --- minutes -----------------------------------------------------------------------------------
 */

Test(alarms, events_and_notices_are_stored_with_what_they_come_from) {
    bench_half_hour(&b);
    expect_held_events();
    cr_expect_eq(core_alerts_durable(b.station.core), 2);
    const struct rows notices = stored(STORE_NOTICE);
    cr_assert_eq(notices.n, 4); /* two events, two recipients, by recipient */
    cr_expect_eq(notices.e[0].n, 1);
    cr_expect_eq(notices.e[1].n, 2);
    cr_expect_eq(notices.e[2].n, 1);
    cr_expect_eq(core_alert_notices(b.station.core), 4);
    cr_expect_eq(view_of(0).state, ALERT_RETURNED);
    cr_expect_eq(view_of(0).observed_ms, T0 + 30 * MIN);
}

Test(alarms, a_kill_between_any_two_minutes_changes_nothing) {
    bench_twelve_minutes(&b);
    bench_at(&b, T0 + 12 * MIN);
    bench_restart(&b, T0 + 12 * MIN);
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    bench_at(&b, T0 + 13 * MIN);
    bench_rest_of_half_hour(&b);
    bench_at(&b, T0 + 30 * MIN);
    bench_restart(&b, T0 + 30 * MIN);
    bench_at(&b, T0 + 31 * MIN);
    expect_held_events();
    cr_expect_eq(view_of(0).state, ALERT_RETURNED);
}

Test(alarms, without_data_a_minute_waits_for_the_grace_and_says_nothing) {
    b.station.conf.alert_grace_ms = 30000;
    bench_restart(&b, T0);
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    bench_twelve_minutes(&b);
    bench_at(&b, T0 + 14 * MIN + 29999);
    cr_expect_eq(view_of(0).observed_ms, T0 + 13 * MIN);
    bench_at(&b, T0 + 14 * MIN + 31000);
    cr_expect_eq(view_of(0).observed_ms, T0 + 14 * MIN);
    cr_expect_eq(stored(STORE_EVENT).n, 0);
}

Test(alarms, another_grace_holds_at_once) {
    b.station.conf.alert_grace_ms = 30000;
    bench_restart(&b, T0);
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    bench_twelve_minutes(&b);
    b.station.conf.alert_grace_ms = 90000;
    core_set_conf(b.station.core, &b.station.conf);
    bench_at(&b, T0 + 14 * MIN + 31000);
    cr_expect_eq(view_of(0).observed_ms, T0 + 13 * MIN);
    bench_at(&b, T0 + 15 * MIN + 31000);
    cr_expect_eq(view_of(0).observed_ms, T0 + 14 * MIN);
}

/* The record up to 06:30 comes when minutes up to 06:29 were evaluated without it: nothing is given
 * for what is past, but the sums that follow have it. */
Test(alarms, what_comes_late_counts_in_the_sums_that_follow) {
    bench_twelve_minutes(&b);
    bench_at(&b, T0 + 12 * MIN);
    bench_at(&b, T0 + 19 * MIN); /* evaluated up to 06:19 by the clock */
    cr_expect_eq(stored(STORE_EVENT).n, 0);
    cr_expect_eq(view_of(0).observed_ms, T0 + 19 * MIN);
    bench_rest_of_half_hour(&b);
    bench_at(&b, T0 + 30 * MIN);
    const struct rows r = stored(STORE_EVENT);
    cr_assert_eq(r.n, 2);
    /* At 06:20 all of the last five minutes were held, four of them by what came late. */
    expect_event(&r.e[0], 1, T0 + 20 * MIN, ALERT_NORMAL, ALERT_ACTIVE, ALERT_WHY_REACHED);
    cr_expect_float_eq(r.e[0].value, 5, 1e-9);
    expect_event(&r.e[1], 2, T0 + 22 * MIN, ALERT_ACTIVE, ALERT_RETURNED, ALERT_WHY_CLEARED);
}

static struct alert_rule delay_of(enum alert_window window, double more) {
    struct alert_rule r = held_rule();
    r.window = (uint8_t)window;
    r.minutes = 0;
    r.level[0].threshold = r.level[0].clear = more;
    return r;
}

static void at_restarts_of(const struct alert_rule *r) {
    teardown();
    open_with(r);
    bench_twelve_minutes(&b);
    bench_at(&b, T0 + 12 * MIN);
    bench_restart(&b, T0 + 12 * MIN);
    cr_assert_eq(script_hello(&b.gw1), ERR_OK);
    bench_rest_of_half_hour(&b);
    bench_at(&b, T0 + 30 * MIN);
}

/* Held since 06:10: more than seven minutes at 06:18, of which two lie before the kill. */
Test(alarms, sums_of_running_windows_are_there_again_after_a_start) {
    static const enum alert_window window[] = {ALERT_HOUR, ALERT_SHIFT, ALERT_DAY};
    for (size_t i = 0; i < 3; i++) {
        const struct alert_rule r = delay_of(window[i], 7);
        at_restarts_of(&r);
        const struct rows e = stored(STORE_EVENT);
        cr_assert_eq(e.n, 1, "%s", alert_window_name(window[i]));
        expect_event(&e.e[0], 1, T0 + 18 * MIN, ALERT_NORMAL, ALERT_ACTIVE, ALERT_WHY_REACHED);
    }
}

/* --- other rules -------------------------------------------------------------------------------
 */

Test(alarms, rules_that_change_start_anew_and_others_go_on) {
    struct alert_rule two[2] = {held_rule(), held_rule()};
    const struct alert_rules both_rules = {two, 2};
    two[1].id = (struct ident){"other"};
    two[1].level[0].threshold = 2; /* reached at 06:13 */
    two[1].level[0].clear = 2;
    two[1].said = alert_rule_said(&two[1]);
    bench_twelve_minutes(&b);
    bench_at(&b, T0 + 12 * MIN);
    cr_assert_eq(core_set_alerts(b.station.core, &both_rules, b.station.now), ERR_OK);
    bench_rest_of_half_hour(&b);
    bench_at(&b, T0 + 20 * MIN);
    struct alert_rule now[2] = {two[0], two[1]};
    const struct alert_rules changed = {now, 2};
    now[1].level[0].threshold = 2.5;
    now[1].said = alert_rule_said(&now[1]);
    cr_assert_eq(core_set_alerts(b.station.core, &changed, b.station.now), ERR_OK);
    bench_at(&b, T0 + 20 * MIN);
    const struct rows r = stored(STORE_EVENT);
    cr_assert_eq(r.n, 3);
    expect_event(&r.e[0], 1, T0 + 13 * MIN, ALERT_NORMAL, ALERT_ACTIVE, ALERT_WHY_REACHED);
    expect_event(&r.e[1], 2, T0 + 14 * MIN, ALERT_NORMAL, ALERT_ACTIVE, ALERT_WHY_REACHED);
    expect_event(&r.e[2], 3, T0 + 20 * MIN, ALERT_ACTIVE, ALERT_NORMAL, ALERT_WHY_CHANGED);
    cr_expect_eq(view_of(0).state, ALERT_ACTIVE);
    cr_assert_eq(core_set_alerts(b.station.core, NULL, b.station.now), ERR_OK);
    bench_at(&b, T0 + 21 * MIN);
    const struct rows gone = stored(STORE_EVENT);
    cr_assert_eq(gone.n, 4);
    expect_event(&gone.e[3], 4, T0 + 20 * MIN, ALERT_ACTIVE, ALERT_NORMAL, ALERT_WHY_GONE);
    cr_expect_eq(stored(STORE_NOTICE).n, 8);
    b.station.alerts = NULL;
    bench_restart(&b, T0 + 21 * MIN);
    cr_expect_eq(core_alerts_durable(b.station.core), 4);
}

/* --- people ------------------------------------------------------------------------------------
 */

Test(alarms, what_people_want_is_durable_before_it_is_answered) {
    struct core_alert_answer answer;
    struct alert_command cmd = {.act = ALERT_ACK,
                                .rule = {"held"},
                                .node = {"press"},
                                .who = span_str("early shift"),
                                .note = span_str("cleaning the die")};
    bench_half_hour(&b);
    cr_assert_eq(core_on_alert(b.station.core, &cmd, b.station.now, &answer), ERR_OK);
    cr_expect_eq(answer.n, 3);
    cr_expect(!core_alert_durable(b.station.core, 3));
    bench_at(&b, T0 + 30 * MIN);
    cr_expect(core_alert_durable(b.station.core, 3));
    bench_restart(&b, T0 + 30 * MIN);
    cr_expect(core_alert_durable(b.station.core, 3));
    const struct rows r = stored(STORE_EVENT);
    cr_assert_eq(r.n, 3);
    expect_event(&r.e[2], 3, T0 + 30 * MIN, ALERT_RETURNED, ALERT_NORMAL, ALERT_WHY_ACKED);
    cr_expect_str_eq(r.e[2].who, "early shift");
    cr_expect_str_eq(r.e[2].note, "cleaning the die");
    cr_expect_str_eq(view_of(0).note, "cleaning the die");
    cr_expect_eq(core_on_alert(b.station.core, &cmd, b.station.now, &answer), ERR_STATE);
    cr_expect(answer.why != NULL);
}

/* Eleven at once: too many for the shift lead, while the energy officer has one. */
Test(alarms, a_flood_is_one_of_a_position) {
    struct alert_rule many[11];
    const struct alert_rules all = {many, 11};
    for (unsigned i = 0; i < 11; i++) {
        many[i] = held_rule();
        many[i].id = (struct ident){{'h', (char)('a' + (int)i), 0}};
        many[i].recipient_n = i == 10 ? 2 : 1;
        many[i].said = alert_rule_said(&many[i]);
    }
    cr_assert_eq(core_set_alerts(b.station.core, &all, b.station.now), ERR_OK);
    bench_half_hour(&b);
    const struct rows r = stored(STORE_NOTICE);
    cr_assert_eq(r.n, 24, "%zu", r.n);
    cr_expect_str_eq(r.e[0].rule.s, "hk"); /* energy-officer */
    cr_expect_eq(r.e[0].mark & ALERT_FLOOD, 0);
    cr_expect_str_eq(r.e[12].rule.s, "hk"); /* shift-lead: the eleventh */
    cr_expect_eq(r.e[12].mark & ALERT_FLOOD, ALERT_FLOOD);
    cr_expect_eq(r.e[11].mark & ALERT_FLOOD, 0);
}

/* --- nodes above -------------------------------------------------------------------------------
 */

/* Both machines are unknown or held: the line's five minutes are of two machines. */
Test(alarms, a_line_adds_up_its_units_and_may_quiet_them) {
    struct alert_rule two[2] = {held_rule(), held_rule()};
    const struct alert_rules pair = {two, 2};
    two[0].id = (struct ident){"a-line"};
    two[0].node = line_node;
    two[0].quiets = true;
    for (size_t i = 0; i < 2; i++)
        two[i].said = alert_rule_said(&two[i]);
    cr_assert_eq(core_set_alerts(b.station.core, &pair, b.station.now), ERR_OK);
    bench_half_hour(&b);
    const struct rows r = stored(STORE_EVENT);
    cr_assert_eq(r.n, 4, "%zu", r.n);
    expect_event(&r.e[0], 1, T0 + 14 * MIN, ALERT_NORMAL, ALERT_ACTIVE, ALERT_WHY_REACHED);
    cr_expect_str_eq(r.e[0].node.s, "line");
}

/* What is made up for after a pause is told in the order in which it happened: the machine was
 * first, though the line stands in front of it in the plant. */
Test(alarms, the_first_of_a_line_is_the_first_in_event_time) {
    struct alert_rule two[2] = {held_rule(), held_rule()};
    const struct alert_rules pair = {two, 2};
    two[0].id = (struct ident){"a-line"};
    two[0].node = line_node;
    two[0].hold_ms = 2 * MIN;
    for (size_t i = 0; i < 2; i++)
        two[i].said = alert_rule_said(&two[i]);
    cr_assert_eq(core_set_alerts(b.station.core, &pair, b.station.now), ERR_OK);
    bench_half_hour(&b);
    const struct rows r = stored(STORE_EVENT);
    cr_assert_eq(r.n, 4, "%zu", r.n);
    expect_event(&r.e[0], 1, T0 + 14 * MIN, ALERT_NORMAL, ALERT_ACTIVE, ALERT_WHY_REACHED);
    expect_event(&r.e[1], 2, T0 + 16 * MIN, ALERT_NORMAL, ALERT_ACTIVE, ALERT_WHY_REACHED);
    cr_expect_str_eq(r.e[0].node.s, "press");
    cr_expect_eq(r.e[0].mark, ALERT_FIRST_OUT);
    cr_expect_str_eq(r.e[1].node.s, "line");
    cr_expect_eq(r.e[1].mark, 0);
}

/* --- clocks ------------------------------------------------------------------------------------
 */

/* Ours tells so much, though only so many minutes have passed. */
static void told(int64_t wall_ms, int64_t minutes) {
    const struct core_now now = {wall_ms, 1000 + minutes * MIN};
    cr_assert_eq(station_tick(&b.station, now), ERR_OK);
    cr_assert_eq(station_settle(&b.station), ERR_OK);
}

/* Ours was seven hours ahead (a zone taken for UTC) and is set right. */
Test(alarms, a_clock_that_was_ahead_does_not_silence_alerts) {
    bench_twelve_minutes(&b);
    told(T0 + 12 * MIN, 12);
    told(T0 + (7 * 60 + 13) * MIN, 13);
    told(T0 + 14 * MIN, 14);
    bench_rest_of_half_hour(&b);
    told(T0 + 30 * MIN, 30);
    told(T0 + 31 * MIN, 31);
    cr_expect_eq(view_of(0).observed_ms, T0 + 31 * MIN);
    cr_expect_eq(view_of(0).state, ALERT_RETURNED);
}
