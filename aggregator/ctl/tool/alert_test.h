/* plantbus alert test. */
#ifndef PB_CTL_ALERT_TEST_H
#define PB_CTL_ALERT_TEST_H

#include "base/span.h"

int alert_test_run(int argc, char **argv);
/* Prints an answer of the API in words; its exit code. */
int alert_test_say(struct span body, const char *channel);

#endif
