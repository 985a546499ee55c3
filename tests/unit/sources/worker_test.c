#include "sources/worker.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>

enum { PATIENCE_MS = 10000 };

/* Whether there is something to take or the end to see, within the patience of a test. */
static bool readable(const struct worker *w, int ms) {
    struct pollfd p = {.fd = worker_fd(w), .events = POLLIN};
    return poll(&p, 1, ms) == 1;
}

static void count_to_a_thousand(struct worker *w, void *user) {
    char text[16];
    (void)user;
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(text, sizeof text, "%d", i);
        if (worker_put(w, span_str(text)))
            return;
    }
}

Test(worker, messages_come_whole_and_in_order_through_a_narrow_queue) {
    struct worker *w = NULL;
    struct buf got;
    char expected[16];
    buf_init(&got);
    cr_assert_eq(worker_open(count_to_a_thousand, NULL, 10, &w), ERR_OK);
    for (int i = 0; i < 1000; i++) {
        cr_assert(readable(w, PATIENCE_MS), "message %d", i);
        cr_assert(worker_take(w, &got), "message %d", i);
        (void)snprintf(expected, sizeof expected, "%d", i);
        cr_assert(span_equal(buf_span(&got), span_str(expected)), "message %d", i);
    }
    cr_expect(readable(w, PATIENCE_MS), "its end is to be seen");
    cr_expect_not(worker_take(w, &got));
    cr_expect(worker_over(w));
    worker_close(w);
    buf_fini(&got);
}

struct sleeper {
    atomic_int woken;
    atomic_bool ended;
};

static void sleep_for_hours(struct worker *w, void *user) {
    struct sleeper *s = user;
    while (worker_wait(w, INT64_C(36000000))) {
        atomic_fetch_add(&s->woken, 1);
        if (worker_put(w, span_str("woken")))
            break;
    }
    atomic_store(&s->ended, true);
}

Test(worker, a_sleep_ends_when_it_is_nudged_and_when_it_is_closed) {
    struct worker *w = NULL;
    struct sleeper s = {0};
    struct buf got;
    buf_init(&got);
    cr_assert_eq(worker_open(sleep_for_hours, &s, 100, &w), ERR_OK);
    worker_nudge(w);
    cr_assert(readable(w, PATIENCE_MS));
    cr_expect(worker_take(w, &got));
    cr_expect_eq(atomic_load(&s.woken), 1);
    cr_expect_not(readable(w, 0), "nothing waits");
    worker_close(w);
    cr_expect(atomic_load(&s.ended));
    buf_fini(&got);
}

static void fill(struct worker *w, void *user) {
    atomic_bool *refused = user;
    while (!worker_put(w, span_str("ten bytes!"))) {
    }
    atomic_store(refused, true);
}

Test(worker, one_that_waits_for_room_ends_when_it_is_closed) {
    struct worker *w = NULL;
    atomic_bool refused = false;
    cr_assert_eq(worker_open(fill, &refused, 25, &w), ERR_OK);
    cr_assert(readable(w, PATIENCE_MS));
    worker_close(w);
    cr_expect(atomic_load(&refused));
}

Test(worker, a_message_larger_than_the_queue_goes_alone) {
    struct worker *w = NULL;
    struct buf got;
    atomic_bool refused = false;
    buf_init(&got);
    cr_assert_eq(worker_open(fill, &refused, 1, &w), ERR_OK);
    for (int i = 0; i < 3; i++) {
        cr_assert(readable(w, PATIENCE_MS));
        cr_assert(worker_take(w, &got));
        cr_expect_eq(got.n, 10u);
    }
    worker_close(w);
    buf_fini(&got);
}
