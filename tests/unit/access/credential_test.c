#include <criterion/criterion.h>

#include "access/credential.h"

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static bool cookie_is(const char *head, const char *value) {
    struct span s = {0};
    if (!credential_cookie(span_str(head), "pb", &s))
        return value == NULL;
    return value && span_equal(s, span_str(value));
}

Test(credential, a_cookie_is_found_by_its_whole_name) {
    cr_expect(cookie_is("pb=1", "1"));
    cr_expect(cookie_is("a=b; pb=1; c=d", "1"));
    cr_expect(cookie_is("a=b;pb=1", "1"));
    cr_expect(cookie_is("  pb = 1 ", "1"));
    cr_expect(cookie_is("pb=", ""));
    cr_expect(cookie_is("pb=a=b", "a=b"));
    cr_expect(cookie_is("pb=1; pb=2", "1"));
    cr_expect(cookie_is("xpb=1; pbx=2; PB=3", NULL));
    cr_expect(cookie_is("a=pb=1", NULL));
    cr_expect(cookie_is("pb", NULL));
    cr_expect(cookie_is("pb; pb=2", "2"));
    cr_expect(cookie_is(";;;", NULL));
    cr_expect(cookie_is("", NULL));
}

Test(credential, a_head_of_thousands_is_not_walked_to_its_end) {
    char head[8 * CREDENTIAL_WALK_MAX + 16] = "";
    for (unsigned i = 0; i < CREDENTIAL_WALK_MAX; i++)
        strcat(head, "a=b;");
    strcat(head, "pb=1");
    cr_expect(cookie_is(head, NULL));
    cr_expect(cookie_is(head + 4, "1"));
}

static bool bearer_is(const char *head, const char *token) {
    struct span s = {0};
    if (!credential_bearer(span_str(head), &s))
        return token == NULL;
    return token && span_equal(s, span_str(token));
}

Test(credential, a_bearer_token_stands_behind_its_scheme) {
    cr_expect(bearer_is("Bearer x", "x"));
    cr_expect(bearer_is("bearer  x ", "x"));
    cr_expect(bearer_is("BEARER\tx", "x"));
    cr_expect(bearer_is("Bearer", NULL));
    cr_expect(bearer_is("Bearer ", NULL));
    cr_expect(bearer_is("Bearerx y", NULL));
    cr_expect(bearer_is("Basic x", NULL));
    cr_expect(bearer_is("", NULL));
}

Test(credential, a_secret_is_64_digits_in_lower_case_and_comes_back) {
    uint8_t secret[SECRET_BYTES];
    char text[SECRET_TEXT];
    cr_assert(secret_parse(span_str(HEX), secret));
    cr_expect_eq(secret[0], 0x00);
    cr_expect_eq(secret[1], 0x11);
    cr_expect_eq(secret[15], 0xff);
    secret_format(secret, text);
    cr_expect_str_eq(text, HEX);
}

Test(credential, whatever_else_stands_there_is_no_secret) {
    uint8_t secret[SECRET_BYTES];
    memset(secret, 7, sizeof secret);
    cr_expect_not(secret_parse(span_of(HEX, 63), secret));
    cr_expect_not(secret_parse(span_str(HEX "0"), secret));
    cr_expect_not(secret_parse(span_str(""), secret));
    for (unsigned c = 0; c < 256; c++) {
        const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        for (unsigned at = 0; at < 2; at++) {
            char text[] = HEX;
            uint8_t out[SECRET_BYTES] = {0};
            text[at] = (char)c;
            cr_expect_eq(secret_parse(span_of(text, 64), out), is_digit, "%u at %u", c, at);
        }
    }
    cr_expect_eq(secret[0], 7, "untouched");
}
