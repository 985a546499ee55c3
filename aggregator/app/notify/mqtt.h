/* A channel over the aggregator's own broker: pb1i/<site>/<node>/alert/<rule>, retained, is how an
 * alert stands; what happened to it goes once each to the same with /event behind it. Both QoS 1,
 * as JSON. */
#ifndef PB_NOTIFY_MQTT_H
#define PB_NOTIFY_MQTT_H

#include "bus/bus.h"
#include "notify/messenger.h"
#include "notify/notify_conf.h"

enum { MQTT_TOPIC_MAX = 200 };

/* All are borrowed and must outlive it; the bus may come later. ERR_NOMEM. */
enum err mqtt_open(const struct notify_channel_conf *conf, const struct notice_world *world,
                   struct bus *const *bus, struct messenger **out);
void mqtt_name(const struct notice_world *world, const struct notice *n, bool event,
               char text[MQTT_TOPIC_MAX]);
/* Appends what is published: the state, or the event with its texts; an alert that is no more has
 * no state: no bytes. Pure. */
enum err mqtt_body(const struct notify_channel_conf *conf, const struct notice_world *world,
                   const struct notice *n, bool event, struct buf *out);

#endif
