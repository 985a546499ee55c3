#include <stdio.h>

#include <criterion/criterion.h>

#include "base/clock.h"
#include "calendar/calendar.h"

enum { EVERY_DAY = 0x7f, WORKDAYS = 0x1f };
#define H UTC_HOUR_MS
#define MIN UTC_MINUTE_MS

static int64_t utc(const char *text) {
    int64_t t = 0;
    cr_assert_eq(utc_parse(span_str(text), &t), ERR_OK, "%s", text);
    return t;
}

static int32_t day(const char *date) {
    char text[40];
    (void)snprintf(text, sizeof text, "%sT00:00:00Z", date);
    return (int32_t)(utc(text) / UTC_DAY_MS);
}

static const int32_t early_break[] = {10 * 60, 10 * 60 + 30};
static const int32_t night_break[] = {2 * 60, 2 * 60 + 30};
static const struct plant_shift three_shifts[] = {
    {.id = {"early"},
     .start_min = 360,
     .end_min = 840,
     .days = EVERY_DAY,
     .break_min = early_break,
     .break_n = 1},
    {.id = {"late"}, .start_min = 840, .end_min = 1320, .days = EVERY_DAY},
    {.id = {"night"},
     .start_min = 1320,
     .end_min = 360,
     .days = EVERY_DAY,
     .break_min = night_break,
     .break_n = 1},
};

struct fixture {
    struct plant plant;
    struct plant_calendar calendar[2];
};

static void open_zone(struct fixture *f, const char *zone) {
    struct buf b;
    *f = (struct fixture){0};
    buf_init(&b);
    cr_assert_eq(clock_zone_bytes(zone, &b), ERR_OK);
    cr_assert_eq(zone_open(buf_span(&b), &f->plant.zone), ERR_OK);
    buf_fini(&b);
    for (int i = 0; i < 2; i++)
        f->calendar[i] = (struct plant_calendar){
            .id = {"main"}, .from_ms = INT64_MIN, .shift = three_shifts, .shift_n = 3};
    f->plant.calendar = f->calendar;
    f->plant.calendar_n = 1;
}

static struct calendar_piece at(const struct fixture *f, const char *text) {
    return calendar_at(&f->plant, 0, utc(text));
}

Test(calendar, a_night_shift_belongs_to_its_start_date) {
    struct fixture f;
    open_zone(&f, "Asia/Ho_Chi_Minh"); /* UTC+7 all the year */
    /* 03:00 local on the 24th: the night that began on the 23rd at 22:00 = 15:00 UTC. */
    struct calendar_piece p = at(&f, "2026-11-23T20:00:00Z");
    cr_expect_eq(p.kind, CALENDAR_WORK);
    cr_expect_eq(p.shift, 2u);
    cr_expect_str_eq(p.shift_id->s, "night");
    cr_expect_eq(p.shift_day, day("2026-11-23"));
    cr_expect_eq(p.shift_from_ms, utc("2026-11-23T15:00:00Z"));
    cr_expect_eq(p.shift_to_ms, utc("2026-11-23T23:00:00Z"));
    cr_expect_eq(p.from_ms, utc("2026-11-23T19:30:00Z"), "the break ended at 02:30 local");
    cr_expect_eq(p.to_ms, p.shift_to_ms);
    cr_expect_eq(calendar_day(&f.plant, utc("2026-11-23T16:59:59Z")), day("2026-11-23"));
    cr_expect_eq(calendar_day(&f.plant, utc("2026-11-23T17:00:00Z")), day("2026-11-24"));
    zone_close(f.plant.zone);
}

Test(calendar, breaks_are_cut_out_of_their_shift) {
    struct fixture f;
    open_zone(&f, "Asia/Ho_Chi_Minh");
    struct calendar_piece p = at(&f, "2026-11-23T03:15:00Z"); /* 10:15 local */
    cr_expect_eq(p.kind, CALENDAR_BREAK);
    cr_expect_eq(p.from_ms, utc("2026-11-23T03:00:00Z"));
    cr_expect_eq(p.to_ms, utc("2026-11-23T03:30:00Z"));
    cr_expect_eq(p.shift, 0u);
    p = at(&f, "2026-11-23T19:00:00Z"); /* 02:00 local: of yesterday's night shift */
    cr_expect_eq(p.kind, CALENDAR_BREAK);
    cr_expect_eq(p.shift_day, day("2026-11-23"));
    zone_close(f.plant.zone);
}

/* Sums the time of each shift over one local day and checks that pieces tile. */
static void tile(const struct fixture *f, int64_t from, int64_t to, int64_t of_shift[4],
                 int64_t of_kind[4]) {
    for (int64_t t = from; t < to;) {
        const struct calendar_piece p = calendar_at(&f->plant, 0, t);
        cr_assert(p.from_ms <= t && t < p.to_ms);
        const int64_t end = p.to_ms < to ? p.to_ms : to;
        of_shift[p.shift == UINT32_MAX ? 3 : p.shift] += end - t;
        of_kind[p.kind] += end - t;
        t = end;
    }
}

Test(calendar, the_spring_day_has_23_hours) {
    struct fixture f;
    int64_t s[4] = {0}, k[4] = {0};
    open_zone(&f, "Europe/Berlin");
    /* 2026-03-29: 02:00 CET becomes 03:00 CEST. Night of the 28th: 22:00 (21:00Z) to 06:00
     * (04:00Z): 7 h. Its break at 02:00 lies in the skipped hour and begins with it at 01:00Z. */
    tile(&f, utc("2026-03-28T21:00:00Z"), utc("2026-03-29T20:00:00Z"), s, k);
    cr_expect_eq(s[2], 7 * H);
    cr_expect_eq(s[0], 8 * H);
    cr_expect_eq(s[1], 8 * H);
    cr_expect_eq(s[3], 0);
    cr_expect_eq(k[CALENDAR_BREAK], H);
    cr_expect_eq(k[CALENDAR_WORK], 22 * H);
    struct calendar_piece p = at(&f, "2026-03-29T01:10:00Z");
    cr_expect_eq(p.kind, CALENDAR_BREAK);
    cr_expect_eq(p.to_ms, utc("2026-03-29T01:30:00Z"));
    zone_close(f.plant.zone);
}

Test(calendar, the_autumn_day_has_25_hours_and_a_break_keeps_its_length) {
    struct fixture f;
    int64_t s[4] = {0}, k[4] = {0};
    open_zone(&f, "Europe/Berlin");
    /* 2026-10-25: 03:00 CEST becomes 02:00 CET. Night of the 24th: 22:00 (20:00Z) to 06:00
     * (05:00Z). */
    tile(&f, utc("2026-10-24T20:00:00Z"), utc("2026-10-25T21:00:00Z"), s, k);
    cr_expect_eq(s[2], 9 * H);
    cr_expect_eq(s[0] + s[1], 16 * H);
    cr_expect_eq(k[CALENDAR_BREAK], H, "twice half an hour");
    zone_close(f.plant.zone);
}

Test(calendar, no_shift_starts_on_a_holiday_but_the_night_before_ends) {
    static const int32_t holiday[] = {20600, 20780};
    struct fixture f;
    open_zone(&f, "Asia/Ho_Chi_Minh");
    cr_assert_eq(day("2026-11-23"), 20780); /* 56 * 365 + 14 leap days + 326 days of 2026 */
    f.calendar[0].holiday = holiday;
    f.calendar[0].holiday_n = 2;
    struct calendar_piece p = at(&f, "2026-11-22T22:00:00Z"); /* 05:00 local on the holiday */
    cr_expect_eq(p.shift, 2u);
    p = at(&f, "2026-11-23T05:00:00Z"); /* noon */
    cr_expect_eq(p.kind, CALENDAR_OFF);
    cr_expect_eq(p.shift, UINT32_MAX);
    cr_expect_null(p.shift_id);
    cr_expect_eq(p.from_ms, utc("2026-11-22T23:00:00Z"));
    cr_expect_eq(p.to_ms, utc("2026-11-23T17:00:00Z"), "local midnight");
    zone_close(f.plant.zone);
}

Test(calendar, teams_rotate_by_the_rota) {
    static const struct ident team[] = {{"red"}, {"green"}, {"blue"}};
    struct fixture f;
    open_zone(&f, "Asia/Ho_Chi_Minh");
    const struct plant_rota rota[] = {
        {.shift = 0, .first_day = day("2026-11-02"), .days_each = 7, .team = team, .team_n = 3},
        {.shift = 2, .first_day = day("2026-11-22"), .days_each = 1, .team = team, .team_n = 2},
    };
    f.calendar[0].rota = rota;
    f.calendar[0].rota_n = 2;
    /* Early shifts: 2nd red, 9th green, 16th blue, 23rd red again. */
    cr_expect_str_eq(at(&f, "2026-11-20T01:00:00Z").team->s, "blue");
    cr_expect_str_eq(at(&f, "2026-11-23T01:00:00Z").team->s, "red");
    cr_expect_null(at(&f, "2026-11-01T01:00:00Z").team, "before the rota began");
    /* The night that started on the 22nd is red's, also after midnight. */
    cr_expect_str_eq(at(&f, "2026-11-22T20:00:00Z").team->s, "red");
    cr_expect_str_eq(at(&f, "2026-11-23T20:00:00Z").team->s, "green");
    cr_expect_null(at(&f, "2026-11-23T08:00:00Z").team, "the late shift has no rota");
    zone_close(f.plant.zone);
}

Test(calendar, planned_stops_outrank_breaks_and_stand_outside_shifts) {
    struct fixture f;
    open_zone(&f, "Asia/Ho_Chi_Minh");
    const struct plant_stop stop[] = {
        {utc("2026-11-23T03:10:00Z"), utc("2026-11-23T04:00:00Z"), "service"},
        {utc("2026-11-23T08:00:00Z"), utc("2026-11-23T09:00:00Z"), "test"},
    };
    f.calendar[0].stop = stop;
    f.calendar[0].stop_n = 2;
    f.calendar[0].shift_n = 1;
    struct calendar_piece p = at(&f, "2026-11-23T03:15:00Z");
    cr_expect_eq(p.kind, CALENDAR_PLANNED);
    cr_expect_eq(p.shift, 0u, "it is still time of the shift");
    cr_expect_eq(at(&f, "2026-11-23T03:05:00Z").kind, CALENDAR_BREAK);
    cr_expect_eq(at(&f, "2026-11-23T03:05:00Z").to_ms, stop[0].from_ms);
    p = at(&f, "2026-11-23T08:30:00Z");
    cr_expect_eq(p.kind, CALENDAR_PLANNED);
    cr_expect_eq(p.shift, UINT32_MAX);
    cr_expect_eq(p.from_ms, stop[1].from_ms);
    cr_expect_eq(p.to_ms, stop[1].to_ms);
    cr_expect_eq(at(&f, "2026-11-23T09:00:00Z").kind, CALENDAR_OFF);
    zone_close(f.plant.zone);
}

Test(calendar, calendars_of_one_id_follow_each_other) {
    struct fixture f;
    open_zone(&f, "Asia/Ho_Chi_Minh");
    f.plant.calendar_n = 2;
    f.calendar[0].from_ms = utc("2026-11-01T00:00:00Z");
    f.calendar[1].from_ms = utc("2026-11-23T01:00:00Z");
    f.calendar[1].shift = &three_shifts[1];
    f.calendar[1].shift_n = 1;
    struct calendar_piece p = at(&f, "2026-11-23T00:30:00Z"); /* 07:30 local, early */
    cr_expect_eq(p.kind, CALENDAR_WORK);
    cr_expect_eq(p.to_ms, f.calendar[1].from_ms, "the shift ends with its calendar");
    cr_expect_eq(p.shift_to_ms, p.to_ms);
    p = at(&f, "2026-11-23T01:00:00Z");
    cr_expect_eq(p.kind, CALENDAR_OFF);
    cr_expect_eq(at(&f, "2026-11-23T08:00:00Z").shift, 0u, "late is the first of the new one");
    cr_expect_eq(calendar_at(&f.plant, 1, utc("2026-11-20T01:00:00Z")).shift, 0u,
                 "either index names the whole history");
    cr_expect_eq(at(&f, "2026-10-31T00:00:00Z").kind, CALENDAR_OFF, "before the first");
    zone_close(f.plant.zone);
}

Test(calendar, of_overlapping_shifts_the_later_begin_ends_the_earlier) {
    static const struct plant_shift two[] = {
        {.id = {"a"}, .start_min = 360, .end_min = 860, .days = WORKDAYS},
        {.id = {"b"}, .start_min = 840, .end_min = 1320, .days = WORKDAYS},
    };
    struct fixture f;
    open_zone(&f, "Asia/Ho_Chi_Minh");
    f.calendar[0].shift = two;
    f.calendar[0].shift_n = 2;
    cr_expect_eq(at(&f, "2026-11-23T06:59:00Z").shift, 0u);
    cr_expect_eq(at(&f, "2026-11-23T06:59:00Z").shift_to_ms, utc("2026-11-23T07:00:00Z"));
    cr_expect_eq(at(&f, "2026-11-23T07:10:00Z").shift, 1u);
    cr_expect_eq(at(&f, "2026-11-22T03:00:00Z").kind, CALENDAR_OFF, "the 22nd is a Sunday");
    zone_close(f.plant.zone);
}

Test(calendar, without_a_calendar_it_is_always_work) {
    struct fixture f;
    open_zone(&f, "Europe/Berlin");
    const struct calendar_piece p = calendar_at(&f.plant, UINT32_MAX, 5);
    cr_expect_eq(p.kind, CALENDAR_WORK);
    cr_expect_eq(p.shift, UINT32_MAX);
    cr_expect_eq(p.from_ms, INT64_MIN);
    cr_expect_eq(p.to_ms, INT64_MAX);
    zone_close(f.plant.zone);
}

/* Every instant of a piece names the same piece, over both changes of the clock. */
Test(calendar, every_instant_of_a_piece_gives_that_piece) {
    static const int32_t holiday[] = {20535};
    struct fixture f;
    open_zone(&f, "Europe/Berlin");
    const struct plant_stop stop[] = {
        {utc("2026-03-27T23:30:00Z"), utc("2026-03-30T05:00:00Z"), "service"}};
    f.calendar[0].stop = stop;
    f.calendar[0].stop_n = 1;
    f.calendar[0].holiday = holiday;
    f.calendar[0].holiday_n = 1;
    const int64_t from = utc("2026-03-20T00:00:00Z"), to = utc("2026-11-05T00:00:00Z");
    struct calendar_piece last = calendar_at(&f.plant, 0, from);
    for (int64_t t = from; t < to; t += 7 * MIN) {
        const struct calendar_piece p = calendar_at(&f.plant, 0, t);
        cr_assert(p.from_ms <= t && t < p.to_ms);
        if (t < last.to_ms) {
            cr_assert_eq(p.from_ms, last.from_ms);
            cr_assert_eq(p.to_ms, last.to_ms);
            cr_assert_eq(p.kind, last.kind);
            cr_assert_eq(p.shift_from_ms, last.shift_from_ms);
        } else {
            cr_assert_eq(calendar_at(&f.plant, 0, last.to_ms).from_ms, last.to_ms);
        }
        last = p;
    }
    zone_close(f.plant.zone);
}

/* The night that begins on the 23rd: 22:00 to 06:00 at UTC+7. */
Test(calendar, a_shift_is_found_by_its_date_and_name) {
    struct fixture f;
    int64_t from_ms = 1, to_ms = 2;
    open_zone(&f, "Asia/Ho_Chi_Minh");
    cr_assert_eq(calendar_find_shift(&f.plant, 0, span_str("2026-11-23/night"), &from_ms, &to_ms),
                 ERR_OK);
    cr_expect_eq(from_ms, utc("2026-11-23T15:00:00Z"));
    cr_expect_eq(to_ms, utc("2026-11-23T23:00:00Z"));
    cr_assert_eq(calendar_find_shift(&f.plant, 0, span_str("2026-11-24/early"), &from_ms, &to_ms),
                 ERR_OK);
    cr_expect_eq(from_ms, utc("2026-11-23T23:00:00Z"), "06:00 local");
    static const struct {
        const char *text;
        enum err err;
    } wrong[] = {{"2026-11-23/noon", ERR_NOT_FOUND},  {"2026-11-23/", ERR_FORMAT},
                 {"2026-13-23/early", ERR_FORMAT},    {"2026-11-23", ERR_FORMAT},
                 {"2026-11-23T00/early", ERR_FORMAT}, {"", ERR_FORMAT}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_eq(calendar_find_shift(&f.plant, 0, span_str(wrong[i].text), &from_ms, &to_ms),
                     wrong[i].err, "%s", wrong[i].text);
    cr_expect_eq(from_ms, utc("2026-11-23T23:00:00Z"), "untouched by failures");
    zone_close(f.plant.zone);
}
