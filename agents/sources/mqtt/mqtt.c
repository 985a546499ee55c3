/* The host on a connection: what comes from the broker goes in with the time of the poll, what the
 * host has to tell goes out as far as the journal takes it. While something waits, the connection
 * is held, so nothing overtakes. */
#include "mqtt/mqtt.h"

#include <stdio.h>
#include <stdlib.h>

#include "mqtt/mqhost.h"

enum { FULL_WAIT_MS = 200, CLOCK_BACK_MS = 1000, DETAIL = 120 };

struct mqtt {
    struct source source;
    struct mqhost host;
    struct mqttlink *link;
    int64_t now_ms;
    const struct source_out *out; /* during a poll */
    enum err failed;              /* in a callback */
    uint64_t dropped;             /* as of the last poll */
    char reason[DETAIL];
};

static void keep_failure(struct mqtt *s, enum err e) {
    if (s->failed == ERR_OK)
        s->failed = e;
}

/* --- what the connection calls, inside of a poll ------------------------------------------------
 */

static void tell(struct mqtt *s) {
    const enum err e = tells_tell(&s->host.tells, s->now_ms, s->out);
    mqttlink_hold(s->link, tells_waiting(&s->host.tells));
    if (e != ERR_OK)
        keep_failure(s, e);
}

static void on_up(void *user) {
    struct mqtt *s = user;
    s->reason[0] = '\0';
    keep_failure(s, mqhost_on_up(&s->host, s->now_ms));
}

static void on_down(void *user, const char *reason) {
    struct mqtt *s = user;
    (void)snprintf(s->reason, sizeof s->reason, "%s", reason);
    mqhost_on_down(&s->host);
}

/* What the queue had no room for may have been anything: what came behind it vouches for no time
 * before. */
static void look_for_losses(struct mqtt *s) {
    struct mqttlink_stats stats;
    mqttlink_stats(s->link, &stats);
    if (stats.dropped == s->dropped)
        return;
    char place[80];
    (void)snprintf(place, sizeof place, "%llu messages found no room in broker.queue",
                   (unsigned long long)(stats.dropped - s->dropped));
    s->out->refused(s->out->user, "queue", place);
    s->dropped = stats.dropped;
    if (s->host.up)
        keep_failure(s, mqhost_on_up(&s->host, s->now_ms));
}

static void on_message(void *user, struct span topic, struct span payload, bool retained) {
    struct mqtt *s = user;
    look_for_losses(s);
    keep_failure(s, mqhost_on_message(&s->host, topic, payload, retained, s->now_ms, s->out));
    tell(s);
}

/* --- the source ---------------------------------------------------------------------------------
 */

static enum err mqtt_poll(struct source *source, int64_t now_ms, const struct source_out *out,
                          int64_t *next_ms) {
    struct mqtt *s = (struct mqtt *)source;
    int64_t link_ms = INT64_MAX;
    if (now_ms < s->now_ms - CLOCK_BACK_MS) /* the owner breaks the run, we go on in the new time */
        mqhost_on_clock(&s->host);
    s->now_ms = now_ms;
    s->out = out;
    s->failed = ERR_OK;
    tell(s);
    mqttlink_turn(s->link, now_ms, &link_ms);
    look_for_losses(s);
    keep_failure(s, mqhost_on_time(&s->host, now_ms));
    tell(s);
    const int64_t host_ms = mqhost_due_ms(&s->host);
    *next_ms = link_ms < host_ms ? link_ms : host_ms;
    if (tells_waiting(&s->host.tells))
        *next_ms = now_ms + FULL_WAIT_MS;
    s->out = NULL;
    return s->failed == ERR_FULL ? ERR_OK : s->failed;
}

static int mqtt_fd(const struct source *source) {
    const struct mqtt *s = (const struct mqtt *)source;
    return tells_waiting(&s->host.tells) ? -1 : mqttlink_fd(s->link);
}

static void mqtt_position(const struct source *source, struct buf *out) {
    mqhost_position(&((const struct mqtt *)source)->host, out);
}

static void mqtt_state(const struct source *source, struct source_state *out) {
    const struct mqtt *s = (const struct mqtt *)source;
    const struct mqhost_stats *k = &s->host.stats;
    struct mqttlink_stats link;
    mqttlink_stats(s->link, &link);
    *out = (struct source_state){.requests = k->messages,
                                 .errors = k->refused + k->unmatched + k->late + link.dropped,
                                 .reconnects = link.connects > 1 ? link.connects - 1 : 0};
    (void)snprintf(out->state, sizeof out->state, "%s", s->host.up ? "connected" : "waiting");
    if (s->reason[0] != '\0')
        (void)snprintf(out->detail, sizeof out->detail, "%s", s->reason);
    else if (k->unmatched + k->refused + k->again + k->late + k->silent > 0)
        (void)snprintf(out->detail, sizeof out->detail,
                       "%llu messages no rule has, %llu refused, %llu readings told before, %llu "
                       "too late, %llu points fell silent",
                       (unsigned long long)k->unmatched, (unsigned long long)k->refused,
                       (unsigned long long)k->again, (unsigned long long)k->late,
                       (unsigned long long)k->silent);
}

static void mqtt_close(struct source *source) {
    struct mqtt *s = (struct mqtt *)source;
    mqttlink_close(s->link);
    mqhost_fini(&s->host);
    free(s);
}

static const struct source_ops mqtt_ops = {.kind = "mqtt",
                                           .poll = mqtt_poll,
                                           .fd = mqtt_fd,
                                           .position = mqtt_position,
                                           .state = mqtt_state,
                                           .close = mqtt_close};

/* --- opening ------------------------------------------------------------------------------------
 */

static enum err link_open(struct mqtt *s, const struct mqtt_conf *c) {
    char *filters[MQTTLINK_FILTER_MAX];
    unsigned n = 0;
    enum err e = mqtt_filters(c, filters, &n);
    if (e != ERR_OK)
        return e == ERR_RANGE ? ERR_CONFIG : e;
    const struct mqttlink_ask ask = {.folder = c->folder,
                                     .filters = (const char *const *)filters,
                                     .filter_n = n,
                                     .on_up = on_up,
                                     .on_down = on_down,
                                     .on_message = on_message,
                                     .user = s};
    e = mqttlink_open(&c->broker, &ask, &s->link);
    for (unsigned i = 0; i < n; i++)
        free(filters[i]);
    return e == ERR_RANGE ? ERR_CONFIG : e;
}

enum err mqtt_open(const struct mqtt_conf *c, int64_t now_ms, struct span position,
                   struct source **out) {
    struct mqtt *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ERR_NOMEM;
    s->source.ops = &mqtt_ops;
    s->now_ms = now_ms;
    enum err e = mqhost_init(&s->host, c, position);
    if (e != ERR_OK) {
        free(s);
        return e;
    }
    e = link_open(s, c);
    if (e != ERR_OK) {
        mqtt_close(&s->source);
        return e;
    }
    *out = &s->source;
    return ERR_OK;
}
