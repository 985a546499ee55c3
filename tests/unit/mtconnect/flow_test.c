/* The talk with an agent, document by document; the agent is this file. Sequences, times and values
 * are worked by hand. */
#include "mtconnect/flow.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "mtconnect_docs.h"
#include "sourcekit/capture.h"
#include "sourcekit/yaml.h"

#define CONF(more)                                                                                 \
    "url: http://127.0.0.1:5000\nheartbeat: 10 s\ninterval: 500 ms\n" more "points:\n"             \
    "  - {name: exec, item_type: EXECUTION, type: state}\n"                                        \
    "  - {name: count, id: count, type: counter, unit: piece, decimals: 0}\n"                      \
    "  - {name: load, item_type: LOAD, component: X, type: gauge}\n"

#define SIX DOCS_SIX_MS
#define EXEC(sequence, time, text) DOCS_EVENT("Execution", "exec", sequence, time, text)
#define COUNT(sequence, time, text) DOCS_EVENT("PartCount", "count", sequence, time, text)
#define ALL_OF_77                                                                                  \
    DOCS_STREAMS("77", "1", "12", "13",                                                            \
                 EXEC("11", "06:00:30", "ACTIVE") COUNT("12", "06:00:40", "7"))
#define SAMPLE_FROM(n) "/sample?from=" n "&interval=500&heartbeat=10000&count=1000"

static struct xml_calls xml;
static struct mtconnect_conf conf;
static struct flow f;
static struct capture got;
static int64_t now = SIX;

static void begin(const char *yaml, const char *position) {
    char why[LIBRARY_WHY];
    cr_assert_eq(xml_load(&xml, why), ERR_OK, "%s", why);
    yaml_load(yaml, &mtconnect_schema, &conf);
    cr_assert_eq(flow_init(&f, &conf, span_str(position)), ERR_OK);
    capture_init(&got);
    flow_on_tick(&f, now);
}

static void end(void) {
    flow_fini(&f);
    capture_fini(&got);
    conf_free(&mtconnect_schema, &conf);
}

TestSuite(flow, .fini = end);

static enum err tell(void) {
    enum err e = flow_tell(&f, now, &got.out);
    const enum err vouched = coverage_vouch(&f.coverage, &got.out);
    return e != ERR_OK ? e : vouched;
}

static void answer(const char *text) {
    char why[DOC_WHY];
    cr_assert_eq(doc_parse(&xml, span_str(text), &f.doc, why), ERR_OK, "%s", why);
    cr_assert_eq(flow_on_document(&f, now, &got.out), ERR_OK);
    const enum err e = tell();
    cr_assert(e == ERR_OK || e == ERR_FULL);
}

static void expect_position(const char *want) {
    struct buf text;
    buf_init(&text);
    flow_position(&f, &text);
    buf_add_byte(&text, '\0');
    cr_expect_str_eq((const char *)text.p, want);
    buf_fini(&text);
}

static void expect_cover(size_t i, int64_t since_ms, int64_t until_ms) {
    cr_assert_lt(i, got.cover_n);
    cr_expect_eq(got.covers[i].since_ms, since_ms);
    cr_expect_eq(got.covers[i].until_ms, until_ms);
}

Test(flow, first_it_looks_then_it_reads_on) {
    begin(CONF(""), "");
    cr_expect_str_eq(f.ask.path, "/probe");
    answer(DOCS_DEVICES);
    cr_expect_str_eq(f.ask.path, "/current");
    cr_expect_eq(got.point_n, 3u);
    /* The newest observation is of 06:00:40; both values hold then, and nothing came until 06:01.
     */
    answer(ALL_OF_77);
    cr_expect_str_eq(f.ask.path, SAMPLE_FROM("13"));
    cr_assert_eq(got.reading_n, 2u);
    cr_expect_str_eq(capture_reading(&got, "exec", 0)->text, "ACTIVE");
    cr_expect_eq(capture_reading(&got, "exec", 0)->r.t_ms, SIX + 40000);
    cr_expect_eq(capture_reading(&got, "count", 0)->r.v.as.i, 7);
    cr_expect_eq(got.cover_n, 1u);
    expect_cover(0, SIX + 40000, SIX + 60000);
    expect_position("1 77 13 0 1795413660000");
    /* In the stream each has its own time. */
    answer(DOCS_STREAMS("77", "1", "14", "15",
                        COUNT("13", "06:01:05", "8") EXEC("14", "06:01:10", "READY")));
    cr_expect_eq(capture_reading(&got, "count", 1)->r.t_ms, SIX + 65000);
    cr_expect_eq(capture_reading(&got, "exec", 1)->r.t_ms, SIX + 70000);
    cr_expect_eq(got.cover_n, 1u);
    expect_cover(0, SIX + 40000, SIX + 70000);
    expect_position("1 77 15 0 1795413670000");
}

Test(flow, a_restart_goes_on_where_it_was_without_gap_or_repeat) {
    begin(CONF(""), "1 77 13 0 1795413660000");
    answer(DOCS_DEVICES);
    cr_expect_str_eq(f.ask.path, SAMPLE_FROM("13"));
    /* Sequence 12 was told; an agent that sends it again is not believed. */
    answer(DOCS_STREAMS("77", "1", "13", "14",
                        EXEC("12", "06:00:40", "READY") EXEC("13", "06:01:10", "ACTIVE")));
    cr_assert_eq(got.reading_n, 1u);
    cr_expect_eq(got.cover_n, 1u);
    expect_cover(0, SIX + 60000, SIX + 70000);
}

/* The reference agent answers OUT_OF_RANGE to a count that is more than its buffer keeps. */
Test(flow, no_more_is_asked_for_at_once_than_the_buffer_keeps) {
    begin(CONF(""), "1 77 13 0 1795413660000");
    answer(DOCS_DEVICES_OF("128"));
    cr_expect_str_eq(f.ask.path, "/sample?from=13&interval=500&heartbeat=10000&count=128");
}

Test(flow, what_the_owner_could_not_take_is_where_a_restart_goes_on) {
    begin(CONF(""), "1 77 13 0 1795413660000");
    answer(DOCS_DEVICES);
    got.room = 1;
    answer(DOCS_STREAMS("77", "1", "14", "15",
                        COUNT("13", "06:01:05", "8") COUNT("14", "06:01:10", "9")));
    cr_expect(f.holding);
    expect_position("1 77 13 1 1795413665000"); /* of 13 one reading was taken */
    got.room = 9;
    cr_assert_eq(tell(), ERR_OK);
    expect_position("1 77 15 0 1795413670000");
    cr_expect_eq(capture_count(&got, "count"), 2u);
}

Test(flow, a_reading_that_was_taken_is_not_told_again_after_a_restart) {
    begin(CONF(""), "1 77 13 1 1795413670000");
    answer(DOCS_DEVICES);
    answer(DOCS_STREAMS("77", "1", "14", "15",
                        COUNT("13", "06:01:05", "8") COUNT("14", "06:01:10", "9")));
    cr_assert_eq(capture_count(&got, "count"), 1u);
    cr_expect_eq(capture_reading(&got, "count", 0)->r.v.as.i, 9);
}

Test(flow, what_is_no_longer_in_the_buffer_is_a_counted_gap) {
    begin(CONF(""), "1 77 5 0 1795413601000");
    answer(DOCS_DEVICES);
    answer(DOCS_OUT_OF_RANGE("77"));
    cr_expect_str_eq(f.ask.path, "/current");
    /* The buffer holds 11 to 12: the snapshot is of 11, which as such is not told. */
    answer(DOCS_STREAMS("77", "11", "12", "13", EXEC("11", "06:00:30", "ACTIVE")));
    cr_expect_str_eq(f.ask.path, "/current?at=11");
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_str_eq(got.refused[0],
                     "gap: sequences 5 to 11 (7) are lost: the agent's buffer begins at 11");
    cr_expect_eq(got.reading_n, 0u);
    answer(DOCS_STREAMS("77", "11", "12", "13",
                        EXEC("11", "06:00:30", "ACTIVE") COUNT("4", "06:00:01", "3")));
    cr_expect_str_eq(f.ask.path, SAMPLE_FROM("12"));
    /* Both hold at 06:00:30; between 06:00:01 and then nothing is known. */
    cr_expect_eq(capture_reading(&got, "count", 0)->r.t_ms, SIX + 30000);
    cr_assert_eq(got.cover_n, 1u);
    expect_cover(0, SIX + 30000, SIX + 30000);
    expect_position("1 77 12 0 1795413630000");
}

#define PIECES                                                                                     \
    "url: http://127.0.0.1:5000\npoints: [{name: n, id: count, type: event, unit: piece, "         \
    "decimals: 0}]\n"

/* The buffer holds 101 to 180; a sixteenth of 80 is 5, so it is read from 106 on: the snapshot is
 * of 105, and what happened in it is among the lost. */
Test(flow, the_event_right_behind_what_is_lost_is_told) {
    begin(PIECES, "1 77 5 0 1795413601000");
    answer(DOCS_DEVICES);
    answer(DOCS_OUT_OF_RANGE("77"));
    answer(DOCS_STREAMS("77", "101", "180", "181", COUNT("180", "06:00:50", "9")));
    cr_expect_str_eq(f.ask.path, "/current?at=105");
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_str_eq(got.refused[0],
                     "gap: sequences 5 to 105 (101) are lost: the agent's buffer begins at 101");
    answer(DOCS_STREAMS("77", "101", "180", "181", COUNT("105", "06:00:30", "2")));
    cr_expect_eq(got.reading_n, 0u);
    cr_expect_str_eq(f.ask.path, "/sample?from=106&interval=500&heartbeat=10000&count=1000");
    answer(DOCS_STREAMS("77", "101", "180", "107", COUNT("106", "06:00:31", "3")));
    cr_assert_eq(got.reading_n, 1u);
    cr_expect_eq(got.readings[0].r.v.as.span.amount, 3);
}

Test(flow, what_another_instance_no_longer_has_is_counted_too) {
    begin(PIECES, "1 76 500 0 1795413601000");
    answer(DOCS_DEVICES);
    answer(DOCS_STREAMS("77", "101", "180", "181", COUNT("180", "06:00:50", "9")));
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_str_eq(got.refused[0],
                     "gap: the agent began anew: instance 77, was 76; what that had from sequence "
                     "500 on is lost, and so are sequences 1 to 105 of this one");
}

Test(flow, another_instance_is_read_from_its_begin) {
    begin(CONF(""), "1 76 500 0 1795413601000");
    answer(DOCS_DEVICES);
    cr_expect_str_eq(f.ask.path, "/current");
    answer(ALL_OF_77);
    cr_expect_str_eq(f.ask.path, SAMPLE_FROM("1"));
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_not_null(strstr(got.refused[0], "instance 77, was 76"));
    expect_position("1 76 500 0 1795413601000"); /* nothing of it was told yet */
    answer(DOCS_STREAMS("77", "1", "2", "3",
                        EXEC("1", "06:00:20", "UNAVAILABLE") EXEC("2", "06:00:30", "READY")));
    cr_assert_eq(got.reading_n, 2u);
    cr_expect_eq(capture_reading(&got, "exec", 0)->r.quality, QUALITY_BAD);
    cr_expect_eq(batch_why_of(&capture_reading(&got, "exec", 0)->r), BATCH_WHY_UNAVAILABLE);
    cr_expect_eq(capture_reading(&got, "exec", 1)->r.t_ms, SIX + 30000);
    cr_assert_eq(got.cover_n, 1u);
    expect_cover(0, SIX + 20000, SIX + 60000);
    expect_position("1 77 3 0 1795413660000");
}

Test(flow, an_instance_that_changes_in_the_stream_is_noticed) {
    begin(CONF(""), "1 77 13 0 1795413660000");
    answer(DOCS_DEVICES);
    answer(DOCS_STREAMS("78", "1", "13", "14", EXEC("13", "06:01:10", "ACTIVE")));
    cr_expect_str_eq(f.ask.path, "/probe");
    cr_expect_eq(got.reading_n, 0u);
}

Test(flow, silence_beyond_two_heartbeats_ends_the_stream_and_it_goes_on_later) {
    begin(CONF(""), "1 77 13 0 1795413660000");
    answer(DOCS_DEVICES);
    const uint32_t serial = f.ask.serial;
    now += 20499;
    flow_on_tick(&f, now);
    cr_expect_eq(f.ask.serial, serial);
    now += 1;
    flow_on_tick(&f, now);
    cr_expect_str_eq(flow_state(&f), "waiting");
    cr_expect_not_null(strstr(f.detail, "nothing was heard since 2026-11-23T06:00:00"));
    cr_expect_neq(f.ask.serial, serial);
    now += 500;
    flow_on_tick(&f, now);
    answer(DOCS_DEVICES);
    cr_expect_str_eq(f.ask.path, SAMPLE_FROM("13"));
    cr_expect_eq(got.cover_n, 0u); /* silence vouches for nothing */
}

Test(flow, an_empty_part_vouches_for_the_time) {
    begin(CONF(""), "1 77 13 0 1795413600000");
    answer(DOCS_DEVICES);
    answer(DOCS_STREAMS("77", "1", "12", "13", ""));
    cr_assert_eq(got.cover_n, 1u);
    expect_cover(0, SIX, SIX + 60000);
}

/* 13 of 20: what stands behind is not known, so only up to the newest that was read. */
Test(flow, a_part_with_more_behind_it_vouches_to_its_newest) {
    begin(CONF(""), "1 77 13 0 1795413600000");
    answer(DOCS_DEVICES);
    answer(DOCS_STREAMS("77", "1", "20", "14", EXEC("13", "06:00:10", "ACTIVE")));
    expect_cover(0, SIX, SIX + 10000);
    expect_position("1 77 14 0 1795413610000");
}

/* 11 s after the document was made: the clock of its adapter is wrong, and vouches for nothing. */
Test(flow, an_observation_that_is_far_ahead_vouches_for_no_time) {
    begin(CONF(""), "1 77 13 0 1795413600000");
    answer(DOCS_DEVICES);
    answer(DOCS_STREAMS("77", "1", "13", "14", EXEC("13", "06:01:11", "ACTIVE")));
    cr_expect_eq(capture_reading(&got, "exec", 0)->r.t_ms, SIX + 71000);
    expect_cover(0, SIX, SIX + 60000);
}

Test(flow, history_begins_with_the_buffer) {
    begin(CONF("history: true\n"), "");
    answer(DOCS_DEVICES);
    answer(ALL_OF_77);
    cr_expect_str_eq(f.ask.path, SAMPLE_FROM("1"));
    cr_expect_eq(got.reading_n, 0u);
    cr_expect_eq(got.refused_n, 0u); /* nothing was there before, so nothing is lost */
}

#define COND(level, code, sequence)                                                                \
    "<Condition><" level " dataItemId=\"sys\" sequence=\"" sequence "\" nativeCode=\"" code        \
    "\" timestamp=\"2026-11-23T06:01:10Z\" type=\"SYSTEM\"/></Condition>"

Test(flow, conditions_that_are_active_are_asked_for_after_a_restart) {
    begin("url: http://127.0.0.1:5000\npoints: [{name: sys, id: sys, type: state}]\n",
          "1 77 13 0 1795413660000");
    answer(DOCS_DEVICES);
    cr_expect_str_eq(f.ask.path, "/current?at=12");
    answer(
        DOCS_STREAMS("77", "1", "12", "13", COND("Fault", "a", "11") COND("Warning", "b", "12")));
    cr_expect_eq(got.reading_n, 0u);
    cr_expect_str_eq(f.ask.path, SAMPLE_FROM("13"));
    /* The fault goes, the warning stays; then that goes, too. */
    answer(
        DOCS_STREAMS("77", "1", "14", "15", COND("Normal", "a", "13") COND("Normal", "b", "14")));
    cr_expect_str_eq(capture_reading(&got, "sys", 0)->text, "WARNING");
    cr_expect_str_eq(capture_reading(&got, "sys", 1)->text, "NORMAL");
}

Test(flow, a_value_that_cannot_be_read_is_bad_and_named) {
    begin(CONF(""), "1 77 13 0 1795413660000");
    answer(DOCS_DEVICES);
    answer(DOCS_STREAMS("77", "1", "13", "14", COUNT("13", "06:01:10", "many")));
    cr_expect_eq(capture_reading(&got, "count", 0)->r.quality, QUALITY_BAD);
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_not_null(strstr(got.refused[0], "sequence 13, data item count: expected a number"));
}

Test(flow, events_are_not_told_from_a_snapshot) {
    begin("url: http://127.0.0.1:5000\npoints: [{name: n, id: count, type: event}]\n", "");
    answer(DOCS_DEVICES);
    answer(ALL_OF_77);
    cr_expect_eq(got.reading_n, 0u);
    answer(DOCS_STREAMS("77", "1", "13", "14", COUNT("13", "06:01:10", "2")));
    cr_expect_eq(capture_amount(&got, "n"), 2000); /* three decimals are kept */
}

/* Ten values a second, the last at 06:01:10: the others 100 ms apart before it. */
Test(flow, a_time_series_is_spread_over_its_time) {
    begin(CONF(""), "1 77 13 0 1795413660000");
    answer(DOCS_DEVICES);
    answer(DOCS_STREAMS("77", "1", "13", "14",
                        "<Samples><LoadTimeSeries dataItemId=\"xload\" sequence=\"13\" "
                        "sampleCount=\"3\" sampleRate=\"10\" "
                        "timestamp=\"2026-11-23T06:01:10Z\">1 2.5 3</LoadTimeSeries></Samples>"));
    cr_assert_eq(capture_count(&got, "load"), 3u);
    cr_expect_eq(capture_reading(&got, "load", 0)->r.t_ms, SIX + 69800);
    cr_expect_eq(capture_reading(&got, "load", 1)->r.v.as.r, 2.5);
    cr_expect_eq(capture_reading(&got, "load", 2)->r.t_ms, SIX + 70000);
}

Test(flow, answers_that_do_not_fit_do_not_make_it_ask_without_a_pause) {
    begin(CONF(""), "1 77 13 0 1795413660000");
    answer(DOCS_DEVICES);
    for (int i = 0; i < 20 && f.phase != FLOW_WAITING; i++) {
        answer(DOCS_OUT_OF_RANGE("77"));
        if (f.phase == FLOW_LOOK)
            answer(DOCS_STREAMS("77", "1", "12", "13", "")); /* 13 is there after all */
    }
    cr_expect_str_eq(flow_state(&f), "waiting");
}

Test(flow, a_position_that_is_none_is_refused) {
    yaml_load(CONF(""), &mtconnect_schema, &conf);
    capture_init(&got);
    cr_expect_eq(flow_init(&f, &conf, span_str("1 77")), ERR_FORMAT);
    cr_expect_eq(flow_init(&f, &conf, span_str("2 77 13 0 1")), ERR_FORMAT);
    cr_assert_eq(flow_init(&f, &conf, span_str("")), ERR_OK);
}

Test(flow, a_rule_that_fits_several_items_needs_a_word_in_braces) {
    begin("url: http://127.0.0.1:5000\npoints:\n  - {name: a, component: path, type: state}\n"
          "  - {name: b, id: nothing, type: state}\n",
          "");
    answer(DOCS_DEVICES);
    cr_expect_eq(got.point_n, 1u);
    cr_assert_eq(got.refused_n, 3u);
    cr_expect_not_null(strstr(got.refused[0], "ambiguous: data item count: point a has another"));
    cr_expect_not_null(strstr(got.refused[2], "unmatched: point b"));
}

/* An agent stamps all that it has. */
Test(flow, whose_time_a_reading_has_is_told) {
    begin(CONF(""), "");
    answer(DOCS_DEVICES);
    answer(ALL_OF_77);
    answer(DOCS_STREAMS("77", "1", "13", "14", COUNT("13", "06:01:05", "8")));
    for (size_t i = 0; i < got.reading_n; i++)
        cr_expect(got.readings[i].r.by_device, "%zu", i);
    cr_expect_eq(capture_count(&got, "count"), 2u);
}
