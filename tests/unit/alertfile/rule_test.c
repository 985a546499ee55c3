#include <criterion/criterion.h>
#include <string.h>

#include "hall.h"

static const struct alert_rule *only(const char *yaml, const struct plant *p,
                                     struct alertfile **out) {
    char said[HALL_SAID];
    cr_assert_eq(hall_load(yaml, p, out, said), ERR_OK, "%s", said);
    cr_assert_eq((*out)->rules.rule_n, 1);
    return &(*out)->rules.rule[0];
}

static const char all_keys[] = "rules:\n"
                               "  hot:\n"
                               "    name: Too hungry\n"
                               "    indicator: energy_per_good\n"
                               "    classes: [press]\n"
                               "    except: [press-2]\n"
                               "    window: 10 min\n"
                               "    levels:\n"
                               "      - {severity: low, above: 300 Wh, clear: 0.25 kWh}\n"
                               "      - {severity: high, above: 0.001 MWh}\n"
                               "    for: 5 min\n"
                               "    clear_for: 2 min\n"
                               "    coverage: 90 %\n"
                               "    flap: {count: 3, within: 1 h, quiet: 10 min}\n"
                               "    schedule: in_shift\n"
                               "    shifts: [late]\n"
                               "    quiets: true\n"
                               "    escalate: {after: 15 min}\n"
                               "    repeat: 10 min\n"
                               "    cause: a\n"
                               "    consequence: b\n"
                               "    action: c\n"
                               "    respond_within: 20 min\n"
                               "    owner: d\n"
                               "    notify: [shift-lead, energy]\n";

Test(rule, all_keys_are_taken) {
    struct plant *p = hall_open();
    struct alertfile *f = NULL;
    const struct alert_rule *r = only(all_keys, p, &f);
    cr_expect_str_eq(r->id.s, "hot");
    cr_expect_str_eq(r->name, "Too hungry");
    cr_expect_eq(r->subject, ALERT_INDICATOR);
    cr_expect_eq(r->indicator, IND_ENERGY_PER_GOOD);
    cr_assert_eq(r->node_n, 1);
    cr_expect_str_eq(p->node[r->node[0]].id.s, "press-1");
    cr_expect_eq(r->window, ALERT_ROLLING);
    cr_expect_eq(r->minutes, 10);
    cr_expect_eq(r->condition, ALERT_VALUE);
    cr_expect_not(r->below);
    cr_assert_eq(r->level_n, 2);
    cr_expect_eq(r->level[0].threshold, 0.3);
    cr_expect_eq(r->level[0].clear, 0.25);
    cr_expect_eq(r->level[0].severity, ALERT_LOW);
    cr_expect_eq(r->level[1].threshold, 1.0);
    cr_expect_eq(r->level[1].clear, 1.0);
    cr_expect_eq(r->hold_ms, 300000);
    cr_expect_eq(r->clear_hold_ms, 120000);
    cr_expect_eq(r->least_coverage, 0.9);
    cr_expect_eq(r->flaps, 3);
    cr_expect_eq(r->flap_ms, 3600000);
    cr_expect_eq(r->flap_quiet_ms, 600000);
    cr_expect(r->in_shift);
    cr_assert_eq(r->shift_n, 1);
    cr_expect_str_eq(r->shift[0].s, "late");
    cr_expect(r->quiets);
    cr_expect_eq(r->escalate_ms, 900000);
    cr_expect_eq(r->escalate_severity, ALERT_CRITICAL);
    cr_expect_eq(r->repeat_ms, 600000);
    cr_expect_eq(r->respond_ms, 1200000);
    cr_expect_str_eq(r->cause, "a");
    cr_expect_str_eq(r->consequence, "b");
    cr_expect_str_eq(r->action, "c");
    cr_expect_str_eq(r->owner, "d");
    cr_assert_eq(r->recipient_n, 2);
    cr_expect_str_eq(r->recipient[1].s, "energy");
    cr_expect_eq(r->said, alert_rule_said(r));
    cr_expect_str_eq(f->place[0].file, "f.yaml");
    cr_expect_eq(f->place[0].line, 2);
    alertfile_close(f);
    plant_close(p);
}

Test(rule, little_is_needed) {
    struct plant *p = hall_open();
    struct alertfile *f = NULL;
    const struct alert_rule *r =
        only("rules: {low: {indicator: time_utilization, units: [press-1], below: 85 %}}", p, &f);
    cr_expect_str_eq(r->name, "low");
    cr_expect_eq(r->minutes, 15);
    cr_expect(r->below);
    cr_expect_eq(r->level[0].threshold, 0.85, "to the last bit as the decimal is read");
    cr_expect_eq(r->level[0].clear, 0.85);
    cr_expect_eq(r->level[0].severity, ALERT_MEDIUM);
    cr_expect_eq(r->hold_ms, 0);
    cr_expect_not(r->in_shift);
    alertfile_close(f);
    plant_close(p);
}

Test(rule, conditions_are_told_by_their_keys) {
    struct plant *p = hall_open();
    struct alertfile *f = NULL;
    const struct alert_rule *r =
        only("rules: {a: {indicator: time_utilization, units: [press-1], norm: 90 %}}", p, &f);
    cr_expect_eq(r->condition, ALERT_NORM);
    cr_expect(r->below, "of utilization more is better");
    cr_expect_eq(r->level[0].threshold, 0.9);
    alertfile_close(f);
    r = only("rules: {a: {indicator: scrap_ratio, units_of: [l], except: [pack-1], norm: 110 %}}",
             p, &f);
    cr_expect_not(r->below);
    cr_expect_eq(r->node_n, 2);
    alertfile_close(f);
    r = only("rules: {a: {signal: power, units: [oven-1], rate: 30 min, above: 5 kW/h}}", p, &f);
    cr_expect_eq(r->condition, ALERT_RATE);
    cr_expect_eq(r->span_min, 30);
    cr_expect_eq(r->level[0].threshold, 5.0);
    alertfile_close(f);
    r = only(
        "rules: {a: {signal: energy, units: [oven-1], no_data: true, window: 10 min, severity: "
        "high}}",
        p, &f);
    cr_expect_eq(r->condition, ALERT_NO_DATA);
    cr_expect_eq(r->level_n, 1);
    cr_expect_eq(r->level[0].severity, ALERT_HIGH);
    alertfile_close(f);
    r = only("rules: {a: {signal: pieces, lines: [l], below: 10 pieces}}", p, &f);
    cr_expect_eq(r->level[0].threshold, 10.0);
    alertfile_close(f);
    r = only("rules: {a: {signal: stops, units: [press-1], window: hour, above: 8}}", p, &f);
    cr_expect_eq(r->level[0].threshold, 8.0, "so many are no ratio");
    alertfile_close(f);
    r = only("rules: {a: {lines: [l], window: shift, above: 10 %, baseline: {base: 1.5 kWh/h, "
             "drivers: {pieces: 120 Wh, production: 0.05 kWh}}}}",
             p, &f);
    cr_expect_eq(r->condition, ALERT_BASELINE);
    cr_expect_eq(r->window, ALERT_SHIFT);
    cr_expect_eq(r->quantity, ALERT_Q_ENERGY);
    cr_expect_str_eq(r->baseline->node.s, "l");
    cr_expect_eq(r->baseline->base_kwh_per_h, 1.5);
    cr_assert_eq(r->baseline->driver_n, 2);
    cr_expect_eq(r->baseline->driver[0].quantity, ALERT_Q_PIECES);
    cr_expect_eq(r->baseline->driver[0].kwh_each, 0.12);
    alertfile_close(f);
    plant_close(p);
}

Test(rule, a_signal_may_be_a_gauge) {
    struct plant *p = hall_open();
    struct alertfile *f = NULL;
    const struct alert_rule *r = only("rules: {a: {signal: chamber, units_of: [m], window: 10 min, "
                                      "above: 240 degC, clear: 235 degC}}",
                                      p, &f);
    cr_expect_eq(r->subject, ALERT_GAUGE);
    cr_expect_str_eq(r->gauge.s, "chamber");
    cr_expect_eq(r->node_n, 2);
    cr_expect_eq(r->minutes, 10);
    cr_expect_eq(r->level[0].threshold, 240.0);
    alertfile_close(f);
    r = only("rules: {a: {signal: chamber, units: [oven-1], rate: 5 min, above: 600 degC/h}}", p,
             &f);
    cr_expect_eq(r->condition, ALERT_RATE);
    alertfile_close(f);
    plant_close(p);
}

#define U "units: [press-1]"
#define E "rules:\n  a: {indicator: energy_per_good, " U ", "
#define T "rules:\n  a: {indicator: time_utilization, " U ", "
#define P "rules:\n  a: {signal: power, units: [oven-1], "

/* What is wrong, and what is said of it. */
static const struct {
    const char *yaml, *words;
} wrong[] = {
    {"rules:\n  a: {indicator: energy_pergood, " U ", above: 1 kWh}\n",
     "f.yaml:2:18: indicator energy_pergood does not exist; did you mean energy_per_good?"},
    {"rules:\n  a: {signal: powr, " U ", above: 1 kW}\n", "2:15: signal powr does not exist; did "
                                                          "you mean power?"},
    {"rules:\n  a: {signal: chamer, units: [oven-1], above: 1 degC}\n", "did you mean chamber?"},
    {"rules:\n  a: {signal: chamber, " U ", above: 1 degC}\n",
     "2:15: press-1 has no gauge chamber"},
    {"rules:\n  a: {signal: chamber, lines: [m], above: 1 degC}\n", "m has no gauge chamber"},
    {"rules:\n  a: {signal: chamber, units: [oven-1], above: 1 K}\n", "expected a number in degC"},
    {"rules:\n  a: {signal: chamber, units: [oven-1], above: 1 degC, window: hour}\n",
     "a gauge is watched over a rolling window"},
    {"rules:\n  a: {signal: draught, units: [oven-1, oven-2], above: 1 mbar}\n",
     "draught is in \"mbar\" at oven-1 and in \"Pa\" at oven-2"},
    {"rules:\n  a: {signal: power, indicator: oee, " U ", above: 1 kW}\n", "not both"},
    {"rules:\n  a: {" U ", above: 1 kW}\n", "2:3: it watches nothing"},
    {"rules:\n  a: {indicator: manning, " U ", above: 1}\n", "does not have"},
    {"rules:\n  a: {signal: steam, " U ", above: 1}\n", "steam is not among the plant's "
                                                        "carriers"},
    {"rules:\n  a:\n    indicator: oee\n    units:\n      - press-1\n      - press-9\n    "
     "below: "
     "1 %\n",
     "f.yaml:6:9: unit press-9 does not exist; did you mean press-1?"},
    {"rules:\n  a: {indicator: oee, units: [l], below: 1 %}\n", "l is no unit but a line; it "
                                                                "goes with lines"},
    {"rules:\n  a: {indicator: oee, lines: [press-1], below: 1 %}\n",
     "press-1 is no line but a unit; it goes with units"},
    {"rules:\n  a: {indicator: oee, classes: [pres], below: 1 %}\n",
     "class of units pres does not exist; did you mean press?"},
    {"rules:\n  a: {indicator: oee, " U ", except: [press-2], below: 1 %}\n",
     "press-2 is not in the rule's scope"},
    {"rules:\n  a: {indicator: oee, units: [press-1, press-1], below: 1 %}\n",
     "press-1 is in the rule's scope already"},
    {"rules:\n  a: {indicator: oee, below: 1 %}\n", "2:3: it stands nowhere"},
    {"rules:\n  a: {indicator: oee, " U ", except: [l], below: 1 %}\n", "it stands nowhere"},
    {E "above: 1 kW}\n", "\"1 kW\" of energy_per_good has another unit; expected a number in "
                         "kWh, Wh, MWh"},
    {E "above: 1}\n", "has no unit"},
    {E "above: much}\n", "is no number"},
    {E "above: 0x10 kWh}\n", "is no number"},
    {T "below: 85}\n", "is a large ratio; expected a number in %, ppm"},
    {P "rate: 10 min, above: 5 kW}\n", "is no change an hour"},
    {E "above: 1 kWh, below: 0.5 kWh}\n", "exclude each other"},
    {E "for: 1 min}\n", "it says not when"},
    {E "above: 1 kWh, clear: 1.1 kWh}\n", "the clear level lies on the wrong side: what is too "
                                          "much above the threshold is over at or below it"},
    {"rules:\n  a: {signal: delay, " U ", window: 10 min, above: 10 min}\n",
     "this is never so: of delay the window has 0 to 10 min"},
    {"rules:\n  a: {signal: delay, lines: [l], window: 10 min, above: 0.5 h}\n", "has 0 to 30 min"},
    {"rules:\n  a: {signal: production, " U ", window: 10 min, below: 0 min}\n",
     "this is never so"},
    {T "below: 80 %, clear: 75 %}\n", "below the threshold is over at or above it"},
    {E "levels: [{severity: low, above: 2 kWh}, {severity: high, above: 1 kWh}]}\n",
     "levels go from the mildest on"},
    {E "levels: [{severity: high, above: 1 kWh}, {severity: high, above: 2 kWh}]}\n",
     "levels become louder: high is not above high"},
    {E "levels: [{severity: low, above: 2 kWh}, {severity: high, below: 1 kWh}]}\n",
     "all levels of a rule are of one kind"},
    {E "above: 1 kWh, levels: [{severity: low, above: 2 kWh}]}\n", "stand in each of them"},
    {E "levels: []}\n", "a rule has a level at least"},
    {E "levels: [{severity: lowd, above: 2 kWh}]}\n", "did you mean \"low\"?"},
    {"rules:\n  a: {signal: power, " U ", norm: 90 %}\n", "only indicators have norms"},
    {E "norm: 110 %, baseline: {base: 1}}\n", "norm excludes baseline, drift and rate"},
    {"rules:\n  a: {lines: [l], above: 10 %, baseline: {base: 0}}\n", "expects nothing"},
    {"rules:\n  a: {signal: energy, units: [press-1, press-2], above: 10 %, baseline: {base: "
     "1}}\n",
     "the rule stands for 2"},
    {"rules:\n  a: {lines: [l], above: 10 %, baseline: {drivers: {peices: 1 kWh}}}\n",
     "driver peices does not exist; did you mean pieces?"},
    {P "rate: 90 s, above: 5 kW/h}\n", "rate is told in whole minutes"},
    {P "rate: 10 min, window: hour, above: 5 kW/h}\n", "window: hour begins anew"},
    {P "no_data: true, above: 5 kW}\n", "with no_data there is no value"},
    {P "no_data: true, window: day}\n", "no_data looks at the last minutes"},
    {P "no_data: true, rate: 5 min}\n", "exclude each other"},
    {E "window: 61 min, above: 1 kWh}\n", "\"61 min\" is no window: expected 1 min to 60 min, "
                                          "hour, shift or day"},
    {E "window: houre, above: 1 kWh}\n", "did you mean hour?"},
    {P "window: shift, above: 1 kW}\n", "oven-1 has no calendar, so no shifts"},
    {E "for: 30 s, above: 1 kWh}\n", "for is told in whole minutes"},
    {E "for: 60 min, window: hour, above: 1 kWh}\n", "no hour lasts longer than that"},
    {E "for: 10 min, flap: {count: 4, within: 20 min, quiet: 5 min}, above: 1 kWh}\n",
     "so many alerts cannot come in that time: each takes 10 min"},
    {E "shifts: [erly], above: 1 kWh}\n", "shift erly does not exist; did you mean early?"},
    {E "shifts: [late], schedule: always, above: 1 kWh}\n", "contradicts shifts"},
    {P "schedule: in_shift, above: 1 kW}\n", "oven-1 has no calendar"},
    {E "escalate: {after: 5 min, severity: medium}, above: 1 kWh}\n",
     "escalation makes it louder: medium is not above medium"},
    {E "notify: [a, a], above: 1 kWh}\n", "a is told already"},
    {E "above: 1 kWh, abve: 2 kWh}\n", "unknown key \"abve\", did you mean \"above\"?"},
    {"rules:\n  a: {signal: power, units: [pack-1], above: 1 kW}\n",
     "2:15: pack-1 has no signals for power"},
    {"rules:\n  a: {signal: gas, " U ", above: 1 m3}\n", "press-1 has no signals for gas"},
    {"rules:\n  a: {indicator: time_utilization, units: [oven-1], below: 1 %}\n",
     "oven-1 has no signals for time_utilization"},
    {"rules:\n  a: {indicator: energy_per_good, lines: [m], above: 1 kWh}\n",
     "m has no signals for energy_per_good: it declares no outputs, so it has no pieces"},
    {E "above: 1 kWh}\n  a: {}\n", "\"a\" is given twice, first in line 2"},
};

Test(rule, every_mistake_is_named_where_it_stands) {
    struct plant *p = hall_open();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct alertfile *f = NULL;
        char said[HALL_SAID];
        cr_expect_eq(hall_load(wrong[i].yaml, p, &f, said), ERR_CONFIG, "%s", wrong[i].yaml);
        cr_expect_not_null(strstr(said, wrong[i].words), "%s\nwanted: %s\nsaid: %s", wrong[i].yaml,
                           wrong[i].words, said);
        cr_expect_null(f);
    }
    plant_close(p);
}

Test(rule, what_is_legal_and_odd_is_noted) {
    static const struct {
        const char *yaml, *words;
    } odd[] = {
        {T "norm: 110 %}\n",
         "of time_utilization more is better: this is reached while the norm is "
         "met"},
        {P "no_data: true, for: 5 min}\n", "a longer window says it plainer"},
        {E "above: 1 kWh, repeat: 5 min}\n", "nobody is told"},
        {E "above: 1 kWh, quiets: true}\n", "nothing lies below units"},
        {E "above: 1 kWh, for: 2 d}\n", "longer than a day"},
    };
    struct plant *p = hall_open();
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct alertfile *f = NULL;
        char said[HALL_SAID];
        cr_expect_eq(hall_load(odd[i].yaml, p, &f, said), ERR_OK, "%s", said);
        cr_expect_not_null(strstr(said, odd[i].words), "%s\nsaid: %s", odd[i].yaml, said);
        alertfile_close(f);
    }
    plant_close(p);
}

Test(rule, the_keys_themselves_are_sound) {
    struct buf wrong;
    buf_init(&wrong);
    cr_expect(conf_schema_check(alertfile_schema(), &wrong), "%.*s", (int)wrong.n,
              (const char *)wrong.p);
    buf_fini(&wrong);
}
