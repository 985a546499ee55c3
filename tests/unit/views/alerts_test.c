#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "views/alerts.h"

#define NOW INT64_C(1780272000000) /* 2026-06-01T00:00:00Z */

static enum err read_command(const char *json, struct alert_command *out, char why[160]) {
    struct json_value *root = NULL;
    why[0] = 0;
    enum err err = view_alert_read(span_str(json), NOW, &root, out, why);
    json_close(root); /* texts of a good one are looked at before, where they are */
    return err;
}

Test(alerts, a_command_is_read_with_its_end) {
    struct alert_command c;
    char why[160];
    cr_assert_eq(read_command("{\"act\": \"shelve\", \"rule\": \"hot\", \"node\": \"press\", "
                              "\"who\": \"me\", \"minutes\": 30}",
                              &c, why),
                 ERR_OK, "%s", why);
    cr_expect_eq(c.act, ALERT_SHELVE);
    cr_expect_str_eq(c.rule.s, "hot");
    cr_expect_str_eq(c.node.s, "press");
    cr_expect_eq(c.until_ms, NOW + 30 * 60000);
    cr_assert_eq(read_command("{\"act\": \"shelve\", \"rule\": \"hot\", \"node\": \"press\", "
                              "\"who\": \"me\", \"until\": \"2026-06-01T02:00:00Z\"}",
                              &c, why),
                 ERR_OK);
    cr_expect_eq(c.until_ms, NOW + 2 * 3600000);
}

Test(alerts, what_is_wrong_with_a_command_is_said) {
    static const struct {
        const char *json, *part;
    } wrong[] = {
        {"{", "line 1"},
        {"[]", "object"},
        {"{\"rule\": \"hot\", \"node\": \"press\"}", "act"},
        {"{\"act\": \"acknowledge\", \"rule\": \"hot\", \"node\": \"press\"}", "act"},
        {"{\"act\": \"ack\", \"node\": \"press\"}", "rule"},
        {"{\"act\": \"ack\", \"rule\": \"Hot!\", \"node\": \"press\"}", "rule"},
        {"{\"act\": \"ack\", \"rule\": \"hot\"}", "node"},
        {"{\"act\": \"ack\", \"rule\": \"hot\", \"node\": \"press\", \"who\": 5}", "who"},
        {"{\"act\": \"ack\", \"rule\": \"hot\", \"node\": \"press\", \"whom\": \"me\"}", "known"},
        {"{\"act\": \"shelve\", \"rule\": \"hot\", \"node\": \"press\"}", "until"},
        {"{\"act\": \"shelve\", \"rule\": \"hot\", \"node\": \"press\", \"until\": \"noon\"}",
         "until"},
        {"{\"act\": \"shelve\", \"rule\": \"hot\", \"node\": \"press\", \"minutes\": 0}",
         "minutes"},
        {"{\"act\": \"shelve\", \"rule\": \"hot\", \"node\": \"press\", \"minutes\": 10081}",
         "minutes"},
        {"{\"act\": \"shelve\", \"rule\": \"hot\", \"node\": \"press\", \"minutes\": 5, "
         "\"until\": \"2026-06-01T02:00:00Z\"}",
         "one of them"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct alert_command c;
        char why[160];
        cr_expect_eq(read_command(wrong[i].json, &c, why), ERR_FORMAT, "%s", wrong[i].json);
        cr_expect(strstr(why, wrong[i].part) != NULL, "%s: %s", wrong[i].json, why);
    }
}

/* --- what happened, from the store -------------------------------------------------------------
 */

struct shelf { /* events 1 .. n, of which those before `first` are gone */
    uint64_t first, n;
    uint64_t loads, most; /* of a load: rows */
    unsigned alerts;      /* 0: odd and even */
    int64_t every_ms;     /* 0: a minute */
};

static uint64_t number_in(struct span key) {
    uint64_t n = 0;
    for (size_t i = 0; i < key.n; i++)
        n = n << 8 | key.p[i];
    return n;
}

static enum err load(void *user, const struct store_range *range, size_t n,
                     void (*done)(void *user, enum err err, const struct store_rows *rows),
                     void *done_user) {
    struct shelf *s = user;
    const int64_t every_ms = s->every_ms ? s->every_ms : 60000;
    const uint64_t from = number_in(range->from), to = number_in(range->to);
    struct store_item item[500];
    uint8_t key[500][ALERT_EVENT_KEY];
    struct buf value[500];
    size_t found = 0;
    uint32_t end = 0;
    cr_assert_eq(n, 1);
    for (uint64_t k = from > s->first ? from : s->first; k <= s->n && k < to; k++) {
        struct alert_event e = {.n = k,
                                .at_ms = NOW + (int64_t)k * every_ms,
                                .told_ms = NOW + (int64_t)k * every_ms,
                                .node = {"press"},
                                .to = ALERT_ACTIVE};
        char rule[32];
        (void)snprintf(rule, sizeof rule, "r%u", s->alerts ? (unsigned)(k % s->alerts) : 0);
        (void)ident_set(&e.rule, span_str(s->alerts ? rule : k % 2 ? "odd" : "even"));
        alert_event_key(k, key[found]);
        buf_init(&value[found]);
        cr_assert_eq(alert_event_pack(&e, &value[found]), ERR_OK);
        item[found] = (struct store_item){.table = STORE_EVENT,
                                          .key = span_of(key[found], ALERT_EVENT_KEY),
                                          .value = buf_span(&value[found])};
        found++;
    }
    end = (uint32_t)found;
    s->loads++;
    s->most = found > s->most ? found : s->most;
    done(done_user, ERR_OK, &(struct store_rows){.at = item, .range_end = &end, .n = found});
    for (size_t i = 0; i < found; i++)
        buf_fini(&value[i]);
    return ERR_OK;
}

static struct json_value *ask(struct shelf *s, const struct view_history *q) {
    const struct history_reader r = {.load = load, .user = s};
    struct json_value *root = NULL;
    struct buf out;
    int64_t next = 0;
    buf_init(&out);
    cr_assert_eq(view_past(q, &r, &out, &next), ERR_OK);
    cr_assert_eq(json_parse(buf_span(&out), NULL, &root, NULL), ERR_OK);
    buf_fini(&out);
    return root;
}

static int64_t number(const struct json_value *v, const char *key) {
    int64_t n = -1;
    (void)json_int64_of(json_find(v, key), &n);
    return n;
}

/* 1,200 events of which the first 100 have left: odd ones, newest first, in pages of 300. */
Test(alerts, history_is_read_back_in_pages_to_what_is_kept) {
    struct shelf s = {.first = 101, .n = 1200};
    struct view_history q = {.what = VIEW_PAST_ALERTS,
                             .query = {.from_ms = INT64_MIN / 2, .to_ms = INT64_MAX, .limit = 300},
                             .alarms = {.before = 1201, .rule = {"odd"}}};
    int64_t want = 1199;
    for (unsigned page = 0; page < 2; page++) {
        struct json_value *root = ask(&s, &q);
        const struct json_value *events = json_find(root, "events");
        cr_expect_eq(json_count(events), page ? 250 : 300);
        for (size_t i = 0; i < json_count(events); i++, want -= 2)
            cr_expect_eq(number(json_at(events, i), "n"), want);
        cr_expect_eq(number(root, "next"), page ? -1 : 601);
        q.alarms.before = 601;
        json_close(root);
    }
}

/* What is older than asked for is not on another page: who follows `next` comes to an end. */
Test(alerts, history_ends_where_the_span_begins) {
    struct shelf s = {.first = 1, .n = 1200};
    const struct view_history q = {
        .what = VIEW_PAST_ALERTS,
        .query = {.from_ms = NOW + 1191 * 60000, .to_ms = INT64_MAX, .limit = 300},
        .alarms = {.before = 1201}};
    struct json_value *root = ask(&s, &q);
    cr_expect_eq(json_count(json_find(root, "events")), 10);
    cr_expect_eq(number(root, "next"), -1);
    json_close(root);
}

/* Of 90 minutes, one each: 60 of them in the hour that is asked for. */
Test(alerts, figures_are_of_the_span) {
    struct shelf s = {.first = 1, .n = 90};
    const struct view_history q = {
        .what = VIEW_PAST_ALARM_FIGURES,
        .query = {.from_ms = NOW + 31 * 60000, .to_ms = NOW + 91 * 60000},
        .alarms = {.before = 91, .now = {.active = 3, .unacknowledged = 2}}};
    struct json_value *root = ask(&s, &q);
    cr_expect_eq(number(root, "activations"), 60);
    cr_expect_eq(number(root, "busiest_hour"), 60);
    cr_expect_eq(json_count(json_find(root, "top")), 2);
    cr_expect_eq(number(json_find(root, "now"), "active"), 3);
    json_close(root);
}

/* 500,000 events of 7,000 alerts, one each second: number k is of alert k mod 7,000, so alerts 1 to
 * 3,000 come 72 times, the others 71 (71 x 7,000 = 497,000). The first hour has numbers 1 to 3,599,
 * each later one 3,600; 500,000 s are 138 whole hours and 3,200 s. In between are 7,000 s: none
 * chatters. Read twice, never more than a page at a time. */
Test(alerts, figures_of_half_a_million_events_are_whole) {
    struct shelf s = {.first = 1, .n = 500000, .alerts = 7000, .every_ms = 1000};
    const struct view_history q = {.what = VIEW_PAST_ALARM_FIGURES,
                                   .query = {.from_ms = NOW, .to_ms = NOW + INT64_C(500001) * 1000},
                                   .alarms = {.before = 500001}};
    struct json_value *root = ask(&s, &q);
    const struct json_value *top = json_find(root, "top");
    cr_expect_eq(number(root, "activations"), 500000);
    cr_expect_eq(number(root, "busiest_hour"), 3600);
    cr_expect_eq(number(root, "hours"), 139);
    cr_expect_eq(number(root, "alerts"), 7000);
    cr_expect_eq(number(root, "in_no_row"), 0);
    cr_expect_eq(number(root, "chattering"), 0);
    cr_assert_eq(json_count(top), 10);
    for (size_t i = 0; i < 10; i++)
        cr_expect_eq(number(json_at(top, i), "activations"), 72);
    cr_expect_leq(s.most, 500);
    cr_expect_leq(s.loads, 2002);
    json_close(root);
}

/* Of a span in the past what came later is read over: numbers 100 to 199 of 450,000. */
Test(alerts, figures_of_a_span_long_ago_are_its_own) {
    struct shelf s = {.first = 1, .n = 450000, .alerts = 10, .every_ms = 1000};
    const struct view_history q = {
        .what = VIEW_PAST_ALARM_FIGURES,
        .query = {.from_ms = NOW + 100 * 1000, .to_ms = NOW + 200 * 1000},
        .alarms = {.before = 450001}};
    struct json_value *root = ask(&s, &q);
    cr_expect_eq(number(root, "activations"), 100);
    cr_expect_eq(number(json_at(json_find(root, "top"), 0), "activations"), 10);
    cr_expect_eq(number(root, "chattering"), 10, "each comes every ten seconds");
    json_close(root);
}
