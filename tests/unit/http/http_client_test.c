#include <criterion/criterion.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "http/http_client.h"
#include "support/loop_wait.h"
#include "support/server_http.h"

enum { WAIT_MS = 20000 };

/* A client, a server, and the last answer that came. */
struct bench {
    uv_loop_t loop;
    struct server_http *server;
    struct http_client *client;
    char url[128];
    bool inside;
    unsigned answers, closed;
    enum err err;
    int status;
    char body[64];
    size_t body_n;
    bool body_cut;
    int64_t retry_after_ms;
    char error[128];
    uint64_t sent_bytes;
    void (*then)(struct bench *b); /* called from inside on_done, once */
};

static void on_done(void *user, const struct http_answer *a) {
    struct bench *b = user;
    cr_expect_not(b->inside);
    cr_expect_eq(b->closed, 0);
    b->answers++;
    b->err = a->err;
    b->status = a->status;
    b->body_n = a->body.n;
    snprintf(b->body, sizeof b->body, "%.*s", (int)a->body.n, (const char *)a->body.p);
    b->body_cut = a->body_cut;
    b->retry_after_ms = a->retry_after_ms;
    snprintf(b->error, sizeof b->error, "%s", a->error);
    b->sent_bytes = a->sent_bytes;
    if (b->then != NULL) {
        void (*then)(struct bench *) = b->then;
        b->then = NULL;
        then(b);
    }
}

static void on_closed(void *user) {
    ((struct bench *)user)->closed++;
}

static void bench_open_at(struct bench *b, const char *unix_path) {
    *b = (struct bench){0};
    cr_assert_eq(uv_loop_init(&b->loop), 0);
    cr_assert_eq(server_http_open(&b->loop, unix_path, &b->server), ERR_OK);
    cr_assert_eq(http_client_open(&b->loop, &b->client), ERR_OK);
    snprintf(b->url, sizeof b->url, "%s/write?db=x", server_http_url(b->server));
}

static void bench_open(struct bench *b) {
    bench_open_at(b, NULL);
}

static void bench_close(struct bench *b) {
    if (b->client != NULL) {
        http_client_close(b->client, on_closed, b);
    }
    if (b->server != NULL) {
        server_http_close(b->server);
    }
    cr_expect(loop_closed(&b->loop));
    cr_expect_eq(b->closed, 1);
}

static struct http_request request(struct bench *b) {
    return (struct http_request){.url = b->url, .on_done = on_done, .done_user = b};
}

static struct http_call *begin(struct bench *b, const struct http_request *r) {
    struct http_call *call = NULL;
    b->inside = true;
    cr_assert_eq(http_client_send(b->client, r, &call), ERR_OK);
    b->inside = false;
    return call;
}

static bool answered(void *user) {
    return ((struct bench *)user)->answers >= 1;
}

static bool answered_twice(void *user) {
    return ((struct bench *)user)->answers >= 2;
}

static bool asked(void *user) {
    return server_http_count(((struct bench *)user)->server) >= 1;
}

static void send_and_wait(struct bench *b, const struct http_request *r) {
    b->answers = 0;
    begin(b, r);
    cr_assert(loop_until(&b->loop, answered, b, WAIT_MS));
}

static void script(struct bench *b, struct server_answer a) {
    cr_assert_eq(server_http_script(b->server, &a), ERR_OK);
}

/* What stands behind the host; dots are gone through, and a fragment stays here. */
Test(http_client, asks_for_what_the_url_names) {
    static const char *const target[][2] = {
        {"/a", "/a"},        {"/a?b=c%20d", "/a?b=c%20d"}, {"/a?b=/c?d", "/a?b=/c?d"},
        {"?b=/c", "/?b=/c"}, {"/a/../b?c", "/b?c"},        {"/a?b#/c", "/a?b"}};
    struct bench b;
    bench_open(&b);
    for (size_t i = 0; i < sizeof target / sizeof *target; i++) {
        snprintf(b.url, sizeof b.url, "%s%s", server_http_url(b.server), target[i][0]);
        struct http_request r = request(&b);
        send_and_wait(&b, &r);
        cr_expect_str_eq(server_http_request(b.server, i)->path, target[i][1], "%s", target[i][0]);
    }
    snprintf(b.url, sizeof b.url, "%s/a?b c", server_http_url(b.server));
    struct http_request r = request(&b);
    send_and_wait(&b, &r);
    cr_expect_eq(b.err, ERR_IO, "a blank would end the target");
    bench_close(&b);
}

Test(http_client, a_get_brings_status_and_body) {
    struct bench b;
    char value[64];
    bench_open(&b);
    script(&b, (struct server_answer){.status = 200, .body = "pong"});
    struct http_request r = request(&b);
    send_and_wait(&b, &r);
    cr_expect_eq(b.err, ERR_OK);
    cr_expect_eq(b.status, 200);
    cr_expect_str_eq(b.body, "pong");
    cr_expect_str_eq(b.error, "");
    cr_expect_eq(b.retry_after_ms, -1);
    const struct server_request *q = server_http_request(b.server, 0);
    cr_expect_str_eq(q->method, "GET");
    cr_expect_str_eq(q->path, "/write?db=x");
    cr_expect_not(server_http_header(q, "Authorization", value, sizeof value));
    cr_expect_eq(http_client_active(b.client), 0);
    bench_close(&b);
}

Test(http_client, a_post_carries_body_headers_and_names) {
    struct bench b;
    char value[64];
    bench_open(&b);
    const char *headers[] = {"X-One: 1", "Content-Type: text/plain"};
    struct http_request r = request(&b);
    r.method = "POST";
    r.header = headers;
    r.header_n = 2;
    r.body = span_str("a=1 2");
    r.user = "u";
    r.password = "p";
    send_and_wait(&b, &r);
    cr_expect_eq(b.status, 204);
    const struct server_request *q = server_http_request(b.server, 0);
    cr_expect_str_eq(q->method, "POST");
    cr_expect_str_eq((const char *)q->body.p, "a=1 2");
    cr_expect(server_http_header(q, "X-One", value, sizeof value));
    cr_expect_str_eq(value, "1");
    cr_expect(server_http_header(q, "Content-Type", value, sizeof value));
    cr_expect_str_eq(value, "text/plain");
    cr_expect(server_http_header(q, "Authorization", value, sizeof value));
    cr_expect_str_eq(value, "Basic dTpw"); /* base64 of "u:p" */
    cr_expect_not(server_http_header(q, "Expect", value, sizeof value));
    bench_close(&b);
}

Test(http_client, a_token_and_other_methods_are_sent) {
    struct bench b;
    char value[64];
    bench_open(&b);
    struct http_request r = request(&b);
    r.token = "t0k";
    r.method = "DELETE";
    send_and_wait(&b, &r);
    r.method = "PUT";
    r.body = span_str("{}");
    send_and_wait(&b, &r);
    r.method = "HEAD";
    r.body = span_str("");
    send_and_wait(&b, &r);
    cr_assert_eq(server_http_count(b.server), 3);
    const struct server_request *q = server_http_request(b.server, 0);
    cr_expect_str_eq(q->method, "DELETE");
    cr_expect(server_http_header(q, "Authorization", value, sizeof value));
    cr_expect_str_eq(value, "Token t0k");
    q = server_http_request(b.server, 1);
    cr_expect_str_eq(q->method, "PUT");
    cr_expect_str_eq((const char *)q->body.p, "{}");
    cr_expect_not(server_http_header(q, "Content-Type", value, sizeof value));
    cr_expect_str_eq(server_http_request(b.server, 2)->method, "HEAD");
    cr_expect_eq(server_http_request(b.server, 2)->connection, 1); /* one connection for all */
    bench_close(&b);
}

Test(http_client, a_gzip_body_arrives_whole_and_small) {
    struct bench b;
    enum { N = 300000 };
    char *text = malloc(N);
    cr_assert_not_null(text);
    for (size_t i = 0; i < N; i++) {
        text[i] = "pb_unit,site=a,unit=m1 good=1i 17\n"[i % 34];
    }
    bench_open(&b);
    struct http_request r = request(&b);
    r.method = "POST";
    r.gzip = true;
    r.body = span_of(text, N);
    send_and_wait(&b, &r);
    const struct server_request *q = server_http_request(b.server, 0);
    cr_assert_not_null(q);
    cr_expect(q->gzip);
    cr_expect(span_equal(buf_span(&q->body), span_of(text, N)));
    cr_expect_lt(q->wire_bytes, N / 20);
    cr_expect_eq(b.sent_bytes, q->wire_bytes);
    bench_close(&b);
    free(text);
}

Test(http_client, retry_after_is_read_in_both_forms) {
    struct bench b;
    char date[64], header[96];
    time_t soon = time(NULL) + 3600;
    struct tm tm;
    bench_open(&b);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&soon, &tm));
    snprintf(header, sizeof header, "Retry-After: %s\r\n", date);
    script(&b, (struct server_answer){.status = 429, .headers = "retry-after: 7 \r\n"});
    script(&b, (struct server_answer){.status = 503, .headers = header});
    script(&b, (struct server_answer){.status = 503, .headers = "Retry-After: 0\r\n"});
    script(&b, (struct server_answer){.status = 503, .headers = "Retry-After: soon\r\n"});
    script(&b, (struct server_answer){.status = 503,
                                      .headers = "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n"});
    struct http_request r = request(&b);
    send_and_wait(&b, &r);
    cr_expect_eq(b.err, ERR_OK); /* a status is an answer */
    cr_expect_eq(b.status, 429);
    cr_expect_eq(b.retry_after_ms, 7000);
    send_and_wait(&b, &r);
    cr_expect(b.retry_after_ms > 3500000 && b.retry_after_ms <= 3600000, "%ld", b.retry_after_ms);
    send_and_wait(&b, &r);
    cr_expect_eq(b.retry_after_ms, 0);
    send_and_wait(&b, &r);
    cr_expect_eq(b.retry_after_ms, -1);
    send_and_wait(&b, &r);
    cr_expect_eq(b.retry_after_ms, 0); /* a date that has passed: now */
    bench_close(&b);
}

Test(http_client, a_long_answer_is_cut_at_its_bound) {
    struct bench b;
    bench_open(&b);
    script(&b, (struct server_answer){.status = 400, .body = "0123456789"});
    script(&b, (struct server_answer){.status = 400, .body = "0123456789"});
    struct http_request r = request(&b);
    r.answer_max = 4;
    send_and_wait(&b, &r);
    cr_expect_eq(b.err, ERR_OK);
    cr_expect_eq(b.status, 400);
    cr_expect_str_eq(b.body, "0123");
    cr_expect(b.body_cut);
    r.answer_max = 10;
    send_and_wait(&b, &r);
    cr_expect_eq(b.body_n, 10);
    cr_expect_not(b.body_cut);
    bench_close(&b);
}

Test(http_client, a_reset_is_an_error_before_and_within_the_answer) {
    struct bench b;
    bench_open(&b);
    /* the head has 23 + 20 + 2 bytes, so 50 end within the body */
    script(&b, (struct server_answer){.status = 200, .body = "0123456789", .cut = 50});
    script(&b, (struct server_answer){.reset = true});
    struct http_request r = request(&b);
    send_and_wait(&b, &r);
    cr_expect_eq(b.err, ERR_IO);
    cr_expect_neq(b.error[0], '\0');
    send_and_wait(&b, &r);
    cr_expect_eq(b.err, ERR_IO);
    cr_expect_eq(b.status, 0);
    send_and_wait(&b, &r); /* and the client goes on */
    cr_expect_eq(b.status, 204);
    bench_close(&b);
}

/* curl takes "HTTP/1.1 700" for an answer like any other; there is no such status. */
Test(http_client, a_status_that_does_not_exist_is_an_error) {
    struct bench b;
    bench_open(&b);
    script(&b, (struct server_answer){.status = 700, .body = "ok"});
    struct http_request r = request(&b);
    send_and_wait(&b, &r);
    cr_expect_eq(b.err, ERR_IO);
    cr_expect_eq(b.status, 0);
    cr_expect_str_eq(b.error, "the answer has no legal status");
    bench_close(&b);
}

Test(http_client, a_lone_request_times_out) {
    struct bench b;
    bench_open(&b);
    script(&b, (struct server_answer){.hold = true});
    struct http_request r = request(&b);
    r.timeout_ms = 100;
    send_and_wait(&b, &r);
    cr_expect_eq(b.err, ERR_IO);
    cr_expect_eq(b.status, 0);
    cr_expect_not_null(strstr(b.error, "timed out"), "%s", b.error);
    bench_close(&b);
}

/* A server that does not read while the request waits: what it finds afterwards ends with a reset,
 * before the body's end. */
Test(http_client, a_request_given_up_does_not_arrive_later) {
    enum { BODY = 16 << 20, WINDOW = 8192 };
    static uint8_t body[BODY];
    char url[64], got[4096];
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    size_t read_n = 0;
    ssize_t r_n;
    struct bench b;
    bench_open(&b);
    const int listener = socket(AF_INET, SOCK_STREAM, 0), window = WINDOW;
    cr_assert_eq(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &window, sizeof window), 0);
    cr_assert_eq(bind(listener, (const struct sockaddr *)&a, sizeof a), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&a, &n), 0);
    cr_assert_eq(listen(listener, 1), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/write", (unsigned)ntohs(a.sin_port));
    struct http_request r = request(&b);
    r.url = url;
    r.timeout_ms = 200;
    r.body = span_of(body, sizeof body);
    send_and_wait(&b, &r);
    cr_expect_eq(b.err, ERR_IO);
    const int fd = accept(listener, NULL, NULL);
    cr_assert_geq(fd, 0);
    while ((r_n = read(fd, got, sizeof got)) > 0)
        read_n += (size_t)r_n;
    cr_expect_eq(r_n, -1, "it ended as if it were whole, after %zu bytes", read_n);
    cr_expect_lt(read_n, sizeof body);
    close(fd);
    close(listener);
    bench_close(&b);
}

Test(http_client, a_port_without_listener_is_an_error) {
    struct bench b;
    bench_open(&b);
    server_http_close(b.server);
    b.server = NULL;
    struct http_request r = request(&b);
    send_and_wait(&b, &r);
    cr_expect_eq(b.err, ERR_IO);
    cr_expect_eq(b.status, 0);
    cr_expect_neq(b.error[0], '\0');
    bench_close(&b);
}

Test(http_client, illegal_fields_are_refused) {
    struct bench b;
    bench_open(&b);
    const char *header = "X: 1\r\nY: 2";
    struct http_request r = request(&b);
    r.header = &header;
    r.header_n = 1;
    cr_expect_eq(http_client_send(b.client, &r, NULL), ERR_RANGE);
    r.header_n = 0;
    r.token = "a\nb";
    cr_expect_eq(http_client_send(b.client, &r, NULL), ERR_RANGE);
    r.token = NULL;
    r.url = "file:///etc/passwd";
    send_and_wait(&b, &r);
    cr_expect_eq(b.err, ERR_IO);
    cr_expect_eq(b.body_n, 0);
    bench_close(&b);
}

Test(http_client, a_cancelled_request_is_never_answered) {
    struct bench b;
    bench_open(&b);
    script(&b, (struct server_answer){.status = 200, .hold = true});
    struct http_request r = request(&b);
    struct http_call *call = begin(&b, &r);
    cr_assert(loop_until(&b.loop, asked, &b, WAIT_MS));
    cr_expect_eq(http_client_active(b.client), 1);
    http_client_cancel(b.client, call);
    cr_expect_eq(http_client_active(b.client), 0);
    server_http_release(b.server);
    send_and_wait(&b, &r); /* the next one is the only one that is told */
    cr_expect_eq(b.answers, 1);
    cr_expect_eq(b.status, 204);
    bench_close(&b);
}

Test(http_client, closing_ends_what_is_under_way_in_silence) {
    struct bench b;
    bench_open(&b);
    script(&b, (struct server_answer){.hold = true});
    script(&b, (struct server_answer){.hold = true});
    struct http_request r = request(&b);
    begin(&b, &r);
    begin(&b, &r);
    cr_assert(loop_until(&b.loop, asked, &b, WAIT_MS));
    bench_close(&b);
    cr_expect_eq(b.answers, 0);
}

static void send_another(struct bench *b) {
    struct http_request r = request(b);
    cr_expect_eq(http_client_send(b->client, &r, NULL), ERR_OK);
}

Test(http_client, the_next_request_may_begin_in_the_callback) {
    struct bench b;
    bench_open(&b);
    b.then = send_another;
    struct http_request r = request(&b);
    begin(&b, &r);
    cr_assert(loop_until(&b.loop, answered_twice, &b, WAIT_MS));
    bench_close(&b);
}

static void close_now(struct bench *b) {
    struct http_request r = request(b);
    http_client_close(b->client, on_closed, b);
    cr_expect_eq(http_client_send(b->client, &r, NULL), ERR_STATE);
    b->client = NULL;
}

Test(http_client, the_client_may_be_closed_in_the_callback) {
    struct bench b;
    bench_open(&b);
    b.then = close_now;
    struct http_request r = request(&b);
    begin(&b, &r);
    begin(&b, &r);
    cr_assert(loop_until(&b.loop, answered, &b, WAIT_MS));
    bench_close(&b);
    cr_expect_eq(b.answers, 1);
}

Test(http_client, a_unix_socket_takes_the_place_of_the_host) {
    struct bench b;
    char path[64];
    snprintf(path, sizeof path, "/tmp/pb-http-%d.sock", (int)getpid());
    unlink(path);
    bench_open_at(&b, path);
    script(&b, (struct server_answer){.status = 200, .body = "local"});
    struct http_request r = request(&b);
    r.unix_path = path;
    send_and_wait(&b, &r);
    cr_expect_eq(b.status, 200);
    cr_expect_str_eq(b.body, "local");
    bench_close(&b);
    unlink(path);
}

static void echo(void *user, const struct server_request *r, struct server_answer *a) {
    *(unsigned *)user += 1;
    a->status = strcmp(r->method, "POST") == 0 ? 201 : 405;
    a->delay_ms = 20;
}

Test(http_client, many_requests_run_side_by_side) {
    struct bench b;
    unsigned handled = 0;
    bench_open(&b);
    server_http_handler(b.server, echo, &handled);
    struct http_request r = request(&b);
    r.method = "POST";
    r.body = span_str("x");
    for (int i = 0; i < 40; i++) {
        begin(&b, &r);
    }
    cr_expect_eq(http_client_active(b.client), 40);
    for (int i = 0; i < 40 && b.answers < 40; i++) {
        unsigned before = b.answers;
        b.answers = 0;
        cr_assert(loop_until(&b.loop, answered, &b, WAIT_MS));
        b.answers += before;
    }
    cr_expect_eq(b.answers, 40);
    cr_expect_eq(handled, 40);
    cr_expect_eq(b.status, 201);
    bench_close(&b);
}
