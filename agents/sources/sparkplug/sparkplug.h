/* A host application of Sparkplug B 3.0: what edge nodes and their devices publish becomes
 * readings. Births name the metrics, rules say which of them are points; order, deaths and lost
 * messages are the host's (sphost.h), the broker's connection is mqttlink's.
 *
 * What a broker held for nobody is lost: after a break of the connection the time is a gap, and
 * values begin again with the birth that is asked for. */
#ifndef PB_SPARKPLUG_SPARKPLUG_H
#define PB_SPARKPLUG_SPARKPLUG_H

#include "conf/conf.h"
#include "mqttlink/mqttlink.h"
#include "source/source.h"
#include "sources/quantity.h"

enum sparkplug_clock { SPARKPLUG_METRIC, SPARKPLUG_ARRIVAL };

/* Which metrics are points. The first rule that matches holds. */
struct sparkplug_rule {
    struct conf_pos pos;
    char *group, *node, *device, *metric; /* patterns: * is any run of characters */
    bool ignore;
    char *name, *hint; /* {group} {node} {device} {metric} */
    int clock;         /* enum sparkplug_clock */
    struct quantity_conf quantity;
};

struct sparkplug_conf {
    const char *folder; /* of relative paths; NULL: the working directory; borrowed, no row */
    struct mqttlink_conf broker;
    char *host_id;
    struct conf_pos host_pos;
    char **groups;
    size_t group_n;
    bool state, rebirth;
    int64_t reorder_ms, rebirth_every_ms, heartbeat_ms;
    int64_t nodes_max, points_max;
    struct sparkplug_rule *rules;
    size_t rule_n;
};

extern const struct conf_schema sparkplug_schema;
void sparkplug_conf_finish(const struct sparkplug_conf *c, struct conf_report *report);

/* Begins to connect; the configuration is borrowed until close. ERR_CONFIG, ERR_FORMAT (position),
 * ERR_NOMEM, ERR_IO. */
enum err sparkplug_open(const struct sparkplug_conf *c, int64_t now_ms, struct span position,
                        struct source **out);
/* Listens for some seconds, as a host that says nothing of itself, and writes who was heard and
 * which metrics they have. ERR_IO: there was no connection. */
enum err sparkplug_probe(const struct sparkplug_conf *c, struct buf *out);

#endif
