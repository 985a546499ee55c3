/* Steps of a letter: STATE -> EVENT -> told; a test has no state, nor has what is told again of an
 * alert that has moved on, and what is told of norms. Confirmations of one connection
 * come in the order of the messages (MQTT 3.1.1, 4.6), so those of letters that were given up are
 * told apart by counting; a connection that is lost takes its confirmations along. */
#include "notify/mqtt.h"

#include <stdio.h>
#include <stdlib.h>

enum step { IDLE, STATE, EVENT };

struct mqtt {
    struct messenger base;
    const struct notify_channel_conf *conf;
    const struct notice_world *world;
    struct bus *const *bus;
    enum step step;
    bool up;
    unsigned given_up; /* confirmations to come of letters that nobody waits for any more */
    int64_t now_mono_ms, begun_ms;
    char event_topic[MQTT_TOPIC_MAX];
    struct buf event; /* to be published when the state is confirmed */
    void (*done)(void *user, const struct messenger_answer *answer);
    void *done_user;
};

void mqtt_name(const struct notice_world *world, const struct notice *n, bool event,
               char text[MQTT_TOPIC_MAX]) {
    const bool norm = alert_event_is_norm(n->event);
    snprintf(text, MQTT_TOPIC_MAX, "pb1i/%s/%s/%s/%s%s", world->plant->site.s, n->event->node.s,
             norm ? "norm" : "alert", n->event->rule.s, event ? "/event" : "");
}

enum err mqtt_body(const struct notify_channel_conf *conf, const struct notice_world *world,
                   const struct notice *n, bool event, struct buf *out) {
    struct json_writer w;
    struct buf text;
    if (!event && n->event->why == ALERT_WHY_GONE)
        return ERR_OK;
    buf_init(&text);
    json_writer_init(&w, out);
    json_writer_begin_object(&w);
    notice_json(world, n, &w);
    (void)notice_subject(world, n, conf->subject, &text);
    json_writer_key(&w, "subject");
    json_writer_string(&w, buf_span(&text));
    buf_reset(&text);
    (void)notice_body(world, n, conf->body, &text);
    json_writer_key(&w, "text");
    json_writer_string(&w, buf_span(&text));
    json_writer_end_object(&w);
    enum err err = text.failed ? ERR_NOMEM : json_writer_finish(&w);
    buf_fini(&text);
    return err;
}

static void answer(struct mqtt *t, enum messenger_verdict verdict, const char *words) {
    struct messenger_answer a = {.verdict = (uint8_t)verdict, .retry_after_ms = -1, .words = words};
    t->step = IDLE;
    t->done(t->done_user, &a);
}

static void on_confirmed(void *user);

static enum err publish_event(struct mqtt *t) {
    struct bus *b = *t->bus;
    enum err err =
        b->ops->publish_sure(b, t->event_topic, buf_span(&t->event), false, on_confirmed, t);
    if (!err)
        t->step = EVENT;
    return err;
}

static void on_confirmed(void *user) {
    struct mqtt *t = user;
    if (t->given_up > 0) {
        t->given_up--;
        return;
    }
    if (t->step == EVENT) {
        answer(t, MESSENGER_TOLD, "confirmed by the broker");
    } else if (t->step == STATE) {
        enum err err = publish_event(t);
        if (err)
            answer(t, MESSENGER_AGAIN, err_name(err));
    }
}

static enum err publish_state(struct mqtt *t, const struct notice *n) {
    char name[MQTT_TOPIC_MAX];
    struct bus *b = *t->bus;
    struct buf text;
    buf_init(&text);
    mqtt_name(t->world, n, false, name);
    enum err err = mqtt_body(t->conf, t->world, n, false, &text);
    if (!err)
        err = b->ops->publish_sure(b, name, buf_span(&text), true, on_confirmed, t);
    buf_fini(&text);
    if (!err)
        t->step = STATE;
    return err;
}

static enum err mqtt_send(struct messenger *m, const struct letter *letter,
                          void (*done)(void *user, const struct messenger_answer *answer),
                          void *user) {
    struct mqtt *t = (struct mqtt *)m;
    const struct notice *n = &letter->notice[0];
    if (!t->up || !*t->bus || !(*t->bus)->ops->publish_sure)
        return ERR_STATE;
    t->done = done;
    t->done_user = user;
    t->begun_ms = t->now_mono_ms;
    mqtt_name(t->world, n, true, t->event_topic);
    buf_reset(&t->event);
    enum err err = mqtt_body(t->conf, t->world, n, true, &t->event);
    if (!err)
        err = n->test || n->stale || alert_event_is_norm(n->event) ? publish_event(t)
                                                                   : publish_state(t, n);
    return err;
}

static void mqtt_tick(struct messenger *m, int64_t now_mono_ms, int64_t now_wall_ms) {
    struct mqtt *t = (struct mqtt *)m;
    (void)now_wall_ms;
    t->now_mono_ms = now_mono_ms;
    if (t->step != IDLE && now_mono_ms - t->begun_ms > t->conf->timeout_ms) {
        t->given_up++;
        answer(t, MESSENGER_AGAIN, "the broker does not confirm it");
    }
}

static void mqtt_bus(struct messenger *m, bool up) {
    struct mqtt *t = (struct mqtt *)m;
    t->up = up;
    t->given_up = 0;
    if (t->step != IDLE)
        answer(t, MESSENGER_AGAIN, "the connection to the broker was lost");
}

static void mqtt_close(struct messenger *m, void (*closed)(void *user), void *user) {
    struct mqtt *t = (struct mqtt *)m;
    buf_fini(&t->event);
    free(t);
    closed(user);
}

enum err mqtt_open(const struct notify_channel_conf *conf, const struct notice_world *world,
                   struct bus *const *bus, struct messenger **out) {
    static const struct messenger_ops ops = {
        .send = mqtt_send, .on_tick = mqtt_tick, .on_bus = mqtt_bus, .close = mqtt_close};
    struct mqtt *t = calloc(1, sizeof *t);
    if (!t)
        return ERR_NOMEM;
    t->base.ops = &ops;
    t->conf = conf;
    t->world = world;
    t->bus = bus;
    buf_init(&t->event);
    *out = &t->base;
    return ERR_OK;
}
