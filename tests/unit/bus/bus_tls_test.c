/* TLS as a plant needs it: the broker's certificate and its host name are both checked. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <uv.h>

#include "bus/bus_paho.h"
#include "support/broker.h"
#include "support/loop_wait.h"

enum { WAIT_MS = 20000 };

struct world {
    uv_loop_t loop;
    struct broker broker;
    struct bus *bus;
    unsigned ups, downs;
    bool done;
    char reason[160];
};

static void on_up(void *user) {
    ((struct world *)user)->ups++;
}

static void on_down(void *user, const char *reason) {
    struct world *w = user;
    snprintf(w->reason, sizeof w->reason, "%s", reason);
    w->downs++;
}

static void on_done(void *user) {
    ((struct world *)user)->done = true;
}

static bool told(void *user) {
    struct world *w = user;
    return w->ups + w->downs > 0;
}

static bool is_done(void *user) {
    return ((struct world *)user)->done;
}

/* Connects once to a broker that proves to be `host`, as localhost, trusting ca (NULL: the right
 * one), and closes all. */
static void attempt(struct world *w, const char *host, const char *ca) {
    *w = (struct world){0};
    cr_assert_eq(uv_loop_init(&w->loop), 0);
    cr_assert_eq(broker_open_tls(&w->broker, host), ERR_OK);
    cr_assert_eq(broker_start(&w->broker), ERR_OK);
    const struct bus_events events = {.on_up = on_up, .on_down = on_down, .user = w};
    const struct bus_paho_conf conf = {
        .url = w->broker.url,
        .client_id = "tls",
        .ca_file = ca != NULL ? ca : w->broker.ca,
        .keepalive_s = 5,
        .max_inflight = 5,
        .retry_min_ms = 100,
        .retry_max_ms = 400,
        .inbox_bytes_max = 1 << 20,
    };
    cr_assert_eq(bus_paho_open(&conf, &events, &w->loop, &w->bus), ERR_OK);
    cr_assert_eq(w->bus->ops->start(w->bus), ERR_OK);
    cr_expect(loop_until(&w->loop, told, w, WAIT_MS));
    w->bus->ops->stop(w->bus, on_done, w);
    cr_expect(loop_until(&w->loop, is_done, w, WAIT_MS));
    w->bus->ops->close(w->bus);
    cr_expect(loop_closed(&w->loop));
    broker_close(&w->broker);
}

Test(bus_tls, the_right_name_under_the_right_ca_is_trusted, .timeout = 60) {
    struct world w;
    attempt(&w, "localhost", NULL);
    cr_expect_eq(w.ups, 1);
    cr_expect_str_eq(w.reason, "");
}

Test(bus_tls, another_name_is_refused, .timeout = 60) {
    struct world w;
    attempt(&w, "elsewhere.example", NULL);
    cr_expect_eq(w.ups, 0);
    cr_expect_eq(w.downs, 1);
    cr_expect_neq(w.reason[0], '\0');
}

Test(bus_tls, an_unknown_ca_is_refused, .timeout = 60) {
    struct world w;
    attempt(&w, "localhost", "/etc/ssl/certs/ca-certificates.crt");
    cr_expect_eq(w.ups, 0);
    cr_expect_eq(w.downs, 1);
    cr_expect_neq(w.reason[0], '\0');
}

Test(bus_tls, a_file_that_is_not_there_is_named, .timeout = 60) {
    struct world w;
    attempt(&w, "localhost", "/nowhere/ca.pem");
    cr_expect_eq(w.ups, 0);
    cr_expect_eq(w.downs, 1);
    cr_expect_str_eq(w.reason, "/nowhere/ca.pem: No such file or directory");
}
