/* S3, S4, S10: nanoseconds a reading on the core's path, batch bytes to open minute, beside two
 * references run in the same process: decoding alone, and decoding with a bare accumulation; what a
 * checkpoint of all signals costs the loop; and the memory that a signal takes. Usage: bench_core
 * [SIGNALS]. Prints one JSON object. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/core.h"
#include "wire/batch.h"
#include "wire/topic.h"

enum { PER_AGENT = 1000, PER_BATCH = 500, ROUNDS = 40, ROUNDS_MANY = 10, MANY = 200000 };
enum { CHECKPOINT_ROUNDS = 5 };

struct feed {
    struct ident agent;
    char data[TOPIC_MAX], hello[TOPIC_MAX];
    struct buf *frame; /* one a round and part */
    size_t frame_n;
    uint64_t epoch, seq;
};

static const int64_t start_ms = INT64_C(1790000000000) / 60000 * 60000;

/* CPU time of this one thread: what others do on the machine meanwhile is not counted. */
static int64_t cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

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

/* Key frame in two parts (the table is over 64 KiB), then so many seconds of every point. */
static void prepare(struct feed *f, unsigned no, int64_t rounds) {
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
    for (int64_t round = 1; round <= rounds; round++) {
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
    int64_t begun = cpu_ns();
    for (size_t i = 2; i < feed[0].frame_n; i++)
        for (unsigned a = 0; a < agents; a++) {
            struct batch b;
            enum batch_fault fault;
            need(batch_parse(buf_span(&feed[a].frame[i]), &b, &fault), "parse");
            for (size_t n; (n = batch_next_readings(&b, r, 64)) > 0; readings += n)
                for (size_t k = 0; accumulate && k < n; k++)
                    sink[r[k].point % PER_AGENT] += r[k].v.as.i;
        }
    return (double)(cpu_ns() - begun) / (double)readings;
}

struct cost {
    double path_ns, checkpoint_ms; /* a reading; the longest build of a commit */
};

/* Commits are answered at once and thrown away: the store has its own thread and its own bench. */
static double checkpoint(struct core *c, struct core_now now) {
    struct core_effect e;
    int64_t begun = cpu_ns();
    need(core_on_tick(c, now), "tick");
    double ms = (double)(cpu_ns() - begun) / 1e6;
    while (core_next_effect(c, &e)) {
        if (e.kind != EFFECT_COMMIT)
            continue;
        store_tx_fini(e.tx);
        free(e.tx);
        core_on_committed(c, e.id, ERR_OK, now);
    }
    return ms;
}

static struct cost whole_path(struct core *c, struct feed *feed, unsigned agents) {
    struct core_now now = {start_ms, 1000};
    struct cost cost = {0};
    uint64_t readings = 0;
    int64_t spent = 0;
    checkpoint(c, now);
    for (unsigned a = 0; a < agents; a++)
        say_hello(c, &feed[a], now);
    for (size_t i = 0; i < feed[0].frame_n; i++) {
        int64_t begun = cpu_ns();
        for (unsigned a = 0; a < agents; a++)
            need(core_on_message(c, span_str(feed[a].data), buf_span(&feed[a].frame[i]), now),
                 "data");
        if (i >= 2) {
            spent += cpu_ns() - begun;
            readings += (uint64_t)agents * PER_BATCH;
        }
        now.mono_ms += 500;
        now.wall_ms += 500;
        double ms = i % CHECKPOINT_ROUNDS == 1 ? checkpoint(c, now) : 0;
        if (i > 2 && ms > cost.checkpoint_ms)
            cost.checkpoint_ms = ms;
    }
    if (core_stats(c)->readings != readings)
        fprintf(stderr, "only %llu of %llu readings were applied\n",
                (unsigned long long)core_stats(c)->readings, (unsigned long long)readings);
    cost.path_ns = (double)spent / (double)readings;
    return cost;
}

static double resident_bytes(void) {
    unsigned long all = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f || fscanf(f, "%lu %lu", &all, &resident) != 2)
        need(ERR_IO, "statm");
    fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static struct plant *empty_plant(void) {
    struct plant *plant = NULL;
    need(plant_open(&plant), "plant");
    need(zone_open_utc(&plant->zone), "zone");
    plant->power_slot_ms = 10000;
    need(plant_index(plant), "index");
    return plant;
}

static void close_feed(struct feed *feed, unsigned agents) {
    for (unsigned a = 0; a < agents; a++) {
        for (size_t i = 0; i < feed[a].frame_n; i++)
            buf_fini(&feed[a].frame[i]);
        free(feed[a].frame);
    }
    free(feed);
}

int main(int argc, char **argv) {
    unsigned signals = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
    unsigned agents = (signals + PER_AGENT - 1) / PER_AGENT;
    struct feed *feed = calloc(agents, sizeof *feed);
    struct plant *plant = empty_plant();
    struct core *core = NULL;
    struct core_conf conf = {
        .credit_bytes = 1 << 20, .checkpoint_ms = 500, .tick_ms = 200, .hours_max = 1000};
    for (unsigned a = 0; a < agents; a++)
        prepare(&feed[a], a, signals > MANY ? ROUNDS_MANY : ROUNDS);
    double decode = reference(feed, agents, false), bare = reference(feed, agents, true);
    double before = resident_bytes();
    need(core_open(&conf, plant, &core), "core");
    struct cost cost = whole_path(core, feed, agents);
    double resident = resident_bytes() - before;
    printf("{\"signals\": %u, \"batch\": %d, \"decode_ns\": %.2f, \"bare_ns\": %.2f, \"path_ns\": "
           "%.2f, \"checkpoint_ms\": %.2f, \"resident_bytes\": %.0f, \"bytes_a_signal\": %.0f}\n",
           agents * PER_AGENT, PER_BATCH, decode, bare, cost.path_ns, cost.checkpoint_ms, resident,
           resident / (agents * PER_AGENT));
    core_close(core);
    plant_close(plant);
    close_feed(feed, agents);
    return 0;
}
