#include "ctl/alert.h"

#include <stdio.h>
#include <string.h>

#include "base/ident.h"
#include "ctl/ctl.h"

const struct alert_sub alert_subs[] = {
    {"list", "alerts that stand, the loudest first", alert_list_run},
    {"history", "what happened to alerts, newest first", alert_history_run},
    {"figures", "how the alarm system itself does", alert_figures_run},
    {"ack", "acknowledge an alert, with a note", alert_ack_run},
    {"shelve", "hide an alert for a while", alert_shelve_run},
    {"unshelve", "show it again", alert_unshelve_run},
    {"disable", "take a rule at a node out of service", alert_disable_run},
    {"enable", "put it back in service", alert_enable_run},
    {"check", "what rules there are, where they stand, what is wrong with them", alert_check_run},
    {"backtest", "what rules would have done on stored history", alert_backtest_run},
    {"test", "tell a channel of an alert that did not happen", alert_test_run},
    {"letters", "what receivers refused and is kept aside", alert_letters_run},
    {"resend", "send dead letters again", alert_resend_run},
    {"prune", "give up dead letters that are old", alert_prune_run},
};
const unsigned alert_sub_n = sizeof alert_subs / sizeof *alert_subs;

static void help(FILE *to) {
    fputs("Usage: plantbus alert COMMAND [OPTION...]\n\nCommands:\n", to);
    for (unsigned i = 0; i < alert_sub_n; i++)
        fprintf(to, "  %-10s %s\n", alert_subs[i].name, alert_subs[i].help);
    fputs("\nplantbus alert COMMAND --help tells its options.\n", to);
}

static int unknown(const char *name) {
    const char *names[32];
    unsigned n = 0;
    for (; n < alert_sub_n && n < 32; n++)
        names[n] = alert_subs[n].name;
    const char *near = ident_nearest(name, names, n);
    fprintf(stderr, "plantbus: no command alert %s%s%s%s; see plantbus alert --help\n", name,
            near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return CTL_USAGE;
}

int alert_run(int argc, char **argv) {
    if (argc < 2) {
        help(stderr);
        return CTL_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help(stdout);
        return CTL_OK;
    }
    for (unsigned i = 0; i < alert_sub_n; i++)
        if (strcmp(argv[1], alert_subs[i].name) == 0)
            return alert_subs[i].run(argc - 1, argv + 1);
    return unknown(argv[1]);
}
