/* What a broker hands over becomes readings, without a network: a message goes in with the time at
 * which it came, what is to be told lies in tells. It makes no connection and reads no clock.
 *
 * A message that the broker kept (retained) says what holds, never that something happened. With a
 * time of its own a message that is sent again is told once; one that came without is known by
 * nothing, and told. */
#ifndef PB_MQTT_MQHOST_H
#define PB_MQTT_MQHOST_H

#include "mqtt/mqlast.h"
#include "mqtt/mqpoints.h"
#include "mqtt/mqtime.h"
#include "sources/tells.h"

enum { MQHOST_PAYLOAD_MAX = 1 << 20, MQHOST_RECORDS_MAX = 4096, MQHOST_DEPTH_MAX = 16 };

struct mqhost_stats {
    uint64_t messages, refused;
    uint64_t unmatched; /* of a topic that no rule has, or none whose `where` is so */
    uint64_t again;     /* readings that were told before */
    uint64_t late;      /* ... and that are older than what their point has told */
    uint64_t retained;  /* events in messages that the broker kept */
    uint64_t silent;    /* times that a point went bad for want of messages */
};

/* A record of a message, with its time. */
struct mqhost_record {
    const struct json_value *at;
    int64_t t_ms;
    size_t number;
};

struct mqhost {
    const struct mqtt_conf *conf;
    struct mqpoints points;
    struct mqlast last;
    struct tells tells;
    struct mqhost_stats stats;
    struct names topics; /* that no rule has, named once */
    struct mqhost_record *records;
    struct zone *zone;
    struct stamp_rule stamp;
    bool up;
    int64_t known_ms;      /* up to where tells vouch, with what waits; COVERAGE_NONE */
    int64_t silent_due_ms; /* when a point may be silent for too long; INT64_MAX: none */
};

/* ERR_FORMAT: no position of ours; ERR_CONFIG, ERR_NOMEM, ERR_IO (the zone). The host stays where
 * it is until mqhost_fini. */
enum err mqhost_init(struct mqhost *h, const struct mqtt_conf *c, struct span position);
void mqhost_fini(struct mqhost *h);
void mqhost_position(const struct mqhost *h, struct buf *out);
/* Connected and subscribed. ERR_NOMEM. */
enum err mqhost_on_up(struct mqhost *h, int64_t now_ms);
void mqhost_on_down(struct mqhost *h);
/* Errors of the owner, ERR_NOMEM. */
enum err mqhost_on_message(struct mqhost *h, struct span topic, struct span payload, bool retained,
                           int64_t now_ms, const struct source_out *out);
/* Whatever is due, and when it is (INT64_MAX: nothing). */
enum err mqhost_on_time(struct mqhost *h, int64_t now_ms);
int64_t mqhost_due_ms(const struct mqhost *h);
/* Our clock was set back: it goes on in the new time. */
void mqhost_on_clock(struct mqhost *h);

/* --- mqhost_take.c: one record ------------------------------------------------------------------
 */

/* A message at hand. */
struct mqhost_message {
    struct span topic, payload;
    struct mqtopic_captures captures;
    const struct json_value *whole; /* NULL: plain */
    bool retained;
    int64_t now_ms;
};

/* The record's readings go to tells. ERR_NOT_FOUND: it has nothing of the rule's points. */
enum err mqhost_take(struct mqhost *h, const struct mqtt_rule *rule, const struct mqhost_message *m,
                     const struct mqhost_record *record, const struct source_out *out);
/* Whether the time of its readings is the payload's. */
static inline bool mqhost_is_timed(const struct mqtt_rule *rule) {
    return rule->clock == MQTT_PAYLOAD && *rule->time != '\0';
}

#endif
