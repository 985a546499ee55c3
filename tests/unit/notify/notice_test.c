#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>

#include "notify/alertmanager.h"
#include "notify/mailer.h"
#include "notify/mqtt.h"
#include "notify/webhook.h"
#include "notify_rig.h"
#include "json/json.h"

static void field_is(struct notify_rig *r, const struct notice *n, enum template_field f,
                     const char *want) {
    struct buf out;
    buf_init(&out);
    notice_field(&r->world, n, f, &out);
    cr_expect(span_equal(buf_span(&out), span_str(want)), "%s is %.*s, not %s",
              template_field_name(f), (int)out.n, out.n ? (const char *)out.p : "", want);
    buf_fini(&out);
}

static struct notice notice_of(struct notify_rig *r, const struct alert_event *e) {
    return (struct notice){.event = e, .rule = &r->rule[0], .active_ms = e->at_ms - 3600000};
}

Test(notice, fields_are_as_people_read_them) {
    struct notify_rig r;
    notify_rig_open(&r, "");
    struct alert_event e = notify_rig_event(17);
    struct notice n = notice_of(&r, &e);
    e.mark = ALERT_FIRST_OUT | ALERT_FLAPPING;
    snprintf(e.who, sizeof e.who, "late shift");
    snprintf(e.note, sizeof e.note, "tool is on its way");
    static const struct {
        enum template_field f;
        const char *want;
    } is[] = {{TEMPLATE_RULE, "load"},
              {TEMPLATE_NODE, "press-1"},
              {TEMPLATE_SITE, "hall"},
              {TEMPLATE_ID, "5f00000000000001-17"},
              {TEMPLATE_NAME, "Load too high"},
              {TEMPLATE_NODE_NAME, "Máy dập 1"},
              {TEMPLATE_EVENT, "limit reached"},
              {TEMPLATE_STATE, "active, not acknowledged"},
              {TEMPLATE_SEVERITY, "high"},
              {TEMPLATE_LEVEL, "1"},
              {TEMPLATE_VALUE, "63.5"},
              {TEMPLATE_THRESHOLD, "50"},
              {TEMPLATE_UNIT, "kW"},
              {TEMPLATE_AT, "2026-11-26 14:03:00 +07:00"},
              {TEMPLATE_SINCE, "2026-11-26 13:03:00 +07:00"},
              {TEMPLATE_UNTIL, ""},
              {TEMPLATE_CAUSE, "a dull tool"},
              {TEMPLATE_CONSEQUENCE, "the contract's demand is passed"},
              {TEMPLATE_ACTION, "change the tool"},
              {TEMPLATE_OWNER, "energy office"},
              {TEMPLATE_RESPOND_WITHIN, "1 h 30 min"}, /* 5400 s */
              {TEMPLATE_WHO, "late shift"},
              {TEMPLATE_NOTE, "tool is on its way"},
              {TEMPLATE_MARKS, "first of its line, comes and goes"},
              {TEMPLATE_URL, "http://plant.example/#press-1"},
              {TEMPLATE_CLASS, ""}, /* of norms */
              {TEMPLATE_PRODUCT, ""},
              {TEMPLATE_TEAM, ""},
              {TEMPLATE_DUE, ""},
              {TEMPLATE_PERIOD, ""},
              {TEMPLATE_VERDICT, ""},
              {TEMPLATE_REASONS, ""}};
    cr_expect_eq(sizeof is / sizeof *is, TEMPLATE_COUNT);
    for (size_t i = 0; i < sizeof is / sizeof *is; i++)
        field_is(&r, &n, is[i].f, is[i].want);
    notify_rig_close(&r);
}

Test(notice, what_is_not_known_is_nothing_and_never_a_wrong_number) {
    struct notify_rig r;
    notify_rig_open(&r, "");
    struct alert_event e = notify_rig_event(1);
    struct notice n = {.event = &e}; /* the rule is no more */
    e.value = e.threshold = (double)NAN;
    snprintf(e.node.s, sizeof e.node.s, "gone-1");
    field_is(&r, &n, TEMPLATE_NAME, "load");
    field_is(&r, &n, TEMPLATE_NODE_NAME, "gone-1");
    field_is(&r, &n, TEMPLATE_VALUE, "");
    field_is(&r, &n, TEMPLATE_THRESHOLD, "");
    field_is(&r, &n, TEMPLATE_UNIT, "");
    field_is(&r, &n, TEMPLATE_SINCE, "");
    field_is(&r, &n, TEMPLATE_CAUSE, "");
    field_is(&r, &n, TEMPLATE_RESPOND_WITHIN, "");
    n.rule = &r.rule[1];
    field_is(&r, &n, TEMPLATE_VALUE, "no data");
    notify_rig_close(&r);
}

Test(notice, units_say_what_values_are) {
    struct notify_rig r;
    notify_rig_open(&r, "");
    struct alert_event e = notify_rig_event(1);
    struct notice n = notice_of(&r, &e);
    r.rule[0].condition = ALERT_RATE;
    field_is(&r, &n, TEMPLATE_UNIT, "kW/h");
    r.rule[0].condition = ALERT_BASELINE; /* 0.15: 15 % more than expected */
    field_is(&r, &n, TEMPLATE_UNIT, "beyond expected");
    r.rule[0].condition = ALERT_VALUE;
    r.rule[0].subject = ALERT_INDICATOR;
    r.rule[0].indicator = IND_ENERGY_PER_GOOD;
    field_is(&r, &n, TEMPLATE_UNIT, "kWh");
    r.rule[0].condition = ALERT_NORM; /* value and threshold are told as observed */
    field_is(&r, &n, TEMPLATE_UNIT, "kWh");
    r.rule[0].condition = ALERT_VALUE;
    r.rule[0].subject = ALERT_GAUGE;
    r.rule[0].gauge = (struct ident){"oil"};
    field_is(&r, &n, TEMPLATE_UNIT, "°C");
    r.rule[0].gauge = (struct ident){"other"};
    field_is(&r, &n, TEMPLATE_UNIT, "");
    r.rule[0].subject = ALERT_INDICATOR;
    r.rule[0].indicator = IND_OEE; /* a ratio */
    field_is(&r, &n, TEMPLATE_UNIT, "");
    notify_rig_close(&r);
}

static bool has(const struct buf *b, const char *text) {
    return memmem(b->p, b->n, text, strlen(text)) != NULL;
}

Test(notice, a_body_leaves_out_what_has_no_value) {
    struct notify_rig r;
    struct buf out;
    notify_rig_open(&r, "");
    buf_init(&out);
    struct alert_event e = notify_rig_event(17);
    struct notice n = notice_of(&r, &e);
    cr_assert_eq(notice_body(&r.world, &n, NULL, &out), ERR_OK);
    cr_expect(has(&out, "limit reached: Load too high\n"));
    cr_expect(has(&out, "Value: 63.5 kW\nLimit: 50 kW\n"));
    cr_expect(has(&out, "Likely cause: a dull tool\n"));
    cr_expect_not(has(&out, "Shelved"));
    cr_expect_not(has(&out, "They say"));
    notify_rig_close(&r);
    buf_fini(&out);
}

Test(notice, both_languages_have_every_word) {
    for (unsigned l = 0; l < WORDS_LANGUAGE_COUNT; l++) {
        const struct words *w = &words_of[l];
        char why[TEMPLATE_WHY] = "";
        for (unsigned s = 0; s < ALERT_STATE_COUNT; s++)
            cr_expect(w->state[s] && *w->state[s]);
        for (unsigned s = 0; s < ALERT_WHY_COUNT; s++)
            cr_expect(w->why[s] && *w->why[s]);
        for (unsigned s = 0; s < ALERT_SEVERITY_COUNT; s++)
            cr_expect(w->severity[s] && *w->severity[s]);
        cr_expect(template_check(w->subject, why), "%s", why);
        cr_expect(template_check(w->body, why), "%s", why);
        cr_expect(template_check(w->many_line, why), "%s", why);
        for (unsigned s = 0; s < NORM_STATE_COUNT; s++)
            cr_expect(w->norm->state[s] && *w->norm->state[s]);
        for (unsigned s = 0; s < REVIEW_VERDICT_COUNT; s++)
            cr_expect(w->norm->verdict[s] && *w->norm->verdict[s]);
        for (unsigned s = 0; s < REVIEW_REASONS; s++)
            cr_expect(w->norm->reason[s] && *w->norm->reason[s]);
        for (unsigned s = 0; s < CLASS_COUNT; s++)
            cr_expect(w->norm->norm_class[s] && *w->norm->norm_class[s]);
        cr_expect(template_check(w->norm->subject, why), "%s", why);
        cr_expect(template_check(w->norm->body, why), "%s", why);
    }
}

Test(notice, vietnamese_has_its_own_words) {
    struct notify_rig r;
    struct buf out;
    notify_rig_open(&r, "");
    buf_init(&out);
    struct alert_event e = notify_rig_event(17);
    struct notice n = notice_of(&r, &e);
    r.world.words = &words_of[WORDS_VIETNAMESE];
    cr_assert_eq(notice_subject(&r.world, &n, NULL, &out), ERR_OK);
    cr_expect(span_equal(buf_span(&out), span_str("[cao] Load too high: Máy dập 1: vượt ngưỡng")),
              "%.*s", (int)out.n, (const char *)out.p);
    field_is(&r, &n, TEMPLATE_RESPOND_WITHIN, "1 giờ 30 phút");
    notify_rig_close(&r);
    buf_fini(&out);
}

/* --- norms --------------------------------------------------------------------------------------
 */

/* The review of October 2026 at the plant, whose months begin at 17:00 UTC. */
static struct alert_event a_verdict(void) {
    struct alert_event e = {.n = 18,
                            .at_ms = RIG_NOW,
                            .told_ms = RIG_NOW,
                            .rule = {"press-use"},
                            .node = {"press-1"},
                            .why = ALERT_WHY_NORM_REVIEW,
                            .severity = ALERT_LOW,
                            .until_ms = INT64_C(1793466000000), /* 2026-10-31T17:00:00Z */
                            .value = 1.125,
                            .threshold = 0.95,
                            .note = "lid-a",
                            .who = "head of shop",
                            .norm = {.verdict = REVIEW_TIGHTEN,
                                     .state = NORM_IN_FORCE,
                                     .norm_class = CLASS_EQUIPMENT,
                                     .reasons = REASON_MEDIAN | REASON_REACH_HIGH}};
    return e;
}

Test(notice, a_verdict_is_as_people_read_it) {
    struct notify_rig r;
    struct buf out;
    notify_rig_open(&r, "");
    buf_init(&out);
    const struct alert_event e = a_verdict();
    const struct notice n = {.event = &e};
    cr_assert_eq(notice_subject(&r.world, &n, NULL, &out), ERR_OK);
    cr_expect(span_equal(buf_span(&out),
                         span_str("[low] press-use: Máy dập 1: review of norms: tighten it")),
              "%.*s", (int)out.n, (const char *)out.p);
    buf_reset(&out);
    cr_assert_eq(notice_body(&r.world, &n, NULL, &out), ERR_OK);
    cr_expect(has(&out, "Class: equipment\nWhere: Máy dập 1 (hall/press-1)\nProduct: lid-a\n"
                        "State: in force\nOwner: head of shop\nReviewed: 2026-10\n"
                        "Verdict: tighten it\n"
                        "Why: median attainment is better than 110 %, twice; more than 90 % of "
                        "the team-shifts meet it\n"
                        "Median attainment: 112.5 %\nMet in: 95.0 % of the team-shifts\n"),
              "%.*s", (int)out.n, (const char *)out.p);
    cr_expect_not(has(&out, "Due"));
    cr_expect_not(has(&out, "Team"));
    buf_reset(&out);
    r.world.words = &words_of[WORDS_VIETNAMESE];
    cr_assert_eq(notice_subject(&r.world, &n, NULL, &out), ERR_OK);
    cr_expect(span_equal(buf_span(&out),
                         span_str("[thấp] press-use: Máy dập 1: rà soát định mức: siết mức")),
              "%.*s", (int)out.n, (const char *)out.p);
    notify_rig_close(&r);
    buf_fini(&out);
}

Test(notice, a_step_and_a_neglected_class_say_what_they_have) {
    struct notify_rig r;
    notify_rig_open(&r, "");
    struct alert_event e = a_verdict();
    const struct notice n = {.event = &e};
    e.why = ALERT_WHY_NORM_OVERDUE;
    e.norm = (struct alert_norm){.state = NORM_SUBMITTED, .norm_class = CLASS_LABOUR};
    e.value = e.threshold = (double)NAN;
    field_is(&r, &n, TEMPLATE_EVENT, "a step of a norm is overdue");
    field_is(&r, &n, TEMPLATE_STATE, "submitted for approval");
    field_is(&r, &n, TEMPLATE_DUE, "2026-11-01 00:00:00 +07:00");
    field_is(&r, &n, TEMPLATE_VERDICT, "");
    field_is(&r, &n, TEMPLATE_VALUE, "");
    e.why = ALERT_WHY_NORM_NEGLECTED;
    e.rule = (struct ident){"labour"};
    field_is(&r, &n, TEMPLATE_NAME, "labour");
    field_is(&r, &n, TEMPLATE_TEAM, "lid-a");
    field_is(&r, &n, TEMPLATE_PRODUCT, "");
    field_is(&r, &n, TEMPLATE_DUE, "");
    field_is(&r, &n, TEMPLATE_PERIOD, "2026-10");
    field_is(&r, &n, TEMPLATE_STATE, "");
    r.world.words = &words_of[WORDS_VIETNAMESE];
    field_is(&r, &n, TEMPLATE_NAME, "lao động");
    field_is(&r, &n, TEMPLATE_EVENT, "có đo nhưng chưa có mức");
    /* What a damaged or a newer program's row may hold. */
    e.why = ALERT_WHY_NORM_REVIEW;
    e.norm = (struct alert_norm){.verdict = 200, .state = 200, .norm_class = 200};
    field_is(&r, &n, TEMPLATE_VERDICT, "?");
    field_is(&r, &n, TEMPLATE_CLASS, "?");
    field_is(&r, &n, TEMPLATE_STATE, "?");
    notify_rig_close(&r);
}

/* --- what goes out ------------------------------------------------------------------------------
 */

static const char *text_of(const struct json_value *v, const char *key) {
    struct span s = span_str("?");
    return json_string_of(json_find(v, key), &s) ? "not a text" : (const char *)s.p;
}

static struct json_value *parsed(const struct buf *b) {
    struct json_value *root = NULL;
    cr_assert_eq(json_parse(buf_span(b), NULL, &root, NULL), ERR_OK, "%.*s", (int)b->n,
                 (const char *)b->p);
    return root;
}

static const char channels[] =
    "channels:\n"
    "  hook: {kind: webhook, url: \"http://x/\"}\n"
    "  chat: {kind: webhook, url: \"http://x/\", json: '{\"text\": \"{name}: {note}\"}'}\n"
    "  mail: {kind: mail, url: \"smtp://x\", from: p@plant.example, to: [a@x, b@x]}\n"
    "  am: {kind: alertmanager, url: \"http://x\", labels: {plant: one, severity: no}}\n"
    "  scada: {kind: mqtt}\n";

static const struct notify_channel_conf *channel(struct notify_rig *r, const char *id) {
    struct ident i;
    cr_assert(ident_set(&i, span_str(id)));
    return notify_conf_channel(&r->conf, &i);
}

Test(notice, what_is_told_of_a_norm_is_json_and_an_event_of_its_topic) {
    struct notify_rig r;
    struct buf out;
    char name[MQTT_TOPIC_MAX];
    notify_rig_open(&r, channels);
    buf_init(&out);
    const struct alert_event e = a_verdict();
    const struct notice n = {.event = &e};
    mqtt_name(&r.world, &n, true, name);
    cr_expect_str_eq(name, "pb1i/hall/press-1/norm/press-use/event");
    cr_assert_eq(mqtt_body(channel(&r, "scada"), &r.world, &n, true, &out), ERR_OK);
    struct json_value *root = parsed(&out);
    cr_expect_str_eq(text_of(root, "id"), "5f00000000000001-18");
    cr_expect_str_eq(text_of(root, "event"), "norm_review");
    cr_expect_str_eq(text_of(root, "norm"), "press-use");
    cr_expect_str_eq(text_of(root, "class"), "equipment");
    cr_expect_str_eq(text_of(root, "product"), "lid-a");
    cr_expect_str_eq(text_of(root, "verdict"), "REVISE-tighten");
    cr_expect_str_eq(text_of(root, "period_end"), "2026-10-31T17:00:00.000Z");
    cr_expect_eq(json_count(json_find(root, "reasons")), 2);
    cr_expect_null(json_find(root, "rule"));
    json_close(root);
    notify_rig_close(&r);
    buf_fini(&out);
}

Test(notice, a_webhook_gets_json_with_an_id_of_its_own) {
    struct notify_rig r;
    struct buf out;
    notify_rig_open(&r, channels);
    buf_init(&out);
    struct alert_event e = notify_rig_event(17);
    struct notice n = notice_of(&r, &e);
    const struct letter l = {.notice = &n, .n = 1};
    double v = 0;
    cr_assert_eq(webhook_body(channel(&r, "hook"), &r.world, &l, &out), ERR_OK);
    struct json_value *root = parsed(&out);
    cr_expect_str_eq(text_of(root, "id"), "5f00000000000001-17");
    cr_expect_str_eq(text_of(root, "rule"), "load");
    cr_expect_str_eq(text_of(root, "state"), "active_unacknowledged");
    cr_expect_str_eq(text_of(root, "event"), "reached");
    cr_expect_str_eq(text_of(root, "severity"), "high");
    cr_expect_str_eq(text_of(root, "at"), "2026-11-26T07:03:00.000Z");
    cr_expect_str_eq(text_of(root, "node_name"), "Máy dập 1");
    cr_expect_str_eq(text_of(root, "subject"), "[high] Load too high: Máy dập 1: limit reached");
    cr_expect_eq(json_double_of(json_find(root, "value"), &v), ERR_OK);
    cr_expect_eq(v, 63.5);
    cr_expect_eq(json_kind(json_find(root, "who")), JSON_KIND_NULL);
    json_close(root);
    notify_rig_close(&r);
    buf_fini(&out);
}

Test(notice, a_template_of_json_stays_json_whatever_the_values_are) {
    struct notify_rig r;
    struct buf out;
    notify_rig_open(&r, channels);
    buf_init(&out);
    struct alert_event e = notify_rig_event(17);
    struct notice n = notice_of(&r, &e);
    const struct letter l = {.notice = &n, .n = 1};
    snprintf(e.note, sizeof e.note, "\"}, {\\ \n\tx");
    cr_assert_eq(webhook_body(channel(&r, "chat"), &r.world, &l, &out), ERR_OK);
    struct json_value *root = parsed(&out);
    cr_expect_str_eq(text_of(root, "text"), "Load too high: \"}, {\\ \n\tx");
    cr_expect_eq(json_count(root), 1);
    json_close(root);
    notify_rig_close(&r);
    buf_fini(&out);
}

Test(notice, a_digest_names_each_of_its_notices) {
    struct notify_rig r;
    struct buf out;
    notify_rig_open(&r, channels);
    buf_init(&out);
    struct alert_event e[2] = {notify_rig_event(17), notify_rig_event(23)};
    e[1].severity = ALERT_CRITICAL;
    struct notice n[2] = {notice_of(&r, &e[0]), notice_of(&r, &e[1])};
    const struct letter l = {.notice = n, .n = 2, .flood = true};
    cr_assert_eq(webhook_body(channel(&r, "hook"), &r.world, &l, &out), ERR_OK);
    struct json_value *root = parsed(&out);
    cr_expect_str_eq(text_of(root, "id"), "5f00000000000001-17-23");
    cr_expect_str_eq(text_of(root, "digest"), "flood");
    cr_expect_str_eq(text_of(root, "subject"), "[critical] hall: 2 alert messages");
    const struct json_value *all = json_find(root, "alerts");
    cr_expect_eq(json_count(all), 2);
    cr_expect_str_eq(text_of(json_at(all, 1), "id"), "5f00000000000001-23");
    json_close(root);
    notify_rig_close(&r);
    buf_fini(&out);
}

Test(notice, a_mail_cannot_be_given_fields_by_what_people_write) {
    struct notify_rig r;
    struct buf out;
    notify_rig_open(&r, channels);
    buf_init(&out);
    struct alert_event e = notify_rig_event(17);
    struct notice n = notice_of(&r, &e);
    const struct letter l = {.notice = &n, .n = 1};
    r.rule[0].name = "x\r\nBcc: spy@x\r\n\r\nhello";
    cr_assert_eq(mailer_format(channel(&r, "mail"), &r.world, &l, RIG_NOW, &out), ERR_OK);
    cr_expect_not(has(&out, "Bcc"));
    cr_expect(has(&out, "Message-ID: <5f00000000000001-17.mail@plant.example>\r\n"));
    cr_expect(has(&out, "References: <load.press-1.5f00000000000001@plant.example>\r\n"));
    cr_expect(has(&out, "Date: Thu, 26 Nov 2026 14:03:00 +0700\r\n"));
    cr_expect(has(&out, "To: <a@x>,\r\n <b@x>\r\n"));
    cr_expect(has(&out, "Importance: high\r\n"));
    notify_rig_close(&r);
    buf_fini(&out);
}

/* Four resends of a minute after 07:03: 07:07. Other severities end when it began. */
Test(notice, alertmanager_gets_an_end_ahead_and_an_end_of_other_severities) {
    struct notify_rig r;
    struct buf out;
    notify_rig_open(&r, channels);
    buf_init(&out);
    struct alert_event e = notify_rig_event(17);
    struct notice n = notice_of(&r, &e);
    cr_assert_eq(alertmanager_body(channel(&r, "am"), &r.world, &n, RIG_NOW, &out), ERR_OK);
    struct json_value *root = parsed(&out);
    cr_assert_eq(json_count(root), ALERT_SEVERITY_COUNT);
    const struct json_value *last = json_at(root, ALERT_SEVERITY_COUNT - 1),
                            *labels = json_find(last, "labels");
    cr_expect_str_eq(text_of(labels, "alertname"), "load");
    cr_expect_str_eq(text_of(labels, "node"), "press-1");
    cr_expect_str_eq(text_of(labels, "severity"), "high"); /* ours, whatever the file says */
    cr_expect_str_eq(text_of(labels, "plant"), "one");
    cr_expect_str_eq(text_of(last, "startsAt"), "2026-11-26T06:03:00.000Z");
    cr_expect_str_eq(text_of(last, "endsAt"), "2026-11-26T07:07:00.000Z");
    cr_expect_str_eq(text_of(last, "generatorURL"), "http://plant.example/#press-1");
    for (size_t i = 0; i + 1 < ALERT_SEVERITY_COUNT; i++) {
        cr_expect_str_neq(text_of(json_find(json_at(root, i), "labels"), "severity"), "high");
        cr_expect_str_eq(text_of(json_at(root, i), "endsAt"), "2026-11-26T07:03:00.000Z");
    }
    json_close(root);
    buf_reset(&out);
    e.to = ALERT_RETURNED;
    cr_assert_eq(alertmanager_body(channel(&r, "am"), &r.world, &n, RIG_NOW + 9999, &out), ERR_OK);
    root = parsed(&out);
    last = json_at(root, ALERT_SEVERITY_COUNT - 1);
    cr_expect_str_eq(text_of(last, "endsAt"), "2026-11-26T07:03:00.000Z"); /* it is over */
    json_close(root);
    notify_rig_close(&r);
    buf_fini(&out);
}

Test(notice, a_topic_is_of_node_and_rule) {
    struct notify_rig r;
    struct buf out;
    char name[MQTT_TOPIC_MAX];
    notify_rig_open(&r, channels);
    buf_init(&out);
    struct alert_event e = notify_rig_event(17);
    struct notice n = notice_of(&r, &e);
    mqtt_name(&r.world, &n, false, name);
    cr_expect_str_eq(name, "pb1i/hall/press-1/alert/load");
    mqtt_name(&r.world, &n, true, name);
    cr_expect_str_eq(name, "pb1i/hall/press-1/alert/load/event");
    e.why = ALERT_WHY_GONE; /* nothing is retained of what is no more */
    cr_assert_eq(mqtt_body(channel(&r, "scada"), &r.world, &n, false, &out), ERR_OK);
    cr_expect_eq(out.n, 0);
    cr_assert_eq(mqtt_body(channel(&r, "scada"), &r.world, &n, true, &out), ERR_OK);
    cr_expect_gt(out.n, 0);
    notify_rig_close(&r);
    buf_fini(&out);
}
