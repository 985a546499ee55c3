/* Who asks, and whether they may. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "rig.h"

#define JSON "Content-Type: application/json\r\n"
#define CSRF "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static int status_of(struct rig *r, const char *method, const char *path, const char *extra,
                     const char *body) {
    struct answer a;
    ask(r, method, path, extra, body, &a);
    const int status = a.status;
    answer_fini(&a);
    return status;
}

Test(admit, every_path_and_command_asks_for_its_right) {
    struct rig r;
    rig_open(&r, NULL);
    for (unsigned right = 0; right < ACCESS_RIGHT_COUNT; right++) {
        r.actor.rights = ACCESS_BIT(right);
        cr_expect_eq(status_of(&r, "GET", "/api/v1/plant", "", NULL), right == MAY_VIEW ? 200 : 403,
                     "%u", right);
        cr_expect_eq(status_of(&r, "GET", "/metrics", "", NULL), right == MAY_METRICS ? 200 : 403);
        cr_expect_eq(status_of(&r, "GET", "/api/v1/users", "", NULL),
                     right == MAY_ADMINISTER ? 200 : 403);
        cr_expect_eq(status_of(&r, "GET", "/api/v1/audit", "", NULL),
                     right == MAY_AUDIT ? 200 : 403);
        cr_expect_eq(status_of(&r, "GET", "/api/v1/session", "", NULL), 200);
        for (unsigned i = 0; i < access_action_n; i++) {
            char path[64];
            const struct span noun = span_str(access_actions[i].noun);
            snprintf(path, sizeof path, "/api/v1/%s", access_actions[i].noun);
            cr_expect_eq(status_of(&r, "POST", path, JSON, "{\"x\":1}"),
                         access_rights_for(noun) & ACCESS_BIT(right) ? 200 : 403, "%s with %s",
                         path, access_right_name((enum access_right)right));
        }
    }
    rig_close(&r);
}

Test(admit, nobody_is_told_to_log_in_and_somebody_what_is_missing) {
    struct rig r;
    struct answer a;
    rig_open(&r, NULL);
    r.actor = (struct actor){0};
    ask(&r, "GET", "/api/v1/plant", "", NULL, &a);
    cr_expect_eq(a.status, 401);
    cr_expect(answer_has(&a, "www-authenticate: Bearer realm=\"plantbus\"\r\n"));
    answer_fini(&a);
    cr_expect_eq(status_of(&r, "POST", "/api/v1/entries", JSON, "{\"x\":1}"), 401);
    cr_expect_eq(status_of(&r, "POST", "/api/v1/password", JSON, "{\"x\":1}"), 401);
    cr_expect_eq(status_of(&r, "POST", "/api/v1/login", JSON, "{\"x\":1}"), 200);
    cr_expect_eq(status_of(&r, "GET", "/", "", NULL), 200);
    r.actor = (struct actor){.known = true, .rights = ACCESS_BIT(MAY_VIEW), .shown = "Anna"};
    ask(&r, "POST", "/api/v1/reload", JSON, "{}", &a);
    cr_expect_eq(a.status, 403);
    cr_expect_not_null(
        strstr(a.body,
               "Anna may not: this needs the right reload, as have: engineer, administrator"),
        "%s", a.body);
    answer_fini(&a);
    rig_close(&r);
}

Test(admit, a_token_that_holds_no_more_is_refused_where_nobody_would_be_let_in_too) {
    struct rig r;
    rig_open(&r, NULL);
    r.actor = (struct actor){.rights = ACCESS_BIT(MAY_VIEW)};
    cr_expect_eq(status_of(&r, "GET", "/api/v1/plant", "", NULL), 200);
    r.gone = true;
    cr_expect_eq(status_of(&r, "GET", "/api/v1/plant", "Authorization: Bearer x\r\n", NULL), 401);
    rig_close(&r);
}

Test(admit, a_cookie_changes_nothing_without_the_page_s_proof) {
    static const char *const wrong[] = {
        "", "X-Plantbus-CSRF: \r\n", "X-Plantbus-CSRF: 0" CSRF "\r\n",
        "X-Plantbus-CSRF: 10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\r\n"};
    struct rig r;
    char extra[200];
    rig_open(&r, NULL);
    r.actor.by_cookie = true;
    snprintf(r.actor.csrf, sizeof r.actor.csrf, "%s", CSRF);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(extra, sizeof extra, JSON "%s", wrong[i]);
        cr_expect_eq(status_of(&r, "POST", "/api/v1/entries", extra, "{\"x\":1}"), 403, "%zu", i);
        cr_expect_eq(status_of(&r, "POST", "/api/v1/logout", extra, "{\"x\":1}"), 403, "%zu", i);
    }
    cr_expect_str_eq(r.posted, "", "nothing came through");
    cr_expect_eq(
        status_of(&r, "POST", "/api/v1/entries", JSON "X-Plantbus-CSRF: " CSRF "\r\n", "{\"x\":1}"),
        200);
    cr_expect_eq(status_of(&r, "GET", "/api/v1/plant", "", NULL), 200);
    rig_close(&r);
}

Test(admit, what_a_request_proves_itself_with_is_handed_on) {
    struct rig r;
    char extra[200], want[200];
    rig_open(&r, NULL);
    snprintf(extra, sizeof extra,
             "Cookie: a=b; plantbus-%u=xyz; c=d\r\nAuthorization: Bearer t\r\n", web_port(r.web));
    cr_expect_eq(status_of(&r, "GET", "/api/v1/plant", extra, NULL), 200);
    cr_expect_str_eq(r.proof, "xyz|Bearer t|0|127.0.0.1");
    struct peer p;
    peer_open(&p, &r, true);
    peer_say(&p, "GET /api/v1/plant HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    cr_assert(peer_ended(&p));
    snprintf(want, sizeof want, "||1|uid %u", (unsigned)getuid());
    cr_expect_str_eq(r.proof, want);
    peer_close(&p);
    rig_close(&r);
}

Test(admit, a_cookie_is_set_and_taken_away) {
    struct rig r;
    struct answer a;
    char want[200];
    rig_open(&r, NULL);
    snprintf(r.like.cookie, sizeof r.like.cookie, "%s", CSRF);
    ask(&r, "POST", "/api/v1/login", JSON, "{\"x\":1}", &a);
    snprintf(want, sizeof want,
             "set-cookie: plantbus-%u=" CSRF "; Path=/; HttpOnly; SameSite=Strict\r\n",
             web_port(r.web));
    cr_expect(answer_has(&a, want), "%s", a.head);
    answer_fini(&a);
    r.like.cookie_ms = 60000;
    ask(&r, "POST", "/api/v1/login", JSON, "{\"x\":1}", &a);
    cr_expect(answer_has(&a, "; SameSite=Strict; Max-Age=60\r\n"));
    answer_fini(&a);
    r.like.cookie[0] = 0;
    r.like.cookie_ended = true;
    ask(&r, "POST", "/api/v1/logout", JSON, "{\"x\":1}", &a);
    cr_expect(answer_has(&a, "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0\r\n"));
    answer_fini(&a);
    rig_close(&r);
}

Test(admit, the_routes_are_told_with_what_they_need) {
    struct rig r;
    struct answer a;
    rig_open(&r, NULL);
    ask(&r, "GET", "/api/v1/routes", "", NULL, &a);
    cr_expect_eq(a.status, 200);
    cr_expect_not_null(strstr(a.body,
                              "{\"path\":\"/api/v1/units/{id}/timeline\",\"get\":[\"view\"],"
                              "\"takes\":[\"from\",\"to\",\"format\",\"locale\"]}"));
    cr_expect_not_null(
        strstr(a.body, "{\"path\":\"/api/v1/login\",\"post\":[],\"post_for\":\"anybody\"}"));
    cr_expect_not_null(strstr(a.body,
                              "{\"path\":\"/api/v1/alerts\",\"get\":[\"view\"],\"post\":[\"ack\","
                              "\"shelve\",\"disable\"],\"post_for\":\"right\",\"takes\":["));
    answer_fini(&a);
    rig_close(&r);
}

Test(admit, a_stream_ends_with_the_right_to_see_it) {
    struct rig r;
    struct peer p;
    rig_open(&r, NULL);
    peer_open(&p, &r, false);
    peer_say(&p, "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    cr_assert(peer_until(&p, "event: plant"));
    r.gone = true;
    cr_expect(peer_ended(&p));
    peer_close(&p);
    rig_close(&r);
}
