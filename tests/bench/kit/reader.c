#include "benchkit/reader.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "wire/batch.h"
#include "wire/seal.h"

enum { CHUNK = 64, WAIT_MS = 100 };

static int64_t stamp_of(struct span payload) {
    int64_t v = 0;
    for (size_t i = payload.n - 8; i < payload.n; i++)
        v = v << 8 | payload.p[i];
    return v;
}

static void accumulate(struct reader *r, struct span payload) {
    struct reading chunk[CHUNK];
    struct batch b;
    enum batch_fault fault;
    payload = span_of(payload.p + SEAL_BYTES, payload.n - SEAL_BYTES); /* taken off, not checked */
    if (batch_parse(payload, &b, &fault))
        return;
    int64_t *sum = r->sum + (b.head.epoch % r->agents) * READER_AGENT_POINTS;
    for (size_t n; (n = batch_next_readings(&b, chunk, CHUNK)) > 0;)
        for (size_t i = 0; i < n; i++)
            sum[chunk[i].point % READER_AGENT_POINTS] += chunk[i].v.as.i;
    atomic_fetch_add_explicit(&r->readings, b.reading_n, memory_order_relaxed);
}

static void take_all(struct reader *r) {
    struct mqtt_message m;
    uint64_t bytes = 0, messages = 0;
    while (mqtt_take(&r->mqtt, &m)) {
        if (m.payload.n > SEAL_BYTES && atomic_load_explicit(&r->decode, memory_order_relaxed))
            accumulate(r, m.payload);
        if (atomic_load_explicit(&r->stamped, memory_order_relaxed) && m.payload.n >= 8)
            latency_add(&r->latency, clock_mono_ns() - stamp_of(m.payload));
        if (m.id)
            mqtt_put_puback(&r->mqtt, m.id);
        bytes += m.payload.n;
        messages++;
    }
    atomic_fetch_add_explicit(&r->bytes, bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&r->messages, messages, memory_order_relaxed);
}

static void *run(void *arg) {
    struct reader *r = arg;
    while (!atomic_load(&r->stop) && !r->mqtt.dead) {
        struct timespec cpu;
        mqtt_flush(&r->mqtt);
        if (!mqtt_fill(&r->mqtt, WAIT_MS))
            continue;
        take_all(r);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
        atomic_store_explicit(&r->cpu_ns, cpu.tv_sec * 1000000000LL + cpu.tv_nsec,
                              memory_order_relaxed);
    }
    return NULL;
}

enum err reader_start(struct reader *r, int port, const char *topic, unsigned agents) {
    *r = (struct reader){.agents = agents};
    r->sum = calloc((size_t)agents * READER_AGENT_POINTS, sizeof *r->sum);
    if (!r->sum)
        return ERR_NOMEM;
    enum err err = mqtt_open(&r->mqtt, port, "bench-reader");
    if (!err)
        err = mqtt_subscribe(&r->mqtt, topic);
    if (!err && pthread_create(&r->thread, NULL, run, r))
        err = ERR_IO;
    return err;
}

void reader_stop(struct reader *r) {
    atomic_store(&r->stop, true);
    pthread_join(r->thread, NULL);
    mqtt_close(&r->mqtt);
    free(r->sum);
}
