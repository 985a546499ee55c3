/* Whom a request comes from. Times are small numbers: a session of 1000 is idle after 100. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "access/people.h"

static struct people people;
static const struct people_conf conf = {.idle_ms = 100, .session_ms = 1000, .acting_ms = 50};

static struct person person_of(const char *id, unsigned roles) {
    struct person x = {.roles = roles, .edition = 3, .password = "hash"};
    cr_assert(ident_set(&x.id, span_str(id)));
    return x;
}

static void begin(void) {
    people_init(&people, &conf);
    struct person anna = person_of("anna", ACCESS_BIT(ACCESS_OPERATOR));
    snprintf(anna.name, sizeof anna.name, "Anna");
    cr_assert(ident_set(&anna.area[0], span_str("line-a")));
    anna.area_n = 1;
    cr_assert_eq(people_put(&people, &anna), ERR_OK);
}

static void end(void) {
    people_fini(&people);
}

TestSuite(people, .init = begin, .fini = end);

static void login(uint8_t mark, const char *who, int64_t now_ms) {
    struct login s = {
        .edition = 3, .begun_ms = now_ms, .seen_ms = now_ms, .until_ms = now_ms + 1000};
    memset(s.hash, mark, sizeof s.hash);
    cr_assert(ident_set(&s.who, span_str(who)));
    cr_assert_eq(people_put_session(&people, &s), ERR_OK);
}

static bool is_in(uint8_t mark, int64_t now_ms, struct actor *out) {
    uint8_t hash[SECRET_BYTES];
    memset(hash, mark, sizeof hash);
    memset(out, 0, sizeof *out);
    return people_by_session(&people, hash, now_ms, out);
}

Test(people, a_session_is_who_began_it) {
    struct actor a;
    login(1, "anna", 0);
    cr_assert(is_in(1, 99, &a));
    cr_expect_str_eq(a.name, "anna");
    cr_expect_str_eq(a.shown, "Anna");
    cr_expect_eq(a.rights, access_rights_of(ACCESS_OPERATOR));
    cr_expect(a.known && a.by_cookie && !a.local && a.area_n == 1);
    cr_expect_not(is_in(2, 99, &a));
    cr_expect(!a.known && a.rights == 0 && a.forged);
}

Test(people, it_ends_idle_and_it_ends_in_any_case) {
    struct actor a;
    login(1, "anna", 0);
    cr_expect(is_in(1, 99, &a));
    cr_expect_not(is_in(1, 100, &a));
    for (int64_t now_ms = 90; now_ms < 1000; now_ms += 90) {
        cr_expect(is_in(1, now_ms, &a));
        people.session[0].seen_ms = now_ms;
    }
    cr_expect(is_in(1, 999, &a));
    people.session[0].seen_ms = 999;
    cr_expect_not(is_in(1, 1000, &a));
}

Test(people, whatever_changes_a_person_ends_it) {
    struct actor a;
    struct person x = *people_find(&people, "anna");
    login(1, "anna", 0);
    x.edition++;
    cr_assert_eq(people_put(&people, &x), ERR_OK);
    cr_expect_not(is_in(1, 1, &a));
    x.edition--;
    x.disabled = true;
    cr_assert_eq(people_put(&people, &x), ERR_OK);
    cr_expect_not(is_in(1, 1, &a));
    people_remove(&people, "anna");
    cr_expect_not(is_in(1, 1, &a));
}

static unsigned gone;
static void on_gone(void *user, const struct login *s) {
    (void)user, (void)s;
    gone++;
}

Test(people, a_sweep_takes_what_has_ended) {
    struct actor a;
    gone = 0;
    login(1, "anna", 0);
    login(2, "anna", 50);
    login(3, "anna", 0);
    people_sweep(&people, 120, on_gone, NULL);
    cr_expect_eq(gone, 2);
    cr_expect(is_in(2, 120, &a));
}

Test(people, of_too_many_the_one_longest_unused_makes_room) {
    struct ident anna = {"anna"};
    for (uint8_t i = 0; i < PEOPLE_SESSIONS_EACH; i++) {
        cr_expect_null(people_surplus(&people, &anna));
        login((uint8_t)(i + 1), "anna", i == 4 ? 1 : 10 + i);
    }
    cr_assert_not_null(people_surplus(&people, &anna));
    cr_expect_eq(people_surplus(&people, &anna)->hash[0], 5);
}

static void station(unsigned rights) {
    struct token t = {
        .id = {"desk"}, .kind = TOKEN_STATION, .rights = rights, .made_ms = 7, .until_ms = 5000};
    memset(t.hash, 9, sizeof t.hash);
    cr_assert_eq(people_put_token(&people, &t), ERR_OK);
    struct login s = {.of_token = true, .who = {"desk"}, .edition = 7, .until_ms = 5000};
    memset(s.hash, 8, sizeof s.hash);
    cr_assert_eq(people_put_session(&people, &s), ERR_OK);
}

Test(people, at_a_station_a_person_may_what_both_may) {
    struct actor a;
    station(ACCESS_BIT(MAY_VIEW) | ACCESS_BIT(MAY_ENTER) | ACCESS_BIT(MAY_PLAN));
    cr_assert(is_in(8, 4999, &a), "no idleness for a screen");
    cr_expect_eq(a.rights, ACCESS_BIT(MAY_VIEW));
    cr_expect_str_eq(a.name, "token-desk");
    people.session[0].acting = (struct ident){"anna"};
    people.session[0].acting_edition = 3;
    people.session[0].acting_until_ms = 150;
    cr_assert(is_in(8, 149, &a));
    cr_expect_str_eq(a.name, "anna");
    cr_expect_str_eq(a.station.s, "desk");
    cr_expect_eq(a.rights, ACCESS_BIT(MAY_VIEW) | ACCESS_BIT(MAY_ENTER) | ACCESS_BIT(MAY_NOTE),
                 "who may enter may note, by an older set of rights, too");
    cr_assert(is_in(8, 150, &a));
    cr_expect_str_eq(a.name, "token-desk");
    cr_expect_eq(a.rights, ACCESS_BIT(MAY_VIEW));
    people.session[0].acting_until_ms = 900;
    people.session[0].acting_edition = 2;
    cr_assert(is_in(8, 200, &a));
    cr_expect_str_eq(a.name, "token-desk", "her PIN is another one since");
}

Test(people, a_token_made_anew_under_its_name_is_another_one) {
    struct actor a;
    station(ACCESS_BIT(MAY_VIEW));
    people.token[0].made_ms = 8;
    cr_expect_not(is_in(8, 100, &a));
}

Test(people, a_token_holds_until_its_end) {
    struct token t = {.id = {"mes"}, .rights = ACCESS_BIT(MAY_ENTER), .until_ms = 50};
    struct actor a = {.address = "here"};
    cr_assert_eq(people_put_token(&people, &t), ERR_OK);
    cr_assert(people_by_token(&people, t.hash, 49, &a));
    cr_expect_str_eq(a.name, "token-mes");
    cr_expect_str_eq(a.address, "here");
    cr_expect(!a.by_cookie && a.rights == (ACCESS_BIT(MAY_ENTER) | ACCESS_BIT(MAY_NOTE)));
    cr_expect_not(people_by_token(&people, t.hash, 50, &a));
    cr_expect(a.forged && !a.known);
}

Test(people, nobody_may_nothing_unless_it_is_said) {
    struct actor a = {.address = "x", .rights = 5};
    people_nobody(&people, &a);
    cr_expect(!a.known && a.rights == 0);
    people.conf.read_without_login = true;
    people_nobody(&people, &a);
    cr_expect_eq(a.rights, ACCESS_BIT(MAY_VIEW) | ACCESS_BIT(MAY_METRICS));
    cr_expect_str_eq(a.address, "x");
}

Test(people, an_administrator_has_a_password_and_is_not_kept_out) {
    struct person x = person_of("root", ACCESS_BIT(ACCESS_ADMINISTRATOR));
    cr_expect_not(people_has_administrator(&people));
    x.password[0] = 0;
    cr_assert_eq(people_put(&people, &x), ERR_OK);
    cr_expect_not(people_has_administrator(&people));
    x.password[0] = '$';
    cr_assert_eq(people_put(&people, &x), ERR_OK);
    cr_expect(people_has_administrator(&people));
    x.disabled = true;
    cr_assert_eq(people_put(&people, &x), ERR_OK);
    cr_expect_not(people_has_administrator(&people));
}

Test(people, a_link_holds_until_its_time) {
    uint8_t hash[SECRET_BYTES];
    struct person x = *people_find(&people, "anna");
    memset(x.link, 4, sizeof x.link);
    memset(hash, 4, sizeof hash);
    x.link_until_ms = 60;
    cr_assert_eq(people_put(&people, &x), ERR_OK);
    cr_expect_not_null(people_linked(&people, hash, 59));
    cr_expect_null(people_linked(&people, hash, 60));
    hash[31] ^= 1;
    cr_expect_null(people_linked(&people, hash, 59));
    memset(hash, 0, sizeof hash); /* as of everybody who has none */
    x.link_until_ms = 0;
    memset(x.link, 0, sizeof x.link);
    cr_assert_eq(people_put(&people, &x), ERR_OK);
    cr_expect_null(people_linked(&people, hash, 0));
}

Test(people, lists_are_bounded) {
    for (unsigned i = 1; i < PEOPLE_MAX; i++) {
        char id[16];
        snprintf(id, sizeof id, "u%u", i);
        const struct person x = person_of(id, 1);
        cr_assert_eq(people_put(&people, &x), ERR_OK);
    }
    const struct person more = person_of("more", 1);
    cr_expect_eq(people_put(&people, &more), ERR_FULL);
    people_remove(&people, "u5");
    cr_expect_eq(people_put(&people, &more), ERR_OK);
    cr_expect_not_null(people_find(&people, "u999"));
}

Test(people, what_is_no_password) {
    static const char *const bad[] = {"", "short", "nine char", "aaaaaaaaaaaaaa", "Anna-At-Work"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not_null(people_check_password(span_str(bad[i]), "anna-at-work"), "%s", bad[i]);
    char most[300];
    memset(most, 'x', sizeof most);
    most[0] = 'y';
    cr_expect_null(people_check_password(span_of(most, 256), "anna"));
    cr_expect_not_null(people_check_password(span_of(most, 257), "anna"));
    cr_expect_not_null(people_check_password(span_of("0123456789\0a", 12), "anna"));
    cr_expect_null(people_check_password(span_str("máy ép số 1"), "anna"));
}

Test(people, what_is_no_pin_no_id_no_name) {
    static const char *const bad[] = {"", "123", "1234", "0123", "6666", "12a4", "1234567890123"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not_null(people_check_pin(span_str(bad[i])), "%s", bad[i]);
    cr_expect_null(people_check_pin(span_str("4708")));
    cr_expect_null(people_check_pin(span_str("4321")));
    cr_expect_not_null(people_check_id(span_str("operator")));
    cr_expect_not_null(people_check_id(span_str("token-x")));
    cr_expect_not_null(people_check_id(span_str("Anna")));
    cr_expect_not_null(people_check_id(span_str("")));
    cr_expect_null(people_check_id(span_str("anna")));
    cr_expect_not_null(people_check_name(span_str("a\nb")));
    cr_expect_null(people_check_name(span_str("Nguyễn Văn A")));
}

Test(people, programs_and_screens_never_let_people_in) {
    for (unsigned k = 0; k < TOKEN_KIND_COUNT; k++)
        cr_expect_not(token_rights_max((enum token_kind)k) &
                      (ACCESS_BIT(MAY_ADMINISTER) | ACCESS_BIT(MAY_APPROVE)));
    cr_expect_eq(token_rights_max(TOKEN_WALL), ACCESS_BIT(MAY_VIEW));
}
