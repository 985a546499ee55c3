/* Lines of adapters by hand; times of 2026-11-23, 06:00 is 1795413600 s since 1970. */
#include "shdr/told.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "sourcekit/capture.h"
#include "sourcekit/yaml.h"

#define SIX INT64_C(1795413600000)

static struct shdr_conf conf;
static struct told t;
static struct capture got;

static void begin(const char *yaml) {
    yaml_load(yaml, &shdr_schema, &conf);
    cr_assert_eq(told_init(&t, &conf), ERR_OK);
    capture_init(&got);
    told_begin(&t, SIX);
}

static void end(void) {
    told_fini(&t);
    capture_fini(&got);
    conf_free(&shdr_schema, &conf);
}

TestSuite(told, .fini = end);

static enum err tell(void) {
    const enum err e = told_tell(&t, &got.out);
    return coverage_vouch(&t.coverage, &got.out) == ERR_OK ? e : ERR_IO;
}

static void hear(const char *line, int64_t now_ms) {
    cr_assert_eq(told_take(&t, span_str(line), "line 7", now_ms, &got.out), ERR_OK);
    cr_assert_eq(tell(), ERR_OK);
}

static void expect_text(const char *point, size_t i, const char *want) {
    const struct captured *k = capture_reading(&got, point, i);
    cr_assert_not_null(k, "%s has no reading %zu", point, i);
    cr_expect_str_eq(k->text, want);
}

#define ALL                                                                                        \
    "host: a\npoints:\n"                                                                           \
    "  - {name: exec, type: state}\n"                                                              \
    "  - {name: load, key: Xload, type: gauge}\n"                                                  \
    "  - {name: sys, form: condition, type: state}\n"                                              \
    "  - {name: note, form: message, type: state}\n"                                               \
    "  - {name: wave, form: series, type: gauge}\n"                                                \
    "  - {name: done, type: event, decimals: 0}\n"

Test(told, forms_may_follow_each_other_in_a_line) {
    begin(ALL);
    hear("2026-11-23T06:00:01Z|exec|ACTIVE|sys|FAULT|E1|9|HIGH|oil|note|N5|tool is worn|Xload|12.5"
         "|wave|3|10|1 2 3|other|7",
         SIX + 1000);
    expect_text("exec", 0, "ACTIVE");
    expect_text("sys", 0, "FAULT");
    expect_text("note", 0, "tool is worn");
    cr_expect_eq(capture_reading(&got, "load", 0)->r.v.as.r, 12.5);
    cr_assert_eq(capture_count(&got, "wave"), 3u);
    cr_expect_eq(capture_reading(&got, "wave", 0)->r.t_ms, SIX + 800);
    cr_expect_eq(capture_reading(&got, "wave", 2)->r.t_ms, SIX + 1000);
    cr_expect_eq(got.refused_n, 0u);
    cr_assert_eq(got.cover_n, 1u);
    cr_expect_eq(got.covers[0].since_ms, SIX + 1000);
}

Test(told, the_worst_active_condition_is_shown) {
    begin(ALL);
    hear("2026-11-23T06:00:01Z|sys|WARNING|A||LOW|a", SIX + 1000);
    hear("2026-11-23T06:00:02Z|sys|fault|B||HIGH|b", SIX + 2000);
    hear("2026-11-23T06:00:03Z|sys|NORMAL|B||||", SIX + 3000);
    hear("2026-11-23T06:00:04Z|sys|NORMAL||||", SIX + 4000);
    hear("2026-11-23T06:00:05Z|sys|UNAVAILABLE||||", SIX + 5000);
    expect_text("sys", 0, "WARNING");
    expect_text("sys", 1, "FAULT");
    expect_text("sys", 2, "WARNING");
    expect_text("sys", 3, "NORMAL");
    cr_expect_eq(capture_reading(&got, "sys", 4)->r.quality, QUALITY_BAD);
}

Test(told, unavailable_is_no_value_of_any_form) {
    begin(ALL);
    hear("2026-11-23T06:00:01Z|exec|UNAVAILABLE|Xload|UNAVAILABLE|wave|0|0|UNAVAILABLE|done|"
         "UNAVAILABLE",
         SIX + 1000);
    cr_assert_eq(got.reading_n, 3u); /* nothing happened, so of done there is none */
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(got.readings[i].r.quality, QUALITY_BAD);
        cr_expect_eq(batch_why_of(&got.readings[i].r), BATCH_WHY_UNAVAILABLE);
    }
    cr_expect_eq(got.refused_n, 0u);
}

Test(told, assets_over_several_lines_are_passed_over) {
    begin(ALL);
    hear("2026-11-23T06:00:01Z|@ASSET@|1|CuttingTool|--multiline--AB", SIX + 1000);
    hear("<a>2026-11-23T06:00:02Z|exec|READY</a>", SIX + 1000);
    hear("--multiline--AB", SIX + 1000);
    hear("2026-11-23T06:00:02Z|exec|ACTIVE", SIX + 2000);
    cr_assert_eq(got.reading_n, 1u);
    expect_text("exec", 0, "ACTIVE");
}

Test(told, a_break_is_a_gap_and_what_is_repeated_holds_from_the_new_connection_on) {
    begin(ALL);
    hear("2026-11-23T06:00:01Z|exec|ACTIVE", SIX + 1000);
    hear("2026-11-23T06:00:02Z|done|4", SIX + 2000);
    told_begin(&t, SIX + 30000);
    /* The adapter tells what it last knew, with the times of then. */
    hear("2026-11-23T06:00:01Z|exec|ACTIVE|done|4", SIX + 30000);
    hear("2026-11-23T06:00:31Z|exec|READY|done|5", SIX + 31000);
    cr_assert_eq(capture_count(&got, "exec"), 3u);
    cr_expect_eq(capture_reading(&got, "exec", 1)->r.t_ms, SIX + 30000);
    cr_expect_eq(capture_reading(&got, "exec", 2)->r.t_ms, SIX + 31000);
    cr_expect_eq(capture_amount(&got, "done"), 9); /* 4 once, 5 */
    cr_assert_eq(got.cover_n, 2u);
    cr_expect_eq(got.covers[0].until_ms, SIX + 2000);
    cr_expect_eq(got.covers[1].since_ms, SIX + 30000);
    cr_expect_eq(got.covers[1].until_ms, SIX + 31000);
}

Test(told, pong_vouches_and_silence_does_not) {
    begin("host: a\nsilence: 20 s\npoints: [{name: exec, type: state}]\n");
    hear("2026-11-23T06:00:01Z|exec|ACTIVE", SIX + 1000);
    cr_assert_eq(told_alive(&t, SIX + 11000, &got.out), ERR_OK);
    cr_assert_eq(tell(), ERR_OK);
    hear("2026-11-23T06:00:40Z|exec|READY", SIX + 40000);
    cr_assert_eq(got.cover_n, 2u);
    cr_expect_eq(got.covers[0].until_ms, SIX + 11000);
    cr_expect_eq(got.covers[1].since_ms, SIX + 40000);
}

Test(told, before_its_first_line_a_connection_vouches_for_nothing) {
    begin(ALL);
    cr_assert_eq(told_alive(&t, SIX + 11000, &got.out), ERR_OK);
    cr_assert_eq(tell(), ERR_OK);
    cr_expect_eq(got.cover_n, 0u);
}

Test(told, a_relative_clock_begins_with_the_connection) {
    begin("host: a\nclock: relative\npoints: [{name: exec, type: state}]\n");
    hear("100|exec|READY", SIX + 500);
    hear("1350@20.5|exec|ACTIVE", SIX + 9000);
    cr_expect_eq(capture_reading(&got, "exec", 0)->r.t_ms, SIX + 500);
    cr_expect_eq(capture_reading(&got, "exec", 1)->r.t_ms, SIX + 500 + 1250);
}

Test(told, a_clock_of_arrival_looks_at_no_times) {
    begin("host: a\nclock: arrival\npoints: [{name: exec, type: state}]\n");
    hear("2022-08-08T13:51:34.7167146Z|exec|READY", SIX + 500);
    cr_expect_eq(capture_reading(&got, "exec", 0)->r.t_ms, SIX + 500);
}

Test(told, what_the_owner_could_not_take_is_told_later) {
    begin(ALL);
    got.room = 1;
    cr_assert_eq(
        told_take(&t, span_str("2026-11-23T06:00:01Z|exec|READY|Xload|1"), "line 1", SIX, &got.out),
        ERR_OK);
    cr_expect_eq(tell(), ERR_FULL);
    cr_expect(t.holding);
    got.room = 5;
    cr_assert_eq(tell(), ERR_OK);
    cr_expect_eq(got.reading_n, 2u);
}

Test(told, what_cannot_be_read_is_named_with_its_place) {
    begin("host: a\nname_unknown: true\npoints: [{name: load, type: gauge}]\n");
    hear("2026-11-23T06:00:01Z|load|much|odd|1", SIX + 1000);
    hear("soon|load|1", SIX + 1000);
    hear("2026-11-23T06:00:02Z|odd|2", SIX + 2000);
    cr_expect_eq(capture_reading(&got, "load", 0)->r.quality, QUALITY_BAD);
    cr_assert_eq(got.refused_n, 3u);
    cr_expect_str_eq(got.refused[0],
                     "value: line 7, column 27, load: expected a number (decimals behind a "
                     "point), not \"much\"");
    cr_expect_str_eq(got.refused[1], "unknown: line 7, expected a key of points, not odd");
    cr_expect_not_null(strstr(got.refused[2], "line: line 7, column 1: expected"));
}

Test(told, a_group_that_is_cut_short_is_refused) {
    begin(ALL);
    hear("2026-11-23T06:00:01Z|exec|ACTIVE|wave|3|10", SIX + 1000);
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_not_null(strstr(got.refused[0], "column 34: expected 3 fields behind wave"));
}

static void expect_wrong(const char *yaml, const char *want) {
    struct shdr_conf c;
    struct conf_report report;
    struct buf text;
    yaml_load(yaml, &shdr_schema, &c);
    conf_report_init(&report);
    shdr_conf_finish(&c, &report);
    buf_init(&text);
    conf_report_format(&report, &text);
    buf_add_byte(&text, '\0');
    cr_expect_not_null(strstr((const char *)text.p, want), "%s\nmust say %s", (const char *)text.p,
                       want);
    buf_fini(&text);
    conf_report_fini(&report);
    conf_free(&shdr_schema, &c);
}

Test(shdr_conf, mistakes_are_named) {
    expect_wrong("host: a\npoints: [{name: a, type: interval}]\n", "no intervals");
    expect_wrong("host: a\npoints: [{name: a, form: condition}]\n", "is a state");
    expect_wrong("host: a\npoints: [{name: a}, {name: b, key: a}]\n", "stands in two points");
    expect_wrong("host: a\npoints: [{name: a b}]\n", "a name is of");
}

Test(told, whose_time_a_reading_has_is_told) {
    static const char *const clocks[] = {"original", "arrival"};
    for (size_t i = 0; i < 2; i++) {
        char yaml[120];
        (void)snprintf(yaml, sizeof yaml,
                       "host: a\nclock: %s\npoints: [{name: exec, type: state}]\n", clocks[i]);
        if (i > 0)
            end();
        begin(yaml);
        hear("2026-11-23T06:00:01Z|exec|ACTIVE", SIX + 1000);
        hear("|exec|READY", SIX + 2000);
        cr_assert_eq(capture_count(&got, "exec"), 2u, "%s", clocks[i]);
        cr_expect_eq(capture_reading(&got, "exec", 0)->r.by_device, i == 0, "%s", clocks[i]);
        cr_expect_not(capture_reading(&got, "exec", 1)->r.by_device, "%s", clocks[i]);
    }
}

/* What holds since before we came is told as of then. */
Test(told, a_time_of_before_is_the_gateways) {
    begin("host: a\npoints: [{name: exec, type: state}]\n");
    hear("2026-11-23T05:00:00Z|exec|ACTIVE", SIX + 1000);
    cr_expect_eq(capture_reading(&got, "exec", 0)->r.t_ms, SIX);
    cr_expect_not(capture_reading(&got, "exec", 0)->r.by_device);
}
