/* A link over a real mosquitto, driven only as a source drives it: its descriptor and its time. */
#include <criterion/criterion.h>

#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "mqttlink/mqttlink.h"
#include "support/broker.h"

enum { WAIT_MS = 20000, HEARD_MAX = 64 };

struct ear {
    struct mqttlink *link;
    unsigned ups, downs, heard, hold_at;
    unsigned wills;
    char will[16];
    char text[HEARD_MAX][32]; /* topic=payload */
};

static void on_up(void *user) {
    ((struct ear *)user)->ups++;
}

static void on_down(void *user, const char *reason) {
    cr_expect(reason != NULL);
    ((struct ear *)user)->downs++;
}

static void on_message(void *user, struct span topic, struct span payload, bool retained) {
    struct ear *e = user;
    cr_assert(e->heard < HEARD_MAX);
    (void)snprintf(e->text[e->heard++], 32, "%.*s=%.*s%s", (int)topic.n, (const char *)topic.p,
                   (int)payload.n, (const char *)payload.p, retained ? "!" : "");
    if (e->heard == e->hold_at)
        mqttlink_hold(e->link, true);
}

static struct span will(void *user) {
    struct ear *e = user;
    (void)snprintf(e->will, sizeof e->will, "will %u", ++e->wills);
    return span_str(e->will);
}

static void ear_open(struct ear *e, const struct broker *b, const char *id, const char *will_topic,
                     const char *filter) {
    const struct mqttlink_conf conf = {.url = (char *)(uintptr_t)b->url,
                                       .client_id = (char *)(uintptr_t)id,
                                       .keepalive_ms = 5000,
                                       .retry_min_ms = 50,
                                       .retry_max_ms = 400,
                                       .queue_bytes = 1 << 20};
    const struct mqttlink_ask ask = {.filters = &filter,
                                     .filter_n = 1,
                                     .will_topic = will_topic,
                                     .will = will,
                                     .on_up = on_up,
                                     .on_down = on_down,
                                     .on_message = on_message,
                                     .user = e};
    cr_assert_eq(mqttlink_open(&conf, &ask, &e->link), ERR_OK);
}

/* Turns both until *count has reached least. */
static bool wait_for(struct ear *const ears[2], const unsigned *count, unsigned least) {
    const int64_t end_ms = clock_mono_ms() + WAIT_MS;
    while (*count < least && clock_mono_ms() < end_ms) {
        struct pollfd fds[2];
        int64_t due_ms = end_ms;
        for (int i = 0; i < 2; i++) {
            int64_t next_ms = 0;
            fds[i] = (struct pollfd){.fd = -1};
            if (ears[i] == NULL)
                continue;
            mqttlink_turn(ears[i]->link, clock_mono_ms(), &next_ms);
            fds[i] = (struct pollfd){.fd = mqttlink_fd(ears[i]->link), .events = POLLIN};
            due_ms = next_ms < due_ms ? next_ms : due_ms;
        }
        const int64_t now_ms = clock_mono_ms();
        if (*count < least)
            (void)poll(fds, 2, due_ms > now_ms ? (int)(due_ms - now_ms) : 0);
    }
    return *count >= least;
}

Test(mqttlink, messages_come_in_order_and_wait_while_held) {
    struct broker b;
    struct ear e = {.hold_at = 3};
    struct ear *const both[2] = {&e, NULL};
    struct mqttlink_stats stats;
    char number[16];

    cr_assert_eq(broker_open(&b), ERR_OK);
    cr_assert_eq(broker_start(&b), ERR_OK);
    ear_open(&e, &b, "", NULL, "plant/#");
    cr_assert_eq(mqttlink_publish(e.link, "plant/x", span_str("early"), 1, false), ERR_STATE);
    cr_assert(wait_for(both, &e.ups, 1));
    for (int i = 0; i < 6; i++) {
        (void)snprintf(number, sizeof number, "%d", i);
        cr_assert_eq(mqttlink_publish(e.link, "plant/x", span_str(number), 1, false), ERR_OK);
    }
    cr_assert(wait_for(both, &e.heard, 3));
    for (int i = 0; i < 3; i++) {
        int64_t next_ms = 0;
        mqttlink_turn(e.link, clock_mono_ms(), &next_ms);
    }
    cr_expect_eq(e.heard, 3);
    mqttlink_hold(e.link, false);
    cr_assert(wait_for(both, &e.heard, 6));
    for (int i = 0; i < 6; i++) {
        char want[32];
        (void)snprintf(want, sizeof want, "plant/x=%d", i);
        cr_expect_str_eq(e.text[i], want);
    }
    /* When all confirmations have come, to say again that it is not held wakes nobody. */
    struct pollfd quiet = {.fd = mqttlink_fd(e.link), .events = POLLIN};
    int64_t next_ms = 0;
    while (poll(&quiet, 1, 200) == 1)
        mqttlink_turn(e.link, clock_mono_ms(), &next_ms);
    mqttlink_hold(e.link, false);
    cr_expect_eq(poll(&quiet, 1, 0), 0);
    mqttlink_stats(e.link, &stats);
    cr_expect_eq(stats.received, 6);
    cr_expect_eq(stats.dropped, 0);
    mqttlink_close(e.link);
    broker_close(&b);
}

/* The broker ends the older of two clients of one name and publishes its will. */
Test(mqttlink, each_connection_has_a_will_of_its_own) {
    struct broker b;
    struct ear one = {0}, ear = {0}, two = {0};
    struct ear *const first[2] = {&one, &ear}, *const last[2] = {&two, &ear};

    cr_assert_eq(broker_open(&b), ERR_OK);
    cr_assert_eq(broker_start(&b), ERR_OK);
    ear_open(&ear, &b, "ear", NULL, "will/#");
    ear_open(&one, &b, "same", "will/one", "none");
    cr_assert(wait_for(first, &ear.ups, 1));
    cr_assert(wait_for(first, &one.ups, 1));
    cr_expect_eq(one.wills, 1);
    broker_kill(&b);
    cr_assert(wait_for(first, &one.downs, 1));
    cr_assert_eq(broker_start(&b), ERR_OK);
    cr_assert(wait_for(first, &one.ups, 2));
    cr_assert(wait_for(first, &ear.ups, 2));
    const unsigned wills = one.wills;
    cr_expect_geq(wills, 2);
    ear_open(&two, &b, "same", "will/two", "none");
    cr_assert(wait_for(last, &ear.heard, 1));
    char want[32];
    (void)snprintf(want, sizeof want, "will/one=will %u", wills);
    cr_expect_str_eq(ear.text[0], want);
    mqttlink_close(one.link);
    mqttlink_close(two.link);
    mqttlink_close(ear.link);
    broker_close(&b);
}
