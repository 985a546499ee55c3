/* The bus over Paho under load, as a plain program: Criterion cannot start under ThreadSanitizer.
 * It publishes to itself through a real mosquitto as fast as the window lets it, in three rounds
 * with the broker killed after the first and frozen and killed in the second, and stops with
 * messages on their way. Usage: bus_tsan [messages] */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <uv.h>

#include "bus/bus_paho.h"
#include "support/broker.h"
#include "support/loop_wait.h"

enum { WAIT_MS = 60000, PAYLOAD_MAX = 16384, MESSAGES = 5000 };

struct run {
    uv_loop_t loop;
    struct broker broker;
    struct bus *bus;
    bool done;
    unsigned ups, wanted_ups;
    uint32_t next, end; /* to publish in this round */
    uint32_t expect;    /* the number the next message must carry */
    unsigned wrong;
    unsigned sure, confirmed; /* of those that are confirmed by themselves; lost ones are not */
    int qos;
    uint8_t payload[PAYLOAD_MAX];
};

enum { SURE_EACH = 16 };

static void on_confirmed(void *user) {
    ((struct run *)user)->confirmed++;
}

static enum err publish(struct run *r, struct span payload) {
    if (r->qos == 0 || r->next % SURE_EACH != 0) {
        return r->bus->ops->publish(r->bus, "load/x", payload, r->qos, false);
    }
    enum err e = r->bus->ops->publish_sure(r->bus, "load/x", payload, false, on_confirmed, r);
    r->sure += e == ERR_OK;
    return e;
}

static void push(struct run *r) {
    while (r->next < r->end) {
        memcpy(r->payload, &r->next, sizeof r->next);
        size_t n = sizeof r->next + r->next * 97 % 2048;
        if (r->next % 64 == 0) {
            n = PAYLOAD_MAX;
        }
        if (publish(r, span_of(r->payload, n)) != ERR_OK) {
            return; /* on_writable or on_up goes on */
        }
        r->next++;
    }
}

static void on_up(void *user) {
    struct run *r = user;
    r->ups++;
}

static void on_down(void *user, const char *reason) {
    (void)user;
    printf("event=down reason=\"%s\"\n", reason);
}

static void on_message(void *user, struct span topic, struct span payload, bool retained) {
    struct run *r = user;
    uint32_t number = 0;
    memcpy(&number, payload.p, sizeof number);
    bool right = number == r->expect && span_equal(topic, span_str("load/x")) && !retained;
    r->wrong += !right;
    r->expect = number + 1;
}

static void on_writable(void *user) {
    push(user);
}

static void on_done(void *user) {
    ((struct run *)user)->done = true;
}

static bool is_up(void *user) {
    struct run *r = user;
    return r->ups >= r->wanted_ups;
}

static bool is_down(void *user) {
    struct run *r = user;
    return r->bus->stats.disconnects + 1 >= r->wanted_ups;
}

static bool all_heard(void *user) {
    struct run *r = user;
    return r->expect == r->end;
}

static bool all_confirmed(void *user) {
    struct run *r = user;
    return r->confirmed == r->sure;
}

static bool is_done(void *user) {
    return ((struct run *)user)->done;
}

static bool wait_for(struct run *r, bool (*holds)(void *user), const char *what) {
    bool held = loop_until(&r->loop, holds, r, WAIT_MS);
    if (!held) {
        printf("event=failed waiting_for=%s heard=%u published=%u\n", what, r->expect, r->next);
    }
    return held;
}

static enum err run_open(struct run *r) {
    static const char *const filters[] = {"load/#"};
    const struct bus_events events = {on_up, on_down, on_message, on_writable, r};
    enum err e = uv_loop_init(&r->loop) == 0 ? broker_open(&r->broker) : ERR_IO;
    if (e == ERR_OK) {
        e = broker_start(&r->broker);
    }
    const struct bus_paho_conf conf = {
        .url = r->broker.url,
        .client_id = "tsan",
        .subscribe = filters,
        .subscribe_n = 1,
        .keepalive_s = 30,
        .max_inflight = 20,
        .retry_min_ms = 50,
        .retry_max_ms = 500,
        .inbox_bytes_max = 64 << 20,
    };
    if (e == ERR_OK) {
        e = bus_paho_open(&conf, &events, &r->loop, &r->bus);
    }
    return e == ERR_OK ? r->bus->ops->start(r->bus) : e;
}

static bool round_of(struct run *r, uint32_t n) {
    r->expect = r->next;
    r->end = r->next + n;
    push(r);
    return wait_for(r, all_heard, "messages");
}

static bool come_back(struct run *r) {
    r->wanted_ups = r->ups + 1;
    broker_kill(&r->broker);
    return wait_for(r, is_down, "down") && broker_start(&r->broker) == ERR_OK &&
           wait_for(r, is_up, "up");
}

static bool rounds(struct run *r, uint32_t n) {
    r->wanted_ups = 1;
    /* At QoS 1 a connection that hears itself waits 40 ms a window: Nagle holds its messages behind
     * its own PUBACKs, which nobody answers. So most of the load goes at QoS 0. */
    r->qos = 1;
    if (!wait_for(r, is_up, "up") || !round_of(r, n / 10) ||
        !wait_for(r, all_confirmed, "confirmations") || !come_back(r)) {
        return false;
    }
    broker_freeze(&r->broker); /* what is sent now is neither confirmed nor delivered, and lost */
    r->end = r->next + n;
    push(r);
    r->end = r->next;
    r->qos = 0;
    if (!come_back(r) || !round_of(r, n)) {
        return false;
    }
    r->end = r->next + n;
    push(r);
    return true;
}

int main(int argc, char **argv) {
    struct run *r = calloc(1, sizeof *r);
    struct rusage used;
    uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : MESSAGES;
    if (r == NULL || run_open(r) != ERR_OK) {
        printf("event=failed waiting_for=start\n");
        return 2;
    }
    int64_t began = (int64_t)uv_hrtime();
    bool good = rounds(r, n);
    double seconds = (double)((int64_t)uv_hrtime() - began) / 1e9;
    struct bus_stats stats = r->bus->stats;
    r->bus->ops->stop(r->bus, on_done, r);
    good = wait_for(r, is_done, "done") && good;
    r->bus->ops->close(r->bus);
    good = loop_closed(&r->loop) && good;
    broker_close(&r->broker);
    getrusage(RUSAGE_SELF, &used);
    printf("event=end good=%d received=%llu bytes=%llu dropped=%llu wrong=%u connects=%llu "
           "refused_full=%llu seconds=%.2f cpu_s=%.2f\n",
           good, (unsigned long long)stats.received, (unsigned long long)stats.received_bytes,
           (unsigned long long)stats.inbox_dropped, r->wrong, (unsigned long long)stats.connects,
           (unsigned long long)stats.refused_full, seconds,
           (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
               (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    /* Of what was frozen none was confirmed: n / 10 messages of the first round, each 16th. */
    good = good && r->confirmed == (n / 10 + SURE_EACH - 1) / SURE_EACH && r->sure > r->confirmed;
    good = good && r->wrong == 0 && stats.inbox_dropped == 0 && stats.connects == 3;
    free(r);
    return good ? 0 : 1;
}
