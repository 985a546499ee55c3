#include <criterion/criterion.h>

#include <stdio.h>
#include <uv.h>

#include "http/mail.h"
#include "support/loop_wait.h"
#include "support/server_smtp.h"

enum { WAIT_MS = 20000 };

struct bench {
    uv_loop_t loop;
    struct server_smtp *server;
    unsigned answers, closed;
    enum err err;
    int status;
    unsigned denied;
    char words[256];
};

static void on_done(void *user, const struct mail_answer *a) {
    struct bench *b = user;
    b->answers++;
    b->err = a->err;
    b->status = a->status;
    b->denied = a->denied;
    snprintf(b->words, sizeof b->words, "%s", a->words);
}

static void on_closed(void *user) {
    ((struct bench *)user)->closed++;
}

static bool answered(void *user) {
    return ((struct bench *)user)->answers > 0;
}

static bool closed(void *user) {
    return ((struct bench *)user)->closed > 0;
}

static void bench_open(struct bench *b) {
    *b = (struct bench){0};
    cr_assert_eq(uv_loop_init(&b->loop), 0);
    cr_assert_eq(server_smtp_open(&b->loop, &b->server), ERR_OK);
}

static void bench_close(struct bench *b) {
    server_smtp_close(b->server);
    cr_expect(loop_closed(&b->loop));
}

static const char *const team[] = {"early@plant.example", "late@plant.example"};

static struct mail_request request(struct bench *b) {
    return (struct mail_request){.url = server_smtp_url(b->server),
                                 .from = "plantbus@plant.example",
                                 .to = team,
                                 .to_n = 2,
                                 .message = span_str("Subject: a\r\n\r\none\r\n.two\r\n"),
                                 .timeout_ms = 10000,
                                 .on_done = on_done,
                                 .done_user = b};
}

static void hand_over(struct bench *b, const struct mail_request *r) {
    struct mail *m = NULL;
    cr_assert_eq(mail_open(&b->loop, r, &m), ERR_OK);
    cr_assert(loop_until(&b->loop, answered, b, WAIT_MS));
}

static bool heard(struct bench *b, const char *text) {
    struct span all = server_smtp_heard(b->server);
    return memmem(all.p, all.n, text, strlen(text)) != NULL;
}

Test(mail, is_handed_over_to_all_its_recipients) {
    struct bench b;
    bench_open(&b);
    struct mail_request r = request(&b);
    hand_over(&b, &r);
    cr_expect_eq(b.err, ERR_OK);
    cr_expect_eq(b.status, 250);
    cr_expect_eq(b.denied, 0);
    cr_expect_eq(server_smtp_taken(b.server), 1);
    cr_expect(heard(&b, "MAIL FROM:<plantbus@plant.example>"));
    cr_expect(heard(&b, "RCPT TO:<early@plant.example>\n"));
    cr_expect(heard(&b, "RCPT TO:<late@plant.example>\n"));
    cr_expect(heard(&b, "one\n..two\n.\n")); /* RFC 5321, 4.5.2: a leading dot is doubled */
    bench_close(&b);
}

Test(mail, a_recipient_that_is_refused_does_not_keep_it_from_the_others) {
    struct bench b;
    bench_open(&b);
    server_smtp_refuse(b.server, "RCPT TO:<early", "550 no such user");
    struct mail_request r = request(&b);
    hand_over(&b, &r);
    cr_expect_eq(b.err, ERR_OK);
    cr_expect_eq(b.status, 250);
    cr_expect_eq(b.denied, 1);
    cr_expect_str_eq(b.words, "550 no such user");
    cr_expect_eq(server_smtp_taken(b.server), 1);
    bench_close(&b);
}

Test(mail, no_recipient_at_all_is_the_servers_refusal) {
    struct bench b;
    bench_open(&b);
    server_smtp_refuse(b.server, "RCPT", "550 relay \"denied\"");
    struct mail_request r = request(&b);
    hand_over(&b, &r);
    cr_expect_eq(b.err, ERR_OK);
    cr_expect_eq(b.status, 550);
    cr_expect_str_eq(b.words, "550 relay  denied "); /* fit for a log line */
    bench_close(&b);
}

Test(mail, a_server_that_is_busy_says_so_by_a_code_below_500) {
    struct bench b;
    bench_open(&b);
    server_smtp_refuse(b.server, ".", "452 disk full");
    struct mail_request r = request(&b);
    hand_over(&b, &r);
    cr_expect_eq(b.err, ERR_OK);
    cr_expect_eq(b.status, 452);
    cr_expect_eq(server_smtp_taken(b.server), 0);
    bench_close(&b);
}

Test(mail, a_connection_that_breaks_is_no_answer) {
    struct bench b;
    bench_open(&b);
    server_smtp_refuse(b.server, "MAIL", "");
    struct mail_request r = request(&b);
    hand_over(&b, &r);
    cr_expect_eq(b.err, ERR_IO);
    cr_expect_eq(b.status, 0);
    cr_expect(b.words[0] != '\0');
    bench_close(&b);
}

Test(mail, a_goodbye_that_is_not_answered_does_not_undo_it) {
    struct bench b;
    bench_open(&b);
    server_smtp_refuse(b.server, "QUIT", "");
    struct mail_request r = request(&b);
    hand_over(&b, &r);
    cr_expect_eq(b.err, ERR_OK);
    cr_expect_eq(b.status, 250);
    bench_close(&b);
}

Test(mail, tls_that_is_asked_for_and_not_offered_is_refused) {
    struct bench b;
    bench_open(&b);
    struct mail_request r = request(&b);
    r.starttls = true;
    r.user = "bob";
    r.password = "secret";
    hand_over(&b, &r);
    cr_expect_eq(b.err, ERR_IO);
    cr_expect_not(heard(&b, "AUTH"));
    cr_expect_not(heard(&b, "MAIL"));
    bench_close(&b);
}

Test(mail, what_is_given_up_is_not_answered) {
    struct bench b;
    struct mail *m = NULL;
    bench_open(&b);
    server_smtp_refuse(b.server, "MAIL", NULL); /* silence */
    struct mail_request r = request(&b);
    cr_assert_eq(mail_open(&b.loop, &r, &m), ERR_OK);
    mail_close(m, on_closed, &b);
    cr_assert(loop_until(&b.loop, closed, &b, WAIT_MS));
    cr_expect_eq(b.answers, 0);
    bench_close(&b);
}

Test(mail, a_line_break_in_an_address_or_name_is_refused) {
    struct bench b;
    struct mail *m = NULL;
    static const char *const bad[] = {"a@b\r\nRCPT TO:<c@d>"};
    bench_open(&b);
    struct mail_request r = request(&b);
    r.to = bad;
    r.to_n = 1;
    cr_expect_eq(mail_open(&b.loop, &r, &m), ERR_RANGE);
    r = request(&b);
    r.from = "a@b\n";
    cr_expect_eq(mail_open(&b.loop, &r, &m), ERR_RANGE);
    r = request(&b);
    r.url = "http://127.0.0.1/";
    cr_expect_eq(mail_open(&b.loop, &r, &m), ERR_RANGE);
    r = request(&b);
    r.to_n = 0;
    cr_expect_eq(mail_open(&b.loop, &r, &m), ERR_RANGE);
    bench_close(&b);
}
