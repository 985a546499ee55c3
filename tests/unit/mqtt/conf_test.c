/* What a configuration may say, and what is said of one that is wrong. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "mqtt/mqtt.h"
#include "sourcekit/yaml.h"

static void expect_wrong(const char *rules, const char *says) {
    char text[2048];
    struct mqtt_conf c;
    struct conf_report report;
    struct buf out;
    (void)snprintf(text, sizeof text, "broker: {url: \"tcp://127.0.0.1:1\"}\n%s", rules);
    yaml_load(text, &mqtt_schema, &c);
    conf_report_init(&report);
    buf_init(&out);
    mqtt_conf_finish(&c, &report);
    conf_report_format(&report, &out);
    (void)buf_add_byte(&out, '\0');
    cr_expect_eq(report.problem_n, 1u, "%s: %zu problems\n%s", rules, report.problem_n,
                 (const char *)out.p);
    cr_expect_not_null(strstr((const char *)out.p, says), "%s\n%s", rules, (const char *)out.p);
    buf_fini(&out);
    conf_report_fini(&report);
    conf_free(&mqtt_schema, &c);
}

Test(mqtt_conf, mistakes_are_named) {
    static const struct {
        const char *rules, *says;
    } wrong[] = {
        {"rules: [{topic: 'a/b#', payload: plain, points: [{name: x}]}]",
         "a whole level as {name}"},
        {"rules: [{topic: 'a/{m}', payload: plain, points: [{name: '{n}/x'}]}]",
         "name: {n} is nothing here; known are {m}"},
        {"rules: [{topic: a, points: [{name: x, value: v}]}]", "did you mean /v?"},
        {"rules: [{topic: a, points: [{name: x, value: /a~2}]}]", "is written ~0, a slash ~1"},
        {"rules: [{topic: a, points: [{name: x}]}]", "value is missing"},
        {"rules: [{topic: a}]", "points are missing"},
        {"rules: [{topic: a, alive: true, points: [{name: x, value: /x}]}]", "has no points"},
        {"rules: [{topic: a, payload: plain, time: /t, points: [{name: x}]}]",
         "a plain payload has no records, where or time"},
        {"rules: [{topic: a, payload: plain, points: [{name: x, value: /v}]}]",
         "a plain payload is the value"},
        {"rules: [{topic: a, points: [{name: x, value: /v, amount: '1', type: event}]}]",
         "value and amount exclude each other"},
        {"rules: [{topic: a, points: [{name: x, amount: '1', type: counter}]}]",
         "only an event has an amount"},
        {"rules: [{topic: a, points: [{name: x, amount: one, type: event}]}]",
         "expected a number such as 1, not \"one\""},
        {"rules: [{topic: a, points: [{name: x, value: /v, type: interval}]}]",
         "an interval needs length"},
        {"rules: [{topic: a, points: [{name: x, value: /v, length: /l}]}]",
         "only an interval has a length"},
        {"rules: [{topic: a, points: [{name: x, value: /v, tag: /t}]}]",
         "only events and intervals have a tag"},
        {"rules: [{topic: a, points: [{name: x, value: /v, type: power, unit: kWh}]}]",
         "a total in kWh is a register"},
        {"rules: [{topic: a, points: [{name: x, value: /v}, {name: x, value: /w}]}]",
         "stands in two points of a rule"},
        {"rules: [{topic: a/+, payload: plain, points: [{name: x}]}, "
         "{topic: +/b, payload: plain, points: [{name: y}]}]",
         "filters a/+ and +/b overlap"},
        {"filters: [b/#]\nrules: [{topic: a/+, payload: plain, points: [{name: x}]}]",
         "no filter has topic a/+"},
        {"zone: Europe/Hanoy\nrules: [{topic: a, payload: plain, points: [{name: x}]}]",
         "there is no zone Europe/Hanoy"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        expect_wrong(wrong[i].rules, wrong[i].says);
}

/* What a broker might send twice is asked for once. */
Test(mqtt_conf, filters_that_another_covers_are_left_out) {
    struct mqtt_conf c;
    char *filters[MQTTLINK_FILTER_MAX];
    unsigned n = 0;
    yaml_load("broker: {url: \"tcp://h:1\"}\n"
              "rules:\n"
              "  - {topic: 'a/{x}/b', payload: plain, points: [{name: x}]}\n"
              "  - {topic: 'a/#', payload: plain, points: [{name: x}]}\n"
              "  - {topic: 'c/{x}', payload: plain, points: [{name: x}]}\n"
              "  - {topic: 'c/{y}', payload: plain, points: [{name: x}]}\n",
              &mqtt_schema, &c);
    cr_assert_eq(mqtt_filters(&c, filters, &n), ERR_OK);
    cr_assert_eq(n, 2u);
    cr_expect_str_eq(filters[0], "a/#");
    cr_expect_str_eq(filters[1], "c/+");
    free(filters[0]);
    free(filters[1]);
    conf_free(&mqtt_schema, &c);
}
