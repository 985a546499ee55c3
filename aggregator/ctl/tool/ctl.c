#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

#include "base/ident.h"
#include "ctl/client.h"

const struct ctl_command ctl_commands[] = {
    {"check", "validate plant, aggregator and agent configuration files", check_run},
    {"adopt", "lines for the plant file, for what agents send and no unit uses", adopt_run},
    {"reload", "have a running aggregator take its files over", reload_run},
    {"watch", "live table of a running aggregator in the terminal", watch_run},
    {"status", "agents, store and database of a running aggregator", status_run},
    {"history", "windows of a node that a running aggregator has stored", history_run},
    {"stops", "what machines did instead of running, by what it cost", stops_run},
    {"scrap", "why pieces were scrap or reworked, the most first", scrap_run},
    {"orders", "what a unit did for each order", orders_run},
    {"timeline", "what a unit did, minute by minute", timeline_run},
    {"explain", "where a number comes from: sums, parts, entries, revision", explain_run},
    {"alert", "alerts that stand, acknowledged and shelved; rules checked, tried on history",
     alert_run},
    {"enter", "enter or correct: orders, counts, scrap, causes of stops, readings ...", enter_run},
    {"entries", "what was entered", entries_run},
    {"export", "windows of many nodes and kinds, in one file", export_run},
    {"replay", "turn recordings into windows, offline", replay_command_run},
    {"energy", "baselines, what was used against them, reports", energy_run},
    {"norm", "norms: propose, approve, import, attainment, reviews, which is in force", norm_run},
    {"user", "users, roles, passwords, tokens; who did what", user_run},
    {"reference", "print every configuration key", reference_run},
};
const unsigned ctl_command_n = sizeof ctl_commands / sizeof *ctl_commands;

static void help(FILE *to) {
    fputs("Usage: plantbus COMMAND [OPTION...]\n"
          "Works with a Plantbus aggregator and its configuration files.\n\nCommands:\n",
          to);
    for (unsigned i = 0; i < ctl_command_n; i++)
        fprintf(to, "  %-10s %s\n", ctl_commands[i].name, ctl_commands[i].help);
    fputs("\nplantbus COMMAND --help tells its options, plantbus --version which this "
          "is.\n" CLIENT_ENVIRONMENT
          "Exit codes: 0 ok, 1 failure, 2 wrong call, 3 wrong configuration.\n",
          to);
}

static int unknown(const char *name) {
    const char *names[32];
    unsigned n = 0;
    for (; n < ctl_command_n && n < 32; n++)
        names[n] = ctl_commands[n].name;
    const char *near = ident_nearest(name, names, n);
    fprintf(stderr, "plantbus: no command %s%s%s%s; see plantbus --help\n", name,
            near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return CTL_USAGE;
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c) {
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

int ctl_main(int argc, char **argv) {
    if (argc < 2) {
        help(stderr);
        return CTL_USAGE;
    }
    if (is_one_of(argv[1], "--help", "-h", "help")) {
        help(stdout);
        return CTL_OK;
    }
    if (is_one_of(argv[1], "--version", "-V", "version")) {
        puts("plantbus " PLANTBUS_VERSION);
        return CTL_OK;
    }
    if (argv[1][0] == '-') {
        fprintf(stderr, "plantbus: no option %s; a command comes first, see plantbus --help\n",
                argv[1]);
        return CTL_USAGE;
    }
    for (unsigned i = 0; i < ctl_command_n; i++)
        if (strcmp(argv[1], ctl_commands[i].name) == 0)
            return ctl_commands[i].run(argc - 1, argv + 1);
    return unknown(argv[1]);
}
