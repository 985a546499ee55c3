/* One turn of the loop: messages from the bus enter the core; the tick computes and checkpoints;
 * what the core wants done is done at the end of each. Stopping runs through stages, one after the
 * other: last checkpoint, bus, database, page, store, handles. */
#include "daemon/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "bus/bus_paho.h"
#include "daemon/publish.h"
#include "engine/core.h"
#include "sqlite/store_sqlite.h"

enum { LAST_CHECKPOINT_MS = 10000, TURN_MS = 20 };

struct daemon {
    const struct daemon_conf *conf;
    const struct plant *plant;
    struct log *log;
    uv_loop_t loop;
    uv_timer_t turn;
    uv_signal_t sigterm, sigint;
    int lock_fd;
    struct store *store;
    struct bus *bus;
    struct core *core;
    struct publisher_state publish;
    struct store_tx *held; /* a commit the store had no room for */
    uint64_t held_id;
    bool bus_up, stopping, stages_begun;
    unsigned to_close; /* handles of ours still open */
    int64_t stop_mono_ms;
    enum err failed;
    char path[1024];
};

struct request { /* a commit or a load under way */
    struct daemon *d;
    uint64_t id;
};

static void pump(struct daemon *d);

static struct core_now now_of(void) {
    return (struct core_now){clock_wall_ms(), clock_mono_ms()};
}

/* What the core cannot survive (no memory, damaged rows) ends the process: the next start continues
 * from the last checkpoint, agents send again. */
static void fail(struct daemon *d, enum err err, const char *where) {
    if (!d->failed)
        log_event(d->log, LOG_ERROR, "core_failed", "where=%s error=%s", where, err_name(err));
    d->failed = err;
    uv_stop(&d->loop);
}

/* --- effects ------------------------------------------------------------------------------------
 */

static void on_committed(void *user, enum err err) {
    struct request *r = user;
    struct daemon *d = r->d;
    core_on_committed(d->core, r->id, err, now_of());
    free(r);
    pump(d);
}

static void on_loaded(void *user, enum err err, const struct store_rows *rows) {
    struct request *r = user;
    struct daemon *d = r->d;
    err = core_on_loaded(d->core, r->id, err, rows, now_of());
    free(r);
    if (err)
        fail(d, err, "load");
    else
        pump(d);
}

static struct request *request(struct daemon *d, uint64_t id) {
    struct request *r = malloc(sizeof *r);
    if (r)
        *r = (struct request){d, id};
    else
        fail(d, ERR_NOMEM, "request");
    return r;
}

static void do_commit(struct daemon *d, struct store_tx *tx, uint64_t id) {
    struct request *r = request(d, id);
    if (!r)
        return;
    enum err err = d->store->ops->commit(d->store, tx, on_committed, r);
    if (err) {
        free(r);
        d->held = tx; /* tried again on the next turn */
        d->held_id = id;
    }
}

static void do_load(struct daemon *d, const struct core_effect *e) {
    struct request *r = request(d, e->id);
    if (!r)
        return;
    enum err err = d->store->ops->load(d->store, e->range, e->range_n, on_loaded, r);
    if (err) {
        free(r);
        fail(d, err, "load");
    }
}

static void do_effect(struct daemon *d, struct core_effect *e) {
    switch ((enum core_effect_kind)e->kind) {
    case EFFECT_COMMIT:
        do_commit(d, e->tx, e->id);
        break;
    case EFFECT_LOAD:
        do_load(d, e);
        break;
    case EFFECT_ACK:
        /* A lost ack costs a repetition, never a reading; QoS 0, since a connection that publishes
         * at QoS 1 while it receives waits for its own acknowledgements. */
        if (d->bus_up && !d->stages_begun)
            d->bus->ops->publish(d->bus, e->topic, e->bytes, 0, false);
        break;
    case EFFECT_NOTE:
        log_event(d->log, e->warn ? LOG_WARN : LOG_INFO, e->event, "%s", e->detail);
        break;
    case EFFECT_KIND_COUNT:
        break;
    }
}

static void pump(struct daemon *d) {
    struct core_effect e;
    if (d->held) {
        struct store_tx *tx = d->held;
        d->held = NULL;
        do_commit(d, tx, d->held_id);
    }
    while (!d->failed && core_next_effect(d->core, &e))
        do_effect(d, &e);
}

/* --- bus ----------------------------------------------------------------------------------------
 */

static void on_up(void *user) {
    struct daemon *d = user;
    d->bus_up = true;
    log_event(d->log, LOG_INFO, "broker_up", "url=%s", d->conf->broker.url);
}

static void on_down(void *user, const char *reason) {
    struct daemon *d = user;
    d->bus_up = false;
    log_event(d->log, LOG_WARN, "broker_down", "url=%s reason=\"%s\"", d->conf->broker.url, reason);
}

static void on_message(void *user, struct span topic, struct span payload, bool retained) {
    struct daemon *d = user;
    (void)retained;
    if (d->stopping)
        return; /* not acknowledged, so it comes again */
    enum err err = core_on_message(d->core, topic, payload, now_of());
    if (err)
        fail(d, err, "message");
}

static void on_writable(void *user) {
    (void)user; /* acks come again by themselves */
}

/* --- turns --------------------------------------------------------------------------------------
 */

static void begin_stages(struct daemon *d);

static void on_turn(uv_timer_t *timer) {
    struct daemon *d = timer->data;
    struct core_now now = now_of();
    enum err err = core_on_tick(d->core, now);
    if (err) {
        fail(d, err, "tick");
        return;
    }
    pump(d);
    if (d->bus_up && !d->stopping)
        publish_due(&d->publish, d->core, d->bus, now, d->conf->publish_ms);
    bool late = d->stopping && now.mono_ms - d->stop_mono_ms > LAST_CHECKPOINT_MS;
    if (d->stopping && !d->stages_begun && (core_idle(d->core) || late)) {
        if (late)
            log_event(d->log, LOG_ERROR, "last_checkpoint_missed",
                      "the agents keep what was not committed");
        begin_stages(d);
    }
}

static void on_signal(uv_signal_t *signal, int number) {
    struct daemon *d = signal->data;
    if (d->stopping)
        return;
    log_event(d->log, LOG_INFO, "stopping", "signal=%d", number);
    d->stopping = true;
    d->stop_mono_ms = clock_mono_ms();
    core_begin_stop(d->core, now_of());
}

static void on_handle_closed(uv_handle_t *handle) {
    struct daemon *d = handle->data;
    d->to_close--;
}

static void on_store_stopped(void *user) {
    struct daemon *d = user;
    uv_handle_t *own[] = {(uv_handle_t *)&d->turn, (uv_handle_t *)&d->sigterm,
                          (uv_handle_t *)&d->sigint};
    for (unsigned i = 0; i < sizeof own / sizeof *own; i++) {
        d->to_close++;
        uv_close(own[i], on_handle_closed);
    }
}

static void on_bus_stopped(void *user) {
    struct daemon *d = user;
    d->store->ops->stop(d->store, on_store_stopped, d);
}

static void begin_stages(struct daemon *d) {
    d->stages_begun = true;
    d->bus->ops->stop(d->bus, on_bus_stopped, d);
}

/* --- birth and death ----------------------------------------------------------------------------
 */

static enum err open_data(struct daemon *d, char why[200]) {
    const char *folder = d->conf->data_path;
    if (mkdir(folder, 0750) && errno != EEXIST) {
        snprintf(why, 200, "cannot make the data folder %s: errno %d", folder, errno);
        return ERR_IO;
    }
    snprintf(d->path, sizeof d->path, "%s/lock", folder);
    d->lock_fd = open(d->path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (d->lock_fd < 0 || flock(d->lock_fd, LOCK_EX | LOCK_NB)) {
        snprintf(why, 200, "%s is in use by another aggregator, or cannot be written", folder);
        return ERR_BUSY;
    }
    snprintf(d->path, sizeof d->path, "%s/plantbus.db", folder);
    return ERR_OK;
}

static void on_trouble(void *user, const char *what) {
    struct daemon *d = user;
    log_event(d->log, LOG_ERROR, "store_trouble", "what=\"%s\"", what);
}

struct start {
    struct core *core;
    enum err err;
    char where[96];
};

static void on_start_rows(void *user, enum err err, const struct store_rows *rows) {
    struct start *s = user;
    s->err = err ? err : core_start(s->core, rows, now_of(), s->where);
}

static enum err open_core(struct daemon *d, char why[200]) {
    const struct daemon_conf *c = d->conf;
    struct core_conf conf = {.credit_bytes = (uint64_t)c->credit_bytes,
                             .checkpoint_ms = c->checkpoint_ms,
                             .tick_ms = c->tick_ms,
                             .hours_max = (size_t)c->hours_max,
                             .database = c->database.kind != DATABASE_NONE};
    struct start start = {.err = ERR_IO};
    const struct store_range *ranges = NULL;
    size_t n = core_start_ranges(&ranges);
    enum err err = clock_random(&conf.store_id, sizeof conf.store_id);
    if (!err)
        err = clock_random(&conf.start_random, sizeof conf.start_random);
    if (!err)
        err = core_open(&conf, d->plant, &d->core);
    if (err) {
        snprintf(why, 200, "cannot start: %s", err_name(err));
        return err;
    }
    start.core = d->core;
    err = d->store->ops->load_now(d->store, ranges, n, on_start_rows, &start);
    if (err || start.err)
        snprintf(why, 200, "the store of %.60s cannot be used: %s", d->conf->data_path,
                 start.where[0] ? start.where : err_name(err ? err : start.err));
    return err ? err : start.err;
}

static enum err open_store(struct daemon *d, char why[200]) {
    char text[160] = "";
    struct store_sqlite_conf conf = {.path = d->path,
                                     .queue_bytes_max = (size_t)d->conf->queue_bytes,
                                     .load_bytes_max = (size_t)d->conf->queue_bytes,
                                     .retry_ms = 1000,
                                     .on_trouble = on_trouble,
                                     .user = d};
    enum err err = store_sqlite_open(&conf, &d->loop, &d->store, text);
    if (err)
        snprintf(why, 200, "cannot open the store: %s", text);
    return err;
}

static const char *or_null(const char *s) {
    return s && *s ? s : NULL;
}

static enum err open_bus(struct daemon *d, char why[200]) {
    const struct broker_conf *b = &d->conf->broker;
    const char *const *topics = NULL;
    struct bus_paho_conf conf = {.url = b->url,
                                 .client_id = b->client_id,
                                 .user = or_null(b->user),
                                 .password = or_null(b->password),
                                 .ca_file = or_null(b->ca_file),
                                 .cert_file = or_null(b->cert_file),
                                 .key_file = or_null(b->key_file),
                                 .keepalive_s = (unsigned)(b->keepalive_ms / 1000),
                                 .max_inflight = 20,
                                 .retry_min_ms = (uint32_t)b->retry_min_ms,
                                 .retry_max_ms = (uint32_t)b->retry_max_ms,
                                 .inbox_bytes_max = (size_t)b->inbox_bytes};
    struct bus_events events = {.on_up = on_up,
                                .on_down = on_down,
                                .on_message = on_message,
                                .on_writable = on_writable,
                                .user = d};
    conf.subscribe_n = topic_subscriptions(&topics);
    conf.subscribe = topics;
    enum err err = bus_paho_open(&conf, &events, &d->loop, &d->bus);
    if (err)
        snprintf(why, 200, "the broker settings cannot be used: %s", err_name(err));
    return err;
}

static void open_handles(struct daemon *d) {
    uv_timer_init(&d->loop, &d->turn);
    uv_signal_init(&d->loop, &d->sigterm);
    uv_signal_init(&d->loop, &d->sigint);
    d->turn.data = d->sigterm.data = d->sigint.data = d;
    uv_timer_start(&d->turn, on_turn, 0, TURN_MS);
    uv_signal_start(&d->sigterm, on_signal, SIGTERM);
    uv_signal_start(&d->sigint, on_signal, SIGINT);
}

enum err daemon_open(const struct daemon_conf *conf, const struct plant *plant, struct log *log,
                     struct daemon **out, char why[200]) {
    struct daemon *d = calloc(1, sizeof *d);
    if (!d) {
        snprintf(why, 200, "out of memory");
        return ERR_NOMEM;
    }
    d->conf = conf;
    d->plant = plant;
    d->log = log;
    d->lock_fd = -1;
    uv_loop_init(&d->loop);
    signal(SIGPIPE, SIG_IGN);
    enum err err = open_data(d, why);
    if (!err)
        err = open_store(d, why);
    if (!err)
        err = open_core(d, why);
    if (!err)
        err = open_bus(d, why);
    if (err) {
        d->failed = err;
        daemon_close(d);
        return err;
    }
    *out = d;
    return ERR_OK;
}

enum err daemon_run(struct daemon *d) {
    open_handles(d);
    enum err err = d->bus->ops->start(d->bus);
    if (err)
        return err;
    log_event(d->log, LOG_INFO, "started", "site=%s units=%zu signals=%zu data=%s",
              d->plant->site.s, d->plant->unit_n, d->plant->signal_n, d->conf->data_path);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    if (!d->failed)
        log_event(d->log, LOG_INFO, "stopped", "commits=%llu",
                  (unsigned long long)core_stats(d->core)->commits);
    return d->failed;
}

static void count_down(void *user) {
    unsigned *left = user;
    (*left)--;
}

/* After a failure the parts are still running: each is stopped in turn, with the loop's help. */
static void stop_rest(struct daemon *d) {
    unsigned left = 0;
    if (d->bus && !d->stages_begun) {
        left++;
        d->bus->ops->stop(d->bus, count_down, &left);
        while (left)
            uv_run(&d->loop, UV_RUN_ONCE);
    }
    if (d->store && !d->stages_begun) {
        left++;
        d->store->ops->stop(d->store, count_down, &left);
        while (left)
            uv_run(&d->loop, UV_RUN_ONCE);
    }
}

static void close_handle(uv_handle_t *handle, void *arg) {
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void daemon_close(struct daemon *d) {
    if (!d)
        return;
    stop_rest(d);
    uv_walk(&d->loop, close_handle, NULL);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    if (d->bus)
        d->bus->ops->close(d->bus);
    if (d->store)
        d->store->ops->close(d->store);
    if (d->held) {
        store_tx_fini(d->held);
        free(d->held);
    }
    publish_fini(&d->publish);
    core_close(d->core);
    uv_loop_close(&d->loop);
    if (d->lock_fd >= 0)
        close(d->lock_fd);
    free(d);
}
