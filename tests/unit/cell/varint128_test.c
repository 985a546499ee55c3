/* The quick way of a number and the long one say the same. */
#include <criterion/criterion.h>

#include "cell/varint128.h"

/* Of what stands in buf; eight bytes of it are there. */
static void expect_same(const struct buf *buf, int64_t v, bool near) {
    struct cursor quick = cursor_of(buf_span(buf)), slow = quick;
    int64_t got = 0;
    i128 wide = 0;
    cr_expect_eq(varint128_take_near(&quick, &got), near, "%lld", (long long)v);
    cr_assert_eq(varint128_take(&slow, &wide), ERR_OK);
    cr_expect(wide == v);
    cr_expect(!near || (got == v && quick.p == slow.p), "%lld", (long long)v);
}

/* Zigzag doubles: eight bytes of seven bits end at 2^55. 0 goes the long way. */
Test(varint128, numbers_up_to_eight_bytes_are_taken_quickly) {
    struct buf buf;
    buf_init(&buf);
    for (unsigned bit = 0; bit < 63; bit++)
        for (int64_t by = -1; by <= 1; by++)
            for (int sign = -1; sign <= 1; sign += 2) {
                const int64_t v = sign * ((INT64_C(1) << bit) + by);
                const bool near = v != 0 && v >= -(INT64_C(1) << 55) && v < INT64_C(1) << 55;
                buf.n = 0;
                cr_assert_eq(varint128_add(&buf, v), ERR_OK);
                cr_assert_eq(buf_add(&buf, "\xff\xff\xff\xff\xff\xff\xff\xff", 8), ERR_OK);
                expect_same(&buf, v, near);
            }
    buf_fini(&buf);
}

static bool is_near(const char *bytes, size_t n) {
    struct cursor c = cursor_of(span_of(bytes, n));
    int64_t v = 0;
    const bool near = varint128_take_near(&c, &v);
    cr_expect(near || c.p == (const uint8_t *)bytes);
    return near;
}

Test(varint128, what_is_short_long_or_has_a_second_form_is_left_to_the_long_way) {
    cr_expect(is_near("\x81\x01\xff\xff\xff\xff\xff\xff", 8));
    cr_expect(!is_near("\x81\x01\xff\xff\xff\xff\xff", 7));     /* fewer than it looks at */
    cr_expect(!is_near("\x81\x00\xff\xff\xff\xff\xff\xff", 8)); /* 1 in two bytes */
    cr_expect(!is_near("\xff\xff\xff\xff\xff\xff\xff\xff", 8));
}
