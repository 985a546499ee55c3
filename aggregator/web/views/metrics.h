/* The aggregator's self-metrics as rows. It measures nothing: its values are of the core and of
 * whoever fills view_extra. */
#ifndef PB_VIEWS_METRICS_H
#define PB_VIEWS_METRICS_H

#include "metric/metric.h"

/* Counters of core_stats, for the JSON of the status too. */
extern const struct metric_row metric_core[];
extern const size_t metric_core_n;

#endif
