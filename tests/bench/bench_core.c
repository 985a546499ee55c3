/* S3: nanoseconds a reading on the core's path, batch bytes to open minute, beside two references
 * run in the same process: decoding alone, and decoding with a bare accumulation. Usage: bench_core
 * [SIGNALS]. Prints the figures, the ratio and whether the bar is met; it never fails on a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/core.h"
#include "wire/batch.h"
#include "wire/topic.h"

enum { PER_AGENT = 1000, PER_BATCH = 500, ROUNDS = 40 };

struct feed {
    struct ident agent;
    char data[TOPIC_MAX], hello[TOPIC_MAX];
    struct buf *frame; /* one a round and part */
    size_t frame_n;
    uint64_t epoch, seq;
};

static const int64_t start_ms = INT64_C(1790000000000) / 60000 * 60000;

static void need(enum err err, const char *what) {
    if (err) {
        fprintf(stderr, "%s: %s\n", what, err_name(err));
        exit(1);
    }
}

static struct point point_of(uint16_t id) {
    struct point p = {.id = id, .type = POINT_COUNTER, .num = 1000000, .den = 1, .poll_ms = 1000};
    if (id % 4 == 1)
        p = (struct point){
            .id = id, .type = POINT_REGISTER, .num = 1000000, .den = 1, .poll_ms = 1000};
    if (id % 4 == 2)
        p = (struct point){.id = id,
                           .type = POINT_POWER,
                           .num = 1000,
                           .den = 1,
                           .poll_ms = 1000,
                           .sampling = POINT_HELD};
    if (id % 4 == 3)
        p = (struct point){.id = id, .type = POINT_STATE, .num = 1, .den = 1, .poll_ms = 1000};
    snprintf(p.name, sizeof p.name, "m%u/p%u", id / 4U, id % 4U);
    return p;
}

static int64_t value_of(uint16_t id, int64_t round) {
    return id % 4 == 3 ? 6 : id % 4 == 2 ? 15000000 + (id % 97) : round * (1 + id % 3) + 100;
}

static void encode(struct feed *f, struct batch_writer *w, enum batch_kind kind,
                   const struct batch_key *key, struct buf *out) {
    struct batch_head head = {
        .kind = (uint8_t)kind, .epoch = f->epoch, .seq = ++f->seq, .t_ms = w->t_ms};
    need(batch_writer_encode(w, &head, key, NULL, NULL, out), "encode");
}

static struct buf *new_frame(struct feed *f) {
    f->frame = realloc(f->frame, (f->frame_n + 1) * sizeof *f->frame);
    buf_init(&f->frame[f->frame_n]);
    return &f->frame[f->frame_n++];
}

/* Key frame in two parts (the table is over 64 KiB), then ROUNDS seconds of every point. */
static void prepare(struct feed *f, unsigned no) {
    char id[32];
    struct batch_writer w;
    snprintf(id, sizeof id, "gw-%u", no);
    ident_set(&f->agent, span_str(id));
    topic_format(TOPIC_DATA, &f->agent, f->data);
    topic_format(TOPIC_HELLO, &f->agent, f->hello);
    f->epoch = 1000 + no;
    batch_writer_init(&w);
    for (unsigned part = 0; part < 2; part++) {
        struct batch_key key = {.part = part, .parts = 2, .points_total = PER_AGENT};
        batch_writer_reset(&w, start_ms);
        for (uint16_t i = 0; i < PER_AGENT / 2; i++) {
            struct point p = point_of((uint16_t)(part * (PER_AGENT / 2) + i));
            need(batch_writer_add_point(&w, &p), "point");
        }
        encode(f, &w, BATCH_KEY, &key, new_frame(f));
    }
    for (int64_t round = 1; round <= ROUNDS; round++) {
        int64_t t_ms = start_ms + round * 1000;
        for (uint16_t from = 0; from < PER_AGENT; from = (uint16_t)(from + PER_BATCH)) {
            batch_writer_reset(&w, t_ms);
            need(batch_writer_add_asof(&w, (struct asof){0, t_ms - 1000, t_ms}), "asof");
            for (uint16_t i = from; i < from + PER_BATCH; i++) {
                struct reading r = {.point = i, .t_ms = t_ms};
                r.v.kind = VALUE_INT;
                r.v.as.i = value_of(i, round);
                need(batch_writer_add(&w, &r), "reading");
            }
            encode(f, &w, BATCH_DATA, NULL, new_frame(f));
        }
    }
    batch_writer_fini(&w);
}

static void say_hello(struct core *c, const struct feed *f, struct core_now now) {
    struct hello h = {.agent = f->agent, .nonce = 7, .n = 1, .epoch_n = 1};
    struct buf bytes;
    h.epoch[0] =
        (struct hello_epoch){.epoch = f->epoch, .base = 1, .next = f->seq + 1, .open = true};
    buf_init(&bytes);
    need(hello_format(&h, &bytes), "hello");
    need(core_on_message(c, span_str(f->hello), buf_span(&bytes), now), "hello");
    buf_fini(&bytes);
}

static double reference(struct feed *feed, unsigned agents, bool accumulate) {
    static int64_t sink[PER_AGENT];
    struct reading r[64];
    uint64_t readings = 0;
    int64_t begun = clock_mono_ns();
    for (size_t i = 2; i < feed[0].frame_n; i++)
        for (unsigned a = 0; a < agents; a++) {
            struct batch b;
            enum batch_fault fault;
            need(batch_parse(buf_span(&feed[a].frame[i]), &b, &fault), "parse");
            for (size_t n; (n = batch_next_readings(&b, r, 64)) > 0; readings += n)
                for (size_t k = 0; accumulate && k < n; k++)
                    sink[r[k].point % PER_AGENT] += r[k].v.as.i;
        }
    return (double)(clock_mono_ns() - begun) / (double)readings;
}

static double whole_path(struct core *c, struct feed *feed, unsigned agents) {
    struct core_now now = {start_ms, 1000};
    uint64_t readings = 0;
    int64_t spent = 0;
    for (unsigned a = 0; a < agents; a++)
        say_hello(c, &feed[a], now);
    for (size_t i = 0; i < feed[0].frame_n; i++) {
        int64_t begun = clock_mono_ns();
        for (unsigned a = 0; a < agents; a++)
            need(core_on_message(c, span_str(feed[a].data), buf_span(&feed[a].frame[i]), now),
                 "data");
        if (i >= 2) {
            spent += clock_mono_ns() - begun;
            readings += (uint64_t)agents * PER_BATCH;
        }
    }
    if (core_stats(c)->readings != readings)
        fprintf(stderr, "only %llu of %llu readings were applied\n",
                (unsigned long long)core_stats(c)->readings, (unsigned long long)readings);
    return (double)spent / (double)readings;
}

int main(int argc, char **argv) {
    unsigned signals = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
    unsigned agents = (signals + PER_AGENT - 1) / PER_AGENT;
    struct feed *feed = calloc(agents, sizeof *feed);
    struct plant *plant = NULL;
    struct core *core = NULL;
    struct core_conf conf = {
        .credit_bytes = 1 << 20, .checkpoint_ms = 500, .tick_ms = 200, .hours_max = 1000};
    double bar = signals <= 1000 ? 40 : signals <= 100000 ? 60 : 120;
    need(plant_open(&plant), "plant");
    need(zone_open_utc(&plant->zone), "zone");
    plant->power_slot_ms = 10000;
    need(plant_index(plant), "index");
    need(core_open(&conf, plant, &core), "core");
    for (unsigned a = 0; a < agents; a++)
        prepare(&feed[a], a);
    double decode = reference(feed, agents, false), bare = reference(feed, agents, true);
    double path = whole_path(core, feed, agents);
    printf(
        "S3 %u signals, %d readings a batch: decode and check %.1f ns, with bare accumulate %.1f "
        "ns, whole core path %.1f ns a reading (%.1fx bare); bar %.0f ns: %s\n",
        agents * PER_AGENT, PER_BATCH, decode, bare, path, path / bare, bar,
        path <= bar ? "met" : "not met");
    core_close(core);
    plant_close(plant);
    for (unsigned a = 0; a < agents; a++) {
        for (size_t i = 0; i < feed[a].frame_n; i++)
            buf_fini(&feed[a].frame[i]);
        free(feed[a].frame);
    }
    free(feed);
    return 0;
}
