/* plantbus-agent [COMMAND] CONFIG: reads sources, journals, publishes; or shows what it would. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent_app/agent.h"
#include "agent_app/inspect.h"
#include "base/hangup.h"
#include "conf/value.h"

enum { EXIT_RUNTIME = 1, EXIT_USAGE = 2, EXIT_CONFIGURATION = 3, POINTS_MS = 2000 };

static const char usage[] =
    "usage: plantbus-agent CONFIG\n"
    "       plantbus-agent check CONFIG\n"
    "       plantbus-agent points|dump|probe CONFIG [--source NAME] [--for DURATION]\n"
    "                                               [--readings N]\n"
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
    "  check        check the configuration and end; also: CONFIG --check\n"
    "  points       the points that would be sent, and whose time the values had that came\n"
    "               meanwhile (--for: how long to wait, 2 s)\n"
    "  dump         live values with their quality, factors applied, whose time they have (the\n"
    "               device's, or the gateway's at reading or arrival), and the bytes they are "
    "made\n"
    "               of; until --for or --readings, or Ctrl-C\n"
    "  probe        what is out there: devices, registers, data items, topics\n"
    "  --source     of this source only\n"
    "  --reference  print every key of the configuration as Markdown\n"
    "\n"
    "points, dump and probe publish nothing (but ask Sparkplug nodes for a birth, where rebirth\n"
    "allows it) and do not touch the journal.\n"
    "\n"
    "SIGTERM and SIGINT end it: what was read is synced, then a short try to deliver; a second\n"
    "signal ends it at once. SIGHUP has it read CONFIG again: sources that changed are closed and\n"
    "opened, the others go on; a file that is wrong changes nothing, and the log says where.\n"
    "\n"
    "exit status: 0 done, 1 failed while running, 2 wrong usage, 3 wrong configuration\n";

enum command { RUN, CHECK, POINTS, DUMP, PROBE, COMMAND_N };
static const char *const command_word[COMMAND_N] = {NULL, "check", "points", "dump", "probe"};

struct call {
    enum command command;
    const char *path;
    struct inspect_ask ask;
    bool has_for;
};

static int print_reference(void) {
    struct buf text;
    buf_init(&text);
    enum err rc = conf_reference(&agent_schema, "plantbus-agent", &text);
    if (!rc)
        (void)fwrite(text.p, 1, text.n, stdout);
    buf_fini(&text);
    return rc ? EXIT_RUNTIME : EXIT_SUCCESS;
}

static enum err check(const struct call *c, struct agent_conf *conf) {
    struct buf notes;
    buf_init(&notes);
    (void)printf("%s: good: agent %s, %zu source%s\n", c->path, conf->id.s, conf->source_n,
                 conf->source_n == 1 ? "" : "s");
    inspect_sources(conf, stdout);
    const enum err err = agent_conf_notes(conf, c->path, &notes);
    if (notes.n > 0)
        (void)fwrite(notes.p, 1, notes.n, stderr);
    buf_fini(&notes);
    return err;
}

static enum err do_command(const struct call *c, struct agent_conf *conf) {
    struct inspect_ask ask = c->ask;
    struct log log;
    switch (c->command) {
    case CHECK:
        return check(c, conf);
    case POINTS:
        ask.for_ms = c->has_for ? ask.for_ms : POINTS_MS;
        return inspect_points(conf, &ask);
    case DUMP:
        return inspect_dump(conf, &ask);
    case PROBE:
        return inspect_probe(conf, &ask);
    case RUN:
    case COMMAND_N:
        break;
    }
    log_init(&log, STDERR_FILENO, (enum log_level)conf->log_level);
    return agent_run(c->path, conf, &log);
}

static int run(const struct call *c) {
    struct agent_conf conf;
    struct buf report;
    buf_init(&report);
    if (c->command == RUN)
        hangup_hold();
    enum err rc = agent_conf_load(c->path, &conf, &report);
    if (report.n > 0)
        (void)fwrite(report.p, 1, report.n, stderr);
    buf_fini(&report);
    (void)malloc_trim(0); /* what reading the file took goes back */
    if (rc) {
        (void)fputs("nothing was started\n", stderr);
        return EXIT_CONFIGURATION;
    }
    rc = do_command(c, &conf);
    agent_conf_free(&conf);
    return rc == ERR_NOT_FOUND ? EXIT_USAGE : rc ? EXIT_RUNTIME : EXIT_SUCCESS;
}

/* --- the command line ---------------------------------------------------------------------------
 */

static int wrong(const char *what, const char *word) {
    (void)fprintf(stderr, "%s\nplantbus-agent: %s%s%s\n", usage, what, word ? " " : "",
                  word ? word : "");
    return EXIT_USAGE;
}

static enum command command_of(const char *word) {
    for (unsigned i = RUN + 1; i < COMMAND_N; i++)
        if (strcmp(word, command_word[i]) == 0)
            return (enum command)i;
    return RUN;
}

static bool take_number(enum conf_type type, const char *text, int64_t *out) {
    static const struct conf_row row = {.key = "", .min = 1, .max = INT64_MAX};
    struct conf_why why;
    return conf_kind_get(type)->store(&row, type, span_str(text), out, sizeof *out, &why) == ERR_OK;
}

/* True if the option was one of those and its value good. */
static bool take_option(struct call *c, const char *option, const char *value) {
    int64_t n = 0;
    if (c->command < POINTS)
        return false;
    if (strcmp(option, "--source") == 0) {
        c->ask.source = value;
        return true;
    }
    if (strcmp(option, "--for") == 0 && take_number(CONF_DURATION, value, &n)) {
        c->ask.for_ms = n;
        c->has_for = true;
        return true;
    }
    if (strcmp(option, "--readings") == 0 && take_number(CONF_INT, value, &n)) {
        c->ask.readings = (uint64_t)n;
        return true;
    }
    return false;
}

static int take_words(struct call *c, int argc, char **argv) {
    for (int i = c->command == RUN ? 1 : 2; i < argc; i++) {
        if (strcmp(argv[i], "--check") == 0 && c->command == RUN) {
            c->command = CHECK;
        } else if (argv[i][0] == '-' && i + 1 < argc && take_option(c, argv[i], argv[i + 1])) {
            i++;
        } else if (argv[i][0] == '-' || c->path) {
            return wrong("unexpected argument", argv[i]);
        } else {
            c->path = argv[i];
        }
    }
    return c->path ? EXIT_SUCCESS : wrong("no configuration file is named", NULL);
}

int main(int argc, char **argv) {
    const char *first = argc > 1 ? argv[1] : "";
    struct call c = {.command = command_of(first),
                     .ask = {.for_ms = INT64_MAX, .readings = UINT64_MAX, .out = stdout}};
    (void)setenv("UV_THREADPOOL_SIZE", "1", 0); /* one sync at a time needs no more */
    /* Threads of sources allocate little, and an arena of its own takes 8 KiB and more. */
    (void)mallopt(M_ARENA_MAX, 1);
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
        (void)fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    if (strcmp(first, "--version") == 0) {
        (void)puts("plantbus-agent " PLANTBUS_VERSION);
        return EXIT_SUCCESS;
    }
    if (strcmp(first, "--reference") == 0)
        return print_reference();
    int status = take_words(&c, argc, argv);
    return status ? status : run(&c);
}
