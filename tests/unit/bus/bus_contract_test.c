/* One list of expectations, held against the hub in memory and against Paho over a real mosquitto.
 */
#include <criterion/criterion.h>

#include <stdio.h>
#include <uv.h>

#include "bus/bus_memory.h"
#include "bus/bus_paho.h"
#include "support/broker.h"
#include "support/loop_wait.h"

enum { WAIT_MS = 20000, HEARD_MAX = 256, WINDOW = 5 };

struct world {
    bool real;
    uv_loop_t loop;
    struct broker broker;
    struct bus_hub *hub;
    struct bus *bus;
    bool inside; /* a call to the bus is under way: callbacks must not run */
    unsigned ups, downs, writables, dones, heard, retained, confirmed;
    char topic[HEARD_MAX][32];
    char payload[HEARD_MAX][32];
    char reason[160];
};

static void on_up(void *user) {
    struct world *w = user;
    cr_expect_not(w->inside);
    w->ups++;
}

static void on_down(void *user, const char *reason) {
    struct world *w = user;
    cr_expect_not(w->inside);
    snprintf(w->reason, sizeof w->reason, "%s", reason);
    w->downs++;
}

static void on_message(void *user, struct span topic, struct span payload, bool retained) {
    struct world *w = user;
    cr_expect_not(w->inside);
    cr_expect_eq(w->dones, 0);
    cr_assert(w->heard < HEARD_MAX);
    snprintf(w->topic[w->heard], 32, "%.*s", (int)topic.n, (const char *)topic.p);
    snprintf(w->payload[w->heard], 32, "%.*s", (int)payload.n, (const char *)payload.p);
    w->heard++;
    w->retained += retained;
}

static void on_writable(void *user) {
    struct world *w = user;
    cr_expect_not(w->inside);
    w->writables++;
}

static void on_done(void *user) {
    ((struct world *)user)->dones++;
}

static const char *const filters[] = {"c/+/x", "d/#"};

static void bus_open(struct world *w) {
    const struct bus_events events = {on_up, on_down, on_message, on_writable, w};
    const struct bus_paho_conf conf = {
        .url = w->broker.url,
        .client_id = "contract",
        .ca_file = w->broker.ca,
        .subscribe = filters,
        .subscribe_n = 2,
        .keepalive_s = 5,
        .max_inflight = WINDOW,
        .retry_min_ms = 50,
        .retry_max_ms = 400,
        .inbox_bytes_max = 1 << 20,
    };
    if (w->real) {
        cr_assert_eq(bus_paho_open(&conf, &events, &w->loop, &w->bus), ERR_OK);
        return;
    }
    cr_assert_eq(bus_memory_open(w->hub, &events, filters, 2, NULL, span_str(""), &w->bus), ERR_OK);
    bus_memory_limit(w->bus, WINDOW);
}

static void broker_up(struct world *w) {
    if (w->real) {
        cr_assert_eq(broker_start(&w->broker), ERR_OK);
    } else {
        bus_hub_refuse(w->hub, false);
    }
}

static void broker_down(struct world *w) {
    if (w->real) {
        broker_kill(&w->broker);
    } else {
        bus_hub_refuse(w->hub, true);
        bus_hub_cut(w->hub, w->bus);
        bus_hub_wipe(w->hub);
    }
}

static void world_open(struct world *w, bool real, bool with_broker) {
    *w = (struct world){.real = real};
    cr_assert_eq(uv_loop_init(&w->loop), 0);
    if (real) {
        cr_assert_eq(broker_open(&w->broker), ERR_OK);
    } else {
        cr_assert_eq(bus_hub_open(&w->hub), ERR_OK);
        bus_hub_refuse(w->hub, true);
    }
    if (with_broker) {
        broker_up(w);
    }
    bus_open(w);
    w->inside = true;
    cr_assert_eq(w->bus->ops->start(w->bus), ERR_OK);
    w->inside = false;
}

static bool until(struct world *w, bool (*holds)(void *user)) {
    if (w->real) {
        return loop_until(&w->loop, holds, w, WAIT_MS);
    }
    while (!holds(w) && bus_hub_step(w->hub)) {
    }
    return holds(w);
}

static bool is_done(void *user) {
    return ((struct world *)user)->dones == 1;
}

static void world_close(struct world *w) {
    w->inside = true;
    w->bus->ops->stop(w->bus, on_done, w);
    w->inside = false;
    cr_expect(until(w, is_done));
    w->bus->ops->close(w->bus);
    cr_expect(loop_closed(&w->loop));
    if (w->real) {
        broker_close(&w->broker);
    } else {
        bus_hub_close(w->hub);
    }
}

static enum err say(struct world *w, const char *topic, const char *payload, bool retain) {
    w->inside = true;
    enum err e = w->bus->ops->publish(w->bus, topic, span_str(payload), 1, retain);
    w->inside = false;
    return e;
}

static bool up_once(void *user) {
    return ((struct world *)user)->ups == 1;
}

static bool up_twice(void *user) {
    return ((struct world *)user)->ups == 2;
}

static bool down_once(void *user) {
    return ((struct world *)user)->downs >= 1;
}

static bool heard_three(void *user) {
    return ((struct world *)user)->heard >= 3;
}

static bool heard_one(void *user) {
    return ((struct world *)user)->heard >= 1;
}

static bool writable_once(void *user) {
    return ((struct world *)user)->writables >= 1;
}

static bool confirmed_one(void *user) {
    return ((struct world *)user)->confirmed >= 1;
}

static void on_confirmed(void *user) {
    struct world *w = user;
    cr_expect_not(w->inside);
    w->confirmed++;
}

static enum err say_sure(struct world *w, const char *topic, const char *payload) {
    w->inside = true;
    enum err e =
        w->bus->ops->publish_sure(w->bus, topic, span_str(payload), false, on_confirmed, w);
    w->inside = false;
    return e;
}

/* name(world) runs on both buses. */
#define CONTRACT(name, with_broker)                                                                \
    static void name(struct world *w);                                                             \
    Test(bus_contract, name##_in_memory) {                                                         \
        struct world *w = calloc(1, sizeof *w);                                                    \
        world_open(w, false, with_broker);                                                         \
        name(w);                                                                                   \
        world_close(w);                                                                            \
        free(w);                                                                                   \
    }                                                                                              \
    Test(bus_contract, name##_over_mosquitto, .timeout = 90) {                                     \
        struct world *w = calloc(1, sizeof *w);                                                    \
        world_open(w, true, with_broker);                                                          \
        name(w);                                                                                   \
        world_close(w);                                                                            \
        free(w);                                                                                   \
    }                                                                                              \
    static void name(struct world *w)

CONTRACT(subscribed_messages_come_in_order_and_others_do_not, true) {
    cr_expect_eq(say(w, "d/early", "e", false), ERR_STATE);
    cr_assert(until(w, up_once));
    cr_expect_eq(say(w, "c/1/x", "one", false), ERR_OK);
    cr_expect_eq(say(w, "c/1/y", "not for us", false), ERR_OK);
    cr_expect_eq(say(w, "d/2/z", "", false), ERR_OK);
    cr_expect_eq(say(w, "d", "three", false), ERR_OK);
    cr_assert(until(w, heard_three));
    cr_expect_str_eq(w->topic[0], "c/1/x");
    cr_expect_str_eq(w->payload[0], "one");
    cr_expect_str_eq(w->topic[1], "d/2/z");
    cr_expect_str_eq(w->payload[1], "");
    cr_expect_str_eq(w->payload[2], "three");
    cr_expect_eq(w->retained, 0);
    cr_expect_eq(w->bus->stats.received, 3);
    cr_expect_eq(w->bus->stats.received_bytes, 8);
    cr_expect_eq(w->bus->stats.published, 4);
    cr_expect_eq(w->bus->stats.connects, 1);
    cr_expect_eq(w->downs, 0);
}

CONTRACT(what_comes_while_it_is_held_comes_in_order_once_it_is_let_go, true) {
    cr_assert(until(w, up_once));
    w->bus->ops->hold(w->bus, true);
    cr_expect_eq(say(w, "d/1", "first", false), ERR_OK);
    cr_expect_eq(say(w, "d/2", "second", false), ERR_OK);
    if (w->real) {
        loop_for(&w->loop, 300);
    } else {
        cr_expect_not(until(w, heard_one));
    }
    cr_expect_eq(w->heard, 0);
    cr_expect_eq(say(w, "d/3", "third", false), ERR_OK);
    w->bus->ops->hold(w->bus, false);
    cr_assert(until(w, heard_three));
    cr_expect_str_eq(w->payload[0], "first");
    cr_expect_str_eq(w->payload[1], "second");
    cr_expect_str_eq(w->payload[2], "third");
}

CONTRACT(a_bus_can_be_stopped_while_it_is_held, true) {
    cr_assert(until(w, up_once));
    w->bus->ops->hold(w->bus, true);
    cr_expect_eq(say(w, "d/1", "never", false), ERR_OK);
    if (w->real) {
        loop_for(&w->loop, 100);
    } else {
        cr_expect_not(until(w, heard_one));
    }
    cr_expect_eq(w->heard, 0);
}

CONTRACT(a_killed_broker_is_told_and_found_again, true) {
    cr_assert(until(w, up_once));
    broker_down(w);
    cr_assert(until(w, down_once));
    cr_expect_neq(w->reason[0], '\0');
    cr_expect_eq(say(w, "d/1", "lost", false), ERR_STATE);
    broker_up(w);
    cr_assert(until(w, up_twice));
    cr_expect_eq(say(w, "d/1", "back", false), ERR_OK); /* heard only if subscribed again */
    cr_assert(until(w, heard_one));
    cr_expect_str_eq(w->payload[0], "back");
    cr_expect_eq(w->bus->stats.connects, 2);
    cr_expect_eq(w->bus->stats.disconnects, 1);
}

CONTRACT(a_broker_that_comes_late_is_found, false) {
    if (w->real) {
        cr_assert(until(w, down_once));
        loop_for(&w->loop, 1500); /* several refused attempts, told once */
        cr_expect_eq(w->downs, 1);
    } else {
        cr_expect_not(until(w, up_once));
    }
    broker_up(w);
    cr_assert(until(w, up_once));
    cr_expect_eq(say(w, "d/1", "here", false), ERR_OK);
    cr_assert(until(w, heard_one));
}

/* A frozen broker confirms nothing; the memory hub does not either until it is stepped. */
static void fill_window(struct world *w, const char *topic) {
    if (w->real) {
        broker_freeze(&w->broker);
    }
    for (unsigned i = 0; i < WINDOW; i++) {
        cr_expect_eq(say(w, topic, "p", false), ERR_OK);
    }
    cr_expect_eq(say(w, topic, "p", false), ERR_FULL);
    cr_expect_eq(w->bus->stats.refused_full, 1);
    cr_expect_eq(w->writables, 0);
}

CONTRACT(a_full_window_refuses_and_then_calls, true) {
    cr_assert(until(w, up_once));
    fill_window(w, "c/1/x");
    if (w->real) {
        broker_thaw(&w->broker);
    }
    cr_assert(until(w, writable_once));
    cr_expect_eq(say(w, "c/1/x", "p", false), ERR_OK);
}

CONTRACT(a_window_lost_with_its_broker_reopens, true) {
    cr_assert(until(w, up_once));
    fill_window(w, "none");
    broker_down(w);
    cr_assert(until(w, down_once));
    broker_up(w);
    cr_assert(until(w, up_twice));
    cr_assert(until(w, writable_once));
    for (unsigned i = 0; i < WINDOW; i++) {
        cr_expect_eq(say(w, "c/1/x", "p", false), ERR_OK);
    }
    cr_assert(until(w, heard_three));
}

CONTRACT(a_retained_message_is_marked_for_a_newcomer_only, true) {
    cr_assert(until(w, up_once));
    cr_expect_eq(say(w, "d/kept", "state", true), ERR_OK);
    cr_assert(until(w, heard_one));
    cr_expect_eq(w->retained, 0); /* live: not marked */
}

CONTRACT(a_bus_can_be_stopped_at_once, true) {
    (void)w; /* world_close stops it while it connects */
}

CONTRACT(a_bus_can_be_stopped_without_a_broker, false) {
    if (w->real) {
        cr_assert(until(w, down_once));
    }
}

CONTRACT(a_bus_can_be_stopped_with_messages_on_their_way, true) {
    cr_assert(until(w, up_once));
    for (unsigned i = 0; i < WINDOW; i++) {
        cr_expect_eq(say(w, "c/1/x", "p", false), ERR_OK);
    }
}

CONTRACT(a_bus_can_be_stopped_behind_a_killed_broker, true) {
    cr_assert(until(w, up_once));
    broker_down(w);
}

CONTRACT(a_message_that_must_arrive_is_confirmed_by_itself, true) {
    cr_expect_eq(say_sure(w, "d/early", "e"), ERR_STATE);
    cr_assert(until(w, up_once));
    cr_expect_eq(say(w, "d/1", "other", false), ERR_OK);
    cr_expect_eq(say_sure(w, "d/1", "sure"), ERR_OK);
    cr_assert(until(w, confirmed_one));
    cr_expect_eq(say(w, "d/1", "third", false), ERR_OK);
    cr_assert(until(w, heard_three));
    cr_expect_eq(w->confirmed, 1);
    cr_expect_str_eq(w->payload[1], "sure");
}

CONTRACT(a_message_lost_with_its_connection_is_not_confirmed, true) {
    cr_assert(until(w, up_once));
    if (w->real) {
        broker_freeze(&w->broker);
    }
    cr_expect_eq(say_sure(w, "none", "lost"), ERR_OK);
    if (w->real) {
        broker_down(w);
        cr_assert(until(w, down_once));
        broker_up(w);
    } else {
        bus_hub_cut(w->hub, w->bus); /* before the hub has looked at the message */
    }
    cr_assert(until(w, up_twice));
    cr_expect_eq(w->confirmed, 0);
    cr_expect_eq(say_sure(w, "d/1", "again"), ERR_OK);
    cr_assert(until(w, confirmed_one));
    cr_assert(until(w, heard_one));
    cr_expect_eq(w->confirmed, 1);
    cr_expect_str_eq(w->payload[0], "again");
}
