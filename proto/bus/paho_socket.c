/* Paho reads a plain socket a byte at a time (type, then each byte of the length, then the rest),
 * asks twice before each packet whether there is one, and writes each acknowledgement by itself:
 * eight system calls a message. Here what has come is read in one go and handed out of memory, and
 * what is small and written while there is more to be handed out leaves together.
 *
 * A way is a connection that Paho opened. Nothing is ever held back while Paho sleeps: what is kept
 * leaves before the next question to the system. TLS brings buffers of its own and passes by. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus/paho_under.h"

enum { WAYS = 8, IN_BYTES = 64 << 10, OUT_BYTES = 2 << 10, SMALL_BYTES = 64 };

struct way {
    int fd;
    uint8_t *in; /* NULL: nothing was read yet */
    size_t in_at, in_n, out_n;
    uint8_t out[OUT_BYTES];
};

struct owed {
    void (*fn)(void *user); /* NULL: free */
    void *user;
};

/* Of the process, as Paho's own: a system call has no other argument to find it by. */
static struct {
    pthread_mutex_t lock;
    struct way *way[WAYS]; /* NULL: free */
    struct owed owed[WAYS];
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct way **place_of(int fd) {
    for (unsigned i = 0; i < WAYS; i++)
        if (table.way[i] && table.way[i]->fd == fd)
            return &table.way[i];
    return NULL;
}

static struct way *way_of(int fd) {
    struct way **at = place_of(fd);
    return at ? *at : NULL;
}

static size_t unread(const struct way *w) {
    return w->in_n - w->in_at;
}

/* What the system does not take now stays; what it refuses for good is the connection's end, which
 * the next read tells. */
static void flush(struct way *w) {
    if (w->out_n == 0)
        return;
    ssize_t n = send(w->fd, w->out, w->out_n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0)
        n = errno == EAGAIN || errno == EINTR ? 0 : (ssize_t)w->out_n;
    w->out_n -= (size_t)n;
    memmove(w->out, w->out + n, w->out_n);
}

static void forget(int fd) {
    struct way **at = place_of(fd);
    if (!at)
        return;
    free((*at)->in);
    free(*at);
    *at = NULL;
}

int bus_sock_connect(int fd, const struct sockaddr *to, socklen_t n) {
    pthread_mutex_lock(&table.lock);
    forget(fd);
    for (unsigned i = 0; i < WAYS; i++) {
        if (table.way[i])
            continue;
        table.way[i] = calloc(1, sizeof *table.way[i]); /* without: as if there were no room */
        if (table.way[i])
            table.way[i]->fd = fd;
        break;
    }
    pthread_mutex_unlock(&table.lock);
    return connect(fd, to, n);
}

int bus_sock_shutdown(int fd, int how) {
    pthread_mutex_lock(&table.lock);
    struct way *w = way_of(fd);
    if (w)
        flush(w); /* a goodbye is small */
    pthread_mutex_unlock(&table.lock);
    return shutdown(fd, how);
}

int bus_sock_close(int fd) {
    pthread_mutex_lock(&table.lock);
    forget(fd);
    pthread_mutex_unlock(&table.lock);
    return close(fd);
}

static bool anything_unread(void) {
    for (unsigned i = 0; i < WAYS; i++)
        if (table.way[i] && unread(table.way[i]))
            return true;
    return false;
}

static bool owe(struct owed what) {
    struct owed *room = NULL;
    for (unsigned i = 0; i < WAYS; i++) {
        if (table.owed[i].fn && table.owed[i].user == what.user)
            return true;
        if (!table.owed[i].fn)
            room = &table.owed[i];
    }
    if (room)
        *room = what;
    return room != NULL;
}

bool bus_sock_defer(void (*fn)(void *user), void *user) {
    pthread_mutex_lock(&table.lock);
    bool later = anything_unread() && owe((struct owed){fn, user});
    pthread_mutex_unlock(&table.lock);
    return later;
}

void bus_sock_forgo(const void *user) {
    pthread_mutex_lock(&table.lock);
    for (unsigned i = 0; i < WAYS; i++)
        if (table.owed[i].user == user)
            table.owed[i] = (struct owed){0};
    pthread_mutex_unlock(&table.lock);
}

static void pay(void) {
    for (unsigned i = 0; i < WAYS; i++) {
        struct owed o = table.owed[i];
        table.owed[i] = (struct owed){0};
        if (o.fn)
            o.fn(o.user);
    }
}

/* What can be answered without the system: there is something unread; it was connected, so that it
 * is writable as far as anybody knows. A write that finds no room says so itself, and Paho is
 * prepared for that. */
static short known_events(struct way *w, short events) {
    short known = unread(w) ? POLLIN : 0;
    if (!known)
        flush(w);
    if (w->in && w->out_n == 0)
        known |= POLLOUT;
    return known & events;
}

/* Answers for those of which something asked for is known; how many. */
static nfds_t answer(struct pollfd *fds, nfds_t n) {
    nfds_t known = 0;
    pthread_mutex_lock(&table.lock);
    for (nfds_t i = 0; i < n; i++) {
        struct way *w = way_of(fds[i].fd);
        fds[i].revents = w ? known_events(w, fds[i].events) : 0;
        known += fds[i].revents != 0;
    }
    if (known < n)
        pay();
    pthread_mutex_unlock(&table.lock);
    return known;
}

/* Adds what is known to what the system says; how many are ready. */
static nfds_t tell_known(struct pollfd *fds, nfds_t n) {
    nfds_t ready = 0;
    pthread_mutex_lock(&table.lock);
    for (nfds_t i = 0; i < n; i++) {
        struct way *w = way_of(fds[i].fd);
        fds[i].revents |= w ? known_events(w, fds[i].events) : 0;
        ready += fds[i].revents != 0;
    }
    pthread_mutex_unlock(&table.lock);
    return ready;
}

/* Paho asks for reading and for writing apart, of all its connections at once. */
int bus_sock_poll(struct pollfd *fds, nfds_t n, int timeout_ms) {
    nfds_t known = answer(fds, n);
    if (n > 0 && known == n)
        return (int)n;
    int rc = poll(fds, n, known ? 0 : timeout_ms);
    return known && rc >= 0 ? (int)tell_known(fds, n) : rc;
}

/* Reads what there is behind what is unread. */
static ssize_t fill(struct way *w) {
    if (!w->in)
        w->in = malloc(IN_BYTES);
    if (!w->in) {
        errno = ENOMEM;
        return -1;
    }
    w->in_n = unread(w);
    memmove(w->in, w->in + w->in_at, w->in_n);
    w->in_at = 0;
    ssize_t n = recv(w->fd, w->in + w->in_n, IN_BYTES - w->in_n, MSG_DONTWAIT);
    w->in_n += n > 0 ? (size_t)n : 0;
    return n;
}

static ssize_t take(struct way *w, void *to, size_t n) {
    ssize_t rc = 1;
    if (unread(w) < n && unread(w) < IN_BYTES)
        rc = fill(w);
    if (unread(w) == 0)
        return rc; /* the end, or an error: errno tells */
    n = n < unread(w) ? n : unread(w);
    memcpy(to, w->in + w->in_at, n);
    w->in_at += n;
    return (ssize_t)n;
}

ssize_t bus_sock_recv(int fd, void *to, size_t n, int flags) {
    pthread_mutex_lock(&table.lock);
    struct way *w = n > 0 && flags == 0 ? way_of(fd) : NULL;
    ssize_t rc = w ? take(w, to, n) : 0;
    pthread_mutex_unlock(&table.lock);
    return w ? rc : recv(fd, to, n, flags);
}

static size_t bytes_of(const struct iovec *v, int count) {
    size_t n = 0;
    for (int i = 0; i < count; i++)
        n += v[i].iov_len;
    return n;
}

static void keep(struct way *w, const struct iovec *v, int count) {
    for (int i = 0; i < count; i++) {
        if (v[i].iov_len)
            memcpy(w->out + w->out_n, v[i].iov_base, v[i].iov_len);
        w->out_n += v[i].iov_len;
    }
}

/* Nothing overtakes what is kept. */
static ssize_t put(struct way *w, const struct iovec *v, int count) {
    size_t n = bytes_of(v, count);
    bool small = n <= SMALL_BYTES;
    if (!(small && unread(w)) || w->out_n + n > OUT_BYTES)
        flush(w);
    if (w->out_n + n <= OUT_BYTES && small && (unread(w) || w->out_n)) {
        keep(w, v, count);
        return (ssize_t)n;
    }
    if (w->out_n == 0)
        return writev(w->fd, v, count);
    errno = EAGAIN;
    return -1;
}

ssize_t bus_sock_writev(int fd, const struct iovec *v, int count) {
    pthread_mutex_lock(&table.lock);
    struct way *w = way_of(fd);
    ssize_t rc = w ? put(w, v, count) : 0;
    pthread_mutex_unlock(&table.lock);
    return w ? rc : writev(fd, v, count);
}
