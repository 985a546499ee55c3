/* The points that messages have made: which rule and topic each is of, what its values mean, and
 * what it has told. A point is declared with the first message that has it, so that nothing is said
 * of what was never heard. */
#ifndef PB_MQTT_MQPOINTS_H
#define PB_MQTT_MQPOINTS_H

#include "mqtt/mqname.h"
#include "mqtt/mqseen.h"
#include "mqtt/mqtt.h"
#include "sources/names.h"

struct mqpoint {
    const struct mqtt_rule *rule;
    const struct mqtt_point_conf *conf;
    const struct quantity *quantity;
    uint32_t name, topic; /* hashes */
    uint16_t point;       /* at the owner */
    bool live;            /* its value holds */
    bool told_wrong, told_clock;
    int64_t t_ms;     /* of its newest reading; MQSEEN_NONE */
    int64_t heard_ms; /* when it came last, by our clock */
    struct mqseen seen;
};

#define MQPOINTS_NONE UINT32_MAX

struct mqpoints {
    const struct mqtt_conf *conf;
    struct quantity *quantities; /* of all points of all rules, in their order */
    size_t quantity_n;
    struct names names;   /* of points, and of what could not become one: MQPOINTS_NONE */
    struct names strange; /* templates that were refused once */
    struct mqpoint *at;
    size_t n;
};

/* ERR_CONFIG, ERR_NOMEM. */
enum err mqpoints_init(struct mqpoints *p, const struct mqtt_conf *c);
void mqpoints_fini(struct mqpoints *p);
/* Finds or makes the point that `conf` of `rule` makes of a record. *at: its index, or
 * MQPOINTS_NONE; what is wrong is told to out->refused, once for each name. Errors of the owner,
 * ERR_NOMEM. */
enum err mqpoints_get(struct mqpoints *p, const struct mqtt_rule *rule,
                      const struct mqtt_point_conf *conf, const struct mqname_from *from,
                      struct span topic, const struct source_out *out, uint32_t *at);
/* Whether each reading of it is something that happened. */
static inline bool mqpoint_happens(const struct mqpoint *m) {
    return m->quantity->type == POINT_EVENT || m->quantity->type == POINT_INTERVAL;
}
/* Whether what it told before must not be told again. */
static inline bool mqpoint_counts(const struct mqpoint *m) {
    return mqpoint_happens(m) || m->quantity->type == POINT_COUNTER ||
           m->quantity->type == POINT_REGISTER;
}
/* Tells out->refused "<topic>: <what>". */
void mqpoints_refuse(const struct source_out *out, const char *reason, struct span topic,
                     const char *what);

#endif
