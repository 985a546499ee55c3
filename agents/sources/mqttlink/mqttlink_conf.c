#include "bus/bus_url.h"
#include "mqttlink/mqttlink.h"

#define LINK(member) CONF_FIELD(struct mqttlink_conf, member)
static const struct conf_row link_row[] = {
    {.key = "url",
     .type = CONF_URL,
     .field = LINK(url),
     .pos = LINK(url_pos),
     .required = true,
     .help = "Where the broker listens: tcp://host:1883 or ssl://host:8883."},
    {.key = "user", .type = CONF_TEXT, .field = LINK(user), .help = "Name at the broker."},
    {.key = "password",
     .type = CONF_TEXT,
     .field = LINK(password),
     .secret = true,
     .help = "Password at the broker."},
    {.key = "ca",
     .type = CONF_PATH,
     .field = LINK(ca),
     .help = "Certificates that vouch for the broker (PEM); the host name is verified. A relative "
             "path begins at the configuration's folder."},
    {.key = "cert", .type = CONF_PATH, .field = LINK(cert), .help = "Our certificate (PEM)."},
    {.key = "key",
     .type = CONF_PATH,
     .field = LINK(key),
     .help = "The key of our certificate (PEM)."},
    {.key = "client_id",
     .type = CONF_TEXT,
     .field = LINK(client_id),
     .max = 100,
     .fallback = "",
     .help = "Our name as a client, unique at the broker; empty: a random one."},
    {.key = "keep_alive",
     .type = CONF_DURATION,
     .field = LINK(keepalive_ms),
     .min = 1000,
     .max = 600000,
     .fallback = "20 s",
     .help = "Longest silence on the connection."},
    {.key = "retry_least",
     .type = CONF_DURATION,
     .field = LINK(retry_min_ms),
     .min = 10,
     .max = 600000,
     .fallback = "500 ms",
     .help = "Pause before the first attempt to connect again; doubled each time."},
    {.key = "retry_most",
     .type = CONF_DURATION,
     .field = LINK(retry_max_ms),
     .min = 10,
     .max = 3600000,
     .fallback = "15 s",
     .help = "Longest pause between attempts to connect."},
    {.key = "queue",
     .type = CONF_BYTES,
     .field = LINK(queue_bytes),
     .min = 65536,
     .max = INT64_C(1) << 30,
     .fallback = "4 MiB",
     .help = "What may wait for the journal; what comes beyond is lost and counted."},
};
const struct conf_schema mqttlink_schema = {.rows = link_row,
                                            .row_n = sizeof link_row / sizeof link_row[0],
                                            .size = sizeof(struct mqttlink_conf),
                                            .pos = LINK(pos)};

void mqttlink_conf_finish(const struct mqttlink_conf *c, const char *key,
                          struct conf_report *report) {
    if (c->url != NULL && !bus_url_check(c->url))
        conf_report_at(report, c->url_pos, "%s.url is not " BUS_URL_EXPECTED, key);
    if ((c->cert != NULL && *c->cert) != (c->key != NULL && *c->key))
        conf_report_at(report, c->pos, "%s.cert and %s.key go together", key, key);
    if (c->retry_min_ms > c->retry_max_ms)
        conf_report_at(report, c->pos, "%s.retry_least is over %s.retry_most", key, key);
}
