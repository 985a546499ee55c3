/* Programs that are run: small scripts of the shell, driven only as a source drives them, by its
 * descriptor and its time. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "exec/exec.h"
#include "sourcekit/capture.h"
#include "sourcekit/yaml.h"
#include "sources/coverage.h"

enum { WAIT_MS = 30000, WORDS_MAX = 64 };

static struct exec_conf conf;
static struct capture got;
static struct source *source;
static char words[WORDS_MAX][400];
static size_t words_n;
static char folder[] = "/tmp/pb_exec_test_XXXXXX";

static void said(void *user, const char *text) {
    (void)user;
    if (words_n < WORDS_MAX)
        (void)snprintf(words[words_n], sizeof words[0], "%s", text);
    words_n++;
}

static void load(const char *settings) {
    struct conf_report report;
    yaml_load(settings, &exec_schema, &conf);
    conf_report_init(&report);
    exec_conf_finish(&conf, &report);
    yaml_clean(&report);
    conf_report_fini(&report);
}

static void open_program(const char *settings, const char *position) {
    load(settings);
    conf.base = folder;
    cr_assert_eq(exec_open(&conf, clock_wall_ms(), span_str(position), &source), ERR_OK);
}

static void close_program(void) {
    source->ops->close(source);
    conf_free(&exec_schema, &conf);
    capture_fini(&got);
    capture_init(&got);
    got.out.said = said;
    words_n = 0;
}

static void set_up(void) {
    capture_init(&got);
    got.out.said = said;
    cr_assert_not_null(mkdtemp(folder));
}

static void tear_down(void) {
    char command[80];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
    capture_fini(&got);
}

TestSuite(exec, .init = set_up, .fini = tear_down);

/* One poll, and a wait for what comes next. */
static void turn(void) {
    int64_t next_ms = 0;
    const int64_t now_ms = clock_wall_ms();
    cr_assert_eq(source->ops->poll(source, now_ms, &got.out, &next_ms), ERR_OK);
    struct pollfd fd = {.fd = source->ops->fd(source), .events = POLLIN};
    const int64_t wait_ms = next_ms == INT64_MAX ? 1000 : next_ms - now_ms;
    (void)poll(&fd, 1, wait_ms < 0 ? 0 : (int)(wait_ms < 1000 ? wait_ms : 1000));
}

#define UNTIL(condition)                                                                           \
    do {                                                                                           \
        const int64_t end_ms = clock_mono_ms() + WAIT_MS;                                          \
        while (!(condition) && clock_mono_ms() < end_ms)                                           \
            turn();                                                                                \
        cr_assert(condition, "not within %d ms: %s", WAIT_MS, #condition);                         \
    } while (0)

static struct source_state state_of(void) {
    struct source_state s;
    source->ops->state(source, &s);
    return s;
}

static bool has_said(const char *part) {
    for (size_t i = 0; i < words_n && i < WORDS_MAX; i++)
        if (strstr(words[i], part) != NULL)
            return true;
    return false;
}

static char *read_file(const char *name) {
    char path[200];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return yaml_file(path);
}

/* Whether a process of that id lives, a zombie not. */
static bool lives(pid_t pid) {
    char path[64], state = 'Z';
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return false;
    const int n = fscanf(f, "%*d %*s %c", &state);
    (void)fclose(f);
    return n == 1 && state != 'Z';
}

static pid_t pid_in(const char *name) {
    char *text = read_file(name);
    if (text == NULL)
        return 0;
    const pid_t pid = (pid_t)strtol(text, NULL, 10);
    free(text);
    return pid;
}

static size_t children(void) {
    char path[80];
    size_t n = 0;
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *f = fopen(path, "r");
    for (int id; f != NULL && fscanf(f, "%d", &id) == 1;)
        n++;
    if (f != NULL)
        (void)fclose(f);
    return n;
}

#define POINTS                                                                                     \
    "points: [{name: good, type: counter, decimals: 0}, {name: state, type: state}, "              \
    "{name: scrap, type: event, decimals: 0}]\n"

Test(exec, lines_become_readings_and_other_words_are_for_people) {
    open_program("command: [sh, -c, 'echo good=$FIRST state=$1; echo \"it \\\"runs\\\"\" >&2; exec "
                 "sleep 1000', sh, two-words]\n"
                 "environment: {FIRST: 12}\n"
                 "format: pairs\n" POINTS,
                 "");
    UNTIL(got.reading_n >= 2 && words_n >= 1);
    cr_expect_eq(capture_reading(&got, "good", 0)->r.v.as.i, 12);
    cr_expect_str_eq(words[0], "it 'runs'");
    cr_expect_str_eq(state_of().state, "running");
    cr_expect_eq(state_of().requests, 1u);
    cr_expect_eq(children(), 1u);
    close_program();
    cr_expect_eq(children(), 0u, "a child was left");
}

Test(exec, runs_in_its_folder_with_its_words_and_without_a_shell) {
    char path[100];
    (void)snprintf(path, sizeof path, "%s/sub", folder);
    cr_assert_eq(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/sub/run", folder);
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f);
    (void)fputs("#!/bin/sh\npwd >../where\nprintf '%s\\n' \"$@\" >../words\nexec sleep 1000\n", f);
    (void)fclose(f);
    cr_assert_eq(chmod(path, 0700), 0);
    open_program("command: [./run, '$HOME', 'a b', '']\nfolder: sub\n" POINTS, "");
    char *was = NULL;
    UNTIL((free(was), was = read_file("words")) != NULL && strlen(was) == 11);
    cr_expect_str_eq(was, "$HOME\na b\n\n");
    free(was);
    char *where = read_file("where");
    cr_expect_not_null(strstr(where, "/sub"));
    free(where);
    close_program();
}

Test(exec, one_that_fails_is_started_again_after_pauses_that_double) {
    open_program("command: [sh, -c, 'echo bad >&2; exit 3']\n"
                 "restart_least: 40 ms\nrestart_most: 100 ms\n" POINTS,
                 "");
    UNTIL(state_of().errors >= 4);
    cr_expect(has_said("sh ended with code 3 after 0 s; it is started again in 40 ms"), "%s",
              words[1]);
    cr_expect(has_said("it is started again in 80 ms"));
    cr_expect(has_said("it is started again in 100 ms"));
    cr_expect_not(has_said("160 ms"));
    cr_expect_str_eq(state_of().detail, "sh ended with code 3");
    close_program();
}

Test(exec, one_that_lived_begins_with_the_least_pause_again) {
    open_program("command: [sh, -c, 'sleep 0.2; exit 1']\n"
                 "restart_least: 20 ms\nrestart_most: 60 s\nlived: 100 ms\n" POINTS,
                 "");
    UNTIL(state_of().errors >= 3);
    cr_expect_not(has_said("in 40 ms"));
    close_program();
}

Test(exec, what_cannot_be_run_is_named) {
    open_program("command: [no-such-program-here]\nrestart_least: 20 ms\n" POINTS, "");
    UNTIL(state_of().errors >= 1);
    cr_expect(has_said("no-such-program-here was not started: no folder of PATH has such"), "%s",
              words[0]);
    cr_expect_gt(got.point_n, 0u, "its points are declared all the same");
    close_program();
    open_program("command: [./none]\nrestart_least: 20 ms\n" POINTS, "");
    UNTIL(state_of().errors >= 1);
    cr_expect(has_said("./none could not be run in /tmp/pb_exec_test"), "%s", words[0]);
    cr_expect(has_said("No such file"), "%s", words[0]);
    close_program();
    cr_expect_eq(children(), 0u);
}

Test(exec, all_that_it_started_ends_with_it) {
    open_program("command: [sh, -c, 'sleep 1000 & echo $! >one; trap \"\" TERM; (trap \"\" TERM; "
                 "while :; do sleep 1; done) & echo $! >two; echo $$ >self; wait; wait']\n"
                 "stop: 100 ms\n" POINTS,
                 "");
    UNTIL(pid_in("self") > 0 && pid_in("two") > 0);
    const pid_t self = pid_in("self"), one = pid_in("one"), two = pid_in("two");
    cr_assert(lives(self) && lives(one) && lives(two));
    close_program();
    const int64_t end_ms = clock_mono_ms() + WAIT_MS;
    while ((lives(self) || lives(one) || lives(two)) && clock_mono_ms() < end_ms)
        (void)poll(NULL, 0, 10);
    cr_expect_not(lives(self));
    cr_expect_not(lives(one));
    cr_expect_not(lives(two));
    cr_expect_eq(children(), 0u);
}

/* It would hold the pipe open for ever. */
Test(exec, what_a_program_leaves_behind_ends_too) {
    open_program("command: [sh, -c, 'sleep 1000 & echo $! >left; echo good=1; exit 0']\n"
                 "format: pairs\nrestart_least: 60 s\n" POINTS,
                 "");
    UNTIL(state_of().requests == 1 && strcmp(state_of().state, "waiting") == 0);
    const pid_t left = pid_in("left");
    cr_expect_gt(left, 0);
    const int64_t end_ms = clock_mono_ms() + WAIT_MS;
    while (lives(left) && clock_mono_ms() < end_ms)
        (void)poll(NULL, 0, 10);
    cr_expect_not(lives(left));
    cr_expect_eq(capture_count(&got, "good"), 1u);
    cr_expect_eq(children(), 0u);
    close_program();
}

Test(exec, one_that_closes_its_output_is_ended) {
    open_program("command: [sh, -c, 'echo $$ >self; exec >&-; trap \"\" TERM; while :; do sleep "
                 "0.1; done']\n"
                 "stop: 50 ms\nrestart_least: 60 s\n" POINTS,
                 "");
    UNTIL(state_of().errors == 1);
    cr_expect_not(lives(pid_in("self")));
    close_program();
}

Test(exec, from_its_end_to_its_next_words_is_a_gap) {
    open_program("command: [sh, -c, 'echo good=1; exit 1']\n"
                 "format: pairs\nrestart_least: 50 ms\nheartbeat: 1 h\n" POINTS,
                 "");
    UNTIL(capture_count(&got, "good") >= 3);
    cr_expect_geq(got.cover_n, 3u);
    for (size_t i = 1; i < got.cover_n; i++)
        cr_expect_gt(got.covers[i].since_ms, got.covers[i - 1].until_ms);
    close_program();
}

Test(exec, one_that_takes_looks_vouches_from_one_to_the_next) {
    open_program("command: [sh, -c, 'echo good=1']\n"
                 "every: 60 ms\nformat: pairs\nheartbeat: 1 h\n" POINTS,
                 "");
    UNTIL(capture_count(&got, "good") >= 4);
    cr_expect_eq(got.cover_n, 1u);
    cr_expect_eq(words_n, 0u, "%s", words[0]);
    cr_expect_eq(state_of().errors, 0u);
    cr_expect_str_eq(state_of().state, "running");
    close_program();
}

/* A program with a memory of its own: ten events, of which it says those behind its position. */
#define COUNTER                                                                                    \
    "command: [sh, -c, 'i=${PLANTBUS_POSITION:-0}; while [ $i -lt 10 ]; do i=$((i + 1)); "         \
    "echo \"t=$((1795413600000 + i * 1000)) scrap=1\"; "                                           \
    "[ $((i % 4)) = 0 ] && echo \"position=$i\"; "                                                 \
    "[ $i = 6 ] && [ ! -e died ] && touch died && exit 1; done; exec sleep 1000']\n"               \
    "format: pairs\nposition: true\nrestart_least: 20 ms\n" POINTS

/* It dies behind the sixth, begins again behind the fourth, and says the fifth and sixth twice. */
Test(exec, one_that_goes_on_at_its_position_is_told_once_and_has_no_gap) {
    open_program(COUNTER, "");
    UNTIL(capture_count(&got, "scrap") >= 10 && state_of().requests == 2);
    turn();
    cr_expect_eq(capture_count(&got, "scrap"), 10u);
    for (int i = 0; i < 10; i++)
        cr_expect_eq(capture_reading(&got, "scrap", (size_t)i)->r.t_ms,
                     INT64_C(1795413601000) + i * 1000);
    cr_expect_eq(got.cover_n, 1u);
    struct buf position;
    buf_init(&position);
    source->ops->position(source, &position);
    (void)buf_add_byte(&position, '\0');
    cr_expect_str_eq((const char *)position.p, "1 1795413610000 2 8");
    buf_fini(&position);
    close_program();
}

/* As an agent that was killed finds it in its journal. */
Test(exec, over_a_restart_it_goes_on_too) {
    open_program(COUNTER, "1 1795413607000 3 4");
    UNTIL(capture_count(&got, "scrap") >= 3);
    turn();
    cr_expect_eq(capture_reading(&got, "scrap", 0)->r.t_ms, INT64_C(1795413608000));
    UNTIL(capture_count(&got, "scrap") == 3);
    cr_expect_eq(got.covers[0].since_ms, INT64_C(1795413607000), "no time is lost");
    close_program();
    static const char *const wrong[] = {"2 - 0 x", "1 -", "1 - -1 x", "1 - x y"};
    load(COUNTER);
    for (size_t i = 0; i < 4; i++)
        cr_expect_neq(exec_open(&conf, 0, span_str(wrong[i]), &source), ERR_OK, "%s", wrong[i]);
    conf_free(&exec_schema, &conf);
}

Test(exec, positions_of_json_and_what_is_none) {
    open_program("command: [sh, -c, 'echo \"{\\\"point\\\":\\\"good\\\",\\\"value\\\":3,"
                 "\\\"t\\\":1795413600000,\\\"position\\\":\\\"a b\\\"}\"; "
                 "printf \"{\\\"position\\\":\\\"%0200d\\\"}\\n\" 7; exec sleep 1000']\n"
                 "position: true\n" POINTS,
                 "");
    UNTIL(got.refused_n >= 1);
    cr_expect_str_eq(got.refused[0], "line: run 1, line 2, column 1: expected \"position\" to be a "
                                     "text of at most 160 printable characters, or a number");
    struct buf position;
    buf_init(&position);
    source->ops->position(source, &position);
    (void)buf_add_byte(&position, '\0');
    cr_expect_str_eq((const char *)position.p, "1 1795413600000 0 a b");
    buf_fini(&position);
    close_program();
}

Test(exec, long_binary_and_unended_lines_are_refused_by_name) {
    open_program("command: [sh, -c, 'head -c 70000 /dev/zero | tr \"\\\\0\" x; echo; "
                 "printf \"\\\\377\\\\0\\\\1\\\\n\"; echo good=5; printf good=99; exit 0']\n"
                 "format: pairs\nrestart_least: 60 s\n" POINTS,
                 "");
    UNTIL(got.refused_n >= 3);
    cr_expect_str_eq(got.refused[0], "line: run 1, line 1, expected at most 64 KiB");
    cr_expect_str_eq(got.refused[1], "line: run 1, line 2, column 4: expected key=value");
    UNTIL(state_of().requests == 1 && strcmp(state_of().state, "waiting") == 0);
    cr_expect_str_eq(got.refused[2], "line: run 1, line 4, expected a whole line, but its writer "
                                     "ended inside it");
    cr_expect_eq(capture_count(&got, "good"), 1u);
    close_program();
}

Test(exec, a_line_that_never_ends_is_named_at_once_and_once) {
    open_program("command: [sh, -c, 'while :; do head -c 65536 /dev/zero; done']\n" POINTS, "");
    UNTIL(got.refused_n >= 1);
    for (int i = 0; i < 50; i++)
        turn();
    cr_expect_eq(got.refused_n, 1u);
    close_program();
}

Test(exec, a_full_journal_loses_nothing) {
    open_program("command: [sh, -c, 'for i in 1 2 3 4 5 6; do echo good=$i scrap=1; done; exec "
                 "sleep 1000']\n"
                 "format: pairs\n" POINTS,
                 "");
    got.room = 5;
    UNTIL(got.reading_n == 5);
    cr_expect_eq(source->ops->fd(source), -1, "nothing wakes the owner");
    got.room = SIZE_MAX;
    UNTIL(got.reading_n == 12);
    cr_expect_eq(capture_amount(&got, "scrap"), 6);
    close_program();
}

/* The kernel tells the guard, and that ends the group. */
Test(exec, our_death_is_the_program_s_too) {
    const pid_t us = fork();
    cr_assert_geq(us, 0);
    if (us == 0) {
        open_program("command: [sh, -c, 'sleep 1000 & echo $! >one; echo $$ >self; wait']\n" POINTS,
                     "");
        for (;;)
            turn();
    }
    const int64_t end_ms = clock_mono_ms() + WAIT_MS;
    while ((pid_in("self") == 0 || pid_in("one") == 0) && clock_mono_ms() < end_ms)
        (void)poll(NULL, 0, 10);
    const pid_t self = pid_in("self"), one = pid_in("one");
    cr_assert(lives(self) && lives(one));
    cr_assert_eq(kill(us, SIGKILL), 0);
    while ((lives(self) || lives(one)) && clock_mono_ms() < end_ms)
        (void)poll(NULL, 0, 10);
    cr_expect_not(lives(self));
    cr_expect_not(lives(one));
}

static void expect_wrong(const char *settings, const char *says) {
    struct conf_report report;
    struct buf out;
    yaml_load(settings, &exec_schema, &conf);
    conf_report_init(&report);
    buf_init(&out);
    exec_conf_finish(&conf, &report);
    conf_report_format(&report, &out);
    (void)buf_add_byte(&out, '\0');
    cr_expect_eq(report.problem_n, 1u, "%s\n%s", settings, (const char *)out.p);
    cr_expect_not_null(strstr((const char *)out.p, says), "%s\n%s", settings, (const char *)out.p);
    buf_fini(&out);
    conf_report_fini(&report);
    conf_free(&exec_schema, &conf);
}

Test(exec, mistakes_are_named) {
    expect_wrong("command: ['', x]", "the first word is the program");
    expect_wrong("command: [x]\nrestart_least: 2 s\nrestart_most: 1 s", "restart_least is over");
    expect_wrong("command: [x]\nposition: true\nformat: shdr", "lines of SHDR have none");
    expect_wrong("command: [x]\nposition: true\nclock: arrival", "not clock: arrival");
    expect_wrong("command: [x]\nenvironment: {PLANTBUS_POSITION: 1}", "is set by the agent");
    expect_wrong("command: [x]\nenvironment: {'A=B': 1}", "a name without =");
    expect_wrong("command: [x]\npoints: [{name: a}, {name: a}]", "stands in two points");
}
