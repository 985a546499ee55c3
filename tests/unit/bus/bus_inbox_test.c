#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "bus/bus_inbox.h"

static bool add(struct bus_inbox *in, enum inbox_kind kind, const char *topic,
                struct span payload) {
    struct inbox_record r = {.kind = kind, .life = 7, .topic = span_str(topic), .payload = payload};
    return bus_inbox_add(in, &r);
}

Test(bus_inbox, records_come_out_whole_and_in_order) {
    struct bus_inbox in;
    struct inbox_record r;
    cr_assert_eq(bus_inbox_init(&in, 1 << 20), ERR_OK);
    cr_expect_not(bus_inbox_next(&in, &r));
    cr_expect(add(&in, INBOX_MESSAGE, "t/1", span_str("one")));
    cr_expect(add(&in, INBOX_DOWN, "", span_str("why")));
    cr_assert(bus_inbox_next(&in, &r));
    cr_expect(add(&in, INBOX_MESSAGE, "t/2", span_str(""))); /* while the first batch is read */
    cr_expect_eq(r.kind, INBOX_MESSAGE);
    cr_expect_eq(r.life, 7);
    cr_expect(span_equal(r.topic, span_str("t/1")));
    cr_expect(span_equal(r.payload, span_str("one")));
    cr_assert(bus_inbox_next(&in, &r));
    cr_expect_eq(r.kind, INBOX_DOWN);
    cr_expect(span_equal(r.payload, span_str("why")));
    cr_assert(bus_inbox_next(&in, &r));
    cr_expect(span_equal(r.topic, span_str("t/2")));
    cr_expect_eq(r.payload.n, 0);
    cr_expect_not(bus_inbox_next(&in, &r));
    bus_inbox_fini(&in);
}

Test(bus_inbox, many_sizes_survive_the_change_of_chunks) {
    struct bus_inbox in;
    struct inbox_record r;
    char topic[16];
    enum { N = 200, STEP = 1777 }; /* up to 355 KB: below, around and above a chunk's 128 KB */
    uint8_t *bytes = malloc(N * STEP);
    cr_assert_not_null(bytes);
    memset(bytes, 0x5a, N * STEP);
    cr_assert_eq(bus_inbox_init(&in, 64 << 20), ERR_OK);
    for (int round = 0; round < 2; round++) { /* the second uses spare chunks */
        for (size_t i = 0; i < N; i++) {
            snprintf(topic, sizeof topic, "t/%zu", i);
            cr_assert(add(&in, INBOX_MESSAGE, topic, span_of(bytes, i * STEP)));
        }
        for (size_t i = 0; i < N; i++) {
            snprintf(topic, sizeof topic, "t/%zu", i);
            cr_assert(bus_inbox_next(&in, &r));
            cr_assert(span_equal(r.topic, span_str(topic)));
            cr_assert(span_equal(r.payload, span_of(bytes, i * STEP)));
        }
        cr_expect_not(bus_inbox_next(&in, &r));
        cr_expect_eq(in.bytes, 0);
    }
    bus_inbox_fini(&in);
    free(bytes);
}

/* Whoever reads it knows what is missing before it, and not yet what is missing behind. */
Test(bus_inbox, a_record_tells_what_was_dropped_before_it) {
    struct bus_inbox in;
    struct inbox_record r;
    uint8_t kilo[1024] = {0};
    cr_assert_eq(bus_inbox_init(&in, 2 * 1024), ERR_OK);
    cr_expect(add(&in, INBOX_MESSAGE, "t", span_of(kilo, sizeof kilo)));
    cr_expect_not(add(&in, INBOX_MESSAGE, "t", span_of(kilo, sizeof kilo)));
    cr_expect_not(add(&in, INBOX_MESSAGE, "t", span_of(kilo, sizeof kilo)));
    cr_expect(add(&in, INBOX_MESSAGE, "t", span_str("short")));
    cr_assert(bus_inbox_next(&in, &r));
    cr_expect_eq(r.dropped, 0);
    cr_assert(bus_inbox_next(&in, &r));
    cr_expect_eq(r.dropped, 2);
    bus_inbox_fini(&in);
}

Test(bus_inbox, messages_over_the_bound_are_dropped_and_counted) {
    struct bus_inbox in;
    struct inbox_record r;
    uint8_t kilo[1024] = {0};
    unsigned taken = 0;
    cr_assert_eq(bus_inbox_init(&in, 10 * 1024), ERR_OK);
    for (unsigned i = 0; i < 20; i++) {
        taken += add(&in, INBOX_MESSAGE, "t", span_of(kilo, sizeof kilo));
    }
    /* a record is 1024 + 1 + its head, so more than 1025 bytes: 9 fit into 10240, 10 do not */
    cr_expect_eq(taken, 9);
    cr_expect_eq(bus_inbox_counts(&in).dropped, 11);
    cr_expect_leq(bus_inbox_counts(&in).bytes_peak, 10 * 1024);
    cr_expect(add(&in, INBOX_DOWN, "", span_of(kilo, sizeof kilo))); /* never lost to the bound */
    for (unsigned i = 0; i < 10; i++) {
        cr_assert(bus_inbox_next(&in, &r));
    }
    cr_expect_eq(r.kind, INBOX_DOWN);
    cr_expect_not(bus_inbox_next(&in, &r));
    cr_expect(add(&in, INBOX_MESSAGE, "t", span_of(kilo, sizeof kilo))); /* room again */
    bus_inbox_fini(&in);
}

enum { THREADS = 3, EACH = 5000 };

static void add_many(void *user) {
    struct bus_inbox *in = user;
    for (uint32_t i = 0; i < EACH; i++) {
        (void)add(in, INBOX_MESSAGE, "t", span_of(&i, sizeof i));
    }
}

Test(bus_inbox, threads_lose_nothing) {
    struct bus_inbox in;
    struct inbox_record r;
    uv_thread_t thread[THREADS];
    uint64_t sum = 0;
    cr_assert_eq(bus_inbox_init(&in, 64 << 20), ERR_OK);
    for (int i = 0; i < THREADS; i++) {
        cr_assert_eq(uv_thread_create(&thread[i], add_many, &in), 0);
    }
    for (unsigned n = 0; n < THREADS * EACH;) {
        if (bus_inbox_next(&in, &r)) {
            uint32_t v = 0;
            memcpy(&v, r.payload.p, sizeof v);
            sum += v;
            n++;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        uv_thread_join(&thread[i]);
    }
    cr_expect_eq(sum, UINT64_C(37492500)); /* 3 x (0 + ... + 4999) = 3 x 4999 x 5000 / 2 */
    bus_inbox_fini(&in);
}
