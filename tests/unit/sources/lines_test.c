#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/utc.h"
#include "sourcekit/capture.h"
#include "sourcekit/yaml.h"
#include "sources/lines.h"

static struct capture got;
static struct lines_conf conf;
static char folder[] = "/tmp/pb_lines_test_XXXXXX";
static char path[64];

static const char points[] =
    "points:\n"
    "  - {name: press-1/good, type: counter, unit: piece, decimals: 0}\n"
    "  - {name: press-1/state, key: st, type: state}\n"
    "  - {name: press-1/power, type: power, unit: kW}\n"
    "  - {name: press-1/scrap, type: event, unit: piece, decimals: 0, map: {burr: 7}}\n";

static void set_up(void) {
    capture_init(&got);
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/in", folder);
}

static void tear_down(void) {
    conf_free(&lines_schema, &conf);
    unlink(path);
    rmdir(folder);
    capture_fini(&got);
}

TestSuite(lines, .init = set_up, .fini = tear_down);

static int64_t at(const char *text) {
    int64_t t = 0;
    cr_assert_eq(utc_parse(span_str(text), &t), ERR_OK);
    return t;
}

static void put_file(const char *text) {
    FILE *f = fopen(path, "wb");
    fputs(text, f);
    fclose(f);
}

static struct source *open_conf(const char *yaml, const char *position) {
    char all[4096];
    struct conf_report report;
    struct source *s = NULL;

    snprintf(all, sizeof all, "path: %s\n%s", path, yaml);
    conf_free(&lines_schema, &conf);
    yaml_load(all, &lines_schema, &conf);
    conf_report_init(&report);
    lines_conf_finish(&conf, &report);
    yaml_clean(&report);
    conf_report_fini(&report);
    cr_assert_eq(lines_open(&conf, 1000, span_str(position), &s), ERR_OK);
    return s;
}

static void read_all(const char *text, const char *settings) {
    char yaml[2048];
    int64_t next;

    put_file(text);
    snprintf(yaml, sizeof yaml, "from: file\n%s%s", settings, points);
    struct source *s = open_conf(yaml, "");
    cr_assert_eq(s->ops->fd(s), -1);
    capture_drain(&got, s, 5000, &next);
    cr_assert_eq(next, INT64_MIN);
    s->ops->close(s);
}

Test(lines, json_gives_single_and_several_values) {
    read_all("{\"point\":\"press-1/good\",\"value\":12,\"t\":\"2026-11-23T06:00:00.5Z\"}\n"
             "{\"t\":1795413601000,\"values\":{\"press-1/power\":4.125,\"st\":\"in setup\"}}\n"
             "{\"point\":\"press-1/good\",\"value\":null,\"t\":1795413602000}\n"
             "{\"point\":\"press-1/good\",\"value\":13,\"quality\":\"bad\",\"t\":1795413603000}\n"
             "{\"point\":\"press-1/scrap\",\"value\":2,\"tag\":\"burr\",\"t\":1795413603000}\n"
             "{\"alive\":true,\"t\":1795413610000}\n",
             "");
    cr_assert_eq(got.refused_n, 0u, "%s", got.refused[0]);
    cr_assert_eq(got.reading_n, 6u);
    cr_assert_eq(got.readings[0].r.v.as.i, 12);
    cr_assert_eq(got.readings[0].r.t_ms, at("2026-11-23T06:00:00.5Z"));
    cr_assert_eq(got.readings[1].r.v.as.i, 4125);
    cr_assert_str_eq(got.readings[2].text, "in setup");
    cr_assert_eq(got.readings[3].r.quality, QUALITY_BAD);
    cr_assert_eq(batch_why_of(&got.readings[3].r), BATCH_WHY_UNAVAILABLE);
    cr_assert_eq(got.readings[4].r.quality, QUALITY_BAD);
    cr_assert_eq(batch_why_of(&got.readings[4].r), BATCH_WHY_MARKED);
    cr_assert_eq(got.readings[5].r.v.as.span.amount, 2);
    cr_assert_eq(got.readings[5].r.v.as.span.tag, 7);
    /* 1795413601000 is 2026-11-23T06:00:01Z; all lines are within the heartbeat of 60 s. */
    cr_assert_eq(got.cover_n, 1u);
    cr_assert_eq(got.covers[0].until_ms, INT64_C(1795413610000));
}

Test(lines, pairs_give_words_and_quoted_texts) {
    read_all("t=2026-11-23T06:00:00Z press-1/good=12 st=\"in \\\"setup\\\"\"\n"
             "press-1/power=1.5\r\n"
             "\n"
             "press-1/power=1,5 press-1/good=14\n"
             "nonsense\n",
             "format: pairs\n");
    cr_assert_eq(got.reading_n, 4u);
    cr_assert_str_eq(got.readings[1].text, "in \"setup\"");
    cr_assert_eq(got.readings[2].r.v.as.i, 1500);
    cr_assert_eq(got.readings[2].r.t_ms, 5000); /* without t: when it was read */
    cr_assert_eq(got.readings[3].r.v.as.i, 14);
    cr_assert_eq(got.refused_n, 2u);
    cr_assert_str_eq(
        got.refused[0],
        "value: client 1, line 4, column 15, press-1/power: expected a number (decimals "
        "behind a point), not \"1,5\"");
    cr_assert_str_eq(got.refused[1], "line: client 1, line 5, column 9: expected key=value");
}

Test(lines, shdr_knows_conditions_messages_assets_and_unavailable) {
    read_all("2026-11-23T06:00:00.1234567Z|st|ACTIVE|press-1/good|3\n"
             "2026-11-23T06:00:01Z|st|FAULT|||HIGH|too hot\n"
             "2026-11-23T06:00:02Z|st|C12|door is open\n"
             "2026-11-23T06:00:03Z|@ASSET@|1|Tool|--multiline--AB\n"
             "<x>|press-1/good|99</x>\n"
             "--multiline--AB\n"
             "* PONG 10000\n"
             "2026-11-23T06:00:04Z@5|st|UNAVAILABLE\n",
             "format: shdr\n");
    cr_assert_eq(got.refused_n, 0u, "%s", got.refused[0]);
    cr_assert_eq(got.reading_n, 5u);
    cr_assert_str_eq(got.readings[0].text, "ACTIVE");
    cr_assert_eq(got.readings[1].r.t_ms, at("2026-11-23T06:00:00.123Z"));
    cr_assert_str_eq(got.readings[2].text, "FAULT");
    cr_assert_str_eq(got.readings[3].text, "door is open");
    cr_assert_eq(got.readings[4].r.quality, QUALITY_BAD);
}

Test(lines, shdr_condition_without_a_level_says_nothing) {
    read_all("2026-11-23T06:00:00Z|st|FAULT\n"
             "2026-11-23T06:00:01Z|st\n",
             "format: shdr\nconditions: [st]\n");
    cr_assert_eq(got.reading_n, 1u);
    cr_assert_str_eq(got.readings[0].text, "FAULT");
}

Test(lines, a_silence_over_the_heartbeat_is_a_gap) {
    read_all("t=0 st=1\nt=30000 st=2\nt=100000 alive=1\nt=130000 alive=1\n", "format: pairs\n"
                                                                             "heartbeat: 30 s\n");
    cr_assert_eq(got.cover_n, 2u);
    cr_assert_eq(got.covers[0].since_ms, 0);
    cr_assert_eq(got.covers[0].until_ms, 30000);
    cr_assert_eq(got.covers[1].since_ms, 100000);
    cr_assert_eq(got.covers[1].until_ms, 130000);
}

/* The third line is a day ahead of the fourth: it is taken and told, but vouches for nothing, so
 * the minute around it stays one span. */
Test(lines, one_stamp_from_the_future_hides_nothing) {
    read_all(
        "t=10000 st=1\nt=40000 st=2\nt=86440000 press-1/good=5\nt=60000 st=1\nt=70000 alive=1\n",
        "format: pairs\nheartbeat: 30 s\n");
    cr_assert_eq(got.reading_n, 4u);
    cr_assert_eq(got.cover_n, 1u);
    cr_assert_eq(got.covers[0].since_ms, 10000);
    cr_assert_eq(got.covers[0].until_ms, 70000);
    cr_assert_eq(got.refused_n, 1u);
    cr_assert_str_eq(got.refused[0], "ahead: client 1, line 4, the line before is 86380 s ahead of "
                                     "this one: it vouches for no time");
}

Test(lines, unknown_keys_are_named_once_or_made_points) {
    read_all("t=0 x=1\nt=1 x=2\nt=2 y=1\n", "format: pairs\n");
    cr_assert_eq(got.refused_n, 2u);
    cr_assert_eq(got.reading_n, 0u);
    capture_fini(&got);
    capture_init(&got);
    read_all("t=0 X(1)=1\nt=1 X(1)=2.5\nt=2 X[1]=1\n",
             "format: pairs\nunknown: gauge\nprefix: cell-3/\nhint: cell-3\n");
    cr_assert_eq(got.reading_n, 2u);
    cr_assert_str_eq(got.points[4].name, "cell-3/X-1-");
    cr_assert_str_eq(got.points[4].hint, "cell-3");
    cr_assert_eq(got.readings[1].r.v.as.r, 2.5);
    cr_assert_eq(got.refused_n, 1u); /* X[1] would be the same point */
}

Test(lines, a_line_over_64_KiB_is_refused_and_passed) {
    char *text = calloc(1, 200000);
    strcpy(text, "t=0 st=1\nt=1 st=");
    memset(text + strlen(text), '7', 150000);
    strcat(text, "\nt=2 st=3\n");
    read_all(text, "format: pairs\n");
    cr_assert_eq(got.reading_n, 2u);
    cr_assert_eq(got.refused_n, 1u);
    cr_assert_str_eq(got.refused[0], "line: client 1, line 2, expected at most 64 KiB");
    free(text);
}

Test(lines, a_restart_of_a_file_goes_on_after_the_last_reading) {
    char text[8192] = "";
    struct buf position;
    char yaml[2048];
    int64_t next;

    for (int i = 0; i < 100; i++)
        sprintf(text + strlen(text), "t=%d press-1/good=%d st=w%d\n", i * 1000, i, i);
    put_file(text);
    snprintf(yaml, sizeof yaml, "from: file\nformat: pairs\n%s", points);
    buf_init(&position);
    for (int i = 0; i < 100 && got.reading_n < 200; i++) {
        buf_add_byte(&position, 0);
        struct source *s = open_conf(yaml, (const char *)position.p);
        got.point_n = 0;
        got.room = 7;
        cr_assert_eq(s->ops->poll(s, 0, &got.out, &next), ERR_OK);
        buf_reset(&position);
        s->ops->position(s, &position);
        s->ops->close(s);
    }
    cr_assert_eq(got.reading_n, 200u);
    for (size_t i = 0; i < 100; i++) {
        cr_assert_eq(got.readings[2 * i].r.v.as.i, (int64_t)i);
        cr_assert_eq(got.readings[2 * i + 1].r.t_ms, (int64_t)i * 1000);
    }
    buf_fini(&position);
}

#define FOLLOWED                                                                                   \
    "from: file\nfollow: true\nformat: pairs\nheartbeat: 1 h\npoints: [{name: a, type: counter, "  \
    "unit: piece, decimals: 0}]\n"

static void expect_values(const char *want) {
    char text[200] = "";
    for (size_t i = 0; i < got.reading_n; i++)
        sprintf(text + strlen(text), "%lld ", (long long)got.readings[i].r.v.as.i);
    cr_expect_str_eq(text, want);
}

static void reopen(struct source **s, struct buf *position) {
    int64_t next;
    if (*s != NULL) {
        buf_reset(position);
        (*s)->ops->position(*s, position);
        (*s)->ops->close(*s);
    }
    buf_add_byte(position, 0);
    got.point_n = 0;
    *s = open_conf(FOLLOWED, (const char *)position->p);
    capture_drain(&got, *s, 0, &next);
}

Test(lines, a_file_that_was_replaced_is_read_from_its_front) {
    struct buf position;
    struct source *s = NULL;

    buf_init(&position);
    put_file("t=1000 a=1\nt=2000 a=2\n");
    reopen(&s, &position);
    put_file("t=5000 a=5\nt=6000 a=6\nt=7000 a=7\n");
    reopen(&s, &position);
    expect_values("1 2 5 6 7 ");
    cr_assert_eq(got.cover_n, 2u); /* what lies between the two is not known */
    cr_expect_eq(got.covers[1].since_ms, 5000);
    (void)unlink(path); /* as a whole, with more in it */
    put_file("t=5000 a=5\nt=6000 a=6\nt=7000 a=7\nt=8000 a=8\n");
    reopen(&s, &position);
    expect_values("1 2 5 6 7 8 ");
    s->ops->close(s);
    buf_fini(&position);
}

Test(lines, a_followed_file_is_renamed_and_later_cut_down) {
    struct buf position;
    struct source *s = NULL;
    char old[300];
    int64_t next;

    buf_init(&position);
    put_file("t=1000 a=1\n");
    reopen(&s, &position);
    snprintf(old, sizeof old, "%s.1", path);
    cr_assert_eq(rename(path, old), 0);
    put_file("t=2000 a=2\nt=3000 a=33");
    capture_drain(&got, s, 1000, &next);
    expect_values("1 2 ");
    cr_expect_eq(got.refused_n, 0u);
    for (size_t i = 1; i < got.cover_n; i++) /* nothing lies between */
        cr_expect_leq(got.covers[i].since_ms, got.covers[i - 1].until_ms);
    const size_t before = got.cover_n;
    /* The half line is joined to nothing. */
    put_file("t=4000 a=4\nt=5000 a=5\nt=6000 a=6\nt=7000 a=7\n");
    capture_drain(&got, s, 2000, &next);
    expect_values("1 2 4 5 6 7 ");
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_str_eq(got.refused[0], "file: client 1, line 1, the file has been replaced or cut "
                                     "down; reading begins at its front");
    cr_assert_gt(got.cover_n, before);
    cr_expect_eq(got.covers[before].since_ms, 4000);
    s->ops->close(s);
    (void)unlink(old);
    buf_fini(&position);
}

Test(lines, a_fifo_outlives_its_writers) {
    char yaml[2048];
    int64_t next;

    cr_assert_eq(mkfifo(path, 0600), 0);
    snprintf(yaml, sizeof yaml, "from: file\nformat: pairs\n%s", points);
    struct source *s = open_conf(yaml, "");
    capture_drain(&got, s, 1000, &next);
    cr_assert_eq(next, INT64_MAX);
    cr_assert_geq(s->ops->fd(s), 0);
    for (int i = 0; i < 2; i++) {
        const int fd = open(path, O_WRONLY | O_NONBLOCK);
        cr_assert_geq(fd, 0);
        cr_assert_eq(write(fd, "t=5 st=1\n", 9), 9);
        close(fd);
        capture_drain(&got, s, 1000, &next);
        cr_assert_eq(next, INT64_MAX);
        cr_assert_eq(got.reading_n, (size_t)i + 1);
    }
    s->ops->close(s);
}

static int connect_client(void) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    strcpy(a.sun_path, path);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(connect(fd, (const struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

Test(lines, several_clients_share_a_socket) {
    char yaml[2048];
    int64_t next;

    snprintf(yaml, sizeof yaml, "from: socket\nformat: pairs\nclients_max: 2\n%s", points);
    struct source *s = open_conf(yaml, "");
    const int a = connect_client(), b = connect_client();
    cr_assert_eq(write(a, "t=1 st=1\nt=2 st", 15), 15);
    cr_assert_eq(write(b, "t=3 st=3\n", 9), 9);
    capture_drain(&got, s, 1000, &next);
    cr_assert_eq(got.reading_n, 2u);
    cr_assert_eq(next, INT64_MAX);
    cr_assert_eq(write(a, "=2\n", 3), 3);
    close(b);
    capture_drain(&got, s, 1000, &next);
    cr_assert_eq(got.reading_n, 3u);
    cr_assert_eq(got.readings[2].r.t_ms, 2);
    const int c = connect_client(); /* in the place of b */
    cr_assert_eq(write(c, "t=4 st=4", 8), 8);
    close(c); /* a last line without line end counts */
    capture_drain(&got, s, 1000, &next);
    cr_assert_eq(got.reading_n, 4u);
    struct source *second = NULL;
    cr_assert_eq(lines_open(&conf, 0, span_of(NULL, 0), &second), ERR_BUSY);
    close(a);
    s->ops->close(s);
    cr_assert_neq(access(path, F_OK), 0);
}

Test(lines, a_full_journal_is_offered_the_same_reading_again) {
    char yaml[2048];
    int64_t next;

    put_file("t=1 st=1 press-1/good=2\n");
    snprintf(yaml, sizeof yaml, "from: file\nformat: pairs\n%s", points);
    struct source *s = open_conf(yaml, "");
    got.room = 1;
    cr_assert_eq(s->ops->poll(s, 1000, &got.out, &next), ERR_OK);
    cr_assert_gt(next, 1000);
    cr_assert_eq(got.cover_n, 1u); /* what was told is vouched for */
    got.room = 10;
    capture_drain(&got, s, next, &next);
    cr_assert_eq(got.reading_n, 2u);
    cr_assert_eq(got.readings[1].r.v.as.i, 2);
    cr_assert_eq(got.cover_n, 1u);
    s->ops->close(s);
}

Test(lines, a_shifted_recording_waits_for_its_time) {
    char yaml[2048];
    int64_t next;

    put_file("t=777000 st=1\nt=787000 st=2\n");
    snprintf(yaml, sizeof yaml, "from: file\nformat: pairs\nclock: shifted\n%s", points);
    struct source *s = open_conf(yaml, ""); /* opened at 1000 */
    capture_drain(&got, s, 1000, &next);
    cr_assert_eq(got.reading_n, 1u);
    cr_assert_eq(next, 11000);
    capture_drain(&got, s, 11000, &next);
    cr_assert_eq(got.readings[1].r.t_ms, 11000);
    cr_assert_eq(next, INT64_MIN);
    s->ops->close(s);
}

Test(lines, a_text_that_is_not_utf8_costs_itself_only) {
    read_all("t=1 st=x\xff press-1/good=2\n", "format: pairs\n");
    cr_assert_eq(got.reading_n, 1u);
    cr_assert_eq(got.refused_n, 1u);
}

Test(lines, a_time_by_another_name_is_refused_and_the_name_told) {
    read_all("{\"time\":\"2026-11-23T06:00:00Z\",\"point\":\"press-1/good\",\"value\":1}\n"
             "{\"timestamp\":1795413600000,\"values\":{\"press-1/good\":1}}\n",
             "");
    cr_assert_eq(got.reading_n, 0u);
    cr_assert_eq(got.refused_n, 2u);
    cr_expect_str_eq(got.refused[0],
                     "line: client 1, line 1, column 1: unknown member \"time\": did "
                     "you mean \"t\"?");
    cr_expect_str_eq(got.refused[1],
                     "line: client 1, line 2, column 1: unknown member \"timestamp\": "
                     "did you mean \"t\"?");
}

Test(lines, the_same_of_a_word) {
    read_all("time=1795413600000 st=1\n", "format: pairs\n");
    cr_assert_eq(got.reading_n, 0u);
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_str_eq(got.refused[0], "line: client 1, line 1, unknown key time: did you mean t?");
}

Test(lines, an_unknown_member_is_named_once_and_the_line_taken) {
    read_all("{\"t\":1795413600000,\"point\":\"press-1/good\",\"value\":1,\"site\":\"A\"}\n"
             "{\"t\":1795413601000,\"point\":\"press-1/good\",\"value\":2,\"site\":\"A\"}\n",
             "");
    cr_assert_eq(got.reading_n, 2u);
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_str_eq(got.refused[0],
                     "member: client 1, line 1, unknown member \"site\" is passed over; known: t, "
                     "point, value, values, quality, tag, dur_ms, alive");
}

Test(lines, members_of_a_point_need_one) {
    read_all("{\"t\":1795413600000,\"values\":{\"press-1/good\":1},\"quality\":\"bad\"}\n"
             "{\"t\":1795413600000,\"point\":\"press-1/good\",\"val\":1}\n",
             "");
    cr_assert_eq(got.reading_n, 0u);
    cr_assert_eq(got.refused_n, 2u);
    cr_expect_str_eq(got.refused[0],
                     "line: client 1, line 1, column 1: expected \"point\" beside \"quality\"");
    cr_expect_str_eq(got.refused[1],
                     "line: client 1, line 2, column 1: expected \"value\" beside \"point\"");
}

/* 1,795,413,600 s is 2026-11-23T06:00:00Z; as ms it would be of January 1970. */
Test(lines, seconds_are_refused_unless_they_are_the_unit) {
    read_all("t=1795413600 st=1\nt=1795413600.5 st=1\n", "format: pairs\n");
    cr_assert_eq(got.reading_n, 0u);
    cr_assert_eq(got.refused_n, 2u);
    cr_expect_str_eq(got.refused[0],
                     "line: client 1, line 1, column 3: expected ms since 1970, of 13 digits; for "
                     "seconds say time_unit: s");
    capture_fini(&got);
    capture_init(&got);
    read_all("t=1795413600 st=1\nt=1795413600.25 st=2\n{", "format: pairs\ntime_unit: s\n");
    cr_assert_eq(got.reading_n, 2u);
    cr_expect_eq(got.readings[0].r.t_ms, at("2026-11-23T06:00:00Z"));
    cr_expect_eq(got.readings[1].r.t_ms, at("2026-11-23T06:00:00.25Z"));
}

Test(lines, a_replay_has_no_clock_to_stamp_a_line_with) {
    got.out.no_clock = true;
    read_all("st=1\nt=1000 st=2\n", "format: pairs\n");
    cr_assert_eq(got.reading_n, 1u);
    cr_expect_eq(got.readings[0].r.t_ms, 1000);
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_str_eq(got.refused[0],
                     "time: client 1, line 1, expected a time: a replay has no clock "
                     "that says when a line arrived");
}

Test(lines, a_value_of_an_object_is_refused_by_its_key_and_text) {
    read_all("{\"t\":1795413600000,\"values\":{\"press-1/good\":\"abc\"}}\n", "");
    cr_assert_eq(got.refused_n, 1u);
    cr_expect_str_eq(got.refused[0], "value: client 1, line 1, press-1/good: expected a number "
                                     "(decimals behind a point), not \"abc\"");
}

/* Whose time a reading has is told with it: the line's, or ours where it has none or is not asked.
 */
Test(lines, whose_time_a_reading_has_is_told) {
    static const char text[] =
        "{\"point\": \"press-1/good\", \"value\": 1, \"t\": "
        "\"2026-11-23T06:00:00Z\"}\n{\"point\": \"press-1/good\", \"value\": 2}\n";
    static const struct {
        const char *clock;
        bool first;
    } row[] = {{"original", true}, {"arrival", false}, {"shifted", false}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char settings[64];
        capture_fini(&got); /* the points of the source before, too */
        capture_init(&got);
        snprintf(settings, sizeof settings, "clock: %s\n", row[i].clock);
        read_all(text, settings);
        cr_assert_eq(capture_count(&got, "press-1/good"), 2, "%s", row[i].clock);
        cr_expect_eq(capture_reading(&got, "press-1/good", 0)->r.by_device, row[i].first, "%s",
                     row[i].clock);
        cr_expect_not(capture_reading(&got, "press-1/good", 1)->r.by_device, "%s", row[i].clock);
    }
}
