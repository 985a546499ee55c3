#include "base/log.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* 2026-01-01T00:00:00Z; date -ud 2026-01-01 +%s */
#define T0 INT64_C(1767225600000)

struct trial {
    struct log log;
    int read_end;
    char text[65536];
};

static void trial_open(struct trial *t, enum log_level level) {
    int end[2];

    cr_assert_eq(pipe2(end, O_NONBLOCK), 0);
    t->read_end = end[0];
    log_init(&t->log, end[1], level);
}

static const char *trial_close(struct trial *t) {
    const ssize_t n = read(t->read_end, t->text, sizeof t->text - 1);

    t->text[n > 0 ? n : 0] = '\0';
    (void)close(t->read_end);
    (void)close(t->log.fd);
    return t->text;
}

Test(log, line_starts_with_time_level_and_event) {
    struct trial t;

    trial_open(&t, LOG_INFO);
    log_event_at(&t.log, T0 + 250, LOG_WARN, "lane_gap", "agent=%s missing=%d", "a1", 3);
    cr_assert_str_eq(trial_close(&t),
                     "2026-01-01T00:00:00.250Z warn event=lane_gap agent=a1 missing=3\n");
}

Test(log, lines_above_the_level_are_left_out) {
    struct trial t;

    trial_open(&t, LOG_WARN);
    log_event_at(&t.log, T0, LOG_INFO, "hello", "n=%d", 1);
    log_event_at(&t.log, T0, LOG_ERROR, "bad", "%s", "");
    cr_assert_str_eq(trial_close(&t), "2026-01-01T00:00:00.000Z error event=bad \n");
}

static size_t count_lines(const char *text) {
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

Test(log, site_holds_lines_back_and_tells_how_many) {
    struct trial t;

    trial_open(&t, LOG_INFO);
    for (int i = 0; i < LOG_BURST + 5; i++)
        log_event_at(&t.log, T0 + i, LOG_INFO, "storm", "i=%d", i);
    log_event_at(&t.log, T0 + 60000, LOG_INFO, "storm", "i=%d", 99);
    log_event_at(&t.log, T0 + 60001, LOG_INFO, "storm", "i=%d", 100);
    const char *text = trial_close(&t);
    cr_assert_eq(count_lines(text), LOG_BURST + 2);
    cr_assert_not_null(strstr(text, "event=storm held=5 i=99\n"));
    cr_assert_not_null(strstr(text, "event=storm i=100\n"));
}

Test(log, line_breaks_and_escapes_in_values_cannot_forge_lines) {
    struct trial t;

    trial_open(&t, LOG_INFO);
    log_event_at(&t.log, T0, LOG_INFO, "name", "text=%s", "a\nb\x1b[2J");
    cr_assert_str_eq(trial_close(&t), "2026-01-01T00:00:00.000Z info event=name text=a?b?[2J\n");
}

Test(log, long_line_is_cut_and_still_ends) {
    struct trial t;
    char big[3000];

    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    trial_open(&t, LOG_INFO);
    log_event_at(&t.log, T0, LOG_INFO, "big", "v=%s", big);
    log_event_at(&t.log, T0, LOG_INFO, big, "v=%d", 1);
    const char *text = trial_close(&t);
    cr_assert_eq(count_lines(text), 2);
    cr_assert_leq(strlen(text), 2 * LOG_LINE);
}

Test(log, level_words_parse) {
    enum log_level level = LOG_WARN;

    cr_assert_eq(log_level_parse("debug", &level), ERR_OK);
    cr_assert_eq(level, LOG_DEBUG);
    cr_assert_eq(log_level_parse("loud", &level), ERR_FORMAT);
    cr_assert_eq(level, LOG_DEBUG);
}
