#include "base/utc.h"

#include <assert.h>

#include "base/decimal.h"

enum {
    DAYS_400Y = 146097, /* days of the Gregorian cycle */
    DAYS_100Y = 36524,
    DAYS_4Y = 1461,
    EPOCH_DAY = 719468, /* days from 0000-03-01 to 1970-01-01 */
};

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

/* Days since the epoch of the first of a month (1..12). Years are counted from March, so that the
 * leap day is their last one; (153 m + 2) / 5 counts the days before month m of such a year. */
static int64_t days_of_month(int64_t year, int month) {
    const int64_t y = month <= 2 ? year - 1 : year;
    const int m = month <= 2 ? month + 9 : month - 3;

    return y * 365 + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) + (153 * m + 2) / 5 -
           EPOCH_DAY;
}

int64_t utc_from_parts(const struct utc_parts *p) {
    const int64_t months = (int64_t)p->year * 12 + p->month - 1;
    const int64_t year = floor_div(months, 12);
    const int month = (int)(months - year * 12) + 1;
    const int64_t days = days_of_month(year, month) + p->day - 1;
    /* Years beyond some 292 million do not fit; they are held at the ends of the scale. */
    const i128 t = (i128)days * UTC_DAY_MS + (i128)p->hour * UTC_HOUR_MS +
                   (i128)p->minute * UTC_MINUTE_MS + (i128)p->second * UTC_SECOND_MS + p->ms;

    if (t > INT64_MAX)
        return INT64_MAX;
    return t < INT64_MIN ? INT64_MIN : (int64_t)t;
}

struct utc_parts utc_to_parts(int64_t t_ms) {
    const int64_t day = floor_div(t_ms, UTC_DAY_MS);
    const int rest = (int)(t_ms % UTC_DAY_MS);
    const int in_day = rest < 0 ? rest + (int)UTC_DAY_MS : rest;
    const int64_t shifted = day + EPOCH_DAY;
    const int64_t cycle = floor_div(shifted, DAYS_400Y);
    const int in_cycle = (int)(shifted - cycle * DAYS_400Y);
    /* Take away the leap days passed, so that 365 divides what is left. */
    const int year =
        (in_cycle - in_cycle / (DAYS_4Y - 1) + in_cycle / DAYS_100Y - in_cycle / (DAYS_400Y - 1)) /
        365;
    const int in_year = in_cycle - (365 * year + year / 4 - year / 100);
    const int m = (5 * in_year + 2) / 153;
    const int month = m < 10 ? m + 3 : m - 9;

    return (struct utc_parts){
        .year = (int)(cycle * 400) + year + (month <= 2 ? 1 : 0),
        .month = month,
        .day = in_year - (153 * m + 2) / 5 + 1,
        .hour = in_day / (int)UTC_HOUR_MS,
        .minute = in_day / (int)UTC_MINUTE_MS % 60,
        .second = in_day / (int)UTC_SECOND_MS % 60,
        .ms = in_day % (int)UTC_SECOND_MS,
        /* 1970-01-01 was a Thursday; Mondays are 4 days later. */
        .weekday = (int)(day + 3 - floor_div(day + 3, 7) * 7) + 1,
    };
}

static char *put_digits(char *at, int v, int width) {
    for (int i = width - 1; i >= 0; i--, v /= 10)
        at[i] = (char)('0' + v % 10);
    return at + width;
}

static char *put_year(char *at, int year) {
    const int positive = year < 0 ? -year : year;
    int width = 4;

    for (int v = positive / 10000; v > 0; v /= 10)
        width++;
    if (year < 0)
        *at++ = '-';
    return put_digits(at, positive, width);
}

void utc_format(int64_t t_ms, char text[UTC_TEXT]) {
    const struct utc_parts p = utc_to_parts(t_ms);
    char *at = put_year(text, p.year);

    *at++ = '-';
    at = put_digits(at, p.month, 2);
    *at++ = '-';
    at = put_digits(at, p.day, 2);
    *at++ = 'T';
    at = put_digits(at, p.hour, 2);
    *at++ = ':';
    at = put_digits(at, p.minute, 2);
    *at++ = ':';
    at = put_digits(at, p.second, 2);
    *at++ = '.';
    at = put_digits(at, p.ms, 3);
    *at++ = 'Z';
    *at = '\0';
}

/* Takes exactly `width` digits. */
static bool take_digits(struct span *s, int width, int *out) {
    int sum = 0;

    if (s->n < (size_t)width)
        return false;
    for (int i = 0; i < width; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        sum = sum * 10 + (s->p[i] - '0');
    }
    *s = span_of(s->p + width, s->n - (size_t)width);
    *out = sum;
    return true;
}

static bool take_any(struct span *s, const char *set, char *which) {
    if (s->n == 0 || s->p[0] == '\0' || strchr(set, s->p[0]) == NULL)
        return false;
    if (which != NULL)
        *which = (char)s->p[0];
    *s = span_of(s->p + 1, s->n - 1);
    return true;
}

static int days_in_month(int year, int month) {
    const int64_t first = days_of_month(year, month);
    const int64_t next = month == 12 ? days_of_month(year + 1, 1) : days_of_month(year, month + 1);

    return (int)(next - first);
}

static bool take_date(struct span *s, struct utc_parts *p) {
    return take_digits(s, 4, &p->year) && take_any(s, "-", NULL) && take_digits(s, 2, &p->month) &&
           take_any(s, "-", NULL) && take_digits(s, 2, &p->day) && p->month >= 1 &&
           p->month <= 12 && p->day >= 1 && p->day <= days_in_month(p->year, p->month);
}

/* A second 60 is a leap second; it counts as the first moment of the next minute. */
static bool take_time(struct span *s, struct utc_parts *p) {
    if (!take_digits(s, 2, &p->hour) || !take_any(s, ":", NULL) || !take_digits(s, 2, &p->minute) ||
        !take_any(s, ":", NULL) || !take_digits(s, 2, &p->second))
        return false;
    if (p->hour > 23 || p->minute > 59 || p->second > 60)
        return false;
    if (!take_any(s, ".", NULL))
        return true;
    int digit, scale = 100;
    if (!take_digits(s, 1, &digit))
        return false;
    do {
        p->ms += digit * scale;
        scale /= 10;
    } while (take_digits(s, 1, &digit));
    return true;
}

static bool take_offset(struct span *s, int *offset_min) {
    char sign;
    int hour, minute;

    if (take_any(s, "Zz", NULL)) {
        *offset_min = 0;
        return true;
    }
    if (!take_any(s, "+-", &sign) || !take_digits(s, 2, &hour) || !take_any(s, ":", NULL) ||
        !take_digits(s, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *offset_min = (hour * 60 + minute) * (sign == '-' ? -1 : 1);
    return true;
}

enum err utc_parse(struct span text, int64_t *t_ms) {
    struct utc_parts p = {0};
    int offset_min;

    if (!take_date(&text, &p) || !take_any(&text, "Tt ", NULL) || !take_time(&text, &p) ||
        !take_offset(&text, &offset_min) || text.n > 0)
        return ERR_FORMAT;
    *t_ms = utc_from_parts(&p) - offset_min * UTC_MINUTE_MS;
    return ERR_OK;
}

int64_t utc_floor(int64_t t_ms, int64_t step_ms) {
    assert(step_ms > 0); /* steps are configured and checked */
    const int64_t rest = t_ms % step_ms;
    const int64_t above = rest < 0 ? rest + step_ms : rest;

    return t_ms < INT64_MIN + above ? INT64_MIN : t_ms - above;
}
