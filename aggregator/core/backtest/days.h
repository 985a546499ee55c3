/* Days that rules of drift look at, as the store has them, from where their baselines begin on: as
 * many years back as there are, whatever the span of the test. For this room only. */
#ifndef PB_BACKTEST_DAYS_H
#define PB_BACKTEST_DAYS_H

#include "backtest/backtest.h"

/* Gives the alerts their days up to the one that begins before to_ms. Errors of the reader,
 * ERR_FORMAT, ERR_NOMEM. */
enum err back_days_read(struct alerts *a, const struct backtest_conf *conf,
                        const struct history_reader *r);

#endif
