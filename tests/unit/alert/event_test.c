#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "alert/event.h"
#include "base/hash.h"

static struct alert_event sample(void) {
    struct alert_event e = {.n = 7,
                            .at_ms = 1780272000000,
                            .told_ms = 1780272031000,
                            .rule = {"hot"},
                            .node = {"press"},
                            .from = ALERT_NORMAL,
                            .to = ALERT_ACTIVE,
                            .why = ALERT_WHY_REACHED,
                            .severity = ALERT_HIGH,
                            .level = 2,
                            .mark = ALERT_FIRST_OUT | ALERT_FLOOD,
                            .value = 4.5,
                            .threshold = NAN};
    strcpy(e.who, "early shift");
    strcpy(e.note, "Dao cắt mòn"); /* UTF-8 */
    return e;
}

/* By the layout in event.c: 55 bytes, four texts with their lengths, a seal. */
Test(event, bytes_stand_where_the_layout_says) {
    const struct alert_event e = sample();
    struct buf b;
    buf_init(&b);
    cr_assert_eq(alert_event_pack(&e, &b), ERR_OK);
    cr_expect_eq(b.n, 55 + 1 + 3 + 1 + 5 + 1 + 11 + 1 + strlen(e.note) + 4);
    cr_expect_eq(b.p[0], 1);
    cr_expect_eq(b.p[2], ALERT_ACTIVE);
    cr_expect_eq(b.p[7], 7);
    cr_expect_eq(b.p[15 + 6], 0x12); /* 4.5 = 0x4012000000000000 */
    cr_expect_eq(b.p[15 + 7], 0x40);
    cr_expect_eq(b.p[55], 3);
    cr_expect_eq(memcmp(b.p + 56, "hot", 3), 0);
    buf_fini(&b);
}

Test(event, packed_and_unpacked_it_says_the_same) {
    const struct alert_event e = sample();
    struct alert_event got = {0};
    struct buf b;
    buf_init(&b);
    cr_assert_eq(alert_event_pack(&e, &b), ERR_OK);
    cr_assert_eq(alert_event_unpack(buf_span(&b), &got), ERR_OK);
    cr_expect_eq(got.n, 7);
    cr_expect_eq(got.at_ms, e.at_ms);
    cr_expect_eq(got.told_ms, e.told_ms);
    cr_expect_str_eq(got.rule.s, "hot");
    cr_expect_str_eq(got.node.s, "press");
    cr_expect_eq(got.mark, e.mark);
    cr_expect_eq(got.value, 4.5);
    cr_expect(isnan(got.threshold));
    cr_expect_str_eq(got.who, "early shift");
    cr_expect_str_eq(got.note, e.note);
    buf_fini(&b);
}

Test(event, a_byte_that_is_another_or_missing_is_refused) {
    const struct alert_event e = sample();
    struct alert_event got = {.n = 99};
    struct buf b;
    buf_init(&b);
    cr_assert_eq(alert_event_pack(&e, &b), ERR_OK);
    for (size_t i = 0; i < b.n; i++) {
        b.p[i] ^= 0x10;
        cr_expect_neq(alert_event_unpack(buf_span(&b), &got), ERR_OK, "byte %zu", i);
        b.p[i] ^= 0x10;
        cr_expect_neq(alert_event_unpack(span_of(b.p, i), &got), ERR_OK, "cut at %zu", i);
    }
    cr_expect_eq(got.n, 99);
    buf_fini(&b);
}

/* A seal that fits says nothing of what it seals. */
Test(event, sealed_nonsense_is_refused) {
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {{0, 2},
                 {1, ALERT_STATE_COUNT},
                 {2, ALERT_STATE_COUNT},
                 {3, ALERT_WHY_COUNT},
                 {4, ALERT_SEVERITY_COUNT},
                 {5, ALERT_LEVELS_MAX + 1},
                 {55, 60},
                 {56, 'A'}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct alert_event e = sample();
        struct alert_event got;
        struct buf b;
        buf_init(&b);
        cr_assert_eq(alert_event_pack(&e, &b), ERR_OK);
        b.p[wrong[i].at] = wrong[i].value;
        b.n -= 4;
        buf_add_le32(&b, crc32c(buf_span(&b)));
        cr_expect_eq(alert_event_unpack(buf_span(&b), &got), ERR_FORMAT, "case %zu", i);
        buf_fini(&b);
    }
}

Test(event, keys_sort_by_number_and_name_the_recipient) {
    uint8_t a[ALERT_EVENT_KEY], b[ALERT_EVENT_KEY], key[ALERT_NOTICE_KEY_MAX];
    struct ident to = {"shift-lead"}, got;
    uint64_t n = 0;
    alert_event_key(255, a);
    alert_event_key(256, b);
    cr_expect_lt(memcmp(a, b, sizeof a), 0);
    size_t bytes = alert_notice_key(&to, 256, key);
    cr_expect_eq(bytes, 10 + 1 + 8);
    cr_assert_eq(alert_notice_key_parse(span_of(key, bytes), &got, &n), ERR_OK);
    cr_expect_str_eq(got.s, "shift-lead");
    cr_expect_eq(n, 256);
    cr_expect_eq(alert_notice_key_parse(span_of(key, bytes - 1), &got, &n), ERR_FORMAT);
    cr_expect_eq(alert_notice_key_parse(span_of(key + 10, 9), &got, &n), ERR_FORMAT);
}

Test(event, only_what_people_hear_of_is_told) {
    struct alert_event e = sample();
    cr_expect(alert_event_is_told(&e));
    e.from = ALERT_ACKED;
    e.to = ALERT_NORMAL;
    cr_expect(alert_event_is_told(&e));
    e.from = ALERT_NORMAL;
    e.to = ALERT_SHELVED;
    cr_expect(!alert_event_is_told(&e));
    e.to = ALERT_SUPPRESSED;
    cr_expect(!alert_event_is_told(&e));
}

Test(event, every_state_and_why_has_a_name_of_its_own) {
    for (unsigned i = 0; i < ALERT_STATE_COUNT; i++)
        for (unsigned k = 0; k < i; k++)
            cr_expect_str_neq(alert_state_name((enum alert_state)i),
                              alert_state_name((enum alert_state)k));
    for (unsigned i = 0; i < ALERT_WHY_COUNT; i++)
        for (unsigned k = 0; k < i; k++)
            cr_expect_str_neq(alert_why_name((enum alert_why)i), alert_why_name((enum alert_why)k));
    cr_expect_str_eq(alert_state_name(ALERT_STATE_COUNT), "unknown");
    cr_expect_str_eq(alert_why_name(ALERT_WHY_COUNT), "unknown");
}

/* Form 2: the norm's seven bytes stand in front of the seal; an alert has none, a norm needs them.
 */
Test(event, of_a_norm_says_more) {
    struct alert_event e = sample(), got = {0};
    struct buf b;
    buf_init(&b);
    e.why = ALERT_WHY_NORM_REVIEW;
    e.norm = (struct alert_norm){.verdict = 2, .state = 6, .norm_class = 3, .reasons = 0x1234};
    cr_assert_eq(alert_event_pack(&e, &b), ERR_OK);
    cr_expect_eq(b.n, 55 + 1 + 3 + 1 + 5 + 1 + 11 + 1 + strlen(e.note) + 7 + 4);
    cr_expect_eq(b.p[0], 2);
    cr_expect_eq(b.p[b.n - 8], 0x34);
    cr_assert_eq(alert_event_unpack(buf_span(&b), &got), ERR_OK);
    cr_expect(alert_event_is_norm(&got));
    cr_expect_eq(got.norm.verdict, 2);
    cr_expect_eq(got.norm.state, 6);
    cr_expect_eq(got.norm.norm_class, 3);
    cr_expect_eq(got.norm.reasons, 0x1234u);
    cr_expect(alert_event_is_told(&got));
    b.p[3] = ALERT_WHY_REACHED;
    b.n -= 4;
    buf_add_le32(&b, crc32c(buf_span(&b)));
    cr_expect_eq(alert_event_unpack(buf_span(&b), &got), ERR_FORMAT);
    buf_reset(&b);
    e.why = ALERT_WHY_REACHED;
    cr_assert_eq(alert_event_pack(&e, &b), ERR_OK);
    b.p[3] = ALERT_WHY_NORM_DUE;
    b.n -= 4;
    buf_add_le32(&b, crc32c(buf_span(&b)));
    cr_expect_eq(alert_event_unpack(buf_span(&b), &got), ERR_FORMAT);
    buf_fini(&b);
}
