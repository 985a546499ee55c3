#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <unistd.h>

#include "bus/paho_under.h"

/* A connection as Paho makes it, not blocking, and the broker's end of it. */
struct pair {
    int paho, broker;
};

static struct pair connect_pair(void) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    socklen_t n = sizeof at.sun_family; /* the system chooses a name */
    struct pair p = {.paho = socket(AF_UNIX, SOCK_STREAM, 0)};
    int door = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(bind(door, (struct sockaddr *)&at, n), 0);
    cr_assert_eq(listen(door, 1), 0);
    n = sizeof at;
    cr_assert_eq(getsockname(door, (struct sockaddr *)&at, &n), 0);
    cr_assert_eq(bus_sock_connect(p.paho, (struct sockaddr *)&at, n), 0);
    p.broker = accept(door, NULL, NULL);
    cr_assert_geq(p.broker, 0);
    close(door);
    fcntl(p.paho, F_SETFL, O_NONBLOCK);
    fcntl(p.broker, F_SETFL, O_NONBLOCK);
    return p;
}

static void close_pair(struct pair p) {
    bus_sock_close(p.paho);
    close(p.broker);
}

static void broker_sends(struct pair p, const char *text) {
    cr_assert_eq(write(p.broker, text, strlen(text)), (ssize_t)strlen(text));
}

/* "" when nothing has come. */
static const char *broker_gets(struct pair p) {
    static char text[64];
    ssize_t n = read(p.broker, text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static short ask(struct pair p, short events) {
    struct pollfd fd = {.fd = p.paho, .events = events};
    int rc = bus_sock_poll(&fd, 1, 0);
    cr_expect_eq(rc, fd.revents != 0);
    return fd.revents;
}

static const char *take(struct pair p, size_t n) {
    static char text[64];
    ssize_t got = bus_sock_recv(p.paho, text, n, 0);
    text[got > 0 ? got : 0] = '\0';
    return text;
}

static ssize_t put(struct pair p, const char *a, const char *b) {
    struct iovec v[2] = {{(void *)(uintptr_t)a, strlen(a)}, {(void *)(uintptr_t)b, strlen(b)}};
    return bus_sock_writev(p.paho, v, 2);
}

static int left_in_kernel(struct pair p) {
    int n = -1;
    ioctl(p.paho, FIONREAD, &n);
    return n;
}

Test(paho_socket, the_first_byte_brings_all_that_has_come) {
    struct pair p = connect_pair();
    cr_expect_eq(ask(p, POLLIN), 0);
    broker_sends(p, "abcdef");
    cr_expect_eq(ask(p, POLLIN), POLLIN);
    cr_expect_str_eq(take(p, 1), "a");
    cr_expect_eq(left_in_kernel(p), 0);
    cr_expect_eq(ask(p, POLLIN), POLLIN, "what is in memory counts as having come");
    cr_expect_str_eq(take(p, 2), "bc");
    broker_sends(p, "gh");
    cr_expect_str_eq(take(p, 9), "defgh", "more than is in memory: the system is asked as well");
    cr_expect_eq(ask(p, POLLIN), 0);
    errno = 0;
    char c;
    cr_expect_eq(bus_sock_recv(p.paho, &c, 1, 0), -1);
    cr_expect_eq(errno, EAGAIN);
    close_pair(p);
}

Test(paho_socket, the_end_comes_behind_the_last_byte) {
    struct pair p = connect_pair();
    broker_sends(p, "xyz");
    close(p.broker);
    cr_expect_str_eq(take(p, 1), "x");
    cr_expect_str_eq(take(p, 10), "yz");
    cr_expect(ask(p, POLLIN) & POLLIN);
    char c;
    cr_expect_eq(bus_sock_recv(p.paho, &c, 1, 0), 0);
    bus_sock_close(p.paho);
}

Test(paho_socket, a_packet_larger_than_the_buffer_comes_whole) {
    enum { N = 300000, PIECE = 10000 };
    struct pair p = connect_pair();
    uint8_t *out = malloc(N), *in = malloc(N);
    cr_assert(out && in);
    for (size_t i = 0; i < N; i++)
        out[i] = (uint8_t)(i * 7 + i / 251);
    for (size_t sent = 0, got = 0; got < N;) {
        if (sent < N)
            sent += (size_t)write(p.broker, out + sent, PIECE);
        ssize_t n = bus_sock_recv(p.paho, in + got, got < 5 ? 1 : N - got, 0);
        cr_assert_gt(n, 0);
        got += (size_t)n;
    }
    cr_expect_arr_eq(in, out, N);
    free(in);
    free(out);
    close_pair(p);
}

Test(paho_socket, acknowledgements_leave_together_when_all_is_handed_out) {
    struct pair p = connect_pair();
    broker_sends(p, "12");
    cr_expect_str_eq(take(p, 1), "1");
    cr_expect_eq(put(p, "A", "a"), 2);
    cr_expect_eq(ask(p, POLLOUT | POLLIN) & POLLIN, POLLIN);
    cr_expect_str_eq(broker_gets(p), "", "more is to be read");
    cr_expect_str_eq(take(p, 1), "2");
    cr_expect_eq(put(p, "B", "b"), 2);
    cr_expect_eq(ask(p, POLLIN), 0);
    cr_expect_str_eq(broker_gets(p), "AaBb", "nothing is kept while Paho sleeps");
    cr_expect_eq(put(p, "C", "c"), 2);
    cr_expect_str_eq(broker_gets(p), "Cc", "nothing to wait for");
    close_pair(p);
}

Test(paho_socket, what_is_large_does_not_overtake) {
    struct pair p = connect_pair();
    const char *large = "0123456789012345678901234567890123456789";
    broker_sends(p, "12");
    cr_expect_str_eq(take(p, 1), "1");
    cr_expect_eq(put(p, "A", "a"), 2);
    cr_expect_eq(put(p, large, large), 80);
    char got[128] = "";
    cr_expect_eq(read(p.broker, got, sizeof got - 1), 82);
    cr_expect_eq(strncmp(got, "Aa0123", 6), 0);
    close_pair(p);
}

Test(paho_socket, a_goodbye_leaves_before_the_end) {
    struct pair p = connect_pair();
    broker_sends(p, "12");
    cr_expect_str_eq(take(p, 1), "1");
    cr_expect_eq(put(p, "bye", ""), 3);
    cr_expect_eq(bus_sock_shutdown(p.paho, SHUT_WR), 0);
    cr_expect_str_eq(broker_gets(p), "bye");
    close_pair(p);
}

/* Numbers in fours; returns how many were taken. */
static unsigned put_numbers(struct pair p, unsigned from, unsigned most) {
    char text[8];
    unsigned n = 0;
    for (; n < most; n++) {
        snprintf(text, sizeof text, "%04u", (from + n) % 10000);
        ssize_t rc = put(p, text, "");
        if (rc != 4) {
            cr_expect_eq(rc, -1);
            cr_expect_eq(errno, EAGAIN);
            break;
        }
    }
    return n;
}

Test(paho_socket, a_broker_that_does_not_read_gets_everything_once_and_in_order) {
    struct pair p = connect_pair();
    char got[16];
    broker_sends(p, "12");
    cr_expect_str_eq(take(p, 1), "1");
    unsigned n = put_numbers(p, 0, 1000000), seen = 0;
    cr_assert_lt(n, 1000000U, "it refuses at last");
    cr_assert_gt(n, 100U);
    for (unsigned rest = 50; seen < n;) {
        ssize_t rc = read(p.broker, got, 4);
        if (rc == 4) {
            got[4] = '\0';
            cr_assert_eq((unsigned)atoi(got), seen % 10000);
            seen++;
        } else {
            cr_expect_str_eq(take(p, 1), rest == 50 ? "2" : "");
            ask(p, POLLIN); /* as Paho does again and again */
            n += put_numbers(p, n, rest);
            rest = 0;
        }
    }
    cr_expect_str_eq(broker_gets(p), "");
    close_pair(p);
}

Test(paho_socket, a_number_used_again_begins_empty) {
    struct pair p = connect_pair();
    broker_sends(p, "old");
    cr_expect_str_eq(take(p, 1), "o");
    cr_expect_eq(put(p, "A", ""), 1);
    close_pair(p);
    struct pair q = connect_pair();
    cr_expect_eq(q.paho, p.paho, "the system gives the lowest number");
    cr_expect_eq(ask(q, POLLIN), 0);
    broker_sends(q, "new");
    cr_expect_str_eq(take(q, 9), "new");
    cr_expect_str_eq(broker_gets(q), "");
    close_pair(q);
}

Test(paho_socket, more_connections_than_it_knows_work_as_without_it) {
    struct pair p[10];
    for (unsigned i = 0; i < 10; i++)
        p[i] = connect_pair();
    for (unsigned i = 0; i < 10; i++) {
        broker_sends(p[i], "ab");
        cr_expect_eq(ask(p[i], POLLIN), POLLIN);
        cr_expect_str_eq(take(p[i], 1), "a");
        cr_expect_eq(put(p[i], "A", ""), 1);
        cr_expect_str_eq(take(p[i], 1), "b");
        ask(p[i], POLLIN);
        cr_expect_str_eq(broker_gets(p[i]), "A");
    }
    struct pollfd all[10];
    for (unsigned i = 0; i < 10; i++)
        all[i] = (struct pollfd){.fd = p[i].paho, .events = POLLIN};
    broker_sends(p[1], "xy");
    broker_sends(p[9], "xy");
    cr_expect_str_eq(take(p[1], 1), "x");
    cr_expect_eq(bus_sock_poll(all, 10, 0), 2, "one in memory, one in the system");
    cr_expect_eq(all[1].revents, POLLIN);
    cr_expect_eq(all[9].revents, POLLIN);
    for (unsigned i = 0; i < 10; i++)
        close_pair(p[i]);
}

static void count(void *user) {
    ++*(int *)user;
}

Test(paho_socket, what_is_deferred_is_done_once_when_all_is_handed_out) {
    struct pair p = connect_pair();
    int done = 0, other = 0;
    cr_expect_not(bus_sock_defer(count, &done), "nothing in memory: the caller does it");
    broker_sends(p, "12");
    cr_expect_str_eq(take(p, 1), "1");
    cr_expect(bus_sock_defer(count, &done));
    cr_expect(bus_sock_defer(count, &done));
    cr_expect(bus_sock_defer(count, &other));
    bus_sock_forgo(&other);
    ask(p, POLLIN);
    cr_expect_eq(done, 0);
    cr_expect_str_eq(take(p, 1), "2");
    ask(p, POLLIN);
    cr_expect_eq(done, 1);
    ask(p, POLLIN);
    cr_expect_eq(done, 1);
    cr_expect_eq(other, 0);
    close_pair(p);
}
