#include "base/utc.h"

#include <criterion/criterion.h>

static int64_t parsed(const char *text) {
    int64_t t = -1;

    cr_assert_eq(utc_parse(span_str(text), &t), ERR_OK, "%s", text);
    return t;
}

Test(utc, known_instants) {
    cr_assert_eq(parsed("1970-01-01T00:00:00Z"), 0);
    cr_assert_eq(parsed("1970-01-02T00:00:00Z"), UTC_DAY_MS);
    cr_assert_eq(parsed("1969-12-31T23:59:59.999Z"), -1);
    cr_assert_eq(parsed("2000-01-01T00:00:00Z"),
                 INT64_C(946684800000)); /* date -ud 2000-01-01 +%s */
    cr_assert_eq(parsed("2026-11-23T23:17:18Z"), INT64_C(1795475838000)); /* date -ud ... +%s */
    cr_assert_eq(parsed("0001-01-01T00:00:00Z"), INT64_C(-62135596800000));
}

Test(utc, offsets_and_other_forms_of_rfc_3339) {
    const int64_t t = parsed("2026-11-23T23:00:00Z");

    cr_assert_eq(parsed("2026-11-24T06:00:00+07:00"), t);
    cr_assert_eq(parsed("2026-11-23 18:30:00-04:30"), t);
    cr_assert_eq(parsed("2026-11-23t23:00:00z"), t);
    cr_assert_eq(parsed("2026-11-23T23:00:00.1Z"), t + 100);
    cr_assert_eq(parsed("2026-11-23T23:00:00.1239999Z"), t + 123);
    cr_assert_eq(parsed("2016-12-31T23:59:60Z"), parsed("2017-01-01T00:00:00Z"));
}

Test(utc, refuses_what_has_no_offset_or_no_such_date) {
    static const char *const wrong[] = {
        "",
        "2026-11-23",
        "2026-11-23T23:00:00",
        "2026-11-23T23:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+0700",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00Zx",
        "26-01-01T00:00:00Z",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t t = 42;
        cr_assert_eq(utc_parse(span_str(wrong[i]), &t), ERR_FORMAT, "%s", wrong[i]);
        cr_assert_eq(t, 42);
    }
}

Test(utc, every_day_of_1200_years_follows_the_one_before) {
    struct utc_parts p = {.year = 1600, .month = 1, .day = 1};
    int64_t t = utc_from_parts(&p);
    struct utc_parts before = utc_to_parts(t - UTC_DAY_MS);

    cr_assert_eq(before.year, 1599);
    cr_assert_eq(before.month, 12);
    cr_assert_eq(before.day, 31);
    for (; before.year < 2800; t += UTC_DAY_MS) {
        const struct utc_parts now = utc_to_parts(t);
        const bool next_day = now.day == before.day + 1 && now.month == before.month;
        const bool next_month =
            now.day == 1 && before.day >= 28 &&
            (now.month == before.month + 1 ||
             (now.month == 1 && before.month == 12 && now.year == before.year + 1));
        cr_assert(next_day || next_month);
        cr_assert_eq(now.weekday, before.weekday % 7 + 1);
        cr_assert_eq(utc_from_parts(&now), t);
        before = now;
    }
}

Test(utc, weekday_counts_from_monday) {
    cr_assert_eq(utc_to_parts(parsed("1970-01-01T00:00:00Z")).weekday, 4);
    cr_assert_eq(utc_to_parts(parsed("2026-11-23T23:59:59Z")).weekday, 1);
    cr_assert_eq(utc_to_parts(parsed("1969-12-28T00:00:00Z")).weekday, 7);
}

Test(utc, fields_may_overflow) {
    struct utc_parts p = {.year = 2026, .month = 14, .day = 0, .hour = 25, .minute = -1};
    char text[UTC_TEXT];

    /* Month 14 is February 2027, day 0 the last of January, then 25 h less a minute. */
    utc_format(utc_from_parts(&p), text);
    cr_assert_str_eq(text, "2027-02-01T00:59:00.000Z");
    p = (struct utc_parts){.year = 2026, .month = -11, .day = 1};
    utc_format(utc_from_parts(&p), text);
    cr_assert_str_eq(text, "2025-01-01T00:00:00.000Z");
}

Test(utc, format_and_parts_hold_to_the_ends_of_the_scale) {
    static const int64_t ends[] = {INT64_MIN, INT64_MAX, -1, 0, INT64_C(253402300799999)};
    char text[UTC_TEXT];

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const struct utc_parts p = utc_to_parts(ends[i]);
        cr_assert_eq(utc_from_parts(&p), ends[i]);
        utc_format(ends[i], text);
    }
    cr_assert_str_eq(text, "9999-12-31T23:59:59.999Z");
    utc_format(INT64_MIN, text); /* the instant is Java's Instant.ofEpochMilli(Long.MIN_VALUE) */
    cr_assert_str_eq(text, "-292275055-05-16T16:47:04.192Z");
    const struct utc_parts beyond = {.year = INT32_MAX, .month = 1, .day = 1};
    cr_assert_eq(utc_from_parts(&beyond), INT64_MAX);
}

Test(utc, formatted_text_parses_back) {
    char text[UTC_TEXT];

    for (int64_t t = INT64_C(-4000000000123); t < INT64_C(4000000000000); t += 98765432101) {
        utc_format(t, text);
        cr_assert_eq(parsed(text), t);
    }
}

Test(utc, floor_goes_down_also_below_zero) {
    cr_assert_eq(utc_floor(59999, UTC_MINUTE_MS), 0);
    cr_assert_eq(utc_floor(60000, UTC_MINUTE_MS), 60000);
    cr_assert_eq(utc_floor(-1, UTC_MINUTE_MS), -60000);
    cr_assert_eq(utc_floor(-60000, UTC_MINUTE_MS), -60000);
    cr_assert_eq(utc_floor(INT64_MIN, UTC_DAY_MS), INT64_MIN);
}
