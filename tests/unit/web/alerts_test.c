/* GET /api/v1/alerts: what is said of a rule beside its value. */
#include <criterion/criterion.h>

#include "rig.h"

static const uint32_t press_node[] = {SIM_FIRST_UNIT};

static void expect_unit(struct rig *r, const struct alert_rule *rule, const char *unit) {
    const struct alert_rules one = {rule, 1}, none = {NULL, 0};
    struct answer a;
    cr_assert_eq(core_set_alerts(r->station.core, &one, r->station.now), ERR_OK);
    ask(r, "GET", "/api/v1/alerts?all=1", "", NULL, &a);
    cr_expect_eq(a.status, 200, "%s", a.body);
    cr_expect(strstr(a.body, unit), "%s", a.body);
    answer_fini(&a);
    cr_assert_eq(core_set_alerts(r->station.core, &none, r->station.now), ERR_OK);
}

/* A threshold of 120 kW/h beside a value of "-9 kW" would be no comparison. */
Test(alerts, units_are_those_of_values_and_thresholds) {
    struct alert_rule rule = {.id = {"jump"},
                              .subject = ALERT_QUANTITY,
                              .quantity = ALERT_Q_POWER,
                              .node = press_node,
                              .node_n = 1,
                              .minutes = 5,
                              .condition = ALERT_RATE,
                              .span_min = 10,
                              .level = {{120, 120, ALERT_INFO}},
                              .level_n = 1};
    struct rig r;
    rig_open(&r, NULL);
    expect_unit(&r, &rule, "\"unit\":\"kW/h\"");
    rule.quantity = ALERT_Q_STOPS;
    expect_unit(&r, &rule, "\"unit\":\"1/h\"");
    rule.condition = ALERT_VALUE;
    rule.quantity = ALERT_Q_POWER;
    expect_unit(&r, &rule, "\"unit\":\"kW\"");
    rule.quantity = ALERT_Q_WATER;
    r.plant->carrier[ALERT_Q_WATER - ALERT_Q_GAS].unit = "m3";
    expect_unit(&r, &rule, "\"unit\":\"m3\"");
    rig_close(&r);
}
