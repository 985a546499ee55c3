/* Requests that nobody honest sends. The server may refuse or hang up; it must go on serving. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "rig.h"

static void still_serves(struct rig *r, const char *after) {
    struct answer a;
    ask(r, "GET", "/api/v1/plant", "", NULL, &a);
    cr_expect_eq(a.status, 200, "after %s", after);
    answer_fini(&a);
}

static void throw_bytes(struct rig *r, const void *bytes, size_t n) {
    struct peer p;
    peer_open(&p, r, false);
    peer_send(&p, bytes, n);
    loop_for(&r->loop, 20);
    peer_close(&p);
}

Test(hostile, broken_requests_disturb_nobody) {
    static const char *const texts[] = {
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET http://127.0.0.1/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET //../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /api/v1/nodes/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /api/v1/nodes/press?window=%zz&&&=&window HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /api/v1/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /api/v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade, "
        "HTTP2-Settings\r\n"
        "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "CONNECT example.org:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "\xff\xfe\xfd\xfc",
    };
    struct rig r;
    rig_open(&r, NULL);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        throw_bytes(&r, texts[i], strlen(texts[i]));
        still_serves(&r, texts[i]);
    }
    cr_expect_eq(web_stats(r.web)->streams_open, 0);
    rig_close(&r);
}

/* The library reads the head of a request that came behind another as its body, and asks for ever.
 */
Test(hostile, what_is_sent_ahead_of_an_answer_is_not_served, .timeout = 30) {
    static const char *const behind[] = {
        "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx",
        "POST /api/v1/entries HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\n\r\n{\"x\":1}",
        "POST /api/v1/entries HTTP/1.1\r\nHost: localhost\r\n\r\n{\"x\":1}",
        "GET /\r\nContent-Length: 7\r\n\r\n",
        "PUT /api/v1/plant HTTP/1.1\r\nContent-Length: 500\r\n\r\n",
        "\r\n",
    };
    struct rig r;
    rig_open(&r, NULL);
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        struct peer p;
        char both[512];
        uint64_t before = web_stats(r.web)->requests;
        snprintf(both, sizeof both, "GET /api/v1/plant HTTP/1.1\r\nHost: localhost\r\n\r\n%s",
                 behind[i]);
        peer_open(&p, &r, false);
        peer_say(&p, both);
        cr_expect(peer_until(&p, "\"products\":["), "before %s", behind[i]);
        cr_expect(peer_ended(&p), "behind %s", behind[i]);
        cr_expect_eq(web_stats(r.web)->requests, before + 1, "behind %s", behind[i]);
        peer_close(&p);
        still_serves(&r, behind[i]);
    }
    cr_expect_eq(r.posted[0], 0);
    rig_close(&r);
}

/* What is cut off before it asks is counted once; who asks, or says nothing and leaves, is not. */
static uint64_t cut_by(struct rig *r, const char *first, const char *then) {
    struct peer p;
    uint64_t before = web_stats(r->web)->cut;
    peer_open(&p, r, false);
    if (first) {
        peer_say(&p, first);
        cr_expect(peer_until(&p, "\"products\":["), "before %s", then);
    }
    peer_say(&p, then);
    loop_for(&r->loop, 20);
    peer_close(&p);
    while (web_stats(r->web)->connections)
        uv_run(&r->loop, UV_RUN_ONCE);
    return web_stats(r->web)->cut - before;
}

#define PLANT_HEAD "GET /api/v1/plant HTTP/1.1\r\nHost: localhost\r\n"

Test(hostile, what_is_cut_off_before_it_asks_is_counted_once, .timeout = 60) {
    static const char *const no_http[] = {"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                          "GET /api/v1/nodes/%zz HTTP/1.1\r\n\r\n", "GET / HT",
                                          "\x16\x03\x01\x02", "\r\n\r\n"};
    static const char *const honest[] = {"", PLANT_HEAD "\r\n",
                                         PLANT_HEAD "Connection: close\r\n\r\n",
                                         "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                         "POST /api/v1/x HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"};
    struct rig r;
    rig_open(&r, NULL);
    for (size_t i = 0; i < sizeof no_http / sizeof *no_http; i++) {
        cr_expect_eq(cut_by(&r, NULL, no_http[i]), 1, "%s", no_http[i]);
        cr_expect_eq(cut_by(&r, PLANT_HEAD "\r\n", no_http[i]), 1, "kept, %s", no_http[i]);
    }
    for (size_t i = 0; i < sizeof honest / sizeof *honest; i++) {
        cr_expect_eq(cut_by(&r, NULL, honest[i]), 0, "%s", honest[i]);
        cr_expect_eq(cut_by(&r, PLANT_HEAD "\r\n", honest[i]), 0, "kept, %s", honest[i]);
    }
    rig_close(&r);
}

Test(hostile, websocket_is_refused) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    peer_open(&p, &r, false);
    peer_say(&p,
             "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    cr_expect_not(peer_until(&p, " 101 "));
    cr_expect_eq(web_stats(r.web)->cut, 1);
    peer_close(&p);
    still_serves(&r, "a websocket");
    rig_close(&r);
}

Test(hostile, head_over_its_limit_is_not_kept) {
    struct rig r;
    struct peer p;
    struct buf b;
    rig_open(&r, NULL);
    buf_init(&b);
    (void)buf_add_str(&b, "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ");
    for (int i = 0; i < 20000; i++)
        (void)buf_add_byte(&b, 'a');
    (void)buf_add_str(&b, "\r\n\r\n");
    peer_open(&p, &r, false);
    peer_send(&p, b.p, b.n);
    cr_expect(peer_ended(&p));
    cr_expect_not(p.got.n && strstr((char *)p.got.p, " 200 "));
    peer_close(&p);
    buf_fini(&b);
    still_serves(&r, "a long head");
    rig_close(&r);
}

Test(hostile, peer_that_leaves_in_the_middle_is_forgotten) {
    struct rig r;
    rig_open(&r, NULL);
    static const char text[] = "GET /api/v1/plant HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (size_t n = 0; n < sizeof text - 1; n += 3) {
        struct peer p;
        peer_open(&p, &r, n & 1);
        peer_send(&p, text, n);
        uv_run(&r.loop, UV_RUN_NOWAIT);
        peer_close(&p);
    }
    still_serves(&r, "half requests");
    loop_for(&r.loop, 20);
    cr_expect_eq(web_stats(r.web)->connections, 0);
    rig_close(&r);
}

Test(hostile, connections_are_limited) {
    enum { MANY = 40 };
    struct rig r;
    struct peer p[MANY];
    struct web_conf conf = {.clients_max = 4};
    rig_open(&r, &conf);
    for (size_t i = 0; i < MANY; i++)
        peer_open(&p[i], &r, false);
    loop_for(&r.loop, 50);
    cr_expect_leq(web_stats(r.web)->connections, 16);
    cr_expect_eq(web_stats(r.web)->cut, MANY - 16, "who comes beyond the bound");
    for (size_t i = 0; i < MANY; i++)
        peer_close(&p[i]);
    loop_for(&r.loop, 50);
    still_serves(&r, "a crowd");
    rig_close(&r);
}

/* Random changes of a good request, always the same ones. */
Test(hostile, crowd_on_the_port_leaves_the_socket_free) {
    struct rig r;
    struct peer crowd[8], *local = malloc(sizeof *local);
    rig_open(&r, &(struct web_conf){.clients_max = 1});
    for (unsigned i = 0; i < 8; i++)
        peer_open(&crowd[i], &r, false);
    peer_open(local, &r, true);
    peer_say(local, "GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_expect(peer_until(local, " 200 OK"));
    cr_expect_leq(web_stats(r.web)->connections, 5, "four of the port and this one");
    peer_close(local);
    free(local);
    for (unsigned i = 0; i < 8; i++)
        peer_close(&crowd[i]);
    rig_close(&r);
}

Test(hostile, path_with_a_zero_byte_names_nothing) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    peer_open(&p, &r, false);
    peer_say(&p, "GET /%00%0d%0a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    cr_expect(peer_ended(&p));
    cr_expect_null(strstr((const char *)p.got.p, " 200 OK"), "%s", p.got.p);
    peer_close(&p);
    rig_close(&r);
}

Test(hostile, changed_bytes_never_hurt, .timeout = 60) {
    struct rig r;
    uint64_t x = 88172645463325252u; /* xorshift64 */
    rig_open(&r, NULL);
    static const char good[] = "GET /api/v1/nodes/press?window=hour HTTP/1.1\r\nHost: "
                               "localhost\r\nAccept-Encoding: gzip\r\n"
                               "If-None-Match: \"x\"\r\nContent-Length: 0\r\n\r\n";
    for (int round = 0; round < 300; round++) {
        char text[sizeof good];
        memcpy(text, good, sizeof good);
        for (int k = 0; k < 4; k++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            text[x % (sizeof good - 1)] = (char)(x >> 32);
        }
        struct peer p;
        peer_open(&p, &r, false);
        peer_send(&p, text, sizeof good - 1);
        for (int k = 0; k < 4; k++)
            uv_run(&r.loop, UV_RUN_NOWAIT);
        peer_close(&p);
    }
    still_serves(&r, "noise");
    rig_close(&r);
}
