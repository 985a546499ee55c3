/* A piece is found from the few instants near t at which anything may change; nothing is kept.
 *
 * Rules that make it total:
 * - Of several calendars of one id, the one with the latest valid-from not after t is in force;
 * before the first of them time is OFF. A shift that is running at such a change ends there.
 * - The shift that began last is the running one, until its end: where shifts overlap, the next
 * one's begin ends the one before. Ties go to the lower index.
 * - A break begins at its local time and keeps its length: half an hour stays half an hour on the
 *   night when the clock is set back. A planned stop outranks a break.
 * - Outside shifts a piece ends at local midnight at the latest, so no search goes beyond a day. */
#include "calendar/calendar.h"

#include <stdio.h>

enum { DAY_MIN = 24 * 60, NO_SHIFT = -1 };

struct shift_run { /* one occurrence of a shift, as yet not cut by the next one */
    int64_t from_ms, to_ms;
    int32_t index, day; /* NO_SHIFT: none */
};

struct look { /* what calendar_at works on */
    const struct plant *plant;
    const struct plant_calendar *calendar; /* in force */
    int64_t t_ms;
    int64_t force_from_ms, force_to_ms;
};

static int64_t local_instant(const struct plant *p, int32_t day, int32_t minute) {
    return zone_instant_of(p->zone, day * UTC_DAY_MS + minute * UTC_MINUTE_MS);
}

static int32_t floor_div(int32_t a, int32_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

int32_t calendar_day(const struct plant *p, int64_t t_ms) {
    const int32_t offset_s = p->zone == NULL ? 0 : zone_offset_s(p->zone, t_ms);

    return (int32_t)(utc_floor(t_ms + offset_s * UTC_SECOND_MS, UTC_DAY_MS) / UTC_DAY_MS);
}

bool calendar_is_holiday(const struct plant_calendar *c, int32_t day) {
    size_t low = 0, high = c->holiday_n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (c->holiday[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->holiday_n && c->holiday[low] == day;
}

static int32_t shift_length(const struct plant_shift *s) {
    return s->end_min > s->start_min ? s->end_min - s->start_min
                                     : s->end_min + DAY_MIN - s->start_min;
}

/* Day 0 was a Thursday, weekday 3 when Monday is 0. */
static bool shift_starts(const struct plant_calendar *c, const struct plant_shift *s, int32_t day) {
    const int32_t weekday = day + 3 - 7 * floor_div(day + 3, 7);

    return (s->days >> weekday & 1) != 0 && !calendar_is_holiday(c, day);
}

/* The latest begin not after t in *last, the earliest one after it in *next_ms. Begins further away
 * than the local day before t's and the day after cannot matter: a shift lasts a day at most. */
static void shift_runs(const struct look *k, int32_t today, struct shift_run *last,
                       int64_t *next_ms) {
    const struct plant_calendar *c = k->calendar;

    *last = (struct shift_run){.index = NO_SHIFT, .from_ms = INT64_MIN, .to_ms = INT64_MIN};
    *next_ms = INT64_MAX;
    for (int32_t i = 0; i < (int32_t)c->shift_n; i++) {
        const struct plant_shift *s = &c->shift[i];
        for (int32_t day = today - 1; day <= today + 1; day++) {
            if (!shift_starts(c, s, day))
                continue;
            const int64_t from = local_instant(k->plant, day, s->start_min);
            if (from > k->t_ms ? from >= *next_ms : from <= last->from_ms)
                continue;
            const int64_t to = local_instant(k->plant, day, s->start_min + shift_length(s));
            if (to <= from) /* wholly inside the hour that the clock skips */
                continue;
            if (from > k->t_ms)
                *next_ms = from;
            else
                *last = (struct shift_run){from, to, i, day};
        }
    }
}

static const struct ident *rota_team(const struct plant_calendar *c, uint32_t shift, int32_t day) {
    const struct plant_rota *best = NULL;

    for (size_t i = 0; i < c->rota_n; i++) {
        const struct plant_rota *r = &c->rota[i];
        if (r->shift == shift && r->first_day <= day && r->team_n > 0 && r->days_each > 0 &&
            (best == NULL || r->first_day > best->first_day))
            best = r;
    }
    if (best == NULL)
        return NULL;
    return &best->team[(size_t)((day - best->first_day) / best->days_each) % best->team_n];
}

/* Narrows the piece to the side of the instant on which t lies. */
static void piece_cut(struct calendar_piece *piece, int64_t t_ms, int64_t at_ms) {
    if (at_ms <= t_ms && at_ms > piece->from_ms)
        piece->from_ms = at_ms;
    if (at_ms > t_ms && at_ms < piece->to_ms)
        piece->to_ms = at_ms;
}

static void piece_breaks(struct calendar_piece *piece, const struct look *k,
                         const struct plant_shift *s) {
    for (size_t i = 0; i < s->break_n; i++) {
        int32_t start = s->break_min[2 * i], length = s->break_min[2 * i + 1] - start;
        start += start < s->start_min ? DAY_MIN : 0;
        length += length < 0 ? DAY_MIN : 0;
        const int64_t from = local_instant(k->plant, piece->shift_day, start);
        const int64_t to = from + length * UTC_MINUTE_MS;
        piece_cut(piece, k->t_ms, from);
        piece_cut(piece, k->t_ms, to);
        if (from <= k->t_ms && k->t_ms < to)
            piece->kind = CALENDAR_BREAK;
    }
}

/* The first planned stop that ends after t, stop_n if there is none: they are sorted and apart. */
static size_t stop_seek(const struct plant_calendar *c, int64_t t_ms) {
    size_t low = 0, high = c->stop_n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (c->stop[middle].to_ms <= t_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool calendar_stop_at(const struct plant_calendar *c, int64_t t_ms) {
    const size_t i = stop_seek(c, t_ms);
    return i < c->stop_n && c->stop[i].from_ms <= t_ms;
}

/* That one and its neighbours are all that can cut. */
static void piece_stops(struct calendar_piece *piece, const struct look *k) {
    const struct plant_calendar *c = k->calendar;
    const size_t low = stop_seek(c, k->t_ms);

    if (low > 0)
        piece_cut(piece, k->t_ms, c->stop[low - 1].to_ms);
    if (low == c->stop_n)
        return;
    piece_cut(piece, k->t_ms, c->stop[low].from_ms);
    piece_cut(piece, k->t_ms, c->stop[low].to_ms);
    if (c->stop[low].from_ms <= k->t_ms)
        piece->kind = CALENDAR_PLANNED;
}

static struct calendar_piece piece_blank(int64_t from_ms, int64_t to_ms, enum calendar_kind kind) {
    return (struct calendar_piece){.from_ms = from_ms,
                                   .to_ms = to_ms,
                                   .kind = (uint8_t)kind,
                                   .shift = UINT32_MAX,
                                   .shift_from_ms = from_ms,
                                   .shift_to_ms = to_ms};
}

static void piece_shift(struct calendar_piece *piece, const struct look *k,
                        const struct shift_run *run, int64_t next_ms) {
    const struct plant_shift *s = &k->calendar->shift[run->index];

    piece->kind = CALENDAR_WORK;
    piece->shift = (uint32_t)run->index;
    piece->shift_day = run->day;
    piece->shift_id = &s->id;
    piece->team = rota_team(k->calendar, piece->shift, run->day);
    piece_cut(piece, k->t_ms, run->from_ms);
    piece_cut(piece, k->t_ms, run->to_ms);
    piece_cut(piece, k->t_ms, next_ms);
    piece->shift_from_ms = piece->from_ms;
    piece->shift_to_ms = piece->to_ms;
    piece_breaks(piece, k, s);
}

static struct calendar_piece piece_in_force(const struct look *k) {
    struct calendar_piece piece = piece_blank(k->force_from_ms, k->force_to_ms, CALENDAR_OFF);
    struct shift_run last;
    int64_t next_ms;

    shift_runs(k, calendar_day(k->plant, k->t_ms), &last, &next_ms);
    if (last.index != NO_SHIFT && last.to_ms > k->t_ms) {
        piece_shift(&piece, k, &last, next_ms);
    } else {
        int64_t day_ms, next_day_ms;
        zone_day(k->plant->zone, k->t_ms, &day_ms, &next_day_ms);
        piece_cut(&piece, k->t_ms, day_ms);
        piece_cut(&piece, k->t_ms, next_day_ms);
        if (last.index != NO_SHIFT)
            piece_cut(&piece, k->t_ms, last.to_ms);
        piece_cut(&piece, k->t_ms, next_ms);
    }
    piece_stops(&piece, k);
    if (piece.shift == UINT32_MAX) {
        piece.shift_from_ms = piece.from_ms;
        piece.shift_to_ms = piece.to_ms;
    }
    return piece;
}

/* Of the calendars of one id the latest that began, and when the next one will. */
static const struct plant_calendar *find_in_force(const struct plant *p, uint32_t calendar,
                                                  int64_t t_ms, int64_t *next_ms) {
    const struct plant_calendar *found = NULL;

    for (size_t i = 0; i < p->calendar_n; i++) {
        const struct plant_calendar *c = &p->calendar[i];
        if (!ident_equal(&c->id, &p->calendar[calendar].id))
            continue;
        if (c->from_ms > t_ms)
            *next_ms = c->from_ms < *next_ms ? c->from_ms : *next_ms;
        else if (found == NULL || c->from_ms >= found->from_ms)
            found = c;
    }
    return found;
}

const struct plant_calendar *calendar_in_force(const struct plant *p, uint32_t calendar,
                                               int64_t t_ms) {
    int64_t next_ms = INT64_MAX;

    if (calendar >= p->calendar_n || p->zone == NULL)
        return NULL;
    return find_in_force(p, calendar, t_ms, &next_ms);
}

struct calendar_piece calendar_at(const struct plant *p, uint32_t calendar, int64_t t_ms) {
    if (calendar >= p->calendar_n || p->zone == NULL)
        return piece_blank(INT64_MIN, INT64_MAX, CALENDAR_WORK);
    struct look k = {.plant = p, .t_ms = t_ms, .force_to_ms = INT64_MAX};
    k.calendar = find_in_force(p, calendar, t_ms, &k.force_to_ms);
    if (k.calendar == NULL)
        return piece_blank(INT64_MIN, k.force_to_ms, CALENDAR_OFF);
    k.force_from_ms = k.calendar->from_ms;
    return piece_in_force(&k);
}

enum err calendar_find_shift(const struct plant *p, uint32_t calendar, struct span text,
                             int64_t *from_ms, int64_t *to_ms) {
    enum { DATE = 10 };
    char date[DATE + sizeof "T00:00:00Z"];
    int64_t midnight = 0;
    if (text.n < DATE + 2 || text.p[DATE] != '/')
        return ERR_FORMAT;
    snprintf(date, sizeof date, "%.*sT00:00:00Z", DATE, (const char *)text.p);
    if (utc_parse(span_str(date), &midnight))
        return ERR_FORMAT;
    const struct span id = span_of(text.p + DATE + 1, text.n - DATE - 1);
    const int32_t day = (int32_t)(midnight / UTC_DAY_MS);
    for (int64_t t = midnight - UTC_DAY_MS; t < midnight + 3 * UTC_DAY_MS;) {
        const struct calendar_piece piece = calendar_at(p, calendar, t);
        if (piece.shift_id && piece.shift_day == day &&
            span_equal(id, span_str(piece.shift_id->s))) {
            *from_ms = piece.shift_from_ms;
            *to_ms = piece.shift_to_ms;
            return ERR_OK;
        }
        t = piece.to_ms;
    }
    return ERR_NOT_FOUND;
}
