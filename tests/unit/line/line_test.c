#include <criterion/criterion.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "line/line.h"
#include "line/number.h"
#include "support/line_read.h"

static const char *text_of(struct buf *b) {
    buf_add_byte(b, 0);
    return (const char *)b->p;
}

Test(line, writes_measurement_tags_fields_and_stamp) {
    struct buf b = {0};
    struct line l;
    line_begin(&l, &b, "pb_unit");
    line_tag(&l, "site", span_str("hanoi"));
    line_tag(&l, "unit", span_str("press-1"));
    line_int(&l, "pq", -12);
    line_real(&l, "oee", 0.5);
    line_text(&l, "note", span_str("ok"));
    cr_expect_eq(line_end(&l, 1780272000000), ERR_OK);
    cr_expect_str_eq(text_of(&b), "pb_unit,site=hanoi,unit=press-1 pq=-12i,oee=0.5,note=\"ok\" "
                                  "1780272000000\n");
    buf_fini(&b);
}

/* Escapes as in InfluxDB's line protocol reference: comma and blank in measurements; comma, equals
 * and blank in keys and tag values; quote and backslash in texts. */
Test(line, escapes_what_has_a_meaning) {
    struct buf b = {0};
    struct line l;
    line_begin(&l, &b, "a b,c=d");
    line_tag(&l, "k =,", span_str("v =,\\x"));
    line_text(&l, "f,", span_str("say \"\\\" ,="));
    line_end(&l, 1);
    cr_expect_str_eq(text_of(&b),
                     "a\\ b\\,c=d,k\\ \\=\\,=v\\ \\=\\,\\x f\\,=\"say \\\"\\\\\\\" ,=\" 1\n");
    buf_fini(&b);
}

Test(line, leaves_out_what_the_format_cannot_carry) {
    struct buf b = {0};
    struct line l;
    line_begin(&l, &b, "m");
    line_tag(&l, "empty", span_str(""));
    line_tag(&l, "path", span_str("c:\\"));
    line_tag(&l, "lines", span_str("a\r\nb\x7f"));
    line_real(&l, "nan", NAN);
    line_real(&l, "inf", INFINITY);
    line_real(&l, "low", -INFINITY);
    line_int(&l, "n", 1);
    line_end(&l, 1);
    cr_expect_str_eq(text_of(&b), "m,path=c:/,lines=a\\ \\ b\\  n=1i 1\n");
    buf_fini(&b);
}

Test(line, a_line_without_fields_is_taken_back) {
    struct buf b = {0};
    struct line l;
    buf_add_str(&b, "before\n");
    line_begin(&l, &b, "m");
    line_real(&l, "x", NAN);
    cr_expect_eq(line_end(&l, 1), ERR_OK);
    cr_expect_str_eq(text_of(&b), "before\n");
    buf_fini(&b);
}

/* Any bytes as a tag's value: the line stays one line that reads back. */
Test(line, no_text_breaks_a_line) {
    uint32_t x = 3;
    for (int round = 0; round < 20000; round++) {
        struct buf b = {0};
        struct line l;
        struct line_read r;
        static const char odd[] = " ,=\\\"\n\rab/\t";
        char value[8];
        size_t n = 0;
        x = x * 1664525 + 1013904223; /* Numerical Recipes' generator */
        for (uint32_t bits = x >> 4; n < (x >> 28) % 8; bits >>= 3)
            value[n++] = odd[bits % (sizeof odd - 1)];
        line_begin(&l, &b, "m");
        line_tag(&l, "a", span_of(value, n));
        line_tag(&l, "b", span_str("end"));
        line_text(&l, "t", span_of(value, n));
        line_int(&l, "i", 7);
        cr_assert_eq(line_end(&l, 5), ERR_OK);
        struct span s = buf_span(&b);
        cr_assert_eq(line_read(&s, &r), ERR_OK, "%.*s", (int)b.n, (char *)b.p);
        cr_assert_eq(s.n, 0);
        cr_assert_str_eq(line_read_tag(&r, "b"), "end");
        cr_assert_str_eq(line_read_field(&r, "i"), "7i");
        cr_assert_eq(r.tag_n, n ? 2 : 1);
        buf_fini(&b);
    }
}

static void expect_real(double x, const char *want) {
    char text[NUMBER_TEXT + 1];
    text[number_real(x, text)] = '\0';
    cr_expect_str_eq(text, want);
}

/* The shortest decimals of well-known doubles. */
Test(number, writes_the_shortest_text) {
    expect_real(0, "0");
    expect_real(-0.0, "0");
    expect_real(1, "1");
    expect_real(-3, "-3");
    expect_real(0.1, "0.1");
    expect_real(0.3, "0.3");
    expect_real(0.1 + 0.2, "0.30000000000000004");
    expect_real(1.0 / 3, "0.3333333333333333");
    expect_real(-2.0 / 3, "-0.6666666666666666");
    expect_real(123456789.125, "123456789.125");
    expect_real(0.25, "0.25");
    expect_real(0.00001, "0.00001");
    expect_real(0.000009, "9e-06");
    expect_real(0.000012, "0.000012");
    expect_real(9007199254740993.0, "9007199254740992");
    expect_real(1e22, "1e+22");
    expect_real(DBL_MAX, "1.7976931348623157e+308");
    expect_real(5e-324, "5e-324");
}

Test(number, writes_integers_to_their_ends) {
    char text[NUMBER_TEXT + 1];
    text[number_int(INT64_MIN, text)] = '\0';
    cr_expect_str_eq(text, "-9223372036854775808");
    text[number_int(INT64_MAX, text)] = '\0';
    cr_expect_str_eq(text, "9223372036854775807");
    text[number_int(0, text)] = '\0';
    cr_expect_str_eq(text, "0");
}

static size_t digits_of(const char *text) {
    size_t n = 0, zeros = 0;
    bool begun = false;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9')
            continue;
        begun |= *text != '0';
        zeros = *text == '0' ? zeros + 1 : 0;
        n += begun;
    }
    return n - (zeros < n ? zeros : 0);
}

/* Against the C library: it reads back, and no fewer digits of printf would have read back. */
Test(number, agrees_with_the_c_library_on_random_doubles) {
    uint64_t x = 88172645463325252;
    for (int i = 0; i < 200000; i++) {
        char text[NUMBER_TEXT + 1], other[400];
        x ^= x << 13; /* Marsaglia's xorshift64 */
        x ^= x >> 7;
        x ^= x << 17;
        double v = ldexp((double)(x >> 11), (int)(x % 70) - 85);
        if (i % 4 == 0)
            v = (double)(x % 3600000) / (double)(1 + (x >> 32) % 3600000);
        if (v == 0)
            continue;
        text[number_real(v, text)] = '\0';
        cr_assert(strtod(text, NULL) == v, "%s is not %a", text, v);
        size_t n = digits_of(text);
        if (n > 1) {
            snprintf(other, sizeof other, "%.*g", (int)n - 1, v);
            cr_assert(strtod(other, NULL) != v, "%s, yet %s", text, other);
        }
    }
}
