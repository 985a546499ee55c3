/* The host without a broker: what comes when, and what is told. All times by hand; 1795413600000 is
 * 2026-11-23T06:00:00Z. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "mqtt/mqhost.h"
#include "sourcekit/capture.h"
#include "sourcekit/yaml.h"

#define T0 INT64_C(1795413600000)

static struct mqtt_conf conf;
static struct mqhost host;
static struct capture got;
static int64_t now_ms;

static void load(const char *rules) {
    char text[4096];
    struct conf_report report;
    (void)snprintf(text, sizeof text, "broker: {url: \"tcp://127.0.0.1:1\"}\n%s", rules);
    yaml_load(text, &mqtt_schema, &conf);
    conf_report_init(&report);
    mqtt_conf_finish(&conf, &report);
    yaml_clean(&report);
    conf_report_fini(&report);
}

static void begin(const char *position) {
    cr_assert_eq(mqhost_init(&host, &conf, span_str(position)), ERR_OK);
}

static void open_host(const char *rules) {
    capture_init(&got);
    now_ms = T0;
    load(rules);
    begin("");
    cr_assert_eq(mqhost_on_up(&host, now_ms), ERR_OK);
    cr_assert_eq(tells_tell(&host.tells, now_ms, &got.out), ERR_OK);
}

static void close_host(void) {
    mqhost_fini(&host);
    capture_fini(&got);
    conf_free(&mqtt_schema, &conf);
}

static void comes(const char *topic, const char *payload, bool retained) {
    cr_assert_eq(
        mqhost_on_message(&host, span_str(topic), span_str(payload), retained, now_ms, &got.out),
        ERR_OK);
    cr_assert_eq(tells_tell(&host.tells, now_ms, &got.out), ERR_OK);
}

static void say(const char *topic, const char *payload) {
    comes(topic, payload, false);
}

static void pass(int64_t to_ms) {
    now_ms = to_ms;
    cr_assert_eq(mqhost_on_time(&host, now_ms), ERR_OK);
    cr_assert_eq(tells_tell(&host.tells, now_ms, &got.out), ERR_OK);
}

static const struct captured *last(const char *name) {
    const size_t n = capture_count(&got, name);
    cr_assert_gt(n, 0u, "%s was not told", name);
    return capture_reading(&got, name, n - 1);
}

static void expect_int(const char *name, int64_t t_ms, int64_t value) {
    const struct reading *r = &last(name)->r;
    cr_expect_eq(r->quality, QUALITY_GOOD, "%s has quality %d", name, r->quality);
    cr_expect_eq(r->t_ms, t_ms, "%s is of %lld", name, (long long)r->t_ms);
    cr_expect_eq(r->v.as.i, value, "%s is %lld", name, (long long)r->v.as.i);
}

static void expect_refused(const char *text) {
    cr_assert_gt(got.refused_n, 0u);
    cr_expect_str_eq(got.refused[got.refused_n - 1], text);
}

static const char machines[] =
    "rules:\n"
    "  - topic: plants/{line}/{machine}/telemetry\n"
    "    time: /ts\n"
    "    time_form: ms\n"
    "    points:\n"
    "      - {name: '{machine}/good', hint: '{machine}', value: /good, type: counter, unit: piece, "
    "decimals: 0}\n"
    "      - {name: '{machine}/state', value: /state, type: state, map: {RUN: 1, IDLE: 2}}\n"
    "      - {name: '{1}/{2}/scrap', value: /scrap/n, tag: /scrap/why, type: event, unit: piece, "
    "decimals: 0, map: {burr: 7}}\n"
    "      - {name: '{machine}/order', value: /order, type: state, sticky: true}\n"
    "  - topic: plants/{line}/{machine}/temp\n"
    "    payload: plain\n"
    "    points: [{name: '{machine}/temp', type: gauge}]\n";

Test(mqhost, one_message_has_several_points) {
    open_host(machines);
    say("plants/a/press-1/telemetry", "{\"ts\":1795413600500,\"good\":12,\"state\":\"RUN\","
                                      "\"scrap\":{\"n\":2,\"why\":\"burr\"}}");
    expect_int("press-1/good", T0 + 500, 12);
    expect_int("press-1/state", T0 + 500, 1);
    cr_expect_eq(last("a/press-1/scrap")->r.v.as.span.amount, 2);
    cr_expect_eq(last("a/press-1/scrap")->r.v.as.span.tag, 7);
    cr_expect_str_eq(got.points[capture_point(&got, "press-1/good")].hint, "press-1");
    cr_expect_eq(capture_point(&got, "press-1/order"), -1, "it was not heard yet");
    cr_expect_eq(got.refused_n, 0u, "%s", got.refused[0]);
    say("plants/a/press-1/temp", " 21.5\n");
    cr_expect_float_eq(last("press-1/temp")->r.v.as.r, 21.5, 0);
    cr_expect_eq(last("press-1/temp")->r.t_ms, T0);
    close_host();
}

Test(mqhost, a_message_that_is_sent_again_counts_once) {
    open_host(machines);
    for (int i = 0; i < 3; i++)
        say("plants/a/p/telemetry", "{\"ts\":1795413600500,\"good\":12,\"scrap\":{\"n\":2}}");
    say("plants/a/p/telemetry", "{\"ts\":1795413600500,\"scrap\":{\"n\":1}}"); /* another one */
    say("plants/a/p/telemetry", "{\"ts\":1795413601000,\"good\":13,\"scrap\":{\"n\":2}}");
    say("plants/a/p/telemetry", "{\"ts\":1795413600500,\"good\":12,\"scrap\":{\"n\":2}}");
    cr_expect_eq(capture_count(&got, "p/good"), 2u);
    cr_expect_eq(capture_amount(&got, "a/p/scrap"), 5); /* 2 + 1 + 2 */
    cr_expect_eq(host.stats.again, 4u);
    cr_expect_eq(host.stats.late, 2u);
    close_host();
}

Test(mqhost, over_a_restart_it_counts_once_too) {
    struct buf position;
    open_host(machines);
    buf_init(&position);
    say("plants/a/p/telemetry", "{\"ts\":1795413600500,\"good\":12,\"scrap\":{\"n\":2}}");
    say("plants/a/p/telemetry", "{\"ts\":1795413600600,\"good\":13,\"scrap\":{\"n\":3}}");
    mqhost_position(&host, &position);
    (void)buf_add_byte(&position, '\0');
    mqhost_fini(&host);
    capture_fini(&got);
    capture_init(&got);
    begin((const char *)position.p);
    now_ms = T0 + 5000;
    cr_assert_eq(mqhost_on_up(&host, now_ms), ERR_OK);
    say("plants/a/p/telemetry", "{\"ts\":1795413600500,\"good\":12,\"scrap\":{\"n\":2}}");
    say("plants/a/p/telemetry", "{\"ts\":1795413600600,\"good\":13,\"scrap\":{\"n\":3}}");
    say("plants/a/p/telemetry", "{\"ts\":1795413604000,\"good\":14,\"scrap\":{\"n\":1}}");
    cr_expect_eq(capture_amount(&got, "a/p/scrap"), 1);
    /* A counter may say once more what it said, never what it said before that. */
    cr_expect_eq(capture_count(&got, "p/good"), 2u);
    cr_expect_eq(capture_reading(&got, "p/good", 0)->r.v.as.i, 13);
    expect_int("p/good", T0 + 4000, 14);
    buf_fini(&position);
    close_host();
}

Test(mqhost, what_could_not_be_told_is_not_in_the_position) {
    struct buf before, after;
    open_host(machines);
    buf_init(&before);
    buf_init(&after);
    say("plants/a/p/telemetry", "{\"ts\":1795413600100,\"scrap\":{\"n\":1}}");
    mqhost_position(&host, &before);
    got.room = 0;
    cr_assert_eq(mqhost_on_message(&host, span_str("plants/a/p/telemetry"),
                                   span_str("{\"ts\":1795413600200,\"scrap\":{\"n\":1}}"), false,
                                   now_ms, &got.out),
                 ERR_OK);
    cr_assert_eq(tells_tell(&host.tells, now_ms, &got.out), ERR_FULL);
    mqhost_position(&host, &after);
    cr_expect(span_equal(buf_span(&before), buf_span(&after)));
    cr_expect_eq(host.last.rows[0].t_ms, T0 + 100);
    got.room = SIZE_MAX;
    cr_assert_eq(tells_tell(&host.tells, now_ms, &got.out), ERR_OK);
    cr_expect_eq(host.last.rows[0].t_ms, T0 + 200);
    buf_fini(&before);
    buf_fini(&after);
    close_host();
}

Test(mqhost, a_kept_message_holds_and_never_happens) {
    open_host(machines);
    comes("plants/a/p/telemetry",
          "{\"ts\":1795413000000,\"good\":12,\"state\":\"IDLE\",\"scrap\":{\"n\":2}}", true);
    comes("plants/a/p/temp", "20", true);
    expect_int("p/state", T0 - 600000, 2);
    cr_expect_eq(capture_count(&got, "a/p/scrap"), 0u);
    cr_expect_eq(host.stats.retained, 1u);
    cr_expect_eq(last("p/temp")->r.quality, QUALITY_UNCERTAIN, "nobody knows of when it is");
    /* It vouches for nothing: the connection alone is known. */
    cr_expect_eq(got.covers[got.cover_n - 1].until_ms, T0);
    close_host();
}

Test(mqhost, a_break_is_a_gap_and_values_hold_from_the_message_that_says_them) {
    open_host(machines);
    say("plants/a/p/telemetry",
        "{\"ts\":1795413600500,\"good\":12,\"state\":\"RUN\",\"order\":\"A\",\"scrap\":{\"n\":2}}");
    mqhost_on_down(&host);
    capture_clear(&got);
    now_ms = T0 + 20000;
    cr_assert_eq(mqhost_on_up(&host, now_ms), ERR_OK);
    pass(now_ms);
    cr_assert_eq(got.cover_n, 1u);
    cr_expect_eq(got.covers[0].since_ms, T0 + 20000, "a gap since %lld",
                 (long long)got.covers[0].since_ms);
    cr_expect_eq(last("p/state")->r.quality, QUALITY_BAD);
    cr_expect_eq(last("p/good")->r.quality, QUALITY_BAD);
    cr_expect_eq(capture_count(&got, "p/order"), 0u, "a sticky value holds");
    cr_expect_eq(capture_count(&got, "a/p/scrap"), 0u);
    /* The broker kept it: it holds, from then on. */
    comes("plants/a/p/telemetry",
          "{\"ts\":1795413600500,\"good\":12,\"state\":\"RUN\",\"scrap\":{\"n\":2}}", true);
    expect_int("p/state", T0 + 20001, 1);
    expect_int("p/good", T0 + 20001, 12);
    cr_expect_eq(capture_count(&got, "a/p/scrap"), 0u);
    say("plants/a/p/telemetry", "{\"ts\":1795413620500,\"state\":\"IDLE\"}");
    expect_int("p/state", T0 + 20500, 2);
    close_host();
}

Test(mqhost, silence_over_the_heartbeat_is_a_gap) {
    open_host(machines);
    say("plants/a/p/temp", "1");
    now_ms = T0 + 60000;
    say("plants/a/p/temp", "2");
    now_ms = T0 + 120001;
    say("plants/a/p/temp", "3");
    cr_assert_eq(got.cover_n, 2u);
    cr_expect_eq(got.covers[0].since_ms, T0);
    cr_expect_eq(got.covers[0].until_ms, T0 + 60000);
    cr_expect_eq(got.covers[1].since_ms, T0 + 120001);
    close_host();
}

Test(mqhost, records_are_told_in_the_order_of_their_times) {
    open_host("rules:\n"
              "  - topic: batch\n"
              "    records: /rows\n"
              "    time: /t\n"
              "    time_form: s\n"
              "    points: [{name: '{/n}/{/site}', value: /v, type: counter, decimals: 0}]\n");
    now_ms = T0 + 60000;
    say("batch", "{\"site\":\"x\",\"rows\":[{\"t\":1795413620,\"n\":\"a\",\"v\":3},"
                 "{\"t\":1795413610,\"n\":\"a\",\"v\":2},{\"t\":1795413620,\"n\":\"b\",\"v\":9}]}");
    cr_assert_eq(capture_count(&got, "a/x"), 2u);
    cr_expect_eq(capture_reading(&got, "a/x", 0)->r.v.as.i, 2);
    expect_int("a/x", T0 + 20000, 3);
    expect_int("b/x", T0 + 20000, 9);
    say("batch", "{\"rows\":5}");
    expect_refused("records: batch: /rows: expected an array of records");
    close_host();
}

Test(mqhost, where_tells_records_apart) {
    open_host("rules:\n"
              "  - topic: telegraf\n"
              "    where: {/name: energy}\n"
              "    time: /timestamp\n"
              "    time_form: s\n"
              "    points: [{name: '{/tags/m}/energy', value: /fields/total, type: register, unit: "
              "kWh, decimals: 1}]\n"
              "  - topic: telegraf\n"
              "    where: {/name: count, /tags/kind: '1'}\n"
              "    points: [{name: '{/tags/m}/good', value: /fields/good, type: counter, decimals: "
              "0}]\n");
    say("telegraf", "[{\"name\":\"energy\",\"timestamp\":1795413600,\"tags\":{\"m\":\"p1\"},"
                    "\"fields\":{\"total\":12.55}},{\"name\":\"count\",\"tags\":{\"m\":\"p1\","
                    "\"kind\":1},\"fields\":{\"good\":7}}]");
    expect_int("p1/energy", T0, 125); /* one decimal is kept */
    expect_int("p1/good", T0, 7);
    cr_expect_eq(got.refused_n, 0u, "%s", got.refused[0]);
    say("telegraf", "{\"name\":\"cpu\",\"fields\":{}}");
    cr_expect_eq(host.stats.unmatched, 1u);
    expect_refused("unmatched: telegraf: no rule is for it; it is passed over");
    close_host();
}

Test(mqhost, refusals_name_topic_pointer_and_what_was_expected) {
    open_host(machines);
    say("plants/a/p/telemetry", "{\"ts\":1795413600500,\"good\":\"many\"}");
    expect_refused("value: plants/a/p/telemetry: /good: expected a number (decimals behind a "
                   "point), not \"many\"");
    say("plants/a/p/telemetry", "{\"ts\":1795413600500,\"state\":\"FLYING\"}");
    expect_refused("value: plants/a/p/telemetry: /state: expected a word or code of the map, not "
                   "\"FLYING\"");
    say("plants/a/p/telemetry", "{\"ts\":1795413600500,\"good\":[1]}");
    expect_refused("value: plants/a/p/telemetry: /good: expected a single value, not \"an array or "
                   "object\"");
    say("plants/a/p/telemetry", "{\"ts\":1795413600,\"good\":1}");
    expect_refused("time: plants/a/p/telemetry: /ts: expected another time; this one is in s: "
                   "time_form: s, not \"1795413600\"");
    say("plants/a/p/telemetry", "{\"good\":1}");
    expect_refused("time: plants/a/p/telemetry: /ts: expected a time in ms since 1970, of 13 "
                   "digits, not \"\"");
    say("plants/a/p/telemetry", "{\"ts\":1795713600500,\"good\":1}");
    expect_refused("time: plants/a/p/telemetry: /ts: expected a time that is not a day ahead of "
                   "ours");
    say("plants/a/p/telemetry", "{\"ts\":1795413600500,\"goods\":1,\"x\":2}");
    expect_refused("fields: plants/a/p/telemetry: expected one of its points, such as /good; it "
                   "has /ts /goods /x");
    say("plants/a/p/telemetry", "{\"ts\":");
    cr_expect_eq(strncmp(got.refused[got.refused_n - 1],
                         "payload: plants/a/p/telemetry: expected JSON (line 1, column ", 61),
                 0, "%s", got.refused[got.refused_n - 1]);
    say("plants/a/p/temp", "warm");
    expect_refused("value: plants/a/p/temp: expected a number (decimals behind a point), not "
                   "\"warm\"");
    cr_expect_eq(got.reading_n, 0u);
    cr_expect_eq(host.stats.refused, 9u);
    close_host();
}

Test(mqhost, each_strange_topic_is_named_once_and_their_memory_is_bounded) {
    char topic[40];
    open_host(
        "filters: ['#']\nrules: [{topic: a, payload: plain, points: [{name: x, type: gauge}]}]\n");
    for (int i = 0; i < 300; i++) {
        (void)snprintf(topic, sizeof topic, "t/%d", i / 2);
        say(topic, "1");
    }
    cr_expect_eq(host.stats.unmatched, 300u);
    cr_expect_eq(got.refused_n, 64u);
    close_host();
}

Test(mqhost, points_are_bounded_and_each_of_one_topic) {
    char topic[60];
    open_host("points_max: 3\n"
              "rules:\n"
              "  - {topic: 'm/{m}', payload: plain, points: [{name: '{m}/v', type: gauge}]}\n"
              "  - {topic: 'one/{m}', payload: plain, points: [{name: same, type: gauge}]}\n");
    say("one/a", "1");
    say("one/b", "2");
    expect_refused("point: one/b: point same is of another topic already");
    cr_expect_eq(capture_count(&got, "same"), 1u);
    for (int i = 0; i < 20; i++) {
        (void)snprintf(topic, sizeof topic, "m/%d", i);
        say(topic, "1");
    }
    cr_expect_eq(got.point_n, 3u);
    expect_refused("point: m/4: points_max is reached, there is no point 4/v");
    say("m/0", "5");
    cr_expect_float_eq(last("0/v")->r.v.as.r, 5, 0);
    close_host();
}

Test(mqhost, a_point_that_is_not_heard_goes_bad) {
    open_host("rules:\n"
              "  - {topic: 'm/{m}', payload: plain, silent_after: 10 s, points: [{name: '{m}/v', "
              "type: state}]}\n");
    say("m/a", "1");
    now_ms = T0 + 6000;
    say("m/b", "1");
    cr_expect_eq(mqhost_due_ms(&host), T0 + 10000);
    pass(T0 + 9999);
    cr_expect_eq(capture_count(&got, "a/v"), 1u);
    pass(T0 + 10000);
    cr_expect_eq(last("a/v")->r.quality, QUALITY_BAD);
    cr_expect_eq(last("a/v")->r.t_ms, T0 + 6000, "up to where anything was heard");
    cr_expect_eq(last("b/v")->r.quality, QUALITY_GOOD);
    cr_expect_eq(mqhost_due_ms(&host), T0 + 16000);
    now_ms = T0 + 11000;
    say("m/a", "2");
    expect_int("a/v", T0 + 11000, 2);
    cr_expect_eq(host.stats.silent, 1u);
    close_host();
}

Test(mqhost, quality_null_truth_and_bad_words) {
    open_host("rules:\n"
              "  - topic: q\n"
              "    points:\n"
              "      - {name: v, value: /v, quality: /q, type: gauge}\n"
              "      - {name: on, value: /on, type: state}\n"
              "      - {name: door, value: /door, type: state, map: {'true': 5, 'false': 6}}\n");
    static const struct {
        const char *payload;
        int quality;
    } want[] = {{"{\"v\":1,\"q\":\"good\"}", QUALITY_GOOD}, {"{\"v\":1,\"q\":192}", QUALITY_GOOD},
                {"{\"v\":1,\"q\":64}", QUALITY_UNCERTAIN},  {"{\"v\":1,\"q\":0}", QUALITY_BAD},
                {"{\"v\":1,\"q\":false}", QUALITY_BAD},     {"{\"v\":null}", QUALITY_BAD},
                {"{\"v\":\"NaN\"}", QUALITY_BAD},           {"{\"v\":1}", QUALITY_GOOD}};
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        say("q", want[i].payload);
        cr_expect_eq(last("v")->r.quality, want[i].quality, "%s", want[i].payload);
        cr_expect_eq(last("v")->r.v.kind, want[i].quality == QUALITY_BAD ? VALUE_TEXT : VALUE_REAL);
    }
    say("q", "{\"v\":1,\"q\":\"so so\"}");
    expect_refused("value: q: /q: expected good, uncertain, bad, or a code of OPC, not \"so so\"");
    say("q", "{\"on\":12.5}"); /* a word that is written as a number */
    cr_expect_str_eq(last("on")->text, "12.5");
    say("q", "{\"on\":true,\"door\":false}");
    cr_expect_eq(last("on")->r.v.as.i, 1);
    cr_expect_eq(last("door")->r.v.as.i, 6);
    close_host();
}

Test(mqhost, events_count_by_message_and_intervals_have_a_length) {
    open_host("rules:\n"
              "  - topic: cycle\n"
              "    time: /t\n"
              "    points:\n"
              "      - {name: pieces, amount: '1', type: event, unit: piece, decimals: 0}\n"
              "      - {name: work, value: /kwh, length: /s, length_unit: s, type: interval, unit: "
              "kWh, decimals: 3}\n");
    say("cycle", "{\"t\":\"2026-11-23T06:00:00Z\",\"kwh\":0.25,\"s\":12.5}");
    say("cycle", "{\"t\":\"2026-11-23T06:00:00Z\",\"kwh\":0.25,\"s\":12.5}");
    say("cycle", "{\"t\":\"2026-11-23T06:00:10Z\"}");
    cr_expect_eq(capture_amount(&got, "pieces"), 2);
    cr_assert_eq(capture_count(&got, "work"), 1u);
    cr_expect_eq(last("work")->r.v.as.span.amount, 250);
    cr_expect_eq(last("work")->r.v.as.span.dur_ms, 12500);
    say("cycle", "{\"t\":\"2026-11-23T06:00:20Z\",\"kwh\":1,\"s\":-1}");
    expect_refused("value: cycle: /s: expected the length of an interval, not \"-1\"");
    close_host();
}

Test(mqhost, times_without_offset_are_of_the_zone) {
    open_host("zone: Europe/Berlin\n"
              "rules:\n"
              "  - {topic: 'tele/{plug}/SENSOR', time: /Time, points: [{name: '{plug}/energy', "
              "value: /ENERGY/Total, type: register, unit: kWh, decimals: 3}]}\n");
    say("tele/plug/SENSOR", "{\"Time\":\"2026-11-23T07:00:00\",\"ENERGY\":{\"Total\":1.234}}");
    expect_int("plug/energy", T0, 1234);
    close_host();
}

Test(mqhost, a_clock_that_is_wrong_is_named_once) {
    open_host(machines);
    say("plants/a/p/telemetry", "{\"ts\":1795410000000,\"good\":1}");
    expect_refused("clock: plants/a/p/telemetry: /ts: its time is 3600 s behind ours; if its clock "
                   "is wrong: clock: arrival");
    say("plants/a/p/telemetry", "{\"ts\":1795410001000,\"good\":2}");
    cr_expect_eq(got.refused_n, 1u);
    expect_int("p/good", INT64_C(1795410001000), 2);
    close_host();
}

Test(mqhost, an_alive_rule_only_vouches) {
    open_host("rules:\n"
              "  - {topic: $SYS/broker/uptime, alive: true}\n"
              "  - {topic: s, payload: plain, points: [{name: s, type: state}]}\n");
    say("s", "1");
    now_ms = T0 + 30000;
    say("$SYS/broker/uptime", "30 seconds");
    cr_expect_eq(got.reading_n, 1u);
    cr_expect_eq(got.covers[got.cover_n - 1].until_ms, T0 + 30000);
    now_ms = T0 + 40000;
    comes("$SYS/broker/uptime", "40 seconds", true);
    cr_expect_eq(got.covers[got.cover_n - 1].until_ms, T0 + 30000);
    close_host();
}

Test(mqhost, our_clock_set_back_goes_on_in_the_new_time) {
    open_host(machines);
    say("plants/a/p/temp", "1");
    mqhost_on_clock(&host);
    now_ms = T0 - 3600000;
    say("plants/a/p/temp", "2");
    cr_expect_eq(got.covers[got.cover_n - 1].until_ms, T0 - 3600000);
    cr_expect_eq(last("p/temp")->r.t_ms, T0 - 3600000);
    close_host();
}

Test(mqhost, whose_time_a_reading_has_is_told) {
    open_host(machines);
    say("plants/a/m/telemetry", "{\"ts\": 1795413600000, \"good\": 3, \"state\": \"RUN\"}");
    cr_expect(last("m/good")->r.by_device);
    close_host();
    open_host("rules:\n  - topic: t/x\n    payload: plain\n    points: [{name: x, type: gauge}]\n");
    say("t/x", "4.5");
    cr_expect_not(last("x")->r.by_device);
    close_host();
}
