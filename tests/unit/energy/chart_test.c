#include <criterion/criterion.h>

#include "energy/chart.h"

/* Four values over 14 steps of 10: 140 at the top, 0 in line 11, -30 near the bottom. The scale
 * goes from 140 to 0 with -0: values 0, 70, 140, 0. */
Test(chart, values_stand_where_they_belong) {
    static const double value[] = {0, 70, 140, 0};
    static const bool marked[] = {false, false, true, false};
    static const char expected[] = "T\n"
                                   "         140 |  #\n"
                                   "             |\n"
                                   "             |\n"
                                   "             |\n"
                                   "             |\n"
                                   "             |\n"
                                   "             |\n"
                                   "          70 | *\n"
                                   "             |\n"
                                   "             |\n"
                                   "             |\n"
                                   "             |\n"
                                   "             |\n"
                                   "             |\n"
                                   "           0 |*--*\n"
                                   "              a  z\n";
    struct buf out;
    buf_init(&out);
    cr_assert_eq(chart_draw(&(struct chart){"T", "a", "z", value, marked, 4}, &out), ERR_OK);
    cr_assert_eq(buf_add_byte(&out, 0), ERR_OK);
    cr_expect_str_eq((const char *)out.p, expected);
    buf_fini(&out);
}

Test(chart, many_values_keep_their_last_and_their_marks) {
    double value[CHART_COLUMNS * 10] = {0};
    bool marked[CHART_COLUMNS * 10] = {false};
    struct buf out;
    value[CHART_COLUMNS * 10 - 1] = -5;
    marked[CHART_COLUMNS * 10 - 3] = true;
    buf_init(&out);
    cr_assert_eq(
        chart_draw(&(struct chart){"T", "a", "z", value, marked, CHART_COLUMNS * 10}, &out),
        ERR_OK);
    cr_assert_eq(buf_add_byte(&out, 0), ERR_OK);
    size_t hashes = 0, stars = 0;
    for (size_t i = 0; i < out.n; i++) {
        hashes += out.p[i] == '#';
        stars += out.p[i] == '*';
    }
    cr_expect_eq(hashes, 1);
    cr_expect_eq(stars, CHART_COLUMNS - 1);
    cr_expect(strstr((const char *)out.p, "          -5 |"));
    buf_fini(&out);
}

Test(chart, nothing_and_one_value_are_drawn) {
    static const double value[] = {0};
    struct buf out;
    buf_init(&out);
    cr_expect_eq(chart_draw(&(struct chart){"T", "a", "a", value, NULL, 0}, &out), ERR_OK);
    cr_expect_eq(out.n, 0);
    cr_expect_eq(chart_draw(&(struct chart){"T", "a", "a", value, NULL, 1}, &out), ERR_OK);
    cr_expect_gt(out.n, 0);
    buf_fini(&out);
}
