/* Configuration files: a plant and a daemon's settings, read while memory runs out. Either all of
 * it is there, as ever, or the answer is ERR_NOMEM: never half a plant, never blame on the file. */
#include <string.h>

#include "daemon/daemon_conf.h"
#include "nomem.h"
#include "plantfile/plant_diff.h"
#include "plantfile/plantfile.h"

static const char plant_yaml[] =
    "site: {id: s, time_zone: UTC, calendar: c, outputs: [x]}\n"
    "calendars: {c: {shifts: {e: {start: \"06:00\", end: \"14:00\", breaks:\n"
    "  [{start: \"09:00\", end: \"09:15\"}]}}, rota: [{shift: e, from: 2026-01-05, each: 7 d,\n"
    "  teams: [red, blue]}]}}\n"
    "products: {a: {name: A}, b: {name: B}}\n"
    "areas: {x: {outputs: [l], lines: {l: {agent: gw, outputs: [u], units: {u: {\n"
    "  state: {from: map, map: packml}, ideal: [{product: a, cycle: 8 s}],\n"
    "  signals: {state: {point: st}, good: {point: g, max_rate: 600 1/h},\n"
    "    energy: {point: e, max_rate: 60 1/h}}}}}}}}\n";

static const char daemon_yaml[] =
    "plant: plant.yaml\n"
    "data: data\n"
    "broker: {url: \"tcp://127.0.0.1:1883\", user: u, password: p}\n"
    "http: {port: 0, socket: s}\n"
    "database: {kind: influx_v1, url: \"http://127.0.0.1:8086\", name: n, windows: [hour, day]}\n";

/* A zone file that says UTC and nothing else. */
static enum err utc_bytes(const char *name, struct buf *out) {
    static const uint8_t head[44] = "TZif2";
    uint8_t block[44];
    if (strcmp(name, "UTC") != 0)
        return ERR_NOT_FOUND;
    for (unsigned i = 0; i < 2; i++) {
        memcpy(block, head, sizeof block);
        block[39] = 1; /* one type */
        block[43] = 4; /* four characters of names */
        buf_add(out, block, sizeof block);
        buf_add(out, "\0\0\0\0\0\0UTC\0", 10);
    }
    return buf_add(out, "\nUTC0\n", 6);
}

static struct plant *load_plant(enum err *err) {
    struct conf_report report;
    struct plant *p = NULL;
    conf_report_init(&report);
    *err = plantfile_load(span_str(plant_yaml), "p.yaml", utc_bytes, &report, &p);
    conf_report_fini(&report);
    return p;
}

static void plant_file(void) {
    enum err err = ERR_OK;
    struct buf said;
    nomem_arm();
    struct plant *p = load_plant(&err);
    nomem_disarm();
    nomem_need((err == ERR_OK) == (p != NULL), "a plant or an error");
    nomem_need(!err || (err == ERR_NOMEM && nomem_struck()), "the error is want of memory");
    if (!p)
        return;
    struct plant *whole = load_plant(&err);
    nomem_need(whole != NULL, "the file is right");
    buf_init(&said);
    nomem_need(plant_diff(p, whole, &said) == 0, "the plant is whole");
    nomem_need(plantfile_disk_bytes(p) == plantfile_disk_bytes(whole), "in all its parts");
    buf_fini(&said);
    plant_close(whole);
    plant_close(p);
}

static void settings(void) {
    struct conf_report report;
    struct daemon_conf conf;
    nomem_arm();
    conf_report_init(&report);
    enum err err = conf_load(span_str(daemon_yaml), "a.yaml", &daemon_schema, &conf, &report);
    conf_report_fini(&report);
    nomem_disarm();
    nomem_need(!err || (err == ERR_NOMEM && nomem_struck()), "the error is want of memory");
    if (err)
        return;
    nomem_need(strcmp(conf.database.name, "n") == 0 && conf.database.window_n == 2 &&
                   strcmp(conf.broker.url, "tcp://127.0.0.1:1883") == 0 &&
                   strcmp(conf.http.socket, "s") == 0,
               "the settings are whole");
    conf_free(&daemon_schema, &conf);
}

void nomem_files(void) {
    plant_file();
    settings();
}
