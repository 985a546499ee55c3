/* The adapter protocol: "* PING", "* PONG <ms>". */
#include "shdr/talk.h"

#include <criterion/criterion.h>

static struct talk t;

static void open(void) {
    cr_assert_eq(talk_init(&t), ERR_OK);
    talk_begin(&t, 1000);
}

static void close(void) {
    talk_fini(&t);
}

TestSuite(talk, .init = open, .fini = close);

static void hear(const char *bytes, int64_t now_ms) {
    const struct span room = talk_room(&t);
    const size_t n = strlen(bytes);
    cr_assert_leq(n, room.n);
    memcpy(t.bytes + (room.p - t.bytes), bytes, n);
    talk_on_bytes(&t, n, now_ms);
}

Test(talk, lines_come_in_pieces) {
    struct span line;
    hear("a|b", 1000);
    cr_expect_eq(talk_take(&t, &line), TALK_NONE);
    hear("|c\r\n\nd|e\n", 1000);
    cr_assert_eq(talk_take(&t, &line), TALK_LINE);
    cr_expect(span_equal(line, span_str("a|b|c")));
    cr_assert_eq(talk_take(&t, &line), TALK_LINE); /* the empty one is passed over */
    cr_expect(span_equal(line, span_str("d|e")));
    cr_expect_eq(t.line, 3u);
    cr_expect_eq(talk_take(&t, &line), TALK_NONE);
}

Test(talk, ping_goes_out_at_first_then_at_the_adapters_heartbeat) {
    struct span line;
    cr_expect(talk_ping(&t, 1000));
    cr_expect_not(talk_ping(&t, 900000)); /* no answer: it does not know heartbeats */
    cr_expect_not(talk_is_dead(&t, 900000));
    hear("* PONG 10000\n", 1200);
    cr_assert_eq(talk_take(&t, &line), TALK_PONG);
    cr_expect_eq(talk_due(&t), 11200);
    cr_expect_not(talk_ping(&t, 11199));
    cr_expect(talk_ping(&t, 11200));
    cr_expect_eq(talk_due(&t), 21200); /* again, or dead after two of silence */
    cr_expect_not(talk_is_dead(&t, 21199));
    cr_expect(talk_is_dead(&t, 21200));
}

Test(talk, anything_heard_is_life) {
    struct span line;
    hear("* PONG 10000\n", 1200);
    cr_assert_eq(talk_take(&t, &line), TALK_PONG);
    hear("x|y|1\n", 21000);
    cr_expect_not(talk_is_dead(&t, 21200));
}

Test(talk, a_heartbeat_out_of_reason_is_not_taken) {
    struct span line;
    hear("* PONG 5\n* PONG\n* PONG x\n", 1200);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(talk_take(&t, &line), TALK_PONG);
    cr_expect_eq(t.heartbeat_ms, 0);
}

Test(talk, a_line_that_is_too_long_is_passed_over_whole) {
    struct span line;
    struct span room = talk_room(&t);
    memset(t.bytes, 'x', room.n);
    talk_on_bytes(&t, room.n, 1000);
    cr_expect_eq(talk_take(&t, &line), TALK_NONE);
    hear("more\nshort\n", 1000);
    cr_expect_eq(talk_take(&t, &line), TALK_LONG);
    cr_assert_eq(talk_take(&t, &line), TALK_LINE);
    cr_expect(span_equal(line, span_str("short")));
}
