#include "base/buf.h"

#include <criterion/criterion.h>

Test(buf, grows_and_keeps_what_was_added) {
    struct buf b;

    buf_init(&b);
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(buf_add_byte(&b, (uint8_t)i), ERR_OK);
    cr_assert_eq(b.n, 1000);
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(b.p[i], (uint8_t)i);
    buf_fini(&b);
    cr_assert_null(b.p);
}

Test(buf, formats_text_of_any_length) {
    struct buf b;

    buf_init(&b);
    cr_assert_eq(buf_addf(&b, "%s=%d", "n", 7), ERR_OK);
    cr_assert_eq(buf_addf(&b, "%300d", 1), ERR_OK);
    cr_assert_eq(b.n, 3 + 300);
    cr_assert(memcmp(b.p, "n=7 ", 4) == 0);
    cr_assert_eq(b.p[302], '1');
    buf_fini(&b);
}

Test(buf, failed_growth_keeps_the_content_and_refuses_more_until_reset) {
    struct buf b;

    buf_init(&b);
    cr_assert_eq(buf_add_str(&b, "kept"), ERR_OK);
    cr_assert_eq(buf_reserve(&b, SIZE_MAX), ERR_NOMEM);
    cr_assert(b.failed);
    cr_assert_eq(buf_add_byte(&b, 1), ERR_NOMEM);
    cr_assert(span_equal(buf_span(&b), span_str("kept")));
    buf_reset(&b);
    cr_assert_eq(buf_add_byte(&b, 1), ERR_OK);
    cr_assert_eq(b.n, 1);
    buf_fini(&b);
}

Test(buf, varint_bytes_are_leb128) {
    struct buf b;
    /* 300 = 0b10_0101100: low seven bits 0x2c with the flag, then 2. -3 is zigzag 5. */
    const uint8_t want[] = {0x00, 0x7f, 0x80, 0x01, 0xac, 0x02, 0x05};

    buf_init(&b);
    (void)buf_add_varint(&b, 0);
    (void)buf_add_varint(&b, 127);
    (void)buf_add_varint(&b, 128);
    (void)buf_add_varint(&b, 300);
    (void)buf_add_svarint(&b, -3);
    cr_assert(span_equal(buf_span(&b), span_of(want, sizeof want)));
    buf_fini(&b);
}

Test(buf, little_endian_words_have_their_low_byte_first) {
    struct buf b;
    const uint8_t want[] = {4, 3, 2, 1, 8, 7, 6, 5, 4, 3, 2, 1};

    buf_init(&b);
    (void)buf_add_le32(&b, 0x01020304);
    (void)buf_add_le64(&b, UINT64_C(0x0102030405060708));
    cr_assert(span_equal(buf_span(&b), span_of(want, sizeof want)));
    buf_fini(&b);
}

Test(cursor, takes_back_what_was_added) {
    static const int64_t values[] = {0, 1, -1, 63, -64, 64, INT64_MAX, INT64_MIN};
    const size_t n = sizeof values / sizeof values[0];
    struct buf b;

    buf_init(&b);
    for (size_t i = 0; i < n; i++) {
        (void)buf_add_svarint(&b, values[i]);
        (void)buf_add_varint(&b, (uint64_t)values[i]);
        (void)buf_add_le32(&b, (uint32_t)values[i]);
        (void)buf_add_le64(&b, (uint64_t)values[i]);
    }
    struct cursor c = cursor_of(buf_span(&b));
    for (size_t i = 0; i < n; i++) {
        int64_t sv;
        uint64_t v, w;
        uint32_t u;
        cr_assert_eq(cursor_take_svarint(&c, &sv), ERR_OK);
        cr_assert_eq(sv, values[i]);
        cr_assert_eq(cursor_take_varint(&c, &v), ERR_OK);
        cr_assert_eq(v, (uint64_t)values[i]);
        cr_assert_eq(cursor_take_le32(&c, &u), ERR_OK);
        cr_assert_eq(u, (uint32_t)values[i]);
        cr_assert_eq(cursor_take_le64(&c, &w), ERR_OK);
        cr_assert_eq(w, (uint64_t)values[i]);
    }
    cr_assert_eq(cursor_left(&c), 0);
    buf_fini(&b);
}

Test(cursor, failed_take_leaves_the_cursor_and_the_result_alone) {
    const uint8_t bytes[] = {0x80, 0x80, 0x80};
    struct cursor c = cursor_of(span_of(bytes, sizeof bytes));
    uint64_t v = 7;
    uint32_t u = 7;
    struct span s = span_of(bytes, 1);

    cr_assert_eq(cursor_take_varint(&c, &v), ERR_TRUNCATED);
    cr_assert_eq(cursor_take_le32(&c, &u), ERR_TRUNCATED);
    cr_assert_eq(cursor_take_span(&c, 4, &s), ERR_TRUNCATED);
    cr_assert_eq(v, 7);
    cr_assert_eq(u, 7);
    cr_assert_eq(s.n, 1);
    cr_assert_eq(cursor_left(&c), 3);
    cr_assert_eq(cursor_take_span(&c, 3, &s), ERR_OK);
    cr_assert_eq(s.n, 3);
}

Test(cursor, varint_beyond_64_bits_is_refused) {
    uint8_t bytes[11];
    uint64_t v;

    memset(bytes, 0x80, sizeof bytes);
    struct cursor c = cursor_of(span_of(bytes, sizeof bytes));
    cr_assert_eq(cursor_take_varint(&c, &v), ERR_FORMAT);
    bytes[9] = 2;
    cr_assert_eq(cursor_take_varint(&c, &v), ERR_FORMAT);
    bytes[9] = 1; /* bit 63 and nothing else */
    cr_assert_eq(cursor_take_varint(&c, &v), ERR_OK);
    cr_assert_eq(v, UINT64_C(1) << 63);
}

Test(cursor, empty_span_has_nothing_to_take) {
    struct cursor c = cursor_of(span_of(NULL, 0));
    uint8_t byte;
    struct span s;

    cr_assert_eq(cursor_left(&c), 0);
    cr_assert_eq(cursor_take_byte(&c, &byte), ERR_TRUNCATED);
    cr_assert_eq(cursor_take_span(&c, 0, &s), ERR_OK);
}
