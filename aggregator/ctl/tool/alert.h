/* plantbus alert: one file for each sub-command, listed in alert.c. */
#ifndef PB_CTL_ALERT_H
#define PB_CTL_ALERT_H

#include "base/buf.h"
#include "json/json.h"

struct alert_sub {
    const char *name, *help;
    int (*run)(int argc, char **argv); /* argv[0]: its name */
};
extern const struct alert_sub alert_subs[];
extern const unsigned alert_sub_n;

int alert_check_run(int argc, char **argv);
int alert_backtest_run(int argc, char **argv);

/* Answers of the API for people. ERR_NOMEM. */
enum err alert_backtest_print(const struct json_value *answer, struct buf *out);

#endif
