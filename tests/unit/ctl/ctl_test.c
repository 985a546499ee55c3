/* The tool as it is called: exit codes, and what goes to which stream. */
#include "ctl/ctl.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/export.h"
#include "views/window_text.h"

enum { WORDS = 16, BYTES = 65536 };

static char folder[64];

static void begin(void) {
    memcpy(folder, "/tmp/plantbus-ctl-XXXXXX", sizeof "/tmp/plantbus-ctl-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    cr_redirect_stdout();
    cr_redirect_stderr();
}

static const char *const names[] = {"plant.yaml", "source.yaml", "rows.csv", "a.jsonl", "b.jsonl"};

static void path_of(const char *name, char out[128]) {
    snprintf(out, 128, "%s/%s", folder, name);
}

static void finish(void) {
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        path_of(names[i], path);
        unlink(path);
    }
    rmdir(folder);
}

TestSuite(ctl, .init = begin, .fini = finish);

static void put(const char *name, const char *text) {
    char path[128];
    path_of(name, path);
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f);
    cr_assert_geq(fputs(text, f), 0);
    cr_assert_eq(fclose(f), 0);
}

static size_t get(const char *name, char out[BYTES]) {
    char path[128];
    path_of(name, path);
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f);
    size_t n = fread(out, 1, BYTES - 1, f);
    out[n] = 0;
    fclose(f);
    return n;
}

/* The words of a command line; one that begins with @ is a file of the test's folder. */
static int call(const char *const *word) {
    char paths[WORDS][128];
    char *argv[WORDS + 1] = {"plantbus"};
    int argc = 1;
    for (; *word; word++, argc++) {
        cr_assert_lt(argc, WORDS);
        if (**word == '@')
            path_of(*word + 1, paths[argc]);
        else
            snprintf(paths[argc], sizeof paths[argc], "%s", *word);
        argv[argc] = paths[argc];
    }
    int code = ctl_main(argc, argv);
    fflush(stdout);
    fflush(stderr);
    return code;
}
#define CALL(...) call((const char *const[]){__VA_ARGS__, NULL})

static size_t read_stream(FILE *f, char out[BYTES]) {
    size_t n = fread(out, 1, BYTES - 1, f);
    out[n] = 0;
    return n;
}

static const char plant[] =
    "site: {id: works, time_zone: UTC, keep_logs: 3650 d, keep_cells: 3652 d}\nareas:\n  "
    "hall:\n    lines:\n      line:\n"
    "        agent: gw\n        units:\n          meter: {signals: "
    "{energy: {point: meter/energy}}}\n";
static const char source[] =
    "agent: gw\nsources:\n  rows:\n    csv:\n      file: rows.csv\n      rows: intervals\n"
    "      time_columns: [t]\n      period: 30 min\n      columns:\n"
    "        - {column: kwh, point: meter/energy, type: interval, unit: kWh}\n";
static const char rows[] = "t,kwh\n2026-01-01T08:00:00Z,1.5\n2026-01-01T08:30:00Z,2\n"
                           "2026-01-01T09:00:00Z,0.25\n";

Test(ctl, help_is_no_failure_and_nothing_is_a_wrong_call) {
    char *alone[] = {"plantbus"};
    cr_expect_eq(ctl_main(1, alone), CTL_USAGE);
    cr_expect_eq(CALL("--help"), CTL_OK);
    cr_expect_eq(CALL("-h"), CTL_OK);
    cr_expect_eq(CALL("--version"), CTL_OK);
    cr_expect_eq(CALL("-x"), CTL_USAGE);
    for (unsigned i = 0; i < ctl_command_n; i++)
        cr_expect_eq(CALL(ctl_commands[i].name, "--help"), CTL_OK, "%s", ctl_commands[i].name);
}

Test(ctl, an_unknown_command_names_the_nearest) {
    char err[BYTES];
    cr_expect_eq(CALL("chekc"), CTL_USAGE);
    read_stream(cr_get_redirected_stderr(), err);
    cr_expect_not_null(strstr(err, "did you mean check?"));
}

Test(ctl, check_names_file_line_and_column_of_every_mistake) {
    char err[BYTES];
    put("plant.yaml",
        "site: {id: works, time_zone: Nowhere/Land}\nareas:\n  hall:\n    lines:\n"
        "      line:\n        agnet: gw\n        units:\n          a: {headcont: 1}\n");
    cr_expect_eq(CALL("check", "@plant.yaml"), CTL_CONFIG);
    read_stream(cr_get_redirected_stderr(), err);
    cr_expect_not_null(strstr(err, "plant.yaml:6:9: "), "%s", err);
    cr_expect_not_null(strstr(err, "plant.yaml:8:15: "), "%s", err);
    cr_expect_not_null(strstr(err, "        ^"), "%s", err);
}

Test(ctl, check_notes_a_counter_without_a_rate_at_its_place) {
    char err[BYTES];
    put("plant.yaml",
        "site: {id: works, time_zone: UTC}\nareas:\n  hall:\n    lines:\n      line:\n"
        "        agent: gw\n        units:\n          press:\n            signals:\n"
        "              good: {point: press/good, max_rate: 600 1/h}\n"
        "              scrap: {point: press/scrap}\n");
    cr_expect_eq(CALL("check", "@plant.yaml"), CTL_OK);
    read_stream(cr_get_redirected_stderr(), err);
    cr_expect_not_null(strstr(err,
                              "plant.yaml:11:15: note: scrap, if it is a counter: without max_rate "
                              "wraps cannot be told from resets"),
                       "%s", err);
    cr_expect_null(strstr(err, "note: good"));
}

Test(ctl, check_tells_what_a_plant_contains) {
    char out[BYTES];
    put("plant.yaml", plant);
    cr_expect_eq(CALL("check", "@plant.yaml"), CTL_OK);
    read_stream(cr_get_redirected_stdout(), out);
    cr_expect_not_null(strstr(out, "1 areas, 1 lines, 1 units, 1 signals"), "%s", out);
    cr_expect_not_null(strstr(out, "meter has no signals for class quality"), "%s", out);
}

Test(ctl, check_with_old_prints_what_would_change) {
    char out[BYTES];
    put("plant.yaml", plant);
    cr_expect_eq(CALL("check", "--old", "@plant.yaml", "@plant.yaml"), CTL_OK);
    read_stream(cr_get_redirected_stdout(), out);
    cr_expect_not_null(strstr(out, "0 changes from "), "%s", out);
}

Test(ctl, check_compares_with_one_thing_only) {
    put("plant.yaml", plant);
    cr_expect_eq(CALL("check", "--old", "@plant.yaml", "--against", "@plant.yaml"), CTL_USAGE);
    cr_expect_eq(CALL("check", "--against", "--socket", "@nowhere", "@plant.yaml"), CTL_FAILED);
}

Test(ctl, history_needs_a_node_a_kind_and_a_daemon) {
    char err[BYTES];
    cr_expect_eq(CALL("history", "meter"), CTL_USAGE);
    cr_expect_eq(CALL("history", "meter", "hour", "--csv", "--jsonl"), CTL_USAGE);
    cr_expect_eq(CALL("history", "meter", "hour", "--from", "yesterday"), CTL_USAGE);
    cr_expect_eq(CALL("history", "meter", "hour", "--socket", "@nowhere"), CTL_FAILED);
    read_stream(cr_get_redirected_stderr(), err);
    cr_expect_not_null(strstr(err, "no answer from "), "%s", err);
}

/* What a file or another program reads is explained column by column, none left out. */
Test(ctl, export_explains_every_column) {
    struct buf columns, head;
    buf_init(&columns);
    buf_init(&head);
    cr_assert_eq(export_columns(&columns), ERR_OK);
    cr_assert_eq(window_text_csv_head(&head), ERR_OK);
    const char *at = (const char *)columns.p, *end = at + columns.n;
    for (size_t i = 0, n; i < head.n; i += n + 1) {
        n = strcspn((const char *)head.p + i, ",\n");
        cr_assert_lt(at, end);
        cr_expect_eq(strcspn(at, "\t"), n);
        cr_expect_eq(memcmp(at, head.p + i, n), 0, "%.*s", (int)n, (const char *)head.p + i);
        at += strcspn(at, "\n") + 1;
    }
    cr_expect_eq(at, end);
    buf_fini(&columns);
    buf_fini(&head);
}

Test(ctl, export_needs_a_period_and_a_daemon) {
    char err[BYTES];
    cr_expect_eq(CALL("export"), CTL_USAGE);
    cr_expect_eq(CALL("export", "--from", "2026-06-01", "--resume"), CTL_USAGE);
    cr_expect_eq(CALL("export", "--from", "2026-06-01", "--out", "x", "--next", "a,hour,2026"),
                 CTL_USAGE);
    cr_expect_eq(CALL("export", "--from", "2026-06-01", "--socket", "@nowhere"), CTL_FAILED);
    read_stream(cr_get_redirected_stderr(), err);
    cr_expect_not_null(strstr(err, "no answer from "), "%s", err);
}

Test(ctl, replay_sums_a_meter_and_repeats_itself_byte_for_byte) {
    char a[BYTES], b[BYTES];
    put("plant.yaml", plant);
    put("source.yaml", source);
    put("rows.csv", rows);
    cr_assert_eq(CALL("replay", "--plant", "@plant.yaml", "--source", "@source.yaml", "--window",
                      "hour", "--node", "meter", "--from", "2026-01-01T08:00:00Z", "--quiet",
                      "--output", "@a.jsonl"),
                 CTL_OK);
    cr_assert_eq(CALL("replay", "--plant", "@plant.yaml", "--source", "@source.yaml", "--window",
                      "hour", "--node", "meter", "--from", "2026-01-01T08:00:00Z", "--quiet",
                      "--output", "@b.jsonl"),
                 CTL_OK);
    cr_expect_eq(get("a.jsonl", a), get("b.jsonl", b));
    cr_expect_str_eq(a, b);
    /* 1.5 + 2 kWh in the hour from 8, 0.25 kWh in the one from 9; a machine without state: unknown.
     */
    cr_expect_not_null(strstr(a, "\"start\":\"2026-01-01T08:00:00.000Z\""), "%s", a);
    cr_expect_not_null(strstr(a, "\"energy_unknown\":3500000000"), "%s", a);
    cr_expect_not_null(strstr(a, "\"energy_unknown\":250000000"), "%s", a);
}

Test(ctl, replay_tells_wrong_calls_from_wrong_configuration) {
    put("plant.yaml", plant);
    put("source.yaml", "agent: gw\nsources:\n  rows: {csv: {file: rows.csv}}\n");
    cr_expect_eq(CALL("replay", "--plant", "@plant.yaml"), CTL_USAGE);
    cr_expect_eq(CALL("replay", "--plant", "@plant.yaml", "--source", "@source.yaml"), CTL_CONFIG);
    cr_expect_eq(CALL("replay", "--plant", "@rows.csv", "--source", "@source.yaml"), CTL_CONFIG);
    put("source.yaml", source);
    put("rows.csv", rows);
    cr_expect_eq(
        CALL("replay", "--plant", "@plant.yaml", "--source", "@source.yaml", "--window", "week"),
        CTL_USAGE);
    cr_expect_eq(
        CALL("replay", "--plant", "@plant.yaml", "--source", "@source.yaml", "--node", "nobody"),
        CTL_USAGE);
}

Test(ctl, watch_and_status_fail_with_a_sentence_where_nobody_answers) {
    char err[BYTES];
    cr_expect_eq(CALL("watch", "--once", "--socket", "@none.sock"), CTL_FAILED);
    cr_expect_eq(CALL("status", "--socket", "@none.sock"), CTL_FAILED);
    cr_expect_eq(CALL("watch", "--node", "Not An Id"), CTL_USAGE);
    read_stream(cr_get_redirected_stderr(), err);
    cr_expect_not_null(strstr(err, "no answer from "), "%s", err);
}

/* One at a time: what a test prints waits in a pipe. */
static void expect_reference(const char *of, const char *title) {
    char out[BYTES];
    cr_expect_eq(CALL("reference", of), CTL_OK);
    read_stream(cr_get_redirected_stdout(), out);
    cr_expect_not_null(strstr(out, title), "%s", of);
}

Test(ctl, reference_prints_the_plant_file) {
    expect_reference("plant", "# Keys of the plant file");
}

Test(ctl, reference_prints_the_agent_file) {
    expect_reference("agent", "# Keys of the agent file");
}

Test(ctl, reference_prints_the_aggregator_file) {
    expect_reference("aggregator", "# Keys of the aggregator file");
    cr_expect_eq(CALL("reference", "nothing"), CTL_USAGE);
}
