/* The load of the comparison with Fluent Bit: JSON objects of one machine's values each, built
 * before, published at QoS 1 straight to its MQTT server. Orders come as lines, one answer each:
 *
 *   live SECONDS   as fast as it takes them, then waits until all are acknowledged
 *
 * The answer is a JSON object: what was acknowledged in the phase and how long that took, and over
 * all phases the records sent and the sum of each value's place in them, so that a query's sums can
 * be held against it. Usage: bench_json PORT MACHINES VALUES */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "benchkit/mqtt.h"

enum { CONNS = 2, OUT_BYTES = 64 << 10, DRAIN_MS = 60000, PUBACK_BYTES = 4 };
enum { VARIANTS = 8 };      /* records of a machine, sent one after the other */
enum { IN_FLIGHT = 32000 }; /* unacknowledged on a connection: half of MQTT's packet ids */
enum { EXECUTE = 6, IDLE = 4 /* PackML */ };

struct record {
    struct buf text;
    char topic[32];
};

struct lane {
    struct mqtt mqtt;
    uint64_t sent, acked;
};

struct load {
    struct lane lane[CONNS];
    struct record *record; /* machines * VARIANTS, all machines of a variant one after the other */
    unsigned machines, values, record_n, next;
    uint64_t *times; /* sent, of each record */
};

static void need(enum err err, const char *what) {
    if (err) {
        fprintf(stderr, "bench_json: %s: %s\n", what, err_name(err));
        exit(1);
    }
}

/* The kinds and sizes of bench_feed's values: state, pieces, energy, power. */
static int64_t value_of(unsigned machine, unsigned variant, unsigned place) {
    unsigned signal = machine * 7 + place / 4 * 37 + variant;
    switch (place % 4) {
    case 0:
        return signal % 5 ? EXECUTE : IDLE;
    case 1:
        return 100 + signal;
    case 2:
        return 1000 + signal * 4;
    default:
        return 15000000 + signal % 97;
    }
}

static void build(struct load *l, unsigned no) {
    struct record *r = &l->record[no];
    unsigned machine = no % l->machines, variant = no / l->machines;
    snprintf(r->topic, sizeof r->topic, "plant/m%u", machine);
    buf_init(&r->text);
    buf_addf(&r->text, "{\"machine\":\"m%u\"", machine);
    for (unsigned i = 0; i < l->values; i++)
        buf_addf(&r->text, ",\"v%u\":%" PRId64, i, value_of(machine, variant, i));
    buf_add_byte(&r->text, '}');
    need(r->text.failed ? ERR_NOMEM : ERR_OK, "records");
}

static void open_load(struct load *l, int port) {
    l->record_n = l->machines * VARIANTS;
    l->record = calloc(l->record_n, sizeof *l->record);
    l->times = calloc(l->record_n, sizeof *l->times);
    need(l->record && l->times ? ERR_OK : ERR_NOMEM, "records");
    for (unsigned no = 0; no < l->record_n; no++)
        build(l, no);
    for (unsigned i = 0; i < CONNS; i++) {
        char client[32];
        snprintf(client, sizeof client, "bench-%u", i);
        need(mqtt_open(&l->lane[i].mqtt, port, client), "connect");
    }
}

static void close_load(struct load *l) {
    for (unsigned i = 0; i < CONNS; i++)
        mqtt_close(&l->lane[i].mqtt);
    for (unsigned no = 0; no < l->record_n; no++)
        buf_fini(&l->record[no].text);
    free(l->record);
    free(l->times);
}

/* To a publisher that subscribed to nothing a server sends PUBACKs alone, of four bytes each. */
static void take_acks(struct lane *lane) {
    struct mqtt *m = &lane->mqtt;
    while (mqtt_fill(m, -1)) {
        size_t whole = (m->in_n - m->in_at) / PUBACK_BYTES;
        lane->acked += whole;
        m->in_at += whole * PUBACK_BYTES;
    }
    need(m->dead ? ERR_IO : ERR_OK, "connection");
}

static void put_records(struct load *l, struct lane *lane) {
    while (mqtt_unsent(&lane->mqtt) < OUT_BYTES && lane->sent - lane->acked < IN_FLIGHT) {
        const struct record *r = &l->record[l->next];
        mqtt_put_publish(&lane->mqtt, span_str(r->topic), buf_span(&r->text));
        l->times[l->next]++;
        l->next = (l->next + 1) % l->record_n;
        lane->sent++;
    }
}

static void pause_until_room(const struct load *l) {
    struct pollfd fds[CONNS];
    for (unsigned i = 0; i < CONNS; i++)
        fds[i] =
            (struct pollfd){.fd = l->lane[i].mqtt.fd,
                            .events = mqtt_unsent(&l->lane[i].mqtt) ? POLLIN | POLLOUT : POLLIN};
    poll(fds, CONNS, 100);
}

static uint64_t acked(const struct load *l) {
    uint64_t n = 0;
    for (unsigned i = 0; i < CONNS; i++)
        n += l->lane[i].acked;
    return n;
}

static uint64_t sent(const struct load *l) {
    uint64_t n = 0;
    for (unsigned i = 0; i < CONNS; i++)
        n += l->lane[i].sent;
    return n;
}

/* Until end_ns with new records, then until none is unacknowledged. */
static void run_phase(struct load *l, int64_t end_ns) {
    int64_t latest_ns = end_ns + DRAIN_MS * INT64_C(1000000);
    for (int64_t now = 0; now < end_ns || acked(l) < sent(l); now = clock_mono_ns()) {
        need(now > latest_ns ? ERR_BUSY : ERR_OK, "all acknowledged");
        for (unsigned i = 0; i < CONNS; i++) {
            if (now < end_ns)
                put_records(l, &l->lane[i]);
            mqtt_flush(&l->lane[i].mqtt);
            take_acks(&l->lane[i]);
        }
        pause_until_room(l);
    }
}

static void answer(const struct load *l, uint64_t records, double seconds) {
    printf("{\"records\": %" PRIu64 ", \"readings\": %" PRIu64 ", \"seconds\": %.4f, "
           "\"record_bytes\": %zu, \"sent\": %" PRIu64 ", \"sums\": [",
           records, records * l->values, seconds, l->record[0].text.n, sent(l));
    for (unsigned place = 0; place < l->values; place++) {
        int64_t sum = 0;
        for (unsigned no = 0; no < l->record_n; no++)
            sum += (int64_t)l->times[no] * value_of(no % l->machines, no / l->machines, place);
        printf("%s%" PRId64, place ? ", " : "", sum);
    }
    printf("]}\n");
    fflush(stdout);
}

int main(int argc, char **argv) {
    struct load l = {.next = 0};
    char line[128];
    double seconds = 0;
    if (argc == 4) {
        l.machines = (unsigned)atoi(argv[2]);
        l.values = (unsigned)atoi(argv[3]);
    }
    if (l.machines == 0 || l.values == 0) {
        fprintf(stderr, "usage: bench_json PORT MACHINES VALUES\n");
        return 2;
    }
    open_load(&l, atoi(argv[1]));
    while (fgets(line, sizeof line, stdin) && sscanf(line, "live %lf", &seconds) == 1) {
        int64_t begun_ns = clock_mono_ns();
        uint64_t before = acked(&l);
        run_phase(&l, begun_ns + (int64_t)(seconds * 1e9));
        answer(&l, acked(&l) - before, (double)(clock_mono_ns() - begun_ns) / 1e9);
    }
    close_load(&l);
    return 0;
}
