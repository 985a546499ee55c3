#include "daemon/daemon_conf.h"

#include "base/log.h"
#include "bus/bus_url.h"
#include "window/window.h"

#define F(owner, member) CONF_FIELD(struct owner, member)

static const struct conf_row broker_rows[] = {
    {.key = "url",
     .type = CONF_URL,
     .field = F(broker_conf, url),
     .pos = F(broker_conf, url_pos),
     .fallback = "tcp://127.0.0.1:1883",
     .help = "MQTT broker: tcp://host:port or ssl://host:port."},
    {.key = "client_id",
     .type = CONF_TEXT,
     .min = 1,
     .max = 64,
     .field = F(broker_conf, client_id),
     .fallback = "plantbus-aggregator",
     .help = "Unique on the broker."},
    {.key = "user", .type = CONF_TEXT, .field = F(broker_conf, user), .help = "User name."},
    {.key = "password",
     .type = CONF_TEXT,
     .secret = true,
     .field = F(broker_conf, password),
     .help = "Password."},
    {.key = "ca_file",
     .type = CONF_PATH,
     .field = F(broker_conf, ca_file),
     .help = "Certificates that vouch for the broker (ssl)."},
    {.key = "cert_file",
     .type = CONF_PATH,
     .field = F(broker_conf, cert_file),
     .help = "Our certificate, where the broker wants one."},
    {.key = "key_file", .type = CONF_PATH, .field = F(broker_conf, key_file), .help = "Its key."},
    {.key = "keepalive",
     .type = CONF_DURATION,
     .field = F(broker_conf, keepalive_ms),
     .fallback = "20 s",
     .min = 1000,
     .max = 3600000,
     .help = "Longest silence on the connection."},
    {.key = "retry_min",
     .type = CONF_DURATION,
     .field = F(broker_conf, retry_min_ms),
     .fallback = "500 ms",
     .min = 10,
     .max = 600000,
     .help = "First wait before connecting again."},
    {.key = "retry_max",
     .type = CONF_DURATION,
     .field = F(broker_conf, retry_max_ms),
     .fallback = "10 s",
     .min = 10,
     .max = 600000,
     .help = "Longest wait."},
    {.key = "inbox",
     .type = CONF_BYTES,
     .field = F(broker_conf, inbox_bytes),
     .fallback = "64 MiB",
     .min = 1 << 20,
     .max = INT64_C(4) << 30,
     .help = "Most that may wait between the network and the loop."}};
static const struct conf_schema broker_schema = CONF_SCHEMA(struct broker_conf, broker_rows);

static const struct conf_row http_rows[] = {
    {.key = "listen",
     .type = CONF_TEXT,
     .field = F(http_conf, listen),
     .pos = F(http_conf, listen_pos),
     .fallback = "127.0.0.1",
     .help = "Address of the page and the API; none: only the UNIX socket. Another one than "
             "loopback needs certificate and key."},
    {.key = "port",
     .type = CONF_INT,
     .field = F(http_conf, port),
     .fallback = "8080",
     .min = 0,
     .max = 65535,
     .help = "Port of the page; 0: any free one."},
    {.key = "socket",
     .type = CONF_PATH,
     .field = F(http_conf, socket),
     .help = "UNIX socket for the command line tool; absent: plantbus.sock in the data folder."},
    {.key = "clients_max",
     .type = CONF_INT,
     .field = F(http_conf, clients_max),
     .fallback = "64",
     .min = 1,
     .max = 1000,
     .help = "Most connections at a time."},
    {.key = "certificate",
     .type = CONF_PATH,
     .field = F(http_conf, certificate),
     .pos = F(http_conf, certificate_pos),
     .help = "PEM file of the certificate and its chain: the port speaks TLS (1.2, 1.3)."},
    {.key = "key",
     .type = CONF_PATH,
     .field = F(http_conf, key),
     .pos = F(http_conf, key_pos),
     .help = "PEM file of its key, without a password; readable by the aggregator only."},
    {.key = "without_tls",
     .type = CONF_BOOL,
     .field = F(http_conf, without_tls),
     .fallback = "false",
     .help = "Listen on another address than loopback without TLS: passwords go over the network "
             "as they are, unless a proxy in front speaks TLS."},
    {.key = "read_without_login",
     .type = CONF_BOOL,
     .field = F(http_conf, read_without_login),
     .fallback = "false",
     .help = "Whoever reaches the port may look; to change anything one must log in."},
    {.key = "idle",
     .type = CONF_DURATION,
     .field = F(http_conf, idle_ms),
     .fallback = "2 h",
     .min = 60000,
     .max = 7 * 86400000,
     .help = "A person's session ends when nothing was asked for so long."},
    {.key = "session",
     .type = CONF_DURATION,
     .field = F(http_conf, session_ms),
     .fallback = "12 h",
     .min = 60000,
     .max = 30 * INT64_C(86400000),
     .help = "A person's session ends so long after the login in any case."},
    {.key = "acting",
     .type = CONF_DURATION,
     .field = F(http_conf, acting_ms),
     .fallback = "2 min",
     .min = 10000,
     .max = 3600000,
     .help = "How long a PIN at a shared station names who acts."}};
static const struct conf_schema http_schema = CONF_SCHEMA(struct http_conf, http_rows);

static const struct conf_word kind_words[] = {{"none", DATABASE_NONE, "embedded history alone"},
                                              {"influx_v1", DATABASE_INFLUX_V1, "/write?db="},
                                              {"influx_v2", DATABASE_INFLUX_V2, "/api/v2/write"}};
/* Not minutes, unless asked for: they are fifteen times the quarters, and each can be had from the
 * API at any time. */
static const struct conf_word window_words[] = {{"minute", WINDOW_MINUTE, "60 an hour and node"},
                                                {"15min", WINDOW_QUARTER, NULL},
                                                {"hour", WINDOW_HOUR, NULL},
                                                {"shift", WINDOW_SHIFT, NULL},
                                                {"day", WINDOW_DAY, NULL},
                                                {"order", WINDOW_ORDER, "an order's hours"}};
static const struct conf_row database_rows[] = {
    {.key = "kind",
     .type = CONF_ENUM,
     .field = F(database_conf, kind),
     .words = kind_words,
     .word_n = 3,
     .fallback = "none",
     .reloadable = true,
     .help = "Time-series database."},
    {.key = "url",
     .type = CONF_URL,
     .field = F(database_conf, url),
     .pos = F(database_conf, url_pos),
     .fallback = "http://127.0.0.1:8086",
     .reloadable = true,
     .help = "Its address."},
    {.key = "name",
     .type = CONF_TEXT,
     .field = F(database_conf, name),
     .fallback = "plantbus",
     .reloadable = true,
     .help = "Database (v1) or bucket (v2)."},
    {.key = "org",
     .type = CONF_TEXT,
     .field = F(database_conf, org),
     .reloadable = true,
     .help = "Organization (v2)."},
    {.key = "user",
     .type = CONF_TEXT,
     .field = F(database_conf, user),
     .reloadable = true,
     .help = "User name (v1)."},
    {.key = "password",
     .type = CONF_TEXT,
     .secret = true,
     .field = F(database_conf, password),
     .reloadable = true,
     .help = "Password (v1)."},
    {.key = "token",
     .type = CONF_TEXT,
     .secret = true,
     .field = F(database_conf, token),
     .reloadable = true,
     .help = "Token (v2)."},
    {.key = "create",
     .type = CONF_BOOL,
     .field = F(database_conf, create),
     .fallback = "true",
     .reloadable = true,
     .help = "Create the database when it is missing (v1)."},
    {.key = "windows",
     .type = CONF_SCALARS,
     .item = CONF_ENUM,
     .words = window_words,
     .word_n = WINDOW_KIND_COUNT,
     .field = F(database_conf, windows),
     .count = F(database_conf, window_n),
     .reloadable = true,
     .help = "Kinds of windows it gets; absent: all but minute, the bulk, which the API has."},
    {.key = "gzip",
     .type = CONF_BOOL,
     .field = F(database_conf, gzip),
     .fallback = "true",
     .reloadable = true,
     .help = "Compress what is sent, unless the database is on this machine."},
    {.key = "timeout",
     .type = CONF_DURATION,
     .field = F(database_conf, timeout_ms),
     .fallback = "10 s",
     .min = 100,
     .max = 600000,
     .reloadable = true,
     .help = "Longest wait for an answer."},
    {.key = "retry_min",
     .type = CONF_DURATION,
     .field = F(database_conf, retry_min_ms),
     .fallback = "1 s",
     .min = 10,
     .max = 600000,
     .reloadable = true,
     .help = "First wait before trying again."},
    {.key = "retry_max",
     .type = CONF_DURATION,
     .field = F(database_conf, retry_max_ms),
     .fallback = "60 s",
     .min = 10,
     .max = 3600000,
     .reloadable = true,
     .help = "Longest wait."},
    {.key = "retry_after_max",
     .type = CONF_DURATION,
     .field = F(database_conf, retry_after_max_ms),
     .fallback = "10 min",
     .min = 0,
     .max = 86400000,
     .reloadable = true,
     .help = "Most that is waited when the database asks for it (Retry-After)."}};
static const struct conf_schema database_schema = CONF_SCHEMA(struct database_conf, database_rows);

static const struct conf_word level_words[] = {{"error", LOG_ERROR, "a person must act"},
                                               {"warn", LOG_WARN, "degraded"},
                                               {"info", LOG_INFO, "changes of state"},
                                               {"debug", LOG_DEBUG, "everything"}};
static const struct conf_row rows[] = {
    {.key = "plant",
     .type = CONF_PATH,
     .field = F(daemon_conf, plant_path),
     .required = true,
     .reloadable = true,
     .help = "The plant file, relative to this file's folder."},
    {.key = "norms",
     .type = CONF_PATH,
     .field = F(daemon_conf, norms_path),
     .reloadable = true,
     .help = "Who may do what with norms, relative to this file's folder; none: nobody approves."},
    {.key = "alerts",
     .type = CONF_PATH,
     .field = F(daemon_conf, alerts_path),
     .reloadable = true,
     .help = "Folder of the rules of alerts (*.yaml), relative to this file's folder; none: no "
             "alerts."},
    {.key = "baselines",
     .type = CONF_PATH,
     .field = F(daemon_conf, baselines_path),
     .reloadable = true,
     .help = "Folder of the frozen baselines that rules name (*.baseline, as `plantbus energy "
             "baseline --freeze` writes them), relative to this file's folder."},
    {.key = "alert_grace",
     .type = CONF_DURATION,
     .field = F(daemon_conf, alert_grace_ms),
     .fallback = "30 s",
     .min = 0,
     .max = 3600000,
     .reloadable = true,
     .help = "How long after its end a minute waits for data before alerts are held against it."},
    {.key = "data",
     .type = CONF_PATH,
     .field = F(daemon_conf, data_path),
     .required = true,
     .help = "Folder of the store, relative to this file's folder."},
    {.key = "broker",
     .type = CONF_MAP,
     .sub = &broker_schema,
     .field = F(daemon_conf, broker),
     .pos = F(daemon_conf, broker_pos),
     .help = "The message broker."},
    {.key = "http",
     .type = CONF_MAP,
     .sub = &http_schema,
     .field = F(daemon_conf, http),
     .help = "The page and the API."},
    {.key = "database",
     .type = CONF_MAP,
     .sub = &database_schema,
     .field = F(daemon_conf, database),
     .pos = F(daemon_conf, database_pos),
     .help = "The time-series database."},
    {.key = "notify",
     .type = CONF_MAP,
     .sub = &notify_schema,
     .field = F(daemon_conf, notify),
     .reloadable = true,
     .help = "Whom alerts are told to, and how."},
    {.key = "credit",
     .type = CONF_BYTES,
     .field = F(daemon_conf, credit_bytes),
     .fallback = "4 MiB",
     .min = 65536,
     .max = INT64_C(1) << 30,
     .reloadable = true,
     .help = "What an agent may have sent and not acknowledged; bounds memory and broker queue."},
    {.key = "checkpoint",
     .type = CONF_DURATION,
     .field = F(daemon_conf, checkpoint_ms),
     .fallback = "500 ms",
     .min = 10,
     .max = 60000,
     .reloadable = true,
     .help = "Longest time between a reading and the commit that acknowledges it."},
    {.key = "tick",
     .type = CONF_DURATION,
     .field = F(daemon_conf, tick_ms),
     .fallback = "200 ms",
     .min = 10,
     .max = 5000,
     .reloadable = true,
     .help = "How often indicators are computed."},
    {.key = "publish",
     .type = CONF_DURATION,
     .field = F(daemon_conf, publish_ms),
     .fallback = "5 s",
     .min = 100,
     .max = 3600000,
     .reloadable = true,
     .help = "How often the current indicators go out over MQTT."},
    {.key = "queue",
     .type = CONF_BYTES,
     .field = F(daemon_conf, queue_bytes),
     .fallback = "256 MiB",
     .min = 1 << 20,
     .max = INT64_C(16) << 30,
     .reloadable = true,
     .help = "Most that may wait for the store."},
    {.key = "hours_in_memory",
     .type = CONF_INT,
     .field = F(daemon_conf, hours_max),
     .fallback = "2000",
     .min = 16,
     .max = 10000000,
     .reloadable = true,
     .help = "Unit-hours of log and cells kept in memory."},
    {.key = "log",
     .type = CONF_ENUM,
     .field = F(daemon_conf, log_level),
     .words = level_words,
     .word_n = 4,
     .fallback = "info",
     .reloadable = true,
     .help = "What is logged."},
    {.key = "watch",
     .type = CONF_BOOL,
     .field = F(daemon_conf, watch),
     .fallback = "true",
     .reloadable = true,
     .help = "Take this file and the plant file over when they change, without being told to."}};
const struct conf_schema daemon_schema = CONF_SCHEMA(struct daemon_conf, rows);

uint8_t daemon_conf_kinds(const struct database_conf *c) {
    unsigned kinds = 0;
    for (size_t i = 0; i < c->window_n; i++)
        kinds |= 1U << c->windows[i];
    return (uint8_t)kinds;
}

static bool same(const struct conf_schema *schema, const void *a, const void *b) {
    struct conf_changes found = {0};
    struct buf text;
    buf_init(&text);
    enum err err = conf_changes(schema, a, b, &text, &found);
    buf_fini(&text);
    return !err && found.n == 0; /* out of memory: it is spoken to anew */
}

bool daemon_conf_same_database(const struct database_conf *a, const struct database_conf *b) {
    return same(&database_schema, a, b);
}

bool daemon_conf_same_notify(const struct notify_conf *a, const struct notify_conf *b) {
    return same(&notify_schema, a, b);
}

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0 && text[strlen(with)];
}

/* Passwords must not go over a network as they are, unless somebody says so. */
static void finish_http(const struct http_conf *h, struct conf_report *report) {
    const bool here = strncmp(h->listen, "127.", 4) == 0 || strcmp(h->listen, "::1") == 0 ||
                      strcmp(h->listen, "none") == 0;
    if (!h->certificate[0] != !h->key[0])
        conf_report_at(report, h->certificate[0] ? h->certificate_pos : h->key_pos,
                       "http.certificate and http.key go together");
    if (!here && !h->certificate[0] && !h->without_tls)
        conf_report_at(report, h->listen_pos,
                       "http.listen %s can be reached from elsewhere: name http.certificate and "
                       "http.key, or say http.without_tls: true behind a proxy that speaks TLS",
                       h->listen);
}

void daemon_conf_finish(const struct daemon_conf *c, struct conf_report *report) {
    if (!bus_url_check(c->broker.url))
        conf_report_at(report, c->broker.url_pos, "broker.url is not " BUS_URL_EXPECTED);
    if (!c->broker.cert_file[0] != !c->broker.key_file[0])
        conf_report_at(report, c->broker_pos, "broker.cert_file and broker.key_file go together");
    if (!begins(c->database.url, "http://") && !begins(c->database.url, "https://"))
        conf_report_at(report, c->database.url_pos,
                       "database.url is not http://host:8086 or https://host:8086");
    if (c->broker.retry_max_ms < c->broker.retry_min_ms)
        conf_report_at(report, c->broker_pos, "broker.retry_max is less than broker.retry_min");
    if (c->database.retry_max_ms < c->database.retry_min_ms)
        conf_report_at(report, c->database_pos,
                       "database.retry_max is less than database.retry_min");
    if (c->database.kind == DATABASE_INFLUX_V2 && !c->database.org[0])
        conf_report_at(report, c->database_pos, "database.org is needed for influx_v2");
    finish_http(&c->http, report);
    notify_conf_finish(&c->notify, report);
}
