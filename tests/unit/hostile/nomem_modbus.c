/* A Modbus source from its settings to a reading, while memory runs out: the plan is whole or not
 * there, and nothing is told twice. */
#include "modbus/modbus_poller.h"
#include "modbus/modbus_reader.h"
#include "nomem.h"

static const char settings[] = "{connect: tcp://h, devices: {d: {points: ["
                               "{name: a, address: 0, type: state, map: {on: 1, off: 2}},"
                               "{name: v, address: 1, scale_register: 2}, {name: far, address: 90},"
                               "{name: s, address: 3, format: string, length: 2, type: state}]}}}";

static enum err add_point(void *user, const struct point *p, uint16_t *id) {
    (void)p;
    *id = 0;
    return *(int *)user >= 0 ? ERR_OK : ERR_FULL;
}

static enum err reading(void *user, const struct reading *r) {
    (void)r;
    ++*(int *)user;
    return ERR_OK;
}

static enum err covered(void *user, int64_t since_ms, int64_t until_ms) {
    (void)user;
    return since_ms <= until_ms ? ERR_OK : ERR_RANGE;
}

static void refused(void *user, const char *reason, const char *place) {
    (void)user;
    nomem_need(*reason && *place, "a refusal has its words");
}

/* 5 registers: a state, 230.4 V by a factor of -1, "AB". */
static bool read_once(struct modbus_plan *p, int *readings) {
    const struct modbus_head head = {.kind = MODBUS_NEWS_VALUES, .t_ms = 1795392000000};
    const struct source_out out = {.add_point = add_point,
                                   .reading = reading,
                                   .covered = covered,
                                   .refused = refused,
                                   .user = readings};
    struct modbus_reader r;
    struct buf message;
    buf_init(&message);
    bool ok = modbus_reader_init(&r, p) == ERR_OK;
    if (ok) {
        ok = modbus_reader_declare(&r, &out) == ERR_OK &&
             modbus_message_format(&head,
                                   span_of("\0\1\x09\0\xff\xff"
                                           "AB\0\0",
                                           10),
                                   &message) == ERR_OK &&
             modbus_reader_take(&r, buf_span(&message)) == ERR_OK &&
             modbus_reader_step(&r, &out) == ERR_OK;
        modbus_reader_fini(&r);
    }
    buf_fini(&message);
    return ok;
}

void nomem_modbus(void) {
    struct conf_report report;
    struct modbus_conf conf;
    struct modbus_plan plan;
    struct modbus_poller poller;
    int readings = 0;
    conf_report_init(&report);
    nomem_need(conf_load(span_str(settings), "s", &modbus_schema, &conf, &report) == ERR_OK,
               "the settings are right");
    nomem_arm();
    bool ok = modbus_plan_init(&plan, &conf, &report) == ERR_OK;
    if (ok && modbus_poller_init(&poller, &plan, &conf) == ERR_OK) {
        ok = read_once(&plan, &readings);
        modbus_poller_fini(&poller);
    } else
        ok = false;
    modbus_plan_fini(&plan);
    nomem_disarm();
    nomem_need(ok || nomem_struck(), "it fails for want of memory only");
    nomem_need(!ok || readings == 3, "what came out is right");
    conf_free(&modbus_schema, &conf);
    conf_report_fini(&report);
}
