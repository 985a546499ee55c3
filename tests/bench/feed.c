/* The load of the benchmarks: many agents in one process, whose records were built before. Orders
 * come as lines, one answer (a JSON object) each:
 *
 *   live SECONDS [RATE]    to the aggregator, within its credit; event time is the wall clock
 *   raw SECONDS [RATE]     to the reader of this process, which decodes and accumulates
 *   relay SECONDS          the same without decoding: what the broker alone can carry
 *   sent                   records, readings, and what of it is durable
 *
 * RATE is in messages a second over all agents; without it, as fast as credit (or, for the reader,
 * the same window) permits. Usage: bench_feed PORT AGENTS POINTS BATCH [stamp] */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "benchkit/reader.h"
#include "benchkit/stream.h"
#include "wire/seal.h"

enum { CONNS = 8, OUT_BYTES = 64 << 10, DRAIN_MS = 15000, HELLO_MS = 10000, NONCE = 77 };
#define RAW_WINDOW_BYTES (32ULL << 20)

struct feed {
    struct mqtt conn[CONNS], control;
    unsigned conn_n;
    struct stream *stream;
    unsigned stream_n, next;
    struct reader reader;
    uint64_t raw_bytes, messages;
    int64_t hello_ms;
    struct buf scratch, sealed;
};

struct phase {
    bool live;
    double rate; /* messages a second, 0: no limit */
    int64_t begun_ns, end_ns;
    uint64_t sent;
};

static void need(enum err err, const char *what) {
    if (err) {
        fprintf(stderr, "bench_feed: %s: %s\n", what, err_name(err));
        exit(1);
    }
}

/* --- the protocol -------------------------------------------------------------------------------
 */

/* As agents do: a checksum before every payload. */
static void put_sealed(struct feed *f, struct mqtt *m, const char *topic, struct span payload) {
    buf_reset(&f->sealed);
    need(seal_format(span_str(topic), payload, &f->sealed), "seal");
    mqtt_put_publish(m, span_str(topic), buf_span(&f->sealed));
}

static void say_hello(struct feed *f) {
    for (unsigned i = 0; i < f->stream_n; i++) {
        struct stream *s = &f->stream[i];
        buf_reset(&f->scratch);
        need(stream_hello(s, NONCE + i, &f->scratch), "hello");
        put_sealed(f, &f->control, s->hello, buf_span(&f->scratch));
    }
    f->hello_ms = clock_mono_ms();
    mqtt_flush(&f->control);
}

static struct stream *stream_of(struct feed *f, struct span topic) {
    unsigned no = 0;
    size_t at = strlen("pb1a/gw-");
    for (; at < topic.n && topic.p[at] >= '0' && topic.p[at] <= '9'; at++)
        no = no * 10 + (unsigned)(topic.p[at] - '0');
    return no < f->stream_n ? &f->stream[no] : NULL;
}

static void take_acks(struct feed *f) {
    struct mqtt_message m;
    mqtt_flush(&f->control);
    while (mqtt_fill(&f->control, -1)) {
        while (mqtt_take(&f->control, &m)) {
            struct ack ack;
            struct stream *s = stream_of(f, m.topic);
            if (s && seal_open(m.topic, &m.payload) && ack_parse(m.payload, &ack) == ERR_OK)
                stream_on_ack(s, &ack);
            if (m.id)
                mqtt_put_puback(&f->control, m.id);
        }
    }
    need(f->control.dead ? ERR_IO : ERR_OK, "control connection");
    if (clock_mono_ms() - f->hello_ms > HELLO_MS)
        say_hello(f);
}

static bool all_listed(const struct feed *f) {
    for (unsigned i = 0; i < f->stream_n; i++)
        if (!f->stream[i].listed)
            return false;
    return true;
}

static bool all_durable(const struct feed *f) {
    for (unsigned i = 0; i < f->stream_n; i++)
        if (f->stream[i].durable < f->stream[i].seq)
            return false;
    return true;
}

static void wait_until(struct feed *f, bool (*done)(const struct feed *), const char *what) {
    int64_t end = clock_mono_ms() + DRAIN_MS;
    struct pollfd p = {.fd = f->control.fd, .events = POLLIN};
    while (!done(f)) {
        need(clock_mono_ms() > end ? ERR_BUSY : ERR_OK, what);
        poll(&p, 1, 100);
        take_acks(f);
        for (unsigned i = 0; i < f->conn_n; i++) {
            mqtt_flush(&f->conn[i]);
            mqtt_fill(&f->conn[i], -1);
            f->conn[i].in_at = f->conn[i].in_n; /* PUBACKs mean nothing to us */
        }
    }
}

static void introduce(struct feed *f) {
    if (f->stream[0].listed)
        return;
    say_hello(f);
    wait_until(f, all_listed, "an ack for every agent");
    for (unsigned i = 0; i < f->stream_n; i++)
        for (unsigned part = 0; part < STREAM_KEY_PARTS; part++)
            put_sealed(f, &f->conn[i % f->conn_n], f->stream[i].data,
                       buf_span(&f->stream[i].key[part]));
    wait_until(f, all_durable, "durable key frames");
}

/* --- sending ------------------------------------------------------------------------------------
 */

static bool may_send(const struct feed *f, const struct phase *p, const struct stream *s) {
    size_t bytes = s->record[0].bytes.n;
    if (p->live)
        return stream_in_flight(s) + bytes <= s->credit_bytes;
    return f->raw_bytes + bytes <= atomic_load(&f->reader.bytes) + RAW_WINDOW_BYTES;
}

/* Records that the rate permits by now. */
static uint64_t due(const struct phase *p) {
    if (p->rate <= 0)
        return UINT64_MAX;
    return (uint64_t)((double)(clock_mono_ns() - p->begun_ns) * p->rate / 1e9) + 1;
}

static bool put_one(struct feed *f, struct phase *p, unsigned conn, int64_t t_ms) {
    for (unsigned k = 0; k < f->stream_n; k++) {
        unsigned i = (f->next + k) % f->stream_n;
        struct stream *s = &f->stream[i];
        if (i % f->conn_n != conn || !may_send(f, p, s))
            continue;
        f->next = (i + 1) % f->stream_n;
        struct span record = stream_next(s, t_ms, p->live);
        put_sealed(f, &f->conn[conn], p->live ? s->data : s->raw, record);
        f->raw_bytes += p->live ? 0 : f->sealed.n;
        p->sent++;
        return true;
    }
    return false;
}

/* One round over the connections; false if nothing could be put or written. */
static bool send_round(struct feed *f, struct phase *p) {
    uint64_t most = due(p);
    int64_t t_ms = clock_wall_ms();
    bool moved = false;
    for (unsigned c = 0; c < f->conn_n; c++) {
        struct mqtt *m = &f->conn[c];
        size_t before = mqtt_unsent(m);
        while (mqtt_unsent(m) < OUT_BYTES && p->sent < most && put_one(f, p, c, t_ms))
            moved = true;
        mqtt_flush(m);
        moved = moved || mqtt_unsent(m) < before;
        mqtt_fill(m, -1);
        m->in_at = m->in_n;
        need(m->dead ? ERR_IO : ERR_OK, "connection");
    }
    return moved;
}

static void pause_until_room(struct feed *f, const struct phase *p) {
    struct pollfd fds[CONNS + 1];
    for (unsigned c = 0; c < f->conn_n; c++)
        fds[c] = (struct pollfd){.fd = f->conn[c].fd,
                                 .events = mqtt_unsent(&f->conn[c]) ? POLLIN | POLLOUT : POLLIN};
    fds[f->conn_n] = (struct pollfd){.fd = f->control.fd, .events = POLLIN};
    struct timespec wait = {.tv_nsec = p->rate > 0 ? 50000 : 1000000};
    ppoll(fds, p->rate > 0 ? 0 : f->conn_n + 1, &wait, NULL);
}

static double cpu_s(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool reader_has_all(const struct feed *f) {
    return atomic_load(&f->reader.bytes) >= f->raw_bytes;
}

static void answer(const struct feed *f, const struct phase *p, uint64_t messages,
                   uint64_t readings, double seconds, double reader_s, double own_s) {
    printf("{\"messages\": %llu, \"readings\": %llu, \"seconds\": %.4f, \"sent\": %llu, "
           "\"reader_cpu_s\": %.4f, \"publisher_cpu_s\": %.4f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
           "\"most_us\": %.1f, \"record_bytes\": %zu}\n",
           (unsigned long long)messages, (unsigned long long)readings, seconds,
           (unsigned long long)p->sent, reader_s, own_s, latency_us(&f->reader.latency, 0.5),
           latency_us(&f->reader.latency, 0.99), (double)f->reader.latency.most_ns / 1e3,
           f->stream[0].record[0].bytes.n);
    fflush(stdout);
}

static void run_phase(struct feed *f, bool live, double seconds, double rate) {
    struct phase p = {.live = live, .rate = rate, .begun_ns = clock_mono_ns()};
    struct reader *r = &f->reader;
    p.end_ns = p.begun_ns + (int64_t)(seconds * 1e9);
    uint64_t messages = atomic_load(&r->messages), readings = atomic_load(&r->readings);
    double reader_s = (double)atomic_load(&r->cpu_ns) / 1e9, own_s = cpu_s(CLOCK_THREAD_CPUTIME_ID);
    r->latency = (struct latency){0}; /* its thread rests between phases */
    while (clock_mono_ns() < p.end_ns) {
        bool moved = send_round(f, &p);
        if (live)
            take_acks(f);
        if (!moved || rate > 0)
            pause_until_room(f, &p);
    }
    double took = (double)(clock_mono_ns() - p.begun_ns) / 1e9;
    messages = atomic_load(&r->messages) - messages;
    readings = atomic_load(&r->readings) - readings;
    reader_s = (double)atomic_load(&r->cpu_ns) / 1e9 - reader_s;
    own_s = cpu_s(CLOCK_THREAD_CPUTIME_ID) - own_s;
    wait_until(f, live ? all_durable : reader_has_all, live ? "all durable" : "all read");
    answer(f, &p, messages, readings, took, reader_s, own_s);
}

static void tell_sent(const struct feed *f) {
    uint64_t seq = 0, durable = 0;
    for (unsigned i = 0; i < f->stream_n; i++) {
        seq += f->stream[i].seq - STREAM_KEY_PARTS;
        durable += f->stream[i].durable - STREAM_KEY_PARTS;
    }
    printf("{\"records\": %llu, \"durable\": %llu, \"readings\": %llu}\n", (unsigned long long)seq,
           (unsigned long long)durable,
           (unsigned long long)(seq * f->stream[0].shape.batch + seq * f->stream[0].shape.stamp));
    fflush(stdout);
}

static void obey(struct feed *f, const char *line) {
    char word[16] = "";
    double seconds = 0, rate = 0;
    sscanf(line, "%15s %lf %lf", word, &seconds, &rate);
    bool live = strcmp(word, "live") == 0, raw = strcmp(word, "raw") == 0;
    atomic_store(&f->reader.decode, raw);
    if (live)
        introduce(f);
    if (live || raw || strcmp(word, "relay") == 0)
        run_phase(f, live, seconds, rate);
    else
        tell_sent(f);
}

static void open_feed(struct feed *f, int port, unsigned agents, const struct stream_shape *shape) {
    f->stream_n = agents;
    f->conn_n = agents < CONNS ? agents : CONNS;
    f->stream = calloc(agents, sizeof *f->stream);
    need(f->stream ? ERR_OK : ERR_NOMEM, "streams");
    for (unsigned i = 0; i < agents; i++)
        need(stream_init(&f->stream[i], i, shape), "stream");
    for (unsigned i = 0; i < f->conn_n; i++) {
        char client[32];
        snprintf(client, sizeof client, "bench-%u", i);
        need(mqtt_open(&f->conn[i], port, client), "connect");
    }
    need(mqtt_open(&f->control, port, "bench-control"), "connect");
    need(mqtt_subscribe(&f->control, "pb1a/+/a"), "subscribe");
    need(reader_start(&f->reader, port, "pbr/+/+/d", agents), "reader");
    atomic_store(&f->reader.stamped, shape->stamp);
    buf_init(&f->scratch);
    buf_init(&f->sealed);
}

static void close_feed(struct feed *f) {
    reader_stop(&f->reader);
    for (unsigned i = 0; i < f->stream_n; i++)
        stream_fini(&f->stream[i]);
    for (unsigned i = 0; i < f->conn_n; i++)
        mqtt_close(&f->conn[i]);
    mqtt_close(&f->control);
    buf_fini(&f->scratch);
    buf_fini(&f->sealed);
    free(f->stream);
}

int main(int argc, char **argv) {
    struct feed f = {.next = 0};
    char line[128];
    if (argc < 5) {
        fprintf(stderr, "usage: bench_feed PORT AGENTS POINTS BATCH [stamp]\n");
        return 2;
    }
    struct stream_shape shape = {.points = (unsigned)atoi(argv[3]),
                                 .batch = (unsigned)atoi(argv[4]),
                                 .stamp = argc > 5,
                                 .begun_ms = clock_wall_ms()};
    open_feed(&f, atoi(argv[1]), (unsigned)atoi(argv[2]), &shape);
    while (fgets(line, sizeof line, stdin))
        obey(&f, line);
    close_feed(&f);
    return 0;
}
