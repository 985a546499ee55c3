/* Moments as publishers write them: ISO 8601, or a number of s, ms, us or ns since 1970. A number
 * of another length than today's is of another unit, and refused. */
#ifndef PB_MQTT_MQTIME_H
#define PB_MQTT_MQTIME_H

#include "sources/stamp.h"

enum mqtime_form { MQTIME_ISO, MQTIME_S, MQTIME_MS, MQTIME_US, MQTIME_NS };

/* rule: zone or offset of times without one; its form is not looked at. ERR_FORMAT, ERR_RANGE (not
 * between 1970 and 2248). */
enum err mqtime_parse(enum mqtime_form form, const struct stamp_rule *rule, struct span text,
                      int64_t *t_ms);
/* What the text was expected to be, with the form it probably has. */
const char *mqtime_expects(enum mqtime_form form, struct span text);

#endif
