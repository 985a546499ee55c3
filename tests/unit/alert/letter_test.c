/* Bytes of dead letters: as written, of earlier programs, damaged. */
#include <criterion/criterion.h>
#include <string.h>

#include "alert/letter.h"

static struct alert_event event(uint64_t n) {
    return (struct alert_event){.n = n,
                                .at_ms = 60000,
                                .told_ms = 61000,
                                .rule = {"load"},
                                .node = {"press"},
                                .to = ALERT_ACTIVE,
                                .severity = ALERT_HIGH};
}

static struct alert_letter back(uint64_t n, const struct buf *value) {
    struct alert_letter l;
    uint8_t key[ALERT_LETTER_KEY_MAX];
    const size_t size = alert_letter_key(&(struct ident){"mail"}, n, key);
    cr_assert_eq(alert_letter_unpack(span_of(key, size), buf_span(value), &l), ERR_OK);
    return l;
}

Test(letter, says_when_how_often_why_and_to_whom) {
    const struct alert_letter l = {.at_ms = -5,
                                   .tries = 300,
                                   .words = "HTTP 400: no",
                                   .to = "lead, fitter",
                                   .event = event(17)};
    struct buf value;
    buf_init(&value);
    cr_assert_eq(alert_letter_pack(&l, &value), ERR_OK);
    const struct alert_letter r = back(17, &value);
    cr_expect_str_eq(r.channel.s, "mail");
    cr_expect_eq(r.at_ms, -5);
    cr_expect_eq(r.tries, 300);
    cr_expect_str_eq(r.words, "HTTP 400: no");
    cr_expect_str_eq(r.to, "lead, fitter");
    cr_expect_str_eq(r.event.rule.s, "load");
    cr_expect_not(r.damaged);
    buf_fini(&value);
}

/* varint length of the words, the words, the event: what programs wrote until now. */
Test(letter, of_an_earlier_program_is_read) {
    const struct alert_event e = event(3);
    struct buf value;
    buf_init(&value);
    buf_add_varint(&value, 5);
    buf_add_str(&value, "HTTP ");
    cr_assert_eq(alert_event_pack(&e, &value), ERR_OK);
    const struct alert_letter r = back(3, &value);
    cr_expect_not(r.damaged);
    cr_expect_str_eq(r.words, "HTTP ");
    cr_expect_eq(r.at_ms, INT64_MIN);
    cr_expect_eq(r.tries, 0);
    cr_expect_eq(r.event.told_ms, 61000);
    buf_fini(&value);
}

/* Cut anywhere or with any byte another one, it is damaged and known by its number, or says what it
 * said but for its own head, which is not sealed: the event is. */
Test(letter, that_is_damaged_is_known_by_its_number) {
    const struct alert_letter l = {
        .at_ms = 1, .tries = 3, .words = "no", .to = "lead", .event = event(9)};
    struct buf value, part;
    buf_init(&value);
    buf_init(&part);
    cr_assert_eq(alert_letter_pack(&l, &value), ERR_OK);
    for (size_t n = 0; n < value.n; n++) {
        buf_reset(&part);
        buf_add(&part, value.p, n);
        const struct alert_letter r = back(9, &part);
        cr_expect(r.damaged, "cut at %zu", n);
        cr_expect_eq(r.event.n, 9);
    }
    for (size_t at = 0; at < value.n; at++) {
        buf_reset(&part);
        buf_add(&part, value.p, value.n);
        part.p[at] ^= 0x41;
        const struct alert_letter r = back(9, &part);
        cr_expect_eq(r.event.n, 9);
        cr_expect(r.damaged || strcmp(r.event.rule.s, "load") == 0, "byte %zu", at);
    }
    cr_expect(back(10, &value).damaged, "it lies under another number");
    buf_fini(&value);
    buf_fini(&part);
}

Test(letter, keys_are_of_their_channel_alone) {
    uint8_t key[ALERT_LETTER_KEY_MAX], end[ALERT_LETTER_KEY_MAX];
    struct ident channel;
    uint64_t n = 0;
    struct alert_letter l;
    const size_t size = alert_letter_key(&(struct ident){"mail"}, UINT64_MAX, key);
    const size_t end_n = alert_letter_key_end(&(struct ident){"mail"}, end);
    cr_expect_lt(memcmp(key, end, size < end_n ? size : end_n), 0);
    cr_assert_eq(alert_letter_key_parse(span_of(key, size), &channel, &n), ERR_OK);
    cr_expect_str_eq(channel.s, "mail");
    cr_expect_eq(n, UINT64_MAX);
    (void)alert_letter_key(&(struct ident){"mail-2"}, 0, key);
    cr_expect_gt(memcmp(key, end, end_n), 0);
    cr_expect_eq(alert_letter_unpack(span_str("+mail"), span_of(NULL, 0), &l), ERR_FORMAT);
    cr_expect_eq(alert_letter_unpack(span_str("!"), span_of(NULL, 0), &l), ERR_FORMAT);
}
