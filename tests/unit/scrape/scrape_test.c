/* The server over real sockets: what it answers, and that nobody who asks badly keeps others from
 * being answered. */
#include "scrape/scrape.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "support/loop_wait.h"

enum { PATIENCE_MS = 10000, SHORT_MS = 60, LONG_MS = 1000000 };
static const char ask[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
static const char answer[] = "HTTP/1.0 200 OK\r\n"
                             "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                             "Content-Length: 6\r\n"
                             "Connection: close\r\n"
                             "\r\n"
                             "up 17\n";

struct rig {
    uv_loop_t loop;
    struct scrape *scrape;
    size_t text_n; /* more than the text: so many bytes */
    bool fail;
};

struct peer {
    struct rig *rig;
    uv_poll_t poll;
    int fd;
    bool ended, closed;
    struct buf got;
};

static enum err text(void *user, struct buf *out) {
    struct rig *r = user;
    for (size_t i = 0; i < r->text_n; i++)
        (void)buf_add_byte(out, 'x');
    return r->fail ? ERR_NOMEM : buf_add_str(out, "up 17\n");
}

static void rig_open(struct rig *r, uint32_t patience_ms, uint32_t admission_ms) {
    *r = (struct rig){0};
    cr_assert_eq(uv_loop_init(&r->loop), 0);
    const struct scrape_conf conf = {.listen = "127.0.0.1",
                                     .patience_ms = patience_ms,
                                     .admission_ms = admission_ms,
                                     .text = text,
                                     .user = r};
    cr_assert_eq(scrape_open(&conf, &r->loop, &r->scrape), ERR_OK);
    cr_assert_gt(scrape_port(r->scrape), 0);
}

static void rig_close(struct rig *r) {
    scrape_close(r->scrape);
    cr_expect(loop_closed(&r->loop), "a handle stays open");
}

/* --- peers --------------------------------------------------------------------------------------
 */

static void on_ready(uv_poll_t *h, int status, int events) {
    struct peer *p = h->data;
    char bytes[4096];
    (void)status;
    (void)events;
    ssize_t n = recv(p->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n > 0)
        cr_assert_eq(buf_add(&p->got, bytes, (size_t)n), ERR_OK);
    p->ended = n <= 0;
    if (p->ended)
        uv_poll_stop(h);
}

static void peer_pause(struct peer *p, bool pause) {
    if (pause)
        uv_poll_stop(&p->poll);
    else
        uv_poll_start(&p->poll, UV_READABLE | UV_DISCONNECT, on_ready);
}

static void peer_open(struct peer *p, struct rig *r) {
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(scrape_port(r->scrape)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    *p = (struct peer){.rig = r, .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    cr_assert_geq(p->fd, 0);
    cr_assert_eq(connect(p->fd, (struct sockaddr *)&to, sizeof to), 0);
    uv_poll_init(&r->loop, &p->poll, p->fd);
    p->poll.data = p;
    buf_init(&p->got);
    peer_pause(p, false);
}

static void on_closed(uv_handle_t *h) {
    struct peer *p = h->data;
    p->closed = true;
}

static bool is_closed(void *user) {
    return ((struct peer *)user)->closed;
}

static void peer_close(struct peer *p) {
    uv_close((uv_handle_t *)&p->poll, on_closed);
    cr_assert(loop_until(&p->rig->loop, is_closed, p, PATIENCE_MS));
    close(p->fd);
    buf_fini(&p->got);
}

static void peer_send(struct peer *p, const void *bytes, size_t n) {
    (void)send(p->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void peer_say(struct peer *p, const char *words) {
    peer_send(p, words, strlen(words));
}

static bool has_ended(void *user) {
    return ((struct peer *)user)->ended;
}

/* What came until the server ended it. */
static const char *peer_read(struct peer *p) {
    cr_assert(loop_until(&p->rig->loop, has_ended, p, PATIENCE_MS), "it is not ended");
    cr_assert_eq(buf_add_byte(&p->got, 0), ERR_OK);
    return (const char *)p->got.p;
}

static void peer_expect(struct peer *p, const char *want, const char *when) {
    const char *got = peer_read(p);
    cr_expect(strncmp(got, want, strlen(want)) == 0, "%s: %s", when, got);
}

static void still_serves(struct rig *r, const char *after) {
    struct peer p;
    peer_open(&p, r);
    peer_say(&p, ask);
    peer_expect(&p, answer, after);
    peer_close(&p);
}

/* --- answers ------------------------------------------------------------------------------------
 */

Test(scrape, answers_with_the_text_and_ends) {
    struct rig r;
    struct peer p;
    rig_open(&r, 0, 1);
    peer_open(&p, &r);
    peer_say(&p, ask);
    cr_expect_str_eq(peer_read(&p), answer);
    cr_expect_eq(scrape_stats(r.scrape)->answered[REQUEST_OK], 1);
    peer_close(&p);
    rig_close(&r);
}

Test(scrape, refuses_by_status_and_goes_on) {
    static const struct {
        const char *request, *answer;
        enum request_verdict verdict;
    } rows[] = {
        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.0 404 Not Found\r\n", REQUEST_NOT_FOUND},
        {"PUT /metrics HTTP/1.1\r\n\r\n", "HTTP/1.0 405 Method Not Allowed\r\n", REQUEST_METHOD},
        {"PRI * HTTP/2.0\r\n\r\n", "HTTP/1.0 505 HTTP Version", REQUEST_VERSION},
        {"\x16\x03\x01\x02", "HTTP/1.0 400 Bad Request\r\n", REQUEST_MALFORMED},
        {"hello\r\n", "HTTP/1.0 400 Bad Request\r\n", REQUEST_MALFORMED},
    };
    struct rig r;
    rig_open(&r, 0, 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct peer p;
        uint64_t before = scrape_stats(r.scrape)->answered[rows[i].verdict];
        peer_open(&p, &r);
        peer_say(&p, rows[i].request);
        peer_expect(&p, rows[i].answer, rows[i].request);
        cr_expect_eq(scrape_stats(r.scrape)->answered[rows[i].verdict], before + 1);
        cr_expect_eq(strstr((char *)p.got.p, "Allow: GET\r\n") != NULL,
                     rows[i].verdict == REQUEST_METHOD);
        peer_close(&p);
        still_serves(&r, rows[i].request);
    }
    rig_close(&r);
}

/* Far more than the limit: the rest is thrown away, and the answer comes whole all the same. */
Test(scrape, head_or_body_over_all_limits_is_refused_with_a_whole_answer) {
    enum { MUCH = 60000 };
    struct rig r;
    struct peer p;
    char *much = malloc(MUCH);
    memset(much, 'a', MUCH);
    rig_open(&r, 0, 1);
    peer_open(&p, &r);
    peer_say(&p, "GET /metrics HTTP/1.1\r\nCookie: ");
    peer_send(&p, much, MUCH);
    peer_expect(&p, "HTTP/1.0 431 Request Header Fields Too Large\r\n", "a long head");
    cr_expect(strstr((char *)p.got.p, "\r\n\r\n431 Request Header Fields Too Large\n"));
    peer_close(&p);
    peer_open(&p, &r);
    peer_say(&p, "POST /metrics HTTP/1.1\r\nContent-Length: 60000\r\n\r\n");
    peer_send(&p, much, MUCH);
    peer_expect(&p, "HTTP/1.0 405 ", "a body");
    cr_expect(strstr((char *)p.got.p, "\r\n\r\n405 Method Not Allowed\n"));
    peer_close(&p);
    still_serves(&r, "much");
    free(much);
    rig_close(&r);
}

Test(scrape, one_answer_a_connection_whatever_is_sent_behind) {
    struct rig r;
    struct peer p;
    rig_open(&r, 0, 1);
    peer_open(&p, &r);
    for (unsigned i = 0; i < 10; i++)
        peer_say(&p, ask);
    cr_expect_str_eq(peer_read(&p), answer);
    cr_expect_eq(scrape_stats(r.scrape)->answered[REQUEST_OK], 1);
    peer_close(&p);
    rig_close(&r);
}

Test(scrape, peer_that_ends_its_side_gets_its_answer) {
    struct rig r;
    struct peer p;
    rig_open(&r, 0, 1);
    peer_open(&p, &r);
    peer_say(&p, ask);
    shutdown(p.fd, SHUT_WR);
    cr_expect_str_eq(peer_read(&p), answer);
    peer_close(&p);
    rig_close(&r);
}

Test(scrape, text_that_cannot_be_made_is_told) {
    struct rig r;
    struct peer p;
    rig_open(&r, 0, 1);
    r.fail = true;
    peer_open(&p, &r);
    peer_say(&p, ask);
    peer_expect(&p, "HTTP/1.0 500 Internal Server Error\r\n", "no text");
    cr_expect_eq(scrape_stats(r.scrape)->failed, 1);
    peer_close(&p);
    r.fail = false;
    still_serves(&r, "a failure");
    rig_close(&r);
}

/* --- abuse --------------------------------------------------------------------------------------
 */

static bool has_more_accepted(void *user) {
    struct rig *r = user;
    return scrape_stats(r->scrape)->accepted >= r->text_n;
}

static void until_accepted(struct rig *r, uint64_t n) {
    r->text_n = n;
    cr_assert(loop_until(&r->loop, has_more_accepted, r, PATIENCE_MS));
    r->text_n = 0;
}

Test(scrape, silence_is_ended_when_its_time_is_over) {
    struct rig r;
    struct peer p[SCRAPE_CLIENTS_MAX];
    rig_open(&r, SHORT_MS, 1);
    for (unsigned i = 0; i < SCRAPE_CLIENTS_MAX; i++)
        peer_open(&p[i], &r);
    for (unsigned i = 0; i < SCRAPE_CLIENTS_MAX; i++)
        cr_expect_str_eq(peer_read(&p[i]), "");
    cr_expect_eq(scrape_stats(r.scrape)->late, SCRAPE_CLIENTS_MAX);
    for (unsigned i = 0; i < SCRAPE_CLIENTS_MAX; i++)
        peer_close(&p[i]);
    rig_close(&r);
}

/* Its bytes do not lengthen its time. */
Test(scrape, byte_at_a_time_is_ended_when_its_time_is_over) {
    struct rig r;
    struct peer p;
    rig_open(&r, SHORT_MS, 1);
    peer_open(&p, &r);
    for (unsigned i = 0; i < 60 && !p.ended; i++) {
        peer_send(&p, ask + (i < 30 ? i : 29), 1);
        loop_for(&r.loop, 5);
    }
    cr_expect(p.ended);
    cr_expect_eq(scrape_stats(r.scrape)->late, 1);
    cr_expect_eq(scrape_stats(r.scrape)->answered[REQUEST_OK], 0);
    peer_close(&p);
    rig_close(&r);
}

static bool has_read(void *user) {
    const struct peer *p = user;
    int left = 0;
    return p->ended || (ioctl(p->fd, SIOCOUTQ, &left) == 0 && left == 0);
}

Test(scrape, more_pieces_than_a_request_needs_are_not_waited_for) {
    struct rig r;
    struct peer p;
    rig_open(&r, LONG_MS, 1);
    peer_open(&p, &r);
    peer_say(&p, "GET /metrics HTTP/1.1\r\na: ");
    unsigned sent = 0;
    for (; sent < 4000 && !p.ended; sent++) {
        peer_send(&p, "x", 1);
        cr_assert(loop_until(&r.loop, has_read, &p, PATIENCE_MS));
        uv_run(&r.loop, UV_RUN_NOWAIT);
    }
    cr_expect(p.ended);
    cr_expect_lt(sent, 300, "%u pieces", sent);
    cr_expect_eq(scrape_stats(r.scrape)->left, 1);
    peer_close(&p);
    still_serves(&r, "a drip");
    rig_close(&r);
}

/* Those who only sit there cannot lock anybody out, however long they may stay. */
Test(scrape, crowd_that_says_nothing_makes_room_for_who_asks) {
    enum { CROWD = 3 * SCRAPE_CLIENTS_MAX };
    struct rig r;
    struct peer p[CROWD];
    rig_open(&r, LONG_MS, 1);
    for (unsigned i = 0; i < CROWD; i++) {
        peer_open(&p[i], &r);
        until_accepted(&r, i + 1);
    }
    still_serves(&r, "a crowd");
    cr_expect_eq(scrape_stats(r.scrape)->crowded_out, CROWD + 1 - SCRAPE_CLIENTS_MAX);
    for (unsigned i = 0; i < CROWD; i++)
        peer_close(&p[i]);
    rig_close(&r);
}

Test(scrape, connections_are_let_in_one_after_another) {
    struct rig r;
    struct peer p[3];
    rig_open(&r, LONG_MS, LONG_MS);
    for (unsigned i = 0; i < 3; i++)
        peer_open(&p[i], &r);
    until_accepted(&r, 1);
    loop_for(&r.loop, 30);
    cr_expect_eq(scrape_stats(r.scrape)->accepted, 1);
    for (unsigned i = 0; i < 3; i++)
        peer_close(&p[i]);
    rig_close(&r);
}

/* More than the kernel's buffers of both ends take; the loop goes on, and the time is over. */
Test(scrape, reader_that_does_not_read_is_ended) {
    struct rig r;
    struct peer p;
    rig_open(&r, SHORT_MS, 1);
    peer_open(&p, &r);
    peer_pause(&p, true);
    peer_say(&p, ask);
    until_accepted(&r, 1);
    r.text_n = 16 << 20;
    loop_for(&r.loop, 4 * SHORT_MS);
    cr_expect_eq(scrape_stats(r.scrape)->answered[REQUEST_OK], 1);
    cr_expect_eq(scrape_stats(r.scrape)->late, 1);
    r.text_n = 0;
    peer_close(&p);
    still_serves(&r, "who does not read");
    rig_close(&r);
}

Test(scrape, peer_that_leaves_in_the_middle_is_forgotten) {
    struct rig r;
    rig_open(&r, LONG_MS, 1);
    for (size_t n = 0; n < sizeof ask - 1; n += 3) {
        struct peer p;
        peer_open(&p, &r);
        peer_send(&p, ask, n);
        until_accepted(&r, n / 3 + 1);
        struct linger now = {.l_onoff = 1}; /* a reset, every other time */
        if (n & 1)
            setsockopt(p.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        peer_close(&p);
    }
    still_serves(&r, "half requests");
    rig_close(&r);
}

Test(scrape, end_comes_at_once_with_connections_open) {
    struct rig r;
    struct peer p[3];
    rig_open(&r, LONG_MS, 1);
    for (unsigned i = 0; i < 3; i++)
        peer_open(&p[i], &r);
    peer_say(&p[1], "GET /met");
    until_accepted(&r, 2);
    scrape_close(r.scrape);
    for (unsigned i = 0; i < 3; i++) {
        cr_assert(loop_until(&r.loop, has_ended, &p[i], PATIENCE_MS));
        peer_close(&p[i]);
    }
    cr_expect(loop_closed(&r.loop), "a handle stays open");
}

/* --- addresses ----------------------------------------------------------------------------------
 */

Test(scrape, address_that_is_taken_or_none_of_ours_is_refused) {
    struct rig r;
    struct scrape *other = NULL;
    rig_open(&r, 0, 1);
    struct scrape_conf conf = {
        .listen = "127.0.0.1", .port = scrape_port(r.scrape), .text = text, .user = &r};
    cr_expect_eq(scrape_open(&conf, &r.loop, &other), ERR_BUSY);
    conf.listen = "192.0.2.1"; /* RFC 5737: nobody's */
    cr_expect_eq(scrape_open(&conf, &r.loop, &other), ERR_IO);
    conf.listen = "localhost";
    cr_expect_eq(scrape_open(&conf, &r.loop, &other), ERR_CONFIG);
    cr_expect_null(other);
    still_serves(&r, "refused addresses");
    rig_close(&r);
}

Test(scrape, addresses_are_numbers) {
    cr_expect(scrape_address_check("127.0.0.1"));
    cr_expect(scrape_address_check("0.0.0.0"));
    cr_expect(scrape_address_check("::1"));
    cr_expect_not(scrape_address_check("localhost"));
    cr_expect_not(scrape_address_check("127.0.0.1:80"));
    cr_expect_not(scrape_address_check(""));
}
