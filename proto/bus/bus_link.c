/* What Paho 1.3.12 needs to be trusted with: the version named, or it falls back to MQTT 3.1;
 * subscriptions made in the `connected` callback, each time; the host name of a TLS peer verified
 * by request only; onSuccess of a publish taken as a hint, since a killed broker takes it along. So
 * each connection has a window of its own, and a late confirmation counts for the window it was
 * sent in. */
#include "bus/bus_link.h"

#include <MQTTAsync.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/readable.h"
#include "bus/paho_under.h"

enum { WINDOWS = 4, GOODBYE_MS = 500, REFUSED = 0x80, INFLIGHT_MAX = 20 };

/* Context of the publishes of one connection (or of what follows a forgiven window). */
struct window {
    struct bus_link *link;
    atomic_uint confirmed;
};

enum sure_state { SURE_OPEN, SURE_CONFIRMED, SURE_FAILED };

/* A message whose own confirmation is waited for. Paho may call with it as long as its client
 * lives, or never, so it is kept until one of both. */
struct sure {
    struct sure *next;
    struct window *window;
    unsigned life;
    atomic_int state; /* enum sure_state */
    void (*confirmed)(void *user);
    void *user;
};

struct bus_link {
    MQTTAsync client;
    struct bus_inbox *inbox;
    struct bus_wake *wake;
    struct bus_paho_conf conf; /* every pointer in it is ours */
    atomic_uint life;
    struct window windows[WINDOWS]; /* the last ones, in turn */
    unsigned window, sent;          /* the loop's: the one in use, and what went into it */
    struct sure *sures;             /* the loop's, oldest first */
};

static void tell(struct bus_link *l, enum inbox_kind kind, const char *reason) {
    struct inbox_record r = {
        .kind = kind,
        .life = atomic_load(&l->life),
        .payload = reason != NULL ? span_str(reason) : span_of(NULL, 0),
    };
    (void)bus_inbox_add(l->inbox, &r); /* it has memory kept for it */
    bus_wake_ring(l->wake);
}

static void wake_loop(void *user) {
    struct bus_link *l = user;
    bus_wake_ring(l->wake);
}

/* Of messages that came together the last one wakes the loop: a wake for each cost the loop as much
 * as the message itself. */
static int on_arrived(void *user, char *topic, int topic_n, MQTTAsync_message *m) {
    struct bus_link *l = user;
    struct inbox_record r = {
        .kind = INBOX_MESSAGE,
        .life = atomic_load(&l->life),
        .retained = m->retained != 0,
        .topic = span_of(topic, topic_n > 0 ? (size_t)topic_n : strlen(topic)),
        .payload = span_of(m->payload, (size_t)m->payloadlen),
    };
    (void)bus_inbox_add(l->inbox, &r); /* counted there */
    if (!bus_sock_defer(wake_loop, l)) {
        bus_wake_ring(l->wake);
    }
    MQTTAsync_freeMessage(&m);
    MQTTAsync_free(topic);
    return 1; /* 0 would not stop the PUBACK and would grow the heap */
}

static void on_lost(void *user, char *cause) {
    tell(user, INBOX_DOWN, cause != NULL ? cause : "connection lost");
}

static void on_connect_failed(void *user, MQTTAsync_failureData *data) {
    char reason[96];
    const char *text = data != NULL && data->message != NULL ? data->message : NULL;
    int code = data != NULL ? data->code : 0;
    snprintf(reason, sizeof reason, "%s (%d)", text != NULL ? text : "connection refused", code);
    tell(user, INBOX_DOWN, reason);
}

static void on_subscribed(void *user, MQTTAsync_successData *data) {
    struct bus_link *l = user;
    unsigned n = l->conf.subscribe_n;
    for (unsigned i = 0; i < n && data != NULL; i++) {
        /* Paho gives one code in qos, several in qosList. */
        int code = n == 1 ? data->alt.qos : data->alt.qosList[i];
        if (code == REFUSED) {
            tell(l, INBOX_DOWN, "subscription refused");
            return;
        }
    }
    tell(l, INBOX_UP, NULL);
}

static void on_subscribe_failed(void *user, MQTTAsync_failureData *data) {
    (void)data;
    tell(user, INBOX_DOWN, "subscription failed");
}

static void on_connected(void *user, char *cause) {
    struct bus_link *l = user;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    int qos[BUS_PAHO_SUBSCRIBE_MAX];
    (void)cause;
    if (l->conf.subscribe_n == 0) {
        tell(l, INBOX_UP, NULL);
        return;
    }
    for (unsigned i = 0; i < l->conf.subscribe_n; i++) {
        qos[i] = 1;
    }
    options.onSuccess = on_subscribed;
    options.onFailure = on_subscribe_failed;
    options.context = l;
    int rc = MQTTAsync_subscribeMany(l->client, (int)l->conf.subscribe_n,
                                     (char *const *)(uintptr_t)l->conf.subscribe, qos, &options);
    if (rc != MQTTASYNC_SUCCESS) {
        tell(l, INBOX_DOWN, "subscription failed");
    }
}

static int on_tls_error(const char *text, size_t n, void *user) {
    struct bus_link *l = user;
    struct inbox_record r = {
        .kind = INBOX_NOTE,
        .life = atomic_load(&l->life),
        .payload = span_of(text, n),
    };
    (void)bus_inbox_add(l->inbox, &r); /* a hint only */
    return 1;
}

static void on_goodbye(void *user, MQTTAsync_successData *data) {
    (void)data;
    tell(user, INBOX_DISCONNECTED, NULL);
}

static void on_goodbye_failed(void *user, MQTTAsync_failureData *data) {
    (void)data;
    tell(user, INBOX_DISCONNECTED, NULL);
}

/* Success and failure both free a place in the window. */
static void confirm(struct window *w) {
    atomic_fetch_add(&w->confirmed, 1);
    bus_wake_ring(w->link->wake);
}

static void on_sent(void *user, MQTTAsync_successData *data) {
    (void)data;
    confirm(user);
}

static void on_send_failed(void *user, MQTTAsync_failureData *data) {
    (void)data;
    confirm(user);
}

static void on_sure_sent(void *user, MQTTAsync_successData *data) {
    struct sure *s = user;
    struct window *w = s->window; /* of the link, which outlives it */
    (void)data;
    atomic_store(&s->state, SURE_CONFIRMED); /* the loop may free it from here on */
    confirm(w);
}

static void on_sure_failed(void *user, MQTTAsync_failureData *data) {
    struct sure *s = user;
    struct window *w = s->window;
    (void)data;
    atomic_store(&s->state, SURE_FAILED);
    confirm(w);
}

static enum err copy_text(const char **text) {
    if (*text == NULL) {
        return ERR_OK;
    }
    *text = strdup(*text);
    return *text != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err copy_topics(struct bus_paho_conf *conf) {
    const char **copy = calloc(conf->subscribe_n + 1, sizeof *copy);
    enum err e = copy != NULL ? ERR_OK : ERR_NOMEM;
    for (unsigned i = 0; i < conf->subscribe_n && e == ERR_OK; i++) {
        copy[i] = conf->subscribe[i];
        e = copy_text(&copy[i]);
    }
    conf->subscribe = copy;
    return e;
}

static enum err copy_will(struct bus_paho_conf *conf) {
    uint8_t *copy = malloc(conf->will_payload.n + 1);
    if (copy != NULL && conf->will_payload.n > 0) {
        memcpy(copy, conf->will_payload.p, conf->will_payload.n);
    }
    conf->will_payload.p = copy;
    return copy != NULL ? ERR_OK : ERR_NOMEM;
}

#define CONF_TEXTS(c)                                                                              \
    {                                                                                              \
        &(c)->url, &(c)->client_id, &(c)->user, &(c)->password, &(c)->ca_file, &(c)->cert_file,    \
            &(c)->key_file, &(c)->will_topic                                                       \
    }

static enum err conf_copy(struct bus_paho_conf *conf) {
    const char **text[] = CONF_TEXTS(conf);
    enum err e = ERR_OK;
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
        enum err one = copy_text(text[i]); /* all of them, so that all can be freed */
        e = e != ERR_OK ? e : one;
    }
    enum err topics = copy_topics(conf);
    enum err will = copy_will(conf);
    return e != ERR_OK ? e : topics != ERR_OK ? topics : will;
}

static void conf_free(struct bus_paho_conf *conf) {
    const char **text[] = CONF_TEXTS(conf);
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
        free((void *)(uintptr_t)*text[i]);
    }
    for (unsigned i = 0; conf->subscribe != NULL && i < conf->subscribe_n; i++) {
        free((void *)(uintptr_t)conf->subscribe[i]);
    }
    free((void *)(uintptr_t)conf->subscribe);
    free((void *)(uintptr_t)conf->will_payload.p);
}

static enum err conf_check(const struct bus_paho_conf *c) {
    bool whole = c->url != NULL && c->client_id != NULL && c->client_id[0] != '\0';
    bool bounded = c->max_inflight >= 1 && c->max_inflight <= INFLIGHT_MAX &&
                   c->subscribe_n <= BUS_PAHO_SUBSCRIBE_MAX && c->inbox_bytes_max > 0 &&
                   c->keepalive_s >= 1 && c->keepalive_s <= 65535 && c->retry_min_ms >= 1 &&
                   c->retry_max_ms >= c->retry_min_ms && c->will_payload.n <= INT32_MAX;
    return whole && bounded ? ERR_OK : ERR_RANGE;
}

static enum err client_open(struct bus_link *l) {
    /* OpenSSL begins by itself with the first connection that needs it; a process that needs none
     * saves 1.4 MiB. */
    MQTTAsync_init_options init = MQTTAsync_init_options_initializer;
    init.do_openssl_init = 0;
    MQTTAsync_global_init(&init);
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
    options.MQTTVersion = MQTTVERSION_3_1_1;
    int rc = MQTTAsync_createWithOptions(&l->client, l->conf.url, l->conf.client_id,
                                         MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
    if (rc != MQTTASYNC_SUCCESS) {
        return rc == MQTTASYNC_BAD_PROTOCOL || rc == MQTTASYNC_BAD_UTF8_STRING ? ERR_RANGE : ERR_IO;
    }
    /* Else each packet is formatted for a trace that nobody reads: a fifth of a message's cost. */
    MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
    MQTTAsync_setCallbacks(l->client, l, on_lost, on_arrived, NULL);
    MQTTAsync_setConnected(l->client, l, on_connected);
    return ERR_OK;
}

enum err bus_link_open(const struct bus_paho_conf *conf, struct bus_inbox *inbox,
                       struct bus_wake *wake, struct bus_link **out) {
    enum err e = conf_check(conf);
    if (e != ERR_OK) {
        return e;
    }
    struct bus_link *l = calloc(1, sizeof *l);
    if (l == NULL) {
        return ERR_NOMEM;
    }
    l->inbox = inbox;
    l->wake = wake;
    l->conf = *conf;
    for (unsigned i = 0; i < WINDOWS; i++) {
        l->windows[i].link = l;
    }
    e = conf_copy(&l->conf);
    if (e == ERR_OK) {
        e = client_open(l);
    }
    if (e != ERR_OK) {
        conf_free(&l->conf);
        free(l);
        return e;
    }
    *out = l;
    return ERR_OK;
}

static MQTTAsync_SSLOptions tls_options(struct bus_link *l) {
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    tls.trustStore = l->conf.ca_file;
    tls.keyStore = l->conf.cert_file;
    tls.privateKey = l->conf.key_file;
    tls.enableServerCertAuth = 1;
    tls.verify = 1; /* the host name; not Paho's default */
    tls.sslVersion = MQTT_SSL_VERSION_TLS_1_2;
    tls.ssl_error_cb = on_tls_error;
    tls.ssl_error_context = l;
    return tls;
}

static bool has_tls(const struct bus_link *l) {
    return strncmp(l->conf.url, "ssl://", 6) == 0;
}

bool bus_link_lacks(const struct bus_link *l, char *why, size_t size) {
    const char *const file[] = {l->conf.ca_file, l->conf.cert_file, l->conf.key_file};
    for (size_t i = 0; has_tls(l) && i < sizeof file / sizeof file[0]; i++) {
        const char *wrong = unreadable(file[i]);
        if (wrong != NULL) {
            (void)snprintf(why, size, "%s: %s", file[i], wrong);
            return true;
        }
    }
    return false;
}

enum err bus_link_connect(struct bus_link *l) {
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    MQTTAsync_SSLOptions tls = tls_options(l);
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    const struct span testament =
        l->conf.will_now != NULL ? l->conf.will_now(l->conf.will_user) : l->conf.will_payload;
    atomic_fetch_add(&l->life, 1);
    bus_link_forgive(l);
    will.topicName = l->conf.will_topic;
    will.payload.len = (int)testament.n;
    will.payload.data = testament.p;
    will.retained = 1;
    will.qos = 1;
    options.keepAliveInterval = (int)l->conf.keepalive_s;
    options.cleansession = 1;
    options.maxInflight = (int)l->conf.max_inflight;
    options.will = l->conf.will_topic != NULL ? &will : NULL;
    options.username = l->conf.user;
    options.password = l->conf.password;
    options.connectTimeout = BUS_LINK_CONNECT_S;
    options.ssl = has_tls(l) ? &tls : NULL;
    options.onFailure = on_connect_failed;
    options.context = l;
    options.MQTTVersion = MQTTVERSION_3_1_1;
    return MQTTAsync_connect(l->client, &options) == MQTTASYNC_SUCCESS ? ERR_OK : ERR_IO;
}

unsigned bus_link_life(const struct bus_link *l) {
    return atomic_load(&l->life);
}

bool bus_link_connected(struct bus_link *l) {
    return MQTTAsync_isConnected(l->client) != 0;
}

unsigned bus_link_inflight(const struct bus_link *l) {
    unsigned confirmed = atomic_load(&l->windows[l->window].confirmed);
    return confirmed < l->sent ? l->sent - confirmed : 0;
}

void bus_link_forgive(struct bus_link *l) {
    /* Late answers count for the old window. An empty one stays in use, else a row of refused
     * attempts would come round to a window whose answers are still due. */
    if (bus_link_inflight(l) > 0) {
        l->window = (l->window + 1) % WINDOWS;
        atomic_store(&l->windows[l->window].confirmed, 0);
        l->sent = 0;
    }
}

static enum err send_now(struct bus_link *l, const char *topic, struct span payload, int qos,
                         bool retain, MQTTAsync_responseOptions *options) {
    if (bus_link_inflight(l) >= l->conf.max_inflight) {
        return ERR_FULL;
    }
    int rc = MQTTAsync_send(l->client, topic, (int)payload.n, payload.p, qos, retain, options);
    switch (rc) {
    case MQTTASYNC_SUCCESS:
        l->sent++;
        return ERR_OK;
    case MQTTASYNC_DISCONNECTED:
        return ERR_STATE;
    case MQTTASYNC_MAX_BUFFERED_MESSAGES:
    case MQTTASYNC_NO_MORE_MSGIDS:
        return bus_link_inflight(l) > 0 ? ERR_FULL : ERR_IO; /* a confirmation must follow FULL */
    default:
        return ERR_IO;
    }
}

enum err bus_link_send(struct bus_link *l, const char *topic, struct span payload, int qos,
                       bool retain) {
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    options.onSuccess = on_sent;
    options.onFailure = on_send_failed;
    options.context = &l->windows[l->window];
    return send_now(l, topic, payload, qos, retain, &options);
}

enum err bus_link_send_sure(struct bus_link *l, const char *topic, struct span payload, bool retain,
                            void (*confirmed)(void *user), void *user) {
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    struct sure **end = &l->sures, *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return ERR_NOMEM;
    }
    s->window = &l->windows[l->window];
    s->life = atomic_load(&l->life);
    s->confirmed = confirmed;
    s->user = user;
    options.onSuccess = on_sure_sent;
    options.onFailure = on_sure_failed;
    options.context = s;
    enum err e = send_now(l, topic, payload, 1, retain, &options);
    if (e != ERR_OK) {
        free(s);
        return e;
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = s;
    return ERR_OK;
}

bool bus_link_next_sure(struct bus_link *l, void (**confirmed)(void *user), void **user) {
    for (struct sure **at = &l->sures; *at != NULL;) {
        struct sure *s = *at;
        int state = atomic_load(&s->state);
        if (state == SURE_OPEN) {
            at = &s->next;
            continue;
        }
        bool told = state == SURE_CONFIRMED && s->life == atomic_load(&l->life);
        *confirmed = s->confirmed;
        *user = s->user;
        *at = s->next;
        free(s);
        if (told) {
            return true;
        }
    }
    return false;
}

enum err bus_link_disconnect(struct bus_link *l) {
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
    options.timeout = GOODBYE_MS;
    options.onSuccess = on_goodbye;
    options.onFailure = on_goodbye_failed;
    options.context = l;
    return MQTTAsync_disconnect(l->client, &options) == MQTTASYNC_SUCCESS ? ERR_OK : ERR_STATE;
}

void bus_link_close(struct bus_link *l) {
    MQTTAsync_destroy(&l->client);
    bus_sock_forgo(l);
    while (l->sures != NULL) {
        struct sure *s = l->sures;
        l->sures = s->next;
        free(s);
    }
    conf_free(&l->conf);
    free(l);
}
