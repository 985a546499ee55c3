#include "plantfile/plant_diff.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "load_text.h"

static struct plant *plant_text_whole(const char *text) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text(text, &p, &said), 0, "%s", (const char *)said.p);
    buf_fini(&said);
    return p;
}

/* One unit press-1 with state and total; `unit` adds keys to it. */
static struct plant *plant_text_open(const char *unit) {
    char text[2048];
    snprintf(text, sizeof text,
             "site: {id: works, time_zone: Etc/UTC, outputs: [hall]}\n"
             "areas:\n  hall:\n    outputs: [line]\n    lines:\n      line:\n        agent: gw\n"
             "        outputs: [press-1]\n        units:\n          press-1:\n"
             "            state: {from: map, map: packml}\n%s"
             "            signals:\n              state: {point: press/state}\n"
             "              total: {point: press/total, max_rate: 1000 1/h}\n",
             unit);
    return plant_text_whole(text);
}

static size_t diff(const char *old_keys, const char *new_keys, struct buf *out) {
    struct plant *old = plant_text_open(old_keys), *now = plant_text_open(new_keys);
    buf_init(out);
    size_t n = plant_diff(old, now, out);
    (void)buf_add_byte(out, 0);
    plant_close(old);
    plant_close(now);
    return n;
}

Test(plant_diff, equal_plants_have_no_differences) {
    struct buf out;
    cr_expect_eq(diff("", "", &out), 0);
    buf_fini(&out);
}

Test(plant_diff, a_changed_limit_is_one_line) {
    struct buf out;
    cr_expect_eq(diff("", "            micro_stop: 60 s\n", &out), 1);
    cr_expect_str_eq((const char *)out.p, "~ unit press-1: micro_stop 300000 ms -> 60000 ms\n");
    buf_fini(&out);
}

Test(plant_diff, a_norm_appears_and_changes_with_its_approver) {
    static const char a[] = "            norms: {scrap_ratio: {value: 0.02, approved_by: A, from: "
                            "\"2026-01-01T00:00:00Z\"}}\n";
    static const char b[] = "            norms: {scrap_ratio: {value: 0.01, approved_by: B, from: "
                            "\"2026-02-01T00:00:00Z\"}}\n";
    struct buf out;
    cr_expect_eq(diff("", a, &out), 1);
    cr_expect_str_eq((const char *)out.p, "+ norm scrap_ratio of press-1: 0.02, approved by A\n");
    buf_fini(&out);
    cr_expect_eq(diff(a, b, &out), 1);
    cr_expect_str_eq((const char *)out.p,
                     "~ norm scrap_ratio of press-1: 0.02 -> 0.01, approved by B\n");
    buf_fini(&out);
}

Test(plant_diff, a_manning_norm_changes_with_its_persons) {
    static const char a[] = "            manning: [{persons: 2, approved_by: A, from: "
                            "\"2026-01-01T00:00:00Z\"}]\n";
    static const char b[] = "            manning: [{persons: 3, approved_by: A, from: "
                            "\"2026-01-01T00:00:00Z\"}]\n";
    struct buf out;
    cr_expect_eq(diff(a, b, &out), 1);
    cr_expect_str_eq((const char *)out.p,
                     "~ unit press-1: its manning norm changes, 3 persons in the end\n");
    buf_fini(&out);
    cr_expect_eq(diff(b, "", &out), 2);
    cr_expect_str_eq((const char *)out.p, "~ unit press-1: its manning norm ends\n"
                                          "- norm manning of press-1 (1)\n");
    buf_fini(&out);
}

#define TREE                                                                                       \
    "areas:\n  hall:\n    lines:\n      line:\n        units:\n          press-1:\n"               \
    "            state: {from: map, map: %s}\n            signals: {state: {agent: gw, point: "    \
    "s}}\n"

static size_t diff_whole(const char *head_old, const char *map_old, const char *head_now,
                         const char *map_now, struct buf *out) {
    char a[2048], b[2048];
    struct plant *old, *now;
    snprintf(a, sizeof a, "%s" TREE, head_old, map_old);
    snprintf(b, sizeof b, "%s" TREE, head_now, map_now);
    old = plant_text_whole(a);
    now = plant_text_whole(b);
    buf_init(out);
    size_t n = plant_diff(old, now, out);
    (void)buf_add_byte(out, 0);
    plant_close(old);
    plant_close(now);
    return n;
}

#define SITE "site: {id: works, time_zone: Etc/UTC, calendar: main}\n"

Test(plant_diff, calendars_are_compared_part_by_part) {
    static const char two[] = SITE "calendars:\n  main:\n    shifts:\n"
                                   "      early: {start: \"06:00\", end: \"14:00\"}\n"
                                   "      late: {start: \"14:00\", end: \"22:00\"}\n";
    static const char later[] = SITE "calendars:\n  main:\n    shifts:\n"
                                     "      early: {start: \"06:30\", end: \"14:00\"}\n"
                                     "      late: {start: \"14:00\", end: \"22:00\"}\n"
                                     "    holidays: [2026-12-25]\n"
                                     "  spare:\n    shifts:\n"
                                     "      all: {start: \"06:00\", end: \"06:00\"}\n";
    struct buf out;
    cr_expect_eq(diff_whole(two, "packml", two, "packml", &out), 0, "%s", (char *)out.p);
    buf_fini(&out);
    cr_expect_eq(diff_whole(two, "packml", later, "packml", &out), 3);
    cr_expect_str_eq((const char *)out.p, "~ calendar main: its shifts change\n"
                                          "~ calendar main: its holidays or planned stops change\n"
                                          "+ calendar spare, 1 shifts\n");
    buf_fini(&out);
    cr_expect_eq(diff_whole(later, "packml", two, "packml", &out), 3);
    cr_expect_not_null(strstr((const char *)out.p, "- calendar spare\n"));
    buf_fini(&out);
}

Test(plant_diff, a_unit_that_changes_its_calendar_is_named) {
    static const char one[] = SITE "calendars:\n  main: {shifts: {e: {start: \"06:00\", end: "
                                   "\"14:00\"}}}\n  other: {shifts: {e: {start: \"06:00\", end: "
                                   "\"14:00\"}}}\n";
    static const char other[] = "site: {id: works, time_zone: Etc/UTC, calendar: other}\n"
                                "calendars:\n  main: {shifts: {e: {start: \"06:00\", end: "
                                "\"14:00\"}}}\n  other: {shifts: {e: {start: \"06:00\", end: "
                                "\"14:00\"}}}\n";
    struct buf out;
    cr_expect_eq(diff_whole(one, "packml", other, "packml", &out), 1);
    cr_expect_str_eq((const char *)out.p, "~ unit press-1: calendar main -> other\n");
    buf_fini(&out);
}

Test(plant_diff, a_state_map_that_changes_is_named) {
    static const char a[] = SITE "calendars: {main: {shifts: {e: {start: \"06:00\", end: "
                                 "\"14:00\"}}}}\n"
                                 "state_maps: {own: {states: {\"1\": run, \"2\": held}}}\n";
    static const char b[] = SITE "calendars: {main: {shifts: {e: {start: \"06:00\", end: "
                                 "\"14:00\"}}}}\n"
                                 "state_maps: {own: {states: {\"1\": run, \"2\": failed}}}\n";
    struct buf out;
    cr_expect_eq(diff_whole(a, "own", b, "own", &out), 1);
    cr_expect_str_eq((const char *)out.p, "~ state map own: states change\n");
    buf_fini(&out);
}

#define GAS(factors)                                                                               \
    SITE "calendars: {main: {shifts: {e: {start: \"06:00\", end: \"14:00\"}}}}\n"                  \
         "carriers: {gas: {unit: m3, factors: [" factors "]}}\n"

Test(plant_diff, a_factor_that_changes_is_named) {
    struct buf out;
    cr_expect_eq(diff_whole(GAS("{kwh: 10}"), "packml",
                            GAS("{kwh: 10}, {from: "
                                "\"2026-07-01T00:00:00Z\", kwh: 11}"),
                            "packml", &out),
                 1);
    cr_expect_str_eq((const char *)out.p,
                     "~ carrier gas: factors change; minutes they were for are computed anew\n");
    buf_fini(&out);
}

Test(plant_diff, a_tariff_that_changes_is_named) {
    static const char a[] = SITE "calendars: {main: {shifts: {e: {start: \"06:00\", end: "
                                 "\"14:00\"}}}}\ncurrency: VND\ntariffs: [{normal: 2}]\n";
    static const char b[] = SITE "calendars: {main: {shifts: {e: {start: \"06:00\", end: "
                                 "\"14:00\"}}}}\ncurrency: VND\ntariffs: [{normal: 3}]\n";
    struct buf out;
    cr_expect_eq(diff_whole(a, "packml", a, "packml", &out), 0);
    buf_fini(&out);
    cr_expect_eq(diff_whole(a, "packml", b, "packml", &out), 1);
    buf_fini(&out);
}

#define METER(key)                                                                                 \
    "site: {id: w, time_zone: Etc/UTC}\nmeters: {hall: {signals: {energy: {agent: gw, point: "     \
    "h}}, " key "}}\nareas: {a: {lines: {l: {agent: gw, units: {u1: {state: {from: map, map: "     \
    "packml}, signals: "                                                                           \
    "{state: {point: s1}, energy: {point: e1}}}, u2: {state: {from: map, map: packml}, signals: "  \
    "{state: {point: s2}}}}}}}}\n"

static size_t diff_meters(const char *a, const char *b, struct buf *out) {
    struct plant *old = plant_text_whole(a), *now = plant_text_whole(b);
    buf_init(out);
    size_t n = plant_diff(old, now, out);
    (void)buf_add_byte(out, 0);
    plant_close(old);
    plant_close(now);
    return n;
}

Test(plant_diff, another_key_of_a_shared_meter_is_one_line) {
    static const char split[] = "~ meter hall: it is split otherwise; minutes that are stored stay "
                                "as they are\n";
    static const char *const key[] = {METER("less: [u1], shares: {u2: 1}"),
                                      METER("less: [u1], shares: {u2: 2}"),
                                      METER("less: [u1], rated: {u2: 2 W}, rest: u2"),
                                      METER("less: [u1], rated: {u2: 2 W}, rest: u1"),
                                      METER("rated: {u2: 2 W}, rest: u1"),
                                      METER("rated: {u2: 2 kW}, rest: u1")};
    for (size_t i = 1; i < sizeof key / sizeof *key; i++) {
        struct buf out;
        cr_expect_eq(diff_meters(key[i], key[i], &out), 0u);
        buf_fini(&out);
        cr_expect_geq(diff_meters(key[i - 1], key[i], &out), 1u);
        cr_expect(strstr((const char *)out.p, split), "%zu: %s", i, out.p);
        buf_fini(&out);
    }
}

#define GAUGE(name, keys)                                                                          \
    "site: {id: w, time_zone: Etc/UTC}\nareas: {a: {lines: {l: {agent: gw, units: {u1: {gauges: "  \
    "{" name ": {point: t, " keys "}}}}}}}}\n"

Test(plant_diff, what_a_gauge_is_and_believes_is_compared) {
    static const struct {
        const char *old, *now, *line;
    } row[] = {
        {GAUGE("oven", "unit: degC"), GAUGE("kiln", "unit: degC"),
         "~ gauge oven of u1 is called kiln\n"},
        {GAUGE("oven", "high: 300"), GAUGE("oven", "high: 400"),
         "~ gauge oven of u1: other values are plausible\n"},
        {GAUGE("oven", "unit: degC"), GAUGE("oven", "unit: K"),
         "~ gauge oven of u1: shown in \"degC\" -> \"K\"\n"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct buf out;
        cr_expect_eq(diff_meters(row[i].now, row[i].now, &out), 0u);
        buf_fini(&out);
        cr_expect_eq(diff_meters(row[i].old, row[i].now, &out), 1u, "%s", out.p);
        cr_expect_str_eq((const char *)out.p, row[i].line);
        buf_fini(&out);
    }
}

#define PLANNED                                                                                    \
    "site: {id: works, time_zone: Etc/UTC, calendar: main}\nproducts: {bolt: {}}\n"                \
    "calendars: {main: {shifts: {early: {start: \"06:00\", end: \"14:00\"}}}}\n"                   \
    "shift_plans: [%s]\n"                                                                          \
    "areas: {hall: {lines: {line: {units: {u1: {ideal: [{product: bolt, cycle: 6 s}]}}}}}}\n"

static size_t diff_planned(const char *a, const char *b, struct buf *out) {
    char old_text[1024], now_text[1024];
    snprintf(old_text, sizeof old_text, PLANNED, a);
    snprintf(now_text, sizeof now_text, PLANNED, b);
    struct plant *old = plant_text_whole(old_text), *now = plant_text_whole(now_text);
    buf_init(out);
    size_t n = plant_diff(old, now, out);
    (void)buf_add_byte(out, 0);
    plant_close(old);
    plant_close(now);
    return n;
}

Test(plant_diff, planned_shifts_come_go_and_change) {
    static const char one[] = "{unit: u1, shift: early, product: bolt, quantity: 400}";
    static const char other[] = "{unit: u1, shift: early, product: bolt, quantity: 420}";
    struct buf out;
    cr_expect_eq(diff_planned("", one, &out), 1);
    cr_expect_str_eq((const char *)out.p, "+ plan of shift early of u1: 400 pieces\n");
    buf_fini(&out);
    cr_expect_eq(diff_planned(one, other, &out), 1);
    cr_expect_str_eq((const char *)out.p, "~ plan of shift early of u1: 400 -> 420 pieces\n");
    buf_fini(&out);
    cr_expect_eq(diff_planned(one, "", &out), 1);
    cr_expect_str_eq((const char *)out.p, "- plan of shift early of u1\n");
    buf_fini(&out);
    cr_expect_eq(diff_planned(one, "{unit: u1, shift: early, quantity: 400}", &out), 2);
    buf_fini(&out);
}

/* Other limits are another condition; a hall's sensor that moves to another unit, too. */
Test(plant_diff, a_condition_changes_with_what_proves_it) {
    static const char whole[] = "conditions: {c: {kind: tool, owner: x, gauge: {id: t, %s}}}\n"
                                "site: {id: s, time_zone: Etc/UTC}\n"
                                "areas: {a: {lines: {l: {agent: gw, units: {u1: {gauges: {t: "
                                "{point: a}}}, u2: {gauges: {t: {point: b}}}}}}}}\n";
    static const char *const edition[] = {"at: u1, high: 3",
                                          "at: u1, high: 4",
                                          "at: u2, high: 4",
                                          "at: u2, low: 1, high: 4",
                                          "at: u2, low: 1, high: 4, hold: 1 min",
                                          "low: 1, high: 4"};
    char text[512];
    for (size_t i = 0; i < sizeof edition / sizeof *edition; i++) {
        struct buf out;
        snprintf(text, sizeof text, whole, edition[i]);
        struct plant *old = plant_text_whole(text);
        snprintf(text, sizeof text, whole, edition[(i + 1) % (sizeof edition / sizeof *edition)]);
        struct plant *now = plant_text_whole(text);
        buf_init(&out);
        cr_expect_eq(plant_diff(old, now, &out), 1u);
        (void)buf_add_byte(&out, 0);
        cr_expect_str_eq((const char *)out.p, "~ condition c changes\n");
        buf_reset(&out);
        cr_expect_eq(plant_diff(now, now, &out), 0u);
        plant_close(old);
        plant_close(now);
        buf_fini(&out);
    }
}

Test(plant_diff, an_acceptance_is_told_with_its_date) {
    static const char on[] = "            commissioning: true\n";
    static const char done[] = "            commissioning: {accepted: 2026-11-23T06:00:00Z}\n";
    struct buf out;
    cr_expect_eq(diff("", on, &out), 1);
    cr_expect_str_eq((const char *)out.p,
                     "~ unit press-1: in commissioning from its begin to its acceptance\n");
    buf_fini(&out);
    cr_expect_eq(diff(on, done, &out), 1);
    cr_expect_str_eq((const char *)out.p, "~ unit press-1: in commissioning from its begin to "
                                          "2026-11-23T06:00:00.000Z\n");
    buf_fini(&out);
    cr_expect_eq(diff(done, "", &out), 1);
    cr_expect_str_eq((const char *)out.p, "~ unit press-1: accepted, with all that it told\n");
    buf_fini(&out);
}
