/* How the daemon is born and how it dies. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hangup.h"
#include "bus/bus_paho.h"
#include "daemon/daemon_impl.h"
#include "engine/plans.h"
#include "influx/influx.h"
#include "sqlite/store_sqlite.h"

/* So much is copied in one turn of the loop, a millisecond or two; a checkpoint may be several. A
 * hundred windows, a request, are 300 kB of lines: formatted and compressed in three or four. */
enum { TURN_MS = 20, COMMIT_BYTES = 2 << 20, OUTBOX_ROWS = 100 };
/* Each half a millisecond; a turn takes as many as it has time for. */
enum { SLICE_BYTES = 16 << 10, SLICE_JOBS = 8 };

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
    s->err = err ? err : core_start(s->core, rows, daemon_now(), s->where);
}

struct core_conf daemon_core_conf(const struct settings *s) {
    const struct daemon_conf *c = &s->conf;
    return (struct core_conf){.credit_bytes = (uint64_t)c->credit_bytes,
                              .checkpoint_ms = c->checkpoint_ms,
                              .tick_ms = c->tick_ms,
                              .hours_max = (size_t)c->hours_max,
                              .slice_bytes = SLICE_BYTES,
                              .slice_jobs = SLICE_JOBS,
                              .commit_bytes = COMMIT_BYTES,
                              .database = c->database.kind != DATABASE_NONE,
                              .database_kinds = daemon_conf_kinds(&c->database),
                              .alert_grace_ms = c->alert_grace_ms,
                              .norms = s->norms ? norm_settings_conf(s->norms) : NULL};
}

static enum err open_core(struct daemon *d, const struct settings *settings, char why[200]) {
    struct core_conf conf = daemon_core_conf(settings);
    struct start start = {.err = ERR_IO};
    const struct store_range *ranges = NULL;
    size_t n = core_start_ranges(&ranges);
    enum err err = clock_random(&conf.store_id, sizeof conf.store_id);
    if (!err)
        err = clock_random(&conf.start_random, sizeof conf.start_random);
    if (!err)
        err = core_open(&conf, d->plant, &d->core);
    if (!err && settings->alerts) /* before the rows of their states, which end without a rule */
        err = core_set_alerts(d->core, &settings->alerts->rules, daemon_now());
    if (!err)
        announcer_set(d->core, &settings->conf.notify.norms);
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

static enum err open_archive(struct daemon *d, char why[200]) {
    enum err err = archive_open(d->path, &d->loop, &d->archive);
    if (err)
        snprintf(why, 200, "cannot open the store to read history: %s", err_name(err));
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
    struct bus_events events = daemon_bus_events(d);
    conf.subscribe_n = topic_subscriptions(&topics);
    conf.subscribe = topics;
    enum err err = bus_paho_open(&conf, &events, &d->loop, &d->bus);
    if (err)
        snprintf(why, 200, "the broker settings cannot be used: %s", err_name(err));
    return err;
}

static struct span word_text(void *user, uint32_t word) {
    struct daemon *d = user;
    return core_word(d->core, word);
}

static bool plan_of(void *user, const struct window_key *k, struct outbox_plan *out) {
    const struct daemon *d = user;
    struct plan_item found;
    if (!plans_of_order(d->core, d->plant->node[k->node].unit, k->order, k->product, &found))
        return false;
    *out = (struct outbox_plan){found.product, found.quantity, found.from_ms};
    return true;
}

static uint32_t node_of(void *user, uint32_t number) {
    struct daemon *d = user;
    return core_node_of(d->core, number);
}

/* Over loopback, compressing costs both ends more than it saves. */
static bool is_here(const char *url) {
    static const char *const here[] = {"http://127.", "http://localhost:", "http://localhost/",
                                       "http://[::1]"};
    for (size_t i = 0; url && i < sizeof here / sizeof *here; i++)
        if (strncmp(url, here[i], strlen(here[i])) == 0)
            return true;
    return false;
}

enum err daemon_open_sink(struct daemon *d, const struct database_conf *c, struct sink **out) {
    const struct influx_conf influx = {.v2 = c->kind == DATABASE_INFLUX_V2,
                                       .url = c->url,
                                       .name = c->name,
                                       .org = c->org,
                                       .user = c->user,
                                       .password = c->password,
                                       .token = c->token,
                                       .gzip = c->gzip && !is_here(c->url),
                                       .create = c->create,
                                       .timeout_ms = (uint32_t)c->timeout_ms};
    *out = NULL;
    return c->kind == DATABASE_NONE ? ERR_OK : influx_open(&influx, &d->loop, out);
}

struct outbox_conf daemon_outbox_conf(struct daemon *d, const struct database_conf *c) {
    return (struct outbox_conf){.retry_min_ms = c->retry_min_ms,
                                .retry_max_ms = c->retry_max_ms,
                                .retry_after_max_ms = c->retry_after_max_ms,
                                .rows_max = 10 * OUTBOX_ROWS,
                                .request_rows = OUTBOX_ROWS,
                                .node = node_of,
                                .word = word_text,
                                .plan = plan_of,
                                .word_user = d,
                                .on_note = daemon_note,
                                .note_user = d};
}

static enum err open_database(struct daemon *d, char why[200]) {
    const struct outbox_conf conf = daemon_outbox_conf(d, &d->conf->database);
    enum err err = daemon_open_sink(d, &d->conf->database, &d->sink);
    if (!err && d->sink)
        err = outbox_open(&conf, d->plant, d->store, d->sink, &d->outbox);
    if (err)
        snprintf(why, 200, "the database settings cannot be used: %s", err_name(err));
    return err;
}

static enum err open_notices(struct daemon *d, char why[200]) {
    enum err err = notices_open(d, &d->conf->notify, &d->notices.notify);
    if (err)
        snprintf(why, 200, "the settings of notify cannot be used: %s", err_name(err));
    return err;
}

static enum err open_web(struct daemon *d, char why[200]) {
    const struct http_conf *h = &d->conf->http;
    char socket[1024];
    struct web_source source = daemon_web_source(d);
    snprintf(socket, sizeof socket, "%s/plantbus.sock", d->conf->data_path);
    struct web_conf conf = {.listen_host = h->listen,
                            .port = (uint16_t)h->port,
                            .certificate = or_null(h->certificate),
                            .key = or_null(h->key),
                            .unix_path = h->socket && *h->socket ? h->socket : socket,
                            .clients_max = (unsigned)h->clients_max,
                            .pages = true};
    enum err err = web_open(&conf, &d->loop, &source, &d->web);
    if (err)
        snprintf(why, 200, "the page cannot listen on %.40s port %d or on %.80s: %s", h->listen,
                 (int)h->port, conf.unix_path, err_name(err));
    return err;
}

static void open_handles(struct daemon *d) {
    uv_timer_init(&d->loop, &d->turn);
    uv_signal_init(&d->loop, &d->sigterm);
    uv_signal_init(&d->loop, &d->sigint);
    uv_signal_init(&d->loop, &d->sighup);
    uv_prepare_init(&d->loop, &d->before_wait);
    uv_idle_init(&d->loop, &d->busy);
    d->turn.data = d->sigterm.data = d->sigint.data = d->sighup.data = d;
    d->before_wait.data = d->busy.data = d;
    uv_prepare_start(&d->before_wait, daemon_before_wait);
    uv_timer_start(&d->turn, daemon_on_turn, 0, TURN_MS);
    uv_signal_start(&d->sigterm, daemon_on_signal, SIGTERM);
    uv_signal_start(&d->sigint, daemon_on_signal, SIGINT);
    uv_signal_start(&d->sighup, daemon_on_signal, SIGHUP);
    reload_open(d);
    hangup_release();
}

enum err daemon_open(struct settings *settings, struct log *log, struct daemon **out,
                     char why[200]) {
    struct daemon *d = calloc(1, sizeof *d);
    if (!d) {
        snprintf(why, 200, "out of memory");
        return ERR_NOMEM;
    }
    d->conf = &settings->conf;
    d->plant = settings->plant;
    d->log = log;
    d->lock_fd = -1;
    uv_loop_init(&d->loop);
    uv_loop_configure(&d->loop, UV_METRICS_IDLE_TIME);
    signal(SIGPIPE, SIG_IGN);
    enum err err = open_data(d, why);
    if (!err)
        err = open_store(d, why);
    if (!err)
        err = open_archive(d, why);
    if (!err)
        err = open_core(d, settings, why);
    if (!err)
        err = open_database(d, why);
    if (!err)
        err = open_notices(d, why);
    if (!err)
        err = daemon_open_guard(d, why);
    if (!err)
        err = open_web(d, why);
    if (!err)
        err = open_bus(d, why);
    if (err) {
        d->failed = err;
        daemon_close(d);
        return err;
    }
    d->settings = settings;
    *out = d;
    return ERR_OK;
}

/* One truth: what the plant file says of norms is there to be imported. */
static void note_plant_norms(struct daemon *d) {
    size_t n = 0;
    for (size_t i = 0; i < d->plant->norm_n; i++)
        n += indicator_find(d->plant->norm[i].indicator) != IND_MANNING;
    if (n)
        log_event(d->log, LOG_WARN, "plant_norms_unused",
                  "norms=%zu do=\"plantbus norm import %s\"", n, d->conf->plant_path);
}

enum err daemon_run(struct daemon *d) {
    open_handles(d);
    enum err err = d->bus->ops->start(d->bus);
    if (err)
        return err;
    d->started_mono_ms = clock_mono_ms();
    note_plant_norms(d);
    daemon_first_link(d);
    log_event(d->log, LOG_INFO, "started", "site=%s units=%zu signals=%zu data=%s page=%s://%s:%u/",
              d->plant->site.s, d->plant->unit_n, d->plant->signal_n, d->conf->data_path,
              d->conf->http.certificate[0] ? "https" : "http", d->conf->http.listen,
              web_port(d->web));
    uv_run(&d->loop, UV_RUN_DEFAULT);
    if (!d->failed)
        log_event(d->log, LOG_INFO, "stopped", "commits=%llu",
                  (unsigned long long)core_stats(d->core)->commits);
    return d->failed;
}

static void close_handle(uv_handle_t *handle, void *arg) {
    unsigned *left = arg;
    if (uv_is_closing(handle))
        return;
    (*left)++;
    uv_close(handle, NULL);
}

/* What is left of the stages: all after a failure, none after a stop by signal. */
static void run_stages(struct daemon *d) {
    unsigned left = 0;
    if (d->stage == STAGE_RUN)
        daemon_next_stage(d);
    while (d->stage != STAGE_OVER && uv_run(&d->loop, UV_RUN_ONCE)) {
    }
    uv_walk(&d->loop, close_handle, &left);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    if (left || d->stage != STAGE_OVER)
        log_event(d->log, LOG_ERROR, "handles_left", "handles=%u stage=%u", left,
                  (unsigned)d->stage);
}

void daemon_close(struct daemon *d) {
    if (!d)
        return;
    run_stages(d);
    if (d->bus)
        d->bus->ops->close(d->bus);
    web_close(d->web);
    guard_close(d->guard);
    outbox_close(d->outbox);
    notify_close(d->notices.notify);
    archive_close(d->archive);
    trials_fini(&d->trials);
    rules_fini(&d->rules);
    teams_fini(&d->teams);
    announcer_fini(&d->announcer);
    if (d->store)
        d->store->ops->close(d->store);
    if (d->held) {
        store_tx_fini(d->held);
        free(d->held);
    }
    publish_fini(&d->publish);
    core_close(d->core);
    reload_close(d);
    uv_loop_close(&d->loop);
    if (d->lock_fd >= 0)
        close(d->lock_fd);
    buf_fini(&d->sealed);
    settings_close(d->settings);
    free(d);
}
