#include <criterion/criterion.h>

#include <stdio.h>

#include "sourcekit/capture.h"
#include "sourcekit/yaml.h"
#include "sparkplug/sprules.h"

static struct sprules_metric metric(const char *device, const char *name, const char *unit) {
    return (struct sprules_metric){.group = span_str("G 1"),
                                   .node = span_str("edge"),
                                   .device = span_str(device),
                                   .metric = span_str(name),
                                   .unit = span_str(unit)};
}

Test(sprules, a_star_is_any_run) {
    cr_expect(sprules_match("*", span_str("")));
    cr_expect(sprules_match("*", span_str("a/b")));
    cr_expect(sprules_match("a*c*", span_str("abcbcd")));
    cr_expect(sprules_match("*/Good", span_str("Counters/x/Good")));
    cr_expect_not(sprules_match("*/Good", span_str("Counters/Goods")));
    cr_expect_not(sprules_match("", span_str("a")));
    cr_expect_not(sprules_match("ab", span_str("a")));
    cr_expect_not(sprules_match("a", span_str("ab")));
}

Test(sprules, names_are_made_of_the_metric) {
    const struct sprules_metric own = metric("", "Temp (C)", ""), deep = metric("p", "A/B", "");
    char name[32];
    cr_assert_eq(sprules_name("{node}/{device}/{metric}", &own, name, sizeof name), ERR_OK);
    cr_expect_str_eq(name, "edge/Temp--C-");
    cr_assert_eq(sprules_name("{group}:{device}/{metric}", &deep, name, sizeof name), ERR_OK);
    cr_expect_str_eq(name, "G-1:p/A/B");
    cr_expect_eq(sprules_name("{site}", &deep, name, sizeof name), ERR_CONFIG);
    cr_expect_eq(sprules_name("{metric", &deep, name, sizeof name), ERR_CONFIG);
    cr_expect_eq(sprules_name("0123456789012345678901234567890123", &deep, name, sizeof name),
                 ERR_RANGE);
}

static const char text[] = "broker: {url: \"tcp://127.0.0.1:1\"}\n"
                           "points_max: 3\n"
                           "rules:\n"
                           "  - {metric: 'Diag/*', ignore: true}\n"
                           "  - {metric: Energy, name: '{device}/energy', hint: '{device}', "
                           "type: register, decimals: 1}\n"
                           "  - {device: 'p*', metric: '*', name: '{device}/{metric}'}\n";

Test(sprules, the_first_rule_holds_and_the_unit_may_be_the_metrics) {
    struct sparkplug_conf c;
    struct capture got;
    struct sprules r;
    uint32_t at;
    const struct sprules_metric energy = metric("P1", "Energy", "kWh"),
                                other = metric("p1", "Energy", "kW"),
                                diag = metric("p1", "Diag/x", ""), free_one = metric("q", "x", ""),
                                good = metric("p1", "Good", "");
    yaml_load(text, &sparkplug_schema, &c);
    capture_init(&got);
    cr_assert_eq(sprules_init(&r, &c), ERR_OK);

    cr_assert_eq(sprules_bind(&r, &energy, &got.out, &at), ERR_OK);
    cr_expect_eq(at, 0);
    const struct point *p = &got.points[capture_point(&got, "P1/energy")];
    cr_expect_str_eq(p->unit, "uWh");
    cr_expect_str_eq(p->hint, "p1");
    cr_expect_eq(p->num, 100000000); /* 0.1 kWh = 10^8 uWh */
    cr_assert_eq(sprules_bind(&r, &diag, &got.out, &at), ERR_OK);
    cr_expect_eq(at, SPRULES_NONE);
    cr_assert_eq(sprules_bind(&r, &free_one, &got.out, &at), ERR_OK);
    cr_expect_eq(at, SPRULES_NONE);
    cr_expect_eq(got.refused_n, 0);

    cr_assert_eq(sprules_bind(&r, &other, &got.out, &at), ERR_OK); /* a register of a power */
    cr_expect_eq(at, SPRULES_NONE);
    cr_assert_eq(got.refused_n, 1);
    cr_expect(strncmp(got.refused[0], "unit: ", 6) == 0, "%s", got.refused[0]);
    cr_assert_eq(sprules_bind(&r, &good, &got.out, &at), ERR_OK);
    cr_expect_eq(at, 1);
    cr_assert_eq(sprules_bind(&r, &good, &got.out, &at), ERR_OK);
    cr_expect_eq(at, SPRULES_NONE);
    cr_assert_eq(got.refused_n, 2);
    cr_expect(strncmp(got.refused[1], "doubled: ", 9) == 0, "%s", got.refused[1]);

    sprules_fini(&r);
    capture_fini(&got);
    conf_free(&sparkplug_schema, &c);
}

static void expect_problem(const char *more, const char *want) {
    struct sparkplug_conf c;
    struct conf_report report;
    struct buf said;
    char all[600];
    (void)snprintf(all, sizeof all, "broker: {url: \"tcp://127.0.0.1:1\"}\n%s", more);
    conf_report_init(&report);
    buf_init(&said);
    if (conf_load(span_str(all), "s.yaml", &sparkplug_schema, &c, &report) == ERR_OK) {
        sparkplug_conf_finish(&c, &report);
        conf_free(&sparkplug_schema, &c);
    }
    (void)conf_report_format(&report, &said);
    (void)buf_add_byte(&said, 0);
    cr_expect(conf_report_count(&report) > 0 && strstr((const char *)said.p, want) != NULL,
              "\"%s\" is not in: %s", want, (const char *)said.p);
    buf_fini(&said);
    conf_report_fini(&report);
}

Test(sparkplug_conf, mistakes_have_a_place) {
    expect_problem("rules: [{metrik: a}]\n", "s.yaml:2:10");
    expect_problem("rules: [{metrik: a}]\n", "metric");
    expect_problem("rules: [{name: '{unit}'}]\n", "s.yaml:2:9");
    expect_problem("rules: [{type: interval}]\n", "no length");
    expect_problem("rules: [{type: power, unit: kWh}]\n", "unit of power");
    expect_problem("host_id: a/b\nrules: [{}]\n", "s.yaml:2:10");
    expect_problem("groups: ['a+']\nrules: [{}]\n", "group");
    expect_problem("rules: []\n", "rules");
}
