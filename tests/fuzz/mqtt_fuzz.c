/* Whatever a broker hands over, the host answers, and what it tells is what a stream may hold. The
 * input is a row of messages: a byte for the topic, one for the time that passes and whether the
 * broker had kept it, two for the length; then that many bytes of payload. */
#include <stdlib.h>

#include "mqtt/mqhost.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char settings[] =
    "broker: {url: \"tcp://h:1\"}\n"
    "filters: ['#']\n"
    "points_max: 20\n"
    "rules:\n"
    "  - topic: 'j/{m}'\n"
    "    records: /r\n"
    "    where: {/k: a}\n"
    "    time: /t\n"
    "    silent_after: 5 s\n"
    "    points:\n"
    "      - {name: '{m}/{/n}', hint: '{/n}', value: /v, quality: /q, type: gauge}\n"
    "      - {name: '{m}/e', value: /e, tag: /g, type: event, decimals: 0, map: {x: 1}}\n"
    "  - topic: 'j/#'\n"
    "    time: /t\n"
    "    time_form: ms\n"
    "    points:\n"
    "      - {name: '{1}/s', value: /s, type: state}\n"
    "      - {name: '{1}/i', value: '', length: /l, length_unit: min, type: interval}\n"
    "      - {name: '{1}/c', value: /c/0, type: counter, decimals: 2}\n"
    "  - {topic: 'p/+', payload: plain, points: [{name: 'p/{1}', type: state, sticky: true}]}\n"
    "  - {topic: alive, alive: true}\n";

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
        (r->v.kind == VALUE_TEXT && r->v.as.text.n > BATCH_TEXT_MAX) ||
        (r->v.kind == VALUE_AMOUNT && r->v.as.span.dur_ms < 0))
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

static const struct source_out out = {
    .add_point = add_point, .reading = reading, .covered = covered, .refused = refused};

static size_t one_message(struct mqhost *h, const uint8_t *data, size_t size, int64_t *now_ms) {
    static const char *const topics[] = {"j/a",     "j/b/c", "j",     "p/x",
                                         "p/y\"{}", "alive", "other", "$SYS/j"};
    const size_t want = (size_t)data[2] << 8 | data[3];
    const size_t n = want < size - 4 ? want : size - 4;
    /* A copy of its own length, so that a step beyond it is seen. */
    uint8_t *copy = malloc(n > 0 ? n : 1);
    if (copy == NULL)
        abort();
    memcpy(copy, data + 4, n);
    *now_ms += (int64_t)data[1] * 100;
    if (data[0] >= 0xf0) {
        mqhost_on_down(h);
        if (mqhost_on_up(h, *now_ms) != ERR_OK)
            abort();
    }
    if (mqhost_on_time(h, *now_ms) != ERR_OK ||
        mqhost_on_message(h, span_str(topics[data[0] % 8]), span_of(copy, n), data[1] % 4 == 3,
                          *now_ms, &out) != ERR_OK ||
        tells_tell(&h->tells, *now_ms, &out) != ERR_OK || tells_waiting(&h->tells))
        abort();
    free(copy);
    return n + 4;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct mqtt_conf conf;
    static bool loaded;
    struct conf_report report;
    struct mqhost h;
    struct buf position;
    int64_t now_ms = INT64_C(1795413600000);
    conf_report_init(&report);
    if (!loaded && conf_load(span_str(settings), "s", &mqtt_schema, &conf, &report) != ERR_OK)
        abort();
    loaded = true;
    conf_report_fini(&report);
    points = 0;
    if (mqhost_init(&h, &conf, span_of(NULL, 0)) != ERR_OK || mqhost_on_up(&h, now_ms) != ERR_OK)
        abort();
    for (size_t at = 0; size - at >= 4;)
        at += one_message(&h, data + at, size - at, &now_ms);
    buf_init(&position);
    mqhost_position(&h, &position);
    mqhost_fini(&h);
    /* What it keeps it takes back, and whatever the journal has is answered. */
    if (position.n > 240 || mqhost_init(&h, &conf, buf_span(&position)) != ERR_OK)
        abort();
    mqhost_fini(&h);
    if (mqhost_init(&h, &conf, span_of(data, size)) == ERR_OK)
        mqhost_fini(&h);
    buf_fini(&position);
    return 0;
}
