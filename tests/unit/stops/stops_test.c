#include <criterion/criterion.h>

#include "stops/stops.h"

#define MIN UTC_MINUTE_MS

static struct cell_piece piece(int64_t from_min, int64_t to_min, enum category c,
                               enum cause cause) {
    return (struct cell_piece){.t0_ms = from_min * MIN,
                               .t1_ms = to_min * MIN,
                               .category = (uint8_t)c,
                               .cause = (uint8_t)cause,
                               .machine = cause == CAUSE_FAILURE ? MACHINE_FAILED : MACHINE_RUN};
}

/* Two presses. The first: run 10, failure 4, run 16, blocked 2, blocked 3 of another order, run 5.
 * The second: failure 10 from its begin on, setup 20, no data 5, break 5. */
static void add_two(struct stops *s) {
    struct cell_piece one[] = {
        piece(0, 10, CAT_PRODUCTION, 0),         piece(10, 14, CAT_DELAY, CAUSE_FAILURE),
        piece(14, 30, CAT_PRODUCTION, 0),        piece(30, 32, CAT_DELAY, CAUSE_BLOCKED),
        piece(32, 35, CAT_DELAY, CAUSE_BLOCKED), piece(35, 40, CAT_PRODUCTION, 0)};
    const struct cell_piece two[] = {piece(0, 10, CAT_DELAY, CAUSE_FAILURE),
                                     piece(10, 30, CAT_SETUP, 0), piece(30, 35, CAT_UNKNOWN, 0),
                                     piece(35, 40, CAT_PLANNED_DOWN, 0)};
    one[4].ctx.order = 7;
    stops_init(s);
    cr_assert_eq(stops_add(s, 0, one, 6), ERR_OK);
    cr_assert_eq(stops_add(s, 1, two, 4), ERR_OK);
    cr_assert_eq(stops_sort(s), ERR_OK);
}

Test(stops, rows_come_by_what_they_cost) {
    struct stops s;
    add_two(&s);
    /* Setup 20; failure 4 + 10; blocked 5, one stop; break 5: the category decides before it. */
    cr_assert_eq(s.row_n, 4u);
    cr_expect_eq(s.row[0].category, CAT_SETUP);
    cr_expect_eq(s.row[0].total_ms, 20 * MIN);
    cr_expect_eq(s.row[1].cause, CAUSE_FAILURE);
    cr_expect_eq(s.row[1].count, 2u);
    cr_expect_eq(s.row[1].total_ms, 14 * MIN);
    cr_expect_eq(s.row[1].median_ms, 7 * MIN, "of 4 and 10");
    cr_expect_eq(s.row[1].longest_ms, 10 * MIN);
    cr_expect_eq(s.row[2].category, CAT_PLANNED_DOWN);
    cr_expect_eq(s.row[3].cause, CAUSE_BLOCKED);
    cr_expect_eq(s.row[3].count, 1u, "another order makes no other stop");
    cr_expect_eq(s.run_ms, 31 * MIN);
    cr_expect_eq(s.unknown_ms, 5 * MIN);
    cr_expect_eq(s.stop_ms, 44 * MIN);
    cr_expect_eq(s.run_ms + s.unknown_ms + s.stop_ms, 80 * MIN, "all of both");
    stops_fini(&s);
}

Test(stops, the_longest_come_first) {
    struct stops s;
    add_two(&s);
    cr_assert_eq(s.n, 5u);
    cr_expect_eq(s.at[0].category, CAT_SETUP);
    cr_expect_eq(s.at[0].unit, 1u);
    for (size_t i = 1; i < s.n; i++)
        cr_expect(s.at[i - 1].to_ms - s.at[i - 1].from_ms >= s.at[i].to_ms - s.at[i].from_ms);
    stops_fini(&s);
}

/* Run 10, fails 4, run 16, setup 4, fails 6, run 2, no data 3, run 5, fails 1: three begun; between
 * the first two 20 min of operation, the third is cut by the gap; 4 and 6 min of repair. */
Test(stops, failures_have_means_over_what_was_seen_whole) {
    const struct cell_piece p[] = {
        piece(0, 10, CAT_PRODUCTION, 0),         piece(10, 14, CAT_DELAY, CAUSE_FAILURE),
        piece(14, 30, CAT_PRODUCTION, 0),        piece(30, 34, CAT_SETUP, 0),
        piece(34, 40, CAT_DELAY, CAUSE_FAILURE), piece(40, 42, CAT_PRODUCTION, 0),
        piece(42, 45, CAT_UNKNOWN, 0),           piece(45, 50, CAT_PRODUCTION, 0),
        piece(50, 51, CAT_DELAY, CAUSE_FAILURE)};
    struct stops s;
    stops_init(&s);
    cr_assert_eq(stops_add(&s, 3, p, sizeof p / sizeof *p), ERR_OK);
    cr_expect_eq(s.failures.begun, 3u);
    cr_expect_eq(s.failures.between_n, 1u);
    cr_expect_eq(s.failures.between_ms, 20 * MIN);
    cr_expect_eq(s.failures.repair_n, 2u);
    cr_expect_eq(s.failures.repair_ms, 10 * MIN);
    stops_fini(&s);
}

/* A failure from the first moment on has no begin, so its repair has no length. */
Test(stops, what_began_before_is_not_measured) {
    const struct cell_piece p[] = {piece(0, 4, CAT_DELAY, CAUSE_FAILURE),
                                   piece(4, 9, CAT_PRODUCTION, 0),
                                   piece(9, 10, CAT_DELAY, CAUSE_FAILURE)};
    struct stops s;
    stops_init(&s);
    cr_assert_eq(stops_add(&s, 0, p, 3), ERR_OK);
    cr_expect_eq(s.failures.begun, 1u);
    cr_expect_eq(s.failures.repair_n, 0u);
    cr_expect_eq(s.failures.between_n, 1u, "its end was seen, and the next begin");
    cr_expect_eq(s.failures.between_ms, 5 * MIN);
    stops_fini(&s);
}

Test(stops, nothing_gives_nothing) {
    struct stops s;
    stops_init(&s);
    cr_assert_eq(stops_sort(&s), ERR_OK);
    cr_expect_eq(s.row_n, 0u);
    stops_fini(&s);
}

/* Blocked 2 and 3 min for reason 7, then 4 min for none, at once: two stops, two rows. */
Test(stops, a_stated_reason_is_a_row_of_its_own) {
    struct cell_piece p[] = {piece(0, 2, CAT_DELAY, CAUSE_BLOCKED),
                             piece(2, 5, CAT_DELAY, CAUSE_BLOCKED),
                             piece(5, 9, CAT_DELAY, CAUSE_BLOCKED)};
    struct stops s;
    p[0].reason = p[1].reason = 7;
    p[1].ctx.order = 3;
    stops_init(&s);
    cr_assert_eq(stops_add(&s, 0, p, 3), ERR_OK);
    cr_assert_eq(stops_sort(&s), ERR_OK);
    cr_assert_eq(s.row_n, 2u);
    cr_expect_eq(s.row[0].reason, 7u);
    cr_expect_eq(s.row[0].count, 1u);
    cr_expect_eq(s.row[0].total_ms, 5 * MIN);
    cr_expect_eq(s.row[1].reason, 0u);
    cr_expect_eq(s.row[1].total_ms, 4 * MIN);
    cr_assert_eq(s.n, 2u);
    cr_expect_eq(s.at[0].reason, 7u);
    stops_fini(&s);
}
