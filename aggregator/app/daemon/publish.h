/* Indicators as JSON over MQTT, for any SCADA, flow tool or phone: the running windows, retained,
 * as pb1i/<site>/<node>/<kind>; windows that were settled, or restated by late data, once each as
 * pb1i/<site>/<node>/<kind>/closed, with revision and cause. History goes elsewhere. */
#ifndef PB_DAEMON_PUBLISH_H
#define PB_DAEMON_PUBLISH_H

#include "bus/bus.h"
#include "engine/core.h"

struct publisher_gone { /* a node that has left the plant */
    struct ident site, node;
};

struct publisher_state {
    int64_t last_mono_ms;
    uint64_t version; /* of the core when last published */
    size_t next;      /* node x kind to go on with when the bus was full */
    struct buf text;
    /* Keys of closed windows that wait for the bus, a ring; the oldest give way. */
    struct window_key *closed;
    size_t closed_at, closed_n;
    uint64_t closed_told, closed_lost;
    /* Behind a change of the plant: closed windows that waited then, which the new core does not
     * hold, and nodes that are gone, whose topics are taken off the broker. */
    struct window *left;
    size_t left_at, left_n, left_cap;
    struct publisher_gone *gone;
    size_t gone_n, gone_topics; /* topics of the last one that are off already */
};

/* Publishes hour and shift of every node when publish_ms has passed and something changed, a few in
 * each call: true when there are more. When the bus is full it is false, and a later call goes on.
 */
bool publish_due(struct publisher_state *p, const struct core *core, struct bus *bus,
                 struct core_now now, int64_t publish_ms);
/* Takes what was settled or restated and publishes it, a few in each call: true when there are
 * more. Only windows of whole nodes, of 15 min and above. While the bus is down they wait, some
 * thousands of them; what is given up is counted. Nothing is told twice but by a process that died
 * behind it and before its commit. */
bool publish_closed(struct publisher_state *p, struct core *core, struct bus *bus, bool up,
                    struct core_now now);
/* Before another core comes: closed windows that wait are taken out of this one, which settles none
 * any more, a few in each call: true when there are more. Between the first call and the change, or
 * its being given up, nothing may be published as closed. Without memory they are given up. */
bool publish_leave(struct publisher_state *p, struct core *core);
/* To be called when `core` is about to follow `old`, of which publish_leave has left nothing;
 * node[i] is the index there of node i, UINT32_MAX: it is gone. */
void publish_set_core(struct publisher_state *p, const struct core *old, const struct core *core,
                      const uint32_t *node);
/* Takes off the broker what it still shows of nodes that are gone, a few in each call: true when
 * there are more. */
bool publish_gone(struct publisher_state *p, struct bus *bus);
void publish_fini(struct publisher_state *p);

#endif
