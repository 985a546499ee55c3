/* What a point has told already, by the times of its payloads: a broker or publisher may send a
 * message again, and then it must not count again. Times of one point go forward; an earlier one
 * was told, or came too late to be told apart from one that was. */
#ifndef PB_MQTT_MQSEEN_H
#define PB_MQTT_MQSEEN_H

#include "base/span.h"

#define MQSEEN_NONE INT64_MIN
enum {
    MQSEEN_KEPT = 8,        /* different values of one moment that are told apart */
    MQSEEN_AHEAD_MS = 10000 /* a time further ahead of our clock is no measure for later ones */
};

struct mqseen {
    int64_t newest_ms; /* MQSEEN_NONE: nothing yet */
    bool whole;        /* of newest_ms everything is taken for told: it is from a position */
    uint8_t n;
    uint32_t kept[MQSEEN_KEPT];
};

enum mqseen_verdict { MQSEEN_NEW, MQSEEN_AGAIN, MQSEEN_LATE };

/* from a position: told up to t_ms. */
void mqseen_init(struct mqseen *s, int64_t t_ms);
/* A value of t_ms; mark: a hash of it. MQSEEN_NEW is kept in mind. */
enum mqseen_verdict mqseen_take(struct mqseen *s, int64_t t_ms, uint32_t mark, int64_t now_ms);

#endif
