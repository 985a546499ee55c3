/* The host on a connection: what comes from the broker goes in with the time of the poll, what the
 * host has to tell goes out as far as the journal takes it. While something waits, the connection
 * is held, so nothing overtakes. */
#include "sparkplug/sparkplug.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "sparkplug/sphost.h"

enum { FULL_WAIT_MS = 200, CLOCK_BACK_MS = 1000, PROBE_MS = 6000, DETAIL = 120 };

struct sparkplug {
    struct source source;
    struct sphost host;
    struct mqttlink *link;
    int64_t now_ms;
    const struct source_out *out; /* during a poll */
    enum err failed;              /* in a callback */
    uint64_t dropped;             /* as of the last poll */
    char reason[DETAIL];
};

/* --- what the connection calls, inside of a poll ------------------------------------------------
 */

static void keep_failure(struct sparkplug *s, enum err e) {
    if (s->failed == ERR_OK)
        s->failed = e;
}

/* Tells what waits; holds the connection if the journal is full. */
static void tell(struct sparkplug *s) {
    const enum err e = tells_tell(&s->host.tells, s->now_ms, s->out);
    mqttlink_hold(s->link, tells_waiting(&s->host.tells));
    if (e != ERR_OK)
        keep_failure(s, e);
}

static void on_up(void *user) {
    struct sparkplug *s = user;
    s->reason[0] = '\0';
    keep_failure(s, sphost_on_up(&s->host, s->now_ms));
}

static void on_down(void *user, const char *reason) {
    struct sparkplug *s = user;
    (void)snprintf(s->reason, sizeof s->reason, "%s", reason);
    sphost_on_down(&s->host, s->now_ms);
}

static void on_message(void *user, struct span topic, struct span payload, bool retained) {
    struct sparkplug *s = user;
    keep_failure(s, sphost_on_message(&s->host, topic, payload, retained, s->now_ms, s->out));
    tell(s);
}

static struct span on_will(void *user) {
    struct sparkplug *s = user;
    return sphost_will(&s->host, s->now_ms);
}

static void publish(void *user, const char *topic, struct span payload, int qos, bool retain) {
    struct sparkplug *s = user;
    (void)mqttlink_publish(s->link, topic, payload, qos, retain); /* else it is asked for again */
}

/* --- the source ---------------------------------------------------------------------------------
 */

/* What the queue had no room for may have been anything, a death too. */
static void look_for_losses(struct sparkplug *s) {
    struct mqttlink_stats stats;
    mqttlink_stats(s->link, &stats);
    if (stats.dropped == s->dropped)
        return;
    char place[80];
    (void)snprintf(place, sizeof place, "%llu messages found no room in broker.queue",
                   (unsigned long long)(stats.dropped - s->dropped));
    s->out->refused(s->out->user, "queue", place);
    s->dropped = stats.dropped;
    if (!s->host.up)
        return;
    sphost_on_down(&s->host, s->now_ms);
    keep_failure(s, sphost_on_up(&s->host, s->now_ms));
}

static enum err sparkplug_poll(struct source *source, int64_t now_ms, const struct source_out *out,
                               int64_t *next_ms) {
    struct sparkplug *s = (struct sparkplug *)source;
    int64_t link_ms = INT64_MAX;
    if (now_ms < s->now_ms - CLOCK_BACK_MS) /* the owner breaks the run, we go on in the new time */
        coverage_init(&s->host.tells.coverage, COVERAGE_NONE);
    s->now_ms = now_ms;
    s->out = out;
    s->failed = ERR_OK;
    tell(s);
    mqttlink_turn(s->link, now_ms, &link_ms);
    look_for_losses(s);
    keep_failure(s, sphost_on_time(&s->host, now_ms));
    tell(s);
    const int64_t host_ms = sphost_due_ms(&s->host);
    *next_ms = link_ms < host_ms ? link_ms : host_ms;
    if (tells_waiting(&s->host.tells))
        *next_ms = now_ms + FULL_WAIT_MS;
    s->out = NULL;
    return s->failed == ERR_FULL ? ERR_OK : s->failed;
}

static int sparkplug_fd(const struct source *source) {
    const struct sparkplug *s = (const struct sparkplug *)source;
    return tells_waiting(&s->host.tells) ? -1 : mqttlink_fd(s->link);
}

static void sparkplug_position(const struct source *source, struct buf *out) {
    sphost_position(&((const struct sparkplug *)source)->host, out);
}

static void sparkplug_state(const struct source *source, struct source_state *out) {
    const struct sparkplug *s = (const struct sparkplug *)source;
    const struct sphost_stats *k = &s->host.stats;
    struct mqttlink_stats link;
    mqttlink_stats(s->link, &link);
    *out = (struct source_state){.requests = k->rebirths,
                                 .errors = k->malformed + k->lost + link.dropped,
                                 .reconnects = link.connects > 1 ? link.connects - 1 : 0};
    for (size_t i = 0; i < s->host.nodes.n; i++) {
        const struct spnode *n = s->host.nodes.at[i];
        out->devices += (int64_t)n->device_n;
        for (size_t d = 0; d < n->device_n; d++)
            out->devices_silent += n->state != SPNODE_ALIVE || !n->devices[d].born;
    }
    (void)snprintf(out->state, sizeof out->state, "%s", s->host.up ? "connected" : "waiting");
    if (s->reason[0] != '\0')
        (void)snprintf(out->detail, sizeof out->detail, "%s", s->reason);
    else if (k->unmatched + k->passed_over + k->lost > 0)
        (void)snprintf(out->detail, sizeof out->detail,
                       "%llu metrics no rule has, %llu values of other types, %llu times a message "
                       "was lost",
                       (unsigned long long)k->unmatched, (unsigned long long)k->passed_over,
                       (unsigned long long)k->lost);
}

static void sparkplug_close(struct source *source) {
    struct sparkplug *s = (struct sparkplug *)source;
    if (s->link != NULL)
        sphost_goodbye(&s->host, clock_wall_ms());
    mqttlink_close(s->link);
    sphost_fini(&s->host);
    free(s);
}

static const struct source_ops sparkplug_ops = {.kind = "sparkplug",
                                                .poll = sparkplug_poll,
                                                .fd = sparkplug_fd,
                                                .position = sparkplug_position,
                                                .state = sparkplug_state,
                                                .close = sparkplug_close};

/* --- opening ------------------------------------------------------------------------------------
 */

/* Its own STATE is heard even if the groups do not have it. */
static enum err link_open(struct sparkplug *s, const struct sparkplug_conf *c) {
    const char *filters[MQTTLINK_FILTER_MAX] = {SPTOPIC_NAMESPACE "/#"};
    char *made[MQTTLINK_FILTER_MAX] = {NULL};
    unsigned n = c->group_n > 0 ? 0 : 1;
    enum err e = ERR_OK;
    for (size_t i = 0; i < c->group_n && e == ERR_OK; i++) {
        if (asprintf(&made[n], SPTOPIC_NAMESPACE "/%s/#", c->groups[i]) < 0)
            e = ERR_NOMEM;
        else
            filters[n] = made[n];
        n += e == ERR_OK;
    }
    filters[n] = s->host.state_topic;
    const struct mqttlink_ask ask = {.folder = c->folder,
                                     .filters = filters,
                                     .filter_n = c->group_n > 0 ? n + 1 : n,
                                     .will_topic = c->state ? s->host.state_topic : NULL,
                                     .will = on_will,
                                     .on_up = on_up,
                                     .on_down = on_down,
                                     .on_message = on_message,
                                     .user = s};
    if (e == ERR_OK)
        e = mqttlink_open(&c->broker, &ask, &s->link);
    for (unsigned i = 0; i < MQTTLINK_FILTER_MAX; i++)
        free(made[i]);
    return e == ERR_RANGE ? ERR_CONFIG : e;
}

enum err sparkplug_open(const struct sparkplug_conf *c, int64_t now_ms, struct span position,
                        struct source **out) {
    struct sparkplug *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ERR_NOMEM;
    s->source.ops = &sparkplug_ops;
    s->now_ms = now_ms;
    const struct sphost_env env = {.conf = c, .publish = publish, .user = s};
    enum err e = sphost_init(&s->host, &env, position);
    if (e != ERR_OK) {
        free(s);
        return e;
    }
    e = link_open(s, c);
    if (e != ERR_OK) {
        sparkplug_close(&s->source);
        return e;
    }
    *out = &s->source;
    return ERR_OK;
}

/* --- looking what is there ----------------------------------------------------------------------
 */

static enum err probe_point(void *user, const struct point *p, uint16_t *id) {
    (void)user;
    (void)p;
    *id = 0;
    return ERR_OK;
}

static enum err probe_reading(void *user, const struct reading *r) {
    (void)user;
    (void)r;
    return ERR_OK;
}

static enum err probe_covered(void *user, int64_t since_ms, int64_t until_ms) {
    (void)user;
    (void)since_ms;
    (void)until_ms;
    return ERR_OK;
}

static void probe_refused(void *user, const char *reason, const char *place) {
    (void)buf_addf(user, "  refused: %s: %s\n", reason, place);
}

static void write_node(const struct sphost *h, const struct spnode *n, struct buf *out) {
    static const char *const states[] = {"its birth was not heard", "alive", "dead"};
    (void)buf_addf(out, "  %s/%s: %s\n", n->group, n->id, states[n->state]);
    for (size_t i = 0; i < n->metric_n; i++) {
        const struct spnode_metric *m = &n->metrics[i];
        const char *device = n->devices[m->device].id;
        (void)buf_addf(out, "    %s%s%s  %s  %s\n", device, *device ? "  " : "", m->name,
                       sppayload_type_name(m->type),
                       m->point != SPRULES_NONE ? h->rules.names.rows[m->point].text : "-");
    }
}

enum err sparkplug_probe(const struct sparkplug_conf *c, struct buf *out) {
    struct sparkplug_conf quiet = *c;
    struct source *source = NULL;
    quiet.state = false;
    quiet.broker.client_id = NULL;
    const int64_t end_ms = clock_mono_ms() + PROBE_MS;
    const struct source_out sink = {.add_point = probe_point,
                                    .reading = probe_reading,
                                    .covered = probe_covered,
                                    .refused = probe_refused,
                                    .user = out};
    enum err e = sparkplug_open(&quiet, clock_wall_ms(), span_of(NULL, 0), &source);
    if (e != ERR_OK)
        return e;
    for (int64_t left_ms; e == ERR_OK && (left_ms = end_ms - clock_mono_ms()) > 0;) {
        int64_t next_ms = INT64_MAX;
        const int64_t now_ms = clock_wall_ms();
        e = sparkplug_poll(source, now_ms, &sink, &next_ms);
        struct pollfd fd = {.fd = sparkplug_fd(source), .events = POLLIN};
        if (next_ms != INT64_MAX && next_ms - now_ms < left_ms)
            left_ms = next_ms > now_ms ? next_ms - now_ms : 0;
        (void)poll(&fd, 1, (int)left_ms);
    }
    const struct sparkplug *s = (const struct sparkplug *)source;
    struct mqttlink_stats stats;
    mqttlink_stats(s->link, &stats);
    if (stats.connects == 0)
        (void)buf_addf(out, "  no connection: %s\n", s->reason);
    for (size_t i = 0; i < s->host.nodes.n; i++)
        write_node(&s->host, s->host.nodes.at[i], out);
    if (stats.connects > 0 && s->host.nodes.n == 0)
        (void)buf_addf(out, "  connected, but no edge node said anything in %d s\n",
                       PROBE_MS / 1000);
    sparkplug_close(source);
    return e == ERR_OK && stats.connects == 0 ? ERR_IO : e;
}
