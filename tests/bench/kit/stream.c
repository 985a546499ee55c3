#include "benchkit/stream.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

/* Every number that changes has its full width, so that it can be patched:
 *     0  array of 9, version, kind           3 bytes
 *     3  epoch, seq, t_ms                    9 bytes each (0xcf or 0xd3 and eight)
 *    30  nil, no points                      2
 *    32  [[source, -ASOF_MS, 0]]             2 + 3 + 5 + 1
 *    43  array32 of 3 n                      5
 *    48  point (u16), 0, value (u32)         9 each */
enum { SEQ_AT = 13, TIME_AT = 22, READINGS_AT = 48, VALUE_AT = 5, ASOF_MS = 60000 };
enum { EXECUTE = 6, IDLE = 4, STATE_MS = 20000 }; /* PackML; a machine idles a fifth of the time */

static void put_be(uint8_t *p, uint64_t v, unsigned bytes) {
    uint64_t be = htobe64(v);
    memcpy(p, (uint8_t *)&be + (8 - bytes), bytes);
}

static void add_be(struct buf *b, uint8_t type, uint64_t v, unsigned bytes) {
    uint8_t text[9] = {type};
    put_be(text + 1, v, bytes);
    buf_add(b, text, bytes + 1);
}

static void point_of(struct point *p, unsigned id, const struct stream_shape *shape) {
    static const struct point kind[4] = {
        {.type = POINT_STATE, .num = 1, .den = 1},
        {.type = POINT_COUNTER, .num = 1000000, .den = 1},
        {.type = POINT_REGISTER, .num = 1000000, .den = 1},                  /* Wh */
        {.type = POINT_POWER, .num = 1000, .den = 1, .sampling = POINT_HELD} /* mW */
    };
    static const char *const name[4] = {"state", "good", "energy", "power"};
    if (id == shape->points) { /* the stamp */
        *p = (struct point){.type = POINT_GAUGE, .num = 1, .den = 1};
        snprintf(p->name, sizeof p->name, "stamp");
    } else {
        *p = kind[id % 4];
        snprintf(p->name, sizeof p->name, "m%u/%s", id / 4, name[id % 4]);
    }
    p->id = (uint16_t)id;
    p->source = (uint16_t)(id == shape->points ? 0 : id / shape->batch);
    p->poll_ms = 1000;
}

static enum err build_key(struct stream *s, unsigned part) {
    unsigned points = s->shape.points + s->shape.stamp;
    unsigned from = points * part / STREAM_KEY_PARTS, to = points * (part + 1) / STREAM_KEY_PARTS;
    struct batch_key key = {.part = part, .parts = STREAM_KEY_PARTS, .points_total = points};
    struct batch_head head = {
        .kind = BATCH_KEY, .epoch = s->epoch, .seq = part + 1, .t_ms = s->shape.begun_ms};
    struct batch_writer w;
    enum err err = ERR_OK;
    batch_writer_init(&w);
    batch_writer_reset(&w, head.t_ms);
    for (unsigned id = from; id < to && !err; id++) {
        struct point p;
        point_of(&p, id, &s->shape);
        err = batch_writer_add_point(&w, &p);
    }
    buf_init(&s->key[part]);
    if (!err)
        err = batch_writer_encode(&w, &head, &key, NULL, NULL, &s->key[part]);
    batch_writer_fini(&w);
    return err;
}

static enum err build_record(struct stream *s, unsigned no) {
    struct stream_record *r = &s->record[no];
    struct buf *b = &r->bytes;
    unsigned n = s->shape.batch;
    buf_init(b);
    r->first = no * n;
    buf_add(b, "\x99\x01\x00", 3);
    add_be(b, 0xcf, s->epoch, 8);
    add_be(b, 0xcf, 1, 8);
    add_be(b, 0xd3, 0, 8);
    buf_add(b, "\xc0\x90\x91\x93", 4);
    add_be(b, 0xcd, no, 2);
    add_be(b, 0xd2, (uint32_t)-ASOF_MS, 4);
    buf_add_byte(b, 0);
    add_be(b, 0xdd, 3ULL * (n + s->shape.stamp), 4);
    r->values = READINGS_AT + VALUE_AT;
    for (unsigned id = r->first; id < r->first + n; id++) {
        add_be(b, 0xcd, id, 2);
        buf_add_byte(b, 0);
        add_be(b, 0xce, 0, 4);
    }
    if (s->shape.stamp) {
        add_be(b, 0xcd, s->shape.points, 2);
        buf_add_byte(b, 0);
        add_be(b, 0xd3, 0, 8);
    }
    struct batch parsed;
    enum batch_fault fault = BATCH_FAULT_NONE;
    if (batch_parse(buf_span(b), &parsed, &fault) || parsed.reading_n != n + s->shape.stamp)
        return ERR_RANGE;
    return b->failed ? ERR_NOMEM : ERR_OK;
}

enum err stream_init(struct stream *s, unsigned no, const struct stream_shape *shape) {
    char id[32];
    *s = (struct stream){.shape = *shape, .epoch = 1000 + no, .seq = STREAM_KEY_PARTS};
    snprintf(id, sizeof id, "gw-%u", no);
    ident_set(&s->agent, span_str(id));
    topic_format(TOPIC_DATA, &s->agent, s->data);
    topic_format(TOPIC_HELLO, &s->agent, s->hello);
    snprintf(s->raw, sizeof s->raw, "pbr%s", s->data + 3);
    s->record_n = shape->points / shape->batch;
    s->record = calloc(s->record_n, sizeof *s->record);
    enum err err = s->record ? ERR_OK : ERR_NOMEM;
    for (unsigned part = 0; part < STREAM_KEY_PARTS && !err; part++)
        err = build_key(s, part);
    for (unsigned i = 0; i < s->record_n && !err; i++)
        err = build_record(s, i);
    return err;
}

void stream_fini(struct stream *s) {
    for (unsigned i = 0; s->record && i < s->record_n; i++)
        buf_fini(&s->record[i].bytes);
    for (unsigned part = 0; part < STREAM_KEY_PARTS; part++)
        buf_fini(&s->key[part]);
    free(s->record);
}

enum err stream_hello(struct stream *s, uint64_t nonce, struct buf *out) {
    struct hello h = {.agent = s->agent, .nonce = nonce, .n = ++s->hello_n, .epoch_n = 1};
    h.epoch[0] =
        (struct hello_epoch){.epoch = s->epoch, .base = 1, .next = s->seq + 1, .open = true};
    return hello_format(&h, out);
}

void stream_on_ack(struct stream *s, const struct ack *ack) {
    for (uint32_t i = 0; i < ack->epoch_n; i++) {
        if (ack->epoch[i].epoch != s->epoch)
            continue;
        s->listed = true;
        s->credit_bytes = ack->credit_bytes;
        s->want = ack->epoch[i].want;
        if (ack->epoch[i].durable > s->durable)
            s->durable = ack->epoch[i].durable;
    }
}

uint64_t stream_in_flight(const struct stream *s) {
    return (s->seq - s->durable) * s->record[0].bytes.n;
}

static void patch(struct stream *s, struct stream_record *r, int64_t t_ms) {
    uint8_t *p = r->bytes.p + r->values;
    uint64_t ran_ms = (uint64_t)(t_ms - s->shape.begun_ms);
    for (unsigned id = r->first; id < r->first + s->shape.batch; id += 4) {
        uint64_t ran = ran_ms + id * 37; /* machines are not in step */
        put_be(p, (ran / STATE_MS + id) % 5 == 0 ? IDLE : EXECUTE, 4);
        put_be(p + STREAM_READING_BYTES, 100 + ran / 1000, 4);
        put_be(p + 2 * STREAM_READING_BYTES, 1000 + ran / 240, 4);
        put_be(p + 3 * STREAM_READING_BYTES, 15000000 + (ran / 100) % 97, 4);
        p += 4 * STREAM_READING_BYTES;
    }
}

struct span stream_next(struct stream *s, int64_t t_ms, bool for_aggregator) {
    struct stream_record *r = &s->record[s->next];
    s->next = (s->next + 1) % s->record_n;
    put_be(r->bytes.p + SEQ_AT, for_aggregator ? ++s->seq : 1, 8);
    put_be(r->bytes.p + TIME_AT, (uint64_t)t_ms, 8);
    patch(s, r, t_ms);
    if (s->shape.stamp)
        put_be(r->bytes.p + r->bytes.n - 8, (uint64_t)clock_mono_ns(), 8);
    return buf_span(&r->bytes);
}
