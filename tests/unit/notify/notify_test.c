/* The whole room with real ends: a broker in memory, servers of HTTP and SMTP on the loop. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <uv.h>

#include "bus/bus_memory.h"
#include "notify_rig.h"
#include "support/loop_wait.h"
#include "support/server_http.h"
#include "support/server_smtp.h"
#include "json/json.h"

enum { WAIT_MS = 20000 };

struct bench {
    struct notify_rig rig;
    uv_loop_t loop;
    struct bus_hub *hub;
    struct bus *bus;
    struct server_http *http;
    struct server_smtp *smtp;
    struct notify *notify;
    int64_t mono_ms;
    bool closed, bus_done;
    unsigned heard, retained, notes, tested;
    char topic[8][96], payload[8][2000], note[200], words[200];
    struct alert_view alert[3];
    size_t alert_n;
};

static void on_up(void *user) {
    struct bench *b = user;
    if (b->notify)
        notify_on_bus(b->notify, true);
}

static void on_down(void *user, const char *reason) {
    struct bench *b = user;
    (void)reason;
    notify_on_bus(b->notify, false);
}

static void on_message(void *user, struct span topic, struct span payload, bool retained) {
    struct bench *b = user;
    cr_assert(b->heard < 8);
    snprintf(b->topic[b->heard], 96, "%.*s", (int)topic.n, (const char *)topic.p);
    snprintf(b->payload[b->heard++], 2000, "%.*s", (int)payload.n, (const char *)payload.p);
    b->retained += retained;
}

static void on_note(void *user, bool warn, const char *event, const char *detail) {
    struct bench *b = user;
    (void)warn;
    b->notes++;
    snprintf(b->note, sizeof b->note, "%s %s", event, detail);
}

static bool alert_at(void *user, size_t i, struct alert_view *out) {
    struct bench *b = user; /* its rig, which stands first */
    if (i >= b->alert_n)
        return false;
    *out = b->alert[i];
    return true;
}

static void open_bench(struct bench *b, const char *positions) {
    static const char *const all[] = {"pb1i/#"};
    char yaml[2000];
    *b = (struct bench){.mono_ms = 1000000};
    cr_assert_eq(uv_loop_init(&b->loop), 0);
    cr_assert_eq(server_http_open(&b->loop, NULL, &b->http), ERR_OK);
    cr_assert_eq(server_smtp_open(&b->loop, &b->smtp), ERR_OK);
    snprintf(yaml, sizeof yaml,
             "channels:\n"
             "  scada: {kind: mqtt}\n"
             "  hook: {kind: webhook, url: \"%s/hook\", token: t0k, headers: {X-Plant: one}}\n"
             "  mail: {kind: mail, url: \"%s\", tls: false, from: p@plant.example, to: [a@x]}\n"
             "  am: {kind: alertmanager, url: \"%s/am/\", resend: 60 s}\n"
             "%s",
             server_http_url(b->http), server_smtp_url(b->smtp), server_http_url(b->http),
             positions);
    notify_rig_open(&b->rig, yaml);
    const struct bus_events events = {
        .on_up = on_up, .on_down = on_down, .on_message = on_message, .user = b};
    cr_assert_eq(bus_hub_open(&b->hub), ERR_OK);
    cr_assert_eq(bus_memory_open(b->hub, &events, all, 1, NULL, span_of(NULL, 0), &b->bus), ERR_OK);
    struct notify_open open = {.conf = &b->rig.conf,
                               .source = notify_rig_source(&b->rig),
                               .store_id = b->rig.world.store_id,
                               .store = b->rig.store,
                               .bus = &b->bus,
                               .loop = &b->loop,
                               .on_note = on_note,
                               .note_user = b};
    open.source.alert = alert_at;
    cr_assert_eq(notify_open(&open, &b->notify), ERR_OK);
    cr_assert_eq(b->bus->ops->start(b->bus), ERR_OK);
}

static void turn(struct bench *b) {
    notify_on_tick(b->notify, b->mono_ms, RIG_NOW, 0);
    while (store_memory_step(b->rig.store)) {
    }
    while (bus_hub_step(b->hub)) {
    }
    uv_run(&b->loop, UV_RUN_NOWAIT);
}

static bool empty(void *user) {
    struct bench *b = user;
    turn(b);
    return store_memory_rows(b->rig.store, STORE_NOTICE) == 0;
}

static bool tested(void *user) {
    turn(user);
    return ((struct bench *)user)->tested > 0;
}

static bool asked_once(void *user) {
    turn(user);
    return server_http_count(((struct bench *)user)->http) >= 1;
}

/* The loop would block with nothing of its own to do. */
static bool until(struct bench *b, bool (*holds)(void *user)) {
    uint64_t end = uv_hrtime() + (uint64_t)WAIT_MS * 1000000;
    while (!holds(b))
        if (uv_hrtime() > end)
            return false;
    return true;
}

static void on_closed(void *user) {
    ((struct bench *)user)->closed = true;
}

static void on_bus_done(void *user) {
    ((struct bench *)user)->bus_done = true;
}

static void close_bench(struct bench *b) {
    b->bus->ops->stop(b->bus, on_bus_done, b);
    while (bus_hub_step(b->hub)) {
    }
    notify_stop(b->notify, on_closed, b);
    b->bus->ops->close(b->bus);
    bus_hub_close(b->hub);
    server_http_close(b->http);
    server_smtp_close(b->smtp);
    cr_expect(loop_closed(&b->loop));
    cr_expect(b->closed && b->bus_done);
    notify_rig_close(&b->rig);
    notify_close(b->notify);
}

static const char everywhere[] = "positions:\n"
                                 "  lead: {tell: [{channels: [scada, hook, mail, am]}]}\n"
                                 "  chief: {tell: [{channels: [hook], from: critical}]}\n";

static const struct server_request *request_to(struct bench *b, const char *path) {
    for (size_t i = 0; i < server_http_count(b->http); i++)
        if (strcmp(server_http_request(b->http, i)->path, path) == 0)
            return server_http_request(b->http, i);
    return NULL;
}

Test(notify, an_event_goes_to_every_channel_of_its_position) {
    struct bench b;
    char value[100];
    open_bench(&b, everywhere);
    struct alert_event e = notify_rig_event(17);
    notify_rig_put(&b.rig, "lead", &e);
    notify_wake(b.notify);
    cr_assert(until(&b, empty));
    cr_expect_eq(notify_stats(b.notify)->routed, 4);
    cr_expect_eq(b.heard, 2);
    cr_expect_str_eq(b.topic[0], "pb1i/hall/press-1/alert/load");
    cr_expect_str_eq(b.topic[1], "pb1i/hall/press-1/alert/load/event");
    cr_expect(strstr(b.payload[1], "\"id\":\"5f00000000000001-17\""), "%s", b.payload[1]);
    const struct server_request *hook = request_to(&b, "/hook"),
                                *am = request_to(&b, "/am/api/v2/alerts");
    cr_assert(hook && am);
    cr_expect_str_eq(hook->method, "POST");
    cr_expect(server_http_header(hook, "Authorization", value, sizeof value));
    cr_expect_str_eq(value, "Bearer t0k");
    cr_expect(server_http_header(hook, "Idempotency-Key", value, sizeof value));
    cr_expect_str_eq(value, "5f00000000000001-17");
    cr_expect(server_http_header(hook, "X-Plant", value, sizeof value));
    cr_expect(server_http_header(am, "Content-Type", value, sizeof value));
    cr_expect_str_eq(value, "application/json");
    cr_expect_eq(server_smtp_taken(b.smtp), 1);
    for (size_t i = 0; i < notify_channels(b.notify); i++)
        cr_expect_eq(queue_stats(notify_channel(b.notify, i))->told, 1);
    close_bench(&b);
}

/* Two positions, one channel: told once. */
Test(notify, a_channel_of_two_positions_is_told_once) {
    struct bench b;
    open_bench(&b, "positions:\n"
                   "  lead: {tell: [{channels: [hook]}]}\n"
                   "  chief: {tell: [{channels: [hook]}]}\n");
    struct alert_event e = notify_rig_event(17);
    notify_rig_put(&b.rig, "lead", &e);
    notify_rig_put(&b.rig, "chief", &e);
    cr_assert(until(&b, empty));
    cr_expect_eq(server_http_count(b.http), 1);
    close_bench(&b);
}

Test(notify, what_concerns_nobody_is_counted_and_said) {
    struct bench b;
    open_bench(&b, everywhere);
    struct alert_event e = notify_rig_event(17);
    notify_rig_put(&b.rig, "chief", &e);
    notify_rig_put(&b.rig, "stranger", &e);
    cr_assert(until(&b, empty));
    cr_expect_eq(notify_stats(b.notify)->unrouted, 2);
    cr_expect_eq(server_http_count(b.http), 0);
    cr_expect_str_eq(b.note, "alert_nobody_told position=stranger rule=load node=press-1 event=17");
    close_bench(&b);
}

static bool hook_left(void *user) {
    struct bench *b = user;
    turn(b);
    return store_memory_rows(b->rig.store, STORE_NOTICE) == 1 &&
           queue_stats(notify_channel(b->notify, 1))->state == QUEUE_RETRYING;
}

Test(notify, a_channel_that_is_down_stops_no_other) {
    struct bench b;
    open_bench(&b, everywhere);
    struct alert_event e = notify_rig_event(17);
    snprintf(b.rig.conf.channels[1].url, 20, "http://127.0.0.1:1/"); /* nobody is there */
    notify_rig_put(&b.rig, "lead", &e);
    cr_assert(until(&b, hook_left));
    cr_expect_eq(server_smtp_taken(b.smtp), 1);
    cr_expect_eq(b.heard, 2);
    cr_expect_not_null(request_to(&b, "/am/api/v2/alerts"));
    cr_expect(queue_stats(notify_channel(b.notify, 1))->last_error[0]);
    close_bench(&b);
}

/* The broker is away when the event comes; both messages are there once it is back. */
Test(notify, a_topic_waits_for_the_broker) {
    struct bench b;
    open_bench(&b, "positions: {lead: {tell: [{channels: [scada]}]}}\n");
    while (bus_hub_step(b.hub)) {
    }
    bus_hub_refuse(b.hub, true);
    bus_hub_cut(b.hub, b.bus);
    struct alert_event e = notify_rig_event(17);
    notify_rig_put(&b.rig, "lead", &e);
    for (unsigned i = 0; i < 20; i++)
        turn(&b);
    cr_expect_eq(b.heard, 0);
    cr_expect_eq(store_memory_rows(b.rig.store, STORE_NOTICE), 1);
    bus_hub_refuse(b.hub, false);
    cr_assert(until(&b, empty));
    cr_expect_eq(b.heard, 2);
    close_bench(&b);
}

/* Cut between state and event: both go again. */
Test(notify, a_topic_cut_amid_a_letter_is_told_again) {
    struct bench b;
    open_bench(&b, "positions: {lead: {tell: [{channels: [scada]}]}}\n");
    while (bus_hub_step(b.hub)) {
    }
    struct alert_event e = notify_rig_event(17);
    notify_rig_put(&b.rig, "lead", &e);
    for (unsigned i = 0; i < 6; i++) {
        notify_on_tick(b.notify, b.mono_ms, RIG_NOW, 0);
        while (store_memory_step(b.rig.store)) {
        }
    }
    cr_assert(bus_hub_step(b.hub)); /* the state's message; its confirmation is on its way */
    cr_expect_eq(b.heard, 1);
    bus_hub_cut(b.hub, b.bus);
    cr_assert(until(&b, empty));
    cr_expect_eq(b.retained, 1); /* we subscribe again, and get what the broker kept */
    cr_expect_eq(b.heard - b.retained, 3);
    cr_expect_str_eq(b.topic[3], "pb1i/hall/press-1/alert/load/event");
    close_bench(&b);
}

/* --- told again ----------------------------------------------------------------------------------
 */

/* Put aside once, told again when the alert has moved on: it happened, which the topic of events
 * and the webhook hear; what is now is another matter, to the retained topic and to Alertmanager.
 */
Test(notify, what_is_told_again_does_not_bring_back_a_state_that_is_over) {
    struct bench b;
    open_bench(&b, everywhere);
    struct alert_event e = notify_rig_event(17);
    e.mark = ALERT_AGAIN;
    notify_rig_wait(&b.rig, "scada", &e);
    notify_rig_wait(&b.rig, "am", &e);
    notify_rig_wait(&b.rig, "hook", &e);
    cr_assert(until(&b, empty));
    cr_assert_eq(b.heard, 1);
    cr_expect_str_eq(b.topic[0], "pb1i/hall/press-1/alert/load/event");
    cr_expect(strstr(b.payload[0], "\"again\":true"), "%s", b.payload[0]);
    cr_expect_null(request_to(&b, "/am/api/v2/alerts"));
    const struct server_request *hook = request_to(&b, "/hook");
    cr_assert(hook);
    cr_expect(memmem(hook->body.p, hook->body.n, "5f00000000000001-17", 19), "under the same id");
    for (size_t i = 0; i < notify_channels(b.notify); i++)
        cr_expect_eq(queue_stats(notify_channel(b.notify, i))->told, i != 2);
    close_bench(&b);
}

static void on_letters(void *user, const struct letters_done *what) {
    struct bench *b = user;
    b->tested = 1 + (unsigned)what->n;
}

static bool parked(void *user) {
    struct bench *b = user;
    turn(b);
    b->mono_ms += 60000;
    return queue_stats(notify_channel(b->notify, 1))->dead == 1;
}

/* Refused as it is, with its recipients; then the receiver takes it. */
Test(notify, a_dead_letter_is_told_when_the_receiver_takes_it) {
    static const struct letters_act all = {.resend = true, .before_ms = INT64_MAX};
    static const struct letters_act wrong = {
        .resend = true, .channel = {"hok"}, .before_ms = INT64_MAX};
    struct bench b;
    char why[200] = "";
    static const struct ident lead[] = {{"chief"}, {"lead"}, {"nobody"}};
    open_bench(&b, everywhere);
    b.rig.rule[0].recipient = lead;
    b.rig.rule[0].recipient_n = 3;
    for (unsigned i = 0; i < 3; i++)
        cr_assert_eq(server_http_script(b.http, &(struct server_answer){.status = 400}), ERR_OK);
    struct alert_event e = notify_rig_event(17);
    notify_rig_wait(&b.rig, "hook", &e);
    cr_assert(until(&b, parked));
    uint8_t key[QUEUE_KEY_MAX];
    struct span value;
    struct alert_letter l;
    const size_t n = queue_key(&(struct ident){"hook"}, true, 17, key);
    cr_assert(store_memory_find(b.rig.store, STORE_NOTICE, span_of(key, n), &value));
    cr_assert_eq(alert_letter_unpack(span_of(key, n), value, &l), ERR_OK);
    cr_expect_str_eq(l.to, "lead", "the chief hears of critical ones only");
    cr_expect_eq(l.tries, 3);
    cr_expect_eq(notify_letters(b.notify, &wrong, on_letters, &b, why), ERR_NOT_FOUND);
    cr_expect_str_eq(why, "there is no channel hok; did you mean hook?");
    cr_assert_eq(notify_letters(b.notify, &all, on_letters, &b, why), ERR_OK);
    cr_assert(until(&b, tested));
    cr_expect_eq(b.tested, 2);
    cr_assert(until(&b, empty));
    cr_expect_eq(queue_stats(notify_channel(b.notify, 1))->dead, 0);
    cr_expect_eq(queue_stats(notify_channel(b.notify, 1))->told, 1);
    close_bench(&b);
}

/* --- alertmanager -------------------------------------------------------------------------------
 */

static size_t alerts_in(const struct server_request *r) {
    struct json_value *root = NULL;
    cr_assert_eq(json_parse(buf_span(&r->body), NULL, &root, NULL), ERR_OK);
    size_t n = json_count(root);
    json_close(root);
    return n;
}

static bool asked_twice(void *user) {
    turn(user);
    return server_http_count(((struct bench *)user)->http) >= 2;
}

Test(notify, alertmanager_hears_of_what_is_active_again_and_again) {
    struct bench b;
    open_bench(&b, everywhere);
    const struct ident lead = {"lead"}, stranger = {"stranger"};
    b.rig.rule[0].recipient = &lead;
    b.rig.rule[0].recipient_n = 1;
    b.rig.rule[1].recipient = &stranger;
    b.rig.rule[1].recipient_n = 1;
    const struct alert_view view = {.rule = &b.rig.rule[0],
                                    .node = b.rig.node[0],
                                    .state = ALERT_ACKED,
                                    .severity = ALERT_HIGH,
                                    .active_ms = RIG_NOW - 60000,
                                    .value = 63.5,
                                    .threshold = 50};
    b.alert[0] = b.alert[1] = b.alert[2] = view;
    b.alert[1].state = ALERT_RETURNED; /* over */
    b.alert[2].rule = &b.rig.rule[1];  /* nobody's business here */
    b.alert_n = 3;
    cr_assert(until(&b, asked_once));
    const struct server_request *r = server_http_request(b.http, 0);
    cr_expect_str_eq(r->path, "/am/api/v2/alerts");
    cr_expect_eq(alerts_in(r), 1);
    cr_expect(strstr((const char *)r->body.p, "\"startsAt\":\"2026-11-26T07:02:00.000Z\""));
    cr_expect(strstr((const char *)r->body.p, "\"endsAt\":\"2026-11-26T07:07:00.000Z\""));
    b.mono_ms += 59999;
    for (unsigned i = 0; i < 50; i++)
        turn(&b);
    cr_expect_eq(server_http_count(b.http), 1);
    b.mono_ms += 1;
    cr_assert(until(&b, asked_twice));
    close_bench(&b);
}

/* --- tests of channels --------------------------------------------------------------------------
 */

static void on_tested(void *user, const struct messenger_answer *a, int64_t took_ms) {
    struct bench *b = user;
    (void)took_ms;
    b->tested++;
    snprintf(b->words, sizeof b->words, "%d %s", a->verdict, a->words);
}

static enum err try_channel(struct bench *b, const char *rule, const char *channel, char why[200]) {
    return notify_test(b->notify, span_str(rule), span_of(NULL, 0), span_str(channel), b->mono_ms,
                       RIG_NOW, on_tested, b, why);
}

Test(notify, a_test_tells_what_the_receiver_said) {
    struct bench b;
    char why[200] = "";
    open_bench(&b, everywhere);
    server_http_script(b.http, &(struct server_answer){.status = 403, .body = "no \"such\" token"});
    cr_assert_eq(try_channel(&b, "load", "hook", why), ERR_OK);
    cr_assert(until(&b, tested));
    cr_expect_str_eq(b.words, "2 403 no  such  token"); /* MESSENGER_HELD */
    const struct server_request *r = request_to(&b, "/hook");
    cr_expect(strstr((const char *)r->body.p, "\"test\":true"));
    cr_expect(strstr((const char *)r->body.p, "\"id\":\"5f00000000000001-test\""));
    cr_expect(strstr((const char *)r->body.p, "TEST [high] Load too high"));
    close_bench(&b);
}

Test(notify, a_test_over_a_topic_leaves_the_state_alone) {
    struct bench b;
    char why[200] = "";
    open_bench(&b, everywhere);
    while (bus_hub_step(b.hub)) {
    }
    cr_assert_eq(try_channel(&b, "silence", "scada", why), ERR_OK);
    cr_assert(until(&b, tested));
    while (bus_hub_step(b.hub)) {
    }
    cr_expect_str_eq(b.words, "0 confirmed by the broker");
    cr_expect_eq(b.heard, 1);
    cr_expect_str_eq(b.topic[0], "pb1i/hall/oven-1/alert/silence/event");
    close_bench(&b);
}

Test(notify, a_test_of_what_is_not_there_says_so) {
    struct bench b;
    char why[200] = "";
    open_bench(&b, everywhere);
    cr_expect_eq(try_channel(&b, "lod", "hook", why), ERR_NOT_FOUND);
    cr_expect_str_eq(why, "there is no rule lod");
    cr_expect_eq(try_channel(&b, "load", "hok", why), ERR_NOT_FOUND);
    cr_expect_str_eq(why, "there is no channel hok; did you mean hook?");
    cr_expect_eq(notify_test(b.notify, span_str("load"), span_str("pres"), span_str("hook"),
                             b.mono_ms, RIG_NOW, on_tested, &b, why),
                 ERR_NOT_FOUND);
    cr_expect_str_eq(why, "there is no node pres");
    close_bench(&b);
}

/* --- the end ------------------------------------------------------------------------------------
 */

Test(notify, can_be_stopped_with_letters_under_way) {
    struct bench b;
    open_bench(&b, everywhere);
    server_http_script(b.http, &(struct server_answer){.hold = true});
    server_http_script(b.http, &(struct server_answer){.hold = true});
    server_smtp_refuse(b.smtp, "MAIL", NULL); /* silence */
    struct alert_event e = notify_rig_event(17);
    notify_rig_put(&b.rig, "lead", &e);
    cr_assert(until(&b, asked_twice));
    close_bench(&b);
}
