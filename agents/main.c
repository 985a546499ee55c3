/* plantbus-agent CONFIG [--check]: reads sources, journals, publishes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent_app/agent.h"

enum { EXIT_RUNTIME = 1, EXIT_USAGE = 2, EXIT_CONFIGURATION = 3 };

static const char usage[] =
    "usage: plantbus-agent CONFIG [--check]\n"
    "       plantbus-agent --reference | --help\n"
    "\n"
    "Reads the configured sources, keeps every reading in the journal and publishes it to the\n"
    "broker. CONFIG is a YAML file.\n"
    "\n"
    "  --check      check the configuration and end\n"
    "  --reference  print every key of the configuration as Markdown\n"
    "\n"
    "SIGTERM and SIGINT end it: what was read is synced, then a short try to deliver; a second\n"
    "signal ends it at once. SIGHUP is ignored.\n"
    "\n"
    "exit status: 0 done, 1 failed while running, 2 wrong usage, 3 wrong configuration\n";

static int print_reference(void) {
    struct buf text;
    buf_init(&text);
    enum err rc = conf_reference(&agent_schema, "plantbus-agent", &text);
    if (!rc)
        (void)fwrite(text.p, 1, text.n, stdout);
    buf_fini(&text);
    return rc ? EXIT_RUNTIME : EXIT_SUCCESS;
}

static int run(const char *path, bool check) {
    struct agent_conf conf;
    struct buf report;
    buf_init(&report);
    enum err rc = agent_conf_load(path, &conf, &report);
    if (report.n > 0)
        (void)fwrite(report.p, 1, report.n, stderr);
    buf_fini(&report);
    if (rc) {
        (void)fputs("nothing was started\n", stderr);
        return EXIT_CONFIGURATION;
    }
    if (!check) {
        struct log log;
        log_init(&log, STDERR_FILENO, (enum log_level)conf.log_level);
        rc = agent_run(&conf, &log);
    }
    agent_conf_free(&conf);
    return rc ? EXIT_RUNTIME : EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    const char *path = NULL;
    bool check = false;
    (void)setenv("UV_THREADPOOL_SIZE", "1", 0); /* one sync at a time needs no more */
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            (void)fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
        if (strcmp(argv[i], "--reference") == 0)
            return print_reference();
        if (strcmp(argv[i], "--check") == 0) {
            check = true;
        } else if (argv[i][0] == '-' || path) {
            (void)fprintf(stderr, "plantbus-agent: unexpected argument %s\n%s", argv[i], usage);
            return EXIT_USAGE;
        } else {
            path = argv[i];
        }
    }
    if (!path) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    return run(path, check);
}
