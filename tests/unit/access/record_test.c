#include <criterion/criterion.h>
#include <stdio.h>

#include "access/record.h"

static struct person whole(void) {
    struct person x = {.id = {"anna"},
                       .name = "Anna",
                       .roles = 5,
                       .disabled = true,
                       .area = {{"line-a"}, {"hall"}},
                       .area_n = 2,
                       .password = "$argon2id$x",
                       .pin = "$p",
                       .link_until_ms = 1790000000000,
                       .edition = 300};
    memset(x.link, 0xab, sizeof x.link);
    return x;
}

Test(record, each_comes_back_as_it_was) {
    const struct person p = whole();
    struct token t = {.id = {"mes"},
                      .kind = TOKEN_STATION,
                      .rights = 77,
                      .area = {{"hall"}},
                      .area_n = 1,
                      .made_ms = 1,
                      .until_ms = -5,
                      .used_ms = 9,
                      .made_by = "anna"};
    struct login s = {
        .of_token = true, .who = {"mes"}, .edition = 4, .begun_ms = 1, .seen_ms = 2, .until_ms = 3};
    struct access_event e = {.n = 7,
                             .at_ms = 11,
                             .who = "anna",
                             .roles = 3,
                             .address = "::1",
                             .station = {"desk"},
                             .what = "alerts ack",
                             .detail = "rule x"};
    memset(t.hash, 1, sizeof t.hash);
    struct person p2 = {.id = p.id};
    struct token t2 = {.id = t.id};
    struct login s2 = {0};
    struct access_event e2 = {0};
    struct buf b;
    buf_init(&b);
    cr_assert_eq(record_person(&p, &b), ERR_OK);
    cr_assert_eq(record_take_person(buf_span(&b), &p2), ERR_OK);
    cr_expect(p2.roles == 5 && p2.disabled && p2.area_n == 2 && p2.edition == 300);
    cr_expect(strcmp(p2.name, "Anna") == 0 && strcmp(p2.area[1].s, "hall") == 0);
    cr_expect(strcmp(p2.password, p.password) == 0 && strcmp(p2.pin, "$p") == 0);
    cr_expect(memcmp(p2.link, p.link, sizeof p.link) == 0 && p2.link_until_ms == p.link_until_ms);
    buf_reset(&b);
    cr_assert_eq(record_token(&t, &b), ERR_OK);
    cr_assert_eq(record_take_token(buf_span(&b), &t2), ERR_OK);
    cr_expect(t2.kind == TOKEN_STATION && t2.rights == 77 && t2.area_n == 1 && t2.made_ms == 1);
    cr_expect(t2.until_ms == -5 && t2.used_ms == 9 && strcmp(t2.made_by, "anna") == 0);
    buf_reset(&b);
    cr_assert_eq(record_session(&s, &b), ERR_OK);
    cr_assert_eq(record_take_session(buf_span(&b), &s2), ERR_OK);
    cr_expect(s2.of_token && s2.edition == 4 && s2.begun_ms == 1 && s2.seen_ms == 2);
    cr_expect(s2.until_ms == 3 && strcmp(s2.who.s, "mes") == 0);
    buf_reset(&b);
    cr_assert_eq(record_event(&e, &b), ERR_OK);
    cr_assert_eq(record_take_event(7, buf_span(&b), &e2), ERR_OK);
    cr_expect(e2.n == 7 && e2.at_ms == 11 && e2.roles == 3 && strcmp(e2.who, "anna") == 0);
    cr_expect(strcmp(e2.station.s, "desk") == 0 && strcmp(e2.what, "alerts ack") == 0);
    cr_expect(strcmp(e2.address, "::1") == 0 && strcmp(e2.detail, "rule x") == 0);
    buf_fini(&b);
}

Test(record, a_flipped_bit_or_a_lost_byte_lets_nobody_in) {
    const struct person p = whole();
    struct buf b;
    buf_init(&b);
    cr_assert_eq(record_person(&p, &b), ERR_OK);
    for (size_t i = 0; i < b.n; i++) {
        struct person out = {.roles = 99};
        b.p[i] ^= 0x10;
        cr_expect_neq(record_take_person(buf_span(&b), &out), ERR_OK);
        cr_expect_eq(out.roles, 99, "untouched");
        b.p[i] ^= 0x10;
        cr_expect_neq(record_take_person(span_of(b.p, i), &out), ERR_OK);
    }
    buf_fini(&b);
}

Test(record, keys_sort_events_by_their_number) {
    uint8_t a[RECORD_KEY_MAX], b[RECORD_KEY_MAX];
    cr_expect_eq(record_key_event(255, a), 9);
    (void)record_key_event(256, b);
    cr_expect_lt(memcmp(a, b, 9), 0);
    const struct ident id = {"anna"};
    cr_expect_eq(record_key_person(&id, a), 5);
    cr_expect_eq(memcmp(a, "panna", 5), 0);
}
