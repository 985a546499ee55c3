/* MQTT 3.1.1 at QoS 1 straight on a socket, as little as a benchmark needs: the reference that a
 * client library is held against, and a publisher that is never the limit. It does not reconnect.
 */
#ifndef PB_BENCHKIT_MQTT_H
#define PB_BENCHKIT_MQTT_H

#include <stdbool.h>

#include "base/buf.h"

struct mqtt {
    int fd;
    struct buf out; /* packets not written yet; out_at is written */
    size_t out_at;
    uint8_t *in; /* in_at .. in_n is received and not taken */
    size_t in_at, in_n;
    uint16_t id;
    bool dead;
};

struct mqtt_message { /* borrowed until the next mqtt_fill */
    struct span topic, payload;
    uint16_t id; /* 0: QoS 0 */
};

/* Connects to 127.0.0.1 with a clean session and waits for the answer. ERR_IO, ERR_NOMEM. */
enum err mqtt_open(struct mqtt *m, int port, const char *client);
void mqtt_close(struct mqtt *m);
/* Waits for the answer; messages that come before it are lost. */
enum err mqtt_subscribe(struct mqtt *m, const char *topic);
void mqtt_put_publish(struct mqtt *m, struct span topic, struct span payload);
void mqtt_put_puback(struct mqtt *m, uint16_t id);
/* Writes what the socket takes now. */
void mqtt_flush(struct mqtt *m);
size_t mqtt_unsent(const struct mqtt *m);
/* Reads what is there; with wait_ms >= 0 waits so long for something. False: nothing came. */
bool mqtt_fill(struct mqtt *m, int wait_ms);
/* The next whole PUBLISH of what was read; other packets are passed over. */
bool mqtt_take(struct mqtt *m, struct mqtt_message *out);

#endif
