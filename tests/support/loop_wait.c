#include "support/loop_wait.h"

#include <uv.h>

static void on_over(uv_timer_t *t) {
    *(bool *)t->data = true;
}

static void on_closed(uv_handle_t *h) {
    *(bool *)h->data = true;
}

bool loop_until(uv_loop_t *loop, bool (*holds)(void *user), void *user, uint64_t timeout_ms) {
    uv_timer_t watchdog;
    bool over = false, closed = false;
    uv_timer_init(loop, &watchdog);
    watchdog.data = &over;
    uv_update_time(loop);
    uv_timer_start(&watchdog, on_over, timeout_ms, 0);
    while (!over && !holds(user)) {
        uv_run(loop, UV_RUN_ONCE);
    }
    watchdog.data = &closed;
    uv_close((uv_handle_t *)&watchdog, on_closed);
    while (!closed) {
        uv_run(loop, UV_RUN_ONCE);
    }
    return holds(user);
}

static bool never(void *user) {
    (void)user;
    return false;
}

void loop_for(uv_loop_t *loop, uint64_t time_ms) {
    (void)loop_until(loop, never, NULL, time_ms);
}

bool loop_closed(uv_loop_t *loop) {
    uv_run(loop, UV_RUN_DEFAULT);
    return uv_loop_close(loop) == 0;
}
