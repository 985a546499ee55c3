/* Limits that points share, and those that only one has. */
#include <criterion/criterion.h>

#include "rig.h"

static struct rig rig;

static void setup(void) {
    rig_init(&rig);
}

static void teardown(void) {
    rig_fini(&rig);
}

TestSuite(lane_limits, .init = setup, .fini = teardown);

enum { POINTS = 300 };

static int64_t num_of(const struct lane *l, uint32_t point) {
    return l->limits[l->limits_at[point]].num;
}

static void add(unsigned n, bool equal) {
    struct point p = rig_point(POINT_REGISTER);
    for (unsigned i = 0; i < n; i++)
        rig_add(&rig, &p, &(struct signal_limits){.num = equal ? 7 : 1 + i, .den = 1});
}

Test(lane_limits, points_with_equal_limits_share_them) {
    add(POINTS, true);
    cr_expect_eq(rig.lane.limits_n, 1);
    for (uint32_t i = 0; i < POINTS; i++)
        cr_assert_eq(num_of(&rig.lane, i), 7);
}

Test(lane_limits, points_with_limits_of_their_own_keep_them) {
    add(POINTS, false);
    for (uint32_t i = 0; i < POINTS; i++)
        cr_assert_eq(num_of(&rig.lane, i), 1 + i);
}

/* Twice the points and 64 more is the bound at which the unused ones go. */
Test(lane_limits, limits_that_change_for_ever_take_no_more_room) {
    add(POINTS, false);
    for (int64_t turn = 0; turn < 20; turn++)
        for (uint32_t i = 0; i < POINTS; i++)
            cr_assert_eq(
                lane_put_limits(&rig.lane, i,
                                &(struct signal_limits){.num = turn * 1000 + i + 1, .den = 1}),
                ERR_OK);
    cr_expect_leq(rig.lane.limits_n, 2 * POINTS + 64);
    for (uint32_t i = 0; i < POINTS; i++)
        cr_assert_eq(num_of(&rig.lane, i), 19 * 1000 + i + 1);
}
