/* The bus needs a loop; a source has a descriptor and is polled. So the link has a loop of its own:
 * its backend descriptor is the source's, and a turn is one pass that does not wait. All handles of
 * the bus are started before the first pass, which tells the kernel of them. */
#include "mqttlink/mqttlink.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <uv.h>

#include "bus/bus_paho.h"

enum { ID_TEXT = 32 };

struct mqttlink {
    uv_loop_t loop;
    struct bus *bus;
    bool held;
    struct mqttlink_ask ask; /* its pointers beside user are not used after opening */
};

static void on_up(void *user) {
    const struct mqttlink *l = user;
    if (l->ask.on_up != NULL)
        l->ask.on_up(l->ask.user);
}

static void on_down(void *user, const char *reason) {
    const struct mqttlink *l = user;
    if (l->ask.on_down != NULL)
        l->ask.on_down(l->ask.user, reason);
}

static void on_message(void *user, struct span topic, struct span payload, bool retained) {
    const struct mqttlink *l = user;
    l->ask.on_message(l->ask.user, topic, payload, retained);
}

static struct span will_now(void *user) {
    const struct mqttlink *l = user;
    return l->ask.will(l->ask.user);
}

/* NULL for no path, and when there is no memory (*failed). */
static char *path_in(const char *folder, const char *path, bool *failed) {
    char *whole = NULL;
    if (path == NULL || *path == '\0')
        return NULL;
    if (folder == NULL || *path == '/')
        whole = strdup(path);
    else if (asprintf(&whole, "%s/%s", folder, path) < 0)
        whole = NULL;
    *failed |= whole == NULL;
    return whole;
}

static const char *text_or_null(const char *text) {
    return text != NULL && *text != '\0' ? text : NULL;
}

static enum err bus_open(struct mqttlink *l, const struct mqttlink_conf *c) {
    const struct bus_events events = {
        .on_up = on_up, .on_down = on_down, .on_message = on_message, .user = l};
    const char *folder = l->ask.folder;
    char id[ID_TEXT];
    uint64_t random = 0;
    bool failed = getrandom(&random, sizeof random, 0) != sizeof random;
    char *const ca = path_in(folder, c->ca, &failed);
    char *const cert = path_in(folder, c->cert, &failed);
    char *const key = path_in(folder, c->key, &failed);
    (void)snprintf(id, sizeof id, "plantbus-%016llx", (unsigned long long)random);
    const struct bus_paho_conf conf = {
        .url = c->url,
        .client_id = text_or_null(c->client_id) != NULL ? c->client_id : id,
        .user = text_or_null(c->user),
        .password = text_or_null(c->password),
        .ca_file = ca,
        .cert_file = cert,
        .key_file = key,
        .subscribe = l->ask.filters,
        .subscribe_n = l->ask.filter_n,
        .will_topic = l->ask.will_topic,
        .will_now = l->ask.will_topic != NULL ? will_now : NULL,
        .will_user = l,
        .keepalive_s = (unsigned)(c->keepalive_ms / 1000),
        .max_inflight = MQTTLINK_INFLIGHT,
        .retry_min_ms = (uint32_t)c->retry_min_ms,
        .retry_max_ms = (uint32_t)c->retry_max_ms,
        .inbox_bytes_max = (size_t)c->queue_bytes,
    };
    const enum err e = failed ? ERR_NOMEM : bus_paho_open(&conf, &events, &l->loop, &l->bus);
    free(ca);
    free(cert);
    free(key);
    return e;
}

enum err mqttlink_open(const struct mqttlink_conf *conf, const struct mqttlink_ask *ask,
                       struct mqttlink **out) {
    struct mqttlink *l = calloc(1, sizeof *l);
    if (l == NULL)
        return ERR_NOMEM;
    l->ask = *ask;
    if (uv_loop_init(&l->loop) != 0) {
        free(l);
        return ERR_IO;
    }
    const enum err e = bus_open(l, conf);
    if (e != ERR_OK) {
        (void)uv_run(&l->loop, UV_RUN_DEFAULT);
        (void)uv_loop_close(&l->loop);
        free(l);
        return e;
    }
    (void)l->bus->ops->start(l->bus); /* refused only the second time */
    *out = l;
    return ERR_OK;
}

int mqttlink_fd(const struct mqttlink *l) {
    return uv_backend_fd(&l->loop);
}

void mqttlink_turn(struct mqttlink *l, int64_t now_ms, int64_t *next_ms) {
    (void)uv_run(&l->loop, UV_RUN_NOWAIT);
    const int wait_ms = uv_backend_timeout(&l->loop);
    *next_ms = wait_ms < 0 ? INT64_MAX : now_ms + wait_ms;
}

/* Letting go rings for a turn, so it is done once: a source that says so in each poll would be
 * polled for ever. */
void mqttlink_hold(struct mqttlink *l, bool held) {
    if (held == l->held)
        return;
    l->held = held;
    l->bus->ops->hold(l->bus, held);
}

enum err mqttlink_publish(struct mqttlink *l, const char *topic, struct span payload, int qos,
                          bool retain) {
    return l->bus->ops->publish(l->bus, topic, payload, qos, retain);
}

void mqttlink_stats(const struct mqttlink *l, struct mqttlink_stats *out) {
    const struct bus_stats *s = &l->bus->stats;
    *out = (struct mqttlink_stats){.received = s->received,
                                   .connects = s->connects,
                                   .disconnects = s->disconnects,
                                   .dropped = s->inbox_dropped};
}

static void on_done(void *user) {
    (void)user; /* nothing is left in the loop then, so its run ends */
}

void mqttlink_close(struct mqttlink *l) {
    if (l == NULL)
        return;
    l->bus->ops->stop(l->bus, on_done, l);
    (void)uv_run(&l->loop, UV_RUN_DEFAULT);
    l->bus->ops->close(l->bus);
    (void)uv_loop_close(&l->loop); /* cannot be busy: the run came to its end */
    free(l);
}
