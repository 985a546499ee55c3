#include "conf/number.h"

#include "base/decimal.h"
#include "base/utc.h"

enum { DECIMALS_MAX = 9, MILLION = 1000000, HEX_DIGITS_MAX = 15, UNITS_MAX = 16 };

struct parts {
    struct span number; /* sign, digits and at most one point */
    struct span unit;   /* what follows, without the blanks between */
    int decimals;
};

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

static bool split(struct span text, struct parts *p) {
    size_t at = 0, digits = 0;
    bool point = false;

    *p = (struct parts){0};
    if (text.n > 0 && (text.p[0] == '-' || text.p[0] == '+'))
        at++;
    for (; at < text.n && (is_digit(text.p[at]) || (text.p[at] == '.' && !point)); at++) {
        if (text.p[at] == '.') {
            point = true;
            continue;
        }
        digits++;
        p->decimals += point && p->decimals <= DECIMALS_MAX ? 1 : 0;
    }
    p->number = span_of(text.p, at);
    while (at < text.n && text.p[at] == ' ')
        at++;
    p->unit = span_of(text.p + at, text.n - at);
    return digits > 0;
}

static enum err no_unit(const struct conf_row *row, const struct conf_kind *kind, struct span unit,
                        struct conf_why *why) {
    char list[64] = "";
    size_t n = 0;

    if (kind->units == NULL && row->unit == NULL) {
        conf_why_set(why, "is a number with something behind it; expected %s", kind->expect);
        return ERR_FORMAT;
    }
    for (size_t i = 0; kind->units != NULL && kind->units[i].word != NULL; i++) {
        const char *word = kind->units[i].word;
        const size_t length = strlen(word);
        if (n + length + 3 > sizeof list)
            break;
        if (i > 0) {
            list[n++] = ',';
            list[n++] = ' ';
        }
        memcpy(list + n, word, length + 1);
        n += length;
    }
    if (unit.n == 0)
        conf_why_set(why, "has no unit; expected %s (units: %s)", kind->expect, list);
    else
        conf_why_set(why, "has an unknown unit; expected %s (units: %s)", kind->expect,
                     kind->units == NULL ? row->unit : list);
    return ERR_FORMAT;
}

/* Finds what one of the written unit is worth; 0 if it may not stand here. */
static int64_t factor_of(const struct conf_row *row, enum conf_type type, struct span unit) {
    const struct conf_unit *u = conf_kind_get(type)->units;

    if (u == NULL) {
        const bool fits =
            unit.n == 0 || (row->unit != NULL && span_equal(unit, span_str(row->unit)));
        if (!fits)
            return 0;
        return type == CONF_AMOUNT ? MILLION : 1;
    }
    for (; u->word != NULL; u++)
        if (span_equal(unit, span_str(u->word)))
            return u->factor;
    return 0;
}

static enum err scale(const struct conf_row *row, enum conf_type type, const struct parts *p,
                      int64_t factor, int64_t *out, struct conf_why *why) {
    int64_t digits, v, power = 1;
    enum err e = ERR_OK;

    for (int i = 0; i < p->decimals; i++)
        power *= 10;
    e = decimal_parse(p->number, p->decimals, &digits);
    if (e == ERR_OK)
        e = decimal_scale(digits, factor, power, &v);
    if (e != ERR_OK)
        return e;
    if ((i128)v * power != (i128)digits * factor) {
        const struct conf_unit *units = conf_kind_get(type)->units;
        conf_why_set(why, "is too fine: the smallest step is %s%s",
                     type == CONF_AMOUNT ? "0.000001" : "1 ",
                     units != NULL ? units[0].word
                                   : (row->unit != NULL && type == CONF_INT ? row->unit : ""));
        return ERR_FORMAT;
    }
    *out = v;
    return ERR_OK;
}

static bool is_hex(struct span text) {
    return text.n > 2 && text.p[0] == '0' && (text.p[1] == 'x' || text.p[1] == 'X');
}

static enum err parse_hex(struct span text, int64_t *out) {
    int64_t v = 0;

    if (text.n > 2 + HEX_DIGITS_MAX)
        return ERR_RANGE;
    for (size_t i = 2; i < text.n; i++) {
        const uint8_t c = text.p[i] | 0x20;
        if (!is_digit(c) && (c < 'a' || c > 'f'))
            return ERR_FORMAT;
        v = v * 16 + (is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    *out = v;
    return ERR_OK;
}

enum err conf_number_parse(const struct conf_row *row, enum conf_type type, struct span text,
                           int64_t *out, struct conf_why *why) {
    struct parts p;

    if (type == CONF_INT && is_hex(text))
        return parse_hex(text, out);
    if (!split(text, &p))
        return ERR_FORMAT;
    if (p.decimals > DECIMALS_MAX) {
        conf_why_set(why, "has more than 9 decimals");
        return ERR_FORMAT;
    }
    int64_t factor = factor_of(row, type, p.unit);
    int64_t digits = 1;
    /* Nothing is nothing in every unit. */
    if (factor == 0 && p.unit.n == 0 && decimal_parse(p.number, DECIMALS_MAX, &digits) == ERR_OK &&
        digits == 0)
        factor = 1;
    if (factor == 0)
        return no_unit(row, conf_kind_get(type), p.unit, why);
    return scale(row, type, &p, factor, out, why);
}

static enum err format_units(const struct conf_unit *units, int64_t v, struct buf *out) {
    const struct conf_unit *best = units;

    for (const struct conf_unit *u = units; u->word != NULL; u++)
        if (v % u->factor == 0 && v != 0)
            best = u;
    return buf_addf(out, "%lld %s", (long long)(v / best->factor), best->word);
}

static enum err format_stamp(enum conf_type type, int64_t v, struct buf *out) {
    char text[UTC_TEXT];

    if (type == CONF_TIME_OF_DAY)
        return buf_addf(out, "%02lld:%02lld", (long long)(v / 60), (long long)(v % 60));
    utc_format(v, text);
    return buf_addf(out, "%.*s", type == CONF_DATE ? (int)strcspn(text, "T") : (int)strlen(text),
                    text);
}

enum err conf_number_format(const struct conf_row *row, enum conf_type type, int64_t v,
                            struct buf *out) {
    const struct conf_kind *kind = conf_kind_get(type);
    char text[24];

    if (kind->units != NULL)
        return format_units(kind->units, v, out);
    if (type != CONF_INT && type != CONF_AMOUNT)
        return format_stamp(type, v, out);
    decimal_format(v, type == CONF_AMOUNT ? 6 : 0, text);
    return buf_addf(out, "%s%s%s", text, row->unit != NULL ? " " : "",
                    row->unit != NULL ? row->unit : "");
}

enum err conf_range_format(const struct conf_row *row, enum conf_type type, size_t size,
                           struct buf *out) {
    const int64_t most = size >= 8 ? INT64_MAX : (INT64_C(1) << (size * 8 - 1)) - 1;
    int64_t low, high;

    conf_limits_get(row, type, size, &low, &high);
    const bool any_low = low <= -most, any_high = high >= most && row->max == 0;
    if (any_low && any_high)
        return ERR_OK;
    if (any_high) {
        (void)buf_add_str(out, "at least ");
        return conf_number_format(row, type, low, out);
    }
    if (any_low)
        (void)buf_add_str(out, "at most ");
    else {
        (void)conf_number_format(row, type, low, out);
        (void)buf_add_str(out, " to ");
    }
    return conf_number_format(row, type, high, out);
}
