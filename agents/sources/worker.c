#include "sources/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct message {
    struct message *next;
    size_t n;
    uint8_t bytes[];
};

struct worker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t asked; /* end, nudge, or room */
    int fd;
    void (*run)(struct worker *w, void *user);
    void *user;
    struct message *first, *last;
    size_t waiting, most; /* bytes */
    bool end, nudged, over;
};

/* The descriptor is readable exactly while there is something to take or the end to see. */
static void ring(const struct worker *w) {
    const uint64_t one = 1;
    ssize_t n = write(w->fd, &one, sizeof one);
    (void)n; /* a counter that is full is readable as well */
}

static void quiet(const struct worker *w) {
    uint64_t count;
    ssize_t n = read(w->fd, &count, sizeof count);
    (void)n;
}

static void *thread_main(void *arg) {
    struct worker *w = arg;
    w->run(w, w->user);
    pthread_mutex_lock(&w->lock);
    w->over = true;
    ring(w);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static enum err init_lock(struct worker *w) {
    pthread_condattr_t attr;
    if (pthread_condattr_init(&attr))
        return ERR_NOMEM;
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    const int failed = pthread_cond_init(&w->asked, &attr);
    (void)pthread_condattr_destroy(&attr);
    if (failed)
        return ERR_NOMEM;
    if (pthread_mutex_init(&w->lock, NULL)) {
        (void)pthread_cond_destroy(&w->asked);
        return ERR_NOMEM;
    }
    return ERR_OK;
}

static void release(struct worker *w) {
    while (w->first) {
        struct message *m = w->first;
        w->first = m->next;
        free(m);
    }
    (void)pthread_mutex_destroy(&w->lock);
    (void)pthread_cond_destroy(&w->asked);
    if (w->fd >= 0)
        (void)close(w->fd);
    free(w);
}

enum err worker_open(void (*run)(struct worker *w, void *user), void *user, size_t queue_bytes,
                     struct worker **out) {
    struct worker *w = calloc(1, sizeof *w);
    if (!w)
        return ERR_NOMEM;
    w->run = run;
    w->user = user;
    w->most = queue_bytes;
    if (init_lock(w)) {
        free(w);
        return ERR_NOMEM;
    }
    w->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (w->fd < 0 || pthread_create(&w->thread, NULL, thread_main, w)) {
        release(w);
        return ERR_IO;
    }
    *out = w;
    return ERR_OK;
}

void worker_close(struct worker *w) {
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->end = true;
    pthread_cond_broadcast(&w->asked);
    pthread_mutex_unlock(&w->lock);
    (void)pthread_join(w->thread, NULL);
    release(w);
}

enum err worker_put(struct worker *w, struct span message) {
    struct message *m = malloc(sizeof *m + message.n);
    if (!m)
        return ERR_NOMEM;
    m->next = NULL;
    m->n = message.n;
    if (message.n)
        memcpy(m->bytes, message.p, message.n);
    pthread_mutex_lock(&w->lock);
    while (!w->end && w->waiting && w->waiting + m->n > w->most)
        pthread_cond_wait(&w->asked, &w->lock);
    const bool taken = !w->end;
    if (taken) {
        *(w->first ? &w->last->next : &w->first) = m;
        w->last = m;
        w->waiting += m->n;
        ring(w);
    }
    pthread_mutex_unlock(&w->lock);
    if (!taken)
        free(m);
    return taken ? ERR_OK : ERR_STATE;
}

bool worker_wait(struct worker *w, int64_t ms) {
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&w->lock);
    while (!w->end && !w->nudged &&
           pthread_cond_timedwait(&w->asked, &w->lock, &until) != ETIMEDOUT) {
    }
    w->nudged = false;
    const bool end = w->end;
    pthread_mutex_unlock(&w->lock);
    return !end;
}

bool worker_take(struct worker *w, struct buf *out) {
    buf_reset(out);
    pthread_mutex_lock(&w->lock);
    struct message *m = w->first;
    if (m) {
        w->first = m->next;
        w->waiting -= m->n;
        pthread_cond_broadcast(&w->asked);
    }
    if (!w->first && !w->over)
        quiet(w);
    pthread_mutex_unlock(&w->lock);
    if (!m)
        return false;
    (void)buf_add(out, m->bytes, m->n); /* out->failed tells */
    free(m);
    return true;
}

int worker_fd(const struct worker *w) {
    return w->fd;
}

bool worker_over(struct worker *w) {
    pthread_mutex_lock(&w->lock);
    const bool over = w->over && !w->first;
    pthread_mutex_unlock(&w->lock);
    return over;
}

void worker_nudge(struct worker *w) {
    pthread_mutex_lock(&w->lock);
    w->nudged = true;
    pthread_cond_broadcast(&w->asked);
    pthread_mutex_unlock(&w->lock);
}
