/* Whatever an MTConnect agent answers: bodies fall into parts in any pieces the same way, documents
 * are read or refused with a reason, and the talk goes on with what they say without a question
 * that has no end, an illegal reading, or a place it cannot read again. The first byte chooses. */
#include <stdlib.h>

#include "mtconnect/flow.h"
#include "mtconnect/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1, POINTS = 3 };

static size_t points;

static enum err add_point(void *user, const struct point *p, uint16_t *id) {
    (void)user;
    if (!point_check(p))
        abort();
    *id = (uint16_t)points++;
    return ERR_OK;
}

static enum err reading(void *user, const struct reading *r) {
    (void)user;
    if (r->point >= points || r->quality >= QUALITY_COUNT ||
        (r->v.kind == VALUE_NONE && r->quality != QUALITY_BAD))
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
    if (reason[0] == '\0' || place[0] == '\0')
        abort();
}

static char empty[] = "", every[] = "all/{id}", execution[] = "EXECUTION", exec[] = "exec";
static char url[] = "http://127.0.0.1:5000", controller[] = "Path", count[] = "count", one[] = "1";

#define ANY                                                                                        \
    .id = empty, .item = empty, .item_type = empty, .sub_type = empty, .component = empty,         \
    .device = empty, .hint = empty

static void talk(const struct xml_calls *xml, const uint8_t *data, size_t size) {
    struct mtconnect_point_conf rule[POINTS] = {
        {ANY, .name = exec, .quantity = {.type = POINT_STATE, .scale = one}},
        {ANY, .name = count, .quantity = {.type = POINT_EVENT, .scale = one}},
        {ANY, .name = every, .quantity = {.type = POINT_GAUGE, .scale = one}}};
    rule[0].item_type = execution;
    rule[1].id = count;
    rule[2].component = controller;
    const struct mtconnect_conf conf = {.url = url,
                                        .device = empty,
                                        .interval_ms = 1,
                                        .heartbeat_ms = 1000,
                                        .timeout_ms = 1000,
                                        .count = 10,
                                        .history = data[0] & 1,
                                        .points = rule,
                                        .point_n = POINTS};
    const struct source_out out = {
        .add_point = add_point, .reading = reading, .covered = covered, .refused = refused};
    struct flow f, again;
    struct buf place;
    char why[DOC_WHY] = "";
    int64_t now_ms = NOW;

    points = 0;
    if (flow_init(&f, &conf, data[0] & 2 ? span_str("1 77 5 0 1795413600000") : span_str("")))
        abort();
    flow_on_tick(&f, now_ms);
    for (size_t at = 1; at < size;) { /* documents are parted by NUL */
        const uint8_t *end = memchr(data + at, '\0', size - at);
        const size_t n = end != NULL ? (size_t)(end - data) - at : size - at;
        const enum err e = doc_parse(xml, span_of(data + at, n), &f.doc, why);
        if (e != ERR_OK && why[0] == '\0')
            abort();
        if (e == ERR_OK && (flow_on_document(&f, now_ms, &out) || flow_tell(&f, now_ms, &out) ||
                            coverage_vouch(&f.coverage, &out)))
            abort();
        now_ms += 100;
        flow_on_tick(&f, now_ms);
        at += n + 1;
    }
    buf_init(&place);
    flow_position(&f, &place);
    if (place.n > 240 || flow_init(&again, &conf, buf_span(&place)) != ERR_OK)
        abort();
    flow_fini(&again);
    buf_fini(&place);
    flow_fini(&f);
}

/* What the parts are, each behind its length. */
static void cut(const uint8_t *data, size_t size, size_t step, struct buf *out) {
    static const char type[] = "multipart/x-mixed-replace;boundary=cut";
    struct multipart p;
    struct span body;
    enum err e = ERR_OK;

    multipart_init(&p);
    if (multipart_begin(&p, span_str(type)) != ERR_OK)
        abort();
    for (size_t at = 0; at < size && e != ERR_FORMAT; at += step) {
        if (multipart_add(&p, span_of(data + at, size - at < step ? size - at : step)) != ERR_OK)
            abort();
        while ((e = multipart_next(&p, false, &body)) == ERR_OK) {
            (void)buf_add_varint(out, body.n);
            (void)buf_add(out, body.p, body.n);
        }
    }
    multipart_fini(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct xml_calls xml;
    struct buf whole, pieces;
    char why[LIBRARY_WHY];

    if (size < 2 || xml_load(&xml, why) != ERR_OK)
        return 0;
    talk(&xml, data, size);
    buf_init(&whole);
    buf_init(&pieces);
    cut(data + 1, size - 1, 4096, &whole);
    cut(data + 1, size - 1, 1u + data[0] % 7, &pieces);
    /* Headers over their limit are refused when they are seen, which depends on the pieces. */
    if (size < 4096 && !span_equal(buf_span(&whole), buf_span(&pieces)))
        abort();
    buf_fini(&whole);
    buf_fini(&pieces);
    return 0;
}
