#include <criterion/criterion.h>
#include <math.h>

#include "energy/columns.h"
#include "made.h"

static struct days *opened(const struct energy_spec *s, const struct zone *zone) {
    struct days *d = NULL;
    cr_assert_eq(days_open(s, zone, &d), ERR_OK);
    return d;
}

static void take(struct days *d, struct energy_window w) {
    cr_assert_eq(days_take(d, &w), ERR_OK);
}

static struct energy_rows finished(struct days *d, const struct columns *columns) {
    struct energy_rows rows = {0};
    char why[ENERGY_WHY] = "";
    const struct days_columns view = columns_view(columns);
    cr_assert(days_finish(d, columns ? &view : NULL, INT64_MIN, INT64_MAX, &rows, why), "%s", why);
    days_close(d);
    return rows;
}

static const char *const by_good[] = {"gq", NULL};

Test(days, energy_states_pieces_and_hours_of_a_day) {
    static const struct made_sum sums[] = {{"energy_production", 30 * KWH},
                                           {"energy_setup", 5 * KWH},
                                           {"energy_delay", 1 * KWH},
                                           {"energy_down_no_order", 2 * KWH},
                                           {"energy_planned_down", 3 * KWH},
                                           {"energy_not_scheduled", 4 * KWH},
                                           {"energy_engineering", 6 * KWH},
                                           {"energy_unknown", 7 * KWH},
                                           {"gq", 90 * PIECE},
                                           {"gq_unknown", 10 * PIECE},
                                           {NULL, 0}};
    struct energy_spec s = made_spec("line-1", "day", by_good);
    struct days *d = opened(&s, NULL);
    take(d, made_day("line-1", 0, sums));
    struct energy_rows r = finished(d, NULL);
    cr_assert_eq(r.n, 1);
    cr_expect_eq(r.energy_kwh[0], 58);
    cr_expect_eq(r.time_h[0], 24);
    cr_expect_eq(r.driver[0], 100);
    cr_expect_str_eq(r.label[0], "2026-01-05");
    const double *part = energy_rows_part(&r, 0, 0);
    cr_expect_eq(part[ENERGY_PRODUCTION], 30);
    cr_expect_eq(part[ENERGY_SETUP], 5);
    cr_expect_eq(part[ENERGY_STANDBY], 10);
    cr_expect_eq(part[ENERGY_ENGINEERING], 6);
    cr_expect_eq(part[ENERGY_UNKNOWN], 7);
    energy_rows_fini(&r);
}

static const struct made_sum plain[] = {
    {"energy_production", 10 * KWH}, {"gq", 5 * PIECE}, {NULL, 0}};

Test(days, what_was_not_measured_is_left_out_with_its_reason) {
    static const struct made_sum dark[] = {
        {"energy_production", KWH}, {"energy_seen", UTC_DAY_MS * 94 / 100}, {NULL, 0}};
    static const struct made_sum dim[] = {
        {"energy_production", KWH}, {"energy_seen", UTC_DAY_MS * 95 / 100}, {NULL, 0}};
    static const struct made_sum blind[] = {
        {"energy_production", KWH}, {"count_due", 0}, {"count_seen", 0}, {NULL, 0}};
    struct energy_spec s = made_spec("line-1", "day", by_good);
    struct days *d = opened(&s, NULL);
    take(d, made_day("line-1", 0, dark));
    take(d, made_day("line-1", 1, dim));
    take(d, made_day("line-1", 2, blind));
    struct energy_window running = made_day("line-1", 3, plain);
    running.life = span_str("provisional");
    take(d, running);
    struct energy_rows r = finished(d, NULL);
    cr_expect_eq(r.n, 1);
    cr_expect_str_eq(r.label[0], "2026-01-06");
    cr_expect_eq(r.dropped[ENERGY_DROP_ENERGY], 1);
    cr_expect_eq(r.dropped[ENERGY_DROP_DRIVER], 1);
    cr_expect_eq(r.dropped[ENERGY_DROP_UNSETTLED], 1);
    energy_rows_fini(&r);
}

Test(days, time_drivers_need_known_time) {
    static const struct made_sum known[] = {{"energy_production", KWH},
                                            {"time_production", 6 * UTC_HOUR_MS},
                                            {"time_unknown", UTC_HOUR_MS},
                                            {NULL, 0}};
    static const struct made_sum unknown[] = {
        {"energy_production", KWH}, {"time_unknown", 2 * UTC_HOUR_MS}, {NULL, 0}};
    struct energy_spec s =
        made_spec("line-1", "day", (const char *const[]){"time_production", NULL});
    struct days *d = opened(&s, NULL);
    take(d, made_day("line-1", 0, known));
    take(d, made_day("line-1", 1, unknown));
    struct energy_rows r = finished(d, NULL);
    cr_assert_eq(r.n, 1);
    cr_expect_eq(r.driver[0], 6);
    cr_expect_eq(r.dropped[ENERGY_DROP_DRIVER], 1);
    energy_rows_fini(&r);
}

Test(days, weeks_are_whole_from_monday_to_sunday) {
    struct energy_spec s = made_spec("line-1", "week", by_good);
    struct days *d = opened(&s, NULL);
    for (int day = -1; day < 15; day++) /* Sunday, two weeks less a day in the second, Monday */
        if (day != 9)
            take(d, made_day("line-1", day, plain));
    struct energy_rows r = finished(d, NULL);
    cr_assert_eq(r.n, 1);
    cr_expect_str_eq(r.label[0], "2026-01-05");
    cr_expect_eq(r.energy_kwh[0], 70);
    cr_expect_eq(r.driver[0], 35);
    cr_expect_eq(r.time_h[0], 168);
    cr_expect_eq(r.end_ms[0], MONDAY + 7 * UTC_DAY_MS);
    cr_expect_eq(energy_rows_part(&r, 0, 0)[ENERGY_PRODUCTION], 70);
    cr_expect_eq(r.dropped[ENERGY_DROP_WEEK], 3);
    energy_rows_fini(&r);
}

Test(days, parts_and_drivers_of_other_nodes_come_in_any_order) {
    static const struct made_sum cutter[] = {
        {"energy_production", 4 * KWH}, {"pq", 7 * PIECE}, {NULL, 0}};
    struct energy_spec s = made_spec("line-1", "day", (const char *const[]){"cutter/pq", NULL});
    char why[ENERGY_WHY];
    cr_assert(energy_spec_add_part(&s, "cutter", why));
    struct days *d = opened(&s, NULL);
    take(d, made_day("cutter", 1, cutter));
    take(d, made_day("cutter", 0, cutter));
    take(d, made_day("line-1", 1, plain));
    take(d, made_day("line-1", 0, plain));
    take(d, made_day("stranger", 0, plain));
    struct energy_rows r = finished(d, NULL);
    cr_assert_eq(r.n, 2);
    cr_expect_eq(r.driver[0], 7);
    cr_expect_eq(energy_rows_part(&r, 1, 0)[ENERGY_PRODUCTION], 10);
    cr_expect_eq(energy_rows_part(&r, 1, 1)[ENERGY_PRODUCTION], 4);
    energy_rows_fini(&r);
}

Test(days, a_product_is_summed_over_teams_and_absent_means_none) {
    static const struct made_sum bolts[] = {{"gq", 3 * PIECE}, {NULL, 0}};
    struct energy_spec s = made_spec("line-1", "day", (const char *const[]){"gq:bolt", NULL});
    struct days *d = opened(&s, NULL);
    struct energy_window w = made_day("line-1", 0, bolts);
    take(d, made_day("line-1", 0, plain));
    take(d, made_day("line-1", 1, plain));
    w.team = span_str("red"); /* the team's own, of no product */
    take(d, w);
    w.product = span_str("bolt");
    take(d, w);
    w.team = span_str("blue");
    take(d, w);
    w.product = span_str("nut");
    take(d, w);
    struct energy_rows r = finished(d, NULL);
    cr_assert_eq(r.n, 2);
    cr_expect_eq(r.driver[0], 6);
    cr_expect_eq(r.driver[1], 0);
    energy_rows_fini(&r);
}

Test(days, columns_count_by_local_date) {
    /* 2026-01-05 in Seoul (UTC+9) begins at 15:00 of the day before. */
    static const char text[] = "date,workday\n2026-01-05,1\n";
    struct energy_spec s = made_spec("line-1", "day", (const char *const[]){"file:workday", NULL});
    struct columns c;
    char why[ENERGY_WHY];
    cr_assert(columns_open(&c, &s, "d.csv", span_str(text), why));
    struct days *d = opened(&s, NULL);
    struct energy_window w = made_day("line-1", 0, plain);
    w.start_ms -= 9 * UTC_HOUR_MS;
    w.end_ms -= 9 * UTC_HOUR_MS;
    take(d, w);
    take(d, made_day("line-1", 3, plain));
    struct energy_rows r = finished(d, &c);
    cr_assert_eq(r.n, 1);
    cr_expect_str_eq(r.label[0], "2026-01-05");
    cr_expect_eq(r.driver[0], 1);
    cr_expect_eq(r.dropped[ENERGY_DROP_COLUMN], 1);
    energy_rows_fini(&r);
    columns_close(&c);
}

Test(days, only_days_of_the_period_count) {
    struct energy_spec s = made_spec("line-1", "day", by_good);
    struct days *d = opened(&s, NULL);
    struct energy_rows r = {0};
    char why[ENERGY_WHY] = "";
    for (int day = 0; day < 4; day++)
        take(d, made_day("line-1", day, plain));
    cr_assert(days_finish(d, NULL, MONDAY + UTC_DAY_MS, MONDAY + 3 * UTC_DAY_MS, &r, why));
    cr_expect_eq(r.n, 2);
    cr_expect_str_eq(r.label[0], "2026-01-06");
    energy_rows_fini(&r);
    days_close(d);
}

Test(days, a_window_that_comes_twice_is_refused) {
    struct energy_spec s = made_spec("line-1", "day", by_good);
    struct days *d = opened(&s, NULL);
    struct energy_window w = made_day("line-1", 0, plain);
    take(d, w);
    cr_expect_eq(days_take(d, &w), ERR_EXISTS);
    w.kind = span_str("hour");
    cr_expect_eq(days_take(d, &w), ERR_OK);
    days_close(d);
}

Test(days, nodes_that_nobody_saw_are_named) {
    struct energy_spec s = made_spec("line-1", "day", (const char *const[]){"oven/gq", NULL});
    struct days *d = opened(&s, NULL);
    struct energy_rows r;
    char why[ENERGY_WHY] = "";
    cr_expect_not(days_finish(d, NULL, INT64_MIN, INT64_MAX, &r, why));
    cr_expect(strstr(why, "line-1"), "%s", why);
    take(d, made_day("line-1", 0, plain));
    cr_expect_not(days_finish(d, NULL, INT64_MIN, INT64_MAX, &r, why));
    cr_expect(strstr(why, "oven"), "%s", why);
    days_close(d);
}

Test(days, a_part_that_nobody_saw_used_nothing) {
    struct energy_spec s = made_spec("line-1", "day", by_good);
    char why[ENERGY_WHY];
    cr_assert(energy_spec_add_part(&s, "cutter", why));
    struct days *d = opened(&s, NULL);
    take(d, made_day("line-1", 0, plain));
    cr_expect_not(days_part_seen(d, 0));
    struct energy_rows r = finished(d, NULL);
    cr_assert_eq(r.n, 1);
    cr_expect_eq(energy_rows_part(&r, 0, 1)[ENERGY_PRODUCTION], 0);
    energy_rows_fini(&r);
}

/* A file may say anything; the sanitizers watch. */
Test(days, sums_beyond_all_sense_do_not_overflow) {
    static const struct made_sum mad[] = {{"energy_delay", INT64_MAX},
                                          {"energy_down_no_order", INT64_MAX},
                                          {"energy_planned_down", INT64_MAX},
                                          {"energy_production", INT64_MAX},
                                          {"gq", INT64_MIN},
                                          {"gq_unknown", INT64_MIN},
                                          {NULL, 0}};
    struct energy_spec s = made_spec("line-1", "day", by_good);
    struct days *d = opened(&s, NULL);
    take(d, made_day("line-1", 0, mad));
    struct energy_rows r = finished(d, NULL);
    cr_assert_eq(r.n, 1);
    cr_expect_gt(r.energy_kwh[0], 1e8);
    cr_expect_lt(r.driver[0], -1e8);
    energy_rows_fini(&r);
}
