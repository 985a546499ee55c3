#include "rig.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "sourcekit/yaml.h"

static void publish(void *user, const char *topic, struct span payload, int qos, bool retain) {
    struct rig *r = user;
    cr_assert_lt(r->sent_n, (size_t)RIG_SENT_MAX);
    struct rig_sent *s = &r->sent[r->sent_n++];
    *s = (struct rig_sent){.qos = qos, .retain = retain};
    (void)snprintf(s->topic, sizeof s->topic, "%s", topic);
    cr_assert_lt(payload.n, sizeof s->payload);
    memcpy(s->payload, payload.p, payload.n);
}

void rig_init(struct rig *r, const char *more, const char *position) {
    char text[1200];
    (void)snprintf(text, sizeof text,
                   "broker: {url: \"tcp://127.0.0.1:1\"}\n%s\n"
                   "rules:\n"
                   "  - {metric: Good, name: '{device}/good', type: counter, unit: piece, "
                   "decimals: 0}\n"
                   "  - {metric: Scrap, name: '{device}/scrap', type: event, unit: piece, "
                   "decimals: 0}\n"
                   "  - {metric: Order, name: '{device}/order', type: state, sticky: true}\n"
                   "  - {metric: Late, name: '{device}/late', type: state, clock: arrival}\n"
                   "  - {metric: Temp, name: '{node}/temp', type: state}\n",
                   more);
    memset(r, 0, sizeof *r);
    yaml_load(text, &sparkplug_schema, &r->conf);
    capture_init(&r->got);
    const struct sphost_env env = {.conf = &r->conf, .publish = publish, .user = r};
    cr_assert_eq(sphost_init(&r->host, &env, span_str(position)), ERR_OK);
    r->now_ms = 1000000;
}

void rig_fini(struct rig *r) {
    sphost_fini(&r->host);
    capture_fini(&r->got);
    conf_free(&sparkplug_schema, &r->conf);
}

static void tell(struct rig *r) {
    cr_assert_eq(tells_tell(&r->host.tells, r->now_ms, &r->got.out), ERR_OK);
}

void rig_up(struct rig *r) {
    (void)sphost_will(&r->host, r->now_ms);
    cr_assert_eq(sphost_on_up(&r->host, r->now_ms), ERR_OK);
    tell(r);
}

void rig_say(struct rig *r, const char *kind, const char *device, int64_t t_ms, int seq,
             const struct bytes_metric *m, size_t n) {
    char topic[80];
    struct buf bytes;
    buf_init(&bytes);
    bytes_payload(&bytes, t_ms, seq, m, n);
    (void)snprintf(topic, sizeof topic, "spBv1.0/g/%s/n%s%s", kind, *device ? "/" : "", device);
    cr_assert_eq(sphost_on_message(&r->host, span_str(topic), buf_span(&bytes), false, r->now_ms,
                                   &r->got.out),
                 ERR_OK);
    buf_fini(&bytes);
    tell(r);
}

void rig_pass(struct rig *r, int64_t now_ms) {
    r->now_ms = now_ms;
    cr_assert_eq(sphost_on_time(&r->host, now_ms), ERR_OK);
    tell(r);
}

size_t rig_rebirths(const struct rig *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->sent_n; i++)
        n += strcmp(r->sent[i].topic, "spBv1.0/g/NCMD/n") == 0;
    return n;
}

void rig_birth(struct rig *r, int bdseq, int64_t t_ms, int temp, int good) {
    RIG_SAY(r, "NBIRTH", "", t_ms, 0, {.name = "bdSeq", .type = 4, RIG_WORD((uint64_t)bdseq)},
            {.name = "Temp", .alias = 1, .t_ms = t_ms, .type = 3, RIG_WORD((uint64_t)temp)});
    RIG_SAY(r, "DBIRTH", "p", t_ms, 1,
            {.name = "Good", .alias = 2, .t_ms = t_ms, .type = 3, RIG_WORD((uint64_t)good)});
}

const struct reading *rig_last(const struct rig *r, const char *name) {
    const size_t n = capture_count(&r->got, name);
    cr_assert(n > 0, "%s was not told", name);
    return &capture_reading(&r->got, name, n - 1)->r;
}
