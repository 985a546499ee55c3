/* The text of the agent's metrics port: names, labels and units. promtool judges a real agent's in
 * tests/e2e/promtool_run. */
#include "agent_app/figures.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct rig {
    struct journal_stats journal;
    struct publisher_stats publisher;
    struct batcher_stats batcher;
    struct bus_stats bus;
    struct metric_histogram syncs;
    struct scrape_stats scrapes;
    struct figures_told told;
    struct feed_stats sources[2];
    struct figures_now now;
    struct buf text;
};

static const char *shown(struct rig *r) {
    static const struct ident agent = {"gw-1"}, plc = {"plc"}, hand = {"hand"};
    r->sources[0].id = &plc;
    r->sources[0].kind = "lines";
    r->sources[1].id = &hand;
    r->sources[1].kind = "csv";
    const struct figures f = {.agent = &agent,
                              .version = "0.1.0",
                              .journal = &r->journal,
                              .publisher = &r->publisher,
                              .batcher = &r->batcher,
                              .bus = &r->bus,
                              .syncs = &r->syncs,
                              .scrapes = &r->scrapes,
                              .told = &r->told,
                              .sources = r->sources,
                              .source_n = 2,
                              .now = r->now};
    buf_init(&r->text);
    cr_assert_eq(figures_format(&f, &r->text), ERR_OK);
    cr_assert_eq(buf_add_byte(&r->text, 0), ERR_OK);
    return (const char *)r->text.p;
}

static void expect(const char *text, const char *line) {
    char whole[160];
    (void)snprintf(whole, sizeof whole, "\n%s\n", line);
    cr_expect(strstr(text, whole), "%s is not in\n%s", line, text);
}

Test(figures, what_happened_is_told_in_base_units) {
    struct rig r = {
        .journal = {.readings = 1001, .written = 12, .records = 11, .bytes = 4096, .segments = 2},
        .publisher = {.sent = 15, .resent = 4, .credit_bytes = 65536, .rtt_ms = 340},
        .batcher = {.clock_steps = 1},
        .bus = {.connects = 3, .disconnects = 2},
        .told = {.connect_failures = 7},
        .now = {.connected = 1,
                .quota_bytes = 1 << 20,
                .backlog_records = 9,
                .backlog_age_ms = 12345,
                .started_ms = 1790000000250,
                .resident_bytes = 6000000}};
    const char *text = shown(&r);
    expect(text, "plantbus_gateway_info{agent=\"gw-1\",version=\"0.1.0\"} 1");
    expect(text, "plantbus_gateway_readings_accepted_total 1001");
    expect(text, "plantbus_gateway_records_journalled_total 12");
    expect(text, "plantbus_gateway_records_synced_total 11");
    expect(text, "plantbus_gateway_journal_bytes 4096");
    expect(text, "plantbus_gateway_journal_quota_bytes 1048576");
    expect(text, "plantbus_gateway_records_sent_total 15");
    expect(text, "plantbus_gateway_records_resent_total 4");
    expect(text, "plantbus_gateway_round_trip_seconds 0.340");
    expect(text, "plantbus_gateway_backlog_records 9");
    expect(text, "plantbus_gateway_backlog_oldest_age_seconds 12.345");
    expect(text, "plantbus_gateway_clock_steps_total 1");
    expect(text, "plantbus_gateway_broker_connected 1");
    expect(text, "plantbus_gateway_broker_reconnects_total 2");
    expect(text, "plantbus_gateway_broker_disconnects_total 2");
    expect(text, "plantbus_gateway_broker_connect_failures_total 7");
    expect(text, "process_start_time_seconds 1790000000.250");
    expect(text, "process_resident_memory_bytes 6000000");
    buf_fini(&r.text);
}

Test(figures, drops_sources_and_abuse_are_told_by_label) {
    static const struct report_reasons why = {2, {{"line", 5}, {"a \"quote\"", 3}}};
    struct rig r = {.told = {.dropped_records = {[DROP_QUOTA] = 5, [DROP_CORRUPT] = 2},
                             .dropped_readings = {[DROP_QUOTA] = 500}},
                    .sources = {{.open = 1,
                                 .polls = 6,
                                 .readings = 60,
                                 .stamped = 59,
                                 .points = 12,
                                 .well = 1,
                                 .phase = REPORT_OPEN,
                                 .state = {.state = "connected"}},
                                {.open = 0,
                                 .why = &why,
                                 .failures = 3,
                                 .refused = 8,
                                 .state = {.requests = 90,
                                           .errors = 7,
                                           .reconnects = 4,
                                           .devices = 10,
                                           .devices_silent = 2}}},
                    .scrapes = {.late = 1, .crowded_out = 2, .left = 3}};
    r.scrapes.answered[REQUEST_OK] = 40;
    r.scrapes.answered[REQUEST_MALFORMED] = 41;
    const char *text = shown(&r);
    expect(text, "plantbus_gateway_dropped_records_total{reason=\"quota\"} 5");
    expect(text, "plantbus_gateway_dropped_records_total{reason=\"corrupt\"} 2");
    expect(text, "plantbus_gateway_dropped_readings_total{reason=\"quota\"} 500");
    expect(text, "plantbus_gateway_source_readings_total{source=\"plc\",kind=\"lines\"} 60");
    expect(text, "plantbus_gateway_source_polls_total{source=\"plc\",kind=\"lines\"} 6");
    expect(text, "plantbus_gateway_source_open{source=\"hand\",kind=\"csv\"} 0");
    expect(text, "plantbus_gateway_source_failures_total{source=\"hand\",kind=\"csv\"} 3");
    expect(text, "plantbus_gateway_source_refused_total{source=\"hand\",kind=\"csv\"} 8");
    expect(text, "plantbus_gateway_source_requests_total{source=\"hand\",kind=\"csv\"} 90");
    expect(text, "plantbus_gateway_source_errors_total{source=\"hand\",kind=\"csv\"} 7");
    expect(text, "plantbus_gateway_source_reconnects_total{source=\"hand\",kind=\"csv\"} 4");
    expect(text, "plantbus_gateway_source_devices{source=\"hand\",kind=\"csv\"} 10");
    expect(text, "plantbus_gateway_source_devices_silent{source=\"hand\",kind=\"csv\"} 2");
    expect(text,
           "plantbus_gateway_source_readings_stamped_total{source=\"plc\",kind=\"lines\"} 59");
    expect(text, "plantbus_gateway_source_points{source=\"plc\",kind=\"lines\"} 12");
    expect(text, "plantbus_gateway_source_well{source=\"plc\",kind=\"lines\"} 1");
    expect(text, "plantbus_gateway_source_well{source=\"hand\",kind=\"csv\"} 0");
    expect(text,
           "plantbus_gateway_source_state{source=\"plc\",kind=\"lines\",state=\"connected\"} 1");
    expect(text, "plantbus_gateway_source_state{source=\"hand\",kind=\"csv\",state=\"waiting\"} 1");
    expect(
        text,
        "plantbus_gateway_source_refusals_total{source=\"hand\",kind=\"csv\",reason=\"line\"} 5");
    expect(text, "plantbus_gateway_source_refusals_total{source=\"hand\",kind=\"csv\",reason=\"a "
                 "_quote_\"} 3");
    expect(text, "plantbus_gateway_scrape_answers_total{verdict=\"ok\"} 40");
    expect(text, "plantbus_gateway_scrape_answers_total{verdict=\"malformed\"} 41");
    expect(text, "plantbus_gateway_scrape_ended_total{reason=\"crowded_out\"} 2");
    buf_fini(&r.text);
}

/* 3 of at most 1 ms, 1 of at most 50 ms: 3, 3, 3, 4 ... */
Test(figures, times_of_syncs_and_acks_add_up) {
    struct rig r = {.syncs = {.count = {[0] = 3, [3] = 1}, .sum_us = 41000},
                    .publisher = {.ack_waits = {.count = {[5] = 2}, .sum_us = 400000}}};
    const char *text = shown(&r);
    expect(text, "plantbus_gateway_journal_sync_seconds_bucket{le=\"0.01\"} 3");
    expect(text, "plantbus_gateway_journal_sync_seconds_bucket{le=\"0.05\"} 4");
    expect(text, "plantbus_gateway_journal_sync_seconds_sum 0.041000");
    expect(text, "plantbus_gateway_ack_latency_seconds_bucket{le=\"0.1\"} 0");
    expect(text, "plantbus_gateway_ack_latency_seconds_bucket{le=\"0.25\"} 2");
    expect(text, "plantbus_gateway_ack_latency_seconds_count 2");
    buf_fini(&r.text);
}

Test(figures, each_family_has_its_help_and_type_once) {
    struct rig r = {.now = {0}};
    const char *text = shown(&r);
    unsigned samples = 0;
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        char name[96], head[128];
        if (*line == '#')
            continue;
        samples++;
        cr_assert_eq(sscanf(line, "%95[a-z_]", name), 1);
        char *end = strstr(name, "_bucket");
        end = end ? end : strstr(name, "_seconds_sum") ? strstr(name, "_sum") : NULL;
        end = end ? end : strstr(name, "_seconds_count") ? strstr(name, "_count") : NULL;
        if (end)
            *end = '\0';
        (void)snprintf(head, sizeof head, "# HELP %s ", name);
        const char *first = strstr(text, head);
        cr_expect(first && !strstr(first + 1, head), "%s", name);
        (void)snprintf(head, sizeof head, "# TYPE %s ", name);
        first = strstr(text, head);
        cr_expect(first && !strstr(first + 1, head), "%s", name);
    }
    cr_expect_gt(samples, 90);
    buf_fini(&r.text);
}
