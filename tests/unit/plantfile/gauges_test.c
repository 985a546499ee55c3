#include <criterion/criterion.h>
#include <string.h>

#include "load_text.h"

#define SITE "site: {id: s, time_zone: Etc/UTC}\n"
#define LINE(units) SITE "areas: {a: {lines: {l: {agent: gw, units: {" units "}}}}}\n"
#define OVEN(gauges) LINE("oven: {gauges: {" gauges "}}, mill: {}")

static void expect_problem(const char *text, const char *what) {
    struct plant *p = NULL;
    struct buf said;
    cr_expect_eq(load_text(text, &p, &said), 1u, "%s", said.p);
    cr_expect(strstr((const char *)said.p, "p.yaml:2:") && strstr((const char *)said.p, what), "%s",
              said.p);
    cr_expect_null(p);
    buf_fini(&said);
}

Test(gauges, a_unit_has_as_many_as_it_needs) {
    struct plant *p = NULL;
    struct buf said;
    cr_assert_eq(load_text(OVEN("chamber: {name: Chamber, point: oven/t1, unit: degC, low: -20, "
                                "high: 400.5, factor_num: 1, factor_den: 10}, "
                                "draught: {agent: gw2, point: oven/p, high: 12}"),
                           &p, &said),
                 0, "%s", said.p);
    cr_assert_eq(p->gauge_n, 2u);
    const struct plant_gauge *g = p->gauge;
    cr_expect_str_eq(g[0].id.s, "chamber");
    cr_expect_str_eq(g[0].name, "Chamber");
    cr_expect_str_eq(g[0].unit_text, "degC");
    cr_expect_eq(g[0].low, -20000000);
    cr_expect_eq(g[0].high, 400500000);
    cr_expect_str_eq(g[1].name, "draught");
    cr_expect_str_eq(g[1].unit_text, "");
    cr_expect_eq(g[1].low, INT64_MIN);
    cr_expect_eq(g[1].high, 12000000);
    cr_assert_eq(p->unit[0].signal_n, 2u);
    cr_expect_eq(p->signal[g[0].signal].role, ROLE_GAUGE);
    cr_expect_eq(p->signal[g[0].signal].gauge, 1u);
    cr_expect_eq(p->signal[g[0].signal].den, 10);
    cr_expect_str_eq(p->signal[g[1].signal].agent.s, "gw2");
    cr_expect_eq(p->signal[g[1].signal].gauge, 2u);
    cr_expect_eq(plant_find_gauge(p, 0, span_str("draught")), 1u);
    cr_expect_eq(plant_find_gauge(p, 1, span_str("draught")), UINT32_MAX, "of the oven only");
    cr_expect_str_eq(plant_gauge_unit(p, &g[0].id), "degC");
    cr_expect_str_eq(plant_gauge_unit(p, &p->unit[0].id), "");
    for (unsigned c = 0; c < 4; c++)
        cr_expect(p->unit[0].missing_class[c], "no class has a figure of it");
    plant_close(p);
    buf_fini(&said);
}

Test(gauges, what_cannot_be_is_refused_where_it_stands) {
    expect_problem(OVEN("t: {point: x, low: 5, high: 5}"), "low must be less than high");
    expect_problem(OVEN("t: {point: x, factor_num: 0}"), "factor_num is 0");
    expect_problem(OVEN("t: {unit: degC}"), "point");
    expect_problem(OVEN("t: {point: x}, u: {point: x}"), "has a meaning already");
    expect_problem(LINE("oven: {gauges: {t: {point: x}}, signals: {power: {point: x}}}"),
                   "has a meaning already");
    expect_problem(LINE("oven: {signals: {gauge: {point: x}}}"), "gauge is no role of a signal");
    expect_problem(SITE "areas: {a: {lines: {l: {units: {oven: {gauges: {t: {point: x}}}}}}}}\n",
                   "no agent is named");
}
