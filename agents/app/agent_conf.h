/* The agent's configuration: the rows of its YAML file and the rules that span them. */
#ifndef PB_AGENT_AGENT_CONF_H
#define PB_AGENT_AGENT_CONF_H

#include "base/log.h"
#include "conf/conf.h"
#include "exec/exec.h"
#include "kinds/kinds.h"
#include "modbus/modbus_source.h"
#include "mqtt/mqtt.h"
#include "mtconnect/mtconnect.h"
#include "shdr/shdr.h"
#include "sources/csv.h"
#include "sources/lines.h"
#include "sources/sim.h"
#include "sparkplug/sparkplug.h"

struct source_conf {
    struct ident id;
    struct conf_pos pos;
    bool has_sim, has_csv, has_lines;
    bool has_modbus;
    struct sim_conf sim;
    struct csv_conf csv;
    struct lines_conf lines;
    struct modbus_conf modbus;
    bool has_sparkplug;
    struct sparkplug_conf sparkplug;
    bool has_mtconnect;
    struct mtconnect_conf mtconnect;
    bool has_shdr;
    struct shdr_conf shdr;
    bool has_mqtt;
    struct mqtt_conf mqtt;
    bool has_exec;
    struct exec_conf exec;
    uint64_t files; /* a hash of the files its settings are read from as well (profiles), 0: none;
                     * no row */
};

struct broker_conf {
    char *url, *user, *password, *ca, *cert, *key;
    struct conf_pos url_pos;
    int64_t keepalive_ms, retry_min_ms, retry_max_ms;
    int64_t inflight;
};

struct agent_journal_conf {
    char *folder;
    int64_t quota_bytes, segment_bytes, keep_ms, commit_ms;
};

struct batch_conf {
    int64_t every_ms, readings, bytes;
};

struct metrics_conf {
    char *listen;
    struct conf_pos listen_pos;
    int64_t port;
};

struct agent_conf {
    char *folder; /* of the file: relative paths of sources begin there; no row */
    struct ident id;
    int log_level; /* enum log_level */
    struct broker_conf broker;
    struct agent_journal_conf journal;
    struct conf_pos broker_pos, journal_pos;
    struct batch_conf batch;
    bool has_metrics;
    struct metrics_conf metrics;
    int64_t clock_step_ms, clock_ahead_ms;
    struct source_conf *sources;
    size_t source_n;
};

extern const struct conf_schema agent_schema;
extern const struct conf_schema source_conf_schema;

/* Loads the file and checks what spans several keys. On failure the mistakes stand in *report as
 * lines for a person. ERR_IO: cannot be read; ERR_CONFIG; ERR_NOMEM. */
enum err agent_conf_load(const char *path, struct agent_conf *out, struct buf *report);
void agent_conf_free(struct agent_conf *c);
/* A line for each file of the broker's TLS that can't be read here. ERR_NOMEM. */
enum err agent_conf_notes(const struct agent_conf *c, const char *path, struct buf *out);

/* The kind that a source of the file uses, and where its settings lie; NULL unless exactly one. */
const struct kinds_row *source_conf_kind(struct source_conf *c, void **settings);

#endif
