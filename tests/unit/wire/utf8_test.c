#include "wire/utf8.h"

#include <criterion/criterion.h>

/* The borders are those of RFC 3629 section 4. */
Test(utf8, legal_texts) {
    static const char *const good[] = {
        "",
        "plain ~",
        "\xc2\xa0",         /* U+00A0, first after the C1 controls */
        "\xdf\xbf",         /* U+07FF */
        "\xe0\xa0\x80",     /* U+0800 */
        "\xed\x9f\xbf",     /* U+D7FF, last before the surrogates */
        "\xee\x80\x80",     /* U+E000 */
        "\xf0\x90\x80\x80", /* U+10000 */
        "\xf4\x8f\xbf\xbf", /* U+10FFFF */
        "M\xc3\xa1y 1",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        cr_assert(utf8_check(span_str(good[i])), "row %zu", i);
    }
}

Test(utf8, illegal_texts) {
    static const struct span bad[] = {
        {(const uint8_t *)"\0", 1},
        {(const uint8_t *)"\x1f", 1},
        {(const uint8_t *)"\x7f", 1},
        {(const uint8_t *)"\xc2\x80", 2},         /* U+0080 */
        {(const uint8_t *)"\xc2\x9f", 2},         /* U+009F */
        {(const uint8_t *)"\x80", 1},             /* a continuation alone */
        {(const uint8_t *)"\xc0\xaf", 2},         /* overlong */
        {(const uint8_t *)"\xe0\x9f\xbf", 3},     /* overlong */
        {(const uint8_t *)"\xed\xa0\x80", 3},     /* surrogate */
        {(const uint8_t *)"\xf0\x8f\xbf\xbf", 4}, /* overlong */
        {(const uint8_t *)"\xf4\x90\x80\x80", 4}, /* above U+10FFFF */
        {(const uint8_t *)"\xf5\x80\x80\x80", 4},
        {(const uint8_t *)"\xc3", 1}, /* cut */
        {(const uint8_t *)"\xe2\x82", 2},
        {(const uint8_t *)"\xe2\x82x", 3},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_not(utf8_check(bad[i]), "row %zu", i);
    }
}

/* 5 bytes and the NUL: the fourth character, of 3 bytes, has no room. */
Test(utf8, put_cuts_at_a_character_and_shows_what_it_may) {
    char text[6];
    utf8_put(text, sizeof text, span_str("ab\xe2\x82\xac\xe2\x82\xac"));
    cr_expect_str_eq(text, "ab\xe2\x82\xac");
    utf8_put(text, sizeof text, span_str("a\n\xff\x7f"));
    cr_expect_str_eq(text, "a???");
    utf8_put(text, sizeof text, span_str("\xe2\x82"));
    cr_expect_str_eq(text, "??");
    utf8_put(text, sizeof text, span_str(""));
    cr_expect_str_eq(text, "");
    utf8_put(text, 1, span_str("a"));
    cr_expect_str_eq(text, "");
    cr_expect(utf8_check(span_str(text)));
}
