/* The text of /metrics: names, borders and labels; tests/e2e/hostile_test reads a daemon's
 * strictly.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "simkit/line_plant.h"
#include "simkit/script.h"
#include "views/metrics.h"
#include "views/views.h"

#define T0 (SIM_DAY0 + 6 * UTC_HOUR_MS)

struct rig {
    struct plant *plant;
    struct station station;
    struct script gw1;
    struct view_extra extra;
    struct buf text;
};

/* gw1 says 100 and 107, then the same record again. */
static void rig_open(struct rig *r) {
    *r = (struct rig){0};
    cr_assert_eq(line_plant_open(&r->plant), ERR_OK);
    cr_assert_eq(station_init(&r->station, r->plant), ERR_OK);
    cr_assert_eq(station_start(&r->station, (struct core_now){T0, 1000}, 5), ERR_OK);
    cr_assert_eq(station_tick(&r->station, (struct core_now){T0, 1000}), ERR_OK);
    script_init(&r->gw1, &r->station, "gw1", 101);
    uint16_t total = script_point(&r->gw1, "total", POINT_COUNTER, 1000000);
    cr_assert_eq(script_hello(&r->gw1), ERR_OK);
    cr_assert_eq(script_key(&r->gw1, T0), ERR_OK);
    script_asof(&r->gw1, T0, T0 + 1000);
    script_int(&r->gw1, total, T0, 100);
    script_int(&r->gw1, total, T0 + 1000, 107);
    cr_assert_eq(script_send(&r->gw1), ERR_OK);
    cr_assert_eq(script_send_again(&r->gw1), ERR_OK);
    buf_init(&r->text);
}

static const char *shown(struct rig *r) {
    struct view_in in = {.core = r->station.core, .now = {T0 + 61000, 62000}, .extra = &r->extra};
    buf_reset(&r->text);
    cr_assert_eq(view_metrics(&r->text, &in), ERR_OK);
    cr_assert_eq(buf_add_byte(&r->text, 0), ERR_OK);
    return (const char *)r->text.p;
}

static void rig_close(struct rig *r) {
    buf_fini(&r->text);
    script_fini(&r->gw1);
    station_fini(&r->station);
    plant_close(r->plant);
}

Test(metrics, agents_are_told_by_label) {
    struct rig r;
    rig_open(&r);
    const char *text = shown(&r);
    cr_expect(strstr(text, "\nplantbus_agent_lag_seconds{agent=\"gw1\"} 60.000\n"), "%s", text);
    cr_expect(strstr(text, "\nplantbus_agent_readings_total{agent=\"gw1\"} 2\n"));
    cr_expect(strstr(text, "\nplantbus_agent_records_replayed_total{agent=\"gw1\"} 1\n"));
    cr_expect(strstr(text, "\nplantbus_steps_total{verdict=\"forward\"} 1\n"));
    rig_close(&r);
}

/* Its asof is the smallest of all times: nothing may be subtracted from it. */
Test(metrics, agent_that_never_vouched_has_no_lag) {
    struct rig r;
    char topic[TOPIC_MAX];
    const struct ident gw2 = {"gw2"};
    rig_open(&r);
    topic_format(TOPIC_STATUS, &gw2, topic);
    cr_assert_eq(station_message(&r.station, topic, span_str("online")), ERR_OK);
    const char *text = shown(&r);
    cr_expect(strstr(text, "\nplantbus_agent_online{agent=\"gw2\"} 1\n"));
    cr_expect_null(strstr(text, "plantbus_agent_lag_seconds{agent=\"gw2\"}"));
    rig_close(&r);
}

/* The hello of a stream that begins with record 5: 1 to 4 are gone. */
Test(metrics, records_given_up_are_counted) {
    struct rig r;
    char topic[TOPIC_MAX];
    struct hello h = {.agent = {"gw2"}, .nonce = 9, .n = 1, .epoch_n = 1};
    h.epoch[0] = (struct hello_epoch){.epoch = 201, .base = 5, .next = 6, .open = true};
    rig_open(&r);
    topic_format(TOPIC_HELLO, &h.agent, topic);
    cr_assert_eq(hello_format(&h, &r.text), ERR_OK);
    cr_assert_eq(station_message(&r.station, topic, buf_span(&r.text)), ERR_OK);
    const char *text = shown(&r);
    cr_expect(strstr(text, "\nplantbus_agent_records_given_up_total{agent=\"gw1\"} 0\n"));
    cr_expect(strstr(text, "\nplantbus_agent_records_given_up_total{agent=\"gw2\"} 4\n"), "%s",
              text);
    rig_close(&r);
}

Test(metrics, each_family_has_its_help_and_type_once) {
    struct rig r;
    rig_open(&r);
    struct store_stats store = {.commits = 3, .last_commit_us = 1500};
    struct view_sink sink = {
        .name = "influxdb", .state = "ok", .dead = 4, .dead_oldest_ms = T0 - 29000};
    struct view_process process = {.resident_bytes = 77, .http_refused = 5, .http_cut = 6};
    r.extra = (struct view_extra){.store = &store, .sink = &sink, .sink_n = 1, .process = &process};
    const char *text = shown(&r);
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        char name[96], help[128];
        if (*line == '#')
            continue;
        cr_assert_eq(sscanf(line, "%95[a-z_]", name), 1);
        snprintf(help, sizeof help, "# HELP %s ", name);
        const char *first = strstr(text, help);
        cr_expect(first && !strstr(first + 1, help), "%s", name);
    }
    cr_expect(strstr(text, "# TYPE plantbus_batches_total counter\n"));
    cr_expect(strstr(text, "\nplantbus_store_last_commit_seconds 0.001500\n"));
    cr_expect(strstr(text, "\nplantbus_sink_dead_letters{sink=\"influxdb\"} 4\n"));
    cr_expect(strstr(text, /* shown 61 s after T0 */
                     "\nplantbus_sink_oldest_dead_letter_age_seconds{sink=\"influxdb\"} 90.000\n"));
    cr_expect(strstr(text, "\nprocess_resident_memory_bytes 77\n"));
    cr_expect(strstr(text, "\nplantbus_http_refused_total 5\n"));
    cr_expect(strstr(text, "\nplantbus_http_cut_total 6\n"));
    rig_close(&r);
}

Test(metrics, counts_of_a_histogram_add_up) {
    struct rig r;
    rig_open(&r);
    /* 7 of at most 0.5 ms, 3 of at most 5 ms, 2 of more than 200 ms: 7, 7, 7, 10 ... 10, 12. */
    struct metric_histogram turns = {.count = {[0] = 7, [3] = 3, [9] = 2}, .sum_us = 1500000};
    struct metric_histogram waits = {.count = {[4] = 1}, .sum_us = 70000};
    struct metric_histogram cpu = {.count = {[0] = 11, [3] = 1}, .sum_us = 9000};
    r.extra = (struct view_extra){
        .loop_turns = &turns, .loop_cpu = &cpu, .checkpoints = &waits, .acks = &waits};
    const char *text = shown(&r);
    cr_expect(strstr(text, "\nplantbus_loop_turn_seconds_bucket{le=\"0.002\"} 7\n"));
    cr_expect(strstr(text, "\nplantbus_loop_turn_seconds_bucket{le=\"0.005\"} 10\n"));
    cr_expect(strstr(text, "\nplantbus_loop_turn_seconds_bucket{le=\"+Inf\"} 12\n"));
    cr_expect(strstr(text, "\nplantbus_loop_turn_seconds_sum 1.500000\n"));
    cr_expect(strstr(text, "\nplantbus_loop_turn_seconds_count 12\n"));
    cr_expect(strstr(text, "\nplantbus_loop_turn_cpu_seconds_bucket{le=\"0.0005\"} 11\n"));
    cr_expect(strstr(text, "\nplantbus_loop_turn_cpu_seconds_bucket{le=\"0.005\"} 12\n"));
    cr_expect(strstr(text, "\nplantbus_loop_turn_cpu_seconds_sum 0.009000\n"));
    cr_expect(strstr(text, "\nplantbus_checkpoint_seconds_bucket{le=\"0.05\"} 0\n"));
    cr_expect(strstr(text, "\nplantbus_checkpoint_seconds_bucket{le=\"0.1\"} 1\n"));
    cr_expect(strstr(text, "\nplantbus_ack_latency_seconds_sum 0.070000\n"));
    rig_close(&r);
}
