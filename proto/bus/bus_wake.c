#include "bus/bus_wake.h"

#include <sys/eventfd.h>
#include <unistd.h>

/* The count is taken before `rung` is cleared: who rings in between writes nothing, and what he
 * rang for is seen by the wake that follows. The other way round his count would be taken with
 * ours, and `rung` would stay set for ever. */
static void on_poll(uv_poll_t *poll, int status, int events) {
    struct bus_wake *w = poll->data;
    uint64_t count = 0;
    (void)status; /* an eventfd has no errors to tell */
    (void)events;
    ssize_t taken = read(w->fd, &count, sizeof count);
    (void)taken; /* nothing to take: a wake too many does no harm */
    atomic_exchange(&w->rung, false);
    w->on_wake(w->user);
}

enum err bus_wake_open(struct bus_wake *w, uv_loop_t *loop, void (*on_wake)(void *user),
                       void *user) {
    *w = (struct bus_wake){
        .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .on_wake = on_wake, .user = user};
    if (w->fd < 0) {
        return ERR_IO;
    }
    if (uv_poll_init(loop, &w->poll, w->fd) != 0) {
        close(w->fd);
        return ERR_IO;
    }
    w->poll.data = w;
    uv_poll_start(&w->poll, UV_READABLE, on_poll); /* fails only on a closing handle */
    return ERR_OK;
}

void bus_wake_ring(struct bus_wake *w) {
    const uint64_t one = 1;
    if (atomic_exchange(&w->rung, true)) {
        return;
    }
    /* It is full only when it was rung 2^64 - 2 times unseen. */
    ssize_t written = write(w->fd, &one, sizeof one);
    (void)written;
}

static void on_handle_closed(uv_handle_t *handle) {
    struct bus_wake *w = handle->data;
    close(w->fd);
    w->on_closed(w->user);
}

void bus_wake_close(struct bus_wake *w, void (*on_closed)(void *user)) {
    w->on_closed = on_closed;
    uv_close((uv_handle_t *)&w->poll, on_handle_closed);
}
