/* TZif, RFC 8536. All numbers are big-endian.
 *
 *   header, 44 bytes: 0 "TZif" | 4 version (NUL, '2', '3', '4') | 5 fifteen unused bytes
 *     | 20 isutcnt | 24 isstdcnt | 28 leapcnt | 32 timecnt | 36 typecnt | 40 charcnt  (u32 each)
 *   data block with W = 4 or 8 bytes a time:
 *     timecnt x W transition times | timecnt x 1 type index | typecnt x 6 (i32 offset, u8 dst, u8
 * name) | charcnt name bytes | leapcnt x (W + 4) | isstdcnt | isutcnt Version 1: header and block
 * with W = 4. From version 2 on: the same once more with W = 8, then a footer "\n" TZ text "\n" for
 * times after the last transition.
 *
 * Refused: times out of order, type indices without a type, offsets of 26 h and more, and files
 * that count leap seconds ("right/..."), since our time stamps have none. */
#include "base/zone.h"

#include <stdlib.h>

#include "base/zone_rule.h"

enum { HEADER_BYTES = 44, TYPE_BYTES = 6, TYPES_MAX = 256 };

/* Instants are held inside of this many ms (some 250 million years), so that sums cannot overflow.
 */
#define HELD_MS INT64_C(8000000000000000000)
/* Wall clocks reach a little farther, so that the last instant still has a next day. */
#define HELD_WALL_MS (HELD_MS + 30 * UTC_DAY_MS)

struct zone {
    int32_t first_s; /* offset before the first transition */
    size_t n;
    int64_t *at_s;     /* n transition times, ascending */
    int32_t *offset_s; /* n offsets, in force from at_s on */
    bool has_rule;
    struct zone_rule rule; /* in force after the last transition */
};

struct block {
    uint64_t isut, isstd, leap, time, type, chars;
    size_t width; /* bytes of a time */
};

static uint64_t big_endian(const uint8_t *p, size_t n) {
    uint64_t v = 0;

    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

static enum err take_header(struct span *s, size_t width, struct block *b, uint8_t *version) {
    const uint8_t *p = s->p;

    if (s->n < HEADER_BYTES)
        return ERR_TRUNCATED;
    if (memcmp(p, "TZif", 4) != 0)
        return ERR_FORMAT;
    *version = p[4];
    *b = (struct block){
        .isut = big_endian(p + 20, 4),
        .isstd = big_endian(p + 24, 4),
        .leap = big_endian(p + 28, 4),
        .time = big_endian(p + 32, 4),
        .type = big_endian(p + 36, 4),
        .chars = big_endian(p + 40, 4),
        .width = width,
    };
    *s = span_of(p + HEADER_BYTES, s->n - HEADER_BYTES);
    return ERR_OK;
}

static enum err take_block(struct span *s, const struct block *b, struct span *out) {
    /* Counts have 32 bits, so the sum is far from the end of 64. */
    const uint64_t need = b->time * (b->width + 1) + b->type * TYPE_BYTES + b->chars +
                          b->leap * (b->width + 4) + b->isstd + b->isut;

    if (need > s->n)
        return ERR_TRUNCATED;
    *out = span_of(s->p, (size_t)need);
    *s = span_of(s->p + need, s->n - (size_t)need);
    return ERR_OK;
}

/* Reads the block's types into offset[]. */
static enum err read_types(const struct block *b, const uint8_t *p, int32_t *offset) {
    if (b->type < 1 || b->type > TYPES_MAX)
        return ERR_FORMAT;
    for (size_t i = 0; i < b->type; i++) {
        offset[i] = (int32_t)(uint32_t)big_endian(p + i * TYPE_BYTES, 4);
        if (offset[i] <= -ZONE_OFFSET_LIMIT_S || offset[i] >= ZONE_OFFSET_LIMIT_S)
            return ERR_FORMAT;
    }
    return ERR_OK;
}

static int64_t read_time(const uint8_t *p, size_t width) {
    const uint64_t raw = big_endian(p, width);

    return width == 8 ? (int64_t)raw : (int64_t)(int32_t)(uint32_t)raw;
}

static enum err zone_fill(struct zone *z, const struct block *b, struct span data) {
    int32_t offset[TYPES_MAX];
    const uint8_t *times = data.p, *index = times + b->time * b->width;

    if (b->leap > 0)
        return ERR_UNSUPPORTED;
    const enum err e = read_types(b, index + b->time, offset);
    if (e != ERR_OK)
        return e;
    z->first_s = offset[0];
    z->n = (size_t)b->time;
    if (z->n == 0)
        return ERR_OK;
    z->at_s = calloc(z->n, sizeof *z->at_s);
    z->offset_s = calloc(z->n, sizeof *z->offset_s);
    if (z->at_s == NULL || z->offset_s == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < z->n; i++) {
        z->at_s[i] = read_time(times + i * b->width, b->width);
        if (index[i] >= b->type || (i > 0 && z->at_s[i] <= z->at_s[i - 1]))
            return ERR_FORMAT;
        z->offset_s[i] = offset[index[i]];
    }
    return ERR_OK;
}

static enum err zone_footer(struct zone *z, struct span s) {
    if (s.n < 2)
        return ERR_TRUNCATED;
    const uint8_t *end = memchr(s.p + 1, '\n', s.n - 1);
    if (s.p[0] != '\n')
        return ERR_FORMAT;
    if (end == NULL)
        return ERR_TRUNCATED;
    const struct span text = span_of(s.p + 1, (size_t)(end - s.p) - 1);
    if (text.n == 0)
        return ERR_OK; /* the last transition stays in force */
    z->has_rule = true;
    return zone_rule_parse(text, &z->rule);
}

static enum err zone_read(struct zone *z, struct span s) {
    struct block b;
    struct span data;
    uint8_t version;
    enum err e = take_header(&s, 4, &b, &version);

    if (e == ERR_OK)
        e = take_block(&s, &b, &data);
    if (e != ERR_OK)
        return e;
    if (version < '2')
        return zone_fill(z, &b, data);
    e = take_header(&s, 8, &b, &version);
    if (e == ERR_OK)
        e = take_block(&s, &b, &data);
    if (e == ERR_OK)
        e = zone_fill(z, &b, data);
    return e == ERR_OK ? zone_footer(z, s) : e;
}

enum err zone_open(struct span tzif, struct zone **out) {
    struct zone *z = calloc(1, sizeof *z);

    if (z == NULL)
        return ERR_NOMEM;
    const enum err e = zone_read(z, tzif);
    if (e != ERR_OK) {
        zone_close(z);
        return e;
    }
    *out = z;
    return ERR_OK;
}

enum err zone_open_utc(struct zone **out) {
    struct zone *z = calloc(1, sizeof *z);

    if (z == NULL)
        return ERR_NOMEM;
    *out = z;
    return ERR_OK;
}

void zone_close(struct zone *z) {
    if (z == NULL)
        return;
    free(z->at_s);
    free(z->offset_s);
    free(z);
}

/* Counts the transitions at or before t_s. */
static size_t zone_passed(const struct zone *z, int64_t t_s) {
    size_t low = 0, high = z->n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (z->at_s[middle] <= t_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct zone_stretch zone_find(const struct zone *z, int64_t t_s) {
    const size_t i = zone_passed(z, t_s);
    struct zone_stretch s = {INT64_MIN, INT64_MAX, i > 0 ? z->offset_s[i - 1] : z->first_s};

    if (i == z->n && z->has_rule)
        s = zone_rule_find(&z->rule, t_s);
    if (i > 0 && s.from_s < z->at_s[i - 1])
        s.from_s = z->at_s[i - 1];
    if (i < z->n)
        s.until_s = z->at_s[i];
    return s;
}

static int64_t clamp(int64_t t_ms, int64_t limit_ms) {
    if (t_ms > limit_ms)
        return limit_ms;
    return t_ms < -limit_ms ? -limit_ms : t_ms;
}

static int64_t held(int64_t t_ms) {
    return clamp(t_ms, HELD_MS);
}

static int64_t seconds_of(int64_t t_ms) {
    return utc_floor(t_ms, UTC_SECOND_MS) / UTC_SECOND_MS;
}

int32_t zone_offset_s(const struct zone *z, int64_t t_ms) {
    return zone_find(z, seconds_of(held(t_ms))).offset_s;
}

struct utc_parts zone_local(const struct zone *z, int64_t t_ms) {
    const int64_t t = held(t_ms);

    return utc_to_parts(t + zone_offset_s(z, t) * UTC_SECOND_MS);
}

/* The first instant whose local time is not before `local`: for a time that occurs twice the first,
 * for a skipped one the transition. Walks the stretches that can hold it, mostly one or two. */
int64_t zone_instant_of(const struct zone *z, int64_t wall_ms) {
    wall_ms = clamp(wall_ms, HELD_WALL_MS);
    const int64_t wall_s = seconds_of(wall_ms);
    struct zone_stretch s = zone_find(z, wall_s - ZONE_OFFSET_LIMIT_S);

    for (;;) {
        const int64_t t_s = wall_s - s.offset_s;
        if (t_s < s.from_s)
            return s.from_s * UTC_SECOND_MS;
        if (t_s < s.until_s)
            return wall_ms - s.offset_s * UTC_SECOND_MS;
        s = zone_find(z, s.until_s);
    }
}

int64_t zone_instant(const struct zone *z, const struct utc_parts *local) {
    return zone_instant_of(z, utc_from_parts(local));
}

/* The start of the local day that is `ahead` days after the one of the wall clock p. */
static int64_t day_start(const struct zone *z, const struct utc_parts *p, int ahead) {
    const struct utc_parts midnight = {.year = p->year, .month = p->month, .day = p->day + ahead};

    return zone_instant(z, &midnight);
}

/* A clock set back over midnight shows yesterday's date again after today has begun, and two days
 * begin at once where a zone leaves out a date. A day lasts from its first moment to the next
 * day's, so the last day begun is the one that holds t. Gives how many days that is after the date
 * shown; the loop ends since offsets differ by no more than 52 h. */
static int days_begun(const struct zone *z, const struct utc_parts *p, int64_t t_ms) {
    int ahead = 0;

    while (day_start(z, p, ahead + 1) <= t_ms)
        ahead++;
    return ahead;
}

/* Nearly always the day lies inside one stretch, and no stretch before that one reached its
 * midnight: offsets differ by less than twice their limit. */
static bool plain_day(const struct zone *z, int64_t t_ms, int64_t *start_ms, int64_t *next_ms) {
    if (t_ms > HELD_MS / 2 || t_ms < -HELD_MS / 2)
        return false;
    const struct zone_stretch s = zone_find(z, seconds_of(t_ms));
    const int64_t offset_ms = s.offset_s * UTC_SECOND_MS;
    *start_ms = utc_floor(t_ms + offset_ms, UTC_DAY_MS) - offset_ms;
    *next_ms = *start_ms + UTC_DAY_MS;
    return s.from_s <= *start_ms / UTC_SECOND_MS - 2 * ZONE_OFFSET_LIMIT_S &&
           *next_ms / UTC_SECOND_MS < s.until_s;
}

void zone_day(const struct zone *z, int64_t t_ms, int64_t *start_ms, int64_t *next_ms) {
    if (plain_day(z, t_ms, start_ms, next_ms))
        return;
    const struct utc_parts p = zone_local(z, t_ms);
    const int begun = days_begun(z, &p, held(t_ms));
    *start_ms = day_start(z, &p, begun);
    *next_ms = day_start(z, &p, begun + 1);
}

int64_t zone_day_start(const struct zone *z, int64_t t_ms) {
    int64_t start_ms, next_ms;

    zone_day(z, t_ms, &start_ms, &next_ms);
    return start_ms;
}

int64_t zone_next_day(const struct zone *z, int64_t t_ms) {
    int64_t start_ms, next_ms;

    zone_day(z, t_ms, &start_ms, &next_ms);
    return next_ms;
}
