#include "notify_rig.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "plantfile/plantfile.h"

static const char plant_yaml[] =
    "site: {id: hall, name: Hall, time_zone: Asia/Ho_Chi_Minh, calendar: two}\n"
    "calendars:\n"
    "  two:\n"
    "    shifts:\n"
    "      early: {name: Early, start: \"06:00\", end: \"14:00\"}\n"
    "      late: {name: Late, start: \"14:00\", end: \"22:00\"}\n"
    "areas:\n"
    "  area-1:\n"
    "    lines:\n"
    "      line-a:\n"
    "        agent: gw\n"
    "        units:\n"
    "          press-1: {name: \"Máy dập 1\", state: {from: map, map: run-stop},\n"
    "                    signals: {state: {point: press-1/run}},\n"
    "                    gauges: {oil: {point: press-1/oil, unit: °C}}}\n"
    "          pack-1: {state: {from: map, map: run-stop}, signals: {state: {point: pack-1/run}}}\n"
    "      line-b:\n"
    "        agent: gw\n"
    "        units:\n"
    "          oven-1: {state: {from: map, map: run-stop}, signals: {state: {point: "
    "oven-1/run}}}\n";

static void load_plant(struct plant **out) {
    struct conf_report report;
    struct buf text;
    conf_report_init(&report);
    buf_init(&text);
    enum err err = plantfile_load(span_str(plant_yaml), "plant", clock_zone_bytes, &report, out);
    (void)conf_report_format(&report, &text);
    cr_assert_eq(err, ERR_OK, "%.*s", (int)text.n, (const char *)text.p);
    buf_fini(&text);
    conf_report_fini(&report);
}

void notify_rig_open(struct notify_rig *r, const char *yaml) {
    struct conf_report report;
    struct buf text;
    *r = (struct notify_rig){0};
    load_plant(&r->plant);
    conf_report_init(&report);
    buf_init(&text);
    enum err err = conf_load(span_str(yaml), "notify", &notify_schema, &r->conf, &report);
    if (!err)
        notify_conf_finish(&r->conf, &report);
    (void)conf_report_format(&report, &text);
    cr_assert(!err && conf_report_count(&report) == 0, "%.*s", (int)text.n, (const char *)text.p);
    buf_fini(&text);
    conf_report_fini(&report);
    r->node[0] = plant_find_node(r->plant, "press-1");
    r->node[1] = plant_find_node(r->plant, "oven-1");
    r->rule[0] = (struct alert_rule){.id = {"load"},
                                     .name = "Load too high",
                                     .subject = ALERT_QUANTITY,
                                     .quantity = ALERT_Q_POWER,
                                     .node = &r->node[0],
                                     .node_n = 1,
                                     .minutes = 5,
                                     .level = {{50, 45, ALERT_HIGH}},
                                     .level_n = 1,
                                     .cause = "a dull tool",
                                     .consequence = "the contract's demand is passed",
                                     .action = "change the tool",
                                     .owner = "energy office",
                                     .respond_ms = 5400000};
    r->rule[1] = (struct alert_rule){.id = {"silence"},
                                     .name = "No data",
                                     .subject = ALERT_QUANTITY,
                                     .quantity = ALERT_Q_POWER,
                                     .node = &r->node[1],
                                     .node_n = 1,
                                     .minutes = 10,
                                     .condition = ALERT_NO_DATA,
                                     .level = {{0, 0, ALERT_LOW}},
                                     .level_n = 1};
    r->world = (struct notice_world){.plant = r->plant,
                                     .words = &words_of[WORDS_ENGLISH],
                                     .store_id = UINT64_C(0x5f00000000000001),
                                     .url = "http://plant.example/"};
    cr_assert_eq(store_memory_open(&(struct store_memory_conf){0}, &r->store), ERR_OK);
}

static void ignore(void *user) {
    (void)user;
}

void notify_rig_close(struct notify_rig *r) {
    r->store->ops->stop(r->store, ignore, NULL);
    while (store_memory_step(r->store)) {
    }
    r->store->ops->close(r->store);
    conf_free(&notify_schema, &r->conf);
    plant_close(r->plant);
}

struct alert_event notify_rig_event(uint64_t n) {
    return (struct alert_event){.n = n,
                                .at_ms = RIG_NOW,
                                .told_ms = RIG_NOW,
                                .rule = {"load"},
                                .node = {"press-1"},
                                .from = ALERT_NORMAL,
                                .to = ALERT_ACTIVE,
                                .why = ALERT_WHY_REACHED,
                                .severity = ALERT_HIGH,
                                .level = 1,
                                .value = 63.5,
                                .threshold = 50};
}

static void ignore_commit(void *user, enum err err) {
    (void)user;
    cr_expect_eq(err, ERR_OK);
}

static void put(struct notify_rig *r, struct span key, const struct alert_event *e) {
    struct store_tx *tx = calloc(1, sizeof *tx);
    struct buf value;
    buf_init(&value);
    store_tx_init(tx);
    cr_assert_eq(alert_event_pack(e, &value), ERR_OK);
    cr_assert_eq(store_tx_add(tx, STORE_PUT, STORE_NOTICE, key, buf_span(&value)), ERR_OK);
    cr_assert_eq(r->store->ops->commit(r->store, tx, ignore_commit, NULL), ERR_OK);
    while (store_memory_step(r->store)) {
    }
    buf_fini(&value);
}

void notify_rig_put(struct notify_rig *r, const char *position, const struct alert_event *e) {
    uint8_t key[ALERT_NOTICE_KEY_MAX];
    struct ident id;
    cr_assert(ident_set(&id, span_str(position)));
    put(r, span_of(key, alert_notice_key(&id, e->n, key)), e);
}

void notify_rig_wait(struct notify_rig *r, const char *channel, const struct alert_event *e) {
    uint8_t key[QUEUE_KEY_MAX];
    struct ident id;
    cr_assert(ident_set(&id, span_str(channel)));
    put(r, span_of(key, queue_key(&id, false, e->n, key)), e);
}

void notify_rig_mistakes(const char *yaml, bool with_plant, char *text, size_t n) {
    struct conf_report report;
    struct notify_conf conf;
    struct buf out;
    struct plant *plant = NULL;
    conf_report_init(&report);
    buf_init(&out);
    if (conf_load(span_str(yaml), "a.yaml", &notify_schema, &conf, &report) == ERR_OK) {
        notify_conf_finish(&conf, &report);
        if (with_plant) {
            load_plant(&plant);
            notify_conf_check_plant(&conf, plant, &report);
            plant_close(plant);
        }
        conf_free(&notify_schema, &conf);
    }
    (void)conf_report_format(&report, &out);
    snprintf(text, n, "%.*s", (int)out.n, out.n ? (const char *)out.p : "");
    buf_fini(&out);
    conf_report_fini(&report);
}

static const struct plant *source_plant(void *user) {
    return ((struct notify_rig *)user)->plant;
}

static const struct alert_rule *source_rule(void *user, const struct ident *id) {
    struct notify_rig *r = user;
    for (size_t i = 0; i < 2; i++)
        if (ident_equal(&r->rule[i].id, id))
            return &r->rule[i];
    return NULL;
}

static bool no_alert(void *user, size_t i, struct alert_view *out) {
    (void)user, (void)i, (void)out;
    return false;
}

static bool find_none(void *user, const struct ident *rule, const struct ident *node,
                      struct alert_view *out) {
    (void)user, (void)rule, (void)node, (void)out;
    return false;
}

struct notify_source notify_rig_source(struct notify_rig *r) {
    return (struct notify_source){.plant = source_plant,
                                  .rule = source_rule,
                                  .alert = no_alert,
                                  .find = find_none,
                                  .user = r};
}
