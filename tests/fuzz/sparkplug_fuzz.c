/* Whatever a broker hands over, the host answers, and what it tells is what a stream may hold. The
 * input is a row of messages: a byte for the kind and the device, one for the time that passes, two
 * for the length; then that many bytes of payload. */
#include <stdlib.h>

#include "sparkplug/sphost.h"
#include "sparkplug/sptopic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint16_t points;

static enum err add_point(void *user, const struct point *p, uint16_t *id) {
    (void)user;
    if (!point_check(p))
        abort();
    *id = points++;
    return ERR_OK;
}

static enum err reading(void *user, const struct reading *r) {
    (void)user;
    if (r->point >= points || r->quality >= QUALITY_COUNT || r->t_ms < 0 ||
        (r->v.kind == VALUE_NONE && r->quality != QUALITY_BAD) ||
        (r->v.kind == VALUE_TEXT && r->v.as.text.n > BATCH_TEXT_MAX))
        abort();
    return ERR_OK;
}

static enum err covered(void *user, int64_t since_ms, int64_t until_ms) {
    (void)user;
    if (since_ms > until_ms)
        abort();
    return ERR_OK;
}

static void refused(void *user, const char *reason, const char *place) {
    (void)user;
    if (*reason == '\0' || *place == '\0')
        abort();
}

static void publish(void *user, const char *topic, struct span payload, int qos, bool retain) {
    (void)user;
    (void)qos;
    (void)retain;
    if (*topic == '\0' || payload.n == 0)
        abort();
}

static const struct source_out out = {
    .add_point = add_point, .reading = reading, .covered = covered, .refused = refused};

static size_t one_message(struct sphost *h, const uint8_t *data, size_t size, int64_t *now_ms) {
    static const char *const topics[] = {
        "spBv1.0/g/NBIRTH/n",   "spBv1.0/g/NDEATH/n",  "spBv1.0/g/NDATA/n", "spBv1.0/g/DBIRTH/n/d",
        "spBv1.0/g/DDEATH/n/d", "spBv1.0/g/DDATA/n/d", "spBv1.0/STATE/h",   "spBv1.0/g/DDATA/n/e"};
    const size_t want = (size_t)data[2] << 8 | data[3];
    const size_t n = want < size - 4 ? want : size - 4;
    /* A copy of its own length, so that a step beyond it is seen. */
    uint8_t *copy = malloc(n > 0 ? n : 1);
    if (copy == NULL)
        abort();
    memcpy(copy, data + 4, n);
    *now_ms += (int64_t)data[1] * 100;
    if (data[0] >= 0xf0) {
        sphost_on_down(h, *now_ms);
        (void)sphost_will(h, *now_ms);
        if (sphost_on_up(h, *now_ms) != ERR_OK)
            abort();
    }
    if (sphost_on_time(h, *now_ms) != ERR_OK ||
        sphost_on_message(h, span_str(topics[data[0] % 8]), span_of(copy, n), false, *now_ms,
                          &out) != ERR_OK ||
        tells_tell(&h->tells, *now_ms, &out) != ERR_OK || tells_waiting(&h->tells))
        abort();
    free(copy);
    return n + 4;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char all[] = "*", host[] = "h", none[] = "", one[] = "1", gauge[] = "{device}/g/{metric}",
         state[] = "{device}/s/{metric}", a[] = "a*", e[] = "e*", event[] = "{device}/e/{metric}";
    struct sparkplug_rule rules[] = {
        {.group = all, .node = all, .device = all, .metric = a, .name = gauge, .hint = all},
        {.group = all, .node = all, .device = all, .metric = e, .name = event, .hint = none},
        {.group = all, .node = all, .device = all, .metric = all, .name = state, .hint = none}};
    const int types[] = {QUANTITY_GAUGE, QUANTITY_EVENT, QUANTITY_STATE};
    for (size_t i = 0; i < 3; i++)
        rules[i].quantity = (struct quantity_conf){.type = types[i], .scale = one, .unit = none};
    const struct sparkplug_conf conf = {.host_id = host,
                                        .state = true,
                                        .rebirth = true,
                                        .reorder_ms = 2000,
                                        .rebirth_every_ms = 5000,
                                        .heartbeat_ms = 10000,
                                        .nodes_max = 4,
                                        .points_max = 20,
                                        .rules = rules,
                                        .rule_n = 3};
    const struct sphost_env env = {.conf = &conf, .publish = publish};
    struct sphost h;
    int64_t now_ms = INT64_C(1795413600000);
    points = 0;
    if (sphost_init(&h, &env, span_of(NULL, 0)) != ERR_OK)
        abort();
    if (sphost_on_up(&h, now_ms) != ERR_OK)
        abort();
    for (size_t at = 0; size - at >= 4;)
        at += one_message(&h, data + at, size - at, &now_ms);
    if (sphost_due_ms(&h) < now_ms - 86400000)
        abort();
    sphost_fini(&h);
    return 0;
}
