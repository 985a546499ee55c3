/* A message of the thread: 4 bytes of a descriptor, or what went wrong as text behind four of 0xff.
 */
#include "shdr/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "sources/worker.h"

enum { SLICE_MS = 100, QUEUE_BYTES = 4096 };

struct dial {
    struct worker *worker;
    const char *host;
    int64_t port, timeout_ms;
    int made; /* the thread's; -1: none */
    bool taken;
};

/* Waits for the connection; gives errno. */
static int await(struct worker *w, int fd, int64_t until_ms) {
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t n = sizeof error;

    for (;;) {
        if (poll(&p, 1, SLICE_MS) > 0)
            break;
        if (clock_mono_ms() >= until_ms)
            return ETIMEDOUT;
        if (!worker_wait(w, 0))
            return ECANCELED;
    }
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 ? error : errno;
}

static int dial_one(struct worker *w, const struct addrinfo *a, int64_t until_ms, int *error) {
    const int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    *error = errno;
    if (fd < 0)
        return -1;
    *error = 0;
    if (connect(fd, a->ai_addr, a->ai_addrlen) != 0)
        *error = errno == EINPROGRESS ? await(w, fd, until_ms) : errno;
    if (*error == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static void put(struct worker *w, int fd, const char *why) {
    struct buf m;

    buf_init(&m);
    (void)buf_add_le32(&m, (uint32_t)fd);
    (void)buf_add_str(&m, why);
    if (!m.failed)
        (void)worker_put(w, buf_span(&m)); /* not taken: dial_close knows of it */
    buf_fini(&m);
}

static void run(struct worker *w, void *user) {
    struct dial *d = user;
    const struct addrinfo hint = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    char port[24];
    const int64_t until_ms = clock_mono_ms() + d->timeout_ms;

    snprintf(port, sizeof port, "%lld", (long long)d->port);
    const int failed = getaddrinfo(d->host, port, &hint, &list);
    if (failed != 0) {
        put(w, -1, gai_strerror(failed));
        return;
    }
    int fd = -1, error = 0;
    for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next)
        fd = dial_one(w, a, until_ms, &error);
    freeaddrinfo(list);
    char text[DIAL_WHY];
    d->made = fd;
    put(w, fd, fd >= 0 ? "" : strerror_r(error, text, sizeof text));
}

enum err dial_open(const char *host, int64_t port, int64_t timeout_ms, struct dial **out) {
    struct dial *d = calloc(1, sizeof *d);

    if (d == NULL)
        return ERR_NOMEM;
    d->host = host;
    d->made = -1;
    d->port = port;
    d->timeout_ms = timeout_ms;
    const enum err e = worker_open(run, d, QUEUE_BYTES, &d->worker);
    if (e != ERR_OK) {
        free(d);
        return e;
    }
    *out = d;
    return ERR_OK;
}

enum err dial_take(struct dial *d, int *fd, char why[DIAL_WHY]) {
    struct buf m;
    uint32_t number;

    buf_init(&m);
    const bool came = worker_take(d->worker, &m);
    struct cursor c = cursor_of(buf_span(&m));
    enum err e = ERR_BUSY;
    if (came && cursor_take_le32(&c, &number) == ERR_OK) {
        *fd = (int)number;
        d->taken = true;
        e = *fd >= 0 ? ERR_OK : ERR_IO;
        snprintf(why, DIAL_WHY, "%.*s", (int)cursor_left(&c), (const char *)c.p);
    } else if (!d->taken && worker_over(d->worker)) {
        snprintf(why, DIAL_WHY, "no memory");
        e = ERR_IO;
    }
    buf_fini(&m);
    return e;
}

void dial_close(struct dial *d) {
    if (d == NULL)
        return;
    worker_close(d->worker);
    if (!d->taken && d->made >= 0)
        (void)close(d->made); /* nobody wants it any more */
    free(d);
}

int dial_fd(const struct dial *d) {
    return worker_fd(d->worker);
}
