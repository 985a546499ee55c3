#include <criterion/criterion.h>

#include <stdio.h>

#include "notify/route.h"
#include "notify_rig.h"

/* Channels in the order of the file: day 1, night 2, all 4. */
static const char yaml[] =
    "channels:\n"
    "  day: {kind: mqtt}\n"
    "  night: {kind: mqtt}\n"
    "  all: {kind: mqtt}\n"
    "positions:\n"
    "  lead:\n"
    "    tell:\n"
    "      - {channels: [day], shifts: [early, late], nodes: [line-a], from: medium}\n"
    "      - {channels: [night, day], nodes: [area-1], from: critical}\n"
    "  office:\n"
    "    tell: [{channels: [all], shifts: [early]}]\n";

static route_channels ask(struct notify_rig *r, const char *position, const char *node,
                          enum alert_severity severity, int64_t at_ms, bool *other) {
    struct alert_event e = notify_rig_event(1);
    struct ident id;
    cr_assert(ident_set(&id, span_str(position)));
    cr_assert(ident_set(&e.node, span_str(node)));
    e.severity = (uint8_t)severity;
    return route_of(&r->conf, r->plant, &id, &e, at_ms, other);
}

#define NIGHT (RIG_NOW + INT64_C(10) * 3600000)  /* 00:03 */
#define MORNING (RIG_NOW - INT64_C(4) * 3600000) /* 10:03, early */

Test(route, shift_place_and_severity_decide) {
    struct notify_rig r;
    bool other = true;
    notify_rig_open(&r, yaml);
    cr_expect_eq(ask(&r, "lead", "press-1", ALERT_HIGH, RIG_NOW, &other), 1);
    cr_expect_not(other);
    cr_expect_eq(ask(&r, "lead", "line-a", ALERT_MEDIUM, RIG_NOW, &other), 1);
    cr_expect_eq(ask(&r, "lead", "press-1", ALERT_LOW, RIG_NOW, &other), 0);
    cr_expect(other);
    cr_expect_eq(ask(&r, "lead", "oven-1", ALERT_HIGH, RIG_NOW, &other), 0);
    cr_expect_eq(ask(&r, "lead", "press-1", ALERT_HIGH, NIGHT, &other), 0);
    cr_expect_eq(ask(&r, "lead", "press-1", ALERT_CRITICAL, NIGHT, &other), 3);
    cr_expect_eq(ask(&r, "lead", "oven-1", ALERT_CRITICAL, NIGHT, &other), 3);
    cr_expect_eq(ask(&r, "lead", "hall", ALERT_CRITICAL, NIGHT, &other), 0); /* above the area */
    cr_expect_eq(ask(&r, "office", "press-1", ALERT_INFO, MORNING, &other), 4);
    cr_expect_eq(ask(&r, "office", "press-1", ALERT_INFO, RIG_NOW, &other), 0);
    cr_expect_eq(ask(&r, "nobody", "press-1", ALERT_CRITICAL, RIG_NOW, &other), 0);
    cr_expect_eq(ask(&r, "office", "gone-1", ALERT_INFO, MORNING, &other), 0);
    notify_rig_close(&r);
}

Test(route, otherwise_is_told_when_nobody_else_is) {
    struct notify_rig r;
    bool other = false;
    char text[1000];
    snprintf(text, sizeof text, "%sotherwise: [all]\n", yaml);
    notify_rig_open(&r, text);
    cr_expect_eq(ask(&r, "lead", "press-1", ALERT_LOW, RIG_NOW, &other), 4);
    cr_expect(other);
    cr_expect_eq(ask(&r, "nobody", "press-1", ALERT_LOW, RIG_NOW, &other), 4);
    cr_expect_eq(ask(&r, "lead", "press-1", ALERT_HIGH, RIG_NOW, &other), 1);
    cr_expect_not(other);
    notify_rig_close(&r);
}

Test(route, what_lasts_concerns_whom_any_shift_would) {
    struct notify_rig r;
    struct alert_event e = notify_rig_event(1);
    notify_rig_open(&r, yaml);
    cr_expect_eq(route_any_shift(&r.conf, r.plant, &(struct ident){"office"}, &e), 4);
    cr_expect_eq(route_any_shift(&r.conf, r.plant, &(struct ident){"lead"}, &e), 1);
    notify_rig_close(&r);
}

/* It keeps what is active: norms are none of it, and fall to who is told otherwise where nobody
 * else fits; of what is over it heard already, so nobody is missing. */
Test(route, alertmanager_is_told_of_alerts_that_are_active_or_end) {
    struct notify_rig r;
    bool other = false;
    const struct ident lead = {"lead"}, both = {"both"};
    notify_rig_open(&r, "channels:\n"
                        "  am: {kind: alertmanager, url: \"http://x\"}\n"
                        "  hook: {kind: webhook, url: \"http://x\"}\n"
                        "positions:\n"
                        "  lead: {tell: [{channels: [am]}]}\n"
                        "  both: {tell: [{channels: [am, hook]}]}\n"
                        "otherwise: [hook, am]\n");
    struct alert_event e = notify_rig_event(1);
    cr_expect_eq(route_of(&r.conf, r.plant, &both, &e, RIG_NOW, &other), 3);
    e.why = ALERT_WHY_REPEATED;
    e.from = e.to = ALERT_RETURNED;
    cr_expect_eq(route_of(&r.conf, r.plant, &both, &e, RIG_NOW, &other), 2);
    cr_expect_eq(route_of(&r.conf, r.plant, &lead, &e, RIG_NOW, &other), 0);
    cr_expect_not(other);
    e.why = ALERT_WHY_NORM_OVERDUE;
    cr_expect_eq(route_of(&r.conf, r.plant, &both, &e, RIG_NOW, &other), 2);
    cr_expect_not(other);
    cr_expect_eq(route_of(&r.conf, r.plant, &lead, &e, RIG_NOW, &other), 2);
    cr_expect(other);
    notify_rig_close(&r);
}
