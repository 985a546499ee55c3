/* S5: the real daemon, told by the linker to pass its messages through here. Data records of
 * bench_feed end with the monotonic time at which they were published; how long that is ago when
 * the core has applied them becomes a histogram, begun anew at SIGUSR1 and printed at the end to
 * the file that PLANTBUS_BENCH_LATENCY names. Paho's thread may sleep for 100 ms once nothing came
 * for a second, so what is sent in the first moment after a silence isn't counted. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "benchkit/latency.h"
#include "engine/core.h"
#include "wire/seal.h"

enum err __real_core_on_message(struct core *c, struct span topic, struct span payload,
                                struct core_now now);
enum err __wrap_core_on_message(struct core *c, struct span topic, struct span payload,
                                struct core_now now);

enum { SILENCE_NS = 500000000, FIRST_MOMENT_NS = 300000000 };

static struct latency latency;
static volatile sig_atomic_t begin_anew;

static void on_begin(int number) {
    (void)number;
    begin_anew = 1;
}

static void print_out(void) {
    const char *path = getenv("PLANTBUS_BENCH_LATENCY");
    FILE *f = path ? fopen(path, "we") : NULL;
    if (!f)
        return;
    fprintf(
        f,
        "{\"n\": %llu, \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, \"most_us\": %.1f}\n",
        (unsigned long long)latency.n, latency_us(&latency, 0.5), latency_us(&latency, 0.99),
        latency_us(&latency, 0.999), (double)latency.most_ns / 1e3);
    fclose(f);
}

__attribute__((constructor)) static void prepare(void) {
    signal(SIGUSR1, on_begin);
    atexit(print_out);
}

static bool is_data(struct span topic, struct span payload) {
    return topic.n > 2 && topic.p[topic.n - 1] == 'd' && payload.n > 64 &&
           payload.p[SEAL_BYTES + 2] == BATCH_DATA;
}

static bool runs(int64_t sent_ns) {
    static int64_t begun_ns, last_ns;
    if (sent_ns - last_ns > SILENCE_NS)
        begun_ns = sent_ns;
    last_ns = sent_ns;
    return sent_ns - begun_ns >= FIRST_MOMENT_NS;
}

enum err __wrap_core_on_message(struct core *c, struct span topic, struct span payload,
                                struct core_now now) {
    enum err err = __real_core_on_message(c, topic, payload, now);
    int64_t sent_ns = 0;
    if (!is_data(topic, payload))
        return err;
    if (begin_anew) {
        latency = (struct latency){0};
        begin_anew = 0;
    }
    for (size_t i = payload.n - 8; i < payload.n; i++)
        sent_ns = sent_ns << 8 | payload.p[i];
    if (runs(sent_ns))
        latency_add(&latency, clock_mono_ns() - sent_ns);
    return err;
}
