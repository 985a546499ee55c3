#include <criterion/criterion.h>

#include "bus/bus_wake.h"

struct room {
    uv_loop_t loop;
    struct bus_wake wake;
    unsigned woken, want; /* as often as seen; at `want` it closes */
    bool ring_again, closed;
};

static void on_closed(void *user) {
    ((struct room *)user)->closed = true;
}

static void on_wake(void *user) {
    struct room *r = user;
    r->woken++;
    if (r->ring_again && r->woken < r->want) {
        bus_wake_ring(&r->wake);
    } else if (r->woken == r->want) {
        bus_wake_close(&r->wake, on_closed);
    }
}

static void open_room(struct room *r, unsigned want) {
    *r = (struct room){.want = want};
    cr_assert_eq(uv_loop_init(&r->loop), 0);
    cr_assert_eq(bus_wake_open(&r->wake, &r->loop, on_wake, r), ERR_OK);
}

static void close_room(struct room *r) {
    uv_run(&r->loop, UV_RUN_DEFAULT);
    cr_expect(r->closed);
    cr_expect_eq(uv_loop_close(&r->loop), 0, "a handle is left open");
}

Test(bus_wake, rung_often_wakes_once) {
    struct room r;
    open_room(&r, 2);
    for (int i = 0; i < 1000; i++)
        bus_wake_ring(&r.wake);
    uv_run(&r.loop, UV_RUN_NOWAIT);
    uv_run(&r.loop, UV_RUN_NOWAIT);
    cr_expect_eq(r.woken, 1);
    bus_wake_ring(&r.wake);
    close_room(&r);
    cr_expect_eq(r.woken, 2);
}

Test(bus_wake, rung_while_it_wakes_is_a_wake_of_its_own) {
    struct room r;
    open_room(&r, 3);
    r.ring_again = true;
    bus_wake_ring(&r.wake);
    close_room(&r);
    cr_expect_eq(r.woken, 3);
}

static void ring(void *wake) {
    bus_wake_ring(wake);
}

/* Each of a hundred threads ends before the next begins, so none of their rings may be lost. */
Test(bus_wake, a_ring_of_another_thread_is_never_lost) {
    struct room r;
    open_room(&r, 100);
    for (unsigned i = 0; i < 100; i++) {
        uv_thread_t thread;
        cr_assert_eq(uv_thread_create(&thread, ring, &r.wake), 0);
        uv_thread_join(&thread);
        uv_run(&r.loop, UV_RUN_NOWAIT);
        cr_expect_eq(r.woken, i + 1);
    }
    close_room(&r);
}

/* A thread rings all the time while the loop turns; a ring that is lost once would be lost for
 * ever. */
struct ringer {
    struct bus_wake *wake;
    atomic_bool enough;
};

static void ring_on(void *user) {
    struct ringer *r = user;
    while (!atomic_load(&r->enough))
        bus_wake_ring(r->wake);
}

Test(bus_wake, no_ring_of_a_storm_is_the_last_one_ever) {
    struct room r;
    open_room(&r, UINT32_MAX);
    for (int round = 0; round < 20; round++) {
        struct ringer ringer = {.wake = &r.wake};
        uv_thread_t thread;
        cr_assert_eq(uv_thread_create(&thread, ring_on, &ringer), 0);
        for (int i = 0; i < 2000; i++)
            uv_run(&r.loop, UV_RUN_NOWAIT);
        atomic_store(&ringer.enough, true);
        uv_thread_join(&thread);
        uv_run(&r.loop, UV_RUN_NOWAIT);
        const unsigned before = r.woken;
        bus_wake_ring(&r.wake);
        uv_run(&r.loop, UV_RUN_NOWAIT);
        cr_assert_eq(r.woken, before + 1, "round %d: rung, and nobody woke", round);
    }
    r.want = r.woken + 1;
    bus_wake_ring(&r.wake);
    close_room(&r);
}
