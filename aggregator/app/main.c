/* plantbus-aggregator CONFIG: reads its two files, reports every mistake in them, and runs. Exit
 * codes: 0 stopped by a signal, 1 failure while running, 2 wrong call, 3 wrong configuration. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hangup.h"
#include "daemon/daemon.h"

enum { EXIT_FAILED = 1, EXIT_CALL = 2, EXIT_CONFIG = 3 };

static const char help[] =
    "Usage: plantbus-aggregator [--check] CONFIG\n"
    "Turns the readings of a site's agents into live indicators.\n\n"
    "  --check   read and check the configuration, start nothing\n"
    "  --version, --help\n\n"
    "SIGHUP: the files are read anew and taken over while it runs, or all stays as it is.\n"
    "SIGTERM or Ctrl-C: last checkpoint, clean end.\n"
    "Exit codes: 0 stopped, 1 failure, 2 wrong call, 3 wrong configuration.\n"
    "Every key: plantbus reference aggregator\n";

static void print_report(struct conf_report *report, bool plant_read) {
    struct buf text;
    buf_init(&text);
    conf_report_format(report, &text);
    fwrite(text.p, 1, text.n, stderr);
    fprintf(stderr, "%zu mistake%s%s; nothing was started\n", conf_report_count(report),
            conf_report_count(report) == 1 ? "" : "s",
            plant_read ? "" : ", and the plant file was not read yet");
    buf_fini(&text);
}

static int run(struct settings *settings) {
    struct daemon *d = NULL;
    struct log log;
    char why[200] = "";
    log_init(&log, STDERR_FILENO, (enum log_level)settings->conf.log_level);
    enum err err = daemon_open(settings, &log, &d, why);
    if (err) {
        log_event(&log, LOG_ERROR, "start_failed", "why=\"%s\"", why);
        settings_close(settings);
        return EXIT_FAILED;
    }
    err = daemon_run(d);
    daemon_close(d);
    return err ? EXIT_FAILED : 0;
}

/* What is wrong stands last, where it is read. */
static int wrong_call(const char *what, const char *word) {
    fprintf(stderr, "%s\nplantbus-aggregator: %s%s%s\n", help, what, word ? " " : "",
            word ? word : "");
    return EXIT_CALL;
}

struct call {
    const char *path;
    bool check;
};

/* -1: go on; else the exit code. */
static int read_call(int argc, char **argv, struct call *call) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(help, stdout);
            return 0;
        }
        if (strcmp(argv[i], "--version") == 0) {
            puts("plantbus-aggregator " PLANTBUS_VERSION);
            return 0;
        }
        if (strcmp(argv[i], "--check") == 0)
            call->check = true;
        else if (argv[i][0] == '-')
            return wrong_call("unknown option", argv[i]);
        else if (call->path)
            return wrong_call("one configuration file only, unexpected argument", argv[i]);
        else
            call->path = argv[i];
    }
    return call->path ? -1 : wrong_call("no configuration file is named", NULL);
}

int main(int argc, char **argv) {
    struct call call = {0};
    int over = read_call(argc, argv, &call);
    if (over >= 0)
        return over;
    struct conf_report report;
    struct settings *settings = NULL;
    int code = EXIT_CONFIG;
    conf_report_init(&report);
    if (!call.check)
        hangup_hold();
    const enum err err = settings_load(call.path, &report, NULL, &settings);
    if (err)
        print_report(&report, report.source_n > 1);
    else if (call.check)
        settings_close(settings);
    if (!err)
        code = call.check ? 0 : run(settings);
    conf_report_fini(&report);
    return code;
}
