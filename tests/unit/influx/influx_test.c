#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "influx/influx.h"
#include "support/loop_wait.h"
#include "support/server_http.h"

enum { WAIT_MS = 20000 };

/* A sink, a server that plays the database, and the last answer. */
struct bench {
    uv_loop_t loop;
    struct server_http *server;
    struct sink *sink;
    unsigned answers;
    bool closed;
    int status;
    int64_t retry_after_ms;
    char body[128], error[128];
};

static void on_answer(void *user, const struct sink_answer *a) {
    struct bench *b = user;
    b->answers++;
    b->status = a->status;
    b->retry_after_ms = a->retry_after_ms;
    snprintf(b->body, sizeof b->body, "%.*s", (int)a->body.n, (const char *)a->body.p);
    snprintf(b->error, sizeof b->error, "%s", a->error);
}

static void on_closed(void *user) {
    ((struct bench *)user)->closed = true;
}

static void bench_open(struct bench *b, struct influx_conf conf) {
    char url[128];
    *b = (struct bench){0};
    cr_assert_eq(uv_loop_init(&b->loop), 0);
    cr_assert_eq(server_http_open(&b->loop, NULL, &b->server), ERR_OK);
    snprintf(url, sizeof url, "%s/", server_http_url(b->server)); /* a slash too many is no harm */
    conf.url = url;
    conf.timeout_ms = 5000;
    cr_assert_eq(influx_open(&conf, &b->loop, &b->sink), ERR_OK);
}

static void bench_close(struct bench *b) {
    b->sink->ops->close(b->sink, on_closed, b);
    server_http_close(b->server);
    cr_expect(loop_closed(&b->loop));
    cr_expect(b->closed);
}

static bool answered(void *user) {
    return ((struct bench *)user)->answers > 0;
}

static void wait_answer(struct bench *b) {
    cr_assert(loop_until(&b->loop, answered, b, WAIT_MS));
    cr_expect_eq(b->answers, 1);
    b->answers = 0;
}

static void write_one(struct bench *b) {
    cr_assert_eq(b->sink->ops->write(b->sink, span_str("m f=1i 1\n"), on_answer, b), ERR_OK);
    wait_answer(b);
}

static const struct server_request *asked(struct bench *b) {
    return server_http_request(b->server, server_http_count(b->server) - 1);
}

/* "bob:secret" in base64, by hand: Ym9iOnNlY3JldA==. */
Test(influx, writes_by_the_first_api) {
    struct bench b;
    char value[64];
    bench_open(&b, (struct influx_conf){.name = "my db", .user = "bob", .password = "secret"});
    write_one(&b);
    const struct server_request *r = asked(&b);
    cr_expect_str_eq(r->method, "POST");
    cr_expect_str_eq(r->path, "/write?precision=ms&db=my%20db");
    cr_expect_str_eq((const char *)r->body.p, "m f=1i 1\n");
    cr_expect_not(r->gzip);
    cr_expect(server_http_header(r, "Authorization", value, sizeof value));
    cr_expect_str_eq(value, "Basic Ym9iOnNlY3JldA==");
    cr_expect_eq(b.status, 204);
    bench_close(&b);
}

Test(influx, writes_by_the_second_api) {
    struct bench b;
    char value[64];
    bench_open(
        &b,
        (struct influx_conf){
            .v2 = true, .name = "b&c", .org = "o/p", .token = "t0k", .gzip = true, .create = true});
    write_one(&b);
    const struct server_request *r = asked(&b);
    cr_expect_str_eq(r->path, "/api/v2/write?precision=ms&org=o%2Fp&bucket=b%26c");
    cr_expect_str_eq((const char *)r->body.p, "m f=1i 1\n");
    cr_expect(r->gzip);
    cr_expect(server_http_header(r, "Authorization", value, sizeof value));
    cr_expect_str_eq(value, "Token t0k");
    cr_expect_null(b.sink->ops->retract, "it cannot delete a single point");
    cr_expect_null(b.sink->ops->create);
    bench_close(&b);
}

Test(influx, gives_answers_back_as_they_came) {
    static const struct server_answer script[] = {
        {.status = 400, .body = "{\"error\":\"partial write\"}"},
        {.status = 429, .headers = "Retry-After: 7\r\n"},
        {.status = 413},
        {.status = 503, .body = "later"},
        {.status = 200, .body = "an \"error\" in a write's answer is no query's"}};
    struct bench b;
    bench_open(&b, (struct influx_conf){.name = "db"});
    for (size_t i = 0; i < 5; i++) {
        cr_assert_eq(server_http_script(b.server, &script[i]), ERR_OK);
        write_one(&b);
        cr_expect_eq(b.status, script[i].status);
        cr_expect_str_eq(b.body, script[i].body ? script[i].body : "");
        cr_expect_eq(b.retry_after_ms, i == 1 ? 7000 : -1);
    }
    bench_close(&b);
}

Test(influx, a_broken_transfer_has_no_status) {
    static const struct server_answer script[] = {
        {.reset = true}, {.status = 400, .body = "{\"error\":\"a long answer\"}", .cut = 60}};
    struct bench b;
    bench_open(&b, (struct influx_conf){.name = "db"});
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(server_http_script(b.server, &script[i]), ERR_OK);
        write_one(&b);
        cr_expect_eq(b.status, 0);
        cr_expect_gt(strlen(b.error), 0);
    }
    write_one(&b);
    cr_expect_eq(b.status, 204);
    bench_close(&b);
}

Test(influx, retracts_and_creates_by_queries) {
    static const struct server_answer ok = {.status = 200,
                                            .body = "{\"results\":[{\"statement_id\":0}]}"};
    static const struct server_answer bad = {
        .status = 200, .body = "{\"results\":[{\"statement_id\":0,\"error\":\"no\"}]}"};
    struct bench b;
    bench_open(&b, (struct influx_conf){.name = "a\"b", .create = true});
    server_http_script(b.server, &ok);
    server_http_script(b.server, &bad);
    server_http_script(b.server, &ok);
    cr_assert_eq(
        b.sink->ops->retract(b.sink, "pb_unit", span_str("\"unit\"='x'"), 1500, on_answer, &b),
        ERR_OK);
    wait_answer(&b);
    cr_expect_eq(b.status, 200);
    cr_expect_str_eq(asked(&b)->path, "/query?db=a%22b&q=DELETE%20FROM%20%22pb_unit%22%20WHERE%20"
                                      "%22unit%22%3D%27x%27%20AND%20time%20%3D%201500000000");
    cr_assert_eq(b.sink->ops->retract(b.sink, "m", span_str("x"), 1, on_answer, &b), ERR_OK);
    wait_answer(&b);
    cr_expect_eq(b.status, 422, "an error behind a 200");
    cr_assert_eq(b.sink->ops->create(b.sink, on_answer, &b), ERR_OK);
    wait_answer(&b);
    cr_expect_str_eq(asked(&b)->path, "/query?q=CREATE%20DATABASE%20%22a%5C%22b%22");
    bench_close(&b);
}

Test(influx, close_cancels_without_an_answer) {
    static const struct server_answer hold = {.hold = true};
    struct bench b;
    bench_open(&b, (struct influx_conf){.name = "db"});
    server_http_script(b.server, &hold);
    cr_assert_eq(b.sink->ops->write(b.sink, span_str("m f=1i 1\n"), on_answer, &b), ERR_OK);
    loop_for(&b.loop, 30);
    bench_close(&b);
    cr_expect_eq(b.answers, 0);
}
