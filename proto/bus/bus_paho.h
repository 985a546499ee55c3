/* The bus over Eclipse Paho MQTTAsync (TLS build), MQTT 3.1.1, clean session. The only place in the
 * project that knows Paho. Its threads touch a byte-bounded inbox and ring for the loop, nothing
 * else.
 */
#ifndef PB_BUS_BUS_PAHO_H
#define PB_BUS_BUS_PAHO_H

#include "bus/bus.h"

struct uv_loop_s;

enum { BUS_PAHO_SUBSCRIBE_MAX = 64 };

struct bus_paho_conf {
    const char *url;                            /* "tcp://host:1883" or "ssl://host:8883" */
    const char *client_id;                      /* unique on the broker */
    const char *user, *password;                /* NULL: none */
    const char *ca_file, *cert_file, *key_file; /* ssl:// only; host name is verified */
    const char *const *subscribe; /* QoS 1, subscribed in the connected callback every time */
    unsigned subscribe_n;         /* <= BUS_PAHO_SUBSCRIBE_MAX */
    const char *will_topic;       /* NULL: none; retained, QoS 1 */
    struct span will_payload;
    /* A will that differs from one attempt to connect to the next: asked on the loop just before
     * each of them; its bytes are borrowed for that attempt. NULL: will_payload. */
    struct span (*will_now)(void *user);
    void *will_user;
    unsigned keepalive_s;
    unsigned max_inflight; /* 1..20 */
    uint32_t retry_min_ms, retry_max_ms;
    size_t inbox_bytes_max; /* bound of what Paho's threads may pile up */
};

/* Copies what it needs of conf. The loop must outlive the bus; one bus per process life is what
 * Paho bears well. ERR_RANGE: a field outside its limits; ERR_NOMEM, ERR_IO. */
enum err bus_paho_open(const struct bus_paho_conf *conf, const struct bus_events *events,
                       struct uv_loop_s *loop, struct bus **out);

#endif
