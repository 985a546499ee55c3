/* What was told of the minutes of an hour, and its form in the store. */
#include <criterion/criterion.h>

#include "base/hash.h"
#include "window/lives.h"

#define WHOLE ((UINT64_C(1) << 60) - 1)

static void there_and_back(const struct lives *l, struct lives *out, size_t *bytes) {
    struct buf b;
    buf_init(&b);
    cr_assert_eq(lives_pack(l, &b), ERR_OK);
    cr_assert_eq(lives_unpack(buf_span(&b), out), ERR_OK);
    *bytes = b.n;
    buf_fini(&b);
}

Test(lives, a_minute_is_provisional_then_settled_then_restated) {
    struct lives l = {.exists = 1 << 7};
    struct window w = {0};
    lives_get(&l, 100, 7, &w);
    cr_expect_eq(w.life, WINDOW_PROVISIONAL);
    cr_expect_eq(w.key.start_ms, 100 * UTC_HOUR_MS + 7 * UTC_MINUTE_MS);
    cr_expect_eq(w.end_ms - w.key.start_ms, UTC_MINUTE_MS);
    cr_expect_not(lives_closed(&l));
    cr_assert_eq(lives_tell(&l, 7, RESTATE_LATE_DATA), ERR_OK);
    lives_get(&l, 100, 7, &w);
    cr_expect_eq(w.life, WINDOW_SETTLED);
    cr_expect_eq(w.revision, 0);
    cr_expect_eq(w.cause, RESTATE_NONE, "it was not late to begin with");
    cr_expect(lives_closed(&l));
    l.changed = 1 << 7;
    cr_expect_not(lives_closed(&l));
    lives_get(&l, 100, 7, &w);
    cr_expect(w.changed);
    cr_assert_eq(lives_tell(&l, 7, RESTATE_LATE_DATA), ERR_OK);
    lives_get(&l, 100, 7, &w);
    cr_expect_eq(w.life, WINDOW_RESTATED);
    cr_expect_eq(w.revision, 1);
    cr_expect_eq(w.cause, RESTATE_LATE_DATA);
    cr_expect_not(w.changed);
    lives_fini(&l);
}

Test(lives, an_hour_that_was_told_once_takes_little) {
    struct lives l = {.exists = WHOLE, .settled = WHOLE}, back = {0};
    size_t bytes = 0;
    there_and_back(&l, &back, &bytes);
    /* Format, six varints of one byte, checksum. */
    cr_expect_eq(bytes, 11, "%zu", bytes);
    cr_expect_eq(back.exists, WHOLE);
    cr_expect_eq(back.settled, WHOLE);
    cr_expect_eq(back.changed, 0);
    cr_expect_null(back.told);
    lives_fini(&back);
}

Test(lives, revisions_and_causes_survive_the_store) {
    struct lives l = {.exists = 0xff, .settled = 0x0f, .fields = {5, 6, 7}}, back = {0};
    size_t bytes = 0;
    for (unsigned i = 0; i < 300; i++)
        cr_assert_eq(lives_tell(&l, 3, RESTATE_CORRECTION), ERR_OK);
    l.changed = 2;
    there_and_back(&l, &back, &bytes);
    struct window w = {0};
    lives_get(&back, 0, 3, &w);
    cr_expect_eq(w.revision, 300);
    cr_expect_eq(w.cause, RESTATE_CORRECTION);
    lives_get(&back, 0, 1, &w);
    cr_expect_eq(w.life, WINDOW_SETTLED);
    cr_expect(w.changed);
    lives_get(&back, 0, 5, &w);
    cr_expect_eq(w.life, WINDOW_PROVISIONAL);
    cr_expect_eq(back.exists, 0xff);
    cr_expect_eq(memcmp(&back.fields, &l.fields, sizeof l.fields), 0);
    lives_fini(&l);
    lives_fini(&back);
}

/* What is to be told, and why, is known after a crash, too. */
Test(lives, the_cause_of_what_is_to_be_told_survives_the_store) {
    struct lives l = {.exists = 3, .settled = 3, .changed = 2, .next_cause = RESTATE_CORRECTION};
    struct lives back = {0};
    size_t bytes = 0;
    there_and_back(&l, &back, &bytes);
    cr_expect_eq(back.next_cause, RESTATE_CORRECTION);
    cr_expect_eq(back.changed, 2);
    lives_fini(&back);
}

/* Minutes 0 and 1 exist, 1 was restated twice, for late data; 58 have no cells. */
Test(lives, hours_without_a_cause_are_read) {
    struct lives back = {0};
    struct buf b;
    buf_init(&b);
    buf_add_byte(&b, 2);
    buf_add_varint(&b, ((UINT64_C(1) << 60) - 1) & ~UINT64_C(3));
    for (int i = 0; i < 5; i++)
        buf_add_varint(&b, 0);
    buf_add_byte(&b, 1);
    buf_add_varint(&b, 2);
    buf_add_byte(&b, RESTATE_LATE_DATA);
    cr_assert_eq(buf_add_le32(&b, crc32c(buf_span(&b))), ERR_OK);
    cr_assert_eq(lives_unpack(buf_span(&b), &back), ERR_OK);
    cr_expect_eq(back.exists, 3);
    cr_expect_eq(back.settled, 3);
    cr_expect_eq(back.next_cause, RESTATE_NONE);
    cr_assert_not_null(back.told);
    cr_expect_eq(back.told->revision[1], 2);
    lives_fini(&back);
    buf_fini(&b);
}

Test(lives, damaged_bytes_are_refused_and_change_nothing) {
    struct lives l = {.exists = 0xff, .settled = 0x0f}, out = {.exists = 1};
    struct buf b;
    buf_init(&b);
    cr_assert_eq(lives_tell(&l, 2, RESTATE_LATE_DATA), ERR_OK);
    cr_assert_eq(lives_pack(&l, &b), ERR_OK);
    for (size_t i = 0; i < b.n; i++) {
        b.p[i] ^= 0x10;
        cr_expect_eq(lives_unpack(buf_span(&b), &out), ERR_CHECKSUM, "byte %zu", i);
        b.p[i] ^= 0x10;
    }
    for (size_t n = 0; n < b.n; n++)
        cr_expect_neq(lives_unpack(span_of(b.p, n), &out), ERR_OK, "%zu bytes", n);
    cr_expect_eq(out.exists, 1);
    buf_fini(&b);
    lives_fini(&l);
}

Test(lives, open_hours_sort_before_closed_ones_and_by_time) {
    uint8_t open[LIVES_KEY_BYTES], closed[LIVES_KEY_BYTES], later[LIVES_KEY_BYTES];
    lives_key_pack(false, 9, 500, open);
    lives_key_pack(true, 1, 400, closed);
    lives_key_pack(true, 1, 401, later);
    cr_expect(memcmp(open, closed, sizeof open) < 0);
    cr_expect(memcmp(closed, later, sizeof open) < 0);
    uint32_t node = 0;
    int64_t hour = 0;
    cr_assert_eq(lives_key_unpack(span_of(open, sizeof open), &node, &hour), ERR_OK);
    cr_expect_eq(node, 9);
    cr_expect_eq(hour, 500);
    closed[0] = 2;
    cr_expect_eq(lives_key_unpack(span_of(closed, sizeof closed), &node, &hour), ERR_FORMAT);
}
