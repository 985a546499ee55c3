#include "base/decimal.h"

#include <assert.h>

enum { PLACES_MAX = 9, DIGITS_MAX = 36, EXPONENT_MAX = 9999 };

/* A number as read: digits * 10^exponent. */
struct number {
    bool negative;
    i128 digits;
    int exponent;
};

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

/* Takes digits from text[*at]; those beyond DIGITS_MAX only count for the exponent, which is exact
 * for the truncated int64 that is wanted. Returns how many were seen. */
static size_t number_digits(struct number *v, struct span text, size_t *at, bool fraction) {
    static const i128 limit =
        (i128)1000000000000000000 * 100000000000000000; /* 10^(DIGITS_MAX-1) */
    const size_t start = *at;

    for (; *at < text.n && is_digit(text.p[*at]); ++*at) {
        if (v->digits >= limit) {
            v->exponent += fraction || v->exponent >= EXPONENT_MAX ? 0 : 1;
            continue;
        }
        v->digits = v->digits * 10 + (text.p[*at] - '0');
        v->exponent -= fraction && v->exponent > -EXPONENT_MAX ? 1 : 0;
    }
    return *at - start;
}

static enum err number_exponent(struct number *v, struct span text, size_t at) {
    bool negative = false;
    int sum = 0;

    if (at < text.n && (text.p[at] == '-' || text.p[at] == '+'))
        negative = text.p[at++] == '-';
    if (at == text.n)
        return ERR_FORMAT;
    for (; at < text.n; at++) {
        if (!is_digit(text.p[at]))
            return ERR_FORMAT;
        if (sum < EXPONENT_MAX)
            sum = sum * 10 + (text.p[at] - '0');
    }
    v->exponent += negative ? -sum : sum;
    return ERR_OK;
}

static enum err number_parse(struct span text, struct number *v) {
    size_t at = 0, seen;

    if (text.n > 0 && (text.p[0] == '-' || text.p[0] == '+'))
        v->negative = text.p[at++] == '-';
    seen = number_digits(v, text, &at, false);
    if (at < text.n && text.p[at] == '.') {
        at++;
        seen += number_digits(v, text, &at, true);
    }
    if (seen == 0)
        return ERR_FORMAT;
    if (at == text.n)
        return ERR_OK;
    if (text.p[at] != 'e' && text.p[at] != 'E')
        return ERR_FORMAT;
    return number_exponent(v, text, at + 1);
}

enum err decimal_parse(struct span text, int places, int64_t *out) {
    struct number v = {0};
    const enum err e = number_parse(text, &v);

    assert(places >= 0 && places <= PLACES_MAX); /* callers pass a constant */
    if (e != ERR_OK)
        return e;
    const i128 bound = v.negative ? -(i128)INT64_MIN : (i128)INT64_MAX;
    int shift = v.exponent + places;
    for (; shift < 0 && v.digits > 0; shift++)
        v.digits /= 10;
    for (; shift > 0 && v.digits > 0 && v.digits <= bound; shift--)
        v.digits *= 10;
    if (v.digits > bound)
        return ERR_RANGE;
    *out = (int64_t)(v.negative ? -v.digits : v.digits);
    return ERR_OK;
}

/* Writes the digits of v backwards, at least `least` of them, and gives the new end. */
static char *put_backwards(char *at, uint64_t v, int least) {
    for (int i = 0; i < least || v > 0; i++, v /= 10)
        *at++ = (char)('0' + (int)(v % 10));
    return at;
}

void decimal_format(int64_t v, int places, char *text) {
    char reverse[24], *end = reverse;
    uint64_t whole = v < 0 ? -(uint64_t)v : (uint64_t)v, unit = 1;

    assert(places >= 0 && places <= PLACES_MAX); /* callers pass a constant */
    for (int i = 0; i < places; i++)
        unit *= 10;
    uint64_t fraction = whole % unit;
    whole /= unit;
    for (; places > 0 && fraction % 10 == 0; places--)
        fraction /= 10;
    if (places > 0) {
        end = put_backwards(end, fraction, places);
        *end++ = '.';
    }
    end = put_backwards(end, whole, 1);
    if (v < 0)
        *text++ = '-';
    while (end > reverse)
        *text++ = *--end;
    *text = '\0';
}

static i128 floor_div(i128 a, i128 b) {
    const i128 q = a / b;

    return a % b < 0 ? q - 1 : q;
}

enum err decimal_scale(int64_t x, int64_t num, int64_t den, int64_t *out) {
    assert(den > 0); /* callers have checked the divisor */
    const i128 q = floor_div((i128)x * num, den);
    if (q > INT64_MAX || q < INT64_MIN)
        return ERR_RANGE;
    *out = (int64_t)q;
    return ERR_OK;
}

/* Finds the largest remainder that comes after (rest, index) in the order "larger rest, then lower
 * index"; needs no memory for a sorted copy. */
static size_t split_next(int64_t total, const int64_t *weight, size_t n, i128 sum, i128 *rest,
                         size_t index) {
    size_t best = n;
    i128 best_rest = -1;

    for (size_t i = 0; i < n; i++) {
        const i128 product = (i128)total * weight[i];
        const i128 r = product - floor_div(product, sum) * sum;
        const bool after = r < *rest || (r == *rest && i > index && index < n);
        if (after && r > best_rest) {
            best = i;
            best_rest = r;
        }
    }
    *rest = best_rest;
    return best;
}

void decimal_split(int64_t total, const int64_t *weight, size_t n, int64_t *part) {
    i128 sum = 0, left = total;

    assert(n >= 1); /* there is always a part to give to */
    for (size_t i = 0; i < n; i++)
        sum += weight[i];
    for (size_t i = 0; i < n; i++) {
        part[i] = sum > 0 ? (int64_t)floor_div((i128)total * weight[i], sum) : 0;
        left -= part[i];
    }
    if (sum == 0) {
        part[0] = total;
        return;
    }
    i128 rest = sum;
    size_t index = n;
    for (; left > 0; left--) {
        index = split_next(total, weight, n, sum, &rest, index);
        assert(index < n); /* floors miss less than one each, so fewer than n are left */
        part[index]++;
    }
}
