#include "base/clock.h"

#include <criterion/criterion.h>

Test(clock, monotonic_time_does_not_step_back) {
    int64_t before = clock_mono_ns();

    for (int i = 0; i < 1000; i++) {
        const int64_t now = clock_mono_ns();
        cr_assert_geq(now, before);
        before = now;
    }
    cr_assert_leq(before / 1000000, clock_mono_ms());
}

Test(clock, wall_time_is_after_this_was_written) {
    cr_assert_gt(clock_wall_ms(), INT64_C(1735689600000)); /* 2025-01-01 */
}

Test(clock, random_bytes_differ) {
    uint8_t a[32] = {0}, b[32] = {0};

    cr_assert_eq(clock_random(a, sizeof a), ERR_OK);
    cr_assert_eq(clock_random(b, sizeof b), ERR_OK);
    cr_assert_neq(memcmp(a, b, sizeof a), 0);
}

Test(clock, zone_bytes_are_a_tzif_file) {
    struct buf b;

    buf_init(&b);
    cr_assert_eq(clock_zone_bytes("Asia/Ho_Chi_Minh", &b), ERR_OK);
    cr_assert_gt(b.n, 44);
    cr_assert(memcmp(b.p, "TZif", 4) == 0);
    buf_fini(&b);
}

Test(clock, zone_names_cannot_leave_their_directory) {
    static const char *const illegal[] = {"",    "/etc/passwd", "../passwd", "Asia/../../x",
                                          "a b", "a\nb"};
    struct buf b;

    buf_init(&b);
    for (size_t i = 0; i < sizeof illegal / sizeof illegal[0]; i++)
        cr_assert_eq(clock_zone_bytes(illegal[i], &b), ERR_FORMAT, "%s", illegal[i]);
    cr_assert_eq(clock_zone_bytes("Europe/Nowhere", &b), ERR_NOT_FOUND);
    cr_assert_eq(clock_zone_bytes("Europe", &b), ERR_NOT_FOUND);
    cr_assert_eq(b.n, 0);
    buf_fini(&b);
}
