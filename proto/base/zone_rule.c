#include "base/zone_rule.h"

#include "base/utc.h"

enum { NAME_MIN = 3, RULE_HOUR_MAX = 167, CHANGE_TIME_S = 2 * 3600 };

static bool take_char(struct span *s, char c) {
    if (s->n == 0 || s->p[0] != (uint8_t)c)
        return false;
    *s = span_of(s->p + 1, s->n - 1);
    return true;
}

static bool is_alpha(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_quoted(uint8_t c) {
    return is_alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-';
}

static bool take_name(struct span *s) {
    const bool quoted = take_char(s, '<');
    size_t n = 0;

    while (n < s->n && (quoted ? is_quoted(s->p[n]) : is_alpha(s->p[n])))
        n++;
    *s = span_of(s->p + n, s->n - n);
    return n >= NAME_MIN && (!quoted || take_char(s, '>'));
}

static bool take_number(struct span *s, int low, int high, int *out) {
    int sum = 0;
    size_t n = 0;

    for (; n < s->n && n < 4 && s->p[n] >= '0' && s->p[n] <= '9'; n++)
        sum = sum * 10 + (s->p[n] - '0');
    if (n == 0 || sum < low || sum > high)
        return false;
    *s = span_of(s->p + n, s->n - n);
    *out = sum;
    return true;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct span *s, int hour_max, int32_t *out_s) {
    int hour, minute = 0, second = 0;
    const bool negative = take_char(s, '-');

    if (!negative)
        (void)take_char(s, '+');
    if (!take_number(s, 0, hour_max, &hour))
        return false;
    if (take_char(s, ':')) {
        if (!take_number(s, 0, 59, &minute))
            return false;
        if (take_char(s, ':') && !take_number(s, 0, 59, &second))
            return false;
    }
    *out_s = (hour * 3600 + minute * 60 + second) * (negative ? -1 : 1);
    return true;
}

static bool take_date(struct span *s, struct zone_date *d) {
    *d = (struct zone_date){.kind = ZONE_DATE_DAY, .time_s = CHANGE_TIME_S};
    if (take_char(s, 'M')) {
        d->kind = ZONE_DATE_WEEKDAY;
        if (!take_number(s, 1, 12, &d->month) || !take_char(s, '.') ||
            !take_number(s, 1, 5, &d->week) || !take_char(s, '.') || !take_number(s, 0, 6, &d->day))
            return false;
    } else if (take_char(s, 'J')) {
        d->kind = ZONE_DATE_JULIAN;
        if (!take_number(s, 1, 365, &d->day))
            return false;
    } else if (!take_number(s, 0, 365, &d->day)) {
        return false;
    }
    return !take_char(s, '/') || take_time(s, RULE_HOUR_MAX, &d->time_s);
}

/* POSIX counts offsets westward; the house counts them eastward. */
static bool take_offset(struct span *s, int32_t *offset_s) {
    int32_t west;

    if (!take_time(s, 25, &west))
        return false;
    *offset_s = -west;
    return true;
}

static bool take_rule(struct span *s, struct zone_rule *r) {
    if (!take_name(s) || !take_offset(s, &r->std_s))
        return false;
    if (s->n == 0)
        return true;
    r->has_dst = true;
    r->dst_s = r->std_s + 3600;
    if (!take_name(s))
        return false;
    if (s->n > 0 && s->p[0] != ',' && !take_offset(s, &r->dst_s))
        return false;
    return take_char(s, ',') && take_date(s, &r->start) && take_char(s, ',') &&
           take_date(s, &r->end) && s->n == 0;
}

static bool offset_check(int32_t offset_s) {
    return offset_s > -ZONE_OFFSET_LIMIT_S && offset_s < ZONE_OFFSET_LIMIT_S;
}

enum err zone_rule_parse(struct span text, struct zone_rule *out) {
    struct zone_rule r = {0};

    if (!take_rule(&text, &r) || !offset_check(r.std_s) || !offset_check(r.dst_s))
        return ERR_FORMAT;
    *out = r;
    return ERR_OK;
}

static struct utc_parts month_first(int year, int month) {
    const struct utc_parts p = {.year = year, .month = month, .day = 1};

    return utc_to_parts(utc_from_parts(&p));
}

static int weekday_of_month(const struct zone_date *d, int year) {
    const int first = month_first(year, d->month).weekday % 7; /* 0 = Sunday */
    const struct utc_parts next = {.year = year, .month = d->month + 1, .day = 0};
    const int last = utc_to_parts(utc_from_parts(&next)).day;
    int day = 1 + (d->day - first + 7) % 7 + (d->week - 1) * 7;

    while (day > last)
        day -= 7;
    return day;
}

static bool is_leap(int year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Seconds since 1970 at which the date comes up in a year, by a clock that is offset_s ahead. */
static int64_t date_instant(const struct zone_date *d, int year, int32_t offset_s) {
    struct utc_parts p = {.year = year, .month = 1};

    switch (d->kind) {
    case ZONE_DATE_WEEKDAY:
        p.month = d->month;
        p.day = weekday_of_month(d, year);
        break;
    case ZONE_DATE_JULIAN:
        p.day = d->day + (is_leap(year) && d->day >= 60 ? 1 : 0);
        break;
    case ZONE_DATE_DAY:
        p.day = d->day + 1;
        break;
    }
    return utc_from_parts(&p) / UTC_SECOND_MS + d->time_s - offset_s;
}

struct zone_stretch zone_rule_find(const struct zone_rule *r, int64_t t_s) {
    struct zone_stretch out = {INT64_MIN, INT64_MAX, r->std_s};

    if (!r->has_dst)
        return out;
    /* Rule times reach a week over the ends of their year; two years on each side always hold a
     * change before and one after t_s. */
    const int year = utc_to_parts(t_s * UTC_SECOND_MS).year;
    for (int y = year - 2; y <= year + 2; y++) {
        const int64_t end = date_instant(&r->end, y, r->dst_s);
        const int64_t start = date_instant(&r->start, y, r->std_s);
        /* Daylight saving all year makes an end meet the next start: the start wins. */
        if (end <= t_s && end > out.from_s) {
            out.from_s = end;
            out.offset_s = r->std_s;
        }
        if (start <= t_s && start >= out.from_s) {
            out.from_s = start;
            out.offset_s = r->dst_s;
        }
        if (end > t_s && end < out.until_s)
            out.until_s = end;
        if (start > t_s && start < out.until_s)
            out.until_s = start;
    }
    return out;
}
