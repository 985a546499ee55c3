#include "base/hash.h"

#include <criterion/criterion.h>

/* RFC 3720, appendix B.4, gives the checksums as bytes in wire order (low byte first). */
Test(hash, crc32c_gives_the_values_of_rfc_3720) {
    uint8_t bytes[32];

    memset(bytes, 0, sizeof bytes);
    cr_assert_eq(crc32c(span_of(bytes, 32)), 0x8a9136aa);
    memset(bytes, 0xff, sizeof bytes);
    cr_assert_eq(crc32c(span_of(bytes, 32)), 0x62a8ab43);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = i;
    cr_assert_eq(crc32c(span_of(bytes, 32)), 0x46dd794e);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(31 - i);
    cr_assert_eq(crc32c(span_of(bytes, 32)), 0x113fdb5c);
}

Test(hash, crc32c_of_the_check_string_and_of_nothing) {
    cr_assert_eq(crc32c(span_str("123456789")), 0xe3069283); /* the catalogue's check value */
    cr_assert_eq(crc32c(span_of(NULL, 0)), 0);
}

Test(hash, crc32c_in_pieces_equals_the_whole) {
    const struct span all = span_str("the counter went from 999 to 1000");

    for (size_t cut = 0; cut <= all.n; cut++) {
        const uint32_t head = crc32c_more(0, span_of(all.p, cut));
        cr_assert_eq(crc32c_more(head, span_of(all.p + cut, all.n - cut)), crc32c(all));
    }
}

Test(hash, crc32c_is_the_same_with_and_without_the_instruction) {
    uint8_t bytes[67];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
    for (size_t n = 0; n <= sizeof bytes; n++)
        cr_assert_eq(crc32c_portable(span_of(bytes, n)), crc32c(span_of(bytes, n)));
}

Test(hash, crc32c_of_long_spans_is_the_same_with_and_without_the_instruction) {
    static uint8_t bytes[5000];
    uint32_t x = 1;

    for (size_t i = 0; i < sizeof bytes; i++) {
        x = x * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(x >> 24);
    }
    for (size_t n = 0; n + 8 <= sizeof bytes; n += n < 1600 ? 1 : 61) {
        const struct span s = span_of(bytes + n % 8, n);
        cr_assert_eq(crc32c_portable(s), crc32c(s), "%zu bytes", n);
        const uint32_t head = crc32c(span_of(s.p, n / 3));
        cr_assert_eq(crc32c_more(head, span_of(s.p + n / 3, n - n / 3)), crc32c(s));
    }
}

/* Landon Curt Noll's published test vectors for FNV-1a. */
Test(hash, fnv1a_gives_the_published_values) {
    cr_assert_eq(fnv1a32(span_str("")), 0x811c9dc5);
    cr_assert_eq(fnv1a32(span_str("a")), 0xe40c292c);
    cr_assert_eq(fnv1a32(span_str("foobar")), 0xbf9cf968);
    cr_assert_eq(fnv1a64(span_str("")), UINT64_C(0xcbf29ce484222325));
    cr_assert_eq(fnv1a64(span_str("a")), UINT64_C(0xaf63dc4c8601ec8c));
    cr_assert_eq(fnv1a64(span_str("foobar")), UINT64_C(0x85944171f73967e8));
}
