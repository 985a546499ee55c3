#include "base/decimal.h"

#include <criterion/criterion.h>

static int64_t parsed(const char *text, int places) {
    int64_t v = -999;

    cr_assert_eq(decimal_parse(span_str(text), places, &v), ERR_OK, "%s", text);
    return v;
}

static enum err refused(const char *text, int places) {
    int64_t v = -999;
    const enum err e = decimal_parse(span_str(text), places, &v);

    cr_assert_eq(v, -999, "%s touched the result", text);
    return e;
}

Test(decimal, parses_plain_and_exponent_forms) {
    cr_assert_eq(parsed("0", 6), 0);
    cr_assert_eq(parsed("-12.5", 3), -12500);
    cr_assert_eq(parsed("+7", 0), 7);
    cr_assert_eq(parsed("1e3", 0), 1000);
    cr_assert_eq(parsed("1.25E-2", 4), 125);
    cr_assert_eq(parsed(".5", 1), 5);
    cr_assert_eq(parsed("5.", 1), 50);
    cr_assert_eq(parsed("0e99999999999", 9), 0);
    cr_assert_eq(parsed("1e-99999999999", 9), 0);
}

Test(decimal, truncates_toward_zero_what_lies_beyond_the_places) {
    cr_assert_eq(parsed("1.999", 2), 199);
    cr_assert_eq(parsed("-1.999", 2), -199);
    cr_assert_eq(parsed("-0.001", 2), 0);
    cr_assert_eq(parsed("0.99999999999999999999999999999999999999999999999999", 0), 0);
}

Test(decimal, reaches_both_ends_of_int64_and_no_further) {
    cr_assert_eq(parsed("9223372036854775807", 0), INT64_MAX);
    cr_assert_eq(parsed("-9223372036854775808", 0), INT64_MIN);
    cr_assert_eq(parsed("9223372036854775807.9", 0), INT64_MAX);
    cr_assert_eq(parsed("922337203685477580700000000000000000000000000000000e-32", 0), INT64_MAX);
    cr_assert_eq(refused("9223372036854775808", 0), ERR_RANGE);
    cr_assert_eq(refused("-9223372036854775809", 0), ERR_RANGE);
    cr_assert_eq(refused("9223372037", 9), ERR_RANGE);
    cr_assert_eq(refused("1e99999999999", 0), ERR_RANGE);
    cr_assert_eq(refused("99999999999999999999999999999999999999999999", 0), ERR_RANGE);
}

Test(decimal, refuses_what_is_no_number) {
    static const char *const wrong[] = {"",   "-",    ".",     "1e",  "1e+", "1 ",
                                        " 1", "0x10", "1.2.3", "nan", "--1"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_assert_eq(refused(wrong[i], 2), ERR_FORMAT, "'%s'", wrong[i]);
}

static void formats_as(int64_t v, int places, const char *want) {
    char text[24];

    decimal_format(v, places, text);
    cr_assert_str_eq(text, want);
}

Test(decimal, formats_without_trailing_zeros) {
    formats_as(0, 0, "0");
    formats_as(0, 6, "0");
    formats_as(1200, 0, "1200");
    formats_as(12500, 3, "12.5");
    formats_as(-12000, 3, "-12");
    formats_as(-5, 3, "-0.005");
    formats_as(1000001, 6, "1.000001");
    formats_as(100, 6, "0.0001");
    formats_as(INT64_MAX, 9, "9223372036.854775807");
    formats_as(INT64_MIN, 0, "-9223372036854775808");
    formats_as(INT64_MIN, 9, "-9223372036.854775808");
}

Test(decimal, formatted_text_parses_back) {
    static const int64_t values[] = {1, -1, 10, 99, -100, 123456789, INT64_MAX, INT64_MIN};
    char text[24];

    for (int places = 0; places <= 9; places++) {
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            decimal_format(values[i], places, text);
            cr_assert_eq(parsed(text, places), values[i]);
        }
    }
}

Test(decimal, scale_is_floor_division_in_128_bits) {
    int64_t v = 5;

    cr_assert_eq(decimal_scale(7, 1, 2, &v), ERR_OK);
    cr_assert_eq(v, 3);
    cr_assert_eq(decimal_scale(-7, 1, 2, &v), ERR_OK);
    cr_assert_eq(v, -4);
    cr_assert_eq(decimal_scale(INT64_MAX, INT64_MAX, INT64_MAX, &v), ERR_OK);
    cr_assert_eq(v, INT64_MAX);
    cr_assert_eq(decimal_scale(INT64_MIN, INT64_MIN, INT64_MAX, &v), ERR_RANGE);
    cr_assert_eq(decimal_scale(INT64_MAX, 2, 1, &v), ERR_RANGE);
    cr_assert_eq(v, INT64_MAX);
}

static void splits_into(int64_t total, const int64_t *weight, size_t n, const int64_t *want) {
    int64_t part[8];

    decimal_split(total, weight, n, part);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(part[i], want[i], "part %zu is %lld", i, (long long)part[i]);
}

Test(decimal, split_gives_what_is_left_to_the_largest_remainders) {
    /* 10 by 1:2:4 of 7: 1.43, 2.86, 5.71. Floors 1, 2, 5; the two left go to .86 and .71. */
    splits_into(10, (const int64_t[]){1, 2, 4}, 3, (const int64_t[]){1, 3, 6});
}

Test(decimal, split_gives_ties_to_the_lower_index) {
    splits_into(5, (const int64_t[]){1, 1, 1}, 3, (const int64_t[]){2, 2, 1});
    /* 1.5, 0, 1.5: weight 0 gets nothing. */
    splits_into(3, (const int64_t[]){5, 0, 5}, 3, (const int64_t[]){2, 0, 1});
}

Test(decimal, split_without_weights_gives_all_to_the_first) {
    splits_into(9, (const int64_t[]){0, 0}, 2, (const int64_t[]){9, 0});
    splits_into(0, (const int64_t[]){3, 4}, 2, (const int64_t[]){0, 0});
}

Test(decimal, split_of_a_negative_or_huge_total_still_sums_to_it) {
    /* -5 by 1:1: floors of -2.5 are -3 and -3; the one left goes to the first. */
    splits_into(-5, (const int64_t[]){1, 1}, 2, (const int64_t[]){-2, -3});
    const int64_t weight[] = {INT64_MAX, INT64_MAX, INT64_MAX};
    int64_t part[3];
    decimal_split(INT64_MAX, weight, 3, part);
    cr_assert_eq(part[0] + part[1] + part[2], INT64_MAX);
    /* INT64_MAX = 2^63 - 1 is one more than a multiple of 3 (4^31 * 2 - 1 = 2 - 1 = 1 mod 3). */
    cr_assert_eq(part[0], part[1] + 1);
    cr_assert_eq(part[1], part[2]);
}
