/* The parts that know no messages: topics, pointers, times, names, what was seen and kept. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "mqtt/mqlast.h"
#include "mqtt/mqname.h"
#include "mqtt/mqseen.h"
#include "mqtt/mqtime.h"

/* --- topics -------------------------------------------------------------------------------------
 */

static bool matches(const char *pattern, const char *topic) {
    return mqtopic_match(pattern, span_str(topic), NULL);
}

/* Section 4.7 of MQTT 3.1.1, its examples. */
Test(mqtopic, matches_as_the_standard_says) {
    cr_expect(matches("sport/tennis/player1/#", "sport/tennis/player1"));
    cr_expect(matches("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"));
    cr_expect(matches("sport/#", "sport"));
    cr_expect(matches("sport/tennis/+", "sport/tennis/player1"));
    cr_expect_not(matches("sport/tennis/+", "sport/tennis/player1/ranking"));
    cr_expect_not(matches("sport/+", "sport"));
    cr_expect(matches("sport/+", "sport/"));
    cr_expect(matches("+/+", "/finance"));
    cr_expect(matches("/+", "/finance"));
    cr_expect_not(matches("+", "/finance"));
    cr_expect_not(matches("#", "$SYS/broker/uptime"));
    cr_expect_not(matches("+/monitor/Clients", "$SYS/monitor/Clients"));
    cr_expect(matches("$SYS/#", "$SYS/broker/uptime"));
    cr_expect_not(matches("ACCOUNTS", "accounts"));
}

Test(mqtopic, keeps_what_stood_at_wildcards) {
    struct mqtopic_captures c;
    struct span text;
    cr_assert(mqtopic_match("plants/{line}/+/{machine}/#", span_str("plants/a/b/c/d/e"), &c));
    cr_assert_eq(c.n, 4u);
    const struct {
        const char *name, *text;
    } want[] = {{"line", "a"}, {"machine", "c"}, {"1", "a"}, {"2", "b"}, {"3", "c"}, {"4", "d/e"}};
    for (size_t i = 0; i < 6; i++) {
        cr_assert(mqtopic_find(&c, span_str(want[i].name), &text), "%s", want[i].name);
        cr_expect(span_equal(text, span_str(want[i].text)), "%s", want[i].name);
    }
    cr_expect_not(mqtopic_find(&c, span_str("5"), &text));
    cr_expect_not(mqtopic_find(&c, span_str("0"), &text));
    cr_expect_not(mqtopic_find(&c, span_str("1x"), &text));
    cr_expect_not(mqtopic_find(&c, span_str("lin"), &text));
}

Test(mqtopic, refuses_what_a_broker_would) {
    static const char *const wrong[] = {"",
                                        "a/#/b",
                                        "a/b#",
                                        "a/+b",
                                        "a/{x}y",
                                        "a/{1x}",
                                        "a/{ä}",
                                        "{x}/{x}",
                                        "a/{}",
                                        "{a b}",
                                        "+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+"};
    char why[MQTOPIC_WHY];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        why[0] = '\0';
        cr_expect_eq(mqtopic_check(wrong[i], why), ERR_FORMAT, "%s", wrong[i]);
        cr_expect(strstr(why, "expected") != NULL, "%s: %s", wrong[i], why);
    }
    cr_expect_eq(mqtopic_check("plants/{line}/+/{m-1}/#", why), ERR_OK);
    cr_expect_eq(mqtopic_check("/", why), ERR_OK);
}

Test(mqtopic, becomes_a_filter) {
    char out[64];
    cr_assert_eq(mqtopic_filter("plants/{line}/x//+/#", out, sizeof out), ERR_OK);
    cr_expect_str_eq(out, "plants/+/x//+/#");
    cr_expect_eq(mqtopic_filter("abc/def", out, 7), ERR_RANGE);
    cr_expect_eq(mqtopic_filter("abc/def", out, 8), ERR_OK);
    cr_assert_eq(mqtopic_filter("//{a}", out, sizeof out), ERR_OK);
    cr_expect_str_eq(out, "//+");
}

Test(mqtopic, knows_covers_and_overlaps) {
    cr_expect(mqtopic_covers("a/#", "a/{x}/b"));
    cr_expect(mqtopic_covers("a/#", "a"));
    cr_expect(mqtopic_covers("a/+/b", "a/c/b"));
    cr_expect(mqtopic_covers("a/+", "a/{x}"));
    cr_expect_not(mqtopic_covers("a/+/b", "a/#"));
    cr_expect_not(mqtopic_covers("a/c", "a/+"));
    cr_expect_not(mqtopic_covers("#", "$SYS/x"));
    cr_expect(mqtopic_overlaps("a/+/c", "a/b/+"));
    cr_expect(mqtopic_overlaps("a/#", "+/b"));
    cr_expect_not(mqtopic_overlaps("a/b", "a/c"));
    cr_expect_not(mqtopic_overlaps("a/+", "a/b/c"));
    cr_expect_not(mqtopic_overlaps("+/x", "$SYS/x"));
}

/* --- pointers -----------------------------------------------------------------------------------
 */

static const char *found(const char *json, const char *pointer, char room[JSON_REAL_TEXT]) {
    static char text[80];
    struct json_value *root;
    struct span s;
    cr_assert_eq(json_parse(span_str(json), NULL, &root, NULL), ERR_OK);
    cr_assert(mqpointer_check(span_str(pointer)), "%s", pointer);
    const struct json_value *v = mqpointer_find(root, span_str(pointer));
    if (v == NULL)
        snprintf(text, sizeof text, "none");
    else if (mqname_text(v, room, &s))
        snprintf(text, sizeof text, "%.*s", (int)s.n, (const char *)s.p);
    else
        snprintf(text, sizeof text, "several");
    json_close(root);
    return text;
}

/* Section 5 of RFC 6901. */
Test(mqpointer, finds_what_rfc_6901_says) {
    static const char json[] = "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,"
                               "\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}";
    const struct {
        const char *pointer, *text;
    } want[] = {{"", "several"},      {"/foo", "several"}, {"/foo/0", "bar"},   {"/foo/1", "baz"},
                {"/", "0"},           {"/a~1b", "1"},      {"/c%d", "2"},       {"/e^f", "3"},
                {"/g|h", "4"},        {"/i\\j", "5"},      {"/k\"l", "6"},      {"/ ", "7"},
                {"/m~0n", "8"},       {"/foo/2", "none"},  {"/foo/01", "none"}, {"/foo/-", "none"},
                {"/foo/0/0", "none"}, {"/m~0n/x", "none"}, {"/none", "none"}};
    char room[JSON_REAL_TEXT];
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
        cr_expect_str_eq(found(json, want[i].pointer, room), want[i].text, "%s", want[i].pointer);
}

Test(mqpointer, refuses_what_is_none) {
    static const char *const wrong[] = {"foo", "/a~", "/a~2b", "~1"};
    for (size_t i = 0; i < 4; i++)
        cr_expect_not(mqpointer_check(span_str(wrong[i])), "%s", wrong[i]);
}

Test(mqpointer, adds_steps_escaped) {
    char p[MQPOINTER_MAX + 1] = "";
    cr_assert_eq(mqpointer_add(p, span_str("a/b")), ERR_OK);
    cr_assert_eq(mqpointer_add(p, span_str("m~n")), ERR_OK);
    cr_expect_str_eq(p, "/a~1b/m~0n");
    char longest[MQPOINTER_MAX + 1];
    memset(longest, 'x', sizeof longest);
    cr_expect_eq(mqpointer_add(p, span_of(longest, sizeof longest)), ERR_RANGE);
    cr_expect_str_eq(p, "/a~1b/m~0n");
    cr_expect_eq(mqpointer_add(p, span_of(longest, MQPOINTER_MAX - strlen(p) - 1)), ERR_OK);
    cr_expect_eq(strlen(p), (size_t)MQPOINTER_MAX);
}

/* --- times --------------------------------------------------------------------------------------
 */

/* 2026-11-23T06:00:00Z is 1795413600 s, as `date -d` says. */
Test(mqtime, reads_each_form) {
    const struct stamp_rule utc = {0}, east = {.offset_min = 60};
    const struct {
        enum mqtime_form form;
        const char *text;
        int64_t t_ms;
    } want[] = {{MQTIME_S, "1795413600", 1795413600000},
                {MQTIME_S, "1795413600.25", 1795413600250},
                {MQTIME_MS, "1795413600250", 1795413600250},
                {MQTIME_US, "1795413600250999", 1795413600250},
                {MQTIME_NS, "1795413600250999999", 1795413600250},
                {MQTIME_ISO, "2026-11-23T06:00:00.250Z", 1795413600250},
                {MQTIME_ISO, "2026-11-23T07:00:00+01:00", 1795413600000}};
    int64_t t_ms;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        t_ms = 0;
        cr_expect_eq(mqtime_parse(want[i].form, &utc, span_str(want[i].text), &t_ms), ERR_OK);
        cr_expect_eq(t_ms, want[i].t_ms, "%s", want[i].text);
    }
    cr_expect_eq(mqtime_parse(MQTIME_ISO, &east, span_str("2026-11-23T07:00:00"), &t_ms), ERR_OK);
    cr_expect_eq(t_ms, 1795413600000);
}

Test(mqtime, refuses_a_number_of_another_unit_and_says_which) {
    const struct stamp_rule utc = {0};
    const struct {
        enum mqtime_form form;
        const char *text, *says;
    } wrong[] = {{MQTIME_S, "1795413600250", "time_form: ms"},
                 {MQTIME_MS, "1795413600", "time_form: s"},
                 {MQTIME_MS, "1795413600250999", "time_form: us"},
                 {MQTIME_US, "1795413600250999999", "time_form: ns"},
                 {MQTIME_ISO, "1795413600", "time_form: s"},
                 {MQTIME_ISO, "12", "2026-11-23T06:00:00Z"},
                 {MQTIME_MS, "2026-11-23T06:00:00Z", "time_form: iso"},
                 {MQTIME_S, "-795413600", "s since 1970"},
                 {MQTIME_S, "", "s since 1970"},
                 {MQTIME_S, "9999999999", "s since 1970"}, /* the year 2286, beyond the stream's */
                 {MQTIME_ISO, "", "2026-11-23T06:00:00Z"}};
    int64_t t_ms = 77;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const struct span text = span_str(wrong[i].text);
        cr_expect_neq(mqtime_parse(wrong[i].form, &utc, text, &t_ms), ERR_OK, "%s", wrong[i].text);
        cr_expect(strstr(mqtime_expects(wrong[i].form, text), wrong[i].says) != NULL, "%s: %s",
                  wrong[i].text, mqtime_expects(wrong[i].form, text));
    }
    cr_expect_eq(t_ms, 77);
}

/* --- names --------------------------------------------------------------------------------------
 */

Test(mqname, is_made_of_topic_and_payload) {
    struct mqtopic_captures c;
    struct json_value *root;
    struct span missing = {0};
    char out[40];
    cr_assert(mqtopic_match("p/{m}/#", span_str("p/Press 1/a/b"), &c));
    cr_assert_eq(json_parse(span_str("{\"r\":{\"n\":7},\"h\":\"x\",\"o\":{}}"), NULL, &root, NULL),
                 ERR_OK);
    const struct mqname_from from = {&c, json_find(root, "r"), root};
    cr_expect_eq(mqname_format("{m}/{2}-{/n}{/h}", &from, out, sizeof out, &missing), ERR_OK);
    cr_expect_str_eq(out, "Press-1/a/b-7x"); /* /n of the record, /h of the whole */
    cr_expect_eq(mqname_format("{/o}", &from, out, sizeof out, &missing), ERR_NOT_FOUND);
    cr_expect(span_equal(missing, span_str("/o")));
    cr_expect_eq(mqname_format("{m}{m}{m}{m}{m}{m}", &from, out, sizeof out, &missing), ERR_RANGE);
    json_close(root);
}

Test(mqname, is_checked_against_its_topic) {
    struct mqtopic_captures c;
    char why[MQNAME_WHY];
    mqtopic_names("p/{machine}/+", &c);
    cr_expect_eq(mqname_check("{machine}/{2}/{/a}", &c, true, why), ERR_OK);
    cr_expect_eq(mqname_check("{machin}/x", &c, true, why), ERR_CONFIG);
    cr_expect_str_eq(why, "{machin} is nothing here; known are {machine} {2} {/pointer}");
    cr_expect_eq(mqname_check("{/a}", &c, false, why), ERR_CONFIG);
    cr_expect_eq(mqname_check("{3}", &c, true, why), ERR_CONFIG);
    cr_expect_eq(mqname_check("{machine", &c, true, why), ERR_CONFIG);
    mqtopic_names("p", &c);
    cr_expect_eq(mqname_check("{1}", &c, false, why), ERR_CONFIG);
    cr_expect_str_eq(why, "{1} is nothing here; known are none");
}

/* --- what was seen ------------------------------------------------------------------------------
 */

Test(mqseen, times_go_forward_and_a_moment_may_have_several_values) {
    struct mqseen s;
    mqseen_init(&s, MQSEEN_NONE);
    cr_expect_eq(mqseen_take(&s, 100, 1, 100), MQSEEN_NEW);
    cr_expect_eq(mqseen_take(&s, 100, 1, 100), MQSEEN_AGAIN);
    cr_expect_eq(mqseen_take(&s, 100, 2, 100), MQSEEN_NEW);
    cr_expect_eq(mqseen_take(&s, 100, 1, 100), MQSEEN_AGAIN);
    cr_expect_eq(mqseen_take(&s, 99, 3, 100), MQSEEN_LATE);
    cr_expect_eq(mqseen_take(&s, 101, 1, 101), MQSEEN_NEW);
    cr_expect_eq(mqseen_take(&s, 100, 2, 101), MQSEEN_LATE);
    for (uint32_t mark = 2; mark < 30; mark++)
        cr_expect_eq(mqseen_take(&s, 101, mark, 101), MQSEEN_NEW);
    for (uint32_t mark = 22; mark < 30; mark++)
        cr_expect_eq(mqseen_take(&s, 101, mark, 101), MQSEEN_AGAIN, "%u", mark);
}

Test(mqseen, a_clock_that_was_ahead_is_no_measure_once_it_is_set) {
    struct mqseen s;
    mqseen_init(&s, MQSEEN_NONE);
    cr_expect_eq(mqseen_take(&s, 3600000, 1, 1000), MQSEEN_NEW);
    cr_expect_eq(mqseen_take(&s, 3600000, 1, 1000), MQSEEN_AGAIN);
    cr_expect_eq(mqseen_take(&s, 2000, 1, 2000), MQSEEN_NEW);
    cr_expect_eq(mqseen_take(&s, 2000, 1, 2000), MQSEEN_AGAIN);
    cr_expect_eq(mqseen_take(&s, 1000, 1, 2000), MQSEEN_LATE);
}

Test(mqseen, of_a_position_the_whole_moment_was_told) {
    struct mqseen s;
    mqseen_init(&s, 100);
    cr_expect_eq(mqseen_take(&s, 100, 5, 100), MQSEEN_AGAIN);
    cr_expect_eq(mqseen_take(&s, 101, 5, 101), MQSEEN_NEW);
    cr_expect_eq(mqseen_take(&s, 101, 6, 101), MQSEEN_NEW);
}

Test(mqlast, keeps_the_last_told_over_a_restart) {
    struct mqlast l, again;
    struct buf text;
    int64_t until_ms = 0;
    mqlast_init(&l);
    buf_init(&text);
    for (uint32_t i = 0; i < 12; i++)
        mqlast_add(&l, UINT32_MAX - i, INT64_C(1795413600000) + i);
    mqlast_add(&l, UINT32_MAX - 4, INT64_C(1795413600100)); /* moves to the front */
    mqlast_format(&l, INT64_C(1795413600200), &text);
    cr_assert_leq(text.n, 240u);
    cr_assert_eq(mqlast_parse(&again, buf_span(&text), &until_ms), ERR_OK);
    cr_expect_eq(until_ms, 1795413600200);
    cr_expect_eq(mqlast_find(&again, UINT32_MAX - 4), 1795413600100);
    cr_expect_eq(mqlast_find(&again, UINT32_MAX - 11), 1795413600011);
    /* 0, 1, 2 and 3 found no place: whatever is of no row may be one of them. */
    cr_expect_eq(mqlast_find(&again, UINT32_MAX), 1795413600003);
    cr_expect_eq(mqlast_find(&again, 1), 1795413600003);
    mqlast_init(&l);
    cr_expect_eq(mqlast_find(&l, 0), MQSEEN_NONE);
    static const char *const wrong[] = {"2 - -", "1 5", "1 - - x 1", "nonsense"};
    for (size_t i = 0; i < 4; i++)
        cr_expect_neq(mqlast_parse(&again, span_str(wrong[i]), &until_ms), ERR_OK);
    buf_fini(&text);
}
