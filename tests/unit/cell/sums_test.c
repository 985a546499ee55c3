#include <criterion/criterion.h>

#include "cell/sums.h"

static struct sums sample(void) {
    struct sums s = {0};
    s.q[QTY_TIME + CAT_PRODUCTION] = 60000;
    s.q[QTY_ENERGY + CAT_PRODUCTION] = INT64_MAX;
    s.q[QTY_SQ] = -1;
    s.q[QTY_STOPS] = INT64_MIN;
    s.priced_pq = 5;
    s.pri_pq = (i128)INT64_MAX * 1000000;
    s.pri_gq = -s.pri_pq;
    return s;
}

Test(sums, what_is_added_can_be_taken_away) {
    struct sums a = sample(), b = {0};
    b.q[QTY_PQ] = 7;
    b.pri_pq = 1;
    const struct sums old = b;
    a.q[QTY_STOPS] = 1;
    a.q[QTY_ENERGY + CAT_PRODUCTION] = 10;
    sums_add(&b, &a);
    cr_expect_not(sums_equal(&b, &old));
    sums_sub(&b, &a);
    cr_expect(sums_equal(&b, &old));
    cr_expect(sums_zero(&(struct sums){0}));
    cr_expect_not(sums_zero(&b));
}

/* A window takes cells in and out in any order; on the way a sum may pass what 64 bits hold. */
Test(sums, what_passes_64_bits_can_be_taken_away) {
    struct sums a = {0}, b = {0};
    a.q[QTY_TOTAL_ENERGY] = a.priced_pq = INT64_MAX;
    b.q[QTY_TOTAL_ENERGY] = b.priced_pq = 10;
    struct sums both = a;
    sums_add(&both, &b);
    sums_sub(&both, &a);
    cr_expect(sums_equal(&both, &b));
}

Test(sums, time_and_energy_are_sums_over_categories) {
    struct sums s = {0};
    for (int c = 0; c < CATEGORY_COUNT; c++) {
        s.q[QTY_TIME + c] = 1 << c;
        s.q[QTY_ENERGY + c] = 3 << c;
    }
    s.q[QTY_UNKNOWN_OFF] = 1000;
    s.q[QTY_ENERGY_GAP] = 1000;
    cr_expect_eq(sums_time(&s), 255);
    cr_expect_eq(sums_energy(&s), 765);
}

Test(sums, pack_and_unpack_return_the_same) {
    const struct sums s = sample();
    struct sums back = {0};
    struct buf b;
    buf_init(&b);
    cr_assert_eq(sums_pack(&s, &b), ERR_OK);
    cr_assert_eq(buf_add_byte(&b, 0x55), ERR_OK);
    struct cursor c = cursor_of(buf_span(&b));
    cr_assert_eq(sums_unpack(&c, &back), ERR_OK);
    cr_expect(sums_equal(&s, &back));
    cr_expect_eq(cursor_left(&c), 1u, "the cursor stands behind the sums");
    buf_fini(&b);
}

/* Written by hand: the sums of PRI stand at 0 and 1, pq at 33 (the three sums, 8 times, 2 of time,
 * 11 causes, 8 energies and the gap before it), however many quantities follow. One pair is its
 * step and zigzag 2 for 1, behind the number of pairs. */
Test(sums, stored_places_stay_as_they_are) {
    struct sums s = {0}, back = {0};
    struct buf b;
    buf_init(&b);
    s.q[QTY_PQ] = 1;
    s.pri_pq = s.pri_gq = 1;
    cr_assert_eq(sums_pack(&s, &b), ERR_OK);
    cr_expect_eq(b.n, 7u);
    cr_expect_eq(memcmp(b.p, "\x03\x00\x02\x00\x02\x1f\x02", 7), 0);
    struct cursor c = cursor_of(buf_span(&b));
    cr_assert_eq(sums_unpack(&c, &back), ERR_OK);
    cr_expect(sums_equal(&s, &back));
    buf_fini(&b);
}

Test(sums, nothing_is_one_byte) {
    struct sums s = {0}, back = sample();
    struct buf b;
    buf_init(&b);
    cr_assert_eq(sums_pack(&s, &b), ERR_OK);
    cr_expect_eq(b.n, 1u);
    struct cursor c = cursor_of(buf_span(&b));
    cr_assert_eq(sums_unpack(&c, &back), ERR_OK);
    cr_expect(sums_zero(&back));
    buf_fini(&b);
}

Test(sums, every_truncation_fails_and_changes_nothing) {
    const struct sums s = sample();
    struct buf b;
    buf_init(&b);
    cr_assert_eq(sums_pack(&s, &b), ERR_OK);
    for (size_t n = 0; n < b.n; n++) {
        struct cursor c = cursor_of(span_of(b.p, n));
        struct sums back = s;
        back.q[0] = 99;
        cr_expect_neq(sums_unpack(&c, &back), ERR_OK);
        cr_expect_eq(back.q[0], 99);
        cr_expect_eq(cursor_left(&c), n);
    }
    buf_fini(&b);
}

Test(sums, false_forms_are_refused) {
    /* A value of 0; an index beyond the last; more pairs than there are; 64-bit value too large. */
    static const uint8_t bad[][24] = {
        {1, 0, 0},
        {1, 0xff, 0x7f, 2},
        {0xff, 0x7f, 0, 2},
        {1, 3, 0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct cursor c = cursor_of(span_of(bad[i], sizeof bad[i]));
        struct sums s;
        cr_expect_eq(sums_unpack(&c, &s), ERR_FORMAT, "row %zu", i);
    }
}

Test(sums, every_quantity_has_its_own_name) {
    for (int i = 0; i < QTY_COUNT; i++) {
        cr_assert_not_null(qty_name((enum qty)i));
        for (int k = 0; k < i; k++)
            cr_expect_str_neq(qty_name((enum qty)i), qty_name((enum qty)k));
    }
    cr_expect_str_eq(qty_name((enum qty)(QTY_ENERGY + CAT_DELAY)), "energy_delay");
    cr_expect_str_eq(category_name(CAT_DOWN_NO_ORDER), "down_no_order");
    cr_expect_str_eq(cause_name(CAUSE_MICRO_STOP), "micro_stop");
    cr_expect_str_eq(cause_name((enum cause)77), "none");
}
