#include "agent_app/agent_conf.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Loads a text through a file, as the program does. */
static enum err load(const char *text, struct agent_conf *c, struct buf *report) {
    char path[] = "/tmp/pb-agent-conf-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    buf_init(report);
    enum err rc = agent_conf_load(path, c, report);
    (void)buf_add_byte(report, 0);
    (void)unlink(path);
    return rc;
}

static const char good[] = "id: gw-1\n"
                           "broker: {url: \"tcp://localhost:1883\"}\n"
                           "journal: {folder: /tmp/j}\n"
                           "sources:\n"
                           "  in: {lines: {from: stdin}}\n";

static void refused(const char *text, const char *word) {
    struct agent_conf c;
    struct buf report;
    cr_assert_eq(load(text, &c, &report), ERR_CONFIG);
    cr_assert_not_null(strstr((const char *)report.p, word), "report: %s", (const char *)report.p);
    buf_fini(&report);
}

Test(agent_conf, the_schema_is_sound) {
    struct buf wrong;
    buf_init(&wrong);
    bool ok = conf_schema_check(&agent_schema, &wrong);
    (void)buf_add_byte(&wrong, 0);
    cr_assert(ok, "%s", (const char *)wrong.p);
    buf_fini(&wrong);
}

Test(agent_conf, defaults_are_those_of_the_design) {
    struct agent_conf c;
    struct buf report;
    cr_assert_eq(load(good, &c, &report), ERR_OK, "%s", (const char *)report.p);
    cr_assert_eq(c.journal.commit_ms, 200);
    cr_assert_eq(c.journal.quota_bytes, INT64_C(1) << 30);
    cr_assert_eq(c.journal.keep_ms, 24 * INT64_C(3600000));
    cr_assert_eq(c.batch.every_ms, 200);
    cr_assert_leq(c.broker.inflight, 20);
    cr_assert_eq(c.source_n, 1);
    void *settings = NULL;
    const struct kinds_row *k = source_conf_kind(&c.sources[0], &settings);
    cr_assert_str_eq(k->name, "lines");
    cr_assert_eq(settings, &c.sources[0].lines);
    agent_conf_free(&c);
    buf_fini(&report);
}

Test(agent_conf, a_source_has_exactly_one_kind) {
    refused("id: gw-1\nbroker: {url: \"tcp://h:1\"}\njournal: {folder: /tmp/j}\n"
            "sources: {a: {}}\n",
            "exactly one kind");
}

Test(agent_conf, a_segment_is_at_most_a_quarter_of_the_quota) {
    refused("id: gw-1\nbroker: {url: \"tcp://h:1\"}\n"
            "journal: {folder: /tmp/j, quota: 8 MiB, segment: 4 MiB}\n"
            "sources: {in: {lines: {from: stdin}}}\n",
            "journal.segment");
}

static const char with[] = "id: gw-1\n"
                           "broker: {url: \"tcp://localhost:1883\"}\n"
                           "journal: {folder: /tmp/j}\n"
                           "metrics: {%s}\n"
                           "sources: {in: {lines: {from: stdin}}}\n";

static void metrics_refused(const char *keys, const char *word) {
    char text[512];
    (void)snprintf(text, sizeof text, with, keys);
    refused(text, word);
}

Test(agent_conf, metrics_are_off_unless_there_is_a_port) {
    struct agent_conf c;
    struct buf report;
    char text[512];
    cr_assert_eq(load(good, &c, &report), ERR_OK);
    cr_expect_not(c.has_metrics);
    agent_conf_free(&c);
    buf_fini(&report);
    (void)snprintf(text, sizeof text, with, "port: 9464");
    cr_assert_eq(load(text, &c, &report), ERR_OK, "%s", (const char *)report.p);
    cr_expect(c.has_metrics);
    cr_expect_str_eq(c.metrics.listen, "127.0.0.1");
    cr_expect_eq(c.metrics.port, 9464);
    agent_conf_free(&c);
    buf_fini(&report);
}

Test(agent_conf, mistakes_in_metrics_are_named_with_their_place) {
    metrics_refused("", ":4:10: ");
    metrics_refused("port: 65536", ":4:17: ");
    metrics_refused("port: 1, listen: localhost", ":4:28: metrics.listen is no address");
    metrics_refused("prot: 1", "port");
}

Test(agent_conf, unknown_keys_are_named_with_their_place) {
    refused("id: gw-1\nbroker: {urll: \"tcp://h:1\"}\njournal: {folder: /tmp/j}\n", ":2:");
}
