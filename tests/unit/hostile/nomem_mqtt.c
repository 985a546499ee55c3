/* A source of MQTT messages from its settings to a reading, while memory runs out: what could not
 * be taken is taken when it comes again, and nothing is told twice. */
#include "mqtt/mqhost.h"
#include "nomem.h"

static const char settings[] = "{broker: {url: \"tcp://h:1\"}, rules: [{topic: 'a/{m}/x',"
                               "time: /t, time_form: ms, points: ["
                               "{name: '{m}/s', value: /s, type: state, map: {on: 1}},"
                               "{name: '{m}/e', value: /e, type: event, decimals: 0},"
                               "{name: '{m}/w', value: /w, type: state}]}]}";
static const char payload[] = "{\"t\":1795413600000,\"s\":\"on\",\"e\":2,\"w\":\"word\"}";

enum { NOW_S = 1795413600 };

static enum err add_point(void *user, const struct point *p, uint16_t *id) {
    (void)user;
    (void)p;
    *id = 0;
    return ERR_OK;
}

static enum err reading(void *user, const struct reading *r) {
    *(int64_t *)user += r->v.kind == VALUE_AMOUNT ? r->v.as.span.amount : 0;
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

static bool hear(struct mqhost *h, const struct source_out *out) {
    const int64_t now_ms = INT64_C(1000) * NOW_S + 500;
    struct buf position;
    buf_init(&position);
    bool ok = mqhost_on_up(h, now_ms) == ERR_OK;
    /* It is sent again, and so is what is of no rule. */
    for (int i = 0; i < 2; i++) {
        ok &= mqhost_on_message(h, span_str("a/p/x"), span_str(payload), false, now_ms, out) ==
              ERR_OK;
        ok &= mqhost_on_message(h, span_str("b"), span_str("1"), false, now_ms, out) == ERR_OK;
    }
    mqhost_on_down(h);
    ok &= mqhost_on_up(h, now_ms + 1000) == ERR_OK;
    ok &= tells_tell(&h->tells, now_ms, out) == ERR_OK;
    mqhost_position(h, &position);
    ok &= !position.failed;
    buf_fini(&position);
    return ok;
}

void nomem_mqtt(void) {
    struct conf_report report;
    struct mqtt_conf conf;
    struct mqhost host;
    int64_t amount = 0;
    const struct source_out out = {.add_point = add_point,
                                   .reading = reading,
                                   .covered = covered,
                                   .refused = refused,
                                   .user = &amount};
    conf_report_init(&report);
    nomem_need(conf_load(span_str(settings), "s", &mqtt_schema, &conf, &report) == ERR_OK,
               "the settings are right");
    nomem_arm();
    mqtt_conf_finish(&conf, &report);
    bool ok = mqhost_init(&host, &conf, span_of(NULL, 0)) == ERR_OK;
    if (ok) {
        ok = hear(&host, &out);
        mqhost_fini(&host);
    }
    nomem_disarm();
    nomem_need(ok || nomem_struck(), "it fails for want of memory only");
    nomem_need(amount <= 2, "nothing is told twice");
    nomem_need(!ok || amount == 2, "what came out is right");
    conf_free(&mqtt_schema, &conf);
    conf_report_fini(&report);
}
