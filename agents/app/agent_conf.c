#include "agent_app/agent_conf.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/readable.h"
#include "bus/bus_url.h"
#include "scrape/scrape.h"

#define SOURCE(member) CONF_FIELD(struct source_conf, member)
static const struct conf_row source_row[] = {
    {.key = "sim",
     .type = CONF_MAP,
     .sub = &sim_schema,
     .field = SOURCE(sim),
     .given = SOURCE(has_sim),
     .help = "A simulated plant."},
    {.key = "csv",
     .type = CONF_MAP,
     .sub = &csv_schema,
     .field = SOURCE(csv),
     .given = SOURCE(has_csv),
     .help = "A delimited text file."},
    {.key = "lines",
     .type = CONF_MAP,
     .sub = &lines_schema,
     .field = SOURCE(lines),
     .given = SOURCE(has_lines),
     .help = "Lines of text from a file, pipe or socket."},
    {.key = "modbus",
     .type = CONF_MAP,
     .sub = &modbus_schema,
     .field = SOURCE(modbus),
     .given = SOURCE(has_modbus),
     .help = "Devices that speak Modbus, over TCP or a serial line."},
    {.key = "sparkplug",
     .type = CONF_MAP,
     .sub = &sparkplug_schema,
     .field = SOURCE(sparkplug),
     .given = SOURCE(has_sparkplug),
     .help = "Edge nodes of Sparkplug B at an MQTT broker."},
    {.key = "mtconnect",
     .type = CONF_MAP,
     .sub = &mtconnect_schema,
     .field = SOURCE(mtconnect),
     .given = SOURCE(has_mtconnect),
     .help = "An MTConnect agent."},
    {.key = "shdr",
     .type = CONF_MAP,
     .sub = &shdr_schema,
     .field = SOURCE(shdr),
     .given = SOURCE(has_shdr),
     .help = "An MTConnect adapter."},
    {.key = "mqtt",
     .type = CONF_MAP,
     .sub = &mqtt_schema,
     .field = SOURCE(mqtt),
     .given = SOURCE(has_mqtt),
     .help = "Publishers of JSON or plain values at an MQTT broker."},
    {.key = "exec",
     .type = CONF_MAP,
     .sub = &exec_schema,
     .field = SOURCE(exec),
     .given = SOURCE(has_exec),
     .help = "A program that prints lines."},
};
const struct conf_schema source_conf_schema = {.rows = source_row,
                                               .row_n = sizeof source_row / sizeof source_row[0],
                                               .size = sizeof(struct source_conf),
                                               .id = SOURCE(id),
                                               .pos = SOURCE(pos)};

#define BROKER(member) CONF_FIELD(struct broker_conf, member)
static const struct conf_row broker_row[] = {
    {.key = "url",
     .type = CONF_URL,
     .field = BROKER(url),
     .pos = BROKER(url_pos),
     .required = true,
     .help = "Where the broker listens: tcp://host:1883 or ssl://host:8883."},
    {.key = "user", .type = CONF_TEXT, .field = BROKER(user), .help = "Name at the broker."},
    {.key = "password",
     .type = CONF_TEXT,
     .field = BROKER(password),
     .secret = true,
     .help = "Password at the broker."},
    {.key = "ca",
     .type = CONF_PATH,
     .field = BROKER(ca),
     .help = "Certificates that vouch for the broker (PEM); the host name is verified."},
    {.key = "cert", .type = CONF_PATH, .field = BROKER(cert), .help = "Our certificate (PEM)."},
    {.key = "key",
     .type = CONF_PATH,
     .field = BROKER(key),
     .help = "The key of our certificate (PEM)."},
    {.key = "keep_alive",
     .type = CONF_DURATION,
     .field = BROKER(keepalive_ms),
     .min = 1000,
     .max = 600000,
     .fallback = "20 s",
     .help = "Longest silence on the connection."},
    {.key = "retry_least",
     .type = CONF_DURATION,
     .field = BROKER(retry_min_ms),
     .min = 10,
     .max = 600000,
     .fallback = "500 ms",
     .help = "Pause before the first attempt to connect again; doubled each time."},
    {.key = "retry_most",
     .type = CONF_DURATION,
     .field = BROKER(retry_max_ms),
     .min = 10,
     .max = 3600000,
     .fallback = "15 s",
     .help = "Longest pause between attempts to connect."},
    {.key = "in_flight",
     .type = CONF_INT,
     .field = BROKER(inflight),
     .min = 1,
     .max = 20,
     .fallback = "10",
     .help = "Messages the broker has not confirmed yet."},
};
static const struct conf_schema broker_schema = CONF_SCHEMA(struct broker_conf, broker_row);

#define JOURNAL(member) CONF_FIELD(struct agent_journal_conf, member)
static const struct conf_row journal_row[] = {
    {.key = "folder",
     .type = CONF_PATH,
     .field = JOURNAL(folder),
     .required = true,
     .help = "Folder of the journal; made if it is missing, used by one agent only."},
    {.key = "quota",
     .type = CONF_BYTES,
     .field = JOURNAL(quota_bytes),
     .min = 65536,
     .max = INT64_C(1) << 44,
     .fallback = "1 GiB",
     .help = "What the journal may take of the disk; then the oldest readings are given up, and "
             "counted."},
    {.key = "segment",
     .type = CONF_BYTES,
     .field = JOURNAL(segment_bytes),
     .min = 4096,
     .max = INT64_C(1) << 30,
     .fallback = "4 MiB",
     .help = "Size of one file; at most a quarter of the quota."},
    {.key = "keep",
     .type = CONF_DURATION,
     .field = JOURNAL(keep_ms),
     .max = INT64_C(3650) * 86400000,
     .fallback = "24 h",
     .help = "How long delivered readings stay for an aggregator that was restored."},
    {.key = "commit",
     .type = CONF_DURATION,
     .field = JOURNAL(commit_ms),
     .max = 60000,
     .fallback = "200 ms",
     .help = "Shortest time from one sync to the next, hence the longest wait of a reading to be "
             "accepted."},
};
static const struct conf_schema journal_schema =
    CONF_SCHEMA(struct agent_journal_conf, journal_row);

#define BATCH(member) CONF_FIELD(struct batch_conf, member)
static const struct conf_row batch_row[] = {
    {.key = "every",
     .type = CONF_DURATION,
     .field = BATCH(every_ms),
     .min = 1,
     .max = 60000,
     .fallback = "200 ms",
     .help = "Shortest time from one batch to the next, unless it is full; after silence the first "
             "goes at once."},
    {.key = "readings",
     .type = CONF_INT,
     .field = BATCH(readings),
     .min = 1,
     .max = 8000,
     .fallback = "1000",
     .help = "... or has this many readings."},
    {.key = "bytes",
     .type = CONF_BYTES,
     .field = BATCH(bytes),
     .min = 1024,
     .max = 61440,
     .fallback = "48 KiB",
     .help = "... or is this large."},
};
static const struct conf_schema batch_schema = CONF_SCHEMA(struct batch_conf, batch_row);

#define METRICS(member) CONF_FIELD(struct metrics_conf, member)
static const struct conf_row metrics_row[] = {
    {.key = "listen",
     .type = CONF_TEXT,
     .field = METRICS(listen),
     .pos = METRICS(listen_pos),
     .fallback = "127.0.0.1",
     .help = "Address of this machine, IPv4 or IPv6; 0.0.0.0 or :: are all of them. Who reaches it "
             "reads the figures."},
    {.key = "port",
     .type = CONF_INT,
     .field = METRICS(port),
     .max = 65535,
     .required = true,
     .help = "Port; 0: any free one, told in the log."},
};
static const struct conf_schema metrics_schema = CONF_SCHEMA(struct metrics_conf, metrics_row);

static const struct conf_word level_word[] = {
    {"error", LOG_ERROR, "a person must act"},
    {"warn", LOG_WARN, "degraded"},
    {"info", LOG_INFO, "changes of state"},
    {"debug", LOG_DEBUG, NULL},
};

#define AGENT(member) CONF_FIELD(struct agent_conf, member)
static const struct conf_row agent_row[] = {
    {.key = "id",
     .type = CONF_ID,
     .field = AGENT(id),
     .required = true,
     .help = "Name of this agent, unique at the aggregator."},
    {.key = "log",
     .type = CONF_ENUM,
     .field = AGENT(log_level),
     .words = level_word,
     .word_n = sizeof level_word / sizeof level_word[0],
     .fallback = "info",
     .reloadable = true,
     .help = "What is written to standard error."},
    {.key = "broker",
     .type = CONF_MAP,
     .sub = &broker_schema,
     .field = AGENT(broker),
     .pos = AGENT(broker_pos),
     .required = true,
     .help = "The MQTT broker."},
    {.key = "journal",
     .type = CONF_MAP,
     .sub = &journal_schema,
     .field = AGENT(journal),
     .pos = AGENT(journal_pos),
     .required = true,
     .help = "Where readings are kept until they are delivered."},
    {.key = "batch",
     .type = CONF_MAP,
     .sub = &batch_schema,
     .field = AGENT(batch),
     .help = "When a batch is closed."},
    {.key = "metrics",
     .type = CONF_MAP,
     .sub = &metrics_schema,
     .field = AGENT(metrics),
     .given = AGENT(has_metrics),
     .help = "What the agent tells of itself, as Prometheus text at http://LISTEN:PORT/metrics; "
             "absent: nothing listens."},
    {.key = "clock_step",
     .type = CONF_DURATION,
     .field = AGENT(clock_step_ms),
     .min = 100,
     .max = 3600000,
     .fallback = "1 s",
     .help = "A change of the wall clock against the monotonic one that breaks the run."},
    {.key = "clock_ahead",
     .type = CONF_DURATION,
     .field = AGENT(clock_ahead_ms),
     .max = 3600000,
     .fallback = "10 s",
     .help = "A reading stamped ahead of our clock by more is uncertain, counted, and says nothing "
             "of the time before it; a state holds from our time on."},
    {.key = "sources",
     .type = CONF_KEYED,
     .sub = &source_conf_schema,
     .least = 1,
     .most = POINT_SOURCE_MAX,
     .field = AGENT(sources),
     .count = AGENT(source_n),
     .reloadable = true,
     .reloadable_below = true,
     .help =
         "What is read, by name; each has one kind. At SIGHUP those that changed are closed and "
         "opened, the others go on."},
};
const struct conf_schema agent_schema = CONF_SCHEMA(struct agent_conf, agent_row);

struct place {
    const char *kind;
    size_t given, settings; /* offsets in a struct source_conf */
};
static const struct place places[] = {
    {"sim", offsetof(struct source_conf, has_sim), offsetof(struct source_conf, sim)},
    {"csv", offsetof(struct source_conf, has_csv), offsetof(struct source_conf, csv)},
    {"lines", offsetof(struct source_conf, has_lines), offsetof(struct source_conf, lines)},
    {"modbus", offsetof(struct source_conf, has_modbus), offsetof(struct source_conf, modbus)},
    {"sparkplug", offsetof(struct source_conf, has_sparkplug),
     offsetof(struct source_conf, sparkplug)},
    {"mqtt", offsetof(struct source_conf, has_mqtt), offsetof(struct source_conf, mqtt)},
    {"exec", offsetof(struct source_conf, has_exec), offsetof(struct source_conf, exec)},
    {"mtconnect", offsetof(struct source_conf, has_mtconnect),
     offsetof(struct source_conf, mtconnect)},
    {"shdr", offsetof(struct source_conf, has_shdr), offsetof(struct source_conf, shdr)},
};

const struct kinds_row *source_conf_kind(struct source_conf *c, void **settings) {
    const struct kinds_row *found = NULL;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (!*(const bool *)((const char *)c + places[i].given))
            continue;
        if (found)
            return NULL;
        found = kinds_find(places[i].kind);
        *settings = (char *)c + places[i].settings;
    }
    return found;
}

/* Of the files that were read for the report since it had so many. */
static uint64_t hash_files(const struct conf_report *r, size_t had) {
    uint64_t hash = 0;
    for (size_t i = had; i < r->source_n; i++)
        hash = (hash ^ fnv1a64(span_of(r->sources[i].bytes, r->sources[i].n))) * 0x100000001b3;
    return hash;
}

static void agent_conf_finish(struct agent_conf *c, struct conf_report *r) {
    if (!bus_url_check(c->broker.url))
        conf_report_at(r, c->broker.url_pos, "broker.url is not " BUS_URL_EXPECTED);
    if (c->journal.segment_bytes > c->journal.quota_bytes / 4)
        conf_report_at(r, c->journal_pos, "journal.segment is over a quarter of journal.quota");
    if ((c->broker.cert && *c->broker.cert) != (c->broker.key && *c->broker.key))
        conf_report_at(r, c->broker_pos, "broker.cert and broker.key go together");
    if (c->broker.retry_min_ms > c->broker.retry_max_ms)
        conf_report_at(r, c->broker_pos, "broker.retry_least is over broker.retry_most");
    if (c->has_metrics && !scrape_address_check(c->metrics.listen))
        conf_report_at(r, c->metrics.listen_pos,
                       "metrics.listen is no address such as 127.0.0.1 or ::1");
    for (size_t i = 0; i < c->source_n; i++) {
        struct source_conf *s = &c->sources[i];
        void *settings = NULL;
        const struct kinds_row *kind = source_conf_kind(s, &settings);
        const size_t had = r->source_n;
        if (kind)
            kinds_finish(kind, settings, &s->id, s->pos, r);
        else
            conf_report_at(r, s->pos, "source %s: give exactly one kind", s->id.s);
        s->files = hash_files(r, had);
    }
}

static enum err read_file(const char *path, struct buf *out) {
    FILE *f = fopen(path, "rb");
    if (!f)
        return ERR_IO;
    char chunk[4096];
    size_t n;
    enum err rc = ERR_OK;
    while (!rc && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        rc = out->n + n > CONF_FILE_MAX ? ERR_RANGE : buf_add(out, chunk, n);
    if (!rc && ferror(f))
        rc = ERR_IO;
    fclose(f);
    return rc;
}

/* NULL for a file in the working directory, and when there is no memory. */
static char *folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        return NULL;
    return strndup(path, slash > path ? (size_t)(slash - path) : 1);
}

enum err agent_conf_load(const char *path, struct agent_conf *out, struct buf *report) {
    struct buf bytes;
    buf_init(&bytes);
    enum err rc = read_file(path, &bytes);
    if (rc) {
        (void)buf_addf(report, "%s: cannot be read: %s\n", path, strerror(errno));
        buf_fini(&bytes);
        return rc;
    }
    struct conf_report r;
    struct agent_conf c;
    conf_report_init(&r);
    rc = conf_load(buf_span(&bytes), path, &agent_schema, &c, &r);
    if (!rc) {
        agent_conf_finish(&c, &r);
        c.folder = folder_of(path);
        if (conf_report_count(&r) > 0) {
            agent_conf_free(&c);
            rc = ERR_CONFIG;
        } else {
            *out = c;
        }
    }
    if (conf_report_count(&r) > 0)
        (void)conf_report_format(&r, report);
    conf_report_fini(&r);
    buf_fini(&bytes);
    return rc;
}

enum err agent_conf_notes(const struct agent_conf *c, const char *path, struct buf *out) {
    const char *const file[][2] = {
        {"ca", c->broker.ca}, {"cert", c->broker.cert}, {"key", c->broker.key}};
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof file / sizeof *file && !err; i++) {
        const char *wrong = unreadable(file[i][1]);
        if (wrong)
            err =
                buf_addf(out, "%s: note: broker.%s: %s: %s\n", path, file[i][0], file[i][1], wrong);
    }
    return err;
}

void agent_conf_free(struct agent_conf *c) {
    free(c->folder);
    conf_free(&agent_schema, c);
}
