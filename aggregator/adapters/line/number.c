/* A double x = m * 2^e stands for every decimal between (2m - 1) * 2^(e-1) and (2m + 1) * 2^(e-1).
 * From 1e-5 to 1e15 both ends times 10^p, p <= 21, are integers of at most 126 bits over a power of
 * two, so the shortest decimal between them is found in whole numbers, with no rounding anywhere:
 * p makes 17 digits, then digits are dropped as long as a number is left between the ends. What
 * lies outside that range, and powers of two (their lower gap is half as wide), take the slow way.
 */
#include "line/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;

enum { DIGITS = 17 };
#define MANTISSA ((UINT64_C(1) << 52) - 1)

static const uint64_t ten[] = {UINT64_C(1),
                               UINT64_C(10),
                               UINT64_C(100),
                               UINT64_C(1000),
                               UINT64_C(10000),
                               UINT64_C(100000),
                               UINT64_C(1000000),
                               UINT64_C(10000000),
                               UINT64_C(100000000),
                               UINT64_C(1000000000),
                               UINT64_C(10000000000),
                               UINT64_C(100000000000),
                               UINT64_C(1000000000000),
                               UINT64_C(10000000000000),
                               UINT64_C(100000000000000),
                               UINT64_C(1000000000000000),
                               UINT64_C(10000000000000000),
                               UINT64_C(100000000000000000),
                               UINT64_C(1000000000000000000)};

static unsigned digits_in(uint64_t v) {
    unsigned n = 1;
    while (n < 19 && v >= ten[n])
        n++;
    return n;
}

/* Writes v, v < 1e19, in at least `least` digits, two at a time from the end. */
static size_t put_digits(uint64_t v, unsigned least, char *text) {
    static const char pair[] = "00010203040506070809101112131415161718192021222324"
                               "25262728293031323334353637383940414243444546474849"
                               "50515253545556575859606162636465666768697071727374"
                               "75767778798081828384858687888990919293949596979899";
    unsigned n = digits_in(v);
    if (n < least)
        n = least;
    unsigned at = n;
    for (; at >= 2; v /= 100) {
        at -= 2;
        memcpy(text + at, pair + 2 * (v % 100), 2);
    }
    if (at)
        text[0] = (char)('0' + v);
    return n;
}

size_t number_int(int64_t v, char text[NUMBER_TEXT]) {
    size_t n = 0;
    if (v < 0)
        text[n++] = '-';
    return n + put_digits(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 1, text + n);
}

static size_t slow(double x, char text[NUMBER_TEXT]) {
    int n = 0;
    for (int digits = 1; digits <= DIGITS; digits++) {
        n = snprintf(text, NUMBER_TEXT, "%.*g", digits, x);
        if (strtod(text, NULL) == x)
            break;
    }
    return (size_t)n;
}

/* v / 10^places, v without trailing zeros unless places is 0. */
static size_t put_decimal(uint64_t v, int places, char *text) {
    if (places <= 0)
        return put_digits(v, 1, text);
    char digits[24];
    size_t n = put_digits(v, (unsigned)places + 1, digits), whole = n - (size_t)places;
    memcpy(text, digits, whole);
    text[whole] = '.';
    memcpy(text + whole + 1, digits + whole, (size_t)places);
    return n + 1;
}

static u128 scaled(uint64_t v, int p) {
    u128 r = v;
    if (p > 18) {
        r *= ten[p - 18];
        p = 18;
    }
    return r * ten[p];
}

/* Decimals that make 17 digits of 1e-5 <= x < 1e15. */
static int places_for(double x) {
    static const double low[] = {1e-5, 1e-4, 1e-3, 1e-2, 1e-1};
    int k = 0;
    if (x >= 1) {
        while (k < 14 && x >= (double)ten[k + 1])
            k++;
        return DIGITS - 1 - k;
    }
    k = -5;
    while (k < -1 && x >= low[k + 6])
        k++;
    return DIGITS - 1 - k;
}

static size_t shortest(double x, char *text) {
    int p = places_for(x), dropped = 0;
    uint64_t bits = 0;
    memcpy(&bits, &x, sizeof bits); /* IEEE 754 binary64, normal, positive */
    uint64_t m = (bits & MANTISSA) | (MANTISSA + 1);
    unsigned shift = 1 - ((unsigned)(bits >> 52) - 1075); /* ends are over 2^shift */
    u128 from = scaled(2 * m - 1, p), to = scaled(2 * m + 1, p), mask = ((u128)1 << shift) - 1;
    uint64_t odd = m & 1; /* an even m owns both ends: reading rounds to even */
    uint64_t lo = (uint64_t)(from >> shift) + ((from & mask) != 0 || odd);
    uint64_t hi = (uint64_t)(to >> shift) - ((to & mask) == 0 && odd);
    uint64_t at = (uint64_t)((scaled(2 * m, p) + (mask >> 1) + 1) >> shift); /* x, nearest */
    while (hi / 10 >= lo / 10 + (lo % 10 != 0)) {
        lo = lo / 10 + (lo % 10 != 0);
        hi /= 10;
        dropped++;
    }
    at = (at + ten[dropped] / 2) / ten[dropped];
    at = at < lo ? lo : at > hi ? hi : at;
    return put_decimal(at, p - dropped, text);
}

size_t number_real(double x, char text[NUMBER_TEXT]) {
    size_t n = 0;
    double size = fabs(x);
    int e = 0;
    if (x == 0) { /* no sign: -0 and 0 are one value to a database */
        text[0] = '0';
        return 1;
    }
    if (size < 1e15 && size == (double)(int64_t)size)
        return number_int((int64_t)x, text);
    if (size < 1e-5 || size >= 1e15 || frexp(size, &e) == 0.5)
        return slow(x, text);
    if (x < 0)
        text[n++] = '-';
    return n + shortest(size, text + n);
}
