#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "access/throttle.h"

static int64_t wait_of(struct throttle *t, const char *name, int64_t at_ms) {
    return throttle_wait_ms(t, THROTTLE_NAME, span_str(name), at_ms);
}

static void fail(struct throttle *t, const char *name, unsigned times, int64_t at_ms) {
    while (times--)
        throttle_failed(t, THROTTLE_NAME, span_str(name), at_ms);
}

Test(throttle, a_few_are_free_then_each_doubles_the_wait) {
    struct throttle t;
    throttle_init(&t, 42);
    fail(&t, "anna", THROTTLE_FREE - 1, 0);
    cr_expect_eq(wait_of(&t, "anna", 0), 0);
    /* 2 s, 4, 8, 16, 32, 64, 128, 256, then 300 at most. */
    static const int64_t waits[] = {2000,  4000,   8000,   16000,  32000,
                                    64000, 128000, 256000, 300000, 300000};
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        fail(&t, "anna", 1, 0);
        cr_expect_eq(wait_of(&t, "anna", 0), waits[i], "%zu", i);
    }
    cr_expect_eq(wait_of(&t, "anna", 299999), 1);
    cr_expect_eq(wait_of(&t, "anna", 300000), 0);
    cr_expect_eq(wait_of(&t, "bert", 0), 0, "others do not wait");
}

Test(throttle, a_name_and_an_address_of_the_same_letters_are_two) {
    struct throttle t;
    throttle_init(&t, 1);
    fail(&t, "10.0.0.1", 10, 0);
    cr_expect_eq(throttle_wait_ms(&t, THROTTLE_ADDRESS, span_str("10.0.0.1"), 0), 0);
    for (unsigned i = 1; i < THROTTLE_FREE_HOST; i++)
        throttle_failed(&t, THROTTLE_ADDRESS, span_str("10.0.0.2"), 0);
    cr_expect_eq(throttle_wait_ms(&t, THROTTLE_ADDRESS, span_str("10.0.0.2"), 0), 0);
    throttle_failed(&t, THROTTLE_ADDRESS, span_str("10.0.0.2"), 0);
    cr_expect_eq(throttle_wait_ms(&t, THROTTLE_ADDRESS, span_str("10.0.0.2"), 0), 2000);
}

Test(throttle, quiet_is_forgiven_one_by_one) {
    struct throttle t;
    throttle_init(&t, 1);
    fail(&t, "anna", THROTTLE_FREE - 1, 0);
    fail(&t, "anna", 1, 2 * THROTTLE_FORGET_MS); /* 4 - 2 + 1 = 3 */
    cr_expect_eq(wait_of(&t, "anna", 2 * THROTTLE_FORGET_MS), 0);
    fail(&t, "anna", 2, 2 * THROTTLE_FORGET_MS);
    cr_expect_eq(wait_of(&t, "anna", 2 * THROTTLE_FORGET_MS), 2000);
}

Test(throttle, who_was_right_begins_anew_and_a_host_gets_one_back) {
    struct throttle t;
    throttle_init(&t, 1);
    fail(&t, "anna", 7, 0);
    throttle_passed(&t, THROTTLE_NAME, span_str("anna"));
    cr_expect_eq(wait_of(&t, "anna", 0), 0);
    fail(&t, "anna", THROTTLE_FREE - 1, 0);
    cr_expect_eq(wait_of(&t, "anna", 0), 0);
    for (unsigned i = 0; i < 100; i++) { /* a hall logs in: nobody waits */
        throttle_failed(&t, THROTTLE_ADDRESS, span_str("hall"), 0);
        throttle_undo(&t, THROTTLE_ADDRESS, span_str("hall"));
    }
    cr_expect_eq(throttle_wait_ms(&t, THROTTLE_ADDRESS, span_str("hall"), 0), 0);
}

Test(throttle, it_is_bounded_and_keeps_the_newest) {
    struct throttle *t = malloc(sizeof *t);
    cr_assert_not_null(t);
    throttle_init(t, 99);
    for (unsigned i = 0; i < 20 * THROTTLE_SLOTS; i++) {
        char name[32];
        snprintf(name, sizeof name, "guess-%u", i);
        fail(t, name, 1, i);
    }
    fail(t, "anna", 6, 30000);
    cr_expect_eq(wait_of(t, "anna", 30000), 4000);
    free(t);
}

Test(throttle, of_ipv6_the_network_counts) {
    char a[64], b[64];
    cr_expect(span_equal(throttle_network("2001:db8:1:2::17", a),
                         throttle_network("2001:db8:1:2:9:9:9:9", b)));
    cr_expect_not(span_equal(throttle_network("2001:db8:1:2::17", a),
                             throttle_network("2001:db8:1:3::17", b)));
    cr_expect(span_equal(throttle_network("192.168.1.7", a), span_str("192.168.1.7")));
    cr_expect(span_equal(throttle_network("::ffff:10.0.0.1", a), span_str("::ffff:10.0.0.1")));
    cr_expect(span_equal(throttle_network("", a), span_str("")));
}
