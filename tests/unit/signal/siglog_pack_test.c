#include <criterion/criterion.h>

#include "base/hash.h"
#include "signal/siglog.h"

#define M(n) (INT64_C(60000) * (n))

static void expect_round_trip(const struct siglog_entry *e, size_t n) {
    struct buf b;
    struct siglog l;

    buf_init(&b);
    siglog_init(&l);
    cr_assert_eq(siglog_pack(e, n, &b), ERR_OK);
    cr_assert_eq(siglog_unpack(buf_span(&b), &l), ERR_OK);
    cr_assert_eq(l.n, n);
    for (size_t i = 0; i < n; i++)
        cr_expect_eq(siglog_order(&l.at[i], &e[i]), 0, "entry %zu", i);
    siglog_fini(&l);
    buf_fini(&b);
}

Test(siglog_pack, one_span_has_the_bytes_of_the_layout) {
    /* base z(3,600,000) = 7,200,000 = 56250 * 128; unit 12,000,000 = 93750 * 128;
     * token z(60,000) * 4 + 2 = 480,002 = (29 * 128 + 38) * 128 + 2; value z(1) = 2. */
    const struct siglog_entry e = {5, SIGLOG_SPAN, 0, M(60), M(61), 12000000, 0};
    const uint8_t want[] = {0x01, 0x01, 0x80, 0xba, 0xb7, 0x03, 0x05, 0x01, 0x01,
                            0x80, 0xb6, 0xdc, 0x05, 0x82, 0xa6, 0x1d, 0x02};
    struct buf b;

    buf_init(&b);
    cr_assert_eq(siglog_pack(&e, 1, &b), ERR_OK);
    cr_assert_eq(b.n, sizeof want + 4);
    cr_expect_arr_eq(b.p, want, sizeof want);
    buf_fini(&b);
}

Test(siglog_pack, every_kind_and_extreme_value_comes_back) {
    const struct siglog_entry e[] = {
        {0, SIGLOG_STATE, SIGLOG_TEXT, 0, 1, 77, 0},
        {0, SIGLOG_STATE, SIGLOG_TEXT, 1, 2, -5, 0},
        {0, SIGLOG_SPAN, 0, 100, 100, INT64_MIN, 0},
        {0, SIGLOG_SPAN, 0, 100, 200, 0, 0},
        {0, SIGLOG_SPAN, SIGLOG_RESET, -SIGLOG_TIME_LIMIT_MS, SIGLOG_TIME_LIMIT_MS, 1, 0},
        {7, SIGLOG_SLOT, 0, 10000, 20000, INT64_MAX, 0},
        {7, SIGLOG_SLOT, 0, 20000, 30000, INT64_MIN, 0},
        {7, SIGLOG_SLOT, 0, 30000, 40000, INT64_MAX, 0},
        {7, SIGLOG_EVENT, 0, 5, 5, 3000000, INT64_MIN},
        {UINT32_MAX, SIGLOG_ROW, SIGLOG_UNCERTAIN, 5, 9, 6000000, INT64_MAX},
        {3, SIGLOG_ROW, 0, 5, 9, 0, 0},
    };
    expect_round_trip(e, sizeof e / sizeof e[0]);
    expect_round_trip(NULL, 0);
}

Test(siglog_pack, an_hour_of_a_polled_counter_stays_under_eight_bytes_a_minute) {
    /* Polled each second at phase 137 ms: a span inside each minute and one over its edge. */
    struct siglog_entry e[120];
    struct buf b;

    for (int i = 0; i < 60; i++) {
        int64_t t = M(i) + 137;
        e[2 * i] =
            (struct siglog_entry){9, SIGLOG_SPAN, 0, t, t + 59000, (17 + i % 5) * 1000000, 0};
        e[2 * i + 1] = (struct siglog_entry){9, SIGLOG_SPAN, 0, t + 59000, t + 60000, 1000000, 0};
    }
    buf_init(&b);
    cr_assert_eq(siglog_pack(e, 120, &b), ERR_OK);
    cr_expect_leq(b.n, 60 * 8, "%zu bytes", b.n);
    buf_fini(&b);
    expect_round_trip(e, 120);
}

Test(siglog_pack, flipped_bytes_and_short_bytes_add_nothing) {
    const struct siglog_entry e[] = {
        {1, SIGLOG_STATE, 0, 0, 50, 3, 0},
        {1, SIGLOG_SPAN, 0, 0, 50, 3, 0},
        {1, SIGLOG_EVENT, 0, 50, 50, 3, 4},
    };
    struct buf b;
    struct siglog l;

    buf_init(&b);
    siglog_init(&l);
    cr_assert_eq(siglog_add(&l, &e[0]), ERR_OK);
    cr_assert_eq(siglog_pack(e, 3, &b), ERR_OK);
    for (size_t n = 0; n < b.n; n++)
        cr_expect_neq(siglog_unpack(span_of(b.p, n), &l), ERR_OK);
    for (size_t i = 0; i < b.n * 8; i++) {
        b.p[i / 8] = (uint8_t)(b.p[i / 8] ^ 1 << i % 8);
        cr_expect_eq(siglog_unpack(buf_span(&b), &l), ERR_CHECKSUM);
        b.p[i / 8] = (uint8_t)(b.p[i / 8] ^ 1 << i % 8);
    }
    cr_expect_eq(l.n, 1);
    siglog_fini(&l);
    buf_fini(&b);
}

static enum err unpack_sealed(const uint8_t *body, size_t n) {
    struct buf b;
    struct siglog l;

    buf_init(&b);
    siglog_init(&l);
    cr_assert_eq(buf_add(&b, body, n), ERR_OK);
    cr_assert_eq(buf_add_le32(&b, crc32c(buf_span(&b))), ERR_OK);
    enum err err = siglog_unpack(buf_span(&b), &l);
    cr_expect(err == ERR_OK || l.n == 0);
    siglog_fini(&l);
    buf_fini(&b);
    return err;
}

Test(siglog_pack, sealed_bytes_of_a_wrong_form_are_refused) {
    const uint8_t empty[] = {1, 0, 0};
    const uint8_t format[] = {2, 0, 0};
    const uint8_t trailing[] = {1, 0, 0, 0};
    /* one entry of a group that claims 2^35 entries */
    const uint8_t many[] = {1,    0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 1,
                            0xff, 0xff, 0xff, 0xff, 0x7f, 1,    3, 0};
    const uint8_t kind[] = {1, 1, 0, 0, 7, 1, 1, 3, 0};
    const uint8_t run_too_long[] = {1, 1, 0, 0, 1, 1, 1, 5, 0};
    const uint8_t backwards[] = {1, 1, 0, 0, 1, 1, 1, 1 << 2 | 2, 0}; /* length z(1) = -1 */
    const uint8_t unit_zero[] = {1, 1, 0, 0, 1, 1, 0, 3, 0};

    cr_expect_eq(unpack_sealed(empty, sizeof empty), ERR_OK);
    cr_expect_eq(unpack_sealed(format, sizeof format), ERR_FORMAT);
    cr_expect_eq(unpack_sealed(trailing, sizeof trailing), ERR_FORMAT);
    cr_expect_eq(unpack_sealed(many, sizeof many), ERR_FORMAT);
    cr_expect_eq(unpack_sealed(kind, sizeof kind), ERR_FORMAT);
    cr_expect_eq(unpack_sealed(run_too_long, sizeof run_too_long), ERR_FORMAT);
    cr_expect_eq(unpack_sealed(backwards, sizeof backwards), ERR_FORMAT);
    cr_expect_eq(unpack_sealed(unit_zero, sizeof unit_zero), ERR_FORMAT);
}

Test(siglog_pack, an_entry_that_is_not_legal_leaves_the_bytes_alone) {
    const struct siglog_entry e = {1, SIGLOG_SPAN, 0, 6, 5, 1, 0};
    struct buf b;

    buf_init(&b);
    cr_assert_eq(buf_add_byte(&b, 0x55), ERR_OK);
    cr_expect_eq(siglog_pack(&e, 1, &b), ERR_RANGE);
    cr_expect_eq(b.n, 1);
    buf_fini(&b);
}
