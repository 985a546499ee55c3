/* Messages of existing publishers at a broker that is not ours: rules say which topics are read,
 * where in a payload values, times and names stand, and which points they become.
 *
 * What a broker held for nobody is lost: after a break of the connection the time is a gap, and a
 * value holds again from the message that says it. */
#ifndef PB_MQTT_MQTT_H
#define PB_MQTT_MQTT_H

#include "conf/conf.h"
#include "mqttlink/mqttlink.h"
#include "source/source.h"
#include "sources/quantity.h"

enum mqtt_payload { MQTT_JSON, MQTT_PLAIN };
enum mqtt_clock { MQTT_PAYLOAD, MQTT_ARRIVAL };

struct mqtt_point_conf {
    struct conf_pos pos;
    char *name, *hint;   /* of {captures} and {/pointers} */
    char *value;         /* pointer in the record */
    bool has_value;      /* as the record itself has a pointer, the empty one */
    char *amount;        /* of an event, instead of a value */
    char *tag, *quality; /* pointers; "": none */
    char *length;        /* pointer; of an interval, in length_unit */
    int length_ms;
    struct quantity_conf quantity;
};

struct mqtt_rule {
    struct conf_pos pos;
    char *topic;
    int payload, clock;
    bool alive;
    char *records, *time; /* pointers; has_records: given */
    bool has_records;
    int time_form; /* enum mqtime_form */
    struct conf_pair *where;
    size_t where_n;
    int64_t silent_ms;
    struct mqtt_point_conf *points;
    size_t point_n;
};

struct mqtt_conf {
    const char *folder; /* of relative paths; NULL: the working directory; borrowed, no row */
    struct mqttlink_conf broker;
    char **filters;
    size_t filter_n;
    char *zone;
    struct conf_pos zone_pos;
    int64_t offset_min, heartbeat_ms, points_max;
    char **bad_words;
    size_t bad_word_n;
    struct mqtt_rule *rules;
    size_t rule_n;
};

extern const struct conf_schema mqtt_schema;
void mqtt_conf_finish(const struct mqtt_conf *c, struct conf_report *report);

/* What is subscribed to: the filters of the configuration, else those of the rules without what
 * another one covers. Each is freed by the caller. ERR_RANGE: over MQTTLINK_FILTER_MAX or too long;
 * ERR_NOMEM. */
enum err mqtt_filters(const struct mqtt_conf *c, char *out[MQTTLINK_FILTER_MAX], unsigned *n);

/* Begins to connect; the configuration is borrowed until close. ERR_CONFIG, ERR_FORMAT (position),
 * ERR_NOMEM, ERR_IO. */
enum err mqtt_open(const struct mqtt_conf *c, int64_t now_ms, struct span position,
                   struct source **out);
/* mqlook.c: listens for some seconds and writes topics and what their payloads hold, with rules to
 * begin with. ERR_IO: there was no connection. */
enum err mqtt_probe(const struct mqtt_conf *c, struct buf *out);

#endif
