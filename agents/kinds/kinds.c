#include "kinds/kinds.h"

#include <stdio.h>

#include "exec/exec.h"
#include "modbus/modbus_source.h"
#include "mqtt/mqtt.h"
#include "mtconnect/mtconnect.h"
#include "shdr/shdr.h"
#include "sources/csv.h"
#include "sources/lines.h"
#include "sources/sim.h"
#include "sparkplug/sparkplug.h"

static void finish_sim(const void *conf, struct conf_report *report) {
    sim_conf_finish(conf, report);
}

static enum err open_sim(void *conf, const char *folder, int64_t now_ms, struct span position,
                         struct source **out) {
    (void)folder; /* has no files */
    return sim_open(conf, now_ms, position, out);
}

static void finish_csv(const void *conf, struct conf_report *report) {
    csv_conf_finish(conf, report);
}

static enum err open_csv(void *conf, const char *folder, int64_t now_ms, struct span position,
                         struct source **out) {
    struct csv_conf *c = conf;

    c->folder = folder;
    return csv_open(c, now_ms, position, out);
}

static void finish_lines(const void *conf, struct conf_report *report) {
    lines_conf_finish(conf, report);
}

static enum err open_lines(void *conf, const char *folder, int64_t now_ms, struct span position,
                           struct source **out) {
    struct lines_conf *c = conf;

    c->folder = folder;
    return lines_open(c, now_ms, position, out);
}

static void finish_modbus(const void *conf, struct conf_report *report) {
    modbus_conf_finish(conf, report);
}

static enum err open_modbus(void *conf, const char *folder, int64_t now_ms, struct span position,
                            struct source **out) {
    struct modbus_conf *c = conf;

    (void)position; /* what was not read is lost */
    c->folder = folder;
    return modbus_source_open(c, now_ms, out);
}

static enum err probe_modbus(const void *conf, const char *folder, struct buf *out) {
    (void)folder;
    return modbus_source_probe(conf, out);
}

static void finish_sparkplug(const void *conf, struct conf_report *report) {
    sparkplug_conf_finish(conf, report);
}

static enum err open_sparkplug(void *conf, const char *folder, int64_t now_ms, struct span position,
                               struct source **out) {
    struct sparkplug_conf *c = conf;

    c->folder = folder;
    return sparkplug_open(c, now_ms, position, out);
}

/* A name of its own at the broker. */
static void look_mqttlink(struct mqttlink_conf *c) {
    if (c->client_id)
        *c->client_id = '\0';
}

static void look_sparkplug(void *conf) {
    struct sparkplug_conf *c = conf;

    c->state = false;
    look_mqttlink(&c->broker);
}

static enum err probe_sparkplug(const void *conf, const char *folder, struct buf *out) {
    struct sparkplug_conf c = *(const struct sparkplug_conf *)conf;

    c.folder = folder;
    return sparkplug_probe(&c, out);
}

static void finish_mtconnect(const void *conf, struct conf_report *report) {
    mtconnect_conf_finish(conf, report);
}

static enum err open_mtconnect(void *conf, const char *folder, int64_t now_ms, struct span position,
                               struct source **out) {
    (void)folder; /* has no files */
    return mtconnect_open(conf, now_ms, position, out);
}

static enum err probe_mtconnect(const void *conf, const char *folder, struct buf *out) {
    (void)folder;
    return mtconnect_probe(conf, out);
}

static void finish_shdr(const void *conf, struct conf_report *report) {
    shdr_conf_finish(conf, report);
}

static enum err open_shdr(void *conf, const char *folder, int64_t now_ms, struct span position,
                          struct source **out) {
    (void)folder;
    (void)position; /* has no files, and nothing to go back to */
    return shdr_open(conf, now_ms, out);
}

static enum err probe_shdr(const void *conf, const char *folder, struct buf *out) {
    (void)folder;
    return shdr_probe(conf, out);
}

static void finish_mqtt(const void *conf, struct conf_report *report) {
    mqtt_conf_finish(conf, report);
}

static enum err open_mqtt(void *conf, const char *folder, int64_t now_ms, struct span position,
                          struct source **out) {
    struct mqtt_conf *c = conf;

    c->folder = folder;
    return mqtt_open(c, now_ms, position, out);
}

static void look_mqtt(void *conf) {
    struct mqtt_conf *c = conf;

    look_mqttlink(&c->broker);
}

static enum err probe_mqtt(const void *conf, const char *folder, struct buf *out) {
    struct mqtt_conf c = *(const struct mqtt_conf *)conf;

    c.folder = folder;
    return mqtt_probe(&c, out);
}

static void finish_exec(const void *conf, struct conf_report *report) {
    exec_conf_finish(conf, report);
}

static enum err open_exec(void *conf, const char *folder, int64_t now_ms, struct span position,
                          struct source **out) {
    struct exec_conf *c = conf;

    c->base = folder;
    return exec_open(c, now_ms, position, out);
}

const struct kinds_row kinds_rows[] = {
    {.name = "sim", .schema = &sim_schema, .finish = finish_sim, .open = open_sim},
    {.name = "csv", .schema = &csv_schema, .finish = finish_csv, .open = open_csv},
    {.name = "lines", .schema = &lines_schema, .finish = finish_lines, .open = open_lines},
    {.name = "modbus",
     .schema = &modbus_schema,
     .well = "connected",
     .finish = finish_modbus,
     .open = open_modbus,
     .probe = probe_modbus},
    {.name = "sparkplug",
     .schema = &sparkplug_schema,
     .well = "connected",
     .finish = finish_sparkplug,
     .open = open_sparkplug,
     .look = look_sparkplug,
     .probe = probe_sparkplug},
    {.name = "mtconnect",
     .schema = &mtconnect_schema,
     .well = "connected",
     .finish = finish_mtconnect,
     .open = open_mtconnect,
     .probe = probe_mtconnect},
    {.name = "shdr",
     .schema = &shdr_schema,
     .well = "connected",
     .finish = finish_shdr,
     .open = open_shdr,
     .probe = probe_shdr},
    {.name = "mqtt",
     .schema = &mqtt_schema,
     .well = "connected",
     .finish = finish_mqtt,
     .open = open_mqtt,
     .look = look_mqtt,
     .probe = probe_mqtt},
    {.name = "exec",
     .schema = &exec_schema,
     .well = "running",
     .finish = finish_exec,
     .open = open_exec},
};
const size_t kinds_n = sizeof kinds_rows / sizeof kinds_rows[0];

const struct kinds_row *kinds_find(const char *name) {
    for (size_t i = 0; i < kinds_n; i++)
        if (strcmp(kinds_rows[i].name, name) == 0)
            return &kinds_rows[i];
    return NULL;
}

void kinds_finish(const struct kinds_row *kind, const void *conf, const struct ident *source,
                  struct conf_pos pos, struct conf_report *report) {
    size_t had = report->problem_n;

    kind->finish(conf, report);
    for (size_t i = had; i < report->problem_n; i++) {
        struct conf_problem *p = &report->problems[i];
        char text[CONF_PROBLEM_TEXT + IDENT_MAX + 16];
        if (p->pos.line == 0)
            p->pos = pos;
        snprintf(text, sizeof text, "source %s: %s", source->s, p->text);
        snprintf(p->text, sizeof p->text, "%.*s", (int)sizeof p->text - 1, text);
    }
}
