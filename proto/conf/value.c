#include "conf/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utc.h"
#include "conf/number.h"

enum { QUOTED_BYTES = 40, DAY_MINUTES = 1440 };

struct quoted {
    char text[QUOTED_BYTES + 8];
};

/* The value as a report may show it: shortened, and never a secret. */
static struct quoted quote(const struct conf_row *row, struct span text) {
    struct quoted q;

    if (row->secret)
        (void)snprintf(q.text, sizeof q.text, "the value");
    else
        (void)snprintf(q.text, sizeof q.text, text.n > QUOTED_BYTES ? "\"%.*s...\"" : "\"%.*s\"",
                       text.n > QUOTED_BYTES ? QUOTED_BYTES : (int)text.n, (const char *)text.p);
    return q;
}

void conf_why_set(struct conf_why *why, const char *fmt, ...) {
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(why->text, sizeof why->text, fmt, ap);
    va_end(ap);
}

static enum err unexpected(const struct conf_row *row, enum conf_type type, struct span text,
                           struct conf_why *why) {
    conf_why_set(why, "expected %s, found %s", conf_kind_get(type)->expect, quote(row, text).text);
    return ERR_FORMAT;
}

static bool text_is(struct span text, const char *word) {
    return span_equal(text, span_str(word));
}

static enum err store_bool(const struct conf_row *row, enum conf_type type, struct span text,
                           void *at, size_t size, struct conf_why *why) {
    (void)size;
    if (!text_is(text, "true") && !text_is(text, "false"))
        return unexpected(row, type, text, why);
    *(bool *)at = text_is(text, "true");
    return ERR_OK;
}

static void put_whole(int64_t v, void *at, size_t size) {
    const int8_t v8 = (int8_t)(uint8_t)(uint64_t)v;
    const int16_t v16 = (int16_t)(uint16_t)(uint64_t)v;
    const int32_t v32 = (int32_t)(uint32_t)(uint64_t)v;

    switch (size) {
    case 1:
        memcpy(at, &v8, sizeof v8);
        break;
    case 2:
        memcpy(at, &v16, sizeof v16);
        break;
    case 4:
        memcpy(at, &v32, sizeof v32);
        break;
    default:
        memcpy(at, &v, sizeof v);
        break;
    }
}

void conf_limits_get(const struct conf_row *row, enum conf_type type, size_t size, int64_t *low,
                     int64_t *high) {
    const int64_t most = size >= 8 ? INT64_MAX : (INT64_C(1) << (size * 8 - 1)) - 1;
    const bool bounded = row->min != 0 || row->max != 0;

    *low = bounded || conf_kind_get(type)->from_zero ? row->min : -most - 1;
    *high = row->max != 0 || row->min < 0 ? row->max : most;
    if (type == CONF_TIME_OF_DAY && row->max == 0)
        *high = DAY_MINUTES - 1;
}

static enum err out_of_range(const struct conf_row *row, enum conf_type type, size_t size,
                             struct span text, struct conf_why *why) {
    struct buf range;

    buf_init(&range);
    (void)conf_range_format(row, type, size, &range);
    if (range.n == 0)
        (void)buf_add_str(&range, "more than can be stored");
    conf_why_set(why, "%s is out of range: %.*s", quote(row, text).text, (int)range.n,
                 range.n > 0 ? (const char *)range.p : "");
    buf_fini(&range);
    return ERR_RANGE;
}

static enum err store_checked(const struct conf_row *row, enum conf_type type, struct span text,
                              int64_t v, void *at, size_t size, struct conf_why *why) {
    int64_t low, high;

    conf_limits_get(row, type, size, &low, &high);
    if (v < low || v > high)
        return out_of_range(row, type, size, text, why);
    put_whole(v, at, size);
    return ERR_OK;
}

static enum err store_number(const struct conf_row *row, enum conf_type type, struct span text,
                             void *at, size_t size, struct conf_why *why) {
    int64_t v;
    struct conf_why detail = {""};
    const enum err e = conf_number_parse(row, type, text, &v, &detail);

    if (e == ERR_RANGE)
        return out_of_range(row, type, size, text, why);
    if (e != ERR_OK && detail.text[0] == '\0')
        return unexpected(row, type, text, why);
    if (e != ERR_OK) {
        conf_why_set(why, "%s %s", quote(row, text).text, detail.text);
        return e;
    }
    return store_checked(row, type, text, v, at, size, why);
}

static bool two_digits(const uint8_t *p, int *out) {
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
        return false;
    *out = (p[0] - '0') * 10 + (p[1] - '0');
    return true;
}

static enum err store_time_of_day(const struct conf_row *row, enum conf_type type, struct span text,
                                  void *at, size_t size, struct conf_why *why) {
    int hour, minute;

    if (text.n != 5 || text.p[2] != ':' || !two_digits(text.p, &hour) ||
        !two_digits(text.p + 3, &minute) || minute > 59)
        return unexpected(row, type, text, why);
    return store_checked(row, type, text, hour * 60 + minute, at, size, why);
}

static enum err store_utc(const struct conf_row *row, enum conf_type type, struct span text,
                          void *at, size_t size, struct conf_why *why) {
    int64_t t;

    if (utc_parse(text, &t) != ERR_OK)
        return unexpected(row, type, text, why);
    return store_checked(row, type, text, t, at, size, why);
}

static enum err store_date(const struct conf_row *row, enum conf_type type, struct span text,
                           void *at, size_t size, struct conf_why *why) {
    char stamp[32];
    int64_t t;

    (void)snprintf(stamp, sizeof stamp, "%.*sT00:00:00Z", text.n == 10 ? 10 : 0,
                   (const char *)text.p);
    if (utc_parse(span_str(stamp), &t) != ERR_OK)
        return unexpected(row, type, text, why);
    return store_checked(row, type, text, t, at, size, why);
}

/* Sets why and says false if the text's form is not that of its type. */
static bool text_check(const struct conf_row *row, enum conf_type type, struct span text,
                       struct conf_why *why) {
    const char *colon = text.n > 0 ? memmem(text.p, text.n, "://", 3) : NULL;
    const bool scheme = colon != NULL && (const uint8_t *)colon > text.p &&
                        (size_t)((const uint8_t *)colon - text.p) + 3 < text.n;
    const bool blank = text.n > 0 && memchr(text.p, ' ', text.n) != NULL;
    const uint64_t least = row->min > 0 ? (uint64_t)row->min : 0;

    if (memchr(text.n > 0 ? text.p : (const uint8_t *)"", '\0', text.n) != NULL ||
        (type == CONF_URL && (!scheme || blank)) || (type == CONF_PATH && text.n == 0)) {
        (void)unexpected(row, type, text, why);
        return false;
    }
    if (text.n < least || (row->max > 0 && text.n > (uint64_t)row->max)) {
        if (row->max > 0)
            conf_why_set(why, "must have %llu to %lld bytes, has %zu", (unsigned long long)least,
                         (long long)row->max, text.n);
        else
            conf_why_set(why, "must have at least %llu bytes, has %zu", (unsigned long long)least,
                         text.n);
        return false;
    }
    return true;
}

static enum err store_text(const struct conf_row *row, enum conf_type type, struct span text,
                           void *at, size_t size, struct conf_why *why) {
    (void)size;
    if (!text_check(row, type, text, why))
        return ERR_FORMAT;
    char *copy = malloc(text.n + 1);
    if (copy == NULL)
        return ERR_NOMEM;
    if (text.n > 0)
        memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    memcpy(at, &copy, sizeof copy);
    return ERR_OK;
}

static enum err store_id(const struct conf_row *row, enum conf_type type, struct span text,
                         void *at, size_t size, struct conf_why *why) {
    (void)size;
    return ident_set(at, text) ? ERR_OK : unexpected(row, type, text, why);
}

const char *conf_nearest_find(const char *word, const char *const *choice, size_t n) {
    return ident_nearest(word, choice, n < CONF_CHOICES_MAX ? n : CONF_CHOICES_MAX);
}

static void why_word(const struct conf_row *row, struct span text, struct conf_why *why) {
    const char *choice[CONF_CHOICES_MAX];
    char word[QUOTED_BYTES + 1];
    struct buf all;
    size_t n = 0;

    (void)snprintf(word, sizeof word, "%.*s", (int)(text.n < QUOTED_BYTES ? text.n : QUOTED_BYTES),
                   (const char *)text.p);
    buf_init(&all);
    for (; n < row->word_n && n < CONF_CHOICES_MAX; n++) {
        choice[n] = row->words[n].word;
        (void)buf_addf(&all, "%s%s", n > 0 ? ", " : "", choice[n]);
    }
    const char *near = row->secret ? NULL : conf_nearest_find(word, choice, n);
    conf_why_set(why, "%s is not one of: %.*s%s%s%s", quote(row, text).text,
                 (int)(all.n < 100 ? all.n : 100), all.n > 0 ? (const char *)all.p : "",
                 near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
                 near != NULL ? "\"?" : "");
    buf_fini(&all);
}

static enum err store_enum(const struct conf_row *row, enum conf_type type, struct span text,
                           void *at, size_t size, struct conf_why *why) {
    (void)type;
    for (size_t i = 0; i < row->word_n; i++) {
        if (text_is(text, row->words[i].word)) {
            put_whole(row->words[i].value, at, size);
            return ERR_OK;
        }
    }
    why_word(row, text, why);
    return ERR_FORMAT;
}

static const struct conf_unit duration_units[] = {{"ms", 1},      {"s", 1000},     {"min", 60000},
                                                  {"h", 3600000}, {"d", 86400000}, {NULL, 0}};
static const struct conf_unit byte_units[] = {
    {"B", 1},         {"kB", 1000},          {"KiB", 1 << 10},
    {"MB", 1000000},  {"MiB", 1 << 20},      {"GB", 1000000000},
    {"GiB", 1 << 30}, {"TB", 1000000000000}, {"TiB", INT64_C(1) << 40},
    {NULL, 0}};
static const struct conf_unit power_units[] = {
    {"uW", 1},          {"mW", 1000},          {"W", 1000000},
    {"kW", 1000000000}, {"MW", 1000000000000}, {"GW", 1000000000000000},
    {NULL, 0}};
static const struct conf_unit energy_units[] = {{"uWh", 1},
                                                {"mWh", 1000},
                                                {"Wh", 1000000},
                                                {"kWh", 1000000000},
                                                {"MWh", 1000000000000},
                                                {"GWh", 1000000000000000},
                                                {NULL, 0}};
static const struct conf_unit ratio_units[] = {{"ppm", 1}, {"%", 10000}, {NULL, 0}};

#define WHOLE .size = sizeof(int64_t), .whole = true
#define OWNED .size = sizeof(char *), .owned = true

static const struct conf_kind kinds[CONF_TYPE_COUNT] = {
    [CONF_BOOL] = {"bool", "true or false", .size = sizeof(bool), .store = store_bool},
    [CONF_INT] = {"integer", "a whole number such as 12", WHOLE, .store = store_number},
    [CONF_DURATION] = {"duration", "a duration such as 200 ms", WHOLE, .units = duration_units,
                       .from_zero = true, .store = store_number},
    [CONF_BYTES] = {"bytes", "a size such as 64 KiB", WHOLE, .units = byte_units, .from_zero = true,
                    .store = store_number},
    [CONF_POWER] = {"power", "a power such as 15 kW", WHOLE, .units = power_units,
                    .store = store_number},
    [CONF_ENERGY] = {"energy", "an energy such as 2.5 kWh", WHOLE, .units = energy_units,
                     .store = store_number},
    [CONF_RATIO] = {"ratio", "a ratio such as 95 %", WHOLE, .units = ratio_units,
                    .store = store_number},
    [CONF_AMOUNT] = {"amount", "a decimal number such as 12.5", WHOLE, .store = store_number},
    [CONF_TIME_OF_DAY] = {"time of day", "a time of day such as 06:30", WHOLE, .from_zero = true,
                          .store = store_time_of_day},
    [CONF_DATE] = {"date", "a date such as 2026-11-23", WHOLE, .store = store_date},
    [CONF_UTC] = {"time stamp", "a time stamp such as 2026-11-23T06:00:00Z", WHOLE,
                  .store = store_utc},
    [CONF_TEXT] = {"text", "a text", OWNED, .store = store_text},
    [CONF_URL] = {"URL", "a URL such as mqtts://broker:8883", OWNED, .store = store_text},
    [CONF_PATH] = {"path", "a path such as /var/lib/plantbus", OWNED, .store = store_text},
    [CONF_ID] = {"id", "an id of 1 to 48 characters out of a-z 0-9 _ -, such as press-1",
                 .size = sizeof(struct ident), .store = store_id},
    [CONF_NAME] = {"id", "an id of 1 to 48 characters out of a-z 0-9 _ -, such as press-1",
                   .size = sizeof(struct conf_name), .store = store_id},
    [CONF_ENUM] = {"word", "a word", .size = sizeof(int), .store = store_enum},
    [CONF_MAP] = {"map", "a map (key: value)", .shape = CONF_SHAPE_MAP},
    [CONF_LIST] = {"list of maps", "a list (- key: value)", .shape = CONF_SHAPE_LIST},
    [CONF_KEYED] = {"maps by id", "a map of ids (id: {key: value})", .shape = CONF_SHAPE_MAP},
    [CONF_SCALARS] = {"list", "a list ([a, b])", .shape = CONF_SHAPE_LIST},
    [CONF_PAIRS] = {"free map", "a map (name: value)", .shape = CONF_SHAPE_MAP},
};

const struct conf_kind *conf_kind_get(enum conf_type type) {
    return &kinds[type];
}
