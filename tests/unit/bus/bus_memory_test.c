#include <criterion/criterion.h>

#include <stdio.h>

#include "bus/bus_memory.h"

/* Everything a client heard, as one line of text: "up; t=payload; r:t=payload; down; writable; ".
 */
struct ear {
    char text[512];
    struct bus *bus;
    const char *answer; /* published from inside on_message, once */
    bool done;
};

static void hear(struct ear *ear, const char *fmt, struct span topic, struct span payload) {
    size_t n = strlen(ear->text);
    snprintf(ear->text + n, sizeof ear->text - n, fmt, (int)topic.n, (const char *)topic.p,
             (int)payload.n, (const char *)payload.p);
}

static void on_up(void *user) {
    hear(user, "%.*sup; ", span_str(""), span_str(""));
}

static void on_down(void *user, const char *reason) {
    cr_expect_neq(reason[0], '\0');
    hear(user, "%.*sdown; ", span_str(""), span_str(""));
}

static void on_writable(void *user) {
    hear(user, "%.*swritable; ", span_str(""), span_str(""));
}

static void on_message(void *user, struct span topic, struct span payload, bool retained) {
    struct ear *ear = user;
    hear(ear, retained ? "r:%.*s=%.*s; " : "%.*s=%.*s; ", topic, payload);
    if (ear->answer != NULL) {
        const char *answer = ear->answer;
        ear->answer = NULL;
        cr_expect_eq(ear->bus->ops->publish(ear->bus, answer, payload, 1, false), ERR_OK);
    }
}

static void on_done(void *user) {
    ((struct ear *)user)->done = true;
}

static void open_with_will(struct bus_hub *h, struct ear *ear, const char *filter,
                           const char *will) {
    struct bus_events events = {on_up, on_down, on_message, on_writable, ear};
    *ear = (struct ear){0};
    cr_assert_eq(
        bus_memory_open(h, &events, &filter, filter != NULL, will, span_str("gone"), &ear->bus),
        ERR_OK);
    cr_assert_eq(ear->bus->ops->start(ear->bus), ERR_OK);
}

static void open_ear(struct bus_hub *h, struct ear *ear, const char *filter) {
    open_with_will(h, ear, filter, NULL);
}

static void run(struct bus_hub *h) {
    while (bus_hub_step(h)) {
    }
}

static void close_ear(struct bus_hub *h, struct ear *ear) {
    ear->bus->ops->stop(ear->bus, on_done, ear);
    run(h);
    cr_expect(ear->done);
    ear->bus->ops->close(ear->bus);
}

static enum err say(struct ear *ear, const char *topic, const char *payload, bool retain) {
    return ear->bus->ops->publish(ear->bus, topic, span_str(payload), 1, retain);
}

Test(bus_memory, messages_go_where_the_filter_says_in_order) {
    struct bus_hub *h = NULL;
    struct ear a, b;
    cr_assert_eq(bus_hub_open(&h), ERR_OK);
    open_ear(h, &a, "x/+");
    open_ear(h, &b, "x/#");
    cr_expect_eq(say(&a, "x/1", "early", false), ERR_STATE); /* not up before the first step */
    run(h);
    cr_expect_eq(say(&a, "x/1", "p", false), ERR_OK);
    cr_expect_eq(say(&b, "x/1/2", "q", false), ERR_OK);
    cr_expect_eq(bus_hub_queued(h), 2);
    cr_expect_str_eq(a.text, "up; "); /* nothing from inside publish */
    run(h);
    cr_expect_str_eq(a.text, "up; x/1=p; ");
    cr_expect_str_eq(b.text, "up; x/1=p; x/1/2=q; ");
    cr_expect_eq(b.bus->stats.received, 2);
    cr_expect_eq(b.bus->stats.received_bytes, 2);
    close_ear(h, &a);
    close_ear(h, &b);
    bus_hub_close(h);
}

Test(bus_memory, retained_messages_meet_late_subscribers_until_deleted) {
    struct bus_hub *h = NULL;
    struct ear a, b, c;
    cr_assert_eq(bus_hub_open(&h), ERR_OK);
    open_ear(h, &a, "s/#");
    run(h);
    cr_expect_eq(say(&a, "s/1", "old", true), ERR_OK);
    cr_expect_eq(say(&a, "s/1", "new", true), ERR_OK);
    run(h);
    open_ear(h, &b, "s/#");
    run(h);
    cr_expect_str_eq(a.text, "up; s/1=old; s/1=new; ");
    cr_expect_str_eq(b.text, "up; r:s/1=new; ");
    cr_expect_eq(say(&a, "s/1", "", true), ERR_OK);
    run(h);
    open_ear(h, &c, "s/#");
    run(h);
    cr_expect_str_eq(c.text, "up; ");
    close_ear(h, &a);
    close_ear(h, &b);
    close_ear(h, &c);
    bus_hub_close(h);
}

Test(bus_memory, a_cut_client_leaves_its_will_and_comes_back) {
    struct bus_hub *h = NULL;
    struct ear a, b;
    cr_assert_eq(bus_hub_open(&h), ERR_OK);
    open_with_will(h, &a, "none", "w/a");
    open_ear(h, &b, "w/#");
    run(h);
    bus_hub_cut(h, a.bus);
    cr_expect_eq(say(&a, "w/a", "x", false), ERR_STATE);
    run(h);
    cr_expect_str_eq(a.text, "up; down; up; ");
    cr_expect_str_eq(b.text, "up; w/a=gone; ");
    close_ear(h, &a); /* a goodbye leaves no will */
    cr_expect_str_eq(b.text, "up; w/a=gone; ");
    close_ear(h, &b);
    bus_hub_close(h);
}

Test(bus_memory, a_wiped_hub_forgets_messages_but_not_its_clients) {
    struct bus_hub *h = NULL;
    struct ear a, b;
    cr_assert_eq(bus_hub_open(&h), ERR_OK);
    open_ear(h, &a, "t");
    run(h);
    cr_expect_eq(say(&a, "t", "kept", true), ERR_OK);
    run(h);
    cr_expect_eq(say(&a, "t", "lost", false), ERR_OK);
    open_ear(h, &b, "t");
    bus_hub_wipe(h);
    run(h);
    cr_expect_str_eq(a.text, "up; t=kept; ");
    cr_expect_str_eq(b.text, "up; ");
    close_ear(h, &a);
    close_ear(h, &b);
    bus_hub_close(h);
}

Test(bus_memory, a_full_window_is_told_and_reopens) {
    struct bus_hub *h = NULL;
    struct ear a;
    cr_assert_eq(bus_hub_open(&h), ERR_OK);
    open_ear(h, &a, NULL);
    bus_memory_limit(a.bus, 2);
    run(h);
    cr_expect_eq(say(&a, "t", "1", false), ERR_OK);
    cr_expect_eq(say(&a, "t", "2", false), ERR_OK);
    cr_expect_eq(say(&a, "t", "3", false), ERR_FULL);
    run(h);
    cr_expect_str_eq(a.text, "up; writable; ");
    cr_expect_eq(a.bus->stats.refused_full, 1);
    cr_expect_eq(say(&a, "t", "3", false), ERR_OK);
    run(h);
    cr_expect_str_eq(a.text, "up; writable; "); /* told once for each refusal */
    close_ear(h, &a);
    bus_hub_close(h);
}

Test(bus_memory, a_cut_or_a_wipe_frees_the_window) {
    struct bus_hub *h = NULL;
    struct ear a;
    cr_assert_eq(bus_hub_open(&h), ERR_OK);
    open_ear(h, &a, NULL);
    bus_memory_limit(a.bus, 1);
    run(h);
    cr_expect_eq(say(&a, "t", "1", false), ERR_OK);
    cr_expect_eq(say(&a, "t", "2", false), ERR_FULL);
    bus_hub_cut(h, a.bus);
    run(h);
    cr_expect_str_eq(a.text, "up; down; up; writable; ");
    cr_expect_eq(say(&a, "t", "1", false), ERR_OK);
    bus_hub_wipe(h);
    cr_expect_eq(say(&a, "t", "2", false), ERR_OK);
    close_ear(h, &a);
    bus_hub_close(h);
}

Test(bus_memory, an_absent_broker_keeps_clients_down_until_it_is_there) {
    struct bus_hub *h = NULL;
    struct ear a;
    cr_assert_eq(bus_hub_open(&h), ERR_OK);
    bus_hub_refuse(h, true);
    open_ear(h, &a, "t");
    run(h);
    cr_expect_str_eq(a.text, "");
    bus_hub_refuse(h, false);
    run(h);
    cr_expect_str_eq(a.text, "up; ");
    bus_hub_refuse(h, true);
    bus_hub_cut(h, a.bus);
    run(h);
    cr_expect_str_eq(a.text, "up; down; ");
    close_ear(h, &a);
    bus_hub_close(h);
}

Test(bus_memory, callbacks_may_publish_and_nothing_comes_after_stop) {
    struct bus_hub *h = NULL;
    struct ear a, b;
    cr_assert_eq(bus_hub_open(&h), ERR_OK);
    open_ear(h, &a, "ping");
    open_ear(h, &b, "pong");
    run(h);
    a.answer = "pong";
    cr_expect_eq(say(&b, "ping", "1", false), ERR_OK);
    run(h);
    cr_expect_str_eq(b.text, "up; pong=1; ");
    cr_expect_eq(say(&b, "ping", "2", false), ERR_OK);
    a.bus->ops->stop(a.bus, on_done, &a); /* with "2" still on its way to it */
    run(h);
    cr_expect(a.done);
    cr_expect_str_eq(a.text, "up; ping=1; ");
    a.bus->ops->close(a.bus);
    close_ear(h, &b);
    bus_hub_close(h);
}
