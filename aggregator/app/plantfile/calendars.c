/* Calendars: shifts, breaks, holidays, rota, planned stops. */
#include <stdlib.h>
#include <string.h>

#include "plantfile/build.h"

#define DAY_MS INT64_C(86400000)

/* Minutes behind the shift's start, so that breaks behind midnight compare like others. */
static bool breaks_overlap(const struct break_row *a, const struct break_row *b,
                           int64_t start_min) {
    int64_t from_a = (a->start_min - start_min + 1440) % 1440;
    int64_t from_b = (b->start_min - start_min + 1440) % 1440;
    int64_t long_a = (a->end_min - a->start_min + 1440) % 1440;
    int64_t long_b = (b->end_min - b->start_min + 1440) % 1440;
    return from_a < from_b + long_b && from_b < from_a + long_a;
}

static void fill_breaks(struct build *b, const struct shift_row *row, struct plant_shift *out) {
    int32_t *at = build_alloc(b, row->break_n * 2 * sizeof *at);
    if (!at)
        return;
    int64_t end = row->end_min <= row->start_min ? row->end_min + 1440 : row->end_min;
    for (size_t i = 0; i < row->break_n; i++) {
        const struct break_row *br = &row->breaks[i];
        int64_t from = br->start_min < row->start_min ? br->start_min + 1440 : br->start_min;
        int64_t to = br->end_min <= br->start_min ? br->end_min + 1440 : br->end_min;
        to += from - br->start_min;
        if (from < row->start_min || to > end)
            conf_report_at(b->report, br->pos, "the break lies outside of shift %s", row->id.s);
        for (size_t k = 0; k < i; k++)
            if (breaks_overlap(&row->breaks[k], br, row->start_min))
                conf_report_at(b->report, br->pos, "the break overlaps one before it in shift %s",
                               row->id.s);
        at[2 * i] = (int32_t)br->start_min;
        at[2 * i + 1] = (int32_t)br->end_min;
    }
    out->break_min = at;
    out->break_n = row->break_n;
}

static void fill_shifts(struct build *b, const struct calendar_row *row,
                        struct plant_calendar *out) {
    struct plant_shift *at = build_alloc(b, row->shift_n * sizeof *at);
    if (!at)
        return;
    for (size_t i = 0; i < row->shift_n; i++) {
        const struct shift_row *s = &row->shifts[i];
        at[i].id = s->id;
        at[i].name = build_text(b, s->name && *s->name ? s->name : s->id.s);
        at[i].start_min = (int32_t)s->start_min;
        at[i].end_min = (int32_t)s->end_min;
        for (size_t d = 0; d < s->day_n; d++)
            at[i].days |= (uint8_t)(1U << s->days[d]);
        if (s->day_n == 0)
            at[i].days = 0x7f;
        fill_breaks(b, s, &at[i]);
    }
    out->shift = at;
    out->shift_n = row->shift_n;
    for (size_t i = 0; i < row->shift_n; i++)
        for (size_t k = i + 1; k < row->shift_n; k++) {
            const struct shift_row *x = &row->shifts[i], *y = &row->shifts[k];
            int64_t xe = x->end_min <= x->start_min ? x->end_min + 1440 : x->end_min;
            int64_t ye = y->end_min <= y->start_min ? y->end_min + 1440 : y->end_min;
            bool overlap = x->start_min < ye && y->start_min < xe;
            overlap = overlap || x->start_min + 1440 < ye || y->start_min + 1440 < xe;
            if (overlap && (at[i].days & at[k].days))
                conf_report_at(b->report, y->pos, "shift %s overlaps shift %s", y->id.s, x->id.s);
        }
}

static void fill_rota(struct build *b, const struct calendar_row *row, struct plant_calendar *out) {
    struct plant_rota *at = build_alloc(b, row->rota_n * sizeof *at);
    if (!at)
        return;
    for (size_t i = 0; i < row->rota_n; i++) {
        const struct rota_row *r = &row->rota[i];
        struct ident *team = build_alloc(b, r->team_n * sizeof *team);
        at[i].shift = UINT32_MAX;
        for (size_t k = 0; k < row->shift_n; k++)
            if (ident_equal(&row->shifts[k].id, &r->shift))
                at[i].shift = (uint32_t)k;
        if (at[i].shift == UINT32_MAX)
            build_missing(b, r->pos, "shift", r->shift.s, row->shifts, sizeof *row->shifts,
                          row->shift_n);
        if (r->each_ms % DAY_MS)
            conf_report_at(b->report, r->pos, "a team keeps its shift for whole days, such as 7 d");
        if (!team)
            return;
        memcpy(team, r->teams, r->team_n * sizeof *team);
        at[i].team = team;
        at[i].team_n = r->team_n;
        at[i].first_day = (int32_t)(r->from_ms / DAY_MS);
        at[i].days_each = (int32_t)(r->each_ms / DAY_MS);
    }
    out->rota = at;
    out->rota_n = row->rota_n;
}

static int by_stop(const void *x, const void *y) {
    const struct plant_stop *a = x, *b = y;
    return (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

static int by_day(const void *x, const void *y) {
    const int32_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static void fill_stops(struct build *b, const struct calendar_row *row,
                       struct plant_calendar *out) {
    struct plant_stop *at = build_alloc(b, row->stop_n * sizeof *at);
    int32_t *holiday = build_alloc(b, row->holiday_n * sizeof *holiday);
    if (!at || !holiday)
        return;
    for (size_t i = 0; i < row->stop_n; i++) {
        const struct stop_row *s = &row->stops[i];
        if (s->to_ms <= s->from_ms)
            conf_report_at(b->report, s->pos, "the stop ends before it begins");
        at[i] =
            (struct plant_stop){s->from_ms, s->to_ms, build_text(b, s->reason ? s->reason : "")};
        for (size_t k = 0; k < i; k++)
            if (row->stops[k].from_ms < s->to_ms && s->from_ms < row->stops[k].to_ms)
                conf_report_at(b->report, s->pos, "the stop overlaps an earlier one");
    }
    qsort(at, row->stop_n, sizeof *at, by_stop);
    for (size_t i = 0; i < row->holiday_n; i++)
        holiday[i] = (int32_t)(row->holidays[i] / DAY_MS);
    qsort(holiday, row->holiday_n, sizeof *holiday, by_day);
    out->stop = at;
    out->stop_n = row->stop_n;
    out->holiday = holiday;
    out->holiday_n = row->holiday_n;
}

void build_calendars(struct build *b) {
    struct plant_calendar *at = build_alloc(b, b->rows->calendar_n * sizeof *at);
    if (!at)
        return;
    for (size_t i = 0; i < b->rows->calendar_n; i++) {
        const struct calendar_row *row = &b->rows->calendars[i];
        struct utc_parts day = utc_to_parts(row->from_ms);
        at[i].id = row->of.s[0] ? row->of : row->id;
        at[i].from_ms = row->from_given ? zone_instant(b->plant->zone, &day) : INT64_MIN;
        if (row->of.s[0] && !row->from_given)
            conf_report_at(b->report, row->pos, "a calendar that replaces %s needs `from`",
                           row->of.s);
        fill_shifts(b, row, &at[i]);
        fill_rota(b, row, &at[i]);
        fill_stops(b, row, &at[i]);
    }
    b->plant->calendar = at;
    b->plant->calendar_n = b->rows->calendar_n;
}

uint32_t build_find_calendar(struct build *b, const struct ident *id, struct conf_pos pos) {
    if (!id->s[0])
        return UINT32_MAX;
    for (size_t i = 0; i < b->plant->calendar_n; i++)
        if (ident_equal(&b->plant->calendar[i].id, id))
            return (uint32_t)i;
    build_missing(b, pos, "calendar", id->s, b->rows->calendars, sizeof *b->rows->calendars,
                  b->rows->calendar_n);
    return UINT32_MAX;
}
