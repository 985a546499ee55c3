/* What is answered under which path, with which heads. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig.h"

static struct json_value *tree(const struct answer *a) {
    struct json_value *v = NULL;
    cr_assert_eq(json_parse(span_of(a->body, a->body_n), NULL, &v, NULL), ERR_OK, "%s", a->body);
    return v;
}

static int64_t int_of(const struct json_value *v, const char *key) {
    int64_t n = 0;
    cr_assert_eq(json_int64_of(json_find(v, key), &n), ERR_OK, "%s", key);
    return n;
}

static void expect_problem(const struct answer *a, int status) {
    cr_expect_eq(a->status, status, "%d: %s", a->status, a->body);
    cr_expect(answer_has(a, "content-type: application/problem+json\r\n"));
    struct json_value *v = tree(a);
    cr_expect_eq(int_of(v, "status"), status);
    json_close(v);
}

Test(routes, every_view_is_json) {
    static const char *const paths[] = {
        "/api/v1/status",     "/api/v1/plant",       "/api/v1/indicators",
        "/api/v1/nodes/site", "/api/v1/nodes/press", "/api/v1/units/press",
        "/api/v1/unassigned", "/api/v1/agents",      "/api/v1/nodes/line?window=day"};
    struct rig r;
    rig_open(&r, NULL);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct answer a;
        ask(&r, "GET", paths[i], "", NULL, &a);
        cr_expect_eq(a.status, 200, "%s", paths[i]);
        cr_expect(answer_has(&a, "content-type: application/json\r\n"), "%s", paths[i]);
        cr_expect(answer_has(&a, "cache-control: no-store\r\n"));
        json_close(tree(&a));
        answer_fini(&a);
    }
    rig_close(&r);
}

Test(routes, window_argument_limits_the_windows) {
    struct rig r;
    struct answer a;
    rig_open(&r, NULL);
    ask(&r, "GET", "/api/v1/nodes/press?window=hour", "", NULL, &a);
    struct json_value *v = tree(&a);
    const struct json_value *windows = json_find(json_find(v, "head"), "windows");
    cr_expect_eq(json_count(windows), 1);
    cr_expect_not_null(json_find(windows, "hour"));
    json_close(v);
    answer_fini(&a);
    ask(&r, "GET", "/api/v1/nodes/press?window=week", "", NULL, &a);
    expect_problem(&a, 400);
    answer_fini(&a);
    rig_close(&r);
}

Test(routes, unknown_things_are_problems_not_pages) {
    static const char *const paths[] = {"/api/v1/nodes/nowhere",
                                        "/api/v1/units/site",
                                        "/api/v1/nodes/",
                                        "/api/v1/nodes/a/b",
                                        "/api/v1",
                                        "/nothing",
                                        "/../etc/passwd",
                                        "/api/v1/stream?node=x",
                                        "/app.js/",
                                        "/index.html"};
    struct rig r;
    rig_open(&r, NULL);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct answer a;
        ask(&r, "GET", paths[i], "", NULL, &a);
        expect_problem(&a, 404);
        answer_fini(&a);
    }
    cr_expect_eq(web_stats(r.web)->refused, sizeof paths / sizeof *paths);
    rig_close(&r);
}

Test(routes, metrics_are_plain_text) {
    struct rig r;
    struct answer a;
    rig_open(&r, NULL);
    ask(&r, "GET", "/metrics", "", NULL, &a);
    cr_expect_eq(a.status, 200);
    cr_expect(answer_has(&a, "content-type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    cr_expect(strstr(a.body, "\nplantbus_agents 1\n"));
    answer_fini(&a);
    rig_close(&r);
}

Test(routes, page_is_guarded_and_cached_by_its_tag) {
    struct rig r;
    struct answer a;
    char tag[64], extra[96];
    rig_open(&r, NULL);
    ask(&r, "GET", "/", "", NULL, &a);
    cr_expect_eq(a.status, 200);
    cr_expect(strstr(a.body, "<!doctype html>"));
    cr_expect(answer_has(&a, "content-security-policy: default-src 'none'; script-src 'self'"));
    cr_expect(answer_has(&a, "x-content-type-options: nosniff\r\n"));
    cr_expect_not(answer_has(&a, "content-encoding"));
    cr_assert_eq(sscanf(strstr(a.head, "etag: "), "etag: %63s", tag), 1);
    answer_fini(&a);
    snprintf(extra, sizeof extra, "If-None-Match: %s\r\n", tag);
    ask(&r, "GET", "/", extra, NULL, &a);
    cr_expect_eq(a.status, 304);
    cr_expect_eq(a.body_n, 0);
    answer_fini(&a);
    rig_close(&r);
}

Test(routes, page_comes_gzipped_when_asked_for) {
    struct rig r;
    struct answer plain, small;
    rig_open(&r, NULL);
    ask(&r, "GET", "/app.js", "", NULL, &plain);
    ask(&r, "GET", "/app.js", "Accept-Encoding: gzip, br\r\n", NULL, &small);
    cr_expect(answer_has(&small, "content-encoding: gzip\r\n"));
    cr_expect_eq((uint8_t)small.body[0], 0x1f);
    cr_expect_eq((uint8_t)small.body[1], 0x8b);
    cr_expect_lt(small.body_n, plain.body_n);
    cr_expect(answer_has(&plain, "content-type: text/javascript; charset=utf-8\r\n"));
    answer_fini(&plain);
    answer_fini(&small);
    rig_close(&r);
}

Test(routes, pages_can_be_left_out) {
    struct rig r;
    struct answer a;
    struct web_conf conf = {.pages = false};
    rig_open(&r, &conf);
    ask(&r, "GET", "/", "", NULL, &a);
    expect_problem(&a, 404);
    answer_fini(&a);
    rig_close(&r);
}

Test(routes, head_has_the_length_and_no_body) {
    struct rig r;
    struct answer get, head;
    char length[64];
    rig_open(&r, NULL);
    ask(&r, "GET", "/api/v1/plant", "", NULL, &get);
    ask(&r, "HEAD", "/api/v1/plant", "", NULL, &head);
    snprintf(length, sizeof length, "content-length: %zu\r\n", get.body_n);
    cr_expect_eq(head.status, 200);
    cr_expect_eq(head.body_n, 0);
    cr_expect(answer_has(&head, length), "%s", head.head);
    answer_fini(&get);
    answer_fini(&head);
    rig_close(&r);
}

Test(routes, other_methods_are_refused_with_allow) {
    static const char *const methods[] = {"PUT", "DELETE", "PATCH"};
    struct rig r;
    rig_open(&r, NULL);
    for (size_t i = 0; i < 3; i++) {
        struct answer a;
        ask(&r, methods[i], "/api/v1/plant", "", "x", &a);
        expect_problem(&a, 405);
        cr_expect(answer_has(&a, "allow: GET, HEAD, OPTIONS"));
        answer_fini(&a);
    }
    rig_close(&r);
}

/* What a path takes is told by the path, not by the server; of none there is nothing to tell. */
Test(routes, allow_names_what_the_path_takes) {
    static const struct {
        const char *method, *path, *allow;
        int status;
    } row[] = {{"GET", "/api/v1/reload", "allow: POST, OPTIONS", 405},
               {"POST", "/api/v1/plant", "allow: GET, HEAD, OPTIONS", 405},
               {"POST", "/", "allow: GET, HEAD, OPTIONS", 405},
               {"PUT", "/api/v1/entries", "allow: GET, HEAD, POST, OPTIONS", 405},
               {"OPTIONS", "/api/v1/entries", "allow: GET, HEAD, POST, OPTIONS", 204},
               {"OPTIONS", "/api/v1/nodes/press", "allow: GET, HEAD, OPTIONS", 204},
               {"OPTIONS", "/api/v1/nothing", NULL, 404},
               {"DELETE", "/api/v1/nothing", NULL, 404},
               {"POST", "/api/v1/nothing", NULL, 404}};
    struct rig r;
    rig_open(&r, NULL);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct answer a;
        ask(&r, row[i].method, row[i].path, "", NULL, &a);
        cr_expect_eq(a.status, row[i].status, "%s %s: %d", row[i].method, row[i].path, a.status);
        cr_expect(!row[i].allow || answer_has(&a, row[i].allow), "%s: %s", row[i].path, a.head);
        cr_expect(row[i].status != 204 || a.body_n == 0);
        answer_fini(&a);
    }
    rig_close(&r);
}

Test(routes, a_parameter_that_is_wrong_is_named) {
    static const struct {
        const char *path, *field;
    } row[] = {{"status?x=1", "x"},
               {"nodes/press?windw=day", "windw"},
               {"nodes/press?window=week", "window"},
               {"nodes/press?window=day&window=day", "window"},
               {"nodes/nowhere", "id"},
               {"units/site", "id"},
               {"units/site/timeline", "id"},
               {"entries?unit=site", "unit"},
               {"entries?from=noon", "from"},
               {"entries?limit=0", "limit"},
               {"entries?limit=1001", "limit"},
               {"entries?before=x", "before"},
               {"entries?locale=vi", "locale"},
               {"entries?format=csv&locale=de", "locale"},
               {"entries?format=jsonl", "format"},
               {"alerts?node=prss", "node"},
               {"alerts?all=2", "all"},
               {"alerts/history?rule=A%20B", "rule"},
               {"alerts/history?to=x", "to"},
               {"alerts/figures?from=2030-01-02&to=2030-01-01", "from"},
               {"alerts/figures?to=-9223372036854775808", "to"},
               {"alerts/letters?after=x", "after"},
               {"norms?state=dead", "state"},
               {"norms?overdue=2", "overdue"},
               {"norms?indicator=x", "indicator"},
               {"norms/nobody", "id"},
               {"norms/why", "node"},
               {"norms/why?node=press", "indicator"},
               {"norms/why?node=press&indicator=oee&at=x", "at"},
               {"norms/audit?from=0", "from"},
               {"norms/review?node=x", "node"},
               {"windows?kind=hour", "node"},
               {"windows?node=press&kind=week", "kind"},
               {"gauges?unit=press&gauge=x", "gauge"},
               {"explain?unit=press&kind=hour&indicator=oee&start=x", "start"},
               {"stream?node=x", "node"},
               {"stream?window=x", "window"},
               {"audit?before=-1", "before"}};
    struct rig r;
    rig_open(&r, NULL);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct answer a;
        char path[160], field[48];
        snprintf(path, sizeof path, "/api/v1/%s", row[i].path);
        snprintf(field, sizeof field, "\"field\":\"%s\"", row[i].field);
        ask(&r, "GET", path, "", NULL, &a);
        cr_expect(a.status == 400 || a.status == 404, "%s: %d", path, a.status);
        cr_expect(answer_has(&a, "content-type: application/problem+json"), "%s", path);
        cr_expect_not_null(strstr(a.body, field), "%s: %s", path, a.body);
        answer_fini(&a);
    }
    rig_close(&r);
}

Test(routes, command_gets_its_noun_and_body) {
    struct rig r;
    struct answer a;
    rig_open(&r, NULL);
    ask(&r, "POST", "/api/v1/entries", "Content-Type: application/json\r\n", "{\"x\":1}", &a);
    cr_expect_eq(a.status, 200);
    cr_expect_str_eq(a.body, "{\"done\":true}");
    cr_expect_str_eq(r.posted, "entries 7");
    answer_fini(&a);
    const char *json = "Content-Type: application/json; charset=utf-8\r\n";
    ask(&r, "POST", "/api/v1/entries", json, "", &a); /* refused by the command: ERR_RANGE */
    expect_problem(&a, 422);
    answer_fini(&a);
    ask(&r, "POST", "/api/v1/entries", "Content-Type: text/plain\r\n", "{\"x\":1}", &a);
    expect_problem(&a, 415);
    answer_fini(&a);
    rig_close(&r);
}

/* The answer says that nothing can undo it any more: it waits for the commit. */
Test(routes, command_is_answered_when_it_is_durable) {
    struct rig r;
    struct peer p;
    struct core_act_answer taken;
    rig_open(&r, NULL);
    const struct act note = {.kind = ACT_NOTE,
                             .key = span_str("k"),
                             .unit = span_str("press"),
                             .t0_ms = RIG_T0,
                             .t1_ms = RIG_T0,
                             .who = span_str("early shift"),
                             .note = span_str("oil changed")};
    cr_assert_eq(core_on_act(r.station.core, &note, r.station.now, &taken), ERR_OK);
    r.wait_for = taken.n;
    peer_open(&p, &r, false);
    peer_say(&p, "POST /api/v1/entries HTTP/1.1\r\nHost: localhost\r\n"
                 "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"x\":1}");
    while (!r.posted[0])
        uv_run(&r.loop, UV_RUN_ONCE);
    web_wake(r.web);
    uv_run(&r.loop, UV_RUN_NOWAIT);
    cr_expect_eq(p.got.n, 0);
    cr_assert_eq(station_settle(&r.station), ERR_OK);
    web_wake(r.web);
    cr_expect(peer_until(&p, "{\"done\":true}"));
    peer_close(&p);
    rig_close(&r);
}

#define POST_SEVEN                                                                                 \
    "POST /api/v1/entries HTTP/1.1\r\nHost: localhost\r\n"                                         \
    "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"x\":1}"

/* It comes whole, and with the ticket it was given last. */
Test(routes, command_that_is_put_off_comes_again) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    r.put_off = 2;
    peer_open(&p, &r, false);
    peer_say(&p, POST_SEVEN);
    while (r.came < 1)
        uv_run(&r.loop, UV_RUN_ONCE);
    r.posted[0] = 0;
    for (unsigned turn = 0; turn < 3; turn++)
        uv_run(&r.loop, UV_RUN_NOWAIT);
    cr_expect_eq(r.came, 1); /* not before somebody wakes it */
    web_wake(r.web);
    while (r.came < 2)
        uv_run(&r.loop, UV_RUN_ONCE);
    cr_expect_str_eq(r.posted, "entries 7");
    cr_expect_eq(p.got.n, 0);
    web_wake(r.web);
    cr_expect(peer_until(&p, "{\"done\":true}"));
    peer_close(&p);
    rig_close(&r);
}

Test(routes, command_that_is_put_off_may_be_given_up_by_its_client) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    r.put_off = 1000;
    peer_open(&p, &r, false);
    peer_say(&p, POST_SEVEN);
    while (r.came < 1)
        uv_run(&r.loop, UV_RUN_ONCE);
    peer_close(&p);
    while (web_stats(r.web)->connections)
        uv_run(&r.loop, UV_RUN_ONCE);
    web_wake(r.web);
    uv_run(&r.loop, UV_RUN_NOWAIT);
    cr_expect_eq(r.came, 1);
    rig_close(&r);
}

static size_t listed(struct rig *r, const char *path, int64_t *first) {
    struct answer a;
    ask(r, "GET", path, "", NULL, &a);
    cr_assert_eq(a.status, 200, "%s: %s", path, a.body);
    struct json_value *v = tree(&a);
    const struct json_value *list = json_find(v, "entries");
    size_t n = json_count(list);
    *first = n ? int_of(json_at(list, 0), "entry") : 0;
    json_close(v);
    answer_fini(&a);
    return n;
}

Test(routes, entries_are_given_newest_first_and_in_pages) {
    static const char *const wrong[] = {"before=0", "before=x", "limit=0", "limit=1001", "from=x"};
    char path[400], key[8];
    struct rig r;
    struct core_act_answer taken;
    struct answer a;
    int64_t first = 0;
    rig_open(&r, NULL);
    for (unsigned i = 1; i <= 5; i++) {
        snprintf(key, sizeof key, "k%u", i);
        const struct act note = {.kind = ACT_NOTE,
                                 .key = span_str(key),
                                 .unit = span_str(i % 2 ? "press" : "pack"),
                                 .t0_ms = RIG_T0,
                                 .t1_ms = RIG_T0,
                                 .who = span_str("early shift"),
                                 .note = span_str("oil changed")};
        cr_assert_eq(core_on_act(r.station.core, &note, r.station.now, &taken), ERR_OK);
    }
    cr_expect_eq(listed(&r, "/api/v1/entries", &first), 0); /* not before they are durable */
    cr_assert_eq(station_settle(&r.station), ERR_OK);
    cr_expect_eq(listed(&r, "/api/v1/entries", &first), 5);
    cr_expect_eq(first, 5);
    cr_expect_eq(listed(&r, "/api/v1/entries?limit=2&before=4", &first), 2);
    cr_expect_eq(first, 3);
    cr_expect_eq(listed(&r, "/api/v1/entries?unit=press&before=5", &first), 2);
    cr_expect_eq(first, 3);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        /* An argument that is too long to be one of ours does not hide the others. */
        snprintf(path, sizeof path, "/api/v1/entries?x=%0200u&%s", 1, wrong[i]);
        ask(&r, "GET", path, "", NULL, &a);
        expect_problem(&a, 400);
        answer_fini(&a);
    }
    rig_close(&r);
}

/* Whoever goes away before that leaves nothing behind. */
Test(routes, command_may_be_left_unanswered) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    r.wait_for = 99;
    peer_open(&p, &r, false);
    peer_say(&p, "POST /api/v1/entries HTTP/1.1\r\nHost: localhost\r\n"
                 "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"x\":1}");
    while (!r.posted[0])
        uv_run(&r.loop, UV_RUN_ONCE);
    peer_close(&p);
    web_wake(r.web);
    rig_close(&r);
}

Test(routes, large_body_is_refused_unread) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    peer_open(&p, &r, false);
    peer_say(&p,
             "POST /api/v1/entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n");
    cr_expect(peer_until(&p, " 413 "));
    cr_expect(peer_ended(&p));
    cr_expect_eq(r.posted[0], 0);
    peer_close(&p);
    rig_close(&r);
}

Test(routes, one_connection_serves_many_requests) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    peer_open(&p, &r, false);
    for (int i = 0; i < 3; i++) {
        peer_clear(&p);
        peer_say(&p, "GET /api/v1/plant HTTP/1.1\r\nHost: localhost\r\n\r\n");
        cr_expect(peer_until(&p, "\"products\":["));
    }
    peer_clear(&p);
    peer_say(&p, "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
    cr_expect(peer_until(&p, " 404 "));
    cr_expect_not(p.ended);
    cr_expect_eq(web_stats(r.web)->requests, 4);
    cr_expect_eq(web_stats(r.web)->connections, 1);
    peer_close(&p);
    rig_close(&r);
}

Test(routes, unix_socket_is_the_owners_alone_and_serves_the_same) {
    struct rig r;
    struct peer p;
    struct stat st;
    rig_open(&r, NULL);
    cr_assert_eq(stat(r.socket, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0600);
    peer_open(&p, &r, true);
    peer_say(&p, "GET /api/v1/status HTTP/1.1\r\nHost: plantbus\r\n\r\n");
    cr_expect(peer_until(&p, "\"version\":\"test\""));
    peer_close(&p);
    rig_close(&r);
}

Test(routes, name_of_another_site_is_not_served) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    static const char *const hosts[] = {"evil.example", "localhost.evil.example",
                                        "127.0.0.1.evil.example"};
    for (size_t i = 0; i < 3; i++) {
        char text[160];
        peer_open(&p, &r, false);
        snprintf(text, sizeof text, "GET /api/v1/plant HTTP/1.1\r\nHost: %s\r\n\r\n", hosts[i]);
        peer_say(&p, text);
        cr_expect(peer_until(&p, " 421 "), "%s", hosts[i]);
        peer_close(&p);
    }
    rig_close(&r);
}

Test(routes, loopback_means_this_address_alone) {
    struct rig r;
    struct sockaddr_in other = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002)};
    rig_open(&r, NULL);
    other.sin_port = htons(web_port(r.web));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_geq(fd, 0);
    cr_expect_eq(connect(fd, (struct sockaddr *)&other, sizeof other), -1, "127.0.0.2 is served");
    close(fd);
    rig_close(&r);
}

Test(routes, without_a_core_the_answer_is_503) {
    struct rig r;
    struct answer a;
    rig_open(&r, NULL);
    r.no_core = true;
    ask(&r, "GET", "/api/v1/status", "", NULL, &a);
    expect_problem(&a, 503);
    answer_fini(&a);
    ask(&r, "GET", "/", "", NULL, &a);
    cr_expect_eq(a.status, 200, "the page itself is there");
    answer_fini(&a);
    rig_close(&r);
}

Test(routes, taken_port_is_an_error_and_leaves_nothing) {
    struct rig r;
    struct web *second = NULL;
    rig_open(&r, NULL);
    struct web_conf conf = {.port = web_port(r.web)};
    struct web_source source = {0};
    cr_expect_eq(web_open(&conf, &r.loop, &source, &second), ERR_IO);
    cr_expect_null(second);
    conf = (struct web_conf){.unix_path = "/nowhere/at/all.sock"};
    cr_expect_eq(web_open(&conf, &r.loop, &source, &second), ERR_IO);
    rig_close(&r);
}
