#include "plantfile/plantfile.h"

#include <criterion/criterion.h>
#include <stdio.h>

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
