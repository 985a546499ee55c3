#include "base/zone.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/clock.h"

/* Zones come from the machine's tz database (IANA); the expected instants are worked from the
 * rules, e.g. the EU changes at 01:00 UTC on the last Sunday of March and October. */

static int64_t at(const char *text) {
    int64_t t = 0;

    cr_assert_eq(utc_parse(span_str(text), &t), ERR_OK, "%s", text);
    return t;
}

static struct zone *open_zone(const char *name) {
    struct zone *z = NULL;
    struct buf b;

    buf_init(&b);
    cr_assert_eq(clock_zone_bytes(name, &b), ERR_OK, "%s", name);
    cr_assert_eq(zone_open(buf_span(&b), &z), ERR_OK, "%s", name);
    buf_fini(&b);
    return z;
}

static void day_is(const struct zone *z, const char *inside, const char *start, const char *next) {
    cr_assert_eq(zone_day_start(z, at(inside)), at(start), "start of the day of %s", inside);
    cr_assert_eq(zone_next_day(z, at(inside)), at(next), "day after that of %s", inside);
}

Test(zone, berlin_has_a_day_of_23_and_one_of_25_hours) {
    struct zone *z = open_zone("Europe/Berlin");

    day_is(z, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
    day_is(z, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
    day_is(z, "2026-07-01T00:00:00Z", "2026-06-30T22:00:00Z", "2026-07-01T22:00:00Z");
    cr_assert_eq(zone_offset_s(z, at("2026-03-29T00:59:59.999Z")), 3600);
    cr_assert_eq(zone_offset_s(z, at("2026-03-29T01:00:00Z")), 7200);
    cr_assert_eq(zone_offset_s(z, at("2026-10-25T01:00:00Z")), 3600);
    zone_close(z);
}

Test(zone, day_borders_belong_to_the_day_they_begin) {
    struct zone *z = open_zone("Europe/Berlin");

    day_is(z, "2026-03-28T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
    day_is(z, "2026-03-28T22:59:59.999Z", "2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z");
    zone_close(z);
}

Test(zone, skipped_time_is_the_transition_and_doubled_time_the_first) {
    struct zone *z = open_zone("Europe/Berlin");
    const struct utc_parts skipped = {.year = 2026, .month = 3, .day = 29, .hour = 2, .minute = 30};
    const struct utc_parts doubled = {.year = 2026, .month = 10, .day = 25, .hour = 2, .ms = 7};
    const struct utc_parts after = {.year = 2026, .month = 10, .day = 25, .hour = 3};

    cr_assert_eq(zone_instant(z, &skipped), at("2026-03-29T01:00:00Z"));
    cr_assert_eq(zone_instant(z, &doubled), at("2026-10-25T00:00:00.007Z"));
    cr_assert_eq(zone_instant(z, &after), at("2026-10-25T02:00:00Z"));
    zone_close(z);
}

Test(zone, ho_chi_minh_keeps_seven_hours) {
    struct zone *z = open_zone("Asia/Ho_Chi_Minh");
    const struct utc_parts p = zone_local(z, at("2026-11-23T23:17:18.250Z"));

    day_is(z, "2026-11-23T23:17:18Z", "2026-11-23T17:00:00Z", "2026-11-24T17:00:00Z");
    cr_assert_eq(zone_offset_s(z, at("2026-07-01T00:00:00Z")), 7 * 3600);
    cr_assert_eq(p.day, 24);
    cr_assert_eq(p.hour, 6);
    cr_assert_eq(p.minute, 17);
    cr_assert_eq(p.ms, 250);
    cr_assert_eq(p.weekday, 2);
    zone_close(z);
}

/* +10:30, in summer +11; changes at 02:00 local on the first Sunday of October and April. */
Test(zone, lord_howe_moves_by_half_an_hour) {
    struct zone *z = open_zone("Australia/Lord_Howe");

    day_is(z, "2026-04-05T00:00:00Z", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"); /* 24.5 h */
    day_is(z, "2026-10-04T00:00:00Z", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"); /* 23.5 h */
    cr_assert_eq(zone_offset_s(z, at("2026-04-04T14:59:59Z")), 11 * 3600);
    cr_assert_eq(zone_offset_s(z, at("2026-04-04T15:00:00Z")), 10 * 3600 + 1800);
    zone_close(z);
}

/* The table ends in 2037; the last Sundays of March and October 2100 are the 28th and the 31st. */
Test(zone, footer_rule_holds_in_the_far_future) {
    struct zone *z = open_zone("Europe/Berlin");

    day_is(z, "2100-03-28T12:00:00Z", "2100-03-27T23:00:00Z", "2100-03-28T22:00:00Z");
    day_is(z, "2100-10-31T12:00:00Z", "2100-10-30T22:00:00Z", "2100-10-31T23:00:00Z");
    cr_assert_eq(zone_offset_s(z, at("9999-07-01T00:00:00Z")), 7200);
    cr_assert_eq(zone_offset_s(z, at("9999-01-01T00:00:00Z")), 3600);
    zone_close(z);
}

/* Samoa went from -10 to +14 at the end of 29 December 2011 and had no 30th. */
Test(zone, left_out_date_has_no_day) {
    struct zone *z = open_zone("Pacific/Apia");

    day_is(z, "2011-12-30T09:00:00Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z");
    day_is(z, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z");
    zone_close(z);
}

/* Newfoundland used to change at 00:01: on 29 October 2006 the clock went back from 00:01
 * (UTC-2:30) to 23:01 of the 28th (UTC-3:30). The 29th has begun at its first midnight, 02:30 UTC.
 */
Test(zone, day_does_not_end_again_when_the_clock_goes_back_over_midnight) {
    struct zone *z = open_zone("America/St_Johns");

    day_is(z, "2006-10-29T02:30:30Z", "2006-10-29T02:30:00Z", "2006-10-30T03:30:00Z");
    day_is(z, "2006-10-29T02:45:00Z", "2006-10-29T02:30:00Z", "2006-10-30T03:30:00Z");
    day_is(z, "2006-10-29T12:00:00Z", "2006-10-29T02:30:00Z", "2006-10-30T03:30:00Z");
    day_is(z, "2006-10-29T02:29:59Z", "2006-10-28T02:30:00Z", "2006-10-29T02:30:00Z");
    zone_close(z);
}

/* Brazil changed at midnight: 4 November 2018 began at 01:00 local, 03:00 UTC. */
Test(zone, day_whose_midnight_is_skipped_begins_at_the_transition) {
    struct zone *z = open_zone("America/Sao_Paulo");

    day_is(z, "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z");
    zone_close(z);
}

Test(zone, utc_needs_no_file) {
    struct zone *z = NULL;

    cr_assert_eq(zone_open_utc(&z), ERR_OK);
    day_is(z, "1969-12-31T12:00:00Z", "1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z");
    cr_assert_eq(zone_offset_s(z, INT64_MIN), 0);
    zone_close(z);
}

Test(zone, ends_of_the_time_scale_are_survived) {
    struct zone *z = open_zone("Europe/Berlin");

    cr_assert_lt(zone_day_start(z, INT64_MAX), zone_next_day(z, INT64_MAX));
    cr_assert_lt(zone_day_start(z, INT64_MIN), zone_next_day(z, INT64_MIN));
    cr_assert_eq(zone_local(z, 0).hour, 1);
    zone_close(z);
}

/* A TZif file with no transitions, one type of offset 0, and the given footer. */
static enum err open_footer(const char *footer, struct zone **z) {
    uint8_t header[44] = "TZif2";
    struct buf b;

    header[39] = 1; /* typecnt */
    buf_init(&b);
    for (int block = 0; block < 2; block++) {
        (void)buf_add(&b, header, sizeof header);
        (void)buf_add(&b, "\0\0\0\0\0\0", 6);
    }
    (void)buf_add_str(&b, footer);
    const enum err e = zone_open(buf_span(&b), z);
    buf_fini(&b);
    return e;
}

Test(zone, footer_forms_of_posix_and_rfc_8536) {
    struct zone *z = NULL;

    cr_assert_eq(open_footer("\n<-03>3\n", &z), ERR_OK);
    cr_assert_eq(zone_offset_s(z, 0), -3 * 3600);
    zone_close(z);
    /* Day 60 (1 March) without and day 59 (29 February in 2028, 1 March in 2027) with leap days. */
    cr_assert_eq(open_footer("\nAAA0BBB-2,J60/0,300/0\n", &z), ERR_OK);
    cr_assert_eq(zone_offset_s(z, at("2028-02-29T23:59:59Z")), 0);
    cr_assert_eq(zone_offset_s(z, at("2028-03-01T00:00:00Z")), 7200);
    zone_close(z);
    cr_assert_eq(open_footer("\nAAA0BBB-2,59/0,300/0\n", &z), ERR_OK);
    cr_assert_eq(zone_offset_s(z, at("2028-02-28T23:59:59Z")), 0);
    cr_assert_eq(zone_offset_s(z, at("2028-02-29T00:00:00Z")), 7200);
    cr_assert_eq(zone_offset_s(z, at("2027-02-28T23:59:59Z")), 0);
    cr_assert_eq(zone_offset_s(z, at("2027-03-01T00:00:00Z")), 7200);
    zone_close(z);
}

/* RFC 8536, 3.3.1: "XXX3EDT4,0/0,J365/23" is daylight saving all year; times may leave their day.
 */
Test(zone, footer_with_daylight_saving_all_year_never_changes) {
    struct zone *z = NULL;

    cr_assert_eq(open_footer("\nXXX3EDT4,0/0,J365/23\n", &z), ERR_OK);
    for (int64_t t = at("2026-12-30T00:00:00Z"); t < at("2027-01-03T00:00:00Z"); t += UTC_HOUR_MS)
        cr_assert_eq(zone_offset_s(z, t), -4 * 3600);
    zone_close(z);
    /* Godthab before 2024: the last Sunday of March at -2:00, that is Saturday 22:00 local (-3). */
    cr_assert_eq(open_footer("\n<-03>3<-02>,M3.5.0/-2,M10.5.0/-1\n", &z), ERR_OK);
    cr_assert_eq(zone_offset_s(z, at("2026-03-29T00:59:59Z")), -3 * 3600);
    cr_assert_eq(zone_offset_s(z, at("2026-03-29T01:00:00Z")), -2 * 3600);
    zone_close(z);
}

Test(zone, broken_footers_are_refused) {
    static const char *const wrong[] = {
        "\nAB1\n",
        "\nAAA\n",
        "\nAAA99\n",
        "\nAAA0BBB\n",
        "\nAAA0BBB,M3.5.0\n",
        "\nAAA0BBB,M13.1.0,M1.1.0\n",
        "\n<AAA0\n",
        "xAAA0\n",
        "\nAAA0BBB,J0,J5\n",
        "\nAAA0,J1,J5\n",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct zone *z = NULL;
        cr_assert_eq(open_footer(wrong[i], &z), ERR_FORMAT, "%s", wrong[i]);
        cr_assert_null(z);
    }
    struct zone *z = NULL;
    cr_assert_eq(open_footer("\nAAA0", &z), ERR_TRUNCATED);
    cr_assert_eq(open_footer("", &z), ERR_TRUNCATED);
}

Test(zone, every_cut_of_a_file_is_refused) {
    struct buf b;

    buf_init(&b);
    cr_assert_eq(clock_zone_bytes("Europe/Berlin", &b), ERR_OK);
    for (size_t n = 0; n < b.n; n++) {
        struct zone *z = NULL;
        uint8_t *copy = malloc(n + 1); /* of its own, so that reading past the end is seen */
        memcpy(copy, b.p, n);
        const enum err e = zone_open(span_of(copy, n), &z);
        cr_assert(e == ERR_TRUNCATED || e == ERR_FORMAT, "%zu bytes", n);
        cr_assert_null(z);
        free(copy);
    }
    buf_fini(&b);
}
