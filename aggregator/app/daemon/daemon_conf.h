/* Configuration of the aggregator daemon: what it is connected to and how much it may use. What the
 * plant is like stands in the plant file. */
#ifndef PB_DAEMON_DAEMON_CONF_H
#define PB_DAEMON_DAEMON_CONF_H

#include "conf/conf.h"
#include "notify/notify_conf.h"

enum database_kind { DATABASE_NONE, DATABASE_INFLUX_V1, DATABASE_INFLUX_V2 };

struct broker_conf {
    char *url, *client_id, *user, *password, *ca_file, *cert_file, *key_file;
    struct conf_pos url_pos;
    int64_t keepalive_ms, retry_min_ms, retry_max_ms, inbox_bytes;
};

struct http_conf {
    char *listen, *socket, *certificate, *key;
    struct conf_pos listen_pos, certificate_pos, key_pos;
    int64_t port, clients_max, idle_ms, session_ms, acting_ms;
    bool read_without_login, without_tls;
};

struct database_conf {
    int kind; /* enum database_kind */
    char *url, *name, *org, *user, *password, *token;
    struct conf_pos url_pos;
    int64_t timeout_ms, retry_min_ms, retry_max_ms, retry_after_max_ms;
    bool create, gzip;
    int *windows; /* enum window_kind each; none: all but minutes */
    size_t window_n;
};

struct daemon_conf {
    char *plant_path, *data_path;
    char *norms_path;     /* "": no settings of norms */
    char *alerts_path;    /* "": no rules */
    char *baselines_path; /* "": none are named by rules */
    int64_t alert_grace_ms;
    struct broker_conf broker;
    struct http_conf http;
    struct database_conf database;
    struct notify_conf notify;
    struct conf_pos broker_pos, database_pos;
    int64_t credit_bytes, checkpoint_ms, tick_ms, publish_ms, queue_bytes;
    int64_t hours_max;
    int log_level;
    bool watch;
};

extern const struct conf_schema daemon_schema;
/* The kinds of windows the database gets, as bits; 0: all but minutes. */
uint8_t daemon_conf_kinds(const struct database_conf *c);
bool daemon_conf_same_notify(const struct notify_conf *a, const struct notify_conf *b);
bool daemon_conf_same_database(const struct database_conf *a, const struct database_conf *b);
/* Rules across keys. */
void daemon_conf_finish(const struct daemon_conf *c, struct conf_report *report);

#endif
