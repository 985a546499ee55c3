#include "simkit/script.h"

#include "simkit/line_plant.h"

#include <stdio.h>

void script_init(struct script *s, struct station *station, const char *agent, uint64_t epoch) {
    *s = (struct script){.station = station, .nonce = epoch ^ 0x5555, .epoch = epoch, .next = 1};
    snprintf(s->agent.s, sizeof s->agent.s, "%s", agent);
    batch_writer_init(&s->writer);
    batch_writer_reset(&s->writer, SIM_DAY0);
    buf_init(&s->bytes);
}

void script_fini(struct script *s) {
    batch_writer_fini(&s->writer);
    buf_fini(&s->bytes);
}

uint16_t script_point(struct script *s, const char *name, enum point_type type, int64_t num) {
    struct point *p = &s->point[s->point_n];
    *p = (struct point){.id = (uint16_t)s->point_n,
                        .type = (uint8_t)type,
                        .sampling = POINT_HELD,
                        .num = num,
                        .den = 1};
    snprintf(p->name, sizeof p->name, "%s", name);
    s->point_n++;
    return p->id;
}

enum err script_hello(struct script *s) {
    char topic[TOPIC_MAX];
    struct buf b;
    struct hello h = {.agent = s->agent, .nonce = s->nonce, .n = ++s->hello_n, .epoch_n = 1};
    h.epoch[0] = (struct hello_epoch){.epoch = s->epoch,
                                      .prev_epoch = s->prev_epoch,
                                      .prev_last = s->prev_last,
                                      .base = 1,
                                      .next = s->next > 1 ? s->next : 2,
                                      .open = true};
    topic_format(TOPIC_HELLO, &s->agent, topic);
    buf_init(&b);
    enum err err = hello_format(&h, &b);
    if (!err)
        err = station_message(s->station, topic, buf_span(&b));
    buf_fini(&b);
    return err;
}

static enum err encode(struct script *s, enum batch_kind kind, const struct batch_key *key,
                       const struct batch_clock *clock) {
    struct batch_head head = {
        .kind = (uint8_t)kind, .epoch = s->epoch, .seq = s->next, .t_ms = s->writer.t_ms};
    buf_reset(&s->bytes);
    enum err err = batch_writer_encode(&s->writer, &head, key, NULL, clock, &s->bytes);
    batch_writer_reset(&s->writer, s->writer.t_ms);
    if (err)
        return err;
    s->next++;
    return script_send_again(s);
}

static enum err send_key(struct script *s, int64_t t_ms, const struct reading *r,
                         const struct asof *a) {
    struct batch_key key = {.prev_epoch = s->prev_epoch,
                            .prev_last = s->prev_last,
                            .part = 0,
                            .parts = 1,
                            .points_total = (uint32_t)s->point_n};
    batch_writer_reset(&s->writer, t_ms);
    for (size_t i = 0; i < s->point_n; i++) {
        enum err err = batch_writer_add_point(&s->writer, &s->point[i]);
        if (err)
            return err;
    }
    if (r) {
        enum err err = batch_writer_add(&s->writer, r);
        if (err)
            return err;
    }
    if (a) {
        enum err err = batch_writer_add_asof(&s->writer, *a);
        if (err)
            return err;
    }
    return encode(s, BATCH_KEY, &key, NULL);
}

enum err script_key_value(struct script *s, int64_t t_ms, const struct reading *r) {
    return send_key(s, t_ms, r, NULL);
}

enum err script_key_asof(struct script *s, int64_t t_ms, const struct reading *r, struct asof a) {
    return send_key(s, t_ms, r, &a);
}

enum err script_key(struct script *s, int64_t t_ms) {
    return script_key_value(s, t_ms, NULL);
}

static void add(struct script *s, const struct reading *r) {
    batch_writer_add(&s->writer, r);
}

void script_int(struct script *s, uint16_t point, int64_t t_ms, int64_t value) {
    add(s,
        &(struct reading){.point = point, .t_ms = t_ms, .v = {.kind = VALUE_INT, .as.i = value}});
}

void script_bad(struct script *s, uint16_t point, int64_t t_ms, enum batch_why why) {
    struct reading r = {.point = point, .t_ms = t_ms};
    batch_bad(&r, why);
    add(s, &r);
}

void script_text(struct script *s, uint16_t point, int64_t t_ms, const char *text) {
    add(s, &(struct reading){.point = point,
                             .t_ms = t_ms,
                             .v = {.kind = VALUE_TEXT, .as.text = {text, (uint32_t)strlen(text)}}});
}

void script_amount(struct script *s, uint16_t point, int64_t t_ms, int64_t amount) {
    add(s, &(struct reading){.point = point,
                             .t_ms = t_ms,
                             .v = {.kind = VALUE_AMOUNT, .as.span = {amount, 0, 0}}});
}

void script_asof(struct script *s, int64_t since_ms, int64_t until_ms) {
    batch_writer_add_asof(&s->writer, (struct asof){0, since_ms, until_ms});
}

enum err script_send(struct script *s) {
    return encode(s, BATCH_DATA, NULL, NULL);
}

enum err script_clock(struct script *s, int64_t from_ms, int64_t to_ms) {
    const struct batch_clock step = {from_ms, to_ms};
    batch_writer_reset(&s->writer, to_ms);
    return encode(s, BATCH_CLOCK, NULL, &step);
}

enum err script_send_again(struct script *s) {
    char topic[TOPIC_MAX];
    topic_format(TOPIC_DATA, &s->agent, topic);
    return station_message(s->station, topic, buf_span(&s->bytes));
}

void script_restart(struct script *s, uint64_t epoch) {
    s->prev_epoch = s->epoch;
    s->prev_last = s->next - 1;
    s->epoch = epoch;
    s->nonce = epoch ^ 0x5555;
    s->next = 1;
    s->hello_n = 0;
}
