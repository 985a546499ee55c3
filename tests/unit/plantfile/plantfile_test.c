#include "plantfile/plantfile.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "cell/sums.h"
#include "load_text.h"

#define SITE "site: {id: s, time_zone: Etc/UTC}\n"
#define UNIT(rest) SITE "areas: {a: {lines: {l: {agent: gw, units: {u1: {" rest "}}}}}}\n"

static void expect_problem(const char *text, const char *place, const char *words) {
    struct plant *p = NULL;
    struct buf said;
    size_t n = load_text(text, &p, &said);
    cr_expect_eq(n, 1, "%s", said.p);
    cr_expect_null(p);
    cr_expect(strstr((char *)said.p, place) != NULL, "%s not in %s", place, said.p);
    cr_expect(strstr((char *)said.p, words) != NULL, "%s not in %s", words, said.p);
    plant_close(p);
    buf_fini(&said);
}

Test(plantfile, a_small_plant_becomes_a_tree) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(
        load_text(UNIT("state: {from: map, map: packml}, signals: {state: {point: m/s}, good: "
                       "{point: m/g, max_rate: 600 1/h}}"),
                  &p, &said),
        0, "%s", said.p);
    cr_expect_eq(p->node_n, 4);
    cr_expect_eq(p->unit_n, 1);
    cr_expect_eq(p->signal_n, 2);
    cr_expect_eq(p->node[3].parent, 2);
    struct ident gw;
    ident_set(&gw, span_str("gw"));
    uint32_t good = plant_find_signal(p, &gw, "m/g");
    cr_assert_neq(good, UINT32_MAX);
    cr_expect_eq(p->signal[good].max_rate_per_h, 600000000);
    cr_expect_eq(plant_map_code(&p->state_map[p->unit[0].state_map], 6), MACHINE_RUN);
    cr_expect_eq(plant_map_word(&p->state_map[p->unit[0].state_map], span_str("Execute")),
                 MACHINE_RUN);
    cr_expect(p->unit[0].missing_class[2], "no energy signal: consumption is missing");
    cr_expect(!p->unit[0].missing_class[0]);
    plant_close(p);
    buf_fini(&said);
}

Test(plantfile, an_unknown_state_map_is_named_with_its_nearest) {
    expect_problem(UNIT("state: {from: map, map: packmi}, signals: {state: {point: m/s}}"),
                   "p.yaml:2:", "did you mean packml?");
}

Test(plantfile, an_unknown_role_is_named_with_its_nearest) {
    expect_problem(UNIT("signals: {scarp: {point: m/x}}"), "p.yaml:2:", "did you mean scrap?");
}

Test(plantfile, a_point_has_one_meaning_only) {
    expect_problem(UNIT("signals: {good: {point: m/x}, scrap: {point: m/x}}"),
                   "p.yaml:2:", "has a meaning already");
}

Test(plantfile, an_unknown_zone_is_reported_at_its_value) {
    expect_problem("site: {id: s, time_zone: Mars/Olympus}\n"
                   "areas: {a: {lines: {l: {units: {u1: {}}}}}}\n",
                   "p.yaml:1:26", "Mars/Olympus");
}

#define KEEPS(keys)                                                                                \
    "site: {id: s, time_zone: Etc/UTC, " keys "}\n"                                                \
    "areas: {a: {lines: {l: {agent: gw, units: {u1: {}}}}}}\n"

/* Minutes are made of logs and windows of minutes. */
Test(plantfile, minutes_stay_two_days_longer_than_logs) {
    expect_problem(KEEPS("keep_logs: 30 d, keep_cells: 31 d"), "p.yaml:1:64",
                   "keep_cells is 31 d: at least keep_logs and two days, 32 d");
    expect_problem(KEEPS("keep_logs: 400 d"), "p.yaml:1:7", "keep_cells is 396 d");
}

Test(plantfile, windows_stay_as_long_as_minutes) {
    expect_problem(KEEPS("keep_windows: 90 d"), "p.yaml:1:49",
                   "keep_windows is 90 d: at least as long as keep_cells, 396 d");
}

/* One signal of none, one unit, three nodes above it and itself: 40 bytes a minute of the unit for
 * 32 days, 160 for each of 124 windows a day of each node for 42. */
Test(plantfile, disk_follows_what_is_kept) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(
        load_text(KEEPS("keep_logs: 30 d, keep_cells: 32 d, keep_windows: 40 d"), &p, &said), 0);
    cr_expect_eq(p->keep_logs_ms, 30 * UTC_DAY_MS);
    cr_expect_eq(plantfile_disk_bytes(p),
                 INT64_C(40) * 1440 * 32 + INT64_C(160) * 124 * 42 * (int64_t)p->node_n);
    plant_close(p);
    buf_fini(&said);
}

Test(plantfile, an_output_must_be_a_child) {
    expect_problem(SITE "areas: {a: {lines: {l: {outputs: [u9], units: {u1: {}}}}}}\n",
                   "p.yaml:2:", "output u9 is not a child of l");
}

Test(plantfile, a_norm_of_no_indicator_is_reported) {
    expect_problem(UNIT("norms: {scrap_ration: {value: 0.02, approved_by: A, from: "
                        "\"2026-01-01T00:00:00Z\"}}"),
                   "p.yaml:2:", "did you mean scrap_ratio?");
}

Test(plantfile, overlapping_shifts_are_reported) {
    expect_problem(SITE
                   "calendars: {c: {shifts: {a: {start: \"06:00\", end: \"14:00\"}, b: {start: "
                   "\"13:00\", end: \"21:00\"}}}}\n"
                   "areas: {a: {lines: {l: {units: {u1: {}}}}}}\n",
                   "p.yaml:2:", "overlaps");
}

/* 09:00 to 09:30 and 09:15 to 09:45; across midnight 23:45 to 00:15 and 00:00 to 00:30. */
Test(plantfile, overlapping_breaks_are_reported) {
    expect_problem(
        SITE "calendars: {c: {shifts: {a: {start: \"06:00\", end: \"14:00\", breaks: [{start: "
             "\"09:00\", end: \"09:30\"}, {start: \"09:15\", end: \"09:45\"}]}}}}\n"
             "areas: {a: {lines: {l: {units: {u1: {}}}}}}\n",
        "p.yaml:2:", "the break overlaps one before it in shift a");
    expect_problem(
        SITE "calendars: {c: {shifts: {n: {start: \"22:00\", end: \"06:00\", breaks: [{start: "
             "\"23:45\", end: \"00:15\"}, {start: \"00:00\", end: \"00:30\"}]}}}}\n"
             "areas: {a: {lines: {l: {units: {u1: {}}}}}}\n",
        "p.yaml:2:", "the break overlaps one before it in shift n");
}

Test(plantfile, breaks_that_touch_do_not_overlap) {
    struct plant *p = NULL;
    struct buf said;
    size_t n = load_text(
        SITE "calendars: {c: {shifts: {n: {start: \"22:00\", end: \"06:00\", breaks: [{start: "
             "\"23:45\", end: \"00:15\"}, {start: \"00:15\", end: \"00:30\"}]}}}}\n"
             "areas: {a: {lines: {l: {units: {u1: {}}}}}}\n",
        &p, &said);
    cr_expect_eq(n, 0, "%s", said.p);
    plant_close(p);
    buf_fini(&said);
}

/* Two units go by the site's calendar; the mistake is one, and stands at the site. */
Test(plantfile, a_wrong_calendar_is_told_once_where_it_stands) {
    struct plant *p = NULL;
    struct buf said;
    size_t n = load_text("site: {id: s, time_zone: Etc/UTC, calendar: nix}\n"
                         "areas: {a: {lines: {l: {units: {u1: {}, u2: {}}}}}}\n",
                         &p, &said);
    cr_expect_eq(n, 1, "%s", said.p);
    cr_expect_not_null(strstr((const char *)said.p, "p.yaml:1:45: calendar nix does not exist"),
                       "%s", said.p);
    buf_fini(&said);
}

Test(plantfile, every_mistake_is_told_in_one_run) {
    struct plant *p = NULL;
    struct buf said;
    size_t n =
        load_text(UNIT("calendar: none-such, product: p9, state: {from: power, idle_above: 5 kW, "
                       "run_above: 1 kW}, signals: {goood: {point: m/g}}"),
                  &p, &said);
    cr_expect_eq(n, 4, "%s", said.p);
    cr_expect_null(p);
    buf_fini(&said);
}

/* A stop of a machine says nothing of why: order and calendar decide (INDICATORS section 1). */
Test(plantfile, a_plain_stop_of_the_shipped_maps_is_no_hold_of_the_machine) {
    static const char *const map[] = {"run-stop", "run-stop", "semi-e10", "semi-e10"};
    static const char *const word[] = {"stop", "stopped", "nonscheduled", "scheduled_downtime"};
    for (size_t i = 0; i < 4; i++) {
        struct plant *p = NULL;
        struct buf said;
        char text[256];
        snprintf(text, sizeof text,
                 UNIT("state: {from: map, map: %s}, signals: {state: {point: m/s}}"), map[i]);
        cr_assert_eq(load_text(text, &p, &said), 0, "%s", said.p);
        const struct plant_state_map *m = &p->state_map[p->unit[0].state_map];
        cr_expect_eq(plant_map_word(m, span_str(word[i])), MACHINE_STOPPED, "%s", word[i]);
        cr_expect_neq(plant_map_code(m, i < 2 ? 0 : 4), MACHINE_HELD);
        plant_close(p);
        buf_fini(&said);
    }
}

/* --- reasons, tags, claims ----------------------------------------------------------------------
 */

#define LINE(units) SITE "areas: {a: {lines: {l: {agent: gw, units: {" units "}}}}}\n"

Test(plantfile, reasons_are_trees_with_causes_from_above) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(
        load_text(
            "reasons: {mech: {cause: failure}, jam: {parent: mech, for: [press, u2], code: "
            "12}, burr: {kind: scrap, code: 12}}\n" LINE("u1: {class: press}, u2: {}, u3: {}"),
            &p, &said),
        0, "%s", said.p);
    const uint32_t jam = plant_find_reason(p, span_str("jam"));
    cr_assert_neq(jam, UINT32_MAX);
    cr_expect_eq(p->reason[jam].cause, CAUSE_FAILURE);
    cr_expect_eq(plant_find_reason_code(p, REASON_STOP, 12), jam);
    cr_expect_eq(plant_find_reason_code(p, REASON_SCRAP, 12),
                 plant_find_reason(p, span_str("burr")));
    cr_expect(plant_reason_fits(p, jam, 0), "its class");
    cr_expect(plant_reason_fits(p, jam, 1), "by name");
    cr_expect(!plant_reason_fits(p, jam, 2));
    cr_expect(plant_reason_fits(p, plant_find_reason(p, span_str("mech")), 2), "for all");
    plant_close(p);
    buf_fini(&said);
}

Test(plantfile, what_is_wrong_with_reasons_is_reported) {
    expect_problem("reasons: {a: {parent: b}, b: {parent: a}}\n" LINE("u1: {}"),
                   "p.yaml:1:", "its own parent");
    expect_problem("reasons: {jam: {}, j2: {parent: jma}}\n" LINE("u1: {}"),
                   "p.yaml:1:", "did you mean jam?");
    expect_problem("reasons: {a: {for: [press]}}\n" LINE("u1: {}"),
                   "p.yaml:1:", "press, which is no node and no class");
    expect_problem("reasons: {a: {code: 1}, b: {code: 1}}\n" LINE("u1: {}"),
                   "p.yaml:1:", "one code");
    expect_problem("reasons: {a: {}, b: {kind: scrap, parent: a}}\n" LINE("u1: {}"),
                   "p.yaml:1:", "not of one kind");
    expect_problem("reasons: {a: {kind: scrap, cause: failure}}\n" LINE("u1: {}"),
                   "p.yaml:1:", "a cause is of stops");
    expect_problem("reasons: {failure: {cause: material}}\n" LINE("u1: {}"),
                   "p.yaml:1:", "the name of a cause that is not its own");
    expect_problem("reasons: {a: {cause: micro_stop}}\n" LINE("u1: {}"), "p.yaml:1:", "micro_stop");
}

Test(plantfile, conditions_say_which_stops_breach_them_and_whose_they_are) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text("reasons: {air: {cause: energy}, leak: {parent: air}, jam: {}}\n"
                           "conditions: {air-supply: {kind: supply, owner: energy office, causes: "
                           "[material], reasons: [air], for: [press, u2]}}\n" LINE(
                               "u1: {class: press}, u2: {}, u3: {}"),
                           &p, &said),
                 0, "%s", said.p);
    cr_assert_eq(p->condition_n, 1u);
    cr_expect_str_eq(p->condition[0].owner, "energy office");
    cr_expect_eq(p->condition[0].kind, BREACH_SUPPLY);
    cr_expect_eq(p->condition[0].causes, 1U << CAUSE_MATERIAL);
    cr_expect(plant_condition_meant(p, 0, plant_find_reason(p, span_str("leak"))), "below air");
    cr_expect(!plant_condition_meant(p, 0, plant_find_reason(p, span_str("jam"))));
    cr_expect(plant_condition_fits(p, 0, 0) && plant_condition_fits(p, 0, 1));
    cr_expect(!plant_condition_fits(p, 0, 2));
    plant_close(p);
    buf_fini(&said);
}

Test(plantfile, what_is_wrong_with_conditions_is_reported) {
    expect_problem("conditions: {a: {owner: x}}\n" LINE("u1: {}"), "p.yaml:1:", "kind");
    expect_problem("conditions: {a: {kind: tool}}\n" LINE("u1: {}"), "p.yaml:1:", "owner");
    expect_problem(
        "reasons: {jam: {}}\nconditions: {a: {kind: tool, owner: x, reasons: [jma]}}\n" LINE(
            "u1: {}"),
        "p.yaml:2:", "did you mean jam?");
    expect_problem(
        "reasons: {burr: {kind: scrap}}\nconditions: {a: {kind: tool, owner: x, reasons: "
        "[burr]}}\n" LINE("u1: {}"),
        "p.yaml:2:", "of scrap");
    expect_problem("conditions: {a: {kind: tool, owner: x, for: [press]}}\n" LINE("u1: {}"),
                   "p.yaml:1:", "no node and no class");
}

/* The test station reads one point; tag 1 is scrap of u1, tag 2 of u2 with a reason, others its
 * own. */
Test(plantfile, tags_give_a_point_to_the_units_that_they_name) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(
        load_text(
            "reasons: {burr: {kind: scrap, code: 2}, chip: {kind: scrap}}\n" LINE(
                "u1: {}, u2: {}, qc: {signals: {scrap: {point: q/s, tags: [{tag: 2, unit: u2, "
                "reason: chip}, {tag: 1, unit: u1}]}}}"),
            &p, &said),
        0, "%s", said.p);
    cr_assert_eq(p->signal_n, 3u);
    cr_assert_eq(p->tagged_n, 3u);
    for (size_t i = 0; i < 3; i++) {
        const struct plant_signal *s = &p->signal[i];
        cr_expect_eq(s->station, 2u);
        cr_expect_eq(s->role, ROLE_SCRAP);
        cr_expect_eq(p->tagged[s->tagged - 1], i);
        cr_expect_eq(plant_signal_takes(s, 1), s->unit == 0);
        cr_expect_eq(plant_signal_takes(s, 2), s->unit == 1);
        cr_expect_eq(plant_signal_takes(s, 3), s->unit == 2);
        cr_expect_eq(plant_signal_reason(p, s, 2), 1u, "the tag's own word before the code");
        cr_expect_eq(plant_signal_reason(p, s, 1), UINT32_MAX);
    }
    cr_expect(!p->unit[0].missing_class[3], "its scrap is found elsewhere");
    plant_close(p);
    buf_fini(&said);
}

Test(plantfile, what_is_wrong_with_tags_is_reported) {
    expect_problem(LINE("qc: {signals: {good: {point: q/s, max_rate: 1 1/h, tags: [{tag: 1}]}}}"),
                   "p.yaml:2:", "tags tell of scrap and rework");
    expect_problem(LINE("u1: {}, qc: {signals: {scrap: {point: q/s, tags: [{tag: 1, unit: u2}]}}}"),
                   "p.yaml:2:", "did you mean u1?");
    expect_problem(LINE("qc: {signals: {scrap: {point: q/s, tags: [{tag: 1}, {tag: 1}]}}}"),
                   "p.yaml:2:", "was said before");
    expect_problem("reasons: {jam: {}}\n" LINE(
                       "qc: {signals: {scrap: {point: q/s, tags: [{tag: 1, reason: jam}]}}}"),
                   "p.yaml:3:", "of stops, not of scrap");
}

Test(plantfile, two_signals_for_one_quantity_of_a_unit_are_refused) {
    expect_problem(
        LINE("u1: {signals: {scrap: {point: m/s}}}, qc: {signals: {scrap: {point: q/s, "
             "tags: [{tag: 1, unit: u1}]}}}"),
        "p.yaml:2:", "scrap of u1 is counted twice: by point m/s of gw and by point q/s");
    expect_problem(LINE("u1: {signals: {good: {point: m/g}, good-operator: {point: hand/g}}}"),
                   "p.yaml:2:", "say whom to believe");
    expect_problem(LINE("u1: {signals: {inspected: {point: q/i}}}"),
                   "p.yaml:2:", "takes inspected and passed");
    expect_problem(LINE("u1: {source: {scrap: nobody}}"), "p.yaml:2:", "machine or operator");
    expect_problem(LINE("u1: {source: {energy: machine}}"),
                   "p.yaml:2:", "nothing that people and machines both count");
    expect_problem(LINE("u1: {signals: {power-operator: {point: p}}}"),
                   "p.yaml:2:", "no role of a signal");
}

Test(plantfile, what_people_enter_is_counted_by_nobody_else) {
    expect_problem(
        LINE("u1: {entered: [scrap]}, qc: {signals: {scrap: {point: q/s, tags: [{tag: 1, "
             "unit: u1}]}}}"),
        "p.yaml:2:", "found at another station and entered");
    expect_problem("crews: {c: {persons: 1, units: {u1: 1}}}\n" LINE("u1: {entered: [headcount]}"),
                   "p.yaml:1:", "people enter the headcount");
}

Test(plantfile, the_source_of_truth_counts_and_the_other_is_kept) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text(LINE("u1: {source: {scrap: operator}, signals: {scrap: {point: m/s}, "
                                "scrap-operator: {point: hand/s}}}"),
                           &p, &said),
                 0, "%s", said.p);
    cr_assert_eq(p->signal_n, 2u);
    for (size_t i = 0; i < 2; i++)
        cr_expect_eq(p->signal[i].role,
                     strcmp(p->signal[i].point, "hand/s") == 0 ? ROLE_SCRAP : ROLE_NONE);
    plant_close(p);
    buf_fini(&said);
}

Test(plantfile, planned_scrap_is_a_ratio_of_the_product) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text("products: {bolt: {planned_scrap: 2.5 %}}\n" LINE("u1: {}"), &p, &said),
                 0, "%s", said.p);
    cr_expect_eq(p->product[0].planned_scrap_ppm, 25000);
    plant_close(p);
    buf_fini(&said);
}

Test(plantfile, a_crew_is_split_over_its_units) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(
        load_text("crews: {c: {persons: 2, headcount: {agent: gw, point: l/people}, units: {u1: 2, "
                  "u3: 5}}}\n" LINE("u1: {}, u2: {headcount: 1}, u3: {}"),
                  &p, &said),
        0, "%s", said.p);
    cr_expect_eq(p->unit[0].crew_weight, 2);
    cr_expect_eq(p->unit[2].crew_before, 2);
    cr_expect_eq(p->unit[2].crew_sum, 7);
    cr_expect_eq(p->unit[0].default_headcount, 2);
    cr_expect_eq(p->unit[1].crew_sum, 0);
    cr_assert_eq(p->signal_n, 2u, "one point, a meaning at each of its units");
    cr_expect_eq(p->signal[1].role, ROLE_HEADCOUNT);
    cr_expect_eq(p->signal[1].unit, 2u);
    plant_close(p);
    buf_fini(&said);
}

#define NORM(persons, from) "{persons: " persons ", approved_by: A, from: \"" from "T00:00:00Z\"}"

Test(plantfile, a_manning_norm_is_of_a_unit_or_of_its_crew) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(
        load_text(
            "crews: {c: {persons: 2, units: {u2: 1, u3: 1}, manning: [" NORM(
                "4",
                "2026-01-01") "]}}\n" LINE("u1: {manning: [" NORM("3",
                                                                  "2026-04-01") ", " NORM("2",
                                                                                          "2026-01-"
                                                                                          "01") "]}"
                                                                                                ", "
                                                                                                "u2"
                                                                                                ": "
                                                                                                "{}"
                                                                                                ", "
                                                                                                "u3"
                                                                                                ": "
                                                                                                "{}"
                                                                                                ", "
                                                                                                "u4"
                                                                                                ": "
                                                                                                "{"
                                                                                                "}"),
            &p, &said),
        0, "%s", said.p);
    cr_expect(p->has_manning);
    cr_assert_eq(p->unit[0].manning_n, 2u);
    cr_expect_eq(p->unit[0].manning[0].persons, 2, "sorted by date");
    cr_expect_eq(p->unit[0].manning[1].persons, 3);
    cr_assert_eq(p->unit[2].manning_n, 1u);
    cr_expect_eq(p->unit[2].manning[0].persons, 4);
    cr_expect_eq(p->unit[3].manning_n, 0u);
    cr_assert_eq(p->norm_n, 4u, "what is shown is held against 1");
    for (size_t i = 0; i < 4; i++) {
        cr_expect_str_eq(p->norm[i].indicator, "manning");
        cr_expect_float_eq(p->norm[i].value, 1, 1e-12);
        cr_expect_str_eq(p->norm[i].approved_by, "A");
    }
    plant_close(p);
    buf_fini(&said);
}

Test(plantfile, manning_norms_that_cannot_be_meant_are_refused) {
    expect_problem("crews: {c: {persons: 1, units: {u1: 1}}}\n" LINE(
                       "u1: {manning: [" NORM("1", "2026-01-01") "]}"),
                   "p.yaml:1:", "u1 has a manning norm of its own");
    expect_problem(
        LINE("u1: {manning: [" NORM("1", "2026-01-01") ", " NORM("2", "2026-01-01") "]}"),
        "p.yaml:2:", "two manning norms begin at one time");
    expect_problem(LINE("u1: {manning: [" NORM("-1", "2026-01-01") "]}"), "p.yaml:2:", "persons");
    expect_problem(LINE("u1: {manning: [{persons: 1, from: \"2026-01-01T00:00:00Z\"}]}"),
                   "p.yaml:2:", "approved_by");
    expect_problem(LINE("u1: {maning: []}"), "p.yaml:2:", "did you mean \"manning\"");
}

Test(plantfile, what_would_count_people_twice_is_refused) {
    expect_problem("crews: {c: {persons: 1, units: {u1: 1}}}\n" LINE("u1: {headcount: 1}"),
                   "p.yaml:1:", "a headcount of its own");
    expect_problem(
        "crews: {c: {persons: 1, units: {u1: 1}}, d: {persons: 1, units: {u1: 1}}}\n" LINE(
            "u1: {}"),
        "p.yaml:1:", "has a crew already");
    expect_problem("crews: {c: {headcount: {agent: gw, point: c}, units: {u1: 1}}}\n" LINE(
                       "u1: {signals: {headcount: {point: own}}}"),
                   "p.yaml:1:", "headcount of u1 is counted twice");
    expect_problem("crews: {c: {persons: 1, units: {u1: half}}}\n" LINE("u1: {}"),
                   "p.yaml:1:", "a weight is a whole number");
    expect_problem("crews: {c: {units: {u1: 1}}}\n" LINE("u1: {}"),
                   "p.yaml:1:", "neither persons nor headcount");
}

Test(plantfile, a_control_has_its_execution_and_others_have_none) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(
        load_text(
            LINE("u1: {state: {from: mtconnect}, signals: {state: {point: e}, functional_mode: "
                 "{point: m}, emergency_stop: {point: s}}}"),
            &p, &said),
        0, "%s", said.p);
    cr_expect_eq(p->unit[0].state_source, STATE_MTCONNECT);
    plant_close(p);
    buf_fini(&said);
    expect_problem(LINE("u1: {state: {from: mtconnect}}"), "p.yaml:2:", "needs the signal state");
    expect_problem(LINE("u1: {signals: {wait_state: {point: e}}}"),
                   "p.yaml:2:", "looked at with state from mtconnect only");
}

#define BOLT "products: {bolt: {}}\n"
#define CYCLE "u1: {ideal: [{product: bolt, cycle: 6 s}]}"
#define PLAN(unit, product)                                                                        \
    "orders: [{order: O-1, unit: " unit ", product: " product                                      \
    ", quantity: 400, from: \"2026-06-01T06:00:00Z\"}]\n"

#define SHIFT_PLAN(more) "shift_plans: [{unit: u1, quantity: 400, " more "}]\n"
#define SHIFTED                                                                                    \
    "site: {id: s, time_zone: Etc/UTC, calendar: main}\n"                                          \
    "calendars: {main: {shifts: {early: {start: \"06:00\", end: \"14:00\"}}}}\n"                   \
    "areas: {a: {lines: {l: {agent: gw, units: {" CYCLE "}}}}}\n"

Test(plantfile, a_planned_shift_names_a_shift_of_the_unit) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text(BOLT "shift_plans:\n"
                                "- {unit: u1, shift: early, product: bolt, quantity: 420.5, from: "
                                "\"2026-06-01T00:00:00Z\"}\n"
                                "- {unit: u1, shift: early, product: bolt, quantity: 400}\n"
                                "- {unit: u1, shift: early, quantity: 0}\n" SHIFTED,
                           &p, &said),
                 0, "%s", said.p);
    cr_assert_eq(p->shift_plan_n, 3u);
    cr_expect_eq(p->shift_plan[2].quantity, 420500000, "the one that begins last");
    cr_expect_str_eq(p->shift_plan[2].shift.s, "early");
    cr_expect_eq(p->shift_plan[2].from_ms, INT64_C(1780272000000));
    cr_expect_eq(p->shift_plan[0].from_ms, INT64_MIN);
    plant_close(p);
    buf_fini(&said);
    expect_problem(BOLT SHIFT_PLAN("shift: late") SHIFTED, "p.yaml:2:15", "u1 has no shift late");
    expect_problem(BOLT SHIFT_PLAN("shift: early, product: nut") SHIFTED, "p.yaml:2:15",
                   "product nut does not exist");
    expect_problem(BOLT SHIFT_PLAN("shift: early, prodct: bolt") SHIFTED, "p.yaml:2:", "product");
    expect_problem(BOLT SHIFT_PLAN("shift: early") LINE(CYCLE), "p.yaml:2:15",
                   "u1 has no shift early");
    expect_problem(BOLT "shift_plans: [{unit: u2, shift: early, quantity: 1}]\n" SHIFTED,
                   "p.yaml:2:15", "did you mean u1?");
    expect_problem(BOLT "shift_plans:\n- {unit: u1, shift: early, quantity: 1}\n"
                        "- {unit: u1, shift: early, quantity: 2}\n" SHIFTED,
                   "p.yaml:4:3", "shift early of u1 is planned already");
}

Test(plantfile, a_planned_order_names_a_unit_with_a_cycle) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text(BOLT PLAN("u1", "bolt") LINE(CYCLE), &p, &said), 0, "%s", said.p);
    cr_assert_eq(p->order_n, 1u);
    cr_expect_str_eq(p->order[0].order, "O-1");
    cr_expect_eq(p->order[0].quantity, 400000000);
    plant_close(p);
    buf_fini(&said);
    expect_problem(BOLT PLAN("u2", "bolt") LINE(CYCLE), "p.yaml:2:", "did you mean u1?");
    expect_problem(BOLT PLAN("u1", "nut") LINE(CYCLE), "p.yaml:2:", "product nut does not exist");
    expect_problem(BOLT PLAN("u1", "bolt") LINE("u1: {}"), "p.yaml:2:", "nothing to plan by");
}

#define TERM(keys) UNIT("commissioning: " keys ", signals: {good: {point: m/g, max_rate: 600 1/h}}")

static struct plant_term unit_term(const char *text) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text(text, &p, &said), 0, "%s", said.p);
    const struct plant_term t = p->unit[0].commissioning;
    plant_close(p);
    buf_fini(&said);
    return t;
}

/* date -ud 2026-11-23T06:00:00Z +%s */
#define MONDAY_SIX INT64_C(1795413600000)

Test(plantfile, commissioning_has_a_begin_and_an_acceptance_or_neither) {
    struct plant_term t = unit_term(TERM("true"));
    cr_expect(t.from_ms == INT64_MIN && t.to_ms == INT64_MAX);
    t = unit_term(TERM("false"));
    cr_expect_geq(t.from_ms, t.to_ms);
    t = unit_term(TERM("{accepted: 2026-11-23T06:00:00Z}"));
    cr_expect(t.from_ms == INT64_MIN && t.to_ms == MONDAY_SIX);
    t = unit_term(TERM("{since: 2026-11-23T06:00:00Z}"));
    cr_expect(t.from_ms == MONDAY_SIX && t.to_ms == INT64_MAX);
}

Test(plantfile, a_signal_has_a_term_of_its_own) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text(UNIT("signals: {good: {point: m/g, max_rate: 600 1/h, commissioning: "
                                "{accepted: 2026-11-23T06:00:00Z}}, scrap: {point: m/s, max_rate: "
                                "60 1/h}}"),
                           &p, &said),
                 0, "%s", said.p);
    cr_expect_eq(p->signal[0].commissioning.to_ms, MONDAY_SIX);
    cr_expect(p->signal[1].commissioning.from_ms >= p->signal[1].commissioning.to_ms);
    cr_expect(p->unit[0].commissioning.from_ms >= p->unit[0].commissioning.to_ms);
    plant_close(p);
    buf_fini(&said);
}

Test(plantfile, a_term_that_means_nothing_is_told_with_what_to_write) {
    expect_problem(TERM("{accepted: 2026-11-23T06:00:30Z}"),
                   "p.yaml:2:", "no full minute: write 2026-11-23T06:00:00");
    expect_problem(TERM("{since: 2026-11-23T07:00:00Z, accepted: 2026-11-23T06:00:00Z}"),
                   "p.yaml:2:", "accepted must lie behind since");
    expect_problem(TERM("{acepted: 2026-11-23T06:00:00Z}"), "p.yaml:2:", "accepted");
    expect_problem(TERM("maybe"), "p.yaml:2:", "expected true, false or a map");
}
