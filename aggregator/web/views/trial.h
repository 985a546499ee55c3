/* A back-test as JSON. Pure, for a thread of its own. */
#ifndef PB_VIEWS_TRIAL_H
#define PB_VIEWS_TRIAL_H

#include "backtest/backtest.h"

/* JSON: an object with the span and, of each rule, its figures, firings, time-lines, suggestion and
 * the rule in force beside it. ERR_NOMEM. */
enum err view_trial(const struct backtest *b, const struct backtest_conf *conf, struct buf *out);

#endif
