/* The current indicators as retained JSON over MQTT: pb1i/<site>/<node>/<kind>, for any SCADA, flow
 * tool or phone. Settled windows and history go elsewhere. */
#ifndef PB_DAEMON_PUBLISH_H
#define PB_DAEMON_PUBLISH_H

#include "bus/bus.h"
#include "engine/core.h"

struct publisher_state {
    int64_t last_mono_ms;
    uint64_t version; /* of the core when last published */
    size_t next;      /* node x kind to go on with when the bus was full */
    struct buf text;
};

/* Publishes hour and shift of every node when publish_ms has passed and something changed, a few in
 * each call: true when there are more. When the bus is full it is false, and a later call goes on.
 */
bool publish_due(struct publisher_state *p, const struct core *core, struct bus *bus,
                 struct core_now now, int64_t publish_ms);
void publish_fini(struct publisher_state *p);

#endif
