/* Base64 as coreutils' base64 writes it. */
#include <criterion/criterion.h>

#include "notify/mime.h"

static void expect_words(const char *text, const char *want) {
    struct buf out;
    buf_init(&out);
    mime_words(span_str(text), &out);
    cr_expect(span_equal(buf_span(&out), span_str(want)), "%.*s", (int)out.n, (const char *)out.p);
    buf_fini(&out);
}

static void expect_base64(const char *text, size_t line, const char *want) {
    struct buf out;
    buf_init(&out);
    mime_base64(span_str(text), line, &out);
    cr_expect(span_equal(buf_span(&out), span_str(want)), "%.*s", (int)out.n, (const char *)out.p);
    buf_fini(&out);
}

/* RFC 4648, 10. */
Test(mime, base64_is_that_of_the_standard) {
    expect_base64("", 76, "");
    expect_base64("f", 76, "Zg==\r\n");
    expect_base64("fo", 76, "Zm8=\r\n");
    expect_base64("foo", 76, "Zm9v\r\n");
    expect_base64("foobar", 4, "Zm9v\r\nYmFy\r\n");
    expect_base64("foob", 0, "Zm9vYg==");
}

Test(mime, plain_subjects_stay_readable) {
    expect_words("[high] Load: press-1", "[high] Load: press-1");
}

/* Tải is 54 e1 ba a3 69. */
Test(mime, others_become_encoded_words_that_split_no_character) {
    expect_words("Tải", "=?UTF-8?B?VOG6o2k=?=");
    expect_words("Tải quá cao: máy dập số 1 ở xưởng cơ khí chính",
                 "=?UTF-8?B?VOG6o2kgcXXDoSBjYW86IG3DoXkgZOG6rXAgc+G7kSAxIOG7nyB4xrDhu59u?=\r\n "
                 "=?UTF-8?B?ZyBjxqEga2jDrSBjaMOtbmg=?=");
}

Test(mime, nothing_in_a_subject_begins_a_field_of_its_own) {
    expect_words("a\r\nBcc: x@y", "=?UTF-8?B?YSAgQmNjOiB4QHk=?="); /* "a  Bcc: x@y" */
    expect_words("=?UTF-8?B?eA==?=", "=?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=");
}

Test(mime, addresses_are_one_address) {
    cr_expect(mime_address("a.b+c@plant.example"));
    static const char *const bad[] = {
        "", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nX: y", "<a@b>", "a@b,c@d", "a@b;c", "é@b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(mime_address(bad[i]), "%s", bad[i]);
}

/* 2026-11-26T07:03:00Z is a Thursday, 14:03 seven hours east. "a" CR LF "b" in base64: YQ0KYg==. */
Test(mime, a_mail_is_whole) {
    static const char *const to[] = {"a@x", "b@x"};
    const struct mime m = {.from = "p@x",
                           .to = to,
                           .to_n = 2,
                           .subject = span_str("S"),
                           .at_ms = INT64_C(1795676580000),
                           .offset_s = 25200,
                           .id = "1@x",
                           .about = "2@x",
                           .urgent = true,
                           .body = span_str("a\nb")};
    struct buf out;
    buf_init(&out);
    cr_assert_eq(mime_format(&m, &out), ERR_OK);
    cr_expect(span_equal(buf_span(&out), span_str("Date: Thu, 26 Nov 2026 14:03:00 +0700\r\n"
                                                  "From: Plantbus <p@x>\r\n"
                                                  "To: <a@x>,\r\n <b@x>\r\n"
                                                  "Subject: S\r\n"
                                                  "Message-ID: <1@x>\r\n"
                                                  "References: <2@x>\r\n"
                                                  "Importance: high\r\n"
                                                  "Auto-Submitted: auto-generated\r\n"
                                                  "MIME-Version: 1.0\r\n"
                                                  "Content-Type: text/plain; charset=utf-8\r\n"
                                                  "Content-Transfer-Encoding: base64\r\n\r\n"
                                                  "YQ0KYg==\r\n")),
              "%.*s", (int)out.n, (const char *)out.p);
    buf_fini(&out);
}
