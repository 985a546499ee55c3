#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "notify_rig.h"

Test(notify_conf, every_row_is_sound) {
    struct buf wrong;
    buf_init(&wrong);
    bool ok = conf_schema_check(&notify_schema, &wrong);
    cr_expect(ok, "%.*s", (int)wrong.n, (const char *)wrong.p);
    buf_fini(&wrong);
}

/* line: what the first mistake must begin with. */
static void expect(const char *yaml, const char *line) {
    char text[4000];
    notify_rig_mistakes(yaml, true, text, sizeof text);
    cr_expect_eq(strncmp(text, line, strlen(line)), 0, "%s\nsays\n%s", yaml, text);
    cr_expect_neq(text[0], 0, "%s says nothing", yaml);
}

Test(notify_conf, mistakes_are_named_with_their_place) {
    expect("channels:\n  a: {kind: mqtt, url: \"http://x\"}\n",
           "a.yaml:2:3: channel a: url is not for a channel of kind mqtt");
    expect("channels:\n  a: {kind: webhook}\n",
           "a.yaml:2:3: channel a: a channel of kind webhook needs url");
    expect("channels:\n  a: {kind: webhook, url: \"smtp://x\"}\n",
           "a.yaml:2:3: channel a: url is not http://... or https://...");
    expect("channels:\n  a: {kind: mail, url: \"http://x\", from: a@b, to: [a@b]}\n",
           "a.yaml:2:3: channel a: url is not smtp://host:587 or smtps://host:465");
    expect("channels:\n  a: {kind: mail, url: \"smtp://x\", from: \"P <a@b>\", to: [a@b]}\n",
           "a.yaml:2:3: channel a: from is not one address");
    expect("channels:\n  a: {kind: mail, url: \"smtp://x\", from: a@b, to: [\"a@b, c@d\"]}\n",
           "a.yaml:2:3: channel a: to: a@b, c@d is not one address");
    expect("channels:\n  a: {kind: webhook, url: \"http://x\", subject: \"{nmae}\"}\n",
           "a.yaml:2:48: channel a: subject: there is no placeholder {nmae}; did you mean {name}?");
    expect("channels:\n  a: {kind: webhook, url: \"http://x\", json: '{\"v\": {value}}'}\n",
           "a.yaml:2:45: channel a: json is no JSON with placeholders in quotes");
    expect("channels:\n  a: {kind: alertmanager, url: \"http://x\", labels: {a-b: c}}\n",
           "a.yaml:2:53: channel a: labels: a-b is no label's name");
    expect("channels:\n  a: {kind: webhook, url: \"http://x\", headers: {\"X Y\": c}}\n",
           "a.yaml:2:3: channel a: headers: X Y is no head field");
    expect("channels:\n  a: {kind: mqtt, retry_min: 5 s, retry_max: 1 s}\n",
           "a.yaml:2:3: channel a: retry_max is less than retry_min");
    expect("channels:\n  mail-1: {kind: mqtt}\npositions:\n  p: {tell: [{channels: [mial-1]}]}\n",
           "a.yaml:4:14: there is no channel mial-1; did you mean mail-1?");
    expect("channels:\n  a: {kind: mqtt}\npositions:\n  p: {tell: [{channels: [a], nodes: "
           "[pres-1]}]}\n",
           "a.yaml:4:14: there is no node pres-1; did you mean press-1?");
    expect("channels:\n  a: {kind: mqtt}\npositions:\n  p: {tell: [{channels: [a], shifts: "
           "[erly]}]}\n",
           "a.yaml:4:14: there is no shift erly; did you mean early?");
    expect("otherwise: [a]\n", "a.yaml:1:12: there is no channel a");
    expect("channels: {a: {kind: mqtt}}\n"
           "positions: {office: {tell: [{channels: [a]}]}}\n"
           "norms: {tell: [ofice]}\n",
           "a.yaml:3:15: there is no position ofice; did you mean office?");
    expect("norms: {verdict: true}\n",
           "a.yaml:1:9: norms: unknown key \"verdict\", did you mean \"verdicts\"?");
    expect("page: \"ftp://x\"\n", "a.yaml:1:7: page is not http");
}

Test(notify_conf, a_secret_is_never_shown) {
    char text[4000];
    notify_rig_mistakes(
        "channels:\n"
        "  a: {kind: webhook, url: \"http://x\", token: s3cret, token_file: /x}\n"
        "  b: {kind: mail, url: \"smtp://x\", password: s3cret, subject: \"{x}\"}\n",
        false, text, sizeof text);
    cr_expect(strstr(text, "token or token_file, not both"));
    cr_expect_null(strstr(text, "s3cret"), "%s", text);
}

Test(notify_conf, secrets_come_from_files) {
    struct notify_rig r;
    struct conf_report report;
    char path[] = "/tmp/pb-notify-XXXXXX", yaml[300];
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, "s3cret\nmore\n", 12), 12);
    close(fd);
    snprintf(yaml, sizeof yaml,
             "channels:\n"
             "  a: {kind: webhook, url: \"http://x\", token_file: %s}\n"
             "  b: {kind: webhook, url: \"http://x\", user: u, password_file: /no/such}\n",
             path);
    notify_rig_open(&r, yaml);
    conf_report_init(&report);
    cr_expect_eq(notify_conf_secrets(&r.conf, &report), ERR_OK);
    cr_expect_str_eq(r.conf.channels[0].token, "s3cret");
    cr_expect_eq(conf_report_count(&report), 1);
    cr_expect(strstr(conf_report_find(&report, 0)->text, "/no/such cannot be read"));
    conf_report_fini(&report);
    notify_rig_close(&r);
    unlink(path);
}

Test(notify_conf, recipients_of_rules_are_positions) {
    struct notify_rig r;
    struct conf_report report;
    const struct ident to[] = {{"lead"}, {"laed"}, {"somebody-else"}};
    notify_rig_open(&r, "channels:\n  a: {kind: mqtt}\n"
                        "positions: {lead: {tell: [{channels: [a]}]}}\n");
    r.rule[0].recipient = to;
    r.rule[0].recipient_n = 3;
    conf_report_init(&report);
    notify_conf_check_rule(&r.conf, &r.rule[0], "rules/a.yaml", 7, &report);
    cr_assert_eq(conf_report_count(&report), 2);
    cr_expect_str_eq(
        conf_report_find(&report, 0)->text,
        "rules/a.yaml:7: rule load: notify: there is no position laed; did you mean lead?");
    cr_expect_str_eq(conf_report_find(&report, 1)->text,
                     "rules/a.yaml:7: rule load: notify: there is no position somebody-else");
    conf_report_fini(&report);
    conf_report_init(&report);
    r.conf.position_n = 0; /* nobody is told at all: that is no mistake of the rule */
    notify_conf_check_rule(&r.conf, &r.rule[0], "rules/a.yaml", 7, &report);
    cr_expect_eq(conf_report_count(&report), 0);
    r.conf.position_n = 1;
    conf_report_fini(&report);
    notify_rig_close(&r);
}
