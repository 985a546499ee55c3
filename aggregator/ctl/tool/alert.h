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

int alert_list_run(int argc, char **argv);
int alert_history_run(int argc, char **argv);
int alert_figures_run(int argc, char **argv);
int alert_ack_run(int argc, char **argv);
int alert_shelve_run(int argc, char **argv);
int alert_unshelve_run(int argc, char **argv);
int alert_disable_run(int argc, char **argv);
int alert_enable_run(int argc, char **argv);
int alert_check_run(int argc, char **argv);
int alert_backtest_run(int argc, char **argv);
int alert_test_run(int argc, char **argv);
int alert_letters_run(int argc, char **argv);
int alert_resend_run(int argc, char **argv);
int alert_prune_run(int argc, char **argv);

/* Answers of the API for people. ERR_NOMEM. */
enum err alert_list_print(const struct json_value *answer, struct buf *out);
enum err alert_history_print(const struct json_value *answer, struct buf *out);
enum err alert_letters_print(const struct json_value *answer, struct buf *out);
enum err alert_figures_print(const struct json_value *answer, struct buf *out);
enum err alert_backtest_print(const struct json_value *answer, struct buf *out);
/* Prints the answer to a test of a channel in words; its exit code. */
int alert_test_say(struct span body, const char *channel);
/* A number of an alert in its unit, "-" if there is none. */
void alert_number(const struct json_value *v, const char *key, char out[32]);

#endif
