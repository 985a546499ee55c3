/* The sink over InfluxDB's HTTP API: v1 (/write?db=, /query) and v2 (/api/v2/write), gzip if
 * wanted. */
#ifndef PB_INFLUX_INFLUX_H
#define PB_INFLUX_INFLUX_H

#include <stdbool.h>

#include "ports/sink.h"

struct uv_loop_s;

struct influx_conf {
    bool v2;
    const char *url;             /* "http://host:8086" */
    const char *name;            /* database (v1) or bucket (v2) */
    const char *org;             /* v2 */
    const char *user, *password; /* v1; NULL: none */
    const char *token;           /* v2 */
    bool gzip, create;
    uint32_t timeout_ms;
};

/* Copies what it needs. v2 is write-only here: no retract, so no ratios. ERR_NOMEM, ERR_IO. */
enum err influx_open(const struct influx_conf *conf, struct uv_loop_s *loop, struct sink **out);

#endif
