/* plantbus-agent CONFIG [--check]: reads sources, journals, publishes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent_app/agent.h"

enum { EXIT_RUNTIME = 1, EXIT_USAGE = 2, EXIT_CONFIGURATION = 3 };

static const char usage[] =
    "usage: plantbus-agent CONFIG [--check]\n"
    "       plantbus-agent --reference | --version | --help\n"
    "\n"
    "Reads the configured sources, keeps every reading in the journal and publishes it to the\n"
    "broker. CONFIG is a YAML file.\n"
    "\n"
    "A source of kind lines reads a JSON object a line, by default:\n"
    "  {\"point\": \"press-1/good\", \"value\": 12, \"t\": \"2026-11-23T06:00:00Z\"}\n"
    "  {\"t\": 1795413600000, \"values\": {\"press-1/good\": 12, \"press-1/power\": 4.5}}\n"
    "with t in RFC 3339 or ms since 1970 (else the moment of arrival); beside point also quality\n"
    "(good, uncertain, bad), tag and dur_ms; {\"alive\": true} says that nothing changed.\n"
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
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            (void)fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
        if (strcmp(argv[i], "--version") == 0) {
            (void)puts("plantbus-agent " PLANTBUS_VERSION);
            return EXIT_SUCCESS;
        }
        if (strcmp(argv[i], "--reference") == 0)
            return print_reference();
        if (strcmp(argv[i], "--check") == 0) {
            check = true;
        } else if (argv[i][0] == '-' || path) {
            (void)fprintf(stderr, "%s\nplantbus-agent: unexpected argument %s\n", usage, argv[i]);
            return EXIT_USAGE;
        } else {
            path = argv[i];
        }
    }
    if (!path) {
        (void)fprintf(stderr, "%s\nplantbus-agent: no configuration file is named\n", usage);
        return EXIT_USAGE;
    }
    return run(path, check);
}
