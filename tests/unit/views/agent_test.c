/* The sources of an agent as the API tells of them. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "reader.h"
#include "simkit/line_plant.h"
#include "simkit/script.h"
#include "views/views.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS)

struct rig {
    struct plant *plant;
    struct station station;
    struct script gw1;
};

static void rig_open(struct rig *r) {
    char topic[TOPIC_MAX];
    cr_assert_eq(line_plant_open(&r->plant), ERR_OK);
    cr_assert_eq(station_init(&r->station, r->plant), ERR_OK);
    cr_assert_eq(station_start(&r->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    script_init(&r->gw1, &r->station, "gw1", 101);
    script_point(&r->gw1, "state", POINT_STATE, 1);
    cr_assert_eq(station_tick(&r->station, (struct core_now){T0, 1000}), ERR_OK);
    cr_assert_eq(script_hello(&r->gw1), ERR_OK);
    topic_format(TOPIC_STATUS, &r->gw1.agent, topic);
    cr_assert_eq(station_message(&r->station, topic, span_str("online")), ERR_OK);
}

static void rig_close(struct rig *r) {
    script_fini(&r->gw1);
    station_fini(&r->station);
    plant_close(r->plant);
}

static void tell(struct rig *r, const struct report_source *s, uint32_t n) {
    struct report told = {
        .nonce = r->gw1.nonce, .n = 1, .total = n + 1, .since_ms = T0, .source_n = n};
    char topic[TOPIC_MAX];
    struct buf bytes;
    for (uint32_t i = 0; i < n; i++)
        told.source[i] = s[i];
    buf_init(&bytes);
    cr_assert_eq(report_format(&told, &bytes), ERR_OK);
    topic_format(TOPIC_REPORT, &r->gw1.agent, topic);
    cr_assert_eq(station_message(&r->station, topic, buf_span(&bytes)), ERR_OK);
    buf_fini(&bytes);
}

static void show(struct rig *r, struct shown *v, int64_t after_ms, const struct view_extra *extra) {
    const struct view_in in = {
        .core = r->station.core, .now = {T0 + after_ms, 1000 + after_ms}, .extra = extra};
    struct json_writer w = shown_begin(v);
    view_agents(&w, &in);
    shown_end(v, &w);
}

static const struct report_source four[] = {
    {.id = {"good"},
     .kind = "modbus",
     .phase = REPORT_OPEN,
     .well = true,
     .state = "connected",
     .readings = 9,
     .refused = 7,
     .why = {2, {{"silent", 4}, {"exception", 1}}}},
    {.id = {"bad"}, .phase = REPORT_OPEN, .state = "waiting", .readings = 9, .stamped = 9},
    {.id = {"file"}, .phase = REPORT_OVER, .state = "reading", .readings = 9, .stamped = 2},
    {.id = {"shut"}, .phase = REPORT_WAITING},
};

Test(agent, each_source_has_its_verdict_state_and_reasons) {
    struct rig r;
    struct shown v;
    rig_open(&r);
    tell(&r, four, 4);
    show(&r, &v, 2000, NULL);
    cr_expect_eq(shown_int(&v, "agents.0.sources.total"), 5);
    cr_expect_eq(shown_int(&v, "agents.0.sources.told_ms_ago"), 2000);
    cr_expect_str_eq(shown_text(&v, "agents.0.sources.list.0.verdict"), "well");
    cr_expect_str_eq(shown_text(&v, "agents.0.sources.list.0.state"), "connected");
    cr_expect_str_eq(shown_text(&v, "agents.0.sources.list.0.time_by"), "gateway");
    cr_expect_eq(shown_int(&v, "agents.0.sources.list.0.refused_by.silent"), 4);
    cr_expect_eq(shown_int(&v, "agents.0.sources.list.0.refused_by.other"), 2, "7 - 4 - 1");
    cr_expect_str_eq(shown_text(&v, "agents.0.sources.list.1.verdict"), "trouble");
    cr_expect_str_eq(shown_text(&v, "agents.0.sources.list.1.time_by"), "device");
    cr_expect_str_eq(shown_text(&v, "agents.0.sources.list.2.verdict"), "over");
    cr_expect_str_eq(shown_text(&v, "agents.0.sources.list.2.state"), "over");
    cr_expect_str_eq(shown_text(&v, "agents.0.sources.list.2.time_by"), "both");
    cr_expect_str_eq(shown_text(&v, "agents.0.sources.list.3.verdict"), "trouble");
    cr_expect_str_eq(shown_text(&v, "agents.0.sources.list.3.state"), "waiting");
    shown_fini(&v);
    rig_close(&r);
}

Test(agent, what_is_old_or_unheard_is_unknown_and_never_well) {
    struct rig r;
    struct shown v;
    const struct view_process away = {.bus_up = 0};
    const struct view_extra extra = {.process = &away};
    rig_open(&r);
    show(&r, &v, 0, NULL);
    cr_expect_eq(json_kind(shown_at(&v, "agents.0.sources")), JSON_KIND_NULL);
    shown_fini(&v);
    tell(&r, four, 4);
    show(&r, &v, CORE_REPORT_AGES_MS, NULL);
    for (unsigned i = 0; i < 4; i++) {
        char at[64];
        (void)snprintf(at, sizeof at, "agents.0.sources.list.%u.verdict", i);
        cr_expect_str_eq(shown_text(&v, at), "unknown");
    }
    shown_fini(&v);
    show(&r, &v, 0, &extra);
    cr_expect_str_eq(shown_text(&v, "agents.0.sources.list.0.verdict"), "unknown", "no broker");
    shown_fini(&v);
    rig_close(&r);
}

Test(agent, sources_are_counted_by_verdict) {
    struct rig r;
    struct buf text;
    rig_open(&r);
    tell(&r, four, 4);
    const struct view_in in = {.core = r.station.core, .now = {T0, 1000}};
    buf_init(&text);
    view_source_metrics(&text, &in);
    cr_assert_eq(buf_add_byte(&text, 0), ERR_OK);
    const char *s = (const char *)text.p;
    cr_expect(strstr(s, "\nplantbus_agent_sources{agent=\"gw1\",verdict=\"well\"} 1\n"), "%s", s);
    cr_expect(strstr(s, "\nplantbus_agent_sources{agent=\"gw1\",verdict=\"trouble\"} 2\n"));
    cr_expect(strstr(s, "\nplantbus_agent_sources{agent=\"gw1\",verdict=\"over\"} 1\n"));
    cr_expect(strstr(s, "\nplantbus_agent_sources{agent=\"gw1\",verdict=\"unknown\"} 1\n"));
    buf_fini(&text);
    rig_close(&r);
}
