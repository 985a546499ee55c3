/* Whatever a device answers, the reader takes it or says that it fits no request, and what it tells
 * can be written into a batch. The input is cut into messages: a byte for the kind, one for the
 * request, one for seconds that pass, then the bytes of the answer, as many as the request asked
 * for. */
#include <math.h>
#include <stdlib.h>

#include "modbus/modbus_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char settings[] =
    "{connect: tcp://h, gap: 0, heartbeat: 5 s, devices: {"
    "a: {points: [{name: f, address: 0, format: float32, order: dcba, type: power, unit: W},"
    "{name: d, address: 2, format: float64, order: cdab},"
    "{name: i, address: 6, format: int64, type: register, unit: kWh, scale_register: 20},"
    "{name: u, address: 10, format: uint32, absent: -1, type: counter, decimals: 0, "
    "scale_register: "
    "20},"
    "{name: s, address: 12, format: string, length: 4, type: state},"
    "{name: b, address: 16, format: bcd32, order: badc, type: gauge, deadband: 2},"
    "{name: bit, address: 18, format: bit, bit: 15, type: state}]},"
    "b: {points: [{name: c, table: coil, address: 0, format: bool, type: state},"
    "{name: w, table: input, address: 0, format: int16, offset: -40, sampling: sampled}]}}}";

static enum err add_point(void *user, const struct point *p, uint16_t *id) {
    if (!point_check(p))
        abort();
    *id = (*(uint16_t *)user)++;
    return ERR_OK;
}

/* A bad one says nothing but why. */
static enum err reading(void *user, const struct reading *r) {
    const bool empty = r->v.kind == VALUE_NONE || batch_why_of(r) != BATCH_WHY_NONE;
    (void)user;
    if (r->quality >= QUALITY_COUNT || empty != (r->quality == QUALITY_BAD) ||
        (r->v.kind == VALUE_REAL && !isfinite(r->v.as.r)) ||
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
    if (!*reason || !place)
        abort();
}

static void play(struct modbus_reader *r, const struct source_out *out, const uint8_t *data,
                 size_t size) {
    int64_t t_ms = 1795392000000;
    for (size_t at = 0; at + 3 <= size;) {
        const struct modbus_head head = {.kind = data[at] % (MODBUS_NEWS_COUNT + 1),
                                         .exception = data[at] >> 4,
                                         .request = data[at + 1] % (r->plan->request_n + 1),
                                         .t_ms = t_ms += 1000 * (int8_t)data[at + 2]};
        at += 3;
        size_t n = head.request < r->plan->request_n ? r->plan->requests[head.request].count : 3;
        n *= head.request < r->plan->request_n && r->plan->requests[head.request].table < 3 ? 1 : 2;
        n = n < size - at ? n : size - at;
        struct buf message;
        buf_init(&message);
        if (modbus_message_format(&head, span_of(data + at, n), &message))
            abort();
        const enum err err = modbus_reader_take(r, buf_span(&message));
        if (err != ERR_FORMAT && (err || modbus_reader_step(r, out) || r->have))
            abort();
        buf_fini(&message);
        at += n;
    }
    if (modbus_reader_vouch(r, out))
        abort();
}

/* Made once: the parser of files has a target of its own. */
static struct modbus_plan *the_plan(void) {
    static struct modbus_conf conf;
    static struct modbus_plan plan;
    struct conf_report report;
    if (plan.items)
        return &plan;
    conf_report_init(&report);
    if (conf_load(span_str(settings), "fuzz", &modbus_schema, &conf, &report) ||
        modbus_plan_init(&plan, &conf, &report))
        abort();
    conf_report_fini(&report);
    return &plan;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct modbus_reader r;
    uint16_t points = 0;
    const struct source_out out = {.add_point = add_point,
                                   .reading = reading,
                                   .covered = covered,
                                   .refused = refused,
                                   .user = &points};
    if (modbus_reader_init(&r, the_plan()) || modbus_reader_declare(&r, &out))
        abort();
    play(&r, &out, data, size);
    modbus_reader_fini(&r);
    return 0;
}
