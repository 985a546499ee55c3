#include "sources/stamp.h"

#include <strings.h>

#include "base/decimal.h"

/* What a pattern has found so far. */
struct found {
    struct utc_parts p;
    int day_of_year; /* 0: not given */
    bool pm, am;
    bool has_offset;
    int offset_min;
};

enum err stamp_rule_parse(struct stamp_rule *r, const char *word) {
    static const struct {
        const char *word;
        enum stamp_form form;
    } forms[] = {{"iso", STAMP_ISO},
                 {"epoch_s", STAMP_EPOCH_S},
                 {"epoch_ms", STAMP_EPOCH_MS},
                 {"elapsed_s", STAMP_ELAPSED_S},
                 {"row", STAMP_ROW}};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(word, forms[i].word) == 0) {
            r->form = forms[i].form;
            return ERR_OK;
        }
    const char *at = strchr(word, '%');
    if (at == NULL)
        return ERR_CONFIG;
    for (; at != NULL; at = strchr(at + 2, '%'))
        if (at[1] == '\0' || strchr("YymdeHIMSfpbjz%", at[1]) == NULL)
            return ERR_CONFIG;
    r->form = STAMP_PATTERN;
    r->pattern = word;
    return ERR_OK;
}

/* Takes 1 to `most` digits. */
static bool take_digits(struct span *s, size_t most, int *out) {
    size_t n = 0;
    int sum = 0;

    for (; n < most && n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++)
        sum = sum * 10 + (s->p[n] - '0');
    if (n == 0)
        return false;
    *s = span_of(s->p + n, s->n - n);
    *out = sum;
    return true;
}

static bool take_fraction(struct span *s, int *ms) {
    int scale = 100, digit;

    *ms = 0;
    if (!take_digits(s, 1, &digit))
        return false;
    do {
        *ms += digit * scale;
        scale /= 10;
    } while (take_digits(s, 1, &digit));
    return true;
}

static bool take_month(struct span *s, int *month) {
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

    for (int i = 0; s->n >= 3 && i < 12; i++)
        if (strncasecmp((const char *)s->p, names + 3 * i, 3) == 0) {
            *month = i + 1;
            *s = span_of(s->p + 3, s->n - 3);
            return true;
        }
    return false;
}

static bool take_half(struct span *s, struct found *f) {
    if (s->n < 2 || (s->p[1] | 0x20) != 'm')
        return false;
    f->pm = (s->p[0] | 0x20) == 'p';
    f->am = (s->p[0] | 0x20) == 'a';
    *s = span_of(s->p + 2, s->n - 2);
    return f->pm || f->am;
}

static bool take_offset(struct span *s, struct found *f) {
    int hour, minute = 0;

    f->has_offset = true;
    if (s->n > 0 && (s->p[0] | 0x20) == 'z') {
        *s = span_of(s->p + 1, s->n - 1);
        return true;
    }
    if (s->n == 0 || (s->p[0] != '+' && s->p[0] != '-'))
        return false;
    const bool west = s->p[0] == '-';
    *s = span_of(s->p + 1, s->n - 1);
    if (!take_digits(s, 2, &hour))
        return false;
    if (s->n > 0 && s->p[0] == ':')
        *s = span_of(s->p + 1, s->n - 1);
    if (s->n > 0 && !take_digits(s, 2, &minute))
        return false;
    f->offset_min = (hour * 60 + minute) * (west ? -1 : 1);
    return hour < 24 && minute < 60;
}

static bool take_conversion(char conversion, struct span *s, struct found *f) {
    switch (conversion) {
    case 'Y':
        return take_digits(s, 4, &f->p.year);
    case 'y': /* POSIX: 69..99 are of the last century */
        if (!take_digits(s, 2, &f->p.year))
            return false;
        f->p.year += f->p.year < 69 ? 2000 : 1900;
        return true;
    case 'm':
        return take_digits(s, 2, &f->p.month);
    case 'd':
    case 'e':
        return take_digits(s, 2, &f->p.day);
    case 'H':
    case 'I':
        return take_digits(s, 2, &f->p.hour);
    case 'M':
        return take_digits(s, 2, &f->p.minute);
    case 'S':
        return take_digits(s, 2, &f->p.second);
    case 'f':
        return take_fraction(s, &f->p.ms);
    case 'p':
        return take_half(s, f);
    case 'b':
        return take_month(s, &f->p.month);
    case 'j':
        return take_digits(s, 3, &f->day_of_year);
    case 'z':
        return take_offset(s, f);
    default: /* %% */
        if (s->n == 0 || s->p[0] != '%')
            return false;
        *s = span_of(s->p + 1, s->n - 1);
        return true;
    }
}

static bool take_pattern(const char *pattern, struct span *s, struct found *f) {
    for (const char *at = pattern; *at != '\0'; at++) {
        if (*at == '%') {
            if (!take_conversion(*++at, s, f))
                return false;
            continue;
        }
        if (*at == ' ') { /* any number of blanks, as strptime has it */
            while (s->n > 0 && s->p[0] == ' ')
                *s = span_of(s->p + 1, s->n - 1);
            continue;
        }
        if (s->n == 0 || s->p[0] != (uint8_t)*at)
            return false;
        *s = span_of(s->p + 1, s->n - 1);
    }
    return s->n == 0;
}

/* Fields in their limits; 24:00:00 is allowed and overflows into the next day. */
static bool parts_check(const struct utc_parts *p) {
    const struct utc_parts first = {.year = p->year, .month = p->month, .day = 1};
    const struct utc_parts next = {.year = p->year, .month = p->month + 1, .day = 1};

    if (p->month < 1 || p->month > 12 || p->day < 1)
        return false;
    const int64_t days = (utc_from_parts(&next) - utc_from_parts(&first)) / UTC_DAY_MS;
    const bool day_end = p->hour == 24 && p->minute == 0 && p->second == 0 && p->ms == 0;
    return p->day <= days && (p->hour < 24 || day_end) && p->minute < 60 && p->second <= 60;
}

static bool civil_equal(const struct utc_parts *a, const struct utc_parts *b) {
    return a->year == b->year && a->month == b->month && a->day == b->day && a->hour == b->hour &&
           a->minute == b->minute && a->second == b->second && a->ms == b->ms;
}

/* The second of two moments with one local time, when the first is not after the previous stamp. */
static int64_t later_twin(const struct zone *zone, int64_t t_ms, int64_t previous_ms) {
    static const int64_t steps_min[] = {60, 30, 120};
    const struct utc_parts want = zone_local(zone, t_ms);

    if (t_ms > previous_ms)
        return t_ms;
    for (size_t i = 0; i < sizeof steps_min / sizeof steps_min[0]; i++) {
        const int64_t later = t_ms + steps_min[i] * UTC_MINUTE_MS;
        const struct utc_parts got = zone_local(zone, later);
        if (civil_equal(&want, &got) && later > previous_ms)
            return later;
    }
    return t_ms;
}

static int64_t instant_of(const struct stamp_rule *r, const struct found *f, int64_t previous_ms) {
    struct utc_parts p = f->p;

    if (r->midnight_ends_day && p.hour == 0 && p.minute == 0 && p.second == 0 && p.ms == 0)
        p.day++; /* fields may overflow */
    if (f->has_offset)
        return utc_from_parts(&p) - f->offset_min * UTC_MINUTE_MS;
    if (r->zone == NULL)
        return utc_from_parts(&p) - r->offset_min * UTC_MINUTE_MS;
    const int64_t as_utc = utc_from_parts(&p);
    const struct utc_parts whole = utc_to_parts(as_utc); /* without overflowing fields */
    const int64_t t = zone_instant(r->zone, &whole);
    return previous_ms == INT64_MIN ? t : later_twin(r->zone, t, previous_ms);
}

static enum err finish(const struct stamp_rule *r, struct found *f, int64_t previous_ms,
                       int64_t *t_ms) {
    if (f->pm || f->am) {
        if (f->p.hour < 1 || f->p.hour > 12)
            return ERR_RANGE;
        f->p.hour = f->p.hour % 12 + (f->pm ? 12 : 0);
    }
    if (f->day_of_year > 0) {
        const struct utc_parts first = {.year = f->p.year, .month = 1, .day = f->day_of_year};
        const struct utc_parts date = utc_to_parts(utc_from_parts(&first));
        if (f->day_of_year > 366 || date.year != f->p.year)
            return ERR_RANGE;
        f->p.month = date.month;
        f->p.day = date.day;
    }
    if (!parts_check(&f->p))
        return ERR_RANGE;
    *t_ms = instant_of(r, f, previous_ms);
    return ERR_OK;
}

static enum err parse_iso(const struct stamp_rule *r, struct span text, int64_t previous_ms,
                          int64_t *t_ms) {
    static const char *const forms[2][7] = {
        {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f",
         "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d"},
        {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d %H:%M:%S.%f",
         "%Y-%m-%d %H:%M:%S.%f%z", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M%z", "%Y-%m-%d"},
    };
    const bool blank = text.n > 10 && text.p[10] == ' ';

    for (size_t i = 0; i < 7; i++) {
        struct found f = {0};
        struct span left = text;
        if (take_pattern(forms[blank ? 1 : 0][i], &left, &f))
            return finish(r, &f, previous_ms, t_ms);
    }
    return ERR_FORMAT;
}

static enum err parse_number(struct span text, int places, int64_t base_ms, int64_t *t_ms) {
    int64_t ms;
    const enum err e = decimal_parse(text, places, &ms);

    if (e != ERR_OK)
        return e;
    return __builtin_add_overflow(base_ms, ms, t_ms) ? ERR_RANGE : ERR_OK;
}

enum err stamp_parse(const struct stamp_rule *r, struct span text, int64_t previous_ms,
                     int64_t *t_ms) {
    int64_t t = 0;
    enum err e = ERR_FORMAT;
    struct found f = {0};

    switch (r->form) {
    case STAMP_ISO:
        e = parse_iso(r, text, previous_ms, &t);
        break;
    case STAMP_EPOCH_S:
        e = parse_number(text, 3, 0, &t);
        break;
    case STAMP_EPOCH_MS:
        e = parse_number(text, 0, 0, &t);
        break;
    case STAMP_ELAPSED_S:
        e = parse_number(text, 3, r->epoch_ms, &t);
        break;
    case STAMP_PATTERN:
        e = take_pattern(r->pattern, &text, &f) ? finish(r, &f, previous_ms, &t) : ERR_FORMAT;
        break;
    case STAMP_ROW: /* has no text */
        break;
    }
    /* Years 0001 to 9999: what lies beyond is a typing error, and sums of such times stay in range.
     */
    if (e == ERR_OK && (t < INT64_C(-62135596800000) || t > INT64_C(253402300799999)))
        return ERR_RANGE;
    if (e == ERR_OK)
        *t_ms = t;
    return e;
}
