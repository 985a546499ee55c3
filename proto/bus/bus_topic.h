/* The topic rules of MQTT 3.1.1 (section 4.7). It only compares; it does not say which topics the
 * house uses. */
#ifndef PB_BUS_BUS_TOPIC_H
#define PB_BUS_BUS_TOPIC_H

#include "base/span.h"

/* Does the filter match the topic? Both are taken as legal. */
bool bus_topic_match(struct span filter, struct span topic);

#endif
